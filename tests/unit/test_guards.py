"""Guards: which plans are refused although they can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.display import count_contacts, quote
from groupsync.guards import OVERRIDABLE, GuardContext, find_loose_limits, find_protection_warnings, judge_plan
from groupsync.model.config import Config, Policy, RemovedId, RemovedName, Unlisted
from groupsync.model.limits import MaxDeletes, RunPolicy, Share
from groupsync.model.plan import Create
from groupsync.model.remaining import make_remaining
from groupsync.model.review import OutsideLookalike
from groupsync.names import temporary_name
from groupsync.planner import make_plan
from tests.unit.core import LIMITS, at, config, entry, live, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Change
    from groupsync.model.review import GuardFinding


def judge(
    wanted: Config,
    base: Sequence[LiveGroup],
    *,
    remaining: Sequence[Change] | None = None,
    now: Sequence[LiveGroup] | None = None,
    run_policy: RunPolicy = LIMITS,
) -> tuple[GuardFinding, ...]:
    """Return what the guards find in the plan for a base, of which some changes remain and other groups may be live."""
    return judge_plan(make_context(wanted, base, remaining=remaining, now=now, run_policy=run_policy))


def make_context(
    wanted: Config,
    base: Sequence[LiveGroup],
    *,
    remaining: Sequence[Change] | None = None,
    now: Sequence[LiveGroup] | None = None,
    run_policy: RunPolicy = LIMITS,
) -> GuardContext:
    plan = make_plan(wanted, base)
    live_now = base if now is None else now
    groups = {group.id: group for group in (*base, *live_now)}
    return GuardContext(
        config=wanted,
        plan=plan,
        base=base,
        live=live_now,
        remaining=[
            make_remaining(change, None if isinstance(change, Create) else groups.get(change.group_id), run_policy)
            for change in (plan.changes if remaining is None else remaining)
        ],
        run_policy=run_policy,
    )


@pytest.mark.parametrize(
    ("wanted", "groups", "codes"),
    [
        (config("A"), [live(1, "A", 9)], []),
        (config("A"), [live(1, "A", 9), live(2, "B", 0)], []),
        (config("A"), [live(1, "A", 9), live(2, "B", 1)], ["contacts-lost"]),
        (config("A", removed=("B",)), [live(1, "A", 9), live(2, "B", 1)], []),
        (config("A", removed=(2,)), [live(1, "A", 9), live(2, "B", 1)], []),
        (config("A", removed=("C",)), [live(1, "A", 9), live(2, "B", 1)], ["contacts-lost"]),
        (config(entry("A", previously=("B",))), [live(2, "B", 1)], []),
        (config(), [], []),
        (config(), [live(1, "A", 0)], ["empty-config"]),
        (config(), [live(1, "A", 2)], ["empty-config", "contacts-lost"]),
        (config("A"), [live(1, "B", None)], ["unknown-count"]),
        (config("A", removed=(1,)), [live(1, "B", None)], ["unknown-count"]),
        (config("A"), [live(1, "A", None)], []),
        (config("A", unlisted=Unlisted.KEEP), [live(1, "B", 5)], []),
        (config("A", unlisted=Unlisted.REFUSE), [live(1, "B", 0)], ["unlisted"]),
        (config("A", unlisted=None), [live(1, "B", 0)], ["unlisted"]),
        (config("A", unlisted=Unlisted.REFUSE), [live(1, "A", 5)], []),
        (config("A", unlisted=Unlisted.REFUSE, ignore=("B",)), [live(1, "B", 5)], []),
        (config("A"), [live(1, temporary_name("A", make_id(1)), 0)], ["interrupted-rename"]),
        (config(entry("A", 1)), [live(1, temporary_name("A", make_id(1)), 0)], []),
        (config("B", removed=(1,)), [live(1, temporary_name("A", make_id(1)), 4)], []),
    ],
)
def test_each_situation_is_refused_by_these_guards(wanted: Config, groups: list[LiveGroup], codes: list[str]) -> None:

    refusals = judge(wanted, groups)

    assert [refusal.code for refusal in refusals] == codes
    assert all(refusal.message and refusal.remedy for refusal in refusals)


def test_the_groups_are_listed_by_contacts_lost_with_lines_to_paste() -> None:
    wanted = config("A")

    (refusal,) = judge(wanted, [live(1, "B", 3), live(2, "C", 120), live(3, "D", 0)])

    assert refusal.message == (
        "123 memberships of 2 groups would be lost without consent, and policy.max_contacts_lost is 0"
    )
    assert refusal.group_ids == (make_id(2), make_id(1))
    assert refusal.remedy[-2].split("\n") == [
        "to agree to the deletions, add to the configuration:",
        "removed:",
        f'  - id: {make_id(2)}  # "C", 120 contacts',
        f'  - id: {make_id(1)}  # "B", 3 contacts',
    ]


def test_a_long_list_to_paste_says_that_it_has_only_the_largest_groups() -> None:
    wanted = config("A")

    refusals = judge(wanted, [live(number, f"B{number:02}", number) for number in range(1, 13)])

    for refusal in refusals:
        sentence, _, *lines = refusal.remedy[-2].split("\n")
        assert (len(refusal.group_ids), len(lines)) == (12, 10)
        assert sentence == "to agree to the 10 largest of these 12 deletions, add to the configuration:"
    assert len(refusals) == 2


def test_changes_already_done_are_not_judged() -> None:
    """A guard judges only the remaining changes, so it never stops an approved plan half way."""
    wanted = config("A")

    assert judge(wanted, [live(1, "B", 3)], remaining=()) == ()


@pytest.mark.parametrize("name", ["VIP", "Gone"])
def test_an_interrupted_rename_gets_lines_to_keep_or_to_delete_the_group(name: str) -> None:
    wanted = config("VIP")

    (refusal,) = judge(wanted, [live(1, temporary_name(name, make_id(1)), 3)])

    keep = f"to keep {quote(temporary_name(name, make_id(1)))}"
    place = {
        "VIP": f"{keep}, change the entry at groups.yaml:3 to:\n  - name: VIP",
        "Gone": f"{keep}, add to the list under groups:\n  - name: Gone  # or another name",
    }
    assert refusal.remedy == (
        f"{place[name]}\n    id: {make_id(1)}",
        f"to delete it, add to the configuration:\nremoved:\n  - id: {make_id(1)}",
    )


def test_protection_goes_by_the_name_before_the_plan() -> None:
    """A killed run may have left the group at a temporary name; it stays protected, and can be renamed."""
    wanted = config("VIP", removed=(1,), protected=("vip*",))
    base = [live(1, "vip", 0)]
    at_temporary_name = [live(1, temporary_name("vip", make_id(1)), 0)]

    (before,) = judge(wanted, base)
    (after,) = judge(wanted, base, now=at_temporary_name)

    assert before == after
    assert (before.code, before.group_ids) == ("protected", (make_id(1),))
    assert judge(config(entry("VIP", previously=("vip",)), protected=("vip*",)), base) == ()


@pytest.mark.parametrize("name", ["VIP gold", "Cafe\u0301 Tallinn", "straße", "VIP [groupsync 0123abcd]"])
@pytest.mark.parametrize("place", ["configuration", "environment"])
def test_a_group_that_looks_protected_is_protected(name: str, place: str) -> None:
    patterns = ("vip*", "CAFÉ *", "STRASSE")
    wanted = config(removed=(1,), protected=patterns if place == "configuration" else ())
    run_policy = RunPolicy(protected=patterns if place == "environment" else (), keeps_backups=True)

    codes = [finding.code for finding in judge(wanted, [live(1, name)], run_policy=run_policy)]

    assert "protected" in codes


@pytest.mark.parametrize(
    ("wanted", "run_policy", "warnings"),
    [
        (config("VIP", protected=("V*",)), LIMITS, []),
        (config("VIP"), RunPolicy(protected=("V*",)), []),
        (config("VIP"), RunPolicy(protected=("v.p", "v?p")), ['GROUPSYNC_PROTECTED: "v.p" matches no live group']),
        (
            config(entry("Old", previously=("VIP",)), protected=("V*",)),
            LIMITS,
            ['groups.yaml:3: group "VIP" is protected, but its new name "Old" is not: a later plan may delete it'],
        ),
        (
            config(entry("Old", 1)),
            RunPolicy(protected=("V*",)),
            ['groups.yaml:3: group "VIP" is protected, but its new name "Old" is not: a later plan may delete it'],
        ),
        (config(entry("VIP 2", previously=("VIP",)), protected=("V*",)), LIMITS, []),
    ],
)
def test_protection_that_protects_nothing_is_a_warning(
    wanted: Config, run_policy: RunPolicy, warnings: list[str]
) -> None:
    base = [live(1, "VIP", 4)]

    found = find_protection_warnings(make_context(wanted, base, run_policy=run_policy))

    assert list(found) == warnings


def test_a_rename_through_a_temporary_name_is_judged_by_its_last_name() -> None:
    wanted = config(entry("Board", 1), entry("VIP", 2), protected=("VIP",))
    base = [live(1, "VIP", 4), live(2, "Board", 4)]

    [warning] = find_protection_warnings(make_context(wanted, base))

    assert 'group "VIP" is protected, but its new name "Board" is not' in warning


@pytest.mark.parametrize("run_policy", [LIMITS, RunPolicy(keeps_backups=True, allowed=frozenset(OVERRIDABLE))])
@pytest.mark.parametrize("removed", [(), (1,), ("VIP gold",)])
def test_neither_consent_nor_an_option_overrides_protection(
    run_policy: RunPolicy, removed: tuple[int | str, ...]
) -> None:
    wanted = config("A", protected=("VIP*",), removed=removed)

    findings = judge(wanted, [live(1, "VIP gold", 0)], run_policy=run_policy)

    assert [finding.code for finding in findings if not finding.allowed] == ["protected"]


def test_the_environment_can_protect_groups() -> None:
    (finding,) = judge(
        config("A"), [live(1, "VIP", 0), live(2, "B", 0)], run_policy=replace(LIMITS, protected=("V?P",))
    )

    assert finding.group_ids == (make_id(1),)
    assert finding.remedy[1] == '  "VIP", 0 contacts, protected by GROUPSYNC_PROTECTED'


@pytest.mark.parametrize(
    ("max_deletes", "groups", "to_delete", "is_refused"),
    [
        (10, 11, 10, False),
        (10, 11, 11, True),
        (0, 5, 1, True),
        (0, 5, 0, False),
        (3, 5, 3, False),
        (Share(percent=25), 8, 2, False),
        (Share(percent=25), 8, 3, True),
        (Share(percent=25), 11, 2, False),
        (Share(percent=25), 11, 3, True),
        (Share(percent=1), 5, 1, False),
        (Share(percent=1), 5, 2, True),
        (Share(percent=100), 40, 40, False),
    ],
)
def test_deletions_without_consent_are_counted(
    max_deletes: MaxDeletes, groups: int, to_delete: int, is_refused: bool
) -> None:
    base = [live(number, f"G{number}", 0) for number in range(groups)]
    ignored = [live(100 + number, f"Imported {number}", 0) for number in range(50)]
    kept = [group.name for group in base[to_delete:]]
    wanted = config(*kept, "New", ignore=("Imported *",), max_deletes=max_deletes)

    findings = judge(wanted, [*base, *ignored])

    assert [finding.code for finding in findings] == ["max-deletes"] * is_refused
    assert all(finding.figure == to_delete and len(finding.group_ids) == to_delete for finding in findings)


def test_deletions_with_consent_do_not_count_towards_the_limit() -> None:
    base = [live(number, f"G{number}", 0) for number in range(4)]

    assert judge(config("A", removed=(0, 1, "G2"), max_deletes=1), base) == ()
    assert [finding.code for finding in judge(config("A", removed=(0, 1), max_deletes=1), base)] == ["max-deletes"]


def test_only_remaining_deletions_count_towards_the_limit() -> None:
    base = [live(number, f"G{number}", 0) for number in range(12)]
    wanted = config("A")
    plan = make_plan(wanted, base)

    assert [finding.code for finding in judge(wanted, base)] == ["max-deletes"]
    assert judge(wanted, base, remaining=plan.changes[-10:]) == ()


@pytest.mark.parametrize(
    ("at_most", "contacts", "limit", "figure"),
    [
        (120, 120, 0, None),
        (120, 130, 0, 10),
        (120, 130, 10, None),
        (120, 131, 10, 11),
        (0, 1, 0, 1),
        (200, 130, 0, None),
    ],
)
def test_consent_covers_as_many_contacts_as_it_says(
    at_most: int, contacts: int, limit: int, figure: int | None
) -> None:
    removal = RemovedName(name="Sale", contacts_at_most=at_most, source=at(50))
    wanted = replace(config("A", max_contacts_lost=limit), removed=(removal,))

    findings = judge(wanted, [live(1, "Sale", contacts)])

    assert [finding.figure for finding in findings] == ([] if figure is None else [figure])
    if findings:
        assert findings[0].source == at(50)
        assert findings[0].remedy[0].split("\n") == [
            (
                f'to agree to deleting "Sale", {count_contacts(contacts)} (contacts_at_most is {at_most} now), '
                "change the entry at groups.yaml:50 to:"
            ),
            "  - name: Sale",
            f"    contacts_at_most: {contacts}",
        ]


def test_consent_by_id_is_unlimited_unless_it_names_a_limit() -> None:
    without = replace(config("A"), removed=(RemovedId(id=make_id(1), source=at(50)),))
    limited = replace(config("A"), removed=(RemovedId(id=make_id(1), contacts_at_most=5, source=at(50)),))

    assert judge(without, [live(1, "Sale", 9_000)]) == ()
    assert [finding.figure for finding in judge(limited, [live(1, "Sale", 9_000)])] == [8_995]


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        ({"max_deletes": 2}, []),
        ({"max_deletes": 1}, ["max-deletes"]),
        ({"max_deletes": Share(percent=50)}, []),
        ({"max_deletes": Share(percent=30)}, ["max-deletes"]),
        ({"max_contacts_lost": 70}, []),
        ({"max_contacts_lost": 69}, ["contacts-lost"]),
        ({"max_contacts_lost": 0, "max_deletes": 0}, ["contacts-lost", "max-deletes"]),
    ],
)
def test_consent_does_not_override_the_limits_of_the_environment(
    limits: dict[str, MaxDeletes], codes: list[str]
) -> None:
    base = [live(1, "A", 5), live(2, "B", 20), live(3, "C", 50), live(4, "D", 5)]
    wanted = config("A", "D", removed=(2, "C"), max_deletes=1_000, max_contacts_lost=1_000)

    findings = judge(wanted, base, run_policy=replace(LIMITS, **limits))

    assert [finding.code for finding in findings] == codes
    assert all("GROUPSYNC_MAX_" in finding.message for finding in findings)


def test_the_stricter_limit_wins() -> None:
    """A loose limit in the environment does not loosen that of the configuration."""
    wide = replace(LIMITS, max_deletes=1_000, max_contacts_lost=1_000)

    assert [finding.code for finding in judge(config("A"), [live(1, "B", 1)], run_policy=wide)] == ["contacts-lost"]


def test_an_account_that_became_empty_is_refused_only_if_changes_remain() -> None:
    wanted, base = config("A", "B"), [live(1, "A", 5)]

    assert [finding.code for finding in judge(wanted, base, now=())] == ["empty-account"]
    assert judge(wanted, base, remaining=(), now=()) == ()
    assert judge(wanted, ()) != ()


def test_creates_in_an_account_without_groups_are_refused() -> None:
    """A list that is empty by mistake looks like a new account."""
    (finding,) = judge(config("A", "B"), ())

    assert (finding.code, finding.allowed) == ("empty-account", False)
    assert finding.message == "this account has no live groups, and 2 groups would be created"
    assert judge(config("A", ignore=("B",)), [live(1, "B")]) == ()
    assert judge(config(), ()) == ()


@pytest.mark.parametrize(
    ("policy", "lines"),
    [
        (
            Policy(),
            (
                "to choose, add one of these lines at the end of groups.yaml:",
                "policy: {unlisted: delete}  # deletes 3 groups; memberships lost: 12",
                "                            # that plan would also be refused: contacts-lost",
                "policy: {unlisted: keep}    # leaves 3 groups alone; no group is deleted because it is not listed",
                "policy: {unlisted: refuse}  # stays refused until each group is listed: 3 groups now",
            ),
        ),
        (
            Policy(max_contacts_lost=12, source=at(7), sources={"max_contacts_lost": at(7)}),
            (
                "to choose, add one of these lines above line 7 of groups.yaml:",
                "    unlisted: delete  # deletes 3 groups; memberships lost: 12",
                "    unlisted: keep    # leaves 3 groups alone; no group is deleted because it is not listed",
                "    unlisted: refuse  # stays refused until each group is listed: 3 groups now",
            ),
        ),
    ],
    ids=["no policy", "a policy without the key"],
)
def test_without_a_decision_unlisted_groups_are_shown_with_the_choices(policy: Policy, lines: tuple[str, ...]) -> None:
    """The numbers are those of now, not those of the plan."""
    base = [live(1, "A"), live(2, "Empty"), live(3, "Full", 5), live(4, "Few", 4)]
    now = [live(1, "A"), live(2, "Empty"), live(3, "Full", 5), live(4, "Few", 7)]

    (finding,) = judge(replace(config("A"), policy=policy), base, now=now)

    assert (finding.code, finding.figure, finding.limit) == ("unlisted", 3, 0)
    assert finding.message == "the configuration does not list 3 live groups, and does not say what to do with them"
    assert finding.group_ids == (make_id(4), make_id(3), make_id(2))
    assert finding.remedy == (
        "\n".join(lines),
        "these groups are not in the configuration:",
        f'  "Few", 7 contacts [id={make_id(4)}]',
        f'  "Full", 5 contacts [id={make_id(3)}]',
        f'  "Empty", 0 contacts [id={make_id(2)}]',
    )


@pytest.mark.parametrize(
    ("wanted", "groups"),
    [
        (config("A", "New", unlisted=None), [live(1, "A", 5)]),
        (config("New", ignore=("B*",), unlisted=None), [live(1, "B", 5)]),
        (config("New", removed=(1,), unlisted=None), [live(1, "B", 5)]),
    ],
    ids=["all listed", "ignored", "removed"],
)
def test_without_unlisted_groups_no_decision_is_needed(wanted: Config, groups: list[LiveGroup]) -> None:
    assert judge(wanted, groups) == ()


@pytest.mark.parametrize("code", sorted(set(OVERRIDABLE) - {"scope"}))
def test_each_overridable_guard_has_its_own_flag(code: str) -> None:
    wanted = config(max_deletes=0)
    base, now = [live(1, "A", 5)], () if code == "empty-account" else None
    run_policy = RunPolicy(pull_request="GITHUB_EVENT_NAME is pull_request")
    found = judge(wanted, base, now=now, run_policy=run_policy)
    allowed = judge(wanted, base, now=now, run_policy=replace(run_policy, allowed=frozenset({code})))

    assert code in {finding.code for finding in found}
    assert [finding.allowed for finding in allowed] == [finding.code == code for finding in found]
    assert all(
        finding.remedy[-1] == f"or override this guard for this run: --allow {finding.code}" for finding in found
    )


def test_a_create_that_may_have_left_the_scope_is_refused_unless_it_is_allowed() -> None:
    context = make_context(config("Marketing VIP", "Marketing Leads"), [live(1, "Marketing Leads", 5)])
    lookalike = OutsideLookalike(group=live(2, "VIP", 87), name="Marketing VIP", source=at(4))
    context = replace(context, outside_lookalikes=(lookalike,))
    allowing = replace(context, run_policy=replace(context.run_policy, allowed=frozenset({"scope"})))

    [finding] = judge_plan(context)

    assert (finding.code, finding.source, finding.allowed) == ("scope", at(4), False)
    assert finding.message == (
        "1 group that would be created looks like a group outside the scope: somebody may have renamed it"
    )
    assert finding.remedy[1] == f'  "VIP", 87 contacts, may be "Marketing VIP" [id={make_id(2)}]'
    assert [finding.allowed for finding in judge_plan(allowing)] == [True]


def test_limits_looser_than_the_default_are_found() -> None:
    assert find_loose_limits(config(), 40) == ()
    assert find_loose_limits(config(max_deletes=Share(percent=25)), 40) == ()
    assert find_loose_limits(config(max_deletes=3), 40) == ()
    loose = find_loose_limits(config(max_deletes=Share(percent=25), max_contacts_lost=5), 60)
    assert [(limit.key, limit.value, limit.default) for limit in loose] == [
        ("policy.max_deletes", "25%, 15 of 60 groups", "10"),
        ("policy.max_contacts_lost", "5", "0"),
    ]


def test_a_percentage_counts_the_groups_of_the_base_that_are_live() -> None:
    """A plan file whose base lists invented groups must not raise the limit of the environment."""
    wanted = config("A", removed=(1, 2))
    groups = [live(1, "B", 0), live(2, "C", 0), live(3, "A", 0)]
    invented = [live(number, f"Never {number}", 0) for number in range(10, 40)]
    run_policy = RunPolicy(keeps_backups=True, max_deletes=Share(percent=50))
    changes = make_plan(wanted, groups).changes

    (refusal,) = judge(wanted, [*groups, *invented], remaining=changes, now=groups, run_policy=run_policy)

    assert (refusal.code, refusal.figure, refusal.limit) == ("max-deletes", 2, 1)


@pytest.mark.parametrize("done", range(5))
def test_a_percentage_never_stops_a_plan_half_way(done: int) -> None:
    """Groups already deleted count neither as groups nor as groups to delete."""
    to_delete = [live(number, f"B{number}", 0) for number in range(1, 5)]
    base = [*to_delete, *(live(number, f"A{number}", 0) for number in range(10, 14))]
    wanted = config(*(group.name for group in base[4:]), removed=(1, 2, 3, 4))
    run_policy = RunPolicy(keeps_backups=True, max_deletes=Share(percent=50))
    changes = make_plan(wanted, base).changes

    assert judge(wanted, base, remaining=changes[done:], now=base[done:], run_policy=run_policy) == ()


def test_a_run_without_deletions_refuses_a_plan_that_deletes_and_nothing_overrides_that() -> None:
    wanted, base = config("A", removed=(2,)), [live(1, "A", 9), live(2, "B", 5), live(3, "C")]
    everything = frozenset(OVERRIDABLE)

    (finding,) = judge(wanted, base, run_policy=replace(LIMITS, no_deletes=True, allowed=everything))
    without_deletions = judge(wanted, base, remaining=[], run_policy=replace(LIMITS, no_deletes=True))

    assert (finding.code, finding.group_ids, finding.allowed) == ("no-deletes", (make_id(2), make_id(3)), False)
    assert finding.message == (
        "2 groups would be deleted, and this run must not delete anything (--no-deletes or GROUPSYNC_NO_DELETES)"
    )
    assert finding.remedy[0] == "make a new plan with --no-deletes, which postpones the deletions:"
    assert "no-deletes" not in OVERRIDABLE
    assert without_deletions == judge(wanted, base, remaining=[]) == ()


def test_a_list_without_the_groups_of_the_scope_is_no_empty_account() -> None:
    """A first run in a scope needs no `--allow`: other groups are live, so the account is the right one."""
    wanted = replace(config("M 1"), scope=config(ignore=("M*",)).ignore)
    context = make_context(wanted, [], now=[live(1, "Of others")])

    assert [finding.code for finding in judge_plan(context)] == []
    assert [finding.code for finding in judge_plan(replace(context, live=[]))] == ["empty-account"]
