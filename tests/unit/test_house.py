"""The house: which room a module stands in, and that imports go down only."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "groupsync"

# From the ground up. Rooms on one floor do not import each other; inside a room everything may.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "names", "strictjson", "version", "wording"),
    ("files", "layout", "scalar", "schema"),
    ("model", "sealed"),
    ("planner", "guards", "suggest", "decide", "drift", "planfile"),
    ("review", "recovery", "doctor"),
    ("applier", "backup", "lock", "config", "api", "render"),
    ("cli",),
)
ALONE = ("sandbox",)  # knows nothing of the rest; only cli knows it
PACKAGE = ("__init__", "__main__")

ONLY_IN = {
    "click": "cli",
    "yaml": "config",
    "jsonschema": "schema",
    "deepdiff": "drift",
    "requests": "api",
    "urllib3": "api",
    "flask": "sandbox",
    "werkzeug": "sandbox",
}

MODULES = sorted(ROOT.rglob("*.py"))


def room_of(module: Path) -> str:
    """Return the folder of a module, or its own name when it stands in no folder."""
    return module.relative_to(ROOT).parts[0].removesuffix(".py")


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def imports_of(module: Path) -> set[str]:
    """Return the full names of all that a module imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_module_has_a_room() -> None:
    rooms = {room for floor in FLOORS for room in floor} | {*ALONE, *PACKAGE}

    assert {room_of(module) for module in MODULES} == rooms


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_imports_go_down_only(module: Path) -> None:
    room = room_of(module)
    imported = {name.split(".")[1] for name in imports_of(module) if name.startswith("groupsync.")}
    imported -= {room}

    if room in ALONE:
        assert imported == set()
    elif room == "cli":
        assert imported <= {name for floor in FLOORS[:-1] for name in floor} | set(ALONE)
    elif room not in PACKAGE:
        assert {name for name in imported if name in ALONE or floor_of(name) >= floor_of(room)} == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_each_library_is_seen_by_one_room(module: Path) -> None:
    libraries = {name.split(".")[0] for name in imports_of(module)}

    assert {library for library in libraries if ONLY_IN.get(library, room_of(module)) != room_of(module)} == set()


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    code = f"import sys, groupsync.cli.main as m; code = m.run([{option!r}]); print(*sys.modules); sys.exit(code)"

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.split(".")[0] for name in finished.stdout.split()}
    assert loaded & {"requests", "jsonschema", "deepdiff", "flask", "yaml"} == set()
