"""Back from the network's input to the frame: the fit undone, in bands, as one whole resize."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from podium.competition.sections.frame import PatchFrame
from podium.training.data.augment import fit_image
from podium.training.inference import images
from podium.training.inference.images import bands_in_frame, patches_of_bands, visible_region

sides = st.integers(1, 40)


@settings(max_examples=60, deadline=None)
@given(sides, sides, sides, sides, st.integers(1, 3), st.integers(1, 4000))
def test_bands_are_torchs_bilinear_resize_and_means_of_cells_in_half_the_size_or_less(
    h: int, w: int, height: int, width: int, channels: int, band_bytes: int
) -> None:
    probs = torch.rand(channels, h, w)
    part = visible_region("resize", (7, 9), (h, w))
    before, images.BAND_BYTES = images.BAND_BYTES, band_bytes
    try:
        whole = np.concatenate(list(bands_in_frame(probs, part, (height, width))))
    finally:
        images.BAND_BYTES = before
    if h >= 2 * height and w >= 2 * width:
        # In pixels so small that none is cut by the edge of a cell.
        small = np.kron(probs.numpy(), np.ones((1, height, width)))
        cells = small.reshape(channels, height, h, width, w).mean(axis=(2, 4))
        expected = torch.from_numpy(cells)
    else:
        expected = F.interpolate(probs[None], size=(height, width), mode="bilinear")[0]
    np.testing.assert_allclose(whole, expected.permute(1, 2, 0).numpy(), atol=1e-5)


@pytest.mark.parametrize("image", [(40, 100), (100, 40), (64, 64), (33, 71)])
@pytest.mark.parametrize("fit", ["resize", "pad", "centre_crop"])
def test_what_the_fit_did_is_undone(fit: str, image: tuple[int, int]) -> None:
    # Ramps encode the place of every pixel: resampled there and back they must be themselves.
    height, width = image
    down = np.linspace(20, 220, height)[:, None].repeat(width, 1)
    across = np.linspace(20, 220, width)[None].repeat(height, 0)
    picture = np.stack([down, across, across], axis=2).round().astype(np.uint8)
    size = (64, 96)
    seen = fit_image(picture, size, fit)  # type: ignore[arg-type]
    probs = torch.from_numpy(np.ascontiguousarray(seen.transpose(2, 0, 1))).float() / 255
    part = visible_region(fit, image, size)  # type: ignore[arg-type]
    back = np.concatenate(list(bands_in_frame(probs, part, image)))
    covered = ~np.isnan(back).any(axis=2)
    step = 200 / 255 / (min(image) - 1)
    off = np.abs(back - picture / 255)[covered]
    assert off.max() < 2 * step + 0.01
    if fit != "centre_crop":
        assert covered.all()
    else:
        scale = max(64 / height, 96 / width)
        shown = 64 * 96 / (height * scale * width * scale)
        assert covered.mean() == pytest.approx(shown, abs=0.06)
        rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
        assert abs(rows[0] - (height - 1 - rows[-1])) <= 1  # in the middle
        assert abs(columns[0] - (width - 1 - columns[-1])) <= 1


@settings(max_examples=60, deadline=None)
@given(
    sides, sides, st.integers(2, 9), st.integers(1, 12),
    st.sampled_from([0.0, 0.25, 0.5, 0.9]), st.integers(0, 99),
)  # fmt: skip
def test_a_patch_reaches_a_threshold_where_the_mask_decided_at_it_has_the_patch(
    height: int, width: int, patch: int, rows: int, above: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.random((height, width, 2)).astype(np.float32)
    pixels[rng.random(pixels.shape) < 0.2] = np.nan
    bands = (pixels[top : top + rows] for top in range(0, height, rows))
    frame = PatchFrame(patch=patch, above=above)
    found = np.concatenate(list(patches_of_bands(bands, frame)))
    assert found.shape == (*frame.size((height, width)), 2)
    for row, column, channel in np.ndindex(*found.shape):
        part = pixels[patch * row :, patch * column :, channel][:patch, :patch]
        known = part[~np.isnan(part)]
        if not len(known):
            assert np.isnan(found[row, column, channel])
            continue
        for threshold in (0.1, 0.5, 0.8, *known[:2]):
            has_patch = (known >= threshold).sum() > above * len(known)
            assert (found[row, column, channel] >= threshold) == has_patch
