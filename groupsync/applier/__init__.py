"""The applier: what writes to the Phonebook, and a report of what became of everything."""

from groupsync.applier.apply import apply_plan, make_first_report
from groupsync.applier.journal import Journal
from groupsync.applier.looks import list_with_late_ones
from groupsync.applier.protocols import Phonebook
from groupsync.applier.restore import make_first_outcome, restore_groups

__all__ = [
    "Journal",
    "Phonebook",
    "apply_plan",
    "list_with_late_ones",
    "make_first_outcome",
    "make_first_report",
    "restore_groups",
]
