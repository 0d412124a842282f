"""Layouts of competitions and data sets of floods, clouds, fires, landslides and damages, seen from above."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile
from competition_miniatures import masks as miniatures
from PIL import Image

from layouts.drawing import draw_class_map, draw_plane, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, MULTI, ONE_MASK, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import draw_masks_by_class, planes_of, save_grey_mask, save_jpeg
from layouts.real.names import hex_name, uuid_name
from layouts.real.outlines import corners_of, draw_boxes, rectangle
from layouts.real.photos import save_tiff, write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    never,
    reading_of,
    with_and_without,
    with_ground,
    with_masks_by_value,
    with_train_labels,
)
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _hurricane(data: Path) -> Readings:
    """Two tests, one of as many of each class; names are coordinates."""
    made, classes = Builder(data), ("damage", "no_damage")
    for place, (part, n) in enumerate(
        (("train_another", 10), ("validation_another", 4), ("test_another", 5), ("test", 4))
    ):
        for label in classes:
            number = n + (3 if label == "damage" and part == "test_another" else 0)
            names = [
                f"-9{3 + k % 3}.{5301 + 97 * k + 11 * place}_{28 + k % 3}.{778806 + 1171 * k + len(label)}.jpeg"
                for k in range(number)
            ]
            write_photos(made, [f"{part}/{label}/{one}" for one in names], label)
    found = []
    for tests, others in (
        (("test", "test_another"), ()),
        (("test",), ("test_another",)),
        (("test_another",), ("test",)),
    ):
        for validation in ((), ("validation_another",)):
            out = (*others, *validation)
            left = in_folders(*out) if out else (lambda path: False)
            found.append(reading_of(made, TWO, test=in_folders(*tests), out=left, classes=classes))
    return tuple(found)


def _fires(data: Path) -> Readings:
    made = Builder(data)
    for label, form, n in (("fire_images", "fire.{}", 18), ("non_fire_images", "non_fire.{}", 10)):
        write_photos(
            made, [f"fire_dataset/{label}/{form.format(k)}.png" for k in range(1, n + 1)], label
        )
    return (reading_of(made, TWO, classes=("fire_images", "non_fire_images")),)


def _weather(data: Path) -> Readings:
    """All in a folder; the class and a number are the name."""
    made, classes = Builder(data), ("cloudy", "rain", "shine", "sunrise")
    for label in classes:
        for k in range(1, 10):
            write_photos(made, [f"dataset2/{label}{k}.jpg"], label, (20 + k % 4, 24 + k % 3))
    return (reading_of(made, LABELS, classes=classes),)


def _wild_fires(data: Path) -> Readings:
    """Longitude and latitude are the name, with signs, dots and a comma."""
    made, classes = Builder(data), ("nowildfire", "wildfire")
    for part, n in (("train", 12), ("valid", 4), ("test", 4)):
        for place, label in enumerate(classes):
            for k in range(n):
                west = -73.17 - k * 0.137 - place * 1.31 - len(part) * 0.011
                name = f"{round(west, 6)},{round(45.56 + k * 0.09123 + place, 6)}"
                write_photos(made, [f"{part}/{label}/{name}.jpg"], label)
    return tuple(
        with_and_without(
            lambda out: [reading_of(made, TWO, test=in_folders("test"), out=out, classes=classes)],
            in_folders("valid"),
        )
    )


def _landslides(data: Path) -> Readings:
    """Arrays of twelve channels of two satellites, the channels last."""
    made, cells, rows, size = Builder(data), [], list[tuple[str, ...]](), (32, 32)
    for k in range(46):
        part, label = "train" if k < 34 else "test", str(int(k * 3 % 11 < 3))
        name = f"ID_{hex_name('landslide', k, length=6).upper()}"
        path = f"{part}_data/{name}.npy"
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        np.save(data / path, made.random.normal(size=(*size, 12)).astype(np.float32))
        (made.train if part == "train" else made.test)[path] = TrueSample(size, label)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"ID": "key", "label": "text"}
    made.table("Train.csv", list(columns), cells)
    made.table("Test.csv", ["ID"], [[one] for one, _ in rows])
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(TWO, columns, rows, classes=("0", "1")),)


PERIODS = ("Afternoon", "Dawn", "Dusk", "Morning")


WEATHERS = ("Cloudy", "Rainy", "Sunny")


def _skies_and_hours(data: Path) -> Readings:
    """A JSON of names with a backslash and two classes each; test has no table at all."""
    made, notes = Builder(data), list[dict[str, str]]()
    both = dict[str, tuple[str, str]]()
    for k in range(1, 57):
        part = "train" if k <= 42 else "test"
        name = f"{k if part == 'train' else k - 42:05d}.jpg"
        path = f"{part}_dataset/{part}_images/{name}"
        write_photos(made, [path], None, (36, 56 + k % 3))
        if part == "train":
            both[path] = (PERIODS[k * 3 % 4], WEATHERS[k * 2 % 3])
            notes.append({"filename": f"train_images\\{name}", "period": both[path][0], "weather": both[path][1]})  # fmt: skip
    write_json(made, "train_dataset/train.json", {"annotations": notes})
    test = in_folders("test_dataset")
    found = list[LayoutTruth]()
    for place, names in ((1, WEATHERS), (0, PERIODS)):
        one = reading_of(made, LABELS, test=test, classes=names)
        found.append(with_train_labels(one, {path: words[place] for path, words in both.items()}))
    several = reading_of(made, SEVERAL, test=test, classes=(*PERIODS, *WEATHERS))
    return (
        *found,
        with_train_labels(several, {path: frozenset(words) for path, words in both.items()}),
    )


def _storms(data: Path) -> Readings:
    """Storms are in train and in test, by time; features and labels of train are two tables."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    features: dict[str, list[list[str]]] = {"training": [], "test": []}
    labels = []
    for storm in ("abs", "acd", "bdr", "cgj"):
        for number in range(10):
            part = "training" if number < 8 else "test"
            name, speed = f"{storm}_{number:03d}", 34 + 5 * number + len(rows) % 3
            folder = "train" if part == "training" else "test"
            true = TrueSample(BROAD, float(speed))
            grey = made.random.integers(0, 255, BROAD).astype(np.uint8)
            made.image(f"{folder}/{name}.jpg", true, part=folder, pixels=grey)
            features[part].append([name, storm, str(1800 * number), str(1 + (storm < "b"))])
            if part == "training":
                labels.append([name, str(speed)])
            else:
                rows.append((name, str(speed)))
    header = ["image_id", "storm_id", "relative_time", "ocean"]
    made.table("training_set_features.csv", header, features["training"])
    made.table("test_set_features.csv", header, features["test"])
    columns = {"image_id": "key", "wind_speed": "number"}
    made.table("training_set_labels.csv", list(columns), labels)
    made.table("submission_format.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": ["regression", "ordinal"]}, columns, rows),)


CLOUDS = ("Fish", "Flower", "Gravel", "Sugar")


def _clouds(data: Path) -> LayoutTruth:
    """Four rows an image; images are of the size of its masks, a quarter of the real ones'."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    codec, size = Codec(), (350, 525)
    for number in range(8):
        part = "train" if number < 5 else "test"
        name = f"{hex_name(part, number, length=7)}.jpg"
        planes = draw_masks_by_class(made, size, number if number < 2 else number * 2, 4)
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


def _flood(data: Path) -> Readings:
    made, rows = Builder(data), []
    for n in range(24):
        plane = draw_plane(made.random, SIZE)
        made.image(f"Image/{n}.jpg", TrueSample(SIZE, planes=(plane,)), part="train")
        save_grey_mask(data / f"Mask/{n}.png", plane)
        rows.append([f"{n}.jpg", f"{n}.png"])
    made.table("metadata.csv", ["Image", "Mask"], rows)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _floods(data: Path) -> Readings:
    """Two polarizations an image, in decibels; 255 is of no known class. TIFFs are sent."""
    made, rows, size = Builder(data), [], (32, 32)
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = f"{('awc', 'coz', 'hbe')[number % 3]}{number:02d}"
        plane, unknown = draw_plane(made.random, size), np.zeros(size, dtype=bool)
        unknown[:, :2] = number % 4 == 0
        known = TrueSample(size, planes=(plane & ~unknown,), ignored=unknown)
        for kind in ("vh", "vv"):
            path = f"{part}_features/{name}_{kind}.tif"
            save_tiff(data / path, made.random.normal(-15, 4, size).astype(np.float32))
            if part == "train":
                rows.append(
                    [f"{name}_{kind}", name, name[:3], kind, "Bolivia", "512", "2018-02-15"]
                )
        first = f"{part}_features/{name}_vh.tif"
        made.train[first] = known if part == "train" else TrueSample(size)
        if part == "train":
            mask = np.where(unknown, 255, plane).astype(np.uint8)
            save_pixels(data / f"train_labels/{name}.tif", mask)
    made.table("flood-training-metadata.csv", ["image_id", "chip_id", "flood_id", "polarization",
               "location", "resolution", "scene_start"], rows)  # fmt: skip
    return (reading_of(made, ONE_MASK, test=in_folders("test_features"), mask_classes=[""]),)


def _drivendata_on_cloud_n(data: Path) -> Readings:
    """A folder of four bands an image, a TIFF of 0 and 1 each. TIFFs are sent."""
    made, size = Builder(data), (32, 32)
    rows: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = "".join(chr(97 + int(one, 16)) for one in hex_name("chip", number, length=4))
        plane = draw_plane(made.random, size)
        for band in ("B02", "B03", "B04", "B08"):
            values = made.random.integers(0, 9000, size).astype(np.uint16)
            save_tiff(data / f"{part}_features/{name}/{band}.tif", values)
        true = TrueSample(size, planes=(plane,)) if part == "train" else TrueSample(size)
        made.train[f"{part}_features/{name}/B02.tif"] = true
        if part == "train":
            save_pixels(data / f"train_labels/{name}.tif", plane.astype(np.uint8))
        facts = [name, ("Lusaka", "Chifunfu")[number % 2], "2020-04-29T08:20:47Z"]
        rows[part].append([*facts, f"az://./train_features/{name}"] if part == "train" else facts)
    made.table(
        "train_metadata.csv", ["chip_id", "location", "datetime", "cloudpath"], rows["train"]
    )
    made.table("test_metadata.csv", ["chip_id", "location", "datetime"], rows["test"])
    return (reading_of(made, ONE_MASK, test=in_folders("test_features"), mask_classes=[""]),)


def _flooded(data: Path) -> Readings:
    """Two class folders with folders of images and of masks; most of train has neither."""
    made, top = Builder(data), "FloodNet Challenge - Track 1"
    values = np.arange(10, dtype=np.uint8)
    for place, label in enumerate(("Flooded", "Non-Flooded")):
        for k in range(9 + 3 * place):
            numbers = values[draw_class_map(made.random, BROAD, 10, fill=True) - 1]
            planes = tuple(numbers == one for one in values)
            name = 6279 + 14 * k + 333 * place
            folder = f"{top}/Train/Labeled/{label}"
            made.image(
                f"{folder}/image/{name}.jpg", TrueSample(BROAD, label, planes=planes), part="train"
            )
            save_pixels(data / f"{folder}/mask/{name}_lab.png", numbers)
    write_photos(made, [f"{top}/Train/Unlabeled/image/{10808 + k}.jpg" for k in range(14)], None)
    write_photos(made, [f"{top}/Validation/image/{8600 + 11 * k}.jpg" for k in range(6)], None)
    write_photos(made, [f"{top}/Test/image/{7301 + 9 * k}.jpg" for k in range(6)], None)
    found = []
    for test, out in (
        ((f"{top}/Test",), (f"{top}/Validation",)),
        ((f"{top}/Test", f"{top}/Validation"), ()),
    ):
        left = in_folders(*out) if out else (lambda path: False)
        every = reading_of(made, {**TWO, **MULTI}, test=in_folders(*test), out=left,
                         classes=("Flooded", "Non-Flooded"), mask_classes=tuple("0123456789"))  # fmt: skip
        some = {
            path: replace(one, planes=one.planes[1:]) if one.planes else one
            for path, one in every.train.items()
        }
        found += [every, replace(every, train=some, mask_classes=tuple("123456789"))]
    return tuple(found)


def _water_bodies(data: Path) -> Readings:
    """Masks are JPEGs of the names of the images."""
    made, top = Builder(data), "Water Bodies Dataset"
    for k in range(24):
        size = (48, 64) if k % 2 else (64, 48)
        drawn = draw_plane(made.random, size).astype(np.uint8) * 255
        plane = save_jpeg(data / f"{top}/Masks/water_body_{1 + 7 * k}.jpg", drawn) > 127
        made.image(
            f"{top}/Images/water_body_{1 + 7 * k}.jpg",
            TrueSample(size, planes=(plane,)),
            part="train",
        )
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _bijie_landslides(data: Path) -> Readings:
    """Two folders: with landslides images, heights, masks and outlines; without them no masks."""
    made, top = Builder(data), "Bijie-landslide-dataset"
    for k in range(1, 17):
        plane, name = draw_plane(made.random, SIZE), f"qxg{k:03d}"
        made.image(
            f"{top}/landslide/image/{name}.png", TrueSample(SIZE, planes=(plane,)), part="train"
        )
        save_pixels(data / f"{top}/landslide/mask/{name}.png", plane.astype(np.uint8) * 255)
        save_pixels(
            data / f"{top}/landslide/dem/{name}.png",
            made.random.integers(40, 90, SIZE).astype(np.uint8),
        )
        made.text(
            f"{top}/landslide/polygon_coordinate/{name}.txt", "10 12 0\n14 12 0\n14 3 0\n10 3 0\n"
        )
    for k in range(1, 13):
        name = f"{'fxz' if k % 2 else 'zj'}{k:03d}"
        empty = np.zeros(SIZE, dtype=bool)
        made.image(
            f"{top}/non-landslide/image/{name}.png", TrueSample(SIZE, planes=(empty,)), part="train"
        )
        save_pixels(
            data / f"{top}/non-landslide/dem/{name}.png",
            made.random.integers(40, 90, SIZE).astype(np.uint8),
        )
    every = reading_of(made, ONE_MASK, mask_classes=[""])
    some = {path: one for path, one in every.train.items() if "/landslide/" in path}
    return every, replace(every, train=some)


def _clouds_of_landsat(data: Path) -> Readings:
    """A folder a band and one of the truth; names begin with the band; test has no truth."""
    made, cells = Builder(data), []
    for k in range(32):
        part, plane = "train" if k < 24 else "test", draw_plane(made.random, SIZE)
        top = "38-Cloud_training" if part == "train" else "38-Cloud_test"
        name = f"patch_{1 + 13 * k}_{1 + k // 4}_by_{1 + k % 4}_LC08_L1TP_00{2 + k % 3}053_20160520_20170324_01_T1"
        for band in ("red", "green", "blue", "nir"):
            path = data / f"{top}/{part}_{band}/{band}_{name}.TIF"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(made.random.integers(6000, 30000, SIZE).astype(np.uint16)).save(path)
        first = f"{top}/{part}_red/red_{name}.TIF"
        made.train[first] = (
            TrueSample(SIZE, planes=(plane,)) if part == "train" else TrueSample(SIZE)
        )
        if part == "train":
            save_grey_mask(data / f"{top}/train_gt/gt_{name}.TIF", plane)
            cells.append([name])
    made.table("38-Cloud_training/training_patches_38-Cloud.csv", ["name"], cells)
    return (reading_of(made, ONE_MASK, test=in_folders("38-Cloud_test"), mask_classes=[""]),)


def _oil_spills(data: Path) -> Readings:
    """Labels twice, in colours and in numbers; a text has the colours."""
    made, names = Builder(data), ("Sea Surface", "Oil Spill", "Look-alike", "Ship", "Land")
    colours = np.array(
        [(0, 0, 0), (0, 255, 255), (255, 0, 0), (153, 76, 0), (0, 153, 0)], dtype=np.uint8
    )
    top = "oil-spill"
    for part, n in (("train", 18), ("test", 6)):
        for k in range(1, n + 1):
            places = draw_class_map(made.random, SIZE, 4, fill=False)
            name = f"img_{k:04d}"
            made.image(
                f"{top}/{part}/images/{name}.jpg",
                TrueSample(SIZE, planes=planes_of(places, 4)),
                part="train",
            )
            save_pixels(data / f"{top}/{part}/labels/{name}.png", colours[places])
            save_pixels(data / f"{top}/{part}/labels_1D/{name}.png", places)
    write_lines(
        made,
        f"{top}/label_colors.txt",
        [
            " ".join([*map(str, rgb), name])
            for rgb, name in zip(colours.tolist(), names, strict=True)
        ],
    )
    is_test = in_folders(f"{top}/test")
    ground = reading_of(made, MULTI, test=is_test, mask_classes=names[1:])
    every = {
        path: replace(
            one, planes=(~np.any(one.planes, axis=0), *one.planes) if one.planes else None
        )
        for path, one in ground.train.items()
    }
    numbers = [
        replace(ground, mask_classes=one)
        for one in (tuple("1234"), tuple(f"class {n}" for n in range(1, 5)))
    ]
    return ground, replace(ground, train=every, mask_classes=names), *numbers


def _save_bands(path: Path, bands: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if bands.ndim == 2:
        tifffile.imwrite(path, bands)
    else:
        tifffile.imwrite(path, bands, photometric="minisblack", planarconfig="contig")


def _floods_by_hand(data: Path) -> Readings:
    """Radar, optical bands and three masks a chip; lists of pairs of names for four parts."""
    made, size, top = Builder(data), (24, 24), "v1.1/data/flood_events/HandLabeled"
    lists: dict[str, list[str]] = {"train": [], "valid": [], "test": [], "bolivia": []}
    parts = {}
    for k in range(36):
        place = ("Ghana", "India", "Mekong", "Bolivia")[k % 4]
        chip = f"{place}_{103272 + 8191 * k}"
        part = "bolivia" if place == "Bolivia" else ("train", "train", "valid", "test")[k // 4 % 4]
        plane, unknown = draw_plane(made.random, size), np.zeros(size, dtype=bool)
        unknown[:, :3] = k % 3 == 2
        radar = made.random.normal(-14, 4, (*size, 2)).astype(np.float32)
        _save_bands(data / f"{top}/S1Hand/{chip}_S1Hand.tif", radar)
        optical = made.random.integers(200, 4000, (*size, 13)).astype(np.int16)
        _save_bands(data / f"{top}/S2Hand/{chip}_S2Hand.tif", optical)
        numbers = np.where(unknown, -1, plane).astype(np.int16)
        _save_bands(data / f"{top}/LabelHand/{chip}_LabelHand.tif", numbers)
        for kind, water in (
            ("JRCWaterHand", plane & (np.arange(24) % 2 > 0)),
            ("S1OtsuLabelHand", radar[..., 0] < -16),
        ):
            _save_bands(data / f"{top}/{kind}/{chip}_{kind}.tif", water.astype(np.uint8))  # fmt: skip
        made.train[chip] = TrueSample(size, planes=(plane & ~unknown,), ignored=unknown)
        parts[chip] = part
        lists[part].append(f"{chip}_S1Hand.tif,{chip}_LabelHand.tif")
    for part, lines in lists.items():
        write_lines(made, f"v1.1/splits/flood_handlabeled/flood_{part}_data.csv", lines)
    made.text(
        "v1.1/Sen1Floods11_Metadata.geojson", '{"type": "FeatureCollection", "features": []}\n'
    )
    chips, found = dict(made.train), list[LayoutTruth]()
    for kind in ("S1Hand", "S2Hand"):
        for tests in (("test",), ("test", "bolivia")):
            for left in ((), ("valid",)):
                made.train = {f"{top}/{kind}/{one}_{kind}.tif": true for one, true in chips.items()}
                of = {f"{top}/{kind}/{one}_{kind}.tif": part for one, part in parts.items()}
                outs = [*left, *(() if "bolivia" in tests else ("bolivia",))]
                found.append(
                    reading_of(
                        made,
                        ONE_MASK,
                        test=lambda path, of=of, tests=tests: of[path] in tests,  # type: ignore[misc]
                        out=lambda path, of=of, outs=outs: of[path] in outs,  # type: ignore[misc]
                        mask_classes=[""],
                    )
                )
    return tuple(found)


def _debris_at_sea(data: Path) -> Readings:
    """Eleven bands a patch, its classes and how sure they are beside it; most pixels have none."""
    made, size, values = Builder(data), (24, 24), np.array([0, 1, 5, 6, 7], dtype=np.float32)
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    parts, about = {}, {}
    for scene, (day, tile) in enumerate(
        (("1-12-19", "48MYU"), ("12-12-20", "16PCC"), ("14-9-18", "16PCC"))
    ):
        for k in range(12):
            places = draw_class_map(made.random, size, 4, fill=False)
            short, part = f"{day}_{tile}_{k}", ("train", "train", "val", "test")[(k + scene) % 4]
            path = f"patches/S2_{day}_{tile}/S2_{short}"
            bands = made.random.uniform(0.01, 0.2, (*size, 11)).astype(np.float32)
            _save_bands(data / f"{path}.tif", bands)
            _save_bands(data / f"{path}_cl.tif", values[places])
            _save_bands(data / f"{path}_conf.tif", (places > 0).astype(np.float32) * (1 + k % 3))
            true = TrueSample(size, planes=planes_of(places, 4), ignored=places == 0)
            made.train[f"{path}.tif"] = true
            parts[f"{path}.tif"] = part
            lists[part].append(short)
            here = {int(one) for one in values[places].ravel()}
            about[f"S2_{short}.tif"] = [int(n in here) for n in range(1, 16)]
    for part, lines in lists.items():
        write_lines(made, f"splits/{part}_X.txt", lines)
    write_json(made, "labels_mapping.txt", about)
    for end in ("dbf", "prj", "shp", "shx"):
        made.text(f"shapefiles/S2_1-12-19_48MYU.{end}", "x")
    found, names = list[LayoutTruth](), ("1", "5", "6", "7")
    for left in ((), ("val",)):
        unknown = reading_of(
            made,
            MULTI,
            test=lambda path: parts[path] == "test",
            out=lambda path, left=left: parts[path] in left,  # type: ignore[misc]
            mask_classes=names,
        )
        known = {path: replace(one, ignored=None) for path, one in unknown.train.items()}
        every = {
            path: replace(one, planes=(one.ignored, *one.planes), ignored=None)
            for path, one in unknown.train.items()
            if one.planes is not None and one.ignored is not None
        }
        found += [
            unknown,
            replace(unknown, train=known),
            replace(unknown, train=every, mask_classes=("0", *names)),
        ]
    return tuple(found)


def _skies_of_singapore(data: Path) -> Readings:
    """Masks with an end of their own in a folder beside; a table of the days."""
    made, cells = Builder(data), []
    for k in range(1, 33):
        plane = draw_plane(made.random, (24, 24))
        made.image(
            f"SWIMSEG/images/{k * 29:04d}.png", TrueSample((24, 24), planes=(plane,)), part="train"
        )
        save_grey_mask(data / f"SWIMSEG/GTmaps/{k * 29:04d}_GT.png", plane)
        cells.append(
            [
                f"{k * 29:04d}",
                f"2014-{1 + k % 12:02d}-{1 + k % 28:02d}",
                f"{9 + k % 8:02d}:{k:02d}",
                str(k * 11 % 90),
            ]
        )
    made.table("SWIMSEG/metadata.csv", ["Number", "Date", "Time", "Azimuth"], cells)
    made.text(
        "SWIMSEG/README.txt",
        "Singapore Whole sky IMaging SEGmentation database\n\nimages: 1013 patches; GTmaps: binary ground truth\n",
    )
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


DAMAGES = ("no-damage", "minor-damage", "major-damage", "destroyed")


def _damages(data: Path) -> Readings:
    """Each place before and after; numbers of damages in masks with an end of their own, and outlines."""
    made, size = Builder(data), WIDE
    disasters = ("hurricane-harvey", "santa-rosa-wildfire", "mexico-earthquake")
    for k in range(18):
        stem = f"{disasters[k % 3]}_{k * 37:08d}"
        boxes = draw_boxes(made, size, 1 + k % 4)
        kinds = [(k + n * 3) % 4 for n in range(len(boxes))]
        for time in ("pre", "post"):
            numbers, shapes = np.zeros(size, dtype=np.uint8), []
            for n, (kind, box) in enumerate(zip(kinds, boxes, strict=True)):
                numbers[rectangle(size, *box)] = kind + 1 if time == "post" else 1
                about = {"feature_type": "building", "uid": uuid_name("eleventh", "xbd", k, n)}
                if time == "post":
                    about["subtype"] = DAMAGES[kind]
                ring = [*corners_of(box), corners_of(box)[0]]
                text = ", ".join(f"{x}.0 {y}.0" for x, y in ring)
                shapes.append({"properties": about, "wkt": f"POLYGON (({text}))"})
            name = f"{stem}_{time}_disaster"
            planes = tuple(numbers == n for n in range(1, 5))
            made.image(f"train/images/{name}.png", TrueSample(size, planes=planes), part="train")
            save_pixels(data / f"train/targets/{name}_target.png", numbers)
            about_image = {
                "sensor": "GEOEYE01",
                "width": 48,
                "height": 40,
                "disaster": disasters[k % 3],
                "img_name": f"{name}.png",
            }
            content = {"features": {"lng_lat": [], "xy": shapes}, "metadata": about_image}
            write_json(made, f"train/labels/{name}.json", content)
    for k in range(7):
        for time in ("pre", "post"):
            path = f"test/images/test_{time}_{k * 13:05d}.png"
            made.image(path, TrueSample(size), part="train")
    found = list[LayoutTruth]()
    for out in (any_of(), lambda path: "_pre_" in path):
        truth = reading_of(
            made,
            MULTI,
            test=in_folders("test"),
            out=out,
            mask_classes=[str(n) for n in range(1, 5)],
        )
        found += [truth, with_ground(truth)]
    return tuple(found)


SKIES = ("Shadow", "Shadow over Water", "Water", "Snow", "Land", "Cloud", "Flooded")


def _sparcs(data: Path) -> Readings:
    """Five files a scene in one folder: ten bands, a photo, a mask with a palette, one of flags, and a text; from memory of the data page."""
    import tifffile

    made, top, size = Builder(data), "sending", (48, 48)
    colours = [0, 0, 0, 0, 0, 128, 0, 0, 255, 0, 255, 255, 128, 128, 128, 255, 255, 255, 128, 128, 0]  # fmt: skip
    photos, bands = dict[str, TrueSample](), dict[str, TrueSample]()
    for k in range(30):
        name = f"LC8{k * 37 % 230 + 1:03d}{k * 11 % 80 + 1:03d}2013{100 + k * 9:03d}LGN0{k % 2}_{k * 7 % 60 + 1:02d}"
        used = np.array([4, 5, 0, *((k + n) % 7 for n in range(2))], dtype=np.uint8)
        numbers = used[draw_class_map(made.random, size, 5, fill=True) - 1]
        planes = tuple(numbers == place for place in range(7))
        path = f"{top}/{name}_photo.png"
        made.image(path, TrueSample(size, planes=planes), part="train")
        photos[path] = bands[f"{top}/{name}_data.tif"] = TrueSample(size, planes=planes)
        deep = made.random.integers(5000, 30000, (*size, 10)).astype(np.uint16)
        tifffile.imwrite(
            data / f"{top}/{name}_data.tif", deep, photometric="minisblack", planarconfig="contig"
        )
        flags = made.random.integers(20480, 61440, size).astype(np.uint16)
        tifffile.imwrite(data / f"{top}/{name}_qmask.tif", flags)
        image = Image.fromarray(numbers.astype(np.uint8), mode="P")
        image.putpalette(colours)
        image.save(data / f"{top}/{name}_mask.png")
        made.text(f"{top}/{name}_mtl.txt", f'GROUP = L1_METADATA_FILE\n  LANDSAT_SCENE_ID = "{name[:21]}"\nEND\n')  # fmt: skip
    made.text(
        f"{top}/readme.txt",
        "Spatial Procedures for Automated Removal of Cloud and Shadow (SPARCS): validation data\n\nEach scene: data.tif (bands 1 to 7, 9, 10, 11), mask.png (the labels), qmask.tif (quality band), photo.png (false colour), mtl.txt\n\nClass values of mask.png\n"
        + "".join(f"{n}\t{one}\n" for n, one in enumerate(SKIES)),
    )
    found = list[LayoutTruth]()
    for names in (tuple(map(str, range(7))), SKIES):
        truth = reading_of(made, MULTI, mask_classes=names)
        found += [replace(truth, train=photos), replace(truth, train=bands)]
    return tuple(found)


# RescueNet, damage after a hurricane: users' code, and memory of the masks in colours.
def _after_the_hurricane(data: Path) -> Readings:
    """Photos by a drone in three parts with masks of 0 to 10, whose names end on a word; the same masks in colours lie in a folder apart."""
    made, size, top = Builder(data), (48, 64), "RescueNet"
    maps, number = dict[str, np.ndarray](), 10778
    colours = made.random.integers(0, 255, (11, 3)).astype(np.uint8)
    colours[0] = 0
    for part, n in (("train", 30), ("val", 9), ("test", 10)):
        for _ in range(n):
            values = draw_class_map(made.random, size, 10, fill=True)
            values[draw_plane(made.random, size)] = 0
            path = f"{top}/{part}/{part}-org-img/{number}.jpg"
            write_photos(made, [path], None, size)
            maps[path] = values
            save_pixels(data / f"{top}/{part}/{part}-label-img/{number}_lab.png", values)
            save_pixels(data / f"ColorMasks-RescueNet/ColorMasks-{part.title()}Set/{number}_lab.png", colours[values])  # fmt: skip
            number += 3
    test, val = in_folders(f"{top}/test"), in_folders(f"{top}/val")
    return tuple(
        with_masks_by_value(reading_of(made, MULTI, test=test, out=out), maps, values)
        for values in (range(1, 11), range(11))
        for out in (never, val)
    )


LAYOUTS = (
    DataSet("Hurricane damage", "memory", _hurricane),
    DataSet("Fire images", "memory", _fires, has_test=False),
    DataSet("Multi-class weather", "memory", _weather, has_test=False),
    DataSet("Wildfire prediction", "memory", _wild_fires),
    DataSet("zindi-classification-for-landslide-detection", "code and memory", _landslides),
    DataSet("datafountain-weather-and-time", "code and memory", _skies_and_hours),
    DataSet("drivendata-wind-dependent-variables", "code, memory", _storms),
    RealLayout("understanding_cloud_organization", "page, code", _clouds, by_slug=True),
    RealLayout(
        "google-research-identify-contrails-reduce-global-warming", "page, code", _contrails
    ),
    DataSet("Flood area", "memory", _flood, has_test=False),
    DataSet(
        "drivendata-stac-overflow-floods",
        "code",
        _floods,
        doubt="images of test as the runtime has them",
    ),
    DataSet(
        "drivendata-on-cloud-n",
        "code, memory",
        _drivendata_on_cloud_n,
        doubt="images of test as the runtime has them",
    ),
    DataSet("floodnet-2021-track-1", "memory", _flooded),
    DataSet("Water bodies", "memory", _water_bodies, has_test=False),
    DataSet("Bijie landslides", "memory", _bijie_landslides, has_test=False),
    DataSet("38-Cloud", "memory", _clouds_of_landsat),
    DataSet("Oil spills", "memory", _oil_spills),
    DataSet("Sen1Floods11", "code", _floods_by_hand),
    DataSet("MARIDA", "code", _debris_at_sea),
    DataSet(
        "SWIMSEG",
        "code and memory",
        _skies_of_singapore,
        has_test=False,
        doubt="columns of the days",
    ),
    DataSet("xview2", "code", _damages, doubt="names of the images of test"),
    DataSet("SPARCS", "memory", _sparcs, has_test=False),
    DataSet(
        "RescueNet", "code and memory", _after_the_hurricane, doubt="names of masks in colours"
    ),
)
