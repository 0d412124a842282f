"""Time of a training step: podium's loop against plain PyTorch loops, resnet18 at 64 px.

All train the same network with the same optimiser on the same images, in the same memory layout.

    loader   what everyone writes: a DataLoader (no workers) that augments, forward, backward, step
    memory   the same without data: one batch, made before the clock starts
    podium   podium's loop: draws, augments and stacks batches in its thread, logs, sets the rate

The goal stands on podium / loader. The loops take short turns; ratios are of medians, of wall time
and of CPU time, which a busy machine disturbs less.

    python benchmarks/training_step.py [--repeats 25] [--steps 3] [--no-augmentation]
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from podium.models.network import build_network
from podium.tasks.protocols.find import image_kind
from podium.training.data.augment import StreamAugmentations, build_train
from podium.training.data.streams import Normaliser, SampleRows
from podium.training.device import make_fabric, use_all_cores
from podium.training.fit.optim import build_optimizer
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.method import LABELLED, PhaseSetting
from podium.training.methods.supervised import METHOD
from podium.training.objective import build_objective
from podium.training.recipe import Mix, Recipe

KINDS = {"classify": image_kind("multiclass")}
SIZE, CLASSES, BATCH = 64, 8, 32


def recipe(policy: str) -> Recipe:
    """Return a recipe that fine-tunes everything."""
    return Recipe.model_validate(
        {
            "model": {"backbone": "resnet18", "pretrained": False},
            "input": {"size": SIZE, "train": policy},
            "batch_size": BATCH,
            "phases": [{"name": "only", "epochs": 1000}],
        }
    )


def samples(n: int) -> SampleRows:
    """Return `n` random images, 80 px, as the cache would hold them."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (n, 80, 80, 3)).astype(np.uint8)
    target = rng.integers(0, CLASSES, n)
    weight = np.ones(n, dtype=np.float32)
    return SampleRows(
        images, np.arange(n), [str(i) for i in range(n)], {"classify": target}, weight
    )


class Augmented(Dataset[tuple[torch.Tensor, int]]):
    """The images, augmented at each access."""

    def __init__(self, spec: Recipe, rows: SampleRows) -> None:
        self.rows, self.view = rows, build_train(spec.input)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        view = self.view(self.rows.images[index], index)
        return torch.from_numpy(view), int(self.rows.target["classify"][index])


class Loader:
    """The loop that everyone writes."""

    def __init__(self, spec: Recipe, rows: SampleRows) -> None:
        self.network = network_of(spec)
        self.optimizer = build_optimizer(self.network, spec.optimizer)
        self.normalise = Normaliser(self.network.mean, self.network.std)
        data = Augmented(spec, rows)
        self.batches: Any = DataLoader(data, batch_size=BATCH, shuffle=True, drop_last=True)

    def epoch(self, steps: int) -> None:
        self.network.train()
        for images, target in self.batches:
            self.step(self.normalise(images), target)

    def step(self, images: torch.Tensor, target: torch.Tensor) -> None:
        loss = nn.functional.cross_entropy(self.network(images)["classify"], target)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)


class Memory(Loader):
    """The same, over one batch that is there already."""

    def __init__(self, spec: Recipe, rows: SampleRows) -> None:
        super().__init__(spec, rows)
        images, self.target = next(iter(self.batches))
        self.images = self.normalise(images)

    def epoch(self, steps: int) -> None:
        self.network.train()
        for _ in range(steps):
            self.step(self.images, self.target)


class Podium:
    """Podium's own loop over a phase."""

    def __init__(self, spec: Recipe, rows: SampleRows) -> None:
        network = network_of(spec)
        objective = build_objective(None, kinds=KINDS)
        setting = PhaseSetting(KINDS, {"classify": CLASSES}, objective, BATCH, "shuffle", Mix())
        phase = spec.phases[0]
        method = METHOD(METHOD.Options(), setting)
        plan = PhasePlan(
            phase,
            spec.optimizer,
            method,
            StreamAugmentations(spec.input),
            phase.epochs,
            method.epoch_steps({LABELLED: len(rows)}),
            {LABELLED: rows},
        )
        self.run = PhaseRun(
            0,
            plan,
            spec,
            network=network,
            average=None,
            normalise=Normaliser(network.mean, network.std),
            fabric=make_fabric(spec),
        )
        self.done = 0

    def epoch(self, steps: int) -> None:
        assert self.run.per_epoch == steps
        for losses in self.run.steps(self.done, 0):
            assert "total" in losses
        self.done += 1


def network_of(spec: Recipe) -> Any:
    """Return the recipe's network, channels last."""
    torch.manual_seed(0)
    network = build_network(spec.model, n_outputs={"classify": CLASSES}, image_size=(SIZE, SIZE))
    return network.to(memory_format=torch.channels_last)


def measure(loops: dict[str, Any], steps: int, repeats: int) -> dict[str, list[tuple[float, ...]]]:
    """Return (wall, CPU) seconds a step of each loop, taken in turns."""
    seconds: dict[str, list[tuple[float, ...]]] = {name: [] for name in loops}
    for loop in loops.values():
        loop.epoch(steps)
    for _ in range(repeats):
        for name, loop in loops.items():
            wall, cpu = time.perf_counter(), time.process_time()
            loop.epoch(steps)
            spent = time.perf_counter() - wall, time.process_time() - cpu
            seconds[name].append(tuple(one / steps for one in spent))
    return seconds


def main() -> None:
    """Print the milliseconds a step of the loops, and their ratios."""
    parser = argparse.ArgumentParser(description="Time of a training step.")
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--no-augmentation", action="store_true")
    given = parser.parse_args()
    use_all_cores()
    spec = recipe("none" if given.no_augmentation else "weak")
    rows = samples(given.steps * BATCH)
    kinds = {"loader": Loader, "memory": Memory, "podium": Podium}
    seconds = measure(
        {name: kind(spec, rows) for name, kind in kinds.items()}, given.steps, given.repeats
    )
    medians = {name: np.median(each, axis=0) for name, each in seconds.items()}
    for name, (wall, cpu) in medians.items():
        print(f"{name:8} {1000 * wall:8.1f} ms a step, {1000 * cpu:8.1f} ms of CPU")
    for peer in ("loader", "memory"):
        wall, cpu = medians["podium"] / medians[peer]
        goal = " (goal: at most 1.03)" if peer == "loader" else ""
        print(f"podium / {peer}: {wall:.3f}, of CPU {cpu:.3f}{goal}")


if __name__ == "__main__":
    main()
