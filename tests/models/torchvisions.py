"""DeepLabV3 as torchvision puts it together, of fewer blocks than its ResNet-50 has."""

from __future__ import annotations

from torch import nn
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.models.segmentation import DeepLabV3
from torchvision.models.segmentation.deeplabv3 import _deeplabv3_resnet

__all__ = ["LAYERS", "deeplabv3"]

# Two where strides become dilations: the first block there has the dilation of the stage before.
LAYERS = [1, 1, 2, 2]


def deeplabv3(num_classes: int, *, aux_loss: bool = False) -> nn.Module:
    """Return torchvision's network on a ResNet of `LAYERS`, at random weights."""
    trunk = ResNet(Bottleneck, LAYERS, replace_stride_with_dilation=[False, True, True])
    network: DeepLabV3 = _deeplabv3_resnet(trunk, num_classes, aux_loss)
    return network
