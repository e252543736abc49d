"""`--version` and `--help` are answered without click, as click answers them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from groupsync.cli.main import run


def run_program(*args: str, columns: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "importtime", "-m", "groupsync", *args]
    environ = {**os.environ, "COLUMNS": columns}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True)


@pytest.mark.parametrize("columns", ["", "0", "60", "79", "80", "200", "many"])
@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_the_text_is_that_of_click(
    option: str, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    run([option])

    finished = run_program(option, columns=columns)

    assert finished.stdout == capsys.readouterr().out


@pytest.mark.parametrize(("columns", "needs_click"), [("79", True), ("80", False)])
def test_click_is_imported_only_for_a_narrow_terminal(columns: str, *, needs_click: bool) -> None:
    finished = run_program("--help", columns=columns)

    assert ("click" in finished.stderr) is needs_click


@pytest.mark.parametrize("args", [["--version"], ["--help"]])
def test_what_is_printed_at_once_needs_few_modules(args: list[str]) -> None:
    finished = run_program(*args, columns="80")

    assert "groupsync.cli.program" not in finished.stderr
    assert "typing" not in finished.stderr
