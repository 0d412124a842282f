"""Layouts of competitions and data sets of defects and cracks: steel, fabrics, boards, concrete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from layouts.drawing import draw_class_map, draw_plane, save_pixels
from layouts.real.files import write_box_xml, write_lines
from layouts.real.kinds import ANY, LABELS, MULTI, ONE_MASK, RANKS, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import (
    draw_masks_by_class,
    planes_of,
    save_grey_mask,
    save_jpeg,
    save_jpeg_mask,
)
from layouts.real.names import hex_name
from layouts.real.outlines import draw_boxes
from layouts.real.photos import write_grey, write_other_photo, write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    reading_of,
    readings_by_colour,
    with_ground,
    with_labels,
    with_train_labels,
    without_file,
)
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _circuit_boards(data: Path) -> Readings:
    """Tables with tabs; the sample has no header."""
    made, lines, shown = Builder(data), ["file_name\tflag"], []
    for number in range(36):
        part, label = "train" if number < 26 else "test", str(int(number % 3 == 0))
        place = number if part == "train" else number - 26
        name = f"{part}_{place:04d}.jpeg"
        made.image(f"{part}/{name}", TrueSample(BROAD, label), part="train")
        if part == "train":
            lines.append(f"{name}\t{label}")
        else:
            shown.append(f"{name}\t0")
    write_lines(made, "train_master.tsv", lines)
    write_lines(made, "sample_submit.tsv", shown)
    return (reading_of(made, {"classify": "binary"}, test=in_folders("test"), classes=("0", "1")),)


def _steel_defects(data: Path) -> Readings:
    """Class folders of images, boxes in XML; validation beside train."""
    made, classes = Builder(data), ("crazing", "inclusion", "patches", "rolled-in_scale")
    for label in classes:
        for part, ks in (("train", range(1, 8)), ("validation", range(241, 244))):
            for k in ks:
                write_photos(made, [f"NEU-DET/{part}/images/{label}/{label}_{k}.jpg"], label)
                made.text(f"NEU-DET/{part}/annotations/{label}_{k}.xml",
                          f"<annotation><folder>{label}</folder><filename>{label}_{k}.jpg</filename><size>"
                          "<width>24</width><height>20</height><depth>1</depth></size><object><name>"
                          f"{label}</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>15</xmax><ymax>12</ymax>"
                          "</bndbox></object></annotation>")  # fmt: skip
    validation = in_folders("NEU-DET/validation")
    return (
        reading_of(made, LABELS, test=validation, classes=classes),
        reading_of(made, LABELS, classes=classes),
    )


FABRICS = ("吊经", "扎洞", "正常", "毛斑")


def _fabrics(data: Path) -> Readings:
    """Three parts of train with the same class folders; boxes beside; two tests."""
    made, n = Builder(data), 0
    parts = ("part1_20180628", "part2_20180705", "part3_20180709")
    for part in parts:
        for label in FABRICS:
            for _ in range(6 if label == "正常" else 3):
                n += 1
                path = f"xuelang_round1_train_{part}/{label}/J01_2018.06.{13 + n % 15} {8 + n % 10:02d}_{n % 60:02d}_35"
                write_photos(made, [f"{path}.jpg"], label)
                if label != "正常":
                    write_box_xml(made, f"{path}.xml", label)
    tests = ("xuelang_round1_test_a_20180709", "xuelang_round1_test_b")
    for place, folder in enumerate(tests):
        write_photos(
            made,
            [f"{folder}/J01_2018.06.{11 + k} 1{place}_03_{10 + k}.jpg" for k in range(6)],
            None,
        )
    found = []
    for test, out in ((tests, ()), (tests[1:], tests[:1]), (tests[:1], tests[1:])):
        left = in_folders(*out) if out else (lambda path: False)
        found.append(reading_of(made, LABELS, test=in_folders(*test), out=left, classes=FABRICS))
        found.append(reading_of(made, TWO, test=in_folders(*test), out=left, classes=("正常", "瑕疵"),
                              label=lambda label: label if label == "正常" else "瑕疵"))  # fmt: skip
    return tuple(found)


def _aluminium(data: Path) -> Readings:
    """One part of train has the class in names, the other in folders, of two depths."""
    made, labels, inner = Builder(data), dict[str, str](), dict[str, str]()
    one_part, other = "guangdong_round1_train1_20180903", "guangdong_round1_train2_20180916"
    n = 0
    for label in ("擦花", "漏底", "正常"):
        for _ in range(5):
            n += 1
            labels[f"{one_part}/{label}201808301{72530 + 37 * n}对照样本.jpg"] = label
    for label in ("不导电", "擦花", "漏底"):
        for _ in range(6):
            n += 1
            labels[f"{other}/瑕疵样本/{label}/{label}201809011{4310 + 41 * n}对照样本.jpg"] = label
    for name in ("粘接", "返底"):
        for _ in range(3):
            n += 1
            path = f"{other}/瑕疵样本/其他/{name}/{name}201809051{1310 + 43 * n}对照样本.jpg"
            labels[path], inner[path] = "其他", name
    for _ in range(8):
        n += 1
        labels[f"{other}/无瑕疵样本/正常201809071{2210 + 47 * n}对照样本.jpg"] = "正常"
    for path, label in labels.items():
        write_photos(made, [path], label)
    write_photos(made, [f"guangdong_round1_test_a_20180916/{k}.jpg" for k in range(8)], None)
    found = []
    for out in ((), (one_part,)):
        for every in (labels, {**labels, **inner}):
            for normal in ("正常", "无瑕疵样本"):
                named = {
                    path: normal if label == "正常" else label for path, label in every.items()
                }
                truth = reading_of(
                    made, LABELS, test=in_folders("guangdong_round1_test_a_20180916"),
                    out=in_folders(*out) if out else (lambda path: False), classes=sorted(set(named.values())),
                )  # fmt: skip
                found.append(with_labels(truth, named))
    return tuple(found)


WALLS = ("가구수정", "걸레받이수정", "곰팡이", "꼬임", "훼손")


def _wallpaper(data: Path) -> Readings:
    """Class folders with Korean names; ids of test are TEST_000, of files 000.png."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in WALLS:
        write_photos(made, [f"train/{label}/{k}.png" for k in range(7)], label)
    for k in range(10):
        made.image(f"test/{k:03d}.png", TrueSample(BROAD, WALLS[k * 3 % 5]), part="test")
        rows.append((f"TEST_{k:03d}", WALLS[k * 3 % 5]))
    made.table("test.csv", ["id", "img_path"], [[one, f"./test/{one[5:]}.png"] for one, _ in rows])
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, WALLS[0]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=WALLS),)


def _cracked_concrete(data: Path) -> Readings:
    """Folders of decks, pavements and walls, each with one of cracked and one of sound ones."""
    made = Builder(data)
    for part, first in zip("DPW", (7001, 1, 7069), strict=True):
        for state in "CU":
            names = [
                f"{part}/{state}{part}/{first + k // 3:04d}-{1 + 13 * k + (state == 'U')}.jpg"
                for k in range(6)
            ]
            write_photos(made, names, f"{state}{part}")
    return (
        reading_of(made, TWO, classes=("C", "U"), label=lambda label: str(label)[0]),
        reading_of(made, LABELS, classes=("CD", "CP", "CW", "UD", "UP", "UW")),
    )


def _iris_of_wafers(data: Path) -> Readings:
    """A student's competition of defects: one-hot columns of train, a word in the sample."""
    made, rows, cells, classes = (
        Builder(data),
        list[tuple[str, ...]](),
        [],
        ("Center", "Donut", "Edge", "Scratch"),
    )
    for number in range(40):
        part, label = "train" if number < 30 else "test", classes[number * 3 % 4]
        name = f"wafer_{number:05d}"
        made.image(f"wafers/{part}/{name}.png", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, *(str(int(one == label)) for one in classes)])
        else:
            rows.append((name, label))
    made.table("train_labels.csv", ["wafer", *classes], cells)
    columns = {"wafer": "key", "defect": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "Center"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _states_of_things(data: Path) -> Readings:
    """The label joins two columns, the thing and its state; the index is what is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    kinds = (
        ("bottle", "good"),
        ("transistor", "good"),
        ("tile", "glue_strip"),
        ("capsule", "crack"),
        ("tile", "good"),
        ("bottle", "broken_large"),
    )
    for k in range(42):
        thing, state = kinds[k * 5 % 6]
        made.image(f"train/{10000 + k}.png", TrueSample(SIZE, f"{thing}-{state}"), part="train")
        cells.append([str(k), f"{10000 + k}.png", thing, state, f"{thing}-{state}"])
    for k in range(10):
        label = "-".join(kinds[k * 5 % 6])
        made.image(f"test/{20000 + k}.png", TrueSample(SIZE, label), part="test")
        tests.append([str(k), f"{20000 + k}.png"])
        rows.append((str(k), label))
    made.table("train_df.csv", ["index", "file_name", "class", "state", "label"], cells)
    made.table("test_df.csv", ["index", "file_name"], tests)
    columns = {"index": "key", "label": "text"}
    made.table(
        "sample_submission.csv", list(columns), [[one, "tile-glue_strip"] for one, _ in rows]
    )
    classes = sorted("-".join(one) for one in kinds)
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _castings(data: Path) -> Readings:
    """Parts of train and test, and beside them the larger originals without parts."""
    made, classes = Builder(data), ("def_front", "ok_front")
    for label in classes:
        short = label.split("_")[0]
        for part, n in (("train", 14), ("test", 5)):
            names = [f"cast_{short}_0_{7 + 13 * k + 500 * (part == 'test')}.jpeg" for k in range(n)]
            write_photos(
                made, [f"casting_data/casting_data/{part}/{label}/{one}" for one in names], label
            )
        top = f"casting_512x512/casting_512x512/{label}"
        write_photos(
            made, [f"{top}/cast_{short}_0_{7 + 13 * k}.jpeg" for k in range(8)], label, (34, 40)
        )
    return (
        reading_of(
            made,
            TWO,
            test=in_folders("casting_data/casting_data/test"),
            out=in_folders("casting_512x512"),
            classes=classes,
        ),
    )


def _defects_of_aidea(data: Path) -> Readings:
    """The table of test has an empty column of labels, and is what is to be filled and sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(50):
        part, label = "train" if k < 36 else "test", str((0, 1, 3, 5, 0, 2, 4)[k * 3 % 7])
        name = f"{part}_{k if k < 36 else k - 36:05d}.png"
        pixels = made.random.integers(60, 190, (48, 48)).astype(np.uint8)
        made.image(f"{part}_images/{name}", TrueSample((48, 48), label), part=part, pixels=pixels)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"ID": "key", "Label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", list(columns), [[one, ""] for one, _ in rows])
    truth = made.truth(LABELS, columns, rows, classes=tuple("012345"))
    return truth, without_file(truth)


def _cracks(data: Path) -> Readings:
    """Two class folders; a part of the names of one has an end."""
    made, classes = Builder(data), ("Negative", "Positive")
    for k in range(20):
        write_photos(made, [f"Negative/{k * 37 + 1:05d}.jpg"], "Negative", (48, 48))
        number = k * 37 + 1 if k < 10 else 10001 + k * 43
        write_photos(
            made, [f"Positive/{number:05d}{'_1' if k >= 10 else ''}.jpg"], "Positive", (48, 48)
        )
    return (reading_of(made, TWO, classes=classes),)


def _chips(data: Path) -> Readings:
    """Two class folders with a number at the end; one inner folder of test; the probability of the bad is sent; from code."""
    made, rows = Builder(data), Rows()
    for k in range(40):
        label = "bad_1" if k % 4 == 1 else "good_0"
        write_grey(made, f"train/{label}/{k * 37 + 11}.jpg", TrueSample(WIDE, label))
    for k in range(14):
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        probs = {"bad_1": prob, "good_0": round(1 - prob, 3)}
        true = TrueSample(WIDE, "bad_1" if k % 4 == 1 else "good_0", probs)
        write_grey(made, f"test/all_tests/{k * 53 + 4}.jpg", true, "test")
        rows.append((str(k * 53 + 4), repr(prob)))
    columns = {"id": "key", "defect_score": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0.5"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("bad_1", "good_0")),)


STEELS = ("1_chongkong", "2_hanfeng", "3_yueyawan", "4_shuiban", "5_youban", "6_siban", "7_yiwu", "8_yahen", "9_zhehen", "10_yaozhe")  # fmt: skip


def _faults_of_steel(data: Path) -> Readings:
    """Folders of one to ten, and one of XMLs whose name has a slip; boxes may be of other classes than the folder."""
    made, top = Builder(data), "GC10-DET"
    numbers, inner = tuple(str(n) for n in range(1, 11)), dict[str, frozenset[str]]()
    size = (40, 80)
    for place, label in enumerate(numbers):
        for k in range(5):
            name = f"img_{1 + k % 8:02d}_{425391100 + place * 97_300 + k * 100}_{k + 1:05d}"
            path = f"{top}/{label}/{name}.jpg"
            write_grey(made, path, TrueSample(size, label))
            has = [STEELS[place], *([STEELS[(place + 3) % 10]] if k == 4 else [])]
            inner[path] = frozenset(has)
            boxes = "".join(
                f"<object><name>{one}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><bndbox><xmin>{left}</xmin><ymin>{up}</ymin><xmax>{left + wide}</xmax><ymax>{up + tall}</ymax></bndbox></object>"
                for one, (left, up, wide, tall) in zip(has, draw_boxes(made, size, len(has)), strict=True)
            )  # fmt: skip
            made.text(f"{top}/lable/{name}.xml", f"<annotation><folder>{label}</folder><filename>{name}.jpg</filename><path>D:\\GC10\\{label}\\{name}.jpg</path><size><width>80</width><height>40</height><depth>1</depth></size><segmented>0</segmented>{boxes}</annotation>")  # fmt: skip
    words = dict(zip(numbers, STEELS, strict=True))
    several = reading_of(made, SEVERAL, classes=STEELS)
    return (
        reading_of(made, LABELS, classes=numbers),
        with_train_labels(several, dict(inner)),
        reading_of(made, LABELS, classes=STEELS, label=lambda one: words[str(one)]),
    )


FAULTS = ("Missing_hole", "Mouse_bite", "Open_circuit", "Short", "Spur", "Spurious_copper")


# PCB defects (Peking University, Kaggle): memory.
def _faults_of_boards(data: Path) -> Readings:
    """Boards with one kind of fault each, in class folders; boxes as XML, boards without faults, and the same boards turned lie beside."""
    made, top, size = Builder(data), "PCB_DATASET", (48, 60)
    for fault in FAULTS:
        angles = list[str]()
        for k in range(1, 9):
            name = f"{1 + (k - 1) // 2:02d}_{fault.lower()}_{1 + (k - 1) % 2:02d}"
            write_photos(made, [f"{top}/images/{fault}/{name}.jpg"], fault, size)
            objects = "".join(
                f"<object><name>{fault.lower()}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><bndbox><xmin>{box[0]}</xmin><ymin>{box[1]}</ymin><xmax>{box[0] + box[2]}</xmax><ymax>{box[1] + box[3]}</ymax></bndbox></object>"
                for box in draw_boxes(made, size, 3)
            )
            made.text(f"{top}/Annotations/{fault}/{name}.xml", f"<annotation><folder>{fault}</folder><filename>{name}.jpg</filename><path>/home/user/{fault}/{name}.jpg</path><size><width>60</width><height>48</height><depth>3</depth></size><segmented>0</segmented>{objects}</annotation>\n")  # fmt: skip
            write_other_photo(made, f"{top}/rotation/{fault}_rotation/rotation_{name}.jpg", size)
            angles.append(f"rotation_{name} {k * 37 % 91 - 45}")
        write_lines(made, f"{top}/rotation/{fault}_angles.txt", angles)
    write_photos(made, [f"{top}/PCB_USED/{k:02d}.JPG" for k in range(1, 5)], None, size)
    made.text(f"{top}/rotate.py", "# Turns the boards and their boxes by a chance angle.\n")
    return (reading_of(made, LABELS, classes=FAULTS),)


SEWERS = (
    "RB",
    "OB",
    "PF",
    "DE",
    "FS",
    "IS",
    "RO",
    "IN",
    "AF",
    "BE",
    "FO",
    "GR",
    "PH",
    "PB",
    "OS",
    "OP",
    "OK",
)


def _sewers(data: Path) -> Readings:
    """A column a defect, one of whether there is any, one of the water; images in parts of parts."""
    made, of_water, of_any = Builder(data), dict[str, str](), dict[str, str]()
    all_of = dict[str, frozenset[str]]()
    header = ["Filename", "WaterLevel", "VA", *SEWERS, "ND", "Defect"]
    for part, name, n in (("train", "Train", 40), ("valid", "Val", 10), ("test", "Test", 12)):
        cells = []
        for k in range(n):
            has = [int(made.random.random() < 0.12) for _ in SEWERS]
            if k % 3 == 0:
                has = [0] * 17
            elif k < 34:
                has[k // 2 % 17] = 1
            number = f"{k * 29 + {'train': 1, 'valid': 7, 'test': 13}[part]:08d}.png"
            path = f"{part}{k % 2:02d}/{number}"
            label = frozenset(one for one, bit in zip(SEWERS, has, strict=True) if bit)
            write_photos(made, [path], label if part != "test" else None, WIDE)
            water, drawn = str((0, 5, 15, 30)[k * 7 % 4]), int(k % 4 == 1)
            of_water[path], of_any[path] = water, str(int(any(has)))
            extra = [("VA", drawn), ("ND", int(not any(has))), ("Defect", int(any(has)))]
            all_of[path] = label | {one for one, bit in extra if bit}
            row = [number, water, str(drawn), *map(str, has), str(extra[1][1]), of_any[path]]
            cells.append(row if part != "test" else row[:1])
        made.table(f"SewerML_{name}.csv", header if part != "test" else header[:1], cells)
    found = list[LayoutTruth]()
    for out in (any_of(), in_folders("valid00", "valid01")):
        test = in_folders("test00", "test01")
        plain = reading_of(made, SEVERAL, test=test, out=out, classes=SEWERS)
        found.append(plain)
        for names in (
            ("VA", *SEWERS),
            ("VA", *SEWERS, "ND"),
            (*SEWERS, "Defect"),
            ("VA", *SEWERS, "ND", "Defect"),
        ):
            kept = {
                path: replace(one, label=all_of[path] & frozenset(names))
                for path, one in plain.train.items()
            }
            found.append(replace(plain, train=kept, classes=names))
        for kinds, labels, classes in (
            (TWO, of_any, ("0", "1")),
            (RANKS, of_water, ("0", "5", "15", "30")),
        ):
            truth = reading_of(made, kinds, test=test, out=out, classes=classes)
            train = {path: replace(one, label=labels[path]) for path, one in truth.train.items()}
            found.append(replace(truth, train=train))
    return tuple(found)


def _severstal(data: Path, *, given_out_later: bool = False) -> LayoutTruth:
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec, classes = (32, 128), Codec(), ("1", "2", "3", "4")
    for number in range(30):
        part = "train" if number < 24 else "test"
        name = f"{hex_name(part, number, length=9)}.jpg"
        planes = draw_masks_by_class(made, size, number, 4)
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


def _surfaces(data: Path) -> Readings:
    """The mask lies beside each image, in train and in test; most are empty."""
    made, size = Builder(data), (48, 20)
    for part, first, n in (("train", 10000, 26), ("test", 20000, 8)):
        for k in range(n):
            plane = draw_plane(made.random, size) & (k % 4 == 0)
            path = f"{part}/{first + k}"
            made.image(f"{path}.png", TrueSample(size, planes=(plane,)), part="train")
            save_grey_mask(data / f"{path}_GT.png", plane)
    return (reading_of(made, ONE_MASK, test=in_folders("test"), mask_classes=[""]),)


def _crack500(data: Path) -> Readings:
    """The mask has the name of its image and another ending; a list has both."""
    made = Builder(data)
    for part, n in (("train", 20), ("val", 6), ("test", 8)):
        lines = []
        for k in range(n):
            name = f"{part}crop/2016022{k % 9}_081{k:03d}_{1 + 640 * (k % 3)}_361"
            plane = draw_plane(made.random, BROAD)
            made.image(f"{name}.jpg", TrueSample(BROAD, planes=(plane,)), part="train")
            save_grey_mask(data / f"{name}.png", plane)
            lines.append(f"{name}.jpg {name}.png")
        write_lines(made, f"{part}.txt", lines)
    is_test, validation = in_folders("testcrop"), in_folders("valcrop")
    return (
        reading_of(made, ONE_MASK, test=is_test, mask_classes=[""]),
        reading_of(made, ONE_MASK, test=is_test, out=validation, mask_classes=[""]),
    )


def _deep_cracks(data: Path) -> Readings:
    made = Builder(data)
    for part, n in (("train", 22), ("test", 8)):
        for k in range(n):
            plane, name = (
                draw_plane(made.random, BROAD),
                f"11{k:03d}-{1 + k % 4}" if k % 2 else f"IMG_65{k:02d}-1",
            )
            made.image(f"{part}_img/{name}.jpg", TrueSample(BROAD, planes=(plane,)), part="train")
            save_grey_mask(data / f"{part}_lab/{name}.png", plane)
    made.text(
        "README.md",
        "# DeepCrack: A Deep Hierarchical Feature Learning Architecture for Crack Segmentation\n",
    )
    return (reading_of(made, ONE_MASK, test=in_folders("test_img"), mask_classes=[""]),)


def _magnetic_tiles(data: Path) -> Readings:
    """The mask lies beside each image, with its name and another ending, in a folder of each class."""
    made, top, n = Builder(data), "Magnetic-tile-defect-datasets.-master", 0
    classes = ("MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Free", "MT_Uneven")
    for label in classes:
        for _ in range(8 if label == "MT_Free" else 4):
            n += 1
            size = (30 + n % 4, 20 + n % 5)
            plane = draw_plane(made.random, size) & (label != "MT_Free")
            path = f"{top}/{label}/Imgs/exp{1 + n % 6}_num_{4727 + 1013 * n}"
            grey = (made.random.integers(0, 90, size) + 90 * plane).astype(np.uint8)
            made.image(
                f"{path}.jpg", TrueSample(size, label, planes=(plane,)), part="train", pixels=grey
            )
            save_grey_mask(data / f"{path}.png", plane)
    made.text(f"{top}/README.md", "# Magnetic-tile-defect-datasets.\n")
    return (reading_of(made, {**LABELS, **ONE_MASK}, classes=classes, mask_classes=[""]),)


def _optical_inspection(data: Path) -> Readings:
    """A folder of masks inside that of images, of defects alone; a text names those; PNG in capitals."""
    made, labels = Builder(data), dict[str, str]()
    for kind in range(1, 4):
        for part, n in (("Train", 14), ("Test", 8)):
            lines = ["1"]
            for k in range(1, n + 1):
                number, folder = k * 5 + (part == "Test"), f"Class{kind}/{part}"
                is_bad = (k + kind) % 5 == 0
                plane = draw_plane(made.random, BROAD)
                grey = (made.random.integers(0, 90, BROAD) + 90 * (plane & is_bad)).astype(np.uint8)
                path = f"{folder}/{number:04d}.PNG"
                labels[path] = f"Class{kind}"
                true = TrueSample(BROAD, f"Class{kind}", planes=(plane,) if is_bad else None)
                made.image(path, true, part="train", pixels=grey)
                mask = f"{number:04d}_label.PNG" if is_bad else "0"
                lines.append(f"{number:04d}\t{int(is_bad)}\t{number:04d}.PNG\t0\t{mask}")
                (data / folder / "Label").mkdir(exist_ok=True)
                if is_bad:
                    save_grey_mask(data / folder / "Label" / mask, plane)
            write_lines(made, f"Class{kind}/{part}/Label/Labels.txt", lines)
    truth = reading_of(made, {**LABELS, **ONE_MASK}, test=lambda path: "/Test/" in path,
                     classes=("Class1", "Class2", "Class3"), mask_classes=[""])  # fmt: skip
    bad = {path: str(int(one.planes is not None)) for path, one in made.train.items()}
    return truth, replace(
        with_labels(truth, bad), kinds={key: frozenset(["binary"]) for key in truth.kinds}
    )


def _concrete(data: Path) -> Readings:
    """Masks are JPEGs in a folder BW, beside a folder rgb."""
    made, top = Builder(data), "concreteCrackSegmentationDataset"
    for k in range(1, 27):
        size = (48, 64)
        drawn = draw_plane(made.random, size).astype(np.uint8) * 255
        plane = save_jpeg(data / f"{top}/BW/{k:03d}.jpg", drawn) > 127
        made.image(f"{top}/rgb/{k:03d}.jpg", TrueSample(size, planes=(plane,)), part="train")
    made.text(
        f"{top}/readme.txt",
        "458 hi-res images together with their alpha maps (BW) indicating the crack presence.\n",
    )
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _aitex_fabrics(data: Path) -> Readings:
    """Fabrics with defects and their masks; those without lie in folders by fabric, without masks."""
    made, size = Builder(data), (16, 64)
    for k in range(1, 21):
        name = f"{k:04d}_{(2, 6, 19, 30)[k % 4]:03d}_{k % 5:02d}"
        plane = draw_plane(made.random, size)
        grey = made.random.integers(0, 200, size).astype(np.uint8)
        true = TrueSample(size, "Defect_images", planes=(plane,))
        made.image(f"Defect_images/{name}.png", true, part="train", pixels=grey)
        save_grey_mask(data / f"Mask_images/{name}_mask.png", plane)
    for place, fabric in enumerate(("2306881-210020u", "2608691-202020u")):
        for k in range(8):
            grey = made.random.integers(0, 200, size).astype(np.uint8)
            path = f"NODefect_images/{fabric}/{106 + k:04d}_000_{place * 2:02d}.png"
            made.image(path, TrueSample(size, "NODefect_images"), part="train", pixels=grey)
    kinds, names = {**TWO, **ONE_MASK}, ("Defect_images", "NODefect_images")
    none = np.zeros(size, dtype=bool)
    first = reading_of(made, kinds, classes=names, mask_classes=[""])
    empty = {path: replace(one, planes=one.planes or (none,)) for path, one in first.train.items()}
    masks = reading_of(made, ONE_MASK, out=in_folders("NODefect_images"), mask_classes=[""])
    return replace(first, train=empty), first, masks


def _visual_anomalies(data: Path) -> Readings:
    """Folders of normal and of not; masks of the latter with low values; three tables of parts."""
    made, size, top = Builder(data), (24, 32), "VisA"
    tables: dict[str, list[list[str]]] = {"1cls": [], "2cls_fewshot": [], "2cls_highshot": []}
    tests = {one: set[str]() for one in tables}
    empty = np.zeros(size, dtype=bool)
    for thing in ("candle", "pcb1"):
        notes = []
        for kind, n in (("Normal", 16), ("Anomaly", 10)):
            for k in range(n):
                name = f"{k:04d}" if kind == "Normal" else f"{k:03d}"
                image, mask = f"{thing}/Data/Images/{kind}/{name}.JPG", ""
                plane = draw_plane(made.random, size) if kind == "Anomaly" else empty
                true = TrueSample(size, kind, planes=(plane,))
                made.image(f"{top}/{image}", true, part="train")
                said = "normal"
                if kind == "Anomaly":
                    mask = f"{thing}/Data/Masks/Anomaly/{name}.png"
                    save_grey_mask(data / f"{top}/{mask}", plane, 1 + (k % 4 == 3))
                    said = ("chunk of wax missing", "damaged corner of packaging,different colour spot", "other")[k % 3]  # fmt: skip
                notes.append([image, said, mask])
                for split, cells in tables.items():
                    is_test = k % 5 == 0 if split != "2cls_fewshot" else k % 2 == 0
                    is_test = is_test or (split == "1cls" and kind == "Anomaly")
                    label = kind.lower()
                    cells.append([thing, "test" if is_test else "train", label, image, mask])
                    if is_test:
                        tests[split].add(f"{top}/{image}")
        made.table(f"{top}/{thing}/image_anno.csv", ["image", "label", "mask"], notes)
    for split, cells in tables.items():
        made.table(f"{top}/split_csv/{split}.csv", ["object", "split", "label", "image", "mask"], cells)  # fmt: skip
    made.text(f"{top}/LICENSE-DATASET", "CC BY 4.0\n")
    found = list[LayoutTruth]()
    kinds = {**TWO, **ONE_MASK}
    for split in ("2cls_highshot", "2cls_fewshot", "1cls"):
        for names in (("anomaly", "normal"), ("Anomaly", "Normal")):
            full = reading_of(
                made, kinds, test=lambda path, split=split: path in tests[split],  # type: ignore[misc]
                classes=names, mask_classes=[""], label=str.lower if names[0] == "anomaly" else None,  # type: ignore[arg-type]
            )  # fmt: skip
            fewer = {
                path: replace(one, planes=None) if "/Normal/" in path else one
                for path, one in full.train.items()
            }
            found += [full, replace(full, train=fewer)]
    return tuple(found)


KNOTS = {"Live_Knot": (0, 255, 0), "Dead_Knot": (255, 0, 0), "Crack": (255, 0, 100), "Resin": (255, 0, 255)}  # fmt: skip


def _wood(data: Path) -> Readings:
    """Photos in several folders, masks of colours in one, and a text of the colours."""
    made = Builder(data)
    colours = np.array([(0, 0, 0), *KNOTS.values()], dtype=np.uint8)
    for k in range(32):
        name = f"{99100001 + k * 3 + 800000 * (k // 16)}"
        places = draw_class_map(made.random, SIZE, 4, fill=False)
        if k % 8 == 5:
            places[:] = 0
        true = TrueSample(SIZE, planes=planes_of(places, 4))
        made.image(f"Images{1 + k // 16}/{name}.bmp", true, part="train")
        save_pixels(data / f"Semantic Maps/{name}_segm.bmp", colours[places])
        lines = [f"{one}\t0,{112 + n}\t0,2\t0,4\t0,5" for n, one in enumerate(KNOTS) if (places == n + 1).any()]  # fmt: skip
        write_lines(made, f"Bouding Boxes/{name}_anno.txt", lines)
    write_lines(
        made, "Semantic Map Specification.txt",
        [f"{one}\tRGB({r}, {g}, {b})" for one, (r, g, b) in KNOTS.items()],
    )  # fmt: skip
    named = reading_of(made, MULTI, mask_classes=tuple(KNOTS))
    every = with_ground(named, "background")
    black = [(0, 0, 0), *KNOTS.values()]
    return named, every, *readings_by_colour(every, black)


def _commutators(data: Path) -> Readings:
    """A folder an object, with eight surfaces and a mask of each, told by the end of its name; from memory of the data."""
    made = Builder(data)
    for item in range(1, 8):
        for k in range(8):
            plane = np.zeros(WIDE, dtype=bool)
            if k == item % 8:
                plane = draw_plane(made.random, WIDE)
            path = f"kos{item:02d}/Part{k}.jpg"
            write_grey(made, path, TrueSample(WIDE, planes=(plane,)))
            save_grey_mask(data / f"kos{item:02d}/Part{k}_label.bmp", plane)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _rails(data: Path) -> Readings:
    """Two kinds of narrow images, of the same names, with masks as JPEG in a folder beside; blanks in names; from memory and code."""
    made = Builder(data)
    for kind, n, size in (("Type-I", 20, (80, 24)), ("Type-II", 24, (96, 16))):
        top = f"RSDDs dataset/{kind} RSDDs dataset"
        for k in range(1, n + 1):
            plane = save_jpeg_mask(
                data / f"{top}/GroundTruth/rail_{k}.jpg", draw_plane(made.random, size)
            )
            path = f"{top}/Rail surface images/rail_{k}.jpg"
            write_grey(made, path, TrueSample(size, planes=(plane,)))
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


# Crack segmentation dataset (Kaggle): memory.
def _cracks_of_many(data: Path) -> Readings:
    """All images once in one folder and once more in two parts; masks are JPEGs of the same names."""
    made, size, top = Builder(data), (44, 44), "crack_segmentation_dataset"
    sources = ("CFD_{0:03d}", "CRACK500_20160222_08{0:04d}_1281_721", "DeepCrack_{0:05d}", "noncrack_noncrack_concrete_wall_{0}_{0}", "forest_{0:03d}")  # fmt: skip
    for k in range(50):
        part, name = "train" if k < 38 else "test", sources[k % 5].format(k + 1)
        plane = np.zeros(size, dtype=bool) if k % 5 == 3 else draw_plane(made.random, size)
        pixels = made.random.integers(0, 90, (*size, 3)).astype(np.uint8)
        read = plane
        for base in (f"{top}/{part}", top):
            read = save_jpeg_mask(data / f"{base}/masks/{name}.jpg", plane)
        path = f"{top}/{part}/images/{name}.jpg"
        made.image(path, TrueSample(size, planes=(read,)), part="train", pixels=pixels)
        save_pixels(data / f"{top}/images/{name}.jpg", pixels)
    made.text(f"{top}/readme.txt", "images and masks contain all images; train and test are split by stratified sampling.\n")  # fmt: skip
    return (reading_of(made, ONE_MASK, test=in_folders(f"{top}/test/images"), mask_classes=[""]),)


def _good_and_bad(data: Path) -> Readings:
    """Train has good ones alone: defects are to be found without labels."""
    made, top = Builder(data), "bottle"
    paths = [f"{top}/train/good/{k:03d}.png" for k in range(24)]
    write_photos(made, [*paths, *(f"{top}/test/good/{k:03d}.png" for k in range(4))], None)
    for kind in ("broken_large", "broken_small", "contamination"):
        for k in range(4):
            write_photos(made, [f"{top}/test/{kind}/{k:03d}.png"], None)
            save_grey_mask(
                data / f"{top}/ground_truth/{kind}/{k:03d}_mask.png", draw_plane(made.random, BROAD)
            )
    made.text(f"{top}/readme.txt", "MVTec Anomaly Detection Dataset: object category bottle\n")
    made.text(f"{top}/license.txt", "CC BY-NC-SA 4.0\n")
    return (reading_of(made, {}),)


# Digital China 2019, reinforcing bars (DataFountain): participants' code, and memory.
def _steel_bars(data: Path) -> Readings:
    """Ends of steel bars to be found as boxes: a row a bar, its four numbers with blanks in one cell; there is no class and no mask."""
    made, cells, shown = Builder(data), list[list[str]](), list[list[str]]()
    for k in range(36):
        part = "train" if k < 26 else "test"
        name = f"{hex_name('bar', k, length=8).upper()}.jpg"
        write_photos(made, [f"{part}_dataset/{name}"], None, WIDE)
        for box in draw_boxes(made, WIDE, 4):
            corners = f"{box[0]} {box[1]} {box[0] + box[2]} {box[1] + box[3]}"
            if part == "train":
                cells.append([name, corners])
        if part == "test":
            shown.append([name, "1 1 10 10"])
    made.table("train_labels.csv", ["ID", " Detection"], cells)
    made.table("submit_example.csv", ["ID", " Detection"], shown)
    return (reading_of(made, LABELS, test=in_folders("test_dataset")),)


LAYOUTS = (
    DataSet("signate-printed-circuit-boards", "page", _circuit_boards, doubt="names of images"),
    DataSet("NEU-DET", "memory", _steel_defects),
    DataSet("tianchi-xuelang", "code", _fabrics, doubt="names of images of test"),
    DataSet("tianchi-guangdong-aluminium", "code", _aluminium, doubt="names of the inner folders"),
    DataSet("dacon-wallpaper-defects", "memory", _wallpaper, doubt="answers of the sample"),
    DataSet("SDNET2018", "memory", _cracked_concrete, has_test=False),
    DataSet("course: wafers", "memory", _iris_of_wafers, doubt="a course's own"),
    DataSet("dacon-anomaly-detection", "memory", _states_of_things),
    DataSet("Casting products", "memory", _castings),
    DataSet(
        "aidea-aoi-defects", "code and memory", _defects_of_aidea, doubt="empty labels of test"
    ),
    DataSet("Concrete cracks (Mendeley)", "memory", _cracks, has_test=False),
    DataSet(
        "semi-conductor-image-classification-first",
        "code and memory",
        _chips,
        doubt="names of the images, and whether ids have an ending",
    ),
    DataSet("GC10-DET", "code and memory", _faults_of_steel, has_test=False),
    DataSet("PCB defects", "memory", _faults_of_boards, has_test=False),
    DataSet("Sewer-ML", "code and memory", _sewers, doubt="folders of the parts"),
    RealLayout("severstal-steel-defect-detection", "page, code", _severstal),
    RealLayout("severstal-steel-defect-detection, as given out later", "memory", _severstal_later),
    DataSet("KolektorSDD2", "memory", _surfaces),
    DataSet("CRACK500", "code", _crack500),
    DataSet("DeepCrack", "memory", _deep_cracks),
    DataSet("Magnetic tile defects", "memory", _magnetic_tiles, has_test=False),
    DataSet("DAGM 2007", "memory", _optical_inspection),
    DataSet("Concrete crack segmentation", "memory", _concrete, has_test=False),
    DataSet("AITEX fabrics", "memory", _aitex_fabrics, has_test=False),
    DataSet("VisA", "memory", _visual_anomalies),
    DataSet("Wood defects", "memory", _wood, has_test=False, doubt="the text of the colours"),
    DataSet("KolektorSDD", "memory", _commutators, has_test=False),
    DataSet("RSDDs rails", "code and memory", _rails, has_test=False),
    DataSet("Crack segmentation", "memory", _cracks_of_many),
    DataSet("MVTec AD", "memory", _good_and_bad, refusal=r"\S"),
    DataSet("dcic-2019-steel-bars", "code and memory", _steel_bars, refusal=ANY),
)
