"""The applier: what writes to the Phonebook, and the report of what became of each change.

`apply` goes through the changes of a plan in waves, `change` sends the requests of one change, `final_check` compares
the outcomes with what is live afterwards; `restore` does the same for backups.
"""
