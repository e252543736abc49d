"""A run of `fix`: questions about what the plan suggests or refuses; the answers are written at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.backup import find_backups
from groupsync.runs.edits import (
    find_file_for_entries,
    find_obstacles,
    join_writes,
    render_writes,
    warn_of_paths,
    write_edits,
)
from groupsync.runs.fixing import FixFacts, Fixing
from groupsync.runs.options import RunOptions
from groupsync.runs.session import Surroundings, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from groupsync.fixes.report import FixReport
    from groupsync.model.backup import BackupSummary
    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.review import Review
    from groupsync.runs.fixing import Ask
    from groupsync.runs.session import Session


def run_fix(
    options: RunOptions | None = None,
    surroundings: Surroundings | None = None,
    *,
    ask: Ask,
    into: Path | None = None,
    writes: bool = True,
) -> FixReport:
    """Ask about what the plan suggests or refuses, and write the answers into the configuration at the end.

    `ask` returns what somebody chose; None ends the questions. An answer is taken only if the plan then has no effect
    that neither the plan had before nor the question showed. New entries go to the file `into`, or to the only file.
    With `writes` false, nothing is written. The Phonebook is only read. Raises a GroupsyncError if a file cannot be
    read or written; files that were replaced before that are complete, and the configuration is valid.
    """
    options, surroundings = options or RunOptions(), surroundings or Surroundings()
    session = open_session(options, surroundings, only_plans=True)
    is_clear = into is not None or len(session.config.texts) == 1
    new_entries = find_file_for_entries(session.config, into) if is_clear else ""
    with session.open_phonebook() as phonebook:
        live = phonebook.list_groups()
    run_policy = session.load_run_policy(applies=False)

    def make_review(config: Config, exclude: Sequence[str]) -> Review:
        changed = replace(session, config=config, options=replace(options, exclude=exclude))
        return changed.make_review(live, run_policy)

    facts = FixFacts(
        live=live,
        protected=run_policy.protected,
        backups=_find_lost_backups(session, live),
        new_entries=new_entries,
        obstacles=find_obstacles(session.config) if writes else {},
    )
    fixing = Fixing(session.config, facts, make_review)
    if fixing.questions:
        surroundings.watcher.on_questions(fixing.review)
    fixing.ask_all(ask)
    made = join_writes(session.config, fixing.steps)
    diff = render_writes(session.config, made)
    if writes:
        write_edits(session.config, made)
    else:
        warn_of_paths(surroundings.watcher, session.config, made)
    return fixing.report(diff, is_written=writes)


def _find_lost_backups(session: Session, live: Sequence[LiveGroup]) -> Mapping[GroupId, BackupSummary]:
    """Return the newest backup of each id that the configuration has and that is not live."""
    lost = {entry.id for entry in session.config.groups if entry.id} - {group.id for group in live}
    if not lost or session.backup_dir is None:
        return {}
    return {found.group_id: found for found in find_backups(session.backup_dir, session.target, ids=lost)}
