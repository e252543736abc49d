"""An applier, for tests on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.api.client import GroupsClient
from tests.unit.core import SANDBOX_CREDENTIALS
from tests.wire.applying import Applier
from tests.wire.interrupts import NoWaits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.sandbox import Sandbox


@pytest.fixture
def applier(sandbox: Sandbox) -> Iterator[Applier]:
    """An applier whose requests never wait."""
    with GroupsClient(sandbox.url, SANDBOX_CREDENTIALS, interrupt=NoWaits()) as client:
        yield Applier(sandbox, client)
