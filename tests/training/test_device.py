"""Advice on precision by network and processor; what the allocator keeps."""

from __future__ import annotations

import ctypes
import multiprocessing
import platform
import resource
from multiprocessing.connection import Connection

import numpy as np
import pytest
import torch
from torch import nn

from podium.training import device
from podium.training.device import advise_precision, keep_freed_memory

PLAIN = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3, groups=2))
SEPARABLE = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 16, 1))


@pytest.fixture(autouse=True)
def on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_bf16_is_advised_against_where_it_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "has_bf16", lambda: True)
    advice = advise_precision("bf16", SEPARABLE)
    assert advice is not None
    assert advice.startswith("1 of 3 convolutions is depthwise")
    assert advise_precision("bf16", PLAIN) is None
    assert advise_precision("bf16", nn.Sequential(nn.Linear(2, 2))) is None
    monkeypatch.setattr(device, "has_bf16", lambda: False)
    assert "emulates" in str(advise_precision("bf16", PLAIN))


@pytest.mark.parametrize("precision", ["auto", "fp32"])
def test_other_precisions_need_no_advice(precision: str) -> None:
    assert advise_precision(precision, SEPARABLE) is None


def faults_of_both(answer: Connection) -> None:
    """Send the page faults of ten rounds of 16 MiB that are freed, and a sum of what they held.

    First as in a process that has freed nothing yet, then where freed memory is kept.
    """
    for number_of_option in (-3, -1):
        ctypes.CDLL(None).mallopt(number_of_option, 128 * 2**10)
    answer.send(faults())
    assert keep_freed_memory()
    answer.send(faults())


def faults() -> tuple[int, float]:
    total, before = 0.0, 0
    for number in range(12):
        if number == 2:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        blocks = [np.full(2**19, number, dtype=np.float32) for _ in range(8)]
        total += sum(float(one.sum()) for one in blocks)
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before, total


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_freed_memory_is_kept_and_numbers_are_the_same() -> None:
    # Of a fork the memory that its parent has freed would be at hand.
    fresh = multiprocessing.get_context("spawn")
    mine, theirs = fresh.Pipe()
    child = fresh.Process(target=faults_of_both, args=(theirs,))
    child.start()
    (default, of_default), (kept, of_kept) = mine.recv(), mine.recv()
    child.join()
    assert of_default == of_kept
    # Otherwise 4,096 pages come anew in each round, or 8 huge ones.
    assert kept < default / 2
