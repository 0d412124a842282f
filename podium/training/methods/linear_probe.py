"""A linear probe: the head's last layer, solved on the features of a frozen backbone.

    min  n · L(head(x), y)  +  1 / (2C) · ‖W‖²           L: the phase's loss, without dropout

The backbone passes each image once a view; its features are kept (`.podium/cache/features`) and
shared by all folds, runs and splits. C, the inverse of the strength of regularisation as
scikit-learn has it, is the one whose layers have the lowest loss on held-out parts of the fold's
own training rows, which keep groups and equal images together; the fold's validation rows are not
looked at. Of probabilities these losses are those of the logits times the factor that fits the
held-out rows best, and the solution gets that factor, too. (With few labels, C by the bare loss
costs up to 0.8 points of accuracy: weak regularisation makes logits larger, not better.) The
solution is an ordinary head: its checkpoint predicts, blends, averages and exports as any.

With `views`, each row is learnt in these views, too, and counts as much as before altogether.

With `rounds` R, the layer then labels the N unlabelled images and learns from them: class-balanced
self-training. In round r of R it learns, of the images that it assigns to a class, the most
confident ones, as many as that class would have if classes were as frequent as among the labelled
rows (π_c), `weight` as much as a labelled row each:

    chosen_c = the first ⌈r/R · share · π_c · N⌉ of {u: argmax p(u) = c} by p_c

After the last round logits get the factor by which the layer is as sure of the unlabelled images,
on average, as it was before the first, when held-out rows had set how sure it is.

(Thresholds by class, as Zou et al. 2018, arXiv:1810.07911, set them, keep the frequencies of what
is predicted: on strongly regularised layers a few classes grew from round to round until they were
all; quotas by the labelled rows do not.)
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.heads.classify import Classify, Cosines
from podium.models.network import Network
from podium.predictions.views import IDENTITY, TURNS, Crop, Shift, TtaView, canonical_views
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES
from podium.training.linear_fit import (
    COARSE,
    FINE,
    STRENGTHS,
    LinearRows,
    Regularisation,
    RowSpace,
    Weights,
    choose_strength,
    fit_layer,
    layer_logits,
    write_layer,
)
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    FeatureRows,
    Options,
    PhaseSetting,
    Pool,
    PoolSizes,
    SolvedMethod,
    Step,
)
from podium.training.semi_supervised import probabilities, refuse_values

__all__ = ["METHOD", "chosen_labels", "confidence_of", "factor_of", "parts_of"]

PARTS, FEWER_PARTS, FEW_ROWS = 5, 3, 500
"""Held-out parts by which C is chosen; of more rows than these the fewer parts."""
MOST_ROWS = 1_000
"""Rows that C is chosen by, as they are, without views; the layer is fitted on all. As the loss is
a sum over rows, the best C hardly hangs on their number. Of 2,000 images of ten classes, 2,000 rows
in two views and five parts chose the same C in 22.9 s as 1,000 in three parts in 3.2 s."""


class LinearProbeOptions(Options):
    """The options of `method: {name: linear_probe}`."""

    strength: Annotated[float, Field(gt=0)] | None = None
    """C, the inverse of the strength of regularisation, as scikit-learn has it; default: the best
    one by cross-fitting within the training rows"""
    views: tuple[str, ...] = ()
    """each training image is also learnt in these views: [hflip] adds its mirror image; their names
    are those of `predict.tta`"""
    rounds: Annotated[int, Field(ge=0)] = 0
    """rounds of self-training on unlabelled images; 0: none"""
    share: Annotated[float, Field(gt=0, le=1)] = 0.8
    """of the unlabelled images, as many are learnt from in the last round at most"""
    weight: Annotated[float, Field(gt=0)] = 1.0
    """of an image that it labelled itself, beside 1 for a labelled one"""


class LinearProbe(SolvedMethod):
    """Solves for the last layer of the head of labels."""

    Options = LinearProbeOptions
    options: LinearProbeOptions

    def __init__(self, options: LinearProbeOptions, setting: PhaseSetting) -> None:
        super().__init__(options, setting)
        if IMAGES not in setting.kinds:
            raise RecipeError(
                "linear_probe solves for the head of labels, and the network has none",
                where="method.name",
                fix="write method: {name: supervised}",
            )
        self._views = canonical_views(options.views)
        _refuse_turns(setting, self._views)
        if options.rounds:
            refuse_values(setting, "linear_probe with rounds")

    @classmethod
    def pools(cls, options: LinearProbeOptions) -> tuple[Pool, ...]:
        return (LABELLED, UNLABELLED) if options.rounds else (LABELLED,)

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        head = network.heads[IMAGES] if isinstance(network, Network) else None
        if (
            not isinstance(head, Classify)
            or isinstance(head.linear, Cosines)
            or not isinstance(head.embedding, nn.Identity)
        ):
            raise RecipeError(
                "linear_probe solves for the linear layer of podium's own head",
                where="model.heads.classify",
                fix="leave head, layers and cosine out, or write method: {name: supervised}",
            )
        return super().build(network, sizes)

    def solve(self, pools: Mapping[Pool, FeatureRows], step: Step) -> dict[str, float]:
        # Features lie in the processor's memory, and so does the head until it is solved for.
        self._head = copy.deepcopy(self._network_head).cpu()
        found = self._solve(pools, step)
        self._network_head.linear.load_state_dict(self._head.linear.state_dict())
        return found

    def _solve(self, pools: Mapping[Pool, FeatureRows], step: Step) -> dict[str, float]:
        labelled, layer = pools[LABELLED], self._layer
        features = _stacked(labelled, self._views)
        space, target, weight = RowSpace.of(features), *self._answers(labelled)
        rows = LinearRows(space.coordinates(features), target, weight)
        by = self._regularisation(rows, labelled, step)
        weights = fit_layer(layer, rows, self._loss, strength=by.strength)
        write_layer(layer, weights, space, scale=by.scale)
        with torch.no_grad():
            logits = by.scale * layer_logits(layer, weights, rows.features)
            total = float(self._loss(logits, target, weight))
        found = {"train_loss": total, "strength": by.strength, "scale": by.scale}
        return found | (self._self_train(pools, by) if self.options.rounds else {})

    @property
    def _network_head(self) -> Classify:
        head = self.network.heads[IMAGES]  # type: ignore[index]
        assert isinstance(head, Classify)
        return head

    @property
    def _layer(self) -> nn.Module:
        return self._head.linear

    def _answers(self, given: FeatureRows) -> tuple[Tensor, Tensor]:
        """Return targets and weights of rows in each view, one view after the other."""
        n_views = len(self._views)
        target = torch.from_numpy(np.concatenate([given.rows.target[IMAGES]] * n_views))
        weight = torch.from_numpy(np.tile(given.rows.weight.astype(np.float64), n_views))
        return target, weight / n_views

    def _loss(self, logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        in_units = self._head.in_units(logits)
        return self.setting.objective({IMAGES: in_units}, {IMAGES: target}, weight)["total"]

    def _regularisation(
        self, rows: LinearRows, labelled: FeatureRows, step: Step
    ) -> Regularisation:
        """Return what the options set, or by cross-fitting: groups stay together."""
        if self.options.strength is not None:
            return Regularisation(self.options.strength)
        n, rng = len(labelled.rows), step.rng("parts")
        n_parts = PARTS if n <= FEW_ROWS else FEWER_PARTS
        parts = parts_of(labelled.rows.target[IMAGES], labelled.groups, n_parts, rng)
        chosen = np.arange(n) if n <= MOST_ROWS else np.sort(rng.choice(n, MOST_ROWS, False))
        if len(np.unique(parts[chosen])) < 2:
            return Regularisation(STRENGTHS[len(STRENGTHS) // 2])
        plain = rows.subset(chosen)  # the first n are the images as they are
        return choose_strength(
            self._layer,
            replace(plain, weight=plain.weight * len(self._views)),
            self._loss,
            parts[chosen],
            scaled=self.setting.kinds[IMAGES].is_prob,
        )

    def _self_train(
        self, pools: Mapping[Pool, FeatureRows], by: Regularisation
    ) -> dict[str, float]:
        """Label the unlabelled rows by the layer as it is and solve for it anew, round by round."""
        labelled, unlabelled, layer = pools[LABELLED], pools[UNLABELLED], self._layer
        kind, n_views = self.setting.kinds[IMAGES], len(self._views)
        known, more = (_stacked(one, self._views) for one in (labelled, unlabelled))
        space = RowSpace.of(known, spanning=[more])
        coordinates = space.coordinates(torch.cat([known, more]))
        target, weight = self._answers(labelled)
        own = torch.full((len(more),), self.options.weight / n_views)
        weights: Weights | None = None
        facts: dict[str, float] = {}
        with torch.no_grad():
            logits = layer(more.float())
            probs = self._of_images(logits)
        sure = confidence_of(probs, kind)
        for number in range(self.options.rounds):
            share = self.options.share * (number + 1) / self.options.rounds
            chosen = chosen_labels(probs, target, is_exclusive=kind.is_exclusive, share=share)
            if kind.is_exclusive and target.ndim > 1:
                fresh = _one_hot(chosen, target.shape[1]).to(target.dtype)
                fresh[chosen < 0] = torch.nan
            else:
                fresh = chosen.reshape(-1, *target.shape[1:]).to(target.dtype)
            rows = LinearRows(
                coordinates,
                torch.cat([target, *[fresh] * n_views]),
                torch.cat([weight, own]).double(),
            )
            # What a round before the last one learns are labels alone: they need no last digit.
            tolerance = FINE if number + 1 == self.options.rounds else COARSE
            weights = fit_layer(
                layer, rows, self._loss, strength=by.strength, start=weights, tolerance=tolerance
            )
            write_layer(layer, weights, space, scale=by.scale)
            facts = self._pseudo_facts(unlabelled, probs, chosen)
            with torch.no_grad():
                logits = layer(more.float())
                probs = self._of_images(logits)
        # What a layer learns from its own labels makes it surer, not righter.
        factor = factor_of(lambda f: confidence_of(self._of_images(f * logits), kind), sure)
        if weights is not None:
            write_layer(layer, weights, space, scale=factor * by.scale)
        return {**facts, "scale": factor * by.scale}

    def _of_images(self, logits: Tensor) -> Tensor:
        """Return the probabilities of images, of their views the mean: they have one label."""
        probs = probabilities(logits, self.setting.kinds[IMAGES])
        return torch.stack(probs.chunk(len(self._views))).mean(dim=0)

    def _pseudo_facts(
        self, unlabelled: FeatureRows, probs: Tensor, chosen: Tensor
    ) -> dict[str, float]:
        """Return how many rows the last round labelled, how surely, and how many rightly."""
        kept = chosen >= 0  # nan is not
        confidence = probs.amax(dim=1) if chosen.ndim == 1 else torch.maximum(probs, 1 - probs)
        found = {
            "pseudo_n": int(kept.reshape(len(kept), -1).any(dim=1).sum()),
            "pseudo_confidence": float(confidence[kept].mean()),
        }
        precision = self.setting.label_precision(unlabelled.index, chosen, kept)
        return found if precision is None else {**found, "pseudo_precision": precision}


def chosen_labels(probs: Tensor, labelled: Tensor, *, is_exclusive: bool, share: float) -> Tensor:
    """Return the labels of the most confident rows of each class, balanced as `labelled` is.

    Args:
        probs: `(N, C)` in [0, 1].
        labelled: targets of labelled rows, classes `(n,)` or `(n, C)`; -1 or nan where missing.
        is_exclusive: whether classes exclude each other; else each column is yes or no by itself.
        share: in (0, 1]: of the rows, at most so many are labelled.

    Returns:
        `(N,)` int64 with -1 for rows that are not chosen; else `(N, C)` float32 with nan.
    """
    if is_exclusive:
        known = labelled if labelled.ndim > 1 else _one_hot(labelled, probs.shape[1])
        shares = known.nan_to_num(0).double().sum(dim=0)
        confidence, answer = probs.max(dim=1)
        return torch.where(_most(confidence, answer, share * shares / shares.sum()), answer, -1)
    answers, kept = (probs >= 0.5).float(), []
    for k, known in enumerate(labelled.reshape(len(labelled), -1).T):
        yes = float(known[known >= 0].double().mean())  # nan is neither
        shares = torch.tensor([1 - yes, yes], dtype=torch.float64)
        confidence = torch.maximum(probs[:, k], 1 - probs[:, k])
        kept.append(_most(confidence, answers[:, k].long(), share * shares))
    return answers.masked_fill(~torch.stack(kept, dim=1), torch.nan)


def confidence_of(probs: Tensor, kind: Kind) -> float:
    """Return the mean probability of what is predicted: how often a layer expects to be right."""
    of_rows = probs.amax(dim=1) if kind.is_exclusive else torch.maximum(probs, 1 - probs)
    return float(of_rows.mean())


def factor_of(confidence: Callable[[float], float], expected: float) -> float:
    """Return the factor of logits, between 1/100 and 100, with the expected mean confidence."""
    low, high = math.log(0.01), math.log(100.0)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if confidence(math.exp(middle)) < expected else (low, middle)
    return math.exp((low + high) / 2)


def _one_hot(classes: Tensor, n_classes: int) -> Tensor:
    """Return classes `(n,)` as rows of 0 and 1; of a missing one, -1, zeros."""
    return nn.functional.one_hot(classes.long() + 1, n_classes + 1)[:, 1:]


def _most(confidence: Tensor, answer: Tensor, shares: Tensor) -> Tensor:
    """Return which rows are the most confident ones of their answer, `shares` of all rows each."""
    kept = torch.zeros(len(answer), dtype=torch.bool)
    for one, share in enumerate(shares.tolist()):
        rows = (answer == one).nonzero()[:, 0]
        order = confidence[rows].argsort(descending=True, stable=True)
        kept[rows[order[: math.ceil(share * len(answer) - 1e-9)]]] = True
    return kept


def _stacked(given: FeatureRows, views: tuple[str, ...]) -> Tensor:
    """Return the features of rows in each view, one view after the other, `(V · N, D)` float64."""
    return torch.from_numpy(np.concatenate([given.features(view) for view in views])).double()


def parts_of(
    target: NDArray[np.generic], groups: NDArray[np.int64], n: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the part of each row, `(N,)` in [0, n): groups stay together, targets are spread.

    Groups are dealt out in turn in the order of their first row's target: of its class, of the
    rarest of its classes, or of its number.

    Args:
        target: `(N,)` classes or numbers, or `(N, C)` of answers by class or of probabilities.
        groups: `(N,)`.
        n: number of parts, fewer where there are fewer groups.
        rng: breaks ties.
    """
    key = np.asarray(target, dtype=np.float64)
    if key.ndim == 2:
        is_there = np.nan_to_num(key) > 0.5
        rarity = np.where(is_there, is_there.sum(axis=0), len(key) + 1)
        key = np.where(is_there.any(axis=1), rarity.argmin(axis=1), -1.0)
    key = np.nan_to_num(key, nan=-1.0)
    first = np.unique(groups, return_index=True)[1]
    of_row = np.unique(groups, return_inverse=True)[1]
    order = np.lexsort((rng.permutation(len(first)), key[first]))
    part = np.empty(len(first), dtype=np.int64)
    part[order] = np.arange(len(first)) % n
    return part[of_row]


def _refuse_turns(setting: PhaseSetting, views: tuple[str, ...]) -> None:
    turned = [name for name in views if TtaView.of(name).turn != TURNS[IDENTITY]]
    moved = [name for name in views if isinstance(TtaView.of(name).step, Shift | Crop)]
    kind = setting.kinds.get(IMAGES)  # without one, no label is learnt, which is refused elsewhere
    if turned and kind is not None and kind.turns_with_image:
        raise RecipeError(
            f"the view {turned[0]} changes the answer of {kind.named} task",
            where="method.views",
            fix="take scales, shifts or crops",
        )
    if moved and kind is not None and kind.moves_with_image:
        raise RecipeError(
            f"the view {moved[0]} moves the positions that the numbers are",
            where="method.views",
            fix="take scales",
        )


METHOD = LinearProbe
