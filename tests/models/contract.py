"""The architectures whose contract is tested: one a timm family in use, our own, all decoders.

Each is a family's network with fewer or narrower blocks where timm lets it be one, and at random
weights: what is tested is how podium reads, trains, keeps and writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

__all__ = ["EVERY", "ODD", "QUICK", "Row"]

ODD = (45, 61)
BOTH = {"classify": 3, "segment": 2}
TRANSFORMER = {"embed_dim": 32, "depth": 4, "num_heads": 2}
SWIN = {"embed_dim": 24, "depths": [1, 1, 1, 1], "num_heads": [1, 2, 4, 8]}
NARROW: dict[str, dict[str, Any]] = {  # decoders
    "deeplabv3": {"decoder_channels": 16},
    "deeplabv3plus": {"decoder_channels": 16},
    "dpt": {"intermediate_channels": [8, 8, 16, 16], "fusion_channels": 16},
    "fcn32s": {"channels": 16},
    "fpn": {"pyramid_channels": 32, "segmentation_channels": 32},
    "manet": {"decoder_channels": [16, 16, 8, 8, 8]},
    "pspnet": {"out_channels": 16},
    "segformer": {"segmentation_channels": 16},
    "unet": {"decoder_channels": [16, 16, 8, 8, 8]},
    "unetplusplus": {"decoder_channels": [16, 16, 8, 8, 8]},
    "upernet": {"decoder_channels": 16},
}


@dataclass(frozen=True)
class Row:
    """A network with two heads, and the size of image that it is built for."""

    backbone: str
    decoder: str = "unet"
    options: dict[str, Any] = field(default_factory=dict)
    decoder_options: dict[str, Any] | None = None
    size: tuple[int, int] = ODD

    def build(self, *, seed: int = 0, in_chans: int = 3, tasks: tuple[str, ...] = ()) -> Network:
        """Return the network with both heads, or with those of `tasks`."""
        options = NARROW.get(self.decoder, {})
        if self.decoder_options is not None:
            options = self.decoder_options
        spec = ModelSpec.model_validate(
            {
                "backbone": self.backbone,
                "pretrained": False,
                "options": self.options,
                "heads": {
                    "classify": {},
                    "segment": {"decoder": self.decoder, "options": options},
                },
            }
        )
        requested = {task: BOTH[task] for task in tasks or BOTH}
        torch.manual_seed(seed)
        return build_network(spec, n_outputs=requested, in_chans=in_chans, image_size=self.size)


def _on_cnn(decoder: str, *, size: tuple[int, int] = ODD, downsample: str = "stride") -> Row:
    # Four levels; MA-Net's squeezes the deepest map to a sixteenth of its channels.
    four = {"decoder_channels": [16, 8, 8, 8]}
    own = four if decoder in ("unet", "unetplusplus", "manet") else None
    return Row("cnn", decoder, {"widths": [8, 8, 16, 64], "downsample": downsample}, own, size)


QUICK: dict[str, Row] = {
    # Every decoder, on the network of our own.
    "cnn": _on_cnn("unet", downsample="max"),
    "cnn-deeplabv3": _on_cnn("deeplabv3"),
    "cnn-deeplabv3_torchvision": _on_cnn("deeplabv3_torchvision"),
    "cnn-deeplabv3plus": _on_cnn("deeplabv3plus"),
    "cnn-fcn32s": _on_cnn("fcn32s"),
    "cnn-fpn": _on_cnn("fpn"),
    "cnn-linear": _on_cnn("linear"),
    "cnn-linknet": _on_cnn("linknet"),
    "cnn-manet": _on_cnn("manet"),
    "cnn-pan": _on_cnn("pan", size=(120, 123)),
    "cnn-pspnet": _on_cnn("pspnet"),
    "cnn-segformer": _on_cnn("segformer"),
    "cnn-unetplusplus": _on_cnn("unetplusplus"),
    "cnn-upernet": _on_cnn("upernet"),
    "wide_resnet": Row("wide_resnet", "linear", {"depth": 10, "widen": 1}),
    # Convolutions.
    "resnet": Row("resnet18", "unet", {"layers": [1, 1, 1, 1], "channels": [8, 16, 24, 32]}),
    "resnext101_64x4d": Row("resnext101_64x4d", "fpn", {"layers": [1, 1, 1, 1]}),
    "vgg": Row("vgg11", "fcn32s", {"mlp_ratio": 0.002}),
    "vgg-steps": Row(
        "vgg11",
        "fcn32s",
        {"mlp_ratio": 0.002},
        {"upsampling": "steps", "decoder_channels": [16, 16, 8, 8, 8]},
    ),
    "densenet": Row("densenet121", "linknet", {"block_config": [2, 2, 2, 2], "growth_rate": 8}),
    "efficientnet": Row("test_efficientnet", "unetplusplus"),
    "mobilenetv3": Row("mobilenetv3_small_050", "deeplabv3plus"),
    "regnet": Row("regnety_002", "pspnet"),
    "convnext": Row("convnext_atto", "upernet", {"depths": [1] * 4, "dims": [8, 16, 24, 32]}),
    # Transformers.
    "vit": Row("vit_tiny_patch16_224", "dpt", TRANSFORMER),
    "vit-segformer": Row("vit_tiny_patch16_224", "segformer", TRANSFORMER),
    "swin": Row("swin_tiny_patch4_window7_224", "segformer", SWIN),
    "clip": Row("vit_base_patch32_clip_224", "dpt", TRANSFORMER),
    "dinov2": Row("vit_small_patch14_dinov2", "dpt", TRANSFORMER),
    "eva02": Row("eva02_tiny_patch14_224", "dpt", TRANSFORMER),
}

WIDE: dict[str, Row] = {
    "beit": Row("beitv2_base_patch16_224", "dpt", TRANSFORMER),
    "cait": Row("cait_xxs24_224", "linear"),
    "coatnet": Row("coatnet_pico_rw_224"),
    "davit": Row(
        "davit_tiny",
        "upernet",
        {"depths": [1] * 4, "embed_dims": [8, 16, 24, 32], "num_heads": [1, 2, 3, 4]},
    ),
    "deit3": Row("deit3_small_patch16_224", "segformer", TRANSFORMER),
    "dinov2-registers": Row("vit_small_patch14_reg4_dinov2", "linear", TRANSFORMER),
    "dinov3": Row("vit_small_patch16_dinov3", "dpt", TRANSFORMER),
    "efficientnet_b0": Row("tf_efficientnet_b0", "manet"),
    "efficientvit": Row("efficientvit_b0"),
    "fastvit": Row("fastvit_t8"),
    "hgnet": Row("hgnetv2_b0"),
    "hiera": Row("hiera_tiny_224"),
    "hrnet": Row("hrnet_w18_small", "fpn"),
    "inception": Row("inception_v3", size=(93, 97)),
    "levit": Row("levit_128s", "linear"),
    "maxvit": Row("maxvit_pico_rw_256"),
    "mixer": Row("mixer_s32_224", "linear"),
    "mobilenetv4": Row("mobilenetv4_conv_small_050", "deeplabv3plus"),
    "mobilevit": Row("mobilevit_xxs"),
    "poolformer": Row("poolformer_s12", "fpn"),
    "pvt": Row("pvt_v2_b0", "segformer"),
    "repvit": Row("repvit_m0_9"),
    "sam": Row("samvit_base_patch16", "dpt", TRANSFORMER),
    "siglip": Row("vit_base_patch16_siglip_224", "dpt", TRANSFORMER),
    "swinv2": Row("swinv2_tiny_window8_256", "unet", SWIN),
    "tiny_vit": Row("tiny_vit_5m_224"),
    "xception": Row("xception41", "deeplabv3"),
    "xcit": Row("xcit_nano_12_p16_224", "dpt"),
}

EVERY = QUICK | WIDE
