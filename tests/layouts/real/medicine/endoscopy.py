"""Layouts of competitions and data sets of endoscopy and surgery: polyps, capsules, instruments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.drawing import Size, draw_class_map, draw_plane, save_pixels
from layouts.real.files import write_json, write_lines, write_workbook
from layouts.real.kinds import LABELS, MULTI, ONE_MASK, RANKS, SEVERAL, TWO
from layouts.real.made import SIZE, WIDE, Builder, DataSet, Readings
from layouts.real.masks import (
    planes_of,
    save_coloured_mask,
    save_grey_mask,
    save_jpeg,
    save_jpeg_mask,
)
from layouts.real.names import hex_name
from layouts.real.photos import write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    reading_of,
    readings_by_colour,
    with_ground,
    with_labels,
    with_masks,
    with_train_labels,
)
from layouts.runs import Codec, Plane
from layouts.truth import TrueSample

__all__ = ["LAYOUTS"]


def _endoscopy(data: Path) -> Readings:
    """Folders of three depths above the classes; a table with names without endings."""
    made, rows, ways = Builder(data), [], dict[str, tuple[str, str, str]]()
    kinds = (("lower-gi-tract", "anatomical-landmarks", "cecum"), ("lower-gi-tract", "pathological-findings", "polyps"),
             ("lower-gi-tract", "quality-of-mucosal-views", "bbps-0-1"), ("upper-gi-tract", "anatomical-landmarks", "pylorus"),
             ("upper-gi-tract", "pathological-findings", "esophagitis-a"))  # fmt: skip
    for organ, group, finding in kinds:
        for k in range(7):
            one = hex_name(finding, k, length=32)
            name = "-".join([one[:8], one[8:12], one[12:16], one[16:20], one[20:]])
            path = f"labeled-images/{organ}/{group}/{finding}/{name}.jpg"
            ways[path] = (finding, {"l": "Lower GI", "u": "Upper GI"}[organ[0]], group)
            write_photos(made, [path], finding)
            rows.append([name, ways[path][1], finding, group])
    made.table(
        "labeled-images/image-labels.csv",
        ["Video file", "Organ", "Finding", "Classification"],
        rows,
    )
    found = []
    for place in range(3):
        kinds_of = TWO if place == 1 else LABELS
        truth = reading_of(made, kinds_of, classes=sorted({one[place] for one in ways.values()}))
        found.append(with_labels(truth, {path: one[place] for path, one in ways.items()}))
    return tuple(found)


FINDINGS = (
    "Angioectasia",
    "Bleeding",
    "Erosion",
    "Erythema",
    "Foreign Body",
    "Lymphangiectasia",
    "Normal",
    "Polyp",
    "Ulcer",
    "Worms",
)


def _capsules(data: Path) -> Readings:
    """Class folders, in them one of each source; spreadsheets of ones with backslashes in the paths; from readmes and code."""
    made, sources = Builder(data), ("KID", "KVASIR", "SEE-AI")
    for part, n in (("training", 4), ("validation", 1)):
        cells = list[list[object]]()
        for place, label in enumerate(FINDINGS):
            for k in range(n * (3 if label == "Normal" else 1)):
                source = "AIIMS" if label == "Worms" else sources[(k + place) % 3]
                name = f"{hex_name('capsule', part, place, k, length=12)}.jpg"
                write_photos(made, [f"Dataset/{part}/{label}/{source}/{name}"], label, (44, 44))
                path = f"{part}\\{label}\\{source}\\{name}"
                cells.append([path, source, *(int(one == label) for one in FINDINGS)])
        write_workbook(
            data / f"Dataset/{part}/{part}_data.xlsx", ["image_path", "Dataset", *FINDINGS], cells
        )
    tests = [f"Testing set/Images/{hex_name('capsule', k, length=14)}.jpg" for k in range(12)]
    write_photos(made, tests, None, (44, 44))
    test, out = in_folders("Testing set"), in_folders("Dataset/validation")
    return tuple(
        reading_of(made, LABELS, test=test, out=one, classes=FINDINGS) for one in (any_of(), out)
    )


def _bowels_by_grade(data: Path) -> Readings:
    """Grades with a blank in two folders of parts; every image once more below its patient; BMPs."""
    made, grades = Builder(data), tuple(f"Mayo {n}" for n in range(4))
    for k in range(52):
        patient, grade = 1 + k // 4, grades[(0, 1, 0, 2, 0, 3, 1)[k % 7]]
        part = "test_set" if patient % 5 == 0 else "train_and_validation_sets"
        name = f"UC_patient_{patient}_{1 + k % 4}.bmp"
        path = f"{part}/{grade}/{name}"
        write_photos(made, [path], grade, (36, 44))
        copy = data / f"patient_based_classified_images/{patient}/{grade}/{name}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((data / path).read_bytes())
    test = in_folders("test_set")
    names = {grade: grade[-1] for grade in grades}
    return (
        reading_of(made, RANKS, test=test, classes=grades),
        reading_of(made, RANKS, test=test, classes="0123", label=lambda one: names[str(one)]),
    )


def _kvasir(data: Path) -> Readings:
    """Masks are JPEG, so grey at their edges."""
    made, boxes = Builder(data), {}
    for n in range(24):
        plane = draw_plane(made.random, SIZE)
        name = f"cju{hex_name('polyp', n, length=22)}"
        made.image(f"Kvasir-SEG/images/{name}.jpg", TrueSample(SIZE, planes=(plane,)), part="train")
        path = data / f"Kvasir-SEG/masks/{name}.jpg"
        save_pixels(path, np.repeat(plane.astype(np.uint8)[..., None] * 255, 3, axis=-1))

        seen = np.asarray(Image.open(path).convert("L")) > 127
        key = f"Kvasir-SEG/images/{name}.jpg"
        made.train[key] = TrueSample(SIZE, planes=(seen,))
        box = {"label": "polyp", "xmin": 1, "ymin": 2, "xmax": 9, "ymax": 8}
        boxes[name] = {"height": SIZE[0], "width": SIZE[1], "bbox": [box]}
    made.text("Kvasir-SEG/kavsir_bboxes.json", json.dumps(boxes))
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _clinic(data: Path) -> Readings:
    """The same images as PNG and as TIFF, and a table with paths of both."""
    made, rows = Builder(data), []
    for n in range(1, 25):
        plane = draw_plane(made.random, SIZE)
        for kind, end in (("PNG", "png"), ("TIF", "tif")):
            made.image(
                f"{kind}/Original/{n}.{end}", TrueSample(SIZE, planes=(plane,)), part="train"
            )
            save_grey_mask(data / f"{kind}/Ground Truth/{n}.{end}", plane)
        paths = [f"{kind}/{folder}/{n}.{end}" for kind, end in (("TIF", "tif"), ("PNG", "png"))
                 for folder in ("Original", "Ground Truth")]  # fmt: skip
        rows.append([str(n), str(1 + (n - 1) // 6), str(n), *paths])
    made.table("metadata.csv", ["frame_id", "sequence_id", "index", "tif_image_path", "tif_mask_path",
                                "png_image_path", "png_mask_path"], rows)  # fmt: skip
    return (
        reading_of(made, ONE_MASK, out=in_folders("TIF"), mask_classes=[""]),
        reading_of(made, ONE_MASK, out=in_folders("PNG"), mask_classes=[""]),
    )


def _red_and_green(
    random: np.random.Generator, size: Size, path: Path | None
) -> tuple[Plane, Plane]:
    """Write a JPEG of red and green, and return where it is which, however one tells."""
    while True:
        one, other = draw_plane(random, size), draw_plane(random, size)
        kind = int(random.integers(0, 4))
        planes = (one & (kind != 1), other & ~one & (kind in (0, 1)))
        if path is None:
            return planes
        colours = np.zeros((*size, 3), dtype=np.uint8)
        colours[..., 0], colours[..., 1] = planes[0] * 255, planes[1] * 255
        seen = save_jpeg(path, colours).astype(int)
        far = [
            ((seen - colour) ** 2).sum(axis=-1) for colour in ((0, 0, 0), (255, 0, 0), (0, 255, 0))
        ]
        nearest = np.argmin(far, axis=0)
        above = (seen[..., 0] > 127, seen[..., 1] > 127)
        if all(np.array_equal(nearest == n + 1, above[n]) for n in range(2)):
            return nearest == 1, nearest == 2


def _polyps_of_two_colours(data: Path) -> Readings:
    """Masks are JPEGs of red and green; a row an image and channel."""
    made, rows, size, codec = Builder(data), list[tuple[str, ...]](), (64, 96), Codec("C", 1)
    for number in range(30):
        part, name = "train" if number < 22 else "test", hex_name("polyp", number, length=32)
        mask = data / f"train_gt/train_gt/{name}.jpeg" if part == "train" else None
        planes = _red_and_green(made.random, size, mask)
        path = f"{part}/{part}/{name}.jpeg"
        made.image(path, TrueSample(size, planes=planes), part=part)
        if part == "test":
            rows += [(f"{name}_{n}", codec.encode(one)) for n, one in enumerate(planes)]
    columns = {"Ids": "key", "Expected": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1 5 1"] for one, _ in rows])
    kinds = {"segment": ["multiclass", "multilabel"]}
    return (made.truth(kinds, columns, rows, mask_classes=("0", "1"), codec=codec),)


def _instruments(data: Path) -> Readings:
    """Two texts tell the parts; boxes in a JSON say no more than the masks."""
    made, boxes, parts = Builder(data), {}, {"train": [], "test": []}
    for k in range(28):
        plane, name = (
            draw_plane(made.random, SIZE),
            f"ckcu8ty6l00063b5y{hex_name('tool', k, length=8)}",
        )
        made.image(
            f"kvasir-instrument/images/{name}.jpg", TrueSample(SIZE, planes=(plane,)), part="train"
        )
        save_grey_mask(data / f"kvasir-instrument/masks/{name}.png", plane)
        boxes[name] = {
            "height": SIZE[0],
            "width": SIZE[1],
            "bbox": [{"label": "instrument", "xmin": 3, "ymin": 3, "xmax": 9, "ymax": 9}],
        }
        parts["train" if k % 5 else "test"].append(name)
    write_json(made, "kvasir-instrument/bboxes.json", boxes)
    for part, names in parts.items():
        write_lines(made, f"kvasir-instrument/{part}.txt", names)
    tests = {f"kvasir-instrument/images/{one}.jpg" for one in parts["test"]}
    return (reading_of(made, ONE_MASK, test=lambda path: path in tests, mask_classes=[""]),)


ORGANS = {
    11: (210, 140, 140),
    21: (255, 114, 114),
    22: (255, 160, 165),
    31: (170, 255, 0),
    50: (127, 127, 127),
}


def _gall_bladders(data: Path) -> Readings:
    """Four files a frame: the frame, two masks of numbers in three channels, one of colours."""
    made = Builder(data)
    values = np.array(list(ORGANS), dtype=np.uint8)
    colours = np.array(list(ORGANS.values()), dtype=np.uint8)
    for video, first in (("01", 80), ("01", 160), ("12", 15750)):
        top = f"video{video}/video{video}_{first:05d}"
        for k in range(8):
            places = draw_class_map(made.random, SIZE, 5, fill=True)
            name = f"{top}/frame_{first + k}_endo"
            true = TrueSample(SIZE, planes=planes_of(places, 5))
            made.image(f"{name}.png", true, part="train")
            grey = np.repeat(values[places - 1][..., None], 3, axis=-1)
            save_pixels(data / f"{name}_mask.png", grey)
            save_pixels(data / f"{name}_watershed_mask.png", grey)
            save_pixels(data / f"{name}_color_mask.png", colours[places - 1])
    every = reading_of(made, MULTI, mask_classes=[str(one) for one in ORGANS])
    return every, *readings_by_colour(every, list(ORGANS.values()))


def _polyps(data: Path) -> Readings:
    """One folder of train, five of test, whose folders have names in the plural; sizes differ."""
    made = Builder(data)
    for k in range(34):
        size, name = (36 + k % 5, 48), f"{k * 17 + 1}" if k % 3 else f"cju{hex_name('polyp', k)}"
        plane = draw_plane(made.random, size)
        path = f"TrainDataset/image/{name}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        save_grey_mask(data / f"TrainDataset/mask/{name}.png", plane)
    for place, one in enumerate(
        ("CVC-300", "CVC-ClinicDB", "CVC-ColonDB", "ETIS-LaribPolypDB", "Kvasir")
    ):
        for k in range(4):
            size = (36 + place, 48)
            name = f"{k * 5 + 2}" if one != "Kvasir" else f"cju{hex_name('kvasir', k)}"
            plane = draw_plane(made.random, size)
            path = f"TestDataset/{one}/images/{name}.png"
            made.image(path, TrueSample(size, planes=(plane,)), part="train")
            save_grey_mask(data / f"TestDataset/{one}/masks/{name}.png", plane)
    return (reading_of(made, ONE_MASK, test=in_folders("TestDataset"), mask_classes=[""]),)


def _placentas(data: Path) -> Readings:
    """A folder a video, with frames and masks of four numbers in two folders each; from memory of the challenge's data."""
    made, size = Builder(data), (44, 44)
    for video in (1, 2, 3, 4, 6):
        top = f"FetReg2021_Task1_Segmentation/Video{video:03d}"
        for k in range(7):
            numbers = draw_class_map(made.random, size, 3, fill=False)
            name = f"anon{video:03d}_{k * 450 + video:05d}.png"
            true = TrueSample(size, planes=planes_of(numbers, 3))
            made.image(f"{top}/images/{name}", true, part="train")
            save_pixels(data / f"{top}/labels/{name}", numbers)
    made.text(
        "FetReg2021_Task1_Segmentation/README.txt",
        "FetReg: Placental Vessel Segmentation and Registration in Fetoscopy\n\nLabels: 0 background, 1 vessel, 2 tool, 3 fetus\n",
    )
    plain = reading_of(made, MULTI, mask_classes=("1", "2", "3"))
    return plain, with_ground(plain)


ILLS = ("BE", "suspicious", "HGD", "cancer", "polyp")


def _ills_of_the_gullet(data: Path) -> Readings:
    """A mask file a disease that an image has, its name as the last word; they overlap; boxes in texts; a list of classes."""
    made, top, size = Builder(data), "EDD2020_release-I_2020-01-15", (40, 44)
    labels = dict[str, frozenset[str]]()
    for k in range(1, 37):
        name = f"EDD2020_{('ACB', 'INC', 'ET')[k % 3]}{k * 7:04d}"
        has = {ILLS[k % 5], *([ILLS[(k + 2) % 5]] if k % 3 == 0 else [])}
        planes, boxes = list[Plane](), list[str]()
        for ill in ILLS:
            plane = draw_plane(made.random, size) if ill in has else np.zeros(size, dtype=bool)
            planes.append(plane)
            if ill not in has:
                continue
            (data / top / "masks").mkdir(parents=True, exist_ok=True)
            save_grey_mask(data / f"{top}/masks/{name}_{ill}.tif", plane)
            down, right = np.nonzero(plane)
            boxes.append(f"{right.min()} {down.min()} {right.max()} {down.max()} {ill}")
        path = f"{top}/originalImages/{name}.jpg"
        made.image(path, TrueSample(size, planes=tuple(planes)), part="train")
        labels[path] = frozenset(has)
        write_lines(made, f"{top}/bbox/{name}.txt", boxes)
    write_lines(made, f"{top}/class_list.txt", ILLS)
    layers = {"segment": "multilabel"}
    alone = reading_of(made, layers, mask_classes=ILLS)
    both = with_train_labels(reading_of(made, {**SEVERAL, **layers}, classes=ILLS, mask_classes=ILLS), dict(labels))  # fmt: skip
    return alone, both


PARTS_OF_A_KIDNEY = {
    "background-tissue": (0, 0, 0),
    "instrument-shaft": (0, 255, 0),
    "instrument-clasper": (0, 255, 255),
    "instrument-wrist": (125, 255, 12),
    "kidney-parenchyma": (255, 55, 0),
    "covered-kidney": (24, 55, 125),
    "thread": (187, 155, 25),
    "clamps": (0, 255, 125),
    "suturing-needle": (255, 255, 125),
    "suction-instrument": (123, 15, 175),
    "small-intestine": (124, 155, 5),
    "ultrasound-probe": (12, 255, 141),
}


def _robots_at_a_kidney(data: Path) -> Readings:
    """A folder a film with the same names of frames; masks in colours, and a JSON of these; train unpacks in two folders."""
    made, size, names = Builder(data), WIDE, tuple(PARTS_OF_A_KIDNEY)
    colours = np.array(list(PARTS_OF_A_KIDNEY.values()), dtype=np.uint8)
    releases = (("miccai_challenge_2018_release_1", (1, 2, 3, 4)), ("miccai_challenge_release_2", (5, 6, 7)))  # fmt: skip
    for top, films in releases:
        for film in films:
            for k in range(6):
                picked = np.array([0, *sorted({1, 3, 4, 1 + (film + k) % 11, 1 + (film * 3 + k) % 11})], dtype=np.uint8)  # fmt: skip
                numbers = picked[draw_class_map(made.random, size, len(picked), fill=True) - 1]
                planes = tuple(numbers == n for n in range(12))
                frame = f"frame{k:03d}.png"
                made.image(f"{top}/seq_{film}/left_frames/{frame}", TrueSample(size, planes=planes), part="train")  # fmt: skip
                save_coloured_mask(made, f"{top}/seq_{film}/labels/{frame}", numbers, colours)
            made.text(f"{top}/seq_{film}/camera_calibration.txt", "// left camera\nWidth: 1280\nHeight: 1024\nCamera-0-F: 1042.51 1042.44\n")  # fmt: skip
        table = [{"name": one, "color": list(rgb), "classid": n} for n, (one, rgb) in enumerate(PARTS_OF_A_KIDNEY.items())]  # fmt: skip
        write_json(made, f"{top}/labels.json", table)
    for film in (1, 2):
        write_photos(made, [f"test_data/seq_{film}/left_frames/frame{k:03d}.png" for k in range(6)], None, size)  # fmt: skip
        made.text(f"test_data/seq_{film}/camera_calibration.txt", "// left camera\nWidth: 1280\n")
    whole = reading_of(made, MULTI, test=in_folders("test_data"), mask_classes=names)
    fewer = {path: one.planes[1:] for path, one in whole.train.items() if one.planes is not None}
    return whole, with_masks(whole, fewer, names[1:])


# EndoCV 2021, polyps: memory, and what a user notes of its folders.
def _polyps_of_five_clinics(data: Path) -> Readings:
    """Folders of a clinic with its number in each name; masks are JPEGs with a word behind; drawings and texts of boxes beside."""
    made, size, top = Builder(data), (44, 52), "EndoCV2021"
    for clinic in range(1, 6):
        base = f"{top}/data_C{clinic}"
        for k in range(1, 9):
            name = (
                f"C{clinic}_EndoCV2021_{k * 13:05d}"
                if clinic > 2
                else f"{99 + clinic}H{k * 11:04d}"
            )
            plane = save_jpeg_mask(data / f"{base}/masks_C{clinic}/{name}_mask.jpg", draw_plane(made.random, size))  # fmt: skip
            path = f"{base}/images_C{clinic}/{name}.jpg"
            made.image(path, TrueSample(size, planes=(plane,)), part="train")
            down, right = np.nonzero(plane)
            write_lines(made, f"{base}/bbox_C{clinic}/{name}_mask.txt", [f"polyp {right.min()} {down.min()} {right.max()} {down.max()}"])  # fmt: skip
            drawn = made.random.integers(0, 255, (*size, 3)).astype(np.uint8)
            save_pixels(data / f"{base}/bbox_image_C{clinic}/{name}_mask_bbox.jpg", drawn)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


LAYOUTS = (
    DataSet("HyperKvasir", "memory", _endoscopy, has_test=False, doubt="header of the table"),
    DataSet("capsule-vision-2024", "page and code", _capsules, doubt="names of the images"),
    DataSet("LIMUC", "code and memory", _bowels_by_grade),
    DataSet("Kvasir-SEG", "memory", _kvasir, has_test=False),
    DataSet("CVC-ClinicDB", "memory", _clinic, has_test=False),
    DataSet(
        "bkai-igh-neopolyp", "code, memory", _polyps_of_two_colours, doubt="answers of the sample"
    ),
    DataSet("Kvasir-Instrument", "memory", _instruments),
    DataSet("CholecSeg8k", "memory", _gall_bladders, has_test=False),
    DataSet("Polyps (five test sets)", "code", _polyps),
    DataSet("fetreg-2021", "memory", _placentas, has_test=False, doubt="names of the images"),
    DataSet("edd-2020", "code", _ills_of_the_gullet, has_test=False),
    DataSet(
        "endovis-2018-scene-segmentation", "memory", _robots_at_a_kidney, doubt="folder of test"
    ),
    DataSet("endocv-2021", "memory", _polyps_of_five_clinics, has_test=False),
)
