"""Points in time as Kubernetes and this project write them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(time: datetime) -> str:
    """Write a time in UTC, to the second (RFC 3339)."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
