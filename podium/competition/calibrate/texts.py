"""The texts of the training masks, image by image, and what they can be compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.calibrate.codec_answers import ImageTexts
from podium.competition.images import first_file, image_size, read_image
from podium.competition.infer.files import DataFolder, readings
from podium.competition.infer.masks import train_masks
from podium.competition.infer.runs import MaskRuns, find_runs, split_keys
from podium.competition.masks import IGNORE, Mask, MaskRef, Truths, truth_masks
from podium.competition.spec import Competition
from podium.errors import DataError

__all__ = ["MOST_IMAGES", "train_texts"]

MOST_IMAGES = 400
_PICTURE_PX = 16_000_000
_TRUTH_PX = 120_000_000
Truth = Callable[[], "NDArray[np.bool_] | None"]


def train_texts(
    competition: Competition,
    samples: pd.DataFrame,
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[list[ImageTexts], str]:
    """Return the texts of train images, at most `MOST_IMAGES`, and the table that they stand in.

    That is the table of `data.train.mask`; where masks are files, a table of runs beside them. Of
    more images than that, half are those with the longest texts, which tell most, and half are
    drawn with a fixed seed.

    Args:
        competition: says where masks are.
        samples: of train.
        folder: the data folder; mask files in it are the truth of a table's rows.
        tables: of the folder, by path.
    """
    texts, where = _of_spec(competition, samples)
    files: dict[int, list[str]] = {}
    if texts:
        files = _files_of(folder, samples)
    else:
        runs = find_runs(folder, tables)
        if runs is None:
            return [], ""
        texts, where = _of_table(runs, tables[runs.path], folder, samples), runs.path
    chosen = _chosen({row: sum(map(len, cells)) for row, cells in texts.items()})
    masks = truth_masks(competition, samples) if _has_files(competition) else None
    found = []
    for row in chosen:
        path = competition.root / first_file(samples["images"].iloc[row])
        try:
            size = image_size(path, competition.reader)
        except (DataError, OSError):
            continue
        truth: Truth | None = None
        if size[0] * size[1] <= _TRUTH_PX:
            if masks is not None:
                truth = partial(_truth_of_sample, masks, row)
            elif row in files:
                truth = partial(_truth_of_files, folder, files[row])
        picture = partial(_grey, competition, path) if size[0] * size[1] <= _PICTURE_PX else None
        cells = tuple(texts[row])
        found.append(ImageTexts(str(samples["id"].iloc[row]), size, cells, truth, picture))
    return found, where


def _of_spec(competition: Competition, samples: pd.DataFrame) -> tuple[dict[int, list[str]], str]:
    mask = competition.data.train.mask
    if mask is None or isinstance(mask, str):
        return {}, ""
    refs: list[MaskRef | None] = list(samples["mask"])
    texts = {row: [one for _, one, _ in ref.runs] for row, ref in enumerate(refs) if ref}
    return {row: cells for row, cells in texts.items() if cells}, mask.table


def _has_files(competition: Competition) -> bool:
    return "segment" in competition.tasks and isinstance(competition.data.train.mask, str)


def _of_table(
    runs: MaskRuns, table: pd.DataFrame, folder: DataFolder, samples: pd.DataFrame
) -> dict[int, list[str]]:
    column, _, template = runs.id.partition("=")
    cells = list(table[column])
    if "_" in template:
        split = split_keys(cells, folder)
        cells = cells if split is None else split[0]
    by_id = {str(one): row for row, one in enumerate(samples["id"])}
    by_path = {str(first_file(paths)): row for row, paths in enumerate(samples["images"])}
    texts: dict[int, list[str]] = defaultdict(list)
    for cell, text in zip(cells, table[runs.rle], strict=True):
        row = by_id.get(cell)
        if row is None:
            paths = (folder.spell(image.path) for image in folder.named(cell))
            row = next((by_path[path] for path in paths if path in by_path), None)
        if row is not None and text not in runs.empty:
            texts[row].append(text)
    return dict(texts)


def _files_of(folder: DataFolder, samples: pd.DataFrame) -> dict[int, list[str]]:
    """Return the mask files of each row of the samples that has some, by their names."""
    rows: dict[str, int] = {}
    for row, paths in enumerate(samples["images"]):
        name = first_file(paths).rpartition("/")[2]
        rows.setdefault(name.rpartition(".")[0] or name, row)
    found: dict[int, list[str]] = defaultdict(list)
    for mask in train_masks(folder):
        named = [rows[stem] for stem, *_ in readings(mask.stem) if stem in rows]
        if named:
            found[named[0]].append(mask.path)
    return dict(found)


def _chosen(lengths: Mapping[int, int]) -> list[int]:
    """Return the rows to look at, those with the longest texts first."""
    ranked = sorted(lengths, key=lambda row: (-lengths[row], row))
    if len(ranked) <= MOST_IMAGES:
        return ranked
    half = MOST_IMAGES // 2
    drawn = np.random.default_rng(0).choice(ranked[half:], half, replace=False)
    return [*ranked[:half], *(int(row) for row in drawn)]


def _truth_of_sample(masks: Truths[Mask], row: int) -> NDArray[np.bool_] | None:
    try:
        mask = masks[row]
    except DataError:
        return None
    if mask is None:
        return None
    known: NDArray[np.bool_] = (mask != 0) & (mask != IGNORE)
    return known if known.ndim == 2 else np.any(known, axis=2)


def _truth_of_files(folder: DataFolder, paths: Sequence[str]) -> NDArray[np.bool_] | None:
    found: NDArray[np.bool_] | None = None
    for path in paths:
        try:
            with Image.open(folder.path / path) as opened:
                # Of an indexed file the index is the value; 0 is background either way.
                plain = opened if opened.mode in ("P", "L", "1") else opened.convert("L")
                pixels = np.asarray(plain)
        except Exception:  # Pillow raises what it likes on damage; `podium check` says it well
            return None
        lossy = path.lower().endswith((".jpg", ".jpeg"))
        mask = pixels > (127 if lossy else 0)
        if found is not None and found.shape != mask.shape:
            return None
        found = mask if found is None else found | mask
    return found


def _grey(competition: Competition, path: Path) -> NDArray[np.float32]:
    try:
        image = read_image(path, competition.reader)
    except DataError:
        return np.zeros((0, 0), dtype=np.float32)
    grey: NDArray[np.float32] = image.astype(np.float32).mean(axis=2, dtype=np.float32)
    return grey
