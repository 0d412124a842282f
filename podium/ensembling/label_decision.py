"""The curves of a blend's decision on labels: one for each threshold, cut point or class weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.tuning.held_curves import NamedCurve
from podium.tuning.label_curves import label_curves

if TYPE_CHECKING:
    from podium.ensembling.blend import Blend
    from podium.ensembling.joint import Labels

__all__ = ["curves_of_labels"]


def curves_of_labels(labels: Labels, blend: Blend) -> tuple[NamedCurve, ...]:
    """Return the curves of `blend` on the rows that it was fitted on, with its final weights.

    Args:
        labels: its members' rows, the ones that `blend.data` is the digest of.
        blend: of labels.
    """
    rows, how = labels.rows, blend.how
    return label_curves(
        how.combined(how.prepared(rows.members, rows.folds), blend.fitted),
        labels.fits().scorer,
        blend.decision,
        labels.asked.competition.classes_of("classify"),
        groups=None if rows.groups is None else rows.units(),
        seed=blend.seed,
    )
