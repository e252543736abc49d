"""Which keys the schema knows where, and what is said of others."""

from __future__ import annotations

import difflib
import functools
import json
from itertools import islice
from typing import TYPE_CHECKING

from groupsync.config.problems import show_text
from groupsync.schema import MOST_VIOLATIONS, read_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.located import Document
    from groupsync.schema import KeyPath, Violation


@functools.cache
def known_keys(path: KeyPath) -> tuple[str, ...]:
    """Return the keys that the schema knows in the mapping at a path."""
    schema = json.loads(read_schema("groups"))
    for step in path:
        schema = schema["items"] if isinstance(step, int) else schema["properties"][step]
    return tuple(schema["properties"])


def find_unknown_keys(document: Document, violation: Violation, advice: str = "") -> Iterator[ConfigProblem]:
    """Yield a problem for each unknown key of a mapping, with the advice if there is any."""
    known = known_keys(violation.path)
    remove = f", remove it (known here: {', '.join(known)})"
    unknown = ((key, offset) for key, offset in violation.found.key_offsets() if key not in known)
    for key, offset in islice(unknown, MOST_VIOLATIONS + 1):
        close = difflib.get_close_matches(key, known, n=1)
        guess = f', did you mean "{close[0]}"?' if close else ""
        sentence = f"{guess or ':'} {advice}" if advice else guess or remove
        yield document.file.problem(offset, f"unknown key {show_text(key)}{sentence}", violation.path)
