"""The questions of `fix`: each case with its whole question, its answers, and the text and plan that come of them."""

from __future__ import annotations

import re

import pytest

from groupsync.config.load import load_texts
from groupsync.editing import RemoveEntry
from groupsync.fixes.origins import NO_ORIGINS, describe_origin, follow_entries
from groupsync.fixes.question import Kind, accept_renames
from groupsync.model.backup import BackupSummary
from groupsync.model.limits import RunPolicy
from groupsync.names import temporary_name
from groupsync.render.fix import render_fix_report
from tests.unit.core import LIMITS, live, make_id
from tests.unit.fixing import fix, make_fixing

KEEP, DELETE, REFUSE = (f"policy: {{unlisted: {value}}}\n" for value in ("keep", "delete", "refuse"))
LEADS = DELETE + "groups:\n  - Leads\n"
OLD_LEADS = live(1, "Leads 2024", 1204)


# A pair that looks like a rename


def test_the_question_about_a_rename() -> None:
    assert fix(LEADS, [OLD_LEADS]).questions == [
        (
            '"Leads 2024" (1,204 contacts) would be deleted, and "Leads" created.\n'
            "  r  it is a rename: keep the people           adds previously: [Leads 2024]  (groups.yaml:4)\n"
            "  l  it is the same group: keep the live name  writes name: Leads 2024  (groups.yaml:4)\n"
            '  d  it is not: delete "Leads 2024"            adds its id to removed, for at most 1,204 contacts '
            "(type the number)\n"
            '  k  keep "Leads 2024" as well                 adds it to groups\n'
            "  s  skip"
        )
    ]


@pytest.mark.parametrize(
    ("key", "text", "changes"),
    [
        ("r", "groups:\n  - name: Leads\n    previously: [Leads 2024]\n", [f"rename:{make_id(1)}"]),
        ("l", "groups:\n  - Leads 2024\n", []),
        (
            "d",
            f"groups:\n  - Leads\nremoved:\n  - id: {make_id(1)}\n    contacts_at_most: 1204\n",
            ["create:Leads", f"delete:{make_id(1)}"],
        ),
        ("k", f"groups:\n  - Leads\n  - name: Leads 2024\n    id: {make_id(1)}\n", ["create:Leads"]),
        ("s", "groups:\n  - Leads\n", ["create:Leads", f"delete:{make_id(1)}"]),
    ],
)
def test_the_answers_about_a_rename(key: str, text: str, changes: list[str]) -> None:
    fixed = fix(LEADS, [OLD_LEADS], key)

    assert fixed.text == f"version: 1\n{DELETE}{text}"
    assert fixed.changes == changes
    assert fixed.fixing.review.refusals == (("contacts-lost",) if key == "s" else ())


def test_a_pair_is_also_suggested_if_unlisted_groups_stay() -> None:
    fixed = fix(KEEP + "groups: [Leads]\n", [OLD_LEADS], "r")

    assert fixed.questions[0].startswith(
        '"Leads 2024" (1,204 contacts) is not in the configuration, and "Leads" would be created.\n'
    )
    assert fixed.text == f"version: 1\n{KEEP}groups: [{{name: Leads, previously: [Leads 2024]}}]\n"
    assert fixed.changes == [f"rename:{make_id(1)}"]


def test_a_rename_takes_the_group_out_of_removed() -> None:
    text = "groups:\n  - Leads\n  - VIP\nremoved:\n  - name: Leads 2024\n    contacts_at_most: 2000\n"

    fixed = fix(text, [OLD_LEADS, live(2, "VIP")], "r")

    assert fixed.questions == [
        (
            '"Leads 2024" (1,204 contacts) would be deleted, and "Leads" created.\n'
            "  r  it is a rename: keep the people  adds previously: [Leads 2024]  (groups.yaml:3), and takes it out of "
            "removed  (groups.yaml:6)\n"
            '  k  keep "Leads 2024" as well        adds it to groups, and takes it out of removed  (groups.yaml:6)\n'
            "  s  skip"
        )
    ]
    assert fixed.text == ("version: 1\ngroups:\n  - name: Leads\n    previously: [Leads 2024]\n  - VIP\nremoved: []\n")
    assert fixed.changes == [f"rename:{make_id(1)}"]


def test_a_group_whose_name_another_has_too_is_renamed_by_its_id() -> None:
    fixed = fix(KEEP + "groups: [Leads]\n", [OLD_LEADS, live(2, "Leads 2024", 3)], "r")

    assert fixed.questions[0].startswith(f'"Leads 2024" (1,204 contacts) [id={make_id(1)}] is not in')
    assert fixed.text == f"version: 1\n{KEEP}groups: [{{name: Leads, id: {make_id(1)}}}]\n"


def test_questions_have_the_lines_of_the_file_on_the_disk() -> None:
    """Answers add lines above other entries, add an entry, and remove one."""
    text = (
        f"{DELETE}groups:\n  - Leads\n  - name: Gone\n    id: {make_id(9)}\n  - Estonia\n  - VIP\n"
        "removed:\n  - name: Old\n    contacts_at_most: 1\n"
    )
    groups = [OLD_LEADS, live(2, "Eesti 1", 3), live(3, "VIP"), live(4, "Old", 5), live(5, "Estonia 1", 8)]

    fixed = fix(text, groups, "x", "r", "r", "d", "d")

    assert [re.findall(r"\(?(groups\.yaml\S*?)[), ]", question) for question in fixed.questions] == [
        ["groups.yaml:5"] * 3,
        ["groups.yaml:7"] * 2,
        ["groups.yaml:4"] * 2,
        ["groups.yaml:10"] * 3,
        [],
    ]
    assert fixed.text == (
        f"version: 1\n{DELETE}groups:\n  - name: Leads\n    previously: [Leads 2024]\n"
        "  - name: Estonia\n    previously: [Estonia 1]\n  - VIP\n"
        f"removed:\n  - name: Old\n    contacts_at_most: 5\n  - id: {make_id(2)}\n    contacts_at_most: 3\n"
    )


def test_what_is_not_written_has_the_lines_of_the_new_text() -> None:
    text = f"{DELETE}groups:\n  - Leads\n  # ours\n  - name: Gone\n    id: {make_id(9)}\n"

    fixed = fix(text, [OLD_LEADS], "x", "r")

    assert "(groups.yaml:6)" in fixed.questions[0]
    report = fixed.fixing.report("", is_written=True)
    (unwritten,) = report.unwritten
    assert fixed.text.split("\n")[6] == "  - name: Gone"
    assert unwritten.question.lines == ('"Gone" has an id that is no longer live  (groups.yaml:7).',)
    assert report.by_hand.texts == ("to do this by hand, remove lines 7 to 8 of groups.yaml",)


def test_an_entry_of_an_earlier_answer_has_no_line_yet() -> None:
    before, after = "version: 1\ngroups: [A, B]\n", "version: 1\ngroups:\n  - B\n  - C\nremoved:\n  - name: D\n"
    old, new = load_texts({"groups.yaml": before}), load_texts({"groups.yaml": after})
    edits = [RemoveEntry(source=old.groups[0].source)]

    origins = follow_entries(NO_ORIGINS, old, edits, new)

    sources = [entry.source for entry in (*new.groups, *new.removed)]
    assert [origins[source] for source in sources] == [old.groups[1].source, None, None]
    assert [describe_origin(origins, source) for source in sources] == [
        "groups.yaml:2",
        "groups.yaml, new",
        "groups.yaml, new",
    ]
    assert set(follow_entries(origins, new, [], new).items()) == set(origins.items())


# A deletion without consent


def test_a_deletion_without_consent() -> None:
    text = DELETE + "groups: [VIP]\n"
    groups = [live(1, "Old", 12), live(2, "VIP")]

    agreed, kept = fix(text, groups, "d"), fix(text, groups, "k")

    assert agreed.questions == kept.questions
    assert agreed.questions == [
        (
            '"Old" (12 contacts) would be deleted: it is not in the configuration.\n'
            '  d  delete "Old"  adds its id to removed, for at most 12 contacts (type the number)\n'
            '  k  keep "Old"    adds it to groups\n'
            "  s  skip"
        )
    ]
    assert agreed.text.endswith(f"groups: [VIP]\nremoved:\n  - id: {make_id(1)}\n    contacts_at_most: 12\n")
    assert (agreed.changes, agreed.fixing.review.refusals) == ([f"delete:{make_id(1)}"], ())
    assert kept.text.endswith(f"groups: [VIP, {{name: Old, id: {make_id(1)}}}]\n")
    assert (kept.changes, kept.fixing.review.refusals) == ([], ())


def test_a_consent_that_is_too_small() -> None:
    text = "groups:\n  - VIP\nremoved:\n  - name: Old\n    contacts_at_most: 10\n"
    groups = [live(1, "Old", 12), live(2, "VIP")]

    agreed, kept = fix(text, groups, "d"), fix(text, groups, "k")

    assert agreed.questions == [
        (
            '"Old" (12 contacts) would be deleted, and groups.yaml:5 agrees to 10 contacts at most.\n'
            '  d  delete "Old"  sets contacts_at_most to 12  (groups.yaml:5) (type the number)\n'
            '  k  keep "Old"    adds it to groups, and takes it out of removed  (groups.yaml:5)\n'
            "  s  skip"
        )
    ]
    assert agreed.text == f"version: 1\n{text.replace('10', '12')}"
    assert kept.text == (f"version: 1\ngroups:\n  - VIP\n  - name: Old\n    id: {make_id(1)}\nremoved: []\n")


def test_a_protected_group_and_one_of_unknown_size_can_only_be_kept() -> None:
    text = DELETE + "groups: [VIP]\nprotected: [Old*]\n"
    groups = [live(1, "Old", 12), live(2, "VIP"), live(3, "Other", None), live(4, "Mine", 7)]
    policy = RunPolicy(keeps_backups=True, protected=("Mine",))

    fixed = fix(text, groups, "k", "k", "k", run_policy=policy)

    assert [question.split("\n")[0] for question in fixed.questions] == [
        '"Old" (12 contacts) would be deleted, and it is protected.',
        '"Mine" (7 contacts) would be deleted, and it is protected.',
        (
            '"Other" (number of contacts unknown) would be deleted, and the server does not say how many contacts are '
            "in it."
        ),
    ]
    assert [[answer.key for answer in question.answers] for question in fixed.asked] == [["k"], ["k"], ["k"]]
    assert fixed.fixing.review.refusals == ()


def test_a_consented_deletion_that_only_the_environment_forbids_is_not_asked_about() -> None:
    policy = RunPolicy(keeps_backups=True, max_deletes=0)

    fixed = fix(
        f"groups: [VIP]\nremoved: [{{id: {make_id(1)}}}]\n", [live(1, "Old", 3), live(2, "VIP")], run_policy=policy
    )

    assert fixed.fixing.review.refusals == ("max-deletes",)
    assert fixed.questions == []


# Several groups with one name


def test_each_other_group_of_a_name_gets_a_question() -> None:
    text = DELETE + "groups:\n  - VIP\n"
    groups = [live(1, "VIP", 3), live(2, "VIP", 0), live(3, "VIP", 8)]

    fixed = fix(text, groups, "2", "k", "d")

    assert fixed.questions[0] == (
        '3 live groups can be "VIP", and the entry does not say which one  (groups.yaml:4).\n'
        "Each other one would be deleted, unless you keep it: it gets a question of its own.\n"
        f'  1  "VIP", 8 contacts  sets id: {make_id(3)}  (groups.yaml:4)\n'
        f'  2  "VIP", 3 contacts  sets id: {make_id(1)}  (groups.yaml:4)\n'
        f'  3  "VIP", 0 contacts  sets id: {make_id(2)}  (groups.yaml:4)\n'
        "  s  skip"
    )
    assert [question.split("\n")[0] for question in fixed.questions[1:]] == [
        f'"VIP" (8 contacts) [id={make_id(3)}] would be deleted: it is not in the configuration.',
        f'"VIP" (0 contacts) [id={make_id(2)}] would be deleted: it is not in the configuration.',
    ]
    assert fixed.text == (
        f"version: 1\n{DELETE}groups:\n  - name: VIP\n    id: {make_id(1)}\n  - name: VIP\n    id: {make_id(3)}\n"
        f"removed:\n  - id: {make_id(2)}\n    contacts_at_most: 0\n"
    )
    assert fixed.changes == [f"delete:{make_id(2)}"]


def test_other_groups_of_a_name_that_stay_are_not_asked_about() -> None:
    fixed = fix(KEEP + "groups: [VIP]\n", [live(1, "VIP", 3), live(2, "VIP", 0)], "1")

    assert len(fixed.questions) == 1
    assert "Each other one" not in fixed.questions[0]
    assert fixed.fixing.review.refusals == ()


def test_an_earlier_name_that_several_groups_have() -> None:
    text = REFUSE + "groups:\n  - {name: VIP, previously: [Gold, Silver]}\n"

    fixed = fix(text, [live(1, "Gold", 3), live(2, "Silver", 5)], "1", "k")

    assert fixed.questions[0].startswith(
        '2 live groups can be "VIP" by its earlier names, and the entry does not say which one  (groups.yaml:4).\n'
    )
    assert fixed.questions[1] == (
        '"VIP" is live  (groups.yaml:4).\n'
        'So is its earlier name "Gold" (3 contacts).\n'
        "  k  they are two groups: keep both  adds it to groups, and takes its name out of previously  "
        "(groups.yaml:4)\n"
        '  d  delete "Gold"                   adds its id to removed, for at most 3 contacts (type the number)\n'
        "  s  skip"
    )
    assert fixed.text == (
        f"version: 1\n{REFUSE}groups:\n  - {{name: VIP, id: {make_id(2)}, previously: [Silver]}}\n"
        f"  - {{name: Gold, id: {make_id(1)}}}\n"
    )
    assert fixed.changes == [f"rename:{make_id(2)}"]
    assert fixed.fixing.review.refusals == ()


def test_a_removed_name_that_several_groups_have() -> None:
    text = REFUSE + "groups: [News]\nremoved:\n  - name: Old\n    contacts_at_most: 9\n"
    groups = [live(1, "Old", 3), live(2, "Old", 5), live(3, "News")]

    one, kept = fix(text, groups, "1", "d"), fix(text, groups, "k")

    assert one.questions[0] == (
        '2 live groups are named "Old", and the entry under removed does not say which one  (groups.yaml:5).\n'
        f"  1  delete the one with 5 contacts  names it by id: {make_id(2)}  (groups.yaml:5) (type the number)\n"
        f"  2  delete the one with 3 contacts  names it by id: {make_id(1)}  (groups.yaml:5) (type the number)\n"
        "  k  keep them all                   adds them to groups, and takes the name out of removed  (groups.yaml:5)\n"
        "  s  skip"
    )
    assert one.text == (
        f"version: 1\n{REFUSE}groups: [News]\nremoved:\n  - id: {make_id(2)}\n    contacts_at_most: 5\n"
        f"  - id: {make_id(1)}\n    contacts_at_most: 3\n"
    )
    assert kept.text == (
        f"version: 1\n{REFUSE}groups: [News, {{name: Old, id: {make_id(2)}}}, {{name: Old, id: {make_id(1)}}}]\n"
        "removed: []\n"
    )
    assert kept.changes == []


def test_a_group_that_is_listed_by_name_and_removed_by_id() -> None:
    text = f"groups:\n  - News\n  - VIP\nremoved:\n  - id: {make_id(1)}\n"
    groups = [live(1, "VIP", 3), live(2, "News")]

    kept, deleted = fix(text, groups, "k"), fix(text, groups, "d")

    assert kept.questions == [
        (
            '"VIP" (3 contacts) is listed (groups.yaml:4), and its id is under removed (groups.yaml:6).\n'
            "  k  keep it    takes its id out of removed  (groups.yaml:6)\n"
            "  d  delete it  takes it out of groups  (groups.yaml:4) (type the number)\n"
            "  s  skip"
        )
    ]
    assert (kept.changes, deleted.changes) == ([], [f"delete:{make_id(1)}"])


def test_a_listed_group_is_deleted_and_another_of_its_name_kept() -> None:
    text = f"{DELETE}groups:\n  - VIP\nremoved:\n  - id: {make_id(1)}\n"

    fixed = fix(text, [live(1, "VIP", 3), live(2, "VIP", 5)], "d")

    assert fixed.asked[0].answers[1].text == "delete it, and keep the other one with 5 contacts"
    assert fixed.text == f"version: 1\n{text}".replace("- VIP\n", f"- name: VIP\n    id: {make_id(2)}\n")
    assert fixed.changes == [f"delete:{make_id(1)}"]


def test_the_choice_of_another_group_does_not_delete_one_that_is_listed_and_removed() -> None:
    text = f"{DELETE}groups:\n  - VIP\nremoved:\n  - id: {make_id(1)}\n"

    fixed = fix(text, [live(1, "VIP", 3), live(2, "VIP", 5), live(3, "VIP", 7)], "s", "1")

    assert fixed.text == f"version: 1\n{text}"
    assert fixed.reasons == ['it would also delete "VIP"']


# Old and new name both live


def test_a_group_that_is_live_under_its_earlier_name_as_well() -> None:
    text = REFUSE + "groups:\n  - name: Leads\n    previously: [Leads 2024]\n"
    groups = [OLD_LEADS, live(2, "Leads", 3)]

    kept, deleted = fix(text, groups, "k"), fix(text, groups, "d")

    assert kept.questions == [
        (
            '"Leads" is live  (groups.yaml:4).\n'
            'So is its earlier name "Leads 2024" (1,204 contacts).\n'
            "  k  they are two groups: keep both  adds it to groups, and takes its name out of previously  "
            "(groups.yaml:4)\n"
            '  d  delete "Leads 2024"             adds its id to removed, for at most 1,204 contacts '
            "(type the number)\n"
            "  s  skip"
        )
    ]
    assert kept.text == (f"version: 1\n{REFUSE}groups:\n  - name: Leads\n  - name: Leads 2024\n    id: {make_id(1)}\n")
    assert (kept.changes, kept.fixing.review.refusals) == ([], ())
    assert (deleted.changes, deleted.fixing.review.refusals) == ([f"delete:{make_id(1)}"], ())


# An interrupted rename


def test_an_interrupted_rename() -> None:
    group = live(1, temporary_name("Gold", make_id(1)), 3)

    finished = fix(DELETE + "groups:\n  - Gold\n", [group], "f")
    kept = fix(DELETE + "groups:\n  - News\n", [group, live(2, "News")], "k")

    name = f'"{group.name}"'
    assert finished.questions == [
        (
            f"{name} (3 contacts) has a temporary name, because a run did not finish.\n"
            f'  f  finish its rename to "Gold"  sets id: {make_id(1)}  (groups.yaml:4)\n'
            "  d  delete it                    adds its id to removed, for at most 3 contacts (type the number)\n"
            "  s  skip"
        )
    ]
    assert finished.text.endswith(f"groups:\n  - name: Gold\n    id: {make_id(1)}\n")
    assert (finished.changes, finished.fixing.review.refusals) == ([f"rename:{make_id(1)}"], ())
    assert kept.text.endswith(f"groups:\n  - News\n  - name: Gold\n    id: {make_id(1)}\n")
    assert (kept.changes, kept.fixing.review.refusals) == ([f"rename:{make_id(1)}"], ())


# Unlisted groups


def test_unlisted_groups_that_the_policy_refuses() -> None:
    text = REFUSE + "groups:\n  - News\n"
    groups = [live(1, "Old", 3), live(2, "Older", 5), live(3, "News")]

    fixed = fix(text, groups, "k", "d")

    assert fixed.questions == [
        (
            '"Older" (5 contacts) is not in the configuration.\n'
            "  k  keep it    adds it to groups\n"
            "  d  delete it  adds its id to removed, for at most 5 contacts (type the number)\n"
            "  s  skip"
        ),
        (
            '"Old" (3 contacts) is not in the configuration.\n'
            "  k  keep it    adds it to groups\n"
            "  d  delete it  adds its id to removed, for at most 3 contacts (type the number)\n"
            "  s  skip"
        ),
    ]
    assert fixed.text == (
        f"version: 1\n{REFUSE}groups:\n  - News\n  - name: Older\n    id: {make_id(2)}\n"
        f"removed:\n  - id: {make_id(1)}\n    contacts_at_most: 3\n"
    )


@pytest.mark.parametrize(
    ("keys", "policy", "changes", "refusals"),
    [
        (["k"], "keep", [], ()),
        (["r", "ka"], "refuse", [], ()),
        (["d", "d", "d"], "delete", [f"delete:{make_id(1)}", f"delete:{make_id(2)}"], ()),
        (["d", "k", "s"], "delete", [f"delete:{make_id(2)}"], ()),
    ],
)
def test_unlisted_groups_without_a_policy(
    keys: list[str], policy: str, changes: list[str], refusals: tuple[str, ...]
) -> None:
    groups = [live(1, "Old", 3), live(2, "Older", 0), live(3, "News")]

    fixed = fix("groups:\n  - News\n", groups, *keys)

    assert fixed.questions[0] == (
        "The configuration does not say what happens to 2 live groups that it does not list:\n"
        '  "Old" (3 contacts)\n'
        '  "Older" (0 contacts)\n'
        "  k  keep them, also in the future\n       sets policy.unlisted: keep\n"
        "  r  decide each one: every group must be listed\n       sets policy.unlisted: refuse\n"
        "  d  delete them (3 contacts), unless you keep one: each gets a question\n"
        "       sets policy.unlisted: delete (type the number)\n"
        "  s  skip"
    )
    assert f"unlisted: {policy}" in fixed.text
    assert fixed.changes == changes
    assert fixed.fixing.review.refusals == refusals


def test_many_unlisted_groups_cannot_be_deleted_by_one_answer() -> None:
    groups = [live(number, f"Old {number}", number) for number in range(1, 13)]

    (question,) = fix("groups: []\n", groups).asked

    assert [answer.key for answer in question.answers] == ["k", "r"]
    assert question.lines[-1] == "  and 2 more"


def test_the_same_answer_for_many_is_one_step() -> None:
    groups = [live(number, f"Old {number}", number) for number in range(1, 301)]

    fixed = fix(REFUSE + "groups: []\n", groups, "ka")

    assert len(fixed.questions) == 1
    assert len(fixed.fixing.config.groups) == 300
    assert len(fixed.fixing.steps) == 1
    assert fixed.fixing.review.refusals == ()


def test_a_skip_for_the_rest_is_for_one_kind() -> None:
    groups = [*(live(number, f"Old {number}", number) for number in range(1, 9)), OLD_LEADS]

    fixed = fix(DELETE + "groups: [Leads]\n", [*groups[1:], live(20, "Old name", 7)], "r", "sa")

    assert [question.kind for question in fixed.asked] == [Kind.RENAME, Kind.DELETION]
    assert fixed.fixing.review.refusals == ("contacts-lost",)


# An id that is no longer live

LOST = f"groups:\n  - name: News\n  - name: VIP\n    id: {make_id(9)}\n"
BACKUP = BackupSummary(file="kept/VIP.json", group_id=make_id(9), name="VIP", contacts_count=269)


def test_a_lost_id_with_a_backup() -> None:
    fixed = fix(LOST, [live(1, "News")], "b", backups=[BACKUP])

    assert fixed.questions == [
        (
            '"VIP" has an id that is no longer live  (groups.yaml:4).\n'
            "  b  get it back: a backup of 269 members exists  drops the id; you restore the backup before the next "
            "apply  (groups.yaml:4)\n"
            "  x  it should stay deleted                       removes the entry  (groups.yaml:4)\n"
            "  c  create it again, without its contacts        drops the id  (groups.yaml:4)\n"
            "  s  skip"
        )
    ]
    assert fixed.text == "version: 1\ngroups:\n  - name: News\n  - name: VIP\n"
    assert fixed.changes == ["create:VIP"]
    assert fixed.fixing.report("", is_written=True).backups == ("kept/VIP.json",)


@pytest.mark.parametrize(
    ("key", "text", "changes"),
    [
        ("x", "groups:\n  - name: News\n", []),
        ("c", "groups:\n  - name: News\n  - name: VIP\n", ["create:VIP"]),
    ],
)
def test_a_lost_id_without_a_backup(key: str, text: str, changes: list[str]) -> None:
    fixed = fix(LOST, [live(1, "News")], key)

    assert fixed.questions == [
        (
            '"VIP" has an id that is no longer live  (groups.yaml:4).\n'
            "  x  it should stay deleted                 removes the entry  (groups.yaml:4)\n"
            "  c  create it again, without its contacts  drops the id  (groups.yaml:4)\n"
            "  s  skip"
        )
    ]
    assert fixed.text == f"version: 1\n{text}"
    assert fixed.changes == changes
    assert fixed.fixing.report("", is_written=True).backups == ()


def test_a_lost_id_whose_name_another_group_has() -> None:
    fixed = fix(KEEP + LOST, [live(1, "News"), live(2, "VIP", 4)], "1", backups=[BACKUP])

    assert [answer.key for answer in fixed.asked[0].answers] == ["1", "x"]
    assert f"id: {make_id(2)}" in fixed.text
    assert fixed.changes == []


# A name that differs only in form or case


def test_a_name_that_differs_only_by_case_from_a_group_that_stays() -> None:
    text = KEEP + "groups:\n  - vip\n"

    written, renamed = fix(text, [live(1, "VIP", 3)], "l"), fix(text, [live(1, "VIP", 3)], "r")

    assert written.questions == [
        (
            '"vip" is not live  (groups.yaml:4).\n'
            'The name of the live group "VIP" (3 contacts) counts as the same.\n'
            "  l  it is the same group: write its name as it is live  writes name: VIP  (groups.yaml:4)\n"
            f"  r  it is the same group: rename it                     sets id: {make_id(1)}  (groups.yaml:4)\n"
            "  s  skip"
        )
    ]
    assert (written.text, written.changes) == (f"version: 1\n{KEEP}groups:\n  - VIP\n", [])
    assert renamed.changes == [f"rename:{make_id(1)}"]


def test_a_suggestion_that_differs_only_by_case_keeps_the_live_name_first() -> None:
    fixed = fix(DELETE + "groups: [vip]\n", [live(1, "VIP", 3)], "l")

    assert fixed.asked[0].kind is Kind.SPELLING
    assert [answer.key for answer in fixed.asked[0].answers] == ["l", "r", "d", "k"]
    assert fixed.text.endswith("groups: [VIP]\n")


# What is not written


def test_a_problem_that_stays_does_not_hide_the_other_questions() -> None:
    text = "policy: {unlisted: keep}\ngroups:\n  - VIP\n  - Leads\n"

    fixed = fix(text, [live(1, "VIP", 3), live(2, "VIP", 2), live(3, "Leads 2024", 1204)], "s", "r")

    assert [question.kind for question in fixed.asked] == [Kind.WHICH_GROUP, Kind.RENAME]
    assert "previously: [Leads 2024]" in fixed.text


def test_an_answer_with_an_effect_that_was_not_shown_is_not_written() -> None:
    """Without its id, the entry takes the group that has its earlier name: that was not in the question."""
    text = DELETE + f"groups:\n  - News\n  - name: VIP\n    id: {make_id(9)}\n    previously: [Gold]\n"
    groups = [live(1, "News"), live(2, "Gold", 0)]

    fixed = fix(text, groups, "c")

    assert fixed.text == f"version: 1\n{text}"
    assert fixed.reasons == ['it would also rename "Gold" to "VIP"']


def test_an_entry_with_a_comment_is_left_and_its_lines_are_printed() -> None:
    text = f"groups:\n  - News\n  # ask Anna\n  - name: VIP\n    id: {make_id(9)}\n"

    fixed = fix(text, [live(1, "News")], "x")
    report = fixed.fixing.report("", is_written=True)
    (unwritten,) = report.unwritten

    assert fixed.text == f"version: 1\n{text}"
    assert unwritten.reason == "this entry has a comment, so groupsync does not remove it"
    assert report.by_hand.texts == ("to do this by hand, remove lines 5 to 6 of groups.yaml",)


def test_the_lines_to_write_are_those_of_the_text_at_the_end() -> None:
    """An answer that is written later moves the lines."""
    text = f"groups:\n  - Gold\n  # ask Anna\n  - name: VIP\n    id: {make_id(9)}\n"

    fixed = fix(text, [live(1, temporary_name("Gold", make_id(1)), 3)], "x", "f")
    report = fixed.fixing.report("", is_written=True)

    assert fixed.text == f"version: 1\n{text}".replace("- Gold\n", f"- name: Gold\n    id: {make_id(1)}\n")
    assert report.by_hand.texts == ("to do this by hand, remove lines 6 to 7 of groups.yaml",)


def test_lines_further_down_are_edited_by_hand_first() -> None:
    """New lines above them would move them."""
    removed = "removed:\n  - name: A\n  - name: Old # why\n    contacts_at_most: 1\n"
    text = f"policy: {{unlisted: keep}}\ngroups:\n  - VIP\n{removed}"

    fixed = fix(text, [live(1, "VIP", 3), live(2, "Old", 12)], "k")
    report = fixed.fixing.report("", is_written=True)
    (unwritten,) = report.unwritten

    assert unwritten.question.lines == (
        '"Old" (12 contacts) would be deleted, and groups.yaml:7 agrees to 1 contact at most.',
    )
    assert report.by_hand.texts == (
        "to do this by hand, remove lines 7 to 8 of groups.yaml",
        f"to do this by hand, add below line 4 of groups.yaml:\n  - name: Old\n    id: {make_id(2)}",
    )


def test_several_answers_about_a_file_that_is_not_edited_are_written_together() -> None:
    """All groups are on one line: each answer alone would give that line without the others."""
    text = '{"version": 1, "policy": {"unlisted": "refuse"},\n"groups": ["X", {"name": "VIP"}],\n"removed": []}\n'
    groups = [live(1, "VIP", 3), live(2, "X", 1), live(3, "X", 2), live(4, "Press", 1), live(5, "Old", 7)]

    fixed = fix({"groups.json": text}, groups, "1", "d", "k")
    report = fixed.fixing.report("", is_written=True)

    assert fixed.text == text
    first, *_ = text.split("\n")
    new = (
        f'"groups": [{{"name": "X", "id": "{make_id(3)}"}}, {{"name": "VIP"}}, '
        f'{{"name": "Press", "id": "{make_id(4)}"}}],\n'
        f'"removed": [{{"id": "{make_id(5)}", "contacts_at_most": 7}}]}}'
    )
    assert render_fix_report(report) == (
        'Not written: "X", 2 contacts: groupsync does not edit JSON files\n'
        '  2 live groups can be "X", and the entry does not say which one  (groups.json:2).\n'
        "Not written: delete it: groupsync does not edit JSON files\n"
        '  "Old" (7 contacts) is not in the configuration.\n'
        "Not written: keep it: groupsync does not edit JSON files\n"
        '  "Press" (1 contact) is not in the configuration.\n'
        f"    to do this by hand, change lines 2 to 3 of groups.json to:\n{new}\n\n"
        "Refused: name-twice-live.\n"
    )
    assert len(load_texts({"groups.json": f"{first}\n{new}\n"}).groups) == 3


def test_of_several_edits_that_cannot_be_joined_one_is_made_at_a_time() -> None:
    """The line is too long to print: each text only says what to change in it."""
    padding = f'"ignore": ["{"x" * 200}"]'
    texts = {"groups.json": f'{{"version": 1, "policy": {{"unlisted": "refuse"}}, {padding}, "groups": ["VIP", "X"]}}'}
    groups = [live(1, "VIP", 3), live(2, "Gold", 2), live(3, "X", 1), live(4, "X", 2)]
    sentence = "\nMake one of these edits, then run groupsync fix again: it may change the lines of the others.\n"

    one = fix(texts, groups, "1", "s").fixing.report("", is_written=True)
    two = fix(texts, groups, "1", "k").fixing.report("", is_written=True)

    assert sentence not in render_fix_report(one)
    assert render_fix_report(two).count(sentence) == 1


def test_no_id_is_written_into_a_configuration_for_several_accounts() -> None:
    text = "account: [acc-5f0c2a9be1d4, acc-000000000001]\npolicy: {unlisted: keep}\ngroups:\n  - VIP\n  - Leads\n"

    fixed = fix(text, [live(2, "VIP", 3), live(3, "VIP", 2), OLD_LEADS], "1", "r")

    assert fixed.reasons == ["the configuration is for 2 accounts, and the id of a group belongs to one"]
    assert fixed.text.endswith("groups:\n  - VIP\n  - name: Leads\n    previously: [Leads 2024]\n")


def test_json_is_not_edited_and_its_lines_are_printed() -> None:
    texts = {"groups.json": '{"version": 1, "policy": {"unlisted": "delete"}, "groups": ["Leads"]}'}

    fixed = fix(texts, [OLD_LEADS], "r")
    report = fixed.fixing.report("", is_written=True)
    (unwritten,) = report.unwritten

    assert dict(fixed.texts) == texts
    assert unwritten.reason == "groupsync does not edit JSON files"
    assert report.by_hand.texts[0].startswith("to do this by hand, change line 1 of groups.json to:\n")


def test_of_several_files_the_one_with_the_entry_is_edited_and_new_entries_need_a_file() -> None:
    texts = {
        "a.yaml": "version: 1\npolicy: {unlisted: delete}\ngroups:\n  - Leads\n",
        "b.yaml": "version: 1\ngroups:\n  - News\n",
    }
    groups = [OLD_LEADS, live(2, "News"), live(3, "Old", 4)]

    unnamed = fix(texts, groups, "r", "k", new_entries="")
    named = fix(texts, groups, "r", "k", new_entries="b.yaml")

    assert unnamed.texts["a.yaml"].endswith("  - name: Leads\n    previously: [Leads 2024]\n")
    assert unnamed.texts["b.yaml"] == texts["b.yaml"]
    assert unnamed.reasons == ["the configuration has several files: name the one for new entries with --into FILE"]
    assert named.texts["a.yaml"] == unnamed.texts["a.yaml"]
    assert named.texts["b.yaml"] == f"version: 1\ngroups:\n  - News\n  - name: Old\n    id: {make_id(3)}\n"
    assert named.reasons == []


def test_groups_outside_the_scope_do_not_exist() -> None:
    text = "scope: [Sales *]\npolicy: {unlisted: delete}\ngroups:\n  - Sales leads\n"
    groups = [live(1, "Sales leads 2024", 12), live(2, "Other", 99)]

    fixed = fix(text, groups, "r", job_scope=["Sales *"])

    assert len(fixed.questions) == 1
    assert fixed.changes == [f"rename:{make_id(1)}"]


def test_only_what_looks_like_a_rename_is_accepted_without_questions() -> None:
    text = f"version: 1\n{DELETE}groups:\n  - Leads\n  - Tallinn customers\n  - vip\n"
    groups = [OLD_LEADS, live(2, "Tallinn customer", 4), live(3, "VIP", 1), live(4, "Old", 7)]
    fixing = make_fixing(load_texts({"groups.yaml": text}), groups, run_policy=LIMITS)

    fixing.ask_all(accept_renames)

    assert fixing.config.texts["groups.yaml"] == (
        f"version: 1\n{DELETE}groups:\n  - name: Leads\n    previously: [Leads 2024]\n"
        "  - name: Tallinn customers\n    previously: [Tallinn customer]\n  - vip\n"
    )


def test_a_reply_that_is_no_answer_is_an_error() -> None:
    with pytest.raises(ValueError, match="'z' is not an answer"):
        fix(LEADS, [OLD_LEADS], "z")
