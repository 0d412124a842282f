"""RMSE of grey values and of probabilities of masks."""

import numpy as np
import pytest
import sklearn.metrics

from podium.competition import metrics
from podium.competition.metrics import mask_counts, pixel_rmse, score
from podium.competition.scores import bootstrap
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError


def images(n=4, *, seed=0, classes=()):
    rng = np.random.default_rng(seed)
    sizes = [(*rng.integers(2, 9, 2), *classes) for _ in range(n)]
    return [rng.random(size) for size in sizes], [rng.random(size) for size in sizes]


# One pixel is 0.6 off, one 0.8, two are right.
TRUTH = [np.array([[0.2, 1.0, 0.5]]), np.array([[0.0]])]
PREDICTED = [np.array([[0.8, 0.2, 0.5]]), np.array([[0.0]])]
WORKED = [("pixel_rmse", {}, 0.5)]


@pytest.mark.parametrize(("name", "options", "expected"), WORKED)
def test_the_worked_numbers_come_out(name, options, expected):
    assert score(name, TRUTH, PREDICTED, **options) == pytest.approx(expected)


def test_every_metric_of_values_of_pixels_has_a_worked_number():
    every = map(metrics.get, metrics.names())
    names = [one.name for one in every if one.scores_masks and one.scores_probs]
    missing = [name for name in names if name not in {worked for worked, *_ in WORKED}]
    assert not missing, (
        f"no number by hand: {', '.join(missing)}: work out the score of PREDICTED against TRUTH "
        f'and write ("{missing[0]}", {{}}, that score) into WORKED of {__file__}'
    )


def test_right_values_have_no_error():
    assert score("pixel_rmse", TRUTH, TRUTH) == 0


@pytest.mark.parametrize("rows", [1, 3, 1000])
@pytest.mark.parametrize("classes", [(), (2,)])
def test_grey_values_score_as_sklearn_scores_them_whatever_the_band(rows, classes, monkeypatch):
    monkeypatch.setattr(pixel_rmse, "BAND_CELLS", rows)
    truth, predicted = images(classes=classes)
    flat = [np.concatenate([one.ravel() for one in values]) for values in (truth, predicted)]
    expected = sklearn.metrics.root_mean_squared_error(*flat)
    assert score("pixel_rmse", truth, predicted) == pytest.approx(expected)
    low, high = bootstrap.interval("pixel_rmse", truth, predicted, n=50)
    assert low < expected < high


def test_unlabelled_pixels_are_left_out():
    truth = [np.array([[0, 1, IGNORE]], np.uint8)]
    predicted = [np.array([[[0.5], [0.5], [0.1]]], np.float32)]  # (H, W, 1), as a network says it
    assert score("pixel_rmse", truth, predicted) == 0.5
    with pytest.raises(DataError, match=r"pixel_rmse is undefined: no pixel .* is labelled"):
        score("pixel_rmse", [np.full((2, 2), IGNORE)], [np.zeros((2, 2))])


@pytest.mark.parametrize("kind", ["binary", "multilabel"])
def test_decided_masks_score_as_their_zeros_and_ones(kind):
    truth, predicted = (
        [(one > 0.5).astype(np.uint8) for one in part] for part in images(classes=(2,))
    )
    if kind == "binary":
        truth, predicted = ([one[..., 0] for one in part] for part in (truth, predicted))
    truth[0].flat[0] = IGNORE
    pairs = zip(truth, predicted, strict=True)
    n_outputs = 1 if kind == "binary" else 2
    counts = [mask_counts(t, p, kind=kind, n_outputs=n_outputs) for t, p in pairs]
    sums = metrics.of_counts("pixel_rmse", np.stack(counts), kind=kind)
    assert metrics.value("pixel_rmse", sums) == pytest.approx(score("pixel_rmse", truth, predicted))


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        (np.zeros((2, 2)), np.zeros((2, 3)), r"image 0: shapes do not match: truth \(2, 2\)"),
        (np.zeros((2, 2)), np.full((2, 2), np.nan), "prediction of image 0 holds nan"),
        (np.full((2, 2), 7, np.uint8), np.zeros((2, 2)), "truth of image 0 holds values outside"),
        (np.full((2, 2), 1.5), np.zeros((2, 2)), "truth of image 0 holds values outside"),
        (np.zeros((2, 2)), np.full((2, 2), "a"), "prediction of image 0 must be numbers"),
        (None, np.zeros((2, 2)), "the truth of image 0 is missing"),
    ],
)
def test_pairs_without_a_distance_are_refused(truth, predicted, message):
    with pytest.raises(DataError, match=message):
        score("pixel_rmse", [truth], [predicted])


def test_it_scores_masks_of_yes_and_no():
    assert metrics.fitting("pixel_rmse", "binary", task="segment").needs == "probs"
    with pytest.raises(DataError, match="pixel_rmse cannot score a multiclass task"):
        metrics.fitting("pixel_rmse", "multiclass", task="segment")
