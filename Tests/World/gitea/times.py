"""RFC 3339, in both directions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:\d\d)")


@lru_cache(maxsize=65_536)
def text_of(when: int, zone: int) -> str:
    """Whole seconds, in the server's own zone, `Z` only when that is UTC (A.1). `zone` in minutes."""
    if zone == 0:
        return datetime.fromtimestamp(when, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return datetime.fromtimestamp(when, timezone(timedelta(minutes=zone))).isoformat()


def seconds_of(text: str) -> int:
    """Fractions are cut off (A.1). Fails with `ValueError` in Go's words."""
    value = text.strip()
    match = FORM.fullmatch(value)
    if match is None:
        raise ValueError(complaint(value, value))
    try:
        return int(datetime.fromisoformat(match[1] + match[2].replace("Z", "+00:00")).timestamp())
    except ValueError as error:
        raise ValueError(complaint(value, "")) from error


def complaint(value: str, rest: str) -> str:
    layout = "2006-01-02T15:04:05Z07:00"
    return f'parsing time "{value}" as "{layout}": cannot parse "{rest}" as "2006"'
