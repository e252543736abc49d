"""Laws of suggestions: each becomes a rename if its lines are pasted, and they find what people really renamed."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import event, given
from msgspec.structs import replace

from groupsync.model.config import GroupEntry
from groupsync.model.groups import GroupId, LiveGroup, parse_group_id
from groupsync.model.plan import Create, Rename
from groupsync.planner import make_plan
from groupsync.suggest import find_suggestions
from groupsync.suggest.pairs import pair_names
from tests.laws.strategies import situations

if TYPE_CHECKING:
    from groupsync.model.config import Config
    from groupsync.model.groups import Source
    from groupsync.model.plan import Plan
    from groupsync.model.review import Suggestion

Situation = tuple["Config", tuple[LiveGroup, ...]]
HISTORIES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "renames" / "histories.json").read_text("utf-8"))


def paste(config: Config, suggestion: Suggestion, *, way: int = 0) -> Config:
    """Return the configuration after somebody followed the suggestion: renamed the group, or took its name over."""
    sentences = [remedy.split("\n")[0] for remedy in suggestion.remedy]
    snippets = [remedy.split("\n")[1:] for remedy in suggestion.remedy if "\n" in remedy]
    lines = "\n".join(snippets[way]) if snippets else ""
    pasted = {suggestion.source: read_entry(yaml.safe_load(lines)[0], suggestion.source)} if lines else {}
    return replace(
        config,
        groups=tuple(pasted.get(entry.source, entry) for entry in config.groups),
        removed=tuple(
            removal
            for removal in config.removed
            if not any(sentence.endswith(f" {removal.source}:{removal.source.column}") for sentence in sentences)
        ),
    )


def read_entry(keys: dict[str, Any], source: Source) -> GroupEntry:
    """Return the entry that the keys are read as, at that place of a file."""
    return GroupEntry(
        name=keys["name"],
        id=parse_group_id(keys.get("id", "")),
        previously=tuple(keys.get("previously", ())),
        source=source,
    )


def list_renames(plan: Plan) -> dict[GroupId, str]:
    """Return the new name of each group that is renamed."""
    return {change.group_id: change.after for change in plan.changes if isinstance(change, Rename)}


@given(situation=situations())
def test_pasting_a_suggestion_makes_it_a_rename(situation: Situation) -> None:
    config, live = situation
    plan = make_plan(config, live)

    for suggestion in find_suggestions(config, live, plan):
        event("suggested")
        planned = make_plan(paste(config, suggestion), live)

        assert planned.problems == ()
        assert list_renames(planned)[suggestion.group_id] == suggestion.after


@given(situation=situations())
def test_pasting_the_other_way_keeps_the_live_name(situation: Situation) -> None:
    config, live = situation
    plan = make_plan(config, live)

    for suggestion in find_suggestions(config, live, plan):
        if not any(line.startswith("or, to keep the live name") for line in suggestion.remedy):
            continue
        event("offered")
        planned = make_plan(paste(config, suggestion, way=1), live)

        assert planned.problems == ()
        assert suggestion.group_id not in {group.id for group in planned.unlisted}
        assert not [change for change in planned.changes if getattr(change, "group_id", "") == suggestion.group_id]
        assert suggestion.after not in {change.name for change in planned.changes if isinstance(change, Create)}


@given(situation=situations())
def test_all_suggestions_can_be_pasted_together(situation: Situation) -> None:
    config, live = situation
    suggestions = find_suggestions(config, live, make_plan(config, live))

    for suggestion in suggestions:
        config = paste(config, suggestion)
    planned = make_plan(config, live)

    renames = list_renames(planned)
    assert not suggestions or planned.problems == ()
    assert all(renames[suggestion.group_id] == suggestion.after for suggestion in suggestions)


def measure(*, leave_out: float, contacts: int) -> tuple[float, float]:
    """Return precision and recall of the suggestions over all histories.

    `contacts` is the number of contacts in each group, `leave_out` the part of the old and of the new names that is
    left out at random. An old name whose new one is left out is a group that is really deleted, and a new name whose
    old one is left out is really new: a suggestion for either is wrong.
    """
    chance = random.Random(20_261_123)  # noqa: S311 - the same draw each time
    right = suggested_count = possible = 0
    for history in HISTORIES:
        renamed = {(before, after) for before, after in history["renamed"]}
        old_names = sorted({before for before, _ in renamed} | set(history["deleted"]))
        old_names = [name for name in old_names if chance.random() >= leave_out]
        new_names = [name for name in sorted({after for _, after in renamed}) if chance.random() >= leave_out]
        groups = [LiveGroup(id=GroupId(name), name=name, contacts_count=contacts) for name in old_names]
        suggested = {(pair.group.name, pair.after) for pair in pair_names(groups, new_names, history["kept"])}
        right += len(suggested & renamed)
        suggested_count += len(suggested)
        possible += len({after for before, after in renamed if before in old_names and after in new_names})
    return right / suggested_count, right / possible


CONTACTS = pytest.mark.parametrize("contacts", [0, 100, 10_000])


@CONTACTS
def test_suggestions_find_what_people_renamed(contacts: int) -> None:
    """Most renames that are not found have no word in common, such as "enhancement" to "feature"."""
    precision, recall = measure(leave_out=0, contacts=contacts)

    assert precision >= 0.97
    assert recall >= 0.72


@CONTACTS
def test_suggestions_are_right_if_some_groups_are_really_deleted_or_new(contacts: int) -> None:
    precision, recall = measure(leave_out=1 / 3, contacts=contacts)

    assert precision >= 0.94
    assert recall >= 0.65
