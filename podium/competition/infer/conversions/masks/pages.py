"""Masks whose classes are the pages of a TIFF, written as a file of each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.files import DataFolder, possible_image_names
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.masks.values import ClassNames
from podium.errors import DataError, plural
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_mask_pages"]


def write_mask_pages(
    folder: DataFolder, target: Path, *, progress: Progress = SILENT
) -> Outlines | None:
    """Return the pages of the masks of train, written to `target` a file a class.

    None where the first of them is no TIFF of several pages.

    Args:
        target: the folder for the masks.
        progress: of the masks.

    Raises:
        DataError: masks have other numbers of pages, or values of several classes on one.
    """
    masks = train_masks(folder)
    if not masks or _n_pages(folder.path / masks[0].path) < 2:
        return None
    n = _n_pages(folder.path / masks[0].path)
    stems = {image.stem for image in folder.images if image.part in ("train", "other")}
    files: dict[str, list[Path]] = {}
    target.mkdir(parents=True, exist_ok=True)
    with progress.bar("writing pages", len(masks)) as advance:
        for mask in masks:
            stem = next((one for one, *_ in possible_image_names(mask.stem) if one in stems), None)
            if stem is not None:
                files[stem] = [target / f"{stem}_{number}.png" for number in range(1, n + 1)]
                for page, file in zip(_pages(folder, mask.path, n), files[stem], strict=True):
                    Image.fromarray(page).save(file)
            advance(1)
    classes = tuple(str(number) for number in range(1, n + 1))
    note = (
        f"the {plural(n, 'page')} of each mask {'is' if n == 1 else 'are'} taken for the classes "
        f"{', '.join(classes)}"
    )
    sources = tuple(mask.path for mask in masks)
    names = ClassNames("")
    return Outlines(files, sources, "the pages of masks", names, classes, (note,), unnamed="pages")


def _n_pages(path: Path) -> int:
    if path.suffix.lower() not in (".tif", ".tiff"):
        return 1
    try:
        with tifffile.TiffFile(path) as file:
            return len(file.pages)
    except (OSError, ValueError, tifffile.TiffFileError):
        return 1


def _pages(folder: DataFolder, path: str, n: int) -> list[NDArray[np.uint8]]:
    """Return the pages of a mask, 255 where there is something."""
    with tifffile.TiffFile(folder.path / path) as file:
        pages = [np.asarray(page.asarray()) for page in file.pages]
    if len(pages) != n or any(
        page.ndim != 2 or np.unique(page[page != 0]).size > 1 for page in pages
    ):
        raise DataError(
            f"masks of {plural(n, 'page')} are read where each page is black but for one class",
            where=folder.path / path,
            fix="write a mask file of each image and class, or one with a number a class",
        )
    return [np.where(page != 0, np.uint8(255), np.uint8(0)) for page in pages]
