"""Time of a training step: podium's loop over a plain PyTorch loop of the same work.

Both train the same network with the same optimiser, in the same memory layout, on the same images
in the same views. The plain loop is what everyone writes: a DataLoader (no workers) that augments
image by image with albumentations, forward, backward, step.

    resnet18   64 px, batch 32, labels, weak views
    cnn        podium's small network, 28 px, batch 64, labels, strong views
    cnn-semi   FixMatch on it, 16 labelled and 112 unlabelled images in weak and strong views
    unet       ResNet-18 with a U-Net's decoder, 128 px, batch 8, masks, weak views
    fixmatch   WRN-28-2, 32 px, 16 labelled and 112 unlabelled images in weak and strong views

`views` is the share of making the batches, views and all, in podium's step, by CPU time.
`--batched` takes the policies `weak_batched` and `strong_batched` in podium's loop.

`arithmetic` is the plain loop over a batch that was made before the clock started. The loops take
short turns in one process, in an order that turns, too; ratios are those of neighbours, and their
median is printed, of CPU time (which a busy machine disturbs less) and of wall time. The goal is at
most 1.03 of CPU time.

`--allocator` compares podium's loop with and without the thresholds of malloc that podium sets at
its start, in fresh processes that take turns, with the page faults of a step.

    OMP_NUM_THREADS=1 python benchmarks/training_step.py [CASE …] [--batched] [--repeats 15]
    OMP_NUM_THREADS=2 python benchmarks/training_step.py --allocator [CASE …]
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations
import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from podium.models.network import build_network
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.training.data.augment import StreamAugmentations
from podium.training.data.rows import MaskForm, SampleRows
from podium.training.data.streams import Normaliser
from podium.training.device import make_fabric, use_all_cores
from podium.training.fit.optim import build_optimizer
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.method import LABELLED, UNLABELLED, PhaseSetting
from podium.training.methods.fixmatch import METHOD as FIXMATCH
from podium.training.methods.supervised import METHOD as SUPERVISED
from podium.training.objective import build_objective
from podium.training.policies.strong import strong
from podium.training.policies.weak import weak
from podium.training.recipe import Mix, Recipe

CLASSES, RATIO, THRESHOLD = 8, 7, 0.2  # a low threshold: some labels are kept
POLICIES = {"weak": weak, "strong": strong}


@dataclasses.dataclass(frozen=True)
class Case:
    """A network, its images and its views."""

    model: dict[str, Any]
    size: int
    batch: int
    train: str
    kept: int  # side of the cached images
    of_masks: bool = False
    semi_supervised: bool = False
    batched: bool = False  # podium's views are drawn over the batch

    def policy(self, name: str) -> str:
        """Return the policy of podium's loop."""
        return f"{name}_batched" if self.batched else name

    @property
    def recipe(self) -> Recipe:
        return Recipe.model_validate(
            {
                "model": {"pretrained": False, **self.model},
                "input": {"size": self.size, "train": self.policy(self.train)},
                "batch_size": self.batch,
                "phases": [{"name": "only", "epochs": 100_000}],
            }
        )

    @property
    def kinds(self) -> dict[str, Any]:
        if self.of_masks:
            return {"segment": pixel_kind("binary")}
        return {"classify": image_kind("multiclass")}


_UNET = {"segment": {"decoder": "unet"}}
CASES = {
    "resnet18": Case({"backbone": "resnet18"}, 64, 32, "weak", 80),
    "cnn": Case({"backbone": "cnn"}, 28, 64, "strong", 28),
    "cnn-semi": Case({"backbone": "cnn"}, 28, 16, "weak", 28, semi_supervised=True),
    "unet": Case({"backbone": "resnet18", "heads": _UNET}, 128, 8, "weak", 160, of_masks=True),
    "fixmatch": Case({"backbone": "wide_resnet"}, 32, 16, "weak", 32, semi_supervised=True),
}


def samples(case: Case, n: int, *, answers: bool = True) -> SampleRows:
    """Return `n` random images as the cache would hold them; masks are of blobs."""
    rng = np.random.default_rng(int(answers))
    images = rng.integers(0, 255, (n, case.kept, case.kept, 3)).astype(np.uint8)
    names, weight = [str(i) for i in range(n)], np.ones(n, dtype=np.float32)
    if case.of_masks:
        noise = [cv2.blur(one[:, :, 0], (15, 15)) for one in images]
        masks = [(one > 127).astype(np.uint8) for one in noise]
        form = MaskForm(case.kinds["segment"], 1)
        return SampleRows(images, np.arange(n), names, {}, weight, masks=masks, form=form)
    target = rng.integers(0, CLASSES, n) if answers else np.full(n, -1)
    return SampleRows(images, np.arange(n), names, {"classify": target}, weight)


def pools_of(case: Case, steps: int) -> dict[Any, SampleRows]:
    """Return the samples of `steps` steps."""
    pools: dict[Any, SampleRows] = {LABELLED: samples(case, steps * case.batch)}
    if case.semi_supervised:
        pools[UNLABELLED] = samples(case, steps * RATIO * case.batch, answers=False)
    return pools


def network_of(case: Case) -> Any:
    """Return the case's network, channels last."""
    torch.manual_seed(0)
    task = next(iter(case.kinds))
    outputs = {task: 1 if case.of_masks else CLASSES}
    network = build_network(case.recipe.model, n_outputs=outputs, image_size=(case.size,) * 2)
    return network.to(memory_format=torch.channels_last).train()


class Augmented(Dataset[tuple[Any, ...]]):
    """The images in views of one or two policies, drawn at each access."""

    def __init__(self, case: Case, rows: SampleRows, policies: tuple[str, ...]) -> None:
        self.rows, self.side = rows, case.size
        size = (case.size, case.size)
        self.views = [albumentations.Compose(list(POLICIES[one](size))) for one in policies]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        image, mask = self.rows.images[index], None
        if self.rows.masks is not None:
            mask = self.rows.masks[index]
        if image.shape[0] != self.side:
            image = cv2.resize(image, (self.side, self.side), interpolation=cv2.INTER_AREA)
            if mask is not None:
                how = cv2.INTER_NEAREST_EXACT
                mask = cv2.resize(mask, (self.side, self.side), interpolation=how)
        if mask is not None:
            made = self.views[0](image=image, mask=mask)
            return torch.from_numpy(made["image"]), torch.from_numpy(made["mask"])
        views = [torch.from_numpy(view(image=image)["image"]) for view in self.views]
        return (*views, int(self.rows.target["classify"][index]))


class Plain:
    """The loop that everyone writes; with `ready`, over batches that are there already."""

    def __init__(self, case: Case, steps: int, *, ready: bool = False) -> None:
        self.case, self.network = case, network_of(case)
        self.optimizer = build_optimizer(self.network, case.recipe.optimizer)
        mean, std = (torch.tensor(one) for one in (self.network.mean, self.network.std))
        self.mean, self.std = (255 * one.view(1, -1, 1, 1) for one in (mean, std))
        pools = pools_of(case, steps)
        labelled = Augmented(case, pools[LABELLED], (case.train,))
        self.loaders = [self.loader(labelled, case.batch)]
        if case.semi_supervised:
            unlabelled = Augmented(case, pools[UNLABELLED], ("weak", "strong"))
            self.loaders.append(self.loader(unlabelled, RATIO * case.batch))
        self.ready = next(self.batches()) if ready else None

    def loader(self, data: Augmented, size: int) -> Any:
        """Return batches in a new order at each pass."""
        return DataLoader(data, batch_size=size, shuffle=True, drop_last=True)

    def batches(self) -> Iterator[tuple[Any, ...]]:
        """Give the batches of an epoch, one of each loader."""
        return zip(*self.loaders, strict=True)

    def epoch(self, steps: int) -> None:
        """Do so many steps."""
        every = self.batches() if self.ready is None else itertools.repeat(self.ready, steps)
        for batches in every:
            loss = self.loss(*batches)
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)

    def loss(self, labelled: Any, unlabelled: Any = None) -> Tensor:
        """Return the loss of a batch: of labels, of masks, or FixMatch's."""
        images, target = self.normalised(labelled[0]), labelled[1]
        if self.case.of_masks:
            logits = self.network(images)["segment"]
            return F.binary_cross_entropy_with_logits(logits[:, 0], target.float())
        if unlabelled is None:
            return F.cross_entropy(self.network(images)["classify"], target)
        weakly, strongly = (self.normalised(one) for one in unlabelled[:2])
        n, m = len(images), len(weakly)
        logits = self.network(torch.cat([images, weakly, strongly]))["classify"]
        with torch.no_grad():
            sure, label = logits[n : n + m].softmax(1).max(1)
            kept = (sure >= THRESHOLD).float()
        each = F.cross_entropy(logits[n + m :], label, reduction="none")
        loss: Tensor = F.cross_entropy(logits[:n], target) + (each * kept).mean()
        return loss

    def normalised(self, images: Tensor) -> Tensor:
        """Return images `(N, h, w, C)` of uint8 as input of the network."""
        return (images.permute(0, 3, 1, 2).float() - self.mean) / self.std


class Podium:
    """Podium's own loop over a phase."""

    def __init__(self, case: Case, steps: int) -> None:
        spec, network, pools = case.recipe, network_of(case), pools_of(case, steps)
        loss = {"segment": {"bce": 1.0}} if case.of_masks else None
        outputs = dict.fromkeys(case.kinds, 1 if case.of_masks else CLASSES)
        setting = PhaseSetting(
            case.kinds,
            outputs,
            build_objective(loss, kinds=case.kinds),
            case.batch,
            "shuffle",
            Mix(),
            size=(case.size, case.size),
        )
        if case.semi_supervised:
            views = {name: case.policy(name) for name in ("weak", "strong")}
            options = FIXMATCH.Options(ratio=RATIO, threshold=THRESHOLD, **views)
            method: Any = FIXMATCH(options, setting)
        else:
            method = SUPERVISED(SUPERVISED.Options(), setting)
        phase = spec.phases[0]
        plan = PhasePlan(
            phase,
            spec.optimizer,
            method,
            StreamAugmentations(spec.input),
            phase.epochs,
            method.epoch_steps({pool: len(rows) for pool, rows in pools.items()}),
            pools,
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
        self.making = self.all = 0.0  # CPU seconds after the first epoch: of batches, of all
        make = self.run._make

        def timed(step: Any) -> Any:
            before = time.thread_time()
            made = make(step)
            self.making += time.thread_time() - before
            return made

        self.run.__dict__["_make"] = timed

    def epoch(self, steps: int) -> None:
        """Do so many steps."""
        assert self.run.per_epoch == steps
        if self.done == 1:
            self.making = self.all = 0.0
        before = time.process_time()
        for losses in self.run.steps(self.done, 0):
            assert "total" in losses
        self.all += time.process_time() - before
        self.done += 1


def spent() -> tuple[float, float]:
    """Return (CPU, wall) seconds so far."""
    return time.process_time(), time.perf_counter()


def measure(loops: dict[str, Any], steps: int, repeats: int) -> dict[str, Any]:
    """Return (CPU, wall) seconds a step of each loop, `(repeats, 2)`, taken in turns."""
    for loop in loops.values():
        loop.epoch(steps)
    seconds: dict[str, list[Any]] = {name: [] for name in loops}
    names = list(loops)
    for turn in range(repeats):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            before = spent()
            loops[name].epoch(steps)
            seconds[name].append(np.subtract(spent(), before) / steps)
    return {name: np.array(each) for name, each in seconds.items()}


def compare(name: str, case: Case, steps: int, repeats: int) -> None:
    """Print a row of the table: CPU milliseconds a step, and the ratios."""
    makers: dict[str, Callable[[], Any]] = {
        "plain": lambda: Plain(case, steps),
        "podium": lambda: Podium(case, steps),
        "arithmetic": lambda: Plain(case, steps, ready=True),
    }
    loops = {one: make() for one, make in makers.items()}
    found = measure(loops, steps, repeats)
    cpu = {one: 1000 * np.median(each[:, 0]) for one, each in found.items()}
    ratios = np.median(found["podium"] / found["plain"], axis=0)
    bare = np.median(found["podium"] / found["arithmetic"], axis=0)
    cells = [f"{cpu[one]:.1f}" for one in ("podium", "plain", "arithmetic")]
    cells += [
        f"{one:.3f}" for one in (*ratios, bare[0], loops["podium"].making / loops["podium"].all)
    ]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def child(name: str, tuned: bool, steps: int, repeats: int) -> None:
    """Print what a step of podium's loop costs in this process, as JSON."""
    if tuned:
        from podium.training.device import keep_freed_memory

        keep_freed_memory()
    loop = Podium(CASES[name], steps)
    loop.epoch(steps)
    before, faults = spent(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(repeats):
        loop.epoch(steps)
    cpu, wall = np.subtract(spent(), before) / (steps * repeats)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([cpu, wall, faults / (steps * repeats), peak / 1024]))


def compare_allocators(name: str, steps: int, repeats: int, pairs: int) -> None:
    """Print a row: CPU time, wall time, faults a step and peak memory, default and set."""
    found: dict[bool, list[list[float]]] = {False: [], True: []}
    for pair in range(pairs):
        for tuned in (False, True) if pair % 2 else (True, False):
            words = [name, "--child", str(int(tuned)), "--steps", str(steps)]
            command = [sys.executable, __file__, *words, "--repeats", str(repeats)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[tuned].append(json.loads(done.stdout.splitlines()[-1]))
    default, changed = (np.median(found[tuned], axis=0) for tuned in (False, True))
    ratio = np.median(np.divide(found[True], found[False]), axis=0)
    print(
        f"| {name} | {ratio[0]:.3f} | {ratio[1]:.3f} | {default[2]:,.0f} | {changed[2]:,.0f} "
        f"| {default[3]:,.0f} | {changed[3]:,.0f} |",
        flush=True,
    )


def main() -> None:
    """Print the ratios of the loops, or of the allocator's settings."""
    parser = argparse.ArgumentParser(description="Time of a training step.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=5, help="of processes, with --allocator")
    parser.add_argument("--allocator", action="store_true")
    parser.add_argument("--batched", action="store_true", help="views drawn over the batch")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    use_all_cores()
    cases = given.cases or list(CASES)
    if given.child is not None:
        child(cases[0], bool(given.child), given.steps, given.repeats)
        return
    if given.allocator:
        print("| case | CPU set / default | wall | faults | set | peak MB | set |")
        print("| --- |" + " --- |" * 6)
        for name in cases:
            compare_allocators(name, given.steps, given.repeats, given.pairs)
        return
    print(
        "| case | podium, CPU ms | plain | arithmetic | podium / plain, CPU | wall "
        "| podium / arithmetic | views / podium |"
    )
    print("| --- |" + " --- |" * 7)
    for name in cases:
        case = dataclasses.replace(CASES[name], batched=given.batched)
        compare(name, case, given.steps, given.repeats)


if __name__ == "__main__":
    main()
