"""Scopes of one account: what is wrong between configurations, and with the live groups."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.errors import ExitCode
from groupsync.model.config import AccountPin, Pattern
from groupsync.scopes import MOST_PROBLEMS, ScopedConfig, check_scopes
from tests.unit.core import at, config, entry, live

if TYPE_CHECKING:
    from groupsync.model.config import Config, GroupEntry
    from groupsync.model.groups import LiveGroup


def scoped(
    path: str,
    *scope: str,
    groups: tuple[GroupEntry | str, ...] = (),
    removed: tuple[int | str, ...] = (),
    ignore: tuple[str, ...] = (),
    accounts: tuple[str, ...] = (),
) -> ScopedConfig:
    made: Config = replace(
        config(*groups, removed=removed, ignore=ignore),
        scope=tuple(Pattern(text=text, source=at(2)) for text in scope),
        accounts=tuple(AccountPin(account=account, source=at(1)) for account in accounts),
    )
    return ScopedConfig(path=path, config=made, scope=made.make_scope())


def find(*configs: ScopedConfig, groups: tuple[LiveGroup, ...] | None = None) -> list[tuple[str, str]]:
    report = check_scopes(configs, groups)

    assert report.exit_code == (ExitCode.REFUSED if report.problems else ExitCode.DONE)
    return [(problem.code, problem.message) for problem in report.problems]


MARKETING = scoped("marketing", "Marketing *", "Newsletter", groups=("Marketing EE", "Newsletter"))
SALES = scoped("sales", "Sales *", groups=("Sales EE",))


def test_separate_scopes_are_in_order() -> None:
    assert find(MARKETING, SALES) == []


def test_one_configuration_alone_is_in_order_even_without_a_scope() -> None:
    assert find(scoped("all")) == []


def test_a_configuration_without_a_scope_overlaps_with_every_other() -> None:
    assert find(MARKETING, SALES, scoped("all")) == [
        ("no-scope", "all: has no scope, so every group of the others is in it as well")
    ]


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (("*EE",), '"*EE" and "Marketing *" (at groups.yaml:2) both match "Marketing EE"'),
        (("newsletter",), '"newsletter" and "Newsletter" (at groups.yaml:2) both match "Newsletter"'),
        (("News*",), '"News*" and "Newsletter" (at groups.yaml:2) both match "Newsletter"'),
    ],
)
def test_patterns_that_match_a_common_name_overlap(scope: tuple[str, ...], message: str) -> None:
    assert find(MARKETING, scoped("other", *scope)) == [("overlap", message)]


@pytest.mark.parametrize(
    ("ignore", "scope", "is_in_order"),
    [
        (("Marketing VIP",), "Marketing VIP", True),
        (("marketing v*",), "Marketing VIP", True),
        (("Marketing VIP *",), "Marketing VIP *", True),
        (("Marketing VIP ?*",), "Marketing VIP *", False),
        (("Sales *",), "Marketing VIP", False),
    ],
)
def test_what_a_configuration_ignores_may_belong_to_another(
    ignore: tuple[str, ...], scope: str, is_in_order: bool
) -> None:
    whole, part = scoped("whole", "Marketing *", ignore=ignore), scoped("part", scope)

    for configs in ((whole, part), (part, whole)):
        assert [code for code, _ in find(*configs)] == ([] if is_in_order else ["overlap"])


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (scoped("a", "A*", groups=("VIP",)), scoped("b", "B*", groups=("vip",)), 'the name "vip"'),
        (
            scoped("a", "A*", groups=("VIP",)),
            scoped("b", "B*", groups=(entry("B", previously=("VIP",)),)),
            'the name "VIP"',
        ),
        (scoped("a", "A*", groups=("VIP",)), scoped("b", "B*", removed=("VIP",)), 'the name "VIP"'),
        (
            scoped("a", "A*", groups=(entry("A", 7),)),
            scoped("b", "B*", removed=(7,)),
            "id 00000007-52b7-4f0d-9c3e-1b7a60d2f401",
        ),
    ],
)
def test_a_name_or_id_that_two_configurations_claim_is_a_problem(
    one: ScopedConfig, other: ScopedConfig, what: str
) -> None:
    assert find(one, other) == [("claimed-twice", f"{what} is also in a (at groups.yaml:3)")]


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        (("acc-1",), ("acc-2",), ["accounts"]),
        (("acc-1",), ("acc-2", "acc-1"), []),
        (("acc-1",), (), []),
        ((), ("acc-2",), []),
    ],
)
def test_configurations_of_two_accounts_are_not_compared(
    first: tuple[str, ...], second: tuple[str, ...], codes: list[str]
) -> None:
    found = find(scoped("a", "A*", accounts=first), scoped("b", "B*", accounts=second))

    assert [code for code, _ in found] == codes


def test_live_groups_in_no_scope_are_listed_and_are_no_problem() -> None:
    groups = (live(1, "Marketing EE", 9), live(2, "Old", 3), live(3, "New", None), live(4, "Imported", 40))

    report = check_scopes((MARKETING, SALES), groups)

    assert report.problems == ()
    assert report.unowned is not None
    assert [group.name for group in report.unowned] == ["Imported", "Old", "New"]


def test_a_live_group_in_two_scopes_is_a_problem_even_if_its_name_is_odd() -> None:
    """No pattern of the two shows it: one matches the name as it is, the other without the blank."""
    one, other = scoped("one", "Sale *"), scoped("other", "Sale")

    assert find(one, other, groups=(live(1, "Sale"), live(2, "Sale 1"))) == []
    assert find(one, other, groups=(live(1, "Sale "),)) == [
        ("shared-groups", '"Sale " is in the scope of each of one and other')
    ]
    assert find(one, scoped("other", "Sale", ignore=("Sale ",)), groups=(live(1, "Sale "),)) == []


@pytest.mark.parametrize(
    ("name", "where"), [("Sales EE", "in the scope of sales"), ("Old", "in no scope"), ("Marketing EE", None)]
)
def test_an_id_whose_live_group_is_outside_the_scope_is_a_problem(name: str, where: str | None) -> None:
    listed = scoped("marketing", "Marketing *", groups=(entry("Marketing EE", 7),))
    given_up = scoped("marketing", "Marketing *", removed=(7,))

    for configuration in (listed, given_up):
        assert find(configuration, scoped("sales", "Sales *"), groups=(live(7, name),)) == (
            [("id-outside-scope", f'id {live(7, name).id} is the live group "{name}", which is {where}')]
            if where
            else []
        )


def test_of_many_problems_of_a_kind_the_first_are_shown() -> None:
    names = tuple(f"Group {number}" for number in range(100))

    found = find(scoped("a", "A*", groups=names), scoped("b", "B*", groups=names))

    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1] == ("claimed-twice", "more like these follow")


@pytest.mark.slow
def test_patterns_that_take_too_long_to_compare_are_a_problem() -> None:
    one, other = (scoped(name, *("?" * 900 + f"{name}{n:03}?" for n in range(1_000))) for name in "ab")

    assert find(one, other) == [("not-compared", "the patterns of a and b are too many and too long to be compared")]


def test_large_scopes_and_many_live_groups_are_compared_in_seconds() -> None:
    one = scoped("one", *(f"One {number}" for number in range(50_000)), *(f"One {n} *" for n in range(1_000)))
    other = scoped("other", *(f"Other {number}" for number in range(50_000)), *(f"Other {n} *" for n in range(1_000)))
    groups = tuple(live(number, f"One {number}") for number in range(50_000))
    begin = time.process_time()

    report = check_scopes((one, other), groups)

    assert (report.problems, report.unowned) == ((), ())
    assert time.process_time() - begin < 20
