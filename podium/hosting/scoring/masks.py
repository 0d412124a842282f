"""Masks at the host: the hidden ones, read one at a time from `solution.csv`, and their scores.

    id,class,rle,height,width,Usage
    a.png,scratch,12 3 40 3,256,1600,Public
    a.png,dent,,256,1600,Public
    b.png,scratch,,256,1600,Private

A row is one class of one image; a class without a row has no pixel there. Every image has a row.
`class` is the class's name or its number from 1, and may be left out where an image has one mask.
Rows of the class `ignore` are unknown pixels: they are not scored. The runs count as in the
submission (`submission.rle`); a blank cell, or `submission.empty`, is an empty mask. `Usage` is
Public, Private or Ignored, the same in all rows of an image; without it every image is public.

Where whole volumes are scored, a column `volume` names the one that an image is a slice of, and
`slice`, a number, its place in it (without it, ids are in order, 10 after 9). A volume has one
usage.

A submission is scored from counts of pixels, image by image.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.scores.combination import RowSums
from podium.competition.scores.sum_scorer import Sums, SumScorer
from podium.competition.spec import Competition
from podium.competition.truths.masks import IGNORE, Mask
from podium.competition.truths.volumes import Volume, volume_of, volumes_of
from podium.errors import CodecError, DataError, plural, some
from podium.hosting.scoring.objects import SolutionRows
from podium.hosting.spec import HostSpec
from podium.submissions.format.answers import read_answers
from podium.submissions.format.csv_text import (
    SEPARATE_WITH_COMMAS,
    CsvLine,
    LineError,
    cells_at,
    has_other_separator,
    of_competition,
    read_lines,
)
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_files import checked_mask
from podium.submissions.format.mask_sizes import MaskSizes, Size
from podium.submissions.format.masks import assemble_mask, class_plane, decode_cell, encode_mask
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.workspace.atomic import replacing

__all__ = [
    "IGNORED_PIXELS",
    "counts_of",
    "mask_texts",
    "read_mask_solution",
    "score_of_counts",
    "write_mask_solution",
]

IGNORED_PIXELS = "ignore"
_MEANT = ("class", "height", "width", "usage", "volume", "slice")
_HEADER = ("id", "class", "rle", "height", "width", "Usage")
_MOST_PIXELS = 1 << 34
_LIGHT_PIXELS = 1 << 24  # fewer are scored in a moment


@dataclass(frozen=True)
class MaskSolution:
    """The right masks: the place of each, and whether its image counts as public.

    Attributes:
        path: the file, which is read again for every pass over the masks.
        form: the format of submissions.
        ids: of the images.
        sizes: (height, width) by id.
        public, private: bool `(N,)`; an image in neither is not scored.
        places: by id, the byte and the line of the row of each class that has one; the class after
            the last one is `ignore`.
        runs_at: position of the column with the runs.
        volumes: by id, the volume that the image is a slice of, and its place ("": not given).
    """

    path: Path
    form: SubmissionFormat
    ids: tuple[str, ...]
    sizes: Mapping[str, Size]
    public: NDArray[np.bool_]
    private: NDArray[np.bool_]
    places: Mapping[str, Mapping[int, tuple[int, int]]]
    runs_at: int
    volumes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def labels(self) -> None:
        """Nothing: masks are no labels."""
        return None

    def is_light(self, spec: HostSpec) -> bool:
        """Return whether single images are scored, and of few pixels."""
        n_pixels = sum(height * width for height, width in self.sizes.values())
        return not spec.scored_by.scores_volumes and n_pixels <= _LIGHT_PIXELS

    def refuse_metric(self, spec: HostSpec) -> None:
        """Refuse nothing: masks are decisions, and a metric of masks scores these."""

    def measured(self, path: Path, spec: HostSpec) -> NDArray[Any]:
        """Return the counts of each image, `mask_counts` `(N, K, 4)`, or the sums of each volume.

        One image, or volume, of both is in memory at a time.
        """
        if spec.scored_by.scores_volumes:
            return measure_volumes(path, spec, self)
        expected = expected_of_ids(self.form, self.ids, MaskSizes(self.sizes))
        return counts_of(self.form, self.masks(), read_answers(path, expected))

    def perfect(self, spec: HostSpec) -> NDArray[Any]:
        """Return the counts or sums of the submission that is right everywhere."""
        if spec.scored_by.scores_volumes:
            return measure_perfect(spec, self)
        right = (np.where(truth == IGNORE, np.uint8(0), truth) for truth in self.masks())
        return counts_of(self.form, self.masks(), right)

    def with_every_row(self) -> tuple[MaskSolution, NDArray[np.bool_]]:
        """Return these answers, and which images are public or private."""
        return self, self.public | self.private

    def score(self, spec: HostSpec, measured: NDArray[Any], rows: NDArray[np.bool_]) -> float:
        """Return the score of the images `rows`, or of their volumes."""
        if not spec.scored_by.scores_volumes:
            return score_of_counts(spec, measured[rows])
        chosen = np.array([bool(rows[one.rows[0]]) for one in _volumes(self)])
        return _scorer(spec).score(measured[chosen])

    def row_sums(self, spec: HostSpec, measured: NDArray[Any], rows: NDArray[np.bool_]) -> RowSums:
        """Return the metric's sums of each of the images `rows`."""
        metric, options = spec.scored_by, _options(spec)
        if metric.of_counts is None or metric.value is None:
            raise DataError(f"a single row has no {metric.name}")
        sums = metrics.of_counts(metric, measured[rows], kind=spec.format.kind, **options)
        return RowSums(metric, options, sums)

    def masks(self, ids: Sequence[str] | None = None) -> Iterator[Mask]:
        """Yield the truth of each image, with `IGNORE` where it is unknown.

        Args:
            ids: of images, in the order of the result; default: `self.ids`.

        Raises:
            DataError: runs do not fit their image; names line and character.
        """
        longest = self.path.stat().st_size
        with self.path.open("rb") as file:
            for one in self.ids if ids is None else ids:
                yield self._mask(partial(self._plane, file, longest, one), one)

    def _mask(self, plane_of_class: Callable[[int], NDArray[np.bool_] | None], one: str) -> Mask:
        form, n_pixels = self.form, 0

        def planes() -> Iterator[tuple[int, NDArray[np.bool_]]]:
            nonlocal n_pixels
            for index in range(form.n_masks):
                plane = plane_of_class(index)
                if plane is not None:
                    n_pixels += int(np.count_nonzero(plane))
                    yield index, plane

        mask = assemble_mask(planes(), form, self.sizes[one])
        if form.kind.is_exclusive and np.count_nonzero(mask) != n_pixels:
            raise DataError(
                f"the classes of {one!r} overlap, and a pixel of a multiclass mask has one class",
                where=self.path,
                fix="decide whose pixels they are, or make the task multilabel",
            )
        unknown = plane_of_class(form.n_masks)
        if unknown is not None:
            mask[unknown] = IGNORE
        return mask

    def _plane(
        self, file: BinaryIO, longest: int, one: str, index: int
    ) -> NDArray[np.bool_] | None:
        """Return the pixels of one class of an image, or None where it has none."""
        if index not in self.places[one]:
            return None
        offset, line = self.places[one][index]
        try:
            text = cells_at(file, offset, longest=longest)[self.runs_at].strip()
            if not text or text == self.form.empty:
                return None
            return decode_cell(text, self.form, self.sizes[one])
        except (LineError, IndexError) as error:
            what = "the file changed after it was read"
            raise DataError(what, where=self.path, fix="repeat the command") from error
        except CodecError as error:
            at = "" if error.column is None else f"character {error.column} of the runs: "
            raise DataError(
                f"{at}{error.message}",
                where=f"{self.path}:{line}",
                fix="count pixels as submission.rle sets, in the size of the row",
            ) from error


def read_mask_solution(path: Path, form: SubmissionFormat) -> MaskSolution:
    """Return the solution in the CSV at `path`, whose columns the head of this module shows.

    The runs themselves are read when they are needed, by `MaskSolution.masks`.

    Raises:
        DataError: a column is missing, or a row has no size, an unknown class or usage, or
            contradicts another row of its image; all rows are named.
    """
    with of_competition(path):
        return _read(path, form)


def _read(path: Path, form: SubmissionFormat) -> MaskSolution:
    lines = read_lines(path, longest=path.stat().st_size)
    header = next(lines, None)
    columns = _columns([] if header is None else header.cells, form, path)
    classes = {name: i for i, name in reversed(list(enumerate(form.mask_classes)))}
    classes = {str(i + 1): i for i in range(form.n_masks)} | classes
    classes.setdefault(IGNORED_PIXELS, form.n_masks)
    rows = _MaskRows(columns, classes)
    for line in lines:
        if line.cells:
            rows.add(line, n_columns=len(header.cells) if header else 0)
    rows.refuse(path, fix=f"write {','.join(_HEADER)}", fix_of_none="write one row for each mask")
    return MaskSolution(
        path=path,
        form=form,
        ids=rows.ids,
        sizes=rows.sizes,
        public=rows.of_usage("public"),
        private=rows.of_usage("private"),
        places=rows.places,
        runs_at=columns["rle"],
        volumes=rows.volumes,
    )


def _columns(header: list[str], form: SubmissionFormat, path: Path) -> dict[str, int]:
    """Return the position of each column; the runs are in the one that has no other meaning."""
    names = [name.strip() for name in header]
    if has_other_separator(names):
        raise LineError(f"the header is one cell, {names[0]!r}", 1, SEPARATE_WITH_COMMAS)
    found = {name.lower(): i for i, name in enumerate(names) if i > 0}
    columns = {"id": 0} | {name: found[name] for name in _MEANT if name in found}
    rest = [i for i in range(len(names)) if i not in columns.values()]
    missing = [name for name in ("height", "width") if name not in columns]
    if "class" not in columns and form.n_masks > 1:
        missing.append("class")
    if missing or len(rest) != 1:
        raise DataError(
            f"a solution of masks has the columns {','.join(_HEADER)}, got {','.join(names)!r}",
            where=f"{path}:1",
            fix=f"add {some(missing)}" if missing else "keep one column for the runs",
        )
    return columns | {"rle": rest[0]}


class _MaskRows(SolutionRows):
    """Gathers the rows of a solution by image, and what is wrong with them."""

    def __init__(self, columns: Mapping[str, int], classes: Mapping[str, int]) -> None:
        super().__init__(_MOST_PIXELS)
        self._columns, self._classes = columns, classes
        self.places: dict[str, dict[int, tuple[int, int]]] = {}
        self.volumes: dict[str, tuple[str, str]] = {}

    def add(self, line: CsvLine, *, n_columns: int) -> None:
        """Take one row."""
        if len(line.cells) != n_columns:
            self.complain(
                f"rows that have not {plural(n_columns, 'cell')}", f"{len(line.cells)}", line.number
            )
            return
        one = line.cells[0].strip()
        cell = {name: line.cells[at].strip() for name, at in self._columns.items() if name != "rle"}
        index = self._classes.get(cell["class"]) if "class" in cell else 0
        if index is None:
            self.complain("unknown classes", cell["class"], line.number)
            return
        places = self.places.setdefault(one, {})
        if index in places:
            self.complain("rows that repeat an image and class", one, line.number)
        places[index] = (line.offset, line.number)
        self.see_size(one, cell["height"], cell["width"], line.number)
        self.see_usage(one, cell.get("usage", "public"), line.number)
        if "volume" in cell:
            place = cell["volume"], cell.get("slice", "")
            if self.volumes.setdefault(one, place) != place:
                self.complain("images with rows of several volumes or places", one, line.number)


def write_mask_solution(
    path: Path,
    competition: Competition,
    masks: Iterable[tuple[str, Mask]],
    usage: Mapping[str, str],
    *,
    volumes: Mapping[str, tuple[str, int]] | None = None,
) -> Path:
    """Write the truth of a competition of masks as a host's `solution.csv` and return `path`.

    Args:
        path: the CSV to write, atomically.
        competition: whose submission format the runs follow.
        masks: (id, truth) of each image, in the frame, gone through once; `IGNORE` pixels are not
            scored.
        usage: Public, Private or Ignored, by id.
        volumes: by id, the volume that an image is a slice of and its place, where the metric needs
            whole volumes.

    Raises:
        SubmissionError: a mask is none of the task.
        DataError: an image has no usage, or a class is called `ignore` and pixels are ignored.
    """
    form = format_of(competition)
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*_HEADER, *(("volume", "slice") if volumes else ())])
        for one, mask in masks:
            if one not in usage:
                raise DataError(f"{one!r} has no usage", fix="write Public, Private or Ignored")
            truth = checked_mask(one, mask, form, None, ignore=True)
            place = volumes[one] if volumes else ()
            for name, runs in mask_texts(truth, form):
                writer.writerow([one, name, runs, *truth.shape[:2], usage[one], *place])
    return path


def mask_texts(truth: Mask, form: SubmissionFormat) -> Iterator[tuple[str, str]]:
    """Yield class and runs of each row of a solution of one image; the last may be `ignore`.

    Raises:
        DataError: pixels are unknown in a way that a solution cannot hold.
    """
    unknown = truth == IGNORE
    has_unknown = bool(unknown.any())
    known = np.where(unknown, np.uint8(0), truth) if has_unknown else truth
    for index, name in enumerate(form.mask_classes):
        yield name, encode_mask(class_plane(known, form, index), form)
    if has_unknown:
        if IGNORED_PIXELS in form.mask_classes:
            raise DataError(f"a class is called {IGNORED_PIXELS}, the name of unknown pixels")
        if unknown.ndim == 3:
            if (unknown.any(axis=2) != unknown.all(axis=2)).any():
                raise DataError("pixels that only some classes ignore cannot be written")
            unknown = unknown[:, :, 0]
        yield IGNORED_PIXELS, encode_mask(unknown, form)


def counts_of(
    form: SubmissionFormat, truths: Iterable[Mask], decided: Iterable[Mask]
) -> NDArray[np.int64]:
    """Return the `mask_counts` of each image, `(N, K, 4)`; one image is in memory at a time.

    Args:
        form: of the submission, which has the task.
        truths, decided: `(N,)` masks in the same order.
    """
    n_outputs = form.kind.n_outputs(form.n_masks)
    return np.stack(
        [
            metrics.mask_counts(truth, mask, kind=form.kind, n_outputs=n_outputs)
            for truth, mask in zip(truths, decided, strict=True)
        ]
    )


def score_of_counts(spec: HostSpec, counts: NDArray[np.int64]) -> float:
    """Return the score of the images with these `mask_counts`, `(N, K, 4)`.

    Raises:
        DataError: the metric is undefined for them.
    """
    metric, options = spec.scored_by, _options(spec)
    sums = metrics.of_counts(metric, counts, kind=spec.format.kind, **options)
    return metrics.value(metric, sums, **options)


def _options(spec: HostSpec) -> dict[str, Any]:
    return {name: one for name, one in spec.metric.options.items() if name != "kind"}


def measure_volumes(path: Path, spec: HostSpec, solution: MaskSolution) -> Sums:
    """Return the metric's sums of each volume of the submission at `path`, `(V, S)`.

    Raises:
        SubmissionError: the file does not fit the format; one error with all problems.
        DataError: the solution cannot be read, or has no volumes.
    """
    volumes = _volumes(solution)
    order = _in_order(solution, volumes)
    expected = expected_of_ids(solution.form, order, MaskSizes(solution.sizes))
    return _measured(spec, solution, volumes, read_answers(path, expected))


def measure_perfect(spec: HostSpec, solution: MaskSolution) -> Sums:
    """Return the sums of the submission that is right everywhere, `(V, S)`.

    Raises:
        DataError: as `measure_volumes`; or slices of a volume differ in size or in usage, or have
            unknown pixels.
    """
    volumes = _volumes(solution)
    for what, rows in (("public", solution.public), ("private", solution.private)):
        torn = [one.name for one in volumes if rows[one.rows].any() != rows[one.rows].all()]
        if torn:
            raise DataError(
                f"only some slices are {what} of the volumes {some(torn)}",
                where=solution.path,
                fix="write the same Usage in all rows of a volume: it is scored as a whole",
            )
    return _measured(spec, solution, volumes, solution.masks(_in_order(solution, volumes)))


def _measured(
    spec: HostSpec, solution: MaskSolution, volumes: list[Volume], masks: Iterable[Mask]
) -> Sums:
    scorer, found = _scorer(spec), []
    truths = solution.masks(_in_order(solution, volumes))
    decided: Iterator[Mask] = iter(masks)
    for volume in volumes:
        depth = len(volume.rows)
        try:
            truth = volume_of((next(truths) for _ in range(depth)), depth)
        except DataError as error:
            raise DataError(
                f"the volume {volume.name}: {error.message}",
                where=solution.path,
                fix="give the slices of a volume one size",
            ) from error
        found.append(
            scorer.measure([truth], [volume_of((next(decided) for _ in range(depth)), depth)])
        )
    return np.concatenate(found)


def _scorer(spec: HostSpec) -> SumScorer:
    form = spec.format
    return SumScorer.of(spec.scored_by, form.kind, _options(spec), n_classes=form.n_masks)


def _volumes(solution: MaskSolution) -> list[Volume]:
    """Return the volumes of a solution, in the order of their first images.

    Raises:
        DataError: it has none, or two slices of one have one place.
    """
    if not solution.volumes:
        raise DataError(
            "does not name the volume of each image",
            where=solution.path,
            fix="add the columns volume (a name) and slice (a number, its place)",
        )
    places = [solution.volumes[one] for one in solution.ids]
    table = pd.DataFrame({"id": list(solution.ids), "unit": [name for name, _ in places]})
    table["volume"] = table["unit"]
    if any(place for _, place in places):
        table["slice"] = pd.to_numeric(
            pd.Series([place for _, place in places]), errors="coerce"
        ).to_numpy()
        odd = [
            one for one, number in zip(solution.ids, table["slice"], strict=True) if pd.isna(number)
        ]
        if odd:
            raise DataError(
                f"slices without a number: {some(odd)}",
                where=solution.path,
                fix="write the place of each slice in the column slice",
            )
    if table["unit"].is_unique:  # of one slice each
        return [Volume(name, np.array([row])) for row, (name, _) in enumerate(places)]
    try:
        return volumes_of(table)
    except DataError as error:
        raise DataError(error.message, where=solution.path, fix=error.fix) from error


def _in_order(solution: MaskSolution, volumes: list[Volume]) -> list[str]:
    return [solution.ids[row] for volume in volumes for row in volume.rows]
