"""Masks that are sent as counts in turn: written, checked, read back and scored at a host."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from podium.competition.sections.data import MaskCodec
from podium.competition.spec import RleSpec, load_competition
from podium.errors import DataError
from podium.hosting import init_host, write_mask_solution
from podium.hosting.host import Host
from podium.hosting.scoring.score import score_file
from podium.submissions import check, write_masks
from podium.submissions.format.answers import read_answers
from podium.submissions.format.expected import expected_of_test

SIZES = {"a": (3, 4), "b": (5, 2), "c": (1, 3)}
A, B, C = (np.zeros(size, dtype=np.uint8) for size in SIZES.values())
A[1:, 1] = 1
B[0] = 1
MASKS = {"a": A, "b": B, "c": C}
ALONG = "{rle: {counts: true, order: C}}"
DOWN = "{rle: {counts: true}}"
GOOD = "id,rle\na,5 1 3 1 2\nb,0 2 8\nc,3\n"


def rows_of(path):
    with path.open(newline="") as file:
        return dict(list(csv.reader(file))[1:])


@pytest.mark.parametrize(
    ("submission", "rows"),
    [
        (ALONG, {"a": "5 1 3 1 2", "b": "0 2 8", "c": "3"}),
        (DOWN, {"a": "4 2 6", "b": "0 1 4 1 4", "c": "3"}),
        ('{empty: "-1", rle: {counts: true}}', {"a": "4 2 6", "b": "0 1 4 1 4", "c": "-1"}),
    ],
)
def test_counts_are_written_and_read_back(masks_of, tmp_path, submission, rows):
    competition = masks_of(sizes=SIZES, submission=submission)
    path = write_masks(tmp_path / "s.csv", competition, MASKS.items())
    assert rows_of(path) == rows
    assert check(path, competition) == []
    answers = read_answers(path, expected_of_test(competition))
    for mask, right in zip(answers, MASKS.values(), strict=True):
        np.testing.assert_array_equal(mask, right)


@pytest.mark.parametrize(
    ("cell", "words", "fix"),
    [
        ("5 1 3 1 1", "do not sum to the pixels of the image: 'a' character 9: the counts sum to "
         "11, and the image has 12 pixels, 3 x 4", "behind the last run"),
        ("5 1 3 1", "sum to 10, and the image has 12", "behind the last run"),
        ("5 8", "sum to 13, and the image has 12", "another size"),
        ("5 0 7", "character 3: a count is 0, and only the first may be", "in turn"),
        ("5 x", "character 3: 'x' is not a whole number", "in turn"),
        ("", "blank or missing cells", "the number of pixels"),
        ("-1", "empty masks that are not counts of all pixels", "the number of pixels"),
    ],
)  # fmt: skip
def test_each_fault_of_counts_is_named_with_its_line(masks_of, tmp_path, cell, words, fix):
    competition = masks_of(sizes=SIZES, submission=ALONG)
    file = tmp_path / "file.csv"
    file.write_text(GOOD.replace("5 1 3 1 2", cell))
    [found] = check(file, competition)
    assert found.level == "error"
    assert words in found.message
    assert found.line == 2
    assert fix in found.fix


def test_runs_of_starts_are_no_counts(masks_of, tmp_path):
    competition = masks_of(sizes=SIZES, submission=ALONG)
    file = tmp_path / "file.csv"
    file.write_text("id,rle\na,6 1 10 1\nb,1 2\nc,3\n")
    messages = " ".join(one.message for one in check(file, competition))
    assert "sum to 18, and the image has 12" in messages
    # And with counts for starts they are refused, too.
    file.write_text(GOOD)
    assert check(file, masks_of(sizes=SIZES)) != []


def test_a_host_scores_counts(tmp_path):
    ids = "".join(f"{one},{height * width}\n" for one, (height, width) in SIZES.items())
    (tmp_path / "sample.csv").write_text(f"id,rle\n{ids}")
    (tmp_path / "competition.yaml").write_text("""
name: stains
tasks: {segment: binary}
classes: []
data:
  train: {images: "train/*.png", mask: "masks/{stem}.png"}
  test: {images: "test/*.png"}
metric: {name: mean_dice}
submission: {sample: sample.csv, rle: {counts: true, order: C}}
kaggle: {slug: stains}
""")
    competition = load_competition(tmp_path)
    usage = {"a": "Public", "b": "Private", "c": "Private"}
    solution = write_mask_solution(tmp_path / "solution.csv", competition, MASKS.items(), usage)
    assert "c,foreground,3,1,3,Private" in solution.read_text()
    init_host(tmp_path / "host", competition, solution, ["ann"])
    host = Host(tmp_path / "host")
    sent = tmp_path / "s.csv"
    sent.write_text("id,rle\na,5 1 6\nb,0 2 8\nc,1 1 1\n")
    scores = score_file(sent, host.spec, host._solution)
    # a: 1 of 2 pixels, 2·1/3; b is right, c has a pixel too many.
    assert scores.public == pytest.approx(2 / 3)
    assert scores.private == pytest.approx((1 + 0) / 2)


def test_masks_of_a_table_may_be_counts():
    codec = MaskCodec(counts=True, order="C")
    assert codec.decode("0 2 2", (2, 2)).tolist() == [[True, True], [False, False]]
    assert RleSpec().model_dump() == {"base": 1, "order": "F", "relative": False}


@pytest.mark.parametrize("more", ["relative: true", "second: last", "join: '-'"])
def test_counts_with_switches_of_starts_are_refused(masks_of, more):
    with pytest.raises(DataError, match="counts: true has no starts"):
        masks_of(sizes=SIZES, submission=f"{{rle: {{counts: true, {more}}}}}")
