"""Samples that ask for a probability of each class of several outputs are read in each form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from podium.competition.infer.sample.probability_columns import (
    key_of_outputs,
    probability_fields,
)
from podium.submissions.format.spec import format_of
from tests.competition.infer.test_odd_labels import begin, put, table

OUTPUTS = ("left_l1", "right_l1", "left_l2")
GRADES = ("Normal/Mild", "Moderate", "Severe")
N_TRAIN, N = 24, 28
TEST = [f"p{n}" for n in range(N_TRAIN, N)]


def write(
    data: Path,
    header: tuple[str, ...],
    rows: list[tuple[Any, ...]],
    *,
    grades: tuple[str, ...] = GRADES,
    names: tuple[str, ...] = OUTPUTS,
) -> None:
    """Write images, a table with a class of each output, and a sample."""
    for n in range(N):
        put(data / ("train" if n < N_TRAIN else "test") / f"p{n:02}.png", n)
    of_train = [
        (f"p{n:02}", *(grades[n // 3**k % len(grades)] for k in range(len(names))))
        for n in range(N_TRAIN)
    ]
    of_train[4] = (*of_train[4][:2], "", *of_train[4][3:])
    table(data / "train.csv", ("image", *names), *of_train)
    table(data / "sample_submission.csv", header, *rows)


def columns_of(root: Path) -> dict[str, str]:
    """Return the columns of the file to send of what is read, which is of several outputs."""
    found, notes = begin(root)
    assert found.tasks == {"classify": "multioutput[3,3,3]"}, notes
    assert found.data.train.label == list(OUTPUTS)
    assert found.metric.name == "log_loss_by_output"
    assert found.submission.value == "prob"
    return dict(format_of(found).columns)


SHARED = {
    "normal_mild": "prob[Normal/Mild]",
    "severe": "prob[Severe]",
    "moderate": "prob[Moderate]",
}
THIRDS = (0.3, 0.3, 0.4)


def test_a_row_of_an_image_and_output_has_a_column_for_each_class(tmp_path: Path) -> None:
    rows = [(f"{one}_{output}", *THIRDS) for one in TEST for output in OUTPUTS]
    write(tmp_path / "data", ("row_id", *SHARED), rows)
    assert columns_of(tmp_path) == {"row_id": "id", **SHARED}
    found, notes = begin(tmp_path)
    assert (found.submission.rows, found.submission.id) == ("image_class", "{id}_{class}")
    # The classes stand in the order of the columns, in the spelling of train.
    order = ["Normal/Mild", "Severe", "Moderate"]
    assert found.classes == [f"{one}={name}" for one in OUTPUTS for name in order]
    assert "mend" not in notes
    text = (tmp_path / "competition.yaml").read_text(encoding="utf-8")
    assert "one row for each image and output" in text
    assert "{class} is the name of the output" in text.replace("\n  # ", " ")


def test_the_output_of_a_row_stands_in_a_column(tmp_path: Path) -> None:
    rows = [(one, output, *THIRDS) for one in TEST for output in OUTPUTS]
    write(tmp_path / "data", ("image", "level", *SHARED), rows)
    assert columns_of(tmp_path) == {"image": "id", "level": "class_name", **SHARED}


@pytest.mark.parametrize("called", ["{output}_{name}", "{name} {output}", "{output}={name}"])
def test_a_column_is_of_an_output_and_its_class(tmp_path: Path, called: str) -> None:
    names = {
        called.format(output=output, name=name): f"prob[{output}={grade}]"
        for output in OUTPUTS
        for name, grade in zip(("normal_mild", "moderate", "severe"), GRADES, strict=True)
    }
    write(tmp_path / "data", ("image", *names), [(one, *THIRDS * 3) for one in TEST])
    assert columns_of(tmp_path) == {"image": "id", **names}


def test_columns_of_numbers_may_have_a_word_before_them(tmp_path: Path) -> None:
    """Classes are 0 to 2 in train, and the sample calls them grade_0 to grade_2."""
    rows = [(f"{one}_{output}", *THIRDS) for one in TEST for output in OUTPUTS]
    write(tmp_path / "data", ("row_id", "grade_0", "grade_1", "grade_2"), rows,
          grades=("0", "1", "2"))  # fmt: skip
    assert columns_of(tmp_path) == {
        "row_id": "id", "grade_0": "prob[0]", "grade_1": "prob[1]", "grade_2": "prob[2]",
    }  # fmt: skip


def test_a_class_without_a_row_in_one_output_is_a_class_there_all_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [(f"{one}_{output}", *THIRDS) for one in TEST for output in OUTPUTS]
    write(data, ("row_id", *SHARED), rows)
    train = pd.read_csv(data / "train.csv", keep_default_na=False, dtype=str)
    train["left_l2"] = train["left_l2"].replace("Severe", "Moderate")
    train.to_csv(data / "train.csv", index=False)
    found, notes = begin(tmp_path)
    assert "left_l2=Severe" in found.classes
    assert "classes without a row" not in notes
    for column in OUTPUTS:
        train[column] = train[column].replace("Severe", "Moderate")
    train.to_csv(data / "train.csv", index=False)
    assert "classes without a row in train" in begin(tmp_path)[1]


def test_other_classes_in_train_than_the_sample_has_are_no_outputs(tmp_path: Path) -> None:
    rows = [(f"{one}_{output}", *THIRDS) for one in TEST for output in OUTPUTS]
    write(tmp_path / "data", ("row_id", "mild", "moderate", "severe"), rows)
    found, _ = begin(tmp_path)
    assert not any(kind.is_by_output for kind in found.tasks.values())


def test_words_of_a_class_and_weights_of_a_text_are_the_metrics(tmp_path: Path) -> None:
    rows = [(f"{one}_{output}", *THIRDS) for one in TEST for output in OUTPUTS]
    data = tmp_path / "data"
    write(data, ("row_id", *SHARED), rows)
    text = (
        "Submissions are evaluated using the average of sample weighted log losses.\n\n"
        "The sample weights are as follows:\n\n- `1` for normal/mild.\n- `2` for moderate.\n"
        "- `4` for severe.\n"
    )
    (data / "README.md").write_text(text, encoding="utf-8")
    found, notes = begin(tmp_path)
    assert found.metric.options["class_weights"] == [1, 4, 2] * 3  # in the order of classes
    assert "metric.name" not in notes
    (data / "README.md").write_text(
        "Scored by log loss of each output, weighted 2:1:1 for left_l1, right_l1 and left_l2.\n"
    )
    found, notes = begin(tmp_path)
    assert found.metric.options == {"outputs": [3, 3, 3], "weights": [2, 1, 1]}
    assert "metric.name" not in notes
    (data / "README.md").write_text("Scored by log loss, where the output left_l1 has weight 7.\n")
    assert "write weights: {NAME: 2} under metric" in begin(tmp_path)[1]


def test_fields_are_those_of_all_classes_or_none() -> None:
    classes = ["a=x", "a=y", "b=x", "b=y"]
    assert probability_fields(["X", "y"], classes) == {"X": "prob[x]", "y": "prob[y]"}
    assert probability_fields(["X", "z"], classes) == {}
    assert probability_fields(["a_x", "a_y", "b_x"], classes) == {}
    other = ["a=1", "a=2", "a_1=1", "a_1=2"]
    fields = probability_fields(["a_1", "a_2", "a_1_1", "a_1_2"], other)
    # `a_1` is an output, and a class of the other one: the rest tells which.
    assert fields == {"a_1": "prob[a=1]", "a_2": "prob[a=2]", "a_1_1": "prob[a_1=1]",
                      "a_1_2": "prob[a_1=2]"}  # fmt: skip


def test_a_key_names_each_output_of_each_image() -> None:
    whole = pd.DataFrame({"id": list("aabb"), "part": ["l", "r"] * 2, "x": ["0.5"] * 4})
    assert key_of_outputs(whole, ["l", "r", "z"]) == "part"
    assert key_of_outputs(whole, ["l"]) == ""
    assert key_of_outputs(whole.iloc[:3], ["l", "r"]) == ""


@pytest.mark.parametrize(("column", "group"), [("writer_id", "writer_id"), ("pen", None)])
def test_a_name_of_all_outputs_together_is_no_group(
    tmp_path: Path, column: str, group: str | None
) -> None:
    data = tmp_path / "data"
    bases, marks = ("ka", "ta", "ma", "ra"), ("dot", "bar", "hook")
    rows = []
    for n in range(48):
        base, mark = bases[n * 7 % 4], marks[n // 4 % 3]
        put(data / ("train" if n < 40 else "test") / f"g{n:02}.png", n)
        rows.append((f"g{n:02}", base, mark, f"{base}+{mark}", f"w{n * 5 % 9}"))
    table(data / "train.csv", ("image", "base", "mark", "glyph", column), *rows[:40])
    table(
        data / "sample_submission.csv",
        ("image", "base", "mark"),
        *((r[0], "ka", "dot") for r in rows[40:]),
    )
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multioutput[4,3]"}, notes
    assert found.folds.group == group
