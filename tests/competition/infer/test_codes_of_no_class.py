"""Negative codes beside those of classes, which a table of the classes names or not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from tests.competition.infer.test_odd_labels import begin, put, table

N = 28
TEAS = ("green", "black", "barley")


def teas(data: Path, codes: Sequence[int], *, legend: bool, text: str = "") -> dict[str, str]:
    """Write images whose codes come in turn; return the code of each image of train."""
    for n in range(N + 4):
        put(data / ("train" if n < N else "test") / f"t{n:02}.png", n)
    known = {f"t{n:02}": str(codes[n % len(codes)]) for n in range(N)}
    table(data / "train.csv", ("picture", "tea_id"), *known.items())
    sent = [(f"t{n:02}", 0) for n in range(N, N + 4)]
    table(data / "sample_submission.csv", ("picture", "tea_id"), *sent)
    if legend:
        table(data / "teas.csv", ("tea_id", "tea"), *enumerate(TEAS))
    (data / "README.md").write_text(text)
    return known


def labels(found: Competition) -> dict[str, str]:
    samples = load_samples(found, "train")
    each = zip(samples["id"], samples["label"], strict=True)
    return {id_: found.classes[label] for id_, label in each}


LEAVE_OUT = "The tea is in tea_id.\nImages whose tea_id is -1\nshow no cup: please leave them out."


@pytest.mark.parametrize("text", [LEAVE_OUT, "Teas are numbered."], ids=["told", "not_told"])
def test_a_negative_code_that_the_legend_does_not_name_is_no_class(
    tmp_path: Path, text: str
) -> None:
    known = teas(tmp_path / "data", (0, 1, -1, 2), legend=True, text=text)
    found, notes = begin(tmp_path)
    assert (found.tasks, found.classes) == ({"classify": "multiclass"}, ["0", "1", "2"])
    assert labels(found) == {id_: code for id_, code in known.items() if code != "-1"}
    assert "7 rows with tea_id '-1'" in notes or "7 cells with tea_id '-1'" in notes
    assert "teas.csv does not name" in notes
    rest = {id_ for id_, code in known.items() if code == "-1"}
    if text == LEAVE_OUT:
        assert found.data.unlabelled is None
    else:
        assert set(load_samples(found, "unlabelled")["id"]) == rest


def test_a_negative_code_without_a_legend_is_a_question(tmp_path: Path) -> None:
    known = teas(tmp_path / "data", (0, 1, -1, 2), legend=False)
    found, _ = begin(tmp_path)
    assert "data.train.table" in found.to_choose
    assert labels(found) == known
    [other] = (tmp_path / "made").rglob("*_without_negative_codes.csv")
    rows = [line.split(",") for line in other.read_text().splitlines()[1:]]
    assert dict(rows) == {id_: code for id_, code in known.items() if code != "-1"}


def test_a_scale_with_two_sides_is_no_question(tmp_path: Path) -> None:
    known = teas(tmp_path / "data", (-1, 0, 1), legend=False)
    found, _ = begin(tmp_path)
    assert "data.train.table" not in found.to_choose
    assert labels(found) == known
