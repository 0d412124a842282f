"""A network as one ONNX file, for a machine that has onnxruntime and neither torch nor podium.

Normalisation is inside the file, so that nothing has to be remembered beside it:

    images    float32 (N, in_chans, H, W), pixels in [0, 1] (of 8 bits: / 255), red, green, blue;
              any N, the one (H, W) that it was written for
    classify  float32 (N, C), logits
    segment   float32 (N, C, H, W), logits

The file's metadata has under `podium`, as JSON, whose labels the network learnt (`trained_on`).

The outputs are logits, because the network does not depend on what a task makes of them: softmax of
exclusive classes, the sigmoid of others. Resizing, views and blending stay outside.

    session = onnxruntime.InferenceSession("fold-0.onnx")
    (logits,) = session.run(["classify"], {"images": images})
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from podium.errors import RecipeError, UsageError
from podium.models.checkpoints import METADATA_KEY
from podium.models.features import read_maps
from podium.models.network import Network
from podium.models.trained_on import TRAINED_ON, TrainedOn
from podium.workspace import atomic

__all__ = ["write_onnx"]

NEEDED = ("onnx", "onnxscript")
TRACED = 2  # images; one would be taken for "always one"


def write_onnx(
    network: Network,
    path: Path,
    size: tuple[int, int],
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    trained_on: TrainedOn | None = None,
) -> None:
    """Write `network`, as it predicts, to `path`; the file is whole or not there.

    Args:
        network: on any device; it stays as it is.
        path: the file, as `fold-0.onnx`.
        size: (H, W) of the images, the recipe's `input.size`.
        mean, std: what the recipe normalises with where it does not take the backbone's; one number
            a channel.
        trained_on: what it learnt, as `read_trained_on` has it of its checkpoint; None: what the
            network itself has, and where that is nothing, that it is unknown.

    Raises:
        UsageError: the packages that write ONNX are not installed.
        RecipeError: the network does something that ONNX, or torch's way to it, cannot express.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"an ONNX file is written with {' and '.join(NEEDED)}; not installed: "
            f"{', '.join(missing)}",
            fix="pip install 'podium-kaggle[onnx]'",
        )
    was_training, read = network.training, network._read
    network.eval()
    network._read = read_maps  # the exporter cannot look into what torch has compiled
    try:
        program = _exported(network, size, mean or network.mean, std or network.std)
    finally:
        network._read = read
        network.train(was_training)
    learnt = trained_on or network.trained_on
    if trained_on is None and not learnt.images:  # weights that were put in by hand have none
        learnt = TrainedOn(is_known=False)
    program.model.metadata_props[METADATA_KEY] = json.dumps({TRAINED_ON: learnt.facts})
    with atomic.replacing(path) as temporary:
        program.save(temporary, external_data=False)


class _FromPixels(nn.Module):
    """The network with its normalisation before it, and logits in the order of its heads."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: Network, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        logits = self.network((images - self.mean) / self.std)
        return tuple(logits.values())


def _exported(
    network: Network, size: tuple[int, int], mean: Sequence[float], std: Sequence[float]
) -> Any:
    device = next(network.parameters()).device
    images = torch.rand(TRACED, network.in_chans, *size, device=device)
    numbers = (torch.tensor(one, device=device).view(1, -1, 1, 1) for one in (mean, std))
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of the exporter about itself
            program = torch.onnx.export(
                _FromPixels(network, *numbers).eval(),
                (images,),
                input_names=["images"],
                output_names=list(network.heads),
                dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
                dynamo=True,
                verbose=False,
            )
    except Exception as error:
        raise _impossible(_first_line(error)) from error
    assert program is not None
    shape = program.model.graph.inputs[0].shape
    if shape is None or isinstance(shape[0], int):
        raise _impossible("it takes the number of images for a constant")
    return program


def _impossible(reason: str) -> RecipeError:
    return RecipeError(
        f"this network cannot be written as ONNX: {reason}",
        where="model",
        fix="choose another backbone or decoder, or predict with podium",
    )


def _first_line(error: Exception) -> str:
    # The exporter wraps the reason in pages of what it tried.
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return (str(cause).strip() or type(cause).__name__).splitlines()[0][:200]
