"""Loss of a blend's score without each of its members, if that was computed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from podium.ensembling.members import read_members
from podium.reporting.figures.drop_one import drop_one
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject

TITLE, PLACE = "What members bring", 30


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield what `podium show BLEND --members` has kept: of three blends a member, none is made."""
    entry = subject.entry
    table = read_members(subject.workspace.blends / entry.id)
    if table is None or table.honest != entry.blend.honest:
        return
    kept = [(one.name, one.dropped) for one in table.members if one.dropped is not None]
    if not kept:
        return
    names = [name for name, _ in kept]
    gains = [one.gain for _, one in kept]
    errors = [math.nan if one.error is None else one.error for _, one in kept]
    alt = f"Honest {table.metric} {table.honest:.4f}; without each member: " + ", ".join(
        f"{name} {one.score:.4f}" for name, one in sorted(kept, key=lambda one: -one[1].gain)[:8]
    )
    caption = (
        "Honest score of the blend less that of the blend without the member, weights and "
        "decision fitted anew across the folds."
    )
    yield Plot(
        drop_one(names, gains, errors=errors, label=table.metric),
        "drop-one",
        "Without each member",
        alt,
        caption,
        drop_one(names, gains, errors=errors, label=table.metric, width_px=NARROW_PX),
    )
