"""The whole road on a made-up account, in the user's repository, before there are credentials."""

from __future__ import annotations

import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from tests.ci.conftest import WORKFLOWS
from tests.ci.runner import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject

LINE = "          rehearsal: .github/rehearsal.json\n"


@pytest.fixture
def rehearsal(project: GitHubProject) -> GitHubProject:
    """A project that has no credentials yet, and the groups of the example."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        project.machine.variables = {
            "GROUPSYNC_LOCK_DIR": project.machine.variables["GROUPSYNC_LOCK_DIR"],
            "REHEARSAL_PORT": str(server.getsockname()[1]),
        }
    project.machine.secrets = {}
    shutil.copy(WORKFLOWS / "rehearsal.json", project.machine.repository / ".github")
    return project


def rehearse(folder: Path, name: str) -> Path:
    """Return a workflow with the line that docs/ci.md adds below each `config`."""
    text = (WORKFLOWS / name).read_text(encoding="utf-8")
    lines = [
        f"{line}{LINE}" if line.lstrip().startswith("config:") else line for line in text.splitlines(keepends=True)
    ]
    assert sum(LINE in line for line in lines) == text.count("groupsync@") > 0
    file = folder / name
    file.write_text("".join(lines), encoding="utf-8")
    return file


def test_the_road_from_pull_request_to_apply_needs_no_credentials(
    rehearsal: GitHubProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    rehearsal.write(
        "groups: [{name: VIP customers, previously: [VIP]}, Newsletter]\n"
        "removed: [{name: Summer sale, contacts_at_most: 3}]\n"
    )

    pushed = rehearsal.push(workflow=rehearse(tmp_path, "plan.yml"))
    jobs = rehearsal.merge(workflow=rehearse(tmp_path, "apply.yml"))

    assert pushed.result == "success", pushed.log
    (comment,) = rehearsal.comments()
    assert "VIP customers" in comment
    assert "Summer sale" in comment
    assert jobs["plan"].outputs["reviewed"] == "true"
    assert (jobs["apply"].environment, jobs["apply"].result) == ("phonebook", "success")
    assert "1 renamed, 1 deleted" in jobs["apply"].log
    assert len(list(rehearsal.kept_backups.glob("Summer-sale.*.json"))) == 1
    assert sandbox.log() == ()


def test_a_program_that_prints_the_password_does_not_run_in_a_rehearsal(
    rehearsal: GitHubProject, tmp_path: Path
) -> None:
    rehearsal.machine.variables["MESSENTE_API_PASSWORD_COMMAND"] = f"touch {tmp_path}/ran"
    rehearsal.write("groups: [VIP, Newsletter]\n")

    pushed = rehearsal.push(workflow=rehearse(tmp_path, "plan.yml"))

    assert "acc-" in "".join(rehearsal.comments()), pushed.log
    assert "are set" not in pushed.log
    assert not (tmp_path / "ran").exists()


def test_a_rehearsal_that_cannot_start_says_why(rehearsal: GitHubProject, tmp_path: Path) -> None:
    rehearsal.write("groups: [VIP]\n")
    (rehearsal.machine.repository / ".github" / "rehearsal.json").write_text("{", encoding="utf-8")

    done = rehearsal.push(workflow=rehearse(tmp_path, "plan.yml"))

    assert done.result == "failure"
    assert "the made-up account of the rehearsal has not started" in done.errors[0]
    assert "is not JSON" in done.log


def test_the_page_shows_the_line_of_a_rehearsal() -> None:
    assert LINE.strip() in (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
