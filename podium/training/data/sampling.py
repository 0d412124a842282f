"""Sampling: named random numbers, the order of a pass, and the streams and batches of a method.

    derive("augment", seed, phase, epoch, stream, index) -> the same 64 bits on every machine

What happens to a sample depends on the names of the draw, never on what ran before; no generator is
handed on. `pass_order` returns the order in which a pass over a stream takes its samples, a pure
function of its arguments: shuffled, balanced over classes, or weighted. A method requests samples
with `Stream` and `ViewSpec` and gets a `Batch` on the device.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.errors import RecipeError, plural

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "LABELLED",
    "PSEUDO",
    "UNLABELLED",
    "Batch",
    "Pool",
    "Sampling",
    "Stream",
    "ViewSpec",
    "derive_seed",
    "generator",
    "named_digest",
    "pass_order",
]


def derive_seed(*names: str | int) -> int:
    """Return 64 bits that depend on `names`, their order and their types, and on nothing else.

    Args:
        names: texts and integers of any size; `1` and `"1"` are different names.

    Example:
        >>> derive_seed("order", 0, 3) == derive_seed("order", 0, 3)
        True
        >>> derive_seed("order", 0, 3) == derive_seed("order", 3, 0)
        False
    """
    return int.from_bytes(named_digest(*names).digest(), "little")


def named_digest(*names: str | int, begun: hashlib.blake2b | None = None) -> hashlib.blake2b:
    """Return the digest of names after those of `begun`, which stays as it is.

    Many draws begin with the same names: `derive_seed(*a, *b)` is the digest of
    `named_digest(*b, begun=named_digest(*a))`.
    """
    digest = hashlib.blake2b(digest_size=8) if begun is None else begun.copy()
    # The length comes before each name, so that ("ab", "c") and ("a", "bc") differ.
    words = [
        f"s{len(name)}:{name}" if isinstance(name, str) else f"i{len(str(int(name)))}:{int(name)}"
        for name in names
    ]
    digest.update("".join(words).encode("utf-8", "surrogatepass"))
    return digest


def generator(*names: str | int) -> np.random.Generator:
    """Return a fresh generator seeded by `derive(*names)`."""
    return np.random.Generator(np.random.PCG64(derive_seed(*names)))


Sampling = Literal["shuffle", "balanced", "weighted"]


def pass_order(
    n: int,
    *,
    seed: int,
    phase: int,
    stream: str,
    pass_: int,
    round: int = 0,
    sampling: Sampling = "shuffle",
    labels: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    empty: ArrayLike | None = None,
    empty_share: float | None = None,
) -> NDArray[np.int64]:
    """Return the `n` positions that pass number `pass_` visits, `(n,)` in [0, n).

    Args:
        n: size of the stream.
        seed: the recipe's.
        phase: index of the phase.
        stream: name of the stream.
        pass_: number of the pass; it changes the order as the three above do.
        round: number of times that the stream has begun anew with other samples; changes the order.
        sampling: "shuffle" visits every sample once; "balanced" visits every class equally often
            (to within one), within a class every sample before any sample twice; "weighted" draws
            with replacement, in proportion to `weights`.
        labels: `(n,)` classes, or `(n, C)` zeros and ones, for "balanced". A multilabel row counts
            for the rarest of its classes; a row without any is a class of its own.
        weights: `(n,)` non-negative, for "weighted".
        empty: `(n,)` bool, for `empty_share`: True where the mask is known and empty.
        empty_share: share of the positions that are empty ones, to the nearest whole number; both
            parts are sampled by `sampling`. None: as many as come.

    Raises:
        RecipeError: labels or weights for the sampling are missing or impossible.

    Example:
        >>> sorted(pass_order(4, seed=0, phase=0, stream="labelled", pass_=0).tolist())
        [0, 1, 2, 3]
    """
    # A stream that never begins anew has the order of the times when none could.
    rng = generator("order", seed, phase, stream, pass_, *([round] if round else []))
    draw = _Draw(sampling, labels, weights, n)
    if empty_share is None or n == 0:
        return draw(np.arange(n), n, rng)
    parts = draw.split(empty, empty_share)
    return rng.permutation(np.concatenate([draw(rows, quota, rng) for rows, quota in parts]))


class _Draw:
    """Draws of the rows of a stream by `sampling`."""

    def __init__(
        self, sampling: Sampling, labels: ArrayLike | None, weights: ArrayLike | None, n: int
    ) -> None:
        self._n = n
        self._classes = _classes_of(labels, n) if sampling == "balanced" and n else None
        self._weights = _checked_weights(weights, n) if sampling == "weighted" and n else None

    def __call__(
        self, rows: NDArray[np.int64], size: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return `size` of `rows`."""
        if self._classes is not None:
            return rows[_balanced(self._classes[rows], size, rng)]
        if self._weights is not None:
            return rng.choice(rows, size=size, p=_shares(self._weights[rows]))
        return _cycle(rows, size, rng)

    def split(self, empty: ArrayLike | None, share: float) -> list[tuple[NDArray[np.int64], int]]:
        """Return the rows of empty masks and all others, each with how many to draw."""
        is_empty = np.zeros(self._n, dtype=bool) if empty is None else np.asarray(empty, dtype=bool)
        n_empty = round(share * self._n)
        parts = [
            (np.flatnonzero(is_empty), n_empty, "empty"),
            (np.flatnonzero(~is_empty), self._n - n_empty, "anything but empty"),
        ]
        for rows, quota, what in parts:
            if quota and not len(rows):
                raise RecipeError(
                    f"empty_share: {share:g} cannot be had: no mask is {what}",
                    fix="leave empty_share out",
                )
        return [(rows, quota) for rows, quota, _ in parts if quota]


def _classes_of(labels: ArrayLike | None, n: int) -> NDArray[np.int64]:
    if labels is None:
        raise RecipeError(
            "sampling: balanced needs classes, and this task has none",
            fix="write sampling: shuffle",
        )
    given = np.asarray(labels)
    if len(given) != n:
        raise ValueError(f"expected {plural(n, 'label')}, got {len(given)}")
    if given.ndim == 1:
        return np.unique(given, return_inverse=True)[1].astype(np.int64)
    present = given == 1
    counts = present.sum(axis=0)
    by_rarity = np.where(present, counts, n + 1)  # (n, C)
    return np.where(present.any(axis=1), by_rarity.argmin(axis=1), -1).astype(np.int64)


def _balanced(classes: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `size` positions in `classes`, every class as often to within one."""
    found = np.unique(classes)
    quotas = np.full(len(found), size // len(found))
    quotas[rng.permutation(len(found))[: size % len(found)]] += 1
    drawn = [
        _cycle(np.flatnonzero(classes == one), quota, rng)
        for one, quota in zip(found, quotas, strict=True)
    ]
    return rng.permutation(np.concatenate(drawn)).astype(np.int64)


def _cycle(members: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `size` members: whole shuffled rounds first, so that none comes twice too early."""
    rounds = -(-size // max(1, len(members)))
    return np.concatenate([rng.permutation(members) for _ in range(rounds)] or [members[:0]])[:size]


def _checked_weights(weights: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if weights is None:
        raise RecipeError("sampling: weighted needs sample weights, and there are none")
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (n,):
        raise ValueError(f"expected weights of shape ({n},), got {given.shape}")
    return given


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise RecipeError(
            "sample weights must be finite, not negative, and not all zero",
            fix="mend the weight column of the samples, or write sampling: shuffle",
        )
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


Pool = Literal["labelled", "unlabelled", "pseudo"]
LABELLED: Pool = "labelled"
UNLABELLED: Pool = "unlabelled"
PSEUDO: Pool = "pseudo"


@dataclass(frozen=True)
class ViewSpec:
    """A view of a stream: its name, policy and size.

    Attributes:
        name: the key of its images in a batch.
        policy: augmentation policy by name; "train" is the recipe's own.
        size: (height, width) of the view; None: the recipe's.
        of: name of an earlier view of the same stream on top of which this one is drawn, so that
            predictions for that one can follow to this one; None: it is drawn of the image itself.
    """

    name: str
    policy: str = "train"
    size: tuple[int, int] | None = None
    of: str | None = None


@dataclass(frozen=True)
class Stream:
    """An endless, independently shuffled stream of samples.

    Attributes:
        name: names the batch, and the order in which samples come.
        batch_size: samples a micro-batch; less when there are not as many.
        pools: where the samples are from; several are one after the other in `Batch.index`.
        views: each is drawn independently, but for one `of` another.
        sampling: how a pass chooses its samples.
        empty_share: share of a pass whose masks are empty; None: as they come.
        masks: whether the batch has the masks of its samples, where there are any, and the pixels
            of each view that show the image. Of images cut into windows, all views of a sample
            show the same one.
        number: which batch of the stream this is, from 0; None: the stream gives one every
            micro-batch. For a stream that rests in some steps.
    """

    name: str
    batch_size: int
    pools: tuple[Pool, ...] = (LABELLED,)
    views: tuple[ViewSpec, ...] = (ViewSpec("train"),)
    sampling: Sampling = "shuffle"
    empty_share: float | None = None
    masks: bool = False
    number: int | None = None


class Batch:
    """Samples of one stream on the training device.

    Not a dataclass or a mapping on purpose: Fabric would cast the tensors inside one to the
    half-precision type, and a regression target of 1234.5 does not survive bfloat16.

    Attributes:
        views: name → images `(N, C, h, w)`, float32, normalised.
        targets: task → class indices `(N,)` int64, or `(N, C)` float32; of "segment", where the
            stream has masks, the mask of the first view: `(N, H, W)` int64 with 0 for background
            (multiclass), or `(N, C, H, W)` float32. -1 or nan where missing, which all of an
            unlabelled sample's targets are.
        weight: `(N,)`, float32.
        index: `(N,)`, int64: rows of the stream's pools.
        masks: view → mask of that view, as in `targets`; empty for a stream without masks.
        shown: view → `(N, h, w)` bool: whether the pixel shows the image, not a border that was
            filled or a hole that was cut; empty for a stream without masks.
        places: view → `(N, h, w)` int64, for views `of` another in a stream with masks: of which
            pixel of that view (row · width + column) it is; -1 where it is of none.
    """

    __slots__ = ("index", "masks", "places", "shown", "targets", "views", "weight")

    def __init__(
        self,
        views: dict[str, Tensor],
        targets: dict[str, Tensor],
        weight: Tensor,
        index: Tensor,
        masks: dict[str, Tensor] | None = None,
        shown: dict[str, Tensor] | None = None,
        places: dict[str, Tensor] | None = None,
    ) -> None:
        self.views, self.targets, self.weight, self.index = views, targets, weight, index
        self.masks, self.shown, self.places = masks or {}, shown or {}, places or {}

    @property
    def images(self) -> Tensor:
        """The first view."""
        return next(iter(self.views.values()))

    def follow(self, pixels: Tensor, view: str, *, missing: float) -> Tensor:
        """Return `pixels` of the view that `view` is drawn on as they lie in `view`.

        Args:
            pixels: `(N, …, H, W)` of the earlier view: a pseudo-mask, confidences.
            view: name of a view `of` another.
            missing: what stands where `view` shows nothing of it.

        Returns:
            `(N, …, h, w)`, of the same dtype.
        """
        places = self.places[view]
        n, height, width = places.shape
        flat = pixels.reshape(n, -1, pixels.shape[-2] * pixels.shape[-1])  # (N, K, H·W)
        at = places.reshape(n, 1, -1)
        moved = flat.gather(2, at.clamp(min=0).expand(-1, flat.shape[1], -1))
        moved = moved.masked_fill(at < 0, missing)
        return moved.reshape(*pixels.shape[:-2], height, width)
