"""Several dropout masks: the mean of their losses is learnt, and the plain head predicts."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from training.handmade import N_CLASSES, SIZE, batches, method, step

from podium.models.network import Network, build_network, set_frozen
from podium.models.spec import ModelSpec
from podium.training.method import LABELLED
from podium.training.methods import pseudo_label, supervised
from podium.training.methods.supervised import training_logits
from podium.training.objective import build_objective

K = 4


def network(**head: Any) -> Network:
    torch.manual_seed(0)
    spec = ModelSpec.model_validate(
        {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [4, 6]},
            "heads": {
                "classify": {"dropout": 0.5, **head},
                "segment": {"decoder": "linear"},
            },
        }
    )
    outputs = {"classify": N_CLASSES, "segment": 2}
    return build_network(spec, n_outputs=outputs, image_size=SIZE).train()


def ce(row: list[float], answer: int) -> float:
    return math.log(sum(math.exp(z) for z in row)) - row[answer]


@pytest.mark.parametrize("of", [supervised.METHOD, pseudo_label.METHOD])
@pytest.mark.parametrize("cosine", [None, {"size": 5}])
def test_dropout_samples_average_losses_and_not_predictions(of: Any, cosine: Any) -> None:
    net, own = network(dropout_samples=K, cosine=cosine), method(of, "classify", batch_size=8)
    assert own.averages_dropout
    own.build(net, None)  # type: ignore[arg-type]
    seen = batches(own, step(), seed=0)
    torch.manual_seed(5)
    found = own.losses(seen, step())["total"].item()
    torch.manual_seed(5)
    batch = seen[LABELLED]
    logits = training_logits(net, batch.images, ["classify"])["classify"]
    assert logits.shape == (8, K, N_CLASSES)
    answers = batch.targets["classify"].tolist()
    each = [
        ce(logits[i, k].tolist(), answers[i]) for k in range(K) for i in range(8) if answers[i] >= 0
    ]
    assert found == pytest.approx(sum(each) / len(each), rel=1e-5)
    of_mean = [ce(logits[i].mean(dim=0).tolist(), answers[i]) for i in range(8)]
    assert found > sum(of_mean) / 8 + 1e-3


@pytest.mark.parametrize(
    ("kind", "loss", "target"),
    [
        ("multiclass", {"ce": {"weight": 2, "class_weights": [1, 2, 3]}}, [0, -1, 2, 1]),
        ("multiclass", {"ce": 1, "focal": 0.5}, [0, 1, 2, 1]),
        ("multilabel", {"bce": 1}, [[0, 1, 1], [-1, 1, 0], [0, 0, 0], [1, 1, 1]]),
        ("regression", {"huber": 1}, [[0.5, 1, 2], [float("nan")] * 3, [1, 0, 3], [0, 0, 1]]),
    ],
)
def test_any_loss_of_labels_is_averaged_over_the_dropout_masks(
    kind: Any, loss: Any, target: Any
) -> None:
    torch.manual_seed(0)
    answers, weight = torch.tensor(target), torch.tensor([1.0, 2, 0.5, 0])
    many = torch.randn(4, K, 3)
    objective = build_objective({"classify": loss}, kinds={"classify": kind}, label_smoothing=0.1)
    terms = objective({"classify": many}, {"classify": answers}, weight)
    each = [objective({"classify": many[:, k]}, {"classify": answers}, weight) for k in range(K)]
    for name, value in terms.items():
        expected = sum(one[name].item() for one in each) / K
        assert value.item() == pytest.approx(expected, rel=1e-5)


def test_masks_are_decoded_once_and_a_frozen_head_drops_nothing() -> None:
    net = network(dropout_samples=K)
    images = torch.randn(4, 3, *SIZE)
    predicted = training_logits(net, images, ["classify", "segment"])
    assert predicted["classify"].shape == (4, K, N_CLASSES)
    assert predicted["segment"].shape == (4, 2, *SIZE)
    assert set(training_logits(net, images, ["segment"])) == {"segment"}
    set_frozen(net, ["classify"])
    assert training_logits(net, images, ["classify"])["classify"].shape == (4, N_CLASSES)
    assert training_logits(net.eval(), images, ["classify"])["classify"].shape == (4, N_CLASSES)


def test_one_mask_is_the_plain_network_to_the_bit() -> None:
    net, images = network(), torch.randn(4, 3, *SIZE)
    torch.manual_seed(1)
    one = training_logits(net, images, ["classify"])["classify"]
    torch.manual_seed(1)
    assert torch.equal(one, net(images, ["classify"])["classify"])


def test_the_loss_of_many_masks_is_that_of_one_but_steadier() -> None:
    objective = build_objective(None, kinds={"classify": "multiclass"})
    images, target = torch.randn(8, 3, *SIZE), {"classify": torch.arange(8) % N_CLASSES}
    spread, middle = [], []
    for k in (1, 16):
        net = network(dropout_samples=k)
        net.backbone.eval()
        with torch.no_grad():
            values = torch.stack(
                [
                    objective(training_logits(net, images, ["classify"]), target)["total"]
                    for _ in range(100)
                ]
            )
        spread.append(values.std().item())
        middle.append(values.mean().item())
    assert spread[1] < 0.4 * spread[0]  # 1/4 is expected
    assert middle[1] == pytest.approx(middle[0], abs=4 * spread[0] / 10)


@pytest.mark.parametrize("mode", ["append", "permanent", "classical"])
def test_pseudo_labels_of_a_step_use_one_dropout_mask(mode: str) -> None:
    own = method(pseudo_label.METHOD, "classify", mode=mode)
    assert own.averages_dropout == (mode != "classical")
