"""How far labels can be told from features, watched while they are learnt without labels.

    knn      s_q(c) = sum_{i in N_k(q), y_i = c} exp(cos(f_q, f_i) / 0.07),   ŷ_q = argmax_c s_q(c)
             (Wu et al. 2018, arXiv:1805.01978, §3.4; k and the temperature as there)
    linear   multinomial logistic regression, C = 1, on features that the bank's mean and deviation
             make standard

f is the deepest map, pooled, of the network in evaluation mode, which sees images as in validation.
The queries are the rows of the fold that the training does not see, or, of one that sees all, of
the first fold; the bank is what that fold would be trained on. Both numbers are accuracies. Labels
are looked at and choose nothing: no epoch, no rate, no weight.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from podium.competition.samples import truth
from podium.errors import RecipeError
from podium.models.network import Network
from podium.predictions.retrieval import nearest
from podium.training.augment import build_eval
from podium.training.batches import LABELLED
from podium.training.embedding import pooled
from podium.training.evaluation import Autocast, EvalImages, evaluating
from podium.training.fold_files import Fold
from podium.training.job import Job, TrainingData
from podium.training.onlooking import Moment
from podium.training.phase_plans import method_of
from podium.training.randomness import generator
from podium.training.recipe import Phase, Probe
from podium.training.standing import HistoryRow
from podium.training.streams import Normaliser
from podium.training.training_rows import rows_of
from podium.workspace.progress import Progress

__all__ = ["Prober", "knn_accuracy", "linear_accuracy", "pooled_features", "prober_of"]

TEMPERATURE = 0.07
MOST_ITERATIONS = 200

Vectors = NDArray[np.float32]
Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Seen:
    """Some labelled samples.

    Attributes:
        images: as they are shown in validation.
        labels: `(N,)` classes.
    """

    images: EvalImages
    labels: Classes


@dataclass(frozen=True)
class Prober:
    """Looks at features every so many epochs; an onlooker of a loop.

    Args:
        asked: the probe of each phase that has one, by the phase's index.
        bank: the samples that vote, and that the linear probe learns.
        queries: those that are told.
    """

    asked: Mapping[int, Probe]
    bank: Seen
    queries: Seen

    def is_due(self, at: Moment) -> bool:
        spec = self.asked.get(at.phase)
        return spec is not None and (at.ends_phase or at.epoch % spec.every == 0)

    def look(
        self, network: nn.Module, at: Moment, normalise: Normaliser, autocast: Autocast
    ) -> HistoryRow:
        spec, network = self.asked[at.phase], cast(Network, network)
        bank, queries = (
            pooled_features(network, one.images, normalise, autocast)
            for one in (self.bank, self.queries)
        )
        labels = self.bank.labels, self.queries.labels
        row: HistoryRow = {}
        if spec.knn:
            row["knn"] = knn_accuracy(bank, labels[0], queries, labels[1], k=spec.knn)
        if spec.linear:
            row["linear"] = linear_accuracy(bank, labels[0], queries, labels[1])
        return row


def prober_of(job: Job, fold: Fold, progress: Progress) -> Prober | None:
    """Return who watches the phases of `job` that ask for it; None where none does.

    Raises:
        RecipeError: a phase that asks for it learns from labels, or there are no classes to tell.
    """
    asked = {i: one.probe for i, one in enumerate(job.recipe.phases) if one.probe is not None}
    if not asked:
        return None
    for i in asked:
        _refuse_labelled(job, job.recipe.phases[i])
    where = f"phase {job.recipe.phases[min(asked)].name}: probe"
    _refuse_other_tasks(job, where)
    is_outside = not job.data.fold_numbers  # of a run that is in no folds
    data = TrainingData.load(job.workspace, job.competition) if is_outside else job.data
    judged = data.fold_numbers[0] if fold == "full" else fold
    most = max(one.rows for one in asked.values())
    seen = []
    for name, at in zip(("bank", "queries"), data.rows(judged), strict=True):
        labels = truth(data.samples.iloc[at], job.competition)
        there = np.flatnonzero(labels >= 0)
        if not len(there):
            raise RecipeError(
                f"no label is known of the samples of fold {judged}'s {name}",
                where=where,
                fix="leave it out",
            )
        chosen = _some(there, most, job.recipe.seed, name)
        rows = rows_of(job, data.samples.iloc[at[chosen]], progress, answers=False)
        view = build_eval(job.recipe.input, job.competition.pixels)
        images = EvalImages(rows, view, batch_size=job.recipe.batch_size)
        seen.append(Seen(images, labels[chosen]))
    return Prober(asked, *seen)


def _some(at: NDArray[np.int64], most: int, seed: int, name: str) -> NDArray[np.int64]:
    """Return `most` of `at` at most, the same ones every time, in their order."""
    if len(at) <= most:
        return at
    return np.sort(generator("probe", seed, name).choice(at, most, replace=False))


def _refuse_labelled(job: Job, phase: Phase) -> None:
    if LABELLED in method_of(phase, job.workspace.root).needs:
        raise RecipeError(
            f"{phase.method.name} learns from labels, so its epochs are validated anyhow",
            where=f"phase {phase.name}: probe",
            fix="leave it out",
        )


def _refuse_other_tasks(job: Job, where: str) -> None:
    tasks = job.competition.tasks
    kind = tasks.get("classify")
    if kind not in ("multiclass", "binary"):
        has = "has no labels" if kind is None else f"has {kind} labels"
        raise RecipeError(
            f"a probe tells classes apart, multiclass or binary, and the competition {has}",
            where=where,
            fix="leave it out",
        )
    if job.recipe.input.fit == "tile":
        raise RecipeError(
            "a probe is of whole images, and fit: tile shows windows of them",
            where=where,
            fix="leave it out, or write another fit",
        )


@torch.inference_mode()
def pooled_features(
    network: Network,
    images: EvalImages,
    normalise: Normaliser,
    autocast: Autocast,
    *,
    head: nn.Module | None = None,
) -> Vectors:
    """Return what `network` in evaluation mode makes of images, `(N, F)`; its mode is put back.

    Args:
        network: on the device of `normalise`.
        images: in the order of the rows.
        normalise: of the network.
        autocast: the precision that networks run in.
        head: whose `embed` makes a vector of the maps; None: the deepest map's average.
    """
    made = []
    with evaluating(network):
        for batch in images:
            with autocast():
                features = network.features(normalise(batch))
                vectors = pooled(features) if head is None else head.embed(features)  # type: ignore[operator]
            made.append(vectors.float().cpu().numpy())
    return np.concatenate(made)


def knn_accuracy(
    bank: Vectors, bank_labels: Classes, queries: Vectors, labels: Classes, *, k: int
) -> float:
    """Return the share of queries whose class their neighbours vote for.

    Args:
        bank: `(N, F)`; lengths do not count, and a vector of zeros is as far from all as can be.
        bank_labels: `(N,)` classes, not below 0.
        queries: `(Q, F)`.
        labels: `(Q,)` classes.
        k: neighbours that vote, all where there are fewer.
    """
    found = nearest(_directions(queries), _directions(bank), min(k, len(bank)))
    votes = np.zeros((len(queries), int(bank_labels.max()) + 1))
    weight = np.exp(found.similarity.astype(np.float64) / TEMPERATURE)
    np.add.at(votes, (np.arange(len(queries))[:, None], bank_labels[found.rows]), weight)
    return float((votes.argmax(axis=1) == labels).mean())


def _directions(vectors: Vectors) -> Vectors:
    """Return `(N, F + 1)` vectors whose cosines are those of `(N, F)` ones; none is 0."""
    is_nothing = ~vectors.any(axis=1, keepdims=True)
    return np.concatenate([vectors, is_nothing], axis=1, dtype=np.float32)


def linear_accuracy(
    bank: Vectors, bank_labels: Classes, queries: Vectors, labels: Classes
) -> float:
    """Return the share of queries whose class a logistic regression on the bank tells.

    Arguments as of `knn_accuracy`. A bank of one class tells that one.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if (bank_labels == bank_labels[0]).all():
        return float((labels == bank_labels[0]).mean())
    mean, deviation = bank.mean(axis=0), bank.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1)
    model: Any = LogisticRegression(max_iter=MOST_ITERATIONS)
    with warnings.catch_warnings():
        # Whether the last digits stand still is no matter to who looks on.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit((bank - mean) / scale, bank_labels)
    return float((model.predict((queries - mean) / scale) == labels).mean())
