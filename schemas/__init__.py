"""The JSON Schemas of groupsync's files, installed as `groupsync.schemas`."""
