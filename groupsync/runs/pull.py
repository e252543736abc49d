"""A pull: bring live changes into the configuration files. The Phonebook is only read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from groupsync.config.load import load_texts
from groupsync.display import quote
from groupsync.editing import Refusal
from groupsync.errors import FileError, NotEditedError, PruneRefusedError, SettingsError
from groupsync.files import require_regular_file
from groupsync.model.config import Unlisted
from groupsync.planner import make_plan
from groupsync.pulling import (
    LiveDifferences,
    PullChoices,
    compare_with_live,
    find_prune_fault,
    list_edits,
    list_edits_by_hand,
    take_live_names,
)
from groupsync.runs.edits import find_file_for_entries, make_writes, render_writes, warn_of_paths, write_edits
from groupsync.runs.options import RunOptions
from groupsync.runs.session import Session, Surroundings, open_session
from groupsync.suggest import find_suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groupsync.command import CommandOptions
    from groupsync.editing import FileWrite
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.review import Review


class PullOptions(Struct, frozen=True, kw_only=True):
    """What a caller chooses for a pull: the options of its command line. `into` is the file of new entries."""

    pin_ids: bool = False
    prune: bool = False
    into: Path | None = None


DEFAULT_PULL_OPTIONS = PullOptions()


class FoundPull(Struct, frozen=True, kw_only=True):
    """What a pull found; nothing is chosen or written yet."""

    session: Session
    options: PullOptions
    live: tuple[LiveGroup, ...]
    differences: LiveDifferences

    @property
    def default_choices(self) -> PullChoices:
        """What a pull does if nobody is asked: add the unlisted groups, and what the options say."""
        return PullChoices(pins=self.options.pin_ids, prunes=self.options.prune)


class EditedPull(Struct, frozen=True, kw_only=True):
    """The edits of a pull, proved and not written yet.

    `differences` are those after the live names were taken. `diff` is a unified diff of all files, empty if nothing
    changes.
    """

    found: FoundPull
    choices: PullChoices
    differences: LiveDifferences
    writes: tuple[FileWrite, ...]
    diff: str

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that change."""
        return tuple(dict.fromkeys(write.file for write in self.writes))


class PullResult(Struct, frozen=True, kw_only=True):
    """What a pull did: `review` is the plan of the edited files, None if they were not written."""

    differences: LiveDifferences
    choices: PullChoices
    files: tuple[str, ...]
    diff: str
    review: Review | None = None


def run_pull(
    options: RunOptions | None = None,
    surroundings: Surroundings | None = None,
    *,
    pull_options: PullOptions = DEFAULT_PULL_OPTIONS,
    choose: Callable[[FoundPull], PullChoices] | None = None,
    writes: bool = True,
) -> PullResult:
    """Bring live changes into the configuration files, and return what was done.

    `choose` returns what to bring in, and raises NotApprovedError to refuse; without it all unlisted groups are added,
    and no live name is taken. Without `writes` no file is written. Raises PruneRefusedError, NotEditedError if a file
    cannot be edited, or FileError if one changed meanwhile.
    """
    found = find_pull(options or RunOptions(), surroundings or Surroundings(), pull_options)
    edited = edit_pull(found, choose(found) if choose else found.default_choices)
    review = write_pull(edited) if writes else None
    if not writes:
        warn_of_diff(edited)
    return PullResult(
        differences=edited.differences,
        choices=edited.choices,
        files=edited.files,
        diff=edited.diff,
        review=review,
    )


def find_pull(options: RunOptions, surroundings: Surroundings, pull_options: PullOptions) -> FoundPull:
    """Read the configuration and the live groups, and return how they differ."""
    session = open_session(options, surroundings, only_plans=True)
    config = session.config
    _require_one_account(config)
    if pull_options.into:
        find_file_for_entries(config, pull_options.into)
    with session.open_phonebook() as phonebook:
        live = tuple(phonebook.list_groups())
    differences = compare_with_live(config, live)
    max_deletes = session.load_run_policy(applies=False).max_deletes
    if pull_options.prune and (fault := find_prune_fault(config, differences, max_deletes)):
        raise PruneRefusedError(fault)
    if differences.unlisted:
        find_file_for_entries(config, pull_options.into)
        for warning in _warn_of_renames(config, live, session.options.for_commands):
            surroundings.watcher.on_warning(warning)
    return FoundPull(session=session, options=pull_options, live=live, differences=differences)


def edit_pull(found: FoundPull, choices: PullChoices) -> EditedPull:
    """Return the edits that were chosen, proved; raise NotEditedError if a file cannot be edited."""
    config, differences = found.session.config, found.differences
    if choices.taken:
        differences = compare_with_live(take_live_names(config, choices.taken), found.live)
    target = find_file_for_entries(config, found.options.into) if choices.adds and differences.unlisted else ""
    writes = make_writes(config, list_edits(config, differences, choices, target))
    reason = str(writes) if isinstance(writes, Refusal) else _find_irregular(config, writes)
    if isinstance(writes, Refusal) or reason:
        raise NotEditedError(reason, list_edits_by_hand(config, differences, choices))
    return EditedPull(
        found=found,
        choices=choices,
        differences=differences,
        writes=writes,
        diff=render_writes(config, writes),
    )


def warn_of_diff(edited: EditedPull) -> None:
    """Warn if `git apply` refuses the diff."""
    session = edited.found.session
    warn_of_paths(session.surroundings.watcher, session.config, edited.writes)


def write_pull(edited: EditedPull) -> Review:
    """Write the files, and return the plan of the configuration that they make now."""
    session = edited.found.session
    write_edits(session.config, edited.writes)
    texts = {**session.config.texts, **{write.file: write.new for write in edited.writes}}
    session = replace(session, config=load_texts(texts, job_scope=session.config.job_scope))
    return session.make_review(edited.found.live, session.load_run_policy(applies=False))


def _require_one_account(config: Config) -> None:
    if len(config.accounts) > 1:
        raise SettingsError(
            f"{config.accounts[0].source}: the configuration is for {len(config.accounts)} accounts, and the id of a "
            "group belongs to one",
            remedy="pull into a configuration of one account; docs/many-accounts.md shows how to share the rest",
        )


def _warn_of_renames(config: Config, live: Sequence[LiveGroup], options: CommandOptions) -> Iterator[str]:
    """Yield a warning for each unlisted group that may be an entry without id under another name."""
    if all(entry.id for entry in config.groups):
        return
    keeping = replace(config, policy=replace(config.policy, unlisted=Unlisted.KEEP))
    inside, _ = config.make_scope().split(live)
    for suggestion in find_suggestions(keeping, inside, make_plan(keeping, live)):
        yield (
            f"{suggestion.source}: no live group is named {quote(suggestion.after)}. If that is the group "
            f"{quote(suggestion.before)} [id={suggestion.group_id}], change this entry instead of adding that group. "
            f"To do that: {options.write('fix')}"
        )


def _find_irregular(config: Config, writes: Sequence[FileWrite]) -> str:
    """Return why one of the files cannot be replaced: it is a link or not a file; empty if all are files."""
    paths = dict(zip(config.texts, config.files, strict=True))
    try:
        for write in writes:
            require_regular_file(Path(paths[write.file]))
    except FileError as error:
        return str(error)
    return ""
