"""CoMatch (Li et al. 2021, arXiv:2011.11183), as far as the protocol of methods has to carry it.

    p = Norm(softmax(h(f(u_w))) / mean of the last L batches' means)        alignment
    q = α p + (1 − α) Σ_k softmax_k(e_w · e_k / t) p_k                      memory smoothing
    L_cls = mean 1[max q ≥ τ] H(q, p(u_s))
    W = q qᵀ, 1 on the diagonal, 0 below T, rows normalised                 pseudo-label graph
    L_ctr = mean_b −Σ_j W_bj log softmax_j(e_s,b · e_s′,j / t)
    L = L_x + λ_cls L_cls + λ_ctr L_ctr

The bank holds p before it is smoothed, and the truth of labelled samples; the oldest go first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from podium.errors import RecipeError
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Batch,
    Method,
    Options,
    Setting,
    Sizes,
    Step,
    Stream,
    ViewSpec,
)

__all__ = ["METHOD", "Memory", "aligned", "graph", "graph_loss", "smoothed"]


def aligned(probs: Tensor, running_mean: Tensor) -> Tensor:
    """Return `probs` `(N, C)` over what is usual, `(C,)`, as probabilities again."""
    scaled = probs / running_mean
    return scaled / scaled.sum(dim=1, keepdim=True)


def smoothed(
    probs: Tensor,
    embeddings: Tensor,
    bank: tuple[Tensor, Tensor],
    *,
    share: float,
    temperature: float,
) -> Tensor:
    """Return `probs` `(N, C)` mixed with those of the near ones in `bank` (`(K, D)`, `(K, C)`)."""
    nearness = (embeddings @ bank[0].T / temperature).softmax(dim=1)  # (N, K)
    return share * probs + (1 - share) * nearness @ bank[1]


def graph(probs: Tensor, *, threshold: float) -> Tensor:
    """Return which samples belong together, `(N, N)`, rows that sum to 1."""
    alike = (probs @ probs.T).fill_diagonal_(1)
    kept = alike * (alike >= threshold)
    return kept / kept.sum(dim=1, keepdim=True)


def graph_loss(one: Tensor, other: Tensor, wanted: Tensor, *, temperature: float) -> Tensor:
    """Return the cross-entropy of the embeddings' graph (`(N, D)` each) to `wanted` `(N, N)`."""
    return -(wanted * (one @ other.T / temperature).log_softmax(dim=1)).sum(dim=1).mean()


class Memory(nn.Module):
    """The last `size` embeddings and probabilities: first in, first out."""

    def __init__(self, size: int, width: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("embeddings", torch.zeros(size, width))
        self.register_buffer("probs", torch.zeros(size, classes))

    def write(self, embeddings: Tensor, probs: Tensor, *, written: int) -> None:
        """Put the rows where the oldest are; `written` rows came before."""
        size = len(self.embeddings)
        n = len(embeddings)
        first = max(0, n - size)  # of one row only the last to be written may have a place
        place = torch.arange(written + first, written + n, device=embeddings.device) % size
        self.embeddings.index_copy_(0, place, embeddings[first:])
        self.probs.index_copy_(0, place, probs[first:])


class CoMatchOptions(Options):
    """CIFAR-10's figures, but for the sizes."""

    ratio: int = 2
    width: int = 16
    bank: int = 40
    alignment: int = 32
    share: float = 0.9
    temperature: float = 0.2
    threshold: float = 0.95
    graph_threshold: float = 0.8
    class_weight: float = 1.0
    graph_weight: float = 1.0


class CoMatch(Method):
    """Labels and embeddings of unlabelled samples teach each other."""

    Options = CoMatchOptions
    needs = (LABELLED, UNLABELLED)

    def __init__(self, options: Any, setting: Setting) -> None:
        super().__init__(options, setting)
        if setting.kinds.get("classify") != "multiclass":
            raise RecipeError("comatch needs labels of one class each")
        self._written = 0
        self._means: list[Tensor] = []  # of the last batches, oldest first

    def build(self, network: nn.Module, sizes: Sizes) -> nn.Module:
        self.network, self.sizes = network, sizes
        width, classes = self.options.width, self.setting.outputs["classify"]
        n_features = _n_features(network, self.setting.size)
        self.projector = nn.Sequential(
            nn.Linear(n_features, n_features), nn.ReLU(), nn.Linear(n_features, width)
        )
        self.memory = Memory(self.options.bank, width, classes)
        return nn.ModuleDict({"projector": self.projector, "memory": self.memory})

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        return [{"params": self.projector.parameters()}]

    def streams(self, step: Step) -> tuple[Stream, ...]:
        views = (
            ViewSpec("weak", "weak"),
            ViewSpec("strong", "strong"),
            ViewSpec("strong2", "strong"),
        )
        return (self.setting.labelled, self.setting.unlabelled(self.options.ratio, views))

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, unlabelled = batches[LABELLED], batches[UNLABELLED]
        n, m = len(labelled.index), len(unlabelled.index)
        images = torch.cat([labelled.images, *unlabelled.views.values()])
        features = self.network.features(images)
        logits = self.network.decode(features, ["classify"])["classify"].float()
        pooled = features.deepest.mean(dim=(2, 3))
        embeddings = F.normalize(self.projector(pooled).float(), dim=1)
        ours, weak, strong, _ = logits.split([n, m, m, m])
        e_ours, e_weak, e_strong, e_strong2 = embeddings.split([n, m, m, m])

        with torch.no_grad():
            probs = aligned(weak.softmax(dim=1), self._usual(weak.softmax(dim=1)))
            wanted = self._smoothed(probs, e_weak)
            truth = F.one_hot(labelled.targets["classify"], logits.shape[1]).float()
            self._remember(torch.cat([e_weak, e_ours]), torch.cat([probs, truth]))
        kept = wanted.max(dim=1).values >= self.options.threshold
        each = -(wanted * strong.log_softmax(dim=1)).sum(dim=1)
        loss_cls = self.options.class_weight * (each * kept).mean()
        links = graph(wanted, threshold=self.options.graph_threshold)
        loss_ctr = self.options.graph_weight * graph_loss(
            e_strong, e_strong2, links, temperature=self.options.temperature
        )
        losses = self.setting.objective({"classify": ours}, labelled.targets, labelled.weight)
        total = losses["total"] + loss_cls + loss_ctr
        parts = {"pseudo": loss_cls, "graph": loss_ctr, "kept": kept.float().mean()}
        return {**losses, **parts, "total": total}

    def state_dict(self) -> dict[str, Any]:
        return {"written": self._written, "means": list(self._means)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._written, self._means = int(state["written"]), list(state["means"])

    def _usual(self, probs: Tensor) -> Tensor:
        """Return the mean of the last batches' means; this one is among them."""
        self._means = [*self._means, probs.mean(dim=0)][-self.options.alignment :]
        return torch.stack(self._means).mean(dim=0)

    def _smoothed(self, probs: Tensor, embeddings: Tensor) -> Tensor:
        if self._written < self.options.bank:
            return probs  # rows that were never written would be noise
        return smoothed(
            probs,
            embeddings,
            (self.memory.embeddings, self.memory.probs),
            share=self.options.share,
            temperature=self.options.temperature,
        )

    def _remember(self, embeddings: Tensor, probs: Tensor) -> None:
        self.memory.write(embeddings, probs, written=self._written)
        self._written += len(embeddings)


def _n_features(network: nn.Module, size: tuple[int, int]) -> int:
    """Return the channels of the deepest map, seen on an empty image."""
    weight = next(network.parameters())
    was_training = network.training
    network.eval()  # batch norm shall not learn from emptiness
    with torch.no_grad():
        features = network.features(weight.new_zeros(1, 3, *size))
    network.train(was_training)
    return int(features.deepest.shape[1])


METHOD = CoMatch
