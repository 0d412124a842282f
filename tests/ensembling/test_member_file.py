"""The members file: read as it was written, and refused where it is damaged."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podium.ensembling import blend
from podium.ensembling.members import (
    MEMBERS_FILE,
    MemberContribution,
    MemberGain,
    MemberTable,
    read_members,
    write_members,
)

TABLE = MemberTable(
    "f1",
    0.8,
    'a "$" 😀',
    (
        MemberContribution('a "$" 😀', 0.75, 0.79, MemberGain(0.5, 0.3, None), None),
        MemberContribution(
            "b", 0.25, 0.5, MemberGain(0.79, 0.01, 0.002), MemberGain(0.78, -0.01, 0.004)
        ),
    ),
    np.array([[1, np.nan], [np.nan, 1]]),
)


def test_a_table_comes_back_with_what_is_undefined(tmp_path: Path) -> None:
    write_members(tmp_path, TABLE)
    found = read_members(tmp_path)
    assert found is not None
    np.testing.assert_array_equal(found.correlation, TABLE.correlation)
    assert replace(found, correlation=TABLE.correlation) == TABLE
    assert "NaN" not in (tmp_path / MEMBERS_FILE).read_text(), "it is JSON for others, too"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"members": 3},
        {"members": [{}]},
        {"correlation": [[1.0]]},
        {"correlation": [[1.0], [0.5, 1.0]]},
        {"honest": None},
    ],
)
def test_a_damaged_file_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    assert read_members(tmp_path) is None
    write_members(tmp_path, TABLE)
    file = tmp_path / MEMBERS_FILE
    whole = file.read_text()
    file.write_text(json.dumps({**json.loads(whole), **change}))
    assert read_members(tmp_path) is None
    file.write_text(whole[:-9])
    assert read_members(tmp_path) is None


def test_weights_of_a_fold_are_those_of_a_blend_of_the_other_folds() -> None:
    rng = np.random.default_rng(0)
    truth, folds = rng.normal(size=60), np.arange(60) % 3
    members = truth[None, :, None] + rng.normal(0, [[[0.5]], [[1.0]], [[0.7]]], (3, 60, 1))
    about = {"kind": "regression", "method": "simplex", "n_resamples": 20}
    whole = blend(members, truth, "rmse", folds, **about)
    assert set(whole.fold_weights) == {0, 1, 2}
    for fold in range(3):
        others = folds != fold
        apart = blend(members[:, others], truth[others], "rmse", folds[others], **about)
        assert whole.fold_weights[fold] == pytest.approx(apart.weights)
    assert blend(members, truth, "rmse", folds, **{**about, "method": "mean"}).fold_weights == {}
