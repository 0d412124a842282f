# ruff: noqa: E501  # rows of tables as their files have them
"""A ninth set of real competitions and public data sets, written without a look at what is read.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

import gzip
import shutil
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.drawing import draw_class_map, draw_objects, draw_plane, save_pixels
from layouts.real.data_sets import (
    LABELS,
    ONE_MASK,
    SIZE,
    TWO,
    DataSet,
    Readings,
    _grey_mask,
    _inside,
    _lines,
    _photos,
    _planes_of,
    _reading,
)
from layouts.real.eighth_set import _by_class, _coco, _save_tiff, _with_and_without
from layouts.real.made import Builder, hex_name, union
from layouts.real.second_set import MULTI, _json, _numbered
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["NINTH_COMPETITIONS", "NINTH_DATA_SETS"]


# Competitions


LEAVES = ("abies_concolor", "betula_nigra", "maclura_pomifera", "quercus_montana", "ulmus_rubra")


def _leaves_of_a_course(data: Path) -> Readings:
    """All images in one folder, whose name is in the tables."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, label, name = ("train" if k < 34 else "test"), LEAVES[k * 3 % 5], f"images/{k}.jpg"
        made.image(name, TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["image"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, LEAVES[2]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=LEAVES),)


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


EMOTIONS = ("anger", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise", "uncertain")  # fmt: skip


def _emotions_of_a_course(data: Path) -> Readings:
    """Class folders and a table of them with the numbers of its rows; paths begin with a dot."""
    made, cells, rows = Builder(data), list[list[str]](), list[tuple[str, ...]]()
    for k in range(45):
        label = EMOTIONS[k % 9]
        made.image(f"train/{label}/{k // 9 * 7}.jpg", TrueSample(SIZE, label), part="train")
        cells.append([str(k), f"./train/{label}/{k // 9 * 7}.jpg", label])
    for k in range(12):
        label = EMOTIONS[k * 5 % 9]
        made.image(f"test_kaggle/{k}.jpg", TrueSample(SIZE, label), part="test")
        rows.append((f"{k}.jpg", label))
    columns = {"image_path": "key", "emotion": "text"}
    made.table("train.csv", ["", *columns], cells)
    made.table("sample_submission.csv", list(columns), [[one, "sad"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=EMOTIONS),)


FINDINGS = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Enlarged Cardiomediastinum", "Fracture", "Lung Lesion",
    "Lung Opacity", "No Finding", "Pleural Effusion", "Pleural Other", "Pneumonia", "Pneumothorax", "Support Devices",
)  # fmt: skip


def _slam_of_chests(data: Path) -> Readings:
    """Facts of patients and fourteen findings of 0 and 1; a probability of each is sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, probs = "train" if k < 36 else "test", made.probs(FINDINGS)
        has = made.random.random(14) < 0.25
        has[8] = not has.any()
        label = frozenset(one for one, bit in zip(FINDINGS, has, strict=True) if bit)
        name = f"{k // 3 + 1 + 5000 * (part == 'test'):08d}_{1 + k % 3:03d}_001.jpg"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(f"{part}1/{name}", TrueSample(SIZE, label, probs), part=part, pixels=grey)
        if part == "train":
            view = (["Frontal", "AP"], ["Frontal", "PA"], ["Lateral", "Lateral"])[k % 3]
            facts = [str(k // 3 + 1), str(1 + k % 3), ("Male", "Female")[k // 3 % 2], f"{41 + k // 3}.0"]  # fmt: skip
            cells.append([name, *facts, *view, *(str(int(bit)) for bit in has)])
        else:
            rows.append((name, *(repr(probs[one]) for one in FINDINGS)))
    header = ["Image_name", "Patient_ID", "Study", "Sex", "Age", "ViewCategory", "ViewPosition"]
    made.table("train1.csv", [*header, *FINDINGS], cells)
    columns = {"Image_name": "key", **dict.fromkeys(FINDINGS, "number")}
    made.table("sample_submission_1.csv", list(columns), [[one[0], *["0"] * 14] for one in rows])
    return (made.truth(SEVERAL, columns, rows, classes=FINDINGS),)


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


def _animals_again(data: Path) -> Readings:
    """One table of the images of both parts, whose column says which; animals may be new ones."""
    made, table, rows = Builder(data), list[list[str]](), list[tuple[str, ...]]()
    sets = (
        ("LynxID2025", ("lynx_37", "lynx_49", "lynx_63"), "lynx"),
        ("SalamanderID2025", ("salamander_101", "salamander_112"), "salamander"),
        ("SeaTurtleID2022", ("t001", "t015", "t243"), "loggerhead turtle"),
    )
    number = 0
    for dataset, animals, species in sets:
        for k in range(17):
            is_query, one = k % 4 == 3, animals[k * 2 % len(animals)]
            name = hex_name(dataset, k, length=16)
            if dataset == "LynxID2025":
                path = f"images/{dataset}/{('database', 'query')[is_query]}/{name}.jpg"
            elif dataset == "SalamanderID2025":
                path = f"images/{dataset}/{('database', 'query')[is_query]}/images/{name}.jpg"
            elif is_query:
                path = f"images/{dataset}/query/images/{name}.jpeg"
            else:
                path = f"images/{dataset}/database/turtles-data/data/images/{one}/{name[:10]}.JPG"
            identity = f"{dataset}_{one}"
            part = "test" if is_query else "train"
            made.image(path, TrueSample((20 + k % 3, 24), identity), part=part)
            date = f"20{12 + k % 9}-0{1 + k % 8}-11" if dataset != "LynxID2025" else ""
            side = ("left", "right", "front", "unknown", "back")[k % 5]
            table.append([str(number), "" if is_query else identity, path, date, side,
                          species if dataset != "SeaTurtleID2022" else "loggerhead turtle",
                          ("database", "query")[is_query], dataset])  # fmt: skip
            if is_query:
                rows.append((str(number), identity))
            number += 1
    header = ["image_id", "identity", "path", "date", "orientation", "species", "split", "dataset"]
    made.table("metadata.csv", header, table)
    columns = {"image_id": "key", "identity": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "new_individual"] for one, _ in rows])
    known = sorted({str(one.label) for one in made.train.values()})
    return tuple(
        made.truth(LABELS, columns, rows, classes=each)
        for each in (known, [*known, "new_individual"])
    )


def _fungi(data: Path) -> Readings:
    """Rows of images, answers of observations, each image in two sizes; the ten likeliest are sent."""
    made, rows, classes = Builder(data), list[tuple[str, ...]](), tuple("0123456")
    tables: dict[str, list[list[str]]] = {"train": [], "val": [], "test": []}
    number = 0
    for part, n in (("train", 22), ("val", 6), ("test", 8)):
        for k in range(n):
            label, observation = classes[k * 3 % 7], str(2237851000 + 7919 * number)
            number += 1
            for image in range(1 + k % 2):
                name = f"{image}-{int(observation) + 31}.JPG"
                for scale, size in (("300p", SIZE), ("fullsize", (40, 48))):
                    made.image(
                        f"images/FungiTastic-FewShot/{part}/{scale}/{name}",
                        TrueSample(size, label, unit=observation),
                        part="test" if part == "test" else "train",
                    )
                place = [f"{55.1 + k / 50:.4f}", f"{9.3 + k / 70:.4f}", "10.0", observation]
                facts = [f"2021-09-{1 + k % 28:02d} 00:00:00", "2021", "9", ("Deciduous woodland", "lawn")[k % 2], "DK"]  # fmt: skip
                taxon = [f"Clavaria sp{label}", "Clavariaceae", "Clavaria"]
                more = [name, *([label] if part != "test" else []), "soil", "Continental"]
                tables[part].append([*facts, *(taxon if part != "test" else []), *place, *more])
            if part == "test":
                rows.append((observation, label))
    for part, cells in tables.items():
        known = part != "test"
        header = ["eventDate", "year", "month", "habitat", "countryCode",
                  *(["scientificName", "family", "genus"] if known else []), "latitude", "longitude", "coorUncert",
                  "observationID", "filename", *(["category_id"] if known else []), "substrate",
                  "biogeographicalRegion"]  # fmt: skip
        made.table(
            f"metadata/FungiTastic-FewShot/FungiTastic-FewShot-{part.title()}.csv", header, cells
        )
    columns = {"observationId": "key", "predictions": "ranking"}
    shown = " ".join(str(n) for n in range(10))
    made.table("sample_submission.csv", list(columns), [[one, shown] for one, _ in rows])
    every = made.truth(LABELS, columns, rows, classes=classes)
    found = list[LayoutTruth]()
    for left in ("/none/", "/val/"):
        for scale in ("/fullsize/", "/300p/"):
            train, test = (
                {path: one for path, one in each.items() if scale in path and left not in path}
                for each in (every.train, every.test)
            )
            found.append(replace(every, train=train, test=test))
    return tuple(found)


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


GARMENTS = (
    "shirt, blouse", "top, t-shirt, sweatshirt", "sweater", "cardigan", "jacket", "vest", "pants", "shorts", "skirt",
    "coat", "dress", "jumpsuit", "cape", "glasses", "hat", "headband, head covering, hair accessory", "tie", "glove",
    "watch", "belt", "leg warmer", "tights, stockings", "sock", "shoe", "bag, wallet", "scarf", "umbrella", "hood",
    "collar", "lapel", "epaulette", "sleeve", "pocket", "neckline", "buckle", "zipper", "applique", "bead", "bow",
    "flower", "fringe", "ribbon", "rivet", "ruffle", "sequin", "tassel",
)  # fmt: skip


def _garments_of_2020(data: Path) -> Readings:
    """A row a garment with class and attributes; names of images without their ending."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    codec, kinds = Codec(), (1, 10, 23, 31, 33)
    for k in range(28):
        part, size = "train" if k < 21 else "test", (40, 30 + 2 * (k % 3))
        name = hex_name("garment", k, length=32)
        objects = tuple(
            ((k + n // 2) % 5, plane)
            for n, plane in enumerate(draw_objects(made.random, size, 1 + k % 4))
        )
        made.image(f"{part}/{name}.jpg", TrueSample(size, objects=objects), part=part)
        for place, plane in objects:
            number, touches = str(kinds[place]), ",".join(str(115 + 17 * n + k) for n in range(k % 4))  # fmt: skip
            text = codec.encode(plane)
            if part == "train":
                cells.append([name, text, str(size[0]), str(size[1]), number, touches])
            else:
                rows.append((name, text, number, ""))
    header = ["ImageId", "EncodedPixels", "Height", "Width", "ClassId", "AttributesIds"]
    made.table("train.csv", header, cells)
    columns = {"ImageId": "key", "EncodedPixels": "rle", "ClassId": "text", "AttributesIds": "free"}
    names = dict.fromkeys(one[0] for one in rows)
    made.table("sample_submission.csv", list(columns), [[one, "1 1", "32", "111,137"] for one in names])  # fmt: skip
    about = [{"id": n, "name": one, "supercategory": "upperbody" if n < 6 else "decorations", "level": 1 + (n > 26)}
             for n, one in enumerate(GARMENTS)]  # fmt: skip
    touches = [{"id": n, "name": f"{one} (opening)", "supercategory": "opening type", "level": 1}
               for n, one in ((115, "chained"), (137, "fly"), (149, "zip-up"))]  # fmt: skip
    _json(made, "label_descriptions.json", {
        "info": {"year": 2020, "version": "1.0", "description": "The 2020 FGVC7 labels"},
        "categories": about, "attributes": touches,
    })  # fmt: skip
    truth = made.truth(
        {"segment": "instance"},
        columns,
        rows,
        mask_classes=[str(one) for one in kinds],
        codec=codec,
    )
    moved = {
        side: {
            path: replace(
                one, objects=tuple((kinds[place], plane) for place, plane in one.objects or ())
            )
            for path, one in each.items()
        }
        for side, each in (("train", truth.train), ("test", truth.test))
    }
    whole = replace(truth, mask_classes=GARMENTS, **moved)  # type: ignore[arg-type]
    return (
        truth,
        replace(truth, mask_classes=tuple(GARMENTS[one] for one in kinds)),
        whole,
        replace(whole, mask_classes=tuple(str(n) for n in range(46))),
    )


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


CLIMATE = (
    "시간",
    "내부온도관측치",
    "외부온도관측치",
    "내부습도관측치",
    "CO2관측치",
    "EC관측치",
    "총추정광량",
)


def _weights_of_leaves(data: Path) -> Readings:
    """A folder a case, with images, a table of weights, and a table of the climate for each image."""
    made, rows = Builder(data), list[tuple[str, ...]]()

    def climate(path: str, k: int) -> None:
        made.table(
            path, CLIMATE,
            [[f"2022-0{1 + k % 3}-19 00:{n:02d}:00", f"{21.4 + n / 7:.2f}", "8.1", f"{70.2 - k:.1f}", "463", "1.8", ""]
             for n in range(5)],
        )  # fmt: skip

    for case in range(1, 7):
        cells, top = [], f"train/CASE{case:02d}"
        for k in range(1, 7):
            name, weight = f"CASE{case:02d}_{k:02d}", round(3.1 + case * 1.7 + k * k * 2.313, 3)
            path = f"{top}/image/{name}.png"
            made.image(path, TrueSample(SIZE, weight), part="train")
            climate(f"{top}/meta/{name}.csv", case + k)
            cells.append([f"{name}.png", str(weight)])
        made.table(f"{top}/label.csv", ["img_name", "leaf_weight"], cells)
    for k in range(1, 11):
        weight = round(2.2 + k * 7.131, 3)
        made.image(f"test/image/{k:03d}.jpg", TrueSample(SIZE, weight), part="test")
        climate(f"test/meta/{k:03d}.csv", k)
        rows.append((f"{k:03d}.jpg", str(weight)))
    columns = {"img_name": "key", "leaf_weight": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(NUMBER, columns, rows),)


def _lymph_nodes(data: Path) -> Readings:
    """Facts in Korean; masks of some images, and a dash where there is none."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(44):
        part, label = "train" if k < 32 else "test", str(k * 3 % 5 % 2)
        name = f"BC_01_{1 + k * 71:04d}"
        has = part == "train" and k % 3 < 2
        plane = draw_plane(made.random, SIZE)
        true = TrueSample(SIZE, label, planes=(plane,) if has else None)
        made.image(f"{part}_imgs/{name}.png", true, part=part)
        if has:
            _grey_mask(data / f"train_masks/{name}.png", plane)
        facts = [str(35 + k), f"201{k % 9}-0{1 + k % 9}-23", str(1 + k % 2), str(1 + k % 2), "1" if k % 7 else "2",
                 f"{0.4 + k * 7 % 31 / 10:.1f}", str(1 + k % 3) if k % 6 else "", str(k % 4), "1", "8.0" if k % 2 else "",
                 str(k % 3)]  # fmt: skip
        if part == "train":
            mask = f"./train_masks/{name}.png" if has else "-"
            cells.append([name, f"./train_imgs/{name}.png", mask, *facts, label])
        else:
            tests.append([name, f"./test_imgs/{name}.png", *facts])
            rows.append((name, label))
    header = ["나이", "수술연월일", "진단명", "암의 위치", "암의 개수", "암의 장경", "NG", "HG", "ER", "ER_Allred_score", "HER2_IHC"]  # fmt: skip
    made.table("train.csv", ["ID", "img_path", "mask_path", *header, "N_category"], cells)
    made.table("test.csv", ["ID", "img_path", *header], tests)
    columns = {"ID": "key", "N_category": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    kinds = {**TWO, **ONE_MASK}
    return (made.truth(kinds, columns, rows, classes=("0", "1"), mask_classes=[""]),)


RECIPES = ("お寿司", "お弁当", "サンドイッチ", "チャーハン", "パスタ", "餃子")


def _recipes(data: Path) -> Readings:
    """Tables with tabs: names and numbers of classes in one; the sample has no header."""
    made, lines, shown = Builder(data), ["file_name\tcategory_id"], []
    for k in range(46):
        part, place = "train" if k < 34 else "test", k * 5 % 6
        name = f"{part}_{k % 34}.jpg"
        made.image(f"{part}/{name}", TrueSample(SIZE, str(place)), part="train")
        if part == "train":
            lines.append(f"{name}\t{place}")
        else:
            shown.append(f"{name}\t{k * 7 % 6}")
    _lines(made, "train_master.tsv", lines)
    _lines(made, "master.tsv", ["category_id\tcategory_name", *(f"{n}\t{one}" for n, one in enumerate(RECIPES))])  # fmt: skip
    _lines(made, "sample_submit.tsv", shown)
    truth = _reading(made, LABELS, test=_inside("test"), classes=tuple("012345"))
    return truth, _numbered(truth, tuple("012345"), RECIPES)


HOODS = ("agkistrodon-contortrix", "crotalus-atrox", "nerodia-erythrogaster", "pituophis-catenifer", "thamnophis-sirtalis")  # fmt: skip


def _snakes_in_the_hood(data: Path) -> Readings:
    """Ids without endings; all in a folder."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, label = "train" if k < 34 else "test", HOODS[k * 3 % 5]
        name = hex_name("hood", k)
        made.image(f"dataset/{part}/{name}.jpg", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image_id": "key", "breed": "text"}
    made.table("dataset/train.csv", list(columns), cells)
    made.table("dataset/test.csv", ["image_id"], [[one] for one, _ in rows])
    made.table("dataset/sample_submission.csv", list(columns), [[one, HOODS[3]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=HOODS),)


def _winners_of_chess(data: Path) -> Readings:
    """Numbers of images that begin anew in each part; a table of each."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 28), ("val", 8), ("test", 10)):
        cells = []
        for k in range(n):
            label = ("black", "white")[k * 5 % 7 % 2]
            true = TrueSample(SIZE, label)
            made.image(f"{part}/{k}.jpg", true, part="test" if part == "test" else "train")
            cells.append((str(k), label))
        if part == "test":
            rows = cells
        else:
            made.table(f"{part}.csv", ["ImageID", "label"], [list(one) for one in cells])
    columns = {"ImageID": "key", "label": "text"}
    shown = [[one, ("white", "black")[k % 2]] for k, (one, _) in enumerate(rows)]
    made.table("sample_submission.csv", list(columns), shown)
    every = made.truth(TWO, columns, rows, classes=("black", "white"))
    train = {path: one for path, one in every.train.items() if path.startswith("train/")}
    return every, replace(every, train=train)


def _roads_of_epfl(data: Path) -> Readings:
    """A folder for each image of test, larger than those of train; a row a square of 16 pixels."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for k in range(1, 25):
        size, plane = (48, 48), draw_plane(made.random, (48, 48))
        path = f"training/images/satImage_{k:03d}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        grey = np.where(plane, 255, 0).astype(np.uint8)
        rim, near = plane & ~np.roll(plane, 1, axis=0), ~plane & np.roll(plane, 1, axis=0)
        grey[rim] = made.random.integers(150, 255, int(rim.sum()))
        grey[near] = made.random.integers(1, 100, int(near.sum()))
        save_pixels(data / f"training/groundtruth/satImage_{k:03d}.png", grey)
    for k in range(1, 11):
        size, plane = (64, 64), draw_plane(made.random, (64, 64))
        path = f"test_set_images/test_{k}/test_{k}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="test")
        for left in range(0, size[1], 16):
            for above in range(0, size[0], 16):
                square = plane[above : above + 16, left : left + 16]
                rows.append((f"{k:03d}_{left}_{above}", str(int(square.mean() > 0.25))))
    columns = {"id": "key", "prediction": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text(
        "mask_to_submission.py",
        "# share of road pixels from which on a patch of 16 by 16 is road\nforeground_threshold = 0.25\n",
    )
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""]),)


COURSE_BIRDS = ("004.Groove_billed_Ani", "009.Brewer_Blackbird", "012.Yellow_headed_Blackbird", "023.Brandt_Cormorant")  # fmt: skip


def _birds_of_recvis(data: Path) -> Readings:
    """Class folders of train and of val; images of test in a folder of a class that is none."""
    made, top = Builder(data), "bird_dataset"
    for part, n in (("train", 8), ("val", 3)):
        for place, label in enumerate(COURSE_BIRDS):
            stem = label[4:].title()
            names = [f"{stem}_{k + 2 * (part == 'val') + 11:04d}_{1670 + k * 83 + place}" for k in range(n)]  # fmt: skip
            _photos(made, [f"{top}/{part}_images/{label}/{one}.jpg" for one in names], label)
    names = [hex_name("mistery", k, length=32) for k in range(12)]
    _photos(made, [f"{top}/test_images/mistery_category/{one}.jpg" for one in names], None)
    is_test = _inside(f"{top}/test_images")
    return tuple(
        _with_and_without(
            lambda out: [_reading(made, LABELS, test=is_test, out=out, classes=COURSE_BIRDS)],
            _inside(f"{top}/val_images"),
        )
    )


def _masked_faces(data: Path) -> Readings:
    """A JSON of name and number of the class; nothing shows the file to send."""
    made, labels, top = Builder(data), dict[str, int](), "MaskDataset"
    for k in range(36):
        label, name = k * 5 % 3, f"{10001 + k * 137}.jpg"
        _photos(made, [f"{top}/training/{name}"], str(label))
        labels[name] = label
    _photos(made, [f"{top}/test/{10005 + k * 211}.jpg" for k in range(10)], None)
    _json(made, f"{top}/train_gt.json", labels)
    return (_reading(made, LABELS, test=_inside(f"{top}/test"), classes=tuple("012")),)


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


# Data sets: labels


def _copied(made: Builder, path: str, other: str) -> None:
    """Write the image once more at another path."""
    (made.data / other).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made.data / path, made.data / other)
    made.train[other] = made.train[path]


def _tumours(data: Path) -> Readings:
    """Folders yes and no, and both once more in a folder; names without a rule."""
    made, top = Builder(data), "brain_tumor_dataset"
    for k in range(1, 19):
        for label, names in (
            ("yes", (f"Y{k}.jpg", f"Y{k}.JPG")),
            ("no", (f"{k} no.jpeg", f"no {k}.jpg", f"N{k}.JPG", f"No{k}.jpg")),
        ):
            name, size = names[k % len(names)], (20 + k % 5, 20 + k % 4)
            _photos(made, [f"{label}/{name}"], label, size)
            _copied(made, f"{label}/{name}", f"{top}/{label}/{name}")
    return tuple(
        _reading(made, TWO, out=_inside(*out), classes=("no", "yes"))
        for out in ((top,), ("yes", "no"))
    )


def _covid_scans(data: Path) -> Readings:
    made = Builder(data)
    for label, stem in (("COVID", "Covid"), ("non-COVID", "Non-Covid")):
        for k in range(1, 19):
            _photos(made, [f"{label}/{stem} ({k}).png"], label, (20 + k % 4, 24 + k % 5))
    return (_reading(made, TWO, classes=("COVID", "non-COVID")),)


def _moles(data: Path) -> Readings:
    """Parts and classes, and all of it once more below a folder."""
    made, classes = Builder(data), ("benign", "malignant")
    for part, n in (("train", 12), ("test", 5)):
        for place, label in enumerate(classes):
            for k in range(n):
                path = f"{part}/{label}/{2 + k * 97 + place + 1000 * (n < 9)}.jpg"
                _photos(made, [path], label)
                _copied(made, path, f"data/{path}")
    test = _inside("test", "data/test")
    return tuple(
        _reading(made, TWO, test=test, out=_inside(*out), classes=classes)
        for out in (("data",), ("train", "test"))
    )


def _dementia(data: Path) -> Readings:
    """Names of train tell the class, those of test do not."""
    made, top = Builder(data), "Alzheimer_s Dataset"
    stages = {"MildDemented": "mildDem", "ModerateDemented": "moderateDem", "NonDemented": "nonDem",
              "VeryMildDemented": "verymildDem"}  # fmt: skip
    for place, (label, stem) in enumerate(stages.items()):
        for k in range(9):
            grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
            path = f"{top}/train/{label}/{stem}{k * 7}.jpg"
            made.image(path, TrueSample(SIZE, label), part="train", pixels=grey)
        for k in range(3):
            grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
            path = f"{top}/test/{label}/{26 + place + k % 2} ({19 + k * 3}).jpg"
            made.image(path, TrueSample(SIZE, label), part="train", pixels=grey)
    return (_reading(made, RANKS, test=_inside(f"{top}/test"), classes=tuple(stages)),)


MONKEYS = (
    ("n0", "alouatta_palliata\t", "mantled_howler"), ("n1", "erythrocebus_patas\t", "patas_monkey"),
    ("n2", "cacajao_calvus\t", "bald_uakari"), ("n3", "macaca_fuscata\t", "japanese_macaque"),
    ("n4", "cebuella_pygmea\t", "pygmy_marmoset"),
)  # fmt: skip


def _monkeys(data: Path) -> Readings:
    """Folders of codes within folders of the same name; a text padded with blanks tells the names."""
    made = Builder(data)
    for place, (code, _, _) in enumerate(MONKEYS):
        for part, n in (("training", 8), ("validation", 3)):
            for k in range(n):
                name = f"{code}{18 + k * 3:03d}" if part == "training" else f"{code}{k:02d}"
                _photos(made, [f"{part}/{part}/{code}/{name}.jpg"], code, (20 + place, 24 + k % 3))
    _lines(
        made, "monkey_labels.txt",
        ["Label, Latin Name              , Common Name                     , Train Images, Validation Images",
         *(f"{code:<5}, {latin:<23}, {common:<32}, {8:<12}, {3}" for code, latin, common in MONKEYS)],
    )  # fmt: skip
    is_test, codes = _inside("validation"), tuple(one for one, _, _ in MONKEYS)
    truth = _reading(made, LABELS, test=is_test, classes=codes)
    latin = [one.strip() for _, one, _ in MONKEYS]
    common = [one for _, _, one in MONKEYS]
    return truth, *(_numbered(truth, codes, each) for each in (common, latin))


def _weather(data: Path) -> Readings:
    """All in a folder; the class and a number are the name."""
    made, classes = Builder(data), ("cloudy", "rain", "shine", "sunrise")
    for label in classes:
        for k in range(1, 10):
            _photos(made, [f"dataset2/{label}{k}.jpg"], label, (20 + k % 4, 24 + k % 3))
    return (_reading(made, LABELS, classes=classes),)


TISSUES = ("ADI", "BACK", "DEB", "LYM", "MUC", "MUS", "NORM", "STR", "TUM")


def _tissues(data: Path) -> Readings:
    """Three folders of folders of classes: two are for train, one of them with the stains as they were."""
    made = Builder(data)
    letters = "AACDEFGHIKLMNPQRSTVWY"
    for place, label in enumerate(TISSUES):
        for k in range(5):
            for top in ("NCT-CRC-HE-100K", "NCT-CRC-HE-100K-NONORM"):
                name = "".join(letters[int(one, 16)] for one in hex_name(top, label, k, length=8))
                _photos(made, [f"{top}/{label}/{label}-{name}.tif"], label)
        for k in range(2):
            name = "".join(letters[int(one, 16)] for one in hex_name("val", place, k, length=8))
            _photos(made, [f"CRC-VAL-HE-7K/{label}/{label}-TCGA-{name}.tif"], label)
    return tuple(
        _reading(made, LABELS, test=_inside("CRC-VAL-HE-7K"), out=_inside(*out), classes=TISSUES)
        for out in (
            ("NCT-CRC-HE-100K-NONORM",), ("NCT-CRC-HE-100K",), (),
        )
    )  # fmt: skip


def _wild_fires(data: Path) -> Readings:
    """Longitude and latitude are the name, with signs, dots and a comma."""
    made, classes = Builder(data), ("nowildfire", "wildfire")
    for part, n in (("train", 12), ("valid", 4), ("test", 4)):
        for place, label in enumerate(classes):
            for k in range(n):
                west = -73.17 - k * 0.137 - place * 1.31 - len(part) * 0.011
                name = f"{round(west, 6)},{round(45.56 + k * 0.09123 + place, 6)}"
                _photos(made, [f"{part}/{label}/{name}.jpg"], label)
    return tuple(
        _with_and_without(
            lambda out: [_reading(made, TWO, test=_inside("test"), out=out, classes=classes)],
            _inside("valid"),
        )
    )


def _chests_of_shenzhen(data: Path) -> Readings:
    """The last number of a name is the class; a text of each image has sex, age and findings."""
    made, top = Builder(data), "ChinaSet_AllFiles/ChinaSet_AllFiles"
    for k in range(1, 37):
        label = str(int(k > 18))
        name = f"CHNCXR_{k * 17:04d}_{label}"
        grey = made.random.integers(0, 255, (20 + k % 3, 24 + k % 4)).astype(np.uint8)
        true = TrueSample((20 + k % 3, 24 + k % 4), label)
        made.image(f"{top}/CXR_png/{name}.png", true, part="train", pixels=grey)
        sex, found = (
            ("male", "female")[k % 2],
            ("right PTB", "bilateral secondary PTB", "STB")[k % 3],
        )
        made.text(
            f"{top}/ClinicalReadings/{name}.txt",
            f"{sex} {20 + k}yrs\n{'normal' if label == '0' else found}\n\t\n\n",
        )
    (data / f"{top}/CXR_png/Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 60)
    (data / f"{top}/NLM-ChinaCXRSet-ReadMe.docx").write_bytes(b"PK\x03\x04" + b"\0" * 60)
    return (_reading(made, TWO, classes=("0", "1")),)


FETAL = ("Fetal abdomen", "Fetal brain", "Fetal femur", "Fetal thorax", "Maternal cervix", "Other")
OF_BRAIN = ("Trans-thalamic", "Trans-cerebellum", "Trans-ventricular")


def _planes_of_fetuses(data: Path) -> Readings:
    """A table with semicolons; a blank behind the name of the column of the parts."""
    made, cells, tests, brain = Builder(data), [], set(), {}
    seen = [(patient, k) for patient in range(1, 17) for k in range(1 + patient * 5 % 4)]
    for n, (patient, k) in enumerate(seen):
        plane, of = FETAL[n * 5 % 6], 1 + patient * 5 % 4
        kind = OF_BRAIN[n // 6 % 3] if plane == "Fetal brain" else "Not A Brain"
        name = f"Patient{patient:05d}_Plane{1 + FETAL.index(plane)}_{1 + k}_of_{of}"
        path, is_train = f"FETAL_PLANES_DB/Images/{name}.png", int(patient % 5 % 2 == 0)
        grey = made.random.integers(0, 255, (20 + k % 3, 24 + k % 4)).astype(np.uint8)
        true = TrueSample((20 + k % 3, 24 + k % 4), plane)
        made.image(path, true, part="train", pixels=grey)
        brain[path] = kind
        if not is_train:
            tests.add(path)
        device = ("Voluson E6", "Aloka", "Voluson S10", "Other")[patient % 4]
        cells.append(f"{name};{patient};{plane};{kind};{('Op. 1', 'Op. 2', 'Other')[patient % 3]};{device};{is_train}")  # fmt: skip
    _lines(
        made, "FETAL_PLANES_DB/FETAL_PLANES_DB_data.csv",
        ["Image_name;Patient_num;Plane;Brain_plane;Operator;US_Machine;Train ", *cells],
    )  # fmt: skip
    _sheet(
        data / "FETAL_PLANES_DB/FETAL_PLANES_DB_data.xlsx",
        ["Image_name;Patient_num;Plane;Brain_plane;Operator;US_Machine;Train ", *cells],
    )
    planes = _reading(made, LABELS, test=lambda path: path in tests, classes=FETAL)
    other = {
        side: {path: replace(one, label=brain[path]) for path, one in each.items()}
        for side, each in (("train", planes.train), ("test", planes.test))
    }
    return planes, replace(planes, classes=("Not A Brain", *OF_BRAIN), **other)  # type: ignore[arg-type]


def _sheet(path: Path, lines: Sequence[str]) -> None:
    """Write a spreadsheet of rows whose cells stand between semicolons."""
    import openpyxl

    book = openpyxl.Workbook()
    for line in lines:
        book.active.append([int(one) if one.isdecimal() else one for one in line.split(";")])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _ageing(data: Path) -> Readings:
    """Person, letter A, age, and a letter where an age comes twice; points in texts."""
    made = Builder(data)
    for person in range(1, 9):
        for k in range(5):
            age = (2 + person * 3 + k * k * 3) % 69
            again = "ab"[k % 2] if (person + k) % 6 == 0 else ""
            name = f"{person:03d}A{age:02d}{again}"
            _photos(made, [f"FGNET/images/{name}.JPG"], float(age), (20 + k, 24))
            _lines(made, f"FGNET/points/{name.lower()}.pts",
                   ["version: 1", "n_points: 3", "{", "3.5 4.1", "8.2 4.4", "6.1 9.9", "}"])  # fmt: skip
    return (_reading(made, NUMBER),)


# Data sets: masks


def _breasts_of_brazil(data: Path) -> Readings:
    """Names of images and of masks differ before the number; a table of facts, and two of folds."""
    made, cells, facts = Builder(data), [], {}
    sorts = {"Fibroadenoma": "benign", "Cyst": "benign", "Invasive Ductal Carcinoma": "malignant"}
    for k in range(36):
        case, side, size = 1 + k // 2, "lr"[k % 2], (20 + k % 3, 24 + k % 4)
        histology = ("Fibroadenoma", "Cyst", "Invasive Ductal Carcinoma", "Fibroadenoma")[k // 2 % 4]  # fmt: skip
        stem, plane = f"{case:04d}-{side}", draw_plane(made.random, size)
        path = f"BUSBRA/Images/bus_{stem}.png"
        grey = made.random.integers(0, 255, size).astype(np.uint8)
        true = TrueSample(size, sorts[histology], planes=(plane,))
        made.image(path, true, part="train", pixels=grey)
        _grey_mask(data / f"BUSBRA/Masks/mask_{stem}.png", plane)
        birads = str(2 + k // 2 % 2 if sorts[histology] == "benign" else 4 + k // 2 % 2)
        facts[path] = (sorts[histology], birads, histology)
        cells.append([f"bus_{stem}", str(case), histology, sorts[histology], birads, ("GE Logiq 7", "GE Logiq 5", "Toshiba")[k // 2 % 3],
                      str(size[1]), str(size[0]), ("left", "right")[k % 2], f"[{3 + k % 4},{2 + k % 5},12,9]"])  # fmt: skip
    header = ["ID", "Case", "Histology", "Pathology", "BIRADS", "Device", "Width", "Height", "Side", "BBOX"]  # fmt: skip
    made.table("BUSBRA/bus_data.csv", header, cells)
    for n in (5, 10):
        rows = [
            [one[0], one[1], one[3], str(1 + int(one[1]) % n), str(int(k % 7 == 3))]
            for k, one in enumerate(cells)
        ]
        made.table(f"BUSBRA/{n}-fold-cv.csv", ["ID", "Case", "Pathology", "kFold", "valid"], rows)
    found = list[LayoutTruth]()
    for place, kinds in enumerate((TWO, RANKS, LABELS)):
        classes = sorted({one[place] for one in facts.values()})
        truth = _reading(made, {**kinds, **ONE_MASK}, classes=classes, mask_classes=[""])
        train = {path: replace(one, label=facts[path][place]) for path, one in truth.train.items()}
        found.append(replace(truth, train=train))
    return tuple(found)


def _whole(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth of objects as that of one mask."""
    train = {
        path: replace(
            one,
            planes=(union([np.zeros(one.size, dtype=bool), *(plane for _, plane in one.objects)]),),
            objects=None,
        )
        if one.objects is not None
        else one
        for path, one in truth.train.items()
    }
    kinds = {"segment": frozenset({"binary"})}
    return replace(truth, kinds=kinds, mask_classes=("",), train=train)


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
            _grey_mask(data / f"{path}_fg.png", numbers > 0)
        for k in range(1, 5):
            path = f"CVPPP2017_testing/testing/{kind}/plant{k * 3 + 40:03d}"
            plane = draw_plane(made.random, size)
            made.image(f"{path}_rgb.png", TrueSample(size, planes=(plane,)), part="train")
            _grey_mask(data / f"{path}_fg.png", plane)
    single = _reading(
        made, {"segment": "instance"}, test=_inside("CVPPP2017_testing"), mask_classes=[""]
    )
    return single, _whole(single)


def _nuclei_of_broad(data: Path) -> Readings:
    """Images of 16 bits; small numbers of neighbours in the red of the masks; lists of masks."""
    made, size, parts = Builder(data), (40, 52), {}
    lists: dict[str, list[str]] = {"training": [], "validation": [], "test": []}
    for k in range(32):
        part = ("training", "training", "validation", "test")[k * 3 % 4]
        name = f"IXMtest_{'ABCDEFGH'[k // 4]}{2 + k * 5 % 23:02d}_s{1 + k % 9}_w1{hex_name('broad', k, length=8).upper()}-{hex_name(k, length=4).upper()}"
        planes = draw_objects(made.random, size, 2 + k % 3)
        mask = np.zeros((*size, 4), dtype=np.uint8)
        mask[..., 3] = 255
        for place, plane in enumerate(planes):
            mask[plane, 0] = 1 + place * (k % 2)
        deep = made.random.integers(120, 400, size)
        deep[mask[..., 0] > 0] += 900
        path = f"images/{name}.tif"
        _save_tiff(data / path, deep.astype(np.uint16))
        made.train[path] = TrueSample(size, objects=tuple((0, plane) for plane in planes))
        save_pixels(data / f"masks/{name}.png", mask)
        parts[path] = part
        lists[part].append(f"{name}.png")
    for part, each in lists.items():
        _lines(made, f"metadata/{part}.txt", each)
    is_test = lambda path: parts[path] == "test"  # noqa: E731

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        single = _reading(made, {"segment": "instance"}, test=is_test, out=out, mask_classes=[""])
        return [single, _whole(single)]

    return tuple(_with_and_without(read, lambda path: parts[path] == "validation"))


def _void_or_class(every: LayoutTruth) -> list[LayoutTruth]:
    """Return readings whose last class is ignored, is none, and is one."""
    void = {
        path: replace(one, planes=one.planes[:-1], ignored=one.planes[-1]) if one.planes else one
        for path, one in every.train.items()
    }
    none = {path: replace(one, ignored=None) for path, one in void.items()}
    fewer = every.mask_classes[:-1]
    return [
        replace(every, train=void, mask_classes=fewer),
        every,
        replace(every, train=none, mask_classes=fewer),
    ]


def _without_first(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth in which what is 0 is no class."""
    train = {
        path: replace(one, planes=one.planes[1:]) if one.planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train, mask_classes=truth.mask_classes[1:])


def _roads_of_india(data: Path) -> Readings:
    """Folders of drives; masks of seven classes and 255 for none, and masks of objects beside."""
    made, size, top = Builder(data), (24, 34), "idd20k_lite"
    values = np.array([*range(7), 255], dtype=np.uint8)
    for part, n in (("train", 22), ("val", 6), ("test", 8)):
        for k in range(n):
            drive, name = k // 3 * 7 + len(part), f"{(24541 + k * 7919 + n * 31) % 1000000:06d}"
            places = draw_class_map(made.random, size, 7, fill=True)
            places[:2, : 5 + k % 9] = 8
            planes = _planes_of(places, 8) if part != "test" else None
            path = f"{top}/leftImg8bit/{part}/{drive}/{name}_image.jpg"
            made.image(path, TrueSample(size, planes=planes), part="train")
            if part == "test":
                continue
            save_pixels(data / f"{top}/gtFine/{part}/{drive}/{name}_label.png", values[places - 1])
            objects = np.where(places == 3, 1 + (np.arange(size[1]) > 16), values[places - 1])
            save_pixels(
                data / f"{top}/gtFine/{part}/{drive}/{name}_inst_label.png",
                objects.astype(np.uint8),
            )
    names = [*map(str, range(7)), "255"]

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        is_test = _inside(f"{top}/leftImg8bit/test")
        every = _reading(made, MULTI, test=is_test, out=out, mask_classes=names)
        found = _void_or_class(every)
        return [*found, *map(_without_first, found)]

    return tuple(_with_and_without(read, _inside(f"{top}/leftImg8bit/val")))


def _streets_of_cambridge(data: Path) -> Readings:
    """A folder of images and one of masks for each part; lists of pairs below a root of its own."""
    made, top = Builder(data), "CamVid"
    for part, n in (("train", 22), ("val", 6), ("test", 8)):
        lines = []
        for k in range(n):
            name = f"{('0001TP', '0006R0', '0016E5', 'Seq05VD_f')[k % 4]}_{6690 + k * 30 + n * 900:06d}.png"
            if name.startswith("Seq"):
                name = f"Seq05VD_f{n * 90 + k * 30:05d}.png"
            places = draw_class_map(made.random, SIZE, 12, fill=True)
            path = f"{top}/{part}/{name}"
            made.image(path, TrueSample(SIZE, planes=_planes_of(places, 12)), part="train")
            save_pixels(data / f"{top}/{part}annot/{name}", places - 1)
            lines.append(f"/SegNet/CamVid/{part}/{name} /SegNet/CamVid/{part}annot/{name}")
        _lines(made, f"{top}/{part}.txt", lines)

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        every = _reading(
            made,
            MULTI,
            test=_inside(f"{top}/test"),
            out=out,
            mask_classes=list(map(str, range(12))),
        )
        found = _void_or_class(every)
        return [found[1], found[0], found[2], *map(_without_first, found)]

    return tuple(_with_and_without(read, _inside(f"{top}/val")))


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
            made.image(path, TrueSample(size, planes=_planes_of(places, 12)), part="train")
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
    _lines(made, "label_names.txt", [f"{n + 1}\t{one}\t{n + 1}" for n, one in enumerate(FACADES)])
    made.text("readme.txt", "CMP Facade Database\n\nbase and extended set, images in JPEG, labels in PNG and XML\n")  # fmt: skip
    found = list[LayoutTruth]()
    for out in ((), ("extended",)):
        for names in (FACADES, tuple(str(n) for n in range(1, 13))):
            found.append(_reading(made, MULTI, out=_inside(*out), mask_classes=names))
    return tuple(found)


def _volume(made: Builder, path: str, values: np.ndarray) -> None:
    """Write a volume as NIfTI of 16 bits, compressed."""
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, *values.shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, 4, 16)
    struct.pack_into("<8f", head, 76, *[1.0] * 8)
    struct.pack_into("<2f", head, 108, 352.0, 1.0)
    head[344:348] = b"n+1\0"
    (made.data / path).parent.mkdir(parents=True, exist_ok=True)
    (made.data / path).write_bytes(gzip.compress(bytes(head) + values.astype("<i2").tobytes()))


def _lungs_in_slices(data: Path) -> Readings:
    """Slices of 32 bits in Hounsfield's units, masks of the same names, and volumes beside."""
    made, size, cells = Builder(data), (40, 40), []
    for k in range(32):
        name, plane = (
            f"ID_{k // 9:04d}_Z_{(63 + k * 17) % 300:04d}.tif",
            draw_plane(made.random, size),
        )
        values = made.random.integers(-200, 300, size).astype(np.int32)
        values[plane] -= 700
        _save_tiff(data / f"2d_images/{name}", values)
        made.train[f"2d_images/{name}"] = TrueSample(size, planes=(plane,))
        _save_tiff(data / f"2d_masks/{name}", plane.astype(np.uint8) * 255)
        share = f"{plane.mean():.6f}"
        cells.append([f"{plane.sum() * 0.5:.3f}", share, "-722.45", "-408.0", "-905.0", name])
    header = ["lung_area_px", "lung_volume_fraction", "lung_mean_hu", "lung_pd95_hu", "lung_pd05_hu", "img_id"]  # fmt: skip
    made.table("lung_stats.csv", header, cells)
    for number in (2, 23):
        values = made.random.integers(-1000, 300, (6, 20, 20))
        _volume(made, f"3d_images/IMG_{number:04d}.nii.gz", values)
        _volume(made, f"3d_images/MASK_{number:04d}.nii.gz", (values < -500) * 255)
    masks = _reading(made, ONE_MASK, mask_classes=[""])
    return (masks,)


ARTERIES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "9a", "10", "10a", "11", "12", "12a", "13", "14", "14a",
            "15", "16", "16a", "16b", "16c", "12b", "14b", "stenosis")  # fmt: skip


def _arteries(data: Path) -> Readings:
    """Two tasks with the same numbers of images; COCO of 26 classes for each part of each task."""
    made, size = Builder(data), (40, 48)
    kinds = [(n + 1, one) for n, one in enumerate(ARTERIES)]
    of_task = {"syntax": [kinds[n] for n in (0, 1, 4, 5, 10)], "stenosis": kinds[-1:]}
    for task, used in of_task.items():
        for part, n in (("train", 16), ("val", 5), ("test", 6)):
            photos = [f"arcade/{task}/{part}/images//{k}.png" for k in range(1, n + 1)]
            content = _coco(made, size, photos, used)
            for one in content["annotations"]:
                one["attributes"] = {"occluded": False}
            for one in content["images"]:
                one |= {"license": 0, "flickr_url": "", "coco_url": "", "date_captured": 0}
            content["categories"] = [
                {"id": number, "name": name, "supercategory": ""} for number, name in kinds
            ]
            about = {"licenses": [{"name": "", "id": 0, "url": ""}], "info": {"year": ""}}
            _json(made, f"arcade/{task}/{part}/annotations/{part}.json", {**about, **content})
    test = _inside("arcade/syntax/test", "arcade/stenosis/test")
    found = list[LayoutTruth]()
    for tasks in (("syntax", "stenosis"), ("syntax",), ("stenosis",)):
        used = [one for task in tasks for one in of_task[task]]
        seen = tuple(name for _, name in used)
        other = [f"arcade/{one}" for one in of_task if one not in tasks]
        # Objects have the place of their class among those of their own task.
        first = {"syntax": 0, "stenosis": len(of_task["syntax"]) if len(tasks) > 1 else 0}

        def moved(
            each: dict[str, TrueSample], places: Sequence[int], first: dict[str, int] = first
        ) -> dict[str, TrueSample]:
            return {
                path: replace(
                    one,
                    objects=tuple(
                        (places[place + first[path.split("/")[1]]], plane)
                        for place, plane in one.objects or ()
                    ),
                )
                for path, one in each.items()
            }

        for left in ([], ["arcade/syntax/val", "arcade/stenosis/val"]):
            truth = _reading(
                made, {"segment": "instance"}, test=test, out=_inside(*other, *left), mask_classes=seen,
            )  # fmt: skip
            every = [number - 1 for number, _ in used]
            few = replace(truth, train=moved(truth.train, range(len(used))))
            many = replace(truth, train=moved(truth.train, every), mask_classes=ARTERIES)
            found += [many, few, _by_class(many, size, ARTERIES), _by_class(few, size, seen)]
            if len(seen) == 1:
                found.append(_whole(few))
    return tuple(found)


NINTH_COMPETITIONS = (
    DataSet("classify-leaves", "memory", _leaves_of_a_course),
    DataSet("kaggle-pog-series-s01e03", "memory", _seeds_of_corn),
    DataSet(
        "skillbox-computer-vision-project",
        "memory",
        _emotions_of_a_course,
        doubt="the sample's paths",
    ),
    DataSet("grand-xray-slam-division-a", "memory", _slam_of_chests),
    DataSet("soil-classification", "memory", _soils, doubt="name of the sample"),
    DataSet("animal-clef-2025", "memory", _animals_again, doubt="the folders of queries"),
    DataSet("fungi-clef-2025", "memory", _fungi, doubt="order of the columns"),
    DataSet("recodai-luc-scientific-image-forgery-detection", "memory", _forgeries),
    DataSet(
        "imaterialist-fashion-2020-fgvc7", "memory", _garments_of_2020, doubt="the sample's cells"
    ),
    DataSet(
        "cgiar-eyes-on-the-ground-challenge", "memory", _extent_of_drought, doubt="columns of test"
    ),
    DataSet("dacon-leaf-weights", "memory", _weights_of_leaves, doubt="columns of the climate"),
    DataSet("dacon-lymph-node-metastasis", "memory", _lymph_nodes, doubt="values of the masks"),
    DataSet("signate-jsai-cup-2018", "memory", _recipes),
    DataSet("hackerearth-snakes-in-the-hood", "memory", _snakes_in_the_hood, doubt="the sample"),
    DataSet(
        "aicrowd-chess-win-prediction", "memory", _winners_of_chess, doubt="words of the labels"
    ),
    DataSet("epfl-ml-road-segmentation", "memory", _roads_of_epfl, doubt="the script beside"),
    DataSet("mva-recvis-2022", "memory", _birds_of_recvis),
    DataSet("artificial-neural-networks-and-deep-learning-2020", "memory", _masked_faces),
    DataSet("nnfl-cnn-lab2", "memory", _scenes_of_a_lab, doubt="inner folders"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

NINTH_DATA_SETS = (
    DataSet("Brain tumours (yes and no)", "memory", _tumours, has_test=False),
    DataSet("SARS-CoV-2 CT scans", "memory", _covid_scans, has_test=False),
    DataSet("Skin cancer: malignant and benign", "memory", _moles),
    DataSet("Alzheimer's (four classes)", "memory", _dementia),
    DataSet("10 monkey species", "memory", _monkeys),
    DataSet("Multi-class weather", "memory", _weather, has_test=False),
    DataSet("NCT-CRC-HE-100K", "memory", _tissues),
    DataSet("Wildfire prediction", "memory", _wild_fires),
    DataSet("Shenzhen chest X-rays", "memory", _chests_of_shenzhen, has_test=False),
    DataSet("Fetal planes", "memory", _planes_of_fetuses),
    DataSet("FG-NET", "memory", _ageing, has_test=False),
    DataSet("BUS-BRA", "memory", _breasts_of_brazil, has_test=False, doubt="columns of the folds"),
    DataSet("CVPPP leaves", "memory", _leaves_of_rosettes, doubt="palette of the labels"),
    DataSet("BBBC039", "memory", _nuclei_of_broad),
    DataSet("IDD Lite", "memory", _roads_of_india),
    DataSet("CamVid (SegNet)", "memory", _streets_of_cambridge),
    DataSet("CMP facades", "memory", _facades, has_test=False, doubt="third column of the names"),
    DataSet("Lungs in CT", "memory", _lungs_in_slices, has_test=False, doubt="depth of the slices"),
    DataSet("ARCADE", "memory", _arteries),
)
