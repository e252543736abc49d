"""Edits of several files: their new texts, and an order of writing in which every state is a valid configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from groupsync.display import quote_file
from groupsync.editing.edit import EditedText, edit_text
from groupsync.editing.edits import Refusal, find_file, is_removal
from groupsync.editing.proof import prove_edits
from groupsync.editing.short_text import take_short_text
from groupsync.model.config import is_json
from groupsync.model.groups import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from groupsync.editing.edits import Edit

    FindFault: TypeAlias = Callable[[Mapping[str, str]], str]


class FileWrite(Struct, frozen=True, kw_only=True):
    """The new text of a file, without a byte order mark; `old` is the text that it replaces."""

    file: str
    old: str
    new: str


def edit_files(
    texts: Mapping[str, str], edits: Sequence[Edit], *, find_fault: FindFault
) -> tuple[FileWrite, ...] | Refusal:
    """Return what to write, in this order, or why nothing may be written.

    `texts` are all files of the configuration. `find_fault` returns why texts are not a valid configuration, empty if
    they are. Each new text is proved; the configuration is valid after every single write. Files with additions come
    first. A file with additions and removals is written twice only if there is no other way. A file whose text does not
    change is not written.
    """
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(find_file(edit), []).append(edit)
    stages: list[_Stages] = []
    for file, own in by_file.items():
        if file not in texts:
            return Refusal(reason=f"{quote_file(file)} is not a file of the configuration")
        made = _make_stages(file, texts[file], own)
        if isinstance(made, Refusal):
            return made
        if made.new != made.old:
            stages.append(made)
    if fault := find_fault({**texts, **{one.file: one.new for one in stages}}):
        return Refusal(reason=f"the configuration would not be valid: {fault}")
    return _find_order(texts, stages, find_fault)


class _Stages(Struct, frozen=True, kw_only=True):
    """A file before and after its edits; those with additions come first, those with removals only last."""

    file: str
    old: str
    new: str
    edits: tuple[Edit, ...]
    rank: int

    def make_additions(self) -> str:
        """Return the text with the additions only; the new text if there is no such state between."""
        additions = [edit for edit in self.edits if not is_removal(edit)]
        added = _edit_and_prove(self.file, self.old, additions)
        return added if isinstance(added, str) else self.new


def _make_stages(file: str, old: str, edits: Sequence[Edit]) -> _Stages | Refusal:
    new = _edit_and_prove(file, old, edits)
    if isinstance(new, Refusal):
        return new
    removals = sum(map(is_removal, edits))
    rank = 0
    if removals:
        rank = 1 if removals < len(edits) else 2
    return _Stages(file=file, old=old, new=new, edits=tuple(edits), rank=rank)


def _edit_and_prove(file: str, old: str, edits: Sequence[Edit]) -> str | Refusal:
    if is_json(file):
        return Refusal(reason="groupsync does not edit JSON files", source=Source(file=file, line=1))
    if short := take_short_text(old, edits):
        edited = edit_text(file, short.text, short.edits)
        if isinstance(edited, EditedText) and not prove_edits(short.text, short.edits, edited):
            new = short.put_back(edited)
            if new is not None:
                return new
    edited = edit_text(file, old, edits)
    if isinstance(edited, Refusal):
        return edited
    if reason := prove_edits(old, edits, edited):
        return Refusal(reason=f"groupsync cannot edit {quote_file(file)} safely: {reason}")
    return edited.text


def _find_order(
    texts: Mapping[str, str], stages: Sequence[_Stages], find_fault: FindFault
) -> tuple[FileWrite, ...] | Refusal:
    """Return the writes in an order in which each one leaves a valid configuration."""
    now = dict(texts)
    remaining = sorted(stages, key=lambda one: one.rank)
    writes: list[FileWrite] = []
    while remaining:
        if len(remaining) == 1:
            step: tuple[_Stages, str] | None = (remaining[0], remaining[0].new)  # the last state is known to be valid
        else:
            step = _find_step(now, remaining, find_fault)
        if step is None:
            return Refusal(reason="no order of writing the files leaves a valid configuration after each one")
        stage, text = step
        writes.append(FileWrite(file=stage.file, old=now[stage.file], new=text))
        now[stage.file] = text
        remaining = [one for one in remaining if now[one.file] != one.new]
    return tuple(writes)


def _find_step(
    now: Mapping[str, str], remaining: Sequence[_Stages], find_fault: FindFault
) -> tuple[_Stages, str] | None:
    """Return which file to write next, and its text: first whole edits, then additions only."""
    for stage in remaining:
        if not find_fault({**now, stage.file: stage.new}):
            return stage, stage.new
    for stage in remaining:
        if stage.rank != 1 or now[stage.file] != stage.old:
            continue
        added = stage.make_additions()
        if added not in {stage.old, stage.new} and not find_fault({**now, stage.file: added}):
            return stage, added
    return None
