"""axe finds no violation on any page, and the order of headings and of the keyboard makes sense."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from groupsync.render.html import render_html
from groupsync.render.view import View
from groupsync.review.make import make_review
from tests.browser.pages import PAGES
from tests.golden.test_golden import HERE, read_case
from tests.unit.core import LENIENT, NOW, TARGET, config, live

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.browser import Browser

NAMES = ["VIP customers", "שלום עולם", "日本語の名前", "Spring sale 2024", "a < b & c"]
FOCUSED = "summary, input, button, a, pre"
CASES = ("refused-in-parts", "no-plan-possible", "rename-and-delete", "no-changes")


def open_details(browser: Browser) -> None:
    browser.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")


def write(folder: Path, html: str) -> Path:
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    return page


def make_large_page() -> str:
    """Return the page of 5,000 changes: 1,000 deletions and 4,000 creates."""
    groups = [live(number, f"Old {number}", number) for number in range(1_000)]
    wanted = config(*(f"New {number}" for number in range(4_000)))
    review = make_review(wanted, groups, TARGET, NOW, LENIENT)
    assert len(review.plan.changes) == 5_000
    return render_html(review, View(plan_file="plan.json"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing_on_a_page_of_every_kind(browser: Browser, tmp_path: Path, kind: str, scheme: str) -> None:
    browser.open(write(tmp_path, PAGES[kind](NAMES)), scheme=scheme)
    open_details(browser)

    found = browser.run_axe()

    assert found["violations"] == []
    assert {"color-contrast", "landmark-one-main", "html-has-lang"} <= {*found["passed"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("case", CASES)
def test_axe_finds_nothing_on_a_plan(
    browser: Browser, tmp_path: Path, case: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE / case)
    review = read_case(HERE / case)
    browser.open(write(tmp_path, render_html(review, View().quoting(review))), width=1_280, scheme=scheme)
    open_details(browser)

    assert browser.run_axe()["violations"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_five_thousand_changes(browser: Browser, tmp_path: Path, scheme: str) -> None:
    browser.open(write(tmp_path, make_large_page()), scheme=scheme)

    assert browser.run_axe()["violations"] == []


@pytest.mark.parametrize("kind", PAGES)
def test_headings_are_an_outline(browser: Browser, tmp_path: Path, kind: str) -> None:
    browser.open(write(tmp_path, PAGES[kind](NAMES)))

    levels = browser.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => +one.localName[1])")

    assert levels[:2] == [1, 2]
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels))


def test_the_keyboard_reaches_everything_from_top_to_bottom(browser: Browser, tmp_path: Path) -> None:
    browser.open(write(tmp_path, make_large_page()))
    number = browser.evaluate(
        f"[...document.querySelectorAll('{FOCUSED}')].filter((one) => one.checkVisibility()).length"
    )
    tops = []
    for _ in range(number):
        browser.press("Tab")
        tops.append(browser.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))

    assert number > 5
    assert len(set(tops)) == number
    assert tops == sorted(tops)
