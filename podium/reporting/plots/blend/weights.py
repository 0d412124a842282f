"""The weights of a blend's members, with those of each fold."""

from __future__ import annotations

from collections.abc import Iterator

from podium.reporting.figures.member_weights import member_weights
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject
from podium.tasks.protocols.names import is_of_pixels

TITLE, PLACE = "What members bring", 20


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield the weights of each task; nothing where all members weigh the same."""
    for task, part in subject.entry.parts.items():
        blend = part.blend
        folds = list(blend.fold_weights.values())
        if len(blend.members) < 2 or (len(set(blend.weights)) < 2 and not folds):
            continue
        what = " of masks" if is_of_pixels(task) else ""
        method = blend.method.replace("_", " ")
        by_fold = folds or None
        each = zip(blend.weights, blend.members, strict=True)
        first = sorted(each, key=lambda one: -one[0])[:6]
        alt = f"Weights{what} by {method} of {len(blend.members)} members: " + ", ".join(
            f"{name} {weight:.3f}" for weight, name in first
        )
        caption = f"By {method}, fitted on all rows."
        if folds:
            caption += " Ticks: fitted for each fold on the others; far apart, they are chance."
        yield Plot(
            member_weights(blend.members, blend.weights, by_fold=by_fold),
            f"weights-{task}",
            f"Weights{what}",
            alt,
            caption,
            member_weights(blend.members, blend.weights, by_fold=by_fold, width_px=NARROW_PX),
        )
