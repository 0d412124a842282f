"""Arguments of `podium.score`, `blend` and the others: what is meant is taken, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from numpy.typing import NDArray

import podium
from podium.errors import DataError, SubmissionError, UsageError

NAMES = ["cat", "dog", "fox"]
RIGHT = ["fox", "cat", "dog", "cat"]
PERFECT = pd.DataFrame(
    {"fox": [0.8, 0.1, 0.1, 0.1], "cat": [0.1, 0.8, 0.1, 0.8], "dog": [0.1, 0.1, 0.8, 0.1]}
)
TWELVE = [str(number) for number in range(12)]


def perfect_blend() -> podium.Blend:
    """Return the blend of one member whose every row is right."""
    return podium.blend(
        RIGHT * 3, {"m": pd.concat([PERFECT] * 3)}, "accuracy", np.repeat([0, 1, 2], 4)
    )


def test_columns_of_a_frame_are_decided_and_combined_by_their_names() -> None:
    assert podium.decide(PERFECT, classes=NAMES).tolist() == RIGHT
    blend = perfect_blend()
    assert blend.classes == tuple(NAMES)
    for columns in (["dog", "fox", "cat"], NAMES):
        mixed = podium.combine(blend, {"m": PERFECT[columns]})
        assert podium.decide(mixed, blend.decision, classes=blend.classes).tolist() == RIGHT


def test_columns_of_other_names_are_taken_as_they_stand_and_some_of_them_are_refused() -> None:
    called = PERFECT[NAMES].rename(columns=lambda name: f"p_{name}")
    assert podium.decide(called, classes=NAMES).tolist() == RIGHT
    with pytest.raises(UsageError, match="has the columns 'fox', 'cat', 'p_dog'"):
        podium.decide(PERFECT.rename(columns={"dog": "p_dog"}), classes=NAMES)


def test_columns_of_truth_and_prediction_are_matched_by_name() -> None:
    rng = np.random.default_rng(0)
    truth = pd.DataFrame(rng.integers(0, 2, (60, 3)), columns=["a", "b", "c"])
    probs = pd.DataFrame((truth + rng.random((60, 3))) / 2, columns=["a", "b", "c"])
    expected = sklearn.metrics.roc_auc_score(truth, probs)
    turned = probs[["c", "a", "b"]]
    assert podium.score("auc", truth, turned) == pytest.approx(expected)
    assert podium.score("auc", truth, turned, classes=["a", "b", "c"]) == pytest.approx(expected)
    folds = np.arange(60) % 3
    assert podium.blend(truth, {"m": turned}, "auc", folds).honest == pytest.approx(expected)
    found = podium.fit_thresholds(truth, turned, "f1", raw=True, average="macro")
    plain = podium.fit_thresholds(
        truth.to_numpy(), probs.to_numpy(), "f1", raw=True, average="macro"
    )
    assert found.tolist() == plain.tolist()
    numbers = pd.DataFrame({"width": [1.0, 2.0], "mass": [30.0, 40.0]})
    assert podium.score("mcrmse", numbers, numbers[["mass", "width"]]) == 0


def test_columns_that_are_numbered_may_stand_in_any_order() -> None:
    probs = np.array([[0.8, 0.1, 0.1], [0.1, 0.7, 0.2], [0.1, 0.2, 0.7]])
    frame = pd.DataFrame(probs)[[2, 0, 1]]
    assert podium.score("log_loss", [0, 1, 2], frame) == podium.score("log_loss", [0, 1, 2], probs)


@pytest.mark.parametrize(
    ("metric", "truth", "prediction", "expected"),
    [
        ("rmse", ["10.0", "20.0"], [10.0, 20.0], 0),
        ("rmse", ["1.5", "2"], [1.5, 2.5], np.sqrt(1 / 8)),
        ("mae", ["3", "30"], ["3", "3"], 13.5),
        ("accuracy", TWELVE, list(range(12)), 1),
        ("accuracy", ["1", "2", "10"], ["10", "2", "1"], 1 / 3),
        # 1 - Σ(t - p)² / (Σ over all pairs / n) = 1 - 128 / (336 / 3)
        ("qwk", ["0", "2", "10"], ["0", "10", "2"], 1 - 128 / 112),
    ],
)
def test_numbers_written_as_text_are_these_numbers(
    metric: str, truth: Any, prediction: Any, expected: float
) -> None:
    assert podium.score(metric, truth, prediction) == pytest.approx(expected)


def test_weights_for_numbers_written_as_text_are_those_of_the_numbers() -> None:
    truth = [1.0, 2.0, 10.0, 5.0]
    members = [truth, [one + 1 for one in truth]]
    texts = [str(one) for one in truth]
    assert podium.hill_climb(texts, members, "rmse").tolist() == [1, 0]


def test_numbers_as_text_whose_order_as_text_is_another_one_need_the_names_of_columns() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(12), 12)
    expected = sklearn.metrics.log_loss(range(12), probs)
    assert podium.score("log_loss", list(range(12)), probs) == pytest.approx(expected)
    assert podium.score("log_loss", TWELVE, probs, classes=TWELVE) == pytest.approx(expected)
    for given in (
        lambda: podium.score("log_loss", TWELVE, probs),
        lambda: podium.blend(TWELVE, [probs], "log_loss", np.arange(12) % 3),
    ):
        with pytest.raises(UsageError, match="as text their order is '0', '1', '10'"):
            given()
    # Of one digit both orders are one.
    nine = podium.score("log_loss", TWELVE[:9], probs[:9, :9] / probs[:9, :9].sum(1)[:, None])
    assert np.isfinite(nine)


def test_one_hot_truth_with_probabilities_of_one_class_needs_its_kind() -> None:
    rng = np.random.default_rng(0)
    probs, right = rng.dirichlet(np.ones(3), 30), rng.integers(0, 3, 30)
    one_hot = np.eye(3, dtype=int)[right]
    with pytest.raises(UsageError, match='kind="multiclass" or kind="multilabel"'):
        podium.score("log_loss", one_hot, probs)
    expected = sklearn.metrics.log_loss(right, probs)
    assert podium.score("log_loss", one_hot, probs, kind="multiclass") == pytest.approx(expected)
    by_column = np.mean([sklearn.metrics.log_loss(one_hot[:, c], probs[:, c]) for c in range(3)])
    assert podium.score("log_loss", one_hot, probs, kind="multilabel") == pytest.approx(by_column)
    several = np.clip(probs * 1.5, 0, 1)  # rows that do not sum to 1 are of several classes
    assert np.isfinite(podium.score("log_loss", one_hot, several))
    with pytest.raises(UsageError, match="of one right class or of several"):
        podium.blend(one_hot, [probs], "log_loss", np.arange(30) % 3)
    found = podium.blend(one_hot, [probs], "auc", np.arange(30) % 3, kind="multiclass")
    assert found.kind == "multiclass"


@pytest.mark.parametrize("gap", [None, np.nan])
def test_rows_without_a_label_are_named(gap: Any) -> None:
    with pytest.raises(DataError, match="y has 2 of 6 rows without a label: 2, 5"):
        podium.make_folds(["a", "b", gap] * 2, 2)
    with pytest.raises(DataError, match="y_true has 1 of 3 rows without a label: 2"):
        podium.score("accuracy", ["a", "b", gap], ["a", "b", "nan"])
    with pytest.raises(DataError, match="y_pred has 1 of 3 rows without a label: 0"):
        podium.score("accuracy", ["a", "b", "b"], [gap, "b", "a"])


def test_labels_that_are_nan_are_not_called_probabilities() -> None:
    with pytest.raises(DataError, match="y_true has 1 of 3 rows without a label: 2"):
        podium.score("accuracy", [0, 1, np.nan], [0, 1, 1])
    # Numbers of several columns may be known in part: those rows are left out.
    known = podium.score("mcrmse", [[1, np.nan], [1, 2.0]], [[1, 9.0], [1, 2.0]])
    assert known == 0


def test_rows_of_no_group_are_each_their_own() -> None:
    for gap in (None, np.nan):
        texts = [f"s{row // 4}" if row < 20 else gap for row in range(40)]
        numbers = [float(row // 4) if row < 20 else gap for row in range(40)]
        for groups in (texts, numbers, np.array(texts, dtype=object), pd.Series(numbers)):
            folds = podium.make_folds([0, 1] * 20, 4, groups=groups)
            assert np.bincount(folds).tolist() == [10, 10, 10, 10]
            assert all(len(set(folds[at : at + 4])) == 1 for at in range(0, 20, 4))
            probs = np.linspace(0, 1, 40)
            assert podium.blend([0, 1] * 20, [probs], "auc", folds, groups=groups).n_scored == 40


def test_what_is_not_finite_or_no_probability_is_refused_where_it_is_decided() -> None:
    with pytest.raises(DataError, match="y_pred has 1 of 2 rows that are not finite: 0"):
        podium.decide([[np.nan, 0.9], [0.2, 0.8]])
    with pytest.raises(UsageError, match='kind="regression"'):
        podium.decide([12.5, 30.1, 2.0])
    assert podium.decide([12.5, 30.1, 2.0], kind="regression").tolist() == pytest.approx(
        [12.5, 30.1, 2.0], rel=1e-6
    )
    blend = perfect_blend()
    for given, message in (
        (PERFECT.assign(cat=np.nan), "'m'.* 4 of 4 rows that are not finite"),
        (PERFECT * 3, "4 of 4 rows that are no probabilities"),
        (PERFECT.to_numpy()[:, :2], "2 columns, the blend is of 3: 'cat', 'dog', 'fox'"),
    ):
        with pytest.raises(DataError, match=message):
            podium.combine(blend, {"m": given})


def test_logits_are_refused_where_decisions_are_scored_too() -> None:
    logits = np.random.default_rng(0).normal(size=(90, 3))
    with pytest.raises(DataError, match="are no probabilities"):
        podium.blend(np.arange(90) % 3, [logits], "accuracy", np.arange(90) // 30)


def test_what_has_another_form_is_refused_with_the_form_that_is_meant() -> None:
    y, probs, folds = np.arange(90) % 3, np.full((90, 3), 1 / 3), np.arange(90) // 30
    for given, message in (
        (lambda: podium.blend(y, probs, "auc", folds), r"\[y_pred\]"),
        (
            lambda: podium.blend(y, [probs], "auc", [(y, folds), (folds, y)]),
            r"folds\[validation\]",
        ),
        (lambda: podium.blend(y, [probs] * 2, "auc", folds, names=["a", "a"]), "'a' more than"),
        (lambda: podium.score("top_k_accuracy", y, probs), r"argsort\(-y_pred"),
    ):
        with pytest.raises((UsageError, DataError), match=message):
            given()


@pytest.mark.slow
def test_a_member_that_is_better_as_it_would_be_sent_is_named_by_the_blend() -> None:
    # `good` ranks perfectly, but far below 0.5, where a plain decision says no to all.
    rng = np.random.default_rng(0)
    y = (rng.random(120) < 0.3).astype(int)
    good = 0.05 + 0.2 * y + 0.1 * rng.random(120)
    weak = np.clip(np.where(rng.random(120) < 0.3, 1 - y, y) + rng.normal(0, 0.2, 120), 0, 1)
    members = {"good": good, "weak": weak}
    blend = podium.blend(y, members, "f1", np.arange(120) % 3, method="mean", trials=1)
    assert blend.best_member == "good"
    (note,) = [one for one in blend.notes if "scores better" in one]
    assert note.startswith("good alone, decided as it would be sent, scores better: 1.0000")


@pytest.mark.parametrize(
    ("metric", "truth", "prediction", "classes", "expected"),
    [
        ("accuracy", [1, 2, 3], [1, 2, 2], [1, 2, 3], 2 / 3),
        ("accuracy", [5, 7, 9], [5, 9, 9], [5, 7, 9], 2 / 3),
        ("accuracy", [0, 1, 2], [0, 1, 2], [2, 1, 0], 1),
        ("accuracy", ["1", "2", "3"], ["1", "2", "2"], ["1", "2", "3"], 2 / 3),
        ("accuracy", ["1", "2", "3"], [1, 2, 2], [1, 2, 3], 2 / 3),
        ("accuracy", ["a", "b", "c"], [0, 1, 1], ["a", "b", "c"], 2 / 3),
        ("f1", [1, 2, 2], [1, 2, 1], [1, 2], 2 / 3),
        ("qwk", [0.5, 1.0, 1.5], [0.5, 1.5, 1.0], [0.5, 1, 1.5], 1 - 2 / 4),
        ("map_at_k", [1, 2, 3], [[1, -1], [2, 1], [1, 3]], [1, 2, 3], (1 + 1 + 1 / 2) / 3),
    ],
)
def test_labels_and_decisions_are_those_that_classes_has(
    metric: str, truth: Any, prediction: Any, classes: Any, expected: float
) -> None:
    options = {"k": 2} if metric == "map_at_k" else {}
    found = podium.score(metric, truth, prediction, classes=classes, **options)
    assert found == pytest.approx(expected)


def test_numbers_beside_classes_that_are_other_numbers_as_text_are_refused() -> None:
    for truth, prediction in (([1, 2, 3], [1, 2, 3]), (["1", "2", "3"], [1, 2, 3])):
        with pytest.raises(UsageError, match="1 may be class number 1, or the class '1'"):
            podium.score("accuracy", truth, prediction, classes=["1", "2", "3"])
    assert podium.score("accuracy", [0, 1], ["0", "1"], classes=["0", "1"]) == 1


def test_decisions_that_classes_names_are_written_as_they_are(tmp_path: Path) -> None:
    ids = list("abcde")
    sample = pd.DataFrame({"id": ids, "label": [1, 2, 3, 1, 2]})
    decided = podium.decide(np.eye(3)[[0, 1, 1, 0, 1]], classes=[1, 2, 3])
    for given, classes in (
        (decided, [1, 2, 3]),
        (decided.astype(float), [1, 2, 3]),
        (decided, [3, 1, 2]),
        (decided.astype(str), ["1", "2", "3"]),
        (decided.astype("S1"), ["1", "2", "3"]),
    ):
        file = podium.write_submission(
            tmp_path / "s.csv", ids, given, sample=sample, classes=classes
        )
        assert pd.read_csv(file)["label"].tolist() == [1, 2, 2, 1, 2]
    with pytest.raises(UsageError, match="class number 1, or the class '1'"):
        podium.write_submission(
            tmp_path / "s.csv", ids, decided, sample=sample, classes=["1", "2", "3"]
        )


def test_an_ordered_categorical_has_the_order_of_its_categories() -> None:
    names = ["low", "mid", "high"]

    def ordered(labels: list[str]) -> pd.Categorical:
        return pd.Categorical(labels, categories=names, ordered=True)

    for wrap in (ordered, lambda labels: pd.Series(ordered(labels))):
        swapped = wrap(["low", "high", "mid"])
        assert podium.score("qwk", wrap(names), swapped) == pytest.approx(1 - 2 / 4)
        probs = np.eye(3) * 0.7 + 0.1
        assert podium.score("log_loss", wrap(names), probs) == pytest.approx(-np.log(0.8))


def test_classes_and_kind_of_masks_are_taken() -> None:
    truth = np.array([[0, 1, 1], [0, 2, 2], [0, 0, 0]])
    decided = np.array([[0, 1, 0], [0, 2, 2], [0, 0, 0]])
    names = ["a", "b", "c"]  # of which c is nowhere
    score = podium.score("mean_iou", [truth], [decided], classes=names, empty="zero")
    assert score == pytest.approx((1 / 2 + 1 + 0) / 3)
    for given in (names, ["a"]):
        with pytest.raises(DataError):
            podium.score("mean_iou", [truth], [decided], classes=given)
    square = np.eye(4)
    missed = square.copy()
    missed[0, 0] = missed[1, 1] = 0
    for one, other in ((square, missed), (square.astype(np.uint8), missed.astype(np.float32))):
        dice = podium.score("mean_dice", [one], [other], kind="binary")
        assert dice == pytest.approx(2 * 2 / (4 + 2))
    with pytest.raises(DataError, match="the truth holds 3"):
        podium.score("mean_dice", [square * 3], [missed * 3], kind="binary")
    for metric, masks in (("mean_dice", [square]), ("accuracy", [0, 1])):
        with pytest.raises(DataError, match="there is no kind 'nonsense'"):
            podium.score(metric, masks, masks, kind="nonsense")


def test_ratings_and_directions_in_another_form_get_the_form_that_is_meant() -> None:
    with pytest.raises(UsageError, match=r"holds 0.5 at row 0.*\n.*classes=\[0.5, 1"):
        podium.score("qwk", [0.5, 1.0, 1.5], [0.5, 1.5, 1.0])
    degrees, folds = np.linspace(0, 350, 24), np.arange(24) % 3
    with pytest.raises(UsageError, match="directions are blended as vectors"):
        podium.blend(degrees, [degrees], "mean_angular_error", folds)
    vectors = np.stack([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))], axis=1)
    found = podium.blend(degrees, [vectors], "mean_angular_error", folds)
    assert found.honest == pytest.approx(0, abs=1e-3)


def test_several_numbers_are_written_where_the_sample_holds_such(tmp_path: Path) -> None:
    ids, file = list("abc"), tmp_path / "s.csv"
    sample = pd.DataFrame({"id": ids, "width": 12.0, "mass": 300.0})
    numbers = pd.DataFrame({"mass": [310.5, 290.0, 1.0], "width": [11.0, -2.5, 13.0]})
    podium.write_submission(file, ids, numbers, sample=sample)
    assert podium.check_submission(file, sample=sample) == []
    found = pd.read_csv(file)
    assert found.columns.tolist() == ["id", "width", "mass"]
    assert found[["mass", "width"]].to_numpy().tolist() == numbers.to_numpy().tolist()
    # Percentages of probabilities stay a mistake where the sample does not show numbers.
    with pytest.raises(SubmissionError, match=r"probabilities in \[0, 1\]"):
        podium.write_submission(file, ids, numbers, sample=sample.assign(width=0.5, mass=0.5))


def _ratings() -> tuple[NDArray[Any], NDArray[Any]]:
    """Return classes 0 to 4 and ratings of them, some beyond the first and the last class."""
    truth = np.arange(40) % 5
    ratings = truth + np.random.default_rng(0).normal(0, 0.6, 40)
    assert ratings.max() > 4.5
    assert ratings.min() < -0.5
    return truth, ratings


def test_a_rating_beyond_the_last_class_is_of_the_last() -> None:
    truth, ratings = _ratings()
    decided = np.rint(ratings).clip(0, 4).astype(int)
    found = podium.decide(ratings, kind="ordinal", classes=list("abcde"))
    assert found.tolist() == ["abcde"[one] for one in decided]
    folds = np.arange(40) % 5
    alone = podium.blend(truth, [ratings], "qwk", folds, method="mean")
    expected = sklearn.metrics.cohen_kappa_score(truth, decided, weights="quadratic")
    assert alone.honest == pytest.approx(expected)
    with_other = [ratings, np.full(40, 2.0)]
    assert podium.hill_climb(truth, with_other, "qwk")[0] > 0.5
    assert podium.hill_climb(truth, with_other, "accuracy", kind="ordinal")[0] > 0.5


def test_one_column_for_many_classes_asks_whether_it_is_of_ratings() -> None:
    truth, ratings = _ratings()
    with pytest.raises(UsageError, match='ratings say kind="ordinal"'):
        podium.hill_climb(truth, [ratings, ratings], "macro_f1")
    with pytest.raises(UsageError, match=r'podium\.decide\(y_pred, kind="ordinal"\)'):
        podium.score("qwk", truth, ratings)
    with pytest.raises(DataError, match=r"cut points of ratings are fitted by podium\.blend"):
        podium.fit_thresholds(truth, ratings, "qwk")


def test_series_whose_indices_stand_in_another_order_are_refused(tmp_path: Path) -> None:
    right = pd.Series([1, 0, 1, 0], index=list("abcd"))
    good = pd.Series([0.9, 0.1, 0.8, 0.2], index=list("abcd"))
    turned = good.loc[list("dabc")]
    assert podium.score("auc", right, good) == 1
    folds = pd.Series([0, 0, 1, 1], index=list("badc"))
    for call in (
        lambda: podium.score("auc", right, turned),
        lambda: podium.hill_climb(right, [good, turned], "auc"),
        lambda: podium.blend(right, [good], "auc", folds, method="mean"),
        lambda: podium.fit_thresholds(right, turned.to_frame(), "f1"),
    ):
        with pytest.raises(UsageError, match="another order: row 0 is"):
            call()
    sample = pd.DataFrame({"id": list("abcd"), "p": 0.5})
    with pytest.raises(UsageError, match="y_pred has the rows of ids in another order"):
        podium.write_submission(tmp_path / "a.csv", list("abcd"), turned, sample=sample)
    file = podium.write_submission(tmp_path / "a.csv", turned.index, turned, sample=sample)
    assert pd.read_csv(file)["p"].tolist() == good.tolist()


@pytest.mark.parametrize(
    "labels", [range(8), list("abcdefgh"), pd.MultiIndex.from_product([[0, 1]] * 3)]
)
def test_each_argument_by_rows_is_refused_in_another_order(labels: Any, tmp_path: Path) -> None:
    """Indices from 0 on, too: they are the rows of a frame, and its shuffled ones."""
    frame = pd.DataFrame(
        {
            "y": [0, 1] * 4,
            "p": [0.1, 0.9] * 4,
            "q": 0.5,
            "g": [0, 0, 1, 1] * 2,
            "f": [0] * 4 + [1] * 4,
        },
        index=labels,
    )
    y, p, q, g, f = (frame[one] for one in frame)
    ids = pd.Series(list("stuvwxyz"), index=labels)
    sample = pd.DataFrame({"id": ids.to_numpy(), "p": 0.5})
    blend = podium.blend(y, {"p": p, "q": q}, "auc", f)

    def turned(given: Any) -> Any:
        return given.iloc[[4, *range(1, 4), 0, *range(5, 8)]]

    calls: list[tuple[str, Callable[[], object]]] = [
        ("y_pred", lambda: podium.score("auc", y, turned(p))),
        ("y_pred", lambda: podium.score("auc", turned(y), p)),
        ("y_pred", lambda: podium.threshold_curve(y, turned(p), "f1")),
        ("y_pred", lambda: podium.fit_thresholds(y, turned(p), "f1")),
        ("groups", lambda: podium.fit_thresholds(y, p, "f1", groups=turned(g))),
        ("groups", lambda: podium.cross_fit(len, lambda _, r: r, folds=g, groups=turned(g))),
        ("groups", lambda: podium.make_folds(y, 2, groups=turned(g))),
        ("ids", lambda: podium.make_folds(y, 2, ids=turned(ids))),
        (r"y_preds\['q'\]", lambda: podium.combine(blend, {"p": p, "q": turned(q)})),
        (r"y_preds\[0\]", lambda: podium.hill_climb(y, [turned(p), q], "auc")),
        (r"y_preds\[1\]", lambda: podium.simplex_weights(y, [p, turned(q)], "log_loss")),
        ("y_preds", lambda: podium.blend(y, {"p": turned(p)}, "auc", f)),
        ("y_preds", lambda: podium.blend(y.to_numpy(), {"p": p}, "auc", turned(f))),
        ("ids", lambda: podium.blend(y, {"p": p}, "auc", f, ids=turned(ids))),
        ("y_pred", lambda: podium.write_submission(tmp_path / "a", turned(ids), p, sample=sample)),
    ]
    for name, call in calls:
        with pytest.raises(UsageError, match=f"^{name}.* has the rows of .* in another order"):
            call()


def test_an_index_that_has_the_ids_in_another_order_is_refused() -> None:
    y = pd.Series([0, 1, 0, 1], index=list("abcd"))
    with pytest.raises(UsageError, match="y has the rows of ids in another order: row 0 is 'a'"):
        podium.make_folds(y, 2, ids=list("bacd"))
    by_position = podium.make_folds(y.to_numpy(), 2, ids=list("bacd"))
    assert podium.make_folds(y.reset_index(drop=True), 2, ids=list("bacd")).tolist() == (
        by_position.tolist()
    )
    # Of a series of an array the index names no ids, which here are the same numbers.
    assert len(podium.make_folds(y.reset_index(drop=True), 2, ids=[1, 0, 3, 2])) == 4


def test_indices_that_tell_nothing_are_passed_over() -> None:
    right, predicted = [1, 0, 1, 0], [0.9, 0.1, 0.8, 0.2]
    for one, other in (
        (list("abcd"), list("efgh")),  # rows of two parts
        ([7, 3, 9, 5], range(4)),  # rows of a part, and an array
        ([0, 0, 1, 1], [1, 1, 0, 0]),  # labels that name no row
        ([3, 0, 2, 1], [3, 0, 2, 1]),
    ):
        of_right, of_predicted = pd.Series(right, one), pd.Series(predicted, other)
        assert podium.score("auc", of_right, of_predicted) == 1
    assert podium.score("auc", pd.Series(right, [3, 0, 2, 1]), np.array(predicted)) == 1


def test_a_scheme_of_folds_that_there_is_not_is_refused_with_the_nearest() -> None:
    y, groups = ["cat", "dog"] * 6, np.repeat(range(6), 2)
    for misspelt, meant in (
        ("stratified-group", "did you mean stratified_group"),
        ("Group", "did you mean group"),
        ("zzz", "leave it out"),
    ):
        scheme: Any = misspelt
        with pytest.raises(UsageError, match="scheme must be one of stratified, gr") as raised:
            podium.make_folds(y, 2, groups=groups, scheme=scheme)
        assert meant in str(raised.value)
    with pytest.raises(UsageError, match=r"^scheme stratified_group needs groups"):
        podium.make_folds(y, 2, scheme="stratified_group")
    with pytest.raises(UsageError, match="scheme time needs a column of the samples"):
        podium.make_folds(y, 2, scheme="time")


def test_groups_that_a_scheme_does_not_look_at_and_splits_are_refused() -> None:
    y, groups = [0, 1] * 10, [0, 0, 1, 1, *[None] * 16]
    with pytest.raises(
        DataError, match="1 group lies in two folds, so scores would leak: 'group 0'"
    ):
        podium.make_folds(y, 2, groups=[0] * 10 + [None] * 10, scheme="stratified")
    for scheme in ("group", "stratified_group", "holdout"):
        found = podium.make_folds(y, 2, groups=groups, scheme=scheme)
        assert found[0] == found[1]
        assert found[2] == found[3]


def test_one_class_is_refused_where_decisions_do_not_change_the_score() -> None:
    """By hand: without a row of 1, tp is 0, and so is f1; accuracy is 1 where all are below."""
    zeros, folds = np.zeros(20, dtype=int), np.arange(20) % 4
    members = list(np.random.default_rng(0).random((2, 20)))
    for call in (
        lambda: podium.blend(zeros, members, "f1", folds),
        lambda: podium.hill_climb(zeros, members, "f1"),
        lambda: podium.fit_thresholds(zeros, members[0], "f1"),
        lambda: podium.fit_thresholds(zeros.reshape(10, 2), members[0].reshape(10, 2), "macro_f1"),
    ):
        with pytest.raises(
            DataError, match=r"y_true holds one class alone, number 0, and (macro_)?f1 "
        ):
            call()
    with pytest.raises(DataError, match="y_true: mcc is undefined"):
        podium.fit_thresholds(zeros, members[0], "mcc")
    threshold = podium.fit_thresholds(zeros, members[0], "accuracy", raw=True)[0]
    assert threshold > members[0].max()
    assert podium.fit_thresholds(zeros + 1, members[0], "f1", raw=True)[0] <= members[0].min()
    loss = podium.blend(zeros, members[:1], "log_loss", folds, method="mean")
    assert 0 < loss.honest < -np.log1p(-members[0]).mean()  # calibrated
    fives = podium.blend(zeros + 5.0, [members[0] * 10], "rmse", folds, method="mean")
    assert np.isclose(fives.honest, np.sqrt(((members[0] * 10 - 5) ** 2).mean()), rtol=1e-5)


def test_two_numbers_that_are_not_0_and_1_get_the_comparison_that_makes_them_so() -> None:
    y, p = np.array([0, 0, 1, 1]), [0.1, 0.4, 0.6, 0.9]
    for given, fix in ((y + 1, "y_true == 2"), (2 * y - 1, "y_true == 1")):
        with pytest.raises(DataError, match=f"pass {fix}, or classes="):
            podium.fit_thresholds(given, p, "f1")
        named = np.unique(given).tolist()
        assert podium.fit_thresholds(given, p, "f1", raw=True, classes=named).tolist() == [0.5]
    with pytest.raises(DataError, match="y_true has 1 of 4 rows without a label: 0"):
        podium.fit_thresholds([np.nan, 0, 1, 1], p, "f1")


@pytest.mark.parametrize("sign", [" ", ", ", ";", " | "])
def test_cells_that_list_names_are_rankings(sign: str) -> None:
    """By hand: 1, 1/2, 1 and 0; a row may list fewer names, and a name that no truth has."""
    right = ["ox", "elk", "new deer", "ox"]
    cells = [sign.join(row) for row in (["ox", "elk"], ["ox", "elk", "yak"], ["new deer"], ["elk"])]
    by_hand = (1 + 1 / 2 + 1 + 0) / 4
    assert podium.score("map_at_k", right, cells, k=5) == by_hand
    assert podium.score("map_at_k", right, pd.Series(cells), k=1) == 2 / 4
    assert podium.score("top_k_accuracy", right, cells, k=2) == 3 / 4
    named = ["elk", "new deer", "ox", "yak"]
    assert podium.score("map_at_k", right, cells, k=5, classes=named) == by_hand


def test_names_of_which_none_is_right_are_refused_where_no_classes_name_them() -> None:
    right = ["ox", "elk", "ox"]
    with pytest.raises(UsageError, match="accuracy scores one name a row, and y_pred lists"):
        podium.score("accuracy", right, ["ox elk", "elk ox", "ox elk"])
    for metric, other in (("accuracy", ["Ox", "Elk", "Ox"]), ("map_at_k", [["Ox", "Elk"]] * 3)):
        with pytest.raises(UsageError, match=r"y_pred holds 'Elk', 'Ox': none of these is in y_t"):
            podium.score(metric, right, other)
    assert podium.score("accuracy", ["ox"], ["elk"], classes=["elk", "ox"]) == 0
    assert podium.score("accuracy", [0, 1], [2, 3]) == 0
