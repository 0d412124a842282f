"""Scores of mask classes: the metric on one class alone, intervals by drawing images."""

import dataclasses

import numpy as np
import pytest

from podium.competition import metrics
from podium.reporting.class_by_fold import class_by_fold_of_masks
from podium.reporting.masks import view
from podium.reporting.masks.evaluation import evaluate_masks, mask_class_scores, mask_source_of_run
from podium.reporting.pages.moving_threshold import moving_masks
from podium.reporting.plots.masks import confused_pixels
from podium.reporting.subjects import mask_subject_of


def lens_of(made):
    run = made.add_run("a-00000001")
    source = mask_source_of_run(run.name, run / "predictions" / "aabbccdd", made.samples)
    return evaluate_masks(made.workspace, made.competition, source, made.samples, made.folds)


def of_class(mask, number, kind):
    """Return the mask `(H, W)` of one class."""
    return (mask[..., number] if kind == "multilabel" else mask == number + 1).astype(np.uint8)


@pytest.mark.other_cases("long", of="quick", every=4)
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize(
    "metric",
    [
        {"name": "mean_dice"},
        {"name": "mean_iou", "empty": "skip"},
        {"name": "mean_dice", "over": "class", "empty": "zero"},
        {"name": "global_dice"},
    ],
    ids=lambda one: "-".join(one.values()),
)
def test_a_class_has_the_score_of_a_task_of_that_class_alone(make_masks, kind, metric):
    lens = lens_of(make_masks(segment=kind, metric=metric))
    found = mask_class_scores(lens, n=20)
    n = len(lens.samples)
    options = {key: value for key, value in metric.items() if key != "name"}
    for c in range(lens.of_classes.shape[1]):
        truth = [of_class(lens.truth(i), c, kind) for i in range(n)]
        predicted = [of_class(lens.decision(i), c, kind) for i in range(n)]
        expected = metrics.score(metric["name"], truth, predicted, kind="binary", **options)
        assert found.scores[c] == pytest.approx(expected)
        hits = sum((a & b).sum() for a, b in zip(truth, predicted, strict=True))
        assert found.recall[c] == pytest.approx(hits / sum(a.sum() for a in truth))
        assert found.precision[c] == pytest.approx(hits / sum(b.sum() for b in predicted))
        assert found.true[c] == sum(a.any() for a in truth)
        assert found.predicted[c] == sum(b.any() for b in predicted)
    assert found.metric == f"{metric['name']} of the class"


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_scores_of_classes_by_fold_and_by_threshold_are_those_of_their_masks(make_masks, kind):
    lens = lens_of(make_masks(segment=kind, metric={"name": "mean_dice"}))
    images = range(len(lens.samples))

    def score(rows, number, masks):
        truth = [of_class(lens.truth(i), number, kind) for i in rows]
        predicted = [of_class(masks[i], number, kind) for i in rows]
        return metrics.score("mean_dice", truth, predicted, kind="binary")

    found = class_by_fold_of_masks(lens)
    decided = [lens.decision(i) for i in images]
    for place, fold in enumerate(found.folds):
        rows = [i for i in images if lens.folds[i] == fold]
        for c in range(len(found.names)):
            assert found.scores[c, place] == pytest.approx(score(rows, c, decided))
    fold, number = dataclasses.replace(found, by_chance=0.0).worst
    assert found.whole[fold] == found.whole.min()
    assert found.scores[number, fold] == found.scores[:, fold].min()
    at, *_, by_class = moving_masks(lens, [])["steps"][7]
    masks = []
    for i in images:
        probs = np.asarray(lens.source.probs.band(i, 0, lens.source.probs.sizes[i][0]))
        if kind == "multiclass":
            is_there = 1 - probs[..., 0] >= np.float32(at)
            masks.append(np.where(is_there, probs[..., 1:].argmax(axis=2) + 1, 0))
        else:
            yes = (probs >= np.float32(at)).astype(int)
            masks.append(yes[..., 0] if kind == "binary" else yes)
    assert by_class == pytest.approx(
        [score(images, c, masks) for c in range(len(by_class))], abs=1e-5
    )


@pytest.mark.parametrize("metric", [{"name": "pixel_accuracy"}, None])
def test_where_no_class_has_the_metric_it_is_the_dice_of_all_pixels(make_masks, metric):
    keys = {"metric": metric} if metric else {"classify": "multiclass", "scored": "classify"}
    lens = lens_of(make_masks(segment="multiclass", **keys))
    found = mask_class_scores(lens, n=20)
    both, predicted, true = np.moveaxis(lens.of_classes[..., :3].sum(axis=0), 1, 0)
    np.testing.assert_allclose(found.scores, 2 * both / (predicted + true))
    assert found.metric == "Dice of all pixels"


def test_intervals_are_those_of_drawing_images_in_plain_loops(make_masks):
    lens = lens_of(make_masks(segment="multiclass", metric={"name": "global_dice"}))
    found = mask_class_scores(lens, n=3000)
    rng = np.random.default_rng(7)
    n = len(lens.samples)
    drawn = []
    for _ in range(3000):
        both, predicted, true = lens.of_classes[rng.integers(n, size=n), :, :3].sum(axis=0).T
        drawn.append(2 * both / (predicted + true))
    np.testing.assert_allclose(
        found.intervals, np.quantile(drawn, [0.025, 0.975], axis=0).T, atol=0.01
    )  # two draws of 3,000 differ by as much


def test_groups_are_drawn_whole(make_masks):
    folds = {"n": 3, "scheme": "group", "group": "half"}
    made = make_masks(segment="multiclass")
    lens = lens_of(made)
    n = len(lens.samples)
    lens.samples["group"] = ["a"] * (n // 2) + ["b"] * (n - n // 2)
    spec = made.competition.folds.model_copy(update=folds)
    grouped = made.competition.model_copy(update={"folds": spec})
    found = mask_class_scores(dataclasses.replace(lens, competition=grouped), n=400)
    metric = lens.competition.metric.name
    halves = (np.arange(n // 2), np.arange(n // 2, n))
    # Two groups: a draw is one of them twice, or both; the middle 95 % reach from one to the other.
    for c in range(2):
        ends = []
        for rows in halves:
            table = lens.counts[rows][:, [0, c + 1]]
            ends.append(metrics.value(metric, metrics.of_counts(metric, table, kind="multiclass")))
        np.testing.assert_allclose(found.intervals[c], sorted(ends))


def test_a_class_that_is_nowhere_has_no_score(make_masks):
    lens = lens_of(make_masks(segment="multiclass", metric={"name": "global_dice"}))
    counts = lens.counts.copy()
    counts[:, 2, :3] = 0
    found = mask_class_scores(dataclasses.replace(lens, counts=counts), n=20)
    assert np.isfinite(found.scores[0])
    assert np.isnan(found.scores[1])
    assert np.isnan(found.intervals[1]).all()
    assert np.isnan(found.recall[1])


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_pixels_are_counted_by_true_and_decided_class_where_each_has_one(make_masks, kind):
    made = make_masks(segment=kind, metric={"name": "mean_dice"})
    lens = lens_of(made)
    if kind != "multiclass":
        assert lens.pixels is None
        return
    n = lens.counts.shape[1]
    expected = np.zeros((n, n), int)
    for i in range(len(lens.samples)):
        for pair in zip(lens.truth(i).ravel(), lens.decision(i).ravel(), strict=True):
            if pair[0] != 255:
                expected[pair] += 1
    assert np.array_equal(lens.pixels, expected)
    (run,) = (made.workspace.root / "runs").iterdir()
    source = mask_source_of_run(run.name, run / "predictions" / "aabbccdd", made.samples)
    again = evaluate_masks(made.workspace, made.competition, source, made.samples, made.folds)
    assert np.array_equal(again.pixels, expected)  # as kept
    shares = expected / expected.sum(axis=1)[:, None]
    np.fill_diagonal(shares, 0)
    drawn = list(confused_pixels.plots(mask_subject_of(lens)))
    assert len(drawn) == 1
    named = view.most_confused(lens.pixels, ["a", "b"][: n - 1])
    at = np.unravel_index(shares.argmax(), shares.shape)
    every = ["background", "a", "b"]
    assert named == (every[at[0]], every[at[1]], pytest.approx(shares.max()))
