"""The sources of an inference: the files of a data folder, and the tables and masks made of them.

Some competitions write tables, samples or masks in a way that training does not read: in another
dialect, in workbooks, as records of JSON, outlines, pages of a file. They are written to the
workspace once more, as CSV files and PNGs, and are read from there like all others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from podium.competition.infer.annotations.shapes import Annotations
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.columns.mark_tables import MarkedTable
from podium.competition.infer.conversions.masks.coco_objects import CocoObjects
from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.files_of_one_row import RowAnImage
from podium.competition.infer.conversions.tables.samples.nested_samples import NestedSample
from podium.competition.infer.files import DataFolder
from podium.competition.infer.sample.runs import MaskRuns
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.made_files import MADE, MadeFile
from podium.competition.truths.turns import Directions
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["MASKS_ALONE", "Sources"]

MASKS_ALONE = "masks"
"""What a person names in place of a column of labels, to predict masks and no labels."""


@dataclass(frozen=True, kw_only=True)
class Sources(CompetitionData):
    """The data of a competition, with what was made of it in the workspace."""

    root: Path
    """The workspace."""
    label: str | None = None
    """The column to predict, where a person named it, as tables call it now."""
    expression: str = ""
    """A person's regular expression, which reads the label from names of images; "" without."""
    masks_alone: bool = False
    """Whether a person asked for masks, and not for labels beside them."""
    has_test: bool = True
    """Whether there must be images to predict."""
    progress: Progress = SILENT
    """Of masks that are written."""
    unwritten: NestedSample | None = None
    """A sample submission of a form that podium cannot write."""
    annotations: Annotations | None = None
    """What an annotation tool has of the images."""
    coco: CocoObjects | None = None
    outlines: Outlines | None = None
    """Masks that were drawn of vertices, or taken out of pages."""
    runs: MaskRuns | None = None
    rows: RowAnImage | None = None
    """What tables were made of, whose rows named several images."""
    unit: str = ""
    """The column that names the rows of tables whose cells listed several images; "" without."""
    bare_units: tuple[str, ...] = ()
    """The rows to predict of such tables none of whose images is there."""
    marks: MarkedTable | None = None
    """The table whose marks are labels."""
    directions: Directions | Literal[""] = ""
    """The unit of the directions of train, which a made table has in degrees; "" without."""
    counted: str = ""
    """The table that was made of the number of rows, or of dots, of each image; "" without."""
    with_unknown: frozenset[str] = frozenset()
    """The tables that were made with blank cells beside 0 and 1 where a label is unknown."""
    other_rows: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """By a table of train: others that may be meant, with the rows nearest in time to photos by
    other clocks, or without images that no row of what was found names; and why."""
    found_in: frozenset[str] = frozenset()
    """The tables with a row for each class that was found in an image, of which one an image was
    made."""
    units_with_zeros: str = ""
    """The table of folders with 0 for unknown labels; "" where no other one leaves these out."""
    made: tuple[MadeFile, ...] = ()
    notes: tuple[str, ...] = ()
    bare: Mapping[str, str] = field(default_factory=dict)
    """The tables of two columns whose files have no header, with the sign between their cells."""
    pool: str = ""
    """Why images of one pool without a mask are to be predicted, where no sample names them."""

    listed: str = ""
    """The list, or folder, of images without a label that are to be predicted, where its name tells
    nothing."""

    def with_note(self, *notes: str) -> Sources:
        """Return the sources with points for a person to check; "" is none."""
        return replace(self, notes=(*self.notes, *filter(None, notes)))

    def origins_of(self, path: str) -> frozenset[str]:
        """Return a table and all files that it was made of, as the sources have their paths."""
        found, data = {path}, self.folder.path.absolute()
        for made in reversed(self.made):
            if made.path in found:
                for one in made.sources:
                    root = data if one.is_relative_to(data) else self.root
                    found.add(one.relative_to(root).as_posix())
        return frozenset(found)

    def with_folder(self, folder: DataFolder, *notes: str) -> Sources:
        """Return the sources with the data folder as it is seen from here on, and why."""
        return replace(self, folder=folder).with_note(*notes)

    def without_tables(self, paths: Collection[str]) -> Sources:
        """Return the sources without the tables of these paths."""
        rest = {path: table for path, table in self.tables.items() if path not in paths}
        return replace(self, tables=rest)

    def written(self, name: str, table: MadeTable) -> tuple[Sources, str]:
        """Write a table of this name to the workspace; return the sources with it, and its path."""
        path, folder = f"{MADE}/tables/{name}", self.folder
        write_text(self.root / path, table.table.to_csv(index=False, lineterminator="\n"))
        sources = [
            (self.root if one in folder.made else folder.path.absolute()) / one
            for one in table.sources
        ]
        made = (*self.made, MadeFile(path, tuple(sources), table.reader))
        folder = replace(folder, made=folder.made | {path})
        unknown = self.with_unknown | ({path} if table.blanks_are_unknown else set())
        return replace(self, folder=folder, made=made, with_unknown=unknown), path

    def with_table(self, name: str, one: MadeTable, *, instead_of: str = "") -> Sources:
        """Return the sources with a made table of this name and a note, in place of another one.

        Its path is that of the last one that was made.
        """
        found, made = self.written(name, one)
        rest = {path: table for path, table in found.tables.items() if path != instead_of}
        found = replace(found, tables={**rest, made: one.table})
        return found.with_note(f"{made} is {one.reader}")

    def with_table_instead(self, path: str, called: str, one: MadeTable) -> Sources:
        """Return the sources with a made table in place of another one.

        As `train_rows.csv` in place of `data/train.csv`, where it is called rows.
        """
        return self.with_table(f"{Path(path).stem}_{called}.csv", one, instead_of=path)

    def with_sample(self, made: MadeTable, form: dict[str, object], counts: str | None) -> Sources:
        """Return the sources with a sample submission that is made, written to the workspace."""
        order = () if self.sample is None else self.sample.order
        order = order if {*order} == {*made.table.columns} else ()
        of_file = made._replace(table=made.table[list(order)]) if order else made
        found, path = self.written(f"{Path(made.sources[0]).stem}.csv", of_file)
        sample = SampleSubmission(path, made.table, runs=counts, file=form, order=order)
        return replace(found, sample=sample)

    def with_made_sample(self, made: MadeTable, form: dict[str, object]) -> Sources:
        """Return the sources with a sample submission that is made, and a note of what it is."""
        found = self.with_sample(made, form, None)
        assert found.sample is not None
        return found.with_note(f"{found.sample.path} is {made.reader}")
