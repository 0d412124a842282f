from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from podium.predictions.views import ViewSet
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.training.inference.images import predict_batch

IMAGES = torch.randn(5, 3, 4, 6, generator=torch.Generator().manual_seed(0))


class LeftHalf(nn.Module):
    """Logits of an image are the mean of the left half of each channel, of a pixel its colours,
    twice as strong on the left: a flip changes both."""

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        strength = torch.tensor([2.0, 2, 2, 1, 1, 1])
        return {"classify": images[..., :3].mean(dim=(2, 3)), "segment": images * strength}


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("views", [["identity"], ["identity", "hflip"]])
def test_probabilities_are_averaged_over_views_in_the_geometry_of_the_images(
    views: list[str],
) -> None:
    kinds = {"classify": image_kind("multiclass"), "segment": pixel_kind("multiclass")}
    predicted = predict_batch(
        LeftHalf(), IMAGES, kinds, views=ViewSet(tuple(views)), tasks=list(kinds)
    )
    pixels = IMAGES.numpy()
    labels = [softmax(pixels[..., :3].mean(axis=(2, 3)))]
    strength = np.array([2.0, 2, 2, 1, 1, 1])
    masks = [softmax(pixels * strength)]
    if "hflip" in views:
        labels.append(softmax(pixels[..., 3:].mean(axis=(2, 3))))
        masks.append(softmax(pixels * strength[::-1]))
    np.testing.assert_allclose(predicted["classify"].numpy(), np.mean(labels, axis=0), atol=1e-6)
    np.testing.assert_allclose(predicted["segment"].numpy(), np.mean(masks, axis=0), atol=1e-6)


def test_only_the_requested_tasks_are_predicted_without_gradient() -> None:
    kinds = {"classify": image_kind("binary"), "segment": pixel_kind("binary")}
    predicted = predict_batch(LeftHalf(), IMAGES, kinds, views=ViewSet(), tasks=["segment"])
    assert set(predicted) == {"segment"}
    assert predicted["segment"].is_inference()
    assert not torch.is_inference_mode_enabled()
