"""Laws of a plan as text: every change once, in order, its figure within 80 columns, whatever the names are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.display import measure_width, quote
from groupsync.model.config import Config, GroupEntry, Policy, RemovedId, Unlisted
from groupsync.model.groups import LiveGroup, Source
from groupsync.model.plan import Create, Delete, Reason, Rename, is_first_step
from groupsync.names import find_name_fault, nfc
from groupsync.render.layout import LAST_COLUMN, MOST_NAME_COLUMNS
from groupsync.render.text import render_text
from groupsync.render.view import Detail, View
from groupsync.review.make import make_review
from tests.laws.strategies import configs, live_groups
from tests.unit.core import LENIENT, LIMITS, NOW, TARGET, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.limits import RunPolicy
    from groupsync.model.review import Review

VERBOSE = View(detail=Detail.VERBOSE)
FIGURE = re.compile(
    r"(empty|[\d,]+ contacts? loses? this group|number of contacts unknown"
    r"|[\d,]+ contacts? stays?|(?:its|their) contacts stay|(?:g|groups)\.yaml:\d+)$"
)
COUNTS = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 3_000_000))
HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)
ORDINARY = st.text(st.sampled_from('abc XYZ0189-äõ日本"\\'), min_size=1, max_size=45)
TRICKY = st.sampled_from(
    ["  - ", '"', '" -> "', "\n  - x", "Plan: ", "      id: ", "\x1b[2K", "::error::", "  # Not agreed to"]
)
NAMES = st.one_of(ORDINARY, HOSTILE, st.tuples(TRICKY, ORDINARY, TRICKY).map("".join))


@st.composite
def drawn_reviews(draw: st.DrawFn) -> Review:
    """Draw a plan with any names: some groups are deleted, some renamed, some pass their names on, some created."""
    live_names = draw(st.lists(NAMES, max_size=6))
    live = [LiveGroup(id=make_id(n), name=name, contacts_count=draw(COUNTS)) for n, name in enumerate(live_names)]
    usable = list(dict.fromkeys(nfc(name) for name in (*live_names, *draw(st.lists(NAMES, max_size=6)))))
    usable = draw(st.permutations([name for name in usable if not find_name_fault(name)]))
    ids = draw(st.permutations([group.id for group in live]))
    renamed = draw(st.integers(0, len(ids)))
    entries = tuple(
        GroupEntry(
            name=name,
            id=ids[number] if number < renamed else None,
            description=draw(st.one_of(st.just(""), NAMES)),
            source=Source(file="g.yaml", line=number + 2, column=5),
        )
        for number, name in enumerate(usable)
    )
    removed = tuple(
        RemovedId(
            id=group_id,
            contacts_at_most=draw(st.one_of(st.none(), st.integers(0, 100))),
            reason=draw(st.one_of(st.just(""), NAMES)),
            source=Source(file="g.yaml", line=50 + number, column=5),
        )
        for number, group_id in enumerate(ids[renamed:])
        if draw(st.booleans())
    )
    unlisted = draw(st.sampled_from([Unlisted.DELETE, Unlisted.DELETE, Unlisted.KEEP]))
    config = Config(groups=entries, removed=removed, policy=Policy(unlisted=unlisted))
    return make_review(config, live, TARGET, NOW, draw(st.sampled_from([LIMITS, LENIENT])))


@st.composite
def colliding_reviews(draw: st.DrawFn) -> Review:
    """Draw a plan whose names collide, differ in case and pass on, with the strategy of the planner's laws."""
    live = draw(live_groups())
    run_policy: RunPolicy = draw(st.sampled_from([LIMITS, LENIENT]))
    return make_review(draw(configs(live)), live, TARGET, NOW, run_policy)


@st.composite
def permuted_reviews(draw: st.DrawFn) -> Review:
    """Draw a plan that gives the names of up to six groups to each other, in swaps and longer cycles."""
    usable = NAMES.filter(lambda name: not find_name_fault(nfc(name))).map(nfc)
    names = draw(st.lists(usable, min_size=2, max_size=6, unique=True))
    live = [LiveGroup(id=make_id(n), name=name, contacts_count=draw(COUNTS)) for n, name in enumerate(names)]
    entries = tuple(
        GroupEntry(name=name, id=make_id(n), source=Source(file="g.yaml", line=n + 2, column=5))
        for n, name in enumerate(draw(st.permutations(names)))
    )
    return make_review(Config(groups=entries), live, TARGET, NOW, LIMITS)


REVIEWS = st.one_of(drawn_reviews(), colliding_reviews(), permuted_reviews())


def list_change_lines(text: str) -> list[str]:
    """Return the first lines of the changes; lines to paste have a key before the name, such as `  - name: "NO"`."""
    return [line for line in text.split("\n") if line.startswith(('  + "', '  ~ "', '  - "'))]


def base_names(review: Review) -> dict[str, str]:
    return {group.id: group.name for group in review.base}


def list_expected(review: Review) -> list[str]:
    """Return how the first line of each change begins; a swap is left to the test."""
    names = base_names(review)
    expected = []
    for change in review.plan.changes:
        match change:
            case Create(name=name):
                expected.append(f"  + {quote(name)}")
            case Rename(group_id=group_id, after=after):
                if not is_first_step(change):
                    expected.append(f"  ~ {quote(names[group_id])} -> {quote(after)}")
            case Delete(group_id=group_id):
                expected.append(f"  - {quote(names[group_id])}")
    return expected


def split_swaps(lines: Sequence[str]) -> list[str]:
    """Return the lines without their figures, each swap as its two renames."""
    split = []
    for line in lines:
        names = re.findall(r'"(?:[^"\\]|\\.)*"', line)
        if line.startswith("  ~ ") and line[4 + len(names[0]) :].startswith(" <-> "):
            one, other = names
            split += [f"  ~ {one} -> {other}", f"  ~ {other} -> {one}"]
        elif line.startswith("  ~ "):
            split.append(f"  ~ {names[0]} -> {names[1]}")
        else:
            split.append(line[:4] + names[0])
    return split


@given(review=REVIEWS)
def test_each_change_has_exactly_one_first_line(review: Review) -> None:
    """So no name, description or reason can look like a change of its own."""
    assume(not review.plan.problems)
    for view in (View(), VERBOSE):
        lines = list_change_lines(render_text(review, view))

        assert sorted(split_swaps(lines)) == sorted(list_expected(review))


@given(review=REVIEWS)
def test_no_figure_goes_beyond_column_80(review: Review) -> None:
    """A figure is on the first line of its change only if its names take at most 40 columns."""
    assume(not review.plan.problems)
    lines = render_text(review).split("\n")
    for number, line in enumerate(lines):
        if line.startswith(('  + "', '  ~ "', '  - "')):
            names = re.findall(r'"(?:[^"\\]|\\.)*"', line)
            columns = sum(measure_width(name) - 2 for name in names)
            rest = line[4:]
            for name in names:
                rest = rest.replace(name, "", 1)
            figure = FIGURE.search(rest)
            if figure:
                assert columns <= MOST_NAME_COLUMNS
                assert measure_width(line) <= LAST_COLUMN
                assert f"  {figure[1]}" in line
            else:
                below = lines[number + 1]
                assert FIGURE.fullmatch(below.removeprefix("      "))
                assert columns > MOST_NAME_COLUMNS or measure_width(line) + len(below.strip()) + 2 > LAST_COLUMN


@given(review=REVIEWS)
def test_creates_come_first_and_the_largest_loss_is_last(review: Review) -> None:
    assume(not review.plan.problems)
    lines = list_change_lines(render_text(review))
    marks = [line[2] for line in lines]
    blocks = re.split(r"^  # .*$", render_text(review), flags=re.MULTILINE)

    assert marks == sorted(marks, key="+~-".index)
    creates = [change.name for change in review.plan.changes if isinstance(change, Create)]
    assert [line[4:] for line in split_swaps(lines) if line.startswith("  + ")] == list(map(quote, sorted(creates)))
    for block in blocks:
        losses = list_losses(block)
        assert losses == sorted(losses)


def list_losses(text: str) -> list[float]:
    """Return the contacts of each deletion in the text; unknown is more than any number."""
    losses = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith('  - "'):
            found = FIGURE.search(re.sub(r'"(?:[^"\\]|\\.)*"', "", line)) or FIGURE.search(lines[number + 1])
            assert found
            losses.append(read_figure(found[1]))
    return losses


def read_figure(figure: str) -> float:
    if figure == "empty":
        return 0
    return float("inf") if "unknown" in figure else int(figure.split(maxsplit=1)[0].replace(",", ""))


@given(review=REVIEWS)
def test_the_figures_add_up_to_the_summary_and_the_parts_to_the_whole(review: Review) -> None:
    assume(not review.plan.problems and review.plan.changes)
    text = render_text(review)

    known = sum(int(loss) for loss in list_losses(text) if loss != float("inf"))
    assert f"Memberships lost: {known:,}" in text
    titles = re.findall(r"^  # .*: ([\d,]+) groups?, ([\d,]+|number)", text, flags=re.MULTILINE)
    if titles:
        assert sum(int(groups.replace(",", "")) for groups, _ in titles) == len(list_losses(text))
        assert sum(int(lost.replace(",", "")) for _, lost in titles if lost != "number") == known


@given(review=REVIEWS)
def test_verbose_says_everything_that_concise_says(review: Review) -> None:
    """The order of a cycle is another one, and creates are not folded."""
    assume(not review.plan.problems)
    concise, verbose = render_text(review).split("\n"), render_text(review, VERBOSE).split("\n")

    missing = [line for line in concise if line not in verbose]
    assert [line for line in missing if not line.startswith(("Kept: ", "      id"))] == []


@st.composite
def forged_steps(draw: st.DrawFn) -> list[Rename | Delete]:
    """Draw steps of three groups that no planner makes: several for one group, in any order, temporary or not."""
    names = st.sampled_from(["A", "a", "B", "C", "A [groupsync a72a32da]"])
    steps: list[Rename | Delete] = []
    for wave in range(draw(st.integers(0, 7))):
        group_id, number = make_id(draw(st.integers(1, 3))), draw(COUNTS)
        if draw(st.integers(0, 3)) == 0:
            steps.append(
                Delete(
                    group_id=group_id,
                    name=draw(names),
                    contacts_count=number,
                    contacts_at_most=draw(COUNTS),
                    reason=draw(st.sampled_from(Reason)),
                    wave=wave,
                    source=None,
                )
            )
        else:
            steps.append(
                Rename(
                    group_id=group_id,
                    before=draw(names),
                    after=draw(names),
                    contacts_count=number,
                    temporary=draw(st.booleans()),
                    reason=draw(st.sampled_from(Reason)),
                    wave=wave,
                    source=draw(st.sampled_from([None, Source(file="g.yaml", line=wave + 1)])),
                )
            )
    return steps


@given(steps=forged_steps())
def test_a_forged_plan_is_shown_with_every_group_that_it_changes(steps: list[Rename | Delete]) -> None:
    """`show` reads plan files that `apply` would refuse, because it makes the plan again."""
    base = [LiveGroup(id=make_id(number), name=name, contacts_count=1) for number, name in enumerate("ABC", start=1)]
    made = make_review(Config(policy=Policy(unlisted=Unlisted.KEEP)), base, TARGET, NOW, LIMITS)
    review = replace(made, plan=replace(made.plan, changes=tuple(steps)))

    for view in (View(), VERBOSE, View(detail=Detail.QUIET)):
        text = render_text(review, view)
        if view.detail is Detail.VERBOSE:
            assert {step.group_id for step in steps} <= set(re.findall(r"[0-9a-f-]{36}", text))


@given(review=REVIEWS)
def test_every_line_is_made_visible(review: Review) -> None:
    for view in (View(), VERBOSE, View(detail=Detail.QUIET)):
        lines = render_text(review, view).split("\n")

        assert [line for line in lines if any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in line)] == []
