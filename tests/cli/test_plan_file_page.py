"""docs/plan-file.md explains every field of the schema, and its recipes print what it shows."""

from __future__ import annotations

import json
import re
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import jq
import pytest

from groupsync.schema import read_schema
from tests.cli.console import BLOCKS, list_commands

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plan-file.md").read_text(encoding="utf-8")
PLAN = (ROOT / "tests" / "golden" / "rename-and-delete" / "plan.json").read_text(encoding="utf-8")
RECIPES = [
    recipe for block in BLOCKS.finditer(PAGE) if block["kind"] == "console" for recipe in list_commands(block["text"])
]


def list_fields(schema: dict[str, Any]) -> set[str]:
    """Return the names of all fields, at any depth."""
    fields = set(schema.get("properties", {}))
    for part in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        fields |= list_fields(part)
    return fields


def test_every_field_is_explained() -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE))

    assert list_fields(json.loads(read_schema("plan"))) <= named


def test_every_reason_is_explained() -> None:
    reasons = json.loads(read_schema("plan"))["$defs"]["change"]["properties"]["reason"]["enum"]

    assert set(reasons) <= set(re.findall(r"`([a-z-]+)`", PAGE))


@pytest.mark.parametrize(("command", "output"), RECIPES)
def test_a_recipe_prints_what_the_page_says(command: str, output: str) -> None:
    name, *options, program, file = shlex.split(command)
    compiled: Any = getattr(jq, "compile")(program)  # noqa: B009 - it has no types
    found = compiled.input_text(PLAN).all()
    show = str if "-r" in options else partial(json.dumps, separators=(",", ":"))
    shown = "".join(f"{show(value)}\n" for value in found).replace(json.loads(PLAN)["digest"], "DIGEST")

    assert (name, file) == ("jq", "plan.json")
    assert shown == output


def test_there_are_six_recipes() -> None:
    assert len(RECIPES) == 6
