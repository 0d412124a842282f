"""Quadratic weighted kappa of one more member, from counts of what was decided as what."""

from __future__ import annotations

from podium.ensembling.climbing._decided import additions

__all__ = ["additions"]
