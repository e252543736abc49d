"""Configuration files as people write them: every style, quote, comment and line end."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn

NAMES = (
    "Newsletter",
    "VIP customers",
    "NO",
    "y",
    "null",
    "~",
    "1.0",
    "017",
    "0x1F",
    "1_000",
    "12:30:45",
    "2024-01-01",
    "a: b",
    "a:b",
    "# x",
    "x # y",
    "x#y",
    "- dash",
    "-dash",
    "? mark",
    "'single'",
    "it's",
    '"double"',
    'say "x"',
    "a, b",
    "[x]",
    "{y}",
    "&anchor",
    "*alias",
    "!tag",
    "%p",
    "@at",
    "`tick`",
    "|",
    ">-",
    "=",
    "<<",
    "back\\slash",
    "##[group]x",
    "Käyttäjät",
    "Клиенты сегодня",
    "顧客 一覧",
    "😀 emoji",
    "e\u0301",
    "no\u00a0break",
    "zero\u200bwidth",
    "x" * 300,
    "many words " * 20 + "end",
    "...",
    "---",
    "true story",
    "a - b",
)
T = TypeVar("T")
PLAIN = re.compile(r"[^\W\d_][\w +/()'.#-]*\w|[^\W\d_]")
SAFE_WORDS = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")


@dataclass
class Writer:
    """Draws every decision about how a value is written; counts the comments, each of which has its own text."""

    draw: DrawFn
    are_comments_usual: bool
    comments: list[str] = field(default_factory=list)

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def pick(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))

    def comment(self) -> str:
        text = f"# c{len(self.comments)}{self.pick(('', ': x', ' - y', chr(9) + 'tab', ' é', ' [', ' {a', ' *b'))}"
        self.comments.append(text)
        return text

    def beside(self) -> str:
        if self.chance(4 if self.are_comments_usual else 40):
            return self.pick((" ", "  ", "\t")) + self.comment()
        return self.pick(("", "", "", " ", "\t")) if self.chance(10) else ""

    def between(self, column: int) -> list[str]:
        """Write comment lines and blank lines, at this column mostly."""
        lines: list[str] = []
        while self.chance(5 if self.are_comments_usual else 50) and len(lines) < 4:
            where = self.pick((column, column, 0, column + 2, column + 5))
            lines.append(" " * where + self.comment() if self.chance(2) else self.pick(("", "", " " * column)))
        return lines

    def scalar(self, text: str, indent: int, *, is_flow: bool, is_key: bool = False) -> str:
        """Write a text; may take several lines, those after the first one with more than this indentation."""
        style = self.pick(("plain", "plain", "plain", "'", '"', '"u', "folded", "block"))
        is_plain = PLAIN.fullmatch(text) and not SAFE_WORDS.fullmatch(text) and " #" not in text
        if style == "folded" and is_plain and not is_key and re.search(r"\w \w", text) and "  " not in text:
            return re.sub(r"(?<=\w) (?=\w)", "\n" + " " * (indent + 2), text, count=1)
        if style == "block" and not is_flow and not is_key and text.strip() and text.isprintable():
            head = self.pick(("|-", ">-"))
            head += f" {self.comment()}" if self.chance(8) else ""
            return f"{head}\n{' ' * (indent + 2)}{text}"
        if style in {"plain", "folded", "block"} and is_plain:
            return text
        if style == "'" and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        return json.dumps(text, ensure_ascii=style == '"u')

    def name_list(self, names: Sequence[str], indent: int, *, is_flow: bool) -> str:
        """Write a list of names as the value of a key at this indentation; it begins after the colon."""
        if is_flow or not names or self.chance(2):
            return " " + self.flow([self.scalar(name, indent, is_flow=True) for name in names], indent, "[]")
        column = indent + self.pick((0, 2, 4))
        lines = [self.beside()]
        for name in names:
            lines += self.between(column)
            gap = self.pick((" ", " ", "  "))
            value = self.scalar(name, column + 1 + len(gap), is_flow=False)
            has_end = value.startswith(("|", ">"))
            lines.append(f"{' ' * column}-{gap}{value}{'' if has_end else self.beside()}")
        return "\n".join(lines)

    def flow(self, items: Sequence[str], indent: int, brackets: str) -> str:
        """Write items in brackets: on a line, over several, or one on each line, with or without a comma at the end."""
        opening, closing = brackets[0], brackets[1]
        if not items:
            return opening + self.pick(("", "", " ")) + closing
        layout = self.pick(("line", "line", "tight", "lines", "lines", "mixed"))
        last_comma = self.pick(("", "", ","))
        if layout == "tight" and brackets == "[]" and not any(":" in item for item in items):
            return opening + ",".join(items) + last_comma + closing
        if layout in {"line", "tight"}:
            return opening + self.pick(("", " ")) + ", ".join(items) + last_comma + self.pick(("", " ")) + closing
        column = indent + self.pick((2, 4))
        if layout == "mixed":
            joined = items[0] + "".join(
                "," + (f"{self.beside()}\n{' ' * column}" if self.chance(2) else " ") + item for item in items[1:]
            )
            return f"{opening}{joined}{last_comma}{self.pick(('', ' '))}{closing}"
        lines = [opening + self.beside()]
        for number, item in enumerate(items):
            lines += self.between(column)
            comma = "," if number + 1 < len(items) else last_comma
            lines.append(f"{' ' * column}{item}{comma}{self.beside()}")
        lines += self.between(column)
        return "\n".join([*lines, " " * (indent + 2) + closing])

    def pair(self, key: str, value: Any, indent: int, *, is_flow: bool) -> str:
        """Write a key with its value."""
        written = key if not self.chance(6) else json.dumps(key)
        written += self.pick((":", ":", ":", " :")) if not is_flow else ":"
        if isinstance(value, list):
            return written + self.name_list(value, indent, is_flow=is_flow)
        if isinstance(value, int):
            return f"{written} {value}"
        if key == "description" and not is_flow and self.chance(2):
            return f"{written} {self.block_text(indent)}"
        text = value if key == "id" and self.chance(2) else self.scalar(value, indent, is_flow=is_flow)
        break_line = not is_flow and not text.startswith(("|", ">")) and self.chance(12)
        between = f"{self.beside()}\n{' ' * (indent + 3)}" if break_line else self.pick((" ", " ", "  "))
        return f"{written}{between}{text}"

    def block_text(self, indent: int) -> str:
        head = self.pick(("|", ">", "|-", "|+", ">+")) + (f"  {self.comment()}" if self.chance(6) else "")
        inner = " " * (indent + 2)
        lines = [f"{inner}{line}" for line in self.pick((("one",), ("one", "", "two"), ("# no comment", "x: y")))]
        return "\n".join([head, *lines, *[""] * self.pick((0, 0, 1, 2))])

    def mapping(self, keys: dict[str, Any], indent: int) -> str:
        """Write a mapping as lines, from its first key on; the others at this indentation."""
        lines: list[str] = []
        for number, (key, value) in enumerate(keys.items()):
            if number:
                lines += self.between(indent)
            pair = self.pair(key, value, indent, is_flow=False)
            last = pair.rsplit("\n", 1)[-1]
            is_open = re.search(r"[|>][-+0-9]*(?:\s+#[^\n]*)?\n", pair) or not last or "#" in last
            lines.append(f"{'' if not number else ' ' * indent}{pair}{'' if is_open else self.beside()}")
        return "\n".join(lines)

    def braced(self, keys: dict[str, Any], indent: int) -> str:
        return self.flow([self.pair(key, value, indent, is_flow=True) for key, value in keys.items()], indent, "{}")

    def entry(self, value: Any, indent: int, *, is_flow: bool) -> str:
        if isinstance(value, str):
            return self.scalar(value, indent if is_flow else indent - self.pick((0, 2)), is_flow=is_flow)
        if is_flow or self.chance(5):
            return self.braced(value, indent)
        return self.mapping(value, indent)

    def entries(self, items: Sequence[Any], indent: int, *, is_flow: bool) -> str:
        """Write a list of entries as the value of a key at this indentation."""
        if is_flow or not items or self.chance(4):
            return " " + self.flow([self.entry(item, indent + 2, is_flow=True) for item in items], indent, "[]")
        column = indent + self.pick((0, 2, 2, 4))
        lines = [self.beside()]
        usual_gap = self.pick((" ", " ", "  ", "   "))
        for item in items:
            lines += self.between(column)
            gap = usual_gap if not self.chance(8) else " "
            inner = column + 1 + len(gap)
            start = f"{' ' * column}-{gap}"
            if self.chance(12):
                start = f"{' ' * column}-{self.beside()}\n{' ' * inner}"
            text = self.entry(item, inner, is_flow=False)
            last = text.rsplit("\n", 1)[-1]
            is_open = isinstance(item, dict) or text.startswith(("|", ">")) or "#" in last
            lines.append(f"{start}{text}{'' if is_open else self.beside()}")
        return "\n".join(lines)

    def file(self, sections: dict[str, Any]) -> str:
        """Write a whole file."""
        if self.chance(8):
            parts = [self.top_pair(key, value, 0, is_flow=True) for key, value in sections.items()]
            return "\n".join([*self.between(0), self.flow(parts, 0, "{}"), *self.between(0)]) + "\n"
        base = self.pick((0, 0, 0, 0, 2))
        lines = self.between(0)
        if self.chance(8):
            lines.append("---" + self.beside())
        for key, value in sections.items():
            lines += self.between(base)
            lines.append(" " * base + self.top_pair(key, value, base, is_flow=False))
        lines += self.between(base)
        if self.chance(12):
            lines += ["...", *self.between(0)]
        return "\n".join(lines) + "\n"

    def top_pair(self, key: str, value: Any, indent: int, *, is_flow: bool) -> str:
        if key in {"groups", "removed"}:
            return f"{key}:{self.entries(value, indent, is_flow=is_flow)}"
        if isinstance(value, dict) and not is_flow and value and self.chance(2):
            column = indent + 2
            return f"{key}:{self.beside()}\n{' ' * column}{self.mapping(value, column)}"
        if isinstance(value, dict):
            return f"{key}: {self.braced(value, indent)}"
        return self.pair(key, value, indent, is_flow=is_flow)


@dataclass(frozen=True)
class GeneratedFile:
    """A text, and the comments that were written into it."""

    text: str
    comments: tuple[str, ...]


@st.composite
def entries_of_groups(draw: DrawFn, names: Sequence[str], first_id: int) -> list[Any]:
    """Some entries, each in the short form or with keys in any order."""
    entries: list[Any] = []
    for number, name in enumerate(names):
        if draw(st.booleans()):
            entries.append(name)
            continue
        keys: dict[str, Any] = {"name": name}
        if draw(st.booleans()):
            keys["id"] = make_id(first_id + number)
        if draw(st.booleans()):
            keys["previously"] = [
                f"{draw(st.sampled_from(NAMES))} p{number}{k}" for k in range(draw(st.integers(0, 3)))
            ]
        if draw(st.integers(0, 2)) == 0:
            keys["description"] = draw(st.sampled_from(("about it", "a: b", "# no", "two\nlines", "")))
        order = draw(st.permutations(list(keys))) if draw(st.booleans()) else list(keys)
        entries.append({key: keys[key] for key in order})
    return entries


@st.composite
def entries_of_removed(draw: DrawFn, names: Sequence[str]) -> list[Any]:
    """Some consents, by name or id."""
    entries: list[Any] = []
    for number, name in enumerate(names):
        keys: dict[str, Any] = {"name": name} if draw(st.booleans()) else {"id": make_id(500 + number)}
        if draw(st.booleans()):
            keys["contacts_at_most"] = draw(st.integers(0, 99))
        if draw(st.booleans()):
            keys["reason"] = draw(st.sampled_from(("old", "x: y", "# z")))
        order = draw(st.permutations(list(keys))) if draw(st.booleans()) else list(keys)
        entries.append({key: keys[key] for key in order})
    return entries


@st.composite
def config_files(draw: DrawFn) -> GeneratedFile:
    """One file; not all are YAML as meant: the test counts those that are not."""
    names = [f"{name}" for name in draw(st.lists(st.sampled_from(NAMES), max_size=8, unique=True))]
    cut = draw(st.integers(0, len(names)))
    sections: dict[str, Any] = {"version": 1}
    if draw(st.booleans()):
        sections["policy"] = draw(
            st.sampled_from(
                ({"unlisted": "keep"}, {"unlisted": "delete", "max_deletes": "25%"}, {}, {"max_deletes": 3})
            )
        )
    if draw(st.integers(0, 7)):
        sections["groups"] = draw(entries_of_groups(names[:cut], 100))
    if draw(st.booleans()):
        sections["removed"] = draw(entries_of_removed(names[cut:]))
    if draw(st.booleans()):
        sections["ignore"] = ["Imported *"]
    order = draw(st.permutations(list(sections))) if draw(st.integers(0, 3)) == 0 else list(sections)
    writer = Writer(draw, are_comments_usual=draw(st.booleans()))
    text = writer.file({key: sections[key] for key in order})
    if draw(st.integers(0, 5)) == 0:
        text = text.rstrip("\n")
    if draw(st.integers(0, 3)) == 0:
        text = text.replace("\n", "\r\n")
    if draw(st.integers(0, 7)) == 0:
        text = "\ufeff" + text
    return GeneratedFile(text=text, comments=tuple(writer.comments))
