"""Folders of train side by side, each with a table of its images: one table has all rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.pieces.tables_of_folders import (
    OF_TEST,
    with_called_folders_joined,
    with_folders_joined,
)
from podium.competition.infer.scan import scan_folder
from podium.competition.samples import load_samples
from podium.competition.tables import read_table

SITES = ("harbour", "moor", "quarry", "ridge")
OF_SITE = 7


def label_of(site: str, n: int) -> str:
    return ("calm", "rough")[(n + len(site)) % 2]


def write(data: Path, *, repeated: bool, called: str = "labels") -> dict[str, str]:
    """Write the folders; return the label of each image of train by its path."""
    truth = {}
    for place, site in enumerate(SITES):
        lines = []
        for n in range(OF_SITE):
            name = f"{n}.png" if repeated else f"{site}-{n}.png"
            put(data / f"train/{site}/scans/{name}", place * OF_SITE + n)
            truth[f"data/train/{site}/scans/{name}"] = label_of(site, n)
            lines.append((name, label_of(site, n)))
        stem = site if called == "as the folder" else called
        table(data / f"train/{site}/{stem}.csv", ("picture", "water"), *lines)
    for n in range(5):
        put(data / f"test/q{n}.png", 100 + n)
    return truth


def read(tmp_path: Path) -> dict[str, str]:
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    names = [found.classes[int(one)] for one in samples["label"]]
    return {str(path): name for (path,), name in zip(samples["images"], names, strict=True)}


@pytest.mark.parametrize("repeated", [True, False])
@pytest.mark.parametrize("called", ["labels", "as the folder"])
def test_every_folder_gives_its_rows(tmp_path: Path, repeated: bool, called: str) -> None:
    truth = write(tmp_path / "data", repeated=repeated, called=called)
    assert read(tmp_path) == truth


def test_rows_of_images_in_other_folders_are_not_joined(tmp_path: Path) -> None:
    write(tmp_path, repeated=False)
    folder = scan_folder(tmp_path, "data")
    own = {
        f"train/{one}/labels.csv": read_table(tmp_path / f"train/{one}/labels.csv") for one in SITES
    }
    joined = with_folders_joined(CompetitionData(folder, own), {})
    assert joined is not None
    assert len(joined[1].table) == OF_SITE * len(SITES)
    elsewhere = {path.replace("train", "lists"): one for path, one in own.items()}
    assert with_folders_joined(CompetitionData(folder, elsewhere), {}) is None
    swapped = dict(zip(own, reversed(list(own.values())), strict=True))
    assert with_folders_joined(CompetitionData(folder, swapped), {}) is None


def shells(data: Path, *, parts: tuple[str, ...] = ("train", "test")) -> set[str]:
    """Write shells by kind, each folder with a table of its images; return the paths of test."""
    for part in parts:
        for place, kind in enumerate(("0003", "0007", "0021")):
            lines = []
            for n in range(9 if part == "train" else 4):
                name = f"{part}{place}{n}.png"
                put(data / f"{part}/{kind}/{name}", place * 50 + n + 500 * (part == "test"))
                lines.append((name, 16, int(kind)))
            rows = (("file", "width", "shell_id"), *lines)
            table(data / f"{part}/{kind}/found-{kind}.csv", *rows, sign=";")
    return {f"data/test/{one.parent.name}/{one.name}" for one in data.glob("test/*/*.png")}


def to_predict(tmp_path: Path) -> set[str]:
    found, _ = begin(tmp_path)
    return {path for files in load_samples(found, "test")["images"] for path in files}


def test_tables_of_the_folders_of_test_are_joined_as_those_of_train(tmp_path: Path) -> None:
    of_test = shells(tmp_path / "data")
    assert to_predict(tmp_path) == of_test
    assert len(load_samples(begin(tmp_path)[0], "train")) == 27


def test_tables_of_test_with_rows_of_other_folders_are_not_joined(tmp_path: Path) -> None:
    shells(tmp_path)
    folder = scan_folder(tmp_path, "data")
    paths = sorted(path for path in folder.tables if path.startswith("test/"))
    own = {path: pd.read_csv(tmp_path / path, sep=";", dtype=str) for path in paths}
    joined = with_folders_joined(CompetitionData(folder, own), {}, OF_TEST)
    assert joined is not None
    assert len(joined[1].table) == 12
    assert with_folders_joined(CompetitionData(folder, own), {}) is None
    swapped = dict(zip(own, reversed(list(own.values())), strict=True))
    assert with_folders_joined(CompetitionData(folder, swapped), {}, OF_TEST) is None


def test_one_table_of_test_stays_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shells(data, parts=("train",))
    for n in range(5):
        put(data / f"test/q{n}.png", 900 + n)
    table(data / "test/found.csv", ("file", "width"), *((f"q{n}.png", 16) for n in range(5)))
    assert to_predict(tmp_path) == {f"data/test/q{n}.png" for n in range(5)}


@pytest.mark.parametrize(("folder", "file", "sheet", "cell"), [
    ("images/{}", "{}.png", "labels_{}.csv", "{}"),
    ("images/harvest {}", "leaf_{:03}.png", "sheet_{}.csv", "{}"),
    ("train/{}/scans", "leaf_{}.png", "sheets/{}/labels.csv", "leaf_{}.png"),
])  # fmt: skip
@pytest.mark.parametrize("names", [("2021", "2022", "2023"), ("north", "south", "hill")])
def test_tables_called_as_the_folders_whose_numbers_begin_anew_are_joined(
    tmp_path: Path, names: tuple[str, ...], folder: str, file: str, sheet: str, cell: str
) -> None:
    data, truth, groups = tmp_path / "data", dict[str, str](), dict[str, str]()
    for place, name in enumerate(names):
        lines = []
        for n in range(1, 14 + place):
            path = f"{folder.format(name)}/{file.format(n)}"
            put(data / path, 100 * place + n)
            truth[f"data/{path}"] = label_of(name[place:], n)
            groups[f"data/{path}"] = folder.format(name).split("/")[1]
            lines.append((cell.format(n), truth[f"data/{path}"]))
        (data / sheet.format(name)).parent.mkdir(parents=True, exist_ok=True)
        table(data / sheet.format(name), ("leaf", "rust"), *lines)
    for n in range(6):
        put(data / f"test/{n}.png", 900 + n)
    table(data / "sample_submission.csv", ("id", "rust"), *((n, "calm") for n in range(6)))
    assert read(tmp_path) == truth
    rows = read_table(tmp_path / str(begin(tmp_path)[0].data.train.table))
    assert dict(zip("data/" + rows["leaf"], rows["folder"], strict=True)) == groups


def test_tables_called_as_folders_of_other_images_are_not_joined(tmp_path: Path) -> None:
    own = dict[str, pd.DataFrame]()
    for place, year in enumerate((2021, 2022)):
        for n in range(8 + 4 * place):
            put(tmp_path / f"images/{year}/{n}.png", 20 * place + n)
        cells = [str(n) for n in range(8 + 4 * place)]
        own[f"labels_{year}.csv"] = pd.DataFrame({"leaf": cells, "rust": "calm"})
    folder = scan_folder(tmp_path, "data")
    joined = with_called_folders_joined(CompetitionData(folder, own), {})
    assert joined is not None
    assert len(joined[1].table) == 20
    swapped = dict(zip(own, reversed(list(own.values())), strict=True))
    assert with_called_folders_joined(CompetitionData(folder, swapped), {}) is None, (
        "rows lack images"
    )
    fewer = {path: one.iloc[:5] for path, one in own.items()}
    assert with_called_folders_joined(CompetitionData(folder, fewer), {}) is None, (
        "images lack rows"
    )
    one_more = {**own, "labels_all.csv": own["labels_2021.csv"]}
    assert with_called_folders_joined(CompetitionData(folder, one_more), {}) is None, (
        "a table has no folder"
    )
