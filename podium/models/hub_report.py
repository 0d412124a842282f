"""What timm tells while it loads weights of the hub: its log is the only place that says it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from podium.models.load_report import LoadReport, Resized

__all__ = ["hub_report", "listening"]

LOGGERS = ("timm.models._builder", "timm.layers.pos_embed")
BEGINS = "Loading pretrained weights"
MISSING = re.compile(r"Missing keys \((.*)\) discovered")
UNEXPECTED = re.compile(r"Unexpected keys \((.*)\) found")
CONVOLUTION = re.compile(r"Converted input conv (\S+) pretrained weights from (\d+) to \d+ channel")
POSITIONS = re.compile(r"Resized position embedding: \D*(\d+), (\d+)\D* to ")


class _Ear(logging.Filter):
    """Hears what a logger is told, and lets through what it let through before."""

    def __init__(self, told: list[str], least: int) -> None:
        super().__init__()
        self._told, self._least = told, least

    def filter(self, record: logging.LogRecord) -> bool:
        self._told.append(record.getMessage())
        return record.levelno >= self._least


@contextmanager
def listening() -> Iterator[list[str]]:
    """Give a list that fills with what timm logs while it loads weights."""
    told: list[str] = []
    before = []
    for name in LOGGERS:
        logger = logging.getLogger(name)
        ear = _Ear(told, logger.getEffectiveLevel())
        before.append((logger, logger.level, ear))
        logger.addFilter(ear)
        logger.setLevel(min(logging.INFO, logger.getEffectiveLevel()))
    try:
        yield told
    finally:
        for logger, level, ear in before:
            logger.removeFilter(ear)
            logger.setLevel(level)


def hub_report(told: list[str], name: str, backbone: nn.Module) -> LoadReport:
    """Return what became of the hub's weights of `name`, as far as timm told it.

    It does not name the classifier, which it takes off before it loads, nor tables of relative
    positions that it resized.

    Args:
        told: what `listening` heard.
        name: of the backbone.
        backbone: as timm built and loaded it.
    """
    starts = [i for i, message in enumerate(told) if message.startswith(BEGINS)]
    heard = told[starts[-1] :] if starts else told  # a network may have been built twice
    missing = set(_keys(MISSING, heard))
    own = backbone.state_dict()
    return LoadReport(
        source=name if name.startswith("local-dir:") else f"the hub's {name}",
        matched=tuple(f"backbone.{key}" for key in own if key not in missing),
        resized=tuple(_resized(heard, backbone)),
        left=tuple(_keys(UNEXPECTED, heard)),
        missing=tuple(f"backbone.{key}" for key in own if key in missing),
    )


def _keys(pattern: re.Pattern[str], heard: list[str]) -> list[str]:
    found = [match[1].split(", ") for message in heard if (match := pattern.search(message))]
    return found[-1] if found else []


def _resized(heard: list[str], backbone: nn.Module) -> Iterator[Resized]:
    own = backbone.state_dict()
    for message in heard:
        if match := CONVOLUTION.search(message):
            now = tuple(own[f"{match[1]}.weight"].shape)
            was = (now[0], int(match[2]), *now[2:])
            yield Resized(f"backbone.{match[1]}.weight", was, now)
        if (match := POSITIONS.search(message)) and "pos_embed" in own:
            now, grid = tuple(own["pos_embed"].shape), (int(match[1]), int(match[2]))
            if len(now) == 4:  # laid out as a map, (1, h, w, F)
                yield Resized("backbone.pos_embed", (now[0], *grid, now[3]), now)
            else:
                prefix = _prefix_tokens(backbone)
                was = (now[0], prefix + grid[0] * grid[1], now[2])
                yield Resized("backbone.pos_embed", was, now)


def _prefix_tokens(backbone: nn.Module) -> int:
    """Return how many of the position embeddings are of tokens that are no patches."""
    if getattr(backbone, "no_embed_class", False):
        return 0
    return int(getattr(backbone, "num_prefix_tokens", 0))
