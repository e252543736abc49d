"""The options that several commands share. Those of a review are in `review_options`."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from groupsync.display import quote
from groupsync.model.groups import parse_group_id
from groupsync.names import LONGEST_NAME, is_encodable, is_too_long
from groupsync.patterns import MOST_WILDCARD_PATTERNS, has_wildcard
from groupsync.runs.options import RunOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from groupsync.cli.terminal import Terminal
    from groupsync.model.groups import GroupId


def collect_run_options(command: Callable[..., int]) -> Callable[..., int]:
    """Return the command, which receives the options that are fields of RunOptions as one value, before the others.

    The terminal receives the options that the next command needs.
    """
    names = RunOptions.__struct_fields__

    @functools.wraps(command)
    def call(terminal: Terminal, **params: Any) -> int:
        chosen = RunOptions(**{name: params.pop(name) for name in names if name in params})
        terminal.options, terminal.plan_file = chosen.for_commands, params.get("plan_file")
        return command(terminal, chosen, **params)

    return call


Command = TypeVar("Command", bound="Callable[..., Any] | click.Command")


class _PathOption(click.Path):
    """A path that is not empty: an empty one is a variable that was not set, not the working folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the name is empty", param, ctx)
        return super().convert(value, param, ctx)


PATH = _PathOption(path_type=Path, readable=False)  # an unreadable file is an error of the run, not of its usage

config_paths = click.option(
    "-c",
    "--config",
    "config_paths",
    metavar="PATH",
    type=PATH,
    multiple=True,
    help="A configuration file, or a folder of such files. You can repeat it.  "
    "[default: $GROUPSYNC_CONFIG, or groups.yaml]",
)

endpoint = click.option(
    "--endpoint",
    metavar="URL",
    help="The base URL of the Phonebook.  [default: $GROUPSYNC_ENDPOINT, or https://api.messente.com/v1]",
)


def _check_exclude(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    if not all(values):
        raise click.BadParameter("no name, id or pattern was given. Is its variable empty?")
    _require_utf8(values)
    return values


def _require_utf8(values: Iterable[str]) -> None:
    """Raise BadParameter for bytes that are not UTF-8: a pattern would match names without them, as if not there."""
    if not all(map(is_encodable, values)):
        raise click.BadParameter("is not UTF-8 text")


exclude = click.option(
    "--exclude",
    metavar="NAME|ID|PATTERN",
    multiple=True,
    callback=_check_exclude,
    help="Exclude a group from this run, with every entry that means it. You can repeat it.",
)

no_deletes = click.option(
    "--no-deletes",
    is_flag=True,
    help="Postpone all deletions: nothing is deleted by this run.  [default: $GROUPSYNC_NO_DELETES]",
)

backup_dir = click.option(
    "--backup-dir",
    metavar="DIR",
    type=PATH,
    help="The folder for the members of each group, saved before it is deleted.  [default: $GROUPSYNC_BACKUP_DIR]",
)


auto_approve = click.option("--auto-approve", is_flag=True, help="Do not ask for approval.")

parallelism = click.option(
    "--parallelism",
    metavar="N",
    type=click.IntRange(min=1, max=64),
    default=8,
    show_default=True,
    help="How many changes may run simultaneously.",
)

report_file = click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=PATH,
    help="Write the result of every change, with its requests, to this file as JSON.",
)


def _read_scope(_ctx: click.Context, _param: click.Parameter, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the patterns without repetitions; raise BadParameter for what no configuration may have under `scope`."""
    with_wildcard = list(filter(has_wildcard, patterns))
    if not all(pattern.strip() for pattern in patterns):
        raise click.BadParameter("no pattern was given. Is its variable empty?")
    if len(with_wildcard) > MOST_WILDCARD_PATTERNS or any(map(is_too_long, with_wildcard)):
        most = f"{MOST_WILDCARD_PATTERNS:,} patterns with * or ?, of at most {LONGEST_NAME:,} characters"
        raise click.BadParameter(f"more than {most}")
    _require_utf8(patterns)
    return tuple(dict.fromkeys(patterns))


scope = click.option(
    "--scope",
    "scope_patterns",
    metavar="PATTERN",
    multiple=True,
    callback=_read_scope,
    help="Write only the groups whose names match, and this pattern as the scope. You can repeat it.  "
    "[default: $GROUPSYNC_SCOPE, or all groups]",
)


def _refuse_nan(_ctx: click.Context, _param: click.Parameter, value: float) -> float:
    if math.isnan(value):
        raise click.BadParameter("is not a number of seconds")
    return value


def _make_seconds_option(name: str, *, least: float, default: float, text: str) -> Callable[[Command], Command]:
    return click.option(
        name,
        metavar="SECONDS",
        type=click.FloatRange(min=least, max=86_400),
        callback=_refuse_nan,
        default=default,
        show_default=True,
        help=text,
    )


timeout = _make_seconds_option(
    "--timeout",
    least=0.001,
    default=30.0,
    text="How long a request may take, including its whole answer.",
)

lock_timeout = _make_seconds_option(
    "--lock-timeout",
    least=0.0,
    default=0.0,
    text="How long to wait for another run on this machine that is working on the same account.",
)


def _parse_group_id(_ctx: click.Context, _param: click.Parameter, value: str | None) -> GroupId | None:
    if value is None:
        return None
    group_id = parse_group_id(value)
    if group_id is None:
        raise click.BadParameter(f"{quote(value)} is not the id of a group, which is a UUID")
    return group_id


into = click.option(
    "--into",
    metavar="ID",
    callback=_parse_group_id,
    help="Put the contacts into this live group instead of a new one.",
)


def require_one_file(files: Sequence[Path], chosen: GroupId | None) -> None:
    """Raise the error of wrong usage when `--into` is given for several backups at once."""
    if chosen and len(files) > 1:
        raise click.UsageError("--into is for one BACKUP at a time.")
