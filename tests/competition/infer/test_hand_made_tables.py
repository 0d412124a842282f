"""Tables and lists as people make them by hand: titles, two header rows, a list a class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError

N_TRAIN, N_ALL = 24, 30
TREES = ("oak", "pine", "birch")


def name(number: int) -> str:
    return f"tree {number:02}.jpg"


def photos(data: Path, columns: str = "photo,tree", cells: str = "oak") -> None:
    for number in range(N_ALL):
        file = data / ("photos" if number < N_TRAIN else "unseen") / name(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(number)
        Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)).save(file)
    rows = [f"{name(n)},{cells}" for n in range(N_TRAIN, N_ALL)]
    (data / "sample_submission.csv").write_text("\n".join([columns, *rows]) + "\n")


def labels(found: Inferred) -> dict[str, str]:
    spec = found.competition
    assert spec.classes is not None
    assert len(load_samples(spec, "test")) == N_ALL - N_TRAIN
    train = load_samples(spec, "train")
    files = [Path(each[0]).name for each in train["images"]]
    return dict(zip(files, [spec.classes[int(one)] for one in train["label"]], strict=True))


EXPECTED = {name(n): TREES[n % 3] for n in range(N_TRAIN)}
ROWS = [[name(n), TREES[n % 3], f"{5 + n / 4:.2f}"] for n in range(N_TRAIN)]


@pytest.mark.parametrize(
    ("form", "sep"),
    [("workbook", ""), ("padded", ";"), ("short", ";"), ("padded", ","), ("short", ",")],
)
def test_titles_above_and_remarks_below_are_no_rows(form: str, sep: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = [
        ["Trees of the town", "", ""], ["", "", ""], ["photo", "tree", "height"], *ROWS,
        ["", "", ""], ["As of: 12.05.2024", "", ""],
    ]  # fmt: skip
    if form == "workbook":
        pd.DataFrame(rows).to_excel(data / "survey.xlsx", header=False, index=False)
    else:
        each = [row if form == "padded" else [cell for cell in row if cell] for row in rows]
        (data / "survey.csv").write_text("\n".join(sep.join(row) for row in each) + "\n")
    assert labels(infer(data, tmp_path)) == EXPECTED


def test_a_row_with_an_id_alone_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = [["Trees", "", ""], ["photo", "tree", "height"], *ROWS[:-1], ["tree 23.jpg", "", ""]]
    text = "\n".join(";".join(row) for row in rows) + "\n"
    (data / "survey.csv").write_text(text)
    try:
        notes = infer(data, tmp_path).notes
    except DataError as error:
        notes = [str(error)]
    table = pd.read_csv(tmp_path / "made/tables/survey.csv", dtype=str, keep_default_na=False)
    assert table["photo"].iloc[-1] == "tree 23.jpg", notes


def test_two_rows_of_a_header_are_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = [["photo", "size", "size", "tree"], ["", "width (cm)", "height (cm)", ""]]
    rows += [[one, "3.5", height, tree] for one, tree, height in ROWS]
    (data / "train.csv").write_text("\n".join(",".join(row) for row in rows) + "\n")
    assert labels(infer(data, tmp_path)) == EXPECTED
    table = pd.read_csv(tmp_path / "made/tables/train.csv")
    assert list(table) == ["photo", "size width (cm)", "size height (cm)", "tree"]


def test_names_and_values_in_a_text_beside_each_image_are_columns(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    for one, tree, height in ROWS:
        file = data / "photos" / Path(one).with_suffix(".txt")
        file.write_text(f"camera: X100\ntree: {tree}\nheight = {height}\n")
    assert labels(infer(data, tmp_path)) == EXPECTED


def test_lists_of_findings_are_classes_and_images_in_none_have_none(tmp_path: Path) -> None:
    data, findings = tmp_path / "data", ("rust", "crack", "moss")
    photos(data, "photo,rust,crack,moss", "0,0,0")
    for k, finding in enumerate(findings):
        own = [name(n) for n in range(N_TRAIN) if (n >> k) & 1]
        file = data / "findings" / f"{finding}.csv"
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(["photo", *own]) + "\n")
    found = infer(data, tmp_path)
    spec = found.competition
    assert spec.tasks == {"classify": "multilabel"}
    assert spec.classes == list(findings)
    train = load_samples(spec, "train")
    truth = {name(n): [(n >> k) & 1 for k in range(3)] for n in range(N_TRAIN)}
    read = {
        Path(one[0]).name: list(label)
        for one, label in zip(train["images"], train["label"], strict=True)
    }
    assert read == truth


def test_folders_that_hold_the_images_to_predict_are_no_classes(tmp_path: Path) -> None:
    photos(tmp_path / "data")
    with pytest.raises(DataError, match="no labels: looked for a table"):
        infer(tmp_path / "data", tmp_path)


def test_the_sheets_of_a_workbook_are_pieces_of_one_table(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    with pd.ExcelWriter(data / "survey.xlsx") as book:
        for month, rows in (("March", ROWS[:7]), ("April", ROWS[7:15]), ("May", ROWS[15:])):
            sheet = pd.DataFrame(rows, columns=["photo", "tree", "height"]).assign(remark="")
            sheet.to_excel(book, sheet_name=month, index=False)
    assert labels(infer(data, tmp_path)) == EXPECTED


def test_an_address_on_the_web_names_a_file_by_another_part_than_the_last(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    address = "https://photos.example.org/p/{}/medium.jpg"
    rows = [[address.format(Path(one).stem), tree] for one, tree, _ in ROWS]
    text = "\n".join(",".join(row) for row in [["url", "tree"], *rows]) + "\n"
    (data / "observations.csv").write_text(text)
    assert labels(infer(data, tmp_path)) == EXPECTED


def test_a_file_whose_folder_stands_in_another_column_is_found(tmp_path: Path) -> None:
    data, truth = tmp_path / "data", {}
    rows, sent = [["File", "RelativePath", "Species"]], []
    for number in range(30):
        station, name = f"Station{number // 6 + 1}", f"RCNX{number % 6 + 1:04}.JPG"
        file = data / "images" / station / "2024-05" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(number)
        Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)).save(file)
        path = f"{station}\\2024-05"
        if number < N_TRAIN:
            rows.append([name, path, TREES[number % 3]])
            truth[f"{station}/2024-05/{name}"] = TREES[number % 3]
        else:
            sent.append(f"{path}\\{name},oak")
    (data / "Timelapse.csv").write_text("\n".join(",".join(row) for row in rows) + "\n")
    (data / "sample_submission.csv").write_text("\n".join(["Path,Species", *sent]) + "\n")
    spec = infer(data, tmp_path).competition
    train = load_samples(spec, "train")
    assert spec.classes is not None
    read = {
        "/".join(Path(each[0]).parts[-3:]): spec.classes[int(one)]
        for each, one in zip(train["images"], train["label"], strict=True)
    }
    assert read == truth
    assert len(load_samples(spec, "test")) == len(sent)
