"""The one place where podium asks for the time, so that a test can pass its own clock."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
