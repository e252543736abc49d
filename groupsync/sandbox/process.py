"""What a process does while its sandbox is running: run a command on it, or wait for a signal."""

from __future__ import annotations

import signal
import subprocess
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
    for name in ("MESSENTE_API_USERNAME_FILE", "MESSENTE_API_PASSWORD_FILE"):
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

    SIGTERM is forwarded to the command. The terminal sends Ctrl-C to the command too, so this process ignores it and
    waits for the command to end. Raise CommandError if the command cannot be started.
    """
    forwarder = _SignalForwarder()
    with _handle_signals({signal.SIGTERM: forwarder.forward_sigterm, signal.SIGINT: forwarder.ignore_sigint}):
        try:
            child = subprocess.Popen(command, env=environment)  # noqa: S603 - running it is what the user asks for
        except OSError as error:
            raise CommandError(command[0], error) from error
        forwarder.start(child)
        code = child.wait()
    return code if code >= 0 else _FIRST_SIGNAL_CODE - code


def wait_for_signal(announce: Callable[[], None]) -> None:
    """Call `announce`, then wait for Ctrl-C or SIGTERM."""
    with suppress(_SignalReceived), _handle_signals({signal.SIGTERM: _raise_received, signal.SIGINT: _raise_received}):
        announce()
        while True:
            time.sleep(_HOUR)


class _SignalForwarder:
    """Signal handlers for the time before and while the child runs. A SIGTERM before its start is not lost."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._terminated = False

    def start(self, child: subprocess.Popen[bytes]) -> None:
        """Forward every SIGTERM to the child from now on, and one that came before it was started."""
        self._child = child
        if self._terminated:
            child.terminate()

    def forward_sigterm(self, _number: int, _frame: FrameType | None) -> None:
        """Forward SIGTERM to the child."""
        self._terminated = True
        if self._child is not None:
            self._child.terminate()

    def ignore_sigint(self, _number: int, _frame: FrameType | None) -> None:
        """Do nothing: the child got the same Ctrl-C."""


class _SignalReceived(BaseException):
    """Ctrl-C or SIGTERM came."""


def _raise_received(_number: int, _frame: FrameType | None) -> None:
    raise _SignalReceived


@contextmanager
def _handle_signals(handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], None]]) -> Iterator[None]:
    """Let these functions handle the signals until the end of the block."""
    before = [(number, signal.signal(number, handler)) for number, handler in handlers.items()]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
