"""A saved plan compared with the configuration and the account of this run."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from groupsync.differences import compare_documents
from groupsync.display import quote_file
from groupsync.errors import StalePlanError
from groupsync.model.plan import Rename, describe_change
from groupsync.planfile.changes import make_change_identity
from groupsync.planfile.digest import digest_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.plan import Change, Plan
    from groupsync.model.review import Review

_MOST_FILES = 3


def require_target(saved: Review, target: Target) -> None:
    """Raise StalePlanError if the plan is for another Phonebook or account."""
    if differences := _compare_targets(saved, target):
        raise StalePlanError(differences)


def require_same_plan(saved: Review, plan: Plan, config: Config, target: Target) -> None:
    """Raise StalePlanError unless the saved plan is the one that this configuration makes from the same base.

    `plan` is made again from the base of the saved one.
    """
    if other_files := _describe_other_files(saved, config):
        raise StalePlanError([other_files], remedy="give the same -c as for the plan, or make a new plan")
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
        yield f"the configuration has changed since the plan was made: {_describe_files(config.files)}"


def _describe_other_files(saved: Review, config: Config) -> str:
    """Say that this run reads other files than those that the plan was made from; empty if that is not certain."""
    paths = saved.config_paths
    is_same = all(any(PurePath(file).is_relative_to(path) for path in paths) for file in config.files)
    if not paths or is_same or saved.config_digest == digest_config(config):
        return ""
    return f"it was made from {_describe_files(paths)}, but this run reads {_describe_files(config.files)}"


def _describe_files(files: Sequence[str]) -> str:
    shown = ", ".join(quote_file(file) for file in files[:_MOST_FILES])
    return shown if len(files) <= _MOST_FILES else f"{shown} and {len(files) - _MOST_FILES} more"


def _compare_changes(reviewed: Sequence[Change], now: Sequence[Change]) -> Iterator[str]:
    if reviewed == now:
        return
    differences = compare_documents(_make_documents(reviewed), _make_documents(now))
    yield from differences
    if not differences and [change.id for change in reviewed] != [change.id for change in now]:
        yield "the changes of the plan are in another order than was planned, or are there twice"


def _make_documents(changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
    return {_name_change(change): make_change_identity(change) for change in changes}


def _name_change(change: Change) -> str:
    """Return a name that only this change of a plan has."""
    is_step = isinstance(change, Rename) and change.temporary
    return f"{describe_change(change)}, a step to a temporary name" if is_step else describe_change(change)
