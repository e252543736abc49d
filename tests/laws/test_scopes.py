"""Two configurations with disjoint scopes do not know of each other: what is true of their plans, in any order."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.errors import StalePlanError
from groupsync.guards import OVERRIDABLE
from groupsync.model.config import Unlisted
from groupsync.model.groups import LiveGroup
from groupsync.model.plan import Create, Delete
from groupsync.model.scope import Scope
from groupsync.names import same_name_key, temporary_name
from groupsync.planfile.review import dump_review
from groupsync.planner import make_plan
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.laws.strategies import NAMES
from tests.laws.teams import (
    ABOUT_OTHERS,
    MARKETING,
    SALES,
    Shared,
    Team,
    carry_out,
    deletes_unknown_number,
    interleave,
    look_only_inside,
    name_groups,
    review_for,
    shared_phonebooks,
)
from tests.unit.core import LENIENT, LIMITS, NOW, TARGET, config, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random


RANDOM = st.randoms(use_true_random=False)
SHARED, SHARED_UNIQUE = shared_phonebooks(), shared_phonebooks(unique=True)
some = settings(max_examples=40)
"""Each example has two configurations, and takes twice as long to draw as others."""


def count_plan(review_changes: Sequence[object], *, has_problems: bool) -> None:
    event("refused" if has_problems else f"{min(len(review_changes), 4)} changes")


# One plan


@some
@given(shared=SHARED, random=RANDOM)
def test_a_plan_is_the_same_whatever_is_outside_its_scope(shared: Shared, random: Random) -> None:
    """Groups of others may be added, renamed, deleted, and change their contacts: not a byte of the plan file changes.

    Two guards look at them, and may refuse the plan: `scope` and `empty-account`. They change nothing else.
    """
    alone = review_for(shared.mine, shared.my_groups)
    review = review_for(shared.mine, random.sample(shared.live, len(shared.live)))
    count_plan(alone.plan.changes, has_problems=bool(alone.plan.problems))

    assert dump_review(look_only_inside(review)) == dump_review(look_only_inside(alone))
    assert review.outside == len(shared.their_groups) + len(shared.others)
    assert {*review.refusals} ^ {*alone.refusals} <= ABOUT_OTHERS
    assert {*ABOUT_OTHERS} <= {*OVERRIDABLE}


@some
@given(shared=SHARED)
def test_a_plan_file_has_no_group_outside_the_scope(shared: Shared) -> None:
    """Not even in a text. Only the guard `scope` names one, because its user must decide about it."""
    review = review_for(shared.mine, shared.live)
    content = dump_review(look_only_inside(review)).decode()
    document = json.loads(content)
    inside = {group.id for group in shared.my_groups}

    assert {group["id"] for group in document["base"]} == inside
    for group in (*shared.their_groups, *shared.others):
        assert group.id not in content
    for guard in review.guards:
        assert {*guard.group_ids} <= inside


@some
@given(shared=SHARED)
def test_every_change_stays_inside_the_scope(shared: Shared) -> None:
    """That is true of temporary names as well: a killed run leaves no group outside."""
    plan = make_plan(shared.mine, shared.live)
    scope, book = shared.mine.make_scope(), carry_out((), shared.live)
    inside = {group.id for group in shared.my_groups}

    for change in plan.changes:
        assert isinstance(change, Create) or change.group_id in inside
        book.carry_out(change)
        of_scope, outside = scope.split(book.live())
        assert {*outside} == {*shared.their_groups, *shared.others}
        assert all(SALES.prefix not in group.name for group in of_scope)


# Two plans


@some
@given(shared=SHARED_UNIQUE, random=RANDOM)
def test_two_plans_give_the_same_phonebook_in_any_order(shared: Shared, random: Random) -> None:
    mine, theirs = (make_plan(config, shared.live) for config in (shared.mine, shared.theirs))
    event(f"{min(len(mine.changes), 2)} and {min(len(theirs.changes), 2)} changes")
    orders = [
        [*mine.changes, *theirs.changes],
        [*theirs.changes, *mine.changes],
        interleave(mine.changes, theirs.changes, random),
        interleave(theirs.changes, mine.changes, random),
    ]

    books = [carry_out(order, shared.live, unique_names=True) for order in orders]

    assert all(name_groups(book, shared.live) == name_groups(books[0], shared.live) for book in books)
    for planned, wanted in ((mine, shared.mine), (theirs, shared.theirs)):
        if not planned.problems:
            assert make_plan(wanted, books[0].live()).changes == ()


@some
@given(shared=SHARED, random=RANDOM, done=st.integers(0, 9))
def test_a_plan_made_during_another_teams_run_is_the_same(shared: Shared, random: Random, done: int) -> None:
    """Also if that run was killed, and left groups at temporary names."""
    before = review_for(shared.mine, shared.live)
    book = carry_out(make_plan(shared.theirs, shared.live).changes[:done], shared.live)

    during = review_for(shared.mine, random.sample(book.live(), len(book.live())))

    assert dump_review(look_only_inside(during)) == dump_review(look_only_inside(before))


@some
@given(shared=SHARED, done=st.integers(0, 9), mine_done=st.integers(0, 9))
def test_a_saved_plan_does_not_become_stale_by_another_team(shared: Shared, done: int, mine_done: int) -> None:
    """The other team applied its plan, or is in the middle of it, and so may this one be."""
    saved = review_for(shared.mine, shared.live)
    theirs = make_plan(shared.theirs, shared.live).changes[:done]
    alone = carry_out(saved.plan.changes[:mine_done], shared.my_groups)
    both = carry_out((*theirs, *saved.plan.changes[:mine_done]), shared.live)
    if deletes_unknown_number(saved.plan):
        event("skipped: a number of contacts is unknown")
        return

    expected = verify_review(saved, shared.mine, TARGET, alone.live(), LIMITS)
    verified = verify_review(saved, shared.mine, TARGET, both.live(), LIMITS)

    assert [one.change for one in verified.remaining] == [one.change for one in expected.remaining]
    assert [one.change for one in verified.remaining] == [*saved.plan.changes[mine_done:]]
    assert verified.newcomers == ()
    assert {*verified.review.refusals} ^ {*expected.review.refusals} <= ABOUT_OTHERS


# Renames across the border, by people


@some
@given(shared=SHARED, random=RANDOM, name=st.sampled_from(NAMES))
def test_a_group_renamed_out_of_the_scope_makes_a_saved_plan_stale(shared: Shared, random: Random, name: str) -> None:
    """An ignored group is none of the plan's business, wherever it goes."""
    ignores = shared.mine.make_ignorer()
    leavable = [group for group in shared.my_groups if not ignores(group.name)]
    if not leavable:
        event("nothing to rename")
        return
    saved = review_for(shared.mine, shared.live)
    gone = random.choice(leavable)
    left = replace_group(shared.live, gone, SALES.prefix + name)
    is_deletion_done = any(isinstance(one, Delete) and one.group_id == gone.id for one in saved.plan.changes)
    event("to be deleted" if is_deletion_done else "to stay")

    with pytest.raises(StalePlanError):
        verify_review(saved, shared.mine, TARGET, left, LIMITS)


def replace_group(groups: Sequence[LiveGroup], group: LiveGroup, name: str) -> tuple[LiveGroup, ...]:
    return tuple(replace(one, name=name) if one.id == group.id else one for one in groups)


@some
@given(shared=SHARED, random=RANDOM, name=st.sampled_from(NAMES))
def test_a_pinned_group_renamed_out_of_the_scope_is_refused(shared: Shared, random: Random, name: str) -> None:
    pinned = {entry.id for entry in shared.mine.groups if entry.id}
    pinned |= {removal.id for removal in shared.mine.removed if hasattr(removal, "id")}
    mine = [group for group in shared.my_groups if group.id in pinned]
    if not mine:
        event("nothing is pinned")
        return
    gone = random.choice(mine)

    review = review_for(shared.mine, replace_group(shared.live, gone, SALES.prefix + name))

    assert "id-outside-scope" in review.refusals
    assert review.plan.changes == ()
    assert gone.id in next(one.message for one in review.plan.problems if one.code == "id-outside-scope")


@pytest.mark.parametrize("team", [MARKETING, SALES], ids=lambda team: team.prefix)
@pytest.mark.parametrize("name", NAMES)
def test_a_group_that_lost_the_word_of_its_scope_is_not_made_again(team: Team, name: str) -> None:
    """The create would be its twin: the guard sees it, for every name, and its user may override it."""
    wanted = team.configure(replace(config(name), policy=replace(config().policy, unlisted=Unlisted.KEEP)))
    others = (LiveGroup(id=make_id(3), name="Estonia", contacts_count=9),)
    left = (LiveGroup(id=make_id(2), name=name, contacts_count=5), *others)

    refused = make_review(wanted, left, TARGET, NOW, LIMITS)
    overridden = make_review(wanted, left, TARGET, NOW, LENIENT)

    (finding,) = refused.guards
    assert (refused.refusals, overridden.refusals) == (("scope",), ())
    assert make_id(2) in "".join(finding.remedy)
    assert make_id(3) not in "".join(finding.remedy)
    assert refused.plan == overridden.plan


@some
@given(shared=SHARED, name=st.sampled_from(NAMES), random=RANDOM)
def test_a_group_renamed_into_the_scope_is_one_of_its_groups(shared: Shared, name: str, random: Random) -> None:
    """It is treated as if it had always been there: by its name, its id, or the policy for unlisted groups."""
    strangers = [group for group in (*shared.their_groups, *shared.others) if group.contacts_count != 0]
    if not strangers:
        event("nobody to rename")
        return
    stranger = random.choice(strangers)
    came = replace_group(shared.live, stranger, MARKETING.prefix + name)
    mine = [*shared.my_groups, replace(stranger, name=MARKETING.prefix + name)]

    review = review_for(shared.mine, came)

    assert dump_review(look_only_inside(review)) == dump_review(look_only_inside(review_for(shared.mine, mine)))
    assert stranger.id in {group.id for group in review.base}
    deleted = {change.group_id for change in review.plan.changes if isinstance(change, Delete)}
    if stranger.id in deleted and not review.refusals:
        named = {removal.name for removal in shared.mine.removed if not hasattr(removal, "id")}
        assert MARKETING.prefix + name in named


# Temporary names


@given(
    name=st.sampled_from(NAMES),
    own=st.integers(1, 50),
    other=st.integers(51, 99),
    team=st.sampled_from((MARKETING, SALES)),
)
def test_a_group_at_its_own_temporary_name_stays_in_its_scope(name: str, own: int, other: int, team: Team) -> None:
    """A suffix of another group is a part of the name, and somebody wrote it."""
    scopes = {"prefix": Scope(patterns=team.scope), "whole": Scope(patterns=(team.prefix + name,))}
    group = LiveGroup(id=make_id(own), name=temporary_name(team.prefix + name, make_id(own)), contacts_count=1)
    copied = LiveGroup(id=make_id(own), name=temporary_name(team.prefix + name, make_id(other)), contacts_count=1)

    assert [scope.includes(group) for scope in scopes.values()] == [True, True]
    assert [scope.includes(copied) for scope in scopes.values()] == [True, False]
    assert not Scope(patterns=(SALES if team is MARKETING else MARKETING).scope).includes(group)


# The scope of the job

PATTERNS = st.lists(st.sampled_from(("Marketing *", "M*", "*2024", "VIP", "vip*", "*a*", "Le?ds")), max_size=3)
JOB_SCOPES = st.sampled_from(
    ([], ["Marketing *"], ["Marketing *", "x"], ["x", "Marketing *"], ["M*"], ["M*", "M*"], ["*"])
)
"""Scopes that the names of Marketing are in."""
SOME_NAMES = st.sampled_from((*NAMES, *(MARKETING.prefix + name for name in NAMES), "Marketing"))


@given(patterns=PATTERNS, job_patterns=PATTERNS, names=st.lists(SOME_NAMES, max_size=8))
def test_the_job_narrows_the_scope_and_never_widens_it(
    patterns: list[str], job_patterns: list[str], names: list[str]
) -> None:
    """A group is in the scope if it is in that of the configuration and in that of the job; none of them is all."""
    of_both = Scope(patterns=tuple(patterns), job_patterns=tuple(job_patterns))
    of_files, of_job = Scope(patterns=tuple(patterns)), Scope(job_patterns=tuple(job_patterns))
    groups = [LiveGroup(id=make_id(number), name=name, contacts_count=0) for number, name in enumerate(names)]

    inside, outside = of_both.split(groups)

    assert inside == [group for group in groups if of_files.includes(group) and of_job.includes(group)]
    assert [*inside, *outside] == sorted([*inside, *outside], key=lambda group: (group in outside, group.id))
    assert Counter(inside + outside) == Counter(groups)
    assert of_both.is_limited is bool(patterns or job_patterns)


@some
@given(shared=SHARED, job_patterns=st.sampled_from((("Marketing *",), ("Marketing VIP*", "Marketing L*"), ("x",))))
def test_a_job_plans_like_a_configuration_with_the_narrower_scope(
    shared: Shared, job_patterns: tuple[str, ...]
) -> None:
    """Whoever writes the job decides, however wide the scope of the configuration is."""
    of_job = replace(shared.mine, job_scope=job_patterns)
    everything = replace(shared.mine, scope=(), job_scope=job_patterns)
    narrow = replace(
        shared.mine, scope=tuple(replace(pattern, text=text) for text in job_patterns for pattern in shared.mine.scope)
    )

    plans = [make_plan(wanted, shared.live) for wanted in (of_job, everything, narrow)]

    assert plans[0] == plans[1] == plans[2]


@some
@given(shared=SHARED, made=JOB_SCOPES, applied=JOB_SCOPES)
def test_a_saved_plan_is_stale_in_a_job_of_another_scope(shared: Shared, made: list[str], applied: list[str]) -> None:
    planned, runs = (replace(shared.mine, job_scope=tuple(patterns)) for patterns in (made, applied))
    saved = review_for(planned, shared.live)
    if deletes_unknown_number(saved.plan):
        event("skipped: a number of contacts is unknown")
        return

    if {*made} == {*applied}:
        assert verify_review(saved, runs, TARGET, shared.live, LIMITS).review.plan.changes == saved.plan.changes
        return
    with pytest.raises(StalePlanError, match="GROUPSYNC_SCOPE"):
        verify_review(saved, runs, TARGET, shared.live, LIMITS)


# Names that count as the same

FORMS = (
    str.upper,
    str.lower,
    str.title,
    lambda name: f" {name}  ",
    lambda name: name.replace(" ", "  "),
    lambda name: name.replace("fin", "ﬁn"),
    lambda name: name.replace("A", "\uff21"),
    lambda name: name.replace("ä", "a\u0308"),
    lambda name: name.replace(" ", "\u3000"),
)
LETTERS = st.text(st.sampled_from("aAäßfinMarketg -*?[]ﬁÄ "), min_size=1, max_size=12)
LONG_NAMES = st.builds(lambda text, times: (text * times)[:1_000], LETTERS, st.sampled_from((1, 1, 1, 90, 1_000)))
WIDE_PATTERNS = st.builds(
    lambda text, start, end: ("*" if start else "") + text.replace("?", "x") + ("*" if end else ""),
    LETTERS,
    st.booleans(),
    st.booleans(),
)


@given(
    pattern=WIDE_PATTERNS,
    name=LONG_NAMES,
    forms=st.lists(st.sampled_from(FORMS), max_size=3),
    is_inside=st.booleans(),
)
def test_names_that_count_as_the_same_are_in_a_scope_together(
    pattern: str, name: str, forms: list[object], is_inside: bool
) -> None:
    """Otherwise two teams could give names that a server takes for the same.

    A `?` is left out: see the next test. So are names with a blank at an end if the pattern has one beside a wildcard,
    because that blank must be there.
    """
    if is_inside:
        pattern = name[:5].replace("?", "x") + "*"
        name = name.replace("?", "x")
    other = name
    for form in forms:
        other = form(other)  # type: ignore[operator]
    if same_name_key(other) != same_name_key(name) or len(other) > 1_000:
        event("not the same name")
        return
    has_blank_at_wildcard = " *" in pattern or "* " in pattern
    if has_blank_at_wildcard and (name != name.strip() or other != other.strip()):
        event("a blank at an end")
        return
    scope = Scope(patterns=(pattern,))
    event(f"{'the same text' if other == name else 'another text'}, {'in' if scope.includes_name(name) else 'out'}")

    assert scope.includes_name(name) == scope.includes_name(other)


@pytest.mark.parametrize(
    ("pattern", "name", "outside"),
    [("?n", "ﬁn", "fin"), ("a??b", "a  b", "a b"), ("Stra?e", "Straße", "STRASSE")],
)
def test_a_name_outside_that_counts_as_the_same_is_refused(pattern: str, name: str, outside: str) -> None:
    """A `?` matches one character, so of two names that count as the same one may match: neither is given twice."""
    scope = Scope(patterns=(pattern,))
    assert scope.includes_name(name)
    assert same_name_key(name) == same_name_key(outside)
    assert not scope.includes_name(outside)
    wanted = replace(config(name), scope=config(ignore=(pattern,)).ignore)
    holder = LiveGroup(id=make_id(1), name=outside, contacts_count=0)

    plan = make_plan(wanted, [holder])

    (problem,) = plan.problems
    assert (plan.changes, problem.code) == ((), "name-taken")
    assert "outside the scope" in "".join(problem.remedy)
