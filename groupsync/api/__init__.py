"""The Phonebook over HTTP: the only room that knows requests."""
