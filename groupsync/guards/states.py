"""The guards against states that need a decision: the wrong account, nothing desired, nothing live, a killed run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, cut, quote, quote_whole
from groupsync.guards.remedies import MOST_LINES_TO_PASTE
from groupsync.model.plan import Create
from groupsync.model.review import GuardFinding
from groupsync.names import is_too_long

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import Source
    from groupsync.model.plan import InterruptedRename


def judge_account(config: Config, target: Target) -> GuardFinding | None:
    """Return a finding if the configuration is for another account than this one; None if it is not."""
    if not config.accounts or target.account in {pin.account for pin in config.accounts}:
        return None
    pinned = cut(" or ".join(pin.account for pin in config.accounts))
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
    """Judge changes to an account in which no group is live: all groups of the base are gone, or there never were any.

    A list that is empty by mistake looks the same as a new account, and then every create makes a twin.
    """
    if not context.remaining or context.live:
        return
    if context.base:
        message = f"no group is live, and there {_count_with_verb(len(context.base))} when the plan was made"
        remedy = "look whether this is the right account, and who has deleted them; then make a new plan"
    else:
        creates = sum(isinstance(one.change, Create) for one in context.remaining)
        message = f"no group is live in this account, and {count(creates, 'group', 'groups')} would be created"
        remedy = (
            "check that this is the right account, and that it is new: "
            "if it has groups, this would create each a second time"
        )
    yield GuardFinding(code="empty-account", message=message, group_ids=(), remedy=(remedy,))


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


def judge_interrupted(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge groups that a run which was killed left at a temporary name."""
    interrupted = context.plan.interrupted
    if interrupted:
        yield GuardFinding(
            code="interrupted-rename",
            message=f"{count(len(interrupted), 'group was', 'groups were')} left at a temporary name by a run that did "
            "not end; run the same plan file again, or say by id what each one should be",
            group_ids=tuple(rename.group.id for rename in interrupted),
            source=_find_entry(interrupted),
            remedy=tuple(_list_first_choices(interrupted)),
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


def _list_first_choices(interrupted: Sequence[InterruptedRename]) -> Iterator[str]:
    for rename in interrupted[:MOST_LINES_TO_PASTE]:
        yield from _list_choices(rename)
    if len(interrupted) > MOST_LINES_TO_PASTE:
        yield f"and {len(interrupted) - MOST_LINES_TO_PASTE:,} more"


def _list_choices(rename: InterruptedRename) -> Iterator[str]:
    """Yield the lines for both ways to end an interrupted rename: the group is kept, or it is deleted."""
    yield f"to keep {quote(rename.group.name)}, under groups:"
    if rename.entry and not is_too_long(rename.name_without_suffix):
        yield f"  - name: {quote_whole(rename.name_without_suffix)}  # the entry at {rename.entry}, with its id:"
    else:
        yield "  - name: ...  # the name that it should have"
    yield f"    id: {rename.group.id}"
    yield "to delete it, under removed:"
    yield f"  - id: {rename.group.id}"
