"""The entries of a document as values, each with the way back to its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from groupsync.config.source.located import LocatedMapping
from groupsync.model.config import AccountPin, GroupEntry, Pattern, Policy, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import parse_group_id
from groupsync.model.limits import DEFAULT_MAX_CONTACTS_LOST, DEFAULT_MAX_DELETES, parse_max_deletes
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.located import Document
    from groupsync.model.config import Removal
    from groupsync.model.groups import GroupId, Source
    from groupsync.model.limits import MaxDeletes
    from groupsync.schema import KeyPath, Violation

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located(Generic[T]):
    """A value made from what stands at a path of a document."""

    value: T
    document: Document
    path: KeyPath

    @property
    def source(self) -> Source:
        """Where it stands."""
        return self.document.source(self.path)

    def problem(self, sentence: str, *steps: str | int) -> ConfigProblem:
        """Return a problem with the part of the entry that the steps lead to; an entry in short form has no parts."""
        is_short = isinstance(self.document.find(self.path)[0], str)
        return self.document.problem(self.path if is_short else (*self.path, *steps), sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntries:
    """What the files say together, in their order."""

    groups: tuple[Located[GroupEntry], ...]
    removed: tuple[Located[Removal], ...]
    ignore: tuple[Located[Pattern], ...]
    protected: tuple[Located[Pattern], ...]
    policies: tuple[Located[Policy], ...]
    accounts: tuple[Located[tuple[AccountPin, ...]], ...]


def read_entries(documents: tuple[tuple[Document, tuple[Violation, ...]], ...]) -> ConfigEntries:
    """Return the entries of all documents, without those that break the schema."""
    sound = [
        _ValidParts(document, violations)
        for document, violations in documents
        if isinstance(document.value, LocatedMapping) and len(violations) < MOST_VIOLATIONS
    ]
    return ConfigEntries(
        groups=tuple(found for part in sound for found in part.items("groups", _make_group)),
        removed=tuple(found for part in sound for found in part.items("removed", _make_removal)),
        ignore=tuple(found for part in sound for found in part.items("ignore", _make_pattern)),
        protected=tuple(found for part in sound for found in part.items("protected", _make_pattern)),
        policies=tuple(found for part in sound for found in part.policy()),
        accounts=tuple(found for part in sound for found in part.accounts()),
    )


class _ValidParts:
    """The parts of one document in which no violation was found."""

    def __init__(self, document: Document, violations: tuple[Violation, ...]) -> None:
        self._document = document
        self._broken = {violation.path[:2] for violation in violations}

    def items(self, key: str, make: Callable[[Any, Source], T]) -> Iterator[Located[T]]:
        if key not in self._document.value or (key,) in self._broken:
            return
        items = self._document.value[key]
        for index, (item, offset) in enumerate(zip(items, items.offsets, strict=True)):
            path = (key, index)
            if path not in self._broken:
                yield Located(value=make(item, self._document.file.source(offset)), document=self._document, path=path)

    def policy(self) -> Iterator[Located[Policy]]:
        path = ("policy",)
        if "policy" not in self._document.value or any(broken[:1] == path for broken in self._broken):
            return
        keys = self._document.value["policy"]
        policy = Policy(
            unlisted=Unlisted(keys.get("unlisted", Unlisted.DELETE)),
            max_deletes=_make_max_deletes(keys.get("max_deletes", DEFAULT_MAX_DELETES)),
            max_contacts_lost=keys.get("max_contacts_lost", DEFAULT_MAX_CONTACTS_LOST),
            sources={key: self._document.source((*path, key)) for key in keys},
        )
        yield Located(value=policy, document=self._document, path=path)

    def accounts(self) -> Iterator[Located[tuple[AccountPin, ...]]]:
        path = ("account",)
        if "account" not in self._document.value or any(broken[:1] == path for broken in self._broken):
            return
        value = self._document.value["account"]
        texts, offsets = ([value], [self._document.find(path)[1]]) if isinstance(value, str) else (value, value.offsets)
        pins = tuple(
            AccountPin(account=text, source=self._document.file.source(offset))
            for text, offset in zip(texts, offsets, strict=True)
        )
        yield Located(value=pins, document=self._document, path=path)


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
    reason, most = item.get("reason", ""), item.get("contacts_at_most")
    if "id" in item:
        return RemovedId(id=_make_id(item["id"]), contacts_at_most=most, reason=reason, source=source)
    return RemovedName(name=item["name"], contacts_at_most=most or 0, reason=reason, source=source)


def _make_pattern(item: Any, source: Source) -> Pattern:
    return Pattern(text=item, source=source)


def _make_max_deletes(value: int | str) -> MaxDeletes:
    limit = parse_max_deletes(value) if isinstance(value, str) else value
    if limit is None:
        raise ValueError(value)  # the schema lets no such text through
    return limit


def _make_id(text: str) -> GroupId:
    group_id = parse_group_id(text)
    if group_id is None:
        raise ValueError(text)  # the schema lets no such text through
    return group_id
