"""Warnings about a name in the files that looks like the name of a live group, but is another name."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.model.config import Unlisted
from groupsync.model.limits import RunPolicy
from groupsync.names import describe_difference
from groupsync.patterns import find_look_alikes
from groupsync.planfile.review import dump_review
from groupsync.planner import make_plan
from groupsync.planner.lookalikes import MOST_WARNINGS
from groupsync.render.markdown import render_markdown
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LIMITS, NOW, TARGET, config, entry, live, make_id
from tests.unit.reviewing import review_of

if TYPE_CHECKING:
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup

KEEP = Unlisted.KEEP
VIP = "V\u0406P"  # a Ukrainian letter
ID = f"[id={make_id(1)}]"
BOTH = "check that you mean both"
COPY = "if that group is meant, copy its name"

ALIKE = [
    (VIP, "VIP", " but for U+0406"),
    ("VIP", VIP, " but for U+0406"),
    ("V1P", "VIP", " but for U+0031"),
    ("vip", VIP, " but for U+0406"),
    ("\u2764\ufe0f", "\u2764", " but for U+FE0F"),
    ("\u2764", "\u2764\ufe0f", " but for U+FE0F"),
    ("VIP", "V\u200bIP", " but for U+200B"),
    ("VIP", "VIP\u00ad", " but for U+00AD"),
    ("VIP gold", "VIP\u2800gold", " but for U+2800"),
    ("Tom's", "Tom\u2019s", " but for U+2019"),
    ("2025\u20132026", "2025-2026", " but for U+2013"),
    ("\u201cBest\u201d", '"Best"', " but for U+201C U+201D"),
    ("\u0391\u03a4\u0395", "ATE", " but for U+0391 U+03A4 U+0395"),
    ("\u041d\u041e\u041c\u0415\u0421", "HOMEC", " but for U+041D U+041E U+041C U+0415 U+0421"),
]
DIFFERENT = [("VIP", "VIP 2"), ("P\u00e4rnu", "Parnu"), ("Gold", "Golf"), ("A-B", "A B"), ("\u2764", "\u2665")]
ids = [ascii(name) for name, _, _ in ALIKE]


def warnings_of(desired: Config, *groups: LiveGroup) -> tuple[str, ...]:
    return make_plan(desired, groups).warnings


@pytest.mark.parametrize(("name", "other", "difference"), ALIKE, ids=ids)
def test_a_new_name_that_looks_like_a_group_that_stays_gives_one_warning(
    name: str, other: str, difference: str
) -> None:
    looks_like = make_plan(config(name, unlisted=KEEP), [live(1, other)])
    shown = [warning.replace("\\u", "") for warning in looks_like.warnings]

    assert len(shown) == 1
    assert shown[0].startswith("groups.yaml:3: ")
    assert shown[0].endswith(f"{ID}{difference}: {BOTH}")
    assert len(looks_like.changes) == 1


@pytest.mark.parametrize(("name", "other"), DIFFERENT)
def test_names_that_look_different_give_no_warning(name: str, other: str) -> None:
    assert warnings_of(config(name, unlisted=KEEP), live(1, other)) == ()


@pytest.mark.parametrize(
    "desired",
    [
        config(VIP, unlisted=KEEP),
        config(VIP, unlisted=Unlisted.REFUSE),
        config(VIP, unlisted=None),
        config(VIP, ignore=("vip",)),
        config(entry(VIP, 2), unlisted=KEEP),
        config(entry(VIP, previously=("Old",)), unlisted=KEEP),
    ],
    ids=["kept", "refused", "undecided", "ignored", "rename by id", "rename by name"],
)
def test_the_group_may_be_kept_refused_undecided_or_ignored(desired: Config) -> None:
    found = warnings_of(desired, live(1, "VIP"), live(2, "Old"))

    assert found == (f'groups.yaml:3: "{VIP}" looks like the live group "VIP" {ID} but for U+0406: {BOTH}',)


def test_a_group_that_would_be_deleted_is_named_with_its_contacts() -> None:
    remedy = "if that group is meant, copy its name, or add it under previously to rename the group"

    (found,) = warnings_of(config(VIP), live(1, "VIP", 118))

    assert found.endswith(f'"VIP" {ID} but for U+0406, which would be deleted (118 contacts): {remedy}')


@pytest.mark.parametrize(
    ("desired", "groups"),
    [
        (config("vip", unlisted=KEEP), [live(1, "VIP")]),
        (config("\uff36\uff29\uff30", unlisted=KEEP), [live(1, "VIP")]),
        (config("VIP gold", unlisted=KEEP), [live(1, "VIP\u00a0gold")]),
    ],
    ids=["case", "form", "blanks"],
)
def test_names_that_count_as_the_same_are_a_conflict_and_no_warning(desired: Config, groups: list[LiveGroup]) -> None:
    plan = make_plan(desired, groups)

    assert ([problem.code for problem in plan.problems], plan.warnings) == (["name-taken"], ())


@pytest.mark.parametrize(
    ("desired", "groups"),
    [
        (config(VIP, "VIP", unlisted=KEEP), [live(1, "VIP")]),
        (config(VIP, entry("VIP", 1), unlisted=KEEP), [live(1, "Old")]),
        (config(VIP, unlisted=KEEP), [live(1, VIP), live(2, "VIP")]),
        (config(entry(VIP, 1), unlisted=KEEP), [live(1, "VIP")]),
        (config("Gold", unlisted=KEEP), [live(1, "VIP"), live(2, VIP)]),
    ],
    ids=["another entry", "an entry with its id", "it exists", "its own rename", "two live groups"],
)
def test_there_is_no_warning_about(desired: Config, groups: list[LiveGroup]) -> None:
    """Two entries of the files are compared when they are read."""
    assert warnings_of(desired, *groups) == ()


@pytest.mark.parametrize("unlisted", [KEEP, Unlisted.DELETE])
def test_a_removed_name_that_means_no_group_but_looks_like_one(unlisted: Unlisted) -> None:
    assert warnings_of(config("A", removed=(VIP,), unlisted=unlisted), live(1, "VIP"), live(2, "A")) == (
        f'groups.yaml:50: removed "{VIP}" matches no live group; "VIP" {ID} looks like it but for U+0406: {COPY}',
    )


def test_a_removal_that_is_done_gives_no_warning_about_a_group_that_is_listed() -> None:
    assert warnings_of(config("VIP", removed=(VIP,), unlisted=KEEP), live(1, "VIP")) == ()


def test_an_earlier_name_that_means_no_group_but_looks_like_one() -> None:
    found = warnings_of(config(entry("Gold", previously=(VIP,)), unlisted=KEEP), live(1, "VIP"))

    begin = f'groups.yaml:3: the earlier name "{VIP}" matches no live group'
    assert found[1:] == (f'{begin}; "VIP" {ID} looks like it but for U+0406: {COPY}',)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [(VIP, "VIP"), ("VIP", VIP), ("V1P", "VIP"), (f"{VIP}*", "VIP gold"), ("vip *", f"{VIP} gold"), ("?IP", VIP)],
)
def test_a_pattern_that_matches_no_group_names_one_that_looks_as_if_it_did(pattern: str, name: str) -> None:
    kept = config("A", ignore=(pattern,), protected=(pattern,), unlisted=KEEP)
    end = f'matches no live group; "{name}" {ID} looks like it{describe_difference(pattern, name)}: {COPY}'

    assert warnings_of(kept, live(1, name), live(2, "A")) == (
        f'groups.yaml:80: ignore "{pattern}" {end}',
        f'groups.yaml:90: protected "{pattern}" {end}',
    )
    policy = RunPolicy(keeps_backups=True, protected=(pattern,))
    review = make_review(config("A", unlisted=KEEP), [live(1, name), live(2, "A")], TARGET, NOW, policy)
    assert review.plan.warnings == (f'GROUPSYNC_PROTECTED: "{pattern}" {end}',)


@pytest.mark.parametrize(
    ("patterns", "names"), [(("I*",), ("lasn", "1a")), (("VIP 1?",), ("VIP II",)), (("VIP",), ("VIP 2",)), ((), ("A",))]
)
def test_patterns_with_wildcards_are_not_taken_for_names_with_similar_latin_letters(
    patterns: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert find_look_alikes(patterns, names) == {}


def test_markdown_and_plan_files_have_the_warning() -> None:
    review = review_of(config(VIP, unlisted=KEEP), [live(1, "VIP")])
    (warning,) = review.plan.warnings

    assert "looks like the live group" in render_markdown(review)
    assert json.loads(dump_review(review))["warnings"] == [warning]


def test_a_group_that_appeared_since_the_plan_is_compared_with_what_is_still_to_be_created() -> None:
    desired = config(VIP, unlisted=KEEP)
    saved = review_of(desired, [live(2, "Other")])
    newcomer = live(1, "VIP")

    verified = verify_review(saved, desired, TARGET, [live(2, "Other"), newcomer], LIMITS)
    done = verify_review(saved, desired, TARGET, [live(2, "Other"), newcomer, live(3, VIP)], LIMITS)

    assert verified.review.plan.warnings == (
        f'groups.yaml:3: "{VIP}" looks like the live group "VIP" {ID} but for U+0406: {BOTH}',
    )
    assert done.review.plan.warnings == ()
    assert replace(verified.review.plan, warnings=()) == saved.plan


def test_only_the_first_warnings_are_shown() -> None:
    names = [f"VIP {number:03}" for number in range(MOST_WARNINGS + 5)]
    desired = config(*(name.replace("I", "\u0406") for name in names), unlisted=KEEP)

    found = warnings_of(desired, *(live(number, name) for number, name in enumerate(names, start=1)))

    assert len(found) == MOST_WARNINGS + 1
    assert found[-1] == "5 more names look like that of a live group"


def test_the_difference_of_two_long_names_is_found_in_little_time() -> None:
    name = "".join(map(chr, range(0x4E00, 0x9FFF))) * 10
    begin = time.process_time()

    assert describe_difference(f"{name}{VIP}", f"{name}VIP") == " but for U+0406"
    assert time.process_time() - begin < 1


def test_a_hundred_thousand_groups_are_compared_in_little_time() -> None:
    groups = [live(number, f"Customers of region {number}") for number in range(100_000)]
    names = [f"{VIP}{number}*" for number in range(2_000)]

    begin = time.process_time()
    found = find_look_alikes(names, [group.name for group in groups])

    assert found == {}
    assert time.process_time() - begin < 3
