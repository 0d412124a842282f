"""MAE: a vision transformer reconstructs hidden patches (He et al. 2022, 2111.06377).

    p_l = patch l of the image, of L;   M = round(mask · L) of them are hidden, drawn by image
    t_l = (p_l − mean p_l) / √(var p_l + 10⁻⁶)        over its pixels and channels; or p_l as it is
    L = mean over hidden l of |d(f({p_l, l not hidden}))_l − t_l|² / (pixels and channels of p_l)

The encoder f gets the patches that are shown, with their positions, and class and register tokens;
nothing stands in for the others. A small transformer d, with fixed sines and cosines for positions,
gets one learnt token for each hidden patch, and is thrown away. Squares of patches that were shown
count nothing: a network can copy them. The variance is the unbiased one of the authors' code, whose
encoder has fixed positions too; here it keeps those of its backbone.

What it learns is a start for fine-tuning, and poor as it is: in the paper's table 1 a ViT-L has
84.9 % fine-tuned and 73.5 % with a linear probe, and neighbours (kNN) do far worse.
Heads are not run and not trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

import torch
import torch.nn.functional as F
from pydantic import Field, model_validator
from timm.layers import PatchEmbed, build_sincos2d_pos_embed
from timm.models import checkpoint_seq
from timm.models.vision_transformer import Block, VisionTransformer
from torch import Tensor, nn

from podium.errors import RecipeError, either
from podium.models.features import pad_to_stride, padded_size
from podium.models.network import Network
from podium.training.method import UNLABELLED, Batch, Options, Step, ViewSpec
from podium.training.self_supervised import SelfSupervised

__all__ = ["METHOD", "patch_targets", "patches_of"]

EPSILON = 1e-6


class MAEOptions(Options):
    """The options of `method: {name: mae}`."""

    view: str = "crop"
    """policy of the images; the paper has no colours"""
    mask: Annotated[float, Field(gt=0, lt=1)] = 0.75
    """share of the patches that is hidden"""
    normalised: bool = True
    """every target patch is normalised to mean 0 and variance 1"""
    width: Annotated[int, Field(ge=4, multiple_of=4)] = 512
    """features of a token in the decoder"""
    depth: Annotated[int, Field(ge=1)] = 8
    """blocks of the decoder"""
    attention_heads: Annotated[int, Field(ge=1)] = 16
    """of each of these blocks"""

    @model_validator(mode="after")
    def _heads_divide_the_width(self) -> Self:
        if self.width % self.attention_heads:
            raise ValueError(f"{self.attention_heads} attention_heads do not divide {self.width}")
        return self


class MAEDecoder(nn.Module):
    """Draws all patches from the tokens of some of them.

    Args:
        n_features: of a token that comes in.
        n_prefix: tokens that come before those of patches.
        grid: rows and columns of patches.
        n_pixels: pixels times channels of a patch.
        options: width, depth and attention heads.
    """

    positions: Tensor

    def __init__(
        self,
        n_features: int,
        n_prefix: int,
        grid: tuple[int, int],
        n_pixels: int,
        options: MAEOptions,
    ) -> None:
        super().__init__()
        width = options.width
        self.embed = nn.Linear(n_features, width)
        self.hidden = nn.Parameter(torch.zeros(1, 1, width))
        self.n_prefix = n_prefix
        positions = build_sincos2d_pos_embed(list(grid), width)  # (L, width)
        # Class and register tokens are nowhere.
        positions = torch.cat([torch.zeros(n_prefix, width), positions])
        self.register_buffer("positions", positions, persistent=False)
        self.blocks = nn.Sequential(
            *(Block(width, options.attention_heads, qkv_bias=True) for _ in range(options.depth))
        )
        self.norm = nn.LayerNorm(width)
        self.draw = nn.Linear(width, n_pixels)
        self.apply(_start)
        nn.init.normal_(self.hidden, std=0.02)

    def forward(self, tokens: Tensor, order: Tensor) -> Tensor:
        """Return the drawn patches `(N, L, n_pixels)`, in the order of the grid.

        Args:
            tokens: `(N, n_prefix + V, n_features)`, the last V of the patches that were shown.
            order: `(N, L)` int64: positions of the patches, first of those shown, as in `tokens`.
        """
        tokens = self.embed(tokens)
        n_hidden = order.shape[1] - (tokens.shape[1] - self.n_prefix)
        hidden = self.hidden.to(tokens.dtype).expand(len(tokens), n_hidden, -1)
        patches = _at(torch.cat([tokens[:, self.n_prefix :], hidden], dim=1), order.argsort(dim=1))
        tokens = torch.cat([tokens[:, : self.n_prefix], patches], dim=1) + self.positions
        patches = self.norm(self.blocks(tokens))[:, self.n_prefix :]
        drawn: Tensor = self.draw(patches)
        return drawn


class MAE(SelfSupervised):
    """Learns a vision transformer from images alone."""

    Options = MAEOptions
    options: MAEOptions

    def views(self) -> list[ViewSpec]:
        return [ViewSpec("image", self.options.view)]

    def own_modules(self, network: Network) -> nn.Module:
        backbone: Any = network.backbone
        _refuse_other_backbones(network)
        self._patch = _pair(backbone.patch_embed.patch_size)
        grid = _grid(padded_size(self.setting.size, network.stride), self._patch)
        n_patches = grid[0] * grid[1]
        self._shown = n_patches - round(self.options.mask * n_patches)
        if not 0 < self._shown < n_patches:
            raise RecipeError(
                f"of {either(n_patches, 'patch', 'patches')} mae would hide "
                f"{n_patches - self._shown}",
                where="method.mask",
                fix="write another mask, a larger input.size, or a smaller patch_size in "
                "model.options",
            )
        n_pixels = self._patch[0] * self._patch[1] * network.in_chans
        n_prefix = backbone.num_prefix_tokens
        return MAEDecoder(backbone.embed_dim, n_prefix, grid, n_pixels, self.options)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        images = pad_to_stride(batches[UNLABELLED].images, self.network.stride)
        target = patch_targets(images, self._patch, is_normalised=self.options.normalised)
        # The loop seeds torch's generator anew for every micro-batch.
        order = torch.rand(target.shape[:2], device=images.device).argsort(dim=1)
        shown, hidden = order[:, : self._shown], order[:, self._shown :]
        drawn = self._own(_encoded(self.network.backbone, images, shown), order).float()
        return {"total": F.mse_loss(_at(drawn, hidden), _at(target, hidden))}


def _encoded(backbone: Any, images: Tensor, shown: Tensor) -> Tensor:
    """Return the tokens `(N, n_prefix + V, F)` that timm's transformer makes of some patches alone.

    Args:
        backbone: a VisionTransformer.
        images: `(N, C, H, W)`.
        shown: `(N, V)`: positions of the patches that it sees.
    """
    n_prefix = backbone.num_prefix_tokens
    tokens = backbone._pos_embed(backbone.patch_embed(images))
    tokens = torch.cat([tokens[:, :n_prefix], _at(tokens[:, n_prefix:], shown)], dim=1)
    tokens = backbone.norm_pre(tokens)
    if backbone.grad_checkpointing:
        tokens = checkpoint_seq(backbone.blocks, tokens)
    else:
        tokens = backbone.blocks(tokens)
    encoded: Tensor = backbone.norm(tokens)
    return encoded


def patches_of(images: Tensor, patch: tuple[int, int]) -> Tensor:
    """Return the patches `(N, L, h · w · C)` of images `(N, C, H, W)`, row by row.

    A patch is (height, width) `patch`, and its numbers are in the order (row, column, channel).
    """
    n, channels, height, width = images.shape
    high, wide = patch
    cut = images.reshape(n, channels, height // high, high, width // wide, wide)
    return cut.permute(0, 2, 4, 3, 5, 1).reshape(n, -1, high * wide * channels)


def patch_targets(images: Tensor, patch: tuple[int, int], *, is_normalised: bool) -> Tensor:
    """Return what is to be drawn of each patch, as `patches_of` has them.

    Normalised, each has mean 0 and variance 1 over its pixels and channels, as far as it varies.
    """
    patches = patches_of(images, patch)
    if not is_normalised:
        return patches
    variance, mean = torch.var_mean(patches, dim=2, keepdim=True)
    return (patches - mean) / (variance + EPSILON).sqrt()


def _at(tokens: Tensor, positions: Tensor) -> Tensor:
    """Return the tokens `(N, K, F)` of `(N, L, F)` that stand at `positions` `(N, K)`."""
    return tokens.gather(1, positions[:, :, None].expand(-1, -1, tokens.shape[2]))


def _grid(size: tuple[int, int], patch: tuple[int, int]) -> tuple[int, int]:
    if size[0] % patch[0] or size[1] % patch[1]:
        raise RecipeError(
            f"images of {size[0]} x {size[1]} are not cut into patches of {patch[0]} x {patch[1]}",
            where="input.size",
            fix="write multiples of the patch's sides",
        )
    return size[0] // patch[0], size[1] // patch[1]


def _pair(size: Any) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    return int(height), int(width)


def _refuse_other_backbones(network: Network) -> None:
    backbone: Any = network.backbone
    kind = type(backbone).__name__
    reason = None
    if not isinstance(backbone, VisionTransformer):
        reason = f"{kind} is none of timm's plain vision transformers"
    elif type(backbone.patch_embed) is not PatchEmbed:
        reason = "convolutions make the patches of this one, and see beyond each of them"
    elif backbone.pos_embed is None:
        reason = "this one has no position embeddings"
    elif network.n_slices > 1:
        reason = "model.slices makes several images of each"
    if reason is not None:
        raise RecipeError(
            f"mae's encoder sees some patches of an image alone, and {reason}",
            where="model.backbone",
            fix="write backbone: vit_small_patch16_224, or another vit_… or deit_…; or "
            "method: {name: autoencoder}, which takes any backbone",
        )


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


METHOD = MAE
