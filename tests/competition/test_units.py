"""Units: predictions and labels of their images aggregated, by hand and in plain loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.competition.folds import make_folds
from podium.competition.folds.leaks import assert_no_leak
from podium.competition.spec import Competition
from podium.competition.units import Units
from podium.errors import DataError

NAMES = ["b", "a", "b", "c", "a", "b"]


def spec(**changes):
    source = {"images": "i/{id}.png", "table": "t.csv", "id": "id", "unit": "{patient}_{side}"}
    train = {**source, "label": "cancer", **changes.pop("train", {})}
    test = {**source, **changes.pop("test", {})}
    raw = {
        "name": "breasts",
        "tasks": {"classify": "binary"},
        "data": {"train": train, "test": test},
        "metric": {"name": "auc"},
    }
    return Competition.model_validate({**raw, **changes})


@pytest.mark.parametrize(
    ("how", "of_b"),
    [("mean", (0.5 + 0.25 + 0.0) / 3), ("max", 0.5), ("noisy_or", 1 - 0.5 * 0.75 * 1.0)],
)
def test_aggregated_probabilities_of_a_unit_by_hand(how, of_b):
    units = Units.of(NAMES, how)
    predicted = units.probs(np.array([0.5, 1.0, 0.25, 0.125, 1.0, 0.0])[:, None])
    assert units.names == ("b", "a", "c")
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted, [[of_b], [1.0], [0.125]])
    assert units.first.tolist() == [0, 1, 3]


@given(
    hnp.arrays(np.float32, (12, 3), elements=st.floats(0, 1, width=32)),
    st.lists(st.integers(0, 4), min_size=12, max_size=12),
    st.randoms(),
)
def test_units_are_the_same_in_any_order_of_the_rows(probs, names, random):
    order = list(range(12))
    random.shuffle(order)
    for how in ("mean", "max", "noisy_or"):
        units = Units.of(names, how)
        one = dict(zip(units.names, units.probs(probs), strict=True))
        mixed = Units.of([names[i] for i in order], how)
        other = dict(zip(mixed.names, mixed.probs(probs[order]), strict=True))
        assert one.keys() == other.keys()
        for name, predicted in one.items():
            np.testing.assert_allclose(predicted, other[name], rtol=1e-6)


def test_the_label_of_a_unit_is_that_of_its_labelled_images():
    units = Units.of(NAMES)
    assert units.truth(np.array([-1, 0, 1, -1, 0, 1])).tolist() == [1, 0, -1]
    sets = np.array([[0, 1], [1, 1], [0, 1], [0, 0], [1, 1], [0, 1]], dtype=np.uint8)
    assert units.truth(sets).tolist() == [[0, 1], [1, 1], [0, 0]]
    np.testing.assert_array_equal(
        units.truth(np.array([np.nan, 2.5, 1.0, np.nan, 2.5, 1.0])), [1.0, 2.5, np.nan]
    )


def test_labels_that_differ_within_a_unit_are_refused_unless_the_highest_counts():
    labels = np.array([0, 0, 1, 0, 0, 0])
    with pytest.raises(DataError, match="1 unit has images of different labels: 'b'"):
        Units.of(NAMES).truth(labels)
    assert Units.of(NAMES, "mean", "max").truth(labels).tolist() == [1, 0, 0]
    ratings = np.array([2, -1, 4, 3, 1, 0])
    assert Units.of(NAMES, "max", "max").truth(ratings).tolist() == [4, 1, 3]


def test_some_rows_have_the_units_that_are_among_them():
    units = Units.of(NAMES, "max").take(np.array([3, 5]))
    assert units.names == ("c", "b")
    assert units.probs(np.array([[0.1], [0.9]])).ravel().tolist() == pytest.approx([0.1, 0.9])


@pytest.mark.parametrize("scheme", ["stratified", "stratified_group", "group", "holdout"])
def test_no_unit_and_no_group_is_in_two_folds(scheme):
    rng = np.random.default_rng(0)
    n = 240
    patient = rng.integers(0, 60, n)
    samples = pd.DataFrame(
        {
            "id": [f"{i:03d}" for i in range(n)],
            "label": (patient % 3 == 0).astype(int),
            "group": [f"site of {p // 2}" for p in patient],
            # Some units are of two groups: then these groups belong together.
            "unit": [f"u{p if i % 40 else 0}" for i, p in enumerate(patient)],
        }
    )
    folds = make_folds(samples, scheme=scheme, n=4)
    for k in range(folds.max() + 1):
        valid = samples[folds == k]
        assert not set(valid["unit"]) & set(samples["unit"][folds != k])
        if scheme != "stratified":
            assert_no_leak(samples[folds != k], valid, fold=k)
        assert abs(valid["label"].mean() - samples["label"].mean()) < 0.15 or scheme == "group"


def test_folds_do_not_change_where_each_row_is_a_unit():
    samples = pd.DataFrame({"id": list("abcdefgh"), "label": [0, 1] * 4})
    alone = samples.assign(unit=samples["id"])
    assert (make_folds(samples, n=2) == make_folds(alone, n=2)).all()


def test_several_labels_an_image_are_dealt_out_by_units_too():
    rng = np.random.default_rng(1)
    table = rng.integers(0, 2, (90, 3)).repeat(2, axis=0)
    samples = pd.DataFrame({"id": [f"{i:03d}" for i in range(180)], "unit": np.arange(180) // 2})
    folds = make_folds(samples, scheme="multilabel_stratified", n=3, labels=table)
    assert (folds[::2] == folds[1::2]).all()
    for k in range(3):
        np.testing.assert_allclose(table[folds == k].mean(0), table.mean(0), atol=0.1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"test": {"unit": None}}, "data.test needs unit"),
        ({"train": {"unit": None}}, "set data.train.unit, too"),
        (
            {"train": {"unit": None}, "test": {"unit": None}, "units": {"aggregate": "max"}},
            "data.train.unit is missing",
        ),
        (
            {
                "tasks": {"classify": "multiclass"},
                "classes": ["a", "b"],
                "units": {"aggregate": "noisy_or"},
            },
            "multiclass labels take mean",
        ),
        ({"tasks": {"classify": "regression"}, "units": {"truth": "max"}}, "write agree"),
    ],
)
def test_specs_that_do_not_fit_units_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        spec(**changes)


def test_units_are_scored_where_labels_are():
    assert spec().scores_units
    images = spec(train={"unit": None}, test={"unit": None})
    assert not images.scores_units


def test_a_table_of_folds_counts_units(tmp_path):
    from podium.competition.folds.file import folds_summary

    samples = pd.DataFrame(
        {
            "id": [f"{i:02d}" for i in range(12)],
            "unit": [f"u{i // 3}" for i in range(12)],
            "label": [i // 3 % 2 for i in range(12)],
        }
    )
    folds = make_folds(samples, n=2)
    header, rows = folds_summary(samples, folds, spec())
    assert header[:3] == ["fold", "rows", "units"]
    assert [row[1:3] for row in rows] == [[6, 2], [6, 2]]
