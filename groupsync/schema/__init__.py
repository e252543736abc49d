"""The JSON Schemas that are installed with groupsync, and where a value breaks one of them."""

from groupsync.schema.violations import (
    MOST_VIOLATIONS,
    SCHEMA_NAMES,
    KeyPath,
    Violation,
    find_violations,
    is_valid,
    known_keys,
    read_schema,
)

__all__ = [
    "MOST_VIOLATIONS",
    "SCHEMA_NAMES",
    "KeyPath",
    "Violation",
    "find_violations",
    "is_valid",
    "known_keys",
    "read_schema",
]
