"""`groupsync doctor`: looks at everything that a plan needs, and says what to do about what is not as it should be."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from groupsync import doctor as judge
from groupsync.api.transport import find_proxy
from groupsync.backup import BackupFolder
from groupsync.cli import options
from groupsync.cli.signals import Watch
from groupsync.cli.steps import find_backup_folder, open_phonebook, read_config
from groupsync.config.reader import has_libyaml
from groupsync.config.settings import (
    DEFAULT_CONFIG,
    DEFAULT_ENDPOINT,
    Settings,
    default_config_paths,
    find_credential_variables,
    load_credentials,
    load_endpoint,
    load_limits,
)
from groupsync.errors import ExitCode, GroupsyncError
from groupsync.files import is_there
from groupsync.model.account import make_target
from groupsync.render.checkup import CHECKUP_FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from groupsync.cli.app import App
    from groupsync.model.checkup import Check
    from groupsync.model.config import Config
    from groupsync.model.report import Request

PACKAGES = ("click", "deepdiff", "jsonschema", "PyYAML", "requests", "urllib3")

T = TypeVar("T")


@click.command()
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@click.option("--format", "format_name", type=click.Choice(tuple(CHECKUP_FORMATS)), default="text", show_default=True)
@click.pass_obj
def doctor(
    app: App,
    *,
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    backup_dir: Path | None,
    format_name: str,
) -> int:
    """Check what groupsync needs: files, credentials, network, account.

    Nothing is written but the folder for backups, and no secret is shown.
    """
    checkup = judge.make_checkup(_examine(app, config_paths, endpoint, backup_dir, timeout=timeout))
    app.print_result(CHECKUP_FORMATS[format_name](checkup))
    return ExitCode.DONE if checkup.is_good else ExitCode.ERROR


def _examine(
    app: App, config_paths: Sequence[Path], endpoint: str | None, backup_dir: Path | None, *, timeout: float
) -> Iterator[Check]:
    yield judge.check_python(platform.python_version())
    yield judge.check_packages({name: version(name) for name in PACKAGES}, has_libyaml=has_libyaml())
    config = yield from _examine_config(app, config_paths)
    yield from _examine_limits(app)
    settings = yield from _examine_settings(app, endpoint)
    if settings:
        yield judge.check_account(config, settings.target)
        yield from _examine_backups(app, backup_dir, settings)
        yield from _examine_phonebook(app, settings, timeout=timeout)


def _examine_config(app: App, paths: Sequence[Path]) -> Generator[Check, None, Config | None]:
    default = Path(DEFAULT_CONFIG)
    if not paths and default_config_paths(app.environ) == (default,) and not is_there(default):
        yield judge.check_missing_config(DEFAULT_CONFIG)
        return None
    config = _attempt(lambda: read_config(app, paths))
    if isinstance(config, GroupsyncError):
        yield judge.tell_failure("configuration", config)
        return None
    yield judge.check_config(config)
    return config


def _examine_limits(app: App) -> Iterator[Check]:
    limits = _attempt(lambda: load_limits(app.environ, allowed=(), keeps_backups=True))
    if isinstance(limits, GroupsyncError):
        yield judge.tell_failure("limits", limits)
    else:
        yield judge.check_limits(limits)


def _examine_settings(app: App, endpoint: str | None) -> Generator[Check, None, Settings | None]:
    base_url = _attempt(lambda: load_endpoint(app.environ, endpoint))
    credentials = _attempt(lambda: load_credentials(app.environ))
    if isinstance(base_url, GroupsyncError):
        yield judge.tell_failure("endpoint", base_url)
    else:
        yield judge.check_endpoint(base_url, DEFAULT_ENDPOINT)
    if isinstance(credentials, GroupsyncError):
        yield judge.tell_failure("credentials", credentials)
    else:
        yield judge.check_credentials(find_credential_variables(app.environ))
    if isinstance(base_url, GroupsyncError) or isinstance(credentials, GroupsyncError):
        return None
    return Settings(target=make_target(base_url, credentials.username), credentials=credentials)


def _examine_backups(app: App, path: Path | None, settings: Settings) -> Iterator[Check]:
    folder = _attempt(lambda: find_backup_folder(app, path, settings.target))
    problem = _attempt(folder.prepare) if isinstance(folder, BackupFolder) else folder
    yield judge.tell_failure("backups", problem) if problem else judge.check_backups(str(folder or ""))


def _examine_phonebook(app: App, settings: Settings, *, timeout: float) -> Iterator[Check]:
    yield judge.check_proxy(find_proxy(settings.target.endpoint))
    requests: list[Request] = []
    with open_phonebook(settings, timeout=timeout, watch=Watch(app)) as phonebook:
        live = _attempt(phonebook.noting(requests.append).list_groups)
        if isinstance(live, GroupsyncError):
            yield judge.tell_failure("answer", live)
        else:
            yield judge.check_answer(requests[-1].milliseconds)
        if requests and requests[-1].status is not None:
            yield judge.check_clock(app.now(), phonebook.server_time)
    if not isinstance(live, GroupsyncError):
        yield judge.check_groups(live)


def _attempt(call: Callable[[], T]) -> T | GroupsyncError:
    try:
        return call()
    except GroupsyncError as error:
        return error
