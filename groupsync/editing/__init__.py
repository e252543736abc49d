"""Edits of configuration files: from the text of a file to its new text, which differs only where the edits say."""

from groupsync.editing.composing import compose_writes
from groupsync.editing.diff import ChangedLines, list_changed_lines, render_diff
from groupsync.editing.edit import EditedText, edit_text
from groupsync.editing.edits import (
    AddEarlierName,
    AddEntry,
    Edit,
    EntryList,
    Refusal,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    SetPolicy,
    find_file,
    is_removal,
)
from groupsync.editing.files import FileWrite, edit_files
from groupsync.editing.proof import prove_edits

__all__ = [
    "AddEarlierName",
    "AddEntry",
    "ChangedLines",
    "Edit",
    "EditedText",
    "EntryList",
    "FileWrite",
    "Refusal",
    "RemoveEarlierName",
    "RemoveEntry",
    "RemoveKey",
    "SetKey",
    "SetPolicy",
    "compose_writes",
    "edit_files",
    "edit_text",
    "find_file",
    "is_removal",
    "list_changed_lines",
    "prove_edits",
    "render_diff",
]
