"""Groups of folds that the names of images tell."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from podium.competition.checks.data import check_data
from podium.competition.folds import make_folds
from podium.competition.ids.rows import groups_of_rows
from podium.competition.infer.groups.names import find_group_in_names
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workspace.layout import Workspace

SIDE = 8


def picture(file: Path, number: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file)


def table_of(
    root: Path, train: list[str], test: list[str], labels: list[str] | None = None
) -> Inferred:
    """Return the reading of a table of train images with these labels, or two by turns."""
    data = root / "data"
    for part, names in (("train", train), ("test", test)):
        for number, name in enumerate(names):
            picture(data / part / f"{name}.png", number)
    labels = labels or ["ab"[number % 2] for number in range(len(train))]
    pd.DataFrame({"image": train, "label": labels}).to_csv(data / "train.csv", index=False)
    sample = pd.DataFrame({"image": test, "label": labels[:1] * len(test)})
    sample.to_csv(data / "sample_submission.csv", index=False)
    return infer(data, root)


@pytest.mark.parametrize(
    "form", ["patient{0:02}_{1}", "sub-{0:02}_ses-{1}", "case_{0:03}_slice_{1}"]
)
def test_a_patient_in_the_names_is_the_group_and_no_fold_splits_it(
    form: str, tmp_path: Path
) -> None:
    train = [form.format(patient, image) for patient in range(12) for image in range(3)]
    test = [form.format(patient, 0) for patient in range(12, 15)]
    found = table_of(tmp_path, train, test).competition
    assert found.folds.scheme == "stratified_group"
    samples = load_samples(found, "train")
    of = dict(zip(samples["id"], samples["group"], strict=True))
    for patient in range(12):
        assert len({of[form.format(patient, image)] for image in range(3)}) == 1
    assert len(set(of.values())) == 12
    folds = make_folds(samples, scheme="stratified_group")
    assert pd.Series(folds).groupby(samples["group"].to_numpy()).nunique().max() == 1


def test_check_warns_of_folds_that_split_patients_and_the_line_that_it_gives_mends_it(
    tmp_path: Path,
) -> None:
    train = [f"patient{patient:02}_{image}" for patient in range(12) for image in range(3)]
    found = table_of(tmp_path, train, ["patient12_0", "patient13_0"]).competition
    plain = found.folds.model_copy(update={"scheme": "stratified", "group": None})
    split = found.model_copy(update={"folds": plain}).at(tmp_path)
    samples, workspace = load_samples(split, "train"), Workspace(tmp_path)
    (warning,) = [one for one in check_data(workspace, split) if "in two folds" in one.title]
    folds = make_folds(samples, scheme="stratified")
    patients = [one.partition("_")[0] for one in samples["id"]]
    parts = pd.Series(folds).groupby(patients).nunique()
    assert sorted(warning.items) == sorted(parts.index[parts > 1])
    assert found.folds.group is not None
    assert found.folds.group in warning.mend
    assert not [one for one in check_data(workspace, found) if "in two folds" in one.title]


def test_beginnings_that_test_does_not_share_are_the_group(tmp_path: Path) -> None:
    """Without a word: the host kept each beginning on one side."""
    train = [f"{place:04}_{image}" for place in range(12) for image in range(3)]
    test = [f"{place:04}_{image}" for place in range(12, 18) for image in range(3)]
    found = table_of(tmp_path, train, test)
    assert found.competition.folds.group == "image={group}_*"
    assert "never in both" in found.text


@pytest.mark.parametrize(("n_train", "n_test", "n"), [(6, 2, 8), (8, 3, 30), (10, 1, 5)])
def test_few_beginnings_that_test_does_not_share_are_the_group_where_chance_would_tear_them(
    n_train: int, n_test: int, n: int, tmp_path: Path
) -> None:
    names = [f"drive{one:02}_{k:03}" for one in range(n_train + n_test) for k in range(n)]
    found = table_of(tmp_path, names[: n_train * n], names[n_train * n :])
    assert found.competition.folds.group == "image={group}_*"
    assert found.competition.to_choose == []
    assert set(load_samples(found.competition, "train")["group"]) == {
        f"drive{one:02}" for one in range(n_train)
    }


def test_letters_that_test_does_not_share_are_the_group(tmp_path: Path) -> None:
    train = [f"{letter}-{k:02}" for letter in "ABCDEFGH" for k in range(8)]
    test = [f"{letter}-{k:02}" for letter in "IJ" for k in range(8)]
    assert table_of(tmp_path, train, test).competition.folds.group == "image={group}-*"


@pytest.mark.parametrize("n_classes", [2, 5])
def test_beginnings_that_may_be_groups_are_in_the_comment_of_no_group(
    n_classes: int, tmp_path: Path
) -> None:
    train = [f"{letter}-{k:02}" for letter in "ABCDEFGH" for k in range(30)]
    classes = [f"class {number % n_classes}" for number in range(len(train))]
    found = table_of(tmp_path, train, [f"t{k}" for k in range(20)], classes)
    assert found.competition.folds.group is None
    assert any(note.startswith("8 beginnings of ids, as 'A', come sev") for note in found.notes)
    assert "no column looks like" not in found.text
    assert "# 8 beginnings of ids, as 'A', come several times" in found.text


def test_three_beginnings_that_test_does_not_share_are_a_note(tmp_path: Path) -> None:
    names = [f"drive{one}_{k:02}" for one in range(5) for k in range(10)]
    found = table_of(tmp_path, names[:30], names[30:])
    assert found.competition.folds.group is None
    (note,) = [one for one in found.notes if "too few" in one]
    assert "n: 3, group: 'image={group}_*'" in note


@pytest.mark.parametrize("word", ["person", "kind"])
def test_beginnings_that_are_the_classes_are_no_group(word: str, tmp_path: Path) -> None:
    train = [f"{word}{one}_{k:02}" for one in range(6) for k in range(8)]
    found = table_of(tmp_path, train, [f"t{k}" for k in range(9)], [one[:-3] for one in train])
    assert found.competition.folds.group is None
    assert "no column looks like" in found.text


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ([f"img_{n:04}" for n in range(36)], [f"img_{n:04}" for n in range(36, 50)]),
        ([f"{n:04}_{n * 7 % 40:03}" for n in range(36)], [f"{n:04}_0" for n in range(36, 50)]),
        ([f"2021-03-{n % 9 + 1:02}_{n}" for n in range(36)], ["2021-03-01_90", "2021-03-02_91"]),
        ([f"camera{n % 3}_{n}" for n in range(36)], [f"camera{n % 3}_{n}" for n in range(36, 50)]),
    ],
    ids=["counter", "each once", "dates of both", "three cameras"],
)
def test_other_names_are_no_groups(train: list[str], test: list[str], tmp_path: Path) -> None:
    assert table_of(tmp_path, train, test).competition.folds.group is None


@pytest.mark.parametrize("test", [["t1", "t2", "t3"], ["new_1_a", "new_2_b"]])
def test_test_images_may_be_named_in_another_way(test: list[str], tmp_path: Path) -> None:
    train = [f"patient{patient:02}_{image}" for patient in range(12) for image in range(3)]
    found = table_of(tmp_path, train, test).competition
    assert found.folds.group == "image={group}_*"
    assert load_samples(found, "test")["id"].tolist() == test


def test_a_key_that_is_no_part_of_ids_is_a_column_that_is_missing(tmp_path: Path) -> None:
    found = table_of(tmp_path, [f"a{n}" for n in range(12)], ["b1"]).competition
    folds = found.folds.model_copy(update={"scheme": "group", "group": "{id}"})
    with pytest.raises(DataError, match="no column 'id'"):
        load_samples(found.model_copy(update={"folds": folds}), "train")


def test_patients_in_train_and_test_are_a_note_and_no_group(tmp_path: Path) -> None:
    train = [f"patient{patient:02}_{image}" for patient in range(12) for image in range(3)]
    test = [f"patient{patient:02}_{image}" for patient in range(12) for image in (3, 4)]
    found = table_of(tmp_path, train, test)
    assert found.competition.folds.group is None
    assert any("most are in test, too" in note for note in found.notes)


def test_cases_in_the_names_of_images_with_masks(tmp_path: Path) -> None:
    data, mask = tmp_path / "data", np.zeros((SIDE, SIDE), np.uint8)
    mask[2:5, 3:6] = 255
    (data / "train/masks").mkdir(parents=True)
    for case in range(12):
        for piece in range(3):
            name = f"case_{case:02}_{piece}.png"
            picture(data / "train/images" / name, 3 * case + piece)
            Image.fromarray(mask).save(data / "train/masks" / name)
    for case in range(12, 15):
        picture(data / f"test/case_{case:02}_0.png", case)
    found = infer(data, tmp_path).competition
    assert (found.folds.scheme, found.folds.group) == ("stratified_group", "id={group}_*")
    groups = load_samples(found, "train")["group"]
    assert sorted(groups) == sorted(f"case_{case:02}" for case in range(12) for _ in range(3))
    assert load_samples(found, "test")["id"].tolist() == [f"case_{n:02}_0" for n in (12, 13, 14)]


@given(
    word=st.sampled_from(["patient", "Subject", "video-", "scene_", "sub-"]),
    sign=st.sampled_from("_- "),
    views=st.integers(2, 4),
    tail=st.sampled_from(["", "_L", "-left-3"]),
    n=st.integers(5, 30),
)
def test_the_key_that_is_found_separates_patients(
    word: str, sign: str, views: int, tail: str, n: int
) -> None:
    owner = {
        f"{word}{patient}{sign}{view}{tail}": patient
        for patient in range(n)
        for view in range(views)
    }
    group, _ = find_group_in_names(list(owner), [], column="image", labels={})
    assert group is not None
    found = groups_of_rows(pd.DataFrame({"image": list(owner)}), group.column)
    pairs = set(zip(found, owner.values(), strict=True))
    assert len(pairs) == n == len(set(found))


def test_folders_of_train_that_test_does_not_share_are_groups() -> None:
    parcels = ("Chenin-bas", "La-Roche", "Coteau", "Moulin", "Clos-3", "Source", "Haut")
    ids = [f"{one}/day_{day}/v{n}.jpg" for one in parcels for day in (1, 2) for n in range(5)]
    others = [
        f"{one}/day_{day}/v{n}" for one in ("Clos-7", "V") for day in (1, 2) for n in range(5)
    ]
    found, notes = find_group_in_names(ids, others, column="id", labels={})
    assert found is not None
    assert (found.column, found.n, notes) == ("id={group}/*/*", 7, [])
    mixed = [f"{one}/day_3/v{n}" for one in parcels[:2] for n in range(5)]
    assert find_group_in_names(ids, mixed, column="id", labels={})[0] is None


def test_tracks_numbered_anew_in_each_class_are_grouped_by_class_and_track(tmp_path: Path) -> None:
    data = tmp_path / "data"
    tracks = {"stop": 3, "yield": 4, "park": 3}
    n = 0
    for name, several in tracks.items():
        for track in range(several):
            for frame in range(4):
                picture(data / "train" / name / f"{track:05}_{frame:05}.png", n := n + 1)
    for number in range(9):
        picture(data / "test" / f"{number:05}.png", n + number)
    found = infer(data, tmp_path)
    [note] = [one for one in found.notes if "numbered anew" in one]
    assert "data.train.id: '{class}-{stem}'" in note
    assert "group: 'id={group}_*'}; where" in note
    train = found.competition.data.train.model_copy(update={"id": "{class}-{stem}"})
    chosen = found.competition.model_copy(
        update={"data": found.competition.data.model_copy(update={"train": train})}
    ).at(tmp_path)
    groups = groups_of_rows(load_samples(chosen, "train"), "id={group}_*")
    assert len(set(groups)) == sum(tracks.values())


def test_numbers_that_go_on_over_classes_are_of_one_track_each() -> None:
    ids = [f"{name}/{t}_{n}" for k, name in enumerate("ab") for t in (3 * k, 3 * k + 1, 3 * k + 2)
           for n in range(3)]  # fmt: skip
    labels = {one: one[0] for one in ids}
    _, notes = find_group_in_names(ids, [], column="id", labels=labels, are_in_classes=True)
    assert not any("anew" in one for one in notes)


def test_a_column_that_test_has_is_no_label_beside_class_folders(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for part in ("train/00000", "train/00001", "test"):
        rows = []
        for number in range(12):
            picture(data / part / f"{number:05}.png", number + 100 * len(part))
            rows.append((f"{number:05}.png", *rng.integers(15, 40, 2), part[-1]))
        frame = pd.DataFrame(rows, columns=["Filename", "Roi.X2", "Roi.Y2", "ClassId"])
        frame = frame.drop(columns="ClassId") if part == "test" else frame
        frame.to_csv(data / part / f"GT-{part.replace('/', '_')}.csv", index=False, sep=";")
    sample = pd.DataFrame({"Filename": [f"{n:05}.png" for n in range(12)], "answer": 0})
    sample.to_csv(data / "sample_submission.csv", index=False)
    assert "data.train.label" not in infer(data, tmp_path).competition.to_choose
    table = data / "test/GT-test.csv"
    table.write_text(table.read_text().replace("Roi.X2", "x").replace("Roi.Y2", "y"))
    assert infer(data, tmp_path).competition.data.train.label == "ClassId"  # by its name


def test_digests_that_test_does_not_share_are_the_group() -> None:
    digests = [hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest() for n in range(24)]
    train = [f"{one}_{100 * k + 20}" for one in digests[:18] for k in range(3)]
    test = [f"{one}_{100 * k + 20}" for one in digests[18:] for k in range(2)]
    group, notes = find_group_in_names(train, test, column="frame", labels={})
    assert group is not None
    assert (group.column, group.n, notes) == ("frame={group}_*", 18, [])


def test_a_longer_beginning_is_proposed_where_the_shorter_ones_are_fewer_than_folds():
    ids = [
        f"L{line}_P{plate:02d}_{side}" for line in range(4) for plate in range(9) for side in "ab"
    ]
    _, notes = find_group_in_names(ids, [], column="id", labels={})
    assert len(notes) == 1
    assert "36 beginnings of ids" in notes[0]
    assert "group: 'id={group}_*'" in notes[0]
    several = [one.replace("L", f"L{at % 3}") for at, one in enumerate(ids)]  # 12 of them
    _, notes = find_group_in_names(several, [], column="id", labels={})
    assert "group: 'id={group}_*_*'" in notes[0]
