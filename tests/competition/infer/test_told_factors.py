"""Numbers in units of which a text tells the factor, and samples that call a column with one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

HEADER = ("kuva", "suolaisuus", "yksikko")
NUMBERS = [(3 + n * 7 % 30) + n / 8 for n in range(32)]
"""In PSU."""


def waters(
    data: Path,
    text: str,
    *,
    sent: str = "suolaisuus_psu",
    header: Sequence[str] = HEADER,
    units: tuple[str, str, float] = ("PSU", "degS", 1.25),
) -> None:
    """Write pictures of water, whose salt has one unit in most rows and another one in the others.

    Args:
        data: the folder.
        text: of the README.
        sent: the column of the sample.
        header: of the table of train.
        units: of most rows, of every third one, and how many of the former the latter is.
    """
    first, second, factor = units
    for n in range(40):
        put(data / f"kuvat/{'train' if n < 32 else 'test'}/V{n:02}.png", n)
    rows = [
        (f"V{n:02}", f"{one / factor if n % 3 == 2 else one:.4f}", second if n % 3 == 2 else first)
        for n, one in enumerate(NUMBERS)
    ]
    table(data / "train.csv", header, *rows)
    sample = (("kuva", sent), *((f"V{n:02}", 12.5) for n in range(32, 40)))
    table(data / "sample_submission.csv", *sample)
    (data / "README.md").write_text(text, encoding="utf-8")


def answers(root: Path) -> list[float]:
    found, _ = begin(root)
    assert not {one for one in found.to_choose if one != "metric.name"}
    return [float(one) for one in load_samples(found, "train")["label"]]


@pytest.mark.parametrize("told", [
    "Muista: **1 degS = 1,25 PSU**, joten muunna ensin.",
    "One meter gives degS, the other one PSU; 1 degS is about 1.25 PSU.",
    "The two are linear: `PSU = 1.25 × degS`.",
    "4 PSU = 5 psu?\n\n2 degS = 2.5 PSU",
    "1 PSU = 0.8 degS",
])  # fmt: skip
def test_numbers_are_converted_by_the_factor_of_a_text(tmp_path: Path, told: str) -> None:
    waters(tmp_path / "data", told)
    assert answers(tmp_path) == pytest.approx(NUMBERS, abs=1e-3)


def test_the_unit_that_is_asked_for_may_stand_in_a_text(tmp_path: Path) -> None:
    waters(tmp_path / "data", "1 degS = 1.25 PSU\n\nSubmissions: suolaisuus in degS.", sent="salt")
    assert answers(tmp_path) == pytest.approx([one / 1.25 for one in NUMBERS], abs=1e-3)


@pytest.mark.parametrize("told", [
    "One meter gives degS, the other one PSU.",
    "1 degS = 1,250 PSU",
    "1 degS = 1.25 PSU\n\n1 degS = 1.3 PSU",
    "It is not true that 1 degS = 1.25 PSU.",
    "PSU = 1.25 degS",
])  # fmt: skip
def test_units_without_a_certain_factor_are_refused_with_what_to_write(
    tmp_path: Path, told: str
) -> None:
    waters(tmp_path / "data", told)
    with pytest.raises(DataError, match="several units") as refused:
        begin(tmp_path)
    assert refused.value.fix is not None
    assert "'1 degS = 2 PSU'" in refused.value.fix
    # The way out is one.
    text = f"{told}\n" if told.endswith("PSU.") and "not" not in told else ""
    (tmp_path / "data/README.md").write_text(f"{text}\n1 degS = 1.25 PSU")
    assert answers(tmp_path) == pytest.approx(NUMBERS, abs=1e-3)


def test_a_factor_without_the_unit_that_is_asked_for_is_refused(tmp_path: Path) -> None:
    waters(tmp_path / "data", "1 degS = 1.25 PSU", sent="suolaisuus")
    with pytest.raises(DataError, match="several units"):
        begin(tmp_path)


def test_known_units_are_converted_to_that_of_a_column_of_the_sample(tmp_path: Path) -> None:
    """The column of train has another name: without the unit."""
    header = ("kuva", "pituus", "yksikko")
    waters(tmp_path / "data", "", sent="pituus_cm", header=header, units=("cm", "in", 2.54))
    assert answers(tmp_path) == pytest.approx(NUMBERS, abs=1e-3)


def test_a_column_called_unit_beside_counts_is_none_of_measures(tmp_path: Path) -> None:
    data = tmp_path / "data"
    waters(data, "", sent="birds", header=("kuva", "birds", "unit"), units=("hide", "pond", 1))
    rows = [(f"V{n:02}", n * 5 % 17, ("hide", "pond")[n % 2]) for n in range(32)]
    table(data / "train.csv", ("kuva", "birds", "unit"), *rows)
    assert answers(tmp_path) == [n * 5 % 17 for n in range(32)]
