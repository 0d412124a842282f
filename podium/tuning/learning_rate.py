"""The learning-rate range test: loss while the rate rises (Smith 2017, arXiv:1506.01186, §3.3).

    lr_t = low (high / low)^(t / (n - 1)),   t = 0 … n - 1

The paper raises it linearly and measures accuracy; over eight decades it has to rise exponentially.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["STEPS", "LearningRateTest", "has_diverged", "rising_rates"]

LOW, HIGH = 1e-7, 10.0
STEPS = 100
"""of a test by default; of fewer the noise of single batches is not smoothed away"""
MEMORY = 0.9
"""share of the running mean that stays at a step, by which divergence is detected"""
WIDTH = 3.0
"""steps: standard deviation of the bell that losses are smoothed by for their slope"""
FALL = 0.01
"""share of the first loss that noise may look like a fall by"""
EXPLODED = 4.0
"""times its lowest, beyond which a loss has diverged"""
RISEN = 1.5
"""times what it was before it rose, beyond which a loss that ends has diverged, too"""

Floats = NDArray[np.float64]


def rising_rates(n: int, low: float = LOW, high: float = HIGH) -> Floats:
    """Return `n` rates from `low` to `high`, float64 `(n,)`, each the same factor above the last.

    Raises:
        ValueError: fewer than two, or no rise above 0.
    """
    if n < 2 or not 0 < low < high:
        raise ValueError(f"expected two steps or more and 0 < low < high, got {n}, {low}, {high}")
    return np.geomspace(low, high, n)


def has_diverged(losses: Sequence[float]) -> bool:
    """Return whether the last of `losses` is no number, or their running mean far above its lowest.

    Far is `EXPLODED` times: above it by three times its size, or by three tenths of the size of the
    first loss where that is more, as when a loss came near 0 or is negative.
    """
    return _first_diverged(np.asarray(losses, dtype=float)) is not None


@dataclass(frozen=True)
class LearningRateTest:
    """Losses while the rate rose; the last may be no number.

    Args:
        rates: `(T,)`.
        losses: `(T,)`, of the batch of each step, before the step.
    """

    rates: Floats
    losses: Floats

    @property
    def smoothed(self) -> Floats:
        """The finite losses, smoothed by a bell over steps: not one of them is late."""
        known = self.losses[: self._n_finite]
        at = np.arange(len(known))
        bell = np.exp(-0.5 * ((at[:, None] - at) / WIDTH) ** 2)
        smoothed: Floats = bell @ known / bell.sum(axis=1)
        return smoothed

    @property
    def steepest(self) -> float | None:
        """The rate at which the smoothed loss falls fastest over log lr; None: it hardly falls.

        It is looked for up to the lowest loss, or to the divergence if that comes first.
        """
        smoothed = self.smoothed
        if len(smoothed) < 2 or smoothed[0] - smoothed.min() <= FALL * abs(smoothed[0]):
            return None
        end = int(np.argmin(smoothed)) + 1
        slope = np.gradient(smoothed, np.log(self.rates[: len(smoothed)]))[:end]
        at = int(np.argmin(slope))
        return float(self.rates[at]) if slope[at] < 0 else None

    @property
    def diverges(self) -> float | None:
        """The rate at which the loss began to rise until it exploded; None: it did not.

        Of few steps the last may come before the explosion: a loss that ends far above all that it
        was before it rose has diverged, too, from its lowest on.
        """
        at = _first_diverged(self.losses)
        if at is None:
            return float(self.rates[np.argmin(self.losses)]) if self._ends_high else None
        # Step t moves the weights that loss t + 1 is of. A rise that began is one without a fall.
        while at > 0 and not self.losses[at] <= self.losses[0]:  # noise breaks a rise high up
            at -= 1
        while at > 0 and not self.losses[at] <= self.losses[at - 1]:
            at -= 1
        return float(self.rates[at])

    @property
    def safe(self) -> float | None:
        """A tenth of where it diverges, and no more than where the smoothed loss is lowest.

        Noise of small batches, and optimisers that bound their steps, put off the explosion.
        """
        if self.diverges is None:
            return None
        smoothed = self.smoothed
        lowest = float(self.rates[np.argmin(smoothed)]) if len(smoothed) else np.inf
        return min(self.diverges / 10, lowest)

    @property
    def _ends_high(self) -> bool:
        smoothed = self.smoothed
        if not len(smoothed):
            return False
        n_before = max(int(np.argmin(smoothed)) + 1, len(smoothed) // 2)
        before = float(self.losses[:n_before].max())
        return bool(smoothed[-1] > before + (RISEN - 1) * abs(before))

    @property
    def _n_finite(self) -> int:
        bad = np.flatnonzero(~np.isfinite(self.losses))
        return int(bad[0]) if len(bad) else len(self.losses)


def _first_diverged(losses: Floats) -> int | None:
    mean, lowest, room = 0.0, np.inf, 0.0
    for at, loss in enumerate(losses):
        if not np.isfinite(loss):
            return at
        mean = MEMORY * mean + (1 - MEMORY) * loss
        seen = mean / (1 - MEMORY ** (at + 1))
        lowest = min(lowest, seen)
        room = (EXPLODED - 1) * max(abs(lowest), 0.1 * abs(float(losses[0])))
        if seen > lowest + room:
            return at
    return None
