"""Layouts of competitions and data sets of land cover and land use, seen from above."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import draw_class_map, draw_plane, save_pixels
from layouts.real.files import write_json, write_lines, write_workbook
from layouts.real.kinds import LABELS, MULTI, OBJECTS, ONE_MASK, SEVERAL
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import (
    draw_mask,
    planes_of,
    save_jpeg,
    save_palette,
    write_coloured_masks,
    write_deepglobe,
)
from layouts.real.names import hex_name, hex_names
from layouts.real.outlines import corners_of, draw_boxes, rectangle
from layouts.real.photos import (
    class_folders,
    save_tiff,
    save_tiff_of_numbers,
    write_bands,
    write_grey,
    write_other_photo,
    write_photos,
)
from layouts.real.readings import (
    in_folders,
    reading_of,
    readings_by_colour,
    readings_by_kind,
    with_and_without,
    with_ground,
    with_masks,
    with_masks_by_value,
    with_train_labels,
    without_file,
)
from layouts.real.tables import label_sets, write_binary, write_multilabel
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

_cactus = partial(
    write_binary, images=("train/{name}.jpg", "test/{name}.jpg"), names=hex_names(32), table="train.csv",
    header=["id", "has_cactus"], columns=["id", "has_cactus"], shown="0.5", id_ending=".jpg",
)  # fmt: skip


def _oil_palms(data: Path) -> LayoutTruth:
    """Two folders of images to predict, and a column that says how sure the label is."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    folders = ("train_images", "leaderboard_test_data", "leaderboard_holdout_data")
    for number in range(36):
        place = 0 if number < 26 else 1 if number < 32 else 2
        part, label = ("train", "test", "test")[place], str(int(number % 4 == 1))
        name = f"img_{number * 7919 % 100000:09d}.jpg"
        true = TrueSample(BROAD, label, made.probs(("0", "1")))
        made.image(f"{folders[place]}/{name}", true, part=part)
        if part == "train":
            cells.append([name, label, ("1.0", "0.7895", "0.6212")[number % 3]])
        else:
            rows.append((name, repr(true.probs["1"])))
    made.table("traininglabels.csv", ["image_id", "has_oilpalm", "score"], cells)
    shown = [[one, "0.5"] for one, _ in rows]
    made.table("SampleSubmission.csv", ["image_id", "has_oilpalm"], shown)
    columns = {"image_id": "key", "has_oilpalm": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


LAND = ("AnnualCrop", "Forest", "River", "SeaLake")


def _eurosat(data: Path) -> Readings:
    made, tests = Builder(data), set()
    rows: dict[str, list[list[str]]] = {"train": [], "validation": [], "test": []}
    for place, label in enumerate(LAND):
        for n in range(1, 11):
            name = f"{label}/{label}_{n}.jpg"
            write_photos(made, [f"EuroSAT/{name}"], label)
            part = "train" if n <= 6 else "validation" if n <= 8 else "test"
            rows[part].append([name, str(place), label])
            if part == "test":
                tests.add(f"EuroSAT/{name}")
    for part, each in rows.items():
        made.table(f"EuroSAT/{part}.csv", ["", "Filename", "Label", "ClassName"],
                   [[str(n), *one] for n, one in enumerate(each)])  # fmt: skip
    made.text("EuroSAT/label_map.json", json.dumps({one: n for n, one in enumerate(LAND)}))
    is_test = lambda path: path in tests  # noqa: E731
    return (
        reading_of(made, LABELS, test=is_test, classes=LAND),
        reading_of(made, LABELS, test=is_test, classes=list("0123"),
                 label=lambda label: str(LAND.index(str(label)))),
    )  # fmt: skip


def _eurosat_zip(data: Path) -> Readings:
    return class_folders("2750/", LAND, "{label}_{n}.jpg")(data)


def _satellite_kinds(data: Path) -> Readings:
    """Names of files begin with train in two of four folders."""
    made, names = (
        Builder(data),
        {
            "cloudy": "train_{}",
            "desert": "desert({})",
            "green_area": "Forest_{}",
            "water": "SeaLake_{}",
        },
    )
    for label, form in names.items():
        write_photos(made, [f"data/{label}/{form.format(11 * k + 1)}.jpg" for k in range(8)], label)
    return (reading_of(made, LABELS, classes=sorted(names)),)


def _land_uses(data: Path) -> Readings:
    made, classes = Builder(data), ("agricultural", "airplane", "denseresidential", "tenniscourt")
    for label in classes:
        write_photos(
            made, [f"UCMerced_LandUse/Images/{label}/{label}{k:02d}.tif" for k in range(8)], label
        )
    made.text(
        "UCMerced_LandUse/readme.txt",
        "This is a 21 class land use image dataset meant for research purposes.\n",
    )
    return (reading_of(made, LABELS, classes=classes),)


def _all_bands(data: Path) -> Readings:
    """13 bands an image in class folders; a table for each part, with an index, and a map of names."""
    made, classes = Builder(data), ("AnnualCrop", "Forest", "River")
    parts: dict[str, list[list[str]]] = {"train": [], "validation": [], "test": []}
    for k in range(36):
        label, size = classes[k % 3], (24, 24)
        name, part = f"{label}/{label}_{k + 1}.tif", ("train", "train", "validation", "test")[k % 4]
        path = data / f"EuroSATallBands/{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        bands = made.random.integers(200, 4000, (*size, 13)).astype(np.uint16)
        tifffile.imwrite(path, bands, photometric="minisblack", planarconfig="contig")
        made.train[f"EuroSATallBands/{name}"] = TrueSample(size, label)
        parts[part].append([str(len(parts[part])), name, str(classes.index(label)), label])
    for part, cells in parts.items():
        made.table(f"EuroSATallBands/{part}.csv", ["", "Filename", "Label", "ClassName"], cells)
    write_json(made, "EuroSATallBands/label_map.json", {one: n for n, one in enumerate(classes)})
    tests = {f"EuroSATallBands/{row[1]}" for row in parts["test"]}
    vals = {f"EuroSATallBands/{row[1]}" for row in parts["validation"]}
    is_test = lambda path: path in tests  # noqa: E731
    found = []
    for out in ((lambda path: False), (lambda path: path in vals)):
        found += [
            reading_of(made, LABELS, test=is_test, out=out, classes=classes),
            reading_of(
                made,
                LABELS,
                test=is_test,
                out=out,
                classes=tuple("012"),
                label=lambda one: str(classes.index(str(one))),
            ),
        ]
    return tuple(found)


SCENES = (
    "airplane",
    "baseball_diamond",
    "circular_farmland",
    "dense_residential",
    "freeway",
    "sea_ice",
    "thermal_power_station",
)


def _scenes_of_nwpu(data: Path) -> Readings:
    """Class folders of words; the class is in the names of images, too; from code of loaders."""
    made = Builder(data)
    for label in SCENES:
        paths = [f"NWPU-RESISC45/{label}/{label}_{k * 11 + 1:03d}.jpg" for k in range(6)]
        write_photos(made, paths, label, (48, 48))
    return (reading_of(made, LABELS, classes=SCENES),)


_planet = partial(
    write_multilabel, images=("train-jpg/{name}.jpg", "test-jpg/{name}.jpg"),
    names=lambda part, number: f"{part}_{number}",
    labels=label_sets("haze primary", "agriculture clear primary water", "clear primary",
                 "clear habitation primary road", "cloudy", "agriculture haze primary",
                 "clear primary water", "partly_cloudy primary", "agriculture clear primary road",
                 "clear primary road water", "habitation partly_cloudy primary",
                 "haze primary water"),
    table="train_v2.csv", sample="sample_submission_v2.csv", header=["image_name", "tags"],
    columns=["image_name", "tags"], shown="primary clear agriculture road water",
)  # fmt: skip


LAND_OF_BIGEARTHNET = (
    "Arable land",
    "Broad-leaved forest",
    "Coniferous forest",
    "Pastures",
    "Sea and ocean",
)


def _satellite_patches(data: Path) -> Readings:
    """A folder a patch with bands of three sizes and a JSON with its labels."""
    made, top = Builder(data), "BigEarthNet-v1.0"
    for k in range(24):
        has = frozenset(
            one for place, one in enumerate(LAND_OF_BIGEARTHNET) if (k * 2 + place * 3) % 5 < 2
        )
        name = f"S2{'AB'[k % 2]}_MSIL2A_2017{6 + k % 4:02d}13T101031_{k * 3}_{45 + k}"
        for band, side in (
            ("B01", 4),
            ("B02", 24),
            ("B03", 24),
            ("B04", 24),
            ("B05", 12),
            ("B8A", 12),
        ):
            path = data / f"{top}/{name}/{name}_{band}.tif"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(made.random.integers(0, 3000, (side, side)).astype(np.uint16)).save(
                path
            )
        made.train[f"{top}/{name}/{name}_B01.tif"] = TrueSample((4, 4), has)
        write_json(made, f"{top}/{name}/{name}_labels_metadata.json", {
            "labels": sorted(has), "coordinates": {"ulx": 354540, "uly": 5302440, "lrx": 355740, "lry": 5301240},
            "projection": 'PROJCS["WGS 84 / UTM zone 34N"]', "tile_source": "S2A_MSIL1C.SAFE",
            "acquisition_date": "2017-06-13 10:10:31",
        })  # fmt: skip
    return (reading_of(made, SEVERAL, classes=LAND_OF_BIGEARTHNET),)


SCENERY = ("airplane", "bare soil", "buildings", "cars", "grass", "pavement", "trees", "water")


def _scenes_of_several(data: Path) -> Readings:
    """Folders of scenes, and a table a folder with a column for each of all classes."""
    made, scenes = Builder(data), ("airplane", "bareland", "parking_lot", "river")
    folders = {}
    for place, scene in enumerate(scenes):
        rows = []
        for k in range(1, 10):
            has = [(k * 3 + n * (place + 2)) % 5 < 2 for n in range(len(SCENERY))]
            has[2 * place] = True
            label = frozenset(one for one, bit in zip(SCENERY, has, strict=True) if bit)
            name = f"{scene}_{k:05d}.jpg"
            write_photos(made, [f"Images/{scene}/{name}"], label)
            folders[f"Images/{scene}/{name}"] = scene
            rows.append([name, *(str(int(one)) for one in has)])
        made.table(f"Labels/{scene}.csv", ["image", *SCENERY], rows)
    write_workbook(data / "Categories_names.xlsx", ["id", "category"],
              [[str(n), one] for n, one in enumerate(SCENERY)])  # fmt: skip
    several = reading_of(made, SEVERAL, classes=SCENERY)
    single = {path: replace(one, label=folders[path]) for path, one in several.train.items()}
    one_each = reading_of(made, LABELS, classes=scenes)
    return several, replace(one_each, train=single)


THINGS_FROM_ABOVE = ("airplane", "bare-soil", "buildings", "cars", "chaparral", "court", "dock", "field", "grass", "mobile-home", "pavement", "sand", "sea", "ship", "tanks", "trees", "water")  # fmt: skip


SEEN_FROM_ABOVE = {
    "agricultural": ("field",), "airplane": ("airplane", "cars", "grass", "pavement"), "beach": ("sand", "sea", "trees"),
    "harbor": ("dock", "ship", "water"), "mobilehomepark": ("buildings", "cars", "mobile-home", "trees"),
    "storagetanks": ("bare-soil", "buildings", "tanks"), "tenniscourt": ("buildings", "court", "grass", "chaparral"),
}  # fmt: skip


# UC Merced land use with several labels (Chaudhuri et al. 2018): users' code.
def _several_land_uses(data: Path) -> Readings:
    """Images from above in class folders, with a text of tabs that says for 17 other things which of them are there; the same once more as a spreadsheet."""
    made, cells, top = Builder(data), list[list[str]](), "UCMerced_LandUse"
    folders, labels = dict[str, str](), dict[str, frozenset[str]]()
    for folder, things in SEEN_FROM_ABOVE.items():
        for k in range(7):
            name = f"{folder}{k:02d}"
            path = f"{top}/Images/{folder}/{name}.tif"
            write_photos(made, [path], None, (36, 36))
            has = frozenset(one for n, one in enumerate(things) if not n or (k + n) % 3)
            folders[path], labels[path] = folder, has
            cells.append([name, *(str(int(one in has)) for one in THINGS_FROM_ABOVE)])
    header = ["IMAGE\\LABEL", *THINGS_FROM_ABOVE]
    write_lines(
        made, f"{top}/LandUse_Multilabeled.txt", ["\t".join(one) for one in (header, *cells)]
    )
    write_workbook(data / f"{top}/LandUse_Multilabeled.xlsx", header, [[one[0], *map(int, one[1:])] for one in cells])  # fmt: skip
    made.text(f"{top}/readme.txt", "UC Merced Land Use Dataset\n\nPlease cite the paper when publishing results that use this dataset.\n")  # fmt: skip
    several = reading_of(made, SEVERAL, classes=THINGS_FROM_ABOVE)
    return with_train_labels(several, dict(labels)), *readings_by_kind(made, (folders,))


def _tgs(data: Path) -> LayoutTruth:
    made, rows, cells, depths = Builder(data), list[tuple[str, ...]](), [], []
    size, codec = (37, 37), Codec()
    for number in range(30):
        part = "train" if number < 24 else "test"
        name, plane = hex_name(part, number), draw_mask(made, size, number)
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


COVER = {
    "urban_land": (0, 255, 255), "agriculture_land": (255, 255, 0), "rangeland": (255, 0, 255),
    "forest_land": (0, 255, 0), "water": (0, 0, 255), "barren_land": (255, 255, 255),
    "unknown": (0, 0, 0),
}  # fmt: skip


def _land_cover(data: Path) -> Readings:
    made = write_deepglobe(data, COVER)
    kinds = {"segment": "multiclass"}
    plain = reading_of(made, kinds, test=in_folders("test"), mask_classes=COVER)
    known = {
        path: replace(true, planes=true.planes[:-1], ignored=true.planes[-1])
        if true.planes
        else true
        for path, true in plain.train.items()
    }
    return plain, replace(plain, train=known, mask_classes=tuple(COVER)[:-1])


DRONE = {
    "unlabeled": (0, 0, 0), "paved-area": (128, 64, 128), "dirt": (130, 76, 0),
    "grass": (0, 102, 0), "roof": (70, 70, 70),
}  # fmt: skip


def _drone(data: Path) -> Readings:
    """Masks as numbers and as colours; blanks behind the commas of the list."""
    made, root = Builder(data), "dataset/semantic_drone_dataset"
    colours = np.array(list(DRONE.values()), dtype=np.uint8)
    values = np.arange(5, dtype=np.uint8)
    for n in range(24):
        classes = draw_class_map(made.random, SIZE, 5, fill=True)
        true = TrueSample(SIZE, planes=planes_of(classes, 5))
        made.image(f"{root}/original_images/{n:03d}.jpg", true, part="train")
        save_pixels(data / f"{root}/label_images_semantic/{n:03d}.png", values[classes - 1])
        folder = "RGB_color_image_masks/RGB_color_image_masks"
        save_pixels(data / f"{folder}/{n:03d}.png", colours[classes - 1])
    lines = [f"{one}, {', '.join(map(str, colour))}" for one, colour in DRONE.items()]
    write_lines(made, "class_dict_seg.csv", ["name, r, g, b", *lines])
    kinds = {"segment": "multiclass"}
    plain = reading_of(made, kinds, mask_classes=DRONE)
    some = {
        path: replace(true, planes=true.planes[1:], ignored=true.planes[0]) if true.planes else true
        for path, true in plain.train.items()
    }
    ignored = replace(plain, train=some, mask_classes=tuple(DRONE)[1:])
    ground = replace(
        ignored, train={path: replace(true, ignored=None) for path, true in some.items()}
    )
    places = [replace(one, mask_classes=("1", "2", "3", "4")) for one in (ignored, ground)]
    return plain, ignored, ground, *places


def _loveda(data: Path) -> Readings:
    """0 is no data, 1 the ground, up to 7; names come back in both landscapes and parts."""
    made = Builder(data)
    for part, n in (("Train", 10), ("Val", 4), ("Test", 4)):
        for land, first in (("Rural", 0), ("Urban", 1366)):
            for k in range(n):
                classes = draw_class_map(made.random, BROAD, 4, fill=True)
                classes[:1] = 0
                name = f"{first + k + {'Train': 0, 'Val': 2522, 'Test': 4191}[part]}.png"
                true = (
                    TrueSample(BROAD, planes=planes_of(classes, 4))
                    if part != "Test"
                    else TrueSample(BROAD)
                )
                made.image(f"{part}/{land}/images_png/{name}", true, part="train")
                if part != "Test":
                    save_pixels(data / f"{part}/{land}/masks_png/{name}", classes)
    found = []
    for out in (lambda path: False, in_folders("Val")):
        plain = reading_of(
            made, MULTI, test=in_folders("Test"), out=out, mask_classes=tuple("1234")
        )
        void = {
            path: replace(one, ignored=~np.any(one.planes, axis=0)) if one.planes else one
            for path, one in plain.train.items()
        }
        found += [replace(plain, train=void), plain]
    return tuple(found)


GROUND = {"Impervious surfaces": (255, 255, 255), "Building": (0, 0, 255),
          "Low vegetation": (0, 255, 255), "Tree": (0, 255, 0), "Car": (255, 255, 0),
          "Clutter": (255, 0, 0)}  # fmt: skip


def _potsdam(data: Path) -> Readings:
    """Colours that nothing beside explains; tiles without labels are for the benchmark."""
    made = Builder(data)
    tiles = [
        (f"{row}_{column}", row * 3 + column < 18) for row in range(2, 8) for column in range(7, 13)
    ]
    pairs = [
        (f"2_Ortho_RGB/top_potsdam_{name}_RGB.tif",
         f"5_Labels_for_participants/top_potsdam_{name}_label.tif" if n % 3 else None)
        for n, (name, _) in enumerate(tiles)
    ]  # fmt: skip
    write_coloured_masks(made, list(GROUND.values()), pairs)
    tests = {image for image, mask in pairs if mask is None}
    truth = reading_of(made, MULTI, test=lambda path: path in tests, mask_classes=tuple("123456"))
    return readings_by_colour(truth, list(GROUND.values()))


DRONE_OF_UAVID = {"Clutter": (0, 0, 0), "Building": (128, 0, 0), "Road": (128, 64, 128),
         "Static car": (192, 0, 192), "Tree": (0, 128, 0)}  # fmt: skip


def _uavid(data: Path) -> Readings:
    """Numbers start anew in each sequence; those of test have no labels."""
    made, pairs = Builder(data), []
    for part, sequences, n in (
        ("train", range(1, 5), 5),
        ("val", range(16, 18), 3),
        ("test", range(21, 23), 4),
    ):
        for sequence in sequences:
            top = f"uavid_{part}/seq{sequence}"
            for k in range(n):
                mask = f"{top}/Labels/{100 * k:06d}.png" if part != "test" else None
                pairs.append((f"{top}/Images/{100 * k:06d}.png", mask))
    write_coloured_masks(made, list(DRONE_OF_UAVID.values()), pairs)
    found: list[LayoutTruth] = []
    for out in (lambda path: False, in_folders("uavid_val")):
        truth = reading_of(
            made, MULTI, test=in_folders("uavid_test"), out=out, mask_classes=tuple("12345")
        )
        found += readings_by_colour(truth, list(DRONE_OF_UAVID.values()))
    return tuple(found)


def _poland(data: Path) -> Readings:
    """Lists name tiles that a program beside cuts later; all is train."""
    made, size = Builder(data), (48, 48)
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for k in range(20):
        name = f"{'MN'[k % 2]}-{33 + k % 2}-{20 + 7 * k}-D-c-{1 + k % 4}-{1 + k % 3}"
        numbers = draw_class_map(made.random, size, 4, fill=False)
        made.image(
            f"images/{name}.tif", TrueSample(size, planes=planes_of(numbers, 4)), part="train"
        )
        save_pixels(data / f"masks/{name}.tif", numbers)
        for tile in range(4):
            lists[("train", "train", "val", "test")[tile]].append(f"{name}_{tile}")
    for part, lines in lists.items():
        write_lines(made, f"{part}.txt", lines)
    made.text("split.py", "import glob\n")
    some = reading_of(made, MULTI, mask_classes=tuple("1234"))
    every = {path: replace(one, planes=(~np.any(one.planes or (), axis=0), *(one.planes or ())))
             for path, one in some.train.items()}  # fmt: skip
    return some, replace(some, train=every, mask_classes=tuple("01234"))


DUBAI = {"Building": (60, 16, 152), "Land": (132, 41, 246), "Road": (110, 193, 228), "Vegetation": (254, 221, 58),
         "Water": (226, 169, 41), "Unlabeled": (155, 155, 155)}  # fmt: skip


def _dubai(data: Path) -> Readings:
    """Names come back in each tile; the JSON beside has other colours than the masks."""
    made, top = Builder(data), "Semantic segmentation dataset"
    pairs = [(f"{top}/Tile {tile}/images/image_part_{k:03d}.jpg", f"{top}/Tile {tile}/masks/image_part_{k:03d}.png")
             for tile in range(1, 5) for k in range(1, 7)]  # fmt: skip
    write_coloured_masks(made, list(DUBAI.values()), pairs)
    shown = {"Water": "#50E3C2", "Land (unpaved area)": "#F5A623", "Road": "#DE597F", "Building": "#D0021B",
             "Vegetation": "#417505", "Unlabeled": "#9B9B9B"}  # fmt: skip
    write_json(made, f"{top}/classes.json", {"classes": [
        {"title": name, "shape": "polygon", "color": colour, "geometry_config": {}} for name, colour in shown.items()
    ], "tags": []})  # fmt: skip
    (every, *_) = readings_by_colour(
        reading_of(made, MULTI, mask_classes=tuple("123456")), list(DUBAI.values())
    )
    place = sorted(DUBAI.values()).index(DUBAI["Unlabeled"])
    fewer = {path: replace(one, planes=(*(one.planes or ())[:place], *(one.planes or ())[place + 1 :]),
                           ignored=(one.planes or ())[place]) for path, one in every.train.items()}  # fmt: skip
    ignored = replace(every, train=fewer, mask_classes=tuple("12345"))
    ground = replace(
        ignored, train={path: replace(one, ignored=None) for path, one in fewer.items()}
    )
    return every, ignored, ground


def _kelp(data: Path) -> Readings:
    """Seven bands of 16 bits an image; masks are TIFFs of 0 and 1, and TIFFs are sent."""
    made, rows, size = Builder(data), [], (32, 32)
    for number in range(34):
        part = "train" if number < 26 else "test"
        name = hex_name("kelp", number, length=8).upper()
        plane = draw_plane(made.random, size) & (number % 5 != 2)
        bands = made.random.integers(6000, 12000, (7, *size)).astype(np.int16)
        path = data / f"{part}_satellite/{name}_satellite.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(
            path, bands.transpose(1, 2, 0), photometric="minisblack", planarconfig="contig"
        )
        made.train[f"{part}_satellite/{name}_satellite.tif"] = (
            TrueSample(size, planes=(plane,)) if part == "train" else TrueSample(size)
        )
        if part == "train":
            save_pixels(data / f"train_kelp/{name}_kelp.tif", plane.astype(np.uint8))
            rows.append(
                [
                    name,
                    f"{name}_kelp.tif",
                    hex_name("md5", number, length=32),
                    "2451",
                    "kelp",
                    "True",
                ]
            )
        rows.append(
            [
                name,
                f"{name}_satellite.tif",
                hex_name("md5s", number, length=32),
                "857222",
                "satellite",
                str(part == "train"),
            ]
        )
    made.table(
        "metadata_fTq0l2T.csv",
        ["tile_id", "filename", "md5_hash", "filesize_bytes", "type", "in_train"],
        rows,
    )
    return (reading_of(made, ONE_MASK, test=in_folders("test_satellite"), mask_classes=[""]),)


def _woods(data: Path) -> Readings:
    """The word stands inside the name: 10452_sat_08.jpg and 10452_mask_08.jpg; a table has both."""
    made, top, cells = Builder(data), "Forest Segmented/Forest Segmented", []
    for k in range(24):
        size, one, two = (
            (48, 64),
            f"{10452 + 37 * (k // 3)}_sat_{k % 3:02d}.jpg",
            f"{10452 + 37 * (k // 3)}_mask_{k % 3:02d}.jpg",
        )
        plane = (
            save_jpeg(
                data / f"{top}/masks/{two}", draw_plane(made.random, size).astype(np.uint8) * 255
            )
            > 127
        )
        made.image(f"{top}/images/{one}", TrueSample(size, planes=(plane,)), part="train")
        cells.append([one, two])
    made.table("meta_data.csv", ["image", "mask"], cells)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _from_drones(data: Path) -> Readings:
    """VOC's folders with pictures of the masks beside, and two lists."""
    made, parts = Builder(data), {"trn": [], "val": []}
    for k in range(28):
        places = draw_class_map(made.random, SIZE, 3, fill=False)
        name = f"0000{k // 7 + 1:02d}_{k % 7 * 12:03d}"
        made.image(
            f"aeroscapes/JPEGImages/{name}.jpg",
            TrueSample(SIZE, planes=planes_of(places, 3)),
            part="train",
        )
        save_pixels(data / f"aeroscapes/SegmentationClass/{name}.png", places)
        save_palette(data / f"aeroscapes/Visualizations/{name}.png", places)
        parts["val" if k % 7 > 4 else "trn"].append(name)
    for part, names in parts.items():
        write_lines(made, f"aeroscapes/ImageSets/{part}.txt", names)
    vals = {f"aeroscapes/JPEGImages/{one}.jpg" for one in parts["val"]}
    found = []
    for names in (tuple("123"), tuple(f"class {n}" for n in range(1, 4))):
        found += [
            reading_of(made, MULTI, mask_classes=names),
            reading_of(made, MULTI, out=lambda path: path in vals, mask_classes=names),
            reading_of(made, MULTI, test=lambda path: path in vals, mask_classes=names),
        ]
    return tuple(found)


def _varied_drones(data: Path) -> Readings:
    """Folders src and gt in each of three parts."""
    made = Builder(data)
    for part, n in (("train", 16), ("val", 5), ("test", 5)):
        for k in range(n):
            places, name = draw_class_map(made.random, SIZE, 3, fill=False), f"{part}_{k:03d}"
            made.image(
                f"VDD/{part}/src/{name}.JPG",
                TrueSample(SIZE, planes=planes_of(places, 3)),
                part="train",
            )
            save_pixels(data / f"VDD/{part}/gt/{name}.png", places)
    found = []
    for names in (tuple("123"), tuple(f"class {n}" for n in range(1, 4))):
        found += [
            reading_of(made, MULTI, test=in_folders("VDD/test"), mask_classes=names),
            reading_of(
                made,
                MULTI,
                test=in_folders("VDD/test"),
                out=in_folders("VDD/val"),
                mask_classes=names,
            ),
        ]
    return tuple(found)


def _twelve_classes_from_drones(data: Path) -> Readings:
    """Images of both parts in one folder; a row for each image and class, runs along the rows."""
    made, rows, codec, size = Builder(data), list[tuple[str, ...]](), Codec("C", 1), (40, 48)
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for k in range(34):
        part, name = "test" if k % 4 == 3 else "train", str(k * 37 % 101)
        places = draw_class_map(made.random, size, 12, fill=True)
        planes = planes_of(places, 12)
        made.image(f"imgs/imgs/{name}.jpg", TrueSample(size, planes=planes), part=part)
        tables[part].append([name])
        if part == "train":
            save_pixels(data / f"masks/masks/{name}.png", places - 1)
        else:
            rows += [(f"{name}_{n}", codec.encode(plane)) for n, plane in enumerate(planes)]
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["ImageID"], cells)
    columns = {"ImageID": "key", "EncodedPixels": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    names = [str(n) for n in range(12)]
    return (made.truth(MULTI, columns, rows, mask_classes=names, codec=codec),)


def _open_earth(data: Path) -> Readings:
    """A folder a place, with images and labels of the same names; lists of names; test has none."""
    made, top, parts = Builder(data), "OpenEarthMap_wo_xBD", {}
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for place in ("aachen", "chincha", "kyoto", "zanzibar"):
        for k in range(1, 12):
            part = "test" if k % 4 == 0 else "val" if k == 7 else "train"
            places, name = draw_class_map(made.random, SIZE, 8, fill=k % 3 > 0), f"{place}_{k}.tif"
            known = part != "test"
            true = TrueSample(
                SIZE,
                planes=planes_of(places, 8) if known else None,
                ignored=places == 0 if known else None,
            )
            path = f"{top}/{place}/images/{name}"
            made.image(path, true, part="train")
            if known:
                save_pixels(data / f"{top}/{place}/labels/{name}", places)
            parts[path] = part
            lists[part].append(name)
    for part, each in lists.items():
        write_lines(made, f"{top}/{part}.txt", each)

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        void = reading_of(
            made, MULTI, test=lambda path: parts[path] == "test", out=out,
            mask_classes=tuple("12345678"),
        )  # fmt: skip
        ground = {path: replace(one, ignored=None) for path, one in void.train.items()}
        plain = replace(void, train=ground)
        return [void, plain, with_ground(plain)]

    return tuple(with_and_without(read, lambda path: parts[path] == "val"))


COVERS = (
    "no_data",
    "clouds",
    "artificial",
    "cultivated",
    "broadleaf",
    "coniferous",
    "herbaceous",
    "natural",
    "snow",
    "water",
)


def _covers_of_land(data: Path) -> Readings:
    """Four channels of 16 bits; masks of numbers in train; the share of each class is sent."""
    made, cells, rows, top = Builder(data), [], list[tuple[str, ...]](), "dataset_UNZIPPED"
    size = (20, 20)
    for k in range(40):
        part = "test" if k % 4 == 3 else "train"
        name = str(10000 + k)
        used = [n for n in range(2, 10) if (n + k) % 4]
        used += [1] * (k % 7 == 3) + [0] * (k % 9 == 5)
        values = np.array(used, dtype=np.uint8)[
            draw_class_map(made.random, size, len(used), fill=True) - 1
        ]
        shares = tuple(round(float((values == n).mean()), 4) for n in range(10))
        planes = tuple(values == n for n in range(10)) if part == "train" else None
        deep = made.random.integers(120, 2600, (*size, 4)).astype(np.uint16)
        path = f"{top}/{part}/images/{name}.tif"
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(data / path, deep, photometric="rgb", extrasamples=["unspecified"])
        side = made.train if part == "train" else made.test
        side[path] = TrueSample(size, shares, planes=planes)
        texts = [str(one) for one in shares]
        if part == "train":
            save_tiff(data / f"{top}/train/masks/{name}.tif", values)
            cells.append([name, *texts])
        else:
            rows.append((name, *texts))
    columns = {"sample_id": "key", **dict.fromkeys(COVERS, "number")}
    made.table("train_labels.csv", list(columns), cells)
    made.table("train_images.csv", ["sample_id"], [one[:1] for one in cells])
    made.table("test_images.csv", ["sample_id"], [one[:1] for one in rows])
    made.table(
        "random_submission_example.csv",
        list(columns),
        [[one[0], *(repr(made.probs([n])[n]) for n in COVERS)] for one in rows],
    )
    kinds = {"classify": "multitarget", **MULTI}
    found = list[LayoutTruth]()
    for first, names in ((0, COVERS), (2, COVERS), (2, tuple(map(str, range(10))))):
        truth = made.truth(kinds, columns, rows, classes=COVERS, mask_classes=names[first:])
        train = {
            path: replace(one, planes=one.planes[first:] if one.planes else None)
            for path, one in truth.train.items()
        }
        found.append(replace(truth, train=train))
    return tuple(found)


DRIVERS = ("plantation", "logging", "mining", "grassland_shrubland")


def _drivers_of_deforestation(data: Path) -> Readings:
    """TIFFs of twelve channels; outlines by name in a JSON, flat lists; a JSON is sent."""
    made, size, known = Builder(data), WIDE, []
    whole = dict[str, TrueSample]()
    for k in range(30):
        boxes = draw_boxes(made, size, 1 + k % 4)
        shapes = [((k + n * 3) % 4, box) for n, box in enumerate(boxes)]
        planes = [np.zeros(size, dtype=bool) for _ in DRIVERS]
        for kind, box in shapes:
            planes[kind] |= rectangle(size, *box)
        path = f"train_images/train_{k}.tif"
        write_bands(made, path, size, 12, TrueSample(size, planes=tuple(planes)), "train")
        objects = tuple((kind, rectangle(size, *box)) for kind, box in shapes)
        whole[path] = TrueSample(size, objects=objects)
        known.append(
            {
                "file_name": f"train_{k}.tif",
                "annotations": [
                    {
                        "class": DRIVERS[kind],
                        "segmentation": [float(one) for xy in corners_of(box) for one in xy],
                    }
                    for kind, box in shapes
                ],
            }
        )
    write_json(made, "train_annotations.json", {"images": known})
    answers = []
    for k in range(10):
        write_bands(
            made, f"evaluation_images/evaluation_{k}.tif", size, 12, TrueSample(size), "test"
        )
        shape = {"class": DRIVERS[k % 4], "segmentation": [3.0, 3.0, 20.0, 3.0, 20.0, 19.0]}
        answers.append({"file_name": f"evaluation_{k}.tif", "annotations": [shape]})
    write_json(made, "sample_answer.json", {"images": answers})
    kinds = {"segment": ["multiclass", "multilabel"]}
    by_pixel = without_file(made.truth(kinds, {}, [], mask_classes=DRIVERS))
    single = without_file(made.truth(OBJECTS, {}, [], mask_classes=DRIVERS))
    return by_pixel, replace(single, train=whole)


def _ground_from_drones(data: Path) -> Readings:
    """Grey images; masks of sixteen numbers from 0 on, and 255 for what is not known; distances of 16 bits beside; no test; from code."""
    made, size = Builder(data), WIDE
    void, known = dict[str, TrueSample](), dict[str, TrueSample]()
    for k in range(34):
        used = np.unique([(k * 3 + n * 5) % 16 for n in range(5)]).astype(np.uint8)
        numbers = used[draw_class_map(made.random, size, len(used), fill=True) - 1]
        numbers[:, k % 7 : k % 7 + 2] = 255
        name = f"{hex_name('suadd', k, length=32)}.png"
        planes = tuple(numbers == n for n in range(16))
        path = f"inputs/{name}"
        write_grey(made, path, TrueSample(size, planes=planes))
        void[path] = TrueSample(size, planes=planes, ignored=numbers == 255)
        known[path] = TrueSample(size, planes=(*planes, numbers == 255))
        save_pixels(data / f"semantic_annotations/{name}", numbers)
        far = made.random.integers(600, 3200, size).astype(np.uint16)
        save_tiff(data / f"depth_annotations/{name}", far)
    plain = reading_of(made, MULTI, mask_classes=map(str, range(16)))
    return (
        replace(plain, train=void),
        plain,
        replace(plain, train=known, mask_classes=(*plain.mask_classes, "255")),
    )


def _land_of_suichang(data: Path) -> Readings:
    """Images of four bands and masks by the same names in one folder, TIFF and PNG; test begins anew at 1; from memory and code."""
    made, size = Builder(data), WIDE
    for part, n in (("train_210120", 32), ("test_partA_210120", 12)):
        for k in range(1, n + 1):
            used = np.array([1 + (k * 3 + n * 7) % 10 for n in range(4)], dtype=np.uint8)
            numbers = used[draw_class_map(made.random, size, 4, fill=True) - 1]
            folder, name = f"suichang_round1_{part}", f"{k:06d}"
            planes = tuple(numbers == place for place in range(1, 11))
            pixels = made.random.integers(0, 255, (*size, 4)).astype(np.uint8)
            is_test = part != "train_210120"
            true = TrueSample(size, planes=None if is_test else planes)
            made.image(f"{folder}/{name}.tif", true, part="train", pixels=pixels)
            if not is_test:
                save_pixels(data / f"{folder}/{name}.png", numbers)
    names = [str(place) for place in range(1, 11)]
    test = in_folders("suichang_round1_test_partA_210120")
    return (reading_of(made, MULTI, test=test, mask_classes=names),)


def _land_of_france(data: Path) -> Readings:
    """A folder a region and year, and a zone below; five bands; masks of another word in another tree; metadata in JSON."""
    made, size, about = Builder(data), (40, 40), dict[str, Any]()
    planes, seen, number = dict[str, tuple[Plane, ...]](), set[int](), 0
    regions = (("train", "D004_2021"), ("train", "D017_2018"), ("train", "D063_2019"), ("test", "D012_2019"), ("test", "D022_2021"))  # fmt: skip
    numbers_of = dict[str, NDArray[np.uint8]]()
    for part, region in regions:
        images, masks = ("flair_aerial_train", "flair_labels_train") if part == "train" else ("flair_1_aerial_test", "")  # fmt: skip
        for zone in ("Z14_AU", "Z1_UN"):
            for _ in range(6):
                number += 1
                below, name = f"{region}/{zone}", f"{number:06d}"
                path = f"{images}/{below}/img/IMG_{name}.tif"
                (data / path).parent.mkdir(parents=True, exist_ok=True)
                bands = made.random.integers(0, 255, (*size, 5)).astype(np.uint8)
                tifffile.imwrite(data / path, bands, photometric="minisblack", planarconfig="contig")  # fmt: skip
                made.train[path] = TrueSample(size)
                about[f"IMG_{name}"] = {"domain": region, "zone": zone, "date": f"2021-0{5 + number % 4}-17", "time": "11h33", "patch_centroid_x": 489353.59 + number, "patch_centroid_y": 6587552.2, "patch_centroid_z": 95.1, "camera": "UCE-M3-f120-s07"}  # fmt: skip
                if not masks:
                    continue
                used = np.array([1 + (number * 3 + n * 5) % 13 for n in range(4)], dtype=np.uint8)
                if number % 7 == 3:
                    used[3] = 18
                numbers = used[draw_class_map(made.random, size, 4, fill=True) - 1]
                numbers_of[path] = numbers
                seen |= set(map(int, np.unique(numbers)))
                target = data / f"{masks}/{below}/msk/MSK_{name}.tif"
                target.parent.mkdir(parents=True, exist_ok=True)
                tifffile.imwrite(target, numbers)
    write_json(made, "flair-1_metadata_aerial.json", about)
    present = sorted(seen)
    planes = {path: tuple(numbers == n for n in present) for path, numbers in numbers_of.items()}
    base = reading_of(made, MULTI, test=in_folders("flair_1_aerial_test"))
    return (with_masks(base, planes, [str(n) for n in present]),)


# IEEE GRSS data fusion contest 2025, track 1: participants' code, and memory.
def _land_by_radar(data: Path) -> Readings:
    """Cover of land in images of radar, with photos from above beside those of train alone; masks of 1 to 8."""
    made, size, top = Builder(data), (44, 44), "dfc25_track1_trainval"
    maps = dict[str, np.ndarray]()
    for k in range(1, 33):
        name = f"TrainArea_{k:03d}.tif"
        path = f"{top}/train/sar_images/{name}"
        values = draw_class_map(made.random, size, 8, fill=True)
        write_grey(made, path, TrueSample(size))
        save_tiff_of_numbers(data / f"{top}/train/labels/{name}", values)
        write_other_photo(made, f"{top}/train/rgb_images/{name}", size)
        maps[path] = values
    for k in range(1, 13):
        write_grey(made, f"{top}/val/sar_images/ValArea_{k:03d}.tif", TrueSample(size))
    plain = reading_of(made, MULTI, test=in_folders(f"{top}/val"))
    return (with_masks_by_value(plain, maps, range(1, 9)),)


def _shapes_as_text(data: Path) -> Readings:
    """Polygons of ten classes as text, in coordinates of another table."""
    made, cells, sizes = Builder(data), [], []
    names = [f"6{n}10_{n % 5}_{n // 5}" for n in range(12)]
    for name in names:
        write_photos(made, [f"three_band/{name}.tif"], None)
        for end in "AMP":
            save_pixels(
                data / f"sixteen_band/{name}_{end}.tif",
                made.random.integers(0, 255, BROAD).astype(np.uint8),
            )
        sizes.append([name, "0.009188", "-0.0090400000000000012"])
    for name in names[:6]:
        shape = "MULTIPOLYGON (((0.0046 -0.0047, 0.0048 -0.0047, 0.0048 -0.0049, 0.0046 -0.0047)))"
        cells += [[name, str(k), shape if k % 3 else "MULTIPOLYGON EMPTY"] for k in range(1, 11)]
    header = ["ImageId", "ClassType", "MultipolygonWKT"]
    made.table("train_wkt_v4.csv", header, cells)
    made.table("grid_sizes.csv", ["", "Xmax", "Ymin"], sizes)
    made.table("sample_submission.csv", header,
               [[name, str(k), "MULTIPOLYGON EMPTY"] for name in names[6:] for k in range(1, 11)])  # fmt: skip
    return (reading_of(made, {}),)


def _days(data: Path) -> Readings:
    """The order of five images of a place is asked."""
    made = Builder(data)
    for number in range(1, 11):
        part = "train_sm" if number <= 6 else "test_sm"
        write_photos(made, [f"{part}/set{number}_{k}.jpeg" for k in range(1, 6)], None)
    made.table(
        "sample_submission.csv", ["setId", "day"], [[str(n), "1 2 3 4 5"] for n in range(7, 11)]
    )
    return (reading_of(made, {}),)


LAYOUTS = (
    RealLayout("aerial-cactus-identification", "page, code", _cactus),
    RealLayout("widsdatathon2019", "code", _oil_palms),
    DataSet("EuroSAT (Kaggle)", "memory", _eurosat, doubt="name of the first, blank column"),
    DataSet("EuroSAT (original)", "code", _eurosat_zip, has_test=False),
    DataSet("RSI-CB256", "memory", _satellite_kinds, has_test=False),
    DataSet("UC Merced land use", "memory", _land_uses, has_test=False),
    DataSet("EuroSAT (all bands)", "memory", _all_bands),
    DataSet("NWPU-RESISC45", "code", _scenes_of_nwpu, has_test=False),
    RealLayout("planet-understanding-the-amazon-from-space", "code", _planet),
    DataSet("BigEarthNet", "memory", _satellite_patches, has_test=False),
    DataSet(
        "MLRSNet", "memory", _scenes_of_several, has_test=False, doubt="columns of the workbook"
    ),
    DataSet("UC Merced, several labels", "code", _several_land_uses, has_test=False),
    RealLayout("tgs-salt-identification-challenge", "page, code", _tgs),
    DataSet("DeepGlobe land cover", "code", _land_cover, doubt="cells of masks that are not there"),
    DataSet("Aerial semantic drone", "code", _drone, has_test=False),
    DataSet("LoveDA", "code", _loveda),
    DataSet("ISPRS Potsdam", "memory", _potsdam),
    DataSet("UAVid", "memory", _uavid),
    DataSet("LandCover.ai", "memory", _poland, has_test=False),
    DataSet("Dubai aerial images", "memory", _dubai, has_test=False),
    DataSet("drivendata-kelp-wanted", "memory", _kelp),
    DataSet("Forest aerial images", "memory", _woods, has_test=False),
    DataSet("AeroScapes", "memory", _from_drones),
    DataSet("VDD", "memory", _varied_drones),
    DataSet(
        "opencv-pytorch-segmentation-project-round2",
        "code",
        _twelve_classes_from_drones,
        doubt="the runs of the sample",
    ),
    DataSet("OpenEarthMap", "memory", _open_earth),
    DataSet(
        "ens-challenge-data-land-cover", "code", _covers_of_land, doubt="tables beside the images"
    ),
    DataSet(
        "solafune-drivers-of-deforestation",
        "code",
        _drivers_of_deforestation,
        doubt="sample_answer.json",
    ),
    DataSet(
        "suadd-2023-semantic-segmentation",
        "page and memory",
        _ground_from_drones,
        has_test=False,
        doubt="names of the images",
    ),
    DataSet("tianchi-suichang-land-cover", "code and memory", _land_of_suichang),
    DataSet("FLAIR #1", "code and memory", _land_of_france),
    DataSet("grss-dfc-2025-track-1", "code and memory", _land_by_radar),
    DataSet("dstl-satellite-imagery-feature-detection", "memory", _shapes_as_text, refusal=r"\S"),
    DataSet("draper-satellite-image-chronology", "memory", _days, refusal=r"\S"),
)
