"""What an approval covers, what it survives, and attacks on it."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.errors import StalePlanError
from groupsync.model.account import make_target
from groupsync.model.config import Policy, Unlisted
from groupsync.model.limits import RunPolicy
from groupsync.model.plan import Create, Delete
from groupsync.names import temporary_name
from groupsync.planfile.approval import Approval, make_approval, parse_approval, render_approval
from groupsync.planfile.digest import digest_review
from groupsync.review.make import make_review
from groupsync.review.require import require_approval
from groupsync.review.verify import verify_review
from tests.laws.strategies import situations
from tests.unit.core import LIMITS, NOW, TARGET, config, entry, live, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.review import Review

DESIRED = config("A", entry("C", previously=("B",)), removed=("D", 3))
GROUPS = (live(1, "B", 7), live(2, "D", 100), live(3, "E", 18), live(4, "A", 1))


def review(
    desired: Config = DESIRED,
    groups: Sequence[LiveGroup] = GROUPS,
    *,
    target: Target = TARGET,
    policy: RunPolicy = LIMITS,
) -> Review:
    return make_review(desired, groups, target, NOW, policy)


def approve(approved: Review) -> Approval:
    approval = make_approval(approved)
    assert approval
    return approval


def find_differences(found: Review, approval: Approval) -> list[str]:
    """Return what `apply` would print below its error; nothing if it would go on."""
    try:
        require_approval(found, approval)
    except StalePlanError as error:
        return str(error).split("\n  ")[1:]
    return []


APPROVAL = approve(review())
DIGEST = APPROVAL.digest


# What an approval is


def test_an_approval_is_the_digest_and_the_contacts_of_each_deleted_group_in_the_order_of_their_ids() -> None:
    assert Approval(digest=digest_review(review()), counts=(100, 18)) == APPROVAL
    assert render_approval(APPROVAL) == f"{DIGEST}+100,18"


def test_the_order_is_that_of_the_ids_not_of_the_names_or_of_the_plan() -> None:
    groups = (live(9, "A", 1), live(8, "B", 2), live(7, "C", 3))

    assert approve(review(config("N", removed=(7, 8, 9)), groups)).counts == (3, 2, 1)


def test_an_empty_group_counts_zero_and_a_plan_without_deletions_is_its_digest_alone() -> None:
    emptied = approve(review(config("A"), (live(1, "A"), live(2, "D", 0))))
    created = approve(review(config("A", "B"), (live(1, "A"),)))

    assert render_approval(emptied).endswith("+0")
    assert render_approval(created) == created.digest


@pytest.mark.parametrize(
    ("desired", "groups"),
    [
        (config("A"), (live(1, "A"), live(2, "D", 5))),
        (config("A", removed=("D",)), (live(1, "A"), live(2, "D", None))),
        (config(entry("A", 9)), (live(1, "A"),)),
        (config("A"), (live(1, "A", 5),)),
        (config("A", unlisted=Unlisted.REFUSE), (live(1, "A", 5), live(2, "B"))),
    ],
    ids=["refused by a guard", "of unknown size", "impossible", "without changes", "refused without changes"],
)
def test_what_cannot_be_approved_has_no_approval(desired: Config, groups: tuple[LiveGroup, ...]) -> None:
    assert make_approval(review(desired, groups)) is None


def test_a_plan_that_an_override_lets_through_can_be_approved() -> None:
    policy = RunPolicy(keeps_backups=True, allowed=frozenset({"contacts-lost"}))

    assert approve(review(config("A"), (live(1, "A"), live(2, "D", 5)), policy=policy)).counts == (5,)


@given(situation=situations())
def test_an_approval_reads_back_and_is_for_its_own_plan(situation: tuple[Config, tuple[LiveGroup, ...]]) -> None:
    made = review(*situation)
    approval = make_approval(made)
    event("approval" if approval else "none")
    if approval:
        assert parse_approval(render_approval(approval)) == approval
        assert find_differences(made, approval) == []


# Its text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "sha256:",
        DIGEST.removeprefix("sha256:"),
        DIGEST.upper(),
        DIGEST[:-1],
        DIGEST + "0",
        f" {DIGEST}",
        f"{DIGEST}\n",
        f"{DIGEST}+",
        f"{DIGEST}+,",
        f"{DIGEST}+1,",
        f"{DIGEST}+,1",
        f"{DIGEST}+1,,2",
        f"{DIGEST}+1 ,2",
        f"{DIGEST}+1+2",
        f"{DIGEST}++1",
        f"{DIGEST}+-1",
        f"{DIGEST}+00",
        f"{DIGEST}+0100,18",
        f"{DIGEST}+1_000",
        f"{DIGEST}+1.0",
        f"{DIGEST}+1e9",
        f"{DIGEST}+0x10",
        f"{DIGEST}+inf",
        f"{DIGEST}+\u0661",
        f"{DIGEST}+\uff11",
        f"{DIGEST}+\u00b2",
        f"{DIGEST}+1\n",
        f"{DIGEST}+1\x00",
        f"{DIGEST}+" + "9" * 20,
        f"{DIGEST}+" + "9" * 5_000,
        "sha256:" + "\uff10" * 64,
        "md5:" + "0" * 64,
    ],
)
def test_a_text_that_no_approval_is_written_as_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an approval"):
        parse_approval(text)


@given(text=st.from_regex(r"sha256:[0-9a-f]{64}(\+[0-9]{1,25}(,[0-9]{1,25}){0,3})?", fullmatch=True))
def test_whatever_is_read_was_written_in_just_this_way(text: str) -> None:
    """No two texts are the same approval, so one that is compared as text elsewhere means the same there."""
    try:
        approval = parse_approval(text)
    except ValueError:
        event("refused")
        return
    event("read")
    assert render_approval(approval) == text


# What it survives


@pytest.mark.parametrize(
    ("desired", "groups"),
    [
        (DESIRED, (live(1, "B", 7), live(2, "D", 99), live(3, "E", 18), live(4, "A", 1))),
        (DESIRED, (live(1, "B", 7), live(2, "D", 0), live(3, "E", 0), live(4, "A", 1))),
        (DESIRED, (live(1, "B", 700), live(2, "D", 100), live(3, "E", 18), live(4, "A", 900))),
        (replace(DESIRED, policy=Policy(max_deletes=3, max_contacts_lost=9)), GROUPS),
        (config("A", entry("C", previously=("B",)), removed=(2, 3)), GROUPS),
        (config("A", "Z", entry("C", 1), removed=("D", "E"), protected=("X",)), (*GROUPS, live(5, "Z", 50))),
        (config("A", entry("C", previously=("B",)), removed=("D", 3), ignore=("Imp*",)), (*GROUPS, live(5, "Imp", 5))),
    ],
    ids=[
        "one person fewer",
        "nobody left",
        "more people in groups that stay",
        "other limits",
        "other ways to say the same",
        "another pull request that is applied already",
        "groups that are ignored",
    ],
)
def test_an_approval_survives_fewer_people_and_whatever_changes_no_group(
    desired: Config, groups: tuple[LiveGroup, ...]
) -> None:
    assert find_differences(review(desired, groups), APPROVAL) == []


def test_how_a_change_is_made_does_not_count() -> None:
    """A swap is two renames, and a deletion that first frees its name is one deletion, with its base name."""
    swap = config(entry("B", 1), entry("A", 2))
    freeing = config("new", "Other", removed=(1,))
    groups = (live(1, "A", 3), live(2, "B", 4))
    old = (live(1, "NEW", 3), live(2, "Other", 4))
    swapped, freed = review(swap, groups), review(freeing, old)

    assert len(swapped.plan.changes) == 3
    assert [type(change) for change in freed.plan.changes].count(Delete) == 1
    assert find_differences(freed, approve(freed)) == []
    (delete,) = (change for change in freed.plan.changes if isinstance(change, Delete))
    assert delete.name == temporary_name("NEW", make_id(1))
    # The same effects in other waves, in another order, without the temporary steps:
    for made in (swapped, freed):
        plan = replace(made.plan, changes=tuple(replace(change, wave=9) for change in made.plan.changes))
        assert digest_review(replace(made, plan=plan)) == digest_review(made)
    renamed = review(config(entry("B", 1), entry("A", 2)), (live(1, "X", 3), live(2, "B", 4)))
    assert digest_review(renamed) != digest_review(swapped)


# Attacks


@pytest.mark.parametrize(
    ("desired", "groups"),
    [
        (DESIRED, GROUPS[1:]),
        (DESIRED, (live(5, "B", 7), *GROUPS[1:])),
        (DESIRED, (GROUPS[0], live(5, "D", 100), *GROUPS[2:])),
        (DESIRED, (GROUPS[0], GROUPS[1], live(3, "Renamed", 18), GROUPS[3])),
        (DESIRED, GROUPS[:3]),
        (config("A", entry("X", previously=("B",)), removed=("D", 3)), GROUPS),
        (config(entry("C", 4), entry("A", 1), removed=("D", 3)), GROUPS),
        (config("A", "B", removed=("D", 3)), GROUPS),
        (config("A", entry("C", previously=("B",)), "New", removed=("D", 3)), GROUPS),
        (config("A", entry("C", previously=("B",)), "E", removed=("D",)), GROUPS),
        (config("A", "C", removed=("B", "D", 3)), GROUPS),
        (config("A", "D", "E", entry("C", previously=("B",))), GROUPS),
        (config(*(group.name for group in GROUPS)), GROUPS),
    ],
    ids=[
        "a renamed group is gone",
        "a renamed group was replaced by one of the same name",
        "a deleted group was replaced by one of the same name",
        "a deleted group has another name",
        "a group that stayed would be created",
        "another new name",
        "the new names are exchanged",
        "no rename",
        "one group more is created",
        "one deletion fewer",
        "a deletion and a create in place of a rename",
        "no deletion",
        "no changes",
    ],
)
def test_other_changes_are_not_approved(desired: Config, groups: tuple[LiveGroup, ...]) -> None:
    lines = find_differences(review(desired, groups), APPROVAL)

    assert any(line.startswith(("its changes differ: ", "it has no changes: ")) for line in lines)


def test_people_who_moved_between_approved_groups_are_not_approved() -> None:
    """As many lose a group as before, but one group holds one person more."""
    moved = (GROUPS[0], live(2, "D", 99), live(3, "E", 19), GROUPS[3])

    assert find_differences(review(DESIRED, moved), APPROVAL) == [
        f'group "E" [id={make_id(3)}] would be deleted with 19 contacts: 18 were approved'
    ]


def test_every_group_with_more_people_is_named_by_the_name_that_people_know() -> None:
    """Its name is freed first, so the plan deletes it under a temporary name."""
    desired = config("new", "Other", removed=(1,))
    approval = approve(review(desired, (live(1, "NEW", 3), live(2, "Other"))))

    assert find_differences(review(desired, (live(1, "NEW", 4), live(2, "Other"))), approval) == [
        f'group "NEW" [id={make_id(1)}] would be deleted with 4 contacts: 3 were approved'
    ]


def test_counts_in_another_order_approve_less_or_the_same() -> None:
    counts = (1, 2, 3)
    desired = config("N", removed=(7, 8, 9))
    made = review(desired, [live(number, str(number), held) for number, held in zip((7, 8, 9), counts, strict=True)])

    approved = [
        order for order in permutations(counts) if not find_differences(made, replace(approve(made), counts=order))
    ]

    assert approved == [counts]


@pytest.mark.parametrize("counts", [(), (100,), (118,), (100, 18, 0), (100, 18, 18), (0, 100, 18)])
def test_more_or_fewer_counts_than_deletions_approve_nothing(counts: tuple[int, ...]) -> None:
    found = {0: "no numbers of contacts", 1: "a number of contacts for only 1", 3: "a number of contacts for 3"}

    (line,) = find_differences(review(), replace(APPROVAL, counts=counts))

    assert line.startswith(f"2 groups would be deleted; the approval has {found[len(counts)]}")
    assert line.endswith(": a digest alone does not approve deletions") is (not counts)


def test_counts_beside_a_plan_without_deletions_approve_nothing() -> None:
    made = review(config("A", "B"), (live(1, "A"),))

    assert find_differences(made, replace(approve(made), counts=(0,))) == [
        "0 groups would be deleted; the approval has a number of contacts for 1"
    ]


@pytest.mark.parametrize(
    "target",
    [
        make_target("https://api.messente.com/v1", "somebody else"),
        make_target("https://api.example.com/v1", "user"),
        make_target("https://api.messente.com/v2", "user"),
    ],
    ids=["another account", "another host", "another path"],
)
def test_the_approval_of_another_account_or_endpoint_is_none(target: Target) -> None:
    assert find_differences(review(target=target), APPROVAL) != []
    assert find_differences(review(), approve(review(target=target))) != []


def test_a_plan_that_was_refused_then_and_is_not_now_is_not_approved() -> None:
    """Whoever builds an approval from the digest and the numbers of the refused plan gains nothing."""
    desired, groups = config("A"), (live(1, "A"), live(2, "D", 5))
    refused = review(desired, groups)
    built = Approval(digest=digest_review(refused), counts=(5,))

    assert make_approval(refused) is None
    assert find_differences(refused, built) == [
        "it is refused (contacts-lost), and nobody can approve a plan that is refused"
    ]


def test_a_plan_of_a_group_whose_size_is_unknown_is_not_approved() -> None:
    unknown = (GROUPS[0], live(2, "D", None), *GROUPS[2:])

    assert find_differences(review(DESIRED, unknown), APPROVAL)[-1] == (
        f'group "D" [id={make_id(2)}] would be deleted with number of contacts unknown: 100 were approved'
    )


@pytest.mark.parametrize("held", [100, 99, 101])
def test_more_people_than_were_approved_stop_a_saved_plan_when_it_is_compared_with_what_is_live(held: int) -> None:
    saved = review()
    groups = (GROUPS[0], live(2, "D", held), *GROUPS[2:])
    require_approval(saved, APPROVAL)

    if held > 100:
        with pytest.raises(StalePlanError, match=f"{held} contacts are in the group, 100 were reviewed"):
            verify_review(saved, DESIRED, TARGET, groups, LIMITS)
    else:
        verified = verify_review(saved, DESIRED, TARGET, groups, LIMITS)
        assert [one.may_lose for one in verified.remaining if isinstance(one.change, Delete)] == [100, 18]


@given(
    situation=situations(unique=True),
    drifted=st.lists(st.tuples(st.integers(0, 7), st.integers(-3, 3)), max_size=3),
    kept=st.integers(0, 9),
)
def test_whatever_became_of_the_groups_an_approval_covers_no_other_change_and_no_more_people(
    situation: tuple[Config, tuple[LiveGroup, ...]], drifted: list[tuple[int, int]], kept: int
) -> None:
    desired, groups = situation
    approval = make_approval(review(desired, groups))
    if approval is None:
        event("none")
        return
    changed = list(groups)
    for number, more in drifted:
        if changed:
            group = changed[number % len(changed)]
            held = max(0, (group.contacts_count or 0) + more)
            changed[number % len(changed)] = replace(group, contacts_count=held)
    if kept < len(changed):
        del changed[kept]
    now = review(desired, changed)

    is_approved = find_differences(now, approval) == []

    event("approved" if is_approved else "not approved")
    assert is_approved == (list_effects(now) == list_effects(review(desired, groups)) and not has_more(now, approval))


def list_effects(made: Review) -> tuple[object, ...]:
    """Return what becomes of each group, and the codes of what refuses it."""
    names: dict[str, str | None] = {group.id: group.name for group in made.base}
    ends = dict(names)
    for change in made.plan.changes:
        if not isinstance(change, Create):
            ends[change.group_id] = None if isinstance(change, Delete) else change.after
    changed = sorted((group_id, names[group_id], str(end)) for group_id, end in ends.items() if end != names[group_id])
    created = sorted(change.name for change in made.plan.changes if isinstance(change, Create))
    return changed, created, made.refusals


def has_more(made: Review, approval: Approval) -> bool:
    deletes = sorted(
        (change.group_id, change.contacts_count or 0) for change in made.plan.changes if isinstance(change, Delete)
    )
    return any(held > most for (_, held), most in zip(deletes, approval.counts, strict=True))
