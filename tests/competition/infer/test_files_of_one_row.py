"""Tables whose rows name several images, each with a label of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import yaml

from podium.competition.checks import Finding
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.workflows.checking import check_sample_is_named
from tests.competition.infer.test_odd_labels import begin, put, table

N, N_TEST = 24, 8
EYES = ("Left-Fundus", "Right-Fundus"), ("Left-Grade", "Right-Grade")


def sides_of(row: int, n_sides: int = 2) -> list[int]:
    """Return which images a row has: of every fifth one is lost."""
    return [side for side in range(n_sides) if row % 5 or side != row % n_sides]


def grade(row: int, side: int) -> str:
    return str((row + 2 * side + row // 4) % 4)


def patients(
    data: Path,
    files: Sequence[str] = EYES[0],
    labels: Sequence[str] = EYES[1],
    *,
    key: str = "ID",
    sample: str | None = None,
    test_table: bool = True,
    facts: Sequence[str] = (),
) -> dict[str, str]:
    """Write rows of several images; return the label of each image of train."""
    truth = {}
    rows: dict[str, list[list[str]]] = {"train": [], "test": []}
    for row in range(N + N_TEST):
        part = "train" if row < N else "test"
        names, grades = [""] * len(files), [""] * len(files)
        for side in sides_of(row, len(files)):
            names[side] = f"{100 + row}_{side}.png"
            put(data / f"{part} pictures/{names[side]}", 10 * row + side)
            if part == "train":
                grades[side] = truth[f"{100 + row}_{side}"] = grade(row, side)
        of_row = [str(100 + row)] if key else []
        of_row += ["50" if row % 3 else "60", *names]
        of_row += [str(7 * row + n) for n, _ in enumerate(facts)]
        rows[part].append([*of_row, *(grades if part == "train" else []), "abc"[row % 3]])
    start = [*([key] if key else []), "Patient Age", *files, *facts]
    table(data / "training_rows.csv", [*start, *labels, "Camera"], *rows["train"])
    if test_table:
        table(data / "testing_rows.csv", [*start, "Camera"], *rows["test"])
    if sample is not None:
        ids = [f"{100 + row}_{side}" for row in range(N, N + N_TEST) for side in sides_of(row)]
        table(data / sample, ("Eye", "Grade"), *((one, 0) for one in sorted(ids, key=hash_of)))
    return truth


def hash_of(text: str) -> int:
    return int(text.replace("_", "")) * 37 % 101


def labels_of(found: Competition) -> dict[str, str]:
    samples = load_samples(found, "train")
    names = [Path(images[0]).stem for images in samples["images"]]
    labels = [found.classes[number] for number in samples["label"]]
    return dict(zip(names, labels, strict=True))


def images_of_test(found: Competition) -> set[str]:
    return {Path(images[0]).stem for images in load_samples(found, "test")["images"]}


def all_of_test(n_sides: int = 2) -> set[str]:
    return {
        f"{100 + row}_{side}" for row in range(N, N + N_TEST) for side in sides_of(row, n_sides)
    }


@pytest.mark.parametrize("sample", ["sample_submission.csv", None])
@pytest.mark.parametrize(
    ("files", "labels"),
    [
        EYES,
        (("image_a", "image_b"), ("label_a", "label_b")),
        (("front_file", "back_file"), ("front_class", "back_class")),
        (("photo1", "photo2"), ("kind1", "kind2")),
        (("leftimage", "rightimage"), ("GradeLeft", "GradeRight")),
        (("od", "os"), ("grade of OD", "grade of OS")),
    ],
)
def test_a_label_for_each_image_of_a_row_makes_a_row_for_each(
    tmp_path: Path, files: Sequence[str], labels: Sequence[str], sample: str | None
) -> None:
    truth = patients(tmp_path / "data", files, labels, sample=sample)
    found, notes = begin(tmp_path)
    assert not found.to_choose
    assert labels_of(found) == truth
    assert images_of_test(found) == all_of_test()
    assert "with a row for each image of" in notes
    assert "no image" not in notes
    assert "to mend" not in notes
    if sample is not None:
        assert found.data.train.label == "Grade"
        assert set(load_samples(found, "test")["id"]) == all_of_test()
        assert set(load_samples(found, "train")["id"]) == truth.keys()
    # Images of one row stay together.
    assert (found.folds.scheme, found.folds.group) == ("stratified_group", "ID")
    samples = load_samples(found, "train")
    assert [one.partition("_")[0] for one in samples["id"]] == list(samples["group"])


def test_rows_may_have_more_than_two_images(tmp_path: Path) -> None:
    views = ("top", "side", "bottom")
    files, labels = [f"{one}_view" for one in views], [f"{one}_defect" for one in views]
    truth = patients(tmp_path / "data", files, labels)
    found, _ = begin(tmp_path)
    assert labels_of(found) == truth
    assert images_of_test(found) == all_of_test(3)
    assert found.data.train.label == "defect"
    written = pd.read_csv(tmp_path / str(found.data.train.table), dtype=str)
    # One of the views is called as the column that tells them apart.
    assert set(written["side"]) == set(views)


def test_without_a_key_rows_are_numbered(tmp_path: Path) -> None:
    truth = patients(tmp_path / "data", key="")
    found, _ = begin(tmp_path)
    assert found.folds.group == "row"
    assert labels_of(found) == truth
    samples = load_samples(found, "train")
    rows = [str(int(Path(one).stem.partition("_")[0]) - 99) for one in samples["id"]]
    assert list(samples["group"]) == rows


@pytest.mark.parametrize("test_table", [True, False])
def test_facts_of_each_image_are_no_labels(tmp_path: Path, test_table: bool) -> None:
    data = tmp_path / "data"
    facts = ("Left-Width", "Right-Width")
    truth = patients(data, facts=facts, test_table=test_table)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "Grade"
    assert labels_of(found) == truth
    assert images_of_test(found) == all_of_test()
    written = pd.read_csv(tmp_path / str(found.data.train.table), dtype=str)
    assert "Width" in written


@pytest.mark.parametrize("label", ["Left-Grade", "Right-Grade", "Grade"])
def test_the_label_of_one_side_is_the_label_of_every_image(tmp_path: Path, label: str) -> None:
    truth = patients(tmp_path / "data")
    found, _ = begin(tmp_path, label)
    assert labels_of(found) == truth


@pytest.mark.parametrize("label", ["Left-Grade", "Right-Grade"])
def test_a_label_is_never_of_the_image_of_another_side(tmp_path: Path, label: str) -> None:
    data = tmp_path / "data"
    patients(data, test_table=False)
    # A row of the sample is of both images, so that rows stay as they are.
    table(data / "sample.csv", ("ID", "answer"), *((100 + row, 0) for row in range(N, N + N_TEST)))
    train = pd.read_csv(data / "training_rows.csv", dtype=str, keep_default_na=False)
    train.loc[train["Left-Fundus"] == "", "Left-Fundus"] = "101_0.png"
    train.loc[train["Right-Fundus"] == "", "Right-Fundus"] = "101_1.png"
    train.to_csv(data / "training_rows.csv", index=False)
    found, _ = begin(tmp_path, label)
    own = label.replace("Grade", "Fundus")
    assert f"{{{own}}}" in str(found.data.train.images)


def test_test_is_of_the_same_column_of_images_as_train(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = []
    for row in range(30):
        part = "train" if row < 22 else "test"
        for side in ("near", "far"):
            put(data / f"{part}/{side}{row}.png", 10 * row + len(side))
        rows.append((row, f"near{row}.png", f"far{row}.png", "abc"[row % 3]))
    # Images of train stand twice in a column, and so a row of a table is not of its images alone.
    train = [(row, f"near{row // 2}.png", far, kind) for row, _, far, kind in rows[:22]]
    table(data / "train.csv", ("row", "near", "far", "far_kind"), *train)
    table(data / "test.csv", ("row", "near", "far"), *(row[:3] for row in rows[22:]))
    found, _ = begin(tmp_path)
    assert found.data.train.images == "data/train/{far}"
    assert found.data.test is not None
    assert found.data.test.images == "data/test/{far}"


@pytest.mark.parametrize("name", ["XYZ_ODR_submission.csv", "answers.csv"])
def test_a_sample_is_known_by_the_images_that_it_names(tmp_path: Path, name: str) -> None:
    truth = patients(tmp_path / "data", sample=name)
    found, _ = begin(tmp_path)
    assert found.submission.sample == f"data/{name}"
    assert found.submission.columns == {"Eye": "id", "Grade": "value"}
    assert labels_of(found) == truth


def pictures(data: Path) -> list[str]:
    for n in range(24):
        put(data / f"{'train' if n < 18 else 'test'}/{n}p.png", n)
    table(data / "train.csv", ("photo", "kind"), *((f"{n}p.png", "abc"[n % 3]) for n in range(18)))
    return [f"{n}p" for n in range(18, 24)]


@pytest.mark.parametrize(
    ("name", "header", "cells"),
    [
        ("team_submission.csv", ("photo", "kind"), ["a", "b"]),
        ("answers.csv", ("photo", "kind"), ["a"]),
        ("upload.csv", ("file", "a", "b", "c"), ["0.3,0.3,0.4"]),
    ],
)
def test_a_sample_of_plain_images_is_known_by_content(
    tmp_path: Path, name: str, header: Sequence[str], cells: Sequence[str]
) -> None:
    names = pictures(tmp_path / "data")
    rows = [(one, cells[n % len(cells)]) for n, one in enumerate(names)]
    table(tmp_path / "data" / name, header, *rows)
    found, _ = begin(tmp_path)
    assert found.submission.sample == f"data/{name}"


@pytest.mark.parametrize(
    ("name", "header", "cells"),
    [
        ("list.csv", ("photo", "width"), ["640"]),
        ("list.csv", ("photo", "camera"), ["x"]),
        ("list.csv", ("photo", "age"), ["30", "40"]),
        ("exposures.csv", ("photo", "exposure"), ["30", "40"]),
        ("test.csv", ("photo", "gain"), ["2"]),
        ("submission_rules.csv", ("rule", "text"), ["a", "b"]),
    ],
)
def test_facts_of_test_images_are_no_sample(
    tmp_path: Path, name: str, header: Sequence[str], cells: Sequence[str]
) -> None:
    names = pictures(tmp_path / "data")
    if name.startswith("submission"):
        names = ["one", "two", "three"]
    rows = [(one, cells[n % len(cells)]) for n, one in enumerate(names)]
    table(tmp_path / "data" / name, header, *rows)
    assert begin(tmp_path)[0].submission.sample is None


def test_half_of_the_images_to_predict_are_no_sample(tmp_path: Path) -> None:
    names = pictures(tmp_path / "data")
    table(tmp_path / "data/list.csv", ("photo", "answer"), *((one, "0") for one in names[1:]))
    assert begin(tmp_path)[0].submission.sample is None


def findings_without_sample(root: Path) -> list[Finding]:
    file = root / "competition.yaml"
    spec = yaml.safe_load(file.read_text())
    spec["submission"]["sample"] = None
    file.write_text(yaml.safe_dump(spec))
    return check_sample_is_named(load_competition(root))


@pytest.mark.parametrize("name", ["XYZ_ODR_submission.csv", "sample_submission.csv"])
def test_check_names_a_sample_that_is_not_used(tmp_path: Path, name: str) -> None:
    patients(tmp_path / "data", sample=name)
    found, _ = begin(tmp_path)
    assert not check_sample_is_named(found)
    (finding,) = findings_without_sample(tmp_path)
    assert (finding.level, finding.items) == ("warning", (name,))
    assert finding.mend == f'submission: {{sample: "data/{name}"}}'


def test_check_names_no_file_where_none_is_called_so(tmp_path: Path) -> None:
    patients(tmp_path / "data")
    assert not check_sample_is_named(begin(tmp_path)[0])


# What stays as it is


def test_one_label_of_several_images_leaves_them_together(tmp_path: Path) -> None:
    data = tmp_path / "data"
    patients(data, labels=("kind of both", "note"))
    train = pd.read_csv(data / "training_rows.csv", dtype=str, keep_default_na=False)
    train = train.drop(columns="note")
    train = train[(train[list(EYES[0])] != "").all(axis=1)]
    train.to_csv(data / "training_rows.csv", index=False)
    test = pd.read_csv(data / "testing_rows.csv", dtype=str, keep_default_na=False)
    test[(test[list(EYES[0])] != "").all(axis=1)].to_csv(data / "testing_rows.csv", index=False)
    found, _ = begin(tmp_path)
    assert {len(images) for images in load_samples(found, "train")["images"]} == {2}


def test_a_sample_with_a_row_for_each_row_leaves_images_together(tmp_path: Path) -> None:
    data = tmp_path / "data"
    patients(data)
    rows = ((100 + row, 0, 0) for row in range(N, N + N_TEST))
    table(data / "sample_submission.csv", ("ID", *EYES[1]), *rows)
    _, notes = begin(tmp_path)
    assert "with a row for each image" not in notes


def test_images_that_stand_in_several_rows_are_not_parted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    patients(data)
    train = pd.read_csv(data / "training_rows.csv", dtype=str, keep_default_na=False)
    train["Left-Fundus"] = train["Left-Fundus"].iloc[1]
    train.to_csv(data / "training_rows.csv", index=False)
    _, notes = begin(tmp_path)
    assert "with a row for each image" not in notes
