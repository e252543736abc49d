"""What every test may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from hypothesis import settings

from groupsync.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


settings.register_profile("groupsync", deadline=None)  # the machines are shared: time proves nothing
settings.load_profile("groupsync")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the outputs of tests/golden anew")
    parser.addoption("--all", action="store_true", help="run what is marked slow, too: the whole of every matrix")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow: a matrix has a sample that is not."""
    if not config.getoption("--all"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A Phonebook of one's own, empty, over real HTTP."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Callable[..., requests.Response]]:
    """One HTTP request to the sandbox: method, path below /v1, and what `requests` takes."""
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (sandbox.username, sandbox.password)
        yield lambda method, path, **options: session.request(method, sandbox.url + path, timeout=10, **options)
