"""The score to expect of the test set, from predictions on disk to every place that shows it."""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from inkless_pages import draw_nothing
from workflows.blends.test_estimates import N_TEST, RUN, a_workspace, add_run, blended, run_cli

from podium.cli import artefacts
from podium.cli.blends import print_what_to_expect
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.scores.expected import gain_of_mean
from podium.competition.spec import Competition, load_competition
from podium.ensembling.predicting import blend_probs
from podium.ensembling.record import read_blend, read_parts
from podium.predictions.kept_scores import EXPECTED_FILE, kept_expected, write_expected
from podium.predictions.store.reading import PredictionSet
from podium.predictions.store.writing import write_fold
from podium.reporting.report import build_report
from podium.submissions.board.view import board
from podium.workflows.blends import expected as workflow
from podium.workflows.blends.blending import blend_runs
from podium.workflows.blends.expected import expected_of_blend, expected_of_run
from podium.workflows.submission import submitting
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.progress import SILENT
from podium.workspace.records import Record, write_record


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Competition, Path]:
    """A workspace with a run of three folds, and a blend of it."""
    workspace, competition = a_workspace(tmp_path_factory.mktemp("expected"), drifts=False)
    add_run(workspace, competition, with_test=False)
    rng = np.random.default_rng(3)
    common = rng.normal(0, 3, N_TEST)
    for fold in range(3):
        predicted = 1 / (1 + np.exp(-common - rng.normal(0, 1, N_TEST)))
        write_fold(
            workspace.runs / RUN / "predictions/aabbccdd",
            "test",
            "classify",
            fold,
            ids=[f"test{row:03d}" for row in range(N_TEST)],
            probs=np.column_stack([1 - predicted, predicted]).astype(np.float32),
            model="m",
        )
    return workspace, competition, blended(workspace, competition)


def test_of_a_run_it_is_what_its_fold_models_predict_for_the_test_rows(made):
    """Two classes, three models: by hand, at the sharpness that scores the honest score."""
    workspace, competition, _ = made
    found = expected_of_run(workspace, competition, workspace.runs / RUN)
    assert found is not None
    assert (found.n_models, found.n_rows, found.n_public) == (3, N_TEST, None)
    stored = PredictionSet(workspace.runs / RUN / "predictions/aabbccdd")
    models = np.stack([stored.fold("test", "classify", k).probs()[:, 1] for k in range(3)])
    mean, honest = models.mean(axis=0), found.score - found.gain

    def scores(t: float) -> tuple[float, float]:
        truth = 1 / (1 + (1 / mean - 1) ** (1 / t))
        right = np.where(models >= 0.5, truth, 1 - truth)
        return float(right.mean()), float(np.maximum(truth, 1 - truth).mean())

    curve = np.array([scores(t) for t in np.exp(np.linspace(-4, 4, 4001))])
    at = np.abs(curve[:, 0] - honest).argmin()
    # 128 truths of 120 rows, of which half are in dispute: sqrt(0.25 / 7680) = 0.006.
    assert found.gain == pytest.approx(curve[at, 1] - curve[at, 0], abs=0.02)
    assert found.interval[0] < found.score < found.interval[1]


def test_of_a_blend_of_one_run_it_is_that_of_the_run(made):
    workspace, competition, folder = made
    found = expected_of_blend(workspace, competition, folder)
    run = expected_of_run(workspace, competition, workspace.runs / RUN)
    blend, _ = read_blend(folder)
    assert found is not None
    assert found.score == pytest.approx(blend.honest + found.gain)
    if not blend.decision:
        assert (found.score, found.gain) == (run.score, run.gain)
        # Drawn from the same rows in another order.
        assert found.interval == pytest.approx(run.interval, abs=0.05)


def test_a_member_of_weight_0_does_not_count(made, tmp_path):
    """It has one prediction of each row, and the file is made without it."""
    workspace, competition, folder = made
    alone = expected_of_blend(workspace, competition, folder)
    shutil.copytree(workspace.root, tmp_path / "w")
    workspace, competition = Workspace(tmp_path / "w"), load_competition(tmp_path / "w")
    weak = workspace.imports / "weak-00000000/predictions/aabbccdd"
    stored, probs = PredictionSet(workspace.runs / RUN / "predictions/aabbccdd"), np.float32([1, 0])
    for split, name in (("oof", fold) for fold in range(3)):
        ids = stored.fold(split, "classify", name).ids
        shown = np.tile(probs, (len(ids), 1))
        write_fold(weak, split, "classify", name, ids=ids, probs=shown, model="m")
    ids = [f"test{row:03d}" for row in range(N_TEST)]
    shown = np.tile(probs, (N_TEST, 1))
    write_fold(weak, "test", "classify", "full", ids=ids, probs=shown, model="m")
    write_record(
        weak.parents[1],
        Record(kind="import", id="weak-00000000", name="weak", created=now(), status="finished"),
    )
    members = [RUN, "weak-00000000"]
    both = blend_runs(workspace, competition, members, method="best", trials=2)
    blend, _ = read_blend(both)
    assert blend.weights == (1.0, 0.0)
    assert blend.only_member == RUN
    found = expected_of_blend(workspace, competition, both)
    assert (found.n_models, found.score) == (3, alone.score)
    output = run_cli(workspace, "show", both.name)
    assert f"it is {RUN} alone" in output
    assert "% of draws" not in output


def test_it_is_of_the_calibrated_means_that_are_sent(tmp_path, monkeypatch):
    """Single models are too sure where they err; the test rows get means, calibrated as means."""
    workspace, competition = a_workspace(tmp_path / "w", drifts=False)
    spec = yaml.safe_load((workspace.root / "competition.yaml").read_text())
    spec |= {"metric": {"name": "log_loss"}, "submission": {"value": "prob"}}
    (workspace.root / "competition.yaml").write_text(yaml.safe_dump(spec))
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "train")
    folds, rng = ensure_folds(workspace, competition, samples), np.random.default_rng(5)
    root = workspace.runs / RUN / "predictions/aabbccdd"
    common = rng.normal(0, 1.5, N_TEST)
    for fold in range(3):
        inside = np.flatnonzero(folds == fold)
        right = 2 * samples["label"].to_numpy(int)[inside] - 1
        shown = {
            "oof": (list(samples["id"].iloc[inside]), right + rng.normal(0, 1.5, len(inside))),
            "test": (
                [f"test{row:03d}" for row in range(N_TEST)],
                common + rng.normal(0, 1, N_TEST),
            ),
        }
        for split, (ids, logits) in shown.items():
            likely = 1 / (1 + np.exp(-4 * logits))
            probs = np.column_stack([1 - likely, likely]).astype(np.float32)
            write_fold(root, split, "classify", fold, ids=ids, probs=probs, model="m")
    write_record(
        workspace.runs / RUN, Record(kind="run", id=RUN, name="r", created=now(), status="finished")
    )
    seen = {}

    def gain(metric, models, kind, **given):
        seen.update(models=models, mean=given["mean"])
        return gain_of_mean(metric, models, kind, **given)

    monkeypatch.setattr(workflow, "gain_of_mean", gain)
    folder = blended(workspace, competition)
    blend, _ = read_blend(folder)
    assert blend.fitted.calibration is not None
    found = expected_of_blend(workspace, competition, folder)
    assert found is not None
    assert found.gain < 0  # the loss of a mean is lower
    ids, sent = blend_probs(blend, [root], "test")
    stored = PredictionSet(root)
    order = [ids.index(one) for one in stored.ids("test", "classify")]
    np.testing.assert_allclose(seen["mean"], sent[order], atol=1e-6)
    first = blend.fitted.calibration.calibrated(stored.fold("test", "classify", 0).probs())
    np.testing.assert_allclose(seen["models"][0], first, atol=1e-6)
    assert np.abs(seen["models"].mean(axis=0) - seen["mean"]).max() > 0.02


def test_it_is_kept_for_its_score_and_its_folds_alone(made, monkeypatch):
    workspace, competition, folder = made
    found = expected_of_blend(workspace, competition, folder)
    assert kept_expected(folder) == found
    content = json.loads((folder / EXPECTED_FILE).read_text())
    write_text(folder / EXPECTED_FILE, json.dumps({**content, "score": 0.25}))
    assert expected_of_blend(workspace, competition, folder).score == 0.25  # nothing is computed
    write_text(folder / EXPECTED_FILE, json.dumps({**content, "digest": "00000000", "score": 0.25}))
    assert expected_of_blend(workspace, competition, folder) == found
    write_text(folder / EXPECTED_FILE, "[")
    assert kept_expected(folder) is None
    assert expected_of_blend(workspace, competition, folder) == found


def test_every_command_shows_it(made, monkeypatch):
    monkeypatch.setattr(artefacts, "phase_scores", lambda folder: [])  # nothing was trained here
    draw_nothing(monkeypatch)
    workspace, competition, folder = made
    found = expected_of_blend(workspace, competition, folder)
    low, high = found.interval
    line = (
        f"to expect of the test set: {found.score:.4f} (95 %: {low:.4f} to {high:.4f}): "
        "mean of 3 models, 120 test rows"
    )
    assert line in run_cli(workspace, "show", folder.name)
    shown = json.loads(run_cli(workspace, "show", folder.name, "--json"))["expected"]
    assert shown == {**found.to_json(), "interval": [low, high]}
    run = expected_of_run(workspace, competition, workspace.runs / RUN)
    assert f"to expect of the test set: {run.score:.4f}" in run_cli(workspace, "show", RUN)
    assert "expected" in json.loads(run_cli(workspace, "show", RUN, "--json"))
    assert board(workspace, competition).runs[0].expected == run
    assert [one.expected for one in board(workspace, competition).blends] == [found]
    assert f"{run.score:.4f} (" in run_cli(workspace, "board", "--offline")
    assert f"{found.score:.4f} (" in run_cli(workspace, "board", "--offline")
    page = build_report(workspace, competition).read_text()
    assert "Expected test score" in page
    assert f"{found.score:.4f}" in page
    of_runs = page.partition("Runs and their scores")[2].partition("</table>")[0]
    low, high = run.shown_interval
    assert "To expect" in of_runs
    assert f"{low:.4f} – {high:.4f}" in of_runs


def test_what_auto_ends_with_is_the_honest_score_and_what_it_lets_one_expect(made, capsys):
    workspace, competition, folder = made
    print_what_to_expect(workspace, competition, folder)
    honest, expected = capsys.readouterr().out.splitlines()
    blend = next(iter(read_parts(folder).values())).blend
    low, high = blend.honest_interval
    assert honest.startswith(
        f"honest {blend.honest:.4f} (95 % on train rows: {low:.4f} to {high:.4f})"
    )
    assert expected == str(expected_of_blend(workspace, competition, folder))


def test_the_public_part_has_a_wider_interval(made, tmp_path):
    workspace, _, folder = made
    file = workspace.root / "competition.yaml"
    before = file.read_text()
    file.write_text(f"{before}\nkaggle: {{slug: pets, public_share: 0.25}}\n")
    try:
        found = expected_of_blend(workspace, load_competition(workspace.root), folder)
    finally:
        file.write_text(before)
    assert found.n_public == 30
    low, high = found.interval
    low_of_public, high_of_public = found.public_interval
    assert high_of_public - low_of_public > high - low
    shown = f"(95 %: {low_of_public:.4f} to {high_of_public:.4f})"
    assert f"to expect of the public score: {found.score:.4f} {shown}: " in str(found)
    assert str(found).endswith(", 30 of 120 test rows")


def test_one_file_has_one_range_on_all_pages_and_commands(made, tmp_path, monkeypatch):
    """Of a run and of a blend of it alone, on the terminal, the board and the report."""
    monkeypatch.setattr(artefacts, "phase_scores", lambda folder: [])
    draw_nothing(monkeypatch)
    workspace = Workspace(Path(shutil.copytree(made[0].root, tmp_path / "copy")))
    with (workspace.root / "competition.yaml").open("a") as file:
        file.write("\nkaggle: {slug: pets, public_share: 0.25}\n")
    competition = load_competition(workspace.root)
    shutil.rmtree(workspace.blends)
    shutil.rmtree(workspace.submissions, ignore_errors=True)
    alone = blend_runs(workspace, competition, [RUN], method="mean", plain=True)
    found = [
        expected_of_run(workspace, competition, workspace.runs / RUN),
        expected_of_blend(workspace, competition, alone),
    ]
    assert found[0] == found[1]
    low, high = found[0].public_interval
    shown = f"(95 %: {low:.4f} to {high:.4f})"
    for name in (RUN, alone.name):
        assert shown in run_cli(workspace, "show", name)
    printed = run_cli(workspace, "board", "--offline")
    assert printed.count(f"({low:.3f} to {high:.3f})") == 2
    assert "its range (95 %) is of the public score, 30 of 120 test rows" in printed
    page = build_report(workspace, competition).read_text()
    assert "Expected public score" in page
    # Of another share nothing is shown before it is made anew, and of none the whole test set.
    file = workspace.root / "competition.yaml"
    whole, text = found[0].interval, file.read_text()
    file.write_text(text.replace("public_share: 0.25", "public_share: 0.5"))
    assert f"({low:.3f} to {high:.3f})" not in run_cli(workspace, "board", "--offline")
    file.write_text(text.replace(", public_share: 0.25", ""))
    assert f"({whole[0]:.3f} to {whole[1]:.3f})" in run_cli(workspace, "board", "--offline")
    low_of_all, high_of_all = found[0].interval
    assert f"{low:.4f} – {high:.4f}" in page
    assert f"{low_of_all:.4f} – {high_of_all:.4f}" not in page


def test_without_test_predictions_nothing_is_expected(tmp_path):
    workspace, competition = a_workspace(tmp_path, drifts=False)
    add_run(workspace, competition, with_test=False)
    assert expected_of_run(workspace, competition, workspace.runs / RUN) is None
    assert not (workspace.runs / RUN / EXPECTED_FILE).exists()


@pytest.mark.parametrize("match_rates", [False, True])
def test_submit_prints_the_expected_score_beside_the_honest_one(
    made, monkeypatch, tmp_path, match_rates
):
    """Rates that are matched are another decision than the one that is known."""
    workspace, competition, folder = made
    messages: list[str] = []
    monkeypatch.setattr(submitting, "write_blend_file", lambda *_, **__: tmp_path / "file.csv")
    monkeypatch.setattr(submitting, "submit_file", lambda *_, **__: None)
    monkeypatch.setattr(submitting, "open_endpoint", lambda _: nullcontext())
    monkeypatch.setattr(
        submitting, "threshold_rates", lambda *_, **__: [SimpleNamespace(matched=0.5)]
    )
    to = SimpleNamespace(say=messages.append, bar=SILENT.bar)
    submitting.submit(
        workspace, competition, folder.name, match_rates=match_rates, dry_run=True, progress=to
    )
    honest = next(i for i, line in enumerate(messages) if line.startswith("  honest "))
    line = f"  {expected_of_blend(workspace, competition, folder)}"
    assert messages[honest + 1 :] == ([] if match_rates else [line])
    assert line.startswith("  to expect of the test set: ")


def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path):
    """Nothing else opens the folder of a blend to write there, so nothing else would remove it."""
    left = tmp_path / f".{EXPECTED_FILE}.podium-0123abcd-1-1-0123abcd.tmp"
    left.write_text('{"format"')
    two_days_ago = time.time() - 2 * 86400
    os.utime(left, (two_days_ago, two_days_ago))
    write_expected(tmp_path, "facts", SimpleNamespace(to_json=lambda: {"score": 0.5}))
    assert [one.name for one in tmp_path.iterdir()] == [EXPECTED_FILE]
