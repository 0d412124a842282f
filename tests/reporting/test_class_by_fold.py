"""Which fold is worst: by honest scores, with ties, and none where all are equal."""

from dataclasses import replace

import numpy as np
import pytest

from podium import blend
from podium.reporting.class_by_fold import ClassByFold, spread_by_chance
from podium.reporting.pages.templating import templates

# What is fitted on all rows makes fold 2 the worst, and what is honest fold 0.
FOUND = ClassByFold(
    "accuracy",
    "recall",
    True,
    ["a", "b"],
    [0, 2, 3],
    np.array([[0.9, 0.7, 0.6], [0.8, 0.5, 0.9]]),
    np.array([0.8, 0.75, 0.8]),
)


@pytest.fixture(scope="module")
def made():
    members = {"a": [0.1, 0.9, 0.2, 0.7, 0.4, 0.6]}
    return blend([0, 1, 0, 1, 0, 1], members, "accuracy", [0, 0, 2, 2, 3, 3], kind="binary")


def written(found, made):
    parts = templates().get_template("parts.html").module
    return " ".join(str(parts.by_fold(found, made, "labels")).split())


@pytest.mark.parametrize(
    ("honest", "worst", "told"),
    [
        ({0: 0.6667, 2: 0.75, 3: 0.75}, (0, 1), "Worst fold: 0</b>, honest accuracy 0.6667. Its"),
        (
            {0: 1.0, 2: 0.75, 3: 0.75},
            (1, 1),
            "Worst folds: 2 and 3</b>, honest accuracy 0.7500. Their lowest recall: "
            "<bdi>b</bdi> in fold 2, 0.500.",
        ),
        ({0: 1.0, 3: 1.0}, None, ""),
    ],
)
def test_folds_are_compared_by_their_honest_scores(made, honest, worst, told):
    made = replace(made, by_fold=honest)
    found = FOUND.beside_honest(made)
    assert found.worst == worst
    page = written(found, made)
    assert told in page
    assert ("Worst fold" in page) == bool(told)


def test_folds_that_differ_as_by_chance_have_no_worst_one(made):
    honest = {0: 0.52, 2: 0.5, 3: 0.51}
    found = replace(FOUND, by_chance=0.03).beside_honest(replace(made, by_fold=honest))
    assert found.worst is None
    page = written(found, made)
    assert "Worst fold" not in page
    assert (
        "No fold is worse than chance would make it</b>: honest accuracy of the folds differs by "
        "0.0200, and that of folds drawn at random by up to 0.0300 (95 %). The lowest recall of "
        "all folds: <bdi>b</bdi> in fold 2, 0.500." in page
    )
    assert replace(found, by_chance=0.019).worst == (1, 1)
    assert "No fold is worse" not in written(replace(found, by_chance=0.019), made)


def test_the_spread_by_chance_is_that_of_folds_drawn_in_plain_loops():
    rng = np.random.default_rng(3)
    folds, right = np.repeat([0, 1, 2], [200, 200, 80]), rng.random(480) < 0.7
    truth = np.zeros(480, dtype=int)
    spreads = []
    for _ in range(2000):
        order = rng.permutation(480)
        each = [right[order[folds == fold]].mean() for fold in range(3)]
        spreads.append(max(each) - min(each))
    found = spread_by_chance("accuracy", folds, None, truth, 1 - right.astype(int))
    assert found == pytest.approx(np.quantile(spreads, 0.95), abs=0.015)
    # Rows of a group are alike here and stay together: so few of them differ more.
    groups = np.repeat(np.arange(120), 4)
    alike = np.repeat(rng.random(120) < 0.7, 4).astype(int)
    alone = spread_by_chance("accuracy", folds, None, truth, 1 - alike)
    assert spread_by_chance("accuracy", folds, groups, truth, 1 - alike) > 1.3 * alone


def test_a_run_has_the_scores_of_its_rows_alone():
    assert FOUND.beside_honest(None).worst == (1, 1)
    assert replace(FOUND, greater_is_better=False).worst_folds == [0, 2]
    assert replace(FOUND, whole=np.full(3, 0.5)).worst is None
