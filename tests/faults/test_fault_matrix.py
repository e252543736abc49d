"""Every request of an apply with every fault; then the same plan is applied again, and a third time."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from groupsync.api.client import GroupsClient
from groupsync.errors import ApiError
from groupsync.model.report import Report
from groupsync.sandbox import Sandbox
from tests.faults.reference import (
    CREATED,
    EASTER,
    LONG_BEFORE,
    REQUESTS,
    TEST,
    TO_DELETE,
    Reference,
    count_writes,
    label_requests,
)
from tests.unit.core import SANDBOX_CREDENTIALS
from tests.wire.fault_proxy import FaultProxy
from tests.wire.faults import (
    ActedThen,
    ActedThenHang,
    ActedThenReset,
    CutBody,
    CutHead,
    Drip,
    Hang,
    Refused,
    ResetBefore,
)
from tests.wire.following import Follower
from tests.wire.interrupts import NoRetries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.reference import Ended
    from tests.wire.faults import Fault, Record

REFUSED, REFUSED_ONCE = "refused", "refused once"
FAULTS: dict[str, Fault | Refused] = {
    REFUSED: Refused(),
    REFUSED_ONCE: Refused(),
    "reset before": ResetBefore(),
    "hang": Hang(),
    "acted, then reset": ActedThenReset(),
    "acted, then 500": ActedThen(500),
    "acted, then hang": ActedThenHang(),
    "acted, then closed": CutHead(0),
    "cut in the head": CutHead(30),
    "cut in the body": CutBody(20),
}
SHORT, LONG = 0.5, 20.0
"""Seconds that a request may take: if one is to hang, and otherwise, when a busy machine may delay any."""

_CREATE, _TO_TEMPORARY_NAME, _DELETE = REQUESTS.index("POST") + 1, REQUESTS.index("PUT") + 2, len(REQUESTS) - 1
SAMPLE = ((_CREATE, False), (_CREATE, True), (_TO_TEMPORARY_NAME, True), (_DELETE, False))
"""A create, a rename to a temporary name, and the deletion of a group with contacts, as (number, unique names)."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault at one request; `lasts` means also at every later request of the run."""

    fault: str
    number: int
    unique_names: bool
    parallelism: int = 1
    lasts: bool = False

    def __str__(self) -> str:
        kind = "unique names" if self.unique_names else "any names"
        often = "lasting " if self.lasts else ""
        return f"{often}{self.fault}-{self.number}-{kind}-{self.parallelism} at a time"

    @property
    def is_sample(self) -> bool:
        return (self.number, self.unique_names) in SAMPLE and self.parallelism == 1 and not self.lasts

    def choose(self, number: int) -> Fault | None:
        fault = FAULTS[self.fault]
        if isinstance(fault, Refused) or not (number == self.number or (self.lasts and number > self.number)):
            return None
        return fault

    @property
    def is_refused(self) -> bool:
        return isinstance(FAULTS[self.fault], Refused)

    @property
    def has_acted(self) -> bool:
        return not isinstance(FAULTS[self.fault], Refused | ResetBefore | Hang)

    @property
    def hangs(self) -> bool:
        return isinstance(FAULTS[self.fault], Hang | ActedThenHang)


def list_cases() -> Iterator[Case]:
    for number in range(1, len(REQUESTS) + 1):
        for unique_names in (False, True):
            for fault in FAULTS:
                for parallelism in (1, 8):
                    yield Case(fault=fault, number=number, unique_names=unique_names, parallelism=parallelism)
                case = Case(fault=fault, number=number, unique_names=unique_names, lasts=True)
                if not case.hangs and not case.is_refused:
                    yield case


CASES = tuple(list_cases())
PARAMETERS = [pytest.param(case, id=str(case), marks=() if case.is_sample else pytest.mark.slow) for case in CASES]


class ListensWhileWaiting(Follower):
    """A watcher at whose first wait the server accepts connections again."""

    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__()
        self._proxy = proxy

    def wait(self, seconds: float) -> bool:
        self._proxy.listen()
        return super().wait(seconds)


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a run ended, the requests that the proxy received, and how often the run waited."""

    ended: Ended
    requests: tuple[Record, ...]
    pauses: int

    @property
    def code(self) -> int:
        return self.ended.exit_code


class Trial:
    """Runs of the plan through a proxy; only the first one meets the fault of the case."""

    proxy: FaultProxy

    def __init__(self, case: Case, reference: Reference) -> None:
        self._case = case
        self._reference = reference
        self._is_first = True

    def choose(self, number: int, _method: str, _path: str) -> Fault | None:
        if not self._is_first:
            return None
        if self._case.is_refused and number == self._case.number - 1:
            self.proxy.refuse()
        return self._case.choose(number)

    def run_with_fault(self) -> Run:
        if self._case.is_refused and self._case.number == 1:
            self.proxy.refuse()
        watcher = ListensWhileWaiting(self.proxy) if self._case.fault == REFUSED_ONCE else Follower()
        run = self._run(watcher, timeout=SHORT if self._case.hangs else LONG)
        self._is_first = False
        self.proxy.listen()
        return run

    def run_again(self) -> Run:
        return self._run(Follower(), timeout=LONG)

    def _run(self, watcher: Follower, timeout: float) -> Run:
        """Apply the plan, and assert what must be true whatever happened."""
        before = len(self.proxy.requests)
        ended = self._reference.apply(self.proxy.url, watcher, timeout=timeout, parallelism=self._case.parallelism)
        requests = self.proxy.requests[before:]

        self._reference.assert_nothing_is_lost()
        self._reference.assert_order()
        self._reference.assert_truth(ended)
        assert count_writes(requests, "POST") <= len(CREATED)
        assert watcher.bugs == []
        return Run(ended=ended, requests=requests, pauses=len(watcher.pauses))


@pytest.mark.parametrize("case", PARAMETERS)
def test_after_any_fault_nothing_is_lost_and_the_same_plan_finishes(case: Case, tmp_path: Path) -> None:
    with Sandbox(unique_names=case.unique_names) as sandbox:
        reference = Reference(sandbox, tmp_path)
        trial = Trial(case, reference)
        with reference.proxy(trial.choose) as trial.proxy:
            first = trial.run_with_fault()
            second = trial.run_again()
            third = trial.run_again()

        assert reference.is_complete()
    assert_met(case, first)
    assert first.code in find_codes(case, first)
    assert second.code == 0
    assert (third.code, count_writes(third.requests)) == (0, 0)


def assert_met(case: Case, run: Run) -> None:
    """Assert that the run met the fault: it is recorded with its request, or the run ended there or had to wait."""
    if not case.is_refused:
        assert run.requests[case.number - 1].fault == FAULTS[case.fault]
    elif case.fault == REFUSED:
        assert run.code != 0
        assert len(run.requests) < len(REQUESTS)
    else:
        assert run.pauses


def find_codes(case: Case, run: Run) -> set[int]:
    """Return the exit codes allowed for a run with this fault.

    A run recovers from every single fault except a create that was not carried out.
    """
    if case.lasts or case.fault == REFUSED:
        return {1} if case.number == 1 else {5}
    if case.is_refused:  # one of several connections may end with a request under way
        return {0} if case.parallelism == 1 else {0, 5}
    is_lost = run.requests[case.number - 1].method == "POST" and not case.has_acted
    return {5} if is_lost else {0}


@pytest.mark.parametrize("unique_names", [False, True])
def test_a_run_without_faults_sends_the_numbered_requests(tmp_path: Path, *, unique_names: bool) -> None:
    with Sandbox(unique_names=unique_names) as sandbox:
        reference = Reference(sandbox, tmp_path)
        with reference.proxy(lambda *_request: None) as proxy:
            ended = reference.apply(proxy.url, Follower())
            requests = proxy.requests

    assert isinstance(ended, Report)
    assert label_requests(requests) == REQUESTS


@pytest.mark.parametrize("unique_names", [False, True])
@pytest.mark.parametrize("parallelism", [1, 8])
def test_a_list_that_stays_late_is_told_and_every_change_is_confirmed(
    tmp_path: Path, *, unique_names: bool, parallelism: int
) -> None:
    with Sandbox(unique_names=unique_names, late_lists=600) as sandbox:
        reference = Reference(sandbox, tmp_path)
        with reference.proxy(lambda *_request: None) as proxy:
            ended = reference.apply(proxy.url, Follower(), parallelism=parallelism)

        assert isinstance(ended, Report)
        assert (ended.exit_code, ended.list_is_late) == (0, True)
        reference.assert_nothing_is_lost()
        reference.assert_order()
        reference.assert_truth(ended)
        sandbox.behave(late_lists=0)
        again = reference.apply(sandbox.url, Follower())
        assert isinstance(again, Report)
        assert (again.exit_code, again.remaining, again.list_is_late) == (0, 0, False)


@pytest.mark.parametrize("lies_from", ["the plan", "the apply"])
def test_no_group_that_holds_anybody_is_deleted_if_the_counts_are_0(tmp_path: Path, lies_from: str) -> None:
    """A group that its count and its members agree about may go: nobody is in it."""
    with Sandbox(counts="zero" if lies_from == "the plan" else "right") as sandbox:
        reference = Reference(sandbox, tmp_path)
        sandbox.behave(counts="zero")
        with reference.proxy(lambda *_request: None) as proxy:
            ended = [reference.apply(proxy.url, Follower()) for _ in range(2)]

        assert [one.exit_code for one in ended] == [5, 5]
        assert TO_DELETE - reference.find_names().keys() == {EASTER, TEST}
        reference.assert_nothing_is_lost()
        reference.assert_order()


def test_a_server_that_cuts_names_loses_nothing(tmp_path: Path) -> None:
    """The circle and the group that goes both need a temporary name, and their plans cannot be ended."""
    with Sandbox(stored_names="cut") as sandbox:
        reference = Reference(sandbox, tmp_path)
        before = reference.find_names()
        with reference.proxy(lambda *_request: None) as proxy:
            ended = [reference.apply(proxy.url, Follower()) for _ in range(5)]

        after = reference.find_names()
        assert {one.exit_code for one in ended} == {5}
        assert {group_id for group_id in before if after.get(group_id) != before[group_id]} <= {LONG_BEFORE}
        assert sandbox.requests("DELETE") == 0
        reference.assert_nothing_is_lost()


def test_the_whole_matrix_is_tried() -> None:
    """22 requests, one and eight at a time, with and without unique names; lasting faults unless they hang."""
    tried = Counter((case.fault, case.lasts) for case in CASES)

    assert len(CASES) == len(set(CASES)) == 24 * 2 * (10 * 2 + 6)
    assert set(tried.values()) == {24 * 2 * 2, 24 * 2}


@pytest.mark.parametrize("pause", [0.05, 0.001], ids=["in the head", "in the body"])
def test_an_answer_that_drips_ends_at_its_deadline(
    sandbox: Sandbox, pause: float, record_testsuite_property: Callable[[str, object], None]
) -> None:
    for number in range(100):
        sandbox.add_group(f"Group {number}")
    with (
        FaultProxy(urlsplit(sandbox.url).port or 0, {1: Drip(pause)}) as proxy,
        GroupsClient(proxy.url, SANDBOX_CREDENTIALS, timeout=1, interrupt=NoRetries()) as client,
    ):
        began = time.monotonic()
        with pytest.raises(ApiError, match="no complete answer"):
            client.list_groups()
        took = time.monotonic() - began

    record_testsuite_property(f"seconds beyond the deadline, a byte every {pause} seconds", f"{took - 1:.3f}")
    assert 1 <= took < 1.5
