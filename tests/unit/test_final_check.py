"""The final check of a run: which groups it reports as newcomers."""

from __future__ import annotations

from groupsync.applier.apply import make_initial_report
from groupsync.applier.final_check import check_report
from groupsync.model.report import Word
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LIMITS, NOW, TARGET, config, live


def test_newcomers_are_new_groups_and_old_ones_with_a_name_that_the_plan_gives() -> None:
    wanted = config("New", "Stays", ignore=("Imported*",))
    base = [live(1, "Stays"), live(2, "Imported 1")]
    verified = verify_review(make_review(wanted, base, TARGET, NOW, LIMITS), wanted, TARGET, base, LIMITS)
    after = [live(1, "Stays"), live(2, "New"), live(3, "New"), live(4, "Somebody's")]

    report = check_report(make_initial_report(verified), verified, wanted, after)

    assert [outcome.word for outcome in report.outcomes] == [Word.ADOPTED]
    assert [group.id for group in report.newcomers] == [live(2, "New").id, live(4, "Somebody's").id]
