"""The server of the benchmarks answers as the sandbox does, so measurements with it are valid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from benchmarks.measuring import Server
from benchmarks.server.phonebook import PASSWORD, USERNAME
from benchmarks.workload import Style, Workload, make_workload, write_groups
from groupsync.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Call = Callable[..., requests.Response]

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def ask(server: Server) -> Iterator[Call]:
    """Send a request to the server of the benchmarks, as `call` does to the sandbox."""
    server.begin(make_workload(0))
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (USERNAME, PASSWORD)
        url = server.environ["GROUPSYNC_ENDPOINT"]
        yield lambda method, path, **options: session.request(method, url + path, timeout=10, **options)


def play_scenario(call: Call) -> list[tuple[int, str, str]]:
    """Make, list, read, rename and delete a group, with the mistakes a client can make."""
    made = call("POST", "/phonebook/groups", json={"name": "Püsikliendid 顧客"})
    path = f"/phonebook/groups/{made.json()['group']['id']}"
    return [
        summarize(made),
        summarize(call("GET", "/phonebook/groups")),
        summarize(call("GET", path)),
        summarize(call("PUT", path, json={"name": "VIP"})),
        summarize(call("GET", f"/phonebook/contacts?groupIds={made.json()['group']['id']}")),
        summarize(call("GET", "/phonebook/groups")),
        summarize(call("PUT", path, json={"name": ""})),
        summarize(call("POST", "/phonebook/groups", json={})),
        summarize(call("DELETE", path)),
        summarize(call("DELETE", path)),
        summarize(call("GET", path)),
        summarize(call("GET", "/phonebook/groups")),
        summarize(call("GET", "/phonebook/groups", auth=("somebody", "else"))),
    ]


def summarize(response: requests.Response) -> tuple[int, str, str]:
    """Return status, type and body without what differs between servers: ids, times, details."""
    body: Any = response.json() if response.content else None
    for error in body.get("errors", []) if body else []:
        del error["detail"]
    return response.status_code, response.headers.get("Content-Type", ""), TIME.sub("TIME", UUID.sub("ID", str(body)))


def test_the_server_answers_as_the_sandbox_does(ask: Call, call: Call) -> None:
    assert play_scenario(ask) == play_scenario(call)


def test_the_server_refuses_requests_beyond_its_limit_per_second(server: Server, ask: Call) -> None:
    server.begin(None, rate_limit=2.0)

    answers = [ask("GET", "/phonebook/groups") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "1"


def test_the_server_counts_requests_and_connections(server: Server, ask: Call) -> None:
    for _ in range(3):
        ask("GET", "/phonebook/groups")

    counters = server.look()["counters"]
    assert counters.pop("mean_wait") < 1
    assert counters == {
        "requests": 3,
        "connections": 1,
        "most_in_flight": 1,
        "statuses": {"200": 3},
    }


@pytest.mark.parametrize("style", Style)
def test_applying_a_workload_gives_the_desired_groups(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], style: Style
) -> None:
    workload = make_workload(20, creates=3, renames=2, deletes=4)
    write_groups(workload, tmp_path / "groups.yaml", style)
    server.begin(workload)
    environ = {**server.environ, "GROUPSYNC_LOCK_DIR": str(tmp_path)}

    code = run(["apply", "--auto-approve", "-c", str(tmp_path / "groups.yaml")], environ)

    assert code == 0
    assert "3 created, 2 renamed, 4 deleted" in capsys.readouterr().out
    assert server.look()["names"]["groups"] == sorted(workload.wanted)
    assert workload.changes == 9


@pytest.mark.parametrize(
    ("workload", "needed"),
    [
        (make_workload(20, creates=7, renames=6), 7 + 6 + 2),
        (make_workload(20, deletes=9), 3 * 9 + 2),
    ],
    ids=["creates and renames", "empty groups deleted"],
)
def test_a_plan_and_its_apply_send_no_more_requests_than_they_need(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workload: Workload, needed: int
) -> None:
    monkeypatch.chdir(tmp_path)
    write_groups(workload, tmp_path / "groups.yaml")
    environ = {**server.environ, "GROUPSYNC_LOCK_DIR": str(tmp_path)}

    server.begin(workload)
    planned = run(["plan", "--out", "plan.json"], environ), server.look()["counters"]["requests"]
    server.begin(workload)
    applied = run(["apply", "plan.json"], environ), server.look()["counters"]["requests"]

    assert planned == (0, 1)
    assert applied == (0, needed)
