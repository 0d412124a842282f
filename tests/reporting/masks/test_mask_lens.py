"""Masks under the lens: what a blend decides, what it scores, and which images are looked at."""

import dataclasses
import json
import shutil
from itertools import chain

import numpy as np
import pytest
from PIL import Image

from podium.competition import metrics
from podium.competition.truths.masks import truth_masks
from podium.ensembling.record import read_parts
from podium.errors import DataError
from podium.reporting.masks import evaluation as mask_evaluation
from podium.reporting.masks.evaluation import (
    MaskEvaluation,
    MaskSource,
    evaluate_masks,
    mask_source_of_blend,
    mask_source_of_run,
)
from podium.training.runs.scoring import FoldMaskScorer
from podium.workspace import atomic


def looked_at(made, folder, samples=None):
    every = made.samples
    parts = read_parts(folder)
    source = mask_source_of_blend(
        folder.name, parts, made.competition, every if samples is None else samples
    )
    return evaluate_masks(made.workspace, made.competition, source, every, made.folds)


@pytest.fixture
def blended(make_masks):
    made = make_masks(segment="multiclass", classify="multiclass")
    made.add_run("a-00000001", seed=1)
    made.add_run("b-00000002", seed=2)
    return made, made.add_blend("a-00000001", "b-00000002")


def test_the_score_of_all_images_is_the_blends_optimistic_one(blended):
    made, folder = blended
    lens = looked_at(made, folder)
    blend = read_parts(folder)["segment"].blend
    assert lens.score() == pytest.approx(blend.optimistic)
    assert len(lens.samples) == blend.n_scored == 15


def test_every_image_is_counted_and_scored_as_a_plain_loop_does(make_masks):
    made = make_masks(segment="multiclass")
    run = made.add_run("a-00000001")
    source = mask_source_of_run(run.name, run / "predictions" / "aabbccdd", made.samples)
    lens = evaluate_masks(made.workspace, made.competition, source, made.samples, made.folds)
    folds = dict(zip(made.samples["id"], made.folds, strict=True))
    truths = dict(zip(made.samples["id"], truth_masks(made.competition, made.samples), strict=True))
    for i, one in enumerate(lens.samples["id"]):
        predicted = made.said["a-00000001"][one].argmax(axis=-1)
        true = truths[one]
        np.testing.assert_array_equal(lens.decision(i), predicted)
        np.testing.assert_array_equal(lens.truth(i), true)
        for c in range(3):
            right = [
                ((predicted == c) & (true == c)).sum(),
                (predicted == c).sum(),
                (true == c).sum(),
            ]
            assert lens.counts[i, c].tolist() == [*right, true.size]
        expected = metrics.score("mean_dice", [true], [predicted.astype(np.uint8)], n_classes=2)
        assert lens.scores[i] == pytest.approx(expected)
        assert lens.sizes[i] == pytest.approx((true > 0).mean())
        assert lens.is_touched[i] == ((true > 0).any() or (predicted > 0).any())
        assert lens.folds[i] == folds[one]


def test_other_masks_under_the_same_run_are_counted_anew(make_masks):
    made = make_masks(segment="multiclass")
    mine, other = made.add_run("a-00000001", seed=1), made.add_run("b-00000002", seed=2)

    def counts(run):
        source = mask_source_of_run(run.name, run / "predictions/aabbccdd", made.samples)
        return evaluate_masks(
            made.workspace, made.competition, source, made.samples, made.folds
        ).counts

    before, wanted = counts(mine), counts(other)
    assert (before != wanted).any()
    shutil.rmtree(mine / "predictions")
    shutil.copytree(other / "predictions", mine / "predictions")
    np.testing.assert_array_equal(counts(mine), wanted)


@pytest.mark.slow
def test_images_without_a_mask_are_not_under_the_lens(blended):
    made, folder = blended
    ids = set(looked_at(made, folder).samples["id"])
    assert ids == {f"i{i:02d}" for i in range(18)} - {"i04", "i10", "i16"}


@pytest.mark.slow
def test_mask_evaluation_is_cached_and_not_decided_again(blended, monkeypatch):
    made, folder = blended
    first = looked_at(made, folder)

    def never(*_, **__):
        raise AssertionError("decided again")

    monkeypatch.setattr(mask_evaluation, "decide_mask", never)
    second = looked_at(made, folder)
    np.testing.assert_array_equal(second.counts, first.counts)


@pytest.mark.slow
def test_another_decision_and_a_mended_mask_are_counted_anew(blended):
    made, folder = blended
    first = looked_at(made, folder)
    file = made.workspace.root / "masks" / "i00.png"
    Image.fromarray(np.zeros((12, 16), np.uint8)).save(file)
    mended = looked_at(made, folder)
    at = list(mended.samples["id"]).index("i00")
    assert first.sizes[at] > 0
    assert mended.sizes[at] == 0
    record = json.loads((folder / "record.json").read_text())
    record["details"]["decision"] = [{"class_weights": [1.0, 0.0, 0.0]}, {"argmax": None}]
    atomic.write_text(folder / "record.json", json.dumps(record))
    assert looked_at(made, folder).of_classes[..., 1].sum() == 0


@pytest.mark.slow
def test_mask_gate_uses_the_label_predictions_of_its_blend(blended):
    made, folder = blended
    record = json.loads((folder / "record.json").read_text())
    record["details"]["decision"] = [{"gate": [0.5, 0.5]}, {"argmax": None}]
    atomic.write_text(folder / "record.json", json.dumps(record))
    lens = looked_at(made, folder)
    assert lens.source.presence.shape == (15, 2)
    closed = lens.source.presence < 0.5
    assert closed.any()
    assert (lens.of_classes[..., 1][closed] == 0).all()
    assert (lens.of_classes[..., 1][~closed] > 0).any()


@pytest.mark.slow
def test_predicted_images_no_longer_in_the_train_part_are_reported(blended):
    made, folder = blended
    with pytest.raises(DataError, match="3 predicted images are not in the train part any more"):
        looked_at(made, folder, made.samples.iloc[:15])


@pytest.mark.slow
def test_a_mask_that_does_not_fit_its_prediction_is_named(blended):
    made, folder = blended
    for part in ("train", "masks"):
        Image.new("L", (20, 20)).save(made.workspace.root / part / "i00.png")
    with pytest.raises(DataError, match="the mask of 'i00'"):
        looked_at(made, folder)


def lens_with(make_masks, counts, scores):
    """Return a lens on images with these counts of one foreground class."""
    made = make_masks(segment="binary")
    of_class = np.asarray(counts, np.int64)
    table = np.stack([np.zeros_like(of_class), of_class], axis=1)
    n = len(of_class)
    samples = made.samples.iloc[:n].reset_index(drop=True)
    scorer = FoldMaskScorer(made.competition)
    source = MaskSource("x", None)
    return MaskEvaluation(
        made.competition, samples, np.zeros(n, int), source, table, np.array(scores), scorer
    )


def test_cases_are_the_best_the_median_and_the_worst_of_images_with_something_in_them(make_masks):
    counts = [[5, 9, 9, 99]] * 9 + [[0, 0, 0, 99]] * 3
    scores = [0.1, 0.9, 0.5, 0.2, 0.8, 0.6, 0.3, 0.7, 0.4, 1.0, 1.0, 1.0]
    cases = lens_with(make_masks, counts, scores).cases(2)
    assert cases == {"best": [1, 4], "median": [5, 2], "worst": [0, 3]}


def test_of_equal_scores_large_objects_are_best_and_many_wrong_pixels_worst(make_masks):
    counts = [[5, 5, 5, 99], [50, 50, 50, 99], [3, 4, 4, 99], [0, 1, 0, 99], [0, 9, 1, 99]]
    cases = lens_with(make_masks, counts, [1.0, 1.0, 0.7, 0.0, 0.0]).cases(1)
    assert cases == {"best": [1], "median": [2], "worst": [4]}


def test_an_image_without_a_score_is_no_case_and_none_is_a_case_twice(make_masks):
    lens = lens_with(make_masks, [[1, 2, 2, 9]] * 4, [np.nan, 0.5, 0.5, 0.2])
    for n in (1, 2, 3):
        chosen = [*chain(*lens.cases(n).values())]
        assert sorted(chosen) == [1, 2, 3]
    alone = dataclasses.replace(lens, scores=np.array([np.nan, 0.5, np.nan, np.nan]))
    assert alone.cases() == {"best": [1], "median": [], "worst": []}


def test_where_all_images_are_empty_these_are_the_cases(make_masks):
    lens = lens_with(make_masks, [[0, 0, 0, 9]] * 3, [1.0, 1.0, 1.0])
    assert sorted(chain(*lens.cases().values())) == [0, 1, 2]
