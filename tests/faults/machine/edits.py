"""Edits of a configuration, as people make them between two runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from groupsync.model.scope import Scope

Document: TypeAlias = dict[str, Any]
EditFunction: TypeAlias = Callable[[Document, Sequence[Any], int, int], None]

NAMES = ("A", "a", "B", "C", "D", "E", "F", "IMP 1", "T A", "T B")
SCOPES: tuple[Sequence[str], ...] = ((), ("?", "IMP *"), ("?", "IMP *"), ("T *",), ("*a", "b", "C", "IMP 1"), ("*",))
"""Scopes of a configuration and of a job; none is everything. A name of two letters is outside most of them."""
POLICIES: tuple[Document, ...] = (
    {"unlisted": "delete"},
    {"unlisted": "delete"},
    {"unlisted": "keep"},
    {"unlisted": "refuse"},
    {},
)
FIRST_DOCUMENT: Document = {"version": 1, "policy": {"unlisted": "delete"}, "groups": [], "removed": []}


class Edit(NamedTuple):
    """An edit and the two numbers that choose what it is about, however many entries or groups there are."""

    function: EditFunction
    first: int
    second: int

    def carry_out(self, document: Document, live: Sequence[Any]) -> None:
        """Edit the document in place; raise IndexError or ValueError if it has nothing to edit."""
        self.function(document, live, self.first, self.second)


def pick(values: Sequence[Any], number: int) -> Any:
    """Return one of the values, whatever the number; raise IndexError if there is none."""
    return values[number % len(values)] if values else values[0]


def add_entry(document: Document, _live: Sequence[Any], first: int, _second: int) -> None:
    document["groups"].append({"name": pick(NAMES, first)})


def drop_entry(document: Document, _live: Sequence[Any], first: int, second: int) -> None:
    """Remove an entry, two times in three with a new entry under `removed`."""
    entry = pick(document["groups"], first)
    document["groups"].remove(entry)
    if second % 3:
        document["removed"].append({"id": entry["id"]} if "id" in entry else {"name": entry["name"]})


def rename_entry(document: Document, _live: Sequence[Any], first: int, second: int) -> None:
    entry = pick(document["groups"], first)
    entry["previously"] = [*entry.get("previously", ()), entry["name"]]
    entry["name"] = pick(NAMES, second)


def pin_entry(document: Document, live: Sequence[Any], first: int, second: int) -> None:
    pick(document["groups"], first)["id"] = pick(live, second).id


def unpin_entry(document: Document, _live: Sequence[Any], first: int, _second: int) -> None:
    pick(document["groups"], first).pop("id", None)


def swap_names(document: Document, _live: Sequence[Any], first: int, second: int) -> None:
    one, other = pick(document["groups"], first), pick(document["groups"], second)
    one["name"], other["name"] = other["name"], one["name"]


def remove_name(document: Document, _live: Sequence[Any], first: int, _second: int) -> None:
    name = pick(NAMES, first)
    document["groups"] = [entry for entry in document["groups"] if entry["name"] != name]
    document["removed"].append({"name": name})


def remove_id(document: Document, live: Sequence[Any], first: int, _second: int) -> None:
    group = pick(live, first)
    kept = [entry for entry in document["groups"] if entry["name"] != group.name and entry.get("id") != group.id]
    document["groups"] = kept
    document["removed"].append({"id": group.id})


def keep_removed(document: Document, _live: Sequence[Any], first: int, _second: int) -> None:
    document["removed"].remove(pick(document["removed"], first))


def list_all(document: Document, live: Sequence[Any], first: int, _second: int) -> None:
    """List every live group of the scope, with ids or without."""
    scope = Scope(patterns=tuple(document.get("scope", ())))
    groups = [group for group in live if scope.includes_name(group.name)]
    document["groups"] = [
        {"name": group.name, "id": group.id} if first % 2 else {"name": group.name} for group in groups
    ]
    document["removed"] = []


def choose_policy(document: Document, _live: Sequence[Any], first: int, second: int) -> None:
    document["policy"] = dict(pick(POLICIES, first))
    document["ignore"] = ["IMP *"] if second % 4 == 0 else []


def choose_scope(document: Document, _live: Sequence[Any], first: int, _second: int) -> None:
    """Choose another scope, without the entries that are outside it."""
    document.pop("scope", None)
    patterns = pick(SCOPES, first)
    if patterns:
        document["scope"] = list(patterns)
    scope = Scope(patterns=tuple(patterns))
    for key in ("groups", "removed"):
        document[key] = [entry for entry in document[key] if all(map(scope.includes_name, _list_names(entry)))]


def _list_names(entry: Document) -> list[str]:
    return [*([entry["name"]] if "name" in entry else ()), *entry.get("previously", ())]


EDIT_FUNCTIONS: tuple[EditFunction, ...] = (
    add_entry,
    add_entry,
    drop_entry,
    rename_entry,
    rename_entry,
    pin_entry,
    unpin_entry,
    swap_names,
    remove_name,
    remove_name,
    remove_id,
    keep_removed,
    list_all,
    choose_policy,
    choose_scope,
)
"""What the machine draws from; an edit that is listed twice is drawn twice as often."""
