"""A text beside each image whose lines have a name and a value, as a laboratory's card."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N_ALL = 24, 32


def _cards(data: Path, *, key: str = "Humidity (%)") -> None:
    """Write photos with their cards; the humidity stands on those of train, a remark on some."""
    for n in range(N_ALL):
        file = data / ("train" if n < N_TRAIN else "test") / f"am{n:03}"
        put(file.with_suffix(".png"), n)
        measured = f"{4.5 + n * 7 % 24:.1f}".replace(".", ",")
        lines = [f"Sample: am{n:03}", f"Field: T{n % 6:02}", f"Mass (g): {80 + n},5"]
        lines += [f"{key}: {measured}"] if n < N_TRAIN else []
        lines += ["Remark: scales were set anew"] if n % 9 == 4 else []
        file.with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = [f"am{n:03};20,0" for n in range(N_TRAIN, N_ALL)]
    (data / "sample_submission.csv").write_text("\n".join(["sample;humidity", *rows]) + "\n")
    (data / "README.txt").write_text("Estimate the humidity of the soil. Scored by RMSE.\n")


@pytest.mark.parametrize("key", ["Humidity (%)", "Humidity [% of mass]", "humidity/%", "Humidity"])
def test_a_line_with_a_unit_is_the_number_that_is_asked_for(key: str, tmp_path: Path) -> None:
    _cards(tmp_path / "data", key=key)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    train = load_samples(found, "train")
    labels = dict(zip(train["id"], train["label"], strict=True))
    assert {name.rpartition("/")[2][:5]: label for name, label in labels.items()} == {
        f"am{n:03}": 4.5 + n * 7 % 24 for n in range(N_TRAIN)
    }
    assert found.submission.file.decimal == ","


def test_a_text_that_is_no_card_is_no_table(tmp_path: Path) -> None:
    _cards(tmp_path / "data")
    for file in (tmp_path / "data/train").glob("*.txt"):
        file.write_text(f"{file.read_text()}A wet one, from below the old oak.\n")
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def test_another_quantity_than_that_asked_for_is_a_question(tmp_path: Path) -> None:
    _cards(tmp_path / "data", key="Clay (%)")
    found, _ = begin(tmp_path)
    assert "data.train.label" in found.to_choose


def test_a_table_beside_cards_is_read_as_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _cards(data)
    rows = ((f"am{n:03}", 9.5 + n * 5 % 24) for n in range(N_TRAIN))
    table(data / "train.csv", ("sample", "humidity"), *rows)
    found, _ = begin(tmp_path)
    assert found.data.train.table == "data/train.csv"
