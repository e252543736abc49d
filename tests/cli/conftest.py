"""Run the program in this process as a user would, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pytest

from groupsync.cli.main import run
from groupsync.model.account import make_target

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox


WRITES = ("POST", "PUT", "DELETE")
NEW_ACCOUNT = ("--allow", "empty-account")
"""What the first run on an account without groups needs."""


@dataclass(frozen=True)
class Finished:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str


Groupsync: TypeAlias = Callable[..., Finished]


def count_writes(sandbox: Sandbox) -> int:
    """Return how many requests came in that would change something, whatever their answer."""
    return sum(sandbox.requests(method) for method in WRITES)


def describe_account(sandbox: Sandbox) -> str:
    """Return the account and the host as the first line of a plan shows them."""
    target = make_target(sandbox.url, sandbox.username)
    return f"{target.account} ({sandbox.url.split('/')[2]})"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, empty and only for this test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[[str], None]:
    """A function that writes `groups.yaml`: the version line, then the text given.

    Unlisted groups are deleted, unless the text says something about the policy.
    """

    def write(text: str) -> None:
        policy = "" if "policy" in text else "policy: {unlisted: delete}\n"
        (folder / "groups.yaml").write_text(f"version: 1\n{text}{policy}", encoding="utf-8")

    return write


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment variables of a user whose account is on the sandbox."""
    return {
        "GROUPSYNC_LOCK_DIR": str(tmp_path_factory.mktemp("locks")),
        "GROUPSYNC_BACKUP_DIR": str(tmp_path_factory.mktemp("backups")),
        "GROUPSYNC_ENDPOINT": sandbox.url,
        "MESSENTE_API_USERNAME": sandbox.username,
        "MESSENTE_API_PASSWORD": sandbox.password,
    }


@pytest.fixture
def groupsync(folder: Path, environ: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> Groupsync:  # noqa: ARG001
    """A function that runs a command line in the folder.

    Keywords set more environment variables; None leaves one out.
    """

    def call(*args: str, **variables: str | None) -> Finished:
        capsys.readouterr()
        code = run(args, {key: value for key, value in {**environ, **variables}.items() if value is not None})
        captured = capsys.readouterr()
        return Finished(code=code, out=captured.out, err=captured.err)

    return call
