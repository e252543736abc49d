"""The entries of a document as values, each with the way back to its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from groupsync.config.located import LocatedMapping
from groupsync.model.config import GroupEntry, Pattern, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import parse_group_id
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.config.located import Document
    from groupsync.config.problems import Problem
    from groupsync.model.config import Removal
    from groupsync.model.groups import GroupId, Source
    from groupsync.schema import KeyPath, Violation

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """A value made from what stands at a path of a document."""

    value: T
    source: Source
    document: Document
    path: KeyPath

    def problem(self, sentence: str, *steps: str | int) -> Problem:
        """Return a problem with the part of the entry that the steps lead to; an entry in short form has no parts."""
        is_short = isinstance(self.document.find(self.path)[0], str)
        return self.document.problem(self.path if is_short else (*self.path, *steps), sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What the files say together, in their order."""

    groups: tuple[Found[GroupEntry], ...]
    removed: tuple[Found[Removal], ...]
    ignore: tuple[Found[Pattern], ...]
    policies: tuple[Found[Unlisted], ...]


def read_entries(documents: tuple[tuple[Document, tuple[Violation, ...]], ...]) -> Entries:
    """Return the entries of all documents, without those that break the schema."""
    sound = [
        _Sound(document, violations)
        for document, violations in documents
        if isinstance(document.value, LocatedMapping) and len(violations) < MOST_VIOLATIONS
    ]
    return Entries(
        groups=tuple(found for part in sound for found in part.items("groups", _make_group)),
        removed=tuple(found for part in sound for found in part.items("removed", _make_removal)),
        ignore=tuple(found for part in sound for found in part.items("ignore", _make_pattern)),
        policies=tuple(found for part in sound for found in part.policy()),
    )


class _Sound:
    """The parts of one document in which no violation was found."""

    def __init__(self, document: Document, violations: tuple[Violation, ...]) -> None:
        self._document = document
        self._broken = {violation.path[:2] for violation in violations}

    def items(self, key: str, make: Callable[[Any, Source], T]) -> Iterator[Found[T]]:
        if key not in self._document.value or (key,) in self._broken:
            return
        items = self._document.value[key]
        for index, (item, offset) in enumerate(zip(items, items.offsets, strict=True)):
            path = (key, index)
            if path not in self._broken:
                source = self._document.file.source(offset)
                yield Found(value=make(item, source), source=source, document=self._document, path=path)

    def policy(self) -> Iterator[Found[Unlisted]]:
        path = ("policy",)
        if "policy" in self._document.value and not self._broken & {path, ("policy", "unlisted")}:
            value = Unlisted(self._document.value["policy"].get("unlisted", Unlisted.DELETE))
            yield Found(value=value, source=self._document.source(path), document=self._document, path=path)


def _make_group(item: Any, source: Source) -> GroupEntry:
    if isinstance(item, str):
        return GroupEntry(name=item, source=source)
    return GroupEntry(
        name=item["name"],
        id=_make_id(item["id"]) if "id" in item else None,
        previously=tuple(item.get("previously", ())),
        description=item.get("description", ""),
        source=source,
    )


def _make_removal(item: Any, source: Source) -> Removal:
    reason = item.get("reason", "")
    if "id" in item:
        return RemovedId(id=_make_id(item["id"]), reason=reason, source=source)
    return RemovedName(name=item["name"], reason=reason, source=source)


def _make_pattern(item: Any, source: Source) -> Pattern:
    return Pattern(text=item, source=source)


def _make_id(text: str) -> GroupId:
    group_id = parse_group_id(text)
    if group_id is None:
        raise ValueError(text)  # the schema lets no such text through
    return group_id
