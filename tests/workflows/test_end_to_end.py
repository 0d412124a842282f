"""Three real layouts go from a data folder to a scored submission by the commands of the README."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from inkless_pages import draw_nothing
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import load_competition

TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}}
input: {size: 32, train: none}
optimizer: {name: adamw, lr: 1e-2, schedule: constant}
batch_size: 16
phases: [{name: all, epochs: 8}]
predict: {tta: [hflip]}
"""


def podium(*words: object, expect: int = 0) -> str:
    """Run one command in this process and return what it printed."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == expect, f"podium {words}:\n{done.output}\n{done.exception!r}"
    return done.output


def answer(*words: object) -> Any:
    """Run one command and return the JSON that it printed on stdout."""
    done = CliRunner().invoke(app, [*(str(word) for word in words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def write_solution(path: Path, competition: Any, truth: dict[str, str], ids: list[str]) -> None:
    """Write the hidden answers in the columns that a submission has, half of them public."""
    from podium.submissions.format.spec import format_of

    form = format_of(competition)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*form.header, "Usage"])
        for number, one in enumerate(ids):
            cells = truth_cells(competition, form, truth[one])
            writer.writerow([one, *cells, "Public" if number < len(ids) // 2 else "Private"])


def truth_cells(competition: Any, form: Any, label: str) -> list[str]:
    """Return the value cells of a perfect submission."""
    if form.prob_columns:
        there = set(label.split())
        return [str(int(name in there)) for name in competition.classes]
    if form.value == "label":
        return [str(competition.classes.index(label))]
    return [label]


@pytest.mark.parametrize(
    "layout",
    [
        "table_and_images",
        # Other labels, and groups, go this way in tests/examples/test_competitions.py, too.
        pytest.param("class_folders", marks=(pytest.mark.slow, pytest.mark.long)),
        pytest.param("multilabel_with_groups", marks=(pytest.mark.slow, pytest.mark.long)),
    ],
)
def test_from_a_data_folder_to_a_score(
    layout: str, miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = getattr(miniatures, layout)(tmp_path / "here" / "data", n=96, n_test=24)
    root = tmp_path / "here"

    assert "competition.yaml" in podium("-w", root, "init", made.data)
    competition = load_competition(root)
    podium("-w", root, "check", "--no-adversarial")
    amend(root, "folds", n=2)
    podium("-w", root, "folds")
    (root / "recipes" / "tiny.yaml").write_text(TINY)
    assert "finished" in podium("-w", root, "train", "tiny", "--seeds", "0,1")
    podium("-w", root, "predict", "tiny", "--tta", "vflip")
    if competition.metric.name != "auc":  # it scores probabilities as they are
        podium("-w", root, "tune", "thresholds", "tiny", "--trials", "5")
    assert "honest" in podium("-w", root, "blend", "--trials", "5")

    ids = sorted(made.truth)
    sample = competition.submission.sample
    if sample is not None:
        with (root / sample).open(newline="") as file:
            ids = [row[0] for row in csv.reader(file)][1:]
    write_solution(tmp_path / "solution.csv", competition, made.truth, ids)
    made_host = podium("-w", root, "host", "init", tmp_path / "host",
                       "--solution", tmp_path / "solution.csv", "--users", "me")  # fmt: skip
    assert "12 public, 12 private" in made_host
    amend(root, "kaggle", host="../host")

    assert "dry run" in podium("-w", root, "submit", "--dry-run")
    run = next(path for path in (root / "runs").iterdir() if path.name.startswith("tiny"))
    assert "dry run" in podium("-w", root, "submit", "--dry-run", run)
    podium("-w", root, "submit", "-m", "first")
    board = json.loads(podium("-w", root, "board", "--json"))
    assert board["rows"][0]["state"] == "complete"
    assert board["rows"][0]["public_score"] is not None
    assert board["rows"][0]["honest"] is not None
    assert board["quota_left"] == competition.kaggle.daily_limit - 1
    # What the networks saw was easy: a blend of two seeds must beat guessing by far.
    assert board["rows"][0]["public_score"] > 0.6

    before = contents(root / "submissions")
    assert "--again" in podium("-w", root, "submit", expect=2)
    assert contents(root / "submissions") == before
    podium("-w", root, "ledger", "rebuild")
    draw_nothing(monkeypatch)  # a page of trained networks is drawn in test_mask_layouts.py
    page = Path(podium("-w", root, "report").strip().splitlines()[-1])
    assert "Not everything could be shown" not in page.read_text(encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder`."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def amend(root: Path, part: str, **settings: object) -> None:
    """Change settings in one part of competition.yaml."""
    spec = yaml.safe_load((root / "competition.yaml").read_text())
    spec[part] = {**spec.get(part, {}), **settings}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))


@pytest.mark.slow
def test_another_metric_scores_anew_and_never_under_an_old_name(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    root = tmp_path / "here"
    miniatures.class_folders(root / "data", n=48)
    podium("-w", root, "init", root / "data")
    (root / "recipes" / "tiny.yaml").write_text(TINY.replace("epochs: 8", "epochs: 1"))
    podium("-w", root, "train", "tiny")
    podium("-w", root, "blend", "--trials", "2")
    before = answer("-w", root, "train", "tiny")[0]["scores"]
    spec = root / "competition.yaml"
    spec.write_text(spec.read_text().replace("name: accuracy", "name: log_loss"))
    [run] = answer("-w", root, "board", "--offline")["runs"]
    assert run["oof"] is None
    again = re.search(
        r"train (runs/tiny-\w+/recipe.yaml)", podium("-w", root, "board", "--offline")
    )
    assert answer("-w", root, "train", root / again[1])[0]["scores"]["metric"] == "log_loss"
    after = answer("-w", root, "train", "tiny")[0]["scores"]
    assert (before["metric"], after["metric"]) == ("accuracy", "log_loss")
    [run] = answer("-w", root, "board", "--offline")["runs"]
    assert run["oof"] == after["oof"] != before["oof"]
    blended = answer("-w", root, "blend", "tiny")
    assert blended["metric"] == "log_loss"

    # Runs over other folds cannot be blended with new ones: they are left out, and named.
    (root / "folds.csv").unlink()
    spec.write_text(spec.read_text().replace("seed: 42", "seed: 43"))
    podium("-w", root, "train", "tiny")
    assert "is left out" in podium("-w", root, "blend")
    spec.write_text(spec.read_text().replace("seed: 43", "seed: 44"))
    assert "would make other folds" in podium("-w", root, "folds")
