"""Signs of life: lines that say what a run waits for, so that it is never silent for long."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from groupsync.errors import NoThreadError
from groupsync.render.wait import render_wait
from groupsync.threads import DaemonThread

if TYPE_CHECKING:
    from groupsync.cli.terminal import Terminal
    from groupsync.model.wait import Wait

SILENCE = 1.6
"""Seconds without output before a sign of life; it always comes within two seconds."""

LOG_PAUSE = 10.0
"""Seconds between two signs of life in a log, which has a line for each."""

_TICK = 0.25


class SignsOfLife:
    """Prints what the run waits for.

    A command makes one, and its watcher calls it from any thread. During a wait, a separate thread prints what the run
    waits for, and for how long. On a terminal this is one line at the bottom, which the next output replaces;
    `set_progress` puts a progress bar in front of it. In a log it is a line within two seconds of silence, and then one
    every ten seconds.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lock = threading.Lock()
        self._waits: list[tuple[float, Wait]] = []
        self._progress = ""
        self._is_running = False
        self._last_line = float("-inf")
        self._last_progress = float("-inf")

    def begin(self, wait: Wait) -> None:
        """Note that a wait has begun."""
        with self._lock:
            self._waits.append((time.monotonic(), wait))
            is_first = not self._is_running
            self._is_running = True
        if is_first:
            with contextlib.suppress(NoThreadError):  # the run also works without signs of life
                DaemonThread(self._watch)

    def end(self, wait: Wait) -> None:
        """Note that a wait is over."""
        with self._lock:
            index = [one is wait for _, one in self._waits].index(True)  # a generator needs memory when it ends
            del self._waits[index]
            is_idle = not self._waits and not self._progress
        if is_idle:
            self._terminal.clear_line()

    def set_progress(self, text: str) -> None:
        """Show a progress bar from now on; an empty text removes it."""
        with self._lock:
            self._progress = text
            self._last_progress = time.monotonic()
        if text:
            self._terminal.draw_line(text)
        else:
            self._terminal.clear_line()

    def _watch(self) -> None:
        """Check four times a second; end when no wait is left. The next wait starts a new thread."""
        while True:
            time.sleep(_TICK)
            now = time.monotonic()
            with self._lock:
                if not self._waits:
                    self._is_running = False
                    return
                self._show(self._describe(now), now)  # under the lock: nothing is drawn when the wait is over

    def _show(self, text: str, now: float) -> None:
        if self._terminal.can_redraw:
            self._terminal.draw_line(f"{self._progress}  {text}".strip() if text else self._progress)
        elif text and now - self._last_line >= LOG_PAUSE:
            self._last_line = now
            self._terminal.print_line_for_log(text)

    def _describe(self, now: float) -> str:
        """Describe the longest wait; empty if there was output a moment ago."""
        if now - max(self._last_progress, self._terminal.last_output) < SILENCE:
            return ""
        since, wait = self._waits[0]
        return render_wait(wait, now - since)
