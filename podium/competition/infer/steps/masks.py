"""Steps of masks: drawn of numbers, objects, outlines, circles, spans, pages and flags."""

from __future__ import annotations

from dataclasses import replace

from podium.competition.infer.conversions.masks.bit_flags import write_bit_flags
from podium.competition.infer.conversions.masks.circles import read_circles
from podium.competition.infer.conversions.masks.coco_objects import (
    objects_of_outlines,
    read_coco_objects,
)
from podium.competition.infer.conversions.masks.cut_outs import write_cut_outs
from podium.competition.infer.conversions.masks.number_grids import write_number_masks
from podium.competition.infer.conversions.masks.outlines import Outlines, write_outlines
from podium.competition.infer.conversions.masks.pages import write_mask_pages
from podium.competition.infer.conversions.masks.painted_copies import write_painted_copies
from podium.competition.infer.conversions.masks.spans import write_spans
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.sample.runs import runs_column
from podium.competition.infer.sources import Sources
from podium.competition.made_files import MADE, MadeFile

__all__ = [
    "with_circles",
    "with_cut_outs",
    "with_drawn_masks",
    "with_number_masks",
    "with_objects",
    "with_painted_copies",
]


def with_number_masks(found: Sources) -> Sources:
    """Return the sources with the mask files of masks that come as numbers, which are no tables."""
    outlines = write_number_masks(
        found.folder, found.root / MADE / "masks", progress=found.progress
    )
    if outlines is None:
        return found
    found = _with_outlines(found, outlines)
    used, folder = set(outlines.sources), found.folder
    tables = tuple(path for path in folder.tables if path not in used)
    texts = tuple(path for path in folder.texts if path not in used)
    return replace(found, folder=replace(folder, tables=tables, texts=texts))


def with_cut_outs(found: Sources) -> Sources:
    """Return the sources with the mask files of copies of images without their background."""
    if found.outlines is not None:
        return found
    return _with_copies(
        found, write_cut_outs(found.folder, found.root / MADE / "masks", progress=found.progress)
    )


def with_painted_copies(found: Sources) -> Sources:
    """Return the sources with the mask files of copies of images that somebody painted in.

    Where the sample submission asks for labels or numbers, such copies are left alone.
    """
    if found.outlines is not None or train_masks(found.folder):
        return found
    if found.sample is not None and runs_column(found.sample) is None:
        return found
    return _with_copies(
        found,
        write_painted_copies(found.folder, found.root / MADE / "masks", progress=found.progress),
    )


def _with_copies(found: Sources, copies: tuple[DataFolder, Outlines] | None) -> Sources:
    """Return the sources with the masks of copies of images, and the folder without these."""
    if copies is None:
        return found
    folder, outlines = copies
    return _with_outlines(replace(found, folder=folder), outlines)


def with_circles(found: Sources) -> Sources:
    """Return the sources with the circles of a table as annotations, where nothing has outlines."""
    if train_masks(found.folder) or found.outlines is not None or found.counted:
        return found
    circles = read_circles(found.folder, found.tables, found.sample, found.annotations)
    return found if circles is None else replace(found, annotations=circles)


def with_objects(found: Sources) -> Sources:
    """Return the sources with the objects of COCO's JSON, or of outlines."""
    if train_masks(found.folder) or found.outlines is not None or found.counted:
        return found
    folder, sample = found.folder, found.sample
    coco = read_coco_objects(folder, sample, progress=found.progress) or objects_of_outlines(
        folder, found.tables, sample, found.annotations
    )
    return found if coco is None else replace(found, coco=coco, folder=coco.folder)


def with_drawn_masks(found: Sources) -> Sources:
    """Return the sources with the mask files that are drawn of outlines, or are pages or flags."""
    if found.coco is not None or found.outlines is not None or found.counted:
        return found
    target, folder = found.root / MADE / "masks", found.folder
    progress = found.progress
    if train_masks(folder):
        outlines = write_mask_pages(folder, target, progress=progress)
        outlines = outlines or write_bit_flags(
            folder, target, found.tables, found.sample, progress=progress
        )
    else:
        tables = found.tables
        outlines = write_outlines(folder, target, tables, found.annotations, progress=progress)
        outlines = outlines or write_spans(folder, target, tables, found.sample)
    return found if outlines is None else _with_outlines(found, outlines)


def _with_outlines(found: Sources, outlines: Outlines) -> Sources:
    """Return the sources with mask files that were written to the workspace."""
    folder = found.folder
    sources = tuple(folder.path.absolute() / one for one in outlines.sources)
    paths = [f"{MADE}/{name}" for name in ("masks", *(name for name, _ in outlines.others))]
    ends = (".png", "_{class}.png")
    drawn = {f"{path}/{one}{end}" for path in paths for one in ("{id}", "{stem}") for end in ends}
    return replace(
        found,
        folder=replace(folder, made=folder.made | drawn),
        tables={name: one for name, one in found.tables.items() if name not in outlines.sources},
        outlines=outlines,
        made=(*found.made, *(MadeFile(path, sources, outlines.reader) for path in paths)),
    )
