"""A sample submission of the columns that a text or a script of the host states.

evaluate.py: "header tile,p_crack,p_ok"    verdicts.csv: tile, verdict (crack, ok)
quiz.txt: wx_00003, wx_00005 …         →   tile,p_crack,p_ok of wx_00003, wx_00005 …
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.readme.scripts import scoring_scripts
from podium.competition.infer.readme.texts import texts_and_lists
from podium.competition.infer.sample.spellings import are_classes_of

__all__ = ["sample_of_stated_columns"]

_HEADER = re.compile(r"(?<![\w,])\w+(?:,\w+){2,}(?![\w,]*\w)")


def sample_of_stated_columns(data: CompetitionData, to_predict: MadeTable) -> MadeTable | None:
    """Return the sample with a column for each class, as a text states it; None where none does.

    The first column is called as the one that names the images of train, and the others as the
    classes of a column of train, one for each.

    Args:
        to_predict: the list of the images to predict.
    """
    names = list(to_predict.table.iloc[:, 0])
    for path, text in _texts(data.folder):
        for header in dict.fromkeys(one[0] for one in _HEADER.finditer(text)):
            key, *values = header.split(",")
            if len({key, *values}) == len(values) + 1 and _are_classes(data, key, values):
                share = f"{1 / len(values):.6g}"
                cells = [[name, *[share] * len(values)] for name in names]
                table = pd.DataFrame(cells, columns=[key, *values], dtype=object)
                reader = (
                    f"a sample submission made of the columns that {path} states ({header}), and "
                    f"of the images of {', '.join(to_predict.sources)}"
                )
                return MadeTable((path, *to_predict.sources), reader, table)
    return None


def _are_classes(data: CompetitionData, key: str, values: list[str]) -> bool:
    """Return whether columns are called as the classes of a table of train, whose ids are `key`."""
    for path, table in data.tables.items():
        match = match_of_train(data.folder, path, table) if key in table else None
        if match is None or match.id != key:
            continue
        rest = (table[column] for column in map(str, table.columns) if column != key)
        if any(are_classes_of(values, cells) for cells in rest):
            return True
    return False


def _texts(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and text of scripts that score, and of texts beside the data, as they are."""
    yield from scoring_scripts(folder)
    yield from texts_and_lists(folder)
