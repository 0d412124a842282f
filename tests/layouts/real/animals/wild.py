"""Layouts of competitions and data sets of wild animals: camera traps, snakes, horses, species."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layouts.drawing import draw_plane, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, ONE_MASK, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name, part_by_number, uuid_name
from layouts.real.photos import class_folders, write_photos
from layouts.real.readings import in_folders, reading_of, with_class_names, with_train_labels
from layouts.real.tables import write_competition
from layouts.runs import Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _inaturalist(data: Path) -> LayoutTruth:
    """Train and validation lie in one folder, with a JSON each."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    classes = ("0", "71", "108", "339", "341", "560")
    every: dict[str, dict[str, list[Any]]] = {
        one: {"images": [], "annotations": []} for one in ("train", "val", "test")
    }
    for number in range(38):
        part = "train" if number < 24 else "val" if number < 30 else "test"
        label, name = classes[number % 6], hex_name(part, number, length=32)
        file = (
            f"train_val2019/Plants/{label}/{name}.jpg" if part != "test" else f"test2019/{name}.jpg"
        )
        index = {"train": 0, "val": 265213, "test": 268219}[part] + number
        every[part]["images"].append(
            {"license": 3, "file_name": file, "rights_holder": "Ruth Ripley", "height": BROAD[0],
             "width": BROAD[1], "id": index}
        )  # fmt: skip
        if part == "test":
            rows.append((str(index), label))
            shown.append([str(index), "71 108 339 341 560"])
        else:
            every[part]["annotations"].append(
                {"id": index, "image_id": index, "category_id": int(label)}
            )
        made.image(file, TrueSample(BROAD, label), part="test" if part == "test" else "train")
    groups = [{"id": int(one), "name": one, "supercategory": "Plants"} for one in classes]
    for part, found in every.items():
        more: dict[str, Any] = {"info": {"year": 2019}, "licenses": [{"id": 3, "name": "CC"}]}
        if part != "test":
            more |= {"annotations": found["annotations"], "categories": groups}
        write_json(made, f"{part}2019.json", {**more, "images": found["images"]})
    made.table("kaggle_sample_submission.csv", ["id", "predicted"], shown)
    columns = {"id": "key", "predicted": "ranking"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


def _camera_traps(data: Path) -> LayoutTruth:
    """Boxes of a detector of train and test beside the annotations."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    names = {"0": "empty", "2": "tayassu pecari", "7": "dasyprocta punctata", "73": "bos taurus"}
    classes = list(names)
    every: dict[str, list[Any]] = {"train": [], "test": []}
    notes, boxes = [], []
    for number in range(32):
        part, label = part_by_number(number), classes[number % 4]
        name = uuid_name(part, number)
        every[part].append({
            "seq_num_frames": 3, "location": number // 3 % 5 + 20 * (part == "test"),
            "datetime": f"2013-05-{number % 28 + 1:02d} 17:31:24.000", "id": name,
            "frame_num": number % 3, "seq_id": uuid_name("seq", part, number // 3),
            "width": BROAD[1], "height": BROAD[0], "file_name": f"{name}.jpg",
        })  # fmt: skip
        boxes.append({"id": name, "max_detection_conf": 0.9, "detections": [
            {"category": "1", "bbox": [0.1, 0.2, 0.3, 0.3], "conf": 0.9}]})  # fmt: skip
        if part == "train":
            notes.append({"count": 1, "image_id": name, "id": uuid_name("n", number),
                          "category_id": int(label)})  # fmt: skip
        else:
            rows.append((name, label))
            shown.append([name, "0"])
        made.image(f"{part}/{name}.jpg", TrueSample(BROAD, label), part=part)
    groups = [{"id": int(one), "count": 6, "name": name} for one, name in names.items()]
    write_json(
        made,
        "iwildcam2020_train_annotations.json",
        {"annotations": notes, "images": every["train"], "categories": groups, "info": {}},
    )
    write_json(made, "iwildcam2020_test_information.json",
          {"images": every["test"], "categories": groups, "info": {}})  # fmt: skip
    write_json(
        made,
        "iwildcam2020_megadetector_results.json",
        {"images": boxes, "detection_categories": {"1": "animal", "2": "person"}, "info": {}},
    )
    made.table("sample_submission.csv", ["Id", "Predicted"], shown)
    columns = {"Id": "key", "Predicted": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


TRAPPED = ("antelope_duiker", "bird", "blank", "civet_genet", "hog", "leopard",
           "monkey_prosimian", "rodent")  # fmt: skip


def _conser_vision(data: Path) -> LayoutTruth:
    """DrivenData: features and labels in two tables, a column a class."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(40):
        part, label = part_by_number(number, 32), TRAPPED[number % 8]
        name = f"ZJ{number if part == 'train' else 16488 + number:06d}"
        true = TrueSample(BROAD, label, made.probs(TRAPPED))
        made.image(f"{part}_features/{name}.jpg", true, part=part)
        site = f"S{(1 if part == 'train' else 100) + number % 6:04d}"
        tables[part].append([name, f"{part}_features/{name}.jpg", site])
        if part == "train":
            cells.append([name, *(f"{float(one == label)}" for one in TRAPPED)])
        else:
            rows.append((name, *(repr(true.probs[one]) for one in TRAPPED)))
    for part, found in tables.items():
        made.table(f"{part}_features.csv", ["id", "filepath", "site"], found)
    made.table("train_labels.csv", ["id", *TRAPPED], cells)
    shown = [[one[0], *["0.125"] * 8] for one in rows]
    made.table("submission_format.csv", ["id", *TRAPPED], shown)
    columns = {"id": "key", **dict.fromkeys(TRAPPED, "number")}
    return made.truth({"classify": ["multiclass", "multilabel"]}, columns, rows, classes=TRAPPED)


def _animals(data: Path) -> Readings:
    def more(made: Builder) -> None:
        made.text("translate.py", 'translate = {"cane": "dog", "cavallo": "horse"}\n')

    kinds = ("cane", "cavallo", "elefante", "farfalla")
    return class_folders("raw-img/", kinds, "OIP-{hex}HaFj.jpeg", more)(data)


SNAKES = ("Morelia viridis", "Vipera berus", "Naja naja", "Natrix natrix")


def _snakes(data: Path) -> Readings:
    """Rows of images; answers of observations of one to three images each."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"Train": [], "Test": []}
    for number in range(24):
        part, kind = "Train" if number < 18 else "Test", number * 3 % 4
        name = SNAKES[kind]
        country, code = (("Australia", "AU"), ("Germany", "DE"), ("India", "IN"))[number % 3]
        observation = str(63506 + 17 * number)
        for image in range(1 + number % 3):
            place = 52420771 + 977 * number + image
            file = f"{1990 + number}/{name.replace(' ', '_')}/{place}.jpg"
            if part == "Test":
                file = f"{place}.jpg"
            folder = "SnakeCLEF2022-large_size"
            if part == "Test":
                folder = "SnakeCLEF2022-test_images/SnakeCLEF2022-large_size"
            true = TrueSample(BROAD, str(kind), unit=observation)
            made.image(f"{folder}/{file}", true, part=part.lower())
            is_endemic = ("False", "True")[number % 5 == 0]
            if part == "Train":
                tables[part].append([observation, is_endemic, name, country, code, str(kind), file])
            else:
                tables[part].append([observation, is_endemic, country, code, file])
        if part == "Test":
            rows.append((observation, str(kind)))
    made.table("SnakeCLEF2022-TrainMetadata.csv", ["observation_id", "endemic", "binomial_name",
               "country", "code", "class_id", "file_path"], tables["Train"])  # fmt: skip
    made.table("SnakeCLEF2022-TestMetadata.csv",
               ["observation_id", "endemic", "country", "code", "file_path"], tables["Test"])  # fmt: skip
    made.table("SnakeCLEF2022-ISOxSpeciesMapping.csv", ["binomial", "DE", "IN"],
               [[one, str(n % 2), str(n // 2)] for n, one in enumerate(SNAKES)])  # fmt: skip
    columns = {"ObservationId": "key", "class_id": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123")),)


def _wildcam_2019(data: Path) -> Readings:
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes = ("0", "1", "8", "19")
    for number in range(40):
        part = "train" if number < 32 else "test"
        label, name = classes[number // 2 % 4], hex_name(part, number, length=32)
        name = "-".join([name[:8], name[8:12], name[12:16], name[16:20], name[20:]])
        sequence = hex_name("sequence", part, number // 3, length=12)
        facts = [f"2011-05-{1 + number % 28:02d} 23:43:18", f"{name}.jpg", str(1 + number % 3), name,
                 str(33 + number // 4), "Erin Boydston", sequence, "3", str(BROAD[1]), str(BROAD[0])]  # fmt: skip
        tables[part].append([label, *facts] if part == "train" else facts)
        made.image(f"{part}_images/{name}.jpg", TrueSample(BROAD, label), part=part)
        if part == "test":
            rows.append((name, label))
    header = ["date_captured", "file_name", "frame_num", "id", "location", "rights_holder", "seq_id",
              "seq_num_frames", "width", "height"]  # fmt: skip
    made.table("train.csv", ["category_id", *header], tables["train"])
    made.table("test.csv", header, tables["test"])
    columns = {"Id": "key", "Predicted": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


ANIMALS = ("antelope", "blue+whale", "giant+panda", "grizzly+bear", "squirrel")


def _species(data: Path) -> Readings:
    """The id of the sample begins with a small letter, that of train does not."""
    top = "DL# Beginner"
    truth = write_competition(
        data, images=(f"{top}/train/{{name}}.jpg", f"{top}/test/{{name}}.jpg"),
        names=lambda part, number: f"Img-{2 * number + 1 + (part == 'test')}",
        labels=ANIMALS, classes=ANIMALS, kind="multiclass", table=f"{top}/meta-data/train.csv",
        header=["Image_id", "Animal"], row=lambda name, label: [f"{name}.jpg", str(label)],
        sample=f"{top}/meta-data/sample_submission.csv",
        columns={"image_id": "key", **dict.fromkeys(ANIMALS, "number")},
        shown=lambda name: [f"{name}.jpg", "1.0", *["0.0"] * 4],
        answer=lambda name, true: [f"{name}.jpg", *(repr(true.probs[one]) for one in ANIMALS)],
    )  # fmt: skip
    rows = "".join(f"{Path(one).name}\n" for one in truth.test)
    (data / f"{top}/meta-data/test.csv").write_text(f"Image_id\n{rows}")
    return (truth,)


SPECIES = (
    ("Lumbricus terrestris", "Animalia_Annelida_Clitellata_Haplotaxida_Lumbricidae"),
    ("Sabella spallanzanii", "Animalia_Annelida_Polychaeta_Sabellida_Sabellidae"),
    ("Amanita muscaria", "Fungi_Basidiomycota_Agaricomycetes_Agaricales_Amanitaceae"),
    ("Quercus alba", "Plantae_Tracheophyta_Magnoliopsida_Fagales_Fagaceae"),
)


def _species_of_2021(data: Path) -> Readings:
    """Folders of lineages; COCO without outlines; numbers of images of test stand in a JSON alone."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    folders = [
        f"{n:05d}_{above}_{name.replace(' ', '_')}" for n, (name, above) in enumerate(SPECIES)
    ]
    kinds = [
        {"id": n, "name": name, "common_name": f"Common {n}", "supercategory": ("Animalia", "Fungi", "Plants")[n % 3],
         "kingdom": above.split("_")[0], "phylum": above.split("_")[1], "genus": name.split()[0],
         "specific_epithet": name.split()[1], "image_dir_name": folders[n]}
        for n, (name, above) in enumerate(SPECIES)
    ]  # fmt: skip
    for part, first, n in (("train", 0, 32), ("val", 2686843, 8), ("public_test", 2786843, 10)):
        images, notes = [], []
        for k in range(n):
            place, name = k * 3 % 4, f"{uuid_name(part, k)}.jpg"
            path = f"{part}/{name}" if part == "public_test" else f"{part}/{folders[place]}/{name}"
            true = TrueSample(SIZE, str(place))
            made.image(path, true, part="test" if part == "public_test" else "train")
            images.append({"id": first + k, "width": 24, "height": 20, "file_name": path, "license": 0,
                           "rights_holder": "Ken-ichi Ueda", "date": "2010-07-14 20:19:00+00:00",
                           "latitude": 43.83, "longitude": -71.22 + k, "location_uncertainty": 77})  # fmt: skip
            notes.append({"id": first + k, "image_id": first + k, "category_id": place})
            if part == "public_test":
                rows.append((str(first + k), str(place)))
        about: dict[str, Any] = {"info": {"year": 2021}, "images": images, "licenses": [{"id": 0}]}
        if part != "public_test":
            about |= {"annotations": notes, "categories": kinds}
        write_json(made, f"{part}.json", about)
    columns = {"id": "key", "predictions": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    both = made.truth(LABELS, columns, rows, classes=tuple("0123"))
    train = {path: one for path, one in both.train.items() if path.startswith("train/")}
    found = list[LayoutTruth]()
    for one in (both, replace(both, train=train)):
        names = [name for name, _ in SPECIES]
        found += [one, *(with_class_names(one, tuple("0123"), other) for other in (folders, names))]
    return tuple(found)


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
                write_photos(
                    made, [f"{part}/{part}/{code}/{name}.jpg"], code, (20 + place, 24 + k % 3)
                )
    write_lines(
        made, "monkey_labels.txt",
        ["Label, Latin Name              , Common Name                     , Train Images, Validation Images",
         *(f"{code:<5}, {latin:<23}, {common:<32}, {8:<12}, {3}" for code, latin, common in MONKEYS)],
    )  # fmt: skip
    is_test, codes = in_folders("validation"), tuple(one for one, _, _ in MONKEYS)
    truth = reading_of(made, LABELS, test=is_test, classes=codes)
    latin = [one.strip() for _, one, _ in MONKEYS]
    common = [one for _, _, one in MONKEYS]
    return truth, *(with_class_names(truth, codes, each) for each in (common, latin))


SNAKES_OF_AICROWD_SNAKE_SPECIES_2019 = {
    "agkistrodon_contortrix": "204",
    "coluber_constrictor": "540",
    "crotalus_horridus": "37",
    "nerodia_sipedon": "635",
    "storeria_dekayi": "78",
    "thamnophis_sirtalis": "966",
}


def _snakes_of_a_crowd(data: Path) -> Readings:
    """Class folders of a word and a number; a table maps names to numbers; test is a folder of a round."""
    made, words = (
        Builder(data),
        {f"class-{n}": name for name, n in SNAKES_OF_AICROWD_SNAKE_SPECIES_2019.items()},
    )
    for label in words:
        paths = [f"train/{label}/{hex_name(label, k)}.jpg" for k in range(7)]
        write_photos(made, paths, label, (36, 40 + len(label) % 5))
    write_photos(made, [f"round1/{hex_name('round', k)}.jpg" for k in range(14)], None, (40, 44))
    made.table(
        "class_idx_mapping.csv",
        ["original_class", "class_idx"],
        list(SNAKES_OF_AICROWD_SNAKE_SPECIES_2019.items()),
    )
    test = in_folders("round1")
    return (
        reading_of(made, LABELS, test=test, classes=words),
        reading_of(
            made,
            LABELS,
            test=test,
            classes=SNAKES_OF_AICROWD_SNAKE_SPECIES_2019,
            label=lambda one: words[str(one)],
        ),
        reading_of(
            made,
            LABELS,
            test=test,
            classes=SNAKES_OF_AICROWD_SNAKE_SPECIES_2019.values(),
            label=lambda one: str(one)[6:],
        ),
    )


# Horses or humans (TensorFlow): memory.
def _horses(data: Path) -> Readings:
    """Two archives unpacked side by side: class folders in each."""
    made, classes = Builder(data), ("horses", "humans")
    for part, n in (("horse-or-human", 20), ("validation-horse-or-human", 8)):
        for label in classes:
            word = label[:-1]
            for k in range(1, n + 1):
                name = (
                    f"{word}{k:02d}-{k % 10}.png"
                    if n == 20
                    else f"{word}{1 + k // 4}-{100 + k * 13}.png"
                )
                if n == 20 and label == "humans":
                    name = f"human{1 + k // 10:02d}-{k:02d}.png"
                write_photos(made, [f"{part}/{label}/{name}"], label, (40, 40))
    return (
        reading_of(made, TWO, test=in_folders("validation-horse-or-human"), classes=classes),
        reading_of(made, TWO, classes=classes),
    )


def _traits_of_animals(data: Path) -> Readings:
    """Eighty-five columns of 0 and 1, which have numbers and no names."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    top, classes = "DL3 Dataset", tuple(f"attrib_{n:02d}" for n in range(1, 86))
    kinds = made.random.random((9, 85)) < 0.35
    for n in range(85):
        kinds[n % 9, n], kinds[(n + 1) % 9, n] = True, False
    for k in range(50):
        part = "train" if k < 36 else "test"
        has = kinds[k * 4 % 9]
        label = frozenset(one for one, bit in zip(classes, has, strict=True) if bit)
        name = f"Image-{k * 3 + 1}.jpg"
        made.image(f"{top}/{part}_img/{name}", TrueSample((36 + k % 4, 48), label), part=part)
        row = (name, *(str(int(bit)) for bit in has))
        if part == "train":
            cells.append(row)
        else:
            rows.append(row)
    columns = {"Image_name": "key", **dict.fromkeys(classes, "number")}
    made.table(f"{top}/meta-data/train.csv", list(columns), cells)
    made.table(f"{top}/meta-data/test.csv", ["Image_name"], [one[:1] for one in rows])
    made.table(
        f"{top}/meta-data/sample_submission.csv",
        list(columns),
        [[one[0], *("0" if n % 3 else "1" for n in range(85))] for one in rows],
    )
    return (made.truth(SEVERAL, columns, rows, classes=classes),)


BEASTS = ("aardvark", "baboon", "birdother", "buffalo", "elephant", "gazellegrants", "giraffe", "hyenaspotted", "wildebeest", "zebra", "empty")  # fmt: skip


# Hakuna Ma-data (DrivenData): its page, from memory.
def _sequences_of_serengeti(data: Path) -> Readings:
    """Photos of camera traps in sequences; labels stand a sequence in one table, names of files in another; test stays with the host."""
    made, about, cells = Builder(data), list[list[str]](), list[list[str]]()
    for n in range(22):
        season, site, roll = f"S{1 + n % 3}", f"{'BCDE'[n % 4]}{4 + n % 3:02d}", f"R{1 + n % 2}"
        name, length = f"SER_{season}#{site}#{roll[1]}#{n + 1}", 1 + n % 3
        has = {BEASTS[n * 3 % 11]}
        if n % 5 == 2:
            has = {"zebra", "wildebeest"}
        for frame in range(1, length + 1):
            inner = (
                f"{season}/{site}/{site}_{roll}/{season}_{site}_{roll}_PICT{n * 4 + frame:04d}.JPG"
            )
            write_photos(made, [inner], None, (36, 48))
            made.train[inner] = TrueSample((36, 48), frozenset(has), unit=name)
            about.append([name, inner, f"{site}", f"2012-0{1 + n % 9}-1{n % 9} 0{n % 9}:15:0{frame}", str(frame), str(length)])  # fmt: skip
        cells.append([name, *(str(int(one in has)) for one in BEASTS)])
    made.table("train_metadata.csv", ["seq_id", "file_name", "location", "datetime", "frame_num", "seq_num_frames"], about)  # fmt: skip
    made.table("train_labels.csv", ["seq_id", *BEASTS], cells)
    return (reading_of(made, SEVERAL, classes=BEASTS),)


def _weizmann_horses(data: Path) -> Readings:
    """Masks of 0 and 1, with the names of the images."""
    made, top = Builder(data), "weizmann_horse_db"
    for k in range(34):
        name, size = f"horse{k * 9 + 1:03d}.png", (34 + k % 6, 48)
        plane = draw_plane(made.random, size)
        made.image(f"{top}/horse/{name}", TrueSample(size, planes=(plane,)), part="train")
        save_grey_mask(data / f"{top}/mask/{name}", plane, value=1)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _without_masks(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth of the labels alone."""
    train, test = (
        {path: replace(one, planes=None, objects=None, ignored=None) for path, one in part.items()}
        for part in (truth.train, truth.test)
    )
    kinds = {"classify": truth.kinds["classify"]}
    return replace(truth, train=train, test=test, kinds=kinds, mask_classes=())


HIDDEN = (("CAM", 1, "Aquatic", 1, "BatFish"), ("CAM", 3, "Flying", 53, "Bird"), ("CAM", 2, "Terrestrial", 23, "Cat"), ("NonCAM", 1, "Aquatic", 6, "Fish"), ("NonCAM", 2, "Terrestrial", 23, "Cat"))  # fmt: skip


def _hidden_animals(data: Path) -> Readings:
    """Names of six parts; three kinds of masks, black for what does not hide; a log as a list; no table."""
    made, top, size = Builder(data), "COD10K-v3", (40, 52)
    plane_of, words = dict[str, Plane](), dict[str, tuple[str, str, str]]()
    for part, n in (("Train", 7), ("Test", 3)):
        log = list[str]()
        for place, (hides, wide, kind, fine, animal) in enumerate(HIDDEN):
            for k in range(n):
                name = f"COD10K-{hides}-{wide}-{kind}-{fine}-{animal}-{k * 3 + 1 + (part == 'Test') + place * 40}"
                path = f"{top}/{part}/Image/{name}.jpg"
                plane = draw_plane(made.random, size) if hides == "CAM" else np.zeros(size, dtype=bool)  # fmt: skip
                made.image(path, TrueSample(size, planes=(plane,)), part="train")
                plane_of[path], words[path] = plane, (hides, kind, animal)
                edge = plane & ~(np.roll(plane, 1, 0) & np.roll(plane, -1, 0) & np.roll(plane, 1, 1) & np.roll(plane, -1, 1))  # fmt: skip
                save_grey_mask(data / f"{top}/{part}/GT_Object/{name}.png", plane)
                save_grey_mask(data / f"{top}/{part}/GT_Edge/{name}.png", edge)
                painted = np.zeros((*size, 3), dtype=np.uint8)
                painted[plane] = (192, 64 + k, 32)
                save_pixels(data / f"{top}/{part}/GT_Instance/{name}.png", painted)
                log.append(f"[INFO] {name}.jpg {int(hides == 'CAM')}")
        write_lines(made, f"{top}/{part}/CAM-NonCAM_Instance_{part}.txt", log)
        stems = [Path(path).name for path in words if f"/{part}/" in path]
        for side in ("CAM", "NonCAM"):
            write_lines(made, f"{top}/Info/{side}_{part.lower()}.txt", [one for one in stems if f"-{side}-" in one])  # fmt: skip
    made.text(f"{top}/Readme.txt", "COD10K\n\nName rule: COD10K-CAM(or NonCAM)-SuperNumber-SuperClass-SubNumber-SubClass-ImageNumber.jpg\n")  # fmt: skip
    test = in_folders(f"{top}/Test/Image")
    alone = reading_of(made, ONE_MASK, test=test, mask_classes=[""])
    found = [alone]
    for place, names in enumerate((("CAM", "NonCAM"), ("Aquatic", "Flying", "Terrestrial"), ("BatFish", "Bird", "Cat", "Fish"))):  # fmt: skip
        kinds = {**(TWO if place == 0 else LABELS), **ONE_MASK}
        truth = reading_of(made, kinds, test=test, classes=names, mask_classes=[""])
        truth = with_train_labels(truth, {path: each[place] for path, each in words.items()})
        found += [truth, _without_masks(truth)]
    return tuple(found)


LAYOUTS = (
    RealLayout("inaturalist-2019-fgvc6", "page, memory of the JSON", _inaturalist),
    RealLayout("iwildcam-2020-fgvc7", "page, code", _camera_traps),
    RealLayout("conser-vision-practice-area", "code of files, memory of cells", _conser_vision),
    DataSet("Animals-10", "memory", _animals, has_test=False),
    DataSet("snakeclef2022", "code of columns, memory", _snakes, doubt="names of files of test"),
    DataSet("iwildcam-2019-fgvc6", "page, memory", _wildcam_2019),
    DataSet(
        "hackerearth-identify-the-animal", "code, memory", _species, doubt="name of the sample"
    ),
    DataSet("inaturalist-2021", "memory", _species_of_2021, doubt="columns of the sample"),
    DataSet("animal-clef-2025", "memory", _animals_again, doubt="the folders of queries"),
    DataSet("hackerearth-snakes-in-the-hood", "memory", _snakes_in_the_hood, doubt="the sample"),
    DataSet("10 monkey species", "memory", _monkeys),
    DataSet("aicrowd-snake-species-2019", "page", _snakes_of_a_crowd),
    DataSet("Horses or humans", "memory", _horses),
    DataSet(
        "hackerearth-deep-learning-challenge-3",
        "code and memory",
        _traits_of_animals,
        doubt="names of folders",
    ),
    DataSet(
        "hakuna-ma-data",
        "memory",
        _sequences_of_serengeti,
        has_test=False,
        doubt="columns of the metadata",
    ),
    DataSet(
        "Weizmann horses",
        "code and memory",
        _weizmann_horses,
        has_test=False,
        doubt="values of the masks",
    ),
    DataSet("COD10K", "code and memory", _hidden_animals, doubt="lines of the log"),
)
