"""The report of `groupsync scopes`, as text for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, join_names
from groupsync.render.escape import join_lines
from groupsync.render.findings import render_problem
from groupsync.render.layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.groups import LiveGroup, Source
    from groupsync.scopes import ScopedConfig, ScopesReport

MOST_GROUPS = 20
_MOST_PATTERNS = 5


def render_scopes(report: ScopesReport) -> str:
    """Return the scope of each configuration, the live groups in none of them, the problems, and the verdict."""
    blocks = [[_render_config(config) for config in report.configs]]
    if report.unowned:
        blocks.append(list(_render_unowned(report.unowned)))
    if report.problems:
        blocks.append(["Refused: these configurations can touch the same groups, or groups that are not theirs."])
        blocks += [render_problem(problem, _Excerpts(report).find) for problem in report.problems]
    blocks.append([_render_verdict(report)])
    return "\n\n".join(map(join_lines, blocks)) + "\n"


def _render_config(config: ScopedConfig) -> str:
    patterns = config.scope.patterns
    scope = f"the scope {join_names(patterns, most=_MOST_PATTERNS)}" if patterns else "no scope"
    return f"{config.name}: {scope}, {count(len(config.config.groups), 'group', 'groups')}"


def _render_unowned(groups: Sequence[LiveGroup]) -> Iterator[str]:
    found = "1 live group is" if len(groups) == 1 else f"{len(groups):,} live groups are"
    yield f"{found} in no scope, so no configuration touches {'it' if len(groups) == 1 else 'them'}:"
    for group in groups[:MOST_GROUPS]:
        yield from lay_out("-", [group.name], "", count_contacts(group.contacts_count))
    if len(groups) > MOST_GROUPS:
        yield f"  ... and {len(groups) - MOST_GROUPS:,} more"


def _render_verdict(report: ScopesReport) -> str:
    configs = count(len(report.configs), "configuration", "configurations")
    if report.problems:
        return f"Checked {configs}: {count(len(report.problems), 'problem', 'problems')}."
    return f"Checked {configs}: no two of them can touch the same group."


class _Excerpts:
    """The lines of all configurations."""

    def __init__(self, report: ScopesReport) -> None:
        self._configs = [config.config for config in report.configs]

    def find(self, source: Source | None) -> tuple[str, ...]:
        """Return the line of a source with a caret, () if it is in no file."""
        return next((lines for config in self._configs if (lines := config.excerpt(source))), ())
