"""`kill -9` at every line that writes a file: no phone number stays behind, and no restore is refused for ever.

A process kills itself when it comes to the nth line of the modules that write files. The next run that uses the folder
then removes what is left.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from groupsync.backup import load_backup
from groupsync.cli.main import run
from groupsync.sandbox import Sandbox
from tests.faults.test_kills import GROUPSYNC, PATIENCE
from tests.killing import kill_at_line
from tests.unit.core import make_id
from tests.wire.fault_proxy import FaultProxy
from tests.wire.faults import HoldAfter, HoldBefore

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.wire.faults import Fault

PHONES = {"VIP": ["+37251000001", "+37251000002"], "Tartu": ["+37251000002", "+37251000003"]}
EVERY_LINE = pytest.param(1, marks=pytest.mark.slow)
SOME_LINES = 37
MODULES = ("files/leftovers.py", "files/writing.py", "backup/folder.py", "backup/notes.py")


class Site:
    """A folder with a configuration and backups, and a Phonebook."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.url = sandbox.url
        self.backups = folder / "backups"
        folder.mkdir()

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "GROUPSYNC_CONFIG": str(self.folder / "groups.yaml"),
            "GROUPSYNC_LOCK_DIR": str(self.folder),
            "GROUPSYNC_BACKUP_DIR": str(self.backups),
            "GROUPSYNC_ENDPOINT": self.url,
            "MESSENTE_API_USERNAME": self.sandbox.username,
            "MESSENTE_API_PASSWORD": self.sandbox.password,
            "NO_COLOR": "1",
        }

    def write(self, text: str) -> None:
        (self.folder / "groups.yaml").write_text(f"version: 1\npolicy: {{unlisted: keep}}\n{text}")

    def run(self, *args: str) -> int:
        """Run a command in this process and return its exit code."""
        return run(args, self.environ)

    def kill_at(self, place: int, *args: str) -> bool:
        """Run a command in a process that is killed at a line; return false if it ended before."""
        return kill_at_line(place, *args, modules=MODULES, environ=self.environ)

    def add_groups(self) -> None:
        """Add two groups with contacts, which the configuration deletes."""
        for number, (name, phones) in enumerate(PHONES.items(), start=1):
            self.sandbox.add_group(name, id=make_id(number), contacts=phones)
        self.write("groups: [News]\nremoved:\n" + "".join(f"  - id: {make_id(number)}\n" for number in (1, 2)))

    def make_backups(self) -> list[str]:
        """Delete the two groups, list them again, and return their backups."""
        self.add_groups()
        assert self.run("apply", "--auto-approve") == 0
        self.write("groups: [News, VIP, Tartu]\n")
        return sorted(map(str, self.backups.glob("*.json")), reverse=True)

    def leftovers(self) -> list[Path]:
        return list(self.folder.rglob(".groupsync-*"))

    def members(self) -> dict[str, list[str]]:
        """Return the members of each group; a name that two groups have fails the test."""
        names = self.sandbox.names()
        assert len(set(names)) == len(names)
        return {group.name: sorted(self.sandbox.members(group.id)) for group in self.sandbox.groups()}


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Iterator[Site]]:
    """Sites, one after the other."""

    def make() -> Generator[Site, None, None]:
        for number in itertools.count():
            with Sandbox() as sandbox:
                yield Site(tmp_path / str(number), sandbox)

    made = make()
    yield made
    made.close()


@pytest.mark.parametrize("step", [EVERY_LINE, SOME_LINES])
def test_after_a_kill_during_an_apply_the_next_run_removes_what_is_left(sites: Iterator[Site], step: int) -> None:
    kills = dirty = 0
    for place in itertools.count(1, step):
        site = next(sites)
        site.add_groups()
        plan, report = str(site.folder / "plan.json"), str(site.folder / "report.json")
        assert site.run("plan", "--out", plan) == 0
        args = ("apply", plan, "--report", report, "--parallelism", "1")
        if not site.kill_at(place, *args):
            break
        kills += 1
        dirty += bool(site.leftovers())

        assert site.run(*args) == 0

        assert site.leftovers() == []
        assert site.members() == {"News": []}
        saved = [load_backup(path.read_bytes(), path.name) for path in site.backups.glob("*.json")]
        kept = {backup.name: sorted(contact.phone for contact in backup.contacts) for backup in saved}
        assert kept == PHONES
    print(f"apply: {kills} kill points, {dirty} with leftovers")  # noqa: T201 - for docs/safety.md
    assert dirty > 0


@pytest.mark.parametrize("step", [EVERY_LINE, SOME_LINES])
def test_after_a_kill_during_a_restore_the_next_run_removes_what_is_left(sites: Iterator[Site], step: int) -> None:
    kills = dirty = asked = 0
    for place in itertools.count(1, step):
        site = next(sites)
        backups = site.make_backups()
        args = ("restore", *backups, "--auto-approve", "--report", str(site.folder / "report.json"))
        if not site.kill_at(place, *args):
            break
        kills += 1
        dirty += bool(site.leftovers())

        code = site.run(*args)

        assert site.leftovers() == []
        if code != 0:
            asked += 1
            assert settle(site, backups) == code == 3
            assert site.run(*args) == 0
        assert site.members() == {"News": [], **PHONES}
    print(f"restore: {kills} kill points, {dirty} with leftovers, {asked} in which a person had to look")  # noqa: T201 - for docs/safety.md
    assert dirty > 0


def settle(site: Site, backups: list[str]) -> int:
    """Do what the refused restore says for the backup whose note says null; return the exit code of that restore."""
    (begun,) = [backup for backup in backups if re.search("null", read_note(backup))]
    name = load_backup(Path(begun).read_bytes(), begun).name
    made = [group.id for group in site.sandbox.groups() if group.name == name]
    chosen = made[0] if made else site.sandbox.add_group(name)
    assert site.run("restore", begun, "--auto-approve", "--into", chosen) == 0
    return 3


def read_note(backup: str) -> str:
    note = Path(f"{backup}.restored")
    return note.read_text() if note.exists() else ""


# --into settles a note


class Killer:
    """A proxy through which a process is killed at its nth request."""

    def __init__(self, site: Site, number: int, fault: Fault) -> None:
        self._site = site
        port = urlsplit(site.sandbox.url).port
        assert port
        seen = itertools.count(1)
        self._proxy = FaultProxy(port, lambda *_: fault if next(seen) == number else None)

    def kill(self, *args: str) -> bool:
        """Run a command and kill it at the request; return false if it sends fewer."""
        with self._proxy as proxy:
            environ = {**self._site.environ, "GROUPSYNC_ENDPOINT": proxy.url}
            with subprocess.Popen([*GROUPSYNC, *args], env=environ, stdout=-1, stderr=-1) as process:
                while process.poll() is None and not proxy.held.wait(0.02):
                    pass
                is_killed = process.poll() is None
                process.kill()
                process.communicate(timeout=PATIENCE)
        return is_killed


CREATE = 3
"""The request of a restore that creates its group: after the list of groups and that of contacts."""


@pytest.mark.parametrize("end", [HoldBefore(), HoldAfter()], ids=["before", "after"])
@pytest.mark.parametrize("first", [0, 1], ids=["first backup", "second backup"])
@pytest.mark.parametrize("step", [EVERY_LINE, 3])
def test_into_settles_the_note_of_a_killed_restore_even_if_it_is_killed_itself(
    sites: Iterator[Site], end: Fault, first: int, step: int
) -> None:
    """The create is killed before the server acts, or after; then `--into` is killed at each of its requests."""
    kills = 0
    for number in itertools.count(1, step):
        site = next(sites)
        backups = site.make_backups()
        begun = backups[first]
        assert Killer(site, CREATE, end).kill("restore", begun, "--auto-approve")
        assert "null" in read_note(begun)
        name = load_backup(Path(begun).read_bytes(), begun).name
        made = [group.id for group in site.sandbox.groups() if group.name == name]
        assert bool(made) == isinstance(end, HoldAfter)
        chosen = made[0] if made else site.sandbox.add_group(name)
        assert site.run("restore", *backups, "--auto-approve") == 3
        if not Killer(site, number, end).kill("restore", begun, "--auto-approve", "--into", chosen):
            break
        kills += 1

        assert site.run("restore", begun, "--auto-approve", "--into", chosen) == 0
        assert chosen in read_note(begun)
        assert site.run("restore", *backups[:: -1 if first else 1], "--auto-approve") == 0

        assert site.members() == {"News": [], **PHONES}
        assert {group.name: group.id for group in site.sandbox.groups()}[name] == chosen
    print(f"--into: {kills} kill points")  # noqa: T201 - for docs/safety.md
    assert kills > 1


@pytest.mark.parametrize("note", ['{"group_id": null}', "", "{}", "garbage", f'{{"group_id": "{make_id(77)}"}}'])
@pytest.mark.parametrize("is_filled", [False, True])
def test_into_settles_any_note(sites: Iterator[Site], note: str, is_filled: bool) -> None:
    """Whether there is anything left to add or not; a note that names a group that is gone included."""
    site = next(sites)
    backups = site.make_backups()
    chosen = site.sandbox.add_group("VIP", contacts=PHONES["VIP"] if is_filled else [])
    (begun,) = [backup for backup in backups if "VIP" in backup]
    Path(f"{begun}.restored").write_text(note)
    assert site.run("restore", *backups, "--auto-approve") in {1, 3}

    assert site.run("restore", begun, "--auto-approve", "--into", chosen) == 0

    assert site.run("restore", *backups, "--auto-approve") == 0
    assert site.members() == {"News": [], **PHONES}


def test_into_makes_no_note(sites: Iterator[Site]) -> None:
    """Without a restore that began, the contacts go where the user says, and no later restore is bound by it."""
    site = next(sites)
    (backup, _) = site.make_backups()
    chosen = site.sandbox.add_group("Everybody")
    site.write("groups: [News, VIP, Tartu, Everybody]\n")

    assert site.run("restore", backup, "--auto-approve", "--into", chosen) == 0

    assert not Path(f"{backup}.restored").exists()


def test_a_refused_restore_settles_nothing(sites: Iterator[Site]) -> None:
    site = next(sites)
    (backup, _) = site.make_backups()
    Path(f"{backup}.restored").write_text('{"group_id": null}\n')

    assert site.run("restore", backup, "--auto-approve", "--into", make_id(77)) == 3
    assert "null" in read_note(backup)
