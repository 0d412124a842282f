"""The report of start weights: which tensors were loaded, resized, left out or missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["COUNTER", "LoadReport", "Resized"]

COUNTER = "num_batches_tracked"  # of a batch norm; with its usual momentum nothing depends on it
SHOWN = 4
WRAPPED = ("module", "_orig_mod", "model", "backbone", "encoder")


class Resized(NamedTuple):
    """A tensor that was fitted to another shape.

    Args:
        key: of the network.
        was: its shape in the file.
        now: its shape in the network.
    """

    key: str
    was: tuple[int, ...]
    now: tuple[int, ...]


@dataclass(frozen=True)
class LoadReport:
    """Which tensors of the start weights a network took, and which it did not.

    Args:
        source: where they come from, for messages.
        matched: keys of the network that got a tensor, `backbone.…` and `heads.<task>.…`.
        resized: those of them whose tensor was fitted to another shape (first convolution,
            position embeddings).
        left: keys of the source that found no place, as the classifier's.
        missing: keys of the network that kept what they were built with.
        by_position: the names differ, and tensors were matched by their order and shape.
    """

    source: str
    matched: tuple[str, ...]
    resized: tuple[Resized, ...] = ()
    left: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    by_position: bool = False

    @property
    def line(self) -> str:
        """All of it in one line: parts are named, and tensors counted."""
        loaded = self.matched
        parts = ", ".join(f"{part} ({n})" for part, n in _counted(map(_part, loaded)).items())
        parts_of_report = [f"start weights from {self.source}: {parts or 'nothing'}"]
        if self.by_position:
            parts_of_report.append("matched by their order, as the names differ")
        if self.resized:
            parts_of_report.append(f"resized {_some([_change(one) for one in self.resized])}")
        if self.missing:
            lacking = _without_counters(self.missing)
            names = _counted(map(_part, lacking))
            parts_of_report.append(
                f"kept as built {_some([f'{part} ({n})' for part, n in names.items()])}"
            )
        if self.left:
            names = _counted(map(_part_left, self.left))
            parts_of_report.append(
                f"not used {_some([f'{part} ({n})' for part, n in names.items()])}"
            )
        return "; ".join(parts_of_report)

    def facts(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return {
            "source": self.source,
            "line": self.line,
            "matched": list(self.matched),
            "resized": [
                {"key": one.key, "was": list(one.was), "now": list(one.now)} for one in self.resized
            ],
            "left": list(self.left),
            "missing": list(self.missing),
            "by_position": self.by_position,
        }


def _part(key: str) -> str:
    """Return the part of a network that `key` belongs to: "backbone", "heads.segment.decoder"."""
    pieces = key.split(".")
    return ".".join(pieces[: 3 if pieces[0] == "heads" else 1])


def _part_left(key: str) -> str:
    """Return the part of another network that `key` belongs to, without the names of wrappers."""
    pieces = key.split(".")
    names = [piece for piece in pieces[:-1] if piece not in WRAPPED] or pieces
    return _part(key) if pieces[0] == "heads" else names[0]


def _change(one: Resized) -> str:
    return f"{one.key} {_shape(one.was)} → {_shape(one.now)}"


def _shape(sides: Sequence[int]) -> str:
    return "x".join(map(str, sides))


def _without_counters(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if not key.endswith(COUNTER)]


def _counted(names: Iterable[str]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _some(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
