"""What `--no-deletes` postpones: nothing is deleted, and nothing is done that only serves a deletion."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given
from msgspec.structs import replace

from groupsync.errors import RefusedError
from groupsync.model.plan import Delete, Plan, PlanOptions, Reason, Rename
from groupsync.names import find_name_without_suffix
from groupsync.planfile.review import dump_review, load_review
from groupsync.planner import make_plan
from groupsync.review.make import make_review
from groupsync.review.require import require_no_refusal
from groupsync.review.verify import verify_review
from tests.laws.strategies import situations
from tests.laws.teams import Groups, carry_out, deletes_unknown_number, name_groups
from tests.unit.core import LENIENT, LIMITS, NOW, TARGET

if TYPE_CHECKING:
    from groupsync.model.config import Config

Situation = tuple["Config", Groups]
SITUATIONS = situations()
NO_DELETES = PlanOptions(no_deletes=True)


def plan_both(situation: Situation) -> tuple[Plan, Plan]:
    """Return the plan that deletes, and the one that postpones."""
    plain, postponing = make_plan(*situation), make_plan(*situation, NO_DELETES)
    deletes = sum(isinstance(change, Delete) for change in plain.changes)
    event(f"{min(deletes, 2)} deletions of {min(len(plain.changes), 4)} changes, {len(postponing.problems)} problems")
    return plain, postponing


@given(situation=SITUATIONS)
def test_nothing_is_deleted_or_moved_for_a_deletion(situation: Situation) -> None:
    plain, postponing = plan_both(situation)
    deletes = {change.group_id: change for change in plain.changes if isinstance(change, Delete)}
    names = {group.id: group.name for group in situation[1]}

    assert not [change for change in postponing.changes if isinstance(change, Delete)]
    assert not [change for change in postponing.changes if change.reason is Reason.FREES_NAME]
    assert not [one for one in postponing.changes if isinstance(one, Rename) and one.group_id in deletes]
    if not plain.problems:
        assert [(one.group_id, one.name, one.contacts_count, one.reason) for one in postponing.postponed] == sorted(
            ((one.group_id, names[one.group_id], one.contacts_count, one.reason) for one in deletes.values()),
            key=lambda one: (one[1], one[0]),
        )
    assert make_plan(*situation).postponed == ()


@given(situation=SITUATIONS)
def test_the_other_changes_are_those_of_the_plan_that_deletes(situation: Situation) -> None:
    """They need no step less, except to free the name of a group that is deleted, and may come in earlier waves."""
    plain, postponing = plan_both(situation)
    if plain.problems or postponing.problems:
        assert {one.code for one in postponing.problems} - {"name-postponed"} == {one.code for one in plain.problems}
        return

    others = [one for one in plain.changes if not isinstance(one, Delete) and one.reason is not Reason.FREES_NAME]

    assert [replace(one, wave=0) for one in postponing.changes] == [replace(one, wave=0) for one in others]
    assert (postponing.unlisted, postponing.ignored) == (plain.unlisted, plain.ignored)
    assert postponing.interrupted == plain.interrupted


@given(situation=SITUATIONS)
def test_a_later_plan_reaches_what_one_that_deletes_at_once_reaches(situation: Situation) -> None:
    config, live = situation
    plain, postponing = plan_both(situation)
    if plain.problems or postponing.problems:
        return
    book = carry_out(postponing.changes, live)

    later = make_plan(config, book.live())

    assert {one.group_id for one in later.changes if isinstance(one, Delete)} == {
        one.group_id for one in postponing.postponed
    }
    for change in later.changes:
        book.carry_out(change)
    assert name_groups(book, live) == name_groups(carry_out(plain.changes, live), live)


@given(situation=SITUATIONS)
def test_following_the_remedy_ends_in_a_plan_that_can_be_applied(situation: Situation) -> None:
    config, live = situation
    plain, plan = plan_both(situation)
    options, rounds = NO_DELETES, 0
    refusing = {"name-postponed", "name-excluded"}
    while more := [problem for problem in plan.problems if problem.code in refusing]:
        arguments = [shlex.split(problem.remedy[0].partition(": ")[2])[1] for problem in more]
        options = replace(options, exclude=(*options.exclude, *arguments))
        plan = make_plan(config, live, options)
        rounds += 1
        assert rounds <= len(config.groups)

    if not plain.problems:
        assert plan.problems == ()
    assert carry_out(plan.changes, live).clashes == []


@given(situation=SITUATIONS)
def test_a_group_at_a_temporary_name_stays_there(situation: Situation) -> None:
    """Unless an entry means it by its id: then it is renamed, as ever."""
    config, live = situation
    _, plan = plan_both(situation)
    pinned = {entry.id for entry in config.groups}
    book = carry_out(plan.changes, live)
    left = [group for group in live if find_name_without_suffix(group.name, group.id) is not None]

    for group in left:
        if group.id not in pinned:
            assert book.groups[group.id] == group
            named = [*(one.group.id for one in plan.interrupted), *(one.group_id for one in plan.postponed)]
            assert plan.problems or group.id in [*named, *(one.id for one in plan.ignored)]


@given(situation=SITUATIONS)
def test_a_saved_plan_that_deletes_is_refused_in_a_run_without_deletions(situation: Situation) -> None:
    """No option overrides that. A plan that deletes nothing is applied."""
    config, live = situation
    saved = make_review(config, live, TARGET, NOW, LENIENT)
    deletes = {one.group_id for one in saved.plan.changes if isinstance(one, Delete)}
    if deletes_unknown_number(saved.plan):
        event("skipped: a number of contacts is unknown")
        return
    verified = verify_review(saved, config, TARGET, live, replace(LENIENT, no_deletes=True))
    allowed = verify_review(saved, config, TARGET, live, LENIENT)
    codes = verified.review.refusals
    event("deletes" if deletes else "deletes nothing")

    assert ("no-deletes" in codes) is bool(deletes)
    assert {*codes} - {"no-deletes"} == {*allowed.review.refusals}
    if deletes:
        (finding,) = (guard for guard in verified.review.guards if guard.code == "no-deletes")
        assert {*finding.group_ids} == deletes
        with pytest.raises(RefusedError):
            require_no_refusal(verified.review)


@given(situation=SITUATIONS)
def test_a_saved_plan_that_postpones_needs_no_repetition(situation: Situation) -> None:
    """The flag is in the file, and the run deletes nothing although nobody says so again."""
    config, live = situation
    review = make_review(config, live, TARGET, NOW, replace(LIMITS, no_deletes=True))
    saved = load_review(dump_review(review), "plan.json")

    verified = verify_review(saved, config, TARGET, live, LIMITS)

    assert saved == review
    assert [one.change for one in verified.remaining] == [*review.plan.changes]
    assert not [one for one in verified.remaining if isinstance(one.change, Delete)]
    assert verified.most_deletes == 0
    if not review.refusals:
        is_pending = bool(review.plan.changes or review.plan.postponed)
        assert review.exit_code(detailed=True) == (2 if is_pending else 0)
