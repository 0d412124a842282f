"""Tables with a row for each folder of images: sessions of two to four exposures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

NAMES = [f"{('KIT', 'NOS', 'FIM')[n % 3]}-2018-04-{n:02}" for n in range(1, 31)]
TRAIN = {name: "abc"[n % 3] for n, name in enumerate(NAMES[:22])}


def sessions(data: Path, *, deep: bool = False) -> None:
    for n, name in enumerate(NAMES):
        where = name.replace("-", "/", 1) if deep else name
        for k in range(2 + n % 3):
            put(data / f"{'train' if name in TRAIN else 'test'}/{where}/exp{k + 1}.png", 7 * n + k)
    rows = [(name, "a") for name in NAMES if name not in TRAIN]
    table(data / "sample_submission.csv", ("session", "grade"), *rows)


def assert_is_read(tmp_path: Path, unit: str = "{session}") -> str:
    found, notes = begin(tmp_path)
    train = found.data.train
    assert (train.unit, train.label, found.submission.value) == (unit, "grade", "name")
    samples = load_samples(found, "train")
    labels = [found.classes[number] for number in samples["label"]]
    assert dict(zip(samples["unit"], labels, strict=True)) == TRAIN
    assert len(samples["id"]) == sum(2 + n % 3 for n in range(22))
    assert set(load_samples(found, "test")["unit"]) == set(NAMES) - TRAIN.keys()
    return notes


@pytest.mark.parametrize("deep", [False, True])
def test_a_session_that_is_listed_twice_counts_once(tmp_path: Path, deep: bool) -> None:
    sessions(tmp_path / "data", deep=deep)
    rows = [*TRAIN.items(), *list(TRAIN.items())[:3]]
    table(tmp_path / "data/train.csv", ("session", "grade"), *rows)
    notes = assert_is_read(tmp_path, "session" if deep else "{session}")
    assert "train.csv without 3 rows that stand twice" in notes


def test_rows_of_one_session_that_differ_are_refused_by_name(tmp_path: Path) -> None:
    sessions(tmp_path / "data")
    rows = [*TRAIN.items(), (NAMES[0], "c")]
    table(tmp_path / "data/train.csv", ("session", "grade"), *rows)
    with pytest.raises(DataError, match=f"'{NAMES[0]}' in 'grade'"):
        begin(tmp_path)


@pytest.mark.parametrize("twice", [0, 2])
def test_json_lines_are_a_table_of_folders(tmp_path: Path, twice: int) -> None:
    data = tmp_path / "data"
    sessions(data)
    of_train = [{"session": one, "moon": 0.5, "grade": grade} for one, grade in TRAIN.items()]
    of_test = [{"session": one, "moon": 0.5} for one in NAMES if one not in TRAIN]
    for part, rows in (("train", of_train + of_train[:twice]), ("test", of_test)):
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (data / f"sessions_{part}.jsonl").write_text(lines)
    assert_is_read(tmp_path)


@pytest.mark.parametrize("deep", [False, True])
def test_the_column_that_groups_the_rows_of_folders_is_found(tmp_path: Path, deep: bool) -> None:
    data = tmp_path / "data"
    sessions(data, deep=deep)
    rows = [(name, f"p{n // 2:02}", grade) for n, (name, grade) in enumerate(TRAIN.items())]
    table(data / "train.csv", ("session", "patient", "grade"), *rows)
    found, _ = begin(tmp_path)
    assert found.folds.group == "patient"
    samples = load_samples(found, "train")
    patients = {name: patient for name, patient, _ in rows}
    assert list(samples["group"]) == [patients[unit] for unit in samples["unit"]]


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("told", [("test", "sample"), ("sample",)])
def test_folders_of_train_and_test_lie_together(
    tmp_path: Path, deep: bool, told: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    sessions(data, deep=deep)
    for n, name in enumerate(NAMES):
        where = name.replace("-", "/", 1) if deep else name
        for k in range(2 + n % 3):
            old = data / f"{'train' if name in TRAIN else 'test'}/{where}/exp{k + 1}.png"
            new = data / f"pool/{where}/exp{k + 1}.png"
            new.parent.mkdir(parents=True, exist_ok=True)
            old.rename(new)
    table(data / "train.csv", ("session", "grade"), *TRAIN.items())
    if "test" in told:
        table(data / "test.csv", ("session",), *[(one,) for one in NAMES if one not in TRAIN])
    notes = assert_is_read(tmp_path, "session")
    assert "a row for each image of a session" in notes
    found, _ = begin(tmp_path)
    assert set(load_samples(found, "train")["unit"]) == TRAIN.keys()
    assert found.folds.group == "session"


@pytest.mark.parametrize("sign", ["/", " ", "–"])
def test_folders_of_a_pool_are_spelt_with_other_signs(tmp_path: Path, sign: str) -> None:
    data = tmp_path / "data"
    for n in range(20):
        for k in range(1 + n % 3):
            put(data / f"pool/ZM_{1893 + n % 2}_{n:03}/exp{k}.png", 10 * n + k)
    names = [f"ZM{sign}{1893 + n % 2}{sign}{n:03}" for n in range(20)]
    table(
        data / "shells.csv",
        ("shell", "grade"),
        *((one, "abc"[n % 3]) for n, one in enumerate(names[:14])),
    )
    table(data / "sample_submission.csv", ("shell", "grade"), *((one, "a") for one in names[14:]))
    found, notes = begin(tmp_path)
    assert "whose folder is spelt otherwise (ZM_1893_000 for " in notes
    for part, numbers in (("train", range(14)), ("test", range(14, 20))):
        samples = load_samples(found, part)
        own = zip(samples["unit"], samples["images"], strict=True)
        pairs = {(unit, str(files[0]).split("pool/")[1]) for unit, files in own}
        assert pairs == {
            (names[n], f"ZM_{1893 + n % 2}_{n:03}/exp{k}.png")
            for n in numbers
            for k in range(1 + n % 3)
        }


@pytest.mark.parametrize("is_pool", [False, True])
def test_one_table_has_rows_of_all_folders_and_the_sample_parts_them(
    tmp_path: Path, is_pool: bool
) -> None:
    data = tmp_path / "data"
    sessions(data)
    if is_pool:
        (data / "train").rename(data / "pool")
        for one in (data / "test").iterdir():
            one.rename(data / "pool" / one.name)
        (data / "test").rmdir()
    rows = [(name, "12", TRAIN.get(name, "")) for name in NAMES]
    table(data / "log.csv", ("session", "depth", "grade"), *rows)
    notes = assert_is_read(tmp_path, "session" if is_pool else "{session}")
    assert "log.csv without the rows that sample_submission.csv names" in notes


def test_a_sample_of_folders_beside_a_train_of_images_is_refused_with_what_is_missing(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    sessions(data)
    (data / "train").rename(data / "pool")
    for one in (data / "test").iterdir():
        one.rename(data / "pool" / one.name)
    (data / "test").rmdir()
    rows = [
        (f"{name}/exp{k + 1}.png", name, TRAIN[name])
        for n, name in enumerate(NAMES)
        for k in range(2 + n % 3)
        if name in TRAIN
    ]
    table(data / "train.csv", ("image", "session", "grade"), *rows)
    with pytest.raises(DataError, match="are of folders of images") as caught:
        begin(tmp_path)
    assert "test.csv with a row an image to predict" in caught.value.fix


@pytest.mark.parametrize("boxes", [False, True], ids=["alone", "with boxes beside"])
def test_rows_of_folders_and_classes_are_asked_for_and_bits_name_no_slice(
    tmp_path: Path, boxes: bool
) -> None:
    data, levels = tmp_path / "data", ["any", "C1", "C2"]
    studies = [f"1.2.8{n}" for n in range(16)]
    cells = {one: [str((n >> k) % 2) for k in range(3)] for n, one in enumerate(studies[:13])}
    for n, study in enumerate(studies):
        for k in (0, 1, 2):  # as 0 and 1 of the labels are
            put(data / f"{'train' if study in cells else 'test'}/{study}/{k}.png", 3 * n + k)
    table(data / "train.csv", ("StudyUID", *levels), *((one, *row) for one, row in cells.items()))
    if boxes:
        rows = [(one, n, n + 2, 7, 9, n % 3) for n, one in enumerate([*cells][::2])]
        table(data / "boxes.csv", ("StudyUID", "x", "y", "width", "height", "slice"), *rows)
    sent = [(f"{one}_{level}", 0.5) for one in studies[13:] for level in levels]
    table(data / "sample_submission.csv", ("row_id", "broken"), *sent)
    found, _ = begin(tmp_path)
    assert (found.submission.rows, found.submission.value) == ("image_class", "prob")
    assert found.classes == levels
    assert found.to_choose == []
    samples = load_samples(found, "train")
    read = {
        unit: [str(int(one)) for one in row]
        for unit, row in zip(samples["unit"], samples["label"], strict=True)
    }
    assert read == cells
    assert len(samples["id"]) == 3 * len(cells)
    assert set(load_samples(found, "test")["unit"]) == set(studies[13:])


def test_rows_of_a_pool_that_no_image_is_of_are_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, name in enumerate(NAMES):
        for k in range(0 if n in (3, 5) else 2 + n % 3):
            put(data / f"pool/{name}/exp{k + 1}.png", 7 * n + k)
    table(data / "train.csv", ("session", "grade"), *TRAIN.items())
    asked = [(name, "a") for name in NAMES if name not in TRAIN]
    table(data / "sample_submission.csv", ("session", "grade"), *asked)
    found, notes = begin(tmp_path)
    of_train = next(one for one in notes.splitlines() if "train_rows.csv" in one)
    assert of_train.endswith(f"without 2 rows that no image is of: '{NAMES[3]}', '{NAMES[5]}'")
    assert all(NAMES[3] not in one for one in notes.splitlines() if one != of_train)
    assert set(load_samples(found, "train")["unit"]) == TRAIN.keys() - {NAMES[3], NAMES[5]}
