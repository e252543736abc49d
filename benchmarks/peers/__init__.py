"""The other programs: what it takes to have them do the same work on the same server."""
