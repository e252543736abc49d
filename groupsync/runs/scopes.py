"""The run of `groupsync scopes`: the configurations of one account, compared with each other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from groupsync.api.client import GroupsClient
from groupsync.config.load import load_config
from groupsync.display import quote_file
from groupsync.environment.account import load_settings
from groupsync.errors import ConfigError, SettingsError
from groupsync.model.wait import Work
from groupsync.review.require import require_account
from groupsync.runs.options import RunOptions
from groupsync.runs.session import Surroundings, read_credentials
from groupsync.scopes import ScopedConfig, check_scopes
from groupsync.variables import warn_of_unknown_variables
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.model.groups import LiveGroup
    from groupsync.scopes import ScopesReport


def run_scopes(
    paths: Sequence[Path],
    options: RunOptions | None = None,
    surroundings: Surroundings | None = None,
    *,
    reads_live: bool = False,
) -> ScopesReport:
    """Return what is wrong with the scopes of the configurations; each path is one of them.

    GROUPSYNC_SCOPE does not matter here: the files are compared as they are. With `reads_live` they are also compared
    with the live groups. Raises ConfigError with the problems of all configurations, SettingsError, WrongAccountError
    or ApiError.
    """
    options, surroundings = options or RunOptions(), surroundings or Surroundings()
    warn_of_unknown_variables(surroundings.environ, surroundings.watcher.on_warning)
    _require_separate_paths(paths)
    with waiting(surroundings.watcher, Work(what="reading the configurations")):
        configs = _load_configs(paths)
    for config in configs:
        for warning in config.config.warnings:
            surroundings.watcher.on_warning(warning)
    live = _list_groups(configs, options, surroundings) if reads_live else None
    with waiting(surroundings.watcher, Work(what="comparing the scopes")):
        return check_scopes(configs, live)


def _require_separate_paths(paths: Sequence[Path]) -> None:
    """Raise SettingsError if a path is given twice, or one is inside another."""
    real_paths = [path.resolve() for path in paths]
    for (path, real), (other, other_real) in combinations(zip(paths, real_paths, strict=True), 2):
        if real == other_real:
            sentence = f"{quote_file(str(path))} is given twice"
        elif real.is_relative_to(other_real):
            sentence = f"{quote_file(str(path))} is inside {quote_file(str(other))}"
        elif other_real.is_relative_to(real):
            sentence = f"{quote_file(str(other))} is inside {quote_file(str(path))}"
        else:
            continue
        raise SettingsError(sentence, remedy="give each configuration once, as a folder or as a file")


def _load_configs(paths: Sequence[Path]) -> tuple[ScopedConfig, ...]:
    """Return the configurations; raise ConfigError with the problems of all of them."""
    loaded = list(map(_load_config, paths))
    errors = [one for one in loaded if isinstance(one, ConfigError)]
    if errors:
        problems = [problem for error in errors for problem in error.located_problems]
        raise ConfigError(problems, [excerpt for error in errors for excerpt in _list_excerpts(error)])
    return tuple(one for one in loaded if isinstance(one, ScopedConfig))


def _load_config(path: Path) -> ScopedConfig | ConfigError:
    try:
        config = load_config([path])
    except ConfigError as error:
        return error
    return ScopedConfig(path=str(path), config=config, scope=config.make_scope())


def _list_excerpts(error: ConfigError) -> list[Sequence[str]]:
    """Return an excerpt for each problem, empty ones for those that have none."""
    return [*error.excerpts, *[()] * (len(error.problems) - len(error.excerpts))]


def _list_groups(
    configs: Sequence[ScopedConfig], options: RunOptions, surroundings: Surroundings
) -> Sequence[LiveGroup]:
    settings = load_settings(surroundings.environ, endpoint=options.endpoint)
    for config in configs:
        require_account(config.config, settings.target)
    with GroupsClient(
        settings.target.endpoint,
        read_credentials(settings, surroundings.watcher),
        timeout=options.timeout,
        connections=1,
        interrupt=surroundings.interrupt,
        watcher=surroundings.watcher,
    ) as phonebook:
        return phonebook.list_groups()
