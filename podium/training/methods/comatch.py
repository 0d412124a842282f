"""CoMatch: pseudo-labels and embeddings shape each other (Li et al. 2021, 2011.11183).

    e = n(g(f(x))), n(v) = v / |v|                     g: two layers, of the pooled features of f
    p = Norm( softmax(h(f(weak))) / mean of the last L batches' means, this one among them )
    q = α p + (1 − α) Σ_k softmax_k(e_weak · e_k / t) p_k       over the bank, from when it is full
    L_cls = 1/U Σ_i 1[max_c q_ic ≥ τ] · H(q_i, softmax(h(f(strong_i))))        q is soft (eq. 6)
    W_ij  = q_i · q_j, 1 on the diagonal, 0 below T, rows divided by their sums        (eq. 8)
    L_ctr = −1/U Σ_i Σ_j W_ij log softmax_j(e_strong,i · e_strong2,j / t)              (eq. 9)
    L     = objective(labelled) + λ · L_cls + λ_ctr · L_ctr

The bank holds the last K weak samples with their p, not q, and labelled ones with their truth. It
is written after it was read. Rows not written yet would be noise: until it is full, q = p.

With `queue: Q` (§3.4) a slow copy of f, g and h gets labelled, weak and second strong images; e, p
and q are its own, without gradient. W and the softmax then have columns for the last Q samples of
earlier batches, too, as far as there were any: e_strong2 and q as they were. The copy trains as
BYOL's target does, with its own batch statistics, and follows the network with `decay`, more
closely in the first steps: min(decay, (1 + k) / (10 + k)), for the paper's 0.99 in its first epoch.

A binary task has two classes here. Masks are learnt from labelled samples alone.

The bank, the queue and the means of batches are `MemoryBank`: first in, first out. They lie in
buffers, the position too: checkpoints hold them, and a step never waits for the device.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.features import Features
from podium.models.network import Network
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, has_images
from podium.training.data.mixing import soft_targets
from podium.training.fit.averaging import update_average, warmup_decay
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Batch,
    Method,
    PhaseSetting,
    PoolSizes,
    Step,
    Stream,
    ViewSpec,
)
from podium.training.self_supervised import n_pooled, parameter_groups, pooled
from podium.training.semi_supervised import (
    STRONG,
    WEAK,
    Threshold,
    UnlabelledWeight,
    ViewOptions,
)

__all__ = [
    "METHOD",
    "MemoryBank",
    "align_to_batches",
    "confident_loss",
    "embedding_graph_loss",
    "pseudo_label_graph",
    "smooth_by_bank",
]


STRONG2 = "strong2"


class CoMatchOptions(ViewOptions):
    """The options of `method: {name: comatch}`; those that are left out are CIFAR-10's."""

    threshold: Threshold = 0.95
    weight: UnlabelledWeight = 1.0
    graph_weight: Annotated[float, Field(ge=0)] = 1.0
    """of the contrastive loss (λ_ctr)"""
    graph_threshold: Annotated[float, Field(ge=0, le=1)] = 0.8
    """how alike the pseudo-labels of two samples are that belong together (T)"""
    smoothing: Annotated[float, Field(ge=0, le=1)] = 0.9
    """share of the network's own prediction in a pseudo-label; the rest is the bank's (α)"""
    temperature: Annotated[float, Field(gt=0)] = 0.2
    """of similarities (t)"""
    bank: Annotated[int, Field(ge=1)] = 2560
    """samples that smooth pseudo-labels (K); the paper's are five batches"""
    queue: Annotated[int, Field(ge=0)] = 0
    """samples of earlier batches in the graph, from a slow copy of the network; 0: no copy, and the
    graph is the batch's own"""
    decay: Annotated[float, Field(ge=0, le=1)] = 0.996
    """of the slow copy, where there is a queue"""
    align_batches: Annotated[int, Field(ge=0)] = 32
    """batches over which the distribution of pseudo-labels is made even (L); 0: it is left"""
    size: Annotated[int, Field(ge=1)] = 64
    """features of an embedding"""
    strong2: str | None = None
    """policy of the second strong view; as the first where it is left out"""


class _Modules(nn.Module):
    """Modules of CoMatch beside the network that learns."""

    def __init__(
        self, network: Network, n_features: int, n_classes: int, options: CoMatchOptions
    ) -> None:
        super().__init__()
        self.projector = nn.Sequential(
            nn.Linear(n_features, n_features),
            nn.ReLU(inplace=True),
            nn.Linear(n_features, options.size),
        )
        row = {"embeddings": options.size, "answers": n_classes}
        self.bank = MemoryBank(options.bank, **row)
        n_means = options.align_batches
        self.means = MemoryBank(n_means, answers=n_classes) if n_means else None
        self.queue = MemoryBank(options.queue, **row) if options.queue else None
        self.slow = _MomentumNetwork(network, self.projector) if options.queue else None


class _MomentumNetwork(nn.Module):
    """The copy that follows; it takes no gradient."""

    def __init__(self, network: Network, projector: nn.Module) -> None:
        super().__init__()
        self.network = network.with_heads([IMAGES]).requires_grad_(False)
        self.projector = copy.deepcopy(projector).requires_grad_(False)
        # The network may come from an evaluation, and the copy's batch norm must not stay there.
        self.train()

    def follow(self, network: Network, projector: nn.Module, *, decay: float) -> None:
        # A copy in training mode keeps the statistics of its own batches.
        update_average(self.network.backbone, network.backbone, decay=decay, buffers="own")
        mine, its = self.network.heads[IMAGES], network.heads[IMAGES]
        update_average(mine, its, decay=decay, buffers="own")
        update_average(self.projector, projector, decay=decay, buffers="own")


@dataclass(frozen=True)
class _Outputs:
    """Outputs for some images: logits `(N, C)`, embeddings `(N, D)` of length 1; float32."""

    logits: Tensor
    embeddings: Tensor

    def split(self, sizes: list[int]) -> list[_Outputs]:
        both = torch.split(self.logits, sizes), torch.split(self.embeddings, sizes)
        return [_Outputs(*part) for part in zip(*both, strict=True)]


@dataclass(frozen=True)
class _StepOutputs:
    """Outputs of a step; without gradient in `labelled`, `weak`, and a slow copy's `strong2`.

    Attributes:
        labelled_logits: logits by task of the labelled images, for the objective.
        labelled: of the labelled images, for the bank.
        weak, strong, strong2: of the views of the unlabelled ones.
    """

    labelled_logits: dict[str, Tensor]
    labelled: _Outputs
    weak: _Outputs
    strong: _Outputs
    strong2: _Outputs


class CoMatch(Method):
    """Learns from labels, from smoothed pseudo-labels, and which samples are alike by them."""

    Options = CoMatchOptions
    needs = (UNLABELLED, LABELLED)
    options: CoMatchOptions
    network: Network

    def __init__(self, options: CoMatchOptions, setting: PhaseSetting) -> None:
        super().__init__(options, setting)
        self._kind = _kind_of_labels(setting)
        strong2 = options.strong if options.strong2 is None else options.strong2
        policies = {WEAK: options.weak, STRONG: options.strong, STRONG2: strong2}
        views = tuple(ViewSpec(*one) for one in policies.items())
        self._streams = setting.labelled, setting.unlabelled(options.ratio, views)

    def build(self, network: Any, sizes: PoolSizes) -> nn.Module:
        super().build(network, sizes)
        n_classes = 2 if self._kind.is_yes_no else self.setting.outputs[IMAGES]
        n_features = n_pooled(network, self.setting.size)
        self._own = _Modules(network, n_features, n_classes, self.options)
        return self._own

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        return parameter_groups(self._own.projector)

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return self._streams

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, options = batches[LABELLED], self.options
        images, targets = self.setting.mixed(labelled, step)
        outputs = self._forward(images, batches[UNLABELLED])
        losses = self.setting.objective(outputs.labelled_logits, targets, labelled.weight)
        # Under autocast products of matrices are in half precision, whatever goes in.
        with torch.autocast(images.device.type, enabled=False):
            answers = self._pseudo_labels(outputs, targets[IMAGES])
            each, kept = confident_loss(outputs.strong.logits, answers, threshold=options.threshold)
            contrast, links = self._contrast(outputs, answers)
        supervised = losses["total"]
        total = supervised + options.weight * each + options.graph_weight * contrast
        found = {"labelled": supervised, "unlabelled": each, "graph": contrast}
        sure, classes = answers.max(dim=1)
        found |= self.setting.precision_sums(
            batches[UNLABELLED], classes, sure >= options.threshold
        )
        return {**losses, **found, "kept": kept, "links": links, "total": total}

    def after_step(self, step: Step) -> None:
        if self._own.slow is not None:
            decay = warmup_decay(self.options.decay, step.index)
            self._own.slow.follow(self.network, self._own.projector, decay=decay)

    def _forward(self, images: Tensor, unlabelled: Batch) -> _StepOutputs:
        """Show all images in one forward, or in one of each network."""
        own, n = self._own, len(images)
        weak, strong, strong2 = (unlabelled.views[name] for name in (WEAK, STRONG, STRONG2))
        shown = [images, strong] if own.slow is not None else [images, weak, strong, strong2]
        features = self.network.features(torch.cat(shown))
        logits = self.network.decode(features, [IMAGES])[IMAGES]
        others = set(self.setting.objective.tasks) - {IMAGES}
        masks = self.network.decode(features.map(lambda one: one[:n]), others)
        labelled_logits = {IMAGES: logits[:n], **masks}
        outputs = self._outputs(logits, features, own.projector).split([len(one) for one in shown])
        if own.slow is None:
            return _StepOutputs(labelled_logits, *outputs)
        with torch.no_grad():
            shown = [images, weak, strong2]
            features = own.slow.network.features(torch.cat(shown))
            logits = own.slow.network.decode(features)[IMAGES]
            slow = self._outputs(logits, features, own.slow.projector)
            known, by_weak, by_strong2 = slow.split([len(one) for one in shown])
        return _StepOutputs(labelled_logits, known, by_weak, outputs[1], by_strong2)

    def _outputs(self, logits: Tensor, features: Features, projector: nn.Module) -> _Outputs:
        embeddings = F.normalize(projector(pooled(features)).float(), dim=1)
        return _Outputs(_of_classes(logits.float(), self._kind), embeddings)

    @torch.no_grad()
    def _pseudo_labels(self, outputs: _StepOutputs, target: Tensor) -> Tensor:
        """Return the pseudo-labels `(U, C)`, and keep what later ones are made of."""
        own, options = self._own, self.options
        probs, labelled = outputs.weak.logits.softmax(dim=1), outputs.labelled.logits.softmax(dim=1)
        if own.means is not None:
            own.means.write(answers=probs.mean(dim=0, keepdim=True))
            # Over rows of 0, too, which are a factor of all classes.
            usual = own.means["answers"].mean(dim=0)
            probs, labelled = align_to_batches(probs, usual), align_to_batches(labelled, usual)
        bank, embeddings = own.bank, outputs.weak.embeddings
        answers = smooth_by_bank(
            probs,
            embeddings,
            (bank["embeddings"], bank["answers"]),
            share=options.smoothing,
            temperature=options.temperature,
        )
        answers = answers.where(bank.is_full, probs)
        truth = self._truth(target)
        # A labelled sample may have a mask and no label: then the bank takes its prediction.
        labelled = truth.where(truth.isfinite(), labelled)
        bank.write(
            embeddings=torch.cat([embeddings, outputs.labelled.embeddings]),
            answers=torch.cat([probs, labelled]),
        )
        return answers

    def _truth(self, target: Tensor) -> Tensor:
        """Return the labels as probabilities `(B, C)`, nan where there is none."""
        n_outputs = self.setting.outputs[IMAGES]
        truth = soft_targets(target, kind=self._kind, n_outputs=n_outputs)
        return truth if self._kind.is_exclusive else torch.cat([1 - truth, truth], dim=1)

    def _contrast(self, outputs: _StepOutputs, answers: Tensor) -> tuple[Tensor, Tensor]:
        """Return the contrastive loss, and to how many others a sample is linked on average."""
        queue, options = self._own.queue, self.options
        embeddings, shown = outputs.strong2.embeddings, None
        if queue is None:
            target = pseudo_label_graph(answers, answers, threshold=options.graph_threshold)
        else:
            columns = torch.cat([answers, queue["answers"]])
            target = pseudo_label_graph(answers, columns, threshold=options.graph_threshold)
            shown = torch.cat([queue.filled.new_ones(len(answers)), queue.filled])
            embeddings = torch.cat([embeddings, queue["embeddings"]])
            queue.write(embeddings=outputs.strong2.embeddings, answers=answers)
        loss = embedding_graph_loss(
            outputs.strong.embeddings,
            embeddings,
            target,
            temperature=options.temperature,
            shown=shown,
        )
        return loss, (target > 0).sum(dim=1).float().mean() - 1


def align_to_batches(probs: Tensor, usual: Tensor) -> Tensor:
    """Return `probs` `(N, C)` over the usual ones `(C,)`, whatever they sum to, in rows of 1."""
    # A class that underflowed in every batch stays at 0.
    scaled = probs / usual.clamp(min=torch.finfo(usual.dtype).tiny)
    return scaled / scaled.sum(dim=1, keepdim=True)


def smooth_by_bank(
    probs: Tensor,
    embeddings: Tensor,
    bank: tuple[Tensor, Tensor],
    *,
    share: float,
    temperature: float,
) -> Tensor:
    """Return `share` of `probs` and the rest of the near entries of a bank, `(N, C)`.

    Args:
        probs: `(N, C)`.
        embeddings: `(N, D)` of length 1.
        bank: embeddings `(K, D)` and probabilities `(K, C)`.
        share: in [0, 1].
        temperature: of the similarity of embeddings.
    """
    nearness = (embeddings @ bank[0].T / temperature).softmax(dim=1)  # (N, K)
    return share * probs + (1 - share) * nearness @ bank[1]


def confident_loss(logits: Tensor, answers: Tensor, *, threshold: float) -> tuple[Tensor, Tensor]:
    """Return the cross-entropy of `logits` to soft `answers`, and the share of those that count.

    Divided by all, not by those that count: little weight while few are confident.

    Args:
        logits, answers: `(N, C)`; `answers` are soft pseudo-labels.
        threshold: a pseudo-label counts where its largest probability is that at least.
    """
    kept = answers.amax(dim=1) >= threshold
    each = -(answers * logits.log_softmax(dim=1)).sum(dim=1)
    return (each * kept).mean(), kept.float().mean()


def _of_classes(logits: Tensor, kind: Kind) -> Tensor:
    """Return a binary task's `(N, 1)` as `(N, 2)`, whose softmax is (1 − σ, σ)."""
    if kind.is_exclusive:
        return logits
    return torch.cat([torch.zeros_like(logits), logits], dim=1)


def _kind_of_labels(setting: PhaseSetting) -> Kind:
    """Return the kind of the labels that are learnt, one class each."""
    if not has_images(setting.objective.tasks):
        raise RecipeError(
            "comatch compares images by their labels, and this phase learns none",
            where="method.name",
            fix="write loss: {classify: {ce: 1}, …}, or method: {name: fixmatch}",
        )
    kind = setting.kinds[IMAGES]
    if not kind.is_one_class:
        instead = "fixmatch" if kind.is_prob else "supervised"
        raise RecipeError(
            f"comatch needs labels of one class each, and classify is {kind}",
            where="method.name",
            fix=f"write method: {{name: {instead}}}",
        )
    return kind


METHOD = CoMatch


class MemoryBank(nn.Module):
    """First in, first out: `size` rows, of which each has a vector by every name of `widths`.

    Args:
        size: rows that it holds.
        widths: names, and how many float32 numbers each has in a row.
    """

    written: Tensor

    def __init__(self, size: int, **widths: int) -> None:
        super().__init__()
        self.size = size
        for name, width in widths.items():
            self.register_buffer(name, torch.zeros(size, width))
        self.register_buffer("written", torch.zeros((), dtype=torch.int64))

    def __getitem__(self, name: str) -> Tensor:
        """Return the rows `(size, width)` of `name` in no order, 0 where none was written yet.

        It is the buffer itself: what takes a gradient needs a copy, for the next write changes it.
        """
        return self.get_buffer(name)

    @property
    def filled(self) -> Tensor:
        """Rows that were written, `(size,)` bool."""
        return torch.arange(self.size, device=self.written.device) < self.written

    @property
    def is_full(self) -> Tensor:
        """Whether every row was written, a bool on the device."""
        return self.written >= self.size

    @torch.no_grad()
    def write(self, **rows: Tensor) -> None:
        """Put `n` rows `(n, width)` of every name where the oldest are; more than fit: the last."""
        n = len(next(iter(rows.values())))
        # Of two rows in one place it is undefined which one stays: the first are not written.
        skipped = max(0, n - self.size)
        numbers = torch.arange(skipped, n, device=self.written.device)
        places = (self.written + numbers) % self.size
        for name, values in rows.items():
            self[name].index_copy_(0, places, values[skipped:].to(self[name].dtype))
        self.written += n


def pseudo_label_graph(answers: Tensor, columns: Tensor, *, threshold: float) -> Tensor:
    """Return the graph of equal pseudo-labels, `(N, M)`, in rows that sum to 1.

    Args:
        answers: `(N, C)`, soft pseudo-labels.
        columns: `(M, C)`; the first N are `answers`, and each is linked to itself.
        threshold: products below are 0.
    """
    alike = (answers @ columns.T).fill_diagonal_(1)
    kept = alike * (alike >= threshold)
    return kept / kept.sum(dim=1, keepdim=True)


def embedding_graph_loss(
    rows: Tensor,
    columns: Tensor,
    target: Tensor,
    *,
    temperature: float,
    shown: Tensor | None = None,
) -> Tensor:
    """Return the cross-entropy of the graph of embeddings to a target graph.

    Args:
        rows: `(N, D)` of length 1.
        columns: `(M, D)` of length 1.
        target: `(N, M)`, without gradient; 0 where a column is not shown.
        temperature: of the similarity of embeddings.
        shown: `(M,)` bool: which columns there are; None: all.
    """
    near = rows @ columns.T / temperature
    if shown is None:
        return -(target * near.log_softmax(dim=1)).sum(dim=1).mean()
    logs = near.masked_fill(~shown, -torch.inf).log_softmax(dim=1).masked_fill(~shown, 0)
    return -(target * logs).sum(dim=1).mean()
