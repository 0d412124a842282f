"""Which fold is worst: by honest scores, with ties, and none where all are equal."""

from dataclasses import replace

import numpy as np
import pytest

from podium import blend
from podium.reporting.class_by_fold import ClassByFold
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


def test_a_run_has_the_scores_of_its_rows_alone():
    assert FOUND.beside_honest(None).worst == (1, 1)
    assert replace(FOUND, greater_is_better=False).worst_folds == [0, 2]
    assert replace(FOUND, whole=np.full(3, 0.5)).worst is None
