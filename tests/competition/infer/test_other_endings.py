"""Cells that name images with the ending of another file: `7.wav` of the spectrogram `7.png`."""

from __future__ import annotations

from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples

TAGS = ("bark", "bus", "meow")


def sounds(data: Path, folders: tuple[str, ...], cell: str) -> None:
    for n in range(24):
        put(data / folders[n % len(folders)] / f"clip{n:02}.png", n)
    for n in range(24, 30):
        put(data / f"test/clip{n}.png", n)
    for k, folder in enumerate(folders):
        rows = [(cell.format(n), TAGS[n // 2 % 3]) for n in range(k, 24, len(folders))]
        table(data / f"{folder}.csv", ("fname", "label"), *rows)
    sent = [(f"clip{n}.wav", "bark") for n in range(24, 30)]
    table(data / "sample_submission.csv", ("fname", "label"), *sent)


@pytest.mark.parametrize("cell", ["clip{:02}.wav", "audio/clip{:02}.wav"])
@pytest.mark.parametrize("folders", [("train",), ("train_curated", "train_noisy")], ids=len)
def test_the_stem_names_the_image_where_cells_have_another_ending(
    folders: tuple[str, ...], cell: str, tmp_path: Path
) -> None:
    sounds(tmp_path / "data", folders, cell)
    found, notes = begin(tmp_path)
    assert "with fname without '.wav', which no image ends in" in notes
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"].map(found.classes.__getitem__), strict=True))
    assert labels == {f"clip{n:02}": TAGS[n // 2 % 3] for n in range(24)}
    assert found.submission.id == "{id}.wav"


def test_a_column_of_other_files_beside_that_of_images_stays(tmp_path: Path) -> None:
    sounds(tmp_path / "data", ("train",), "clip{:02}.wav")
    rows = [(f"clip{n:02}.png", f"clip{n:02}.xml", TAGS[n % 3]) for n in range(24)]
    table(tmp_path / "data/train.csv", ("photo", "notes", "label"), *rows)
    found, notes = begin(tmp_path)
    assert found.data.train.id == "photo"
    assert "which no image ends in" not in notes
