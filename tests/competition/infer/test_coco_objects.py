"""COCO's annotations become tables of objects; its results are read and written."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import newcomers
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as pycocotools

from podium.codecs import coco
from podium.competition.infer.conversions.masks.coco_objects import polygon_counts
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import truth_masks
from podium.competition.truths.objects import truth_instances
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.object_files import write_instances
from podium.workflows.initialising import init_workspace


def painted(counts: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.bool_]:
    pixels = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return pixels.reshape(size[1], size[0]).T


def decoded(counts: Any) -> NDArray[np.uint8]:
    with warnings.catch_warnings():  # it has the arrays of numpy 1
        warnings.simplefilter("ignore", DeprecationWarning)
        return np.asarray(pycocotools.decode(counts))


def test_a_polygon_has_the_pixels_of_pycocotools() -> None:
    rng = np.random.default_rng(0)
    for number in range(400):
        height, width = (int(one) for one in rng.integers(1, 60, 2))
        corners = rng.uniform(-10, 70, (int(rng.integers(3, 12)), 2))
        if number % 3 == 0:
            corners = np.round(corners)
        if number % 7 == 0:
            corners[1] = corners[0]
        if number % 5 == 0:
            corners = np.clip(corners, 0, [width, height])
        polygon = corners.reshape(-1).tolist()
        counts = polygon_counts(polygon, (height, width))
        found = painted(counts, (height, width))
        expected = decoded(pycocotools.merge(pycocotools.frPyObjects([polygon], height, width)))
        np.testing.assert_array_equal(found, expected)
        assert coco.encode_counts(counts) == coco.encode(found)


def objects_of(spec: Competition) -> dict[str, set[tuple[str, bytes]]]:
    """Return class and pixels of each object of train, by the file of its image."""
    samples = load_samples(spec, "train")
    found: dict[str, set[tuple[str, bytes]]] = {}
    for images, objects in zip(samples["images"], truth_instances(spec, samples), strict=True):
        found[Path(images[0]).name] = {
            (spec.classes[int(objects.classes[k])], plane.tobytes())
            for k, plane in enumerate(objects.planes())
        }
    return found


@pytest.mark.parametrize("sample", ["results", "scores", "none"])
def test_annotations_become_objects(tmp_path: Path, sample: str) -> None:
    truth = newcomers.cups_of_coco(tmp_path / "data", sample)
    init_workspace(tmp_path / "data", tmp_path)
    spec = load_competition(tmp_path)
    assert spec.tasks == {"segment": "instance"}
    called = newcomers.CUPS if sample == "none" else {key: str(key) for key in newcomers.CUPS}
    assert spec.classes == [called[3], called[18]]  # gaps, and one that no object has
    expected = {
        name: {(called[one.category], one.pixels.tobytes()) for one in each if not one.is_crowd}
        for name, each in truth.items()
    }
    assert objects_of(spec) == expected
    assert len(load_samples(spec, "test")) == 6
    are_numbers = {name.isdecimal() for name in load_samples(spec, "train")["id"]}
    assert are_numbers == {sample != "none"}  # a rehearsed file has ids as the sample has them


def test_a_row_of_each_class_makes_masks_of_classes_with_crowds(tmp_path: Path) -> None:
    truth = newcomers.cups_of_coco(tmp_path / "data", "classes")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert (spec.tasks, spec.classes) == ({"segment": "multilabel"}, ["cup", "bowl"])
    samples = load_samples(spec, "train")
    masks = truth_masks(spec, samples)
    for row, images in enumerate(samples["images"]):
        for k, key in enumerate((3, 18)):
            each = [one.pixels for one in truth[Path(images[0]).name] if one.category == key]
            expected = np.any(each, axis=0) if each else np.zeros((24, 32), dtype=bool)
            np.testing.assert_array_equal(masks[row][:, :, k] > 0, expected)


_COUNTED = "Pixels are one-indexed and numbered from top to bottom, then left to right."


@pytest.mark.parametrize(("text", "value"), [(_COUNTED, "rle"), ("Send masks.", "coco")])
def test_a_class_without_rows_to_send_is_left_out_of_masks(
    tmp_path: Path, text: str, value: str
) -> None:
    data = tmp_path / "data"
    truth = newcomers.cups_of_coco(data, "none")

    def add_spoons(content: dict[str, Any]) -> None:
        own, blank = content["images"][0]["id"], content["images"][1]["id"]
        content["annotations"] += [
            {"id": 900 + at, "image_id": image, "category_id": 40, "iscrowd": 0,
             "segmentation": [[1, 20, 9, 20, 9, 23, 1, 23]]}
            for at, image in enumerate((own, blank))
        ]  # fmt: skip

    change(data, add_spoons)
    names = [path.stem for path in sorted((data / "test2017").iterdir())]
    rows = [f"{name},{one}," for name in names for one in ("cup", "bowl")]
    (data / "sample_submission.csv").write_text("\n".join(["image_id,class,rle", *rows]) + "\n")
    (data / "README.md").write_text(f"Masks are pairs of a start and a run length. {text}")
    spec = infer(data, tmp_path).competition
    assert (spec.tasks, spec.classes) == ({"segment": "multilabel"}, ["cup", "bowl"])
    samples = load_samples(spec, "train")
    masks = truth_masks(spec, samples)
    assert len(samples) == len(truth)
    for row, images in enumerate(samples["images"]):
        for k, key in enumerate((3, 18)):
            each = [one.pixels for one in truth[Path(images[0]).name] if one.category == key]
            expected = np.any(each, axis=0) if each else np.zeros((24, 32), dtype=bool)
            np.testing.assert_array_equal(masks[row][:, :, k] > 0, expected)
    assert spec.submission.rows == "image_class"
    assert (spec.submission.value, spec.to_choose) == (
        value,
        [] if value == "rle" else ["submission.value"],
    )
    if value == "rle":
        assert (spec.submission.rle.base, spec.submission.rle.order) == (1, "F")


def test_results_are_written_as_the_sample_has_them(tmp_path: Path) -> None:
    newcomers.cups_of_coco(tmp_path / "data", "results")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert spec.to_choose == []
    ids = list(load_samples(spec, "test")["id"])
    plane = np.zeros((24, 32), dtype=bool)
    plane[3:9, 5:7] = True
    one = Instances.from_planes((24, 32), [plane, ~plane], [1, 0], [0.75, 0.5])
    nothing = Instances.nothing((24, 32))
    answers = [(name, one if place == 2 else nothing) for place, name in enumerate(ids)]
    file = write_instances(tmp_path / "sent.json", spec, answers)
    records = json.loads(file.read_text())
    assert [(r["image_id"], r["category_id"], r["score"]) for r in records] == [
        (int(ids[2]), 18, 0.75),
        (int(ids[2]), 3, 0.5),
    ]
    for record, expected in zip(records, (plane, ~plane), strict=True):
        np.testing.assert_array_equal(decoded(record["segmentation"]), expected)
    assert check(file, spec) == []
    records[0]["segmentation"]["size"] = [32, 24]
    file.write_text(json.dumps(records))
    assert any("swap height and width" in str(one.fix) for one in check(file, spec))
    file.write_text(json.dumps({"a": 1}))
    assert [one.message for one in check(file, spec)] == ["the file is no list of records"]


def change(data: Path, edit: Any) -> None:
    file = data / "annotations/instances_train2017.json"
    content = json.loads(file.read_text())
    edit(content)
    file.write_text(json.dumps(content))


def boxes_alone(content: dict[str, Any]) -> None:
    for one in content["annotations"]:
        del one["segmentation"]


def too_short(content: dict[str, Any]) -> None:
    content["annotations"][0]["segmentation"] = {"size": [24, 32], "counts": [3, 4]}


def other_names(content: dict[str, Any]) -> None:
    content["categories"][0]["name"] = "mug"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (boxes_alone, "boxes without outlines"),
        (too_short, "annotation 1 cannot be read: counts are not of the 24 × 32 pixels"),
        (other_names, "category 3 is 'mug' in one file, and 'cup' here"),
    ],
)
def test_what_is_wrong_in_annotations_is_named(tmp_path: Path, edit: Any, told: str) -> None:
    newcomers.cups_of_coco(tmp_path / "data", "none")
    change(tmp_path / "data", edit)
    if edit is boxes_alone:
        (tmp_path / "data/annotations/instances_val2017.json").unlink()
    with pytest.raises(DataError, match=told) as caught:
        infer(tmp_path / "data", tmp_path)
    assert caught.value.fix


def test_images_that_no_annotation_lists_are_left_out(tmp_path: Path) -> None:
    truth = newcomers.cups_of_coco(tmp_path / "data", "none")
    Image.new("RGB", (32, 24)).save(tmp_path / "data/train2017/another.png")
    change(
        tmp_path / "data",
        lambda content: content["images"].append({"id": 1, "file_name": "gone.png"}),
    )
    found = infer(tmp_path / "data", tmp_path)
    assert len(load_samples(found.competition, "train")) == len(truth)
    assert any("1 image that the annotations list are not there" in one for one in found.notes)
    assert any("another.png" in one for one in found.notes)


@pytest.mark.parametrize("old", ["instances_train2017", "instances_train2017_v1"])
def test_the_last_version_of_annotations_is_read(tmp_path: Path, old: str) -> None:
    data = tmp_path / "data"
    newcomers.cups_of_coco(data, "none")
    first = data / "annotations/instances_train2017.json"
    content = json.loads(first.read_text())
    whole = sum(len(one) for one in objects_of(infer(data, tmp_path).competition).values())
    fewer = [one for one in content["annotations"] if one["id"] % 3]  # the later one has less
    (data / "annotations/instances_train2017_v2.json").write_text(
        json.dumps({**content, "annotations": fewer})
    )
    first.rename(first.with_name(f"{old}.json"))
    found = infer(data, tmp_path)
    told = f"{old}.json is not used: annotations/instances_train2017_v2.json is about the same"
    assert any(told in one for one in found.notes)
    objects = sum(len(one) for one in objects_of(found.competition).values())
    gone = [one for one in content["annotations"] if one not in fewer and not one["iscrowd"]]
    assert objects == whole - len(gone) < whole


def test_data_sets_side_by_side_are_refused_and_each_of_them_is_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for place, name in enumerate(("branches", "roots")):
        for part in ("train", "test"):
            images = []
            for n in range(1, 7):
                (data / name / part / "images").mkdir(parents=True, exist_ok=True)
                pixels = np.random.default_rng([place, n, part == "test"]).integers(
                    0, 255, (24, 32)
                )
                Image.fromarray(pixels.astype(np.uint8)).save(
                    data / f"{name}/{part}/images/{n}.png"
                )
                images.append({"id": n, "file_name": f"{n}.png", "height": 24, "width": 32})
            outlines = [[2, 2, 9, 2, 9, 8, 2, 8]]
            drawn = [
                {"id": n, "image_id": n, "category_id": 1, "segmentation": outlines}
                for n in range(1, 7)
            ]
            (data / f"{name}/{part}/annotations").mkdir()
            content = {
                "images": images,
                "annotations": drawn if part == "train" else [],
                "categories": [{"id": 1, "name": name}],
            }
            file = data / f"{name}/{part}/annotations/{part}.json"
            file.write_text(json.dumps(content))
    with pytest.raises(DataError, match="'branches', 'roots' hold a data set each") as refused:
        infer(data, tmp_path)
    assert refused.value.fix == f"give podium one of them: podium init {data / 'branches'}"
    found = infer(data / "branches", tmp_path).competition
    assert found.tasks == {"segment": "instance"}
    assert len(load_samples(found, "train")) == 6


def test_objects_of_images_to_predict_leave_the_tables_of_annotations(tmp_path: Path) -> None:
    """Lists part the images of one folder, and the annotations have those of all lists."""
    data, names = tmp_path / "data", [f"img{n}.png" for n in range(12)]
    for name in names:
        (data / "images").mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((20, 24, 3), 90, np.uint8)).save(data / "images" / name)
    box = {"category_id": 1, "bbox": [2, 3, 8, 6], "area": 48, "iscrowd": 0}
    corners = [[2, 3, 10, 3, 10, 9, 2, 9]]
    content = {
        "images": [
            {"id": n, "file_name": one, "width": 24, "height": 20} for n, one in enumerate(names)
        ],
        "annotations": [
            {"id": n, "image_id": n, "segmentation": corners, **box} for n in range(12)
        ],
        "categories": [{"id": 1, "name": "crack"}],
    }
    (data / "annotations.json").write_text(json.dumps(content), encoding="utf-8")
    (data / "split").mkdir()
    for part, listed in (("train", names[3:]), ("test", names[:3])):
        text = "\n".join(["image_id", *listed]) + "\n"
        (data / f"split/{part}.csv").write_text(text, encoding="utf-8")

    found = infer(data, tmp_path).competition

    train = load_samples(found, "train")
    assert sorted(Path(one[0]).name for one in train["images"]) == sorted(names[3:])
    areas = [sum(int(each.sum()) for each in one.planes()) for one in truth_instances(found, train)]
    assert areas == [48] * 9  # of 8 × 6 pixels
    to_predict = load_samples(found, "test")["images"]
    assert sorted(Path(one[0]).name for one in to_predict) == names[:3]
