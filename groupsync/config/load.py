"""The configuration files as one Config, or everything that is wrong with them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from groupsync.config.checks.contradictions import find_contradictions
from groupsync.config.checks.excerpts import is_configuration, may_be_configuration, show_frame
from groupsync.config.checks.lookalikes import find_likely_mistakes
from groupsync.config.checks.misread import find_cut_names, find_slips
from groupsync.config.checks.schema import find_document_violations, find_schema_problems, show_groups_example
from groupsync.config.entries import read_entries
from groupsync.config.problems import ConfigProblem, UnreadableError, sort_problems
from groupsync.config.source.files import find_files
from groupsync.config.source.located import LocatedMapping
from groupsync.config.source.text import read_text, refuse_hidden_turns
from groupsync.config.source.yaml_reader import read_yaml
from groupsync.errors import ConfigError
from groupsync.model.config import Config, Policy, is_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.config.entries import ConfigEntries
    from groupsync.config.source.located import Document
    from groupsync.config.source.text import TextFile
    from groupsync.schema import Violation

_Judged: TypeAlias = "tuple[tuple[Document, tuple[Violation, ...]], ...]"

_MOST_KEYS = 20
_MOST_FRAMES = 20


def load_config(paths: Sequence[Path | str]) -> Config:
    """Return the configuration that the files and folders make together.

    A folder stands for the `*.yaml` and `*.yml` in it; a file named twice counts once; `*.json` is read as JSON. Raises
    ConfigError with the problems of all files, 100 at most, in the order of the files, lines and columns.
    """
    search = find_files([Path(path) for path in paths])
    readings = [_read(path, number) for number, path in enumerate(search.files)]
    unreadable = (*search.problems, *(reading.problem for reading in readings if reading.problem))
    documents = [reading.document for reading in readings if reading.document]
    judged = tuple((document, find_document_violations(document)) for document in documents)
    entries = read_entries(judged)
    missing = () if unreadable else _find_missing_groups(documents)
    if problems := sort_problems(chain(unreadable, _find_problems(judged), find_contradictions(entries), missing)):
        raise ConfigError(
            [problem.text for problem in problems],
            _show_frames(problems[:_MOST_FRAMES], readings),
        )
    doubts = sort_problems(chain(find_likely_mistakes(entries), *map(find_cut_names, documents)), what="warnings")
    config = _make_config(entries, search.files, (*search.warnings, *(doubt.text for doubt in doubts)))
    return replace(config, texts={document.file.name: document.file.text for document in documents})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What came of reading a file: its text if it is text, and its value or what is wrong with it."""

    file: TextFile | None = None
    document: Document | None = None
    problem: ConfigProblem | None = None


def _read(path: Path, number: int) -> _Reading:
    file = None
    try:
        file = read_text(path, number)
        refuse_hidden_turns(file)
        document = _read_json(file) if is_json(path.name) else read_yaml(file)
    except UnreadableError as error:
        return _Reading(file=file, problem=error.problem)
    return _Reading(file=file, document=document)


def _read_json(file: TextFile) -> Document:
    from groupsync.config.source.json_reader import read_json  # noqa: PLC0415 - hardly any configuration is JSON

    return read_json(file)


def _show_frames(problems: Sequence[ConfigProblem], readings: Sequence[_Reading]) -> list[tuple[str, ...]]:
    """Return for each problem the line of the file, or nothing where the file may be one of something else."""
    shown = {
        reading.file.number: reading.file
        for reading in readings
        if reading.file
        if (is_configuration(reading.document) if reading.document else may_be_configuration(reading.file))
    }
    files = [shown.get(problem.file_number) for problem in problems]
    return [show_frame(problem, file) if file else () for problem, file in zip(problems, files, strict=True)]


def _find_problems(judged: _Judged) -> Iterator[ConfigProblem]:
    for document, violations in judged:
        yield from document.problems
        yield from find_schema_problems(document, violations)
        yield from find_slips(document)


def _find_missing_groups(documents: Sequence[Document]) -> Iterator[ConfigProblem]:
    if not documents:
        yield ConfigProblem(file_number=0, text="no configuration file is named: name at least one")
    elif not any(_has_groups(document) for document in documents):
        advice = f"add it and name a group, such as {show_groups_example(documents[0])}"
        where = "the key" if len(documents) == 1 else f"none of the {len(documents)} files has the key"
        sentence = f'{where} "groups"{" is missing" if len(documents) == 1 else ""}: {advice}'
        yield documents[0].problem((), sentence)


def _has_groups(document: Document) -> bool:
    """Tell whether the key is there; a misspelled key or a file that is no mapping is a problem already."""
    if not isinstance(document.value, LocatedMapping):
        return True
    first_keys = tuple(islice(document.value, _MOST_KEYS))
    return "groups" in document.value or bool(difflib.get_close_matches("groups", first_keys))


def _make_config(entries: ConfigEntries, files: Sequence[Path], warnings: tuple[str, ...]) -> Config:
    return Config(
        groups=tuple(found.value for found in entries.groups),
        removed=tuple(found.value for found in entries.removed),
        ignore=tuple(found.value for found in entries.ignore),
        protected=tuple(found.value for found in entries.protected),
        policy=entries.policies[0].value if entries.policies else Policy(),
        accounts=entries.accounts[0].value if entries.accounts else (),
        files=tuple(str(path) for path in files),
        warnings=warnings,
    )
