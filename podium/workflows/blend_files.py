"""What a blend says as a file in the format of a submission: of the test set, or out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.competition.spec import Competition, TaskName
from podium.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from podium.ensembling.artefact import Part
    from podium.ensembling.blend import Blend
    from podium.predictions.reading import Split
    from podium.submissions.format import Format
    from podium.submissions.wanted import Wanted

__all__ = ["parts_of_blend", "write_said"]


def parts_of_blend(blend: Path, competition: Competition) -> dict[TaskName, Part]:
    """Return the parts of the blend in the folder `blend`, one of which is what is scored.

    Raises:
        UsageError: none is, or its members know other classes than there are now.
        RunError: the record cannot be read, or is not of a blend.
    """
    from podium.ensembling.artefact import read_parts, sets_of
    from podium.workflows.member_classes import refuse_other_classes

    parts = read_parts(blend)
    if competition.scored_task not in parts:
        raise UsageError(
            f"{blend.name} blends {' and '.join(parts)}, not what is scored "
            f"({competition.scored_task})",
            fix="podium blend",
        )
    refuse_other_classes(sets_of(parts), competition)
    return parts


def write_said(
    file: Path,
    competition: Competition,
    parts: Mapping[TaskName, Part],
    split: Split,
    samples: pd.DataFrame | None,
    wanted: Wanted,
    *,
    ids: Sequence[str] | None = None,
) -> Path:
    """Write what a blend says of a split, with its final weights and decision; return `file`.

    Args:
        file: the CSV, written atomically and read back.
        competition: whose.
        parts: what `parts_of_blend` returned.
        split: "test", or "oof" of train samples.
        samples: of the split; of masks they are not needed.
        wanted: the rows of the file, and its format.
        ids: of the samples or units that are written; None: all that the blend has.

    Raises:
        PodiumError: as the writers and readers of predictions do.
    """
    if competition.scored_task == "segment":
        _write_masks(file, competition, parts, split, wanted, ids)
    else:
        assert samples is not None
        _write_labels(file, competition, parts["classify"], split, samples, wanted, ids)
    return file


def _write_labels(
    file: Path,
    competition: Competition,
    part: Part,
    split: Split,
    samples: pd.DataFrame,
    wanted: Wanted,
    ids: Sequence[str] | None,
) -> None:
    from podium.ensembling.predicting import blend_scored
    from podium.predictions.decide import decide
    from podium.predictions.reading import all_there
    from podium.predictions.top_k import all_of
    from podium.submissions.write import Batch, write_label_rows

    assert wanted.rows is not None
    have, probs = blend_scored(part.blend, part.sets, split, samples, competition)
    if ids is not None:
        probs = probs[all_there(have, ids, "the blend", where=None)]
        have = list(ids)
    steps = steps_for(wanted.form, part.blend)
    decisions = None if steps is None else decide(probs, steps, competition.kind)
    given = all_of(probs, who="a file of probabilities") if steps is None else None
    batch = Batch(have, given, decisions)
    write_label_rows(file, wanted.form, wanted.rows, [batch], said_by=wanted.said_by)


def _write_masks(
    file: Path,
    competition: Competition,
    parts: Mapping[TaskName, Part],
    split: Split,
    wanted: Wanted,
    ids: Sequence[str] | None,
) -> None:
    """Write masks as they are decided: of the whole split, some images are in memory."""
    from podium.competition.masks import n_mask_classes
    from podium.ensembling.predicting import blend_masks, blend_presence
    from podium.predictions.decide_masks import decide_masks
    from podium.predictions.decide_objects import decide_instances
    from podium.predictions.mask_probs import grey_values
    from podium.submissions.instance_writing import write_instance_rows
    from podium.submissions.mask_writing import write_mask_rows
    from podium.submissions.pixel_cells import PixelCells
    from podium.submissions.pixel_writing import write_pixel_rows

    assert wanted.rows is not None
    part, form, to = parts["segment"], wanted.form, (file, wanted.form, wanted.rows)
    probs = blend_masks(part.blend, part.sets, split, ids=ids)
    presence = blend_presence(parts, split, probs.ids, n_classes=n_mask_classes(competition))
    steps, kind = list(part.blend.decision), competition.mask_kind
    if competition.has_objects:
        objects = decide_instances(probs, steps, kind, presence=presence)
        write_instance_rows(*to, objects, wanted.sizes, said_by=wanted.said_by)
        return
    if form.rows == "pixel" and PixelCells(form).are_numbers:
        write_pixel_rows(*to, grey_values(probs), wanted.sizes, said_by=wanted.said_by)
        return
    masks = decide_masks(probs, steps, kind, presence=presence)
    write = write_pixel_rows if form.rows == "pixel" else write_mask_rows
    write(*to, masks, wanted.sizes, said_by=wanted.said_by)


def steps_for(form: Format, blend: Blend) -> list[dict[str, Any]] | None:
    """Return the steps that make what the cells hold; None where they hold probabilities.

    They are the blend's own where it was tuned for the same thing. A ranking has as many places as
    a cell has, whatever number of them the metric counts.
    """
    from podium.predictions.decide import default_steps, makes
    from podium.submissions.values import label_value

    needed = label_value(form).source(form)
    if needed == "probs":
        return None
    steps = [dict(step) for step in blend.decision]
    if not steps or makes(steps) != needed:
        steps = default_steps(blend.kind, needed, k=form.k or 1)
    if needed == "ranking":
        steps = [{"topk": {**step["topk"], "k": form.k or 1}} for step in steps]
    return steps
