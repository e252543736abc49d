"""Decides whether an error message may quote a file: only if it looks like a groupsync configuration.

Somebody who names the wrong file does not want its content in the log of a CI job.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from groupsync.config.source.located import LocatedList, LocatedMapping
from groupsync.model.config import is_json
from groupsync.schema import known_keys

if TYPE_CHECKING:
    from groupsync.config.source.located import Document
    from groupsync.config.source.text import TextFile

_LISTS = ("groups", "removed", "ignore", "protected", "scope")
_LEAST_SIMILAR = 0.8  # accepts "group" for "groups" and "protect" for "protected", but not "users" or "amount"
_VERSION = re.compile(r"^version[ \t]*:[ \t]*1[ \t]*(?:#|\r?$)", re.MULTILINE)
_FIRST_WORD = re.compile(r"^(?=[^ \t\r\n#\]}])(?!-[ \t\r\n]|---)([\w-]*)", re.MULTILINE)


def may_quote(file: TextFile, document: Document | None) -> bool:
    """Return whether lines of a file may be shown; the document is None if the file could not be parsed."""
    if document is None:
        return _resembles_configuration(file)
    return _is_configuration(document)


def _is_configuration(document: Document) -> bool:
    """Return whether a document has a `version` and a known key, and all its keys resemble known ones."""
    mapping = document.value
    if not isinstance(mapping, LocatedMapping) or "version" not in mapping:
        return False
    known = known_keys(())
    others = mapping.keys() - {"version"}
    return (
        not others.isdisjoint(known)
        and all(difflib.get_close_matches(key, known, n=1, cutoff=_LEAST_SIMILAR) for key in others)
        and all(isinstance(mapping.get(key, LocatedList()), LocatedList) for key in _LISTS)
    )


def _resembles_configuration(file: TextFile) -> bool:
    """Return whether text that is not valid YAML was meant as a configuration: unindented lines begin with its keys."""
    if is_json(file.name):
        return False
    words = {found[1] for found in _FIRST_WORD.finditer(file.text)}
    return bool(_VERSION.search(file.text)) and not words.isdisjoint(_LISTS) and words <= set(known_keys(()))
