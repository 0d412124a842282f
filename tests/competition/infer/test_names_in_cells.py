"""Tables with a row for several images, whose file names one cell lists: shells and photographs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from podium.competition.folds import make_folds
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.rows.names_in_cells import (
    column_of_names,
    rows_of_name_cells,
)
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.read_sources import read_plainly
from podium.competition.infer.readme.numbers import as_likely_numbers, as_readme_numbers
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer
from podium.competition.infer.to_yaml.draft import draft_text
from podium.competition.samples import load_samples
from podium.errors import DataError, SubmissionError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from podium.tasks.protocols.find import image_kind

N_TRAIN, N_TEST = 16, 10
HEADER = ["inventory_no", "haul", "photographs", "age"]
README = "The score is the root mean squared logarithmic error (RMSLE). The lowest score wins.\n"

Names = list[str]
Listed = Callable[[Names], str]
"""A cell of the names of files."""


def id_of(n: int) -> str:
    return f"ZM/{1893 + n % 4}/{n:04}"


def photographs(n: int) -> Names:
    """Return the names of the one to three photographs of a shell."""
    return [f"DSC_{1000 + 10 * n + k}.jpg" for k in range(1 + n % 3)]


def saved(file: Path, n: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3))
    Image.fromarray(pixels.astype(np.uint8)).save(file)


def written(path: Path, *rows: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def semicolons(names: Names) -> str:
    return "; ".join(names)


def age(n: int) -> str:
    return str(2 + n * 7 % 11)


def row_of(n: int, listed: Listed) -> list[str]:
    return [id_of(n), f"haul {n % 4}", listed(photographs(n)), age(n)]


TRAIN, TEST = range(N_TRAIN), range(N_TRAIN, N_TRAIN + N_TEST)


def make(data: Path, listed: Listed = semicolons, *, tables: bool = True) -> None:
    """Write photographs, a table of train, one of test, a sample submission and a README."""
    for n in (*TRAIN, *TEST):
        for k, name in enumerate(photographs(n)):
            saved(data / "photographs" / name, 10 * n + k)
    if tables:
        written(data / "shells.csv", HEADER, *(row_of(n, listed) for n in TRAIN))
        written(data / "to_date.csv", HEADER[:3], *(row_of(n, listed)[:3] for n in TEST))
    written(
        data / "sample_submission.csv", ["inventory_no", "age"], *([id_of(n), "5"] for n in TEST)
    )
    (data / "README.txt").write_text(README)


def check_names(
    found: Inferred, tmp_path: Path, *, lost: Sequence[str] = (), absent: Sequence[int] = ()
) -> None:
    """Train and test have the photographs that are there, by shell, and a file is the sample's."""
    spec = found.competition
    assert spec.to_choose == []
    assert str(spec.kind) == "regression"
    assert spec.metric.name == "rmsle"
    for part, numbers in (("train", TRAIN), ("test", TEST)):
        samples = load_samples(spec, part)
        own = {
            (id_of(n), name)
            for n in numbers
            if n not in absent
            for name in photographs(n)
            if name not in lost
        }
        files = [Path(paths[0]).name for paths in samples["images"]]
        assert set(zip(samples["unit"], files, strict=True)) == own
        assert len(samples) == len(own)
        if part == "train":
            ages = {id_of(n): float(age(n)) for n in TRAIN}
            assert all(
                float(label) == ages[unit]
                for unit, label in zip(samples["unit"], samples["label"], strict=True)
            )
    names = list(dict.fromkeys(load_samples(spec, "test")["unit"]))
    answers = np.arange(len(names), dtype=np.float32)[:, None] + 0.5
    if absent:
        return
    file = write_submission(tmp_path / "sent.csv", spec, names, answers)
    assert check(file, spec) == []
    with file.open() as sent:
        rows = list(csv.reader(sent))
    assert rows[0] == ["inventory_no", "age"]
    assert sorted(one for one, _ in rows[1:]) == sorted(map(id_of, TEST))
    assert {one: float(value) for one, value in rows[1:]} == {
        name: n + 0.5 for n, name in enumerate(names)
    }


PHOTOS = {
    "files": (".jpg", ("photo_1", "photo_2", "photo_3")),
    "stems": ("", ("photo_1", "photo_2", "photo_3")),
    "words behind": (".jpg", ("Photo_near", "Photo_far", "Photo_above")),
    "words in front": (".jpg", ("top view", "side view", "inner view")),
}


@pytest.mark.parametrize(("ending", "columns"), PHOTOS.values(), ids=PHOTOS)
def test_columns_of_names_called_alike_are_one_list(
    tmp_path: Path, ending: str, columns: tuple[str, ...]
) -> None:
    make(tmp_path / "data", tables=False)

    def row(n: int) -> list[str]:
        names = [name.replace(".jpg", ending) for name in photographs(n)]
        return [id_of(n), f"haul {n % 4}", *names, *[""] * (3 - len(names)), age(n)]

    header = ["inventory_no", "haul", *columns, "age"]
    written(tmp_path / "data" / "shells.csv", header, *map(row, TRAIN))
    written(tmp_path / "data" / "to_date.csv", header[:5], *(row(n)[:5] for n in TEST))
    check_names(infer(tmp_path / "data", tmp_path), tmp_path)


WAYS: dict[str, Listed] = {
    "semicolons": semicolons,
    "commas": ", ".join,
    "commas without blanks": ",".join,
    "bars": "|".join,
    "blanks": " ".join,
    "lines": "\n".join,
    "JSON": json.dumps,
    "Python": repr,
    "numpy": lambda names: str(np.array(names)),
    "stems": lambda names: " ".join(name.removesuffix(".jpg") for name in names),
    "folders": lambda names: ";".join(f"photographs/{name}" for name in names),
    "folders of Windows": lambda names: ";".join(f"photographs\\{name}" for name in names),
    "other small and large letters": lambda names: ";".join(names).upper(),
    "each twice": lambda names: ";".join(f"{name};{name.removesuffix('.jpg')}" for name in names),
    "a sign behind the last": lambda names: "".join(f"{name};" for name in names),
    "two signs": lambda names: "; ".join(names[:2]) + "".join(f", {name}" for name in names[2:]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    data = tmp_path_factory.mktemp("shells")
    make(data, tables=False)
    return scan_folder(data, "data")


@pytest.mark.parametrize("way", WAYS)
def test_each_name_of_a_cell_is_an_image_of_its_row(folder: DataFolder, way: str) -> None:
    rows = [row_of(n, WAYS[way]) for n in TRAIN]
    table = pd.DataFrame(rows, columns=HEADER, dtype=object)
    found = rows_of_name_cells(CompetitionData(folder, {"shells.csv": table}))
    assert found is not None
    assert found.unit == "inventory_no"
    assert found.notes == ()
    made = found.tables["shells.csv"].table
    stems = [
        (one, Path(name).stem)
        for one, name in zip(made["inventory_no"], made["image"], strict=True)
    ]
    expected = [(id_of(n), Path(name).stem) for n in TRAIN for name in photographs(n)]
    assert stems == expected
    assert all(len(folder.named(name)) == 1 for name in made["image"])
    assert list(made["age"]) == [age(n) for n in TRAIN for _ in photographs(n)]


def test_rows_are_numbered_where_no_column_names_them(folder: DataFolder) -> None:
    rows = [[semicolons(photographs(n)), str(100 + 3 * n)] for n in TRAIN]  # grams: each once
    table = pd.DataFrame(rows, columns=["photographs", "weight"], dtype=object)
    found = rows_of_name_cells(CompetitionData(folder, {"shells.csv": table}))
    assert found is not None
    assert found.unit == "row"
    made = found.tables["shells.csv"].table
    assert list(made["row"]) == [str(n + 1) for n in TRAIN for _ in photographs(n)]


def test_labels_of_another_table_are_joined_without_a_sample(folder: DataFolder) -> None:
    rows = [row_of(n, semicolons)[:3] for n in TRAIN]
    listed = pd.DataFrame(rows, columns=HEADER[:3], dtype=object)
    ages = [[id_of(n), age(n)] for n in reversed(TRAIN)]
    labels = pd.DataFrame(ages, columns=["no", "age"], dtype=object)
    found = rows_of_name_cells(
        CompetitionData(folder, {"photographs.csv": listed, "ages.csv": labels})
    )
    assert found is not None
    assert found.used == ("ages.csv",)
    made = found.tables["photographs.csv"].table
    assert list(made["age"]) == [age(n) for n in TRAIN for _ in photographs(n)]


def test_a_row_an_image_is_read_written_and_checked(tmp_path: Path) -> None:
    make(tmp_path / "data")
    check_names(infer(tmp_path / "data", tmp_path), tmp_path)


def in_one_table(data: Path) -> None:
    rows = [row_of(n, semicolons) for n in (*TRAIN, *TEST)]
    blank = [[*row[:3], row[3] if n in TRAIN else ""] for n, row in enumerate(rows)]
    written(data / "shells.csv", HEADER, *blank)


def in_a_third_table(data: Path) -> None:
    written(data / "ages.csv", ["inventory_no", "age"], *([id_of(n), age(n)] for n in TRAIN))
    rows = (row_of(n, semicolons)[:3] for n in (*TRAIN, *TEST))
    written(data / "photographs.csv", HEADER[:3], *rows)


def in_a_third_table_beside_test(data: Path) -> None:
    written(data / "train.csv", ["shell", "age"], *([id_of(n), age(n)] for n in TRAIN))
    written(data / "test.csv", ["shell"], *([id_of(n)] for n in TEST))
    rows = ([id_of(n), semicolons(photographs(n))] for n in (*TRAIN, *TEST))
    written(data / "photographs.csv", ["inventory_no", "files"], *rows)


def with_a_column_of_parts(data: Path) -> None:
    rows = [[*row_of(n, semicolons), "train" if n in TRAIN else "test"] for n in (*TRAIN, *TEST)]
    blank = [[*row[:3], row[3] if n in TRAIN else "", row[4]] for n, row in enumerate(rows)]
    written(data / "shells.csv", [*HEADER, "part"], *blank)


def with_test_of_one_each(data: Path) -> None:
    written(data / "shells.csv", HEADER, *(row_of(n, semicolons) for n in TRAIN))
    written(data / "test.csv", HEADER[:3], *(row_of(n, lambda names: names[0])[:3] for n in TEST))


LAYOUTS = {
    one.__name__: one
    for one in (
        in_one_table, in_a_third_table, in_a_third_table_beside_test, with_a_column_of_parts,
    )
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_to_predict_stand_in_a_table_of_any_kind(tmp_path: Path, layout: str) -> None:
    make(tmp_path / "data", tables=False)
    LAYOUTS[layout](tmp_path / "data")
    check_names(infer(tmp_path / "data", tmp_path), tmp_path)


def test_rows_to_predict_have_one_photograph_each(tmp_path: Path) -> None:
    make(tmp_path / "data", tables=False)
    with_test_of_one_each(tmp_path / "data")
    others = [name for n in TEST for name in photographs(n)[1:]]
    check_names(infer(tmp_path / "data", tmp_path), tmp_path, lost=others)


def test_rows_are_units_without_a_sample_submission(tmp_path: Path) -> None:
    make(tmp_path / "data", tables=True)
    (tmp_path / "data/to_date.csv").rename(tmp_path / "data/test.csv")
    (tmp_path / "data/sample_submission.csv").unlink()
    check_names(infer(tmp_path / "data", tmp_path), tmp_path)


def test_photographs_of_a_shell_share_a_fold(tmp_path: Path) -> None:
    make(tmp_path / "data")
    spec = infer(tmp_path / "data", tmp_path).competition
    train = load_samples(spec, "train")
    folds = make_folds(train, scheme="stratified", n=4)
    units = pd.DataFrame({"unit": list(train["unit"]), "fold": list(folds)})
    assert (units.groupby("unit")["fold"].nunique() == 1).all()
    assert units["fold"].nunique() == 4


def test_lost_photographs_are_named(tmp_path: Path) -> None:
    make(tmp_path / "data")
    lost = [photographs(2)[1], *photographs(3)]
    for name in lost:
        (tmp_path / "data/photographs" / name).unlink()
    found = infer(tmp_path / "data", tmp_path)
    check_names(found, tmp_path, lost=lost)
    notes = "\n".join(found.notes)
    assert (
        f"2 names have no file and are left out of photographs of shells.csv: '{lost[0]}'" in notes
    )
    assert f"1 row of shells.csv has no image that is there; left out: '{id_of(3)}'" in notes


def test_a_row_to_predict_without_a_photograph_is_to_mend(tmp_path: Path) -> None:
    make(tmp_path / "data")
    gone = TEST[0]
    for name in photographs(gone):
        (tmp_path / "data/photographs" / name).unlink()
    found = infer(tmp_path / "data", tmp_path)
    check_names(found, tmp_path, lost=photographs(gone), absent=[gone])
    told = [note for note in found.notes if note.startswith("to mend before")]
    assert len(told) == 1
    assert id_of(gone) in told[0]
    names = list(dict.fromkeys(load_samples(found.competition, "test")["unit"]))
    answers = np.ones((len(names), 1), dtype=np.float32)
    with pytest.raises(SubmissionError, match=id_of(gone)):
        write_submission(tmp_path / "sent.csv", found.competition, names, answers)


def test_a_photograph_of_two_rows_is_of_neither_and_a_note_names_it(tmp_path: Path) -> None:
    make(tmp_path / "data")
    rows = [row_of(n, semicolons) for n in TRAIN]
    shared = photographs(2)[0]
    rows[5][2] += f"; {shared}"
    written(tmp_path / "data/shells.csv", HEADER, *rows)
    found = infer(tmp_path / "data", tmp_path)
    check_names(found, tmp_path, lost=[shared])
    [note] = [one for one in found.notes if "several rows" in one]
    assert shared in note
    assert "row 4 of shells.csv and row 7 of shells.csv" in note


def test_a_photograph_of_train_and_of_test_stays_in_test(tmp_path: Path) -> None:
    make(tmp_path / "data")
    rows = [row_of(n, semicolons) for n in TRAIN]
    shared = photographs(TEST[0])[0]
    rows[5][2] += f"; {shared}"
    written(tmp_path / "data/shells.csv", HEADER, *rows)
    found = infer(tmp_path / "data", tmp_path)
    check_names(found, tmp_path)
    assert any(shared in one for one in found.notes if "several rows" in one)


def test_rows_of_one_id_share_their_photographs(folder: DataFolder) -> None:
    rows = [[one, *row_of(n, semicolons)] for n in TRAIN for one in ("Ada", "Ben")]
    table = pd.DataFrame(rows, columns=["observer", *HEADER], dtype=object)
    sample = SampleSubmission("sample.csv", pd.DataFrame({"inventory_no": ["x"], "age": ["5"]}))
    found = rows_of_name_cells(CompetitionData(folder, {"shells.csv": table}, sample))
    assert found is not None
    assert found.notes == ()
    assert len(found.tables["shells.csv"].table) == 2 * sum(len(photographs(n)) for n in TRAIN)


def test_rows_that_a_table_of_photographs_lacks_are_named(folder: DataFolder) -> None:
    listed = [[id_of(n), semicolons(photographs(n))] for n in (*TRAIN, *TEST)]
    ages = [*([id_of(n), age(n)] for n in TRAIN), ["ZM/lost", "7"]]
    tables = {
        "photographs.csv": pd.DataFrame(listed, columns=["no", "files"], dtype=object),
        "train.csv": pd.DataFrame(ages, columns=["no", "age"], dtype=object),
        "test.csv": pd.DataFrame({"no": [*map(id_of, TEST), "ZM/gone"]}, dtype=object),
    }
    found = rows_of_name_cells(CompetitionData(folder, tables))
    assert found is not None
    assert "1 row of train.csv has no image in photographs.csv; left out: 'ZM/lost'" in found.notes
    assert found.bare == ("ZM/gone",)
    assert any(one.startswith("to mend") and "'ZM/gone'" in one for one in found.notes)


def test_pairs_of_images_get_no_rows(tmp_path: Path) -> None:
    make(tmp_path / "data", tables=False)
    every = [name for n in TRAIN for name in photographs(n)]
    pairs = [[f"p{k}", f"{a} {b}", str(k % 2)] for k, (a, b) in enumerate(pairwise(every))]
    written(tmp_path / "data/pairs.csv", ["pair", "files", "same"], *pairs)
    with pytest.raises(DataError, match=r"lists .* images in several rows"):
        infer(tmp_path / "data", tmp_path)


def plain(data: Path, header: Sequence[str], *cells: Callable[[int], str]) -> None:
    """Write twenty images of train and ten of test, with further cells for those of train."""
    for n in range(30):
        saved(data / ("train" if n < 20 else "test") / f"{n + 1:04}.jpg", n)
    rows = ([f"{n + 1:04}.jpg", *(cell(n) for cell in cells)] for n in range(20))
    written(data / "train.csv", ["image", *header], *rows)


def test_numbers_are_names_of_images_where_each_stands_once(tmp_path: Path) -> None:
    for n in range(1, 13):
        saved(tmp_path / f"{n:04}.jpg", n)
    folder = scan_folder(tmp_path, "data")
    classes = [f"{1 + n % 4};{5 + n % 3}" for n in range(6)]
    images = [f"{2 * n + 1};{2 * n + 2}" for n in range(6)]
    shells = [f"s{n}" for n in range(6)]
    for cells, found in ((classes, None), (images, "numbers")):
        table = pd.DataFrame({"shell": shells, "numbers": cells}, dtype=object)
        assert column_of_names(folder, table) == found
    table = pd.DataFrame({"shell": shells, "numbers": images}, dtype=object)
    assert column_of_names(folder, table, ["numbers"]) is None  # what the sample asks for


def test_further_images_of_an_image_are_not_its_row_s_own(tmp_path: Path) -> None:
    for k in range(40):
        saved(tmp_path / f"data/close_ups/c{k}.jpg", 100 + k)
    plain(
        tmp_path / "data", ["close_ups", "label"],
        lambda n: f"c{2 * n}.jpg; c{2 * n + 1}.jpg",
        lambda n: "ab"[n % 2],
    )  # fmt: skip
    spec = infer(tmp_path / "data", tmp_path).competition
    names = [Path(paths[0]).name for paths in load_samples(spec, "train")["images"]]
    assert sorted(names) == [f"{n + 1:04}.jpg" for n in range(20)]
    assert spec.data.train.unit is None


def test_whole_numbers_are_classes_where_the_readme_scores_these_too(tmp_path: Path) -> None:
    saved(tmp_path / "7.png", 7)
    table = pd.DataFrame({"age": [age(n) for n in range(60)]}, dtype=object)
    labels = InferredLabels(image_kind("multiclass"), "age", sorted(set(table["age"])), "")
    texts = {"The score is the RMSE.": "regression", "The score is the accuracy.": "multiclass"}
    for text, kind in (*texts.items(), (" ".join(texts), "multiclass")):
        (tmp_path / "README.txt").write_text(text)
        found = as_readme_numbers(scan_folder(tmp_path, "data"), labels, table)
        assert str(found.kind) == kind


def drafted(data: Path, root: Path) -> str:
    sources = read_plainly(data, root)
    assert sources is not None
    return draft_text(sources, DataError("stopped", where=data), name="shells")


def test_a_draft_names_the_column_of_names_the_numbers_and_the_metric(tmp_path: Path) -> None:
    make(tmp_path / "data")
    text = drafted(tmp_path / "data", tmp_path)
    spec = yaml.safe_load(text)
    assert spec["tasks"] == {"classify": "regression"}
    assert "classes" not in spec
    assert spec["metric"] == {"name": "rmsle"}
    assert spec["data"]["train"]["unit"] == "inventory_no"
    table = pd.read_csv(tmp_path / spec["data"]["train"]["table"], dtype=str)
    assert list(table[spec["data"]["train"]["id"]]) == [x for n in TRAIN for x in photographs(n)]


def test_a_draft_shows_lists_that_are_of_no_one_row(tmp_path: Path) -> None:
    make(tmp_path / "data")
    rows = [row_of(n, lambda names: "; ".join([*names, "DSC_1000.jpg"])) for n in TRAIN]
    for row, n in zip(rows, TRAIN, strict=True):
        row[2] += f"; {photographs((n + 1) % N_TRAIN)[0]}"
    written(tmp_path / "data/shells.csv", HEADER, *rows)
    text = " ".join(drafted(tmp_path / "data", tmp_path).replace("#", " ").split())
    assert "several in a cell" in text.partition("Table")[2].partition("Table")[0]
    assert "of no one row" in text
    assert "No column names images. Table" not in text


def test_many_values_are_numbers_in_a_draft_and_few_are_classes(tmp_path: Path) -> None:
    for of_row, kind in ((lambda n: n % 14, "regression"), (lambda n: n % 5, "multiclass")):
        labels = InferredLabels(
            image_kind("multiclass"), "age", sorted({str(of_row(n)) for n in range(60)}), ""
        )
        table = pd.DataFrame({"age": [str(of_row(n)) for n in range(60)]}, dtype=object)
        saved(tmp_path / "7.png", 7)
        found = as_likely_numbers(scan_folder(tmp_path, "data"), labels, table)
        assert str(found.kind) == kind
