"""What `--exclude` excludes is not touched and stops nobody else, and the rest is planned as if it did not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.errors import StalePlanError
from groupsync.model.config import Unlisted
from groupsync.model.plan import get_new_name
from groupsync.names import same_name_key
from groupsync.planfile.review import dump_review, load_review
from groupsync.planner import make_plan, set_aside
from groupsync.review.verify import verify_review
from tests.laws.excluding import (
    Excluding,
    could_mean,
    follow_remedies,
    list_ids,
    list_names,
    list_sources,
    require_only_the_rest,
    require_same_end,
)
from tests.laws.strategies import NAMES, live_groups, situations
from tests.laws.teams import Groups, deletes_unknown_number
from tests.unit.core import LIMITS, TARGET, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.groups import LiveGroup

ARGUMENTS = (*NAMES, *map(make_id, range(7)), "V*", "*leads*", "?i?", "*2024", "Nobody")


@st.composite
def exclusions(draw: st.DrawFn) -> Excluding:
    config, live = draw(situations())
    names = [group.name for group in live] + [entry.name for entry in config.groups]
    arguments = st.sampled_from((*names * 2, *ARGUMENTS))
    return Excluding(config=config, live=live, exclude=tuple(draw(st.lists(arguments, min_size=1, max_size=2))))


EXCLUSIONS = exclusions()


@given(case=EXCLUSIONS)
def test_an_exclusion_is_closed_and_no_larger_than_it_must_be(case: Excluding) -> None:
    """No entry outside could mean a group inside, and the other way round; everything inside is there for a reason."""
    parts = set_aside(case.config, case.live, case.exclude)
    ids, sources = case.find_excluded()
    event(f"{min(len(ids), 3)} groups, {min(len(sources), 3)} entries")
    excluded, rest = ((*part.config.groups, *part.config.removed) for part in (parts.excluded, parts.rest))

    assert {group.id for group in parts.excluded.live} == ids
    assert {entry.source for entry in excluded} == sources
    assert {*parts.excluded.live} | {*parts.rest.live} == {*case.live}
    assert {*excluded} | {*rest} == {*case.entries}
    assert not {*excluded} & {*rest}
    assert not any(could_mean(entry, group) for entry in excluded for group in parts.rest.live)
    assert not any(could_mean(entry, group) for entry in rest for group in parts.excluded.live)


@given(case=EXCLUSIONS)
def test_nothing_excluded_is_in_the_plan(case: Excluding) -> None:
    plan, (ids, sources) = case.plan(), case.find_excluded()
    event(f"{min(len(plan.changes), 3)} changes, {min(len(ids), 2)} groups excluded")

    assert not list_ids(plan.changes) & ids
    assert not list_sources(plan.changes) & sources
    assert not {group.id for group in (*plan.unlisted, *plan.ignored, *(one.group for one in plan.interrupted))} & ids
    assert {group.id for group in plan.excluded} == ids
    assert {entry.source for entry in plan.excluded_entries} == sources
    assert not sources & {problem.source for problem in plan.problems}


@given(case=EXCLUSIONS)
def test_the_rest_is_planned_as_if_what_is_excluded_did_not_exist(case: Excluding) -> None:
    """Only a name that is excluded may refuse it, and an argument that matches nothing."""
    expected = require_only_the_rest(case)

    event("changes" if expected.changes else "no changes")


@given(case=EXCLUSIONS)
def test_what_is_excluded_and_the_rest_reach_in_two_steps_what_one_apply_reaches(case: Excluding) -> None:
    event(require_same_end(case))


@given(case=EXCLUSIONS)
def test_following_the_remedy_ends_in_a_plan_that_can_be_applied(case: Excluding) -> None:
    """Each time more is excluded, until no change needs a name of what is."""
    event(f"{follow_remedies(case)} rounds")


@given(case=EXCLUSIONS)
def test_changes_are_pending_if_a_plan_that_excludes_nothing_would_do_or_refuse_something(case: Excluding) -> None:
    review, (ids, sources) = case.review(), case.find_excluded()
    full = make_plan(case.config, case.live)
    is_undecided = case.config.policy.unlisted is not Unlisted.KEEP
    stuck = [*(one.group for one in full.interrupted), *(full.unlisted if is_undecided else ())]
    about = [
        *(one for one in full.changes if list_ids([one]) & ids or one.source in sources),
        *(one for one in stuck if one.id in ids),
        *(one for one in full.problems if one.source in sources),
    ]
    is_pending = review.plan.is_excluded_pending
    event(f"{'pending' if is_pending else 'not pending'}{', refused' if full.problems else ''}")

    assert is_pending or not about
    assert about or full.problems or not is_pending
    if not review.refusals:
        assert review.exit_code(detailed=True) == (2 if is_pending or review.plan.changes else 0)
        assert review.exit_code(detailed=False) == 0


# Saved plans


@given(case=EXCLUSIONS, names=st.lists(st.sampled_from(NAMES), max_size=3))
def test_a_saved_plan_survives_whatever_happens_to_what_is_excluded(case: Excluding, names: list[str]) -> None:
    """It is stale only if an excluded group takes a name of the rest; `--exclude` is in the file, and not repeated."""
    review = load_review(dump_review(case.review()), "plan.json")
    if deletes_unknown_number(review.plan):
        event("skipped: a number of contacts is unknown")
        return
    ids, sources = case.find_excluded()
    now = [disturb(group, names) if group.id in ids else group for group in case.live]
    live = [group for group in now if group is not None]
    rest = [entry for entry in case.entries if entry.source not in sources]
    of_rest = {same_name_key(name) for entry in rest for name in list_names(entry)}
    of_rest |= {same_name_key(name) for change in review.plan.changes if (name := get_new_name(change))}
    before = {group.id: group.name for group in case.live}
    taken = [
        group
        for group in live
        if group.id in ids and group.name != before[group.id] and same_name_key(group.name) in of_rest
    ]
    event(f"{len(ids)} excluded, {'a name was taken' if taken else 'no name was taken'}")

    if taken:
        with pytest.raises(StalePlanError):
            verify_review(review, case.config, TARGET, live, LIMITS)
        return
    verified = verify_review(review, case.config, TARGET, live, LIMITS)
    assert tuple(one.change for one in verified.remaining) == review.plan.changes
    assert not ids & {group.id for group in verified.newcomers}


def disturb(group: LiveGroup, names: Sequence[str]) -> LiveGroup | None:
    """Return what has become of a group: it has another name, is gone, or has more contacts."""
    number = int(group.id[:8], 16)
    if number < len(names):
        return replace(group, name=names[number])
    return None if number % 2 else replace(group, contacts_count=77)


@given(case=EXCLUSIONS, more=live_groups(most=2))
def test_a_newcomer_with_the_name_of_an_excluded_entry_does_not_matter(case: Excluding, more: Groups) -> None:
    """A plan that excludes nothing would be stale."""
    review, (_, sources) = case.review(), case.find_excluded()
    rest = {same_name_key(name) for one in case.entries if one.source not in sources for name in list_names(one)}
    rest |= {same_name_key(name) for change in review.plan.changes if (name := get_new_name(change))}
    come = [replace(group, id=make_id(0x80 + number)) for number, group in enumerate(more)]
    come = [group for group in come if same_name_key(group.name) not in rest]
    event(f"{len(come)} newcomers")
    if deletes_unknown_number(review.plan):
        event("skipped: a number of contacts is unknown")
        return

    verified = verify_review(review, case.config, TARGET, [*case.live, *come], LIMITS)

    ignores = case.config.make_ignorer()
    assert [*verified.newcomers] == [group for group in come if not ignores(group.name)]


@given(case=EXCLUSIONS)
def test_a_plan_file_says_what_is_excluded(case: Excluding) -> None:
    review = case.review()

    read = load_review(dump_review(review), "plan.json")

    assert read == review
    assert read.options.exclude == case.exclude
    assert read.plan.excluded == review.plan.excluded
