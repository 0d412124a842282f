"""A part that is called as one for tuning is one of validation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layouts.drawing import save_pixels

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put

N = 24


@pytest.mark.parametrize("called", ["Tuning", "Turning"])
def test_a_part_for_tuning_stands_for_the_test_that_is_not_there(
    tmp_path: Path, called: str
) -> None:
    for n in range(N):
        put(tmp_path / f"data/Training/images/p{n:02}.png", n)
        mask = np.zeros((12, 16), np.uint8)
        mask[n % 5 : 9, 2:7] = 255
        save_pixels(tmp_path / f"data/Training/masks/p{n:02}.png", mask)
    for n in range(N, N + 6):
        put(tmp_path / f"data/{called}/images/p{n:02}.png", n)
    if called == "Turning":
        with pytest.raises(DataError, match="no images to predict"):
            begin(tmp_path)
        return
    found, _ = begin(tmp_path)
    assert len(load_samples(found, "test")) == 6
