"""The last rows of what a method has seen: a memory bank, a momentum queue, recent means.

    bank = Bank(2560, embeddings=64, answers=10)
    bank.write(embeddings=z, answers=p)               the oldest rows make room
    bank["embeddings"], bank["answers"]               (2560, 64), (2560, 10); zeros where not filled

All lies in buffers, the position too: checkpoints hold it, and a step never waits for the device.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Bank"]


class Bank(nn.Module):
    """First in, first out: `size` rows, of which each has a vector by every name of `widths`.

    Args:
        size: rows that it holds.
        widths: names, and how many float32 numbers each has in a row.
    """

    written: Tensor

    def __init__(self, size: int, **widths: int) -> None:
        super().__init__()
        self.size = size
        for name, width in widths.items():
            self.register_buffer(name, torch.zeros(size, width))
        self.register_buffer("written", torch.zeros((), dtype=torch.int64))

    def __getitem__(self, name: str) -> Tensor:
        """Return the rows `(size, width)` of `name` in no order, 0 where none was written yet.

        It is the buffer itself: what takes a gradient needs a copy, for the next write changes it.
        """
        return self.get_buffer(name)

    @property
    def filled(self) -> Tensor:
        """Which rows were written, `(size,)` bool."""
        return torch.arange(self.size, device=self.written.device) < self.written

    @property
    def is_full(self) -> Tensor:
        """Whether every row was written, a bool on the device."""
        return self.written >= self.size

    @torch.no_grad()
    def write(self, **rows: Tensor) -> None:
        """Put `n` rows `(n, width)` of every name where the oldest are; more than fit: the last."""
        n = len(next(iter(rows.values())))
        # Of two rows in one place it is undefined which one stays: the first are not written.
        skipped = max(0, n - self.size)
        numbers = torch.arange(skipped, n, device=self.written.device)
        places = (self.written + numbers) % self.size
        for name, values in rows.items():
            self[name].index_copy_(0, places, values[skipped:].to(self[name].dtype))
        self.written += n
