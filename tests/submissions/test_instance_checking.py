"""What is wrong with a file of objects is said with its line, and nothing wrong is read."""

from __future__ import annotations

import base64
import zlib
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from submissions.instance_cases import SIZES, competition_of_objects, rectangle

from podium.codecs import coco64
from podium.errors import SubmissionError
from podium.submissions import check
from podium.submissions.format import objects as instance_checking
from podium.submissions.format.answers import read_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.spec import format_of

GOOD = "id,rle\na,1 2\na,4 2 9 1\nb,\nc,1 4\n"
WITH_CLASSES = "rows: instance, overlap: forbid, columns: {id: id, rle: value, class: class}"
GOOD_CLASSES = "id,rle,class\na,1 2,0\na,4 2,1\nb,,0\nc,1 4,1\n"
LIST = (
    "value: coco64, columns: {id: id, width: width, height: height, said: value}, "
    "item: '{label} {conf} {mask}', overlap: forbid"
)
LEFT, RIGHT = (
    coco64.encode(rectangle((3, 4), 0, 0, 3, 2)),
    coco64.encode(rectangle((3, 4), 1, 2, 2, 2)),
)
ALL = coco64.encode(np.ones((2, 2), dtype=bool))
GOOD_LIST = f"id,width,height,said\na,4,3,x 0.5 {LEFT} y 1 {RIGHT}\nb,2,5,\nc,2,2,y 0.25 {ALL}\n"


@pytest.fixture
def objects_of(tmp_path):
    return partial(competition_of_objects, tmp_path)


@pytest.fixture
def problems(objects_of, tmp_path):
    """Return a function: the text of a file → its problems."""

    def of(text, submission="rows: instance, overlap: forbid", **options):
        competition = objects_of(submission, **options)
        file = tmp_path / "file.csv"
        file.write_text(text)
        return check(file, competition)

    return of


def test_a_good_file_has_no_problem(problems):
    assert problems(GOOD) == []
    assert problems(GOOD.replace("\n", "\r\n")) == []
    assert problems(GOOD.replace("1 2", '"1 2"')) == []
    assert problems(GOOD_CLASSES, WITH_CLASSES, classes=["x", "y"]) == []
    assert problems(GOOD_CLASSES.replace(",,0", ",,"), WITH_CLASSES, classes=["x", "y"]) == []
    assert problems(GOOD_LIST, LIST, classes=["x", "y"]) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("a,4 2 9 1", "a,2 1", 3, "objects that share pixels: 'a' line 3 and line 2"),
        ("a,4 2 9 1", "a,4 2 1 2", 3, "'a' character 5: the start 1 is not after"),
        ("a,4 2 9 1", "a,4 2 9", 3, "'a' character 5: the start 9 has no length"),
        ("a,4 2 9 1", "a,4 0", 3, "a run has the length 0"),
        ("a,4 2 9 1", "a,0 1", 3, "runs that count pixels from 0"),
        ("a,4 2 9 1", "a,12 2", 3, "runs that end beyond the image"),
        ("a,4 2 9 1", "a,13 2", 3, "another size than the image"),
        ("a,4 2 9 1", "a,x", 3, "'x' is not a whole number"),
        ("a,4 2 9 1", "a,9999999999999999999999 1", 3, "is outside"),
        ("a,4 2 9 1", "a,-1", 3, "empty masks that are not ''"),
        ("a,4 2 9 1", "a,nan", 3, "blank or missing cells"),
        ("a,4 2 9 1", "a,", 3, "an empty row beside others: 'a' (line 3)"),
        ("b,\n", "b,\nb,\n", 5, "an empty row beside others: 'b'"),
        ("b,\n", "b,\nb,1 1\n", 5, "an empty row beside others: 'b'"),
        ("b,\n", "", None, "missing (1 of 3): 'b'"),
        ("b,\n", "b,\nd,\n", 5, "not in the test set: 'd'"),
        ("b,\n", "b,\na,1,1\n", 5, "have not 2 cells: 3 cells"),
        ("id,rle", "id,mask", 1, "the header must be 'id,rle'"),
        ("c,1 4\n", "c,1 4\na,9 1\n", 6, "objects that share pixels: 'a' line 6 and line 3"),
        ("c,1 4\n", "c,1 4\na,\n", 6, "an empty row beside others: 'a'"),
        ("c,1 4\n", "c,1 4\nb,1 1\n", 6, "an empty row beside others: 'b'"),
    ],
)
def test_each_fault_of_rows_is_named_with_its_line(problems, old, new, line, words):
    text = GOOD.replace(old, new)
    found = problems(text)
    assert [one.level for one in found] == ["error"], found
    assert words in found[0].message
    assert found[0].line == line
    assert found[0].fix


def test_rows_of_an_image_may_be_apart_and_are_compared_all_the_same(problems):
    apart = "id,rle\na,1 2\nc,1 4\na,4 2 9 1\nb,\n"
    assert [one.level for one in problems(apart)] == ["warning"]  # of their order
    found = problems(apart.replace("4 2 9 1", "2 3\na,4 1"))
    messages = [one.message for one in found if one.level == "error"]
    assert len(messages) == 1
    assert messages[0].endswith("'a' line 5 and line 4 (line 5), 'a' line 4 and line 2 (line 4)")


def test_overlaps_apart_are_given_up_where_memory_ends(problems, monkeypatch):
    monkeypatch.setattr(instance_checking, "_HELD_AT_MOST", 1)
    found = problems("id,rle\na,1 2\nc,1 1\na,1 1\nc,2 1\nb,\n")
    assert any("not checked in" in one.message for one in found)
    assert all(one.level == "warning" for one in found)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("4 2,1", "4 2,2", 3, "column 'class': unknown classes: 'a' character 1: '2' (line 3)"),
        ("4 2,1", "4 2,x", 3, "column 'class': unknown classes"),
        ("4 2,1", "4 2,", 3, "column 'class': unknown classes"),
        (",,0", ",,7", 4, "column 'class': unknown classes"),
        ("a,4 2,1", "a,2 2,1", 3, "objects that share pixels"),
    ],
)
def test_each_fault_of_classes_is_named_with_its_line(problems, old, new, line, words):
    found = problems(GOOD_CLASSES.replace(old, new), WITH_CLASSES, classes=["x", "y"])
    assert [one.level for one in found] == ["error"], found
    assert words in found[0].message
    assert found[0].line == line


OTHER = base64.b64encode(zlib.compress(b"09")).decode()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("x 0.5", "z 0.5", 2, "unknown classes: 'a' character 1: 'z'"),
        ("y 1 ", "y 1.5 ", 2, f"confidences outside [0, 1]: 'a' character {len(LEFT) + 10}: '1.5'"),
        ("y 1 ", "y nan ", 2, "missing values"),
        ("y 1 ", "y inf ", 2, "not finite"),
        ("y 1 ", "y 1_0 ", 2, "no number"),
        ("y 1 ", "y ١ ", 2, "no number"),
        ("y 1 ", "y ", 2, "not of 3 words an object: 'a' character 1: 5 words"),
        (f"{RIGHT}\n", f"{RIGHT} \n", 2, "with a word missing"),
        ("x 0.5", "x  0.5", 2, "with a word missing: 'a' character 3"),
        (",x 0.5", ", x 0.5", 2, "with a word missing: 'a' character 1"),
        (RIGHT, RIGHT[:-1], 2, "masks that cannot be read"),
        (RIGHT, "A" * 8, 2, "masks that cannot be read"),
        (ALL, OTHER, 4, "another size than the image: 'c' character 8: character 2 of the counts"),
        (RIGHT, coco64.encode(rectangle((3, 4), 0, 1, 1, 3)), 2, "share pixels: 'a' object 2 and "),
        (ALL, coco64.encode(np.zeros((2, 2), dtype=bool)), 4, "objects without a pixel"),
        ("a,4,3", "a,3,4", 2, "another height than the image's: 'a' 4, not 3"),
        ("a,4,3", "a,4,x", 2, "column 'height': no number of pixels: 'a' 'x'"),
        ("a,4,3", "a,4,-3", 2, "no number of pixels"),
        ("a,4,3", "a,4,4", 2, "another height than the image's: 'a' 4, not 3"),
        ("b,2,5,", "b,2,5,-", 3, "words an object"),
        ("b,2,5,\n", "b,2,5,\nb,2,5,\n", 4, "repeated ids: 'b', first in line 3"),
        ("b,2,5,\n", "", None, "missing (1 of 3): 'b'"),
    ],
)
def test_each_fault_of_a_list_is_named_with_its_line(problems, old, new, line, words):
    assert old in GOOD_LIST
    found = problems(GOOD_LIST.replace(old, new), LIST, classes=["x", "y"])
    errors = [one for one in found if one.level == "error"]
    assert words in errors[0].message, found
    assert errors[0].line == line
    assert len(errors) <= 2  # a width and a height that changed places are two


def test_sizes_in_the_file_are_used_where_the_images_are_missing(objects_of, tmp_path):
    form = format_of(objects_of(LIST, classes=["x", "y"]))
    file = tmp_path / "file.csv"
    file.write_text(GOOD_LIST)
    assert check_expected(file, ExpectedRows(form, None, MaskSizes(), "nobody")) == []
    file.write_text(GOOD_LIST.replace("a,4,3", "a,4,4"))
    found = check_expected(file, ExpectedRows(form, None, MaskSizes(), "nobody"))
    assert "another size than the image" in found[0].message
    form = format_of(objects_of())
    file.write_text(GOOD)
    (found,) = check_expected(file, ExpectedRows(form, None, MaskSizes(), "nobody"))
    assert "size of the images of 3 masks is unknown" in found.message


def test_a_file_without_objects_is_warned_of(problems):
    (found,) = problems("id,rle\na,\nb,\nc,\n")
    assert (found.level, found.message) == ("warning", "no image has an object")


def test_a_reader_refuses_what_the_check_finds(objects_of, tmp_path):
    form = format_of(objects_of())
    file = tmp_path / "file.csv"
    file.write_text(GOOD.replace("4 2 9 1", "2 2"))
    with pytest.raises(SubmissionError, match="share pixels") as caught:
        read_answers(file, expected_of_ids(form, list(SIZES), MaskSizes(SIZES)))
    assert caught.value.where == f"{file}:3"


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["rows", "classes", "lists"]))
def test_a_changed_file_is_refused_or_read_as_it_stands(tmp_path_factory, data, kind):
    folder = tmp_path_factory.mktemp("changed")
    text, submission, classes = {
        "rows": (GOOD, "rows: instance, overlap: forbid", ()),
        "classes": (GOOD_CLASSES, WITH_CLASSES, ("x", "y")),
        "lists": (GOOD_LIST, LIST, ("x", "y")),
    }[kind]
    form = format_of(competition_of_objects(folder, submission, classes=classes))
    sizes = MaskSizes(SIZES)
    at = data.draw(st.integers(0, len(text)))
    put = data.draw(st.text(alphabet='0123456789 ,abc\n"-.xy', max_size=3))
    changed = text[:at] + put + text[at + data.draw(st.integers(0, 3)) :]
    file = folder / "s.csv"
    file.write_text(changed)
    found = check_expected(file, ExpectedRows(form, list(SIZES), sizes))
    if any(one.level == "error" for one in found):
        with pytest.raises(SubmissionError):
            read_answers(file, expected_of_ids(form, list(SIZES), sizes))
        return
    n_said = 0
    for objects in read_answers(file, expected_of_ids(form, list(SIZES), sizes)):
        n_said += len(objects)
        covered = sum(plane.astype(int) for plane in objects.planes())
        assert np.max(covered, initial=0) <= 1
        assert all(plane.any() for plane in objects.planes())
    lines = [line for line in changed.splitlines()[1:] if line]
    if kind != "lists":
        assert n_said == sum(1 for line in lines if line.split(",")[1].strip('"'))
    else:
        assert n_said == sum(len(line.split(",")[3].split(" ")) // 3 for line in lines)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(objects_of, tmp_path):
    import tracemalloc

    names = [f"i{number:04d}" for number in range(100)]
    form = format_of(objects_of("rows: instance, overlap: forbid, columns: {id: id, rle: value}"))
    file = tmp_path / "s.csv"
    rows = [f"{name},{1 + 3 * k} 2\n" for name in names for k in range(200)]
    file.write_text("id,rle\n" + "".join(rows))
    sizes = MaskSizes(frame=(40, 50))
    check_expected(file, ExpectedRows(form, names, sizes, "x"))
    tracemalloc.start()
    assert check_expected(file, ExpectedRows(form, names, sizes, "x")) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_500_000


NUMBERED = "rows: instance, overlap: forbid, id: '{id}_{object}', index_base: 0"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a_0,1 2\na_1,4 2\nb_0,\nc_0,1 4\n", []),
        ("a_0,1 2\na_0,4 2\nb_0,\nc_0,1 4\n", ["not numbered one after the other"]),
        ("a_1,1 2\nb_0,\nc_0,1 4\n", ["not numbered one after the other"]),
        ("a_0,1 2\nb_0,\nc_0,1 4\na_2,4 2\n", ["not numbered one after the other"]),
        ("a_0,1 2\nb_0,\n", ["ids of the test set that are missing (1 of 3): 'c_*'"]),
        ("a_0,1 2\nb_0,\nc,1 4\n", ["ids that are not in", "did you mean 'c_*'?"]),
        ("a_0,1 2\na_1,1 1\nb_0,\nc_0,1 4\n", ["objects that share pixels"]),
    ],
)
def test_rows_of_numbered_objects(problems, text, words):
    found = [str(one) for one in problems(f"id,rle\n{text}", NUMBERED)]
    assert bool(found) == bool(words), found
    assert all(any(word in one for one in found) for word in words), found
