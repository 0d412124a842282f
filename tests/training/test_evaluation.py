from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from podium.tasks.protocols.find import image_kind
from podium.training.data.rows import SampleRows
from podium.training.inference.images import EvalImages, activate, evaluation_mode


def make(n: int = 7, batch_size: int = 3, keep: bool = True) -> tuple[EvalImages, np.ndarray, list]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (n, 4, 6, 3)).astype(np.uint8)
    reads: list[int] = []

    def view(image: np.ndarray, seed: int) -> np.ndarray:
        reads.append(seed)
        return image

    # The rows stand in reverse order in the store: results must follow the rows.
    rows = SampleRows(pixels[::-1], np.arange(n)[::-1], [str(i) for i in range(n)], {}, np.ones(n))
    return EvalImages(rows, view, batch_size=batch_size, keep=keep), pixels, reads


def test_batches_come_in_the_order_of_the_rows() -> None:
    images, pixels, _ = make()
    assert [len(batch) for batch in images] == [3, 3, 1]
    assert images.n_batches == 3
    np.testing.assert_array_equal(torch.cat(list(images)).numpy(), pixels)
    index = np.concatenate([batch.index for batch in images.batches()])
    assert index.tolist() == list(range(7))


@pytest.mark.parametrize("mode", [True, False])
def test_the_networks_mode_is_put_back(mode: bool) -> None:
    network = nn.Linear(1, 1).train(mode)
    with evaluation_mode(network):
        assert not network.training
    assert network.training == mode


def test_every_modules_mode_is_put_back() -> None:
    # A teacher that trains, with its batch norm at rest.
    network = nn.Sequential(nn.Dropout(), nn.BatchNorm2d(1).eval(), nn.Sequential(nn.Dropout()))
    with evaluation_mode(network):
        assert not any(module.training for module in network.modules())
    assert [one.training for one in network.modules()] == [True, True, False, True, True]


@pytest.mark.parametrize(("keep", "reads"), [(True, 7), (False, 14)])
def test_prepared_images_are_kept_only_on_request(keep: bool, reads: int) -> None:
    images, _, seen = make(keep=keep)
    first, second = list(images), list(images)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert len(seen) == reads


def test_activation_fits_the_kind_of_task() -> None:
    logits = torch.tensor([[0.0, 2.0], [1.0, -1.0]], dtype=torch.float16)
    assert activate(logits, image_kind("multiclass")).sum(dim=1).tolist() == pytest.approx([1, 1])
    assert activate(logits, image_kind("multilabel"))[0].tolist() == pytest.approx(
        [0.5, 1 / (1 + np.exp(-2))]
    )
    assert activate(logits, image_kind("regression")).tolist() == logits.tolist()
    assert activate(logits, image_kind("binary")).dtype == torch.float32
