"""A progress that keeps its sentences, for tests of what a function reports."""

from __future__ import annotations

from podium.workspace.progress import SILENT

__all__ = ["RecordedProgress"]


class RecordedProgress:
    """Keeps the lines of `say`, and shows no bar."""

    bar = SILENT.bar

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)
