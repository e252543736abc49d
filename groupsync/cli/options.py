"""The options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from groupsync.render.formats import REVIEW_FORMATS


class _PathOption(click.Path):
    """A path that is not empty: an empty one is a variable that was not set, not the working folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the name is empty", param, ctx)
        return super().convert(value, param, ctx)


PATH = _PathOption(path_type=Path)

config_paths = click.option(
    "-c",
    "--config",
    "config_paths",
    metavar="PATH",
    type=PATH,
    multiple=True,
    help="A configuration file, or a folder of them; may be given several times.  "
    "[default: $GROUPSYNC_CONFIG, or groups.yaml]",
)

endpoint = click.option(
    "--endpoint",
    metavar="URL",
    help="The base URL of the Phonebook.  [default: $GROUPSYNC_ENDPOINT, or https://api.messente.com/v1]",
)

review_format = click.option(
    "--format",
    "format_name",
    type=click.Choice(tuple(REVIEW_FORMATS)),
    default="text",
    show_default=True,
    help="What to print: text for people, or the plan file as JSON.",
)

verbose = click.option("-v", "--verbose", is_flag=True, help="Show every group of a long run of creates.")


def _refuse_nan(_ctx: click.Context, _param: click.Parameter, value: float) -> float:
    if math.isnan(value):
        raise click.BadParameter("is not a number of seconds")
    return value


timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0.001, max=86_400),
    callback=_refuse_nan,
    default=30.0,
    show_default=True,
    help="How long a request may take, from its first byte to the last of its answer.",
)
