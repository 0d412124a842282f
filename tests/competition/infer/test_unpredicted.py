"""Boxes, texts, several answers and packed masks are refused, and never taken for classes."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest

from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table


def images(data: Path) -> None:
    for n in range(20):
        put(data / ("train" if n < 16 else "test") / f"p{n:02}.png", n)


@pytest.mark.parametrize("cell", [
    "U+306F {n} 3465 133 53 U+304C 275 {n} 84 69",
    "opacity 1 {n}.28 577.43 1818.93 2494.73",
])  # fmt: skip
def test_words_with_boxes_in_cells_are_refused(tmp_path: Path, cell: str) -> None:
    data = tmp_path / "data"
    images(data)
    rows = [(f"p{n:02}", cell.format(n=700 + n)) for n in range(16)]
    table(data / "train.csv", ("image", "labels"), *rows)
    sent = ((f"p{n}", "") for n in range(16, 20))
    table(data / "sample_submission.csv", ("image", "labels"), *sent)
    with pytest.raises(DataError, match=r"words with boxes.*no boxes"):
        begin(tmp_path)


def test_a_text_for_each_image_is_refused_where_nobody_names_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    rows = [(f"p{n:02}", f"InChI=1S/C{13 + n}H20OS/c1-9(2)8-15-13") for n in range(16)]
    table(data / "train.csv", ("image", "formula"), *rows)
    table(
        data / "sample_submission.csv",
        ("image", "formula"),
        *((f"p{n}", "InChI=1S/H2O") for n in range(16, 20)),
    )
    with pytest.raises(DataError, match=r"16 texts in 16 rows.*writes no texts"):
        begin(tmp_path)
    assert begin(tmp_path, "formula")[0].data.train.label == "formula"


def test_codes_of_individuals_are_classes_all_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    rows = [(f"p{n:02}", f"{n * 7919:032x}") for n in range(16)]
    table(data / "train.csv", ("image", "individual"), *rows)
    table(
        data / "sample_submission.csv",
        ("image", "individual"),
        *((f"p{n}", f"{0:032x}") for n in range(16, 20)),
    )
    assert begin(tmp_path)[0].data.train.label == "individual"


@pytest.mark.parametrize("metric", ["macro-averaged recall", "RMSE"])
def test_numbers_of_classes_in_several_columns_are_outputs(tmp_path: Path, metric: str) -> None:
    """Numbers of classes in columns: of a metric of numbers they are numbers."""
    data, names = tmp_path / "data", ("root", "vowel", "accent")
    images(data)
    rows = [(f"p{n:02}", n % 4, n % 3, n // 2 % 3) for n in range(16)]
    table(data / "train.csv", ("image", *names), *rows)
    sent = [(f"p{n}_{one}", 0) for n in range(16, 20) for one in sorted(names)]
    table(data / "sample_submission.csv", ("row_id", "target"), *sent)
    (data / "README.md").write_text(f"Submissions are evaluated by {metric}.\n")
    competition = begin(tmp_path)[0]
    assert competition.data.train.label == list(names)
    if metric == "RMSE":
        assert competition.tasks == {"classify": "multitarget"}
    else:
        assert competition.tasks == {"classify": "multioutput[4,3,3]"}
        assert competition.metric.name == "balanced_accuracy_by_output"


def test_packed_masks_to_send_without_masks_of_train_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    packed = base64.b64encode(zlib.compress(b"PPPL04")).decode("ascii")
    table(data / "train.csv", ("ID", "Label"), *((f"p{n:02}", "ab"[n % 2]) for n in range(16)))
    sent = [(f"p{n}", 32, 32, f"0 1 {packed}") for n in range(16, 20)]
    table(data / "sample_submission.csv", ("ID", "Width", "Height", "PredictionString"), *sent)
    with pytest.raises(DataError, match=r"asks for masks \(PredictionString\), and train has none"):
        begin(tmp_path)
