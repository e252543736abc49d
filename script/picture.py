"""Draw the pictures of a plan on a terminal, light and dark: `.venv/bin/python script/picture.py docs`.

What it shows is what `groupsync plan` prints on a terminal, run on a sandbox.
"""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

from groupsync.sandbox import Sandbox
from groupsync.sandbox.process import make_environment

ROOT = Path(__file__).parents[1]
WIDTH = 86
CONFIG = """\
version: 1
groups:
  - Newsletter
  - Black Friday 2026
  - name: VIP customers
    previously: [VIP]
removed:
  - name: Spring sale 2024
    contacts_at_most: 2
    reason: The campaign is over.
"""
BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE = (
    (36, 41, 47),
    (164, 14, 38),
    (17, 99, 41),
    (125, 78, 0),
    (9, 105, 218),
    (130, 80, 223),
    (27, 124, 131),
    (110, 119, 129),
)
LIGHT = TerminalTheme((246, 248, 250), BLACK, [BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE])
THEMES = {"light": LIGHT, "dark": SVG_EXPORT_THEME}
# The drawing of rich, without the fonts that it would fetch from elsewhere.
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
    <style>
    .{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
        font-size: {char_height}px; line-height: {line_height}px; }}
    .{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
"""


def print_plan() -> str:
    """Return what `groupsync plan` prints on a terminal, with its colours."""
    with Sandbox(seed=ROOT / "examples" / "first-use.json") as sandbox, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "groups.yaml").write_text(CONFIG, encoding="utf-8")
        environ = make_environment(os.environ, sandbox) | {"TERM": "xterm", "GROUPSYNC_BACKUP_DIR": f"{folder}/backups"}
        environ.pop("NO_COLOR", None)
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "groupsync", "plan"]
        subprocess.run(command, cwd=folder, env=environ, stdout=theirs, stderr=theirs, check=True)  # noqa: S603
        os.close(theirs)
        shown = os.read(ours, 65_536).decode().replace("\r\n", "\n")
        os.close(ours)
    return shown.replace(sandbox.url.split("/")[2], "api.messente.com")  # the sandbox has another port each time


def draw(shown: str, theme: TerminalTheme) -> str:
    """Return the picture of a terminal with this theme that shows it."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(Text.from_ansi(f"\x1b[2m$\x1b[0m groupsync plan\n{shown}".rstrip()))
    return console.export_svg(title="groupsync", unique_id="plan", code_format=FORMAT, theme=theme)


if __name__ == "__main__":
    printed = print_plan()
    for name, theme in THEMES.items():
        (Path(sys.argv[1]) / f"plan-{name}.svg").write_text(draw(printed, theme), encoding="utf-8")
