"""From the predictions of runs on disk to a blend of labels and masks, and to a file of masks."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.codecs import rle
from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import LazyTruths, truth_masks
from podium.ensembling import read_blend
from podium.ensembling.predicting import blend_masks, blend_presence
from podium.ensembling.record import read_parts
from podium.errors import UsageError
from podium.predictions import write_fold
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.store.mask_writing import write_masks
from podium.training.runs.content import folds_digest
from podium.workflows.blends.blending import blend_runs, tune_decisions
from podium.workflows.blends.decision_curves import decision_curves
from podium.workflows.submission.submitting import write_blend_file
from podium.workspace import machine
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, write_record

SIDE, N, N_TEST = 24, 45, 8
CLASSES = ["ball", "bar"]
SPEC = """\
name: shapes
tasks: {tasks}
classes: [ball, bar]
data:
  train: {{table: data/train.csv, id: id, images: "data/train/{{id}}.png"{train}}}
  test: {{images: "data/test/*.png"}}
folds: {{n: 3}}
metric: {{name: {metric}}}
submission: {submission}
"""
JOINT = SPEC.format(
    tasks="{classify: multiclass, segment: multiclass}",
    train=', label: label, mask: "data/masks/{id}.png"',
    metric="mean_dice",
    submission=(
        "{rows: image_class, id: '{id}_{class}', value: rle, columns: {id: id, runs: value}}"
    ),
)


def shape(kind: int, rng: np.random.Generator) -> np.ndarray:
    """Return a mask `(H, W)` of one ball (1) or bar (2)."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    y, x = rng.uniform(7, 17, 2)
    if kind == 1:
        return ((rows - y) ** 2 + (columns - x) ** 2 < rng.uniform(9, 30)).astype(np.uint8)
    return 2 * ((abs(rows - y) < 2) & (abs(columns - x) < 7)).astype(np.uint8)


@dataclass
class Drawn:
    """Masks and classes of train and test, by id; some train images have no mask."""

    masks: dict[str, np.ndarray]
    labels: dict[str, int]
    without_mask: frozenset[str] = frozenset({"i03", "i10"})

    def probs(self, ids: Sequence[str], seed: int, *, confused: float = 0.5) -> list[np.ndarray]:
        """Return what a network says of the pixels: it sees where, and is unsure which class."""
        made = []
        for one in ids:
            rng = np.random.default_rng([seed, int(one[1:])])
            mask = self.masks[one]
            where = np.where(mask > 0, 0.42, 0.05) + 0.2 * rng.random(mask.shape)
            share = rng.uniform(0.3, 0.7, mask.shape) if confused else (mask == 1)
            made.append(np.stack([1 - where, where * share, where * (1 - share)], -1))
        return made

    def class_probs(self, ids: Sequence[str], seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        right = np.array([self.labels[one] for one in ids])
        sure = rng.uniform(0.75, 0.95, len(ids))
        return np.where(np.arange(2) == right[:, None], sure[:, None], 1 - sure[:, None])


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    rng = np.random.default_rng(0)
    made = Drawn({}, {})
    data = tmp_path / "data"
    for folder in ("train", "test", "masks"):
        (data / folder).mkdir(parents=True)
    for prefix, n, folder in (("i", N, "train"), ("t", N_TEST, "test")):
        for i in range(n):
            one = f"{prefix}{i:02d}"
            made.labels[one] = i % 2
            made.masks[one] = shape(1 + i % 2, rng)
            Image.fromarray(rng.integers(0, 255, (SIDE, SIDE, 3), np.uint8)).save(
                data / folder / f"{one}.png"
            )
            if folder == "train" and one not in made.without_mask:
                Image.fromarray(made.masks[one]).save(data / "masks" / f"{one}.png")
    with (data / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["id", "label"], *([f"i{i:02d}", CLASSES[i % 2]] for i in range(N))]
        )
    return made


def opened(root: Path, spec: str = JOINT) -> tuple[Workspace, Competition]:
    (root / "competition.yaml").write_text(spec)
    return Workspace(root), load_competition(root)


def make_run(
    workspace: Workspace,
    competition: Competition,
    drawn: Drawn,
    seed: int,
    *,
    tasks: Sequence[str] = ("classify", "segment"),
) -> Path:
    """Write what training and predicting leave of a finished run."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    run = workspace.runs / f"run{seed}-0000000{seed}"
    root = run / "predictions" / "aabbccdd"
    test = [f"t{i:02d}" for i in range(N_TEST)]
    for fold in range(3):
        inside = [str(one) for one in samples["id"][folds == fold]]
        for split, ids in (("oof", inside), ("test", test)):
            if "classify" in tasks:
                predicted = drawn.class_probs(ids, seed)
                write_fold(root, split, "classify", fold, ids=ids, probs=predicted, model="m")
            if "segment" in tasks:
                predicted = drawn.probs(ids, seed)
                sizes = [(SIDE, SIDE)] * len(ids)
                write_masks(root, split, fold, ids=ids, sizes=sizes, bands=predicted, model="m")
    record = Record(
        kind="run",
        id=run.name,
        name=f"run{seed}",
        created=machine.now(),
        status="finished",
        inputs={
            "tasks": {task: competition.tasks[task] for task in tasks},
            "classes": list(competition.classes),
            "folds": folds_digest(samples["id"], folds),
        },
    )
    write_record(run, record)
    return run


@pytest.mark.slow
@pytest.mark.long
def test_families_of_masks_are_fitted_by_other_processes_as_here(
    tmp_path: Path, drawn: Drawn
) -> None:
    workspace, competition = opened(tmp_path)
    for seed in (1, 2):
        make_run(workspace, competition, drawn, seed)
    ways = ("mean", "hill_climb")
    found = []
    for on in ("local:1", "local:2"):
        folder = blend_runs(workspace, competition, families=ways, name=on[-1], trials=6, on=on)
        parts = read_parts(folder)
        families = [replace(one, seconds=0.0) for one in parts["segment"].blend.choice.families]
        found.append((families, parts["segment"].blend.honest, parts["classify"].blend.honest))
    assert found[0] == found[1]


@pytest.mark.slow
def test_labels_and_masks_are_each_blended_from_the_members_that_predict_them(
    tmp_path: Path, drawn: Drawn
) -> None:
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 1)
    make_run(workspace, competition, drawn, 2, tasks=["classify"])
    make_run(workspace, competition, drawn, 3, tasks=["segment"])
    folder = blend_runs(workspace, competition, method="mean", trials=24)
    parts = read_parts(folder)
    assert parts["segment"].blend.members == ("run1-00000001", "run3-00000003")
    assert parts["classify"].blend.members == ("run1-00000001", "run2-00000002")
    assert parts["classify"].blend.metric == "accuracy"
    scored, _ = read_blend(folder)
    assert scored == parts["segment"].blend
    assert (scored.metric, scored.n_scored) == ("mean_dice", N - len(drawn.without_mask))
    record = json.loads((folder / "record.json").read_text())
    assert record["scores"]["honest"] == scored.honest
    assert record["parents"] == ["run1-00000001", "run3-00000003", "run2-00000002"]
    # The network cannot tell the classes apart, the classifier can.
    assert "gate" in scored.decision[0]
    assert scored.honest > scored.untuned + 0.1


@pytest.mark.slow
@pytest.mark.long
def test_the_optimistic_score_is_that_of_deciding_and_scoring_raw_masks(
    tmp_path: Path, drawn: Drawn
) -> None:
    workspace, competition = opened(tmp_path)
    for seed in (1, 2):
        make_run(workspace, competition, drawn, seed)
    parts = read_parts(blend_runs(workspace, competition, trials=24))
    part = parts["segment"]
    samples = load_samples(competition, "train")
    samples = samples[samples["mask"].notna()].reset_index(drop=True)
    ids = list(samples["id"])
    probs = blend_masks(part.blend, part.sets, "oof", ids=ids)
    presence = blend_presence(parts, "oof", ids, n_classes=2)
    predicted = decide_masks(probs, list(part.blend.decision), "multiclass", presence=presence)
    score = metrics.score(
        "mean_dice",
        list(truth_masks(competition, samples)),
        [mask for _, mask in predicted],
        kind="multiclass",
        n_classes=2,
    )
    assert part.blend.optimistic == pytest.approx(score)


@pytest.mark.slow
def test_the_same_blend_is_found_and_nothing_is_read_again(
    tmp_path: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 1)
    folder = blend_runs(workspace, competition, trials=6)
    monkeypatch.setattr(LazyTruths, "__getitem__", None)
    assert blend_runs(workspace, competition, trials=6) == folder
    monkeypatch.undo()
    assert blend_runs(workspace, competition, trials=7) != folder
    Image.fromarray(drawn.masks["i00"] * 0).save(tmp_path / "data" / "masks" / "i00.png")
    assert blend_runs(workspace, competition, trials=6) != folder


@pytest.mark.slow
def test_a_file_of_masks_is_written_from_the_blend(tmp_path: Path, drawn: Drawn) -> None:
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 1)
    make_run(workspace, competition, drawn, 2, tasks=["classify"])
    folder = blend_runs(workspace, competition, trials=24)
    file = write_blend_file(workspace, competition, folder)
    with file.open() as opened_file:
        rows = list(csv.DictReader(opened_file))
    assert [row["id"] for row in rows] == [
        f"t{i:02d}_{name}" for i in range(N_TEST) for name in CLASSES
    ]
    dices = []
    for row in rows:
        one, name = row["id"].rsplit("_", 1)
        printed = rle.decode(row["runs"], (SIDE, SIDE))
        right = drawn.masks[one] == 1 + CLASSES.index(name)
        total = printed.sum() + right.sum()
        dices.append(2 * (printed & right).sum() / total if total else 1.0)
    assert np.mean(dices) > 0.9


@pytest.mark.slow
def test_tuning_a_run_or_a_blend_keeps_its_members(tmp_path: Path, drawn: Drawn) -> None:
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 1)
    make_run(workspace, competition, drawn, 2, tasks=["classify"])
    alone = read_parts(tune_decisions(workspace, competition, "run1", trials=6))
    assert alone["segment"].blend.members == alone["classify"].blend.members
    both = blend_runs(workspace, competition, method="hill_climb", trials=6)
    again = read_parts(tune_decisions(workspace, competition, both.name, trials=12))
    assert again["classify"].blend.members == ("run1-00000001", "run2-00000002")
    assert again["classify"].blend.method == "hill_climb"
    assert again["segment"].blend.members == ("run1-00000001",)
    assert again["segment"].blend.trials == 12


@pytest.mark.slow
def test_a_grid_of_steps_is_tuned_and_two_runs_gate_and_segment(
    tmp_path: Path, drawn: Drawn
) -> None:
    """One run only classifies, another only segments: the first gates the second."""
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 2, tasks=["classify"])
    make_run(workspace, competition, drawn, 3, tasks=["segment"])
    made = blend_runs(workspace, competition, method="mean", trials=6)
    steps = tmp_path / "decide.yaml"
    steps.write_text(
        "- gate: {try: [0.3, 0.5]}\n"
        "- class_weights: [{from: 1, to: 2, n: 3}, 1, 1]\n"
        "- close: {try: [1, 0]}\n"
    )
    arguments = ["-w", str(tmp_path), "tune", "thresholds", made.name, "--steps", str(steps)]
    printed = CliRunner().invoke(app, [*arguments, "--trials", "5"])
    assert printed.exit_code == 0, printed.output
    assert "of the 6 decisions of the grid 5 are tried" in printed.output
    assert "a class with a classifier probability below" in printed.output
    (folder,) = set(workspace.blends.iterdir()) - {made}
    part = read_parts(folder)["segment"]
    assert part.blend.decision[0]["gate"] in (0.3, 0.5)
    assert [name for step in part.blend.decision for name in step] == [
        "gate",
        "class_weights",
        "close",
    ]
    assert part.blend.members == ("run3-00000003",)
    assert part.blend.grid[0] == {"gate": {"try": [0.3, 0.5]}}
    again = tune_decisions(workspace, competition, made.name, trials=5, grid=part.blend.grid)
    assert again == folder, "the grid is part of its id"
    assert tune_decisions(workspace, competition, made.name, trials=5) != folder
    assert (
        tune_decisions(workspace, competition, made.name, trials=5, grid=part.blend.grid[:2])
        != folder
    )
    with pytest.raises(UsageError, match=r"class_weights needs 3 finite"):
        tune_decisions(
            workspace, competition, made.name, grid=[{"class_weights": [1, {"try": [1, 2]}]}]
        )


@pytest.mark.slow
def test_curves_of_a_gated_decision_are_what_deciding_with_other_gates_scores(
    tmp_path: Path, drawn: Drawn
) -> None:
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 1)
    grid = [{"gate": 0.4}, {"class_weights": [0.4, 1, 1]}, {"min_area": 3}]
    folder = tune_decisions(workspace, competition, "run1", trials=1, grid=grid)
    by_weight, by_gate = decision_curves(workspace, competition, folder)
    parts = read_parts(folder)
    scored = parts["segment"].blend
    assert (by_weight.parameter, by_weight.chosen) == ("class_weights", 0.4)
    assert (by_gate.parameter, by_gate.chosen, by_gate.plain) == ("gate", 0.4, 0.0)
    samples = load_samples(competition, "train")
    known = [one for one in samples["id"] if one not in drawn.without_mask]
    probs = blend_masks(scored, parts["segment"].sets, "oof", ids=known)
    presence = blend_presence(parts, "oof", known, n_classes=2)
    truths = dict(zip(samples["id"], truth_masks(competition, samples), strict=True))

    def score(gate: float, weight: float) -> float:
        steps = [{"gate": gate}, {"class_weights": [weight, 1, 1]}, {"min_area": 3}]
        predicted = decide_masks(probs, steps, "multiclass", presence=presence)
        right = [truths[one] for one in known]
        return metrics.score("mean_dice", right, [one for _, one in predicted], kind="multiclass")

    for curve in (by_weight, by_gate):
        assert curve.score_at(curve.chosen) == pytest.approx(scored.optimistic, abs=1e-12)
        for at in range(0, len(curve.values), 4):
            value = curve.values[at]
            wanted = score(0.4, value) if curve is by_weight else score(value, 0.4)
            assert curve.scores[at] == pytest.approx(wanted, abs=1e-12)
    assert len(set(by_gate.scores)) > 1


def test_masks_alone_need_no_labels(tmp_path: Path, drawn: Drawn) -> None:
    spec = JOINT.replace("classify: multiclass, ", "").replace(", label: label", "")
    for one in drawn.without_mask:
        Image.fromarray(drawn.masks[one]).save(tmp_path / "data" / "masks" / f"{one}.png")
    workspace, competition = opened(tmp_path, spec)
    make_run(workspace, competition, drawn, 1, tasks=["segment"])
    folder = blend_runs(workspace, competition, trials=6)
    assert list(read_parts(folder)) == ["segment"]
    assert write_blend_file(workspace, competition, folder).is_file()


@pytest.mark.slow
def test_a_file_of_pixels_is_written_from_the_blend(tmp_path: Path, drawn: Drawn) -> None:
    start = JOINT.index("submission:")
    pixels = "rows: pixel, id: '{id}_{row}_{column}', value: label, columns: {i: id, v: value}"
    workspace, competition = opened(tmp_path, JOINT[:start] + f"submission: {{{pixels}}}")
    make_run(workspace, competition, drawn, 1)
    folder = blend_runs(workspace, competition, trials=6)
    file = write_blend_file(workspace, competition, folder)
    with file.open() as opened_file:
        rows = {row["i"]: int(row["v"]) for row in csv.DictReader(opened_file)}
    assert len(rows) == N_TEST * SIDE * SIDE
    right = [
        rows[f"t{i:02d}_{y + 1}_{x + 1}"] == drawn.masks[f"t{i:02d}"][y, x]
        for i in range(N_TEST)
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    assert np.mean(right) > 0.8


def test_labels_that_are_scored_need_no_mask(tmp_path: Path, drawn: Drawn) -> None:
    spec = JOINT.replace("{name: mean_dice}", "{name: accuracy, task: classify}")
    spec = spec[: spec.index("submission:")]
    workspace, competition = opened(tmp_path, spec)
    make_run(workspace, competition, drawn, 1, tasks=["classify"])
    make_run(workspace, competition, drawn, 2)
    for file in (tmp_path / "data" / "masks").iterdir():
        file.write_bytes(b"broken")
    parts = read_parts(blend_runs(workspace, competition, trials=2))
    assert list(parts) == ["classify"]
    assert len(parts["classify"].sets) == 2


def test_a_competition_of_masks_refuses_runs_without_any(tmp_path: Path, drawn: Drawn) -> None:
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 1, tasks=["classify"])
    with pytest.raises(UsageError, match="no member has masks to blend"):
        blend_runs(workspace, competition)


@pytest.mark.slow
def test_the_command_prints_the_decision_and_both_scores(tmp_path: Path, drawn: Drawn) -> None:
    workspace, competition = opened(tmp_path)
    make_run(workspace, competition, drawn, 1)
    call = ["--workspace", str(tmp_path), "tune", "thresholds", "run1", "--trials", "24"]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    for words in (
        "weight for masks (mean)",
        "a class with a classifier probability below 0.",
        "95 % interval",
        "fitted on the other folds: believe this one",
        "fitted and scored on the same rows",
        "mean_dice by gate, all else held",
        "chosen 0.",
        "raw maximum 0.",
        "labels, which are not scored:",
    ):
        assert words in result.output
    as_json = CliRunner().invoke(app, [*call, "--json"])
    found = json.loads(as_json.stdout[as_json.stdout.index("{") :])
    assert found["task"] == "segment"
    assert found["beside"]["classify"]["metric"] == "accuracy"
    assert [one["parameter"] for one in found["curves"]] == ["class_weights", "gate"]
