"""Blends of rows and of masks by one method, with names in the place of metric and kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling.blend import Blend
from podium.ensembling.honest import OofUnits
from podium.ensembling.labels import LabelFits
from podium.ensembling.masks.blend import MaskFits
from podium.ensembling.masks.rows import MaskRows
from podium.ensembling.rows import OofRows
from podium.tasks.protocols.find import image_kind, pixel_kind

__all__ = ["fit_masks", "fit_rows"]


def fit_rows(
    rows: OofRows, metric: str | Metric, kind: str, *, method: str = "mean", **options: Any
) -> tuple[Blend, OofUnits]:
    """Return the blend of gathered rows, and its honest prediction of each row."""
    return LabelFits(rows, metrics.get(metric), image_kind(kind), **options).by(method)


def fit_masks(
    rows: MaskRows,
    metric: str | Metric,
    kind: str,
    *,
    n_outputs: int,
    method: str = "mean",
    metric_options: Mapping[str, Any] | None = None,
    grid: Sequence[dict[str, Any]] = (),
    **options: Any,
) -> tuple[Blend, OofUnits | None]:
    """Return the blend of gathered masks, and the sums of each image."""
    fits = MaskFits(
        rows,
        metrics.get(metric),
        pixel_kind(kind),
        n_outputs,
        metric_options=dict(metric_options or {}),
        grid=tuple(grid),
        **options,
    )
    return fits.by(method)
