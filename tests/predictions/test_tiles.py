"""Windows cover an image, and together they give the network's prediction of the whole."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from podium.errors import RecipeError, RunError, UsageError
from podium.predictions import tiles
from podium.predictions.tiles import TileAccumulator, merge_windows, tile_weights, windows

layouts = st.fixed_dictionaries(
    {
        "height": st.integers(1, 90),
        "width": st.integers(1, 90),
        "cells": st.tuples(st.integers(1, 8), st.integers(1, 8)),
        "stride": st.sampled_from([1, 2, 4, 7]),
        "overlap": st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.99]),
        "margin": st.integers(0, 5),
    }
)


def laid(layout):
    """Return the windows of a layout, or None where its margin leaves nothing."""
    tile = tuple(cells * layout["stride"] for cells in layout["cells"])
    arguments = {key: layout[key] for key in ("overlap", "stride", "margin")}
    if min(tile) - 2 * layout["margin"] < layout["stride"]:
        with pytest.raises(RecipeError, match="margin"):
            windows(layout["height"], layout["width"], tile, **arguments)
        return None
    return tile, windows(layout["height"], layout["width"], tile, **arguments)


@settings(deadline=None)
@given(layouts)
def test_windows_cover_every_pixel_with_weight_and_keep_the_networks_grid(layout):
    found = laid(layout)
    if found is None:
        return
    tile, every = found
    height, width, stride = layout["height"], layout["width"], layout["stride"]
    assert every == sorted(every, key=lambda one: (one.top, one.left)), "reading order"
    assert len({(one.top, one.left) for one in every}) == len(every)
    total = np.zeros((height, width))
    for one in every:
        assert one.top % stride == one.left % stride == 0
        bottom, right = one.top + one.height, one.left + one.width
        assert bottom <= height
        assert right <= width
        assert one.inner == (one.top > 0, bottom < height, one.left > 0, right < width)
        # Padded to the stride, as the network does it, each is as large as the tile, or the image.
        padded = [-(-side // stride) * stride for side in (one.height, one.width)]
        whole = [-(-side // stride) * stride for side in (height, width)]
        assert padded == [min(pair) for pair in zip(tile, whole, strict=True)]
        assert (one.height == padded[0]) or bottom == height
        assert (one.width == padded[1]) or right == width
        weights = tile_weights((one.height, one.width), "flat", layout["margin"], one.inner)
        one.of(total)[...] += weights
    assert (total > 0).all()


@settings(deadline=None)
@given(layouts)
def test_neighbours_overlap_by_the_requested_share_and_by_both_margins(layout):
    found = laid(layout)
    if found is None:
        return
    tile, every = found
    for axis, starts in enumerate(
        (sorted({one.top for one in every}), sorted({one.left for one in every}))
    ):
        cells = tile[axis] // layout["stride"]
        expected = max(1, np.floor(cells * (1 - layout["overlap"]) + 1e-6)) * layout["stride"]
        gaps = np.diff(starts)
        assert (gaps <= expected).all()
        assert (gaps <= tile[axis] - 2 * layout["margin"]).all()


def test_a_tile_that_holds_the_image_is_the_image():
    (only,) = windows(50, 33, (64, 64), stride=32, margin=10)
    assert (only.top, only.left, only.height, only.width) == (0, 0, 50, 33)
    assert only.inner == (False, False, False, False)
    assert (tile_weights((50, 33), "flat", 10, only.inner) == 1).all()


@pytest.mark.parametrize(
    ("tile", "options", "message"),
    [
        ((60, 64), {"stride": 32}, r"60 pixels is no multiple.*32\n.*write 64"),
        ((64, 0), {"stride": 32}, r"0 pixels[\s\S]*write 32"),
        ((64, 64), {"overlap": 1.0}, "overlap is a share"),
        ((64, 64), {"overlap": -0.1}, "overlap is a share"),
        ((64, 64), {"margin": 32}, "margin of 32 leaves less than 1"),
        ((64, 64), {"margin": -1}, "margin of -1"),
    ],
)
def test_impossible_windows_are_refused(tile, options, message):
    with pytest.raises(RecipeError, match=message):
        windows(100, 100, tile, **options)


def test_a_gaussian_is_the_formula_and_never_zero():
    got = tile_weights((16, 9), "gaussian")
    expected = [
        [
            np.exp(-(((i - 7.5) / 2) ** 2) / 2) * np.exp(-(((j - 4) / 1.125) ** 2) / 2)
            for j in range(9)
        ]
        for i in range(16)
    ]
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert got.dtype == np.float32
    assert tile_weights((2048, 1024)).min() > 1e-8


def test_only_inner_edges_have_a_margin():
    got = tile_weights((5, 6), "flat", 2, (True, False, False, True))
    expected = np.zeros((5, 6))
    expected[2:, :4] = 1
    np.testing.assert_array_equal(got, expected)
    with pytest.raises(ValueError, match="read-only"):
        got[0, 0] = 1


def test_unknown_weights_are_refused():
    with pytest.raises(RecipeError, match="no 'cosine' weights"):
        tile_weights((4, 4), "cosine")


@settings(deadline=None)
@given(layout=layouts, kind=st.sampled_from(["flat", "gaussian"]), piece=st.integers(1, 400))
def test_bands_are_the_weighted_mean_of_all_windows_in_order(layout, kind, piece):
    found = laid(layout)
    if found is None:
        return
    height, width, margin = layout["height"], layout["width"], layout["margin"]
    rng = np.random.default_rng(0)
    answers = [(one, rng.random((one.height, one.width, 2), np.float32)) for one in found[1]]
    sums, weights = np.zeros((height, width, 2)), np.zeros((height, width, 1))
    for one, probs in answers:
        weight = tile_weights((one.height, one.width), kind, margin, one.inner)[..., None]
        one.of(sums)[...] += weight * probs.astype(np.float64)
        one.of(weights)[...] += weight
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "_PIECE_VALUES", piece)
        bands = list(merge_windows(iter(answers), height, width, weights=kind, margin=margin))
    got = np.concatenate(bands)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, sums / weights, rtol=1e-5, atol=1e-7)


def test_rows_come_as_soon_as_no_window_can_touch_them():
    every = windows(40, 10, (16, 10), overlap=0.25, stride=1)
    requested = []

    def answers():
        for one in every:
            requested.append(one.top)
            yield one, np.full((one.height, one.width, 1), 0.5, np.float32)

    seen = 0
    for band in merge_windows(answers(), 40, 10):
        seen += len(band)
        assert seen <= requested[-1] or len(requested) == len(every)
    assert seen == 40


def test_what_no_window_covers_is_nan():
    bands = TileAccumulator(10, 4, 1, tile_height=2)
    out = [*bands.above(3)]
    bands.add(3, 1, np.ones((2, 2, 1), np.float32), np.ones((2, 2), np.float32))
    got = np.concatenate([*out, *bands.above(10)])[..., 0]
    expected = np.full((10, 4), np.nan)
    expected[3:5, 1:3] = 1
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(("top", "left"), [(0, 0), (3, 0), (2, 3), (2, -1), (9, 0)])
def test_a_window_out_of_order_or_place_is_refused(top, left):
    bands = TileAccumulator(10, 4, 1, tile_height=2)
    list(bands.above(2))
    with pytest.raises(UsageError, match="reading order"):
        bands.add(top, left, np.ones((2, 2, 1), np.float32), np.ones((2, 2), np.float32))


def test_nonfinite_prediction_is_no_uncovered_pixel():
    bands = TileAccumulator(10, 4, 1, tile_height=2)
    probs = np.ones((2, 2, 1), np.float32)
    probs[1, 1] = np.nan
    with pytest.raises(RunError, match="row 0, column 2 is not finite"):
        bands.add(0, 2, probs, np.ones((2, 2), np.float32))


def test_memory_is_that_of_a_row_of_windows():
    height, width, channels = 4000, 1000, 2
    every = windows(height, width, (128, 128), overlap=0.25, stride=32)
    tracemalloc.start()
    try:
        answers = ((one, np.ones((one.height, one.width, 2), np.float32)) for one in every)
        rows = sum(len(band) for band in merge_windows(answers, height, width))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == height
    kept = 128 * width * (channels + 1) * 4
    assert peak < kept + 3 * 4 * tiles._PIECE_VALUES, "the image has 32 MB"


class Segmenter(nn.Module):
    """Strides 2 and 4, a skip connection, batch norm, bilinear up-sampling; pads to its stride."""

    stride = 4

    def __init__(self):
        super().__init__()
        self.first = self.block(3, 6, 1)
        self.middle = self.block(6, 8, 2)
        self.deepest = self.block(8, 8, 2)
        self.last = nn.Conv2d(14, 3, 3, padding=1)

    @staticmethod
    def block(channels, out, stride):
        conv = nn.Conv2d(channels, out, 3, stride=stride, padding=1)
        return nn.Sequential(conv, nn.BatchNorm2d(out), nn.ReLU())

    def forward(self, images):
        height, width = images.shape[-2:]
        images = F.pad(images, (0, -width % 4, 0, -height % 4), mode="replicate")
        fine = self.first(images)
        deep = self.deepest(self.middle(fine))
        deep = F.interpolate(deep, fine.shape[-2:], mode="bilinear", align_corners=False)
        return self.last(torch.cat([fine, deep], 1)).softmax(1)[..., :height, :width]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    made = Segmenter()
    for _ in range(3):  # batch norm learns statistics that are not those of a window
        made(torch.randn(4, 3, 32, 32) * 2 + 1)
    return made.eval()


def receptive_radius(network):
    """Return how far a pixel is seen, by changing one pixel at every place of the stride's grid."""
    base, far = torch.zeros(1, 3, 64, 64), 0
    before = network(base)
    for row in range(32, 36):
        for column in range(32, 36):
            changed = base.clone()
            changed[..., row, column] = 30.0
            rows, columns = np.nonzero((network(changed) - before).abs().amax((0, 1)).numpy() > 0)
            far = max(far, *(abs(rows - row)), *(abs(columns - column)))
    return int(far)


def tile_wise(network, image, tile, margin, **options):
    pixels = image.permute(1, 2, 0).numpy()
    every = windows(*pixels.shape[:2], tile, stride=network.stride, margin=margin, **options)
    assert len(every) > 1

    def answers():
        for one in every:
            part = torch.from_numpy(one.of(pixels)).permute(2, 0, 1)[None]
            yield one, network(part)[0].permute(1, 2, 0).numpy()

    # Flat: a Gaussian makes what edges change small, and a margin that is too small hard to see.
    bands = merge_windows(answers(), *pixels.shape[:2], weights="flat", margin=margin)
    return np.concatenate(list(bands))


@pytest.mark.parametrize("size", [(203, 157), (160, 96), (64, 130), (33, 129)])
@pytest.mark.parametrize("tile", [(64, 64), (80, 48)])
def test_tile_wise_is_the_whole_image_when_the_margin_hides_what_edges_change(network, size, tile):
    image = torch.rand(3, *size, generator=torch.Generator().manual_seed(0)) * 4
    with torch.inference_mode():
        radius = receptive_radius(network)
        assert radius == 10
        whole = network(image[None])[0].permute(1, 2, 0).numpy()
        for overlap in (0.0, 0.25, 0.5):
            got = tile_wise(network, image, tile, radius, overlap=overlap)
            np.testing.assert_allclose(got, whole, rtol=0, atol=1e-6)
        for margin, at_least in ((0, 1e-2), (radius // 2, 1e-4)):
            worse = tile_wise(network, image, tile, margin, overlap=0.0)
            assert np.abs(worse - whole).max() > at_least, "a smaller margin lets edges in"


def test_windows_off_the_stride_would_not_be_the_whole_image(network):
    image = torch.rand(3, 96, 96, generator=torch.Generator().manual_seed(0)) * 4
    with torch.inference_mode():
        whole = network(image[None])[0]
        shifted = network(image[None, :, 2:66, 2:66])[0]
    inside = (shifted[:, 20:40, 20:40] - whole[:, 22:42, 22:42]).abs().max()
    assert inside > 1e-3
