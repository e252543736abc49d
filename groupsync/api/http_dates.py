"""Times in HTTP headers: `Date` and `Retry-After` (RFC 9110, sections 6.6.1 and 10.2.3)."""

from __future__ import annotations

import re
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_SECONDS = re.compile(r"[0-9]{1,18}")


def parse_retry_after(header: str, now: datetime) -> float | None:
    """Return how many seconds the server asks to wait, 0 for a date in the past, None for what is neither."""
    text = header.strip()
    if not text:
        return None
    if _SECONDS.fullmatch(text):
        return float(text)
    date = parse_date(text)
    return max(0.0, (date - now).total_seconds()) if date else None


def parse_date(header: str) -> datetime | None:
    """Return the time that the header says, in UTC where it names no zone, None when it is none."""
    if not header:
        return None
    try:
        date = parsedate_to_datetime(header.strip())
        return date.replace(tzinfo=date.tzinfo or timezone.utc)
    except (ValueError, OverflowError):
        return None
