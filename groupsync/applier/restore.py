"""Carrying restores out: find or create each group and note its id; `fill` adds its contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.attempt import (
    OUT_OF_MEMORY,
    Attempt,
    SeenIds,
    describe_failure,
    make_failure,
)
from groupsync.applier.create import create_group
from groupsync.applier.fill import GroupFiller, describe_missing
from groupsync.applier.last_look import Trail, look_after_run
from groupsync.applier.stored_name import describe_stored_name
from groupsync.display import quote
from groupsync.errors import ApiError, FileError, NotSentError, StoredNameError
from groupsync.model.groups import GroupId
from groupsync.model.report import GOOD_WORDS, Cause, Word
from groupsync.model.restore import Restore, RestoreOutcome, RestoreReport, Tally

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from groupsync.applier.protocols import Phonebook, RestoreNotes
    from groupsync.interrupt import Interrupt
    from groupsync.model.groups import LiveGroup
    from groupsync.watcher import Watcher


def restore_groups(  # noqa: PLR0913 - the parts of the program that come together here
    restores: Sequence[Restore],
    known_ids: Collection[GroupId],
    phonebook: Phonebook,
    notes: RestoreNotes,
    *,
    parallelism: int,
    watcher: Watcher,
    interrupt: Interrupt,
) -> RestoreReport:
    """Restore the groups one by one and return how each ended; stop after the first failure.

    `known_ids` are all groups that were live before. Up to `parallelism` contacts of a group are added at a time. At
    the end the run waits until the list of groups shows the created ones, for two minutes at most.
    """
    seen_ids = SeenIds(known_ids)
    outcomes: list[RestoreOutcome] = []
    for restore in restores:
        outcome = make_initial_outcome(restore)
        if not interrupt.is_set and all(earlier.word in GOOD_WORDS for earlier in outcomes):
            restoring = _Restoring(restore, Attempt(phonebook, interrupt, seen_ids), notes, watcher, interrupt)
            outcome = restoring.carry_out(outcome, known_ids, parallelism)
        outcomes.append(outcome)
    report = RestoreReport(outcomes=tuple(outcomes), interrupt=interrupt.code)
    return _check_list(report, phonebook, parallelism=parallelism, watcher=watcher, interrupt=interrupt)


def _check_list(
    report: RestoreReport, phonebook: Phonebook, *, parallelism: int, watcher: Watcher, interrupt: Interrupt
) -> RestoreReport:
    """Wait until the list shows the created groups, and correct the report by it: each name must be unique."""
    trails = {
        outcome.group_id: Trail(before=(), after=name)
        for outcome in report.outcomes
        if outcome.group_id and (name := _find_made_name(outcome))
    }
    if not trails:
        return report
    try:
        look = look_after_run(trails, phonebook, parallelism=parallelism, watcher=watcher, interrupt=interrupt)
    except ApiError as error:
        return _make_unverified(report, describe_failure(error))
    except MemoryError:
        return _make_unverified(report, OUT_OF_MEMORY)
    outcomes = tuple(_check_name(outcome, look.live) for outcome in report.outcomes)
    return replace(report, outcomes=outcomes, list_is_late=look.list_is_late)


def _make_unverified(report: RestoreReport, problem: str) -> RestoreReport:
    """Return the report of a run that does not know whether the list shows the groups that it created."""
    outcomes = tuple(_correct(outcome, Word.UNKNOWN, f"not verified: {problem}") for outcome in report.outcomes)
    return replace(report, outcomes=outcomes)


def _find_made_name(outcome: RestoreOutcome) -> str:
    """Return the name of the group that this run created; empty if it created none."""
    if outcome.restore.destination.into or not outcome.group_id:
        return ""
    return outcome.stored_name or outcome.restore.backup.name


def _check_name(outcome: RestoreOutcome, live: Sequence[LiveGroup]) -> RestoreOutcome:
    """Return the outcome; a conflict if the created group is gone, a duplicate if another group has its name."""
    name = _find_made_name(outcome)
    if name and all(group.id != outcome.group_id for group in live):
        return _correct(outcome, Word.CONFLICT, "the group is gone again")
    others = sorted(group.id for group in live if group.name == name and group.id != outcome.group_id)
    if not others:
        return outcome
    problem = f"the name {quote(name)} is also the name of another group: {', '.join(others)}"
    return _correct(outcome, Word.DUPLICATE, problem)


def _correct(outcome: RestoreOutcome, word: Word, problem: str) -> RestoreOutcome:
    """Return the corrected outcome if the restore seemed to succeed; any other outcome stays."""
    if outcome.word not in GOOD_WORDS or not _find_made_name(outcome):
        return outcome
    return replace(outcome, word=word, detail=problem)


def make_initial_outcome(restore: Restore) -> RestoreOutcome:
    """Return the outcome of a restore that has not begun; if there is nothing to do, it is the final one."""
    into = restore.destination.into
    tally = Tally(
        in_backup=len(restore.backup.contacts),
        already_in=restore.present,
        gone=len(restore.gone),
        not_added=len(restore.add) + len(restore.recreate),
    )
    word, detail = Word.NOT_ATTEMPTED, ""
    if not restore.has_work and restore.gone:
        word, detail = Word.FAILED, "; ".join(describe_missing(len(restore.gone), tally))
    elif not restore.has_work:
        word = Word.ALREADY_DONE
    return RestoreOutcome(restore=restore, word=word, group_id=into.id if into else None, tally=tally, detail=detail)


class _Restoring:
    """The restore of one group."""

    def __init__(
        self, restore: Restore, attempt: Attempt, notes: RestoreNotes, watcher: Watcher, interrupt: Interrupt
    ) -> None:
        self._restore = restore
        self._notes = notes
        self._watcher = watcher
        self._interrupt = interrupt
        self._attempt = attempt
        self._name = restore.backup.name

    def carry_out(self, outcome: RestoreOutcome, known_ids: Collection[GroupId], parallelism: int) -> RestoreOutcome:
        label = f"restore group {quote(self._name)}"
        self._watcher.on_begin(label)
        try:
            return self._carry_out(outcome, known_ids, parallelism)
        except MemoryError:
            return replace(outcome, word=Word.UNKNOWN, detail=OUT_OF_MEMORY)
        except Exception as error:  # noqa: BLE001 - what was written must be reported anyway
            self._watcher.on_bug(error)
            detail = f"a bug in groupsync: {type(error).__name__}"
            return replace(outcome, word=Word.UNKNOWN, detail=detail, cause=Cause.MISTAKE)
        finally:
            self._watcher.on_end(label)

    def _carry_out(self, before: RestoreOutcome, known_ids: Collection[GroupId], parallelism: int) -> RestoreOutcome:
        outcome = self._find_group(before, known_ids)
        if outcome.word in GOOD_WORDS and outcome.group_id:
            filler = GroupFiller(self._restore, self._attempt, self._watcher, self._interrupt)
            outcome = filler.fill(replace(outcome, detail=before.detail), outcome.group_id, parallelism)
        return replace(outcome, requests=self._attempt.journal.requests)

    def _find_group(self, outcome: RestoreOutcome, known_ids: Collection[GroupId]) -> RestoreOutcome:
        """Return the outcome with the group to fill, which is created unless it is live; its id is noted first."""
        destination = self._restore.destination
        if destination.into:
            return replace(outcome, word=Word.ALREADY_DONE, group_id=destination.into.id)
        try:
            self._notes.write(destination.backup_file.file, None)
            outcome = create_group(outcome, self._name, known_ids, self._attempt)
            if outcome.word is Word.ADOPTED:
                outcome = self._require_empty(outcome)
        except StoredNameError as error:
            outcome = self._keep_stored_name(outcome, error)
        except NotSentError:
            outcome = replace(outcome, word=Word.NOT_ATTEMPTED)
        except ApiError as error:
            outcome = make_failure(outcome, error)
        except FileError as error:
            return make_failure(outcome, error)
        return self._note_id(outcome)

    def _require_empty(self, outcome: RestoreOutcome) -> RestoreOutcome:
        """Return the outcome; unknown if the group that appeared has contacts, which this run did not add."""
        assert outcome.group_id  # noqa: S101 - an adopted group has an id
        self._attempt.journal.why = "look at the group that appeared after a lost answer"
        try:
            problem = "it has contacts" if self._attempt.phonebook.list_contacts(outcome.group_id) else ""
        except ApiError as error:
            problem = describe_failure(error)
        if not problem:
            return outcome
        detail = f"somebody else may have created the group that appeared [id={outcome.group_id}]: {problem}"
        return replace(outcome, word=Word.UNKNOWN, group_id=None, detail=detail)

    def _keep_stored_name(self, outcome: RestoreOutcome, error: StoredNameError) -> RestoreOutcome:
        """Return the outcome with the group that was created under another name, unless it was live before."""
        group_id = GroupId(error.group_id)
        detail = describe_stored_name(error)
        if not self._attempt.seen_ids.note_created(group_id):
            detail = f"{detail}; the Phonebook answered with a group that was there before [id={group_id}]"
            return replace(outcome, word=Word.CONFLICT, detail=detail)
        return replace(outcome, word=Word.FAILED, group_id=group_id, detail=detail, stored_name=error.stored_name)

    def _note_id(self, outcome: RestoreOutcome) -> RestoreOutcome:
        """Note the id of the group that was created; remove the note if it was certainly not created."""
        file = self._restore.destination.backup_file.file
        try:
            if outcome.group_id:
                self._notes.write(file, outcome.group_id)
            elif outcome.word in {Word.NOT_ATTEMPTED, Word.FAILED}:
                self._notes.remove(file)
        except FileError as error:
            if outcome.group_id is None:
                return replace(outcome, detail=f"{outcome.detail}; {describe_failure(error)}")
            go_on = f"continue with --into {outcome.group_id}"
            detail = f"the group was created, but its id could not be saved: {error} ({go_on})"
            return replace(outcome, word=Word.FAILED, detail=detail)
        return outcome
