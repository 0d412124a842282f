"""Where an image speaks for an answer, by the gradients of its score at the deepest map.

    α_f = 1/(h·w) Σ_ij ∂y/∂A_fij,    L_ij = max(0, Σ_f α_f A_fij)

Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2); y is a logit. With y the sum of a
class's logits over the pixels that are decided to be of it, Seg-Grad-CAM (Vinogradova et al. 2020,
arXiv:2002.11434, eq. 3).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from podium.models.features import Features
from podium.models.network import Network

__all__ = ["grad_cam"]


def grad_cam(
    network: Network, features: Features, score: Callable[[dict[str, Tensor]], Tensor]
) -> Tensor:
    """Return the map `(h, w)`, 0 or more, of the first image of `features`.

    It is of the deepest map on which the score depends. Weights get no gradients.

    Args:
        network: in evaluation mode.
        features: of one image.
        score: from the logits by task to y, a scalar.

    Raises:
        ValueError: the score depends on no map.
    """
    maps = [one.detach().requires_grad_() for one in features.maps]
    of_map = {id(old): new for old, new in zip(features.maps, maps, strict=True)}
    with torch.enable_grad():
        # A head may write into what it reads, which no leaf allows.
        y = score(network.decode(features.map(lambda one: of_map[id(one)].clone())))
        gradients = torch.autograd.grad(y, maps, allow_unused=True)
    read = [number for number, one in enumerate(gradients) if one is not None]
    if not read:
        raise ValueError("the score depends on no map of the backbone")
    gradient, deepest = gradients[read[-1]], maps[read[-1]].detach()
    assert gradient is not None
    weights = gradient[0].float().mean(dim=(1, 2))  # (F,)
    return torch.einsum("f,fhw->hw", weights, deepest[0].float()).clamp(min=0)
