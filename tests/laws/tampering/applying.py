"""Applying a plan file in memory, and what must be true of what it does."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import ValidationError

from groupsync.errors import DamagedPlanError
from groupsync.model.config import RemovedId, RemovedName, Unlisted
from groupsync.model.plan import Create, Delete
from groupsync.names import name_without_suffix
from groupsync.planfile.review import dump_review, load_document, load_review
from tests.laws.book import Book
from tests.laws.tampering.attacked import AttackedPlan, Groups, PhonebookState, apply_review, list_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.plan import Change

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ValidationError)
"""What `load_document` may raise for a document that its schema would refuse."""


def apply_document(
    document: dict[str, Any], attacked: AttackedPlan, states: Sequence[PhonebookState]
) -> list[tuple[Change, ...]]:
    """Return for each Phonebook the changes that `apply` would carry out with the file of this document.

    Checking the file against its schema is slow. It is done only if the schema alone can refuse the file: when the file
    would do something else than the honest one.
    """
    try:
        review = load_document(document)
        found = [apply_review(review, attacked, state.groups) for state in states]
    except UNREADABLE:
        with pytest.raises(DamagedPlanError):
            load_review(seal(document), "plan.json")
        return [() for _ in states]
    is_honest = [list_steps(changes) in {(), state.honest_steps} for changes, state in zip(found, states, strict=True)]
    try:
        if not all(is_honest):
            load_review(dump_review(review), "plan.json")
    except DamagedPlanError:
        return [() for _ in states]
    return found


def seal(document: dict[str, Any]) -> bytes:
    """Return the document as a plan file in the layout of groupsync, with a fitting checksum."""
    body = "{\n" + "".join(f"  {json.dumps(key)}: {_lay_out(value)},\n" for key, value in document.items())
    return seal_text(body)


def seal_text(body: str) -> bytes:
    return f'{body}  "checksum": "sha256:{hashlib.sha256(body.encode()).hexdigest()}"\n}}\n'.encode()


def _lay_out(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {json.dumps(element)}" for element in value) + "\n  ]"
    return json.dumps(value)


def require_harmless(changes: Sequence[Change], attacked: AttackedPlan, state: PhonebookState) -> None:
    """Assert that each group stays or ends where an honest plan takes it, and that no more groups are made than there.

    No name is taken before it is free, and no group with contacts is deleted without consent.
    """
    for group_id, end in find_ends(changes).items():
        honest_ends = [find_ends(plan) for plan in state.honest_plans]
        assert end in [ends[group_id] for ends in honest_ends if group_id in ends]
    for name, count in count_created(changes).items():
        assert count <= max(count_created(plan)[name] for plan in state.honest_plans)
    names = [group.name for group in state.groups]
    book = Book(state.groups, unique_names=len(names) == len(set(names)))
    for change in changes:
        if isinstance(change, Delete):
            require_consent(change, attacked.config, state.groups)
        book.carry_out(change)


def require_consent(change: Delete, config: Config, groups: Groups) -> None:
    """Assert that the configuration names the group under `removed`, or that it is unlisted and empty."""
    (group,) = (group for group in groups if group.id == change.group_id)
    ids = {removal.id for removal in config.removed if isinstance(removal, RemovedId)}
    names = {removal.name for removal in config.removed if isinstance(removal, RemovedName)}
    if group.id not in ids and name_without_suffix(group.name, group.id) not in names:
        assert config.policy.unlisted is Unlisted.DELETE
        assert (group.contacts_count, change.contacts_count) == (0, 0)
    assert group.id not in {entry.id for entry in config.groups}
    assert group.name not in {entry.name for entry in config.groups if entry.id is None}


def find_ends(changes: Sequence[Change]) -> dict[str, str | None]:
    """Return the last name of each group that the changes are about; None if it is deleted."""
    return {
        change.group_id: None if isinstance(change, Delete) else change.after
        for change in changes
        if not isinstance(change, Create)
    }


def count_created(changes: Sequence[Change]) -> Counter[str]:
    """Return how many groups of each name are created."""
    return Counter(change.name for change in changes if isinstance(change, Create))
