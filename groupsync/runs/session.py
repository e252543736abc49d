"""What every run starts with: the configuration, the account, and who watches."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from groupsync.api.client import GroupsClient
from groupsync.config.load import load_config
from groupsync.environment.account import load_settings
from groupsync.environment.places import default_config_paths, find_backup_dir
from groupsync.environment.policy import load_job_scope, load_run_policy
from groupsync.interrupt import Interrupt
from groupsync.model.review import Excerpt
from groupsync.model.wait import Work
from groupsync.review.make import make_review
from groupsync.review.require import require_account
from groupsync.variables import require_known_variables, warn_of_unknown_variables
from groupsync.watcher import LoggingWatcher, Watcher, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from groupsync.environment.account import Settings
    from groupsync.model.account import Credentials, Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import RunPolicy
    from groupsync.model.review import Review
    from groupsync.runs.options import RunOptions


def get_time() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(timezone.utc)


class Surroundings(Struct, frozen=True, kw_only=True):
    """The process that a run works in: its environment, its clock, who watches the run and how to interrupt it."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    watcher: Watcher = field(default_factory=LoggingWatcher)
    interrupt: Interrupt = field(default_factory=Interrupt)
    now: Callable[[], datetime] = get_time


class Session(Struct, frozen=True, kw_only=True):
    """A run that has read its configuration and knows its account; it has sent no request yet.

    `open_session` makes it. It guarantees that the configuration may be used with this account.
    """

    options: RunOptions
    surroundings: Surroundings
    config: Config
    settings: Settings

    @property
    def target(self) -> Target:
        """The Phonebook and account of the run."""
        return self.settings.target

    @property
    def config_paths(self) -> tuple[str, ...]:
        """The paths that were given with `-c`, as texts; none if the configuration is the default one."""
        return write_paths(self.options.config_paths)

    @property
    def backup_dir(self) -> Path | None:
        """The folder for backups of members; None if neither an option nor the environment names one."""
        return self.options.backup_dir or find_backup_dir(self.surroundings.environ)

    def load_run_policy(self, *, applies: bool) -> RunPolicy:
        """Return what the options and the environment allow; `applies` is false for a plan that is only shown."""
        return load_run_policy(
            self.surroundings.environ,
            allowed=self.options.allowed,
            keeps_backups=self.backup_dir is not None,
            applies_to=self.target if applies else None,
            no_deletes=self.options.no_deletes,
        )

    def make_review(self, live: Sequence[LiveGroup], run_policy: RunPolicy) -> Review:
        """Return the plan for these live groups, with everything that a reader of the plan file needs."""
        with waiting(self.surroundings.watcher, Work(what="making the plan")):
            now = self.surroundings.now()
            review = make_review(self.config, live, self.target, now, run_policy, exclude=self.options.exclude)
        return replace(
            review,
            config_paths=self.config_paths,
            backup_dir=_write_path(self.options.backup_dir) if self.options.backup_dir else "",
            excerpts=tuple(_find_excerpts(self.config, review)),
        )

    def open_phonebook(self, *, connections: int = 1) -> GroupsClient:
        """Return the Phonebook of the account; an interrupt ends every wait in it."""
        return GroupsClient(
            self.target.endpoint,
            read_credentials(self.settings, self.surroundings.watcher),
            timeout=self.options.timeout,
            connections=connections,
            interrupt=self.surroundings.interrupt,
            watcher=self.surroundings.watcher,
        )


def read_credentials(settings: Settings, watcher: Watcher) -> Credentials:
    """Return the credentials; a program may run for them, so this comes right before the first request."""
    with waiting(watcher, Work(what="reading the password")):
        return settings.credentials


def write_paths(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the paths as texts in UTF-8, as a plan file has them."""
    return tuple(map(_write_path, paths))


def _write_path(path: Path) -> str:
    """Return the path as text in UTF-8, as a Source has it."""
    return str(path).encode(errors="backslashreplace").decode()


def _find_excerpts(config: Config, review: Review) -> Iterator[Excerpt]:
    """Yield the excerpt of each source of a problem, a guard or a suggestion of the review."""
    sources = [
        *(problem.source for problem in review.plan.problems),
        *(guard.source for guard in review.guards),
        *(suggestion.source for suggestion in review.suggestions),
    ]
    for source in sorted({source for source in sources if source}):
        if lines := config.excerpt(source):
            yield Excerpt(source=source, lines=lines)


def open_session(options: RunOptions, surroundings: Surroundings, *, only_plans: bool = False) -> Session:
    """Return the session of a run; raise ConfigError, SettingsError or WrongAccountError.

    An unknown GROUPSYNC_ variable is also an error, but only a warning if the run `only_plans`.
    """
    environ = surroundings.environ
    if only_plans:
        warn_of_unknown_variables(environ, surroundings.watcher.on_warning)
    else:
        require_known_variables(environ)
    with waiting(surroundings.watcher, Work(what="reading the configuration")):
        config = load_config(options.config_paths or default_config_paths(environ), job_scope=load_job_scope(environ))
    settings = load_settings(environ, endpoint=options.endpoint)
    require_account(config, settings.target)
    return Session(options=options, surroundings=surroundings, config=config, settings=settings)
