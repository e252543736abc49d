"""The commands, the lock and the files on Windows, or in an imitation of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from groupsync.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.windows.conftest import Windows

CONFIG = "version: 1\npolicy: {unlisted: keep}\ngroups: [Newsletter, VIP]\n"
IMPORT_ALL = """
import importlib, pkgutil
import groupsync
names = [module.name for module in pkgutil.walk_packages(groupsync.__path__, "groupsync.")]
for name in names:
    if name not in {"groupsync.__main__", "groupsync.files.pipes"}:  # the latter is for systems with named pipes
        importlib.import_module(name)
print(len(names))
"""
HOLD = """
import sys
from pathlib import Path
from groupsync.lock import account_lock
from groupsync.model.account import make_target

with account_lock(Path(sys.argv[1]), make_target("https://api.messente.com/v1", "u"), timeout=0):
    print("held", flush=True)
    sys.stdin.read()
"""
TAKE_TURNS = """
import sys
from pathlib import Path
from groupsync.lock import account_lock
from groupsync.model.account import make_target

folder = Path(sys.argv[1])
for _ in range(10):
    with account_lock(folder, make_target("https://api.messente.com/v1", "u"), timeout=100):
        (folder / "inside").mkdir()
        (folder / "inside").rmdir()
"""
HOLD_TEMPORARY = """
import pathlib, sys
from groupsync.files.leftovers import open_temporary

with open_temporary(pathlib.Path(sys.argv[1]), 0o600) as temporary:
    print(temporary.path.name, flush=True)
    sys.stdin.read()
"""
REMOVE_LEFTOVERS = "import pathlib, sys; from groupsync import files; files.remove_leftovers(pathlib.Path(sys.argv[1]))"
WRITE = """
import pathlib, sys
from groupsync import files
from groupsync.errors import FileError

folder = pathlib.Path(sys.argv[1])
files.write_file(folder / "a", b"one\\r\\n")
files.write_file(folder / "a", b"two\\r\\n")
files.write_file(folder / "b", b"first", may_replace=False)
try:
    files.write_file(folder / "b", b"second", may_replace=False)
except FileError as error:
    print(error)
files.replace_file(folder / "a", b"three\\x1a\\n", expected=files.read_file(folder / "a", limit=100))
print(files.read_file(folder / "a", limit=100), files.read_ends(folder / "b", 2))
"""


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_config(windows: Windows) -> None:
    (windows.folder / "groups.yaml").write_text(CONFIG, encoding="utf-8")


def test_every_module_is_imported(windows: Windows) -> None:
    finished = windows.run(IMPORT_ALL)

    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) > 200


@pytest.mark.parametrize("args", [("apply", "plan.json"), ("restore", "backup.json")])
def test_apply_and_restore_refuse(windows: Windows, sandbox: Sandbox, args: tuple[str, ...]) -> None:
    write_config(windows)

    finished = windows.run("groupsync", *args)

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == (
        f"Error: {args[0]} does not run on Windows yet; plan, check and the other commands do\n"
        f"  -> run {args[0]} on Linux or macOS, in the Windows Subsystem for Linux or in a container\n"
    )
    assert sandbox.log() == ()


APPLY = """
import sys
from pathlib import Path
import groupsync
from groupsync.runs import systems

systems.REFUSED_SYSTEMS = ()  # as it will be when this has passed on Windows
options = groupsync.RunOptions(config_paths=(Path("groups.yaml"),), backup_dir=Path("backups"))
report = groupsync.run_apply(options, report_file=Path("report.json"))
config = Path("groups.yaml")
config.write_text(config.read_text().partition("removed")[0])
(backup,) = Path("backups").iterdir()
print(report.exit_code, groupsync.run_restore([backup], options).exit_code)
"""


def test_apply_and_restore_would_run(windows: Windows, sandbox: Sandbox) -> None:
    sandbox.add_group("Old", contacts=["+37255555555"])
    removed = "removed: [{name: Old, contacts_at_most: 1}]\n"
    (windows.folder / "groups.yaml").write_text(CONFIG + removed, encoding="utf-8")

    finished = windows.run(APPLY)

    assert finished.stdout == "0 0\n", finished.stderr
    assert sandbox.names() == ["Newsletter", "Old", "VIP"]
    assert names_in(windows.folder.parent / "locks") == []


RUN_EACH = """
import json, sys
from groupsync.cli.main import run

for args in json.loads(sys.argv[1]):
    print(run(args), args, file=sys.stderr)
"""


def test_the_other_commands_run(windows: Windows, sandbox: Sandbox) -> None:
    sandbox.add_group("VIP")
    write_config(windows)
    plan = ["plan", "--out", "plan.json", "--markdown", "plan.md", "--backup-dir", "backups"]
    commands = [
        *(["validate"], plan, plan, ["check", "plan.json"], ["show", "plan.json"], ["doctor"], ["scopes", "."]),
        *(["export", "--out", "live.yaml"], ["schema"], ["--help"], ["--version"]),
    ]

    finished = windows.run(RUN_EACH, json.dumps(commands))

    codes = [line for line in finished.stderr.splitlines() if line[:1].isdigit()]
    assert codes == [f"0 {command}" for command in commands], finished.stderr
    summary = json.loads((windows.folder / "plan.json").read_text(encoding="utf-8"))["summary"]
    assert summary == {"create": 1, "rename": 0, "delete": 0, "memberships_lost": 0}


RUN_PASSWORD_COMMAND = """
import os, sys, time
from groupsync.errors import SettingsError
from groupsync.environment.password_command import run_password_command

for code in ("print('secret')", "print('x' * 100000)", "import time; time.sleep(60)", "raise SystemExit(3)"):
    began = time.monotonic()
    try:
        result = len(run_password_command("COMMAND", [sys.executable, "-c", code], dict(os.environ), timeout=5))
    except SettingsError as error:
        result = error
    print(result, time.monotonic() - began < 30)
"""


def test_the_program_that_prints_the_password_runs_and_is_ended(windows: Windows) -> None:
    finished = windows.run(RUN_PASSWORD_COMMAND)

    assert finished.stdout.replace(os.linesep, "\n").splitlines() == [
        f"{len('secret' + os.linesep)} True",
        "65537 True",
        "COMMAND did not end within 5 seconds True",
        "COMMAND ended with exit code 3 True",
    ], finished.stderr


def test_export_replaces_no_file(windows: Windows) -> None:
    (windows.folder / "groups.yaml").write_text("mine", encoding="utf-8")

    finished = windows.run("groupsync", "export", "--out", "groups.yaml")

    assert finished.returncode == 1
    assert (windows.folder / "groups.yaml").read_text(encoding="utf-8") == "mine"
    assert names_in(windows.folder) == ["groups.yaml"]


def test_the_sandbox_runs_a_command(windows: Windows) -> None:
    finished = windows.run("groupsync", "sandbox", "--", sys.executable, "-m", "groupsync", "--version")

    assert (finished.returncode, finished.stdout) == (0, f"groupsync {__version__}\n"), finished.stderr


def test_the_lock_is_held_once_and_ends_with_its_process(windows: Windows, tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    holder = windows.start(HOLD, str(folder))
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"

    second = windows.run(HOLD, str(folder))
    holder.kill()
    holder.wait()
    third = windows.run(HOLD, str(folder))

    assert "LockedError" in second.stderr
    assert third.stdout == "held\n", third.stderr
    assert names_in(folder) == []


def test_runs_that_take_turns_never_overlap_and_leave_no_file(windows: Windows, tmp_path: Path) -> None:
    """The file of the lock is removed after it is closed, while others are about to lock it."""
    processes = [windows.start(TAKE_TURNS, str(tmp_path / "locks")) for _ in range(4)]

    assert [process.communicate(timeout=110)[1] for process in processes] == [""] * 4
    assert names_in(tmp_path / "locks") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets only administrators make links")
def test_the_lock_does_not_follow_a_link(windows: Windows, tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    holder = windows.start(HOLD, str(folder))
    assert holder.stdout
    holder.stdout.readline()
    (path,) = folder.iterdir()
    holder.kill()
    holder.wait()
    path.unlink()
    path.symlink_to(tmp_path / "precious")

    finished = windows.run(HOLD, str(folder))

    assert "cannot be locked: too many levels of symbolic links" in finished.stderr
    assert not (tmp_path / "precious").exists()


def test_files_are_written_whole_and_read_as_bytes(windows: Windows, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()

    finished = windows.run(WRITE, str(folder))

    assert finished.stderr == ""
    assert finished.stdout == f"{folder / 'b'}: exists already\nb'three\\x1a\\n' (b'fi', b'st')\n"
    assert names_in(folder) == ["a", "b"]


def test_leftovers_are_removed_if_they_are_closed_and_old(windows: Windows, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    old = time.time() - 120
    holder = windows.start(HOLD_TEMPORARY, str(folder))
    assert holder.stdout
    held = folder / holder.stdout.readline().strip()
    for name in (".groupsync-000000000000000a", ".groupsync-000000000000000b"):
        (folder / name).write_text("+372")
    for path in (held, folder / ".groupsync-000000000000000a"):
        os.utime(path, (old, old))

    windows.run(REMOVE_LEFTOVERS, str(folder))
    left = set(names_in(folder))
    holder.kill()
    holder.wait()
    os.utime(held, (old, old))
    windows.run(REMOVE_LEFTOVERS, str(folder))

    assert left == {held.name, ".groupsync-000000000000000b"}
    assert names_in(folder) == [".groupsync-000000000000000b"]


FIND_LOCK_DIR = (
    "import sys; from groupsync.environment.places import find_lock_dir; print(find_lock_dir(eval(sys.argv[1])))"
)


def test_the_lock_is_in_a_folder_that_all_users_share(windows: Windows, tmp_path: Path) -> None:
    shared = windows.run(FIND_LOCK_DIR, repr({"ProgramData": str(tmp_path)}))
    without = windows.run(FIND_LOCK_DIR, repr({"ProgramData": str(tmp_path / "none")}))

    assert shared.stdout == f"{tmp_path}\n"
    assert without.stdout.strip() == tempfile.gettempdir()


def run_code(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not need hard links")
def test_without_hard_links_no_file_is_replaced(tmp_path: Path) -> None:
    """As on a USB stick, where the file system has none."""
    finished = run_code(f"import os; del os.link{WRITE}", str(tmp_path))

    assert finished.stdout == f"{tmp_path / 'b'}: exists already\nb'three\\x1a\\n' (b'fi', b'st')\n", finished.stderr
    assert names_in(tmp_path) == ["a", "b"]


WITHOUT_FCNTL = "import sys; sys.modules['fcntl'] = None\n"


def test_everything_is_imported_without_fcntl() -> None:
    finished = run_code(f"{WITHOUT_FCNTL}{IMPORT_ALL}")

    assert finished.returncode == 0, finished.stderr
