"""Suggestions: each makes a rename when its lines are pasted, and they find what real people renamed."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import event, given

from groupsync.model.config import GroupEntry
from groupsync.model.groups import GroupId, LiveGroup, parse_group_id
from groupsync.model.plan import Rename
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


def paste(config: Config, suggestion: Suggestion) -> Config:
    """Return the configuration after somebody did what the suggestion says."""
    lines = "\n".join(line for line in suggestion.remedy if line.startswith("  "))
    pasted = {suggestion.source: read_entry(yaml.safe_load(lines)[0], suggestion.source)} if lines else {}
    return replace(
        config,
        groups=tuple(pasted.get(entry.source, entry) for entry in config.groups),
        removed=tuple(
            removal
            for removal in config.removed
            if not suggestion.remedy[-1].endswith(f"take it out of removed, {removal.source}")
        ),
    )


def read_entry(keys: dict[str, Any], source: Source) -> GroupEntry:
    """Return the entry of a file at that place."""
    return GroupEntry(
        name=keys["name"],
        id=parse_group_id(keys.get("id", "")),
        previously=tuple(keys.get("previously", ())),
        source=source,
    )


def list_renames(plan: Plan) -> dict[GroupId, str]:
    """Return the name that each group has in the end."""
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
    """Return the precision and the recall of the suggestions over all histories, with so many contacts in each group.

    Of each history this part of the old and of the new names is left out, at random: what is left without its
    counterpart is a group that really goes, or a name that is really new, and a suggestion for it is wrong.
    """
    chance = random.Random(20_261_123)  # noqa: S311 - the same draw each time
    right = made = possible = 0
    for history in HISTORIES:
        renamed = {(before, after) for before, after in history["renamed"]}
        olds = sorted({before for before, _ in renamed} | set(history["deleted"]))
        olds = [name for name in olds if chance.random() >= leave_out]
        news = [name for name in sorted({after for _, after in renamed}) if chance.random() >= leave_out]
        groups = [LiveGroup(id=GroupId(name), name=name, contacts_count=contacts) for name in olds]
        suggested = {(pair.group.name, pair.after) for pair in pair_names(groups, news, history["kept"])}
        right += len(suggested & renamed)
        made += len(suggested)
        possible += len({after for before, after in renamed if before in olds and after in news})
    return right / made, right / possible


CONTACTS = pytest.mark.parametrize("contacts", [0, 100, 10_000])


@CONTACTS
def test_they_find_what_people_renamed(contacts: int) -> None:
    """Most of the rest has no letter in common: "enhancement" became "feature"."""
    precision, recall = measure(leave_out=0, contacts=contacts)

    assert precision >= 0.97
    assert recall >= 0.72


@CONTACTS
def test_they_are_right_where_some_groups_really_go_and_some_are_new(contacts: int) -> None:
    precision, recall = measure(leave_out=1 / 3, contacts=contacts)

    assert precision >= 0.94
    assert recall >= 0.65
