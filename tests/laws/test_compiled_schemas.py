"""A compiled schema says of every value what jsonschema says of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from groupsync.schema import SCHEMA_NAMES, read_schema
from groupsync.schema.compiled import UnknownKeywordError, compile_schema

GOLDEN = Path(__file__).parents[1] / "golden"
SCHEMAS: dict[str, Any] = {name: json.loads(read_schema(name)) for name in SCHEMA_NAMES}
PLANS = [
    json.loads(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*/plan.json")) if path.stat().st_size < 20_000
]
CONFIGS = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*/groups.yaml"))]
GROUP_ID = "00000001-52b7-4f0d-9c3e-1b7a60d2f401"
OTHERS = {
    "backup": {
        "format_version": "1.0",
        "groupsync_version": "0.1.0",
        "created_at": "2026-11-23T12:00:00Z",
        "endpoint": "https://api.messente.com/v1",
        "account": "acc-0123456789ab",
        "group": {"id": GROUP_ID, "name": "VIP", "contacts_count": 1},
        "contacts": [{"phoneNumber": "+37251000000"}],
        "checksum": f"sha256:{'0' * 64}",
    },
    "doctor": {
        "format_version": "1.0",
        "groupsync_version": "0.1.0",
        "ok": True,
        "account": "acc-0123456789ab",
        "checks": [{"name": "python", "status": "ok", "text": "x", "advice": ""}],
        "unchecked": ["clock"],
    },
}
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 200),
    st.sampled_from((0.0, 1.0, 1.5, -1.0)),
    st.sampled_from(("", "a", "create", "keep", "25%", "0%", "acc-0123456789ab", GROUP_ID, "1.0", "x" * 40)),
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("name", "id", "kind", "source", "zzz", "version", "groups")), inner, max_size=3
        ),
    ),
    max_leaves=5,
)


def list_paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to all parts of a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for step, part in steps for inner in list_paths(part, (*path, step)))]


@st.composite
def nearly_right(draw: st.DrawFn, document: Any) -> Any:
    """Draw the document with up to three parts of it replaced, left out or added to."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(list_paths(document)))
        if not path:
            continue
        place = document
        for step in path[:-1]:
            place = place[step]
        match draw(st.sampled_from(("replace", "leave out", "add"))):
            case "replace":
                place[path[-1]] = draw(VALUES)
            case "leave out":
                del place[path[-1]]
            case _ if isinstance(place, dict):
                place[draw(st.sampled_from(("zzz", "name", "id", "reason", "previously")))] = draw(VALUES)
            case _:
                place.append(draw(VALUES))
    return document


def agree(name: str, value: Any) -> None:
    validator = Draft202012Validator(SCHEMAS[name])
    is_right = next(validator.iter_errors(value), None) is None
    event("right" if is_right else "wrong")
    assert compile_schema(SCHEMAS[name])(value) is is_right


def test_what_is_changed_here_and_there_is_right_to_begin_with() -> None:
    for name, document in (("plan", PLANS[0]), ("groups", CONFIGS[0]), *OTHERS.items()):
        assert list(Draft202012Validator(SCHEMAS[name]).iter_errors(document)) == []


@given(st.sampled_from(PLANS).flatmap(nearly_right))
def test_of_plan_files(document: Any) -> None:
    agree("plan", document)


@given(st.sampled_from(CONFIGS).flatmap(nearly_right))
def test_of_configurations(document: Any) -> None:
    agree("groups", document)


@pytest.mark.parametrize("name", OTHERS)
@given(data=st.data())
def test_of_other_files(name: str, data: st.DataObject) -> None:
    agree(name, data.draw(nearly_right(OTHERS[name])))


@given(name=st.sampled_from(SCHEMA_NAMES), value=VALUES)
def test_of_anything(name: str, value: Any) -> None:
    agree(name, value)


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {}},
        {"properties": {"a": {"multipleOf": 3}}},
        {"items": {"uniqueItems": True}},
        {"additionalProperties": False},
        {"properties": {}, "additionalProperties": {"type": "string"}},
        {"prefixItems": []},
        {"allOf": [{"dependentRequired": {}}]},
    ],
)
def test_of_what_is_not_known_nothing_is_made(schema: dict[str, Any]) -> None:
    """Nothing that a schema says is ever passed over."""
    with pytest.raises(UnknownKeywordError):
        compile_schema(schema)
