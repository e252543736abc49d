"""`pull` as a function of texts and live groups: the whole new text, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.config.load import load_texts
from groupsync.editing import Refusal
from groupsync.names import temporary_name
from groupsync.pulling import (
    PullChoices,
    compare_with_live,
    find_prune_fault,
    list_edits,
    list_edits_by_hand,
    take_live_names,
)
from groupsync.runs.edits import make_writes
from tests.unit.core import live, make_id

if TYPE_CHECKING:
    from groupsync.model.groups import LiveGroup

A, B, C = make_id(1), make_id(2), make_id(3)
ADD = PullChoices()
PRUNE = PullChoices(prunes=True)
PIN = PullChoices(pins=True)
ADDED = "to add what is not in the configuration, add below line 8 of groups.yaml:"


def pull(text: str, *groups: LiveGroup, choices: PullChoices = ADD, job_scope: tuple[str, ...] = ()) -> str:
    """Return the new text of a file, or the reason of a refusal."""
    config = load_texts({"groups.yaml": text}, job_scope=job_scope)
    differences = compare_with_live(take_live_names(config, choices.taken), groups)
    writes = make_writes(config, list_edits(config, differences, choices, "groups.yaml"))
    if isinstance(writes, Refusal):
        return str(writes)
    return writes[-1].new if writes else text


def test_unlisted_groups_are_added_at_the_end_sorted_by_name() -> None:
    text = f"version: 1\ngroups: # ours\n  - Leads # weekly\n\n  # big\n  - name: VIP\n    id: {A}\n# end\n"

    new = pull(text, live(1, "VIP"), live(2, "Leads"), live(4, "beta"), live(3, "NO"), live(5, "Alpha"))

    added = (
        f"  - name: Alpha\n    id: {make_id(5)}\n"
        f"  - name: beta\n    id: {make_id(4)}\n"
        f'  - name: "NO"\n    id: {make_id(3)}\n'
    )
    assert new == text.replace("# end\n", f"{added}# end\n")


@pytest.mark.parametrize(
    "policy", ["", *(f"policy: {{unlisted: {value}}}\n" for value in ("keep", "refuse", "delete"))]
)
def test_the_policy_makes_no_difference(policy: str) -> None:
    text = f"version: 1\n{policy}groups:\n  - Leads\n"

    assert pull(text, live(1, "Leads"), live(2, "VIP")) == f"{text}  - name: VIP\n    id: {B}\n"


@pytest.mark.parametrize(
    ("keys", "group"),
    [
        ('ignore: ["Imported *"]\n', live(2, "imported 7")),
        ('scope: ["Sales *", Leads]\n', live(2, "Marketing")),
        ("", live(2, temporary_name("VIP", B))),
        ("removed:\n  - VIP\n".replace("- VIP", "- name: VIP"), live(2, "VIP")),
        (f"removed:\n  - id: {B}\n", live(2, "VIP")),
    ],
    ids=["ignored", "outside the scope", "at a temporary name", "removed by name", "removed by id"],
)
def test_what_is_no_unlisted_group_is_not_added(keys: str, group: LiveGroup) -> None:
    text = f"version: 1\n{keys}groups:\n  - Leads\n"

    assert pull(text, live(1, "Leads"), group) == text


def test_the_scope_of_the_job_also_counts() -> None:
    text = "version: 1\ngroups:\n  - Sales 1\n"

    assert pull(text, live(1, "Sales 1"), live(2, "VIP"), job_scope=("Sales *",)) == text


def test_a_pinned_entry_with_another_live_name_keeps_its_name() -> None:
    text = f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\n"

    assert pull(text, live(1, "VIP Gold")) == text


def test_a_live_name_is_taken_on_request_and_leaves_previously() -> None:
    text = f"version: 1\ngroups:\n  - name: VIP # ours\n    id: {A}\n    previously: [VIP Gold, Gold]\n"

    new = pull(text, live(1, "VIP Gold"), choices=PullChoices(taken={A: "VIP Gold"}))

    assert new == f"version: 1\ngroups:\n  - name: VIP Gold # ours\n    id: {A}\n    previously: [Gold]\n"


def test_a_group_with_the_name_that_an_entry_waits_for_is_added_only_after_the_live_name_was_taken() -> None:
    text = f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\n"
    groups = live(1, "VIP Gold"), live(2, "vip")

    assert pull(text, *groups) == text
    assert pull(text, *groups, choices=PullChoices(taken={A: "VIP Gold"})) == (
        f"version: 1\ngroups:\n  - name: VIP Gold\n    id: {A}\n  - name: vip\n    id: {B}\n"
    )


@pytest.mark.parametrize(
    ("entry", "groups"),
    [
        ("VIP", (live(1, "VIP"), live(2, "VIP"))),
        ("VIP", (live(1, "Vip"),)),
        ("Am\u00e9lie", (live(1, "Ame\u0301lie"),)),
        ("{name: VIP, previously: [Old, Older]}", (live(1, "Old"), live(2, "Older"))),
        (f"{{name: VIP, id: {C}, previously: [Old]}}", (live(1, "Old"),)),
    ],
    ids=["two of that name", "other case", "other code points", "two earlier names", "earlier name of a lost group"],
)
def test_a_group_that_an_entry_may_mean_is_undecided(entry: str, groups: tuple[LiveGroup, ...]) -> None:
    text = f"version: 1\ngroups:\n  - {entry}\n"

    differences = compare_with_live(load_texts({"groups.yaml": text}), groups)

    assert pull(text, *groups) == text
    assert [one.group for one in differences.undecided] == [*groups]
    assert {one.entry.source.line for one in differences.undecided} == {3}


def test_a_group_whose_name_differs_only_in_code_points_waits_for_an_entry_that_cannot_get_its_id() -> None:
    text = f"version: 1\ngroups:\n  - Am\u00e9lie\nremoved:\n  - id: {A}\n"

    assert pull(text, live(1, "Am\u00e9lie"), live(2, "Ame\u0301lie")) == text


def test_an_interrupted_rename_of_a_pinned_entry_is_no_live_name() -> None:
    text = f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\n"

    differences = compare_with_live(load_texts({"groups.yaml": text}), [live(1, temporary_name("Old", A))])

    assert (differences.renamed, differences.temporary) == ((), ())


def test_ignored_groups_and_those_outside_the_scope_do_not_raise_a_limit() -> None:
    text = 'version: 1\nignore: ["I*"]\nscope: ["I*", "V*"]\ngroups: []\n'
    groups = live(1, "I1"), live(2, "Other"), live(3, "V")

    assert compare_with_live(load_texts({"groups.yaml": text}), groups).counted_groups == 1


def test_an_entry_whose_earlier_name_is_live_again_loses_it() -> None:
    text = f"version: 1\ngroups:\n  - name: VIP Gold\n    id: {A}\n    previously:\n      - VIP\n      - Gold\n"

    new = pull(text, live(1, "VIP Gold"), live(2, "VIP"))

    assert new == (
        f"version: 1\ngroups:\n  - name: VIP Gold\n    id: {A}\n    previously:\n      - Gold\n"
        f"  - name: VIP\n    id: {B}\n"
    )


def test_an_entry_without_id_gets_it_if_a_new_group_has_the_same_name_in_other_code_points() -> None:
    text = "version: 1\ngroups:\n  - Am\u00e9lie\n"

    new = pull(text, live(1, "Am\u00e9lie"), live(2, "Ame\u0301lie"))

    assert new == (f'version: 1\ngroups:\n  - name: Am\u00e9lie\n    id: {A}\n  - name: "Ame\u0301lie"\n    id: {B}\n')


def test_ids_are_added_to_entries_that_mean_one_group() -> None:
    text = "version: 1\ngroups:\n  - VIP # ours\n  - {name: New, previously: [Old]}\n  - Twice\n  - Missing\n"

    new = pull(text, live(1, "VIP"), live(2, "Old"), live(3, "Twice"), live(4, "Twice"), choices=PIN)

    assert new == (
        f"version: 1\ngroups:\n  - {{name: VIP, id: {A}}} # ours\n"
        f"  - {{name: New, id: {B}, previously: [Old]}}\n  - Twice\n  - Missing\n"
    )


def test_an_id_that_is_also_under_removed_is_not_added() -> None:
    text = f"version: 1\ngroups:\n  - VIP\nremoved:\n  - id: {A}\n"

    assert pull(text, live(1, "VIP"), choices=PIN) == text


def test_what_is_done_is_pruned() -> None:
    text = (
        f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\n    previously: [Old, Kept]\n"
        f"  - name: Gone\n    id: {B}\n  - Missing\n  - {{name: New, previously: [Older]}}\n"
        f"removed:\n  - name: Away\n  - name: Kept\n  - id: {C}\n"
    ).replace("  - name: Kept\n", "")

    new = pull(text, live(1, "VIP"), live(5, "New"), live(6, "Sale"), choices=PRUNE)

    assert new == (
        f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\n  - Missing\n  - {{name: New}}\n"
        f"  - name: Sale\n    id: {make_id(6)}\nremoved: []\n"
    )


def test_what_is_not_done_is_not_pruned() -> None:
    """A pending rename, a group outside the scope, a removal at a temporary name, an entry without id."""
    text = (
        'version: 1\nscope: ["V*", "A*"]\ngroups:\n'
        f"  - name: VIP\n    id: {A}\n    previously: [Vold]\n"
        f"  - name: VO\n    id: {B}\n"
        "  - {name: VN, previously: [Vm]}\n"
        f"removed:\n  - name: Away\n  - id: {make_id(9)}\n"
    )
    groups = (
        live(1, "VIP Gold"),
        live(2, "Other team"),
        live(3, temporary_name("Away", C)),
        live(9, "Other team 2"),
    )

    assert pull(text, *groups, choices=PRUNE) == text


@pytest.mark.parametrize(
    ("limit", "groups", "allowed"),
    [("2", 3, True), ("1", 3, False), ("50%", 4, True), ("25%", 4, False), ("10", 0, False)],
)
def test_too_many_entries_are_not_pruned(limit: str, groups: int, allowed: bool) -> None:
    entries = "".join(f"  - name: G{number}\n    id: {make_id(number)}\n" for number in (90, 91))
    config = load_texts({"groups.yaml": f"version: 1\npolicy: {{max_deletes: {limit}}}\ngroups:\n{entries}"})
    differences = compare_with_live(config, [live(number, f"L{number}") for number in range(groups)])

    assert (find_prune_fault(config, differences, None) == "") is allowed
    assert (find_prune_fault(config, differences, 1) == "") is False


def test_an_entry_with_a_comment_is_not_pruned_and_nothing_else_is_edited() -> None:
    text = f"version: 1\ngroups:\n  - name: Gone # why\n    id: {A}\n"

    refused = pull(text, live(2, "VIP"), choices=PRUNE)

    assert refused == "groups.yaml:3:5: this entry has a comment, so groupsync does not remove it"


def test_a_live_name_that_contradicts_another_entry_is_refused() -> None:
    text = f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\n  - Gold\n"

    refused = pull(text, live(1, "Gold"), choices=PullChoices(taken={A: "Gold"}))

    assert refused.startswith(
        'the configuration would not be valid: groups.yaml:5:5: groups[1]: "Gold" is listed already'
    )


def test_the_lines_to_paste_do_what_the_edits_do() -> None:
    text = (
        f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\n    previously: [Old]\n"
        f"  - name: Gone\n    id: {B}\n  - Leads\nremoved:\n  - name: Away\n"
    )
    choices = PullChoices(taken={A: "VIP Gold"}, pins=True, prunes=True)
    config = load_texts({"groups.yaml": text})
    groups = live(1, "VIP Gold"), live(3, "Leads"), live(4, "New", 7)
    differences = compare_with_live(take_live_names(config, choices.taken), groups)

    assert list_edits_by_hand(config, differences, choices) == (
        "to remove what is done, remove lines 9 to 10 of groups.yaml",
        f"{ADDED}\n  - name: New  # 7 contacts\n    id: {make_id(4)}",
        f"to write what is live, change line 8 of groups.yaml to:\n  - name: Leads\n    id: {C}",
        "to remove what is done, remove lines 6 to 7 of groups.yaml",
        f"to write what is live, change lines 3 to 5 of groups.yaml to:\n  - name: VIP Gold\n    id: {A}",
    )


def test_lines_to_remove_by_hand_go_from_below_and_leave_no_list_without_a_value() -> None:
    text = f"version: 1\ngroups:\n  - name: VIP\n    id: {A}\nremoved:\n  # why\n  - name: Away\n  - name: Gone\n"
    config = load_texts({"groups.yaml": text})
    differences = compare_with_live(config, (live(1, "VIP"),))

    assert list_edits_by_hand(config, differences, PRUNE) == (
        "to remove what is done, remove line 8 of groups.yaml",
        "to remove what is done, remove line 7 of groups.yaml",
        "write [] after the key of a list that has no entries then, such as `removed: []`",
    )
