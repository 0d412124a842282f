"""Figures and the HTML report: how results look, not how they were made."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.reporting.report import build_report

__all__ = ["build_report"]

_HOMES = {"build_report": "report"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"podium.reporting.{_HOMES[name]}"), name)
