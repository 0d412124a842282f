from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.codecs import rle
from podium.competition.spec import RleSpec
from podium.errors import SubmissionError
from podium.submissions import check
from podium.submissions.format import masks as mask_checking
from podium.submissions.format.answers import read_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.spec import SubmissionFormat

SIZES = {"a": (3, 4), "b": (5, 2)}
GOOD = "id,rle\na,5 2\nb,1 1 6 1\n"


@pytest.fixture
def problems(masks_of, tmp_path):
    """Return a function: the text of a file → its problems."""

    def of(text: str, **options):
        competition = masks_of(**{"sizes": SIZES, **options})
        file = tmp_path / "file.csv"
        file.write_text(text)
        return check(file, competition)

    return of


def test_a_good_file_has_no_problem(problems):
    assert problems(GOOD) == []
    assert problems(GOOD.replace("\n", "\r\n")) == []
    assert problems(GOOD.replace("5 2", '"5 2"')) == []
    assert problems("id,rle\na,\nb,1 1\n") == []


@pytest.mark.parametrize(
    ("cell", "words", "fix"),
    [
        ("5", "character 1: the start 5 has no length", "pairs of start and length"),
        ("5 2 9", "character 5: the start 9 has no length", "pairs of start and length"),
        ("5 0", "character 3: a run has the length 0", "pairs"),
        ("5 2 6 1", "character 5: the start 6 is not after", "ascending"),
        ("5 2 1 1", "character 5: the start 1 is not after", "ascending"),
        ("5 -2", "character 3: '-2' is not a whole number", "pairs"),
        ("5 2.0", "character 3: '2.0' is not a whole number", "pairs"),
        ("x", "character 1: 'x' is not a whole number", "pairs"),
        ("5 2 three 1", "character 5: 'three' is not", "pairs"),
        ("٥ 2", "character 1", "pairs"),
        ("13 1", "another size than the image: 'a' character 1", "(height, width)"),
        ("12 2", "runs that end beyond the image: 'a' character 4: a run of length 2", "shorten"),
        ("1 2 11 3", "the last run ends at pixel 13 of 12", "base and order"),
        ("1 1 9999999999999 1", "character 5: the start 9999999999999 is outside", "frame"),
        ("5 2 99999999999999999999999999 1", "character 5", "pairs"),
        ("0 3", "runs that count pixels from 0: 'a' character 1", "add 1 to each start"),
        ("nan", "blank or missing cells: 'a' 'nan'", "leave the cell blank"),
        ("  ", "blank or missing cells", "leave the cell blank"),
        ("-1", "empty masks that are not ''", "leave the cell blank"),
        ("1 0", "empty masks that are not ''", "leave the cell blank"),
    ],
)
def test_each_fault_of_a_cell_is_named_with_line_character_and_a_fix(problems, cell, words, fix):
    found = problems(GOOD.replace("5 2", cell))
    assert [one.level for one in found] == ["error"]
    assert words in found[0].message
    assert "(line 2)" in found[0].message
    assert found[0].message.startswith("column 'rle': ")
    assert found[0].line == 2
    assert fix in found[0].fix


@pytest.mark.parametrize(
    ("cell", "words", "fix"),
    [
        ("5:6 8:8", "'5:6 8:8' is not two numbers with ':' between", "such as 4:5;8:8"),
        ("5:6;8", "character 5: '8' is not two numbers", "pairs of start and last"),
        ("0:3;5:5", "runs that count pixels from 0: 'a' character 1", "add 1 to each number"),
        ("5:6;12:13", "the last run ends at pixel 13 of 12", "base and order"),
    ],
)
def test_faults_of_runs_between_other_signs_are_named(problems, cell, words, fix):
    options = {"submission": "{rle: {second: last, join: ':', between: ';'}}"}
    good = "id,rle\na,5:6;8:8\nb,\n"
    assert problems(good, **options) == []
    (found,) = problems(good.replace("5:6;8:8", cell), **options)
    assert words in found.message
    assert fix in found.fix


@pytest.mark.parametrize(
    "signs", [{"between": ""}, {"between": "; "}, {"join": ";", "between": ";"}, {"between": "1"}]
)
def test_signs_that_numbers_cannot_be_told_by_are_refused(signs):
    with pytest.raises(ValueError, match="between"):
        RleSpec(**signs)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "blank or missing cells"),
        (" -1", "spaces around"),
        ("-", "empty masks that are not '-1'"),
        ("nan", "missing"),
    ],
)
def test_empty_masks_are_written_as_the_competition_declares(problems, cell, words):
    found = problems(GOOD.replace("5 2", cell), submission='{empty: "-1"}')
    assert words in found[0].message
    assert "'-1'" in found[0].fix or "strip" in found[0].fix
    assert problems(GOOD.replace("5 2", "-1"), submission='{empty: "-1"}') == []


def test_a_mask_of_another_size_is_refused_with_its_pixel_and_the_number_of_pixels(problems):
    found = problems("id,rle\na,5 2\nb,1 1 16 5\n")
    assert "the last run ends at pixel 20 of 10" in found[0].message
    assert "'b'" in found[0].message
    assert "size of their image (height, width), or to that of `frame`" in found[0].fix


def test_faults_of_ids_and_cells_come_together(problems):
    found = problems("id,rle\na,5\na,5 2\nd,1 1\n")
    text = "\n".join(map(str, found))
    for words in (
        "has no length",
        "repeated ids: 'a'",
        "not in the test set: 'd'",
        "missing (1 of",
    ):
        assert words in text


def test_the_header_and_the_shape_of_rows_are_checked_as_in_any_file(problems):
    assert "header must be 'id,rle'" in problems("ImageId,rle\na,\n")[0].message
    assert "not 2 cells: 3 cells (line 2)" in problems(GOOD.replace("5 2", "5,2"))[0].message
    assert "blank lines" in problems(GOOD + "\n")[0].message
    assert "no rows" in problems("id,rle\n")[0].message


def test_a_file_of_empty_masks_is_a_warning(problems):
    found = problems("id,rle\na,\nb,\n")
    assert [(one.level, one.message) for one in found] == [("warning", "every mask is empty")]


CLASSES = {"kind": "multiclass", "submission": '{rows: image_class, id: "{id}_{number}"}'}


def test_classes_of_one_pixel_are_a_warning_that_counts_images(problems):
    rows = ["a_1,1 3", "a_2,3 1", "a_3,", "b_1,1 1", "b_2,2 1", "b_3,3 1"]
    found = problems("id,rle\n" + "\n".join(rows) + "\n", **CLASSES)
    assert [one.level for one in found] == ["warning"]
    assert "classes overlap in 1 image" in found[0].message
    shuffled = [rows[i] for i in (3, 1, 4, 2, 0, 5)]
    found = problems("id,rle\n" + "\n".join(shuffled) + "\n", **CLASSES)
    assert any("classes overlap in 1 image" in one.message for one in found)
    rows[1] = "a_2,4 1"
    assert problems("id,rle\n" + "\n".join(rows) + "\n", **CLASSES) == []
    rows[1] = "a_2,3 1"
    assert problems("id,rle\n" + "\n".join(rows) + "\n", **{**CLASSES, "kind": "multilabel"}) == []


@settings(max_examples=100, deadline=None)
@given(
    planes=st.lists(st.lists(st.booleans(), min_size=30, max_size=30), min_size=9, max_size=9),
    order=st.permutations(range(9)),
)
def test_overlaps_are_counted_in_any_order_of_rows(tmp_path_factory, planes, order):
    masks = np.array(planes).reshape(3, 3, 5, 6) & (np.arange(30).reshape(5, 6) % 3 == 0)
    form = SubmissionFormat(
        task="segment",
        kind="multiclass",
        classes=("x", "y", "z"),
        rows="image_class",
        id="{id}{class}",
        columns={"id": "id", "rle": "value"},
        value="rle",
    )
    cells = [f"{i}{c},{rle.encode(masks[i, k])}\n" for i in range(3) for k, c in enumerate("xyz")]
    path = tmp_path_factory.mktemp("overlaps") / "s.csv"
    path.write_text("id,rle\n" + "".join(cells[i] for i in order))
    sizes = MaskSizes(dict.fromkeys("012", (5, 6)))
    found = check_expected(path, ExpectedRows(form, list(form.keys("012")), sizes))
    n = int((masks.sum(axis=1) > 1).any(axis=(1, 2)).sum())
    assert [one.message for one in found if "overlap" in one.message] == (
        [f"classes overlap in {n} images, and a pixel of a multiclass mask has one class"]
        if n
        else []
    )


def test_overlaps_of_rows_too_far_apart_are_reported_as_unknown(problems, monkeypatch):
    monkeypatch.setattr(mask_checking, "_HELD_AT_MOST", 1)
    rows = [f"{one}_{n},{n} 1" for n in (1, 2, 3) for one in "ab"]
    found = problems("id,rle\n" + "\n".join(rows) + "\n", **CLASSES)
    assert any("was not checked in 1 image" in one.message for one in found)
    rows = [f"{one}_{n},{n} 1" for one in "ab" for n in (1, 2, 3)]
    assert problems("id,rle\n" + "\n".join(rows) + "\n", **CLASSES) == []


def test_without_the_test_images_all_but_the_size_is_checked_with_a_warning(problems):
    options = {"sizes": {}, "sample": "id,rle\na,\nb,\n"}
    found = problems("id,rle\na,5 2 99 1\nb,\n", **options)
    assert [one.level for one in found] == ["warning"]
    assert "size of the images of 1 mask is unknown" in found[0].message
    assert "no image matches" in found[0].message
    found = problems("id,rle\na,5 2 6 1\nb,7\n", **options)
    assert [one.level for one in found] == ["error", "warning"]
    assert "'a' character 5" in found[0].message
    assert "'b' character 1: the start 7 has no length" in found[0].message


def test_a_test_image_that_cannot_be_read_is_named(problems, tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "b.png").write_bytes(b"no image")
    found = problems("id,rle\na,5 2\nb,1 1\n", sizes={"a": (3, 4)})
    assert [one.level for one in found] == ["warning"]
    assert "b.png" in found[0].message


def test_a_fixed_frame_needs_no_test_images(problems):
    options = {"sizes": {}, "sample": "id,rle\na,\n", "frame": "[2, 2]"}
    assert problems("id,rle\na,1 4\n", **options) == []
    assert "another size" in problems("id,rle\na,1 5\n", **options)[0].message


def test_a_long_cell_is_read_and_an_unclosed_quote_is_not_followed_for_ever(problems):
    side = 1200
    options = {"sizes": {"a": (side, side)}, "frame": f"[{side}, {side}]"}
    cell = rle.encode(np.indices((side, side)).sum(axis=0) % 2 == 0)
    assert len(cell) > 5_000_000
    assert problems(f"id,rle\na,{cell}\n", **options) == []
    found = problems('id,rle\na,"1 2\n' + "1 2 " * 8_000_000, **options)
    assert "quote that is never closed" in found[0].fix


def test_reading_raises_every_problem_in_one_error(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("id,rle\na,5 2 3\na,1 1\n")
    form = SubmissionFormat(
        task="segment", kind="binary", columns={"id": "id", "rle": "value"}, value="rle"
    )
    with pytest.raises(SubmissionError) as caught:
        read_answers(path, expected_of_ids(form, ["a", "b"], MaskSizes({"a": (3, 4), "b": (3, 4)})))
    text = str(caught.value)
    assert text.startswith(f"{path}:2: column 'rle': runs that cannot be read: 'a' character 5")
    assert "repeated ids" in text
    assert "missing (1 of 2): 'b'" in text


def test_the_first_class_keeps_a_pixel_of_several(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("id,rle\na1,2 3\na2,1 2\n")
    form = SubmissionFormat(
        task="segment",
        kind="multiclass",
        classes=("x", "y"),
        rows="image_class",
        id="{id}{number}",
        columns={"id": "id", "rle": "value"},
        value="rle",
    )
    [mask] = read_answers(path, expected_of_ids(form, ["a"], MaskSizes({"a": (1, 5)})))
    assert mask.tolist() == [[2, 1, 1, 1, 0]]


numbers = st.one_of(st.integers(-2, 70).map(str), st.sampled_from(["", "x", "1.0", "9" * 20, "٣"]))


@settings(max_examples=300, deadline=None)
@given(
    tokens=st.lists(numbers, max_size=8),
    base=st.sampled_from([0, 1]),
    order=st.sampled_from("FC"),
    known=st.booleans(),
)
def test_any_text_is_the_right_mask_or_a_fault_with_its_line(
    tmp_path_factory, tokens, base, order, known
):
    text = " ".join(tokens)
    path = tmp_path_factory.mktemp("texts") / "s.csv"
    path.write_text(f"id,rle\na,{text}\n")
    spec = RleSpec(base=base, order=order)
    columns = {"id": "id", "rle": "value"}
    form = SubmissionFormat(task="segment", kind="binary", columns=columns, value="rle", rle=spec)
    sizes = MaskSizes({"a": (6, 10)} if known else {})
    found = check_expected(path, ExpectedRows(form, ["a"], sizes))
    expected = _mask_by_hand(text.split(), base, order)
    errors = [one for one in found if one.level == "error"]
    if expected is None or (text and not text.strip()):
        beyond = not known and not errors  # nobody knew that the run leaves the image
        assert beyond or errors[0].line == 2
    else:
        assert errors == []
        [mask] = read_answers(path, expected_of_ids(form, ["a"], MaskSizes({"a": (6, 10)})))
        np.testing.assert_array_equal(mask, expected)


def _mask_by_hand(tokens, base, order, size=(6, 10)):
    """Return the mask of some runs pixel by pixel, or None where they are none."""
    if len(tokens) % 2 or not all(one.isascii() and one.isdigit() for one in tokens):
        return None
    mask, end = np.zeros(size, dtype=np.uint8), 0
    for start, length in zip(map(int, tokens[::2]), map(int, tokens[1::2]), strict=True):
        first = start - base
        if first < end or length < 1 or first + length > mask.size:
            return None
        end = first + length
        for pixel in range(first, end):
            place = divmod(pixel, size[0])[::-1] if order == "F" else divmod(pixel, size[1])
            mask[place] = 1
    return mask


@pytest.mark.slow
def test_checking_masks_in_a_fixed_frame_loads_neither_torch_nor_pandas(masks_of, tmp_path):
    masks_of(sample="id,rle\na,\n", frame="[3, 4]")
    (tmp_path / "s.csv").write_text("id,rle\na,5 2\n")
    code = f"""
import sys
from pathlib import Path
from podium.competition.spec import load_competition
from podium.submissions import check
root = Path({str(tmp_path)!r})
assert check(root / "s.csv", load_competition(root)) == []
heavy = {{"torch", "kaggle", "sklearn", "starlette", "pandas"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
