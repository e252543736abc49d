"""The configuration files as one Config, or everything that is wrong with them."""

from __future__ import annotations

import difflib
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.config.checks.contradictions import find_contradictions
from groupsync.config.checks.excerpts import may_quote
from groupsync.config.checks.lookalikes import find_likely_mistakes
from groupsync.config.checks.misread import find_curly_quotes, find_cut_names, find_misread_names
from groupsync.config.checks.schema import (
    find_document_violations,
    find_schema_problems,
    is_own_output,
    make_groups_example,
)
from groupsync.config.checks.templates import find_templates
from groupsync.config.entries import read_entries
from groupsync.config.problems import ConfigProblem, UnreadableError, limit_problems, sort_problems
from groupsync.config.source.files import find_files
from groupsync.config.source.located import LocatedList, LocatedMapping
from groupsync.config.source.text import decode_text, read_text, refuse_deceptive_characters
from groupsync.config.source.yaml_reader import read_yaml
from groupsync.config.unread import find_unread_files
from groupsync.display import quote_file, render_excerpt, write_scalar
from groupsync.errors import ConfigError
from groupsync.model.config import LARGEST_FILE, MOST_ENTRIES, Config, Policy, is_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from groupsync.config.entries import CheckedDocument, ConfigEntries
    from groupsync.config.source.located import Document
    from groupsync.config.source.text import TextFile

_MOST_KEYS = 20
_MOST_FILES = 1_000
_MOST_EXCERPTS = 20


def load_config(paths: Sequence[Path | str], *, job_scope: Sequence[str] = ()) -> Config:
    """Return the configuration that the files and folders make together.

    For a folder, the `*.yaml` and `*.yml` in it are read; a file named twice is read once; `*.json` is read as JSON. A
    file in a folder that looks like a part of the configuration but is not read is a problem. `job_scope` holds the
    patterns of GROUPSYNC_SCOPE: what the files want beyond them is a problem. Raises ConfigError with the problems of
    all files, 100 at most, in the order of the files, lines and columns.
    """
    search = find_files([Path(path) for path in paths])
    unread = find_unread_files(search)
    files = list(_read_files(search.files, read_text))
    return _make_checked_config(
        files,
        problems=(*search.problems, *unread.problems),
        names=tuple(str(path) for path in search.files),
        warnings=(*search.warnings, *unread.warnings),
        job_scope=job_scope,
    )


def load_texts(texts: Mapping[str, str], *, job_scope: Sequence[str] = (), warn: bool = True) -> Config:
    """Return the configuration that files with these texts would make; the keys are the names of the files.

    Raises ConfigError as `load_config` does. `load_texts(config.texts, job_scope=config.job_scope)` is an equal
    configuration, without the warnings about files and folders. `warn=False` saves the time of all other warnings.
    """
    names = tuple(texts)

    def read(_path: Path, number: int) -> TextFile:
        return decode_text(names[number], number, texts[names[number]].encode())

    files = list(_read_files([Path(name) for name in names], read))
    return _make_checked_config(files, problems=(), names=names, warnings=() if warn else None, job_scope=job_scope)


def _make_checked_config(
    files: Sequence[_LoadedFile],
    *,
    problems: Sequence[ConfigProblem],
    names: tuple[str, ...],
    warnings: Sequence[str] | None,
    job_scope: Sequence[str],
) -> Config:
    """Return the configuration of the files, or raise ConfigError; `problems` and `warnings` are about finding them.

    If `warnings` is None, the configuration has none.
    """
    unreadable = [*problems, *(file.problem for file in files if file.problem)]
    documents = [file.document for file in files if file.document]

    checked = [(document, find_document_violations(document)) for document in documents]
    entries = read_entries(checked)
    missing = [] if unreadable else _find_missing_groups(documents)
    found = chain(unreadable, missing, _find_problems_in_documents(checked), find_contradictions(entries, job_scope))
    if shown := sort_problems(found):
        raise ConfigError([problem.problem for problem in shown], _render_excerpts(shown[:_MOST_EXCERPTS], files))

    if warnings is not None:
        unlimited = _warn_of_missing_scope(names, job_scope) if job_scope and not entries.scopes else ()
        doubts = sort_problems(chain(find_likely_mistakes(entries), _find_doubtful_names(documents)), what="warnings")
        warnings = (*warnings, *unlimited, *(doubt.text for doubt in doubts))
    return _make_config(
        entries,
        job_scope=tuple(job_scope),
        files=names,
        warnings=tuple(warnings or ()),
        texts={document.file.name: document.file.text for document in documents},
    )


class _LoadedFile(Struct, frozen=True, kw_only=True):
    """A file of the configuration: its text if it is text, and its document or the problem that prevents one."""

    text: TextFile | None = None
    document: Document | None = None
    problem: ConfigProblem | None = None


def _read_files(paths: Sequence[Path], read: Callable[[Path, int], TextFile]) -> Iterator[_LoadedFile]:
    """Yield the files; the limits apply to all together, and no file after the excess is read."""
    size = entries = 0
    for number, path in enumerate(paths):
        file = _read_file(path, number, read)
        size += len(file.text.text.encode()) if file.text else 0
        entries += _count_entries(file.document) if file.document else 0
        excess = _describe_excess(number, size, entries)
        if excess:
            yield _LoadedFile(problem=ConfigProblem(file_number=number, file=str(path), sentence=excess))
            return
        yield file


def _count_entries(document: Document) -> int:
    """Return how many items the lists of a document have."""
    parts = document.value.values() if isinstance(document.value, LocatedMapping) else ()
    return sum(len(part) for part in parts if isinstance(part, LocatedList))


def _describe_excess(files_before: int, size: int, entries: int) -> str:
    """Return which limit a configuration exceeds, as the end of a sentence; empty if it exceeds none."""
    if files_before >= _MOST_FILES:
        return f"the configuration has more than {_MOST_FILES:,} files: put several into one"
    if size > LARGEST_FILE:
        return f"with this file the configuration is larger than {LARGEST_FILE // 2**20} MiB: shorten it"
    if entries > MOST_ENTRIES:
        return f"with this file the configuration has more than {MOST_ENTRIES:,} entries: remove some"
    return ""


def _read_file(path: Path, number: int, read: Callable[[Path, int], TextFile]) -> _LoadedFile:
    text = None
    try:
        text = read(path, number)
        refuse_deceptive_characters(text)
        document = _read_json(text) if is_json(path.name) else read_yaml(text)
    except UnreadableError as error:
        return _LoadedFile(text=text, problem=error.problem)
    return _LoadedFile(text=text, document=document)


def _read_json(file: TextFile) -> Document:
    from groupsync.config.source.json_reader import read_json  # noqa: PLC0415 - hardly any configuration is JSON

    return read_json(file)


def _find_problems_in_documents(checked: Sequence[CheckedDocument]) -> Iterator[ConfigProblem]:
    for document, violations in checked:
        yield from document.problems
        yield from find_schema_problems(document, violations)
        yield from limit_problems(find_misread_names(document))


def _find_doubtful_names(documents: Sequence[Document]) -> Iterator[ConfigProblem]:
    for document in documents:
        yield from limit_problems(find_cut_names(document))
        yield from limit_problems(find_curly_quotes(document))
        yield from limit_problems(find_templates(document))


def _find_missing_groups(documents: Sequence[Document]) -> Iterator[ConfigProblem]:
    if not documents:
        yield ConfigProblem(file_number=0, sentence="no configuration file is given: give at least one")
    elif not any(_has_groups(document) for document in documents):
        if len(documents) == 1:
            sentence = 'the key "groups" is missing'
        else:
            sentence = f'none of the {len(documents)} files has the key "groups"'
        remedy = f"add it and name a group, such as {make_groups_example(documents[0])}"
        yield documents[0].problem((), f"{sentence}: {remedy}")


def _has_groups(document: Document) -> bool:
    """Return whether the key is there; a misspelled key or a file that is not a mapping is already a problem."""
    if not isinstance(document.value, LocatedMapping) or is_own_output(document):
        return True
    first_keys = tuple(islice(document.value, _MOST_KEYS))
    return "groups" in document.value or bool(difflib.get_close_matches("groups", first_keys))


def _render_excerpts(problems: Sequence[ConfigProblem], files: Sequence[_LoadedFile]) -> list[tuple[str, ...]]:
    """Return for each problem its line with a caret, or nothing if its file may not be quoted."""
    quotable = {file.text.number: file.text for file in files if file.text and may_quote(file.text, file.document)}
    excerpts: list[tuple[str, ...]] = []
    for problem in problems:
        if file := quotable.get(problem.file_number):
            excerpts.append(render_excerpt(file.text, file.line_starts, problem.line, problem.column))
        else:
            excerpts.append(())
    return excerpts


def _warn_of_missing_scope(files: Sequence[str], job_scope: Sequence[str]) -> tuple[str]:
    line = f"scope: [{', '.join(map(write_scalar, job_scope))}]"
    return (f"{quote_file(files[0])}: has no scope, so that of GROUPSYNC_SCOPE applies: write it in the file: {line}",)


def _make_config(
    entries: ConfigEntries,
    *,
    job_scope: tuple[str, ...],
    files: tuple[str, ...],
    warnings: tuple[str, ...],
    texts: Mapping[str, str],
) -> Config:
    return Config(
        groups=tuple(entries.groups.values),
        removed=tuple(entries.removed.values),
        ignore=tuple(entries.ignore.values),
        protected=tuple(entries.protected.values),
        policy=entries.policies[0].value if entries.policies else Policy(),
        accounts=entries.accounts[0].value if entries.accounts else (),
        scope=entries.scopes[0].value if entries.scopes else (),
        job_scope=job_scope,
        files=files,
        warnings=warnings,
        texts=texts,
    )
