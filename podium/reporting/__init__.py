"""Figures and the HTML report: they show results, and compute none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.reporting.export import export_figures
    from podium.reporting.report import build_report

__all__ = ["build_report", "export_figures"]

_HOMES = {
    "build_report": "report",
    "export_figures": "export",
}

__getattr__ = lazy_attributes(__name__, _HOMES)
