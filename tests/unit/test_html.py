"""What the pages say: the verdict in a sentence, what to ask for, what stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.display import describe_time
from groupsync.model.config import Unlisted
from groupsync.model.plan import Delete
from groupsync.model.report import Outcome, Report, Word
from groupsync.planfile.digest import digest_review
from groupsync.render.asks import ASKS, describe_ask
from groupsync.render.html import render_check_html, render_html, render_report_html
from groupsync.render.html.page import fold
from groupsync.render.html.report import MEANINGS
from groupsync.render.verdict import describe_verdict
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LENIENT, LIMITS, NOW, TARGET, config, entry, live, make_id
from tests.unit.reviewing import review_of

if TYPE_CHECKING:
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup

NOT_APPLIED = "This plan will not be applied:"
TWO = (live(1, "VIP", 30), live(2, "Press", 1_204))
PAGE = Path(__file__).parents[2] / "docs" / "reference.md"


def read_text(html: str) -> str:
    """Return the words of a page, without its style and script."""
    body = html.partition("<body>")[2].partition("<script>")[0]
    text = (
        re.sub(r"<[^>]*>", " ", re.sub(r"</?bdi[^>]*>", "", body))
        .replace("&#34;", '"')
        .replace("&quot;", '"')
        .replace("&#39;", "'")
    )
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("wanted", "groups", "verdict"),
    [
        (config("VIP", "Press"), TWO, "No changes: the Phonebook matches the configuration."),
        (config("VIP", "Press", "New"), TWO, "No contact loses a group: 1 to create."),
        (config("VIP", removed=("Press",)), (TWO[0], live(2, "Press", 1)), '1 contact will lose the group "Press".'),
        (
            config("New", removed=("VIP", "Press")),
            (TWO[0], live(2, "Press", 600)),
            "630 memberships of 2 groups will be lost.",
        ),
        (
            config("VIP", removed=("Press",)),
            TWO,
            'This plan will not be applied: 1,204 contacts would lose the group "Press".',
        ),
        (config("VIP", removed=("Press",)), (TWO[0], live(2, "Press")), "No contact loses a group: 1 to delete."),
        (
            config("VIP", removed=("Press",)),
            (TWO[0], live(2, "Press", None)),
            "This plan will not be applied: 1 group of unknown size would be deleted.",
        ),
        (
            config("New", removed=("VIP", "Press")),
            (TWO[0], live(2, "Press", None)),
            f"{NOT_APPLIED} 30 memberships of 1 group would be lost, and those of 1 group of unknown size.",
        ),
        (
            config(entry("VIP", 1), entry("Gone", 9)),
            TWO,
            "No plan can be made: 1 problem must be resolved first.",
        ),
    ],
)
def test_the_verdict_is_one_sentence(wanted: Config, groups: tuple[LiveGroup, ...], verdict: str) -> None:
    assert describe_verdict(review_of(wanted, groups)) == verdict


def test_a_group_is_called_by_its_name_before_the_plan() -> None:
    """It is renamed out of the way before it is deleted, because another group takes its name."""
    review = review_of(config(entry("Press", 1), removed=(2,)), (TWO[0], live(2, "PRESS", 9)))

    assert describe_verdict(review) == '9 contacts will lose the group "PRESS".'


def test_every_guard_has_something_to_ask_for() -> None:
    guards = re.findall(r"^\| `([a-z-]+)` \|.*\| (?:yes|no) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert len(guards) > 10
    assert set(guards) == set(ASKS)
    assert describe_ask("name-taken").startswith("Ask the person who opened this change to correct the configuration")
    assert describe_ask("exclude-matches-nothing").endswith("make a new plan with other options, as described here.")


def test_every_outcome_that_is_not_good_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Word) - {Word.DONE, Word.ADOPTED, Word.ALREADY_DONE}


def test_a_refused_plan_says_what_to_ask_for() -> None:
    text = read_text(render_html(review_of(config("VIP", unlisted=Unlisted.DELETE), TWO)))

    assert "Refused" in text
    assert f"What to do: {ASKS['contacts-lost']}" in text
    assert "Press 1,204 contacts lose this group" in text
    assert "Consent Not agreed to" in text
    assert "How it is applied" not in text


def test_a_plan_without_backup_folder_says_so() -> None:
    review = make_review(config("VIP", removed=("Press",)), (TWO[0], live(2, "Press", 5)), TARGET, NOW)

    assert "Backup none, because no backup folder is set" in read_text(render_html(review))


def test_a_plan_says_what_stays() -> None:
    groups = (*TWO, live(3, "Imported 1", 7))
    text = read_text(render_html(review_of(config("VIP", ignore=("Imported*",), unlisted=Unlisted.KEEP), groups)))

    assert "1 group unchanged VIP 30 contacts" in text
    assert "1 group kept, although not in the configuration Press 1,204 contacts" in text
    assert "1 group ignored Imported 1 7 contacts" in text


def test_more_than_a_hundred_rows_are_folded() -> None:
    html = render_html(review_of(config(*(f"New {number}" for number in range(250))), (live(1, "New 0"),)))
    shown, _, folded = html.partition("<details>")

    assert "149 more groups" in read_text(html)
    assert (shown.count("groups.yaml:"), folded.count("groups.yaml:")) == (100, 149)


def test_rows_beyond_the_most_are_counted() -> None:
    rows = fold(range(30_000))

    assert (len(rows.shown), len(rows.folded), rows.omitted, len(rows)) == (100, 24_900, 5_000, 30_000)


def test_a_check_shows_the_numbers_of_now() -> None:
    wanted = config("VIP", removed=("Press",))
    saved = review_of(wanted, (TWO[0], live(2, "Press", 20)))
    verified = verify_review(saved, wanted, TARGET, (TWO[0], live(2, "Press", 12), live(5, "Another")), LIMITS)

    text = read_text(render_check_html(verified))

    assert 'The plan is still valid. 12 contacts will lose the group "Press".' in text
    assert "New since the plan, and left alone: 1 group." in text


def test_a_check_of_a_plan_that_is_done_has_no_changes() -> None:
    wanted = config("VIP", removed=("Press",))
    saved = review_of(wanted, (TWO[0], live(2, "Press", 20)))

    text = read_text(render_check_html(verify_review(saved, wanted, TARGET, (TWO[0],), LIMITS)))

    assert "nothing is left to do: its changes (1) are all done." in text
    assert "Groups to delete" not in text


def test_a_check_does_not_call_a_group_unchanged_that_the_plan_has_changed() -> None:
    wanted = config(entry("VIP customers", previously=("VIP",)), "Press", "New", removed=("Old",))
    saved = review_of(wanted, (*TWO, live(3, "Old", 5)))
    verified = verify_review(saved, wanted, TARGET, (live(1, "VIP customers", 30), TWO[1]), LIMITS)

    text = read_text(render_check_html(verified))

    assert "The plan is still valid, 2 of 3 changes are done." in text
    assert f'Done already (2) rename group "VIP" to "VIP customers" [id={make_id(1)}]' in text
    assert f'delete group "Old" [id={make_id(3)}]' in text
    assert "What stays as it is 1 group unchanged Press 1,204 contacts" in text
    assert f"Digest {digest_review(saved)}" in text


def test_a_report_says_what_is_done_and_what_is_not() -> None:
    review = make_review(config("New", removed=("VIP", "Press")), TWO, TARGET, NOW, LENIENT)
    words = {"New": (Word.FAILED, "HTTP 422"), "VIP": (Word.DONE, ""), "Press": (Word.NOT_ATTEMPTED, "")}
    outcomes = tuple(
        Outcome(
            change=change,
            word=words[change.name][0],
            detail=words[change.name][1],
            backup="../backups/VIP.json" if change.name == "VIP" else "",
        )
        for change in review.plan.changes
        if not hasattr(change, "before")
    )
    report = Report(outcomes=outcomes, remaining=3)

    text = read_text(render_report_html(report, review, finished_at="2026-11-23T12:00:05Z"))

    assert "Apply incomplete: 1 done, 1 failed, 1 not attempted." in text
    assert 'create group "New" failed The change was not made. HTTP 422' in text
    assert "Wave 1 1 failed Wave 2 1 done, 1 not attempted" in text
    assert "VIP 30 contacts lost this group Backup: ../backups/VIP.json" in text
    assert "Run finished 2026-11-23 12:00 UTC" in text


def test_the_report_of_a_run_that_has_not_ended_says_so() -> None:
    review = make_review(config("New"), (live(1, "A"),), TARGET, NOW, LENIENT)
    outcomes = tuple(Outcome(change=change, word=Word.NOT_ATTEMPTED) for change in review.plan.changes)

    text = read_text(render_report_html(Report(outcomes=outcomes, remaining=2), review))

    assert "Not finished This run has not ended." in text
    assert "Not done" not in text


def test_an_unexpected_time_is_shown_as_it_is() -> None:
    assert describe_time("2026-11-23T12:00:00Z") == "2026-11-23 12:00 UTC"
    assert describe_time("2026-11-23T12:00:00Z\n") == "2026-11-23T12:00:00Z\n"
    assert describe_time("yesterday") == "yesterday"


def test_a_page_of_equal_reviews_is_the_same_bytes_and_needs_nothing_else() -> None:
    review = review_of(config("VIP", removed=("Press",)), TWO)

    html = render_html(review)

    assert html == render_html(review)
    assert re.findall(r"""(?:src|href|action|url)\s*[=(]""", html) == []
    assert " style=" not in html
    assert "default-src &#39;none&#39;" in html


def test_a_forged_consent_is_not_called_a_consent() -> None:
    """A plan file that says that nothing is lost without consent is still shown with its guard."""
    review = review_of(config("VIP", unlisted=Unlisted.DELETE), TWO)
    (change,) = review.plan.changes
    assert isinstance(change, Delete)

    forged = replace(review, plan=replace(review.plan, changes=(replace(change, contacts_at_most=5_000),)))

    assert "Consent Not agreed to" in read_text(render_html(forged))
    assert make_id(2) == change.group_id
