"""What remains of a saved plan, and what the guards say of it now."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from groupsync.decide import ChangeState, Decision, decide_changes
from groupsync.display import quote
from groupsync.drift import find_drift
from groupsync.errors import StalePlanError
from groupsync.fields import hide, ignore
from groupsync.guards import GuardContext, find_loose_limits
from groupsync.model.limits import count_deletes
from groupsync.model.plan import Create, Delete, InterruptedRename, Rename, describe_change, get_new_name
from groupsync.model.remaining import is_deletion, make_remaining
from groupsync.names import find_name_without_suffix, name_without_suffix
from groupsync.planner import make_plan, set_aside, warn_of_new_names
from groupsync.review.compare import require_same_plan
from groupsync.review.make import DEFAULT_RUN_POLICY, add_protection_warnings, run_guards
from groupsync.suggest import find_outside_lookalikes, find_suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.limits import RunPolicy
    from groupsync.model.plan import Change, PlanOptions
    from groupsync.model.remaining import RemainingChange
    from groupsync.model.review import Review


@ignore("is_protected")
@hide("live_ids", "is_protected")
class VerifiedPlan(Struct, frozen=True, kw_only=True):
    """A reviewed plan that is still the plan for this configuration and Phonebook.

    Only `verify_review` makes one, and `apply_plan` accepts nothing else. So every change that is written was compared
    with what is live. It guarantees that the changes are those that were reviewed and that no live group contradicts
    them. The guards may still refuse it: `review.refusals` says so, and `apply_plan` raises.

    - `review` is the saved review with today's warnings, guard findings and suggestions.
    - `decisions` holds the state of every change, in the order of the plan.
    - `remaining` are the changes that are not done yet, with live numbers and how much each may lose.
    - `newcomers` are live groups that appeared since the plan; the plan does not change them.
    - `live_ids` are the ids of all groups that were live.
    - `is_protected` and `most_deletes` (None: any number) are the limits for deletions outside the plan, of a group
      that the Phonebook created under another name than was sent.
    """

    review: Review
    decisions: tuple[Decision, ...]
    newcomers: tuple[LiveGroup, ...]
    remaining: tuple[RemainingChange[Change], ...]
    live_ids: frozenset[GroupId]
    is_protected: Callable[[str], bool]
    most_deletes: int | None

    @property
    def needs_backups(self) -> bool:
        """Whether any contact may lose a group, also if nobody is in it at the moment."""
        return any(is_deletion(one) and one.may_lose != 0 for one in self.remaining)


def verify_review(  # noqa: PLR0913 - all that a saved plan is compared with
    saved: Review,
    config: Config,
    target: Target,
    live: Sequence[LiveGroup],
    run_policy: RunPolicy = DEFAULT_RUN_POLICY,
    *,
    config_paths: Sequence[str] | None = None,
) -> VerifiedPlan:
    """Return a saved plan with its remaining changes; raise StalePlanError if it no longer fits.

    The plan is made again from its own base, and the new one is used: a plan file is compared, not obeyed.
    The groups that are outside the scope now count too: an id or a name of theirs refuses a plan. `config_paths` are
    those given with `-c` to this run, which the error compares with those of the plan.
    """
    scope, base_ids = config.make_scope(), {group.id for group in saved.base}
    _, outside = scope.split(live)
    others = [group for group in outside if group.id not in base_ids]
    plan = make_plan(config, (*saved.base, *others), saved.options)
    require_same_plan(saved, plan, config, target, config_paths)
    decisions = decide_changes(plan.changes, base_ids, live)
    newcomers = _require_no_drift(saved, config, live, decisions)

    not_done = [decision for decision in decisions if decision.state is not ChangeState.DONE]
    remaining = tuple(make_remaining(decision.change, decision.group, run_policy) for decision in not_done)
    context = GuardContext(
        config=config,
        plan=replace(plan, interrupted=(*plan.interrupted, *_find_interrupted(newcomers))),
        base=saved.base,
        live=live,
        remaining=remaining,
        run_policy=run_policy,
        outside_lookalikes=find_outside_lookalikes(config, outside, plan),
    )
    guards = run_guards(context, target)
    plan = replace(plan, warnings=(*plan.warnings, *_find_look_alikes(remaining, newcomers)))
    is_refused = any(not guard.allowed for guard in guards)
    review = replace(
        saved,
        scope=scope,
        plan=add_protection_warnings(plan, context),
        guards=guards,
        suggestions=find_suggestions(config, saved.base, plan) if is_refused else (),
        loose_limits=find_loose_limits(config, context.counted_groups),
    )
    return VerifiedPlan(
        review=review,
        decisions=decisions,
        newcomers=newcomers,
        remaining=remaining,
        live_ids=frozenset(group.id for group in live),
        is_protected=context.is_protected,
        most_deletes=_find_most_deletes(context, saved.options),
    )


def _find_most_deletes(context: GuardContext, options: PlanOptions) -> int | None:
    if options.no_deletes or context.run_policy.no_deletes:
        return 0
    limit = context.run_policy.max_deletes
    return None if limit is None else count_deletes(limit, context.counted_groups)


def _require_no_drift(
    saved: Review, config: Config, live: Sequence[LiveGroup], decisions: Sequence[Decision]
) -> tuple[LiveGroup, ...]:
    """Return the newcomers that do not matter; raise StalePlanError if what is live contradicts the plan."""
    conflicts = _describe_conflicts(
        decision for decision in decisions if decision.state is ChangeState.CONFLICT and not _is_left_to_guard(decision)
    )
    parts = set_aside(config, saved.base, saved.options.exclude)
    excluded_ids = {group.id for group in parts.excluded.live}
    changes = [decision.change for decision in decisions]
    drift = find_drift(parts.rest.config, saved.base, live, changes, excluded_ids)
    if conflicts or drift.differences:
        raise StalePlanError([*conflicts, *drift.differences])
    return drift.newcomers


def _describe_conflicts(decisions: Iterable[Decision]) -> list[str]:
    """Return a line for each group in conflict, by name, with its id only if two lines would be equal otherwise."""
    conflicts: dict[tuple[str, str], Decision] = {}
    for decision in decisions:  # two steps of one group are one conflict
        change = decision.change
        conflicts.setdefault((change.id if isinstance(change, Create) else change.group_id, decision.detail), decision)
    lines = Counter((_describe_by_name(one.change), one.detail) for one in conflicts.values())
    return [
        f"{name if lines[name, one.detail] == 1 else describe_change(one.change)}: {one.detail}"
        for name, one in ((_describe_by_name(one.change), one) for one in conflicts.values())
    ]


def _describe_by_name(change: Change) -> str:
    match change:
        case Create(name=name):
            return f"create group {quote(name)}"
        case Rename(before=before, after=after, group_id=group_id):
            return f"rename group {quote(before)} to {quote(name_without_suffix(after, group_id))}"
        case Delete(name=name):
            return f"delete group {quote(name)}"


def _is_left_to_guard(decision: Decision) -> bool:
    """Return whether a group of unknown size would be deleted, which a guard explains better than a conflict."""
    change, group = decision.change, decision.group
    return (
        isinstance(change, Delete)
        and change.contacts_count is None
        and group is not None
        and (group.name, group.contacts_count) == (change.name, None)
    )


def _find_look_alikes(remaining: Sequence[RemainingChange[Change]], newcomers: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield a warning for each new name of the remaining changes that looks like the name of a newcomer."""
    changes = [one.change for one in remaining]
    given = [(name, change.source) for change in changes if (name := get_new_name(change))]
    return warn_of_new_names(given, newcomers)


def _find_interrupted(newcomers: Sequence[LiveGroup]) -> Iterator[InterruptedRename]:
    for group in newcomers:
        name = find_name_without_suffix(group.name, group.id)
        if name is not None:
            yield InterruptedRename(group=group, name_without_suffix=name, entry=None)
