"""DeepLabV3 as torchvision has it (Chen et al. 2017, arXiv:1706.05587), for its trained weights.

`torchvision.models.segmentation.deeplabv3_resnet50` is `backbone: resnet50` with `options:
{output_stride: 8}` and this decoder: the same layers, and the same numbers from the same weights.
Its files hold the decoder's weights under `classifier.`, those of the last convolution under
`classifier.4.`; the second head that it trains with, `aux_classifier.`, has no place here.

Options: atrous_rates (default: 12, 24, 36, whatever the stride, as in torchvision).
"""

from __future__ import annotations

from collections.abc import Sequence

from torchvision.models.segmentation.deeplabv3 import DeepLabHead

from podium.models.decoders._decoder import Decoder, Decoding, OnDeepest
from podium.models.features import FeatureShape

__all__ = ["DECODER"]

CHANNELS = 256  # of its last layer but one; torchvision has no option for it


def build(shape: FeatureShape, *, atrous_rates: Sequence[int] = (12, 24, 36)) -> Decoding:
    """Return the decoder; its result has the size of the deepest map."""
    head = DeepLabHead(shape.channels[shape.pyramid[-1]], 1, tuple(atrous_rates))
    # Its last convolution is that of podium's head.
    return Decoding(OnDeepest(*list(head)[:-1]), CHANNELS)


DECODER = Decoder(
    build,
    reads="deepest",
    renames=(("classifier.4.", "convolution."), ("classifier.", "decoder.")),
)
