"""Laws: names are read back exactly, with line and column, and any file gives a configuration or problems."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from groupsync.config.load import load_config
from groupsync.config.source.json_reader import read_json
from groupsync.config.source.text import make_text_file
from groupsync.config.source.yaml_reader import read_yaml
from groupsync.errors import ConfigError
from groupsync.model.groups import Source

if TYPE_CHECKING:
    from groupsync.model.config import Config

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"])))
BLANKS = st.sampled_from(["", " ", "\n", "\r\n", " \t\n "])

# Pieces of text that often begins like a configuration and then breaks.
PIECES = st.sampled_from(
    [
        "version: 1\n", "groups:\n", "groups: ", "removed:\n", "ignore: ", "policy: ", "  - ", "- ", "name: ", "id: ",
        "previously: ", "VIP", "NO", "'", '"', "[", "]", "{", "}", ", ", ": ", ":", "? ", "&a ", "*a", "!t ", "|\n",
        "> ", "#", "\n", "\t", "  ", "---\n", "...\n", "%YAML 1.1\n", "\\u", "\\ud800", "1", "~", "\r", "\u2028", "é",
        '{"version": 1, "groups": [', "null", "true", "NaN", "-", "1e5", "]}", "5792a02a-e5c2-422b-a0a0-0ae65d814663",
    ]
)  # fmt: skip
CONTENTS = st.one_of(
    st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode()),
    st.lists(PIECES, max_size=30).map(lambda pieces: ("version: 1\ngroups:\n" + "".join(pieces)).encode()),
    st.text().map(lambda text: text.encode("utf-8", "replace")),
    st.binary(),
)


def quote_yaml(name: str) -> str:
    """Return the name as a double-quoted scalar of YAML; what could be folded or refused is escaped."""
    plain = {char for char in name if char.isprintable() and char not in '"\\' and char != "\ufeff"}
    return '"' + "".join(char if char in plain else f"\\U{ord(char):08x}" for char in name) + '"'


@settings(deadline=None)
@given(names=NAMES)
def test_quoted_yaml_reads_back_exactly_and_in_place(names: list[str]) -> None:
    text = "version: 1\ngroups:\n" + "".join(f"  - name: {quote_yaml(name)}\n" for name in names)

    document = read_yaml(make_text_file("g.yaml", 0, text))

    assert [entry["name"] for entry in document.value["groups"] or []] == names if names else True
    assert [document.source(("groups", index, "name")) for index in range(len(names))] == [
        Source(file="g.yaml", line=3 + index, column=11) for index in range(len(names))
    ]


@settings(deadline=None)
@given(names=NAMES, before=BLANKS, after=BLANKS, escape=st.booleans())
def test_json_reads_back_exactly_and_in_place(names: list[str], before: str, after: str, escape: bool) -> None:
    words = [json.dumps(name, ensure_ascii=escape) for name in names]
    text = '{"version": 1, "groups": [' + ",".join(before + word + after for word in words) + "]}"

    document = read_json(make_text_file("g.json", 0, text))

    offset = len('{"version": 1, "groups": [') + len(before)
    assert document.value["groups"] == names
    for index, word in enumerate(words):
        assert document.find(("groups", index)) == (names[index], offset)
        offset += len(before + word + after) + 1


@settings(max_examples=300, deadline=None)
@given(content=CONTENTS, suffix=st.sampled_from([".yaml", ".json"]))
def test_any_file_gives_a_configuration_or_problems_with_places(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"groups{suffix}"
        path.write_bytes(content)

        try:
            outcome: Config | ConfigError = load_config([path])
        except ConfigError as error:
            outcome = error

        problems = outcome.problems if isinstance(outcome, ConfigError) else (f"{path}:1:1",)
        assert problems
        assert all(problem.startswith((f"{path}:", "more problems")) for problem in problems)
        assert all(problem.isprintable() for problem in problems)
