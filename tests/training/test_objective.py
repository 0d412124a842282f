"""The objective sums named, weighted losses over the targets that are there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.utils.class_weight import compute_class_weight

from podium.errors import RecipeError
from podium.tasks.protocols.kind import Kind
from podium.training.losses._loss import LossContext
from podium.training.objective import build_objective, class_weights_for

LOGITS = {"classify": torch.tensor([[2.0, 0.0, -1.0], [0.5, 0.1, 0.0], [0.0, 3.0, 1.0]])}
MULTICLASS: dict[str, Kind] = {"classify": "multiclass"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [("multiclass", "ce"), ("binary", "bce"), ("multilabel", "bce"), ("regression", "mse")],
)
def test_without_a_loss_each_task_gets_its_usual_one(kind: Kind, name: str) -> None:
    assert build_objective(None, kinds={"classify": kind}).names == [f"classify/{name}"]


def test_terms_come_weighted_and_total_is_their_sum() -> None:
    target = torch.tensor([0, 1, 2])
    objective = build_objective(
        {"classify": {"ce": 2, "focal": {"weight": 0.5, "gamma": 0.0}}}, kinds=MULTICLASS
    )
    terms = objective(LOGITS, {"classify": target})
    ce = F.cross_entropy(LOGITS["classify"], target)
    torch.testing.assert_close(terms["classify/ce"], 2 * ce)
    torch.testing.assert_close(terms["classify/focal"], 0.5 * ce)
    torch.testing.assert_close(terms["total"], 2.5 * ce)


def test_rows_without_a_label_count_for_nothing_and_get_no_gradient() -> None:
    logits = LOGITS["classify"].clone().requires_grad_()
    objective = build_objective(None, kinds=MULTICLASS)
    total = objective({"classify": logits}, {"classify": torch.tensor([0, -1, 1])})["total"]
    total.backward()
    expected = F.cross_entropy(LOGITS["classify"][[0, 2]], torch.tensor([0, 1]))
    torch.testing.assert_close(total, expected)
    assert logits.grad is not None
    assert torch.equal(logits.grad[1], torch.zeros(3))


def test_a_soft_row_of_nan_is_a_missing_label_also_under_class_weights() -> None:
    soft = torch.tensor([[1.0, 0, 0], [math.nan] * 3, [0, 0.5, 0.5]])
    weights = [0.5, 1.0, 2.0]
    objective = build_objective(None, kinds=MULTICLASS, class_weights=weights)
    whole = objective(LOGITS, {"classify": soft})["total"]
    rest = objective({"classify": LOGITS["classify"][[0, 2]]}, {"classify": soft[[0, 2]]})["total"]
    torch.testing.assert_close(whole, rest)


@pytest.mark.parametrize("kind", ["binary", "regression"])
@pytest.mark.parametrize("column", [False, True])
def test_one_number_a_sample_may_come_as_a_vector_or_a_column(kind: Kind, column: bool) -> None:
    logits = torch.tensor([[0.3], [-1.0], [2.0]])
    target = torch.tensor([1.0, math.nan, 0.0])
    total = build_objective(None, kinds={"classify": kind})(
        {"classify": logits}, {"classify": target.unsqueeze(1) if column else target}
    )["total"]
    answers, values = torch.tensor([1.0, 0.0]), logits[[0, 2], 0]
    expected = (
        F.mse_loss(values, answers)
        if kind == "regression"
        else F.binary_cross_entropy_with_logits(values, answers)
    )
    torch.testing.assert_close(total, expected)


def test_single_labels_of_a_multilabel_row_may_be_missing() -> None:
    target = torch.tensor([[1.0, -1, 0], [math.nan, 1, 1], [0, 0, 1]])
    total = build_objective(None, kinds={"classify": "multilabel"})(LOGITS, {"classify": target})[
        "total"
    ]
    there = torch.tensor([[1, 0, 1], [0, 1, 1], [1, 1, 1]], dtype=torch.bool)
    expected = F.binary_cross_entropy_with_logits(LOGITS["classify"][there], target[there])
    torch.testing.assert_close(total, expected)


def test_minus_one_is_a_number_to_a_regression() -> None:
    objective = build_objective(None, kinds={"classify": "regression"})
    total = objective({"classify": torch.zeros(2, 1)}, {"classify": torch.tensor([-1.0, 1.0])})
    assert total["total"].item() == pytest.approx(1.0)


def test_sample_weights_weigh_and_a_weight_of_two_is_the_row_twice() -> None:
    objective = build_objective(None, kinds=MULTICLASS, class_weights=[1.0, 2.0, 0.5])
    target = torch.tensor([0, 1, 2])
    weighted = objective(LOGITS, {"classify": target}, torch.tensor([2.0, 1.0, 0.0]))["total"]
    rows = [0, 0, 1]
    repeated = objective({"classify": LOGITS["classify"][rows]}, {"classify": target[rows]})
    torch.testing.assert_close(weighted, repeated["total"])


@pytest.mark.parametrize(
    ("loss", "kind", "complaint"),
    [
        ({"classify": {"cee": 1}}, "multiclass", r"no 'cee' among the losses(?s:.*)write ce"),
        ({"segment": {"ce": 1}}, "multiclass", "no task 'segment'"),
        ({"classify": {"ce": 1}}, "multilabel", r"ce does not fit a multilabel(?s:.*)write bce"),
        ({"classify": {"mse": 1}}, "multiclass", r"mse does not fit(?s:.*)write ce"),
        ({"classify": {"focal": {"gama": 1}}}, "binary", r"no option 'gama'(?s:.*)write gamma"),
        ({"classify": {"ce": {"kind": "x"}}}, "multiclass", "no option 'kind'"),
        ({"classify": {"ce": -1}}, "multiclass", "number of at least 0, got -1"),
        ({"classify": {"ce": "much"}}, "multiclass", "got 'much'"),
        ({"classify": {"ce": True}}, "multiclass", "got True"),
        ({}, "multiclass", "nothing to minimise"),
    ],
)
def test_an_impossible_loss_is_refused_with_the_way_out(
    loss: dict[str, Any], kind: Kind, complaint: str
) -> None:
    with pytest.raises(RecipeError, match=complaint):
        build_objective(loss, kinds={"classify": kind})


def absolute_error(
    logits: torch.Tensor, target: torch.Tensor, given: LossContext, *, power: float = 1
) -> torch.Tensor:
    assert given.weight is not None
    return ((logits - target).abs() ** power * given.weight).sum() / given.weight.sum()


def test_a_users_own_loss_is_a_function_by_module_and_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys
    import types

    module = types.ModuleType("my_losses")
    module.absolute = absolute_error  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_losses", module)
    objective = build_objective(
        {"classify": {"my_losses:absolute": {"weight": 2, "power": 2}}},
        kinds={"classify": "regression"},
    )
    terms = objective({"classify": torch.tensor([[3.0]])}, {"classify": torch.tensor([0.0])})
    assert terms["classify/my_losses:absolute"].item() == pytest.approx(18)


def test_balanced_weights_are_sklearns() -> None:
    labels = np.array([0, 0, 0, 1, 2, 2, -1])
    weights = class_weights_for("balanced", labels, kind="multiclass", n_classes=3)
    known = labels[labels >= 0]
    expected = compute_class_weight("balanced", classes=np.arange(3), y=known)
    np.testing.assert_allclose(weights, expected)
    binary = class_weights_for("balanced", np.array([0, 0, 0, 1.0]), kind="binary", n_classes=2)
    np.testing.assert_allclose(binary, [4 / 6, 4 / 2])


def test_balanced_weights_of_a_multilabel_task_are_absent_over_present() -> None:
    labels = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 1], [0, -1, 1], [0, 0, 1]])
    weights = class_weights_for("balanced", labels, kind="multilabel", n_classes=3)
    np.testing.assert_allclose(weights, [4 / 1, 3 / 1, 1 / 4])


def test_a_class_without_a_row_weighs_one() -> None:
    weights = class_weights_for("balanced", np.array([0, 0, 2, 2]), kind="multiclass", n_classes=3)
    np.testing.assert_allclose(weights, [4 / 6, 1, 4 / 6])


@pytest.mark.parametrize(
    ("choice", "kind", "complaint"),
    [
        ([1.0, 2.0], "multiclass", "needs 3 numbers"),
        ([1.0, -2.0, 1.0], "multiclass", "at least 0"),
        ([1.0, 2.0, 3.0], "binary", "needs 2 numbers"),
        ("balanced", "regression", "no classes to weigh"),
    ],
)
def test_impossible_class_weights_are_refused(choice: Any, kind: Kind, complaint: str) -> None:
    with pytest.raises(RecipeError, match=complaint):
        class_weights_for(choice, np.zeros(3), kind=kind, n_classes=3)


def test_no_weights_are_none_and_given_ones_are_kept() -> None:
    assert class_weights_for("none", np.zeros(3), kind="multiclass", n_classes=3) is None
    given = class_weights_for([1.0, 0.0, 2.5], np.zeros(3), kind="multiclass", n_classes=3)
    np.testing.assert_array_equal(given, [1, 0, 2.5])
