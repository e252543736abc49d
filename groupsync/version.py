"""The version of groupsync."""

__version__ = "0.1.0"
