"""Short ways to read one configuration file and get its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.config.load import load_config
from groupsync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ID = "5792a02a-e5c2-422b-a0a0-0ae65d814663"
OTHER_ID = "4792a02a-e5c2-422b-a0a0-0ae65d814662"
TOP_KEYS = "known here: version, account, policy, groups, removed, scope, ignore, protected"
ONE_OR_IDS = "remove one of the two, or give each its `id`"


def problems_of(folder: Path, text: str | bytes, *, name: str = "groups.yaml") -> list[str]:
    """Return the problems of a file without its folder; assert that there are some."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config([path])
    return _without_folder(folder, caught.value.problems)


def problems_and_warnings(folder: Path, text: str) -> tuple[list[str], list[str]]:
    """Return problems and warnings of a file `g.yaml` with this text after its version, without its folder."""
    path = folder / "g.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    try:
        config = load_config([path])
    except ConfigError as error:
        return _without_folder(folder, error.problems), []
    return [], _without_folder(folder, config.warnings)


def _without_folder(folder: Path, lines: Iterable[str]) -> list[str]:
    return [line.replace(f"{folder}/", "") for line in lines]
