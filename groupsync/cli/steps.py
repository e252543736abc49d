"""Steps that several commands take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.config.load import load_config
from groupsync.config.settings import default_config_paths
from groupsync.errors import FileError
from groupsync.files import read_file
from groupsync.planfile import load_review

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.cli.app import App
    from groupsync.model.config import Config
    from groupsync.model.review import Review

MOST_PLAN_BYTES = 256 * 2**20


def read_config(app: App, paths: Sequence[Path]) -> Config:
    """Return the configuration of the files that the user named, or else of those that the environment does."""
    return load_config(paths or default_config_paths(app.environ))


def refuse_to_overwrite(path: Path, config: Config) -> None:
    """Raise FileError when a file to be written is one of the configuration's own."""
    if path.exists() and any(path.samefile(file) for file in config.files):
        raise FileError(str(path), "is the configuration, and no plan is written over it", hint="name another file")


def read_plan(path: Path) -> Review:
    """Return the review that a plan file holds."""
    return load_review(read_file(path, limit=MOST_PLAN_BYTES), str(path))
