"""Labels and masks of a file against train, where each c is without a mask and no other is."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner
from workflows.test_several_answers import CORE_RUNS, SIDE, SUM, N, opened

from podium.cli.app import app
from podium.competition.spec import load_competition
from podium.workflows.submission.odd_answers import rows_unlike_train
from podium.workspace.layout import Workspace

HEADER = "id,label,rle\n"
LIKE_TRAIN = f"t0,a,{CORE_RUNS}\nt1,b,{CORE_RUNS}\nt2,c,\nt3,c,\nt4,a,{CORE_RUNS}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sound")
    opened(root, SUM)
    nothing = Image.fromarray(np.zeros((SIDE, SIDE), np.uint8))
    for number in range(2, N, 3):  # the images of c
        nothing.save(root / f"data/masks/i{number:02d}.png")
    return root


def warnings_of(root: Path, file: Path) -> list[tuple[int | None, str]]:
    found = rows_unlike_train(Workspace(root), load_competition(root), file)
    assert all(one.level == "warning" and one.fix for one in found)
    return [(one.line, one.message) for one in found]


def written(root: Path, rows: str) -> Path:
    file = root / "sent.csv"
    file.write_text(HEADER + rows)
    return file


def test_rows_that_are_like_train_are_no_problem(made: Path) -> None:
    assert warnings_of(made, written(made, LIKE_TRAIN)) == []


def test_a_class_that_never_has_a_mask_and_one_that_always_has(made: Path) -> None:
    rows = f"t0,c,{CORE_RUNS}\nt1,b,{CORE_RUNS}\nt2,c,\nt3,a,\nt4,c,{CORE_RUNS}\n"
    assert warnings_of(made, written(made, rows)) == [
        (5, "1 row of 'a' has no mask, and each of the 10 of train has one: 't3'"),
        (2, "2 rows of 'c' have a mask, and none of the 10 of train has one: 't0', 't4'"),
    ]


def test_check_and_submit_print_it_and_refuse_nothing(made: Path) -> None:
    file = written(made, LIKE_TRAIN.replace("t2,c,", f"t2,c,{CORE_RUNS}"))
    for words in (["check", str(file)], ["submit", str(file), "--dry-run"]):
        done = CliRunner().invoke(app, ["-w", str(made), *words])
        assert "1 row of 'c' has a mask, and none of the 10 of train has one: 't2'" in done.output
    assert CliRunner().invoke(app, ["-w", str(made), "check", str(file)]).exit_code == 0


def test_nine_rows_of_a_class_and_one_exception_prove_no_rule(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    table = root / "data/train.csv"
    table.write_text(table.read_text().replace("i29,c", "i29,b"))  # b has a row without a mask now
    rows = f"t0,c,{CORE_RUNS}\nt1,b,\nt2,c,\nt3,c,\nt4,a,{CORE_RUNS}\n"
    assert warnings_of(root, written(root, rows)) == []


def test_a_file_of_masks_alone_is_not_looked_at(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    spec = yaml.safe_load((root / "competition.yaml").read_text())
    spec["metric"] = {"name": "mean_iou", "task": "segment"}
    del spec["submission"]["columns"][1]
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    file = root / "sent.csv"
    file.write_text(f"id,rle\nt0,\nt1,{CORE_RUNS}\nt2,\nt3,\nt4,\n")
    assert warnings_of(root, file) == []
