"""The second look at near duplicates: copies pass; things alike and the next frames do not."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from podium.competition.checks.second_look import confirm_pairs, is_one_picture


def picture(seed: int, side: int = 200) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rough = rng.integers(20, 220, (12, 12, 3), dtype=np.uint8)
    image = cv2.resize(rough, (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(6):
        x, y, r = (int(v) for v in rng.integers(10, side - 10, 3))
        cv2.circle(image, (x, y), max(4, r // 5), [int(v) for v in rng.integers(0, 256, 3)], -1)
    return image


def as_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality)
    return np.array(Image.open(stream).convert("RGB"))


def shirt(sleeve: int, collar: int) -> np.ndarray:
    """A grey shirt of 28 pixels, as those of Fashion-MNIST."""
    image = np.zeros((28, 28), dtype=np.uint8)
    image[3:26, 8:20] = 170
    image[4 : 4 + sleeve, 3:25] = 150
    image[3 : 3 + collar, 12:16] = 20
    soft = cv2.GaussianBlur(image, (0, 0), 0.7)
    return np.repeat(soft[:, :, None], 3, axis=2)


COPIES = {
    "JPEG": lambda image: as_jpeg(image, 50),
    "smaller": lambda image: cv2.resize(image, (150, 150), interpolation=cv2.INTER_AREA),
    "brighter": lambda image: np.clip(image * 1.15 + 8, 0, 255).astype(np.uint8),
    "cropped": lambda image: image[2:-2, 2:-2],
    "smaller JPEG": lambda image: as_jpeg(
        cv2.resize(image, (160, 160), interpolation=cv2.INTER_AREA), 60
    ),
}


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("seed", range(4))
def test_a_copy_is_the_same_picture(copy, seed):
    image = picture(seed)
    assert is_one_picture(image, COPIES[copy](image))
    assert is_one_picture(COPIES[copy](image), image)


def test_two_shirts_of_28_pixels_are_two_pictures_and_a_jpeg_of_one_is_the_same():
    one, other = shirt(sleeve=9, collar=2), shirt(sleeve=13, collar=4)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9
    assert not is_one_picture(one, other)
    assert is_one_picture(one, as_jpeg(one, 60))


@pytest.mark.parametrize("seed", range(3))
def test_the_next_frame_of_a_pan_is_another_picture(seed):
    wide = cv2.resize(picture(seed, 300), (360, 300))
    one, other = wide[40:232, 40:296], wide[40:232, 48:304]  # 3 % of the width
    assert not is_one_picture(one, other)
    assert is_one_picture(one, as_jpeg(one, 70))


def test_a_thing_that_moved_before_a_still_camera_makes_another_picture():
    one, other = picture(3), picture(3)
    cv2.circle(one, (60, 60), 14, (250, 240, 20), -1)
    cv2.circle(other, (85, 60), 14, (250, 240, 20), -1)
    assert not is_one_picture(one, other)


def test_the_same_grey_in_another_colour_is_another_picture():
    red, green = (np.full((80, 80, 3), 90, dtype=np.uint8) for _ in range(2))
    cv2.circle(red, (40, 40), 22, (200, 60, 60), -1)
    cv2.circle(green, (40, 40), 22, (60, 132, 60), -1)  # the same grey
    greys = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(int) for image in (red, green)]
    assert np.abs(greys[0] - greys[1]).max() <= 2
    assert not is_one_picture(red, green)


def test_pairs_are_kept_in_order_and_an_unreadable_image_is_of_none(tmp_path: Path):
    images = [picture(1), as_jpeg(picture(1), 60), picture(2)]
    paths = [tmp_path / f"{n}.png" for n in range(4)]
    for path, image in zip(paths, images, strict=False):
        Image.fromarray(image).save(path)
    paths[3].write_bytes(b"no image")
    pairs = np.array([[2, 3], [1, 2], [0, 1], [0, 3], [0, 2]])
    kept = confirm_pairs([(path,) for path in paths], pairs)
    assert kept.tolist() == [[0, 1]]
    assert confirm_pairs([(paths[0],)], np.empty((0, 2), dtype=np.int64)).shape == (0, 2)
