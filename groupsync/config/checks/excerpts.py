"""Of which files a line is shown beside a problem: of those that are configurations, by all that can be told.

Whoever names the wrong file does not want to see what is in it, in the log of a CI job.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from groupsync.config.checks.keys import known_keys
from groupsync.config.source.located import LocatedList, LocatedMapping
from groupsync.display import render_excerpt
from groupsync.model.config import is_json

if TYPE_CHECKING:
    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.located import Document
    from groupsync.config.source.text import TextFile

_LISTS = ("groups", "removed", "ignore", "protected")
_NEARLY = 0.8  # "group" for "groups", "protect" for "protected"; not "users", "amount"
_VERSION = re.compile(r"^version[ \t]*:[ \t]*1[ \t]*(?:#|\r?$)", re.MULTILINE)
_FIRST_WORD = re.compile(r"^(?=[^ \t\r\n#\]}])(?!-[ \t\r\n]|---)([\w-]*)", re.MULTILINE)


def show_frame(problem: ConfigProblem, file: TextFile) -> tuple[str, ...]:
    """Return the line at which the problem is, with a caret under the place."""
    return render_excerpt(file.text, file.line_starts, problem.line, problem.column)


def is_configuration(document: Document) -> bool:
    """Tell whether the file is meant for groupsync: it says a version, all else are keys of groupsync or nearly so."""
    mapping = document.value
    if not isinstance(mapping, LocatedMapping) or "version" not in mapping:
        return False
    known = known_keys(())
    others = mapping.keys() - {"version"}
    return (
        not others.isdisjoint(known)
        and all(difflib.get_close_matches(key, known, n=1, cutoff=_NEARLY) for key in others)
        and all(isinstance(mapping.get(key, LocatedList()), LocatedList) for key in _LISTS)
    )


def may_be_configuration(file: TextFile) -> bool:
    """Tell whether text that is not YAML was to be one: each line that is not indented begins with a key."""
    if is_json(file.name):
        return False
    words = {found[1] for found in _FIRST_WORD.finditer(file.text)}
    return bool(_VERSION.search(file.text)) and not words.isdisjoint(_LISTS) and words <= set(known_keys(()))
