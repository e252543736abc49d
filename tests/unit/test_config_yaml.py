"""Which YAML is read, which is refused, and with which message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.config.load import load_config
from groupsync.config.source.text import make_text_file
from groupsync.config.source.yaml_reader import read_yaml
from groupsync.model.groups import Source
from tests.unit.reading import problems_of

if TYPE_CHECKING:
    from pathlib import Path


EMPTY = "groups.yaml:1:1: the file is empty: write `version: 1` and `groups: [Newsletter]`"
ANCHOR = 'anchors (&name) are not supported: remove it; text that begins with "&" must be quoted'
ALIAS = 'aliases (*name) are not supported: write the value out; text that begins with "*" must be quoted'
TAG = 'tags (!name) are not supported: remove it; text that begins with "!" must be quoted'
DIRECTIVE = "directives (%YAML, %TAG) are not supported: remove the line"
TAB = "YAML does not allow tabs for indentation: use spaces"
EARLY = "text goes on after its closing quote: double a ' inside '...', or use \"...\""
EARLY_DOUBLE = 'text goes on after its closing quote: write \\" inside "...", or use \'...\''
QUOTE = "this quote is never closed: add the closing quote"
LAYOUT = "this does not fit the lines above it: check the indentation, and that quotes and brackets are closed"
COLON = 'a ":" cannot be here: quote text that contains ": ", or check the indentation'
DEEP = "nested more than 16 levels deep: remove the innermost ones"
BLOCK = 'after "|" or ">" the line must end: begin the text on the next one, with spaces before it'
ONE = "remove one of the two"

REFUSED = {
    "version:1\ngroups: [A]\n": 'groups.yaml:1:1: put a space after "version:"',
    "groups:\n  - name:VIP\n    id: x\n": 'groups.yaml:2:5: put a space after "name:"',
    "": EMPTY,
    "\n\n": EMPTY,
    "# only a comment\n": EMPTY,
    "---\n": EMPTY,
    "---\n...\n": EMPTY,
    "groups: &all [x]\n": f"groups.yaml:1:9: {ANCHOR}",
    "groups:\n  - &vip VIP\n": f"groups.yaml:2:5: groups: {ANCHOR}",
    "groups:\n  - & VIP\n": f"groups.yaml:2:5: {ANCHOR}",
    "groups: [x, *all]\n": f"groups.yaml:1:13: groups: {ALIAS}",
    "ignore:\n  - *old*\n": f"groups.yaml:2:5: {ALIAS}",
    "ignore: [*]\n": f"groups.yaml:1:10: {ALIAS}",
    "groups: !!seq []\n": f"groups.yaml:1:9: {TAG}",
    "groups:\n  - name: !!str 007\n": f"groups.yaml:2:11: groups[0]: {TAG}",
    "groups: [!x!y z]\n": f"groups.yaml:1:10: {TAG}",
    "groups: [!<]\n": f"groups.yaml:1:10: {TAG}",
    "%YAML 1.2\n---\nversion: 1\n": f"groups.yaml:1:1: {DIRECTIVE}",
    "%YAML 2.0\n---\nversion: 1\n": f"groups.yaml:1:1: {DIRECTIVE}",
    "%TAG ! tag:x\n---\nversion: 1\n": f"groups.yaml:1:1: {DIRECTIVE}",
    "%WHAT\n---\nversion: 1\n": f"groups.yaml:1:1: {DIRECTIVE}",
    "version: 1\ngroups: []\n---\nversion: 1\n": (
        "groups.yaml:3:1: a second document begins here: put it in its own file"
    ),
    "groups:\n\t- a\n": f"groups.yaml:2:1: {TAB}",
    "version: 1\n\tgroups: []\n": f"groups.yaml:2:1: {TAB}",
    "groups: |\n\ta\n": f"groups.yaml:2:1: {TAB}",
    "groups:\n  - 'abc\n  - x\n": f"groups.yaml:2:5: {QUOTE}",
    'groups: [a, "b]\n': f"groups.yaml:1:13: {QUOTE}",
    'groups: "a\n---\n': f"groups.yaml:1:9: {QUOTE}",
    "groups: [a,\n  b\nignore: []\n": (
        'groups.yaml:1:9: this "[" is not closed, or lacks a comma in line 3: add "]" or ","'
    ),
    "groups: [a, [b,": 'groups.yaml:1:13: this "[" is not closed, or lacks a comma in line 1: add "]" or ","',
    "groups: [a, [b], {c:": 'groups.yaml:1:18: this "{" is not closed, or lacks a comma in line 1: add "}" or ","',
    "groups: [a, [b], c:": 'groups.yaml:1:9: this "[" is not closed, or lacks a comma in line 1: add "]" or ","',
    "[groups:\n": 'groups.yaml:1:1: this "[" is not closed, or lacks a comma in line 2: add "]" or ","',
    "groups: [{name: a": 'groups.yaml:1:10: this "{" is not closed, or lacks a comma in line 1: add "}" or ","',
    "groups: ]": 'groups.yaml:1:9: a value is missing before "]": write it, or quote what is text',
    "groups: [,]": 'groups.yaml:1:10: a value is missing before ",": write it, or quote what is text',
    "...": 'groups.yaml:1:1: a value is missing before ".": write it, or quote what is text',
    "groups: a: b\n": f"groups.yaml:1:10: {COLON}",
    "version 1\ngroups: []\n": f"groups.yaml:2:7: {COLON}",
    "groups:\n  - x\n - y\n": f"groups.yaml:3:2: {LAYOUT}",
    "groups:\n  - x\n  y: 1\n": f"groups.yaml:3:3: {LAYOUT}",
    "groups:\n  - 'it's'\n": f"groups.yaml:2:9: {EARLY}",
    "groups:\n  - 'O'Brien'\n  - b\n": f"groups.yaml:2:8: {EARLY}",
    "groups:\n  - name: 'Kids' club\n    id: x\n": f"groups.yaml:2:18: {EARLY}",
    "groups: [a, 'O'Brien']\n": f"groups.yaml:1:16: {EARLY}",
    'groups:\n  - "A "B" C"\n': f"groups.yaml:2:9: {EARLY_DOUBLE}",
    "groups: ['a' 'b']\n": 'groups.yaml:1:9: this "[" is not closed, or lacks a comma in line 1: add "]" or ","',
    "groups:\n  - 'a'\n   - b\n": f"groups.yaml:3:4: {LAYOUT}",
    "'a' b": f"groups.yaml:1:5: {EARLY}",
    "groups:\n  - name: a\n    previously\n    id: x\n": (
        'groups.yaml:3:5: this is neither a list item nor a key: add the "- " before it or the ":" after it'
    ),
    "groups: []\nremoved\n": (
        'groups.yaml:2:1: this is neither a list item nor a key: add the "- " before it or the ":" after it'
    ),
    'groups: ["\\q"]': "groups.yaml:1:11: YAML knows no such escape: write \\\\ for a backslash, or use single quotes",
    'groups: ["\\ud800"]': "groups.yaml:1:13: this escape is not a character: write the character itself",
    'groups: ["\\u12"]': "groups.yaml:1:13: an escape such as \\u00e9 lacks digits: write all of them",
    "groups:\n  - @x\n": 'groups.yaml:2:5: text cannot begin with "@" in YAML: quote it',
    "groups:\n  - %x\n": 'groups.yaml:2:5: text cannot begin with "%" in YAML: quote it',
    "groups: - b": ('groups.yaml:1:9: a list cannot begin here: put its "- " on its own line, with spaces before it'),
    "groups: |x\n": f"groups.yaml:1:10: {BLOCK}",
    "groups: |0\n x": f"groups.yaml:1:10: {BLOCK}",
    "groups: ? x": "groups.yaml:1:9: this is not YAML: quote what is text, and check the indentation",
    "groups: " + "[" * 2_000: f"groups.yaml:1:25: {DEEP}",
    "{" * 2_000: f"groups.yaml:1:17: {DEEP}",
    "? [a]\n: b\n": "groups.yaml:1:3: a key must be text, found a list",
    "groups:\n  - {a: b}: c\n": "groups.yaml:2:5: groups[0]: a key must be text, found a mapping",
    "groups: " + "[" * 16 + "]" * 16: f"groups.yaml:1:24: {DEEP}",
    "{a: " * 17 + "}" * 17: f"groups.yaml:1:65: {DEEP}",
    "version: 1\n\0": 'groups.yaml:2:1: the character U+0000 cannot be in YAML: remove it, or write "\\u0000"',
    "groups: [\x07]": 'groups.yaml:1:10: the character U+0007 cannot be in YAML: remove it, or write "\\u0007"',
    "groups: [a\ufeff]": 'groups.yaml:1:11: the character U+FEFF cannot be in YAML: remove it, or write "\\ufeff"',
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.items())
def test_what_is_not_plain_yaml_is_refused_at_its_place(tmp_path: Path, text: str, problem: str) -> None:
    assert problems_of(tmp_path, text) == [problem]


PLAIN_SCALARS = {
    "NO": "a boolean",
    "true": "a boolean",
    "off": "a boolean",
    "007": "a number",
    "372": "a number",
    "-5": "a number",
    "+1": "a number",
    "0x1F": "a number",
    "1_000": "a number",
    "1.5": "a number",
    ".inf": "a number",
    "12:30": "a number in base 60",
    "2024-01-01": "a date",
    "2024-01-01 10:00:00": "a date",
    "~": "null",
    "null": "null",
    "=": "a default key",
    "<<": "a merge key",
}


@pytest.mark.parametrize(("text", "kind"), PLAIN_SCALARS.items())
def test_a_name_that_yaml_does_not_read_as_text_must_be_quoted(tmp_path: Path, text: str, kind: str) -> None:
    found = problems_of(tmp_path, f"version: 1\ngroups:\n  - {text}\n  - name: {text}\n")

    assert found == [
        f'groups.yaml:3:5: groups[0]: {text} is read as {kind} by YAML, not as text: quote it: "{text}"',
        f'groups.yaml:4:11: groups[1].name: {text} is read as {kind} by YAML, not as text: quote it: "{text}"',
    ]


@pytest.mark.parametrize("text", ["No one", "1e3", "0o7", "12:30 club", "y", "N/A", "-", "372 EE", "a:b", "a#b"])
def test_other_plain_scalars_are_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "groups.yaml"
    path.write_text(f"version: 1\ngroups: [{text}]\n" if text != "-" else 'version: 1\ngroups: ["-"]\n')

    assert [group.name for group in load_config([path]).groups] == [text]


def test_each_repeated_or_unusable_key_is_a_problem(tmp_path: Path) -> None:
    text = (
        "version: 1\ngroups:\n  - name: a\n    name: b\n  - {name: c, yes: {x: 1, x: 2}}\nversion: 1\n1: 2\n? \n: 3\n"
    )

    assert problems_of(tmp_path, text) == [
        'groups.yaml:4:5: groups[0]: the key "name" is already in line 3: remove one of the two',
        'groups.yaml:5:15: groups[1]: the key yes is read as a boolean by YAML, not as text: quote it: "yes"',
        'groups.yaml:5:27: groups[1].yes: the key "x" is already in line 5: ' + ONE,
        'groups.yaml:6:1: the key "version" is already in line 1: remove one of the two',
        'groups.yaml:7:1: the key 1 is read as a number by YAML, not as text: quote it: "1"',
        'groups.yaml:8:2: a key is missing before the ":": write it, or quote what is text',
    ]


def test_bytes_that_are_not_utf_8_are_refused_at_their_place(tmp_path: Path) -> None:
    assert problems_of(tmp_path, b"version: 1\ngroups: [\xc3\xa9, \xff]\n") == [
        "groups.yaml:2:13: the byte 0xFF is not UTF-8: save the file as UTF-8"
    ]
    assert problems_of(tmp_path, "version: 1\n".encode("utf-16")) == [
        "groups.yaml:1:1: the byte 0xFF is not UTF-8: save the file as UTF-8"
    ]


def test_a_file_of_more_than_16_mib_is_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path, b"#" * (16 * 2**20 + 1)) == ["groups.yaml: is larger than 16 MiB"]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_byte_order_mark_and_both_line_breaks_are_read(tmp_path: Path, line_break: str) -> None:
    path = tmp_path / "groups.yaml"
    path.write_bytes("\ufeffversion: 1\ngroups:\n  - é\n  -   b\n".replace("\n", line_break).encode())

    config = load_config([path])

    assert [group.source for group in config.groups] == [
        Source(file=str(path), line=3, column=5),
        Source(file=str(path), line=4, column=7),
    ]


DECEPTIVE = {
    "version: 1\ngroups: [a]\n# keep\rremoved: [{name: VIP}]\n": (
        "3:7: a carriage return alone ends a line here, but not in a diff: save the file with LF or CR LF"
    ),
    "groups: [a]\n# keep\u2028removed: [{name: VIP}]\n": (
        "2:7: the character U+2028 ends a line in YAML, but not in a diff: remove it"
    ),
    "groups: [a]\n# keep\x85removed: []\n": (
        "2:7: the character U+0085 ends a line in YAML, but not in a diff: remove it"
    ),
    "groups: [a]  # \u202eb\n": "1:16: the character U+202E changes the order in which text is shown: remove it",
    "groups:\n<<<<<<< HEAD\n  - a\n=======\n  - b\n>>>>>>> main\n": (
        "2:1: a merge conflict is not resolved here: keep one side, and remove the lines <<<<<<<, ======= and >>>>>>>"
    ),
    "groups:\n  - a\n=======\n  - b\n>>>>>>> main\n": (
        "5:1: a merge conflict is not resolved here: keep one side, and remove the lines <<<<<<<, ======= and >>>>>>>"
    ),
}


@pytest.mark.parametrize(("text", "problem"), DECEPTIVE.items())
def test_a_file_that_a_diff_would_show_differently_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert problems_of(tmp_path, text.encode()) == [f"groups.yaml:{problem}"]


def test_every_path_leads_to_its_place() -> None:
    text = "version: 1\ngroups:\n  - VIP\n  - {name: 'é😀', id: x}\n  - previously: [a,\n      b]\n    name:\n"

    document = read_yaml(make_text_file("groups.yaml", 0, text))

    places = {
        (): (1, 1),
        ("version",): (1, 10),
        ("groups",): (3, 3),
        ("groups", 0): (3, 5),
        ("groups", 1): (4, 5),
        ("groups", 1, "name"): (4, 12),
        ("groups", 1, "id"): (4, 22),
        ("groups", 2, "previously", 1): (6, 7),
        ("groups", 2, "name"): (7, 5),  # left empty: the place of its key
    }
    assert {path: document.source(path) for path in places} == {
        path: Source(file="groups.yaml", line=line, column=column) for path, (line, column) in places.items()
    }


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{a: ", "&a [*a, "])
def test_deep_nesting_is_refused_at_once(tmp_path: Path, opening: str) -> None:
    """To read ten million nested brackets to the end takes libyaml minutes."""
    [problem] = problems_of(tmp_path, opening * (10**7 // len(opening)))

    assert problem.startswith("groups.yaml:1:")
