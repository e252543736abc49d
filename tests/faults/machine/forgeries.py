"""Edits of a plan file by an attacker who can also make its digest, summary and checksum fit."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from groupsync.planfile.review import dump_review, load_document
from tests.faults.machine.edits import NAMES, Document, pick

ForgeryFunction: TypeAlias = Callable[[Document, int, int], None]

FIELDS: Mapping[str, tuple[Any, ...]] = {
    "before": NAMES,
    "after": NAMES,
    "contacts_count": (0, 1, 99),
    "wave": (1, 2, 9),
    "reason": ("removed", "unlisted", "listed"),
    "temporary": (True, False),
}


class Forgery(NamedTuple):
    """An edit of a plan file and the two numbers that choose what it is about."""

    function: ForgeryFunction
    first: int
    second: int


def forge(content: bytes, forgeries: Iterable[Forgery]) -> bytes | None:
    """Return the plan file after these edits, with fitting digest, summary and checksum.

    None if what comes out cannot be written as a plan file.
    """
    document = json.loads(content)
    for forgery in forgeries:
        with contextlib.suppress(IndexError, ZeroDivisionError):
            forgery.function(document, forgery.first, forgery.second)
    try:
        return dump_review(load_document(document))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def edit_change(document: Document, first: int, second: int) -> None:
    key = pick(tuple(FIELDS), second)
    pick(document["changes"], first)[key] = pick(FIELDS[key], first + second)


def retarget_change(document: Document, first: int, second: int) -> None:
    pick(document["changes"], first)["group_id"] = pick(document["base"], second)["id"]


def add_deletion(document: Document, first: int, _second: int) -> None:
    group = pick(document["base"], first)
    document["changes"].append(
        {
            "id": f"delete:{group['id']}",
            "kind": "delete",
            "actions": ["delete"],
            "reason": "removed",
            "wave": 9,
            "group_id": group["id"],
            "before": group["name"],
            "contacts_count": group["contacts_count"],
            "after": None,
            "temporary": False,
            "source": None,
        }
    )


def drop_change(document: Document, first: int, _second: int) -> None:
    document["changes"].remove(pick(document["changes"], first))


def reorder_changes(document: Document, first: int, _second: int) -> None:
    document["changes"].insert(0, document["changes"].pop(first % len(document["changes"])))


def turn_into_deletion(document: Document, first: int, _second: int) -> None:
    change = pick(document["changes"], first)
    change.update(kind="delete", after=None, before=change["before"] or "A", contacts_count=99)


def edit_base(document: Document, first: int, second: int) -> None:
    group = pick(document["base"], first)
    group.update(pick(({"name": pick(NAMES, second)}, {"contacts_count": 0}, {"contacts_count": 99}), second))


def raise_count(document: Document, first: int, _second: int) -> None:
    """Make it look as if a deletion was reviewed while its group held more contacts than it did."""
    change = pick([change for change in document["changes"] if change["kind"] == "delete"], first)
    change["contacts_count"] = 99
    for group in document["base"]:
        if group["id"] == change["group_id"]:
            group["contacts_count"] = 99


def drop_from_base(document: Document, first: int, _second: int) -> None:
    document["base"].remove(pick(document["base"], first))


def forget_verdict(document: Document, _first: int, _second: int) -> None:
    """Remove all reasons for which the plan is refused."""
    document.update(guards=[], problems=[], interrupted=[])


def edit_restrictions(document: Document, first: int, second: int) -> None:
    """Limit the plan to something else, or to nothing."""
    edits: tuple[Document, ...] = (
        {"exclude": [pick(NAMES, second)], "excluded": {"groups": [], "entries": [], "pending": False}},
        {"scope": {"configuration": [pick(NAMES, second), "*"], "job": []}},
        {"scope": {"configuration": [], "job": ["*"]}},
        {"no_deletes": True, "postponed": []},
        {"exclude": None, "excluded": None},
        {"scope": None},
        {"no_deletes": None, "postponed": None},
    )
    for key, value in pick(edits, first).items():
        if value is None:
            document.pop(key, None)
        else:
            document[key] = value


FORGERY_FUNCTIONS: tuple[ForgeryFunction, ...] = (
    edit_change,
    edit_change,
    retarget_change,
    add_deletion,
    drop_change,
    reorder_changes,
    turn_into_deletion,
    edit_base,
    raise_count,
    drop_from_base,
    forget_verdict,
    edit_restrictions,
)
"""What the machine draws from; an edit that is listed twice is drawn twice as often."""
