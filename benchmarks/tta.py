"""What eight views cost beyond eight passes of the network, as ratios in one run.

    python benchmarks/tta.py [--rounds 200]

A tiny network makes masks of images of 64 pixels, so that views are dear beside it: two
convolutions and a sigmoid. Compared with eight bare passes of the same batch in inference
mode are podium's eight dihedral views, masks brought back and averaged, by each mean, and ttach
(`SegmentationTTAWrapper`, `aliases.d4_transform`) where it can be imported; its masks must equal
podium's. One thread, seconds of the processor; the fastest of several rounds by turns counts. Exits
with 1 where the plain mean costs more than 1.4 times the bare passes, or masks differ.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from podium.predictions import tta
from podium.predictions.views import NAMES, ViewMean

GOAL = 1.4
BATCHES = (1, 8)
SIDE = 64


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200, help="the fastest counts")
    rounds = parser.parse_args(argv).rounds
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = tiny().eval()
    met = True
    print("| batch | | ms | divided by eight bare passes |\n| --- | --- | --- | --- |")
    with torch.inference_mode():
        for n in BATCHES:
            images = torch.rand(n, 3, SIDE, SIDE)
            ways = contestants(network, images)
            times = fastest(ways, rounds)
            for name, seconds in times.items():
                ratio = seconds / times["bare passes"]
                print(f"| {n} | {name} | {1000 * seconds:.2f} | {ratio:.2f} |")
                met &= name != "podium, mean" or ratio <= GOAL
            if "ttach" in ways:
                far = (ways["ttach"]() - ways["podium, mean"]()).abs().max().item()
                print(f"largest difference between podium's masks and ttach's: {far:.1e}")
                met &= far < 1e-5
            else:
                print("ttach is not installed")
    return 0 if met else 1


def tiny() -> nn.Module:
    """Return a network from `(N, 3, H, W)` to probabilities `(N, 1, H, W)`."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 1, 3, padding=1),
        nn.Sigmoid(),
    )


def contestants(network: nn.Module, images: Tensor) -> dict[str, Callable[[], Tensor]]:
    """Return what is timed, by name."""

    def bare() -> Tensor:
        for _ in range(8):
            said = network(images)
        return said

    def podium(mean: ViewMean) -> Callable[[], Tensor]:
        return lambda: tta.average_masks(network, images, NAMES, mean=mean, is_multiclass=False)

    ways: dict[str, Callable[[], Tensor]] = {"bare passes": bare}
    ways |= {f"podium, {mean}": podium(mean) for mean in ("mean", "geometric", "max")}
    try:
        import ttach
    except ImportError:
        return ways
    wrapped = ttach.SegmentationTTAWrapper(
        network, ttach.aliases.d4_transform(), merge_mode="mean"
    ).eval()
    return ways | {"ttach": lambda: wrapped(images)}


def fastest(ways: dict[str, Callable[[], Tensor]], rounds: int) -> dict[str, float]:
    """Return the seconds of the fastest round of each."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.thread_time()
            way()
            best[name] = min(best[name], time.thread_time() - started)
    return best


if __name__ == "__main__":
    sys.exit(main())
