"""Images whose folders tell them apart: `plate_1/A01/img.png`, with the masks beside them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.checks import Finding
from podium.competition.samples import load_samples
from podium.workflows.checking import check_format
from tests.competition.infer.test_odd_labels import begin

TRAIN, TEST = ("plate_1", "plate_2", "plate_3"), ("plate_4", "plate_5")
WELLS = [f"{row}{column:02}" for row in "ABCD" for column in (1, 2, 3)]
README = "Pixels are counted from 0, left to right, then top to bottom."
FILES = {
    "nested": ("{plate}/{well}/img.png", "{plate}/{well}/labels.png"),
    "one level": ("{plate}_{well}/img.png", "{plate}_{well}/labels.png"),
    "files": ("{plate}/{well}.png", "{plate}/{well}_labels.png"),
}
IDS = {
    "two columns": (("plate", "well"), lambda plate, well: (plate, well)),
    "a path": (("well",), lambda plate, well: (f"{plate}/{well}",)),
    "one name": (("well",), lambda plate, well: (f"{plate}_{well}",)),
}


def leaves(
    data: Path,
    files: str = "nested",
    ids: str = "two columns",
    folders: Sequence[str] = ("annotated", "to_annotate"),
    *,
    readme: str = README,
    cell: str = "-",
    test: Sequence[str] = TEST,
) -> None:
    """Write images with two classes of pixels, and a sample of a row for each image and class."""
    image, mask = FILES[files]
    head, names = IDS[ids]
    rows = []
    for n, (plate, well) in enumerate((p, w) for p in (*TRAIN, *test) for w in WELLS):
        where = data / folders[plate not in TRAIN]
        file = where / image.format(plate=plate, well=well)
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (20, 30, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(file)
        if plate not in TRAIN:
            rows += [[*names(plate, well), one, cell] for one in ("stoma", "vein")]
            continue
        labels = np.zeros((20, 30), np.uint8)
        labels[3:9, 4 : 10 + n % 5], labels[12:15, 2:28] = 1, 2
        Image.fromarray(labels).save(where / mask.format(plate=plate, well=well))
    (data / "README.md").write_text(readme, encoding="utf-8")
    with (data / "example_answer.csv").open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([[*head, "structure", "runs"], *rows])


def stopping(findings: Sequence[Finding]) -> list[str]:
    return [one.title for one in findings if one.level in ("error", "warning")]


@pytest.mark.parametrize("folders", [("train", "test"), ("annotated", "to_annotate"), ("a", "b")])
@pytest.mark.parametrize(("files", "ids"), [
    ("nested", "two columns"), ("nested", "a path"), ("nested", "one name"),
    ("one level", "two columns"), ("one level", "one name"), ("files", "two columns"),
    ("files", "a path"),
])  # fmt: skip
def test_folders_are_the_id_wherever_the_images_to_predict_lie(
    tmp_path: Path, files: str, ids: str, folders: tuple[str, str]
) -> None:
    leaves(tmp_path / "data", files, ids, folders)
    spec, notes = begin(tmp_path)
    assert not spec.to_choose, notes
    assert spec.tasks == {"segment": "multiclass"}
    assert spec.classes == ["stoma", "vein"]
    assert spec.submission.rows == "image_class"
    train, test = (load_samples(spec, part) for part in ("train", "test"))
    assert len(train) == len(TRAIN) * len(WELLS)
    assert set(train["id"].str[:7]) == set(TRAIN)
    assert train["mask"].notna().all()
    assert [images[0] for images in test["images"]] == sorted(
        f"data/{folders[1]}/{FILES[files][0].format(plate=plate, well=well)}"
        for plate in TEST for well in WELLS
    )  # fmt: skip
    head = {"two columns": "{plate}/{well}", "a path": "", "one name": ""}[ids]
    assert spec.submission.file.id_of.replace("_{", "/{") == head


def test_one_plate_to_predict_is_named_as_those_of_train(tmp_path: Path) -> None:
    leaves(tmp_path / "data", test=TEST[:1])
    spec, _ = begin(tmp_path)
    assert set(load_samples(spec, "test")["id"]) == {f"{TEST[0]}/{well}" for well in WELLS}
    assert set(load_samples(spec, "train")["id"].str[:8]) == {f"{one}/" for one in TRAIN}


def test_images_without_masks_that_no_row_is_of_are_not_to_predict(tmp_path: Path) -> None:
    leaves(tmp_path / "data", ids="a path")
    left = tmp_path / "data/spare/plate_9/A01/img.png"
    left.parent.mkdir(parents=True)
    Image.new("RGB", (30, 20), (9, 90, 200)).save(left)
    spec, _ = begin(tmp_path)
    assert len(load_samples(spec, "test")) == len(TEST) * len(WELLS)
    assert len(load_samples(spec, "train")) == len(TRAIN) * len(WELLS)


def test_a_sample_as_the_host_has_it_may_be_named(tmp_path: Path) -> None:
    """`submission.file.id_of` says which columns its ids stand in."""
    leaves(tmp_path / "data")
    spec, _ = begin(tmp_path)
    assert spec.submission.sample == "made/tables/example_answer.csv"
    raw = spec.submission.model_copy(update={"sample": "data/example_answer.csv"})
    spec = spec.model_copy(update={"submission": raw}).at(tmp_path)
    assert stopping(check_format(spec)) == []


@pytest.mark.parametrize("n_plates", [2, 3])
def test_without_a_sample_numbered_folders_are_no_classes(tmp_path: Path, n_plates: int) -> None:
    leaves(tmp_path / "data", folders=("train", "test"), test=TEST[:1])
    (tmp_path / "data/example_answer.csv").unlink()
    for plate in TRAIN[n_plates:]:
        shutil.rmtree(tmp_path / "data/train" / plate)
    spec, _ = begin(tmp_path)
    assert spec.tasks == {"segment": "multiclass"}


def test_files_with_masks_of_their_own_are_no_channels(tmp_path: Path) -> None:
    """The sample has one column of names, which are those of the folders."""
    leaves(tmp_path / "data", "files", folders=("train", "test"))
    rows = ["plate,runs", *(f"{plate},1 2" for plate in TEST)]
    (tmp_path / "data/example_answer.csv").write_text("\n".join(rows) + "\n")
    spec, _ = begin(tmp_path)
    assert len(spec.data.train.patterns) == 1
    assert len(load_samples(spec, "train")) == len(TRAIN) * len(WELLS)


@pytest.mark.parametrize(("text", "base", "order"), [
    (README, 0, "C"),
    ("Runs are 1-indexed, column by column.", 1, "F"),
    ("The pixels are one-indexed\nand numbered from top to bottom, then left to right.", 1, "F"),
    ("RLE: start and length, **zero-based**, row-major.", 0, "C"),
    ("Runs are pairs of start and length. Counting starts at 1, along the rows.", 1, "C"),
    ("Pixel 0 is the top left one; the mask is flattened in Fortran order.", 0, "F"),
    ("The first pixel is number 1. Runs go down the columns.", 1, "F"),
    ("Pixels go from left to right, and from top to bottom, starting with pixel 1.", 1, "C"),
    ("Class labels are numbered from 0; each pixel has one.", None, None),
    ("Each pixel has a value from 0 to 2. A row of the file is of one structure.", None, None),
    ("Runs count pixels from 0.", 0, None),
    ("Runs go along the rows; each start is relative to the end of the last run.", None, "C"),
    ("Runs are 0-based. Of the example, the runs are 1-based.", None, None),
])  # fmt: skip
def test_a_readme_tells_how_runs_are_counted(
    tmp_path: Path, text: str, base: int | None, order: str | None
) -> None:
    leaves(tmp_path / "data", readme=text)
    spec, _ = begin(tmp_path)
    written = (tmp_path / "competition.yaml").read_text()
    n_other = written.count("# or rle:")
    parts = (base, order, None if "relative" in text or (base, order) == (None, None) else False)
    assert n_other == 2 ** parts.count(None) - 1
    assert bool(spec.to_choose) == (n_other > 0)
    assert spec.submission.rle.base == (1 if base is None else base)
    assert spec.submission.rle.order == (order or "F")
    assert ("README.md says" in written.partition("submission:")[2]) == (n_other < 7)


def test_runs_of_the_sample_are_believed_before_a_readme(tmp_path: Path) -> None:
    leaves(tmp_path / "data", readme="Pixels are counted from 1, row by row.", cell="0 3")
    spec, notes = begin(tmp_path)
    assert (spec.submission.rle.base, spec.submission.rle.order) == (0, "C")
    assert "README.md says 'counted from 1'" in notes
    assert "believed" in notes
