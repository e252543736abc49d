"""The guards against states that need a decision: nothing wanted, nothing live, groups that nobody speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, quote
from groupsync.guards.remedies import first_remedy_lines
from groupsync.model.config import Unlisted
from groupsync.model.review import GuardFinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.groups import LiveGroup, Source
    from groupsync.model.limits import RunPolicy
    from groupsync.model.plan import InterruptedRename


def judge_empty_account(case: GuardContext) -> Iterator[GuardFinding]:
    """Judge changes to an account in which all groups of the base are gone."""
    if case.pending and case.base and not case.live:
        yield GuardFinding(
            code="empty-account",
            message=f"no group is live, and there {_were(len(case.base))} when the plan was made",
            group_ids=(),
            remedy=("look whether this is the right account, and who has deleted them; then make a new plan",),
        )


def _were(number: int) -> str:
    return f"was {number:,}" if number == 1 else f"were {number:,}"


def judge_empty_config(case: GuardContext) -> Iterator[GuardFinding]:
    """Judge changes by a configuration that wants no group."""
    if case.pending and not case.config.groups:
        yield GuardFinding(
            code="empty-config",
            message="the configuration lists no group at all",
            group_ids=(),
            remedy=("list at least one group under groups",),
        )


def judge_unlisted(case: GuardContext) -> Iterator[GuardFinding]:
    """Judge live groups that nobody speaks of, where the configuration wants to know of each."""
    unlisted, policy = case.plan.unlisted, case.config.policy
    if unlisted and policy.unlisted is Unlisted.REFUSE:
        worst_first = sorted(unlisted, key=lambda group: (-(group.contacts_count or 0), group.name, group.id))
        yield GuardFinding(
            code="unlisted",
            message=f"{count(len(unlisted), 'live group is', 'live groups are')} not in the configuration, "
            "and policy.unlisted is refuse",
            group_ids=tuple(group.id for group in worst_first),
            figure=len(unlisted),
            limit=0,
            source=policy.places.get("unlisted"),
            remedy=(
                "list each one under groups by its name, or under removed by its id; or ignore it by a pattern:",
                *first_remedy_lines(list(map(_describe_group, worst_first))),
            ),
        )


def _describe_group(group: LiveGroup) -> str:
    return f"  {quote(group.name)}, {count_contacts(group.contacts_count)} [id={group.id}]"


def judge_interrupted(case: GuardContext) -> Iterator[GuardFinding]:
    """Judge groups that a run which did not end left at a temporary name."""
    interrupted = case.plan.interrupted
    if interrupted:
        yield GuardFinding(
            code="interrupted-rename",
            message=f"{count(len(interrupted), 'group was', 'groups were')} left at a temporary name by a run that did "
            "not end; run the same plan file again, or say by id what each one shall be",
            group_ids=tuple(rename.group.id for rename in interrupted),
            source=_find_entry(interrupted),
            remedy=tuple(line for rename in interrupted for line in _paste_choice(rename)),
        )


def judge_pull_request(case: GuardContext, run_policy: RunPolicy) -> Iterator[GuardFinding]:
    """Judge an apply in the run of a pull request, which nobody has merged yet."""
    if case.pending and run_policy.pull_request:
        yield GuardFinding(
            code="pull-request",
            message=f"this is the run of a pull request ({run_policy.pull_request}), which nobody has merged yet",
            group_ids=(),
            remedy=("plan here, and apply on the main branch",),
        )


def _find_entry(interrupted: Sequence[InterruptedRename]) -> Source | None:
    return next((rename.entry for rename in interrupted if rename.entry), None)


def _paste_choice(rename: InterruptedRename) -> Iterator[str]:
    """Yield the lines for both ends that an interrupted rename can have: the group stays, or it goes."""
    yield f"to keep {quote(rename.group.name)}, under groups:"
    if rename.entry:
        yield f"  - name: {quote(rename.name_without_suffix)}  # the entry at {rename.entry}, with its id:"
    else:
        yield "  - name: ...  # the name that it shall have"
    yield f"    id: {rename.group.id}"
    yield "to delete it, under removed:"
    yield f"  - id: {rename.group.id}"
