"""What the page draws of kept features, and of what it draws nothing."""

from __future__ import annotations

import numpy as np
import pytest
from reporting.kept_runs import keep_features, subject_of

from podium.competition.samples import load_samples, truth
from podium.predictions.snapshots import (
    epoch_folder,
    snapshot_epochs,
    snapshot_folds,
    write_snapshot,
)
from podium.reporting import run_features
from podium.reporting.plots.run import features
from podium.reporting.run_features import is_among_best, kept_features_of


def rows_of(made):
    samples = load_samples(made.competition, "train")
    return list(samples["id"]), truth(samples, made.competition)


def panels(plot):
    """Return the titles, and the number of rows in each panel."""
    figure = plot.figure
    figure.draw_without_rendering()
    return {
        axes.get_title(): sum(len(one.get_path().vertices) // 2 for one in axes.patches)
        for axes in figure.axes
    }


@pytest.fixture
def quick(monkeypatch):
    """Make t-SNE as good as free."""
    monkeypatch.setattr(run_features, "tsne", lambda values: values[:, :2].astype(float))


@pytest.mark.slow
@pytest.mark.other_cases("long", every=2)
@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel", "regression"])
def test_first_middle_and_last_epoch_are_drawn_of_every_kind_of_label(make, kind, quick):
    made = make(kind, ["cat", "<b>", "e$e$l"])
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    keep_features(run, ids, labels, epochs=(1, 2, 6, 9), fold=1)
    pca, near = features.plots(subject_of(made, run.name))
    assert [title.split(":")[0] for title in panels(pca)] == ["epoch 1", "epoch 6", "epoch 9"]
    assert panels(near) == {"epoch 1": 36, "epoch 6": 36, "epoch 9": 36}
    assert "36 validation images of fold 1, 6 features" in pca.caption
    assert {pca.name, near.name} == {"features-pca", "features-tsne"}
    assert run.name in pca.alt
    names = [text.get_text() for text in pca.figure.legends[0].texts]
    expected = {
        "multiclass": ["cat", "<b>", r"e\$e\$l"],
        "binary": ["0", "1"],
        "multilabel": ["cat", "<b>", "several labels or none"],
        "regression": ["0 to 1.458"],
    }[kind]
    assert names[: len(expected)] == expected


def test_shares_of_variance_are_those_of_the_epochs(make, quick):
    made = make()
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    kept = keep_features(run, ids, labels)
    pca, _ = features.plots(subject_of(made, run.name))
    _, _, axes = np.linalg.svd(kept[9] - kept[9].mean(axis=0), full_matrices=False)
    for title, values in zip(panels(pca), kept.values(), strict=True):
        centred = values - values.mean(axis=0)
        share = ((centred @ axes[:2].T) ** 2).sum() / (centred**2).sum()
        assert title.endswith(f": {100 * share:.0f} %")


def test_run_trained_without_labels_is_drawn_in_one_colour(make, quick):
    made = make()
    run = made.add_run("simclr-11111111", folds=())
    ids, _ = rows_of(made)
    keep_features(run, ids, None, fold="full")
    pca, _ = features.plots(subject_of(made, run.name))
    assert [one.get_text() for one in pca.figure.legends[0].texts] == ["no label"]
    assert "36 images it was trained on" in pca.caption


def test_features_that_were_not_trained_are_drawn_once(make, quick):
    made = make()
    run = made.add_run("frozen-11111111")
    ids, labels = rows_of(made)
    for epoch in (1, 2, 3):
        same = np.random.default_rng(0).normal(size=(36, 4)).astype(np.float32)
        write_snapshot(run, 0, epoch, features=(ids, labels, same))
    pca, near = features.plots(subject_of(made, run.name))
    assert len(panels(pca)) == len(panels(near)) == 1
    assert "All kept epochs have the same features" in pca.caption


def test_a_run_that_has_just_begun_is_drawn_as_far_as_it_is(make, quick):
    made = make()
    run = made.add_run("deep-11111111")
    ids, labels = rows_of(made)
    keep_features(run, ids, labels, epochs=(1,))
    pca, near = features.plots(subject_of(made, run.name))
    assert len(panels(pca)) == len(panels(near)) == 1
    assert "same features" not in pca.caption


def test_epochs_of_no_numbers_and_of_other_rows_are_left_out(make):
    made = make()
    run = made.add_run("broken-11111111")
    ids, labels = rows_of(made)
    keep_features(run, ids, labels, epochs=(4, 9))
    write_snapshot(run, 0, 2, features=(ids[:5], labels[:5], np.ones((5, 6), np.float32)))
    kept = kept_features_of(run)
    assert kept.epochs == [4, 9]
    write_snapshot(run, 0, 16, features=(ids, labels, np.full((36, 6), np.nan, np.float32)))
    kept = kept_features_of(run)
    assert (kept.epochs, kept.broken) == ([9], [16])
    only = made.add_run("other-22222222")
    write_snapshot(only, 0, 1, features=(ids, labels, np.full((36, 6), np.inf, np.float32)))
    assert kept_features_of(only) is None
    assert list(features.plots(subject_of(made, only.name))) == []


def test_nothing_kept_is_nothing_drawn(make):
    made = make()
    run = made.add_run("plain-11111111")
    assert list(features.plots(subject_of(made, run.name))) == []
    write_snapshot(run, 0, 1, masks=(["a"], [np.zeros((2, 2), np.uint8)], [True]))
    assert list(features.plots(subject_of(made, run.name))) == []
    assert snapshot_folds(run) == [0]
    assert (snapshot_epochs(run, 0, "features"), snapshot_epochs(run, 0, "masks")) == ([], [1])
    assert epoch_folder(run, 0, 1).is_dir()


@pytest.mark.slow
def test_of_thirty_runs_the_best_that_kept_features_have_t_sne(make, monkeypatch, quick):
    made = make()
    ids, labels = rows_of(made)
    monkeypatch.setattr(features, "MOST_OF_OTHERS", 9)
    for number in range(5):
        run = made.add_run(f"deep-{number}1111111")
        if number != 1:
            keep_features(run, ids, labels, epochs=(1, number + 2))
    named = [run.id for run in subject_of(made, run.name).runs]
    drawn = {name: list(features.plots(subject_of(made, name))) for name in named}
    counts = [len(drawn[name]) for name in named if drawn[name]]
    assert counts == [2, 2, 2, 1]
    rows = [set(panels(drawn[name][0]).values()) for name in named if drawn[name]]
    assert rows == [{36}, {36}, {36}, {9}]
    kept = [name for name in named if drawn[name]]
    assert is_among_best(subject_of(made, kept[3]), 4, lambda run: run.id in kept)
    assert not is_among_best(subject_of(made, kept[3]), 3, lambda run: run.id in kept)
