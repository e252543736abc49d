"""Which JSON is read, which is refused, and with which message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.config.load import load_config
from groupsync.config.source.json_reader import read_json
from groupsync.config.source.text import make_text_file
from groupsync.model.groups import Source
from tests.unit.reading import problems_of

if TYPE_CHECKING:
    from pathlib import Path


EMPTY = 'g.json:1:1: the file is empty: write {"version": 1, "groups": ["Newsletter"]}'
KEY = "a key in double quotes is expected here: JSON has no comments and no comma after the last item"
VALUE = "a value is expected here: JSON has no comments and no comma after the last item"
DEEP = "nested more than 16 levels deep: remove the innermost ones"

REFUSED = {
    "": EMPTY,
    " \n": EMPTY,
    "{": f"g.json:1:2: {KEY}",
    "// comment\n{}": f"g.json:1:1: {VALUE}",
    "{'version': 1}": f"g.json:1:2: {KEY}",
    '{"version" 1}': 'g.json:1:12: a ":" is missing here: put it between key and value',
    '{"version": 1\n "groups": []}': "g.json:2:2: a comma or a closing bracket is missing here: add it",
    '{"groups": ["a]}': "g.json:1:13: this quote is never closed: add the closing quote",
    '{"groups": ["a\tb"]}': (
        "g.json:1:15: a line break, tab or control character cannot be in JSON text: write \\n, \\t"
    ),
    '{"groups": ["\\x"]}': "g.json:1:14: JSON knows no such escape: write \\\\ for a backslash",
    '{"groups": ["\\u12"]}': "g.json:1:15: an escape such as \\u00e9 lacks digits: write all of them",
    '{"version": 1} x': (
        "g.json:1:16: the value of the file ends before this place: remove what follows, or add the missing brackets"
    ),
    '{"version": NaN}': "g.json:1:13: version: NaN is not JSON: write a number, or quote it",
    '{"ignore": [-Infinity]}': "g.json:1:13: ignore[0]: -Infinity is not JSON: write a number, or quote it",
    '{"groups": ["ok", "\\ud800"]}': (
        "g.json:1:19: groups[1]: holds half of a surrogate pair, which is not a character: write the character itself"
    ),
    "[" * 17 + "]" * 17: f"g.json:1:17: {DEEP}",
    "[" * 10**6: f"g.json:1:17: {DEEP}",
    '{"a": ' * 10**6: f"g.json:1:97: {DEEP}",
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.items(), ids=lambda text: text[:40])
def test_what_is_not_json_is_refused_at_its_place(tmp_path: Path, text: str, problem: str) -> None:
    assert problems_of(tmp_path, text, name="g.json") == [problem]


def test_a_comma_after_the_last_item_is_refused(tmp_path: Path) -> None:
    """Sentence and column depend on the version of Python; the line does not."""
    [problem] = problems_of(tmp_path, '{"version": 1,\n "groups": ["a",]}', name="g.json")

    assert problem.startswith("g.json:2:")
    assert "JSON has no comma" in problem or "no comma after the last item" in problem


def test_a_name_that_is_not_text_must_be_quoted(tmp_path: Path) -> None:
    text = '{"version": 1, "groups": [\n true,\n null,\n 7,\n {"name": 1.50},\n 1E3]}'

    assert problems_of(tmp_path, text, name="g.json") == [
        'g.json:2:2: groups[0]: true is read as a boolean by JSON, not as text: quote it: "true"',
        'g.json:3:2: groups[1]: null is read as null by JSON, not as text: quote it: "null"',
        'g.json:4:2: groups[2]: 7 is read as a number by JSON, not as text: quote it: "7"',
        'g.json:5:11: groups[3].name: 1.50 is read as a number by JSON, not as text: quote it: "1.50"',
        'g.json:6:2: groups[4]: 1E3 is read as a number by JSON, not as text: quote it: "1E3"',
    ]


def test_a_very_long_number_is_an_ordinary_problem(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path, '{"groups": [], "version": ' + "9" * 5000 + "}", name="g.json")

    assert problem == f"g.json:1:27: version: must be 1, found {'9' * 60}…: write 1, groupsync knows no other format"


def test_repeated_keys_and_wrong_types_are_all_named(tmp_path: Path) -> None:
    text = '{"version": 1,\n "groups": [{"name": "a", "name": "b"}],\n "ignore": {},\n "policy": [],\n "version": 1}'

    assert problems_of(tmp_path, text, name="g.json") == [
        'g.json:2:27: groups[0]: the key "name" is already in line 2: remove one of the two',
        "g.json:3:12: ignore: must be a list, found a mapping: put it in [ ]",
        'g.json:4:12: policy: must be a mapping, found a list: write keys such as `"unlisted": ...`',
        'g.json:5:2: the key "version" is already in line 1: remove one of the two',
    ]


def test_the_remedy_for_missing_groups_is_json(tmp_path: Path) -> None:
    assert problems_of(tmp_path, '{"version": 1}', name="g.json") == [
        'g.json:1:1: the key "groups" is missing: add it and name a group, such as `"groups": ["Newsletter"]`'
    ]


def test_text_that_yaml_would_misread_is_text_in_json(tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    path.write_text('{"version": 1, "groups": ["name:A", "B" ]}', encoding="utf-8")

    assert [group.name for group in load_config([path]).groups] == ["name:A", "B"]
    assert problems_of(tmp_path, '{"version": 1, "groups": [{"A": "B"}]}', name="g.json") == [
        'g.json:1:27: groups[0]: the key "name" is missing: add `"name": "..."`',
        'g.json:1:28: groups[0]: unknown key "A", correct or remove it (known here: name, id, previously, description)',
    ]


def test_groups_in_json_have_their_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "G.JSON"
    path.write_bytes('\ufeff{"version": 1,\r\n "groups": [ "é\\ud83d\\ude00" ,\r\n{"name":"\\u0041"}]}\n'.encode())

    config = load_config([path])

    assert [(group.name, group.source) for group in config.groups] == [
        ("é😀", Source(file=str(path), line=2, column=14)),
        ("A", Source(file=str(path), line=3, column=1)),
    ]


def test_every_path_leads_to_its_place() -> None:
    text = '{"version" : -12,\n "x": {"a": [ ], "b": [1 ,\n  {}\n ]},"y":false}'

    document = read_json(make_text_file("g.json", 0, text))

    places = {
        (): (1, 1),
        ("version",): (1, 14),
        ("x", "a"): (2, 13),
        ("x", "b", 0): (2, 24),
        ("x", "b", 1): (3, 3),
        ("y",): (4, 9),
    }
    assert document.value["version"] == -12
    assert {path: document.source(path) for path in places} == {
        path: Source(file="g.json", line=line, column=column) for path, (line, column) in places.items()
    }
