"""The entries of the configuration files as values, each with its path back into the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

from groupsync.config.source.located import LocatedMapping
from groupsync.model.config import AccountPin, GroupEntry, Pattern, Policy, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import parse_group_id
from groupsync.model.limits import DEFAULT_MAX_CONTACTS_LOST, DEFAULT_MAX_DELETES, parse_max_deletes
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
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


class ConfigEntries(Struct, frozen=True, kw_only=True):
    """The entries of all files, in the order of the files; `policies`, `accounts` and `scopes` hold one item a file."""

    groups: tuple[Located[GroupEntry], ...]
    removed: tuple[Located[Removal], ...]
    ignore: tuple[Located[Pattern], ...]
    protected: tuple[Located[Pattern], ...]
    policies: tuple[Located[Policy], ...]
    accounts: tuple[Located[tuple[AccountPin, ...]], ...]
    scopes: tuple[Located[tuple[Pattern, ...]], ...]


def read_entries(documents: Sequence[CheckedDocument]) -> ConfigEntries:
    """Return the entries of all documents, without those that break the schema."""
    groups: list[Located[GroupEntry]] = []
    removed: list[Located[Removal]] = []
    ignore: list[Located[Pattern]] = []
    protected: list[Located[Pattern]] = []
    policies: list[Located[Policy]] = []
    accounts: list[Located[tuple[AccountPin, ...]]] = []
    scopes: list[Located[tuple[Pattern, ...]]] = []
    for document, violations in documents:
        if not isinstance(document.value, LocatedMapping) or len(violations) >= MOST_VIOLATIONS:
            continue  # there may be more violations than were listed
        valid = _ValidParts(document, violations)
        groups += valid.items("groups", _make_group)
        removed += valid.items("removed", _make_removal)
        ignore += valid.items("ignore", _make_pattern)
        protected += valid.items("protected", _make_pattern)
        policies += valid.policy()
        accounts += valid.accounts()
        scopes += valid.scope()
    return ConfigEntries(
        groups=tuple(groups),
        removed=tuple(removed),
        ignore=tuple(ignore),
        protected=tuple(protected),
        policies=tuple(policies),
        accounts=tuple(accounts),
        scopes=tuple(scopes),
    )


class _ValidParts:
    """The parts of one document that do not break the schema."""

    def __init__(self, document: Document, violations: tuple[Violation, ...]) -> None:
        self._document = document
        self._invalid = {violation.path[:2] for violation in violations}

    def items(self, key: str, make: Callable[[Any, Source], T]) -> Iterator[Located[T]]:
        if key not in self._document.value or (key,) in self._invalid:
            return
        items = self._document.value[key]
        for index, (item, offset) in enumerate(zip(items, items.offsets, strict=True)):
            path = (key, index)
            if path not in self._invalid:
                yield Located(value=make(item, self._document.file.source(offset)), document=self._document, path=path)

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
