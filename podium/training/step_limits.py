"""What limits a training step on this machine: measured on a small network, in some seconds.

A step is the baseline's at its usual size: resnet18, weak views of photos in the cache. Making a
batch (one thread), moving it to the device and the arithmetic go on side by side, so the slowest of
them is the step. Decoding is paid once: `podium check` and the first training fill the cache.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from podium.competition.cache import shrink
from podium.competition.images import read_bands
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.tasks.protocols.names import IMAGES
from podium.training.data.augment import StreamAugmentations
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Feed, Normaliser
from podium.training.device import keep_freed_memory, make_fabric, own_random_state, use_all_cores
from podium.training.fit.optim import build_optimizer
from podium.training.method import LABELLED, Step, Stream
from podium.training.recipe import Input, OptimizerSpec, Phase, Recipe
from podium.training.runs.job import cached_side
from podium.workspace.atomic import temporary_folder

__all__ = ["StepLimits", "measure_step"]

CLASSES, REPEATS, DECODED = 10, 3, 6
PHOTO = 480, 640
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class StepLimits:
    """Seconds of the parts of a step, of `batch_size` images.

    Attributes:
        device: the GPU's name, or "cpu".
        batch_size, size: images of a step, and their side in pixels.
        decode_s: to decode a photo of 640 × 480 and shrink it for the cache, once and for one.
        batch_s: to make the batch from the cache, in one thread.
        transfer_s: to move it to the device and normalise it.
        arithmetic_s: forward, backward and the optimiser's step.
    """

    device: str
    batch_size: int
    size: int
    decode_s: float
    batch_s: float
    transfer_s: float
    arithmetic_s: float

    @property
    def limit(self) -> str:
        """What takes longest: "views", "transfer" or "arithmetic"."""
        parts = {
            "views": self.batch_s,
            "transfer": self.transfer_s,
            "arithmetic": self.arithmetic_s,
        }
        return max(parts, key=lambda name: parts[name])

    @property
    def images_per_s(self) -> float:
        """Images a second of the whole step."""
        return self.batch_size / max(self.batch_s, self.transfer_s, self.arithmetic_s)

    @property
    def workers(self) -> int:
        """Processes that make batches as fast as the device takes them; 0: a thread does."""
        rest = max(self.transfer_s, self.arithmetic_s)
        return 0 if self.batch_s <= rest else int(np.ceil(self.batch_s / rest))


def measure_step(batch_size: int | None) -> dict[str, Any]:
    """Return `StepLimits` as a dict of plain values.

    Args:
        batch_size: images of the step; default: 32 on a GPU, 8 on a CPU, where one takes a second.
    """
    use_all_cores()
    keep_freed_memory()
    recipe = Recipe(input=Input(train="weak"), phases=[Phase(name="all", epochs=1)])
    fabric = make_fabric(recipe)
    has_gpu = fabric.device.type == "cuda"
    batch_size = batch_size or (32 if has_gpu else 8)
    decode_s, images = _decoded(cached_side(recipe.input), batch_size)
    rows = SampleRows(
        images=images,
        at=np.arange(batch_size),
        ids=[str(number) for number in range(batch_size)],
        target={IMAGES: np.arange(batch_size) % CLASSES},
        weight=np.ones(batch_size, dtype=np.float32),
    )
    feed = Feed({LABELLED: rows}, StreamAugmentations(recipe.input), seed=0, phase=0)
    stream, normalise = Stream(LABELLED, batch_size), Normaliser(MEAN, STD, fabric.device)
    step = Step(seed=0, phase=0, epoch=0, index=0, micro=0, per_epoch=1, total=1)

    def wait() -> None:
        if has_gpu:
            torch.cuda.synchronize()

    made = feed.make(stream, step)
    assert made is not None
    batch_s = _seconds(lambda: feed.make(stream, step), wait)
    batch = feed.to_batch(made, normalise)
    transfer_s = _seconds(lambda: feed.to_batch(made, normalise), wait)
    with own_random_state():
        model = ModelSpec(backbone="resnet18", pretrained=False)
        network = build_network(model, n_outputs={IMAGES: CLASSES})
        network = network.to(fabric.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = build_optimizer(network, OptimizerSpec(), is_fused=has_gpu)
        learner, stepper = fabric.setup_module(network.train()), fabric.setup_optimizers(optimizer)

        def learn() -> None:
            logits = learner(batch.images)[IMAGES]
            fabric.backward(F.cross_entropy(logits.float(), batch.targets[IMAGES]))
            stepper.step()
            optimizer.zero_grad(set_to_none=True)

        learn()  # buffers are made, kernels chosen
        arithmetic_s = _seconds(learn, wait)
    height, _ = recipe.input.height_width
    name = torch.cuda.get_device_name() if has_gpu else "cpu"
    found = StepLimits(name, batch_size, height, decode_s, batch_s, transfer_s, arithmetic_s)
    return asdict(found) | {
        "limit": found.limit,
        "images_per_s": found.images_per_s,
        "workers": found.workers,
    }


def _seconds(work: Callable[[], object], wait: Callable[[], None]) -> float:
    """Return the median seconds of `work`, with all that it left to the device."""
    found = []
    for _ in range(REPEATS):
        wait()
        began = time.perf_counter()
        work()
        wait()
        found.append(time.perf_counter() - began)
    return median(found)


def _decoded(side: int | None, n: int) -> tuple[float, list[NDArray[np.uint8]]]:
    """Return the seconds to decode a photo for the cache, and `n` of them."""
    rng = np.random.default_rng(0)
    with temporary_folder("podium-step") as folder:
        files = []
        for number in range(DECODED):
            coarse = rng.integers(0, 256, (15, 20, 3), dtype=np.uint8)
            photo = cv2.resize(coarse, PHOTO[::-1], interpolation=cv2.INTER_CUBIC)
            grain = rng.integers(0, 12, photo.shape, dtype=np.uint8)  # or it would be all smooth
            files.append(folder / f"{number}.jpg")
            cv2.imwrite(str(files[-1]), cv2.add(photo, grain))
        seconds, images = [], []
        for file in files:
            began = time.perf_counter()
            images.append(shrink(read_bands(file), side))
            seconds.append(time.perf_counter() - began)
    return median(seconds), [images[number % DECODED] for number in range(n)]
