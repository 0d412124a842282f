"""What each member of a blend brings, found by blending some of its members again."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from podium.competition.folds_file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.ensembling.artefact import read_parts, sets_of
from podium.ensembling.blend import Blend
from podium.ensembling.joint import LABEL_METHOD, MASK_METHOD, Labels, Masks, Question, prepare
from podium.ensembling.member_file import read_members, write_members
from podium.ensembling.member_table import MemberTable, errors_of, member_table
from podium.ensembling.units import Units
from podium.errors import RunError
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["members_of"]


def members_of(
    workspace: Workspace, competition: Competition, folder: Path, *, progress: Progress = SILENT
) -> MemberTable:
    """Return what each member brings to the scored part of the blend in `folder`.

    Some three blends a member are fitted, each across the folds; `members.json` beside the record
    keeps what they say, for the next time and for the report.

    Raises:
        RunError: the data, the folds or a member's predictions changed since the blend was made.
    """
    parts = read_parts(folder)
    methods = {task: part.blend.method for task, part in parts.items()}
    scored = next(iter(parts.values())).blend
    samples = load_samples(competition, "train", workspace=workspace)
    questions = prepare(
        Question(
            workspace,
            competition,
            samples,
            ensure_folds(workspace, competition, samples),
            sets_of(parts),
            method=methods.get("classify", LABEL_METHOD),
            mask_method=methods.get("segment", MASK_METHOD),
            trials=scored.trials,
            seed=scored.seed,
            grid=scored.grid,
        ),
        progress,
    )
    part = questions.masks or questions.labels
    assert part is not None
    if part.inputs()["data"] != scored.data:
        raise RunError(
            "what this blend was fitted on changed since",
            where=folder,
            fix="make the blend again: podium blend",
        )
    kept = read_members(folder)
    if kept is not None and kept.honest == scored.honest:
        return kept
    if questions.masks is not None:
        found = _of_masks(questions.masks, questions.labels, scored.method, scored.seed, progress)
    else:
        assert questions.labels is not None
        found = _of_labels(questions.labels, scored.method, scored.seed, progress)
    # It can be made again: where nothing can be written, it is looked at all the same.
    with contextlib.suppress(OSError):
        write_members(folder, found)
    return found


def _of_labels(labels: Labels, method: str, seed: int, progress: Progress) -> MemberTable:
    fits, rows = labels.fits(), labels.rows

    return member_table(
        lambda chosen: fits.of_members(chosen).by(method),
        len(rows.members),
        errors_of(rows.members, rows.truth, fits.kind),
        seed=seed,
        progress=progress,
    )


def _of_masks(
    masks: Masks, labels: Labels | None, method: str, seed: int, progress: Progress
) -> MemberTable:
    rows = masks.rows
    classifier = None
    if labels is not None:
        classifier = labels.classifier(labels.fit(SILENT).blend, rows)

    def fit(chosen: tuple[int, ...]) -> tuple[Blend, Units | None]:
        few = replace(
            rows,
            members=tuple(rows.members[m] for m in chosen),
            names=tuple(rows.names[m] for m in chosen),
        )
        return replace(masks, rows=few).fits(classifier).by(method)

    pixels = masks.fits(classifier).pixels.sample
    errors = errors_of(pixels.members, pixels.objective.truth, pixels.objective.kind)
    return member_table(fit, len(rows.members), errors, seed=seed, progress=progress)
