"""The plots of a run, as SVG whose bytes follow from the results alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from benchmarks.results import Measured, Results, Row

_COLORS = {"groupsync": "#0b6e4f", "plain script": "#8d99ae"}
_OTHER = "#d08c60"
_APPLIES = ("renames", "wide-creates", "creates")
_COMPARED = ("terraform", "unchanged-10000")


def draw_plots(results: Results, folder: Path) -> None:
    """Write performance-plan.svg and performance-peers.svg."""
    mpl.rcParams["svg.hashsalt"] = "groupsync"  # or ids differ from run to run
    mpl.rcParams["svg.fonttype"] = "none"  # text as text: a tenth of the bytes
    _save(_draw_plans(results), folder / "performance-plan.svg")
    _save(_draw_peers(results), folder / "performance-peers.svg")


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")


def _draw_plans(results: Results) -> Figure:
    figure = Figure(figsize=(9, 3.4))
    time, memory = figure.subplots(1, 2)
    for axes, name in ((time, "seconds"), (memory, "MiB at most")):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("groups")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:,g}")
            axis.set_minor_formatter(NullFormatter())
        axes.set_title(name, fontsize=10)
        axes.grid(visible=True, which="major", alpha=0.3)
    for program, what in (("groupsync", "plan"), ("plain script", "")):
        rows = {number: results.row(f"plan-{number}", program, what) for number in results.plan_sizes()}
        found = {number: row for number, row in rows.items() if row}
        _draw_line(time, program, {number: row.wall() for number, row in found.items()})
        _draw_line(memory, program, {number: row.memory() for number, row in found.items()})
    memory.set_yticks([25, 50, 100, 200, 400])
    time.legend(frameon=False)
    return figure


def _draw_line(axes: Axes, program: str, points: dict[int, float]) -> None:
    axes.plot([*points], [*points.values()], marker="o", label=program, color=_COLORS[program])


def _draw_peers(results: Results) -> Figure:
    cases = [results.cases[key] for key in (*_COMPARED, *_APPLIES) if key in results.cases]
    figure = Figure(figsize=(9, 1.2 * len(cases) + 0.5))
    for axes, case in zip(figure.subplots(len(cases), 1, squeeze=False)[:, 0], cases, strict=True):
        _draw_bars(axes, case)
    figure.tight_layout()
    return figure


def _draw_bars(axes: Axes, case: Measured) -> None:
    rows = [*reversed(case.rows)]
    bars = axes.barh([row.label for row in rows], [row.wall() for row in rows], color=[_color(row) for row in rows])
    axes.bar_label(bars, fmt="%.2f s", padding=3, fontsize=8)
    axes.set_title(case.title, fontsize=9, loc="left")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def _color(row: Row) -> str:
    return _COLORS.get(row.program, _OTHER)
