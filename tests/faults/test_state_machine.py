"""Days in the life of a Phonebook: edits, plans old and new, faults, interrupts, forgeries, and somebody else at work.

What is promised is held against what a proxy saw on the wire and what the sandbox holds, never against what the
program says of itself. Three things are left out, for no client can close them without help of the server, which knows
no versions:

- somebody fills a group between the look before its deletion and the deletion itself; the last test shows that one;
- a PUT that is carried out after its client has given up undoes a later step of the same group;
- a POST that is carried out so late that neither the looks after it nor the next run see it makes a second group,
  unless names are unique. Here a late POST is over before the next step.
"""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import pytest
import requests
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from groupsync.api.client import GroupsClient
from groupsync.applier.apply import apply_plan
from groupsync.backup import BackupFolder
from groupsync.backup.content import load_backup
from groupsync.config.load import load_config
from groupsync.errors import ApiError, ConfigError, ExitCode, GroupsyncError, RefusedError, StalePlanError
from groupsync.model.account import Credentials, make_target
from groupsync.model.config import RemovedId, RemovedName
from groupsync.model.contacts import Contact
from groupsync.model.groups import GroupId
from groupsync.model.limits import RunPolicy
from groupsync.model.plan import Create, Delete, Rename
from groupsync.names import name_without_suffix
from groupsync.planfile.digest import digest_review
from groupsync.planfile.dump import dump_review
from groupsync.planfile.load import load_document, load_review
from groupsync.review.make import make_review
from groupsync.review.require import require_digest, require_no_refusal
from groupsync.review.verify import verify_review
from groupsync.sandbox import Sandbox
from groupsync.sandbox.errors import PhonebookError
from tests.wire.fault_proxy import FaultProxy
from tests.wire.faults import (
    ActedThen,
    ActedThenHang,
    ActedThenReset,
    CutBody,
    CutHead,
    Fault,
    Hang,
    Latency,
    Record,
    ResetBefore,
)
from tests.wire.following import Follower
from tests.wire.interrupts import FollowerInterrupt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groupsync.model.config import Config
    from groupsync.model.plan import Change
    from groupsync.model.report import Progress, Report
    from groupsync.model.review import Review

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
CREDENTIALS = Credentials(username="sandbox", password="let-me-in")
NAMES = ("A", "a", "B", "C", "D", "E", "F", "IMP 1")
PHONES = tuple(f"+3725000000{number}" for number in range(6))
POLICIES = ("delete", "delete", "keep", "refuse")

SOME_ID = "5792a02a-e5c2-422b-a0a0-0ae65d814663"
SHORT, LONG = 0.3, 20.0
"""Seconds that a request may take: short only where some shall take longer."""

LATE = Latency(SHORT + 0.15)
SLOW_FAULTS = (Hang(), ActedThenHang(), LATE)
QUICK_FAULTS = (ResetBefore(), ActedThenReset(), ActedThen(500), ActedThen(503), ActedThen(404), CutHead(9), CutBody(7))
SANDBOX_FAULTS = (429, 503, 400, 409, 401, 0)
"""What the server itself says instead of acting; 0 says nothing and closes the connection."""


# The configuration and its edits

Document: TypeAlias = dict[str, Any]
Edit: TypeAlias = Callable[[Document, "Sequence[Any]", int, int], None]
FIRST: Document = {"version": 1, "policy": {"unlisted": "delete"}, "groups": [], "removed": []}


def add_entry(document: Document, _live: Sequence[Any], i: int, _j: int) -> None:
    document["groups"].append({"name": _pick(NAMES, i)})


def drop_entry(document: Document, _live: Sequence[Any], i: int, j: int) -> None:
    entry = _pick(document["groups"], i)
    document["groups"].remove(entry)
    if j % 3:
        document["removed"].append({"id": entry["id"]} if "id" in entry else {"name": entry["name"]})


def rename_entry(document: Document, _live: Sequence[Any], i: int, j: int) -> None:
    entry = _pick(document["groups"], i)
    entry["previously"] = [*entry.get("previously", ()), entry["name"]]
    entry["name"] = _pick(NAMES, j)


def pin_entry(document: Document, live: Sequence[Any], i: int, j: int) -> None:
    _pick(document["groups"], i)["id"] = _pick(live, j).id


def unpin_entry(document: Document, _live: Sequence[Any], i: int, _j: int) -> None:
    _pick(document["groups"], i).pop("id", None)


def swap_names(document: Document, _live: Sequence[Any], i: int, j: int) -> None:
    one, other = _pick(document["groups"], i), _pick(document["groups"], j)
    one["name"], other["name"] = other["name"], one["name"]


def remove_name(document: Document, _live: Sequence[Any], i: int, _j: int) -> None:
    name = _pick(NAMES, i)
    document["groups"] = [entry for entry in document["groups"] if entry["name"] != name]
    document["removed"].append({"name": name})


def remove_id(document: Document, live: Sequence[Any], i: int, _j: int) -> None:
    doomed = _pick(live, i)
    kept = [entry for entry in document["groups"] if entry["name"] != doomed.name and entry.get("id") != doomed.id]
    document["groups"] = kept
    document["removed"].append({"id": doomed.id})


def keep_removed(document: Document, _live: Sequence[Any], i: int, _j: int) -> None:
    document["removed"].remove(_pick(document["removed"], i))


def list_all(document: Document, live: Sequence[Any], i: int, _j: int) -> None:
    document["groups"] = [{"name": group.name, "id": group.id} if i % 2 else {"name": group.name} for group in live]
    document["removed"] = []


def choose_policy(document: Document, _live: Sequence[Any], i: int, j: int) -> None:
    document["policy"] = {"unlisted": _pick(POLICIES, i)}
    document["ignore"] = ["IMP *"] if j % 4 == 0 else []


EDITS: tuple[Edit, ...] = (
    *(add_entry, add_entry, drop_entry, rename_entry, rename_entry, pin_entry, unpin_entry, swap_names),
    *(remove_name, remove_name, remove_id, keep_removed, list_all, choose_policy),
)


def _pick(values: Sequence[Any], number: int) -> Any:
    """Return one of them, whatever the number; IndexError when there is none."""
    return values[number % len(values)] if values else values[0]


# What an attacker does to a plan file

Tampering: TypeAlias = Callable[[Document, int, int], None]
FIELDS: Mapping[str, tuple[Any, ...]] = {
    "before": NAMES,
    "after": NAMES,
    "contacts_count": (0, 1, 99),
    "wave": (1, 2, 9),
    "reason": ("removed", "unlisted", "listed"),
    "temporary": (True, False),
}


def edit_change(document: Document, i: int, j: int) -> None:
    key = _pick(tuple(FIELDS), j)
    _pick(document["changes"], i)[key] = _pick(FIELDS[key], i + j)


def retarget_change(document: Document, i: int, j: int) -> None:
    _pick(document["changes"], i)["group_id"] = _pick(document["base"], j)["id"]


def add_deletion(document: Document, i: int, _j: int) -> None:
    doomed = _pick(document["base"], i)
    change = {"id": f"delete:{doomed['id']}", "kind": "delete", "actions": ["delete"], "reason": "removed", "wave": 9}
    count = {"group_id": doomed["id"], "before": doomed["name"], "contacts_count": doomed["contacts_count"]}
    document["changes"].append({**change, **count, "after": None, "temporary": False, "source": None})


def drop_change(document: Document, i: int, _j: int) -> None:
    document["changes"].remove(_pick(document["changes"], i))


def reorder_changes(document: Document, i: int, _j: int) -> None:
    document["changes"].insert(0, document["changes"].pop(i % len(document["changes"])))


def turn_into_deletion(document: Document, i: int, _j: int) -> None:
    change = _pick(document["changes"], i)
    change.update(kind="delete", after=None, before=change["before"] or "A", contacts_count=99)


def edit_base(document: Document, i: int, j: int) -> None:
    group = _pick(document["base"], i)
    group.update(_pick(({"name": _pick(NAMES, j)}, {"contacts_count": 0}, {"contacts_count": 99}), j))


def raise_count(document: Document, i: int, _j: int) -> None:
    """Let a deletion be reviewed, as it seems, with more people in it than there were."""
    change = _pick([change for change in document["changes"] if change["kind"] == "delete"], i)
    for place in (change, *(group for group in document["base"] if group["id"] == change["group_id"])):
        place["contacts_count"] = 99


def drop_from_base(document: Document, i: int, _j: int) -> None:
    document["base"].remove(_pick(document["base"], i))


def forget_verdict(document: Document, _i: int, _j: int) -> None:
    document.update(guards=[], problems=[], interrupted=[])


TAMPERINGS: tuple[Tampering, ...] = (
    *(edit_change, edit_change, retarget_change, add_deletion, drop_change, reorder_changes, turn_into_deletion),
    *(edit_base, raise_count, drop_from_base, forget_verdict),
)


def forge(content: bytes, steps: Iterable[tuple[Tampering, int, int]]) -> bytes | None:
    """Return the plan file after these edits, with digest, summary and checksum made right; None if it is none now."""
    document = json.loads(content)
    for tamper, i, j in steps:
        with contextlib.suppress(IndexError, ZeroDivisionError):
            tamper(document, i, j)
    try:
        return dump_review(load_document(document))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


# The Phonebook, and who else writes to it


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """A DELETE as it came over the wire, and what it met: no name when there was no such group any more."""

    group_id: str
    name: str | None
    members: frozenset[str]
    is_backed_up: bool


@dataclass
class World:
    """A Phonebook and the ledger of whom somebody has put into its groups: the program changes no such thing."""

    sandbox: Sandbox
    folder: Path
    is_unique: bool
    direct: GroupsClient
    members: dict[str, set[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)  # the groups that were made, renamed or deleted behind its back

    def add(self, name: str, number: int) -> None:
        if self.is_unique and name in self.sandbox.names():
            return
        phones = [PHONES[(number + step) % len(PHONES)] for step in range(max(0, number % 5 - 1))]
        group_id = self.sandbox.add_group(name, contacts=phones)
        self.members[group_id] = set(phones)
        self.own.add(group_id)

    def rename(self, group_id: str, name: str) -> None:
        if not (self.is_unique and name in self.sandbox.names()):
            self.own.add(group_id)
            self.sandbox.rename_group(group_id, name)

    def delete(self, group_id: str) -> None:
        self.own.add(group_id)
        self.sandbox.delete_group(group_id)

    def fill(self, group_id: str, number: int) -> None:
        phone = _pick(PHONES, number)
        with contextlib.suppress(ApiError):  # it may be in the group, or the group may be gone
            self.direct.add_contact(GroupId(group_id), Contact(phone=phone))
            self.members.setdefault(group_id, set()).add(phone)

    def leave(self, group_id: str) -> None:
        """Let the first of its members go; nobody goes whom nobody has put there."""
        for phone in sorted(self.members.get(group_id, ()))[:1]:
            url = f"{self.sandbox.url}/phonebook/groups/{group_id}/contacts/%2B{phone[1:]}"
            with requests.Session() as session:
                session.trust_env = False
                answer = session.delete(url, auth=(CREDENTIALS.username, CREDENTIALS.password), timeout=LONG)
            if answer.ok:
                self.members[group_id].remove(phone)

    def meddle(
        self, kind: str, i: int, j: int, *, but: frozenset[str] = frozenset(), rather: Sequence[str] = ()
    ) -> None:
        """Write behind the program's back, to none of some groups, and three times in four to one that it is about."""
        groups = [group for group in self.sandbox.groups() if group.id not in but]
        if i % 4:
            groups = [group for group in groups if group.id in rather] or groups
        if kind == "add":
            self.add(_pick(NAMES, i), j)
        elif groups:
            group = _pick(groups, i)
            with contextlib.suppress(PhonebookError):  # a deletion may just have come through
                self._change(kind, group, j)

    def _change(self, kind: str, group: Any, number: int) -> None:
        if kind == "rename":
            self.rename(group.id, _pick(NAMES, number))
        elif kind == "fill":
            self.fill(group.id, number)
        elif kind == "leave":
            self.leave(group.id)
        else:
            self.delete(group.id)
        if kind == "anew":
            self.add(group.name, number)

    def witness(self, group_id: str) -> Deletion:
        """Return what a deletion that has just come meets, and whether all who are in the group stand in a backup."""
        names = {group.id: group.name for group in self.sandbox.groups()}
        members = frozenset(self.sandbox.members(group_id))
        files = self.backup_folder.glob(f"*{group_id}*.json")
        kept = [load_backup(file.read_bytes(), file.name) for file in files]
        is_backed_up = any(members == {contact.phone for contact in backup.contacts} for backup in kept)
        return Deletion(group_id=group_id, name=names.get(group_id), members=members, is_backed_up=is_backed_up)

    @property
    def backup_folder(self) -> Path:
        return self.folder / "backups"


MEDDLINGS = ("add", "add", "rename", "delete", "fill", "fill", "leave", "anew")
Meddling: TypeAlias = tuple[str, int, int]


# One run and what is seen of it


@dataclass(frozen=True)
class Saved:
    """A plan file, and the configuration that it was made from."""

    content: bytes
    config_path: Path

    @property
    def review(self) -> Review:
        return load_review(self.content, "plan.json")


@dataclass
class Interrupter(Follower):
    """Asks to stop after the change of this number."""

    stops_after: int = 0
    begun_before: int = 0

    def on_progress(self, step: Progress) -> None:
        super().on_progress(step)
        if step.number == self.stops_after:
            self.interrupt = ExitCode.INTERRUPTED
            self.begun_before = len(self.begun)


@dataclass
class Run:
    """One apply: what it is given, what happens to it on the way, and what it says in the end."""

    saved: Saved
    world: World
    config_path: Path
    content: bytes
    parallelism: int = 1
    is_lax: bool = False
    digest: str | None = None
    faults: Mapping[int, Fault] = field(default_factory=dict)
    meddlings: Mapping[int, Meddling] = field(default_factory=dict)
    has_turnover: bool = False
    ends_at: int = 0
    follower: Interrupter = field(default_factory=Interrupter)
    plans: tuple[tuple[Change, ...], ...] = ()
    report: Report | None = None
    error: GroupsyncError | None = None
    requests: tuple[Record, ...] = ()
    deletions: list[Deletion] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    proxy: FaultProxy | None = None

    @property
    def config(self) -> Config:
        return load_config([self.config_path])

    @property
    def writes(self) -> list[str]:
        return [f"{record.method} {record.path}" for record in self.requests if record.method != "GET"]

    @property
    def limits(self) -> RunPolicy:
        allowed = frozenset({"contacts-lost", "empty-config"}) if self.is_lax else frozenset[str]()
        return RunPolicy(allowed=allowed, keeps_backups=True)

    def choose(self, number: int, method: str, path: str) -> Fault | None:
        """Choose the fault of a request, note what a deletion meets, and let somebody else write before the rest.

        A group is left alone by others once it was looked at, and nobody leaves it once its members were listed: those
        are the moments that no client can close.
        """
        end = path[-len(SOME_ID) :]
        if method == "DELETE":
            self.deletions.append(self.world.witness(end))
            self.undone.extend(self._find_undone())
        elif number in self.meddlings:
            kind, i, j = self.meddlings[number]
            but = self.looked | (self.listed if kind == "leave" else set())
            self.world.meddle(kind, i, j, but=frozenset(but), rather=(end,))
        if method == "GET" and self.has_turnover:
            self._turn_over(path, end)
        if method == "GET":
            (self.listed if "groupIds" in path else self.looked).add(end)
        if self.ends_at and number >= self.ends_at and self.proxy:
            self.proxy.refuse()
        fault = self.faults.get(number)
        return None if method == "PUT" and fault == LATE else fault

    def _turn_over(self, path: str, group_id: str) -> None:
        """Let somebody leave before the members are listed, and join before the look: as many as were reviewed."""
        if "groupIds" in path:
            self.world.leave(group_id)
        elif group_id in self.listed - self.looked:
            members = self.world.members[group_id]
            self.world.fill(group_id, next(number for number, phone in enumerate(PHONES) if phone not in members))

    def _find_undone(self) -> list[str]:
        """Return what is not done of the plan as it was reviewed, but for its deletions and what they are about."""
        live = {group.id: group.name for group in self.world.sandbox.groups()}
        changes = self.plans[0]
        ends: dict[str, str | None] = {
            change.group_id: change.after for change in changes if isinstance(change, Rename)
        }
        gone = {change.group_id for change in changes if isinstance(change, Delete)}
        undone = [group_id for group_id, name in ends.items() if group_id not in gone and live.get(group_id) != name]
        return [*undone, *(find_created(changes) - set(live.values()))]

    def carry_out(self) -> None:
        """Do what the command does, from the plan file to the report."""
        timeout = SHORT if set(self.faults.values()) & set(SLOW_FAULTS) else LONG
        with (
            FaultProxy(urlsplit(self.world.sandbox.url).port or 0, self.choose) as self.proxy,
            GroupsClient(
                self.proxy.url, CREDENTIALS, timeout=timeout, interrupt=FollowerInterrupt(self.follower)
            ) as client,
        ):
            try:
                self.report = self._apply(client)
            except GroupsyncError as error:
                self.error = error
            while self.proxy.under_way:  # what is late comes before the next step
                time.sleep(0.002)
            self.requests = self.proxy.requests

    def _apply(self, client: GroupsClient) -> Report:
        config, target = self.config, make_target(self.world.sandbox.url, CREDENTIALS.username)
        saved = load_review(self.content, "plan.json")
        require_digest(saved, self.digest)
        verified = verify_review(saved, config, target, client.list_groups(), self.limits)
        require_no_refusal(verified.review)
        backups = BackupFolder(self.world.backup_folder, target, lambda: NOW)
        return apply_plan(
            verified, config, client, parallelism=self.parallelism, watcher=self.follower, backups=backups
        )


# What must be true of a run


def require_harmless(run: Run, *, names: bool = True) -> None:
    """Assert what is true whatever happened: no word of the report is asked for.

    `names` is false where another run may rename a group in the moment between the look and the deletion.
    """
    assert run.follower.bugs == []
    if run.follower.interrupt:  # each thread may just have looked whether it shall go on
        assert len(run.follower.begun) <= run.follower.begun_before + run.parallelism, "begun after an interrupt"
    assert bool(run.report) != bool(run.error)
    if run.error:
        assert run.writes == [], run.error
    if run.report:
        assert (run.report.exit_code == 0) == run.report.is_complete
    creates = max(sum(isinstance(change, Create) for change in plan) for plan in run.plans)
    sent = [record for record in run.requests if record.method == "POST" and record.status != 429]
    assert len(sent) <= creates, "a POST was sent again although it may have been carried out"
    for deletion in run.deletions:
        require_reviewed(deletion, run, names=names)


def require_reviewed(deletion: Deletion, run: Run, *, names: bool) -> None:
    """Assert that a deletion was reviewed for as many people as it met, with their consent and a backup of them."""
    changes = [change for plan in run.plans for change in plan if isinstance(change, Delete)]
    reviewed = [change for change in changes if change.group_id == deletion.group_id]
    assert reviewed, f"{deletion} is in no plan"
    count = len(deletion.members)
    assert any(change.contacts_count is not None and count <= change.contacts_count for change in reviewed), deletion
    if names:
        assert deletion.name in {None, *(change.name for change in reviewed)}
    if deletion.members:
        assert deletion.is_backed_up, f"{deletion} has no complete backup"
        assert run.is_lax or has_consent(deletion, run.config)


def has_consent(deletion: Deletion, config: Config) -> bool:
    ids = {removal.id for removal in config.removed if isinstance(removal, RemovedId)}
    names = {removal.name for removal in config.removed if isinstance(removal, RemovedName)}
    return deletion.group_id in ids or name_without_suffix(deletion.name or "", deletion.group_id) in names


def require_moves(
    runs: Sequence[Run], before: Mapping[str, str], after: Mapping[str, str], but: frozenset[str]
) -> None:
    """Assert that every group stayed as it was, or went where a plan takes it, and that no name was made too often."""
    ends: dict[str, set[str | None]] = {}
    for change in (change for run in runs for plan in run.plans for change in plan):
        if not isinstance(change, Create):
            ends.setdefault(change.group_id, set()).add(change.after if isinstance(change, Rename) else None)
    for group_id, name in before.items():
        assert group_id in but or after.get(group_id) in {name, *ends.get(group_id, ())}, f"group {name!r} moved"
    made = Counter(name for group_id, name in after.items() if group_id not in before and group_id not in but)
    for name, count in made.items():
        makers = [run for run in runs if any(name in find_created(plan) for plan in run.plans)]
        assert count <= len(makers), f"{count} groups {name!r} were made by {len(makers)} runs"


def find_created(plan: Iterable[Change]) -> set[str]:
    return {change.name for change in plan if isinstance(change, Create)}


def require_done(review: Review, after: Mapping[str, str]) -> None:
    """Assert that every change of the plan is done."""
    base = {group.id for group in review.base}
    ends: dict[str, str | None] = {}
    for change in review.plan.changes:
        if isinstance(change, Create):
            assert [name for group_id, name in after.items() if group_id not in base].count(change.name) == 1
        else:
            ends[change.group_id] = change.after if isinstance(change, Rename) else None
    assert {group_id: after.get(group_id) for group_id in ends} == ends


# The machine

NUMBERS = st.integers(0, 999)
EDITINGS = st.lists(st.tuples(st.sampled_from(EDITS), NUMBERS, NUMBERS), min_size=3, max_size=9)
MEDDLES = st.tuples(st.sampled_from(MEDDLINGS), NUMBERS, NUMBERS)
Pick: TypeAlias = tuple[int, bool, list[tuple[Edit, int, int]]]
PICKS = st.tuples(st.sampled_from((0, 0, 0, 0, 1, 2, 4)), st.sampled_from((True, True, False)), EDITINGS)
"""Which plan file (so many back; 0: a new one, after some edits), and whether with the configuration of then or now."""

FAULTS = st.sampled_from((*QUICK_FAULTS * 3, *SLOW_FAULTS))
FAULTINGS = st.dictionaries(st.integers(2, 9), FAULTS, min_size=2, max_size=5)
PARALLEL = st.integers(1, 4)


class Phonebooks(RuleBasedStateMachine):
    """A Phonebook that many work on. Rules draw plain numbers, so that a history can be played again on other ids."""

    def __init__(self, tally: Counter[str], *, is_unique: bool) -> None:
        super().__init__()
        self.tally = tally
        self.open = contextlib.ExitStack()
        sandbox = self.open.enter_context(Sandbox(unique_names=is_unique))
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        direct = self.open.enter_context(GroupsClient(sandbox.url, CREDENTIALS))
        sandbox.delete_group(sandbox.add_group("Everybody", contacts=PHONES))
        self.world = World(sandbox, folder, is_unique=is_unique, direct=direct)
        self.world.backup_folder.mkdir()
        self.files = 0
        self.document = FIRST
        self.config_path = self.write(FIRST)
        self.saved: list[Saved] = []
        for number, name in enumerate(NAMES[:4]):
            self.world.add(name, number)
        self.make_edits([(list_all, 0, 0)])

    def teardown(self) -> None:
        self.open.close()

    # What people do

    @rule(meddlings=st.lists(MEDDLES, min_size=1, max_size=3))
    def meddle(self, meddlings: list[Meddling]) -> None:
        self.tally["meddle"] += 1
        for kind, i, j in meddlings:
            self.world.meddle(kind, i, j)

    @rule()
    def tidy_up(self) -> None:
        """Let one group of each name go on, as a plan asks for where two bear it.

        There is no precondition: what hypothesis may draw must not depend on how two runs raced.
        """
        self.tally["tidy up"] += 1
        names = [group.name for group in self.world.sandbox.groups()]
        for group in self.world.sandbox.groups():
            if names.count(group.name) > 1:
                names.remove(group.name)
                self.world.delete(group.id)

    @rule(pick=PICKS, parallelism=PARALLEL, meddlings=st.lists(MEDDLES, min_size=1, max_size=3))
    def apply_what_others_overtook(self, pick: Pick, parallelism: int, meddlings: list[Meddling]) -> None:
        """Somebody writes between the review and the apply: mostly to what the plan is about."""
        run = self.prepare("apply what others overtook", pick, parallelism=parallelism)
        changes = [change for change in run.plans[0] if not isinstance(change, Create)]
        for kind, i, j in meddlings:
            self.world.meddle(kind, i, j, rather=[change.group_id for change in changes])

        self.carry_out(run)

        self.require_end(run)

    @rule(edits=EDITINGS)
    def plan(self, edits: list[tuple[Edit, int, int]]) -> None:
        self.tally["plan"] += 1
        self.make_edits(edits)
        self.make_plan()

    # What the program does

    @rule(pick=PICKS, parallelism=PARALLEL, is_lax=st.booleans())
    def apply(self, pick: Pick, parallelism: int, is_lax: bool) -> None:
        """Without faults a plan is done, or refused, or stale, and the one that was just made is never stale."""
        run = self.prepare("apply", pick, parallelism=parallelism, is_lax=is_lax)

        self.carry_out(run)

        self.require_end(run)
        if not pick[0]:
            assert not isinstance(run.error, StalePlanError)
            self.require_nothing_more(run)

    @rule(
        pick=PICKS,
        parallelism=PARALLEL,
        faults=FAULTINGS,
        ends_at=st.sampled_from((0, 0, 0, 3, 5, 8)),
        is_finished=st.booleans(),
    )
    def apply_with_faults(
        self, pick: Pick, parallelism: int, faults: dict[int, Fault], ends_at: int, *, is_finished: bool
    ) -> None:
        run = self.prepare("apply with faults", pick, parallelism=parallelism, faults=faults, ends_at=ends_at)

        self.carry_out(run)

        self.require_end_of_broken(run, is_finished=is_finished)

    @rule(
        pick=PICKS,
        statuses=st.lists(
            st.tuples(st.sampled_from(SANDBOX_FAULTS), st.sampled_from(("*", "POST", "PUT", "DELETE"))), max_size=3
        ),
        is_finished=st.booleans(),
    )
    def apply_to_a_moody_server(self, pick: Pick, statuses: list[tuple[int, str]], *, is_finished: bool) -> None:
        run = self.prepare("apply to a moody server", pick, parallelism=2)
        for status, method in statuses:
            if status:
                self.world.sandbox.fail_next(method, status=status, times=2)
            else:
                self.world.sandbox.drop_next(method, when="after")

        self.carry_out(run)

        self.world.sandbox.clear_faults()
        self.require_end_of_broken(run, is_finished=is_finished)

    @rule(pick=PICKS, parallelism=PARALLEL, after=st.integers(1, 3), is_finished=st.booleans())
    def apply_and_interrupt(self, pick: Pick, parallelism: int, after: int, *, is_finished: bool) -> None:
        follower = Interrupter(stops_after=after)
        run = self.prepare("apply and interrupt", pick, parallelism=parallelism, follower=follower)

        self.carry_out(run)

        self.require_end_of_broken(run, is_finished=is_finished)

    @rule(
        pick=PICKS,
        parallelism=PARALLEL,
        meddlings=st.dictionaries(st.integers(1, 8), MEDDLES, max_size=4),
        has_turnover=st.booleans(),
    )
    def apply_while_others_write(
        self, pick: Pick, parallelism: int, meddlings: dict[int, Meddling], *, has_turnover: bool
    ) -> None:
        run = self.prepare("apply while others write", pick, parallelism=parallelism, meddlings=meddlings)
        run.has_turnover = has_turnover

        self.carry_out(run)

    @rule(
        pick=PICKS,
        steps=st.lists(st.tuples(st.sampled_from(TAMPERINGS), NUMBERS, NUMBERS), min_size=1, max_size=3),
        is_expected=st.booleans(),
    )
    def apply_a_forgery(self, pick: Pick, steps: list[tuple[Tampering, int, int]], *, is_expected: bool) -> None:
        """An edited file writes what the plan that was reviewed writes, or what a new one would; or nothing.

        Nobody can tell a file with an invented base from one that was made when that was live; but who expects the
        digest of what was reviewed gets that and nothing else.
        """
        run = self.prepare("apply a forgery", pick)
        content = forge(run.content, steps)
        if content is None or content == run.content:
            self.tally["(forgeries that are none)"] += 1
            return
        run.content = content
        if is_expected:
            run.digest = digest_review(run.saved.review)
        else:
            run.plans = (*run.plans, self.review(run.config_path, run.limits).plan.changes)

        self.carry_out(run)

    @rule(one=PICKS, other=PICKS, is_same=st.booleans(), parallelism=PARALLEL)
    def apply_two_at_once(self, one: Pick, other: Pick, *, is_same: bool, parallelism: int) -> None:
        """As on two machines: nothing keeps them from each other."""
        runs = [self.prepare("apply two at once", one, parallelism=parallelism)]
        runs.append(self.prepare("(the other one)", (1, one[1], []) if is_same else other, parallelism=1))
        before = self.names()
        threads = [threading.Thread(target=run.carry_out) for run in runs]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        for run in runs:
            self.note(run)
            require_harmless(run, names=False)
        require_moves(runs, before, self.names(), frozenset())

    # What is always true

    @invariant()
    def nobody_is_lost(self) -> None:
        """Who is in a group stays in it, whatever its name."""
        for group in self.world.sandbox.groups():
            members = set(self.world.sandbox.members(group.id))
            assert members == self.world.members.get(group.id, set()), f"group {group.name!r}"

    @invariant()
    def unique_names_are_unique(self) -> None:
        names = self.world.sandbox.names()
        assert not self.world.is_unique or len(names) == len(set(names))

    # Its parts

    def write(self, document: Document) -> Path:
        self.files += 1
        path = self.world.folder / f"groups-{self.files}.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    def names(self) -> dict[str, str]:
        return {group.id: group.name for group in self.world.sandbox.groups()}

    def review(self, config_path: Path, run_policy: RunPolicy) -> Review:
        target = make_target(self.world.sandbox.url, CREDENTIALS.username)
        return make_review(load_config([config_path]), self.world.direct.list_groups(), target, NOW, run_policy)

    def make_edits(self, edits: list[tuple[Edit, int, int]]) -> None:
        """Edit the YAML; what the reader refuses is taken back, as it can reach no apply."""
        for change, i, j in edits:
            document = copy.deepcopy(self.document)
            with contextlib.suppress(IndexError, ValueError):
                change(document, self.world.sandbox.groups(), i, j)
            path = self.write(document)
            try:
                load_config([path])
            except ConfigError:
                self.tally["(edits refused)"] += 1
            else:
                self.document, self.config_path = document, path

    def make_plan(self) -> Saved:
        content = dump_review(self.review(self.config_path, RunPolicy(keeps_backups=True)))
        self.saved.append(Saved(content, self.config_path))
        return self.saved[-1]

    def make_new_plan(self, edits: list[tuple[Edit, int, int]]) -> None:
        """Make plans until one has something to do and may do it, with simpler edits each time."""
        _, i, j = edits[0]
        simple: list[tuple[Edit, int, int]] = [(add_entry, j, 0), (add_entry, i + j, 0), (rename_entry, i, j)]
        for attempt in (edits, [(list_all, 1, 0), *edits], [(list_all, 1, 0), (drop_entry, i, 1), *simple]):
            self.make_edits(attempt)
            review = self.make_plan().review
            if review.plan.changes and not review.refusals:
                return

    def prepare(self, what: str, pick: Pick, **options: Any) -> Run:
        """Return the run of a plan file: a new one, or one from before with the configuration of then or now."""
        self.tally[what] += 1
        age, has_own_config, edits = pick
        if age > len(self.saved) or not age:
            age = 1
            self.make_new_plan(edits)
        saved = self.saved[-age]
        config_path = saved.config_path if has_own_config else self.config_path
        plans = (saved.review.plan.changes,)
        return Run(saved, self.world, config_path, saved.content, plans=plans, **options)

    def carry_out(self, run: Run) -> None:
        """Run it alone and hold what is live afterwards against what was."""
        before = self.names()
        self.world.own.clear()
        run.carry_out()
        self.note(run)
        require_harmless(run)
        assert run.meddlings or run.digest or len(run.plans) > 1 or not run.undone, "deleted while something was undone"
        require_moves([run], before, self.names(), frozenset(self.world.own))

    def note(self, run: Run) -> None:
        """Count what became of it: a machine that only ever refuses would prove nothing."""
        if run.error:
            self.tally[f"-> {type(run.error).__name__}"] += 1
        elif run.report:
            kind = "nothing left" if not run.report.left else "complete" if run.report.is_complete else "incomplete"
            self.tally[f"-> {kind}"] += 1
            self.tally.update(f"=> {outcome.word.value}" for outcome in run.report.outcomes)
        self.tally["=> full groups deleted"] += sum(bool(deletion.members) for deletion in run.deletions)

    def require_end(self, run: Run) -> None:
        """Assert that a run without faults is complete if it begins at all, and that the next one finds nothing."""
        if run.error:
            assert isinstance(run.error, RefusedError | StalePlanError), run.error
            return
        assert run.report
        assert run.report.is_complete, run.report
        self.require_end_of_complete(run)

    def require_end_of_complete(self, run: Run) -> None:
        require_done(run.saved.review, self.names())
        again = Run(run.saved, self.world, run.config_path, run.content, is_lax=run.is_lax, plans=run.plans)
        self.carry_out(again)
        assert again.error is None
        assert again.report
        assert (again.report.left, again.report.is_complete, again.writes) == (0, True, [])

    def require_end_of_broken(self, run: Run, *, is_finished: bool) -> None:
        """Assert that what was said to be complete is, and that the same plan once more finishes what is not."""
        if run.report and run.report.is_complete:
            self.require_end_of_complete(run)
        elif run.report and is_finished:
            again = Run(run.saved, self.world, run.config_path, run.content, parallelism=2, plans=run.plans)
            self.carry_out(again)
            assert again.error is None, again.error
            self.require_end(again)

    def require_nothing_more(self, run: Run) -> None:
        """Assert that a plan made after a complete one is empty."""
        if run.report:
            assert self.review(run.config_path, run.limits).plan.changes == ()


def play(*, is_unique: bool, histories: int, steps: int) -> Counter[str]:
    """Return how often each thing happened, in the words of the rules and of the reports."""
    tally: Counter[str] = Counter()

    class Histories(Phonebooks):
        def __init__(self) -> None:
            super().__init__(tally, is_unique=is_unique)

    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return tally


def count_steps(tally: Counter[str]) -> int:
    return sum(count for what, count in tally.items() if what[0].isalpha())


either_way = pytest.mark.parametrize("is_unique", [False, True], ids=["names-repeat", "unique-names"])


@either_way
def test_no_short_history_loses_anybody(is_unique: bool) -> None:
    tally = play(is_unique=is_unique, histories=5, steps=25)

    assert count_steps(tally) >= 100


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 2])
@either_way
def test_no_history_loses_anybody(is_unique: bool, part: int) -> None:
    """Four times five thousand steps: twenty thousand in all, and enough of everything among them."""
    tally: Counter[str] = Counter()
    while count_steps(tally) < 5_000:
        tally += play(is_unique=is_unique, histories=50, steps=50)

    print(f"part {part}: {count_steps(tally)} steps", dict(sorted(tally.items())))  # noqa: T201 - the figures
    words = ("=> done", "=> adopted", "=> already done", "=> failed", "=> not attempted", "=> full groups deleted")
    ends = ("-> complete", "-> incomplete", "-> nothing left", "-> StalePlanError", "-> RefusedError")
    assert all(tally[what] >= 20 for what in (*words, *ends)), tally


def test_who_joins_between_the_look_and_the_deletion_is_lost(sandbox: Sandbox, tmp_path: Path) -> None:
    """The moment that no client can close: the API knows no versions, so a DELETE says nothing of what was looked at.

    Whoever was in the group at the look is in the backup.
    """
    with GroupsClient(sandbox.url, CREDENTIALS) as direct:
        world = World(sandbox, tmp_path, is_unique=False, direct=direct)
        world.backup_folder.mkdir()
        sandbox.delete_group(sandbox.add_group("Everybody", contacts=PHONES))
        doomed = sandbox.add_group("Doomed", contacts=PHONES[:2])
        path = tmp_path / "groups.yaml"
        path.write_text("version: 1\ngroups: [A]\nremoved: [{name: Doomed, contacts_at_most: 2}]\n", encoding="utf-8")
        target = make_target(sandbox.url, CREDENTIALS.username)
        review = make_review(load_config([path]), direct.list_groups(), target, NOW, RunPolicy(keeps_backups=True))
        content = dump_review(review)
        run = LateJoiner(Saved(content, path), world, path, content, plans=(review.plan.changes,))

        run.carry_out()

    assert run.report
    assert run.report.is_complete
    assert sandbox.names() == ["A"]
    (backup,) = (load_backup(file.read_bytes(), file.name) for file in world.backup_folder.iterdir())
    assert [contact.phone for contact in backup.contacts] == list(PHONES[:2])
    assert run.deletions == [
        Deletion(group_id=doomed, name="Doomed", members=frozenset(PHONES[:3]), is_backed_up=False)
    ]


class LateJoiner(Run):
    """A run during which somebody joins a group when its deletion is already on its way."""

    def choose(self, number: int, method: str, path: str) -> Fault | None:
        if method == "DELETE":
            self.world.fill(path.rpartition("/")[2], 2)
        return super().choose(number, method, path)
