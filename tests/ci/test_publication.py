"""The examples name groupsync by one placeholder, actions by their commit, and ask for no needless permission."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.ci.files import (
    ACTION,
    BACKUP_PROGRAMS,
    DOCKERFILE,
    GITLAB,
    HOOKS,
    PAGES,
    SCRIPTS,
    TEAMS,
    WORKFLOWS,
    list_run_blocks,
)
from tests.ci.runner import PLACEHOLDER, ROOT, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "[0-9a-f]{40}"
FILES = (ACTION, *SCRIPTS, *BACKUP_PROGRAMS, *WORKFLOWS, TEAMS, GITLAB, HOOKS, DOCKERFILE, *PAGES)
TEXTS = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in FILES}
FETCHED = rf"fetch --quiet --depth 1 https://github\.com/{PLACEHOLDER} {COMMIT}$"
# The commit that the workflow names; the one that the pipeline fetches; the files that the Dockerfile copied.
INSTALLED = ('"$GITHUB_ACTION_PATH$EXTRA"', '"$SOURCE"', ".")

PERMISSIONS = {
    "plan.yml": {"plan": {"contents": "read", "pull-requests": "write"}},
    "apply.yml": {
        "plan": {"actions": "read", "contents": "read", "pull-requests": "read"},
        "apply": {"contents": "read"},
    },
    "drift.yml": {"drift": {"contents": "read", "issues": "write"}},
    "pull.yml": {"pull": {"contents": "write", "pull-requests": "write"}},
    "restore.yml": {"restore": {"actions": "read", "contents": "read"}},
    "teams.yml": {"scopes": {"contents": "read"}, "team": {"contents": "read"}},
}


def find_all(pattern: str) -> list[str]:
    return [found for text in TEXTS.values() for found in re.findall(pattern, text, flags=re.MULTILINE)]


def test_every_action_is_groupsync_or_one_of_github_with_a_commit() -> None:
    used = find_all(r"\buses: (.*)$")

    assert len(used) > 10
    for one in used:
        assert re.fullmatch(rf"({PLACEHOLDER}|actions/[\w-]+)@{COMMIT} # v\d+\.\d+\.\d+", one)
    assert len({one.partition("@")[0] for one in used}) == len(set(used)), "one action, one commit"


def test_the_examples_name_one_commit_of_groupsync() -> None:
    """Zeros until there is a release, then the commit of the latest."""
    assert len(set(find_all(rf"{PLACEHOLDER}[@ ]({COMMIT})\b"))) == 1


def test_groupsync_is_installed_only_from_the_placeholder_and_with_pinned_packages() -> None:
    commands = find_all(r"pip\"? install (?:.*\\\n)?.*$")

    assert sorted(command.split()[-1] for command in commands) == sorted(INSTALLED)
    assert all(re.search(r" --constraint \S*constraints\.txt", command) for command in commands)
    assert len(find_all(FETCHED)) == 1


def test_every_image_is_the_pinned_python() -> None:
    images = find_all(r"^\s*(?:FROM|image:) (\S+)")

    assert len(images) == 3
    assert len(set(images)) == 1
    assert re.fullmatch(r"python:3\.13\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", images[0])


def test_no_other_repository_is_named() -> None:
    """Replacing the placeholder is all that publishing groupsync takes."""
    places = find_all(r"(?<!docs\.)(?:github\.com|gitlab\.com|ghcr\.io|docker\.io)/([\w.-]+/[\w-]+)")
    repositories = find_all(r"^\s*(?:- )?repo: (\S+)")

    assert set(places) == {PLACEHOLDER}
    assert set(repositories) == {f"https://github.com/{PLACEHOLDER}"}


@pytest.mark.parametrize("file", [*WORKFLOWS, TEAMS], ids=lambda file: file.name)
def test_a_workflow_leaves_all_that_it_does_to_the_action(file: Path) -> None:
    assert list(list_run_blocks(file)) == []


def test_the_placeholder_has_one_spelling() -> None:
    for name, text in TEXTS.items():
        rest = text.replace(PLACEHOLDER, "")
        assert not re.search(r"your[-_]?org\b|<org>|OWNER/", rest, re.IGNORECASE), name


@pytest.mark.parametrize("file", [*WORKFLOWS, TEAMS], ids=lambda file: file.name)
def test_a_workflow_has_only_the_permissions_that_it_needs(file: Path) -> None:
    """None is missing either: the `gh` of these tests refuses calls without their permission."""
    workflow = read_yaml(file)

    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == PERMISSIONS[file.name]


def test_no_workflow_with_secrets_checks_out_files_of_a_fork() -> None:
    triggers = {file.name: set(read_yaml(file)[True]) for file in (*WORKFLOWS, TEAMS)}  # type: ignore[index]

    assert triggers == {
        "plan.yml": {"merge_group", "pull_request"},
        "apply.yml": {"push"},
        "drift.yml": {"schedule", "workflow_dispatch"},
        "pull.yml": {"schedule", "workflow_dispatch"},
        "restore.yml": {"workflow_dispatch"},
        "teams.yml": {"merge_group", "pull_request", "push", "schedule"},
    }


def test_the_required_check_cannot_be_skipped_and_no_apply_is_cancelled() -> None:
    """A skipped required job counts as passed, so the check is one job without a condition."""
    plan, apply = (read_yaml(WORKFLOWS[0].parent / name) for name in ("plan.yml", "apply.yml"))

    (job,) = plan["jobs"].values()
    assert "if" not in job
    assert "upload-artifact" not in str(plan)
    assert apply["concurrency"]["cancel-in-progress"] is False
    assert "run-id" not in str(apply)


def test_the_workflows_read_the_same_configuration() -> None:
    texts = [text for file in WORKFLOWS for text in re.findall(r"\bconfig: (\S+)", file.read_text())]

    assert texts == ["groups.yaml"] * 6


def test_the_page_lists_the_environments_to_create() -> None:
    used = {name for file in WORKFLOWS for name in re.findall(r"\bphonebook-\w+|'phonebook'", file.read_text())}

    assert set(re.findall(r"^ +\| `(phonebook[\w-]*)` \|", TEXTS["docs/ci.md"], flags=re.MULTILINE)) == {
        name.strip("'") for name in used
    }


def test_the_image_names_the_licence_of_the_project() -> None:
    assert 'org.opencontainers.image.licenses="Apache-2.0"' in TEXTS["Dockerfile"]
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_page_says_how_much_each_level_copies() -> None:
    level_1 = (WORKFLOWS[0].parent / "plan.yml").read_text(encoding="utf-8")
    level_3 = level_1 + "".join((WORKFLOWS[0].parent / f"{name}.yml").read_text("utf-8") for name in ("apply", "drift"))
    numbers = {1: "one", 3: "three", 4: "four"}
    page = " ".join(TEXTS["docs/ci.md"].split())

    for level, files, text in ((1, "one file", level_1), (3, "three files", level_3)):
        actions = numbers[text.count(f"{PLACEHOLDER}@")]
        replaced = f"with {actions} placeholder{'' if actions == 'one' else 's'} to replace."
        assert f"Level {level} is {files} of {text.count(chr(10))} lines {replaced}" in page
