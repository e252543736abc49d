"""examples/ci/several-teams: each team plans and applies its own folder; one job checks all scopes."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.ci.expressions import fill
from tests.ci.files import TEAMS
from tests.ci.runner import ROOT, put_program, read_yaml
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject
    from tests.ci.runner import JobRun

EXAMPLE = TEAMS.parent
MARKETING, SALES, HEAD = "team (marketing)", "team (sales)", "a" * 40


@pytest.fixture
def teams(project: GitHubProject, sandbox: Sandbox) -> GitHubProject:
    """A project with the files of the example, whose account has what they list and groups of others."""
    shutil.copytree(EXAMPLE / "teams", project.machine.repository / "teams")
    for name in ("Marketing EE", "Newsletter", "Sales EE", "Dashboard"):
        sandbox.add_group(name, contacts=2)
    with project.editing() as state:
        state["heads"]["main"] = HEAD
    return project


def edit(project: GitHubProject, team: str, old: str, new: str) -> None:
    file = project.machine.repository / "teams" / team / "groups.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def run(project: GitHubProject, event_name: str, sha: str = HEAD) -> dict[str, JobRun]:
    return project.machine.run(TEAMS, event_name, {"pull_request": {"number": 7}}, sha=sha)


def get_results(jobs: dict[str, JobRun]) -> dict[str, str]:
    return {name: job.result for name, job in jobs.items()}


def test_the_example_is_what_is_live_and_each_job_has_the_scope_of_its_folder(
    teams: GitHubProject, sandbox: Sandbox
) -> None:
    jobs = run(teams, "push")

    assert get_results(jobs) == {"scopes": "success", MARKETING: "success", SALES: "success"}
    assert count_writes(sandbox) == 0
    for team in read_yaml(TEAMS)["jobs"]["team"]["strategy"]["matrix"]["include"]:
        scope = read_yaml(EXAMPLE / "teams" / team["team"] / "groups.yaml")["scope"]
        assert team["scope"].splitlines() == scope


def test_a_pull_request_is_planned_and_nothing_is_applied(teams: GitHubProject, sandbox: Sandbox) -> None:
    edit(teams, "sales", "- Sales EE", "- Sales EE\n  - Sales LV")

    jobs = run(teams, "pull_request")

    assert get_results(jobs) == {"scopes": "success", MARKETING: "success", SALES: "success"}
    assert jobs[SALES].environment == "phonebook-plan"
    assert "Sales LV" in jobs[SALES].summary
    assert count_writes(sandbox) == 0


def test_an_entry_of_a_merge_queue_is_planned_and_nothing_is_applied(teams: GitHubProject, sandbox: Sandbox) -> None:
    edit(teams, "sales", "- Sales EE", "- Sales EE\n  - Sales LV")
    sandbox.add_group("Marketing Stray", contacts=200)

    jobs = teams.machine.run(TEAMS, "merge_group", {"merge_group": {"head_sha": "c" * 40}}, sha="c" * 40)

    assert get_results(jobs) == {"scopes": "success", MARKETING: "failure", SALES: "success"}
    assert jobs[SALES].environment == "phonebook-plan"
    assert "Sales LV" in jobs[SALES].summary
    assert count_writes(sandbox) == 0


def test_only_applies_wait_for_each_other() -> None:
    """GitHub cancels what waits if another follows, and a cancelled check takes an entry out of the merge queue."""
    events = [
        {"event_name": "push", "event": {}},
        {"event_name": "push", "event": {}},
        {"event_name": "schedule", "event": {}},
        {"event_name": "pull_request", "event": {"pull_request": {"number": 7}}},
        {"event_name": "pull_request", "event": {"pull_request": {"number": 8}}},
        {"event_name": "merge_group", "event": {"merge_group": {"head_sha": "b" * 40}}},
        {"event_name": "merge_group", "event": {"merge_group": {"head_sha": "c" * 40}}},
    ]
    concurrency = read_yaml(TEAMS)["concurrency"]

    groups = [fill(concurrency["group"], {"github": {"workflow": "teams", **event}}, {}) for event in events]

    assert groups[0] == groups[1]
    assert len(set(groups)) == len(events) - 1
    assert concurrency["cancel-in-progress"] is False


def test_after_the_merge_each_team_is_applied_and_no_group_of_another_is_touched(
    teams: GitHubProject, sandbox: Sandbox
) -> None:
    """Also though marketing deletes what it does not list."""
    edit(teams, "sales", "- Sales EE", "- Sales EE\n  - Sales LV")
    edit(teams, "marketing", "- Marketing EE", "- {name: Marketing Estonia, previously: [Marketing EE]}")
    sandbox.add_group("Marketing Stray")

    jobs = run(teams, "push")

    assert get_results(jobs) == {"scopes": "success", MARKETING: "success", SALES: "success"}
    assert jobs[SALES].environment == "phonebook"
    assert sandbox.names() == ["Dashboard", "Marketing Estonia", "Newsletter", "Sales EE", "Sales LV"]


def test_a_team_that_widens_its_scope_is_stopped_by_the_check_and_by_its_job(
    teams: GitHubProject, sandbox: Sandbox
) -> None:
    edit(teams, "sales", '["Sales *"]', '["Sales *", "Marketing *"]')
    edit(teams, "sales", "- Sales EE", "- Sales EE\n  - Marketing LV")

    jobs = run(teams, "push")

    assert get_results(jobs) == {"scopes": "failure", MARKETING: "skipped", SALES: "skipped"}
    assert '"Marketing *"' in jobs["scopes"].log
    assert count_writes(sandbox) == 0


def test_a_team_that_takes_names_of_nobody_is_stopped_by_its_own_job_alone(
    teams: GitHubProject, sandbox: Sandbox
) -> None:
    edit(teams, "sales", '["Sales *"]', '["Sales *", Dashboard]')
    edit(teams, "sales", "- Sales EE", "- Sales EE\n  - Dashboard")
    edit(teams, "marketing", "- Marketing EE", "- Marketing EE\n  - Marketing LV")

    jobs = run(teams, "push")

    assert get_results(jobs) == {"scopes": "success", MARKETING: "success", SALES: "failure"}
    assert "outside GROUPSYNC_SCOPE" in jobs[SALES].log
    assert "Marketing LV" in sandbox.names()


def test_once_a_week_the_live_groups_are_compared_and_no_team_runs(teams: GitHubProject, sandbox: Sandbox) -> None:
    jobs = run(teams, "schedule")

    assert get_results(jobs) == {"scopes": "success", MARKETING: "skipped", SALES: "skipped"}
    assert '"Dashboard"' in jobs["scopes"].log
    assert sandbox.requests("GET") == 1


def test_an_old_commit_is_not_applied(teams: GitHubProject, sandbox: Sandbox) -> None:
    edit(teams, "sales", "- Sales EE", "- Sales EE\n  - Sales LV")

    jobs = run(teams, "push", sha="b" * 40)

    assert get_results(jobs) == {"scopes": "success", MARKETING: "failure", SALES: "failure"}
    assert count_writes(sandbox) == 0


def test_groups_are_deleted_only_if_their_backups_are_kept(teams: GitHubProject, sandbox: Sandbox) -> None:
    edit(teams, "marketing", "  - Newsletter", "")
    edit(teams, "marketing", "- Marketing EE", "- Marketing EE\nremoved: [{name: Newsletter, contacts_at_most: 2}]")
    keep_backups = teams.machine.repository / ".github" / "keep-backups"
    keep_backups.chmod(0o644)

    refused = run(teams, "push")
    keep_backups.chmod(0o755)
    applied = run(teams, "push")

    assert (refused[MARKETING].result, applied[MARKETING].result) == ("failure", "success")
    assert "Newsletter" not in sandbox.names()
    assert len(list(teams.kept_backups.glob("Newsletter.*.json"))) == 1


def test_a_team_finds_its_backups_by_the_name_in_the_log_and_restores_them(
    teams: GitHubProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    """What the program gets is what docs/ci.md says: two folders and the label, but no credentials."""
    edit(teams, "marketing", "  - Newsletter", "")
    edit(teams, "marketing", "- Marketing EE", "- Marketing EE\nremoved: [{name: Newsletter, contacts_at_most: 2}]")
    folder = teams.machine.repository / ".github"
    keep = 'echo "$GROUPSYNC_BACKUP_LABEL" > "$2/label"\ncp -R "$1" "STORE/$GROUPSYNC_BACKUP_LABEL"\nenv > STORE/seen\n'
    put_program(folder / "keep-backups", f"#!/bin/sh\nset -eu\n{keep}".replace("STORE", str(tmp_path)))
    put_program(folder / "get-backups", f'#!/bin/sh\nset -eu\ncp -R {tmp_path}/"$1"/. "$2"\n')

    applied = run(teams, "push")[MARKETING]
    (backup,) = set(re.findall(r"\d+-\d+-marketing/Newsletter\.\S+?\.json", applied.log))
    edit(teams, "marketing", "\nremoved: [{name: Newsletter, contacts_at_most: 2}]", "\n  - Newsletter")
    restored = teams.restore(backup=backup, confirm="true", workflow=write_restore(tmp_path))

    assert (tmp_path / backup).is_file()
    assert (applied.artifacts["encrypted-backups-1-marketing"] / "label").read_text() == f"{backup.split('/')[0]}\n"
    assert sandbox.password not in (tmp_path / "seen").read_text(encoding="utf-8")
    assert restored.result == "success", restored.log
    assert "Newsletter" in sandbox.names()


def write_restore(folder: Path) -> Path:
    """Return restore.yml for marketing, changed as docs/several-teams.md says."""
    text = (ROOT / "examples" / "ci" / "github" / "restore.yml").read_text(encoding="utf-8")
    text = text.replace("config: groups.yaml", "config: teams/marketing")
    text = text.replace("group: phonebook apply", "group: phonebook teams-push")
    scope = '    env:\n      GROUPSYNC_SCOPE: "Marketing *\\nNewsletter"\n    steps:\n'
    file = folder / "restore.yml"
    file.write_text(text.replace("    steps:\n", scope), encoding="utf-8")
    return file


def strip_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if not line.startswith("# "))


def test_the_page_shows_the_files_of_the_example() -> None:
    page = strip_lines((ROOT / "docs" / "several-teams.md").read_text(encoding="utf-8"))
    matrix = re.search(
        r"^ +include: .*?(?=^ +- team: sales)", TEAMS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert matrix

    for text in (
        (EXAMPLE / "CODEOWNERS").read_text(encoding="utf-8"),
        (EXAMPLE / "teams" / "marketing" / "groups.yaml").read_text(encoding="utf-8"),
        matrix[0],
    ):
        assert strip_lines(text) in page
