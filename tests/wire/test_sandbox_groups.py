"""The five group calls of the sandbox, as the vendor documents them."""

from __future__ import annotations

import re
import uuid
from base64 import b64encode
from collections.abc import Callable
from typing import TypeAlias

import pytest
import requests

from groupsync.sandbox import PhonebookError, Sandbox

Call: TypeAlias = Callable[..., requests.Response]
GROUPS = "/phonebook/groups"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def error(code: str, title: str, detail: str) -> object:
    return {"errors": [{"code": code, "title": title, "detail": detail}]}


def test_a_new_phonebook_has_no_groups(call: Call) -> None:
    answer = call("GET", GROUPS)

    assert (answer.status_code, answer.json()) == (200, {"groups": []})
    assert answer.headers["Content-Type"] == "application/json"


def test_a_created_group_has_an_id_a_creation_date_and_no_contacts(sandbox: Sandbox, call: Call) -> None:
    answer = call("POST", GROUPS, json={"name": "VIP"})

    group = answer.json()["group"]
    assert answer.status_code == 201
    assert group == {"id": group["id"], "name": "VIP", "createdOn": group["createdOn"], "contactsCount": 0}
    assert uuid.UUID(group["id"]).version == 4
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", group["createdOn"])
    assert call("GET", GROUPS).json() == {"groups": [group]}
    assert call("GET", f"{GROUPS}/{group['id']}").json() == {"group": group}
    assert [found.id for found in sandbox.groups()] == [group["id"]]


def test_a_rename_keeps_the_id_the_creation_date_and_the_contacts(sandbox: Sandbox, call: Call) -> None:
    group_id = sandbox.add_group("VIP", contacts=["+37255555555", "+37255555556"])
    before = call("GET", f"{GROUPS}/{group_id}").json()["group"]

    answer = call("PUT", f"{GROUPS}/{group_id}", json={"name": "VIP customers"})

    assert (answer.status_code, answer.json()) == (200, {"group": {**before, "name": "VIP customers"}})
    assert sandbox.members(group_id) == ["+37255555555", "+37255555556"]
    assert before["contactsCount"] == 2


def test_deleting_a_group_keeps_its_contacts(sandbox: Sandbox, call: Call) -> None:
    group_id = sandbox.add_group("VIP", contacts=["+37255555555"])
    other_id = sandbox.add_group("Staff")

    answer = call("DELETE", f"{GROUPS}/{group_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert [group.id for group in sandbox.groups()] == [other_id]
    assert sandbox.members(group_id) == []
    assert sandbox.phones() == ["+37255555555"]
    assert call("GET", "/phonebook/contacts/%2B37255555555").json()["contact"]["scheduledDeletionDate"] is not None


def test_groups_are_listed_oldest_first(sandbox: Sandbox, call: Call) -> None:
    for name in ("b", "a", "c"):
        sandbox.add_group(name)

    names = [group["name"] for group in call("GET", GROUPS).json()["groups"]]

    assert names == ["b", "a", "c"]
    assert sandbox.names() == ["a", "b", "c"]


@pytest.mark.parametrize(
    "name",
    [
        " blanks ",
        "Õun ja pähkel",
        "e\u0301 is not \u00e9",
        "👩‍👩‍👧",
        "\u202eltr",
        "nul\x00and\ttab",
        "'; DROP TABLE groups; --",
        "x" * 5000,
    ],
)
def test_a_name_is_returned_exactly_as_it_was_sent(sandbox: Sandbox, call: Call, name: str) -> None:
    created = call("POST", GROUPS, json={"name": name})

    assert created.json()["group"]["name"] == name
    assert [group["name"] for group in call("GET", GROUPS).json()["groups"]] == [name]
    assert sandbox.names() == [name]


def test_json_is_sent_as_utf_8_without_escapes(call: Call) -> None:
    answer = call("POST", GROUPS, json={"name": "Õ"})

    assert '"name":"Õ"'.encode() in answer.content


def test_two_groups_may_share_a_name(sandbox: Sandbox, call: Call) -> None:
    statuses = [call("POST", GROUPS, json={"name": "VIP"}).status_code for _ in range(2)]

    assert statuses == [201, 201]
    assert sandbox.names() == ["VIP", "VIP"]


def test_unique_names_refuse_only_an_exactly_equal_name_of_another_group(sandbox: Sandbox, call: Call) -> None:
    sandbox.behave(unique_names=True)
    vip, staff = sandbox.add_group("VIP"), sandbox.add_group("Staff")
    conflict = error("204", "Conflict", "there is a group of this name already")

    refused = [
        call("POST", GROUPS, json={"name": "VIP"}),
        call("PUT", f"{GROUPS}/{staff}", json={"name": "VIP"}),
    ]
    accepted = [
        call("POST", GROUPS, json={"name": "vip"}),
        call("PUT", f"{GROUPS}/{vip}", json={"name": "VIP"}),
    ]

    assert [(answer.status_code, answer.json()) for answer in refused] == [(409, conflict), (409, conflict)]
    assert [answer.status_code for answer in accepted] == [201, 200]
    assert sandbox.names() == ["Staff", "VIP", "vip"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": None}, {"name": 7}, {"name": ["VIP"]}, {"title": "VIP"}])
def test_a_name_that_is_missing_empty_or_not_text_is_invalid(
    sandbox: Sandbox, call: Call, method: str, body: object
) -> None:
    group_id = sandbox.add_group("Old")

    answer = call(method, GROUPS if method == "POST" else f"{GROUPS}/{group_id}", json=body)

    invalid = error("201", "Invalid data", "name: a text of at least one character is required")
    assert (answer.status_code, answer.json()) == (400, invalid)
    assert sandbox.names() == ["Old"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the body is not JSON"),
        (b'{"name": ', "the body is not JSON"),
        (b"\xff\xfe\xfd", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b'["VIP"]', "the body is not a JSON object"),
        (rb'{"name": "\ud800"}', "name: a text of at least one character is required"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_invalid(call: Call, body: bytes, detail: str) -> None:
    answer = call("POST", GROUPS, data=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()) == (400, error("201", "Invalid data", detail))


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_content_type_other_than_json_is_a_client_error(call: Call, content_type: str | None) -> None:
    answer = call("POST", GROUPS, data=b'{"name": "VIP"}', headers={"Content-Type": content_type})

    wrong = error("244", "Client error", "the Content-Type is not application/json")
    assert (answer.status_code, answer.json()) == (415, wrong)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("group_id", [UNKNOWN_ID, "not-a-uuid", "%00"])
def test_an_unknown_group_id_answers_404(call: Call, method: str, group_id: str) -> None:
    answer = call(method, f"{GROUPS}/{group_id}", json={"name": "VIP"})

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "203"
    assert answer.json()["errors"][0]["title"] == "Missing resource"


@pytest.mark.parametrize("path", ["", "/", "/phonebook", "/phonebook/groups/", "//phonebook/groups", "/nothing"])
def test_an_unknown_path_answers_404_and_never_redirects(call: Call, path: str) -> None:
    answer = call("GET", path, allow_redirects=False)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "203")


def test_a_method_that_the_path_does_not_allow_answers_405(call: Call) -> None:
    answers = [call("PATCH", GROUPS), call("BREW", GROUPS), call("OPTIONS", GROUPS)]

    for answer in answers:
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (405, "244")
        assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("auth", [None, ("sandbox", "wrong"), ("wrong", "sandbox"), ("", "")])
@pytest.mark.parametrize("path", [GROUPS, "/nothing"])
def test_wrong_credentials_answer_401(sandbox: Sandbox, auth: tuple[str, str] | None, path: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(sandbox.url + path, auth=auth, timeout=10)

    detail = "the username or the password is not that of an account"
    assert (answer.status_code, answer.json()) == (401, error("202", "Unauthorized", detail))
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_username_and_password_can_be_chosen() -> None:
    token = b64encode("maré:a:b ö".encode()).decode()

    with Sandbox(username="maré", password="a:b ö") as sandbox, requests.Session() as session:
        session.trust_env = False
        answer = session.get(sandbox.url + GROUPS, headers={"Authorization": f"Basic {token}"}, timeout=10)

    assert answer.status_code == 200


def test_direct_changes_are_not_logged_and_may_repeat_names(sandbox: Sandbox, call: Call) -> None:
    sandbox.behave(unique_names=True)
    vip = sandbox.add_group("VIP", id=UNKNOWN_ID, contacts=3)
    old = sandbox.add_group("Old")

    sandbox.rename_group(old, "VIP")

    assert sandbox.names() == ["VIP", "VIP"]
    assert sandbox.members(vip) == ["+37250000000", "+37250000001", "+37250000002"]
    sandbox.delete_group(vip)
    assert [group["id"] for group in call("GET", GROUPS).json()["groups"]] == [old]
    assert (sandbox.requests(), sandbox.requests("GET"), sandbox.requests("POST")) == (1, 1, 0)


def test_direct_changes_of_unknown_groups_raise_an_error(sandbox: Sandbox) -> None:
    taken = sandbox.add_group("VIP")

    with pytest.raises(PhonebookError, match="no group with the id"):
        sandbox.rename_group(UNKNOWN_ID, "VIP")
    with pytest.raises(PhonebookError, match="no group with the id"):
        sandbox.delete_group(UNKNOWN_ID)
    with pytest.raises(PhonebookError, match="already"):
        sandbox.add_group("Other", id=taken)
