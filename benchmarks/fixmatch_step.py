"""Time of a step of FixMatch: podium's loop against lean hand-written ones, WRN-28-2 at 32 px.

All train the same network on the same images, with 16 labelled and 7 · 16 unlabelled ones a step,
the same optimiser, and an averaged network (EMA) by foreach. The lean loops normalise, forward
(labelled, weak and strong images at once), both losses, backward, step, EMA; podium's loop also
sets the rate, seeds and records losses. Batches lie in memory; `fed` ones are drawn and augmented
in a thread by podium's feed, in both.

    lean                 the network as torch makes it (contiguous)
    lean, channels last  the same in the memory layout in which podium always trains
    podium               joint, the default
    podium, split        weak views apart and without gradient
    podium, split, bf16  the same under autocast
    podium, flexmatch    what its memory adds; podium, comatch: a third view, bank and graph

The goals: podium no slower than lean, channels last; split at least 1.8 times faster than lean.
Before the clock starts the loops that compute the same are compared. They take short turns, in an
order that turns, too; ratios are of medians, of wall time and of CPU time. Threads that wait for
each other on a busy machine hide all of this: there, set OMP_NUM_THREADS=1 and read CPU time.

    python benchmarks/fixmatch_step.py [--repeats 5] [--steps 2] [--only podium,lean] [--profile]
"""

from __future__ import annotations

import argparse
import copy
import cProfile
import importlib
import pstats
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from podium.models.network import build_network
from podium.tasks.protocols.find import image_kind
from podium.training.data.augment import StreamAugmentations
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Feed, HostBatch, Normaliser, in_background
from podium.training.device import make_fabric, use_all_cores
from podium.training.fit.averaging import AveragedNetwork
from podium.training.fit.optim import build_optimizer
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.method import LABELLED, UNLABELLED, Batch, PhaseSetting, Step, Stream
from podium.training.objective import build_objective
from podium.training.recipe import Mix, Recipe

KINDS = {"classify": image_kind("multiclass")}
LEAN, LEAN_LAST, PODIUM, COMATCH = "lean", "lean, channels last", "podium", "podium, comatch"
SAME = ((PODIUM, LEAN_LAST), (LEAN_LAST, LEAN), ("podium, fed", "lean, fed"))
CLASSES, RATIO, THRESHOLD, DECAY = 8, 7, 0.2, 0.999  # a low threshold: some labels are kept


def recipe(size: int, batch: int, precision: str = "fp32") -> Recipe:
    """Return a recipe that trains everything, at a constant rate as the lean loop does."""
    return Recipe.model_validate(
        {
            "model": {"backbone": "wide_resnet", "pretrained": False},
            "input": {"size": size},
            "optimizer": {"name": "sgd", "lr": 1e-3, "schedule": "constant"},
            "batch_size": batch,
            "precision": precision,
            "ema_decay": DECAY,
            "phases": [{"name": "only", "epochs": 100_000}],
        }
    )


def samples(n: int, *, answers: bool) -> SampleRows:
    """Return `n` random images, 40 px, as the cache would hold them."""
    rng = np.random.default_rng(int(answers))
    images = rng.integers(0, 255, (n, 40, 40, 3)).astype(np.uint8)
    target = rng.integers(0, CLASSES, n) if answers else np.full(n, -1)
    names = [str(i) for i in range(n)]
    return SampleRows(
        images, np.arange(n), names, {"classify": target}, np.ones(n, dtype=np.float32)
    )


def method_of(spec: Recipe, name: str = "fixmatch", **options: Any) -> Any:
    """Return a method of weak and strong views, on one head."""
    kind = importlib.import_module(f"podium.training.methods.{name}").METHOD
    setting = PhaseSetting(
        KINDS,
        {"classify": CLASSES},
        build_objective(None, kinds=KINDS),
        spec.batch_size,
        "shuffle",
        Mix(),
        size=spec.input.height_width,
    )
    return kind(kind.Options(ratio=RATIO, threshold=THRESHOLD, **options), setting)


def network_of(spec: Recipe, layout: torch.memory_format = torch.channels_last) -> Any:
    """Return the recipe's network where it trains."""
    torch.manual_seed(0)
    outputs, size = {"classify": CLASSES}, spec.input.height_width
    network = build_network(spec.model, n_outputs=outputs, image_size=size)
    return network.to(make_fabric(spec).device, memory_format=layout).train()  # type: ignore[call-overload]


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

    def __init__(
        self,
        spec: Recipe,
        pools: dict[Any, SampleRows],
        *,
        fed: bool = False,
        layout: torch.memory_format = torch.channels_last,
    ) -> None:
        self.layout = layout
        self.network = network_of(spec, layout)
        self.optimizer = build_optimizer(self.network, spec.optimizer)
        self.normalise = Normaliser(
            self.network.mean, self.network.std, next(self.network.parameters()).device
        )
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.mine, self.theirs = (list(n.parameters()) for n in (self.average, self.network))
        self.kept, self.copied = (list(n.buffers()) for n in (self.average, self.network))
        self.updates = self.done = 0
        feed = Feed(pools, StreamAugmentations(spec.input), seed=spec.seed, phase=0)
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
        return in_background(self.make, todo) if self.fed else self.drawn(todo)

    def drawn(self, todo: list[Step]) -> Iterator[list[HostBatch]]:
        for step in todo:
            yield self.make(step)

    def make(self, step: Step) -> list[HostBatch]:
        return [self.feed.make(stream, step) for stream in self.streams]

    def step(self, labelled: HostBatch, unlabelled: HostBatch) -> Tensor:
        known: Batch = self.feed.to_batch(labelled, self.normalise)
        views = self.feed.to_batch(unlabelled, self.normalise).views
        n, m = len(known.images), len(views["weak"])
        images = torch.cat([known.images, views["weak"], views["strong"]])
        # Podium's images lie channels last, and convolutions follow what they are given.
        logits = self.network(images.contiguous(memory_format=self.layout))["classify"]
        supervised = F.cross_entropy(logits[:n], known.targets["classify"])
        with torch.no_grad():
            sure, label = logits[n : n + m].softmax(1).max(1)
            kept = (sure >= THRESHOLD).float()
        each = F.cross_entropy(logits[n + m :], label, reduction="none")
        loss: Tensor = supervised + (each * kept).mean()
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

    def __init__(
        self,
        spec: Recipe,
        pools: dict[Any, SampleRows],
        *,
        steps: int,
        fed: bool = False,
        method: str = "fixmatch",
        **options: Any,
    ) -> None:
        network, fabric, phase = network_of(spec), make_fabric(spec), spec.phases[0]
        plan = PhasePlan(
            spec=phase,
            optimizer=spec.optimizer,
            method=method_of(spec, method, **options),
            views=StreamAugmentations(spec.input),
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
    for one, other in SAME:
        if one in losses and other in losses:
            torch.testing.assert_close(losses[one], losses[other], rtol=1e-3, atol=1e-3)


def profile(loop: Any, steps: int) -> None:
    """Print where podium's own time goes."""
    loop.epoch(steps)
    with cProfile.Profile() as seen:
        loop.epoch(steps)[-1].item()
    pstats.Stats(seen).sort_stats("tottime").print_stats(25)


def main() -> None:
    """Print the milliseconds a step of the loops, and their ratios."""
    parser = argparse.ArgumentParser(description="Time of a step of FixMatch.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16, help="labelled images a step")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--only", help="loops, separated by semicolons; default: all")
    parser.add_argument("--profile", action="store_true", help="of podium's loop, and no times")
    given = parser.parse_args()
    use_all_cores()
    steps, spec = given.steps, recipe(given.size, given.batch)
    half = recipe(given.size, given.batch, "bf16")
    pools: dict[Any, SampleRows] = {
        LABELLED: samples(10 * given.batch, answers=True),
        UNLABELLED: samples(10 * RATIO * given.batch, answers=False),
    }
    makers: dict[str, Callable[[], Any]] = {
        LEAN: lambda: Lean(spec, pools, layout=torch.contiguous_format),
        LEAN_LAST: lambda: Lean(spec, pools),
        PODIUM: lambda: Podium(spec, pools, steps=steps),
        "podium, split": lambda: Podium(spec, pools, steps=steps, forward="split"),
        "podium, split, bf16": lambda: Podium(half, pools, steps=steps, forward="split"),
        "podium, flexmatch": lambda: Podium(spec, pools, steps=steps, method="flexmatch"),
        COMATCH: lambda: Podium(spec, pools, steps=steps, method="comatch"),
        "lean, fed": lambda: Lean(spec, pools, fed=True),
        "podium, fed": lambda: Podium(spec, pools, steps=steps, fed=True),
    }
    chosen = [one.strip() for one in given.only.split(";")] if given.only else list(makers)
    if given.profile:
        profile(makers[PODIUM](), steps)
        return
    loops = {name: makers[name]() for name in chosen}
    compare_losses(loops, steps)
    medians = measure(loops, steps, given.repeats)
    print("| loop | ms a step | CPU ms | times as fast as lean | of CPU | time / podium | of CPU |")
    print("| --- |" + " --- |" * 6)
    for name, (wall, cpu) in medians.items():
        faster = [f"{one:.2f}" for one in medians[LEAN] / medians[name]] if LEAN in medians else []
        beside = (
            [f"{one:.3f}" for one in medians[name] / medians[PODIUM]] if PODIUM in medians else []
        )
        told = [
            f"{1000 * wall:.0f}",
            f"{1000 * cpu:.0f}",
            *(faster or ["", ""]),
            *(beside or ["", ""]),
        ]
        print(f"| {name} | {' | '.join(told)} |")
    for one, other in SAME:
        if one in medians and other in medians:
            wall, cpu = medians[one] / medians[other]
            print(f"{one} / {other}: {wall:.3f}, of CPU {cpu:.3f}")
    if PODIUM in medians and COMATCH in medians:
        wall, cpu = medians[COMATCH] / medians[PODIUM] * (1 + 2 * RATIO) / (1 + 3 * RATIO)
        print(
            f"{COMATCH} / podium for each image (it has a third view): {wall:.3f}, of CPU {cpu:.3f}"
        )


if __name__ == "__main__":
    main()
