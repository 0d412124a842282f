"""Inference of a commented `competition.yaml` from a data folder as it was downloaded.

Every guess is written down with its reason, so that a person can check it in a minute: the table
and column that hold the labels, the column that groups rows, the kind of the task, the submission's
format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pydantic import ValidationError

from podium.competition.infer.conversions.masks.clear_masks import with_clear_masks
from podium.competition.infer.conversions.parts.left_out import lists_of_train
from podium.competition.infer.findings.calibrated import calibrated, with_readme_metric
from podium.competition.infer.findings.cases import with_cases
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.findings.frames import with_frame
from podium.competition.infer.findings.unlinked_labels import (
    refuse_unlinked_labels,
    refuse_unscored_labels,
)
from podium.competition.infer.groups.find import find_groups
from podium.competition.infer.notes import (
    complaints,
    loaded_parts,
    pictures_called_as_test,
    points_to_check,
)
from podium.competition.infer.parts.absent_images import without_absent_images
from podium.competition.infer.parts.apart import (
    ImagesInBoth,
    images_in_both,
    refuse_images_in_both,
    with_train_apart,
)
from podium.competition.infer.parts.find import find_parts
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.parts.unlabelled import with_images_without_masks
from podium.competition.infer.read_sources import read_sources
from podium.competition.infer.sample.ends_of_text import with_ends_of_text
from podium.competition.infer.sample.form import find_form, find_png_form, with_form_of_rows
from podium.competition.infer.sources import Sources
from podium.competition.infer.to_yaml.commented import render
from podium.competition.infer.to_yaml.entries import entries_of, guessed_metric
from podium.competition.infer.to_yaml.origins import KeyOrigin, origins_of
from podium.competition.infer.unused_tables import unused_tables
from podium.competition.made_files import MADE, MadeFile
from podium.competition.samples import Split
from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.workspace.marked_yaml import load_plain_yaml

__all__ = ["Inferred", "infer", "infer_from", "name_of_data"]

_HEADING = (
    "The competition, as `podium init` inferred it from {}.\n"
    "Read it once: every guess has its reason. Change what is wrong, then run `podium check`."
)


@dataclass(frozen=True)
class Inferred:
    """The competition inferred from a data folder."""

    text: str
    """`competition.yaml`, each line explained."""
    competition: Competition
    notes: list[str]
    """Points for a person to check: parts that were left out, guesses that could be wrong."""
    made: tuple[MadeFile, ...] = ()
    """Files that were made in the workspace, which `competition.yaml` names."""
    guess: str = ""
    """That the metric is guessed, and why; "" where a text or a preset names it."""
    origins: tuple[KeyOrigin, ...] = ()
    """Where the kind, the metric, the group and the file to send are from."""
    samples: Mapping[Split, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    """Those of each part that could be loaded."""


def infer(
    data: Path,
    workspace_root: Path,
    *,
    slug: str | None = None,
    label: str | None = None,
    has_test: bool = True,
) -> Inferred:
    """Return the competition inferred from the files under `data`.

    Supported are class folders (`train/cat/1.jpg`, also with a folder for each patient inside), a
    table with an image folder (any column names; ids with or without extension; nested folders),
    several labels in one cell or one 0/1 column a class; a test table or folder, an unlabelled
    folder, a sample submission; masks as files in folders of their own or beside the images, or as
    a table of runs, also without labels.

    Args:
        data: the folder as downloaded and unpacked.
        workspace_root: where `competition.yaml` will lie; paths are written relative to it.
        slug: the competition's name on Kaggle, where it is known.
        label: the column of the train table to predict, where the user names it.
        has_test: whether there must be images to predict; if False, `data.test` is left out, and
            test images are ignored.

    Raises:
        DataError: there are no labels or no images to predict; the message lists what was searched
            for and found.
    """
    sources = read_sources(data, workspace_root, label=label, has_test=has_test)
    return infer_from(sources, data, slug=slug, label=label, has_test=has_test)


def infer_from(
    sources: Sources,
    data: Path,
    *,
    slug: str | None = None,
    label: str | None = None,
    has_test: bool = True,
) -> Inferred:
    """Return the competition inferred from sources that `read_sources` returned.

    Args:
        sources: the files under `data`, with the workspace.
        data, slug, label, has_test: as `infer` has them.

    Raises:
        DataError: there are no labels or no images to predict; the message lists what was searched
            for and found; or an image of train is to be predicted, too.
    """
    inferring = partial(_infer_once, data=data, slug=slug, label=label, has_test=has_test)
    found = inferring(sources)
    if found.shared:
        # Of images to predict the answers are not known: what is learnt of them is a leak.
        found = inferring(with_train_apart(sources, found.train, found.test, found.shared))
    if found.shared:
        raise refuse_images_in_both(sources.folder, found.shared, found.train, found.test)
    return found.inferred


class _Once(NamedTuple):
    """A competition as it was inferred, with the images that train and test share."""

    inferred: Inferred
    train: TrainPart
    """As the sources have it, before tables were joined for groups."""
    test: PartImages
    shared: ImagesInBoth | None


def _infer_once(
    sources: Sources, data: Path, *, slug: str | None, label: str | None, has_test: bool
) -> _Once:
    """Return the competition inferred from sources, whose parts may share images.

    Raises:
        DataError: as `infer_from`.
    """
    label = None if sources.masks_alone else label
    label = label if sources.rows is None else sources.rows.label
    parts = find_parts(sources, slug=slug, label=label, has_test=has_test)
    group = find_groups(parts.sources, parts.train, parts.test, parts.tasks)
    sources, train, test = group.sources, group.train, parts.test
    found = find_form(sources, train, test, parts.tasks, sends_masks=parts.sends_masks)
    form, tasks, sample = found.form, found.tasks, sources.sample
    test = with_form_of_rows(test, sample, form)
    is_unknown = sample is None and sources.unwritten is None
    if is_unknown and parts.sends_masks and has_test and tasks.masks is not None:
        pngs = find_png_form(sources, train, test, tasks.masks, form)
        sources, test, form, sample = pngs.sources, pngs.test, pngs.form, pngs.sample
        tasks, png_notes = replace(tasks, masks=pngs.masks), pngs.notes
    else:
        png_notes = pictures_called_as_test(
            sources.folder, train, test, tasks.masks,
            are_labels_sent=tasks.masks is not None and not parts.sends_masks,
        )  # fmt: skip
    findings = with_readme_metric(
        FolderFindings(
            sources.folder,
            train,
            test,
            parts.unlabelled,
            group.column,
            with_ends_of_text(sources, sample),
            form,
            tasks,
            unit=found.unit,
            group_notes=group.notes,
            pool=sources.pool,
            listed=sources.listed,
        )
    )
    findings = with_cases(findings)
    if label is None:
        refuse_unlinked_labels(findings, tuple(sources.notes))
        refuse_unscored_labels(findings, tuple(sources.notes))
    sources, findings = with_clear_masks(sources, findings)
    written = partial(_written, data=data, root=sources.root, slug=slug)
    _, competition = written(findings)
    before = findings
    findings = without_absent_images(findings, competition)
    if findings is not before:
        _, competition = written(findings)
    before = findings
    sources, findings = with_images_without_masks(sources, findings, competition)
    if findings is not before:
        _, competition = written(findings)
    findings = with_frame(findings, competition)
    findings, preset_notes = calibrated(findings, competition, sources.tables, slug)
    text, competition = written(findings)
    loaded, problems = loaded_parts(
        competition if has_test else _without_test(competition), sources.made
    )
    told = [*sources.notes, *preset_notes]

    def points(written_text: str, found: FolderFindings) -> list[str]:
        return points_to_check(sources, parts, found, written_text, png_notes=png_notes)

    # What was made of a file may be of no use itself.
    named = "\n".join(
        [text, *(one for one in told if not one.startswith(MADE)), *points(text, findings)]
    )
    if "train" in loaded and (lists := lists_of_train(sources, loaded["train"], named)):
        findings = replace(findings, train=replace(findings.train, listed=lists))
        text, competition = written(findings)
    competition = competition if has_test else _without_test(competition)
    notes = [*told, *points(text, findings)]
    if has_test:
        notes += unused_tables(sources, text, notes)
    samples = [one for one in (parts.plain_sample, sample) if one is not None and has_test]
    notes += [*problems, *complaints(competition, loaded, samples)]
    guess = guessed_metric(findings)
    origins = origins_of(findings)
    inferred = Inferred(text, competition, notes, sources.made, guess, origins, loaded)
    shared = None
    if "train" in loaded and "test" in loaded:
        shared = images_in_both(sources.root, sources.folder, loaded["train"], loaded["test"])
    return _Once(inferred, parts.train, parts.test, shared)


def _without_test(competition: Competition) -> Competition:
    data = competition.data.model_copy(update={"test": None})
    return competition.model_copy(update={"data": data}).at(competition.root)


def _written(
    findings: FolderFindings, *, data: Path, root: Path, slug: str | None
) -> tuple[str, Competition]:
    """Return the text of `competition.yaml`, and the competition that it is.

    Raises:
        DataError: what was inferred is no competition.
    """
    name = slug or name_of_data(data, root)
    text = render(entries_of(findings, name=name, slug=slug), _HEADING.format(data))
    try:
        return text, Competition.model_validate(load_plain_yaml(text)).at(root)
    except ValidationError as error:
        raise _no_competition(findings, data, error) from error


def _no_competition(findings: FolderFindings, data: Path, error: ValidationError) -> DataError:
    """Return the error that what was inferred does not fit together, with what it was."""
    wrong = [
        ": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"])))
        for one in error.errors()
    ]
    wrong = [one.removeprefix("Value error, ") for one in wrong]
    labels, match = findings.tasks.labels, findings.train.match
    read, fix = [], "write train.csv with the columns image and label"
    if labels is not None:
        where = findings.train.pattern if match is None else match.path
        read.append(f"labels are {some(labels.column_names)} of {where}, as {labels.why}")
    if findings.tasks.masks is not None:
        read.append(f"masks are of the images {findings.train.pattern}")
    if match is not None and labels is not None:
        rest = [one for one in map(str, match.table) if one not in (match.id, *labels.column_names)]
        if rest:
            fix = f"name the column to predict: --label COLUMN, one of {some(rest)}; or {fix}"
    return DataError(
        f"what was read off the files is no competition: {'; '.join(wrong)}. What was read: "
        f"{'; '.join(read) or findings.folder.listed()}",
        where=data,
        fix=fix,
    )


def name_of_data(data: Path, workspace_root: Path) -> str:
    """Return what a competition without a slug is called: as its folder, unless all are so."""
    name = data.resolve().name
    if data.parent.name == MADE or name.lower() in ("data", "input", "dataset", "raw"):
        return workspace_root.resolve().name or "competition"
    return name
