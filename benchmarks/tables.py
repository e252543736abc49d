"""The tables of a run in Markdown, and the page that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.targets import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.results import Measured, Results, Row, Spread

BEGIN, END = "<!-- measured: python benchmarks/run.py writes this -->", "<!-- end of what was measured -->"
_MARKS = {True: "met", False: "**missed**", None: ""}


def render_tables(results: Results) -> str:
    """Return where it was measured, the targets, and a table for each case."""
    return "\n".join(
        [
            *_render_machine(results),
            *_render_targets(results),
            *_render_cases(results),
            *_render_imports(results),
            *_render_suggestions(results),
        ]
    )


def put_into_page(page: str, tables: str) -> str:
    """Return the page with the tables between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _render_machine(results: Results) -> Iterator[str]:
    machine = results.machine
    yield (
        f"Python {machine['python']}, {machine['system']}, {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory']}, shared with other work. {results.rounds} rounds (`--{results.scale}`)."
    )
    yield ""
    yield f"Programs: {', '.join(f'{name} {version}' for name, version in results.versions.items())}."
    for name, why in results.missing.items():
        yield f"**Skipped: {name}** ({why})."
    yield ""


def _render_targets(results: Results) -> Iterator[str]:
    yield "### Targets"
    yield ""
    yield "| What | Target | Measured | |"
    yield "|---|---:|---:|---|"
    for verdict in judge(results):
        yield f"| {verdict.text} | {verdict.wanted} | {verdict.found} | {_MARKS[verdict.is_met]} |"
    yield ""


def _render_cases(results: Results) -> Iterator[str]:
    for case in results.cases.values():
        yield f"### {case.title}"
        yield ""
        yield from _render_case(case)
        yield ""


def _render_imports(results: Results) -> Iterator[str]:
    if not results.imports:
        return
    yield "### Modules of a plan of 10 groups"
    yield ""
    yield "What `python -X importtime` says of each package. The times are longer than without it."
    yield ""
    yield "| Package | Milliseconds | Modules |"
    yield "|---|---:|---:|"
    for package, (milliseconds, modules) in results.imports.items():
        yield f"| {package} | {milliseconds:.1f} | {modules} |"
    yield ""


def _render_suggestions(results: Results) -> Iterator[str]:
    if not results.suggestions:
        return
    yield "### Looking for renames"
    yield ""
    yield "CPU seconds in one process, for groups deleted + created (`python -m benchmarks.suggestions`)."
    yield ""
    yield from (f"- {kind}: {line}" for kind, line in results.suggestions.items())
    yield ""


def _render_case(case: Measured) -> Iterator[str]:
    yield "| | Seconds | CPU seconds | MiB | Requests | In flight | Connections |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for row in case.rows:
        yield _render_row(row)


def _render_row(row: Row) -> str:
    times = (row.spread(lambda sample: sample.wall), row.spread(lambda sample: sample.cpu))
    seen = (row.seen(counter) for counter in ("requests", "most_in_flight", "connections"))
    cells = [row.label, *map(_show, times), f"{row.memory():.0f}", *map(str, seen)]
    return f"| {' | '.join(cells)} |"


def _show(spread: Spread) -> str:
    digits = 2 if spread.median >= 1 else 3
    return f"{spread.median:.{digits}f} ({spread.least:.{digits}f}-{spread.most:.{digits}f})"
