"""The applier: what writes to the Phonebook, and a report of what became of everything."""
