"""The layout of a line: names first, the figure in its own column, nothing important beyond column 80.

The layout does not depend on the width of a terminal, so `show` prints the same bytes as `plan`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import measure_width, quote_name
from groupsync.render.escape import for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LAST_COLUMN = 80
FIGURE_COLUMN = 52
MOST_NAME_COLUMNS = 40
DETAIL = "      "
"""The indentation of the lines below the first one of a change."""


def lay_out(mark: str, names: Sequence[str], joint: str, figure: str) -> Iterator[str]:
    """Yield the first line of a change: its mark, its names and the figure.

    The figure is on a second line if the names take more than 40 columns together, or if it would go beyond column 80.
    """
    quoted = [quote_name(name) for name in names]
    line = f"  {mark} {joint.join(quoted)}"
    name_columns = sum(measure_width(name) - len('""') for name in quoted)
    room = LAST_COLUMN - measure_width(for_terminal(figure))
    column = max(min(FIGURE_COLUMN, room), measure_width(line) + 2)
    if name_columns <= MOST_NAME_COLUMNS and column <= room:
        yield line + " " * (column - measure_width(line)) + figure
    else:
        yield line
        yield DETAIL + figure
