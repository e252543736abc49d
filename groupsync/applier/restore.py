"""Carrying restores out: make the group, put its contacts into it, and look whether they are all there."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from groupsync.applier.attempt import PAUSES, Ending, Hand, explain
from groupsync.applier.create import make_group
from groupsync.applier.workers import wait_for, work_off
from groupsync.display import count_contacts, quote
from groupsync.errors import ApiError, FileError, MissingError, NotSentError
from groupsync.model.report import GOOD_WORDS, Word
from groupsync.model.restore import Restore, RestoreOutcome, RestoreReport, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from groupsync.applier.protocols import Phonebook, RestoreNotes, Watcher
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId


def restore_groups(  # noqa: PLR0913 - the parts of the program that come together here
    restores: Sequence[Restore],
    known_ids: Collection[GroupId],
    phonebook: Phonebook,
    ids: RestoreNotes,
    *,
    parallelism: int,
    watcher: Watcher,
) -> RestoreReport:
    """Restore one group after the other and return what became of each; the first failure is the last one tried.

    `known_ids` are all groups that are live before. Up to `parallelism` contacts of a group are added at a time.
    """
    outcomes: list[RestoreOutcome] = []
    for restore in restores:
        outcome = make_initial_outcome(restore)
        if watcher.interrupt is None and all(outcome.word in GOOD_WORDS for outcome in outcomes):
            outcome = _restore(outcome, _Restoring(restore, phonebook, watcher, ids), known_ids, parallelism, watcher)
        outcomes.append(outcome)
    return RestoreReport(outcomes=tuple(outcomes), interrupt=watcher.interrupt)


def make_initial_outcome(restore: Restore) -> RestoreOutcome:
    """Return what could be said of a restore that has not begun."""
    into = restore.destination.into
    tally = Tally(
        in_backup=len(restore.backup.contacts),
        already_in=restore.present,
        gone=len(restore.gone),
        not_added=len(restore.add) + len(restore.recreate),
    )
    missing = "; ".join(_explain_missing(len(restore.gone), tally)) if restore.gone else ""
    word = Word.NOT_ATTEMPTED if restore.has_work else Word.FAILED if missing else Word.ALREADY_DONE
    return RestoreOutcome(
        restore=restore,
        word=word,
        group_id=into.id if into else None,
        tally=tally,
        detail="" if restore.has_work else missing,
    )


def _restore(
    before: RestoreOutcome,
    restoring: _Restoring,
    known_ids: Collection[GroupId],
    parallelism: int,
    watcher: Watcher,
) -> RestoreOutcome:
    label = f"restore group {quote(before.restore.backup.name)}"
    watcher.on_begin(label)
    try:
        return restoring.carry_out(known_ids, parallelism)
    except Exception as error:  # noqa: BLE001 - what was written must be reported all the same
        watcher.on_bug(error)
        return replace(before, word=Word.UNKNOWN, detail=f"a mistake in groupsync itself: {type(error).__name__}")
    finally:
        watcher.on_end(label)


class _Restoring:
    """The restore of one group."""

    def __init__(self, restore: Restore, phonebook: Phonebook, watcher: Watcher, ids: RestoreNotes) -> None:
        self._restore = restore
        self._watcher = watcher
        self._ids = ids
        self._hand = Hand(phonebook, watcher)
        self._name = restore.backup.name
        self._failed = threading.Event()
        self._problem = ""

    def carry_out(self, known_ids: Collection[GroupId], parallelism: int) -> RestoreOutcome:
        outcome = make_initial_outcome(self._restore)
        place = self._find_group(known_ids)
        if place.word in GOOD_WORDS and place.group_id:
            outcome = self._fill(replace(outcome, group_id=place.group_id), place.group_id, parallelism)
        else:
            outcome = replace(outcome, word=place.word, group_id=place.group_id, detail=place.detail)
        return replace(outcome, requests=self._hand.journal.requests)

    def _find_group(self, known_ids: Collection[GroupId]) -> Ending:
        """Return the group to fill, which is made unless it is there; its id is kept before it is filled."""
        destination = self._restore.destination
        if destination.into:
            return Ending(word=Word.ALREADY_DONE, group_id=destination.into.id)
        try:
            self._ids.write(destination.backup_file.file, None)
            ending = make_group(self._name, known_ids, self._hand)
        except NotSentError:
            ending = Ending(word=Word.NOT_ATTEMPTED)
        except ApiError as error:
            ending = Ending(word=Word.FAILED, detail=explain(error))
        except FileError as error:
            return Ending(word=Word.FAILED, detail=explain(error))
        return self._keep_id(ending)

    def _keep_id(self, ending: Ending) -> Ending:
        """Keep the id of the group that was made; forget that it was tried when it certainly was not made."""
        file = self._restore.destination.backup_file.file
        try:
            if ending.group_id:
                self._ids.write(file, ending.group_id)
            elif ending.word in {Word.NOT_ATTEMPTED, Word.FAILED}:
                self._ids.remove(file)
        except FileError as error:
            if ending.group_id is None:
                return replace(ending, detail=f"{ending.detail}; {explain(error)}")
            detail = f"the group was made, and its id could not be kept: {error} (go on with --into {ending.group_id})"
            return replace(ending, word=Word.FAILED, detail=detail)
        return ending

    def _fill(self, outcome: RestoreOutcome, group_id: GroupId, parallelism: int) -> RestoreOutcome:
        self._hand.journal.why = "contact of the backup"
        recreated = {contact.phone for contact in self._restore.recreate}
        works = (*self._restore.add, *self._restore.recreate)
        words: Counter[str] = Counter()
        for word in work_off(
            works,
            lambda contact: self._add(group_id, contact, is_gone=contact.phone in recreated),
            threads=parallelism,
            watcher=self._watcher,
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

    def _add(self, group_id: GroupId, contact: Contact, *, is_gone: bool) -> str:
        """Put a contact into the group and return the field of the tally that it counts for."""
        if self._failed.is_set() or self._hand.is_interrupted:
            return "not_added"
        try:
            is_made = is_gone and self._repeat(lambda: self._hand.phonebook.create_contact(contact))
            is_new = self._repeat(lambda: self._hand.phonebook.add_contact(group_id, contact))
        except MissingError as error:
            if not is_gone and self._is_live(group_id):
                return "gone"
            self._fail(error)
        except ApiError as error:
            self._fail(error)
        else:
            return "recreated" if is_made else "added" if is_new else "already_in"
        return "not_added"

    def _repeat(self, send: Callable[[], object]) -> bool:
        """Send until the answer is clear: twice does no harm. Return false when it was so already (HTTP 409)."""
        lost: ApiError | None = None
        for pause in PAUSES:
            try:
                send()
            except ApiError as error:
                if error.status == HTTPStatus.CONFLICT:
                    return lost is not None  # it may have been this run that made it so
                if not error.ambiguous:
                    raise
                lost = error
            else:
                return True
            if not self._hand.wait(pause):
                break
        assert lost  # noqa: S101 - the loop ends by a return or a lost answer
        raise lost

    def _is_live(self, group_id: GroupId) -> bool:
        try:
            self._hand.phonebook.get_group(group_id)
        except ApiError:
            return False
        return True

    def _fail(self, error: ApiError) -> None:
        if not self._failed.is_set():
            self._problem = explain(error)
        self._failed.set()

    def _verify(self, outcome: RestoreOutcome, group_id: GroupId) -> RestoreOutcome:
        """Look whether the contacts are in the group, all of them, whatever the server has said before."""
        self._hand.journal.why = "look at the members after the last one"
        try:
            present, counted = wait_for(lambda: self._look(group_id), self._watcher)
        except MissingError as error:
            return replace(outcome, word=Word.FAILED, detail=self._explain(f"the group is gone: {explain(error)}"))
        except ApiError as error:
            return replace(outcome, word=Word.UNKNOWN, detail=self._explain(f"not verified: {explain(error)}"))
        if counted is not None and counted < len(present):
            problem = f"the list of its members holds {len(present):,}, the group says {counted:,}"
            return replace(outcome, word=Word.UNKNOWN, detail=self._explain(problem))
        missing = sum(contact.phone not in present for contact in self._restore.backup.contacts)
        if not missing:
            return replace(outcome, word=Word.DONE if self._restore.has_work else Word.ALREADY_DONE)
        why = _explain_missing(missing, outcome.tally)
        return replace(outcome, word=Word.FAILED, detail=self._explain(*why))

    def _look(self, group_id: GroupId) -> tuple[set[str], int | None]:
        """Return the members, and how many the group says that it has."""
        group = self._hand.phonebook.get_group(group_id)
        return {contact.phone for contact in self._hand.phonebook.list_contacts(group_id)}, group.contacts_count

    def _explain(self, *findings: str) -> str:
        """Return what was found in the end, with what went wrong before."""
        before = self._problem or ("interrupted" if self._hand.is_interrupted else "")
        return "; ".join(filter(None, (*findings, before)))


def _explain_missing(missing: int, tally: Tally) -> Iterator[str]:
    yield f"{count_contacts(missing)} of the backup not in the group"
    if tally.gone:
        yield f"{tally.gone:,} no longer in the address book (--recreate-contacts makes them again)"
    if missing > tally.gone + tally.not_added:
        yield "the server said that they were added, and does not show them"
