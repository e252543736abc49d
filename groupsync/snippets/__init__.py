"""Lines to paste into a configuration file: where they go, and how they look there.

A snippet is one text: a sentence that says what to do and at which lines, then the complete new lines with the
indentation of the file.
"""

from groupsync.snippets.write import (
    LONGEST_LINE,
    add_entries,
    change_group,
    change_removal,
    find_top_place,
    remove_entry,
    set_policy,
)

__all__ = [
    "LONGEST_LINE",
    "add_entries",
    "change_group",
    "change_removal",
    "find_top_place",
    "remove_entry",
    "set_policy",
]
