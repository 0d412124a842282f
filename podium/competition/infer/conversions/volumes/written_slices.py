"""Volumes of NIfTI, written as slices that `podium init` reads as any images and masks.

    imagesTr/case_000.nii.gz   →  train/images/case_000/case_000_00.png, case_000_01.png …
    labelsTr/case_000.nii.gz   →  train/masks/case_000/case_000_00.png …
    imagesTs/case_012.nii.gz   →  test/images/case_012/case_012_00.png …
    dataset.json               →  classes.csv, the names of the values of masks

Without labels as volumes slices are `train/case_000/case_000_00.png`, for the labels of a table;
those of several volumes of a study lie together, `train/study_000/study_000_axial_00.png`. Slices
are cut across the axis that goes up in the patient, unless a sample submission has as many rows a
volume as another axis has places, or a series of a study has few places along one. Pixels lie as in
the file: rows are along the later one of the other two axes. Slices are called as the sample
submission calls them.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podium.competition.folds.file import csv_cell
from podium.competition.ids.patterns import files_below
from podium.competition.infer.conversions.images.numbers_as_pixels import HIGHEST
from podium.competition.infer.conversions.images.written_images import WrittenImages, copied_tables
from podium.competition.infer.conversions.tables.records.record_files import is_record_file
from podium.competition.infer.conversions.volumes.cases import (
    DESCRIPTION,
    Case,
    Description,
    find_cases,
    read_description,
    with_headers,
)
from podium.competition.infer.conversions.volumes.grey_levels import (
    MR,
    ValuesOfChannel,
    grey_levels,
    scaled,
)
from podium.competition.infer.conversions.volumes.nifti_files import (
    is_nifti,
    read_voxels,
    stem_of,
)
from podium.competition.infer.sample.submission import sample_submissions
from podium.competition.tables import TABLE_SUFFIXES, read_table
from podium.errors import DataError, plural, some
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_volumes"]

_SLICE = re.compile(r"(?P<sign>[-_](?:[a-z]{1,8}[-_]?)?)(?P<number>\d{1,6})(?!\d)", re.IGNORECASE)
"""What follows the name of a volume in the id of a slice: `_07`, `-7`, `_slice_007`, `_z7`."""
_FEWEST_DIGITS = 2
_COMPRESSION = 1  # zlib's fastest: 50,000 slices take minutes at the usual level
_LETTERS = "XYZ"
_READER = "volumes of NIfTI"


class _Ids(NamedTuple):
    """How ids of slices continue the name of their volume.

    Attributes:
        sign: before the number.
        digits: that the number has at least; 0: as many as the last one.
        first: number of the first slice, 0 or 1.
        n_slices: of each volume of the sample submission.
    """

    sign: str = "_"
    digits: int = 0
    first: int = 0
    n_slices: Mapping[str, int] = {}


class _Cuts(NamedTuple):
    """The axis across which each volume is cut, and why.

    Attributes:
        axes: by volume.
        why: a reason that all share.
    """

    axes: Sequence[int]
    why: str


def write_volumes(data: Path, target: Path, *, progress: Progress = SILENT) -> list[WrittenImages]:
    """Return what was written to `target` of the volumes below `data`; [] where there are none.

    Args:
        data: a folder without image files, or with a few that only show something.
        target: a folder that is not there yet, or was written by an earlier call.
        progress: of the volumes.

    Raises:
        DataError: nibabel is not installed; a file is damaged or no volume; labels are of another
            size than their image, or no whole numbers; a channel is absent.
    """
    files = list(files_below(data, ""))
    cases, notes = find_cases([path for path in files if is_nifti(path)])
    if not cases:
        return []
    described = read_description(data, files)
    cases = with_headers(cases, data)
    tables = [path for path in files if path.lower().endswith(TABLE_SUFFIXES)]
    samples = sample_submissions(tables)
    sent = [str(one) for one in read_table(data / samples[0]).iloc[:, 0]] if samples else []
    ids = _ids(sent, cases)
    cuts = _cuts(cases, ids)
    names = [_slice_names(one, axis, ids) for one, axis in zip(cases, cuts.axes, strict=True)]
    folders = _folders(cases, _files_in(data, tables))
    shutil.rmtree(target, ignore_errors=True)
    written = _write_images(data, target, cases, cuts, names, folders, described, progress)
    masks, areas = _write_masks(data, target, cases, cuts, names, folders, progress)
    notes += [
        *_compared_with(described, cases),
        _how_they_lie(cases, cuts, names),
        *_on_what_to_send(cases, sent, ids, has_sample=bool(samples)),
    ]
    written[0] = written[0]._replace(note="\n  ".join([written[0].note, *notes]))
    if masks:
        masks[0] = masks[0]._replace(note=masks[0].note + _values_note(described, areas))
        masks += _write_names(target, described)
    tables += _records(files)
    return [*written, *masks, *copied_tables(data, tables, target)]


def _records(files: Sequence[str]) -> list[str]:
    """Return the files of records that are of all volumes: none called as one of them, or twice."""
    stems = {stem_of(path) for path in files if is_nifti(path)}
    found = [path for path in files if is_record_file(path)]
    counts = Counter(path.rpartition("/")[2] for path in found)
    names = {name for name, n in counts.items() if n == 1 and Path(name).stem not in stems}
    return [path for path in found if path.rpartition("/")[2] in names - {DESCRIPTION}]


def _ids(sent: Sequence[str], cases: Sequence[Case]) -> _Ids:
    """Return how ids continue the names of volumes, by a sample submission where it shows that.

    Args:
        sent: ids of the sample, as `case_012_07` or `case_012_07_liver`.
        cases: the volumes.
    """
    names = {case.name for case in cases if case.part != "train"}
    lengths = sorted({len(name) for name in names}, reverse=True)
    found: dict[str, set[str]] = defaultdict(set)
    signs: Counter[str] = Counter()
    for one in sent:
        name = next((one[:n] for n in lengths if one[:n] in names), None)
        rest = None if name is None else _SLICE.match(one, len(name))
        if name is not None and rest is not None:
            found[name].add(rest["number"])
            signs[rest["sign"]] += 1
    if not signs:
        return _Ids()
    every = set[str]().union(*found.values())
    is_padded = any(len(one) > 1 and one.startswith("0") for one in every)
    numbers = {name: sorted(map(int, each)) for name, each in found.items()}
    first = 1 if all(each[0] == 1 for each in numbers.values()) else 0
    return _Ids(
        signs.most_common(1)[0][0],
        min(map(len, every)) if is_padded else 1,
        first,
        {name: each[-1] + 1 - first for name, each in numbers.items()},
    )


def _cuts(cases: Sequence[Case], ids: _Ids) -> _Cuts:
    """Return the axis across which each volume is cut."""
    axial = [case.header.axial for case in cases]
    counted = [n for n, case in enumerate(cases) if case.part != "train"]
    counted = [n for n in counted if cases[n].name in ids.n_slices]

    def fit(axes: Sequence[int]) -> bool:
        return all(cases[n].header.shape[axes[n]] == ids.n_slices[cases[n].name] for n in counted)

    if counted and not fit(axial):
        fitting = [axis for axis in range(3) if fit([axis] * len(cases))]
        if len(fitting) == 1:
            return _Cuts(
                fitting * len(cases), "as the sample submission has so many rows for each volume"
            )
    if any(case.series for case in cases):
        across = [_across(case.header.shape, case.header.axial) for case in cases]
        return _Cuts(across, "that of the fewest places, where it has half of the others'")
    if all(case.header.codes for case in cases):
        return _Cuts(axial, "axial, by the headers")
    return _Cuts(axial, "a guess, as headers do not tell the orientation")


def _across(shape: tuple[int, int, int], usual: int) -> int:
    """Return the axis along which a series was measured slice by slice: the one of few places."""
    fewest, second, _ = sorted(range(3), key=lambda axis: shape[axis])
    return fewest if 2 * shape[fewest] <= shape[second] else usual


def _slice_names(case: Case, axis: int, ids: _Ids) -> list[str]:
    n = case.header.shape[axis]
    digits = ids.digits or max(_FEWEST_DIGITS, len(str(n - 1 + ids.first)))
    return [f"{case.name}{ids.sign}{k + ids.first:0{digits}}" for k in range(n)]


def _files_in(data: Path, tables: Sequence[str]) -> set[str]:
    """Return the cells of tables that are called as files of NIfTI."""
    found = set()
    for path in tables:
        if b".nii" not in (data / path).read_bytes().lower():
            continue
        table = read_table(data / path)
        for name in table:
            found |= {str(cell) for cell in table[name] if is_nifti(str(cell))}
    return found


def _folders(cases: Sequence[Case], named: set[str]) -> list[str]:
    """Return the folder of the slices of each volume: as a table names it, file and all."""
    files = [case.images[0].rpartition("/")[2] for case in cases]
    return [
        file if file in named and not case.study else case.study or case.name
        for case, file in zip(cases, files, strict=True)
    ]


def _write_images(
    data: Path,
    target: Path,
    cases: Sequence[Case],
    cuts: _Cuts,
    names: Sequence[Sequence[str]],
    folders: Sequence[str],
    described: Description,
    progress: Progress,
) -> list[WrittenImages]:
    values = [ValuesOfChannel() for _ in range(cases[0].n_channels)]
    with progress.bar("reading volumes", len(cases)) as advance:
        for case in cases:
            for known, voxels in zip(values, _channels(data, case), strict=True):
                known.add(voxels)
            advance(1)
    names_of, source = described.channels, DESCRIPTION
    if series := sorted({case.series for case in cases if case.series}):
        names_of, source = _words_of_mr(series), "names of files"
    levels = grey_levels(values, names_of, source)
    inside = "images" if any(case.mask is not None for case in cases) else ""
    with progress.bar("writing slices", len(cases)) as advance:
        for case, axis, each, folder in zip(cases, cuts.axes, names, folders, strict=True):
            channels = _channels(data, case)
            greys = [scaled(one, how) for one, how in zip(channels, levels.scales, strict=True)]
            _save(target / case.part / inside / folder, each, _slices(greys, axis))
            advance(1)
    channels_of = f"{plural(len(values), 'channel')} of " if len(values) > 1 else ""
    written = []
    for part in dict.fromkeys(case.part for case in cases):
        of_part = [n for n, case in enumerate(cases) if case.part == part]
        paths = [path for n in of_part for path in cases[n].images]
        n_slices = sum(len(names[n]) for n in of_part)
        of = f"{plural(len(of_part), 'volume')}, of {_places(paths)}"
        path = target / part / inside
        note = (
            f"{path}: {plural(n_slices, 'slice')} of {of}, {channels_of}{levels.bits} "
            f"bits{levels.note}"
        )
        written.append(WrittenImages(path, tuple(data / one for one in paths), _READER, note))
    return written


def _words_of_mr(series: Sequence[str]) -> list[str]:
    """Return words of magnetic resonance in names, as of one channel; [] where one has none."""
    words = [list(filter(MR.match, re.split(r"[^a-zA-Z0-9]+", one))) for one in series]
    return [" and ".join(sorted({each[0] for each in words}))] if all(words) else []


def _channels(data: Path, case: Case) -> Iterator[NDArray[Any]]:
    for path in case.images:
        voxels = read_voxels(data / path)
        for n in range(voxels.shape[-1]):
            yield voxels[..., n]


def _places(paths: Sequence[str]) -> str:
    """Return the folders of files, or the one around them where each has its own."""
    places = sorted({path.rpartition("/")[0] for path in paths})
    if len(places) > 2:
        places = sorted({place.rpartition("/")[0] for place in places})
    return " and ".join(one or "the data folder" for one in places)


def _write_masks(
    data: Path,
    target: Path,
    cases: Sequence[Case],
    cuts: _Cuts,
    names: Sequence[Sequence[str]],
    folders: Sequence[str],
    progress: Progress,
) -> tuple[list[WrittenImages], Counter[int]]:
    """Write the masks of volumes; return their folder, and the number of voxels of each value.

    Raises:
        DataError: a file is damaged, or its labels are no whole numbers from 0 on.
    """
    areas: Counter[int] = Counter()
    paths = [case.mask for case in cases if case.mask is not None]
    if not paths:
        return [], areas
    path = target / "train" / "masks"
    n_slices = 0
    with progress.bar("writing masks", len(paths)) as advance:
        for case, axis, each, folder in zip(cases, cuts.axes, names, folders, strict=True):
            if case.mask is None:
                continue
            mask = _mask_values(data / case.mask)
            found, counts = np.unique(mask, return_counts=True)
            areas.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
            _save(path / folder, each, _slices([mask], axis))
            n_slices += len(each)
            advance(1)
    note = (
        f"{path}: {plural(n_slices, 'mask')} of {plural(len(paths), 'volume')}, of {_places(paths)}"
    )
    return [WrittenImages(path, tuple(data / one for one in paths), _READER, note)], areas


def _mask_values(path: Path) -> NDArray[Any]:
    """Return the numbers of classes, `(X, Y, Z)`, of 8 or 16 bits.

    Raises:
        DataError: they are no whole numbers from 0 to 65535.
    """
    mask = read_voxels(path)[..., 0]
    low, high = float(mask.min()), float(mask.max())
    are_whole = mask.dtype.kind != "f" or bool(np.all(mask == np.rint(mask)))
    if not (are_whole and low >= 0 and high <= HIGHEST):
        raise DataError(
            f"labels are numbers from {low:g} to {high:g}{'' if are_whole else ' with fractions'}, "
            f"and are to be whole numbers from 0 to {HIGHEST:,}",
            where=path,
            fix="number classes from 1, 0 is background; or take the volume out of the folder",
        )
    return mask.astype(np.uint8 if high <= 255 else np.uint16)


def _slices(channels: Sequence[NDArray[Any]], axis: int) -> NDArray[Any]:
    """Return the slices `(N, H, W, C)` across an axis, rows along the later of the other two."""
    return np.stack([np.moveaxis(one, axis, 0).transpose(0, 2, 1) for one in channels], axis=-1)


def _save(folder: Path, names: Sequence[str], slices: NDArray[Any]) -> None:
    """Write slices `(N, H, W, C)`, each as a PNG, or of several channels as a TIFF."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in zip(names, slices, strict=True):
        if one.shape[-1] == 1:
            grey = Image.fromarray(np.ascontiguousarray(one[..., 0]))
            grey.save(folder / f"{name}.png", compress_level=_COMPRESSION)
        else:
            file, how = folder / f"{name}.tif", {"photometric": "minisblack"}
            tifffile.imwrite(file, np.ascontiguousarray(one), planarconfig="contig", **how)


def _write_names(target: Path, described: Description) -> list[WrittenImages]:
    """Write the names of values, where several classes have one; return their file, or []."""
    if described.path is None or len(described.names.keys() - {0}) < 2:
        return []
    names = {0: "background", **described.names}
    rows = [f"{value},{csv_cell(name)}" for value, name in sorted(names.items())]
    file = target / "classes.csv"
    write_text(file, "\n".join(["value,name", *rows]) + "\n")
    note = f"{file} has the names of classes, of {DESCRIPTION}"
    return [WrittenImages(file, (described.path,), "names of values", note)]


def _values_note(described: Description, areas: Mapping[int, int]) -> str:
    """Return the values of masks with their names, and where they and dataset.json differ."""
    names = {0: "background", **described.names}
    told = [f"{value} {names[value]}" if value in names else f"{value}" for value in sorted(areas)]
    notes = [f"; values: {', '.join(told[:_MOST_TOLD])}{' …' if len(told) > _MOST_TOLD else ''}"]
    if described.path is None:
        notes.append(f"there is no {DESCRIPTION} to name them")
    elif unnamed := sorted(areas.keys() - names.keys()):
        notes.append(f"{DESCRIPTION} does not name {some(unnamed)}")
    if absent := sorted(names.keys() - areas.keys()):
        notes.append(f"no mask has {', '.join(f'{one} {names[one]}' for one in absent)}")
    if described.regions:
        regions = ", ".join(described.regions)
        notes.append(f"regions of several values are no classes here: {regions}")
    return "; ".join(notes)


_MOST_TOLD = 12


def _compared_with(described: Description, cases: Sequence[Case]) -> list[str]:
    """Return where the files differ from what dataset.json tells, and masks from their images."""
    notes = []
    n = sum(case.part == "train" for case in cases)
    if described.n_train not in (None, n):
        notes.append(
            f"{DESCRIPTION} tells of {plural(described.n_train, 'volume')} of train, {n} are read"
        )
    if elsewhere := [case.mask for case in cases if case.is_mask_elsewhere]:
        notes.append(
            "by their headers labels lie elsewhere than their images, and are read voxel by voxel: "
            f"{some(elsewhere)}"
        )
    return notes


def _how_they_lie(cases: Sequence[Case], cuts: _Cuts, names: Sequence[Sequence[str]]) -> str:
    """Return how slices lie in their volumes, and what of the headers is not used."""
    axes = " or ".join(_LETTERS[axis] for axis in sorted(set(cuts.axes)))
    x, y = (_LETTERS[axis] for axis in range(3) if axis != cuts.axes[0])
    codes = Counter(case.header.codes or "not told" for case in cases)
    orientation = ", ".join(f"{one} in {n}" for one, n in sorted(codes.items()))
    spacings = [case.header.spacing for case in cases]
    ends = [(min(each), max(each)) for each in zip(*spacings, strict=True)]
    spacing = " × ".join(f"{a:.3g}" if a == b else f"{a:.3g}-{b:.3g}" for a, b in ends)
    return (
        f"slices are cut across axis {axes} ({cuts.why}): {names[0][0]} is at its first place, "
        f"{x} goes to the right and {y} down. Nothing is turned or resampled: the orientation "
        f"({orientation}) and the spacing ({spacing}) are not used"
    )


def _on_what_to_send(
    cases: Sequence[Case], sent: Sequence[str], ids: _Ids, *, has_sample: bool
) -> list[str]:
    """Return what is not known of the file to send."""
    has_masks = any(case.mask is not None for case in cases)
    names = {case.name for case in cases if case.part != "train"}
    together = "Volumes in docs/objects.md puts slices together"
    if not has_sample:
        what = "a volume of labels" if has_masks else "an answer"
        how = (
            f"podium writes a CSV with a row a slice; {together}"
            if has_masks
            else "with a sample submission of a row a volume each volume is a unit, and without it "
            "each slice has an answer of its own"
        )
        return [f"no sample submission is there, and hosts mostly ask for {what} a case: {how}"]
    if has_masks and not ids.n_slices and any(stem_of(one) in names for one in sent):
        return [f"the sample submission has a row a volume, and podium a row a slice; {together}"]
    return []
