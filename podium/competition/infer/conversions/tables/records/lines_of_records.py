"""Tables of 0 and 1 without a header and ids, whose lines are in the order of the records of JSON.

train/data.json      train/marks.csv        classes of a text      image  reef  wreck
[{"image": "7.jpg"}, 0,1                    1. reef            →   7.jpg  0     1
 {"image": "3.jpg"}] 1,0                    2. wreck               3.jpg  1     0

A text states that lines to send are in the order of the records to predict.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable
from podium.competition.infer.conversions.tables.records.nested_records import tables_of_records
from podium.competition.infer.conversions.tables.records.record_files import content_of
from podium.competition.infer.files import DataFolder, FolderPart
from podium.competition.infer.readme.texts import as_in_texts, sentences_beside, texts_as_written
from podium.competition.infer.sample.submission import sample_submissions
from podium.competition.languages import begins_as
from podium.competition.phrases import any_phrase, plain_text
from podium.errors import DataError, plural, some

__all__ = ["LinesOfRecords", "find_lines_of_records"]

_ITEM = re.compile(r"\s*(\d+)[.)]\s+(\S.*?)[.;,]?\s*")
_MOST_WORDS = 5  # of the name of a class


@dataclass(frozen=True)
class LinesOfRecords:
    """Tables of labels, of images to predict and of a sample, made of lines and records.

    Attributes:
        train, test, sample: the tables, with the column of images in front.
        id: this column of the sample.
        note: what was understood.
        paths: of the tables that have no header.
    """

    train: MadeTable
    test: MadeTable
    sample: MadeTable
    id: str
    note: str
    paths: frozenset[str]


@dataclass(frozen=True)
class _Records:
    """Records of JSON, a row each, the column that names their images, and the part of these."""

    path: str
    table: pd.DataFrame
    column: str
    part: FolderPart

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


def find_lines_of_records(folder: DataFolder) -> LinesOfRecords | None:
    """Return the tables that lines of 0 and 1 and records make together; None where none are so.

    A line has one 1. The lines of the sample are as many as the records of images to predict; those
    of train have as many columns, and lie in one folder with as many records.

    Raises:
        DataError: the sample is such a table, and nothing tells the order of its lines, or the
            lines of train.
    """
    marks = dict(_tables_of_marks(folder))
    samples = [path for path in marks if _is_called_sample(path)]
    if len(samples) != 1:
        return None
    [sample] = samples
    width = len(marks[sample][0])
    records = list(_records(folder))
    asked = [one for one in records if one.part == "test" and len(one.table) == len(marks[sample])]
    labels = [
        (path, one)
        for path, lines in marks.items()
        if path != sample and len(lines[0]) == width
        for one in records
        if one.part != "test" and len(one.table) == len(lines)
        if one.folder == path.rpartition("/")[0]
    ]
    n = plural(len(marks[sample]), "line")
    if len(asked) != 1 or len(labels) != 1:
        what = "images to predict" if len(asked) != 1 else f"labels in {width} columns of 0 and 1"
        raise _unknown(folder, sample, f"no one list of records has {what} for its {n}")
    [test], [(path, train)] = asked, labels
    told = _text_of_order(folder, test.path)
    if not told:
        raise _unknown(folder, sample, f"no text says that its {n} are in the order of {test.path}")
    names, why = _names(folder, width)
    names = [f"{one} of the labels" if one in train.table else one for one in names]
    note = (
        f"{sample} and {path} have no header and no ids: line i of {path} is taken for record i of "
        f"{train.path}, which has as many, and lines to send are in the order of {test.path} "
        f"({told}); their columns are {', '.join(names)}{why}"
    )
    of_test = test.table[[test.column]].rename(columns={test.column: train.column})
    return LinesOfRecords(
        MadeTable(
            (path, train.path),
            f"the records of {train.path} with the lines of {path}",
            _beside(train.table, marks[path], names),
        ),
        MadeTable(
            (test.path,),
            f"the records of {test.path}",
            test.table.rename(columns={test.column: train.column}),
        ),
        MadeTable(
            (sample, test.path),
            f"{sample} with the images of {test.path}",
            _beside(of_test, marks[sample], names),
            header=False,
        ),
        train.column,
        note,
        frozenset(marks),
    )


def _unknown(folder: DataFolder, sample: str, why: str) -> DataError:
    return DataError(
        f"its cells are 0 and 1 alone, without a header and without ids, and {why}",
        where=folder.path / sample,
        fix="write a header, and the name of the image in front of each line, into this table and "
        "into that of the labels of train",
    )


def _tables_of_marks(folder: DataFolder) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield path and lines of each table that has one 1 in each line, and 0 else."""
    for path in folder.tables:
        file = folder.path / path
        if Path(path).suffix.lower() != ".csv" or file.stat().st_size > LARGEST:
            continue
        try:
            with file.open(encoding="utf-8-sig", newline="") as text:
                lines = [[cell.strip() for cell in line] for line in _until_other(text)]
        except (OSError, UnicodeDecodeError, csv.Error):
            continue
        if len(lines) > 1 and len({len(line) for line in lines}) == 1 and all(map(_is_one, lines)):
            yield path, lines


def _until_other(text: Iterator[str]) -> Iterator[list[str]]:
    """Yield the lines of a table up to the first one that is no such line, with this one."""
    for line in filter(None, csv.reader(text)):
        yield line
        if not _is_one([cell.strip() for cell in line]):
            return


def _is_one(cells: Sequence[str]) -> bool:
    """Return whether cells are one 1, and 0 else."""
    return len(cells) > 1 and {*cells} == {"0", "1"} and cells.count("1") == 1


def _is_called_sample(path: str) -> bool:
    return bool(sample_submissions([path])) or begins_as(path.rpartition("/")[2], "example")


def _records(folder: DataFolder) -> Iterator[_Records]:
    """Yield the lists of records, each of which names an image of the same part, once each."""
    for path in folder.jsons:
        content = None
        if (folder.path / path).stat().st_size <= LARGEST:
            content = content_of(folder.path / path)
        if not isinstance(content, list):
            continue
        table = tables_of_records(folder, content).get("")
        if table is None or len(table) != len(content):
            continue
        for name in map(str, table.columns):
            named = [folder.named(cell) for cell in table[name]]
            parts = {image.part for images in named for image in images}
            if table[name].is_unique and all(named) and len(parts) == 1:
                yield _Records(path, table, name, parts.pop())
                break


def _text_of_order(folder: DataFolder, path: str) -> str:
    """Return the text that states that something is in the order of a file; "" where none does."""
    name = plain_text(as_in_texts(Path(path).name))
    for text, sentence in sentences_beside(folder):
        plain = plain_text(sentence)
        for one in any_phrase("same order").finditer(plain):
            if name in plain[one.end() :]:
                return f"{text} says {plain[one.start() : one.end()]!r} of it"
    return ""


def _names(folder: DataFolder, n: int) -> tuple[list[str], str]:
    """Return the names of columns as the one list of as many numbered lines has them, and why.

    Without such a list they are numbered.
    """
    found = {
        tuple(names): path
        for path, text in texts_as_written(folder)
        for names in _numbered_lists(text)
        if len(names) == n
    }
    if len(found) == 1:
        [(names, path)] = found.items()
        return list(names), f", as {path} lists them"
    why = f"; {some([*map(', '.join, found)])} may be their names" * bool(found)
    return [f"class_{place}" for place in range(n)], why


def _numbered_lists(text: str) -> Iterator[list[str]]:
    """Yield the names behind 1, 2, 3 … of lines that follow each other."""
    names: list[str] = []
    for line in [*text.splitlines(), ""]:
        item = _ITEM.fullmatch(line)
        if item is not None and int(item[1]) == len(names) + 1:
            names.append(item[2].strip("*_`"))
            continue
        if len(names) > 1 and all(len(one.split()) <= _MOST_WORDS for one in names):
            yield names
        names = []


def _beside(
    table: pd.DataFrame, lines: Sequence[Sequence[str]], names: Sequence[str]
) -> pd.DataFrame:
    marks: Mapping[str, list[str]] = {
        name: [line[place] for line in lines] for place, name in enumerate(names)
    }
    return pd.concat([table.reset_index(drop=True), pd.DataFrame(marks)], axis=1).astype(object)
