"""Figures and the HTML report: they show results, and compute none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.reporting.export import FIGURES, export_figures, figure_names
    from podium.reporting.report import build_report
    from podium.reporting.serving import serve_report

__all__ = ["FIGURES", "build_report", "export_figures", "figure_names", "serve_report"]

_HOMES = {
    "build_report": "report",
    "FIGURES": "export",
    "export_figures": "export",
    "figure_names": "export",
    "serve_report": "serving",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)
