"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from groupsync.render.formats import REVIEW_FORMATS

config_paths = click.option(
    "-c",
    "--config",
    "config_paths",
    metavar="PATH",
    type=click.Path(path_type=Path),
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

timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="How long to wait for the Phonebook.",
)
