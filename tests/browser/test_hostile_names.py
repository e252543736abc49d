"""Names cannot do anything on a page: no script runs, no request leaves, no element is theirs, the layout holds."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import HARMLESS, PAGES
from tests.hostile.names import NAMES, make_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.browser import Browser

WIDTH = 360
ROWS = 50
ELEMENTS = """JSON.stringify([...document.querySelectorAll("*")].filter((one) => one.localName !== "bdi").map(
    (one) => [one.localName, ...[...one.attributes].map(({ name, value }) => [name, value])]))"""
WIDEST = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"

FUZZED = make_names(seed=20_261_123, number=2_000 - len(NAMES))
EVERY = [*NAMES, *FUZZED]
CHUNKS = [EVERY[start : start + ROWS] for start in range(0, len(EVERY), ROWS)]
BY_KIND = {kind: CHUNKS[number :: len(PAGES)] for number, kind in enumerate(PAGES)}
"""Each name is on one kind of page; those of the corpus, which come first, are on all of them."""


def open_with(browser: Browser, folder: Path, html: str, *, without_policy: bool = True) -> str:
    """Open a page, and return its elements; fail if it did anything."""
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    seen = browser.open(page, width=WIDTH, without_policy=without_policy)
    browser.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    assert (seen.requests, seen.messages, seen.dialogs) == ([], [], 0)
    assert browser.evaluate("window.hacked === undefined")
    assert browser.evaluate(WIDEST) <= WIDTH
    elements: str = browser.evaluate(ELEMENTS)
    return elements


@pytest.mark.parametrize("kind", PAGES)
def test_names_do_nothing_even_without_the_policy(browser: Browser, tmp_path: Path, kind: str) -> None:
    """The policy of the page would stop a script; the encoders alone must do so as well."""
    corpus = [NAMES[start : start + ROWS] for start in range(0, len(NAMES), ROWS)]
    harmless: dict[int, str] = {}
    for names in [*corpus, *BY_KIND[kind]]:
        number = len(names)
        if number not in harmless:
            harmless_names = [f"{HARMLESS} {number}" for number in range(number)]
            harmless[number] = open_with(browser, tmp_path, PAGES[kind](harmless_names))

        assert open_with(browser, tmp_path, PAGES[kind](names)) == harmless[number]


@pytest.mark.parametrize("kind", PAGES)
def test_the_policy_allows_the_script_of_the_page(browser: Browser, tmp_path: Path, kind: str) -> None:
    open_with(browser, tmp_path, PAGES[kind](NAMES[:ROWS]), without_policy=False)

    added = browser.evaluate("document.querySelectorAll('.filter input, .code button').length")
    assert (added > 0) == (kind not in {"summary", "stale"})  # they have no long list and no command


@pytest.mark.parametrize("kind", PAGES)
def test_the_policy_stops_what_is_not_of_the_page(
    browser: Browser, tmp_path: Path, kind: str, call_counter: tuple[str, list[str]]
) -> None:
    url, paths = call_counter
    page = tmp_path / "page.html"
    planted = f"<script>window.hacked = true</script><p style='color: red'>x</p><img src='{url}'><iframe src='{url}'>"
    page.write_text(PAGES[kind]([HARMLESS]).replace("<main>", f"<main>{planted}"), encoding="utf-8")

    browser.open(page)

    assert browser.evaluate("window.hacked === undefined")
    assert browser.evaluate("getComputedStyle(document.querySelector('main p')).color") != "rgb(255, 0, 0)"
    assert paths == []
    browser.open(page, without_policy=True)
    assert browser.evaluate("window.hacked")
    assert paths != []


@pytest.fixture
def call_counter() -> Iterator[tuple[str, list[str]]]:
    """The address of an HTTP server on this machine, and the paths that it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", paths
        server.shutdown()
        thread.join()


def test_two_thousand_names_are_tried() -> None:
    assert sum(len(names) for chunks in BY_KIND.values() for names in chunks) == 2_000
    assert len(set(EVERY)) > 1_700
