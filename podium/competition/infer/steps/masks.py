"""Steps of masks: drawn of numbers, objects, outlines, circles, spans, pages and flags."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile

from podium.competition.infer.conversions.masks.bit_flags import write_bit_flags
from podium.competition.infer.conversions.masks.circles import read_circles
from podium.competition.infer.conversions.masks.coco_objects import (
    objects_of_outlines,
    read_coco_objects,
)
from podium.competition.infer.conversions.masks.columns_of_pixels import write_columns_of_pixels
from podium.competition.infer.conversions.masks.cut_outs import write_cut_outs
from podium.competition.infer.conversions.masks.masks_of_people import write_masks_of_people
from podium.competition.infer.conversions.masks.number_grids import write_number_masks
from podium.competition.infer.conversions.masks.outlines import Outlines, write_outlines
from podium.competition.infer.conversions.masks.pages import write_mask_pages
from podium.competition.infer.conversions.masks.painted_copies import write_painted_copies
from podium.competition.infer.conversions.masks.pasted_pieces import read_pieces
from podium.competition.infer.conversions.masks.spans import write_spans
from podium.competition.infer.conversions.masks.spelt_classes import write_spelt_classes
from podium.competition.infer.conversions.parts.equal_names import (
    with_named_by_sample,
    with_unmasked_apart,
)
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.column_names import named_columns
from podium.competition.infer.masks.example_runs import find_example_runs
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.masks.search import with_train
from podium.competition.infer.readme.texts import texts_as_written
from podium.competition.infer.sample import runs_as_lengths
from podium.competition.infer.sample.broken_runs import refuse_broken_runs
from podium.competition.infer.sample.runs import EMPTY_CELLS, runs_column
from podium.competition.infer.sample.runs_as_lengths import signs_of_runs
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import MASKS_ALONE, Sources
from podium.competition.made_files import MADE, MadeFile
from podium.errors import DataError, plural, some

__all__ = [
    "with_circles",
    "with_columns_of_pixels",
    "with_cut_outs",
    "with_drawn_masks",
    "with_example_runs",
    "with_lengths_of_runs",
    "with_masks_of_people",
    "with_masks_of_sample",
    "with_number_masks",
    "with_objects",
    "with_painted_copies",
    "with_pairs_as_runs",
    "with_pasted_pieces",
    "with_runs_of_counts",
    "with_whole_runs",
]


def with_pairs_as_runs(found: Sources) -> Sources:
    """Return the sources whose sample has runs in the one column of pairs, beside masks of train.

    As `lesion` with `-` and `1 32`: no table of train has that column, and no name tells it.
    """
    sample = found.sample
    has_masks = found.outlines is not None or bool(train_masks(found.folder))
    if sample is None or not has_masks or runs_column(sample) is not None:
        return found
    columns = [
        name
        for name in sample.values
        if _are_pairs_or_nothing(set(sample.table[name]))
        if not any(name in table for table in found.tables.values())
    ]
    if len(columns) != 1:
        return found
    note = (
        f"the cells of {columns[0]} in {sample.path} are taken for runs: they are pairs of numbers"
    )
    return replace(found, sample=replace(sample, runs=columns[0])).with_note(note)


def with_runs_of_counts(found: Sources) -> Sources:
    """Return the sources whose sample has starts and lengths in place of counts in turn."""
    sample = runs_as_lengths.with_runs_of_counts(found)
    return found if sample is None else replace(found, sample=sample)


def with_example_runs(found: Sources) -> Sources:
    """Return the sources without a table of worked rows of train, whose runs the sample has, too.

    Where a person names a label, it may be one of that table.
    """
    example = None if found.label is not None else find_example_runs(found)
    sample = found.sample
    if example is None or sample is None:
        return found
    rest = found.without_tables([example.path])
    told = (
        f"{example.path} has rows of {plural(example.n, 'image')} of train in the form of the "
        "sample, and is no table of train"
    )
    column, signs = example.column, example.signs
    if not example.ways:
        note = f"{told}: no way to count its runs gives the masks of these images; ask the host"
        sample = runs_as_lengths.with_lengths_of_runs(sample, shown={column: signs})
        return replace(rest, sample=replace(sample, runs=column)).with_note(note)
    second, *others = example.seconds
    of_second = {} if second == "length" else {"second": second}
    cells = [runs_as_lengths.lengths_of(one, second, signs) for one in sample.table[column]]
    sample = replace(
        sample,
        table=sample.table.assign(**{column: cells}),
        runs=column,
        run_pairs={**of_second, **signs.options},
        run_parts=example.parts,
        why_pairs=f"{example.path} has runs of one reading, and another one" if others else "",
    )
    return replace(rest, sample=sample).with_note(f"{told}: its runs are the masks of these images")


def with_lengths_of_runs(found: Sources) -> Sources:
    """Return the sources whose sample has starts and lengths in place of first and last pixels."""
    if found.sample is None:
        return found
    shown = _signs_in_texts(found.folder, found.sample)
    sample = runs_as_lengths.with_lengths_of_runs(found.sample, shown=shown)
    return found if sample is found.sample else replace(found, sample=sample)


def _signs_in_texts(
    folder: DataFolder, sample: SampleSubmission
) -> dict[str, runs_as_lengths.RunSigns]:
    """Return the signs of runs by the column of the sample, where rows in texts have several.

    Such rows stand below the sample's header, as in a block of code.
    """
    header = [str(one) for one in sample.table]
    sep = str(sample.file.get("sep", ","))
    found: dict[str, runs_as_lengths.RunSigns] = {}
    for _, text in texts_as_written(folder):
        lines = [line.strip() for line in re.sub(r"<[^<>]*>", "\n", text).splitlines()]
        if sep.join(header) not in lines:
            continue
        rows = [line.split(sep) for line in lines[lines.index(sep.join(header)) + 1 :]]
        rows = list(takewhile(lambda cells: len(cells) == len(header), rows))
        for name, cells in zip(header, zip(*rows, strict=True), strict=False):
            signs = signs_of_runs(cells)
            if signs is not None:
                found.setdefault(name, signs)
    return found


def with_whole_runs(found: Sources) -> Sources:
    """Return the sources as they are, where each cell of a table of runs is one.

    Beside masks in files, and where a person names another label, such a table is not read.

    Raises:
        BrokenRunsError: a few cells are none.
    """
    if not train_masks(found.folder):
        for path, table in found.tables.items():
            if found.label is None or not named_columns(found.label, table.columns):
                refuse_broken_runs(found.folder.path, path, table, found.sample)
    return found


def with_masks_of_sample(found: Sources) -> Sources:
    """Return the sources whose sample has masks in its one column of answers, as a person names it.

    A column that a table of train has, beside mask files, is of labels: masks are sent otherwise.

    Raises:
        DataError: it has several columns, and none of them shows masks.
    """
    sample = found.sample
    if not found.masks_alone or sample is None or runs_column(sample) is not None:
        return found
    if len(sample.values) != 1:
        raise DataError(
            f"no column of the sample submission holds masks: {some(sample.values)}",
            where=found.folder.path / sample.path,
            fix=f"leave out --label {MASKS_ALONE}, or take that file out of the data",
        )
    column = sample.values[0]
    is_of_labels = any(column in table for table in found.tables.values())
    if is_of_labels and train_masks(found.folder):
        note = f"{sample.path} has {column}, which a table of train has: it is no sample of masks"
        return replace(found, sample=None).with_note(note)
    note = f"{column} of {sample.path} shows no mask, and is taken for masks as runs"
    return replace(found, sample=replace(sample, runs=sample.values[0])).with_note(note)


def _are_pairs_or_nothing(cells: set[str]) -> bool:
    pairs = {cell for cell in cells if _PAIRS.fullmatch(cell)}
    return bool(pairs - {*EMPTY_CELLS}) and cells <= {*pairs, *EMPTY_CELLS}


_PAIRS = re.compile(r"\d+ \d+(?: \d+ \d+)*")


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


def with_columns_of_pixels(found: Sources) -> Sources:
    """Return the sources with the mask files of a table with a column for each image."""
    sample, folder = found.sample, found.folder
    if found.outlines is not None or train_masks(folder) or found.label is not None:
        return found
    shown = {} if sample is None else {sample.path: sample.table}
    pixels = write_columns_of_pixels(
        replace(found, tables={**found.tables, **shown}),
        found.root / MADE / "masks",
        progress=found.progress,
    )
    if pixels is None:
        return found
    found = _with_outlines(found, pixels.outlines).without_tables(pixels.to_send)
    if sample is not None and sample.path in pixels.to_send:
        found = replace(found, sample=None)
    return found.with_note(*pixels.notes)


def with_pasted_pieces(found: Sources) -> Sources:
    """Return the sources with the pieces of masks that a table places in images, as annotations.

    Beside whole masks of train they are not used. A person may name a label of theirs.
    """
    if found.outlines is not None or found.label is not None:
        return found
    pieces = read_pieces(found)
    if pieces is None:
        return found
    of_pieces = {*pieces.annotations.pictures}
    images = [one for one in found.folder.images if one.path not in of_pieces]
    folder = replace(found.folder, images=with_train(images))
    rest = replace(found.without_tables([pieces.path]), folder=folder)
    if train_masks(folder):
        n = len(of_pieces)
        return rest.with_note(
            f"{pieces.path} places {plural(n, 'piece')} of masks in images, and is not used: train "
            "has whole masks"
        )
    return replace(rest, annotations=pieces.annotations)


def with_cut_outs(found: Sources) -> Sources:
    """Return the sources with the mask files of copies of images without their background."""
    if found.outlines is not None:
        return found
    return _with_copies(
        found, write_cut_outs(found.folder, found.root / MADE / "masks", progress=found.progress)
    )


def with_masks_of_people(found: Sources) -> Sources:
    """Return the sources with the masks that most of several people drew, in place of each's."""
    if found.outlines is not None:
        return found
    target = found.root / MADE / "masks"
    return _with_copies(found, write_masks_of_people(found.folder, target, progress=found.progress))


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
    apart = with_named_by_sample(found.folder, found.sample)
    circles = read_circles(replace(found, folder=apart), found.annotations)
    return found if circles is None else replace(found, annotations=circles)


def with_objects(found: Sources) -> Sources:
    """Return the sources with the objects of COCO's JSON, or of outlines."""
    if train_masks(found.folder) or found.outlines is not None or found.counted:
        return found
    folder, sample = found.folder, found.sample
    apart = with_named_by_sample(folder, sample)
    coco = read_coco_objects(folder, sample, progress=found.progress) or objects_of_outlines(
        replace(found, folder=apart), found.annotations
    )
    if coco is None:
        return found
    coco = replace(coco, folder=folder) if coco.folder is apart else coco
    return replace(found, coco=coco, folder=coco.folder)


def with_drawn_masks(found: Sources) -> Sources:
    """Return the sources with the mask files that are drawn of outlines, or are pages or flags."""
    if found.coco is not None or found.outlines is not None or found.counted:
        return found
    target, folder = found.root / MADE / "masks", found.folder
    progress = found.progress
    if train_masks(folder):
        outlines = write_mask_pages(folder, target, progress=progress)
        outlines = outlines or write_bit_flags(found, target, progress=progress)
        outlines = outlines or write_spelt_classes(folder, target, found.sample, progress=progress)
    else:
        apart = with_named_by_sample(folder, found.sample)
        data = replace(found, folder=apart)
        outlines = write_outlines(data, target, found.annotations, progress=progress)
        if outlines is not None and (found.sample is not None or apart.of_part("test")):
            found = _with_rest_unlabelled(found, apart, outlines)
        outlines = outlines or write_spans(found, target)
    return found if outlines is None else _with_outlines(found, outlines)


def _with_rest_unlabelled(found: Sources, apart: DataFolder, outlines: Outlines) -> Sources:
    """Return the sources; folders whose images are called as those with a mask are unlabelled.

    Args:
        found: the sources.
        apart: their folder, with the images that the sample names as those of test.
        outlines: the masks.
    """
    rest = with_unmasked_apart(apart, outlines.keys).of_part("unlabelled")
    paths = {one.path for one in rest} - {one.path for one in apart.of_part("unlabelled")}
    if not paths:
        return found
    where = some(sorted({one.folder for one in rest if one.path in paths}), 3)
    return found.with_folder(
        found.folder.with_part("unlabelled", paths),
        f"{plural(len(paths), 'image')} in {where} {'is' if len(paths) == 1 else 'are'} called "
        "as others that have outlines, and "
        "have none: they are taken for unlabelled ones",
    )


def _with_outlines(found: Sources, outlines: Outlines) -> Sources:
    """Return the sources with mask files that were written to the workspace."""
    folder = found.folder
    used = (*outlines.sources, *outlines.pictures)
    sources = tuple(folder.path.absolute() / one for one in used)
    maps = () if outlines.maps is None else outlines.maps.folders
    paths = [
        f"{MADE}/{name}" for name in ("masks", *(name for name, _ in (*outlines.others, *maps)))
    ]
    ends = (".png", "_{class}.png")
    drawn = {f"{path}/{one}{end}" for path in paths for one in ("{id}", "{stem}") for end in ends}
    if any("/" in one for one in outlines.files):  # in folders, as their images are
        drawn |= {f"{path}/" for path in paths}
    return replace(
        found,
        folder=replace(folder, made=folder.made | drawn),
        tables={name: one for name, one in found.tables.items() if name not in outlines.sources},
        outlines=outlines,
        made=(*found.made, *(MadeFile(path, sources, outlines.reader) for path in paths)),
    )
