"""Pages fit any screen, work without scripts, and stay small and fast with 20,000 changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.render.html import render_html
from tests.browser.pages import PAGES
from tests.browser.test_accessibility import NAMES, make_large_page, write
from tests.golden.test_golden import make_many

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.browser import Browser

MOST_BYTES = 4_000_000
VISIBLE = "[...document.querySelectorAll('li')].filter((row) => row.checkVisibility()).length"


@pytest.mark.parametrize("width", [320, 360, 768, 1_280])
@pytest.mark.parametrize("kind", PAGES)
def test_nothing_is_wider_than_the_screen(browser: Browser, tmp_path: Path, kind: str, width: int) -> None:
    browser.open(write(tmp_path, PAGES[kind](NAMES)), width=width)

    assert browser.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_says_the_same_without_scripts(browser: Browser, tmp_path: Path, kind: str) -> None:
    page = write(tmp_path, PAGES[kind](NAMES))
    main = "document.querySelector('main').cloneNode(true)"
    without = f"(() => {{ const one = {main}; one.querySelectorAll('.filter, button').forEach((two) => two.remove());"
    text = f"{without} return one.textContent; }})()"

    browser.open(page)
    scripted = browser.evaluate(text)
    browser.open(page, scripts=False)

    assert browser.evaluate(text) == scripted
    assert browser.evaluate("document.querySelectorAll('button, input').length") == 0


def test_dark_and_light_differ(browser: Browser, tmp_path: Path) -> None:
    page, colour = write(tmp_path, PAGES["plan"](NAMES)), "getComputedStyle(document.body).backgroundColor"
    browser.open(page, scheme="light")
    light = browser.evaluate(colour)
    browser.open(page, scheme="dark")

    assert (light, browser.evaluate(colour)) == ("rgb(244, 246, 248)", "rgb(17, 21, 27)")


def test_the_filter_finds_folded_rows(browser: Browser, tmp_path: Path) -> None:
    browser.open(write(tmp_path, make_large_page()))
    before = browser.evaluate(VISIBLE)
    browser.evaluate("document.querySelectorAll('.filter input')[1].focus()")

    browser.type("New 3999")

    assert browser.evaluate("document.querySelectorAll('.filter [role=status]')[1].textContent") == "1 of 4,000"
    assert browser.evaluate(VISIBLE) == before - 99
    assert browser.see()["messages"] == []


def test_the_filter_shows_the_first_of_many_and_can_be_cleared(browser: Browser, tmp_path: Path) -> None:
    browser.open(write(tmp_path, make_large_page()))
    before = browser.evaluate(VISIBLE)
    browser.evaluate("document.querySelectorAll('.filter input')[1].focus()")

    browser.type("n")
    status = browser.evaluate("document.querySelectorAll('.filter [role=status]')[1].textContent")
    shown = browser.evaluate(VISIBLE)
    browser.press("Backspace")

    assert status == "4,000 of 4,000, the first 200 are shown"
    assert shown == before + 100
    assert browser.evaluate(VISIBLE) == before


def test_a_button_copies_a_command(browser: Browser, tmp_path: Path) -> None:
    """Where the browser allows no copying, the button selects the command and says so."""
    button = "[...document.querySelectorAll('.code button')].find((one) => one.checkVisibility())"
    browser.open(write(tmp_path, make_large_page()))
    browser.evaluate(f"{button}.focus()")

    browser.press("Enter")

    waiting = "(async () => { while (%s.textContent === 'Copy') await new Promise((done) => setTimeout(done, 10)); })()"
    browser.evaluate(waiting % button)
    label, selected = browser.evaluate(f"[{button}.textContent, String(getSelection())]")
    assert label == "Copied" or (label.startswith("Selected") and selected == "groupsync apply plan.json")


def test_twenty_thousand_changes_are_small_and_fast(browser: Browser, tmp_path: Path) -> None:
    html = render_html(make_many())

    seconds = min(browser.open(write(tmp_path, html)).seconds for _ in range(3))

    assert len(html.encode()) < MOST_BYTES
    assert seconds < 1
    assert browser.evaluate("document.querySelectorAll('li').length") > 20_000
    assert browser.evaluate(VISIBLE) < 500
