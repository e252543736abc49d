"""A provider of octoDNS (https://github.com/octodns/octodns) whose records are the groups that the server lists."""

import logging
import os
from typing import Any

import requests
from octodns.provider.base import BaseProvider
from octodns.record import Record


class PhonebookProvider(BaseProvider):  # type: ignore[misc]  # octoDNS stands in a virtual environment of its own
    """Reads the groups in one request, as groupsync does; each is an A record of the same address."""

    log = logging.getLogger("PhonebookProvider")
    SUPPORTS_GEO = False
    SUPPORTS = frozenset({"A"})

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:  # noqa: ARG002 - octoDNS's
        """Add a record for each group."""
        auth = (os.environ["MESSENTE_API_USERNAME"], os.environ["MESSENTE_API_PASSWORD"])
        url = os.environ["GROUPSYNC_ENDPOINT"] + "/phonebook/groups"
        for group in requests.get(url, auth=auth, timeout=30).json()["groups"]:
            value = {"type": "A", "ttl": 300, "value": "192.0.2.1"}
            zone.add_record(Record.new(zone, group["name"], value, source=self, lenient=lenient))
        return True
