"""The largest batch that fits: doubling until one does not, then bisecting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["BatchTrial", "fastest_batch", "largest_batch", "search_batches"]

FINE = 8
"""The gap that is left between fitting and not is an eighth of what fits, or one image."""
AS_FAST = 0.95


@dataclass(frozen=True)
class BatchTrial:
    """Some steps with one batch size.

    Attributes:
        size: images of a batch.
        speed: images a second; None where it does not fit.
        memory: bytes at the peak that the steps took, where measured.
        why: why it does not fit.
    """

    size: int
    speed: float | None
    memory: int | None = None
    why: str = ""

    @property
    def fits(self) -> bool:
        return self.speed is not None


def search_batches(
    attempt: Callable[[int], BatchTrial], *, start: int = 8, most: int = 1024
) -> list[BatchTrial]:
    """Return the trials of a search for the largest batch of at most `most` that fits, by size.

    Doubles from `start` until one does not fit, or halves until one does; then bisects.

    Args:
        attempt: tries one size; what fits, fits with fewer images, too.
        start: the first size.
        most: none larger is tried.

    Raises:
        ValueError: a size below 1.
    """
    if min(start, most) < 1:
        raise ValueError(f"expected sizes of 1 or more, got {start} and {most}")
    trials = [attempt(min(start, most))]
    while trials[-1].fits and trials[-1].size < most:
        trials.append(attempt(min(2 * trials[-1].size, most)))
    while not any(one.fits for one in trials) and trials[-1].size > 1:
        trials.append(attempt(trials[-1].size // 2))
    good = max((one.size for one in trials if one.fits), default=0)
    bad = min((one.size for one in trials if not one.fits), default=0)
    while good and bad and bad - good > max(good // FINE, 1):
        trials.append(attempt((good + bad) // 2))
        good, bad = (trials[-1].size, bad) if trials[-1].fits else (good, trials[-1].size)
    return sorted(trials, key=lambda one: one.size)


def largest_batch(trials: Sequence[BatchTrial]) -> BatchTrial | None:
    """Return the largest that fits; None: none does."""
    return max((one for one in trials if one.fits), key=lambda one: one.size, default=None)


def fastest_batch(trials: Sequence[BatchTrial]) -> BatchTrial | None:
    """Return the smallest that is as fast as any, to 5 %: beyond it speed no longer grows."""
    speeds = [one.speed for one in trials if one.speed is not None]
    enough = AS_FAST * max(speeds, default=0.0)
    as_fast = [one for one in trials if one.speed is not None and one.speed >= enough]
    return min(as_fast, key=lambda one: one.size, default=None)
