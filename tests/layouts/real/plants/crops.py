"""Layouts of competitions and data sets of crops, weeds and fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from layouts.drawing import draw_class_map, draw_objects, draw_plane, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, MULTI, NUMBER, ONE_MASK, TARGETS
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import planes_of, save_grey_mask, union
from layouts.real.names import hex_name, hex_names, part_by_number
from layouts.real.outlines import draw_boxes, rectangle
from layouts.real.photos import write_photos
from layouts.real.readings import (
    in_folders,
    never,
    objects_as_one_mask,
    reading_of,
    readings_by_colour,
    with_ground,
    with_train_labels,
)
from layouts.real.tables import label_text, write_boxes, write_competition
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

SEEDLINGS = ("Black-grass", "Charlock", "Common wheat", "Fat Hen", "Loose Silky-bent")


def _seedlings(data: Path) -> LayoutTruth:
    return write_competition(
        data, images=("train/{label}/{name}.png", "test/{name}.png"), names=hex_names(9),
        labels=SEEDLINGS, classes=SEEDLINGS, kind="multiclass",
        columns={"file": "key", "species": "text"},
        shown=lambda name: [f"{name}.png", "Loose Silky-bent"],
        answer=lambda name, true: [f"{name}.png", label_text(true)],
    )  # fmt: skip


CULTIVARS = ("PI_257599", "PI_297130", "PI_152730", "PI_181080", "PI_329435", "PI_92270")


def _sorghum(data: Path) -> LayoutTruth:
    """The table of train has a row `.DS_Store` without a cultivar."""

    def more(made: Builder) -> None:
        path = made.data / "train_cultivar_mapping.csv"
        first, rest = path.read_text().split("\n", 1)
        path.write_text(f"{first}\n.DS_Store,\n{rest}")

    return write_competition(
        data, images=("train_images/{name}.png", "test/{name}.png"), more=more,
        names=lambda part, number: (
            f"2017-06-{number + 3:02d}__12-{(number * 7) % 60:02d}-20-{930 - number}"
            if part == "train" else str(1000343000 + 7919 * number)
        ),
        labels=CULTIVARS, classes=CULTIVARS, kind="multiclass",
        table="train_cultivar_mapping.csv", header=["image", "cultivar"],
        row=lambda name, label: [f"{name}.png", str(label)],
        columns={"filename": "key", "cultivar": "text"},
        shown=lambda name: [f"{name}.png", "PI_257599"],
        answer=lambda name, true: [f"{name}.png", str(true.label)],
    )  # fmt: skip


RUSTS = ("leaf_rust", "stem_rust", "healthy_wheat")


def _wheat_rust(data: Path) -> LayoutTruth:
    """Zindi: class folders in a folder of the same name; files of several endings."""
    made, rows, ends = Builder(data), list[tuple[str, ...]](), ("jpg", "png", "jpg", "JPG", "jpeg")
    for number in range(32):
        part, label = part_by_number(number), RUSTS[number % 3]
        name = hex_name(number, length=6).upper()
        true = TrueSample(BROAD, label, made.probs(RUSTS))
        folder = f"train/train/{label}" if part == "train" else "test/test"
        made.image(f"{folder}/{name}.{ends[number % 5]}", true, part=part)
        if part == "test":
            rows.append((name, *(repr(true.probs[one]) for one in RUSTS)))
    shown = [[one[0], "0", "0", "0"] for one in rows]
    made.table("sample_submission.csv", ["ID", *RUSTS], shown)
    columns = {"ID": "key", **dict.fromkeys(RUSTS, "number")}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=RUSTS)


WEEDS = ("Chinee apple", "Lantana", "Parkinsonia", "Snake weed", "Negative")


def _weeds(data: Path) -> Readings:
    """A table with the number and the name of each class."""
    made, rows, numbers = Builder(data), [], ("0", "1", "2", "7", "8")
    for n in range(30):
        name = f"201{6 + n % 2}09{28 - n % 9:02d}-14{10 + n}14-{n % 4}.jpg"
        write_photos(made, [f"images/{name}"], WEEDS[n % 5])
        rows.append([name, numbers[n % 5], WEEDS[n % 5]])
    made.table("labels.csv", ["Filename", "Label", "Species"], rows)
    of = dict(zip(WEEDS, numbers, strict=True))
    return (
        reading_of(made, LABELS, classes=WEEDS),
        reading_of(made, LABELS, classes=numbers, label=lambda label: of[str(label)]),
    )


def _rice(data: Path) -> Readings:
    """A photograph and one of near infrared of each plant, each with a row; one folder."""
    made, rows, classes = Builder(data), list[tuple[str, ...]](), ("blast", "brown", "healthy")
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(26):
        part, label = (
            "train" if number < 20 else "test",
            classes[(number, number // 2)[number % 3 == 0] % 3],
        )
        probs = made.probs(classes)
        for end in ("", "_rgn"):
            name = f"id_{hex_name('rice', number)}{end}.jpg"
            made.image(f"Images/{name}", TrueSample(BROAD, label, probs), part=part)
            tables[part].append([name, label] if part == "train" else [name])
            if part == "test":
                rows.append((name, *(repr(probs[one]) for one in classes)))
    made.table("Train.csv", ["Image_id", "Label"], tables["train"])
    made.table("Test.csv", ["Image_id"], tables["test"])
    columns = {"Image_id": "key", **dict.fromkeys(classes, "number")}
    made.table("SampleSubmission.csv", list(columns), [[one, "0", "0", "0"] for one, *_ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _crops(data: Path) -> Readings:
    """Class folders, copies of them with others, and a table of paths of another machine."""
    made, cells, classes = Builder(data), [], ("jute", "maize", "rice", "sugarcane", "wheat")
    for place, label in enumerate(classes):
        for k in range(1, 7):
            name = f"{label}{k:03d}a.jpeg"
            write_photos(made, [f"kag2/{label}/{name}"], label)
            cells.append(
                [
                    str(len(cells)),
                    f"/kaggle/input/agriculture-crop-images/kag2/{label}/{name}",
                    label,
                    str(place),
                ]
            )
        write_photos(
            made, [f"test_crop_image/{label}/{label}{k:03d}t.jpg" for k in range(2)], label
        )
    made.table("Crop_details.csv", ["", "path", "crop", "croplabel"], cells)
    is_test = in_folders("test_crop_image")
    of = {one: str(place) for place, one in enumerate(classes)}
    return (
        reading_of(made, LABELS, test=is_test, classes=classes),
        reading_of(
            made, LABELS, test=is_test, classes=list(of.values()), label=lambda one: of[str(one)]
        ),
    )


DAMAGE = ("DR", "G", "ND", "WD", "other")


def _damaged_crops(data: Path) -> Readings:
    """All images in one folder, their names and ids in two columns; a column a class is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(45):
        part, label, probs = "train" if k < 35 else "test", DAMAGE[k * 3 % 5], made.probs(DAMAGE)
        key = f"ID_{hex_name('crop', k, length=10).upper()}"
        name = f"L{427 + k * 13}F{1330 + k:05d}C{k % 40:02d}S{3961 + 7 * k:05d}{('Rp', 'Ip')[k % 2]}{2052 + k:05d}.jpg"
        made.image(f"images/{name}", TrueSample(SIZE, label, probs), part=part)
        if part == "train":
            cells.append([key, name, label])
        else:
            tests.append([key, name])
            rows.append((key, *(repr(probs[one]) for one in DAMAGE)))
    made.table("Train.csv", ["ID", "filename", "damage"], cells)
    made.table("Test.csv", ["ID", "filename"], tests)
    columns = {"ID": "key", **dict.fromkeys(DAMAGE, "number")}
    made.table("SampleSubmission.csv", list(columns), [[one[0], *["0"] * 5] for one in rows])
    return (made.truth(LABELS, columns, rows, classes=DAMAGE),)


SEEDS = ("broken", "discolored", "pure", "silkcut")


def _seeds_of_corn(data: Path) -> Readings:
    """A row a seed with the view of it; the path of its image in a column of its own."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(44):
        part, label = "test" if k % 4 == 2 else "train", SEEDS[(0, 2, 1, 2, 3)[k * 3 % 5]]
        name, view = f"{part}/{k:05d}.png", ("top", "bottom")[k // 2 % 2]
        made.image(name, TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([str(k), view, name, label])
        else:
            tests.append([str(k), view, name])
            rows.append((str(k), label))
    columns = {"seed_id": "key", "label": "text"}
    made.table("train.csv", ["seed_id", "view", "image", "label"], cells)
    made.table("test.csv", ["seed_id", "view", "image"], tests)
    made.table("sample_submission.csv", list(columns), [[one, SEEDS[1]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=SEEDS),)


SOILS = ("Alluvial soil", "Black Soil", "Clay soil", "Red soil")


def _soils(data: Path) -> Readings:
    """Images of several endings; a folder within; blanks in names of classes."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    top = "soil_classification-2025"
    for k in range(44):
        part, label = "train" if k < 32 else "test", SOILS[(0, 0, 1, 2, 3, 0, 3)[k % 7]]
        end = ("jpg", "jpg", "jpeg", "jpg", "webp", "png")[k * 5 % 6]
        name = f"img_{hex_name('soil', k, length=8)}.{end}"
        size = (20 + k % 3, 24 + k % 4)
        made.image(f"{top}/{part}/{name}", TrueSample(size, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image_id": "key", "soil_type": "text"}
    made.table(f"{top}/train_labels.csv", list(columns), cells)
    made.table(f"{top}/test_ids.csv", ["image_id"], [[one] for one, _ in rows])
    made.table(f"{top}/sample_submission.csv", list(columns), [[one, SOILS[0]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=SOILS),)


def _in_code(made: Builder, name: str, rows: Sequence[Sequence[str]], encoding: str) -> None:
    """Write a CSV in another encoding than UTF-8."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    path = made.data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))


FIELDS = ("asparagus", "bambooshoots", "betel", "broccoli", "cauliflower", "chinesecabbage", "others", "waterbamboo")  # fmt: skip


def _fields_of_taiwan(data: Path) -> Readings:
    """A folder a crop, names that are UUIDs; a table of places in Big5; test lies in folders of numbers, in two parts."""
    made, places, rows = Builder(data), list[list[str]](), Rows()
    towns = (("臺南市", "學甲區"), ("雲林縣", "二崙鄉"), ("彰化縣", "溪湖鎮"), ("屏東縣", "里港鄉"))
    of_test: dict[str, list[list[str]]] = {"public": [], "private": []}
    header = ["TARGET_FID", "Img", "target_x", "target_y", "COUNTYNAME", "TOWNNAME", "town_x", "town_y"]  # fmt: skip
    for k in range(72):
        part = "training" if k < 48 else "public" if k < 60 else "private"
        raw, crop = hex_name("field", k, length=32), FIELDS[k * 3 % 8]
        name = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}.jpg"
        folder = crop if part == "training" else str(k % 3)
        made.image(f"{part}/{folder}/{name}", TrueSample((36 + k % 4, 48), crop), part="train" if part == "training" else "test")  # fmt: skip
        county, town = towns[k % 4]
        place = [str(k * 41), name, str(k * 17 % 300 - 150), str(k * 29 % 400 - 200), county, town, f"{120.1 + k / 100:.6f}", f"{22.9 + k / 60:.6f}"]  # fmt: skip
        if part == "training":
            places.append(place)
        else:
            of_test[part].append(place)
            rows.append((name, crop))
    _in_code(made, "training/tag_locCoor.csv", [header, *places], "big5")
    for part, cells in of_test.items():
        _in_code(made, f"{part}/tag_loccoor_{part}.csv", [header, *cells], "big5")
    columns = {"filename": "key", "label": "text"}
    made.table("submission_example.csv", list(columns), [[one, FIELDS[k % 8]] for k, (one, _) in enumerate(rows)])  # fmt: skip
    return (made.truth(LABELS, columns, rows, classes=FIELDS),)


def _wheat_stages(data: Path) -> Readings:
    """Stages 1 to 7, scored by RMSE; a column tells how sure a label is."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(40):
        part, stage = "train" if number < 30 else "test", 1 + number * 3 % 7
        name = hex_name("wheat", number, length=9).upper()
        made.image(f"Images/{name}.jpeg", TrueSample(BROAD, str(stage)), part=part)
        if part == "train":
            cells.append([name, str(stage), str(1 + number % 4 // 3)])
        else:
            rows.append((name, str(stage)))
    made.table("Train.csv", ["UID", "growth_stage", "label_quality"], cells)
    columns = {"UID": "key", "growth_stage": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    kinds = ["regression", "ordinal"]
    return (made.truth({"classify": kinds}, columns, rows, classes=tuple("1234567")),)


BIOMASS = ("Dry_Clover_g", "Dry_Dead_g", "Dry_Green_g", "Dry_Total_g", "GDM_g")


def _biomass(data: Path) -> Readings:
    """A row for each image and target, in train, in test and in the sample."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(34):
        part, name = "train" if number < 26 else "test", f"ID{1011485656 + 7741 * number}"
        true = tuple(round(float(made.random.uniform(0, 40)), 4) for _ in BIOMASS)
        made.image(f"{part}/{name}.jpg", TrueSample(BROAD, true), part=part)
        facts = [f"2015/{1 + number % 12}/4", ("Tas", "Vic", "NSW")[number % 3], "Ryegrass_Clover",
                 f"0.{50 + number}", f"{2 + number % 9}.6667"]  # fmt: skip
        for one, value in zip(BIOMASS, true, strict=True):
            key, path = f"{name}__{one}", f"{part}/{name}.jpg"
            if part == "train":
                tables[part].append([key, path, *facts, one, str(value)])
            else:
                tables[part].append([key, path, one])
                rows.append((key, str(value)))
    made.table("train.csv", ["sample_id", "image_path", "Sampling_Date", "State", "Species",
               "Pre_GSHH_NDVI", "Height_Ave_cm", "target_name", "target"], tables["train"])  # fmt: skip
    made.table("test.csv", ["sample_id", "image_path", "target_name"], tables["test"])
    columns = {"sample_id": "key", "target": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0.0"] for one, _ in rows])
    return (made.truth({"classify": "multitarget"}, columns, rows, classes=BIOMASS),)


def _plantations(data: Path) -> Readings:
    """Numbers of trees, of which many are none."""
    counts = [float(n * 17 % 71) if n % 3 else 0.0 for n in range(30)]
    truth = write_competition(
        data, images=("TreeImages/{name}.png", "TreeImages/{name}.png"),
        names=lambda part, number: f"Id_{hex_name('tree', part, number)}",
        labels=counts, kind="regression", table="Train.csv",
        header=["ImageId", "Target"], row=lambda name, label: [f"{name}.png", f"{label:g}"],
        sample="SampleSubmission.csv", columns={"ImageId": "key", "Target": "number"},
        shown=lambda name: [f"{name}.png", "0"], answer=lambda name, true: [f"{name}.png", label_text(true)],
        more=lambda made: made.table("Test.csv", ["ImageId"], [[Path(one).name] for one in made.test]),
    )  # fmt: skip
    return (truth,)


def _extent_of_drought(data: Path) -> Readings:
    """Ids and file names are two columns; the extent of damage in tens of a hundred."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(46):
        part, extent = "train" if k < 34 else "test", 0 if k % 2 else 10 * (k // 2 * 3 % 11)  # fmt: skip
        number = f"ID_{hex_name('eyes', k, length=10).upper()}"
        name = f"L{1083 + k}F{930 + k * 13:05d}C{1 + k % 39:02d}S{11961 + k * 17}{('Ip', 'Rp')[k % 2]}.jpg"
        made.image(f"{part}/{name}", TrueSample(SIZE, float(extent)), part=part)
        stage, season = ("F", "M", "S", "V")[k % 4], ("SR2020", "LR2020", "LR2021", "SR2021")[k // 4 % 4]  # fmt: skip
        if part == "train":
            damage = ("DR", "WD", "ND", "PS")[k % 4] if extent else "G"
            cells.append([number, name, stage, damage, str(extent), season])
        else:
            tests.append([number, name, stage, season])
            rows.append((number, f"{float(extent)}"))
    made.table("Train.csv", ["ID", "filename", "growth_stage", "damage", "extent", "season"], cells)
    made.table("Test.csv", ["ID", "filename", "growth_stage", "season"], tests)
    columns = {"ID": "key", "extent": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(NUMBER, columns, rows),)


LETTUCES = ("Aphylion", "Lugano", "Salanova", "Satine")


# Autonomous Greenhouse Challenge 2021, lettuce: participants' code.
def _lettuces(data: Path) -> Readings:
    """Lettuces from above with five measures each and their variety, all in one JSON by number; depth lies in a folder beside, under a name with a slip."""
    made, size, about = Builder(data), (44, 60), dict[str, object]()
    names = ("FreshWeightShoot", "DryWeightShoot", "Height", "Diameter", "LeafArea")
    measures, kinds = dict[str, tuple[float, ...]](), dict[str, Label]()
    for k in range(44):
        n = k * 7 + 1
        path, fresh = f"RGBImages/RGB_{n}.png", round(1.4 + k * 37 % 44 * 11.3, 1)
        write_photos(made, [path], None, size)
        depth = made.random.integers(700, 1100, size).astype(np.uint16)
        save_pixels(data / f"DepthImages/Debth_{n}.png", depth)  # type: ignore[arg-type]
        measures[path] = (fresh, round(fresh / 19.7, 2), round(3.1 + k % 13 * 1.1, 1), round(9.4 + k % 17 * 1.3, 1), round(fresh * 11.7, 1))  # fmt: skip
        kinds[path] = LETTUCES[k * 3 % 4]
        about[f"Image{n}"] = {"Variety": kinds[path], "RGBImage": f"RGB_{n}.png", "DebthInformation": f"Debth_{n}.png", **dict(zip(names, measures[path], strict=True))}  # fmt: skip
    general = {"NumberOfImages": 44, "Unit": {"FreshWeightShoot": "g", "DryWeightShoot": "g", "Height": "cm", "Diameter": "cm", "LeafArea": "cm2"}}  # fmt: skip
    write_json(made, "GroundTruth/GroundTruth_All_388_Images.json", {"General": general, "Measurements": about})  # fmt: skip
    every = with_train_labels(reading_of(made, TARGETS, classes=names), dict(measures))
    single = [with_train_labels(reading_of(made, NUMBER), {path: one[n] for path, one in measures.items()}) for n in range(5)]  # fmt: skip
    return (
        every,
        *single,
        with_train_labels(reading_of(made, LABELS, classes=LETTUCES), dict(kinds)),
    )


def _carrots(data: Path) -> Readings:
    """A mask of all green, an annotation of two colours, and a YAML with the parts."""
    made, top, split = Builder(data), "dataset-1.0", {"train": [], "test": []}
    colours = np.array([(0, 0, 0), (255, 0, 0), (0, 255, 0)], dtype=np.uint8)
    for k in range(1, 27):
        places = draw_class_map(made.random, SIZE, 2, fill=False)
        made.image(
            f"{top}/images/{k:03d}_image.png",
            TrueSample(SIZE, planes=planes_of(places, 2)),
            part="train",
        )
        save_pixels(data / f"{top}/annotations/{k:03d}_annotation.png", colours[places])
        save_grey_mask(data / f"{top}/masks/{k:03d}_mask.png", places == 0)
        split["train" if k % 4 else "test"].append(k)
    made.text(
        f"{top}/train_test_split.yaml",
        "".join(f"{part}: {names}\n" for part, names in split.items()),
    )
    made.text(
        f"{top}/README.md",
        "# Crop/Weed Field Image Dataset\n\nannotations: red are weeds, green is crop. masks: vegetation is black.\n",
    )
    every = reading_of(made, MULTI, mask_classes=("1", "2"))
    named = replace(every, mask_classes=("weeds", "crop"))
    swapped = {
        path: replace(one, planes=one.planes[::-1] if one.planes else None)
        for path, one in every.train.items()
    }
    other = replace(every, train=swapped)
    green = {
        path: replace(one, planes=(one.planes[0] | one.planes[1],) if one.planes else None)
        for path, one in every.train.items()
    }
    return every, named, other, replace(other, mask_classes=("crop", "weeds")), replace(
        reading_of(made, ONE_MASK, mask_classes=[""]), train=green)  # fmt: skip


def _parcels(data: Path) -> Readings:
    """Folders img_train, lab_train and img_testA; values 0 to 3, and 255 for what is not labelled."""
    made = Builder(data)
    for k in range(1, 25):
        places = draw_class_map(made.random, SIZE, 4, fill=True)
        unknown = np.zeros(SIZE, dtype=bool)
        unknown[:2] = k % 3 == 0
        planes = tuple(plane & ~unknown for plane in planes_of(places, 4))
        name = f"T{k * 37:06d}"
        made.image(
            f"img_train/{name}.jpg", TrueSample(SIZE, planes=planes, ignored=unknown), part="train"
        )
        save_pixels(
            data / f"lab_train/{name}.png", np.where(unknown, 255, places - 1).astype(np.uint8)
        )
    write_photos(made, [f"img_testA/{k}.jpg" for k in range(1, 9)], None)
    is_test = in_folders("img_testA")
    found = [reading_of(made, MULTI, test=is_test, mask_classes=names) for names in (("0", "1", "2", "3"), ("1", "2", "3", "4"),
             ("class 0", "class 1", "class 2", "class 3"))]  # fmt: skip
    ground = {
        path: replace(one, planes=one.planes[1:] if one.planes else None)
        for path, one in found[0].train.items()
    }
    found += [
        replace(found[0], train=ground, mask_classes=names)
        for names in (("1", "2", "3"), ("class 1", "class 2", "class 3"))
    ]
    return tuple(found)


def _fields_from_above(data: Path) -> Readings:
    """Images in colours and near infrared; a folder of masks a class; where a field is, in two more."""
    made, kinds = Builder(data), ("cloud_shadow", "planter_skip", "weed_cluster")
    for part, n in (("train", 18), ("val", 6), ("test", 6)):
        for k in range(n):
            name = f"{hex_name('field', part, k, length=9).upper()}_{k * 512}-0-{k * 512 + 512}-512"
            planes = tuple(draw_plane(made.random, SIZE) for _ in kinds)
            made.image(
                f"{part}/images/rgb/{name}.jpg",
                TrueSample(SIZE, planes=planes if part != "test" else None),
                part="train",
            )
            save_pixels(
                data / f"{part}/images/nir/{name}.jpg",
                made.random.integers(0, 255, SIZE).astype(np.uint8),
            )
            for folder in ("boundaries", "masks"):
                whole = np.ones(SIZE, dtype=bool)
                whole[:, : k % 5] = False
                save_grey_mask(data / f"{part}/{folder}/{name}.png", whole)
            if part != "test":
                for kind, plane in zip(kinds, planes, strict=True):
                    save_grey_mask(data / f"{part}/labels/{kind}/{name}.png", plane)
    is_test = in_folders("test")
    kind = {"segment": "multilabel"}
    return (
        reading_of(made, kind, test=is_test, mask_classes=kinds),
        reading_of(made, kind, test=is_test, out=in_folders("val"), mask_classes=kinds),
    )


def _beets(data: Path) -> Readings:
    """Semantics, plants and leaves of each image in folders beside; test has images alone."""
    made = Builder(data)
    for part, n in (("train", 16), ("val", 5), ("test", 5)):
        for k in range(n):
            places, name = (
                draw_class_map(made.random, SIZE, 2, fill=False),
                f"05-15_{k:05d}_P0030{k:03d}",
            )
            made.image(
                f"PhenoBench/{part}/images/{name}.png",
                TrueSample(SIZE, planes=None if part == "test" else planes_of(places, 2)),
                part="train",
            )
            if part != "test":
                save_pixels(data / f"PhenoBench/{part}/semantics/{name}.png", places)
                numbers = np.where(places > 0, 1 + np.arange(SIZE[1])[None, :] // 6, 0).astype(
                    np.uint8
                )
                save_pixels(data / f"PhenoBench/{part}/plant_instances/{name}.png", numbers)
                save_pixels(
                    data / f"PhenoBench/{part}/leaf_instances/{name}.png",
                    np.where(places == 1, numbers * 2, 0).astype(np.uint8),
                )
    is_test, found = in_folders("PhenoBench/test"), []
    for names in (tuple("12"), ("class 1", "class 2")):
        found += [
            reading_of(made, MULTI, test=is_test, mask_classes=names),
            reading_of(
                made, MULTI, test=is_test, out=in_folders("PhenoBench/val"), mask_classes=names
            ),
        ]
    return tuple(found)


def _vegetation(data: Path) -> Readings:
    """Facts of each image between semicolons, with five columns of parts."""
    made, top, roles = Builder(data), "VegAnn_dataset", {}
    lines = ["Name;System;Orientation;latitude;longitude;date;LocAcc;Species;Owner;Dataset-Name;"
             + ";".join(f"TVT-split{n}" for n in range(1, 6))]  # fmt: skip
    for k in range(36):
        plane, name = draw_plane(made.random, SIZE), f"VegAnn_{k * 17}.png"
        path = f"{top}/images/{name}"
        made.image(path, TrueSample(SIZE, planes=(plane,)), part="train")
        save_grey_mask(data / f"{top}/annotations/{name}", plane)
        each = [
            ("Training", "Training", "Training", "Validation", "Test")[(k + split * 3) % 5]
            for split in range(5)
        ]
        roles[path] = each
        facts = [name, ("Handeld Cameras", "DHP", "Phone Camera")[k % 3], ("Nadir", "45")[k % 2],
                 f"{43.5 + k / 50:.3f}", "1.5", f"2{k % 10}/05/2018", str(k % 2),
                 ("Wheat", "Maize", "Sunflower", "Mix")[k % 4], "Arvalis", "LITERAL"]  # fmt: skip
        lines.append(";".join([*facts, *each]))
    write_lines(made, f"{top}/VegAnn_dataset.csv", lines)
    made.text(
        f"{top}/README.md",
        "# VegAnn\n\nVegetation annotation of images of crops: 0 is background, 255 vegetation.\n",
    )
    found = list[LayoutTruth]()
    for split in range(5):
        is_test = lambda path, split=split: roles[path][split] == "Test"  # noqa: E731
        is_val = lambda path, split=split: roles[path][split] == "Validation"  # noqa: E731
        found += [
            reading_of(made, ONE_MASK, test=is_test, mask_classes=[""]),  # type: ignore[arg-type]
            reading_of(made, ONE_MASK, test=is_test, out=is_val, mask_classes=[""]),  # type: ignore[arg-type]
        ]
    return tuple(found)


CROP_AND_WEED = ((216, 67, 82), (255, 255, 255), (0, 0, 0), (254, 124, 18))


def _crop_and_weed(data: Path) -> Readings:
    """Four teams, two crops; masks of colours, in which two mean background; a JSON is sent."""
    made = Builder(data)
    colours = np.array(CROP_AND_WEED, dtype=np.uint8)
    for part, n in (("Development_Dataset/Training", 4), ("Test_Dev", 2)):
        for team, end in (("Bipbip", "jpg"), ("Pead", "jpg"), ("Roseau", "png"), ("Weedelec", "jpg")):  # fmt: skip
            for crop in ("Haricot", "Mais"):
                top = f"{part}/{team}/{crop}"
                for k in range(n):
                    name = f"{team}_{crop.lower()}_im_{k * 37 + 1191 * (n < 4):05d}"
                    places = draw_class_map(made.random, SIZE, 2, fill=False)
                    places[places == 0] = 3
                    places[:, :2][places[:, :2] == 3] = 4
                    planes = planes_of(places, 4) if n > 2 else None
                    true = TrueSample(SIZE, planes=planes)
                    made.image(f"{top}/Images/{name}.{end}", true, part="train")
                    if n > 2:
                        save_pixels(data / f"{top}/Masks/{name}.png", colours[places - 1])
    made.text(
        "Development_Dataset/README.txt",
        "Masks are RGB images with the following colours:\n"
        "- background: [0, 0, 0] and [254, 124, 18] (to be taken for the same class 0)\n"
        "- crop: [255, 255, 255] (class 1)\n- weed: [216, 67, 82] (class 2)\n",
    )
    every = reading_of(made, MULTI, test=in_folders("Test_Dev"), mask_classes=tuple("1234"))
    plants = {
        path: replace(one, planes=one.planes[:2]) if one.planes else one
        for path, one in every.train.items()
    }
    two = replace(every, train=plants, mask_classes=("1", "2"))
    turned = {
        path: replace(one, planes=one.planes[::-1]) if one.planes else one
        for path, one in plants.items()
    }
    named = replace(two, train=turned, mask_classes=("crop", "weed"))
    known = replace(two, train=turned)
    return two, known, named, with_ground(two), with_ground(known), *readings_by_colour(every, CROP_AND_WEED)  # fmt: skip


# ACFR orchard fruit, apples: memory.
def _apples_on_trees(data: Path) -> Readings:
    """Parts of photos of apple trees, with masks, with a table of circles an image, and with lists of the parts; the text tells of other fruit, too, which lies in archives of its own."""
    made, size, top = Builder(data), (40, 60), "acfr-fruit-dataset/apples"
    counts, part_of = dict[str, float](), dict[str, str]()
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for k in range(44):
        part = "train" if k % 5 < 3 else "val" if k % 5 == 3 else "test"
        name = f"20130320T00{4340 + k * 13:04d}.{396129 + k * 977}_{k % 60}"
        path = f"{top}/images/{name}.png"
        boxes = draw_boxes(made, size, k % 5)
        plane = np.zeros(size, dtype=bool)
        circles = ["#item,c-x,c-y,radius,label"]
        for n, (left, up, wide, tall) in enumerate(boxes):
            plane |= rectangle(size, left, up, wide, tall)
            circles.append(f"{n},{left + wide / 2},{up + tall / 2},{(wide + tall) / 4:.2f},1")
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        save_grey_mask(data / f"{top}/segmentations/{name}_L.png", plane)
        write_lines(made, f"{top}/annotations/{name}.csv", circles)
        lists[part].append(name)
        part_of[path], counts[path] = part, float(len(boxes))
    for part, names in {**lists, "train_val": lists["train"] + lists["val"], "all": sorted(one for each in lists.values() for one in each)}.items():  # fmt: skip
        write_lines(made, f"{top}/sets/{part}.txt", names)
    made.text("acfr-fruit-dataset/readme.txt", "ACFR Orchard Fruit Dataset\n\nimages: PNG. annotations: circles (apples) or rectangles (mangoes, almonds). segmentations: pixels of fruit, for apples only. sets: the splits.\n")  # fmt: skip
    test: Callable[[str], bool] = lambda path: part_of[path] == "test"  # noqa: E731
    val: Callable[[str], bool] = lambda path: part_of[path] == "val"  # noqa: E731
    masks = [reading_of(made, ONE_MASK, test=test, out=out, mask_classes=[""]) for out in (never, val)]  # fmt: skip
    numbers = [with_train_labels(reading_of(made, NUMBER, test=test, out=out), dict(counts)) for out in (never, val)]  # fmt: skip
    return (*masks, *numbers)


def _apples(data: Path) -> Readings:
    """A number for each apple in the masks of train; test has images alone."""
    made, size, top = Builder(data), (40, 48), "detection"
    for k in range(22):
        name = f"{20150919 + k % 3}_174{151 + k * 7}_image{1 + k * 13}.png"
        objects = tuple((0, one) for one in draw_objects(made.random, size, 2 + k % 3))
        made.image(f"{top}/train/images/{name}", TrueSample(size, objects=objects), part="train")
        numbers = np.zeros(size, dtype=np.uint8)
        for place, (_, plane) in enumerate(objects):
            numbers[plane] = place + 1
        save_pixels(data / f"{top}/train/masks/{name}", numbers)
    tests = [f"{top}/test/images/dataset{1 + k % 4}_front_{101 + 50 * k}.png" for k in range(8)]
    write_photos(made, tests, None, size)
    made.text("LICENSE.txt", "MinneApple: a benchmark for apple detection and segmentation.\n")
    is_test = in_folders(f"{top}/test")
    single = reading_of(made, {"segment": "instance"}, test=is_test, mask_classes=[""])
    whole = {
        path: replace(one, planes=(union([plane for _, plane in one.objects]),), objects=None)
        if one.objects
        else one
        for path, one in single.train.items()
    }
    return single, replace(single, kinds={"segment": frozenset({"binary"})}, train=whole)


def _leaves_of_rosettes(data: Path) -> Readings:
    """Photo, leaves by number, and plant are files of one folder; in test photo and plant."""
    made = Builder(data)
    for kind, size in (("A1", (40, 44)), ("A2", (40, 42)), ("A4", (36, 40))):
        for k in range(1, 11):
            path = (
                f"CVPPP2017_LSC_training/training/{kind}/plant{k * (2 if kind == 'A1' else 1):03d}"
            )
            planes = draw_objects(made.random, size, 2 + k % 3)
            numbers = np.zeros(size, dtype=np.uint8)
            for place, plane in enumerate(planes):
                numbers[plane] = place + 1
            objects = tuple((0, plane) for plane in planes)
            made.image(f"{path}_rgb.png", TrueSample(size, objects=objects), part="train")
            save_pixels(data / f"{path}_label.png", numbers)
            save_grey_mask(data / f"{path}_fg.png", numbers > 0)
        for k in range(1, 5):
            path = f"CVPPP2017_testing/testing/{kind}/plant{k * 3 + 40:03d}"
            plane = draw_plane(made.random, size)
            made.image(f"{path}_rgb.png", TrueSample(size, planes=(plane,)), part="train")
            save_grey_mask(data / f"{path}_fg.png", plane)
    single = reading_of(
        made, {"segment": "instance"}, test=in_folders("CVPPP2017_testing"), mask_classes=[""]
    )
    return single, objects_as_one_mask(single)


_wheat = partial(
    write_boxes, folders=("train", "test"), ending="jpg", table="train.csv",
    header=["image_id", "width", "height", "bbox", "source"],
    row=lambda name, number: [name, "1024", "1024", f"[{834.0 - number}, 222.0, 56.0, 36.0]",
                              ("usask_1", "arvalis_1", "inrae_1")[number % 3]],
    sample="sample_submission.csv", columns=["image_id", "PredictionString"],
    shown="1.0 0 0 50 50",
)  # fmt: skip


LAYOUTS = (
    RealLayout("plant-seedlings-classification", "page, code", _seedlings),
    RealLayout("sorghum-id-fgvc-9", "code of train, memory", _sorghum),
    RealLayout("cgiar-computer-vision-for-crop-disease", "memory", _wheat_rust),
    DataSet("DeepWeeds", "code (tensorflow-datasets)", _weeds, has_test=False),
    DataSet(
        "zindi-microsoft-rice-disease", "code", _rice, doubt="rows of infrared images in the sample"
    ),
    DataSet("Crop images", "memory", _crops),
    DataSet(
        "cgiar-crop-damage-classification-challenge",
        "memory",
        _damaged_crops,
        doubt="the numbers of the sample",
    ),
    DataSet("kaggle-pog-series-s01e03", "memory", _seeds_of_corn),
    DataSet("soil-classification", "memory", _soils, doubt="name of the sample"),
    DataSet(
        "aicup-2022-crop-fields",
        "code and memory",
        _fields_of_taiwan,
        doubt="columns of the places, folders of test",
    ),
    DataSet(
        "cgiar-wheat-growth-stage-challenge", "memory", _wheat_stages, doubt="numbers of the sample"
    ),
    DataSet("csiro-biomass", "page, code", _biomass),
    DataSet("zindi-plantation-counting", "memory", _plantations, doubt="name of the folder"),
    DataSet(
        "cgiar-eyes-on-the-ground-challenge", "memory", _extent_of_drought, doubt="columns of test"
    ),
    DataSet(
        "autonomous-greenhouse-2021",
        "code",
        _lettuces,
        has_test=False,
        doubt="the general part of the JSON",
    ),
    DataSet("CWFID carrots", "memory", _carrots, has_test=False),
    DataSet("ccf-parcels", "memory", _parcels),
    DataSet("Agriculture-Vision", "memory", _fields_from_above),
    DataSet("PhenoBench", "memory", _beets),
    DataSet("VegAnn", "code of columns, memory", _vegetation, doubt="the words of the parts"),
    DataSet("codalab-acre-crop-and-weed", "memory", _crop_and_weed, doubt="words of the README"),
    DataSet("ACFR apples", "memory", _apples_on_trees),
    DataSet("MinneApple", "memory", _apples),
    DataSet("CVPPP leaves", "memory", _leaves_of_rosettes, doubt="palette of the labels"),
    RealLayout("global-wheat-detection", "memory", _wheat),
)
