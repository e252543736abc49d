"""Decides by its beginning whether a file that is not read looks like a configuration.

This is less strict than `excerpts`: there a file must certainly be a configuration, here it may have been meant as one.
Files of other programs that have a list `groups`, such as rules of Prometheus, are told apart by the keys of its
entries.
"""

from __future__ import annotations

import codecs
import difflib
import re
from itertools import islice
from typing import Any, TypeAlias

import yaml

from groupsync.config.source.located import DEEPEST
from groupsync.config.source.yaml_reader import has_libyaml
from groupsync.model.config import is_json
from groupsync.schema import known_keys

PARSED_AT_MOST = 2**20
"""How many bytes of all files together are parsed; for further files only the unindented lines are checked."""

_LISTS = ("groups", "removed", "ignore", "protected", "scope")
_ENTRIES = ("groups", "removed")
_LEAST_SIMILAR = 0.8
_MOST_KEYS = 20
_MOST_ENTRIES = 20
_KEY = re.compile(r"""^["']?([a-z]+)["']?[ \t]*:""", re.MULTILINE)
_VERSION = re.compile(r"""^["']?version["']?[ \t]*:[ \t]*["']?1(?:\.0)?["']?[ \t\r]*(?:#.*)?$""", re.MULTILINE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

Value: TypeAlias = "dict[str, Any] | list[Any] | str | None"


def resembles_configuration(beginning: bytes, name: str, *, may_parse: bool) -> bool:
    """Return whether the beginning of a file looks like one of a configuration, valid or not."""
    encoding = _UTF_16.get(beginning[:2], "utf-8")
    text = _UNPRINTABLE.sub("?", beginning.decode(encoding, errors="replace").lstrip("\ufeff"))
    if not any(word in text for word in ("version", *_ENTRIES)):
        return False
    if _has_lines_of_configuration(text):
        return True
    documents = _read_documents(text) if may_parse else []
    return any(_is_configuration(document, needs_version=is_json(name)) for document in documents)


def _has_lines_of_configuration(text: str) -> bool:
    """Return whether unindented lines begin with `version: 1` and with a list of the configuration."""
    return bool(_VERSION.search(text)) and not {found[1] for found in _KEY.finditer(text)}.isdisjoint(_LISTS)


def _is_configuration(document: Value, *, needs_version: bool) -> bool:
    """Return whether a document was meant as a configuration; without a version it must have no other keys."""
    if not isinstance(document, dict):
        return False
    has_version = document.get("version") in {"1", "1.0"}
    if not has_version and (needs_version or not document.keys() <= set(known_keys(()))):
        return False
    return any(
        _is_part_of_configuration(key, value, has_version=has_version)
        for key, value in islice(document.items(), _MOST_KEYS)
    )


def _is_part_of_configuration(key: str, value: Value, *, has_version: bool) -> bool:
    meant = _find_similar(key, known_keys(())) if has_version else key
    if meant in _ENTRIES:
        return _has_entries(value, known_keys((meant, 0)), is_strict=not has_version)
    if not has_version:
        return False
    if meant == "policy":
        return isinstance(value, dict) and not value.keys().isdisjoint(known_keys(("policy",)))
    return meant in _LISTS and isinstance(value, list) and any(isinstance(entry, str) for entry in value)


def _has_entries(value: Value, known: tuple[str, ...], *, is_strict: bool) -> bool:
    """Return whether a value is a list of names or of mappings with these keys: all of them if strict, else any."""
    if not isinstance(value, list) or not value:
        return False
    fits = [_is_entry(entry, known) for entry in value[:_MOST_ENTRIES]]
    return all(fits) if is_strict else any(fits)


def _is_entry(entry: Value, known: tuple[str, ...]) -> bool:
    if isinstance(entry, dict):
        return bool(entry) and all(_find_similar(key, known) for key in islice(entry, _MOST_KEYS))
    return isinstance(entry, str)


def _find_similar(key: str, known: tuple[str, ...]) -> str:
    """Return the known key that this one is, or is close to; empty if there is none."""
    return next(iter(difflib.get_close_matches(key, known, n=1, cutoff=_LEAST_SIMILAR)), "")


def _read_documents(text: str) -> list[Value]:
    """Return the documents of a text as far as it can be parsed, with text for every scalar."""
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader if has_libyaml() else yaml.SafeLoader):
            if not reader.take(event):
                break
    except (yaml.YAMLError, RecursionError):
        pass
    return reader.documents


class _Reader:
    """Builds values from events, so that everything before an error, or before the cut, is kept."""

    def __init__(self) -> None:
        self.documents: list[Value] = []
        self._open: list[dict[str, Any] | list[Any]] = []
        self._keys: list[str | None] = []  # for each open mapping, the key that waits for its value

    def take(self, event: yaml.Event) -> bool:
        """Take an event and return whether to go on: not if values are nested too deep."""
        if isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            self._put(event.value if isinstance(event, yaml.ScalarEvent) else None)
        elif isinstance(event, yaml.CollectionStartEvent):
            value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._put(value)
            self._open.append(value)
            self._keys.append(None)
        return len(self._open) <= DEEPEST

    def _put(self, value: Value) -> None:
        if not self._open:
            self.documents.append(value)
            return
        outer, key = self._open[-1], self._keys[-1]
        if isinstance(outer, list):
            outer.append(value)
        elif key is None:
            self._keys[-1] = value if isinstance(value, str) else ""
        else:
            outer[key] = value
            self._keys[-1] = None
