"""A plan: read, list, review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.runs.backup_hints import warn_of_backups
from groupsync.runs.options import RunOptions
from groupsync.runs.output_files import prepare_outputs
from groupsync.runs.session import Surroundings, open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.model.config import Config
    from groupsync.model.review import Review


def run_plan(
    options: RunOptions | None = None,
    surroundings: Surroundings | None = None,
    *,
    writes: Sequence[Path | None] = (),
) -> tuple[Review, Config]:
    """Return the plan for the live groups, and the configuration that it was made from.

    `writes` are the files that the caller writes afterwards. What an earlier run wrote there is removed first. Raises
    FileError if the run reads one of them, or if one cannot be written.
    """
    options, surroundings = options or RunOptions(), surroundings or Surroundings()
    prepare_outputs(writes, reads=[], config_paths=options.config_paths, environ=surroundings.environ)
    session = open_session(options, surroundings, only_plans=True)
    run_policy = session.load_run_policy(applies=False)
    with session.open_phonebook() as phonebook:
        live = phonebook.list_groups()
    review = session.make_review(live, run_policy)
    for warning in review.plan.warnings:
        session.surroundings.watcher.on_warning(warning)
    warn_of_backups(session, review)
    return review, session.config
