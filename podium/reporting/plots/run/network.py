"""The network of a run: its parts, and which of them each phase leaves as they are."""

from __future__ import annotations

from collections.abc import Iterator

from podium.models.network_summary import NetworkSummary, read_network_summary
from podium.reporting.figures.architecture import architecture, counted, shaped
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Network", 30


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the drawing of the network, if training recorded its summary."""
    anatomy = read_network_summary(subject.workspace.runs / subject.entry.id)
    if anatomy is None or not anatomy.parts:
        return
    wide, narrow = (architecture(anatomy, width_px=px) for px in (720, NARROW_PX))
    yield Plot(wide, "network", "Network", _alt(anatomy), _caption(anatomy), narrow)


def _alt(anatomy: NetworkSummary) -> str:
    parts = ", ".join(
        f"{part.of} {part.name} {shaped(part.shape)} ({counted(part.parameters) or 'none'})"
        for part in anatomy.parts
    )
    alt = "Parts of the network with shapes and parameters, from an image of "
    alt += f"{shaped(anatomy.image)}: {parts}"
    for task, at in anatomy.reads.items():
        alt += f"; head {task} reads {', '.join(anatomy.parts[one].name for one in at) or 'none'}"
    for phase, frozen in zip(anatomy.phases, anatomy.frozen, strict=True):
        names = [
            part.name for part, is_frozen in zip(anatomy.parts, frozen, strict=True) if is_frozen
        ]
        alt += f"; phase {phase} freezes {', '.join(names) or 'nothing'}"
    return alt


def _caption(anatomy: NetworkSummary) -> str:
    total = anatomy.parameters
    trainable = sum(part.learnable for part in anatomy.parts)
    caption = f"{counted(total)} parameters"
    caption += (
        f", of which {counted(trainable) or 'none'} are trainable" if trainable < total else ""
    )
    caption += ". Shapes are of the output for one image: channels × height × width."
    if any(len(at) > 1 for at in anatomy.reads.values()):
        caption += " Lines on the left: the maps that a head reads."
    if any(map(any, anatomy.frozen)):
        caption += " Frozen: neither weights nor batch norm's statistics move in the phase."
    else:
        caption += " No phase freezes anything."
    return caption
