"""Files that a host takes and that score nothing: one answer everywhere, or no probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import podium

IDS = [f"{at:02d}.jpg" for at in range(12)]
EVERY_SECOND = [float(at % 2) for at in range(12)]


def warnings_of(folder: Path, columns: dict[str, Any], **given: Any) -> list[str]:
    file, frame = folder / "s.csv", pd.DataFrame({"id": IDS, **columns})
    frame.to_csv(file, index=False)
    problems = podium.check_submission(file, sample=frame, **given)
    assert all(one.level == "warning" for one in problems)
    return [one.message for one in problems]


def test_a_column_of_one_value_is_warned_of(tmp_path: Path) -> None:
    same = ["column 'label': the same value in every row, 'cat'"]
    classes = ["cat", "dog"]
    assert warnings_of(tmp_path, {"label": ["cat"] * 12}, classes=classes) == same
    assert warnings_of(tmp_path, {"label": ["cat"] * 11 + ["dog"]}, classes=classes) == []
    (found,) = warnings_of(tmp_path, {"price": [0.50] * 12})
    assert found == "column 'price': the same value in every row, 0.5"
    probs = {"cat": [0.25] * 12, "dog": [at / 12 for at in range(12)]}
    (found,) = warnings_of(tmp_path, probs)
    assert found == "column 'cat': the same value in every row, 0.25"


def test_few_rows_may_have_one_answer(tmp_path: Path) -> None:
    file, frame = tmp_path / "s.csv", pd.DataFrame({"id": IDS[:9], "label": "cat"})
    frame.to_csv(file, index=False)
    assert podium.check_submission(file, sample=frame, classes=["cat", "dog"]) == []


@pytest.mark.parametrize(
    ("answers", "n"), [(EVERY_SECOND, 1), ([0.0, 1.0, *[0.5] * 10], 0), ([0.25, 0.75] * 6, 0)]
)
def test_decisions_where_the_metric_scores_probabilities_are_warned_of(
    answers: list[float], n: int, tmp_path: Path
) -> None:
    """The preset aerial-cactus is scored by the AUC; of a sample alone no metric is known."""
    columns = {"has_cactus": answers}
    found = warnings_of(tmp_path, columns, preset="aerial-cactus")
    assert found == ["every answer is 0 or 1, and auc scores probabilities"] * n
    assert warnings_of(tmp_path, columns) == []
