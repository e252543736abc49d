"""Groups outside the scope that may be a renamed group of the scope, and those of other teams, which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.model.config import Config, GroupEntry, Pattern
from groupsync.model.groups import LiveGroup, Source
from groupsync.model.plan import Create, Plan, Reason
from groupsync.suggest import find_outside_lookalikes
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

CREATED = (
    "Marketing Newsletter",
    "Marketing VIP",
    "Marketing Leads 2024",
    "Marketing Black Friday 2027",
    "Marketing Spring sale",
)
SOURCE = Source(file="groups.yaml", line=3)
OTHER_TEAM = ("Sales A", "Sales B", "Sales C")

RENAMED = {
    "Leads 2024 (Marketing)": "Marketing Leads 2024",
    "Leads 2024": "Marketing Leads 2024",
    "marketing-newsletter": "Marketing Newsletter",
    "Newsletter": "Marketing Newsletter",
    "Marketng VIP": "Marketing VIP",
    "Maketing Black Friday 2027": "Marketing Black Friday 2027",
    "MARKETING: Spring sale (old)": "Marketing Spring sale",
    "Marketing_VIP": "Marketing VIP",
    "MarketingVIP": "Marketing VIP",
    "Archived: Marketing VIP": "Marketing VIP",
    "Marketng Sprng sale": "Marketing Spring sale",
}
OTHERS = (
    "Sales Newsletter",
    "Sales VIP",
    "Sales Leads 2024",
    "Sales Black Friday 2027",
    "Estonia",
    "Support escalations",
    "Marketng Leads 2025",
)


def find(
    name: str, contacts_count: int | None = 500, *, scope: str = "Marketing *", names: Sequence[str] = CREATED
) -> list[tuple[str, str]]:
    config = Config(
        scope=(Pattern(text=scope, source=SOURCE),),
        groups=tuple(GroupEntry(name=created, source=SOURCE) for created in names),
    )
    plan = Plan(changes=tuple(Create(name=created, reason=Reason.LISTED, wave=1, source=SOURCE) for created in names))
    outside = [
        LiveGroup(id=make_id(number), name=other, contacts_count=contacts_count)
        for number, other in enumerate((name, *OTHER_TEAM))
    ]
    return [(one.group.name, one.name) for one in find_outside_lookalikes(config, outside, plan)]


@pytest.mark.parametrize("name", RENAMED)
def test_a_group_that_was_renamed_out_of_the_scope_is_found(name: str) -> None:
    assert find(name) == [(name, RENAMED[name])]


@pytest.mark.parametrize("name", OTHERS)
def test_a_group_of_another_team_with_the_same_words_is_not_found(name: str) -> None:
    assert find(name) == []


@pytest.mark.parametrize("contacts_count", [5, 500, 50_000, None])
@pytest.mark.parametrize("name", ["Newsleter", "News letter", "Newsletters", "Newsletter (old)"])
def test_a_group_of_one_word_that_was_misspelled_or_extended_is_found(name: str, contacts_count: int | None) -> None:
    assert find(name, contacts_count, scope="Newsletter", names=["Newsletter"]) == [(name, "Newsletter")]


@pytest.mark.parametrize("name", ["Team B newsletter", "Team North newsletter"])
def test_another_word_in_place_of_one_of_the_scope_means_another_team(name: str) -> None:
    assert find(name, scope="Team A *", names=["Team A newsletter"]) == []


def test_an_empty_group_is_not_found_and_one_of_unknown_size_is() -> None:
    assert find("Newsletter", contacts_count=0) == []
    assert find("Newsletter", contacts_count=None) == [("Newsletter", "Marketing Newsletter")]
