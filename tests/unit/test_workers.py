"""The thread pool of the applier: how long it is waited for."""

from __future__ import annotations

import threading
import time

import pytest

from groupsync.applier.workers import run_parallel
from groupsync.errors import ExitCode
from groupsync.interrupt import Interrupt
from groupsync.threads import DaemonThread


def test_without_an_interrupt_slow_work_is_waited_for() -> None:
    def work(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    results = list(run_parallel([0.4, 0.3], work, threads=2, interrupt=Interrupt(), grace=0.05))

    assert sorted(results) == [0.3, 0.4]


def test_after_an_interrupt_work_that_does_not_end_is_left_behind() -> None:
    interrupt, release = Interrupt(), threading.Event()
    interrupt.set(ExitCode.INTERRUPTED)

    def work(number: int) -> int:
        if number == 2:
            release.wait(20)
        return number

    results = list(run_parallel([1, 2, 3], work, threads=3, interrupt=interrupt, grace=0.3))
    release.set()

    assert sorted(results) == [1, 3]


def test_an_exception_of_the_work_is_raised_where_the_results_are_read() -> None:
    def work(number: int) -> float:
        return 1 / number

    results = run_parallel([0], work, threads=1, interrupt=Interrupt())

    with pytest.raises(ZeroDivisionError):
        next(results)


def test_without_memory_in_a_thread_the_wait_ends() -> None:
    def work(_number: int) -> int:
        raise MemoryError

    with pytest.raises(MemoryError):
        list(run_parallel([1, 2, 3], work, threads=2, interrupt=Interrupt()))


def test_a_thread_tells_whether_it_is_alive() -> None:
    release = threading.Event()

    def work() -> None:
        release.wait(20)

    thread = DaemonThread(work)
    was_alive = thread.is_alive
    release.set()
    thread.join()

    assert (was_alive, thread.is_alive) == (True, False)
