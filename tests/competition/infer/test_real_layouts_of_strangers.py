"""Forms of data that a stranger wrote down from real data sets, each read at its root."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from miniatures import save, write_table

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition

RNG = np.random.default_rng(7)


def picture(path: Path, side: int = 16) -> None:
    save(path, RNG.integers(0, 255, (side, side, 3), dtype=np.uint8))


def mask(path: Path, values: tuple[int, ...] = (0, 255), side: int = 16) -> None:
    drawn = np.zeros((side, side), dtype=np.uint8)
    for number, value in enumerate(values):
        drawn[number * side // len(values) : (number + 1) * side // len(values)] = value
    save(path, np.roll(drawn, int(RNG.integers(side)), axis=1))


def read(folder: Path) -> Competition:
    return infer(folder / "data", folder).competition


def with_test(data: Path) -> None:
    for number in range(6):
        picture(data / f"test/t{number}.png")


@pytest.mark.parametrize(
    ("beside", "label"),
    [
        (("dmos", "var"), "dmos"),  # how far people agreed is no label
        (("kind", "user_id"), "kind"),  # nor who gave it
    ],
)
def test_what_is_known_of_a_label_is_not_the_label(
    tmp_path: Path, beside: tuple[str, str], label: str
) -> None:
    data = tmp_path / "data"
    rows = []
    for number in range(30):
        picture(data / f"images/i{number:02d}.png")
        cells = [f"{RNG.uniform(1, 5):.2f}", f"{RNG.uniform(0, 1):.3f}"]
        if label == "kind":
            cells = ["oak" if number % 2 else "elm", str(16 + number % 7)]
        rows.append([f"i{number:02d}.png", *cells])
    write_table(data / "labels.csv", ["image", *beside], rows)
    with_test(data)
    assert read(tmp_path).data.train.label == label


def test_of_several_columns_of_numbers_the_last_is_a_question(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = []
    for number in range(30):
        picture(data / f"images/i{number:02d}.png")
        rows.append([f"i{number:02d}.png", *(f"{one:.3f}" for one in RNG.uniform(0, 9, 2))])
    write_table(data / "log.csv", ["frame", "steering", "speed"], rows)
    with_test(data)
    found = infer(data, tmp_path)
    assert "data.train.label" in found.competition.to_choose
    assert "or label: steering" in found.text


def test_cells_that_begin_in_the_folder_itself_name_their_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = []
    for number in range(20):
        picture(data / f"train/T{number:02d}.png")
        picture(data / f"big/T{number:02d}.png", 32)
        rows.append([f"./train/T{number:02d}.png", f"./big/T{number:02d}.png", "ab"[number % 2]])
    write_table(data / "train.csv", ["img_path", "big_path", "label"], rows)
    with_test(data)
    write_table(
        data / "test.csv", ["id", "img_path"], [[f"t{n}", f"./test/t{n}.png"] for n in range(6)]
    )
    write_table(data / "sample_submission.csv", ["id", "label"], [[f"t{n}", "a"] for n in range(6)])
    found = read(tmp_path)
    assert found.data.train.images == "data/{img_path}"
    assert found.data.test is not None
    assert found.data.test.images == "data/test/{id}.png"


def test_cells_may_be_parted_by_blanks_without_a_header(tmp_path: Path) -> None:
    data = tmp_path / "data"
    lines = []
    for number in range(30):
        picture(data / f"images/c{number:02d}.png")
        share = ("0.0", "0.3333333333333333", "0.6666666666666666", "1.0")[number % 4]
        lines.append(f"images/c{number:02d}.png  {share}  {'mono' if number % 3 else 'poly'}")
    (data / "labels.csv").write_text("\n".join(lines) + "\n")
    with_test(data)
    found = infer(data, tmp_path)
    # Without names of columns the label stands behind the image; the other one is offered.
    assert found.competition.data.train.label == "field_2"
    assert found.competition.tasks == {"classify": "regression"}
    assert "or label: field_3" in found.text


def test_sparse_numbers_of_masks_are_the_classes_that_there_are(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(12):
        picture(data / f"train/images/i{number:02d}.png")
        mask(data / f"train/masks/i{number:02d}.png", (0, 7, 11, 21, 26))
    with_test(data)
    found = read(tmp_path)
    assert len(found.classes) == 4
    assert found.data.train.mask_values is not None
    assert set(found.data.train.mask_values) == {0, 7, 11, 21, 26}


def test_a_palette_names_numbers_in_its_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = ["road", "pole", "sky", "rail"]
    for number in range(12):
        picture(data / f"jpgs/r{number:02d}.png")
        mask(data / f"uint8/r{number:02d}.png", (0, 1, 2, 3, 255))
    labels = [f'{{"color": [{9 * n}, 64, 128], "name": "{name}"}}' for n, name in enumerate(names)]
    (data / "config.json").write_text(f'{{"labels": [{", ".join(labels)}]}}')
    with_test(data)
    found = read(tmp_path)
    assert found.classes == names  # 0 is the first of them, and no background


@pytest.mark.parametrize("folders", [("A", "B"), ("before", "after")])
def test_two_pictures_beside_a_mask_are_channels_of_one_image(
    tmp_path: Path, folders: tuple[str, str]
) -> None:
    data = tmp_path / "data"
    for part, n in (("train", 12), ("test", 5)):
        for number in range(n):
            for folder in folders:
                picture(data / f"{part}/{folder}/{part}_{number}.png")
            mask(data / f"{part}/label/{part}_{number}.png")
    found = read(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert found.data.train.n_files == 2
    assert found.data.train.mask == "data/train/label/{id}.png"


def test_tables_numbered_as_folds_part_no_test(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = []
    for number in range(24):
        picture(data / f"signs/s{number:02d}.png")
        rows.append([f"signs/s{number:02d}.png", "abc"[number % 3]])
    write_table(data / "labels.csv", ["path", "sign"], rows)
    for fold in (1, 2, 3):
        held = [row for number, row in enumerate(rows) if number % 3 == fold - 1]
        rest = [row for row in rows if row not in held]
        for name, part in (("train", rest), ("test", held)):
            up = [[f"../../{path}", sign] for path, sign in part]
            write_table(data / f"folds/fold-{fold}/{name}.csv", ["path", "sign"], up)
    with_test(data)
    found = read(tmp_path)
    assert found.data.train.table == "data/labels.csv"
    assert found.data.test is not None
    assert found.data.test.images == "data/test/*.png"


def test_texts_may_number_images_by_long_ids(tmp_path: Path) -> None:
    data = tmp_path / "data"
    ids = [f"{n:08x}-77{n:02d}-4d1e-9c1f-3c5d7e9f1a2b" for n in range(20)]
    for one in ids:
        picture(data / f"images/{one.replace('-', '')}.png")
    texts = {
        "images": [f"{one} {one.replace('-', '')}.png" for one in ids],
        "image_class_labels": [f"{one} {n % 2}" for n, one in enumerate(ids)],
        "train_test_split": [f"{one} {int(n % 5 > 0)}" for n, one in enumerate(ids)],
        "bounding_boxes": [f"{one} 3 2 14 11" for one in ids],
    }
    for name, lines in texts.items():
        (data / f"{name}.txt").write_text("\n".join(lines) + "\n")
    found = read(tmp_path)
    assert list(found.tasks) == ["classify"]  # boxes are no runs
    assert found.data.train.label == "image_class_labels"
    assert found.data.test is not None


def test_masks_lie_in_folders_called_as_those_of_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for fish in ("Bream", "Mullet", "Sprat", "Trout"):
        for number in range(5):
            picture(data / f"Fish/{fish}/{fish}/{number:05d}.png")
            mask(data / f"Fish/{fish}/{fish} GT/{number:05d}.png", (0, 255))
    with_test(data)
    found = read(tmp_path)
    assert found.data.train.mask == "data/Fish/{class}/{folder} GT/{stem}.png"
    assert found.folds.group is None  # each class has one folder


@pytest.mark.parametrize("sent", [["calm", "cross"], ["calm"]])
def test_words_of_a_sample_show_the_column_of_the_label(tmp_path: Path, sent: list[str]) -> None:
    """One word alone may be a placeholder that another column has by chance."""
    data = tmp_path / "data"
    rows = []
    for number in range(24):
        picture(data / f"train/p{number:02d}.png")
        cells = [("left", "front", "right")[number % 3], ("calm", "cross", "glad")[number // 2 % 3]]
        rows.append([f"p{number:02d}.png", *cells, ("open", "shut")[number // 5 % 2]])
    write_table(data / "train.csv", ["file", "pose", "mood", "mouth"], rows)
    with_test(data)
    lines = [f"t{number}.png,{sent[number % len(sent)]}" for number in range(6)]
    (data / "sample_submit.csv").write_text("\n".join(lines) + "\n")
    found = infer(data, tmp_path)
    assert found.competition.data.train.label == "mood"
    assert ("data.train.label" in found.competition.to_choose) == (len(sent) == 1)
    assert ("or label: mouth" in found.text) == (len(sent) == 1)


@pytest.mark.parametrize("files", [("B03", "B04", "B08"), ("1", "2", "3")])
def test_bands_of_a_day_are_the_channels_of_an_image_of_its_place(
    tmp_path: Path, files: tuple[str, ...]
) -> None:
    """A place has a folder, in it one for each day; numbered files are photographs of the day."""
    data = tmp_path / "data"
    for part, first in (("train", 100), ("test", 200)):
        for place in range(first, first + 12):
            for day in range(1 + place % 3):
                for band in files:
                    grey = RNG.integers(0, 255, (16, 16), dtype=np.uint8)
                    save(data / f"{part}/{place}/2025-05-1{day}/{band}.tif", grey)
    rows = [[str(one), "ripe" if one % 2 else "green"] for one in range(100, 112)]
    write_table(data / "train.csv", ["place", "grade"], rows)
    sent = [[str(one), "ripe"] for one in range(200, 212)]
    write_table(data / "sample_submission.csv", ["place", "grade"], sent)
    found = read(tmp_path)
    assert found.data.test is not None
    if files[0] == "1":
        assert isinstance(found.data.train.images, str)
        return
    for part, source in (("train", found.data.train), ("test", found.data.test)):
        assert source.images == {band: f"data/{part}/{{place}}/{{id}}/{band}.tif" for band in files}
        assert source.unit == "{place}"
    ids = list(load_samples(found, "test")["id"])
    assert len(set(ids)) == len(ids) == sum(1 + place % 3 for place in range(200, 212))


@pytest.mark.parametrize("key", ["case_no", "CaseNo"])
@pytest.mark.parametrize("cells", [("1", "0"), ("yes", "no")])
@pytest.mark.parametrize("suffix", [".JPG", ".jpg"])
def test_findings_of_a_case_are_those_of_its_photographs(
    tmp_path: Path, key: str, cells: tuple[str, str], suffix: str
) -> None:
    """One table has the case of each photograph, another what each case of train has."""
    data = tmp_path / "data"
    photos, cases, sent = [], [], []
    for case in range(30):
        name, part = f"C-{case + 500}", "TRAIN" if case < 20 else "TEST"
        for n in range(1 + case % 3):
            picture(data / f"PHOTOS/{part}/P{case * 3 + n:03d}.JPG")
            photos.append([f"P{case * 3 + n:03d}{suffix}", name, ("leaf", "twig")[n % 2]])
        found = [case % 3 == 0, case % 2 == 0, case % 5 == 1]
        (cases if part == "TRAIN" else sent).append([name, *(cells[not one] for one in found)])
    write_table(data / "photos.csv", ["photo", "case_no", "organ"], photos)
    write_table(data / "findings.csv", [key, "rust", "mildew", "mites"], cases)
    rows = [[one[0], "0.5", "0.5", "0.5"] for one in sent]
    write_table(data / "SampleSubmission.csv", ["case_no", "rust", "mildew", "mites"], rows)
    competition = read(tmp_path)
    assert competition.tasks == {"classify": "multilabel"}
    assert competition.classes == ["rust", "mildew", "mites"]
    assert not competition.to_choose
    samples = load_samples(competition, "train")
    assert len(samples) == sum(1 + case % 3 for case in range(20))
    assert list(samples["label"].iloc[0]) == [1, 1, 0]
    assert set(samples["unit"]) == {one[0] for one in cases}
    assert set(load_samples(competition, "test")["unit"]) == {one[0] for one in sent}
