"""The calls of the Phonebook, and the state that they work on.

https://messente.com/documentation/phonebook-api/groups and https://messente.com/documentation/phonebook-api/contacts
describe them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Blueprint, request

from groupsync.sandbox.messages import (
    check_contact_changes,
    check_contact_fields,
    check_phone,
    empty_answer,
    json_answer,
    read_group_ids,
    read_name,
    read_object,
)

if TYPE_CHECKING:
    from flask import Response

    from groupsync.sandbox.controls import Controls
    from groupsync.sandbox.database import Database
    from groupsync.sandbox.phonebook import Contacts, Groups, StoredGroup

STATE_KEY = "groupsync.state"  # in the WSGI environ
phonebook_calls = Blueprint("phonebook", __name__, url_prefix="/v1/phonebook")


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxState:
    """What the calls of one running sandbox work on: its data, its controls, and the credentials of its account."""

    database: Database
    groups: Groups
    contacts: Contacts
    controls: Controls
    username: str
    password: str


def current_state() -> SandboxState:
    """Return the state of the sandbox that answers this request."""
    return cast("SandboxState", request.environ[STATE_KEY])


@phonebook_calls.get("/groups")
def fetch_groups() -> Response:
    """Return all groups at once, without the latest changes if lists are late."""
    state = current_state()
    groups = state.controls.recent_changes.make_late(state.groups.list_all(), state.controls.behaviour.late_lists)
    return json_answer({"groups": [_show(group) for group in groups]})


@phonebook_calls.post("/groups")
def create_group() -> Response:
    """Create a group with a new id and return it."""
    state = current_state()
    behaviour = state.controls.behaviour
    with state.database.transaction():
        group = state.groups.create(behaviour.find_stored_name(read_name()), unique=behaviour.unique_names)
        state.controls.recent_changes.add(group.id, None, behaviour.late_lists)
    return json_answer({"group": _show(group)}, 201)


@phonebook_calls.get("/groups/<group_id>")
def fetch_group(group_id: str) -> Response:
    """Return one group. An id that is not a UUID is missing, not invalid."""
    return json_answer({"group": _show(current_state().groups.get(group_id))})


@phonebook_calls.put("/groups/<group_id>")
def update_group(group_id: str) -> Response:
    """Rename the group, which keeps its contacts, and return it."""
    state = current_state()
    behaviour = state.controls.behaviour
    name = behaviour.find_stored_name(read_name())
    with state.database.transaction():
        before = state.groups.get(group_id)
        group = state.groups.rename(group_id, name, unique=behaviour.unique_names)
        state.controls.recent_changes.add(group_id, before, behaviour.late_lists)
    return json_answer({"group": _show(group)})


@phonebook_calls.delete("/groups/<group_id>")
def delete_group(group_id: str) -> Response:
    """Delete the group, not its contacts."""
    state = current_state()
    with state.database.transaction():
        before = state.groups.get(group_id)
        state.groups.delete(group_id)
        state.controls.recent_changes.add(group_id, before, state.controls.behaviour.late_lists)
    return empty_answer()


@phonebook_calls.get("/contacts")
def fetch_contacts() -> Response:
    """Return all contacts, or those in any of the groupIds; an unknown id adds none."""
    contacts = current_state().contacts
    group_ids = read_group_ids()
    found = contacts.list_in_groups(group_ids) if group_ids else contacts.list_all()
    return json_answer({"contacts": [contact.as_json() for contact in found]})


@phonebook_calls.post("/contacts")
def create_contact() -> Response:
    """Create a contact in no group and return it."""
    body = read_object()
    contact = current_state().contacts.create(check_phone(body.get("phoneNumber")), check_contact_fields(body))
    return json_answer({"contact": contact.as_json()}, 201)


@phonebook_calls.get("/contacts/<phone>")
def fetch_contact(phone: str) -> Response:
    """Return one contact."""
    return json_answer({"contact": current_state().contacts.get(check_phone(phone)).as_json()})


@phonebook_calls.patch("/contacts/<phone>")
def update_contact(phone: str) -> Response:
    """Replace the fields that the body has, where null empties a field, and return the contact."""
    contact = current_state().contacts.update(check_phone(phone), check_contact_changes(read_object()))
    return json_answer({"contact": contact.as_json()})


@phonebook_calls.delete("/contacts/<phone>")
def delete_contact(phone: str) -> Response:
    """Delete the contact and remove it from its groups."""
    current_state().contacts.delete(check_phone(phone))
    return empty_answer()


@phonebook_calls.get("/contacts/<phone>/groups")
def fetch_contact_groups(phone: str) -> Response:
    """Return the groups that the contact is in."""
    state = current_state()
    contact = state.contacts.get(check_phone(phone))
    return json_answer({"groups": [_show(group) for group in state.groups.list_of_contact(contact.phone)]})


@phonebook_calls.post("/groups/<group_id>/contacts/<phone>")
def add_contact_to_group(group_id: str, phone: str) -> Response:
    """Add the contact to the group and return an empty object."""
    check_phone(phone)
    state = current_state()
    with state.database.transaction():
        state.groups.get(group_id)
        state.contacts.get(phone)
        state.contacts.add_to_group(phone, group_id)
    return json_answer({}, 201)


@phonebook_calls.delete("/groups/<group_id>/contacts/<phone>")
def remove_contact_from_group(group_id: str, phone: str) -> Response:
    """Remove the contact from the group; keep both."""
    current_state().contacts.remove_from_group(check_phone(phone), group_id)
    return empty_answer()


def _show(group: StoredGroup) -> dict[str, object]:
    """Return a group as an answer of the sandbox, with the number of contacts that its behaviour shows."""
    shown = group.as_json()
    count = current_state().controls.behaviour.find_count(group.contacts_count)
    if count is None:
        del shown["contactsCount"]
    else:
        shown["contactsCount"] = count
    return shown
