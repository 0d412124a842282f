"""Numbers with decimal commas are numbers, whatever parts the cells of their table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

OBSERVERS = ("AK", "MB", "beide")
AMOUNTS = ("few", "some", "many")


def images(data: Path, n: int) -> list[str]:
    """Write `n` images and return their names."""
    (data / "fotos").mkdir(parents=True)
    names = [f"f{k:02}" for k in range(n)]
    for k, name in enumerate(names):
        Image.new("RGB", (8, 8), (k * 5, 9, 0)).save(data / "fotos" / f"{name}.jpg")
    return names


def written(path: Path, sep: str, *rows: list[str]) -> None:
    path.write_text("\n".join(sep.join(row) for row in rows) + "\n")


def half(k: int) -> str:
    return f"{k / 2:.1f}".replace(".", ",")


@pytest.mark.parametrize(
    ("name", "sep"),
    [("zahlen.tsv", "\t"), ("zahlen.csv", "\t"), ("zahlen.csv", ";"), ("train.tsv", "\t")],
)
def test_the_columns_of_the_sample_are_numbers_whatever_parts_the_cells(
    tmp_path: Path, name: str, sep: str
) -> None:
    data = tmp_path / "data"
    names = images(data, 40)
    rows = [[n, half(k % 7), half(k % 5), OBSERVERS[k % 3]] for k, n in enumerate(names[:30])]
    written(data / name, sep, ["Foto", "rund", "länglich", "Zähler"], *rows)
    sample = [[one, "0,0", "0,0"] for one in names[30:]]
    written(data / "sample_submission.csv", ";", ["Foto", "rund", "länglich"], *sample)
    found = infer(data, tmp_path)
    spec = found.competition
    assert spec.tasks == {"classify": "multitarget"}
    assert spec.classes == ["rund", "länglich"]
    assert spec.to_choose == []
    assert not [note for note in found.notes if "mend" in note or "choose" in note]
    shown = f"which has cells between {sep!r}, decimal commas in 'rund', 'länglich'"
    assert any(note.endswith(f"{name}, {shown}") for note in found.notes)
    train = load_samples(spec, "train")
    assert np.array_equal(
        np.stack(list(train["label"])), [[k % 7 / 2, k % 5 / 2] for k in range(30)]
    )
    ids = list(load_samples(spec, "test")["id"])
    assert ids == names[30:]
    file = write_submission(tmp_path / "sent.csv", spec, ids, np.full((10, 2), 1.5))
    assert check(file, spec) == []
    assert file.read_text().splitlines()[:2] == ["Foto;rund;länglich", "f30;1,5;1,5"]


def test_commas_of_thousands_and_of_lists_are_no_decimal_commas(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = images(data, 40)
    lists = ("1", "2", "3", "1,2", "2,3", "1,3")
    rows = [[n, f"{k + 1},250" if k % 2 else "980", lists[k % 6]] for k, n in enumerate(names[:30])]
    written(data / "train.tsv", "\t", ["photo", "price", "labels"], *rows)
    sample = [[one, "1"] for one in names[30:]]
    written(data / "sample_submission.csv", ",", ["photo", "labels"], *sample)
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": "multilabel"}
    assert found.competition.classes == ["1", "2", "3"]
    assert not [note for note in found.notes if "decimal" in note]


def test_columns_that_the_sample_asks_for_come_before_others_whatever_they_hold(
    tmp_path: Path,
) -> None:
    """Words in two columns are two outputs; the observers are asked for by nobody."""
    data = tmp_path / "data"
    names = images(data, 40)
    rows = [[n, AMOUNTS[k % 3], AMOUNTS[k % 2], OBSERVERS[k % 3]] for k, n in enumerate(names)]
    written(data / "train.csv", ",", ["photo", "round", "long", "observer"], *rows[:30])
    sample = [[one, "few", "few"] for one in names[30:]]
    written(data / "sample_submission.csv", ",", ["photo", "round", "long"], *sample)
    found = infer(data, tmp_path)
    assert found.competition.data.train.label == ["round", "long"]
    assert found.competition.kind.is_by_output
    assert found.competition.to_choose == []
    assert "label: observer" not in found.text


def test_labels_stand_in_the_table_that_the_sample_asks_for(tmp_path: Path) -> None:
    """A table of facts names more images, those to predict among them."""
    data = tmp_path / "data"
    names = images(data, 40)
    facts = [[n, f"P{k // 3}", ("left", "right")[k % 2]] for k, n in enumerate(names)]
    written(data / "facts.csv", ",", ["photo", "patient", "place"], *facts)
    rows = [[n, str(k % 5), str(k % 7)] for k, n in enumerate(names[:30])]
    written(data / "numbers.csv", ",", ["photo", "round", "long"], *rows)
    sample = [[one, "0", "0"] for one in names[30:]]
    written(data / "sample_submission.csv", ",", ["photo", "round", "long"], *sample)
    spec = infer(data, tmp_path).competition
    assert spec.tasks == {"classify": "multitarget"}
    assert spec.data.train.label == ["round", "long"]
    assert spec.folds.group == "patient"


def test_numbers_that_are_typed_as_text_in_a_workbook_may_have_decimal_commas(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    names = images(data, 40)
    rows = [(name, half(k % 7), k + 0.5) for k, name in enumerate(names[:30])]
    book = pd.DataFrame(rows, columns=["Foto", "rund", "flach"])
    book.to_excel(data / "zahlen.xlsx", index=False)
    sample = [[one, "0,0", "0,0"] for one in names[30:]]
    written(data / "sample_submission.csv", ";", ["Foto", "rund", "flach"], *sample)
    found = infer(data, tmp_path)
    train = load_samples(found.competition, "train")
    expected = [[k % 7 / 2, k + 0.5] for k in range(30)]
    assert np.array_equal(np.stack(list(train["label"])), expected)
    assert any("(decimal commas in 'rund') of a workbook" in note for note in found.notes)
