"""The encoders for foreign text (names, file names, messages of a server): one for each kind of output."""

from __future__ import annotations

import itertools
import re
from operator import itemgetter
from typing import TYPE_CHECKING

from groupsync.display import make_visible, quote_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# https://github.com/actions/runner, ActionCommand.cs: `::` where a line begins, `##[` anywhere;
# https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands: `##vso[` anywhere
_LINE_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_COMMAND = re.compile(r"#(?=#\[|#vso\[)", re.IGNORECASE)
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\s+|[^\s"]+|"')
_HARMLESS = re.compile(r"[\w.,;:!?()\[\]'%+/=*\u2013\u2014\u2026-]+")
_LOOKS_LIKE_A_LINK = re.compile(r":/|www\.|\bGH-|:[\w+-]+:|(?<!\w)[0-9a-f]{7,}(?!\w)", re.IGNORECASE)
_MARKUP = re.compile(r"[\[\]*!]|(?<![^\W_])_|_(?![^\W_])|(?<!\S)[+=-]+(?!\S)")
_PUNCTUATION = ",;:.!?)"
_PIPE = re.compile(r"(\\)?\|")
_BACKTICKS = re.compile("`+")
_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")')


def for_terminal(text: str) -> str:
    """Return the text with everything escaped, line by line, that a terminal would act on or hide."""
    return "\n".join(map(make_visible, text.split("\n")))


def join_lines(lines: Iterable[str]) -> str:
    """Return the lines as one text for a terminal; a line break inside a line is also escaped.

    So a text from a plan file or the name of a folder never starts a new line, which could look like one of groupsync.
    """
    return "\n".join(map(make_visible, lines))


def for_ci_log(text: str) -> str:
    """Return the text with everything escaped that a CI system would read as a command in its log."""
    return _COMMAND.sub(r"\\u0023", _LINE_COMMAND.sub(r"\1\\u003a", text))


def in_code(text: str) -> str:
    """Return foreign text as a code span of Markdown, in which there are no links, mentions, HTML or emphasis."""
    text = for_ci_log(make_visible(text))
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def in_text(text: str) -> str:
    """Return foreign text as plain Markdown: quoted names, and every word that is not harmless, become code.

    So it has no links, mentions, references to issues or commits, HTML, or emphasis.
    """
    parts: list[tuple[bool, str]] = []
    for word in _WORDS.findall(for_ci_log(make_visible(text))):
        core = word if word.startswith('"') else word.rstrip(_PUNCTUATION) or word
        parts += [(_is_harmless(core, word), core), (True, word[len(core) :])]
    joined = itertools.groupby((part for part in parts if part[1]), key=itemgetter(0))  # adjacent code is one span
    return "".join(_write_part("".join(word for _, word in group), is_harmless=key) for key, group in joined)


def _is_harmless(core: str, word: str) -> bool:
    """Return whether a word needs no escape; `core` is the word without the punctuation at its end."""
    return core.isspace() or (_HARMLESS.fullmatch(core) is not None and not _LOOKS_LIKE_A_LINK.search(word))


def _write_part(text: str, *, is_harmless: bool) -> str:
    return _MARKUP.sub(r"\\\g<0>", text) if is_harmless else in_code(text)


def in_cell(markdown: str) -> str:
    """Return Markdown on one line as the cell of a table; `|` is escaped, because it ends a cell even inside code."""
    return _PIPE.sub(lambda pipe: r"\u007c" if pipe[1] else r"\|", markdown)


def in_fence(lines: Sequence[str], language: str) -> list[str]:
    """Return lines of foreign text as a code block of Markdown."""
    text = for_ci_log(join_lines(lines))
    fence = "`" * max(3, _longest_run(text) + 1)
    return [f"{fence}{language}", *text.split("\n"), fence]


def in_html(text: str) -> str:
    """Return foreign text as HTML without elements of its own.

    Each quoted name is isolated, so its right-to-left letters do not reorder the words around it.
    """
    parts = [_escape_html(part) for part in _QUOTED.split(make_visible(text))]
    parts[1::2] = [f"<bdi>{quoted}</bdi>" for quoted in parts[1::2]]
    return "".join(parts)


def name_in_html(name: str) -> str:
    """Return the name of a group as HTML, isolated; in quotes only if it would look different without them."""
    quoted = quote_name(name)
    is_plain = name.strip() and name == name.strip() and quoted == f'"{name}"'
    return f'<bdi class="name">{_escape_html(name if is_plain else quoted)}</bdi>'


def _escape_html(text: str) -> str:
    from html import escape  # noqa: PLC0415 - few runs write HTML

    return escape(text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
