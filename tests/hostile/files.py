"""Hostile configuration files: as large as a file may be, each with as much as possible of one thing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.hostile.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.hostile.case import MakeCase

LARGEST = 16 * 2**20
_HEAD = "version: 1\npolicy: {unlisted: keep}\ngroups:\n"
_JSON_HEAD = '{"version": 1, "groups": ['

VALID, INVALID = frozenset({0}), frozenset({1})
EITHER = VALID | INVALID


def fill(part: str, *, head: str = "", tail: str = "", size: int = LARGEST) -> str:
    """Return the head, the part as often as fits, and the tail, in `size` bytes of UTF-8."""
    room = size - len(head.encode()) - len(tail.encode())
    return head + part * (room // len(part.encode())) + tail


def number(write: Callable[[int], str], count: int, *, head: str = _HEAD) -> str:
    """Return the head and what `write` makes of each number; nothing past the largest size."""
    return (head + "".join(map(write, range(count)))).encode()[:LARGEST].decode(errors="ignore")


def _write_patterns(key: str, pattern: Callable[[int], str], count: int, name: Callable[[int], str]) -> str:
    patterns = "".join(f'- "{pattern(index)}"\n' for index in range(count))
    return f"version: 1\n{key}:\n{patterns}groups:\n" + "".join(f'- "{name(index)}"\n' for index in range(10_000))


YAML: Mapping[str, Callable[[], str]] = {
    "line breaks": partial(fill, "\n"),
    "carriage returns": partial(fill, "\r"),
    "blanks": partial(fill, " "),
    "tabs": partial(fill, "\t"),
    "comments": partial(fill, "# a\n"),
    "a comment": partial(fill, "#"),
    "list items `- a`": partial(fill, "- a\n", head=_HEAD),
    "the same long item": partial(fill, f"- {'a' * 100}\n", head=_HEAD),
    "merge keys": partial(fill, "- <<: {a: b}\n"),
    "merge keys of long lines": partial(fill, f"- <<: {{a: {'b' * 30}}}\n"),
    "items without text": partial(fill, "-\n", head=_HEAD),
    "mappings of one unknown key": partial(fill, f"- a:{' ' * 20}\n", head=_HEAD),
    "nested list dashes": partial(fill, "- "),
    "open brackets": partial(fill, "[", head=f"{_HEAD}- "),
    "open braces": partial(fill, "{a: ", head=f"{_HEAD}- "),
    "flow list": partial(fill, "a,", head="version: 1\ngroups: [", tail="]"),
    "flow lists in a list": partial(fill, "[],", head="version: 1\ngroups: [", tail="]"),
    "flow mappings in a list": partial(fill, "{},", head="version: 1\ngroups: [", tail="]"),
    "anchors": partial(number, lambda index: f"- &a{index} {'x' * 20}\n", 500_000),
    "aliases": partial(fill, "- *a\n", head=f"{_HEAD}- &a a\n"),
    "documents": partial(fill, f"---\n{'a' * 20}\n"),
    "directives": partial(fill, "%TAG ! tag:example.com:\n"),
    "an open quote": partial(fill, "a", head=f'{_HEAD}- "'),
    "an open quote over lines": partial(fill, f"{'a' * 30}\n  ", head=f'{_HEAD}- "'),
    "an open single quote": partial(fill, "''", head=f"{_HEAD}- '"),
    "escapes": partial(fill, "\\u0041", head=f'{_HEAD}- "', tail='"\n'),
    "a block of lines": partial(fill, f"  {'a' * 20}\n", head=f"{_HEAD}- |\n"),
    "a folded text": partial(fill, f"  {'a' * 20}\n", head=f"{_HEAD}- a\n"),
    "a long key": partial(fill, "a", head=f"{_HEAD}- ? ", tail="\n  : b\n"),
    "the same key": partial(fill, f"a: {'b' * 20}\n"),
    "many keys": partial(number, lambda index: f"k{index}: {'b' * 10}\n", 900_000, head=""),
    "a long number": partial(fill, "1", head=f"{_HEAD}- "),
    "a number in base 60": partial(fill, "1:", head=f"{_HEAD}- ", tail="1\n"),
    "a long float": partial(fill, "1", head=f"{_HEAD}- 0."),
    "a name as long as the file": partial(fill, "a", head=f"{_HEAD}- "),
    "U+FDFA as long as the file": partial(fill, "\ufdfa", head=f"{_HEAD}- "),
    "names of 990 U+FDFA": partial(number, lambda index: f"- {chr(0xFDFA) * 990}{index}\n", 5_600),
    "names of 990 marks": partial(number, lambda index: f"- a{chr(0x315) * 495}{chr(0x316) * 495}{index}\n", 8_400),
    "names of 990 double marks": partial(number, lambda index: f"- a{chr(0xF73) * 990}{index}\n", 5_600),
    "names of 990 invisible characters": partial(number, lambda index: f"- a{chr(0x200B) * 990}{index}\n", 5_600),
    "names that fold to one": partial(
        number, lambda index: "- " + "".join("aA"[index >> bit & 1] for bit in range(20)) + "\n", 200_000
    ),
    "names that look like one": partial(
        number, lambda index: "- " + "".join("a\u0430"[index >> bit & 1] for bit in range(18)) + "\n", 200_000
    ),
    "1,000,000 names": partial(number, lambda index: f"- n{index}\n", 999_990),
    "200,000 names": partial(number, lambda index: f"- Group number {index}\n", 200_000),
    "many earlier names": partial(
        number,
        lambda index: f"- name: n{index}\n  previously: [{','.join(f'p{index}-{place}' for place in range(20))}]\n",
        40_000,
    ),
    "10,000 patterns": partial(_write_patterns, "ignore", lambda i: f"ignored {i} *", 10_000, lambda i: f"n {i}"),
    "1,000 patterns": partial(_write_patterns, "ignore", lambda i: f"ign{i:03}*", 1_000, lambda i: f"ign {i}"),
    "1,000 patterns that begin with *": partial(
        _write_patterns, "ignore", lambda i: f"*ign{i:03}*", 1_000, lambda i: f"group ign {i}"
    ),
    "1,000 patterns that share their text": partial(
        _write_patterns, "protected", lambda i: f"*a*{i:03}?b", 1_000, lambda i: f"aaaa {i} b"
    ),
    "10,000 ignored names": partial(_write_patterns, "ignore", lambda i: f"Name {i}", 10_000, lambda i: f"n {i}"),
    "a pattern of stars": partial(
        _write_patterns, "ignore", lambda _: f"{'*a' * 400}b", 1, lambda i: f"{'a' * 900}{i}"
    ),
    "a pattern as long as the file": partial(fill, "*a", head='version: 1\ngroups: [a]\nignore: ["', tail='"]\n'),
    "reasons as long as the file": partial(
        fill, "a", head='version: 1\ngroups: [a]\nremoved: [{name: b, reason: "', tail='"}]\n'
    ),
}
"""Texts of YAML files by what they have much of."""

JSON: Mapping[str, Callable[[], str]] = {
    "line breaks": partial(fill, "\n"),
    "open brackets": partial(fill, "["),
    "open braces": partial(fill, '{"a":'),
    "texts": partial(fill, '"a",', head=_JSON_HEAD, tail='"a"]}'),
    "long texts": partial(fill, f'"{"a" * 80}",', head=_JSON_HEAD, tail='"a"]}'),
    "a number": partial(fill, "1", head=_JSON_HEAD, tail="]}"),
    "numbers": partial(fill, "1,", head=_JSON_HEAD, tail="1]}"),
    "a float": partial(fill, "1", head=f"{_JSON_HEAD}1.", tail="]}"),
    "an exponent": partial(fill, "9", head=f"{_JSON_HEAD}1e", tail="]}"),
    "the same key": partial(fill, '"a":1,', head="{", tail='"b":1}'),
    "the same key with long values": partial(fill, f'"a":"{"b" * 30}",', head="{", tail='"b":1}'),
    "a long key": partial(fill, "a", head='{"', tail='": 1}'),
    "empty objects": partial(fill, "{},", head=_JSON_HEAD, tail="{}]}"),
    "empty lists": partial(fill, "[],", head=_JSON_HEAD, tail="[]]}"),
    "wide empty objects": partial(fill, f"{{{' ' * 60}}},", head=_JSON_HEAD, tail="{}]}"),
    "escapes": partial(fill, "\\u0041", head=f'{_JSON_HEAD}"', tail='"]}'),
    "halves of characters": partial(fill, "\\ud800", head=f'{_JSON_HEAD}"', tail='"]}'),
    "an open quote": partial(fill, "a", head=f'{_JSON_HEAD}"'),
    "a name as long as the file": partial(fill, "\ufdfa", head=f'{_JSON_HEAD}"', tail='"]}'),
}
"""Texts of JSON files by what they have much of."""


def _make_case(file: str, write: Callable[[], str]) -> Case:
    return Case(args=("validate", "-c", file), exit_codes=EITHER, files={file: write().encode()})


def list_cases() -> dict[tuple[str, str], MakeCase]:
    """Return a case for each file, by the way in and what the file has much of."""
    yaml = {("configuration, YAML", name): partial(_make_case, "groups.yaml", write) for name, write in YAML.items()}
    json = {("configuration, JSON", name): partial(_make_case, "groups.json", write) for name, write in JSON.items()}
    return {**yaml, **json, ("configuration, YAML", "20 files of 16 MiB"): _make_many_files}


def _make_many_files() -> Case:
    content = fill(f"- {'a' * 1_000}\n", head=_HEAD).encode()
    files = {f"{place}.yaml": content for place in range(20)}
    args = [part for file in files for part in ("-c", file)]
    return Case(args=("validate", *args), exit_codes=INVALID, files=files)
