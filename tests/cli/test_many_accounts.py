"""docs/many-accounts.md: twenty accounts in one repository, and no way to mix them up."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from groupsync.cli.main import run
from groupsync.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "many-accounts.md").read_text(encoding="utf-8")


def read_workflow() -> dict[str, Any]:
    found = re.search(r"<!-- file: .github/workflows/phonebook.yml -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    workflow: dict[str, Any] = yaml.safe_load(found[1])
    return workflow


JOB = read_workflow()["jobs"]["groups"]
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


def test_the_matrix_has_twenty_accounts_with_quoted_names() -> None:
    """YAML 1.1, which many programs read, takes `no` for false; GitHub reads YAML 1.2."""
    assert len(set(map(str, ACCOUNTS))) == 20
    assert all(isinstance(account, str) for account in ACCOUNTS)


def test_the_commands_of_the_page_export_plan_and_apply_each_account(
    sandboxes: dict[str, Sandbox], folder: Path
) -> None:
    path = Path(sys.executable).parent
    steps = [step["run"] for step in JOB["steps"] if "groupsync" in step.get("run", "") and "pip" not in step["run"]]
    for country in ("ee", "no", "uk"):
        sandbox = sandboxes[country]
        sandbox.add_group(f"Customers {country}", contacts=3)
        sandbox.add_group("Old")
        environ = {
            **make_environ(sandbox, folder),
            "PATH": f"{path}:/usr/bin:/bin",
            "GROUPSYNC_CONFIG": f"accounts/{country}",
            "RUNNER_TEMP": str(folder / country),
            **{key: str(value) for key, value in JOB["env"].items() if "{{" not in str(value)},
        }
        (folder / country).mkdir()
        begin = f"mkdir -p accounts/{country} && groupsync export --out accounts/{country}/groups.yaml"
        subprocess.run(["sh", "-c", begin], cwd=folder, env=environ, check=True, capture_output=True)
        file = folder / "accounts" / country / "groups.yaml"
        file.write_text(file.read_text().replace("name: Old\n", "name: New\n"))

        for step in steps:
            subprocess.run(["sh", "-c", step], cwd=folder, env=environ, check=True, capture_output=True)

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
