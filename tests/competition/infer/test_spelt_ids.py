"""Ids that are the files' names but for signs and zeros: `1234/2` of `1234-2.jpg`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

PIECES = [(100 + 7 * n // 2, 1 + n % 3) for n in range(60)]
"""The number of a panel, and of a tile in it."""
ERA = {piece: ("lace", "tile", "gold")[n % 3] for n, piece in enumerate(PIECES)}
Spell = Callable[[int, int], str]


def write(data: Path, name: Spell, of_id: Spell, *, apart: bool = False) -> tuple[set[str], ...]:
    """Write a folder whose sample names the last panels; return the ids of train and of test."""
    ids = {piece: of_id(*piece) for piece in PIECES}
    train, test = PIECES[:40], PIECES[40:]
    for n, piece in enumerate(PIECES):
        where = ("train/" if piece in train else "test/") * apart
        put(data / f"photos/{where}{name(*piece)}.png", n)
    rows = [(ids[one], "hall", ERA[one]) for one in train]
    table(data / "train.csv", ("number", "room", "era"), *rows)
    table(data / "sample_submission.csv", ("number", "era"), *((ids[one], "lace") for one in test))
    return {ids[one] for one in train}, {ids[one] for one in test}


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("name", "of_id"),
    [
        (lambda a, b: f"{a}-{b}", lambda a, b: f"{a}/{b}"),
        (lambda a, b: f"Inv_{a}_{b:03}", lambda a, b: f"INV {a}.{b}"),
        (lambda a, b: f"{a}_{b}", lambda a, b: f"{a}-{b}.png"),
    ],
)
def test_ids_with_other_signs_are_the_files_of_these_names(
    tmp_path: Path, name: Spell, of_id: Spell, apart: bool
) -> None:
    train, test = write(tmp_path / "data", name, of_id, apart=apart)
    found, notes = begin(tmp_path)
    assert set(load_samples(found, "train")["id"]) == train
    assert set(load_samples(found, "test")["id"]) == test
    assert found.data.train.label == "era"
    assert "with the file of each number" in notes


def test_of_ids_and_names_of_files_those_of_the_sample_are_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    train, test = write(data, lambda a, b: f"{a}-{b}", lambda a, b: f"{a}/{b}")
    rows = [(f"{a}-{b}.png", f"{a}/{b}", ERA[a, b]) for a, b in PIECES[:40]]
    table(data / "train.csv", ("file", "number", "era"), *rows)
    found, _ = begin(tmp_path)
    assert (found.data.train.id, found.data.test.id) == ("number", "number")
    assert set(load_samples(found, "train")["id"]) == train
    assert set(load_samples(found, "test")["id"]) == test


def test_ids_of_two_files_each_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data, lambda a, b: f"{a}-{b}", lambda a, b: f"{a}/{b}")
    a, b = PIECES[0]
    put(data / f"photos/{a}_{b}.png", 99)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def test_an_id_of_which_the_file_is_lost_is_left_out(tmp_path: Path) -> None:
    data = tmp_path / "data"
    train, _ = write(data, lambda a, b: f"{a}-{b}", lambda a, b: f"{a}/{b}")
    a, b = PIECES[3]
    (data / f"photos/{a}-{b}.png").unlink()
    found, notes = begin(tmp_path)
    assert set(load_samples(found, "train")["id"]) == train - {f"{a}/{b}"}
    assert found.data.train.exclude == [f"{a}/{b}"]
    assert "left out" in notes


def test_a_sample_of_another_name_may_spell_its_ids_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    train, test = write(data, lambda a, b: f"{a}-{b}", lambda a, b: f"{a}/{b}")
    (data / "sample_submission.csv").rename(data / "outcome.csv")
    found, notes = begin(tmp_path)
    assert set(load_samples(found, "train")["id"]) == train
    assert set(load_samples(found, "test")["id"]) == test
    assert "outcome.csv is taken as the sample submission" in notes


@pytest.mark.parametrize("sample", ["sample_submission.csv", "answer_sheet.csv"])
def test_a_table_of_what_is_known_of_images_to_predict_hides_no_sample(
    tmp_path: Path, sample: str
) -> None:
    data = tmp_path / "data"
    train, test = write(data, lambda a, b: f"{a}-{b}", lambda a, b: f"{a}/{b}")
    (data / "sample_submission.csv").rename(data / sample)
    rows = [(f"{a}/{b}", ("attic", "yard")[n % 2]) for n, (a, b) in enumerate(PIECES[40:])]
    table(data / "finds.csv", ("number", "room"), *rows)
    found, _ = begin(tmp_path)
    assert set(load_samples(found, "train")["id"]) == train
    assert set(load_samples(found, "test")["id"]) == test
    assert found.data.train.label == "era"


def test_paths_of_which_some_lack_the_ending_lead_to_their_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = [f"{('phones', 'coats')[n % 2]}/{n:03}" for n in range(60)]
    for n, name in enumerate(names):
        put(data / f"{name}.png", n)
    shown = [f"{name}.png" if name.startswith("coats") else name for name in names]
    rows = [(f"item{n}", ("red", "blue", "grey")[n % 3], one) for n, one in enumerate(shown)]
    table(data / "train.csv", ("item", "colour", "path"), *rows[:40])
    table(data / "test.csv", ("item", "path"), *((item, one) for item, _, one in rows[40:]))
    table(
        data / "sample_submission.csv", ("item", "colour"), *((one[0], "red") for one in rows[40:])
    )
    found, notes = begin(tmp_path)
    for split, wanted in (("train", names[:40]), ("test", names[40:])):
        samples = load_samples(found, split)
        read = [paths[0].removeprefix("data/") for paths in samples["images"]]
        assert read == [f"{name}.png" for name in wanted], split
    assert "some lack the ending" in notes


@pytest.mark.parametrize("is_told", [True, False])
def test_names_that_people_typed_are_those_of_files_but_for_capitals_and_blanks(
    tmp_path: Path, is_told: bool
) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"photos/P{n:03}.png", n)
    typed = {4: "p004", 7: "P 007 ", 9: " p009"} if not is_told else {4: "p004", 9: " p009 "}
    rows = [(typed.get(n, f"P{n:03}"), ("good", "bad")[n % 2]) for n in range(24)]
    table(data / "answers.csv", ("Code of the photo", "state"), *rows)
    sent = [(f"P{n:03}", "good") for n in range(24, 30)]
    table(data / "sample_submission.csv", ("photo", "state"), *sent)
    found, notes = begin(tmp_path)
    assert ("2 cells of Code of the photo spelt as their images are" in notes) == is_told
    if is_told:
        samples = load_samples(found, "train")
        cells = zip(samples["id"], samples["label"], strict=True)
        read = {name: found.classes[label] for name, label in cells}
        assert read == {f"P{n:03}": ("good", "bad")[n % 2] for n in range(24)}


def test_names_of_which_two_files_are_meant_are_not_spelt_otherwise(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"photos/P{n:03}.png", n)
    put(data / "photos/Pa1.png", 30)
    put(data / "photos/PA1.png", 31)
    rows = [*((f"P{n:03}", "ab"[n % 2]) for n in range(18)), ("pa1", "a")]
    table(data / "answers.csv", ("code", "state"), *rows)
    sent = [(f"P{n:03}", "a") for n in range(18, 24)]
    table(data / "sample_submission.csv", ("code", "state"), *sent)
    _, notes = begin(tmp_path)
    assert "spelt as their images are" not in notes


@pytest.mark.parametrize("word", ["slice_", "cut-", ""], ids=["word", "other sign", "no word"])
@pytest.mark.parametrize("n_lost", [0, 1])
def test_ids_may_be_folder_and_name_without_the_word_that_all_names_begin_with(
    tmp_path: Path, word: str, n_lost: int
) -> None:
    data = tmp_path / "data"
    pieces = [(f"EX{40 + n // 3:03}", 2 + n % 3) for n in range(45)]
    for n, (exam, number) in enumerate(pieces):
        where = f"lot1/{exam}/{word}{number:02}" if n < 30 else f"test/{exam}-{number:02}"
        if n >= n_lost:
            put(data / f"{where}.png", n)
    ids = [f"{exam}-{number:02}" for exam, number in pieces]
    answers = [(one, ("torn", "sound")[n // 2 % 2]) for n, one in enumerate(ids)]
    table(data / "lot1/answers.csv", ("scan", "state"), *answers[:30])
    table(data / "sample_submission.csv", ("scan", "state"), *((one, "torn") for one in ids[30:]))
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    assert list(samples["id"]) == ids[n_lost:30]
    paths = [f"data/lot1/{exam}/{word}{n:02}.png" for exam, n in pieces[n_lost:30]]
    assert [one[0] for one in samples["images"]] == paths
    assert found.data.train.label == "state"
    assert set(load_samples(found, "test")["id"]) == set(ids[30:])
    assert found.folds.group is not None


def test_paths_beside_ids_that_name_most_images_are_no_other_names(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [(f"{n // 2}_{n % 2}", f"\\{n // 2}\\{n // 2}_{n % 2}.png") for n in range(40)]
    for n, (name, _) in enumerate(rows):
        if n != 7:  # a lost image
            put(data / f"{'train' if n < 32 else 'test'}/images/{n // 2}/{name}.png", n)
    answers = [(*one, "ab"[n // 3 % 2]) for n, one in enumerate(rows)]
    table(data / "train/answers.csv", ("image_id", "path", "state"), *answers[:32])
    table(data / "test/form.csv", ("image_id", "state"), *((one, "a") for one, _ in rows[32:]))
    found, notes = begin(tmp_path)
    assert "by its folder and its name" not in notes
    assert "a table with the file of each" not in notes
    assert set(load_samples(found, "train")["id"]) == {one for one, _ in rows[:32]} - {rows[7][0]}
