from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from podium.competition.folds.strata import ONE_ROW, coverage_strata, read_strata


@pytest.mark.parametrize("labels", [["a", "b", "a", "b", None], [0, 1, 0, 1, None]])
def test_rows_without_a_label_are_no_class_that_a_fold_can_lack(labels: list[object]) -> None:
    samples = pd.DataFrame({"id": list("vwxyz"), "label": pd.Series(labels, dtype=object)})
    strata = read_strata(samples)
    assert strata.names[-1] == "no label"
    assert strata.rare(np.array([0, 0, 1, 1, 1])) == []
    # A class that is missing is still reported.
    [note] = strata.rare(np.array([0, 1, 0, 1, 1]))
    assert f"'{strata.names[0]}'" in note
    assert f"'{strata.names[1]}'" in note


def test_levels_of_coverage_are_no_class_that_a_fold_can_lack() -> None:
    coverage = np.array([0.0, 0.1, 0.2, 0.0, 0.3, 0.4, np.nan])
    has_class = np.array([[0, 0], [1, 0], [0, 1], [0, 0], [1, 0], [1, 0], [0, 0]], dtype=np.uint8)
    strata = coverage_strata(coverage, has_class, 2, classes=["dent", "rust"])
    notes = strata.rare(np.array([0, 0, 0, 1, 1, 1, 1]))
    assert notes == [f"{ONE_ROW}: 'rust'"]
    two = replace(strata, bits=np.vstack([strata.table, strata.table[2]]))
    assert two.rare(np.array([0, 0, 0, 1, 1, 1, 1, 0])) == [
        "classes whose rows lie all in one fold, so that the model that is scored on them never "
        "saw the class: 'rust'"
    ]


def test_numbers_are_cut_into_tenths_by_rank() -> None:
    numbers = np.random.default_rng(0).permutation(np.arange(60.0) ** 2)
    samples = pd.DataFrame({"id": [str(i) for i in range(60)], "label": numbers})
    strata = read_strata(samples)
    assert (strata.codes == np.argsort(np.argsort(numbers)) // 6).all()
