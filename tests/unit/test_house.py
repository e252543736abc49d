"""How the code is organised: which package a module belongs to, and that imports go down only."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "groupsync"

# From the lowest layer up. Packages of one layer do not import each other; inside a package every import is allowed.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("fields", "names", "schema", "strictjson", "unfinished", "version"),
    ("display", "patterns"),
    ("command", "differences", "errors", "pattern_overlap", "sealed"),
    ("files", "interrupt", "threads"),
    ("model",),
    ("snippets",),
    ("planner", "guards", "suggest", "decide", "drift", "planfile", "scopes", "variables", "editing"),
    ("review", "doctor", "fixes", "pulling"),
    ("watcher",),
    ("applier", "backup", "lock", "config", "environment", "api", "render"),
    ("runs",),
    ("cli",),
)
ALONE = ("sandbox",)  # knows nothing of the rest; only cli knows it
TOP = ("__init__", "__main__")

ONLY_IN = {
    "click": ("cli",),
    "yaml": ("config", "editing"),
    "jsonschema": ("schema",),
    "deepdiff": ("differences",),
    "certifi": ("api",),
    "requests": ("api",),
    "urllib3": ("api",),
    "flask": ("sandbox",),
    "werkzeug": ("sandbox",),
    "jinja2": ("render",),
    "markupsafe": ("render",),
}

MODULES = sorted(ROOT.rglob("*.py"))


def package_of(module: Path) -> str:
    """Return the name of the top folder of a module, or its own name if it is in no folder."""
    return module.relative_to(ROOT).parts[0].removesuffix(".py")


def layer_of(package: str) -> int:
    return next(number for number, packages in enumerate(LAYERS) if package in packages)


def imports_of(module: Path) -> set[str]:
    """Return the full names of all that a module imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_the_page_has_the_same_layers() -> None:
    page = (ROOT.parent / "docs" / "house.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", page, re.MULTILINE)

    assert {int(number): set(re.findall(r"`(\w+)`", packages)) for number, packages in rows} == {
        number: set(packages) for number, packages in enumerate(LAYERS, start=1)
    }


def test_every_module_belongs_to_a_package() -> None:
    packages = {package for layer in LAYERS for package in layer} | {*ALONE, *TOP}

    assert {package_of(module) for module in MODULES} == packages


def test_no_two_classes_share_a_name() -> None:
    classes = [
        node.name
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]

    assert [name for name, number in Counter(classes).items() if number > 1] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_imports_go_down_only(module: Path) -> None:
    package = package_of(module)
    imported = {name.split(".")[1] for name in imports_of(module) if name.startswith("groupsync.")}
    imported -= {package}

    if package in ALONE:
        assert imported == set()
    elif package == "cli":
        assert imported <= {name for layer in LAYERS[:-1] for name in layer} | set(ALONE)
    elif package not in TOP:
        assert {name for name in imported if name in ALONE or layer_of(name) >= layer_of(package)} == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_a_library_is_imported_only_by_its_packages(module: Path) -> None:
    libraries = {name.split(".")[0] for name in imports_of(module)}

    assert {
        library for library in libraries if package_of(module) not in ONLY_IN.get(library, (package_of(module),))
    } == set()


def test_a_plan_without_a_page_imports_no_template_engine() -> None:
    """So a plan on a terminal starts as fast as without the option."""
    code = "import sys, groupsync.cli.plan, groupsync.cli.show, groupsync.cli.apply; print(*sys.modules)"

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.split(".")[0] for name in finished.stdout.split()}
    assert "groupsync" in loaded
    assert loaded & {"jinja2", "markupsafe", "html"} == set()


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    code = f"import sys, groupsync.cli.main as m; code = m.run([{option!r}]); print(*sys.modules); sys.exit(code)"

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.split(".")[0] for name in finished.stdout.split()}
    assert (
        loaded
        & {"requests", "jsonschema", "deepdiff", "flask", "yaml", "jinja2", "markupsafe", "msgspec", "dataclasses"}
        == set()
    )
