"""Carrying restores out: create the group, add its contacts, and check that they are all in it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from groupsync.applier.attempt import (
    OUT_OF_MEMORY,
    PAUSES,
    Attempt,
    SeenIds,
    describe_failure,
    find_cause,
    make_failure,
)
from groupsync.applier.create import create_group
from groupsync.applier.last_look import Trail, look_after_run
from groupsync.applier.stored_name import describe_stored_name
from groupsync.applier.workers import run_parallel, run_with_deadline
from groupsync.display import count_contacts, quote
from groupsync.errors import ApiError, FileError, MissingError, NotSentError, StoredNameError
from groupsync.model.groups import GroupId
from groupsync.model.report import GOOD_WORDS, Cause, Word
from groupsync.model.restore import Restore, RestoreOutcome, RestoreReport, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from groupsync.applier.protocols import Phonebook, RestoreNotes
    from groupsync.interrupt import Interrupt
    from groupsync.model.contacts import Contact
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
        word, detail = Word.FAILED, "; ".join(_describe_missing(len(restore.gone), tally))
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
        self._failed = threading.Event()
        self._problem = ""
        self._cause: Cause | None = None

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
            outcome = self._fill(replace(outcome, detail=before.detail), outcome.group_id, parallelism)
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

    def _fill(self, outcome: RestoreOutcome, group_id: GroupId, parallelism: int) -> RestoreOutcome:
        self._attempt.journal.why = "contact of the backup"
        recreated = {contact.phone for contact in self._restore.recreate}
        works = (*self._restore.add, *self._restore.recreate)
        words: Counter[str] = Counter()
        for word in run_parallel(
            works,
            lambda contact: self._try_to_add(group_id, contact, is_gone=contact.phone in recreated),
            threads=parallelism,
            interrupt=self._interrupt,
        ):
            words[word] += 1
            if word != "not_added":
                self._watcher.on_count(words.total() - words["not_added"], len(works), self._name)
        words["not_added"] += len(works) - words.total()
        tally = replace(
            outcome.tally,
            added=words["added"],
            already_in=outcome.tally.already_in + words["already_in"],
            recreated=words["recreated"],
            gone=outcome.tally.gone + words["gone"],
            not_added=words["not_added"],
        )
        return self._verify(replace(outcome, tally=tally), group_id)

    def _try_to_add(self, group_id: GroupId, contact: Contact, *, is_gone: bool) -> str:
        """Add a contact like `_add`; if memory runs out it counts as not added until the final check."""
        try:
            return self._add(group_id, contact, is_gone=is_gone)
        except MemoryError:
            self._problem = OUT_OF_MEMORY
            self._failed.set()
            return "not_added"

    def _add(self, group_id: GroupId, contact: Contact, *, is_gone: bool) -> str:
        """Add a contact to the group and return the field of the tally that counts it."""
        if self._failed.is_set() or self._attempt.is_interrupted:
            return "not_added"
        try:
            is_made = is_gone and self._repeat(lambda: self._attempt.phonebook.create_contact(contact))
            is_new = self._repeat(lambda: self._attempt.phonebook.add_contact(group_id, contact))
        except MissingError as error:
            if not is_gone and self._is_live(group_id):
                return "gone"
            self._fail(error)
        except ApiError as error:
            self._fail(error)
        else:
            if is_made:
                return "recreated"
            return "added" if is_new else "already_in"
        return "not_added"

    def _repeat(self, send: Callable[[], object]) -> bool:
        """Send until the answer is clear, and return whether this run made the change; HTTP 409: it was made before."""
        lost: ApiError | None = None
        for pause in PAUSES:
            try:
                send()
            except ApiError as error:
                if error.status == HTTPStatus.CONFLICT:
                    return lost is not None  # this run may have made it true
                if not error.ambiguous:
                    raise
                lost = error
            else:
                return True
            if not self._attempt.wait(pause):
                break
        assert lost  # noqa: S101 - the loop ends by a return or a lost answer
        raise lost

    def _is_live(self, group_id: GroupId) -> bool:
        try:
            self._attempt.phonebook.get_group(group_id)
        except ApiError:
            return False
        return True

    def _fail(self, error: ApiError) -> None:
        if not self._failed.is_set():
            self._problem = describe_failure(error)
            self._cause = find_cause(error)
        self._failed.set()

    def _verify(self, outcome: RestoreOutcome, group_id: GroupId) -> RestoreOutcome:
        """Check that all contacts are in the group, whatever the server said before."""
        outcome = replace(outcome, cause=self._cause)
        self._attempt.journal.why = "look at the members after the last one"
        try:
            present, counted = run_with_deadline(lambda: self._look(group_id), self._interrupt)
        except MissingError as error:
            return replace(
                outcome, word=Word.FAILED, detail=self._describe(f"the group is gone: {describe_failure(error)}")
            )
        except ApiError as error:
            return replace(
                outcome, word=Word.UNKNOWN, detail=self._describe(f"not verified: {describe_failure(error)}")
            )
        if counted is not None and counted < len(present):
            problem = (
                f"the list of its members has {count_contacts(len(present))}, the count of the group is {counted:,}"
            )
            return replace(outcome, word=Word.UNKNOWN, detail=self._describe(problem))
        missing = sum(contact.phone not in present for contact in self._restore.backup.contacts)
        if not missing:
            return replace(outcome, word=Word.DONE if self._restore.has_work else Word.ALREADY_DONE)
        why = _describe_missing(missing, outcome.tally)
        return replace(outcome, word=Word.FAILED, detail=self._describe(*why))

    def _look(self, group_id: GroupId) -> tuple[set[str], int | None]:
        """Return the members, and how many the group says it has."""
        group = self._attempt.phonebook.get_group(group_id)
        return {contact.phone for contact in self._attempt.phonebook.list_contacts(group_id)}, group.contacts_count

    def _describe(self, *findings: str) -> str:
        """Return what was found at the end, with what went wrong before."""
        before = self._problem or ("interrupted" if self._attempt.is_interrupted else "")
        return "; ".join(filter(None, (*findings, before)))


def _describe_missing(missing: int, tally: Tally) -> Iterator[str]:
    yield f"{count_contacts(missing)} of the backup not in the group"
    if tally.gone:
        yield f"{tally.gone:,} no longer in the address book (--recreate-contacts creates them again)"
    if missing > tally.gone + tally.not_added:
        yield "the server confirmed that they were added, but does not show them"
