"""A phase that is solved on cached features, beside scikit-learn and the path by images."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression, Ridge
from torch import nn

from podium.competition.spec import load_competition
from podium.errors import RecipeError
from podium.models.network import Network
from podium.predictions import PredictionSet
from podium.predictions.views import ViewSet
from podium.tasks.protocols.find import image_kind
from podium.training.data.augment import build_eval
from podium.training.data.rows import rows_of
from podium.training.data.streams import Normaliser
from podium.training.inference.features import BackboneFeatures
from podium.training.inference.images import EvalImages, predict_batch
from podium.training.inference.network import load_trained_network
from podium.training.inference.prediction_sets import load_job, predict
from podium.training.linear_fit import (
    LinearRows,
    RowSpace,
    choose_strength,
    fit_layer,
    write_layer,
)
from podium.training.methods.linear_probe import (
    chosen_labels,
    confidence_of,
    factor_of,
    parts_of,
)
from podium.training.objective import build_objective
from podium.training.outputs import label_outputs_of
from podium.training.runs.train import train
from podium.workspace.progress import SILENT

PROBE = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}, heads: {classify: {}}}
input: {size: 32, train: none}
batch_size: 8
phases:
  - {name: probe, epochs: 1, freeze: [backbone], method: {name: linear_probe}}
"""


HEAD = "epochs: 4, freeze: [backbone]"


def solved(
    features: NDArray[Any],
    target: NDArray[Any],
    kind: str,
    n_outputs: int,
    strength: float,
    weight: NDArray[Any] | None = None,
    **given: Any,
) -> nn.Linear:
    objective = build_objective(None, kinds={"classify": kind}, **given)

    def loss(logits: torch.Tensor, y: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return objective({"classify": logits}, {"classify": y}, w)["total"]

    layer = nn.Linear(features.shape[1], n_outputs)
    space = RowSpace.of(torch.from_numpy(features).double())
    rows = LinearRows(
        space.coordinates(torch.from_numpy(features).double()),
        torch.from_numpy(target),
        torch.from_numpy(np.ones(len(target)) if weight is None else weight),
    )
    write_layer(layer, fit_layer(layer, rows, loss, strength=strength), space)
    return layer


def blobs(n: int, width: int, n_classes: int, seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n)
    centres = rng.normal(size=(n_classes, width))
    found = 3 + centres[y] + 2 * rng.normal(size=(n, width)) * rng.uniform(0.1, 10, width)
    return found.astype(np.float32), y


def standard(features: NDArray[Any]) -> NDArray[Any]:
    variance = features.var(axis=0)
    return (features - features.mean(axis=0)) / np.sqrt(variance + 0.1 * variance.mean())


@pytest.mark.parametrize("strength", [1e-3, 1e-1, 10])
@pytest.mark.parametrize("width", [7, 90])  # fewer features than rows, and more
def test_of_classes_it_is_scikit_learns_logistic_regression(width: int, strength: float) -> None:
    x, y = blobs(60, width, 3)
    peer = LogisticRegression(C=strength, tol=1e-9, max_iter=10_000).fit(standard(x), y)
    ours = solved(x, y, "multiclass", 3, strength)(torch.from_numpy(x)).softmax(1)
    np.testing.assert_allclose(ours.detach(), peer.predict_proba(standard(x)), atol=2e-3)


def test_class_weights_and_sample_weights_are_scikit_learns() -> None:
    x, y = blobs(80, 6, 2)
    y = ((y == 1) & (np.arange(80) % 3 == 0)).astype(int)
    weight = np.where(np.arange(80) < 40, 1.0, 3.0)
    balance = len(y) / (2 * np.bincount(y))
    peer = LogisticRegression(C=0.1, tol=1e-9, max_iter=10_000)
    peer.fit(standard(x), y, sample_weight=weight)
    ours = solved(x, y.astype(np.float32), "binary", 1, 0.1, weight)
    logits = ours(torch.from_numpy(x)).sigmoid().detach().numpy()[:, 0]
    np.testing.assert_allclose(logits, peer.predict_proba(standard(x))[:, 1], atol=2e-3)
    peer = LogisticRegression(C=0.1, tol=1e-9, max_iter=10_000, class_weight="balanced")
    peer.fit(standard(x), y)
    heavy = solved(x, y, "multiclass", 2, 0.1, class_weights=balance)
    # Two outputs share what one has: their difference is penalised half as much.
    single = LogisticRegression(C=0.2, tol=1e-9, max_iter=10_000, class_weight="balanced")
    single.fit(standard(x), y)
    probs = heavy(torch.from_numpy(x)).softmax(1).detach().numpy()
    np.testing.assert_allclose(probs, single.predict_proba(standard(x)), atol=2e-3)


def test_of_numbers_it_is_ridge_regression() -> None:
    x, _ = blobs(50, 8, 2)
    y = (x @ np.linspace(-1, 1, 8) + np.random.default_rng(1).normal(size=50)).astype(np.float32)
    ours = solved(x, y, "regression", 1, 0.05)(torch.from_numpy(x)).detach().numpy()[:, 0]
    # n · mean (y − ŷ)² + ‖w‖² / (2C) is Ridge's with α = 1 / (2C)
    peer = Ridge(alpha=1 / (2 * 0.05)).fit(standard(x), y).predict(standard(x))
    np.testing.assert_allclose(ours, peer, atol=1e-2 * np.std(y))


def test_features_that_hardly_vary_among_the_rows_do_not_spoil_numbers_of_others() -> None:
    # A ReLU that is nearly dead in 60 images, and alive in some of the others.
    rng = np.random.default_rng(0)
    alive, dead = rng.normal(size=(160, 6)), 1e-4 * rng.normal(size=(160, 90))
    dead[60::5] = rng.uniform(0, 1, size=(20, 90))
    x = np.hstack([alive, dead]).astype(np.float32)
    y = (alive @ np.arange(1, 7) + rng.normal(size=160)).astype(np.float32)
    predicted = solved(x[:60], y[:60], "regression", 1, 0.1)(torch.from_numpy(x[60:]))
    misses = predicted.detach().numpy()[:, 0] - y[60:]
    peer = Ridge(alpha=5).fit(alive[:60], y[:60]).predict(alive[60:]) - y[60:]
    assert np.sqrt(np.mean(misses**2)) < 1.5 * np.sqrt(np.mean(peer**2))


def test_rows_without_a_label_do_not_change_the_probe() -> None:
    x, y = blobs(60, 5, 3)
    hidden = np.where(np.arange(60) % 4 == 0, -1, y)
    there = hidden >= 0
    space = RowSpace.of(torch.from_numpy(x).double())
    objective = build_objective(None, kinds={"classify": "multiclass"})

    def loss(logits: torch.Tensor, t: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return objective({"classify": logits}, {"classify": t}, w)["total"]

    layer, coordinates = nn.Linear(5, 3), space.coordinates(torch.from_numpy(x).double())
    weight = torch.from_numpy(there.astype(np.float64))
    every = LinearRows(coordinates, torch.from_numpy(hidden), weight)
    found = [fit_layer(layer, rows, loss, strength=1.0) for rows in (every, every.subset(there))]
    torch.testing.assert_close(found[0]["weight"], found[1]["weight"], atol=1e-3, rtol=0)


@pytest.mark.slow
def test_strong_regularisation_is_chosen_for_noise_and_weak_for_clear_classes() -> None:
    objective = build_objective(None, kinds={"classify": "multiclass"})

    def loss(logits: torch.Tensor, t: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return objective({"classify": logits}, {"classify": t}, w)["total"]

    rng, found = np.random.default_rng(0), {}
    for name, n, noise in (("noise", 60, 1e3), ("clear", 400, 0.3)):
        y = rng.integers(3, size=n)
        x = np.eye(3)[y].repeat(4, axis=1) + noise * rng.normal(size=(n, 12))
        space = RowSpace.of(torch.from_numpy(x))
        weight = torch.ones(n, dtype=torch.float64)
        rows = LinearRows(space.coordinates(torch.from_numpy(x)), torch.from_numpy(y), weight)
        parts = parts_of(y, np.arange(n), 5, np.random.default_rng(0))
        found[name] = choose_strength(nn.Linear(12, 3), rows, loss, parts)
    assert found["noise"].strength <= 1e-2 or found["noise"].scale < 0.1
    sizes = {name: one.strength * one.scale for name, one in found.items()}
    assert sizes["clear"] > 10 * sizes["noise"]


def test_groups_stay_together_and_classes_are_spread() -> None:
    rng = np.random.default_rng(0)
    groups = np.arange(120) // 2
    y = np.repeat(rng.integers(4, size=60), 2)
    parts = parts_of(y, groups, 5, rng)
    assert (parts[::2] == parts[1::2]).all()
    counts = np.array([np.bincount(y[parts == part], minlength=4) for part in range(5)])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 2).all()
    assert parts_of(np.array([3.0, 1.0]), np.array([0, 0]), 5, rng).tolist() == [0, 0]


def test_of_each_class_the_most_confident_are_labelled() -> None:
    probs = torch.tensor([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.45, 0.55], [0.2, 0.8]])
    classes = torch.tensor([0, 0, 0, 1, 1, -1])  # 60 % and 40 %
    found = chosen_labels(probs, classes, is_exclusive=True, share=0.5)
    assert found.tolist() == [0, -1, 0, -1, 1]  # 1.5 and 1 of five, rounded up
    answers = torch.tensor([[0.0], [0.0], [0.0], [1.0], [torch.nan]])
    found = chosen_labels(probs[:, 1:], answers, is_exclusive=False, share=0.5)
    assert found[:, 0].nan_to_num(-1).tolist() == [0, -1, 0, -1, 1]  # 1.9 and 0.6 of five


def recipe_of(make: Callable, text: str = PROBE, **options: Any) -> Any:
    return make(recipe=text, **options)


def run_of(made: Any, *overrides: str, **options: Any) -> Any:
    workspace, competition = made
    file = workspace.recipes / "tiny.yaml"
    return train(workspace, competition, file, overrides=overrides, **options)


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize(
    "kind",
    [
        "multiclass",
        "regression",
        "ordinal",
        pytest.param("binary", marks=pytest.mark.long),
        pytest.param("multilabel", marks=pytest.mark.long),
    ],
)
def test_a_probe_learns_and_its_checkpoint_predicts_as_from_images(
    make: Callable, kind: str
) -> None:
    metric = "rmse" if kind == "ordinal" else None
    made = recipe_of(make, kind=kind, **({"metric": "qwk"} if metric else {}))
    trained = run_of(made)
    assert trained.missing == ()
    oof = PredictionSet(next((trained.run / "predictions").iterdir())).oof()
    job = load_job(*made, trained.run)
    for fold in job.data.fold_numbers:
        _, valid = job.data.rows(fold)
        network = load_trained_network(job, fold).eval()
        expected = by_images(job, network, valid)
        rows = [list(oof.ids).index(job.data.samples["id"].iloc[i]) for i in valid]
        np.testing.assert_allclose(np.asarray(oof.probs)[rows], expected, atol=1e-5)
    if kind == "multiclass":
        assert trained.scores["oof"] > 0.8


def by_images(job: Any, network: Network, valid: NDArray[np.int64]) -> NDArray[Any]:
    """Return predictions that no feature was kept for, from the fold's images."""
    rows = rows_of(job, job.data.samples.iloc[valid], SILENT, answers=False)
    view = build_eval(job.recipe.input, job.competition.pixels)
    made = []
    for batch in EvalImages(rows, view, batch_size=5):
        images = Normaliser(network.mean, network.std)(batch)
        probs = predict_batch(network, images, job.kinds, views=ViewSet(), tasks=["classify"])
        value = probs["classify"]
        link = job.link
        stored = label_outputs_of(job.kinds["classify"]).stored(value) if link is None else None
        made.append(link.ratings(value) if stored is None else stored)
    return torch.cat(made).numpy()


def counted_images(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of images in each batch that a backbone sees."""
    seen: list[int] = []
    read = Network.features

    def counted(self: Network, images: torch.Tensor) -> Any:
        if images.ndim > 2:
            seen.append(len(images))
        return read(self, images)

    monkeypatch.setattr(Network, "features", counted)
    return seen


@pytest.mark.slow
def test_each_image_passes_the_backbone_once_a_view_for_all_folds(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = counted_images(monkeypatch)
    made = recipe_of(make)
    run_of(made, "phases[0].method.views=[hflip]", "predict.tta=[hflip]")
    # In two views and full batches of 8: 24 rows to learn from, the other 12, 6 of the test set.
    # The network is drawn, and its layers measured, on two images each.
    assert sum(n for n in seen if n > 2) == 2 * (24 + 16 + 8)
    seen.clear()
    run_of(made, "phases[0].method.strength=0.01")  # another run on the same features
    assert all(n <= 2 for n in seen)


@pytest.mark.slow
@pytest.mark.long
def test_predictions_in_views_are_those_of_images(make: Callable, tmp_path: Path) -> None:
    made = recipe_of(make)
    trained = run_of(made)
    for mean in ("mean", "geometric", "max", "logits"):
        views = ["hflip", "scale:1.25"]
        kept = PredictionSet(predict(*made, trained.run, tta=views, tta_mean=mean)).oof().probs
        for one in (trained.run / "predictions").iterdir():
            shutil.rmtree(one)
        features = made[0].cache / "features"
        features.rename(tmp_path / f"away-{mean}")
        fresh = PredictionSet(predict(*made, trained.run, tta=views, tta_mean=mean)).oof().probs
        assert not features.exists()  # of a network whose features nobody keeps none is made
        (tmp_path / f"away-{mean}").rename(features)
        np.testing.assert_allclose(kept, fresh, atol=1e-5)


@pytest.mark.slow
def test_a_damaged_cache_changes_nothing(make: Callable) -> None:
    made = recipe_of(make)
    first = run_of(made)
    shards = list((made[0].cache / "features").rglob("*.features"))
    for number, shard in enumerate(shards):
        whole = bytearray(shard.read_bytes())
        whole[-5] ^= 0x7F
        shard.write_bytes(whole[:-9] if number % 2 else bytes(whole))
    again = run_of(made, again=1)
    oofs = [
        np.asarray(PredictionSet(next((one.run / "predictions").iterdir())).oof().probs)
        for one in (first, again)
    ]
    np.testing.assert_allclose(*oofs, atol=1e-6)


@pytest.mark.slow
def test_labels_without_signal_stay_at_chance(make: Callable) -> None:
    made = recipe_of(make, n=90)
    table = made[0].root / "data/train.csv"
    frame = pd.read_csv(table, dtype=str)
    frame["label"] = np.random.default_rng(3).permutation(frame["label"])
    frame.to_csv(table, index=False)
    score = run_of(made, "phases[0].method.views=[hflip]").scores["oof"]
    assert 0.15 < score < 0.52  # a third, and three standard errors


def test_self_training_learns_from_images_without_labels(make: Callable) -> None:
    made = recipe_of(make)
    root = made[0].root
    rng = np.random.default_rng(9)
    (root / "data/more").mkdir()
    for i in range(30):
        image = rng.integers(0, 120, (40, 36, 3)).astype(np.uint8)
        image[..., i % 3] += 60
        Image.fromarray(image).save(root / f"data/more/{i:04d}.png")
    spec = (root / "competition.yaml").read_text()
    more = "  unlabelled: {images: 'data/more/*.png'}\n"
    (root / "competition.yaml").write_text(spec.replace("folds:", f"{more}folds:", 1))
    found = run_of((made[0], load_competition(root)), "phases[0].method.rounds=3", folds=[0])
    lines = (found.run / "fold-0/metrics.csv").read_text().splitlines()
    row = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert 20 <= float(row["pseudo_n"]) <= 26  # four fifths of the images of each class
    assert found.scores["folds"]["0"] > 0.8
    facts = json.loads((found.run / "fold-0/done.json").read_text())
    assert facts["pools"]["unlabelled"] == 30 + 24  # and the fold's own, which keep their labels


def test_a_layer_gets_the_factor_by_which_it_is_as_sure_as_another() -> None:
    kind, sides = image_kind("binary"), torch.tensor([[1.0], [-1.0], [1.0]])
    # Three logits of ±1: sigmoid(f) = 0.9 where f = ln 9.
    found = factor_of(lambda f: confidence_of((f * sides).sigmoid(), kind), 0.9)
    assert found == pytest.approx(np.log(9))
    classes = image_kind("multiclass")
    assert confidence_of(torch.tensor([[0.2, 0.8], [0.6, 0.4]]), classes) == pytest.approx(0.7)


def test_self_training_without_other_images_is_refused(make: Callable) -> None:
    with pytest.raises(RecipeError, match="every image has a label already"):
        run_of(recipe_of(make), "phases[0].method.rounds=2")


@pytest.fixture(scope="module")
def unsolved(tmp_path_factory: pytest.TempPathFactory, make_in: Callable) -> Any:
    """Return a workspace in which nothing is solved."""
    return make_in(tmp_path_factory.mktemp("unsolved") / "ws", recipe=PROBE)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("phases[0].freeze=[]",), "features that stay"),
        (("phases[0].epochs=3",), "solved at once"),
        (("phases[0].steps_per_epoch=3",), "solved at once"),
        (("sampling=balanced",), "draws no samples"),
        (("mix={mixup: 0.2}",), "mixes no images"),
        (("model.heads.classify.cosine={}",), "linear layer"),
        (("phases[0].method.strength=0",), "above 0"),
        (("phases[0].method.views=[hflop]",), "no view 'hflop'"),
    ],
)
def test_what_a_solution_cannot_have_is_refused(
    unsolved: Any, overrides: tuple[str, ...], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        run_of(unsolved, *overrides)


def test_a_probe_before_fine_tuning_and_an_averaged_network(make: Callable) -> None:
    text = PROBE + "  - {name: whole, epochs: 1}\nema_decay: 0.9\n"
    found = run_of(recipe_of(make, text), "optimizer.lr=1e-4", folds=[0])
    lines = (found.run / "fold-0/metrics.csv").read_text().splitlines()
    rows = pd.read_csv(found.run / "fold-0/metrics.csv")
    assert len(lines) == 3
    # The averaged network predicts, and has the solution from the start.
    assert rows["accuracy"].min() > 0.6


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("train", ["none", "weak"])
def test_a_frozen_phase_by_steps_ends_as_without_kept_features(
    make: Callable, monkeypatch: pytest.MonkeyPatch, train: str
) -> None:
    text = PROBE.replace("epochs: 1, freeze: [backbone], method: {name: linear_probe}", HEAD)
    seen = counted_images(monkeypatch)
    found, passes = [], []
    for number, suits in enumerate((True, False)):
        if not suits:
            monkeypatch.setattr(BackboneFeatures, "suit", staticmethod(lambda *_: False))
        seen.clear()
        made = make(f"ws{number}", recipe=text)
        run = run_of(made, f"input.train={train}", folds=[0]).run
        passes.append(sum(seen))
        state = torch.load(run / "fold-0/last.pt", weights_only=True)["network"]
        oof = PredictionSet(next((run / "predictions").iterdir())).fold("oof", "classify", 0)
        found.append((state["heads.classify.linear.weight"], np.asarray(oof.probs())))
    torch.testing.assert_close(found[0][0], found[1][0], atol=1e-4, rtol=1e-3)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-4)
    # 24 rows to learn from in 4 epochs, 12 to validate on at 5 times, 6 to test, in batches of 8.
    assert passes[0] < passes[1] - (100 if train == "none" else 40)
