"""The final check of a run: which groups it reports as newcomers."""

from __future__ import annotations

from msgspec.structs import replace

from groupsync.applier.apply import make_initial_report
from groupsync.applier.final_check import check_report
from groupsync.model.report import Word
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LIMITS, NOW, TARGET, config, entry, live


def test_newcomers_are_new_groups_and_old_ones_with_a_name_that_the_plan_gives() -> None:
    wanted = config("New", "Stays", ignore=("Imported*",))
    base = [live(1, "Stays"), live(2, "Imported 1")]
    verified = verify_review(make_review(wanted, base, TARGET, NOW, LIMITS), wanted, TARGET, base, LIMITS)
    after = [live(1, "Stays"), live(2, "New"), live(3, "New"), live(4, "Somebody's")]

    report = check_report(make_initial_report(verified), verified, wanted, after)

    assert [outcome.word for outcome in report.outcomes] == [Word.ADOPTED]
    assert [group.id for group in report.newcomers] == [live(2, "New").id, live(4, "Somebody's").id]


def test_a_new_plan_knows_the_groups_outside_the_scope_and_the_newcomers_are_inside() -> None:
    """Somebody renamed a pinned group out of the scope during the run, and others made groups of their own."""
    wanted = replace(config(entry("M 1", 1), "M new"), scope=config(ignore=("M*",)).ignore)
    base = [live(1, "M 1", 3), live(5, "Of others", 4)]
    verified = verify_review(make_review(wanted, base, TARGET, NOW, LIMITS), wanted, TARGET, base, LIMITS)
    after = [live(1, "Left", 3), live(2, "M new"), live(5, "Of others 5", 4), live(6, "Of others 6"), live(7, "M 7")]

    report = check_report(make_initial_report(verified), verified, wanted, after)

    assert [group.name for group in report.newcomers] == ["M 7"]
    assert report.since
    assert [problem.code for problem in report.since.problems] == ["id-outside-scope"]


def test_a_new_plan_excludes_and_postpones_what_the_plan_did() -> None:
    wanted = config("New", "Aside", removed=(3,))
    base = [live(1, "Other"), live(3, "Old", 2)]
    policy = replace(LIMITS, no_deletes=True)
    saved = make_review(wanted, base, TARGET, NOW, policy, exclude=("Aside",))
    verified = verify_review(saved, wanted, TARGET, base, policy)

    report = check_report(make_initial_report(verified), verified, wanted, [*base, live(9, "New")])

    assert [outcome.change.id for outcome in report.outcomes] == ["create:New"]
    assert report.since
    assert (report.since.changes, report.since.problems) == ((), ())
