"""Brier score of one more member: a quadratic form in the shares."""

from __future__ import annotations

from podium.ensembling.climbing._squared import additions

__all__ = ["additions"]
