"""Quantiles take the whole path, from `podium init` to a score of the host and the report.

What is expected is computed number by number: a quantile of level τ costs τ for each unit that it
is too low, and 1 - τ for each that it is too high.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import miniatures
import numpy as np
import pytest
import sklearn.metrics
import yaml
from command_line import podium
from hypothesis import given
from hypothesis import strategies as st

import podium as package
from podium.competition import metrics
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.levels import levels_of_classes, levels_of_columns
from podium.ensembling.method import load_method
from podium.errors import DataError
from podium.predictions.decisions.labels import decide
from podium.submissions.format.checking import check
from podium.tasks.protocols.find import find_part, image_kind, with_levels
from podium.tuning.scoring import LabelScorer

LEVELS = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
NUMBERS = st.floats(-100, 100)
SIZE = 16


def _cost(truth: float, quantile: float, level: float) -> float:
    if quantile <= truth:
        return level * (truth - quantile)
    return (1 - level) * (quantile - truth)


def _mean_cost(truths: dict[str, float], rows: dict[str, dict[str, float]]) -> float:
    each = [
        _cost(truths[one], rows[one][q], level) for one in truths for q, level in LEVELS.items()
    ]
    return float(np.mean(each))


def _write(root: Path, text: str = "", columns: Sequence[str] = tuple(LEVELS)) -> dict[str, float]:
    """Write images as bright as their number, tables and a text; return the numbers of test."""
    rng = np.random.default_rng(7)
    depths: dict[str, dict[str, float]] = {"train": {}, "test": {}}
    for part, count in (("train", 40), ("test", 10)):
        for number in range(count):
            name = f"{part}{number:03d}"
            bright = rng.uniform(20, 230)
            depths[part][name] = round(float(bright / 10 + rng.normal()), 2)
            pixels = rng.integers(-15, 15, (SIZE, SIZE, 3)) + bright
            miniatures.save(root / f"data/{part}/{name}.png", pixels.astype(np.uint8))
    train = [[name, f"{depth}"] for name, depth in depths["train"].items()]
    miniatures.write_table(root / "data/train.csv", ["id", "depth"], train)
    sample = [[name, *("1.5" for _ in columns)] for name in depths["test"]]
    miniatures.write_table(root / "data/sample_submission.csv", ["id", *columns], sample)
    (root / "data/README.md").write_text(text, encoding="utf-8")
    return depths["test"]


def _recipe(lr: float) -> dict[str, object]:
    return {
        "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]},
                  "heads": {"classify": {}}},
        "optimizer": {"name": "adamw", "lr": lr, "schedule": "constant"},
        "input": {"size": SIZE, "train": "none"},
        "batch_size": 8,
        "phases": [{"name": "all", "epochs": 3}],
        "predict": {"tta": ["hflip"]},
    }  # fmt: skip


def _rows(path: Path) -> dict[str, dict[str, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["id"]: {name: float(row[name]) for name in row if name not in ("id", "Usage")}
            for row in csv.DictReader(file)
        }


def _spec(root: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((root / "competition.yaml").read_text("utf-8"))
    return found


@pytest.mark.slow
def test_quantiles_go_from_a_folder_to_a_score_of_the_host(tmp_path: Path) -> None:
    answers = _write(tmp_path, "Submissions are scored by the mean pinball loss.\n")
    podium(tmp_path, "init", tmp_path / "data")
    (tmp_path / "competition.yaml").write_text(
        yaml.safe_dump({**_spec(tmp_path), "folds": {"n": 2}})
    )
    for name, lr in (("small", 1e-2), ("other", 3e-3)):
        (tmp_path / f"recipes/{name}.yaml").write_text(yaml.safe_dump(_recipe(lr)))
    podium(tmp_path, "check")
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "small", "other")
    workspace = package.Workspace(tmp_path)
    truth = {one: row["depth"] for one, row in _rows(tmp_path / "data/train.csv").items()}
    run = json.loads(podium(tmp_path, "show", "small", "--json"))
    oof = _by_column(workspace.oof("small"))
    assert run["scores"]["oof"] == pytest.approx(_mean_cost(truth, oof), abs=1e-4)
    assert all(row["q10"] <= row["q50"] <= row["q90"] for row in oof.values())
    podium(tmp_path, "blend", "small", "other", "--method", "mean", "--json")
    podium(tmp_path, "submit", "blend", "--dry-run")
    (path,) = (tmp_path / "submissions").glob("blend-*.csv")
    podium(tmp_path, "check", path)
    tables = [_by_column(workspace.test(name)) for name in ("small", "other")]
    for name, row in _rows(path).items():
        for q in LEVELS:
            assert row[q] == pytest.approx(np.mean([table[name][q] for table in tables]), abs=1e-3)
    solution = [[name, f"{depth}", ("Public", "Private")[place % 2]]
                for place, (name, depth) in enumerate(answers.items())]  # fmt: skip
    miniatures.write_table(tmp_path / "solution.csv", ["id", "depth", "Usage"], solution)
    podium(tmp_path, "host", "init", tmp_path / "host", "--solution", tmp_path / "solution.csv",
           "--users", "me", "--seed", "1")  # fmt: skip
    text = yaml.safe_dump({**_spec(tmp_path), "kaggle": {"host": "host"}})
    (tmp_path / "competition.yaml").write_text(text, encoding="utf-8")
    podium(tmp_path, "submit", "blend")
    public = {name: answers[name] for name, _, usage in solution if usage == "Public"}
    ((team, score),) = [json.loads(podium(tmp_path, "board", "--json"))["leader"]]
    assert team == "me"
    assert score == pytest.approx(_mean_cost(public, _rows(path)), abs=1e-4)
    podium(tmp_path, "report")
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "Predicted against true values of 40 rows" in page
    _a_host_without_a_workspace_reads_the_levels(tmp_path)


def _by_column(table: object) -> dict[str, dict[str, float]]:
    """Return the quantiles of each row of a table by the columns of the file."""
    rows = table.set_index("id").to_dict("index")  # type: ignore[attr-defined]
    return {one: {q: row[f"{level:g}"] for q, level in LEVELS.items()} for one, row in rows.items()}


def _a_host_without_a_workspace_reads_the_levels(root: Path) -> None:
    sample, solution = root / "data/sample_submission.csv", root / "solution.csv"
    podium(root, "host", "init", root / "bare", "--solution", solution, "--sample", sample,
           "--metric", "pinball", "--users", "me")  # fmt: skip
    assert "quantiles[0.1,0.5,0.9]" in (root / "bare/host.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_student_learns_quantiles_of_its_teacher_and_mixed_images(tmp_path: Path) -> None:
    _competition(tmp_path)
    text = (tmp_path / "competition.yaml").read_text("utf-8") + "folds: {n: 2}\n"
    (tmp_path / "competition.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "recipes").mkdir()
    teacher = _recipe(1e-2)
    student = teacher | {"pseudo": [{"from": "pseudo-teacher"}]}
    for name, recipe in {"teacher": teacher, "student": student,
                         "mixed": teacher | {"mix": {"mixup": 0.4}}}.items():  # fmt: skip
        (tmp_path / f"recipes/{name}.yaml").write_text(yaml.safe_dump(recipe))
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "teacher", "mixed")
    podium(tmp_path, "pseudo", "teacher", "--split", "test")
    podium(tmp_path, "train", "student")
    constant = metrics.score(
        "pinball", [row["depth"] for row in _rows(tmp_path / "data/train.csv").values()],
        np.tile([[2.0, 12.5, 23.0]], (40, 1)), levels=[0.1, 0.5, 0.9],
    )  # fmt: skip
    for name in ("teacher", "mixed", "student"):
        scores = json.loads(podium(tmp_path, "show", name, "--json"))["scores"]
        assert scores["oof"] < constant, name


@pytest.mark.parametrize(
    ("columns", "text", "classes", "metric"),
    [
        (("q10", "q50", "q90"), "Bewertet wird der mittlere Quantilsverlust.", [0.1, 0.5, 0.9],
         "pinball"),
        (("p5", "p50", "p95"), "La métrica es la pérdida cuantil media.", [0.05, 0.5, 0.95],
         "pinball"),
        (("pred_0.25", "pred_0.75"), "On envoie deux quantiles; le score est la perte quantile.",
         [0.25, 0.75], "pinball"),
        (("quantile_0.025", "quantile_0.975"), "Two quantiles of the depth.", [0.025, 0.975],
         "pinball"),
    ],
)  # fmt: skip
def test_init_reads_levels_off_the_columns(
    tmp_path: Path, columns: Sequence[str], text: str, classes: list[float], metric: str
) -> None:
    _write(tmp_path, text, columns)
    podium(tmp_path, "init", tmp_path / "data")
    spec = _spec(tmp_path)
    assert spec["tasks"] == {"classify": "quantiles"}
    assert spec["classes"] == [f"{one:g}" for one in classes]
    assert spec["metric"]["name"] == metric  # type: ignore[index]
    assert spec["data"]["train"]["label"] == "depth"  # type: ignore[index]
    fields = [f"value[{one:g}]" for one in classes]
    given = {"id": "id"} | dict(zip(columns, fields, strict=True))
    assert spec["submission"]["columns"] == given  # type: ignore[index]


def test_columns_without_levels_are_asked_about(tmp_path: Path) -> None:
    _write(tmp_path, "Scored by the mean pinball loss of three quantiles.", ("low", "mid", "high"))
    told = podium(tmp_path, "init", tmp_path / "data", code=2)
    assert "their names do not tell the levels" in " ".join(told.split())


def test_columns_called_so_are_no_quantiles_without_a_text(tmp_path: Path) -> None:
    _write(tmp_path, "Predict the depth.")
    podium(tmp_path, "init", tmp_path / "data")
    assert _spec(tmp_path)["tasks"] == {"classify": "regression"}


@pytest.mark.parametrize(
    ("names", "levels"),
    [
        (("q10", "q50", "q90"), (0.1, 0.5, 0.9)),
        (("p05", "p5.5", "p95"), (0.05, 0.055, 0.95)),
        (("0.1", "0.9"), (0.1, 0.9)),
        (("q025", "q50", "q975"), (0.025, 0.5, 0.975)),
        (("depth_Q10", "depth_Q90"), (0.1, 0.9)),
        (("10 %", "90 %"), (0.1, 0.9)),
        (("q0,1", "q0,9"), (0.1, 0.9)),
        (("q90", "q10"), None),  # they descend
        (("q1", "q2", "q3"), None),  # quartiles, perhaps
        (("x10", "x20"), None),
        (("10", "20"), None),
        (("a_q10", "b_q90"), None),  # of two numbers
        (("q50",), None),
    ],
)
def test_levels_are_read_off_names(names: tuple[str, ...], levels: object) -> None:
    assert levels_of_columns(names) == levels


def test_levels_of_a_task_ascend_between_0_and_1() -> None:
    assert levels_of_classes(["0.05", "0.5"]) == (0.05, 0.5)
    for classes in (["0.5", "0.1"], ["0", "0.5"], ["0.5", "1"], ["0.5", "0.5"], ["q10", "q50"]):
        with pytest.raises(ValueError, match="levels of quantiles"):
            levels_of_classes(classes)


def test_a_kind_with_its_levels_is_found_by_its_name() -> None:
    kind = with_levels(image_kind("quantiles"), [0.005, 0.5])
    assert kind.levels == (0.005, 0.5)
    assert image_kind(str(kind)) is kind
    with pytest.raises(DataError, match="no kind"):
        image_kind("quantiles[2,3]")
    with pytest.raises(DataError, match="no kind"):
        image_kind("multioutput[0.1,0.5]")


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_the_metric_is_the_mean_over_levels_of_sklearns(
    rows: list[tuple[float, float, float]],
) -> None:
    truth, low, high = np.array(rows).T
    peer = sklearn.metrics.mean_pinball_loss
    expected = (peer(truth, low, alpha=0.2) + peer(truth, high, alpha=0.85)) / 2
    predicted = np.column_stack([low, high])
    found = metrics.score("pinball", truth, predicted, levels=[0.2, 0.85])
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("levels", [None, [0.1], [0.1, 1.0], "many", [0.1, "b"]])
def test_the_metric_needs_a_level_for_each_column(levels: object) -> None:
    with pytest.raises(DataError, match="levels must be"):
        metrics.score("pinball", [1.0, 2.0], np.ones((2, 2)), levels=levels)


def test_quantiles_that_cross_are_decided_in_order() -> None:
    decided = decide(np.array([[3.0, 1.0, 2.0]]), None, image_kind("quantiles"))
    assert decided.tolist() == [[1, 2, 3]]


def test_what_is_stored_and_what_is_imported_ascends() -> None:
    torch = pytest.importorskip("torch")
    kind = image_kind("quantiles")
    crossing = [[3.0, 1.0, 2.0], [4.0, 5.0, 6.0]]
    stored = find_part(kind, "outputs").stored(torch.tensor(crossing))
    assert stored.tolist() == [[1, 2, 3], [4, 5, 6]]
    imported = find_part(kind, "imports").outputs(np.array(crossing), logits=False)
    assert imported.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_members_err_by_their_medians() -> None:
    members = np.array([[[1.0, 4.0, 9.0], [0.0, 1.0, 2.0]], [[2.0, 2.0, 2.0], [3.0, 3.0, 4.0]]])
    part = find_part(image_kind("quantiles"), "blending")
    assert part.errors(members, np.array([3.0, np.nan])).tolist() == [[1], [-1]]
    each, target = part.comparable(members, np.array([3.0, 5.0]), in_units=True)
    assert np.array_equal(each, members)
    assert target.tolist() == [[3, 3, 3], [5, 5, 5]]


def test_ridge_fits_no_quantiles() -> None:
    scorer = LabelScorer.of("pinball", np.arange(4.0), n_outputs=2, kind="quantiles[0.1,0.9]")
    assert "means" in load_method("stack_ridge").refuses(scorer)
    assert not load_method("hill_climb").refuses(scorer)


def _competition(root: Path) -> Competition:
    _write(root)
    spec = {
        "name": "depths",
        "tasks": {"classify": "quantiles"},
        "classes": [0.1, 0.5, 0.9],
        "data": {
            "train": {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png",
                      "label": "depth"},
            "test": {"images": "data/test/*.png"},
        },
        "metric": {"name": "pinball"},
        "submission": {"sample": "data/sample_submission.csv", "columns": {
            "id": "id", "q10": "value[0.1]", "q50": "value[0.5]", "q90": "value[0.9]"}},
    }  # fmt: skip
    (root / "competition.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    return load_competition(root)


def test_a_file_with_a_row_that_descends_is_refused_by_its_row(tmp_path: Path) -> None:
    competition = _competition(tmp_path)
    rows = [[f"test{n:03d}", "1", "2", "3"] for n in range(10)]
    path = tmp_path / "mine.csv"
    miniatures.write_table(path, ["id", *LEVELS], rows)
    assert not check(path, competition)
    rows[4][1:] = ["1", "3.5", "3"]
    miniatures.write_table(path, ["id", *LEVELS], rows)
    (problem,) = check(path, competition)
    assert problem.line == 6
    assert "do not ascend with the level: 'test004' 3.5 before 3" in problem.message


def test_other_levels_than_those_of_the_task_are_refused(tmp_path: Path) -> None:
    kind = _competition(tmp_path).kind
    with pytest.raises(DataError, match="those of the task"):
        metrics.fitting("pinball", kind, {"levels": [0.2, 0.5, 0.9]}, n_classes=3)
    text = (tmp_path / "competition.yaml").read_text("utf-8")
    for old, new, told in (
        ("- 0.1\n", "- 0.7\n", "ascending order"),
        ("label: depth", "label: [depth, depth, depth]", "numbers of one column"),
    ):
        assert old in text
        (tmp_path / "competition.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(DataError, match=told):
            load_competition(tmp_path)
