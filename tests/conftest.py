"""Options and fixtures of all tests."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest
import requests
from hypothesis import settings

from groupsync.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.register_assert_rewrite("tests.faults.machine", "tests.faults.reference", "tests.laws.tampering")

settings.register_profile("groupsync", deadline=None)  # the machines are shared: time proves nothing
settings.load_profile("groupsync")


OURS_OR_OF_CI = re.compile(
    "(CI|GITHUB|RUNNER|GITLAB|BITBUCKET|BUILDKITE|CIRCLE|CIRCLECI|DRONE|WOODPECKER|TRAVIS|CODEBUILD|JENKINS|TF_BUILD|BUILD"
    "|SYSTEM|CHANGE|PULL_REQUEST|BRANCH_IS_PRIMARY|GROUPSYNC|MESSENTE|NO_COLOR|FORCE_COLOR)(_.*)?"
)
"""Environment variables that groupsync reads, and that a developer or a CI system may have set."""


def pytest_configure() -> None:
    """Let the programs that tests start have the same surroundings everywhere.

    They know of no CI system and of no account. They also see Ctrl-C, which a shell lets its background jobs ignore.
    """
    for name in list(os.environ):
        if OURS_OR_OF_CI.fullmatch(name):
            del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files of tests/golden again")
    parser.addoption("--all", action="store_true", help="also run the tests marked slow: the whole of every matrix")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow tests, unless `--all` is given; a sample of each matrix is not slow."""
    if not config.getoption("--all"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An empty Phonebook for one test, over real HTTP."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Callable[..., requests.Response]]:
    """A function that sends a request to the sandbox: method, path below /v1, and options of `requests`."""
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (sandbox.username, sandbox.password)
        yield lambda method, path, **options: session.request(method, sandbox.url + path, timeout=10, **options)
