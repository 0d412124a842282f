"""Probabilities of several outputs take the whole path, in a column for each class.

A row is of an image and an output, and a column of a class (RSNA 2024), or a row of an image, and
a column of an output and its class. What is expected is scikit-learn's, output by output, or loops.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import miniatures
import numpy as np
import pandas as pd
import pytest
import yaml
from command_line import podium
from numpy.typing import NDArray
from pydantic import ValidationError

import podium as package
from podium.competition import metrics
from podium.competition.spec import Competition
from podium.ensembling.climbing import log_loss as climbing
from podium.ensembling.hill_climbing import hill_climb
from podium.ensembling.method import load_method, method_names
from podium.ensembling.simplex import simplex_weights
from podium.errors import DataError, SubmissionError
from podium.predictions.decisions.labels import decide
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import format_of
from podium.submissions.format.writing import PredictionBatch
from podium.tasks.protocols.find import image_kind
from podium.tuning.labels.calibration import TemperatureScaling, fit_calibration
from podium.tuning.scoring import LabelScorer

GRADES = ["Normal/Mild", "Moderate", "Severe"]
SIDES = ["left_l1", "right_l1"]
CLASSES = dict.fromkeys(SIDES, GRADES)
SHARED = {"normal_mild": GRADES[0], "severe": GRADES[2], "moderate": GRADES[1]}
"""The columns of a file, in an order of its own."""
WEIGHTS = dict(zip(GRADES, (1, 2, 4), strict=True))
ROWS: dict[str, Any] = {
    "rows": "image_class",
    "id": "{id}_{class}",
    "columns": {"row_id": "id", **{column: f"prob[{name}]" for column, name in SHARED.items()}},
}
RNG = np.random.default_rng(4)
IDS = [f"p{row}" for row in range(8)]
PROBS = np.round(np.hstack([RNG.dirichlet(np.ones(3), len(IDS)) for _ in SIDES]), 6)
SIDE = 16


def _competition(root: Path, **more: Any) -> Competition:
    document = {
        "name": "spines", "tasks": {"classify": "multioutput"}, "classes": CLASSES,
        "data": {
            "train": {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png",
                      "label": SIDES},
            "test": {"images": "data/test/*.png"},
        },
        "metric": {"name": "log_loss"},
        **more,
    }  # fmt: skip
    return Competition.model_validate(document).at(root)


def _rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# The file


def _as_shared(cells: list[dict[str, str]], key: list[str]) -> dict[str, list[float]]:
    """Return the probabilities of each row, in the order of the grades."""
    order = sorted(SHARED, key=lambda column: GRADES.index(SHARED[column]))
    return {"_".join(row[one] for one in key): [float(row[one]) for one in order] for row in cells}


@pytest.mark.parametrize(
    ("submission", "key"),
    [
        (ROWS, ["row_id"]),
        ({**ROWS, "value": "prob"}, ["row_id"]),
        (
            {**ROWS, "id": "{id}", "columns": {"id": "id", "side": "class_name",
             **{column: f"prob[{name}]" for column, name in SHARED.items()}}},
            ["id", "side"],
        ),
        (
            {**ROWS, "columns": [{"name": "row_id", "value": "id"}, *(
                {"name": column, "value": f"prob[{name}]"} for column, name in SHARED.items()
            )]},
            ["row_id"],
        ),
    ],
    ids=["plain", "value", "key column", "list"],
)  # fmt: skip
def test_a_row_of_each_output_is_written_and_read_back(
    tmp_path: Path, submission: dict[str, Any], key: list[str]
) -> None:
    form = format_of(_competition(tmp_path, submission=submission))
    wanted = expected_of_ids(form, IDS)
    path = write_answers(tmp_path / "sent.csv", wanted, [PredictionBatch(IDS, probs=PROBS)])
    np.testing.assert_array_equal(read_answers(path, wanted), PROBS)
    assert _as_shared(_rows_of(path), key) == {
        f"{one}_{side}": PROBS[row, 3 * at : 3 * at + 3].tolist()
        for row, one in enumerate(IDS)
        for at, side in enumerate(SIDES)
    }
    assert check_expected(path, wanted) == []


def test_each_class_writes_out_the_columns_that_outputs_share(tmp_path: Path) -> None:
    columns = {"row_id": "id", "*": "prob[*]"}
    form = format_of(_competition(tmp_path, submission={**ROWS, "columns": columns}))
    assert form.header == ["row_id", *GRADES]
    whole = format_of(_competition(tmp_path, submission={"columns": columns}))
    assert whole.header == ["row_id", *(f"{side}={one}" for side in SIDES for one in GRADES)]


def test_digits_of_a_column_are_those_of_each_output(tmp_path: Path) -> None:
    listed: list[dict[str, Any]] = [
        {"name": column, "value": f"prob[{name}]"} for column, name in SHARED.items()
    ]
    listed[1] |= {"decimals": 2}
    columns = [{"name": "row_id", "value": "id"}, *listed]
    form = format_of(_competition(tmp_path, submission={**ROWS, "columns": columns}))
    path = tmp_path / "sent.csv"
    write_answers(path, expected_of_ids(form, IDS), [PredictionBatch(IDS, probs=PROBS)])
    for number, row in enumerate(_rows_of(path)):
        severe = PROBS[number // 2, 3 * (number % 2) + 2]
        assert row["severe"] == f"{severe:.2f}"
        assert float(row["moderate"]) == PROBS[number // 2, 3 * (number % 2) + 1]


def test_outputs_of_other_classes_have_no_columns_together(tmp_path: Path) -> None:
    for other in ([*GRADES[:2], "None"], GRADES[::-1]):
        classes = {SIDES[0]: GRADES, SIDES[1]: other}
        with pytest.raises(DataError, match="outputs have other classes, or these in another"):
            format_of(_competition(tmp_path, classes=classes, submission=ROWS))


def test_a_file_is_refused_with_the_line_and_the_column(tmp_path: Path) -> None:
    form = format_of(_competition(tmp_path, submission=ROWS))
    path, header = tmp_path / "sent.csv", ",".join(form.header)
    lines = ["a_left_l1,0.2,0.2,0.6", "a_right_l1,0.2,1.2,0.6"]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    with pytest.raises(SubmissionError, match=r"(?s):3.*'severe'.*outside \[0, 1\]"):
        read_answers(path, expected_of_ids(form, ["a"]))
    path.write_text("\n".join([header, lines[0]]) + "\n", encoding="utf-8")
    with pytest.raises(SubmissionError, match="a_right_l1"):
        read_answers(path, expected_of_ids(form, ["a"]))


@pytest.mark.parametrize("submission", [ROWS, {"columns": {"id": "id", "*": "prob[*]"}}])
def test_probabilities_of_an_output_that_do_not_sum_to_1_are_told(
    tmp_path: Path, submission: dict[str, Any]
) -> None:
    form = format_of(_competition(tmp_path, submission=submission))
    wanted, odd = expected_of_ids(form, IDS), PROBS.copy()
    odd[2, 3:] /= 2
    path = write_answers(tmp_path / "sent.csv", wanted, [PredictionBatch(IDS, probs=odd)])
    (problem,) = check_expected(path, wanted)
    assert problem.level == "warning"
    assert "do not sum to 1" in problem.message


# The metric


def test_weights_by_name_are_those_of_each_output(tmp_path: Path) -> None:
    for given in (WEIGHTS, {"Moderate": 2, "Severe": 4}):
        found = _competition(tmp_path, metric={"name": "log_loss", "class_weights": given})
        assert found.metric.options["class_weights"] == [1, 2, 4, 1, 2, 4]
        assert Competition.model_validate(found.model_dump(mode="json")).at(tmp_path) == found
    of_one = {"left_l1=Severe": 9, "Severe": 4}
    found = _competition(tmp_path, metric={"name": "log_loss", "class_weights": of_one})
    assert found.metric.options["class_weights"] == [1, 1, 9, 1, 1, 4]
    with pytest.raises(ValidationError, match=r"there is no class 'severe': Normal/Mild, Mod"):
        _competition(tmp_path, metric={"name": "log_loss", "class_weights": {"severe": 4}})


def _true_rows(
    rng: np.random.Generator, n: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.uint8]]:
    """Return true probabilities `(N, 6)`, and classes `(N, 2)` drawn by them, also as 0 and 1."""
    p = np.hstack([rng.dirichlet([3, 2, 1], n) for _ in SIDES])
    drawn = [[rng.choice(3, p=row[at : at + 3]) for at in (0, 3)] for row in p]
    indices = np.array(drawn)
    flags = np.zeros((n, 6), dtype=np.uint8)
    for at in range(2):
        flags[np.arange(n), 3 * at + indices[:, at]] = 1
    return p, indices, flags


@pytest.mark.parametrize("weights", [[1, 2, 4], [1, 2, 4, 3, 1, 9]])
def test_the_loss_of_weighted_classes_is_the_mean_of_scikit_learns(weights: list[int]) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    p, indices, flags = _true_rows(rng, 40)
    truth = flags.astype(np.int64)
    truth[:7, :3] = -1
    losses = []
    for at, first in ((0, 7), (1, 0)):
        own, of_class = indices[first:, at], np.array([*weights, *weights][3 * at : 3 * at + 3])
        probs = p[first:, 3 * at : 3 * at + 3]
        losses.append(sklearn.log_loss(own, probs, sample_weight=of_class[own], labels=range(3)))
    options = {"outputs": [3, 3], "class_weights": weights}
    wanted = pytest.approx(np.mean(losses))
    assert metrics.score("log_loss_by_output", truth, p, **options) == wanted
    parts = [metrics.sums("log_loss_by_output", truth[at], p[at], **options)
             for at in (slice(9), slice(9, 40))]  # fmt: skip
    pooled = np.concatenate([one for one in parts if one is not None])
    assert metrics.value("log_loss_by_output", pooled, **options) == wanted


def test_probabilities_are_calibrated_for_weights_of_classes() -> None:
    """The best answer to true probabilities p is w p / Σ w p: calibration comes near it."""
    rng = np.random.default_rng(0)
    kind, w = image_kind("multioutput[3,3]"), np.array([1.0, 2, 4])
    p, indices, flags = _true_rows(rng, 1500)
    flags = flags.astype(np.int64)
    flags[:40, :3] = -1
    options = {"class_weights": [1, 2, 4]}
    scorer = LabelScorer.of("log_loss_by_output", flags, n_outputs=6, kind=kind, options=options)
    weights = scorer.weights()
    assert weights is not None
    known = np.ones((1500, 2))
    known[:40, 0] = 0
    np.testing.assert_array_equal(weights, w[indices] * known)
    found = fit_calibration(p, flags, kind, weights=weights)
    made = found.calibrated(p)
    for at in (0, 3):
        best = w * p[:, at : at + 3]
        best /= best.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(made[:, at : at + 3], best, atol=0.06)
    assert scorer.score(made) < scorer.score(p) - 0.05
    again = TemperatureScaling.from_json(json.loads(json.dumps(found.to_json())))
    np.testing.assert_array_equal(again.calibrated(p), made)
    names = [f"{side}={one}" for side in SIDES for one in GRADES]
    assert "offset for each class" in found.describe(names)


def test_blends_of_weighted_rows_score_no_worse_than_any_on_a_grid() -> None:
    """Of one label: hill climbing takes no shortcut, and the simplex has the optimum."""
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 40)
    members = np.stack([rng.dirichlet(np.ones(3), 40) for _ in range(3)])
    options, of_rows = {"class_weights": [1.0, 2.0, 9.0]}, np.array([1.0, 2, 9])[truth]

    def loss(weights: NDArray[np.float64]) -> float:
        mixed = np.tensordot(weights, members, 1)
        return float(sklearn.log_loss(truth, mixed, sample_weight=of_rows))

    scorer = LabelScorer.of("log_loss", truth, n_outputs=3, kind="multiclass", options=options)
    assert climbing.additions(members, scorer) is None
    grid = [np.array([a, b, 10 - a - b]) / 10 for a in range(11) for b in range(11 - a)]
    least = min(map(loss, grid))
    assert loss(hill_climb(members, truth, "log_loss", options=options)) < least + 0.01
    found = simplex_weights(members, truth, "log_loss", options=options)
    assert found.loss == pytest.approx(loss(found.weights))
    assert found.loss <= least
    assert found.gap < 1e-6


def test_the_simplex_minimises_the_loss_of_outputs() -> None:
    rng = np.random.default_rng(7)
    kind, (_, indices, flags) = image_kind("multioutput[3,3]"), _true_rows(rng, 60)
    truth = flags.astype(np.int64)
    truth[:9, 3:] = -1
    members = np.stack(
        [np.hstack([rng.dirichlet(np.ones(3), 60) for _ in SIDES]) + 0.2 * flags for _ in range(3)]
    )
    options = {"class_weights": [1, 2, 4], "weights": [3, 1], "outputs": [3, 3]}

    def loss(weights: NDArray[np.float64]) -> float:
        """Return the weighted mean over outputs, in loops."""
        mixed, losses = np.tensordot(weights, members, 1), []
        for at, rows in enumerate((range(60), range(9, 60))):
            above = below = 0.0
            for row in rows:
                own, w = mixed[row, 3 * at : 3 * at + 3], (1, 2, 4)[indices[row, at]]
                above -= w * np.log(own[indices[row, at]] / own.sum())
                below += w
            losses.append(above / below)
        return float((3 * losses[0] + losses[1]) / 4)

    found = simplex_weights(members, truth, "log_loss_by_output", kind=kind, options=options)
    assert found.is_scored
    assert found.loss == pytest.approx(loss(found.weights))
    grid = [np.array([a, b, 10 - a - b]) / 10 for a in range(11) for b in range(11 - a)]
    assert found.loss <= min(map(loss, grid))
    with pytest.raises(DataError, match=r"member 2 predicts -.*, which is no probability"):
        simplex_weights(
            [*members[:2], -members[2]], truth, "log_loss_by_output", kind=kind, options=options
        )


# The whole path


def _spine(grades: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return an image whose halves are as bright as their grades."""
    image = rng.normal(40, 4, (SIDE, SIDE, 3))
    for half, grade in zip((slice(8), slice(8, 16)), grades, strict=True):
        image[4:12, half] += 80 * grade
    return np.asarray(image.clip(0, 255), dtype=np.uint8)


README = """# Spines

Submissions are evaluated by the average of sample weighted log losses. The sample weights are:

- 1 for normal/mild.
- 2 for moderate.
- 4 for severe.
"""


def _write(root: Path, *, is_wide: bool = False) -> dict[str, list[str]]:
    """Write images and tables; return the grades of test, by id."""
    rng = np.random.default_rng(3)
    found: dict[str, dict[str, list[str]]] = {"train": {}, "test": {}}
    for part, count in (("train", 54), ("test", 12)):
        for number in range(count):
            pair = (number % 3, number // 3 % 3)
            name = f"{part}{number:03d}"
            miniatures.save(root / f"data/{part}/{name}.png", _spine(pair, rng))
            found[part][name] = [GRADES[one] for one in pair]
    train = [[name, *own] for name, own in found["train"].items()]
    train[1][2] = train[7][1] = ""
    miniatures.write_table(root / "data/train.csv", ["id", *SIDES], train)
    thirds = [[one, "0.333333", "0.333333", "0.333333"] for one in found["test"]]
    header = ["row_id", *SHARED]
    rows = [[f"{one}_{side}", *cells] for one, *cells in thirds for side in SIDES]
    if is_wide:
        header = ["id", *(f"{side}_{column}" for side in SIDES for column in SHARED)]
        rows = [[one, *cells, *cells] for one, *cells in thirds]
    miniatures.write_table(root / "data/sample_submission.csv", header, rows)
    (root / "data/README.md").write_text(README, encoding="utf-8")
    return found["test"]


def _loss(right: dict[str, list[str]], found: dict[str, list[list[float]]]) -> float:
    """Return the mean over outputs of scikit-learn's log loss of known answers, weighted by grade.

    Args:
        right: the grades of each image, "" where one is unknown.
        found: of each image the probabilities of each output.
    """
    sklearn = pytest.importorskip("sklearn.metrics")
    losses = []
    for at in range(len(SIDES)):
        known = [one for one in right if right[one][at]]
        numbers = [GRADES.index(right[one][at]) for one in known]
        p = np.array([found[one][at] for one in known])
        p /= p.sum(axis=1, keepdims=True)
        of_rows = np.array([1, 2, 4])[numbers]
        losses.append(sklearn.log_loss(numbers, p, sample_weight=of_rows, labels=range(3)))
    return float(np.mean(losses))


def _sent(path: Path, *, is_wide: bool) -> dict[str, list[list[float]]]:
    """Return the probabilities of a file by image and output, in the order of the grades."""
    found: dict[str, list[list[float]]] = {}
    order = sorted(SHARED, key=lambda column: GRADES.index(SHARED[column]))
    for row in _rows_of(path):
        if is_wide:
            cells = [[float(row[f"{side}_{one}"]) for one in order] for side in SIDES]
            found[row["id"]] = cells
            continue
        image, _, side = row["row_id"].partition("_")
        found.setdefault(image, []).append([float(row[one]) for one in order])
        assert SIDES[len(found[image]) - 1] == side
    return found


def _of_table(table: pd.DataFrame) -> dict[str, list[list[float]]]:
    by_id = table.set_index("id")
    return {
        one: [[float(row[f"{side}={name}"]) for name in GRADES] for side in SIDES]
        for one, row in by_id.iterrows()
    }


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("is_wide", [False, True], ids=["row an output", "column an output"])
def test_probabilities_go_from_a_folder_to_a_score_of_the_host(
    tmp_path: Path, is_wide: bool
) -> None:
    answers = _write(tmp_path, is_wide=is_wide)
    podium(tmp_path, "init", tmp_path / "data")
    file = tmp_path / "competition.yaml"
    spec = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert "to_choose" not in spec
    assert spec["tasks"] == {"classify": "multioutput"}
    assert {name: set(own) for name, own in spec["classes"].items()} == {
        name: set(own) for name, own in CLASSES.items()
    }
    assert (spec["metric"]["name"], spec["metric"]["class_weights"]) == ("log_loss", WEIGHTS)
    spec |= {"folds": {**spec["folds"], "n": 2}}
    file.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    for name, more in (("small", {}), ("other", {"seed": 5})):
        (tmp_path / f"recipes/{name}.yaml").write_text(
            yaml.safe_dump(miniatures.small_recipe(SIDE, **more))
        )
    podium(tmp_path, "check")
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "small", "other")
    workspace = package.Workspace(tmp_path)
    right = {
        row["id"]: [row[one] for one in SIDES] for row in _rows_of(tmp_path / "data/train.csv")
    }
    for name in ("small", "other"):
        scores = json.loads(podium(tmp_path, "show", name, "--json"))["scores"]
        oof = _of_table(workspace.oof(name))
        assert scores["oof"] == pytest.approx(_loss(right, oof), abs=1e-3)
    refused = podium(tmp_path, "tune", "thresholds", "small", code=2)
    assert "scores values as they are: there is no decision to tune" in refused
    podium(tmp_path, "blend", "small", "other", "--method", "mean", "--json")
    podium(tmp_path, "submit", "blend", "--rehearse")
    podium(tmp_path, "submit", "blend", "--dry-run")
    (path,) = (tmp_path / "submissions").glob("blend-*.csv")
    podium(tmp_path, "check", path)
    written = _sent(path, is_wide=is_wide)
    sample = _rows_of(tmp_path / "data/sample_submission.csv")
    keys = [next(iter(row.values())) for row in sample]
    assert [next(iter(row.values())) for row in _rows_of(path)] == keys
    for cells in written.values():
        np.testing.assert_allclose(np.sum(cells, axis=1), 1, atol=1e-5)
    solution = [[name, *own, ("Public", "Private")[place % 2]]
                for place, (name, own) in enumerate(answers.items())]  # fmt: skip
    solution[0][1] = ""  # an answer that the host does not score
    miniatures.write_table(tmp_path / "solution.csv", ["id", *SIDES, "Usage"], solution)
    podium(tmp_path, "host", "init", tmp_path / "host", "--solution", tmp_path / "solution.csv",
           "--users", "me", "--seed", "1")  # fmt: skip
    spec = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**spec, "kaggle": {"host": "host"}}, sort_keys=False))
    podium(tmp_path, "submit", "blend")
    public = {row[0]: row[1:3] for row in solution if row[-1] == "Public"}
    ((team, score),) = [json.loads(podium(tmp_path, "board", "--json"))["leader"]]
    assert (team, score) == ("me", pytest.approx(_loss(public, written), abs=1e-4))
    podium(tmp_path, "report")
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "left_l1" in page


def test_decisions_are_the_most_probable_class_of_each_output() -> None:
    flags = decide(PROBS, None, "multioutput[3,3]")
    assert flags.sum(axis=1).tolist() == [2] * len(IDS)


@pytest.mark.parametrize("name", method_names())
def test_what_methods_make_sums_to_1_in_each_output(name: str) -> None:
    rng = np.random.default_rng(1)
    kind, (_, _, flags) = image_kind("multioutput[3,3]"), _true_rows(rng, 60)
    members = np.stack([np.hstack([rng.dirichlet(np.ones(3), 60) for _ in SIDES]) for _ in "ab"])
    method = load_method(name)
    metric = "log_loss_by_output" if method.gives_probs else "accuracy_by_output"
    scorer = LabelScorer.of(metric, flags, n_outputs=6, kind=kind)
    if method.refuses(scorer):
        return
    prepared = method.prepared(members.astype(np.float32))
    made = method.combined(prepared, method.fitted(prepared, scorer, seed=0))
    if method.gives_probs:
        for at in (0, 3):
            np.testing.assert_allclose(made[:, at : at + 3].sum(axis=1), 1, atol=1e-5)
