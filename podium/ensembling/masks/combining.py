"""Combinations of the members of a mask blend, fitted on drawn pixels without each part.

Masks are fitted by the methods that labels are fitted by, with pixels as rows. All pixels of all
members do not fit in memory, and are not needed: of every image as many pixels are drawn as its
neighbours give, 8 million values in all. They are drawn evenly and none is drawn twice, so that a
log loss of them is that of all; where all fit, all are taken. A pixel without truth, or that a
member does not cover, is left out.

A metric of counts is scored from the counts of each image's drawn pixels, decided plainly. One that
scores whole objects or volumes cannot be applied to single pixels: there members are fitted for the
mean Dice of the images, which a note states.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import IGNORE
from podium.ensembling.hill_climbing import RunningSum, mean_weights
from podium.ensembling.masks.rows import MaskRows
from podium.ensembling.method import BlendMethod, Fitted, load_method
from podium.ensembling.predicting import mixed_masks
from podium.errors import DataError, UsageError, naming_place, plural
from podium.predictions.store.masks import MaskProbs, MixedMasks
from podium.predictions.store.positions import positions
from podium.tuning.masks.counts import BAND_VALUES, known_truth
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.ensembling.hill_climbing import Additions
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "MemberMixture",
    "PixelFits",
    "PixelObjective",
    "alike",
    "drawn_pixels",
    "parts_of_images",
    "sample_pixels",
    "values_at",
]


MOST_VALUES = 8_000_000  # of all members: 32 MB as float32, and what methods make of them
_STRIP_PIXELS = 2**20

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class PixelObjective:
    """A metric of masks bound to the truth of P pixels.

    Attributes:
        metric: of masks: of counts of pixels, or of their probabilities.
        truth: `(P,)`, multilabel `(P, C)`; none is missing.
        kind: of the pixel predictions.
        image_of: `(P,)`, the image of each pixel.
        n_values: how many different ones the truth may have; multilabel: of each class 2.
        options: of the metric.
    """

    metric: Metric
    truth: NDArray[Any]
    kind: Kind
    image_of: Rows
    n_values: int = 2
    options: Mapping[str, Any] = field(default_factory=dict)

    def take(self, rows: Rows) -> PixelObjective:
        """Return the objective of these pixels."""
        return replace(self, truth=self.truth[rows], image_of=self.image_of[rows])

    def of_probs(self, probs: Any) -> float:
        """Return the score of probabilities `(P, C)`, plainly decided where that is scored."""
        values = np.asarray(probs, dtype=np.float32)
        if self.metric.scores_probs:
            order = np.argsort(self._image, kind="stable")
            cuts = np.cumsum(self._n_of_image)[:-1]
            truths = [one[:, None] for one in np.split(self.truth[order], cuts)]
            predictions = [one[:, None] for one in np.split(values[order], cuts)]
            return metrics.score(self.metric, truths, predictions, **self.options)
        if self.kind.is_exclusive:
            decided = values.argmax(axis=1)
            hits = decided == self.truth
            both = self._histogram(self._image[hits], decided[hits])
            return self._of_counts(both, self._histogram(self._image, decided))
        yes = values >= np.float32(0.5)
        return self._of_counts(self._by_image(yes & self._yes), self._by_image(yes))

    def additions(self, members: Floats) -> Additions | None:
        """Return the additions for `climb` of members `(M, P, C)`; None if `of_probs` suffices."""
        is_known = self.kind.is_exclusive and not self.metric.scores_probs
        return _PixelAdditions(members, self) if is_known else None

    def of_addition(self, total: NDArray[np.float64], member: Floats, n: int) -> float:
        """Return `of_probs` of (total + member) / n of classes, which is never made whole."""
        from podium.ensembling.climbing._kernels import count_pixel_classes

        both, predicted = np.zeros((2, len(self._n_of_image), self.n_values), np.int64)
        count_pixel_classes(total, member, float(n), self.truth, self._image, both, predicted)
        return self._of_counts(both, predicted)

    def _of_counts(self, both: Rows, predicted: Rows) -> float:
        counts = self._counts(both, predicted)
        sums = metrics.of_counts(self.metric, counts, kind=self.kind, **self.options)
        return metrics.value(self.metric, sums, **self.options)

    def _counts(self, both: Rows, predicted: Rows) -> Rows:
        """Return the `mask_counts` of the drawn pixels of each image, `(I, K, 4)`."""
        n_valid = np.repeat(self._n_of_image[:, None], predicted.shape[1], axis=1)
        counts = np.stack([both, predicted, self._true, n_valid], axis=2)
        if not self.kind.is_yes_no:
            return counts
        n_both, n_ours, n_true, n_all = counts[:, 0].T
        others = np.stack([n_all - n_ours - n_true + n_both, n_all - n_ours, n_all - n_true, n_all])
        return np.stack([others.T, counts[:, 0]], axis=1)

    @cached_property
    def _image(self) -> Rows:
        """`(P,)` numbers of the images, from 0 without a gap."""
        return np.unique(self.image_of, return_inverse=True)[1]

    @cached_property
    def _n_of_image(self) -> Rows:
        return np.bincount(self._image)

    @cached_property
    def _yes(self) -> NDArray[np.bool_]:
        """`(P, C)`: whether it is so, where each channel is a yes or no."""
        found: NDArray[np.bool_] = self.truth.reshape(len(self.truth), -1) == 1
        return found

    @cached_property
    def _true(self) -> Rows:
        if self.kind.is_exclusive:
            return self._histogram(self._image, self.truth)
        return self._by_image(self._yes)

    def _histogram(self, image: Rows, values: NDArray[Any]) -> Rows:
        n_images, n = len(self._n_of_image), self.n_values
        return np.bincount(image * n + values, minlength=n_images * n).reshape(n_images, n)

    def _by_image(self, flags: NDArray[np.bool_]) -> Rows:
        if self._starts is not None:
            return np.add.reduceat(flags, self._starts, axis=0, dtype=np.int64)
        n_images = len(self._n_of_image)
        columns = [np.bincount(self._image[one], minlength=n_images) for one in flags.T]
        return np.stack(columns, axis=1)

    @cached_property
    def _starts(self) -> Rows | None:
        """The first pixel of each image, where pixels stand image by image."""
        steps = np.diff(self._image, prepend=-1)
        return np.flatnonzero(steps) if (steps >= 0).all() else None


class _PixelAdditions:
    """Additions for `climb`: nothing is bounded, and a mean is decided as it is made."""

    def __init__(self, members: Floats, objective: PixelObjective) -> None:
        self._members = np.ascontiguousarray(members, dtype=np.float32)
        self._objective, self._sum = objective, RunningSum(self._members)

    def bounds(self, picks: tuple[int, ...], allowed: Rows) -> None:
        return None

    def score(self, picks: tuple[int, ...]) -> float:
        total, last = self._sum.of(picks[:-1]), self._members[picks[-1]]
        return self._objective.of_addition(total, last, len(picks))


@dataclass(frozen=True)
class PixelSample:
    """Members' predictions of drawn pixels.

    Attributes:
        members: `(M, P, C)`.
        objective: of these pixels; its images are the numbers of the rows.
        notes: what was drawn, and for what members are fitted.
    """

    members: Floats
    objective: PixelObjective
    notes: tuple[str, ...] = ()

    def fitted(self, method: BlendMethod, images: NDArray[np.bool_], *, seed: int) -> Fitted:
        """Return a method's fit on the pixels of some images; no other pixel is used.

        Args:
            method: how members are blended.
            images: `(N,)`, whether each of the rows may be used.
            seed: of the method.
        """
        rows = np.flatnonzero(images[self.objective.image_of])
        if not len(rows):
            return Fitted.equal(len(self.members))
        return method.fitted(self.members[:, rows], self.objective.take(rows), seed=seed)


def sample_pixels(
    rows: MaskRows,
    metric: Metric,
    kind: Kind,
    options: Mapping[str, Any],
    *,
    seed: int = 0,
    most: int = MOST_VALUES,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> PixelSample:
    """Return the members' predictions of pixels that are drawn from every image.

    What is drawn of an image depends on its name, its size and how many are drawn, not on its
    truth.

    Args:
        rows: the images.
        metric: one of masks, of objects or of volumes.
        kind: of the pixel predictions.
        options: of the metric.
        seed: of the draw.
        most: values of all members together; at least a pixel is drawn of each image.
        workers: threads; None: one a core.
        progress: gets a bar.

    Raises:
        DataError: members differ in channels or in the size of a mask, an image has no truth or one
            of another size, or no pixel has a truth and is covered by every member.
    """
    rows.mixed([1.0] * len(rows.members))  # refuses members of other sizes or channels
    n_channels = rows.members[0].channels
    per_image = max(1, most // (len(rows.members) * n_channels * len(rows.ids)))
    orders = [positions(one.ids, rows.ids).tolist() for one in rows.members]
    n_classes = n_channels if kind.is_by_class else 0

    def drawn(i: int) -> tuple[Floats, NDArray[Any]]:
        with naming_place(rows.ids[i]):
            places = [order[i] for order in orders]
            size = rows.members[0].sizes[places[0]]
            truth = _flat_truth(known_truth(rows.truths[i]), size, n_classes)
            pixels = drawn_pixels(size[0] * size[1], per_image, rows.ids[i], seed)
            right = truth[pixels]
            at = np.stack(
                [
                    values_at(one, place, pixels)
                    for one, place in zip(rows.members, places, strict=True)
                ]
            )
        is_known = (right != IGNORE).reshape(len(right), -1).all(axis=1)
        kept = np.flatnonzero(is_known & ~np.isnan(at).any(axis=(0, 2)))
        return at[:, kept], right[kept]

    sizes = _sizes(rows.members[0], orders[0])
    n, most_drawn = len(sizes), sum(min(per_image, height * width) for height, width in sizes)
    members = np.empty((len(rows.members), most_drawn, n_channels), np.float32)
    truths: list[NDArray[Any]] = []
    n_drawn = 0
    threads = n_cores() if workers is None else workers
    with progress.bar("drawing pixels", n) as advance, ThreadPoolExecutor(threads) as pool:
        # A few at a time: threads that ran ahead of us would hold everything a second time.
        for first in range(0, n, 2 * threads):
            for probs, right in pool.map(drawn, range(first, min(first + 2 * threads, n))):
                members[:, n_drawn : n_drawn + len(right)] = probs
                truths.append(right)
                n_drawn += len(right)
                advance(1)
    if not n_drawn:
        raise DataError("no pixel is known and covered by every member")
    members = np.ascontiguousarray(members[:, :n_drawn])
    truth = np.concatenate(truths)
    truth = truth.astype(np.int64) if truth.dtype.kind in "bui" else truth
    image_of = np.repeat(np.arange(n), [len(one) for one in truths])
    fitted_metric, fitted_options, notes = _of_pixels(metric, kind, options)
    n_pixels = sum(height * width for height, width in sizes)
    share = f"fitted on {len(truth):,} of {plural(n_pixels, 'pixel')}"
    n_values = n_channels if kind.is_exclusive else 2
    objective = PixelObjective(fitted_metric, truth, kind, image_of, n_values, fitted_options)
    return PixelSample(members, objective, (share, *notes))


def refuse_preparation(method: str, how: BlendMethod, n_members: int) -> None:
    """Raise UsageError where a method wants all rows of a member at once.

    Masks are read a band at a time.
    """
    if how.prepare is not None and n_members > 1:
        raise UsageError(
            f"members cannot be blended by {method}: it needs all rows of a member at once, and "
            "masks are read a band at a time",
            fix="choose another --method",
        )


def _of_pixels(
    metric: Metric, kind: Kind, options: Mapping[str, Any]
) -> tuple[Metric, dict[str, Any], tuple[str, ...]]:
    """Return the metric that single pixels are fitted for, and a note where it is another one."""
    if not (metric.scores_objects or metric.scores_volumes):
        return metric, dict(options), ()
    instead = metrics.fitting(metrics.usual("segment", kind), kind, {}, task="segment")
    what = "objects" if metric.scores_objects else "volumes"
    note = f"fitted for {instead.name}: {metric.name} scores whole {what}, not single pixels"
    return instead, {}, (note,)


def _sizes(member: MaskProbs, order: Sequence[int]) -> list[tuple[int, int]]:
    return [member.sizes[place] for place in order]


def _flat_truth(truth: Any, size: tuple[int, int], n_classes: int) -> NDArray[Any]:
    """Return the truth of the pixels, `(H * W,)`, multilabel `(H * W, C)`.

    Of objects it is whether one is there; where `n_classes` > 0, whether one of each class is.
    """
    if isinstance(truth, Instances):
        truth = _planes(truth, n_classes) if n_classes else truth.labels() > 0
    found = np.asarray(truth)
    height, width = size
    if found.shape[:2] != (height, width):
        raise DataError(
            f"its mask is {found.shape[0]} × {found.shape[1]}, its prediction {height} × {width}",
            fix="bring both to the competition's frame",
        )
    return found.reshape(height * width, *found.shape[2:])


def _planes(objects: Instances, n_classes: int) -> NDArray[np.bool_]:
    """Return where there is an object of each class, `(H, W, C)`; two may share pixels."""
    found = np.zeros((*objects.size, n_classes), np.bool_)
    for box, crop, c in zip(objects.boxes, objects.crops, objects.classes.tolist(), strict=True):
        found[box[0] : box[2], box[1] : box[3], c] |= crop
    return found


def drawn_pixels(n_pixels: int, n: int, image: str, seed: int) -> Rows:
    """Return `n` different pixels of an image, ascending; all where there are not more.

    Of a large image a strip of pixels gives its share: numpy would list them all, 8 bytes each.
    """
    if n >= n_pixels:
        return np.arange(n_pixels, dtype=np.int64)
    rng = np.random.default_rng([seed, zlib.crc32(image.encode())])
    # Rounded from anywhere, so that of few pixels no strip has more than another one.
    rest = int(rng.integers(n_pixels)) if n_pixels > _STRIP_PIXELS else 0
    found = []
    for first in range(0, n_pixels, _STRIP_PIXELS):
        last = min(n_pixels, first + _STRIP_PIXELS)
        share = (n * last + rest) // n_pixels - (n * first + rest) // n_pixels
        found.append(first + np.sort(rng.choice(last - first, share, replace=False)))
    return np.concatenate(found)


def values_at(member: MaskProbs, place: int, pixels: Rows) -> Floats:
    """Return a member's predictions of pixels, ascending: `(n, C)`; they are read band by band."""
    height, width = member.sizes[place]
    step = max(1, BAND_VALUES // (width * member.channels))
    found = np.empty((len(pixels), member.channels), np.float32)
    for top in range(0, height, step):
        bottom = min(height, top + step)
        first, last = np.searchsorted(pixels, [top * width, bottom * width])
        if first == last:
            continue
        band = member.band(place, top, bottom).reshape(-1, member.channels)
        found[first:last] = band[pixels[first:last] - top * width]
    return found


Fits = Mapping[int | None, Fitted]
"""Part left out → what was found without it; None → what was found of all images."""


@dataclass(frozen=True)
class MemberMixture:
    """One way to combine members, fitted without each part and on all.

    Attributes:
        rows: the images and their members.
        how: the method.
        fits: what it combines them with.
        notes: caveats of the scores.
    """

    rows: MaskRows
    how: BlendMethod
    fits: Fits
    notes: tuple[str, ...] = ()

    @property
    def final(self) -> Fitted:
        """The fit on all images, which goes to the test set."""
        return self.fits[None]

    @property
    def by_part(self) -> dict[int, Fitted]:
        """The fits without each part."""
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
        kind: of the pixel predictions.
        parts: `(N,)`, the part of each image.
        options: of the metric.
        seed: of the draw and of the methods.
        workers: threads; None: one a core.
        progress: gets a bar.
        root: the workspace whose own methods may be named.
    """

    rows: MaskRows
    metric: Metric
    kind: Kind
    parts: NDArray[np.int64]
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    workers: int | None = None
    progress: Progress = SILENT
    root: Path | None = None

    @cached_property
    def sample(self) -> PixelSample:
        """The pixels; nothing is read before a method needs them."""
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
        how = load_method(method, root=self.root)
        refuse_preparation(method, how, len(self.rows.members))
        if self._is_fitted(method):
            how.check(method, self.sample.members, self.sample.objective)

    def by(self, method: str) -> MemberMixture:
        """Return a method's fits without each part, and on all.

        Raises:
            UsageError: there is no such method, or it refuses these members.
            DataError: no pixel has a truth and is covered by every member.
        """
        self.check(method)
        every = [*np.unique(self.parts).tolist(), None]
        made = self._mixture(method, {part: self.parts != part for part in every})
        if not self._is_fitted(method):
            return made
        return replace(made, notes=(*made.final.notes, *self.sample.notes))

    def of_images(self, method: str, images: Sequence[NDArray[np.int64]]) -> MemberMixture:
        """Return a method's fits on sets of images, `(N,)` each, not 0 where one may be used.

        The place of a set takes the part's in `fits`; none is of all images.
        """
        return self._mixture(method, {place: one != 0 for place, one in enumerate(images)})

    def _is_fitted(self, method: str) -> bool:
        return len(self.rows.members) > 1 and method != "mean"

    def _mixture(
        self, method: str, images: Mapping[int | None, NDArray[np.bool_]]
    ) -> MemberMixture:
        """Return a method's fits, each on the images whose flags `(N,)` are set."""
        how = load_method(method, root=self.root)
        fits: Fits
        if self._is_fitted(method):
            sample = self.sample
            fits = {
                part: sample.fitted(how, inside, seed=self.seed) for part, inside in images.items()
            }
        else:
            equal = Fitted(tuple(mean_weights(len(self.rows.members)).tolist()))
            fits = dict.fromkeys(images, equal)
        return MemberMixture(self.rows, how, fits)

    def alone(self, member: int) -> MemberMixture:
        """Return the mixing that is one of the members."""
        shares = np.eye(len(self.rows.members))[member].tolist()
        every = [*np.unique(self.parts).tolist(), None]
        return MemberMixture(
            self.rows, load_method("mean"), dict.fromkeys(every, Fitted(tuple(shares)))
        )


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
