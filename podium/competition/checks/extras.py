"""The extra sources: which can be read, what they hold, and what they share with train."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from podium.competition.checks import SHOWN_CLASSES, Finding, finding_from_error
from podium.competition.checks.masks import NO_MASK_OF, check_masks
from podium.competition.folds.leaks import shared_names
from podium.competition.samples import as_train, load_extra, reword_for_extra
from podium.competition.spec import Competition
from podium.competition.truths.labels import class_counts, format_range, format_unknown
from podium.competition.units import has_units
from podium.errors import DataError, plural
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["check_extras", "extra_part_name", "load_extras"]


def extra_part_name(name: str) -> str:
    """Return what findings call the extra source `name`."""
    return f"extra {name}"


def load_extras(
    workspace: Workspace, competition: Competition
) -> tuple[list[Finding], dict[str, pd.DataFrame]]:
    """Return findings on the extra sources, and the samples of those that can be read."""
    findings: list[Finding] = []
    samples: dict[str, pd.DataFrame] = {}
    for name in competition.data.extra:
        try:
            samples[name] = load_extra(competition, name, workspace=workspace)
        except DataError as error:
            findings.append(finding_from_error(error, f"{extra_part_name(name)} cannot be read"))
    return findings, samples


def check_extras(
    workspace: Workspace,
    competition: Competition,
    extras: Mapping[str, pd.DataFrame],
    train: pd.DataFrame | None,
    *,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Return findings on the extra sources, with the errors for which training would refuse them.

    Args:
        workspace: its cache keeps the facts of each mask.
        competition: configures the sources.
        extras: name → samples, as `load_extras` returns them.
        train: the samples of train; None where they cannot be read.
        progress: of the reading of masks.
    """
    findings: list[Finding] = []
    for name, samples in extras.items():
        findings += _labels(competition, name, samples)
        if competition.data.extra[name].mask is not None:
            found = check_masks(workspace, as_train(competition, name), samples, progress=progress)
            findings += [_with_source(one, name) for one in found if one.title != NO_MASK_OF]
        if train is not None:
            findings += _shared_with_train(name, samples, train)
    return findings


def _with_source(finding: Finding, name: str) -> Finding:
    return replace(
        finding,
        title=f"{extra_part_name(name)}: {finding.title}",
        detail=reword_for_extra(finding.detail, name),
        beside=None if finding.beside is None else reword_for_extra(finding.beside, name),
        fix=reword_for_extra(finding.fix, name),
    )


def _labels(competition: Competition, name: str, samples: pd.DataFrame) -> list[Finding]:
    labels = samples["label"].dropna()
    if not competition.has_labels or not len(labels):
        return []
    if competition.kind.is_continuous:
        detail = (
            f"{plural(len(labels), 'image')}: {format_range(labels, competition.number_columns)}"
        )
        return [Finding("note", f"{extra_part_name(name)}: labels", detail)]
    names, counts = class_counts(competition, labels)
    order = [c for c in np.argsort(-counts, kind="stable") if counts[c]]
    shown = [f"{names[c]} {counts[c]:,}" for c in order[:SHOWN_CLASSES]]
    if len(order) > SHOWN_CLASSES:
        shown.append(f"{len(order) - SHOWN_CLASSES} more")
    detail = f"{plural(len(labels), 'image')}: {', '.join(shown)}"
    if unknown := format_unknown(competition, labels):
        detail += f"; unknown: {unknown}"
    return [Finding("note", f"{extra_part_name(name)}: labels", detail)]


def _shared_with_train(name: str, samples: pd.DataFrame, train: pd.DataFrame) -> list[Finding]:
    """Return warnings on groups and ids that train has, too: their folds would leak."""
    findings = []
    fixes = {
        "group": "training with them is refused: take the images of these groups out",
        "unit": "training with them is refused: take the images of these units out",
        "id": "training with them is refused: write ids of their own, as "
        f"id: '{name}-{{stem}}', or take out what was made of train's images",
    }
    for column, word in (("group", "groups"), ("id", "ids"), ("unit", "units")):
        if column == "unit" and not has_units(samples, train):
            continue
        both = tuple(shared_names(*(one[column].dropna().astype(str) for one in (samples, train))))
        if both:
            title = f"{extra_part_name(name)}: {word} that train has, too"
            findings.append(Finding.listing("warning", title, both, fixes[column]))
    return findings
