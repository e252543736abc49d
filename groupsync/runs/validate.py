"""A check of the configuration alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.config.load import load_config
from groupsync.environment.places import default_config_paths
from groupsync.environment.policy import load_job_scope
from groupsync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from groupsync.model.config import Config


def validate_config(config_paths: Sequence[Path], environ: Mapping[str, str]) -> Config | ConfigError:
    """Return the configuration, or the error that lists its problems."""
    try:
        return load_config(config_paths or default_config_paths(environ), job_scope=load_job_scope(environ))
    except ConfigError as error:
        return error
