"""Masks saved as JPEG: the few colours that they had are found, written anew, or left alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from podium.competition.infer.masks.clear_colours import find_clear_colours
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks

BLACK, WHITE, RED, GREEN = (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0)
Shape = tuple[tuple[int, int, int, int], tuple[int, int, int]]
SIZE = (48, 64)


def drawn(shapes: Sequence[Shape]) -> Image.Image:
    image = Image.new("RGB", SIZE[::-1])
    for box, colour in shapes:
        ImageDraw.Draw(image).ellipse(box, fill=colour)
    return image


def saved(tmp_path: Path, images: Sequence[Image.Image], quality: int = 75) -> list[Path]:
    paths = [tmp_path / f"{n}.jpg" for n in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, quality=quality)
    return paths


@pytest.mark.parametrize("quality", [40, 75, 95])
@pytest.mark.parametrize("colours", [(WHITE,), (RED, GREEN)])
def test_colours_that_are_apart_are_found(
    tmp_path: Path, quality: int, colours: Sequence[tuple[int, int, int]]
) -> None:
    boxes = ((4, 4, 28, 30), (33, 10, 60, 44))
    shapes = [[(box, colours[n % len(colours)]) for n, box in enumerate(boxes)]] * 3
    paths = saved(tmp_path, [drawn(one) for one in shapes], quality)

    assert find_clear_colours(paths) == tuple(sorted((BLACK, *colours)))


@pytest.mark.parametrize(
    "shapes",
    [
        pytest.param([((4, 4, 40, 40), (2, 2, 2))], id="numbers of classes"),
        pytest.param([((4, 4, 30, 40), (128,) * 3), ((32, 4, 60, 40), WHITE)], id="grey between"),
        pytest.param([((4, 4, 30, 40), (70,) * 3), ((32, 4, 60, 40), WHITE)], id="too near"),
        pytest.param([((4, 4, 30, 40), RED)], id="blue in one file"),
    ],
)
def test_what_may_be_another_class_is_left_alone(tmp_path: Path, shapes: list[Shape]) -> None:
    more: list[Shape] = [((45, 30, 56, 41), (0, 0, 255))] if shapes[-1][1] == RED else []
    paths = saved(tmp_path, [drawn(shapes), drawn(shapes), drawn([*shapes, *more])])

    assert find_clear_colours(paths) == ()


def test_photos_have_no_clear_colours(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    dark = random.integers(0, 60, (*SIZE, 3)).astype(np.uint8)
    slope = np.stack([np.linspace(0, 255, SIZE[1])] * SIZE[0]).astype(np.uint8)

    for pixels in (dark, slope):
        assert find_clear_colours(saved(tmp_path, [Image.fromarray(pixels)] * 3)) == ()


def test_jpegs_named_as_images_are_masks_and_the_order_of_colours_is_asked(tmp_path: Path) -> None:
    data, random = tmp_path / "data", np.random.default_rng(0)
    masks = [drawn([((4, 4, 20 + n, 30), RED), ((40, 10, 60, 40 + n), GREEN)]) for n in range(5)]
    saved(data / "train_gt", masks)
    for part, n in (("train", 5), ("test", 3)):
        photos = random.integers(0, 255, (n, *SIZE, 3)).astype(np.uint8)
        saved(data / part, [Image.fromarray(one) for one in photos])
    for n in range(3):
        (data / f"test/{n}.jpg").rename(data / f"test/t{n}.jpg")
    rows = [f"t{n}_{k},1 1 5 1" for n in range(3) for k in range(2)]
    (data / "sample_submission.csv").write_text("\n".join(["Ids,Expected", *rows, ""]))

    found = infer(data, tmp_path)

    train = found.competition.data.train
    assert train.mask == "made/masks/train_gt/{id}.png"
    assert train.mask_values == {
        "#000000": "background",
        "#ff0000": "class 1",
        "#00ff00": "class 2",
    }
    assert "data.train.mask_values" in found.competition.to_choose
    assert any("saved as JPEG" in note for note in found.notes)
    truths = list(truth_masks(found.competition, load_samples(found.competition, "train")))
    for truth, mask in zip(truths, masks, strict=True):
        wanted = np.asarray(mask)[..., 0] // 255 + 2 * (np.asarray(mask)[..., 1] // 255)
        assert np.mean(np.asarray(truth) != wanted) < 0.02  # edges alone
