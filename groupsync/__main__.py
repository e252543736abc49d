"""`python -m groupsync` is `groupsync`."""

from groupsync.cli.main import main

main()
