"""The five group calls: https://messente.com/documentation/phonebook-api/groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from groupsync.sandbox.answers import json_answer, no_content
from groupsync.sandbox.bodies import read_name
from groupsync.sandbox.state import state

if TYPE_CHECKING:
    from flask import Response

calls = Blueprint("groups", __name__, url_prefix="/v1/phonebook/groups")


@calls.get("")
def fetch_groups() -> Response:
    """All groups in one answer; without the newest ones, if lists are told to be late."""
    controls = state().controls
    hidden = controls.newcomers.hidden(controls.behaviour.late_lists)
    return json_answer({"groups": [group.as_json() for group in state().groups.all() if group.id not in hidden]})


@calls.post("")
def create_group() -> Response:
    """The new group, under an id of the server's choice."""
    controls = state().controls
    group = state().groups.create(read_name(), unique=controls.behaviour.unique_names)
    controls.newcomers.add(group.id)
    return json_answer({"group": group.as_json()}, 201)


@calls.get("/<group_id>")
def fetch_group(group_id: str) -> Response:
    """One group; what is not a UUID is nobody's id, and so missing."""
    return json_answer({"group": state().groups.one(group_id).as_json()})


@calls.put("/<group_id>")
def update_group(group_id: str) -> Response:
    """The group under its new name, with all its contacts."""
    unique = state().controls.behaviour.unique_names
    return json_answer({"group": state().groups.rename(group_id, read_name(), unique=unique).as_json()})


@calls.delete("/<group_id>")
def delete_group(group_id: str) -> Response:
    """The group is gone, its contacts are not."""
    state().groups.delete(group_id)
    return no_content()
