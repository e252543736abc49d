"""What a pull found, and what it wrote, as text for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.command import NO_OPTIONS
from groupsync.display import count, count_contacts, quote_file, quote_name
from groupsync.model.config import GroupEntry, RemovedId
from groupsync.model.scope import describe_scope
from groupsync.render.escape import for_terminal, join_lines
from groupsync.render.layout import DETAIL, lay_out
from groupsync.render.text import render_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.command import CommandOptions
    from groupsync.model.groups import LiveGroup
    from groupsync.model.review import Review
    from groupsync.model.scope import Scope
    from groupsync.planner.matching import Match
    from groupsync.pulling import DoneLines, LiveDifferences, OutsideGroup, UndecidedGroup

MOST_SHOWN = 50
"""How many items of one kind the list shows; the diff has all."""


def render_differences(
    scope: Scope,
    differences: LiveDifferences,
    *,
    pins: bool,
    prunes: bool,
    options: CommandOptions = NO_OPTIONS,
) -> str:
    """Return how the live groups differ from the configuration; `pins` and `prunes` are what was asked for."""
    blocks = [
        _render_unlisted(differences.unlisted),
        _render_outside(differences.outside, options),
        _render_renamed(differences.renamed),
        _render_undecided(differences.undecided, options),
        _render_temporary(differences.temporary, options),
        _render_without_id(differences.without_id) if pins else [],
        _render_done(differences.done) if prunes else _render_hint(differences.done, options),
    ]
    return "\n\n".join(join_lines(block) for block in (describe_scope(scope), *blocks) if block) + "\n"


def render_pull_diff(diff: str) -> str:
    """Return a diff for a person: without CR, and with everything escaped that a terminal would act on."""
    return "\n" + for_terminal(diff.replace("\r\n", "\n"))


def render_written(files: Sequence[str], review: Review) -> str:
    """Return which files were written, and the verdict of the plan that they make."""
    return "\n" + join_lines([f"Wrote {', '.join(map(quote_file, files))}.", *render_verdict(review)]) + "\n"


def _limit(items: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of the first items, and the number of the others."""
    lines = [line for item in items[:MOST_SHOWN] for line in item]
    return [*lines, f"  ... and {len(items) - MOST_SHOWN:,} more"] if len(items) > MOST_SHOWN else lines


def _render_group(mark: str, group: LiveGroup) -> Iterator[str]:
    yield from lay_out(mark, [group.name], "", count_contacts(group.contacts_count))


def _render_unlisted(groups: Sequence[LiveGroup]) -> list[str]:
    if not groups:
        return ["Nothing to add."]
    title = f"{count(len(groups), 'live group is', 'live groups are')} not in the configuration:"
    return [title, "", *_limit([[*_render_group("+", group)] for group in groups])]


def _render_renamed(renamed: Sequence[Match]) -> list[str]:
    if not renamed:
        return []
    title = f"{count(len(renamed), 'entry has', 'entries have')} another name than the live group of the same id:"
    items = []
    for one in renamed:
        names, figure = [one.entry.name, one.group.name], count_contacts(one.group.contacts_count)
        items.append([*lay_out("~", names, ", live: ", figure), f"{DETAIL}{one.entry.source}"])
    return [title, "", *_limit(items), "", "Each rename stays pending unless you take the live name."]


def _render_outside(outside: Sequence[OutsideGroup], options: CommandOptions) -> list[str]:
    if not outside:
        return []
    title = f"{count(len(outside), 'entry has', 'entries have')} the id of a live group outside the scope:"
    items = [[f"  ! {_describe_outside(one)}", f"{DETAIL}{one.entry.source}"] for one in outside]
    return [title, "", *_limit(items), "", f"The plan is refused. To see what to do: {options.write('plan')}"]


def _describe_outside(one: OutsideGroup) -> str:
    live = f"the live group {quote_name(one.group.name)}"
    match one.entry:
        case RemovedId(id=group_id):
            return f"the id {group_id} under removed is {live}, which is outside the scope"
        case GroupEntry(name=name):
            return f"{quote_name(name)} is {live} now, which is outside the scope"


def _render_undecided(undecided: Sequence[UndecidedGroup], options: CommandOptions) -> list[str]:
    if not undecided:
        return []
    title = f"{count(len(undecided), 'live group is', 'live groups are')} not added, because an entry may mean it:"
    items = [[*_render_group("?", one.group), f"{DETAIL}{one.entry.source}"] for one in undecided]
    return [title, "", *_limit(items), "", f"To say which group an entry means: {options.write('fix')}"]


def _render_temporary(groups: Sequence[LiveGroup], options: CommandOptions) -> list[str]:
    if not groups:
        return []
    number = count(len(groups), "live group is", "live groups are")
    title = f"{number} at a temporary name, from a run that did not finish, and not added:"
    items = [[*_render_group("?", group)] for group in groups]
    return [title, "", *_limit(items), "", f"To say which name it should have: {options.write('fix')}"]


def _render_without_id(matches: Sequence[Match]) -> list[str]:
    return [f"{count(len(matches), 'entry gets its id', 'entries get their ids')}."] if matches else []


def _render_done(done: DoneLines) -> list[str]:
    """Return what `--prune` removes."""
    if not done:
        return []
    entries = [
        [*lay_out("-", [entry.name], "", "its id is not live"), f"{DETAIL}{entry.source}"] for entry in done.entries
    ]
    earlier = [
        [*lay_out("-", [one.name], "", "an earlier name, done"), f"{DETAIL}{one.entry.source}, previously"]
        for one in done.earlier_names
    ]
    removed = [
        [
            *lay_out("-", [one.id if isinstance(one, RemovedId) else one.name], "", "removed, done"),
            f"{DETAIL}{one.source}",
        ]
        for one in done.removed
    ]
    return [f"To remove: {_count_done(done)}.", "", *_limit(entries), *_limit(earlier), *_limit(removed)]


def _render_hint(done: DoneLines, options: CommandOptions) -> list[str]:
    return [f"{_count_done(done)} can be removed: {options.write('pull', '--prune')}"] if done else []


def _count_done(done: DoneLines) -> str:
    """Return how many lines are done, each number with its noun."""
    parts = [
        count(len(done.entries), "entry without a live group", "entries without a live group") if done.entries else "",
        count(len(done.earlier_names), "earlier name", "earlier names") if done.earlier_names else "",
        count(len(done.removed), "line under removed", "lines under removed") if done.removed else "",
    ]
    return ", ".join(part for part in parts if part)
