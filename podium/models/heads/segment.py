"""The segmentation head: a decoder, dropout, one convolution, bilinear up-sampling, a cut.

With `decoder: linear` there is no decoder: a 1x1 convolution reads the deepest map.
"""

from __future__ import annotations

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models import decoders
from podium.models.decoders._decoder import Decoder, Decoding
from podium.models.features import Features, FeatureShape
from podium.models.spec import SegmentHead
from podium.workspace import extensions

__all__ = ["HEAD", "Segment", "load_decoder"]

_CONTRACT = extensions.ExtensionContract(
    "a podium.models.decoders.Decoder", lambda found: isinstance(found, Decoder)
)


class Segment(nn.Module):
    """Logits `(N, C, H, W)` at the size of the images, from the maps of the pyramid."""

    def __init__(
        self, shape: FeatureShape, decoding: Decoding, n_outputs: int, *, dropout: float
    ) -> None:
        super().__init__()
        self._read = (*shape.pyramid, *shape.tokens)
        self.decoder = decoding.module
        self.dropout = nn.Dropout2d(dropout)
        kernel = decoding.kernel_size
        self.convolution = nn.Conv2d(decoding.channels, n_outputs, kernel, padding=kernel // 2)
        nn.init.xavier_uniform_(self.convolution.weight)  # as smp starts it
        if self.convolution.bias is not None:
            nn.init.zeros_(self.convolution.bias)
        self.after = None if decoding.after is None else decoding.after(n_outputs)

    def logits(self, features: Features) -> Tensor:
        """Return the logits `(N, C, h, w)` in the resolution of the decoder."""
        decoded = self.decoder([features.maps[i] for i in self._read])
        logits: Tensor = self.convolution(self.dropout(decoded))
        return logits if self.after is None else self.after(logits)

    def forward(self, features: Features) -> Tensor:
        logits = self.logits(features)
        if logits.shape[-2:] != features.padded:
            logits = F.interpolate(
                logits, size=features.padded, mode="bilinear", align_corners=False
            )
        height, width = features.size
        return logits[..., :height, :width]  # (N, C, H, W)


def build(
    shape: FeatureShape, n_outputs: int, spec: SegmentHead, *, root: Path | None = None
) -> Segment:
    """Return the head that `spec` describes.

    Raises:
        RecipeError: the decoder does not take its options, or the maps of this backbone.
    """
    decoder = load_decoder(spec.decoder, root)
    try:
        decoding = decoder.build(shape, **spec.options)
        return Segment(shape, decoding, n_outputs, dropout=spec.dropout)
    except RecipeError:
        raise
    except Exception as error:  # whatever the decoder's own code raises for what it cannot do
        given = f" with {spec.options}" if spec.options else ""
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RecipeError(
            f"the decoder {spec.decoder} cannot be built{given}: {reason}",
            where=extensions.user_code_location(error) or "model.heads.segment.options",
            fix="mend or drop the options, or choose another decoder",
        ) from error


def load_decoder(name: str, root: Path | None) -> Decoder:
    """Return the decoder `name`.

    Raises:
        RecipeError: there is none, or what `module:object` names is none.
    """
    found: Decoder = extensions.load(
        decoders, name, "DECODER", error=RecipeError, root=root, contract=_CONTRACT
    )
    return found


HEAD = build
