"""Live changes for the configuration files: what the files lack, and the edits that bring it into them."""

from groupsync.pulling.by_hand import list_edits_by_hand
from groupsync.pulling.differences import (
    DoneLines,
    EarlierName,
    LiveDifferences,
    OutsideGroup,
    UndecidedGroup,
    compare_with_live,
    take_live_names,
)
from groupsync.pulling.limits import find_prune_fault
from groupsync.pulling.make import PullChoices, list_edits

__all__ = [
    "DoneLines",
    "EarlierName",
    "LiveDifferences",
    "OutsideGroup",
    "PullChoices",
    "UndecidedGroup",
    "compare_with_live",
    "find_prune_fault",
    "list_edits",
    "list_edits_by_hand",
    "take_live_names",
]
