"""The guards against states that need a decision: the wrong account, nothing desired, nothing live, a killed run."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, cut, quote
from groupsync.guards.remedies import MOST_LINES_TO_PASTE
from groupsync.model.plan import Create
from groupsync.model.review import GuardFinding
from groupsync.names import same_name_key
from groupsync.snippets import add_entries, change_group

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
        message=f"the configuration is for account {pinned}, but the credentials are those of account {target.account} "
        f"at {target.endpoint}",
        group_ids=(),
        source=config.accounts[0].source,
        remedy=(
            "check MESSENTE_API_USERNAME, GROUPSYNC_ENDPOINT and which configuration is read;",
            f"if the file is for this account, change it to: account: {target.account}",
        ),
    )


def judge_empty_account(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge changes to an account in which no group is live: all groups of the base are gone, or there never were any.

    A list that is empty by mistake looks the same as a new account, and then every create makes a twin.
    """
    if not context.remaining or context.live:
        return
    if context.base:
        before = _count_with_verb(len(context.base))
        message = f"this account has no live groups now, and there {before} when the plan was made"
        remedy = "check that this is the right account, find out who deleted them, then make a new plan"
    else:
        creates = sum(isinstance(one.change, Create) for one in context.remaining)
        message = f"this account has no live groups, and {count(creates, 'group', 'groups')} would be created"
        remedy = (
            "check that this is the right account, and that it is new: "
            "if it has groups, this plan would create each of them a second time"
        )
    yield GuardFinding(code="empty-account", message=message, group_ids=(), remedy=(remedy,))


def _count_with_verb(number: int) -> str:
    return "was 1" if number == 1 else f"were {number:,}"


def judge_empty_config(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge changes by a configuration that lists no group."""
    if context.remaining and not context.config.groups:
        yield GuardFinding(
            code="empty-config",
            message="the configuration lists no groups",
            group_ids=(),
            remedy=("list at least one group under groups",),
        )


def judge_interrupted(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge groups that a run which was killed left at a temporary name."""
    interrupted = context.plan.interrupted
    if interrupted:
        yield GuardFinding(
            code="interrupted-rename",
            message=f"{count(len(interrupted), 'group has', 'groups have')} a temporary name, because a run did not "
            "finish; apply the same plan file again, or choose what each group should be",
            group_ids=tuple(rename.group.id for rename in interrupted),
            source=_find_entry(interrupted),
            remedy=tuple(_list_first_choices(context.config, interrupted)),
        )


def judge_outside_lookalikes(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge creates of groups that somebody may have renamed to a name outside the scope."""
    names = {one.change.name for one in context.remaining if isinstance(one.change, Create)}
    lookalikes = [one for one in context.outside_lookalikes if one.name in names]
    if not lookalikes:
        return
    pairs = [
        f"  {quote(one.group.name)}, {count_contacts(one.group.contacts_count)}, may be {quote(one.name)} "
        f"[id={one.group.id}]"
        for one in lookalikes[:MOST_LINES_TO_PASTE]
    ]
    if len(lookalikes) > MOST_LINES_TO_PASTE:
        pairs.append(f"  and {len(lookalikes) - MOST_LINES_TO_PASTE:,} more")
    found = count(len(lookalikes), "group that would be created looks", "groups that would be created look")
    yield GuardFinding(
        code="scope",
        message=f"{found} like a group outside the scope: somebody may have renamed it",
        group_ids=(),
        source=lookalikes[0].source,
        remedy=(
            "if it is the same group, rename it back in the dashboard, or write its new name under scope and groups:",
            *pairs,
            "if it is somebody else's group, override this guard to create a new one",
        ),
    )


def judge_pull_request(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge an apply in the CI run of a pull request, which is not merged yet."""
    if context.remaining and context.run_policy.pull_request:
        yield GuardFinding(
            code="pull-request",
            message=f"this run belongs to a pull request ({context.run_policy.pull_request}), which is not merged yet",
            group_ids=(),
            remedy=("only plan here, and apply after the merge, on the main branch",),
        )


def _find_entry(interrupted: Sequence[InterruptedRename]) -> Source | None:
    return next((rename.entry for rename in interrupted if rename.entry), None)


def _list_first_choices(config: Config, interrupted: Sequence[InterruptedRename]) -> Iterator[str]:
    for rename in interrupted[:MOST_LINES_TO_PASTE]:
        yield from _list_choices(config, rename)
    if len(interrupted) > MOST_LINES_TO_PASTE:
        yield f"and {len(interrupted) - MOST_LINES_TO_PASTE:,} more"


def _list_choices(config: Config, rename: InterruptedRename) -> Iterator[str]:
    """Yield both remedies for an interrupted rename: keep the group, or delete it."""
    group, keep = rename.group, f"to keep {quote(rename.group.name)}"
    entry = next((entry for entry in config.groups if rename.entry and entry.source == rename.entry), None)
    if entry:
        yield change_group(config, entry, {"id": group.id}, why=keep)
    else:
        name = find_free_name(config, rename.name_without_suffix)
        remark = "or another name"
        yield add_entries(config, "groups", [({"name": name, "id": group.id}, remark)], why=keep)
    yield add_entries(config, "removed", [({"id": group.id}, "")], why="to delete it")


def find_free_name(config: Config, name: str) -> str:
    """Return the name, with a number if the configuration already has it."""
    taken = {same_name_key(entry.name) for entry in config.groups}
    numbered = (f"{name} {number}" for number in itertools.count(2))
    return next(free for free in itertools.chain([name], numbered) if same_name_key(free) not in taken)
