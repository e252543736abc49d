"""The guard `pull-request`: the run of a pull request can plan, but not apply."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NEW_ACCOUNT
from tests.wire.raw_server import RawServer, http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

RUNS = (
    ({"GITHUB_EVENT_NAME": "pull_request"}, "GITHUB_EVENT_NAME is pull_request"),
    ({"GITHUB_EVENT_NAME": "pull_request_target"}, "GITHUB_EVENT_NAME is pull_request_target"),
    ({"GITHUB_EVENT_NAME": "merge_group"}, "GITHUB_EVENT_NAME is merge_group"),
    ({"CI_PIPELINE_SOURCE": "merge_request_event"}, "CI_PIPELINE_SOURCE is merge_request_event"),
    ({"CI_MERGE_REQUEST_IID": "7"}, "CI_MERGE_REQUEST_IID is 7"),
    ({"TF_BUILD": "True", "BUILD_REASON": "PullRequest"}, "BUILD_REASON is PullRequest"),
    ({"GITHUB_ACTIONS": "true", "GITHUB_HEAD_REF": "`a`\x1b[2J\n::error::"}, "GITHUB_HEAD_REF is set"),
)
MERGED = {"GITHUB_EVENT_NAME": "push", "CI_PIPELINE_SOURCE": "push", "TF_BUILD": "True", "CHANGE_ID": "CHG0031337"}
NO_GROUPS = http("200 OK", b'{"groups": []}', "Content-Type: application/json")


@pytest.fixture
def remote_phonebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """A Phonebook without groups whose address does not look like this machine."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    make = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    names = ["-subj", "/CN=phonebook", "-addext", "subjectAltName=IP:0.0.0.0"]
    subprocess.run([*make, "-keyout", key, "-out", certificate, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    monkeypatch.setenv("NO_PROXY", "0.0.0.0")  # noqa: S104 - an address to connect to
    with RawServer(NO_GROUPS, tls=context) as server:
        server.url = f"https://0.0.0.0:{server.port}/v1"
        yield server


@pytest.mark.parametrize(("variables", "why"), RUNS)
def test_the_run_of_a_pull_request_can_plan_but_not_apply(
    remote_phonebook: RawServer, groupsync: Groupsync, write: Callable[[str], None], variables: dict[str, str], why: str
) -> None:
    write("groups: [New]\n")
    at = ("--endpoint", remote_phonebook.url)

    planned = groupsync("plan", *NEW_ACCOUNT, *at, "--out", "plan.json", **variables)
    new = groupsync("apply", *NEW_ACCOUNT, *at, "--auto-approve", **variables)
    saved = groupsync("apply", *NEW_ACCOUNT, *at, "plan.json", **variables)

    assert (planned.code, new.code, saved.code) == (0, 3, 3)
    for refused in (new, saved):
        assert f"  pull-request: this run belongs to a pull request ({why}), which is not merged yet\n" in refused.out
        assert "or override this guard for this run: --allow pull-request" in refused.out
    assert not any(request.startswith((b"POST", b"PUT", b"DELETE")) for request in remote_phonebook.requests)


def test_a_plan_can_be_applied_after_the_merge_or_with_allow(
    remote_phonebook: RawServer, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [New]\n")
    at = ("--endpoint", remote_phonebook.url)
    groupsync("plan", *NEW_ACCOUNT, *at, "--out", "plan.json")

    assert groupsync("check", *NEW_ACCOUNT, *at, "plan.json", **RUNS[0][0]).code == 3
    assert groupsync("check", *NEW_ACCOUNT, *at, "plan.json", "--allow", "pull-request", **RUNS[0][0]).code == 0
    assert groupsync("check", *NEW_ACCOUNT, *at, "plan.json", **MERGED).code == 0


@pytest.mark.parametrize("variables", [variables for variables, _ in RUNS])
def test_the_guard_does_not_apply_to_a_phonebook_on_this_machine(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], variables: dict[str, str]
) -> None:
    write("groups: [New]\n")

    assert groupsync("apply", *NEW_ACCOUNT, "--auto-approve", **variables).code == 0
    assert sandbox.names() == ["New"]
