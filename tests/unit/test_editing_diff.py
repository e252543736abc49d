"""Diffs of a file: `git apply` accepts them, and gives exactly the new text."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from groupsync.editing import list_changed_lines, render_diff

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    "a line in the middle": ("a\nb\nc\n", "a\nB\nc\n"),
    "CRLF": ("a\r\nb\r\nc\r\n", "a\r\nB\r\nb\r\nc\r\n"),
    "no line end before": ("a\nb", "a\nb\nc\n"),
    "no line end after": ("a\nb\n", "a\nB"),
    "no line end in both": ("a\nb", "a\nB"),
    "a byte order mark": ("\ufeffa\nb\n", "\ufeffa\nb\nc\n"),
    "signs of a diff": ("@@ 1\n--- 2\n+++ 3\n-4\n", "@@ 1\n-- 2\n++ 3\n+4\n\\ 5\n"),
    "other line ends": ("a\x85b\x0cc\u2028d\n", "a\x85b\x0cc\u2028D\n"),
    "far apart": ("a\n" + "x\n" * 30 + "b\n", "A\n" + "x\n" * 30 + "B\n"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_git_applies_a_diff(tmp_path: Path, name: str) -> None:
    old, new = TEXTS[name]
    path = tmp_path / "groups.yaml"
    path.write_bytes(old.encode())

    applied = subprocess.run(
        ["git", "apply", "--verbose", "-"],
        cwd=tmp_path,
        input=render_diff("groups.yaml", old, new).encode(),
        capture_output=True,
        check=False,
    )

    assert (applied.returncode, path.read_bytes().decode()) == (0, new), applied.stderr


def test_equal_texts_have_no_diff() -> None:
    assert render_diff("groups.yaml", "a\n", "a\n") == ""


@pytest.mark.parametrize("name", TEXTS)
def test_changed_lines_give_the_new_text_one_after_the_other(name: str) -> None:
    old, new = ([line.rstrip("\r") for line in text.rstrip("\n").split("\n")] for text in TEXTS[name])

    changes = list_changed_lines(*TEXTS[name])
    for change in changes:
        old[change.first - 1 : change.last] = change.new

    assert changes
    assert old == new
