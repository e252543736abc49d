"""Filling a restored group: add the contacts of the backup, and check that they are all in it."""

from __future__ import annotations

import threading
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.attempt import OUT_OF_MEMORY, PAUSES, Attempt, describe_failure, find_cause
from groupsync.applier.workers import run_parallel, run_with_deadline
from groupsync.display import count_contacts
from groupsync.errors import ApiError, MissingError
from groupsync.model.report import Cause, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.interrupt import Interrupt
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId
    from groupsync.model.restore import Restore, RestoreOutcome, Tally
    from groupsync.watcher import Watcher


class GroupFiller:
    """Adds the contacts of one backup to its group; after the first failure it adds no more."""

    def __init__(self, restore: Restore, attempt: Attempt, watcher: Watcher, interrupt: Interrupt) -> None:
        self._restore = restore
        self._attempt = attempt
        self._watcher = watcher
        self._interrupt = interrupt
        self._failed = threading.Event()
        self._problem = ""
        self._cause: Cause | None = None

    def fill(self, outcome: RestoreOutcome, group_id: GroupId, parallelism: int) -> RestoreOutcome:
        """Add the contacts that are missing, check the members, and return the outcome with what was found."""
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
                self._watcher.on_count(words.total() - words["not_added"], len(works), self._restore.backup.name)
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
        why = describe_missing(missing, outcome.tally)
        return replace(outcome, word=Word.FAILED, detail=self._describe(*why))

    def _look(self, group_id: GroupId) -> tuple[set[str], int | None]:
        """Return the members, and how many the group says it has."""
        group = self._attempt.phonebook.get_group(group_id)
        return {contact.phone for contact in self._attempt.phonebook.list_contacts(group_id)}, group.contacts_count

    def _describe(self, *findings: str) -> str:
        """Return what was found at the end, with what went wrong before."""
        before = self._problem or ("interrupted" if self._attempt.is_interrupted else "")
        return "; ".join(filter(None, (*findings, before)))


def describe_missing(missing: int, tally: Tally) -> Iterator[str]:
    """Yield how many contacts of the backup are not in the group, and why as far as it is known."""
    yield f"{count_contacts(missing)} of the backup not in the group"
    if tally.gone:
        yield f"{tally.gone:,} no longer in the address book (--recreate-contacts creates them again)"
    if missing > tally.gone + tally.not_added:
        yield "the server confirmed that they were added, but does not show them"
