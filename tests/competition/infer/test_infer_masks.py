"""A data folder with masks becomes a spec that reads them: layouts of real competitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import codec_miniatures
import mask_miniatures
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as pycocotools

from podium.competition import metrics
from podium.competition.infer.sample.runs import are_runs
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.spec import MaskTable, load_competition
from podium.competition.truths.masks import IGNORE, truth_masks
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.spec import format_of

SIZE = (6, 8)
PHOTO = np.random.default_rng(0).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
Pixels = NDArray[Any]


def put(data: Path, paths: Iterable[str], pixels: Pixels = PHOTO) -> None:
    for path in paths:
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(data / path)


def stripes(values: Sequence[Any], dtype: type = np.uint8) -> Pixels:
    """Return a mask `(H, W)` or `(H, W, 3)` with one column a value, the first one as often again.

    The values stand in the order given.
    """
    rest = [values[0]] * (SIZE[1] - len(values))
    return np.stack([np.array([*rest, *values], dtype=dtype)] * SIZE[0])


def table(data: Path, name: str, header: str, rows: Iterable[str]) -> None:
    data.mkdir(parents=True, exist_ok=True)
    (data / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def look(data: Path) -> tuple[Inferred, list[Any]]:
    """Infer, and check what holds for every layout: all that the spec names can be read."""
    root = data.parent
    found = infer(data, root)
    (root / "competition.yaml").write_text(found.text, encoding="utf-8")
    spec = found.competition
    assert load_competition(root) == spec
    for line in found.text.splitlines():
        assert len(line) <= 100 or "[" in line or "{" in line or "inferred it from" in line, line
    for split in ("train", "unlabelled", "test"):
        load_samples(spec, split)
    task = spec.scored_task
    metrics.fitting(spec.metric.name, spec.tasks[task], spec.metric.options, task=task)
    form = format_of(spec)
    if spec.submission.sample is not None:
        expected = expected_of_test(spec).rows
        ids = load_samples(spec, "test")["id"]
        assert sorted(expected) == sorted(form.keys(ids))
    if "segment" not in spec.tasks:
        return found, []
    return found, list(truth_masks(spec, load_samples(spec, "train")))


def layout(data: Path, masks: dict[str, Pixels], *, n: int = 6) -> None:
    """Write `train/<n>.jpg`, `test/`, and each mask for every image: `{n}` in its path."""
    put(data, [f"train/{k}.jpg" for k in range(n)])
    put(data, ["test/70.jpg", "test/71.jpg"])
    for path, pixels in masks.items():
        put(data, [path.format(n=k) for k in range(n)], pixels)


# Miniatures: what was found reads the masks that were drawn.


@pytest.mark.parametrize(
    ("write", "tasks", "metric"),
    [
        (
            mask_miniatures.pictures_and_masks,
            {"classify": "multiclass", "segment": "multiclass"},
            "mean_dice",
        ),
        (mask_miniatures.defects, {"segment": "multilabel"}, "mean_dice"),
        (mask_miniatures.salt, {"segment": "binary"}, "mean_dice"),
        (mask_miniatures.tissue, {"segment": "binary"}, "mean_dice"),
    ],
)
def test_the_masks_of_a_miniature_are_read_as_they_were_drawn(
    tmp_path: Path, write: Callable[..., Any], tasks: dict[str, str], metric: str
) -> None:
    drawn = write(tmp_path / "data")
    found, masks = look(tmp_path / "data")
    spec = found.competition
    assert spec.tasks == tasks
    assert (spec.metric.name, spec.submission.value) == (metric, "rle")
    assert spec.classes == (list(drawn.classes) if tasks["segment"] != "binary" else [])
    assert not [note for note in found.notes if "mend" in note]
    # Rows without a label are no class.
    text = found.text.replace("\n# ", " ")
    assert ("The rarest, dress, has 9 images, the commonest 12." in text) == ("classify" in tasks)
    for name, mask in zip(load_samples(spec, "train")["id"], masks, strict=True):
        layers = drawn.train.get(name)
        if layers is None:
            assert mask is None
        elif tasks["segment"] == "multiclass":
            np.testing.assert_array_equal(mask, (layers.T * [1, 2]).sum(axis=2).T)
        else:
            np.testing.assert_array_equal(
                mask.reshape(*layers.shape[1:], -1), layers.transpose(1, 2, 0)
            )


def test_groups_of_a_table_of_masks_are_kept_together(tmp_path: Path) -> None:
    mask_miniatures.tissue(tmp_path / "data")
    folds = look(tmp_path / "data")[0].competition.folds
    assert (folds.scheme, folds.group, folds.balance) == ("stratified_group", "donor", "coverage")


def _wells(data: Path) -> None:
    """Write images of cells, a table with a row a cell, one of them twice, and a sample of images.

    Three images are of each well.
    """
    rows = []
    for n in range(18):
        put(data, [f"train_images/c{n:03}.png"], PHOTO + np.uint8(n))
        rows += [f"c{n:03},{k},W{n // 3},{7 + 16 * k} 2 {15 + 16 * k} 2" for k in range(2 + n % 2)]
    for n in range(6):
        put(data, [f"test_images/t{n:03}.png"], PHOTO + np.uint8(40 + n))
    table(data, "train_cells.csv", "image_id,cell,well,mask_rle", [rows[0], *rows])
    table(data, "sample_submission.csv", "image_id,mask_rle", [f"t{n:03},1 1" for n in range(6)])


def test_a_cell_that_stands_twice_is_an_object_and_wells_are_groups(tmp_path: Path) -> None:
    _wells(tmp_path / "data")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert spec.tasks == {"segment": "instance"}
    assert "tasks" in spec.to_choose  # the rows of an image may be one mask
    assert (spec.folds.scheme, spec.folds.group) == ("stratified_group", "well")
    groups = dict(load_samples(spec, "train")[["id", "group"]].to_numpy())
    assert groups == {f"c{n:03}": f"W{n // 3}" for n in range(18)}


@pytest.mark.parametrize(
    ("title", "is_sure"),
    [
        ("# Cell instance segmentation", True),
        ("# 实例分割", True),
        ("Segmentation d'instances de cellules.", True),
        ("# Cell segmentation", False),
        ("This is not an instance segmentation task.", False),
    ],
)
def test_a_text_on_instances_leaves_no_question_whether_rows_are_objects(
    tmp_path: Path, title: str, is_sure: bool
) -> None:
    _wells(tmp_path / "data")
    scored = "Evaluation: the mean over thresholds 0.5 to 0.95 of TP(t) / (TP(t) + FP(t) + FN(t))."
    (tmp_path / "data/README.md").write_text(f"{title}\n\n{scored}", encoding="utf-8")
    found = infer(tmp_path / "data", tmp_path)
    spec = found.competition
    assert spec.tasks == {"segment": "instance"}
    assert (spec.metric.name, spec.submission.rows) == ("iou_precision", "instance")
    assert ("tasks" in spec.to_choose) == (not is_sure)
    assert not [one for one in found.notes if "guessed" in one]


def test_mask_files_are_preferred_to_equal_runs(tmp_path: Path) -> None:
    mask_miniatures.salt(tmp_path / "data")
    found, _ = look(tmp_path / "data")
    train = found.competition.data.train
    assert train.mask == "data/train/masks/{id}.png"
    assert train.mask_values == {0: "background", 65535: "foreground"}
    assert any("runs of train.csv are not used" in note for note in found.notes)


# What pixels mean

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "black": (0, 0, 0)}
VALUES = {
    "black and white": ([0, 255], "binary", [], None, None, [0, 1]),
    "indices": ([0, 1, 2, 3], "multiclass", 3, None, None, [0, 1, 2, 3]),
    "a border": ([0, 1, 5, 255], "multiclass", 5, None, 255, [0, 1, 5, IGNORE]),
    "binary with a border": (
        [0, 1, 255],
        "binary",
        [],
        {0: "background", 1: "foreground"},
        255,
        [0, 1, IGNORE],
    ),
    "spaced": (
        [0, 85, 170, 255],
        "multiclass",
        3,
        {0: "background", 85: "class 1", 170: "class 2", 255: "class 3"},
        None,
        [0, 1, 2, 3],
    ),
    "one value": ([0, 7], "binary", [], {0: "background", 7: "foreground"}, None, [0, 1]),
    "no background": ([1, 2, 3], "multiclass", 3, None, None, [1, 2, 3]),
    "colours": (
        [(0, 0, 0), (0, 255, 0), (255, 0, 0)],
        "multiclass",
        2,
        {"#000000": "background", "#00ff00": "class 1", "#ff0000": "class 2"},
        None,
        [0, 1, 2],
    ),
    "one colour": (
        [(0, 0, 0), (255, 0, 0)],
        "binary",
        [],
        {"#000000": "background", "#ff0000": "foreground"},
        None,
        [0, 1],
    ),
    "grey in RGB": ([(0, 0, 0), (255, 255, 255)], "binary", [], None, None, [0, 1]),
    "border of VOC": (
        [(0, 0, 0), (128, 0, 0), (224, 224, 192)],
        "binary",
        [],
        {"#000000": "background", "#800000": "foreground"},
        "#e0e0c0",
        [0, 1, IGNORE],
    ),
}


@pytest.mark.parametrize("case", VALUES)
def test_pixel_values_are_given_a_meaning(tmp_path: Path, case: str) -> None:
    values, kind, classes, meaning, ignore, read = VALUES[case]
    layout(tmp_path / "data", {"masks/{n}.png": stripes(values)})
    found, masks = look(tmp_path / "data")
    spec = found.competition
    assert spec.tasks == {"segment": kind}
    names = [f"class {n + 1}" for n in range(classes)] if isinstance(classes, int) else classes
    assert spec.classes == names
    assert spec.data.train.mask_values == meaning
    assert spec.data.train.ignore == ignore
    expected = stripes(read)
    assert all(np.array_equal(mask, expected) for mask in masks)
    assert (spec.metric.name, spec.submission.value) == ("mean_iou", "rle")


def test_a_table_of_colours_names_the_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = ["Sky,0,0,255", "Road,255,0,0", "Void,0,0,0", "Tree,0,255,0"]
    table(data, "class_dict.csv", "name,r,g,b", rows)
    pixels = stripes([(0, 0, 255), (255, 0, 0), (0, 0, 0)])
    layout(data, {"train_labels/{n}_L.png": pixels})
    found, masks = look(data)
    spec = found.competition
    assert spec.classes == ["Sky", "Road", "Tree"]
    assert spec.data.train.ignore == "#000000"
    assert spec.data.train.mask == "data/train_labels/{id}_L.png"
    assert np.array_equal(masks[0], stripes([1, 2, IGNORE]))
    assert "class_dict.csv" in found.text


@pytest.mark.parametrize(
    ("name", "lines", "classes", "read"),
    [
        ("classes.txt", ["background", "cat", "dog", "fox"], ["cat", "dog", "fox"], [0, 2, 3]),
        ("codes.txt", ["sky", "cat", "dog", "fox"], ["sky", "cat", "dog", "fox"], [1, 3, 4]),
        ("labels.txt", ["cat", "dog", "fox"], ["cat", "dog", "fox"], [0, 2, 3]),
        (
            "labels.txt",
            ["0: background", "1: cat", "2: dog", "3: x"],
            ["cat", "dog", "x"],
            [0, 2, 3],
        ),
        ("classes.csv", ["id,name", "2,dog", "3,fox"], ["dog", "fox"], [0, 1, 2]),
    ],
)
def test_a_list_of_names_names_the_indices(
    tmp_path: Path, name: str, lines: list[str], classes: list[str], read: list[int]
) -> None:
    data = tmp_path / "data"
    layout(data, {"masks/{n}.png": stripes([0, 2, 3])})
    table(data, name, lines[0], lines[1:])
    found, masks = look(data)
    assert found.competition.classes == classes
    assert np.array_equal(masks[0], stripes(read))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("classes.txt", ["-1 unknown", "0 sky", "1 tree", "2 road", "3 house"]),
        ("classes.txt", ["sky 0", "tree 1", "road 2", "house 3", "unknown -1"]),
        ("classes.txt", ["255: unknown", "0: sky", "1: tree", "2: road", "3: house"]),
        ("classes.txt", ["unknown", "sky", "tree", "road", "house"]),
        ("classes.csv", ["id,name", "-1,unknown", "0,sky", "1,tree", "2,road", "3,house"]),
    ],
)
def test_a_list_that_names_what_is_unknown_keeps_its_numbers(
    tmp_path: Path, name: str, lines: list[str]
) -> None:
    data = tmp_path / "data"
    layout(data, {"masks/{n}.png": stripes([0, 1, 2, 3, 255])})
    table(data, name, lines[0], lines[1:])
    found, masks = look(data)
    assert found.competition.data.train.mask_values == {0: "sky", 1: "tree", 2: "road", 3: "house"}
    assert found.competition.data.train.ignore == 255
    assert found.competition.to_choose == []
    assert np.array_equal(masks[0], stripes([1, 2, 3, 4, IGNORE]))


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_of_a_list_that_are_those_of_its_lines_are_shifted(
    tmp_path: Path, first: int
) -> None:
    data = tmp_path / "data"
    values = [0, 1, 2] if first else [1, 2, 3]
    layout(data, {"masks/{n}.png": stripes(values)})
    lines = [f"{n} {name}" for n, name in enumerate(["sky", "tree", "road"], start=first)]
    table(data, "classes.txt", lines[0], lines[1:])
    named = look(data)[0].competition.data.train.mask_values
    assert {1 - first: "sky", 2 - first: "tree", 3 - first: "road"}.items() <= named.items()


def test_masks_saved_as_jpeg_are_read_as_black_and_white(tmp_path: Path) -> None:
    data = tmp_path / "data"
    layout(data, {})
    soft = np.kron(np.eye(2), np.ones((3, 4))).astype(np.uint8) * 255
    put(data, [f"masks/{n}.jpg" for n in range(6)], soft)
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"segment": "binary"}
    assert any("made/masks" in note for note in found.notes)


# Where masks lie

WHITE = stripes([0, 255])
WHERE = {
    "same names": ("train_masks/{n}.png", "data/train_masks/{id}.png"),
    "a suffix": ("masks/{n}_seg.png", "data/masks/{id}_seg.png"),
    "a prefix": ("masks/mask_{n}.png", "data/masks/mask_{id}.png"),
    "ground truth": ("ground_truth/{n}.png", "data/ground_truth/{id}.png"),
    "inside train": ("train/gt/{n}.png", "data/train/gt/{id}.png"),
    "beside the images": ("train/{n}_mask.png", "data/train/{id}_mask.png"),
    "other extension": ("annotations/{n}.tif", "data/annotations/{id}.tif"),
}


@pytest.mark.parametrize("case", WHERE)
def test_masks_are_found_by_their_folder_and_the_names_of_images(tmp_path: Path, case: str) -> None:
    path, pattern = WHERE[case]
    layout(tmp_path / "data", {path: WHITE})
    found, masks = look(tmp_path / "data")
    assert found.competition.data.train.mask == pattern
    assert len(masks) == 6
    assert all(np.array_equal(mask, WHITE // 255) for mask in masks)


def test_masks_beside_images_of_the_same_kind_are_no_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"train/{n}.png" for n in range(5)])
    put(data, [f"train/{n}_mask.png" for n in range(5)], WHITE)
    put(data, ["test/9.png"])
    found, masks = look(data)
    assert found.competition.data.train.images == "data/train/*.png"
    assert len(masks) == 5


@pytest.mark.parametrize(
    "path", ["masks/{c}/{n}.png", "masks/{n}_{c}.png", "train/{n}_mask_{c}.png"]
)
def test_one_file_a_class_is_a_multilabel_mask(tmp_path: Path, path: str) -> None:
    data = tmp_path / "data"
    fill = {"cat": 4, "dog": 6}
    layout(
        data, {path.replace("{c}", c): np.eye(*SIZE, k, dtype=np.uint8) for c, k in fill.items()}
    )
    found, masks = look(data)
    spec = found.competition
    assert (spec.tasks, spec.classes) == ({"segment": "multilabel"}, ["cat", "dog"])
    assert spec.data.train.mask == "data/" + path.replace("{n}", "{id}").replace("{c}", "{class}")
    for c, k in enumerate(fill.values()):
        assert np.array_equal(masks[0][..., c], np.eye(*SIZE, k))
    assert (spec.submission.rows, spec.submission.id) == ("image_class", "{id}_{class}")


def test_masks_in_class_folders_make_a_joint_task_and_no_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("ill", "well"):
        put(data, [f"train/{name}/{n}.jpg" for n in range(4)])
        put(data, [f"train/{name}/{n}_mask.png" for n in range(3)], WHITE)
    put(data, ["test/z.jpg"])
    found, masks = look(data)
    spec = found.competition
    assert spec.tasks == {"classify": "binary", "segment": "binary"}
    assert spec.classes == ["ill", "well"]
    assert spec.data.train.mask == "data/train/{class}/{stem}_mask.png"
    assert [mask is None for mask in masks] == [False, False, False, True] * 2
    assert spec.metric.task == "segment"


def test_a_mask_folder_that_mirrors_the_class_folders(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("ill", "so-so", "well"):
        put(data, [f"images/{name}/{name}{n}.jpg" for n in range(4)])
        put(data, [f"masks/{name}/{name}{n}.png" for n in range(4)], WHITE)
    put(data, ["test/z.jpg"])
    found, masks = look(data)
    assert found.competition.classes == ["ill", "so-so", "well"]
    assert found.competition.data.train.mask == "data/masks/{class}/{id}.png"
    assert len(masks) == 12


def test_folders_of_patients_with_masks_are_groups(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for patient in range(12):
        put(data, [f"scans/TCGA_{patient:02d}/{patient:02d}_{n}.tif" for n in range(3)])
        put(data, [f"scans/TCGA_{patient:02d}/{patient:02d}_{n}_mask.tif" for n in range(3)], WHITE)
    put(data, ["test/z.tif"])
    found, masks = look(data)
    spec = found.competition
    assert spec.tasks == {"segment": "binary"}
    assert (spec.folds.scheme, spec.folds.group) == ("stratified_group", "folder")
    assert load_samples(spec, "train")["group"].nunique() == 12
    assert len(masks) == 36


def test_a_folder_a_sample_and_names_that_repeat_no_image(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(6):
        put(data, [f"train/{n}/image/s{n}.png"])
        put(data, [f"train/{n}/mask/s{n}.png"], WHITE)
    put(data, ["test/z.png"])
    found, masks = look(data)
    assert found.competition.data.train.mask == "data/train/**/mask/{id}.png"
    assert len(masks) == 6


def test_pascal_vocs_classes_are_taken_not_its_objects(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"JPEGImages/a{n}.jpg" for n in range(5)])
    put(data, [f"SegmentationClass/a{n}.png" for n in range(5)], stripes([0, 2, 15, 255]))
    put(data, [f"SegmentationObject/a{n}.png" for n in range(5)], stripes([0, 1, 2, 255]))
    put(data, ["test/z.jpg"])
    found, _ = look(data)
    spec = found.competition
    assert spec.data.train.mask == "data/SegmentationClass/{id}.png"
    assert (len(spec.classes), spec.data.train.ignore) == (15, 255)
    assert any("SegmentationObject are not used" in note for note in found.notes)


def test_masks_of_test_images_are_not_training_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    layout(data, {"train_labels/{n}.png": WHITE})
    put(data, [f"test_labels/{n}.png" for n in range(6)], stripes([0, 1, 2]))
    found, _ = look(data)
    assert found.competition.tasks == {"segment": "binary"}
    assert found.competition.data.train.mask == "data/train_labels/{id}.png"


def test_photos_in_a_folder_called_labels_are_no_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    noise = np.random.default_rng(1).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    rows = [f"{n},{'ab'[n % 2]}" for n in range(6)]
    table(data, "train.csv", "id,kind", rows)
    layout(data, {"labels/{n}.png": noise})
    found, _ = look(data)
    assert found.competition.tasks == {"classify": "binary"}
    assert any("classification ignores them" in note for note in found.notes)


# Tables of runs


def steel(data: Path, header: str, rows: Sequence[str], sample: Sequence[str]) -> None:
    put(data, [f"train_images/i{n}.jpg" for n in range(6)])
    put(data, [f"test_images/t{n}.jpg" for n in range(2)])
    table(data, "train.csv", header, rows)
    table(data, "sample_submission.csv", sample[0], sample[1:])


TESTS = [f"t{n}.jpg" for n in range(2)]
FORMATS = {
    "id and number": (
        ["ImageId_ClassId,EncodedPixels", *(f"{t}_{c}," for t in TESTS for c in "12")],
        {"id": "{id}_{class}", "rows": "image_class", "empty": ""},
        {"ImageId_ClassId": "id", "EncodedPixels": "value"},
    ),
    "id and index": (
        ["id,rle", *(f"{t}_{c},-1" for t in TESTS for c in "01")],
        {"id": "{id}_{index}", "rows": "image_class", "empty": "-1"},
        {"id": "id", "rle": "value"},
    ),
    "two key columns": (
        ["ImageId,EncodedPixels,ClassId", *(f"{t},1 4,{c}" for t in TESTS for c in "12")],
        {"id": "{id}", "rows": "image_class", "empty": ""},
        {"ImageId": "id", "EncodedPixels": "value", "ClassId": "class_name"},
    ),
}


@pytest.mark.parametrize("case", FORMATS)
def test_the_rows_of_a_submission_are_read_from_the_sample(tmp_path: Path, case: str) -> None:
    sample, expected, columns = FORMATS[case]
    rows = ["i0.jpg,1,1 3 20 4", "i0.jpg,2,30 2", "i3.jpg,2,5 1"]
    steel(tmp_path / "data", "ImageId,ClassId,EncodedPixels", rows, sample)
    found, masks = look(tmp_path / "data")
    spec = found.competition
    assert spec.submission.model_dump(include={*expected}) == expected
    assert dict(spec.submission.columns) == columns
    assert list(spec.submission.columns) == sample[0].split(",")
    assert (spec.submission.value, spec.metric.name) == ("rle", "mean_dice")
    assert isinstance(spec.data.train.mask, MaskTable)
    assert masks[0].sum(axis=(0, 1)).tolist() == [7, 2]
    assert masks[1].sum() == 0


def test_one_cell_that_names_image_and_class(tmp_path: Path) -> None:
    names = ["Fish", "Big_Flower"]
    rows = [f"i{n}.jpg_{c},{'' if n else '1 2'}" for n in range(6) for c in ("Fish", "Flower")]
    sample = [f"{t}_{c},1 1" for t in TESTS for c in ("Fish", "Flower")]
    header = "Image_Label,EncodedPixels"
    steel(tmp_path / "data", header, rows, [header, *sample])
    found, masks = look(tmp_path / "data")
    spec = found.competition
    assert isinstance(spec.data.train.mask, MaskTable)
    assert spec.data.train.mask.id == "Image_Label={id}_{class}"
    assert spec.classes == ["Fish", "Flower"] != names
    assert spec.submission.id == "{id}_{class}"
    assert masks[0].sum(axis=(0, 1)).tolist() == [2, 2]


@pytest.mark.parametrize(
    ("column", "cell", "empty"),
    [
        ("EncodedPixels", "-1", "-1"),
        ("encoded_pixels", "-", "-"),
        ("rle", "1 0", "1 0"),
        ("rle_mask", "1 1", ""),
        ("predicted", "", ""),
        ("pixels", "1 409600", ""),
    ],
)
def test_the_empty_cell_is_read_from_the_sample(
    tmp_path: Path, column: str, cell: str, empty: str
) -> None:
    rows = [f"i{n},{'' if n % 2 else '1 3 9 2'}" for n in range(6)]
    sample = [f"id,{column}", *(f"t{n},{cell}" for n in range(2))]
    steel(tmp_path / "data", "id,rle", rows, sample)
    spec = look(tmp_path / "data")[0].competition
    assert spec.submission.empty == empty
    assert (spec.submission.rows, spec.submission.id) == ("image", "{id}")
    assert spec.metric.options == {"empty": "one"}


def test_a_column_of_the_image_beside_its_runs_is_a_label(tmp_path: Path) -> None:
    rows = [f"i{n},{'ab'[n % 2]},1 3 9 2" for n in range(6)]
    steel(tmp_path / "data", "id,label,rle", rows, ["id,rle", "t0,", "t1,"])
    spec = look(tmp_path / "data")[0].competition
    assert spec.tasks == {"classify": "binary", "segment": "binary"}
    assert spec.scored_task == "segment"
    assert isinstance(spec.data.train.mask, MaskTable)
    assert spec.data.train.mask.label is None


def test_the_sample_decides_which_task_of_a_joint_one_is_scored(tmp_path: Path) -> None:
    rows = [f"i{n},{'ab'[n % 2]},1 3 9 2" for n in range(6)]
    steel(tmp_path / "data", "id,label,rle", rows, ["id,label", "t0,a", "t1,a"])
    spec = look(tmp_path / "data")[0].competition
    assert spec.tasks == {"classify": "binary", "segment": "binary"}
    assert (spec.metric.task, spec.metric.name) == ("classify", "accuracy")
    assert spec.submission.value == "name"


def test_relative_runs_are_read_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codec_miniatures.take_for_real_sizes(monkeypatch)
    rows = [f"i{n},{'20 3 7 3' if n % 2 else '-1'}" for n in range(6)]
    steel(
        tmp_path / "data",
        "ImageId,EncodedPixels",
        rows,
        ["ImageId,EncodedPixels", "t0,-1", "t1,-1"],
    )
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.data.train.mask_codec.relative
    assert found.competition.submission.rle.relative
    assert "relative true is certain: otherwise a run begins before" in found.text
    # One known competition has this header, -1 for nothing, and such runs.
    assert "base 0 is likely: so siim-pneumothorax of the presets has it" in found.text
    assert any("SIIM-ACR" in note for note in found.notes)


@pytest.mark.parametrize(
    ("write", "reason"),
    [(mask_miniatures.ships, "an image has 2.1 rows"), (mask_miniatures.cells, "a folder of mask")],
)
def test_single_objects_are_distinguished_from_masks_of_images(
    tmp_path: Path, write: Callable[..., Any], reason: str
) -> None:
    drawn = write(tmp_path / "data")
    found, masks = look(tmp_path / "data")
    spec = found.competition
    assert spec.tasks == {"segment": "instance"}
    assert (spec.submission.rows, spec.submission.overlap) == ("instance", "forbid")
    assert spec.metric.name == "iou_precision"
    assert reason in found.text.replace("\n# ", " ")
    # The presets with this header write runs alike.
    assert spec.submission.rle.options == {"base": 1, "order": "F", "relative": False}
    samples = load_samples(spec, "train")
    assert len(samples) == len(drawn.train)
    for name, mask in zip(samples["id"], masks, strict=True):
        np.testing.assert_array_equal(mask, drawn.train[name].any(axis=0))


def test_rows_that_share_pixels_or_are_several_of_few_images_are_one_mask(tmp_path: Path) -> None:
    apart = ["i0,1 2", "i0,9 2", *(f"i{n},3 2" for n in range(1, 6))]
    steel(tmp_path / "a", "id,rle", apart, ["id,rle", "t0,", "t1,"])
    assert infer(tmp_path / "a", tmp_path).competition.tasks == {"segment": "binary"}
    over = [f"i{n},{runs}" for n in range(6) for runs in ("1 2 9 4", "12 3")]
    steel(tmp_path / "b", "id,rle", over, ["id,rle", "t0,", "t1,"])
    assert infer(tmp_path / "b", tmp_path).competition.tasks == {"segment": "binary"}
    objects = [f"i{n},{runs}" for n in range(6) for runs in ("1 2 9 4", "13 3")]
    steel(tmp_path / "c", "id,rle", objects, ["id,rle", "t0,", "t1,"])
    found = infer(tmp_path / "c", tmp_path)
    assert found.competition.tasks == {"segment": "instance"}
    assert any("taken for single objects" in note for note in found.notes)


@pytest.mark.parametrize(
    ("n_with_two", "kind"), [(6, "instance"), (3, "instance"), (1, "multilabel")]
)
def test_objects_of_many_classes_are_known_by_the_images_that_have_several_of_one(
    tmp_path: Path, n_with_two: int, kind: str
) -> None:
    """A pair of shoes, and one of all else: few pairs of image and class have two rows."""
    rows = [f"i{n},{1 + 4 * k} 2,{k}" for n in range(6) for k in range(4)]
    rows += [f"i{n},31 2,3" for n in range(n_with_two)]
    steel(tmp_path / "a", "id,rle,ClassId", rows, ["id,rle,ClassId", "t0,1 1,2", "t1,1 1,2"])
    found = infer(tmp_path / "a", tmp_path)
    assert found.competition.tasks == {"segment": kind}
    if kind == "instance":
        assert any("rows of a class on average" in note for note in found.notes)
        columns = {"id": "id", "rle": "value", "ClassId": "class_name"}
        assert found.competition.submission.columns == columns


def test_a_competition_that_is_named_gives_metric_and_frame(tmp_path: Path) -> None:
    codec_miniatures.clouds(tmp_path / "data")
    found = infer(tmp_path / "data", tmp_path, slug="understanding_cloud_organization")
    assert found.competition.frame == (350, 525)
    assert found.competition.metric.name == "mean_dice"
    assert any("Understanding Clouds" in note for note in found.notes)
    codec_miniatures.vesuvius(tmp_path / "other")
    found = infer(tmp_path / "other", tmp_path, slug="vesuvius-challenge-ink-detection")
    assert found.competition.metric.options == {"beta": 0.5}
    assert found.competition.submission.rle.order == "C"


def test_ids_of_a_group_table_in_another_form_are_reported(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [f"i{n},1 3 9 2" for n in range(6)]
    steel(data, "id,encoding", rows, ["id,predicted", "t0,", "t1,"])
    table(data, "info.csv", "image_file,patient", [f"i{n}.jpg,p{n // 2}" for n in range(8)][:6])
    # Four groups at least are needed to be one.
    found, _ = look(data)
    assert not any("patient" in note for note in found.notes)
    table(data, "info.csv", "image_file,patient", [f"i{n}.jpg,p{n % 4}" for n in range(6)])
    assert any("patient of info.csv groups images" in note for note in look(data)[0].notes)


@pytest.mark.parametrize(
    ("cells", "by_name", "expected"),
    [
        (["1 3 10 2", "", "5 5"], False, True),
        (["1 3", "5 5"], False, False),  # one pair: boxes, sizes, labels
        (["1 3", "5 5"], True, True),
        (["16 0", "7 1 2 0"], False, False),  # lists of labels
        (["1 3 10"], True, False),
        (["1 3 2 2"], False, False),  # overlapping
        (["a b"], True, False),
        (["", "-1"], True, False),
        (["90 8 255 6 " * 3 + "9 8 7 0", "8 8 255 6 " * 3 + "9 8 7 0"], True, False),  # 4 × 4 bytes
        (["90 8 255 6 " * 3 + "9 8 7 0", "8 8 255 6 " * 3 + "9 8"], True, True),  # gaps and lengths
    ],
)
def test_runs_are_distinguished_from_other_numbers(
    cells: list[str], by_name: bool, expected: bool
) -> None:
    assert are_runs(cells, by_name=by_name) is expected


# Labels and masks


def test_masks_numbered_as_there_are_labels_are_of_these_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    layout(data, {"masks/{n}.png": stripes([0, 1, 2, 3])})
    table(data, "train.csv", "id,label", [f"{n},{('cat', 'dog', 'fox')[n % 3]}" for n in range(6)])
    found, _ = look(data)
    spec = found.competition
    assert spec.tasks == {"classify": "multiclass", "segment": "multiclass"}
    assert spec.classes == ["cat", "dog", "fox"]
    assert spec.data.train.mask_values == {0: "background", 1: "cat", 2: "dog", 3: "fox"}
    assert any("check data.train.mask_values" in note for note in found.notes)


@pytest.mark.parametrize(("sample", "task"), [("id,label", "classify"), ("id,rle", "segment")])
def test_of_labels_and_masks_with_other_classes_the_submitted_ones_are_kept(
    tmp_path: Path, sample: str, task: str
) -> None:
    data = tmp_path / "data"
    layout(data, {"masks/{n}.png": stripes([0, 1, 2, 3, 4])})
    table(data, "train.csv", "id,label", [f"{n},{('cat', 'dog', 'fox')[n % 3]}" for n in range(6)])
    rows = (
        ["70,cat", "71,cat"]
        if task == "classify"
        else [f"7{n}_{c}," for n in (0, 1) for c in "1234"]
    )
    table(data, "sample_submission.csv", sample, rows)
    found, _ = look(data)
    assert list(found.competition.tasks) == [task]
    assert any("one list of classes" in note for note in found.notes)


def test_the_submitted_names_are_those_of_numbered_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    layout(data, {"masks/{n}.png": stripes([0, 1, 2])})
    rows = [f"7{n},{c}," for n in (0, 1) for c in ("road", "house")]
    table(data, "sample_submission.csv", "id,class,rle", rows)
    found, _ = look(data)
    assert found.competition.classes == ["road", "house"]
    assert found.competition.submission.columns["class"] == "class_name"


def test_columns_that_no_name_calls_labels_are_none_beside_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    layout(data, {"masks/{n}.png": WHITE})
    table(data, "depths.csv", "id,z", [f"{n},{n % 2}" for n in range(6)])
    assert look(data)[0].competition.tasks == {"segment": "binary"}


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("train/sat/{}_sat.png", "train/gt/{}_gt.png"),
        ("train/{}_sat.png", "train/{}_mask.png"),
        ("train/rgb/{}_rgb.png", "train/roads/{}_roads.png"),
    ],
)
def test_images_and_masks_whose_names_end_differently_are_pairs(
    tmp_path: Path, image: str, mask: str
) -> None:
    data = tmp_path / "data"
    put(data, (image.format(f"tile-{n}") for n in range(6)))
    put(data, (mask.format(f"tile-{n}") for n in range(6)), stripes([0, 255]))
    put(data, (image.replace("train", "test").format(f"tile-{n}") for n in range(6, 9)))
    found, masks = look(data)
    spec = found.competition
    assert dict(spec.tasks) == {"segment": "binary"}
    assert sorted(load_samples(spec, "train")["id"]) == [f"tile-{n}" for n in range(6)]
    assert len(masks) == 6


def test_a_legend_names_the_colours_of_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    layout(data, {"masks/{n}.png": stripes([(0, 0, 0), (255, 0, 0), (0, 255, 255)])})
    (data / "legend.txt").write_text("0 0 0 background\n255 0 0 building\nwater: 0, 255, 255\n")
    found, _ = look(data)
    assert found.competition.data.train.mask_values == {
        "#000000": "background",
        "#ff0000": "building",
        "#00ffff": "water",
    }
    assert found.competition.classes == ["building", "water"]


def test_compressed_counts_of_mostly_empty_masks_are_masks_and_no_classes(tmp_path: Path) -> None:
    data, random = tmp_path / "data", np.random.default_rng(3)
    masks = [random.random((24, 32)) < share for share in (0.3, 0, 0.4, 0, 0, 0.2, 0, 0, 0)]
    cells = [
        pycocotools.encode(np.asfortranarray(one, np.uint8))["counts"].decode() for one in masks
    ]
    photo = random.integers(0, 255, (24, 32, 3)).astype(np.uint8)
    put(data, [*(f"train/a{n}.png" for n in range(9)), "test/b0.png", "test/b1.png"], photo)
    rows = [f"a{n},{cell},scanner {n % 2}" for n, cell in enumerate(cells)]
    table(data, "train.csv", "image,rle_mask,source", rows)
    table(data, "sample_submission.csv", "image,rle_mask", ["b0,", "b1,"])
    found, read = look(data)
    assert found.competition.tasks == {"segment": "binary"}
    assert [(one == 1).tolist() for one in read] == [one.tolist() for one in masks]
