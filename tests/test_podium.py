"""`import podium`: its names, what importing costs, and what its functions on arrays take."""

from __future__ import annotations

import dataclasses
import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score, log_loss

import podium
from podium import competition, ensembling, predictions, submissions, tuning
from podium.competition import metrics
from podium.errors import DataError, PodiumError, SubmissionError, UsageError
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.store.masks import MaskArrays
from podium.workflows.api.workspace import KeptBlend

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"numpy", "pandas", "torch", "sklearn", "scipy", "numba", "cv2", "pydantic", "optuna"}
NAMES = ["cat", "dog", "fox"]


def run_python(code: str, *arguments: str, timeout_s: float = 300) -> str:
    """Run `code` in a fresh Python and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def three_classes(n: int = 60) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return classes `(n,)` and probabilities `(n, 3)` that are often right."""
    rng = np.random.default_rng(0)
    truth = np.arange(n) % 3
    probs = np.eye(3)[truth] + rng.random((n, 3))
    return truth, probs / probs.sum(axis=1, keepdims=True)


def test_every_name_is_importable_and_listed() -> None:
    assert set(podium.__all__) <= set(dir(podium))
    assert sorted(podium.__all__) == podium.__all__
    for name in podium.__all__:
        assert getattr(podium, name) is not None, name
    assert 20 <= len(podium.__all__) <= 30


def test_names_that_type_checkers_see_are_those_of_all() -> None:
    text = (ROOT / "podium/__init__.py").read_text(encoding="utf-8")
    block = text.split("if TYPE_CHECKING:\n")[1].split("\n\n__version__")[0]
    imported = set(re.findall(r"\b(\w+)(?=,?\n|, |\)|$)", re.sub(r"from \S+ import", "", block)))
    assert set(podium.__all__) - {"__version__"} <= imported


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fit_everything'"):
        _ = podium.fit_everything  # type: ignore[attr-defined]


def test_importing_podium_loads_nothing_heavy() -> None:
    code = "import sys, podium; podium.__version__; dir(podium); print(*sys.modules)"
    assert not HEAVY & {one.partition(".")[0] for one in run_python(code).split()}


def test_importing_podium_keeps_albumentations_off_the_network() -> None:
    forgotten = "import os; os.environ.pop('NO_ALBUMENTATIONS_UPDATE', None); import podium; "
    assert run_python(f"{forgotten}print(os.environ['NO_ALBUMENTATIONS_UPDATE'])").strip() == "1"


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize(
    ("given", "policy"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")]
)
def test_waiting_threads_sleep_unless_the_user_sets_otherwise(
    given: dict[str, str], policy: str
) -> None:
    """What the threads of torch do is told by their own library, as it is loaded."""
    env = {key: value for key, value in os.environ.items() if "SPINCOUNT" not in key}
    env.pop("OMP_WAIT_POLICY", None)
    words = [sys.executable, "-c", "import podium, torch"]
    done = subprocess.run(
        words,
        env={**env, "OMP_DISPLAY_ENV": "TRUE", **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(re.findall(r"OMP_WAIT_POLICY ?= ?'(\w+)'", done.stderr)) == {policy}


@pytest.mark.slow
def test_functions_on_arrays_load_no_torch() -> None:
    code = (
        "import sys, podium\n"
        "podium.score('accuracy', [0, 1], [0, 1]); podium.make_folds([0, 1, 0, 1], 2)\n"
        "podium.rle.decode('1 2', (2, 2)); print('torch' in sys.modules)"
    )
    assert run_python(code).strip() == "False"


def test_names_of_the_rooms_are_still_theirs() -> None:
    assert podium.rle.encode(np.eye(2, dtype=bool)) == "1 1 4 1"
    assert podium.metrics is metrics
    assert podium.Blend is ensembling.Blend
    assert podium.PredictionSet is predictions.PredictionSet
    truth, probs = three_classes()
    assert tuning.threshold_curve(probs[:, 0], truth == 0, "f1").best() == pytest.approx(
        podium.threshold_curve(truth == 0, probs[:, 0], "f1").best()
    )
    assert callable(competition.make_folds)
    assert callable(submissions.check)


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        np.asarray,
        pd.Series,
        torch.tensor,
        lambda y: pd.Series(y, dtype="Int64"),
        lambda y: [NAMES[one] for one in y],
        lambda y: pd.Series([NAMES[one] for one in y], dtype="category"),
        lambda y: pd.DataFrame({"label": y}),
    ],
)
def test_labels_of_any_container_make_the_same_folds(make: Any) -> None:
    y = [0, 1, 2] * 10
    groups = [str(at // 6) for at in range(30)]
    assert podium.make_folds(make(y)).tolist() == podium.make_folds(y).tolist()
    folds = podium.make_folds(make(y), 3, groups, seed=1)
    assert all(len({*folds[np.array(groups) == one]}) == 1 for one in groups)


def test_folds_are_those_of_the_competition_and_need_no_order_with_ids() -> None:
    y = np.arange(40) % 4
    frame = pd.DataFrame({"label": y})
    assert (podium.make_folds(y, 4, seed=7) == competition.make_folds(frame, n=4, seed=7)).all()
    ids = [f"{at:03d}" for at in range(40)]
    folds = podium.make_folds(y, 4, ids=ids)
    assert (podium.make_folds(y[::-1], 4, ids=ids[::-1]) == folds[::-1]).all()
    several = podium.make_folds(pd.DataFrame({"a": y % 2, "b": y // 2}), 4)
    assert np.bincount(several).tolist() == [10] * 4


def test_an_array_given_to_the_folds_of_samples_is_refused() -> None:
    with pytest.raises(DataError, match=r"samples must be a frame.*got ndarray") as refused:
        competition.make_folds(np.array([0, 1, 0, 1]), n=2)  # type: ignore[arg-type]
    assert "podium.make_folds(y" in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": "labels.csv"}, "y must be an array"),
        ({"y": None}, "y must be an array"),
        ({"y": [0, 1] * 9, "n_splits": "5"}, "n_splits must be a whole number, got str '5'"),
        ({"y": [0, 1] * 9, "n_splits": 1}, "n_splits must be a whole number of at least 2"),
        ({"y": [0, 1] * 9, "groups": [1, 2]}, r"groups must have one entry a row, \(18,\)"),
        ({"y": [0, 1] * 9, "seed": 0.5}, "seed must be a whole number"),
        ({"y": [[1], [1, 2]]}, "y has rows of different lengths"),
        ({"y": pd.DataFrame({"id": ["a", "b"], "label": ["x", "y"]})}, "y has 2 columns"),
    ],
)
def test_make_folds_names_the_argument(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        podium.make_folds(**arguments)


def test_scores_are_those_of_sklearn_whatever_holds_the_arrays() -> None:
    truth, probs = three_classes()
    names, decided = [NAMES[one] for one in truth], probs.argmax(axis=1)
    predicted = [NAMES[one] for one in decided]
    expected = log_loss(truth, probs)
    frame = pd.DataFrame(probs, columns=NAMES)
    for right, prediction in (
        (truth, probs),
        (names, probs),
        (pd.Series(names), frame),
        (names, frame[NAMES[::-1]]),
        (torch.tensor(truth), torch.tensor(probs, requires_grad=True)),
        (truth.tolist(), probs.tolist()),
    ):
        assert podium.score("log_loss", right, prediction) == pytest.approx(expected)
    f1 = f1_score(truth, decided, average="macro")
    assert podium.score("macro_f1", truth, decided) == pytest.approx(f1)
    assert podium.score("macro_f1", names, predicted) == pytest.approx(f1)
    assert podium.score("macro_f1", names, decided, classes=NAMES) == pytest.approx(f1)
    assert podium.score("accuracy", [3, 7], [3, 7], classes=[3, 7]) == 1
    with pytest.raises(DataError, match=r"holds 0 at row 0.*none of the classes 3, 7"):
        podium.score("accuracy", [3, 7], [0, 1], classes=[3, 7])


def test_a_tensor_without_a_type_of_numpy_is_taken() -> None:
    probs = torch.tensor([[0.5, 0.5], [0.25, 0.75]], dtype=torch.bfloat16)
    assert podium.score("log_loss", [0, 1], probs) == pytest.approx(
        log_loss([0, 1], probs.float().numpy())
    )


def test_masks_are_scored_as_lists_of_tensors() -> None:
    mask = np.eye(4, dtype=np.uint8)
    given = [torch.tensor(mask), torch.tensor(1 - mask)]
    assert podium.score("mean_dice", [mask, 1 - mask], given) == 1


def masks_of_three() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return true and predicted masks `(3, 8, 7)` of 0 and 1."""
    rng = np.random.default_rng(3)
    truth = (rng.random((3, 8, 7)) < 0.4).astype(np.uint8)
    return truth, truth ^ (rng.random(truth.shape) < 0.2)


def mean_dice_by_hand(truth: NDArray[np.uint8], prediction: NDArray[np.uint8]) -> float:
    pairs = zip(truth, prediction, strict=True)
    return float(np.mean([2 * (t & p).sum() / (t.sum() + p.sum()) for t, p in pairs]))


@pytest.mark.parametrize(
    "name", ["mean_dice", "mean_iou", "global_dice", "pixel_fbeta", "pixel_accuracy", "pixel_rmse"]
)
def test_a_truth_whose_foreground_is_255_is_refused(name: str) -> None:
    truth, predicted = masks_of_three()
    for given in (truth * 255, torch.tensor(truth * 255), list(truth * np.int64(255))):
        with pytest.raises(DataError, match="no other values than 0 and 255") as refused:
            podium.score(name, given, predicted)
        assert "mask > 0" in str(refused.value.fix)
    assert podium.score(name, truth * 255 > 0, predicted) == podium.score(name, truth, predicted)


def test_255_beside_other_values_marks_unlabelled_pixels() -> None:
    truth, predicted = masks_of_three()
    unlabelled = truth.copy()
    unlabelled[:, :2] = 255
    seen = mean_dice_by_hand(truth[:, 2:], predicted[:, 2:])
    assert podium.score("mean_dice", unlabelled, predicted) == pytest.approx(seen)
    assert podium.score("mean_dice", truth * 0, predicted, empty="zero") == 0  # no foreground


def test_masks_of_one_channel_are_those_without_it() -> None:
    truth, predicted = masks_of_three()
    right = mean_dice_by_hand(truth, predicted)
    for given in (predicted, predicted[:, None], torch.tensor(predicted[:, None])):
        for known in (truth, truth[:, None], list(truth[:, None])):
            assert podium.score("mean_dice", known, given) == pytest.approx(right)
    soft = np.where(predicted, 0.7, 0.1)
    rmse = np.sqrt(np.mean((soft - truth) ** 2))
    assert podium.score("pixel_rmse", truth, soft[:, None]) == pytest.approx(rmse)


@pytest.mark.parametrize("name", ["mean_dice", "mean_iou", "mean_iou_hits", "global_dice"])
def test_grey_values_in_the_place_of_classes_are_refused(name: str) -> None:
    truth, predicted = masks_of_three()
    for grey in (2, 3, 128, 254):
        # Of 1 beside 2 both are classes.
        other = 0 * truth if grey == 2 else truth
        wide = [one.astype(np.int16) * grey for one in predicted]
        for pair in ((truth * grey, predicted * grey), (other, wide)):
            with pytest.raises(DataError, match=f"hold {grey} and no pixel of class") as refused:
                podium.score(name, *pair)
            assert "mask > 0" in str(refused.value.fix)
        with pytest.raises(DataError, match=f"decision holds {grey}, where 0 … 1") as refused:
            podium.score(name, truth > 0, predicted * grey)
        assert "mask > 0" in str(refused.value.fix)


def test_a_class_without_pixels_is_one_where_the_classes_are_named() -> None:
    truth, predicted = (2 * one for one in masks_of_three())
    right = mean_dice_by_hand(truth // 2, predicted // 2)
    found = podium.score("mean_dice", truth, predicted, classes=["a", "b"])
    assert found == pytest.approx((right + 1) / 2)  # a is right: it is nowhere
    truth[0, 0, 0] = predicted[0, 0, 0] = 1
    assert podium.score("mean_dice", truth, predicted, over="class", background=True) > 0


def test_masks_that_cannot_be_scored_are_refused_with_what_to_pass() -> None:
    truth, predicted = masks_of_three()
    planes = np.stack([truth == 0, truth == 1], axis=-1)
    unlabelled = truth.copy()
    unlabelled[:, 0] = 255
    for pair, wrong, fix in (
        ((truth, np.where(predicted, np.nan, 0.0)), "y_pred holds nan or infinity in image 0", ""),
        ((np.where(truth, np.inf, 0.0), truth), "y_true holds nan or infinity in image 0", ""),
        ((predicted * 0.6, truth), "y_true holds probabilities", "the truth comes first"),
        ((predicted, unlabelled), "the decision holds 255", "the truth comes first"),
        ((truth, predicted.swapaxes(1, 2)), "shapes do not match", "mask.swapaxes(0, 1)"),
        ((truth, planes), "shapes do not match", "argmax(axis=-1)"),
        ((planes, truth), "shapes do not match", "argmax(axis=-1)"),
        ((np.zeros((1, 8, 8, 2)), np.zeros((1, 8, 8, 3))), "shapes do not match", "frame"),
    ):
        with pytest.raises(PodiumError) as refused:
            podium.score("mean_dice", *pair)
        assert wrong in refused.value.message
        assert fix in str(refused.value.fix)


def test_masks_whose_plane_stands_last_are_those_without_it() -> None:
    truth, predicted = masks_of_three()
    right = mean_dice_by_hand(truth, predicted)
    for pair in ((truth[..., None], predicted), (truth[:, None], predicted[..., None])):
        assert podium.score("mean_dice", *pair) == pytest.approx(right)


def test_functions_of_labels_name_those_that_take_masks() -> None:
    truth, predicted = masks_of_three()
    probs = 0.6 * predicted + 0.2
    for call in (
        lambda: podium.threshold_curve(truth, probs, "mean_dice"),
        lambda: podium.fit_thresholds(truth, probs, "mean_dice"),
        lambda: podium.hill_climb(truth, [probs], "mean_dice"),
        lambda: podium.blend(list(truth), {"a": list(probs)}, "mean_dice", [0, 0, 1]),
        lambda: podium.blend([truth[0], truth[1, :5]], {"a": probs}, "mean_dice", [0, 1]),
        lambda: podium.decide(probs),
        lambda: podium.decide(probs, [{"threshold": 0.5}], kind="binary"),
    ):
        with pytest.raises(UsageError, match="must be of labels") as refused:
            call()
        for name in ("fit_mask_threshold", "decide_mask", "import_predictions"):
            assert name in str(refused.value.fix)
    # What the message names takes them.
    masks = MaskArrays(["a", "b", "c"], list(probs[..., None].astype(np.float16)))
    threshold = tuning.fit_mask_threshold(masks, list(truth), "mean_dice", raw=True)
    assert 0.2 < threshold <= 0.8
    decided = [decide_mask(masks, i, [{"threshold": 0.5}], "binary") for i in range(3)]
    assert np.array_equal(decided, predicted)


def test_masks_whose_classes_come_first_are_refused() -> None:
    truth, predicted = (np.stack([one, 1 - one], axis=-1) for one in masks_of_three())
    right = np.mean([mean_dice_by_hand(truth[..., c], predicted[..., c]) for c in (0, 1)])
    assert podium.score("mean_dice", truth, predicted) == pytest.approx(right)
    first = [np.moveaxis(one, -1, 1) for one in (truth, predicted)]
    with pytest.raises(UsageError, match=r"y_true holds masks .* \(2, 8, 7\)"):
        podium.score("mean_dice", *first)


@pytest.mark.parametrize("name", ["mean_dice", "mean_iou_hits", "surface_dice", "pixel_rmse"])
def test_texts_of_runs_in_the_place_of_masks_are_refused(name: str) -> None:
    mask = np.eye(3, dtype=np.uint8)
    for truth, predicted, argument in ((["1 2"], ["1 2"], "y_true"), ([mask], ["1 2"], "y_pred")):
        with pytest.raises(UsageError, match=f"{argument} must hold masks") as refused:
            podium.score(name, truth, predicted)
        assert "podium.rle.decode" in str(refused.value.fix)


@pytest.mark.parametrize("name", ["accuracy", "auc", "log_loss", "qwk", "mae", "mean_dice"])
def test_a_score_of_no_rows_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="there are no rows to score"):
        podium.score(name, [], [])


def test_numbers_beside_names_are_places_in_the_classes_that_are_passed() -> None:
    names, numbers = ["cat", "dog", "fox", "fox"], [0, 1, 2, 1]
    with pytest.raises(UsageError, match="y_true holds numbers") as refused:
        podium.score("accuracy", numbers, names)
    assert "pass classes=" in str(refused.value.fix)
    assert podium.score("accuracy", numbers, names, classes=["cat", "dog", "fox"]) == 0.75


@pytest.mark.parametrize("name", ["log_loss", "f1", "macro_f1", "accuracy", "auc", "qwk"])
def test_swapped_truth_and_prediction_are_refused(name: str) -> None:
    truth, probs = three_classes()
    for right, predicted in ((truth, probs), (truth == 0, probs[:, 0])):
        with pytest.raises(UsageError, match="y_true holds probabilities") as refused:
            podium.score(name, predicted, right)
        assert "the truth comes first" in str(refused.value)


def test_thresholds_of_swapped_truth_and_prediction_are_refused() -> None:
    truth, probs = three_classes()
    for function in (podium.threshold_curve, podium.fit_thresholds):
        with pytest.raises(UsageError, match="they change places"):
            function(probs[:, 0], truth == 0, "f1")
    with pytest.raises(DataError, match="y_true must be 0 or 1, got 2 at row 2"):
        podium.fit_thresholds(truth, probs[:, 0], "f1")


def test_rows_of_probabilities_that_sum_to_three_are_refused() -> None:
    truth, probs = three_classes()
    with pytest.raises(DataError, match=r"60 of 60 rows that are no prob.*row 0 sums to 3"):
        podium.score("log_loss", truth, probs * 0 + 1)
    with pytest.raises(DataError, match=r"row 0 has a value outside \[0, 1\]"):
        podium.score("log_loss", truth, np.log(probs))
    with pytest.raises(DataError, match=r"y_preds\['two'\] has 60 of 60 rows"):
        podium.blend(truth, {"one": probs, "two": probs * 2}, "log_loss", np.arange(60) % 2)
    half = (probs * 1000).round().astype(np.float16) / 1000  # rounding and float16 are no mistake
    assert podium.score("log_loss", truth, half) > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: podium.score([0, 1], "accuracy", [0, 1]), "metric must be a metric's name"),
        (lambda: podium.score("accuracy", [0, 1], "x.csv"), "y_pred must be an array"),
        (lambda: podium.score("accuracy", None, [0, 1]), "y_true must be an array"),
        (lambda: podium.score("accuracy", [0, 1], [0.4, 0.6]), "accuracy scores decisions"),
        (lambda: podium.score("accuracy", [0, 1], ["a", "b"]), "y_pred holds names, and y_true"),
        (lambda: podium.score("log_loss", [[0.4, 0.6]], ["a"]), "y_true before y_pred"),
        (
            lambda: podium.score("log_loss", ["a", "b"], [[0.2, 0.3, 0.5]] * 2),
            "y_pred has 3 columns, and y_true has the 2 classes",
        ),
        (lambda: podium.score("mean_dice", 3, [np.eye(2)]), "y_true must be a list of masks"),
        (lambda: podium.cross_fit(np.mean, [1, 2], folds=[0, 1]), "apply must be a function"),  # type: ignore[arg-type]
        (lambda: podium.cross_fit(len, len, folds=[0.5, 1]), "folds must be whole numbers"),  # type: ignore[arg-type]
        (lambda: podium.hill_climb([0, 1], 3, "auc"), "y_preds must be a list of predictions"),
        (lambda: podium.hill_climb([0, 1], [], "auc"), "y_preds is empty"),
        (lambda: podium.blend([0, 1], [[0.1, 0.9]], len, [0, 1]), "metric must be"),  # type: ignore[arg-type]
        (lambda: podium.decide([0.1, 0.9], "threshold"), "steps must be a list"),  # type: ignore[arg-type]
        (lambda: podium.decide([[0.1, 0.1]]), 'kind="multilabel"'),
        (lambda: podium.decide(["a"]), "y_pred must hold numbers"),
        (
            lambda: podium.decide([[0.1, 0.9]], classes=["a"]),
            "classes has 1 name, and y_pred has 2 classes",
        ),
        (lambda: podium.load_competition(3), "path must be a path"),  # type: ignore[arg-type]
        (lambda: podium.check_submission(3), "file must be a path"),  # type: ignore[arg-type]
        (lambda: podium.check_submission("x.csv"), "the format of the file is unknown"),
        (lambda: podium.write_submission("x.csv", ["a"], [1]), "the format of the file is unknown"),
    ],
)
def test_a_wrong_argument_is_named(call: Any, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        call()


def test_an_unknown_class_is_refused_with_its_row() -> None:
    with pytest.raises(DataError, match=r"y_true holds 'owl' at row 1, which is none of"):
        podium.score("accuracy", ["cat", "owl"], ["cat", "dog"], classes=NAMES)
    with pytest.raises(DataError, match="y_true has 3 rows, y_pred 2"):
        podium.score("accuracy", [0, 1, 1], [0, 1])
    with pytest.raises(DataError, match="the truth comes first"):
        podium.hill_climb(np.zeros(3), np.ones((2, 5)) / 2, "auc")


def test_thresholds_and_curves_are_those_of_the_rooms() -> None:
    truth, probs = three_classes()
    table = np.eye(3, dtype=int)[truth]
    expected = tuning.fit_thresholds(probs, table, "macro_f1", "multilabel")
    assert (podium.fit_thresholds(table, probs, "macro_f1") == expected).all()
    words = np.where(truth == 0, "yes", "no")
    one = podium.fit_thresholds(words, pd.Series(probs[:, 0]), "f1")
    assert (one == tuning.fit_thresholds(probs[:, 0], truth == 0, "f1", "binary")).all()
    assert one.shape == (1,)


@pytest.mark.slow
def test_members_are_taken_by_name_and_combined_by_name() -> None:
    truth, probs = three_classes()
    other, folds = np.roll(probs, 1, axis=0), np.arange(60) // 3 % 2
    given = {"good": probs, "bad": other}
    names = [NAMES[one] for one in truth]
    made = podium.blend(names, given, "log_loss", folds)
    plain = ensembling.blend(
        np.stack([probs, other]), truth, "log_loss", folds, method="hill_climb", names=list(given)
    )
    assert made == plain
    turned = {name: given[name] for name in ("bad", "good")}
    assert (podium.combine(made, turned) == podium.combine(made, list(given.values()))).all()
    assert podium.combine(made, given).dtype == np.float32
    weights = podium.hill_climb(truth, list(given.values()), "log_loss")
    assert weights.tolist() == list(made.weights)
    assert podium.simplex_weights(truth, given, "log_loss").weights.sum() == pytest.approx(1)
    with pytest.raises(UsageError, match="y_preds lacks the members 'bad'"):
        podium.combine(made, {"good": probs})
    with pytest.raises(UsageError, match="y_preds holds 1 member, the blend has 2"):
        podium.combine(made, [probs])


def test_columns_of_frames_are_put_in_the_order_of_the_classes() -> None:
    truth, probs = three_classes()
    names = [NAMES[one] for one in truth]
    frame = pd.DataFrame(probs, columns=NAMES)
    folds = np.arange(60) // 3 % 2
    turned = podium.blend(names, {"a": frame[NAMES[::-1]]}, "log_loss", folds)
    assert turned.honest == podium.blend(names, {"a": frame}, "log_loss", folds).honest


def test_decisions_have_the_names_of_the_classes() -> None:
    _, probs = three_classes(4)
    decided = podium.decide(probs)
    assert (decided == probs.argmax(axis=1)).all()
    assert podium.decide(probs, classes=NAMES).tolist() == [NAMES[one] for one in decided]
    assert podium.decide([0.4, 0.5]).tolist() == [0, 1]
    assert podium.decide([0.4, 1.6], [{"round": None}]).tolist() == [0, 2]
    assert podium.decide([[0.9, 0.8]], [{"threshold": 0.5}]).tolist() == [[1, 1]]
    assert podium.decide([[0.9, 0.8]], kind="multilabel").dtype == np.uint8


IDS = [f"{at:02d}" for at in range(6)]


@pytest.mark.parametrize(
    ("sample", "y_pred", "cells"),
    [
        ({"label": ["cat"] * 6}, ["dog"] * 5 + ["cat"], ["dog"] * 5 + ["cat"]),
        ({"label": [0] * 6}, [0, 1, 2, 0, 1, 2], [0, 1, 2, 0, 1, 2]),
        ({"price": [0.0] * 6}, [0.5, 1.5, -2.0, 0, 1, 2], [0.5, 1.5, -2.0, 0, 1, 2]),
        (
            {"cat": [0.5] * 6, "dog": [0.5] * 6},
            pd.DataFrame({"dog": [0.25] * 6, "cat": [0.75] * 6}),
            [[0.75, 0.25]] * 6,
        ),
        ({"cat": [0] * 6, "dog": [0] * 6}, np.ones((6, 2), np.int64), [[1, 1]] * 6),
    ],
)
def test_a_submission_is_written_as_its_sample_is(
    sample: dict[str, Any], y_pred: Any, cells: Any, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"id": IDS, **sample})
    path = podium.write_submission(str(tmp_path / "s.csv"), IDS[::-1], y_pred, sample=frame)
    written = pd.read_csv(path, dtype={"id": str})
    assert written["id"].tolist() == IDS
    found = written.drop(columns="id").to_numpy()[::-1]
    assert np.squeeze(found).tolist() == cells
    names = ["cat", "dog"] if sample.get("label") == ["cat"] * 6 else None
    frame.to_csv(tmp_path / "sample.csv", index=False)
    for given in (frame, tmp_path / "sample.csv"):
        assert podium.check_submission(path, sample=given, classes=names) == []


def test_a_submission_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    sample = pd.DataFrame({"id": IDS, "label": "cat"})
    with pytest.raises(SubmissionError, match="ids"):
        podium.write_submission(tmp_path / "s.csv", ["x"], ["cat"], sample=sample)
    with pytest.raises(UsageError, match="the sample one of answers"):
        podium.write_submission(tmp_path / "s.csv", IDS, np.full((6, 2), 0.5), sample=sample)
    with pytest.raises(UsageError, match="ids must have one entry a row"):
        podium.write_submission(tmp_path / "s.csv", IDS[:2], ["cat"] * 6, sample=sample)
    assert not (tmp_path / "s.csv").exists()
    (tmp_path / "s.csv").write_text("id,label\n00,cat\n01,owl\n")
    problems = podium.check_submission(tmp_path / "s.csv", sample=sample, classes=NAMES)
    assert any("owl" in one.message for one in problems)
    assert any("missing" in one.message for one in problems)
    of_frame = podium.check_submission(
        pd.read_csv(tmp_path / "s.csv", dtype=str), sample=sample, classes=NAMES
    )
    assert of_frame == problems


def test_a_name_that_there_is_not_is_told_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match="'check_submision': did you mean 'check_submission'"):
        _ = podium.check_submision  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"no attribute .xyz.$"):
        _ = podium.xyz  # type: ignore[attr-defined]


def test_numbers_for_a_column_of_names_need_classes(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    sample = pd.DataFrame({"id": ["a", "b"], "species": ["cat", "dog"]})
    for numbers in ([0, 1], [0.0, 1.0], np.array([0, 1])):
        with pytest.raises(UsageError, match="'species' of the sample names, as 'cat'") as refused:
            podium.write_submission(path, ["a", "b"], numbers, sample=sample)
        assert "classes=" in str(refused.value.fix)
        podium.write_submission(path, ["a", "b"], numbers, sample=sample, classes=["owl", "cat"])
        assert path.read_text() == "id,species\na,owl\nb,cat\n"
    path.unlink()
    with pytest.raises(DataError, match="'cta' at row 0, which is none of the classes"):
        podium.write_submission(path, ["a", "b"], ["cta", "dog"], sample=sample, classes=NAMES)
    for odd in (0.2, np.nan, np.inf):
        with pytest.raises(SubmissionError, match=f"y_pred holds {odd}, which is no class number"):
            podium.write_submission(path, ["a", "b"], [1.0, odd], sample=sample, classes=NAMES)
    assert not path.exists()


def test_ids_that_were_read_as_numbers_are_named(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"

    def fix_of(ids: Any, known: list[str]) -> str:
        sample = pd.DataFrame({"id": known, "label": "cat"})
        with pytest.raises(SubmissionError, match="without a prediction") as refused:
            podium.write_submission(path, ids, ["cat", "dog"], sample=sample)
        return str(refused.value.fix)

    assert "'11.0' for '11': pass texts" in fix_of([10.0, 11.0], ["11", "7"])
    assert "'1' for '001': pass texts" in fix_of([1, 2], ["001", "020"])
    assert "pass the ids of the sample" in fix_of(["a", "x"], ["a", "b"])
    assert fix_of(["a", "img-1"], ["a", "img_1"]) == "did you mean 'img_1'?"
    for ids, y_pred in ((["a", "b"], ["cat"]), (["a"], ["cat", "dog"])):
        sample = pd.DataFrame({"id": ["a", "b"], "label": "cat"})
        with pytest.raises(UsageError, match=f"a row of y_pred, which has {len(y_pred)}"):
            podium.write_submission(path, ids, y_pred, sample=sample)


def cells_by_id(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()[1:]
    return dict(line.split(",") for line in lines)


def test_masks_are_written_as_a_known_competition_has_them(tmp_path: Path) -> None:
    """A run is as a walk over the pixels finds it; in the sample's order, and at a row a class."""
    path, square = tmp_path / "s.csv", np.zeros((101, 101), dtype=np.uint8)
    square[3:5, 2] = 1  # down the third column: pixels 2 · 101 + 3 and the next, from 0
    ids = ["b", "a"]
    sample = pd.DataFrame({"id": ["a", "b"], "rle_mask": ""})
    one = np.stack([square, 0 * square])
    forms = [one, one > 0, one.astype(np.int64), torch.tensor(one)[:, None], list(one)]
    for masks in (*forms, one[..., None], one.astype(np.float32)):
        podium.write_submission(path, ids, masks, sample=sample, preset="tgs-salt")
        assert cells_by_id(path) == {"a": "", "b": "206 2"}
    assert podium.check_submission(path, preset="tgs-salt", sample=sample) == []

    # Of any size: each mask has its own. A class has a row of its own, of one size in all.
    sizes = [square[:10, :7], square]
    found = pd.DataFrame({"id": ["a", "b"], "predicted": ""})
    podium.write_submission(path, ids, sizes, sample=found, preset="hubmap-kidney")
    assert cells_by_id(path) == {"a": "206 2", "b": "24 2"}
    steel = np.zeros((1, 256, 1600, 4), dtype=bool)
    steel[0, 0, 1, 2] = True
    names = [f"a_{one}" for one in range(1, 5)]
    rows = pd.DataFrame({"ImageId_ClassId": names, "EncodedPixels": ""})
    podium.write_submission(path, ["a"], steel, sample=rows, preset="severstal")
    assert cells_by_id(path) == dict(zip(names, ["", "", "257 1", ""], strict=True))


def test_masks_that_cannot_be_written_are_refused_with_what_to_pass(tmp_path: Path) -> None:
    mask = np.eye(101, dtype=np.uint8)
    sample = pd.DataFrame({"id": ["a"], "rle_mask": ""})

    def refusal(masks: Any, **given: Any) -> str:
        with pytest.raises(PodiumError) as refused:
            podium.write_submission(tmp_path / "s.csv", ["a"], masks, sample=sample, **given)
        return str(refused.value)

    for masks in (mask[None], [mask], [mask.tolist()], [mask[:5, :4]]):
        assert "podium.rle.encode(mask)" in refusal(masks)
    assert "pass mask > 0" in refusal([mask * 255], preset="tgs-salt")
    assert "must have the shape (101, 101), got (5, 4)" in refusal(
        [mask[:5, :4]], preset="tgs-salt"
    )
    wide, twice = tmp_path / "wide.csv", ["a", "b", "a"]
    rows = pd.DataFrame({"ImageId_ClassId": [f"a_{one}" for one in range(1, 5)], "Encoded": ""})
    given: dict[str, Any] = {"sample": rows, "preset": "severstal"}
    with pytest.raises(SubmissionError, match=r"mask.swapaxes\(0, 1\)"):
        podium.write_submission(wide, ["a"], np.zeros((1, 1600, 256, 4), dtype=bool), **given)
    planes = np.stack([mask == 0, mask == 1], axis=-1)
    assert "argmax(axis=-1)" in refusal([planes], preset="tgs-salt")
    assert "y_pred holds nan" in refusal([np.where(mask, np.nan, 0.0)], preset="tgs-salt")
    sizes = [mask[:one, :5] for one in (4, 5, 6)]  # before an odd size: those of one id differ
    with pytest.raises(SubmissionError, match="ids has 'a' more than once"):
        podium.write_submission(wide, twice, sizes, sample=sample, preset="hubmap-kidney")
    assert "podium.rle.decode" in refusal(["1 2"], preset="tgs-salt")
    assert "must have the shape (H, W), got ()" in refusal([1], preset="hubmap-kidney")
    assert "write_instances" in refusal([mask], preset="dsb2018")
    path = podium.write_submission(tmp_path / "new/deep/s.csv", ["a"], ["1 2"], sample=sample)
    assert cells_by_id(path) == {"a": "1 2"}  # texts of runs are cells as they are


def test_a_submission_of_a_known_competition_is_written_and_checked(tmp_path: Path) -> None:
    sample = pd.DataFrame({"image_id": [f"{at}.jpg" for at in range(4)], "label": 4})
    path = podium.write_submission(
        tmp_path / "s.csv", sample["image_id"], [0, 1, 2, 3], sample=sample, preset="cassava"
    )
    assert podium.check_submission(path, preset="cassava", sample=sample) == []
    assert pd.read_csv(path)["label"].tolist() == [0, 1, 2, 3]


def test_paths_given_as_text_are_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "set").mkdir()
    assert predictions.PredictionSet("~/set").splits == ()
    with pytest.raises(DataError, match="there are no predictions here"):
        predictions.PredictionSet(str(tmp_path / "none"))
    with pytest.raises(DataError, match=r"competition\.yaml"):
        podium.load_competition("~/set/competition.yaml")
    with pytest.raises(UsageError, match="there is no such folder"):
        podium.Workspace("~/nowhere")
    with pytest.raises(UsageError, match="path must be a path"):
        podium.Workspace(3)  # type: ignore[arg-type]


def test_a_blend_and_predictions_show_tables(tmp_path: Path) -> None:
    truth, probs = three_classes()
    made = podium.blend(truth, {"<a>": probs}, "accuracy", np.arange(60) // 3 % 2, trials=2)
    assert "<td" in made._repr_html_()
    assert "&lt;a&gt;" in made._repr_html_()
    assert "<a>     1.000" in repr(made)
    assert "honest accuracy: " in repr(made)
    predictions.write_fold(
        tmp_path, "oof", "classify", 0, ids=["a", "b"], probs=probs[:2], model="m"
    )
    shown = podium.PredictionSet(tmp_path)
    assert re.search(r"oof +classify +0 +2", repr(shown))
    assert "<td" in shown._repr_html_()


def test_members_to_combine_are_found_by_id_or_name_and_a_wrong_one_is_named() -> None:
    truth, probs = three_classes()
    folds, other = podium.make_folds(truth, 2), np.roll(probs, 1, axis=1)
    ids = ("forest-76a865e3", "knn-0a1b2c3d")
    made = podium.blend(truth, dict(zip(ids, (probs, other), strict=True)), "log_loss", folds)
    made = dataclasses.replace(made, weights=(0.75, 0.25), params={})
    right = 0.75 * probs + 0.25 * other
    for keys in (ids, ("forest", "knn"), ("forest", ids[1])):
        found = podium.combine(made, dict(zip(keys, (probs, other), strict=True)))
        assert np.allclose(found, right, atol=1e-6), keys
    kept = KeptBlend(Path("blends/two-00000000"), made)
    assert np.allclose(podium.combine(kept, [probs, other]), right, atol=1e-6)
    twins = dataclasses.replace(made, members=("forest-76a865e3", "forest-0a1b2c3d"))
    with pytest.raises(UsageError, match="lacks the members"):
        podium.combine(twins, {"forest": probs, "knn": other})
    frame = pd.DataFrame(probs, columns=NAMES).assign(id="a")
    with pytest.raises(UsageError, match=r"y_preds\['knn'\] is a frame.*'id'\n.*frame\[ws\."):
        podium.combine(made, {"forest": probs, "knn": frame})
    with pytest.raises(UsageError, match=r"y_preds\[1\] is a frame"):
        podium.combine(made, [probs, frame])


def test_a_curve_chooses_its_robust_threshold_by_errors_of_its_own() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 200)
    values = np.clip(0.3 * truth + 0.7 * rng.random(200), 0, 1).round(2)
    for metric in ("accuracy", "f1", "mcc"):
        curve = podium.threshold_curve(truth, values, metric)
        assert curve.robust() == podium.fit_thresholds(truth, values, metric)[0]
    curve = podium.threshold_curve(truth, values, "accuracy")
    assert curve.errors is not None
    right = (values[:, None].astype("float32") >= curve.thresholds) == truth[:, None]
    best = int(np.argmin(curve.errors))
    drawn = np.array([right[rng.integers(0, 200, 200)].mean(axis=0) for _ in range(1000)])
    expected = (drawn[:, [best]] - drawn).std(axis=0)
    assert np.allclose(curve.errors, expected, atol=0.012)
    few = podium.threshold_curve([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9], "f1")
    assert few.errors is None
    assert few.robust() == few.best() == 0.5


def test_groups_in_a_message_are_plain_numbers() -> None:
    with pytest.raises(DataError, match=r"scores would leak: 0, 1\n"):
        podium.cross_fit(
            lambda rows: 0,
            lambda _, rows: rows,
            folds=np.array([0, 1, 0, 1]),
            groups=np.array([0, 0, 1, 1]),
        )


@pytest.mark.slow
def test_the_examples_of_the_page_run_and_print_what_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) >= 5
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    shown = re.findall(r"^ *print\(.*\)  # ([\d.]+|\[\])", text, flags=re.MULTILINE)
    assert len(shown) == 4
    printed = capsys.readouterr().out
    assert all(re.search(rf"^{re.escape(one)}", printed, re.MULTILINE) for one in shown)
    assert "honest macro_f1: 0.9863" in printed


def test_the_reference_has_an_example_of_each_name_that_podium_offers() -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    sections = re.findall(r"^### (?:class )?(\S+)\n(.*?)(?=^##|\Z)", text, re.M | re.S)
    shown = [name for name, section in sections if "```pycon\n>>> " in section]
    assert [name for name, _ in sections if name not in shown] == []
    modules = {"metrics", "rle", "tta"}
    assert modules <= {name.partition(".")[0] for name in shown}
    assert set(podium.__all__) - modules - {"__version__"} <= set(shown)
    methods = [one for one in vars(podium.Workspace) if not one.startswith("_")]
    assert {f"Workspace.{one}" for one in methods} <= set(shown)


@pytest.mark.slow
@pytest.mark.long
def test_the_examples_of_the_reference_have_types_from_outside(tmp_path: Path) -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    lines = ["import podium"]
    for number, shown in enumerate(re.findall(r"```pycon\n(.*?)```", text, flags=re.DOTALL)):
        parts = doctest.DocTestParser().get_examples(shown)
        code = textwrap.indent("".join(part.source for part in parts), "    ")
        lines.append(f"def example_{number}(ws: podium.Workspace) -> None:\n{code}")
    (tmp_path / "every_name.py").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "every_name.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert (ROOT / "podium/py.typed").is_file(), "a checker looks into no package without it"


USE = ROOT / "tests/every_public_name.py"


def test_the_file_for_type_checkers_uses_every_public_name() -> None:
    used = set(re.findall(r"podium\.(\w+)", USE.read_text(encoding="utf-8")))
    assert used == set(podium.__all__)


@pytest.mark.slow
@pytest.mark.parametrize("last", ["", "podium.mak_folds\n", "wrong: int = podium.__version__\n"])
def test_pyright_in_strict_mode_takes_every_public_name_and_no_other(
    last: str, tmp_path: Path
) -> None:
    program = shutil.which("pyright")
    if program is None:
        pytest.skip("pyright is not installed")
    (tmp_path / "use.py").write_text(USE.read_text(encoding="utf-8") + last, encoding="utf-8")
    settings = {"include": ["use.py"], "typeCheckingMode": "strict", "extraPaths": [str(ROOT)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [program, "--pythonpath", sys.executable, "--project", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if last else 0), done.stdout + done.stderr
    n_errors = len(re.findall(r" - error: ", done.stdout))
    assert (n_errors > 0) == bool(last), done.stdout


RUN_CELLS = """
import json, sys
cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
names = {"__name__": "__main__"}
for number, cell in enumerate(cells):
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
print("board:", names["board"].state[0], names["board"].public_score[0])
"""


@pytest.mark.slow
def test_the_notebook_runs_from_arrays_to_a_file_and_from_images_to_the_board() -> None:
    file = ROOT / "examples/notebook.ipynb"
    content = json.loads(file.read_text(encoding="utf-8"))
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert not any(line.startswith(("!", "%")) for cell in code for line in cell["source"])
    printed = run_python(RUN_CELLS, str(file), timeout_s=900)
    assert "board: complete" in printed
