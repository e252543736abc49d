"""What a process does while its sandbox is running: run a command on it, or wait for a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from groupsync.sandbox.server import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from groupsync.sandbox.sandbox import Sandbox

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_FIRST_SIGNAL_CODE = 128
_HOUR = 3600.0


def exports(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment variables that make groupsync use the sandbox."""
    return {
        "GROUPSYNC_ENDPOINT": sandbox.url,
        "MESSENTE_API_USERNAME": sandbox.username,
        "MESSENTE_API_PASSWORD": sandbox.password,
    }


def make_environment(environment: Mapping[str, str], sandbox: Sandbox) -> dict[str, str]:
    """Return the environment with the sandbox in it, without other credentials, and with no proxy for this machine."""
    made = {**environment, **exports(sandbox)}
    for name in ("MESSENTE_API_USERNAME_FILE", "MESSENTE_API_PASSWORD_FILE", "MESSENTE_API_PASSWORD_COMMAND"):
        made.pop(name, None)
    direct = made.get("no_proxy") or made.get("NO_PROXY")
    hosts = f"{direct},{HOST}" if direct else HOST
    made["no_proxy"] = hosts
    made["NO_PROXY"] = hosts
    return made


class CommandError(Exception):
    """The command cannot be started; `exit_code` is the one that a shell would return."""

    def __init__(self, command: str, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            self.exit_code = NOT_FOUND
            problem = "command not found"
        else:
            self.exit_code = NOT_EXECUTABLE
            problem = f"cannot be run: {error.strerror}"
        super().__init__(f"{command}: {problem}")


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command and return its exit code, or 128 + n if signal n ended it.

    SIGTERM is forwarded to the command. The terminal sends Ctrl-C to the command too, and SIGHUP when it is closed, so
    this process ignores them and waits for the command to end; without a terminal SIGHUP is forwarded. Raise
    CommandError if the command cannot be started.
    """
    forwarder = _SignalForwarder()
    handlers = {signal.SIGTERM: forwarder.forward, signal.SIGINT: forwarder.ignore}
    if sys.platform != "win32":
        handlers[signal.SIGHUP] = forwarder.ignore if _has_terminal() else forwarder.forward
    with _handle_signals(handlers):
        try:
            child = subprocess.Popen(command, env=environment)  # noqa: S603 - running it is what the user asks for
        except OSError as error:
            raise CommandError(command[0], error) from error
        forwarder.start(child)
        code = child.wait()
    return code if code >= 0 else _FIRST_SIGNAL_CODE - code


def wait_for_signal(announce: Callable[[], None]) -> None:
    """Call `announce`, then wait for Ctrl-C, SIGTERM or SIGHUP."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        numbers.append(signal.SIGHUP)
    with suppress(_SignalReceived), _handle_signals(dict.fromkeys(numbers, _raise_received)):
        announce()
        while True:
            time.sleep(_HOUR)


def _has_terminal() -> bool:
    """Return whether a terminal sends signals to this process, and to the command as well."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | getattr(os, "O_NOCTTY", 0)))
    except OSError:
        return False
    return True


class _SignalForwarder:
    """Signal handlers for a child process. A signal that arrives before its start is forwarded afterwards."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def start(self, child: subprocess.Popen[bytes]) -> None:
        """Forward signals to the child from now on, and those that arrived before."""
        self._child = child
        while self._early:
            child.send_signal(self._early.pop())

    def forward(self, number: int, _frame: FrameType | None) -> None:
        """Forward a signal to the child."""
        if self._child is None:
            self._early.append(number)
        else:
            self._child.send_signal(number)

    def ignore(self, _number: int, _frame: FrameType | None) -> None:
        """Do nothing: the child got the same signal."""


class _SignalReceived(BaseException):
    """A signal arrived that ends the sandbox."""


def _raise_received(_number: int, _frame: FrameType | None) -> None:
    raise _SignalReceived


@contextmanager
def _handle_signals(handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], None]]) -> Iterator[None]:
    """Let these functions handle the signals until the end of the block, except those that are ignored (`nohup`)."""
    heeded = {number: handler for number, handler in handlers.items() if signal.getsignal(number) != signal.SIG_IGN}
    before = [(number, signal.signal(number, handler)) for number, handler in heeded.items()]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
