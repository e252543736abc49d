"""The encoders for foreign text (names, file names, messages of a server): one for each kind of output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupsync.display import make_visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# https://github.com/actions/runner, ActionCommand.cs: `::` where a line begins, `##[` anywhere;
# https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands: `##vso[` anywhere
_LINE_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_COMMAND = re.compile(r"#(?=#\[|#vso\[)", re.IGNORECASE)
_BACKTICKS = re.compile("`+")


def for_terminal(text: str) -> str:
    """Return the text with everything escaped, line by line, that a terminal would act on or hide."""
    return "\n".join(map(make_visible, text.split("\n")))


def join_lines(lines: Iterable[str]) -> str:
    """Return the lines as one text for a terminal; a line break inside one of them is escaped, too.

    So a text from a plan file or a name of a folder never makes a line of its own, which could look like one of ours.
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


def in_fence(lines: Sequence[str], language: str) -> list[str]:
    """Return lines of foreign text as a code block of Markdown."""
    text = for_ci_log(join_lines(lines))
    fence = "`" * max(3, _longest_run(text) + 1)
    return [f"{fence}{language}", *text.split("\n"), fence]


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
