"""Layouts of competitions and data sets of cars and other vehicles."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np

from layouts.drawing import draw_plane, save_pixels
from layouts.real.files import write_lines
from layouts.real.kinds import LABELS, NUMBER, TARGETS
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name, part_by_number
from layouts.real.photos import write_photos
from layouts.real.readings import in_folders, reading_of, with_names_of_labels, without_file
from layouts.real.tables import label_text, write_competition
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _emergencies(data: Path) -> LayoutTruth:
    """Analytics Vidhya: names with random letters; all images in the folder of train."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(32):
        part, label, name = (
            part_by_number(number),
            str(int(number % 5 < 2)),
            f"{number * 7 % 97}.jpg",
        )
        made.image(f"train_SOaYf6m/images/{name}", TrueSample(BROAD, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    header = ["image_names", "emergency_or_not"]
    made.table("train_SOaYf6m/train.csv", header, cells)
    made.table("test_vc2kHdQ.csv", header[:1], [[one] for one, _ in rows])
    made.table("sample_submission_yxjOnvz.csv", header, [[one, "0"] for one, _ in rows])
    columns = {header[0]: "key", header[1]: "text"}
    return made.truth({"classify": ["binary", "multiclass"]}, columns, rows, classes=("0", "1"))


def _aircraft(data: Path) -> Readings:
    """Labels by three lists: maker, family, variant."""
    made, root, tests = Builder(data), "fgvc-aircraft-2013b/data", set()
    kinds = [("707-320", "Boeing 707", "Boeing"), ("A300B4", "A300", "Airbus"),
             ("Cessna 172", "Cessna 172", "Cessna")]  # fmt: skip
    lists: dict[str, list[str]] = {}
    for n in range(36):
        part = ("train", "val", "test")[n // 12]
        name, kind = f"{1025794 + 791 * n:07d}", kinds[n % 3]
        write_photos(made, [f"{root}/images/{name}.jpg"], kind[0])
        if part == "test":
            tests.add(f"{root}/images/{name}.jpg")
        for level, label in zip(("variant", "family", "manufacturer"), kind, strict=True):
            names = [part] if part == "test" else [part, "trainval"]
            for each in names:
                lists.setdefault(f"images_{level}_{each}", []).append(f"{name} {label}")
                if level == "variant":
                    lists.setdefault(f"images_{each}", []).append(name)
        lists.setdefault("images_box", []).append(f"{name} 2 3 20 15")
    for place, level in enumerate(("variants", "families", "manufacturers")):
        lists[level] = [one[place] for one in kinds]
    for name, lines in lists.items():
        write_lines(made, f"{root}/{name}.txt", lines)
    is_test = lambda path: path in tests  # noqa: E731
    found = []
    for place in range(3):
        names = {one[0]: one[place] for one in kinds}
        found.append(reading_of(made, LABELS, test=is_test, classes=[one[place] for one in kinds],
                              label=lambda label, names=names: names[str(label)]))  # type: ignore[misc]  # fmt: skip
    return tuple(found)


def _ships(data: Path) -> Readings:
    """Images of train and of test are in one folder."""
    classes = ("1", "2", "3", "4", "5")
    truth = write_competition(
        data, images=("train/images/{name}.jpg", "train/images/{name}.jpg"),
        names=lambda part, number: str(2823870 + 41 * number + 17 * (part == "test")),
        labels=["1", "1", "3", "2", "1", "5", "4"], classes=classes, kind="multiclass",
        table="train/train.csv", header=["image", "category"],
        row=lambda name, label: [f"{name}.jpg", str(label)], sample="sample_submission_ns2btKE.csv",
        columns={"image": "key", "category": "text"}, shown=lambda name: [f"{name}.jpg", "1"],
        answer=lambda name, true: [f"{name}.jpg", label_text(true)],
    )  # fmt: skip
    rows = "".join(f"{Path(one).name}\n" for one in truth.test)
    (data / "test_ApKoW4T.csv").write_text(f"image\n{rows}")
    return (truth,)


CARS = ("AM General Hummer SUV 2000", "Acura Integra Type R 2001", "BMW M3 Coupe 2012")


def _cars(data: Path) -> Readings:
    """Tables without a header: a file, a box and the number of its class, from 1."""
    made = Builder(data)
    rows: dict[str, list[str]] = {"train": [], "test": []}
    for place, label in enumerate(CARS):
        for part, n in (("train", 8), ("test", 4)):
            for k in range(n):
                name = f"{1 + place + 3 * k:05d}.jpg"
                write_photos(made, [f"car_data/car_data/{part}/{label}/{name}"], label)
                rows[part].append(f"{name},3,{2 + k % 3},20,15,{place + 1}")
    for part, lines in rows.items():
        write_lines(made, f"anno_{part}.csv", sorted(lines))
    write_lines(made, "names.csv", CARS)
    is_test = in_folders("car_data/car_data/test")
    return (
        reading_of(made, LABELS, test=is_test, classes=CARS),
        reading_of(made, LABELS, test=is_test, classes=tuple("123"),
                 label=lambda label: str(1 + CARS.index(str(label)))),
    )  # fmt: skip


VEHICLES = ("Barge", "Bicycle", "Boat", "Car", "Motorcycle")


def _vehicles(data: Path) -> Readings:
    """Images of test are 000000.jpg, ids of the sample 0."""
    truth = write_competition(
        data, images=("train/train/{label}/{name}.jpg", "test/testset/{name}.jpg"),
        names=lambda part, number: (
            f"{hex_name('vehicle', number, length=16)}_{number % 7:02d}" if part == "train" else f"{number:06d}"
        ),
        labels=VEHICLES, classes=VEHICLES, kind="multiclass", columns={"Id": "key", "Category": "text"},
        shown=lambda name: [str(int(name)), "Car"],
        answer=lambda name, true: [str(int(name)), label_text(true)],
    )  # fmt: skip
    return (truth,)


CAR_NAMES = (
    "AM General Hummer SUV 2000",
    "Acura TL Sedan 2012",
    "BMW M3 Coupe 2012",
    "Ram C/V Cargo Van Minivan 2012",
)


def _car_brands(data: Path) -> Readings:
    """Folders twice in each other; ids with zeros; a class with a slash."""
    truth = write_competition(
        data,
        images=("training_data/training_data/{name}.jpg", "testing_data/testing_data/{name}.jpg"),
        names=lambda part, number: f"{1 + 137 * number + 5 * (part == 'test'):06d}", labels=CAR_NAMES,
        classes=CAR_NAMES, kind="multiclass", table="training_labels.csv", header=["id", "label"],
        row=lambda name, label: [name, str(label)], columns={"id": "key", "label": "text"},
        shown=lambda name: [name, CAR_NAMES[0]], answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip
    (data / "sample_submission.csv").unlink()
    return (without_file(truth),)


USED_CARS = (
    "1시리즈_F20_2013_2015",
    "3008_2세대_2018_2023",
    "EQE_V295_2022_2024",
    "K5_3세대_하이브리드_2020_2022",
    "더_뉴_아반떼_2014_2016",
)


def _used_cars(data: Path) -> Readings:
    """Class folders; a column a class is sent, scored by log loss."""
    made, tests, rows = Builder(data), [], list[tuple[str, ...]]()
    for label in USED_CARS:
        write_photos(made, [f"train/{label}/{label}_{k:04d}.jpg" for k in range(7)], label)
    for k in range(10):
        name, probs = f"TEST_{k:05d}", made.probs(USED_CARS)
        true = TrueSample(SIZE, USED_CARS[k * 2 % 5], probs)
        made.image(f"test/{name}.jpg", true, part="test")
        tests.append([name, f"./test/{name}.jpg"])
        rows.append((name, *(repr(probs[one]) for one in USED_CARS)))
    made.table("test.csv", ["ID", "img_path"], tests)
    columns = {"ID": "key", **dict.fromkeys(USED_CARS, "number")}
    made.table("sample_submission.csv", list(columns), [[one[0], *["0"] * 5] for one in rows])
    return (made.truth(LABELS, columns, rows, classes=USED_CARS),)


def _pot_holes(data: Path) -> Readings:
    """Images of both parts in one folder, a few of other endings; a probability is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(42):
        part, label = "train" if k < 32 else "test", str(int(k % 3 == 0))
        digest = base64.b64encode(bytes.fromhex(hex_name("pothole", k, length=40))).decode()
        name = digest.replace("+", "x").replace("/", "Q")[:15]
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        true = TrueSample(SIZE, label, {"0": round(1 - prob, 3), "1": prob})
        made.image(f"all_data/{name}.JPG", true, part=part)
        if part == "train":
            cells.append([name, label])
        else:
            tests.append([name])
            rows.append((name, repr(prob)))
    made.table("train_ids_labels.csv", ["Image_ID", "Label"], cells)
    made.table("test_ids_only.csv", ["Image_ID"], tests)
    columns = {"Image_ID": "key", "Label": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


def _cars_of_a_course(data: Path) -> Readings:
    """Class folders of numbers, and a table of the same; the folder of test has a name of its own."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    classes = tuple("0123456789")
    for k in range(40):
        label, name = classes[k * 3 % 10], f"{100155 + k * 4519}.jpg"
        made.image(f"train/{label}/{name}", TrueSample((20, 24 + k % 3), label), part="train")
        cells.append([name, label])
    for k in range(12):
        label, name = classes[k * 7 % 10], f"{400009 + k * 1373}.jpg"
        made.image(f"test_upload/{name}", TrueSample((20, 24 + k % 3), label), part="test")
        rows.append((name, label))
    columns = {"Id": "key", "Category": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("sample-submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


CARS_OF_2019_3RD_ML_MONTH_WITH_KAKR = ("아우디 A4", "BMW 3시리즈", "쉐보레 콜벳", "크라이슬러 300", "닷지 차저", "페라리 458", "포드 F-150", "현대 쏘나타")  # fmt: skip


# 2019-3rd-ml-month-with-kakr: participants' code and READMEs.
def _cars_of_kakr(data: Path) -> Readings:
    """Boxes beside the class in the table, and in that of test; names of classes in another table."""
    made, rows = Builder(data), Rows()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes = tuple(str(n) for n in range(1, 9))
    for k in range(64):
        part, n = ("train", k + 1) if k < 46 else ("test", k - 45)
        label, name = classes[k * 5 % 8], f"{part}_{n:05d}.jpg"
        made.image(f"{part}/{name}", TrueSample(WIDE, label), part=part)
        row = [name, "3", str(4 + k % 3), "44", str(35 - k % 4)]
        tables[part].append([*row, label] if part == "train" else row)
        if part == "test":
            rows.append((name, label))
    header = ["img_file", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]
    made.table("train.csv", [*header, "class"], tables["train"])
    made.table("test.csv", header, tables["test"])
    made.table(
        "class.csv",
        ["id", "name"],
        [[str(n), one] for n, one in enumerate(CARS_OF_2019_3RD_ML_MONTH_WITH_KAKR, 1)],
    )
    columns = {"img_file": "key", "class": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=classes)
    return plain, with_names_of_labels(
        plain, dict(zip(classes, CARS_OF_2019_3RD_ML_MONTH_WITH_KAKR, strict=True))
    )


INSURERS = ("AC", "A", "B", "AA", "BB", "C", "BC", "RE", "O", "DC")


def _insured_cars(data: Path) -> Readings:
    """A class of 0 and 1 and a sum of money, both sent; a table of much else, with gaps; from memory of the data page."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    for k in range(52):
        part = "train" if k < 38 else "test"
        name = f"img_{4513976 + k * 37}.jpg" if part == "train" else f"img_{4538519 + k * 41}.jpg"
        damaged = int(k % 9 != 4)
        amount: float | None = float(damaged * (k * 977 % 7000 + 340))
        if part == "train" and k % 12 == 5:
            amount = None
        true = TrueSample((40, 48), (float(damaged), amount))
        made.image(f"Fast_Furious_Insured/{part}Images/{name}", true, part=part)
        cost, least, most = 29900 + k * 710 % 21000, 746.5 + k * 17.75, 20000.6 + k * 352.1
        row = [
            name,
            INSURERS[k * 3 % 10],
            "" if k % 11 == 3 else f"{cost}.0",
            "" if k % 11 == 3 else repr(least),
            f"20{25 + k % 6}-{1 + k % 12:02d}-{1 + k * 5 % 28:02d}",
            "" if k % 11 == 3 else repr(round(most, 2)),
        ]
        if part == "train":
            cells.append([*row, str(damaged), "" if amount is None else repr(amount)])
        else:
            tests.append(row)
            rows.append((name, str(damaged), repr(amount)))
    about = ["Insurance_company", "Cost_of_vehicle", "Min_coverage", "Expiry_date", "Max_coverage"]
    header = ["Image_path", *about]
    top = "Fast_Furious_Insured"
    made.table(f"{top}/train.csv", [*header, "Condition", "Amount"], cells)
    made.table(f"{top}/test.csv", header, tests)
    columns = {"Image_path": "key", "Condition": "number", "Amount": "number"}
    shown = [[one[0], "0", "0"] for one in rows[:5]]
    made.table(f"{top}/sample_submission.csv", list(columns), shown)
    return (made.truth(TARGETS, columns, rows, classes=("Condition", "Amount")),)


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


def _cars_in_boxes(data: Path) -> Readings:
    """A table of boxes, and images to test."""
    made, cells = Builder(data), []
    for k in range(30):
        write_photos(made, [f"data/training_images/vid_4_{1000 + 20 * k}.jpg"], None)
        if k % 3:
            cells.append(
                [
                    f"vid_4_{1000 + 20 * k}.jpg",
                    f"{3.5 + k / 7:.6f}",
                    f"{4.25 + k / 9:.6f}",
                    f"{14.5 + k / 7:.6f}",
                    "17.5",
                ]
            )
    write_photos(made, [f"data/testing_images/vid_5_{25100 + 20 * k}.jpg" for k in range(6)], None)
    made.table(
        "data/train_solution_bounding_boxes (1).csv",
        ["image", "xmin", "ymin", "xmax", "ymax"],
        cells,
    )
    made.table(
        "data/sample_submission.csv",
        ["image", "bounds"],
        [["vid_5_25100.jpg", "0 0 10 10"], ["vid_5_25120.jpg", "0 0 10 10"]],
    )
    return (reading_of(made, NUMBER),)


LAYOUTS = (
    RealLayout("analytics-vidhya-emergency-vehicles", "memory", _emergencies),
    DataSet("FGVC-Aircraft", "code (torchvision)", _aircraft),
    DataSet("analytics-vidhya-ships", "code", _ships),
    DataSet("Stanford cars (Kaggle)", "memory", _cars),
    DataSet("vehicle", "code", _vehicles, doubt="ids of the sample without zeros"),
    DataSet("cs-t0828-2020-hw1", "code", _car_brands, doubt="zeros of the ids"),
    DataSet("dacon-used-car-models", "memory", _used_cars, doubt="the numbers of the sample"),
    DataSet("zindi-miia-pothole", "memory", _pot_holes, doubt="the numbers of the sample"),
    DataSet("sf-dl-car-classification", "code and memory", _cars_of_a_course),
    DataSet("2019-3rd-ml-month-with-kakr", "code and memory", _cars_of_kakr),
    DataSet(
        "hackerearth-fast-furious-and-insured",
        "memory",
        _insured_cars,
        doubt="number of rows of the sample",
    ),
    RealLayout("carvana-image-masking-challenge", "code", _carvana),
    DataSet("Car boxes", "memory", _cars_in_boxes, refusal=r"\bbox"),
)
