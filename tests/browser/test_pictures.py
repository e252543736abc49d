"""The pictures of the documentation show what the program writes now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from tests.browser.browser import ROOT
from tests.browser.pictures import hash_page, write_pages

if TYPE_CHECKING:
    from pathlib import Path


def test_the_pictures_are_of_the_present_pages(tmp_path: Path) -> None:
    """`python -m tests.browser.pictures docs` takes them again."""
    for page, html in write_pages(tmp_path).items():
        for scheme in ("light", "dark"):
            with Image.open(ROOT / "docs" / f"{page}-{scheme}.png") as picture:
                assert picture.info["page"] == hash_page(html)
