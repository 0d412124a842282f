"""A blend's curves: each point is the score of deciding so, and the blend itself stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import mask_miniatures
import numpy as np
import pytest
import yaml
from import_workspaces import Team, labels, masks

from podium.competition import metrics
from podium.competition.truths.masks import truth_masks
from podium.ensembling import read_blend
from podium.ensembling.predicting import blend_masks
from podium.errors import UsageError
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.store.mask_writing import write_masks
from podium.tuning.curves import CURVES_FILE, most_influential
from podium.workflows.blends.blending import blend_runs, tune_decisions
from podium.workflows.blends.decision_curves import decision_curves
from podium.workspace.atomic import write_bytes, write_text
from podium.workspace.digests import SUMS_FILE
from podium.workspace.records import read_record

METRICS = {
    "binary": "name: f1",
    "multilabel": "name: fbeta, average: samples",
    "ordinal": "name: qwk",
    "multiclass": "name: macro_f1",
}


def of_metric(team: Team, metric: str) -> Team:
    """Return the team, scored by another metric."""
    file = team.root / "competition.yaml"
    kept, _, _ = file.read_text().partition("metric:")
    file.write_text(f"{kept}metric: {{{metric}}}\n")
    return Team(team.root)


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("kind", METRICS)
def test_curves_of_labels_pass_through_the_score_of_the_blend(tmp_path: Path, kind: str) -> None:
    team = of_metric(labels(tmp_path, kind=kind, n=48), METRICS[kind])
    if kind == "ordinal":  # a network's ratings lie among the classes
        predicted = team.probs
        team.probs = lambda seed=0: np.clip(predicted(seed), 0, 2)  # type: ignore[method-assign]
    runs = [team.add_run(f"run{seed}", seed).name for seed in (1, 2)]
    made = blend_runs(team.workspace, team.competition, runs, method="mean", trials=4)
    before = {one.name: one.read_bytes() for one in made.iterdir()}
    curves = decision_curves(team.workspace, team.competition, made)
    blend, _ = read_blend(made)
    assert len(curves) == {"binary": 1, "ordinal": 2}.get(kind, 3)
    assert {one.parameter for one in curves} == {
        "binary": {"threshold"},
        "multilabel": {"threshold"},
        "ordinal": {"cuts"},
        "multiclass": {"class_weights"},
    }[kind]
    for curve in curves:
        assert curve.score_at(curve.chosen) == pytest.approx(blend.optimistic, abs=1e-12)
        assert len(curve.values) == len(curve.scores) == len(curve.standard_errors) <= 400
    after = {one.name: one.read_bytes() for one in made.iterdir()}
    kept = after.pop(CURVES_FILE)
    assert CURVES_FILE.encode() in after.pop(SUMS_FILE)
    del before[SUMS_FILE]
    assert after == before, "a blend does not change because of its curves"
    assert len(kept) < 60_000
    assert blend_runs(team.workspace, team.competition, runs, method="mean", trials=4) == made


def test_the_file_is_read_and_made_again_where_it_is_missing_or_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    team = of_metric(labels(tmp_path, kind="binary"), METRICS["binary"])
    run = team.add_run("run", 1)
    made = tune_decisions(team.workspace, team.competition, run.name, trials=2)
    curves = decision_curves(team.workspace, team.competition, made)
    file = made / CURVES_FILE
    whole = file.read_bytes()
    answer = json.loads(whole)
    assert (answer["format"], answer["metric"], answer["n_scored"]) == (1, "f1", 24)
    (one,) = answer["curves"]
    assert set(one) >= {"parameter", "name", "values", "scores", "standard_errors", "chosen"}
    assert one["plateau"] == list(curves[0].plateau)
    # Read, not made: what stands there is what comes back.
    write_text(file, json.dumps({**answer, "curves": []}))
    assert decision_curves(team.workspace, team.competition, made) == ()
    fewer = json.dumps({**answer, "curves": [{**one, "scores": one["scores"][1:]}]}).encode()
    none = json.dumps({**answer, "curves": ["threshold"]}).encode()
    other = whole.replace(b'"format": 1', b'"format": 99')
    for damaged in (b"", whole[:-20], other, fewer, none):
        write_bytes(file, damaged)
        assert decision_curves(team.workspace, team.competition, made) == curves
        assert file.read_bytes() == whole
    file.unlink()
    file.mkdir()  # as of a workspace that cannot be written to: shown, and not kept
    assert decision_curves(team.workspace, team.competition, made) == curves
    assert "the curves of the decision are not kept: " in caplog.text
    assert str(file) in caplog.text
    file.rmdir()
    file.write_bytes(whole)
    # Labels or metric of another day: the curve would be of another question.
    file.unlink()
    team = of_metric(team, "name: accuracy")
    with pytest.raises(UsageError, match="was tuned for another metric, f1"):
        decision_curves(team.workspace, team.competition, made)
    team = of_metric(team, METRICS["binary"])
    table = tmp_path / "data/train.csv"
    first, *rest = table.read_text().splitlines()
    table.write_text("\n".join([first, rest[0].replace(",0,", ",1,"), *rest[1:]]) + "\n")
    with pytest.raises(UsageError, match="was made of other rows"):
        decision_curves(team.workspace, Team(tmp_path).competition, made)
    assert not file.exists()


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_each_point_of_a_curve_of_masks_is_what_deciding_so_scores(
    tmp_path: Path, kind: str
) -> None:
    team = masks(tmp_path, kind=kind)
    run = team.add_mask_run("run", 1)
    made = tune_decisions(
        team.workspace,
        team.competition,
        run.name,
        trials=1,
        grid=[
            {"threshold": 0.55} if kind == "binary" else {"class_weights": [2.5, 1, 1]},
            {"median": 3},
            {"min_area": 4},
        ],
    )
    (curve,) = decision_curves(team.workspace, team.competition, made)
    rest = [{"median": 3}, {"min_area": 4}]
    blend, sets = read_blend(made)
    probs = blend_masks(blend, sets, "oof")
    right = dict(zip(team.ids, truth_masks(team.competition, team.samples), strict=True))
    truth = [right[one] for one in probs.ids]
    assert curve.chosen == (0.55 if kind == "binary" else 2.5)
    assert curve.score_at(curve.chosen) == pytest.approx(blend.optimistic, abs=1e-12)
    assert len(set(curve.scores)) > 5
    for at in range(0, len(curve.values), 3):
        value = curve.values[at]
        first = {"threshold": value} if kind == "binary" else {"class_weights": [value, 1.0, 1.0]}
        predicted = [one for _, one in decide_masks(probs, [first, *rest], kind)]
        score = metrics.score("mean_dice", truth, predicted, kind=kind)
        assert curve.scores[at] == pytest.approx(score, abs=1e-12)


@pytest.mark.slow
def test_each_class_of_a_multilabel_mask_has_its_curve_with_the_others_held(
    tmp_path: Path,
) -> None:
    made = mask_miniatures.defects(tmp_path / "data", n=12, n_test=4, size=(16, 32))
    spec = {**made.spec, "folds": {"n": 2, "seed": 0}}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    team = Team(tmp_path)
    truth = dict(zip(team.ids, truth_masks(team.competition, team.samples), strict=True))
    run = team.workspace.runs / "run-00000001"
    rng = np.random.default_rng(0)
    for fold in (0, 1):
        ids = [team.ids[int(i)] for i in np.flatnonzero(team.folds == fold)]
        bands = [0.35 * truth[one] + 0.65 * rng.random(truth[one].shape) for one in ids]
        write_masks(
            run / "predictions" / "aabbccdd", "oof", fold, ids=ids, model="m", dtype="float16",
            sizes=[one.shape[:2] for one in bands], bands=[one.astype("f4") for one in bands],
        )  # fmt: skip
    team._record(run, "run", {})
    thresholds, rest = [0.4, 0.55, 0.6, 0.5], [{"min_area": [0, 3, 5, 2]}]
    folder = tune_decisions(
        team.workspace, team.competition, run.name, trials=1,
        grid=[{"threshold": thresholds}, *rest],
    )  # fmt: skip
    blend, sets = read_blend(folder)
    probs = blend_masks(blend, sets, "oof")
    curves = decision_curves(team.workspace, team.competition, folder)
    assert [(one.name, one.chosen) for one in curves] == list(
        zip(team.competition.classes, thresholds, strict=True)
    )
    for c, curve in enumerate(curves):
        assert curve.score_at(curve.chosen) == pytest.approx(blend.optimistic, abs=1e-12)
        for at in (3, 12, 25):
            tried = [*thresholds[:c], curve.values[at], *thresholds[c + 1 :]]
            predicted = decide_masks(probs, [{"threshold": tried}, *rest], "multilabel")
            score = metrics.score(
                "mean_dice",
                [truth[one] for one in probs.ids],
                [one for _, one in predicted],
                kind="multilabel",
                **blend.options,
            )
            assert curve.scores[at] == pytest.approx(score, abs=1e-12)


@pytest.mark.slow
def test_where_nothing_is_decided_by_a_threshold_there_is_no_curve(tmp_path: Path) -> None:
    team = labels(tmp_path / "probs", kind="binary")  # of AUC
    run = team.add_run("run", 1)
    with pytest.raises(UsageError, match="auc scores values as they are"):
        tune_decisions(team.workspace, team.competition, run.name, trials=2)
    made = blend_runs(team.workspace, team.competition, [run.name])
    assert decision_curves(team.workspace, team.competition, made) == ()
    team = masks(tmp_path / "masks")
    run = team.add_mask_run("run", 1)
    grid = [{"hysteresis": {"low": 0.4, "high": 0.6}}]
    made = tune_decisions(team.workspace, team.competition, run.name, trials=1, grid=grid)
    assert decision_curves(team.workspace, team.competition, made) == ()


@pytest.mark.slow
def test_the_raw_maximum_is_another_blend_and_old_ids_stay(tmp_path: Path) -> None:
    team = of_metric(labels(tmp_path, kind="binary", n=60), METRICS["binary"])
    run = team.add_run("run", 1)
    robust = tune_decisions(team.workspace, team.competition, run.name, trials=2)
    raw = tune_decisions(team.workspace, team.competition, run.name, trials=2, raw=True)
    assert raw != robust
    assert read_record(raw).inputs["raw"] is True
    assert "raw" not in read_record(robust).inputs
    inputs = {name: one for name, one in read_record(raw).inputs.items() if name != "raw"}
    assert inputs == read_record(robust).inputs
    assert read_blend(raw)[0].raw
    assert tune_decisions(team.workspace, team.competition, run.name, trials=2, raw=True) == raw
    (curve,) = decision_curves(team.workspace, team.competition, raw)
    assert curve.score_at(curve.chosen) == max(
        np.nan if one is None else one for one in curve.scores
    )


@pytest.mark.slow
def test_the_most_influential_curves_are_those_whose_tuning_gains_most(tmp_path: Path) -> None:
    team = of_metric(labels(tmp_path, kind="multilabel", n=48), "name: macro_f1")
    run = team.add_run("run", 1)
    made = tune_decisions(team.workspace, team.competition, run.name, trials=2)
    curves = decision_curves(team.workspace, team.competition, made)
    assert most_influential(curves, 6) == curves
    gains = sorted((abs(one.gain) for one in curves), reverse=True)
    two = most_influential(curves, 2)
    assert sorted((abs(one.gain) for one in two), reverse=True) == gains[:2]
    assert [one for one in curves if one in two] == list(two)
