"""The site of docs/: it is built without network, its links lead somewhere, its search finds pages."""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.browser.browser import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.browser.browser import Browser

WITHOUT_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
FIND_RESULTS = """
[...document.querySelectorAll("*")].filter((element) => element.shadowRoot)
  .flatMap((element) => [...element.shadowRoot.querySelectorAll("a")].map((link) => link.href))
"""


def build(folder: Path, source: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Build the site as the workflow `docs` does."""
    return subprocess.run(
        [source / "script" / "docs", folder],
        env={**os.environ, **WITHOUT_NETWORK, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    finished = build(folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """The address of a server of the site."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_every_page_of_docs_is_in_the_site_and_in_its_navigation(site: Path) -> None:
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"README"} | {"index", "changelog"}
    start = (site / "index.html").read_text(encoding="utf-8")

    assert {path.stem for path in site.glob("*.html")} == pages | {"404"}
    assert [page for page in pages - {"index"} if f'{page}.html" class="md-nav__link"' not in start] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("tutorial.md)", "tutorail.md)", "tutorail.md"),
        ("](tutorial.md)", "](tutorial.md#no-such-heading)", "no-such-heading"),
        ("# The documentation", "![](https://example.com/x.png)\n\n# The documentation", "is loaded from elsewhere"),
    ],
)
def test_a_planted_mistake_ends_the_build(tmp_path: Path, old: str, new: str, problem: str) -> None:
    source = tmp_path / "source"
    for name in ("docs", "script", "CHANGELOG.md", "pyproject.toml", "zensical.toml"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, _make_parent(source / name))
    page = source / "docs" / "README.md"
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new), encoding="utf-8")

    finished = build(tmp_path / "site", source)

    assert finished.returncode != 0
    assert problem in re.sub(r"\x1b\[[\d;]*m", "", finished.stdout + finished.stderr)


def _make_parent(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path


@pytest.mark.parametrize("width", [390, 1280], ids=["a phone", "a desk"])
def test_a_page_is_no_wider_than_the_screen_and_loads_nothing_from_elsewhere(
    browser: Browser, address: str, width: int
) -> None:
    for page in ("index", "reference", "tutorial"):
        seen = browser.open_address(f"{address}/{page}.html", width=width)

        assert [request for request in seen.requests if not request.startswith((address, "data:", "blob:"))] == []
        assert browser.evaluate("document.documentElement.scrollWidth") <= width, page


def test_the_search_finds_a_page(browser: Browser, address: str) -> None:
    browser.open_address(f"{address}/index.html", width=1280)

    browser.press("/")
    wait_until(lambda: browser.evaluate("document.activeElement.shadowRoot?.activeElement?.tagName") == "INPUT")
    browser.type("deleted group back")
    wait_until(lambda: bool(browser.evaluate(FIND_RESULTS)))

    assert f"{address}/how-to.html" in {link.partition("?")[0] for link in browser.evaluate(FIND_RESULTS)}


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
