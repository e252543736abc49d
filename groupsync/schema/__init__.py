"""The JSON Schemas that are installed with groupsync, and what in a value breaks them."""

from groupsync.schema.violations import MOST_VIOLATIONS, SCHEMA_NAMES, KeyPath, Violation, find_violations, read_schema

__all__ = ["MOST_VIOLATIONS", "SCHEMA_NAMES", "KeyPath", "Violation", "find_violations", "read_schema"]
