"""The plan that every fault is tried on, and what must be true after each fault.

Nobody else writes to the Phonebook meanwhile, and the proxy forwards no request after its client is gone. So no name
may be made twice.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from groupsync.api.client import GroupsClient
from groupsync.applier.apply import apply_plan
from groupsync.backup import BackupFolder, load_backup
from groupsync.config.load import load_config
from groupsync.errors import DamagedBackupError, GroupsyncError
from groupsync.model.account import make_target
from groupsync.model.groups import GroupId
from groupsync.model.plan import Create, Delete, Rename
from groupsync.model.report import GOOD_WORDS, Report
from groupsync.planfile.review import dump_review, load_review
from groupsync.review.make import make_review
from groupsync.review.require import require_no_refusal
from groupsync.review.verify import verify_review
from tests.unit.core import LIMITS, NOW, SANDBOX_CREDENTIALS, make_id
from tests.wire.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from groupsync.model.plan import Change
    from groupsync.sandbox import Sandbox
    from groupsync.sandbox.controls import LoggedRequest
    from tests.wire.faults import Choose, Fault, Record
    from tests.wire.following import Follower

Ended: TypeAlias = Report | GroupsyncError

RED, GREEN, BLUE = make_id(1), make_id(2), make_id(3)  # a cycle of names
CURRENT, BEFORE, LONG_BEFORE = make_id(4), make_id(5), make_id(6)  # a chain: each gets the next name
OLD_VIP, NEW_VIP = make_id(7), make_id(8)  # the first is deleted, the second gets its name
EASTER, TEST = make_id(9), make_id(10)  # deleted
NEWSLETTER, PARTNERS, IMPORTED = make_id(11), make_id(12), make_id(13)  # not changed

_PHONES = [f"+37251{number:06}" for number in range(40)]
GROUPS = {
    RED: ("Red", _PHONES[0:4]),
    GREEN: ("Green", _PHONES[2:7]),
    BLUE: ("Blue", _PHONES[6:8]),
    CURRENT: ("Now", _PHONES[5:12]),
    BEFORE: ("Before", _PHONES[0:3]),
    LONG_BEFORE: ("Long before", _PHONES[12:13]),
    OLD_VIP: ("VIP", _PHONES[1:20:3]),
    NEW_VIP: ("VIP 2024", _PHONES[1:22:5]),
    EASTER: ("Easter 2024", []),
    TEST: ("Test", []),
    NEWSLETTER: ("Newsletter", _PHONES),
    PARTNERS: ("Partners", _PHONES[30:32]),
    IMPORTED: ("Imported by hand", _PHONES[3:9]),
}
DESIRED: dict[GroupId, str] = {
    RED: "Green",
    GREEN: "Blue",
    BLUE: "Red",
    CURRENT: "Before",
    BEFORE: "Long before",
    LONG_BEFORE: "Archive",
    NEW_VIP: "VIP",
    NEWSLETTER: "Newsletter",
    PARTNERS: "Partners",
    IMPORTED: "Imported by hand",
}
CREATED = ("Autumn", "Now", "Spring", "Winter")
TO_DELETE = GROUPS.keys() - DESIRED.keys()

CONFIGURATION = f"""\
version: 1
policy: {{unlisted: delete}}
groups:
  - {{name: Green, id: {RED}}}
  - {{name: Blue, id: {GREEN}}}
  - {{name: Red, id: {BLUE}}}
  - {{name: Before, id: {CURRENT}}}
  - {{name: Long before, id: {BEFORE}}}
  - {{name: Archive, id: {LONG_BEFORE}}}
  - {{name: VIP, id: {NEW_VIP}}}
  - Autumn
  - Now
  - Spring
  - Winter
  - Newsletter
  - Partners
removed:
  - id: {OLD_VIP}
  - name: Easter 2024
    contacts_at_most: 1000
ignore: [Imported *]
"""
REVERTED = f"""\
version: 1
policy: {{unlisted: delete}}
groups: [{", ".join(name for name, _ in GROUPS.values() if not name.startswith("Imported"))}]
ignore: [Imported *]
"""

REQUESTS = (
    "GET groups",
    "POST",
    "POST",
    "POST",
    "PUT",  # the last of the chain
    "PUT",  # to a temporary name
    "PUT",  # to a temporary name
    "PUT",
    "PUT",
    "PUT",
    "PUT",
    "PUT",
    "POST",
    "PUT",
    *("GET contacts", "GET", "DELETE") * 3,
    "GET groups",
)
"""The requests of a run without faults, one change at a time; the first one has number 1."""

WRITES = ("POST", "PUT", "DELETE")


class Reference:
    """The Phonebook before the run, the configuration, and its plan; all files are in the folder."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.configuration = folder / "groups.yaml"
        self.backups = folder / "backups"
        self._too_early: list[str] = []
        for group_id, (name, phones) in GROUPS.items():
            sandbox.add_group(name, id=group_id, contacts=phones)
        self.configuration.write_text(CONFIGURATION)
        self.plan = self._plan()

    def _plan(self) -> bytes:
        """Return the content of the plan file."""
        target = make_target(self.sandbox.url, self.sandbox.username)
        with self._open(self.sandbox.url) as client:
            review = make_review(load_config([self.configuration]), client.list_groups(), target, NOW, LIMITS)
        require_no_refusal(review)
        return dump_review(review)

    @contextlib.contextmanager
    def proxy(self, choose: Choose) -> Iterator[FaultProxy]:
        """Start a proxy in front of the Phonebook that also checks at each DELETE that the backup exists."""

        def check_backup_and_choose(number: int, method: str, path: str) -> Fault | None:
            if method == "DELETE" and not self._is_saved(path.rpartition("/")[2]):
                self._too_early.append(path)
            return choose(number, method, path)

        with FaultProxy(urlsplit(self.sandbox.url).port or 0, check_backup_and_choose) as proxy:
            yield proxy

    def _is_saved(self, group_id: str) -> bool:
        """Return whether a backup holds all members of the group and its name, or the group had no members."""
        name, members = GROUPS[GroupId(group_id)] if group_id in GROUPS else ("", [])
        for file in self.backups.glob("*.json"):
            with contextlib.suppress(DamagedBackupError):
                backup = load_backup(file.read_bytes(), file.name)
                phones = [contact.phone for contact in backup.contacts]
                if (backup.group_id, backup.name, phones) == (group_id, name, members):
                    return True
        return not members

    def apply(self, url: str, watcher: Follower, *, timeout: float = 20, parallelism: int = 1) -> Ended:
        """Apply the plan as the command does, without lock and signals; return the report or the error."""
        config, target = load_config([self.configuration]), make_target(self.sandbox.url, self.sandbox.username)
        backups = BackupFolder(self.backups, target, lambda: NOW)
        try:
            with self._open(url, timeout=timeout, connections=parallelism, interrupt=watcher) as client:
                verified = verify_review(load_review(self.plan, "plan"), config, target, client.list_groups(), LIMITS)
                require_no_refusal(verified.review)
                backups.prepare()
                return apply_plan(
                    verified,
                    config,
                    client,
                    parallelism=parallelism,
                    watcher=watcher,
                    interrupt=watcher,
                    backups=backups,
                )
        except GroupsyncError as error:
            return error

    def _open(self, url: str, **options: Any) -> GroupsClient:
        return GroupsClient(url, SANDBOX_CREDENTIALS, **options)

    # What must be true

    def assert_nothing_is_lost(self) -> None:
        """Assert that no member is lost, each deleted group was backed up before, and nothing was made twice."""
        names = self.find_names()
        assert names.keys() >= DESIRED.keys()
        for group_id in names.keys() & GROUPS.keys():
            assert self.sandbox.members(group_id) == GROUPS[group_id][1], f"members of {names[group_id]}"
        for group_id in GROUPS.keys() - names.keys():
            assert self._is_saved(group_id), f"backup of {GROUPS[group_id][0]}"
        for file in self.backups.glob("*.json"):
            load_backup(file.read_bytes(), file.name)
        assert self._too_early == []
        made = Counter(name for group_id, name in names.items() if group_id not in GROUPS)
        assert not [name for name, number in made.items() if number > 1]

    def assert_order(self) -> None:
        """Assert that nothing was deleted before all other changes of the plan were done."""
        acted = [entry.method for entry in self.sandbox.log() if entry.method in WRITES and entry.status < 300]
        first = acted.index("DELETE") if "DELETE" in acted else len(acted)
        assert set(acted[first:]) <= {"DELETE"}
        if "DELETE" in acted:
            assert self.is_renamed_and_created()

    def is_renamed_and_created(self) -> bool:
        """Return whether all changes before the deletions are done."""
        names = self.find_names()
        made = sorted(name for group_id, name in names.items() if group_id not in GROUPS)
        kept = {group_id: name for group_id, name in names.items() if group_id in DESIRED}
        return (kept, made) == (DESIRED, list(CREATED))

    def is_complete(self) -> bool:
        """Return whether every change of the plan is done."""
        return self.is_renamed_and_created() and not TO_DELETE & self.find_names().keys()

    def assert_truth(self, ended: Ended) -> None:
        """Assert that the report is true: a good word only for what is done, and exit code 0 only if all is done."""
        if ended.exit_code == 0:
            assert self.is_complete()
        if isinstance(ended, Report):
            for outcome in ended.outcomes:
                if not ended.verification_problem or outcome.word in GOOD_WORDS:
                    assert self._is_done(outcome.change) == (outcome.word in GOOD_WORDS), outcome

    def _is_done(self, change: Change) -> bool:
        names = self.find_names()
        match change:
            case Create(name=name):
                return [made for group_id, made in names.items() if group_id not in GROUPS].count(name) == 1
            case Rename(temporary=True, before=before, group_id=group_id):
                return names.get(group_id) != before
            case Rename(after=after, group_id=group_id):
                return names.get(group_id) == after
            case Delete(group_id=group_id):
                return group_id not in names

    def find_names(self) -> dict[GroupId, str]:
        """Return the name of every live group by its id."""
        return {GroupId(group.id): group.name for group in self.sandbox.groups()}


def label_requests(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the requests in the notation of `REQUESTS`."""
    return tuple(
        f"GET {record.path.rpartition('/')[2].partition('?')[0]}"
        if record.method == "GET" and "/groups/" not in record.path
        else record.method
        for record in records
    )


def count_writes(entries: Sequence[LoggedRequest | Record], method: str | None = None) -> int:
    """Return how many of the requests would change something, or have this method."""
    return sum(entry.method in ((method,) if method else WRITES) for entry in entries)
