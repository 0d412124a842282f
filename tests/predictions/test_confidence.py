from __future__ import annotations

import numpy as np
import pytest

from podium.competition.truths.masks import IGNORE
from podium.predictions.confidence import label_confidence, least_level, pixel_confidence


def test_confidence_is_the_probability_of_what_is_decided() -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(4), 50).astype(np.float32)
    for row, sure in zip(probs, label_confidence(probs, "multiclass"), strict=True):
        assert sure == row[int(row.argmax())]
    yes = rng.random((50, 3)).astype(np.float32)
    found = label_confidence(yes, "multilabel")
    for i, j in np.ndindex(yes.shape):
        assert found[i, j] == (yes[i, j] if yes[i, j] >= 0.5 else np.float32(1) - yes[i, j])
    assert np.array_equal(label_confidence(yes[:, :1], "binary"), found[:, 0])
    assert label_confidence(yes[:, :1], "regression").tolist() == [1.0] * 50


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel"])
def test_pixels_in_a_plain_loop(kind: str) -> None:
    rng = np.random.default_rng(1)
    probs = rng.random((5, 6, 1 if kind == "binary" else 3)).astype(np.float32)
    probs[2, 3] = np.nan
    mask, levels = pixel_confidence(probs, kind)  # type: ignore[arg-type]
    assert mask.shape == levels.shape == ((5, 6, 3) if kind == "multilabel" else (5, 6))
    for at in np.ndindex(mask.shape):
        predicted = probs[at[0], at[1]]
        if np.isnan(predicted).any():
            assert (mask[at], levels[at]) == (IGNORE, 0)
            continue
        if kind == "multiclass":
            decided, sure = int(predicted.argmax()), float(predicted.max())
        else:
            p = float(predicted[at[2] if kind == "multilabel" else 0])
            decided, sure = int(p >= 0.5), max(p, 1 - p)
        assert mask[at] == decided
        assert abs(levels[at] - sure * 254) <= 0.5 + 1e-3


def test_a_level_reaches_a_threshold_as_float32_does() -> None:
    for threshold in np.linspace(0, 1, 501):
        least = least_level(float(threshold))
        reach = [np.float32(level / 254) >= np.float32(threshold) for level in range(255)]
        assert reach == [level >= least for level in range(255)]
