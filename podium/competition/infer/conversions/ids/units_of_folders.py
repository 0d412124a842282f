"""Rows of images whose folders the sample submission has a row of: a study of several views.

Path,Edema                                     Study,Edema
train/patient7/study1/frontal.jpg,1            data/test/patient9/study2,0.5
train/patient7/study1/lateral.jpg,1

Tables get a column with the folder of each image, called as that of the ids to send, and the images
to predict become a table with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import is_test_table
from podium.competition.infer.image_tables import match_if_of_train, match_images

__all__ = ["tables_of_folders_sent"]


class _Cut(NamedTuple):
    """The folders of a path that an id is of: so many, in front of as many others."""

    n: int
    back: int

    def of(self, path: str) -> str:
        """Return these folders; "" of a path that has fewer."""
        folders = path.split("/")[:-1]
        end = len(folders) - self.back
        return "/".join(folders[end - self.n : end]) if end >= self.n else ""


def tables_of_folders_sent(data: CompetitionData) -> tuple[dict[str, MadeTable], MadeTable | None]:
    """Return tables of images with the column of ids to send, and the images to predict.

    {} where an id is no folder of several images to predict, or no table of train has a row for
    each image of such folders; None where a table of test has the images to predict.
    """
    folder, sample = data.folder, data.sample
    test = [one.path for one in folder.of_part("test") or folder.of_part("other")]
    if sample is None or any(sample.id in table for table in data.tables.values()):
        return {}, None
    cut = _find_cut(test, {*sample.table[sample.id]})
    if cut is None:
        return {}, None
    made, has_test, has_train = dict[str, MadeTable](), False, False
    for path, table in data.tables.items():
        is_of_test = is_test_table(path)
        if is_of_test:
            match = match_images(folder, path, table, ("test",))
        else:
            match = match_if_of_train(folder, path, table)
        if match is None or len(match.table) != len(table):
            continue
        cells = zip(match.images, match.table[match.id], strict=True)
        units = [cut.of(str(cell) if image is None else image.path) for image, cell in cells]
        if not all(units) or (not is_of_test and len({*units}) == len(units)):
            continue
        has_test, has_train = has_test or is_of_test, has_train or not is_of_test
        reader = f"{path} with the {sample.id} of each image, a folder"
        made[path] = MadeTable((path,), reader, table.assign(**{sample.id: units}))
    if not has_train:
        return {}, None
    if has_test:
        return made, None
    asked = {*sample.table[sample.id]}
    rows = [(one, unit) for one in test if (unit := cut.of(one)) in asked]
    called = "image" if sample.id != "image" else "path of the image"
    cells_of_test = pd.DataFrame(rows, columns=[called, sample.id], dtype=object)
    reader = f"the images in the folders that {sample.path} names"
    return made, MadeTable((sample.path,), reader, cells_of_test)


def _find_cut(paths: Sequence[str], ids: Collection[str]) -> _Cut | None:
    """Return which folders of paths are ids, one place each; None where an id is of none.

    None where each id is of one path, too.
    """
    lengths = {one.count("/") + 1 for one in ids}
    if len(lengths) != 1:
        return None
    n = lengths.pop()
    for back in range(max((one.count("/") for one in paths), default=0)):
        cut = _Cut(n, back)
        places = {(unit, one.rsplit("/", back + 1)[0]) for one in paths if (unit := cut.of(one))}
        found = Counter(unit for unit, _ in places)
        is_each = all(found[one] == 1 for one in ids)
        if is_each and sum(cut.of(one) in found.keys() & {*ids} for one in paths) > len(ids):
            return cut
    return None
