"""Near-duplicates: pairs as by brute force, hashes that copies share and other pictures do not."""

import io
import time
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from podium.competition.checks import duplicates
from podium.competition.checks.image_facts import CheckedImages, DuplicatePair, image_facts
from podium.competition.checks.near_duplicates import (
    MAX_DISTANCE,
    clusters,
    distances,
    is_flat,
    near_pairs,
    perceptual_hash,
    same_picture,
)
from podium.competition.checks.second_look import confirm_pairs
from podium.competition.readers import IMAGE
from podium.workspace.progress import SILENT


def picture(seed: int, side: int = 160) -> np.ndarray:
    """Return a smooth random picture with some edges, unlike any other seed's."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    smooth = cv2.resize(rough, (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(4):
        x, y, r = (int(v) for v in rng.integers(10, side - 10, 3))
        cv2.circle(smooth, (x, y), max(4, r // 4), [int(v) for v in rng.integers(0, 256, 3)], -1)
    return smooth


def as_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.array(Image.open(buffer).convert("RGB"))


COPIES = {
    "JPEG 40": lambda image: as_jpeg(image, 40),
    "half the size": lambda image: cv2.resize(image, (80, 80), interpolation=cv2.INTER_AREA),
    "stretched": lambda image: cv2.resize(image, (200, 120), interpolation=cv2.INTER_LINEAR),
    "brighter": lambda image: np.clip(image * 0.8 + 40, 0, 255).astype(np.uint8),
    "noise": lambda image: np.clip(
        image + np.random.default_rng(0).normal(0, 6, image.shape), 0, 255
    ).astype(np.uint8),
}


def hash_of(image: np.ndarray) -> np.ndarray:
    return np.array([perceptual_hash(image)], dtype=np.uint64)


def thumbnails(*images: np.ndarray) -> np.ndarray:
    return np.stack([cv2.resize(i, (16, 16), interpolation=cv2.INTER_AREA) for i in images])


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("seed", range(8))
def test_a_copy_of_a_picture_is_near(copy, seed):
    image = picture(seed)
    other = COPIES[copy](image)
    assert distances(hash_of(image), hash_of(other))[0] <= MAX_DISTANCE
    assert len(same_picture(thumbnails(image, other), np.array([[0, 1]]))) == 1


def test_different_pictures_are_far():
    hashes = np.concatenate([hash_of(picture(seed)) for seed in range(60)])
    assert len(near_pairs(hashes)) == 0
    one, other = np.triu_indices(60, k=1)
    assert distances(hashes[one], hashes[other]).mean() == pytest.approx(32, abs=2)


def test_the_same_shape_in_another_colour_is_another_picture():
    red, blue = np.full((2, 64, 64, 3), 30, dtype=np.uint8)
    cv2.circle(red, (30, 34), 18, (220, 40, 60), -1)
    cv2.circle(blue, (30, 34), 18, (40, 90, 220), -1)
    assert distances(hash_of(red), hash_of(blue))[0] <= MAX_DISTANCE
    assert len(same_picture(thumbnails(red, blue), np.array([[0, 1]]))) == 0


def test_a_flat_picture_has_no_meaningful_hash():
    assert is_flat(np.full((40, 40, 3), 128, dtype=np.uint8))
    assert not is_flat(picture(0))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=25), st.integers(0, 12), st.randoms()
)
def test_pairs_link_what_brute_force_links(values, limit, random):
    near = [
        v ^ sum(1 << b for b in random.sample(range(64), random.randint(0, 14))) for v in values
    ]
    hashes = np.array(values + near, dtype=np.uint64)
    n = len(hashes)
    found = near_pairs(hashes, limit)
    true = [
        (i, j)
        for i in range(n)
        for j in range(i + 1, n)
        if (int(hashes[i]) ^ int(hashes[j])).bit_count() <= limit
    ]
    assert {tuple(pair) for pair in found.tolist()} <= set(true)
    by_hand = np.array(true, dtype=np.int64).reshape(-1, 2)
    assert [c.tolist() for c in clusters(found, n)] == [c.tolist() for c in clusters(by_hand, n)]
    if len(set(hashes.tolist())) == n:
        assert sorted(map(tuple, found.tolist())) == true


def test_a_thousand_equal_hashes_give_a_pair_each():
    pairs = near_pairs(np.full(1000, 7, dtype=np.uint64))
    assert len(pairs) == 999
    assert len(clusters(pairs, 1000)[0]) == 1000


@pytest.mark.slow
def test_many_images_are_compared_without_comparing_all_with_all():
    hashes = np.random.default_rng(0).integers(0, 2**64, 60_000, dtype=np.uint64)
    hashes[100] = hashes[50_000] ^ np.uint64(0b1011)
    start = time.process_time()
    pairs = near_pairs(hashes)
    # 1.8 thousand million pairs would take minutes; this takes a second or two.
    assert time.process_time() - start < 30
    assert pairs.tolist() == [[100, 50_000]]


def test_a_sample_is_paired_with_all_others_of_its_picture_equal_files_first() -> None:
    images = CheckedImages(
        splits=np.array(["train"] * 5),
        ids=np.array(list("vwxyz")),
        paths=np.array([f"{one}.png" for one in "vwxyz"]),
        sizes=np.full((5, 2), 8),
        cluster=np.array([0, -1, 0, 0, 1]),
        hashes=np.array([0b000, 0b000, 0b111, 0b010, 0b000], dtype=np.uint64),
        contents=np.array(list("abcad")),
    )
    assert images.duplicates_of(0) == [
        DuplicatePair(0, 3, 1, is_same_file=True),
        DuplicatePair(0, 2, 3, is_same_file=False),
    ]
    assert images.duplicates_of(1) == []


def test_the_size_of_a_turned_jpeg_is_that_of_the_upright_picture(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # by a quarter
    Image.fromarray(picture(0)[:100]).save(tmp_path / "a.jpg", exif=turned)
    Image.fromarray(picture(0)[:100]).save(tmp_path / "b.jpg")
    facts = [image_facts(tmp_path, name) for name in ("a.jpg", "b.jpg")]
    assert [(one.width, one.height) for one in facts] == [(100, 160), (160, 100)]


def test_of_many_pairs_that_look_alike_the_likeliest_are_compared_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wells of plates: behind a block of pairs without one picture nothing is compared any more."""
    monkeypatch.setattr(duplicates, "_BLOCK", 10)
    rng = np.random.default_rng(2)
    shape = 120 * (np.hypot(*(np.indices((32, 32)) - 15.5)) < 11)
    files, images = [], []
    for _ in range(12):
        image = np.clip(shape[..., None] + rng.normal(60, 12, (32, 32, 3)), 0, 255)
        top, left = rng.integers(4, 22, 2)
        image[top : top + 6, left : left + 6] = rng.integers(0, 255, 3)
        images.append(image.astype(np.uint8))
    images.append(np.clip(images[3].astype(int) + 4, 0, 255).astype(np.uint8))  # a copy, brighter
    for n, image in enumerate(images):
        files.append([tmp_path / f"{n}.png"])
        Image.fromarray(image).save(files[-1][0])
    thumbnails = np.array([cv2.resize(one, (8, 8), interpolation=cv2.INTER_AREA) for one in images])
    pairs = np.array(list(combinations(range(len(images)), 2)))
    whole = confirm_pairs(files, pairs)
    assert whole.tolist() == [[3, 12]]
    kept, n_left = duplicates._likeliest_first(
        files, pairs, thumbnails, reader=IMAGE, progress=SILENT
    )
    assert kept.tolist() == whole.tolist()
    # The block with the copy, and one without any.
    assert n_left == len(pairs) - 20
