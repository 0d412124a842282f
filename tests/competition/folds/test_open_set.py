"""Images of none of the classes: read, kept out of the classes, and found among untrained rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from podium.competition import metrics
from podium.competition.checks.data import check_data
from podium.competition.folds.open_set import is_unseen_class, open_set_truth
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError
from podium.submissions.format.spec import format_of
from podium.training.recipe import Recipe
from podium.training.runs.ids import run_id
from podium.training.runs.scoring import FoldLabelScorer, check_metric
from podium.workspace.layout import Workspace

SPEC = """\
name: whales
tasks: {{classify: multiclass}}
open_set: new_whale
classes: {classes}
data:
  train: {{table: train.csv, id: id, images: "train/{{id}}.png", label: Id}}
  test: {{images: "test/*.png"}}
folds: {{n: 2}}
metric: {{name: {metric}}}
submission: {{value: topk, k: 2, columns: {{Image: id, Id: value}}}}
"""
LABELS = ["w_2", "w_10", "w_2", "w_10", "new_whale", "w_7", "new_whale", "w_2"]


def made(
    root: Path, labels: list[str] = LABELS, classes: str = "{table: train.csv, column: Id}"
) -> Competition:
    rng = np.random.default_rng(0)
    for folder, count in (("train", len(labels)), ("test", 2)):
        (root / folder).mkdir()
        for i in range(count):
            pixels = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{folder}{i}.png")
    rows = [f"train{i},{label}" for i, label in enumerate(labels)]
    (root / "train.csv").write_text("\n".join(["id,Id", *rows]) + "\n")
    (root / "competition.yaml").write_text(SPEC.format(classes=classes, metric="map_at_k"))
    return load_competition(root)


def test_classes_are_what_the_column_holds_and_not_the_label_of_the_others(tmp_path):
    competition = made(tmp_path)
    assert competition.classes == ["w_10", "w_2", "w_7"]
    samples = load_samples(competition, "train")
    assert truth(samples, competition).tolist() == [1, 0, 1, 0, -1, 2, -1, 1]
    assert format_of(competition).unknown == "new_whale"


def test_numbers_are_ordered_as_numbers_and_blanks_are_no_class(tmp_path):
    labels = ["10", "9", "100", "9", "new_whale", "10"]
    assert made(tmp_path, labels).classes == ["9", "10", "100"]


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ("{table: none.csv, column: Id}", "there is no such table"),
        ("{table: train.csv, column: Ids}", "no column 'Ids'"),
        ("{table: train.csv}", "write a list of names, or"),
        ("[w_2, w_7, w_10, new_whale]", "is one of classes"),
    ],
)
def test_classes_that_cannot_be_had_are_refused_with_their_line(classes, message, tmp_path):
    with pytest.raises(DataError, match=message) as caught:
        made(tmp_path, classes=classes)
    assert "competition.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": {"classify": "binary"}, "classes": []}, "one task alone"),
        ({"submission": {"value": "topk", "k": 2, "unknown": "other"}}, "one name for what is"),
        ({"data.train.unit": "id"}, "joins images to units"),
        ({"data.train.label": ["a", "b"]}, "columns of 0 and 1"),
    ],
)
def test_an_open_set_that_cannot_be_trained_on_or_scored_is_refused(changes, message):
    train = {"table": "t.csv", "id": "id", "images": "{id}.png", "label": "Id"}
    spec: dict[str, Any] = {
        "name": "x",
        "tasks": {"classify": "multiclass"},
        "classes": ["a", "b"],
        "open_set": "new",
        "data": {"train": train, "test": {"images": "*.png"}},
        "metric": {"name": "map_at_k"},
    }
    for key, value in changes.items():
        *_, last = key.split(".")
        (train if "." in key else spec)[last] = value
    with pytest.raises(ValueError, match=message):
        Competition.model_validate(spec)


def test_the_humpback_preset_sets_its_open_set(tmp_path):
    made(tmp_path)
    text = (tmp_path / "competition.yaml").read_text().split("metric:")[0]
    text = text.replace("open_set: new_whale\n", "")
    (tmp_path / "competition.yaml").write_text(text + "submission: {preset: humpback-whale}\n")
    competition = load_competition(tmp_path)
    assert competition.open_set == "new_whale"
    assert "new_whale" not in competition.classes


def test_a_metric_of_decisions_cannot_score_an_open_set(tmp_path):
    competition = made(tmp_path)
    check_metric(competition)
    text = (tmp_path / "competition.yaml").read_text().replace("map_at_k", "accuracy")
    (tmp_path / "competition.yaml").write_text(text)
    with pytest.raises(DataError, match="accuracy scores decisions, in which 'new_whale'"):
        check_metric(load_competition(tmp_path))


def test_the_check_counts_the_rows_of_the_open_set(tmp_path):
    competition = made(tmp_path)
    findings = check_data(Workspace(tmp_path), competition, adversarial=False)
    [finding] = [one for one in findings if one.title == "open set"]
    assert finding.detail == (
        "new_whale is right for 3 of 8 rows: 2 are labelled so, of 1 the model of their fold never "
        "saw the class"
    )
    [rare] = [finding for finding in findings if finding.title == "rare classes"]
    assert rare.items == ("w_7",)
    assert "1 has one row" in rare.detail


def test_the_check_warns_where_no_row_is_of_the_open_set(tmp_path):
    competition = made(tmp_path, ["w_1", "w_2"] * 6)
    findings = check_data(Workspace(tmp_path), competition, adversarial=False)
    [finding] = [one for one in findings if one.title == "open set"]
    assert finding.level == "warning"
    assert "new_whale is right for 0 of 12 rows" in finding.detail
    assert "`- topk: {k: 5, unknown: 0.3}`" in finding.fix


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_row_is_new_where_no_training_row_of_its_fold_has_its_class(data):
    n = data.draw(st.integers(4, 30))
    right = np.array(data.draw(st.lists(st.integers(-1, 6), min_size=n, max_size=n)))
    folds = np.arange(n) % 3 - data.draw(st.sampled_from([0, 1]))
    scheme = data.draw(st.sampled_from(["stratified", "time"]))
    if scheme == "time":
        folds = np.sort(np.arange(n) % 4) - 1
    found = open_set_truth(right, folds, scheme=scheme)
    for i in range(n):
        trained_on = {
            right[j]
            for j in range(n)
            if (folds[j] < folds[i] if scheme == "time" else folds[j] != folds[i])
        }
        has_training_row = folds[i] < 0 or right[i] in trained_on
        assert found[i] == (right[i] if has_training_row else -1)
    assert is_unseen_class(right, right).tolist() == (right == -1).tolist()


def test_the_score_of_a_row_that_is_new_is_that_of_the_place_of_new(tmp_path):
    scorer = FoldLabelScorer(made(tmp_path))
    # The plain ranking never predicts "new": both rows that are new score nothing.
    probs = np.array([[0.5, 0.3, 0.2]] * 4, dtype=np.float32)
    assert scorer(probs, np.array([0, 1, -1, -1]), where="fold 0") == pytest.approx(1.5 / 4)


def test_scores_and_blend_weights_include_the_open_set(tmp_path):
    labels = ["w_2", "w_10", "w_2", "w_10", "w_7", "w_2"]
    competition = made(tmp_path, labels)
    closed = competition.model_copy(update={"open_set": None})
    assert metrics.facts_of(competition) == {**metrics.facts_of(closed), "open_set": "new_whale"}
    samples, folds = load_samples(competition, "train"), np.arange(6) % 2
    workspace = Workspace(tmp_path)

    def ids(rule: str) -> set[str]:
        spec = {"checkpoint": rule, "phases": [{"name": "a", "epochs": 1}]}
        recipe = Recipe.model_validate(spec)
        given = {"name": "r", "samples": samples, "folds": folds}
        return {run_id(workspace, one, recipe, **given)[0] for one in (competition, closed)}

    assert len(ids("last")) == 1
    assert len(ids("best")) == 2
