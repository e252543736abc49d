"""The library: its names, and the example in docs/library.md, which is run."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import groupsync
from groupsync.fixes import question
from groupsync.model import config, groups, plan, report, scope, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
OLD = "5792a02a-e5c2-422b-a0a0-0ae65d814663"


@pytest.fixture
def run_example(folder: Path, environ: Mapping[str, str]) -> Callable[[], subprocess.CompletedProcess[str]]:
    """A function that runs the example of the page in a new folder."""
    found = re.search(r"<!-- file: sync.py -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    repository = folder / "repository"
    repository.mkdir()
    (repository / "sync.py").write_text(found[1], encoding="utf-8")

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "sync.py"],
            cwd=repository,
            env=dict(environ),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_example_applies_the_configuration(
    run_example: Callable[[], subprocess.CompletedProcess[str]], sandbox: Sandbox, folder: Path
) -> None:
    sandbox.add_group("VIP", contacts=3)
    sandbox.add_group("Old", id=OLD, contacts=2)
    (folder / "repository" / "groups.yaml").write_text(
        f"version: 1\ngroups:\n  - {{name: VIP customers, previously: [VIP]}}\n  - New\nremoved:\n  - id: {OLD}\n"
    )

    first = run_example()
    second = run_example()

    assert (first.returncode, first.stderr) == (0, "")
    assert "Apply complete: 1 created, 1 renamed, 1 deleted.\n" in first.stdout
    assert sorted(sandbox.names()) == ["New", "VIP customers"]
    assert len(list((folder / "backups").glob("Old*.json"))) == 1
    assert second.stdout == "Nothing to do: the plan has no changes.\n"
    assert (folder / "report.json").exists()
    assert second.returncode == 0


def test_the_example_obeys_the_guards(
    run_example: Callable[[], subprocess.CompletedProcess[str]], sandbox: Sandbox, folder: Path
) -> None:
    sandbox.add_group("VIP", contacts=3)
    (folder / "repository" / "groups.yaml").write_text(
        "version: 1\npolicy: {unlisted: delete}\ngroups: [VIP customers]\n"
    )

    finished = run_example()

    assert finished.returncode == 3
    reason, message, *_ = finished.stderr.splitlines()
    assert reason.startswith("contacts-lost: 3 memberships of 1 group would be lost without consent")
    assert message == "the plan is refused: contacts-lost"
    assert sandbox.names() == ["VIP"]


def test_the_example_prints_what_is_wrong(
    run_example: Callable[[], subprocess.CompletedProcess[str]], sandbox: Sandbox, folder: Path
) -> None:
    (folder / "repository" / "groups.yaml").write_text("version: 1\naccount: acc-000000000000\ngroups: [VIP]\n")

    finished = run_example()

    assert finished.returncode == 3
    assert "acc-000000000000" in finished.stderr
    assert sandbox.log() == ()


@pytest.mark.parametrize("name", groupsync.__all__)
def test_every_exported_name_exists_and_has_a_docstring(name: str) -> None:
    value = getattr(groupsync, name)

    assert name in dir(groupsync)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert len(inspect.getdoc(value) or "") >= 15


def test_type_checkers_see_the_names_that_exist() -> None:
    """Type checkers read the imports under TYPE_CHECKING, at run time a table is used."""
    tree = ast.parse(Path(groupsync.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("groupsync.")
        for alias in node.names
    }

    assert set(seen) == set(groupsync.__all__)
    assert seen.pop("__version__") == "groupsync.version"
    assert len(groupsync.__all__) == len(set(groupsync.__all__))
    for name, module in seen.items():
        assert f"groupsync.{groupsync._MODULES[name]}" == module  # noqa: SLF001 - the table itself


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = groupsync.nonsense


def test_every_name_that_the_page_uses_exists() -> None:
    used = set(re.findall(r"groupsync\.([A-Za-z_]+)", PAGE)) - {"__all__"}

    assert used <= set(groupsync.__all__)


def test_every_field_that_the_page_names_exists() -> None:
    modules = (config, groups, plan, report, scope, summary, question)
    classes = {name: value for module in modules for name, value in vars(module).items()} | {
        name: getattr(groupsync, name) for name in ("Review", "FixReport", "LiveDifferences", "PullResult")
    }
    rows = re.findall(r"^\| `(\w+)` \| (`.+) \|$", PAGE.partition("## Fields")[2], flags=re.MULTILINE)

    assert len(rows) == 24
    for name, fields in rows:
        assert set(re.findall(r"`(\w+)`", fields)) <= set(dir(classes[name])), name


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Review", {"scope", "options", "outside"}),
        ("Plan", {"postponed", "excluded", "excluded_entries"}),
        ("AccountSummary", {*groupsync.AccountSummary.__struct_fields__}),
    ],
)
def test_the_page_names_what_a_run_was_limited_to(name: str, fields: set[str]) -> None:
    (row,) = re.findall(rf"^\| `{name}` \| (`.+) \|$", PAGE.partition("## Fields")[2], flags=re.MULTILINE)

    assert fields <= set(re.findall(r"`(\w+)`", row))


def test_the_library_has_the_summary_and_the_page_of_a_plan(folder: Path, environ: Mapping[str, str]) -> None:
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [New]\n")
    surroundings = groupsync.Surroundings(environ=dict(environ))
    options = groupsync.RunOptions(config_paths=[folder / "groups.yaml"])
    review, _ = groupsync.run_plan(options, surroundings)
    (folder / "plan.json").write_bytes(groupsync.dump_review(review))

    (account,) = groupsync.run_summary([folder / "plan.json"], surroundings, labels={review.target.account: "Estonia"})

    assert (account.name, account.create, account.as_of) == ("Estonia", 1, review.created_at)
    assert groupsync.render_html(review).startswith("<!doctype html>")
    for name in ("run_summary(", "render_html("):
        assert f"`{name}" in PAGE
