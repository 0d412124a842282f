"""Images that come as numbers, written as image files: `podium init` on a folder without any.

Tables with a row an image, which have a column a pixel (`label,pixel0,pixel1,…`, as Digit
Recognizer) or all pixels in one cell (`emotion,pixels,Usage`, as FER2013), arrays of many images
(`train.npz` with `images` and `labels`; `X_train.npy` and `y_train.npy`; MNIST's
`train-images-idx3-ubyte.gz`), perhaps with a mask each (`images` and `masks`; `Y_train.npy` of as
many planes), and TIFF files that are stacks of images and of masks, a page each
(`train-volume.tif`, `train-labels.tif`). Each becomes a folder of files, with a table beside it
where there are labels. Labels of arrays may stand in a table of as many rows (`train.npy` and
`train.csv`), and images may be counted by the last axis, where labels are as many as that has. An
array without labels of its length is left to the readers: it may be one image, or a volume. Files
that hold encoded images, as Parquet does, are `image_columns`', Parquet with a column a pixel is
`pixel_columns`', and volumes of NIfTI are `conversions/volumes`.
"""

from __future__ import annotations

import gzip
import math
import re
import shutil
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podium.competition.ids.patterns import file_stem, files_below, is_image
from podium.competition.infer.conversions.images.crops import write_crops
from podium.competition.infer.conversions.images.image_columns import write_image_columns
from podium.competition.infer.conversions.images.mosaics import write_mosaics
from podium.competition.infer.conversions.images.numbers_as_pixels import (
    FEWEST_PIXELS,
    HIGHEST,
    PIXEL,
    SIDES,
    save_pixels,
    scales,
    shape_of_rows,
    sizes_in_texts,
)
from podium.competition.infer.conversions.images.pixel_columns import write_pixel_columns
from podium.competition.infer.conversions.images.written_images import (
    WrittenImages,
    column_of_names,
    copied_tables,
    name_of_file,
    row_names,
)
from podium.competition.infer.conversions.volumes.written_slices import write_volumes
from podium.competition.infer.files import FolderPart, guess_part
from podium.competition.infer.readme.texts import is_text
from podium.competition.infer.sample.submission import sample_submissions
from podium.competition.languages import is_called
from podium.competition.spelling import name_words
from podium.competition.tables import TABLE_SUFFIXES, read_table
from podium.errors import DataError, plural
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_images"]

_MOST_ARRAYS = 8
_MOST_SHOWN = 5
"""Pictures beside numbers that only show what these are: a poster, an alphabet."""
_FEWEST_PAGES = 4
_IN_A_CELL = re.compile(r"\s*\d+(?:\s+\d+){15,}\s*")
_IDX = re.compile(r".*idx[1-4][-.]ubyte(?:\.gz)?")
_IDX_HEAD = 4  # bytes before the lengths of the axes
_ID = "id"
_MOST_CHANNELS = max(SIDES)


@dataclass
class _ArrayPart:
    """Images of train or of test: arrays `(N, H, W)` or `(N, H, W, C)`, and the other columns.

    `masks` are those of the images, `(N, H, W)` of whole numbers; None without. `table` is the one
    whose rows are those of the images, in order; "" without. `rows` is what of the source is one.
    """

    source: str
    pixels: NDArray[Any]
    columns: dict[str, list[str]] = field(default_factory=dict)
    masks: NDArray[Any] | None = None
    source_of_masks: str = ""
    table: str = ""
    rows: str = "rows"


def write_images(
    data: Path, target: Path, *, label: str | None = None, progress: Progress = SILENT
) -> list[WrittenImages]:
    """Return what was written to `target`, part by part; [] where `data` holds no such images.

    Args:
        data: a folder without image files, of stacks alone, or of images whose crops are asked for.
        target: a folder that is not there yet, or was written by an earlier call.
        label: the columns that a person calls labels, between commas.
        progress: of the images.

    Raises:
        DataError: rows of pixels are no square and no other size is told; masks have values that
            no mask file holds.
    """
    written = _written_images(data, target, label, progress)
    known = {one.path for one in written}
    texts = [path for path in _texts(data) if target / Path(path).name not in known]
    return written + copied_tables(data, texts, target) if written else []


def _texts(data: Path) -> list[str]:
    """Return the texts in the folder itself, or in the one that holds all files."""
    files = list(files_below(data, ""))
    top = min((path.rpartition("/")[0] for path in files), key=len, default="")
    beside = [path for path in files if path.rpartition("/")[0] == top]
    return [path for path in beside if is_text(path)]


def _read(text: Path) -> str:
    """Return the beginning of a text, whose numbers are the same in any encoding."""
    with text.open("rb") as file:
        return file.read(_LONGEST).decode("utf-8", "replace").replace("\0", "")


_LONGEST = 200_000  # bytes of a text that tells of images


def _written_images(
    data: Path, target: Path, label: str | None, progress: Progress
) -> list[WrittenImages]:
    images = [path for path in files_below(data, "") if is_image(path)]
    if images:
        stacks = _write_stacks(data, images, target, progress)
        if found := stacks or write_crops(data, target, label=label, progress=progress):
            return found
        if scenes := write_mosaics(data, target, progress=progress):
            return scenes
        if len(images) > _MOST_SHOWN:
            return []
    if written := write_volumes(data, target, progress=progress):
        return written
    tables = [path for path in files_below(data, "") if path.lower().endswith(TABLE_SUFFIXES)]
    if written := _write_samples(data, tables, target, progress):
        return written
    samples = sample_submissions(tables)
    expected = read_table(data / samples[0]) if samples else None
    if written := write_image_columns(data, target, expected, tables, progress=progress):
        return written + copied_tables(data, tables, target)
    told = sizes_in_texts(_read(data / path) for path in _texts(data))
    if written := write_pixel_columns(data, target, expected, tables, told, progress=progress):
        return written + copied_tables(data, tables, target)
    of_tables = list(_of_tables(data, [path for path in tables if path not in samples], told))
    # A table that is called as a part comes before one whose rows tell theirs.
    of_tables.sort(key=lambda one: guess_part(one[1].source.rpartition("/")[2]) != "other")
    parts = dict(of_tables) or dict(
        _of_arrays(data, [path for path in tables if path not in samples])
    )
    if "train" not in parts:
        return []
    has_masks = parts["train"].masks is not None
    if not parts["train"].columns and not has_masks:
        return []
    ids = None if expected is None else expected.iloc[:, 0]
    of_parts = scales({name: part.pixels for name, part in parts.items()})
    written = []
    for name, part in parts.items():
        n, scale = len(part.pixels), of_parts[name]
        names = part.columns.pop(_ID, None) or row_names(n, ids if name == "test" else None)
        folder = target / name / "images" if has_masks else target / name
        of_masks = None if part.masks is None else target / name / "masks"
        for place in filter(None, (folder, of_masks)):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        masks = None if part.masks is None else _as_mask_values(part.masks, part.source_of_masks)
        with progress.bar(f"writing {name}", n) as advance:
            for row, (one, pixels) in enumerate(zip(names, part.pixels, strict=True)):
                save_pixels(folder / one, pixels, scale)
                if of_masks is not None and masks is not None:
                    Image.fromarray(masks[row]).save(of_masks / f"{one}.png")
                advance(1)
        if part.columns or not has_masks:
            table = pd.DataFrame({_ID: names, **part.columns}, dtype=object)
            write_text(target / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
        size = " × ".join(map(str, part.pixels.shape[1:3]))
        note = f"{folder}: {plural(n, 'image')} of {size} pixels, the {part.rows} of {part.source}"
        note += f", which are the rows of {part.table} in their order" if part.table else ""
        note += scale.note
        reader = f"arrays of {size} pixels, {part.pixels.dtype}"
        sources = tuple(data / one for one in (part.source, part.table) if one)
        written.append(WrittenImages(folder, sources, reader, note))
        if of_masks is not None:
            note = f"{of_masks}: {plural(n, 'mask')}, the rows of {part.source_of_masks}"
            written.append(WrittenImages(of_masks, (data / part.source_of_masks,), reader, note))
    used = {part.source for part in parts.values()}
    repeated = _repeated(parts, [one for _, one in of_tables if one.source not in used])
    for source in repeated:
        note = f"{source} is left out: its rows are those of {' and '.join(sorted(used))} once more"
        written[0] = written[0]._replace(note=f"{written[0].note}; {note}")
    used |= repeated | {part.table for part in parts.values()}
    return written + copied_tables(data, [one for one in tables if one not in used], target)


def _repeated(parts: Mapping[str, _ArrayPart], others: Sequence[_ArrayPart]) -> frozenset[str]:
    """Return the tables of `others` whose images are all among those of the parts."""

    def digests(part: _ArrayPart) -> Iterator[bytes]:
        for one in part.pixels:
            yield blake2b(one.astype(np.float32).tobytes(), digest_size=16).digest()

    if not others:
        return frozenset()
    known = {one for part in parts.values() for one in digests(part)}
    new = {part.source for part in others if not known.issuperset(digests(part))}
    return frozenset(part.source for part in others) - new


def _write_samples(
    data: Path, tables: Sequence[str], target: Path, progress: Progress
) -> list[WrittenImages]:
    """Return what was written of archives of an image and its mask each; [] where they are others.

    As `train/7.npz` with `image` `(H, W, 3)` of bytes and `labels` `(H, W)` of whole numbers, and
    `test/8.npz` with the image alone.
    """
    paths = [path for path in files_below(data, "") if path.lower().endswith(".npz")]
    if len(paths) <= _MOST_ARRAYS or len({Path(path).stem for path in paths}) < len(paths):
        return []
    probe = [_sample_of(data / path) for path in paths[:: max(1, len(paths) // _MOST_ARRAYS)]]
    if any(one is None for one in probe) or all(one[1] is None for one in probe if one):
        return []
    sources: dict[Path, list[Path]] = {}
    with progress.bar("writing images and masks", len(paths)) as advance:
        for path in paths:
            sample = _sample_of(data / path)
            if sample is None:
                raise DataError(
                    "the archive holds no image of bytes, perhaps with a mask of its size",
                    where=data / path,
                    fix="mend the file, or take it out of the folder",
                )
            image, mask = sample
            is_of_train = mask is not None or "train" in map(guess_part, path.split("/")[:-1])
            part = "train" if is_of_train else "test"
            each = {"images": image} | ({} if mask is None else {"masks": mask})
            for name, pixels in each.items():
                folder = target / part / name
                if folder not in sources:
                    shutil.rmtree(folder, ignore_errors=True)
                    folder.mkdir(parents=True)
                    sources[folder] = []
                Image.fromarray(pixels).save(folder / f"{Path(path).stem}.png")
                sources[folder].append(data / path)
            advance(1)
    written = [
        WrittenImages(
            folder, tuple(each), "arrays of an image", f"{folder}: {plural(len(each), 'file')}"
        )
        for folder, each in sources.items()
    ]
    return written + copied_tables(data, tables, target)


def _sample_of(path: Path) -> tuple[NDArray[np.uint8], NDArray[Any] | None] | None:
    """Return the image of an archive, and its mask or None; None where it holds anything else."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    images = [one for one in arrays.values() if one.dtype == np.uint8 and one.ndim == 3]
    if len(images) != 1 or images[0].shape[-1] not in SIDES or len(arrays) > 2:
        return None
    image = images[0]
    masks = [one for one in arrays.values() if one is not image]
    pixels = np.ascontiguousarray(image[..., 0] if image.shape[-1] == 1 else image)
    if not masks:
        return pixels, None
    mask = masks[0]
    if mask.shape != image.shape[:2] or mask.dtype.kind not in "bui" or mask.min() < 0:
        return None
    highest = int(mask.max())
    return (
        (pixels, mask.astype(np.uint8 if highest < 256 else np.uint16)) if highest < 65536 else None
    )


def _write_stacks(
    data: Path, paths: Sequence[str], target: Path, progress: Progress
) -> list[WrittenImages]:
    """Return the pages that were written as images and masks; [] where files are no stacks.

    A stack of masks is called so, and has as many pages as a stack of images of train.
    """
    if len(paths) > _MOST_ARRAYS or not all(
        one.lower().endswith((".tif", ".tiff")) for one in paths
    ):
        return []
    shapes: dict[str, tuple[int, ...]] = {}
    for path in paths:
        try:
            with tifffile.TiffFile(data / path) as file:
                shapes[path] = (len(file.pages), *file.pages.first.shape[:2])
        except (OSError, ValueError, tifffile.TiffFileError):
            return []
    masks = [path for path in paths if is_called(Path(path).stem, "mask")]
    stacks = [path for path in paths if path not in masks]
    train = [path for path in stacks if any(shapes[path] == shapes[one] for one in masks)]
    train = [path for path in train if guess_part(Path(path).stem) in ("train", "other")]
    if len(train) != 1 or min(n for n, *_ in shapes.values()) < _FEWEST_PAGES:
        return []
    alike = [one for one in masks if shapes[one] == shapes[train[0]]]
    alike = [one for one in alike if guess_part(Path(one).stem) != "test"] or alike
    if len(alike) != 1:
        return []
    folders = {train[0]: "train/images", alike[0]: "train/masks"}
    folders |= {path: "test/images" for path in stacks if guess_part(Path(path).stem) == "test"}
    written = []
    with progress.bar("writing pages", sum(shapes[path][0] for path in folders)) as advance:
        for path, name in folders.items():
            folder = target / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            with tifffile.TiffFile(data / path) as file:
                for number, page in enumerate(file.pages):
                    tifffile.imwrite(folder / f"page_{number:03}.tif", page.asarray())
                    advance(1)
            n, height, width = shapes[path]
            note = f"{folder}: the {plural(n, 'page')} of {path}, {height} × {width} pixels"
            if path == train[0]:
                note += "; pages side by side are alike: name their stack in folds.group if you can"
            written.append(WrittenImages(folder, (data / path,), "the pages of a stack", note))
    return written


def _as_mask_values(masks: NDArray[Any], source: str) -> NDArray[Any]:
    """Return masks as 8 or 16 bits.

    Raises:
        DataError: they hold others than whole numbers up to 65535.
    """
    masks = masks[..., 0] if masks.ndim == 4 else masks
    low, high = float(masks.min()), float(masks.max())
    if low < 0 or high > HIGHEST or (masks.dtype.kind == "f" and np.any(masks % 1)):
        raise DataError(
            f"masks hold numbers from {low:g} to {high:g}, and are of whole numbers from 0 to "
            f"{HIGHEST:,}",
            where=source,
            fix="number classes, or the objects of each image, from 0 for background",
        )
    return masks.astype(np.uint8 if high <= 255 else np.uint16)


def _of_tables(
    data: Path, paths: Sequence[str], told: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, _ArrayPart]]:
    for path in paths:
        sep = "\t" if ".tsv" in path else ","
        try:
            head = pd.read_csv(data / path, nrows=5, sep=sep, dtype=str, keep_default_na=False)
        except (OSError, ValueError, EOFError):  # what cannot be read is told where it is needed
            continue
        columns = [str(name) for name in head.columns]
        pixels = [name for name in columns if PIXEL.fullmatch(name)]
        in_cells = [name for name in columns if len(head) and head[name].map(_are_pixels).all()]
        if len(pixels) < FEWEST_PIXELS and not in_cells:
            continue
        kinds = {name: str for name in columns if in_cells or name not in pixels}
        table = pd.read_csv(data / path, sep=sep, dtype=kinds, keep_default_na=not in_cells)
        if in_cells:
            pixels = in_cells[:1]
            values = _of_cells(table[pixels[0]], where=path)
        else:
            values = table[pixels].to_numpy()
        height, width, channels = shape_of_rows(values, told, where=path)
        images = values.reshape(-1, height, width, *([] if channels == 1 else [channels]))
        others = {
            name: ["" if cell is np.nan else str(cell).strip() for cell in table[name]]
            for name in columns
            if name not in pixels
        }
        part = guess_part(path.rpartition("/")[2])
        usage = None if part != "other" else _usage(others)
        if usage is None:
            named = _with_names(others)
            yield (part if part != "other" else "train"), _ArrayPart(path, images, named)
            continue
        for name in ("train", "test"):
            rows = np.flatnonzero(np.array([one == name for one in usage]))
            # The answers of test, which some competitions give out later, are no input.
            own = {column: [cells[row] for row in rows] for column, cells in others.items()}
            yield name, _ArrayPart(path, images[rows], _with_names(own))


def _with_names(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the columns of a table of pixels; that which names images is called `id`."""
    found = column_of_names(columns)
    if found is None:
        return {f"{name}_of_row" if name == _ID else name: one for name, one in columns.items()}
    names = [name_of_file(one) for one in columns[found]]
    rest = {name: one for name, one in columns.items() if name != found}
    return {_ID: names, **rest}


def _are_pixels(cell: str) -> bool:
    return _IN_A_CELL.fullmatch(cell) is not None


def _of_cells(cells: pd.Series[str], where: str) -> NDArray[np.int64]:
    """Return the numbers of cells, a row each.

    Raises:
        DataError: a cell has another number of them than the first one, or a word.
    """
    rows: list[NDArray[np.int64]] = []
    for number, cell in enumerate(cells, start=2):
        try:
            row = np.array(cell.split(), dtype=np.int64)
        except ValueError:
            row = np.zeros(0, np.int64)
        if len(row) != len(rows[0] if rows else row) or not len(row):
            raise DataError(
                f"a cell of {cells.name} has not the "
                f"{plural(len(rows[0]) if rows else 0, 'number')} of "
                f"the first one: {cell[:30]!r}",
                where=f"{where}:{number}",
                fix="write as many numbers in each cell, or take the row out",
            )
        rows.append(row)
    return np.stack(rows)


def _usage(columns: Mapping[str, Sequence[str]]) -> list[FolderPart] | None:
    """Return the part of each row where a column names it, as `Usage` of FER2013; else None.

    Rows of validation are labelled as those of train are. Of two test parts, as `PublicTest` and
    `PrivateTest`, both are to be predicted.
    """
    for cells in columns.values():
        found = {cell: guess_part(cell) for cell in set(cells)}
        if {"train", "test"} <= set(found.values()) <= {"train", "test", "holdout"}:
            return ["train" if found[cell] == "holdout" else found[cell] for cell in cells]
    return None


def _of_idx(data: Path) -> Iterator[tuple[str, Mapping[str, NDArray[np.uint8]]]]:
    """Yield the arrays of files as MNIST's, `train-images-idx3-ubyte.gz`, by what they are called.

    Those called t10k are of test; the labels of these are no input.

    Raises:
        DataError: a file is damaged.
    """
    for path in files_below(data, ""):
        name = Path(path).name.lower()
        of_test = name.startswith("t10k") or guess_part(name) == "test"
        if _IDX.fullmatch(name) is None or (of_test and "label" in name):
            continue
        try:
            raw = (data / path).read_bytes()
            raw = gzip.decompress(raw) if name.endswith(".gz") else raw
            n_axes = raw[3]
            shape = np.frombuffer(raw, ">u4", n_axes, _IDX_HEAD).tolist()
            array = np.frombuffer(raw, np.uint8, math.prod(shape), _IDX_HEAD + 4 * n_axes)
        except (OSError, EOFError, IndexError, ValueError, zlib.error) as error:
            what = f"the file is no whole array of bytes: {error}"
            raise DataError(what, where=data / path, fix="download it again") from error
        what = "labels" if n_axes == 1 else "images"
        yield path, {f"{'test' if of_test else 'train'}_{what}": array.reshape(shape)}


def _of_arrays(data: Path, tables: Sequence[str]) -> Iterator[tuple[str, _ArrayPart]]:
    """Yield the parts that arrays of many images are.

    Args:
        data: the folder.
        tables: in it, whose rows may be those of the images; no sample submissions.
    """
    paths = [path for path in files_below(data, "") if path.lower().endswith((".npz", ".npy"))]
    if len(paths) > _MOST_ARRAYS:
        return  # a file an image
    arrays: dict[str, Mapping[str, NDArray[Any]]] = dict(_of_idx(data))
    for path in paths:
        try:
            read = np.load(data / path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            continue
        stem = file_stem(path)
        inside = {stem: read} if path.endswith(".npy") else dict(read)
        # An array that numpy named tells nothing: its file's name does.
        arrays[path] = {stem: inside["arr_0"]} if inside.keys() == {"arr_0"} else inside
    named = [(path, name, array) for path, each in arrays.items() for name, array in each.items()]
    many = [one for one in named if one[2].ndim in (3, 4) and one[2].dtype.kind in "uifb"]
    masks = [
        one
        for one in many
        if _is_called_mask(one[1]) and (one[2].ndim == 3 or one[2].shape[-1] == 1)
    ]
    labels = [one for one in named if one[2].ndim == 1 or one[2].shape[1:] == (1,)]
    read = _read_tables(data, tables) if many else {}
    lengths = {len(one) for _, _, one in labels} | {*map(len, read.values())}
    are_behind = not masks and any(_counts_behind(array, lengths) for _, _, array in many)
    images = [
        (path, name, _channels_last(np.moveaxis(array, -1, 0) if are_behind else array))
        for path, name, array in many
        if not any(array is one for _, _, one in masks)
    ]
    if any(array.ndim == 4 and array.shape[-1] not in SIDES for _, _, array in images):
        return
    places = [_part_of_array(path, name) for path, name, _ in images]
    if len(set(places)) < len(places):
        return  # of several arrays of a part nothing tells which ones are the images
    for part, (path, _, array) in zip(places, images, strict=True):
        of_it = {
            other: [str(one) for one in found.reshape(-1)]
            for file, other, found in labels
            if len(found) == len(array)
            and (file == path or _part_of(other) == part)
            and _part_of(other) in (part, "other")
        }
        ids = [one for one, cells in of_it.items() if _are_ids(one, cells)][:1]
        left = {name: cells for name, cells in of_it.items() if name not in ids}
        columns = left if len(left) != 1 else {"label": next(iter(left.values()))}
        if ids:
            columns[_ID] = of_it[ids[0]]
        fitting = [
            one
            for one in masks
            if one[2].shape[:3] == array.shape[:3]
            and (one[0] == path or _part_of_array(*one[:2]) == part)
        ]
        if len(fitting) > 1:
            return
        found = _ArrayPart(path, array, columns)
        if fitting:
            found = replace(found, masks=fitting[0][2], source_of_masks=fitting[0][0])
        elif not of_it:
            found = _with_table(found, part, read)
        yield part, replace(found, rows="planes of the last axis") if are_behind else found


def _read_tables(data: Path, paths: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the tables that can be read; others are told of where they are needed."""
    found = {}
    for path in paths:
        with suppress(DataError):
            found[path] = read_table(data / path, where=path)
    return found


def _counts_behind(array: NDArray[Any], lengths: Collection[int]) -> bool:
    """Return whether the last axis of an array counts its images, as rows of labels are as many."""
    n, last = len(array), array.shape[-1]
    return last > _MOST_CHANNELS and last in lengths and n not in lengths


def _with_table(part: _ArrayPart, name: str, tables: Mapping[str, pd.DataFrame]) -> _ArrayPart:
    """Return a part with the columns of the one table that has as many rows, and is called as it.

    Of several in one folder, that of the array's name is the one.
    """
    as_many = {
        path: table
        for path, table in tables.items()
        if len(table) == len(part.pixels) and _part_of(path) == name
    }
    alike = {path for path in as_many if _stem(path) == _stem(part.source)} or {*as_many}
    if len(alike) != 1:
        return part
    [path] = alike
    columns = {str(one): [*map(str, cells)] for one, cells in as_many[path].items()}
    return replace(part, columns=_with_names(columns), table=path)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _is_called_mask(name: str) -> bool:
    return is_called(name, "mask") or not _TARGETS.isdisjoint(name_words(name))


_TARGETS = frozenset({"y", "target", "targets"})
_ID_NAMES = frozenset({"id", "ids", "name", "names", "filename", "filenames", "file", "files"})


def _are_ids(name: str, cells: Sequence[str]) -> bool:
    """Return whether an array names its images, in words of which files can be named."""
    called = bool(_ID_NAMES & set(name_words(name)))
    return called and len(set(cells)) == len(cells) and not any("/" in cell for cell in cells)


def _channels_last(array: NDArray[Any]) -> NDArray[Any]:
    """Return `(N, C, H, W)` as `(N, H, W, C)`, where the last axis cannot be the channels."""
    if array.ndim == 4 and array.shape[-1] not in SIDES and array.shape[1] in SIDES:
        return np.moveaxis(array, 1, -1)
    return array


def _part_of_array(path: str, name: str) -> FolderPart:
    part = _part_of(name) if _part_of(name) != "other" else _part_of(path)
    return part if part != "other" else "train"


def _part_of(name: str) -> FolderPart:
    return guess_part(name.rpartition("/")[2])
