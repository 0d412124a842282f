"""Layouts of competitions and data sets of places: scenes, landmarks, rooms, houses."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.drawing import draw_class_map, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, MULTI, NUMBER, SEVERAL
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import planes_of
from layouts.real.names import hex_name, part_by_number
from layouts.real.photos import write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    never,
    reading_of,
    readings_by_kind,
    with_train_labels,
    without_file,
)
from layouts.real.tables import label_text, write_competition, write_ranking
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

HOTELS = ("18807", "54181", "18742", "47363", "53586", "63246")


_hotels = partial(
    write_ranking, images=("train_images/{label}/{name}", "test_images/{name}"), table="train.csv",
    header=["image", "hotel_id"], classes=HOTELS,
    shown=["36363", "53586", "18807", "64314", "60181"],
)  # fmt: skip


MARKS = ("1", "7", "27", "138982", "113209")


def _landmarks(data: Path) -> LayoutTruth:
    place = "{name[0]}/{name[1]}/{name[2]}/{name}.jpg"
    return write_competition(
        data, images=(f"train/{place}", f"test/{place}"), n=(25, 8),
        names=lambda part, number: hex_name(part, number, length=16), labels=MARKS,
        classes=MARKS, kind="multiclass", header=["id", "landmark_id"],
        row=lambda name, label: [name, str(label)],
        columns={"id": "key", "landmarks": "ranking"}, shown=lambda name: [name, "137790 0.1"],
        answer=lambda name, true: [name, f"{true.label} 0.1"],
    )  # fmt: skip


def _hotels_2022(data: Path) -> LayoutTruth:
    """Class folders alone; masks of what is painted over in test, of no image of train."""

    def more(made: Builder) -> None:
        for number in range(5):
            mask = np.zeros((*BROAD, 4), dtype=np.uint8)
            mask[4:12, 6:20] = (255, 0, 0, 255)
            save_pixels(data / f"train_masks/{number:05d}.png", mask)

    hotels = ("39", "291", "344", "1205", "50604", "300000")
    return write_competition(
        data, images=("train_images/{label}/{name}.jpg", "test_images/{name}.jpg"), more=more,
        names=lambda part, number: f"{(0, 900000000)[part == 'test'] + 7919 * (number + 1):09d}",
        labels=hotels, classes=hotels, kind="multiclass", n=(24, 1),
        columns={"image_id": "key", "hotel_id": "ranking"},
        shown=lambda name: [f"{name}.jpg", "36363 53586 18807 64314 60181"],
        answer=lambda name, true: [f"{name}.jpg", str(true.label)],
    )  # fmt: skip


def _gala(data: Path) -> LayoutTruth:
    """HackerEarth: a table of train and one of test, no sample; folders with blanks."""
    names = ("Food", "Attire", "Decorationandsignage", "misc")
    made, cells, tests = Builder(data), [], []
    for number in range(32):
        part, label, name = (
            part_by_number(number),
            names[number % 4],
            f"image{1000 + 61 * number}.jpg",
        )
        folder = f"dataset/{part.capitalize()} Images"
        made.image(f"{folder}/{name}", TrueSample(BROAD, label), part=part)
        (cells if part == "train" else tests).append([name, label][: 1 + (part == "train")])
    made.table("dataset/train.csv", ["Image", "Class"], cells)
    made.table("dataset/test.csv", ["Image"], tests)
    truth = made.truth({"classify": "multiclass"}, {}, [], classes=names)
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test, truth.classes)


INTEL = ("buildings", "forest", "glacier", "mountain", "sea", "street")


def _intel(data: Path) -> Readings:
    made = Builder(data)
    for place, label in enumerate(INTEL):
        numbers = [place + 6 * n for n in range(4)]
        write_photos(made, [f"seg_train/seg_train/{label}/{n}.jpg" for n in numbers], label)
        numbers = [20057 + place + 6 * n for n in range(2)]
        write_photos(made, [f"seg_test/seg_test/{label}/{n}.jpg" for n in numbers], label)
    write_photos(made, [f"seg_pred/seg_pred/{n}.jpg" for n in range(5, 45, 5)], None)
    is_test = in_folders("seg_pred")
    return (
        reading_of(made, LABELS, test=is_test, classes=INTEL),
        reading_of(made, LABELS, test=is_test, out=in_folders("seg_test"), classes=INTEL),
    )


HOLIDAY = ("Airplane", "Candle", "Christmas_Tree", "Jacket", "Miscellaneous", "Snowman")


def _holiday(data: Path) -> Readings:
    """Nothing shows the file to send."""
    truth = write_competition(
        data, images=("dataset/train/{name}.jpg", "dataset/test/{name}.jpg"),
        names=lambda part, number: f"image{3476 + 29 * number + (part == 'test')}", labels=HOLIDAY,
        classes=HOLIDAY, kind="multiclass", table="dataset/train.csv", header=["Image", "Class"],
        row=lambda name, label: [f"{name}.jpg", str(label)], columns={"Image": "key", "Class": "text"},
        shown=lambda name: [f"{name}.jpg", ""], answer=lambda name, true: [f"{name}.jpg", label_text(true)],
    )  # fmt: skip
    (data / "sample_submission.csv").unlink()
    return (without_file(truth),)


def _indoor(data: Path) -> Readings:
    """Two lists name some of the images; the others are in neither."""
    made, classes = Builder(data), ("airport_inside", "bookstore", "tv_studio", "winecellar")
    lists: dict[str, list[str]] = {"Train": [], "Test": [], "": []}
    for label in classes:
        for k in range(12):
            name = f"{label}/{label}_{k + 1:04d}.jpg" if k % 2 else f"{label}/{k}inside_{k * 7}.jpg"
            write_photos(made, [f"Images/{name}"], label)
            lists["Train" if k < 7 else "Test" if k < 10 else ""].append(name)
    for part in ("Train", "Test"):
        write_lines(made, f"{part}Images.txt", lists[part])
    for name in lists["Train"][:5]:
        made.text(
            f"Annotations/{name[:-4]}.xml", f"<annotation><filename>{name}</filename></annotation>"
        )
    tests, rest = ({f"Images/{one}" for one in lists[part]} for part in ("Test", ""))
    is_test, is_rest = (lambda path: path in tests), (lambda path: path in rest)
    return (
        reading_of(made, LABELS, test=is_test, out=is_rest, classes=classes),
        reading_of(made, LABELS, test=is_test, classes=classes),
    )


def _scenes(data: Path) -> Readings:
    """Folders of letters above the classes, and some classes with a folder inside."""
    made = Builder(data)
    classes = ("a/abbey", "a/apartment_building/outdoor", "c/church/indoor", "c/church/outdoor")
    for label in classes:
        names = [f"sun_{'ab'[k % 2]}{hex_name(label, k, length=15)}" for k in range(8)]
        write_photos(made, [f"SUN397/{label}/{one}.jpg" for one in names], label)
    write_lines(made, "SUN397/ClassName.txt", [f"/{one}" for one in classes])
    made.text("SUN397/README.txt", "Scene UNderstanding (SUN) database\n")
    named = lambda label: str(label)[2:].replace("/", "_")  # noqa: E731
    return (
        reading_of(made, LABELS, classes=classes),
        reading_of(made, LABELS, classes=[named(one) for one in classes], label=named),
        reading_of(
            made, LABELS, classes=[one[2:] for one in classes], label=lambda label: str(label)[2:]
        ),
    )


ROOMS = ("bedroom", "coast", "forest", "highway", "kitchen")


def _thirteen_scenes(data: Path) -> Readings:
    """Class folders, twice below each other; ids of the sample have no ending."""
    made, rows, top = Builder(data), list[tuple[str, ...]](), "dataset/dataset"
    for label in ROOMS:
        write_photos(made, [f"{top}/train/{label}/image_{k:04d}.jpg" for k in range(1, 8)], label)
    for k in range(1, 11):
        label = ROOMS[k * 2 % 5]
        made.image(f"{top}/test/image_{k:04d}.jpg", TrueSample(SIZE, label), part="test")
        rows.append((f"image_{k:04d}", label))
    columns = {"id": "key", "label": "text"}
    made.table("sameple_submission.csv", list(columns), [[one, "bedroom"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=ROOMS),)


def _scenes_of_intel(data: Path) -> Readings:
    """Images of train and of test together in a folder train; tables elsewhere."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(44):
        part, label, name = ("test" if k % 4 == 3 else "train"), str(k * 5 % 6), f"{k * 3}.jpg"
        path = f"train-scene classification/train/{name}"
        made.image(path, TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            tests.append([name])
            rows.append((name, label))
    columns = {"image_name": "key", "label": "text"}
    made.table("train-scene classification/train.csv", list(columns), cells)
    made.table("test_WyRytb0.csv", ["image_name"], tests)
    made.table("sample_submission_HLCj3I4.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012345")),)


def _scenes_of_a_lab(data: Path) -> Readings:
    """Folders within folders of the same name; the table of train beside them."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, label = "train" if k < 34 else "test", str(k * 5 % 6)
        name = f"{k if part == 'train' else k - 34}.jpg"
        made.image(f"upload/{part}_set/{part}_set/{name}", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image_name": "key", "label": "text"}
    made.table("upload/train_set.csv", list(columns), cells)
    made.table("upload/sample_sub.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012345")),)


def _landmarks_of_vietnam(data: Path) -> Readings:
    """Class folders of numbers, and the same in a JSON that is a text of another; no file to send."""
    made, classes, known = Builder(data), ("0", "1", "5", "37", "64", "102"), list[dict[str, int]]()
    for place, label in enumerate(classes):
        names = [f"{1 + place * 641 + k * 17}.jpg" for k in range(6)]
        write_photos(made, [f"TrainVal/{label}/{one}" for one in names], label, (20 + place, 24))
        known += [{"id": int(one[:-4]), "category": int(label)} for one in names]
    write_json(made, "train_val2018.json", json.dumps(known))
    write_photos(made, [f"Public/{11 + k * 53}.jpg" for k in range(12)], None)
    return (reading_of(made, LABELS, test=in_folders("Public"), classes=classes),)


def _landmarks_of_seoul(data: Path) -> Readings:
    """Names of both parts are the same; endings in capitals."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    classes = tuple("0123456789")
    for k in range(40):
        label = classes[k * 7 % 10]
        write_photos(made, [f"train/{k + 1:03d}.PNG"], label, (48, 48))
        cells.append([f"{k + 1:03d}.PNG", label])
    for k in range(14):
        label = classes[k * 3 % 10]
        made.image(f"test/{k + 1:03d}.PNG", TrueSample((48, 48), label), part="test")
        rows.append((f"{k + 1:03d}.PNG", label))
    columns = {"file_name": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["file_name"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


PLACES_OF_KOREA = (
    ("가평시", "가평자라섬"),
    ("부산시", "사직야구장"),
    ("부산시", "광안대교"),
    ("서울시", "남산서울타워"),
    ("서울시", "경복궁"),
    ("대전시", "엑스포과학공원"),
)


def _landmarks_of_korea(data: Path) -> Readings:
    """A folder a town and in it one a landmark, in Korean; numbers in a table; a confidence is sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for place, (town, landmark) in enumerate(PLACES_OF_KOREA):
        for k in range(7):
            name = f"{landmark}_{k * 3 + 1:03d}_{16010000 + place * 977 + k * 31}"
            write_photos(made, [f"train/{town}/{landmark}/{name}.JPG"], str(place), (36, 48))
            cells.append([name, str(place)])
    for k in range(14):
        name, label = hex_name("korea", k), str(k * 5 % 6)
        made.image(f"test/{k % 3}/{name}.JPG", TrueSample((36, 48), label), part="test")
        rows.append((name, label, "0"))
    made.table("train.csv", ["id", "landmark_id"], cells)
    names = [one for _, one in PLACES_OF_KOREA]
    made.table(
        "category.csv",
        ["landmark_id", "landmark_name"],
        [[str(n), one] for n, one in enumerate(names)],
    )
    write_json(made, "category.json", {one: n for n, one in enumerate(names)})
    columns = {"id": "key", "landmark_id": "text", "conf": "free"}
    made.table("sample_submission.csv", list(columns), [[one, "0", "0"] for one, *_ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012345")),)


SIGHTS = (
    ("자연", "자연관광지", "항구/포구"),
    ("자연", "자연관광지", "산"),
    ("인문(문화/예술/역사)", "문화시설", "미술관/화랑"),
    ("인문(문화/예술/역사)", "역사관광지", "사찰"),
    ("레포츠", "육상 레포츠", "골프"),
    ("음식", "음식점", "한식"),
)


def _sights_of_korea(data: Path) -> Readings:
    """Classes of three levels, of which the sample wants the last; a long text beside each image; from code."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    texts = (
        "소안항은 조용한 섬으로 인근해안이 청정해역으로, 일몰 때 섬의 정경은 바다의 아름다움을 담고 있다.<br>",
        '경기도 이천시 모가면에 있는 "골프장"으로, 대중제 18홀이다.<br /><br />',
        "금오산성숯불갈비는 한우고기만을 전문적으로 취급하는 식당이다.",
    )
    for k in range(48):
        part = "train" if k < 34 else "test"
        name, kinds = f"{part.upper()}_{k if k < 34 else k - 34:05d}", SIGHTS[k * 5 % 6]
        true = TrueSample((36 + k % 4, 48), kinds[2])
        made.image(f"image/{part}/{name}.jpg", true, part=part)
        row = [name, f"./image/{part}/{name}.jpg", f"{k}. {texts[k % 3]}"]
        if part == "train":
            cells.append([*row, *kinds])
        else:
            tests.append(row)
            rows.append((name, kinds[2]))
    made.table("train.csv", ["id", "img_path", "overview", "cat1", "cat2", "cat3"], cells)
    made.table("test.csv", ["id", "img_path", "overview"], tests)
    columns = {"id": "key", "cat3": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple(one[2] for one in SIGHTS)),)


PLACES = (
    ("航站楼", "airport_terminal"),
    ("停机坪", "landing_field"),
    ("机舱", "airplane_cabin"),
    ("游乐场", "amusement_park"),
    ("冰场", "skating_rink"),
    ("舞台", "arena/performance"),
    ("艺术室", "art_room"),
    ("流水线", "assembly_line"),
)


def _scenes_of_a_challenge(data: Path) -> Readings:
    """Three folders with days in their names; lists of classes in JSON; a table of names without a header; from code."""
    made, numbers = Builder(data), tuple(str(n) for n in range(8))
    day = {"train": "20170904", "validation": "20170908", "test_a": "20170922"}
    for part, n in (("train", 40), ("validation", 12), ("test_a", 14)):
        top = f"ai_challenger_scene_{part}_{day[part]}"
        content = []
        for k in range(n):
            label, name = numbers[k * 3 % 8], f"{hex_name('scene', part, k, length=40)}.jpg"
            path = f"{top}/scene_{part}_images_{day[part]}/{name}"
            write_photos(made, [path], None if part == "test_a" else label, (36 + k % 4, 48))
            url = f"http://www.5ilog.com/cgi-bin/sys/link/view.aspx/{63000000 + k * 91}.jpg"
            content.append({"image_url": url, "label_id": label, "image_id": name})
        if part != "test_a":
            write_json(made, f"{top}/scene_{part}_annotations_{day[part]}.json", content)
        if part == "train":
            lines = [f"{n},{chinese},{english}" for n, (chinese, english) in enumerate(PLACES)]
            write_lines(made, f"{top}/scene_classes.csv", lines)
    test = in_folders(f"ai_challenger_scene_test_a_{day['test_a']}")
    out = in_folders(f"ai_challenger_scene_validation_{day['validation']}")
    found = list[LayoutTruth]()
    for one in (any_of(), out):
        for names in (numbers, *zip(*PLACES, strict=True)):
            found.append(
                reading_of(
                    made,
                    LABELS,
                    test=test,
                    out=one,
                    classes=names,
                    label=lambda label, names=names: names[int(str(label))],  # type: ignore[misc]
                )
            )
    return tuple(found)


PLACES_OF_PLACES365 = ("/a/airfield", "/a/airplane_cabin", "/a/apartment_building/outdoor", "/b/bow_window/indoor", "/b/bow_window/outdoor", "/l/lake/natural")  # fmt: skip


def _places(data: Path) -> Readings:
    """Folders of letters, and of one or two levels below; lists of paths that begin with a stroke; validation is flat, with a list."""
    made, lists, number = Builder(data), dict[str, list[str]](), dict[str, int]()
    for place, folder in enumerate(PLACES_OF_PLACES365):
        for k in range(1, 8):
            below = f"{folder}/{k * 71:08d}.jpg"
            path = f"data_256{below}"
            write_photos(made, [path], None, (40, 40))
            number[path] = place
            lists.setdefault("places365_train_standard", []).append(f"{below} {place}")
    for part, n in (("val", 14), ("test", 14)):
        for k in range(1, n + 1):
            name = f"Places365_{part}_{k:08d}.jpg"
            path = f"{part}_256/{name}"
            write_photos(made, [path], None, (40, 40))
            if part == "val":
                number[path] = k * 5 % 6
            ending = f" {k * 5 % 6}" if part == "val" else ""
            lists.setdefault(f"places365_{part}", []).append(f"{name}{ending}")
    for name, lines in lists.items():
        write_lines(made, f"{name}.txt", lines)
    write_lines(
        made,
        "categories_places365.txt",
        [f"{one} {n}" for n, one in enumerate(PLACES_OF_PLACES365)],
    )
    write_lines(made, "IO_places365.txt", [f"{one} {2 if n in (0, 2, 4, 5) else 1}" for n, one in enumerate(PLACES_OF_PLACES365)])  # fmt: skip
    found = list[LayoutTruth]()
    spelled = (
        tuple(map(str, range(6))),
        PLACES_OF_PLACES365,
        tuple(one[1:] for one in PLACES_OF_PLACES365),
        tuple(one[3:] for one in PLACES_OF_PLACES365),
        tuple(one[3:].replace("/", "_") for one in PLACES_OF_PLACES365),
    )
    for out in (any_of(), in_folders("val_256")):
        for names in spelled:
            truth = reading_of(made, LABELS, test=in_folders("test_256"), out=out, classes=names)
            found.append(with_train_labels(truth, {path: names[n] for path, n in number.items()}))
    return tuple(found)


SCENES = ("/a/abbey", "/a/airport_terminal", "/b/bedroom", "/c/coast", "/k/kitchen", "/s/street")


# Mini Places Challenge (MIT 6.869): its development kit, from memory.
def _small_places(data: Path) -> Readings:
    """Images of scenes in folders by letter, with lists of a path and a number; outlines of objects for some; names of classes in a text of the kit."""
    made, lists = Builder(data), {"train": list[str](), "val": list[str]()}
    numbers, paths, words = dict[str, str](), dict[str, str](), dict[str, str]()
    for n, scene in enumerate(SCENES):
        for k in range(1, 7):
            inner = f"train{scene}/{k:08d}.jpg"
            path = f"data/images/{inner}"
            write_photos(made, [path], None, (32, 32))
            numbers[path], paths[path], words[path] = str(n), scene, scene[3:]
            lists["train"].append(f"{inner} {n}")
            if k % 3 == 0:
                made.text(
                    f"data/objects/train{scene}/{k:08d}.xml",
                    f"<annotation><filename>{k:08d}.jpg</filename><folder>train{scene}</folder><source><submittedBy></submittedBy></source><objects><name>wall</name><id>0</id><class>{11 + k}</class><polygon><pt><x>1</x><y>2</y></pt><pt><x>30</x><y>2</y></pt><pt><x>30</x><y>20</y></pt></polygon></objects></annotation>\n",
                )
    for k in range(1, 13):
        n, path = k * 5 % 6, f"data/images/val/{k:08d}.jpg"
        write_photos(made, [path], None, (32, 32))
        numbers[path], paths[path], words[path] = str(n), SCENES[n], SCENES[n][3:]
        lists["val"].append(f"val/{k:08d}.jpg {n}")
    write_photos(made, [f"data/images/test/{k:08d}.jpg" for k in range(1, 13)], None, (32, 32))
    for part, lines in lists.items():
        write_lines(made, f"development_kit/data/{part}.txt", lines)
    write_lines(made, "development_kit/data/categories.txt", [f"{one} {n}" for n, one in enumerate(SCENES)])  # fmt: skip
    write_lines(made, "development_kit/data/object_categories.txt", [f"{one} {n}" for n, one in enumerate(("airplane", "bed", "wall", "window"))])  # fmt: skip
    made.text("development_kit/readme.txt", "Mini Places Challenge\n\nThe images are 128 x 128. A submission has a line of an image of test: its path and the numbers of five categories, with blanks between.\n")  # fmt: skip
    outs = (never, in_folders("data/images/val"))
    return readings_by_kind(
        made, (numbers, paths, words), test=in_folders("data/images/test"), outs=outs
    )


SIGHTS_OF_SKYHACKS_2020 = ("Amusement park", "Animals", "Bench", "Building", "Castle", "Cave", "Church", "City", "Cross", "Cultural institution", "Food", "Footpath", "Forest", "Furniture", "Grass", "Graveyard", "Lake", "Landscape", "Mine", "Monument", "Motor vehicle", "Mountains", "Museum", "Open-air museum", "Park", "Person", "Plants", "Reservoir", "River", "Road", "Rocks", "Snow", "Sport", "Sports facility", "Stairs", "Trees", "Watercraft", "Windows")  # fmt: skip


# SkyHacks 2020: the host's README, and participants' code.
def _sights_of_silesia(data: Path) -> Readings:
    """A column of True and False for each of 38 things, some with blanks in their names; no sample."""
    made, cells, top = Builder(data), list[list[str]](), "skyhacks_hackathon_dataset"
    for k in range(56):
        has = [(k * 7 + n * 5) % 11 < 2 or (k + n) % 38 == 0 for n in range(38)]
        label = frozenset(
            one for one, seen in zip(SIGHTS_OF_SKYHACKS_2020, has, strict=True) if seen
        )
        name = f"{hex_name('sight', k, length=12)}.jpg"
        write_photos(made, [f"{top}/training_images/{name}"], label, (40, 48 + k % 4))
        cells.append([name, *map(str, has)])
    made.table(f"{top}/training_labels.csv", ["Name", *SIGHTS_OF_SKYHACKS_2020], cells)
    names = [f"{hex_name('sight', 'live', k, length=12)}.jpg" for k in range(16)]
    write_photos(made, [f"{top}/live_test_images/{one}" for one in names], None, (40, 48))
    return (
        reading_of(
            made,
            SEVERAL,
            test=in_folders(f"{top}/live_test_images"),
            classes=SIGHTS_OF_SKYHACKS_2020,
        ),
    )


def _homes(data: Path) -> Readings:
    """Four pictures a house, and a text of numbers without ids: line n is house n."""
    made, lines = Builder(data), []
    for k in range(1, 29):
        price = 250000 + 12500 * (k * 7 % 28)
        for room in ("bathroom", "bedroom", "frontal", "kitchen"):
            save_pixels(
                data / f"Houses Dataset/{k}_{room}.jpg",
                made.random.integers(0, 255, (*SIZE, 3)).astype(np.uint8),
            )
        made.train[f"Houses Dataset/{k}_bathroom.jpg"] = TrueSample(SIZE, float(price))
        lines.append(f"{2 + k % 4} {1 + k % 3}.5 {1500 + 37 * k} {85255 + k % 3} {price}")
    write_lines(made, "Houses Dataset/HousesInfo.txt", lines)
    return (reading_of(made, NUMBER),)


def _prices_of_houses(data: Path) -> Readings:
    """An image a house; a price among other numbers, and no images to predict."""
    made, cells = Builder(data), []
    for k in range(34):
        price = 195000 + 9100 * (k * 11 % 34)
        made.image(f"socal2/socal_pics/{k}.jpg", TrueSample(SIZE, float(price)), part="train")
        cells.append([str(k), f"{1300 + k} Van Buren Street", ("Salton City, CA", "Brawley, CA")[k % 2], str(317 - k % 2), str(2 + k % 3),
                      f"{1 + k % 3}.1", str(1560 + 13 * k), str(price)])  # fmt: skip
    made.table(
        "socal2.csv",
        ["image_id", "street", "citi", "n_citi", "bed", "bath", "sqft", "price"],
        cells,
    )
    return (reading_of(made, NUMBER),)


def _ade(data: Path) -> Readings:
    """Train and validation only; 0 is of no class; class names in a table beside."""
    made, root, names = Builder(data), "ADEChallengeData2016", ("wall", "building, edifice", "sky")
    lines = []
    for part, short, n in (("training", "train", 24), ("validation", "val", 8)):
        for k in range(1, n + 1):
            classes = draw_class_map(made.random, SIZE, 3, fill=True)
            classes[:1] = 0
            name = f"ADE_{short}_{k:08d}"
            true = TrueSample(SIZE, planes=planes_of(classes, 3))
            made.image(f"{root}/images/{part}/{name}.jpg", true, part="train")
            save_pixels(data / f"{root}/annotations/{part}/{name}.png", classes)
            lines.append(f"{name} {('bathroom', 'street', 'misc')[k % 3]}")
    write_lines(made, f"{root}/sceneCategories.txt", lines)
    rows = [f"{n + 1}\t0.1576\t11664\t1172\t{one}" for n, one in enumerate(names)]
    write_lines(made, f"{root}/objectInfo150.txt", ["Idx\tRatio\tTrain\tVal\tName", *rows])
    kinds, is_test = {"segment": "multiclass"}, in_folders(f"{root}/images/validation")
    void = lambda true: replace(true, ignored=~np.any(true.planes, axis=0))  # noqa: E731
    named = reading_of(made, kinds, test=is_test, mask_classes=names)
    plain = reading_of(made, kinds, test=is_test, mask_classes=("1", "2", "3"))
    ignored = [
        replace(one, train={path: void(true) for path, true in one.train.items()})
        for one in (named, plain)
    ]
    return named, plain, *ignored


def _scenes_as_text(data: Path) -> Readings:
    """Masks are rows of numbers in texts, three an image; -1 is unknown."""
    made, top = Builder(data), "iccv09Data"
    horizons = []
    for k in range(30):
        name = f"{(47, 51, 9000002)[k % 3] + 59 * k:07d}"
        places = draw_class_map(made.random, SIZE, 8, fill=True).astype(int)
        places[:2, : k % 4] = 0
        true = TrueSample(SIZE, planes=tuple(places == n + 1 for n in range(8)), ignored=places == 0)  # fmt: skip
        made.image(f"{top}/images/{name}.jpg", true, part="train")
        for kind, values in (
            ("regions", places - 1),
            ("surfaces", np.minimum(places, 3) - 1),
            ("layers", places * 3),
        ):
            write_lines(
                made,
                f"{top}/labels/{name}.{kind}.txt",
                [" ".join(map(str, row)) for row in values.tolist()],
            )
        horizons.append(f"{name} {SIZE[1]} {SIZE[0]} {7 + k % 5}")
    write_lines(made, f"{top}/horizons.txt", horizons)
    made.text(
        f"{top}/README",
        "Stanford Background Dataset\n\nimages/: the images\nlabels/*.regions.txt: integer matrix indicating each pixel's semantic class "
        "(sky, tree, road, grass, water, building, mountain, or foreground object). A negative number indicates unknown.\n",
    )  # fmt: skip
    known = reading_of(made, MULTI, mask_classes=tuple("01234567"))
    plain = {path: replace(one, ignored=None) for path, one in known.train.items()}
    return known, replace(known, train=plain)


FACADES = ("background", "facade", "window", "door", "cornice", "sill", "balcony", "blind", "deco", "molding", "pillar", "shop")  # fmt: skip


def _facades(data: Path) -> Readings:
    """Photo, mask of a palette and a text of boxes, of the same name, in a folder; two folders."""
    made = Builder(data)
    palette = [0, 0, 0, *(int(one) for one in np.random.default_rng(3).integers(0, 255, 36))]
    for folder, letter, n in (("base", "b", 20), ("extended", "x", 12)):
        for k in range(1, n + 1):
            name, size = f"cmp_{letter}{k:04d}", (24 + k % 4, 28 + k % 3)
            places = draw_class_map(made.random, size, 12, fill=True)
            path = f"{folder}/{name}.jpg"
            made.image(path, TrueSample(size, planes=planes_of(places, 12)), part="train")
            mask = Image.fromarray(places, mode="P")
            mask.putpalette([*palette, *[0] * (768 - len(palette))])
            mask.save(data / f"{folder}/{name}.png")
            boxes = "".join(
                f"<object>\n <points>\n  <x>\n0.{100 + k * 7}\n  </x>\n  <x>\n0.{300 + k}\n  </x>\n"
                f"  <y>\n0.{211 + k}\n  </y>\n  <y>\n0.{407 + k}\n  </y>\n </points>\n"
                f" <label>\n{n}\n </label>\n <labelname>\n{FACADES[n - 1]}\n </labelname>\n</object>\n"
                for n in (2, 3, 4)
            )
            made.text(f"{folder}/{name}.xml", boxes)
    write_lines(
        made, "label_names.txt", [f"{n + 1}\t{one}\t{n + 1}" for n, one in enumerate(FACADES)]
    )
    made.text("readme.txt", "CMP Facade Database\n\nbase and extended set, images in JPEG, labels in PNG and XML\n")  # fmt: skip
    found = list[LayoutTruth]()
    for out in ((), ("extended",)):
        for names in (FACADES, tuple(str(n) for n in range(1, 13))):
            found.append(reading_of(made, MULTI, out=in_folders(*out), mask_classes=names))
    return tuple(found)


LAYOUTS = (
    RealLayout("hotel-id-2021-fgvc8", "page, code", _hotels),
    RealLayout("landmark-recognition-2020", "page, code", _landmarks),
    RealLayout("hotel-id-to-combat-human-trafficking-2022-fgvc9", "memory", _hotels_2022),
    RealLayout("hackerearth-gala-images", "memory", _gala),
    DataSet("Intel image classification", "memory", _intel),
    DataSet("hackerearth-holiday-season", "code, memory", _holiday),
    DataSet("MIT indoor 67", "code", _indoor, doubt="the lists lie beside the tar, not in it"),
    DataSet("SUN397", "code (torchvision)", _scenes, has_test=False),
    DataSet("cs-ioc5008-hw1", "memory", _thirteen_scenes),
    DataSet(
        "analytics-vidhya-scene-classification",
        "memory",
        _scenes_of_intel,
        doubt="letters behind the name of the sample",
    ),
    DataSet("nnfl-cnn-lab2", "memory", _scenes_of_a_lab, doubt="inner folders"),
    DataSet("zalo-ai-landmark-2018", "code", _landmarks_of_vietnam),
    DataSet("dacon-seoul-landmarks", "code and memory", _landmarks_of_seoul),
    DataSet(
        "dacon-korean-landmarks",
        "code and memory",
        _landmarks_of_korea,
        doubt="names of images, and category.json",
    ),
    DataSet("dacon-tourism-2022", "code", _sights_of_korea, doubt="value of the sample"),
    DataSet("ai-challenger-2017-scenes", "code", _scenes_of_a_challenge),
    DataSet("Places365", "memory", _places),
    DataSet("mit-miniplaces", "memory", _small_places),
    DataSet(
        "skyhacks-2020", "page and memory", _sights_of_silesia, doubt="True and False, or 1 and 0"
    ),
    DataSet("Houses (four pictures)", "memory", _homes, has_test=False),
    DataSet("SoCal houses", "memory", _prices_of_houses, has_test=False),
    DataSet("ADE20K (2016)", "memory", _ade),
    DataSet("Stanford background", "memory", _scenes_as_text, has_test=False),
    DataSet("CMP facades", "memory", _facades, has_test=False, doubt="third column of the names"),
)
