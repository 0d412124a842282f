"""From images to a file where breasts are scored, and where labels are ratings."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from inkless_pages import draw_nothing
from PIL import Image
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from podium.competition import load_competition, metrics
from podium.competition.folds.file import read_folds
from podium.competition.samples import load_samples
from podium.ensembling import read_blend
from podium.errors import DataError, RunError
from podium.predictions import PredictionSet
from podium.predictions.decisions.labels import decide
from podium.reporting import build_report
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs, newest_set
from podium.workflows.importing import ImportTarget, import_files
from podium.workflows.submission.submitting import write_blend_file
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

RECIPE = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8]}}
input: {size: 16, train: none}
optimizer: {name: adamw, lr: 1e-2}
batch_size: 8
phases: [{name: all, epochs: 3}]
"""
UNITS = """\
name: breasts
tasks: {classify: binary}
data:
  train: {table: data/train.csv, id: image_id, images: "data/i/{image_id}.png", label: cancer,
    unit: "{patient}_{side}"}
  test: {table: data/test.csv, id: image_id, images: "data/i/{image_id}.png",
    unit: "{patient}_{side}"}
units: {aggregate: AGGREGATE}
folds: {scheme: stratified, n: 2, seed: 1}
metric: {name: METRIC}
submission: {value: prob, columns: {prediction_id: id, cancer: value}}
"""
RATINGS = """\
name: eyes
tasks: {classify: ordinal}
classes: ["0", "1", "2", "3"]
data:
  train: {table: data/train.csv, id: id_code, images: "data/i/{id_code}.png", label: diagnosis}
  test: {table: data/test.csv, id: id_code, images: "data/i/{id_code}.png"}
folds: {scheme: stratified, n: 2, seed: 1}
metric: {name: qwk}
submission: {value: label, columns: {id_code: id, diagnosis: value}}
"""


def save(path: Path, brightness: float, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = rng.integers(0, 60, (20, 20, 3)) + brightness + rng.normal(0, 20)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)


def table(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def breasts(root: Path, aggregate: str = "noisy_or", metric: str = "auc") -> None:
    """Two to three images of each breast, of which one of the sick shows it."""
    rng = np.random.default_rng(0)
    rows: dict[str, list[list[str]]] = {"train": [], "test": []}
    for patient in range(24):
        for side in "LR":
            sick = (patient + (side == "R")) % 3 == 0
            part = "train" if patient < 16 else "test"
            for view in range(2 + patient % 2):
                name = f"{patient:02d}{side}{view}"
                save(root / f"data/i/{name}.png", 90 if sick and view == 0 else 55, rng)
                rows[part].append([name, f"P{patient:02d}", side, str(int(sick))])
    header = ["image_id", "patient", "side", "cancer"]
    rng.shuffle(rows["train"])
    table(root / "data/train.csv", header, rows["train"])
    table(root / "data/test.csv", header[:3], [row[:3] for row in rows["test"]])
    text = UNITS.replace("AGGREGATE", aggregate).replace("METRIC", metric)
    (root / "competition.yaml").write_text(text)


def start(root: Path) -> tuple[Workspace, Path]:
    (root / "recipes").mkdir()
    (root / "recipes/tiny.yaml").write_text(RECIPE)
    return Workspace(root), root / "recipes/tiny.yaml"


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize(
    "aggregate",
    ["mean", *(pytest.param(one, marks=pytest.mark.slow) for one in ("max", "noisy_or"))],
)
def test_breasts_are_scored_blended_and_written_as_their_images_give(
    tmp_path: Path, aggregate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    breasts(tmp_path, aggregate)
    workspace, recipe = start(tmp_path)
    competition = load_competition(tmp_path)
    run = train(workspace, competition, recipe).run
    blend, sets = read_blend(folder := blend_runs(workspace, competition, trials=2))

    # By hand: the stored rows are of images, and pandas makes breasts of them.
    samples = load_samples(competition, "train")
    folds = read_folds(workspace, competition, samples)
    oof = PredictionSet(sets[0]).oof("classify")
    assert len(oof.ids) == len(samples)
    by_id = dict(zip(oof.ids, oof.probs[:, 0].astype(float), strict=True))
    rows = pd.read_csv(tmp_path / "data/train.csv", dtype=str)
    rows["p"], rows["fold"] = [by_id[one] for one in rows["image_id"]], folds
    how = {"noisy_or": lambda p: 1 - np.prod(1 - p)}.get(aggregate, aggregate)
    by_breast = rows.groupby(["patient", "side"]).agg(
        p=("p", how), truth=("cancer", "first"), folds=("fold", "nunique"), fold=("fold", "first")
    )
    assert (by_breast["folds"] == 1).all()
    truth = by_breast["truth"].astype(int)
    auc = roc_auc_score(truth, by_breast["p"].astype(np.float32))
    of_images = roc_auc_score(rows["cancer"].astype(int), rows["p"])
    assert 0.5 < auc < 1
    assert auc != pytest.approx(of_images, abs=1e-3)
    assert blend.honest == pytest.approx(auc, abs=1e-9)
    assert blend.n_scored == len(by_breast) == 32
    assert blend.aggregate == aggregate
    record = read_record(run)
    assert record.scores["oof"] == pytest.approx(auc, abs=1e-9)
    assert record.scores["scored_rows"] == record.scores["rows"] == 32
    for fold, of_fold in by_breast.groupby("fold"):
        wanted = roc_auc_score(of_fold["truth"].astype(int), of_fold["p"].astype(np.float32))
        assert record.scores["folds"][str(fold)] == pytest.approx(wanted, abs=1e-9)
        # What the loop itself said after its last epoch is of breasts, too.
        stages = record.details["folds"][str(fold)]["stages"]
        assert stages[-1]["scores"]["auc"] == pytest.approx(wanted, abs=0.02)

    written = pd.read_csv(write_blend_file(workspace, competition, folder))
    test = pd.read_csv(tmp_path / "data/test.csv", dtype=str)
    ids, probs = PredictionSet(sets[0]).mean("test", "classify")
    test["p"] = pd.Series(probs[:, 0].astype(float), index=ids).loc[test["image_id"]].to_numpy()
    wanted = test.groupby(["patient", "side"])["p"].agg(how)
    assert list(written["prediction_id"]) == [f"{a}_{b}" for a, b in wanted.index]
    np.testing.assert_allclose(written["cancer"], wanted, rtol=1e-6)
    draw_nothing(monkeypatch)
    assert build_report(workspace, competition).is_file()


def test_imported_rows_of_units_are_the_values_of_their_images(tmp_path: Path) -> None:
    breasts(tmp_path, "mean")
    competition = load_competition(tmp_path)
    home = ImportTarget.of(Workspace(tmp_path), competition)
    units = pd.Series([str(one) for one in home.train["unit"]], home.train_ids)
    value = {one: number / 50 for number, one in enumerate(dict.fromkeys(units))}
    given = pd.DataFrame({"prediction_id": list(value), "cancer": list(value.values())})
    given.sample(frac=1, random_state=0).to_csv(tmp_path / "oof.csv", index=False)
    pd.Series(home.folds, home.train_ids, name="fold").to_csv(tmp_path / "of.csv", index_label="id")
    folder = import_files(home, [tmp_path / "oof.csv"], folds_file=tmp_path / "of.csv")
    [root] = (folder / "predictions").iterdir()
    oof = PredictionSet(root).oof("classify")
    assert sorted(oof.ids) == sorted(home.train_ids)
    np.testing.assert_allclose(oof.probs[:, 0], [value[units[one]] for one in oof.ids], rtol=1e-6)
    truth = pd.Series(home.train["label"].astype(int).to_numpy(), units).groupby(level=0).first()
    assert read_record(folder).scores["oof"] == pytest.approx(
        roc_auc_score(truth, [value[one] for one in truth.index])
    )
    breasts(tmp_path / "or", "noisy_or")
    home = ImportTarget.of(Workspace(tmp_path / "or"), load_competition(tmp_path / "or"))
    with pytest.raises(DataError, match="predictions are by image, and these are of units"):
        import_files(home, [tmp_path / "oof.csv"])


@pytest.mark.slow
def test_decisions_of_breasts_are_tuned_on_breasts(tmp_path: Path) -> None:
    breasts(tmp_path, "mean", "f1")
    workspace, recipe = start(tmp_path)
    competition = load_competition(tmp_path)
    train(workspace, competition, recipe)
    blend, sets = read_blend(blend_runs(workspace, competition, trials=2))
    oof = PredictionSet(sets[0]).oof("classify")
    samples = load_samples(competition, "train").set_index("id").loc[oof.ids]
    frame = pd.DataFrame({"unit": samples["unit"].to_numpy(), "p": oof.probs[:, 0].astype(float)})
    predicted = frame.groupby("unit")["p"].mean().astype(np.float32)
    truth = samples.groupby("unit")["label"].first().astype(int)
    decided = decide(predicted.to_numpy(), list(blend.decision), "binary")
    assert blend.optimistic == pytest.approx(metrics.score("f1", truth.to_numpy(), decided))


@pytest.mark.slow
def test_a_blend_of_images_is_no_blend_of_units(tmp_path: Path) -> None:
    breasts(tmp_path)
    workspace, recipe = start(tmp_path)
    of_units = load_competition(tmp_path)
    train(workspace, of_units, recipe)
    blend = blend_runs(workspace, of_units, trials=2)
    text = (
        (tmp_path / "competition.yaml").read_text().replace(',\n    unit: "{patient}_{side}"', "")
    )
    (tmp_path / "competition.yaml").write_text(text.replace("units: {aggregate: noisy_or}\n", ""))
    with pytest.raises(RunError, match="made for units, and images are scored"):
        write_blend_file(workspace, load_competition(tmp_path), blend)


@pytest.mark.slow
def test_another_aggregate_is_another_blend_and_another_score_of_the_same_run(
    tmp_path: Path,
) -> None:
    breasts(tmp_path, "mean", "log_loss")
    workspace, recipe = start(tmp_path)
    run = train(workspace, load_competition(tmp_path), recipe).run
    blends = {blend_runs(workspace, load_competition(tmp_path), trials=2).name}
    first = read_record(run).scores["oof"]
    text = (tmp_path / "competition.yaml").read_text().replace("mean", "max")
    (tmp_path / "competition.yaml").write_text(text)
    assert train(workspace, load_competition(tmp_path), recipe).run == run
    blends.add(blend_runs(workspace, load_competition(tmp_path), trials=2).name)
    assert len(blends) == 2
    assert read_record(run).scores["oof"] != first


def test_labels_that_differ_within_a_breast_are_refused_before_training(
    tmp_path: Path,
) -> None:
    breasts(tmp_path)
    file = tmp_path / "data/train.csv"
    lines = file.read_text().splitlines()
    torn = next(i for i, line in enumerate(lines) if line.endswith(",0"))
    lines[torn] = lines[torn][:-1] + "1"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"different labels: 'P\d\d_"):
        load_samples(load_competition(tmp_path), "train")


@pytest.mark.slow
def test_ratings_go_from_images_to_a_file_of_classes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ratings = rng.choice(4, 60, p=[0.55, 0.2, 0.15, 0.1])
    ratings[:4] = range(4)
    names = [f"e{i:02d}" for i in range(70)]
    for name, rating in zip(names, [*ratings, *[0] * 10], strict=True):
        save(tmp_path / f"data/i/{name}.png", 40 * rating, rng)
    rows = [[name, str(rating)] for name, rating in zip(names[:60], ratings, strict=True)]
    table(tmp_path / "data/train.csv", ["id_code", "diagnosis"], rows)
    table(tmp_path / "data/test.csv", ["id_code"], [[name] for name in names[60:]])
    (tmp_path / "competition.yaml").write_text(RATINGS)
    workspace, recipe = start(tmp_path)
    competition = load_competition(tmp_path)
    run = train(workspace, competition, recipe).run
    folder = blend_runs(workspace, competition, trials=2)
    blend, sets = read_blend(folder)
    assert sets == [newest_set(run).resolve()]
    oof = PredictionSet(sets[0]).oof("classify")
    truth = load_samples(competition, "train").set_index("id")["label"].loc[oof.ids].astype(int)
    decided = decide(oof.probs, list(blend.decision), "ordinal")
    assert blend.optimistic == pytest.approx(cohen_kappa_score(truth, decided, weights="quadratic"))
    written = pd.read_csv(write_blend_file(workspace, competition, folder))
    ids, predicted = PredictionSet(sets[0]).mean("test", "classify")
    assert list(written["id_code"]) == ids
    assert list(written["diagnosis"]) == list(decide(predicted, list(blend.decision), "ordinal"))
    page = build_report(workspace, competition).read_text()
    assert "Predicted against actual" in page
    assert "Confusion" in page
