"""A server that answers at once, or after a set time, and counts: what every program of a benchmark talks to.

It keeps groups as the Phonebook does (`/v1/phonebook/groups`) and labels as GitHub does (`/repos/OWNER/NAME/labels`),
in memory, one process with one thread. `/_bench` is for the benchmark itself and counts for nothing.
"""
