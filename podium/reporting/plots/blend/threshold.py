"""The score of a blend's decision along its thresholds, with what was chosen."""

from __future__ import annotations

from collections.abc import Iterator

from podium.ensembling.plan import BlendRequest, LabelPlan, curves_of_labels
from podium.reporting.figures.threshold_curve import SHOWN, threshold_curves
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject
from podium.tasks.protocols.names import is_of_images
from podium.tuning.curves import ParameterCurve, most_influential, read_curves

TITLE, PLACE = "Thresholds", 40

MOST_NUMBERS = 2_000_000  # of all members: curves of more are drawn only where they are kept


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield the curves that `podium tune thresholds BLEND` keeps; of few labels they are made."""
    entry = subject.entry
    curves = read_curves(subject.workspace.blends / entry.id)
    if entry.scored_by is not None:
        return
    if curves is None:
        curves = _of_labels(subject)
    if not curves:
        return
    shown = most_influential(curves, SHOWN)
    metric = entry.blend.metric
    chosen = "; ".join(
        f"{' '.join(filter(None, (one.parameter.replace('_', ' '), one.name)))} {one.chosen:.3g}, "
        f"as good from {one.plateau[0]:.3g} to {one.plateau[1]:.3g}"
        for one in shown[:6]
    )
    caption = (
        "On the rows that the decision was fitted on, all else held: how flat the summit is, not "
        "how good the decision. Shaded: indistinguishable from the highest point."
    )
    if len(shown) < len(curves):
        caption += f" The {len(shown)} of {len(curves)} whose tuning changes the score most."
    yield Plot(
        threshold_curves(shown, label=metric),
        "thresholds",
        "Score by threshold",
        f"{metric} of {entry.id} by threshold; chosen: {chosen}",
        caption,
        threshold_curves(shown, label=metric, width_px=NARROW_PX),
    )


def _of_labels(subject: BlendSubject) -> tuple[ParameterCurve, ...]:
    """Return the curves of labels that are few; none of masks, or where the rows changed since."""
    part, data = next(iter(subject.entry.parts.values())), subject.data
    blend, competition = part.blend, subject.competition
    if not is_of_images(blend.task) or data.samples is None or data.folds is None:
        return ()
    if blend.n_scored * len(blend.members) * max(len(competition.classes), 1) > MOST_NUMBERS:
        return ()
    labels = LabelPlan.of(
        BlendRequest(
            subject.workspace,
            competition,
            data.samples,
            data.folds,
            part.sets,
            trials=blend.trials,
            seed=blend.seed,
        )
    )
    return curves_of_labels(labels, blend) if labels.rows.digest() == blend.data else ()
