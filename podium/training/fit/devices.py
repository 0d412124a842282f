"""Train a fold on several devices of this machine: `devices: 2` of a recipe.

This process is the first of a group while it trains. Each of the others is a process of its own
that runs `fit_fold` on the same job, in a folder that is thrown away; `podium.training.processes`
has what they pass on. They end with the fold, whatever ends it. What one of them raises is
raised here, and the same command goes on from the last checkpoint: it holds what one device has.
"""

from __future__ import annotations

import os
import pickle
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed import TCPStore  # type: ignore[attr-defined]

from podium.errors import PodiumError, RecipeError, RunError
from podium.training.fit import fold as fitting
from podium.training.fit.phase_plans import method_of
from podium.training.method import SolvedMethod
from podium.training.processes import Processes
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.training.runs.job import Deadline, Job
from podium.workspace import processes
from podium.workspace.atomic import temporary_folder
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT

__all__ = ["fit_fold_together", "help_train"]

_HOST = "127.0.0.1"
_HERE = "here"
_INTERFACE = "GLOO_SOCKET_IFNAME"
_POLL_S = 0.05
_START_S = 300.0
"""in which every process has to be there"""
_END_S = 60.0
"""in which the others end after the last step"""
_NOTICE_S = 5.0
"""in which the end of another process is noticed"""
_LONGEST = timedelta(days=7)
"""in which a process may let the others wait, as for the callbacks of an epoch; where one has died
gloo reports it to the others at once"""
_AGAIN = "repeat the command: it goes on from the last checkpoint, also with -o devices=1"


def fit_fold_together(job: Job, fold: Fold, *, todo: Sequence[Fold] = (), **named: Any) -> None:
    """Train the model of `fold` as `fit_fold` does, on as many devices as the recipe names.

    Args:
        job, fold, todo, named: as `fit_fold` takes them.

    Raises:
        RecipeError: there are fewer GPUs, or the recipe cannot be divided.
        RunError: a process ended before its time.
        PodiumError: as `fit_fold`, in any of the processes.
    """
    with _together(job, fold, todo):
        fitting.fit_fold(job, fold, todo=todo, **named)


@contextmanager
def _together(job: Job, fold: Fold, todo: Sequence[Fold]) -> Iterator[None]:
    count = job.recipe.devices
    if count == 1:
        yield
        return
    _refuse_undivided(job)
    store = _store(count)
    with temporary_folder("podium-devices") as private:
        helpers = [_Helper(rank, job, fold, todo, store.port, private) for rank in range(1, count)]
        try:
            _wait_until_here(store, helpers)
            _join(store, 0, count)
            yield
            for helper in helpers:
                helper.end(_END_S)
        except RuntimeError as error:  # what torch raises where a process is gone
            if (found := _failure(helpers)) is not None:
                raise found from error
            raise
        finally:
            for helper in helpers:
                if helper.thread.is_alive():
                    store.set(helper.stop, "")
            with suppress(RuntimeError, ValueError):
                dist.destroy_process_group()
            for helper in helpers:
                helper.thread.join(_END_S)


def help_train(argument: dict[str, Any]) -> None:
    """Train a fold beside the process that called this in another one; write nothing to keep."""
    store = TCPStore(_HOST, argument["port"], argument["count"], is_master=False)
    stop = (argument["port"], argument["stop"])
    threading.Thread(target=_end_at, args=stop, daemon=True).start()
    store.add(_HERE, 1)
    content = Path(argument["job"]).read_bytes()
    job, fold, todo = pickle.loads(content)  # noqa: S301 — in a folder of the caller's alone
    _join(store, argument["rank"], argument["count"])
    fitting.fit_fold(
        _private(job, fold, Path(argument["folder"])),
        fold,
        todo=todo,
        deadline=Deadline(None),  # the first process stops all
        progress=SILENT,
    )


class _Helper:
    """Another process of the group; its thread ends with it, and keeps the error that ended it."""

    def __init__(
        self, rank: int, job: Job, fold: Fold, todo: Sequence[Fold], port: int, private: Path
    ) -> None:
        self.error: PodiumError | None = None
        self.stop = f"stop {rank}"
        self._name = f"process {rank + 1} of the {job.recipe.devices} that train {job.run.name}"
        folder = private / str(rank)
        folder.mkdir()
        file = folder / "job"
        file.write_bytes(pickle.dumps((job, fold, list(todo))))
        self._argument = {
            "rank": rank,
            "count": job.recipe.devices,
            "port": port,
            "stop": self.stop,
            "job": str(file),
            "folder": str(folder),
        }
        self.thread = threading.Thread(target=self._run, name=f"podium-device-{rank}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            processes.call(f"{__name__}:help_train", self._argument, timeout_s=1e9)
        except RunError as error:
            self.error = RunError(f"{self._name}: {error.message}", fix=_AGAIN)
        except PodiumError as error:
            self.error = error

    def end(self, within_s: float) -> None:
        """Wait for the end of the process.

        Raises:
            PodiumError: an error ended it.
        """
        self.thread.join(within_s)
        if self.error is not None:
            raise self.error


def _refuse_undivided(job: Job) -> None:
    recipe, count = job.recipe, job.recipe.devices
    alone = "write devices: 1, or -o devices=1"
    has_gpu = torch.cuda.is_available()
    n = torch.cuda.device_count() if has_gpu else n_cores()
    if count > (n if has_gpu else max(n, 2)):
        what = "GPU" if has_gpu else "processor"
        raise RecipeError(
            f"this machine has {n} {what}{'s' * (n > 1)}",
            where="devices",
            fix=f"write devices: {n}",
        )
    Processes(0, count).require(recipe.batch_size)
    for phase in recipe.phases:
        method = method_of(phase, job.workspace.root)
        if not method.divides_batches:
            what = "is solved without steps" if issubclass(method, SolvedMethod) else "learns"
            raise RecipeError(
                f"{phase.method.name} {what}, and its batches cannot be divided among devices",
                where=f"phase {phase.name}",
                fix=alone,
            )
    heads = [] if recipe.model.heads is None else [head for _, head in recipe.model.heads]
    if any(getattr(head, "dropout_samples", 1) > 1 for head in heads):
        raise RecipeError(
            "a head with dropout_samples cannot be divided among devices",
            where="devices",
            fix=alone,
        )
    if recipe.sharded:
        _refuse_unsharded(job)
    if recipe.model.checkpointing:
        raise RecipeError(
            "checkpointing computes activations again by a part of the batch, and batch norm needs "
            "all of it",
            where="model.checkpointing",
            fix="write checkpointing: false, or devices: 1",
        )


def _refuse_unsharded(job: Job) -> None:
    """Raise for what needs the whole weights at every step."""
    whole = "write sharded: false, or -o sharded=false"
    if job.recipe.ema_decay is not None:
        raise RecipeError(
            "the averaged network follows whole weights, and these are divided among devices",
            where="ema_decay",
            fix=f"leave ema_decay out, or {whole}",
        )
    if job.recipe.precision == "fp16":
        raise RecipeError(
            "the scaler of fp16 sees a device's own part of the gradients alone",
            where="precision",
            fix=f"write precision: bf16 or fp32, or {whole}",
        )
    for phase in job.recipe.phases:
        if method_of(phase, job.workspace.root).copies_network:
            raise RecipeError(
                f"{phase.method.name} keeps a copy of the network, and its weights are divided "
                "among devices",
                where=f"phase {phase.name}",
                fix=whole,
            )


def _store(count: int) -> TCPStore:
    """Return the store in which processes find each other; nobody else's machine reaches it."""
    listening = socket.create_server((_HOST, 0))
    port = listening.getsockname()[1]
    return TCPStore(
        _HOST,
        port,
        count,
        is_master=True,
        wait_for_workers=False,
        master_listen_fd=listening.detach(),  # torch itself would listen at every address
    )


def _wait_until_here(store: TCPStore, helpers: Sequence[_Helper]) -> None:
    waited = threading.Event()
    for _ in range(round(_START_S / _POLL_S)):
        if store.add(_HERE, 0) == len(helpers):
            return
        for helper in helpers:
            helper.end(0)
        waited.wait(_POLL_S)
    raise RunError(f"the processes of devices: {len(helpers) + 1} did not start", fix=_AGAIN)


def _join(store: TCPStore, rank: int, count: int) -> None:
    """Make the process group; everything in it goes over this machine's own loopback."""
    has_gpu = torch.cuda.is_available()
    if has_gpu:
        torch.cuda.set_device(rank)
    before = os.environ.get(_INTERFACE)
    os.environ[_INTERFACE] = "lo" if sys.platform == "linux" else "lo0"
    try:
        dist.init_process_group(
            "nccl" if has_gpu else "gloo",
            store=store,
            rank=rank,
            world_size=count,
            timeout=_LONGEST,
        )
    finally:
        del os.environ[_INTERFACE]
        if before is not None:
            os.environ[_INTERFACE] = before


def _failure(helpers: Sequence[_Helper]) -> PodiumError | None:
    """Return what ended one of the processes; None where all are there."""
    for helper in helpers:
        helper.thread.join(_NOTICE_S / len(helpers))
    return next((one.error for one in helpers if one.error is not None), None)


def _end_at(port: int, stop: str) -> None:
    """End this process once the first one sets `stop`, or is gone, whatever it is at."""
    with suppress(RuntimeError):
        TCPStore(_HOST, port, is_master=False).wait([stop], _LONGEST)
    os._exit(1)  # what this process has started is ended by who started it


def _private(job: Job, fold: Fold, folder: Path) -> Job:
    """Return the job in a folder of its own, where a fold that goes on finds its checkpoint."""
    own = replace(
        job,
        run=folder / job.run.name,
        recipe=job.recipe.model_copy(update={"loggers": (), "keep": None}),
    )
    files = FoldFiles(own.run, fold)
    files.folder.mkdir(parents=True)
    if (source := job.files(fold).resume).is_file():
        files.resume.symlink_to(source)
    return own
