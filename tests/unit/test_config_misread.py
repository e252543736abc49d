"""Names that should have been quoted: each is a problem or a warning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.reading import ID, problems_and_warnings

if TYPE_CHECKING:
    from pathlib import Path

COMMENT = "there is no value here, because an unquoted # begins a comment: quote the text, or remove"
LINES = "goes over several lines: quote it, or check the indentation and the commas"
LIST = "must be text or a mapping, found a list"


REFUSED = {
    "groups:\n  - A: B\n  - Sale: 50\n  - Night: 007\n  - What:\n  - C:\n      - d\n": [
        'g.yaml:3:5: groups[0]: unknown key "A": if this is a name, quote it: "A: B"',
        'g.yaml:4:5: groups[1]: unknown key "Sale": if this is a name, quote it: "Sale: 50"',
        'g.yaml:5:5: groups[2]: unknown key "Night": if this is a name, quote it: "Night: 007"',
        'g.yaml:6:5: groups[3]: unknown key "What": if this is a name, quote it: "What:"',
        'g.yaml:7:5: groups[4]: the key "name" is missing: add `name: "..."`',
        'g.yaml:7:5: groups[4]: unknown key "C", correct or remove it (known here: name, id, previously, description)',
    ],
    "groups:\n  - Games: 2024\n  - A: B\n    description: x\n  - {A: B}\n": [
        'g.yaml:3:5: groups[0]: unknown key "Games", did you mean "name"? if this is a name, quote it: "Games: 2024"',
        'g.yaml:4:5: groups[1]: the key "name" is missing: add `name: "..."`',
        'g.yaml:4:5: groups[1]: unknown key "A", correct or remove it (known here: name, id, previously, description)',
        'g.yaml:6:5: groups[2]: the key "name" is missing: add `name: "..."`',
        'g.yaml:6:6: groups[2]: unknown key "A", correct or remove it (known here: name, id, previously, description)',
    ],
    "groups:\n  - name: a\n    previously:\n      - A: B\n      - name: C\nignore: [Old: x*, A: B]\n": [
        'g.yaml:5:9: groups[0].previously[0]: must be text, found a mapping: if this is a name, quote it: "A: B"',
        "g.yaml:6:9: groups[0].previously[1]: must be text, found a mapping: write one text",
        'g.yaml:7:10: ignore[0]: must be text, found a mapping: if this is a pattern, quote it: "Old: x*"',
        'g.yaml:7:19: ignore[1]: must be text, found a mapping: if this is a pattern, quote it: "A: B"',
    ],
    "groups:\n  - # hash\n  -   #1\n  - name: # x\n  -\nignore:\n  - # y\n": [
        f"g.yaml:3:4: groups[0]: {COMMENT} the line",
        f"g.yaml:4:4: groups[1]: {COMMENT} the line",
        f"g.yaml:5:5: groups[2].name: {COMMENT} the key",
        "g.yaml:6:4: groups[3]: there is no value here: write the item, or remove the line",
        f"g.yaml:8:4: ignore[0]: {COMMENT} the line",
    ],
    "groups: # none yet\n": [
        "g.yaml:2:1: groups: there is no value here: name a group, such as `groups: [Newsletter]`"
    ],
    "groups:\n  - - dash\n  - - 12\n  - - - deep\n  - [a]\n  - - a\n    - b\n": [
        f'g.yaml:3:5: groups[0]: {LIST}: if this is a name, quote it: "- dash"',
        f'g.yaml:4:5: groups[1]: {LIST}: if this is a name, quote it: "- 12"',
        f"g.yaml:5:5: groups[2]: {LIST}: write one text",
        f"g.yaml:6:5: groups[3]: {LIST}: write one text",
        f"g.yaml:7:5: groups[4]: {LIST}: write one text",
    ],
    f"groups:\n  - name:A\n  - id:{ID}\n  - 'name:B'\n  - names:C\n": [
        'g.yaml:3:5: groups[0]: "name:A" is read as a name: put a space after "name:", or quote the name',
        f'g.yaml:4:5: groups[1]: "id:{ID}" is read as a name: put a space after "id:", or quote the name',
    ],
    "groups:\n  - A\n    B\n  - name: C\n      D\n    previously: [E\n      F]\nremoved:\n  - name: H\n     I\n": [
        f'g.yaml:3:5: groups[0]: "A B" {LINES}',
        f'g.yaml:5:11: groups[1].name: "C D" {LINES}',
        f'g.yaml:7:18: groups[1].previously[0]: "E F" {LINES}',
        f'g.yaml:10:11: removed[0].name: "H I" {LINES}',
    ],
    "groups: [A]\nignore:\n  - B\n\n    C\n": [f'g.yaml:4:5: ignore[0]: "B\\u000aC" {LINES}'],
}


@pytest.mark.parametrize(("text", "problems"), REFUSED.items())
def test_a_name_that_lacks_its_quotes_is_refused(tmp_path: Path, text: str, problems: list[str]) -> None:
    assert problems_and_warnings(tmp_path, text) == (problems, [])


def test_a_name_that_is_cut_by_a_comment_gives_a_warning(tmp_path: Path) -> None:
    text = (
        "groups:\n  - Team #1\n  - name: VIP  #gold card\n    previously: [Old\t#2\n      ]\n"
        "removed:\n  - name: Sale #3\nignore:\n  - Test #*\n"
    )

    problems, warnings = problems_and_warnings(tmp_path, text)

    assert problems == []
    assert warnings == [
        f'g.yaml:{place}: what follows " #" is a comment: quote the name if "{word}" belongs to it'
        for place, word in [
            ("3:10: groups[0]", "#1"),
            ("4:16: groups[1].name", "#gold"),
            ("5:22: groups[1].previously[0]", "#2"),
            ("8:16: removed[0].name", "#3"),
            ("10:10: ignore[0]", "#*"),
        ]
    ]


CORRECT = {
    "a comment with a blank": "groups:\n  - Team # 1\n  - name: VIP # gold\n",
    "a comment after a quoted name": "groups:\n  - 'Team' #1\n  - \"VIP\" #2\n",
    "a comment after an id": f"groups:\n  - name: a\n    id: {ID} #1\n",
    "a comment on the next line": "groups:\n  - Team\n  #1\n  - VIP\n",
    "a # inside a name": "groups: [Team#1]\n",
    "quoted text over several lines": "groups:\n  - 'A\n    B'\n  - name: >-\n      C\n      D\n",
    "description and reason over several lines": (
        "groups:\n  - name: a\n    description: b\n      c\nremoved:\n  - name: d\n    reason: e\n      f #1\n"
    ),
}


@pytest.mark.parametrize("text", CORRECT.values(), ids=CORRECT.keys())
def test_names_that_are_read_as_they_look_give_no_warning(tmp_path: Path, text: str) -> None:
    assert problems_and_warnings(tmp_path, text) == ([], [])


@pytest.mark.parametrize("name", ["\u201cVIP\u201d", "\u201eVIP\u201c", "\u2018VIP\u2019", "\u00abVIP\u00bb"])
def test_a_name_in_curly_quotes_gives_a_warning(tmp_path: Path, name: str) -> None:
    warning = 'groups[0].name: the curly quotes are part of this name: write "VIP" if they should not be'

    assert problems_and_warnings(tmp_path, f"groups: [{{name: {name}}}]\n") == ([], [f"g.yaml:2:17: {warning}"])


@pytest.mark.parametrize("name", ['"\u201cVIP\u201d"', "Caf\u00e9 \u201cVIP\u201d gold", "VIP\u2019s"])
def test_other_names_with_curly_quotes_give_none(tmp_path: Path, name: str) -> None:
    assert problems_and_warnings(tmp_path, f"groups: [{name}]\n") == ([], [])


TEMPLATES = {
    "${TEAM} customers": "${TEAM}",
    "${TEAM:-all} customers": "${TEAM:-all}",
    "a ${var.team}": "${var.team}",
    "${{ env.TEAM }}": "${{ env.TEAM }}",
    "$(TEAM) and $(date +%Y)": "$(TEAM)",
    "$TEAM": "$TEAM",
    "VIP-$TEAM_2 x": "$TEAM_2",
    "$team_name": "$team_name",
    "{{ env.TEAM }}": "{{ env.TEAM }}",
    "{{team}} x": "{{team}}",
    "{{{team}}}": "{{team}}",
    "{% if a %}VIP{% endif %}": "{% if a %}",
    "<%= team %>": "<%= team %>",
    "%TEAM%": "%TEAM%",
    "x %(team)s": "%(team)s",
    "%{team}": "%{team}",
    "#{team}": "#{team}",
    "@TEAM@": "@TEAM@",
    "__TEAM__ x": "__TEAM__",
}
NAMES = [
    "$5 off", "5$", "$100K club", "US$ and EU\u20ac", "$$$", "$ale", "Ca$h", "A$AP fans", "$", "price ($)", "(VIP)$",
    "100% cotton", "50%", "10%-20%", "% of sales", "100%OFF%", "5 % A % B", "{VIP}", "{VIP} {Gold}", "{ }", "[x]",
    "<VIP>", "<3", "me@example.com", "@handle", "@A @B", "a@B@c", "#1", "#{", "__init__", "a__B__c", "snake_case_name",
    "C++", "{{", "}}", "${", "$(", "%(", "R&D", "A<%B",
]  # fmt: skip


@pytest.mark.parametrize(("name", "template"), TEMPLATES.items())
def test_a_template_that_was_not_filled_in_gives_a_warning(tmp_path: Path, name: str, template: str) -> None:
    quoted = json.dumps(name)
    text = (
        f"groups:\n  - {quoted}\n  - name: {json.dumps(f'1 {name}')}\n    previously: [{json.dumps(f'2 {name}')}]\n"
        f"ignore: [{json.dumps(f'3 {name}')}]\nprotected: [{json.dumps(f'4 {name}')}]\n"
        f"removed: [name: {json.dumps(f'5 {name}')}]\n"
    )

    problems, warnings = problems_and_warnings(tmp_path, text)

    what = f"{json.dumps(template)} looks like a template that was not filled in: "
    found = [warning for warning in warnings if what in warning]
    assert problems == []
    assert [warning.split(": ")[1] for warning in found] == [
        "groups[0]", "groups[1].name", "groups[1].previously[0]", "ignore[0]", "protected[0]", "removed[0].name"
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_the_characters_of_templates_gives_no_warning(tmp_path: Path, name: str) -> None:
    problems, warnings = problems_and_warnings(tmp_path, f"groups: [{json.dumps(name)}]\n")

    assert problems == []
    assert not [warning for warning in warnings if "template" in warning]


@pytest.mark.parametrize(
    ("item", "template"),
    [
        ("{{ env.TEAM }} customers", "{{"),
        ("{{team}}", "{{"),
        ("name: {{ team }}", "{{"),
        ("%TEAM%", "%TEAM%"),
        ("@TEAM@ x", "@TEAM@"),
        ("{% if x %}", "{%"),
    ],
)
def test_a_template_that_is_no_yaml_is_named(tmp_path: Path, item: str, template: str) -> None:
    """To quote it, which is what YAML asks for, would make a group of that name."""
    ((problem,), _) = problems_and_warnings(tmp_path, f"groups:\n  - {item}\n")

    assert f'"{template}" looks like a template that was not filled in: fill it in, or quote the text' in problem
