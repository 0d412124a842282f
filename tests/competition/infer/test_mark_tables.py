"""Marks in columns of a table are labels: an x where a class is there, blank where it is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.marks import read_marks
from podium.errors import DataError

SHAPES = ["round", "long", "flat"]
SETS = [tuple(code >> k & 1 for k in range(3)) for code in range(8)]
N_TRAIN, N_TEST = 24, 9
ONE_EACH = [SETS[code] for code in (1, 2, 4)]
WITHOUT_NONE = SETS[1:]


def competition(
    tmp_path: Path,
    cells: Callable[[int], str],
    sample: Sequence[Sequence[object]] | None,
    *,
    sets: Sequence[Sequence[int]] = SETS,
    more: dict[str, Callable[[int], str]] | None = None,
) -> list[Sequence[int]]:
    """Write a competition with one folder of images; return the set of each image of train."""
    data, others = tmp_path / "data", more or {}
    rows = [sets[n % len(sets)] for n in range(N_TRAIN)]
    for n in range(N_TRAIN + N_TEST):
        part = "pictures" if sample is not None else "train" if n < N_TRAIN else "test"
        put(data / part / f"p{n:02}.png", n)
    lines = (
        (f"p{n:02}", *map(cells, bits), *(of(n) for of in others.values()))
        for n, bits in enumerate(rows)
    )
    table(data / "sheet.csv", ("picture", *SHAPES, *others), *lines)
    if sample is not None:
        table(data / "sample_submission.csv", *sample)
    return rows


def wide(*values: Sequence[object]) -> list[Sequence[object]]:
    rows = [(f"p{N_TRAIN + n}", *values[n % len(values)]) for n in range(N_TEST)]
    return [("picture", *SHAPES), *rows]


def joined(sets: Sequence[Sequence[int]], none: str = "none") -> list[Sequence[object]]:
    names = [[name for name, bit in zip(SHAPES, bits, strict=True) if bit] for bits in sets]
    cells = ["+".join(one) or none for one in names]
    rows = [(f"p{N_TRAIN + n}", cells[n % len(cells)]) for n in range(N_TEST)]
    return [("picture", "shapes"), *rows]


def crosses(bit: int) -> str:
    return "x" * bit


def labels(found: Competition) -> dict[str, list[int]]:
    samples = load_samples(found, "train")
    order = [found.classes.index(name) for name in SHAPES if name in found.classes]
    return {
        name: [int(label[k]) for k in order]
        for name, label in zip(samples["id"], samples["label"], strict=True)
    }


def numbered(sets: Sequence[Sequence[int]]) -> dict[str, list[int]]:
    return {f"p{n:02}": list(bits) for n, bits in enumerate(sets)}


def choice_of_value(sample: Sequence[Sequence[object]]) -> list[str]:
    """Return what is asked of a sample whose columns hold 0 and 1, which may be decisions."""
    cells = {cell for row in sample[1:] for cell in row[1:]}
    return ["submission.value"] if cells == {0, 1} else []


@pytest.mark.parametrize("sample", [wide(*SETS), wide((0.5,) * 3), joined(SETS)], ids=str)
@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("x", ""),
        ("X", "-"),
        ("✓", ""),
        ("✔️", "✗"),
        ("*", ""),
        ("1", ""),
        ("1.0", "-"),
        ("sí", "no"),
        ("Ja", "Nein"),
        ("oui", ""),
        ("True", "False"),
    ],
)
def test_marks_are_labels_of_several_classes(
    tmp_path: Path, yes: str, no: str, sample: Sequence[Sequence[object]]
) -> None:
    more = {"remarks": lambda n: "a bit blurred" * (n == 5) + "again?" * (n == 9)}
    sets = competition(tmp_path, lambda bit: yes if bit else no, sample, more=more)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert found.data.train.label == SHAPES
    assert found.to_choose == choice_of_value(sample)
    assert found.data.unlabelled is None
    assert labels(found) == numbered(sets)
    assert "with 1 for the marks of 'round', 'long', 'flat', else 0" in notes
    told = "3 images without a mark: of none of the classes"
    assert (told in notes) == (no == "")


def test_small_and_capital_marks_are_one(tmp_path: Path) -> None:
    sets = competition(tmp_path, crosses, wide(*SETS))
    sheet = tmp_path / "data/sheet.csv"
    sheet.write_text(sheet.read_text().replace("p01,x", "p01,X"))
    assert labels(begin(tmp_path)[0]) == numbered(sets)


def test_rows_of_an_image_and_a_class_name_the_columns(tmp_path: Path) -> None:
    rows = [(f"p{N_TRAIN + n}_{name}", 0.5) for n in range(N_TEST) for name in SHAPES]
    sets = competition(tmp_path, crosses, [("row", "p"), *rows])
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert found.submission.rows == "image_class"
    assert found.to_choose == []
    assert labels(found) == numbered(sets)


def test_columns_of_the_sample_may_have_a_common_start(tmp_path: Path) -> None:
    sample = wide((0.5,) * 3)
    sample[0] = ("picture", *(f"prob_{name}" for name in SHAPES))
    sets = competition(tmp_path, crosses, sample)
    found, _ = begin(tmp_path)
    assert labels(found) == numbered(sets)
    assert set(found.submission.columns.values()) == {"id", *(f"prob[{one}]" for one in SHAPES)}


def test_without_a_sample_marks_are_a_choice(tmp_path: Path) -> None:
    sets = competition(tmp_path, crosses, None, more={"remarks": lambda n: "blurred" * (n == 5)})
    inferred = infer(tmp_path / "data", tmp_path)
    found = inferred.competition
    assert found.data.train.label == SHAPES
    assert found.to_choose == ["data.train.table", "data.train.label"]
    assert [name for name in SHAPES if f"# or label: {name}\n" in inferred.text] == SHAPES
    assert "remarks" not in inferred.text.partition("or label")[2]
    assert labels(found) == numbered(sets)


def test_columns_of_1_and_minus_1_are_labels_as_those_of_1_and_0_are(tmp_path: Path) -> None:
    sets = competition(tmp_path, lambda bit: str(2 * bit - 1), None)
    found, _ = begin(tmp_path)
    assert (found.tasks, found.to_choose) == ({"classify": "multilabel"}, [])
    assert found.classes == SHAPES
    assert labels(found) == numbered(sets)


def test_whose_picture_it_is_is_no_label_beside_a_number_or_a_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(32):
        put(data / ("train" if n < 24 else "test") / f"p{n:02}.png", n)
    for column, cell in (
        ("months", lambda n: 12 + 37 * n % 200),
        ("finding", lambda n: "abc"[n % 3]),
    ):
        for header, sexes in (("male", ("True", "False")), ("Sex", "MF")):
            lines = [(f"p{n:02}", cell(n), sexes[n % 5 > 2]) for n in range(24)]
            table(data / "train.csv", ("id", column, header), *lines)
            assert begin(tmp_path)[0].data.train.label == column


def test_a_label_by_its_name_beside_marks_is_a_choice_without_a_sample(tmp_path: Path) -> None:
    competition(tmp_path, crosses, None, more={"species": lambda n: "abc"[n % 3]})
    inferred = infer(tmp_path / "data", tmp_path)
    assert inferred.competition.data.train.label == "species"
    assert "data.train.label" in inferred.competition.to_choose
    assert "# or label: [round, long, flat]" in inferred.text


def test_a_named_column_of_marks_has_two_classes(tmp_path: Path) -> None:
    sets = competition(tmp_path, crosses, None)
    found, _ = begin(tmp_path, label="long")
    assert found.tasks == {"classify": "binary"}
    samples = load_samples(found, "train").set_index("id")["label"]
    assert [samples[f"p{n:02}"] for n in range(N_TRAIN)] == [bits[1] for bits in sets]


@pytest.mark.parametrize("by", ["name", "values"])
def test_marks_that_the_sample_does_not_ask_for_stay(tmp_path: Path, by: str) -> None:
    column = "kind" if by == "name" else "answer"
    rows = [(f"p{N_TRAIN + n}", "abc"[n % 3]) for n in range(N_TEST)]
    more = {"kind": lambda n: "abc"[n % 3]}
    competition(tmp_path, crosses, [("picture", column), *rows], more=more)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multiclass"}
    assert found.data.train.label == "kind"
    assert "marks" not in notes


def test_classes_in_the_samples_cells_come_before_a_label_by_its_name(tmp_path: Path) -> None:
    for cells in (crosses, str):
        more = {"species": lambda n: "abc"[n % 3]}
        sets = competition(tmp_path, cells, joined(SETS), more=more)
        found, _ = begin(tmp_path)
        assert labels(found) == numbered(sets)
        assert found.to_choose == []


def test_marks_that_the_samples_cells_never_name_are_a_choice(tmp_path: Path) -> None:
    competition(tmp_path, crosses, joined(SETS), more={"checked": lambda n: crosses(n % 2)})
    inferred = infer(tmp_path / "data", tmp_path)
    assert inferred.competition.to_choose == ["data.train.label"]
    assert inferred.competition.data.train.label == [*SHAPES, "checked"]
    assert "# or label: [round, long, flat]" in inferred.text


@pytest.mark.parametrize("sample", [joined(WITHOUT_NONE), wide(*WITHOUT_NONE)], ids=str)
def test_no_mark_may_be_no_label_where_each_image_of_the_sample_has_a_class(
    tmp_path: Path, sample: Sequence[Sequence[object]]
) -> None:
    sets = competition(tmp_path, crosses, sample)
    inferred = infer(tmp_path / "data", tmp_path)
    found = inferred.competition
    assert found.to_choose == ["data.train.table", *choice_of_value(sample)]
    assert labels(found) == numbered(sets)
    assert "# or table: made/tables/sheet_marked.csv" in inferred.text
    marked = pd.read_csv(tmp_path / "made/tables/sheet_marked.csv")
    assert list(marked["picture"]) == [f"p{n:02}" for n, one in enumerate(sets) if any(one)]


def test_no_mark_may_be_no_label_where_each_other_image_has_one_class(tmp_path: Path) -> None:
    competition(tmp_path, crosses, wide((0.5,) * 3), sets=[*ONE_EACH, SETS[0]])
    assert begin(tmp_path)[0].to_choose == ["data.train.table"]
    competition(tmp_path, crosses, wide(*SETS), sets=[*ONE_EACH, SETS[0]])
    assert begin(tmp_path)[0].to_choose == ["submission.value"]


def test_one_mark_in_each_row_is_one_class_an_image(tmp_path: Path) -> None:
    competition(tmp_path, crosses, wide((0.5,) * 3), sets=ONE_EACH)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multiclass"}
    assert found.to_choose == []


def test_blank_rows_of_images_to_predict_are_not_without_a_class(tmp_path: Path) -> None:
    sets = competition(tmp_path, crosses, wide(*SETS))
    sheet = tmp_path / "data/sheet.csv"
    rows = "".join(f"p{N_TRAIN + n},,,\n" for n in range(N_TEST))
    sheet.write_text(sheet.read_text() + rows)
    found, notes = begin(tmp_path)
    assert labels(found) == numbered(sets)
    assert "3 images without a mark" in notes
    assert "sheet.csv without the rows that sample_submission.csv names" in notes
    assert found.data.unlabelled is None


@pytest.mark.parametrize("no", ["no", "0"])
def test_blank_cells_beside_words_for_no_are_unknown(tmp_path: Path, no: str) -> None:
    yes = "yes" if no == "no" else "1"
    competition(tmp_path, lambda bit: yes if bit else no, joined(SETS))
    sheet = tmp_path / "data/sheet.csv"
    lines = sheet.read_text().splitlines()
    lines[1] = "p00,,,"
    lines[3] = f"p02,,{yes},{no}"
    sheet.write_text("\n".join(lines) + "\n")
    found, notes = begin(tmp_path)
    expected = numbered([SETS[n % 8] for n in range(N_TRAIN)])
    del expected["p00"]
    assert labels(found) == expected
    assert "also in 1 blank cell beside words for no" in notes
    assert "left out: 1 row without a mark" in notes


@pytest.mark.parametrize("label", ["round", "long"])
def test_blank_cells_of_the_one_column_that_a_person_names_are_unknown(
    tmp_path: Path, label: str
) -> None:
    sets = competition(tmp_path, str, None)
    sheet = tmp_path / "data/sheet.csv"
    lines = sheet.read_text().splitlines()
    lines[3], lines[6] = "p02,,1,", "p05,1,,0"
    sheet.write_text("\n".join(lines) + "\n")
    (tmp_path / "data/test.csv").write_text("picture\np24\np25\n")
    assert "data.train.label" in begin(tmp_path)[0].to_choose
    found, _ = begin(tmp_path, label)
    assert found.tasks == {"classify": "binary"}
    train = load_samples(found, "train")
    place, unknown = SHAPES.index(label), {"round": "p02", "long": "p05"}[label]
    expected = {f"p{n:02}": bits[place] for n, bits in enumerate(sets)}
    expected |= {"p02": [None, 1, None][place], "p05": [1, None, 0][place]}
    expected.pop(unknown)
    assert dict(zip(train["id"], train["label"], strict=True)) == expected


@pytest.mark.parametrize(
    ("cell", "message"),
    [("?", "1 cell is something else: '?'"), ("✓", "they are of several kinds")],
)
def test_cells_that_are_no_marks_in_columns_of_the_sample_are_refused(
    tmp_path: Path, cell: str, message: str
) -> None:
    competition(tmp_path, crosses, wide(*SETS))
    sheet = tmp_path / "data/sheet.csv"
    sheet.write_text(sheet.read_text().replace("p01,x", f"p01,{cell}"))
    with pytest.raises(DataError, match="hold marks") as error:
        begin(tmp_path)
    assert message in error.value.message
    assert error.value.fix is not None
    assert "write 1 where the class is there" in error.value.fix


def test_a_column_of_marks_for_one_number_to_send_has_two_classes(tmp_path: Path) -> None:
    rows = [(f"p{N_TRAIN + n}", 0.5) for n in range(N_TEST)]
    sets = competition(tmp_path, crosses, [("picture", "flat"), *rows])
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "binary"}
    samples = load_samples(found, "train").set_index("id")["label"]
    assert [samples[f"p{n:02}"] for n in range(N_TRAIN)] == [bits[2] for bits in sets]


def test_marks_in_the_sample_get_a_note(tmp_path: Path) -> None:
    sets = competition(tmp_path, crosses, wide(("x", "", "x"), ("", "x", ""), ("", "", "")))
    found, notes = begin(tmp_path)
    assert labels(found) == numbered(sets)
    assert found.to_choose == []
    assert "has 'x' in its columns, and files to send hold numbers" in notes


def test_a_label_written_by_hand_over_marks_is_read(tmp_path: Path) -> None:
    sets = competition(tmp_path, crosses, wide(*SETS))
    found, _ = begin(tmp_path)
    data = found.data.model_copy(
        update={"train": found.data.train.model_copy(update={"table": "data/sheet.csv"})}
    )
    by_hand = found.model_copy(update={"data": data}).at(tmp_path)
    assert labels(by_hand) == numbered(sets)
    sheet = tmp_path / "data/sheet.csv"
    sheet.write_text(sheet.read_text().replace("p01,x", "p01,?"))
    with pytest.raises(DataError, match="one kind of mark and blank cells, got '\\?'"):
        load_samples(by_hand, "train")


@pytest.mark.parametrize("cells", [crosses, str], ids=["marks", "bits"])
@pytest.mark.parametrize("sample", [wide(*SETS), joined(SETS)], ids=["columns", "cells"])
def test_a_class_that_the_sample_names_and_no_row_has_gets_a_note(
    tmp_path: Path, sample: Sequence[Sequence[object]], cells: Callable[[int], str]
) -> None:
    """It is neither the word for none, nor left out."""
    competition(tmp_path, cells, sample, sets=SETS[:4])
    found, notes = begin(tmp_path)
    assert found.data.train.label == found.classes == SHAPES
    assert found.submission.empty == ("none" if sample[0][1] == "shapes" else "")
    assert "classes without a row in train: 'flat'" in notes


def test_columns_that_the_sample_spells_otherwise_are_found(tmp_path: Path) -> None:
    sample = [("picture", *(f"p_{name.upper()}" for name in SHAPES)), *wide(*SETS)[1:]]
    sets = competition(tmp_path, crosses, sample)
    found, _ = begin(tmp_path)
    assert labels(found) == numbered(sets)
    assert set(found.submission.columns.values()) == {"id", *(f"prob[{one}]" for one in SHAPES)}


def test_yes_and_no_that_the_test_table_has_too_are_no_labels(tmp_path: Path) -> None:
    competition(
        tmp_path, lambda bit: ("no", "yes")[bit], None, more={"kind": lambda n: "ab"[n % 2]}
    )
    rows = [(f"p{N_TRAIN + n}", *["no"] * 3) for n in range(N_TEST)]
    table(tmp_path / "data/test.csv", ("picture", *SHAPES), *rows)
    found, notes = begin(tmp_path)
    assert found.data.train.label == "kind"
    assert found.to_choose == []
    assert "marks" not in notes


def test_marks_of_one_kind_are_read() -> None:
    def read(*rows: Sequence[str]) -> list[list[str]] | None:
        found = read_marks(pd.DataFrame(rows))
        return None if found is None else np.array(found.bits).tolist()

    assert read(["x", ""], ["", "X"]) == [["1", "0"], ["0", "1"]]
    assert read(["yes", "n"], ["No", "Y"]) == [["1", "0"], ["0", "1"]]
    assert read(["✓", "x"], ["x", "✓"]) == [["1", "0"], ["0", "1"]]
    assert read(["1", "0"], ["", "1"]) == [["1", "0"], ["", "1"]]
    # Beside 0 or a blank cell -1 may mean that nobody is sure.
    assert read(["1", "-1"], ["-1", "-1"]) == [["1", "0"], ["0", "0"]]
    assert read(["1", "-1"], ["0", "1"]) is None
    assert read(["1", "-1"], ["", "1"]) is None
    # A cross beside a tick and blank cells is no, or another mark; of two languages is neither.
    assert read(["✓", "x"], ["", "✓"]) is None
    assert read(["yes", "nein"]) is None
    assert read(["x", "o"]) is None
    assert read(["", ""]) is None


def test_yes_and_no_beside_a_column_called_as_labels_are_known_facts(tmp_path: Path) -> None:
    more: dict[str, Callable[[int], str]] = {
        "diagnostic": lambda n: "abc"[n % 3],
        "patient": lambda n: f"P{n // 2}",
        "town": lambda n: f"of the {('north', 'south')[n // 12]}",
    }
    competition(tmp_path, lambda bit: ("False", "True")[bit], None, more=more)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "diagnostic"
    assert found.folds.group == "patient"


@pytest.mark.parametrize("words", [("True", "False"), ("x", ""), ("1", "0")], ids=str)
@pytest.mark.parametrize("group", ["site", "person"])
def test_among_many_marks_one_called_as_a_group_is_a_class(
    tmp_path: Path, words: tuple[str, str], group: str
) -> None:
    names = ["road", "river", "bridge", group, "tree", "fence"]
    lines = [
        (f"a{n:02}", *(words[(n + n // (k + 2)) % 3 != k % 3] for k in range(len(names))))
        for n in range(N_TRAIN)
    ]
    for n in range(N_TRAIN + N_TEST):
        put(tmp_path / "data" / ("train" if n < N_TRAIN else "test") / f"a{n:02}.png", n)
    table(tmp_path / "data/marks.csv", ("picture", *names), *lines)
    assert list(begin(tmp_path)[0].classes) == names


def test_among_few_marks_one_called_as_a_group_is_none(tmp_path: Path) -> None:
    two = {"person": lambda n: "yes" if n % 4 < 2 else "no"}
    competition(tmp_path, lambda bit: "yes" if bit else "no", None, more=two)
    assert list(begin(tmp_path)[0].classes) == SHAPES


def test_remarks_on_some_labelled_images_take_no_row_away(tmp_path: Path) -> None:
    names = ["burnt", "torn", "stained"]
    lines = [
        (
            f"s{n:02}",
            "bad" if n % 3 == 0 else "good",
            *("10"[n // 3 % (k + 2) == 0] for k in range(3)),
        )
        if n % 3 == 0
        else (f"s{n:02}", "good", "", "", "")
        for n in range(N_TRAIN)
    ]
    for n in range(N_TRAIN + N_TEST):
        put(tmp_path / "data" / ("train" if n < N_TRAIN else "test") / f"s{n:02}.png", n)
    table(tmp_path / "data/shirts.csv", ("shirt", "final_label", *names), *lines)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "final_label"
    assert len(load_samples(found, "train")) == N_TRAIN
