"""Digits of other scripts in tables are what they are, and are sent as the host has them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.dialects.other_digits import in_ascii_digits
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.sections.submission import FileForm
from podium.competition.spec import Competition
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

PERSIAN = "۰۱۲۳۴۵۶۷۸۹٫"
ARABIC = "٠١٢٣٤٥٦٧٨٩٫"
DEVANAGARI = "०१२३४५६७८९."
FULL_WIDTH = "０１２３４５６７８９．"
LATIN = "0123456789."


def spelt(text: str, signs: str) -> str:
    return text.translate(str.maketrans(LATIN, signs))


def percent(k: int) -> float:
    return (k * 37 % 101) / 2 + 0.5


def download(
    data: Path, ids: str, numbers: str, *, sample: str | None = None, fractions: str = "0.0"
) -> None:
    """Write 40 photos, 30 of them with a percentage, in tables with these digits."""
    (data / "photos").mkdir(parents=True)
    for k in range(1, 41):
        Image.new("RGB", (8, 8), (k * 5, 9, 0)).save(data / "photos" / f"{k:04}.jpg")
    rows = [[spelt(f"{k:04}", ids), spelt(f"{percent(k)}", numbers)] for k in range(1, 31)]
    write(data / "train.csv", [["number", "open"], *rows])
    placeholder = spelt(fractions, numbers if sample is None else sample)
    rows = [[spelt(f"{k:04}", ids), placeholder] for k in range(31, 41)]
    write(data / "sample_submission.csv", [["number", "open"], *rows])


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows(rows)


def sent(spec: Competition, root: Path) -> list[str]:
    """Return the lines of a file with 62.5 for the first image, and 0.00001 for the others."""
    ids = list(load_samples(spec, "test")["id"])
    assert ids == [f"{k:04}" for k in range(31, 41)]
    answers = np.array([62.5, *[1e-5] * 9])[:, None]
    file = write_submission(root / "sent.csv", spec, ids, answers)
    assert check(file, spec) == []
    return file.read_text(encoding="utf-8-sig").splitlines()


@pytest.mark.parametrize(
    ("ids", "numbers"),
    [
        (PERSIAN, PERSIAN), (LATIN, PERSIAN), (PERSIAN, LATIN), (ARABIC, ARABIC),
        (DEVANAGARI, DEVANAGARI), (FULL_WIDTH, FULL_WIDTH), (LATIN, LATIN),
    ],
)  # fmt: skip
def test_ids_and_numbers_are_read_and_sent_back_in_their_digits(
    tmp_path: Path, ids: str, numbers: str
) -> None:
    download(tmp_path / "data", ids, numbers)
    found = infer(tmp_path / "data", tmp_path)
    spec = found.competition
    assert spec.tasks == {"classify": "regression"}
    assert "submission.file" not in " ".join(spec.to_choose)
    train = load_samples(spec, "train")
    assert list(train["label"]) == [percent(k) for k in range(1, 31)]
    assert [Path(one[0]).name for one in train["images"]] == [f"{k:04}.jpg" for k in range(1, 31)]
    header, first, second, *_ = sent(spec, tmp_path)
    assert header == "number,open"
    assert first == f"{spelt('0031', ids)},{spelt('62.5', numbers)}"
    least = "1e-05" if ids == numbers == LATIN else spelt("0.00001", numbers)
    assert second == f"{spelt('0032', ids)},{least}"
    if ids != LATIN:
        assert any(f"'{spelt('0001', ids)}' is 0001" in note for note in found.notes)


def test_what_a_sample_without_fractions_leaves_open_is_asked_or_as_train_has_it(
    tmp_path: Path,
) -> None:
    download(tmp_path / "shown", PERSIAN, PERSIAN, fractions="0")
    shown = infer(tmp_path / "shown", tmp_path / "1").competition
    assert sent(shown, tmp_path)[1] == "۰۰۳۱,۶۲٫۵"
    download(tmp_path / "open", PERSIAN, LATIN, sample=PERSIAN, fractions="0")
    assert "submission.file" in infer(tmp_path / "open", tmp_path / "2").competition.to_choose
    download(tmp_path / "latin", PERSIAN, PERSIAN, sample=LATIN)
    latin = infer(tmp_path / "latin", tmp_path / "3").competition
    assert sent(latin, tmp_path)[1] == "۰۰۳۱,62.5"  # the sample decides, not train


def test_a_sample_whose_digits_are_mixed_is_sent_in_ascii_and_a_note_tells_it(
    tmp_path: Path,
) -> None:
    download(tmp_path / "data", PERSIAN, LATIN)
    sample = tmp_path / "data" / "sample_submission.csv"
    sample.write_text(sample.read_text(encoding="utf-8").replace("۰۰۳۲", "0032"), encoding="utf-8")
    found = infer(tmp_path / "data", tmp_path)
    assert sent(found.competition, tmp_path)[1] == "0031,62.5"
    [note] = [one for one in found.notes if "files to send have ASCII digits" in one]
    assert "number ('0032')" in note
    assert "ask the host" in note


def test_names_of_files_and_columns_in_other_digits_keep_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "photos").mkdir(parents=True)
    for k in range(1, 41):
        name = spelt(f"{k:04}", PERSIAN)
        Image.new("RGB", (8, 8), (k * 5, 9, 0)).save(data / "photos" / f"{name}.jpg")
    rows = [[spelt(f"{k:04}", PERSIAN), "۱۲۳"[k % 3]] for k in range(1, 31)]
    write(data / "train.csv", [["number", "grade"], *rows])
    rows = [[spelt(f"{k:04}", PERSIAN), "0", "0", "0"] for k in range(31, 41)]
    write(data / "sample_submission.csv", [["number", "۱", "۲", "۳"], *rows])
    spec = infer(data, tmp_path).competition
    assert spec.classes == ["۱", "۲", "۳"]
    assert not spec.submission.file.digits
    assert next(iter(load_samples(spec, "test")["id"])) == "۰۰۳۱"


def test_thousands_are_left_out_where_they_stand_as_such_and_no_number_is_made_else(
    tmp_path: Path,
) -> None:
    photos = [f"{k:04}" for k in range(1, 31)]
    for name, cell, value in (("a", "۱٬۲۵{}٫۵", "125{}.5"), ("b", "۶۲٬{}", "62٬{}")):
        table = pd.DataFrame({"n": photos, "x": [cell.format("۰۱۲"[k % 3]) for k in range(30)]})
        [found] = in_ascii_digits(
            CompetitionData(scan_folder(tmp_path, ""), {name: table})
        ).values()
        assert list(found.table["x"]) == [value.format("012"[k % 3]) for k in range(30)]
        assert ("text, not a number" in found.reader) == (name == "b")


def test_a_table_without_a_header_has_its_first_row(tmp_path: Path) -> None:
    download(tmp_path / "data", PERSIAN, PERSIAN)
    for name in ("train.csv", "sample_submission.csv"):
        path = tmp_path / "data" / name
        write(path, [row.split(",") for row in path.read_text("utf-8-sig").split()[1:]])
    spec = infer(tmp_path / "data", tmp_path).competition
    assert list(load_samples(spec, "train")["label"]) == [percent(k) for k in range(1, 31)]
    assert spec.submission.file.digits == {"image": "۰", "label": "۰"}


def test_a_file_with_other_digits_than_the_sample_is_refused(tmp_path: Path) -> None:
    download(tmp_path / "data", PERSIAN, PERSIAN)
    spec = infer(tmp_path / "data", tmp_path).competition
    lines = sent(spec, tmp_path)
    wrong = tmp_path / "wrong.csv"
    for before, after, told in (("۰۰۳۱", "0031", "number"), ("۶۲٫۵", "62٫5", "open")):
        wrong.write_text("\n".join(lines).replace(before, after) + "\n", encoding="utf-8")
        [problem] = [one for one in check(wrong, spec) if one.level == "error"]
        assert f"{told} has other digits than the host's sample" in problem.message
        assert problem.line == 2
    with pytest.raises(ValueError, match="no digit 0"):
        FileForm.model_validate({"digits": {"number": "۱"}})


def test_a_test_table_in_persian_tells_the_groups_that_train_does_not_share(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    (data / "عکس\u200cها").mkdir(parents=True)
    for k in range(1, 49):
        Image.new("RGB", (8, 8), (k * 5, 9, 0)).save(data / "عکس\u200cها" / f"{k:04}.jpg")
    growers = ["رضایی", "کریمی", "حسینی", "محمدی", "نجفی", "صادقی"]
    ids = [spelt(f"{k:04}", PERSIAN) for k in range(1, 49)]
    rows = [
        [one, growers[k % 4 if k < 32 else 4 + k % 2], spelt(str(percent(k)), PERSIAN)]
        for k, one in enumerate(ids)
    ]
    write(data / "آموزش.csv", [["شماره", "باغدار", "درصد"], *rows[:32]])
    write(data / "آزمون.csv", [["شماره", "باغدار"], *(row[:2] for row in rows[32:])])
    sample = [[one, spelt("0.0", PERSIAN)] for one in ids[32:]]
    write(data / "نمونه_پاسخ.csv", [["شماره", "درصد"], *sample])
    spec = infer(data, tmp_path).competition
    assert spec.folds.group == "باغدار"
    assert not spec.to_choose
    assert list(load_samples(spec, "test")["id"]) == [f"{k:04}" for k in range(33, 49)]


def test_a_workbook_with_other_digits_is_read_and_sent_as_others_are(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    download(tmp_path / "data", PERSIAN, PERSIAN)
    for name in ("train", "sample_submission"):
        path = tmp_path / "data" / f"{name}.csv"
        pd.read_csv(path, dtype=str).to_excel(path.with_suffix(".xlsx"), index=False)
        path.unlink()
    spec = infer(tmp_path / "data", tmp_path).competition
    assert list(load_samples(spec, "train")["label"]) == [percent(k) for k in range(1, 31)]
    assert sent(spec, tmp_path)[1] == "۰۰۳۱,۶۲٫۵"


def test_answers_with_other_digits_in_train_than_in_the_sample_have_a_note(tmp_path: Path) -> None:
    download(tmp_path / "latin", PERSIAN, PERSIAN, sample=LATIN)
    download(tmp_path / "blank", PERSIAN, PERSIAN, fractions="")
    for name, answer, told in (
        ("latin", "62.5", "files to send have its own, of ASCII"),
        ("blank", "۶۲٫۵", "the sample has none"),
    ):
        found = infer(tmp_path / name, tmp_path / f"work of {name}")
        assert [one for one in found.notes if "in open have other digits" in one and told in one]
        assert sent(found.competition, tmp_path)[1] == f"۰۰۳۱,{answer}"


def test_names_with_a_number_are_no_numbers(tmp_path: Path) -> None:
    table = pd.DataFrame({"n": ["1", "2", "3"], "x": ["１組", "２組", "３組"]})
    assert in_ascii_digits(CompetitionData(scan_folder(tmp_path, ""), {"train.csv": table})) == {}
    amounts = table.assign(x=["۱٫۵ کیلو", "۲٫۰ کیلو", "۳٫۵ کیلو"])
    [found] = in_ascii_digits(
        CompetitionData(scan_folder(tmp_path, ""), {"train.csv": amounts})
    ).values()
    assert list(found.table["x"]) == ["1.5 کیلو", "2.0 کیلو", "3.5 کیلو"]
