"""Networks: one backbone, the heads that read it, and how both are built from a recipe's `model:`.

    features(images) -> (N, F, h, w);   decode(features) -> {"classify": logits (N, C)}

The two halves can be called apart, so that a method may disturb the features between them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models import backbones, heads
from podium.models._timm import Backbone, ToMap, as_is, per_channel, timm_backbone
from podium.models.spec import ModelSpec
from podium.models.weight_files import find_weights
from podium.models.weights import load_backbone_weights
from podium.workspace import extensions

__all__ = ["Network", "build_network"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Network(nn.Module):
    """A backbone and its heads.

    Args:
        backbone: maps images `(N, in_chans, H, W)` to features `(N, F, h, w)`.
        heads: by task, each maps features to logits.
        mean, std: what images in [0, 1] are normalised with, one number a channel.
        to_map: brings the backbone's own layout (tokens, channels last) to `(N, F, h, w)`.
    """

    def __init__(
        self,
        backbone: nn.Module,
        heads: Mapping[str, nn.Module],
        *,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        to_map: ToMap = as_is,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self._to_map = to_map
        self.heads = nn.ModuleDict(dict(heads))
        self.mean, self.std = mean, std
        self._frozen: frozenset[str] = frozenset()
        # Some networks hold parameters that are never trained: unfreezing must not wake them.
        self._trainable = frozenset(n for n, p in self.named_parameters() if p.requires_grad)

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The parts that `freeze` may name: the backbone, then each head by its task."""
        return {"backbone": self.backbone, **dict(self.heads.items())}

    @property
    def frozen(self) -> frozenset[str]:
        """Names of the parts whose weights and statistics stay as they are."""
        return self._frozen

    def freeze_only(self, parts: Collection[str]) -> None:
        """Freeze `parts`, free all others; a frozen part stays in eval mode until it is freed."""
        self._frozen = frozenset(parts)
        for name, part in self.parts.items():
            prefix = "backbone." if name == "backbone" else f"heads.{name}."
            for inner, parameter in part.named_parameters():
                free = prefix + inner in self._trainable
                parameter.requires_grad_(free and name not in self._frozen)
        self.train(self.training)

    def train(self, mode: bool = True) -> Network:
        # A frozen batch norm in training mode would still move its running statistics.
        super().train(mode)
        for name in self._frozen:
            self.parts[name].eval()
        return self

    def features(self, images: Tensor) -> Tensor:
        """Return the backbone's map `(N, F, h, w)` of normalised images `(N, in_chans, H, W)`."""
        height, width = images.shape[-2:]
        return self._to_map(self.backbone(images), self.backbone, (height, width))

    def decode(self, features: Tensor) -> dict[str, Tensor]:
        """Return the logits by task: `{"classify": (N, C)}`."""
        return {task: head(features) for task, head in self.heads.items()}

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return self.decode(self.features(images))


def build_network(
    spec: ModelSpec,
    *,
    n_outputs: Mapping[str, int],
    in_chans: int = 3,
    image_size: tuple[int, int] | None = None,
    weights_root: Path = Path(),
) -> Network:
    """Return the network that `spec` describes, with its start weights loaded.

    Args:
        spec: the recipe's `model:`. With `from:`, the caller loads the run's weights afterwards, so
            nothing is fetched here.
        n_outputs: logits by task, as `{"classify": 3}`; tasks without one get no head.
        in_chans: channels of the images.
        image_size: (height, width); None takes the size the backbone was made for.
        weights_root: the folder that a relative `weights:` starts from.

    Raises:
        RecipeError: the backbone is unknown, does not fit the size, or its weights are not to be
            had. Never is a network started from random weights in place of the asked ones.
    """
    from_hub = spec.pretrained and spec.weights is None and spec.from_run is None
    backbone = _backbone(spec, in_chans, image_size, from_hub)
    if spec.weights is not None:
        load_backbone_weights(backbone.module, find_weights(spec.weights, weights_root))
    built = {
        task: extensions.load(heads, task, "HEAD", error=RecipeError)(
            backbone.n_features, n_outputs[task], head_spec
        )
        for task in n_outputs
        if (head_spec := getattr(spec.heads, task, None)) is not None
    }
    if not built:
        raise RecipeError("the network has no head", fix="write heads: {classify: {pool: avg}}")
    return Network(
        backbone.module, built, mean=backbone.mean, std=backbone.std, to_map=backbone.to_map
    )


def _backbone(
    spec: ModelSpec, in_chans: int, image_size: tuple[int, int] | None, from_hub: bool
) -> Backbone:
    if spec.backbone not in extensions.names(backbones):
        return timm_backbone(spec, in_chans=in_chans, image_size=image_size, from_hub=from_hub)
    if from_hub:
        raise RecipeError(
            f"{spec.backbone} has no pretrained weights to fetch",
            where="model.pretrained",
            fix="write pretrained: false to start from random weights, or weights: path",
        )
    build = extensions.load(backbones, spec.backbone, "BACKBONE", error=RecipeError)
    try:
        module = build(in_chans=in_chans, drop_path=spec.drop_path, **spec.options)
    except TypeError as error:
        raise RecipeError(
            f"{spec.backbone} does not take these options: {error}", where="model.options"
        ) from error
    mean, std = per_channel(IMAGENET_MEAN, in_chans), per_channel(IMAGENET_STD, in_chans)
    return Backbone(module, as_is, _n_features(module, in_chans), mean, std)


def _n_features(module: nn.Module, in_chans: int) -> int:
    was_training = module.training
    with torch.no_grad():
        n_features = module.eval()(torch.zeros(1, in_chans, 64, 64)).shape[1]
    module.train(was_training)
    return int(n_features)
