"""Sample submissions without a header whose rows are units, of several images, or codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin, put, table

HERBS = {"basil": 3, "dill": 8, "mint": 12}
N_TRAIN, N_TEST = 24, 8
BEDS = range(1, 1 + N_TRAIN + N_TEST)
TO_PREDICT = [str(bed) for bed in BEDS[N_TRAIN:]]


def beds(data: Path, *, sign: str = ";") -> None:
    """Write photographs of garden beds, two or three of each, and the codes of what grows there."""
    for bed in BEDS:
        for month in ("may", "june", "july")[: 2 + bed % 2]:
            put(data / f"photos/{bed}_{month}.png", 7 * bed + len(month))
    names = sorted(HERBS)
    point = "," if sign == ";" else "."
    rows = [(bed, names[bed % 3], f"1{point}{bed}") for bed in BEDS]
    table(data / "train.csv", ("bed", "herb", "width"), *rows[:N_TRAIN], sign=sign)
    asked = ((bed, width) for bed, _, width in rows[N_TRAIN:])
    table(data / "test.csv", ("bed", "width"), *asked, sign=sign)
    table(data / "herbs.csv", ("herb", "code"), *HERBS.items(), sign=sign)


@pytest.mark.parametrize("sign", [",", ";"])
@pytest.mark.parametrize("first", ["3", "25"])
def test_a_first_row_of_a_unit_and_a_code_is_no_header(
    tmp_path: Path, sign: str, first: str
) -> None:
    data = tmp_path / "data"
    beds(data)
    codes = [first, *("12" if int(one) % 2 else "8" for one in TO_PREDICT[1:])]
    rows = list(zip(TO_PREDICT, ["3", *codes[1:]], strict=True))
    if first == TO_PREDICT[0]:  # one cell twice in the first row, where a code is a number of a bed
        table(data / "herbs.csv", ("herb", "code"), ("basil", 25), ("dill", 8), ("mint", 12))
        rows[0] = (first, first)
    host = data / "sample_submission.csv"
    table(host, *rows, sign=sign)
    spec, _ = begin(tmp_path)
    assert spec.to_choose == []
    assert set(spec.classes) == {first, "8", "12"}
    assert (spec.submission.file.header, spec.submission.file.sep) == (False, sign)
    assert check(host, spec) == []
    units = list(dict.fromkeys(load_samples(spec, "test")["unit"]))
    assert units == TO_PREDICT
    answers = np.array([spec.classes.index(code) for _, code in rows])
    sent = write_submission(tmp_path / "sent", spec, units, None, answers)
    assert sent.read_bytes() == host.read_bytes()


@pytest.mark.parametrize("header", [False, True])
def test_of_two_samples_that_which_names_all_of_test_is_taken(tmp_path: Path, header: bool) -> None:
    data = tmp_path / "data"
    beds(data)
    names = [("bed", "code")] * header
    table(data / "example_submission.csv", *names, *((one, 3) for one in TO_PREDICT[:3]))
    whole = data / "example_submission_of_all.csv"
    table(whole, *names, *((one, list(HERBS.values())[int(one) % 3]) for one in TO_PREDICT))
    spec, notes = begin(tmp_path)
    assert spec.to_choose == []
    assert spec.submission.file.header is header
    assert check(whole, spec) == []
    assert "example_submission_of_all.csv is taken as the sample submission" in notes


def test_of_two_samples_of_images_that_which_names_all_of_test_is_taken(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / ("train" if n < 22 else "test") / f"leaf{n}.png", n)
    table(data / "train.csv", ("leaf", "herb"), *((f"leaf{n}", "ab"[n % 2]) for n in range(22)))
    table(data / "sample_submission.csv", ("leaf", "herb"), ("leaf22", "a"), ("leaf23", "b"))
    whole = data / "sample_submission_whole.csv"
    table(whole, ("leaf", "herb"), *((f"leaf{n}", "a") for n in range(22, 30)))
    spec, _ = begin(tmp_path)
    assert check(whole, spec) == []


def test_folders_of_test_are_ids_of_rows_without_a_header(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for bed in BEDS:
        part = "train" if bed <= N_TRAIN else "test"
        for n in range(2):
            put(data / f"{part}/bed{bed}/{n}.png", 5 * bed + n)
    rows = ((f"bed{bed}", list(HERBS)[bed % 3]) for bed in BEDS[:N_TRAIN])
    table(data / "train.csv", ("bed", "herb"), *rows)
    host = data / "sample_submission.csv"
    table(host, *((f"bed{bed}", "dill") for bed in BEDS[N_TRAIN:]))
    spec, _ = begin(tmp_path)
    assert not spec.submission.file.header
    assert check(host, spec) == []


def test_names_of_columns_stay_a_header_where_a_unit_is_called_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / ("train" if n < 22 else "test") / f"leaf{n}.png", n)
    places = ["leaf", "stem", "root", "bud"]
    table(data / "train.csv", ("leaf", "herb"), *((f"leaf{n}", "ab"[n % 2]) for n in range(22)))
    rows = ((f"leaf{n}", places[n % 4]) for n in range(22, 30))
    table(data / "test.csv", ("leaf", "place"), *rows)
    whole = data / "sample_submission.csv"
    table(whole, ("leaf", "herb"), *((f"leaf{n}", "a") for n in range(22, 30)))
    spec, _ = begin(tmp_path)
    assert spec.submission.file.header
    assert check(whole, spec) == []
