from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile

import pytest

from podium.errors import DataError, SubmissionError
from podium.submissions import check
from podium.submissions.format.answers import read_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import format_of

SAMPLE = "id,label\n0001,cat\n0002,cat\n0003,cat\n"
GOOD = "id,label\n0001,cat\n0002,dog\n0003,eel\n"


def zipped(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), GOOD)
    return packed.getvalue()


@pytest.fixture
def problems(competition_of, tmp_path):
    """Return a function: the text of a file → its problems, one string each."""

    def of(text: str | bytes, sample: str | None = SAMPLE, **options):
        competition = competition_of(sample, **options)
        file = tmp_path / "file.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return check(file, competition)

    return of


def test_a_good_file_has_no_problem(problems):
    assert problems(GOOD) == []
    assert problems(GOOD.replace("\n", "\r\n")) == []
    assert problems(GOOD.rstrip("\n")) == []


@pytest.mark.parametrize(
    ("text", "line", "words", "fix"),
    [
        ("", None, "file is empty", "header"),
        ("id,label\n", None, "no rows", "one row"),
        ("id;label\n0001;cat\n", 1, "header must be 'id,label'", "commas"),
        ("label,id\ncat,0001\n", 1, "header must be", "order"),
        (",id,label\n0,0001,cat\n", 1, "header must be", "index=False"),
        ("id, label\n0001,cat\n", 1, "header must be", "spaces"),
        ("ID,Target\n0001,cat\n", 1, "got 'ID,Target'", "write id,label"),
        (GOOD.replace("dog", "dgo"), 3, "unknown classes: 'dgo' (line 3)", "'dog'"),
        (GOOD.replace("dog", " dog"), 3, "spaces", "strip"),
        (GOOD.replace("dog", "NaN"), 3, "missing values: 'NaN' (line 3)", "every row"),
        (GOOD.replace("dog", ""), 3, "missing values", "every row"),
        (GOOD.replace("0002,dog", "0002"), 3, "not 2 cells: 1 cell (line 3)", "column"),
        (GOOD.replace("0002", "0001"), 3, "repeated ids: '0001', first in line 2", "one row"),
        (GOOD + "0009,cat\n", 5, "ids that are not in sample.csv: '0009' (line 5)", "sample.csv"),
        (GOOD.replace("0003,eel\n", ""), None, "missing (1 of 3): '0003'", "one row"),
        (GOOD.replace("0001,", "1,"), 2, "'1' (line 2)", "keep ids as text"),
        (GOOD.replace("0001,", "0001.png,"), 2, "'0001.png' (line 2)", "drop the extension"),
        (GOOD.encode("utf-16"), 1, "UTF-16", "UTF-8"),
        (GOOD.encode("utf-16-le"), 1, "UTF-16", "UTF-8"),
        (GOOD.encode("utf-16-be"), 1, "UTF-16", "UTF-8"),
        (gzip.compress(GOOD.encode(), mtime=0), 1, "gzip archive", "unpack it"),
        (zipped("label.csv"), 1, "ZIP archive", "unpack it"),
        (zipped("[Content_Types].xml"), 1, "workbook (xlsx)", "export it as CSV"),
        (GOOD.replace("dog", "d\0g"), 3, "NUL bytes", "write it again"),
        (GOOD.replace("dog", '"d\0g"'), 3, "NUL bytes", "write it again"),
        (GOOD.replace("\n", "\r"), 1, "carriage return", "newline"),
        (GOOD.replace(",", "\t"), 1, "header must be", "commas"),
        (GOOD.replace("\n", ",\n"), 1, "header must be", "ends of the lines"),
        (GOOD.replace("dog\n", "dog,\n"), 3, "not 2 cells", "comma at the end"),
        (GOOD.replace("id,label", "Id,Label"), 1, "header must be", "same case"),
        ("Unnamed: 0,id,label\n0,0001,cat\n", 1, "header must be", "index=False"),
        (GOOD.replace("dog", "1"), 3, "unknown classes: '1'", "names of classes, not numbers"),
        (GOOD.replace("dog", "DOG"), 3, "unknown classes: 'DOG'", "write 'dog'"),
        (GOOD.replace("dog", "None"), 3, "missing values", "every row"),
        (GOOD.replace("0001,", "1.0,"), 2, "'1.0' (line 2)", "keep ids as text"),
        (GOOD.replace("0001,", "0001 ,"), 2, "'0001 ' (line 2)", "spacing"),
        (GOOD.encode().replace(b"dog", b"d\xe9g"), 3, "not UTF-8", "UTF-8"),
    ],
)
def test_each_fault_is_named_with_its_line_and_a_fix(problems, text, line, words, fix):
    found = problems(text)
    hit = [one for one in found if words in one.message]
    assert hit, [str(one) for one in found]
    assert hit[0].line == line
    assert fix in hit[0].fix
    assert hit[0].level == "error"


@pytest.mark.parametrize(
    ("wanted", "written", "fix"),
    [
        ("a01.png", "a01", "keep the extension"),
        ("a01", "a01.jpeg", "drop the extension"),
        ("a01", "test/a01", "drop the folder, "),
        ("a01", "test/a01.png", "drop the folder and the extension"),
        ("A01", "a01", "keep case"),
        ("Jos\u00e9", "Jose\u0301", r"has 'Jos\xe9', the file 'Jose\u0301'"),
        ("000123", "123", "keep ids as text"),
        ("000123", "123.0", "keep ids as text"),
        ("12", "0012", "keep ids as text"),
        ("a01", "b99", "take the ids from sample.csv"),
    ],
)
def test_the_likely_slip_of_an_unexpected_id_is_reported(problems, wanted, written, fix):
    found = problems(f"id,label\n{written},cat\n", f"id,label\n{wanted},cat\n")
    strange, *missing = found
    assert (strange.line, f"'{written}' (line 2)" in strange.message) == (2, True)
    assert fix in strange.fix
    if fix.startswith("take"):
        assert f"missing (1 of 1): '{wanted}'" in missing.pop().message
    assert not missing  # a slip is one fault, and not a missing id, too


def test_a_misspelt_id_is_one_error(problems):
    ids = ["IMG_54403_250.jpg", "IMG_61110_251.jpg", "IMG_70002_252.jpg", "IMG_88888_253.jpg"]
    sample = "id,label\n" + "".join(f"{one},cat\n" for one in ids)
    (found,) = problems(sample.replace("IMG_54403", "IMG-54403"), sample)
    assert str(found) == (
        "line 2: ids that are not in sample.csv: 'IMG-54403_250.jpg'\n"
        "  fix: did you mean 'IMG_54403_250.jpg'?"
    )
    two = sample.replace("IMG_54403", "IMG_45403").replace("8.jpg", ".jpg").replace("8_2", "_2")
    (found,) = problems(two, sample)
    meant = "'IMG_54403_250.jpg' for 'IMG_45403_250.jpg', 'IMG_88888_253.jpg' for"
    assert found.fix.startswith(f"did you mean {meant}")
    # One misspelt and another one lost are two.
    strange, missing = problems(two.replace(f"{ids[1]},cat\n", ""), sample)
    assert found.fix == strange.fix
    assert missing.message == f"ids of sample.csv that are missing (1 of 4): '{ids[1]}'"


def test_an_id_near_several_missing_ones_is_no_misspelling(problems):
    numbers = "id,label\n" + "".join(f"{i},cat\n" for i in range(1000, 1010))
    strange, missing = problems("id,label\n100,cat\n", numbers)
    assert strange.fix == "take the ids from sample.csv"
    assert "missing (10 of" in missing.message


def test_all_faults_come_at_once(problems):
    found = problems("﻿id,label\n0001,cta\n0001,NA\n9,dog\n\n0003,eel,1\n")
    text = "\n".join(map(str, found))
    for words in ("order mark", "unknown", "missing values", "repeated", "not in", "2 cells"):
        assert words in text
    assert found[-1].level == "warning"  # the blank line


def test_faults_stand_in_the_order_of_their_first_lines(problems):
    found = problems("id,label\n0001,cat\n0001,dog\n7,eel\n0002,dgo\n")
    assert [one.line for one in found] == [3, 4, 5, None]  # a missing row has no line


@pytest.mark.parametrize(
    ("header", "then"),
    [
        ("id;label", ""),
        ("id;labels", "; in the header then write id,label"),
        ("id\tlabel\tconf", "; in the header then drop 'conf'"),
        ("label;id", "; in the header then bring the columns into the order 'id,label'"),
    ],
)
def test_other_signs_and_a_wrong_column_are_named_together(problems, header, then):
    [found] = problems(f"{header}\n0001;cat\n")
    assert found.fix.startswith("separate the cells with commas, ")
    assert found.fix.partition("not 0,5")[2] == then


def test_many_offenders_are_counted_not_listed(problems):
    found = problems("id,label\n" + "".join(f"x{i},cat\n" for i in range(300)))
    extra = next(one for one in found if "not in sample.csv" in one.message)
    assert extra.message.count("line") == 5
    assert "and 295 more" in extra.message


def test_a_byte_order_mark_is_a_warning_only(problems):
    """pandas passes it over, and so does every grader that reads by it."""
    [found] = problems("\ufeff" + GOOD)
    assert (found.level, found.line) == ("warning", 1)
    assert "byte order mark" in found.message
    assert "utf-8-sig" in found.fix


def test_another_order_is_a_warning_only(problems):
    found = problems("id,label\n0002,dog\n0001,cat\n0003,eel\n")
    assert [(one.level, one.line) for one in found] == [("warning", 2)]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("nan", "missing values"),
        ("inf", "not finite"),
        ("1.5", "outside [0, 1]"),
        ("-0.1", "outside [0, 1]"),
        ("0,5", "cells"),
        ("half", "no number"),
        ("٠.٥", "no number"),
        ("1_0", "no number"),
    ],
)
def test_probabilities_are_numbers_in_the_unit_interval(problems, cell, words):
    sample = "id,cat,dog,eel\n0001,0.4,0.3,0.3\n"
    found = problems(f"id,cat,dog,eel\n0001,{cell},0.3,0.3\n", sample, submission="value: prob")
    assert any(words in one.message for one in found), found


def test_decimal_commas_are_named_once_with_their_count_and_a_number_to_write(problems):
    sample = "id,cat,dog,eel\n0001,0.4,0.3,0.3\n0002,0.4,0.3,0.3\n"
    rows = '0001,"0,53",0.3,0.3\n0002,"0,5",0.3,0.3\n'
    [found] = problems(f"id,cat,dog,eel\n{rows}", sample, submission="value: prob")
    assert (found.line, found.n, found.fix) == (2, 2, "write a point in each, as 0.53")
    assert "numbers with a decimal comma: '0,53' (line 2), '0,5' (line 3)" in found.message
    semicolons = "value: prob\n  file: {sep: ';'}"
    rows = "0001;0,53;0.3;0.3\n0002;0.4;0.3;0.3\n"
    [found] = problems(f"id;cat;dog;eel\n{rows}", sample, submission=semicolons)
    assert (found.line, found.fix) == (2, "write a point in each, as 0.53")
    rows = "0001,0,53,0.3,0.3\n0002,0.5,0.3,0.3\n"
    found = problems(f"id,cat,dog,eel\n{rows}", sample, submission="value: prob")[0]
    assert found.fix == "where 0,53 is a number, write a point in it: 0.53"


def test_probabilities_that_do_not_sum_to_one_are_a_warning(problems):
    sample = "id,cat,dog,eel\n0001,0.4,0.3,0.3\n"
    found = problems("id,cat,dog,eel\n0001,0.9,0.9,0.9\n", sample, submission="value: prob")
    assert [one.level for one in found] == ["warning"]


@pytest.mark.parametrize(
    ("cell", "fix"),
    [("3", "index"), ("-1", "index"), ("1.0", "write 1,"), ("cat", "index, 0"), ("dgo", "numbers")],
)
def test_labels_are_class_indices(problems, cell, fix):
    found = problems(f"id,label\n0001,{cell}\n", "id,label\n0001,0\n", submission="value: label")
    assert fix in found[0].fix


def test_sets_of_labels_name_each_class_once(problems):
    sample = "id,label\n0001,cat dog\n0002,\n"
    options = {"kind": "multilabel", "submission": "value: labels"}
    assert problems("id,label\n0001,dog cat\n0002,\n", sample, **options) == []
    found = problems("id,label\n0001,dog dog\n0002,cow\n", sample, **options)
    assert "twice" in found[0].message
    assert "unknown classes: 'cow' (line 3)" in found[1].message


@pytest.mark.parametrize(
    ("cell", "sep", "message", "fix"),
    [
        ("cat;dog", " ", "another separator: 'cat;dog' (line 2)", "' ', not ';': write 'cat dog'"),
        ("cat, dog", " ", "another separator: 'cat, dog'", "' ', not ',': write 'cat dog'"),
        ("cat|dgo", " ", "another separator: 'cat|dgo'", "' ', not '|'"),
        ("cat dog", ";", "another separator: 'cat dog'", "';', not ' ': write 'cat;dog'"),
        ("cat dgo eel", " ", "unknown classes: 'dgo' (line 2)", "did you mean 'dog'?"),
        ("dog cow", " ", "unknown classes: 'cow' (line 2)", "known are cat, dog"),
        ("cat;", " ", "unknown classes: 'cat;' (line 2)", "did you mean 'cat'?"),
    ],
)
def test_an_error_in_a_list_names_the_wrong_part_or_the_wrong_separator(
    problems, cell, sep, message, fix
):
    sample = f"id,label\n0001,cat{sep}dog\n0002,\n"
    options = {"kind": "multilabel", "submission": f"value: labels\n  sep: '{sep}'"}
    (found,) = problems(f'id,label\n0001,"{cell}"\n0002,\n', sample, **options)
    assert message in found.message
    assert fix in found.fix


@pytest.mark.parametrize("cell", ["nan", "NaN", "None", "NA", "<NA>", "null", " "])
@pytest.mark.parametrize(
    ("value", "kind"), [("labels", "multilabel"), ("topk\n  k: 2", "multiclass")]
)
def test_empty_prediction_is_written_as_the_format_states_and_not_as_pandas_does(
    problems, cell, value, kind
):
    """A blank says nothing here; "nan" would be a class, and a host may take it for one."""
    options = {"kind": kind, "submission": f"value: {value}"}
    sample = "id,label\n0001,cat\n0002,\n"
    assert problems("id,label\n0001,\n0002,dog\n", sample, **options) == []
    found = problems(f"id,label\n0001,dog\n0002,{cell}\n", sample, **options)
    assert [(one.line, one.level) for one in found] == [(3, "error")]
    assert "missing values" in found[0].message
    assert "leave the cell blank" in found[0].fix


@pytest.mark.parametrize("cell", ["", "nan", "-1"])
def test_blank_cell_requires_a_text_for_empty_predictions(problems, cell):
    options = {"kind": "multilabel", "submission": "value: labels\n  empty: '14 1'"}
    sample = "id,label\n0001,cat\n0002,cat\n"
    assert problems("id,label\n0001,14 1\n0002,dog\n", sample, **options) == []
    (found,) = problems(f"id,label\n0001,{cell}\n0002,dog\n", sample, **options)
    assert found.line == 2
    if cell != "-1":
        assert "write '14 1'" in found.fix


@pytest.mark.parametrize(
    ("cell", "words", "level"),
    [
        ("cat dog eel", "more than 2 answers", "error"),
        ("cat cat", "answer twice", "warning"),
        ("cat cow", "unknown classes", "error"),
        ("cat  dog", "blank answer", "error"),
        ("cat,dog", "not 2 cells", "error"),
    ],
)
def test_rankings_are_short_lists_of_known_names(problems, cell, words, level):
    sample = "id,label\n0001,cat\n"
    (found, *_) = problems(f"id,label\n0001,{cell}\n", sample, submission="value: topk\n  k: 2")
    assert (found.level, found.line) == (level, 2)
    assert words in found.message


def test_of_many_columns_those_are_named_that_are_missing_or_too_many(problems):
    names = [f"class_{i}" for i in range(40)]
    header = ",".join(["id", *names])
    sample = f"{header}\n0001{',0' * 40}\n"
    options = {"classes": names, "submission": "value: prob"}
    wrong = sample.replace("class_7,", "").replace("class_9,", "class_09,")
    (found,) = problems(wrong, sample, **options)
    assert found.fix == "add 'class_7', 'class_9' and drop 'class_09'"


def test_a_sample_of_other_images_than_the_test_set_is_a_warning(problems, tmp_path):
    from PIL import Image

    (tmp_path / "test").mkdir()
    for name in ("0001", "0002", "0003"):
        Image.new("L", (2, 2)).save(tmp_path / f"test/{name}.png")
    assert problems(GOOD) == []
    Image.new("L", (2, 2)).save(tmp_path / "test/0004.png")
    (tmp_path / "test/0002.png").unlink()
    (found,) = problems(GOOD)
    assert found.level == "warning"
    assert found.message == (
        "sample.csv lacks 1 of 3 test images: '0004' and has 1 row of no test image: '0002'"
    )
    assert "out of date" in found.fix
    for name in ("0001", "0003"):
        (tmp_path / f"test/{name}.png").rename(tmp_path / f"test/9{name}.png")
    (found,) = problems(GOOD)
    assert found.fix.startswith("mend data.test.id, submission.id, submission.columns or classes")


def test_a_too_large_file_is_refused_and_a_large_one_warned_of(
    competition_of, tmp_path, monkeypatch
):
    competition = competition_of(SAMPLE)
    file = tmp_path / "file.csv"
    file.write_text(GOOD)
    monkeypatch.setattr("podium.submissions.format.checking.LARGE_BYTES", 20)
    (printed,) = check(file, competition)
    assert (printed.level, "kaggle.max_bytes" in printed.fix) == ("warning", True)
    for limit, level in ((len(GOOD), []), (len(GOOD) - 1, ["error"])):
        limits = competition.kaggle.model_copy(update={"max_bytes": limit})
        limited = competition.model_copy(update={"kaggle": limits}).at(tmp_path)
        assert [one.level for one in check(file, limited)] == level


def test_reading_raises_every_problem_in_one_error(competition_of, tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("id,label\n0001,dgo\n0001,cat\n")
    form = format_of(competition_of(SAMPLE))
    with pytest.raises(SubmissionError) as caught:
        read_answers(file, expected_of_ids(form, ["0001", "0002"]))
    text = str(caught.value)
    assert text.startswith(f"{file}:2: ")
    assert "repeated" in text
    assert "missing (1 of 2): '0002'" in text
    assert caught.value.exit_code == 2


def test_a_sample_with_repeated_ids_is_the_competition_s_fault(problems):
    with pytest.raises(DataError, match="more than once"):
        problems(GOOD, "id,label\n0001,cat\n0001,cat\n")


def test_a_missing_file_is_a_problem_not_a_crash(competition_of, tmp_path):
    (tmp_path / "mine.csv").write_text(GOOD)
    (found,) = check(tmp_path / "mne.csv", competition_of(SAMPLE))
    near = f"there is {tmp_path / 'mine.csv'}"
    assert str(found) == (
        f"there is no such file\n  fix: correct the path {tmp_path / 'mne.csv'}: {near}"
    )
    (found,) = check(tmp_path / "gone" / "mine.csv", competition_of(SAMPLE))
    assert found.fix == f"correct the path {tmp_path / 'gone' / 'mine.csv'}"
    (tmp_path / "nohead.csv").write_text(GOOD)  # its ending alone is like that of the other
    (found,) = check(tmp_path / "nofile.csv", competition_of(SAMPLE))
    assert found.fix == f"correct the path {tmp_path / 'nofile.csv'}"
    assert "folder" in check(tmp_path, competition_of(SAMPLE))[0].message


@pytest.mark.slow
def test_a_large_file_is_checked_in_bounded_memory(competition_of, tmp_path):
    import tracemalloc

    n = 30_000
    ids = [f"{i:06d}" for i in range(n)]
    competition = competition_of("id,label\n" + "".join(f"{i},cat\n" for i in ids))
    file = tmp_path / "file.csv"
    file.write_text("id,label\n" + "".join(f"{i},{'x' * 500}\n" for i in ids))
    tracemalloc.start()
    found = check(file, competition)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert f"and {n - 5:,} more" in found[0].message
    assert peak < file.stat().st_size * 1.5  # the ids three times over, never the cells


def test_checking_a_file_loads_neither_torch_nor_the_client(competition_of, tmp_path, good_file):
    competition_of()
    code = f"""
import sys
from pathlib import Path
from podium.competition.spec import load_competition
from podium.submissions import check
assert check({str(good_file)!r}, load_competition(Path({str(tmp_path)!r}))) == []
heavy = {{"torch", "kaggle", "kagglesdk", "pandas", "sklearn", "starlette"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_line_is_named_once_where_a_problem_is_printed(problems):
    one, *_ = problems(GOOD.replace("dog", "dgo"))
    assert str(one).startswith("line 3: column 'label': unknown classes: 'dgo'\n")
    two, *_ = problems(GOOD.replace("dog", "dgo").replace("cat", "cta"))
    assert "unknown classes: 'cta' (line 2), 'dgo' (line 3)" in str(two)
    assert "line 2:" not in str(two)
    again, *_ = problems(GOOD.replace("0002", "0001"))
    assert str(again).startswith("line 3: repeated ids: '0001', first in line 2\n")
