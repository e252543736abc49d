"""The guards against states that need a decision: the wrong account, nothing desired, nothing live, unlisted groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, quote
from groupsync.guards.remedies import first_remedy_lines
from groupsync.model.config import Unlisted
from groupsync.model.groups import most_contacts_first
from groupsync.model.review import GuardFinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup, Source
    from groupsync.model.plan import InterruptedRename


def judge_account(config: Config, target: Target) -> GuardFinding | None:
    """Return a finding if the configuration is for another account than this one; None if it is not."""
    if not config.accounts or target.account in {pin.account for pin in config.accounts}:
        return None
    pinned = " or ".join(pin.account for pin in config.accounts)
    return GuardFinding(
        code="account",
        message=f"the configuration is for the account {pinned}, and the credentials are those of {target.account} "
        f"at {target.endpoint}",
        group_ids=(),
        source=config.accounts[0].source,
        remedy=(
            "check MESSENTE_API_USERNAME, GROUPSYNC_ENDPOINT and which configuration is read;",
            f"if it is for this account: account: {target.account}",
        ),
    )


def judge_empty_account(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge changes to an account in which no group of the base exists any more."""
    if context.remaining and context.base and not context.live:
        yield GuardFinding(
            code="empty-account",
            message=f"no group is live, and there {_count_with_verb(len(context.base))} when the plan was made",
            group_ids=(),
            remedy=("look whether this is the right account, and who has deleted them; then make a new plan",),
        )


def _count_with_verb(number: int) -> str:
    return "was 1" if number == 1 else f"were {number:,}"


def judge_empty_config(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge changes by a configuration that lists no group."""
    if context.remaining and not context.config.groups:
        yield GuardFinding(
            code="empty-config",
            message="the configuration lists no group at all",
            group_ids=(),
            remedy=("list at least one group under groups",),
        )


def judge_unlisted(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge unlisted live groups, if the configuration refuses them."""
    unlisted, policy = context.plan.unlisted, context.config.policy
    if unlisted and policy.unlisted is Unlisted.REFUSE:
        worst_first = sorted(
            unlisted, key=lambda group: most_contacts_first(group.contacts_count, group.name, group.id)
        )
        yield GuardFinding(
            code="unlisted",
            message=f"{count(len(unlisted), 'live group is', 'live groups are')} not in the configuration, "
            "and policy.unlisted is refuse",
            group_ids=tuple(group.id for group in worst_first),
            figure=len(unlisted),
            limit=0,
            source=policy.sources.get("unlisted"),
            remedy=(
                "list each one under groups by its name, or under removed by its id; or ignore it by a pattern:",
                *first_remedy_lines(list(map(_describe_group, worst_first))),
            ),
        )


def _describe_group(group: LiveGroup) -> str:
    return f"  {quote(group.name)}, {count_contacts(group.contacts_count)} [id={group.id}]"


def judge_interrupted(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge groups that a run which was killed left at a temporary name."""
    interrupted = context.plan.interrupted
    if interrupted:
        yield GuardFinding(
            code="interrupted-rename",
            message=f"{count(len(interrupted), 'group was', 'groups were')} left at a temporary name by a run that did "
            "not end; run the same plan file again, or say by id what each one shall be",
            group_ids=tuple(rename.group.id for rename in interrupted),
            source=_find_entry(interrupted),
            remedy=tuple(line for rename in interrupted for line in _list_choices(rename)),
        )


def judge_pull_request(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge an apply in the CI run of a pull request, which is not merged yet."""
    if context.remaining and context.run_policy.pull_request:
        yield GuardFinding(
            code="pull-request",
            message=f"this is the run of a pull request ({context.run_policy.pull_request}), "
            "which nobody has merged yet",
            group_ids=(),
            remedy=("plan here, and apply on the main branch",),
        )


def _find_entry(interrupted: Sequence[InterruptedRename]) -> Source | None:
    return next((rename.entry for rename in interrupted if rename.entry), None)


def _list_choices(rename: InterruptedRename) -> Iterator[str]:
    """Yield the lines for both ways to end an interrupted rename: the group is kept, or it is deleted."""
    yield f"to keep {quote(rename.group.name)}, under groups:"
    if rename.entry:
        yield f"  - name: {quote(rename.name_without_suffix)}  # the entry at {rename.entry}, with its id:"
    else:
        yield "  - name: ...  # the name that it shall have"
    yield f"    id: {rename.group.id}"
    yield "to delete it, under removed:"
    yield f"  - id: {rename.group.id}"
