"""docs/many-accounts.md: twenty accounts in one repository, and no way to mix them up."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from groupsync.cli.main import run
from groupsync.sandbox import Sandbox
from tests.ci.conftest import NUMBER, make_comment
from tests.ci.runner import install_fakes

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "many-accounts.md").read_text(encoding="utf-8")


def read_workflow() -> dict[str, Any]:
    found = re.search(r"<!-- file: .github/workflows/phonebook.yml -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    workflow: dict[str, Any] = yaml.safe_load(found[1])
    return workflow


JOB = read_workflow()["jobs"]["groups"]
SUMMARY = read_workflow()["jobs"]["summary"]
MARKER = "<!-- groupsync plan account=acc-000000000000 -->"
ACCOUNTS: list[Any] = JOB["strategy"]["matrix"]["account"]


@pytest.fixture
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    """One account for each country, each on its own Phonebook."""
    with contextlib.ExitStack() as stack:
        yield {
            country: stack.enter_context(Sandbox(username=f"api-{country}", password=f"secret-of-{country}"))
            for country in map(str, ACCOUNTS)
        }


def make_environ(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    return {
        "GROUPSYNC_ENDPOINT": sandbox.url,
        "GROUPSYNC_LOCK_DIR": str(folder),
        "MESSENTE_API_USERNAME": sandbox.username,
        "MESSENTE_API_PASSWORD": sandbox.password,
    }


@pytest.fixture
def pull_request(folder: Path) -> Path:
    """The pull request as `gh` sees it, with a comment of the bot for one account and one of somebody else."""
    install_fakes(folder / "programs")
    other = {**make_comment(f"{MARKER}\n\n### Plan\n\n### Groups of all accounts\n", login="github-actions[bot]")}
    copied = make_comment("### Groups of all accounts\n")
    state = {"last_id": 100, "pulls": [{"number": NUMBER}], "comments": [other, copied], "calls": []}
    (folder / "github.json").write_text(json.dumps(state), encoding="utf-8")
    return folder / "github.json"


def comment(folder: Path, labels: str = "") -> int:
    """Run the step `Comment` of the workflow of the page; return its exit code."""
    (step,) = [step for step in SUMMARY["steps"] if step["name"] == "Comment"]
    environ = {
        "PATH": f"{folder / 'programs'}:{Path(sys.executable).parent}:/usr/bin:/bin",
        "RUNNER_TEMP": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "step-summary"),
        "GITHUB_REPOSITORY": "acme/phonebook",
        "NUMBER": str(NUMBER),
        "LABELS": labels,
        "GH_TOKEN": "token-of-the-run",
        "GROUPSYNC": str(Path(sys.executable).parent / "groupsync"),
        "FAKE_GH_FILE": str(folder / "github.json"),
        "FAKE_GH_PERMISSIONS": json.dumps(SUMMARY["permissions"]),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=folder, env=environ, check=False, stdout=subprocess.DEVNULL).returncode


def plan_account(country: str, sandbox: Sandbox, folder: Path) -> None:
    """Write the plan of an account where the workflow downloads it."""
    sandbox.add_group("Customers", contacts=3)
    (folder / f"{country}.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [Customers, New]\n")
    (folder / "plans" / f"plan-{country}").mkdir(parents=True)
    plan = ("plan", "-c", f"{country}.yaml", "--out", f"plans/plan-{country}/plan.json")
    assert run(plan, make_environ(sandbox, folder)) == 0


def test_one_comment_is_written_for_all_accounts_and_updated(
    sandboxes: dict[str, Sandbox], folder: Path, pull_request: Path
) -> None:
    for country in ("ee", "lv"):
        plan_account(country, sandboxes[country], folder)

    codes = [comment(folder), comment(folder)]
    state = json.loads(pull_request.read_text(encoding="utf-8"))

    body = state["comments"][-1]["body"]
    assert codes == [0, 0]
    assert [call.split("/")[0] for call in state["calls"]] == ["GET repos", "POST repos", "GET repos", "PATCH repos"]
    assert len(state["comments"]) == 3
    assert re.match(r"(<!-- groupsync plan account=acc-[0-9a-f]{12} approval=sha256:[0-9a-f]{64} -->\n){2}\n###", body)
    assert body in (folder / "step-summary").read_text(encoding="utf-8")


def test_the_summary_fails_if_an_account_has_no_plan(
    sandboxes: dict[str, Sandbox], folder: Path, pull_request: Path
) -> None:
    plan_account("ee", sandboxes["ee"], folder)

    assert comment(folder, "acc-000000000000=Latvia\n") == 1

    body = json.loads(pull_request.read_text(encoding="utf-8"))["comments"][-1]["body"]
    assert "`Latvia`<br>`acc-000000000000` |  | **missing**" in body


def test_the_matrix_has_twenty_accounts_with_quoted_names() -> None:
    """YAML 1.1, which many programs read, takes `no` for false; GitHub reads YAML 1.2."""
    assert len(set(map(str, ACCOUNTS))) == 20
    assert all(isinstance(account, str) for account in ACCOUNTS)


def test_each_account_is_exported_as_the_page_says_and_applied(sandboxes: dict[str, Sandbox], folder: Path) -> None:
    path = Path(sys.executable).parent
    found = re.search(r"```sh\n(mkdir -p accounts/ee\n.*?)```", PAGE, re.DOTALL)
    assert found
    for country in ("ee", "no", "uk"):
        sandbox = sandboxes[country]
        sandbox.add_group(f"Customers {country}", contacts=3)
        sandbox.add_group("Old")
        environ = {
            **make_environ(sandbox, folder),
            "PATH": f"{path}:/usr/bin:/bin",
            **{key: str(value) for key, value in JOB["env"].items() if "{{" not in str(value)},
        }
        begin = found[1].replace("/ee", f"/{country}")
        subprocess.run(["sh", "-ec", begin], cwd=folder, env=environ, check=True, capture_output=True)
        file = folder / "accounts" / country / "groups.yaml"
        file.write_text(file.read_text().replace("name: Old\n", "name: New\n"))

        code = run(("apply", "--auto-approve", "-c", f"accounts/{country}"), environ)

        assert code == 0
        assert sandbox.names() == [f"Customers {country}", "New"]


def test_a_folder_is_refused_with_the_credentials_of_another_account(
    sandboxes: dict[str, Sandbox], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for country, sandbox in sandboxes.items():
        sandbox.add_group(f"Customers {country}", contacts=3)
        (folder / country).mkdir()
        assert run(("export", "--out", f"{country}/groups.yaml"), make_environ(sandbox, folder)) == 0
        sandbox.forget_requests()

    for country in sandboxes:
        for other, sandbox in sandboxes.items():
            environ = make_environ(sandbox, folder)
            for command in (("plan",), ("apply", "--auto-approve")):
                code = run((*command, "-c", country), environ)
                assert code == (0 if country == other else 3), capsys.readouterr()
            assert bool(sandbox.log()) == (country == other)
            sandbox.forget_requests()

    for country, sandbox in sandboxes.items():
        assert sandbox.names() == [f"Customers {country}"]
