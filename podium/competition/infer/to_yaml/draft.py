"""The draft of a `competition.yaml` where `podium init` stops: all that was understood so far.

A person completes what stands in `<write …>`. The kinds, metrics and values that may stand there
are asked for where they are registered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import get_args

import pandas as pd

from podium.competition import metrics
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.names_in_cells import column_of_names
from podium.competition.infer.conversions.tables.rows.number_rows import MeasuredRows, measured_rows
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    is_test_table,
    named_as_images,
)
from podium.competition.infer.groups.images import ImageGroup, image_groups
from podium.competition.infer.image_tables import ImageTable, match_images
from podium.competition.infer.labels.cells import known_cells
from podium.competition.infer.labels.columns import find_labels
from podium.competition.infer.labels.evidence import hints_of_sample
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.parts.channels import channel_pattern, spelt_pattern
from podium.competition.infer.readme.metrics import ReadmeMetric, find_readme_metrics
from podium.competition.infer.readme.numbers import as_likely_numbers
from podium.competition.infer.readme.runs import find_readme_runs
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.infer.sources import Sources
from podium.competition.infer.to_yaml.commented import YamlEntry, render
from podium.competition.sections.data import RleSpec
from podium.competition.sections.submission import RowKind, value_names
from podium.errors import DataError, plural
from podium.tasks.protocols.find import find_kind, image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS, TaskName
from podium.workspace.placeholders import placeholder

__all__ = ["draft_text"]

_MOST_FILES = 12
_TEXTS_ABOUT = (".md", ".txt", ".rst", ".html", ".htm", ".pdf", ".py", ".ipynb", ".yaml", ".yml")
"""Of files that tell of the data: texts are read for the metric, and for how runs are counted."""
_MOST_CLASSES = 200
_MOST_FORMS = 12
_MOST_COLUMNS = 40
_CELL = 40  # letters of a cell that is shown
_ROW_CLASSES = 20
_JOINERS = "\u200c\u200d"
_TASKS: tuple[TaskName, ...] = get_args(TaskName)


@dataclass(frozen=True)
class _DraftPart:
    """Images of train or test as the draft proposes them.

    Attributes:
        entries: of `data.train` or `data.test`.
        unit: the column of units of several images, "" where images are single.
    """

    entries: list[YamlEntry]
    unit: str = ""


def draft_text(sources: Sources, error: DataError, *, name: str) -> str:
    """Return the text of a draft: valid YAML, with a placeholder where nothing was understood.

    Where the rows of a table are of folders, tables with a row an image are written to `made/`.

    Args:
        sources: the files, and the tables that were made of them.
        error: why no `competition.yaml` could be written.
        name: of the competition.
    """
    found = _Understood(sources)
    heading = _in_lines("\n".join([*_heading(error), "", *found.comments()]))
    return render([_with_plain_comment(one) for one in found.entries(name)], heading)


def _heading(error: DataError) -> Iterator[str]:
    yield (
        "A draft of competition.yaml, which has what `podium init` understood before it stopped. "
        "Complete each <write …>: the comment at it says what may stand there. Change what is "
        "wrong, call the file competition.yaml, and run `podium check`."
    )
    yield ""
    yield f"Why it stopped: {error.message}"
    if error.fix is not None:
        yield f"What would help: {error.fix}"


@dataclass(frozen=True)
class _Understood:
    """What the sources show without a reading of all of them."""

    sources: Sources

    @property
    def sample(self) -> SampleSubmission | None:
        return self.sources.sample

    @cached_property
    def groups(self) -> list[ImageGroup]:
        """The images by the form of their paths, the largest group first."""
        tables = [] if self.sample is None else [self.sample.table]
        cells: dict[str, set[str]] = {}
        for table in (*tables, *self.sources.tables.values()):
            for column in table:
                cells.setdefault(str(column), set(table[column]))
        return image_groups(self.sources.folder, cells)

    @cached_property
    def test(self) -> ImageGroup | None:
        """The images to predict, where a folder or the sample submission tells them."""
        rest = [one for one in self.groups if one.part != "mask"]
        called = [one for one in rest if one.part == "test"]
        if called or self.sample is None:
            return next(iter(called), None)
        shares = [(_share_of_rows(self.sample, one), one) for one in rest]
        named = [one for share, one in shares if share >= NEARLY_ALL]
        others = [one for share, one in shares if share < 1 - NEARLY_ALL]
        return named[0] if len(named) == 1 and others else None

    @cached_property
    def train(self) -> ImageGroup | None:
        """The images to train on: of test all others."""
        rest = [one for one in self.groups if one.part in ("train", "other") and one != self.test]
        return next(iter(sorted(rest, key=lambda one: one.part != "train")), None)

    @property
    def have_one_pattern(self) -> bool:
        """Whether the pattern of train takes the images of test, too."""
        train, test = self.train, self.test
        return train is not None and test is not None and train.pattern == test.pattern

    @cached_property
    def masks(self) -> ImageGroup | None:
        return next((one for one in self.groups if one.part == "mask"), None)

    @cached_property
    def matches(self) -> dict[str, ImageTable]:
        """The images of the rows of each table that names some."""
        found = {}
        tables = dict(self.sources.tables)
        if self.sample is not None:
            tables[self.sample.path] = self.sample.table
        for path, table in tables.items():
            parts: tuple[FolderPart, ...] = ("train", "other")
            parts = ("test", *parts) if is_test_table(path) else parts
            match = match_images(self.sources.folder, path, table, parts)
            match = match or match_images(self.sources.folder, path, table, ("test", "holdout"))
            if match is not None:
                found[path] = match
        return found

    @cached_property
    def lists(self) -> dict[str, str]:
        """The column of each table, none of which names images, that lists several in a cell."""
        answers = [] if self.sample is None else self.sample.values
        rest = {path: one for path, one in self.sources.tables.items() if path not in self.matches}
        found = {
            path: column_of_names(self.sources.folder, one, answers) for path, one in rest.items()
        }
        return {path: column for path, column in found.items() if column is not None}

    @cached_property
    def measured(self) -> tuple[str, MeasuredRows] | None:
        """The table with a row for each number of an image, where the sample asks for these."""
        for path, table in self.sources.tables.items() if self.masks is None else ():
            found = measured_rows(self.sources.folder, path, table, self.sample)
            if found is not None:
                numbers = found.rows[found.numeric].apply(pd.to_numeric, errors="coerce")
                # From 0 to 1 they may be how sure each label is.
                return (path, found) if (numbers.lt(0) | numbers.gt(1)).any(axis=None) else None
        return None

    @cached_property
    def labels(self) -> tuple[str, InferredLabels] | None:
        """The table of train and its labels: that of the sample's columns before others."""
        if self.measured is not None:
            path, rows = self.measured
            return path, _labels_of_measured(rows)
        sent = [] if self.sample is None else self.sample.values
        found = []
        for path, table in self.sources.tables.items():
            if is_test_table(path) or len(table.columns) < 2:
                continue
            match = self.matches.get(path)
            own = set(sent) <= set(table.columns) and bool(sent)
            if match is None and not own:
                continue  # of something else, for all that is known
            key = str(table.columns[0]) if match is None else match.id
            with suppress(DataError):
                asked = hints_of_sample(self.sample)
                labels = find_labels(table, [key], asked, by_name=self.masks is not None)
                if labels is not None:
                    found.append((own, len(table), path, labels))
        if not found:
            return None
        _, _, path, labels = max(found, key=lambda one: one[:2])
        return path, as_likely_numbers(self.sources.folder, labels, self.sources.tables[path])

    @property
    def is_of_units(self) -> bool:
        """Whether the rows of a table are of folders."""
        tables = self.sources.tables.values()
        return any(self._folders_named(one[name]) is not None for one in tables for name in one)

    @property
    def kind(self) -> Kind | None:
        return None if self.labels is None else self.labels[1].kind

    @property
    def tasks(self) -> tuple[TaskName, ...]:
        """The tasks that the data may be of."""
        if self.kind is not None:
            return (self.kind.task,)
        return (PIXELS,) if self.masks is not None else _TASKS

    @property
    def kinds(self) -> list[Kind]:
        if self.kind is not None:
            return [self.kind]
        return [find_kind(task, one) for task in self.tasks for one in kind_names(task)]

    @cached_property
    def named_metrics(self) -> list[ReadmeMetric]:
        """The metrics that a text beside the data names, of any kind that is possible."""
        found: dict[str, ReadmeMetric] = {}
        for kind in self.kinds:
            for one in find_readme_metrics(self.sources.folder, kind, kind.task):
                found.setdefault(one.name, one)
        return list(found.values())

    @cached_property
    def sample_ids(self) -> list[str]:
        """The columns of the sample that name an image together; mostly the first."""
        assert self.sample is not None
        if self.test is not None:
            named = [one for one in self.test.values if one in self.sample.table.columns]
            if len(named) > 1 and named == list(self.test.values):
                return named
        return [self.sample.id]

    @cached_property
    def sample_classes(self) -> tuple[str, list[str]] | None:
        """The column of the sample that names a class in each row of an image, and its names."""
        if self.sample is None or not any(map(_is_of_pixels, self.kinds)):
            return None
        table, ids = self.sample.table, self.sample_ids
        for column in self.sample.table.columns:
            names = list(dict.fromkeys(table[column]))
            is_few = 1 < len(names) <= _ROW_CLASSES and "" not in names
            if column in ids or not is_few or table.duplicated([*ids, column]).any():
                continue
            if len(table) == len(names) * len(table[ids].drop_duplicates()):
                return str(column), names
        return None

    @cached_property
    def not_understood(self) -> list[str]:
        """The files that no table is read of, but for texts beside the data; many in one pattern.

        A label may stand in any of them.
        """
        folder = self.sources.folder
        made = {source for one in self.sources.made for source in one.sources}
        beside = named_as_images(folder)
        in_patterns = {path for one in beside for path in one.paths.values()}
        found = [
            str(one)
            for one in beside
            if not any(folder.path.absolute() / path in made for path in one.paths.values())
        ]
        read = {*self.sources.tables, *folder.archives}
        read |= set() if self.sample is None else {self.sample.path}
        for path in folder.others:
            is_text = path.lower().endswith(_TEXTS_ABOUT)
            if path in read or path in in_patterns or is_text:
                continue
            if folder.path.absolute() / path not in made:
                found.append(path)
        return found

    # What comments have.

    def comments(self) -> Iterator[str]:
        """Yield lines on the images, tables and the sample submission."""
        folder = self.sources.folder
        if self.not_understood:
            rest = len(self.not_understood) - _MOST_FILES
            more = f", and {rest:,} more" if rest > 0 else ""
            shown = ", ".join(self.not_understood[:_MOST_FILES])
            yield f"Files that were found, and nothing is taken from: {shown}{more}."
            yield ""
        yield "Images by the form of their paths, below the data folder:"
        for one in self.groups[:_MOST_FORMS]:
            seems = "" if one.part == "other" else f", taken for {one.part}"
            yield f"  {plural(len(one.paths), 'file')} {one.pattern}, as {one.paths[0]}{seems}"
        if len(self.groups) > _MOST_FORMS:
            yield f"  {plural(len(self.groups) - _MOST_FORMS, 'more form')}"
        for path, table in self.sources.tables.items():
            yield ""
            yield from self._table(f"Table {folder.spell(path)}", path, table)
        if self.sample is not None:
            yield ""
            spelt = folder.spell(self.sample.path)
            yield from self._table(
                f"Sample submission {spelt}", self.sample.path, self.sample.table
            )
        if self.sources.made or self.is_of_units or self.have_one_pattern:
            yield ""
            yield ("The next `podium init` removes made/: copy a table that you change out of it.")
        for note in self.sources.notes:
            yield f"Note: {note}"

    def _table(self, title: str, path: str, table: pd.DataFrame) -> Iterator[str]:
        folder, match = self.sources.folder, self.matches.get(path)
        yield f"{title}, {plural(len(table), 'row')}, with an example of each column:"
        for column in list(table.columns)[:_MOST_COLUMNS]:
            known = known_cells(table[column])
            example = _shown(known.iloc[0]) if len(known) else "always blank"
            blank = len(table) - len(known)
            told = f"  {column}: {example}"
            told += f" ({blank:,} blank)" if blank and len(known) else ""
            if match is not None and column == match.id:
                told += (
                    f" – names the images of {plural(match.n_found, 'row')}: "
                    f"{_paths_of(folder, match)}"
                )
            elif column == self.lists.get(path):
                told += " – lists images, several in a cell"
            elif (group := self._folders_named(table[column])) is not None:
                told += f" – names folders of images: {group.pattern}"
            yield told
        if match is None and path not in self.lists:
            yield "  No column names images."

    def _folders_named(self, cells: pd.Series[str]) -> ImageGroup | None:
        """Return the images whose folders the cells of a column name, or None."""
        for one in self.groups:
            name = str(cells.name)
            if one.part != "mask" and name in one.folders and set(cells) & set(one.values[name]):
                return one
        return None

    # What is proposed.

    def entries(self, name: str) -> list[YamlEntry]:
        """Return the entries of the draft."""
        train = self._train()
        data = [
            YamlEntry("train", train.entries, "The images to train on."),
            YamlEntry("test", self._test().entries, "The images to predict."),
        ]
        folds = [YamlEntry("scheme", "group" if train.unit else "stratified"), YamlEntry("n", 5)]
        folds += [YamlEntry("group", train.unit)] if train.unit else []
        group = (
            "How train is split. Images that belong together, as of one patient, must not cross "
            "folds: write scheme: stratified_group and group: the column that names them."
        )
        submission = [] if self.sample is None else self._submission(self.sample)
        entries = [
            YamlEntry("name", name),
            self._tasks(),
            *self._classes(),
            YamlEntry("data", data, "Where the files are; {column} stands for a cell of it."),
            YamlEntry("folds", folds, group),
            self._metric(),
        ]
        told = "The file to send, as the sample submission has it."
        return [*entries, *([YamlEntry("submission", submission, told)] if submission else [])]

    def _tasks(self) -> YamlEntry:
        task = self.tasks[0] if len(self.tasks) == 1 else placeholder("the task")
        if self.kind is not None and self.labels is not None:
            others = "; ".join(f"{one}: {', '.join(kind_names(one))}" for one in _TASKS)
            why = f"a guess: {self.labels[1].why}. All kinds: {others}"
            return YamlEntry("tasks", {task: str(self.kind)}, why)
        each = "\n".join(f"  {kind.task}: {kind} – {kind.description}" for kind in self.kinds)
        return YamlEntry(
            "tasks", {task: placeholder("the kind")}, f"A task and its kind, as\n{each}"
        )

    def _classes(self) -> Iterator[YamlEntry]:
        names, why = self._class_names
        if names:
            yield YamlEntry("classes", names, f"in order; from {why}{self._without_classes}")
        elif self.kind is None:
            told = f"names of the classes, in order{self._without_classes}"
            yield YamlEntry("classes", [placeholder("a class")], told)

    @property
    def _without_classes(self) -> str:
        """For which of the kinds there are no classes to name."""
        if self.kind is not None:
            return ""
        without = [str(one) for one in self.kinds if one.refuses_classes]
        without += [
            f"{one.task}: {one}" for one in self.kinds if one.is_of_pixels and one.is_yes_no
        ]
        return f"; leave this line out for {' and for '.join(without)}" if without else ""

    @property
    def _class_names(self) -> tuple[list[str], str]:
        if self.labels is not None:
            path, labels = self.labels
            named = labels.column_names if self.measured is None else [self.measured[1].quantity]
            return list(labels.classes), f"{' and '.join(named)} of {path}"
        if self.sample_classes is not None and self.sample is not None:
            column, names = self.sample_classes
            return names, f"{column} of {self.sample.path}"
        if self.class_field is not None and self.train is not None:
            names = sorted(set(self.train.values[self.class_field]))
            if len(names) <= _MOST_CLASSES:
                return names, "the folders of train, if these are the classes"
        return [], ""

    @property
    def class_field(self) -> str | None:
        """The folders of train that may be classes, where no table and no mask tells them."""
        if self.train is None or self.masks is not None or self.sources.tables:
            return None
        return next(iter(self.train.folders), None)

    def _train(self) -> _DraftPart:
        if self.labels is not None:
            path, labels = self.labels
            if self.measured is not None:
                part = self._of_measured(*self.measured)
            else:
                part = self._of_table(path, self.sources.tables[path])
            columns = labels.column_names
            label = columns[0] if isinstance(labels.column, str) else columns
            entries = [*part.entries, YamlEntry("label", label, "what to predict")]
            if labels.separator is not None:
                entries.append(YamlEntry("label_sep", labels.separator, "between labels of a cell"))
            return _DraftPart([*entries, *self._mask()], part.unit)
        entries = self._of_pattern(self.train, "train")
        return _DraftPart([*entries, *self._mask()])

    def _test(self) -> _DraftPart:
        listed = [path for path in self.sources.tables if is_test_table(path)]
        if listed:
            return self._of_table(listed[0], self.sources.tables[listed[0]])
        if self.test is not None or self.sample is None or self.labels is None:
            return _DraftPart(self._of_pattern(self.test, "test"))
        return self._of_table(self.sample.path, self.sample.table)

    def _of_table(self, path: str, table: pd.DataFrame) -> _DraftPart:
        folder, match = self.sources.folder, self.matches.get(path)
        spelt = folder.spell(path)
        if match is not None:
            unit = self.sources.unit if self.sources.unit in table else ""
            told = "what is scored: several images"
            return _DraftPart([
                YamlEntry("table", spelt),
                YamlEntry("id", match.id, "the column of ids"),
                YamlEntry("images", spelt_pattern(folder, match.template)),
                *([YamlEntry("unit", unit, told)] if unit else []),
            ], unit)  # fmt: skip
        for column in table.columns:
            if (group := self._folders_named(table[column])) is not None:
                return self._of_units(path, table, str(column), group)
        key = next((one for one in table.columns if table[one].is_unique), table.columns[0])
        example = self.groups[0].paths[0] if self.groups else "photos/7.jpg"
        images = (
            f"Where the image of a row lies: a path as {folder.spell(example)}, with {{column}} "
            "for the part that a column of the table holds. If none holds it, write such a column "
            "into a copy of the table."
        )
        if path in self.lists:
            images += (
                f" {self.lists[path]} lists several in a cell: write a CSV with a row for each of "
                f"them, its file and {key}, and below unit: {key}."
            )
        return _DraftPart([
            YamlEntry("table", spelt),
            YamlEntry("id", str(key), "the column of ids: another one, if it is wrong"),
            YamlEntry("images", placeholder("the path of an image"), images),
        ])  # fmt: skip

    def _of_measured(self, path: str, rows: MeasuredRows) -> _DraftPart:
        """Return train, whose table has a row for each number: of one with a row an image."""
        spelt = self.sources.folder.spell(path)
        told = (
            f"A row of {spelt} is one number of an image, which {rows.quantity} names. Write a CSV "
            f"with a row an image: {', '.join((rows.image, *rows.names))}."
        )
        return _DraftPart([
            YamlEntry("table", placeholder("the path of that CSV"), told),
            YamlEntry("id", rows.image, "the column of ids"),
            YamlEntry("images", self.sources.folder.spell(self.matches[path].template)),
        ])  # fmt: skip

    def _of_units(
        self, path: str, table: pd.DataFrame, column: str, group: ImageGroup
    ) -> _DraftPart:
        """Return the part where a row is of a folder: of a table with a row an image instead."""
        folder, others = self.sources.folder, [one for one in group.values if one != column]
        unit = YamlEntry("unit", column, "what is scored: several images")
        if set(others) & set(table.columns):
            told = (
                f"A row of {folder.spell(path)} is of all images in a folder, {group.pattern}. "
                f"Write a CSV with a row an image: a column of the file's name, {column}, and the "
                "columns of that table; rows without a label are none of train."
            )
            image = placeholder("the column of the file")
            images = f"{group.pattern.partition('{')[0]}{{{column}}}/{image}"
            entries = [
                YamlEntry("table", placeholder("the path of that CSV"), told),
                YamlEntry("id", image, "a column that names the image"),
                YamlEntry("images", folder.spell(images)),
            ]
            return _DraftPart([*entries, unit], column)
        kept, which = table, ""
        if self.sample is not None and path == self.sample.path:
            kept = table[[column]]
        elif self.labels is not None and path == self.labels[0]:
            answers = self.labels[1].column_names
            known = {row for one in answers for row in known_cells(table[one]).index}
            kept = table[table.index.isin(known)]
            which = "" if len(kept) == len(table) else f" that has {' or '.join(answers)}"
        images_of = pd.DataFrame({name: list(texts) for name, texts in group.values.items()})
        rows = images_of.astype(object).merge(kept, on=column)
        reader = f"{path} with a row for each image of a {column}{which}"
        made = MadeTable((path,), reader, rows)
        _, written = self.sources.written(f"{Path(path).stem}_images.csv", made)
        entries = [
            YamlEntry("table", written, reader),
            YamlEntry("id", group.id, "columns that name an image together"),
            YamlEntry("images", folder.spell(group.pattern)),
        ]
        return _DraftPart([*entries, unit], column)

    def _of_pattern(self, group: ImageGroup | None, part: str) -> list[YamlEntry]:
        if group is None:
            told = (
                f"the pattern of the images of {part}, with * or {{a name}} for what differs, as "
                f"{self.sources.folder.spell(self.groups[0].pattern)}"
            )
            return [YamlEntry("images", placeholder("a pattern"), told)]
        pattern, ids = group.pattern, group.id
        if self.have_one_pattern and group.values:
            return self._of_listed(group, part)
        if part == "train" and self.class_field is not None:
            pattern = pattern.replace(f"{{{self.class_field}}}", "{class}")
            ids = ids.replace(f"{{{self.class_field}}}", "{class}")
        told = f"{plural(len(group.paths), 'file')}, as {group.paths[0]}"
        entries = [YamlEntry("images", self.sources.folder.spell(pattern), told)]
        return [*entries, YamlEntry("id", ids, "what names an image")] if group.values else entries

    def _of_listed(self, group: ImageGroup, part: str) -> list[YamlEntry]:
        """Return the part as a table of its images, where a pattern would take those of both."""
        rows = pd.DataFrame({name: list(texts) for name, texts in group.values.items()})
        reader = f"the {plural(len(rows), 'image')} of {part}, whose pattern takes others, too"
        _, written = self.sources.written(f"{part}_images.csv", MadeTable((), reader, rows))
        return [
            YamlEntry("table", written, f"{reader}, as {group.paths[0]}"),
            YamlEntry("images", self.sources.folder.spell(group.pattern)),
            YamlEntry("id", group.id, "what names an image"),
        ]

    def _mask(self) -> Iterator[YamlEntry]:
        masks, train = self.masks, self.train
        if masks is None:
            if not any(map(_is_of_pixels, self.kinds)) or self.labels is not None:
                return
            told = (
                "for masks alone: the pattern of their files, with the names in braces that images "
                "have, or a table as {table: …, id: …, rle: …}; without masks leave the line out, "
                "and write label, or {class} for a folder in images"
            )
            yield YamlEntry("mask", placeholder("a pattern of masks"), told)
            return
        told = f"{plural(len(masks.paths), 'file')}, as {masks.paths[0]}"
        known = {"id", *(() if train is None else train.values)}
        is_same = set(masks.values) <= known
        pattern = (
            masks.pattern if is_same else f"{masks.pattern} {placeholder('the names of images')}"
        )
        yield YamlEntry("mask", self.sources.folder.spell(pattern), told)

    def _metric(self) -> YamlEntry:
        named = self.named_metrics
        task = {"task": self.tasks[0]} if self.tasks == (PIXELS,) else {}
        if len(named) == 1:
            why = f"{named[0].path} says {named[0].called!r}"
            return YamlEntry("metric", {"name": named[0].name, **task}, why)
        scored = [
            name
            for name in metrics.names()
            if any(metrics.can_score(name, one, one.task) for one in self.kinds)
        ]
        told = (
            f"what scores: one of {', '.join(scored)}, or one of your own, as my_parts:NAME, which "
            "docs/extending.md shows how to write"
        )
        if named:
            said = " and ".join(f"{one.path} says {one.called!r} ({one.name})" for one in named)
            told = f"{said}; {told}"
        return YamlEntry("metric", {"name": placeholder("the metric"), **task}, told)

    def _submission(self, sample: SampleSubmission) -> list[YamlEntry]:
        folder, ids = self.sources.folder, self.sample_ids
        by_class, file = self.sample_classes, dict(sample.file)
        several = len(ids) > 1
        fields = {"id": "id"} if several else {sample.id: "id"}
        answers = [one for one in map(str, sample.table.columns) if one not in ids]
        for column in answers:
            if by_class is not None and column == by_class[0]:
                fields[column] = "class_name"
            elif len(answers) - (by_class is not None) == 1:
                fields[column] = "value"
            else:
                known = column in self._class_names[0]
                fields[column] = f"value[{column}]" if known else placeholder("a field")
        if several:
            file = {**file, "id_of": "/".join(f"{{{one}}}" for one in ids)}
        told = (
            "each column of the file, in order, and what it holds: id, class_name, value; where "
            "each class has a column, prob[name] or, of numbers, value[name]; text[…] where every "
            "row has the same"
        )
        entries = []
        if by_class is not None:
            rows = f"what a row is: one of {', '.join(get_args(RowKind))}"
            entries.append(YamlEntry("rows", "image_class", rows))
        entries += [YamlEntry("columns", fields, told), *self._value(sample, answers)]
        if file:
            entries.append(YamlEntry("file", file, "how the file differs from a plain CSV"))
        example = ", ".join(
            f"{one}: {_shown(sample.table[one].iloc[0]) or 'blank'}" for one in sample.table
        )
        if several:
            ids_told = f"sample is left out, as its ids stand in several columns. A row: {example}"
            return [*entries[:-1], YamlEntry("file", file, ids_told)]
        return [*entries, YamlEntry("sample", folder.spell(sample.path), f"a row: {example}")]

    def _value(self, sample: SampleSubmission, answers: Sequence[str]) -> Iterator[YamlEntry]:
        told = f"what a cell holds: one of {', '.join(value_names())}"
        if sample.has_counts:
            yield YamlEntry("value", "rle", told)
            yield self._runs()
            return
        if not any(map(_is_of_pixels, self.kinds)) or self.labels is not None:
            classes = set(self._class_names[0])
            cells = {cell for one in answers for cell in sample.table[one]}
            named = classes and cells <= classes
            cell = "name" if named else ("" if self.kind is None else self.kind.cell)
            yield YamlEntry("value", cell or placeholder("a value"), told)
            return
        if self.masks is None:
            yield YamlEntry("value", placeholder("a value"), told)
            if any(map(_may_be_runs, sample.table[answers[-1]])):
                yield self._runs("leave the line out where cells are no runs")
            return
        yield YamlEntry("value", "rle", told)
        yield self._runs()
        usual, n = Counter(sample.table[answers[-1]]).most_common(1)[0]
        if usual and n > 0.5 * len(sample.table):
            yield YamlEntry("empty", usual, "the cell of an empty mask, as most of the sample's")

    def _runs(self, otherwise: str = "") -> YamlEntry:
        """Return how runs are counted: a question, but for what a text beside the data tells."""
        said = find_readme_runs(self.sources.folder).parts
        names = ("base", "order")
        base, order = (RleSpec.model_fields[one] for one in names)
        either = {
            name: said[name].value
            if name in said
            else placeholder(" or ".join(map(str, get_args(one.annotation))))
            for name, one in zip(names, (base, order), strict=True)
        }
        sample = self.sources.sample
        if sample is not None and sample.has_counts:
            counts = {"counts": True, "order": either["order"]}
            told = [f"counts: background and mask in turn; order is {order.description}"]
            told += [said["order"].why] if "order" in said else []
            return YamlEntry("rle", counts, "; ".join(told))
        told = [
            f"of runs, value: rle: base is the {base.description}; order is {order.description}",
            "no header shows it: the competition's page does",
            *(said[one].why for one in names if one in said),
            *([otherwise] if otherwise else []),
        ]
        return YamlEntry("rle", either, "; ".join(told))


def _labels_of_measured(rows: MeasuredRows) -> InferredLabels:
    """Return the numbers of an image as its labels, several or one."""
    why = f"a row is a number of an image, {rows.quantity} names it, and the sample asks for it"
    if len(rows.names) == 1:
        return InferredLabels(image_kind("regression"), rows.names[0], [], why)
    return InferredLabels(image_kind("multitarget"), rows.names, rows.names, why)


def _paths_of(folder: DataFolder, match: ImageTable) -> str:
    """Return the patterns of the files that the rows of a table name, as they lie in the folder."""
    each = [channel_pattern(folder, match.template, one) for one in folder.channels]
    return " and ".join(each[:2]) + (" …" if len(each) > 2 else "") or match.template


def _share_of_rows(sample: SampleSubmission, group: ImageGroup) -> float:
    """Return the share of the sample's rows whose cells are in the paths of a group."""
    columns = [one for one in group.values if one in sample.table.columns]
    if not columns:
        return 0.0
    there = set(zip(*(group.values[one] for one in columns), strict=True))
    rows = list(zip(*(sample.table[one] for one in columns), strict=True))
    return sum(row in there for row in rows) / len(rows)


def _is_of_pixels(kind: Kind) -> bool:
    return kind.is_of_pixels


def _may_be_runs(cell: str) -> bool:
    """Return whether a cell may be pairs of a start and a length, as `1 1`."""
    numbers = cell.split()
    return bool(numbers) and len(numbers) % 2 == 0 and all(map(str.isdecimal, numbers))


def _with_plain_comment(entry: YamlEntry) -> YamlEntry:
    """Return an entry whose comments, which hold names of files and cells, stay comments."""
    value = entry.value
    if isinstance(value, list):
        value = [_with_plain_comment(one) if isinstance(one, YamlEntry) else one for one in value]
    return replace(entry, value=value, comment=_in_lines(entry.comment))


def _in_lines(text: str) -> str:
    return "\n".join(map(_printable, text.split("\n")))


def _shown(cell: object) -> str:
    text = _printable(" ".join(str(cell).split()))
    return text if len(text) <= _CELL else f"{text[:_CELL]}…"


def _printable(text: str) -> str:
    """Return a text with what would not be seen as YAML's quotes have it.

    The signs between letters that join or do not, as in Persian, are part of names.
    """
    return "".join(
        one if one.isprintable() or one in _JOINERS else one.encode("unicode_escape").decode()
        for one in text
    )
