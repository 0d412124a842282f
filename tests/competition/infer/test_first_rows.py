"""A sample submission of the first rows of a file shows the form, and not what is predicted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer

N_TEST = 40
IDS = [f"t{k}" for k in range(N_TEST)]


def read(
    root: Path,
    *,
    rows: int | list[str],
    text: str = "",
    name: str = "sample_submission.csv",
    with_table: bool = False,
) -> Inferred:
    """Return what is inferred of images of three classes and a sample of some rows."""
    data = root / "data"
    for part, n in (("train", 30), ("test", N_TEST)):
        (data / part).mkdir(parents=True)
        for k in range(n):
            Image.new("RGB", (8, 8), (k * 5, 9, n)).save(data / part / f"{part[0]}{k}.png")
    train = [f"t{k}r,{'abc'[k % 3]}" for k in range(30)]
    for k in range(30):
        (data / "train" / f"t{k}.png").rename(data / "train" / f"t{k}r.png")
    (data / "train.csv").write_text("\n".join(["id,label", *train]) + "\n")
    shown = IDS[:rows] if isinstance(rows, int) else rows
    sent = [f"{one},{'abc'[k % 2]}" for k, one in enumerate(shown)]
    (data / name).write_text("\n".join(["id,label", *sent]) + "\n")
    if with_table:
        (data / "test.csv").write_text("\n".join(["id", *reversed(IDS)]) + "\n")
    if text:
        (data / "README.md").write_text(text, encoding="utf-8")
    return infer(data, root)


def is_sample_open(found: Inferred) -> bool:
    return any("choose submission.sample" in one for one in found.notes)


@pytest.mark.parametrize(
    ("rows", "text", "name"),
    [
        (5, "", "sample_submission.csv"),
        (20, "", "sample_submission_head.csv"),
        (20, "sample_submission.csv: the first 20 rows", "sample_submission.csv"),
        (20, "The sample has the first lines of the file to send.", "sample_submission.csv"),
        (20, "Die Beispieldatei zeigt die ersten 20 Zeilen.", "sample_submission.csv"),
        (20, "sample_submission.csv : premières lignes du fichier", "sample_submission.csv"),
        (20, "sample_submission.csv は最初の数行だけです。", "sample_submission.csv"),
    ],
)
def test_the_first_rows_of_a_sample_get_those_of_all_images_to_predict(
    tmp_path: Path, rows: int, text: str, name: str
) -> None:
    found = read(tmp_path, rows=rows, text=text, name=name)
    sample = found.competition.submission.sample
    assert sample is not None
    table = pd.read_csv(tmp_path / sample)
    assert list(table) == ["id", "label"]
    assert list(table["id"]) == IDS  # as people count, t2 before t10
    assert any("show the form of a file to send alone" in one for one in found.notes)
    assert not is_sample_open(found)
    assert not any("submission.id" in one for one in found.notes)


def test_the_rows_have_the_order_of_the_table_of_test(tmp_path: Path) -> None:
    shown = IDS[::-1][:4]
    sample = read(tmp_path, rows=shown, with_table=True).competition.submission.sample
    assert sample is not None
    assert list(pd.read_csv(tmp_path / sample)["id"]) == IDS[::-1]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (20, ""),  # they may be all that is scored
        (20, "The first row of the sample is the header."),
        (IDS[3:30:9], ""),
    ],
)
def test_rows_that_may_be_all_that_is_scored_are_asked_for(
    tmp_path: Path, rows: int | list[str], text: str
) -> None:
    found = read(tmp_path, rows=rows, text=text)
    assert found.competition.submission.sample == "data/sample_submission.csv"
    assert is_sample_open(found)
    assert "or sample: null" in found.text


def test_a_sample_of_all_rows_stays(tmp_path: Path) -> None:
    found = read(tmp_path, rows=N_TEST, name="sample_submission_head.csv")
    assert found.competition.submission.sample == "data/sample_submission_head.csv"
    assert not is_sample_open(found)
