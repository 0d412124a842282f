from __future__ import annotations

import pytest
import torch
from torch import Tensor
from training.echo import Echo, batches, method, step

from podium.errors import RecipeError
from podium.training.method import PoolSizes
from podium.training.methods.fixmatch import METHOD
from podium.training.semi_supervised import DistributionAlignment

LABELS = {"classify": "multiclass"}


def shares(n: int, seed: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return (2 * torch.randn(n, 3, generator=draw)).softmax(dim=1)


@pytest.mark.parametrize("to", ["uniform", "labelled"])
def test_predictions_are_divided_by_their_running_mean(to: str) -> None:
    alignment = DistributionAlignment(3, to=to, decay=0.8)
    usual, wanted = [1 / 3] * 3, [1 / 3] * 3
    for i in range(4):
        predicted, known = shares(5, 2 * i), shares(2, 2 * i + 1)
        found = alignment(predicted, known)
        for c in range(3):
            usual[c] = 0.8 * usual[c] + 0.2 * sum(row[c] for row in predicted.tolist()) / 5
            if to == "labelled":
                wanted[c] = 0.8 * wanted[c] + 0.2 * sum(row[c] for row in known.tolist()) / 2
        for row, moved in zip(predicted.tolist(), found.tolist(), strict=True):
            raw = [row[c] * wanted[c] / usual[c] for c in range(3)]
            assert moved == pytest.approx([one / sum(raw) for one in raw], rel=1e-5)


def test_a_class_never_predicted_stays_finite() -> None:
    alignment = DistributionAlignment(3, to="uniform", decay=0.0)
    found = alignment(torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]))
    assert found.isfinite().all()
    torch.testing.assert_close(found.sum(dim=1), torch.ones(2))


def test_what_has_nothing_in_common_with_the_labelled_samples_stays() -> None:
    alignment = DistributionAlignment(3, to="labelled", decay=0.0)
    predicted = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    found = alignment(predicted, torch.tensor([[0.0, 1.0, 0.0]]))
    assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_no_gradient_flows_through_it() -> None:
    predicted = shares(4, 0).requires_grad_()
    assert not DistributionAlignment(3, to="uniform")(predicted).requires_grad


def test_fixmatch_trains_on_the_aligned_prediction() -> None:
    weak = torch.tensor([[0.0, 0.4, 0.0]] + [[0.0, 3.0, 0.0]] * 5)  # class 1 is predicted too often
    strong = torch.zeros(6, 3, requires_grad=True)
    of = method(METHOD, LABELS, threshold=0.0, align="uniform", align_decay=0.0)
    of.build(Echo(), PoolSizes(1, 6))
    of.losses(batches(LABELS, weak, strong), step())["unlabelled"].backward()
    assert strong.grad is not None
    assert strong.grad[0, 1] > 0  # away from class 1
    assert strong.grad[1, 1] < 0


def test_fixmatch_aligns_to_its_predictions_for_labelled_samples() -> None:
    weak = shares(6, 0).log()
    known = torch.tensor([[0.0, 0.0, 5.0], [0.0, 0.0, 5.0]])
    of = method(METHOD, LABELS, threshold=0.0, align="labelled", align_decay=0.0)
    own = of.build(Echo(), PoolSizes(2, 6))
    of.losses(batches(LABELS, weak, weak, labelled=known), step())
    torch.testing.assert_close(own.labelled, known.softmax(dim=1).mean(dim=0))
    torch.testing.assert_close(own.unlabelled, shares(6, 0).mean(dim=0))


@pytest.mark.parametrize(
    "kinds", [{"classify": "multilabel"}, {"classify": "binary"}, {"segment": "multiclass"}]
)
def test_only_multiclass_labels_are_aligned(kinds: dict) -> None:
    with pytest.raises(RecipeError, match="align is for labels of a multiclass task"):
        method(METHOD, kinds, align="uniform")
