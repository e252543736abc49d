"""A saved plan compared with the configuration and the account of this run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from groupsync.differences import compare_documents
from groupsync.display import count, join_names, quote, quote_file
from groupsync.errors import StalePlanError
from groupsync.model.plan import Create, Delete, Rename, is_first_step
from groupsync.planfile.changes import make_change_identity
from groupsync.planfile.digest import digest_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.plan import Change, Plan
    from groupsync.model.review import Review
    from groupsync.model.scope import Scope


def require_target(saved: Review, target: Target) -> None:
    """Raise StalePlanError if the plan is for another Phonebook or account."""
    if differences := _compare_targets(saved, target):
        raise StalePlanError(differences)


def require_same_plan(
    saved: Review, plan: Plan, config: Config, target: Target, config_paths: Sequence[str] | None = None
) -> None:
    """Raise StalePlanError unless this configuration makes the saved plan from the same base.

    `plan` is made again from the base of the saved one. `config_paths` are those given with `-c` to this run.
    """
    if differences := (
        *_compare_targets(saved, target),
        *_compare_job_scopes(saved.scope, config.make_scope()),
        *_compare_configs(saved, config, config_paths),
        *_find_base_outside(saved, config),
        *_compare_changes(saved.plan.changes, plan.changes),
    ):
        raise StalePlanError(differences, has_other_files=bool(describe_other_files(saved, config_paths)))


def describe_other_files(saved: Review, config_paths: Sequence[str] | None) -> str:
    """Return which files the plan was made from if this run reads others; empty if they are the same or unknown."""
    if config_paths is None or saved.config_paths == tuple(config_paths):
        return ""
    made, read = (_describe_paths(paths) for paths in (saved.config_paths, config_paths))
    return f"the plan was made from {made}, and this run reads {read}: give the same -c"


def _compare_targets(saved: Review, target: Target) -> tuple[str, ...]:
    return compare_documents(
        {"Phonebook": {"endpoint": saved.target.endpoint, "account": saved.target.account}},
        {"Phonebook": {"endpoint": target.endpoint, "account": target.account}},
    )


def _compare_configs(saved: Review, config: Config, config_paths: Sequence[str] | None) -> Iterator[str]:
    if saved.config_digest == digest_config(config):
        return
    yield describe_other_files(saved, config_paths) or "the configuration has changed since the plan was made"


def _compare_job_scopes(saved: Scope, now: Scope) -> Iterator[str]:
    if set(saved.job_patterns) != set(now.job_patterns):
        made, runs = (_describe_job_scope(scope) for scope in (saved, now))
        yield f"the plan was made {made}, and this run is {runs}: set GROUPSYNC_SCOPE to the same patterns in both jobs"


def _describe_job_scope(scope: Scope) -> str:
    return f"with GROUPSYNC_SCOPE {join_names(scope.job_patterns)}" if scope.job_patterns else "without GROUPSYNC_SCOPE"


def _find_base_outside(saved: Review, config: Config) -> Iterator[str]:
    """Yield a difference if the base has groups outside the scope: such a file was not written by groupsync."""
    _, outside = config.make_scope().split(saved.base)
    if outside:
        yield f"the plan was made from {count(len(outside), 'group', 'groups')} outside the scope"


def _describe_paths(paths: Sequence[str]) -> str:
    return " and ".join(map(quote_file, paths)) or "the default configuration, groups.yaml or GROUPSYNC_CONFIG"


def _compare_changes(reviewed: Sequence[Change], now: Sequence[Change]) -> Iterator[str]:
    if reviewed == now:
        return
    labels = _make_labels([*now, *reviewed])
    differences = compare_documents(
        _make_documents_for_people(reviewed, labels), _make_documents_for_people(now, labels)
    ) or compare_documents(_make_documents(reviewed, labels), _make_documents(now, labels))
    yield from differences
    if not differences and [change.id for change in reviewed] != [change.id for change in now]:
        yield "the changes are not in the order of a new plan, or one is there twice"


def _make_labels(changes: Sequence[Change]) -> dict[str, str]:
    """Return a label for each change, by its id: equal for two changes of one id, different for any others."""
    origins = _find_origins(changes)
    labels = {change.id: _describe_change(change, origins) for change in changes}
    changes_of_label = Counter(labels.values())
    return {
        change_id: label if changes_of_label[label] == 1 else f"{label} ({change_id})"
        for change_id, label in labels.items()
    }


def _find_origins(changes: Sequence[Change]) -> dict[str, str]:
    """Return the name of each group that gets a temporary name first."""
    return {change.group_id: change.before for change in changes if isinstance(change, Rename) and change.temporary}


def _describe_change(change: Change, origins: Mapping[str, str]) -> str:
    match change:
        case Create(name=name):
            return f"create {quote(name)}"
        case Rename(group_id=group_id, before=before, after=after, temporary=is_temporary):
            old = before if is_temporary else origins.get(group_id, before)
            return f"rename {quote(old)} -> {quote(after)}"
        case Delete(group_id=group_id, name=name):
            return f"delete {quote(origins.get(group_id, name))}"


def _make_documents_for_people(changes: Sequence[Change], labels: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the documents of the changes as a person counts them, without their order and temporary names."""
    origins = _find_origins(changes)
    documents = {}
    for change in changes:
        if not is_first_step(change):
            document = {key: value for key, value in make_change_identity(change).items() if key != "wave"}
            origin = {} if isinstance(change, Create) else {"before": origins.get(change.group_id, document["before"])}
            documents[labels[change.id]] = document | origin
    return documents


def _make_documents(changes: Sequence[Change], labels: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return {labels[change.id]: make_change_identity(change) for change in changes}
