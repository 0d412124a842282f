"""A part called validation: with its truth it is of train, as folds validate; else left out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.files import split_field
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from tests.competition.infer.test_odd_labels import begin, table

COUNTS = {"train": 12, "val": 5, "test": 4}


def put(file: Path, n: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(n)
    Image.fromarray(rng.integers(0, 255, (20, 30, 3)).astype(np.uint8)).save(file)


def put_mask(file: Path, n: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    mask = np.zeros((20, 30), np.uint8)
    mask[3:9, 4 : 10 + n], mask[12:15, 2:28] = 1, 2
    Image.fromarray(mask).save(file)


def segmented(
    data: Path,
    images: str = "{part}/{n:02}.jpg",
    masks: str = "{part}/{n:02}_mask.png",
    *,
    repeats: bool = False,
) -> dict[str, str]:
    """Write images and masks of train and validation; return the mask of each image, by paths.

    Images to predict are numbered from 0 again, and so are those of validation that `repeats`.
    """
    truth, n = {}, 0
    for part, count in COUNTS.items():
        n = 0 if part == "test" or repeats else n
        for _ in range(count):
            image = images.format(part=part, n=n)
            put(data / image, n + 100 * (part == "test"))
            if part != "test":
                truth[image] = masks.format(part=part, n=n)
                put_mask(data / truth[image], n)
            n += 1
    return truth


def masks_of(data: Path, found: Competition) -> dict[str, str]:
    samples = load_samples(found, "train")
    place = data.relative_to(found.root).as_posix()
    return {
        image.removeprefix(f"{place}/"): mask.files[0].removeprefix(f"{place}/")
        for (image,), mask in zip(samples["images"], samples["mask"], strict=True)
    }


@pytest.mark.parametrize(
    ("images", "masks"),
    [
        ("{part}/{n:02}.jpg", "{part}/{n:02}_mask.png"),
        ("{part}/images/{n:02}.jpg", "{part}/masks/{n:02}.png"),
        ("images/{part}/{n:02}.jpg", "masks/{part}/{n:02}.png"),
        ("{part}_images/{n:02}.jpg", "{part}_masks/{n:02}.png"),
    ],
)
def test_masks_of_validation_are_trained_on(tmp_path: Path, images: str, masks: str) -> None:
    data = tmp_path / "data"
    truth = segmented(data, images, masks)
    put_mask(data / masks.format(part="test", n=0), 3)  # of an image to predict, called as another
    found, notes = begin(tmp_path)
    assert masks_of(data, found) == truth
    assert "are trained on together, as folds validate" in notes
    assert len(load_samples(found, "test")) == COUNTS["test"]


@pytest.mark.parametrize("change", ["repeats", "no mask of one", "other images", "sent"])
def test_validation_that_one_pattern_does_not_tell_apart_is_left_out(
    tmp_path: Path, change: str
) -> None:
    data = tmp_path / "data"
    truth = segmented(data, repeats=change == "repeats")
    if change == "no mask of one":
        (data / "val/13_mask.png").unlink()
    elif change == "other images":
        put(data / "pictures_of_us/team.jpg", 300)
    elif change == "sent":
        rows = [(f"{n:02}", "1 1") for n in (*range(12, 17), *range(4))]
        table(data / "sample_submission.csv", ("id", "rle"), *rows)
    found, notes = begin(tmp_path)
    assert "are trained on together" not in notes
    assert masks_of(data, found) == {
        image: mask for image, mask in truth.items() if image.startswith("train/")
    }


FORMS = {
    "one": ("labels.csv", "labels.csv"),
    "beside": ("train_labels.csv", "val_labels.csv"),
    "inside": ("train/labels.csv", "val/labels.csv"),
}


def labelled(data: Path, form: str) -> dict[str, str]:
    """Write images of train, validation and test, and the tables of a form; return the labels."""
    truth: dict[str, dict[str, str]] = {"train": {}, "val": {}, "test": {}}
    for n in range(sum(COUNTS.values())):
        part = "train" if n < 12 else "val" if n < 17 else "test"
        put(data / part / f"i{n}.png", n)
        truth[part][f"i{n}"] = "cdf"[n % 3]
    rows: dict[str, list[tuple[str, str]]] = {}
    for name, part in zip(FORMS[form], ("train", "val"), strict=True):
        rows.setdefault(name, []).extend(truth[part].items())
    for name, each in rows.items():
        table(data / name, ("image", "label"), *each)
    return truth["train"] | truth["val"]


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_validation_images_are_trained_on(tmp_path: Path, form: str) -> None:
    truth = labelled(tmp_path / "data", form)
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    named = [found.classes[k] for k in samples["label"]]
    assert dict(zip(samples["id"], named, strict=True)) == truth
    assert all(Path(image).stem == one for (image,), one in samples[["images", "id"]].to_numpy())
    assert "12 images of train and 5 of val are trained on together" in notes


@pytest.mark.parametrize("is_labelled", [True, False])
def test_rows_of_validation_are_trained_on_where_the_sample_alone_names_the_others(
    is_labelled: bool, tmp_path: Path
) -> None:
    """Tables lie in the folders of their parts; each row has a blank cell, as those of train."""
    data, truth = tmp_path / "data", dict[str, str]()
    for n in range(21):
        part = "train" if n < 12 else "validation" if n < 17 else "more"
        put(data / f"set-{part}/i{n}.png", n)
        truth |= {f"i{n}": str(n // 2 % 3)} if part != "more" else {}
    for part, first, stop in (("train", 0, 12), ("validation", 12, 17)):
        has_labels = is_labelled or part == "train"
        rows = [
            (f"i{n}", *(truth[f"i{n}"] if k == n % 2 and has_labels else "" for k in (0, 1)))
            for n in range(first, stop)
        ]
        table(data / f"set-{part}/set-{part}.csv", ("image", "grade_l", "grade_r"), *rows)
    table(data / "form.csv", ("image", "grade"), *((f"i{n}", "") for n in range(17, 21)))
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    named = [found.classes[int(k)] for k in samples["label"]]
    known = {f"i{n}" for n in range(17 if is_labelled else 12)}
    expected = {one: grade for one, grade in truth.items() if one in known}
    assert dict(zip(samples["id"], named, strict=True)) == expected
    assert sorted(load_samples(found, "test")["id"]) == ["i17", "i18", "i19", "i20"]


@pytest.mark.parametrize("label", ["", "c"])
def test_validation_without_labels_is_left_out(tmp_path: Path, label: str) -> None:
    data = tmp_path / "data"
    labelled(data, "beside")
    rows = pd.read_csv(data / "val_labels.csv", dtype=str)
    rows.assign(label=label).to_csv(data / "val_labels.csv", index=False)  # none, or a placeholder
    found, notes = begin(tmp_path)
    assert len(load_samples(found, "train")) == 12
    assert "5 images in val are not used" in notes


def test_a_split_is_what_names_of_train_and_validation_do_not_share() -> None:
    assert split_field({"train", "valid"}) == "{split}"
    assert split_field({"images_train_v2", "images_val_v2"}) == "images_{split}_v2"
    assert split_field({"train", "test"}) is None
    assert split_field({"train"}) is None
    assert split_field({"train", "train_2"}) is None


def test_images_of_another_folder_are_predicted_where_none_is_called_test(tmp_path: Path) -> None:
    """`evaluacion/hoja_002.jpg` is the row 2 of the sample, where no folder is called test."""
    marks = []
    for n in range(1, 25):
        part = "evaluacion" if n % 4 == 2 else "entrenamiento"
        put(tmp_path / f"data/fotos/{part}/hoja_{n:03}.jpg", n)
        if part == "entrenamiento":
            marks.append([str(n), "sana" if n % 2 else "roya"])
    rows = [[str(n), "sana"] for n in range(2, 25, 4)]
    for name, cells in (("etiquetas", marks), ("ejemplo_envio", rows)):
        frame = pd.DataFrame(cells, columns=["numero", "estado"])
        frame.to_csv(tmp_path / f"data/{name}.csv", index=False)
    found, *_ = begin(tmp_path)
    test = load_samples(found, "test")
    names = [Path(image).name for (image,) in test["images"]]
    assert dict(zip(test["id"], names, strict=True)) == {
        str(n): f"hoja_{n:03}.jpg" for n in range(2, 25, 4)
    }


def numbered(data: Path, form: str, *, lacking: int = 0) -> dict[str, str]:
    """Write parts that number their images from 1, each with a table or a JSON of their labels."""
    true = {}
    for part, n in (("train", 14), ("validation", 6), ("test", 5)):
        for k in range(1, n + 1):
            if part != "validation" or k > lacking:
                put(data / f"{part}/{k}.png", 100 * n + k)
        labels = {str(k): "abc"[k % 3] for k in range(1, n + 1)}
        if part == "test":
            continue
        true |= {f"{part}/{k}.png": label for k, label in labels.items()}
        if form == "csv":
            table(data / f"{part}.csv", ("number", "label"), *labels.items())
        else:
            notes = [{"image_id": int(k), "label_id": label} for k, label in labels.items()]
            images = [{"image_id": int(k), "year": 2018} for k in labels]
            (data / f"{part}.json").write_text(json.dumps({"images": images, "annotations": notes}))
    table(data / "sample_submission.csv", ("id", "label"), *((k, "a") for k in range(1, 6)))
    return true


@pytest.mark.parametrize("form", ["csv", "json"])
def test_rows_of_validation_whose_names_repeat_those_of_train_are_rows_of_paths(
    form: str, tmp_path: Path
) -> None:
    true = numbered(tmp_path / "data", form)
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = [found.classes[number] for number in samples["label"]]
    paths = [images[0].removeprefix("data/") for images in samples["images"]]
    assert dict(zip(paths, labels, strict=True)) == true
    assert list(load_samples(found, "test")["id"]) == ["1", "2", "3", "4", "5"]
    assert "by the paths of images, as their names repeat" in notes
    assert found.to_choose == []


def test_rows_of_validation_without_their_images_are_left_out(tmp_path: Path) -> None:
    true = numbered(tmp_path / "data", "csv", lacking=1)
    found, notes = begin(tmp_path)
    assert len(load_samples(found, "train")) == sum(one.startswith("train") for one in true)
    assert "validation" in notes


def test_rows_of_validation_in_json_are_trained_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    true = {}
    for n in range(25):
        part = "train" if n < 14 else "val" if n < 20 else "test"
        put(data / f"{part}2019/i{n}.png", n)
        true |= {f"i{n}.png": "abc"[n % 3]} if part != "test" else {}
    for part, some in (("train", range(14)), ("val", range(14, 20))):
        notes = [{"id": n, "image_id": n, "category_id": n % 3} for n in some]
        images = [{"id": n, "file_name": f"i{n}.png"} for n in some]
        kinds = [{"id": n, "name": "abc"[n]} for n in range(3)]
        content = {"images": images, "annotations": notes, "categories": kinds}
        (data / f"{part}2019.json").write_text(json.dumps(content))
    table(data / "sample_submission.csv", ("id", "label"), *((f"i{n}", "a") for n in range(20, 25)))
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = [found.classes[number] for number in samples["label"]]
    names = [Path(images[0]).name for images in samples["images"]]
    assert dict(zip(names, labels, strict=True)) == true


@pytest.mark.parametrize("n_plain", [0, 6])
def test_images_of_validation_are_learnt_from_where_they_alone_have_classes(
    tmp_path: Path, n_plain: int
) -> None:
    for n in range(12):
        put(tmp_path / f"data/val/{('oat', 'rye')[n % 2]}/{n:02}.png", n)
    for n in range(n_plain):
        put(tmp_path / f"data/train/{20 + n}.png", 20 + n)
    for n in range(4):
        put(tmp_path / f"data/test/{40 + n}.png", 40 + n)

    found, notes = begin(tmp_path)

    assert found.classes == ["oat", "rye"]
    assert found.data.train.images == "data/val/{class}/*.png"
    assert len(load_samples(found, "test")) == 4
    assert (found.data.unlabelled is not None) is bool(n_plain)
    assert "the images to learn from are those of val: they have labels" in notes


def test_images_of_train_that_a_table_names_are_learnt_from_beside_validation(
    tmp_path: Path,
) -> None:
    for n in range(12):
        put(tmp_path / f"data/val/{('oat', 'rye')[n % 2]}/{n:02}.png", n)
        put(tmp_path / f"data/train/{20 + n}.png", 20 + n)
    rows = [(f"{20 + n}.png", ("oat", "rye")[n % 2]) for n in range(12)]
    table(tmp_path / "data/train.csv", ("image", "label"), *rows)
    for n in range(4):
        put(tmp_path / f"data/test/{40 + n}.png", 40 + n)

    found, notes = begin(tmp_path)

    assert "the images to learn from are those of val" not in notes
    assert found.data.train.table == "data/train.csv"
