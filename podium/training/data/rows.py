"""Rows: samples to learn from or to predict, with images, masks, targets, weights and strata.

`MaskForm` describes the masks of a task as targets of a loss: small on the way to the device,
complete on it. `SampleRows` holds samples by position; `training_rows` and `rows_of` make them of a
run's samples, with what the recipe's sampling needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.cache import CachedMasks, open_images, open_masks
from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.competition.truths.masks import IGNORE, Mask
from podium.errors import RecipeError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images, has_pixels
from podium.training.data.crops import ClassPixels, CropPlan, CropWindow, find_class_pixels
from podium.training.outputs import label_outputs_of, mask_outputs_of
from podium.training.runs.job import Job, cached_side, image_paths
from podium.workspace.machine import n_cores
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    import torch
    from torch import Tensor

__all__ = [
    "ColumnScale",
    "MaskForm",
    "SampleRows",
    "column_scale",
    "concatenated",
    "labels_of",
    "missing_answers",
    "rows_of",
    "targets_of",
    "training_rows",
    "with_strata_of_masks",
    "with_tiles",
]


@dataclass(frozen=True)
class MaskForm:
    """Form of the masks of a task.

    Args:
        kind: binary, multiclass or multilabel.
        n_outputs: channels of the network's output.
    """

    kind: Kind
    n_outputs: int

    def unknown(self, size: tuple[int, int]) -> Mask:
        """Return the mask of (height, width) `size` of a sample that has none."""
        layers = (self.n_outputs,) if self.kind.is_by_class else ()
        return np.full((*size, *layers), IGNORE, dtype=np.uint8)

    def targets(self, masks: Tensor, device: torch.device) -> Tensor:
        """Return uint8 masks `(N, H, W)` or `(N, H, W, C)` as targets on `device`.

        Returns:
            multiclass: int64 `(N, H, W)`, 0 for background, -1 where unknown. Else float32
            `(N, C, H, W)` with C = 1 for a binary task, nan where unknown.
        """
        if device.type == "cuda" and masks.device.type == "cpu":
            masks = masks.pin_memory()
        moved = masks.to(device, non_blocking=True)
        return mask_outputs_of(self.kind).target(moved)


class ColumnScale(NamedTuple):
    """Where the numbers of each column of labels lie, `(C,)` float32.

    Attributes:
        mean: of what is known of the column.
        scale: its standard deviation; 1 of a column that does not vary, or is not known.
        low, high: its least and greatest number, and a tenth of what lies between beyond these, but
            not beyond 0 where no number of the column is: a count is never less than nothing.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


def column_scale(target: NDArray[Any]) -> ColumnScale:
    """Return the scale of targets `(N, C)`, of those in each column that are not nan."""
    known, most = np.isfinite(target), float(np.finfo(np.float32).max)
    is_known, count = known.any(axis=0), np.maximum(known.sum(axis=0), 1)
    values = np.where(known, target, 0.0).astype(np.float64)
    mean = values.sum(axis=0) / count
    deviation = np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / count)
    # Of a constant column rounding leaves more than 0.
    deviation[deviation <= 1e-9 * np.abs(mean)] = 1.0
    least = np.where(is_known, np.where(known, values, most).min(axis=0), -most)
    greatest = np.where(is_known, np.where(known, values, -most).max(axis=0), most)
    beyond = np.where(is_known, 0.1 * greatest - 0.1 * least, 0.0)
    low = np.where(least >= 0, np.maximum(least - beyond, 0.0), least - beyond)
    high = np.where(greatest <= 0, np.minimum(greatest + beyond, 0.0), greatest + beyond)
    bounds = (np.clip(one, -most, most) for one in (low, high))
    return ColumnScale(*(one.astype(np.float32) for one in (mean, deviation, *bounds)))


Image = NDArray[Any]  # `(H, W, C)`, uint8, uint16 or float32
Positions = NDArray[np.int64]


class ImageStore(Protocol):
    """Decoded images by position."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Image: ...


class MaskStore(Protocol):
    """Decoded masks by position, in the geometry of the images; None where there is none."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Mask | None: ...


@dataclass(frozen=True)
class SampleRows:
    """Samples to learn from or to predict.

    Attributes:
        images: decoded images of the whole split.
        at: `(N,)`: positions of these samples in `images` and `masks`.
        ids: `(N,)`.
        target: task → `(N,)` or `(N, C)`; empty for a split without labels.
        weight: `(N,)`, float32.
        strata: `(N,)` classes or `(N, C)` zeros and ones for balanced sampling; None for
            regression.
        masks: decoded masks of the whole split; None where nothing is learnt from masks.
        form: of the masks; set where `masks` is.
        answered: task → `(N,)` bool: whether the target is known; for a task without it, all are.
        empty: `(N,)` bool: whether the mask is known and empty; None where it is not needed.
        tiles: windows to cut from these images; None where they are used whole. Then `images` and
            `masks` also have `window(index)`, a read-only array of which only the windows are
            read.
    """

    images: ImageStore
    at: Positions
    ids: Sequence[str]
    target: Mapping[str, NDArray[np.generic]]
    weight: NDArray[np.float32]
    strata: NDArray[np.generic] | None = None
    masks: MaskStore | None = None
    form: MaskForm | None = None
    answered: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    empty: NDArray[np.bool_] | None = None
    tiles: CropPlan | None = None

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def visits(self) -> Positions | None:
        """Row of each sample of a pass; None where each row is one."""
        if self.tiles is None:
            return None
        return np.repeat(np.arange(len(self)), self.tiles.counts)

    @property
    def pass_length(self) -> int:
        """Number of samples in a pass: rows, or windows of them."""
        return len(self) if self.visits is None else len(self.visits)

    def with_answer(self, tasks: Iterable[str]) -> Positions:
        """Return the positions of the rows that have a target of at least one of `tasks`."""
        everybody = np.ones(len(self), dtype=bool)
        known = [self.answered.get(task, everybody) for task in tasks]
        return np.flatnonzero(np.any(known, axis=0)) if known else np.arange(len(self))

    def subset(self, at: Positions) -> SampleRows:
        """Return the rows at these positions."""
        return replace(
            self,
            at=self.at[at],
            ids=[self.ids[i] for i in at],
            target={task: target[at] for task, target in self.target.items()},
            weight=self.weight[at],
            strata=None if self.strata is None else self.strata[at],
            answered={task: known[at] for task, known in self.answered.items()},
            empty=None if self.empty is None else self.empty[at],
            tiles=None if self.tiles is None else self.tiles.subset(at),
        )

    def with_shown(
        self, has_class: NDArray[np.uint8], is_known: NDArray[np.bool_], *, balanced: bool
    ) -> SampleRows:
        """Return the rows with the classes that their masks show, by which they can be sampled.

        Args:
            has_class: `(N, C)` of 0 and 1: which mask classes each mask shows.
            is_known: `(N,)`: whether any pixel of it is known.
            balanced: whether these classes are to come as often as each other. Unknown masks are a
                stratum of their own then, beside the classes and the masks that show none of them.
        """
        strata = np.column_stack([has_class, ~is_known]) if balanced else self.strata
        return replace(self, empty=is_known & ~has_class.any(axis=1), strata=strata)

    @cached_property
    def contents(self) -> list[str] | None:
        """The sha256 of the content of each row's image; None where it is not known."""
        every = getattr(self.images, "contents", None)
        return None if every is None else [every[i] for i in self.at]

    def size(self, row: int) -> tuple[int, int]:
        """Return (height, width) of the image of a row."""
        return self.images.size(int(self.at[row]))  # type: ignore[attr-defined,no-any-return]

    def window(self, row: int) -> Image:
        """Return the image of a row, read-only: only what is sliced of it is read from disk."""
        return _unread(self.images, int(self.at[row]))

    def pixels(self, row: int, window: CropWindow | None = None) -> Image:
        """Return the image of a row, or the part of it that a window shows."""
        at = int(self.at[row])
        return self.images[at] if window is None else window.of(_unread(self.images, at))

    def mask(self, row: int, window: CropWindow | None = None) -> Mask | None:
        """Return the mask of a row, or the part of it that a window shows; None without one."""
        assert self.masks is not None
        at = int(self.at[row])
        if window is None:
            return self.masks[at]
        whole = self.whole_mask(row)
        return None if whole is None else window.of_mask(whole)

    def whole_mask(self, row: int) -> Mask | None:
        """Return the mask of a row, read-only, as `window` returns its image; None without one."""
        assert self.masks is not None
        return self.masks.window(int(self.at[row]))  # type: ignore[attr-defined,no-any-return]


def concatenated(parts: Sequence[SampleRows]) -> SampleRows:
    """Return the rows of `parts` one after the other, as one.

    All have targets of the same tasks. Where some have classes `(N,)` and others probabilities
    `(N, C)` (soft pseudo-labels), all get the latter: a class is 1, a missing one a row of nan.
    Strata, masks and targets that only some parts have are missing in the rows of the others.
    """
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(one.images) for one in parts)])
    tasks = dict.fromkeys(task for one in parts for task in one.target)
    has_masks = any(one.masks is not None for one in parts)
    return SampleRows(
        images=_Chained([one.images for one in parts]),
        at=np.concatenate([one.at + start for one, start in zip(parts, starts, strict=False)]),
        ids=[name for one in parts for name in one.ids],
        target={task: _answers([one.target[task] for one in parts]) for task in tasks},
        weight=np.concatenate([one.weight for one in parts]),
        strata=_joined([one.strata for one in parts]),
        masks=_Chained([one.masks or _NoMasks(len(one.images)) for one in parts])
        if has_masks
        else None,
        form=next((one.form for one in parts if one.form is not None), None),
        answered={
            task: np.concatenate([_known(one, task) for one in parts])
            for task in dict.fromkeys(task for one in parts for task in one.answered)
        },
        empty=_joined([one.empty for one in parts]),
        tiles=_joined_tiles(parts),
    )


def missing_answers(n: int, like: NDArray[Any]) -> NDArray[Any]:
    """Return `n` missing targets in the form of `like`."""
    is_class = np.issubdtype(like.dtype, np.integer)
    return np.full((n, *like.shape[1:]), -1 if is_class else np.nan, dtype=like.dtype)


def _answers(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the targets of some parts as one array."""
    soft = [one.shape[1] for one in parts if one.ndim == 2]
    if not soft or len(soft) == len(parts):
        return np.concatenate(parts)
    return np.concatenate([one if one.ndim == 2 else _by_column(one, soft[0]) for one in parts])


def _by_column(answers: NDArray[Any], n_columns: int) -> NDArray[Any]:
    """Return answers `(N,)` as those of `n_columns` outputs, `(N, C)`.

    Of a class they are probabilities; of the number of quantiles, each is that number.
    """
    if np.issubdtype(answers.dtype, np.integer):
        return _one_hot(answers, n_columns)
    return np.repeat(answers[:, None], n_columns, axis=1)


def _one_hot(classes: NDArray[Any], n_classes: int) -> NDArray[np.float32]:
    """Return classes `(N,)`, -1 where missing, as probabilities `(N, C)`, nan there."""
    probs: NDArray[np.float32] = np.eye(n_classes, dtype=np.float32)[np.maximum(classes, 0)]
    probs[classes < 0] = np.nan
    return probs


def _joined_tiles(parts: Sequence[SampleRows]) -> CropPlan | None:
    every = [(one.tiles, len(one)) for one in parts if one.tiles is not None]
    if len(every) < len(parts):
        return None
    tiles = [one for one, _ in every]
    return CropPlan(
        tiles[0].size,
        [size for one in tiles for size in one.images],
        max(one.foreground for one in tiles),
        [place for one, n in every for place in one.places or [None] * n],
    )


def _joined(arrays: Sequence[NDArray[Any] | None]) -> NDArray[Any] | None:
    """Return the arrays as one; None where one of them is missing."""
    there = [one for one in arrays if one is not None]
    return np.concatenate(there) if len(there) == len(arrays) else None


def _known(rows: SampleRows, task: str) -> NDArray[np.bool_]:
    return rows.answered.get(task, np.ones(len(rows), dtype=bool))


class _NoMasks:
    """As many masks that are not there."""

    def __init__(self, n: int) -> None:
        self._n = n

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, index: int, /) -> None:
        return None

    def window(self, index: int) -> None:
        return None


class _Chained:
    """Several stores of images, or of masks, one after the other."""

    def __init__(self, stores: Sequence[Any]) -> None:
        self._stores = list(stores)
        self._starts = np.cumsum([0, *map(len, stores)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, index: int, /) -> Any:
        store, at = self._find(index)
        return store[at]

    def window(self, index: int) -> Any:
        store, at = self._find(index)
        return store.window(at)

    def size(self, index: int) -> tuple[int, int]:
        store, at = self._find(index)
        size: tuple[int, int] = store.size(at)
        return size

    @property
    def contents(self) -> list[str] | None:
        """The sha256 of every image's content; None where a store does not know it."""
        every: list[str] = []
        for store in self._stores:
            found = getattr(store, "contents", None)
            if found is None:
                return None
            every.extend(found)
        return every

    def _find(self, index: int) -> tuple[Any, int]:
        number = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self._stores[number], int(index - self._starts[number])


def _unread(store: ImageStore | MaskStore, at: int) -> Image:
    return store.window(at)  # type: ignore[union-attr,no-any-return]  # both, where rows have tiles


def training_rows(job: Job, progress: Progress) -> SampleRows:
    """Return all training samples, with the targets of the tasks that the network has heads for."""
    rows = rows_of(job, job.data.samples, progress)
    return with_strata_of_masks(rows, job.data.samples, job, progress)


def rows_of(
    job: Job, samples: pd.DataFrame, progress: Progress, *, answers: bool = True
) -> SampleRows:
    """Return `samples` as rows.

    Args:
        job: whose competition and input size.
        samples: as `load_samples` returns them.
        progress: gets a bar while images and masks are decoded for the first time.
        answers: whether to read labels and masks; without, the rows have the form of masks and
            neither labels nor masks.
    """
    competition, side = job.competition, cached_side(job.recipe.input)
    paths = image_paths(samples)
    rows = SampleRows(
        images=open_images(job.workspace, competition, paths, shorter_side=side, progress=progress),
        at=np.arange(len(samples)),
        ids=list(samples["id"]),
        target={},
        weight=samples["weight"].to_numpy(dtype=np.float32),
    )
    if not answers:
        return replace(rows, form=mask_form(competition) if has_pixels(job.tasks) else None)
    if has_images(job.tasks):
        rows = _with_labels(rows, samples, job)
    if has_pixels(job.tasks):
        masks = open_masks(
            job.workspace, competition, samples, shorter_side=side, progress=progress
        )
        rows = _with_masks(rows, masks, samples, competition)
    return rows


def mask_form(competition: Competition) -> MaskForm:
    """Return the form of the masks of a competition."""
    return MaskForm(competition.mask_kind, competition.outputs(PIXELS))


def labels_of(job: Job) -> NDArray[Any] | None:
    """Return the labels of all samples as metrics take them; None where nothing predicts them."""
    return truth(job.data.samples, job.competition) if has_images(job.tasks) else None


def _with_labels(rows: SampleRows, samples: pd.DataFrame, job: Job) -> SampleRows:
    competition = job.competition
    answers = truth(samples, competition)
    is_known = samples["label"].notna().to_numpy()
    if competition.open_set is not None:
        is_known = answers >= 0  # a sample of no class has no target
    return replace(
        rows,
        target={IMAGES: targets_of(job, answers)},
        answered=_and(rows, IMAGES, is_known),
        strata=None if competition.kind.is_continuous else answers,
    )


def targets_of(job: Job, answers: NDArray[Any]) -> NDArray[Any]:
    """Return the loss's targets for labels `answers`, which are as metrics take them."""
    if job.link is not None:
        return job.link.targets(answers)
    return label_outputs_of(job.competition.kind).target(answers)


def _with_masks(
    rows: SampleRows, masks: CachedMasks, samples: pd.DataFrame, competition: Competition
) -> SampleRows:
    return replace(
        rows,
        masks=masks,
        form=mask_form(competition),
        answered=_and(rows, PIXELS, samples["mask"].notna().to_numpy()),
    )


def _and(rows: SampleRows, task: str, known: NDArray[np.bool_]) -> Mapping[str, NDArray[np.bool_]]:
    return {**rows.answered, task: known}


def with_strata_of_masks(
    rows: SampleRows, samples: pd.DataFrame, job: Job, progress: Progress
) -> SampleRows:
    """Return the rows of `samples` with the classes of their masks, if the sampling needs them."""
    recipe, competition = job.recipe, job.competition
    if not has_pixels(job.tasks):
        if recipe.empty_share is not None:
            raise RecipeError("empty_share is about masks, and the network has no head for them")
        return rows
    if not job.balances_masks and recipe.empty_share is None:
        return rows
    facts = read_mask_facts(job.workspace, competition, samples, progress=progress)
    is_known = ~np.isnan(facts.coverage)
    return rows.with_shown(facts.has_class, is_known, balanced=job.balances_masks)


def with_tiles(
    rows: SampleRows, job: Job, progress: Progress, *, foreground: float = 0.0
) -> SampleRows:
    """Return the rows cut into windows where the recipe has `fit: tile`, else as they are.

    Args:
        rows: as `training_rows` returns them, or some of them.
        job: whose recipe sets the windows' size.
        progress: gets a bar while masks are read.
        foreground: share of the windows that are centred near a pixel of a mask class.
    """
    if job.recipe.input.fit != "tile":
        return rows
    return replace(
        rows,
        tiles=CropPlan(
            job.recipe.input.height_width,
            [rows.size(row) for row in range(len(rows))],
            foreground,
            _places(rows, progress) if foreground > 0 else (),
        ),
    )


def _places(rows: SampleRows, progress: Progress) -> list[ClassPixels | None]:
    """Return where the classes of each row's mask lie; each mask is read once."""
    if rows.masks is None:
        raise RecipeError(
            "foreground is where masks are, and the network has no head for them",
            where="input.foreground",
        )

    def find_pixels(row: int) -> ClassPixels | None:
        mask = rows.whole_mask(row)
        return None if mask is None else find_class_pixels(mask, rows.ids[row])

    found: list[ClassPixels | None] = []
    with (
        progress.bar("looking for foreground", len(rows)) as advance,
        ThreadPoolExecutor(n_cores()) as pool,
    ):
        for places in pool.map(find_pixels, range(len(rows))):
            found.append(places)
            advance(1)
    return found
