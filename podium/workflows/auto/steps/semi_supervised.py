"""Few labels beside many unlabelled images: a student of pseudo-labels of the network before."""

from __future__ import annotations

from collections.abc import Iterator

from podium.errors import plural
from podium.workflows.auto.proposal import Proposal, Situation, fit_to_time

PLACE = 40
SHARE = 0.4
"""of the time that is left"""
LEAST = 3
THRESHOLD = 0.7


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield a training of the same recipe that learns from confident pseudo-labels as well."""
    facts = situation.facts
    teacher = situation.of_name("fine-tune")
    known = situation.of_name("student")
    if known is not None and teacher is not None and known.teacher == teacher.name:
        return
    # A number has no confidence by which its pseudo-labels could be chosen.
    if teacher is None or facts.has_numbers or facts.n_unlabelled < facts.n / 2:
        return
    cost = situation.measured(teacher.recipe)
    base = {**teacher.recipe, "pseudo": [{"threshold": THRESHOLD}]}
    extra, seconds = facts.n_unlabelled, SHARE * situation.left_s
    n_train = facts.n * (1 - 1 / max(situation.n_folds, 2))
    # The teacher predicts each unlabelled image first, with every fold's model.
    labelling = situation.n_folds * extra * cost.timing.image_s
    most = max(LEAST, teacher.recipe["phases"][-1]["epochs"])
    recipe, expected = fit_to_time(
        base, cost, seconds - labelling, most=most, longer=1 + extra / n_train
    )
    if expected + labelling <= seconds and recipe["phases"][-1]["epochs"] >= LEAST:
        why = f"learns from {plural(extra, 'unlabelled image')}, too, as {teacher.name} labels them"
        yield Proposal("student", why, recipe, expected + labelling, teacher=teacher.name)
