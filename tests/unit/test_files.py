"""Files that are no regular files, and temporary files: nothing is waited for without end, nothing stays behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from groupsync import files
from groupsync.errors import FileError

LEFTOVER = ".groupsync-0123456789abcdef"


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def read_error(path: Path, *, limit: int = 100, pipe_seconds: float = 60) -> str:
    with pytest.raises(FileError) as caught:
        files.read_file(path, limit=limit, pipe_seconds=pipe_seconds)
    return str(caught.value).removeprefix(f"{path}: ")


def make_pipe(folder: Path) -> Path:
    path = folder / "pipe"
    os.mkfifo(path)
    return path


# Reading


def test_a_pipe_without_a_writer_is_an_error_within_seconds(tmp_path: Path) -> None:
    begun = time.monotonic()

    assert read_error(make_pipe(tmp_path)) == "is a pipe that nothing writes to"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("parts", [(b"all",), (b"", b"one ", b"two"), (b"x" * 200_000, b"y")], ids=len)
def test_a_pipe_with_a_slow_writer_is_read_to_its_end(tmp_path: Path, parts: tuple[bytes, ...]) -> None:
    path = make_pipe(tmp_path)

    def write() -> None:
        with path.open("wb", buffering=0) as pipe:
            for part in parts:
                time.sleep(0.3)
                pipe.write(part)

    thread = threading.Thread(target=write)
    thread.start()
    content = files.read_file(path, limit=10**6)
    thread.join()

    assert content == b"".join(parts)


def test_a_writer_that_starts_a_little_later_is_waited_for(tmp_path: Path) -> None:
    path = make_pipe(tmp_path)
    timer = threading.Timer(0.3, path.write_bytes, [b"late"])
    timer.start()

    assert files.read_file(path, limit=10) == b"late"


def test_a_writer_that_is_never_done_is_an_error(tmp_path: Path) -> None:
    path = make_pipe(tmp_path)
    keeper = os.open(path, os.O_RDWR)
    os.write(keeper, b"a part")

    assert read_error(path, pipe_seconds=0.5) == "is a pipe, and its writer was not done after 0.5 seconds"
    os.close(keeper)


def test_a_writer_that_never_stops_is_an_error_at_the_limit(tmp_path: Path) -> None:
    path = make_pipe(tmp_path)
    with subprocess.Popen(["sh", "-c", 'exec yes > "$0"', str(path)]) as endless:
        assert read_error(path, limit=2**20) == "is larger than 1 MiB"
        endless.wait(timeout=30)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/tty", "/dev/full", "/dev/random"])
def test_a_device_is_not_opened(path: str) -> None:
    assert read_error(Path(path)) == "is a device, not a file"


def test_folders_sockets_and_links_to_nothing_are_errors(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "gone").symlink_to("nowhere")
        (tmp_path / "file").write_text("")

        found = {name: read_error(tmp_path / name) for name in ("socket", ".", "loop", "gone", "file/x", "x" * 300)}

    assert found == {
        "socket": "is a socket, not a file",
        ".": "is a folder, not a file",
        "loop": "too many levels of symbolic links",
        "gone": "no such file or directory",
        "file/x": "not a directory",
        "x" * 300: "file name too long",
    }


# Temporary files


HOLD = """
import pathlib, sys, time
from groupsync.files.leftovers import open_temporary

with open_temporary(pathlib.Path(sys.argv[1]), 0o600) as temporary:
    print(temporary.path.name, flush=True)
    time.sleep(600)
"""


def test_the_temporary_file_of_a_living_process_stays_until_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        name = process.stdout.readline().strip()
        files.remove_leftovers(tmp_path)
        assert names_in(tmp_path) == {name}
        process.kill()
        process.wait()

    assert names_in(tmp_path) == {name}
    files.remove_leftovers(tmp_path)
    assert not names_in(tmp_path)


def test_only_regular_files_of_that_name_are_removed(tmp_path: Path) -> None:
    others = {".groupsync-note", ".groupsync-0123", f"{LEFTOVER}0", f"x{LEFTOVER}", ".groupsync-ABCDEF0123456789"}
    for name in (*others, LEFTOVER, ".groupsync-01234567"):
        (tmp_path / name).write_text("+372")
    (tmp_path / "precious").write_text("+372")
    (tmp_path / ".groupsync-000000000000000a").symlink_to("precious")
    (tmp_path / ".groupsync-000000000000000b").mkdir()
    os.mkfifo(tmp_path / ".groupsync-000000000000000c")

    files.remove_leftovers(tmp_path)

    kept = {f".groupsync-000000000000000{letter}" for letter in "abc"}
    assert names_in(tmp_path) == {*others, *kept, "precious"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_stay(tmp_path: Path) -> None:
    (tmp_path / LEFTOVER).write_text("+372")
    os.chown(tmp_path / LEFTOVER, 12345, -1)

    files.remove_leftovers(tmp_path)

    assert names_in(tmp_path) == {LEFTOVER}


def test_a_folder_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    files.remove_leftovers(tmp_path / "none")


WRITE = """
import pathlib, sys
from groupsync import files

folder = pathlib.Path(sys.argv[1])
for number in range(300):
    files.remove_leftovers(folder)
    files.write_file(folder / f"{sys.argv[2]}-{number % 7}", sys.argv[2].encode() * 1000)
    files.write_file(folder / f"{sys.argv[2]}-new-{number}", sys.argv[2].encode(), may_replace=False)
"""


def test_processes_that_write_and_clean_the_same_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path), name], stderr=subprocess.PIPE) for name in "abcd"
    ]

    assert [process.communicate(timeout=120)[1] for process in processes] == [b""] * 4
    assert [process.returncode for process in processes] == [0] * 4
    assert len(names_in(tmp_path)) == 4 * (300 + 7)
    assert all((tmp_path / f"{name}-{number}").read_text() == name * 1000 for name in "abcd" for number in range(7))
