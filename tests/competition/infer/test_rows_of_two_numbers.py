"""Rows that two numbers name together, where the second one begins anew in each first one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.rows.unit_rows import images_of_ids
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.scan import scan_folder
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin, put, table

ORDERS = ("Coleoptera", "Diptera", "Odonata")
CASES = range(1, 10)
PINS = {case: [pin for pin in range(1, 15) if (case * pin) % 7 != 3] for case in CASES}
"""Cases of a collection of insects, and the pins that are left in each."""
TEST = (2, 5, 9)
FILES: dict[str, Callable[[int, int], str]] = {
    "words of the columns": lambda case, pin: f"schubladen/lade_{case:02}/nadel_{pin:04}.png",
    "other words": lambda case, pin: f"fotos/kasten {case:03}/IMG_{pin:03}.png",
    "one folder": lambda case, pin: f"fotos/l{case:02}_n{pin:03}.png",
    "plain numbers": lambda case, pin: f"fotos/{case}/{pin}.png",
}


def kind(case: int, pin: int) -> str:
    return ORDERS[(3 * case + pin * pin) % 3]


def insects(
    data: Path, files: str, *, listed: bool = True, lost: tuple[tuple[int, int], ...] = ()
) -> None:
    """Write one tree of pictures, a table of train, one of test where `listed`, and a sample."""
    each = [(case, pin) for case in CASES for pin in PINS[case]]
    for n, (case, pin) in enumerate(each):
        if (case, pin) not in lost:
            put(data / FILES[files](case, pin), n)
    train = [one for one in each if one[0] not in TEST]
    test = [one for one in each if one[0] in TEST]
    header = ("lade", "nadel", "reihe")
    rows = [(case, pin, (pin + 4) // 5, kind(case, pin)) for case, pin in train]
    table(data / "train.csv", (*header, "ordnung"), *rows)
    if listed:
        table(data / "test.csv", header, *((a, b, (b + 4) // 5) for a, b in test))
    sample = ((a, b, ORDERS[0]) for a, b in test)
    table(data / "sample_submission.csv", ("lade", "nadel", "ordnung"), *sample)


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("files", FILES)
def test_each_row_is_the_file_of_both_numbers(tmp_path: Path, files: str, listed: bool) -> None:
    data = tmp_path / "data"
    insects(data, files, listed=listed)
    found, _ = begin(tmp_path)
    assert not found.to_choose
    rows = pd.read_csv(data / "train.csv")
    wanted = {
        f"data/{FILES[files](case, pin)}": label
        for case, pin, label in rows[["lade", "nadel", "ordnung"]].itertuples(index=False)
    }
    train = load_samples(found, "train")
    assert found.classes is not None
    labels = [found.classes[int(one)] for one in train["label"]]
    paths = [str(path) for (path,) in train["images"]]
    assert dict(zip(paths, labels, strict=True)) == wanted
    test = load_samples(found, "test")
    to_predict = {f"data/{FILES[files](case, pin)}" for case in TEST for pin in PINS[case]}
    assert {path for (path,) in test["images"]} == to_predict


@pytest.mark.parametrize("listed", [True, False])
def test_the_file_to_send_has_both_columns_without_zeros(tmp_path: Path, listed: bool) -> None:
    insects(tmp_path / "data", "words of the columns", listed=listed)
    found, _ = begin(tmp_path)
    ids = list(load_samples(found, "test")["id"])
    file = write_submission(tmp_path / "sent.csv", found, ids, None, np.zeros(len(ids), int))
    assert check(file, found) == []
    asked = pd.read_csv(tmp_path / "data/sample_submission.csv", dtype=str)
    sent = pd.read_csv(file, dtype=str)
    assert list(sent) == list(asked)
    keys = ["lade", "nadel"]
    assert (
        sent[keys].sort_values(keys).values.tolist()
        == asked[keys].sort_values(keys).values.tolist()
    )


def test_lost_files_leave_their_rows_out(tmp_path: Path) -> None:
    lost = ((1, PINS[1][2]), (7, PINS[7][4]))
    insects(tmp_path / "data", "words of the columns", lost=lost)
    found, _ = begin(tmp_path)
    assert len(load_samples(found, "train")) == sum(map(len, PINS.values())) - 2 - sum(
        len(PINS[case]) for case in TEST
    )


def test_a_table_with_the_files_is_offered_by_all_columns_that_name_a_row(tmp_path: Path) -> None:
    """The first column of the sample alone names no row: what to write has both, each once."""
    rows = [(str(case), str(pin), f"x{case}y{pin}") for case in CASES for pin in PINS[case]]
    for n, (_, _, name) in enumerate(rows):
        put(tmp_path / f"data/fotos/{name}.png", n)
    register = pd.DataFrame(rows, columns=["lade", "nadel", "datei"], dtype=object)
    asked = register[register["lade"].isin([str(one) for one in TEST])]
    sample = SampleSubmission("sample.csv", asked[["lade", "nadel"]].assign(ordnung=ORDERS[0]))
    folder = scan_folder(tmp_path / "data", "data")
    found = images_of_ids(CompetitionData(folder, {"register.csv": register}), sample)
    assert found is not None
    assert (found.ids, found.files, found.first.name) == (("lade", "nadel"), "datei", "x2y1.png")
    other = CompetitionData(folder, {"register.csv": register[register["lade"] != "9"]})
    assert images_of_ids(other, sample) is None
