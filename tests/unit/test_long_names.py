"""Names of more than 1,000 characters: compared exactly, never folded, and refused only if they would be written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupsync.display import LONGEST_SHOWN, cut, quote, quote_name, write_scalar
from groupsync.model.config import Config, GroupEntry, Pattern, Policy, RemovedName, Unlisted
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.model.plan import Create, Delete, Plan, Rename
from groupsync.names import (
    LONGEST_NAME,
    find_name_fault,
    find_writing_fault,
    fold_look_alikes,
    nfc,
    normalize,
    same_name_key,
)
from groupsync.patterns import find_idle_patterns, make_group_matcher
from groupsync.planner import make_plan

LONG = "A" * 1_001
ID = GroupId("5792a02a-e5c2-422b-a0a0-0ae65d814663")
OTHER_ID = GroupId("5792a02a-e5c2-422b-a0a0-0ae65d814664")
SOURCE = Source(file="groups.yaml", line=3)
# Marks of several classes, characters that decompose into nothing but marks, and letters that take marks.
MARKS = st.text(
    "\u0300\u0315\u0316\u0323\u0344\u0f71\u0f72\u0f73\u0f75\u0f81\u3099\uff9e\u05bc\u05c1aé\uff21각か\ufb2c",
    max_size=200,
)


def plan_for(*names: str, live: str, removed: tuple[RemovedName, ...] = (), ignore: tuple[Pattern, ...] = ()) -> Plan:
    groups = tuple(GroupEntry(name=name, source=SOURCE) for name in names)
    config = Config(groups=groups, policy=Policy(unlisted=Unlisted.KEEP), removed=removed, ignore=ignore)
    return make_plan(config, [LiveGroup(id=ID, name=live, contacts_count=1)])


@given(MARKS)
def test_a_normal_form_is_that_of_unicodedata(text: str) -> None:
    for form in ("NFC", "NFKC", "NFKD"):
        assert normalize(form, text) == unicodedata.normalize(form, text)


def test_a_long_name_is_its_own_key() -> None:
    assert same_name_key(LONG) == LONG != same_name_key(LONG.lower())
    assert fold_look_alikes(LONG) == LONG
    assert nfc("e\u0301" * 501) == "e\u0301" * 501


def test_a_name_of_the_greatest_length_is_folded() -> None:
    assert same_name_key("A" * LONGEST_NAME) == "a" * LONGEST_NAME


def test_names_that_grow_when_they_are_folded_still_count_as_the_same() -> None:
    one, other = "\ufdfa" * 999 + "a", "\ufdfa" * 999 + "A"

    assert same_name_key(one) == same_name_key(other) != same_name_key("\ufdfa" * 999 + "b")
    assert len(same_name_key(one)) < 2 * LONGEST_NAME


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [("A*", True), ("a*", False), (LONG, True), (LONG.lower(), False), ("*", True), ("?*A", True)],
)
def test_a_pattern_matches_a_long_name_exactly_or_not_at_all(pattern: str, matches: bool) -> None:
    assert make_group_matcher((pattern,))(LONG) is matches
    assert find_idle_patterns([pattern], [LONG]) == (() if matches else (pattern,))


def test_many_patterns_match_what_each_of_them_matches() -> None:
    patterns = [f"*{number:03}?x" for number in range(200)] + [f"Name {number}*" for number in range(200)] + ["*", "a"]
    names = ["name 7 of all", "NAME 199", "b 123yx", "123", "ß", ""]

    for name in names:
        assert make_group_matcher(tuple(patterns[:-2]))(name) is any(
            make_group_matcher((pattern,))(name) for pattern in patterns[:-2]
        )
    assert set(find_idle_patterns(patterns, names)) == {
        pattern for pattern in patterns if not any(map(make_group_matcher((pattern,)), names))
    }


def test_only_writing_a_long_name_is_a_fault() -> None:
    assert find_name_fault(LONG) == ""
    assert find_writing_fault(LONG) == "has 1,001 characters, and groupsync writes names of at most 1,000"
    assert find_writing_fault("A" * LONGEST_NAME) == ""


def test_a_long_live_name_that_is_listed_stays() -> None:
    plan = plan_for(LONG, live=LONG)

    assert (plan.problems, plan.changes, plan.unlisted) == ((), (), ())


def test_a_long_name_is_not_created() -> None:
    plan = plan_for(LONG, live="Press")

    assert [problem.code for problem in plan.problems] == ["name-not-writable"]


def test_a_group_is_renamed_from_a_long_name_but_not_to_one() -> None:
    away = GroupEntry(name="Press", previously=(LONG,), source=SOURCE)
    to = GroupEntry(name=LONG, previously=("Press",), source=SOURCE)
    live = [LiveGroup(id=ID, name=LONG, contacts_count=1)]

    (rename,) = make_plan(Config(groups=(away,)), live).changes
    assert isinstance(rename, Rename)
    assert (rename.before, rename.after) == (LONG, "Press")
    problems = make_plan(Config(groups=(to,)), [LiveGroup(id=ID, name="Press", contacts_count=1)]).problems
    assert [problem.code for problem in problems] == ["name-not-writable"]


def test_a_long_name_can_be_removed() -> None:
    plan = plan_for("Press", live=LONG, removed=(RemovedName(name=LONG, source=SOURCE),))

    assert [type(change) for change in plan.changes] == [Create, Delete]


def test_a_temporary_name_is_not_too_long_either() -> None:
    names = "A" * 990, "B" * 990
    groups = tuple(
        GroupEntry(name=name, id=group_id, source=SOURCE) for name, group_id in zip(names, (ID, OTHER_ID), strict=True)
    )
    live = [LiveGroup(id=ID, name=names[1], contacts_count=1), LiveGroup(id=OTHER_ID, name=names[0], contacts_count=1)]

    plan = make_plan(Config(groups=groups), live)

    assert [problem.code for problem in plan.problems] == ["name-not-writable"]
    assert "needs a temporary name of 1,011 characters" in plan.problems[0].message


def test_a_long_name_is_ignored_and_protected_exactly() -> None:
    plan = plan_for("Press", live=LONG, ignore=(Pattern(text=LONG, source=SOURCE),))

    assert [group.name for group in plan.ignored] == [LONG]


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    shown = "A" * LONGEST_SHOWN

    assert quote(LONG) == f'"{shown}…" (701 more characters)'
    assert cut(LONG) == f"{shown}… (701 more characters)"
    assert quote(shown) == f'"{shown}"'


def test_a_name_that_can_be_written_is_whole_in_a_plan() -> None:
    name = "A" * LONGEST_NAME

    assert quote_name(name) == f'"{name}"'
    assert quote_name(LONG) == quote(LONG)


def test_characters_that_are_escaped_do_not_make_a_text_long() -> None:
    assert len(quote("\u200b" * 300)) < 2 * LONGEST_SHOWN + 50


def test_yaml_to_paste_is_never_cut() -> None:
    assert write_scalar(LONG) == LONG
