"""What an earlier run wrote is removed by a run that fails; nothing else is, and no output goes through a link."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.cli.conftest import count_writes
from tests.cli.test_processes import GROUPSYNC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

    Break: TypeAlias = Callable[[Sandbox, Path], None]

PLAN = ("plan", "--out", "plan.json", "--markdown", "plan.md", "--gitlab-report", "figures.json")
APPLY = ("apply", "saved.json", "--report", "report.json", "--markdown", "report.md")
RESTORE = ("restore", "backup.json", "--report", "report.json", "--auto-approve")
SHOW = ("show", "saved.json", "--markdown", "plan.md", "--gitlab-report", "figures.json")
OUTPUTS = {
    PLAN: ("plan.json", "plan.md", "figures.json"),
    APPLY: ("report.json", "report.md"),
    RESTORE: ("report.json",),
    SHOW: ("plan.md", "figures.json"),
}
ALL = ("plan.json", "plan.md", "figures.json", "report.json", "report.md")
INPUTS = ("groups.yaml", "saved.json", "backup.json")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def start(*command: str, folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a new process, which must not wait for ever."""
    variables = {**os.environ, **environ}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def earlier(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path, environ: Mapping[str, str]
) -> None:
    """All outputs of earlier runs, a saved plan that is still to be applied, and a backup."""
    sandbox.add_group("Keeper")
    sandbox.add_group("Old", contacts=2)
    write("groups: [Keeper, New]\nremoved: [{name: Old, contacts_at_most: 2}]\n")
    assert groupsync(*PLAN).code == 0
    assert groupsync("apply", "plan.json", *APPLY[2:]).code == 0
    (backup,) = Path(environ["GROUPSYNC_BACKUP_DIR"]).glob("*.json")
    shutil.copy(backup, folder / "backup.json")
    write("groups: [Keeper, New, Newer, Old]\n")
    assert groupsync("plan", "--out", "saved.json").code == 0
    assert names_in(folder) == {*ALL, *INPUTS}
    sandbox.forget_requests()


def break_config(_sandbox: Sandbox, folder: Path) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [NO]\n")


def remove_config(_sandbox: Sandbox, folder: Path) -> None:
    (folder / "groups.yaml").unlink()


def replace_config(_sandbox: Sandbox, folder: Path) -> None:
    (folder / "groups.yaml").unlink()
    os.mkfifo(folder / "groups.yaml")


def break_saved_files(_sandbox: Sandbox, folder: Path) -> None:
    (folder / "saved.json").write_text("{}")
    (folder / "backup.json").write_text("{}")


def break_list(sandbox: Sandbox, _folder: Path) -> None:
    sandbox.fail_next("GET", status=400, times=9)


CAUSES: dict[str, tuple[Break, Mapping[str, str | None]]] = {
    "configuration": (break_config, {}),
    "no configuration": (remove_config, {}),
    "configuration is a pipe": (replace_config, {}),
    "plan file or backup": (break_saved_files, {}),
    "list": (break_list, {}),
    "no credentials": (lambda *_: None, {"MESSENTE_API_PASSWORD": None}),
    "empty variable": (lambda *_: None, {"GROUPSYNC_CONFIG": ""}),
    "misspelled limit": (lambda *_: None, {"GROUPSYNC_MAX_DELETE": "1"}),
    "endpoint": (lambda *_: None, {"GROUPSYNC_ENDPOINT": "http://127.0.0.1:1"}),
}
FAILURES = [
    (command, cause)
    for command in OUTPUTS
    for cause in CAUSES
    if not (command == PLAN and cause == "plan file or backup")
    if not (command == SHOW and cause not in {"plan file or backup", "misspelled limit"})
    if cause != "endpoint" or command == PLAN
]


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize(("command", "cause"), FAILURES, ids=lambda value: value[0] if type(value) is tuple else value)
def test_a_failing_run_removes_all_outputs_of_an_earlier_run_and_nothing_else(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, command: tuple[str, ...], cause: str
) -> None:
    break_it, variables = CAUSES[cause]
    break_it(sandbox, folder)
    before = names_in(folder)

    finished = groupsync(*command, **variables)

    assert finished.code in {1, 4}, finished.err
    assert names_in(folder) == before - set(OUTPUTS[command])


LINKS = {"dangling link": "nowhere", "loop": "loop", "link": "precious"}
BAD = (*LINKS, "folder", "groups.yaml/through a file", "none/no folder", "x" * 256)


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("command", OUTPUTS, ids=lambda command: command[0])
def test_an_output_that_cannot_be_written_is_an_error_before_anything_is_sent(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, command: tuple[str, ...]
) -> None:
    before = {name: (folder / name).read_bytes() for name in ALL}
    (folder / "precious").write_text("precious")
    (folder / "folder").mkdir()
    for name, target in LINKS.items():
        (folder / name).symlink_to(target)

    for bad, replaced in itertools.product(BAD, OUTPUTS[command]):
        finished = groupsync(*(bad if argument == replaced else argument for argument in command))

        assert finished.code == 1
        assert finished.err.startswith(f"Error: {bad}: ")
        assert "Traceback" not in finished.err
        left = {output for output in OUTPUTS[command] if (folder / output).exists()}
        assert left == {replaced}, "the other outputs of the earlier run are removed"
        for name, content in before.items():
            (folder / name).write_bytes(content)
    assert sandbox.log() == ()
    assert (folder / "precious").read_text() == "precious"


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("command", OUTPUTS, ids=lambda command: command[0])
def test_what_a_run_reads_is_never_removed_or_replaced(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, command: tuple[str, ...]
) -> None:
    before = {name: (folder / name).read_bytes() for name in INPUTS}
    for read in {"groups.yaml", *command} & before.keys():
        os.link(folder / read, folder / f"hard link to {read}")
        (folder / f"link to {read}").symlink_to(read)

        ways = (read, f"../{folder.name}/{read}", f"hard link to {read}", f"link to {read}")
        for name, output in itertools.product(ways, OUTPUTS[command]):
            finished = groupsync(*(name if argument == output else argument for argument in command))

            problem = f"Error: {name}: is read by this run, so it is not overwritten\n  -> name another file\n"
            assert (finished.code, finished.err) == (1, problem)
    assert {name: (folder / name).read_bytes() for name in INPUTS} == before
    assert sandbox.log() == ()


NOTE = '{"group_id": null}\n'


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("kind", ["backup", "note"])
@pytest.mark.parametrize("command", [*OUTPUTS, ("export", "--force", "--out", "x.yaml")], ids=lambda value: value[0])
def test_no_output_takes_the_place_of_a_backup_or_of_a_note(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, command: tuple[str, ...], kind: str
) -> None:
    """Who was in a group is in no other file; and without its note a restore could make the group twice."""
    content = (folder / "backup.json").read_text() if kind == "backup" else NOTE
    kept = folder / "kept.yaml"
    kept.write_text(content)

    for output in OUTPUTS.get(command, ("x.yaml",)):
        finished = groupsync(*("kept.yaml" if argument == output else argument for argument in command))

        assert (finished.code, "so it is not overwritten\n  -> name another file" in finished.err) == (1, True)
    assert (kept.read_text(), sandbox.log()) == (content, ())


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("name", ["backup.json.restored", "./backup.json.restored", "link/backup.json.restored"])
def test_the_report_of_a_restore_is_not_written_where_its_note_will_be(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, name: str
) -> None:
    (folder / "link").symlink_to(".")

    finished = groupsync("restore", "backup.json", "--report", name, "--auto-approve")

    assert (finished.code, "is read by this run, so it is not overwritten" in finished.err) == (1, True)
    assert sandbox.log() == ()


FOREIGN = {
    "a list": '["mine"]\n',
    "figures with a remark": '{"create":1,"update":0,"delete":0,"mine":1}\n',
    "a page": "# Plan\n\n<!-- groupsync plan account=acc-000000000000 -->\n",
    "JSON": '{\n  "format_version": "2.0",\n  "mine": 1\n}\n',
    "nothing": "",
}


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_failing_run_leaves_files_alone_that_groupsync_did_not_write(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, content: str
) -> None:
    for name in OUTPUTS[PLAN]:
        (folder / name).write_text(content)
    break_list(sandbox, folder)

    assert groupsync(*PLAN).code == 1
    assert [(folder / name).read_text() for name in OUTPUTS[PLAN]] == [content] * 3


@pytest.mark.usefixtures("earlier")
def test_a_failing_run_removes_no_backup_and_no_configuration(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    """`--out backup.json` is a slip that must not cost the members of a group."""
    shutil.copy(folder / "groups.yaml", folder / "plan.md")
    break_list(sandbox, folder)
    before = (folder / "backup.json").read_bytes()

    assert groupsync("plan", "--out", "backup.json", "--markdown", "plan.md").code == 1
    assert (folder / "backup.json").read_bytes() == before
    assert (folder / "plan.md").exists()


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize(
    "command", [(*PLAN, "--nonsense"), (*PLAN, "--max-bytes", "x"), (*APPLY, "--parallelism", "0")], ids=str
)
def test_wrong_usage_removes_nothing(groupsync: Groupsync, folder: Path, command: tuple[str, ...]) -> None:
    """The run has not begun: which files it would write is not known yet."""
    assert groupsync(*command).code == 64
    assert names_in(folder) == {*ALL, *INPUTS}


@pytest.mark.parametrize("second", ["x", "./x", "../{folder}/x", "link/x"])
def test_the_outputs_of_an_apply_are_two_files(groupsync: Groupsync, folder: Path, second: str) -> None:
    (folder / "link").symlink_to(".")
    named = second.format(folder=folder.name)

    assert groupsync("apply", "plan.json", "--report", "x", "--markdown", named).code == 64
    assert groupsync("plan", "--out", "x", "--markdown", named).code == 64


@pytest.mark.usefixtures("earlier")
def test_outputs_are_written_all_or_none(groupsync: Groupsync, folder: Path) -> None:
    """/proc looks like any other folder, and no file can be made there."""
    finished = groupsync(*PLAN[:-1], "/proc/figures.json")

    assert finished.code == 1
    assert "\nError: /proc/figures.json: cannot be written: " in f"\n{finished.err}"
    assert names_in(folder) == {*ALL, *INPUTS} - {"plan.json", "plan.md"}


@pytest.mark.usefixtures("earlier")
def test_a_pipe_as_a_configuration_is_read_while_something_writes_to_it(
    folder: Path, environ: Mapping[str, str]
) -> None:
    """`-c <(...)` of a shell, also if the command takes its time."""
    call = " ".join(GROUPSYNC)
    script = f"{call} validate -c <(sleep 2; cat groups.yaml) && {call} check saved.json -c <(cat groups.yaml)"

    finished = start("bash", "-c", script, folder=folder, environ=environ)

    assert "4 groups" in finished.stdout, finished.stderr


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize(
    "args",
    [
        ("validate", "-c", "pipe"),
        ("plan", "-c", "pipe"),
        ("show", "pipe"),
        ("check", "pipe"),
        ("apply", "pipe"),
        ("restore", "pipe"),
        ("restore", "noted.json", "--auto-approve"),
        ("doctor", "-c", "pipe"),
        ("sandbox", "--seed", "pipe", "--", "true"),
    ],
    ids=" ".join,
)
def test_a_pipe_without_a_writer_is_an_error_for_every_input(
    sandbox: Sandbox, folder: Path, environ: Mapping[str, str], args: tuple[str, ...]
) -> None:
    os.mkfifo(folder / "pipe")
    shutil.copy(folder / "backup.json", folder / "noted.json")
    os.mkfifo(folder / "noted.json.restored")

    finished = start(*GROUPSYNC, *args, folder=folder, environ=environ)

    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    assert count_writes(sandbox) == 0


@pytest.mark.parametrize("variable", ["USERNAME", "PASSWORD"])
@pytest.mark.usefixtures("earlier")
def test_a_pipe_without_a_writer_is_an_error_for_a_secret(groupsync: Groupsync, folder: Path, variable: str) -> None:
    os.mkfifo(folder / "pipe")

    finished = groupsync(
        "plan", **{f"MESSENTE_API_{variable}": None, f"MESSENTE_API_{variable}_FILE": str(folder / "pipe")}
    )

    assert finished.code == 1
    assert finished.err.startswith(f"Error: MESSENTE_API_{variable}_FILE: is a pipe that nothing writes to\n")
