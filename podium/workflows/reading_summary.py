"""What `podium init` read, in a few lines with an example each: a person sees what is wrong."""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.ids.patterns import Pattern
from podium.competition.images import image_size
from podium.competition.infer.to_yaml.origins import KeyOrigin
from podium.competition.samples import Split, ids_without_image, load_samples
from podium.competition.sections.data import DataSource
from podium.competition.sections.frame import fixed_size
from podium.competition.spec import Competition
from podium.competition.truths.annotator_labels import format_label
from podium.competition.truths.masks import Mask, MaskRef, read_mask
from podium.competition.truths.objects import read_instances
from podium.errors import DataError, PodiumError, either, plural, shortened
from podium.submissions.format.file_formats import header_of_file
from podium.submissions.format.spec import format_of, sample_path
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.names import IMAGES
from podium.workflows.checking import describe_runs, guessed_runs
from podium.workspace.layout import COMPETITION_FILE
from podium.workspace.marked_yaml import MarkedValue, parse_yaml, yaml_text

__all__ = ["main_keys", "reading_summary"]

_UNREAD = "it could not be loaded, which the notes above and `podium check` tell"
_SHOWN_CLASSES = 5
_MOST_NAMES = 12
_LONGEST = 300  # letters of a line
_TRIED = 5  # masks that are read until one is not empty
_MOST_PIXELS = 50_000_000  # of a mask that is read for one line


def reading_summary(
    competition: Competition,
    samples: Mapping[Split, pd.DataFrame],
    unread: Sequence[str] = (),
    origins: Sequence[KeyOrigin] = (),
) -> tuple[str, ...]:
    """Return a line for each part: how many images it has, and one of them with its truth.

    Rows of a part whose image is not there are counted apart. A part that cannot be loaded without
    them either has a line that states it, and `podium check` reports it in full.

    Args:
        competition: as it was read.
        samples: of its parts that could be loaded whole.
        unread: pictures of the data folder that are of no part.
        origins: of values of competition.yaml, also of the file to send.
    """
    lines = list[str]()
    train, test, unlabelled = (
        _part(competition, samples, one) for one in ("train", "test", "unlabelled")
    )
    if train is None:
        lines.append(f"to learn from: {_UNREAD}")
    else:
        truths = "; ".join(_truths(competition, train.rows))
        lines.append(f"to learn from: {train.n}; {truths}")
    if unlabelled is None:
        lines.append(f"without a label: {_UNREAD}")
    elif len(unlabelled.rows):
        first = _image(competition, unlabelled.rows, 0)
        lines.append(f"without a label: {unlabelled.n}, as {first}")
    if test is None:
        lines.append(f"to predict: {_UNREAD}")
    elif len(test.rows):
        row = test.rows.iloc[0]
        has_units = test.rows["unit"].nunique() < len(test.rows)
        sent = f", of unit {row['unit']}" if has_units else f", whose id is {row['id']}"
        lines.append(f"to predict: {test.n}, as {_image(competition, test.rows, 0)}{sent}")
    first_id = "" if test is None or not len(test.rows) else str(test.rows["id"].iloc[0])
    is_sent = test is None or bool(first_id)
    if is_sent and (to_send := _to_send(competition, first_id or "{id}", origins)):
        lines.append(to_send)
    if unread:
        # Many of one folder tell most: what they are was not understood.
        folder, n = Counter(one.rpartition("/")[0] for one in unread).most_common(1)[0]
        of_it = next(one for one in unread if one.rpartition("/")[0] == folder)
        where = "" if n == len(unread) else f", {n:,} of them in its folder"
        lines.append(f"not read: {plural(len(unread), 'picture')}, as {of_it}{where}")
    return tuple(shortened(line, _LONGEST) for line in lines)


class _PresentRows(NamedTuple):
    """The rows of a part whose images are there, and how many others there are."""

    rows: pd.DataFrame
    n_absent: int = 0

    @property
    def n(self) -> str:
        """The number of images, in words."""
        absent = f", and {plural(self.n_absent, 'row')} without an image that is there"
        return _n(self.rows) + (absent if self.n_absent else "")


def _part(
    competition: Competition, samples: Mapping[Split, pd.DataFrame], split: Split
) -> _PresentRows | None:
    """Return the rows of a part; without those that lack an image, where these are all it lacks."""
    if split in samples:
        return _PresentRows(samples[split])
    data = competition.data
    source: DataSource | None = {
        "train": data.train, "unlabelled": data.unlabelled, "test": data.test
    }[split]  # fmt: skip
    if source is None:
        return None
    try:
        absent = ids_without_image(competition, source, split)
        left = source.model_copy(update={"exclude": [*source.exclude, *absent]})
        whole = competition.model_copy(update={"data": data.model_copy(update={split: left})})
        return _PresentRows(load_samples(whole.at(competition.root), split), len(absent))
    except (DataError, KeyError):
        return None


def main_keys(competition: Competition, origins: Sequence[KeyOrigin], text: str) -> tuple[str, ...]:
    """Return a line for each of kind, classes, metric and folds: its value, and where it is from.

    One of how runs are counted in the file to send stands there while it is a guess.

    Args:
        competition: as it was read.
        origins: of its values.
        text: competition.yaml, whose lines are named where a value is guessed.
    """
    document = parse_yaml(text, COMPETITION_FILE)[0]
    of_key = {one.key: one.describe(_line_of(document, one.key)) for one in origins}
    lines = [
        (f"kind: {kind}, {find_kind(task, str(kind)).description}", f"tasks.{task}")
        for task, kind in competition.tasks.items()
    ]
    if names := _classes(competition):
        lines.append((f"classes: {names}", "classes"))
    metric, options = competition.metric, competition.metric.options
    shown = ", ".join(
        f"{name}: {yaml_text(one)}" for name, one in options.items() if not _is_long(one)
    )
    lines.append((f"metric: {metric.name}{f' ({shown})' if shown else ''}", "metric.name"))
    folds = competition.folds
    group = "no group" if folds.group is None else f"group {folds.group}"
    lines.append((f"folds: {folds.n}, {folds.scheme}, {group}", "folds.group"))
    if guessed_runs(competition):
        key, runs = "submission.rle", competition.submission.rle.options
        of_key[key] = KeyOrigin(key, "guess").describe(_line_of(document, key))
        lines.append((f"runs to send: {describe_runs(runs)}", key))
    whole = (f"{line}; {of_key[key]}" if key in of_key else line for line, key in lines)
    return tuple(shortened(line, _LONGEST) for line in whole)


def _is_long(value: object) -> bool:
    return isinstance(value, Mapping | list) and len(value) > _SHOWN_CLASSES


def _classes(competition: Competition) -> str:
    """Return how many classes there are, and the first ones, in ascending order if they have one.

    Of images with one class each these are counted where images to learn from are shown.
    """
    names = competition.classes
    kinds = [find_kind(task, str(kind)) for task, kind in competition.tasks.items()]
    are_counted = all(one.task == IMAGES and (one.is_exclusive or one.is_yes_no) for one in kinds)
    if not names or are_counted or any(one.is_by_output or one.is_by_column for one in kinds):
        return ""
    are_ordered = any(one.is_ordered for one in kinds)
    shown = (" < " if are_ordered else ", ").join(names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"{len(names):,}{' in ascending order' if are_ordered else ''}: {shown}{more}"


def _line_of(document: MarkedValue | None, key: str) -> int | None:
    """Return the line of a key with dots, or of the last part of it that is there."""
    for part in key.split("."):
        inner = None if document is None else document.value
        if not isinstance(inner, dict) or part not in inner:
            break
        document = inner[part]
    return None if document is None else document.place.line


_POINT = re.compile(r"(?<=\d)\.(?=\d+$)")  # of a number that is a whole cell


def _to_send(competition: Competition, first_id: str, origins: Sequence[KeyOrigin]) -> str:
    """Return the line of the file to send: as the sample or a text has it, or that none shows it.

    Args:
        competition: as it was read.
        first_id: of the images to predict.
        origins: one of the file to send, where a text tells it.
    """
    sample, sep = sample_path(competition), competition.submission.file.sep
    if sample is None:
        try:
            form = format_of(competition)
        except PodiumError:  # `podium check` tells it
            return ""
        shown = sep.join(form.header) if form.file.kind == "csv" else f"a {form.file.kind} file"
        shown = shown.replace("\t", "<tab>")
        shown = shown if form.file.header else f"{shown} without a header"
        if form.file.kind == "png":
            shown = _pictures_to_send(competition, first_id)
        if told := next((one for one in origins if one.key == "submission"), None):
            return f"to send: {shown}, as {told.what}; there is no sample submission"
        return (
            f"to send: {shown}; a guess, as there is no sample submission: compare it with what "
            "the host asks for, and mend submission"
        )
    if not sample.name.endswith((".csv", ".csv.gz")):
        return ""
    if competition.submission.file.kind == "png":  # its sample is a table that was made of masks
        return f"to send: {_pictures_to_send(competition, first_id)}"
    unpacked = gzip.open if sample.suffix == ".gz" else open
    with unpacked(sample, "rt", encoding="utf-8-sig", errors="replace") as file:
        header, row = (file.readline(_LONGEST).strip() for _ in range(2))
    if sep not in header:  # a sample that was made has commas, and points in numbers
        names, [key, *cells] = (next(csv.reader([line]), [""]) for line in (header, row))
        sign = competition.submission.file.decimal
        header, row = sep.join(names), sep.join([key, *(_POINT.sub(sign, one) for one in cells)])
    if competition.submission.file.pivot:
        shown = sep.join(header_of_file(format_of(competition)))
        return f"to send: {shown}, with a cell for each image, as {row.partition(',')[0]}"
    if id_of := competition.submission.file.id_of:  # in that sample they are one column
        key, _, answers = row.partition(sep)
        columns, pieces = header_of_file(format_of(competition)), Pattern(id_of).match(key) or {}
        if pieces and columns[: len(pieces)] == [*pieces]:
            header, row = sep.join(columns), sep.join([*pieces.values(), answers])
    if competition.submission.file.ids is not None:  # the sample that was made has them in front
        header, row = (line.partition(sep)[2] for line in (header, row))
    is_empty = competition.scores_masks and row.endswith((",", ";"))
    return f"to send: {header}, with rows as {row}{' (an empty mask)' if is_empty else ''}"


def _pictures_to_send(competition: Competition, first_id: str) -> str:
    """Return that a ZIP of masks is sent, the name of the first, and the size of all, if it is one.

    The name of a class stands there as `<class>`.
    """
    file, size = competition.submission.file, fixed_size(competition.frame)
    each = "image and class" if file.is_by_class else "image"
    named = file.name.replace("{id}", first_id).replace("{class}", "<class>")
    of_size = "" if size is None else f", of {size[0]} × {size[1]} (height × width)"
    return f"a ZIP with a {file.picture} for each {each}, as {named}{of_size}"


def _n(samples: pd.DataFrame) -> str:
    n_units = samples["unit"].nunique()
    images = plural(len(samples), "image")
    return images if n_units == len(samples) else f"{images} of {plural(n_units, 'unit')}"


def _image(competition: Competition, samples: pd.DataFrame, row: int) -> str:
    files = [_below(competition, file) for file in samples["images"].iloc[row]]
    more = f" and {plural(len(files) - 1, 'file')} more of it" if len(files) > 1 else ""
    return f"{files[0]}{more}"


def _below(competition: Competition, file: str) -> str:
    """Return the end of a path that distinguishes it: three folders at most."""
    parts = Path(competition.root / file).parts
    return "/".join(parts[-3:])


def _truths(competition: Competition, train: pd.DataFrame) -> Iterator[str]:
    labelled = train[train["label"].notna()]
    if len(labelled):
        label = format_label(competition, labelled["label"].iloc[0])
        yield f"{_image(competition, labelled, 0)} is {label or 'of no class'}"
        kind = competition.kind
        if competition.classes and (kind.is_exclusive or kind.is_yes_no):
            yield _sizes(competition, labelled)
    masked = train[train["mask"].notna()]
    if len(masked):
        # One that is not empty shows more: a file tells only when it is read.
        drawn = [row for row, one in enumerate(masked["mask"]) if one.files or one.runs] or [0]
        seen = ((row, _areas(competition, masked, row)) for row in drawn[:_TRIED])
        row, areas = next(((row, one) for row, one in seen if one), (drawn[0], None))
        mask = _mask(competition, masked["mask"].iloc[row], areas)
        yield f"{_image(competition, masked, row)} has {mask}"


def _mask(competition: Competition, mask: MaskRef, areas: tuple[str, str] | None) -> str:
    """Return what an image has, with the classes that are seen there, `areas`, if they are known.

    Of masks in a table these alone: nobody can verify run-length text.
    """
    files = [file for file in mask.files if file]
    if files:
        more = f" and {plural(len(files) - 1, 'file')} more" if len(files) > 1 else ""
        shown = f"the mask {_below(competition, files[0])}{more}"
        return f"{shown}: {areas[1]}" if areas else shown
    if not mask.runs:
        return "an empty mask"
    return ": ".join(areas) if areas else f"a mask of runs, as {mask.runs[0][1][:20]!r}"


def _areas(competition: Competition, masked: pd.DataFrame, row: int) -> tuple[str, str] | None:
    """Return how many masks an image has, and the share of the pixels of each; objects likewise.

    None where nothing is drawn, or the mask cannot be read, which `podium check` tells.
    """
    ref, image = masked["mask"].iloc[row], competition.root / masked["images"].iloc[row][0]
    try:
        size = image_size(image, competition.reader)
        if size[0] * size[1] > _MOST_PIXELS:
            return None
        if competition.has_objects:
            found = read_instances(ref, competition, size, image=image)
            n = Counter(int(one) for one in found.classes)
            each = [(number, f"{count:,}") for number, count in n.most_common()]
            what = plural(len(found), "object")
        else:
            pixels = _pixels_by_class(competition, read_mask(ref, competition, size, image=image))
            most = np.argsort(-pixels, kind="stable")
            each = [(int(at), _percent(pixels[at] / math.prod(size))) for at in most if pixels[at]]
            what = "a mask" if len(each) == 1 else plural(len(each), "mask")
    except (PodiumError, OSError, ValueError):
        return None
    if not each:
        return None
    names = competition.classes
    only = competition.mask_kind.is_yes_no or not names
    shown = [text if only else f"{names[at]} {text}" for at, text in each[:_SHOWN_CLASSES]]
    rest = len(each) - len(shown)
    more = f" and {rest:,} more" if rest > 0 else ""
    of = "in" if competition.has_objects else "of"
    return what, f"{', '.join(shown)}{more} {of} {size[1]:,} × {size[0]:,}"


def _pixels_by_class(competition: Competition, mask: Mask) -> NDArray[np.int64]:
    """Return how many pixels each class has, `(C,)`."""
    if competition.mask_kind.is_yes_no:
        return np.array([np.count_nonzero(mask == 1)], dtype=np.int64)
    if competition.mask_kind.is_by_class:
        return np.asarray((mask == 1).sum(axis=(0, 1)), dtype=np.int64)
    numbers = range(1, len(competition.classes) + 1)
    return np.array([np.count_nonzero(mask == one) for one in numbers], dtype=np.int64)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else f"{100 * share:.2g} %"


def _sizes(competition: Competition, labelled: pd.DataFrame) -> str:
    counts = Counter(int(one) for one in labelled["label"])
    names = competition.label_names
    shown = [f"{names[at]} {n:,}" for at, n in counts.most_common(_SHOWN_CLASSES)]
    rest = len(counts) - len(shown)
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{either(len(counts), 'class', 'classes')}: {', '.join(shown)}{more}"
