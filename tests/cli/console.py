"""The console blocks of a page: their commands, what each prints, and a shell to run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BLOCKS = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


def list_commands(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with what it prints."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run_command(command: str, folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a shell command in the folder of a repository; its stdout also holds what it writes to stderr."""
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=make_environment(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def make_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a reader, outside of CI, who has installed groupsync and keeps backups elsewhere."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **environ, "CI": "", "PATH": path, "GROUPSYNC_BACKUP_DIR": "../backups"}
