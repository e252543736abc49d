"""What every test may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from groupsync.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
