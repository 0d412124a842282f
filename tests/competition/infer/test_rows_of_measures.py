"""A row for each measure of an image, whose columns train calls otherwise, with words for none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, table

N_TRAIN, N_TEST = 24, 6
UNITS = ("Air_%", "Width_µm", "Pores_per_mm²")


def _concrete(data: Path, *, columns: tuple[str, ...] = UNITS, word: str = "k.A.") -> None:
    """Write pixels of an archive, decimal commas, and `word` for three numbers; a README."""
    data.mkdir()
    rng, names = np.random.default_rng(0), [f"P{100 + n // 4}-F{n % 4 + 1}" for n in range(30)]
    pixels = rng.integers(0, 255, (30, 16, 16)).astype(np.uint8)
    for part, at in (("training", slice(0, N_TRAIN)), ("test", slice(N_TRAIN, 30))):
        np.savez(data / f"bilder_{part}.npz", bilder=pixels[at], id=np.array(names[at]))
    rows = []
    for n, name in enumerate(names[:N_TRAIN]):
        numbers = (f"{20 + n / 7:.1f}", f"{40 + n / 3:.1f}", str(170 + n))
        written = [one.replace(".", ",") for one in numbers]
        cells = [word if n == 5 * at + 2 else one for at, one in enumerate(written)]
        rows.append((name, name[:4], *cells))
    text = "\n".join(";".join(row) for row in [("ID", "Probe", *columns), *rows])
    (data / "messwerte.csv").write_bytes(text.encode("cp1252"))
    ids = (f"{name}_{one}" for name in names[N_TRAIN:] for one in ("Air", "Width", "Pores"))
    table(data / "beispielabgabe.csv", ("ID_Kennwert", "Wert"), *((one, 0) for one in ids))
    told = "BEWERTUNG: Bestimmtheitsmaß R² für jeden der drei Kennwerte, davon der Mittelwert."
    (data / "LIESMICH.txt").write_text(told, encoding="utf-8")


@pytest.mark.parametrize("word", ["k.A.", "n/d", "brak"])
def test_rows_name_columns_by_their_beginning_and_a_word_is_no_number(
    tmp_path: Path, word: str
) -> None:
    _concrete(tmp_path / "data", word=word)
    found, told = begin(tmp_path)
    assert found.tasks == {"classify": "multitarget"}
    assert found.classes == ["Air", "Width", "Pores"]
    assert found.metric.name == "mean_r2"
    assert not found.to_choose
    assert f"1 cell of Air_% with {word!r}, taken for no number" in told
    first, third = (load_samples(found, "train")["label"].iloc[at] for at in (0, 2))
    np.testing.assert_allclose(first, [20.0, 40.0, 170.0])
    assert np.isnan(third[0])
    np.testing.assert_allclose(third[1:], [40.7, 172.0])


def test_a_beginning_that_two_columns_have_names_none(tmp_path: Path) -> None:
    columns = ("Air_%", "Width_µm", "Width_mm")
    _concrete(tmp_path / "data", columns=columns)
    with pytest.raises(DataError, match="a row for each of 'Air', 'Width', 'Pores'"):
        begin(tmp_path)
