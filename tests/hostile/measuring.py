"""Runs the program in a process of its own, and measures what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.hostile.phonebook import FixedPhonebook

if TYPE_CHECKING:
    from tests.hostile.case import Case

# The limits end a run that goes astray before the machine does. What a case may need is far below.
_MOST_MEMORY = 4 * 2**30
_MOST_SECONDS = 120
# A small process starts and waits for the program: the peak of its memory counts that of the process that started it.
_LAUNCH = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({_MOST_MEMORY}, {_MOST_MEMORY}))
resource.setrlimit(resource.RLIMIT_CPU, ({_MOST_SECONDS}, {_MOST_SECONDS}))
pid = os.posix_spawn(sys.executable, [sys.executable, "-m", "groupsync", *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(".usage", "w") as file:
    print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**10, file=file)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run did and needed: seconds of CPU time, the most memory in MiB, bytes on stdout and stderr."""

    exit_code: int
    seconds: float
    memory: float
    stdout: str
    stderr: str


def run_case(case: Case) -> Run:
    """Run a case in an empty folder, against a Phonebook that gives its answers."""
    with TemporaryDirectory() as name, FixedPhonebook(case.answers) as phonebook:
        folder = Path(name)
        for file, content in case.files.items():
            (folder / file).write_bytes(content)
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "MESSENTE_API_USERNAME": "hostile",
            "MESSENTE_API_PASSWORD": "hostile",
            "GROUPSYNC_ENDPOINT": phonebook.url,
            "GROUPSYNC_LOCK_DIR": name,
            **case.environ,
        }
        return _run(case.args, folder, environ)


def _run(args: tuple[str, ...], folder: Path, environ: dict[str, str]) -> Run:
    with (folder / ".stdout").open("wb") as stdout, (folder / ".stderr").open("wb") as stderr:
        command = [sys.executable, "-c", _LAUNCH, *args]
        subprocess.run(command, cwd=folder, env=environ, stdout=stdout, stderr=stderr, check=True)
    exit_code, seconds, memory = (folder / ".usage").read_text().split()
    return Run(
        exit_code=int(exit_code),
        seconds=float(seconds),
        memory=float(memory),
        stdout=(folder / ".stdout").read_text(errors="replace"),
        stderr=(folder / ".stderr").read_text(errors="replace"),
    )
