"""Unknown GROUPSYNC_ variables: an error for the commands that may change the Phonebook, a warning for the others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync import SettingsError, Surroundings, Watcher, run_apply, run_check, run_doctor, run_plan, run_restore
from groupsync.cli.main import COMMANDS
from tests.cli.conftest import NEW_ACCOUNT, count_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Finished, Groupsync

REFUSING = ("apply", "check", "restore")
UNKNOWN = {"GROUPSYNC_CONFG": "s3cret"}
SENTENCE = "GROUPSYNC_CONFG is not a groupsync variable"
REMEDY = "did you mean GROUPSYNC_CONFIG? Or unset it"
LIKE_A_LIMIT = {"groupsync_max_deletes": "s3cret"}


@pytest.fixture
def call(
    sandbox: Sandbox,
    groupsync: Groupsync,
    write: Callable[[str], None],
    folder: Path,
    environ: Mapping[str, str],
) -> Callable[..., Finished]:
    """A function that runs a command as it works without unknown variables; everything that it needs is there."""
    sandbox.add_group("Old", contacts=1)
    write("groups: [New]\nremoved: [{name: Old, contacts_at_most: 1}]\n")
    groupsync("plan", "--out", "first.json")
    groupsync("apply", "first.json")
    groupsync("plan", "--out", "done.json")
    (backup,) = Path(environ["GROUPSYNC_BACKUP_DIR"]).iterdir()
    write("groups: [New, Old, Another]\n")
    groupsync("plan", "--out", "plan.json")
    arguments = {
        "apply": ("plan.json",),
        "check": ("plan.json",),
        "show": ("plan.json",),
        "restore": (str(backup), "--auto-approve"),
        "sandbox": (sys.executable, "-c", ""),
        "scopes": ("groups.yaml",),
        "summary": ("done.json",),
    }

    def call(command: str, *more: str, **variables: str) -> Finished:
        return groupsync(command, *arguments.get(command, ()), *more, **variables)

    assert (folder / "plan.json").exists()
    return call


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_it_and_those_that_may_write_end_before_any_request(
    sandbox: Sandbox, call: Callable[..., Finished], command: str
) -> None:
    before = len(sandbox.log())

    finished = call(command, **UNKNOWN)

    assert "s3cret" not in finished.out + finished.err
    if command in REFUSING:
        assert (finished.code, finished.out) == (1, "")
        assert finished.err == f"Error: {SENTENCE}\n  -> {REMEDY}\n"
        assert len(sandbox.log()) == before
    elif command == "doctor":
        assert (finished.code, finished.err) == (0, "")
        assert f"warning  variables: {SENTENCE}\n         -> {REMEDY}\n" in finished.out
    else:
        assert finished.code == 0
        assert finished.err.startswith(f"Warning: {SENTENCE}: {REMEDY}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_resembles_a_limit_is_an_error_for_every_command(
    sandbox: Sandbox, call: Callable[..., Finished], command: str
) -> None:
    before = len(sandbox.log())

    finished = call(command, **LIKE_A_LIMIT)

    assert finished.code == 1
    assert "s3cret" not in finished.out + finished.err
    if command == "doctor":
        assert "failed   limits: groupsync_max_deletes is not a groupsync variable\n" in finished.out
    else:
        assert finished.out == ""
        assert finished.err == (
            "Error: groupsync_max_deletes is not a groupsync variable\n"
            "  -> did you mean GROUPSYNC_MAX_DELETES? Or unset it\n"
        )
        assert len(sandbox.log()) == before


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "variables",
    [
        {"GROUPSYNC_X_CONFG": "1"},
        {"GROUPSYNC_PORT": "tcp://10.0.0.11:8080", "GROUPSYNC_PORT_8080_TCP_ADDR": "10.0.0.11"},
        {"GROUPSYNC_SERVICE_HOST": "10.0.0.11", "GROUPSYNC_SERVICE_PORT": "8080"},
    ],
)
def test_variables_of_the_user_and_of_kubernetes_change_nothing(
    call: Callable[..., Finished], command: str, variables: dict[str, str]
) -> None:
    finished = call(command, **variables)

    assert finished.code == 0
    assert "is not a groupsync variable" not in finished.out + finished.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "--no-such-option"])
def test_help_and_wrong_usage_come_first(groupsync: Groupsync, command: str, option: str) -> None:
    finished = groupsync(command, option, **UNKNOWN, **LIKE_A_LIMIT)

    assert finished.code == (0 if option == "--help" else 64)
    assert "is not a groupsync variable" not in finished.out + finished.err


def test_the_variable_is_named_before_what_follows_from_it(groupsync: Groupsync) -> None:
    """Without GROUPSYNC_CONFIG there is no configuration here, and that alone would not say why."""
    planned, applied = groupsync("plan", **UNKNOWN), groupsync("apply", "--auto-approve", **UNKNOWN)

    assert planned.err.splitlines()[0] == f"Warning: {SENTENCE}: {REMEDY}"
    assert "groups.yaml" in planned.err.splitlines()[1]
    assert applied.err.splitlines()[0] == f"Error: {SENTENCE}"


def test_a_dry_run_is_no_apply(sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [New]\n")

    finished = groupsync("apply", *NEW_ACCOUNT, "--auto-approve", GROUPSYNC_DRY_RUN="1", GROUPSYNC_MAX_LOSS="0")

    assert finished.code == 1
    assert finished.err == (
        "Error: GROUPSYNC_DRY_RUN and GROUPSYNC_MAX_LOSS (did you mean GROUPSYNC_MAX_CONTACTS_LOST?) "
        "are not groupsync variables\n"
        "  -> correct or unset them; your own variables may begin with GROUPSYNC_X_\n"
    )
    assert count_writes(sandbox) == 0


def test_the_report_of_an_earlier_run_is_removed(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [New]\n")
    assert groupsync("apply", *NEW_ACCOUNT, "--auto-approve", "--report", "report.json").code == 0

    assert groupsync("apply", "--auto-approve", "--report", "report.json", **UNKNOWN).code == 1
    assert not (folder / "report.json").exists()


def test_machines_read_the_warning_of_doctor(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [New]\n")

    checks = json.loads(groupsync("doctor", "--format", "json", **UNKNOWN).out)["checks"]

    assert [check for check in checks if check["name"] == "variables"] == [
        {"name": "variables", "status": "warning", "text": SENTENCE, "advice": REMEDY}
    ]


def test_the_plan_is_the_same_with_an_unknown_variable(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    """Only the person who runs it is warned: what another reads is not about this environment."""
    write("groups: [New]\n")

    pages = []
    for variables in ({}, UNKNOWN):
        groupsync("plan", *NEW_ACCOUNT, "--markdown", "plan.md", **variables)
        pages.append((folder / "plan.md").read_text(encoding="utf-8"))

    assert pages[0] == pages[1]


class _Warnings(Watcher):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def on_warning(self, text: str) -> None:
        self.texts.append(text)


def test_the_library_has_the_same_rule(
    sandbox: Sandbox, groupsync: Groupsync, environ: Mapping[str, str], write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [New]\n")
    groupsync("plan", "--out", "plan.json")
    requests = len(sandbox.log())
    watcher = _Warnings()
    surroundings = Surroundings(environ={**environ, **UNKNOWN}, watcher=watcher)

    for refused in (
        lambda: run_apply(surroundings=surroundings),
        lambda: run_apply(surroundings=surroundings, plan_file=folder / "plan.json"),
        lambda: run_check(folder / "plan.json", surroundings=surroundings),
        lambda: run_restore([], surroundings=surroundings),
    ):
        with pytest.raises(SettingsError, match=f"^{SENTENCE}$"):
            refused()
    assert len(sandbox.log()) == requests
    run_plan(surroundings=surroundings)
    report = run_doctor(surroundings=surroundings)

    assert watcher.texts == [f"{SENTENCE}: {REMEDY}"]
    assert report.checks["variables"].text == SENTENCE


def test_a_real_process_sees_names_that_no_shell_can_set(folder: Path, environ: Mapping[str, str]) -> None:
    names = {"GROUPSYNC-MAX-DELETES": "1", "GROUPSYNC_\x1b[2J": "1"}

    finished = subprocess.run(
        [sys.executable, "-m", "groupsync", "validate"],
        cwd=folder,
        env={**environ, **names},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 1
    assert "GROUPSYNC-MAX-DELETES is not a groupsync variable" in finished.stderr
    assert "\x1b" not in finished.stderr
