"""Layouts of competitions and data sets of flowers, herbaria, fungi and species of plants."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from layouts.real.files import write_json, write_lines, write_matlab
from layouts.real.kinds import LABELS
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name, part_by_number
from layouts.real.photos import write_photos
from layouts.real.readings import (
    beyond_scope,
    in_folders,
    reading_of,
    readings_by_kind,
    with_class_names,
    with_names_of_labels,
    with_train_labels,
    without_images,
)
from layouts.real.tables import write_binary, write_two_tables
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

_invasive = partial(
    write_binary, images=("train/{name}.jpg", "test/{name}.jpg"),
    names=lambda part, number: str(number + 1), header=["name", "invasive"],
    columns=["name", "invasive"], shown="0.5",
)  # fmt: skip


def _herbarium(data: Path) -> LayoutTruth:
    """JSON whose keys are `image_id` and `category_id`; numbers of classes have gaps."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    classes = ("0", "2", "5", "11", "42", "101")
    images, notes, tests = [], [], []
    for number in range(32):
        part, label = part_by_number(number), classes[number % 6]
        true = TrueSample(BROAD, label)
        if part == "train":
            name = f"{int(label):05d}__{number + 1:03d}"
            file = f"{name[:3]}/{name[3:5]}/{name}.jpg"
            images.append({"image_id": name, "file_name": file, "license": 0})
            notes.append({"genus_id": number % 3, "institution_id": number % 4,
                          "category_id": int(label), "image_id": name})  # fmt: skip
        else:
            place = number - 24
            file = f"000/test-{place:06d}.jpg"
            tests.append({"image_id": str(place), "file_name": file, "license": 0})
            rows.append((str(place), label))
            shown.append([str(place), "42"])
        made.image(f"{part}_images/{file}", true, part=part)
    kinds = [
        {"category_id": int(one), "scientificName": f"Abies species{one} Mill.",
         "family": "Pinaceae", "genus": "Abies", "species": f"species{one}", "authors": "Mill."}
        for one in classes
    ]  # fmt: skip
    write_json(made, "train_metadata.json", {
        "annotations": notes, "images": images, "categories": kinds,
        "genera": [{"genus_id": n, "genus": g} for n, g in enumerate(["Abies", "Acer", "Alnus"])],
        "institutions": [{"institution_id": n, "collectionCode": f"c{n}"} for n in range(4)],
        "distances": [{"genus_id_x": 0, "genus_id_y": 1, "distance": 0.3}],
        "license": [{"id": 0, "name": "CC"}],
    })  # fmt: skip
    write_json(made, "test_metadata.json", tests)
    made.table("sample_submission.csv", ["Id", "Predicted"], shown)
    return made.truth(
        {"classify": "multiclass"}, {"Id": "key", "Predicted": "text"}, rows, classes=classes
    )


def _flowers(data: Path) -> Readings:
    """Labels and parts are arrays of MATLAB."""
    made = Builder(data)
    for n in range(1, 31):
        write_photos(made, [f"jpg/image_{n:05d}.jpg"], str(1 + n % 3))
    labels = np.array([[1 + n % 3 for n in range(1, 31)]], dtype=np.uint8)
    write_matlab(data / "imagelabels.mat", labels=labels)
    ids = np.arange(1, 31, dtype=np.uint16)[None]
    write_matlab(data / "setid.mat", trnid=ids[:, :12], valid=ids[:, 12:18], tstid=ids[:, 18:])
    tests = {f"jpg/image_{n:05d}.jpg" for n in range(19, 31)}
    return (reading_of(made, LABELS, test=lambda path: path in tests, classes=tuple("123")),)


def _herbarium_2020(data: Path) -> Readings:
    """COCO in a folder of each part; names of files are below that folder."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    images: dict[str, list[dict[str, Any]]] = {"train": [], "test": []}
    notes, classes = [], ("0", "1", "2", "3")
    names = ("Aa mathewsii", "Abarema jupunba", "Zinnia acerosa", "Zygia latifolia")
    for number in range(32):
        part, label = "train" if number < 24 else "test", classes[number * 3 % 4]
        name = 354106 + 831 * number if part == "train" else number - 24
        file = f"images/{number % 4:03d}/{number % 6:02d}/{name}.jpg"
        if part == "test":
            file = f"images/{name // 4:03d}/{name}.jpg"
            rows.append((str(name), label))
        images[part].append(
            {"file_name": file, "height": BROAD[0], "id": name, "license": 1, "width": BROAD[1]}
        )
        if part == "train":
            notes.append({"category_id": int(label), "id": 800000 + number, "image_id": name,
                          "region_id": 1 + number % 2})  # fmt: skip
        made.image(f"nybg2020/{part}/{file}", TrueSample(BROAD, label), part=part)
    kinds = [{"family": "Orchidaceae", "genus": one.split()[0], "id": place, "name": one}
             for place, one in enumerate(names)]  # fmt: skip
    about = {"info": {"year": 2020}, "licenses": [{"id": 1, "name": "CC BY-NC-ND", "url": ""}]}
    write_json(made, "nybg2020/train/metadata.json", {
        "annotations": notes, "categories": kinds, "images": images["train"], **about,
        "regions": [{"id": 1, "name": "North America"}, {"id": 2, "name": "Brazil"}],
    })  # fmt: skip
    write_json(made, "nybg2020/test/metadata.json", {"images": images["test"], **about})
    columns = {"Id": "key", "Predicted": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    truth = made.truth(LABELS, columns, rows, classes=classes)
    return truth, with_class_names(truth, classes, names)


def _places_and_patches(data: Path) -> Readings:
    """Tables of two countries with semicolons; four files an observation; thirty ids are sent."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    # The ids that the sample lists are those of species, as in the real one.
    species = tuple(str(n) for n in range(32))
    for country, first in (("fr", 10000000), ("us", 20000000)):
        lines = {"train": ["observation_id;latitude;longitude;species_id;subset"],
                 "test": ["observation_id;latitude;longitude"]}  # fmt: skip
        for number in range(40):
            part, label = "train" if number < 32 else "test", species[number * 3 % 32]
            name = str(first + 171444 + 3119 * number)
            path = f"patches-{country}/{name[-2:]}/{name[-4:-2]}/{name}"
            made.image(f"{path}_rgb.jpg", TrueSample(BROAD, label), part=part)
            for end, kind in (
                ("near_ir.jpg", np.uint8),
                ("altitude.tif", np.int16),
                ("landcover.tif", np.uint8),
            ):
                values = made.random.integers(0, 30, BROAD).astype(kind)
                Image.fromarray(values).save(data / f"{path}_{end}")
            facts = f"{name};{43.1 + number / 100:.5f};{3.2 + number / 50:.5f}"
            if part == "train":
                lines[part].append(f"{facts};{label};{('train', 'val')[number % 8 == 5]}")
            else:
                lines[part].append(facts)
                rows.append((name, label))
        for part, each in lines.items():
            write_lines(made, f"observations/observations_{country}_{part}.csv", each)
    write_lines(made, "metadata/species_details.csv",
           ["species_id;GBIF_species_id;GBIF_species_name;GBIF_kingdom_name",
            *(f"{one};{2430567 + n};Species {one};Plantae" for n, one in enumerate(species))])  # fmt: skip
    write_lines(
        made,
        "metadata/landcover_suggested_alignment.csv",
        ["landcover_code;label", "1;Forest", "2;Water"],
    )
    write_lines(made, "pre-extracted/environmental_vectors.csv",
           ["observation_id;bio_1;bio_2", *(f"{one.split('/')[-1][:8]};9.5;7.1" for one in made.train)])  # fmt: skip
    columns = {"Id": "key", "Predicted": "ranking"}
    shown = " ".join(str(n) for n in range(30))
    made.table("sample_submission.csv", list(columns), [[one, shown] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=species),)


FLOWER_NAMES = ("Aster", "Daisy", "Iris", "Lavender", "Lily")


def _sprint_of_flowers(data: Path) -> Readings:
    """Tables Training_set and Testing_set, each part numbered from 1."""
    named = (
        (
            "train" if number < 30 else "test",
            f"Image_{number + 1 if number < 30 else number - 29}",
            FLOWER_NAMES[number * 2 % 5],
        )
        for number in range(38)
    )
    tables, top = ("Training_set.csv", "Testing_set.csv"), "flower_classification"
    return write_two_tables(data, top, tables, ("filename", "label"), named, FLOWER_NAMES)


def _garden_flowers(data: Path) -> Readings:
    """Numbers as names, without an ending, and as classes."""
    classes, header = ("1", "23", "77", "102"), ("image_id", "category")
    named = (
        ("train", str(k), classes[k * 3 % 4])
        if k < 32
        else ("test", str(18540 + k), classes[k * 3 % 4])
        for k in range(42)
    )
    tables = ("train.csv", "test.csv")
    return write_two_tables(data, "data", tables, header, named, classes, has_ending=False)


def _five_flowers(data: Path) -> Readings:
    made, classes = Builder(data), ("daisy", "dandelion", "rose", "sunflower", "tulip")
    for place, label in enumerate(classes):
        names = [f"{100080576 + k * 977773 + place}_{hex_name(label, k)}" for k in range(8)]
        ends = ("_n", "_m", "")
        write_photos(
            made, [f"flowers/{label}/{one}{ends[k % 3]}.jpg" for k, one in enumerate(names)], label
        )
    return (reading_of(made, LABELS, classes=classes),)


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


def _letters(*parts: object) -> str:
    """Return ten letters and digits, as some hosts name images."""
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    number = int(hex_name("twelfth", *parts, length=16), 16)
    return "".join(alphabet[number // 36**place % 36] for place in range(10))


def _orchids(data: Path) -> Readings:
    """The table of train lies among its images; two folders of test, both in one template; from a listing."""
    made, cells, rows = Builder(data), [], Rows()
    classes = tuple(map(str, range(10)))
    for k in range(40):
        name, label = f"{_letters('orchid', k)}.jpg", classes[k // 4]
        made.image(f"training/{name}", TrueSample((48, 36 + k % 3), label), part="train")
        cells.append([name, label])
    for folder, n in (("orchid_public_set", 8), ("orchid_private_set", 8)):
        for k in range(n):
            name, label = f"{_letters(folder, k)}.jpg", classes[k * 3 % 10]
            made.image(f"{folder}/{name}", TrueSample((48, 36 + k % 3), label), part="test")
            rows.append((name, label))
    columns = {"filename": "key", "category": "text"}
    made.table("training/label.csv", list(columns), cells)
    rows.sort()
    made.table("submission_template.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _pressed_plants(data: Path) -> Readings:
    """Names that are the same in every class folder, in two parts; rankings of classes, and names of test with their ending."""
    made, rows = Builder(data), Rows()
    classes, validation = tuple(str(n) for n in range(8)), set[str]()
    for label in classes:
        for part, n in (("small-train", 5), ("small-validation", 2)):
            for k in range(n):
                path = f"{part}/{label}/{k:05d}.jpg"
                made.image(path, TrueSample((48, 32 + k), label), part="train")
                if part == "small-validation":
                    validation.add(path)
    for k in range(14):
        label = classes[k * 3 % 8]
        made.image(f"small-test/{k:05d}.jpg", TrueSample((48, 34), label), part="test")
        rows.append((f"{k:05d}.jpg", label))
    columns = {"Id": "key", "Category": "ranking"}
    made.table("sample_submission.csv", list(columns), [[one, "0 1 2"] for one, _ in rows])
    every = made.truth(LABELS, columns, rows, classes=classes)
    train = {path: one for path, one in every.train.items() if path not in validation}
    return every, replace(every, train=train)


PLANTS = (
    ("30269", "Rosaceae", "Prunus", "Prunus spinosa L."),
    ("6291", "Rosaceae", "Rubus", "Rubus idaeus L."),
    ("4350", "Fagaceae", "Quercus", "Quercus ilex L."),
    ("171", "Betulaceae", "Alnus", "Alnus glutinosa (L.) Gaertn."),
    ("5518", "Aceraceae", "Acer", "Acer campestre L."),
    ("2808", "Fabaceae", "Cercis", "Cercis siliquastrum L."),
)


# PlantCLEF 2016: memory.
def _plants_of_clef(data: Path) -> Readings:
    """An XML beside each image tells its class, and in test much else; numbers for names."""
    made, of = Builder(data), dict[str, tuple[str, str, str, str]]()
    views = ("Flower", "Leaf", "Fruit", "Entire", "Branch", "Stem", "LeafScan")
    for k in range(66):
        part = "train" if k < 48 else "test"
        name, plant = str(k * 7 + 3), PLANTS[k * 5 % 6]
        path = f"{part}/{name}.jpg"
        write_photos(made, [path], None, (44, 36 + k % 6))
        kind = ""
        if part == "train":
            of[path] = plant
            kind = f"<ClassId>{plant[0]}</ClassId><Family>{plant[1]}</Family><Genus>{plant[2]}</Genus><Species>{plant[3]}</Species>"
        made.text(
            f"{part}/{name}.xml",
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Image><ObservationId>{14660 + k // 2}</ObservationId><MediaId>{name}</MediaId><Vote>{1 + k % 5}</Vote><Content>{views[k % 7]}</Content>{kind}<Author>author {k % 9}</Author><Date>2013-{1 + k % 12}-{1 + k % 27}</Date><Location>Montpellier</Location><Latitude>43.{k}</Latitude><Longitude>3.{k}</Longitude><YearInCLEF>PlantCLEF2016</YearInCLEF><LearnTag>{part.capitalize()}</LearnTag></Image>\n',
        )
    found = list[LayoutTruth]()
    for place in (0, 3, 2, 1):
        classes = dict.fromkeys(one[place] for one in PLANTS)
        truth = reading_of(made, LABELS, test=in_folders("test"), classes=classes)
        found.append(with_train_labels(truth, {path: one[place] for path, one in of.items()}))
    return tuple(found)


BLOOMS = {"1": "pink primrose", "10": "globe thistle", "21": "fire lily", "43": "sword lily", "77": "passion flower", "102": "blackberry lily"}  # fmt: skip


# PyTorch challenge flowers (Kaggle): memory.
def _blooms(data: Path) -> Readings:
    """Class folders of numbers whose names are in a JSON; a flat folder of test, and a sample of names and numbers."""
    made, rows, validation, k = Builder(data), Rows(), set[str](), 6734
    for label in BLOOMS:
        for part, n in (("train", 6), ("valid", 2)):
            for _ in range(n):
                path = f"dataset/{part}/{label}/image_{k:05d}.jpg"
                made.image(path, TrueSample((40, 44 + k % 4), label), part="train")
                k += 1
                if part == "valid":
                    validation.add(path)
    for n in range(14):
        label = list(BLOOMS)[n * 5 % 6]
        name = f"image_{5 + n * 7:05d}.jpg"
        made.image(f"dataset/test/{name}", TrueSample((40, 44), label), part="test")
        rows.append((name, label))
    write_json(made, "cat_to_name.json", BLOOMS)
    columns = {"file_name": "key", "id": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=tuple(BLOOMS))
    found = (plain, with_names_of_labels(plain, BLOOMS))
    return (*found, *(without_images(one, lambda path: path in validation) for one in found))


HERBS = (
    ("1355868", "Lactuca virosa L.", "Lactuca", "Asteraceae"),
    ("1355932", "Pancratium maritimum L.", "Pancratium", "Amaryllidaceae"),
    ("1356278", "Trifolium pratense L.", "Trifolium", "Fabaceae"),
    ("1356379", "Trifolium repens L.", "Trifolium", "Fabaceae"),
    ("1358133", "Hypericum perforatum L.", "Hypericum", "Hypericaceae"),
)


# PlantCLEF 2022: participants' code, and memory of the tables.
def _herbs_of_clef(data: Path) -> Readings:
    """Plants in class folders of numbers, with a table with semicolons of names in Latin and addresses; those of test belong to observations."""
    made, cells, tests, top = Builder(data), list[list[str]](), list[list[str]](), "PlantCLEF2022"
    kinds = [dict[str, str]() for _ in range(4)]
    for k in range(45):
        herb, name = HERBS[k * 3 % 5], f"{hex_name('herb', k, length=32)}.jpg"
        path = f"{top}/train/trusted/images/{herb[0]}/{name}"
        write_photos(made, [path], None, (44, 40 + k % 4))
        for place in range(4):
            kinds[place][path] = herb[place]
        cells.append([herb[0], name, *herb[1:], ("gbif", "eol")[k % 2], f"https://bs.plantnet.org/image/o/{name[:-4]}", "train", f"{herb[0]}/{name}"])  # fmt: skip
    for k in range(15):
        name = f"{hex_name('herb', 'test', k, length=32)}.jpg"
        write_photos(made, [f"{top}/test/images/{name}"], None, (44, 40))
        tests.append([str(10063 + k // 2 * 17), name])
    header = ["classid", "image_name", "species", "genus", "family", "source", "url", "learn_tag", "image_path"]  # fmt: skip
    write_lines(made, f"{top}/train/trusted/PlantCLEF2022_trusted_training_metadata.csv", [";".join(one) for one in (header, *cells)])  # fmt: skip
    write_lines(made, f"{top}/test/PlantCLEF2022_test_metadata.csv", [";".join(one) for one in (["observation_id", "image_name"], *tests)])  # fmt: skip
    return readings_by_kind(made, kinds, test=in_folders(f"{top}/test"))


# HackerEarth, flower recognition: participants' code.
def _flowers_of_hackerearth(data: Path) -> Readings:
    """Flowers of 102 kinds as numbers, in a folder with the name of the challenge; numbers of test go on from those of train."""
    made, cells, rows, top = Builder(data), list[list[str]](), Rows(), "HE_Challenge_data/data"
    classes = ("3", "12", "35", "51", "77", "89", "102")
    for k in range(64):
        part, n, label = "train" if k < 48 else "test", k + (18540 if k >= 48 else 0), classes[k * 3 % 7]  # fmt: skip
        made.image(f"{top}/{part}/{n}.jpg", TrueSample((40, 40 + k % 5), label), part=part)
        if part == "train":
            cells.append([str(n), label])
        else:
            rows.append((str(n), label))
    columns = {"image_id": "key", "category": "text"}
    made.table(f"{top}/train.csv", list(columns), cells)
    made.table(f"{top}/test.csv", ["image_id"], [[one] for one, _ in rows])
    made.table(f"{top}/sample_submission.csv", list(columns), [[one, "77"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


MUSHROOMS = ("Abortiporus_biennis", "Agaricus_arvensis", "Boletus_edulis", "Russula_delica", "Xylaria_polymorpha")  # fmt: skip


# Fungi challenge, FGVC5 2018: memory of its JSON files, and of its page.
def _mushrooms_of_2018(data: Path) -> Readings:
    """Mushrooms in folders of a number and a name; three JSON files in COCO's form, of which that of test has no annotations; three numbers are sent."""
    made, rows = Builder(data), Rows()
    categories = [{"id": n, "name": one.replace("_", " "), "supercategory": one.split("_")[0]} for n, one in enumerate(MUSHROOMS)]  # fmt: skip
    validation = set[str]()
    number = 0
    for part, n in (("train", 40), ("val", 10), ("test", 15)):
        images, notes = list[dict[str, object]](), list[dict[str, object]]()
        for k in range(n):
            kind, size = k * 3 % 5, (40, 44 + k % 5)
            path = (
                f"images/{10000 + kind}_{MUSHROOMS[kind]}/{2237851000 + k * 37 + n}-{74500 + k}.JPG"
            )
            path = f"test/{k}.JPG" if part == "test" else path
            side = "test" if part == "test" else "train"
            made.image(path, TrueSample(size, str(kind)), part=side)
            images.append({"id": number, "width": size[1], "height": size[0], "file_name": path, "license": 0, "rights_holder": "svampe.databasen.org"})  # fmt: skip
            if part == "test":
                rows.append((str(number), str(kind)))
            else:
                notes.append({"id": number, "image_id": number, "category_id": kind})
            if part == "val":
                validation.add(path)
            number += 1
        about: dict[str, object] = {"info": {"year": 2018, "version": "0.1", "description": "FGVCx Fungi"}, "licenses": [], "images": images}  # fmt: skip
        if part != "test":
            about.update(annotations=notes, categories=categories)
        write_json(made, f"{part}.json", about)
    columns = {"id": "key", "predicted": "ranking"}
    made.table("sample_submission.csv", list(columns), [[one, "0 1 2"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=tuple("01234"))
    named = with_names_of_labels(
        plain, {str(n): one.replace("_", " ") for n, one in enumerate(MUSHROOMS)}
    )
    every = (plain, named)
    return (*every, *(without_images(one, lambda path: path in validation) for one in every))


def _plant_traits(data: Path) -> LayoutTruth:
    """The sample has the traits without the ending that train has behind them."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    traits = ["X4", "X11", "X18", "X26", "X50", "X3112"]
    climate = ["WORLDCLIM_BIO1_annual_mean_temperature", "MODIS_2000.2020_monthly_mean_surface"]
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(40):
        part = "train" if number < 32 else "test"
        name, scale = str(182_000_000 + 37 * number), [1, 10, 1, 9, 3, 500]
        true = tuple(round(float(made.random.uniform(0.2, 1) * one), 4) for one in scale)
        made.image(f"{part}_images/{name}.jpeg", TrueSample(BROAD, true), part=part)
        cells = [f"{made.random.uniform(1, 30):.6f}" for _ in climate]
        if part == "train":
            cells += [str(one) for one in true]
            cells += [f"{made.random.uniform(0, 0.2):.6f}" for _ in traits]
        else:
            rows.append((name, *map(str, true)))
        tables[part].append([name, *cells])
    ends = [f"{one}_{end}" for end in ("mean", "sd") for one in traits]
    made.table("train.csv", ["id", *climate, *ends], tables["train"])
    made.table("test.csv", ["id", *climate], tables["test"])
    shown = [[one[0], *["0.5"] * len(traits)] for one in rows]
    made.table("sample_submission.csv", ["id", *traits], shown)
    columns = {"id": "key", **dict.fromkeys(traits, "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=traits)


def _tpu_getting_started(data: Path) -> LayoutTruth:
    """TFRecords alone."""
    made, rows = Builder(data), []
    for size in (192, 224):
        for part, n in (("train", 798), ("val", 232), ("test", 462)):
            for number in range(2):
                path = (
                    data
                    / f"tfrecords-jpeg-{size}x{size}/{part}/{number:02d}-{size}x{size}-{n}.tfrec"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00abcd" + b"\0" * 200)
    rows = [[hex_name(number, length=9), "0"] for number in range(12)]
    made.table("sample_submission.csv", ["id", "label"], rows)
    return beyond_scope(made)


LAYOUTS = (
    RealLayout("invasive-species-monitoring", "code", _invasive),
    RealLayout("herbarium-2022-fgvc9", "page, code", _herbarium),
    DataSet("Flowers-102", "code (torchvision)", _flowers),
    DataSet("herbarium-2020-fgvc7", "memory", _herbarium_2020),
    DataSet(
        "geolifeclef-2022-lifeclef-2022-fgvc9",
        "memory",
        _places_and_patches,
        doubt="ids of the sample's lists",
    ),
    DataSet("dphi-data-sprint-flowers", "memory", _sprint_of_flowers),
    DataSet("hackerearth-garden-nerd", "memory", _garden_flowers),
    DataSet("Flowers recognition", "memory", _five_flowers, has_test=False),
    DataSet("fungi-clef-2025", "memory", _fungi, doubt="order of the columns"),
    DataSet("tbrain-orchids-2022", "code", _orchids),
    DataSet("herbarium-2019-fgvc6", "page", _pressed_plants, doubt="the sample"),
    DataSet("plantclef-2016", "memory", _plants_of_clef),
    DataSet("Flowers (PyTorch challenge)", "memory", _blooms),
    DataSet("plantclef-2022", "code and memory", _herbs_of_clef, doubt="some columns"),
    DataSet("hackerearth-flower-recognition", "code", _flowers_of_hackerearth),
    DataSet("fungi-challenge-fgvc-2018", "memory", _mushrooms_of_2018),
    RealLayout("planttraits2024", "page, code", _plant_traits),
    RealLayout("tpu-getting-started", "memory", _tpu_getting_started),
)
