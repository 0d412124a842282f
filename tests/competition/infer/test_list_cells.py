"""Cells that hold lists as Python, JSON or numpy write them are lists of labels."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

NAMES = ["red", "deep blue", "it's"]
FORMS: dict[str, Callable[[Sequence[str]], str]] = {
    "python": lambda names: str(list(names)),
    "json": lambda names: json.dumps(list(names)),
    "numbers": lambda names: str([NAMES.index(one) for one in names]),
    "numpy": lambda names: "[" + " ".join(f'"{one}"' for one in names) + "]",
}
LISTS = [
    [name for k, name in enumerate(NAMES) if code >> k & 1] for code in (1, 2, 4, 3, 5, 6, 7) * 3
]


def written(data: Path, form: str, lists: Sequence[Sequence[str]], sample: str) -> None:
    for n in range(len(lists) + 4):
        file = data / ("train" if n < len(lists) else "test") / f"{n}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (n * 9 % 255, n, 0)).save(file)
    with (data / "train.csv").open("w", newline="") as file:
        rows = ([n, FORMS[form](one)] for n, one in enumerate(lists))
        csv.writer(file).writerows([["image", "colours"], *rows])
    if sample == "lists":
        header, cells = ["image", "colours"], [FORMS[form](NAMES[:1])]
    else:
        header, cells = ["image", *NAMES], ["0.5", "0.5", "0.5"]
    with (data / "sample_submission.csv").open("w", newline="") as file:
        rows = ([n, *cells] for n in range(len(lists), len(lists) + 4))
        csv.writer(file).writerows([header, *rows])


@pytest.mark.parametrize("with_none", [False, True], ids=["some", "some and none"])
@pytest.mark.parametrize("form", ["python", "json", "numbers"])
def test_lists_are_read_and_sent_as_lists(tmp_path: Path, form: str, with_none: bool) -> None:
    lists = [*LISTS, []] if with_none else LISTS
    written(tmp_path / "data", form, lists, "lists")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert spec.tasks == {"classify": "multilabel"}
    assert not spec.to_choose
    samples = load_samples(spec, "train").sort_values("id", key=lambda ids: ids.astype(int))
    names = NAMES if form != "numbers" else ["0", "1", "2"]
    for label, one in zip(samples["label"], lists, strict=True):
        read = {spec.classes[k] for k in np.flatnonzero(label)}
        assert read == {names[NAMES.index(name)] for name in one}
    ids = list(load_samples(spec, "test")["id"])
    answers = np.array([[name in one for name in spec.classes] for one in (names, names[:1])] * 2)
    answers[3] = False
    sent = write_submission(tmp_path / "sent.csv", spec, ids, None, answers.astype(np.uint8))
    assert check(sent, spec) == []
    with sent.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["image", "colours"]
    ordered = [name for name in spec.classes if name in names]
    real = [NAMES[names.index(name)] for name in ordered]
    assert [row[1] for row in rows] == [FORMS[form](one) for one in (real, NAMES[:1], real, [])]
    sent.write_text(sent.read_text().replace(rows[1][1].replace('"', '""'), "red"))
    assert any("no list of labels" in problem.message for problem in check(sent, spec))


@pytest.mark.parametrize("form", ["python", "json", "numpy"])
def test_probabilities_of_names_in_lists(tmp_path: Path, form: str) -> None:
    written(tmp_path / "data", form, LISTS, "columns")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert spec.tasks == {"classify": "multilabel"}
    assert sorted(spec.classes) == sorted(NAMES)
    assert spec.submission.file.reads_as_plain


def test_lists_of_four_numbers_are_no_labels(tmp_path: Path) -> None:
    """They may be boxes."""
    data = tmp_path / "data"
    written(data, "numbers", LISTS, "columns")
    lines = [f'{n},"[{n % 3}, {n % 2 + 4}, 7, {n % 4 + 8}]"' for n in range(len(LISTS))]
    (data / "train.csv").write_text("\n".join(["image,colours", *lines]) + "\n")
    (data / "sample_submission.csv").unlink()
    with pytest.raises(DataError, match="no labels"):
        infer(data, tmp_path)
