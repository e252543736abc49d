"""What a run of the benchmark has measured, as values and as JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The middle of several values, and the least and the greatest of them."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All runs of one program in one case."""

    program: str
    what: str
    samples: Sequence[Sample]

    @property
    def label(self) -> str:
        """What tables call it."""
        return f"{self.program} {self.what}".strip()

    def spread(self, pick: Callable[[Sample], float]) -> Spread:
        """Return the spread of one figure over the rounds."""
        values = [pick(sample) for sample in self.samples]
        return Spread(median=statistics.median(values), least=min(values), most=max(values))

    def wall(self) -> float:
        """Return the median of the seconds by the clock."""
        return self.spread(lambda sample: sample.wall).median

    def cpu(self) -> float:
        """Return the median of the seconds of CPU."""
        return self.spread(lambda sample: sample.cpu).median

    def memory(self) -> float:
        """Return the median of the MiB that it had at most."""
        return self.spread(lambda sample: sample.memory).median

    def seen(self, counter: str) -> int:
        """Return the greatest number that the server counted in any round."""
        return max(int(sample.seen[counter]) for sample in self.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One case, measured."""

    key: str
    title: str
    changes: int
    rows: Sequence[Row]

    def row(self, program: str, what: str = "") -> Row | None:
        """Return the row of a program, None when it was not measured."""
        return next((row for row in self.rows if row.program == program and row.what.startswith(what)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A whole run: where and with what, its cases by their keys, and what suggestions take for each kind of names.

    `imports` has the milliseconds and the number of modules of each package that a small plan imports.
    """

    scale: str
    rounds: int
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    missing: Mapping[str, str]
    cases: Mapping[str, Measured] = field(default_factory=dict)
    suggestions: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    def row(self, case: str, program: str, what: str = "") -> Row | None:
        """Return the row of a program in a case, None when it was not measured."""
        return self.cases[case].row(program, what) if case in self.cases else None

    def plan_sizes(self) -> list[int]:
        """Return the numbers of groups whose plans were measured."""
        return sorted(int(key.removeprefix("plan-")) for key in self.cases if key.startswith("plan-"))


def describe_machine() -> dict[str, str]:
    """Return what the figures depend on."""
    model = next((line.split(":")[1].strip() for line in _read_lines("/proc/cpuinfo") if "model name" in line), "?")
    kibibytes = next(int(line.split()[1]) for line in _read_lines("/proc/meminfo") if line.startswith("MemTotal"))
    return {
        "cores": str(os.cpu_count()),
        "processor": model,
        "memory": f"{kibibytes / 2**20:.0f} GiB",
        "system": f"Linux {platform.release()}",
        "python": platform.python_version(),
    }


def _read_lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def dump_results(results: Results) -> str:
    """Return the JSON from which tables and plots can be made again."""
    return json.dumps(dataclasses.asdict(results), indent=1, ensure_ascii=False) + "\n"


def load_results(text: str) -> Results:
    """Return what `dump_results` wrote."""
    document: dict[str, Any] = json.loads(text)
    cases = {key: _load_case(case) for key, case in document.pop("cases").items()}
    return Results(**document, cases=cases)


def _load_case(document: dict[str, Any]) -> Measured:
    return Measured(**{**document, "rows": tuple(_load_rows(document["rows"]))})


def _load_rows(documents: Iterable[dict[str, Any]]) -> Iterable[Row]:
    for document in documents:
        samples = tuple(Sample(**sample) for sample in document["samples"])
        yield Row(program=document["program"], what=document["what"], samples=samples)
