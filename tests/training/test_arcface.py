"""ArcFace is its formula, falls over all angles, and is refused where it would mean nothing."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from podium.errors import RecipeError
from podium.tasks.protocols.find import image_kind
from podium.training.fit.phase_plans import check_parts
from podium.training.losses._loss import LossContext
from podium.training.losses.arcface import LOSS
from podium.training.objective import Objective, build_objective
from podium.training.recipe import Recipe

SCALE, N, C = 30.0, 6, 4
CLASSES = torch.tensor([0, 3, 1, 2, 2, 0])
WEIGHT = torch.tensor([1.0, 0.0, 2.0, 0.5, 1.0, 1.0]).unsqueeze(1)
CLASS_WEIGHTS = torch.tensor([0.5, 1.0, 3.0, 2.0])


def cosines(seed: int = 0) -> torch.Tensor:
    """Return cosines of which the first two true ones lie beyond π - 0.5."""
    found = torch.rand(N, C, generator=torch.Generator().manual_seed(seed)) * 1.8 - 0.9
    found[0, 0], found[1, 3] = -0.95, -0.99
    return found


def loss_context(**changes: Any) -> LossContext:
    return LossContext(image_kind("multiclass"), **{"scale": SCALE, **changes})


def by_hand(
    cosine: list[list[float]], margin: float, w: list[float], v: list[float], e: float
) -> float:
    total = norm = 0.0
    for row, y, weight in zip(cosine, CLASSES.tolist(), w, strict=True):
        theta = math.acos(row[y])
        aim = math.cos(theta + margin)
        if theta > math.pi - margin:
            aim = math.cos(theta) - margin * math.sin(margin)
        z = [SCALE * (aim if c == y else row[c]) for c in range(C)]
        log_sum = math.log(sum(math.exp(one) for one in z))
        for c in range(C):
            share = (1 - e) * (c == y) + e / C
            total += weight * v[c] * share * (log_sum - z[c])
        norm += weight * v[y]
    return total / norm


@pytest.mark.parametrize(
    ("margin", "w", "v", "e"),
    [*itertools.product([0.0, 0.2, 0.5, 1.2], [None, WEIGHT], [None, CLASS_WEIGHTS], [0.0, 0.1])],
)
def test_it_is_its_formula(margin: float, w: Any, v: Any, e: float) -> None:
    cosine = cosines()
    found = LOSS(
        SCALE * cosine,
        CLASSES,
        loss_context(weight=w, class_weights=v, label_smoothing=e),
        margin=margin,
    )
    weights = [1.0] * N if w is None else w.flatten().tolist()
    expected = by_hand(cosine.tolist(), margin, weights, [1.0] * C if v is None else v.tolist(), e)
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_without_a_margin_it_is_the_cross_entropy_and_so_is_its_gradient() -> None:
    one, other = (SCALE * cosines()).requires_grad_(), (SCALE * cosines()).requires_grad_()
    mine, theirs = LOSS(one, CLASSES, loss_context(), margin=0.0), F.cross_entropy(other, CLASSES)
    torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-6)
    mine.backward()
    theirs.backward()
    torch.testing.assert_close(one.grad, other.grad, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("margin", [0.1, 0.5, 1.5])
def test_the_nearer_the_true_class_the_smaller_the_loss_at_every_angle(margin: float) -> None:
    """cos(θ + m) alone rises again beyond π - m: an image would be pushed to the far side."""
    theta = torch.linspace(1e-3, math.pi - 1e-3, 400, dtype=torch.float64)
    values = [
        LOSS(
            torch.tensor([[SCALE * math.cos(one), SCALE]]),
            torch.tensor([0]),
            loss_context(),
            margin=margin,
        ).item()
        for one in theta.tolist()
    ]
    steps = torch.tensor(values, dtype=torch.float64).diff()
    assert (steps > 0).all()


def test_the_margin_raises_the_loss_and_its_gradient_is_finite_everywhere() -> None:
    logits = SCALE * cosines()
    values = [LOSS(logits, CLASSES, loss_context(), margin=m).item() for m in (0.0, 0.2, 0.5)]
    assert values == sorted(values)
    # Cosines of 1 and -1, and what rounding makes beyond them.
    edge = torch.tensor([[SCALE, 0.0], [-SCALE, 0.0], [SCALE * 1.0001, 0], [-SCALE * 1.0001, 0]])
    edge.requires_grad_()
    LOSS(edge, torch.zeros(4, dtype=torch.long), loss_context()).backward()
    assert torch.isfinite(edge.grad).all()
    # What points away from its class is drawn to it as by the cross-entropy.
    torch.testing.assert_close(edge.grad[[1, 3], 0], torch.tensor([-0.25, -0.25]))


def objective(loss: Any, **changes: Any) -> Objective:
    return build_objective(
        {"classify": loss},
        **{"kinds": {"classify": "multiclass"}, "cosine_scale": SCALE, **changes},
    )


def test_the_objective_passes_the_scale_the_smoothing_and_the_targets() -> None:
    target = CLASSES.clone()
    target[2] = -1
    terms = objective(
        {"arcface": {"margin": 0.3, "class_weights": CLASS_WEIGHTS.tolist(), "weight": 2}},
        label_smoothing=0.1,
        n_outputs={"classify": C},
    )({"classify": SCALE * cosines()}, {"classify": target})
    w = [1.0] * N
    w[2] = 0.0
    expected = by_hand(cosines().tolist(), 0.3, w, CLASS_WEIGHTS.tolist(), 0.1)
    assert terms["total"].item() == pytest.approx(2 * expected, rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "changes", "complaint"),
    [
        ({"arcface": 1}, {"cosine_scale": None}, r"takes cosines(?s:.*)cosine: \{\}"),
        ({"arcface": 1}, {"kinds": {"classify": "binary"}}, "does not fit a binary"),
        ({"arcface": 1}, {"kinds": {"classify": "multilabel"}}, "does not fit a multilabel"),
        ({"arcface": 1}, {"kinds": {"classify": "regression"}}, "does not fit a regression"),
        ({"arcface": {"margin": -0.1}}, {}, "margin: .*greater"),
        ({"arcface": {"margin": 1.6}}, {}, "margin: .*less"),
        ({"arcface": {"scale": 30}}, {}, "no option 'scale'"),
    ],
)
def test_what_it_cannot_do_is_refused(loss: Any, changes: Any, complaint: str) -> None:
    with pytest.raises(RecipeError, match=complaint):
        objective(loss, **changes)


def test_masks_and_soft_labels_are_refused() -> None:
    with pytest.raises(RecipeError, match="head of segment"):
        build_objective(
            {"segment": {"arcface": 1}}, kinds={"segment": "multiclass"}, cosine_scale=SCALE
        )
    made = objective({"arcface": 1})
    assert not made.takes_soft_labels
    assert objective({"ce": 1}).takes_soft_labels
    soft = F.one_hot(CLASSES, C).float()
    with pytest.raises(RecipeError, match="between them"):
        made({"classify": SCALE * cosines()}, {"classify": soft})


def test_a_recipe_is_refused_before_data_are_read_where_its_head_has_no_cosines() -> None:
    def recipe(head: dict[str, Any]) -> Recipe:
        return Recipe.model_validate(
            {
                "model": {"backbone": "cnn", "pretrained": False, "heads": {"classify": head}},
                "phases": [{"name": "a", "epochs": 1, "loss": {"classify": {"arcface": 1}}}],
            }
        )

    check_parts(recipe({"cosine": {}}))
    with pytest.raises(RecipeError, match="takes cosines"):
        check_parts(recipe({}))
