"""The content of a data folder by the paths of its files: images, masks, tables and texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium.competition.ids.patterns import files_below, is_image
from podium.competition.infer.files import DataFolder, ImageFile, ids_without
from podium.competition.infer.masks.search import masks_in_arrays, search_masks, with_train
from podium.competition.infer.parts.test_in_train import with_test_beside_masks
from podium.competition.tables import TABLE_SUFFIXES

__all__ = ["scan_folder"]

_TEXTS = (".txt", ".names")

_BOOKS = (".xlsx", ".xlsm")

_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar")


_BY_PRODUCTS = frozenset({"thumbs.db", "desktop.ini"})


def _is_by_product(path: str) -> bool:
    """Return whether a file is what programs leave beside images: statistics of GIS, thumbnails."""
    name = path.rpartition("/")[2].lower()
    return name.endswith(".aux.xml") or name in _BY_PRODUCTS


def scan_folder(
    path: Path,
    spelt: str,
    *,
    files: Sequence[str] | None = None,
    regions: frozenset[str] = frozenset(),
) -> DataFolder:
    """Return the content of the folder `path`; pictures of `regions` are left out of its images.

    Args:
        path: the folder.
        spelt: as `competition.yaml` has it.
        files: that count; default: all below the folder.
        regions: of `files`.
    """
    every = files_below(path, "") if files is None else files
    files = [file for file in every if file not in regions and not _is_by_product(file)]
    paths = [file for file in files if is_image(file)]
    arrays = [file for file in files if file.lower().endswith((".npy", ".npz"))]
    in_arrays = masks_in_arrays(paths, arrays)
    paths = [*paths, *in_arrays] if paths else arrays
    masks = search_masks(path, paths, in_arrays)
    images = with_train([ImageFile(file, masks.part_of(file)) for file in paths])
    images = with_test_beside_masks(images)
    ends = masks.ends
    path_ids = {} if ends is None else ids_without(ends.image, images, ends.start)
    tables = tuple(file for file in files if file.lower().endswith(TABLE_SUFFIXES))
    archives = tuple(
        file for file in files if file.lower().endswith(_ARCHIVES) and file not in tables
    )
    texts = tuple(file for file in files if file.lower().endswith(_TEXTS))
    jsons = tuple(file for file in files if file.lower().endswith((".json", ".jsonl")))
    books = tuple(
        file
        for file in files
        if file.lower().endswith(_BOOKS) and not file.rpartition("/")[2].startswith("~$")
    )
    return DataFolder(
        path,
        spelt,
        images,
        tables,
        archives,
        masks.folders,
        texts,
        jsons=jsons,
        books=books,
        path_ids=path_ids,
        masks_in_folders=masks.are_in_folders,
        others=tuple(sorted({*files} - {*paths})),
        regions=regions,
    )
