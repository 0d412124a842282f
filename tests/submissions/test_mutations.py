"""Thousands of broken files: each is read as it is meant, or refused with its line."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from podium.codecs import rle
from podium.submissions.format import Format
from podium.submissions.mask_checking import check_masks
from podium.submissions.mask_reading import read_masks
from podium.submissions.mask_sizes import MaskSizes
from tests.submissions.mutating import mutated

N_FILES = 2500
SIZE = (4, 5)
BLANKS = " \t\n\r"


def form_of(**parameters):
    given = {"columns": {"id": "id", "rle": "value"}, "value": "rle", "task": "segment"}
    return Format(**{**given, "kind": "binary", **parameters})


FORMS = {
    "an image a row": form_of(),
    "rows of classes, along the rows, from 0": form_of(
        kind="multilabel",
        classes=("x", "y"),
        rows="image_class",
        id="{id}_{class}",
        rle={"order": "C", "base": 0},
    ),
    "relative, with a mark for nothing": form_of(empty="-1", rle={"relative": True}),
    "two columns name a row": form_of(
        kind="multilabel",
        classes=("x", "y"),
        rows="image_class",
        columns={"id": "id", "class": "class_name", "predicted": "value"},
    ),
}
IDS = ["a", "b", "000123", "d"]


class RefusedError(Exception):
    """The file is not as it must be."""


def masks_by_hand(content, form):
    """Return the masks by the names of their rows; written without a look at podium's reader."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError from error
    if content.startswith(b"\xef\xbb\xbf"):
        raise RefusedError
    rows = lines_of(text)
    header = [",".join(rows[0])] if rows else []
    if header != [",".join(form.columns)]:
        raise RefusedError
    found = {}
    for row in rows[1:]:
        if not row:
            continue
        if len(row) != len(form.columns):
            raise RefusedError
        name = tuple(row[:-1])
        if name in found:
            raise RefusedError
        found[name] = pixels_of(row[-1], form)
    return found


def lines_of(text):
    """Return the cells of each line; a line without a quote ends at its newline."""
    rows = []
    rest = iter([f"{line}\n" for line in text.split("\n")])
    for line in rest:
        if '"' in line:
            try:
                rows.append(next(csv.reader(_chained(line, rest))))
            except csv.Error as error:
                raise RefusedError from error
            continue
        plain = line.rstrip("\r\n")
        if "\r" in plain:
            raise RefusedError
        rows.append(plain.split(",") if plain else [])
    return rows


def _chained(line, rest):
    yield line
    yield from rest


def pixels_of(cell, form):
    """Return the mask (H, W) in a cell."""
    flat = np.zeros(SIZE[0] * SIZE[1], dtype=bool)
    if cell == form.empty:
        return flat.reshape(SIZE)
    for blank in BLANKS:
        cell = cell.replace(blank, " ")
    words = cell.split(" ")
    numbers = [word for word in words if word]
    if not numbers or len(numbers) % 2:
        raise RefusedError
    if not all(set(one) <= set("0123456789") for one in numbers):
        raise RefusedError
    end = 0
    for k in range(0, len(numbers), 2):
        start, length = int(numbers[k]), int(numbers[k + 1])
        first = end + start if form.rle.relative and k else start - form.rle.base
        if first < end or length < 1 or first + length > flat.size:
            raise RefusedError
        flat[first : first + length] = True
        end = first + length
    return flat.reshape(SIZE, order=form.rle.order)


def names_of(form):
    if form.rows == "image":
        return [(one,) for one in IDS]
    if len(form.columns) == 3:
        return [(one, name) for one in IDS for name in form.classes]
    return [(f"{one}_{name}",) for one in IDS for name in form.classes]


def text_of(form, rng):
    """Return a file of random masks, and the masks by the names of the rows."""
    masks = {name: rng.random(SIZE) < rng.random() for name in names_of(form)}
    rows = [
        ",".join([*name, rle.encode(mask, **form.rle.options) or form.empty])
        for name, mask in masks.items()
    ]
    return "\n".join([",".join(form.columns), *rows, ""]), masks


@pytest.mark.parametrize("which", FORMS)
def test_a_broken_file_of_masks_is_read_as_it_is_meant_or_refused_with_its_line(tmp_path, which):
    form, rng, path = FORMS[which], np.random.default_rng(7), tmp_path / "s.csv"
    sizes, keys = MaskSizes(dict.fromkeys(IDS, SIZE)), list(form.keys(IDS))
    n_refused = 0
    for _ in range(N_FILES):
        content = mutated(text_of(form, rng)[0], rng)
        path.write_bytes(content)
        errors = [
            one
            for one in check_masks(path, form, keys, sizes, said_by="the test set")
            if one.level == "error"
        ]
        try:
            meant = masks_by_hand(content, form)
            is_right = meant.keys() == set(names_of(form))
        except RefusedError:
            is_right = False
        assert bool(errors) != is_right, content
        if errors:
            n_refused += 1
            for one in errors:
                whole_file = "missing" in one.message or "empty" in one.message
                assert one.line is not None or whole_file or "no rows" in one.message, one
            continue
        order = {name: i for i, name in enumerate(names_of(form))}
        for sample_id, mask in read_masks(path, form, IDS, sizes):
            planes = mask.reshape(*SIZE, -1)
            per = len(form.classes) or 1
            first = IDS.index(sample_id) * per
            for name, at in order.items():
                if first <= at < first + per:
                    assert (planes[:, :, at - first] == meant[name]).all(), content
    assert 0.5 * N_FILES < n_refused < 0.98 * N_FILES
