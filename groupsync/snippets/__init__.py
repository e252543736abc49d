"""Lines to paste into a configuration file: where they go, and how they look there.

A snippet is one text: a sentence that says what to do and at which lines, and below it the whole lines as the file has
them afterwards, with its own indentation.
"""

from groupsync.snippets.write import (
    add_entries,
    change_group,
    change_removal,
    find_top_place,
    remove_entry,
    set_policy,
)

__all__ = ["add_entries", "change_group", "change_removal", "find_top_place", "remove_entry", "set_policy"]
