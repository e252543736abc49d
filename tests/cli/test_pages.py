"""The documentation is correct: its commands print what it shows, and its links lead somewhere.

`pytest tests/cli/test_pages.py --update-golden` writes what the commands print into the pages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.cli.pages import ROOT, Page

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMANDS = {"tutorial.md": 13, "how-to.md": 16}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_of_a_page_print_what_it_shows(tmp_path: Path, name: str, request: pytest.FixtureRequest) -> None:
    page = Page(name)

    printed = page.run(tmp_path, {})

    if request.config.getoption("--update-golden"):
        page.path.write_text(printed, encoding="utf-8")
    else:
        assert printed == page.text
    assert page.commands == COMMANDS[name]


def list_anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in list_anchors(target), link


def test_every_page_can_be_found_from_the_index() -> None:
    index = set(LINK.findall((ROOT / "docs" / "README.md").read_text(encoding="utf-8")))

    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= index
