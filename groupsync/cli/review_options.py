"""The options of the commands that make, show or apply a review.

They need its guards, its formats and its approval, which `validate` does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli.options import PATH
from groupsync.guards import OVERRIDABLE
from groupsync.planfile.approval import parse_approval
from groupsync.render.formats import REPORT_FORMATS, REVIEW_FORMATS
from groupsync.render.view import MOST_BYTES, Detail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from groupsync.cli.options import Command
    from groupsync.planfile.approval import Approval


def _make_format_option(names: Iterable[str], text: str) -> Callable[[Command], Command]:
    choice = click.Choice(tuple(names))
    return click.option("--format", "format_name", type=choice, default="text", show_default=True, help=text)


review_format = _make_format_option(
    REVIEW_FORMATS, "What to print: text, Markdown for a pull request, or the plan file as JSON."
)

report_format = _make_format_option(REPORT_FORMATS, "What to print: text for people, or Markdown.")

quiet = click.option("-q", "--quiet", "detail", flag_value=Detail.QUIET.value, help="Show only the verdict.")

verbose = click.option(
    "-v",
    "--verbose",
    "detail",
    flag_value=Detail.VERBOSE.value,
    default=Detail.CONCISE.value,
    help="Show all groups with their ids, including groups that stay as they are.",
)

markdown_file = click.option(
    "--markdown",
    "markdown_file",
    metavar="FILE",
    type=PATH,
    help="Also write the output to this file, as Markdown for a pull request.",
)

html_file = click.option(
    "--html",
    "html_file",
    metavar="FILE",
    type=PATH,
    help="Also write a page to this file, for people who do not use git. It needs no network and has no phone numbers.",
)

max_bytes = click.option(
    "--max-bytes",
    metavar="N",
    type=click.IntRange(min=2_000),
    default=MOST_BYTES,
    show_default=True,
    help="The largest size of the Markdown in bytes. The least important parts are left out and counted.",
)

gitlab_report = click.option(
    "--gitlab-report",
    metavar="FILE",
    type=PATH,
    help="Also write the numbers to this file, for a merge request on GitLab.",
)

allow = click.option(
    "--allow",
    "allowed",
    metavar="GUARD",
    type=click.Choice(OVERRIDABLE),
    multiple=True,
    help=f"Override a guard for this run: {', '.join(OVERRIDABLE)}. You can repeat it.",
)


def _parse_approval(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Approval | None:
    if value is None:
        return None
    if not value.strip():
        raise click.BadParameter("no digest was given. Is its variable empty?")
    try:
        return parse_approval(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


expect_digest = click.option(
    "--expect-digest",
    metavar="DIGEST",
    callback=_parse_approval,
    help="Apply only the plan that was approved. DIGEST is the field `approval` of its plan file.",
)
