"""Whole outputs, byte for byte. Each folder is a case; `pytest tests/golden --update-golden` rewrites the files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.api.wire import parse_groups
from groupsync.config.load import load_config
from groupsync.model.config import Config, GroupEntry, Policy, RemovedId, Unlisted
from groupsync.model.groups import LiveGroup, Source
from groupsync.model.report import Outcome, Report, Word
from groupsync.planfile.review import dump_review, load_review
from groupsync.render.markdown import render_markdown, render_report_markdown
from groupsync.render.report import render_report
from groupsync.render.text import render_text
from groupsync.render.view import Detail, View
from groupsync.review.make import make_review
from tests.unit.core import LIMITS, NOW, TARGET, make_id

if TYPE_CHECKING:
    from groupsync.model.review import Review

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/live.json"))
VERSION = "0.1.0"
"""Always the same one, so that a release does not change the files."""
VIEW = View(commit="1f0c2a9be1d45f0c2a9be1d45f0c2a9be1d45f0c")


@pytest.fixture(params=CASES, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = request.param
    assert isinstance(path, Path)
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def review(folder: Path) -> Review:
    return read_case(folder)


def read_case(folder: Path) -> Review:
    """Return the review of a case; `options.json`, if there is one, says what the run is limited to."""
    live = parse_groups((folder / "live.json").read_bytes(), "live.json")
    options_file = folder / "options.json"
    options = json.loads(options_file.read_bytes()) if options_file.exists() else {}
    config = load_config([Path("groups.yaml")], job_scope=options.get("job_scope", ()))
    run_policy = replace(LIMITS, no_deletes=options.get("no_deletes", False))
    review = make_review(config, live, TARGET, NOW, run_policy, exclude=options.get("exclude", ()))
    return replace(review, groupsync_version=VERSION)


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Compare an output with a file, or rewrite the file."""
    return Compare(is_update=bool(request.config.getoption("--update-golden")))


class Compare:
    """Compares outputs with files."""

    def __init__(self, *, is_update: bool) -> None:
        self._is_update = is_update

    def __call__(self, path: Path, output: bytes) -> None:
        """Fail unless the output equals the content of the file."""
        if self._is_update:
            path.write_bytes(output)
        assert output == path.read_bytes()


@pytest.mark.parametrize("name", ["plan.txt", "verbose.txt", "plan.md", "plan.json"])
def test_output_is_the_same_bytes(folder: Path, review: Review, name: str, compare: Compare) -> None:
    output = {
        "plan.txt": render_text(review).encode(),
        "verbose.txt": render_text(review, View(detail=Detail.VERBOSE)).encode(),
        "plan.md": render_markdown(review, VIEW).encode(),
        "plan.json": dump_review(review),
    }[name]

    compare(folder / name, output)


def test_a_plan_file_reads_back_as_the_same_review(review: Review) -> None:
    """So all formats of a saved plan are those of the plan itself."""
    assert load_review(dump_review(review), "plan.json") == review


def test_text_is_safe_for_a_terminal(review: Review) -> None:
    text = render_text(review)

    assert [line for line in text.split("\n") if not line.isprintable() and "\u200d" not in line] == []
    assert "\u202e" not in text


@pytest.mark.parametrize("name", ["report.txt", "report.md"])
def test_a_partial_apply_reads_the_same(name: str, compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report has a change of every kind of outcome: done, failed, unknown, in conflict, not attempted."""
    monkeypatch.chdir(HERE / "partial-apply")
    review = read_case(Path())
    endings = [
        ("create:New `one`", Word.DONE, make_id(9), "", ""),
        ("create:New two", Word.UNKNOWN, None, "POST /groups: 127.0.0.1 sent no complete answer within 30 seconds", ""),
        (f"rename:{make_id(1)}", Word.DONE, make_id(1), "", ""),
        (f"rename:{make_id(5)}", Word.FAILED, None, 'PUT /groups/x: HTTP 422: "name" is too long', ""),
        (f"delete:{make_id(2)}", Word.DONE, make_id(2), "", "../backups/Sale-2023.json"),
        (f"delete:{make_id(3)}", Word.CONFLICT, None, "12 contacts are in it now, 7 were reviewed", ""),
        (f"delete:{make_id(4)}", Word.NOT_ATTEMPTED, None, "", ""),
    ]
    changes = {change.id: change for change in review.plan.changes}
    outcomes = tuple(
        Outcome(change=changes.pop(change_id), word=word, group_id=group_id, detail=detail, backup=backup)
        for change_id, word, group_id, detail, backup in endings
    )
    report = Report(outcomes=outcomes, remaining=7)
    text = render_report(report) if name == "report.txt" else render_report_markdown(report, review, VIEW)

    assert changes == {}
    compare(HERE / "partial-apply" / name, text.encode())


def make_many() -> Review:
    """Return a plan of 20,000 changes: 500 deletions, 1,500 renames, 18,000 creates."""
    live = [LiveGroup(id=make_id(number), name=f"Group {number:05}", contacts_count=number) for number in range(2_000)]
    sources = [Source(file="groups.yaml", line=line, column=5) for line in range(1, 20_001)]
    pinned = [
        GroupEntry(name=f"Named {number:05}", id=make_id(number), source=sources[number])
        for number in range(500, 2_000)
    ]
    created = [GroupEntry(name=f"New {number:05}", source=sources[number]) for number in range(2_000, 20_000)]
    removed = tuple(RemovedId(id=make_id(number), source=sources[number]) for number in range(500))
    config = Config(
        groups=(*pinned, *created), removed=removed, policy=Policy(unlisted=Unlisted.DELETE), files=("groups.yaml",)
    )
    return replace(make_review(config, live, TARGET, NOW, LIMITS), groupsync_version=VERSION)


@pytest.mark.parametrize("name", ["plan.txt", "plan.md", "plan.json.sha256"])
def test_twenty_thousand_changes_read_the_same(name: str, compare: Compare) -> None:
    review = make_many()
    digest = hashlib.sha256(dump_review(review)).hexdigest() + "\n"
    output = {"plan.txt": render_text(review), "plan.md": render_markdown(review, VIEW), "plan.json.sha256": digest}

    assert len(review.plan.changes) == 20_000
    compare(HERE / "twenty-thousand" / name, output[name].encode())
