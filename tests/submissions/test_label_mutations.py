"""Thousands of broken files of labels: each is read as it is meant, or refused with its line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from podium.errors import SubmissionError
from podium.submissions.format.answers import read_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import SubmissionFormat
from tests.submissions.mutating import mutated
from tests.submissions.plain_reading import RefusedError, number_by_hand, rows_by_hand

N_FILES = 250
IDS = ["a.png", "000123", "1", "b"]
CLASSES = ("cat", "dog", "big eel")
WIDE = {"id": "id", "cat": "prob[cat]", "e": "prob[big eel]", "dog": "prob[dog]"}
CELLS = [
    "",
    " ",
    "nan",
    "None",
    "NA",
    "0",
    "1",
    "3",
    "-1",
    "1.0",
    " 0.5",
    "1e-3",
    "1e400",
    "1.5",
    "inf",
    "1_0",
    "٣",
    "0x1",
    "cat",
    "Cat",
    "dog cat",
    "cat|cat",
    "cat|dog|big eel",
    "dog 0.5",
    "dog  0.5",
    "0.5 dog",
    "big eel nan",
    "new",
    "cow",
    "123",
    "000123",
    "a",
]


def form_of(value, kind="multiclass", columns=None, classes=CLASSES, **parameters):
    given = {"columns": columns or {"id": "id", "label": "value"}, "kind": kind, "value": value}
    return SubmissionFormat(**given, classes=classes, **parameters)


FORMS = {
    "probabilities": form_of("prob", columns=WIDE),
    "flags": form_of("label", "multilabel", columns=WIDE),
    "indices": form_of("label"),
    "names": form_of("name"),
    "sets": form_of("labels", "multilabel", sep="|"),
    "sets with a mark": form_of("labels", "multilabel", sep="|", empty="14 1 0"),
    "rankings": form_of("topk", k=2, sep="|", unknown="new"),
    "numbers": form_of("scalar", "regression", classes=()),
    "one probability": form_of("prob", "binary", classes=()),
    "confident": form_of("name", item="{label} {conf}"),
    "a row a class": form_of("prob", "multilabel", rows="image_class", id="{id}_{class}"),
    "two columns name a row": form_of(
        "prob",
        "multilabel",
        rows="image_class",
        columns={"class": "class_number", "id": "id", "p": "value"},
    ),
}


def number(cell, form):
    found = number_by_hand(cell)
    if form.value == "prob" and not 0 <= found <= 1:
        raise RefusedError
    return found


def answer_by_hand(cell, form):
    """Return what a cell says, as the formats' page has it."""
    of_class = len(form.columns) > 2 or form.rows == "image_class"
    if form.value in ("prob", "scalar"):
        return number(cell, form)
    if form.value == "label":
        known = ["0", "1"] if of_class else ["0", "1", "2"]
        if cell in known:
            return known.index(cell)
        found = number_by_hand(cell)  # 1.0 is what pandas makes of a column with a gap
        return known.index(_one_of(known, str(int(found)) if found == int(found) else ""))
    if form.value == "labels":
        parts = [] if cell == form.empty else cell.split(form.sep)
        if len(set(parts)) < len(parts):
            raise RefusedError
        predicted = [_one_of(CLASSES, part) for part in parts]
        return [int(name in predicted) for name in CLASSES]
    if form.value == "topk":
        parts = [] if cell == form.empty else cell.split(form.sep)
        places = [(*CLASSES, "new").index(_one_of((*CLASSES, "new"), part)) for part in parts]
        if len(places) > form.k:
            raise RefusedError
        return places + [-1] * (form.k - len(places))
    if form.item:
        if cell == "":
            return [-1, 0]
        name, _, sure = cell.rpartition(" ")
        if not sure or sure != "".join(sure.split()):
            raise RefusedError
        return [CLASSES.index(_one_of(CLASSES, name)), number_by_hand(sure)]
    return CLASSES.index(_one_of(CLASSES, cell))


def _one_of(known, text):
    if text not in known:
        raise RefusedError
    return text


def answers_by_hand(content, form):
    """Return what a file says of each sample; RefusedError where rows are not as they must be."""
    fields = list(form.columns.values())
    keys = [i for i, field in enumerate(fields) if field in ("id", "class_number")]
    found = {}
    for row in rows_by_hand(content, list(form.columns)):
        name = tuple(row[i] for i in keys)
        if name in found:
            raise RefusedError
        cells = {field: row[i] for i, field in enumerate(fields) if i not in keys}
        if "value" in cells:
            found[name] = answer_by_hand(cells["value"], form)
        else:
            found[name] = [answer_by_hand(cells[f"prob[{one}]"], form) for one in CLASSES]
    wanted = names_of(form)
    if found.keys() != {name for names in wanted for name in names}:
        raise RefusedError
    each = [[found[name] for name in names] for names in wanted]
    return np.array([one if form.rows == "image_class" else one[0] for one in each])


def names_of(form):
    """Return the names of the rows of each sample, as tuples of cells."""
    if form.rows == "image":
        return [[(one,)] for one in IDS]
    if len(form.columns) == 3:
        return [[(str(number), one) for number in (1, 2, 3)] for one in IDS]
    return [[(f"{one}_{name}",) for name in CLASSES] for one in IDS]


def text_of(form, rng):
    def cell():
        if form.value in ("prob", "scalar"):
            return str(round(rng.random(), 3))
        some = rng.permutation(CLASSES)[: rng.integers(0, 3)].tolist()
        return {
            "label": str(rng.integers(0, 2)),
            "labels": form.sep.join(some) or form.empty,
            "topk": form.sep.join(some) or form.empty,
            "name": CLASSES[rng.integers(3)] + (" 0.25" if form.item else ""),
        }[form.value]

    n_values = len(form.columns) - len(names_of(form)[0][0])
    rows = [
        ",".join([*name, *(cell() for _ in range(n_values))])
        for names in names_of(form)
        for name in names
    ]
    return "\n".join([",".join(form.columns), *rows, ""])


def test_an_undamaged_file_is_read_as_by_hand(tmp_path):
    path = tmp_path / "s.csv"
    for form in FORMS.values():
        text = text_of(form, np.random.default_rng(3))
        path.write_text(text)
        values = read_answers(path, expected_of_ids(form, IDS))
        np.testing.assert_array_equal(
            values.reshape(4, -1), answers_by_hand(text.encode(), form).reshape(4, -1)
        )


@pytest.mark.other_cases("slow", every=3)
@pytest.mark.parametrize("which", FORMS)
def test_a_broken_file_of_labels_is_read_as_it_is_meant_or_refused_with_its_line(tmp_path, which):
    form, rng, path = FORMS[which], np.random.default_rng(11), tmp_path / "s.csv"
    keys, n_refused = list(form.keys(IDS)), 0
    for _ in range(N_FILES):
        content = mutated(text_of(form, rng), rng, CELLS)
        path.write_bytes(content)
        problems = check_expected(path, ExpectedRows(form, keys))
        errors = [one for one in problems if one.level == "error"]
        try:
            meant = answers_by_hand(content, form)
        except RefusedError:
            meant = None
        assert bool(errors) == (meant is None), content
        if meant is None:
            n_refused += 1
            with pytest.raises(SubmissionError):
                read_answers(path, expected_of_ids(form, IDS))
            for one in errors:
                whole = any(word in one.message for word in ("missing (", "is empty", "no rows"))
                assert one.line is not None or whole, one
            continue
        values = read_answers(path, expected_of_ids(form, IDS))
        assert np.array_equal(values.reshape(4, -1), meant.reshape(4, -1)), content
    assert 0.4 * N_FILES < n_refused < 0.98 * N_FILES


def test_no_two_accidents_are_one():
    rng = np.random.default_rng(0)
    text = text_of(FORMS["names"], rng)
    made = [mutated(text, rng, CELLS) for _ in range(200)]
    assert sum(one != other for one, other in pairwise(made)) > 150
