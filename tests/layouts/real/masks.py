"""Layouts of real competitions whose answers are masks or objects."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from competition_miniatures import masks as miniatures
from dicom_files import dicom_bytes

from layouts.drawing import Size, draw_objects, draw_plane, save_pixels
from layouts.real.made import Builder, RealLayout, hex_name
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["MASKED"]


def _mask(made: Builder, size: Size, number: int) -> Plane:
    """Return one shape; of the first two images those at the corners, of some none."""
    if number < 2:
        return draw_plane(made.random, size, ("first", "last")[number])
    if number % 4 == 3:
        return np.zeros(size, dtype=bool)
    return draw_plane(made.random, size)


def _tgs(data: Path) -> LayoutTruth:
    made, rows, cells, depths = Builder(data), list[tuple[str, ...]](), [], []
    size, codec = (37, 37), Codec()
    for number in range(30):
        part = "train" if number < 24 else "test"
        name, plane = hex_name(part, number), _mask(made, size, number)
        made.image(f"{part}/images/{name}.png", TrueSample(size, planes=(plane,)), part=part)
        depths.append([name, str(100 + number)])
        if part == "train":
            path = data / f"train/masks/{name}.png"
            path.parent.mkdir(exist_ok=True)
            save_pixels(path, plane.astype(np.uint8) * 255)
            cells.append([name, codec.encode(plane)])
        else:
            rows.append((name, codec.encode(plane)))
    made.table("train.csv", ["id", "rle_mask"], cells)
    made.table("depths.csv", ["id", "z"], depths)
    made.table("sample_submission.csv", ["id", "rle_mask"], [[one, "1 1"] for one, _ in rows])
    columns = {"id": "key", "rle_mask": "rle"}
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _by_class(made: Builder, size: Size, number: int, n: int) -> tuple[Plane, ...]:
    """Return masks that share no pixel; half of the images have none."""
    planes, taken = [], np.zeros(size, dtype=bool)
    for place in range(n):
        is_here = number < 2 or (number % 2 == 0 and (number + place) % 3)
        corner = ("first", "last")[number] if number < 2 and place == 0 else ""
        plane = draw_plane(made.random, size, corner) & bool(is_here) & ~taken
        taken |= plane
        planes.append(plane)
    return tuple(planes)


def _severstal(data: Path, *, given_out_later: bool = False) -> LayoutTruth:
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec, classes = (32, 128), Codec(), ("1", "2", "3", "4")
    for number in range(30):
        part = "train" if number < 24 else "test"
        name = f"{hex_name(part, number, length=9)}.jpg"
        planes = _by_class(made, size, number, 4)
        made.image(f"{part}_images/{name}", TrueSample(size, planes=planes), part=part)
        for label, plane in zip(classes, planes, strict=True):
            text = codec.encode(plane)
            if part == "test":
                rows.append((name, text, label) if given_out_later else (f"{name}_{label}", text))
            elif not given_out_later:
                cells.append([f"{name}_{label}", text])
            elif plane.any():
                cells.append([name, label, text])
    if given_out_later:
        made.table("train.csv", ["ImageId", "ClassId", "EncodedPixels"], cells)
        columns = {"ImageId": "key", "EncodedPixels": "rle", "ClassId": "key"}
        made.table("sample_submission.csv", list(columns), [[one[0], "", one[2]] for one in rows])
    else:
        made.table("train.csv", ["ImageId_ClassId", "EncodedPixels"], cells)
        columns = {"ImageId_ClassId": "key", "EncodedPixels": "rle"}
        made.table("sample_submission.csv", list(columns), [[one[0], ""] for one in rows])
    return made.truth(
        {"segment": ["multilabel", "multiclass"]}, columns, rows, mask_classes=classes
    )


def _severstal_later(data: Path) -> LayoutTruth:
    return _severstal(data, given_out_later=True)


def _pneumothorax(data: Path) -> LayoutTruth:
    """DICOM files three folders deep; a blank before a column's name and before -1."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    # The real size: the order of relative runs of square images is known by the competition alone.
    size, codec = (1024, 1024), Codec("F", 0, relative=True)
    for number in range(20):
        part = "train" if number < 14 else "test"
        digits = [int(hex_name(part, number, place, length=10), 16) for place in range(2)]
        name = f"1.2.276.0.7230010.3.1.4.{digits[0]}.{digits[1]}"
        plane = draw_plane(made.random, size)
        plane &= number % 3 != 2
        parts = [plane] if plane.any() else []
        if number % 9 == 0:
            parts = draw_objects(made.random, size, 2)
            plane = np.any(parts, axis=0)
        path = f"dicom-images-{part}/{name}.1/{name}.2/{name}.dcm"
        (data / path).parent.mkdir(parents=True)
        (data / path).write_bytes(dicom_bytes(made.random.integers(0, 255, size).astype(np.uint8)))
        true = TrueSample(size, planes=(plane,))
        (made.train if part == "train" else made.test)[path] = true
        if part == "train":
            cells += [[name, f" {codec.encode(one)}"] for one in parts] or [[name, " -1"]]
        else:
            rows.append((name, codec.encode(plane) or "-1"))
    made.table("train-rle.csv", ["ImageId", " EncodedPixels"], cells)
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "-1"] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _objects(made: Builder, size: Size, number: int) -> tuple[tuple[int, Plane], ...]:
    if number < 1:
        return tuple((0, draw_plane(made.random, size, one)) for one in ("first", "last"))
    return tuple((0, one) for one in draw_objects(made.random, size, 1 + number % 4))


def _airbus(data: Path) -> LayoutTruth:
    """A row a ship, and one blank row where there is none."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec = (48, 48), Codec()
    for number in range(34):
        part = "train" if number < 26 else "test"
        name = f"{hex_name(part, number, length=9)}.jpg"
        objects = () if number % 3 == 2 else _objects(made, size, number)
        made.image(f"{part}_v2/{name}", TrueSample(size, objects=objects), part=part)
        each = [(name, codec.encode(plane)) for _, plane in objects] or [(name, "")]
        cells += [list(one) for one in each] if part == "train" else []
        rows += each if part == "test" else []
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("train_ship_segmentations_v2.csv", list(columns), cells)
    names = dict.fromkeys(one for one, _ in rows)
    made.table("sample_submission_v2.csv", list(columns), [[one, "1 2"] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=[""])


def _carvana(data: Path) -> LayoutTruth:
    """Sixteen photographs of each car; masks as GIF and as runs."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec = (26, 38), Codec("C", 1)
    for number in range(24):
        part = "train" if number < 16 else "test"
        name = f"{hex_name(part, number // 4, length=12)}_{number % 4 + 1:02d}"
        corner = ("first", "last")[number] if number < 2 else ""
        plane = draw_plane(made.random, size, corner)
        made.image(f"{part}/{name}.jpg", TrueSample(size, planes=(plane,)), part=part)
        cell = (f"{name}.jpg", codec.encode(plane))
        if part == "train":
            save_pixels(data / f"train_masks/{name}_mask.gif", plane.astype(np.uint8), "P")
            cells.append(list(cell))
        else:
            rows.append(cell)
    columns = {"img": "key", "rle_mask": "rle"}
    made.table("train_masks.csv", list(columns), cells)
    cars = dict.fromkeys(one[0].partition("_")[0] for one in cells)
    made.table("metadata.csv", ["id", "year", "make"], [[one, "2010.0", "Acura"] for one in cars])
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _nuclei(data: Path) -> LayoutTruth:
    """A folder an image with a PNG a nucleus; the same as runs in a table."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    codec = Codec()
    for number in range(20):
        part, size = "train" if number < 15 else "test", (32 + 4 * (number % 2), 40)
        name, objects = hex_name(part, number, length=64), _objects(made, size, number)
        path = f"stage1_{part}/{name}/images/{name}.png"
        made.image(path, TrueSample(size, objects=objects), part=part)
        for place, (_, plane) in enumerate(objects):
            cell = (name, codec.encode(plane))
            if part == "test":
                rows.append(cell)
                continue
            file = hex_name("nucleus", number, place, length=64)
            mask = data / f"stage1_train/{name}/masks/{file}.png"
            save_pixels(mask, plane.astype(np.uint8) * 255)
            cells.append(list(cell))
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("stage1_train_labels.csv", list(columns), cells)
    names = dict.fromkeys(one for one, _ in rows)
    made.table("stage1_sample_submission.csv", list(columns), [[one, "1 1"] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=[""])


def _nerves(data: Path) -> LayoutTruth:
    """TIFFs with a mask beside each; the table names subject and image in two columns."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec = (29, 42), Codec()
    for number in range(26):
        plane = _mask(made, size, number)
        true = TrueSample(size, planes=(plane,))
        if number < 20:
            name = f"{1 + number // 5}_{1 + number % 5}"
            made.image(f"train/{name}.tif", true, part="train", pixels=_grey(made, size))
            save_pixels(data / f"train/{name}_mask.tif", plane.astype(np.uint8) * 255)
            cells.append([*name.split("_"), codec.encode(plane)])
        else:
            name = str(number - 19)
            made.image(f"test/{name}.tif", true, part="test", pixels=_grey(made, size))
            rows.append((name, codec.encode(plane)))
    columns = {"img": "key", "pixels": "rle"}
    made.table("train_masks.csv", ["subject", "img", "pixels"], cells)
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _grey(made: Builder, size: Size) -> np.ndarray:
    return made.random.integers(0, 255, size).astype(np.uint8)


def _kidneys(data: Path) -> LayoutTruth:
    """TIFFs, outlines in JSON beside, a table of runs and one of facts about each slide."""
    made, rows, cells, about = Builder(data), list[tuple[str, ...]](), [], []
    codec = Codec()
    for number in range(14):
        part, size = "train" if number < 10 else "test", (40 + 3 * (number % 4), 56)
        name = hex_name(part, number, length=9)
        plane = draw_plane(made.random, size, {0: "first", 1: "last"}.get(number, ""))
        made.image(f"{part}/{name}.tiff", TrueSample(size, planes=(plane,)), part=part)
        made.text(f"{part}/{name}-anatomical-structure.json", "[]")
        about.append([f"{name}.tiff", str(size[1]), str(size[0]), str(63921 + number // 2)])
        if part == "train":
            made.text(f"train/{name}.json", "[]")
            cells.append([name, codec.encode(plane)])
        else:
            rows.append((name, codec.encode(plane)))
    made.table("train.csv", ["id", "encoding"], cells)
    header = ["image_file", "width_pixels", "height_pixels", "patient_number"]
    made.table("HuBMAP-20-dataset_information.csv", header, about)
    columns = {"id": "key", "predicted": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, ""] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _organs(data: Path) -> LayoutTruth:
    """One table with runs and facts: organ, source, size, age, sex."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    size, codec = (40, 40), Codec()
    for number in range(20):
        part = "train" if number < 16 else "test"
        name = str(10044 + 217 * number)
        plane = draw_plane(made.random, size, {0: "first", 1: "last"}.get(number, ""))
        made.image(f"{part}_images/{name}.tiff", TrueSample(size, planes=(plane,)), part=part)
        organ = ("prostate", "spleen", "lung", "kidney", "largeintestine")[number % 5]
        facts = [name, organ, "HPA" if part == "train" else "Hubmap", "40", "40", "0.4", "4"]
        if part == "train":
            made.text(f"train_annotations/{name}.json", "[]")
            facts += [codec.encode(plane), str(37.0 + number % 4), "Male"]
        else:
            rows.append((name, codec.encode(plane)))
        tables[part].append(facts)
    header = ["id", "organ", "data_source", "img_height", "img_width", "pixel_size",
              "tissue_thickness"]  # fmt: skip
    made.table("train.csv", [*header, "rle", "age", "sex"], tables["train"])
    made.table("test.csv", header, tables["test"])
    columns = {"id": "key", "rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, ""] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _vessels(data: Path) -> LayoutTruth:
    """Slices of kidneys, a folder each, with labels in a folder beside; "1 0" is nothing."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec = (30, 44), Codec("C", 1)
    counts = {"train": {"kidney_1_dense": 14, "kidney_3_sparse": 12},
              "test": {"kidney_5": 3, "kidney_6": 3}}  # fmt: skip
    for part, kidneys in counts.items():
        for kidney, n in kidneys.items():
            for number in range(n):
                plane = _mask(made, size, number)
                path = f"{part}/{kidney}/images/{number:04d}.tif"
                made.image(path, TrueSample(size, planes=(plane,)), part=part,
                           pixels=_grey(made, size))  # fmt: skip
                cell = (f"{kidney}_{number:04d}", codec.encode(plane) or "1 0")
                if part == "train":
                    label = data / f"train/{kidney}/labels/{number:04d}.tif"
                    save_pixels(label, plane.astype(np.uint8) * 255)
                    cells.append(list(cell))
                else:
                    rows.append(cell)
    columns = {"id": "key", "rle": "rle"}
    made.table("train_rles.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "1 0"] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


BOWELS = ("large_bowel", "small_bowel", "stomach")


def _scans(data: Path) -> LayoutTruth:
    """Slices of scans four folders deep, their size in their names; three rows a slice."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    codec = Codec("C", 1)
    scans = [("train", 2, 20), ("train", 2, 22), ("train", 7, 0), ("train", 43, 18),
             ("test", 9, 14), ("test", 77, 20)]  # fmt: skip
    for place, (part, case, day) in enumerate(scans):
        size = (40, 32) if case % 2 else (36, 36)
        for number in range(1, 7):
            planes = _by_class(made, size, number - 1 + (2 if place else 0), 3)
            scan = f"case{case}_day{day}"
            name = f"slice_{number:04d}_{size[1]}_{size[0]}_1.50_1.50.png"
            path = f"{part}/case{case}/{scan}/scans/{name}"
            pixels = (_grey(made, size).astype(np.uint16) * 60).astype(np.uint16)
            made.image(path, TrueSample(size, planes=planes), part=part, pixels=pixels)
            one = f"{scan}_slice_{number:04d}"
            texts = [codec.encode(plane) for plane in planes]
            each = [(one, label, text) for label, text in zip(BOWELS, texts, strict=True)]
            cells += [list(row) for row in each] if part == "train" else []
            rows += each if part == "test" else []
    made.table("train.csv", ["id", "class", "segmentation"], cells)
    columns = {"id": "key", "class": "key", "predicted": "rle"}
    made.table("sample_submission.csv", list(columns), [[*one[:2], ""] for one in rows])
    return made.truth({"segment": ["multilabel", "multiclass"]}, columns, rows, mask_classes=BOWELS)


def _cells(data: Path) -> LayoutTruth:
    """A row a cell, along the rows; facts about the image in each."""
    made, rows, table = Builder(data), list[tuple[str, ...]](), []
    size, codec = (34, 44), Codec("C", 1)
    for number in range(18):
        part = "train" if number < 14 else "test"
        name, objects = hex_name(part, number, length=12), _objects(made, size, number)
        made.image(f"{part}/{name}.png", TrueSample(size, objects=objects), part=part)
        kind = ("shsy5y", "astro", "cort")[number % 3]
        for _, plane in objects:
            text = codec.encode(plane)
            if part == "test":
                rows.append((name, text))
                continue
            facts = ["44", "34", kind, "11h30m00s", "2019-06-16", f"{kind}[diff]_E10-4", "0 days"]
            table.append([name, text, *facts])
    header = ["id", "annotation", "width", "height", "cell_type", "plate_time", "sample_date",
              "sample_id", "elapsed_timedelta"]  # fmt: skip
    made.table("train.csv", header, table)
    columns = {"id": "key", "predicted": "rle"}
    names = dict.fromkeys(one for one, _ in rows)
    made.table("sample_submission.csv", list(columns), [[one, ""] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=[""])


CLOUDS = ("Fish", "Flower", "Gravel", "Sugar")


def _clouds(data: Path) -> LayoutTruth:
    """Four rows an image; images are of the size of its masks, a quarter of the real ones'."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    codec, size = Codec(), (350, 525)
    for number in range(8):
        part = "train" if number < 5 else "test"
        name = f"{hex_name(part, number, length=7)}.jpg"
        planes = _by_class(made, size, number if number < 2 else number * 2, 4)
        photo = np.full((*size, 3), 90 + number, dtype=np.uint8)
        made.image(f"{part}_images/{name}", TrueSample(size, planes=planes), part=part,
                   pixels=photo)  # fmt: skip
        texts = [codec.encode(plane) for plane in planes]
        each = [(f"{name}_{label}", text) for label, text in zip(CLOUDS, texts, strict=True)]
        cells += [list(row) for row in each] if part == "train" else []
        rows += each if part == "test" else []
    columns = {"Image_Label": "key", "EncodedPixels": "rle"}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return made.truth({"segment": ["multilabel", "multiclass"]}, columns, rows, mask_classes=CLOUDS)


def _garments(data: Path) -> LayoutTruth:
    """A row an object with its class; the size of the image in the table of train."""
    made, rows, table = Builder(data), list[tuple[str, ...]](), []
    codec, classes = Codec(), ("0", "6", "23", "31")
    for number in range(22):
        part, size = "train" if number < 17 else "test", (40, 30 + 2 * (number % 3))
        name = f"{hex_name(part, number, length=32)}.jpg"
        planes = [plane for _, plane in _objects(made, size, number)]
        objects = tuple(((number + n // 2) % 4, plane) for n, plane in enumerate(planes))
        made.image(f"{part}/{name}", TrueSample(size, objects=objects), part=part)
        for place, plane in objects:
            text = codec.encode(plane)
            if part == "train":
                table.append([name, text, str(size[0]), str(size[1]), classes[place]])
            else:
                rows.append((name, text, classes[place]))
    made.table("train.csv", ["ImageId", "EncodedPixels", "Height", "Width", "ClassId"], table)
    made.text("label_descriptions.json", json.dumps({"categories": [{"id": 0, "name": "shirt"}]}))
    columns = {"ImageId": "key", "EncodedPixels": "rle", "ClassId": "text"}
    names = dict.fromkeys(one[0] for one in rows)
    made.table("sample_submission.csv", list(columns), [[one, "1 1", "23"] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=classes)


def _contrails(data: Path) -> LayoutTruth:
    """A folder a sample with a file a band, masks as arrays, `validation/` beside `train/`."""
    found = miniatures.contrails(data)
    made, codec = Builder(data), Codec()
    for folder in sorted((data / "train").iterdir()):
        plane = np.load(folder / "human_pixel_masks.npy")[..., 0] > 0
        first = min(one.name for one in folder.glob("band_*"))
        made.train[f"train/{folder.name}/{first}"] = TrueSample(plane.shape, planes=(plane,))
    rows = list[tuple[str, ...]]()
    for name, plane in found.truth.items():
        first = min(one.name for one in (data / "test" / name).glob("band_*"))
        made.test[f"test/{name}/{first}"] = TrueSample(plane.shape, planes=(plane,))
        rows.append((name, codec.encode(plane) or "-"))
    columns = {"record_id": "key", "encoded_pixels": "rle"}
    return made.truth(
        {"segment": "binary"}, columns, rows, mask_classes=[""],
        undecided=["submission.rle", "data.reader"],
    )  # fmt: skip


MASKED = (
    RealLayout("tgs-salt-identification-challenge", "page, code", _tgs),
    RealLayout("severstal-steel-defect-detection", "page, code", _severstal),
    RealLayout("severstal-steel-defect-detection, as given out later", "memory", _severstal_later),
    RealLayout("siim-acr-pneumothorax-segmentation", "page, code", _pneumothorax),
    RealLayout("airbus-ship-detection", "page, code", _airbus, by_slug=True),
    RealLayout("carvana-image-masking-challenge", "code", _carvana),
    RealLayout("data-science-bowl-2018", "page", _nuclei),
    RealLayout("ultrasound-nerve-segmentation", "page", _nerves),
    RealLayout("hubmap-kidney-segmentation", "page, code", _kidneys),
    RealLayout("hubmap-organ-segmentation", "code", _organs),
    RealLayout("blood-vessel-segmentation", "page, code", _vessels),
    RealLayout("uw-madison-gi-tract-image-segmentation", "page, code", _scans),
    RealLayout("sartorius-cell-instance-segmentation", "page", _cells, by_slug=True),
    RealLayout("understanding_cloud_organization", "page, code", _clouds, by_slug=True),
    RealLayout("imaterialist-fashion-2019-FGVC6", "page", _garments, by_slug=True),
    RealLayout(
        "google-research-identify-contrails-reduce-global-warming", "page, code", _contrails
    ),
)
