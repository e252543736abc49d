"""The plots of a run, as SVG whose bytes follow from the results alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from benchmarks.cases import name_plan
from benchmarks.workload import Style

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
    for style, line in ((Style.NAMES, "-"), (Style.PINNED, "--")):
        for program, what in (("groupsync", "plan"), ("plain script", "")):
            rows = {number: results.row(name_plan(number, style), program, what) for number in results.plan_sizes()}
            found = {number: row for number, row in rows.items() if row}
            label = program if style is Style.NAMES else f"{program}, entries with ids"
            look = {"marker": "o", "markersize": 4, "label": label, "color": _COLORS[program], "linestyle": line}
            time.plot([*found], [row.wall() for row in found.values()], **look)
            memory.plot([*found], [row.memory() for row in found.values()], **look)
    time.set_yticks([0.1, 0.2, 0.5, 1, 2, 5, 10, 20])
    memory.set_yticks([25, 50, 100, 200, 400])
    time.legend(frameon=False, fontsize=8)
    return figure


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
