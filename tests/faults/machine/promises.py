"""What must be true of a run, by what the proxy saw on the wire and what the sandbox holds afterwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from groupsync.model.config import RemovedId, RemovedName, Unlisted
from groupsync.model.groups import GroupId, LiveGroup
from groupsync.model.plan import Create, Delete, Rename
from groupsync.names import name_without_suffix
from tests.faults.machine.disturbances import find_created

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.model.config import Config
    from groupsync.model.plan import Change
    from groupsync.model.review import Review
    from tests.faults.machine.run import Run
    from tests.faults.machine.world import Deletion


def require_harmless(run: Run, *, checks_names: bool = True) -> None:
    """Assert what must be true whatever happened, without a word of the report.

    `checks_names` is false if another run may rename a group between the read and the deletion.
    """
    assert run.watcher.bugs == []
    if run.watcher.is_set:  # each thread may just have checked for an interrupt, and begin one more change
        assert len(run.watcher.begun) <= run.watcher.begun_before_interrupt + run.parallelism, "begun after interrupt"
    assert bool(run.report) != bool(run.error)
    if run.error:
        assert run.writes == [], run.error
    if run.report:
        assert (run.report.exit_code == 0) == run.report.is_complete
    creates = max(sum(isinstance(change, Create) for change in plan) for plan in run.plans)
    sent = [record for record in run.requests if record.method == "POST" and record.status != 429]
    assert len(sent) <= creates, "a POST was sent again although it may have been carried out"
    for deletion in run.deletions:
        require_reviewed(deletion, run, checks_names=checks_names)


def require_limits(run: Run, before: Mapping[str, str], *, ignored: frozenset[str] = frozenset()) -> None:
    """Assert that no request changed a group that was outside the scope or excluded, and that nothing was postponed.

    `before` holds the names of the groups by id; the groups `ignored` were changed by somebody else since.
    """
    review, scope = run.saved.review, run.config.make_scope()
    is_saved = run.content == run.saved.content
    excluded = {group.id for group in review.plan.excluded} if is_saved else frozenset[str]()
    for record in run.requests:
        group_id = record.path.rpartition("/")[2]
        if record.method == "GET" or group_id in ignored or group_id not in before:
            continue
        group = LiveGroup(id=GroupId(group_id), name=before[group_id], contacts_count=None)
        assert scope.includes(group), f"{record.method} to {group.name!r}, which is outside the scope"
        assert group_id not in excluded, f"{record.method} to {group.name!r}, which is excluded"
    if run.no_deletes or (is_saved and review.options.no_deletes):
        assert not run.deletions, "deleted although deletions were postponed"


def require_reviewed(deletion: Deletion, run: Run, *, checks_names: bool) -> None:
    """Assert that the deletion was reviewed with at least as many members, has consent, and all members are saved."""
    changes = [change for plan in run.plans for change in plan if isinstance(change, Delete)]
    reviewed = [change for change in changes if change.group_id == deletion.group_id]
    assert reviewed, f"{deletion} is in no plan"
    count = len(deletion.members)
    assert any(change.contacts_count is not None and count <= change.contacts_count for change in reviewed), deletion
    if checks_names:
        assert deletion.name in {None, *(change.name for change in reviewed)}
    if checks_names and deletion.name is not None:
        is_decided = run.config.policy.unlisted is Unlisted.DELETE
        assert is_decided or has_consent(deletion, run.config), f"nothing says that {deletion} may be deleted"
    if deletion.members:
        assert deletion.is_backed_up, f"{deletion} has no complete backup"
        assert run.is_lax or has_consent(deletion, run.config)


def has_consent(deletion: Deletion, config: Config) -> bool:
    ids = {removal.id for removal in config.removed if isinstance(removal, RemovedId)}
    names = {removal.name for removal in config.removed if isinstance(removal, RemovedName)}
    return deletion.group_id in ids or name_without_suffix(deletion.name or "", deletion.group_id) in names


def require_planned_moves(
    runs: Sequence[Run], before: Mapping[str, str], after: Mapping[str, str], *, ignored: frozenset[str] = frozenset()
) -> None:
    """Assert that every group kept its name or went where a plan takes it, and that each run made a name only once.

    `before` and `after` hold names by id; the groups `ignored` were changed by somebody else.
    """
    ends: dict[str, set[str | None]] = defaultdict(set)
    for run in runs:
        for plan in run.plans:
            for group_id, end in list_ends(plan):
                ends[group_id].add(end)
    for group_id, name in before.items():
        if group_id not in ignored:
            assert after.get(group_id) in {name, *ends[group_id]}, f"group {name!r} moved"
    made = Counter(name for group_id, name in after.items() if group_id not in before and group_id not in ignored)
    for name, count in made.items():
        makers = [run for run in runs if any(name in find_created(plan) for plan in run.plans)]
        assert count <= len(makers), f"{count} groups {name!r} were made by {len(makers)} runs"


def list_ends(changes: Sequence[Change]) -> list[tuple[str, str | None]]:
    """Return the id of each group with the name that a change gives it, or None if the change deletes it."""
    return [
        (change.group_id, change.after if isinstance(change, Rename) else None)
        for change in changes
        if not isinstance(change, Create)
    ]


def require_done(review: Review, after: Mapping[str, str]) -> None:
    """Assert that every change of the plan is done; `after` holds the live names by id."""
    base_ids = {group.id for group in review.base}
    created = Counter(name for group_id, name in after.items() if group_id not in base_ids)
    for name in find_created(review.plan.changes):
        assert created[name] == 1
    ends = dict(list_ends(review.plan.changes))
    assert {group_id: after.get(group_id) for group_id in ends} == ends
