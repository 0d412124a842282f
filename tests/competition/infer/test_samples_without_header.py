"""Sample submissions with tabs or without a header: files to send are as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin, put, table

NAMES = [f"cup_{n:02}.png" for n in range(24)]
GRADES = ("fine", "fair", "poor")


def photos(data: Path, *, numbers: bool = False) -> None:
    for n, name in enumerate(NAMES):
        put(data / ("train" if n < 18 else "test") / name, n)
    label = [f"{n * 0.75 + 1}" if numbers else GRADES[n % 3] for n in range(18)]
    table(data / "train.csv", ("file", "grade"), *zip(NAMES, label, strict=False))


@pytest.mark.parametrize(("name", "sign", "header"), [
    ("sample_submit.tsv", "\t", False),
    ("sample_submit.tsv", "\t", True),
    ("sample_submit.csv", ",", False),
    ("sample_submit.csv", ";", False),
    ("sample_submit.csv", "\t", False),
    ("sample_submit.txt", "\t", False),
    ("sample_submit.txt", ",", False),
])  # fmt: skip
def test_files_to_send_have_the_signs_of_the_sample_and_its_header(
    tmp_path: Path, name: str, sign: str, header: bool
) -> None:
    data = tmp_path / "data"
    photos(data)
    # Another order than that of the names, and one placeholder for all.
    rows = [(one, "fair") for one in reversed(NAMES[18:])]
    host = data / name
    table(host, *[("file", "grade")] * header, *rows, sign=sign)
    spec, notes = begin(tmp_path)
    assert spec.to_choose == []
    assert "ask the host" not in notes
    assert check(host, spec) == []
    own = list(load_samples(spec, "test")["id"])
    answers = [spec.classes.index("poor")] * len(own)
    sent = write_submission(tmp_path / "sent", spec, own, None, np.array(answers))
    wanted = host.read_bytes().replace(b"fair", b"poor").splitlines()
    assert sent.read_bytes().splitlines()[: 1 + header] == wanted[: 1 + header]
    assert sorted(sent.read_bytes().splitlines()) == sorted(wanted)
    assert check(sent, spec) == []
    # The other form is refused, by its first line.
    other = [] if header else [("file", "grade")]
    table(tmp_path / "other", *other, *rows, sign=sign)
    wrong = [one for one in check(tmp_path / "other", spec) if one.level == "error"]
    assert {one.line for one in wrong} == {1}
    assert any("header" in f"{one.message} {one.fix}" for one in wrong)


@pytest.mark.parametrize(("sign", "cell"), [("\t", "0.5"), (";", "0,5"), (",", "0.5")])
def test_numbers_without_a_header_have_the_decimal_sign_of_the_sample(
    tmp_path: Path, sign: str, cell: str
) -> None:
    data = tmp_path / "data"
    photos(data, numbers=True)
    name = "sample_submission.tsv" if sign == "\t" else "sample_submission.csv"
    table(data / name, *((one, cell) for one in NAMES[18:]), sign=sign)
    spec, _ = begin(tmp_path)
    assert spec.to_choose == []
    assert spec.submission.file.decimal == cell[1]
    assert check(data / name, spec) == []
    own = list(load_samples(spec, "test")["id"])
    sent = write_submission(tmp_path / "sent", spec, own, np.full((len(own), 1), 0.5))
    assert sent.read_bytes() == (data / name).read_bytes()


def test_ids_without_a_header_may_be_numbers_as_labels_are(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / ("train" if n < 18 else "test") / f"{n}.png", n)
    table(data / "train.csv", ("file", "grade"), *((n, n % 3) for n in range(18)))
    table(data / "sample_submission.csv", *((n, 2) for n in range(18, 24)))
    spec, _ = begin(tmp_path)
    assert not spec.submission.file.header
    assert check(data / "sample_submission.csv", spec) == []


def test_a_blank_answer_in_every_row_is_no_header(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    table(data / "sample_submission.tsv", *((one, "") for one in NAMES[18:]), sign="\t")
    spec, _ = begin(tmp_path)
    assert (spec.submission.file.header, spec.submission.file.sep) == (False, "\t")
    assert len(load_samples(spec, "test")) == 6


@pytest.mark.parametrize(
    ("name", "sign"), [("sample_submit.csv", "\t"), ("sample_submit.tsv", "\t")]
)
def test_blank_answers_without_a_header_are_runs_as_train_has_them(
    tmp_path: Path, name: str, sign: str
) -> None:
    data = tmp_path / "data"
    photos(data)
    (data / "train.csv").unlink()
    runs = [f"{3 * n + 1} 4 {3 * n + 30} 2" if n % 4 else "" for n in range(18)]
    table(data / "train_mask.csv", ("file", "rle"), *zip(NAMES, runs, strict=False), sign="\t")
    host = data / name
    table(host, *((one, "") for one in reversed(NAMES[18:])), sign=sign)
    spec, notes = begin(tmp_path)
    assert spec.tasks == {"segment": "binary"}
    assert (spec.submission.file.header, spec.submission.file.sep) == (False, "\t")
    assert spec.submission.value == "rle"
    assert "neither labels nor" not in notes
    assert [one for one in check(host, spec) if one.level == "error"] == []


@pytest.mark.parametrize("order", ["file,hops,malt", "hops,malt,file"])
def test_several_numbers_without_a_header_are_the_columns_of_train(
    tmp_path: Path, order: str
) -> None:
    data = tmp_path / "data"
    photos(data)
    (data / "train.csv").unlink()
    cells = {"file": NAMES, "hops": [n % 3 for n in range(24)], "malt": [n % 5 for n in range(24)]}
    names = order.split(",")
    rows = list(zip(*(cells[name] for name in names), strict=True))
    table(data / "train.csv", names, *rows[:18])
    host = data / "sample_submit.csv"
    table(host, *rows[18:])
    spec, notes = begin(tmp_path)
    assert spec.classes == ["hops", "malt"]
    assert "called as those of train.csv, in the same order" in notes
    read = {one["id"]: list(one["label"]) for one in load_samples(spec, "train").to_dict("records")}
    of_ids = {str(name): [n % 3, n % 5] for n, name in enumerate(NAMES[:18])}
    assert read == of_ids
    assert check(host, spec) == []
    own = list(load_samples(spec, "test")["id"])
    answers = np.array([[n % 3, n % 5] for n in map(NAMES.index, own)], dtype=float)
    sent = write_submission(tmp_path / "sent", spec, own, answers)
    written = [tuple(one.split(",")) for one in sent.read_text().split()]
    as_text = [tuple(x if isinstance(x, str) else f"{x}.0" for x in row) for row in rows[18:]]
    assert [tuple(x if "cup" in x else str(float(x)) for x in row) for row in written] == as_text


def test_columns_of_train_in_another_place_or_of_words_name_none_of_the_sample(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    photos(data)
    (data / "train.csv").unlink()
    table(
        data / "train.csv",
        ("file", "hops", "kind"),
        *((one, n % 5, GRADES[n % 3]) for n, one in enumerate(NAMES[:18])),
    )
    table(data / "sample_submit.csv", *((one, n % 3, n % 4) for n, one in enumerate(NAMES[18:])))
    _, notes = begin(tmp_path)
    assert "in the same order" not in notes
