"""Two processes write folds of one set at once, and one is killed: what is there is whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from podium.errors import DataError
from podium.predictions import PredictionSet, write_fold, write_masks
from podium.predictions.store.writing import begin_set

IDS = [f"{i:03d}" for i in range(40)]
SIZE = (24, 16)


def ids_of(fold: int) -> list[str]:
    return IDS[fold::3]


def values_of(fold: int, task: str) -> np.ndarray:
    shape = (len(ids_of(fold)), 3) if task == "classify" else (len(ids_of(fold)), *SIZE, 2)
    return np.random.default_rng([fold, len(shape)]).random(shape, dtype=np.float32)


def write(
    root: Path, task: str, fold: int, pause: float, mark: Path | None = None, stay: float = 0.0
) -> None:
    """Write a fold slowly; signal by a file that half of it is written, and stay there."""
    values = values_of(fold, task)

    def slowly() -> Iterator[np.ndarray]:
        for i, one in enumerate(values):
            if i == len(values) // 2 and mark is not None:
                mark.touch()
                time.sleep(stay)
            time.sleep(pause)
            yield one[None] if task == "classify" else one

    ids, model = ids_of(fold), f"m/fold-{fold}"
    if task == "classify":
        write_fold(root, "oof", task, fold, ids=ids, probs=slowly(), model=model)
    else:
        sizes = [SIZE] * len(ids)
        write_masks(
            root, "oof", fold, ids=ids, sizes=sizes, bands=slowly(), model=model, dtype="float16"
        )


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.005)


def read(root: Path, task: str, fold: int) -> np.ndarray:
    found = PredictionSet(root)
    if task == "classify":
        oof = found.oof(task)
        return np.stack([oof.probs[list(oof.ids).index(one)] for one in ids_of(fold)])
    masks = found.oof_masks()
    return np.stack([masks.band(masks.ids.index(one), 0, SIZE[0]) for one in ids_of(fold)])


@pytest.mark.parametrize("task", ["classify", "segment"])
def test_a_killed_writer_takes_nothing_with_it_and_what_lacks_is_named(
    task: str, tmp_path: Path
) -> None:
    root = tmp_path / "set"
    begin_set(root, folds=[0, 1, 2], splits=["oof"], tasks=[task])
    write(root, task, 0, 0)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    spawn = multiprocessing.get_context("fork")
    doomed = spawn.Process(target=write, args=(root, task, 1, 0.0, tmp_path / "half", 600.0))
    other = spawn.Process(target=write, args=(root, task, 2, 0.02, tmp_path / "other"))
    doomed.start()
    other.start()
    # The one dies in the middle of its fold, while the other is in the middle of its own.
    wait_for(lambda: (tmp_path / "half").exists() and (tmp_path / "other").exists())
    assert doomed.pid is not None
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.join()
    other.join()
    assert doomed.exitcode == -signal.SIGKILL
    assert other.exitcode == 0

    for path, content in before.items():
        assert path.read_bytes() == content
    atol = 0 if task == "classify" else 1 / 2048
    for fold in (0, 2):
        np.testing.assert_allclose(read(root, task, fold), values_of(fold, task), atol=atol, rtol=0)
    found = PredictionSet(root)
    assert found.missing == (f"oof/{task}/fold-1",)
    lacking = ids_of(1)
    with pytest.raises(DataError, match=f"lacks {len(lacking)} of {len(IDS)} rows: '{lacking[0]}'"):
        (found.oof(task) if task == "classify" else found.oof_masks()).align(IDS)

    write(root, task, 1, 0)  # repeating the killed one mends the set
    assert PredictionSet(root).is_complete
    np.testing.assert_allclose(read(root, task, 1), values_of(1, task), atol=atol, rtol=0)
    left = {path.name for path in (root / "oof" / task).iterdir()}
    assert left == {"fold-0", "fold-1", "fold-2"}
