"""Short ways to write edits in tests: an entry is addressed by text that its file has once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.editing import AddEntry, EditedText, EntryList, edit_text, prove_edits
from groupsync.model.groups import Source
from tests.unit.core import make_id

if TYPE_CHECKING:
    from groupsync.editing import Edit

FILE = "groups.yaml"
ID = make_id(7)


def find(text: str, part: str, *, file: str = FILE) -> Source:
    """Return where a part of a text begins, as the plan's reader counts: without a byte order mark."""
    text = text.removeprefix("\ufeff")
    assert text.count(part) == 1
    before = text[: text.index(part)]
    return Source(file=file, line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


def add(name: str, group_id: str = "", *, file: str = FILE) -> AddEntry:
    values = (("name", name), ("id", group_id)) if group_id else (("name", name),)
    return AddEntry(file=file, entries=EntryList.GROUPS, values=values)


def consent(name: str, *, file: str = FILE) -> AddEntry:
    return AddEntry(file=file, entries=EntryList.REMOVED, values=(("name", name), ("contacts_at_most", 3)))


def edit(text: str, *edits: Edit) -> str:
    """Return the new text, proved; or why there is none."""
    made = edit_text(FILE, text, edits)
    if not isinstance(made, EditedText):
        return str(made)
    return prove_edits(text, edits, made) or made.text
