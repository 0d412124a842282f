"""Time of a step of FixMatch: podium's loop against lean hand-written ones, resnet18 at 32 px.

All train the same network on the same images in the same memory layout, with one forward over
labelled, weak and strong images, the same optimiser, and an averaged network (EMA) by foreach.

    lean         normalise, forward, both losses, backward, step, EMA; its batches lie in memory
    podium       podium's loop, given the same batches: sets the rate, seeds, and records losses
    lean, fed    the lean loop, whose batches podium's feed draws and augments in a thread
    podium, fed  podium as it is

The goal stands on podium / lean. Before the clock starts both do a few steps and their losses are
compared. The loops take short turns, in an order that turns, too; ratios are of medians, of wall
time and of CPU time. The share is what podium takes beyond lean of its own CPU time. Threads that
wait for each other on a busy machine hide all of this: there, set OMP_NUM_THREADS=1.

    python benchmarks/fixmatch_step.py [--repeats 15] [--steps 3] [--batch 4] [--size 32]
"""

from __future__ import annotations

import argparse
import copy
import os
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from podium.models.network import build_network
from podium.training.augment import Views
from podium.training.averaging import AveragedNetwork
from podium.training.device import make_fabric, use_all_cores
from podium.training.method import LABELLED, UNLABELLED, Batch, Setting, Step, Stream
from podium.training.methods.fixmatch import METHOD
from podium.training.objective import build_objective
from podium.training.optim import build_optimizer
from podium.training.phase_run import PhasePlan, PhaseRun
from podium.training.prefetch import ahead
from podium.training.recipe import Mix, Recipe
from podium.training.streams import Feed, HostBatch, Normaliser, Rows

CLASSES, RATIO, THRESHOLD, DECAY = 8, 7, 0.2, 0.999  # a low threshold: some labels are kept


def recipe(size: int, batch: int) -> Recipe:
    """Return a recipe that trains everything, at a constant rate as the lean loop does."""
    return Recipe.model_validate(
        {
            "model": {"backbone": "resnet18", "pretrained": False},
            "input": {"size": size},
            "optimizer": {"name": "sgd", "lr": 1e-3, "schedule": "constant"},
            "batch_size": batch,
            "precision": "fp32",
            "ema_decay": DECAY,
            "phases": [{"name": "only", "epochs": 100_000}],
        }
    )


def samples(n: int, *, answers: bool) -> Rows:
    """Return `n` random images, 40 px, as the cache would hold them."""
    rng = np.random.default_rng(int(answers))
    images = rng.integers(0, 255, (n, 40, 40, 3)).astype(np.uint8)
    target = rng.integers(0, CLASSES, n) if answers else np.full(n, -1)
    names = [str(i) for i in range(n)]
    return Rows(images, np.arange(n), names, {"classify": target}, np.ones(n, dtype=np.float32))


def method_of(spec: Recipe) -> Any:
    """Return FixMatch on one head."""
    setting = Setting(
        {"classify": "multiclass"},
        {"classify": CLASSES},
        build_objective(None, kinds={"classify": "multiclass"}),
        spec.batch_size,
        "shuffle",
        Mix(),
        size=spec.input.height_width,
    )
    return METHOD(METHOD.Options(ratio=RATIO, threshold=THRESHOLD), setting)


def network_of(spec: Recipe) -> Any:
    """Return the recipe's network where it trains, channels last."""
    torch.manual_seed(0)
    outputs, size = {"classify": CLASSES}, spec.input.height_width
    network = build_network(spec.model, n_outputs=outputs, image_size=size)
    return network.to(make_fabric(spec).device, memory_format=torch.channels_last).train()


class Ready:
    """A feed that makes the batch of each stream once."""

    def __init__(self, feed: Feed) -> None:
        self._feed, self._made = feed, dict[str, HostBatch | None]()
        self.to_batch = feed.to_batch

    def make(self, stream: Stream, step: Step) -> HostBatch | None:
        """Return the stream's batch of the first step, whatever the step."""
        if stream.name not in self._made:
            self._made[stream.name] = self._feed.make(stream, step)
        return self._made[stream.name]


class Lean:
    """The loop as one would write it for FixMatch alone."""

    def __init__(self, spec: Recipe, pools: dict[Any, Rows], *, fed: bool) -> None:
        self.network = network_of(spec)
        self.optimizer = build_optimizer(self.network, spec.optimizer)
        self.normalise = Normaliser(
            self.network.mean, self.network.std, next(self.network.parameters()).device
        )
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.mine, self.theirs = (list(n.parameters()) for n in (self.average, self.network))
        self.kept, self.copied = (list(n.buffers()) for n in (self.average, self.network))
        self.updates = self.done = 0
        feed = Feed(pools, Views(spec.input), seed=spec.seed, phase=0)
        self.feed: Any = feed if fed else Ready(feed)
        self.streams = method_of(spec).streams(step_of(0, 1))
        self.fed = fed

    def epoch(self, steps: int) -> list[Tensor]:
        """Do so many steps and return their losses."""
        with closing(self.batches(steps)) as batches:
            return [self.step(*one) for one in batches]

    def batches(self, steps: int) -> Any:
        """Give the batches of the next steps, in host memory."""
        todo = [step_of(self.done + i, steps) for i in range(steps)]
        self.done += steps
        return ahead(self.make, todo) if self.fed else self.drawn(todo)

    def drawn(self, todo: list[Step]) -> Iterator[list[HostBatch]]:
        for step in todo:
            yield self.make(step)

    def make(self, step: Step) -> list[HostBatch]:
        return [self.feed.make(stream, step) for stream in self.streams]

    def step(self, labelled: HostBatch, unlabelled: HostBatch) -> Tensor:
        known: Batch = self.feed.to_batch(labelled, self.normalise)
        views = self.feed.to_batch(unlabelled, self.normalise).views
        n, m = len(known.images), len(views["weak"])
        logits = self.network(torch.cat([known.images, views["weak"], views["strong"]]))["classify"]
        supervised = F.cross_entropy(logits[:n], known.targets["classify"])
        with torch.no_grad():
            sure, label = logits[n : n + m].softmax(1).max(1)
            kept = (sure >= THRESHOLD).float()
        each = F.cross_entropy(logits[n + m :], label, reduction="none")
        loss = supervised + (each * kept).mean()
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.follow()
        return loss.detach()

    @torch.no_grad()
    def follow(self) -> None:
        decay = min(DECAY, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        torch._foreach_lerp_(self.mine, self.theirs, 1 - decay)
        torch._foreach_copy_(self.kept, self.copied)


class Podium:
    """Podium's own loop over a phase."""

    def __init__(self, spec: Recipe, pools: dict[Any, Rows], *, fed: bool, steps: int) -> None:
        network, fabric, phase = network_of(spec), make_fabric(spec), spec.phases[0]
        plan = PhasePlan(
            spec=phase,
            optimizer=spec.optimizer,
            method=method_of(spec),
            views=Views(spec.input),
            epochs=phase.epochs,
            per_epoch=steps,
            pools=pools,
        )
        self.run = PhaseRun(
            0,
            plan,
            spec,
            network=network,
            average=AveragedNetwork(network, decay=DECAY),
            normalise=Normaliser(network.mean, network.std, fabric.device),
            fabric=fabric,
        )
        if not fed:
            self.run._feed = Ready(self.run._feed)  # type: ignore[assignment]
        self.done = 0

    def epoch(self, steps: int) -> list[Tensor]:
        """Do so many steps and return their losses."""
        self.done += 1
        return [losses["total"] for losses in self.run.steps(self.done - 1, 0)]


def step_of(index: int, per_epoch: int) -> Step:
    """Return the step `index` of the phase."""
    return Step(0, 0, index // per_epoch, index, 0, per_epoch, 100_000 * per_epoch)


def measure(loops: dict[str, Any], steps: int, repeats: int) -> dict[str, Any]:
    """Return the median (wall, CPU) seconds a step of each loop, taken in turns."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in loops}
    names = list(loops)
    for turn in range(repeats):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            wall, cpu = time.perf_counter(), time.process_time()
            loops[name].epoch(steps)[-1].item()  # waits for a GPU
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            seconds[name].append((wall / steps, cpu / steps))
    return {name: np.median(each, axis=0) for name, each in seconds.items()}


def compare_losses(loops: dict[str, Any], steps: int) -> None:
    """Do an epoch of every loop; refuse to time loops that do not compute the same."""
    losses = {name: torch.stack(loop.epoch(steps)) for name, loop in loops.items()}
    for other in ("", ", fed"):
        torch.testing.assert_close(losses[f"podium{other}"], losses[f"lean{other}"])


def main() -> None:
    """Print the milliseconds a step of the loops, and their ratios."""
    parser = argparse.ArgumentParser(description="Time of a step of FixMatch.")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--batch", type=int, default=4, help="labelled images a step")
    parser.add_argument("--size", type=int, default=32)
    given = parser.parse_args()
    use_all_cores()
    spec = recipe(given.size, given.batch)
    pools: dict[Any, Rows] = {
        LABELLED: samples(10 * given.batch, answers=True),
        UNLABELLED: samples(10 * RATIO * given.batch, answers=False),
    }
    loops = {
        "lean": Lean(spec, pools, fed=False),
        "podium": Podium(spec, pools, fed=False, steps=given.steps),
        "lean, fed": Lean(spec, pools, fed=True),
        "podium, fed": Podium(spec, pools, fed=True, steps=given.steps),
    }
    compare_losses(loops, given.steps)
    medians = measure(loops, given.steps, given.repeats)
    for name, (wall, cpu) in medians.items():
        print(f"{name:12} {1000 * wall:8.1f} ms a step, {1000 * cpu:8.1f} ms of CPU")
    for other, goal in (("", " (goal: at most 1.03)"), (", fed", "")):
        wall, cpu = medians[f"podium{other}"] / medians[f"lean{other}"]
        share = 100 * (1 - 1 / cpu)
        print(f"podium / lean{other}: {wall:.3f}, of CPU {cpu:.3f}, a share of {share:.1f} %{goal}")


if __name__ == "__main__":
    main()
