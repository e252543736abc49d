"""Files and pipes get UTF-8 under every locale; a terminal shows escapes in place of what it cannot show."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox

RunBytes: TypeAlias = "Callable[..., subprocess.CompletedProcess[bytes]]"

NAMES = (
    "Õpilased",
    "日本",
    "🎉 party",
    "e\u0301",
    "ÿ",
    "Toms “best”",
    "NO",
    "a\u0085b",
    "\ufeffb",
    "x\u200dy",
    "##[x]",
)
POSIX = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
ENCODINGS: dict[str, dict[str, str]] = {
    "posix": POSIX,
    "posix-strict": {**POSIX, "PYTHONIOENCODING": ":strict"},
    "utf-8-mode": {"LC_ALL": "C", "PYTHONUTF8": "1"},
    **{
        encoding: {"PYTHONIOENCODING": encoding}
        for encoding in ("ascii", "ascii:replace", "latin-1", "cp1252", "cp037", "utf-8-sig", "utf-16", "utf-32")
    },
}
CONFIG = """\
version: 1
policy: {unlisted: keep}
groups:
  - name: Õpilased 日本
    previously: [Õpilased]
  - Uus 🎉
"""
OUTPUTS: dict[str, tuple[str, ...]] = {
    "export": ("export",),
    "export --names-only": ("export", "--names-only"),
    "plan": ("plan",),
    "plan --verbose": ("plan", "--verbose"),
    "plan --format json": ("plan", "--format", "json"),
    "plan --format markdown": ("plan", "--format", "markdown"),
    "show": ("show", "saved.json"),
    "show --format json": ("show", "saved.json", "--format", "json"),
    "show --format markdown": ("show", "saved.json", "--format", "markdown"),
    "check": ("check", "saved.json"),
    "validate": ("validate",),
    "doctor": ("doctor",),
    "doctor --format json": ("doctor", "--format", "json"),
    "schema": ("schema", "groups"),
}
FILES = ("plan.json", "plan.md", "gitlab.json", "report.json")
SAMPLE = ("posix",)


def sample(name: str) -> object:
    return pytest.param(name, id=name, marks=() if name in SAMPLE else pytest.mark.slow)


@pytest.fixture
def run(folder: Path, environ: Mapping[str, str]) -> RunBytes:
    """A function that runs the program as a process of its own; keywords set more environment variables."""
    return lambda *args, **variables: subprocess.run(
        [sys.executable, "-m", "groupsync", *args],
        cwd=folder,
        env={**os.environ, **environ, **variables},
        capture_output=True,
        check=False,
    )


@pytest.fixture
def config(folder: Path) -> Path:
    path = folder / "groups.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.mark.parametrize("names_only", [True, False], ids=["names-only", "ids"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_plan_of_an_export_is_empty(
    sandbox: Sandbox, run: RunBytes, folder: Path, encoding: str, names_only: bool
) -> None:
    for name in (*NAMES, "Twice", "Twice"):
        sandbox.add_group(name)

    exported = run("export", *(["--names-only"] if names_only else []), **ENCODINGS[encoding])
    (folder / "groups.yaml").write_bytes(exported.stdout)
    planned = run("plan", "--detailed-exitcode", **ENCODINGS[encoding])

    assert (exported.returncode, exported.stderr) == (0, b"")
    assert (planned.returncode, planned.stderr) == (0, b"")
    assert "Õpilased".encode() in exported.stdout


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("encoding", [*map(sample, ENCODINGS)])
def test_a_pipe_gets_the_same_bytes_under_every_encoding(
    sandbox: Sandbox, run: RunBytes, encoding: str, output: str
) -> None:
    sandbox.add_group("Õpilased", contacts=2)
    run("plan", "--out", "saved.json")

    expected = run(*OUTPUTS[output], PYTHONUTF8="1")
    found = run(*OUTPUTS[output], **ENCODINGS[encoding])

    assert (found.returncode, cut_time(found.stdout)) == (0, cut_time(expected.stdout))
    assert b"\\x" not in found.stdout
    assert found.stdout.decode("utf-8")


def cut_time(text: bytes) -> bytes:
    """Return the output without what differs from run to run: times and checksums."""
    return re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z|sha256:[0-9a-f]{64}|\d+ ms", b"...", text)


@pytest.mark.parametrize("encoding", [*map(sample, ENCODINGS)])
def test_files_are_utf_8_under_every_encoding(
    sandbox: Sandbox, run: RunBytes, config: Path, folder: Path, encoding: str
) -> None:
    sandbox.add_group("Õpilased", contacts=2)
    outputs = ("--out", "plan.json", "--markdown", "plan.md", "--gitlab-report", "gitlab.json")

    planned = run("plan", *outputs, **ENCODINGS[encoding])
    applied = run("apply", "plan.json", "--report", "report.json", **ENCODINGS[encoding])
    exported = run("export", "--out", "export.yaml", **ENCODINGS[encoding])
    config.write_bytes((folder / "export.yaml").read_bytes())

    assert (planned.returncode, applied.returncode, exported.returncode) == (0, 0, 0)
    assert sandbox.names() == ["Uus 🎉", "Õpilased 日本"]
    assert "Õpilased 日本" in (folder / "plan.md").read_text(encoding="utf-8")
    assert all((folder / name).read_bytes().decode("utf-8") for name in FILES)
    assert run("plan", "--detailed-exitcode").returncode == 0


@pytest.mark.parametrize("name", [b"\xc3\x95pilased.yaml", b"\xff.yaml"], ids=["utf-8", "not utf-8"])
@pytest.mark.parametrize("encoding", ["posix", "utf-8-mode"])
def test_a_path_works_whatever_its_bytes(
    sandbox: Sandbox, run: RunBytes, config: Path, folder: Path, encoding: str, name: bytes
) -> None:
    sandbox.add_group("Õpilased", contacts=2)
    config.rename(os.path.join(folder, os.fsdecode(name)))  # noqa: PTH118 - the name is not text

    for args in (("validate", "-c", name), ("plan", "-c", name, "--out", b"\xfe.json", "--markdown", b"\xfe.md")):
        assert run(*args, **ENCODINGS[encoding]).returncode == 0
    applied = run("apply", b"\xfe.json", "-c", name, "--report", b"\xfe.report", **ENCODINGS[encoding])

    assert (applied.returncode, sandbox.names()) == (0, ["Uus 🎉", "Õpilased 日本"])


@pytest.mark.parametrize("encoding", ["posix", "utf-8-mode"])
def test_variables_are_read_as_utf_8_under_every_locale(
    sandbox: Sandbox, run: RunBytes, folder: Path, encoding: str
) -> None:
    sandbox.add_group("Õpilased")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: delete}\ngroups: [Uus]\n", encoding="utf-8")

    finished = run("plan", GROUPSYNC_PROTECTED="Õpilased", **ENCODINGS[encoding])

    assert finished.returncode == 3
    assert "Õpilased" in finished.stdout.decode("utf-8")
    assert b"matches no live group" not in finished.stderr


def test_credentials_are_read_as_utf_8_under_every_locale(run: RunBytes, config: Path) -> None:
    """The account follows from the username, so a plan of one job would not be for the account of another."""
    accounts = {
        run("doctor", "-c", str(config), "--format", "json", MESSENTE_API_USERNAME="kasutaja õ", **variables).stdout
        for variables in (ENCODINGS["posix"], ENCODINGS["utf-8-mode"])
    }

    (printed,) = {b"".join(line for line in text.splitlines() if b'"account"' in line) for text in accounts}
    assert b"acc-" in printed


@pytest.mark.parametrize(
    ("args", "line"),
    [(("export", "--names-only"), b"  - \\xd5pilased"), (("plan", "-c", "g.yaml"), b'+ "\\xd5petajad"')],
    ids=["export", "plan"],
)
@pytest.mark.parametrize("encoding", ["ascii", "posix"])
def test_a_terminal_shows_escapes_for_what_its_encoding_lacks(
    sandbox: Sandbox, folder: Path, environ: Mapping[str, str], encoding: str, args: tuple[str, ...], line: bytes
) -> None:
    sandbox.add_group("Õpilased")
    (folder / "g.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [Õpetajad]\n", encoding="utf-8")
    ours, theirs = pty.openpty()

    subprocess.run(
        [sys.executable, "-m", "groupsync", *args],
        cwd=folder,
        env={**os.environ, **environ, **ENCODINGS[encoding], "NO_COLOR": "1"},
        stdout=theirs,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65_536)
    os.close(ours)

    assert line in shown
