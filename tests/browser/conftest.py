"""One browser for all tests of a module."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from tests.browser.browser import CHROMIUM, Browser

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; the test is skipped where Chromium does not run, and fails where it only has to be unpacked."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("the Chromium of the npm package @sparticuz/chromium runs on Linux on x86_64 only")
    assert CHROMIUM.exists(), f"{CHROMIUM} is not there: run script/setup dev"
    with Browser() as browser:
        yield browser
