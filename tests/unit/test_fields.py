"""Fields that a value hides or does not compare."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from msgspec import Struct
from msgspec.structs import replace

import groupsync
from groupsync.fields import hide, ignore

SECRETS = {"password", "passwords", "tokens", "phone"}


@hide("secret")
@ignore("note")
class Value(Struct, frozen=True, kw_only=True):
    name: str
    secret: str = "s3cret"
    note: str = ""


def list_structs() -> list[type[Struct]]:
    """Return every class of values of groupsync."""
    names = [found.name for found in pkgutil.walk_packages(groupsync.__path__, "groupsync.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    found = {
        member
        for module in modules
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Struct) and member.__module__ == module.__name__
    }
    return sorted(found, key=lambda one: (one.__module__, one.__qualname__))


def test_a_hidden_field_is_in_no_text_of_the_value() -> None:
    value = Value(name="A", secret="hush")

    assert repr(value) == "Value(name='A', note='')"
    assert value.__rich_repr__() == [("name", "A"), ("note", "")]


def test_an_ignored_field_makes_no_other_value() -> None:
    value = Value(name="A", note="one")
    same = replace(value, note="two")

    assert (value == same, hash(value) == hash(same)) == (True, True)
    assert value != replace(value, secret="other")
    assert value != replace(value, name="B")


def test_no_value_shows_a_secret() -> None:
    kinds = [kind for kind in list_structs() if SECRETS & {*kind.__struct_fields__}]

    for kind in kinds:
        value = kind(**{name: f"<{name}>" for name in kind.__struct_fields__})  # a Struct takes values of any type
        shown = f"{value!r} {value.__rich_repr__()}"
        assert not any(f"<{secret}>" in shown for secret in SECRETS), kind

    assert {kind.__name__ for kind in kinds} >= {"Credentials", "Contact", "Secrets"}
