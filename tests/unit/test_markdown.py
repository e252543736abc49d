"""Markdown, parsed by GitHub's own engine: names are only ever text, and the page keeps to its maximum size."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.command import CommandOptions
from groupsync.environment.ci import find_ci_run
from groupsync.model.ci_run import CiRun
from groupsync.model.config import RemovedId
from groupsync.model.groups import Source
from groupsync.model.plan import Create, Delete, PlanProblem, Reason, Rename
from groupsync.model.report import Outcome, Report, Word
from groupsync.planfile.approval import make_approval, render_approval
from groupsync.render.escape import for_ci_log, in_cell, in_code, in_fence, in_text
from groupsync.render.markdown import render_markdown, render_report_markdown
from groupsync.render.markdown.page import Section, compose
from groupsync.render.view import View
from tests.golden.test_golden import make_many
from tests.unit.core import config, entry, live, make_id
from tests.unit.reviewing import review_of

if TYPE_CHECKING:
    from groupsync.model.review import Review

TABLE = {"table", "thead", "tbody", "tr", "th", "td", "br"}
OURS = {"p", "h3", "strong", "blockquote", "ul", "li", "code", "pre", "details", "summary", "b", "hr", "sub", *TABLE}
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
    "\\|\\\\||",
    "a |\n| --- |\n| b |",
    "file:100: 0123abcdef",
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
        assert all(name == "lang" or (name, value) == ("align", "right") for name, value in attrs), attrs
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
    removal = RemovedId(id=make_id(3), reason=before, source=Source(file=before, line=1))
    wanted = replace(
        config(
            entry(after, 1),
            replace(entry(f"new {after}", previously=(f"earlier {before}",), line=9), description=before),
            f"other {before}",
            protected=(f"no {before}",),
        ),
        removed=(removal,),
    )
    groups = [
        live(1, before, 7),
        live(2, f"other {before}!", 30),
        live(3, f"gone {before}", 2),
        live(4, f"twin of {after}", None),
    ]
    return replace(review_of(wanted, groups), config_paths=(before, after), backup_dir=before)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name: str) -> None:
    review = make_review_of_names(name, f"{name} 2")

    page = Page(render_markdown(review, View(commit=name)))

    assert set(page.elements) <= OURS
    assert len(page.comments) == 1
    assert not re.search(r"[@<>|]|#\d|:\w+:|https?:|www\.|GH-|0123abcdef", page.outside)
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
    assert not re.search(r"[@<>|]|#\d|:\w+:|https?:|www\.|GH-|0123abcdef", page.outside)


@given(text=st.text())
def test_a_code_span_and_a_code_block_contain_only_the_text(text: str) -> None:
    span, block = Page(in_code(text)), Page("\n".join(in_fence([text], "text")))

    assert (span.outside.strip(), block.outside.strip()) == ("", "")
    assert (span.elements, block.elements) == (["p", "code"], ["pre", "code"])


@given(text=st.text(st.characters(exclude_categories=()), max_size=40))
@example(text='"a""b" "c`"`')
@example(text=r"a\|b \\| ||")
@example(text="1. - + = --- *** ___ _a_ **b** [x](y) ![z]")
def test_text_is_only_text_in_a_paragraph_and_in_a_cell(text: str) -> None:
    paragraph = Page(f"x {in_text(text)}")
    table = Page(f"| a | b |\n| --- | --- |\n| {in_cell(in_text(text))} | {in_cell(in_code(text))} |")

    for page in (paragraph, table):
        assert not re.search(r"[@<>|]|#\d|:\w+:|https?:|www\.|GH-", page.outside)
    assert set(paragraph.elements) <= {"p", "code"}
    assert set(table.elements) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert (table.elements.count("td"), table.elements.count("tr")) == (2, 2)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("The campaign is over, and Mari agreed (50%).", "The campaign is over, and Mari agreed (50%)."),
        ("my_groups.yaml:100, at most 5", "my_groups.yaml:100, at most 5"),
        ('the name "A b", id 0123abcd; ask @mari', 'the name `"A b"`, id `0123abcd`; ask `@mari`'),
        ("see https://example.com, #12", "see `https://example.com`, `#12`"),
    ],
)
def test_harmless_words_stay_plain(text: str, markdown: str) -> None:
    assert in_text(text) == markdown


@pytest.mark.parametrize("name", ["a|b", "||", "x | y"])
def test_a_cell_shows_a_pipe_as_it_is(name: str) -> None:
    assert Page(f"| a |\n| --- |\n| {in_cell(in_code(name))} |").code == [name]


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
    assert "> **18,000 to create, 1,500 to rename, 500 to delete: 124,750 memberships lost**" in markdown
    assert shown["deletions"] == 500 or len(markdown.encode()) > max_bytes - 600
    assert set(page.elements) <= OURS
    assert ("This page would be too long" in markdown) == (max_bytes < 10_000_000)


ITEMS = {
    "deletions": r'(?m)^\| `"Group \d+"` \| ',
    "renames": r'(?m)^- `"Group \d+"` → ',
    "creates": r'(?m)^- `"New \d+"` \(',
}


def test_the_deletions_that_lose_most_come_first() -> None:
    markdown = render_markdown(make_many(), View(max_bytes=5_000))

    numbers = [int(number) for number in re.findall(r'^\| `"Group (\d+)"', markdown, flags=re.MULTILINE)]

    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == 499


@pytest.mark.parametrize("text", HOSTILE)
def test_the_time_and_the_version_are_only_text(text: str) -> None:
    review = replace(make_review_of_names("a", "b"), created_at=text, groupsync_version=text)

    page = Page(render_markdown(review))

    assert set(page.elements) <= OURS
    assert len(page.comments) == 1
    assert not re.search(r"[@<>|]|#\d|:\w+:|https?:|www\.|GH-|0123abcdef", page.outside)


def test_the_head_and_the_foot_are_never_shortened() -> None:
    sections = [Section(rank=1, title="T", items=["x" * 50] * 3, kind="things")]

    page = compose(["head"], sections, ["foot"], where="there", max_bytes=10)

    assert page.startswith(
        "head\n\n> [!WARNING]\n> **This page would be too long. Left out: 3 of 3 things.** See them there."
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

    assert "**Limits of the configuration**" in full
    assert "**Limits of the configuration**" in cut or "1 of 1 remarks" in cut


GITHUB = {"CI": "true", "GITHUB_REPOSITORY": "acme/phonebook", "GITHUB_RUN_ID": "42", "GITHUB_EVENT_NAME": "push"}


@pytest.mark.parametrize(
    ("environ", "ci_run"),
    [
        ({}, None),
        ({"GITHUB_REPOSITORY": "acme/phonebook", "GITHUB_RUN_ID": "42"}, None),
        (GITHUB, CiRun(system="GitHub", url="https://github.com/acme/phonebook/actions/runs/42")),
        (
            {**GITHUB, "GITHUB_SERVER_URL": "https://git.acme.example:8443", "GITHUB_EVENT_NAME": "pull_request"},
            CiRun(
                system="GitHub",
                url="https://git.acme.example:8443/acme/phonebook/actions/runs/42",
                is_pull_request=True,
            ),
        ),
        (
            {"CI": "true", "GITLAB_CI": "true", "CI_JOB_URL": "https://gitlab.com/a/b/-/jobs/1"},
            CiRun(system="GitLab", url="https://gitlab.com/a/b/-/jobs/1"),
        ),
        ({"CI": "true", "CI_PIPELINE_URL": "https://x.example/1"}, CiRun(url="https://x.example/1")),
        ({"CI": "true", "CI_JOB_URL": "javascript:alert(1)"}, CiRun()),
        ({"CI": "true", "CI_JOB_URL": "https://x.example/)[a](b"}, CiRun()),
        ({"CI": "true", "CI_JOB_URL": "https://user:secret@x.example/"}, CiRun()),
        ({**GITHUB, "GITHUB_REPOSITORY": "a b\n# x"}, CiRun(system="GitHub")),
        ({**GITHUB, "GITHUB_RUN_ID": "1" * 600}, CiRun(system="GitHub")),
        ({"CI": "true"}, CiRun()),
    ],
)
def test_the_run_of_the_ci_system_is_found_and_its_address_is_plain(
    environ: dict[str, str], ci_run: CiRun | None
) -> None:
    assert find_ci_run(environ) == ci_run


def test_the_heading_says_which_files_which_account_which_commit_and_which_run() -> None:
    review = replace(review_of(config("New", "A"), [live(1, "A")]), config_paths=("groups/ee", "b.yaml", "c", "d", "e"))
    view = View(commit="1f0c2a9be1d45f0c2a9be1d45f0c2a9be1d45f0c", ci_run=find_ci_run(GITHUB))

    lines = render_markdown(review, view).split("\n")

    assert lines[2] == f"### Plan of `groups/ee`, `b.yaml`, `c`, 2 more for account `{review.target.account}`"
    assert lines[4] == "commit `1f0c2a9be1d4` · [this run of GitHub](https://github.com/acme/phonebook/actions/runs/42)"


@pytest.mark.parametrize(
    ("view", "step"),
    [
        (View(ci_run=CiRun(is_pull_request=True)), "nothing is applied before the merge"),
        (View(ci_run=CiRun(system="GitLab", is_pull_request=True)), "a person starts its apply job"),
        (View(ci_run=CiRun()), "if this pipeline applies plans, it applies this one"),
        (
            View(plan_file="p q.json", options=CommandOptions(config_paths=("c d",))),
            "```sh\ngroupsync apply 'p q.json' -c 'c d'\n```",
        ),
        (
            View(options=CommandOptions(config_paths=("c d",), endpoint="https://x.example/v1", backup_dir="k")),
            "groupsync apply plan.json -c 'c d' --endpoint https://x.example/v1 --backup-dir k --expect-digest sha256:",
        ),
    ],
)
def test_the_next_step_is_a_command_or_in_ci_who_applies_the_plan(view: View, step: str) -> None:
    markdown = render_markdown(review_of(config("New", "A"), [live(1, "A")]), view)

    assert step in markdown
    assert ("```sh" in markdown) == (view.ci_run is None)


def test_more_than_ten_creates_are_folded() -> None:
    few, many = (
        render_markdown(review_of(config("A", *(f"New {n}" for n in range(number))), [live(1, "A")]))
        for number in (10, 11)
    )

    assert "**10 groups to create**\n\n- " in few
    assert "<details><summary><b>11 groups to create</b></summary>\n\n- " in many
    assert Page(many).elements.count("details") == 2


def test_a_refused_page_shows_first_what_nobody_agreed_to() -> None:
    review = review_of(
        config("A", removed=(2,)), [live(1, "A", 1), live(2, "Agreed", 900), live(3, "Press", 455), live(4, "None", 0)]
    )

    markdown = render_markdown(review).partition("The plan as text")[0]

    titles = re.findall(r"^\*\*(.*)\*\*$", markdown, re.MULTILINE)
    assert titles == [
        "Not agreed to: 1 group, 455 contacts",
        "Why it is refused:",
        "Agreed to under removed: 1 group, 900 contacts",
        "Within the limits of the policy: 1 group, 0 contacts",
    ]
    assert "digest" not in markdown


def test_a_swap_is_one_line() -> None:
    review = review_of(config(entry("B", 1, line=3), entry("A", 2, line=5)), [live(1, "A", 7), live(2, "B", 300)])

    markdown = render_markdown(review)

    assert (
        '**2 groups to rename**\n\n- `"A"` ↔ `"B"`: 307 contacts stay (they swap names, groups.yaml:3 and 5, by id)\n'
    ) in markdown
