"""Every value of masks by one contract: what is written of masks or objects is read back equal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from submissions.instance_cases import random_objects, same_objects

from podium.competition.truths.instances import Instances
from podium.submissions import values
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.spec import SubmissionFormat, misfits
from podium.tasks.protocols.find import kind_names, pixel_kind
from podium.tasks.protocols.names import PIXELS

OF_MASKS = [name for name in values.names() if isinstance(values.get(name), values.MaskValue)]
EVERY = [
    (name, kind)
    for name in OF_MASKS
    for kind in kind_names(PIXELS)
    if values.get(name).holds(pixel_kind(kind))
]
CLASSES = ("a", "b")
SIZES = {"one": (1, 1), "row": (1, 9), "column": (70, 1), "tall": (7, 3), "wide": (4, 11)}


def form_of(name: str, kind: str) -> SubmissionFormat:
    """Return a format of a value, with a row for each mask, or a list of an image's objects."""
    task, value = pixel_kind(kind), values.get(name)
    assert isinstance(value, values.MaskValue)
    columns = {"id": "id", "answer": "value"}
    given = {"rows": "image"}
    if task.finds_objects and value.many:
        columns |= {"w": "width", "h": "height"}
        given = {"rows": "image", "item": "{index} {conf} {mask}"}
    elif task.finds_objects:
        columns, given = {**columns, "c": "class"}, {"rows": "instance"}
    elif not task.is_yes_no:
        columns, given = {**columns, "c": "class_name"}, {"rows": "image_class"}
    classes = () if task.is_yes_no else CLASSES
    return SubmissionFormat(
        task=PIXELS, kind=kind, classes=classes, columns=columns, value=name, **given
    )


def masks_of_kind(kind: str, size: tuple[int, int], share: float, seed: int) -> np.ndarray:
    """Return a mask of which about `share` of the pixels are of a class."""
    rng = np.random.default_rng(seed)
    if kind == "multilabel":
        return (rng.random((*size, len(CLASSES))) < share).astype(np.uint8)
    n = 1 if kind == "binary" else len(CLASSES)
    return np.where(rng.random(size) < share, rng.integers(1, n + 1, size), 0).astype(np.uint8)


def come_back(name: str, kind: str, folder: Path) -> None:
    """Assert that masks, or objects, of many sizes and shares are written and read back equal."""
    form = form_of(name, kind)
    assert list(misfits(form)) == []
    sizes = {f"{one}{n}": size for one, size in SIZES.items() for n in range(4)}
    shares = [0.0, 0.1, 0.7, 1.0]  # of the pixels
    rng = np.random.default_rng(0)
    meant = {
        one: random_objects(rng, size, len(CLASSES), apart=True)
        if pixel_kind(kind).finds_objects
        else masks_of_kind(kind, size, shares[k % 4], k)
        for k, (one, size) in enumerate(sizes.items())
    }
    path, known = folder / "s.csv", MaskSizes(sizes)
    write_answers(path, ExpectedRows(form, list(form.keys(sizes)), known), meant.items())
    back = read_answers(path, expected_of_ids(form, list(sizes), known))
    for (one, right), found in zip(meant.items(), back, strict=True):
        if isinstance(right, Instances):
            # Rows of objects hold no scores.
            scores = right.scores if form.item else np.ones(len(right), np.float32)
            assert same_objects(found, replace(right, scores=scores)), one
        else:
            assert found.dtype == np.uint8
            np.testing.assert_array_equal(found, right, err_msg=one)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_what_is_written_is_read_back_equal(tmp_path, name, kind):
    come_back(name, kind, tmp_path)


def test_every_value_of_masks_holds_a_kind():
    assert {name for name, _ in EVERY} == set(OF_MASKS)
