"""The contact calls of the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeAlias

import pytest
import requests

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox

Call: TypeAlias = Callable[..., requests.Response]
CONTACTS = "/phonebook/contacts"
MARI, JAAN = "+37255555555", "+37255555556"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
NO_FIELDS = dict.fromkeys(
    ["email", "firstName", "lastName", "company", "title", "custom", "custom2", "custom3", "custom4"]
)


def in_30_days() -> str:
    return (datetime.now(timezone.utc) + timedelta(days=30)).date().isoformat()


def code_of(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def phones(answer: requests.Response) -> list[str]:
    return [contact["phoneNumber"] for contact in answer.json()["contacts"]]


def test_a_created_contact_has_its_fields_and_a_deletion_date(call: Call) -> None:
    answer = call("POST", CONTACTS, json={"phoneNumber": MARI, "firstName": "Mari", "email": None, "unknown": 1})

    contact = {"phoneNumber": MARI, **NO_FIELDS, "firstName": "Mari", "scheduledDeletionDate": in_30_days()}
    assert (answer.status_code, answer.json()) == (201, {"contact": contact})
    assert call("GET", f"{CONTACTS}/%2B37255555555").json() == {"contact": contact}
    assert call("GET", f"{CONTACTS}/{MARI}").json() == {"contact": contact}
    assert call("GET", CONTACTS).json() == {"contacts": [contact]}


def test_a_second_contact_with_the_same_phone_number_is_a_conflict(call: Call) -> None:
    call("POST", CONTACTS, json={"phoneNumber": MARI})

    assert code_of(call("POST", CONTACTS, json={"phoneNumber": MARI})) == (409, "204")


@pytest.mark.parametrize(
    "body",
    [{}, {"phoneNumber": "5555"}, {"phoneNumber": 37255555555}, {"phoneNumber": MARI, "email": 1}],
)
def test_a_contact_needs_a_phone_number_in_e164_and_text_fields(sandbox: Sandbox, call: Call, body: object) -> None:
    assert code_of(call("POST", CONTACTS, json=body)) == (400, "201")
    assert sandbox.phones() == []


def test_an_update_replaces_only_the_fields_in_its_body(call: Call) -> None:
    call("POST", CONTACTS, json={"phoneNumber": MARI, "firstName": "Mari", "company": "Messente", "title": "CEO"})

    answer = call("PATCH", f"{CONTACTS}/{MARI}", json={"firstName": "Maarja", "title": None})

    expected = {**NO_FIELDS, "phoneNumber": MARI, "firstName": "Maarja", "company": "Messente"}
    assert (answer.status_code, answer.json()) == (
        200,
        {"contact": {**expected, "scheduledDeletionDate": in_30_days()}},
    )
    assert code_of(call("PATCH", f"{CONTACTS}/{MARI}", json={"title": 7})) == (400, "201")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"unknown": "Mari"},
        {"firstName": "Maarja", "unknown": None},
        {"firstname": "Maarja"},
        {"phoneNumber": JAAN},
        {"phoneNumber": MARI, "firstName": "Maarja"},
        {"scheduledDeletionDate": "2030-01-01"},
        {"\ud800": "Mari"},
    ],
)
def test_an_update_without_a_field_or_with_an_unknown_one_changes_nothing(call: Call, body: object) -> None:
    """The vendor documents 400 for an "empty patch body or unknown fields provided"."""
    call("POST", CONTACTS, json={"phoneNumber": MARI, "firstName": "Mari"})
    before = call("GET", f"{CONTACTS}/{MARI}").json()

    answer = call("PATCH", f"{CONTACTS}/{MARI}", json=body)

    assert code_of(answer) == (400, "201")
    assert call("GET", f"{CONTACTS}/{MARI}").json() == before


def test_deleting_a_contact_removes_it_from_its_groups(sandbox: Sandbox, call: Call) -> None:
    group_id = sandbox.add_group("VIP", contacts=[MARI, JAAN])

    answer = call("DELETE", f"{CONTACTS}/{MARI}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert sandbox.members(group_id) == [JAAN]
    assert sandbox.phones() == [JAAN]


def test_the_list_of_contacts_can_be_filtered_by_group(sandbox: Sandbox, call: Call) -> None:
    vip = sandbox.add_group("VIP", contacts=[MARI])
    staff = sandbox.add_group("Staff", contacts=[JAAN, MARI])
    empty = sandbox.add_group("Empty")
    call("POST", CONTACTS, json={"phoneNumber": "+37255555557"})

    assert phones(call("GET", CONTACTS)) == [MARI, JAAN, "+37255555557"]
    assert phones(call("GET", CONTACTS, params={"groupIds": vip})) == [MARI]
    assert phones(call("GET", CONTACTS, params={"groupIds": [vip, staff]})) == [MARI, JAAN]
    assert phones(call("GET", CONTACTS, params={"groupIds": [empty, UNKNOWN_ID]})) == []
    assert code_of(call("GET", CONTACTS, params={"groupIds": [vip, "nonsense"]})) == (400, "201")
    assert code_of(call("GET", f"{CONTACTS}?groupIds=")) == (400, "201")


def test_a_contact_can_be_added_to_a_group_and_removed_again(sandbox: Sandbox, call: Call) -> None:
    vip, staff = sandbox.add_group("VIP"), sandbox.add_group("Staff", contacts=[JAAN])
    call("POST", CONTACTS, json={"phoneNumber": MARI})

    joined = call("POST", f"/phonebook/groups/{vip}/contacts/%2B37255555555")

    assert (joined.status_code, joined.json()) == (201, {})
    assert sandbox.members(vip) == [MARI]
    assert call("GET", f"/phonebook/groups/{vip}").json()["group"]["contactsCount"] == 1
    assert [group["id"] for group in call("GET", f"{CONTACTS}/{MARI}/groups").json()["groups"]] == [vip]
    assert call("GET", f"{CONTACTS}/{MARI}").json()["contact"]["scheduledDeletionDate"] is None
    assert code_of(call("POST", f"/phonebook/groups/{vip}/contacts/{MARI}")) == (409, "204")

    left = call("DELETE", f"/phonebook/groups/{vip}/contacts/%2B37255555555")

    assert (left.status_code, left.content) == (204, b"")
    assert (sandbox.members(vip), sandbox.members(staff)) == ([], [JAAN])
    assert call("GET", f"{CONTACTS}/{MARI}").json()["contact"]["scheduledDeletionDate"] == in_30_days()
    assert code_of(call("DELETE", f"/phonebook/groups/{vip}/contacts/{MARI}")) == (404, "203")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/phonebook/contacts/{phone}"),
        ("PATCH", "/phonebook/contacts/{phone}"),
        ("DELETE", "/phonebook/contacts/{phone}"),
        ("GET", "/phonebook/contacts/{phone}/groups"),
        ("POST", "/phonebook/groups/{group}/contacts/{phone}"),
        ("DELETE", "/phonebook/groups/{group}/contacts/{phone}"),
    ],
)
def test_an_unknown_phone_number_answers_404_and_an_invalid_one_400(
    sandbox: Sandbox, call: Call, method: str, path: str
) -> None:
    group = sandbox.add_group("VIP")

    body = {"firstName": "Mari"}
    assert code_of(call(method, path.format(group=group, phone=MARI), json=body)) == (404, "203")
    assert code_of(call(method, path.format(group=group, phone="0555"), json=body)) == (400, "201")


def test_a_contact_cannot_be_added_to_or_removed_from_an_unknown_group(call: Call) -> None:
    call("POST", CONTACTS, json={"phoneNumber": MARI})

    assert code_of(call("POST", f"/phonebook/groups/{UNKNOWN_ID}/contacts/{MARI}")) == (404, "203")
    assert code_of(call("DELETE", f"/phonebook/groups/{UNKNOWN_ID}/contacts/{MARI}")) == (404, "203")
