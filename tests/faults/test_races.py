"""Two to eight processes that apply one plan, or several plans, simultaneously.

On one machine the lock makes them run one after another. On several machines nothing does: the API has no locks and no
versions. Even then a group that is not deleted keeps its members, only groups that a plan names are deleted, every
report is true, and each name exists once if the server keeps names unique.

No client can prevent one case. If names are not unique, two writers that read at the same moment (or one whose POST
was delayed on the way) both find a name missing and both make it. Nothing is deleted then: the same plan is stale from
now on, and the next plan is refused and shows the ids to choose from.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from groupsync.backup.content import load_backup
from groupsync.cli.main import run
from groupsync.sandbox import Sandbox
from tests.unit.core import make_id
from tests.wire.fault_proxy import FaultProxy
from tests.wire.faults import HoldBefore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.wire.faults import Fault

PATIENCE = 120.0  # seconds; nothing here takes that long, even on a busy machine
GROUPSYNC = (sys.executable, "-m", "groupsync")
GOOD_WORDS = {"done", "adopted", "already done"}
MOST_PROCESSES = 8

LEADS, VIP, GOLD, OLD, STAYS, EMPTY, NAME_HOLDER = map(make_id, range(1, 8))
GROUPS = {
    LEADS: ("Leads 2024", 3),
    VIP: ("VIP", 4),
    GOLD: ("Gold", 5),
    OLD: ("Old", 2),
    STAYS: ("Stays", 6),
    EMPTY: ("Empty", 0),
    NAME_HOLDER: ("new 1", 1),
}
CONFIGURATIONS = (
    # A rename, a swap, creates, deletions, one of them of a group whose name is needed in another case.
    f"""
policy: {{unlisted: delete}}
groups:
  - {{name: Leads, previously: [Leads 2024]}}
  - {{name: Gold, id: {VIP}}}
  - {{name: VIP, id: {GOLD}}}
  - Stays
  - New 1
  - New 2
  - New 3
removed: [{{name: Old, contacts_at_most: 2}}, {{name: new 1, contacts_at_most: 1}}]
""",
    # Another new name for the group that the first one renames; keeps what that deletes.
    f"""
policy: {{unlisted: keep}}
groups: [{{name: Prospects, id: {LEADS}}}, VIP, Gold, Stays, Old, New 2, New 4]
""",
    # Only creates.
    """
policy: {unlisted: keep}
groups: [New 2, New 3, New 5]
""",
    # Deletes the group that the others rename, and renames one that they do not change.
    f"""
policy: {{unlisted: keep}}
groups: [{{name: Stays on, previously: [Stays]}}, New 3, New 4]
removed: [{{id: {LEADS}}}]
""",
)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a process ended; `record` is its `--report`, None if it wrote none."""

    code: int
    out: str
    err: str
    record: dict[str, Any] | None

    @property
    def changes(self) -> list[dict[str, Any]]:
        return self.record["changes"] if self.record else []


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder where groupsync runs: a configuration, its plan file, and the files that a run leaves."""

    folder: Path
    environ: Mapping[str, str]

    def run(self, *args: str) -> int:
        """Run a command in this process."""
        return run([*args, "--config", str(self.folder / "groups.yaml")], self.environ)

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start an apply of the plan file."""
        return subprocess.Popen(
            [*GROUPSYNC, "apply", "plan.json", "--report", "report.json", *options],
            cwd=self.folder,
            env={**os.environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, process: subprocess.Popen[str]) -> Ended:
        out, err = process.communicate(timeout=PATIENCE)
        report = self.folder / "report.json"
        record = json.loads(report.read_bytes()) if report.exists() else None
        return Ended(code=process.returncode, out=out, err=err, record=record)


@dataclass
class Round:
    """A Phonebook and several sites, each with a plan for it, which they all apply simultaneously.

    The first request of each is held until all have sent one, so each reads before any writes. `has_lock` puts them on
    one machine, where only one of them gets that far.
    """

    sandbox: Sandbox
    folder: Path
    has_lock: bool
    configurations: Sequence[str]
    held: int = 0
    sites: list[Site] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)

    def __post_init__(self) -> None:
        for group_id, (name, contacts) in GROUPS.items():
            self.sandbox.add_group(name, id=group_id, contacts=contacts)
        self.members = {group_id: self.sandbox.members(group_id) for group_id in GROUPS}
        self.held = 0 if self.has_lock else len(self.configurations)
        self.proxy = FaultProxy(urlsplit(self.sandbox.url).port or 0, self.choose)
        for number, configuration in enumerate(self.configurations):
            self.sites.append(self._make_site(number, configuration))

    def choose(self, number: int, _method: str, _path: str) -> Fault | None:
        return HoldBefore() if len(self.configurations) < number <= len(self.configurations) + self.held else None

    def _make_site(self, number: int, configuration: str) -> Site:
        folder = self.folder / f"site-{number}"
        folder.mkdir()
        (folder / "groups.yaml").write_text(f"version: 1\n{configuration}", encoding="utf-8")
        environ = {
            "GROUPSYNC_ENDPOINT": self.proxy.url,
            "GROUPSYNC_LOCK_DIR": str(self.folder if self.has_lock else folder),
            "GROUPSYNC_BACKUP_DIR": str(folder / "backups"),
            "MESSENTE_API_USERNAME": self.sandbox.username,
            "MESSENTE_API_PASSWORD": self.sandbox.password,
            "NO_COLOR": "1",
        }
        return Site(folder=folder, environ=environ)

    def play(self, *options: str) -> None:
        """Plan one after another, apply all at once, and wait until all have ended. Needs a running `self.proxy`."""
        for site in self.sites:
            assert site.run("plan", "--out", str(site.folder / "plan.json")) == 0
        processes = [site.start(*options) for site in self.sites]
        until = time.monotonic() + PATIENCE
        while len(self.proxy.requests) < len(self.sites) + self.held and time.monotonic() < until:
            time.sleep(0.005)
        while any(process.poll() is None for process in processes) and time.monotonic() < until:
            self.proxy.release()
            time.sleep(0.005)
        self.ended = [site.wait_for(process) for site, process in zip(self.sites, processes, strict=True)]

    def live(self) -> dict[str, str]:
        return {group.id: group.name for group in self.sandbox.groups()}

    def find_new(self) -> dict[str, str]:
        return {group_id: name for group_id, name in self.live().items() if group_id not in GROUPS}

    def find_duplicates(self) -> set[str]:
        return {name for name, count in Counter(self.find_new().values()).items() if count > 1}


# What must be true after every round


def require_no_member_lost(race: Round) -> None:
    """Assert that a group has all its members, or was deleted by an applied plan and they are in its backup."""
    live = race.live()
    for group_id, members in race.members.items():
        if group_id in live:
            assert race.sandbox.members(group_id) == members
            continue
        applied = [change for end in race.ended for change in end.changes]
        assert f"delete:{group_id}" in {change["id"] for change in applied}
        assert not members or members in find_backups(race, group_id)
    assert set(race.find_new().values()) <= {f"New {number}" for number in range(1, 6)}


def find_backups(race: Round, group_id: str) -> list[list[str]]:
    files = [file for site in race.sites for file in (site.folder / "backups").glob(f"*{group_id}*.json")]
    backups = [load_backup(file.read_bytes(), file.name) for file in files]
    return [[contact.phone for contact in backup.contacts] for backup in backups]


def require_true_reports(race: Round) -> None:
    """Assert that every write that happened is in the report of exactly one process."""
    live, new = race.live(), race.find_new()
    for end in race.ended:
        assert "Traceback" not in end.err, end.err
        assert end.code in {0, 4, 5}, end
        assert (end.record is None) == (end.code == 4)
        if end.record:
            assert (end.record["exit_code"], end.record["complete"]) == (end.code, end.code == 0)
        for change in end.changes:
            require_true_change(change, live)
    made = [change["group_id"] for end in race.ended for change in end.changes if has_made(change)]
    assert sorted(made) == sorted(new)
    changes = [change for end in race.ended for change in end.changes]
    deleted = [change["group_id"] for change in changes if (change["kind"], change["word"]) == ("delete", "done")]
    assert sorted(deleted) == sorted(set(GROUPS) - set(live))
    assert race.find_duplicates() <= {change["after"] for change in changes if change["word"] == "duplicate"}


def has_made(change: dict[str, Any]) -> bool:
    posts = [request for request in change["requests"] if request["method"] == "POST"]
    assert len(posts) <= 1, "a create was sent twice"
    return any(request["status"] == 201 for request in posts)


def require_true_change(change: dict[str, Any], live: Mapping[str, str]) -> None:
    """Assert what other plans cannot undo of a change that was reported as done."""
    if change["word"] not in GOOD_WORDS:
        return
    if change["kind"] == "create":
        assert live[change["group_id"]] == change["after"]
    if change["kind"] == "delete":
        assert change["group_id"] not in live


def require_same_plan_done(race: Round) -> None:
    """Assert that the live groups are those of the first configuration."""
    live = race.live()
    assert {group_id: live.get(group_id) for group_id in GROUPS} == {
        LEADS: "Leads",
        VIP: "Gold",
        GOLD: "VIP",
        STAYS: "Stays",
        OLD: None,
        EMPTY: None,
        NAME_HOLDER: None,
    }
    assert sorted(race.find_new().values()) == ["New 1", "New 2", "New 3"]


def require_plans_finished_or_stale(race: Round, capsys: pytest.CaptureFixture[str]) -> None:
    """Assert that each plan, applied alone, finishes or is stale, and that the next plan shows duplicates."""
    duplicates = race.find_duplicates()
    is_same = len(set(race.configurations)) == 1
    for site in race.sites[:1] if is_same else race.sites[:4]:
        code = site.run("apply", str(site.folder / "plan.json"))
        if is_same:
            assert code == (4 if duplicates else 0)
        assert code in {0, 4}
    if is_same and not duplicates:
        require_same_plan_done(race)
    require_no_member_lost(race)
    for site in race.sites[:4]:
        require_duplicates_shown(race, site, capsys, is_same=is_same)


def require_duplicates_shown(race: Round, site: Site, capsys: pytest.CaptureFixture[str], *, is_same: bool) -> None:
    """Assert that a new plan is refused if a desired name was made twice, and shows the ids to choose from."""
    capsys.readouterr()
    wanted = {name for name in race.find_duplicates() if name in (site.folder / "groups.yaml").read_text()}

    code = site.run("plan")

    shown = "".join(capsys.readouterr())
    assert code == 3 if wanted else code in {0, 3}
    if is_same and not wanted:
        assert code == 0
    assert all(group_id in shown for group_id, name in race.find_new().items() if name in wanted)


def play_rounds(
    rounds: int, folder: Path, capsys: pytest.CaptureFixture[str], *, has_lock: bool, is_same: bool, is_unique: bool
) -> Counter[str]:
    """Play rounds of two to eight processes and return what happened how often."""
    tally: Counter[str] = Counter()
    random = Random(f"{has_lock}{is_same}{is_unique}")  # noqa: S311 - a figure of a test
    for number in range(rounds):
        count = random.randint(2, MOST_PROCESSES) if rounds > 1 else 3
        configurations = [CONFIGURATIONS[0 if is_same else at % len(CONFIGURATIONS)] for at in range(count)]
        place = folder / str(number)
        place.mkdir()
        with Sandbox(unique_names=is_unique, latency=random.choice((0.002, 0.01, 0.04))) as sandbox:
            race = Round(sandbox=sandbox, folder=place, has_lock=has_lock, configurations=configurations)
            with race.proxy:
                race.play(*(("--lock-timeout", str(PATIENCE)) if has_lock else ()))
                require_no_member_lost(race)
                require_true_reports(race)
                if has_lock or is_unique:
                    assert race.find_duplicates() == set()
                if has_lock:
                    require_one_after_another(race, is_same=is_same)
                tally["rounds with duplicates"] += bool(race.find_duplicates())
                require_plans_finished_or_stale(race, capsys)
        tally["rounds"] += 1
        tally["processes"] += count
        tally.update(f"exit {end.code}" for end in race.ended)
    return tally


def require_one_after_another(race: Round, *, is_same: bool) -> None:
    """Assert that each run is complete, finds nothing left to do, or finds its plan stale."""
    assert {end.code for end in race.ended} <= ({0} if is_same else {0, 4})
    for end in race.ended:
        assert end.code == 4 or end.out.count("Apply complete") + end.out.count("Nothing left to do") == 1
    if is_same:
        assert sum("Apply complete" in end.out for end in race.ended) == 1
        require_same_plan_done(race)


@pytest.mark.parametrize(
    ("has_lock", "is_same", "is_unique"),
    [(True, True, False), (True, False, False), (False, True, True), (False, True, False), (False, False, False)],
)
def test_three_processes_lose_no_member(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], has_lock: bool, is_same: bool, is_unique: bool
) -> None:
    tally = play_rounds(1, tmp_path, capsys, has_lock=has_lock, is_same=is_same, is_unique=is_unique)

    assert (tally["rounds"], tally["processes"]) == (1, 3)


@pytest.mark.slow
@pytest.mark.parametrize("has_lock", [True, False], ids=["one-machine", "many-machines"])
@pytest.mark.parametrize("is_same", [True, False], ids=["same-plan", "several-plans"])
@pytest.mark.parametrize("is_unique", [True, False], ids=["unique-names", "names-repeat"])
def test_two_to_eight_processes_lose_no_member(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], has_lock: bool, is_same: bool, is_unique: bool
) -> None:
    """Eight times thirteen rounds: more than a hundred."""
    tally = play_rounds(13, tmp_path, capsys, has_lock=has_lock, is_same=is_same, is_unique=is_unique)

    print(dict(sorted(tally.items())))  # noqa: T201 - the figures
    assert tally["rounds"] == 13
    if not has_lock and is_same and not is_unique:
        assert tally["rounds with duplicates"], "no round had duplicates: they prove nothing"


def test_a_process_that_does_not_wait_for_the_lock_ends_and_writes_nothing(tmp_path: Path, sandbox: Sandbox) -> None:
    """The first write of the winner is held until the others have ended."""
    race = WithHeldWinner(sandbox=sandbox, folder=tmp_path, has_lock=True, configurations=CONFIGURATIONS[:1] * 4)
    with race.proxy:
        for site in race.sites:
            assert site.run("plan", "--out", str(site.folder / "plan.json")) == 0
        winner = race.sites[0].start("--parallelism", "1")
        assert race.proxy.held.wait(PATIENCE)
        losers = [site.start() for site in race.sites[1:]]
        ended = [site.wait_for(process) for site, process in zip(race.sites[1:], losers, strict=True)]
        asked = [record.method for record in race.proxy.requests]
        race.proxy.release()
        race.ended = [race.sites[0].wait_for(winner)]

    assert [(end.code, end.record) for end in ended] == [(1, None)] * 3
    assert all("another run of groupsync is working on the account" in end.err for end in ended)
    assert asked == ["GET"] * 4 + ["GET", "POST"]  # of the plans, and of the winner so far
    assert race.ended[0].code == 0
    require_no_member_lost(race)
    require_same_plan_done(race)


class WithHeldWinner(Round):
    """A round in which the first write is held."""

    has_come = False

    def choose(self, _number: int, method: str, _path: str) -> Fault | None:
        is_first = method != "GET" and not self.has_come
        self.has_come = self.has_come or is_first
        return HoldBefore() if is_first else None
