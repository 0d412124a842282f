"""Several numbers of an image, whose rows the sample submission names by keys as `stk7|tilt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin, put, table

TRAIN = [f"stk{n:05}" for n in range(24)]
TEST = [f"stk{n:05}" for n in range(24, 32)]


def stacks(data: Path, keys: Sequence[str], columns: Sequence[str] = ("diameter", "tilt")) -> None:
    for n, name in enumerate(TRAIN):
        put(data / f"train/{name}.png", n)
    for n, name in enumerate(TEST):
        put(data / f"test/{name}.png", 50 + n)
    rows = [[f"{(n * 7 + k * 5) % 24 + 0.5}" for k in range(len(columns))] for n in range(24)]
    table(
        data / "train.csv",
        ("stack", *columns),
        *([a, *b] for a, b in zip(TRAIN, rows, strict=True)),
    )
    table(data / "sample_submission.csv", ("id", "value"), *((key, 0.0) for key in keys))


@pytest.mark.parametrize(("template", "lacking"), [
    ("{id}|{class}", 1), ("{id}__{class}", 3), ("{class}:{id}", 0), ("{class}/{id}", 1),
])  # fmt: skip
def test_columns_that_keys_name_are_the_numbers(
    tmp_path: Path, template: str, lacking: int
) -> None:
    fields = [{"id": name, "class": one} for name in TEST for one in ("diameter", "tilt")]
    keys = [template.format(**one) for one in fields]
    stacks(tmp_path / "data", keys[lacking:])
    found, notes = begin(tmp_path)
    assert str(found.tasks["classify"]) == "multitarget"
    assert (found.classes, found.data.train.label) == (["diameter", "tilt"], ["diameter", "tilt"])
    assert (found.submission.rows, found.submission.id) == ("image_class", template)
    assert found.submission.value == "scalar"
    assert "submission.value" not in notes
    assert ("check submission.rows and id" in notes) == bool(lacking)


def test_a_name_that_ends_with_another_is_taken_whole(tmp_path: Path) -> None:
    keys = [f"{name}_{one}" for name in TEST for one in ("size_x", "x")]
    stacks(tmp_path / "data", keys[1:], ("x", "size_x", "age"))
    found, _ = begin(tmp_path)
    assert (found.data.train.label, found.submission.id) == (["x", "size_x"], "{id}_{class}")


@pytest.mark.parametrize(("column", "kind"), [("diameter", "regression"), ("kind", "multiclass")])
def test_the_one_column_that_keys_name_is_the_label(tmp_path: Path, column: str, kind: str) -> None:
    data = tmp_path / "data"
    stacks(data, [f"{name}|{column}" for name in TEST])
    rows = [(name, n + 0.5, "abc"[n % 3], n % 7 + 0.5) for n, name in enumerate(TRAIN)]
    table(data / "train.csv", ("stack", "diameter", "kind", "tilt"), *rows)
    found, _ = begin(tmp_path)
    assert str(found.tasks["classify"]) == kind
    assert found.data.train.label == column
    assert found.submission.id == f"{{id}}|{column}"
