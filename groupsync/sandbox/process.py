"""What a process does while its sandbox serves: run a command against it, or wait for a signal."""

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
_LONG = 3600.0


def exports(sandbox: Sandbox) -> dict[str, str]:
    """The variables by which groupsync finds the sandbox instead of the vendor's Phonebook."""
    return {
        "GROUPSYNC_ENDPOINT": sandbox.url,
        "MESSENTE_API_USERNAME": sandbox.username,
        "MESSENTE_API_PASSWORD": sandbox.password,
    }


def make_environment(environment: Mapping[str, str], sandbox: Sandbox) -> dict[str, str]:
    """The environment with the sandbox in it, no other credentials, and no proxy on the way to this machine."""
    made = {**environment, **exports(sandbox)}
    for name in ("MESSENTE_API_USERNAME_FILE", "MESSENTE_API_PASSWORD_FILE"):
        made.pop(name, None)
    direct = made.get("no_proxy") or made.get("NO_PROXY")
    made["no_proxy"] = made["NO_PROXY"] = f"{direct},{HOST}" if direct else HOST
    return made


class CommandError(Exception):
    """The command cannot be started; the exit code is the one that a shell would give."""

    def __init__(self, command: str, error: OSError) -> None:
        found = not isinstance(error, FileNotFoundError)
        self.exit_code = NOT_EXECUTABLE if found else NOT_FOUND
        super().__init__(f"{command}: {'cannot be run: ' + str(error.strerror) if found else 'command not found'}")


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The command's own exit code, or 128 + n if signal n ended it; CommandError if it cannot be started.

    SIGTERM is passed on to it. Ctrl-C reaches it by the terminal; here it only means to wait for the command's end.
    """
    family = _Family()
    with _handling({signal.SIGTERM: family.terminate, signal.SIGINT: family.stay}):
        try:
            child = subprocess.Popen(command, env=environment)  # noqa: S603 - running it is what the user asks for
        except OSError as error:
            raise CommandError(command[0], error) from error
        family.adopt(child)
        code = child.wait()
    return code if code >= 0 else _FIRST_SIGNAL_CODE - code


def wait_for_signal(announce: Callable[[], None]) -> None:
    """Announce, and come back on Ctrl-C or SIGTERM."""
    with suppress(_Ended), _handling({signal.SIGTERM: _end, signal.SIGINT: _end}):
        announce()
        while True:
            time.sleep(_LONG)


class _Family:
    """The child, if it is there, and whether SIGTERM came: before the child or after."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._terminated = False

    def adopt(self, child: subprocess.Popen[bytes]) -> None:
        """Pass on what came before the child was there, and all that comes from now on."""
        self._child = child
        if self._terminated:
            child.terminate()

    def terminate(self, _number: int, _frame: FrameType | None) -> None:
        """Pass SIGTERM on."""
        self._terminated = True
        if self._child is not None:
            self._child.terminate()

    def stay(self, _number: int, _frame: FrameType | None) -> None:
        """Wait for the child, which got the same Ctrl-C."""


class _Ended(BaseException):
    """A signal came."""


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _Ended


@contextmanager
def _handling(handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], None]]) -> Iterator[None]:
    """Until the end of the block these functions get the signals."""
    before = [(number, signal.signal(number, handler)) for number, handler in handlers.items()]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
