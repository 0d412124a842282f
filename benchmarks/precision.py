"""Families of networks on a CPU: fp32 against bf16, and the batch size of predictions.

    train     CPU time of a step (forward, backward) in bf16 autocast over that in fp32: below 1
              bf16 is faster
    predict   CPU milliseconds an image without gradient, in fp32, by batch size, and the best in
              bf16 over the best in fp32

Weights are random: time does not depend on them. Steps take turns. The networks lie channels last,
as podium trains them; the allocator keeps freed memory, as podium sets it.

    OMP_NUM_THREADS=1 python benchmarks/precision.py [NAME …] [--repeats 5] [--size 64]
"""

from __future__ import annotations

import argparse
import time
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from podium.models.network import build_network
from podium.training.device import keep_freed_memory, use_all_cores
from podium.training.recipe import Recipe

NAMES = ("cnn", "resnet18", "wide_resnet", "tf_efficientnet_lite0", "mobilenetv3_small_100",
         "convnext_atto", "vit_tiny_patch16_224")  # fmt: skip
BATCHES = (1, 4, 16, 64)
PRECISIONS = ("fp32", "bf16")


def network_of(name: str, size: int) -> Any:
    """Return a network for 8 classes with random weights, channels last."""
    model = {"backbone": name, "pretrained": False}
    spec = Recipe.model_validate({"model": model, "phases": [{"name": "a", "epochs": 1}]}).model
    network = build_network(spec, n_outputs={"classify": 8}, image_size=(size, size))
    return network.to(memory_format=torch.channels_last)


def images_of(n: int, size: int) -> Tensor:
    """Return `n` random images, normalised and channels last."""
    return torch.rand(n, 3, size, size).contiguous(memory_format=torch.channels_last)


def precision(name: str) -> Any:
    """Return the context in which a network runs."""
    return torch.autocast("cpu", torch.bfloat16) if name == "bf16" else nullcontext()


def train(network: Any, images: Tensor, name: str) -> float:
    """Return the CPU seconds of a step."""
    network.train()
    began = time.process_time()
    with precision(name):
        loss = network(images)["classify"].float().logsumexp(1).mean()
    loss.backward()
    network.zero_grad(set_to_none=True)
    return time.process_time() - began


@torch.inference_mode()
def predict(network: Any, images: Tensor, name: str, n: int) -> float:
    """Return the CPU seconds of predictions for `n` images, a batch at a time."""
    network.eval()
    began = time.process_time()
    with precision(name):
        for _ in range(n // len(images)):
            network(images)
    return time.process_time() - began


def main() -> None:
    """Print a row for each family."""
    parser = argparse.ArgumentParser(description="bf16 and batch sizes by family, on a CPU.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16, help="of a training step")
    given = parser.parse_args()
    use_all_cores()
    keep_freed_memory()
    each, most = " | ".join(f"of {n}" for n in BATCHES), max(BATCHES)
    print(f"| network | train, bf16 / fp32 | predict, ms an image: {each} | bf16 / fp32 |")
    print("| --- |" + " --- |" * (len(BATCHES) + 2))
    for name in given.names or NAMES:
        network, images = network_of(name, given.size), images_of(given.batch, given.size)
        steps: dict[str, list[float]] = {one: [] for one in PRECISIONS}
        for turn in range(given.repeats + 1):
            for one in PRECISIONS:
                spent = train(network, images, one)
                if turn:  # the first makes ready
                    steps[one].append(spent)
        ratio = np.median(np.divide(steps["bf16"], steps["fp32"]))
        spans: dict[tuple[str, int], float] = {}
        for one in PRECISIONS:
            for n in BATCHES:
                batch = images_of(n, given.size)
                predict(network, batch, one, n)
                turns = [predict(network, batch, one, most) for _ in range(given.repeats)]
                spans[one, n] = 1000 * float(np.median(turns)) / most
        best = {one: min(spans[one, n] for n in BATCHES) for one in PRECISIONS}
        cells = [f"{ratio:.2f}", *(f"{spans['fp32', n]:.2f}" for n in BATCHES)]
        print(f"| {name} | {' | '.join(cells)} | {best['bf16'] / best['fp32']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
