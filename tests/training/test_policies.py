"""Each policy does what its name and its paper say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podium.training import policies
from podium.training.augment import build_train
from podium.training.recipe import Input
from podium.workspace import extensions


def gradient(side: int = 32) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:side, :side]
    return np.stack([rows * 4, columns * 4, 255 - rows * 2 - columns * 2], axis=2).astype(np.uint8)


def views(policy: str, image: NDArray[np.uint8], n: int = 200) -> list[NDArray[np.uint8]]:
    view = build_train(Input(size=image.shape[0], train=policy))
    return [view(image, seed) for seed in range(n)]


@pytest.mark.parametrize("policy", extensions.names(policies))
@pytest.mark.parametrize("side", [8, 33])
def test_every_policy_runs_at_small_and_odd_sizes(policy: str, side: int) -> None:
    for seen in views(policy, gradient(side), n=30):
        assert seen.shape == (side, side, 3)
        assert seen.dtype == np.uint8


def test_none_changes_nothing() -> None:
    assert all((seen == gradient()).all() for seen in views("none", gradient(), n=5))


def test_weak_is_exactly_a_flip_and_a_mirrored_shift_of_up_to_an_eighth() -> None:
    image = gradient()
    possible = {}
    for flip in (False, True):
        turned = image[:, ::-1] if flip else image
        padded = np.pad(turned, ((4, 4), (4, 4), (0, 0)), mode="reflect")
        for down in range(9):
            for right in range(9):
                window = padded[down : down + 32, right : right + 32]
                possible[window.tobytes()] = (flip, down, right)
    found = [possible[seen.tobytes()] for seen in views("weak", image, n=400)]
    assert np.mean([flip for flip, _, _ in found]) == pytest.approx(0.5, abs=0.125)  # 5 sigma
    assert {down for _, down, _ in found} == set(range(9))
    assert {right for _, _, right in found} == set(range(9))


def test_medium_looks_at_half_to_all_of_the_image() -> None:
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    image[:, :, 0] = np.arange(64)[:, None] * 4
    spans = [
        (int(seen[:, :, 0].max()) - int(seen[:, :, 0].min())) / 252
        for seen in views("medium", image)
    ]
    assert min(spans) < 0.8 < max(spans)


def test_strong_always_cuts_a_hole_and_draws_its_magnitudes() -> None:
    white = np.full((32, 32, 3), 255, dtype=np.uint8)
    seen = views("strong", white, n=200)
    grey = [float((one == 128).all(axis=2).mean()) for one in seen]
    assert np.mean([share > 0 for share in grey]) > 0.9  # a hole of less than a pixel is none
    assert len({one.tobytes() for one in seen}) > 150


def test_strong_changes_colours_and_shapes_more_than_weak() -> None:
    image = gradient()
    weak = np.mean([np.abs(one.astype(int) - image).mean() for one in views("weak", image)])
    strong = np.mean([np.abs(one.astype(int) - image).mean() for one in views("strong", image)])
    assert strong > 1.3 * weak
