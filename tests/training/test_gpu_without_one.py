"""What would run on a GPU, on tensors that have a device and no values: see `fake_gpu`.

No tensor of the processor meets one of the GPU, none is read as an array before it is copied back,
and no step of a training waits for the GPU.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from training import fake_gpu
from training.method_recipes import RECIPES

from podium.models import decoders
from podium.workspace import extensions

TESTS = Path(__file__).parents[1]
LABELS = tuple(fake_gpu.LABELS)
MASKS = ("pictures_and_masks", "defects", "salt", "tissue", "cells", "ships")
LOSSES = ("segment-ce", "segment-dice", "segment-focal", "segment-jaccard", "segment-lovasz")
METHODS = sorted(RECIPES)
THIRD = -(-len(METHODS) // 3)
MAY_READ = ("training/fit/loop.py", "training/fit/validation.py", "training/fit/collapse.py")
"""at the end of an epoch and of a phase"""

GROUPS = {
    # One of each path; the other groups are the same steps of other parts.
    "most": [
        *(f"labels:{one}" for one in ("multiclass", "multilabel", "angle")),
        "rounds:binary",
        *(f"weighted:{one}" for one in ("multiclass", "binary")),
        "optimizer:sgd",
        "mixed:multiclass",
        "frozen:multiclass",
        "cosine:multiclass",
        *(f"masks:{one}" for one in ("pictures_and_masks", "tissue")),
        "loss:segment-lovasz",
        "mixed:defects",
    ],
    **{
        f"methods {number + 1}": [f"method:{one}" for one in METHODS[number * THIRD :][:THIRD]]
        for number in range(3)
    },
    "labels": [
        *(f"labels:{one}" for one in LABELS),
        *(f"rounds:{one}" for one in ("multiclass", "binary", "multilabel")),
        *(f"weighted:{one}" for one in ("multiclass", "binary", "multilabel")),
        *(f"optimizer:{one}" for one in ("adamw", "adam", "sgd", "lars")),
        *(f"mixed:{one}" for one in ("multiclass", "multilabel")),
        "frozen:multiclass",
        "cosine:multiclass",
    ],
    "masks": [
        *(f"masks:{one}" for one in MASKS),
        *(f"loss:{one}" for one in (*LOSSES, "segment-tversky", "classify-focal")),
        "mixed:defects",
    ],
    "goes on": [
        f"resume:{one}" for one in METHODS if one not in ("linear_probe", "linear_probe-both")
    ],
    "beside": [
        *(f"with:{one}" for one in ("probe", "keep", "lora", "checkpointing", "tensorboard")),
        *(f"with:{one}" for one in ("early_stopping", "best", "accumulate")),
    ],
    "decoders": [f"decoder:{one}" for one in extensions.names(decoders)],
    "predictions": [
        *(f"predict:{one}" for one in ("multiclass", "regression", "angle", "defects")),
        "predict:pictures_and_masks",
        "tiles:defects",
        *(f"explain:{one}" for one in ("multiclass", "multilabel", "pictures_and_masks")),
        "measure:step",
        "measure:recipe",
    ],
}


def results(cases: list[str]) -> list[dict[str, Any]]:
    """Return what the program prints of each case."""
    search = os.pathsep.join(map(str, (TESTS.parent, TESTS)))
    done = subprocess.run(
        [sys.executable, fake_gpu.__file__, *cases],
        env={**os.environ, "PYTHONPATH": search, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


CONTROLS = [f"control:{one}" for one in ("mixed", "numpy", "bf16")]


@pytest.fixture(scope="module")
def often() -> list[dict[str, Any]]:
    """Give what one process prints of the cases that each run of the tests looks at."""
    return results([*CONTROLS, *GROUPS["most"]])


@pytest.mark.slow
@pytest.mark.parametrize(
    "group",
    [pytest.param(one, marks=[] if one == "most" else [pytest.mark.long]) for one in GROUPS],
)
def test_no_devices_are_mixed_and_no_step_waits(group: str, request: pytest.FixtureRequest) -> None:
    of_most = request.getfixturevalue("often")[len(CONTROLS) :] if group == "most" else None
    found = results(GROUPS[group]) if of_most is None else of_most
    assert [one["case"] for one in found] == GROUPS[group]
    assert [one for one in found if one["error"] is not None] == []
    if group != "predictions":
        reads = {(one["case"], at) for one in found for at in one["reads"]}
        assert {read for read in reads if not read[1].startswith(MAY_READ)} == set()


@pytest.mark.slow
def test_the_fake_gpu_refuses_what_a_real_one_refuses(often: list[dict[str, Any]]) -> None:
    mixed, as_array, half = often[: len(CONTROLS)]
    assert "at least two devices" in mixed["error"]
    assert "cuda:0" in as_array["error"]
    assert "BFloat16" in half["error"]
