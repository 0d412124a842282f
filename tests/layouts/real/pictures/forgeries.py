"""Layouts of competitions and data sets of forged, made-up and manipulated pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.drawing import draw_objects, draw_plane, save_pixels
from layouts.real.files import write_lines
from layouts.real.kinds import ONE_MASK, TWO
from layouts.real.made import BROAD, WIDE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import save_grey_mask, union
from layouts.real.names import hex_name
from layouts.real.photos import write_photos
from layouts.real.readings import in_folders, reading_of
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

CAMERAS = {
    "HTC-1-M7": "(HTC-1-M7){}.jpg", "LG-Nexus-5x": "(LG5x){}.jpg",
    "Motorola-Droid-Maxx": "(MAX){}.jpg", "Motorola-Nexus-6": "(Nex6){}.jpg",
    "Motorola-X": "(MotoX){}.jpg", "Samsung-Galaxy-Note3": "(GalaxyN3){}.jpg",
    "Samsung-Galaxy-S4": "(GalaxyS4){}.jpg", "Sony-NEX-7": "(Nex7){}.JPG",
    "iPhone-4s": "(iP4s){}.jpg", "iPhone-6": "(iP6){}.jpg",
}  # fmt: skip


def _cameras(data: Path) -> LayoutTruth:
    """Class folders of JPEG; TIFF in test, half of them changed."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label, name in CAMERAS.items():
        for number in range(1, 4):
            path = f"train/{label}/{name.format(number)}"
            made.image(path, TrueSample((40, 56), label), part="train")
    for number in range(8):
        label, name = list(CAMERAS)[number], f"img_{hex_name(number, length=7)}"
        name += ("_manip.tif", "_unalt.tif")[number % 2]
        made.image(f"test/{name}", TrueSample((32, 32), label), part="test")
        rows.append((name, label))
    made.table("sample_submission.csv", ["fname", "camera"], [[one, "HTC-1-M7"] for one, _ in rows])
    columns = {"fname": "key", "camera": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=list(CAMERAS))


def _steganalysis(data: Path) -> LayoutTruth:
    """The same names in four folders: the cover and what three methods made of it."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(8):
        for folder in ("Cover", "JMiPOD", "JUNIWARD", "UERD"):
            true = TrueSample(BROAD, str(int(folder != "Cover")))
            made.image(f"{folder}/{number + 1:05d}.jpg", true, part="train")
        true = TrueSample(BROAD, str(number % 2), made.probs(("0", "1")))
        name = f"{number + 1:04d}.jpg"
        made.image(f"Test/{name}", true, part="test")
        rows.append((name, repr(true.probs["1"])))
    shown = [[one, str(number)] for number, (one, _) in enumerate(rows)]
    made.table("sample_submission.csv", ["Id", "Label"], shown)
    columns = {"Id": "key", "Label": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


def _made_by_machine(data: Path) -> Readings:
    """Paths in both tables; a first column without a name; no sample."""
    made, tables = Builder(data), {"train": [], "test": []}
    for number in range(38):
        part, label = "train" if number < 28 else "test", str(1 - number % 2)
        folder = "train_data" if part == "train" else "test_data_v2"
        path = f"{folder}/{hex_name('ai', part, number, length=32)}.jpg"
        made.image(path, TrueSample(BROAD, label), part="train")
        tables[part].append([str(number), path, label] if part == "train" else [path])
    made.table("train.csv", ["", "file_name", "label"], tables["train"])
    made.table("test.csv", ["id"], tables["test"])
    return (
        reading_of(
            made, {"classify": "binary"}, test=in_folders("test_data_v2"), classes=("0", "1")
        ),
    )


def _real_and_fake(data: Path) -> Readings:
    """Folders training_fake and training_real, and no images to predict."""
    made, top = Builder(data), "real_and_fake_face_detection/real_and_fake_face"
    write_photos(
        made,
        [
            f"{top}/training_fake/{('easy', 'mid', 'hard')[k % 3]}_{k}_{('1110', '1010', '0001')[k % 3]}.jpg"
            for k in range(14)
        ],
        "training_fake",
    )
    write_photos(
        made, [f"{top}/training_real/real_{k:05d}.jpg" for k in range(16)], "training_real"
    )
    plain = reading_of(made, TWO, classes=("training_fake", "training_real"))
    short = {
        path: replace(one, label=str(one.label).removeprefix("training_"))
        for path, one in plain.train.items()
    }
    return plain, replace(plain, train=short, classes=("fake", "real"))


def _fake_faces(data: Path) -> Readings:
    """Parts by folders, and a table of each part with paths of another machine."""
    made, top = Builder(data), "real_vs_fake/real-vs-fake"
    for part, n in (("train", 20), ("valid", 8), ("test", 8)):
        cells = []
        for k in range(n):
            label = ("fake", "real")[k % 2]
            name = (
                f"{hex_name('face', part, k).upper()}.jpg"
                if label == "fake"
                else f"{31355 + 7 * k + n}.jpg"
            )
            write_photos(made, [f"{top}/{part}/{label}/{name}"], label)
            cells.append([str(k), f"/kaggle/input/flickrfaceshq-dataset-nvidia-resized-256px/resized/{name}", name.split(".")[0],
                          str(int(label == "real")), label, f"{part}/{label}/{name}"])  # fmt: skip
        made.table(f"{part}.csv", ["", "original_path", "id", "label", "label_str", "path"], cells)
    found = []
    for classes in (("fake", "real"), ("0", "1")):
        for out in ((), (f"{top}/valid",)):
            made_label = (
                (lambda one: {"fake": "0", "real": "1"}[str(one)]) if classes[0] == "0" else None
            )
            found.append(reading_of(made, TWO, test=in_folders(f"{top}/test"), out=in_folders(*out) if out else (lambda path: False),
                                  classes=classes, label=made_label))  # fmt: skip
    return tuple(found)


def _fake_images(data: Path) -> Readings:
    """Names of both classes and both parts are the same, ten times over, with numbers in brackets."""
    made, classes = Builder(data), ("FAKE", "REAL")
    for part, n in (("train", 16), ("test", 5)):
        for label in classes:
            names = [
                f"{k // 3 * 11:04d}{'' if k % 3 == 0 else f' ({k % 3 + 1})'}.jpg" for k in range(n)
            ]
            write_photos(made, [f"{part}/{label}/{one}" for one in names], label)
    return (reading_of(made, TWO, test=in_folders("test"), classes=classes),)


def _fake_scenes(data: Path) -> Readings:
    """Words for labels, one of them Spanish; the probability of the real is sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    classes = ("editada", "real")
    for k in range(36):
        label = classes[k * 3 % 7 % 2]
        write_photos(made, [f"Train/{k + 1}.jpg"], label, WIDE)
        cells.append([f"{k + 1}.jpg", label])
    for k in range(14):
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        true = TrueSample(WIDE, classes[k % 2], {"editada": round(1 - prob, 3), "real": prob})
        made.image(f"Test/{k + 1}.jpg", true, part="test")
        rows.append((f"{k + 1}.jpg", repr(prob)))
    columns = {"image": "key", "label": "number"}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=classes),)


def _made_by_a_machine(data: Path) -> Readings:
    """Two tables, and names with their endings in both; a label of 0 and 1; a test table of ids alone."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    for k in range(60):
        part, n = ("train", k) if k < 44 else ("test", k - 44)
        label = str(k * 5 % 8 // 4)
        made.image(f"{part}/{n}.jpg", TrueSample((40, 40), label), part=part)
        if part == "train":
            cells.append([f"{n}.jpg", label])
        else:
            rows.append((f"{n}.jpg", label))
    columns = {"id": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, str(k % 2)] for k, (one, _) in enumerate(rows)])  # fmt: skip
    return (made.truth(TWO, columns, rows, classes=("0", "1")),)


# AI Challenge 2020 (Korea), deepfakes: the host's README.
def _fakes_of_korea(data: Path) -> Readings:
    """Texts of a name and a number with a blank between, without a header, in the folder of the images."""
    made = Builder(data)
    for part, n in (("train", 36), ("validate", 12), ("test", 14)):
        lines = list[str]()
        for k in range(n):
            name, label = f"{hex_name('fake', part, k, length=32)}.jpg", str(int(k * 5 % 7 < 4))
            write_photos(made, [f"{part}/{name}"], None if part == "test" else label, (36, 36))
            lines.append(f"{name} {label}")
        if part != "test":
            write_lines(made, f"{part}/{part}_label.txt", lines)
    test, classes = in_folders("test"), ("0", "1")
    return (
        reading_of(made, TWO, test=test, classes=classes),
        reading_of(made, TWO, test=test, out=in_folders("validate"), classes=classes),
    )


# multi-FFDI (Global Multimedia Deepfake Detection, images): participants' READMEs, and memory of the tables.
def _fakes_of_many_kinds(data: Path) -> Readings:
    """Tables with commas are texts; the names of test stand in another."""
    made = Builder(data)
    for part, n in (("trainset", 36), ("valset", 14)):
        cells = list[list[str]]()
        for k in range(n):
            name, label = f"{hex_name('ffdi', part, k, length=32)}.jpg", str(int(k * 3 % 5 < 3))
            write_photos(made, [f"phase1/{part}/{name}"], label, (40, 40))
            cells.append([name, label])
        made.table(f"phase1/{part}_label.txt", ["img_name", "target"], cells)
    names = [f"{hex_name('ffdi', 'test', k, length=32)}.jpg" for k in range(14)]
    write_photos(made, [f"phase2/testset1_seen/{one}" for one in names], None, (40, 40))
    made.table("phase2/testset1_seen_nolabel.txt", ["img_name"], [[one] for one in names])
    test, classes = in_folders("phase2"), ("0", "1")
    return (
        reading_of(made, TWO, test=test, classes=classes),
        reading_of(made, TWO, test=test, out=in_folders("phase1/valset"), classes=classes),
    )


def _forgeries(data: Path) -> Readings:
    """Folders of both kinds with the same names; masks as arrays; a word or runs are sent."""
    made, size = Builder(data), (40, 48)
    empty = np.zeros(size, dtype=bool)
    for k in range(30):
        name = str(10 + k * 23)
        for kind in ("authentic", "forged"):
            if kind == "authentic" and k % 5 == 4:
                continue
            objects = tuple((0, one) for one in draw_objects(made.random, size, 1 + k % 4))
            path = f"train_images/{kind}/{name}.png"
            true = TrueSample(size, objects=objects if kind == "forged" else ())
            made.image(path, true, part="train")
            if kind == "forged":
                (data / "train_masks").mkdir(exist_ok=True)
                planes = np.stack([plane for _, plane in objects]).astype(np.uint8)
                np.save(data / f"train_masks/{name}.npy", planes)
    for k in range(4):
        name = str(3 + k * 11)
        pixels = made.random.integers(0, 90, (*size, 3)).astype(np.uint8)
        save_pixels(data / f"supplemental_images/{name}.png", pixels)
        plane = draw_plane(made.random, size)[None].astype(np.uint8)
        (data / "supplemental_masks").mkdir(exist_ok=True)
        np.save(data / f"supplemental_masks/{name}.npy", plane)
    made.image("test_images/45.png", TrueSample(size, objects=()), part="test")
    columns = {"case_id": "key", "annotation": "text"}
    rows: list[tuple[str, ...]] = [("45", "authentic")]
    made.table("sample_submission.csv", list(columns), rows)
    single = made.truth({"segment": "instance"}, columns, rows, mask_classes=[""])

    def whole(each: dict[str, TrueSample]) -> dict[str, TrueSample]:
        return {
            path: replace(
                one, planes=(union([plane for _, plane in one.objects or ((0, empty),)]),), objects=None
            )
            for path, one in each.items()
        }  # fmt: skip

    masks = replace(
        single, kinds={"segment": frozenset({"binary"})}, train=whole(single.train), test=whole(single.test),
    )  # fmt: skip
    return masks, single


def _tampered(data: Path) -> Readings:
    """Two class folders, one of them with masks; photos in three formats."""
    made, top = Builder(data), "CASIA2"
    kinds = ("ani", "arc", "art", "cha", "nat", "pla", "sec", "txt")
    for k in range(24):
        ending = "bmp" if k % 8 == 5 else "jpg"
        path = f"{top}/Au/Au_{kinds[k % 8]}_{k * 31 + 1:05d}.{ending}"
        write_photos(made, [path], "Au", (36, 48))
    for k in range(18):
        size, ending = (36, 48 + k % 3), "tif" if k % 3 else "jpg"
        one, other = kinds[k * 3 % 8], kinds[k * 5 % 8]
        name = f"Tp_{'DS'[k % 2]}_{('CND', 'CRN', 'NRN')[k % 3]}_{'SM'[k % 2]}_{'NBO'[k % 3]}_{one}{k * 13:05d}_{other}{k * 17:05d}_{138 + k * 97:05d}"
        plane = draw_plane(made.random, size)
        made.image(
            f"{top}/Tp/{name}.{ending}", TrueSample(size, "Tp", planes=(plane,)), part="train"
        )
        save_grey_mask(data / f"{top}/CASIA 2 Groundtruth/{name}_gt.png", plane)
    return (reading_of(made, {**TWO, **ONE_MASK}, classes=("Au", "Tp"), mask_classes=[""]),)


def _inpainted(data: Path) -> Readings:
    """Changed images, their masks, and the originals by the same names; runs along the rows are sent; from a readme and code."""
    made, rows, codec = Builder(data), Rows(), Codec("C", 1)
    for k in range(42):
        part, plane = "train" if k < 30 else "test", draw_plane(made.random, (48, 48))
        name = f"image_{k * 3 if k < 30 else k - 30}"
        path = f"{part}/{part}/images/{name}.png"
        made.image(path, TrueSample((48, 48), planes=(plane,)), part=part)
        if part == "test":
            rows.append((name, codec.encode(plane)))
            continue
        save_grey_mask(data / f"train/train/masks/{name}.png", plane)
        with Image.open(data / path) as opened:
            pixels = np.array(opened)
        pixels[plane] = made.random.integers(0, 90, (int(plane.sum()), 3))
        save_pixels(data / f"train/train/originals/{name}.png", pixels)
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""], codec=codec),)


LAYOUTS = (
    RealLayout("sp-society-camera-model-identification", "code, memory", _cameras),
    RealLayout("alaska2-image-steganalysis", "page, code", _steganalysis),
    DataSet("detect-ai-vs-human-generated-images", "memory", _made_by_machine),
    DataSet("Real and fake faces", "memory", _real_and_fake, has_test=False),
    DataSet("140k real and fake faces", "memory", _fake_faces),
    DataSet("CIFAKE", "memory", _fake_images),
    DataSet(
        "cidaut-ai-fake-scene-classification-2024",
        "code",
        _fake_scenes,
        doubt="numbers of the images of test",
    ),
    DataSet("huggingface-aiornot", "memory", _made_by_a_machine, doubt="the test table"),
    DataSet("ai-challenge-2020-deepfake", "page", _fakes_of_korea),
    DataSet("multi-ffdi", "code", _fakes_of_many_kinds),
    DataSet("recodai-luc-scientific-image-forgery-detection", "memory", _forgeries),
    DataSet("CASIA 2.0 tampering", "code", _tampered, has_test=False),
    DataSet(
        "aaltoes-2025-computer-vision-v-1", "page and code", _inpainted, doubt="names of the images"
    ),
)
