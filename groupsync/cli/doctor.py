"""`groupsync doctor`: looks at everything that a plan needs, and says what to do about what is not as it should be."""

from __future__ import annotations

import importlib.util
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from groupsync import doctor as judge
from groupsync.api.connections import find_proxy
from groupsync.backup import BackupFolder
from groupsync.cli import options
from groupsync.cli.steps import open_phonebook, read_config
from groupsync.cli.write_steps import find_backup_folder, locked
from groupsync.config.source.yaml_reader import has_libyaml
from groupsync.environment import (
    DEFAULT_CONFIG,
    DEFAULT_ENDPOINT,
    Settings,
    find_credential_variables,
    load_credentials,
    load_endpoint,
    load_run_policy,
)
from groupsync.errors import ExitCode, GroupsyncError, LockedError
from groupsync.files import is_there
from groupsync.model.account import make_target
from groupsync.model.doctor import Health
from groupsync.render.doctor import DOCTOR_FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from groupsync.cli.terminal import Terminal
    from groupsync.model.config import Config
    from groupsync.model.doctor import DoctorCheck
    from groupsync.model.groups import LiveGroup
    from groupsync.model.request import Request

PACKAGES = {
    "click": "click",
    "deepdiff": "deepdiff",
    "jsonschema": "jsonschema",
    "PyYAML": "yaml",
    "requests": "requests",
    "urllib3": "urllib3",
}
"""The module of each package."""

T = TypeVar("T")


@click.command()
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@click.option("--format", "format_name", type=click.Choice(tuple(DOCTOR_FORMATS)), default="text", show_default=True)
@click.pass_obj
def doctor(
    app: Terminal,
    *,
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    backup_dir: Path | None,
    format_name: str,
) -> int:
    """DoctorCheck what groupsync needs: files, credentials, network, account.

    Nothing is written but the folder for backups, and no secret is shown.
    """
    checkup = judge.make_doctor_report(_examine(app, config_paths, endpoint, backup_dir, timeout=timeout))
    app.print_result(DOCTOR_FORMATS[format_name](checkup))
    return ExitCode.DONE if checkup.is_good else ExitCode.ERROR


def _examine(
    app: Terminal, config_paths: Sequence[Path], endpoint: str | None, backup_dir: Path | None, *, timeout: float
) -> Iterator[DoctorCheck]:
    yield judge.check_python(platform.python_version())
    versions = {name: _find_version(name, module) for name, module in PACKAGES.items()}
    yield judge.check_packages(versions, has_libyaml=has_libyaml())
    if not all(versions.values()):
        return
    config = yield from _examine_config(app, config_paths)
    live = yield from _examine_account(app, config, endpoint, backup_dir, timeout=timeout)
    yield from _examine_limits(app, live)


def _find_version(name: str, module: str) -> str:
    """Return the version of an installed package, empty when it is not there or not whole."""
    try:
        return version(name) if importlib.util.find_spec(module) else ""
    except PackageNotFoundError:
        return ""


def _examine_config(app: Terminal, paths: Sequence[Path]) -> Generator[DoctorCheck, None, Config | None]:
    if not paths and "GROUPSYNC_CONFIG" not in app.environ and not is_there(Path(DEFAULT_CONFIG)):
        yield judge.check_missing_config(DEFAULT_CONFIG)
        return None
    config = _attempt(lambda: read_config(app, paths))
    if isinstance(config, GroupsyncError):
        yield judge.make_failure("configuration", config)
        return None
    yield judge.check_config(config)
    return config


def _examine_account(
    app: Terminal, config: Config | None, endpoint: str | None, backup_dir: Path | None, *, timeout: float
) -> Generator[DoctorCheck, None, Sequence[LiveGroup] | None]:
    """Examine all that depends on the account; nothing is sent with credentials for which the configuration is not."""
    settings = yield from _examine_settings(app, endpoint)
    if settings is None:
        return None
    account = judge.check_account(config, settings.target)
    yield account
    yield from _examine_backups(app, backup_dir, settings)
    yield from _examine_lock(app, settings)
    if account.health is Health.FAILED:
        return None
    return (yield from _examine_phonebook(app, settings, timeout=timeout))


def _examine_limits(app: Terminal, live: Sequence[LiveGroup] | None) -> Iterator[DoctorCheck]:
    run_policy = _attempt(lambda: load_run_policy(app.environ, allowed=(), keeps_backups=True))
    if isinstance(run_policy, GroupsyncError):
        yield judge.make_failure("limits", run_policy)
    else:
        yield judge.check_limits(run_policy, live)


def _examine_settings(app: Terminal, endpoint: str | None) -> Generator[DoctorCheck, None, Settings | None]:
    base_url = _attempt(lambda: load_endpoint(app.environ, endpoint))
    credentials = _attempt(lambda: load_credentials(app.environ))
    if isinstance(base_url, GroupsyncError):
        yield judge.make_failure("endpoint", base_url)
    else:
        yield judge.check_endpoint(base_url, DEFAULT_ENDPOINT)
    if isinstance(credentials, GroupsyncError):
        yield judge.make_failure("credentials", credentials)
    else:
        yield judge.check_credentials(find_credential_variables(app.environ))
    if isinstance(base_url, GroupsyncError) or isinstance(credentials, GroupsyncError):
        return None
    return Settings(target=make_target(base_url, credentials.username), credentials=credentials)


def _examine_backups(app: Terminal, path: Path | None, settings: Settings) -> Iterator[DoctorCheck]:
    folder = _attempt(lambda: find_backup_folder(app, path, settings.target))
    problem = _attempt(folder.prepare) if isinstance(folder, BackupFolder) else folder
    if problem:
        yield judge.make_failure("backups", problem)
    elif isinstance(folder, BackupFolder):
        yield judge.check_backups(str(folder), _find_repository(folder.path))
    else:
        yield judge.check_backups("", "")


def _find_repository(folder: Path) -> str:
    """Return the git repository that the folder lies in, empty when it lies in none."""
    path = folder.resolve()
    return next((str(outer) for outer in (path, *path.parents) if is_there(outer / ".git")), "")


def _examine_lock(app: Terminal, settings: Settings) -> Iterator[DoctorCheck]:
    try:
        with locked(app, settings.target, 0):
            pass
    except LockedError:
        yield judge.check_lock(is_held=True)
    except GroupsyncError as error:
        yield judge.make_failure("lock", error)
    else:
        yield judge.check_lock(is_held=False)


def _examine_phonebook(
    app: Terminal, settings: Settings, *, timeout: float
) -> Generator[DoctorCheck, None, Sequence[LiveGroup] | None]:
    proxy = _attempt(lambda: find_proxy(settings.target.endpoint))
    if isinstance(proxy, GroupsyncError):
        yield judge.make_failure("proxy", proxy)
        return None
    yield judge.check_proxy(proxy)
    opened = _attempt(lambda: open_phonebook(settings, timeout=timeout))
    if isinstance(opened, GroupsyncError):
        yield judge.make_failure("answer", opened)
        return None
    requests: list[Request] = []
    with opened as phonebook:
        live = _attempt(phonebook.noting(requests.append).list_groups)
        if isinstance(live, GroupsyncError):
            yield judge.make_failure("answer", live)
        else:
            yield judge.check_answer(requests[-1].milliseconds)
        if requests and requests[-1].status is not None:
            yield judge.check_clock(app.now(), phonebook.server_time)
    if isinstance(live, GroupsyncError):
        return None
    yield judge.check_groups(live)
    return live


def _attempt(call: Callable[[], T]) -> T | GroupsyncError:
    try:
        return call()
    except GroupsyncError as error:
        return error
