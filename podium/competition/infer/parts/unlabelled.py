"""Images that train shows, and that nothing labels: they become `data.unlabelled`.

Rows of its table without a label, images without a mask where others have one, and those beside
the images of train that no table names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, guess_part
from podium.competition.infer.findings.folder import FolderFindings, ImagesWithoutMasks
from podium.competition.infer.image_tables import ImageTable
from podium.competition.infer.labels.cells import has_fractions, known_cells
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.claims import readme_absent_rows, readme_no_classes
from podium.competition.infer.readme.missing_labels import readme_unlabelled
from podium.competition.infer.sources import Sources
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import MaskRef
from podium.errors import DataError, plural, some

__all__ = [
    "with_images_of_no_table",
    "with_images_without_masks",
    "with_unlabelled_of_texts",
    "without_blank_labels",
]


def with_unlabelled_of_texts(sources: Sources, train: TrainPart, test: PartImages) -> Sources:
    """Return the sources; images of folders that have no labels, as a text states, are such.

    They lie in folders beside those of train and test. Nothing else is unlabelled.
    """
    folder, known = sources.folder, {*train.used, *test.paths}
    if folder.of_part("unlabelled") or folder.channels or sources.unit:
        return sources
    places = {one.folder for one in folder.images if one.path in known or one.part == "mask"}
    images = [one for one in folder.of_part("other") if one.folder not in places]
    told = readme_unlabelled(folder, {one.folder for one in images if one.folder})
    if told is None:
        return sources
    paths = [one.path for one in images if one.folder in told.folders]
    note = (
        f"{plural(len(paths), 'image')} in {some(told.folders)} "
        f"{'is' if len(paths) == 1 else 'are'} data.unlabelled, as {told.told}"
    )
    return sources.with_folder(folder.with_part("unlabelled", paths), note)


def without_blank_labels(
    sources: Sources, train: TrainPart, test: PartImages
) -> tuple[Sources, TrainPart, ImageTable | None]:
    """Return the sources, train without its rows that have no label, and these as a table.

    All cells of labels of such a row are missing; those of test images are left out. A blank list
    is an image without a class where a text states that there are such, or the sample has blank
    cells beside others; where nothing tells, and no word stands for none, train has the other
    reading.
    """
    match, labels = train.match, train.labels
    if match is None or labels is None or match.join is not None:
        return sources, train, None
    columns = labels.column_names
    sources, train = _with_other_labels(sources, train, columns)
    is_blank = _are_blank(match.table, columns)
    if not is_blank.any() or is_blank.all():
        return sources, train, None
    others = is_blank & ~match.table[match.id].isin(list(test.ids))
    may_be_none = _lists_classes(labels) and others.any()
    if may_be_none and (why := _why_without_classes(sources, labels, match.path)):
        if not others.equals(is_blank):
            sources, of_train = _rows_of(sources, match, "of_train", ~is_blank | others)
            train = replace(train, match=of_train)
        note = (
            f"{plural(others.sum(), 'row')} of {match.path} "
            f"{'has' if others.sum() == 1 else 'have'} a blank cell in "
            f"{some(columns)}: images without a class, as "
            f"{why}"
        )
        return sources.with_note(note), train, None
    sources, labelled = _rows_of(sources, match, "labelled", ~is_blank)
    train = replace(train, match=labelled)
    if not others.any():
        return sources, train, None
    if may_be_none and others.equals(is_blank):
        train = replace(train, with_blank=match.path)
    sources, rest = _rows_of(sources, match, "unlabelled", others)
    note = (
        f"{plural(others.sum(), 'row')} of {match.path} {'has' if others.sum() == 1 else 'have'} "
        f"no label in {some(columns)}: their "
        "images are data.unlabelled"
    )
    if train.with_blank:
        note = f"{note}, or they have no class: choose data.train.table"
    elif labels.classes and isinstance(labels.column, str):
        note = f"{note}; where a blank cell is a class, write its name there"
    return sources.with_note(note), train, rest


def _are_blank(table: pd.DataFrame, columns: Sequence[str]) -> pd.Series[bool]:
    """Return which rows have no label in any of the columns."""
    known = {row for one in columns for row in known_cells(table[one]).index}
    return pd.Series([row not in known for row in table.index], table.index)


def _with_other_labels(
    sources: Sources, train: TrainPart, columns: Sequence[str]
) -> tuple[Sources, TrainPart]:
    """Return train whose other tables, which a person may choose, have labelled rows alone."""
    found = []
    for path, why in train.other_tables:
        table = sources.tables.get(path)
        if table is not None and set(columns) <= set(table):
            is_blank = _are_blank(table, columns)
            if 0 < (n := int(is_blank.sum())) < len(table):
                reader = f"the {plural(len(table) - n, 'row')} of {path} that are labelled"
                made = MadeTable((path,), reader, table[~is_blank])
                why = (
                    f"{why}; {plural(n, 'row')} of {path} without a label {_are(n)} left out there"
                )
                sources, path = sources.written(f"{Path(path).stem}_labelled.csv", made)
        found.append((path, why))
    return sources, replace(train, other_tables=tuple(found))


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def with_images_of_no_table(
    sources: Sources, train: TrainPart, test: PartImages
) -> tuple[Sources, TrainPart, PartImages | None]:
    """Return the images that no table names as an unlabelled part, beside those of train and test.

    Tables name the images of both. The others lie in a folder of train, and have names of the form
    that images of tables have; no file of the data names them, but for a list of unlabelled ones.
    Where the table of train has a row for each class found in an image, they have none of these if
    a text tells so; else train has this reading, too.
    """
    rest = _images_of_no_table(sources, train, test)
    if not rest:
        return sources, train, None
    more = _with_rows_of(sources, train, rest)
    if more is not None:
        blank, reader = more
        names = _rows_of_classes(sources, blank.path)
        column = None if train.labels is None else train.labels.column
        why = readme_absent_rows(sources.folder, names)
        if isinstance(column, str):
            why = why or readme_no_classes(sources.folder, column)
        made = MadeTable((blank.path,), f"{reader}, as {why}" if why else reader, blank.table)
        if why:
            sources = sources.with_table_instead(blank.path, "and_blank", made)
            blank = replace(blank, path=sources.made[-1].path)
            return sources, replace(train, match=blank), None
        sources, path = sources.written(f"{Path(blank.path).stem}_and_blank.csv", made)
        train = replace(train, with_blank=path)
    stems = [image.stem for image in rest]
    ids = stems if len({*stems}) == len(stems) else [image.path for image in rest]
    paths = [image.path for image in rest]
    table = pd.DataFrame({"id": ids, "image": paths}, dtype=object)
    reader = f"the {plural(len(rest), 'image')} beside those of train that no table names"
    sources, path = sources.written("unlabelled.csv", MadeTable(tuple(paths), reader, table))
    otherwise = "where they are none, leave that out"
    if train.with_blank:
        otherwise = "where they show none of the classes, choose data.train.table"
    sources = sources.with_note(
        f"{path} has {reader} (as {paths[0]}): they are taken for images that nobody labelled, "
        f"data.unlabelled; {otherwise}"
    )
    return sources, train, PartImages("{image}", "id", len(rest), reader, table=path)


def _with_rows_of(
    sources: Sources, train: TrainPart, rest: Sequence[ImageFile]
) -> tuple[ImageTable, str] | None:
    """Return train's table with rows of more images without a class, and what it is; or None.

    Train has a row an image, of a table with a row for each class found. Paths have the cells of
    its column of ids. What repeats in other columns, as groups do, is unknown of these: each is a
    group of its own, called as its path.
    """
    match, labels = train.match, train.labels
    if match is None or labels is None or not _rows_of_classes(sources, match.path):
        return None
    if labels.none or not labels.kind.is_by_class:
        return None
    pattern = Pattern(match.template)
    fields = [pattern.match(one.path) for one in rest]
    if pattern.fields != (match.id,) or pattern.has_wildcards or None in fields:
        return None
    cell = "0" if labels.separator is None else ""
    blank = dict.fromkeys(map(str, match.table), "") | dict.fromkeys(labels.column_names, cell)
    repeated = [
        one
        for one in blank
        if one not in (match.id, *labels.column_names)
        and not match.table[one].is_unique
        and not has_fractions(match.table[one])
    ]
    rows = pd.DataFrame(
        [
            {**blank, **dict.fromkeys(repeated, image.path), **(one or {})}
            for image, one in zip(rest, fields, strict=True)
        ],
        columns=match.table.columns,
    )
    table = pd.concat([match.table, rows], ignore_index=True).astype(object)
    n, told = plural(len(rest), "image"), f", with their paths as {some(repeated)}"
    told = f"{match.path} and {n} without a row{told if repeated else ''}"
    return replace(match, table=table, images=(*match.images, *rest)), told


def _images_of_no_table(sources: Sources, train: TrainPart, test: PartImages) -> list[ImageFile]:
    """Return the images that `with_images_of_no_table` is of; [] without."""
    match, folder = train.match, sources.folder
    if match is None or match.several or match.join is not None:
        return []
    # Of classes found, images without any are rows whatever names those to predict.
    is_apart = bool(_rows_of_classes(sources, match.path) and folder.of_part("test"))
    if not (test.paths or is_apart):
        return []
    if sources.unit or sources.rows or sources.coco or folder.channels:
        return []
    known = {*train.used, *test.paths}
    named = [image for image in folder.of_part(*_POOL) if image.path in known]
    folders = {image.folder for image in train.images}
    suffixes, forms = {image.suffix for image in named}, {_form_of(image) for image in named}
    rest = [
        image
        for image in folder.of_part(*_POOL)
        if image.path not in known and image.folder in folders and image.suffix in suffixes
        if _form_of(image) in forms or len(forms) > _MANY_FORMS
    ]
    told = _words_of_files(folder) if rest else set[str]()
    return [image for image in rest if not {image.stem, image.name} & told]


_POOL: tuple[FolderPart, ...] = ("train", "other")
_MANY_FORMS = 20
_LARGEST = 100_000_000  # bytes of a file that may name images


def _form_of(image: ImageFile) -> str:
    """Return the name of an image with a sign for each number: `wx_00001` and `wx_7` are alike."""
    return re.sub(r"\d+", "0", image.stem)


def _words_of_files(folder: DataFolder) -> set[str]:
    """Return what files of the data name, but for lists of images that nobody labelled."""
    found = set[str]()
    for path in (*folder.tables, *folder.texts, *folder.jsons):
        file = folder.path / path
        is_list = guess_part(path.rpartition("/")[2]) == "unlabelled"
        if not is_list and path not in folder.made and file.stat().st_size <= _LARGEST:
            words = re.split(r"[\s,;|\"']+", read_text(file, folder))
            found |= {word.rpartition("/")[2] for word in words}
    return found


def _lists_classes(labels: InferredLabels) -> bool:
    """Return whether cells list classes, and no word there stands for none."""
    return labels.separator is not None and labels.kind.is_by_class and not labels.none


def _rows_of_classes(sources: Sources, path: str) -> frozenset[str]:
    """Return the tables with a row for each class found that a table was made of; none of others.

    Args:
        path: of the table with a row for each image.
    """
    rows = sources.found_in & sources.origins_of(path)
    return frozenset(name for one in rows for name in sources.origins_of(one))


def _why_without_classes(sources: Sources, labels: InferredLabels, path: str) -> str:
    """Return what shows that an image may have none of the classes; "" where nothing does.

    Args:
        path: of the table with a row for each image.
    """
    told = readme_no_classes(sources.folder, str(labels.column))
    told = told or readme_absent_rows(sources.folder, _rows_of_classes(sources, path))
    sample = sources.sample
    if told or sample is None or len(sample.values) != 1:
        return told
    cells = sample.table[sample.values[0]]
    some_are_blank = bool((cells == "").any() and (cells != "").any())
    return f"{sample.path} has blank cells, too" if some_are_blank else ""


def _rows_of(
    sources: Sources, match: ImageTable, name: str, rows: pd.Series[bool]
) -> tuple[Sources, ImageTable]:
    """Return some rows of a table of images as a table of this name, and the sources with it."""
    table = match.table[rows].reset_index(drop=True)
    written = [one for one in match.table if "{" not in str(one)]
    reader = f"the {plural(len(table), 'row')} of {match.path} that are {name}"
    made = MadeTable((match.path,), reader, table[written])
    sources, path = sources.written(f"{Path(match.path).stem}_{name}.csv", made)
    images = tuple(image for image, is_in in zip(match.images, rows, strict=True) if is_in)
    return sources, replace(match, path=path, table=table, images=images)


def with_images_without_masks(
    sources: Sources, findings: FolderFindings, competition: Competition
) -> tuple[Sources, FolderFindings]:
    """Return the findings with the images of train that have no mask file as unlabelled ones.

    Where nothing tells what they are, they may as well have an empty mask: a question.

    Args:
        sources: of the data.
        findings: of them, as `competition` was made of.
        competition: which finds the masks.
    """
    masks, folder = findings.tasks.masks, findings.folder
    if not isinstance(masks, MaskFiles) or masks.absent or folder.channels:
        return sources, findings
    if competition.has_labels and not competition.labels_from_masks:
        return sources, findings  # an image without a mask has a label
    missing = _ids_without_masks(competition)
    by_path = {folder.spell(image.path): image for image in findings.train.images}
    if missing is None or not missing.keys() <= by_path.keys():
        return sources, findings
    before = findings.unlabelled
    unmasked = ImagesWithoutMasks(tuple(by_path[path].path for path in missing), before)
    if not missing:
        return sources, replace(findings, unmasked=unmasked)
    n = len(missing)
    rows = [(id_, by_path[path].path) for path, id_ in missing.items()]
    if before is not None:
        try:
            others = load_samples(competition, "unlabelled")
        except DataError:  # told where all parts are loaded
            return sources, findings
        of_part = {folder.spell(image.path): image.path for image in folder.of_part("unlabelled")}
        known = zip(
            others["id"], (of_part.get(paths[0]) for paths in others["images"]), strict=True
        )
        rows += [(str(id_), path) for id_, path in known if path is not None]
    table = pd.DataFrame(rows, columns=["id", "image"], dtype=object)
    is_unique = bool(table["id"].is_unique)
    reader = f"the {plural(n, 'image')} of train that have no mask file"
    reader += "" if before is None else f", and {len(rows) - n:,} of {before.why}"
    made = MadeTable(tuple(path for _, path in rows), reader, table)
    sources, path = sources.written("unlabelled.csv", made)
    told = f"{some([id_ for id_, _ in rows[:n]], 3)}"
    or_empty = "; where there is nothing to draw in them, choose absent: empty"
    or_empty = "" if masks.content.is_without_ground else or_empty
    sources = sources.with_note(
        f"{plural(n, 'image')} of train {'has' if n == 1 else 'have'} no mask file, and "
        f"{masks.n_found:,} have one: they "
        "are taken for images that nobody labelled, data.unlabelled in "
        f"{path} ({told}){or_empty}"
    )
    why = f"{n:,} of train that have no mask file"
    why += "" if before is None else f", and {before.why}"
    id_column = "id" if is_unique else "image"
    unlabelled = PartImages("{image}", id_column, len(rows), why, table=path)
    gone = {path for _, path in rows[:n]}
    sources, train = _without_images(sources, findings.train, gone)
    return sources, replace(
        findings, folder=sources.folder, train=train, unlabelled=unlabelled, unmasked=unmasked
    )


def _ids_without_masks(competition: Competition) -> dict[str, str] | None:
    """Return the id of each image of train that has no mask file, by its path; None if unknown."""
    data = competition.data
    train = data.train.model_copy(update={"absent": "empty"})
    probed = competition.model_copy(update={"data": data.model_copy(update={"train": train})})
    try:
        samples = load_samples(probed.at(competition.root), "train")
    except DataError:  # told where all parts are loaded
        return None
    pairs = zip(samples["id"], samples["images"], samples["mask"], strict=True)
    return {paths[0]: str(id_) for id_, paths, mask in pairs if mask == MaskRef()}


def _without_images(
    sources: Sources, train: TrainPart, gone: Collection[str]
) -> tuple[Sources, TrainPart]:
    """Return the part without these images; a pattern finds none that another part has."""
    if train.match is not None:
        kept = [image is None or image.path not in gone for image in train.match.images]
        rows = pd.Series(kept, train.match.table.index)
        sources, match = _rows_of(sources, train.match, "with_masks", rows)
        return sources, replace(train, match=match)
    if train.folders is not None:
        pairs = zip(train.folders.images, train.folders.labels, strict=True)
        left = [(image, label) for image, label in pairs if image.path not in gone]
        images, labels = tuple(image for image, _ in left), [label for _, label in left]
        return sources, replace(train, folders=replace(train.folders, images=images, labels=labels))
    assert train.plain is not None
    every, ids = train.plain.images, train.plain.ids
    images = tuple(image for image in every if image.path not in gone)
    if ids:
        ids = tuple(id_ for image, id_ in zip(every, ids, strict=True) if image.path not in gone)
    return sources, replace(train, plain=replace(train.plain, images=images, ids=ids))
