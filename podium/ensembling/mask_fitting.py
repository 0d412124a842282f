"""How the members of a blend of masks are combined: found anew without each part of the images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.ensembling.mask_rows import MaskRows
from podium.ensembling.method import Fitted, Method, load_method
from podium.ensembling.pixel_sample import PixelSample, refuse_preparation, sample_pixels
from podium.ensembling.predicting import mixed_masks
from podium.ensembling.weights import mean_weights
from podium.predictions.mask_probs import MixedMasks
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["Mixing", "PixelFits", "alike", "parts_of_images"]

Fits = Mapping[int | None, Fitted]
"""Part left out → what was found without it; None → what was found of all images."""


@dataclass(frozen=True)
class Mixing:
    """One way to combine members, fitted without each part and on all.

    Attributes:
        rows: the images and their members.
        how: the method.
        fits: what it combines them with.
        notes: for who reads the scores.
    """

    rows: MaskRows
    how: Method
    fits: Fits
    notes: tuple[str, ...] = ()

    @property
    def final(self) -> Fitted:
        """What was found of all images, and goes to the test set."""
        return self.fits[None]

    @property
    def by_part(self) -> dict[int, Fitted]:
        """What was found without each part."""
        return {part: one for part, one in self.fits.items() if part is not None}

    def masks(self, part: int | None) -> MixedMasks:
        """Return all images, combined by what was found without a part."""
        return mixed_masks(self.how, self.fits[part], self.rows.members, self.rows.ids)


@dataclass(frozen=True)
class PixelFits:
    """Fits methods on pixels of the images, drawn once for all methods.

    Attributes:
        rows: the images and their members.
        metric: one of masks, of objects or of volumes.
        kind: of what a network says of a pixel.
        parts: `(N,)`, the part of each image.
        options: of the metric.
        seed: of the draw and of the methods.
        workers: threads; None: one a core.
        progress: gets a bar.
        root: the workspace whose own methods may be named.
    """

    rows: MaskRows
    metric: Metric
    kind: TaskKind
    parts: NDArray[np.int64]
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    workers: int | None = None
    progress: Progress = SILENT
    root: Path | None = None

    @cached_property
    def sample(self) -> PixelSample:
        """The pixels; nothing is read before a method asks for them."""
        return sample_pixels(
            self.rows,
            self.metric,
            self.kind,
            self.options,
            seed=self.seed,
            workers=self.workers,
            progress=self.progress,
        )

    def check(self, method: str) -> None:
        """Raise UsageError where members cannot be blended so."""
        how, n_members = load_method(method, root=self.root), len(self.rows.members)
        refuse_preparation(method, how, n_members)
        if n_members > 1 and method != "mean":
            how.check(method, self.sample.members, self.sample.objective)

    def by(self, method: str) -> Mixing:
        """Return what a method finds without each part, and of all.

        Raises:
            UsageError: there is no such method, or it refuses these members.
            DataError: no pixel is known and covered by every member.
        """
        self.check(method)
        how, n_members = load_method(method, root=self.root), len(self.rows.members)
        every = [*np.unique(self.parts).tolist(), None]
        if n_members == 1 or method == "mean":
            equal = Fitted(tuple(mean_weights(n_members).tolist()))
            return Mixing(self.rows, how, dict.fromkeys(every, equal))
        fits = {part: self.sample.fitted(how, self.parts != part, seed=self.seed) for part in every}
        return Mixing(self.rows, how, fits, (*fits[None].notes, *self.sample.notes))

    def alone(self, member: int) -> Mixing:
        """Return the mixing that is one of the members."""
        shares = np.eye(len(self.rows.members))[member].tolist()
        every = [*np.unique(self.parts).tolist(), None]
        return Mixing(self.rows, load_method("mean"), dict.fromkeys(every, Fitted(tuple(shares))))


def alike(fits: Fits) -> list[tuple[int | None, ...]]:
    """Return the parts, grouped by what was found without them; equal finds are one pass.

    Example:
        >>> one, other = Fitted((0.5, 0.5)), Fitted((1.0, 0.0))
        >>> alike({0: one, 1: other, None: one})
        [(0, None), (1,)]
    """
    found: list[tuple[Fitted, list[int | None]]] = []
    for part, fitted in fits.items():
        same = [group for first, group in found if first.facts == fitted.facts]
        if same:
            same[0].append(part)
        else:
            found.append((fitted, [part]))
    return [tuple(group) for _, group in found]


def parts_of_images(rows: MaskRows, parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the part of each image, `(N,)`, from that of what is scored: images or volumes."""
    if not rows.volumes:
        return parts
    found = np.empty(len(rows.ids), np.int64)
    for volume, part in zip(rows.volumes, parts.tolist(), strict=True):
        found[volume.rows] = part
    return found
