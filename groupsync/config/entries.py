"""The entries of the configuration files as values, each with its path back into the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from msgspec import Struct

from groupsync.config.source.located import LocatedMapping
from groupsync.model.config import AccountPin, GroupEntry, Pattern, Policy, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import parse_group_id
from groupsync.model.limits import DEFAULT_MAX_CONTACTS_LOST, DEFAULT_MAX_DELETES, parse_max_deletes
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.located import Document
    from groupsync.model.config import Removal
    from groupsync.model.groups import GroupId, Source
    from groupsync.model.limits import MaxDeletes
    from groupsync.schema import KeyPath, Violation

    CheckedDocument: TypeAlias = tuple[Document, tuple[Violation, ...]]

T = TypeVar("T")


class Located(Struct, Generic[T], frozen=True, kw_only=True):
    """A value made from the part of a document at `path`."""

    value: T
    document: Document
    path: KeyPath

    @property
    def source(self) -> Source:
        """Where the part is."""
        return self.document.source(self.path)

    def problem(self, sentence: str, *steps: str | int) -> ConfigProblem:
        """Return a problem with a part of the entry, such as its `name`; an entry in short form has no parts."""
        is_short = isinstance(self.document.find(self.path)[0], str)
        return self.document.problem(self.path if is_short else (*self.path, *steps), sentence)


class LocatedItems(Sequence[Located[T]]):
    """The items of the lists under one key; `values` has them without their paths, which hardly any item needs."""

    def __init__(self, key: str) -> None:
        self.values: list[T] = []
        self._key = key
        self._lists: list[tuple[Document, Sequence[int]]] = []  # the indexes of the values in their list
        self._starts: list[int] = []  # of each list, among all values

    def add_list(self, document: Document, indexes: Sequence[int], values: Iterable[T]) -> None:
        """Add the items of a list that are at these indexes."""
        self._lists.append((document, indexes))
        self._starts.append(len(self.values))
        self.values += values

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.values)

    @overload
    def __getitem__(self, number: int) -> Located[T]: ...

    @overload
    def __getitem__(self, number: slice) -> list[Located[T]]: ...

    def __getitem__(self, number: int | slice) -> Located[T] | list[Located[T]]:
        """Return the item of that number, counted from 0."""
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        value = self.values[number]
        last = bisect_right(self._starts, number) - 1
        document, indexes = self._lists[last]
        return Located(value=value, document=document, path=(self._key, indexes[number - self._starts[last]]))


class ConfigEntries(Struct, frozen=True, kw_only=True):
    """The entries of all files, in the order of the files; `policies`, `accounts` and `scopes` hold one item a file."""

    groups: LocatedItems[GroupEntry]
    removed: LocatedItems[Removal]
    ignore: LocatedItems[Pattern]
    protected: LocatedItems[Pattern]
    policies: tuple[Located[Policy], ...]
    accounts: tuple[Located[tuple[AccountPin, ...]], ...]
    scopes: tuple[Located[tuple[Pattern, ...]], ...]


def read_entries(documents: Sequence[CheckedDocument]) -> ConfigEntries:
    """Return the entries of all documents, without those that break the schema."""
    groups: LocatedItems[GroupEntry] = LocatedItems("groups")
    removed: LocatedItems[Removal] = LocatedItems("removed")
    ignore: LocatedItems[Pattern] = LocatedItems("ignore")
    protected: LocatedItems[Pattern] = LocatedItems("protected")
    policies: list[Located[Policy]] = []
    accounts: list[Located[tuple[AccountPin, ...]]] = []
    scopes: list[Located[tuple[Pattern, ...]]] = []
    for document, violations in documents:
        if not isinstance(document.value, LocatedMapping) or len(violations) >= MOST_VIOLATIONS:
            continue  # there may be more violations than were listed
        valid = _ValidParts(document, violations)
        valid.add_items("groups", groups, _make_group)
        valid.add_items("removed", removed, _make_removal)
        valid.add_items("ignore", ignore, _make_pattern)
        valid.add_items("protected", protected, _make_pattern)
        policies += valid.policy()
        accounts += valid.accounts()
        scopes += valid.scope()
    return ConfigEntries(
        groups=groups,
        removed=removed,
        ignore=ignore,
        protected=protected,
        policies=tuple(policies),
        accounts=tuple(accounts),
        scopes=tuple(scopes),
    )


class _ValidParts:
    """The parts of one document that do not break the schema."""

    def __init__(self, document: Document, violations: tuple[Violation, ...]) -> None:
        self._document = document
        self._invalid = {violation.path[:2] for violation in violations}

    def add_items(self, key: str, items: LocatedItems[T], make: Callable[[Any, Source], T]) -> None:
        if key not in self._document.value or (key,) in self._invalid:
            return
        found, source = self._document.value[key], self._document.file.source
        indexes: Sequence[int] = range(len(found))
        if self._invalid:
            indexes = [index for index in indexes if (key, index) not in self._invalid]
        values = (make(found[index], source(found.offsets[index])) for index in indexes)
        items.add_list(self._document, indexes, values)

    def policy(self) -> Iterator[Located[Policy]]:
        if not self._has_valid("policy"):
            return
        keys = self._document.value["policy"]
        policy = Policy(
            unlisted=Unlisted(keys["unlisted"]) if "unlisted" in keys else None,
            max_deletes=_make_max_deletes(keys.get("max_deletes", DEFAULT_MAX_DELETES)),
            max_contacts_lost=keys.get("max_contacts_lost", DEFAULT_MAX_CONTACTS_LOST),
            source=self._document.source(("policy",)),
            sources={key: self._document.source(("policy", key)) for key in keys},
        )
        yield Located(value=policy, document=self._document, path=("policy",))

    def accounts(self) -> Iterator[Located[tuple[AccountPin, ...]]]:
        if not self._has_valid("account"):
            return
        value, offset = self._document.find(("account",))
        if isinstance(value, str):
            pins = [self._make_pin(value, offset)]
        else:
            pins = list(map(self._make_pin, value, value.offsets))
        yield Located(value=tuple(pins), document=self._document, path=("account",))

    def scope(self) -> Iterator[Located[tuple[Pattern, ...]]]:
        if self._has_valid("scope"):
            value, _ = self._document.find(("scope",))
            sources = map(self._document.file.source, value.offsets)
            patterns = tuple(map(_make_pattern, value, sources))
            yield Located(value=patterns, document=self._document, path=("scope",))

    def _has_valid(self, key: str) -> bool:
        """Return whether the key is there, and all that is under it keeps to the schema."""
        return key in self._document.value and not any(path[:1] == (key,) for path in self._invalid)

    def _make_pin(self, account: str, offset: int) -> AccountPin:
        return AccountPin(account=account, source=self._document.file.source(offset))


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
        raise ValueError(value)  # the schema allows no such text
    return limit


def _make_id(text: str) -> GroupId:
    group_id = parse_group_id(text)
    if group_id is None:
        raise ValueError(text)  # the schema allows no such text
    return group_id
