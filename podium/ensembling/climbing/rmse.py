"""Root mean squared error of one more member: the root of a quadratic form in the shares."""

from __future__ import annotations

from podium.ensembling.climbing._squared import additions

__all__ = ["additions"]
