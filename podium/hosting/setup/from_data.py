"""From a folder of labelled images to a host: a hidden test set, files for participants, a board.

Nothing in the folder of the data is changed.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from podium.competition import metrics
from podium.competition.ids.rows import columns_of_key
from podium.competition.images import image_size
from podium.competition.infer.spec import infer
from podium.competition.metrics import Metric
from podium.competition.samples import load_samples
from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import Competition, FoldsSpec, load_competition
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError, UsageError, either, plural, some
from podium.hosting.course_material import data_readme
from podium.hosting.scoring.masks import write_mask_solution
from podium.hosting.setup.from_competition import init_host
from podium.hosting.setup.participant_files import (
    SAMPLE_FILE,
    ColumnNames,
    answer_columns,
    answer_texts,
    clean_image,
    equalise_dates,
    participants_spec,
    pixel_digest,
    refuse_names,
    write_mask,
    write_sample,
    write_table,
)
from podium.hosting.setup.split import HoldOut, HoldOutSplit, split_hold_out
from podium.hosting.spec import HostFolder
from podium.submissions.format.spec import format_of
from podium.submissions.upload.endpoint import slug_from_name
from podium.tasks.protocols.names import IMAGES
from podium.workspace.atomic import new_folder, temporary_folder, write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["init_from_data", "metrics_of_data"]

ORIGINS = "origins.csv"


@dataclass(frozen=True)
class ClassHost:
    """A host that was made of labelled data.

    Attributes:
        folder: of the host.
        n_train, n_public, n_private: how many images each part has.
        notes: notes for the teacher.
    """

    folder: HostFolder
    n_train: int
    n_public: int
    n_private: int
    notes: tuple[str, ...]


@dataclass
class _LabelledData:
    """The labelled data as they were read; `files` are the images as they are given out."""

    competition: Competition
    samples: pd.DataFrame
    metric: Metric
    contents: list[str]
    files: list[Path]
    notes: list[str] = field(default_factory=list)


def init_from_data(
    folder: Path,
    data: Path,
    metric: MetricSpec,
    *,
    hold_out: HoldOut | None = None,
    group: str | None = None,
    label: str | None = None,
    title: str | None = None,
    daily_limit: int = 5,
    deadline: datetime | None = None,
    users: Sequence[str] = (),
    progress: Progress = SILENT,
) -> ClassHost:
    """Make a host in `folder` of the labelled images in `data`, part of which are hidden as test.

    Args:
        folder: missing or empty.
        data: class folders; a table and images; images and masks; as `podium init` reads it.
        metric: what submissions are scored by; it determines whether labels or masks are submitted.
        hold_out: the shares of the test set and of its public part, and the seed.
        group: a column (or a level of folders) whose images stay together; default: as inferred.
        label: the column with the answers; default: as inferred.
        title: of the competition; default: the name of the data's folder.
        daily_limit: submissions a team has a UTC day.
        deadline: aware; nothing is taken after it.
        users: who may submit; `podium host user add` adds others.
        progress: of reading and copying.

    Raises:
        DataError: the data cannot be read, are of a kind that cannot be divided, or are too few.
        UsageError: the folder is not empty, or lies in the data.
    """
    hold_out = hold_out or HoldOut()
    folder, data = folder.resolve(), data.resolve()
    if folder.is_relative_to(data) or data.is_relative_to(folder):
        raise UsageError(
            "the host's folder and the data must not lie in one another",
            where=folder,
            fix="name a folder beside the data",
        )
    if folder.exists():
        if not folder.is_dir() or any(folder.iterdir()):
            raise UsageError("the folder is not empty", where=folder, fix="name a new one")
        folder.rmdir()
    name = title or data.name
    about = {"name": name, "slug": slug_from_name(name), "daily_limit": daily_limit}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder("podium-host", folder.parent) as stage:
        given = stage / "workspace"
        read = _read(stage, data, metric, group=group, label=label, progress=progress)
        split = split_hold_out(
            read.samples,
            read.competition,
            read.contents,
            hold_out,
            task=read.metric.task,
            progress=progress,
        )
        ids = [f"{number:0{max(4, len(str(len(split.numbers))))}d}" for number in split.numbers]
        made = _write_participant_files(read, split, ids, given, metric, about)
        with new_folder(folder) as making:
            solution = _write_solution(read, split, ids, made, stage / "solution.csv")
            host = init_host(making, made, solution, users, deadline=deadline)
            shutil.rmtree(host.files)
            files = given / "data"
            (given / "competition.yaml").replace(files / "competition.yaml")
            write_text(files / "README.md", data_readme(host.spec(), files))
            equalise_dates(files)
            files.rename(host.files)
            _write_origins(making / ORIGINS, data, read, split, ids)
    n_public, n_test = int(split.is_public.sum()), int(split.is_test.sum())
    return ClassHost(
        folder=HostFolder(folder),
        n_train=len(ids) - n_test,
        n_public=n_public,
        n_private=n_test - n_public,
        notes=(*read.notes, *split.notes),
    )


def _read(
    stage: Path,
    data: Path,
    spec: MetricSpec,
    *,
    group: str | None,
    label: str | None,
    progress: Progress,
) -> _LabelledData:
    """Return what the folder `data` holds, and put its images, cleaned, into `stage/pool`."""
    inferred = infer(data, stage, label=label, has_test=False)
    competition = inferred.competition
    if group is not None:
        folds = FoldsSpec(scheme="stratified_group", group=group)
        competition = competition.model_copy(update={"folds": folds}).at(competition.root)
    metric = metrics.get(spec.name)
    _refuse_unsupported(competition, metric, spec, data)
    samples = load_samples(competition, "train")
    samples = samples.sort_values("id", kind="stable").reset_index(drop=True)
    notes = _of_interest(inferred.notes)
    answer = "mask" if metric.scores_masks else "label"
    has_answer = samples[answer].notna()
    notes += _left_out(competition, answer, int((~has_answer).sum()))
    samples = samples[has_answer].reset_index(drop=True)
    if answer == "label":
        _refuse_unknown_classes(competition, samples)
    if len(competition.tasks) > 1:
        other = "masks" if answer == "label" else "labels"
        notes.append(f"metric {metric.name} scores the {answer}s: the {other} are left out")
    if group is None and competition.folds.group is not None:
        notes.append(f"images of one {competition.folds.group!r} are kept on one side")
    read = _LabelledData(competition, samples, metric, [], [], notes)
    _clean(read, stage / "pool", progress)
    return read


def _left_out(competition: Competition, answer: str, n: int) -> list[str]:
    """Return a note on images that nobody labelled, with the way to state that they have no class.

    Args:
        competition: as it was inferred.
        answer: label or mask.
        n: how many of train have none.
    """
    if competition.data.unlabelled is not None:
        n += len(load_samples(competition, "unlabelled"))
    if not n:
        return []
    note = f"{plural(n, 'image')} without a {answer} are left out"
    label, kind = competition.data.train.label, competition.tasks.get(IMAGES)
    is_open = {"data.train.table", "data.unlabelled"} <= {*competition.to_choose}
    if is_open and isinstance(label, str) and kind is not None and kind.is_by_class:
        note += (
            "; where a blank cell is an image without a class, write into a README.md beside the "
            f"data: The cell of {label} is empty if there is none."
        )
    return [note]


def _refuse_unknown_classes(competition: Competition, samples: pd.DataFrame) -> None:
    """Refuse labels that are unknown for some classes: what is given out are lists of classes."""
    if not competition.kind.is_by_class:
        return
    rows = [name for name, one in zip(samples["id"], samples["label"], strict=True) if min(one) < 0]
    if rows:
        raise DataError(
            f"{either(len(rows), 'image has', 'images have')} classes of which it is unknown if "
            "they are there: "
            f"{some(rows)}; a list of classes cannot say so",
            fix="write 0 or 1 in the cells that are blank or -1, take these images out, or make "
            "the host of a solution, whose blank cells are not scored",
        )


def metrics_of_data(data: Path, *, label: str | None = None) -> list[str]:
    """Return the names of the metrics that can score the answers of labelled images.

    Args:
        data, label: as in `init_from_data`.

    Raises:
        DataError: the data cannot be read.
    """
    with temporary_folder("podium-host") as stage:
        competition = infer(data, stage, label=label, has_test=False).competition
    found = []
    for name in metrics.names():
        with suppress(DataError):
            _refuse_unsupported(competition, metrics.get(name), MetricSpec(name=name), data)
            found.append(name)
    return found


def _refuse_unsupported(
    competition: Competition, metric: Metric, spec: MetricSpec, data: Path
) -> None:
    train = competition.data.train
    what = None
    if competition.has_objects:
        what = "masks of single objects"
    elif train.n_files > 1:
        what = "images of several files, or slices of volumes,"
    elif train.unit is not None:
        what = "units of several images"
    elif competition.reader.name != "image":
        what = f"images that the reader {competition.reader.name} reads"
    if what is not None:
        raise DataError(
            f"{what} cannot be held out yet",
            where=data,
            fix="divide them yourself, and pass the answers: `podium host init --solution`",
        )
    if metric.task not in competition.tasks:
        found = " and ".join(f"{kind} {task}" for task, kind in competition.tasks.items())
        what = "masks" if metric.scores_masks else "labels"
        raise DataError(
            f"metric {metric.name} scores {what}, and the data have none (found: {found})",
            where=data,
            fix="choose a metric of what the data have, or add the answers",
        )
    kind = competition.tasks[metric.task]
    metrics.fitting(metric, kind, spec.options, task=metric.task)
    if kind.is_ordered and metric.needs_probs:
        raise DataError(
            f"metric {metric.name} needs numbers, and the answers are {len(competition.classes)} "
            "ratings",
            where=data,
            fix="choose a metric of ratings: qwk, mae or accuracy",
        )
    of_labels = not metric.scores_masks and (metric.needs_probs or metric.scores_ranking)
    if not (metric.scores_decisions or of_labels):
        raise DataError(
            f"metric {metric.name} needs {metric.needs}, which a hold-out has no format for",
            fix="choose another metric, or write competition.yaml and use `podium host init "
            "--solution` in its workspace",
        )
    refuse_names(
        competition.classes,
        is_several=not metric.scores_masks and (kind.is_by_class or metric.scores_ranking),
        in_paths=metric.scores_masks and kind.is_by_class,
    )


def _of_interest(notes: Sequence[str]) -> list[str]:
    """Return the notes of the inference that a teacher can do something about.

    A host's metric, its file to send and what is left out are told otherwise.
    """
    others = ("data.train", "folds.", "submission.", "choose data.", "choose metric.")
    kept = [one for one in notes if not any(word in one for word in others)]
    kept = [re.sub(r"^choose (\S+) in competition.yaml: ", r"of \1 ", one) for one in kept]
    if any("look like slices" in one for one in notes):
        kept.append(
            "the names of the images seem to be those of slices or frames: if neighbours show one "
            "thing, name the column of their group with --group"
        )
    return kept


def _clean(read: _LabelledData, pool: Path, progress: Progress) -> None:
    pool.mkdir()
    removed: Counter[str] = Counter()
    suffix_of: dict[str, set[str]] = {}
    with progress.bar("reading images", len(read.samples)) as advance:
        for number, paths in enumerate(read.samples["images"]):
            found = clean_image(read.competition.root / paths[0])
            removed.update(found.removed)
            file = pool / f"{number}{found.suffix}"
            file.write_bytes(found.content)
            read.files.append(file)
            read.contents.append(pixel_digest(found.content))
            label = str(read.samples["label"].iloc[number])
            suffix_of.setdefault(label, set()).add(found.suffix)
            advance(1)
    if removed:
        parts = [f"{what} ({plural(n, 'image')})" for what, n in removed.most_common(5)]
        read.notes.append(f"removed from the images, as it may reveal labels: {', '.join(parts)}")
    kinds = {suffix for found in suffix_of.values() for suffix in found}
    if len(kinds) > 1 and not read.metric.scores_masks and min(map(len, suffix_of.values())) == 1:
        read.notes.append(
            "some classes have files of one kind alone, and others of another (.jpg, .png), which "
            "reveals them: write all images as one kind"
        )


def _write_participant_files(
    read: _LabelledData,
    split: HoldOutSplit,
    ids: Sequence[str],
    root: Path,
    spec: MetricSpec,
    about: dict[str, Any],
) -> Competition:
    """Write what participants get below `root/data`, and return it as they will read it."""
    data = root / "data"
    suffixes = {}
    for part, is_part in (("train", ~split.is_test), ("test", split.is_test)):
        (data / part).mkdir(parents=True)
        kinds = set()
        for number in is_part.nonzero()[0].tolist():
            file = read.files[number]
            kinds.add(file.suffix)
            file.rename(data / part / f"{ids[number]}{file.suffix}")
        suffixes[part] = kinds.pop() if len(kinds) == 1 else ".*"
    source, samples = read.competition, read.samples
    is_labels = not read.metric.scores_masks
    share = split.is_public.sum() / max(split.is_test.sum(), 1)
    about = {**about, "public_share": round(float(share), 4)}
    has_groups = bool(samples["group"].notna().any())
    key = None if source.folds.group_file else source.folds.group
    is_column = key is not None and columns_of_key(key) == [key]
    group = (key if is_column else "group") if has_groups else None
    names = ColumnNames.beside(source.classes, group)
    train = (~split.is_test).nonzero()[0].tolist()
    rows = []
    for number in train:
        label = answer_texts(samples["label"].iloc[number], source) if is_labels else []
        of_group = [str(samples["group"].iloc[number])] if has_groups else []
        rows.append([ids[number], *label, *of_group])
    header = [names.id, *(answer_columns(source, names) if is_labels else [])]
    header += [] if names.group is None else [names.group]
    write_table(data / "train.csv", header, rows)
    if not is_labels:
        masks = truth_masks(source.in_native_frame(), samples)
        for number in train:
            mask = masks[number]
            assert mask is not None
            write_mask(data / "train_masks", ids[number], mask, source)
    write_text(
        root / "competition.yaml",
        participants_spec(source, read.metric, spec, names, about=about, suffixes=suffixes),
    )
    (data / SAMPLE_FILE).touch()
    made = load_competition(root)
    # Read as participants will: whatever is wrong with the files is found here.
    load_samples(made, "train")
    test = load_samples(made, "test").sort_values("id")
    sizes = {}
    if not is_labels:
        pairs = zip(test["id"], test["images"], strict=True)
        sizes = {one: image_size(root / paths[0]) for one, paths in pairs}
    write_sample(data / SAMPLE_FILE, format_of(made), list(test["id"]), sizes)
    return made


def _write_solution(
    read: _LabelledData, split: HoldOutSplit, ids: Sequence[str], made: Competition, path: Path
) -> Path:
    test = sorted(split.is_test.nonzero()[0].tolist(), key=lambda number: ids[number])
    usage = {ids[n]: "Public" if split.is_public[n] else "Private" for n in test}
    if read.metric.scores_masks:
        truth = truth_masks(read.competition.in_native_frame(), read.samples)
        masks = ((ids[n], mask) for n in test if (mask := truth[n]) is not None)
        return write_mask_solution(path, made, masks, usage)
    rows = [
        [ids[n], *answer_texts(read.samples["label"].iloc[n], read.competition), usage[ids[n]]]
        for n in test
    ]
    names = ColumnNames.beside(read.competition.classes, None)
    write_table(path, [names.id, *answer_columns(read.competition, names), "Usage"], rows)
    return path


def _write_origins(
    path: Path, data: Path, read: _LabelledData, split: HoldOutSplit, ids: Sequence[str]
) -> None:
    """Write which file became which; it is for the host's owner alone."""
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "part", "file"])
        for number in sorted(range(len(ids)), key=lambda one: ids[one]):
            part = "train"
            if split.is_test[number]:
                part = "public" if split.is_public[number] else "private"
            file_of = read.competition.root / read.samples["images"].iloc[number][0]
            writer.writerow([ids[number], part, file_of.relative_to(data).as_posix()])
