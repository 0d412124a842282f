"""Thresholds on the test set: both rates, and the threshold that keeps the out-of-fold one."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.optimize import linear_sum_assignment
from scipy.special import softmax
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.ensembling import read_blend
from podium.ensembling.predicting import blend_masks, blend_probs
from podium.ensembling.record import read_parts
from podium.errors import UsageError
from podium.predictions import decide, write_fold
from podium.predictions.store.mask_writing import write_masks
from podium.submissions.upload.receipt import Receipt
from podium.workflows.blends.blending import blend_runs
from podium.workflows.blends.matched_rates import (
    RESOLUTION,
    match_rate,
    match_shares,
    matching_evidence,
    threshold_rates,
    with_matched_rates,
)
from podium.workflows.submission.submitting import find_blend, submit, write_blend_file
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

N, N_TEST, SIDE = 90, 40, 12
SPEC = """\
name: shapes
tasks: {tasks}
{classes}
data:
  train: {{table: data/train.csv, id: id, images: "data/train/{{id}}.png"{train}}}
  test: {{images: "data/test/*.png"}}
folds: {{scheme: {folds}, n: 3}}
metric: {{name: {metric}}}
submission: {submission}
"""
BINARY = SPEC.format(
    tasks="{classify: binary}",
    classes="",
    folds="stratified",
    train=", label: sick",
    metric="f1",
    submission="{value: label, columns: {id: id, sick: value}}",
)
MULTILABEL = SPEC.format(
    tasks="{classify: multilabel}",
    classes="classes: [sick, old]",
    folds="multilabel_stratified",
    train=", label: [sick, old]",
    metric="macro_f1",
    submission="{value: labels, columns: {id: id, said: value}}",
)
MULTICLASS = SPEC.format(
    tasks="{classify: multiclass}",
    classes='classes: ["0", "1", "2"]',
    folds="stratified",
    train=", label: kind",
    metric="accuracy",
    submission="{value: label, columns: {id: id, kind: value}}",
)
MASKS = SPEC.format(
    tasks="{segment: binary}",
    classes="",
    folds="stratified",
    train=', mask: "data/masks/{id}.png"',
    metric="mean_dice",
    submission="{value: rle, columns: {id: id, runs: value}}",
)


@pytest.mark.slow
@given(
    values=st.lists(st.integers(0, 8), min_size=1, max_size=12),
    n=st.integers(1, 12),
    data=st.data(),
)
@settings(max_examples=300, deadline=None)
def test_the_matched_threshold_is_the_nearest_of_all(
    values: list[int], n: int, data: st.DataObject
) -> None:
    n_positive = data.draw(st.integers(0, n))
    found = np.array(values, dtype=np.float32) / 8
    threshold, rate = match_rate(found, n_positive, n)
    above = float(np.nextafter(found.max(), np.float32(2)))
    distances = {
        t: abs(Fraction(int((found >= np.float32(t)).sum()), len(found)) - Fraction(n_positive, n))
        for t in [*found.tolist(), above]
    }
    nearest = min(distances.values())
    assert threshold == max(t for t, distance in distances.items() if distance == nearest)
    assert rate == (found >= np.float32(threshold)).mean()


def drawn(root: Path, spec: str) -> tuple[Workspace, Competition]:
    rng = np.random.default_rng(0)
    for folder, prefix, n in (("train", "i", N), ("masks", "i", N), ("test", "t", N_TEST)):
        (root / "data" / folder).mkdir(parents=True)
        for i in range(n):
            pixels = rng.integers(0, 255, (SIDE, SIDE, 3), np.uint8)
            image = Image.fromarray(truth_of(i) if folder == "masks" else pixels)
            image.save(root / "data" / folder / f"{prefix}{i:02d}.png")
    with (root / "data" / "train.csv").open("w", newline="") as file:
        rows = [[f"i{i:02d}", int(i % 5 == 0), int(i % 3 == 0), i % 45, i % 3] for i in range(N)]
        csv.writer(file).writerows([["id", "sick", "old", "pair", "kind"], *rows])
    with (root / "data" / "test.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["id", "pair"], *([f"t{i:02d}", i % 20] for i in range(N_TEST))]
        )
    (root / "competition.yaml").write_text(spec)
    return Workspace(root), load_competition(root)


def truth_of(i: int) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[i % 4 : i % 4 + 5, 2:7] = 1
    return mask


def label_probs(i: int, fold: int, n_outputs: int) -> np.ndarray:
    """Return what a fold model says of image i: the truth, and noise of its own."""
    rng = np.random.default_rng([i, fold])
    right = np.array([i % 5 == 0, i % 3 == 0])[:n_outputs]
    return (0.25 * right + 0.45 * rng.random(n_outputs)).astype(np.float32)


def mask_probs(i: int, fold: int, _: int) -> np.ndarray:
    rng = np.random.default_rng([i, fold])
    return (0.3 * truth_of(i) + 0.65 * rng.random((SIDE, SIDE)))[..., None].astype(np.float32)


def make_run(
    workspace: Workspace,
    competition: Competition,
    logits: Callable[[int, int, int], np.ndarray],
    name: str = "run",
) -> Path:
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    root = workspace.runs / f"{name}-00000000" / "predictions" / "aabbccdd"
    task = competition.scored_task
    for fold in range(3):
        inside = [str(one) for one in samples["id"][folds == fold]]
        test = [f"t{i:02d}" for i in range(N_TEST)]
        for split, ids, seed in (("oof", inside, 10), ("test", test, 20)):
            n_outputs = competition.outputs(task)
            each = [logits(int(one[1:]), seed + fold + len(name), n_outputs) for one in ids]
            if task == "segment":
                sizes = [(SIDE, SIDE)] * len(ids)
                write_masks(root, split, fold, ids=ids, sizes=sizes, bands=each, model="m")
            else:
                write_fold(root, split, task, fold, ids=ids, probs=np.stack(each), model="m")
    return root


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize(("spec", "names"), [(BINARY, [""]), (MULTILABEL, ["sick", "old"])])
def test_rates_of_labels_are_those_of_the_blends_decisions(
    spec: str, names: list[str], tmp_path: Path
) -> None:
    workspace, competition = drawn(tmp_path, spec)
    members = [str(make_run(workspace, competition, label_probs, name)) for name in ("a", "bcd")]
    folder = blend_runs(workspace, competition, members, method="mean")
    found = threshold_rates(workspace, competition, folder)
    assert [one.name for one in found] == names
    made, sets = read_blend(folder)
    ((name, thresholds),) = made.decision[0].items()
    assert name == "threshold"
    (_, oof), (_, test) = (blend_probs(made, sets, split) for split in ("oof", "test"))
    for c, one in enumerate(found):
        assert one.threshold == np.float32(np.atleast_1d(thresholds)[c])
        assert one.oof_rate == (oof[:, c] >= np.float32(one.threshold)).mean()
        assert one.test_rate == (test[:, c] >= np.float32(one.threshold)).mean()
        assert one.matched in test[:, c]
        assert one.matched_rate == (test[:, c] >= np.float32(one.matched)).mean()
        assert abs(one.matched_rate - one.oof_rate) <= 0.5 / N_TEST + 1e-9
        assert (one.n_oof, one.n_test, one.resolution) == (N, N_TEST, 0)
    # A mean of three models is smoother, so that the tuned threshold is right no more.
    gaps = [abs(one.test_rate - one.oof_rate) for one in found]
    assert max(gaps) > 0.005
    parts = with_matched_rates(read_parts(folder), "classify", found)
    predicted = decide(test, parts["classify"].blend.decision, competition.kind)
    assert predicted.reshape(N_TEST, -1).mean(0).tolist() == [one.matched_rate for one in found]


@pytest.mark.slow
def test_units_are_counted_where_they_are_scored(tmp_path: Path) -> None:
    unit = ', unit: "{pair}"}'
    spec = BINARY.replace(", label: sick}", f", label: sick{unit}").replace(
        '{images: "data/test/*.png"}',
        f'{{table: data/test.csv, id: id, images: "data/test/{{id}}.png"{unit}\nunits: '
        "{aggregate: max}",
    )
    workspace, competition = drawn(tmp_path, spec)
    member = str(make_run(workspace, competition, label_probs))
    folder = blend_runs(workspace, competition, [member])
    (found,) = threshold_rates(workspace, competition, folder)
    made, sets = read_blend(folder)
    assert (found.n_oof, found.n_test) == (45, 20)
    for split, modulus, rate in (("oof", 45, found.oof_rate), ("test", 20, found.test_rate)):
        ids, probs = blend_probs(replace(made, aggregate=None), sets, split)
        largest = np.zeros(modulus)
        for one, prob in zip(ids, probs[:, 0], strict=True):
            at = int(one[1:]) % modulus
            largest[at] = max(largest[at], prob)
        assert rate == (largest >= np.float32(found.threshold)).mean()


def noise(i: int, fold: int, n_outputs: int) -> np.ndarray:
    return np.random.default_rng([i, fold]).random(n_outputs).astype(np.float32)


def test_the_plain_decision_is_a_threshold_too(tmp_path: Path) -> None:
    workspace, competition = drawn(tmp_path, BINARY.replace("f1", "accuracy"))
    member = str(make_run(workspace, competition, noise))
    folder = blend_runs(workspace, competition, [member])
    parts = read_parts(folder)
    record = json.loads((folder / "record.json").read_text())
    record["details"]["decision"] = []  # as where tuning gained less than its standard error
    write_text(folder / "record.json", json.dumps(record))
    (found,) = threshold_rates(workspace, competition, folder)
    assert found.threshold == 0.5
    (step,) = with_matched_rates(parts, "classify", [found])["classify"].blend.decision
    assert step == {"threshold": found.matched}


@pytest.mark.slow
def test_pixels_are_counted_and_the_other_steps_stay(tmp_path: Path) -> None:
    workspace, competition = drawn(tmp_path, MASKS)
    member = str(make_run(workspace, competition, mask_probs))
    folder = blend_runs(workspace, competition, [member])
    (found,) = threshold_rates(workspace, competition, folder)
    made, sets = read_blend(folder)
    pixels = {}
    for split, n in (("oof", N), ("test", N_TEST)):
        masks = blend_masks(made, sets, split)
        pixels[split] = np.concatenate([masks.band(i, 0, SIDE).ravel() for i in range(n)])
    threshold = np.float32(found.threshold)
    assert found.oof_rate == (pixels["oof"] >= threshold).mean()
    assert found.test_rate == (pixels["test"] >= threshold).mean()
    assert (found.n_oof, found.n_test) == (N * SIDE**2, N_TEST * SIDE**2)
    assert found.matched_rate == (pixels["test"] >= np.float32(found.matched)).mean()
    exact, rate = match_rate(pixels["test"], int((pixels["oof"] >= threshold).sum()), N * SIDE**2)
    assert exact - RESOLUTION <= found.matched <= exact
    assert abs(found.matched_rate - rate) < 1e-3
    parts = read_parts(folder)
    steps = ({"gate": 0.3}, {"threshold": 0.4}, {"min_area": 3}, {"largest": 1})
    blend = replace(parts["segment"].blend, decision=steps)
    changed = with_matched_rates(
        {"segment": replace(parts["segment"], blend=blend)}, "segment", [found]
    )
    wanted = (steps[0], {"threshold": found.matched}, *steps[2:])
    assert changed["segment"].blend.decision == wanted


@pytest.mark.slow
def test_a_file_with_matched_rates_and_its_receipt_state_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = drawn(tmp_path, BINARY)
    make_run(workspace, competition, label_probs)
    root = next(workspace.runs.iterdir()) / "predictions" / "aabbccdd"
    folder = blend_runs(workspace, competition, [str(root)])
    (found,) = threshold_rates(workspace, competition, folder)
    receipt = submit(workspace, competition, folder.name, dry_run=True, match_rates=True)
    assert receipt.thresholds == [found.matched]
    assert receipt.file == f"submissions/{folder.name}-matched.csv"
    n_yes = {}
    for file in (write_blend_file(workspace, competition, folder), tmp_path / receipt.file):
        with file.open() as lines:
            n_yes[file.name] = sum(int(row["sick"]) for row in csv.DictReader(lines))
    assert n_yes[f"{folder.name}-matched.csv"] == round(found.matched_rate * N_TEST)
    assert n_yes[f"{folder.name}.csv"] == round(found.test_rate * N_TEST)
    monkeypatch.chdir(tmp_path)
    args = ["submit", folder.name, "--dry-run", "--match-rates", "--json"]
    printed = CliRunner().invoke(app, args)
    assert printed.exit_code == 0, printed.output
    assert Receipt.model_validate_json(printed.stdout).thresholds == [found.matched]
    with pytest.raises(UsageError, match="a file is decided already"):
        submit(workspace, competition, str(tmp_path / receipt.file), match_rates=True)


@pytest.mark.parametrize("counts", [(20, 20, 20), (40, 15, 5), (1, 0, 2)])
def test_matched_weights_decide_as_the_likeliest_assignment_in_the_given_shares(
    counts: tuple[int, ...],
) -> None:
    """Every row gets one of 60 places, so many of a class, by the largest sum of log p."""
    rng = np.random.default_rng(0)
    probs = softmax(1.5 * rng.standard_normal((60, 3)) + [1.0, 0.0, -1.0], axis=1)
    weights = match_shares(probs, np.array(counts))
    decided = (probs * weights).argmax(axis=1)
    places = np.repeat(np.arange(3), 60 * np.array(counts) // sum(counts))
    _, at = linear_sum_assignment(np.log(probs[:, places]), maximize=True)
    assert np.count_nonzero(decided != places[at]) <= 2
    assert weights.max() == 1
    assert [weight == 0 for weight in weights] == [count == 0 for count in counts]


def prefers(i: int, fold: int, n_outputs: int) -> np.ndarray:
    """Return probabilities of the true class i mod 3, and on the test set of the last one, too."""
    rng = np.random.default_rng([i, fold])
    logits = 1.5 * np.eye(n_outputs)[i % 3] + 0.3 * rng.standard_normal(n_outputs)
    logits[2] += 2.0 * (fold >= 20)  # seeds of the test set
    return softmax(logits).astype(np.float32)


def test_weights_that_match_the_shares_of_classes_are_written_and_told(tmp_path: Path) -> None:
    workspace, competition = drawn(tmp_path, MULTICLASS)
    folder = blend_runs(workspace, competition, [str(make_run(workspace, competition, prefers))])
    found = threshold_rates(workspace, competition, folder)
    assert [one.name for one in found] == ["0", "1", "2"]
    assert [round(one.oof_rate, 2) for one in found] == [0.33, 0.33, 0.33]
    assert found[2].test_rate > 0.9
    assert all(abs(one.matched_rate - 1 / 3) < 1.5 / N_TEST for one in found)
    assert str(found[2]).startswith("weight of 2 1.0000: 33.33% out of fold, ")
    receipt = submit(workspace, competition, folder.name, dry_run=True, match_rates=True)
    assert receipt.thresholds == [one.matched for one in found]
    with (tmp_path / receipt.file).open() as lines:
        right = [int(row["kind"]) == int(row["id"][1:]) % 3 for row in csv.DictReader(lines)]
    assert sum(right) >= N_TEST - 2
    with write_blend_file(workspace, competition, folder).open() as lines:
        assert sum(row["kind"] == "2" for row in csv.DictReader(lines)) > 0.9 * N_TEST


@pytest.mark.slow
def test_a_task_without_thresholds_is_refused(tmp_path: Path) -> None:
    workspace, competition = drawn(tmp_path, BINARY.replace("f1", "auc"))
    folder = blend_runs(
        workspace, competition, [str(make_run(workspace, competition, label_probs))]
    )
    with pytest.raises(UsageError, match="nothing is decided"):
        threshold_rates(workspace, competition, folder)


def test_matching_rates_is_proposed_where_it_pays_across_the_folds(tmp_path: Path) -> None:
    """One fold's network says all a little lower, one a little higher: shares transfer better."""

    def of_fold(i: int, seed: int, n_outputs: int) -> np.ndarray:
        told = 0.55 if i % 5 == 0 else 0.45 if i % 4 == 1 else 0.2
        told += 0.1 * (seed - 14) + 0.001 * (i % 17)  # seeds 13, 14 and 15 of the three folds
        return np.array([told], np.float32)

    found = []
    for name, probs in (("offset", of_fold), ("noise", noise)):
        workspace, competition = drawn(tmp_path / name, BINARY.replace("f1", "accuracy"))
        member = str(make_run(workspace, competition, probs))
        folder = blend_runs(workspace, competition, [member], plain=True)
        found.append(matching_evidence(workspace, competition, folder))
    assert [one is not None and one.pays for one in found] == [True, False]


@pytest.mark.slow
def test_plain_decision_option_is_kept_in_the_blend_and_submitted(
    tmp_path: Path,
) -> None:
    workspace, competition = drawn(tmp_path, BINARY)
    make_run(workspace, competition, label_probs)
    root = str(next(workspace.runs.iterdir()) / "predictions" / "aabbccdd")
    tuned = blend_runs(workspace, competition, [root])
    plain = blend_runs(workspace, competition, [root], plain=True)
    assert plain != tuned
    made, _ = read_blend(plain)
    assert (made.plain, made.decision, made.honest) == (True, (), made.untuned)
    assert any("as was asked for: the plain decision is kept" in one for one in made.notes)
    # Of a blend that was tuned another one is made; a plain one is sent as it is.
    sent = find_blend(workspace, competition, tuned.name, SILENT, plain=True)
    assert read_blend(sent)[0].plain
    assert read_blend(sent)[0].decision == ()
    assert find_blend(workspace, competition, plain.name, SILENT, plain=True) == plain
