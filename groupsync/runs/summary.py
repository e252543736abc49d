"""A summary of many plan files and reports; nothing is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.errors import DamagedPlanError, DamagedReportError, FileError
from groupsync.files import read_file
from groupsync.model.summary import AccountSummary, State, find_missing, sort_worst_first
from groupsync.model.wait import Work
from groupsync.planfile.summary import summarize_file
from groupsync.runs.output_files import prepare_outputs
from groupsync.runs.saved_plan import MOST_PLAN_BYTES
from groupsync.runs.session import Surroundings
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def run_summary(
    paths: Sequence[Path],
    surroundings: Surroundings | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    writes: Sequence[Path | None] = (),
) -> tuple[AccountSummary, ...]:
    """Return what each plan file and report says of its account, the worst first.

    Of a folder, all `*.json` files in it and below are read. `labels` and `links` are by account; an account that has a
    label and no file is missing. A file that cannot be read has a summary that says so. `writes` are the files that the
    caller writes afterwards. What an earlier run wrote there is removed first.
    """
    surroundings = surroundings or Surroundings()
    labels, links = labels or {}, links or {}
    files = [file for path in paths for file in _list_files(path)]
    prepare_outputs(writes, reads=files, config_paths=(), environ=surroundings.environ)
    with waiting(surroundings.watcher, Work(what="reading the plans")):
        found = [*map(_summarize, files)]
    return sort_worst_first(
        replace(one, label=labels.get(one.account, ""), link=links.get(one.account, ""))
        for one in [*found, *find_missing(found, labels)]
    )


def _list_files(path: Path) -> Iterator[Path]:
    """Yield the file, or the JSON files of a folder; the folder itself if it has none, which is then unreadable."""
    if not _is_folder(path):
        yield path
        return
    files = [Path(folder, name) for folder, _, names in os.walk(path) for name in names if name.endswith(".json")]
    yield from sorted(files) or [path]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir can raise


def _summarize(file: Path) -> AccountSummary:
    name = str(file)
    if _is_folder(file):
        return AccountSummary(file=name, state=State.UNREADABLE, problem="no plan file or report in this folder")
    try:
        return summarize_file(read_file(file, limit=MOST_PLAN_BYTES), name)
    except (FileError, DamagedPlanError, DamagedReportError) as error:
        return AccountSummary(file=name, state=State.UNREADABLE, problem=str(error).removeprefix(f"{name}: "))
