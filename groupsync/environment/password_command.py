"""Runs the program that prints the password of the account."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from groupsync.display import count_seconds
from groupsync.errors import SettingsError, describe_os_error
from groupsync.unfinished import undone_at_quit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_RUN = 30.0
"""How many seconds the program may run."""

RUN_IT_YOURSELF = "run it yourself to see why; groupsync does not show what it prints, because that may be the password"

_MOST_BYTES = 2**16  # more than any password
_PAUSE = 0.05  # seconds between two looks at whether the program has ended


def split_command(variable: str, text: str) -> tuple[str, ...]:
    """Return the words of the command that a variable holds; raise SettingsError, which never repeats the command."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        remedy = "close the quote or remove the backslash; it is run without a shell"
        problem = str(error).lower()
        raise SettingsError(f"{variable} cannot be split into words: {problem}", remedy=remedy) from None
    if not words:
        raise SettingsError(f"{variable} is empty", remedy="set it to a program and its arguments, or unset it")
    return words


def run_password_command(
    variable: str, words: Sequence[str], environ: Mapping[str, str], *, timeout: float = LONGEST_RUN
) -> bytes:
    """Return what the program prints to its standard output, a little more than 64 KiB at most.

    It has no standard input. Raises SettingsError if it fails or takes too long, and never repeats the command or its
    output. What the program has started is killed when it ends. It is killed as well if it takes too long, if it prints
    more, and if this process quits meanwhile.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - running it is what the user asks for
            words,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # ValueError: a null byte
        problem = describe_os_error(error) if isinstance(error, OSError) else str(error)
        remedy = "set it to a program and its arguments; it is run without a shell"
        raise SettingsError(f"{variable} cannot be run: {problem}", remedy=remedy) from None
    with process, undone_at_quit(lambda: _kill(process)):
        try:
            read = _read_until_killed if sys.platform == "win32" else _read_output
            output = read(process, time.monotonic() + timeout)
        except subprocess.TimeoutExpired:
            remedy = "it must print the password without asking for anything"
            sentence = f"{variable} did not end within {count_seconds(timeout)}"
            raise SettingsError(sentence, remedy=remedy) from None
        finally:
            _kill(process)
    if process.returncode != 0 and len(output) <= _MOST_BYTES:
        raise SettingsError(f"{variable} {_describe_end(process.returncode)}", remedy=RUN_IT_YOURSELF)
    return output


def _read_output(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Return the output of a process that ends, or that prints too much; raise TimeoutExpired at the deadline.

    What it has started may keep the pipe open. So the output is whole when the process has ended and the pipe is empty.
    """
    assert process.stdout  # noqa: S101 - it is a pipe
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(output) <= _MOST_BYTES:
            if time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired("", 0)
            has_ended = process.poll() is not None
            if selector.select(0 if has_ended else _PAUSE):
                part = os.read(process.stdout.fileno(), _MOST_BYTES)
                if not part:
                    process.wait(max(0.0, deadline - time.monotonic()))
                    return output
                output += part
            elif has_ended:
                return output
    return output


def _read_until_killed(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Return the output as `_read_output` does, on Windows, where nothing can wait for a pipe and for the time."""
    assert process.stdout  # noqa: S101 - it is a pipe
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), process.terminate)
    timer.start()
    try:
        output = process.stdout.read(_MOST_BYTES + 1)
        if len(output) <= _MOST_BYTES:
            process.wait()
    finally:
        timer.cancel()
    if time.monotonic() >= deadline:
        raise subprocess.TimeoutExpired("", 0)
    return output


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and what it has started; on Windows only the process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.terminate()  # which kills there, and does nothing to a process that has ended
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _describe_end(code: int) -> str:
    return f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
