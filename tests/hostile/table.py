"""Runs all cases, and prints for each way in the worst of them: `python -m tests.hostile.table [WORDS...]`."""

# ruff: noqa: T201 - it prints a table

from __future__ import annotations

import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.hostile.corpus import CASES
from tests.hostile.measuring import run_case

if TYPE_CHECKING:
    from tests.hostile.measuring import Run


def main(words: list[str]) -> None:
    """Print a line for each case that has one of the words in its name, and then the table."""
    runs: dict[str, list[tuple[str, Run]]] = defaultdict(list)
    for (way, name), make in CASES.items():
        if words and not any(word in f"{way}: {name}" for word in words):
            continue
        run = run_case(make())
        runs[way].append((name, run))
        sizes = f"{len(run.stdout):>8} {len(run.stderr):>8}"
        print(f"{run.exit_code:>3} {run.seconds:6.2f} s {run.memory:6.0f} MiB {sizes} {way}: {name}", flush=True)
    print("\n| Way in | Cases | Worst time | Most memory | Largest stderr |\n|---|---|---|---|---|")
    for way, found in runs.items():
        slowest = max(found, key=lambda item: item[1].seconds)
        largest = max(found, key=lambda item: item[1].memory)
        print(
            f"| {way} | {len(found)} | {slowest[1].seconds:.1f} s ({slowest[0]}) "
            f"| {largest[1].memory:.0f} MiB ({largest[0]}) | {max(len(run.stderr) for _, run in found):,} |"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
