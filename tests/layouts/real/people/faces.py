"""Layouts of competitions and data sets of faces: who it is, parts, traits, masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.drawing import draw_class_map, draw_plane, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, MULTI, NUMBER, ONE_MASK, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import planes_of, save_grey_mask, union
from layouts.real.names import hex_name
from layouts.real.photos import write_grey, write_photos
from layouts.real.readings import (
    in_folders,
    reading_of,
    with_and_without,
    with_masks_by_value,
    without_file,
)
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _spot_the_mask(data: Path) -> Readings:
    """Images of both parts in one folder, of several endings."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(36):
        part, label = "train" if number < 26 else "test", str(number * 3 % 4 % 2)
        letters = "".join(chr(97 + int(one, 16)) for one in hex_name("mask", number, length=30))
        name = f"{letters}.{('jpg', 'jpg', 'jpeg', 'png')[number % 4]}"
        true = TrueSample(BROAD, label, made.probs(("0", "1")))
        made.image(f"images/{name}", true, part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, repr(true.probs["1"])))
    columns = {"image": "key", "target": "number"}
    made.table("train_labels.csv", list(columns), cells)
    made.table("sample_sub_v2.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


def _wild_faces(data: Path) -> Readings:
    """Many people have one picture alone."""
    made = Builder(data)
    people = {"Aaron_Eckhart": 1, "Abel_Pacheco": 4, "Adrien_Brody": 12, "Aaron_Guiel": 1, "Zico": 3,
              "George_W_Bush": 9, "AJ_Cook": 1}  # fmt: skip
    for name, n in people.items():
        write_photos(made, [f"lfw/{name}/{name}_{k:04d}.jpg" for k in range(1, n + 1)], name)
    return (reading_of(made, LABELS, classes=tuple(people)),)


def _face_classes(data: Path) -> Readings:
    """Folders are people; the place of the folder in their order is sent."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    top, people = (
        "11-785-f22-hw2p2-classification/classification",
        ("n000002", "n000003", "n000012", "n009294"),
    )
    for place, label in enumerate(people):
        for part, n in (("train", 7), ("dev", 2), ("test", 2)):
            for k in range(n):
                name = f"{label}/{10 + 7 * k:04d}_0{1 + k % 3}.jpg"
                path = f"{top}/{part}/{name}"
                if part == "test":
                    name = f"{place + 4 * k:08d}.jpg"
                    path = f"{top}/test/{name}"
                    rows.append((name, str(place)))
                made.image(path, TrueSample(BROAD, label), part=part)
                if part == "dev":
                    made.train[path] = made.test.pop(path)
    for label in people[:2]:
        for path in [one for one in made.train if f"/train/{label}/" in one][:4]:
            copy = path.replace("/train/", "/train_subset/")
            (data / copy).parent.mkdir(parents=True, exist_ok=True)
            (data / copy).write_bytes((data / path).read_bytes())
            made.train[copy] = made.train[path]
    columns = {"id": "key", "label": "text"}
    made.table(
        f"{top}/classification_sample_submission.csv",
        list(columns),
        [[one, "0"] for one, _ in sorted(rows)],
    )
    truth = made.truth(LABELS, columns, rows, classes=people)
    found = []
    for out in (("train_subset",), (), ("dev", "train_subset"), ("dev",)):
        inside = tuple(f"{top}/{one}/" for one in out)
        kept = {
            path: one for path, one in truth.train.items() if not path.startswith(inside or "?")
        }
        found.append(replace(truth, train=kept))
    return tuple(found)


def _forty_people(data: Path) -> Readings:
    made, people = Builder(data), [f"s{k}" for k in (1, 2, 10, 40)]
    for label in people:
        for k in range(1, 9):
            save_pixels(
                data / f"{label}/{k}.pgm", made.random.integers(0, 255, SIZE).astype(np.uint8)
            )
            made.train[f"{label}/{k}.pgm"] = TrueSample(SIZE, label)
    made.text(
        "README",
        "The ORL Database of Faces\n\nThere are ten different images of each of 40 distinct subjects.\n",
    )
    return (reading_of(made, LABELS, classes=people),)


def _two_kinds_of_people(data: Path) -> Readings:
    """Training and Validation; names end twice in .jpg."""
    made, kinds = Builder(data), ("female", "male")
    for part, n in (("Training", 14), ("Validation", 6)):
        for label in kinds:
            write_photos(
                made,
                [f"{part}/{label}/{90544 + 17 * k + (label == 'male')}.jpg.jpg" for k in range(n)],
                label,
            )
    valid = in_folders("Validation")
    return (
        reading_of(made, TWO, test=valid, classes=kinds),
        reading_of(made, TWO, classes=kinds),
        reading_of(made, TWO, out=valid, classes=kinds),
    )


def _masked_faces(data: Path) -> Readings:
    """A JSON of name and number of the class; nothing shows the file to send."""
    made, labels, top = Builder(data), dict[str, int](), "MaskDataset"
    for k in range(36):
        label, name = k * 5 % 3, f"{10001 + k * 137}.jpg"
        write_photos(made, [f"{top}/training/{name}"], str(label))
        labels[name] = label
    write_photos(made, [f"{top}/test/{10005 + k * 211}.jpg" for k in range(10)], None)
    write_json(made, f"{top}/train_gt.json", labels)
    return (reading_of(made, LABELS, test=in_folders(f"{top}/test"), classes=tuple("012")),)


def _masked(data: Path) -> Readings:
    """Class folders of three parts with a blank in the name of the folder above."""
    made, top = Builder(data), "Face Mask Dataset"
    for part, n in (("Train", 14), ("Validation", 4), ("Test", 5)):
        for label in ("WithMask", "WithoutMask"):
            names = [
                f"Augmented_{k * 37 + n}_{4511421 + k * 90001}" if k % 3 else f"{k * 41 + n}"
                for k in range(n)
            ]
            write_photos(
                made, [f"{top}/{part}/{label}/{one}.png" for one in names], label, (20 + n % 3, 20)
            )
    return tuple(
        with_and_without(
            lambda out: [
                reading_of(
                    made,
                    TWO,
                    test=in_folders(f"{top}/Test"),
                    out=out,
                    classes=("WithMask", "WithoutMask"),
                )
            ],
            in_folders(f"{top}/Validation"),
        )
    )


def _ending(*ends: str) -> Callable[[str], bool]:
    return lambda path: path.endswith(ends)


PEOPLE = ("an2i", "boland", "ch4f", "karyadi", "saavik")


def _faces_of_cmu(data: Path) -> Readings:
    """A folder a person; each image in three sizes, told by the end of its name."""
    made = Builder(data)
    poses, moods, eyes = (
        ("left", "right", "straight", "up"),
        ("angry", "happy", "neutral", "sad"),
        ("open", "sunglasses"),
    )
    for person in PEOPLE:
        for k in range(5):
            name = f"{person}_{poses[k % 4]}_{moods[k * 3 % 4]}_{eyes[k % 2]}"
            for end, size in (("", (40, 42)), ("_2", (20, 21)), ("_4", (10, 11))):
                write_grey(made, f"faces/{person}/{name}{end}.pgm", TrueSample(size, person))
    found = list[LayoutTruth]()
    for ends in ((), ("_2.pgm", "_4.pgm")):
        every = reading_of(
            made,
            LABELS,
            out=_ending(*ends),
            classes=PEOPLE,
        )
        found.append(every)
        for place, names in ((1, poses), (2, moods), (3, eyes)):
            train = {
                path: replace(one, label=Path(path).stem.split("_")[place])
                for path, one in every.train.items()
            }
            found.append(replace(every, classes=names, train=train))
    return tuple(found)


# Glasses or no glasses (course T81-558): a user's README, and memory of the names.
def _glasses(data: Path) -> Readings:
    """Numbers that made each face stand between its number and its label; ids are in the names of images behind a word."""
    made, top = Builder(data), "faces-spring-2020/faces-spring-2020"
    header = ["id", *(f"v{n}" for n in range(1, 513))]
    cells: dict[str, list[list[str]]] = {"train": [], "test": []}
    test = set[str]()
    for k in range(1, 57):
        part, label = ("train", str(int(k * 5 % 7 < 4))) if k <= 40 else ("test", None)
        path = f"{top}/face-{k}.png"
        write_photos(made, [path], label, (40, 40))
        row = [str(k), *(f"{one:.5f}" for one in made.random.normal(size=512))]
        cells[part].append(row if label is None else [*row, label])
        if label is None:
            test.add(path)
    made.table("train.csv", [*header, "glasses"], cells["train"])
    made.table("test.csv", header, cells["test"])
    return (reading_of(made, TWO, test=lambda path: path in test, classes=("0", "1")),)


TRAITS = ("5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Male", "Smiling", "Young")


def _celeba(data: Path) -> Readings:
    made, rows, parts, boxes, marks, tests = Builder(data), [], [], [], [], set()
    for n in range(1, 37):
        bits = made.random.integers(0, 2, len(TRAITS))
        bits[n % 6] = 1
        names = frozenset(one for one, bit in zip(TRAITS, bits, strict=True) if bit)
        path = f"img_align_celeba/img_align_celeba/{n:06d}.jpg"
        write_photos(made, [path], names)
        part = 0 if n <= 24 else 1 if n <= 28 else 2
        if part == 2:
            tests.add(path)
        rows.append([f"{n:06d}.jpg", *(str(2 * int(bit) - 1) for bit in bits)])
        parts.append([f"{n:06d}.jpg", str(part)])
        boxes.append([f"{n:06d}.jpg", "5", "4", "12", "10"])
        marks.append([f"{n:06d}.jpg", "7", "8", str(10 + n % 4), "8"])
    made.table("list_attr_celeba.csv", ["image_id", *TRAITS], rows)
    made.table("list_eval_partition.csv", ["image_id", "partition"], parts)
    made.table("list_bbox_celeba.csv", ["image_id", "x_1", "y_1", "width", "height"], boxes)
    made.table("list_landmarks_align_celeba.csv",
               ["image_id", "lefteye_x", "lefteye_y", "righteye_x", "righteye_y"], marks)  # fmt: skip
    kinds = {"classify": "multilabel"}
    return (reading_of(made, kinds, test=lambda path: path in tests, classes=TRAITS),)


def _keypoints(data: Path, *, by_row: bool = False) -> LayoutTruth:
    """Coordinates of keypoints, of which most faces lack some."""
    made, rows, train = Builder(data), list[tuple[str, ...]](), list[list[str]]()
    points = [f"{one}_{axis}" for one in ("left_eye_center", "nose_tip", "mouth") for axis in "xy"]
    names = []
    for number in range(36):
        part, name = "train" if number < 28 else "test", f"face{number:04d}"
        true: list[float | None] = [round(float(made.random.uniform(2, 18)), 3) for _ in points]
        if part == "train" and number % 3:
            true[number % 2 + 2] = None
            true[-1] = None
        made.image(f"{part}/{name}.png", TrueSample(BROAD, tuple(true)), part=part)
        cells = ["" if one is None else str(one) for one in true]
        if part == "train":
            train.append([name, *cells])
            continue
        names.append(name)
        one_each = [(f"{name}_{point}", cell) for point, cell in zip(points, cells, strict=True)]
        rows += one_each if by_row else [(name, *cells)]
    made.table("training.csv", ["ImageId", *points], train)
    header = ["RowId", "Location"] if by_row else ["ImageId", *points]
    zeros = [[one[0], *["0"] * (len(header) - 1)] for one in rows]
    made.table("SampleSubmission.csv", header, zeros)
    columns = {header[0]: "key", **dict.fromkeys(header[1:], "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=points)


def _heads(data: Path) -> Readings:
    """The number of faces in a table, their boxes in another; all images in one folder."""
    made, cells, boxes, tests = Builder(data), [], [], []
    for k in range(40):
        part, n, name = "train" if k < 30 else "test", 1 + k * 5 % 7, f"{10004 + 17 * k}.jpg"
        made.image(f"image_data/{name}", TrueSample(SIZE, float(n)), part=part)
        if part == "train":
            cells.append([name, str(n)])
            boxes += [
                [name, str(SIZE[1]), str(SIZE[0]), str(1 + b), str(2 + b), str(4 + b), str(5 + b)]
                for b in range(n)
            ]
        else:
            tests.append([name])
    made.table("train.csv", ["Name", "HeadCount"], cells)
    made.table("bbox_train.csv", ["Name", "width", "height", "xmin", "ymin", "xmax", "ymax"], boxes)
    made.table("test.csv", ["Name"], tests)
    return (without_file(made.truth(NUMBER, {"Name": "key", "HeadCount": "number"}, [])),)


PARTS = ("hair", "l_eye", "nose", "skin", "u_lip")


LOOKS = ("Bald", "Eyeglasses", "Male", "Smiling", "Young")


def _face_parts(data: Path) -> Readings:
    """A file for each part that is there, of half the size; numbers with zeros in these alone."""
    made, top, lines = Builder(data), "CelebAMask-HQ", ["24", " ".join(LOOKS)]
    mapping, size = ["idx     orig_idx        orig_file"], (24, 24)
    for k in range(24):
        planes = []
        for place, part in enumerate(PARTS):
            plane = draw_plane(made.random, (12, 12)) & (place < 3 or (k + place) % 4 > 0)
            planes.append(np.kron(plane, np.ones((2, 2), dtype=bool)).astype(bool))
            if plane.any():
                picture = np.stack([plane.astype(np.uint8) * 255] * 3, axis=-1)
                save_pixels(
                    data / f"{top}/CelebAMask-HQ-mask-anno/{k // 12}/{k:05d}_{part}.png", picture
                )
        has = [(k * 3 + place * 2) % 5 < 2 for place in range(len(LOOKS))]
        label = frozenset(one for one, bit in zip(LOOKS, has, strict=True) if bit)
        made.image(
            f"{top}/CelebA-HQ-img/{k}.jpg",
            TrueSample(size, label, planes=tuple(planes)),
            part="train",
        )
        lines.append(f"{k}.jpg  " + " ".join("1" if bit else "-1" for bit in has))
        mapping.append(f"{k}       {119613 + 17 * k}          {119614 + 17 * k}.jpg")
    write_lines(made, f"{top}/CelebAMask-HQ-attribute-anno.txt", lines)
    write_lines(made, f"{top}/CelebA-HQ-to-CelebA-mapping.txt", mapping)
    write_lines(
        made,
        f"{top}/CelebAMask-HQ-pose-anno.txt",
        ["24", "Yaw Pitch Raw", *(f"{k}.jpg {k}.5 -3.2 1.1" for k in range(24))],
    )
    made.text(f"{top}/README.txt", "CelebAMask-HQ: 30,000 images, masks of 19 facial attributes\n")
    return (
        reading_of(made, {**SEVERAL, "segment": "multilabel"}, classes=LOOKS, mask_classes=PARTS),
    )


def _parts_of_faces(data: Path) -> Readings:
    """Images, labels and landmarks in folders of three parts; names of classes nowhere."""
    made, top = Builder(data), "LaPa"
    for part, n in (("train", 18), ("val", 5), ("test", 6)):
        for k in range(n):
            places, name = (
                draw_class_map(made.random, SIZE, 10, fill=k % 2 > 0),
                f"{10009865324 + 71 * k + 5000 * n}_{k % 2}",
            )
            true = TrueSample(SIZE, planes=planes_of(places, 10))
            made.image(f"{top}/{part}/images/{name}.jpg", true, part="train")
            save_pixels(data / f"{top}/{part}/labels/{name}.png", places)
            points = [f"{3 + n % 18}.000000 {2 + n % 16}.000000" for n in range(106)]
            write_lines(made, f"{top}/{part}/landmarks/{name}.txt", ["106", *points])
    is_test, names = in_folders(f"{top}/test"), [str(n) for n in range(1, 11)]
    found = list[LayoutTruth]()
    for out in (in_folders(), in_folders(f"{top}/val")):
        ground = reading_of(made, MULTI, test=is_test, out=out, mask_classes=names)
        every = {
            path: replace(one, planes=(~union(one.planes), *one.planes))
            for path, one in ground.train.items()
            if one.planes
        }
        found += [ground, replace(ground, train=every, mask_classes=("0", *names))]
    return tuple(found)


def _hair(data: Path) -> Readings:
    """Images and masks end in a word each; masks are PBM, one of them twice; from code."""
    made, top = Builder(data), "Figaro1k"
    for part, first, n in (("Training", 1, 30), ("Testing", 106, 10)):
        for k in range(n):
            name, size = f"Frame{first + k * 3:05d}", (40, 40 + k % 4)
            plane = draw_plane(made.random, size)
            path = f"{top}/Original/{part}/{name}-org.jpg"
            made.image(path, TrueSample(size, planes=(plane,)), part="train")
            ends = ("-gt", "-gt(1)") if part == "Training" and k == 7 else ("-gt",)
            for end in ends:
                to = data / f"{top}/GT/{part}/{name}{end}.pbm"
                to.parent.mkdir(parents=True, exist_ok=True)
                # White is 0 in a PBM, and hair is white.
                Image.fromarray(plane.astype(np.uint8) * 255).convert("1").save(to)
    return (
        reading_of(made, ONE_MASK, test=in_folders(f"{top}/Original/Testing"), mask_classes=[""]),
    )


# PicsArt AI hackathon 2018: participants' code, and memory of the sample.
def _people_of_picsart(data: Path) -> Readings:
    """Photos of people with masks in a folder beside, of the same numbers; runs are sent, and which way they count stands nowhere."""
    made, rows, codec, size = Builder(data), Rows(), Codec(order="C"), (48, 36)
    for k in range(32):
        plane = draw_plane(made.random, size)
        made.image(f"train/{k}.jpg", TrueSample(size, planes=(plane,)), part="train")
        save_grey_mask(data / f"train_mask/{k}.png", plane)
    for k in range(14):
        plane = draw_plane(made.random, size)
        made.image(f"test/{k}.jpg", TrueSample(size, planes=(plane,)), part="test")
        rows.append((str(k), codec.encode(plane)))
    columns = {"image": "key", "rle_mask": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return (
        made.truth(
            ONE_MASK, columns, rows, mask_classes=[""], codec=codec, undecided={"submission.rle"}
        ),
    )


# Face Synthetics (Microsoft), the sample of a hundred: its page, from memory.
def _made_faces(data: Path) -> Readings:
    """Faces by a computer, with masks of 0 to 18 (and 255, to be ignored) and with 70 points as text, all in one folder."""
    made, size, top = Builder(data), (52, 52), "dataset_100"
    maps = dict[str, np.ndarray]()
    for k in range(40):
        values = draw_class_map(made.random, size, 18, fill=True)
        values[draw_plane(made.random, size)] = 0
        if k % 4 == 1:
            values[:, -3:] = 255
        path = f"{top}/{k:06d}.png"
        write_photos(made, [path], None, size)
        maps[path] = values
        save_pixels(data / f"{top}/{k:06d}_seg.png", values)
        points = made.random.uniform(4, 48, (70, 2))
        write_lines(made, f"{top}/{k:06d}_ldmks.txt", [f"{x:.3f} {y:.3f}" for x, y in points])
    made.text("LICENSE.txt", "Research Use of Data Agreement v1.0\n")
    plain = reading_of(made, MULTI)
    return (
        with_masks_by_value(plain, maps, range(1, 19), 255),
        with_masks_by_value(plain, maps, range(19), 255),
        with_masks_by_value(plain, maps, (*range(1, 19), 255)),
        with_masks_by_value(plain, maps, (*range(19), 255)),
    )


def _families(data: Path) -> Readings:
    """Pairs of images are asked."""
    made, pairs = Builder(data), []
    for family in range(6):
        for person in range(2):
            for face in range(2):
                folder = f"train/F{2 + family:04d}/MID{1 + person}"
                name = f"P{family * 20 + person:05d}_face{face}.jpg"
                made.image(f"{folder}/{name}", TrueSample(BROAD), part="train")
        pairs.append([f"F{2 + family:04d}/MID1", f"F{2 + family:04d}/MID2"])
    for number in range(8):
        made.image(f"test/face{number * 31:05d}.jpg", TrueSample(BROAD), part="test")
    made.table("train_relationships.csv", ["p1", "p2"], pairs)
    faces = sorted(Path(one).name for one in made.test)
    rows = [[f"{one}-{other}", "0"] for one in faces for other in faces if one < other]
    made.table("sample_submission.csv", ["img_pair", "is_related"], rows)
    return (reading_of(made, {}),)


LAYOUTS = (
    DataSet("zindi-spot-the-mask", "memory", _spot_the_mask),
    DataSet("LFW", "code (torchvision)", _wild_faces, has_test=False),
    DataSet(
        "11-785-f22-hw2p2-classification", "code", _face_classes, doubt="answers of the sample"
    ),
    DataSet("ORL faces", "memory", _forty_people, has_test=False),
    DataSet("Gender classification", "memory", _two_kinds_of_people),
    DataSet("artificial-neural-networks-and-deep-learning-2020", "memory", _masked_faces),
    DataSet("Face mask 12K", "memory", _masked),
    DataSet("CMU face images", "memory", _faces_of_cmu, has_test=False),
    DataSet("Glasses or no glasses", "code and memory", _glasses),
    DataSet("CelebA (Kaggle)", "memory", _celeba),
    RealLayout("facial-keypoints-detection", "memory, its pixels as files", _keypoints),
    RealLayout(
        "facial-keypoints-detection by row",
        "made up: a row of an image and a keypoint, as its lookup table has them",
        partial(_keypoints, by_row=True),
    ),
    DataSet("analytics-vidhya-face-counting", "memory", _heads),
    DataSet("CelebAMask-HQ", "memory", _face_parts, has_test=False),
    DataSet("LaPa", "memory", _parts_of_faces),
    DataSet("Figaro1k", "code", _hair),
    DataSet("picsart-ai-hackathon-2018", "code and memory", _people_of_picsart, doubt="the sample"),
    DataSet("Face Synthetics", "memory", _made_faces, has_test=False),
    DataSet("recognizing-faces-in-the-wild", "memory", _families, refusal=r"\S"),
)
