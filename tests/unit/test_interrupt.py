"""The request to stop: it ends every wait at once, and may be made inside a signal handler."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import groupsync.interrupt
from groupsync.errors import ExitCode
from groupsync.interrupt import Interrupt

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PROMPTLY = 0.5  # seconds, on a machine that does other things too


def measure_wait(interrupt: Interrupt, seconds: float) -> tuple[bool, float]:
    """Return what the wait returned, and how many seconds it took."""
    began = time.monotonic()
    is_set = interrupt.wait(seconds)
    return is_set, time.monotonic() - began


def test_without_a_request_to_stop_a_wait_takes_its_time() -> None:
    interrupt = Interrupt()

    is_set, seconds = measure_wait(interrupt, 0.2)

    assert (is_set, interrupt.is_set, interrupt.code) == (False, False, None)
    assert 0.2 <= seconds <= 0.2 + PROMPTLY


def test_a_wait_begun_after_the_request_ends_at_once() -> None:
    interrupt = Interrupt()
    interrupt.set(ExitCode.INTERRUPTED)

    for _ in range(3):
        is_set, seconds = measure_wait(interrupt, 30)
        assert is_set
        assert seconds <= PROMPTLY


def test_the_waits_of_many_threads_end_at_once() -> None:
    interrupt = Interrupt()
    all_wait = threading.Barrier(65)

    def wait(_number: int) -> bool:
        all_wait.wait(20)
        return interrupt.wait(30)

    with ThreadPoolExecutor(64) as threads:
        waits = [threads.submit(wait, number) for number in range(64)]
        all_wait.wait(20)
        time.sleep(0.05)
        began = time.monotonic()
        interrupt.set(ExitCode.INTERRUPTED)
        answers = [each.result(20) for each in waits]
        seconds = time.monotonic() - began

    assert answers == [True] * 64
    assert seconds <= PROMPTLY


def test_only_the_first_request_counts() -> None:
    interrupt = Interrupt()

    interrupt.set(ExitCode.TERMINATED)
    interrupt.set(ExitCode.INTERRUPTED)

    assert interrupt.code is ExitCode.TERMINATED
    assert interrupt.wait(30)
    assert interrupt.wait(30)


def test_of_requests_made_at_the_same_time_one_counts_and_no_wait_is_lost() -> None:
    for _ in range(200):
        interrupt = Interrupt()
        together = threading.Barrier(8)

        def act(number: int, interrupt: Interrupt = interrupt, together: threading.Barrier = together) -> bool:
            together.wait(20)
            if number % 2:
                interrupt.set(ExitCode.INTERRUPTED)
            return interrupt.wait(20)

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(act, range(8))) == [True] * 8


@given(st.floats(max_value=0.0) | st.sampled_from([-1, -1.0, -1e300, float("-inf"), float("nan"), 0, -0.0]))
def test_no_seconds_or_fewer_are_no_wait(seconds: float) -> None:
    """Python's own locks take a timeout of -1 for a wait without end, and other negative ones for an error."""
    interrupt = Interrupt()

    is_set, took = measure_wait(interrupt, seconds)

    assert not is_set
    assert took <= PROMPTLY


@pytest.mark.parametrize("seconds", [threading.TIMEOUT_MAX * 2, 1e300, float("inf"), 10**30])
def test_more_seconds_than_the_system_counts_are_a_wait_until_the_request(seconds: float) -> None:
    interrupt = Interrupt()
    timer = threading.Timer(0.1, interrupt.set, [ExitCode.INTERRUPTED])
    timer.start()

    is_set, took = measure_wait(interrupt, seconds)

    timer.join()
    assert is_set
    assert took <= 0.1 + PROMPTLY


def test_the_clock_only_grows() -> None:
    interrupt = Interrupt()
    times = [interrupt.monotonic() for _ in range(1000)]

    assert times == sorted(times)


PROGRAM = """
import os, signal, sys, threading, time
from groupsync.errors import ExitCode
from groupsync.interrupt import Interrupt

interrupt = Interrupt()
signal.signal(signal.SIGTERM, lambda number, frame: interrupt.set(ExitCode.TERMINATED))
"""


def run_with_signals(program: str) -> str:
    """Return what a program prints, which is sent SIGTERM when it has printed a line, and again a moment later."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM + program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        for _ in range(2):
            time.sleep(0.1)
            os.kill(process.pid, signal.SIGTERM)
        return process.communicate(timeout=20)[0]


@pytest.mark.parametrize("seconds", ["30", "float('inf')"])
def test_a_signal_ends_the_wait_of_the_main_thread(seconds: str) -> None:
    """The handler runs inside the wait, in the thread that waits."""
    printed = run_with_signals(f"""
print("waiting", flush=True)
began = time.monotonic()
is_set = interrupt.wait({seconds})
took = time.monotonic() - began
time.sleep(0.3)
print(is_set, interrupt.code.value, took < 2)
""")

    assert printed == "True 143 True\n"


def test_a_signal_ends_the_waits_of_all_threads() -> None:
    printed = run_with_signals("""
answers = []
threads = [threading.Thread(target=lambda: answers.append(interrupt.wait(30))) for _ in range(16)]
for thread in threads:
    thread.start()
print("waiting", flush=True)
began = time.monotonic()
for thread in threads:
    thread.join()
print(answers == [True] * 16, time.monotonic() - began < 2)
time.sleep(0.3)
""")

    assert printed == "True True\n"


def test_a_signal_may_come_at_any_moment_of_a_wait_or_of_a_request() -> None:
    """Thousands of signals, each somewhere between two steps of the program, and none that stops it for ever."""
    printed = run_with_signals("""
rounds = 0
signals = 0

def handle(number, frame):
    global signals
    signals += 1
    interrupt.set(ExitCode.TERMINATED)

signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.00005)
until = time.monotonic() + 0.5
while time.monotonic() < until:
    interrupt = Interrupt()
    if rounds % 2:
        interrupt.set(ExitCode.INTERRUPTED)
    assert interrupt.wait(10)
    assert interrupt.wait(10)
    rounds += 1
signal.setitimer(signal.ITIMER_REAL, 0)
print("done", flush=True)
time.sleep(0.3)
print(rounds > 100, signals > 100)
""")

    assert printed == "True True\n"


def set_at_step(number: int, interrupt: Interrupt, call: Callable[[], object]) -> bool:
    """Make a call, in which a handler sets the interrupt before the step of that number; return whether there is one.

    Python's steps are its bytecodes: a handler runs between two of them.
    """
    steps = 0

    def trace(frame: FrameType, event: str, _argument: object) -> object:
        nonlocal steps
        if frame.f_code.co_filename != groupsync.interrupt.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            if steps == number:
                interrupt.set(ExitCode.TERMINATED)
            steps += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]  # its type does not know functions that return themselves
    try:
        call()
    finally:
        sys.settrace(before)
    return steps > number


CALLS: dict[str, Callable[[Interrupt], object]] = {
    "set": lambda interrupt: interrupt.set(ExitCode.INTERRUPTED),
    "wait": lambda interrupt: interrupt.wait(0.02),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_handler_may_run_between_any_two_steps(call: Callable[[Interrupt], object]) -> None:
    number = 0
    has_more = True
    while has_more:
        interrupt = Interrupt()
        waits = [threading.Thread(target=interrupt.wait, args=[20], daemon=True) for _ in range(2)]
        for thread in waits:
            thread.start()

        has_more = set_at_step(number, interrupt, partial(call, interrupt))

        interrupt.set(ExitCode.TERMINATED)
        for thread in waits:
            thread.join(10)
        assert not any(thread.is_alive() for thread in waits)
        assert interrupt.wait(30)
        number += 1
    assert number > 10
