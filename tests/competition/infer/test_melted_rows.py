"""Rows whose ids are an image and a label are columns of labels: `ID_7_any, 1`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError

ENDS = ("subdural", "intra_dural", "dural", "any")
N_TRAIN, N_ALL = 16, 20
TRUE = {f"ID_{n}a": {one for k, one in enumerate(ENDS) if (n >> k) % 2} for n in range(N_TRAIN)}


def write(data: Path, rows: list[tuple[str, str]], sample: str) -> None:
    for n in range(N_ALL):
        file = data / ("train" if n < N_TRAIN else "test") / f"ID_{n}a.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(file)
    text = "".join(f"{','.join(row)}\n" for row in [("ID", "Label"), *rows])
    (data / "train.csv").write_text(text)
    tests = [f"ID_{n}a" for n in range(N_TRAIN, N_ALL)]
    lines = {
        "rows": ["ID,Label", *(f"{one}_{end},0.5" for one in tests for end in ENDS)],
        "columns": [",".join(["ID", *ENDS]), *(f"{one},0.5,0.5,0.5,0.5" for one in tests)],
    }
    if sample in lines:
        (data / "sample_submission.csv").write_text("\n".join(lines[sample]) + "\n")


def melted() -> list[tuple[str, str]]:
    return [
        (f"{name}_{one}", str(int(one in found))) for name, found in TRUE.items() for one in ENDS
    ]


def labels_of(found: Competition) -> dict[str, set[str]]:
    assert found.classes is not None
    train = load_samples(found, "train")
    return {
        str(name): {one for one, there in zip(found.classes, row, strict=True) if there}
        for name, row in zip(train["id"], train["label"], strict=True)
    }


@pytest.mark.parametrize("sample", ["rows", "columns", "none"])
def test_rows_of_an_image_and_a_label_are_labels_of_the_image(sample: str, tmp_path: Path) -> None:
    rows = melted()
    # A host's table may have rows twice, and in any order.
    write(tmp_path / "data", [*rows[3:], *rows[:3], rows[5]], sample)
    found = infer(tmp_path / "data", tmp_path)
    assert labels_of(found.competition) == TRUE
    assert any("1 row stood twice" in one for one in found.notes)
    assert found.competition.submission is not None
    assert len(load_samples(found.competition, "test")) == N_ALL - N_TRAIN
    if sample == "rows":
        assert found.competition.submission.rows == "image_class"


@pytest.mark.parametrize("fault", ["two answers", "a lacking row", "another end"])
def test_rows_that_are_not_each_label_of_each_image_once_are_refused(
    fault: str, tmp_path: Path
) -> None:
    rows = melted()
    name, answer = rows[5]
    rows = {
        "two answers": [*rows, (name, str(1 - int(answer)))],
        "a lacking row": rows[1:],
        "another end": [*rows, ("ID_3a_else", "0")],
    }[fault]
    write(tmp_path / "data", rows, "rows")
    with pytest.raises(DataError, match="no labels") as caught:
        infer(tmp_path / "data", tmp_path)
    assert caught.value.fix
