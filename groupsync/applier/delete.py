"""Deletes a group: reads and saves its members, reads the group, then deletes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.applier.attempt import catch_failures
from groupsync.applier.update import GroupUpdate
from groupsync.display import count, count_contacts
from groupsync.errors import ApiError, NotSentError, PartialListError
from groupsync.model.report import Outcome, Word

if TYPE_CHECKING:
    from groupsync.applier.attempt import Attempt
    from groupsync.applier.rules import ChangeRules
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Delete


class Deletion:
    """The deletion of one group.

    A count of 0 does not prove that the group is empty, so its members are always read first. The group itself is read
    last before the DELETE. If its count differs from the members that were read, somebody joined or left meanwhile, and
    the group stays. After a lost answer both are read again before the DELETE is sent again.
    """

    def __init__(self, change: Delete, may_lose: int | None, attempt: Attempt, rules: ChangeRules) -> None:
        self._change = change
        self._may_lose = may_lose
        self._attempt = attempt
        self._rules = rules
        self._update = GroupUpdate(change, attempt, may_lose=may_lose, find_obstacle=self._find_obstacle)
        self._members: tuple[Contact, ...] | None = None
        """The members as they were read; None if they could not be read and `--allow backup` permits that."""

    def carry_out(self) -> Outcome:
        """Delete the group if it is as reviewed; remove the backup if the group was not deleted."""
        self._attempt.journal.why = "members before the deletion"
        try:
            self._members = self._read_members()
        except NotSentError:
            raise
        except ApiError:
            if not self._attempt.is_interrupted and (outcome := self._update.look()):
                return outcome  # the group is gone, for example, so it has no members to read
            raise
        if self._members and self._rules.backups and self._may_lose and len(self._members) <= self._may_lose:
            self._attempt.backup = self._rules.backups.save(self._change.group_id, self._change.name, self._members)
        outcome = catch_failures(self._change, self._attempt, self._look_and_delete)
        if not self._update.has_sent and outcome.word is not Word.ALREADY_DONE:
            self._discard_backup()
        return outcome

    def _discard_backup(self) -> None:
        if self._attempt.backup and self._rules.backups:
            self._rules.backups.discard(self._attempt.backup)
        self._attempt.backup = ""

    def _read_members(self) -> tuple[Contact, ...] | None:
        """Return the members; None if they cannot be read and need not be.

        A list that may be partial is always an error: there are people in the group.
        """
        try:
            return self._attempt.phonebook.list_contacts(self._change.group_id)
        except PartialListError:
            raise
        except ApiError:
            if self._rules.without_backup and not self._attempt.is_interrupted:
                return None
            raise

    def _look_and_delete(self) -> Outcome:
        self._attempt.journal.why = "look before the deletion"
        if outcome := self._update.look():
            return outcome
        if self._rules.is_stopped():
            return Outcome(change=self._change, word=Word.NOT_ATTEMPTED)
        self._attempt.journal.why = ""
        return self._update.send(lambda: self._attempt.phonebook.delete_group(self._change.group_id))

    def _find_obstacle(self, group: LiveGroup) -> str:
        """Return why the group must stay although its name and count are as reviewed; empty if it can be deleted."""
        members = self._members
        if self._update.has_sent:
            members = self._read_members()
            if members is not None and self._members is not None and set(members) != set(self._members):
                return "its members have changed since they were read"
        if members is None:
            return ""
        if group.contacts_count != len(members):
            return (
                f"the group has {count_contacts(group.contacts_count)} by its count, but {len(members):,} by the list "
                "of its members: check it, and delete it in the dashboard"
            )
        if members and not self._attempt.backup and not self._rules.without_backup:
            return f"{count(len(members), 'contact is', 'contacts are')} in the group, and no backup folder is set"
        return ""
