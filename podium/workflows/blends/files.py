"""The predictions of a blend as a file in the format of a submission: of the test set, or OOF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.competition.samples import left_out_of_test
from podium.competition.spec import Competition
from podium.competition.truths.masks import n_mask_classes
from podium.ensembling.predicting import blend_masks, blend_presence, blend_scored
from podium.ensembling.record import read_parts, sets_of
from podium.errors import UsageError
from podium.predictions.decisions.labels import decide, default_steps, steps_output
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.decisions.objects import decide_instances
from podium.predictions.store.masks import grey_values
from podium.predictions.store.positions import require_positions
from podium.predictions.top_k import require_dense
from podium.submissions.format.answers import write_answers
from podium.submissions.format.pixels import PixelCells
from podium.submissions.format.writing import PredictionBatch
from podium.submissions.values import label_value
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName
from podium.tasks.protocols.needs import are_probs, are_ranked
from podium.workflows.blends.blending import refuse_other_classes
from podium.workflows.constant_answers import constant_answers

if TYPE_CHECKING:
    import pandas as pd

    from podium.ensembling.blend import Blend
    from podium.ensembling.record import BlendPart
    from podium.predictions.store.reading import Split
    from podium.submissions.format.cells import ExpectedRows
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["blend_parts", "write_blend_predictions"]


def blend_parts(blend: Path, competition: Competition) -> dict[TaskName, BlendPart]:
    """Return the parts of the blend in the folder `blend`, including those that a file holds.

    Raises:
        UsageError: a part is missing, or the classes of its members are not today's.
        RunError: the record cannot be read, or is not of a blend.
    """
    parts = read_parts(blend)
    absent = [one for one in competition.answered_tasks if one not in parts]
    if absent:
        raise UsageError(
            f"{blend.name} blends {' and '.join(parts)}, not what is scored "
            f"({' and '.join(absent)})",
            fix="podium blend",
        )
    refuse_other_classes(sets_of(parts), competition)
    return parts


def write_blend_predictions(
    file: Path,
    competition: Competition,
    parts: Mapping[TaskName, BlendPart],
    split: Split,
    samples: pd.DataFrame | None,
    expected: ExpectedRows,
    *,
    ids: Sequence[str] | None = None,
) -> Path:
    """Write a blend's predictions for a split, with final weights and decision; return `file`.

    Test images that are left out have what is most frequent in train.

    Args:
        file: the CSV, written atomically and read back.
        competition: of the blend.
        parts: result of `blend_parts`.
        split: "test", or "oof" of train samples.
        samples: of the split; not needed where a file holds masks alone.
        expected: the rows of the file, and its format.
        ids: of the samples or units to write; None: all that the blend has.

    Raises:
        PodiumError: as the writers and readers of predictions do.
    """
    answers = [
        _decided_answers(competition, parts, split, samples, form, ids)
        for form in expected.form.answers
    ]
    if split == "test" and ids is None and (constant := left_out_of_test(competition)):
        answers = [
            chain(own, constant_answers(competition, form, expected, constant))
            for own, form in zip(answers, expected.form.answers, strict=True)
        ]
    return write_answers(file, expected, answers if expected.form.parts else answers[0])


def _decided_answers(
    competition: Competition,
    parts: Mapping[TaskName, BlendPart],
    split: Split,
    samples: pd.DataFrame | None,
    form: SubmissionFormat,
    ids: Sequence[str] | None,
) -> Iterable[Any]:
    """Return the answers that the cells of one column hold, as `write_answers` takes them."""
    if form.kind.is_of_pixels:
        return _decided_pixels(competition, parts, split, form, ids)
    assert samples is not None
    return [_decided_labels(competition, parts[IMAGES], split, samples, form, ids)]


def _decided_labels(
    competition: Competition,
    part: BlendPart,
    split: Split,
    samples: pd.DataFrame,
    form: SubmissionFormat,
    ids: Sequence[str] | None,
) -> PredictionBatch:
    have, probs = blend_scored(part.blend, part.sets, split, samples, competition)
    if ids is not None:
        probs = probs[require_positions(have, ids, "the blend", where=None)]
        have = list(ids)
    steps = steps_to_cells(form, part.blend)
    decisions = None if steps is None else decide(probs, steps, competition.kind)
    given = require_dense(probs, who="a file of probabilities") if steps is None else None
    return PredictionBatch(have, given, decisions)


def _decided_pixels(
    competition: Competition,
    parts: Mapping[TaskName, BlendPart],
    split: Split,
    form: SubmissionFormat,
    ids: Sequence[str] | None,
) -> Iterable[Any]:
    """Return objects, grey values or masks as they are decided: some images are in memory."""
    part = parts[PIXELS]
    probs = blend_masks(part.blend, part.sets, split, ids=ids)
    presence = blend_presence(parts, split, probs.ids, n_classes=n_mask_classes(competition))
    steps, kind = list(part.blend.decision), competition.mask_kind
    if competition.has_objects:
        return decide_instances(probs, steps, kind, presence=presence)
    if form.rows == "pixel" and PixelCells(form).are_numbers:
        return grey_values(probs)
    return decide_masks(probs, steps, kind, presence=presence)


def steps_to_cells(form: SubmissionFormat, blend: Blend) -> list[dict[str, Any]] | None:
    """Return the steps that make what the cells hold; None where they hold probabilities.

    They are the blend's own where it was tuned for the same thing. A ranking has as many places as
    a cell has, whatever number of them the metric counts.
    """
    needed = label_value(form).source(form)
    if are_probs(needed):
        return None
    steps = [dict(step) for step in blend.decision]
    if not steps or steps_output(steps) != needed:
        steps = default_steps(blend.kind, needed, k=form.k or 1)
    if are_ranked(needed):
        steps = [{"topk": {**step["topk"], "k": form.k or 1}} for step in steps]
    return steps
