"""Short ways to read one configuration file and get its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.config.load import load_config
from groupsync.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def problems_of(folder: Path, text: str | bytes, *, name: str = "groups.yaml") -> list[str]:
    """Return the problems of a file without its folder; assert that there are some."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config([path])
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def judge(folder: Path, text: str) -> tuple[list[str], list[str]]:
    """Return problems and warnings of a file, without its folder; `text` follows the line of the version."""
    path = folder / "g.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    try:
        return [], [warning.replace(f"{folder}/", "") for warning in load_config([path]).warnings]
    except ConfigError as error:
        return [problem.replace(f"{folder}/", "") for problem in error.problems], []
