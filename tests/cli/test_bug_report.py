"""What is printed above the traceback of a mistake in groupsync."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import UserDict
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.cli.bug_report import mask_secrets
from groupsync.cli.main import run
from groupsync.errors import ExitCode
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox


class BrokenEnvironment(UserDict[str, str]):
    """An environment that no system has: it makes the program fail unexpectedly."""

    def __getitem__(self, name: str) -> str:
        if name.startswith("GROUPSYNC_"):
            raise ZeroDivisionError(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        return name in self.data or str(name).startswith("GROUPSYNC_")


def test_an_unexpected_exception_prints_what_to_report(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        run(["plan", "--timeout", "3"], BrokenEnvironment())

    printed = capsys.readouterr().err
    assert printed.startswith("This is a bug in groupsync")
    assert f"  groupsync {__version__}, Python {sys.version.split()[0]}, " in printed
    assert "PyYAML 6" in printed
    assert printed.endswith("  command: groupsync plan --timeout 3\n")


class BreaksAfterChange(UserDict[str, str]):
    """An environment that fails once, when the first change is printed."""

    def __init__(self, environ: Mapping[str, str], sandbox: Sandbox) -> None:
        super().__init__(environ)
        self._sandbox = sandbox
        self._has_failed = False

    def get(self, name: str, default: Any = None) -> Any:
        if name == "NO_COLOR" and self._sandbox.requests("POST") and not self._has_failed:
            self._has_failed = True
            raise ZeroDivisionError(name)
        return super().get(name, default)


def test_after_the_first_change_the_exit_code_does_not_say_that_nothing_was_written(
    sandbox: Sandbox, environ: Mapping[str, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [Old, New]\n")

    code = run(["apply", "--auto-approve"], BreaksAfterChange(environ, sandbox))

    printed = capsys.readouterr().err
    assert code == ExitCode.INCOMPLETE
    assert "This is a bug in groupsync" in printed
    assert "ZeroDivisionError: NO_COLOR\n" in printed
    assert sandbox.names() == ["New", "Old"]


def test_the_traceback_is_below_it(tmp_path: Path) -> None:
    """A module of groupsync itself that is missing is a mistake that no error explains."""
    (tmp_path / "groupsync_broken.py").write_text(
        "import groupsync.cli.main as m\nm.COMMANDS['broken'] = ''\nm.main()\n"
    )

    finished = subprocess.run(
        [sys.executable, str(tmp_path / "groupsync_broken.py"), "broken"],
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    report, _, traceback = finished.stderr.partition("Traceback (most recent call last)")
    assert finished.returncode == 1
    assert "command: groupsync broken" in report
    assert "groupsync.cli.broken" in traceback


@pytest.mark.parametrize(
    ("args", "masked"),
    [
        (["sandbox", "--password", "hunter2"], ["sandbox", "--password", "***"]),
        (["sandbox", "--password=hunter2", "--port", "1"], ["sandbox", "--password=***", "--port", "1"]),
        (["plan", "--endpoint", "https://me:hunter2@host/v1"], ["plan", "--endpoint", "***@host/v1"]),
        (["plan", "--endpoint", "https://me:hun/ter2@host/v1"], ["plan", "--endpoint", "***@host/v1"]),
        (["plan", "--endpoint=https://me:hun@ter2@host/v1"], ["plan", "--endpoint=***@host/v1"]),
        (["plan", "--endpoint", "me:hunter2@host"], ["plan", "--endpoint", "***@host"]),
        (["sandbox", "--", "curl", "-u", "me:hunter2"], ["sandbox", "..."]),
        (
            ["sandbox", "--port", "1", "--unique-names", "curl", "-u", "me:x"],
            ["sandbox", "--port", "1", "--unique-names", "..."],
        ),
        (["sandbox", "--password=a", "--seed", "x.json"], ["sandbox", "--password=***", "--seed", "x.json"]),
        (["apply", "plan.json", "-c", "a@b.yaml"], ["apply", "plan.json", "-c", "a@b.yaml"]),
    ],
)
def test_the_command_is_shown_without_secrets(args: list[str], masked: list[str]) -> None:
    assert mask_secrets(args) == masked
