"""The Phonebook over HTTP: the only package that sends HTTP requests."""
