"""The summary of a run's network, written to and read from its `network.json` (no torch here)."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from podium.workspace import digests
from podium.workspace.atomic import write_json

__all__ = [
    "NETWORK_FILE",
    "NetworkPart",
    "NetworkSummary",
    "read_network_summary",
    "write_network_summary",
]

_logger = logging.getLogger(__name__)
NETWORK_FILE = "network.json"
_FORMAT = 1


@dataclass(frozen=True)
class NetworkPart:
    """A part of a network.

    Attributes:
        name: its modules', as the network has them: "layer1", "blocks.0".
        of: what `freeze` calls what it belongs to: "backbone", or the task of a head.
        shape: of its output for one image (of a slice, where images are stacks of them): (C, H, W),
            (T, C) of T tokens, (C,) of a vector; None where it is unknown.
        parameters: how many numbers it has.
        learnable: how many of them are ever trained; with LoRA few of the backbone's.
        layer: which of the backbone's layers it is, from 0; None of heads, and where the backbone
            does not group its layers.
    """

    name: str
    of: str
    shape: tuple[int, ...] | None
    parameters: int
    learnable: int
    layer: int | None = None


@dataclass(frozen=True)
class NetworkSummary:
    """A network in parts, in the order in which an image goes through them.

    Attributes:
        backbone: its name in the recipe.
        image: (C, H, W) of what the network takes.
        parts: the backbone's first, then each head's.
        frozen: `(phases, parts)`: whether the part stays as it is in the phase.
        phases: their names.
        reads: task → positions in `parts` of the backbone's maps that the head reads; empty where
            that is unknown.
    """

    backbone: str
    image: tuple[int, int, int]
    parts: tuple[NetworkPart, ...]
    phases: tuple[str, ...]
    frozen: tuple[tuple[bool, ...], ...]
    reads: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """Of all parts."""
        return sum(part.parameters for part in self.parts)


def write_network_summary(run: Path, anatomy: NetworkSummary) -> None:
    """Write `network.json` into the folder `run`."""
    write_json(run / NETWORK_FILE, {"format": _FORMAT, **asdict(anatomy)})


def read_network_summary(run: Path) -> NetworkSummary | None:
    """Return the summary of the network of `run`; None where it has none, or not as we read it."""
    file = run / NETWORK_FILE
    if digests.is_damaged(file):
        return None
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        if facts["format"] != _FORMAT:
            return None
        channels, height, width = map(int, facts["image"])
        found = NetworkSummary(
            str(facts["backbone"]),
            (channels, height, width),
            tuple(_read_part(one) for one in facts["parts"]),
            tuple(map(str, facts["phases"])),
            tuple(tuple(map(bool, one)) for one in facts["frozen"]),
            {str(task): tuple(map(int, at)) for task, at in facts.get("reads", {}).items()},
        )
        sizes = {len(found.parts), *map(len, found.frozen)}
        if len(sizes) > 1 or len(found.frozen) != len(found.phases):
            raise ValueError("parts and phases do not fit")
        if any(not 0 <= one < len(found.parts) for at in found.reads.values() for one in at):
            raise ValueError("a head reads what is no part")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _logger.warning("skipped: %s has no network: %s", file, error)
        return None
    return found


def _read_part(facts: dict[str, Any]) -> NetworkPart:
    shape: Sequence[int] | None = facts["shape"]
    layer: int | None = facts["layer"]
    return NetworkPart(
        str(facts["name"]),
        str(facts["of"]),
        None if shape is None else tuple(map(int, shape)),
        int(facts["parameters"]),
        int(facts["learnable"]),
        None if layer is None else int(layer),
    )
