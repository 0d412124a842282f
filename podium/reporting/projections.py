"""Features of many numbers in a plane: by PCA, and by t-SNE, which is kept."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.workspace.atomic import replacing
from podium.workspace.layout import Workspace

__all__ = ["SharedPlane", "balanced", "kept_tsne", "shared_plane", "tsne"]

_FORMAT = "1"
"""Raised when `tsne` changes, so that what is kept is not read any more."""
_MOST_COMPONENTS = 50  # that t-SNE sees: van der Maaten & Hinton 2008, JMLR 9, section 4.2, has 30
_PERPLEXITY, _FEWEST = 30, 8

Plane = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class SharedPlane:
    """Several sets of features on the axes of the last of them.

    Attributes:
        clouds: each `(N, 2)`.
        shown: each `(2,)`: the share of a set's own variance that lies along either axis; 0 where
            it has none.
    """

    clouds: list[Plane]
    shown: list[NDArray[np.float64]]


def balanced(codes: ArrayLike, n: int, *, seed: int = 0) -> NDArray[np.int64]:
    """Return at most `n` rows in order, of each group as many as of any other, as far as it goes.

    Args:
        codes: `(N,)`, the group of each row.
        n: how many.
        seed: of the choice.
    """
    of = np.asarray(codes)
    if len(of) <= n:
        return np.arange(len(of))
    shuffled = np.random.default_rng(seed).permutation(len(of))
    turn = np.empty(len(of), dtype=np.int64)
    for code in np.unique(of):
        rows = shuffled[of[shuffled] == code]
        turn[rows] = np.arange(len(rows))
    first = shuffled[np.argsort(turn[shuffled], kind="stable")][:n]
    return np.sort(first)


def shared_plane(features: list[Vectors]) -> SharedPlane:
    """Return each of `features` `(N, F)` on the two principal axes of the last one (PCA).

    Where there is one direction only, the second axis is 0.
    """
    from sklearn.decomposition import PCA

    last = features[-1].astype(np.float64)
    n_axes = min(2, *last.shape)
    fitted = PCA(n_axes, svd_solver="full").fit(last) if last.var(axis=0).any() else None
    axes = np.zeros((2, last.shape[1]))
    if fitted is not None:
        axes[:n_axes] = fitted.components_
    middle = last.mean(axis=0)
    clouds, shown = [], []
    for each in features:
        cloud = (each.astype(np.float64) - middle) @ axes.T
        total = each.var(axis=0, dtype=np.float64).sum()
        clouds.append(cloud)
        shown.append(cloud.var(axis=0) / total if total > 0 else np.zeros(2))
    return SharedPlane(clouds, shown)


def tsne(features: Vectors) -> Plane | None:
    """Return `(N, 2)` by t-SNE of `features` `(N, F)`, from their PCA; None: too few, or all equal.

    Equal features give equal planes. The perplexity is 30, or a third of the rows.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    values = features.astype(np.float64)
    n, width = values.shape
    if n < _FEWEST or width < 2 or not values.var(axis=0).any():
        return None
    values = PCA(min(_MOST_COMPONENTS, n, width), svd_solver="full").fit_transform(values)
    perplexity = min(_PERPLEXITY, (n - 1) / 3)
    fitted = TSNE(2, init="pca", perplexity=perplexity, random_state=0)
    found: Plane = fitted.fit_transform(values / values.std()).astype(np.float64)
    return found


def kept_tsne(workspace: Workspace, features: Vectors, *, make: bool = True) -> Plane | None:
    """Return `tsne(features)`, from the workspace's cache where it was made before.

    Args:
        workspace: in whose cache it is kept, under the digest of the features.
        features: `(N, F)`.
        make: whether to make it where it is not there, which takes seconds; else None is returned.
    """
    digest = hashlib.sha256(f"{_FORMAT} {features.dtype} {features.shape}".encode())
    digest.update(np.ascontiguousarray(features).tobytes())
    file = workspace.cache / "report-tsne" / f"{digest.hexdigest()[:16]}.npy"
    with suppress(OSError, ValueError, EOFError):
        found: Plane = np.load(file, allow_pickle=False)
        if found.shape == (len(features), 2):
            return found
    plane = tsne(features) if make else None
    if plane is not None:
        with suppress(OSError):  # a full or read-only disk: it is made again the next time
            file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(file) as temporary, temporary.open("wb") as stream:
                np.save(stream, plane)
    return plane
