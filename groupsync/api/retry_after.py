"""The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date."""

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
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or timezone.utc) - now).total_seconds())
    except (ValueError, OverflowError):
        return None
