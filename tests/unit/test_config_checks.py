"""Contradictions between entries, and the warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.reading import ID, ONE_OR_IDS, OTHER_ID, problems_and_warnings

if TYPE_CHECKING:
    from pathlib import Path

BOTH = "check that you mean both"
BOTH_KINDS = "is both an earlier name and a group"
NO_SWAP = (
    "cannot swap names by `previously`: remove it from both and give both their `id`; `groupsync export` shows the ids"
)
OR_IDS = "or, if names move on from group to group, give each its `id`; `groupsync export` shows the ids"
SAME = f"differ only in case, form or blanks: {BOTH}"
TWICE = f"is listed already at g.yaml:3: {ONE_OR_IDS}"
UNWRITABLE = "write another name, or add the `id` of the group that has it"


REFUSED = {
    "groups:\n  - VIP\n  - b\n  - name: VIP\n  - description: x\n    name: VIP\n": [
        f'g.yaml:5:11: groups[2].name: "VIP" {TWICE}',
        f'g.yaml:7:11: groups[3].name: "VIP" {TWICE}',
    ],
    f"groups:\n  - VIP\n  - {{name: VIP, id: {ID}}}\n": [f'g.yaml:4:12: groups[1].name: "VIP" {TWICE}'],
    "groups:\n  - {name: a, previously: [x, y, x]}\n  - name: b\n    previously:\n      - y\n": [
        'g.yaml:3:34: groups[0].previously[2]: "x" is an earlier name already at g.yaml:3: keep it in one place',
        'g.yaml:6:9: groups[1].previously[0]: "y" is an earlier name already at g.yaml:3: keep it in one place',
    ],
    f"groups:\n  - {{name: a, previously: [b, a]}}\n  - {{name: b, id: {ID}}}\n": [
        f'g.yaml:3:28: groups[0].previously[0]: "b" {BOTH_KINDS} (at g.yaml:4): keep one of the two',
        f'g.yaml:3:31: groups[0].previously[1]: "a" {BOTH_KINDS} (at g.yaml:3): keep one of the two',
    ],
    "groups:\n  - {name: a, previously: [b]}\n  - {name: b, previously: [a]}\n": [
        f'g.yaml:3:28: groups[0].previously[0]: "a" and "b" (at g.yaml:4) {NO_SWAP}',
        f'g.yaml:4:28: groups[1].previously[0]: "b" and "a" (at g.yaml:3) {NO_SWAP}',
    ],
    "groups:\n  - {name: c, previously: [b]}\n  - {name: b, previously: [a]}\n": [
        f'g.yaml:3:28: groups[0].previously[0]: "b" {BOTH_KINDS} (at g.yaml:4): keep one of the two, {OR_IDS}',
    ],
    "groups: [VIP]\nremoved:\n  - name: VIP\n": [
        'g.yaml:4:11: removed[0].name: "VIP" is both removed and a group (at g.yaml:2): keep one of the two'
    ],
    "groups:\n  - Old 1\n  - name: a\n    previously: [Old 2]\nremoved:\n  - name: Old 3\nignore: [x, 'Old ?']\n": [
        f'g.yaml:{place}: "{name}" is ignored by the pattern "Old ?" (at g.yaml:8), so it is never touched: '
        "remove it here, or narrow the pattern"
        for place, name in [
            ("3:5: groups[0]", "Old 1"),
            ("5:18: groups[1].previously[0]", "Old 2"),
            ("7:11: removed[0].name", "Old 3"),
        ]
    ],
    "groups: [old 1]\nremoved: [{name: VIP gold}]\nignore: ['Old ?']\nprotected: ['vip  *']\n": [
        f"g.yaml:{place} by the pattern {pattern}: remove it here, or narrow the pattern"
        for place, pattern in [
            ('2:10: groups[0]: "old 1" is ignored', '"Old ?" (at g.yaml:4), so it is never touched'),
            ('3:18: removed[0].name: "VIP gold" is protected', '"vip  *" (at g.yaml:5), so it is never deleted'),
        ]
    ],
    f"groups:\n  - {{name: a, id: {ID}}}\n  - {{name: b, id: {ID.upper()}}}\nremoved:\n  - id: {ID}\n": [
        f"g.yaml:4:19: groups[1].id: {ID} is already at g.yaml:3: keep it in one place",
        f"g.yaml:6:9: removed[0].id: {ID} is already at g.yaml:3: keep it in one place",
    ],
    'groups:\n  - ""\n  - " a"\n  - "b\\u202e"\n  - name: "c\\n"\n  - "d [groupsync 01234567]"\n': [
        f'g.yaml:3:5: groups[0]: "" is empty: {UNWRITABLE}',
        f'g.yaml:4:5: groups[1]: " a" begins or ends with a blank: {UNWRITABLE}',
        f'g.yaml:5:5: groups[2]: "b\\u202e" contains the invisible character U+202E: {UNWRITABLE}',
        f'g.yaml:6:11: groups[3].name: "c\\u000a" begins or ends with a blank: {UNWRITABLE}',
        f'g.yaml:7:5: groups[4]: "d [groupsync 01234567]" ends like groupsync\'s own temporary names: {UNWRITABLE}',
    ],
}


@pytest.mark.parametrize(("text", "problems"), REFUSED.items())
def test_contradictions_are_refused_at_the_later_place(tmp_path: Path, text: str, problems: list[str]) -> None:
    assert problems_and_warnings(tmp_path, text) == (problems, [])


@pytest.mark.parametrize(
    ("first", "second", "code_points"),
    [
        ("\u00e9", "e\u0301", ' ("\u00e9" is U+0065 U+0301 here and U+00E9 there)'),
        (
            "Pha\u0302\u0323m cafe\u0301",
            "Pha\u0323\u0302m caf\u00e9",
            ' ("\u1ead" is U+0061 U+0323 U+0302 here and U+0061 U+0302 U+0323 there)',
        ),
        ("e\u0301\u0301\u0301\u0301\u0323", "e\u0323\u0301\u0301\u0301\u0301", ""),  # too many to show
    ],
)
def test_the_same_text_in_other_code_points_is_refused(
    tmp_path: Path, first: str, second: str, code_points: str
) -> None:
    problems, _warnings = problems_and_warnings(tmp_path, f"groups:\n  - {first}\n  - {second}\n")

    same_text = "is the same text as the name at g.yaml:3, only in other code points"
    assert problems == [f'g.yaml:4:5: groups[1]: "{second}" {same_text}{code_points}: {ONE_OR_IDS}']


def test_the_same_text_in_other_code_points_is_a_problem_of_the_entry_without_id(tmp_path: Path) -> None:
    problems, _warnings = problems_and_warnings(tmp_path, f"groups:\n  - \u00e9\n  - {{name: e\u0301, id: {ID}}}\n")

    same_text = "is the same text as the name at g.yaml:4, only in other code points"
    code_points = '("\u00e9" is U+00E9 here and U+0065 U+0301 there)'
    assert problems == [f'g.yaml:3:5: groups[0]: "\u00e9" {same_text} {code_points}: {ONE_OR_IDS}']


ALLOWED = {
    "a name twice when both entries have an id": (
        f"groups:\n  - {{name: VIP, id: {ID}}}\n  - {{name: VIP, id: {OTHER_ID}}}\n"
    ),
    "names that differ in composition when both have an id": (
        f'groups:\n  - {{name: "\\u00e9", id: {ID}}}\n  - {{name: "e\\u0301", id: {OTHER_ID}}}\n'
    ),
    "names that look alike when both have an id": (
        f"groups:\n  - {{name: Sea, id: {ID}}}\n  - {{name: S\u0435a, id: {OTHER_ID}}}\n"
    ),
    "any name with an id": f'groups:\n  - {{name: " b\\u202e", id: {ID}}}\n  - {{name: "", id: {OTHER_ID}}}\n',
    "any earlier and removed name": (
        'groups:\n  - {name: a, previously: ["", " b", "c [groupsync 01234567]"]}\nremoved:\n  - name: " \\u0000"\n'
    ),
    "an earlier name that is removed": "groups:\n  - {name: a, previously: [b]}\nremoved:\n  - name: b\n",
    "names that differ in case only by a rename": "groups:\n  - {name: VIP, previously: [vip]}\n",
    "a bracket in a pattern stands for itself": "groups: [a]\nignore: ['[a]']\n",
}


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED.keys())
def test_valid_entries_give_no_warning(tmp_path: Path, text: str) -> None:
    assert problems_and_warnings(tmp_path, text) == ([], [])


WARNED = {
    "groups:\n  - VIP\n  - vip\n  - name: \uff36\uff29\uff30\n": [
        f'g.yaml:4:5: groups[1]: "vip" and "VIP" (at g.yaml:3) {SAME}',
        f'g.yaml:5:11: groups[2].name: "\uff36\uff29\uff30" and "VIP" (at g.yaml:3) {SAME}',
    ],
    "groups:\n  - Baltic Sea\n  - \u0412altic Sea\n  - Baltic  Sea\n": [
        f'g.yaml:4:5: groups[1]: "\u0412altic Sea" looks like "Baltic Sea" (at g.yaml:3) but for U+0412: {BOTH}',
        f'g.yaml:5:5: groups[2]: "Baltic  Sea" and "Baltic Sea" (at g.yaml:3) {SAME}',
    ],
    f'groups:\n  - {{name: "\\u00e9", id: {ID}}}\n  - "E\\u0301"\n': [
        f'g.yaml:4:5: groups[1]: "E\u0301" and "é" (at g.yaml:3) {SAME}'
    ],
    "groups: []\nremoved:\n  - name: a\n  - name: a\n": [
        'g.yaml:5:11: removed[1].name: "a" is removed already at g.yaml:4: one entry is enough'
    ],
}


@pytest.mark.parametrize(("text", "warnings"), WARNED.items())
def test_likely_mistakes_give_a_warning(tmp_path: Path, text: str, warnings: list[str]) -> None:
    assert problems_and_warnings(tmp_path, text) == ([], warnings)


def test_all_problems_of_a_file_are_shown_at_once_in_its_order(tmp_path: Path) -> None:
    text = (
        "ignore: [x*, NO]\ngroups:\n  - VIP\n  - {name: a, previously: [VIP], colour: red}\n  - VIP\n  - 007\n"
        "  - xyz\nremoved:\n  - name: VIP\nversion: 1\n"
    )

    problems, _warnings = problems_and_warnings(tmp_path, text)

    assert [problem.split(": ", 2)[:2] for problem in problems] == [
        ["g.yaml:2:14", "ignore[1]"],
        ["g.yaml:5:34", "groups[1]"],
        ["g.yaml:6:5", "groups[2]"],
        ["g.yaml:7:5", "groups[3]"],
        ["g.yaml:8:5", "groups[4]"],
        ["g.yaml:10:11", "removed[0].name"],
        ["g.yaml:11:1", 'the key "version" is already in line 1'],
    ]


def test_a_last_line_says_that_there_are_more_than_100_problems(tmp_path: Path) -> None:
    problems, _warnings = problems_and_warnings(tmp_path, "groups:\n" + "  - VIP\n" * 1000)

    assert problems[99:] == [
        f'g.yaml:103:5: groups[100]: "VIP" {TWICE}',
        "more problems follow: fix these first",
    ]


def test_a_last_line_says_that_there_are_more_than_100_warnings(tmp_path: Path) -> None:
    _problems, warnings = problems_and_warnings(
        tmp_path, "groups:\n" + "".join(f"  - A{i}\n  - a{i}\n" for i in range(200))
    )

    assert len(warnings) == 101
    assert warnings[100] == "more warnings follow: fix these first"
