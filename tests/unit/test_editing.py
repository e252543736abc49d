"""Whole texts before and after an edit: the style of the file is kept, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.editing import (
    AddEarlierName,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    SetPolicy,
    edit_files,
)
from tests.unit.editing import FILE, ID, add, consent, edit, find

if TYPE_CHECKING:
    from groupsync.editing import Edit

FULL = f"""\
# The groups of the shop.
version: 1
groups:  # all
  - Newsletter  # weekly
  # for the best ones
  - name: VIP
    # from the dashboard
    id: {ID}
    previously:
      - Best  # 2023
      - Gold
    description: |
      The best.

  - "Press"
  - {{name: Fair, previously: [Expo]}}
  # - Commented out

# Nobody looks after these.
ignore: [Imported *]
"""


def test_a_name_alone_becomes_a_mapping_and_keeps_its_comment_and_quotes() -> None:
    edits: list[Edit] = [
        AddEarlierName(source=find(FULL, "Newsletter"), name="News: old"),
        SetKey(source=find(FULL, '"Press"'), key="id", value=ID),
    ]

    assert edit(FULL, *edits) == FULL.replace(
        "  - Newsletter  # weekly\n", '  - name: Newsletter  # weekly\n    previously: ["News: old"]\n'
    ).replace('  - "Press"\n', f'  - name: "Press"\n    id: {ID}\n')


def test_keys_come_in_the_usual_order_and_names_at_the_end_of_their_list() -> None:
    edits: list[Edit] = [
        AddEarlierName(source=find(FULL, "name: VIP"), name="Top"),
        SetKey(source=find(FULL, "name: VIP"), key="name", value="VIP: 1"),
        AddEarlierName(source=find(FULL, "{name: Fair"), name="NO"),
        SetKey(source=find(FULL, "{name: Fair"), key="id", value=ID),
    ]

    assert edit(FULL, *edits) == FULL.replace("name: VIP\n", 'name: "VIP: 1"\n').replace(
        "      - Gold\n", "      - Gold\n      - Top\n"
    ).replace("{name: Fair, previously: [Expo]}", f'{{name: Fair, id: {ID}, previously: [Expo, "NO"]}}')


def test_new_entries_come_right_below_the_last_one_and_sections_where_they_usually_are() -> None:
    edits: list[Edit] = [
        add("Next"),
        add("Pinned", ID),
        consent("Gone"),
        SetPolicy(file=FILE, key="max_deletes", value="25%"),
    ]

    lines = FULL.replace("version: 1\n", "version: 1\npolicy:\n  max_deletes: 25%\n")
    last = "  - {name: Fair, previously: [Expo]}\n"
    new = f"  - Next\n  - name: Pinned\n    id: {ID}\n"
    section = "removed:\n  - name: Gone\n    contacts_at_most: 3\n"
    changed = lines.replace(last, last + new)
    assert edit(FULL, *edits) == changed.replace("  # - Commented out\n", "  # - Commented out\n" + section)


def test_a_name_alone_in_a_file_written_as_json_gets_its_keys_in_quotes() -> None:
    text = '{"version": 1, "groups": ["A", "B"]}\n'

    new = edit(text, SetKey(source=find(text, '"A"'), key="id", value=ID))

    assert new == f'{{"version": 1, "groups": [{{"name": "A", "id": "{ID}"}}, "B"]}}\n'


def test_what_has_a_comment_is_not_removed() -> None:
    assert edit(FULL, RemoveEntry(source=find(FULL, "Newsletter"))) == (
        "groups.yaml:4:5: this entry has a comment, so groupsync does not remove it"
    )
    assert edit(FULL, RemoveKey(source=find(FULL, "name: VIP"), key="id")) == (
        "groups.yaml:6:5: the key id of this entry has a comment"
    )
    assert edit(FULL, RemoveEarlierName(source=find(FULL, "name: VIP"), name="Best")) == (
        "groups.yaml:10:9: this name has a comment"
    )


def test_entries_keys_and_names_are_removed_with_their_lines() -> None:
    edits: list[Edit] = [
        RemoveEntry(source=find(FULL, '"Press"')),
        RemoveEarlierName(source=find(FULL, "name: VIP"), name="Gold"),
        RemoveKey(source=find(FULL, "name: VIP"), key="description"),
        RemoveEarlierName(source=find(FULL, "{name: Fair"), name="Expo"),
    ]

    assert edit(FULL, *edits) == FULL.replace('  - "Press"\n', "").replace("      - Gold\n", "").replace(
        "    description: |\n      The best.\n", ""
    ).replace(", previously: [Expo]", "")


HEAD = "version: 1\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", HEAD + "groups:\n  - New\n"),
        ("# only this", "# only this\n\n" + HEAD + "groups:\n  - New"),
        (HEAD, HEAD + "groups:\n  - New\n"),
        (HEAD + "groups:\nremoved: []\n", HEAD + "groups:\n  - New\nremoved: []\n"),
        (HEAD + "groups: ~  # none\n", HEAD + "groups:  # none\n  - New\n"),
        (HEAD + "groups: []  # none\n", HEAD + "groups:  # none\n  - New\n"),
        (HEAD + "groups: [  # none\n  ]\n", HEAD + "groups: [  # none\n  New]\n"),
        (HEAD + "groups: [A]\n", HEAD + "groups: [A, New]\n"),
        (HEAD + "groups: [\n  A,  # a\n  B  # b\n]\n", HEAD + "groups: [\n  A,  # a\n  B,  # b\n  New\n]\n"),
        (HEAD + "groups: [\n  A,  # a\n]\n", HEAD + "groups: [\n  A,  # a\n  New,\n]\n"),
        (HEAD + "groups: [A, B # b\n  ]\n", HEAD + "groups: [A, B, # b\n  New\n  ]\n"),
        (HEAD + "groups:\n- A", HEAD + "groups:\n- A\n- New"),
        (HEAD + "groups:\r\n-   A\r\n", HEAD + "groups:\r\n-   A\r\n-   New\r\n"),
        ("\ufeff" + HEAD + "groups: [é]", "\ufeff" + HEAD + "groups: [é, New]"),
        ("---\nversion: 1\ngroups:\n  - A\n...\n", "---\nversion: 1\ngroups:\n  - A\n  - New\n...\n"),
        ('{"version": 1, "groups": ["A"]}\n', '{"version": 1, "groups": ["A", "New"]}\n'),
        ("{version: 1}\n", "{version: 1, groups: [New]}\n"),
        (
            HEAD + "groups:\n  - name: A\n    description: |+\n      x\n\n\nignore: []\n",
            HEAD + "groups:\n  - name: A\n    description: |+\n      x\n\n\n  - New\nignore: []\n",
        ),
        (
            HEAD + "groups:\n  - name: A\n    # id: later\n  # - B\n# next\nignore: []\n",
            HEAD + "groups:\n  - name: A\n    # id: later\n  - New\n  # - B\n# next\nignore: []\n",
        ),
    ],
)
def test_a_new_entry_has_the_style_of_its_list(old: str, new: str) -> None:
    assert edit(old, add("New")) == new


@pytest.mark.parametrize(
    ("old", "part", "new"),
    [
        ("groups:\n  - very\n    long\n", "very", "groups:\n  - name: very long\n    id: {id}\n"),
        ("groups:\n  - |-\n    A\n", "|-", "groups:\n  - name: A\n    id: {id}\n"),
        ("groups:\n  -  # d\n    A\n", "A", "groups:\n  -  # d\n    name: A\n    id: {id}\n"),
        ("groups:\n  - name:  # k\n      A\n", "name", "groups:\n  - name:  # k\n      A\n    id: {id}\n"),
        ('groups: [{"name": "A"}]\n', '{"name', 'groups: [{"name": "A", "id": "{id}"}]\n'),
        ("groups: [A # a\n  , B]\n", "A", "groups: [{name: A, id: {id}} # a\n  , B]\n"),
        ("groups:\n- name: 'A'\n  id: 'x'\n", "name", "groups:\n- name: 'A'\n  id: '{id}'\n"),
        ("groups:\n- description: d\n  name: A\n", "description", "groups:\n- description: d\n  name: A\n  id: {id}\n"),
    ],
)
def test_an_id_goes_to_its_place(old: str, part: str, new: str) -> None:
    assert edit(HEAD + old, SetKey(source=find(HEAD + old, part), key="id", value=ID)) == HEAD + new.replace("{id}", ID)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("groups:\n  - AA\n", "groups: []\n"),
        ("groups:  # c\n\n  - AA\n", "groups: []  # c\n\n"),
        ("groups: [AA]\n", "groups: []\n"),
        ("groups: [AA, B]\n", "groups: [B]\n"),
        ("groups: [B, AA,]\n", "groups: [B,]\n"),
        ("groups: [\n  B,  # b\n  AA,\n  C\n]\n", "groups: [\n  B,  # b\n  C\n]\n"),
        ("groups:\n  - B\n  # a heading\n\n  - AA\n  - C", "groups:\n  - B\n  # a heading\n\n  - C"),
        ("groups:\n  - B\n  - AA", "groups:\n  - B"),
    ],
)
def test_a_removed_entry_leaves_a_list(old: str, new: str) -> None:
    assert edit(HEAD + old, RemoveEntry(source=find(HEAD + old, "AA"))) == HEAD + new


@pytest.mark.parametrize(
    ("old", "new"),
    [("'AA'", "'It''s # 1'"), ('"AA"', '"It\'s # 1"'), ("AA", '"It\'s # 1"'), (">-\n    AA", '"It\'s # 1"')],
)
def test_a_new_name_keeps_the_quotes_of_the_old_one(old: str, new: str) -> None:
    text = HEAD + f"groups:\n  - {old}\n"
    source = find(text, old)

    assert edit(text, SetKey(source=source, key="name", value="It's # 1")) == HEAD + f"groups:\n  - {new}\n"


def test_the_first_key_of_an_entry_leaves_its_dash_to_the_next_one() -> None:
    text = HEAD + f"groups:\n  - id: {ID}\n    name: A\n"

    assert edit(text, RemoveKey(source=find(text, "id:"), key="id")) == HEAD + "groups:\n  - name: A\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "groups: [&a A]\n", "groups.yaml:2:10: groupsync does not edit a file with an anchor or a tag"),
        (HEAD + "groups: [!!str A]\n", "groups.yaml:2:10: groupsync does not edit a file with an anchor or a tag"),
        (HEAD + "groups: [A]\n---\n", "groups.yaml:3:1: groupsync does not edit a file with a second document"),
        ("%YAML 1.1\n---\n" + HEAD, "groups.yaml:1:1: groupsync does not edit a file with a directive"),
        (HEAD + "? groups\n: [A]\n", 'groups.yaml:2:1: groupsync does not edit a file with the mark "?" before a key'),
        (HEAD + "groups: {A: 1}\n", "groups.yaml:2:1: this is not a list"),
        (HEAD + "groups: [A\n", "groups.yaml:3:1: this is not YAML"),
        (HEAD + 'groups: ["a\u2028b"]\n', "groups.yaml:2:12: groupsync does not edit a file with this character"),
        (
            HEAD + "groups: " + "[" * 20 + "]" * 20,
            "groups.yaml:2:24: groupsync does not edit a file of more than 16 levels",
        ),
        ("- A\n", "groups.yaml:1:1: the file is not a mapping with keys"),
        (
            HEAD + "groups:\n  - name: A\n    description: |\n      x",
            "groups.yaml:4:18: the file ends in this text without a line end: add one",
        ),
    ],
)
def test_some_files_are_not_edited(text: str, reason: str) -> None:
    assert edit(text, add("N")) == reason


def test_json_is_not_edited() -> None:
    refusal = edit_files({"groups.json": "{}"}, [add("N", file="groups.json")], find_fault=lambda _: "")

    assert str(refusal) == "groups.json:1:1: groupsync does not edit JSON files"


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        (["id", "other"], "groups.yaml:2:10: two edits set the key id of this entry"),
    ],
)
def test_edits_that_contradict_each_other_are_refused(edits: list[str], reason: str) -> None:
    text = HEAD + "groups: [A]\n"

    assert edit(text, *(SetKey(source=find(text, "A"), key="id", value=value) for value in edits)) == reason
