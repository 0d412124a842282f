"""Nearest images against plain loops, and galleries that never hold a fold's own rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition.spec import Competition
from podium.errors import DataError, UsageError
from podium.predictions import PredictionSet
from podium.predictions.retrieval import (
    Neighbours,
    class_scores,
    embeddings,
    gallery_of_fold,
    nearest_neighbours,
)
from podium.submissions.format.writing import write_submission

quick = settings(max_examples=50, deadline=None)


def vectors(seed: int, n: int, d: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def by_hand(queries, gallery, k, query_keys=None, gallery_keys=None):
    """Return positions and cosines in plain loops over one embedding a model."""
    rows, values = [], []
    for q in range(len(queries[0])):
        found = []
        for g in range(len(gallery[0])):
            if query_keys is not None and query_keys[q] == gallery_keys[g]:
                continue
            cosines = [
                float(a[q] @ b[g] / (np.linalg.norm(a[q]) * np.linalg.norm(b[g])))
                for a, b in zip(queries, gallery, strict=True)
            ]
            found.append((-np.mean(cosines), g))
        found.sort()
        rows.append([g for _, g in found[:k]] + [-1] * (k - len(found)))
        values.append([-v for v, _ in found[:k]] + [0.0] * (k - len(found)))
    return np.array(rows), np.array(values)


@quick
@given(
    seed=st.integers(0, 999),
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 17)),
    k=st.integers(1, 8),
    n_models=st.integers(1, 3),
    keyed=st.booleans(),
    cells=st.sampled_from([64, 200, 4_000_000]),
)
def test_the_nearest_are_those_of_plain_loops(seed, sizes, k, n_models, keyed, cells):
    queries = [vectors(seed + m, sizes[0], 3 + m) for m in range(n_models)]
    gallery = [vectors(seed + 50 + m, sizes[1], 3 + m) for m in range(n_models)]
    rng = np.random.default_rng(seed)
    keys = (rng.integers(0, 3, sizes[0]), rng.integers(0, 3, sizes[1])) if keyed else (None, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("podium.predictions.retrieval.CELLS_AT_ONCE", cells)
        found = nearest_neighbours(queries, gallery, k, query_keys=keys[0], gallery_keys=keys[1])
    rows, values = by_hand(queries, gallery, k, *keys)
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_allclose(found.similarity, values, atol=1e-6)


def test_equally_near_ones_come_in_the_order_of_the_gallery(monkeypatch):
    shelf = np.tile(np.array([[1, 0]], dtype=np.float32), (200, 1))
    monkeypatch.setattr("podium.predictions.retrieval.CELLS_AT_ONCE", 64 * 7)
    assert nearest_neighbours(shelf[:3], shelf, 4).rows.tolist() == [[0, 1, 2, 3]] * 3


def test_the_mean_cosine_over_models_is_that_of_their_embeddings_one_after_the_other():
    parts = [vectors(m, 12, 4) for m in range(3)]
    parts = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in parts]
    whole = np.concatenate(parts, axis=1)
    found, joined = nearest_neighbours(parts, parts, 5), nearest_neighbours(whole, whole, 5)
    np.testing.assert_array_equal(found.rows, joined.rows)
    np.testing.assert_allclose(found.similarity, joined.similarity, atol=1e-6)


@pytest.mark.parametrize(
    ("queries", "gallery", "k", "message"),
    [
        (np.zeros((2, 3)), np.ones((2, 3)), 1, "the embedding of row 0 is 0"),
        (np.ones((2, 3)), np.full((2, 3), np.nan), 1, "not finite"),
        (np.ones((2, 3)), np.ones((2, 4)), 1, r"\[3\] numbers, the gallery \[4\]"),
        (np.ones((2, 3)), np.ones((0, 3)), 1, "there is no row"),
        (np.ones(3), np.ones((2, 3)), 1, "give"),
    ],
)
def test_embeddings_that_have_no_neighbours_are_refused(queries, gallery, k, message):
    with pytest.raises(DataError, match=message):
        nearest_neighbours(queries, gallery, k)
    with pytest.raises(UsageError, match="k must be"):
        nearest_neighbours(np.ones((2, 3)), np.ones((2, 3)), 0)


@quick
@given(seed=st.integers(0, 999))
def test_classes_are_those_of_the_neighbours(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 6, 20)
    found = Neighbours(rng.permuted(np.tile(np.arange(20), (4, 1)), axis=1)[:, :7], None)
    similarity = -np.sort(-rng.uniform(-0.2, 1, (4, 7)).astype(np.float32), axis=1)
    found = Neighbours(found.rows.copy(), similarity)
    found.rows[0, 5:] = -1
    predicted = class_scores(found, labels, 6, k=3)
    for q in range(4):
        scores = np.zeros(6)
        for g, s in zip(found.rows[q], similarity[q], strict=True):
            if g >= 0 and labels[g] >= 0:
                c, s = labels[g], max(float(s), 0.0)
                scores[c] = max(scores[c], s)
        np.testing.assert_allclose(predicted.probs[q], np.sort(scores)[::-1][:3], atol=1e-5)
        np.testing.assert_allclose(scores[predicted.classes[q]], predicted.probs[q], atol=1e-5)


@quick
@given(st.data())
def test_a_gallery_has_neither_the_rows_of_the_fold_nor_those_of_its_groups(data):
    n = data.draw(st.integers(6, 30))
    folds = np.arange(n) % 3
    groups = data.draw(st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=n, max_size=n))
    groups = [f"{one}{i % 2}" if one else None for i, one in enumerate(groups)]
    for fold in range(3):
        own = {groups[i] for i in range(n) if folds[i] == fold and groups[i] is not None}
        expected = [i for i in range(n) if folds[i] != fold and groups[i] not in own]
        if not expected:
            with pytest.raises(DataError, match="no gallery"):
                gallery_of_fold(folds, fold, groups=groups)
            continue
        query_rows, gallery_rows = gallery_of_fold(folds, fold, groups=groups)
        assert query_rows.tolist() == [i for i in range(n) if folds[i] == fold]
        assert gallery_rows.tolist() == expected


def test_in_time_a_gallery_is_of_the_past():
    query_rows, gallery_rows = gallery_of_fold(np.array([-1, 0, 1, 2]), 1, scheme="time")
    assert (query_rows.tolist(), gallery_rows.tolist()) == ([2], [0, 1])


def test_embeddings_that_were_not_kept_are_refused_with_how_to_keep_them(tmp_path: Path):
    with pytest.raises(DataError, match="no embeddings here"):
        embeddings(PredictionSet(tmp_path), "train", 0, ["a"])


def test_a_file_of_the_nearest_ids_is_written_in_their_order(tmp_path: Path):
    spec = {
        "name": "landmarks",
        "tasks": {"classify": "multiclass"},
        "classes": ["a", "b"],
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}.png", "label": "l"},
            "test": {"table": "test.csv", "id": "id", "images": "test/{id}.png"},
        },
        "metric": {"name": "map_at_k", "k": 3},
        "submission": {
            "value": "topk",
            "k": 3,
            "item": "{id}",
            "columns": {"id": "id", "images": "value"},
        },
    }
    (tmp_path / "test").mkdir()
    (tmp_path / "test.csv").write_text("id\nq0\nq1\n")
    for i in range(2):
        (tmp_path / f"test/q{i}.png").write_bytes(b"")
    competition = Competition.model_validate(spec).at(tmp_path)
    shelf, queries = vectors(0, 6), vectors(1, 2)
    ids = [f"g{i}" for i in range(6)]
    found = nearest_neighbours(queries, shelf, 3)
    file = tmp_path / "s.csv"
    write_submission(file, competition, ["q0", "q1"], None, found.rows, gallery=ids)
    rows, _ = by_hand([queries], [shelf], 3)
    assert file.read_text().splitlines() == ["id,images"] + [
        f"q{i}," + " ".join(f"g{g}" for g in rows[i]) for i in range(2)
    ]
