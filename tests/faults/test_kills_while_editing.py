"""`kill -9` at any moment while edited files are written: each is the old one or the new one, and all are valid."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from groupsync.config.load import load_config
from groupsync.files import remove_leftovers
from tests.killing import kill_at_line

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "version: 1\n"
SIZE = 3_000  # entries of each file, so that a write takes some time
WRITE = """
import sys
from groupsync.config.load import load_config
from groupsync.editing import AddEntry, EntryList, RemoveEntry
from groupsync.runs.edits import make_writes, write_edits

first, second = sys.argv[1:]
config = load_config([first, second])
moved = next(entry for entry in config.groups if entry.name == "Moved")
edits = [AddEntry(file=second, entries=EntryList.GROUPS, values=(("name", "Moved"),)), RemoveEntry(source=moved.source)]
writes = make_writes(config, edits)
print("ready", flush=True)
write_edits(config, writes)
print("done", flush=True)
"""
MODULES = ("files/replacing.py", "files/leftovers.py", "runs/edits.py")
MOMENTS = [8, pytest.param(200, marks=pytest.mark.slow)]


def make_texts(size: int) -> tuple[list[str], list[str]]:
    """Return the texts of both files before and after the edits."""
    names = "".join(f"  - Group {number}\n" for number in range(size))
    others = "".join(f"  - Other {number}\n" for number in range(size))
    old = [HEAD + "groups:\n  - Moved\n" + names, HEAD + "groups:\n" + others]
    return old, [old[0].replace("  - Moved\n", ""), old[1] + "  - Moved\n"]


def check(folder: Path, paths: list[Path], old: list[str], new: list[str]) -> int:
    """Check what a killed process left, and return how many files it wrote."""
    now = [path.read_text() for path in paths]
    assert now in ([old[0], old[1]], [new[0], old[1]], [new[0], new[1]])
    assert load_config(paths).files == tuple(map(str, paths))
    remove_leftovers(folder)
    assert sorted(folder.iterdir()) == paths
    return sum(text == changed for text, changed in zip(now, new, strict=True))


@pytest.mark.parametrize("moments", MOMENTS)
def test_a_kill_at_a_random_moment_leaves_valid_files(tmp_path: Path, moments: int) -> None:
    old, new = make_texts(SIZE)
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    chance = random.Random(moments)  # noqa: S311

    for _ in range(moments):
        for path, text in zip(paths, old, strict=True):
            path.write_text(text)
        command = [sys.executable, "-c", WRITE, *map(str, paths)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)

        check(tmp_path, paths, old, new)


@pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_at_any_line_leaves_valid_files(tmp_path: Path, step: int) -> None:
    old, new = make_texts(2)
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    program = WRITE.replace('print("ready", flush=True)', "begin()")
    written = set()

    for place in range(1, 1_000, step):
        for path, text in zip(paths, old, strict=True):
            path.write_text(text)
        killed = kill_at_line(place, *map(str, paths), modules=MODULES, program=program)
        written.add(check(tmp_path, paths, old, new))
        if not killed:
            break
    else:
        pytest.fail("the process was killed before its end each time")

    assert written == {0, 1, 2}
