"""Neighbours by kept features and by embeddings, against plain loops."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image
from reporting.kept_runs import keep_features, subject_of

from podium.competition.samples import load_samples, truth
from podium.predictions import write_fold
from podium.reporting.plots.run import neighbours
from podium.reporting.run_features import FeatureNeighbours, choose_queries, neighbours_of

K = 4


def rows_of(made):
    samples = load_samples(made.competition, "train")
    return list(samples["id"]), truth(samples, made.competition)


def by_hand(queries, gallery, vectors, keys, k):
    """Return the k nearest gallery rows of each query, of other keys, by the cosine."""
    found = []
    for q in queries:
        a = vectors[q].astype(float)
        cosine = {}
        for g in gallery:
            b = vectors[g].astype(float)
            if keys[q] != keys[g]:
                cosine[g] = (a @ b) / np.sqrt((a @ a) * (b @ b))
        found.append(sorted(cosine, key=lambda g: -cosine[g])[:k])
    return np.array(found)


def same_by_hand(labels, queries, found):
    table = []
    for q, row in zip(queries, found, strict=True):
        a = labels[q]
        shares = [
            bool(((a == 1) & (labels[g] == 1)).any()) if np.ndim(a) else a == labels[g] for g in row
        ]
        table.append(shares)
    return np.array(table).astype(int)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel"])
def test_neighbours_of_kept_rows_are_other_kept_rows(make, kind):
    made = make(kind)
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    rows = np.arange(3, 33)
    kept = keep_features(run, [ids[i] for i in rows], labels[rows])
    near = neighbours_of(subject_of(made, run.name), K)
    vectors = np.zeros((36, 6), np.float32)
    vectors[rows] = kept[9]
    expected = by_hand(rows, rows, vectors, np.arange(36), K)
    np.testing.assert_array_equal(near.queries, rows)
    np.testing.assert_array_equal(near.found, expected)
    same = same_by_hand(labels, rows, expected)
    np.testing.assert_array_equal(near.same, same)
    assert near.share() == pytest.approx(same.mean())
    assert near.share(1) == pytest.approx(same[:, 0].mean())
    (plot,) = neighbours.plots(subject_of(made, run.name))
    near = neighbours_of(subject_of(made, run.name), neighbours.NEAREST)
    assert f"{100 * near.share():.0f} %" in plot.caption
    assert f"alone, {100 * near.share(1):.0f} % (kNN accuracy" in plot.caption
    assert "30 images of fold 0 among each other, epoch 9" in plot.caption


def test_rows_of_a_group_do_not_find_each_other(make_masks):
    made = make_masks(segment="binary", classify="multiclass")
    run = made.add_run("deep-11111111")
    samples = made.samples
    ids, labels = list(samples["id"]), truth(samples, made.competition)
    kept = keep_features(run, ids, labels)
    subject = subject_of(made, run.name)
    groups = ["g" if i < 9 else None for i in range(len(ids))]
    folds = made.competition.folds.model_copy(update={"group": "photo"})
    grouped = dataclasses.replace(
        subject,
        competition=made.competition.model_copy(update={"folds": folds}),
        data=dataclasses.replace(subject.data, samples=samples.assign(group=groups)),
    )
    keys = [100 if group else i for i, group in enumerate(groups)]
    near = neighbours_of(grouped, K)
    rows = np.arange(len(ids))
    np.testing.assert_array_equal(near.found, by_hand(rows, rows, kept[9], keys, K))
    known = near.same >= 0
    expected = (labels[near.queries] >= 0)[:, None] & (labels[near.found] >= 0)
    np.testing.assert_array_equal(known, expected)
    assert not known.all(), "some images have a mask and no label"


def test_neighbours_of_embeddings_are_training_rows_of_the_fold(make):
    made = make()
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    keep_features(run, ids, labels)  # embeddings go first
    vectors = np.random.default_rng(8).normal(size=(36, 5)).astype(np.float32)
    root = run / "predictions" / "aabbccdd"
    write_fold(root, "train", "embed", 1, ids=ids[::-1], probs=vectors[::-1], model="m")
    subject = subject_of(made, run.name)
    subject = dataclasses.replace(
        subject, entry=dataclasses.replace(subject.entry, predictions=root)
    )
    near = neighbours_of(subject, K)
    folds = subject.data.folds
    queries, gallery = np.flatnonzero(folds == 1), np.flatnonzero(folds != 1)
    np.testing.assert_array_equal(near.queries, queries)
    expected = by_hand(queries, gallery, vectors, np.arange(36), K)
    np.testing.assert_array_equal(near.found, expected)
    np.testing.assert_array_equal(near.same, same_by_hand(labels, queries, expected))
    where = f"{len(queries)} images of fold 1 among {len(gallery)} that it was trained on"
    assert near.where == where


def test_features_of_no_length_and_of_unknown_images_are_left_out(make):
    made = make()
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    features = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
    features[2] = 0
    from podium.predictions.snapshots import write_snapshot

    write_snapshot(run, 0, 1, features=([*ids[:5], "gone"], labels[:6], features))
    near = neighbours_of(subject_of(made, run.name), K)
    assert near.queries.tolist() == [0, 1, 3, 4]
    assert (near.found[:, 3] == -1).all(), "three others are there"
    (plot,) = neighbours.plots(subject_of(made, run.name))
    plot.figure.draw_without_rendering()


def test_most_confident_mistakes_of_different_classes_come_first():
    classes = np.array([0, 0, 1, 2, 2, 1, 0, 2])
    same = np.array([
        [0, 0], [0, 0], [0, 1], [1, 1], [1, 1], [1, 0], [1, 1], [-1, -1],
    ], dtype=np.int8)  # fmt: skip
    similarity = np.array([0.8, 0.9, 0.99, 0.7, 0.6, 0.95, 0.5, 1.0])[:, None] * [1, 0.5]
    rows = np.arange(8)
    near = FeatureNeighbours(rows, np.ones((8, 2), int), similarity, same, "")
    assert choose_queries(near, classes, 3) == [1, 2, 3]
    assert choose_queries(near, classes, 6) == [1, 2, 0, 3, 6, 5]
    good = dataclasses.replace(near, same=np.ones((8, 2), np.int8))
    assert len(set(choose_queries(good, classes, 6))) == 6
    bad = dataclasses.replace(near, same=np.zeros((8, 2), np.int8))
    assert choose_queries(bad, classes, 3) == [7, 2, 1]
    blind = dataclasses.replace(near, same=None)
    assert len(set(choose_queries(blind, None, 5))) == 5


@pytest.mark.slow
def test_pictures_are_those_of_the_images_and_names_those_of_their_classes(make):
    made = make("multiclass", ["cat", "<b>", "e$e$l"])
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    keep_features(run, ids, labels)
    subject = subject_of(made, run.name)
    near = neighbours_of(subject, neighbours.NEAREST)
    rows = choose_queries(near, labels[near.queries], neighbours.QUERIES)
    (plot,) = neighbours.plots(subject)
    grid = np.array(plot.figure.axes).reshape(6, 6)
    names = ["cat", "<b>", r"e\$e\$l"]
    for axes_of_row, i in zip(grid, rows, strict=True):
        for axes, at in zip(axes_of_row, [near.queries[i], *near.found[i]], strict=True):
            with Image.open(made.workspace.root / "train" / f"{ids[at]}.png") as file:
                np.testing.assert_array_equal(axes.images[0].get_array(), np.asarray(file))
            assert axes.get_xlabel().partition("\n")[0].lstrip("✓✗ ") == names[labels[at]]
    assert f"{ids[near.queries[rows[0]]]} (" in plot.alt


@pytest.mark.slow
def test_neighbours_of_values_and_of_unlabelled_runs_get_no_class_score(make):
    made = make("regression")
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    keep_features(run, ids, None, fold="full")
    assert neighbours_of(subject_of(made, run.name), K).same is None
    (plot,) = neighbours.plots(subject_of(made, run.name))
    assert "class" not in plot.caption
    assert "36 images that it was trained on among each other" in plot.caption
    shown = {axes.get_xlabel().partition("\n")[0] for axes in plot.figure.axes}
    assert shown <= {f"{value:.4g}" for value in labels}


def test_nothing_kept_is_nothing_drawn(make):
    made = make()
    run = made.add_run("plain-11111111")
    assert neighbours_of(subject_of(made, run.name), K) is None
    assert list(neighbours.plots(subject_of(made, run.name))) == []
