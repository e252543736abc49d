"""Hostile answers of the server, plan files, backups, variables and arguments."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.hostile.case import Case
from tests.hostile.files import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.hostile.case import MakeCase

_ANY = frozenset({0, 1, 3, 4, 5, 64})
_LIST = "GET /phonebook/groups"
_CONTACTS = "GET /phonebook/contacts"
_CONFIG = b"version: 1\npolicy: {unlisted: keep}\ngroups: [Press]\n"
_DELETING = (
    b"version: 1\npolicy: {unlisted: delete}\ngroups: [Press]\nremoved: [{name: Old, contacts_at_most: 9999999}]\n"
)
_MEBIBYTE = 2**20


def make_group(number: int, name: str, **fields: Any) -> dict[str, Any]:
    """Return a group as the server writes it."""
    return {"id": str(UUID(int=number)), "name": name, "createdOn": None, "contactsCount": 1, **fields}


def write_groups(groups: Iterable[dict[str, Any]], **beside: Any) -> bytes:
    """Return the body of a list of groups."""
    return json.dumps({"groups": list(groups), **beside}, ensure_ascii=False).encode()


def write_names(names: Iterable[str]) -> bytes:
    """Return the body of a list of groups of these names."""
    return write_groups(make_group(number, name) for number, name in enumerate(names))


def _write_contacts(count: int, **fields: str) -> bytes:
    contacts = [{"phoneNumber": f"+372{number:08}", **fields} for number in range(count)]
    return json.dumps({"contacts": contacts}).encode()


NAMES: Mapping[str, str] = {
    "1 Mi letters": "a" * _MEBIBYTE,
    "1,001 letters": "a" * 1_001,
    "1 Mi of U+FDFA": "\ufdfa" * _MEBIBYTE,
    "1,000 of U+FDFA": "\ufdfa" * 1_000,
    "200,000 combining marks": "a" + "\u0315" * 100_000 + "\u0316" * 100_000,
    "990 combining marks": "a" + "\u0315" * 495 + "\u0316" * 495,
    "1 Mi invisible characters": "a" + "\u200b" * _MEBIBYTE + "a",
    "1 Mi emoji with selectors": "\u2764\ufe0f" * (_MEBIBYTE // 2),
    "1 Mi backticks": "`" * _MEBIBYTE,
    "1 Mi quotes": '"' * _MEBIBYTE,
    "1 Mi blanks": "a" + " " * _MEBIBYTE + "a",
    "1 Mi line breaks": "a" + "\n" * _MEBIBYTE + "a",
    "a long name like a temporary one": "a" * _MEBIBYTE + " [groupsync 0123abcd]",
    "1 Mi blanks before a bracket": " " * _MEBIBYTE + "]",
}
"""Hostile names by what they are."""

ROLES: Mapping[str, Callable[[str], bytes]] = {
    "to create": lambda name: _write_config(groups=["Press", name]),
    "to rename to": lambda name: _write_config(groups=["Press", {"name": name, "previously": ["Old"]}]),
    "to rename from": lambda name: _write_config(groups=["Press", {"name": "New", "previously": [name]}]),
    "listed": lambda name: _write_config(groups=["Press", name]),
    "removed": lambda name: _write_config(groups=["Press"], removed=[{"name": name, "contacts_at_most": 9}]),
    "ignored": lambda name: _write_config(groups=["Press"], ignore=[name, "a*", "*b?"]),
    "protected": lambda name: _write_config(groups=["Press"], protected=[name, "a*", "*b?"]),
    "unlisted": lambda _: _write_config(groups=["Press"]),
    "deleted": lambda _: _write_config(groups=["Press"], policy={"unlisted": "delete"}),
    "undecided": lambda _: _write_config(groups=["Press", "New"], policy={}),
}
"""The configuration for each thing that a name can be."""


def _write_config(**keys: Any) -> bytes:
    return json.dumps({"version": 1, "policy": {"unlisted": "keep"}, **keys}).encode()


def _make_name_case(role: str, name: str, output: str) -> Case:
    live = ["Press", "Old"] if role in {"to create", "to rename to"} else ["Press", "Old", name]
    return Case(
        args=("plan", "-c", "groups.json", "--format", output),
        exit_codes=frozenset({0, 3}),
        files={"groups.json": ROLES[role](name)},
        answers={_LIST: (200, write_names(live))},
    )


def _plan_patterns(key: str, pattern: str) -> Case:
    names = [f"Group {number} of {number % 1_000:03}" for number in range(100_000)]
    config = _write_config(groups=names[:10], **{key: [pattern.format(number) for number in range(1_000)]})
    answers = {_LIST: (200, write_names(names))}
    return Case(
        args=("plan", "-c", "groups.json"),
        exit_codes=frozenset({0, 1, 3}),
        files={"groups.json": config},
        answers=answers,
    )


PATTERNS: Mapping[str, tuple[str, str]] = {
    "1,000 beginnings": ("protected", "Ignored {:03}*"),
    "1,000 parts": ("ignore", "*x{:03}*"),
    "1,000 ends, all with groups": ("protected", "*of {:03}"),
    "1,000 parts of two, idle": ("protected", "*Group*{:03} x"),
    "1,000 with ?": ("protected", "?roup*{:03}?"),
}
"""Keys and patterns for 100,000 live groups."""

LISTS: Mapping[str, Callable[[], bytes]] = {
    "400,000 groups": lambda: write_names(f"Group {number}" for number in range(400_000)),
    "200,000 groups": lambda: write_names(f"Group {number}" for number in range(200_000)),
    "200,000 groups of one name": lambda: write_names("Press" for _ in range(200_000)),
    "names that fold to one": lambda: write_names(
        "".join("pP"[number >> bit & 1] for bit in range(17)) for number in range(100_000)
    ),
    "names of 1,000 U+FDFA": lambda: write_names("\ufdfa" * 1_000 + str(number) for number in range(9_000)),
    "names of 64 KiB": lambda: write_names("a" * 2**16 + str(number) for number in range(1_000)),
    "open brackets": lambda: b"[" * 2**26,
    "empty lists": lambda: fill("[],", head='{"groups": [', tail="[]]}", size=2**26).encode(),
    "empty objects": lambda: fill("{},", head='{"groups": [', tail="{}]}", size=2**26).encode(),
    "numbers": lambda: fill("1,", head='{"groups": [', tail="1]}", size=2**26).encode(),
    "texts": lambda: fill('"ab",', head='{"groups": [', tail='""]}', size=2**26).encode(),
    "a long number": lambda: fill("1", head='{"groups": [', tail="]}", size=2**26).encode(),
    "a long float": lambda: fill("1", head='{"groups": [1.', tail="]}", size=2**26).encode(),
    "a long exponent": lambda: fill("9", head='{"groups": [1e', tail="]}", size=2**26).encode(),
    "keys beside the list": lambda: write_groups([], **{f"k{number}": number for number in range(1_000_000)}),
    "lists beside the list": lambda: write_groups([], other=[[number] for number in range(1_000_000)]),
    "a long key beside the list": lambda: write_groups([], **{"page" * 2**22: 1}),
    "a deep key beside the list": lambda: b'{"groups": [], "a": ' + b'{"a": ' * 900 + b"1" + b"}" * 901,
    "larger than 64 MiB": lambda: b" " * (2**26 + 1),
}
"""Bodies of the list of groups, by what they have much of."""

SINGLE: Mapping[str, Callable[[], bytes]] = {
    "a long name": lambda: json.dumps({"group": make_group(7, "a" * 900_000)}).encode(),
    "a long id": lambda: json.dumps({"group": make_group(7, "New", id="1" * 900_000)}).encode(),
    "a large count": lambda: b'{"group": {"id": "", "name": "New", "contactsCount": ' + b"9" * 900_000 + b"}}",
    "other names": lambda: json.dumps({"group": make_group(7, "\ufdfa" * 250_000)}, ensure_ascii=False).encode(),
    "open brackets": lambda: b"[" * 2**20,
    "larger than 1 MiB": lambda: b" " * (2**20 + 1),
}
"""Bodies of one group, which a create is answered with."""

ERRORS: Mapping[str, Callable[[], bytes]] = {
    "a long detail": lambda: _write_error(detail="a" * 16 * _MEBIBYTE),
    "a long title": lambda: _write_error(title="\ufdfa" * _MEBIBYTE),
    "a long code": lambda: _write_error(code="9" * _MEBIBYTE),
    "many errors": lambda: json.dumps({"errors": [{"code": "1", "title": "a"}] * 400_000}).encode(),
    "text": lambda: b"a" * 16 * _MEBIBYTE,
    "digits": lambda: b"1" * 16 * _MEBIBYTE,
    "digits and blanks": lambda: b"1 " * 8 * _MEBIBYTE,
    "plus signs": lambda: b"+" * 16 * _MEBIBYTE,
    "percent signs": lambda: b"%2B" * 5 * _MEBIBYTE,
    "markup": lambda: b"<p>" * 5 * _MEBIBYTE,
    "bytes that are not UTF-8": lambda: b"\xff" * 16 * _MEBIBYTE,
}
"""Bodies of failures."""


def _write_error(**fields: str) -> bytes:
    return json.dumps({"errors": [{"code": "201", "title": "Invalid data", "detail": "", **fields}]}).encode()


MEMBERS: Mapping[str, Callable[[], bytes]] = {
    "100,000 contacts": lambda: _write_contacts(100_000, firstName="Mari", lastName="Maasikas"),
    "1,000,000 contacts": lambda: _write_contacts(1_000_000),
    "the same contact": lambda: json.dumps({"contacts": [{"phoneNumber": "+37255555555"}] * 300_000}).encode(),
    "a long field": lambda: _write_contacts(1, firstName="a" * 32 * _MEBIBYTE),
    "a long phone number": lambda: json.dumps({"contacts": [{"phoneNumber": "+" + "1" * 2**24}]}).encode(),
    "empty objects": lambda: fill("{},", head='{"contacts": [', tail="{}]}", size=2**26).encode(),
    "numbers": lambda: fill("1,", head='{"contacts": [', tail="1]}", size=2**26).encode(),
}
"""Bodies of the members of a group."""

SEALED: Mapping[str, Callable[[], bytes]] = {
    "open brackets": lambda: b"[" * 2**26,
    "blanks": lambda: b" " * 2**26,
    "numbers": lambda: fill("1,", head='{"base": [', tail="1]}", size=2**26).encode(),
    "texts": lambda: fill('"abcdefgh",', head='{"base": [', tail='""]}', size=2**25).encode(),
    "empty objects": lambda: fill("{},", head='{"format_version": "2.0", "base": [', tail="{}]}", size=2**22).encode(),
    "an unknown version": lambda: json.dumps({"format_version": "9" * 2**24}).encode(),
    "a version that is no text": lambda: json.dumps({"format_version": [["a"] * 10] * 10_000}).encode(),
    "bytes that are not UTF-8": lambda: b"\xff" * 2**26,
    "larger than may be": lambda: b" " * (2**28 + 1),
}
"""Contents of plan files and backups."""

VARIABLES: Mapping[str, tuple[str, str]] = {
    "patterns": ("GROUPSYNC_PROTECTED", ",".join(f"*a{number}*" for number in range(10_000))),
    "a pattern of stars": ("GROUPSYNC_PROTECTED", "*a" * 50_000),
    "a long name as pattern": ("GROUPSYNC_PROTECTED", "a" * 100_000),
    "U+FDFA as pattern": ("GROUPSYNC_PROTECTED", "\ufdfa" * 40_000),
    "a long limit": ("GROUPSYNC_MAX_DELETES", "9" * 100_000),
    "a long endpoint": ("GROUPSYNC_ENDPOINT", "https://" + "a" * 100_000),
    "a long scheme": ("GROUPSYNC_ENDPOINT", "a" * 100_000),
    "a long path": ("GROUPSYNC_CONFIG", "a" * 100_000),
    "a long folder": ("GROUPSYNC_LOCK_DIR", "a" * 100_000),
    "a long username": ("MESSENTE_API_USERNAME", "a" * 100_000),
    "the longest password": ("MESSENTE_API_PASSWORD", "aå%/" * 1_024),
    "a long password": ("MESSENTE_API_PASSWORD", "a+%" * 30_000),
    "a long secret file": ("MESSENTE_API_PASSWORD_FILE", "a" * 100_000),
    "a long proxy": ("ALL_PROXY", "http://" + "a" * 100_000),
    "a long unknown variable": ("GROUPSYNC_MAX_DELETE" + "S" * 50_000, "1"),
}
"""Variables and their values."""

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "a long file": ("plan", "-c", "a" * 100_000),
    "a long command": ("a" * 100_000,),
    "a long option": ("plan", "--" + "a" * 100_000),
    "a long choice": ("plan", "--format", "a" * 100_000),
    "a long guard": ("apply", "--allow", "a" * 100_000),
    "a long number": ("apply", "--lock-timeout", "9" * 100_000),
    "a long digest": ("check", "plan.json", "--expect-digest", "a" * 100_000),
    "a long id": ("restore", "backup.json", "--into", "a" * 100_000),
    "a long output": ("plan", "--out", "a" * 100_000),
    "1,000 files": ("plan", *(part for _ in range(1_000) for part in ("-c", "missing.yaml"))),
}
"""Command lines."""


def _plan(body: bytes, status: int = 200) -> Case:
    files = {"groups.yaml": _CONFIG}
    return Case(args=("plan",), exit_codes=frozenset({0, 1, 3}), files=files, answers={_LIST: (status, body)})


def _apply(config: bytes, answers: Mapping[str, tuple[int, bytes]]) -> Case:
    live = write_names(["Press", "Old"])
    return Case(
        args=("apply", "--auto-approve", "--allow", "contacts-lost", "--backup-dir", "backups"),
        exit_codes=frozenset({1, 3, 5}),
        files={"groups.yaml": config},
        answers={
            _LIST: (200, live),
            f"{_LIST}/": (200, json.dumps({"group": make_group(1, "Old")}).encode()),
            **answers,
        },
    )


def _read_sealed(args: tuple[str, ...], content: bytes) -> Case:
    answers = {_LIST: (200, write_names(["Press"])), _CONTACTS: (200, b'{"contacts": []}')}
    files = {"groups.yaml": _CONFIG, "sealed.json": content}
    return Case(args=args, exit_codes=frozenset({1, 3}), files=files, answers=answers)


def _set_variable(variable: str, value: str) -> Case:
    files = {"groups.yaml": _CONFIG}
    return Case(
        args=("plan",),
        exit_codes=_ANY,
        files=files,
        answers={_LIST: (200, write_names(["Press"]))},
        environ={variable: value},
    )


def _create(body: bytes) -> Case:
    config = _CONFIG.replace(b"[Press]", b"[Press, New]")
    return _apply(config, {"POST /phonebook/groups": (201, body)})


def _delete(body: bytes) -> Case:
    return _apply(_DELETING, {_CONTACTS: (200, body)})


def _run_command(args: tuple[str, ...]) -> Case:
    files = {"groups.yaml": _CONFIG, "backup.json": b"{}", "plan.json": b"{}"}
    return Case(args=args, exit_codes=_ANY, files=files)


def _make_late(make: Callable[[bytes], Case], write: Callable[[], bytes]) -> Case:
    return make(write())


_BODIES: Mapping[str, tuple[Mapping[str, Callable[[], bytes]], Callable[[bytes], Case]]] = {
    "list of groups": (LISTS, _plan),
    "error answer": (ERRORS, partial(_plan, status=400)),
    "answer about one group": (SINGLE, _create),
    "members of a group": (MEMBERS, _delete),
    "plan file": (SEALED, partial(_read_sealed, ("show", "sealed.json"))),
    "backup file": (SEALED, partial(_read_sealed, ("restore", "sealed.json"))),
}


def list_cases() -> dict[tuple[str, str], MakeCase]:
    """Return all cases of this module, by the way in and what is hostile."""
    cases: dict[tuple[str, str], MakeCase] = {}
    for way, (bodies, make) in _BODIES.items():
        for name, write in bodies.items():
            cases[way, name] = partial(_make_late, make, write)
    for name, (variable, value) in VARIABLES.items():
        cases["environment variable", name] = partial(_set_variable, variable, value)
    for name, (key, pattern) in PATTERNS.items():
        cases["patterns", name] = partial(_plan_patterns, key, pattern)
    for name, args in ARGUMENTS.items():
        cases["command line", name] = partial(_run_command, args)
    for name, text in NAMES.items():
        for role in ROLES:
            cases[f"name {role}", name] = partial(_make_name_case, role, text, "text")
        cases["name in Markdown", name] = partial(_make_name_case, "deleted", text, "markdown")
    return cases
