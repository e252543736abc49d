"""`groupsync summary`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from groupsync.cli import options, review_options
from groupsync.cli.outputs import require_different_files
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.display import quote
from groupsync.files import write_file
from groupsync.model.summary import find_exit_code
from groupsync.render.summary import SUMMARY_FORMATS
from groupsync.runs.session import Surroundings
from groupsync.runs.summary import run_summary

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal

_ACCOUNT = re.compile(r"acc-[0-9a-f]{12}")
_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%\[\]-]{1,4000}")
_EXAMPLES = """\b
Examples:
  groupsync summary plans/
  groupsync summary plans/ --label acc-5f0c2a9be1d4=Estonia --html summary.html
"""


def _parse_pairs(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return the values by account."""
    pairs: dict[str, str] = {}
    for text in values:
        account, _, value = text.partition("=")
        if not _ACCOUNT.fullmatch(account) or not value:
            raise click.BadParameter(f"{quote(text)} is not ACCOUNT=..., with an account such as acc-5f0c2a9be1d4")
        if pairs.setdefault(account, value) != value:
            raise click.BadParameter(f"{account} has two values")
    return pairs


def _parse_links(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    links = _parse_pairs(ctx, param, values)
    for link in links.values():
        if not _URL.fullmatch(link):
            raise click.BadParameter(f"{quote(link)} is not a URL that begins with https:// or http://")
    return links


@click.command(epilog=_EXAMPLES)
@click.argument("paths", metavar="PLAN...", nargs=-1, required=True, type=options.PATH)
@click.option(
    "--label",
    "labels",
    metavar="ACCOUNT=NAME",
    multiple=True,
    callback=_parse_pairs,
    help="The name to show for an account. An account with a label and no file counts as missing. You can repeat it.",
)
@click.option(
    "--link",
    "links",
    metavar="ACCOUNT=URL",
    multiple=True,
    callback=_parse_links,
    help="Where to read more about an account. You can repeat it.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(tuple(SUMMARY_FORMATS)),
    default="text",
    show_default=True,
    help="What to print.",
)
@review_options.markdown_file
@review_options.max_bytes
@review_options.html_file
@click.pass_obj
def summary(
    terminal: Terminal,
    *,
    paths: tuple[Path, ...],
    labels: dict[str, str],
    links: dict[str, str],
    format_name: str,
    markdown_file: Path | None,
    max_bytes: int,
    html_file: Path | None,
) -> int:
    """Show the plans of many accounts in one table, the worst first.

    PLAN is a plan file, the report of a run (`apply --report`), or a folder of them. The exit code is that of the
    worst: 1 unreadable or missing, 5 incomplete, 3 refused, 2 changes, 0 nothing to do.
    """
    files = {"--markdown": markdown_file, "--html": html_file}
    require_different_files(files)
    terminal.check_variables()
    surroundings = Surroundings(environ=terminal.environ, watcher=ReadingWatcher(terminal))
    summaries = run_summary(paths, surroundings, labels=labels, links=links, writes=[*files.values()])
    for option, path in files.items():
        if path:
            write_file(path, SUMMARY_FORMATS[option.removeprefix("--")](summaries, max_bytes).encode())
    terminal.print_result(SUMMARY_FORMATS[format_name](summaries, max_bytes), is_file=format_name != "text")
    return find_exit_code(summaries)
