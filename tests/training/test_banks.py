from __future__ import annotations

from collections import deque

import pytest
import torch
from torch import Tensor

from podium.training.methods.comatch import MemoryBank


def rows(first: int, n: int, width: int) -> Tensor:
    """Return `n` rows of the numbers from `first` on."""
    return torch.arange(first, first + n, dtype=torch.float32)[:, None].expand(-1, width)


def test_the_oldest_go_first_and_no_row_is_skipped() -> None:
    # 7 is no multiple of what is written: once across the edge, once all, once more than all.
    bank, plain, written = MemoryBank(7, left=2, right=3), deque[float](maxlen=7), 0
    for n in (3, 3, 5, 7, 9, 1, 20):
        bank.write(left=rows(written, n, 2), right=rows(written, n, 3))
        plain.extend(float(written + i) for i in range(n))
        written += n
        oldest = written % 7 if written >= 7 else 0
        for name in ("left", "right"):
            for column in bank[name].T:
                assert column.roll(-oldest)[: len(plain)].tolist() == list(plain), n


def test_rows_never_written_are_zero_and_marked_unfilled() -> None:
    bank = MemoryBank(4, only=1)
    assert not bank.filled.any()
    bank.write(only=torch.ones(3, 1))
    assert bank.filled.tolist() == [True, True, True, False]
    assert bank["only"][:, 0].tolist() == [1, 1, 1, 0]
    assert not bank.is_full
    bank.write(only=torch.ones(1, 1))
    assert bank.is_full
    assert bank.filled.all()


def test_its_whole_state_is_in_its_buffers() -> None:
    bank, other = MemoryBank(5, one=2), MemoryBank(5, one=2)
    bank.write(one=rows(0, 3, 2))
    other.load_state_dict(bank.state_dict())
    for each in (bank, other):
        each.write(one=rows(3, 4, 2))
    assert torch.equal(bank["one"], other["one"])
    assert torch.equal(bank.filled, other.filled)
    assert not list(bank.parameters())


def test_rows_come_without_gradient_and_in_single_precision() -> None:
    bank = MemoryBank(3, one=2)
    given = torch.ones(2, 2, dtype=torch.bfloat16, requires_grad=True)
    bank.write(one=given * 2)
    assert bank["one"].dtype == torch.float32
    assert not bank["one"].requires_grad
    assert bank["one"].sum() == 8


def test_a_name_that_it_does_not_hold_is_an_error() -> None:
    with pytest.raises(AttributeError):
        MemoryBank(3, one=2)["two"]
