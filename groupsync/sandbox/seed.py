"""The seed: a JSON file that says what a new Phonebook holds.

    {"groups": [{"name": "VIP", "id": "5792...", "contacts": 120}, {"name": "Staff", "contacts": ["+37255555555"]}],
     "contacts": [{"phoneNumber": "+37255555555", "firstName": "Mari"}]}

A number of contacts stands for so many made-up phone numbers, the same for every group, so that groups overlap.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupsync.sandbox.bodies import is_storable, is_uuid
from groupsync.sandbox.contacts import FIELDS, MOST_PHONES, is_phone, make_phones
from groupsync.sandbox.errors import SeedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from groupsync.sandbox.contacts import Contacts
    from groupsync.sandbox.groups import Groups


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedGroup:
    """A group to create, under this id or one of the server's choice."""

    name: str
    id: str | None
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedContact:
    """A contact to create."""

    phone: str
    fields: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What a new Phonebook holds."""

    groups: tuple[SeedGroup, ...]
    contacts: tuple[SeedContact, ...]


def load_seed(path: Path) -> Seed:
    """The seed in this file; SeedError names the first place in it that cannot be used."""
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise SeedError(str(path), f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SeedError(str(path), f"is not JSON: {error}") from error
    top = _object(value, str(path), ("groups", "contacts"))
    groups = _list(top.get("groups", []), f"{path}: groups")
    contacts = _list(top.get("contacts", []), f"{path}: contacts")
    seed = Seed(
        groups=tuple(_group(group, f"{path}: groups[{index}]") for index, group in enumerate(groups)),
        contacts=tuple(_contact(contact, f"{path}: contacts[{index}]") for index, contact in enumerate(contacts)),
    )
    _refuse_repeated([group.id for group in seed.groups], f"{path}: groups", "id")
    _refuse_repeated([contact.phone for contact in seed.contacts], f"{path}: contacts", "phoneNumber")
    return seed


def plant(seed: Seed, groups: Groups, contacts: Contacts) -> None:
    """Put the seed into a Phonebook, unless it holds something already."""
    if groups.all() or contacts.all():
        return
    for contact in seed.contacts:
        contacts.create(contact.phone, contact.fields)
    for group in seed.groups:
        contacts.fill(groups.create(group.name, group_id=group.id).id, group.phones)


def _group(value: object, place: str) -> SeedGroup:
    group = _object(value, place, ("name", "id", "contacts"))
    name, group_id = group.get("name"), group.get("id")
    if not isinstance(name, str) or not name or not is_storable(name):
        raise SeedError(f"{place}.name", "a text of at least one character is required")
    if group_id is not None and not (isinstance(group_id, str) and is_uuid(group_id)):
        raise SeedError(f"{place}.id", "is not a UUID")
    return SeedGroup(name=name, id=group_id, phones=_phones(group.get("contacts", 0), f"{place}.contacts"))


def _phones(value: object, place: str) -> tuple[str, ...]:
    match value:
        case int() if not isinstance(value, bool):
            if not 0 <= value <= MOST_PHONES:
                raise SeedError(place, f"is not between 0 and {MOST_PHONES}")
            return make_phones(value)
        case list():
            return tuple(_phone(phone, f"{place}[{index}]") for index, phone in enumerate(value))
        case _:
            raise SeedError(place, "is neither a number of contacts nor a list of phone numbers")


def _contact(value: object, place: str) -> SeedContact:
    contact = _object(value, place, ("phoneNumber", *FIELDS))
    for field in FIELDS:
        text = contact.get(field)
        if text is not None and not (isinstance(text, str) and is_storable(text)):
            raise SeedError(f"{place}.{field}", "is neither a text nor null")
    phone = _phone(contact.get("phoneNumber"), f"{place}.phoneNumber")
    return SeedContact(phone=phone, fields={field: contact[field] for field in FIELDS if field in contact})


def _phone(value: object, place: str) -> str:
    if not isinstance(value, str) or not is_phone(value):
        raise SeedError(place, "is not a phone number in E.164 format, such as +37255555555")
    return value


def _object(value: object, place: str, known: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SeedError(place, "is not a JSON object")
    for key in value:
        if key not in known:
            raise SeedError(place, f"has an unknown key {json.dumps(key)}; known are {', '.join(known)}")
    return value


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise SeedError(place, "is not a list")
    return value


def _refuse_repeated(values: list[str | None], place: str, what: str) -> None:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value is None:
            continue
        if value in seen:
            raise SeedError(f"{place}[{index}].{what}", f"{value} is there twice")
        seen.add(value)
