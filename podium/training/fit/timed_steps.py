"""Seconds of a recipe's steps and predictions, measured on a few of the competition's images.

Rows stand for all samples, so that every pool has its real length, but only some images are
decoded, into a cache that is thrown away. A first step with a part of the batch tells whether whole
ones fit into the budget; where they do not, its seconds are scaled by the size.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from podium.competition.cache import shrink
from podium.competition.images import first_file, image_size, read_bands
from podium.competition.spec import Competition
from podium.models.network import Network, build_network, set_frozen
from podium.training.data.augment import measure_normalisation, set_normalisation
from podium.training.data.pools import without_labels
from podium.training.data.rows import SampleRows, rows_of, with_strata_of_masks, with_tiles
from podium.training.data.sampling import LABELLED, UNLABELLED, Pool, derive_seed
from podium.training.data.streams import Normaliser
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.fit.fold import memory_advice
from podium.training.fit.optim import AveragedNetwork
from podium.training.fit.phase_plans import needed_pools, plan_phase
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.inference.network import PoolPredictor
from podium.training.inference.prediction_sets import views_of
from podium.training.method import Method
from podium.training.ordinal_links import with_link
from podium.training.pseudo.selection import fold_pseudo_labels
from podium.training.recipe import Phase, Recipe
from podium.training.runs.ids import folds_digest
from podium.training.runs.job import Job, TrainingData, cached_side, image_paths
from podium.training.runs.pretraining import is_label_free
from podium.training.runs.timing import PhaseTiming, RecipeTiming, SampleCounts
from podium.workspace.layout import Workspace
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT

__all__ = ["measure_recipe"]

FEWEST, MOST = 4, 32
"""images that are decoded"""
PIXELS_READ = 3e7
"""of all of them together: about a third of a second of decoding"""
STEPS = 6
"""timed steps of a phase, where the budget allows"""
PART = 8
"""share of the batch that the first step has: one in so many"""


def measure_recipe(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    data: TrainingData,
    counts: SampleCounts,
    *,
    budget_s: float,
) -> RecipeTiming:
    """Return the expected seconds of `recipe`; `decode_s` are those of one image.

    Torch's random state is as before afterwards, and no file is kept.

    Args:
        workspace: the run's.
        competition: whose images.
        recipe: as resolved.
        data: all training samples.
        counts: how many samples a fold's network meets.
        budget_s: seconds of all steps and predictions, about.

    Raises:
        PodiumError: as training would.
    """
    # As in the network of a run that is resumed: no weight is fetched.
    model = recipe.model.model_copy(update={"pretrained": False, "weights": None, "from_run": None})
    recipe = recipe.model_copy(update={"model": model, "workers": 0})
    inputs = {"folds": folds_digest(data.samples["id"], data.folds)}
    if is_label_free(recipe, workspace.root):
        inputs["without_labels"] = True  # type: ignore[assignment]
    use_all_cores()
    with _private_cache(workspace) as private, own_random_state(), memory_advice():
        job = Job(private, competition, recipe, data, private.runs / "timing", inputs)
        return _Measurement(job, counts, budget_s).result()


@contextmanager
def _private_cache(workspace: Workspace) -> Iterator[Workspace]:
    with TemporaryDirectory(prefix="podium-timing-") as folder:
        yield replace(workspace, scratch=Path(folder))


class _Measurement:
    def __init__(self, job: Job, counts: SampleCounts, budget_s: float) -> None:
        self._job, self._counts, self._budget_s = job, counts, budget_s
        self._decode_s = 0.0
        self._pools = self._make_pools()
        self._fabric = make_fabric(job.recipe)
        started = time.perf_counter()
        self._network = _network(job)
        self._build_s = time.perf_counter() - started
        rows = next(iter(self._pools.values()))
        set_normalisation(
            self._network,
            job.recipe.input,
            lambda: measure_normalisation(
                rows.subset(np.arange(min(len(rows), FEWEST))), job.competition.pixels, SILENT
            ),
        )
        self._network.to(self._fabric.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._normalise = Normaliser(self._network.mean, self._network.std, self._fabric.device)

    def result(self) -> RecipeTiming:
        job, counts, phases = self._job, self._counts, self._job.recipe.phases
        share = self._budget_s / (len(phases) + 1)
        plain_s = 0.0 if job.is_label_free else self._image_seconds(share)
        timed = tuple(self._phase(index, share, plain_s) for index in range(len(phases)))
        views = 1 if job.is_label_free else len(views_of(job.recipe, job.competition).names)
        return RecipeTiming(
            phases=timed,
            folds=counts.folds,
            start_s=self._build_s + counts.valid * plain_s,
            image_s=plain_s * views,
            predicted=counts.predicted,
            decode_s=self._decode_s,
        )

    def _make_pools(self) -> dict[Pool, SampleRows]:
        job, counts = self._job, self._counts
        samples, needs = job.data.samples, needed_pools(job.recipe, job.workspace.root)
        pools: dict[Pool, SampleRows] = {}
        if not job.is_label_free:
            n_pseudo = 0
            if job.recipe.pseudo:
                n_pseudo = sum(len(one.kept) for one in fold_pseudo_labels(job, "full"))
            n = counts.train + counts.extra + n_pseudo
            pools[LABELLED] = self._stand_ins(samples, n)
        if UNLABELLED in needs:
            n = sum(counts.pools.values())
            name = max(counts.pools, key=lambda one: counts.pools[one], default="train")
            source = job.samples(name)  # type: ignore[arg-type]  # the recipe names splits alone
            pools[UNLABELLED] = without_labels(self._stand_ins(source, n, answers=False))
            if job.recipe.input.fit == "tile":
                pools[UNLABELLED] = with_tiles(pools[UNLABELLED], job, SILENT)
        return pools

    def _stand_ins(self, samples: pd.DataFrame, n: int, *, answers: bool = True) -> SampleRows:
        """Return `n` rows, answered as `samples` are, that show the images of some of them."""
        job = self._job
        pattern = (
            2 * samples["label"].notna().to_numpy(dtype=np.int64)
            + samples["mask"].notna().to_numpy(dtype=np.int64)
            if answers
            else np.zeros(len(samples), dtype=np.int64)
        )
        chosen = _chosen(samples, pattern, _n_images(job, samples))
        shown = samples.iloc[chosen].reset_index(drop=True)
        self._decode_s = max(self._decode_s, _decode_seconds(job, shown))
        rows = rows_of(job, shown, SILENT, answers=answers)
        if answers:
            rows = with_strata_of_masks(rows, shown, job, SILENT)
            rows = with_tiles(rows, job, SILENT, foreground=job.recipe.input.foreground)
        wanted = pattern[np.linspace(0, len(samples) - 1, n).astype(np.int64)]
        pick = np.zeros(n, dtype=np.int64)
        for one in np.unique(wanted):
            alike = np.flatnonzero(pattern[chosen] == one)
            at = np.flatnonzero(wanted == one)
            pick[at] = np.resize(alike, len(at))
        return rows.subset(pick)

    def _image_seconds(self, budget_s: float) -> float:
        """Return the seconds of predicting an image with one view."""
        job = self._job
        size = job.recipe.predict.batch_size or job.recipe.batch_size
        predictor = PoolPredictor(
            job.recipe.model_copy(update={"batch_size": size}),
            job.kinds,
            stride=self._network.stride,
            normalise=self._normalise,
            autocast=self._fabric.autocast,
            pixels=job.competition.pixels,
        )
        rows = self._pools[LABELLED]
        n = min(FEWEST, len(rows))
        self._timed_prediction(predictor, rows, n)  # the first allocates
        each = self._timed_prediction(predictor, rows, n) / n
        most = min(2 * size, len(rows))
        if most * each > budget_s or most <= n:
            return each
        return self._timed_prediction(predictor, rows, most) / most

    def _timed_prediction(self, predictor: PoolPredictor, rows: SampleRows, n: int) -> float:
        started = time.perf_counter()
        for predicted in predictor(self._network, rows.subset(np.arange(n))):
            for _ in predicted.masks or ():
                pass
        return time.perf_counter() - started

    def _phase(self, index: int, budget_s: float, image_s: float) -> PhaseTiming:
        job, phase = self._job, self._job.recipe.phases[index]
        started = time.perf_counter()
        plan = self._plan(job, phase)
        size, least = job.recipe.batch_size, max(2, -(-job.recipe.batch_size // PART))
        step_s = math.inf
        if least < size:
            smaller = replace(job, recipe=job.recipe.model_copy(update={"batch_size": least}))
            small_s = self._step_seconds(smaller, self._plan(smaller, phase), index, 2, budget_s)
            step_s = small_s * size / least
        left = budget_s - (time.perf_counter() - started)
        if least >= size or 3 * step_s < left:
            n = STEPS if math.isinf(step_s) else max(2, min(STEPS, int(left / step_s) - 1))
            step_s = self._step_seconds(job, plan, index, n, left)
        scored_s = image_s * self._counts.valid if plan.is_scored else 0.0
        return PhaseTiming(
            name=phase.name,
            epochs=phase.epochs,
            steps=plan.per_epoch,
            step_s=step_s,
            scoring_s=scored_s + self._pool_seconds(plan, image_s),
        )

    def _plan(self, job: Job, phase: Phase) -> PhasePlan:
        return plan_phase(job, phase, self._pools, epochs=phase.epochs, class_weights=None)

    def _pool_seconds(self, plan: PhasePlan, image_s: float) -> float:
        """Return the seconds an epoch of predicting the pool, of a method that labels it."""
        if type(plan.method).start_epoch is Method.start_epoch or UNLABELLED not in plan.pools:
            return 0.0
        return image_s * len(plan.pools[UNLABELLED])

    def _step_seconds(
        self, job: Job, plan: PhasePlan, index: int, n: int, budget_s: float
    ) -> float:
        """Return the median seconds of `n` steps, fewer at the end of the budget.

        The first step, which allocates, counts only where it is the only one.
        """
        decay = job.recipe.ema_decay
        run = PhaseRun(
            index,
            plan,
            job.recipe,
            network=self._network,
            average=None if decay is None else AveragedNetwork(self._network, decay=decay),
            normalise=self._normalise,
            fabric=self._fabric,
        )
        started = before = time.perf_counter()
        seconds: list[float] = []
        for epoch in (0, 1):  # of an epoch that selects alone no step learns
            # No more batches are made than are needed: they are made ahead.
            with closing(run.steps(epoch, max(0, plan.per_epoch - n - 1))) as steps:
                for losses in islice(steps, n + 1 - len(seconds)):
                    for value in losses.values():
                        float(value)  # waits for the device
                    now = time.perf_counter()
                    seconds.append(now - before)
                    before = now
                    if now - started > budget_s:
                        break
            if len(seconds) > n or time.perf_counter() - started > budget_s:
                break
            before = time.perf_counter()
        set_frozen(self._network, [])
        return median(seconds[1:] or seconds)


def _chosen(samples: pd.DataFrame, pattern: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return positions of about `n` rows: some of each pattern, evenly over their labels."""
    found = []
    for one in np.unique(pattern):
        at = np.flatnonzero(pattern == one)
        at = at[np.argsort(samples["label"].iloc[at].astype(str).to_numpy(), kind="stable")]
        share = max(FEWEST, round(n * len(at) / len(samples)))
        found.append(at[np.unique(np.linspace(0, len(at) - 1, min(share, len(at))).astype(int))])
    return np.concatenate(found)


def _n_images(job: Job, samples: pd.DataFrame) -> int:
    file = job.competition.root / first_file(samples["images"].iloc[0])
    height, width = image_size(file, job.competition.reader)
    return int(min(max(PIXELS_READ / (height * width), FEWEST), MOST, len(samples)))


def _decode_seconds(job: Job, samples: pd.DataFrame) -> float:
    """Return the seconds of decoding an image, as many at a time as there are processors."""
    competition, side = job.competition, cached_side(job.recipe.input)
    seconds = []
    for paths in image_paths(samples)[:FEWEST]:
        files = [competition.root / path if path else None for path in paths]
        started = time.perf_counter()
        shrink(read_bands(files, competition.reader), side)
        seconds.append(time.perf_counter() - started)
    return median(seconds) / n_cores()


def _network(job: Job) -> Network:
    torch.manual_seed(derive_seed("network", job.recipe.seed))
    return build_network(
        with_link(job.recipe.model, job.link),
        n_outputs=job.n_outputs,
        in_chans=job.competition.pixels.channels,
        image_size=job.recipe.input.height_width,
        weights_root=job.workspace.root,
    )
