"""The figure of masks by epoch shows each mask in its place, with its score."""

import numpy as np
import pytest

from podium.reporting.masks.painting import class_colors, paint_classes
from podium.reporting.plot import inline_svg
from podium.reporting.plots.run.kept_masks import example, mask_epochs

RNG = np.random.default_rng(3)
IMAGES = [RNG.integers(0, 255, (20, 30, 3), dtype=np.uint8) for _ in range(2)]
SHAPES = {"binary": ((20, 30), 2), "multiclass": ((20, 30), 3), "multilabel": ((20, 30, 2), 2)}
SCORES = np.array([[0.1, np.nan, 0.25], [0.5, 0.625, 1.0]])


def masks_of(kind):
    shape, n_values = SHAPES[kind]
    return [RNG.integers(0, n_values, shape, dtype=np.uint8) for _ in range(4)]


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("kind", SHAPES)
def test_each_panel_is_the_image_with_the_mask_of_its_epoch(kind, narrow):
    classes = ["leaf"] if kind == "binary" else ["leaf", "a$b$"]
    first, second = masks_of(kind), masks_of(kind)
    epochs = [[one, two] for one, two in zip(first[1:], second[1:], strict=True)]
    figure = mask_epochs(
        IMAGES, [first[0], None], epochs, kind=kind, classes=classes, epochs=[1, 4, 9],
        scores=SCORES, label="IoU", titles=["a$b$", "b"], narrow=narrow,
    )  # fmt: skip
    figure.draw_without_rendering()
    grid = np.array(figure.axes).reshape((5, 2) if narrow else (2, 5))
    grid = grid.T if narrow else grid
    for row, image, masks in zip(grid, IMAGES, (first, second), strict=True):
        np.testing.assert_array_equal(row[0].images[0].get_array(), image)
        for axes, mask in zip(row[1:], masks, strict=True):
            if axes is grid[1, 1]:  # of an image without a known mask
                continue
            colors = class_colors(len(classes))
            painted = paint_classes(image, mask, colors, kind, len(classes))
            np.testing.assert_array_equal(axes.images[0].get_array(), painted)
    assert not grid[1, 1].images
    assert [one.get_text() for one in grid[1, 1].texts] == ["unknown"]
    words = [axes.get_xlabel() for axes in grid[:, 2:].flat]
    assert words == ["IoU 0.10", "", "IoU 0.25", "IoU 0.50", "IoU 0.62", "IoU 1.00"]
    places = ["image", "actual", "epoch 1", "epoch 4", "epoch 9"]
    named = [one.get_ylabel() if narrow else one.get_title() for one in grid[0]]
    assert named == places
    titles = [one.get_title() if narrow else one.get_ylabel() for one in grid[:, 0]]
    assert titles == [r"a\$b\$", "b"]
    names = [one.get_text() for one in figure.legends[0].texts]
    assert names == [one.replace("$", r"\$") for one in classes]


def test_of_many_classes_those_that_are_shown_have_colours_of_their_own():
    classes = [f"c{i}" for i in range(30)]
    mask = np.zeros((20, 30), np.uint8)
    mask[:10], mask[10:] = 2, 16  # classes 1 and 15 share a colour of the palette
    figure = mask_epochs(
        IMAGES[:1], [mask], [[mask]], kind="multiclass", classes=classes, epochs=[1]
    )
    patches = figure.legends[0].legend_handles
    assert [one.get_text() for one in figure.legends[0].texts] == ["c1", "c15"]
    assert len({one.get_facecolor() for one in patches}) == 2
    drawn = inline_svg(figure, name="x", alt="")
    assert "--series" not in drawn, "pixels do not follow a dark page: nor must their legend"


def test_empty_masks_have_no_legend():
    empty = np.zeros((20, 30), np.uint8)
    figure = mask_epochs(
        IMAGES[:1], [empty], [[empty]], kind="binary", classes=["leaf"], epochs=[3]
    )
    figure.draw_without_rendering()
    assert not figure.legends


def test_the_example_is_drawn():
    example().draw_without_rendering()
