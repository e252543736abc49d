"""Markdown, parsed by GitHub's own engine: names are only ever text, and the page keeps to its maximum size."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from groupsync.model.groups import Source
from groupsync.model.plan import Create, Delete, PlanProblem, Reason, Rename
from groupsync.model.report import Outcome, Report, Word
from groupsync.planfile.approval import make_approval, render_approval
from groupsync.render.escape import for_ci_log, in_code, in_fence
from groupsync.render.markdown import render_markdown, render_report_markdown
from groupsync.render.markdown.page import Section, compose
from groupsync.render.view import View
from tests.golden.test_golden import make_many
from tests.unit.core import config, entry, live, make_id
from tests.unit.reviewing import review_of

if TYPE_CHECKING:
    from groupsync.model.review import Review

OURS = {"p", "strong", "blockquote", "ul", "li", "code", "pre", "details", "summary", "hr", "sub"}
HOSTILE = (
    "a | b | c",
    "```",
    "`tick`",
    "` ",
    "<!-- x --> -->",
    "</details><h1>big</h1><script>",
    "@octocat and @org/team",
    "#123 GH-1 octo/cat#5",
    "https://example.com www.example.com me@example.com",
    "![img](https://example.com/x.png) [link](javascript:alert(1))",
    "# heading\n# another",
    "> quote\n\n- list",
    "\u202egpj.exe",
    "\x1b[31mred",
    "$`math`$ :rocket: ~~gone~~ **bold**",
    "&lt;b&gt;&#64;x",
    "    indented",
    "\\`",
)


class Page(HTMLParser):
    """The page as HTML: its elements, its comments, the text inside of code and outside."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.comments: list[str] = []
        self.outside = ""
        self.code: list[str] = []
        self._depth = 0
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert all(name == "lang" for name, _ in attrs), attrs
        self.elements.append(tag)
        if tag == "code":
            self._depth += 1
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "code"

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.code[-1] += data
        else:
            self.outside += data


def make_review_of_names(before: str, after: str) -> Review:
    """Return a review with these names in renames, creates, deletions, suggestions, refusals and warnings."""
    wanted = config(
        entry(after, 1),
        entry(f"new {after}", previously=(f"earlier {before}",), line=9),
        f"other {before}",
        removed=(3,),
        protected=(f"no {before}",),
    )
    groups = [
        live(1, before, 7),
        live(2, f"other {before}!", 30),
        live(3, f"gone {before}", 2),
        live(4, f"twin of {after}", None),
    ]
    return review_of(wanted, groups)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name: str) -> None:
    review = make_review_of_names(name, f"{name} 2")

    page = Page(render_markdown(review, View(commit=name)))

    assert set(page.elements) <= OURS
    assert len(page.comments) == 1
    assert not re.search(r"[@<>]|#\d|https?:|www\.|GH-", page.outside)
    assert name.strip() not in page.outside
    assert page.elements.count("details") == 1


@given(name=st.text(st.characters(exclude_categories=()), max_size=30))
def test_no_name_adds_an_element_to_the_page(name: str) -> None:
    page = Page(render_markdown(make_review_of_names(f"old{name}", f"young{name}")))

    assert set(page.elements) <= OURS
    assert (len(page.comments), page.elements.count("details")) == (1, 1)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text_in_a_report_too(name: str) -> None:
    source = Source(file=name, line=1)
    create = Create(name=name, reason=Reason.LISTED, wave=1, source=source)
    rename = Rename(
        group_id=make_id(1),
        before=name,
        after=f"{name}!",
        contacts_count=1,
        reason=Reason.PINNED,
        wave=1,
        source=source,
    )
    outcomes = (
        Outcome(change=create, word=Word.FAILED, detail=name),
        Outcome(change=rename, word=Word.DONE, group_id=make_id(1), backup=name),
    )

    page = Page(render_report_markdown(Report(outcomes=outcomes, remaining=2), make_review_of_names("a", "b")))

    assert set(page.elements) <= OURS
    assert not re.search(r"[@<>]|#\d|https?:|www\.|GH-", page.outside)


@given(text=st.text())
def test_a_code_span_and_a_code_block_contain_only_the_text(text: str) -> None:
    span, block = Page(in_code(text)), Page("\n".join(in_fence([text], "text")))

    assert (span.outside.strip(), block.outside.strip()) == ("", "")
    assert (span.elements, block.elements) == (["p", "code"], ["pre", "code"])


def test_code_shows_a_name_as_it_is() -> None:
    assert Page(in_code("a ``b`` `")).code == ["a ``b`` `"]
    assert Page(in_code("` x `")).code == ["` x `"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::set-output name=x::y", r"\u003a:set-output name=x::y"),
        ("a\n  ::error::x", "a\n  \\u003a:error::x"),
        ("a ##[error]x", r"a \u0023#[error]x"),
        ("a ##vso[task.x]y ##VSO[z]", r"a \u0023#vso[task.x]y \u0023#VSO[z]"),
        ('  + group "::x" ## a #[b]', '  + group "::x" ## a #[b]'),
    ],
)
def test_commands_of_ci_systems_are_escaped(line: str, shown: str) -> None:
    assert for_ci_log(line) == shown


@pytest.mark.parametrize("max_bytes", [2_000, 5_000, 20_000, 65_000, 10_000_000])
def test_a_page_carries_the_approval_of_a_plan_as_long_as_the_smallest_page_has_room_for_it(max_bytes: int) -> None:
    """A longer one must be given when the plan is applied; the marker without one is that of no plan."""
    review = review_of(
        config("New", removed=tuple(range(1, 401))), [live(number, f"Sale {number}", 10) for number in range(1, 401)]
    )
    for deletions, is_carried in ((143, True), (144, False), (400, False)):
        deletes = [change for change in review.plan.changes if isinstance(change, Delete)][:deletions]
        part = replace(review, plan=replace(review.plan, changes=tuple(deletes)))
        approval = make_approval(part)
        assert approval
        text = render_approval(approval)

        markdown = render_markdown(part, View(max_bytes=max_bytes, commit="c" * 64))

        carried = f" approval={text}" if is_carried else ""
        assert markdown.startswith(f"<!-- groupsync plan account={part.target.account}{carried} -->\n")
        assert markdown.count(text) == (2 if is_carried else 0)
        assert ("its approval does not fit here" in markdown) is not is_carried
        assert ('--expect-digest "$(jq -r .approval plan.json)"' in markdown) is not is_carried
        assert len(markdown.encode()) <= max_bytes


@pytest.mark.parametrize("max_bytes", [2_000, 5_000, 20_000, 65_000, 10_000_000])
def test_a_page_keeps_to_its_maximum_size_and_counts_what_it_leaves_out(max_bytes: int) -> None:
    review = make_many()
    markdown = render_markdown(review, View(max_bytes=max_bytes))
    page = Page(markdown)

    shown = {what: len(re.findall(pattern, markdown)) for what, pattern in ITEMS.items()}
    counted = {what: re.search(rf"([\d,]+) of ([\d,]+) {what}", page.outside) for what in ITEMS}

    assert len(markdown.encode()) <= max_bytes
    for what, found in counted.items():
        left_out = int(found[1].replace(",", "")) if found else 0
        assert shown[what] + left_out == {"deletions": 500, "renames": 1_500, "creates": 18_000}[what]
    assert "**18,000 to create, 1,500 to rename, 500 to delete: 124,750 memberships lost**" in markdown
    assert shown["deletions"] == 500 or len(markdown.encode()) > max_bytes - 600
    assert set(page.elements) <= OURS
    assert ("Not all of it has room here" in markdown) == (max_bytes < 10_000_000)


ITEMS = {
    "deletions": r'(?m)^> - `"Group \d+"`: ',
    "renames": r'(?m)^- `"Group \d+"` → ',
    "creates": r'(?m)^- `"New \d+"` \(',
}


def test_the_deletions_that_lose_most_come_first() -> None:
    markdown = render_markdown(make_many(), View(max_bytes=5_000))

    numbers = [int(number) for number in re.findall(r'^> - `"Group (\d+)"', markdown, flags=re.MULTILINE)]

    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == 499


@pytest.mark.parametrize("text", HOSTILE)
def test_the_time_and_the_version_are_only_text(text: str) -> None:
    review = replace(make_review_of_names("a", "b"), created_at=text, groupsync_version=text)

    page = Page(render_markdown(review))

    assert set(page.elements) <= OURS
    assert len(page.comments) == 1
    assert page.code[-2:] == Page(f"{in_code(text)} {in_code(text)}").code


def test_the_head_and_the_foot_are_never_shortened() -> None:
    sections = [Section(rank=1, title="T", items=["x" * 50] * 3, kind="things")]

    page = compose(["head"], sections, ["foot"], where="there", max_bytes=10)

    assert page.startswith(
        "head\n\n> [!WARNING]\n> **Not all of it has room here. Left out: 3 of 3 things.** See them there."
    )
    assert page.endswith("\n\nfoot\n")


def test_an_item_that_is_too_large_leaves_its_space_to_the_next_section() -> None:
    sections = [
        Section(rank=1, items=["x" * 5_000], kind="large things"),
        Section(rank=2, items=["y"] * 3, kind="small things"),
    ]

    page = compose(["head"], sections, ["foot"], where="there", max_bytes=1_000)

    assert "Left out: 1 of 1 large things." in page
    assert "y\ny\ny" in page


def test_a_long_commit_does_not_exceed_the_maximum_size() -> None:
    markdown = render_markdown(make_many(), View(commit="c" * 100_000, max_bytes=5_000))

    assert len(markdown.encode()) <= 5_000
    assert f"commit `{'c' * 64}`" in markdown


def test_a_loose_limit_that_is_left_out_is_counted() -> None:
    review = review_of(config(max_deletes=500), [live(1, "B", 0)])
    problems = tuple(PlanProblem(code="x", message="y" * 900, remedy=()) for _ in range(4))

    full = render_markdown(review)
    cut = render_markdown(replace(review, plan=replace(review.plan, problems=problems)), View(max_bytes=2_000))

    assert "**Looser than by default:**" in full
    assert "**Looser than by default:**" in cut or "1 of 1 remarks" in cut
