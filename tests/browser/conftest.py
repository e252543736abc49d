"""One browser for all tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.browser import CHROMIUM, Browser

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; without one the test is skipped, which is only right where Chromium does not run."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: script/setup dev unpacks it on Linux on x86_64")
    with Browser() as browser:
        yield browser
