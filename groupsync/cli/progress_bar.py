"""The progress bar of a long apply or restore: click draws it and estimates the time, and the terminal has one line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar as ClickBar

LONGEST_WITHOUT_BAR = 20
"""Up to this many changes or contacts are reported in lines; more get a bar on a terminal."""

_WIDTH = 24


class ProgressBar:
    """A line of text that shows how much of a known number is done."""

    def __init__(self, label: str, total: int) -> None:
        self.label = label
        self._bar: ClickBar[int] = click.progressbar(
            length=total, label=label, width=_WIDTH, show_pos=True, file=io.StringIO()
        )

    def move_to(self, number: int) -> str:
        """Return the line for this number of finished items."""
        self._bar.make_step(number - self._bar.pos)
        return self._bar.format_progress_line()
