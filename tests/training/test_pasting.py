"""Boxes of unlabelled samples: drawn as in the paper, the same for image, label and mask."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from podium.training.data.mixing import draw_boxes, paste_boxes
from podium.training.data.sampling import generator

N = 4000


def sides(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]


@pytest.mark.parametrize("size", [(200, 200), (120, 300), (300, 120)])
def test_boxes_have_the_areas_and_shapes_of_the_paper(size: tuple[int, int]) -> None:
    boxes = draw_boxes(N, size, generator(1), probability=1)
    high, wide = sides(boxes)
    area = high * wide / (size[0] * size[1])
    ratio = high / wide
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 1] <= size[0]).all()
    assert (boxes[:, 3] <= size[1]).all()
    # Sides are whole pixels: of the smallest box that is a few hundredths.
    assert area.min() == pytest.approx(0.02, rel=0.1)
    assert area.max() == pytest.approx(0.40, rel=0.05)
    assert area.mean() == pytest.approx(0.21, abs=0.01)  # uniform: 5 sigma
    assert ratio.min() >= 0.3 / 1.1
    assert ratio.max() <= 1.1 / 0.3
    is_free = area < 0.05  # all shapes of these fit into any of the images
    middle = (0.3 + 1 / 0.3) / 2
    assert ratio[is_free].mean() == pytest.approx(middle, abs=0.3)


def test_boxes_lie_everywhere_and_half_of_the_samples_have_one() -> None:
    boxes = draw_boxes(N, (40, 40), generator(2))
    is_none = (boxes == 0).all(axis=1)
    assert is_none.mean() == pytest.approx(0.5, abs=0.04)  # 5 sigma
    covered = np.zeros((40, 40))
    for top, bottom, left, right in boxes:
        covered[top:bottom, left:right] += 1
    assert covered.min() > 0
    assert np.abs(covered - covered[::-1]).max() < 0.2 * covered.max()
    assert np.abs(covered - covered.T).max() < 0.2 * covered.max()


def test_boxes_of_tiny_and_very_wide_images_fit_and_are_never_empty() -> None:
    for size in [(1, 1), (2, 3), (4, 400), (400, 4)]:
        boxes = draw_boxes(200, size, generator(3), probability=1)
        high, wide = sides(boxes)
        assert (np.minimum(high, wide) >= 1).all()
        assert (high <= size[0]).all()
        assert (wide <= size[1]).all()


def test_the_same_generator_draws_the_same_boxes() -> None:
    first, second = (draw_boxes(9, (30, 20), generator("a", 3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (first != draw_boxes(9, (30, 20), generator("a", 4))).any()


@pytest.mark.parametrize("shape", [(5, 3, 12, 10), (5, 12, 10), (5, 2, 2, 12, 10)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool])
def test_pasting_takes_every_pixel_of_the_box_and_no_other(
    shape: tuple[int, ...], dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    pixels, other = (torch.randint(0, 9, shape).to(dtype) for _ in range(2))
    boxes = draw_boxes(5, shape[-2:], generator(6), probability=0.8)
    boxes[2] = 0  # a sample without a box
    pasted = paste_boxes(pixels, other, boxes)
    for i, (top, bottom, left, right) in enumerate(boxes):
        for row in range(12):
            for column in range(10):
                inside = top <= row < bottom and left <= column < right
                expected = (other if inside else pixels)[i, ..., row, column]
                assert torch.equal(pasted[i, ..., row, column], expected)
    assert pasted.dtype == dtype


def test_image_pseudo_mask_confidence_and_what_is_shown_stay_together() -> None:
    """Every plane is made of the image: pasted alone, each still is what the pasted image says."""
    images = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    boxes = draw_boxes(6, (16, 16), generator(7), probability=1)
    pasted = paste_boxes(images, images.flip(0), boxes)
    masks, shown = images.argmax(dim=1), images.mean(dim=1) > 0.4
    assert torch.equal(paste_boxes(masks, masks.flip(0), boxes), pasted.argmax(dim=1))
    assert torch.equal(paste_boxes(shown, shown.flip(0), boxes), pasted.mean(dim=1) > 0.4)
    assert not torch.equal(pasted, images)
