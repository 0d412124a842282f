"""Labels that are unknown for one class while others are known: every stage leaves them out.

What is expected is computed by loops over classes and cells, or by scikit-learn.
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
import torch
import yaml
from command_line import podium
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss, roc_auc_score

import podium as package
from podium.competition import metrics
from podium.competition.folds.strata import read_strata
from podium.competition.samples import load_samples, truth
from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import Competition
from podium.competition.truths.annotator_labels import class_separator
from podium.competition.truths.targets import targets_of
from podium.competition.units import Units, has_label
from podium.ensembling.hill_climbing import hill_climb
from podium.ensembling.members import errors_of
from podium.ensembling.methods import stack_logistic
from podium.ensembling.simplex import simplex_weights
from podium.errors import DataError
from podium.hosting.setup.from_data import init_from_data
from podium.reporting.shown_answers import shown_of
from podium.tasks.protocols.find import image_kind
from podium.training.data.mixing import soft_targets
from podium.training.objective import build_objective, class_weights_for
from podium.training.outputs import label_outputs_of
from podium.tuning.labels.thresholds import fit_thresholds, shrunk_thresholds
from podium.tuning.scoring import LabelScorer

KIND = image_kind("multilabel")
NAMES = ["caries", "crown", "bone_loss"]
RNG = np.random.default_rng(11)
TRUTH = RNG.integers(0, 2, (80, 3))
TRUTH[RNG.random((80, 3)) < 0.25] = -1
TRUTH[(TRUTH < 0).all(axis=1), 0] = 1
KNOWN = TRUTH >= 0
MEMBERS = 1 / (1 + np.exp(-(np.where(KNOWN, 2 * TRUTH - 1, 0) + RNG.normal(0, 1.5, (4, 80, 3)))))


@pytest.mark.parametrize("name", ["bce", "focal"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_no_gradient_comes_from_an_unknown_cell(name: str, smoothing: float) -> None:
    target = torch.from_numpy(label_outputs_of(KIND).target(TRUTH[:12]))
    v = class_weights_for("balanced", TRUTH, kind=KIND, n_classes=3)
    objective = build_objective(
        {"classify": {name: 1.0}},
        kinds={"classify": KIND},
        class_weights=v,
        label_smoothing=smoothing,
    )
    logits = torch.randn(12, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    loss = objective({"classify": logits}, {"classify": target})["total"]
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    is_zero = (logits.grad == 0).numpy()
    assert (is_zero == ~KNOWN[:12]).all()


def test_the_loss_is_the_mean_over_known_cells() -> None:
    objective = build_objective({"classify": {"bce": 1.0}}, kinds={"classify": KIND})
    logits = torch.from_numpy(RNG.normal(size=(80, 3))).float()
    target = torch.from_numpy(label_outputs_of(KIND).target(TRUTH))
    found = float(objective({"classify": logits}, {"classify": target})["total"])
    probs = 1 / (1 + np.exp(-logits.double().numpy()))
    assert found == pytest.approx(log_loss(TRUTH[KNOWN], probs[KNOWN]), abs=1e-6)


def test_a_mixture_with_an_unknown_cell_is_unknown() -> None:
    target = torch.from_numpy(label_outputs_of(KIND).target(TRUTH))
    soft = soft_targets(target, kind=KIND, n_outputs=3)
    mixed = (0.7 * soft + 0.3 * soft.flip(0)).isfinite().numpy()
    assert (mixed == KNOWN & KNOWN[::-1]).all()


def test_balanced_weights_count_known_cells() -> None:
    found = class_weights_for("balanced", TRUTH, kind=KIND, n_classes=3)
    absent, present = (TRUTH == 0).sum(axis=0), (TRUTH == 1).sum(axis=0)
    np.testing.assert_allclose(found, absent / present)  # type: ignore[arg-type]


# Blends


def _score(name: str, weights: NDArray[np.float64]) -> float:
    return metrics.score(name, TRUTH, np.tensordot(weights, MEMBERS, 1))


@pytest.mark.parametrize("name", ["log_loss", "brier", "weighted_log_loss"])
def test_no_other_weights_beat_those_of_the_simplex(name: str) -> None:
    """And they are those of the known cells as rows of one column."""
    found = simplex_weights(MEMBERS, TRUTH, name)
    assert found.loss == pytest.approx(_score(name, found.weights), abs=1e-6)
    for other in np.random.default_rng(0).dirichlet(np.ones(4), 200):
        assert _score(name, other) >= found.loss - 1e-9
    if name != "weighted_log_loss":
        alone = simplex_weights(MEMBERS[:, KNOWN][..., None], TRUTH[KNOWN], name)
        np.testing.assert_allclose(found.weights, alone.weights, atol=1e-5)


@pytest.mark.parametrize("name", ["auc", "log_loss", "brier", "macro_f1"])
def test_a_climb_scores_what_is_known(name: str) -> None:
    """What members predict of unknown cells changes neither its way nor its score."""
    other = np.where(KNOWN, MEMBERS, 1 - MEMBERS)
    each = [hill_climb(one, TRUTH, name) for one in (MEMBERS, other)]
    np.testing.assert_array_equal(each[0], each[1])


def test_stacking_fits_each_class_on_its_known_rows() -> None:
    objective = LabelScorer.of("log_loss", TRUTH, n_outputs=3, kind="multilabel")
    fitted = stack_logistic.METHOD.fit(MEMBERS, objective, seed=0)
    for c in range(3):
        rows = KNOWN[:, c]
        odds = np.log(MEMBERS[:, rows, c] / (1 - MEMBERS[:, rows, c])).T
        theirs = LogisticRegression(max_iter=1000).fit(odds, TRUTH[rows, c])
        own = np.array(fitted.params["coefficients"])[:, c]
        np.testing.assert_allclose(own, theirs.coef_[0], atol=1e-3)


def test_errors_of_members_are_those_of_known_cells() -> None:
    found = errors_of(MEMBERS, TRUTH, KIND)
    np.testing.assert_allclose(found, np.abs(MEMBERS[:, KNOWN] - TRUTH[KNOWN]))


# Thresholds


def test_the_threshold_of_a_class_is_that_of_its_known_rows() -> None:
    probs = MEMBERS[0].astype(np.float32)
    for raw in (True, False):
        found = fit_thresholds(probs, TRUTH, "macro_f1", "multilabel", raw=raw)
        for c in range(3):
            rows = KNOWN[:, c]
            alone = fit_thresholds(probs[rows, c], TRUTH[rows, c], "f1", "binary", raw=raw)
            assert found[c] == alone[0]
    shrunk = shrunk_thresholds(np.full(3, 0.2), TRUTH)
    for c in range(3):
        own = shrunk_thresholds(np.array([0.2]), TRUTH[KNOWN[:, c], c])
        assert shrunk[c] == own[0]


# Labels


def _competition(folder: Path, rows: list[list[str]], **more: Any) -> Competition:
    miniatures.write_table(folder / "train.csv", ["id", *NAMES], rows)
    for row in rows:
        miniatures.save(folder / f"train/{row[0]}.png", np.zeros((4, 4, 3), np.uint8))
    return Competition.model_validate(
        {
            "name": "teeth", "tasks": {"classify": "multilabel"}, "classes": NAMES,
            "data": {
                "train": {"table": "train.csv", "id": "id", "images": "train/{id}.png",
                          "label": NAMES},
            },
            "metric": {"name": "auc"}, "submission": {"columns": {"id": "id", "*": "prob[*]"}},
            **more,
        }
    ).at(folder)  # fmt: skip


def test_blank_cells_and_minus_ones_are_read_as_unknown(tmp_path: Path) -> None:
    rows = [["a", "1", "0", ""], ["b", "-1", "1.0", "0"], ["c", "0", "NaN", "1"]]
    samples = load_samples(_competition(tmp_path, rows), "train")
    assert [one.tolist() for one in samples["label"]] == [[1, 0, -1], [-1, 1, 0], [0, -1, 1]]
    found = truth(samples, _competition(tmp_path, rows))
    assert found.tolist() == [[1, 0, -1], [-1, 1, 0], [0, -1, 1]]
    assert has_label(found).all()


def test_a_row_without_any_known_cell_is_refused_with_its_line(tmp_path: Path) -> None:
    rows = [["a", "1", "0", "1"], ["b", "", "-1", ""], ["c", "0", "1", "0"]]
    with pytest.raises(DataError, match=r"1 row has no label in any .*line 3.*unlabelled"):
        load_samples(_competition(tmp_path, rows), "train")


def test_labels_as_text_are_read_back(tmp_path: Path) -> None:
    competition = _competition(tmp_path, [["a", "1", "1", "1"], ["b", "0", "0", "0"]])
    targets = targets_of(KIND)
    for label in ([1, 0, -1], [-1, 0, 0], [0, 0, 0], [1, 1, 1]):
        text = targets.format_label(competition, np.array(label, dtype=np.int8))
        assert targets.parse_label(competition, text).tolist() == label
    with pytest.raises(DataError, match="no class 'croan'"):
        targets.parse_label(competition, "?croan")
    with pytest.raises(DataError, match="no class is known"):
        targets.parse_label(
            competition, class_separator(competition).join(f"?{one}" for one in NAMES)
        )


def test_folds_spread_what_is_known_to_be_there() -> None:
    samples = pd.DataFrame({"label": [*TRUTH.astype(np.int8)]})
    found = read_strata(samples, classes=NAMES)
    np.testing.assert_array_equal(found.table, TRUTH == 1)


def test_a_class_that_is_unknown_of_one_image_comes_from_another_of_its_unit() -> None:
    labels = np.array([[1, -1, 0], [-1, 0, 0], [0, -1, 1]])
    assert Units.of(["x", "x", "y"]).truth(labels).tolist() == [[1, 0, 0], [0, -1, 1]]
    with pytest.raises(DataError, match="1 unit has images of different labels: 'x'"):
        Units.of(["x", "x", "y"]).truth(np.array([[1, -1, 0], [0, 0, 0], [0, -1, 1]]))


def test_an_unknown_class_is_no_mistake_and_is_shown_as_unknown() -> None:
    shown = shown_of(KIND)
    right, probs = np.array([[-1, 1, 0], [-1, 0, 0]]), np.array([[0.9, 0.8, 0.1], [0.2, 0.7, 0.1]])
    size, is_wrong = shown.mistakes(right, probs.astype(np.float32), (probs >= 0.5).astype(int))
    assert is_wrong.tolist() == [False, True]
    assert size[1] == pytest.approx(0.7)
    assert shown.text(right[0], NAMES) == "?caries, crown"


def test_a_host_of_labelled_images_refuses_classes_that_are_unknown(tmp_path: Path) -> None:
    """It gives out lists of classes, which cannot say so."""
    for number in range(12):
        pixels = np.full((8, 8, 3), 20 * number, np.uint8)
        miniatures.save(tmp_path / f"data/train/{number:02d}.png", pixels)
    rows = [[f"{n:02d}", *(str(n >> c & 1) for c in range(3))] for n in range(12)]
    rows[4][2] = ""
    rows[5][3], rows[6][1], rows[7][2] = "-1", "", "-1"
    miniatures.write_table(tmp_path / "data/train.csv", ["id", *NAMES], rows)
    with pytest.raises(DataError, match=r"4 images have classes .* unknown .*'04', '05', '06'"):
        init_from_data(tmp_path / "host", tmp_path / "data", MetricSpec(name="auc"))


# The whole path

SIZE = 16


def _write(root: Path) -> tuple[dict[str, list[str]], dict[str, list[int]]]:
    """Write images with a bright square for each class; return cells of train, labels of test."""
    rng = np.random.default_rng(5)
    found: dict[str, dict[str, list[int]]] = {"train": {}, "test": {}}
    for part, count in (("train", 48), ("test", 12)):
        for number in range(count):
            there = rng.integers(0, 2, 3).tolist()
            image = rng.normal(60, 12, (SIZE, SIZE, 3))
            for c, one in enumerate(there):
                image[5 * c : 5 * c + 5, 4:12] += 90 * one
            name = f"{part}{number:03d}"
            pixels = np.asarray(image.clip(0, 255), dtype=np.uint8)
            miniatures.save(root / f"data/{part}/{name}.png", pixels)
            found[part][name] = there
    cells = {name: [str(one) for one in there] for name, there in found["train"].items()}
    for place, name in enumerate(cells):
        if place % 5 == 1:
            cells[name][place % 3] = "" if place % 2 else "-1"
    miniatures.write_table(
        root / "data/train.csv", ["id", *NAMES], [[name, *row] for name, row in cells.items()]
    )
    sample = [[name, *["0.5"] * 3] for name in found["test"]]
    miniatures.write_table(root / "data/sample_submission.csv", ["id", *NAMES], sample)
    text = "# Evaluation\nSubmissions are scored by the area under the ROC curve of each column.\n"
    (root / "data/README.md").write_text(text, encoding="utf-8")
    return cells, found["test"]


def _recipe(lr: float) -> dict[str, Any]:
    return {
        "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]},
                  "heads": {"classify": {}}},
        "optimizer": {"name": "adamw", "lr": lr, "schedule": "constant"},
        "input": {"size": SIZE, "train": "none"},
        "class_weights": "balanced", "sampling": "balanced", "mix": {"mixup": 0.2},
        "batch_size": 8,
        "phases": [{"name": "all", "epochs": 3}],
    }  # fmt: skip


def _table(path: Path) -> dict[str, NDArray[np.float64]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["id"]: np.array([float(row[one]) for one in NAMES]) for row in csv.DictReader(file)
        }


def _mean_auc(right: NDArray[np.int64], probs: NDArray[np.float64]) -> float:
    each = [
        roc_auc_score(right[right[:, c] >= 0, c], probs[right[:, c] >= 0, c])
        for c in range(len(NAMES))
    ]
    return float(np.mean(each))


@pytest.mark.slow
def test_unknown_labels_go_from_a_folder_to_a_score_of_the_host(tmp_path: Path) -> None:
    cells, hidden = _write(tmp_path)
    said = podium(tmp_path, "init", tmp_path / "data")
    n_unknown = sum(one in ("", "-1") for row in cells.values() for one in row)
    assert f"with {n_unknown} cells that are blank or -1, and unknown" in said.replace("\n", " ")
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text(encoding="utf-8"))
    assert spec["tasks"] == {"classify": "multilabel"}
    assert (spec["classes"], spec["metric"]["name"]) == (NAMES, "auc")
    assert "to_choose" not in spec
    spec["folds"] = {"scheme": "multilabel_stratified", "n": 2}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    for name, lr in (("small", 1e-2), ("other", 3e-3)):
        (tmp_path / f"recipes/{name}.yaml").write_text(yaml.safe_dump(_recipe(lr)))
    checked = podium(tmp_path, "check").replace("\n", " ")
    assert "unknown labels: in some rows" in " ".join(checked.split())
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "small", "other")
    workspace = package.Workspace(tmp_path)
    known = {"0": 0, "1": 1}
    right = np.array([[known.get(one, -1) for one in row] for row in cells.values()])
    for name in ("small", "other"):
        oof = workspace.oof(name).set_index("id").loc[list(cells), NAMES].to_numpy()
        scores = json.loads(podium(tmp_path, "show", name, "--json"))["scores"]
        assert scores["oof"] == pytest.approx(_mean_auc(right, oof), abs=1e-4)
    for method in ("mean", "simplex", "hill_climb", "stack_logistic", "per_class"):
        podium(tmp_path, "blend", "small", "other", "--method", method, "--name", f"of-{method}")
    podium(tmp_path, "submit", "of-mean", "--dry-run")
    (path,) = (tmp_path / "submissions").glob("of-mean*.csv")
    podium(tmp_path, "check", path)
    written = _table(path)
    solution = [[name, *map(str, there), ("Public", "Private")[place % 2]]
                for place, (name, there) in enumerate(hidden.items())]  # fmt: skip
    solution[0][1] = ""  # a cell that the host does not score
    miniatures.write_table(tmp_path / "solution.csv", ["id", *NAMES, "Usage"], solution)
    podium(tmp_path, "host", "init", tmp_path / "host", "--solution", tmp_path / "solution.csv",
           "--users", "me", "--seed", "1")  # fmt: skip
    text = yaml.safe_dump({**spec, "kaggle": {"host": "host"}})
    (tmp_path / "competition.yaml").write_text(text, encoding="utf-8")
    podium(tmp_path, "submit", "of-mean")
    public = [row for row in solution if row[-1] == "Public"]
    labels = np.array([[int(one or -1) for one in row[1:4]] for row in public])
    ((team, score),) = [json.loads(podium(tmp_path, "board", "--json"))["leader"]]
    assert team == "me"
    expected = _mean_auc(labels, np.stack([written[row[0]] for row in public]))
    assert score == pytest.approx(expected, abs=1e-4)
    # Decisions: a threshold for each class, tuned on the rows in which it is known.
    spec["metric"] = {"name": "macro_f1"}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    podium(tmp_path, "blend", "small", "other", "--method", "mean", "--name", "by-f1")
    podium(tmp_path, "report")
    podium(tmp_path, "show", "train001")


def test_f1_of_decisions_is_scikit_learns_on_the_known_rows_of_each_class() -> None:
    scorer = LabelScorer.of("macro_f1", TRUTH, n_outputs=3, kind="multilabel")
    decided = (MEMBERS[0] >= 0.5).astype(int)
    each = [f1_score(TRUTH[KNOWN[:, c], c], decided[KNOWN[:, c], c]) for c in range(3)]
    assert scorer.of_probs(MEMBERS[0]) == pytest.approx(np.mean(each))
