"""The contact calls: https://messente.com/documentation/phonebook-api/contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from groupsync.sandbox.answers import json_answer, no_content
from groupsync.sandbox.bodies import read_fields, read_group_ids, read_object, read_phone
from groupsync.sandbox.state import state

if TYPE_CHECKING:
    from flask import Response

calls = Blueprint("contacts", __name__, url_prefix="/v1/phonebook")


@calls.get("/contacts")
def fetch_contacts() -> Response:
    """All contacts, or those in any of the groupIds; an id that no group has adds none."""
    group_ids = read_group_ids()
    contacts = state().contacts.in_groups(group_ids) if group_ids else state().contacts.all()
    return json_answer({"contacts": [contact.as_json() for contact in contacts]})


@calls.post("/contacts")
def create_contact() -> Response:
    """The new contact, in no group yet."""
    body = read_object()
    contact = state().contacts.create(read_phone(body.get("phoneNumber")), read_fields(body))
    return json_answer({"contact": contact.as_json()}, 201)


@calls.get("/contacts/<phone>")
def fetch_contact(phone: str) -> Response:
    """One contact."""
    return json_answer({"contact": state().contacts.one(read_phone(phone)).as_json()})


@calls.patch("/contacts/<phone>")
def update_contact(phone: str) -> Response:
    """The contact with the fields of the body replaced; null empties one."""
    contact = state().contacts.update(read_phone(phone), read_fields(read_object()))
    return json_answer({"contact": contact.as_json()})


@calls.delete("/contacts/<phone>")
def delete_contact(phone: str) -> Response:
    """The contact is gone, from its groups too."""
    state().contacts.delete(read_phone(phone))
    return no_content()


@calls.get("/contacts/<phone>/groups")
def fetch_contact_groups(phone: str) -> Response:
    """The groups that the contact is in."""
    contact = state().contacts.one(read_phone(phone))
    return json_answer({"groups": [group.as_json() for group in state().groups.of_contact(contact.phone)]})


@calls.post("/groups/<group_id>/contacts/<phone>")
def add_contact_to_group(group_id: str, phone: str) -> Response:
    """Nothing but an empty object; the contact is in the group."""
    read_phone(phone)
    with state().database.transaction():
        state().groups.one(group_id)
        state().contacts.one(phone)
        state().contacts.join(phone, group_id)
    return json_answer({}, 201)


@calls.delete("/groups/<group_id>/contacts/<phone>")
def remove_contact_from_group(group_id: str, phone: str) -> Response:
    """The contact is no longer in the group; both stay."""
    state().contacts.leave(read_phone(phone), group_id)
    return no_content()
