"""A job: a run's samples in their folds, its recipe, its folder, and the time that it has.

`Deadline` stops before a machine's time is up, in a state that the same command continues from.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.folds.leaks import rows_of_fold
from podium.competition.images import sha256_of_images
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, FoldScheme
from podium.errors import RecipeError, UsageError
from podium.predictions.store.reading import Split
from podium.predictions.top_k import AUTO_FROM, DEFAULT_K
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, TaskName, has_images, has_pixels, is_of_pixels
from podium.training.data.sampling import generator
from podium.training.ordinal_links import Link, link_of
from podium.training.recipe import Input, Recipe, UnlabelledName
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "Deadline",
    "Job",
    "OutOfTime",
    "TrainingData",
    "balanced_task",
    "cached_side",
    "drawn_share",
    "image_digests",
    "image_paths",
    "n_drawn",
    "n_kept_classes",
    "predicted_tasks",
    "require_folds",
]


Clock = Callable[[], float]


class OutOfTime(Exception):  # noqa: N818 — no error: the state is saved and the caller reports it
    """There is no time for the next piece of work; everything before it is on disk."""


class Deadline:
    """Measures whether a piece of work still fits before the limit.

    Args:
        limit_s: seconds from now on; None never ends.
        clock: seconds that only rise.
    """

    def __init__(self, limit_s: float | None, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = None if limit_s is None else clock() + limit_s

    def now(self) -> float:
        """Return the seconds of the clock that the deadline is read from."""
        return self._clock()

    def allows(self, seconds: float) -> bool:
        """Return whether work of this many seconds would end in time."""
        return self._end is None or self._clock() + seconds <= self._end

    def require(self, seconds: float, what: str) -> None:
        """Raise OutOfTime unless work of this many seconds would end in time."""
        if not self.allows(seconds):
            raise OutOfTime(what)

    def left(self) -> float | None:
        """Return the seconds that are left, at least 0; None where there is no limit."""
        return None if self._end is None else max(0.0, self._end - self._clock())


CACHE_MARGIN = 1.25  # for crops that zoom in, over the network's larger side

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class TrainingData:
    """The training samples and their folds.

    Attributes:
        samples: as `load_samples` returns them.
        folds: `(N,)`, -1 for rows that are never validated.
        scheme: how the folds were made; "time" trains on the past only.
    """

    samples: pd.DataFrame
    folds: Positions
    scheme: FoldScheme
    _rows: dict[int, tuple[Positions, Positions]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def load(
        cls, workspace: Workspace, competition: Competition, *, outer_fold: int | None = None
    ) -> TrainingData:
        """Return the data of `competition`; makes `folds.csv` when it is missing.

        Args:
            workspace: where `folds.csv` is.
            competition: whose data.
            outer_fold: leave its rows out, as if they were not there.
        """
        samples = load_samples(competition, "train", workspace=workspace)
        folds = ensure_folds(workspace, competition, samples)
        data = cls(samples, folds, competition.folds.scheme)
        return data if outer_fold is None else data.without(outer_fold)

    @classmethod
    def of_images(cls, workspace: Workspace, competition: Competition) -> TrainingData:
        """Return the samples of `competition` in no fold, for runs on images alone."""
        samples = load_samples(competition, "train", workspace=workspace)
        nowhere = np.full(len(samples), -1, dtype=np.int64)
        return cls(samples, nowhere, competition.folds.scheme)

    def without(self, fold: int) -> TrainingData:
        """Return the data of all other folds, for trainings that must not use `fold`.

        Raises:
            UsageError: there is no such fold, or it is the only one; or folds are of time, and
                later ones would be left.
            DataError: a row that stays shares a group with one of the fold.
        """
        known = self.fold_numbers
        require_folds([fold], known)
        if len(known) == 1:
            raise UsageError(f"fold {fold} is the only one", fix="make two folds or more")
        if self.scheme == "time" and fold != known[-1]:
            raise UsageError(
                f"what comes after fold {fold} in time would be learnt from",
                fix=f"take the last fold, {known[-1]}",
            )
        stay, _ = self.rows(fold)
        return TrainingData(
            self.samples.iloc[stay].reset_index(drop=True), self.folds[stay], self.scheme
        )

    @property
    def fold_numbers(self) -> tuple[int, ...]:
        """The folds that are validated, in order."""
        return tuple(int(k) for k in np.unique(self.folds) if k >= 0)

    def rows(self, fold: Fold) -> tuple[Positions, Positions]:
        """Return the positions that `fold` trains on and validates; "full" trains on all.

        They are looked for, and looked through for leaks, once.

        Raises:
            DataError: a row of the fold, or of its groups, is among those to train on.
        """
        if fold == "full":
            return np.arange(len(self.samples)), np.empty(0, dtype=np.int64)
        if fold not in self._rows:
            found = rows_of_fold(self.samples, self.folds, fold, scheme=self.scheme)
            for rows in found:
                rows.flags.writeable = False  # everyone gets the same
            self._rows[fold] = found
        return self._rows[fold]


def require_folds(folds: Sequence[int], known: Sequence[int]) -> None:
    """Raise UsageError where one of `folds` is none of those that are `known`."""
    unknown = [fold for fold in folds if fold not in known]
    if unknown:
        raise UsageError(
            f"there is no fold {unknown[0]}", fix=f"the folds are {', '.join(map(str, known))}"
        )


@dataclass(frozen=True)
class Job:
    """One run: what is trained on what, and where it is kept.

    `overrides` are the changes to the recipe's file that the recipe has, for the run's record; None
    in jobs that begin no run.
    """

    workspace: Workspace
    competition: Competition
    recipe: Recipe
    data: TrainingData
    run: Path
    inputs: dict[str, Any]
    overrides: tuple[str, ...] | None = None
    _read: dict[Split, pd.DataFrame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def is_label_free(self) -> bool:
        """Whether one network learns from images alone, and predicts no task."""
        return self.inputs.get("without_labels") is True

    @property
    def tasks(self) -> tuple[TaskName, ...]:
        """The tasks that the recipe's network predicts."""
        return () if self.is_label_free else predicted_tasks(self.recipe, self.competition)

    @property
    def link(self) -> Link | None:
        """The network's link of ratings; None where it predicts none.

        Raises:
            RecipeError: the recipe names a link, and the task is not ordinal.
        """
        return link_of(self.recipe.model, self.competition) if has_images(self.tasks) else None

    @property
    def kinds(self) -> dict[TaskName, Kind]:
        """The kind of the network's output, by task: ratings are learnt as their link defines."""
        kinds = {task: metrics.kind_to_learn(self.competition, task) for task in self.tasks}
        return kinds if self.link is None else {**kinds, IMAGES: self.link.kind}

    @property
    def n_outputs(self) -> dict[str, int]:
        """Number of the network's outputs for an image (classify) or a pixel (segment)."""
        counts = {str(task): self.competition.outputs(task) for task in self.tasks}
        return counts if self.link is None else {**counts, IMAGES: self.link.n_outputs}

    @property
    def in_column_units(self) -> bool:
        """Whether labels are numbers, learnt in the units of their columns, or of their one."""
        kind = self.kinds.get(IMAGES)
        if kind is None or self.link is not None:
            return False
        return kind.is_continuous and not kind.is_circular

    @property
    def top_k(self) -> int | None:
        """Number of classes of an image that are kept, and validated by; None: all of them.

        Raises:
            RecipeError: the recipe keeps some, and the competition needs all.
        """
        return n_kept_classes(self.recipe, self.competition) if has_images(self.tasks) else None

    @property
    def balances_masks(self) -> bool:
        """Whether `sampling: balanced` balances the classes of masks, and not those of labels."""
        if self.recipe.sampling != "balanced" or not has_pixels(self.tasks):
            return False
        return is_of_pixels(balanced_task(self.competition, self.tasks))

    def samples(self, split: Split) -> pd.DataFrame:
        """Return the samples that `split` predicts, read once.

        "oof" and "train" predict those of `data`.
        """
        if split == "oof" or split == "train":
            return self.data.samples
        if split not in self._read:
            self._read[split] = load_samples(self.competition, split)
        return self._read[split]

    def unlabelled(self, name: UnlabelledName) -> pd.DataFrame:
        """Return the samples of a name in `unlabelled:` of the recipe, or the share drawn."""
        return drawn_share(self.samples(name), self.recipe, name)

    def files(self, fold: Fold) -> FoldFiles:
        """Return the paths of one fold's folder."""
        return FoldFiles(self.run, fold)

    def weights(self, fold: Fold) -> Path:
        """Return the file of the network that predicts for `fold`, by the recipe's rule."""
        return self.files(fold).checkpoint(self.rule(fold))

    def model(self, fold: Fold) -> str:
        """Return the name under which that network's predictions are stored."""
        return self.files(fold).model(self.rule(fold))

    def rule(self, fold: Fold) -> Any:
        """Return "last" or "best"; a refit on all rows has nothing to choose the best by."""
        return "last" if fold == "full" else self.recipe.checkpoint


def predicted_tasks(recipe: Recipe, competition: Competition) -> tuple[TaskName, ...]:
    """Return the competition's tasks for which the recipe's network has a head, in their order.

    Windows of an image have no label, so a network of windows predicts masks alone.
    """
    heads = recipe.model.heads
    every: tuple[TaskName, ...] = tuple(competition.tasks)
    if recipe.input.fit == "tile":
        every = tuple(task for task in every if is_of_pixels(task))
    if heads is None:
        return every
    return tuple(task for task in every if getattr(heads, task, None) is not None)


def n_kept_classes(recipe: Recipe, competition: Competition) -> int | None:
    """Return how many classes of an image `predict.top_k` keeps; None: all of them.

    Raises:
        RecipeError: it keeps some where all are needed, or fewer than are ranked.
    """
    top_k, n_classes = recipe.predict.top_k, competition.n_outputs
    if top_k == "all" or (top_k == "auto" and n_classes < AUTO_FROM):
        return None
    why = _why_all_classes(competition)
    if top_k == "auto":
        return None if why else min(n_classes, max(DEFAULT_K, _n_ranked(competition)))
    if why or top_k < _n_ranked(competition):
        raise RecipeError(
            f"{top_k} classes of an image are not enough: "
            + (why or f"{_n_ranked(competition)} are ranked"),
            where="predict.top_k",
            fix="write all" if why else f"write {_n_ranked(competition)} or more",
        )
    return top_k if top_k < n_classes else None


def _why_all_classes(competition: Competition) -> str:
    """Return why all probabilities are needed; "": they are not."""
    if not competition.kind.is_exclusive or len(competition.tasks) > 1:
        return "those of a multiclass task alone can be left out"
    if competition.scores_units:
        return "units are scored, by the mean of their images"
    metric = metrics.of(competition)
    return f"{metric.name} scores probabilities" if metric.needs_probs else ""


def _n_ranked(competition: Competition) -> int:
    """Return how many classes the metric ranks, or a cell of the file holds."""
    metric = metrics.of(competition)
    ranked = metric.n_ranked(competition.metric.options)
    form = competition.submission
    in_a_cell = 1 if form.item == "{id}" else form.k or 1  # ids of images are no classes
    return max(ranked, in_a_cell)


def balanced_task(competition: Competition, tasks: Sequence[TaskName]) -> TaskName:
    """Return of which of `tasks`, those of a network, `sampling: balanced` balances the classes."""
    scored = competition.scored_task
    return scored if scored in tasks else tasks[0]


def drawn_share(samples: pd.DataFrame, recipe: Recipe, name: UnlabelledName) -> pd.DataFrame:
    """Return the share of `samples` that a recipe's `unlabelled:` has of `name`, in their order.

    They are drawn by the recipe's seed.
    """
    share = recipe.unlabelled_shares[name]
    if share == 1 or not len(samples):
        return samples
    order = generator("unlabelled", recipe.seed, name).permutation(len(samples))
    drawn = np.sort(order[: n_drawn(len(samples), share)])
    return samples.iloc[drawn].reset_index(drop=True)


def n_drawn(n: int, share: float) -> int:
    """Return how many of `n` samples a share of them is; at least one of some."""
    return min(n, max(1, round(share * n)))


def image_paths(samples: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the files of each sample's image, in the order of its channels."""
    return [tuple(paths) for paths in samples["images"]]


def image_digests(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    progress: Progress = SILENT,
) -> list[str]:
    """Return the sha256 of each sample's image, of all its files: equal ones are one picture."""
    return sha256_of_images(workspace, competition.root, image_paths(samples), progress)


def cached_side(spec: Input) -> int | None:
    """Return the shorter side, in pixels, to which images are shrunk in the cache; None: not."""
    if spec.fit == "tile":
        return None
    return math.ceil(CACHE_MARGIN * max(spec.height_width))
