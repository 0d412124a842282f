"""Sequences: frames of a pan are one, photographs and class folders with numbers are none."""

import cv2
import numpy as np

from podium.competition.checks.sequences import find_sequences, split_into_scenes


def scene(seed: int) -> np.ndarray:
    rough = np.random.default_rng(seed).integers(0, 256, (10, 40, 3), dtype=np.uint8)
    return cv2.resize(rough, (800, 100), interpolation=cv2.INTER_CUBIC)


def pan(seed: int, n: int) -> list[np.ndarray]:
    wide = scene(seed)
    return [small(wide[:, 4 * k : 4 * k + 120]) for k in range(n)]


def small(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA)


def photographs(n: int) -> list[np.ndarray]:
    return [small(scene(1000 + k)[:, :120]) for k in range(n)]


def sequences_of(ids: list[str], images: list[np.ndarray]):
    return find_sequences(ids, np.array(images), np.ones(len(ids), dtype=bool))


def test_frames_of_two_clips_are_two_sequences_in_the_order_of_their_numbers():
    ids = [f"{clip}_{k}" for clip in ("a", "b") for k in range(30)]
    images = [*pan(1, 30), *pan(2, 30)]
    order = np.random.default_rng(0).permutation(60)
    found = sequences_of([ids[k] for k in order], [images[k] for k in order])
    assert sorted(one.stem for one in found) == ["a_", "b_"]
    for one in found:
        numbers = [int(ids[order[row]].partition("_")[2]) for row in one.rows]
        assert numbers == list(range(30))


def test_photographs_that_a_camera_numbered_are_no_sequence():
    assert sequences_of([f"img_{k:04d}.png" for k in range(60)], photographs(60)) == []


def test_ids_without_numbers_and_few_frames_are_no_sequence():
    assert sequences_of([f"{k:x}g" for k in range(20)], pan(1, 20)) == []
    assert sequences_of([f"a_{k}" for k in range(7)], pan(1, 7)) == []


def test_an_image_that_cannot_be_read_is_left_out():
    images = pan(1, 20)
    known = np.arange(20) != 4
    (found,) = find_sequences([f"a{k}" for k in range(20)], np.array(images), known)
    assert 4 not in found.rows
    assert len(found) == 19


def test_a_film_is_cut_where_its_picture_changes_altogether():
    ids = [f"frame{k:03d}" for k in range(60)]
    (film,) = sequences_of(ids, [*pan(1, 20), *pan(2, 20), *pan(3, 20)])
    assert [rows.tolist() for rows in split_into_scenes(film)] == [
        list(range(20)),
        list(range(20, 40)),
        list(range(40, 60)),
    ]
