"""Likely renames, and the lines to paste for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.model.config import Config, Unlisted
from groupsync.model.groups import LiveGroup, Source
from groupsync.planner import make_plan
from groupsync.suggest import find_suggestions
from tests.unit.core import config, entry, live, make_id

if TYPE_CHECKING:
    from groupsync.model.review import Suggestion


def suggest(desired: Config, *groups: LiveGroup) -> tuple[Suggestion, ...]:
    plan = make_plan(desired, groups)
    assert plan.problems == ()
    return find_suggestions(desired, groups, plan)


def list_lines(suggestion: Suggestion, *, way: int = 0) -> list[str]:
    """Return the lines to paste of one of the ways that a suggestion offers."""
    return suggestion.remedy[way].split("\n")[1:]


def suggest_names(desired: Config, *groups: LiveGroup) -> list[tuple[str, str]]:
    """Return the old and the new name of each suggestion."""
    return [(suggestion.before, suggestion.after) for suggestion in suggest(desired, *groups)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Leads 2024", "Leads"),
        ("Leads", "Leads 2025"),
        ("VIP", "VIP customers"),
        ("vip customers", "VIP Customers"),
        ("ＶＩＰ", "VIP"),  # noqa: RUF001 - wide letters, which NFKC makes narrow
        ("Newsletter ", "Newsletter"),
        ("Customers VIP", "VIP customers"),
        ("Neswletter", "Newsletter"),
        ("Subscribers Tallinn", "Tallinn subscribers (newsletter)"),
        ("Püsikliendid", "Püsikliendid 2025"),
        ("Постоянные клиенты", "Постоянные клиенты (розница)"),
        ("顧客", "VIP 顧客"),
        ("B2B_partners", "B2B partners"),
        ("⭐ ", "⭐"),
    ],
)
def test_names_that_look_alike_are_suggested(before: str, after: str) -> None:
    kept = [live(number, f"Segment {number}", 5) for number in range(2, 6)]
    desired = config(after, *(group.name for group in kept))

    assert suggest_names(desired, live(1, before, 40), *kept) == [(before, after)]


@pytest.mark.parametrize(
    ("before", "after"), [("Leads", "Newsletter"), ("VIP", "Press"), ("Tartu", "Narva"), ("Spring sale", "Summer camp")]
)
def test_names_that_have_nothing_in_common_are_not_suggested(before: str, after: str) -> None:
    assert suggest_names(config(after), live(1, before, 40)) == []


def test_a_word_that_most_names_have_makes_no_pair() -> None:
    cities = ("Tallinn", "Tartu", "Narva", "Viljandi", "Rakvere", "Kuressaare", "Haapsalu")
    kept = [live(number, f"Customers {city}", 5) for number, city in enumerate(cities, start=2)]
    desired = config("Customers Riga", *(group.name for group in kept))

    assert suggest_names(desired, live(1, "Customers Helsinki", 40), *kept) == []


def test_each_group_and_each_name_is_suggested_once() -> None:
    desired = config("VIP customers", "Leads")
    groups = [
        live(1, "VIP", 40),
        live(2, "Surveys", 7),
        live(3, "Leads 2023", 5),
        live(4, "Leads 2024", 1_204),
    ]

    found = suggest_names(desired, *groups)

    assert sorted(found) == [("Leads 2024", "Leads"), ("VIP", "VIP customers")]


def test_a_short_name_is_found_although_many_names_contain_it() -> None:
    """A whole name is a feature of its own, different from the trigram with the same three letters."""
    kept = [live(number, f"VIPAT {number}", 5) for number in range(2, 1_300)]
    desired = config("vip", *(group.name for group in kept))

    assert suggest_names(desired, live(1, "VIP", 40), *kept) == [("VIP", "vip")]


def test_of_two_similar_groups_the_fuller_one_is_suggested() -> None:
    desired = config("Leads")

    assert suggest_names(desired, live(1, "Leads A", 900), live(2, "Leads B", 3)) == [("Leads A", "Leads")]
    assert suggest_names(desired, live(1, "Leads A", 3), live(2, "Leads B", 900)) == [("Leads B", "Leads")]


OTHER_WAY = 'or, to keep the live name "Leads 2024", change the entry at groups.yaml'


def test_the_remedy_is_the_entry_with_the_earlier_name() -> None:
    [suggestion] = suggest(config(entry("Leads", previously=("Prospects",), line=12)), live(1, "Leads 2024", 1_204))

    assert (suggestion.group_id, suggestion.contacts_count, suggestion.source.line) == (make_id(1), 1_204, 12)
    assert suggestion.remedy == (
        (
            "do the same people belong in it? Then change the entry at groups.yaml:12 to:\n"
            "  - name: Leads\n"
            "    previously: [Prospects, Leads 2024]"
        ),
        f"{OTHER_WAY}:12 to:\n  - name: Leads 2024\n    previously: [Prospects]",
    )


def test_names_that_yaml_would_misread_are_quoted() -> None:
    [suggestion] = suggest(config("NO: sales"), live(1, "NO", 5))

    assert list_lines(suggestion) == ['  - name: "NO: sales"', '    previously: ["NO"]']
    assert list_lines(suggestion, way=1) == ['  - name: "NO"']


def test_the_description_stays_in_the_pasted_entry() -> None:
    [suggestion] = suggest(config(replace(entry("Leads"), description="From: the fair")), live(1, "Leads 2024", 5))

    assert list_lines(suggestion) == [
        "  - name: Leads",
        "    previously: [Leads 2024]",
        '    description: "From: the fair"',
    ]
    assert list_lines(suggestion, way=1) == ["  - name: Leads 2024", '    description: "From: the fair"']


@pytest.mark.parametrize("file", ["groups.json", "GROUPS.JSON"])
def test_a_json_file_gets_a_line_of_json(file: str) -> None:
    desired = config(replace(entry("Leads"), source=Source(file=file, line=3, column=5)))

    [suggestion] = suggest(desired, live(1, "Leads 2024", 5))

    assert list_lines(suggestion) == ['{"name": "Leads", "previously": ["Leads 2024"]}']
    assert list_lines(suggestion, way=1) == ['{"name": "Leads 2024"}']


def test_of_several_groups_with_one_name_the_id_says_which() -> None:
    [suggestion] = suggest(config("Leads"), live(1, "Leads 2024", 5), live(2, "Leads 2024", 50))

    assert list_lines(suggestion) == ["  - name: Leads", f"    id: {make_id(2)}"]
    assert list_lines(suggestion, way=1) == ["  - name: Leads 2024", f"    id: {make_id(2)}"]


def test_an_empty_group_of_the_same_name_counts_although_it_is_not_suggested() -> None:
    """`previously: [Leads 2024]` would mean both."""
    desired = config("Leads", removed=("Leads 2024", 2))

    [suggestion] = suggest(desired, live(1, "Leads 2024", 0), live(2, "Leads 2024", 5))

    assert list_lines(suggestion, way=1) == ["  - name: Leads", f"    id: {make_id(2)}"]


@pytest.mark.parametrize("name", [" Leads", "Leads\u200b", "Leads "])
def test_a_name_that_no_file_may_have_is_not_offered(name: str) -> None:
    [suggestion] = suggest(config("Leads 24"), live(1, name, 5))

    assert len(suggestion.remedy) == 1


@pytest.mark.parametrize("removed", [1, "Leads 2024"])
def test_a_deletion_with_consent_is_suggested_too(removed: int | str) -> None:
    [suggestion] = suggest(config("Leads", removed=(removed,)), live(1, "Leads 2024", 5))

    assert suggestion.remedy[0] == "do the same people belong in it? Then take out the entry at groups.yaml:50:5"
    assert suggestion.remedy[1].startswith("and then, change the entry at groups.yaml:3 to:\n")


def test_a_removal_by_id_that_takes_precedence_over_a_rename_is_named() -> None:
    desired = config(entry("Leads", previously=("Leads 2024", "Leads 2023"), line=7), "Lead", removed=(1, 2))

    [suggestion] = suggest(desired, live(1, "Leads 2024", 5), live(2, "Leads 2023", 9))

    assert (suggestion.before, suggestion.after) == ("Leads 2023", "Leads")
    assert suggestion.remedy == (
        (
            "groups.yaml:7 already has its name under previously, but the deletion by id takes precedence: "
            "do the same people belong in it? Then take out the entry at groups.yaml:51:5"
        ),
    )


def test_an_empty_group_that_removed_names_is_not_suggested() -> None:
    """Its author has decided, and nobody would lose it."""
    assert suggest_names(config("Leads", removed=("Leads 2024",)), live(1, "Leads 2024", 0)) == []
    assert suggest_names(config("Leads", removed=(1,)), live(1, "Leads 2024", 0)) == []
    assert suggest_names(config("Leads"), live(1, "Leads 2024", 0)) == [("Leads 2024", "Leads")]


@pytest.mark.parametrize("unlisted", [Unlisted.KEEP, Unlisted.REFUSE])
def test_unlisted_groups_are_suggested_too(unlisted: Unlisted) -> None:
    assert suggest_names(config("Leads", unlisted=unlisted), live(1, "Leads 2024", 5)) == [("Leads 2024", "Leads")]


def test_a_group_that_is_deleted_at_a_temporary_name_is_suggested_too() -> None:
    assert suggest_names(config("VIP"), live(1, "vip", 5)) == [("vip", "VIP")]


def test_groups_whose_name_the_configuration_has_are_not_suggested() -> None:
    """Another `previously: [VIP]` would contradict the entry that has that name or earlier name."""
    desired = config(entry("VIP", 1), entry("Gold", 3, previously=("Old VIP",)), "VIP customers", removed=(4,))

    assert suggest_names(desired, live(1, "VIP"), live(2, "VIP", 5), live(3, "Gold"), live(4, "Old VIP", 7)) == []
