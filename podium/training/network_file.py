"""What a run tells of its network, once for all folds: `network.json`, for drawings of it."""

from __future__ import annotations

import logging

from podium.models.anatomy import frozen_of, parts_of, reads_of
from podium.models.network import Network
from podium.models.parts import FILE, Anatomy, write_anatomy
from podium.training.job import Job

__all__ = ["note_network"]

_logger = logging.getLogger(__name__)


def note_network(job: Job, network: Network) -> None:
    """Write the parts of `network`, and which of them each phase freezes, unless a fold has.

    It only informs and determines nothing, so that nothing it meets stops a training.

    Args:
        job: whose run.
        network: with nothing frozen.
    """
    if (job.run / FILE).is_file():
        return
    recipe = job.recipe
    height, width = recipe.input.height_width
    try:
        parts = parts_of(network, (height, width))
        anatomy = Anatomy(
            recipe.model.backbone,
            (network.in_chans, height, width),
            parts,
            tuple(phase.name for phase in recipe.phases),
            tuple(frozen_of(parts, phase.freeze) for phase in recipe.phases),
            reads_of(network, (height, width), parts),
        )
        write_anatomy(job.run, anatomy)
    except Exception as error:
        _logger.warning("%s has no drawing of its network: %s", job.run.name, error)
