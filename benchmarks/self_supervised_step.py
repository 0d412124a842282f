"""Time of a step of the methods without labels: podium's loop against lightly's example loops.

Run: pip install lightly; python benchmarks/self_supervised_step.py [--methods simclr,byol]

Both train the same ResNet-18 (MAE: a ViT-Tiny of patches of 4) with heads of the same widths on
views of 32 px (DINO's four small ones: 16), with SGD. The lightly side is what its examples show:
its heads, its loss, its momentum update, a plain loop. The podium side is podium's loop, which also
sets the rate, seeds, and records losses. Batches lie in memory; what augmenting costs stands in
benchmarks/training_step.py.

The loops take short turns; ratios are of medians, of wall time and of CPU time. The goal: podium no
slower than lightly. Peak memory is that of a process of its own that does so many steps, above what
it had before the first.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("LIGHTLY_DID_VERSION_CHECK", "True")  # it asks a server on import

import importlib

import numpy as np
import torch
from fixmatch_step import Ready, measure
from lightly import loss as their_losses
from lightly.models import utils as masking
from lightly.models.modules import MAEDecoderTIMM, MaskedVisionTransformerTIMM
from lightly.models.modules import heads as their_heads
from lightly.models.utils import deactivate_requires_grad, update_momentum
from torch import Tensor, nn

from podium.models.network import build_network
from podium.tasks.protocols.find import image_kind
from podium.training.data.augment import StreamAugmentations
from podium.training.data.rows import SampleRows
from podium.training.data.sampling import UNLABELLED
from podium.training.data.streams import Normaliser
from podium.training.device import make_fabric, use_all_cores
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.method import PhaseSetting
from podium.training.objective import build_objective
from podium.training.recipe import Mix, Recipe

KINDS = {"classify": image_kind("multiclass")}
SIZE, WIDTH = 32, 512
OPTIONS: dict[str, dict[str, Any]] = {
    "simclr": {"hidden": 512, "size": 128, "temperature": 0.5},
    "simsiam": {"hidden": 512, "size": 512, "bottleneck": 128},
    "barlow_twins": {"hidden": 1024, "size": 1024},
    "byol": {"hidden": 1024, "size": 256},
    "dino": {"hidden": 512, "bottleneck": 64, "size": 2048, "local_views": 4, "local_size": 16},
    "mae": {"width": 128, "depth": 2, "attention_heads": 4},
}
TRANSFORMER = {"backbone": "vit_tiny_patch16_224", "options": {"patch_size": 4}}


def recipe(method: str, batch: int) -> Recipe:
    """Return a recipe that trains everything at a constant rate."""
    return Recipe.model_validate(
        {
            "model": {
                "pretrained": False,
                **(TRANSFORMER if method == "mae" else {"backbone": "resnet18"}),
            },
            "input": {"size": SIZE},
            "optimizer": {"name": "sgd", "lr": 0.01, "nesterov": False, "schedule": "constant"},
            "batch_size": batch,
            "precision": "fp32",
            "phases": [
                {
                    "name": "only",
                    "epochs": 100_000,
                    "method": {"name": method, **OPTIONS[method]},
                }
            ],
        }
    )


def network_of(spec: Recipe) -> Any:
    """Return the recipe's network, in podium's memory layout."""
    torch.manual_seed(0)
    network = build_network(spec.model, n_outputs={"classify": 2}, image_size=(SIZE, SIZE))
    return network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]


class Podium:
    """Podium's own loop over a phase whose batches lie in memory."""

    def __init__(self, spec: Recipe, views: list[Tensor], steps: int) -> None:
        fabric, phase, batch = make_fabric(spec), spec.phases[0], spec.batch_size
        network = network_of(spec)
        kind = importlib.import_module(f"podium.training.methods.{phase.method.name}").METHOD
        setting = PhaseSetting(
            KINDS,
            {"classify": 2},
            build_objective(None, kinds=KINDS),
            batch,
            "shuffle",
            Mix(),
            size=(SIZE, SIZE),
        )
        rng = np.random.default_rng(0)
        images = rng.integers(0, 255, (batch, SIZE, SIZE, 3)).astype(np.uint8)
        names, ones = [str(i) for i in range(batch)], np.ones(batch, dtype=np.float32)
        rows = SampleRows(images, np.arange(batch), names, {}, ones)
        plan = PhasePlan(
            spec=phase,
            optimizer=spec.optimizer,
            method=kind(kind.Options(**OPTIONS[phase.method.name]), setting),
            views=StreamAugmentations(spec.input),
            epochs=phase.epochs,
            per_epoch=steps,
            pools={UNLABELLED: rows, "labelled": rows},
        )
        self.run = PhaseRun(
            0,
            plan,
            spec,
            network=network,
            average=None,
            normalise=Normaliser(network.mean, network.std, fabric.device),
            fabric=fabric,
        )
        self.run._feed = Ready(self.run._feed)  # type: ignore[assignment]
        self.done = 0

    def epoch(self, steps: int) -> list[Tensor]:
        """Do so many steps and return their losses."""
        self.done += 1
        return [losses["total"] for losses in self.run.steps(self.done - 1, 0)]


class Lightly:
    """An example loop of lightly's, on podium's backbone."""

    def __init__(self, spec: Recipe, views: list[Tensor], steps: int) -> None:
        self.views = views
        self.backbone = network_of(spec).backbone
        self.forward = getattr(self, spec.phases[0].method.name)()
        own = [one for one in self.modules if any(p.requires_grad for p in one.parameters())]
        learnt = [p for one in (self.backbone, *own) for p in one.parameters() if p.requires_grad]
        self.optimizer = torch.optim.SGD(learnt, lr=0.01, momentum=0.9, weight_decay=1e-2)

    def embed(self, backbone: nn.Module, images: Tensor) -> Tensor:
        features: Tensor = backbone(images).mean(dim=(2, 3))
        return features

    def simclr(self) -> Callable[[], Tensor]:
        head = their_heads.SimCLRProjectionHead(WIDTH, 512, 128)
        loss = their_losses.NTXentLoss(temperature=0.5)
        self.modules: list[nn.Module] = [head]

        def forward() -> Tensor:
            one, other = (head(self.embed(self.backbone, view)) for view in self.views)
            found: Tensor = loss(one, other)
            return found

        return forward

    def simsiam(self) -> Callable[[], Tensor]:
        project = their_heads.SimSiamProjectionHead(WIDTH, 512, 512)
        predict = their_heads.SimSiamPredictionHead(512, 128, 512)
        loss = their_losses.NegativeCosineSimilarity()
        self.modules = [project, predict]

        def forward() -> Tensor:
            said = []
            for view in self.views:
                projected = project(self.embed(self.backbone, view))
                said.append((projected.detach(), predict(projected)))
            (z0, p0), (z1, p1) = said
            found: Tensor = 0.5 * (loss(z0, p1) + loss(z1, p0))
            return found

        return forward

    def barlow_twins(self) -> Callable[[], Tensor]:
        head = their_heads.BarlowTwinsProjectionHead(WIDTH, 1024, 1024)
        loss = their_losses.BarlowTwinsLoss()
        self.modules = [head]

        def forward() -> Tensor:
            one, other = (head(self.embed(self.backbone, view)) for view in self.views)
            found: Tensor = loss(one, other)
            return found

        return forward

    def byol(self) -> Callable[[], Tensor]:
        project = their_heads.BYOLProjectionHead(WIDTH, 1024, 256)
        predict = their_heads.BYOLPredictionHead(256, 1024, 256)
        slow, slow_project = copy.deepcopy(self.backbone), copy.deepcopy(project)
        deactivate_requires_grad(slow)
        deactivate_requires_grad(slow_project)
        loss = their_losses.NegativeCosineSimilarity()
        self.modules = [project, predict, slow, slow_project]

        def forward() -> Tensor:
            update_momentum(self.backbone, slow, m=0.996)
            update_momentum(project, slow_project, m=0.996)
            said = []
            for view in self.views:
                predicted = predict(project(self.embed(self.backbone, view)))
                said.append((slow_project(self.embed(slow, view)).detach(), predicted))
            (z0, p0), (z1, p1) = said
            found: Tensor = 0.5 * (loss(p0, z1) + loss(p1, z0))
            return found

        return forward

    def dino(self) -> Callable[[], Tensor]:
        head = their_heads.DINOProjectionHead(WIDTH, 512, 64, 2048, freeze_last_layer=1)
        slow = copy.deepcopy(self.backbone)
        slow_head = their_heads.DINOProjectionHead(WIDTH, 512, 64, 2048)
        deactivate_requires_grad(slow)
        deactivate_requires_grad(slow_head)
        loss = their_losses.DINOLoss(output_dim=2048, warmup_teacher_temp_epochs=5)
        self.modules = [head, slow, slow_head]

        def forward() -> Tensor:
            update_momentum(self.backbone, slow, m=0.996)
            update_momentum(head, slow_head, m=0.996)
            with torch.no_grad():
                wanted = [slow_head(self.embed(slow, view)) for view in self.views[:2]]
            said = [head(self.embed(self.backbone, view)) for view in self.views]
            found: Tensor = loss(wanted, said, epoch=1)
            return found

        return forward

    def mae(self) -> Callable[[], Tensor]:
        vit: Any = self.backbone.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        patch, width = vit.patch_embed.patch_size[0], OPTIONS["mae"]["width"]
        encoder = MaskedVisionTransformerTIMM(vit=vit)
        decoder = MAEDecoderTIMM(
            num_patches=vit.patch_embed.num_patches,
            patch_size=patch,
            embed_dim=vit.embed_dim,
            decoder_embed_dim=width,
            decoder_depth=OPTIONS["mae"]["depth"],
            decoder_num_heads=OPTIONS["mae"]["attention_heads"],
            mlp_ratio=4.0,
            proj_drop_rate=0.0,
            attn_drop_rate=0.0,
        )
        self.modules = [decoder]

        def forward() -> Tensor:
            (images,) = self.views
            size = len(images), encoder.sequence_length
            kept, hidden = masking.random_token_mask(size=size, mask_ratio=0.75)
            tokens = decoder.embed(encoder.encode(images=images, idx_keep=kept))
            every = masking.repeat_token(decoder.mask_token, size)
            every = decoder.decode(masking.set_at_index(every, kept, tokens.type_as(every)))
            drawn = decoder.predict(masking.get_at_index(every, hidden))
            patches = masking.patchify(images, patch)
            return nn.functional.mse_loss(drawn, masking.get_at_index(patches, hidden - 1))

        return forward

    def epoch(self, steps: int) -> list[Tensor]:
        """Do so many steps and return their losses."""
        losses = []
        for _ in range(steps):
            loss = self.forward()
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad()
            losses.append(loss.detach())
        return losses


LOOPS: dict[str, Any] = {"lightly": Lightly, "podium": Podium}


def made(name: str, method: str, batch: int, steps: int) -> Any:
    """Return a loop that is ready for its first step."""
    spec = recipe(method, batch)
    draw = torch.Generator().manual_seed(1)
    sides = {"mae": [SIZE], "dino": [SIZE] * 2 + [16] * 4}.get(method, [SIZE] * 2)
    views = [
        torch.randn(batch, 3, side, side, generator=draw).contiguous(
            memory_format=torch.channels_last
        )
        for side in sides
    ]
    return LOOPS[name](spec, views, steps)


def peak_mb(name: str, method: str, batch: int) -> float:
    """Return the megabytes that three steps need in a process of its own, above its start."""
    told = [sys.executable, __file__, "--peak", name, "--methods", method, "--batch", str(batch)]
    done = subprocess.run(told, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def in_status(name: str) -> int:
    """Return kilobytes that Linux tells of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    """Print the milliseconds a step of both loops, their ratios, and peak memory."""
    parser = argparse.ArgumentParser(description="Time of a step without labels.")
    parser.add_argument("--methods", default=",".join(OPTIONS))
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--peak", choices=list(LOOPS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    methods = given.methods.split(",")
    use_all_cores()
    if given.peak:
        loop = made(given.peak, methods[0], given.batch, 3)
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from what is held now
        before = in_status("VmRSS")
        loop.epoch(3)
        print((in_status("VmHWM") - before) / 1024)
        return
    print(
        "| method | lightly ms | podium ms | podium / lightly | of CPU | lightly MB | podium MB |"
    )
    print("| --- |" + " --- |" * 6)
    for method in methods:
        loops = {name: made(name, method, given.batch, given.steps) for name in LOOPS}
        for loop in loops.values():
            loop.epoch(given.steps)
        medians = measure(loops, given.steps, given.repeats)
        wall, cpu = medians["podium"] / medians["lightly"]
        peaks = [peak_mb(name, method, given.batch) for name in LOOPS]
        each = [f"{1000 * medians[name][0]:.0f}" for name in LOOPS]
        told = [*each, f"{wall:.3f}", f"{cpu:.3f}", *(f"{peak:.0f}" for peak in peaks)]
        print(f"| {method} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()
