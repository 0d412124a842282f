"""Units of several photographs that columns name together: a hive and a date; ids made of both."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

HIVES = [f"K{n:02}" for n in range(1, 13)]
TEST = HIVES[8:]
DATES = ("2024-05-01", "2024-05-15", "2024-06-03")


def compact(day: str) -> str:
    return day.replace("-", "")


def turned(day: str) -> str:
    return ".".join(day.split("-")[::-1])


PATHS: dict[str, Callable[[str, str, int], str]] = {
    "folders": lambda hive, day, n: f"{hive}/{day}/IMG_{n}.png",
    "the date first": lambda hive, day, n: f"{day}/{hive}_{n}.png",
    "dates without signs": lambda hive, day, n: f"{hive}/{compact(day)}/{n}.png",
    "names of files": lambda hive, day, n: f"{hive}_{day}_{n}.png",
    "names with one sign": lambda hive, day, n: f"{hive}-{compact(day)}-{n}.png",
    "one folder": lambda hive, day, n: f"{hive}_{day}/{n}.png",
}
SAMPLES: dict[str, Callable[[str, str], list[str]]] = {
    "two columns": lambda hive, day: [hive, day],
    "as they are": lambda hive, day: [f"{hive}_{day}"],
    "in another spelling": lambda hive, day: [f"{hive}-{compact(day)}"],
}


def units() -> list[tuple[str, str]]:
    return [(hive, day) for hive in HIVES for day in DATES]


def written(path: Path, *rows: Sequence[str]) -> None:
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")


def saved(file: Path, n: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3))
    Image.fromarray(pixels.astype(np.uint8)).save(file)


def n_images(n: int) -> int:
    return 2 + n % 3


def make(
    data: Path,
    path: Callable[[str, str, int], str],
    key: Callable[[str, str], list[str]],
    *,
    parts: tuple[str, str] = ("train", "test"),
    spelt: Callable[[str], str] = str,
    site: bool = False,
) -> None:
    """Write two to four images of each hive and date, a table of units, and a sample."""
    rows, sample = [], []
    for n, (hive, day) in enumerate(units()):
        for k in range(n_images(n)):
            saved(data / parts[hive in TEST] / path(hive, day, k), 100 * n + k)
        if hive in TEST:
            sample.append([*key(hive, spelt(day) if len(key(hive, day)) > 1 else day), "0.0"])
        else:
            places = [f"S{HIVES.index(hive) % 4}"] if site else []
            rows.append([hive, spelt(day), *places, f"{n * 7 % 19 + 0.5}"])
    header = ["kaptar", "datum", *(["site"] if site else []), "atkak"]
    written(data / "train.csv", header, *rows)
    ids = ["kaptar", "datum"] if len(sample[0]) > 2 else ["id"]
    written(data / "sample_submission.csv", [*ids, "atkak"], *sample)


def check_units(spec: Competition, tmp_path: Path) -> None:
    """Train and test have the images of each unit, and a file is as the sample has it."""
    assert spec.to_choose == []
    train, test = load_samples(spec, "train"), load_samples(spec, "test")
    of_train = [n for n, (hive, _) in enumerate(units()) if hive not in TEST]
    assert len(train) == sum(map(n_images, of_train))
    assert train["unit"].nunique() == len(of_train)
    assert (train.groupby("unit")["label"].nunique() == 1).all()
    names = list(dict.fromkeys(test["unit"]))
    assert len(names) == len(units()) - len(of_train)
    answers = np.arange(len(names), dtype=np.float32)[:, None] + 0.5
    file = write_submission(tmp_path / "sent.csv", spec, names, answers)
    assert check(file, spec) == []
    sample = tmp_path / "data/sample_submission.csv"
    with sample.open() as shown, file.open() as sent:
        of_host, mine = list(csv.reader(shown)), list(csv.reader(sent))
    assert [row[:-1] for row in mine] == [row[:-1] for row in of_host]


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("path", PATHS)
def test_parts_of_paths_name_units(tmp_path: Path, path: str, sample: str) -> None:
    make(tmp_path / "data", PATHS[path], SAMPLES[sample])
    spec = infer(tmp_path / "data", tmp_path).competition
    check_units(spec, tmp_path)
    assert spec.folds.group == "kaptar"


@pytest.mark.parametrize("sample", ["two columns", "in another spelling"])
def test_dates_of_the_table_are_spelt_otherwise(tmp_path: Path, sample: str) -> None:
    make(tmp_path / "data", PATHS["folders"], SAMPLES[sample], spelt=turned)
    check_units(infer(tmp_path / "data", tmp_path).competition, tmp_path)


def test_train_and_test_lie_together(tmp_path: Path) -> None:
    parts = ("kepek", "kepek")
    make(tmp_path / "data", PATHS["names of files"], SAMPLES["two columns"], parts=parts)
    check_units(infer(tmp_path / "data", tmp_path).competition, tmp_path)


def test_a_coarser_group_of_train_alone_is_that_of_folds(tmp_path: Path) -> None:
    """Test has no column of sites: none is asked of it."""
    make(tmp_path / "data", PATHS["folders"], SAMPLES["two columns"], site=True)
    spec = infer(tmp_path / "data", tmp_path).competition
    check_units(spec, tmp_path)
    assert spec.folds.group == "site"
    assert load_samples(spec, "train")["group"].nunique() == 4


@pytest.mark.parametrize("labels", ["in the table of images", "in a table of units"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_table_of_images_has_the_columns(tmp_path: Path, sample: str, labels: str) -> None:
    data, key = tmp_path / "data", SAMPLES[sample]
    images, of_units, sent = [], [], []
    for n, (hive, day) in enumerate(units()):
        part, label = ("test" if hive in TEST else "train"), f"{n * 7 % 19 + 0.5}"
        for k in range(n_images(n)):
            name = f"IMG_{(100 * n + k) * 7919:07}.png"
            saved(data / part / name, 100 * n + k)
            images.append([name, hive, day, "" if part == "test" else label])
        if part == "test":
            sent.append([*key(hive, day), "0.0"])
        else:
            of_units.append([hive, day, label])
    header = ["fajl", "kaptar", "datum"]
    if labels == "in a table of units":
        written(data / "images.csv", header, *(row[:-1] for row in images))
        written(data / "train.csv", [*header[1:], "atkak"], *of_units)
    else:
        written(data / "train.csv", [*header, "atkak"], *(row for row in images if row[-1]))
        written(data / "test.csv", header, *(row[:-1] for row in images if not row[-1]))
    ids = header[1:] if len(sent[0]) > 2 else ["id"]
    written(data / "sample_submission.csv", [*ids, "atkak"], *sent)
    check_units(infer(data, tmp_path).competition, tmp_path)


def test_ids_of_images_are_made_of_three_columns(tmp_path: Path) -> None:
    """`Clos-7_20240718_1`: the plot, the date in another spelling, and the number."""
    data, tables = tmp_path / "data", dict[str, list[list[str]]](train=[], test=[])
    sent = []
    for n, (plot, day, k) in enumerate(
        (plot, day, k)
        for plot in range(1, 15)
        for day in ("18/07/2024", "02/08/2024")
        for k in "12"
    ):
        part = "test" if plot > 10 else "train"
        saved(data / part / f"P{n * 7919:06}.png", n)
        answer = [("sain", "mildiou", "oidium")[n % 3]] if part == "train" else []
        tables[part].append([f"P{n * 7919:06}.png", f"Clos-{plot}", day, k, *answer])
        if part == "test":
            sent.append([f"Clos-{plot}_{''.join(day.split('/')[::-1])}_{k}", "sain"])
    header = ["fichier", "parcelle", "date", "numero"]
    written(data / "train.csv", [*header, "etat"], *tables["train"])
    written(data / "test.csv", header, *tables["test"])
    written(data / "sample_submission.csv", ["id", "etat"], *sent)
    spec = infer(data, tmp_path).competition
    test = load_samples(spec, "test")
    assert dict(zip(test["id"], (images[0] for images in test["images"]), strict=True)) == {
        sent[n][0]: f"data/test/{row[0]}" for n, row in enumerate(tables["test"])
    }
    assert load_samples(spec, "train")["id"].iloc[0] == "Clos-1_20240718_1"
    assert spec.folds.group == "parcelle"


def test_a_key_of_image_and_class_is_no_unit(tmp_path: Path) -> None:
    """A row for each image and finding has the share of a finding, which train does not have."""
    data = tmp_path / "data"
    rows, sent = [], []
    for n in range(24):
        part = "test" if n >= 16 else "train"
        saved(data / part / f"{n}.png", n)
        for name in ("oedema", "mass", "none"):
            if part == "train":
                rows.append([f"{n}.png", name, f"{int((n + len(name)) % 3 == 0)}"])
            else:
                sent.append([f"{n}.png", name, "0.5"])
    written(data / "train.csv", ["image", "finding", "present"], *rows)
    written(data / "sample_submission.csv", ["image", "finding", "prob"], *sent)
    spec = infer(data, tmp_path).competition
    assert spec.data.train.unit is None
