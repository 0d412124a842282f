"""Lists of what a host does not want to be used: `withdrawn.txt`, `excluded.csv`.

A list is called so, or a text states it: "images in mismatched.txt: please leave these out". Or a
text quotes the cell of a column: 'frames whose state is "void" must not be used', or names it
beside the column: "images of site B must not be used". The table of train is written once more
without these rows.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.spelt_ids import plain_stem
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder, guess_part, may_be_train_table
from podium.competition.infer.readme.texts import as_in_texts, sentences_beside
from podium.competition.infer.readme.withdrawn import (
    Withdrawn,
    sentences_of_leaving_out,
    withdrawn_in,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import Sources
from podium.competition.languages import is_called, meaning_words
from podium.competition.phrases import any_phrase, is_denied, plain_text
from podium.competition.spelling import name_key, name_words
from podium.errors import plural, some

__all__ = [
    "Exclusions",
    "describe_left_out",
    "leave_out_marked_rows",
    "leave_out_rows",
    "leave_out_values",
    "lists_of_train",
    "values_to_ask",
    "withdrawn_folders",
    "without_withdrawn_folders",
]

_ENDS = (".txt", ".lst", ".list", "")
_LARGEST = 5_000_000  # bytes
_MOST = 0.5
"""The largest share of the rows of train that is left out."""
_KNOWN = 0.9
"""The share of a list's names at least that name rows or images."""
_MOST_LISTED = 0.2
"""The largest share of the images of train in a list of which nothing tells what it is."""
_MOST_COLUMNS = 8
"""Columns of a list at most."""
_MOST_VALUES = 500
"""Different cells of a column of which some are left out, at most."""
_BETWEEN = re.compile(r"[\s,;]+")


class Exclusions(NamedTuple):
    """A list, the table of train that it is of, and this table without its rows.

    `table` and `of_train` are None where no table has these rows: then images are listed that
    train has otherwise.
    """

    path: str
    names: list[str]
    why: str
    of_train: str | None
    table: MadeTable | None


def leave_out_rows(data: CompetitionData) -> Iterator[Exclusions]:
    """Yield each list of ids that is to be left out by its name or a text, with train without.

    A list is a text with one name a line, or a table that names a row of train in each of its own.
    """
    folder = data.folder
    for path, names, why in _lists(data):
        known = set(names)
        for of_train, train in data.tables.items():
            if of_train == path or not may_be_train_table(of_train):
                continue
            key = next((one for one in map(str, train) if _is_key(train[one], known)), None)
            if key is None:
                continue
            gone = _rows_of(train[key], known)
            rest = known - {*train[key], *map(plain_stem, train[key])}
            if len(rest) > (1 - _KNOWN) * len(known) and not all(map(folder.named, rest)):
                continue
            n = plural(int(gone.sum()), "row")
            reader = f"{of_train} without {n} that {path} names, as {why}"
            made = MadeTable((of_train, path), reader, train[~gone].reset_index(drop=True))
            yield Exclusions(path, names, why, of_train, made)
            break
        else:
            images = [image for one in names for image in folder.named(one)]
            if all(map(folder.named, names)) and any(one.part != "test" for one in images):
                yield Exclusions(path, names, why, None, None)


def leave_out_marked_rows(data: CompetitionData) -> Iterator[tuple[str, MadeTable]]:
    """Yield path and rest of each table of train whose marked rows a text asks to leave out.

    One sentence names the column, and the cell of these rows in quotes, as the only cell of that
    column; what is asked of rows of test is none. A cell may be a word for leaving out itself.
    """
    sentences = [
        (path, sentence, plain_text(sentence))
        for path, sentence in sentences_beside(data.folder)
        if _QUOTED.search(sentence)
    ]
    for path, table in data.tables.items() if sentences else ():
        if not may_be_train_table(path):
            continue
        for column in map(str, table):
            known = {name_key(cell) for cell in table[column].unique()[: _MOST_MARKS + 1]} - {""}
            if not 1 < len(known) <= _MOST_MARKS:
                continue
            for text, sentence, plain in sentences:
                mark = _mark_left_out(column, known, sentence, plain)
                if not mark:
                    continue
                gone = table[column].map(name_key) == mark
                if gone.mean() <= _MOST:
                    n = plural(int(gone.sum()), "row")
                    reader = (
                        f"{path} without {n} whose {column} is {mark!r}, as {text} says "
                        f"{sentence.strip()!r}"
                    )
                    rest = table[~gone].reset_index(drop=True)
                    yield path, MadeTable((path,), reader, rest)
                    break


_MOST_MARKS = 12
"""Different cells of a column that marks rows, at most."""
_QUOTED = re.compile(r"""["“”„«»'‘’「『](?P<cell>[^"“”„«»'‘’「」『』]{2,40})["“”„«»'‘’」』]""")


def _mark_left_out(column: str, known: set[str], sentence: str, plain: str) -> str:
    """Return the one cell of a column that a sentence quotes as left out; "" without.

    Args:
        column: by whose name the sentence calls it.
        known: its cells, as `name_key` has them.
        sentence: as the text has it, in small letters.
        plain: the sentence without accents and quotes, sign for sign.
    """
    named = plain_text(as_in_texts(column))
    if not re.search(rf"(?<!\w){re.escape(named)}(?!\w)", plain):
        return ""
    quoted = [one for one in _QUOTED.finditer(sentence) if name_key(one["cell"]) in known]
    marks = {name_key(one["cell"]) for one in quoted}
    if len(marks) != 1 or any(is_called(word, "test") for word in re.findall(r"\w+", sentence)):
        return ""
    # Words inside the quoted cell are none of the sentence around it.
    rest = [*plain] if len(plain) == len(sentence) else []
    for one in quoted if rest else ():
        rest[one.start() : one.end()] = " " * (one.end() - one.start())
    without = "".join(rest)
    spans = any_phrase("leave out").finditer(without)
    told = any(not is_denied(without, one.start(), words=1) for one in spans)
    return marks.pop() if told else ""


def leave_out_values(data: CompetitionData) -> Iterator[tuple[str, MadeTable]]:
    """Yield path and rest of each table of train, as a text leaves out a value: "site B".

    A class that the sample submission has is not left out.
    """
    for path, column, one in _withdrawn_values(data):
        gone = data.tables[path][column].isin(one.values)
        if one.is_sure and gone.mean() <= _MOST:
            n = plural(int(gone.sum()), "row")
            reader = f"{path} without {n} whose {column} is {some(one.values)}, as {one.why}"
            yield path, MadeTable((path,), reader, data.tables[path][~gone].reset_index(drop=True))


def values_to_ask(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> tuple[str, Withdrawn] | None:
    """Return a column, and values of it that a text may leave out; None without.

    Args:
        path: of the table of train.
        table: its rows.
    """
    for _, column, one in _withdrawn_values(CompetitionData(folder, {path: table}, sample)):
        if not table[column].isin(one.values).all():
            return column, one
    return None


def withdrawn_folders(folder: DataFolder, sample: SampleSubmission | None) -> list[Withdrawn]:
    """Return folders of images that a text leaves out, each beside others: "class `test_card`".

    A class that the sample submission has is none, nor is a folder of images to predict, or masks.
    """
    sentences = sentences_of_leaving_out(folder)
    beside = defaultdict[str, set[str]](set)
    for image in folder.of_part("train", "other") if sentences else ():
        levels = image.folder.split("/")
        for n, name in enumerate(levels):
            beside["/".join(levels[:n])].add(name)
    kept = {image.folder for image in folder.of_part("test", "unlabelled", "mask", "holdout")}
    others = {name for one in kept for name in one.split("/")} | _values_of_sample(sample)
    found, seen = list[Withdrawn](), set[str]()
    for names in beside.values():
        known = {one for one in names if one} - others
        if len(names) < 2 or not known:
            continue
        for one in withdrawn_in(sentences, known, _words_of_folders()):
            if not seen.intersection(one.values) and len(one.values) < len(names):
                found.append(one)
                seen.update(one.values)
    return found


def without_withdrawn_folders(found: Sources) -> Sources:
    """Return the sources without the images of folders, or their rows, that a text leaves out."""
    for one in withdrawn_folders(found.folder, found.sample):
        folder, names = found.folder, set(one.values)
        gone = {each.path for each in folder.images if names & {*each.folder.split("/")}}
        used = [each.path for each in folder.of_part("train", "other")]
        if not one.is_sure or len(gone) > _MOST * len(used):
            continue
        for path in list(found.tables):
            if may_be_train_table(path) and (made := _without_images(found, path, gone, one)):
                found = found.with_table_instead(path, "used", made)
        told = [(name, one.why, tuple(sorted(_in_folder(gone, name)))) for name in one.values]
        left = replace(found.folder.without(gone), withdrawn=(*folder.withdrawn, *told))
        n = plural(len(gone), "image")
        note = f"{n} in folders called {some(one.values)} are left out, as {one.why}"
        found = found.with_folder(left, note)
    return found


def _in_folder(paths: Iterable[str], name: str) -> list[str]:
    return [one for one in paths if name in one.split("/")[:-1]]


def _without_images(found: Sources, path: str, gone: set[str], one: Withdrawn) -> MadeTable | None:
    """Return a table without the rows of some images; None where it has none of these."""
    table = found.tables[path]
    for column in map(str, table):
        named = table[column].map(lambda cell: {each.path for each in found.folder.named(cell)})
        is_gone = named.map(lambda paths: bool(paths) and paths <= gone)
        if is_gone.any() and is_gone.mean() <= _MOST:
            n = plural(int(is_gone.sum()), "row")
            reader = f"{path} without {n} of images in {some(one.values)}, as {one.why}"
            return MadeTable((path,), reader, table[~is_gone].reset_index(drop=True))
    return None


@cache
def _words_of_folders() -> frozenset[str]:
    """Return the words that texts call folders of images by: classes, groups, folders."""
    words = meaning_words("label") | meaning_words("group") | meaning_words("folder")
    return frozenset(map(plain_text, words))


def _withdrawn_values(data: CompetitionData) -> Iterator[tuple[str, str, Withdrawn]]:
    """Yield table, column and values that a text leaves out."""
    sentences = sentences_of_leaving_out(data.folder)
    asked = _values_of_sample(data.sample)
    for path, table in data.tables.items() if sentences else ():
        if not may_be_train_table(path):
            continue
        values = {column: {*table[column].unique()} for column in map(str, table)}
        values = {one: cells for one, cells in values.items() if 1 < len(cells) <= _MOST_VALUES}
        n_columns = Counter(cell for cells in values.values() for cell in cells)
        for column, cells in values.items():
            if len(cells) == len(table):
                continue  # ids
            words, alone = _words_of_column(column), all(n_columns[one] == 1 for one in cells)
            for one in withdrawn_in(sentences, cells, words, alone=alone):
                if not asked.intersection(one.values):
                    yield path, column, one


def _words_of_column(column: str) -> set[str]:
    """Return the words that a text calls what a column holds by: `site_id` → "site"."""
    named = [*map(plain_text, name_words(column))]
    words = {one for one in named if not is_called(one, "code", "number")} or {*named}
    if any(is_called(one, "label") for one in named):
        words |= {*map(plain_text, meaning_words("label"))}
    return words


def _values_of_sample(sample: SampleSubmission | None) -> set[str]:
    """Return the cells, and columns, that the sample submission asks for."""
    if sample is None:
        return set()
    return {*sample.values, *(cell for one in sample.values for cell in sample.table[one])}


def _lists(data: CompetitionData) -> Iterator[tuple[str, list[str], str]]:
    """Yield path and names of each list of what is left out, and what tells it."""
    folder, tables = data.folder, data.tables
    sentences = _sentences(folder)
    columns = {str(column) for table in tables.values() for column in table}
    for path in folder.others:
        if path in tables or not _may_be_list(folder, path):
            continue
        if why := _why_left_out(path, sentences):
            names = _names_in(folder, path)
            if names := names[1:] if names and names[0] in columns else names:
                yield path, names, why
    for path, table in tables.items():
        why = _why_left_out(path, sentences)
        # What has more columns than a name, a reason and a few facts is data that is not used.
        if not why or len(table.columns) > _MOST_COLUMNS:
            continue
        rest = [one for one in tables.values() if one is not table]
        for column in map(str, table):
            cells = table[column]
            if not cells.is_unique or cells.eq("").any():
                continue
            # A list without a header begins with a name.
            names = [*([column] if folder.named(column) else []), *cells]
            if any(_is_key(one[name], set(names)) for one in rest for name in map(str, one)):
                yield path, names, why
                break


def _may_be_list(folder: DataFolder, path: str, ends: Sequence[str] = _ENDS) -> bool:
    file = folder.path / path
    return file.suffix.lower() in ends and file.stat().st_size <= _LARGEST


def _names_in(folder: DataFolder, path: str) -> list[str]:
    """Return the words of a text without remarks, as the names that a list has."""
    lines = read_text(folder.path / path, folder).splitlines()
    lines = [one.partition("#")[0].strip() for one in lines]
    return [one for line in lines for one in _BETWEEN.split(line) if one]


def _sentences(folder: DataFolder) -> list[tuple[str, str]]:
    """Return path and text of each sentence that tells to leave something out."""
    found = []
    for path, sentence in sentences_beside(folder):
        plain = plain_text(sentence)
        spans = any_phrase("leave out").finditer(plain)
        if any(not is_denied(plain, one.start(), words=1) for one in spans):
            found.append((path, sentence.strip()))
    return found


def _why_left_out(path: str, sentences: Iterable[tuple[str, str]]) -> str:
    """Return why a list is of what is left out: by its name, or by a sentence; "" for none."""
    if is_called(Path(path).stem, "left out"):
        return "its name says"
    name = re.compile(rf"(?<![\w.]){re.escape(as_in_texts(Path(path).name))}(?!\w)")
    told = ((text, one) for text, one in sentences if text != path and name.search(one))
    return next((f"{text} says {one!r}" for text, one in told), "")


def _rows_of(cells: pd.Series[str], names: set[str]) -> pd.Series[bool]:
    """Return which cells are named, with or without the ending of a file."""
    stems = {plain_stem(one) for one in names}
    return cells.isin(names) | cells.map(plain_stem).isin(stems)


def _is_key(cells: pd.Series[str], names: set[str]) -> bool:
    """Return whether a column names rows, of which some, and not most, are among the names."""
    if not cells.is_unique:
        return False
    n = int(_rows_of(cells, names).sum())
    return 0 < n <= _MOST * len(cells)


def describe_left_out(one: Exclusions) -> str:
    """Return a note on a list whose images train has in another way than by rows."""
    return (
        f"{one.path} lists {plural(len(one.names), 'image')} ({some(one.names, 3)}) to be left "
        f"out, as {one.why}, and these are still used: take their files out of the folder"
    )


def lists_of_train(
    sources: Sources, train: pd.DataFrame, told: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return path and ids of each list of a few images of train that nothing else is from.

    A list is a text, an array of JSON or a table of one column, which may have a header. One that
    is called as validation, or as an image, is none.

    Args:
        sources: the files, and the tables that were made of them.
        train: its samples, as loaded.
        told: `competition.yaml` and the notes, which name the files that something is from.
    """
    folder, ids = sources.folder, defaultdict[str, set[str]](set)
    for id, files in zip(train["id"], train["images"], strict=True):
        for name in (id, *files):
            for one in (name, name.rpartition("/")[2]):
                ids[one].add(id)
                ids[plain_stem(one)].add(id)
    stems, found = {one.stem for one in folder.images}, []
    for path in folder.others:
        stem = Path(path).stem
        of_other = stem in stems or guess_part(stem) in ("holdout", "test")
        if of_other or not _may_be_list(folder, path, (*_ENDS, ".csv", ".json")):
            continue
        names = _names_in(folder, path)
        if path.lower().endswith(".json"):
            names = [one.strip("[]\"'") for one in names]
            names = [one for one in names if one]
        if len(names) > 1 and names[0] not in ids:
            names = names[1:]
        listed = [ids.get(one, set[str]()) for one in names]
        is_whole = all(len(one) == 1 for one in listed) and len(set(names)) == len(names)
        if not 1 < len(names) <= _MOST_LISTED * len(train) or not is_whole:
            continue
        if not _is_named(sources, path, told):
            found.append((path, tuple(one for each in listed for one in each)))
    return tuple(found)


def _is_named(sources: Sources, path: str, told: str) -> bool:
    """Return whether a text names a file, or a table that was made of it."""
    files = [sources.folder.path.absolute() / path]
    for one in sources.made:
        if set(files) & set(one.sources):
            files.append(sources.root.absolute() / one.path)
    names = [path, sources.folder.spell(path)]
    names += [one.relative_to(sources.root.absolute()).as_posix() for one in files[1:]]
    return any(re.search(rf"(?<![\w/.-]){re.escape(one)}(?![\w/-])", told) for one in names)
