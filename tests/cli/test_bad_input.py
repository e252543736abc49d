"""Wrong input of every kind: one clear message, the right exit code, no traceback."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NEW_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

FILES = {
    "empty": ("", "groups.yaml:1:1: "),
    "tabs": ("version: 1\ngroups:\n\t- VIP\n", "groups.yaml:3:1: "),
    "duplicate keys": ("version: 1\ngroups: [A]\ngroups: [B]\n", "groups.yaml:3:1: "),
    "unknown key": ("version: 1\ngrops: [A]\n", 'groups.yaml:2:1: unknown key "grops", did you mean "groups"?'),
    "a boolean": ("version: 1\ngroups:\n  - name: NO\n", "groups.yaml:3:11: groups[0].name: NO is read as a boolean"),
    "an octal": ("version: 1\ngroups:\n  - name: 007\n", "groups.yaml:3:11: groups[0].name: 007 is read as a number"),
    "unclosed quote": ('version: 1\ngroups: ["A]\n', "groups.yaml:2:10: "),
    "no fingerprint": ("version: 1\naccount: acc-5f\ngroups: [A]\n", 'groups.yaml:2:10: account: "acc-5f" is not the'),
    "no number": (
        "version: 1\ngroups: [A]\npolicy: {max_deletes: three}\n",
        'groups.yaml:3:23: policy.max_deletes: "three" is neither a number nor a share',
    ),
}


@pytest.mark.parametrize(("text", "message"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("command", ["validate", "plan", "apply"])
def test_a_mistake_in_a_file_is_reported_with_line_and_column(
    groupsync: Groupsync, folder: Path, sandbox: Sandbox, command: str, text: str, message: str
) -> None:
    (folder / "groups.yaml").write_text(text)

    finished = groupsync(command)

    assert (finished.code, finished.out) == (1, "")
    assert finished.err.startswith(f"Error: {message}")
    assert sandbox.log() == ()


def test_all_problems_are_reported_at_once(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups:\n  - name: NO\n  - {name: A, previous: B}\nremoved: [C]\n")

    finished = groupsync("validate")

    assert finished.err == (
        "Error: 3 problems in the configuration:\n"
        '  groups.yaml:3:11: groups[0].name: NO is read as a boolean by YAML, not as text: quote it: "NO"\n'
        "    3 |   - name: NO\n"
        "      |           ^\n"
        '  groups.yaml:4:15: groups[1]: unknown key "previous", did you mean "previously"?\n'
        "    4 |   - {name: A, previous: B}\n"
        "      |               ^\n"
        "  groups.yaml:5:11: removed[0]: must be a mapping, found text: write keys such as `name: ...`\n"
        "    5 | removed: [C]\n"
        "      |           ^\n"
    )


def test_a_missing_file_is_an_error(groupsync: Groupsync) -> None:
    finished = groupsync("plan")

    assert (finished.code, finished.out) == (1, "")
    assert finished.err.startswith("Error: groups.yaml: ")


def test_a_folder_without_yaml_is_an_error(groupsync: Groupsync, folder: Path) -> None:
    (folder / "config").mkdir()

    finished = groupsync("plan", "-c", "config")

    assert (finished.code, finished.out) == (1, "")
    assert finished.err.startswith("Error: config: ")


@pytest.mark.parametrize("username", ["MESSENTE_API_USERNAME", "MESSENTE_API_USERNAME_FILE"])
@pytest.mark.parametrize(
    ("password", "value"),
    [
        ("MESSENTE_API_PASSWORD", "not-the-password"),
        ("MESSENTE_API_PASSWORD_FILE", "password"),
        ("MESSENTE_API_PASSWORD_COMMAND", "cat password"),
    ],
)
def test_the_error_for_wrong_credentials_names_the_variables_that_gave_them(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path, username: str, password: str, value: str
) -> None:
    write("groups: [A]\n")
    (folder / "password").write_text("not-the-password", encoding="utf-8")
    (folder / "username").write_text("somebody", encoding="utf-8")
    given = {username: "username", password: value}
    neither = {"MESSENTE_API_USERNAME": None, "MESSENTE_API_PASSWORD": None}

    finished = groupsync("plan", PATH=os.environ["PATH"], **{**neither, **given})

    assert finished.code == 1
    assert finished.err == (
        "Error: GET /phonebook/groups: HTTP 401: Unauthorized (code 202): "
        "the username or the password is not that of an account\n"
        f"  -> check {username} and {password}: they give the API credentials of the account\n"
    )


def test_missing_credentials_are_an_error_before_any_request(
    groupsync: Groupsync, write: Callable[[str], None], sandbox: Sandbox
) -> None:
    write("groups: [A]\n")

    finished = groupsync("plan", MESSENTE_API_PASSWORD="", MESSENTE_API_USERNAME="")

    assert finished.code == 1
    assert "MESSENTE_API_USERNAME" in finished.err
    assert sandbox.log() == ()


def test_an_unreachable_host_is_an_error(
    groupsync: Groupsync, write: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a proxy that does not exist, since a refused direct connection is retried for a while."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    write("groups: [A]\n")

    finished = groupsync("plan", "--endpoint", "https://phonebook.invalid/v1")

    assert finished.code == 1
    assert finished.err == (
        "Error: GET /phonebook/groups: cannot connect through the proxy: connection refused\n"
        "  -> check HTTPS_PROXY, HTTP_PROXY and NO_PROXY\n"
    )


def test_plain_http_is_refused_for_other_machines(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [A]\n")

    finished = groupsync("plan", "--endpoint", "http://api.messente.com/v1")

    assert finished.code == 1
    assert "https" in finished.err


def test_an_endpoint_that_answers_with_html_is_an_error(
    groupsync: Groupsync, write: Callable[[str], None], sandbox: Sandbox
) -> None:
    write("groups: [A]\n")
    sandbox.fail_next("GET", status=404, body="<html>Welcome</html>")

    finished = groupsync("plan")

    assert finished.code == 1
    assert finished.err == (
        "Error: GET /phonebook/groups: HTTP 404: Not Found (the answer is not from the Phonebook: an HTML page)\n"
        "  -> check GROUPSYNC_ENDPOINT: it must end with the version of the API, such as `/v1`\n"
    )


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("plna",),
        ("plan", "--bogus"),
        ("plan", "extra"),
        ("show",),
        ("apply", "--parallelism", "0"),
        ("plan", "--timeout", "nan"),
        ("plan", "--timeout", "inf"),
        ("plan", "--timeout", "1e300"),
        ("plan", "-c", ""),
        ("plan", "--out", ""),
    ],
    ids=str,
)
def test_wrong_usage_exits_with_64(groupsync: Groupsync, args: tuple[str, ...]) -> None:
    finished = groupsync(*args)

    assert finished.code == 64
    assert "Usage: groupsync" in finished.err or "There is no command" in finished.err


@pytest.fixture
def plan_file(groupsync: Groupsync, write: Callable[[str], None], folder: Path) -> Path:
    write("groups: [A]\n")
    assert groupsync("plan", *NEW_ACCOUNT, "--out", "plan.json").code == 0
    return folder / "plan.json"


def test_a_plan_file_with_one_byte_changed_is_damaged(groupsync: Groupsync, plan_file: Path, sandbox: Sandbox) -> None:
    """Every byte counts, also whitespace."""
    sandbox.forget_requests()
    content = plan_file.read_bytes()
    for place in range(0, len(content), 7):
        plan_file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])

        finished = groupsync("apply", "plan.json")

        assert finished.code == 1
        assert finished.err.startswith("Error: plan.json: not a usable plan file: ")
    assert sandbox.log() == ()


def test_a_plan_file_of_another_version_is_an_error_that_says_so(groupsync: Groupsync, plan_file: Path) -> None:
    document = json.loads(plan_file.read_text())
    plan_file.write_text(json.dumps({**document, "format_version": "3.0"}))

    finished = groupsync("show", "plan.json")

    assert finished.code == 1
    assert finished.err.startswith(
        "Error: plan.json: not a usable plan file: it was made by a newer groupsync: "
        'its format_version is "3.0", this groupsync reads 2.0\n'
    )


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format_version": "2.0"}'], ids=str)
def test_a_file_that_is_not_a_plan_is_an_error(groupsync: Groupsync, plan_file: Path, content: bytes) -> None:
    plan_file.write_bytes(content)

    finished = groupsync("apply", "plan.json")

    assert finished.code == 1
    assert finished.err.startswith("Error: plan.json: not a usable plan file: ")


def test_a_missing_plan_file_is_an_error(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [A]\n")

    finished = groupsync("apply", "plan.json")

    assert finished.code == 1
    assert finished.err.startswith("Error: plan.json: no such file or directory\n")
