"""The objective of masks: unknown pixels, missing masks, weights of heads and of classes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from podium.errors import RecipeError
from podium.tasks.protocols.find import pixel_kind
from podium.training.losses import dice
from podium.training.losses._loss import LossContext
from podium.training.objective import build_objective

N, C, H, W = 2, 3, 4, 5
BOTH = {"classify": "multiclass", "segment": "multiclass"}
torch.manual_seed(0)
LOGITS = {"classify": torch.randn(N, 4), "segment": torch.randn(N, C, H, W)}
MASKS = torch.randint(0, C, (N, H, W))
TARGETS = {"classify": torch.tensor([3, 0]), "segment": MASKS}


def total(loss: Any, target: Tensor, weight: Tensor | None = None, **options: Any) -> Tensor:
    objective = build_objective({"segment": loss}, kinds={"segment": "multiclass"}, **options)
    return objective({"segment": LOGITS["segment"]}, {"segment": target}, weight)["total"]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("multiclass", ["segment/ce", "segment/dice"]),
        ("binary", ["segment/bce", "segment/dice"]),
        ("multilabel", ["segment/bce", "segment/dice"]),
    ],
)
def test_without_a_loss_masks_get_cross_entropy_and_dice(kind: str, names: list[str]) -> None:
    assert build_objective(None, kinds={"segment": kind}).names == names
    assert list(pixel_kind(kind).usual_loss.values()) == [1, 1]


def test_both_heads_add_up_and_a_heads_weight_multiplies_all_its_terms() -> None:
    loss = {"classify": {"ce": 1}, "segment": {"ce": 0.5, "dice": 2, "weight": 0.3}}
    objective = build_objective(loss, kinds=BOTH)
    terms = objective(LOGITS, TARGETS)
    assert objective.names == ["classify/ce", "segment/ce", "segment/dice"]
    assert objective.tasks == ("classify", "segment")
    ce = F.cross_entropy(LOGITS["segment"], MASKS)
    overlap = dice.LOSS(LOGITS["segment"], MASKS, LossContext(pixel_kind("multiclass")))
    torch.testing.assert_close(terms["segment/ce"], 0.15 * ce)
    torch.testing.assert_close(terms["segment/dice"], 0.6 * overlap)
    labels = F.cross_entropy(LOGITS["classify"], TARGETS["classify"])
    torch.testing.assert_close(terms["total"], labels + 0.15 * ce + 0.6 * overlap)


def test_a_heads_weight_alone_multiplies_its_usual_losses() -> None:
    plain = build_objective(None, kinds=BOTH)(LOGITS, TARGETS)
    halved = build_objective({"classify": {}, "segment": {"weight": 0.5}}, kinds=BOTH)
    expected = plain["classify/ce"] + 0.5 * (plain["segment/ce"] + plain["segment/dice"])
    torch.testing.assert_close(halved(LOGITS, TARGETS)["total"], expected)


@pytest.mark.parametrize("loss", [{"ce": 1}, {"dice": 1}, {"focal": 1}, {"lovasz": 1}])
def test_missing_masks_and_unknown_pixels_count_for_nothing(loss: dict[str, float]) -> None:
    target = MASKS.clone()
    target[0] = -1
    target[1, :, 3:] = -1
    logits = LOGITS["segment"].clone().requires_grad_()
    objective = build_objective({"segment": loss}, kinds={"segment": "multiclass"})
    value = objective({"segment": logits}, {"segment": target})["total"]
    value.backward()
    rest = objective({"segment": LOGITS["segment"][1:, :, :, :3]}, {"segment": target[1:, :, :3]})[
        "total"
    ]
    torch.testing.assert_close(value, rest)
    assert logits.grad is not None
    assert logits.grad[0].abs().sum() == 0
    assert logits.grad[1, :, :, 3:].abs().sum() == 0
    assert logits.grad[1, :, :, :3].abs().sum() > 0


@pytest.mark.parametrize("name", ["bce", "dice", "jaccard", "tversky", "focal", "lovasz"])
def test_a_class_of_a_multilabel_mask_may_be_missing_alone(name: str) -> None:
    target = (torch.rand(N, C, H, W) < 0.5).float()
    target[:, 1] = math.nan
    objective = build_objective({"segment": {name: 1}}, kinds={"segment": "multilabel"})
    value = objective({"segment": LOGITS["segment"]}, {"segment": target})["total"]
    others = [0, 2]
    rest = objective({"segment": LOGITS["segment"][:, others]}, {"segment": target[:, others]})
    torch.testing.assert_close(value, rest["total"])


def test_a_binary_mask_may_come_with_or_without_its_channel() -> None:
    target = (torch.rand(N, 1, H, W) < 0.5).float()
    target[0, 0, 2] = math.nan
    objective = build_objective(None, kinds={"segment": "binary"})
    logits = {"segment": LOGITS["segment"][:, :1]}
    values = [objective(logits, {"segment": t})["total"] for t in (target, target[:, 0])]
    torch.testing.assert_close(values[0], values[1])
    assert torch.isfinite(values[0])


def test_a_label_without_a_mask_trains_the_label_and_the_reverse() -> None:
    logits = {task: z.clone().requires_grad_() for task, z in LOGITS.items()}
    targets = {"classify": torch.tensor([3, -1]), "segment": MASKS.clone()}
    targets["segment"][0] = -1
    build_objective(None, kinds=BOTH)(logits, targets)["total"].backward()
    for task, taught, untaught in (("classify", 0, 1), ("segment", 1, 0)):
        gradient = logits[task].grad
        assert gradient is not None
        assert gradient[taught].abs().sum() > 0
        assert gradient[untaught].abs().sum() == 0


def test_sample_weights_weigh_masks() -> None:
    for loss in ({"ce": 1}, {"dice": {"weight": 1, "per_image": True}}):
        weighted = total(loss, MASKS, torch.tensor([0.0, 2.0]))
        target = MASKS.clone()
        target[0] = -1
        torch.testing.assert_close(weighted, total(loss, target))


def test_class_weights_and_smoothing_of_labels_leave_masks_alone() -> None:
    options: dict[str, Any] = {"class_weights": [1.0, 5.0, 2.0, 1.0], "label_smoothing": 0.2}
    plain = build_objective(None, kinds=BOTH)(LOGITS, TARGETS)
    both = build_objective(None, kinds=BOTH, **options)(LOGITS, TARGETS)
    assert both["classify/ce"] != plain["classify/ce"]
    for name in ("segment/ce", "segment/dice"):
        assert torch.equal(both[name], plain[name])


def test_a_term_names_its_own_class_weights_and_smoothing() -> None:
    v = [0.2, 1.0, 3.0]
    value = total({"ce": {"class_weights": v, "label_smoothing": 0.1}}, MASKS)
    expected = F.cross_entropy(
        LOGITS["segment"], MASKS, weight=torch.tensor(v), label_smoothing=0.1
    )
    torch.testing.assert_close(value, expected)
    weighted = total({"dice": {"class_weights": v}}, MASKS)
    given = LossContext(pixel_kind("multiclass"), None, torch.tensor(v))
    torch.testing.assert_close(weighted, dice.LOSS(LOGITS["segment"], MASKS, given))


@pytest.mark.parametrize(
    ("loss", "kind", "complaint"),
    [
        ({"classify": {"dice": 1}}, "multiclass", r"regions of masks(?s:.*)under segment"),
        ({"segment": {"bce": 1}}, "multiclass", r"does not fit a multiclass(?s:.*)write ce, dice"),
        ({"segment": {"dice": {"smoth": 1}}}, "binary", r"no option 'smoth'(?s:.*)write smooth"),
        ({"segment": {"dice": {"smooth": -1}}}, "binary", "smooth: .*greater than or equal to 0"),
        ({"segment": {"dice": {"smooth": "1"}}}, "binary", "smooth: .*valid number, got '1'"),
        ({"segment": {"dice": {"per_image": 1}}}, "binary", "per_image: .*boolean, got 1"),
        ({"segment": {"lovasz": {"classes": "some"}}}, "binary", "'present' or 'all', got 'some'"),
        ({"segment": {"lovasz": {"smooth": 1}}}, "binary", "no option 'smooth'"),
        ({"segment": {"tversky": {"gamma": 0}}}, "binary", "gamma: .*greater than 0"),
        ({"segment": {"dice": {"label_smoothing": 0.1}}}, "binary", "no option 'label_smoothing'"),
        ({"segment": {"dice": {"class_weights": [1, 2]}}}, "binary", "nothing to weigh it against"),
        ({"segment": {"ce": {"class_weights": [1, 2]}}}, "multiclass", "needs 4 numbers"),
        ({"segment": {"ce": {"class_weights": "balanced"}}}, "multiclass", "got 'balanced'"),
        ({"segment": {"ce": {"class_weights": [1, -2, 1, 1]}}}, "multiclass", "got -2"),
        ({"segment": {"bce": {"class_weights": [1, 2, 3]}}}, "binary", "absent, present"),
        ({"segment": {"ce": 1, "weight": -1}}, "multiclass", "head's weight .* got -1"),
        ({"segment": {"weight": "x"}}, "multiclass", "head's weight .* got 'x'"),
    ],
)
def test_an_impossible_loss_of_masks_is_refused(
    loss: dict[str, Any], kind: str, complaint: str
) -> None:
    kinds = {"classify": kind, "segment": kind}
    with pytest.raises(RecipeError, match=complaint):
        build_objective(loss, kinds=kinds, n_outputs={"classify": 3, "segment": 4})
