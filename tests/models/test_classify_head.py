"""The head of labels: cosines, several dropout masks, and which of its options go together."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.features import Features, FeatureShape
from podium.models.heads.classify import HEAD, Classify, Cosines
from podium.models.spec import ClassifyHead

SHAPE = FeatureShape((8,), (32,), (0,))


def head(n_outputs: int = 3, *, seed: int = 0, **spec: Any) -> Classify:
    torch.manual_seed(seed)
    made = HEAD(SHAPE, n_outputs, ClassifyHead.model_validate(spec))
    assert isinstance(made, Classify)
    return made


def deepest(n: int = 4, *, seed: int = 1) -> Features:
    draw = torch.Generator().manual_seed(seed)
    return Features((torch.rand(n, 8, 2, 3, generator=draw),), (64, 96), (64, 96))


def test_cosines_are_their_formula_whatever_the_lengths() -> None:
    torch.manual_seed(0)
    layer, vectors = Cosines(5, 3, scale=30.0), torch.randn(4, 5)
    found = layer(vectors)
    for i, c in itertools.product(range(4), range(3)):
        x, w = vectors[i].tolist(), layer.weight[c].tolist()
        dot = sum(a * b for a, b in zip(x, w, strict=True))
        lengths = math.sqrt(sum(a * a for a in x)) * math.sqrt(sum(b * b for b in w))
        assert found[i, c].item() == pytest.approx(30 * dot / lengths, rel=1e-5)
    torch.testing.assert_close(layer(vectors * 100), found)
    assert found.abs().max() <= 30


def test_cosines_are_computed_in_full_whatever_the_precision() -> None:
    torch.manual_seed(0)
    layer, vectors = Cosines(64, 5, scale=30.0), torch.randn(16, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = layer(vectors)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, layer(vectors))


def test_an_embedding_is_batch_norm_of_a_linear_layer_of_the_pooled_features() -> None:
    made = head(cosine={"size": 6, "scale": 20})
    weight, norm = made.embedding[0].weight, made.embedding[1]  # type: ignore[index]
    norm.running_mean.copy_(torch.randn(6))
    norm.running_var.copy_(torch.rand(6) + 0.5)
    pooled = deepest().deepest.mean(dim=(2, 3))
    expected = pooled @ weight.T
    expected = (expected - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
    made.eval()
    torch.testing.assert_close(made.embed(deepest()), expected)
    torch.testing.assert_close(made(deepest()), made.linear(made.embed(deepest())))
    bare = head(cosine={"size": None}).eval()
    torch.testing.assert_close(bare.embed(deepest()), pooled)
    assert set(bare.state_dict()) == {"linear.weight"}
    assert bare.linear.weight.shape == (3, 8)


def test_without_these_options_the_head_is_the_one_of_before_to_the_bit() -> None:
    made = head(dropout=0.5).train()
    assert set(made.state_dict()) == {"linear.weight", "linear.bias"}
    torch.manual_seed(0)
    linear, dropout = nn.Linear(8, 3), nn.Dropout(0.5)
    torch.manual_seed(3)
    predicted = made(deepest())
    torch.manual_seed(3)
    assert torch.equal(predicted, linear(dropout(deepest().deepest.mean(dim=(2, 3)))))


@pytest.mark.parametrize("samples", [1, 3])
def test_hidden_layers_stand_between_the_pooled_features_and_the_last_layer(samples: int) -> None:
    made = head(layers=[6, 5], dropout=0.5, dropout_samples=samples)
    shapes = {name: tuple(one.shape) for name, one in made.named_parameters() if one.ndim == 2}
    assert shapes == {"embedding.0.weight": (6, 8), "embedding.2.weight": (5, 6)} | {
        "linear.weight": (3, 5)
    }
    made.eval()
    weights = made.state_dict()
    hidden = deepest().deepest.mean(dim=(2, 3))
    for at in (0, 2):
        hidden = (
            hidden @ weights[f"embedding.{at}.weight"].T + weights[f"embedding.{at}.bias"]
        ).clamp(min=0)
    torch.testing.assert_close(made.embed(deepest()), hidden)
    expected = hidden @ weights["linear.weight"].T + weights["linear.bias"]
    torch.testing.assert_close(made(deepest()), expected)
    if samples > 1:
        torch.testing.assert_close(made.each_sample(deepest())[:, 0], expected)


def test_several_masks_are_drawn_each_by_itself_and_none_in_evaluation() -> None:
    made = head(dropout=0.5, dropout_samples=200)
    plain = head(dropout=0.5)
    many = made.each_sample(deepest())
    assert many.shape == (4, 200, 3)
    assert len({tuple(one) for one in many[0].round(decimals=5).tolist()}) > 100
    exact = plain.eval()(deepest())
    # Dropout keeps the mean, so that of many answers is nearly the one without it.
    assert (many.mean(dim=1) - exact).abs().max() < 0.2
    made.eval()
    assert torch.equal(made(deepest()), exact)
    # The masks of two samples, and of two images, have nothing to do with each other.
    torch.manual_seed(0)
    same = Features((torch.ones(2, 8, 1, 1),), (32, 32), (32, 32))
    both = made.train().each_sample(same)
    assert not torch.equal(both[0], both[1])


def outputs(link: str | None) -> int:
    return {None: 3, "classes": 3, "cumulative": 2, "regression": 1}[link]


POOLS = ["avg", "max", "avgmax", "gem"]
COSINES: list[dict[str, Any] | None] = [None, {}, {"size": None}, {"size": 5, "scale": 10}]
LINKS = [None, "classes", "cumulative", "regression"]


@pytest.mark.parametrize(("pool", "cosine"), [*itertools.product(POOLS, COSINES)])
def test_every_combination_learns_or_is_refused(pool: str, cosine: dict[str, Any] | None) -> None:
    for samples, link in itertools.product([1, 3], LINKS):
        learns_or_is_refused(pool, cosine, samples, link)


def learns_or_is_refused(
    pool: str, cosine: dict[str, Any] | None, samples: int, link: str | None
) -> None:
    spec = {
        "pool": pool,
        "dropout": 0.25,
        "dropout_samples": samples,
        "cosine": cosine,
        "link": link,
    }
    if cosine is not None and link in ("cumulative", "regression"):
        with pytest.raises(ValidationError, match="write link: classes"):
            ClassifyHead.model_validate(spec)
        # As the usual link of an ordinal task comes to a head that names none.
        unasked = ClassifyHead.model_validate({**spec, "link": None})
        with pytest.raises(RecipeError, match=r"trained as ratings(?s:.*)link: classes"):
            HEAD(SHAPE, outputs(link), unasked.model_copy(update={"link": link}))
        return
    made, n = head(outputs(link), **spec), outputs(link)
    before = copy.deepcopy(made.state_dict())
    optimizer = torch.optim.SGD(made.parameters(), lr=0.1)
    logits = made.each_sample(deepest()) if samples > 1 else made(deepest())
    assert logits.shape == ((4, samples, n) if samples > 1 else (4, n))
    (logits - torch.randn(logits.shape)).square().mean().backward()
    optimizer.step()
    learnt = dict(made.named_parameters())
    assert all(not torch.equal(before[name], one) for name, one in learnt.items())
    assert all(torch.isfinite(one).all() for one in learnt.values())
    made.eval()
    baseline = head(n, seed=5, **{**spec, "dropout_samples": 1, "dropout": 0.0}).eval()
    baseline.load_state_dict(made.state_dict())
    predicted: Tensor = made(deepest())
    assert predicted.shape == (4, n)
    assert torch.equal(predicted, baseline(deepest()))
    assert torch.equal(made.embed(deepest()), baseline.embed(deepest()))


def test_cosines_of_a_single_number_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"trained as one number(?s:.*)leave cosine out"):
        head(1, cosine={})


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ({"dropout_samples": 5}, "dropout_samples without dropout"),
        ({"dropout_samples": 0, "dropout": 0.5}, "greater than or equal to 1"),
        ({"cosine": {"scale": 0}}, "greater than 0"),
        ({"cosine": {"size": 0}}, "greater than or equal to 1"),
        ({"cosine": {"margin": 0.5}}, "Extra inputs"),
        ({"layers": [0]}, "greater than or equal to 1"),
        ({"layers": [5], "cosine": {}}, "cosine has a layer of its own"),
        ({"head": "my:head", "layers": [5]}, "give them to your own"),
        ({"head": "my:head", "cosine": {}}, "give them to your own"),
        ({"head": "my:head", "dropout_samples": 2}, "give them to your own"),
    ],
)
def test_impossible_options_are_refused(spec: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        ClassifyHead.model_validate(spec)
