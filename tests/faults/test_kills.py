"""Every request of an apply x `kill -9`, before it is sent on or after the server has acted; then whatever comes next.

The processes are real ones. What comes next is the same plan, a new one, or one of a configuration that was reverted.
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
from tests.faults.reference import GROUPS, REQUESTS, REVERTED, Reference, count_writing, label_requests
from tests.wire.faults import HoldAfter, HoldBefore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.wire.fault_proxy import FaultProxy
    from tests.wire.faults import Fault

PATIENCE = 60.0  # seconds that nothing here takes on a machine that has time for it
GROUPSYNC = (sys.executable, "-m", "groupsync")
_LINES_TO_PASTE = re.compile(r"^ +(- )?id: [0-9a-f-]{36}", re.MULTILINE)

_CREATE, _PARK, _DELETE = REQUESTS.index("POST") + 1, REQUESTS.index("PUT") + 2, len(REQUESTS) - 1
SAMPLE = {(_CREATE, True, False), (_PARK, True, True), (_DELETE, False, False)}
"""A create and a parking that the server has carried out, and a deletion that it has not."""


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


class Shop:
    """Somebody who applies the plan with real processes over a proxy, in a folder of their own."""

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
        """Write a plan file, in this process, and return the exit code."""
        return run(["plan", "--out", str(self._folder / name)], self.environ)

    def apply_here(self, name: str) -> tuple[int, int]:
        """Apply a plan file, in this process, and return the exit code and how many requests would write."""
        before = len(self.proxy.requests)
        code = run(["apply", str(self._folder / name)], self.environ)
        return code, count_writing(self.proxy.requests[before:])

    def start(self, name: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*GROUPSYNC, "apply", str(self._folder / name), *options],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def apply(self, name: str) -> int:
        """Apply a plan file in a process of its own, assert that nobody is lost, and return the exit code."""
        with self.start(name) as process:
            process.communicate(timeout=PATIENCE)
        self.reference.assert_nothing_is_lost()
        return process.returncode

    def kill(self, case: Case, name: str) -> None:
        """Apply a plan file and kill the process at the request of the case; return when nothing is under way."""
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
def shop(case: Case, tmp_path: Path) -> Iterator[Shop]:
    """Somebody whose apply was killed."""
    with Sandbox(unique_names=case.unique_names) as sandbox:
        shop = Shop(Reference(sandbox, tmp_path), tmp_path)
        with shop.reference.proxy(shop.choose) as shop.proxy:
            assert shop.make_plan("plan.json") == 0
            shop.kill(case, "plan.json")
            yield shop


@killed_anywhere_in_several_threads
def test_the_same_plan_finishes_what_was_killed(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.apply("plan.json") == 0

    shop.reference.assert_order()
    assert shop.reference.is_complete()
    capsys.readouterr()
    assert shop.apply_here("plan.json") == (0, 0)
    assert capsys.readouterr().out == "Nothing left to do: the changes of this plan (16) are all done.\n"


@killed_anywhere
def test_a_new_plan_finishes_what_was_killed(shop: Shop) -> None:
    """Every group that is renamed has its id in the configuration, so there is nothing to ask."""
    assert shop.make_plan("new.json") == 0

    assert shop.apply("new.json") == 0

    shop.reference.assert_order()
    assert shop.reference.is_complete()
    assert shop.apply_here("new.json") == (0, 0)


@killed_anywhere
def test_a_configuration_that_is_reverted_loses_nobody_or_is_refused(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.reference.find_names()
    parked = [quote(name) for group_id, name in before.items() if find_name_without_suffix(name, group_id)]
    shop.reference.configuration.write_text(REVERTED)
    capsys.readouterr()

    if code := shop.make_plan("reverted.json"):
        shown = capsys.readouterr().out
        assert code == 3
        assert _LINES_TO_PASTE.search(shown)
        assert [name for name in parked if f"to keep {name}, under groups:\n" not in shown] == []
        assert shop.apply_here("reverted.json") == (3, 0)
    else:
        assert parked == []
        assert shop.apply("reverted.json") == 0
    assert before.keys() & GROUPS.keys() <= shop.reference.find_names().keys()


@pytest.mark.parametrize("unique_names", [False, True])
def test_a_kill_while_the_list_is_waited_for_leaves_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, unique_names: bool
) -> None:
    """All changes are made by then. The run holds the lock while it waits."""
    with Sandbox(unique_names=unique_names, late_lists=600) as sandbox:
        shop = Shop(Reference(sandbox, tmp_path), tmp_path)
        with shop.reference.proxy(shop.choose) as shop.proxy:
            assert shop.make_plan("plan.json") == 0
            with shop.start("plan.json") as process:
                assert process.stderr
                while not process.stderr.readline().startswith("Waiting until the list of groups shows 14 changes"):
                    assert process.poll() is None
                capsys.readouterr()
                assert shop.apply_here("plan.json") == (1, 0)
                assert "another run of groupsync works on the account" in capsys.readouterr().err
                process.send_signal(signal.SIGKILL)
                process.communicate(timeout=PATIENCE)
            sandbox.behave(late_lists=0)

            assert shop.reference.is_complete()
            assert shop.apply_here("plan.json") == (0, 0)
        shop.reference.assert_nothing_is_lost()


def test_every_kill_is_tried() -> None:
    """24 requests, before and after the server has acted, with and without unique names."""
    assert len(set(ONE_BY_ONE)) == len(set(EIGHT_AT_A_TIME)) == 24 * 2 * 2


@pytest.mark.parametrize("unique_names", [False, True])
def test_a_process_sends_the_requests_that_are_numbered(tmp_path: Path, *, unique_names: bool) -> None:
    with Sandbox(unique_names=unique_names) as sandbox:
        shop = Shop(Reference(sandbox, tmp_path), tmp_path)
        with shop.reference.proxy(shop.choose) as shop.proxy:
            assert shop.make_plan("plan.json") == 0
            before = len(shop.proxy.requests)
            assert run(["apply", str(tmp_path / "plan.json"), "--parallelism", "1"], shop.environ) == 0

            assert label_requests(shop.proxy.requests[before:]) == REQUESTS
