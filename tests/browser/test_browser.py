"""The browser is the one that the lock file names, and it notices what the other tests look for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.browser.browser import FOLDER, LOCK, VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.browser import Browser


def test_the_browser_is_the_locked_version(browser: Browser) -> None:
    assert browser.read_version().split("/")[1].split(".")[:2] == VERSION.split(".")[:2]
    for name in ("axe-core", "puppeteer-core", "@sparticuz/chromium", "@embedpdf/fonts-jp"):
        installed = json.loads((FOLDER / "node_modules" / name / "package.json").read_text(encoding="utf-8"))
        assert installed["version"] == LOCK["packages"][f"node_modules/{name}"]["version"]


def test_a_script_and_a_request_are_noticed(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><script>window.hacked = true; alert(1)</script><img src='http://127.0.0.1:9/x.png'>", "utf-8"
    )

    seen = browser.open(page, without_policy=True)

    assert (browser.evaluate("window.hacked"), seen.dialogs) == (True, 1)
    assert seen.requests == ["http://127.0.0.1:9/x.png"]


def test_axe_finds_a_planted_violation(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><p style='color: #aaa'>pale</p><img src='data:,'>", "utf-8")
    browser.open(page)

    found = " ".join(browser.run_axe()["violations"])

    assert "color-contrast" in found
    assert "image-alt" in found


def test_letters_of_east_asia_are_drawn(browser: Browser, tmp_path: Path) -> None:
    """Else every picture of a page with such names shows boxes, which have one width."""
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><meta charset=utf-8><canvas></canvas>", "utf-8")
    browser.open(page)

    drawn = browser.evaluate(
        """(() => {
            const draw = (text) => {
                const canvas = document.createElement("canvas");
                const context = canvas.getContext("2d");
                context.font = "40px sans-serif";
                context.fillText(text, 10, 50);
                return canvas.toDataURL();
            };
            return new Set(["日", "本", "中", "가".slice(1)].map(draw)).size;
        })()"""
    )

    assert drawn == 4
