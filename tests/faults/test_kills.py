"""`kill -9` at every request of an apply, before it is forwarded or after the server acted, and what comes next.

The processes are real. Next comes the same plan, a new one, or one of a configuration that was reverted.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from groupsync.cli.main import run
from groupsync.display import quote
from groupsync.names import find_name_without_suffix
from groupsync.sandbox import Sandbox
from tests.faults.reference import GROUPS, REQUESTS, REVERTED, Reference, count_writes, label_requests
from tests.wire.faults import HoldAfter, HoldBefore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.wire.fault_proxy import FaultProxy
    from tests.wire.faults import Fault

PATIENCE = 60.0  # seconds; nothing here takes that long, even on a busy machine
GROUPSYNC = (sys.executable, "-m", "groupsync")
_LINES_TO_PASTE = re.compile(r"^ +(- )?id: [0-9a-f-]{36}", re.MULTILINE)

_CREATE, _TO_TEMPORARY_NAME, _DELETE = REQUESTS.index("POST") + 1, REQUESTS.index("PUT") + 2, len(REQUESTS) - 1
SAMPLE = {(_CREATE, True, False), (_TO_TEMPORARY_NAME, True, True), (_DELETE, False, False)}
"""A create and a rename to a temporary name that the server carried out, and a deletion that it did not."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A kill at one request."""

    number: int
    has_acted: bool
    unique_names: bool
    parallelism: int = 1

    def __str__(self) -> str:
        when = "acted" if self.has_acted else "before"
        kind = "unique names" if self.unique_names else "any names"
        return f"{self.number}-{when}-{kind}-{self.parallelism} at a time"

    @property
    def fault(self) -> Fault:
        return HoldAfter() if self.has_acted else HoldBefore()


def list_cases(parallelism: int) -> Iterator[Case]:
    for number in range(1, len(REQUESTS) + 1):
        for has_acted in (False, True):
            for unique_names in (False, True):
                yield Case(number=number, has_acted=has_acted, unique_names=unique_names, parallelism=parallelism)


ONE_BY_ONE, EIGHT_AT_A_TIME = tuple(list_cases(1)), tuple(list_cases(8))
PARAMETERS = [
    pytest.param(
        case,
        id=str(case),
        marks=()
        if (case.number, case.has_acted, case.unique_names) in SAMPLE and case.parallelism == 1
        else pytest.mark.slow,
    )
    for case in (*ONE_BY_ONE, *EIGHT_AT_A_TIME)
]
killed_anywhere = pytest.mark.parametrize("case", PARAMETERS[: len(ONE_BY_ONE)])
killed_anywhere_in_several_threads = pytest.mark.parametrize("case", PARAMETERS)


class Site:
    """A folder where the plan is applied by real processes, through a proxy."""

    proxy: FaultProxy

    def __init__(self, reference: Reference, folder: Path) -> None:
        self.reference = reference
        self._folder = folder
        self._held: tuple[int, Fault] | None = None

    def choose(self, number: int, _method: str, _path: str) -> Fault | None:
        return self._held[1] if self._held and self._held[0] == number else None

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "GROUPSYNC_CONFIG": str(self.reference.configuration),
            "GROUPSYNC_LOCK_DIR": str(self._folder),
            "GROUPSYNC_BACKUP_DIR": str(self.reference.backups),
            "GROUPSYNC_ENDPOINT": self.proxy.url,
            "MESSENTE_API_USERNAME": self.reference.sandbox.username,
            "MESSENTE_API_PASSWORD": self.reference.sandbox.password,
            "NO_COLOR": "1",
        }

    def make_plan(self, name: str) -> int:
        """Write a plan file in this process and return the exit code."""
        return run(["plan", "--out", str(self._folder / name)], self.environ)

    def apply_here(self, name: str) -> tuple[int, int]:
        """Apply a plan file in this process; return the exit code and the number of write requests."""
        before = len(self.proxy.requests)
        code = run(["apply", str(self._folder / name)], self.environ)
        return code, count_writes(self.proxy.requests[before:])

    def start(self, name: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*GROUPSYNC, "apply", str(self._folder / name), *options],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def apply(self, name: str) -> int:
        """Apply a plan file in a new process, assert that nothing is lost, and return the exit code."""
        with self.start(name) as process:
            process.communicate(timeout=PATIENCE)
        self.reference.assert_nothing_is_lost()
        return process.returncode

    def kill(self, case: Case, name: str) -> None:
        """Apply a plan file, kill the process at the request of the case, and wait until no request is under way."""
        self._held = (len(self.proxy.requests) + case.number, case.fault)
        with self.start(name, "--parallelism", str(case.parallelism)) as process:
            assert self.proxy.held.wait(PATIENCE)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=PATIENCE)
        while self.proxy.under_way:
            time.sleep(0.005)
        assert process.returncode == -signal.SIGKILL
        self.reference.assert_nothing_is_lost()
        self.reference.assert_order()


@pytest.fixture
def site(case: Case, tmp_path: Path) -> Iterator[Site]:
    """A site whose apply was killed."""
    with Sandbox(unique_names=case.unique_names) as sandbox:
        site = Site(Reference(sandbox, tmp_path), tmp_path)
        with site.reference.proxy(site.choose) as site.proxy:
            assert site.make_plan("plan.json") == 0
            site.kill(case, "plan.json")
            yield site


@killed_anywhere_in_several_threads
def test_the_same_plan_finishes_after_a_kill(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.apply("plan.json") == 0

    site.reference.assert_order()
    assert site.reference.is_complete()
    capsys.readouterr()
    assert site.apply_here("plan.json") == (0, 0)
    assert capsys.readouterr().out == "Nothing left to do: the changes of this plan (14) are all done.\n"


@killed_anywhere
def test_a_new_plan_finishes_after_a_kill(site: Site) -> None:
    """Every renamed group has its id in the configuration, so the plan is not refused."""
    assert site.make_plan("new.json") == 0

    assert site.apply("new.json") == 0

    site.reference.assert_order()
    assert site.reference.is_complete()
    assert site.apply_here("new.json") == (0, 0)


@killed_anywhere
def test_a_reverted_configuration_loses_no_group_or_is_refused(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = site.reference.find_names()
    at_temporary_names = [quote(name) for group_id, name in before.items() if find_name_without_suffix(name, group_id)]
    site.reference.configuration.write_text(REVERTED)
    capsys.readouterr()

    if code := site.make_plan("reverted.json"):
        shown = capsys.readouterr().out
        assert code == 3
        assert _LINES_TO_PASTE.search(shown)
        assert [name for name in at_temporary_names if f"to keep {name}, " not in shown] == []
        assert site.apply_here("reverted.json") == (3, 0)
    else:
        assert at_temporary_names == []
        assert site.apply("reverted.json") == 0
    assert before.keys() & GROUPS.keys() <= site.reference.find_names().keys()


@pytest.mark.parametrize("unique_names", [False, True])
def test_a_kill_while_the_list_is_waited_for_leaves_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, unique_names: bool
) -> None:
    """All changes are made by then. The run holds the lock while it waits."""
    with Sandbox(unique_names=unique_names, late_lists=600) as sandbox:
        site = Site(Reference(sandbox, tmp_path), tmp_path)
        with site.reference.proxy(site.choose) as site.proxy:
            assert site.make_plan("plan.json") == 0
            with site.start("plan.json") as process:
                assert process.stderr
                while not process.stderr.readline().startswith("Waiting until the list of groups shows 14 changes"):
                    assert process.poll() is None
                capsys.readouterr()
                assert site.apply_here("plan.json") == (1, 0)
                assert "another run of groupsync is working on the account" in capsys.readouterr().err
                process.send_signal(signal.SIGKILL)
                process.communicate(timeout=PATIENCE)
            sandbox.behave(late_lists=0)

            assert site.reference.is_complete()
            assert site.apply_here("plan.json") == (0, 0)
        site.reference.assert_nothing_is_lost()


def test_every_kill_is_tried() -> None:
    """24 requests, before and after the server has acted, with and without unique names."""
    assert len(set(ONE_BY_ONE)) == len(set(EIGHT_AT_A_TIME)) == 24 * 2 * 2


@pytest.mark.parametrize("unique_names", [False, True])
def test_a_process_sends_the_numbered_requests(tmp_path: Path, *, unique_names: bool) -> None:
    with Sandbox(unique_names=unique_names) as sandbox:
        site = Site(Reference(sandbox, tmp_path), tmp_path)
        with site.reference.proxy(site.choose) as site.proxy:
            assert site.make_plan("plan.json") == 0
            before = len(site.proxy.requests)
            assert run(["apply", str(tmp_path / "plan.json"), "--parallelism", "1"], site.environ) == 0

            assert label_requests(site.proxy.requests[before:]) == REQUESTS
