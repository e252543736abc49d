"""A saved plan compared with the configuration and the account of this run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupsync.differences import compare_documents
from groupsync.display import quote
from groupsync.errors import StalePlanError
from groupsync.planfile.changes import make_change_identity
from groupsync.planfile.digest import digest_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.plan import Change, Plan
    from groupsync.model.review import Review


def require_target(saved: Review, target: Target) -> None:
    """Raise StalePlanError if the plan is for another Phonebook or account."""
    if differences := _compare_targets(saved, target):
        raise StalePlanError(differences)


def require_same_plan(saved: Review, plan: Plan, config: Config, target: Target) -> None:
    """Raise StalePlanError unless the saved plan is the one that this configuration makes from the same base.

    `plan` is made again from the base of the saved one.
    """
    if differences := (
        *_compare_targets(saved, target),
        *_compare_configs(saved, config),
        *_compare_changes(saved.plan.changes, plan.changes),
    ):
        raise StalePlanError(differences)


def _compare_targets(saved: Review, target: Target) -> tuple[str, ...]:
    return compare_documents(
        {"Phonebook": {"endpoint": saved.target.endpoint, "account": saved.target.account}},
        {"Phonebook": {"endpoint": target.endpoint, "account": target.account}},
    )


def _compare_configs(saved: Review, config: Config) -> Iterator[str]:
    if saved.config_digest != digest_config(config):
        yield "the configuration says something else than the one that the plan was made from"


def _compare_changes(reviewed: Sequence[Change], now: Sequence[Change]) -> Iterator[str]:
    if reviewed == now:
        return
    differences = compare_documents(_make_documents(reviewed), _make_documents(now))
    yield from differences
    if not differences and [change.id for change in reviewed] != [change.id for change in now]:
        yield "the changes of the plan stand in another order than was planned, or twice"


def _make_documents(changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
    return {f"change {quote(change.id)}": make_change_identity(change) for change in changes}
