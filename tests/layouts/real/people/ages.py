"""Layouts of competitions and data sets of the ages of people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from layouts.real.files import write_lines, write_workbook
from layouts.real.kinds import LABELS, NUMBER, RANKS, TARGETS, TWO
from layouts.real.made import Builder, DataSet, Readings, Rows
from layouts.real.names import hex_name
from layouts.real.photos import write_photos
from layouts.real.readings import (
    in_folders,
    never,
    reading_of,
    with_labels,
    with_train_labels,
    without_images,
)
from layouts.real.tables import label_text, write_competition
from layouts.truth import TrueSample

__all__ = ["LAYOUTS"]

AGES = ("MIDDLE", "OLD", "YOUNG")


def _actors(data: Path) -> Readings:
    """Tables and images are together in a folder of each part."""
    truth = write_competition(
        data, images=("train_DETg9GD/Train/{name}.jpg", "test_Bh8pGW3/Test/{name}.jpg"),
        names=lambda part, number: str(377 + 37 * number + 5 * (part == "test")),
        labels=["MIDDLE", "YOUNG", "MIDDLE", "OLD", "YOUNG"], classes=AGES, kind="multiclass",
        table="train_DETg9GD/train.csv", header=["ID", "Class"],
        row=lambda name, label: [f"{name}.jpg", str(label)],
        sample="sample_submission_sDO3m7O.csv", columns={"ID": "key", "Class": "text"},
        shown=lambda name: [f"{name}.jpg", "YOUNG"],
        answer=lambda name, true: [f"{name}.jpg", label_text(true)],
    )  # fmt: skip
    rows = "".join(f"{Path(one).name}\n" for one in truth.test)
    (data / "test_Bh8pGW3/test.csv").write_text(f"ID\n{rows}")
    return (truth,)


def _fair_faces(data: Path) -> Readings:
    """Three answers of an image beside each other, and the part in the path."""
    made = Builder(data)
    ages = ("0-2", "20-29", "3-9", "30-39", "more than 70")
    races = ("Black", "East Asian", "Indian", "White")
    labels: dict[str, tuple[str, str, str]] = {}
    for part, n in (("train", 30), ("val", 10)):
        rows = []
        for k in range(1, n + 1):
            path = f"{part}/{k}.jpg"
            labels[path] = (ages[k * 3 % 5], ("Female", "Male")[k % 2], races[k // 2 % 4])
            write_photos(made, [path], path)
            rows.append([path, *labels[path], ("False", "True")[k % 3 == 0]])
        made.table(
            f"fairface_label_{part}.csv", ["file", "age", "gender", "race", "service_test"], rows
        )
    readings = []
    for place, (kinds, classes) in enumerate(
        ((LABELS, ages), (TWO, ("Female", "Male")), (LABELS, races))
    ):
        readings.append(reading_of(
            made, kinds, test=in_folders("val"), classes=classes,
            label=lambda label, place=place: labels[str(label)][place],  # type: ignore[misc]
        ))  # fmt: skip
    return tuple(readings)


def _utkface(data: Path) -> Readings:
    made = Builder(data)
    for n in range(30):
        age = 1 + n * 37 % 90
        name = f"{age}_{n % 2}_{n % 5}_201701161745{n:02d}{n * 7:03d}.jpg.chip.jpg"
        write_photos(made, [f"UTKFace/{name}"], float(age))
    return (reading_of(made, {"classify": "regression"}),)


def _apparent_ages(data: Path) -> Readings:
    """A crop and a MAT beside each image; a table of means and one of each rating, for each part."""
    made, top = Builder(data), "appa-real-release"
    ages: dict[str, tuple[float, float]] = {}
    for part, first, n in (("train", 0, 22), ("valid", 4113, 7), ("test", 5613, 8)):
        means, ratings, kinds = [], [], []
        for k in range(n):
            name, real = f"{first + 3 * k:06d}.jpg", float(4 + (k * 17 + first) % 70)
            mean = round(real + (k % 7 - 3) * 0.81, 6)
            for path in (f"{top}/{part}/{name}", f"{top}/{part}/{name}_face.jpg"):
                ages[path] = (mean, real)
                write_photos(made, [path], mean)
            made.text(f"{top}/{part}/{name}.mat", "MATLAB 5.0 MAT-file")
            means.append([name, str(32 + k % 9), str(mean), f"{0.3 + k / 50:.6f}", f"{real:.0f}"])
            ratings += [
                [
                    name,
                    f"{real:.0f}",
                    str(int(real) + j),
                    str(22 + (k * 7 + j * 11) % 33),
                    ("female", "male")[(k + j) % 2],
                ]
                for j in range(3)
            ]
            kinds.append(
                [name, ("female", "male")[k % 2], "caucasian", "slightlyhappy", "nomakeup"]
            )
        made.table(f"{top}/gt_avg_{part}.csv",
                   ["file_name", "num_ratings", "apparent_age_avg", "apparent_age_std", "real_age"], means)  # fmt: skip
        made.table(
            f"{top}/gt_{part}.csv",
            ["file_name", "real_age", "apparent_age", "worker_age", "worker_gender"],
            ratings,
        )
        made.table(
            f"{top}/allcategories_{part}.csv",
            ["file", "gender", "race", "happiness", "makeup"],
            kinds,
        )
    made.text(f"{top}/README.txt", "APPA-REAL (REAL and APPArent age) database\n")
    found = []
    for place in range(2):
        for is_face in (False, True):
            for valid in ((), (f"{top}/valid/",)):
                out = lambda path, face=is_face, valid=valid: (  # noqa: E731
                    path.endswith("_face.jpg") != face or path.startswith(valid or "?")
                )
                truth = reading_of(made, NUMBER, test=in_folders(f"{top}/test"), out=out)
                found.append(with_labels(truth, {path: one[place] for path, one in ages.items()}))
    return tuple(found)


def _beauty(data: Path) -> Readings:
    """Lists without a header in folders whose names have a percent sign; five folds beside."""
    made, top, lines, labels = Builder(data), "SCUT-FBP5500_v2", [], dict[str, float]()
    for k in range(1, 11):
        for kind in ("AF", "AM", "CF", "CM"):
            score = round(1.6 + (k * 13 + ord(kind[0]) + ord(kind[1])) % 29 * 0.1, 6)
            path = f"{top}/Images/{kind}{k * 3}.jpg"
            labels[path] = score
            write_photos(made, [path], score)
            lines.append(f"{kind}{k * 3}.jpg {score:.6f}")
            made.text(f"{top}/facial landmark/{kind}{k * 3}.pts", "version: 1")
    lists = f"{top}/train_test_files"
    lines = sorted(lines, key=hex_name)
    write_lines(made, f"{lists}/All_labels.txt", lines)
    for name, each in (("train", lines[:24]), ("test", lines[24:])):
        write_lines(made, f"{lists}/split_of_60%training and 40%testing/{name}.txt", each)
    for fold in range(1, 6):
        folder = f"{lists}/5_folders_cross_validations_files/cross_validation_{fold}"
        held = lines[8 * fold - 8 : 8 * fold]
        write_lines(made, f"{folder}/test_{fold}.txt", held)
        write_lines(made, f"{folder}/train_{fold}.txt", [one for one in lines if one not in held])
    write_workbook(data / f"{top}/All_Ratings.xlsx", ["Rater", "Filename", "Rating", "original Rating"],
              [[str(n), lines[0].split()[0], 3 + n % 2, None] for n in range(1, 6)])  # type: ignore[list-item]  # fmt: skip
    made.text(f"{top}/README.txt", "SCUT-FBP5500-Database-Release v2\n")
    tests = {f"{top}/Images/{one.split()[0]}" for one in lines[24:]}
    return (reading_of(made, NUMBER, test=lambda path: path in tests),)


AGES_OF_ADIENCE = ("(0, 2)", "(25, 32)", "(38, 43)", "(60, 100)")


def _album_faces(data: Path) -> Readings:
    """Five tables with tabs; three columns make the name of a file; some cells are blank."""
    made, found, of = Builder(data), [], dict[str, tuple[str | None, str | None]]()
    header = ["user_id", "original_image", "face_id", "age", "gender", "x", "y", "dx", "dy", "tilt_ang",
              "fiducial_yaw_angle", "fiducial_score"]  # fmt: skip
    for fold in range(5):
        lines = ["\t".join(header)]
        for k in range(9):
            user, face, picture = (
                f"{30601258 + fold * 7171 + k // 3}@N0{3 + fold}",
                1 + 13 * fold + k // 4,
                f"{10424815813 + 911 * k}_e94629b1ec_o.jpg",
            )
            age, sex = AGES_OF_ADIENCE[(k + fold) % 4], ("f", "m")[k * 3 % 5 % 2]
            shown = (age, "" if k == 7 else sex)
            path = f"faces/{user}/coarse_tilt_aligned_face.{face}.{picture}"
            of[path] = (shown[0], shown[1] or None)
            write_photos(made, [path], "?")
            lines.append(
                "\t".join(
                    [
                        user,
                        picture,
                        str(face),
                        *shown,
                        "0",
                        "414",
                        "1086",
                        "1383",
                        "-115",
                        "30",
                        "17",
                    ]
                )
            )
        write_lines(made, f"fold_{fold}_data.txt", lines)
        write_lines(made, f"fold_frontal_{fold}_data.txt", lines[:5])
    made.text("LICENSE.txt", "Adience: unfiltered faces for gender and age classification\n")
    for place, (kinds, classes) in enumerate(
        (({"classify": ["multiclass", "ordinal"]}, AGES_OF_ADIENCE), (TWO, ("f", "m")))
    ):
        found.append(
            with_labels(
                reading_of(made, kinds, classes=classes),
                {path: one[place] for path, one in of.items()},
            )
        )
    return tuple(found)


def _ages_of_folders(data: Path) -> Readings:
    """Folders are ages."""
    made, ages = Builder(data), [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
    for age in ages:
        write_photos(made, [f"face_age/{age:03d}/{7 * k + age}.png" for k in range(4)], float(age))
    number = reading_of(made, NUMBER)
    as_class = {
        path: replace(one, label=f"{int(float(str(one.label))):03d}")
        for path, one in number.train.items()
    }
    ranks = reading_of(
        made, {"classify": ["multiclass", "ordinal"]}, classes=[f"{one:03d}" for one in ages]
    )
    return number, replace(ranks, train=as_class)


def _ages_in_names(data: Path) -> Readings:
    """A number, the name of a person, an age and a letter of the sex in each name."""
    made, sexes, people = Builder(data), {}, ("MariaCallas", "GlennClose", "GoldieHawn", "MarlonBrando", "PaulNewman")  # fmt: skip
    for k in range(40):
        age = 18 + k * 29 % 67
        sex = "f" if k % 5 < 3 else "m"
        path = f"AgeDB/{k * 401}_{people[k % 5]}_{age}_{sex}.jpg"
        write_photos(made, [path], float(age))
        sexes[path] = sex
    ages = reading_of(made, NUMBER)
    two = {path: replace(one, label=sexes[path]) for path, one in ages.train.items()}
    return ages, replace(reading_of(made, TWO, classes=("f", "m")), train=two)


def _ageing(data: Path) -> Readings:
    """Person, letter A, age, and a letter where an age comes twice; points in texts."""
    made = Builder(data)
    for person in range(1, 9):
        for k in range(5):
            age = (2 + person * 3 + k * k * 3) % 69
            again = "ab"[k % 2] if (person + k) % 6 == 0 else ""
            name = f"{person:03d}A{age:02d}{again}"
            write_photos(made, [f"FGNET/images/{name}.JPG"], float(age), (20 + k, 24))
            write_lines(made, f"FGNET/points/{name.lower()}.pts",
                   ["version: 1", "n_points: 3", "{", "3.5 4.1", "8.2 4.4", "6.1 9.9", "}"])  # fmt: skip
    return (reading_of(made, NUMBER),)


def _ages_of_asia(data: Path) -> Readings:
    """A folder an age, and in it one of 111 for men and of 112 for women; a text of all paths; from a listing."""
    made, top, years = Builder(data), "AFAD-Full", range(15, 41, 3)
    ages, sexes, lines = dict[str, float](), dict[str, str](), []
    for age in years:
        for sex in ("111", "112"):
            for k in range(3):
                below = f"{age}/{sex}/{age * 13090 + k * 771 + int(sex)}-{k % 2}.jpg"
                path = f"{top}/{below}"
                write_photos(made, [path], float(age), (36 + k, 40))
                ages[path], sexes[path] = float(age), sex
                lines.append(f"./{below}")
    write_lines(made, f"{top}/AFAD-Full.txt", lines)
    made.text(
        f"{top}/README.md",
        "# The Asian Face Age Dataset (AFAD)\n\nThe first level of folders is the age, the second the gender: 111 is male and 112 is female.\n",
    )
    numbers = reading_of(made, NUMBER)
    ranks = reading_of(made, RANKS, classes=map(str, years))
    of_sex = reading_of(made, TWO, classes=("111", "112"))
    return (
        numbers,
        with_train_labels(ranks, {path: str(int(one)) for path, one in ages.items()}),
        with_train_labels(of_sex, sexes),
    )


def _faces_of_indonesia(data: Path) -> Readings:
    """A folder a person with three photos; sex and age in a table of persons, with blanks in names; both are sent; from memory."""
    made, cells, rows = Builder(data), [], Rows()
    for k in range(1, 17):
        sex, age = k * 3 % 7 % 2, 15 + k * 7 % 31
        cells.append([str(k), str(sex), str(age)])
        for n in (1, 2, 3):
            true = TrueSample((44, 40 + n), (float(sex), float(age)), unit=str(k))
            made.image(f"Training/{k}/{k}_{n}.jpg", true, part="train")
    for k in range(14):
        sex, age, name = k * 5 % 3 % 2, 18 + k * 11 % 29, hex_name("bdc", k, length=32)
        true = TrueSample((44, 40), (float(sex), float(age)))
        made.image(f"Testing/{name}.jpg", true, part="test")
        rows.append((f"{name}.jpg", str(sex), str(age)))
    made.table("train.csv", ["nomor", "jenis kelamin", "usia"], cells)
    columns = {"id": "key", "jenis kelamin": "number", "usia": "number"}
    made.table("submission.csv", list(columns), [[one[0], "0", "0"] for one in rows])
    return (made.truth(TARGETS, columns, rows, classes=("jenis kelamin", "usia")),)


def _ages_by_line(data: Path) -> Readings:
    """Names in one text and ages in another, line by line; both parts begin at 1; from memory and code of loaders."""
    made, top, years = Builder(data), "megaage_asian", dict[str, float]()
    for part, n in (("train", 44), ("test", 14)):
        names, ages = [], []
        for k in range(1, n + 1):
            age, path = (k + n) * 13 % 70 + 1, f"{top}/{part}/{k}.jpg"
            write_photos(made, [path], float(age), (46, 40))
            years[path] = float(age)
            names.append(f"{k}.jpg")
            ages.append(str(age))
        write_lines(made, f"{top}/list/{part}_name.txt", names)
        write_lines(made, f"{top}/list/{part}_age.txt", ages)
    made.text(f"{top}/README.txt", "MegaAge-Asian: cropped and aligned faces with ages from 0 to 70.\n")  # fmt: skip
    test = in_folders(f"{top}/test")
    ranks = reading_of(made, RANKS, test=test, classes=sorted({str(int(one)) for one in years.values()}, key=int))  # fmt: skip
    ranked = with_train_labels(ranks, {path: str(int(one)) for path, one in years.items()})
    return reading_of(made, NUMBER, test=test), ranked


# ChaLearn Looking at People 2016, apparent age: participants' code, and memory.
def _ages_as_seen(data: Path) -> Readings:
    """Faces with the mean of the ages that people guessed, beside its deviation; a table a part, and none for test."""
    made, ages = Builder(data), dict[str, float]()
    for part, n in (("train", 36), ("valid", 12), ("test", 14)):
        cells = list[list[str]]()
        for k in range(n):
            name = f"{k + (0 if part == 'train' else 4113 if part == 'valid' else 5613):06d}.jpg"
            path, mean = f"{part}/{name}", round(4 + k * 37 % 71 + k % 10 / 7, 6)
            write_photos(made, [path], None, (40 + k % 5, 36))
            if part != "test":
                ages[path] = mean
                cells.append([name, repr(mean), repr(round(1.9 + k % 6 / 1.7, 6))])
        if cells:
            made.table(f"{part}_gt.csv", ["image", "mean", "stdv"], cells)
    test = in_folders("test")
    return tuple(
        with_train_labels(reading_of(made, NUMBER, test=test, out=out), dict(ages))
        for out in (never, in_folders("valid"))
    )


DECADES = ("0-10", "10-20", "20-30", "30-40", "40-50", "50-60", "60-70", "70-80", "80-90", "90-100")


def _five(place: int) -> str:
    """Return five letters and digits, the same each time."""
    number = int(hex_name("sixteenth", place, length=12), 16)
    return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[number // 36**n % 36] for n in range(5))


# AIcrowd Blitz, age prediction: its page, from memory.
def _decades_of_faces(data: Path) -> Readings:
    """Faces with the ten years of their age, as text of two numbers; names of five letters; the sample holds such texts, too."""
    made, rows = Builder(data), Rows()
    tables: dict[str, list[list[str]]] = {"train": [], "val": []}
    validation = set[str]()
    for k in range(70):
        part = "train" if k < 40 else "val" if k < 52 else "test"
        name, label = _five(k), DECADES[k * 7 % 10]
        path = f"{part}/{name}.jpg"
        made.image(path, TrueSample((36, 36), label), part="test" if part == "test" else "train")
        if part == "test":
            rows.append((name, label))
        else:
            tables[part].append([name, label])
        if part == "val":
            validation.add(path)
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["ImageID", "age"], cells)
    columns = {"ImageID": "key", "age": "text"}
    shown = [[one[0], DECADES[n * 3 % 10]] for n, one in enumerate(rows)]
    made.table("sample_submission.csv", list(columns), shown)
    every = made.truth(RANKS, columns, rows, classes=DECADES)
    return every, without_images(every, lambda path: path in validation)


LAYOUTS = (
    DataSet(
        "analytics-vidhya-age-of-actors", "memory", _actors, doubt="order of the sample's columns"
    ),
    DataSet("FairFace", "code", _fair_faces),
    DataSet("UTKFace", "memory", _utkface, has_test=False),
    DataSet("APPA-REAL", "code", _apparent_ages, doubt="columns of gt_train.csv"),
    DataSet("SCUT-FBP5500", "memory", _beauty),
    DataSet("Adience", "memory", _album_faces, has_test=False),
    DataSet("Faces by age", "memory", _ages_of_folders, has_test=False),
    DataSet("AgeDB", "memory", _ages_in_names, has_test=False),
    DataSet("FG-NET", "memory", _ageing, has_test=False),
    DataSet("AFAD", "code", _ages_of_asia, has_test=False, doubt="text of the paths"),
    DataSet("satria-data-bdc-2021", "memory", _faces_of_indonesia, doubt="names of columns"),
    DataSet("MegaAge-Asian", "code and memory", _ages_by_line),
    DataSet("chalearn-lap-2016-apparent-age", "code and memory", _ages_as_seen),
    DataSet("aicrowd-age-prediction", "memory", _decades_of_faces),
)
