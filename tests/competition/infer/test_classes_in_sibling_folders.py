"""Masks of a class each, in folders side by side that are called after the classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from miniatures import save, write_table

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition

RNG = np.random.default_rng(3)
CLASSES = ("water", "road")
N = 24


def lay_out(data: Path, folder: str, name: str, row: str, *, lacks: bool) -> None:
    """Write tiles and the masks of each class; with `lacks`, none where there is nothing of it."""
    rows = []
    for n in range(N + 8):
        part = "training" if n < N else "evaluation"
        save(data / f"{part}/tiles/t{n:03}.png", RNG.integers(0, 255, (16, 16, 3), np.uint8))
        for place, one in enumerate(CLASSES):
            if n >= N:
                rows.append([row.format(id=f"t{n:03}", name=one), "1 2"])
                continue
            mask = np.zeros((16, 16), np.uint8)
            if n % (2 + place):
                mask[2 + place : 9, n % 8 :] = 255
            if mask.any() or not lacks:
                save(
                    data / f"training/{folder.format(one)}/{name.format(f't{n:03}', one)}.png", mask
                )
    write_table(data / "sample_submission.csv", ["tile", "runs"], rows)


def read(root: Path) -> Competition:
    return infer(root / "data", root).competition


@pytest.mark.parametrize("row", ["{id}_{name}", "{id}_{name}_px"])
@pytest.mark.parametrize("lacks", [False, True])
@pytest.mark.parametrize(
    ("folder", "name"), [("{}_masks", "{}_{}"), ("{}_masks", "{}"), ("{}", "{}")]
)
def test_folders_called_as_the_classes_of_the_sample_have_a_mask_of_each(
    tmp_path: Path, folder: str, name: str, lacks: bool, row: str
) -> None:
    data = tmp_path / "data"
    lay_out(data, folder, name, row, lacks=lacks)
    (data / "README.md").write_text("A tile has no file where there is nothing of a class.")
    found = read(tmp_path)
    assert found.tasks == {"segment": "multilabel"}
    assert set(found.classes) == set(CLASSES)
    assert "{class}" in str(found.data.train.mask)
    assert found.submission.id == row.replace("{name}", "{class}")
    assert set(found.to_choose) <= {"submission.rle"}
    assert found.data.train.absent == ("empty" if lacks else None)
    assert len(load_samples(found, "train")) == N
    assert len(load_samples(found, "test")) == 8


def test_folders_that_the_sample_does_not_name_are_a_question(tmp_path: Path) -> None:
    """Two people may have drawn the same."""
    data = tmp_path / "data"
    lay_out(data, "{}_masks", "{}", "{id}_{name}", lacks=False)
    sent = [[f"t{n:03}", "1 2"] for n in range(N, N + 8)]
    write_table(data / "sample_submission.csv", ["tile", "runs"], sent)
    found = read(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert "data.train.mask" in found.to_choose


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("If an image has no mask file, it contains nothing of this class.", "empty"),
        ("Images without a mask have no foreground.", "empty"),
        ("Treat a missing mask file as an empty mask.", "empty"),
        ("Empty images: their mask files are not given.", "empty"),
        ("Images without a mask are not labelled; nothing is known of them.", None),
        ("Images with no mask have no label.", None),
        ("Some images have no mask.", None),
        ("There is nothing to download. Masks are PNG files.", None),
        ("The mask files are given as PNG: background only is all zero.", None),
    ],
)
def test_a_text_tells_what_a_missing_mask_is(tmp_path: Path, text: str, absent: str | None) -> None:
    data = tmp_path / "data"
    for n in range(N + 8):
        part = "train" if n < N else "test"
        save(data / f"{part}/images/t{n:03}.png", RNG.integers(0, 255, (16, 16, 3), np.uint8))
        if n < N and n % 3:
            mask = np.zeros((16, 16), np.uint8)
            mask[2:9, n % 8 :] = 255
            save(data / f"train/masks/t{n:03}.png", mask)
    (data / "README.md").write_text(f"# Ponds\n\n{text}\n")
    found = read(tmp_path)
    assert found.data.train.absent == absent
    assert ("data.train.absent" in found.to_choose) == (absent is None)
