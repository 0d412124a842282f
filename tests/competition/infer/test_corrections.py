"""Tables that correct labels of train, and lists of what is left out, are followed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.competition.made_files import changed_sources
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.workspace.layout import Workspace
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 24, 30
GRADES = ("none", "light", "heavy")


def grade(n: int) -> str:
    return GRADES[n * 7 % 3]


def folder(data: Path, *, ending: str = "") -> None:
    """Write images of train and test, the table of train and a sample."""
    for n in range(N):
        put(data / "photos" / f"L{n:02}.png", n)
    rows = [(f"L{n:02}{ending}", grade(n)) for n in range(N_TRAIN)]
    table(data / "gradings.csv", ("leaf", "grade"), *rows)
    sent = [(f"L{n:02}{ending}", GRADES[n % 3]) for n in range(N_TRAIN, N)]
    table(data / "sample_submission.csv", ("leaf", "grade"), *sent)


def labels(root: Path) -> tuple[dict[str, str], str]:
    found, notes = begin(root)
    samples = load_samples(found, "train")
    named = [found.classes[label] for label in samples["label"]]
    return dict(zip(samples["id"], named, strict=True)), notes


def corrected(numbers: Sequence[int]) -> dict[str, str]:
    known = {f"L{n:02}": grade(n) for n in range(N_TRAIN)}
    return known | {f"L{n:02}": GRADES[(GRADES.index(grade(n)) + 1) % 3] for n in numbers}


WRONG = (3, 8, 11, 20)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("corrections.csv", ("leaf", "was", "should_be")),
        ("changes.csv", ("leaf", "published", "corrected_grade")),
        ("errata.csv", ("picture", "grade_2025", "grade_2026")),
        ("korrekturen.csv", ("Blatt", "alt", "neu")),
    ],
)
def test_labels_are_those_of_the_table_of_corrections(
    tmp_path: Path, name: str, header: Sequence[str]
) -> None:
    folder(tmp_path / "data")
    right = corrected(WRONG)
    rows = [(f"L{n:02}", grade(n), right[f"L{n:02}"]) for n in WRONG]
    table(tmp_path / "data" / name, header, *rows)
    found, notes = labels(tmp_path)
    assert found == right
    assert f"4 cells of grade as {name} has them ({header[2]} in place of {header[1]})" in notes
    (tmp_path / "data" / name).write_text(",".join(header) + "\n")
    (change,) = changed_sources(Workspace(tmp_path))
    assert name in str(change.sources)


def test_corrections_in_a_column_of_the_labels_name_are_followed(tmp_path: Path) -> None:
    folder(tmp_path / "data")
    right = corrected(WRONG)
    rows = [(f"L{n:02}", right[f"L{n:02}"], "clerical") for n in WRONG]
    table(tmp_path / "data" / "errata.csv", ("leaf", "grade", "why"), *rows)
    assert labels(tmp_path)[0] == right


def test_corrections_that_train_has_already_change_nothing(tmp_path: Path) -> None:
    folder(tmp_path / "data")
    rows = [(f"L{n:02}", GRADES[n % 3], grade(n)) for n in (3, 8, 11, 20)]
    table(tmp_path / "data" / "corrections.csv", ("leaf", "was", "should_be"), *rows)
    assert labels(tmp_path)[0] == corrected(())


@pytest.mark.parametrize(
    ("name", "header", "cells"),
    [
        ("second_reader.csv", ("leaf", "first", "second"), GRADES),  # an opinion, no correction
        ("corrections.csv", ("leaf", "was", "should_be"), ("see mail", "no", "?")),
        ("corrections.csv", ("leaf", "hue", "corrected_hue"), ("0.1", "0.2", "0.3")),
    ],
)
def test_what_is_no_correction_of_labels_changes_none(
    tmp_path: Path, name: str, header: Sequence[str], cells: Sequence[str]
) -> None:
    folder(tmp_path / "data")
    rows = [
        (f"L{n:02}", grade(n) if "hue" not in header else "0.7", cells[(n + 1) % 3]) for n in WRONG
    ]
    table(tmp_path / "data" / name, header, *rows)
    assert labels(tmp_path)[0] == corrected(())


@pytest.mark.parametrize("ending", ["", ".png"], ids=["ids", "files"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("withdrawn.txt", "# by their growers\nL03\nL08\n\nL25\n"),
        ("do_not_use.txt", "L03.png, L08.png\n"),
        ("MismatchedLeaves.txt", "leaf\nL03\nL08\n"),
        ("excluded.csv", "leaf,reason\nL03,blurred\nL08,no consent\n"),
        ("ausgeschlossen.csv", "L03\nL08\n"),
    ],
)
def test_rows_that_a_list_leaves_out_are_not_trained_on(
    tmp_path: Path, name: str, text: str, ending: str
) -> None:
    folder(tmp_path / "data", ending=ending)
    (tmp_path / "data" / name).write_text(text)
    found, notes = labels(tmp_path)
    assert {one[:3] for one in found} == {f"L{n:02}" for n in range(N_TRAIN)} - {"L03", "L08"}
    assert f"{name} names" in notes
    assert "without 2 rows that" in notes


def test_a_number_behind_a_point_is_a_part_of_an_id(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(N):
        put(data / "photos" / f"tree{n // 3}.{n % 3}.png", n)
    names = [f"tree{n // 3}.{n % 3}" for n in range(N)]
    table(
        data / "gradings.csv",
        ("leaf", "grade"),
        *zip(names[:N_TRAIN], map(grade, range(N_TRAIN)), strict=True),
    )
    table(
        data / "sample_submission.csv",
        ("leaf", "grade"),
        *((one, "none") for one in names[N_TRAIN:]),
    )
    (data / "withdrawn.txt").write_text("tree1.0\ntree2.2.png\n")
    assert labels(tmp_path)[0].keys() == {*names[:N_TRAIN]} - {"tree1.0", "tree2.2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("leaves.txt", "L03\nL08\n"),  # called so by nobody: a question
        ("withdrawn.txt", "L25\nL26\n"),  # of images to predict
        ("withdrawn.txt", "\n".join(f"L{n:02}" for n in range(20))),  # most of train
        ("withdrawn.txt", "Ask the office which leaves were withdrawn.\n"),
    ],
)
def test_other_texts_leave_nothing_out(tmp_path: Path, name: str, text: str) -> None:
    folder(tmp_path / "data")
    (tmp_path / "data" / name).write_text(text)
    assert labels(tmp_path)[0] == corrected(())


def test_images_of_class_folders_that_a_list_leaves_out_are_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(N):
        part = f"train/{grade(n)}" if n < N_TRAIN else "test"
        put(data / part / f"L{n:02}.png", n)
    (data / "withdrawn.txt").write_text("L03\nL08\n")
    _, notes = begin(tmp_path)
    assert "withdrawn.txt lists 2 images ('L03', 'L08') to be left out" in notes


SENTENCES = (
    "Some grades are wrong, they are listed in mixed_up.txt, please leave these out.",
    "Do not use the leaves of mixed_up.txt.",
    "Die Blätter in mixed_up.txt bitte nicht benutzen.",
    "Les feuilles de mixed_up.txt ne doivent pas être utilisées.",
    "No usar las hojas de mixed_up.txt.",
)


def test_a_list_that_a_text_asks_to_leave_out_is_left_out(tmp_path: Path) -> None:
    for n, sentence in enumerate(SENTENCES):
        root = tmp_path / str(n)
        folder(root / "data")
        (root / "data" / "mixed_up.txt").write_text("leaf\nL03\nL08\n")
        (root / "data" / "README.md").write_text(f"Grades of leaves. {sentence} Good luck!\n")
        found, notes = labels(root)
        assert {one[:3] for one in found} == {f"L{k:02}" for k in range(N_TRAIN)} - {"L03", "L08"}
        assert "mixed_up.txt names, as README.md says" in notes, sentence


def test_a_list_that_is_not_to_be_left_out_stays(tmp_path: Path) -> None:
    folder(tmp_path / "data")
    (tmp_path / "data" / "mixed_up.txt").write_text("L03\nL08\n")
    text = "The leaves of mixed_up.txt should not be excluded. Do not use other data.\n"
    (tmp_path / "data" / "README.md").write_text(text)
    assert labels(tmp_path)[0] == corrected(())


def marked(data: Path, text: str, mark: str = "void") -> None:
    for n in range(N):
        put(data / "photos" / f"L{n:02}.png", n)
    rows = [(f"L{n:02}", mark if n in (3, 8) else "fine", grade(n)) for n in range(N_TRAIN)]
    table(data / "gradings.csv", ("leaf", "state", "grade"), *rows)
    sent = [(f"L{n:02}", "none") for n in range(N_TRAIN, N)]
    table(data / "sample_submission.csv", ("leaf", "grade"), *sent)
    (data / "README.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('Grades of leaves. Leaves whose state is "void" must not be used. Good luck!', "void"),
        ("Leaves with the state “Void” are torn: please ignore them.", "void"),
        ("Blätter mit state „unbrauchbar“ sind gerissen: bitte nicht benutzen.", "unbrauchbar"),
        ('Las hojas con state "descartar" están rotas y no deben usarse.', "descartar"),
    ],
)
def test_rows_that_a_text_asks_to_leave_out_by_their_mark_are_not_trained_on(
    tmp_path: Path, text: str, mark: str
) -> None:
    marked(tmp_path / "data", text, mark)
    found, notes = labels(tmp_path)
    assert {one[:3] for one in found} == {f"L{n:02}" for n in range(N_TRAIN)} - {"L03", "L08"}
    assert f"without 2 rows whose state is '{mark}', as README.md says" in notes


@pytest.mark.parametrize(
    "text",
    [
        'The state of a leaf is "fine" or "void". Do not use other data.',
        'Leaves whose state is "void" should not be left out.',
        'In the test set, leaves whose state is "void" were left out.',
        'Leaves whose state is "discard" were looked at once more and are good.',
        'Leaves that are "void" must not be used.',
    ],
)
def test_a_mark_of_rows_that_no_text_leaves_out_stays(tmp_path: Path, text: str) -> None:
    marked(tmp_path / "data", text, "discard" if "discard" in text else "void")
    assert {one[:3] for one in labels(tmp_path)[0]} == {f"L{n:02}" for n in range(N_TRAIN)}


def test_a_list_of_a_few_images_of_train_is_a_question(tmp_path: Path) -> None:
    cells = {
        "odd.txt": "leaf\nL03\nL08\n",
        "odd.csv": "L03\nL08\n",
        "odd.json": '["L03.png", "L08.png"]',
    }
    for n, (name, text) in enumerate(cells.items()):
        root = tmp_path / str(n)
        folder(root / "data")
        (root / "data" / name).write_text(text)
        found, notes = begin(root)
        assert f"{name} lists 2 images of train" in notes
        assert "data.train.exclude" in found.to_choose
        assert "# or exclude: [L03, L08]" in (root / "competition.yaml").read_text()


def test_lists_of_other_images_are_no_question(tmp_path: Path) -> None:
    cells = {
        "odd.txt": "L03\nL99\n",  # no image has that name
        "val.txt": "L03\nL08\n",  # called as validation
        "most.txt": "\n".join(f"L{n:02}" for n in range(N_TRAIN - 1)),
        "twice.txt": "L03\nL03\n",
    }
    for n, (name, text) in enumerate(cells.items()):
        root = tmp_path / str(n)
        folder(root / "data")
        (root / "data" / name).write_text(text)
        assert "data.train.exclude" not in begin(root)[0].to_choose, name


def two_tables(data: Path, sentence: str) -> None:
    """Write a second table of train with other grades, and blank ones, beside the first."""
    folder(data)
    rows = [(f"L{n:02}", "" if n in (4, 9) else GRADES[(n * 7 + 1) % 3]) for n in range(N_TRAIN)]
    table(data / "gradings_v2.csv", ("leaf", "grade"), *rows)
    (data / "README.md").write_text(f"Grades of leaves. {sentence}\n")


SECOND = {f"L{n:02}": GRADES[(n * 7 + 1) % 3] for n in range(N_TRAIN) if n not in (4, 9)}


def test_a_table_in_a_folder_that_a_text_leaves_out_is_not_used(tmp_path: Path) -> None:
    sentences = {
        "alt/    frühere Fassung der Noten, bitte NICHT verwenden": True,
        "old/ holds the grades of last year: please do not use them.": True,
        "Do not use old/readme.txt for anything.": False,
    }
    for n, (sentence, is_told) in enumerate(sentences.items()):
        data = tmp_path / str(n) / "data"
        two_tables(data, "")
        place = data / sentence.split("/")[0].split()[-1]
        place.mkdir()
        (data / "gradings.csv").rename(place / "gradings_v1.csv")
        (data / "README.md").write_text(f"Grades of leaves.\n\n{sentence}\n", encoding="utf-8")
        found, notes = labels(tmp_path / str(n))
        told = f"gradings_v2.csv is used, and not {place.name}/gradings_v1.csv" in notes
        assert told == is_told, sentence
        assert found == SECOND or not is_told


def test_the_table_that_replaces_another_one_by_a_text_is_used(tmp_path: Path) -> None:
    sentences = (
        "gradings_v2.csv replaces gradings.csv.",
        "Some of gradings.csv were wrong; use only the file gradings_v2.csv now.",
        "In gradings.csv waren Fehler; bitte nur noch gradings_v2.csv benutzen.",
        "Utiliser gradings_v2.csv au lieu de gradings.csv.",
        "gradings.csv had two grades interchanged. Please use gradings_v2.csv; the old one stays.",
        "Do not use gradings.csv: its leaves were mixed up.",
    )
    for n, sentence in enumerate(sentences):
        root = tmp_path / str(n)
        two_tables(root / "data", sentence)
        found, notes = labels(root)
        assert found == SECOND
        assert "gradings_v2.csv is used, and not gradings.csv" in notes, sentence


def test_two_tables_of_other_labels_are_a_question_and_both_can_be_chosen(tmp_path: Path) -> None:
    sentences = (
        "gradings.csv and gradings_v2.csv are of two people.",
        "It does not replace anything: gradings_v2.csv, gradings.csv.",
        "Use gradings_v2.csv not instead of gradings.csv.",
    )
    for n, sentence in enumerate(sentences):
        root = tmp_path / str(n)
        two_tables(root / "data", sentence)
        begin(root)
        text = (root / "competition.yaml").read_text()
        own, other = (
            line.split("table: ")[1].split(" ")[0].strip()
            for line in text.splitlines()
            if "table: " in line and ("# or" in line or "gradings" in line)
        )
        (root / "competition.yaml").write_text(
            text.replace(f"    table: {own}", f"    table: {other}")
        )
        competition = load_competition(root)
        chosen, classes = load_samples(competition, "train"), competition.classes
        named = [classes[one] for one in chosen["label"]]
        found = dict(zip(chosen["id"], named, strict=True))
        assert found == (SECOND if "_v2" in other else corrected(())), sentence


@pytest.mark.parametrize(("name", "is_told"), [
    ("gradings_v1_DO_NOT_USE.csv", True),
    ("gradings_НЕ_ИСПОЛЬЗОВАТЬ.csv", True),
    ("nicht verwenden/gradings_old.csv", True),
    ("gradings_dropped.csv", False),  # what was done to its rows
    ("gradings_v1.csv", False),
])  # fmt: skip
def test_a_table_that_is_not_to_be_used_by_its_name_is_not(
    tmp_path: Path, name: str, is_told: bool
) -> None:
    data = tmp_path / "data"
    two_tables(data, "")
    path = data / name
    path.parent.mkdir(exist_ok=True)
    (data / "gradings.csv").rename(path)
    found, notes = labels(tmp_path)
    assert (f"the name of {name} says so: gradings_v2.csv is used" in notes) == is_told
    assert found == SECOND or not is_told
    assert ("choose data.train.table" not in notes) or not is_told
