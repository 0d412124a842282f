"""Masks that several people drew of an image: their majority, counted by hand, is the mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks

SIZE, N_TRAIN, N_ALL = 24, 9, 13


def drawn(number: int, person: int) -> NDArray[np.bool_]:
    """Return a square of the image, which each person draws a little larger; one has a dot more."""
    mask = np.zeros((SIZE, SIZE), dtype=bool)
    at = 4 + number % 5
    mask[at : at + 8 + person, at : at + 8] = True
    mask[0, 0] = person == 2
    return mask


def pictures(
    data: Path, folders: tuple[str, ...], *, lacking: dict[int, tuple[int, ...]], blank: bool
) -> None:
    """Write images, and a mask of each person but of `lacking`: a person by the image."""
    rng = np.random.default_rng(4)
    for number in range(N_ALL):
        part = "train" if number < N_TRAIN else "test"
        file = data / "images" / part / f"K{number:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8)).save(file)
        for person, folder in enumerate(folders) if number < N_TRAIN else ():
            if person in lacking.get(number, ()):
                continue
            mask = drawn(number, person)
            if blank and number == 8 and person == 0:
                mask[:] = False
            file = data / "masks" / folder / f"K{number:02}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(file)
    rows = [f"K{n:02},1 1" for n in range(N_TRAIN, N_ALL)]
    (data / "sample_submission.csv").write_text("\n".join(["id,rle", *rows]) + "\n")
    counted = "Pixels are numbered from 1, column by column, from top to bottom.\n"
    (data / "README.md").write_text(counted)


def masks_of(spec: Competition) -> dict[str, NDArray[np.bool_]]:
    train = load_samples(spec, "train")
    pairs = zip(train["id"], truth_masks(spec, train), strict=True)
    return {str(one): mask > 0 for one, mask in pairs if mask is not None}


@pytest.mark.parametrize(
    "folders",
    [
        ("expert1", "expert2", "expert3"),
        ("rater_A", "rater_B", "rater_C"),
        ("uzman1", "uzman2", "uzman3"),
    ],
)
def test_what_most_people_drew_is_the_mask(folders: tuple[str, ...], tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data, folders, lacking={}, blank=False)
    spec = infer(data, tmp_path).competition
    assert spec.tasks == {"segment": "binary"}
    assert not spec.to_choose
    found = masks_of(spec)
    assert len(found) == N_TRAIN
    for name, mask in found.items():
        # The second of three squares that grow is what two of three have; the dot is one person's.
        assert np.array_equal(mask, drawn(int(name[1:]), 1))


def test_who_drew_nothing_has_no_file_where_no_file_is_blank(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data, ("expert1", "expert2", "expert3"), lacking={3: (1, 2), 4: (2,)}, blank=False)
    draft = infer(data, tmp_path)
    assert draft.competition.to_choose == ["data.train.mask"]
    assert "3 of 27" in " ".join(draft.notes)
    found = masks_of(draft.competition)
    assert not found["K03"].any()  # one of three drew something
    assert np.array_equal(found["K04"], drawn(4, 0))  # what both have is that of the first


def test_who_has_no_file_did_not_read_the_image_where_files_are_blank(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data, ("expert1", "expert2", "expert3"), lacking={3: (0,)}, blank=True)
    found = masks_of(infer(data, tmp_path).competition)
    both = drawn(3, 1) & drawn(3, 2)
    assert np.array_equal(found["K03"], both)  # more than half of two are two
    assert np.array_equal(found["K08"], drawn(8, 1) & drawn(8, 2))


def test_folders_of_classes_are_no_people(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data, ("cell1", "cell2", "cell3"), lacking={}, blank=False)
    infer(data, tmp_path)
    assert not (tmp_path / "made/masks").exists()
