"""Ratings: outputs, targets and meaning of each link, and the stored predictions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from podium.errors import RecipeError
from podium.models.features import FeatureShape
from podium.models.heads.classify import Classify, CumulativeLinks, build
from podium.models.spec import ClassifyHead, ModelSpec
from podium.predictions import PredictionSet
from podium.training.objective import build_objective, class_weights_for
from podium.training.ordinal_links import Link, link_of, with_link
from podium.training.runs.record import read_record
from podium.training.runs.train import train

LINKS = ("classes", "regression", "cumulative")
RATINGS = np.array([0, 3, -1, 1], dtype=np.int64)


def objective(link: Link, loss: dict | None = None, **given):
    return build_objective(
        None if loss is None else {"classify": loss},
        kinds={"classify": link.kind},
        n_outputs={"classify": link.n_outputs},
        link=link,
        **given,
    )


def test_the_target_of_a_rating_is_its_class_its_number_or_the_classes_below_it() -> None:
    assert Link("classes", 4).targets(RATINGS).tolist() == [0, 3, -1, 1]
    np.testing.assert_array_equal(Link("regression", 4).targets(RATINGS), [0, 3, np.nan, 1])
    nan = [np.nan] * 3
    np.testing.assert_array_equal(
        Link("cumulative", 4).targets(RATINGS), [[0, 0, 0], [1, 1, 1], nan, [1, 0, 0]]
    )


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=8))
def test_the_sum_over_classes_and_the_sum_over_links_are_one_expectation(
    weights: list[float],
) -> None:
    probs = np.array(weights) / np.sum(weights)
    above = 1 - np.cumsum(probs)[:-1]
    by_class = Link("classes", len(probs)).ratings(torch.tensor(probs[None]))
    by_link = Link("cumulative", len(probs)).ratings(torch.tensor(above[None]))
    assert by_class.item() == pytest.approx(by_link.item(), abs=1e-5)


def test_ratings_stay_between_the_first_and_the_last_class() -> None:
    predicted = Link("regression", 5).ratings(torch.tensor([[-0.7], [2.25], [4.6]]))
    assert predicted.tolist() == [[0.0], [2.25], [4.0]]


def test_the_usual_loss_of_a_link_is_the_formula_in_plain_loops() -> None:
    torch.manual_seed(0)
    logits = {link: torch.randn(4, Link(link, 4).n_outputs) for link in LINKS}
    known = [(row, int(rating)) for row, rating in enumerate(RATINGS) if rating >= 0]
    by_hand = {
        "classes": [-F.log_softmax(logits["classes"][i], 0)[y] for i, y in known],
        "regression": [(logits["regression"][i, 0] - y) ** 2 for i, y in known],
        "cumulative": [
            -F.logsigmoid(z if y > k else -z)
            for i, y in known
            for k, z in enumerate(logits["cumulative"][i])
        ],
    }
    for name in LINKS:
        link = Link(name, 4)
        target = torch.from_numpy(link.targets(RATINGS))
        total = objective(link)({"classify": logits[name]}, {"classify": target})["total"]
        assert total.item() == pytest.approx(float(torch.stack(by_hand[name]).mean()), rel=1e-5)


@pytest.mark.parametrize("name", LINKS)
def test_class_weights_are_one_number_a_class_whatever_the_link(name: str) -> None:
    link, v = Link(name, 4), [1.0, 2.0, 7.0, 5.0]
    torch.manual_seed(1)
    logits = torch.randn(4, link.n_outputs)
    target = torch.from_numpy(link.targets(RATINGS))
    each = [
        objective(link)({"classify": logits[i : i + 1]}, {"classify": target[i : i + 1]})["total"]
        for i in (0, 1, 3)
    ]
    wanted = (1 * each[0] + 5 * each[1] + 2 * each[2]) / 8
    for keys in ({"class_weights": v}, {"loss": {_usual(name): {"class_weights": v}}}):
        found = objective(link, **keys)({"classify": logits}, {"classify": target})["total"]
        assert found.item() == pytest.approx(wanted.item(), rel=1e-5)
    with pytest.raises(RecipeError, match="needs 4 numbers"):
        objective(link, {_usual(name): {"class_weights": [1.0, 2.0, 3.0]}})


def _usual(link: str) -> str:
    return {"classes": "ce", "regression": "mse", "cumulative": "bce"}[link]


def test_balanced_class_weights_of_ratings_are_those_of_classes() -> None:
    labels = np.array([0, 0, 0, 1, 2, 2, -1])
    of = [
        class_weights_for("balanced", labels, kind=kind, n_classes=3)
        for kind in ("ordinal", "multiclass")
    ]
    np.testing.assert_array_equal(of[0], of[1])


def test_a_mixture_of_two_ratings_weighs_between_them() -> None:
    v = torch.tensor([1.0, 3.0, 9.0])
    half = torch.tensor([[1.0, 0.5]])  # half of class 1, half of class 2
    assert Link("cumulative", 3).weigh(half, v).item() == pytest.approx(6.0)
    assert Link("regression", 3).weigh(torch.tensor([[1.5]]), v).item() == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("link", "loss", "fitting"),
    [("cumulative", "ce", "bce"), ("classes", "mse", "ce"), ("regression", "bce", "huber or mse")],
)
def test_a_loss_that_does_not_fit_the_link_names_those_that_do(
    link: str, loss: str, fitting: str
) -> None:
    with pytest.raises(RecipeError, match=f"link: {link}") as caught:
        objective(Link(link, 5), {loss: 1})
    assert fitting in str(caught.value.fix)


def test_the_cumulative_head_has_one_score_and_begins_with_classes_as_frequent_as_each_other() -> (
    None
):
    head = CumulativeLinks(6, 4)
    assert sorted(tuple(p.shape) for p in head.parameters()) == [(1, 6), (4,)]
    assert head.biases.sigmoid().tolist() == pytest.approx([0.8, 0.6, 0.4, 0.2])
    apart = head(torch.randn(3, 6)) - head.biases
    assert torch.allclose(apart, apart[:, :1].expand(3, 4), atol=1e-6)


def test_a_head_is_built_for_its_link_alone() -> None:
    shape = FeatureShape((8,), (4,), (0,))
    for link, last in (("cumulative", CumulativeLinks), ("classes", torch.nn.Linear)):
        head = build(shape, 4, ClassifyHead(link=link))
        assert isinstance(head, Classify)
        assert isinstance(head.linear, last)


def test_a_link_of_labels_that_are_no_ratings_is_refused(make: Callable) -> None:
    _, colours = make()
    spec = ModelSpec.model_validate({"heads": {"classify": {"link": "regression"}}})
    with pytest.raises(RecipeError, match="the labels are multiclass"):
        link_of(spec, colours)
    assert link_of(ModelSpec(), colours) is None
    assert with_link(ModelSpec(), None) == ModelSpec()


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize("link", LINKS)
def test_a_run_of_each_link_stores_one_rating_a_row_and_learns_the_colours(
    make: Callable, link: str
) -> None:
    workspace, competition = make(kind="ordinal", metric="qwk", folds=2)
    change = [f"model.heads.classify.link={link}", "phases[1].epochs=8", "class_weights=balanced"]
    made = train(workspace, competition, workspace.root / "recipes/tiny.yaml", overrides=change)
    (root,) = (made.run / "predictions").iterdir()
    for split in ("oof", "test"):
        for folder in (root / split / "classify").glob("fold-*"):
            assert folder.is_dir()
    oof = PredictionSet(root).oof("classify")
    assert oof.probs.shape == (36, 1)
    assert oof.probs.dtype == np.float32
    assert ((oof.probs >= 0) & (oof.probs <= 2)).all()
    assert read_record(made.run).scores["oof"] > 0.5
