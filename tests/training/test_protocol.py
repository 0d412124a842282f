"""Methods that podium does not have go through its machinery: recipes, streams, loop, checkpoints.

They are written as a user would: one file beside `competition.yaml`, named by `module:object`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from training import handmade
from training.fold_fits import fit, fit_in_steps, left_behind
from training.method_recipes import OTHERS, RECIPES, STATE, job_of, write
from training.methods_of_others import dino

import podium
from podium.competition.spec import load_competition
from podium.errors import RecipeError
from podium.models import checkpoints
from podium.training import methods
from podium.training.data.sampling import derive_seed
from podium.training.method import PoolSizes, SolvedMethod
from podium.training.runs.train import train
from podium.workspace import extensions
from podium.workspace.layout import Workspace


def cases(*of_another: str) -> list[Any]:
    """Return the names of RECIPES; `of_another` are for make test-long."""
    return [pytest.param(one, marks=[pytest.mark.long] * (one in of_another)) for one in RECIPES]


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Workspace]:
    """Return a function that writes a workspace of 24 images in 2 folds, its recipe and methods."""
    return lambda name, where: write(name, tmp_path / where)


# They keep what another recipe of their method keeps, too, or numbers and modules of their own, as
# others do: of each method test_methods.py restores them; those of the network's own labels stop
# often in test_pseudo_label_training.py.
OF_ANOTHER = (
    "append",
    "permanent",
    "local",
    "classical",
    "softmatch",
    "flexmatch",
    "freematch",
    "byol",
    "simclr",
    "autoencoder",
    "unimatch",
    "simsiam",
    "barlow_twins",
    "fixmatch",
    "fixmatch-cutmix",
    "mean_teacher-cutmix",
    "comatch",
    "linear_probe-both",
    "dino-of-another",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(*OF_ANOTHER))
def test_a_run_stopped_after_every_step_ends_as_the_unbroken_one_to_the_bit(
    name: str, written: Callable[..., Workspace]
) -> None:
    unbroken, broken = job_of(written(name, "a")), job_of(written(name, "b"))
    fit(unbroken)
    phases = RECIPES[name]["phases"]
    steps = sum(one["epochs"] * one.get("steps_per_epoch", 0) for one in phases)
    stops = fit_in_steps(broken)
    assert stops >= 6 if "epoch" in phases[0] else stops == steps
    assert left_behind(broken) == left_behind(unbroken)


@pytest.mark.slow
@pytest.mark.other_cases("long", every=4)
@pytest.mark.parametrize("name", STATE)
def test_what_a_checkpoint_lost_would_show_at_the_end(
    name: str, written: Callable[..., Workspace]
) -> None:
    def ended(lost: tuple[str, str] | None) -> Any:
        where = job.run if lost is None else job.run.with_name(f"lost-{lost[1]}")
        if lost is not None:
            shutil.copytree(job.run, where)
            resume = job.files(0).resume.name
            rob(where / "fold-0" / resume, *lost)
        continued = replace(job, run=where)
        try:
            fit(continued)
        except KeyError:  # what is not there cannot be gone on with
            return None
        left = left_behind(continued)
        return left["weights"], left["metrics"]

    job = job_of(written(name, "a"))
    assert fit_in_steps(job, most=2) == 2
    robbed = {lost: ended(lost) for lost in STATE[name]}
    whole = ended(None)
    assert [lost for lost, one in robbed.items() if one == whole] == []


def rob(resume: Path, part: str, what: str) -> None:
    """Write zeros, or an empty list, over something in a checkpoint."""
    state = checkpoints.load(resume)
    kept = state["phase"][part]
    is_tensor = isinstance(kept[what], torch.Tensor)
    kept[what] = torch.zeros_like(kept[what]) if is_tensor else type(kept[what])()
    checkpoints.save(resume, state)


# Each kind of stream once: labels and masks, weak and strong views, cuts, crops, rows that were
# chosen. Forks of large processes take seconds.
IN_WORKERS = [
    "comatch",
    *(
        pytest.param(one, marks=[pytest.mark.slow] + [pytest.mark.long] * (at > 0))
        for at, one in enumerate(
            ("unimatch_v2", "dino", "mean_teacher-cutmix", "append", "supervised", "byol", "mae")
        )
    ),
]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # more than there are cores
@pytest.mark.parametrize("name", IN_WORKERS)
def test_workers_change_no_bit_of_what_is_predicted_out_of_fold(
    name: str, written: Callable[..., Workspace]
) -> None:
    def oof(workers: int) -> tuple[Any, ...]:
        workspace = written(name, f"workers-{workers}")
        done = train(
            workspace,
            load_competition(workspace.root),
            workspace.root / "recipes/tiny.yaml",
            overrides=[f"workers={workers}"],
            folds=[0],
        )
        (predictions,) = (done.run / "predictions").iterdir()
        values = [one.read_bytes() for one in sorted(predictions.glob("oof/*/fold-0/*.npy"))]
        assert values
        return done.run.name, values, (done.run / "fold-0/metrics.csv").read_text()

    assert oof(0) == oof(1) == oof(4)


def task_of(name: str) -> str:
    """Return what a method of podium learns here: masks, if it is of masks alone."""
    return "segment" if name.startswith("unimatch") else "classify"


def with_steps() -> list[str]:
    """Return the names of podium's methods that learn by steps."""
    names = extensions.names(methods)
    found = {name: extensions.load(methods, name, "METHOD") for name in names}
    return [name for name, one in found.items() if not issubclass(one, SolvedMethod)]


KINDS = {
    **{name: (name, task_of(name), {}) for name in with_steps()},
    "byol": ("byol", "classify", {"hidden": 16, "size": 8}),
    "simclr": ("simclr", "classify", {"hidden": 16, "size": 8}),
    "simsiam": ("simsiam", "classify", {"hidden": 16, "size": 8, "bottleneck": 4}),
    "barlow_twins": ("barlow_twins", "classify", {"hidden": 16, "size": 8}),
    "comatch": ("comatch", "classify", {"bank": 16}),  # full after a step
    "comatch-queue": ("comatch", "classify", {"queue": 16}),
    "dino": ("dino", "classify", {"hidden": 8, "bottleneck": 4, "size": 12, "local_views": 2}),
    "dino-of-another": (dino.METHOD, "classify", {}),
    "mae": ("mae", "classify", {"width": 8, "depth": 1, "attention_heads": 2}),
}
TRANSFORMERS = ("mae",)


@pytest.mark.parametrize("name", KINDS)
def test_a_step_runs_no_python_over_the_data(name: str) -> None:
    kind, task, options = KINDS[name]
    if isinstance(kind, str):
        kind = extensions.load(methods, kind, "METHOD")

    def work(batch_size: int) -> int:
        of = handmade.method(kind, task, batch_size=batch_size, **options)
        model = handmade.TRANSFORMER if name in TRANSFORMERS else handmade.CONVOLUTIONS
        of.build(handmade.network(task, model), PoolSizes(labelled=200, unlabelled=200))
        at = handmade.step(1)
        made = handmade.batches(of, at, seed=0)

        def one_step() -> None:
            of.losses(made, at)["total"].backward()
            of.after_step(at)

        one_step()  # what is done once only: imports, caches
        return instructions_of(one_step)

    assert work(64) == work(8) > 0


def instructions_of(work: Callable[[], None]) -> int:
    """Return how many of Python's instructions run in podium's files and those of these methods."""
    counted, before = 0, sys.gettrace()
    ours = (str(Path(podium.__file__).parent), str(OTHERS))

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        if event == "call":
            if not frame.f_code.co_filename.startswith(ours):
                return None
            frame.f_trace_lines, frame.f_trace_opcodes = False, True
        counted += event == "opcode"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


def test_a_loop_over_the_data_would_be_counted() -> None:
    # A line of this file is neither podium's nor a method's: something of podium's, once a sample.
    def work(n: int) -> int:
        return instructions_of(lambda: [derive_seed("sample", i) for i in range(n)] and None)

    assert work(64) > 4 * work(8)


def test_two_networks_that_would_predict_are_refused(written: Callable[..., Workspace]) -> None:
    job = job_of(written("dino-of-another", "both"))
    averaged = replace(job, recipe=job.recipe.model_copy(update={"ema_decay": 0.9}))
    with pytest.raises(RecipeError, match=r"dino:METHOD has its own"):
        fit(averaged)
