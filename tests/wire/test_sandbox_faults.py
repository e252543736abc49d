"""The controls of the sandbox, in Python and over HTTP: faults, behaviour, the log of requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

import pytest
import requests

from groupsync.sandbox import Sandbox, SandboxError

if TYPE_CHECKING:
    from groupsync.sandbox.controls import When

Call: TypeAlias = Callable[..., requests.Response]
GROUPS = "/phonebook/groups"


def list_requests(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    return [(entry.method, entry.path, entry.status) for entry in sandbox.log()]


def post(call: Call, name: str = "New") -> requests.Response:
    return call("POST", GROUPS, json={"name": name})


def test_a_fault_before_the_request_changes_nothing(sandbox: Sandbox, call: Call) -> None:
    sandbox.fail_next("POST", status=503, times=2)

    statuses = [post(call).status_code for _ in range(3)]

    assert statuses == [503, 503, 201]
    assert sandbox.names() == ["New"]


def test_a_fault_after_the_request_hides_a_change_that_was_made(sandbox: Sandbox, call: Call) -> None:
    sandbox.fail_next("POST", status=500, when="after")

    answer = post(call)

    general = {"code": "205", "title": "General error", "detail": "the sandbox was told to answer this"}
    assert (answer.status_code, answer.json()) == (500, {"errors": [general]})
    assert sandbox.names() == ["New"]


def test_a_fault_comes_only_for_its_method_and_path(sandbox: Sandbox, call: Call) -> None:
    group_id = sandbox.add_group("Old")
    sandbox.fail_next("GET", status=502, path="*/contacts*")
    sandbox.fail_next("GET", status=504, path=f"/v1{GROUPS}/{group_id}")

    statuses = [
        call("GET", GROUPS).status_code,
        post(call).status_code,
        call("GET", f"{GROUPS}/{group_id}").status_code,
        call("GET", f"/phonebook/contacts?groupIds={group_id}").status_code,
        call("GET", f"/phonebook/contacts?groupIds={group_id}").status_code,
    ]

    assert statuses == [200, 201, 504, 502, 200]


def test_faults_come_in_the_order_in_which_they_were_added(sandbox: Sandbox, call: Call) -> None:
    sandbox.fail_next("GET", status=500)
    sandbox.fail_next(status=429, headers={"Retry-After": "7"})

    answers = [call("GET", GROUPS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [500, 429, 200]
    assert [answer.headers.get("Retry-After") for answer in answers] == [None, "7", None]
    assert answers[1].json()["errors"][0]["code"] == "244"


def test_faults_that_have_not_come_can_be_removed(sandbox: Sandbox, call: Call) -> None:
    sandbox.fail_next(times=5)

    sandbox.clear_faults()

    assert call("GET", GROUPS).status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h1>Bad gateway</h1>", ("text/html; charset=utf-8", b"<h1>Bad gateway</h1>")),
        ({"groups": None}, ("application/json", b'{"groups": null}')),
        ([], ("application/json", b"[]")),
        (None, ("text/html; charset=utf-8", b"")),
    ],
)
def test_a_fault_can_answer_any_body(sandbox: Sandbox, call: Call, body: object, expected: tuple[str, bytes]) -> None:
    sandbox.fail_next("GET", status=200, body=body)

    answer = call("GET", GROUPS)

    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, *expected)
    assert call("GET", GROUPS).json() == {"groups": []}


@pytest.mark.parametrize("body", ['{"groups": [', b"\xff\x00"])
def test_a_fault_can_answer_a_body_that_is_not_the_json_it_claims_to_be(
    sandbox: Sandbox, call: Call, body: str | bytes
) -> None:
    sandbox.fail_next("GET", status=200, body=body, headers={"Content-Type": "application/json"})

    answer = call("GET", GROUPS)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.content == (body.encode() if isinstance(body, str) else body)
    assert call("GET", GROUPS).json() == {"groups": []}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fault_can_close_the_connection_without_an_answer(sandbox: Sandbox, call: Call, when: When) -> None:
    sandbox.drop_next("POST", when=when)

    with pytest.raises(requests.ConnectionError):
        post(call)

    assert sandbox.names() == (["New"] if when == "after" else [])
    assert list_requests(sandbox) == [("POST", f"/v1{GROUPS}", 0)]
    assert post(call).status_code == 201


def test_an_answer_is_cut_off_if_its_content_length_is_too_large(sandbox: Sandbox, call: Call) -> None:
    sandbox.fail_next("GET", status=200, body='{"groups": []', headers={"Content-Length": "99"})

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        call("GET", GROUPS)

    assert call("GET", GROUPS).status_code == 200


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fault_waits_for_its_delay_before_it_answers(sandbox: Sandbox, call: Call, when: When) -> None:
    sandbox.fail_next("POST", status=503, delay=0.5, when=when)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(post, call)
        time.sleep(0.25)
        was_answered, names = answer.done(), sandbox.names()

    assert (was_answered, names) == (False, ["New"] if when == "after" else [])
    assert answer.result().status_code == 503


def test_latency_is_added_to_every_request(sandbox: Sandbox, call: Call) -> None:
    sandbox.behave(latency=0.1)
    started = time.monotonic()

    call("GET", GROUPS)

    assert time.monotonic() - started >= 0.1


def test_requests_above_the_rate_limit_answer_429_with_retry_after(sandbox: Sandbox, call: Call) -> None:
    sandbox.behave(rate_limit=2)

    answers = [post(call) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert answers[-1].json()["errors"][0]["title"] == "Client error"
    time.sleep(0.55)
    assert post(call).status_code == 201


def test_a_late_list_leaves_out_the_newest_groups(sandbox: Sandbox, call: Call) -> None:
    sandbox.add_group("Old")
    sandbox.behave(late_lists=0.5)

    group_id = post(call).json()["group"]["id"]

    assert [group["name"] for group in call("GET", GROUPS).json()["groups"]] == ["Old"]
    assert call("GET", f"{GROUPS}/{group_id}").status_code == 200
    time.sleep(0.55)
    assert [group["name"] for group in call("GET", GROUPS).json()["groups"]] == ["Old", "New"]


def test_a_late_list_shows_the_groups_as_they_were(sandbox: Sandbox, call: Call) -> None:
    """Each change is late by itself, and a group that is read by its id is always as it is now."""
    renamed, deleted = sandbox.add_group("Before", contacts=2), sandbox.add_group("Deleted", contacts=1)
    sandbox.behave(late_lists=60)

    call("PUT", f"{GROUPS}/{renamed}", json={"name": "Between"})
    call("PUT", f"{GROUPS}/{renamed}", json={"name": "After"})
    call("PUT", f"{GROUPS}/{deleted}", json={"name": "On its way"})
    call("DELETE", f"{GROUPS}/{deleted}")
    created = post(call).json()["group"]["id"]
    call("DELETE", f"{GROUPS}/{created}")

    assert list_shown(call) == [("Before", 2), ("Deleted", 1)]
    assert call("GET", f"{GROUPS}/{renamed}").json()["group"]["name"] == "After"
    assert call("GET", f"{GROUPS}/{deleted}").status_code == 404
    sandbox.behave(late_lists=0)
    assert list_shown(call) == [("After", 2)]


def test_only_changes_from_now_on_are_late(sandbox: Sandbox, call: Call) -> None:
    """What a list has shown once it shows always."""
    for late_lists in (0, 60, 0, 60):
        sandbox.behave(late_lists=late_lists)
        shown = len(list_shown(call))
        post(call)

    assert (shown, len(list_shown(call))) == (3, 3)


def list_shown(call: Call) -> list[tuple[str, int | None]]:
    return [(group["name"], group.get("contactsCount")) for group in call("GET", GROUPS).json()["groups"]]


@pytest.mark.parametrize(("counts", "shown"), [("right", 2), ("zero", 0), ("one more", 3), ("missing", None)])
def test_counts_can_be_wrong_and_lists_of_contacts_are_right(
    sandbox: Sandbox, call: Call, counts: str, shown: int | None
) -> None:
    group_id = sandbox.add_group("VIP", contacts=2)
    phone = sandbox.members(group_id)[0]
    sandbox.behave(counts=counts)

    assert list_shown(call) == [("VIP", shown)]
    assert call("GET", f"{GROUPS}/{group_id}").json()["group"].get("contactsCount") == shown
    renamed = call("PUT", f"{GROUPS}/{group_id}", json={"name": "VIP"})
    assert renamed.json()["group"].get("contactsCount") == shown
    assert call("GET", f"/phonebook/contacts/{phone}/groups").json()["groups"][0].get("contactsCount") == shown
    assert len(call("GET", f"/phonebook/contacts?groupIds={group_id}").json()["contacts"]) == 2


@pytest.mark.parametrize(
    ("stored_names", "sent", "stored"),
    [
        ("as sent", " A  b ", " A  b "),
        ("trimmed", " A  b ", "A  b"),
        ("collapsed", "A  b\u3000c", "A b c"),
        ("cut", "A name of more than twenty characters", "A name of more than "),
        ("lower case", "VIP Õ", "vip õ"),
        ("composed", "Cafe\u0301", "Caf\xe9"),
        ("trimmed", " ", " "),
    ],
)
def test_a_name_can_be_stored_as_another(
    sandbox: Sandbox, call: Call, stored_names: str, sent: str, stored: str
) -> None:
    group_id = sandbox.add_group("Before")
    sandbox.behave(stored_names=stored_names)

    created = call("POST", GROUPS, json={"name": sent}).json()["group"]["name"]
    renamed = call("PUT", f"{GROUPS}/{group_id}", json={"name": sent}).json()["group"]["name"]

    assert (created, renamed, sandbox.names()) == (stored, stored, [stored, stored])


def test_the_log_lists_every_request_in_order(sandbox: Sandbox, call: Call) -> None:
    sandbox.fail_next("DELETE", status=503)

    group_id = post(call).json()["group"]["id"]
    call("GET", f"/phonebook/contacts?groupIds={group_id}")
    call("DELETE", f"{GROUPS}/{group_id}")
    call("GET", "/nothing")

    assert list_requests(sandbox) == [
        ("POST", f"/v1{GROUPS}", 201),
        ("GET", "/v1/phonebook/contacts", 200),
        ("DELETE", f"/v1{GROUPS}/{group_id}", 503),
        ("GET", "/v1/nothing", 404),
    ]
    assert (sandbox.requests(), sandbox.requests("GET"), sandbox.requests("PUT")) == (4, 2, 0)
    sandbox.forget_requests()
    assert sandbox.requests() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"latency": -1},
        {"latency": True},
        {"unique_names": 2},
        {"late_lists": float("inf")},
        {"speed": 1},
        {"counts": "wrong"},
        {"stored_names": []},
    ],
)
def test_an_invalid_behaviour_is_refused(sandbox: Sandbox, changes: dict[str, object]) -> None:
    before = sandbox.behaviour

    with pytest.raises(SandboxError):
        sandbox.behave(**changes)

    assert sandbox.behaviour == before


# The same controls, over HTTP.


def control(sandbox: Sandbox, method: str, path: str, **options: object) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        url = sandbox.url.removesuffix("/v1") + "/_sandbox" + path
        return session.request(method, url, timeout=10, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"method": "POST", "status": 503}, 503),
        ({"method": "POST", "status": 500, "when": "after", "body": {"odd": 1}, "headers": {"X-Odd": "1"}}, 500),
        ({"path": "/v1/phonebook/*", "status": 429, "headers": {"Retry-After": "1"}}, 429),
        ({"method": "POST", "delay": 0.01}, 500),
    ],
)
def test_a_fault_can_be_added_over_http(sandbox: Sandbox, call: Call, fields: dict[str, object], status: int) -> None:
    added = control(sandbox, "POST", "/faults", json=fields)

    assert (added.status_code, added.json()) == (201, {})
    assert control(sandbox, "GET", "/faults").json() == {"faults": 1}
    assert post(call).status_code == status
    assert control(sandbox, "GET", "/faults").json() == {"faults": 0}


def test_a_closed_connection_can_be_added_over_http(sandbox: Sandbox, call: Call) -> None:
    control(sandbox, "POST", "/faults", json={"drop": True, "when": "after", "times": 2})

    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            post(call)

    assert sandbox.names() == ["New", "New"]


def test_faults_can_be_removed_over_http(sandbox: Sandbox, call: Call) -> None:
    control(sandbox, "POST", "/faults", json={"status": 500, "times": 3})

    assert control(sandbox, "DELETE", "/faults").status_code == 204
    assert call("GET", GROUPS).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "503"},
        {"status": 503, "when": "later"},
        {"status": 503, "times": 0},
        {"status": 99},
        {"status": 503, "headers": {"Retry-After": 1}},
        {"status": 503, "headers": {"X-Lines": "1\n2"}},
        {"drop": True, "status": 503},
        {"drop": True, "body": None},
        {"verb": "POST"},
    ],
)
def test_fields_that_make_no_fault_are_refused(sandbox: Sandbox, fields: dict[str, object]) -> None:
    answer = control(sandbox, "POST", "/faults", json=fields)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "201")
    assert control(sandbox, "GET", "/faults").json() == {"faults": 0}


def test_the_log_can_be_read_over_http_and_leaves_out_the_controls(sandbox: Sandbox, call: Call) -> None:
    post(call)
    call("GET", GROUPS)
    got, posted = (
        {"method": method, "path": f"/v1{GROUPS}", "status": status} for method, status in (("GET", 200), ("POST", 201))
    )

    assert control(sandbox, "GET", "/requests").json() == {"requests": [posted, got]}
    assert control(sandbox, "GET", "/requests?method=POST").json() == {"requests": [posted]}
    assert control(sandbox, "DELETE", "/requests").status_code == 204
    assert control(sandbox, "GET", "/requests").json() == {"requests": []}


def test_behaviour_can_be_changed_over_http(sandbox: Sandbox, call: Call) -> None:
    sandbox.add_group("New")

    answer = control(sandbox, "PATCH", "/behaviour", json={"unique_names": True})

    assert answer.json() == {
        "unique_names": True,
        "latency": 0.0,
        "rate_limit": 0.0,
        "late_lists": 0.0,
        "counts": "right",
        "stored_names": "as sent",
    }
    assert control(sandbox, "GET", "/behaviour").json() == answer.json()
    assert post(call).status_code == 409
    assert control(sandbox, "PATCH", "/behaviour", json={"latency": "slow"}).status_code == 400
