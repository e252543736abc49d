"""Whole outputs, byte for byte: a folder a case, made anew with `pytest tests/golden --update-golden`."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.api.wire import parse_groups
from groupsync.config.load import load_config
from groupsync.model.account import make_target
from groupsync.planfile import dump_review, load_review
from groupsync.render.text import render_text
from groupsync.review import make_review
from tests.unit.core import LIMITS

if TYPE_CHECKING:
    from groupsync.model.review import Review

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/live.json"))
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone.utc)


@pytest.fixture(params=CASES, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = request.param
    assert isinstance(path, Path)
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def review(folder: Path) -> Review:
    live = parse_groups((folder / "live.json").read_bytes(), "live.json")
    target = make_target("https://api.messente.com/v1", "user")
    return make_review(load_config([Path("groups.yaml")]), live, target, NOW, LIMITS)


@pytest.mark.parametrize("name", ["plan.txt", "plan.json"])
def test_output_is_the_same_bytes(folder: Path, review: Review, name: str, request: pytest.FixtureRequest) -> None:
    output = {"plan.txt": render_text(review).encode(), "plan.json": dump_review(review)}[name]
    if request.config.getoption("--update-golden"):
        (folder / name).write_bytes(output)

    assert output == (folder / name).read_bytes()


def test_the_plan_file_says_it_all(review: Review) -> None:
    """What is read back renders the same, because it is the same."""
    assert load_review(dump_review(review), "plan.json") == review


def test_text_is_safe_for_a_terminal(review: Review) -> None:
    text = render_text(review)

    assert [line for line in text.split("\n") if not line.isprintable() and "\u200d" not in line] == []
    assert "\u202e" not in text
