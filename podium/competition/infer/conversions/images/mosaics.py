"""Tiles of larger scenes as the scenes: masks are drawn, and asked for, of whole scenes.

tiles.csv: tile,scene,x_off,y_off         made/images/train/S7.png
           0041,S7,0,0             →      made/images/train_masks/S7.png, which is a copy
           0387,S7,96,0
train_tiles/0041.png  train_masks/S7.png  sample_submission.csv: scene,rle

Where tiles overlap, a pixel is the mean of theirs. They must cover each scene, and a mask is as
large as its scene.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.ids.patterns import bare_name, files_below
from podium.competition.infer.conversions.images.written_images import WrittenImages, copied_tables
from podium.competition.infer.conversions.tables.dialects.spreadsheets import of_other_dialect
from podium.competition.infer.encodings import page_of_tables
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    guess_part_of_path,
)
from podium.competition.infer.labels.column_names import ACROSS_WORDS, DOWN_WORDS
from podium.competition.infer.pictures import picture_size, read_pixels
from podium.competition.infer.sample.submission import sample_submissions
from podium.competition.infer.scan import scan_folder
from podium.competition.spelling import name_words
from podium.competition.tables import TABLE_SUFFIXES, read_table
from podium.errors import DataError, plural
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_mosaics"]

_LARGEST = 30_000  # pixels of a side of a scene


class _Tiles(NamedTuple):
    """A table of tiles.

    Attributes:
        path: of the table.
        scenes: the tiles of each scene, with their left and upper places.
        masks: of scenes, by their names.
    """

    path: str
    scenes: Mapping[str, list[tuple[ImageFile, int, int]]]
    masks: Mapping[str, ImageFile]


def write_mosaics(data: Path, target: Path, *, progress: Progress = SILENT) -> list[WrittenImages]:
    """Return what was written to `target`: scenes, copies of their masks and tables; [] without.

    A table names a tile, its scene and its place in each row, the sample submission names scenes,
    and so do the masks of train. The table of tiles is left out.

    Args:
        data: a folder with images.
        target: a folder that is not there yet, or was written by an earlier call.
        progress: of the scenes.

    Raises:
        DataError: tiles do not cover a scene, or a mask has another size than its scene.
    """
    paths = [path for path in files_below(data, "") if path.lower().endswith(TABLE_SUFFIXES)]
    samples = sample_submissions(paths)
    if not samples or len(paths) < 2:
        return []
    folder = scan_folder(data, "")
    tables = dict(_tables(folder))
    sample = tables.get(samples[0])
    if sample is None:
        return []
    sent = set(sample.iloc[:, 0])
    found = next(filter(None, (_tiles(folder, *one, sent) for one in tables.items())), None)
    if found is None:
        return []
    shutil.rmtree(target, ignore_errors=True)
    rest = [path for path in folder.tables if path != found.path]
    return [*_write(folder, found, target, progress), *copied_tables(data, rest, target)]


def _tables(folder: DataFolder) -> Iterator[tuple[str, pd.DataFrame]]:
    page = page_of_tables(folder)
    for path in folder.tables:
        try:
            yield path, read_table(folder.path / path, where=path)
        except DataError:
            other = of_other_dialect(folder, path, page)
            if other is not None:
                yield path, other.table


def _tiles(folder: DataFolder, path: str, table: pd.DataFrame, sent: set[str]) -> _Tiles | None:
    """Return the tiles of a table; None where it has none, or nothing asks for their scenes."""
    names = list(map(str, table))
    whole = [one for one in names if len(table) and table[one].str.fullmatch(r"\d{1,6}").all()]
    across, down = (
        [one for one in whole if words & {*name_words(one)}] for words in (ACROSS_WORDS, DOWN_WORDS)
    )
    if len(across) != 1 or len(down) != 1 or across == down:
        return None
    rest = [one for one in names if one not in (*across, *down)]
    named = (
        (tile, scene)
        for tile in rest
        for scene in rest
        if tile != scene and table[tile].is_unique and table[scene].duplicated().any()
        if sent <= {*table[scene]} and not sent & {*table[tile]}
    )
    tile, scene = next(named, ("", ""))
    if not tile:
        return None
    files = {one.stem: one for one in folder.images}
    images = [files.get(bare_name(cell)) for cell in table[tile]]
    masks = {name: files[name] for name in table[scene].unique() if name in files}
    if not all(images) or not masks or len(files) < len(folder.images):
        return None
    scenes: dict[str, list[tuple[ImageFile, int, int]]] = {}
    for image, name, x, y in zip(
        images, table[scene], table[across[0]].astype(int), table[down[0]].astype(int), strict=True
    ):
        assert image is not None
        scenes.setdefault(name, []).append((image, x, y))
    return _Tiles(path, scenes, masks)


def _write(
    folder: DataFolder,
    tiles: _Tiles,
    target: Path,
    progress: Progress,
) -> list[WrittenImages]:
    """Write the scenes of each part, and the masks beside them."""
    masks = tiles.masks
    of_part: dict[FolderPart, list[str]] = {}
    for name, each in tiles.scenes.items():
        part = guess_part_of_path(each[0][0].path)
        own: FolderPart = "test" if part == "test" else "train" if name in masks else "unlabelled"
        of_part.setdefault(own, []).append(name)
    written = []
    with progress.bar("putting tiles together", len(tiles.scenes)) as advance:
        for own, names in of_part.items():
            place = target / own
            place.mkdir(parents=True)
            sources = [folder.path / tiles.path]
            for name in names:
                each = tiles.scenes[name]
                scene = _scene(folder, tiles.path, name, each)
                if name in masks:
                    _refuse_other_size(folder, masks[name], scene.shape[:2])
                Image.fromarray(scene).save(place / f"{name}.png")
                sources += [folder.path / image.path for image, _, _ in each]
                advance(1)
            note = f"{place}: {plural(len(names), 'scene')} of the tiles of {tiles.path}"
            written.append(WrittenImages(place, tuple(sources), "scenes of tiles", note))
    place = target / "train_masks"
    place.mkdir()
    for mask in masks.values():
        shutil.copyfile(folder.path / mask.path, place / mask.path.rpartition("/")[2])
    files = tuple(folder.path / mask.path for mask in masks.values())
    note = f"{place}: copies of {plural(len(masks), 'mask')}"
    return [*written, WrittenImages(place, files, "a copy", note)]


def _scene(
    folder: DataFolder, path: str, name: str, tiles: Sequence[tuple[ImageFile, int, int]]
) -> NDArray[np.uint8]:
    """Return the picture of a scene, `(H, W)` or `(H, W, C)`.

    Raises:
        DataError: the tiles leave a gap, or differ in their channels.
    """
    each = [(_pixels(folder.path / image.path), x, y) for image, x, y in tiles]
    height = max(y + one.shape[0] for one, _, y in each)
    width = max(x + one.shape[1] for one, x, _ in each)
    if max(height, width) > _LARGEST:
        raise DataError(
            f"{name} is {width:,} × {plural(height, 'pixel')} by its tiles",
            where=folder.path / path,
            fix="write the place of each tile in pixels of its scene",
        )
    channels = {one.shape[2] for one, _, _ in each}
    if len(channels) > 1:
        raise DataError(
            f"the tiles of {name} have {' and '.join(map(str, sorted(channels)))} channels",
            where=folder.path / path,
            fix="bring the tiles of a scene to one form",
        )
    total = np.zeros((height, width, channels.pop()), dtype=np.float32)
    n = np.zeros((height, width, 1), dtype=np.float32)
    for one, x, y in each:
        total[y : y + one.shape[0], x : x + one.shape[1]] += one
        n[y : y + one.shape[0], x : x + one.shape[1]] += 1
    if not n.all():
        raise DataError(
            f"the tiles of {name} leave {int((n == 0).sum()):,} of its {plural(n.size, 'pixel')} "
            "out",
            where=folder.path / path,
            fix="write the left and the upper place of each tile, in pixels of its scene",
        )
    return np.rint(total / n).astype(np.uint8).squeeze()


def _pixels(path: Path) -> NDArray[np.uint8]:
    pixels = read_pixels(path)
    if pixels is None or pixels.dtype != np.uint8:
        raise DataError(
            "the tile cannot be read as a picture of 8 bits",
            where=path,
            fix="put the tiles together by hand, and give a folder of scenes",
        )
    return pixels.reshape(*pixels.shape[:2], -1)


def _refuse_other_size(folder: DataFolder, mask: ImageFile, size: tuple[int, ...]) -> None:
    own = picture_size(folder.path / mask.path)
    if own != size:
        told = "?" if own is None else f"{own[0]:,} × {own[1]:,}"
        raise DataError(
            f"the mask is {told} (height × width), and its scene {size[0]:,} × {size[1]:,}",
            where=folder.path / mask.path,
            fix="write the left and the upper place of each tile, in pixels of its scene",
        )
