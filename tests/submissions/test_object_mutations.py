"""Thousands of broken files of objects and of pixels: read as they are meant, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from podium.codecs import coco64, rle
from podium.errors import SubmissionError
from podium.submissions.format.answers import read_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.pixels import AllPixels
from podium.submissions.format.spec import SubmissionFormat
from tests.submissions.mutating import mutated
from tests.submissions.plain_reading import (
    RefusedError,
    number_by_hand,
    pixels_of_runs,
    rows_by_hand,
)

N_FILES = 300
SIZES = {"a": (3, 4), "000123": (5, 2), "c": (2, 2)}
CELLS = ["", " ", "nan", "-1", "1", "x", "y", "z", "1 1", "2 3", "1 2 4 1", "99 1", "a", "123", "0"]
ROWS = {"columns": {"id": "id", "rle": "value"}, "rows": "instance", "value": "rle"}


def form_of(**parameters):
    return SubmissionFormat(task="segment", **{"kind": "instance", **parameters})


OBJECTS = {
    "rows": form_of(**ROWS, overlap="forbid", empty_row="keep"),
    "rows that are left out": form_of(**ROWS, overlap="allow", empty_row="drop"),
    "rows of classes": form_of(
        **{**ROWS, "columns": {"id": "id", "rle": "value", "of": "class_name"}},
        overlap="forbid",
        classes=("x", "y"),
        rle={"order": "C", "base": 0},
        empty="-1",
    ),
    "lists": form_of(
        columns={"id": "id", "w": "width", "h": "height", "said": "value"},
        value="coco64",
        item="{label} {conf} {mask}",
        classes=("x", "y"),
    ),
}


def some_objects(rng, size, *, apart):
    """Return (class, confidence, pixels) of up to three objects."""
    free, found = np.ones(size, dtype=bool), []
    for _ in range(rng.integers(0, 4)):
        plane = (rng.random(size) < 0.4) & (free if apart else True)
        if plane.any():
            free &= ~plane
            found.append(("xy"[rng.integers(2)], str(round(rng.random(), 2)), plane))
    return found


def rows_of(one, objects, form):
    """Return the rows of one image, as tables have them."""
    if form.value == "coco64":
        words = [f"{name} {sure} {coco64.encode(plane)}" for name, sure, plane in objects]
        height, width = SIZES[one]
        return [[one, str(width), str(height), " ".join(words)]]
    texts = [(rle.encode(plane, **form.rle.options), name) for name, _, plane in objects]
    if not texts and form.empty_row == "keep":
        texts = [(form.empty, "x")]
    n = len(form.columns) - 1
    return [[one, *text[:n]] for text in texts]


def text_of(form, rng):
    """Return a file of random objects, and every mask in it by its text."""
    rows, masks = [], {}
    for one, size in SIZES.items():
        objects = some_objects(rng, size, apart=form.overlap == "forbid")
        rows += rows_of(one, objects, form)
        if form.value == "coco64":
            masks |= {(coco64.encode(plane), size): plane for _, _, plane in objects}
    return "\n".join([",".join(form.columns), *map(",".join, rows), ""]), masks


def objects_by_hand(content, form, masks):
    """Return the (class, confidence, pixels) of each image, in the order of the file."""
    found = {}
    for row in rows_by_hand(content, list(form.columns)):
        if row[0] not in SIZES:
            raise RefusedError
        if form.value == "coco64":
            if row[0] in found:
                raise RefusedError
            found[row[0]] = list_by_hand(row, masks)
        else:
            found.setdefault(row[0], []).append(object_by_hand(row, form))
    if len(found) < len(SIZES) and not (form.rows == "instance" and form.empty_row == "drop"):
        raise RefusedError
    for one, objects in found.items():
        if None in objects and len(objects) > 1:
            raise RefusedError
        found[one] = [each for each in objects if each is not None]
        if form.overlap == "forbid" and found[one]:
            covered = sum(plane.astype(int) for _, _, plane in found[one])
            if covered.max() > 1:
                raise RefusedError
    return found


def object_by_hand(row, form):
    """Return the object of a row; None where it says nothing."""
    name = row[2] if len(row) == 3 else "x"
    if row[1] == form.empty:
        if name not in ("x", "y", ""):
            raise RefusedError
        return None
    if name not in ("x", "y"):
        raise RefusedError
    return name, "1", pixels_of_runs(row[1], SIZES[row[0]], **form.rle.options)


def list_by_hand(row, masks):
    one, width, height, text = row
    for cell, wanted in ((height, SIZES[one][0]), (width, SIZES[one][1])):
        # Leading zeros are no fault: 03 is the number 3.
        if not cell or not set(cell) <= set("0123456789") or int(cell) != wanted or len(cell) > 9:
            raise RefusedError
    words = [] if text == "" else text.split(" ")
    if len(words) % 3:
        raise RefusedError
    predicted = []
    for name, sure, mask in zip(words[::3], words[1::3], words[2::3], strict=True):
        # A changed text is no mask, since it has a checksum; one of another size fits by chance.
        plane = masks.get((mask, SIZES[one]))
        if name not in ("x", "y") or not 0 <= number_by_hand(sure) <= 1 or plane is None:
            raise RefusedError
        predicted.append((name, sure, plane))
    return predicted


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize("which", OBJECTS)
def test_a_broken_file_of_objects_is_read_as_it_is_meant_or_refused_with_its_line(tmp_path, which):
    form, rng, path = OBJECTS[which], np.random.default_rng(5), tmp_path / "s.csv"
    sizes, n_refused = MaskSizes(SIZES), 0
    for _ in range(N_FILES):
        text, masks = text_of(form, rng)
        content = mutated(text, rng, CELLS)
        path.write_bytes(content)
        problems = check_expected(path, ExpectedRows(form, list(SIZES), sizes))
        errors = [one for one in problems if one.level == "error"]
        try:
            meant = objects_by_hand(content, form, masks)
        except RefusedError:
            meant = None
        assert bool(errors) == (meant is None), (content, problems)
        if meant is None:
            n_refused += 1
            check_lines(errors)
            with pytest.raises(SubmissionError):
                list(read_answers(path, expected_of_ids(form, list(SIZES), sizes)))
            continue
        for one, objects in zip(
            SIZES, read_answers(path, expected_of_ids(form, list(SIZES), sizes)), strict=True
        ):
            wanted = meant.get(one, [])
            assert [form.classes[i] if form.classes else "x" for i in objects.classes] == [
                name for name, _, _ in wanted
            ]
            for plane, (_, _, right) in zip(objects.planes(), wanted, strict=True):
                assert np.array_equal(plane, right), content
            sure = [np.float32(number_by_hand(each)) for _, each, _ in wanted]
            assert objects.scores.tolist() == [float(each) for each in sure]
    assert 0.3 * N_FILES < n_refused < 0.98 * N_FILES


def check_lines(errors):
    for one in errors:
        whole = any(word in one.message for word in ("missing (", "is empty", "no rows"))
        assert one.line is not None or whole, one


PIXELS = {
    "grey values": form_of(
        kind="binary",
        rows="pixel",
        id="{id}_{row}_{column}",
        columns={"id": "id", "value": "value"},
        value="prob",
    ),
    "classes": form_of(
        kind="multiclass",
        classes=("x", "y"),
        rows="pixel",
        id="{id}_{column}_{row}",
        index_base=0,
        columns={"value": "value", "id": "id"},
        value="name",
        rle={"order": "C"},
    ),
}
NAMES = {"background": 0, "x": 1, "y": 2}


def pixels_by_hand(content, form):
    """Return the values of each image."""
    columns = list(form.columns)
    base, found = form.index_base, {}
    for row in rows_by_hand(content, columns):
        name, cell = row[columns.index("id")], row[columns.index("value")]
        if name in found:
            raise RefusedError
        if form.value == "name":
            if cell not in NAMES:
                raise RefusedError
            found[name] = NAMES[cell]
        else:
            value = number_by_hand(cell)
            if not 0 <= value <= 1:
                raise RefusedError
            found[name] = np.float32(value)
    names = {
        one: [
            [form.id.format(id=one, row=r + base, column=c + base) for c in range(width)]
            for r in range(height)
        ]
        for one, (height, width) in SIZES.items()
    }
    if found.keys() != {name for rows in names.values() for row in rows for name in row}:
        raise RefusedError
    return {
        one: np.array([[found[name] for name in row] for row in rows])
        for one, rows in names.items()
    }


def text_of_pixels(form, rng):
    rows = []
    for name in AllPixels(form, list(SIZES), MaskSizes(SIZES)):
        value = str(round(rng.random(), 2))
        cell = value if form.value == "prob" else list(NAMES)[rng.integers(3)]
        rows.append(",".join({"id": name, "value": cell}[field] for field in form.columns))
    return "\n".join([",".join(form.columns), *rows, ""])


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize("which", PIXELS)
def test_a_broken_file_of_pixels_is_read_as_it_is_meant_or_refused_with_its_line(tmp_path, which):
    form, rng, path = PIXELS[which], np.random.default_rng(5), tmp_path / "s.csv"
    sizes, n_refused = MaskSizes(SIZES), 0
    keys = AllPixels(form, list(SIZES), sizes)
    for _ in range(N_FILES):
        content = mutated(text_of_pixels(form, rng), rng, [*CELLS, "0.5", "1e-1", "1.5", "0x1"])
        path.write_bytes(content)
        problems = check_expected(path, ExpectedRows(form, keys))
        errors = [one for one in problems if one.level == "error"]
        try:
            meant = pixels_by_hand(content, form)
        except RefusedError:
            meant = None
        assert bool(errors) == (meant is None), (content, problems)
        if meant is None:
            n_refused += 1
            check_lines(errors)
            with pytest.raises(SubmissionError):
                list(read_answers(path, expected_of_ids(form, list(SIZES), sizes)))
            continue
        for one, values in zip(
            SIZES, read_answers(path, expected_of_ids(form, list(SIZES), sizes)), strict=True
        ):
            assert np.array_equal(values, meant[one]), content
    assert 0.3 * N_FILES < n_refused < 0.98 * N_FILES
