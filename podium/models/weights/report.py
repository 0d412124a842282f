"""The report of start weights: which tensors were loaded, resized, left out or missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["COUNTER", "LoadReport", "Resized"]

COUNTER = "num_batches_tracked"  # of a batch norm; with its usual momentum nothing depends on it
SHOWN = 4
_CLASSIFIERS = ("classifier", "fc", "_fc", "head", "last_linear")
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
        loaded = _of_parts(map(_part, self.matched)) or "nothing"
        how = " (matched by their order, as the names differ)" if self.by_position else ""
        parts_of_report = [f"start weights from {self.source}: {loaded}{how}"]
        if self.resized:
            parts_of_report.append(f"resized {_some([_change(one) for one in self.resized])}")
        if lacking := _without_counters(self.missing):
            parts_of_report.append(f"{self._random(lacking)} from random weights")
        if self.left:
            names = _counted(map(_part_left, self.left))
            counted = _some([f"{part} ({n})" for part, n in names.items()])
            is_classifier = len(names) == 1 and next(iter(names)) in _CLASSIFIERS
            parts_of_report.append(
                "the file's classifier is not used"
                if is_classifier
                else f"not used of the file: {counted}"
            )
        return "; ".join(parts_of_report)

    def _random(self, lacking: Sequence[str]) -> str:
        """Return which tensors start from random weights, with the verb; heads as a whole."""
        heads = {one.split(".")[1] for one in lacking if one.startswith("heads.")}
        is_whole = not any(one.startswith("heads.") for one in self.matched)
        if is_whole and all(one.startswith("heads.") for one in lacking):
            return "the head starts" if len(heads) == 1 else "the heads start"
        return f"{_of_parts(map(_part, lacking))} {'starts' if len(lacking) == 1 else 'start'}"

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


def _of_parts(parts: Iterable[str]) -> str:
    """Return how many tensors each part has: "318 of the backbone, 2 of heads.classify"."""
    counts = _counted(parts)
    return _some(
        [f"{n} of {'the backbone' if one == 'backbone' else one}" for one, n in counts.items()]
    )


def _some(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
