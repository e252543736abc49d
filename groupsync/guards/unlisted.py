"""The guard against unlisted live groups: the configuration refuses them, or does not say what to do about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.display import count, count_contacts, list_line_starts, quote, quote_file
from groupsync.guards import losses
from groupsync.guards.remedies import MOST_LINES_TO_PASTE, first_remedy_lines
from groupsync.model.config import Unlisted
from groupsync.model.groups import most_contacts_first
from groupsync.model.plan import Delete, Reason
from groupsync.model.remaining import make_remaining
from groupsync.model.review import GuardFinding
from groupsync.snippets import add_entries, find_top_place, set_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup, Source

_RENAMED = (
    "if one of these was renamed in the dashboard, write its new name in its entry; "
    "to rename it back, add the new name to its entry, under previously"
)


def judge_unlisted(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge unlisted live groups, unless the configuration says to delete or to keep them."""
    groups = _list_unlisted(context)
    if not groups:
        return
    match context.config.policy.unlisted:
        case Unlisted.DELETE | Unlisted.KEEP:
            return
        case Unlisted.REFUSE:
            found = count(len(groups), "live group is", "live groups are")
            message = f"{found} not in the configuration, and policy.unlisted is refuse"
            remedy = [
                _list_groups_to_paste(context.config, groups),
                "or list each one under removed by its id, or add a pattern under ignore; these groups are not listed:",
            ]
        case None:
            found = count(len(groups), "live group", "live groups")
            pronoun = "it" if len(groups) == 1 else "them"
            message = f"the configuration does not list {found}, and does not say what to do with {pronoun}"
            remedy = [*_list_choices(context, groups), "these groups are not in the configuration:"]
    renames = (_RENAMED,) if context.creates else ()
    yield GuardFinding(
        code="unlisted",
        message=message,
        group_ids=tuple(group.id for group in groups),
        figure=len(groups),
        limit=0,
        source=context.config.policy.sources.get("unlisted"),
        remedy=(*renames, *remedy, *first_remedy_lines(groups, _describe_group)),
    )


def _list_unlisted(context: GuardContext) -> list[LiveGroup]:
    """Return the unlisted groups with the numbers of now, those with the most contacts first."""
    if not context.plan.unlisted:
        return []
    live = {group.id: group for group in context.live}
    groups = [live.get(group.id, group) for group in context.plan.unlisted]
    return sorted(groups, key=lambda group: most_contacts_first(group.contacts_count, group.name, group.id))


def _list_groups_to_paste(config: Config, groups: Sequence[LiveGroup]) -> str:
    """Return the entries that keep the groups, those with the most contacts if there are many."""
    shown = groups[:MOST_LINES_TO_PASTE]
    which = "it" if len(groups) == 1 else "them"
    if len(groups) > len(shown):
        which = f"the {len(shown)} largest of them"
    entries = [({"name": group.name, "id": group.id}, count_contacts(group.contacts_count)) for group in shown]
    return add_entries(config, "groups", entries, why=f"to keep {which}")


def _list_choices(context: GuardContext, groups: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield the three values of the policy as lines to add, each with its present effect.

    They are one snippet with the effects as comments, if the surrounding text is YAML without braces.
    """
    place = _find_place(context.config)
    if place is None:
        for value in Unlisted:
            effect = "; ".join(_describe_effect(value, context, groups))
            yield set_policy(context.config, "unlisted", value.value, why=f"to choose {value.value} ({effect})")
        return
    sentence, line = place
    lines = {value: line.replace("VALUE", value.value) for value in Unlisted}
    width = max(map(len, lines.values()))
    snippet = [f"to choose, {sentence}:"]
    for value, text in lines.items():
        effects = _describe_effect(value, context, groups)
        snippet.append(f"{text:<{width}}  # {next(effects)}")
        snippet += [f"{'':<{width}}  # {effect}" for effect in effects]
    yield "\n".join(snippet)


def _find_place(config: Config) -> tuple[str, str] | None:
    """Return where `policy.unlisted` belongs and the line to write there, with VALUE for the value.

    None if the text around it is in braces, because a comment cannot follow there.
    """
    source = config.policy.source
    if source is None:
        place = find_top_place(config)
        return place and (f"add one of these lines {place[0]}", f"{place[1]}policy: {{unlisted: VALUE}}")
    if _is_in_braces(config, source):
        return None
    return f"add one of these lines above line {source.line} of {quote_file(source.file)}", " " * (
        source.column - 1
    ) + "unlisted: VALUE"


def _is_in_braces(config: Config, source: Source) -> bool:
    """Return whether the mapping at this place is written in braces, not as lines of their own."""
    text = config.texts.get(source.file, "")
    starts = list_line_starts(text)
    return source.line <= len(starts) and text[starts[source.line - 1] + source.column - 1 :].startswith("{")


def _describe_effect(value: Unlisted, context: GuardContext, groups: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield what the plan would do with the groups if `policy.unlisted` had this value."""
    number = count(len(groups), "group", "groups")
    match value:
        case Unlisted.DELETE:
            yield f"deletes {number}; {_describe_loss(groups)}"
            if codes := _find_refusing_guards(context, groups):
                yield f"that plan would also be refused: {', '.join(codes)}"
        case Unlisted.KEEP:
            yield f"leaves {number} alone; no group is deleted because it is not listed"
        case Unlisted.REFUSE:
            yield f"stays refused until each group is listed: {number} now"


def _describe_loss(groups: Sequence[LiveGroup]) -> str:
    """Return how many memberships are lost if the groups are deleted."""
    known = [group.contacts_count for group in groups if group.contacts_count is not None]
    unknown = len(groups) - len(known)
    more = f", and those of {count(unknown, 'group', 'groups')} of unknown size" if unknown else ""
    return f"memberships lost: {sum(known):,}{more}"


def _find_refusing_guards(context: GuardContext, groups: Sequence[LiveGroup]) -> tuple[str, ...]:
    """Return the codes of the guards against losses that would refuse the plan if it deleted the groups as well."""
    deletes = [make_remaining(_make_delete(group), group, context.run_policy) for group in groups]
    hypothetical = replace(context, remaining=(*context.remaining, *deletes))
    codes = dict.fromkeys(finding.code for finding in losses.judge_losses(hypothetical))
    return tuple(code for code in codes if code not in context.run_policy.allowed)


def _make_delete(group: LiveGroup) -> Delete:
    return Delete(
        group_id=group.id,
        name=group.name,
        contacts_count=group.contacts_count,
        contacts_at_most=0,
        reason=Reason.UNLISTED,
        wave=1,
        source=None,
    )


def _describe_group(group: LiveGroup) -> str:
    return f"  {quote(group.name)}, {count_contacts(group.contacts_count)} [id={group.id}]"
