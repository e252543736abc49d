"""Edits of the document of a plan file: every single one, pairs that go together, and pairs at random."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations, product
from random import Random
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from groupsync.model.account import make_target
from groupsync.planfile.digest import digest_config
from tests.unit.core import config, make_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.laws.tampering.attacked import AttackedPlan

Path: TypeAlias = tuple[str | int, ...]

OTHER_TARGET = make_target("https://api.example.com/v1", "somebody else")
PROSE = {"message", "remedy", "warnings", "file", "config_paths", "description", "removal_reason", "lines"}
FAMILIES = {"group_id": "id", "group_ids": "id", "before": "name", "after": "name", "name_without_suffix": "name"}
"""The keys whose values can stand for those of another key."""

MORE_VALUES: dict[str, list[Any]] = {
    "id": [make_id(70), make_id(99)],
    "name": ["Renamed", "Stranger"],
    "kind": ["create", "rename", "delete"],
    "actions": ["create", "update", "delete"],
    "reason": ["listed", "pinned", "interrupted", "removed", "unlisted"],
    "temporary": [True, False],
    "allowed": [True, False],
    "format_version": ["1.0", "2.1"],
    "endpoint": [OTHER_TARGET.endpoint],
    "account": [OTHER_TARGET.account],
    "config_digest": [digest_config(config("Another"))],
    "digest": [digest_config(config("Another"))],
    "code": ["max-deletes"],
    **{family: ["nothing to see here"] for family in PROSE},
}
"""Values to set that the document itself may not hold, by family."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One edit of one value of a document."""

    path: Path
    operation: Literal["drop", "double", "swap", "set"]
    value: Any = None

    def carry_out(self, document: Any) -> None:
        """Edit the document in place; raise LookupError, TypeError or AttributeError if it has no such path."""
        parent: Any = document
        for step in self.path[:-1]:
            parent = parent[step]
        key: Any = self.path[-1]
        match self.operation:
            case "drop":
                del parent[key]
            case "double":
                parent.insert(key, copy.deepcopy(parent[key]))
            case "swap":
                parent[key], parent[key + 1] = parent[key + 1], parent[key]
            case "set":
                parent[key]  # must be there already
                parent[key] = self.value


def edit_document(attacked: AttackedPlan, edits: Sequence[Edit]) -> dict[str, Any] | None:
    """Return the edited document; None if the first edit took away what the second one is about."""
    document: dict[str, Any] = json.loads(attacked.text)
    try:
        for edit in edits:
            edit.carry_out(document)
    except (AttributeError, IndexError, KeyError, TypeError):
        return None
    return document


def list_edits(document: dict[str, Any]) -> list[Edit]:
    """Return every edit of one value: dropped, doubled, swapped with the next one, or set to another value."""
    nodes = dict(_walk(document, ()))
    values: dict[str, list[Any]] = defaultdict(list, {family: list(more) for family, more in MORE_VALUES.items()})
    for path, value in nodes.items():
        if not isinstance(value, list | dict) and _family(path) not in PROSE:
            values[_family(path)].append(value)
    edits = []
    for path, value in nodes.items():
        edits.append(Edit(path=path, operation="drop"))
        if isinstance(path[-1], int):
            edits.append(Edit(path=path, operation="double"))
            if (*path[:-1], path[-1] + 1) in nodes:
                edits.append(Edit(path=path, operation="swap"))
        others = {json.dumps(other) for other in _list_other_values(value, values[_family(path)])}
        texts = sorted(others - {json.dumps(value)})
        edits += [Edit(path=path, operation="set", value=json.loads(text)) for text in texts]
    return edits


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield every value inside a document, with its path."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _walk(child, (*path, key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _walk(child, (*path, number))


def _family(path: Path) -> str:
    """Return the kind of value: values of one family are set in place of each other."""
    *_, name = (step for step in path if isinstance(step, str))
    if path[0] == "changes" and name == "id":
        return "changes id"
    return FAMILIES.get(name, name)


def _list_other_values(value: Any, of_family: Sequence[Any]) -> list[Any]:
    if isinstance(value, list | dict):
        return [None, [], {}]
    if isinstance(value, int) and not isinstance(value, bool):
        return [None, 0, value - 1, value + 1, 10**6, *of_family]
    return [None, *of_family]


def list_pairs(document: dict[str, Any]) -> list[tuple[Edit, Edit]]:
    """Return the pairs of edits that go together.

    They set two equal values to the same other value, or drop a group of the base and a change.
    """
    return [*_list_equal_sets(document), *_list_double_drops(document)]


def _list_equal_sets(document: dict[str, Any]) -> Iterator[tuple[Edit, Edit]]:
    equal: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path, value in _walk(document, ()):
        if not isinstance(value, list | dict):
            equal[_family(path), json.dumps(value)].append(path)
    edits: dict[Path, list[Edit]] = defaultdict(list)
    for edit in list_edits(document):
        if edit.operation == "set" and _family(edit.path) in {"id", "name", "contacts_count"}:
            edits[edit.path].append(edit)
    for paths in equal.values():
        for path, other in combinations(paths, 2):
            for edit in edits[path]:
                yield edit, replace(edit, path=other)


def _list_double_drops(document: dict[str, Any]) -> Iterator[tuple[Edit, Edit]]:
    for group, change in product(range(len(document["base"])), range(len(document["changes"]))):
        yield Edit(path=("base", group), operation="drop"), Edit(path=("changes", change), operation="drop")


def draw_pairs(document: dict[str, Any], *, seed: int) -> Iterator[tuple[Edit, Edit]]:
    """Yield random pairs of edits without end, the same ones for the same seed."""
    random = Random(seed)  # noqa: S311
    edits = list_edits(document)
    while True:
        one, other = random.sample(edits, 2)
        yield one, other
