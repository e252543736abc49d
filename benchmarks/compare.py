"""groupsync and other programs side by side, as whole processes on a server of the benchmark's own."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.cases import SCALES, list_cases
from benchmarks.imports import measure_imports
from benchmarks.measuring import ROOT, Server, wait_until_idle
from benchmarks.programs import WORK, install_programs
from benchmarks.results import Measured, Results, Row, describe_machine, dump_results, load_results
from benchmarks.suggestions import measure_kinds
from benchmarks.tables import put_into_page, render_tables

if TYPE_CHECKING:
    from benchmarks.cases import Case
    from benchmarks.measuring import Sample

RESULTS = ROOT / "benchmarks" / "results.json"
_DOCS = ROOT / "docs"


def main() -> None:
    """Measure what the arguments say and print the tables; all but --quick writes the page and its plots, too."""
    parser = argparse.ArgumentParser(prog="python benchmarks/run.py", description=__doc__)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--quick", action="store_true", help="a minute, small sizes; docs/ stays as it is")
    chosen.add_argument("--full", action="store_true", help="a quarter of an hour, up to 100,000 groups")
    chosen.add_argument("--draw", action="store_true", help="measure nothing: docs/ anew from results.json")
    parser.add_argument("--only", metavar="CASE", help="the cases whose key begins so; docs/ stays as it is")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each program runs, after a run to warm up")
    given = parser.parse_args()
    if given.draw:
        write_docs(load_results(RESULTS.read_text()))
        return
    scale = "quick" if given.quick else "full" if given.full else "default"
    results = run(scale, given.only or "", given.rounds)
    print(render_tables(results))
    is_partial = given.quick or given.only
    (WORK / "latest.json" if is_partial else RESULTS).write_text(dump_results(results))
    if not is_partial:
        write_docs(results)


def write_docs(results: Results) -> None:
    """Put the tables into docs/performance.md and draw its plots."""
    from benchmarks.plots import draw_plots  # noqa: PLC0415 - only who writes the page needs matplotlib

    page = _DOCS / "performance.md"
    page.write_text(put_into_page(page.read_text(), render_tables(results)))
    draw_plots(results, _DOCS)


def run(scale_name: str, only: str = "", rounds: int | None = None) -> Results:
    """Return what all cases of a scale, or those whose key begins with `only`, came to."""
    programs = install_programs()
    scale = SCALES[scale_name]
    rounds = rounds or scale.rounds
    results = Results(
        scale=scale_name,
        rounds=rounds,
        machine=describe_machine(),
        versions=programs.versions,
        missing=programs.missing,
    )
    cases: dict[str, Measured] = {}
    imports: dict[str, tuple[float, int]] = {}
    with Server() as server:
        for case in list_cases(scale, programs):
            if case.key.startswith(only):
                cases[case.key] = measure_case(case, server, rounds)
        if "imports".startswith(only) and scale_name != "quick":
            imports = measure_imports(server)
    suggestions = {} if only or scale_name == "quick" else measure_kinds()
    return replace(results, cases=cases, imports=imports, suggestions=suggestions)


def measure_case(case: Case, server: Server, rounds: int) -> Measured:
    """Return all rounds of a case: in each one every program runs once, after a first run that does not count."""
    begin = time.monotonic()
    case.prepare(server)
    samples: list[list[Sample]] = [[] for _ in case.tasks]
    for number in range(rounds * case.times + 1):
        for task, found in zip(case.tasks, samples, strict=True):
            wait_until_idle()
            sample = case.run(task, server)
            if number:
                found.append(sample)
    rows = [
        Row(program=task.program, what=task.what, samples=found)
        for task, found in zip(case.tasks, samples, strict=True)
    ]
    print(f"{case.key}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return Measured(key=case.key, title=case.title, changes=case.workload.changes, rows=rows)


if __name__ == "__main__":
    main()
