"""`podium check` tells that how runs are counted is a default, or that a text says otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.spec import load_competition
from podium.workflows.checking import check_counted_runs, check_workspace
from podium.workflows.choosing import answer
from podium.workspace.layout import Workspace

SPEC = """\
name: vases
tasks: {segment: binary}
data:
  train: {images: "data/train/{id}.png", id: "{id}", mask: "masks/{id}.png"}
  test: {images: "data/test/{id}.png", id: "{id}"}
metric: {name: mean_iou}
submission:
  columns: {id: id, outline: value}
  value: rle
"""
ALONG_THE_ROWS = "Pixels are numbered from 1, from left to right and then from top to bottom.\n"
DEFAULT = "how runs are counted is podium's default, and nothing shows it"
GUESS = "how runs are counted is a guess, and nothing shows it"
OTHERWISE = "a text beside the data counts runs otherwise than the file to send"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for folder, numbers in (("train", range(6)), ("test", range(6, 9))):
        (tmp_path / "data" / folder).mkdir(parents=True)
        for n in numbers:
            pixels = rng.integers(0, 255, (12, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"data/{folder}/{n}.png")
    (tmp_path / "masks").mkdir()
    for n in range(6):
        mask = np.zeros((12, 16), np.uint8)
        mask[n : n + 4, 3:9] = 255
        Image.fromarray(mask).save(tmp_path / f"masks/{n}.png")
    return tmp_path


def found(root: Path, *more: str, spec: str = SPEC) -> dict[str, str]:
    """Return the findings on runs, each title with its detail and what mends it."""
    (root / "competition.yaml").write_text(spec + "".join(f"  {line}\n" for line in more))
    findings = check_counted_runs(load_competition(root))
    assert {one.level for one in findings} <= {"warning"}
    return {one.title: f"{one.detail}; {one.mend or one.fix}" for one in findings}


def test_a_default_that_nothing_shows_has_a_warning_with_the_line_to_write(root: Path) -> None:
    told = found(root)[DEFAULT]
    assert "base and order" in told
    assert "numbered from 1, down the columns" in told
    assert "submission: {rle: {base: 1, order: F}}" in told
    findings = check_workspace(Workspace(root), load_competition(root), adversarial=False)
    assert [one.where for one in findings if one.title == DEFAULT] == ["competition.yaml:9"]
    assert "does not name order" in found(root, "rle: {base: 0}")[DEFAULT]
    assert found(root, "rle: {base: 1, order: F}") == {}
    assert found(root, "rle: {base: 0, order: C}") == {}


def test_a_text_that_counts_otherwise_is_named_with_the_line_to_write(root: Path) -> None:
    (root / "data/README.md").write_text(ALONG_THE_ROWS)
    for more in ([], ["rle: {base: 1}"], ["rle: {base: 1, order: F}"]):
        told = found(root, *more)
        assert list(told) == [OTHERWISE]
        assert "README.md says 'left to right and then from top to bottom'" in told[OTHERWISE]
        assert told[OTHERWISE].endswith("submission: {rle: {base: 1, order: C}}")
    assert found(root, "rle: {base: 1, order: C}") == {}
    (root / "data/README.md").write_text("Pixels are numbered from 1, down the columns.\n")
    assert found(root) == {}


def test_what_init_guessed_is_a_warning_until_somebody_chooses_it(root: Path) -> None:
    guess = "# how runs are counted: base 1 and order F are guessed, as no header shows it: see"
    told = found(root, guess, "rle: {base: 1, order: F}")
    assert list(told) == [GUESS]
    assert "podium choose 'submission.rle={base: 1, order: F}'" in told[GUESS]
    assert "took the usual order" in found(root, guess, "rle: {base: 0, order: F}")[GUESS]
    assert found(root, guess, "rle: {base: 0, order: C}") == {}
    doubt = "# order F is not sure: one run a mask; base 1 is likely: no run begins at 0."
    assert "took the usual order" in found(root, doubt, "rle: {base: 1, order: F}")[GUESS]
    for comment in (guess, doubt):
        found(root, comment, "rle: {base: 1, order: F}")
        answer(Workspace(root), ["submission.rle={base: 1, order: F}"])
        assert check_counted_runs(load_competition(root)) == []
    # A text beside the data shows it as well as a person.
    (root / "data/README.md").write_text("Pixels are numbered from 1, down the columns.\n")
    assert found(root, guess, "rle: {base: 1, order: F}") == {}


def test_a_table_in_the_workspace_hides_no_text(root: Path) -> None:
    (root / "train.csv").write_text("id\n0\n1\n2\n")
    (root / "data/README.md").write_text(ALONG_THE_ROWS)
    spec = SPEC.replace('{images: "data/train', '{table: train.csv, images: "data/train').replace(
        'id: "{id}", mask', "id: id, mask"
    )
    assert list(found(root, spec=spec)) == [OTHERWISE]


def test_runs_of_train_show_how_they_are_counted(root: Path) -> None:
    rows = "".join(f"{n},4 6 20 6\n" for n in range(6))
    (root / "data/train.csv").write_text(f"id,runs\n{rows}")
    mask = "mask: {table: data/train.csv, id: id, rle: runs}"
    spec = SPEC.replace('mask: "masks/{id}.png"', mask)
    assert found(root, spec=spec) == {}
    spec = SPEC.replace('mask: "masks/{id}.png"', f"{mask}, mask_codec: {{base: 0, order: C}}")
    told = found(root, spec=spec)[DEFAULT]
    assert "the masks of train are counted otherwise: pixels are numbered from 0, along" in told
    assert "submission: {rle: {base: 0, order: C}}" in told
    assert found(root, "rle: {base: 0, order: C}", spec=spec) == {}


def test_other_values_and_presets_have_no_runs_to_ask_for(root: Path) -> None:
    assert found(root, spec=SPEC.replace("value: rle", "value: coco")) == {}
    spec = SPEC.partition("submission:")[0] + "submission: {preset: tgs-salt}\n"
    assert found(root, spec=spec) == {}


def test_a_column_of_several_answers_names_its_own_counting(root: Path) -> None:
    columns = (
        "submission:\n  columns:\n    - {name: id, value: id}\n"
        "    - {name: outline, value: rle%s}\n"
    )
    spec = SPEC.partition("submission:")[0] + columns
    assert list(found(root, spec=spec % "")) == [DEFAULT]
    assert found(root, spec=spec % ", rle: {base: 0, order: C}") == {}
