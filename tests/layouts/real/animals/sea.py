"""Layouts of competitions and data sets of whales, fish, turtles and what else lives in the sea."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from layouts.drawing import draw_plane, paint_photo, save_pixels
from layouts.real.files import write_json, write_workbook
from layouts.real.kinds import LABELS, MULTI, NUMBER, ONE_MASK, SEVERAL, TARGETS
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import save_grey_mask, write_coloured_masks
from layouts.real.names import hex_name, part_by_number, uuid_name
from layouts.real.outlines import draw_boxes
from layouts.real.photos import paint_other_photo, write_photos
from layouts.real.readings import in_folders, reading_of, readings_by_colour
from layouts.real.tables import wide_row, write_competition, write_ranking
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

FISH = ("ALB", "BET", "DOL", "LAG", "NoF", "OTHER", "SHARK", "YFT")


def _fisheries(data: Path) -> LayoutTruth:
    shares = ["0.455003", "0.052938", "0.030968", "0.017739", "0.123081", "0.079142", "0.046585",
              "0.194544"]  # fmt: skip
    return write_competition(
        data, images=("train/{label}/{name}.jpg", "test_stg1/{name}.jpg"),
        names=lambda part, number: f"img_{number * 17 + (5 if part == 'test' else 0):05d}",
        labels=FISH, classes=FISH, kind="multiclass", sample="sample_submission_stg1.csv",
        columns={"image": "key", **dict.fromkeys(FISH, "number")}, n=(40, 8),
        shown=lambda name: [f"{name}.jpg", *shares], answer=wide_row(FISH, ".jpg"),
    )  # fmt: skip


WHALES = tuple(f"w_{hex_name('whale', n, length=7)}" for n in range(6))


_humpback = partial(
    write_ranking, images=("train/{name}", "test/{name}"), table="train.csv", header=["Image", "Id"],
    classes=WHALES, open_set="new_whale", shown=["new_whale", *WHALES[:4]],
)  # fmt: skip


_whales = partial(_humpback)


FINS = ("37c7aba965a5", "114207cab555", "a6e325d8e924", "19fbb960f07d", "c995c043c353",
        "cadddb1636b9")  # fmt: skip
"""The commonest five of train are those of the sample."""


def _dolphins(data: Path) -> LayoutTruth:
    species = ("melon_headed_whale", "humpback_whale", "false_killer_whale", "bottlenose_dolphin")
    shown = " ".join(FINS[:5])
    return write_competition(
        data, images=("train_images/{name}.jpg", "test_images/{name}.jpg"),
        names=lambda part, number: hex_name(part, number, length=14), labels=FINS, classes=FINS,
        kind="multiclass", header=["image", "species", "individual_id"],
        row=lambda name, label: [f"{name}.jpg", species[FINS.index(str(label)) % 4], str(label)],
        columns={"image": "key", "predictions": "ranking"},
        shown=lambda name: [f"{name}.jpg", shown],
        answer=lambda name, true: [f"{name}.jpg", str(true.label)],
    )  # fmt: skip


RIGHT_WHALES = tuple(f"whale_{n:05d}" for n in (195, 442, 2411, 2839, 4828))


def _right_whales(data: Path) -> LayoutTruth:
    """All images in one folder; the table of train names its own."""
    return write_competition(
        data, images=("imgs/{name}.jpg", "imgs/{name}.jpg"), n=(25, 8),
        names=lambda part, number: f"w_{number * 4 + (part == 'test')}", labels=RIGHT_WHALES,
        classes=RIGHT_WHALES, kind="multiclass", header=["Image", "whaleID"],
        row=lambda name, label: [f"{name}.jpg", str(label)],
        columns={"Image": "key", **dict.fromkeys(RIGHT_WHALES, "number")},
        shown=lambda name: [f"{name}.jpg", *["0.00223713646532"] * 5],
        answer=wide_row(RIGHT_WHALES, ".jpg"),
    )  # fmt: skip


PLANKTON = ("acantharia_protist", "acantharia_protist_big_center", "amphipods", "artifacts",
            "artifacts_edge", "chaetognath_other", "detritus_other", "unknown_sticks")  # fmt: skip


_plankton = partial(
    write_competition, images=("train/{label}/{name}.jpg", "test/{name}.jpg"),
    names=lambda part, number: str((5 if part == "train" else 1) + 37 * number), labels=PLANKTON,
    classes=PLANKTON, kind="multiclass", sample="sampleSubmission.csv",
    columns={"image": "key", **dict.fromkeys(PLANKTON, "number")},
    shown=lambda name: [f"{name}.jpg", *["0.00826446280991736"] * 8],
    answer=wide_row(PLANKTON, ".jpg"), n=(32, 8),
)  # fmt: skip


def _turtles(data: Path) -> LayoutTruth:
    """Zindi: five columns of a ranking; further images with turtles of their own."""
    made, rows, cells, extra = Builder(data), list[tuple[str, ...]](), [], []
    known = tuple(f"t_id_{hex_name('turtle', n, length=8)}" for n in range(7))
    for number in range(36):
        part, label = part_by_number(number, 28), known[number % 7]
        name = f"ID_{hex_name(number, length=10).upper()}"
        made.image(f"images/{name}.JPG", TrueSample(BROAD, label), part=part)
        where = ("left", "right", "top")[number % 3]
        if part == "train":
            cells.append([name, where, label])
        else:
            rows.append((name, label, *known[:4]))
    for number in range(6):
        name = f"ID_{hex_name('extra', number, length=10).upper()}"
        paint_other_photo(made, f"images/{name}.JPG")
        extra.append([name, f"t_id_{hex_name('other', number // 2, length=8)}"])
    made.table("train.csv", ["image_id", "image_location", "turtle_id"], cells)
    made.table("extra_images.csv", ["image_id", "turtle_id"], extra)
    tests = [[one[0], ("left", "right")[n % 2]] for n, one in enumerate(rows)]
    made.table("test.csv", ["image_id", "image_location"], tests)
    header = ["image_id", *(f"prediction{n}" for n in range(1, 6))]
    shown = [[one[0], *known[:4], "new_turtle"] for one in rows]
    made.table("sample_submission.csv", header, shown)
    columns = {**dict.fromkeys(header, "free"), "image_id": "key", "prediction1": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=known)


def _one_table_of_paths(data: Path) -> Readings:
    """A course's table with path, split and label; the rows of test have no label."""
    made, cells, kinds = Builder(data), [], ("algae", "coral", "sand")
    for k in range(40):
        part, label = ("train", "val", "test")[(k > 25) + (k > 31)], kinds[k * 2 % 3]
        path = f"images/{hex_name('reef', k, length=6)}.png"
        write_photos(made, [path], None if part == "test" else label)
        cells.append([path, part, "" if part == "test" else label])
    made.table("metadata.csv", ["filepath", "split", "label"], cells)
    tests = {path for path, part, _ in cells if part == "test"}
    vals = {path for path, part, _ in cells if part == "val"}
    return (
        reading_of(made, LABELS, test=lambda path: path in tests, classes=kinds),
        reading_of(
            made,
            LABELS,
            test=lambda path: path in tests,
            out=lambda path: path in vals,
            classes=kinds,
        ),
    )


ANIMALS_OF_DEPTH = (
    ("1", "Actiniaria", "Anemone"),
    ("9", "Asteroidea", "Sea star"),
    ("11", "Benthocodon pedunculata", "Worm"),
    ("37", "Chionoecetes tanneri", "Crab"),
    ("51", "Elpidia", "Sea cucumber"),
    ("88", "Funiculina", "Sea pen"),
    ("119", "Heterochone calyx", "Glass sponge"),
)


def _animals_of_the_deep(data: Path) -> Readings:
    """Lists of real numbers in a cell; boxes beside; a number for what is out of the sample."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    numbers = tuple(one for one, _, _ in ANIMALS_OF_DEPTH)
    kinds = [
        {"id": int(one), "name": name, "supercategory": kind}
        for one, name, kind in ANIMALS_OF_DEPTH
    ]
    for part, n in (("train", 38), ("eval", 14)):
        images, boxes = list[dict[str, Any]](), list[dict[str, Any]]()
        for k in range(n):
            label = [one for one in numbers if made.random.random() < 0.35] or ["51"]
            name = uuid_name("eleventh", "fathomnet", part, k)
            true = TrueSample(WIDE, frozenset(label))
            made.image(f"images/{part}/{name}.png", true, part="test" if part == "eval" else part)
            images.append(
                {
                    "id": k + 1,
                    "width": 48,
                    "height": 40,
                    "file_name": f"{name}.png",
                    "coco_url": f"https://fathomnet.org/static/m3/framegrabs/{name}.png",
                }
            )
            if part == "eval":
                rows.append((name, " ".join(label), "0"))
                continue
            cells.append([name, str([float(one) for one in label])])
            for box, one in zip(draw_boxes(made, WIDE, 4), label, strict=False):
                boxes.append(
                    {
                        "id": len(boxes) + 1,
                        "image_id": k + 1,
                        "category_id": int(one),
                        "segmentation": [],
                        "area": float(box[2] * box[3]),
                        "bbox": [float(edge) for edge in box],
                        "iscrowd": 0,
                    }
                )
        content = {"info": {"year": "2023"}, "images": images, "annotations": boxes}
        write_json(made, f"object_detection/{part}.json", {**content, "categories": kinds})
    made.table("multilabel_classification/train.csv", ["id", "categories"], cells)
    made.table(
        "category_key.csv",
        ["id", "name", "supercat"],
        [list(one) for one in ANIMALS_OF_DEPTH],
    )
    made.text("metric.py", "def score(solution, submission, k=20):\n    return 0.0\n")
    columns = {"id": "key", "categories": "labels", "osd": "free"}
    shown = [[one[0], "1 51 119", "0.5"] for one in rows]
    made.table("sample_submission.csv", list(columns), shown)
    return (made.truth(SEVERAL, columns, rows, classes=numbers),)


LIONS = ("adult_males", "subadult_males", "adult_females", "juveniles", "pups")


def _sea_lions(data: Path) -> LayoutTruth:
    """Counts, copies with dots in five colours, and a list of images that do not match.

    Those that it names are none to learn from: their counts are of other photographs.
    """
    mismatched = ("3", "7", "9", "21")
    colours = ((255, 0, 0), (250, 10, 250), (84, 42, 0), (30, 60, 180), (35, 180, 20))
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size = (60, 80)
    for number in range(32):
        part, index = part_by_number(number), str(number if number < 24 else number - 24)
        counts = [int(one) for one in made.random.integers(0, 5, 5)]
        true = TrueSample(size, tuple(float(one) for one in counts))
        photo = paint_photo(made.random, size)
        if part == "train" and index in mismatched:
            save_pixels(data / f"Train/{index}.jpg", photo)
        else:
            made.image(f"{part.capitalize()}/{index}.jpg", true, part=part, pixels=photo)
        if part == "train":
            places = made.random.permutation(12 * 16)
            dots, used = photo.copy(), 0
            for colour, n in zip(colours, counts, strict=True):
                for place in places[used : used + n]:
                    top, left = 5 * (place // 16) + 1, 5 * (place % 16) + 1
                    dots[top : top + 3, left : left + 3] = colour
                used += n
            save_pixels(data / f"TrainDotted/{index}.jpg", dots)
            cells.append([index, *map(str, counts)])
        else:
            rows.append((index, *map(str, counts)))
    made.table("Train/train.csv", ["train_id", *LIONS], cells)
    lines = "\n".join(["train_id", *mismatched])
    made.text("Train/MismatchedTrainImages.txt", f"{lines}\n")
    shown = [[one[0], "1", "1", "1", "1", "1"] for one in rows]
    made.table("sample_submission.csv", ["test_id", *LIONS], shown)
    columns = {"test_id": "key", **dict.fromkeys(LIONS, "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=LIONS)


def _weights_of_fish(data: Path) -> Readings:
    """A workbook with the weight among other measures; the sample asks for it by another name."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for k in range(40):
        weight = 120.5 + 7.25 * (k * 11 % 40)
        part, name = ("train" if k < 30 else "test"), f"fish_{k + 1:03d}"
        made.image(f"{part}/{name}.jpg", TrueSample(SIZE, weight), part=part)
        if part == "train":
            cells.append(
                [name, ("bream", "perch")[k % 2], f"{20 + weight / 30:.1f}", f"{weight:.2f}"]
            )
        else:
            rows.append((name, f"{weight:.2f}"))
    write_workbook(
        data / "train_data.xlsx", ["Fish ID", "Species", "Length (cm)", "Weight (g)"], cells
    )
    columns = {"fish_id": "key", "weight": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0.0"] for one, _ in rows])
    made.text(
        "description.txt",
        "Predict the weight of each fish in grams.\nThe metric is the mean absolute error.\n",
    )
    return (made.truth(NUMBER, columns, rows),)


def _faces_of_turtles(data: Path) -> Readings:
    """One box an image as four shares of its size, which are sent too; one folder; endings in capitals; from memory."""
    made, cells, rows = Builder(data), [], Rows()
    for k in range(52):
        part, name = "train" if k < 38 else "test", f"ID_{hex_name('turtle', k, length=8).upper()}"
        left, top = (float(made.random.uniform(0.05, 0.4)) for _ in "xy")
        wide, tall = (float(made.random.uniform(0.2, 0.5)) for _ in "wh")
        shares = tuple(round(one, 9) for one in (left, top, wide, tall))
        made.image(f"IMAGES_512/{name}.JPG", TrueSample((40, 48), shares), part=part)
        row = (name, *map(repr, shares))
        if part == "train":
            cells.append(row)
        else:
            rows.append(row)
    columns = {"Image_ID": "key", **dict.fromkeys("xywh", "number")}
    made.table("Train.csv", list(columns), cells)
    made.table("SampleSubmission.csv", list(columns), [[one[0], *"0" * 4] for one in rows])
    return (made.truth(TARGETS, columns, rows, classes=tuple("xywh")),)


SEA = {"Background": (0, 0, 0), "Human divers": (0, 0, 255), "Plants": (0, 255, 0), "Reefs": (255, 0, 255),
       "Fish": (255, 255, 0), "Sea floor": (255, 255, 255)}  # fmt: skip


def _under_water(data: Path) -> Readings:
    """BMPs of colours; test has masks of all and, in folders, one of each class."""
    made, pairs = Builder(data), []
    for part, n in (("train_val", 22), ("TEST", 7)):
        for k in range(n):
            name = f"{'dfw'[k % 3]}_r_{1 + 7 * k}_"
            pairs.append((f"{part}/images/{name}.jpg", f"{part}/masks/{name}.bmp"))
    write_coloured_masks(made, list(SEA.values()), pairs)
    for image, mask in pairs:
        if mask.startswith("TEST"):
            planes = made.train[image].planes or ()
            for place, folder in enumerate(("HD", "RI", "FV"), 1):
                path = data / f"TEST/masks/{folder}/{Path(mask).name}"
                path.parent.mkdir(exist_ok=True)
                save_grey_mask(path, planes[(1, 3, 4)[place - 1]])
    truth = reading_of(made, MULTI, test=in_folders("TEST"), mask_classes=tuple("123456"))
    return readings_by_colour(truth, list(SEA.values()))


FISHES = ("Black Sea Sprat", "Gilt-Head Bream", "Red Mullet", "Trout")


def _fishes(data: Path) -> Readings:
    """In each class folder one of images and one of masks, named after it; other photos beside."""
    made, top, other = Builder(data), "Fish_Dataset/Fish_Dataset", "NA_Fish_Dataset"
    for label in FISHES:
        for k in range(1, 9):
            plane = draw_plane(made.random, SIZE)
            true = TrueSample(SIZE, label, planes=(plane,))
            made.image(f"{top}/{label}/{label}/{k:05d}.png", true, part="train")
            path = data / f"{top}/{label}/{label} GT/{k:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(plane).save(path)
        write_photos(made, [f"{other}/{label}/{k:05d}.png" for k in range(1, 4)], label, (30, 36))
    made.text(
        f"{top}/README.txt",
        "A Large Scale Fish Dataset\n\nGT folders hold the ground truth masks.\n",
    )
    made.text(f"{top}/license.txt", "For academic use.\n")
    made.text(f"{top}/Segmentation_example_script.m", "I = imread('00001.png');\n")
    kinds = {**LABELS, "segment": "binary"}
    return (
        reading_of(made, kinds, out=in_folders(other), classes=FISHES, mask_classes=[""]),
        reading_of(made, kinds, classes=FISHES, mask_classes=[""]),
    )


def _fish_of_taiwan(data: Path) -> Readings:
    """Class folders of numbers, and those of masks beside, which begin with another word; from code."""
    made, classes = Builder(data), tuple(f"fish_{n:02d}" for n in (1, 2, 3, 7, 15))
    for place, label in enumerate(classes):
        for k in range(8):
            size = (24 + k, 26 + place)
            name = f"{9598 + k * 211 + place:012d}_{5281 + k * 17:05d}.png"
            plane = draw_plane(made.random, size)
            true = TrueSample(size, label, planes=(plane,))
            made.image(f"fish_image/{label}/fish_{name}", true, part="train")
            save_grey_mask(data / f"mask_image/{label.replace('fish', 'mask')}/mask_{name}", plane)
    kinds = {**LABELS, **ONE_MASK}
    truth = reading_of(made, kinds, classes=classes, mask_classes=[""])
    return (truth,)


def _starfish(data: Path) -> Readings:
    """Boxes in a cell of each frame of videos."""
    made, cells = Builder(data), []
    for video in range(3):
        for frame in range(10):
            write_photos(made, [f"train_images/video_{video}/{frame}.jpg"], None)
            boxes = [{"x": 5 + k, "y": 3, "width": 6, "height": 5} for k in range(frame % 3)]
            cells.append(
                [
                    str(video),
                    str(40258 + video),
                    str(frame),
                    str(frame),
                    f"{video}-{frame}",
                    str(boxes),
                ]
            )
    header = ["video_id", "sequence", "video_frame", "sequence_frame", "image_id"]
    made.table("train.csv", [*header, "annotations"], cells)
    made.table("test.csv", header, [["3", "99999", str(n), str(n), f"3-{n}"] for n in range(3)])
    made.table(
        "example_sample_submission.csv",
        ["index", "annotations"],
        [[str(n), "0.5 0 0 100 100"] for n in range(3)],
    )
    made.text("greatbarrierreef/__init__.py", "from .competition import make_env\n")
    return (reading_of(made, {}),)


LAYOUTS = (
    RealLayout("the-nature-conservancy-fisheries-monitoring", "code", _fisheries),
    RealLayout("humpback-whale-identification", "page, code", _humpback),
    RealLayout("whale-categorization-playground", "page, code", _whales),
    RealLayout("happy-whale-and-dolphin", "memory", _dolphins),
    RealLayout("noaa-right-whale-recognition", "memory", _right_whales),
    RealLayout("datasciencebowl", "memory", _plankton),
    RealLayout("turtle-recall-conservation-challenge", "code of tables, memory", _turtles),
    DataSet("course: reefs", "memory", _one_table_of_paths, doubt="a course's own"),
    DataSet(
        "fathomnet-out-of-sample-detection",
        "page and memory",
        _animals_of_the_deep,
        doubt="folders of the images, cells of the sample",
    ),
    RealLayout("noaa-fisheries-steller-sea-lion-population-count", "memory", _sea_lions),
    DataSet("course: fish", "memory", _weights_of_fish, doubt="a course's own"),
    DataSet(
        "zindi-sea-turtle-face-detection", "memory", _faces_of_turtles, doubt="endings of the ids"
    ),
    DataSet("SUIM", "memory", _under_water, doubt="folders of single classes in test"),
    DataSet(
        "Large scale fish", "memory", _fishes, has_test=False, doubt="names of the other photos"
    ),
    DataSet("Fish4Knowledge", "code", _fish_of_taiwan, has_test=False),
    DataSet("tensorflow-great-barrier-reef", "memory", _starfish, refusal=r"\bbox"),
)
