"""A list of all files, whose columns say what each is and whether it is of train or test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_labels import begin, put, table

SIZE = (20, 24)
TRAIN = [f"{n:02x}7e{n}" for n in range(30)]
TEST = [f"{n:02x}9b{n}" for n in range(100, 112)]
EMPTY = TRAIN[::5]


def water(name: str) -> np.ndarray:
    mask = np.zeros(SIZE, dtype=np.uint8)
    if name not in EMPTY:
        n = TRAIN.index(name)
        mask[2 : 6 + n % 9, 3 : 9 + n % 11] = 1
    return mask


def runs(mask: np.ndarray) -> str:
    """Return the runs along the rows, the first pixel being 0; - without any."""
    flat = np.r_[0, mask.ravel(), 0].astype(int)
    edges = np.flatnonzero(np.diff(flat))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return " ".join(f"{start} {end - start}" for start, end in pairs) or "-"


def photo(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=95)


def tiles(
    data: Path,
    *,
    end: str = "_photo",
    where: tuple[str, str] = ("tiles/{:.2}", "tiles/{:.2}"),
    part: Sequence[str] = ("in_train", "True", "False"),
    example: bool = True,
) -> None:
    """Write photographs, masks of those with water, and a list of all files in any order."""
    column, of_train, of_test = part
    rows: list[tuple[object, ...]] = []
    for n, name in enumerate([*TRAIN, *TEST]):
        is_train = name in TRAIN
        photo(data / where[0].format(name) / f"{name}{end}.jpg", n)
        area = int(water(name).sum()) if is_train else ""
        place = f"lake_{n // 6}" if is_train else f"river_{n // 6}"
        told = of_train if is_train else of_test
        rows.append((f"{name}{end}.jpg", name, "photo", place, told, area))
        if is_train and name not in EMPTY:
            file = data / where[1].format(name) / f"{name}_water.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(water(name)).save(file)
            rows.append((file.name, name, "water", place, told, area))
    order = np.random.default_rng(0).permutation(len(rows))
    head = ("filename", "tile", "type", "scene", column, "area")
    table(data / "manifest.csv", head, *[rows[n] for n in order])
    table(data / "submission_format.csv", ("tile", "water"), *[(name, "-") for name in TEST])
    if example:
        shown = [(name, runs(water(name))) for name in TRAIN[:6]]
        table(data / "example_answer.csv", ("tile", "water"), *shown)


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"end": ""},
        {"part": ("split", "train", "test")},
        {"part": ("subset", "Training", "Testing")},
        {"part": ("is_test", "0", "1")},
        {"where": ("images", "masks")},
        {"where": ("tiles", "tiles")},
        {"example": False},
    ],
    ids=str,
)
def test_a_list_of_all_files_tells_train_from_test_and_images_from_masks(
    tmp_path: Path, layout: dict[str, object]
) -> None:
    tiles(tmp_path / "data", **layout)  # type: ignore[arg-type]
    found, notes = begin(tmp_path)
    asked = [] if "example" not in layout else ["submission.rle"]
    assert found.to_choose == asked
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert sorted(train["id"]) == sorted(TRAIN)
    assert sorted(test["id"]) == sorted(TEST)
    for name, mask in zip(train["id"], truth_masks(found, train), strict=True):
        assert np.array_equal(np.asarray(mask).squeeze(), water(name))
    assert found.folds.group == "scene"
    assert found.data.train.absent == "empty"
    form = found.submission
    assert (form.columns, form.empty) == ({"tile": "id", "water": "value"}, "-")
    if not asked:
        assert (form.rle.base, form.rle.order) == (0, "C")
    assert "rows of train, by" in notes


def test_rows_of_a_column_of_parts_are_labels_of_train_and_images_to_predict(
    tmp_path: Path,
) -> None:
    names = [f"shot{n}.png" for n in range(40)]
    for n, name in enumerate(names):
        put(tmp_path / "data/pool" / name, n)
    parts = ["test" if n % 4 == 0 else "val" if n % 4 == 1 else "train" for n in range(40)]
    labels = ["" if part == "test" else "ab"[n // 4 % 2] for n, part in enumerate(parts)]
    rows = list(zip(names, labels, parts, strict=True))
    table(tmp_path / "data/all.csv", ("file", "kind", "split"), *rows)
    wanted = [(name, "a") for name, part in zip(names, parts, strict=True) if part == "test"]
    table(tmp_path / "data/sample_submission.csv", ("file", "kind"), *wanted)
    found, _ = begin(tmp_path)
    assert not found.to_choose
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert set(test["id"]) == {name for name, _ in wanted}
    assert set(train["id"]) == set(names) - set(test["id"])
    known = {name: label for name, label, _ in rows}
    assert [found.classes[one] for one in train["label"]] == [known[one] for one in train["id"]]


def test_images_without_masks_stay_a_question_where_nothing_shows_what_they_mean(
    tmp_path: Path,
) -> None:
    tiles(tmp_path / "data", example=False)
    file = tmp_path / "data/manifest.csv"
    head, *rows = file.read_text().splitlines()
    file.write_text("\n".join(row.rpartition(",")[0] for row in [head, *rows]) + "\n")
    found, _ = begin(tmp_path)
    assert "data.train.absent" in found.to_choose


def test_pairs_of_photographs_are_no_masks(tmp_path: Path) -> None:
    for n in range(12):
        photo(tmp_path / f"data/train/{n}_left.jpg", n)
        if n % 3:
            photo(tmp_path / f"data/train/{n}_right.jpg", 100 + n)
    rows = [(f"{n}_{side}.jpg", "ab"[n % 2]) for n in range(12) for side in ("left", "right")]
    rows = [row for row in rows if (tmp_path / "data/train" / row[0]).is_file()]
    table(tmp_path / "data/train.csv", ("file", "kind"), *rows)
    for n in range(4):
        photo(tmp_path / f"data/test/{20 + n}_left.jpg", 20 + n)
    found, _ = begin(tmp_path)
    assert len(load_samples(found, "train")) == len(rows)


def test_the_class_of_each_image_in_a_text_beside_it_is_its_label(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n:04}.jpg", n)
        if n < 24:
            (data / f"train/{n:04}.txt").write_text(f"{n % 3}\n")  # 0001.jpg has 1, too
    (data / "classes.txt").write_text("cat\ndog\nfox\n")
    table(
        data / "sample_submission.csv", ("image", "label"), *((f"{n:04}", 0) for n in range(24, 30))
    )
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = dict(zip(samples["images"].str[0].map(Path), samples["label"], strict=True))
    assert labels == {Path(f"data/train/{n:04}.jpg"): n % 3 for n in range(24)}


def test_records_of_json_by_image_are_parted_by_their_split(tmp_path: Path) -> None:
    data, records = tmp_path / "data", {}
    for n in range(30):
        put(data / f"img/{n:04}.jpg", n)
        is_train = n < 24
        label = "abc"[n % 3] if is_train else None
        records[f"{n:04}.jpg"] = {"split": "train" if is_train else "test", "label": label}
    (data / "dataset.json").write_text(json.dumps(records))
    table(
        data / "sample_submission.csv",
        ("id", "label"),
        *((f"{n:04}.jpg", "a") for n in range(24, 30)),
    )
    found, _ = begin(tmp_path)
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert list(train["id"]) == [f"{n:04}.jpg" for n in range(24)]
    assert [found.classes[k] for k in train["label"]] == ["abc"[n % 3] for n in range(24)]
    assert list(test["id"]) == [f"{n:04}.jpg" for n in range(24, 30)]


def test_records_of_json_with_several_images_are_units_of_these(tmp_path: Path) -> None:
    data, lines, truth = tmp_path / "data", [], {}
    found_in = [["edema"], ["nodule", "edema"], [], ["nodule"]]
    for n in range(28):
        images = [f"im{n:02}{one}.png" for one in "ab"[: 1 + n % 2]]
        for one in images:
            put(data / f"scans/{one}", n)
        record = {"study": f"S{n:02}", "images": images}
        if n < 20:
            record["findings"] = found_in[n % 4]
            truth |= {one: set(found_in[n % 4]) for one in images}
        lines.append(json.dumps(record))
    (data / "studies.jsonl").write_text("\n".join(lines))
    sent = [(f"S{n:02}", "nodule|edema") for n in range(20, 28)]
    table(data / "sample_submission.csv", ("study", "findings"), *sent)
    found, _ = begin(tmp_path)
    assert (str(found.tasks["classify"]), found.folds.group) == ("multilabel", "study")
    train, test = load_samples(found, "train"), load_samples(found, "test")
    labels = {
        name: {one for one, is_there in zip(found.classes, bits, strict=True) if is_there}
        for name, bits in zip(train["id"], train["label"], strict=True)
    }
    assert labels == truth  # an empty list is no finding, and not no label
    assert list(dict.fromkeys(test["unit"])) == [f"S{n:02}" for n in range(20, 28)]


def test_without_a_sample_images_to_predict_are_called_as_those_of_train(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n:04}.jpg", n)
    rows = [(f"{n:04}.jpg", "abc"[n % 3]) for n in range(24)]
    table(data / "train.csv", ("file", "label"), *rows)
    found, _ = begin(tmp_path)
    assert list(load_samples(found, "test")["id"]) == [f"{n:04}.jpg" for n in range(24, 30)]
