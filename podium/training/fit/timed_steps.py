"""Seconds of a recipe's steps and predictions, measured on a few of the competition's images.

Rows stand for all samples, so that every pool has its real length, but only some images are
decoded, into a cache that is thrown away. Where whole batches do not fit into the budget, two parts
of one are timed, and the seconds of the whole follow from a line through them.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from statistics import median
from typing import cast

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.competition.cache import shrink
from podium.competition.images import first_file, image_size, read_bands
from podium.competition.spec import Competition
from podium.models.network import Network, set_frozen
from podium.predictions.views import IDENTITY
from podium.training.data.augment import measure_normalisation, set_normalisation
from podium.training.data.pools import without_labels
from podium.training.data.rows import SampleRows, rows_of, with_strata_of_masks, with_tiles
from podium.training.data.sampling import LABELLED, UNLABELLED, Pool, derive_seed
from podium.training.data.streams import Normaliser
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.fit.averaging import AveragedNetwork
from podium.training.fit.fold import memory_advice
from podium.training.fit.phase_plans import needed_pools, plan_phase
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.inference.images import evaluation_mode
from podium.training.inference.network import PoolPredictor, build_network_of
from podium.training.inference.prediction_sets import views_of
from podium.training.method import FIRST_STEP, FeatureRows, Method, SolvedMethod
from podium.training.pseudo.selection import fold_pseudo_labels
from podium.training.recipe import Phase, Recipe
from podium.training.runs.content import folds_digest
from podium.training.runs.job import Job, TrainingData, cached_side, image_paths
from podium.training.runs.pretraining import is_label_free
from podium.training.runs.timing import PhaseTiming, RecipeTiming, SampleCounts
from podium.training.self_supervised import n_pooled
from podium.workspace.atomic import temporary_folder
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
FORWARD, MORE = 2, 4
"""images that are predicted, and times as many, to learn how large a batch fits into the budget"""
MOST_SOLVED = 500
"""rows that a solved phase is timed on"""
LEAST = 2
"""images of a batch: methods compare them"""
TRAINED = 3
"""times the seconds of a prediction that an image takes in a step, about"""


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
    # Statistics cannot stay as they are in a network of nothing; a step takes as long.
    phases = [one.model_copy(update={"freeze_statistics": False}) for one in recipe.phases]
    recipe = recipe.model_copy(update={"model": model, "phases": phases, "workers": 0})
    inputs = {"folds": folds_digest(data.samples["id"], data.folds)}
    if is_label_free(recipe, workspace.root):
        inputs["without_labels"] = True  # type: ignore[assignment]
    use_all_cores()
    with _private_cache(workspace) as private, own_random_state(), memory_advice():
        job = Job(private, competition, recipe, data, private.runs / "timing", inputs)
        return _Measurement(job, counts, budget_s).result()


@contextmanager
def _private_cache(workspace: Workspace) -> Iterator[Workspace]:
    with temporary_folder("podium-timing") as folder:
        yield replace(workspace, scratch=folder)


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
        self._a_pass_s = self._forward_s = 0.0

    def result(self) -> RecipeTiming:
        job, counts, phases = self._job, self._counts, self._job.recipe.phases
        share = self._budget_s / (len(phases) + 1)
        self._a_pass_s, self._forward_s = self._forward_seconds(share / 4)
        plain_s = 0.0 if job.is_label_free else self._image_seconds(share)
        timed = tuple(self._phase(index, share, plain_s) for index in range(len(phases)))
        views = () if job.is_label_free else views_of(job.recipe, job.competition).names
        solved = [one for one, timing in zip(phases, timed, strict=True) if not timing.steps]
        shared = self._shared_images(solved, views)
        # Features of a backbone that no phase moves are there when its network predicts.
        image_s = 0.0 if len(solved) == len(phases) else plain_s
        scored_s = 0.0 if phases[0] in solved else counts.valid * plain_s
        return RecipeTiming(
            phases=timed,
            folds=counts.folds,
            start_s=self._build_s + scored_s,
            image_s=image_s * max(1, len(views)),
            predicted=counts.predicted,
            decode_s=self._decode_s,
            features_s=shared * plain_s,
        )

    def _shared_images(self, solved: Sequence[Phase], views: Sequence[str]) -> int:
        """Return how many images pass the backbone for the features of solved phases, once each."""
        if not solved:
            return 0
        job, counts = self._job, self._counts
        learnt: set[str] = {IDENTITY}
        for one in solved:
            learnt |= set((one.method.model_extra or {}).get("views", ()))
        n = len(job.data.samples) + counts.extra
        if UNLABELLED in self._pools:
            n += sum(count for name, count in counts.pools.items() if name != "train")
        predicts = len(solved) == len(job.recipe.phases)
        n_test = counts.predicted - counts.valid if predicts else 0
        return n * len(learnt) + n_test * max(1, len(views))

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
        n = min(FORWARD, len(rows))
        self._timed_prediction(predictor, rows, n)  # the first allocates
        each = self._timed_prediction(predictor, rows, n) / n
        most = min(2 * size, len(rows), int(budget_s / each))
        return each if most <= n else self._timed_prediction(predictor, rows, most) / most

    @torch.inference_mode()
    def _forward_seconds(self, budget_s: float) -> tuple[float, float]:
        """Return about the seconds of a pass through the network: of any, and of each image."""
        few = self._forward(FORWARD)
        if few * MORE > budget_s:
            return 0.0, few / FORWARD
        many = self._forward(FORWARD * MORE)
        slope = max((many - few) / (FORWARD * (MORE - 1)), many / (2 * FORWARD * MORE))
        return max(many - FORWARD * MORE * slope, 0.0), slope

    def _forward(self, n: int) -> float:
        height, width = self._job.recipe.input.height_width
        images = torch.zeros(n, self._network.in_chans, height, width)
        started = 0.0
        with evaluation_mode(self._network), self._fabric.autocast():
            for _ in range(2):  # the first allocates
                started = time.perf_counter()
                for one in self._network(images.to(self._fabric.device)).values():
                    one.flatten()[:1].cpu()  # waits for the device
        return time.perf_counter() - started

    def _timed_prediction(self, predictor: PoolPredictor, rows: SampleRows, n: int) -> float:
        started = time.perf_counter()
        for predicted in predictor(self._network, rows.subset(np.arange(n))):
            for _ in predicted.masks or ():
                pass
        return time.perf_counter() - started

    def _phase(self, index: int, budget_s: float, image_s: float) -> PhaseTiming:
        job, phase = self._job, self._job.recipe.phases[index]
        plan, size = self._plan(job, phase), job.recipe.batch_size
        if isinstance(plan.method, SolvedMethod):
            return PhaseTiming(phase.name, 1, 0, 0.0, self._solving_seconds(plan, index))
        shown = sum(one.batch_size * len(one.views) for one in plan.method.streams(FIRST_STEP))
        expected = max(TRAINED * self._forward_s * shown * job.recipe.accumulate, 1e-9)
        part = max(LEAST, int(size * budget_s / (4 * expected)))
        if LEAST * expected > 2 * budget_s * size:
            step_s = expected  # hours for sure: not one step of two images would fit
        elif part >= size:
            step_s = self._step_seconds(job, plan, index, STEPS, budget_s)
        else:
            step_s = self._scaled_seconds(phase, index, part, shown / size, budget_s)
        scored_s = image_s * self._counts.valid if plan.is_scored else 0.0
        return PhaseTiming(
            name=phase.name,
            epochs=phase.epochs,
            steps=plan.per_epoch,
            step_s=step_s,
            scoring_s=scored_s + self._pool_seconds(plan, image_s),
        )

    def _scaled_seconds(
        self, phase: Phase, index: int, part: int, shown: float, budget_s: float
    ) -> float:
        """Return the seconds of a step, from steps with `part` of the batch and with half of it.

        Each of the batch's images stands for `shown` that the network gets.
        """

        def timed(size: int, n: int) -> float:
            recipe = self._job.recipe.model_copy(update={"batch_size": size})
            job = replace(self._job, recipe=recipe)
            return self._step_seconds(job, self._plan(job, phase), index, n, budget_s)

        size, half = self._job.recipe.batch_size, part // 2
        if half < LEAST:
            whole, partly = (self._a_pass_s + self._forward_s * shown * n for n in (size, part))
            return timed(part, 1) * whole / partly
        of_half, of_part = timed(half, 1), timed(part, 1)
        # What a step takes whatever its batch, such as the optimiser's move, is not scaled.
        slope = max((of_part - of_half) / (part - half), of_part / (2 * part))
        return of_part + slope * (size - part)

    def _solving_seconds(self, plan: PhasePlan, index: int) -> float:
        """Return the seconds of solving a phase, on features that are noise."""
        run = self._run(plan, index, self._job.recipe)
        rng = np.random.default_rng(0)
        # Not the width of a head's last layer: links of ratings have their layer within.
        size = n_pooled(self._network, self._job.recipe.input.height_width)
        pools: dict[Pool, FeatureRows] = {}
        scale = 1.0
        for pool, rows in plan.pools.items():
            n = min(len(rows), MOST_SOLVED)
            scale = max(scale, len(rows) / n)
            vectors = rng.standard_normal((n, size)).astype(np.float32)
            at = np.arange(n)
            pools[pool] = FeatureRows(rows.subset(at), at, at, partial(_the_same, vectors))
        started = time.perf_counter()
        run.solve(pools, 0)
        set_frozen(self._network, [])
        return scale * (time.perf_counter() - started)

    def _plan(self, job: Job, phase: Phase) -> PhasePlan:
        return plan_phase(job, phase, self._pools, epochs=phase.epochs, class_weights=None)

    def _run(self, plan: PhasePlan, index: int, recipe: Recipe) -> PhaseRun:
        decay = recipe.ema_decay
        return PhaseRun(
            index,
            plan,
            recipe,
            network=self._network,
            average=None if decay is None else AveragedNetwork(self._network, decay=decay),
            normalise=self._normalise,
            fabric=self._fabric,
        )

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
        epochs = max(plan.spec.epochs, STEPS + 2)
        longer = plan.spec.model_copy(update={"epochs": epochs})
        run = self._run(replace(plan, spec=longer, epochs=epochs), index, job.recipe)
        started = before = time.perf_counter()
        seconds: list[float] = []
        for epoch in range(epochs):  # of an epoch that selects alone no step learns
            # No more batches are made than are needed: they are made ahead.
            made = run.steps(epoch, max(0, plan.per_epoch - n - 1))
            with closing(cast("Generator[dict[str, Tensor]]", made)) as steps:
                for losses in islice(steps, n + 1 - len(seconds)):
                    for value in losses.values():
                        float(value)  # waits for the device
                    now = time.perf_counter()
                    if "total" in losses:
                        seconds.append(now - before)
                    before = now
                    if now - started > budget_s:
                        break
            if len(seconds) > n or epoch > STEPS or time.perf_counter() - started > budget_s:
                break
            before = time.perf_counter()
        set_frozen(self._network, [])
        return median(seconds[1:] or seconds or [0.0])


def _the_same(vectors: NDArray[np.float32], view: str) -> NDArray[np.float32]:
    return vectors


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
    return build_network_of(job, job.recipe.model)
