"""Texts for users are in ordinary words: none of the odd words below is in what users read."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.cli.main import COMMANDS, run

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "groupsync" / "render" / "html" / "templates"

ODD_WORDS = {
    r"(?:a)?borne|bears?": "has",
    r"doomed": "that will be deleted",
    r"parked": "at a temporary name",
    r"mend(?:ed|s)?": "fix",
    r"stands? (?:against|alone|as|at|beside|for|here|in|on|so|there|under)": "is, or say it another way",
    r"(?:what|which|that|it|who) stands?": "is",
    r"parted by": "separated by",
    r"in peace": "normally, or leave it out",
    r"strangers?": "newcomers",
    r"let(?:s|ting)?(?: \S+){0,3} (?:pass|through)": "override, allow",
    r"(?<!look )at what": "when, or where",
    r"(?<!not )so many(?! \S+(?: \([^)]*\))? that)": "this many, or the number",
    r"all the same": "anyway",
    r"for ever": "forever",
    r"shall": "must, or should",
    r"by and by": "gradually",
    r"in a row": "consecutive",
    r"who(?:so)?(?:ever|m)": "anybody who, or if you",
    r"whatever(?: \S+){0,2} may": "whatever",
    r"at the same moment": "simultaneously",
    r"be rid of": "delete",
    r"vouch(?:es|ed)?": "trust",
    r"circles?": "cycle",
    r"once more": "again",
    r"thereof|hence|lest|upon|wherein|whereby|nought|thrice": "a word of today",
    r"mak(?:e|es|ing) it so": "do it",
    r"undone": "not done yet",
    r"lived with": "handled",
    r"comes? over": "overwrites",
    r"to be overridden": "cannot be overridden",
    r"spoken of": "mentioned",
    r"nothing keeps": "no backup folder is set",
    r"put(?:s|ting)? right": "fix",
    r"(?:do|is|run) the same again": "run the same command again",
    r"(?:what is|as) said above": "the problems above",
    r"leaves? at once": "quits now",
    r"nobody (?:has )?(?:merged|approved)(?: it)?": "not merged, not approved",
    r"nothing says(?: \S+)? which": "the entry does not say which",
    r"is live at all": "has no live groups",
    r"should be gone": "should stay deleted",
    r"mistakes? in groupsync|groupsync made a mistake": "a bug in groupsync",
    r"no longer protect it": "remove its protection",
    r"mak(?:e|es|ing) the group again": "creates, restores",
    r"things on": "try things out",
    r"has room here": "this page would be too long",
    r"set(?:s|ting)?(?: \S+){0,3} aside": "exclude",
    r"departures?": "a lookalike outside the scope",
    r"whole road": "everything",
    r"ways? out": "remedy",
    r"(?:its|the) default place": "is the default one",
    r"(?:what|which) .{0,20}(?:want|wants) beyond": "outside",
    r"nothing else is to do": "there is nothing else to do",
}
ODD = re.compile("|".join(rf"\b(?:{word})\b" for word in ODD_WORDS) + r"|, too\b|, for it\b", flags=re.IGNORECASE)

# Odd words that stay, each with the reason.
EXCEPTIONS = {
    ("groupsync/render/record.py", "strangers"): "a field of the format of reports",
    ("CHANGELOG.md", "strangers"): "the name that a field of the library had in 0.1",
}


def list_strings(file: Path) -> Iterator[str]:
    """Yield every text in a module that is not a docstring."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {
        id(statement.value)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.Module | ast.ClassDef | ast.FunctionDef)
        for statement in owner.body
        if isinstance(statement, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def list_descriptions(schema: Any) -> Iterator[str]:
    """Yield the titles and descriptions of a JSON Schema."""
    if isinstance(schema, dict):
        yield from (schema[key] for key in ("title", "description") if isinstance(schema.get(key), str))
        for value in schema.values():
            yield from list_descriptions(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from list_descriptions(value)


def list_comments(text: str) -> str:
    return "\n".join(re.findall(r"#.*", text))


def read_newest_changes() -> str:
    """Return the first part of the changelog: it is called Unreleased, or as the version that is about to be."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return changelog.split("\n## ")[1]


def list_texts() -> Iterator[tuple[str, str]]:
    """Yield the texts that users read, each with the name of its file."""
    for file in sorted((ROOT / "groupsync").rglob("*.py")):
        yield str(file.relative_to(ROOT)), "\n".join(list_strings(file))
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(TEMPLATES.iterdir())):
        yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "schemas").glob("*.json")):
        yield str(file.relative_to(ROOT)), "\n".join(list_descriptions(json.loads(file.read_text(encoding="utf-8"))))
    for file in sorted((ROOT / "examples").rglob("*.y*ml")):
        yield str(file.relative_to(ROOT)), list_comments(file.read_text(encoding="utf-8"))
    for name in ("action.yml", "Dockerfile", ".pre-commit-hooks.yaml"):
        yield name, (ROOT / name).read_text(encoding="utf-8")
    for file in sorted((ROOT / "tests" / "golden").rglob("*")):
        if file.suffix in {".txt", ".md"}:
            yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")
    yield "CHANGELOG.md", read_newest_changes()


TEXTS = dict(list_texts())


def find_odd_words(text: str) -> set[str]:
    return {" ".join(found.lower().split()) for found in ODD.findall(" ".join(text.split()))}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_for_users_has_no_odd_words(name: str) -> None:
    assert find_odd_words(TEXTS[name]) - {word for file, word in EXCEPTIONS if file == name} == set()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_a_help_text_has_no_odd_words(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run((*command.split(), "--help"), {}) == 0

    assert find_odd_words(capsys.readouterr().out) == set()


def test_every_exception_is_needed() -> None:
    assert {(file, word) for file, word in EXCEPTIONS if word not in find_odd_words(TEXTS[file])} == set()


@pytest.mark.parametrize(
    "text",
    [
        "It shall be.",
        "a list, too,",
        "Let a guard pass",
        "what\nstands against it",
        "Strangers",
        "for ever",
        "sets both groups aside",
    ],
)
def test_odd_words_are_found(text: str) -> None:
    assert find_odd_words(text)


@pytest.mark.parametrize("text", ["The marshall", "not so many", "understands in", "too many, not too few"])
def test_ordinary_words_are_not(text: str) -> None:
    assert find_odd_words(text) == set()
