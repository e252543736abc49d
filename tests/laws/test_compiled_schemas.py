"""Law: a compiled schema accepts exactly the values that jsonschema accepts."""

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
    """Return the paths of all parts of a value."""
    paths = [path]
    if isinstance(value, dict):
        for key, part in value.items():
            paths += list_paths(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            paths += list_paths(part, (*path, index))
    return paths


@st.composite
def nearly_valid(draw: st.DrawFn, document: Any) -> Any:
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


def assert_agreement(name: str, value: Any) -> None:
    validator = Draft202012Validator(SCHEMAS[name])
    is_valid = next(validator.iter_errors(value), None) is None
    event("valid" if is_valid else "invalid")
    assert compile_schema(SCHEMAS[name])(value) is is_valid


def test_the_documents_that_are_changed_here_are_valid() -> None:
    for name, document in (("plan", PLANS[0]), ("groups", CONFIGS[0]), *OTHERS.items()):
        assert list(Draft202012Validator(SCHEMAS[name]).iter_errors(document)) == []


@given(st.sampled_from(PLANS).flatmap(nearly_valid))
def test_agreement_on_plan_files(document: Any) -> None:
    assert_agreement("plan", document)


@given(st.sampled_from(CONFIGS).flatmap(nearly_valid))
def test_agreement_on_configurations(document: Any) -> None:
    assert_agreement("groups", document)


@pytest.mark.parametrize("name", OTHERS)
@given(data=st.data())
def test_agreement_on_other_files(name: str, data: st.DataObject) -> None:
    assert_agreement(name, data.draw(nearly_valid(OTHERS[name])))


@given(name=st.sampled_from(SCHEMA_NAMES), value=VALUES)
def test_agreement_on_any_value(name: str, value: Any) -> None:
    assert_agreement(name, value)


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
def test_an_unknown_keyword_is_an_error(schema: dict[str, Any]) -> None:
    """No keyword of a schema is ever skipped."""
    with pytest.raises(UnknownKeywordError):
        compile_schema(schema)
