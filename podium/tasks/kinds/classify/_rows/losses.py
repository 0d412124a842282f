"""Losses that a kind of images brings itself: none."""

from __future__ import annotations

from collections.abc import Mapping

from podium.training.losses._loss import Loss

__all__ = ["LOSSES"]

LOSSES: Mapping[str, Loss] = {}
