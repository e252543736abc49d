"""How long a plan takes to import its modules, by package: `python -X importtime` of the installed program."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.cases import name_plan
from benchmarks.measuring import UnexpectedEndError, make_clean_environ
from benchmarks.programs import WORK, bin_of
from benchmarks.workload import make_workload, write_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.measuring import Server

_LINE = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)")
_STANDARD_LIBRARY = "Python's own"
_ROUNDS = 7
_FEWEST = 0.2  # milliseconds; packages that take less are left out


def measure_imports(server: Server) -> dict[str, tuple[float, int]]:
    """Return the milliseconds and the number of modules of each package that a plan of 10 groups imports, most first.

    The time of a module is without that of the modules that it imports. Writing the times takes time, too.
    """
    workload = make_workload(10, creates=1, deletes=1)
    folder = WORK / "runs" / f"imports-{name_plan(10)}"
    folder.mkdir(parents=True, exist_ok=True)
    write_groups(workload, folder / "groups.yaml")
    server.begin(workload)
    command: list[str | Path] = [bin_of("groupsync") / "python", "-X", "importtime", "-m", "groupsync", "plan"]
    rounds: dict[str, list[float]] = defaultdict(list)
    modules: dict[str, int] = {}
    for _ in range(_ROUNDS):
        environ = {**make_clean_environ(), **server.environ}
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise UnexpectedEndError(f"the plan whose imports are measured ended with {done.returncode}")
        for package, times in group_by_package(done.stderr.splitlines()).items():
            rounds[package].append(sum(times))
            modules[package] = len(times)
    medians = {package: statistics.median(times) for package, times in rounds.items()}
    shown = sorted(
        (package for package in medians if medians[package] >= _FEWEST), key=lambda package: -medians[package]
    )
    return {package: (round(medians[package], 1), modules[package]) for package in shown}


def group_by_package(lines: Iterable[str]) -> Mapping[str, Sequence[float]]:
    """Return the milliseconds of the modules of each package, from what `-X importtime` writes."""
    times: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        if found := _LINE.fullmatch(line):
            package = found[2].partition(".")[0]
            times[_STANDARD_LIBRARY if package in sys.stdlib_module_names else package].append(int(found[1]) / 1000)
    return times
