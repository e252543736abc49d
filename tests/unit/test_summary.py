"""One view of many accounts: the worst first, one exit code, one marker for each account."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.errors import DamagedPlanError, DamagedReportError, ExitCode
from groupsync.model.account import make_target
from groupsync.model.config import Pattern
from groupsync.model.plan import DEFAULT_PLAN_OPTIONS, Delete
from groupsync.model.report import Outcome, Report, Word
from groupsync.model.scope import EVERYTHING, Scope, describe_scope
from groupsync.model.summary import (
    SEVERITY,
    AccountSummary,
    FileKind,
    State,
    find_exit_code,
    find_missing,
    find_oldest,
    sort_worst_first,
)
from groupsync.planfile.review import dump_review
from groupsync.planfile.summary import summarize_file
from groupsync.render.record import Run, render_record
from groupsync.render.summary import (
    SUMMARY_FORMATS,
    render_summary_json,
    render_summary_markdown,
    render_summary_text,
)
from groupsync.review.make import make_review
from groupsync.schema import find_violations
from groupsync.version import __version__
from tests.hostile.names import NAMES
from tests.unit.core import LIMITS, NOW, TARGET, at, config, entry, live
from tests.unit.reviewing import review_of
from tests.unit.test_html import read_text

if TYPE_CHECKING:
    from groupsync.model.config import Config
    from groupsync.model.review import Review

GROUPS = (live(1, "VIP", 30), live(2, "Press", 12))
MOST = 65_000


def plan(wanted: Config, account: str = "user") -> Review:
    return replace(review_of(wanted, GROUPS), target=make_target(TARGET.endpoint, account))


def summarize(review: Review, name: str = "plan.json") -> AccountSummary:
    return summarize_file(dump_review(review), name)


def record(report: Report, finished_at: str = "2026-11-23T12:00:05Z") -> bytes:
    run = Run(
        command="apply",
        started_at="2026-11-23T12:00:00Z",
        finished_at=finished_at,
        target=TARGET,
        plan_digest="",
        scope=EVERYTHING,
        options=DEFAULT_PLAN_OPTIONS,
        requests=(),
    )
    return render_record(run, report).encode()


EMPTY_RECORD = record(Report(outcomes=(), remaining=0))
DELETES = config("VIP", removed=("Press",))
PENDING, REFUSED = summarize(plan(config("VIP", "Press", "New"))), summarize(plan(config("VIP")))


def test_a_plan_is_summarized_with_its_figures_and_its_approval() -> None:
    review = plan(DELETES)

    assert summarize(review) == AccountSummary(
        file="plan.json",
        state=State.CHANGES,
        account=review.target.account,
        delete=1,
        memberships_lost=12,
        kind=FileKind.PLAN,
        as_of="2026-11-23T12:00:00Z",
        groupsync_version=__version__,
        approval=summarize(review).approval,
    )
    assert re.fullmatch(r"sha256:[0-9a-f]{64}\+12", summarize(review).approval)


@pytest.mark.parametrize(
    ("wanted", "state", "problem"),
    [
        (config("VIP", "Press"), State.NO_CHANGES, ""),
        (config("VIP"), State.REFUSED, "contacts-lost"),
        (config(entry("VIP", 1), entry("Gone", 9)), State.NO_PLAN, "id-not-live"),
    ],
)
def test_a_plan_has_a_state(wanted: Config, state: State, problem: str) -> None:
    found = summarize(plan(wanted))

    assert (found.state, found.problem, found.approval) == (state, problem, "")


@pytest.mark.parametrize(
    ("words", "state", "problem", "lost"),
    [
        ((Word.DONE, Word.ADOPTED), State.COMPLETE, "", 12),
        ((Word.DONE, Word.FAILED), State.INCOMPLETE, "1 failed", 12),
        ((Word.NOT_ATTEMPTED, Word.UNKNOWN), State.INCOMPLETE, "1 not attempted, 1 unknown", 0),
    ],
)
def test_a_report_says_what_is_done(words: tuple[Word, Word], state: State, problem: str, lost: int) -> None:
    changes = plan(config("VIP", "New", removed=("Press",))).plan.changes
    ordered = sorted(changes, key=lambda change: not isinstance(change, Delete))
    outcomes = tuple(Outcome(change=change, word=word) for change, word in zip(ordered, words, strict=True))

    found = summarize_file(record(Report(outcomes=outcomes, remaining=2)), "report.json")

    assert (found.state, found.problem, found.memberships_lost) == (state, problem, lost)
    assert (found.account, found.kind, found.approval) == (TARGET.account, FileKind.REPORT, "")


def test_the_report_of_a_run_that_was_killed_is_not_finished() -> None:
    assert summarize_file(record(Report(outcomes=(), remaining=0), ""), "report.json").state is State.NOT_FINISHED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a usable plan file: it is empty"),
        (b"{}", "not a usable plan file: its format_version is null"),
        (dump_review(plan(DELETES)).replace(b"Press", b"Pross"), "it was changed after it was written"),
        (dump_review(plan(DELETES)).replace(b'"2.0"', b'"1.0"'), "it was made by an older groupsync"),
        (dump_review(plan(DELETES)).replace(b'"2.0"', b'"3.0"'), "it was made by a newer groupsync"),
        (EMPTY_RECORD.replace(b'"1.0"', b'"1.1"'), "not a usable report: it was made by a newer groupsync"),
        (EMPTY_RECORD.replace(b'"apply"', b'"other"'), "not a usable report: command is not as the schema says"),
    ],
)
def test_a_broken_file_or_another_version_is_an_error(content: bytes, message: str) -> None:
    with pytest.raises((DamagedPlanError, DamagedReportError), match=re.escape(message)):
        summarize_file(content, "plan.json")


def test_the_worst_exit_code_is_that_of_all() -> None:
    assert [int(code) for code in SEVERITY] == [1, 5, 4, 3, 2, 0]
    states = [AccountSummary(file="f", state=state) for state in State]
    assert {one.exit_code for one in states} == {*SEVERITY} - {ExitCode.STALE}
    for one, other in itertools.permutations(states, 2):
        worst = min(one.exit_code, other.exit_code, key=SEVERITY.index)

        assert find_exit_code([one, other]) == worst
        assert sort_worst_first([one, other])[0].exit_code == worst
    assert find_exit_code([]) == ExitCode.DONE


def test_what_is_lost_decides_among_equal_exit_codes() -> None:
    some = [
        AccountSummary(file="a", state=State.CHANGES, account="acc-1"),
        AccountSummary(file="b", state=State.CHANGES, account="acc-2", delete=1),
        AccountSummary(file="c", state=State.CHANGES, account="acc-3", memberships_lost=5),
        AccountSummary(file="d", state=State.REFUSED, account="acc-4"),
    ]

    assert [one.file for one in sort_worst_first(some)] == ["d", "c", "b", "a"]


def test_a_labelled_account_without_a_file_is_missing() -> None:
    (missing,) = find_missing([PENDING], {PENDING.account: "Here", "acc-000000000000": "Gone"})

    assert (missing.account, missing.state, missing.exit_code) == ("acc-000000000000", State.MISSING, ExitCode.ERROR)


def test_text_has_a_line_for_each_account() -> None:
    pending = replace(PENDING, account="acc-1", config_paths=("accounts/ee",), as_of="2026-11-22T09:30:00Z")
    accounts = [replace(REFUSED, label="Eesti 日本"), pending]

    assert render_summary_text(accounts, MOST) == (
        "2 accounts: 1 refused, 1 pending. Memberships that would be lost: 12.\n"
        f"The oldest file is plan.json, made 2026-11-22 09:30 UTC, by groupsync {__version__}.\n"
        "\n"
        "ACCOUNT                        VERDICT  CREATE  RENAME  DELETE  LOST\n"
        f"Eesti 日本 ({REFUSED.account})  refused       0       0       1    12\n"
        "    contacts-lost\n"
        "    plan.json\n"
        f"    made 2026-11-23 12:00 UTC, by groupsync {__version__}\n"
        "acc-1                          pending       1       0       0     0\n"
        "    plan.json of accounts/ee\n"
        f"    made 2026-11-22 09:30 UTC, by groupsync {__version__}\n"
    )


@pytest.mark.parametrize(
    ("one", "age"),
    [
        (summarize_file(EMPTY_RECORD, "report.json"), "finished 2026-11-23 12:00 UTC, by groupsync 0.1.0"),
        (summarize_file(record(Report(outcomes=(), remaining=0), ""), "r.json"), "started 2026-11-23 12:00 UTC"),
        (
            replace(PENDING, as_of="2026-11-01T08:00:00Z", groupsync_version="0.0.9"),
            "made 2026-11-01 08:00 UTC, by groupsync 0.0.9",
        ),
    ],
)
def test_every_format_says_when_a_file_was_made_or_a_run_ended_and_by_which_version(
    one: AccountSummary, age: str
) -> None:
    assert f"    {age}" in render_summary_text([one], MOST)
    assert age in render_summary_markdown([one], MOST)
    assert age in read_text(SUMMARY_FORMATS["html"]([one], MOST))
    (account,) = json.loads(render_summary_json([one], MOST))["accounts"]
    assert (account["as_of"], account["groupsync_version"]) == (one.as_of, one.groupsync_version)


def test_every_format_says_which_file_is_the_oldest() -> None:
    old = replace(PENDING, file="old.json", as_of="2026-11-01T08:00:00Z", groupsync_version="0.0.9")
    accounts = [REFUSED, old, AccountSummary(file="x", state=State.UNREADABLE)]
    sentence = "The oldest file is old.json, made 2026-11-01 08:00 UTC, by groupsync 0.0.9."

    assert find_oldest(accounts) == old
    assert sentence in render_summary_text(accounts, MOST).split("\n")
    assert sentence in render_summary_markdown(accounts, MOST).split("\n")
    assert sentence in read_text(SUMMARY_FORMATS["html"](accounts, MOST))
    assert json.loads(render_summary_json(accounts, MOST))["oldest"] == "2026-11-01T08:00:00Z"
    assert "oldest" not in render_summary_text([old], MOST)
    assert find_oldest([]) is None


def test_what_is_lost_and_what_would_be_lost_are_two_figures() -> None:
    deletion = plan(DELETES)
    outcome = Outcome(change=deletion.plan.changes[0], word=Word.DONE)
    done = summarize_file(record(Report(outcomes=(outcome,), remaining=0)), "report.json")
    accounts = [summarize(deletion), replace(done, account=deletion.target.account)]

    verdict = "1 account, 2 files: 1 pending, 1 complete. Memberships lost: 12. Memberships that would be lost: 12."
    assert render_summary_text(accounts, MOST).startswith(verdict)
    assert verdict.rstrip(".") in render_summary_markdown(accounts, MOST)
    page = read_text(SUMMARY_FORMATS["html"](accounts, MOST))
    assert "memberships that would be lost 12 group to delete 1" in page
    assert "memberships lost 12 group deleted 1" in page
    kinds = [account["kind"] for account in json.loads(render_summary_json(accounts, MOST))["accounts"]]
    assert kinds == ["plan", "report"]


def test_markdown_begins_with_one_marker_for_each_account() -> None:
    accounts = [
        replace(REFUSED, account="acc-3"),
        replace(PENDING, account="acc-2"),
        replace(PENDING, account="acc-1"),
        replace(PENDING, account="acc-1", file="another.json"),
        AccountSummary(file="x", state=State.UNREADABLE),
    ]

    lines = render_summary_markdown(accounts, MOST).split("\n")

    assert lines[:4] == [
        "<!-- groupsync plan account=acc-1 -->",
        f"<!-- groupsync plan account=acc-2 approval={PENDING.approval} -->",
        "<!-- groupsync plan account=acc-3 -->",
        "",
    ]
    assert not any(line.startswith("<!-- groupsync") for line in lines[4:])


@pytest.mark.parametrize("most", [2_000, 20_000, MOST])
def test_markdown_keeps_its_size_and_counts_what_does_not_fit(most: int) -> None:
    accounts = [
        replace(PENDING, account=f"acc-{number:012x}", approval=f"{PENDING.approval}+{'9,' * (number % 200)}9")
        for number in range(1_000)
    ]

    page = render_summary_markdown(accounts, most)
    markers = [line for line in page.split("\n") if line.startswith("<!-- groupsync")]

    assert len(page.encode()) <= most
    assert 0 < len(markers) < 1_000
    assert f"The approvals of {1_000 - len(markers):,} accounts do not fit here." in page
    assert "accounts.** See them with" in page


@pytest.mark.parametrize("name", NAMES)
def test_no_label_and_no_file_makes_a_marker_or_a_line(name: str) -> None:
    restrictions = tuple(describe_scope(Scope(patterns=(name,))))
    hostile = replace(PENDING, label=name, file=name, config_paths=(name,), problem=name, restrictions=restrictions)
    accounts = [replace(hostile, as_of=name, groupsync_version=name)]

    markdown = render_summary_markdown(accounts, MOST)
    lines = markdown.split("\n")

    assert [number for number, line in enumerate(lines) if line.startswith("<!--")] == [0]
    assert len([line for line in lines if line.startswith("| ")]) == 3
    assert len(render_summary_text(accounts, MOST).splitlines()) == (8 if name else 5)


def test_every_format_says_what_a_plan_was_limited_to() -> None:
    wanted = replace(config(removed=("Press",)), scope=(Pattern(text="P*", source=at(2)),), job_scope=("P*", "X"))
    review = make_review(wanted, GROUPS, TARGET, NOW, replace(LIMITS, no_deletes=True), exclude=("Press",))
    one = summarize(review)

    assert (one.state, one.exit_code, one.delete, one.approval) == (State.CHANGES, ExitCode.CHANGES_PENDING, 0, "")
    assert one.restrictions == (
        'Scope: only groups named "P*".',
        'Scope of this job (GROUPSYNC_SCOPE): only groups named "P*" or "X".',
        'Excluded: --exclude "Press".',
        "No deletions (--no-deletes or GROUPSYNC_NO_DELETES).",
    )
    assert "".join(f"    {line}\n" for line in one.restrictions) in render_summary_text([one], MOST)
    markdown = "<br>".join(line.replace('"P*"', '`"P*"`').replace('"X"', '`"X"`') for line in one.restrictions)
    assert markdown.replace('"Press"', '`"Press"`') in render_summary_markdown([one], MOST)
    assert " ".join(one.restrictions) in read_text(SUMMARY_FORMATS["html"]([one], MOST))
    assert json.loads(render_summary_json([one], MOST))["accounts"][0]["restrictions"] == [*one.restrictions]


def test_postponed_deletions_alone_are_pending() -> None:
    review = make_review(DELETES, GROUPS, TARGET, NOW, replace(LIMITS, no_deletes=True))

    assert (summarize(review).state, summarize(review).delete) == (State.CHANGES, 0)


def test_json_follows_its_schema() -> None:
    accounts = (REFUSED, PENDING, AccountSummary(file="", state=State.MISSING, account="acc-000000000000"))

    document = json.loads(render_summary_json(accounts, MOST))

    assert find_violations("summary", document) == ()
    assert document["exit_code"] == 1
    assert [account["verdict"] for account in document["accounts"]] == ["refused", "pending", "missing"]
    assert document["accounts"][1]["approval"] == PENDING.approval


def test_every_format_is_the_same_bytes_for_equal_summaries() -> None:
    for render in SUMMARY_FORMATS.values():
        assert render((REFUSED, PENDING), MOST) == render((REFUSED, PENDING), MOST)
