"""The seed: a JSON file that fills an empty Phonebook.

    {"groups": [{"name": "VIP", "id": "5792...", "contacts": 120}, {"name": "Staff", "contacts": ["+37255555555"]}],
     "contacts": [{"phoneNumber": "+37255555555", "firstName": "Mari"}]}

A number under `contacts` generates that many phone numbers. They are the same for every group, so groups overlap.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupsync.sandbox.errors import SeedError
from groupsync.sandbox.messages import is_storable, is_uuid
from groupsync.sandbox.phonebook import CONTACT_FIELDS, MOST_PHONES, is_phone, make_phones

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from groupsync.sandbox.phonebook import Contacts, Groups


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedGroup:
    """A group to create, with this id or, if it is None, a new one."""

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
    """The groups and contacts to create."""

    groups: tuple[SeedGroup, ...]
    contacts: tuple[SeedContact, ...]


def load_seed(path: Path) -> Seed:
    """Read the seed in this file; raise SeedError with the first part of it that cannot be used."""
    try:
        value = json.loads(_read(path))
    except OSError as error:
        raise SeedError(str(path), f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SeedError(str(path), f"is not JSON: {error}") from error
    top = _read_object(value, str(path), ("groups", "contacts"))
    groups = _read_list(top.get("groups", []), f"{path}: groups")
    contacts = _read_list(top.get("contacts", []), f"{path}: contacts")
    seed = Seed(
        groups=tuple(_read_group(group, f"{path}: groups[{index}]") for index, group in enumerate(groups)),
        contacts=tuple(_read_contact(contact, f"{path}: contacts[{index}]") for index, contact in enumerate(contacts)),
    )
    _refuse_repeated([group.id for group in seed.groups], f"{path}: groups", "id")
    _refuse_repeated([contact.phone for contact in seed.contacts], f"{path}: contacts", "phoneNumber")
    return seed


def fill_phonebook(seed: Seed, groups: Groups, contacts: Contacts) -> None:
    """Create what the seed lists; do nothing if the Phonebook has a group or a contact already."""
    if groups.list_all() or contacts.list_all():
        return
    for contact in seed.contacts:
        contacts.create(contact.phone, contact.fields)
    for group in seed.groups:
        created = groups.create(group.name, group_id=group.id)
        contacts.fill_group(created.id, group.phones)


def _read_group(value: object, source: str) -> SeedGroup:
    group = _read_object(value, source, ("name", "id", "contacts"))
    name, group_id = group.get("name"), group.get("id")
    if not isinstance(name, str) or not name or not is_storable(name):
        raise SeedError(f"{source}.name", "a text of at least one character is required")
    if group_id is not None and not (isinstance(group_id, str) and is_uuid(group_id)):
        raise SeedError(f"{source}.id", "is not a UUID")
    return SeedGroup(name=name, id=group_id, phones=_read_phones(group.get("contacts", 0), f"{source}.contacts"))


def _read_phones(value: object, source: str) -> tuple[str, ...]:
    match value:
        case int() if not isinstance(value, bool):
            if not 0 <= value <= MOST_PHONES:
                raise SeedError(source, f"is not between 0 and {MOST_PHONES}")
            return make_phones(value)
        case list():
            return tuple(_read_phone(phone, f"{source}[{index}]") for index, phone in enumerate(value))
        case _:
            raise SeedError(source, "is neither a number of contacts nor a list of phone numbers")


def _read_contact(value: object, source: str) -> SeedContact:
    contact = _read_object(value, source, ("phoneNumber", *CONTACT_FIELDS))
    for field in CONTACT_FIELDS:
        text = contact.get(field)
        if text is not None and not (isinstance(text, str) and is_storable(text)):
            raise SeedError(f"{source}.{field}", "is neither a text nor null")
    phone = _read_phone(contact.get("phoneNumber"), f"{source}.phoneNumber")
    return SeedContact(phone=phone, fields={field: contact[field] for field in CONTACT_FIELDS if field in contact})


def _read_phone(value: object, source: str) -> str:
    if not isinstance(value, str) or not is_phone(value):
        raise SeedError(source, "is not a phone number in E.164 format, such as +37255555555")
    return value


def _read(path: Path) -> bytes:
    """Return the content of the file; nothing for a pipe without a writer, because reading it would block forever."""
    if stat.S_ISCHR(path.stat().st_mode):
        raise SeedError(str(path), "is a device, not a file")
    if sys.platform == "win32":  # it has no pipes with a path in a folder
        descriptor = os.open(path, os.O_RDONLY | os.O_BINARY)
    else:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _read_object(value: object, source: str, known: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SeedError(source, "is not a JSON object")
    for key in value:
        if key not in known:
            raise SeedError(source, f"has an unknown key {json.dumps(key)}; known are {', '.join(known)}")
    return value


def _read_list(value: object, source: str) -> list[object]:
    if not isinstance(value, list):
        raise SeedError(source, "is not a list")
    return value


def _refuse_repeated(values: list[str | None], source: str, key: str) -> None:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value is None:
            continue
        if value in seen:
            raise SeedError(f"{source}[{index}].{key}", f"{value} is there twice")
        seen.add(value)
