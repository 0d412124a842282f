"""Thousands of broken files: each is read as it is meant, or refused with its line."""

from __future__ import annotations

import numpy as np
import pytest

from podium.codecs import rle
from podium.submissions.format.answers import read_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.spec import SubmissionFormat
from tests.submissions.mutating import mutated
from tests.submissions.plain_reading import RefusedError, pixels_of_runs, rows_by_hand

N_FILES = 1500
SIZE = (4, 5)


def form_of(**parameters):
    given = {"columns": {"id": "id", "rle": "value"}, "value": "rle", "task": "segment"}
    return SubmissionFormat(**{**given, "kind": "binary", **parameters})


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


def masks_by_hand(content, form):
    """Return the masks by the names of their rows; written without a look at podium's reader."""
    found = {}
    for row in rows_by_hand(content, list(form.columns)):
        name = tuple(row[:-1])
        if name in found:
            raise RefusedError
        if row[-1] == form.empty:
            found[name] = np.zeros(SIZE, dtype=bool)
        else:
            found[name] = pixels_of_runs(row[-1], SIZE, **form.rle.options)
    return found


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


@pytest.mark.slow
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
            for one in check_expected(path, ExpectedRows(form, keys, sizes))
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
        for sample_id, mask in zip(
            IDS, read_answers(path, expected_of_ids(form, IDS, sizes)), strict=True
        ):
            planes = mask.reshape(*SIZE, -1)
            per = len(form.classes) or 1
            first = IDS.index(sample_id) * per
            for name, at in order.items():
                if first <= at < first + per:
                    assert (planes[:, :, at - first] == meant[name]).all(), content
    assert 0.5 * N_FILES < n_refused < 0.98 * N_FILES
