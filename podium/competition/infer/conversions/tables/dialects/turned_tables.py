"""Tables that lie on their side: a column for each image, and a row for each fact of it.

species,P001,P002          plot,thrift,fescue
thrift,1,0           →     P001,1,1
fescue,1,1                 P002,0,1
"""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural

__all__ = ["with_a_row_an_image"]

_FEWEST_COLUMNS = 3  # columns of images


def with_a_row_an_image(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with a row an image, or None where its columns name no images.

    The first column has the names of the facts, each once; no column names images in its cells.

    Args:
        sample: the sample submission, whose ids' column is that of the images.
    """
    if not may_be_train_table(path) or len(table.columns) < 1 + _FEWEST_COLUMNS:
        return None
    first, *rest = map(str, table.columns)
    facts = table[first].str.strip()
    if not facts.is_unique or "" in set(facts):
        return None
    named = [one for one in rest if len(folder.named(one.strip())) == 1]
    if len(named) < NEARLY_ALL * len(rest):
        return None
    if match_of_train(folder, path, table) is not None:
        return None
    images = "image" if sample is None or sample.id in set(facts) else sample.id
    if images in set(facts):
        return None
    turned = table[named].T
    turned.columns = pd.Index(list(facts), dtype=object)
    turned.insert(0, images, [one.strip() for one in named])
    left = len(rest) - len(named)
    without = f", without {plural(left, 'column')} of other names" if left else ""
    reader = f"{path} with a row for each of its columns, which are images{without}"
    return MadeTable((path,), reader, turned.reset_index(drop=True).astype(object))
