"""A progress that records its lines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from podium.workspace.progress import SILENT

__all__ = ["RecordedProgress"]


class RecordedProgress:
    """Keeps the lines; its bars are silent."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)

    def bar(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        return SILENT.bar(label, total)
