"""The images to predict, and those without a label: where they lie, and their ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from podium.competition.ids.rows import NUMBERED_ID
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.parts.samples_by_content import unnamed_samples
from podium.competition.infer.conversions.tables.rows.unit_rows import images_of_ids
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    common_folder,
    one_suffix,
)
from podium.competition.infer.ids.keys import splits_of
from podium.competition.infer.image_tables import ImageTable, match_images
from podium.competition.infer.parts.channels import channel_pattern, spelt_pattern
from podium.competition.infer.parts.folders import (
    IMAGE_ID,
    PLAIN_IDS,
    id_of,
    id_template,
    pattern_of,
)
from podium.competition.infer.parts.train import SHOWN, TrainPart, no_train
from podium.competition.infer.readme.sent_tables import names_files
from podium.competition.infer.sample.rows import (
    find_numbered_rows,
    find_rows,
    numbers_in_order,
)
from podium.competition.infer.sample.submission import SAMPLE_NAME, SampleSubmission, unit_template
from podium.errors import DataError, plural, some

__all__ = [
    "PartImages",
    "find_test",
    "find_unlabelled",
    "listed_images",
    "part_by_stems",
    "part_of_table",
    "source_of",
]


@dataclass(frozen=True)
class PartImages:
    """The location of a part's images, as `data.test` or `data.unlabelled` writes it."""

    images: str
    id: str | None
    n: int
    why: str
    table: str | None = None
    cells: pd.DataFrame | None = None
    notes: list[str] = field(default_factory=list)
    ids: tuple[str, ...] = ()
    """Of the images, as the competition has them."""
    several: Mapping[str, str] = field(default_factory=dict)
    """As `ImageTable.several`."""
    paths: frozenset[str] = frozenset()
    """Of the images that rows of a table name, relative to the data folder."""
    absent: tuple[str, ...] = ()
    """Ids of images that are not predicted, as one of their files is not there."""


def find_test(data: CompetitionData, train: TrainPart, *, hold_out: str = "") -> PartImages:
    """Return the part to predict.

    Args:
        train: the images of train.
        hold_out: how to go on with a part of train, for the error without a sample.

    Raises:
        DataError: there is no test table, no test folder, and the sample's ids are no images.
    """
    folder, sample = data.folder, data.sample
    expected = [] if sample is None else list(map(str, sample.table[sample.id]))
    found = [
        part_of_table(way, f"the rows of {path}")
        for path, table in data.test_tables.items()
        if (match := _match_test(folder, path, table, train.match)) is not None
        and not _are_ids_of_paths(folder, match, train)
        for way in (*_with_ids_of_train(folder, match, train), match)
    ]
    images = folder.of_part("test")
    join = None if train.match is None else train.match.join
    if images and join is not None and join.test:
        why = f"the image files in {common_folder(images)}"
        ids = [id_of(image, join.id, join.test) for image in images]
        cells = pd.DataFrame({join.unit: list(join.of_test), IMAGE_ID: ids}, dtype=object)
        return PartImages(join.test, join.id, len(images), why, cells=cells, ids=tuple(ids))
    if images:
        found += _ways_to_name(folder, images, train, expected)
    listed = None if sample is None else listed_images(folder, sample)
    if listed is not None and not {i.path for i in listed[0].images if i is not None} & train.used:
        match, key = listed
        why = "there is no test folder, but the sample submission names images"
        found.append(replace(part_of_table(match, why), id=key))
    if found:
        return min(found, key=lambda one: _strangeness(one, expected))
    some_of_them = None if sample is None else listed_images(folder, sample, ("unlabelled",))
    if some_of_them is not None and all(some_of_them[0].images):
        match, key = some_of_them
        why = "there is no test folder, but the sample submission names images called unlabelled"
        return replace(part_of_table(match, why), id=key)
    if found := _beside_train(data, train):
        return min(found, key=lambda one: _strangeness(one, expected))
    images = [image for image in folder.of_part("holdout") if image.path not in train.used]
    if images:
        ways = _ways_to_name(folder, images, train, expected)
        best = min(ways, key=lambda one: _strangeness(one, expected))
        where = pattern_of(images)
        note = (
            f"there is no test part: the {plural(len(images), 'image')} of {where} "
            f"{'stands' if len(images) == 1 else 'stand'} for it"
        )
        return replace(best, notes=[note])
    ids = [] if sample is None or train.folders is None else list(sample.table[sample.id])
    if any(one.path in train.used for cell in ids for one in folder.named(cell)):
        # Folders that hold images to predict are no classes.
        raise no_train(replace(data, sample=None))
    raise _no_test(data, train, hold_out)


def _beside_train(data: CompetitionData, train: TrainPart) -> list[PartImages]:
    """Return the images that tables of test, or the sample, name in a folder called as train.

    Each is there, and none is one of train.
    """
    sample = data.sample
    rows = {**data.test_tables}
    if sample is not None and sample.table[sample.id].is_unique:
        rows[sample.path] = sample.table[[sample.id]]
    found = []
    for path, table in rows.items():
        match = match_images(data.folder, path, table, ("train",))
        if match is None or match.several or not table[match.id].is_unique:
            continue
        if any(one is None or one.path in train.used for one in match.images):
            continue
        why = f"the rows of {path}, whose images lie beside those of train"
        found.append(part_of_table(match, why))
    return found


def _ways_to_name(
    folder: DataFolder, images: Sequence[ImageFile], train: TrainPart, expected: Sequence[str]
) -> list[PartImages]:
    """Return the part of images in a folder with each kind of id that they may have.

    Args:
        images: those of one part.
        train: whose ids are as those of test, where nothing tells otherwise, as a text does that
            shows the name of a file.
        expected: the ids of the sample submission.
    """
    template = id_template(images)
    is_shown = not expected and names_files(folder, one_suffix(images))
    if template == "{stem}" and (_has_names_of_files(train) or is_shown):
        template = "{name}"
    templates = [template, *(one for one in PLAIN_IDS if one != template)]
    found = [_of_folder(images, one) for one in (templates if expected else templates[:1])]
    found += _of_numbers(folder, images) if expected else []
    found += _of_folder_and_stem(images) if expected else []
    made = folder.path_ids.get(images[0].part)
    if made is not None:
        why = f"the image files in {common_folder(images)}"
        of_paths = PartImages(made.pattern, made.template, len(made.ids), why, ids=tuple(made.ids))
        is_of_train = train.match is not None and train.match.id == made.template
        # Where each image has a folder, its name is the id; of a file, its own name may be asked.
        is_own = made.template == "{folder}" or not expected
        is_of_train |= is_own and train.plain is not None and train.plain.id == made.template
        found.insert(0 if is_of_train else len(found), of_paths)
    return found


def _are_ids_of_paths(folder: DataFolder, match: ImageTable, train: TrainPart) -> bool:
    """Return whether rows of a table are all images of test, by ids that parts of paths make.

    No pattern leads from such a cell to its image, and images of train have these ids.
    """
    made = folder.path_ids.get("test")
    if made is None or made.is_one_field or train.plain is None:
        return False
    is_of_train = train.plain.id == made.template != match.id
    return is_of_train and {*match.table[match.id]} == made.ids.keys()


def _has_names_of_files(train: TrainPart) -> bool:
    """Return whether every id of the table of train is the name of its file, with its ending."""
    match = train.match
    return match is not None and all(
        image is not None and cell == image.name
        for cell, image in zip(match.table[match.id], match.images, strict=True)
    )


def _no_test(data: CompetitionData, train: TrainPart, hold_out: str) -> DataError:
    """Return the error that there is no image to predict, with what may be the sample submission.

    Without the sample, images in a folder called test would get a file of another form.
    """
    folder, sample = data.folder, data.sample
    looked = (
        "no images to predict: looked for a table or a folder called test (test.csv, test/, "
        "test_images/, …), and for images named by the sample submission"
    )
    into = f"put the images to predict into {folder.path / 'test'}"
    named, way = _further_images(data, train)
    into = way or into
    if sample is not None:
        first = str(sample.table[sample.id].iloc[0])
        if folder.beside and folder.channels:
            where = folder.beside[0].rpartition("/")[0] or "test"
            files = [channel_pattern(folder, f"{where}/{first}.", one) for one in folder.channels]
            into = f"call the files of each image to predict as those of train: {some(files, 3)}"
        why = "it names none beside those of train"
        if not any(folder.named(cell) for cell in sample.table[sample.id]):
            why = f"none of its ids, as {first!r}, is the name of an image"
            if any(first in image.folder.split("/") for image in folder.images):
                why = (
                    f"its ids, as {first!r}, are of folders of images, and train has a row an image"
                )
                row = f"add test.csv with a row an image to predict, its image and {sample.id}"
                into = way or row
        if not named and (joined := images_of_ids(data, sample)) is not None:
            ids = ",".join(joined.ids)
            shown = ",".join(sample.table[[*joined.ids]].iloc[0]) if joined.ids[1:] else first
            why = (
                f"{joined.path} has its ids in {ids}, each with an image in {joined.files} "
                f"({shown!r}: {joined.first.path}), among rows of other images"
            )
            answers = [one for one in sample.values if one not in joined.ids]
            into = (
                f"write the rows of {joined.path} that the sample names as test.csv "
                f"({ids},{joined.files}), and the others, with their label, as train.csv "
                f"({ids},{joined.files},{','.join(answers)}), in place of it"
            )
        looked = f"{looked}, {sample.path}: {why}{named}"
        return DataError(f"{looked}; found: {folder.listed()}", where=folder.path, fix=into)
    looked = f"{looked}, and no table is called {SAMPLE_NAME}, or is one by what it holds"
    may_be = unnamed_samples(data)
    fix = f"if one of the tables is the sample submission, name it {SAMPLE_NAME}"
    if may_be:
        told = "; ".join(f"{one.path} names {one.told}" for one in may_be[:SHOWN])
        looked, fix = f"{looked}; {told}", f"name the sample submission {SAMPLE_NAME}"
    else:
        looked = f"{looked}{named}"
    fix = f"{fix}: podium init takes a table called so; without a sample submission, {into}"
    fix = f"{hold_out}\n  or {fix}" if hold_out and not (may_be or named) else fix
    return DataError(f"{looked}; found: {folder.listed()}", where=folder.path, fix=fix)


def _further_images(data: CompetitionData, train: TrainPart) -> tuple[str, str]:
    """Return that a table names images that train has not, and how to predict them; "" for none.

    A table with the ids of the sample comes first, then the one with the most such images.
    """
    folder, sample = data.folder, data.sample
    asked = set() if sample is None else set(sample.table[sample.id])
    found = []
    for path, table in data.tables.items():
        match = match_images(folder, path, table, ("test", "other", "holdout", "train"))
        if match is None:
            continue
        rest = [one is not None and one.path not in train.used for one in match.images]
        rows = table[rest]
        of_sample = [one for one in map(str, table) if asked and asked <= set(rows[one])]
        if any(rest):
            found.append((bool(of_sample), len(rows), path, match, of_sample))
    if not found:
        return "", ""
    _, n, path, match, of_sample = max(found, key=lambda one: one[:2])
    example = match.table[match.id][[one is not None for one in match.images]].iloc[0]
    named = f"; {path} names {plural(n, 'image')} that train does not have ({match.id}: {example})"
    units = [one for one in of_sample if one != match.id]
    is_whole = n == len(match.table)
    entries = [
        f"table: {folder.spell(path) if is_whole else _TEST_TABLE}",
        f"id: {match.id}",
        f"images: '{folder.spell(match.template)}'",
        *(f"unit: {one}" for one in units[:1]),
    ]
    entry = f"data: {{test: {{{', '.join(entries)}}}}}"
    way = f"if these are to be predicted, write {entry} into competition.yaml"
    if not is_whole:
        way = f"{way}, and the {plural(n, 'row')} of them into {_TEST_TABLE} beside it"
    return named, way


def _match_test(
    folder: DataFolder, path: str, table: pd.DataFrame, of_train: ImageTable | None
) -> ImageTable | None:
    """Return the match of a table of test, by the column that names the images of train, too.

    Where another one names other images, as of a right eye, and train is of left ones, that is not
    taken for it.
    """
    parts: tuple[FolderPart, ...] = ("test", "other", "holdout")
    match = match_images(folder, path, table, parts)
    own = None if of_train is None else of_train.file_column
    if match is None or own is None or own not in table or own == match.file_column:
        return match
    other = match_images(folder, path, table, parts, column=own)
    if other is None:
        return match
    pairs = zip(match.images, other.images, strict=True)
    if all(a == b for a, b in pairs if a is not None and b is not None):
        return match
    return replace(other, several=match.several)


def _with_ids_of_train(
    folder: DataFolder, match: ImageTable, train: TrainPart
) -> Iterator[ImageTable]:
    """Yield the match with the column whose cells are parts of the names, as ids of train are.

    As `17` of `test/17_sat.jpg`, where those of train are what stands before `_sat`.
    """
    template = None if train.plain is None else train.plain.id
    made = [one for one in folder.path_ids.values() if one.template == template]
    id_by_path = {image.path: id_ for one in made for id_, image in one.ids.items()}
    rows = [image is not None for image in match.images]
    ids = [id_by_path.get(one.path) for one in match.images if one is not None]
    if ids and None not in ids:
        for column in map(str, match.table):
            cells = match.table[column]
            if column != match.id and cells.is_unique and list(cells[rows]) == ids:
                yield replace(match, id=column)


def listed_images(
    folder: DataFolder,
    sample: SampleSubmission,
    parts: tuple[FolderPart, ...] = ("other", "holdout"),
) -> tuple[ImageTable, str] | None:
    """Return the images that the sample submission names, a row each, and `data.test.id`, or None.

    Its rows may be of an image and a class, or number the objects of an image: such a key names the
    part of a cell that is the image's id.

    Args:
        parts: that the images are of.
    """
    if sample.table[sample.id].is_unique:
        # The answer 0 does not name the image `00000.tif`.
        keys = sample.table.drop(columns=list(sample.values))
        match = match_images(folder, sample.path, keys, parts)
        if match is not None:
            return replace(match, table=sample.table), match.id
    cells = list(sample.table[sample.id])
    known = splits_of(cells, lambda name: any(i.part in parts for i in folder.named(name)))
    splits = [one for one in known if not one.n_other]
    if not splits:
        return None
    # `10.png_0` is object 0 of image 10, and not a row of image 0.
    split = next(filter(numbers_in_order, splits), splits[0])
    numbered = all(name.isdecimal() for name in split.names)
    key = f"{sample.id}={split.template(NUMBERED_ID if numbered else '{class}')}"
    rows = pd.DataFrame({"id": list(dict.fromkeys(split.ids))}, dtype=object)
    match = match_images(folder, sample.path, rows, parts)
    return None if match is None else (match, key)


def _strangeness(found: PartImages, expected: Sequence[str]) -> tuple[float, bool, int]:
    """Return how many of the sample's ids are not those of a part, and how much text is added."""
    ids, has_table = frozenset(found.ids), found.table is not None
    if len(ids) < len(found.ids):
        return float("inf"), not has_table, 0
    if ids.issuperset(expected):  # perhaps some of them alone
        return 0, not has_table, 0
    if found.cells is not None and _are_units(expected, found.cells):
        return 0, not has_table, 0
    if found.cells is not None and _has_ids_beside(found.cells, ids, expected):
        # What images are called by elsewhere comes after what they are called by here.
        return 0, True, 1
    # Images may have more and fewer objects.
    numbered = find_numbered_rows(expected, found.ids)
    if numbered is not None:
        return len(ids) - numbered.n_images, not has_table, _n_around(numbered.id)
    rows = find_rows(expected, found.ids, (), repeats=True)
    if rows is None:
        return len(expected), not has_table, 0
    return rows.chosen.n_against, not has_table, _n_around(rows.chosen.value.id)


def _n_around(template: str) -> int:
    """Return the length of the text around the fields of a template."""
    return len(re.sub(r"\{\w+\}", "", template))


def _are_units(expected: Sequence[str], cells: pd.DataFrame) -> bool:
    """Return whether the sample's ids are of several rows each: cells of columns, or of two."""
    names = set(expected)
    units = any(
        names <= set(cells[column]) and cells[column].nunique() < len(cells) for column in cells
    )
    return units or unit_template(list(dict.fromkeys(expected)), cells) is not None


def _has_ids_beside(cells: pd.DataFrame, ids: Collection[str], expected: Sequence[str]) -> bool:
    """Return whether a column has all ids of the sample, a row each, and none of them is in `ids`.

    As that of numbers does beside one of files.
    """
    names = set(expected)
    return names.isdisjoint(ids) and any(
        cells[column].is_unique and names <= set(cells[column]) for column in cells
    )


def find_unlabelled(folder: DataFolder) -> PartImages | None:
    """Return the unlabelled part, or None."""
    images = folder.of_part("unlabelled")
    if not images:
        return None
    found = _of_folder(images, id_template(images))
    return found if found.id != "{stem}" else replace(found, id=None)


def part_of_table(match: ImageTable, why: str) -> PartImages:
    """Return the images of a table as a part, with a note on rows that have none."""
    notes = []
    missing = len(match.images) - match.n_found
    if missing:
        rows = [
            cell
            for cell, image in zip(match.table[match.id], match.images, strict=True)
            if not image
        ]
        notes.append(
            f"{plural(missing, 'row')} of {match.path} {'has' if missing == 1 else 'have'} no "
            f"image: {some(rows)}"
        )
    ids = tuple(map(str, match.table[match.id]))
    return PartImages(
        match.template,
        match.id,
        len(match.table),
        why,
        match.path,
        match.table,
        notes,
        ids,
        match.several,
        match.paths,
    )


def _of_folder(images: Sequence[ImageFile], template: str) -> PartImages:
    pattern = pattern_of(images)
    why = f"the image files in {common_folder(images)}"
    ids = tuple(id_of(image, template, pattern) for image in images)
    return PartImages(pattern, template, len(images), why, ids=ids)


def part_by_stems(folder: DataFolder, part: PartImages) -> PartImages | None:
    """Return the images to predict with names without endings as ids, where they have these.

    None where the ids are other ones, or not of all the images in the part's folder.
    """
    images = folder.of_part("test")
    names, stems = {one.name for one in images}, {one.stem for one in images}
    if not images or len(stems) < len(images) or names != {*part.ids}:
        return None
    return replace(_of_folder(images, "{stem}"), notes=part.notes)


def _of_numbers(folder: DataFolder, images: Sequence[ImageFile]) -> list[PartImages]:
    """Return the part with numbers for ids where files have zeros in front of these, else []."""
    ids = {one.path: number for number, each in folder.by_number.items() for one in each}
    if not all(image.path in ids for image in images):
        return []
    where, _, name = pattern_of(images).rpartition("/")
    field = f"{{number:0{len(images[0].stem)}}}"
    pattern = "/".join(filter(None, (where, name.replace("*", field, 1))))
    why = f"the image files in {common_folder(images)}"
    names = tuple(ids[image.path] for image in images)
    return [PartImages(pattern, "{number}", len(images), why, ids=names)]


def _of_folder_and_stem(images: Sequence[ImageFile]) -> list[PartImages]:
    """Return the part with `vid_e/0005` for ids, where each image lies in a folder below, or []."""
    common = common_folder(images)
    start = f"{common}/" if common else ""
    below = [image.folder[len(start) :] for image in images]
    if any("/" in one or not one for one in below):
        return []
    pattern = f"{start}{{folder}}/*{one_suffix(images)}"
    ids = tuple(f"{one}/{image.stem}" for one, image in zip(below, images, strict=True))
    why = f"the image files in {common}"
    return [PartImages(pattern, "{folder}/{stem}", len(images), why, ids=ids)]


_TEST_TABLE = "test_rows.csv"


def source_of(folder: DataFolder, part: PartImages) -> dict[str, object]:
    """Return the keys of `competition.yaml` for the images of a part: table, files and ids."""
    source: dict[str, object] = {}
    if part.table is not None:
        source["table"] = folder.spell(part.table)
    # The pattern of channels has {id} in it, which is enough where it comes once.
    is_made = any(one.pattern == part.images for one in folder.path_ids.values())
    is_in_pattern = folder.channels and part.table is None and part.id != "{path}" and not is_made
    if part.id is not None and not is_in_pattern:
        source["id"] = part.id
    return {**source, "images": spelt_pattern(folder, part.images)}
