"""Grad-CAM of labels of every kind: which output is explained, and its map by the linear head.

Behind mean pooling and a linear layer the gradient of a logit is its row of weights at every
pixel, so that the map is known without one: max(0, Σ_f w_f A_f).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from podium.competition.samples import load_samples
from podium.errors import UsageError
from podium.predictions import PredictionSet
from podium.predictions.explanations import read_training_decisions
from podium.training.inference.network import label_probs, load_trained_network
from podium.training.inference.prediction_sets import load_job, views_of
from podium.training.runs.train import train
from podium.workflows.blends.blending import newest_set
from podium.workflows.explaining import ExplainResult, explain, predict_training_rows
from podium.workspace.progress import SILENT

RECIPE = """\
model: {backbone: cnn, pretrained: false, options: {widths: [6, 8]}HEADS}
input: {size: 40, fit: centre_crop}
optimizer: {lr: 1e-3}
batch_size: 6
phases: [{name: all, epochs: 1}]
"""
KINDS = {
    "binary": ("binary", ""),
    "multilabel": ("multilabel", ""),
    "cumulative": ("ordinal", ", heads: {classify: {link: cumulative}}"),
    "classes": ("ordinal", ", heads: {classify: {link: classes}}"),
    "rating": ("ordinal", ", heads: {classify: {link: regression}}"),
    "regression": ("regression", ""),
}


@pytest.fixture(scope="module", params=KINDS)
def looked(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    make_in: Callable[..., Any],
) -> Any:
    """Return the link, the competition, a run's folder and the explanation of each image."""
    kind, heads = KINDS[request.param]
    root = tmp_path_factory.mktemp("labels") / "ws"
    recipe = RECIPE.replace("HEADS", heads)
    workspace, competition = make_in(root, kind=kind, n=12, n_test=1, folds=2, recipe=recipe)
    if kind == "multilabel":  # some have two labels
        table = root / "data/train.csv"
        table.write_text(table.read_text().replace(",1,0,0,g", ",1,0,1,g"))
    run = train(workspace, competition, workspace.recipes / "tiny.yaml").run
    names = [f"{i:04d}" for i in range(12)]
    found = explain(workspace, competition, run, names)
    return request.param, workspace, competition, run, found


def weights_of(head: Any, number: int) -> np.ndarray:
    """Return the weights of a logit, of a number in its unit; of ratings' steps those of all."""
    linear = head.linear
    if hasattr(linear, "score"):
        return np.asarray(len(linear.biases) * linear.score.weight[0].detach().numpy())
    scale = 1.0 if head.units is None else float(head.units.scale[number])
    return np.asarray(scale * linear.weight[number].detach().numpy())


def expected_answers(
    how: str, label: Any, probs: np.ndarray
) -> list[tuple[str, str, float, int, int]]:
    """Return who says it, name, score, logit and sign of what is asked of an image, by hand."""
    colours = ["red", "green", "blue"]
    if how in ("cumulative", "rating", "regression"):
        return [("predicted", "", float(probs[0]), 0, 1)]
    if how == "binary":
        likely, right = int(probs[0] >= 0.5), int(label)
        each = [1 - float(probs[0]), float(probs[0])]
        names, places = ["0", "1"], [(0, -1), (0, 1)]
    else:
        likely, each = int(np.argmax(probs)), [float(one) for one in probs]
        there = np.flatnonzero(label)
        right = int(label) if how == "classes" else int(there[np.argmin(probs[there])])
        names, places = colours, [(0, 1), (1, 1), (2, 1)]
    asked = dict.fromkeys([likely, right])
    of = ["both"] if len(asked) == 1 else ["predicted", "truth"]
    return [(who, names[i], each[i], *places[i]) for who, i in zip(of, asked, strict=True)]


@pytest.mark.other_cases("long", of="quick", every=3)
def test_explained_scores_are_the_predicted_ones_and_maps_those_of_the_linear_layer(
    looked: tuple[str, Any, Any, Any, list[ExplainResult]],
) -> None:
    how, workspace, competition, run, found = looked
    labels = dict(load_samples(competition, "train")[["id", "label"]].itertuples(index=False))
    oof = PredictionSet(newest_set(run)).oof("classify")
    job, n_truths = load_job(workspace, competition, run), 0
    networks = {fold: load_trained_network(job, fold).eval() for fold in (0, 1)}
    for one in found:
        network: Any = networks[one.fold]
        pixels = torch.tensor(one.inside.image).permute(2, 0, 1)[None] / 255
        mean, std = (torch.tensor(part).view(1, -1, 1, 1) for part in (network.mean, network.std))
        with torch.no_grad():
            features = network.features((pixels - mean) / std)
            logits = network.decode(features)["classify"][0].double()
        probs = np.asarray(oof.probs)[oof.ids.index(one.inside.id)]
        if how == "classes":  # what is kept is the rating
            assert probs[0] == pytest.approx(float(logits.softmax(0) @ torch.arange(3.0).double()))
            probs = logits.softmax(0).numpy()
        asked = expected_answers(how, labels[one.inside.id], probs)
        n_truths += len(asked) - 1
        assert [heat[1:3] for heat in one.inside.heats] == [who[:2] for who in asked]
        maps = features.deepest[0].numpy()
        for heat, (_, _, score, number, sign) in zip(one.inside.heats, asked, strict=True):
            assert heat.score == pytest.approx(score, abs=2e-4)
            read = np.tensordot(sign * weights_of(network.heads["classify"], number), maps, axes=1)
            plain = np.maximum(read, 0) / maps[0].size
            assert heat.peak == pytest.approx(plain.max(), rel=1e-3, abs=1e-6)
            if heat.peak > 0:
                shown = heat.map.astype(float)
                np.testing.assert_allclose(shown, plain / plain.max(), atol=2e-3)
    if how in ("binary", "multilabel", "classes"):
        assert n_truths > 0, "some image should be said wrongly"


def test_labels_are_printed_by_name(looked: tuple[str, Any, Any, Any, list[ExplainResult]]) -> None:
    how, _, competition, run, found = looked
    oof = PredictionSet(newest_set(run)).oof("classify")
    for one in found:
        colour = int(one.inside.id) % 3
        name = ["red", "green", "blue"][colour]
        words = {"binary": str(int(colour == 0)), "regression": f"{colour}.5"}
        if how == "multilabel" and colour == 0:
            name = "red, blue"
        assert one.inside.truth == words.get(how, name)
        probs = np.asarray(oof.probs)[oof.ids.index(one.inside.id)]
        if how in ("cumulative", "rating", "regression"):
            assert float(one.inside.predicted) == pytest.approx(float(probs[0]), rel=1e-3, abs=1e-4)
        elif how == "multilabel":
            there = [c for c, p in zip(competition.classes, probs, strict=True) if p >= 0.5]
            assert one.inside.predicted == (", ".join(there) or "none")


def test_without_names_images_are_found_and_a_test_image_has_no_truth(
    looked: tuple[str, Any, Any, Any, list[ExplainResult]],
) -> None:
    _, workspace, competition, run, _ = looked
    assert len(explain(workspace, competition, run)) == 3
    (one,) = explain(workspace, competition, run, ["0012"])
    assert one.inside.truth == ""
    assert {heat.of for heat in one.inside.heats} == {"predicted"}


def test_training_rows_are_decided_as_any_other(
    looked: tuple[str, Any, Any, Any, list[ExplainResult]],
) -> None:
    how, workspace, competition, run, _ = looked
    if how == "regression":
        with pytest.raises(UsageError, match="predicts no classes"):
            predict_training_rows(workspace, competition, run, 4)
        return
    each = predict_training_rows(workspace, competition, run, 4)
    assert [(one.fold, one.training.n, one.unseen.n) for one in each] == [(0, 4, 6), (1, 4, 6)]
    job, samples = load_job(workspace, competition, run), load_samples(competition, "train")
    labels = dict(zip(samples["id"], samples["label"], strict=True))
    for one in each:
        asked = read_training_decisions(run)[one.fold]
        rows = samples[samples["id"].isin(asked.ids)]
        views = views_of(job.recipe, competition)
        probs = label_probs(job, one.fold, rows, views=views, progress=SILENT)
        predicted, true = [], []
        for name, p in zip(rows["id"], probs, strict=True):
            if how == "binary":
                predicted.append([int(p[0] >= 0.5)])
            elif how == "multilabel":
                predicted.append(np.flatnonzero(p >= 0.5).tolist())
            elif how == "classes":
                predicted.append(
                    [int(np.argmax(p))] if len(p) == 3 else [int(np.floor(p[0] + 0.5))]
                )
            else:
                predicted.append([int(np.clip(np.floor(p[0] + 0.5), 0, 2))])
            label = labels[name]
            true.append(np.flatnonzero(label).tolist() if how == "multilabel" else [int(label)])
        assert (asked.ids, asked.classes) == (list(rows["id"]), predicted)
        assert one.training.right == sum(a == b for a, b in zip(predicted, true, strict=True))
