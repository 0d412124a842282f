"""Few labels beside many unlabelled images: a student of pseudo-labels of the network before."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import Proposal, Situation, fit_to_time

PLACE = 40
SHARE = 0.4
"""of the time that is left"""
LEAST = 3
THRESHOLD = 0.7
TEACHERS = ("fine-tune", "probe")


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield a training of the same recipe that learns from confident pseudo-labels as well."""
    facts = situation.facts
    teacher = next(filter(None, map(situation.of_name, TEACHERS)), None)
    # A number has no confidence by which its pseudo-labels could be chosen.
    if teacher is None or facts.has_numbers or facts.n_unlabelled < facts.n / 2:
        return
    cost = situation.measure(teacher.recipe)
    base = {**teacher.recipe, "pseudo": [{"threshold": THRESHOLD}]}
    extra, seconds = facts.n_unlabelled, SHARE * situation.left_s
    # The teacher predicts each unlabelled image first, with every fold's model.
    labelling = situation.counts.folds * extra * cost.predict * 2
    recipe, expected = fit_to_time(
        situation,
        base,
        cost,
        seconds - labelling,
        most=max(LEAST, teacher.recipe["phases"][-1]["epochs"]),
        extra=extra,
    )
    if expected + labelling <= seconds and recipe["phases"][-1]["epochs"] >= LEAST:
        why = f"learns from {extra:,} unlabelled images, too, as {teacher.name} labels them"
        yield Proposal("student", why, recipe, expected + labelling, teacher=teacher.name)
