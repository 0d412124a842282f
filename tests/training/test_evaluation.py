from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from podium.training.evaluation import EvalImages, activate, predict_probs
from podium.training.streams import Normaliser, Rows


class LeftHalf(nn.Module):
    """Logits are the mean of the left half of each channel: a flip changes them."""

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"classify": images[..., : images.shape[-1] // 2].mean(dim=(2, 3))}


def make(n: int = 7, batch_size: int = 3, keep: bool = True) -> tuple[EvalImages, np.ndarray, list]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (n, 4, 6, 3)).astype(np.uint8)
    reads: list[int] = []

    def view(image: np.ndarray, seed: int) -> np.ndarray:
        reads.append(seed)
        return image

    # The rows stand in reverse order in the store: results must follow the rows.
    rows = Rows(pixels[::-1], np.arange(n)[::-1], [str(i) for i in range(n)], {}, np.ones(n))
    return EvalImages(rows, view, batch_size=batch_size, keep=keep), pixels, reads


def by_hand(pixels: np.ndarray) -> np.ndarray:
    scores = pixels[:, :, :3].astype(float).mean(axis=(1, 2)) / 255
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


PLAIN = Normaliser((0, 0, 0), (1, 1, 1))


def test_probabilities_come_in_the_order_of_the_rows() -> None:
    images, pixels, _ = make()
    got = np.concatenate(list(predict_probs(LeftHalf(), images, PLAIN, kind="multiclass")))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, by_hand(pixels), atol=1e-6)


def test_views_are_averaged_in_probabilities() -> None:
    images, pixels, _ = make()
    got = predict_probs(LeftHalf(), images, PLAIN, kind="multiclass", views=["hflip"])
    mean = (by_hand(pixels) + by_hand(pixels[:, :, ::-1])) / 2
    np.testing.assert_allclose(np.concatenate(list(got)), mean, atol=1e-6)


def test_progress_counts_every_row() -> None:
    images, _, _ = make()
    counts: list[int] = []
    list(predict_probs(LeftHalf(), images, PLAIN, kind="multiclass", advance=counts.append))
    assert counts == [3, 3, 1]


def test_the_networks_mode_is_put_back_and_no_gradient_is_kept() -> None:
    images, _, _ = make()
    network = LeftHalf().train()
    blocks = predict_probs(network, images, PLAIN, kind="multiclass")
    next(blocks)
    assert not network.training
    list(blocks)
    assert network.training
    assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize(("keep", "reads"), [(True, 7), (False, 14)])
def test_prepared_images_are_kept_only_when_asked(keep: bool, reads: int) -> None:
    images, _, seen = make(keep=keep)
    first, second = list(images), list(images)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert len(seen) == reads


def test_activation_fits_the_kind_of_task() -> None:
    logits = torch.tensor([[0.0, 2.0], [1.0, -1.0]], dtype=torch.float16)
    assert activate(logits, "multiclass").sum(dim=1).tolist() == pytest.approx([1, 1])
    assert activate(logits, "multilabel")[0].tolist() == pytest.approx([0.5, 1 / (1 + np.exp(-2))])
    assert activate(logits, "regression").tolist() == logits.tolist()
    assert activate(logits, "binary").dtype == torch.float32
