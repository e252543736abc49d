"""The run of `groupsync doctor`: the checks in order, and how each finds out what it judges."""

from __future__ import annotations

import importlib.util
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.api.client import GroupsClient
from groupsync.api.proxies import find_proxy
from groupsync.backup import BackupFolder
from groupsync.config.load import load_config
from groupsync.config.source.yaml_reader import has_libyaml
from groupsync.doctor import (
    check_account,
    check_answer,
    check_backups,
    check_clock,
    check_config,
    check_credentials,
    check_endpoint,
    check_groups,
    check_limits,
    check_lock,
    check_missing_config,
    check_packages,
    check_proxy,
    check_python,
    check_scope,
    check_variables,
    make_failed_check,
)
from groupsync.environment.account import Settings
from groupsync.environment.credentials import find_credential_variables, load_login
from groupsync.environment.endpoint import DEFAULT_ENDPOINT, load_endpoint
from groupsync.environment.places import DEFAULT_CONFIG, default_config_paths, find_backup_dir, find_lock_dir
from groupsync.environment.policy import load_job_scope, load_run_policy
from groupsync.errors import GroupsyncError, LockedError
from groupsync.files import is_there
from groupsync.lock import account_lock
from groupsync.model.account import make_target
from groupsync.model.doctor import DoctorReport, Health
from groupsync.model.scope import Scope
from groupsync.model.wait import Work
from groupsync.planner import make_plan
from groupsync.runs.options import RunOptions
from groupsync.runs.session import Surroundings, read_credentials
from groupsync.variables import find_limit, find_unknown_variables
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from groupsync.environment.credentials import Login
    from groupsync.model.config import Config
    from groupsync.model.doctor import DoctorCheck
    from groupsync.model.groups import LiveGroup
    from groupsync.model.request import Request

_MODULES = {
    "click": "click",
    "deepdiff": "deepdiff",
    "jsonschema": "jsonschema",
    "msgspec": "msgspec",
    "PyYAML": "yaml",
    "requests": "requests",
    "urllib3": "urllib3",
}
"""The packages that a plan needs, and the module of each."""


def run_doctor(options: RunOptions | None = None, surroundings: Surroundings | None = None) -> DoctorReport:
    """Run all checks and return their report; a check that fails does not end the run.

    Nothing is written except the folder for backups. Nothing is sent if the configuration is for another account.
    """
    examination = _Examination(options or RunOptions(), surroundings or Surroundings())
    checks: dict[str, DoctorCheck] = {}
    for name, run_check in CHECKS.items():
        if examination.lacks_packages:
            break  # the other checks would not run without them
        try:
            check = run_check(examination)
        except GroupsyncError as error:
            check = make_failed_check(error)
        if check:
            checks[name] = check
    settings = examination.settings
    return DoctorReport(
        checks=checks,
        unchecked=tuple(name for name in CHECKS if name not in checks),
        account=settings.target.account if settings else None,
    )


class _Examination:
    """One run, with what its checks have found out so far for those that follow.

    A check returns None if something it needs failed, and raises GroupsyncError if it fails itself.
    """

    def __init__(self, options: RunOptions, surroundings: Surroundings) -> None:
        self._options = options
        self._environ = surroundings.environ
        self._now = surroundings.now
        self._watcher = surroundings.watcher
        self.lacks_packages = False
        self._config: Config | None = None
        self._endpoint: str | None = None
        self._login: Login | None = None
        self.settings: Settings | None = None
        self._may_send = False
        self._proxy: str | None = None
        self._is_answered = False
        self._server_time: datetime | None = None
        self._live: Sequence[LiveGroup] | None = None

    def python(self) -> DoctorCheck:
        return check_python(platform.python_version())

    def packages(self) -> DoctorCheck:
        versions = {package: _find_version(package, module) for package, module in _MODULES.items()}
        self.lacks_packages = not all(versions.values())
        return check_packages(versions, has_libyaml=has_libyaml())

    def variables(self) -> DoctorCheck:
        """Check for unknown variables, except those that resemble a limit: the check `limits` fails for them."""
        return check_variables([name for name in find_unknown_variables(self._environ) if not find_limit(name)])

    def configuration(self) -> DoctorCheck:
        paths = self._options.config_paths
        if not paths and "GROUPSYNC_CONFIG" not in self._environ and not is_there(Path(DEFAULT_CONFIG)):
            return check_missing_config(DEFAULT_CONFIG, self._options.for_commands)
        with waiting(self._watcher, Work(what="reading the configuration")):
            self._config = load_config(
                paths or default_config_paths(self._environ), job_scope=load_job_scope(self._environ)
            )
        return check_config(self._config, self._options.for_commands)

    def endpoint(self) -> DoctorCheck:
        self._endpoint = load_endpoint(self._environ, self._options.endpoint)
        return check_endpoint(self._endpoint, DEFAULT_ENDPOINT)

    def credentials(self) -> DoctorCheck:
        self._login = load_login(self._environ)
        return check_credentials(find_credential_variables(self._environ))

    def account(self) -> DoctorCheck | None:
        if self._endpoint is None or self._login is None:
            return None
        target = make_target(self._endpoint, self._login.username)
        self.settings = Settings(target=target, login=self._login)
        check = check_account(self._config, target)
        self._may_send = check.health is not Health.FAILED
        return check

    def backups(self) -> DoctorCheck | None:
        if self.settings is None:
            return None
        path = self._options.backup_dir or find_backup_dir(self._environ)
        if path is None:
            return check_backups("", "")
        BackupFolder(path, self.settings.target, self._now).prepare()
        return check_backups(str(path), _find_repository(path))

    def lock(self) -> DoctorCheck | None:
        if self.settings is None:
            return None
        try:
            with account_lock(find_lock_dir(self._environ), self.settings.target, timeout=0):
                return check_lock(is_held=False)
        except LockedError:
            return check_lock(is_held=True)

    def proxy(self) -> DoctorCheck | None:
        if self.settings is None or not self._may_send:
            return None
        self._proxy = find_proxy(self.settings.target.endpoint)
        return check_proxy(self._proxy)

    def answer(self) -> DoctorCheck | None:
        if self.settings is None or self._proxy is None:
            return None
        requests: list[Request] = []
        with GroupsClient(
            self.settings.target.endpoint,
            read_credentials(self.settings, self._watcher),
            timeout=self._options.timeout,
            watcher=self._watcher,
        ) as phonebook:
            try:
                self._live = phonebook.noting(requests.append).list_groups()
            finally:
                self._is_answered = bool(requests) and requests[-1].status is not None
                self._server_time = phonebook.server_time
        return check_answer(requests[-1].milliseconds)

    def clock(self) -> DoctorCheck | None:
        return check_clock(self._now(), self._server_time) if self._is_answered else None

    def scope(self) -> DoctorCheck:
        return check_scope(self._scope, self._live)

    @property
    def _scope(self) -> Scope:
        """The scope of the configuration; that of the job alone if there is none."""
        return self._config.make_scope() if self._config else Scope(job_patterns=load_job_scope(self._environ))

    def groups(self) -> DoctorCheck | None:
        if self._live is None:
            return None
        inside, _ = self._scope.split(self._live)
        config = self._config
        return check_groups(
            inside,
            next_plan=make_plan(config, self._live) if config else None,
            policy=config.policy.unlisted if config else None,
            options=self._options.for_commands,
        )

    def limits(self) -> DoctorCheck:
        run_policy = load_run_policy(self._environ, allowed=(), keeps_backups=True)
        return check_limits(run_policy, self._live)


CHECKS: Mapping[str, Callable[[_Examination], DoctorCheck | None]] = {
    "python": _Examination.python,
    "packages": _Examination.packages,
    "variables": _Examination.variables,
    "configuration": _Examination.configuration,
    "endpoint": _Examination.endpoint,
    "credentials": _Examination.credentials,
    "account": _Examination.account,
    "backups": _Examination.backups,
    "lock": _Examination.lock,
    "proxy": _Examination.proxy,
    "answer": _Examination.answer,
    "clock": _Examination.clock,
    "scope": _Examination.scope,
    "groups": _Examination.groups,
    "limits": _Examination.limits,
}
"""All checks, in the order in which they run; the text for a person has the scope first."""


def _find_version(package: str, module: str) -> str:
    """Return the version of an installed package; empty if it or its module is not installed."""
    try:
        return version(package) if importlib.util.find_spec(module) else ""
    except PackageNotFoundError:
        return ""


def _find_repository(folder: Path) -> str:
    """Return the git repository that contains the folder; empty if there is none."""
    path = folder.resolve()
    return next((str(outer) for outer in (path, *path.parents) if is_there(outer / ".git")), "")
