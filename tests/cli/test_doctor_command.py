"""`doctor`: everything that a plan needs, whether it is well, and what to do if not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.cli.main import COMMANDS
from groupsync.lock import account_lock
from groupsync.model.account import make_target
from groupsync.runs.doctor import CHECKS
from groupsync.schema import find_violations, read_schema
from tests.wire.raw_server import RawServer, http

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Finished, Groupsync

SECRET = "p4ss-w0rd"


@pytest.fixture
def account(environ: Mapping[str, str]) -> str:
    """The fingerprint of the account on the sandbox."""
    return make_target(environ["GROUPSYNC_ENDPOINT"], environ["MESSENTE_API_USERNAME"]).account


def read_report(finished: Finished) -> dict[str, Any]:
    """Return the report of the JSON format; fail unless it is as its schema says."""
    document: dict[str, Any] = json.loads(finished.out)
    assert find_violations("doctor", document) == ()
    assert document["ok"] is (finished.code == 0)
    return document


def read_checks(finished: Finished) -> dict[str, dict[str, Any]]:
    """Return the checks of the JSON format by name, in their order."""
    document = read_report(finished)
    checks = {check["name"]: check for check in document["checks"]}
    assert list(checks) == [name for name in CHECKS if name in checks]
    assert document["unchecked"] == [name for name in CHECKS if name not in checks]
    return checks


def test_each_check_that_is_ok_takes_one_line(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], account: str, environ: Mapping[str, str]
) -> None:
    sandbox.add_group("VIP", contacts=1_200)
    sandbox.add_group("Leads", contacts=4)
    write(f"account: {account}\ngroups: [VIP, Leads]\nremoved: [{{name: Old}}]\n")

    finished = groupsync("doctor")

    assert (finished.code, finished.err) == (0, "")
    shown = re.sub(r"\d+(\.\d+)+", "1.2.3", finished.out.replace(environ["GROUPSYNC_ENDPOINT"], "ENDPOINT"))
    assert re.sub(r"after \d+ ms", "after 5 ms", shown) == (
        "ok       scope: all groups of the account\n"
        "ok       python: 1.2.3, with groupsync 1.2.3\n"
        "ok       packages: click 1.2.3, deepdiff 1.2.3, jsonschema 1.2.3, msgspec 1.2.3, "
        "PyYAML 1.2.3, requests 1.2.3, urllib3 1.2.3\n"
        "ok       variables: no unknown GROUPSYNC_ variable\n"
        "ok       configuration: groups.yaml: 2 groups, 1 removed\n"
        "ok       endpoint: ENDPOINT, which is not Messente's own\n"
        "ok       credentials: MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD are set\n"
        f"ok       account: {account}, as in the configuration\n"
        f"ok       backups: saved in {environ['GROUPSYNC_BACKUP_DIR']}\n"
        "ok       lock: free: no other run on this machine is working on this account\n"
        "ok       proxy: none\n"
        "ok       answer: a list of groups, after 5 ms\n"
        "ok       clock: the same as the server's, to the minute\n"
        "ok       groups: 2 groups, 1,204 memberships\n"
        "ok       limits: no extra limits in the environment\n"
        "\n"
        "groupsync is ready.\n"
    )


def test_without_a_configuration_doctor_says_how_to_make_one(groupsync: Groupsync, account: str) -> None:
    finished = groupsync("doctor")

    assert finished.code == 0
    assert (
        "warning  configuration: there is no groups.yaml in this folder\n"
        "         -> to write your live groups to it: groupsync export --out groups.yaml\n"
    ) in finished.out
    assert f"ok       account: {account}\n" in finished.out
    assert finished.out.endswith("\ngroupsync is ready, with 1 warning.\n")


def test_without_credentials_the_checks_that_need_them_are_skipped(
    groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [VIP]\n")

    finished = groupsync("doctor", MESSENTE_API_PASSWORD="")

    assert finished.code == 1
    assert "failed   credentials: MESSENTE_API_PASSWORD is empty\n" in finished.out
    assert finished.out.endswith(
        "\nSkipped until that is fixed: account, backups, lock, proxy, answer, clock, groups.\n"
        "groupsync is not ready: 1 failed, 0 warnings.\n"
    )


def test_a_configuration_without_an_account_is_a_warning_with_the_line_to_add(
    groupsync: Groupsync, write: Callable[[str], None], account: str
) -> None:
    write("groups: [VIP]\n")

    check = read_checks(groupsync("doctor", "--format", "json"))["account"]

    assert (check["status"], check["text"].split(";")[0]) == ("warning", account)
    assert check["advice"] == f"if it is only for this account, add this line to it: account: {account}"


def test_a_configuration_for_another_account_fails(
    groupsync: Groupsync, write: Callable[[str], None], account: str
) -> None:
    write("account: acc-000000000000\ngroups: [VIP]\n")

    finished = groupsync("doctor", "--format", "json")

    check = read_checks(finished)["account"]
    assert (finished.code, check["status"]) == (1, "failed")
    assert account in check["text"]
    assert "groups.yaml:2" in check["text"]


@pytest.mark.parametrize("text", ["groups: [VIP]\n", "account: acc-000000000000\ngroups: [VIP]\n", "groups: [NO]\n"])
def test_json_names_the_account_of_the_credentials_whatever_the_configuration_says(
    groupsync: Groupsync, write: Callable[[str], None], account: str, text: str
) -> None:
    write(text)

    assert read_report(groupsync("doctor", "--format", "json"))["account"] == account


@pytest.mark.parametrize(
    "variables", [{"MESSENTE_API_USERNAME": None}, {"MESSENTE_API_PASSWORD": ""}, {"GROUPSYNC_ENDPOINT": "https://"}]
)
def test_json_names_no_account_without_valid_credentials_and_endpoint(
    groupsync: Groupsync, variables: dict[str, str | None]
) -> None:
    report = read_report(groupsync("doctor", "--format", "json", **variables))

    assert report["account"] is None
    assert "account" in report["unchecked"]


@pytest.mark.parametrize(
    ("policy", "found"),
    [("", "missing"), ("policy: {max_deletes: 5}\n", "missing"), ("policy: {unlisted: refuse}\n", "refuse")],
)
def test_live_groups_that_nothing_decides_about_are_a_warning(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, policy: str, found: str
) -> None:
    for name in ("VIP", "Stray", "Old", "Imported 1"):
        sandbox.add_group(name)
    text = f"version: 1\ngroups: [VIP]\nignore: [Imported *]\nremoved: [{{name: Old}}]\n{policy}"
    (folder / "groups.yaml").write_text(text, encoding="utf-8")

    finished = groupsync("doctor", "--format", "json")

    refusal = f"; the next plan will be refused: 1 group is not in the configuration, and policy.unlisted is {found}"
    check = read_checks(finished)["groups"]
    assert (finished.code, check["status"]) == (0, "warning")
    assert check["text"] == f"4 groups, 0 memberships{refusal}"
    assert check["advice"] == (
        f"{'add policy.unlisted; ' if found == 'missing' else ''}"
        "to choose on a terminal: groupsync fix; to see the lines: groupsync plan"
    )
    assert groupsync("plan").code == 3


def test_doctor_points_to_pull_for_groups_that_are_kept_and_not_listed(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    for name in ("VIP", "Stray"):
        sandbox.add_group(name)
    (folder / "kept.yaml").write_text("version: 1\ngroups: [VIP]\npolicy: {unlisted: keep}\n", encoding="utf-8")

    finished = groupsync("doctor", "-c", "kept.yaml")

    assert finished.code == 0
    assert (
        "ok       groups: 2 groups, 0 memberships; 1 group is not in the configuration\n"
        "         -> to add what is not in the configuration: groupsync pull -c kept.yaml\n"
    ) in finished.out


def test_doctor_points_to_fix_for_a_plan_that_has_a_problem(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("VIP")
    write("policy: {unlisted: keep}\ngroups: [{name: VIP, id: 5792a02a-e5c2-422b-a0a0-0ae65d814663}]\n")

    finished = groupsync("doctor")

    assert (
        "warning  groups: 1 group, 0 memberships; the next plan will be refused: it has 1 problem"
        "; 1 group is not in the configuration\n"
        "         -> to choose on a terminal: groupsync fix; to see the lines: groupsync plan; "
        "to add what is not in the configuration: groupsync pull\n"
    ) in finished.out
    assert groupsync("plan").code == 3


def test_doctor_asks_for_no_policy_if_every_group_is_listed(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    for _ in range(2):
        sandbox.add_group("VIP")
    write("groups: [VIP]\n")

    check = read_checks(groupsync("doctor", "--format", "json"))["groups"]

    assert check["text"].startswith("2 groups, 0 memberships; the next plan will be refused: it has 1 problem")
    assert check["advice"] == "to choose on a terminal: groupsync fix; to see the lines: groupsync plan"


def test_the_schema_names_the_checks_in_their_order() -> None:
    schema = json.loads(read_schema("doctor"))

    assert schema["$defs"]["name"]["enum"] == list(CHECKS)


def test_problems_in_the_configuration_are_shown_with_their_line(
    groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [NO]\n")

    finished = groupsync("doctor")

    assert finished.code == 1
    assert (
        "failed   configuration: groups.yaml:2:10: groups[0]: NO is read as a boolean by YAML, not as text: "
        'quote it: "NO"\n'
        "             2 | groups: [NO]\n"
        "               |          ^\n"
    ) in finished.out


def test_option_and_variable_name_the_files_to_read(groupsync: Groupsync, folder: Path) -> None:
    (folder / "teams").mkdir()
    (folder / "teams" / "a.yaml").write_text("version: 1\ngroups: [A]\n")
    (folder / "teams" / "note.txt").write_text("x")

    by_option = read_checks(groupsync("doctor", "--format", "json", "-c", "teams"))["configuration"]
    by_variable = read_checks(groupsync("doctor", "--format", "json", GROUPSYNC_CONFIG="teams"))["configuration"]

    assert by_option.pop("advice") == "to see them: groupsync validate -c teams"
    assert by_variable.pop("advice") == "to see them: groupsync validate"
    assert by_option == by_variable
    assert (by_option["status"], by_option["text"]) == ("warning", "teams/a.yaml: 1 group, 0 removed, 1 warning")


def test_limits_of_the_environment_are_shown(sandbox: Sandbox, groupsync: Groupsync) -> None:
    sandbox.add_group("VIP gold")
    sandbox.add_group("Board")
    limits = {
        "GROUPSYNC_PROTECTED": "VIP*, Board",
        "GROUPSYNC_MAX_DELETES": "25%",
        "GROUPSYNC_MAX_CONTACTS_LOST": "0",
        "GROUPSYNC_NO_DELETES": "1",
    }

    good = read_checks(groupsync("doctor", "--format", "json", **limits))["limits"]
    bad = read_checks(groupsync("doctor", "--format", "json", GROUPSYNC_MAX_DELETES="many"))["limits"]

    assert good["text"] == (
        'GROUPSYNC_PROTECTED: "VIP*", "Board"; GROUPSYNC_MAX_DELETES: 25%; GROUPSYNC_MAX_CONTACTS_LOST: 0; '
        "GROUPSYNC_NO_DELETES: 1"
    )
    assert (bad["status"], bad["text"]) == ("failed", 'GROUPSYNC_MAX_DELETES is "many", which is not a valid limit')


def test_a_pattern_of_the_environment_that_matches_no_group_is_a_warning(
    sandbox: Sandbox, groupsync: Groupsync
) -> None:
    sandbox.add_group("VIP gold")

    check = read_checks(groupsync("doctor", "--format", "json", GROUPSYNC_PROTECTED="vips*, vip*"))["limits"]

    assert (check["status"], check["text"]) == (
        "warning",
        'GROUPSYNC_PROTECTED: "vips*", "vip*"; "vips*" matches no live group',
    )


def test_a_limit_that_only_looks_like_a_live_group_is_a_warning_with_that_group(
    sandbox: Sandbox, groupsync: Groupsync
) -> None:
    group_id = sandbox.add_group("VIP")

    check = read_checks(groupsync("doctor", "--format", "json", GROUPSYNC_PROTECTED="V\u0406P"))["limits"]

    assert f'"V\u0406P" matches no live group; "VIP" [id={group_id}] looks like it but for U+0406' in check["text"]


def test_a_backup_folder_in_a_repository_is_a_warning(groupsync: Groupsync, folder: Path) -> None:
    (folder / ".git").mkdir()

    check = read_checks(groupsync("doctor", "--format", "json", "--backup-dir", "kept"))["backups"]

    assert (check["status"], check["text"]) == ("warning", f"saved in kept, in the git repository {folder}")


def test_a_lock_that_is_held_is_a_warning_and_one_that_cannot_be_taken_a_failure(
    groupsync: Groupsync, environ: Mapping[str, str], account: str, folder: Path
) -> None:
    target = make_target(environ["GROUPSYNC_ENDPOINT"], environ["MESSENTE_API_USERNAME"])
    with account_lock(folder, target, timeout=0):
        held = read_checks(groupsync("doctor", "--format", "json", GROUPSYNC_LOCK_DIR=str(folder)))["lock"]
    nowhere = read_checks(groupsync("doctor", "--format", "json", GROUPSYNC_LOCK_DIR=str(folder / "none")))["lock"]

    assert (target.account, held["status"], nowhere["status"]) == (account, "warning", "failed")


def test_help_says_what_is_checked(groupsync: Groupsync) -> None:
    assert COMMANDS["doctor"] in groupsync("doctor", "--help").out


def test_with_the_wrong_account_nothing_is_sent(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("account: acc-000000000000\ngroups: [VIP]\n")

    finished = groupsync("doctor")

    assert (finished.code, sandbox.log()) == (1, ())
    assert "Skipped until that is fixed: proxy, answer, clock, groups.\n" in finished.out


@pytest.mark.parametrize(
    ("variables", "name", "text"),
    [
        ({"MESSENTE_API_PASSWORD": SECRET}, "answer", "HTTP 401: Unauthorized"),
        ({"GROUPSYNC_ENDPOINT": "http://example.com/v1"}, "endpoint", "is not https"),
        ({"GROUPSYNC_BACKUP_DIR": "none/backups"}, "backups", "cannot be made"),
        ({"GROUPSYNC_BACKUP_DIR": ""}, "backups", "GROUPSYNC_BACKUP_DIR is empty"),
        ({"GROUPSYNC_CONFIG": ""}, "configuration", "GROUPSYNC_CONFIG is empty"),
    ],
)
def test_a_failed_check_comes_with_a_remedy(
    groupsync: Groupsync, variables: dict[str, str], name: str, text: str
) -> None:
    finished = groupsync("doctor", "--format", "json", **variables)

    check = read_checks(finished)[name]
    assert (finished.code, check["status"]) == (1, "failed")
    assert text in check["text"]
    assert check["advice"]


def test_an_endpoint_that_is_no_phonebook_fails(groupsync: Groupsync) -> None:
    with RawServer(http("200 OK", b"<html>Welcome</html>", "Content-Type: text/html")) as server:
        checks = read_checks(groupsync("doctor", "--format", "json", "--endpoint", server.url))

    assert checks["answer"]["status"] == "failed"
    assert "groups" not in checks


def test_a_clock_that_is_off_is_a_warning(groupsync: Groupsync) -> None:
    answer = http("200 OK", b'{"groups": []}', "Content-Type: application/json", "Date: Mon, 23 Nov 2020 12:00:00 GMT")
    with RawServer(answer) as server:
        finished = groupsync("doctor", "--format", "json", "--endpoint", server.url)

    check = read_checks(finished)["clock"]
    assert (finished.code, check["status"]) == (0, "warning")
    assert check["text"].endswith(" seconds ahead of the server's")


def test_a_proxy_is_shown_without_its_password(groupsync: Groupsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@127.0.0.1:1")

    finished = groupsync("doctor", "--format", "json", "--endpoint", "https://phonebook.invalid/v1")

    assert read_checks(finished)["proxy"]["text"] == "127.0.0.1:1"
    assert SECRET not in finished.out + finished.err


@pytest.mark.parametrize(
    "password", [f"{SECRET}/", f"{SECRET}#", f"{SECRET}?", f"[{SECRET}", f"{SECRET}@x", f"1/{SECRET}"]
)
@pytest.mark.parametrize("command", ["doctor", "plan"])
def test_a_malformed_proxy_is_reported_without_its_password(
    groupsync: Groupsync, write: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, command: str, password: str
) -> None:
    write("groups: [A]\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{password}@127.0.0.1:1")

    finished = groupsync(command, "--endpoint", "https://phonebook.invalid/v1")

    assert finished.code == 1
    assert "HTTPS_PROXY or ALL_PROXY is not a valid proxy URL\n" in finished.out + finished.err
    assert SECRET not in finished.out + finished.err


def test_a_missing_ca_bundle_does_not_end_the_run(groupsync: Groupsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/none/such.pem")

    finished = groupsync("doctor", "--format", "json", "--endpoint", "https://phonebook.invalid/v1")

    check = read_checks(finished)["answer"]
    assert (finished.code, check["status"]) == (1, "failed")
    assert check["text"] == "REQUESTS_CA_BUNDLE names /none/such.pem, which does not exist"


def test_groups_of_unknown_size_are_a_warning(groupsync: Groupsync) -> None:
    groups = b'{"groups": [{"id": "5792a02a-e5c2-422b-a0a0-0ae65d814663", "name": "VIP"}]}'
    with RawServer(http("200 OK", groups, "Content-Type: application/json")) as server:
        checks = read_checks(groupsync("doctor", "--format", "json", "--endpoint", server.url))

    assert (checks["groups"]["status"], checks["clock"]["text"]) == ("warning", "the server does not send its time")


def test_no_secret_is_shown_wherever_it_comes_from(groupsync: Groupsync, folder: Path) -> None:
    (folder / "password").write_text(SECRET)
    (folder / "groups.yaml").write_text(f"password: {SECRET}\n")

    for variables in (
        {"MESSENTE_API_USERNAME": SECRET, "MESSENTE_API_PASSWORD": SECRET},
        {"MESSENTE_API_PASSWORD": f"{SECRET}\n{SECRET}"},
        {"GROUPSYNC_ENDPOINT": f"https://me:{SECRET}@example.com/v1"},
    ):
        finished = groupsync("doctor", **variables)
        assert finished.code == 1
        assert SECRET not in finished.out + finished.err


def test_a_password_in_a_file_is_shown_by_the_name_of_its_variable(folder: Path, environ: Mapping[str, str]) -> None:
    (folder / "password").write_text(environ["MESSENTE_API_PASSWORD"])
    variables = {key: value for key, value in environ.items() if key != "MESSENTE_API_PASSWORD"}
    finished = subprocess.run(
        [sys.executable, "-m", "groupsync", "doctor"],
        env={**variables, "MESSENTE_API_PASSWORD_FILE": "password"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "ok       credentials: MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD_FILE are set\n" in finished.stdout


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (
            "urllib3",
            "Error: the package urllib3, which groupsync needs, is not installed\n  -> pip install 'groupsync'\n",
        ),
        ("yaml", "Error: the package yaml, which groupsync needs, is not installed\n  -> pip install 'groupsync'\n"),
    ],
)
def test_a_missing_package_is_an_error_without_a_traceback(missing: str, message: str) -> None:
    finished = run_without(missing, "doctor")

    assert (finished.returncode, finished.stdout, finished.stderr) == (1, "", message)


@pytest.mark.parametrize("missing", ["jsonschema", "deepdiff", "requests"])
def test_a_missing_package_that_only_a_later_step_needs_is_found(folder: Path, missing: str) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A]\n")

    finished = run_without(missing, "doctor")

    assert (finished.returncode, finished.stderr) == (1, "")
    assert f"failed   packages: {missing} is not installed\n" in finished.stdout


def test_a_missing_package_that_is_imported_late_is_an_error_without_a_traceback(folder: Path) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: 5\n")

    finished = run_without("jsonschema", "validate")

    assert (finished.returncode, finished.stderr) == (
        1,
        "Error: the package jsonschema, which groupsync needs, is not installed\n  -> pip install 'groupsync'\n",
    )


def test_pyyaml_without_libyaml_is_a_failure(folder: Path) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A]\n")

    examined = run_without("yaml._yaml", "doctor")
    validated = run_without("yaml._yaml", "validate")

    assert (examined.returncode, validated.returncode) == (1, 1)
    assert "; PyYAML lacks libyaml\n         -> pip install --force-reinstall" in examined.stdout
    assert validated.stderr == (
        "Error: PyYAML is installed without libyaml, with which groupsync reads YAML\n"
        "  -> pip install --force-reinstall --only-binary :all: pyyaml\n"
    )


def run_without(module: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a Python in which this module cannot be imported."""
    code = f"import sys; sys.modules[{module!r}] = None; from groupsync.cli.main import main; main()"
    return subprocess.run([sys.executable, "-c", code, command], capture_output=True, text=True, check=False)
