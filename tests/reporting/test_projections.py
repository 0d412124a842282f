"""Planes of features, against plain linear algebra and what a neighbourhood is."""

from pathlib import Path

import numpy as np
import pytest

from podium.reporting import run_features
from podium.reporting.run_features import balanced_rows, cached_tsne, project_together, tsne
from podium.workspace.layout import Workspace


def heaps(n: int = 20, width: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Return features of three classes that lie apart, and the classes."""
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], n)
    middles = 6 * rng.normal(size=(3, width))
    return (middles[codes] + rng.normal(size=(3 * n, width))).astype(np.float32), codes


def test_all_epochs_lie_on_the_principal_axes_of_the_last() -> None:
    rng = np.random.default_rng(2)
    last, _ = heaps()
    first = rng.normal(size=last.shape).astype(np.float32) + 3
    plane = project_together([first, last])
    middle = last.mean(axis=0, dtype=np.float64)
    _, values, axes = np.linalg.svd(last - middle, full_matrices=False)
    for cloud, each in zip(plane.clouds, (first, last), strict=True):
        mine = (each - middle) @ axes[:2].T
        np.testing.assert_allclose(np.abs(cloud), np.abs(mine), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(plane.shown[1], (values**2 / (values**2).sum())[:2], rtol=1e-5)
    along = ((first - first.mean(axis=0)) @ axes[:2].T).var(axis=0) / first.var(axis=0).sum()
    np.testing.assert_allclose(plane.shown[0], along, rtol=1e-4)


@pytest.mark.parametrize("shape", [(5, 1), (1, 4), (6, 3)])
def test_a_plane_of_little_or_of_nothing_is_flat(shape: tuple[int, int]) -> None:
    plane = project_together([np.ones(shape, np.float32), np.ones(shape, np.float32)])
    assert all(np.array_equal(one, np.zeros((shape[0], 2))) for one in plane.clouds)
    assert all(np.array_equal(one, [0, 0]) for one in plane.shown)
    line = np.arange(5, dtype=np.float32)[:, None]
    assert project_together([line]).shown[0].tolist() == [1, 0]


def test_t_sne_keeps_heaps_together_and_is_the_same_every_time() -> None:
    features, codes = heaps()
    plane = tsne(features)
    assert plane is not None
    apart = np.linalg.norm(plane[:, None] - plane[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    assert (codes[apart.argmin(axis=1)] == codes).mean() > 0.95
    np.testing.assert_array_equal(plane, tsne(features))


@pytest.mark.parametrize("features", [np.ones((20, 3)), np.eye(5), np.arange(20.0)[:, None]])
def test_features_that_t_sne_cannot_embed_have_no_plane(features: np.ndarray) -> None:
    assert tsne(features.astype(np.float32)) is None


def test_equal_rows_are_no_fault() -> None:
    features = np.repeat(heaps(4)[0], 3, axis=0)
    plane = tsne(features)
    assert plane is not None
    assert np.isfinite(plane).all()


def test_projection_is_computed_once_and_only_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, features, made = Workspace(tmp_path), heaps(4)[0], []

    def counted(values: np.ndarray) -> np.ndarray:
        made.append(values)
        return values[:, :2].astype(np.float64)

    monkeypatch.setattr(run_features, "tsne", counted)
    assert cached_tsne(workspace, features, make=False) is None
    first = cached_tsne(workspace, features)
    np.testing.assert_array_equal(cached_tsne(workspace, features, make=False), first)
    assert len(made) == 1
    cached_tsne(workspace, features + 1)
    assert len(made) == 2, "other features, another plane"
    for file in workspace.cache.rglob("*.npy"):
        file.write_bytes(b"")
    np.testing.assert_array_equal(cached_tsne(workspace, features), first)
    assert len(made) == 3, "a damaged file is made again"


def test_rare_groups_are_kept_whole_and_common_ones_are_cut_alike() -> None:
    codes = np.repeat([-1, 0, 1, 2], [5, 100, 3, 50])
    rows = balanced_rows(codes, 30)
    counts = {int(code): int((codes[rows] == code).sum()) for code in np.unique(codes)}
    assert counts == {-1: 5, 0: 11, 1: 3, 2: 11}
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, balanced_rows(codes, 30))
    assert not np.array_equal(rows, balanced_rows(codes, 30, seed=1))
    np.testing.assert_array_equal(balanced_rows(codes, 158), np.arange(158))
