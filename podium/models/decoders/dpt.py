"""DPT: blocks of a vision transformer, added up (Ranftl et al. 2021, arXiv:2103.13413), smp's.

It reads four blocks at quarters of the depth, before the last norm, and the class token beside each
of them, which `readout` brings in:

    cat      every patch p becomes GELU(W [p, t] + b), t the class token (the default where there is
             one, as in the paper)
    add      p + the mean of the class and register tokens
    ignore   p as it is (the default where there is no class token)

Backbones have one stride, as ViT, DeiT, DINOv2, CLIP, EVA and BEiT have; patches of 14 pixels are
taken as if they were of 16, and the logits scaled to the image.

Options: readout, intermediate_channels (256, 512, 1024, 1024: of the blocks, shallow to deep),
fusion_channels (256).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from segmentation_models_pytorch.base.initialization import initialize_decoder, initialize_head
from segmentation_models_pytorch.decoders.dpt.decoder import DPTDecoder, DPTSegmentationHead
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.decoders._decoder import Decoder, Decoding
from podium.models.features import FeatureShape, is_isotropic

__all__ = ["DECODER"]

Readout = Literal["ignore", "add", "cat"]


class _OnBlocks(nn.Module):
    """smp's decoder and head, but for the last convolution, which is that of podium's head."""

    def __init__(self, decoder: nn.Module, head: nn.Module, n_blocks: int) -> None:
        super().__init__()
        self.smp, self.head = decoder, head
        self._n_blocks = n_blocks

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        blocks, beside = list(maps[: self._n_blocks]), maps[self._n_blocks :]
        tokens: list[Tensor | None] = [one.flatten(2).transpose(1, 2) for one in beside]
        decoded: Tensor = self.head(self.smp(blocks, tokens or [None] * len(blocks)))
        return decoded


def build(
    shape: FeatureShape,
    *,
    readout: Readout | None = None,
    intermediate_channels: Sequence[int] = (256, 512, 1024, 1024),
    fusion_channels: int = 256,
) -> Decoding:
    """Return the decoder; its result has half the size of the image.

    Raises:
        RecipeError: the backbone has maps of several strides, or no class token to read out.
    """
    channels = [shape.channels[i] for i in shape.pyramid]
    strides = [shape.strides[i] for i in shape.pyramid]
    if not is_isotropic(strides):
        raise RecipeError(
            f"dpt reads blocks of one stride, as a vision transformer has them, and this backbone "
            f"has maps of the strides {', '.join(map(str, strides))}",
            where="model.heads.segment.decoder",
            fix="choose a backbone like vit_small_patch16_224, or a decoder like upernet or fpn",
        )
    if readout in ("add", "cat") and not shape.tokens:
        raise RecipeError(
            f"readout: {readout} needs a class token beside the maps, and this backbone gives none",
            where="model.heads.segment.options",
            fix="write readout: ignore, or leave it out",
        )
    decoder = DPTDecoder(
        channels,
        # smp scales by powers of two; the grid of a stride of 14 is a whole number of patches, too.
        [2 ** round(math.log2(stride)) for stride in strides],
        encoder_has_prefix_tokens=bool(shape.tokens),
        readout=readout or ("cat" if shape.tokens else "ignore"),
        intermediate_channels=intermediate_channels,
        fusion_channels=fusion_channels,
    )
    whole = DPTSegmentationHead(fusion_channels, 1)
    initialize_decoder(decoder)
    initialize_head(whole)
    head = nn.Sequential(*list(whole.head)[:-1])
    return Decoding(_OnBlocks(decoder, head, len(channels)), fusion_channels)


DECODER = Decoder(build, reads="tokens")
