"""Ids and groups of the rows of a table: a column, several together, or a part of a cell.

`image_id`; `{subject}_{img}` of two columns; `ImageId={id}_{class}` where a cell names more than an
image, as in a sample submission with a row for each class or object. A group may be a part of the
path in a cell: `Path={group}/*`; of the ids, where no column holds them: `id={group}_*`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from podium.competition.ids.patterns import Pattern
from podium.errors import DataError, plural, some

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "NUMBERED_ID",
    "columns_of_key",
    "groups_of_rows",
    "ids_of_rows",
    "is_group_of_cell",
    "is_part_of_cell",
    "rows_of_images",
]

NUMBERED_ID = "{n}"
"""Stands in a key for a whole number, as that of an object."""
_FIELDS = re.compile(r"(\{id\}|\{class\}|\{n\})")


def columns_of_key(key: str) -> list[str]:
    """Return the columns that a key reads.

    Example:
        >>> columns_of_key("{subject}_{img}"), columns_of_key("ImageId={id}_{class}")
        (['subject', 'img'], ['ImageId'])
    """
    if is_part_of_cell(key) or is_group_of_cell(key):
        return [key.partition("=")[0]]
    return list(Pattern(key).fields) or [key]


def groups_of_rows(table: pd.DataFrame, key: str, *, strict: bool = True) -> list[Any]:
    """Return the group of each row: a cell of the column `key`, or its part `{group}`.

    Args:
        table: with the column.
        key: of `folds.group`.
        strict: whether each cell must be of the key's form; else one that is not has None.

    Raises:
        DataError: a cell is not of the key's form.

    Example:
        >>> import pandas as pd
        >>> groups_of_rows(pd.DataFrame({"Path": ["p1/a.jpg", "p2/b.jpg"]}), "Path={group}/*")
        ['p1', 'p2']
        >>> groups_of_rows(pd.DataFrame({"id": ["cow7", "cow12", "ewe3"]}), "id={group}{n}")
        ['cow', 'cow', 'ewe']
    """
    if not is_group_of_cell(key):
        return list(table[key])
    column, _, template = key.partition("=")
    pattern = Pattern(template, numbers=["n"])
    fields = [pattern.match(cell) for cell in table[column]]
    odd = [cell for cell, one in zip(table[column], fields, strict=True) if one is None]
    if odd and strict:
        raise DataError(
            f"{plural(len(odd), 'cell')} of {column} {'is' if len(odd) == 1 else 'are'} not of "
            f"the form {template}: {some(odd)}",
            where="folds.group",
            fix="mend the group in competition.yaml",
        )
    return [None if one is None else one["group"] for one in fields]


def is_group_of_cell(key: str) -> bool:
    """Return whether a key is `<column>=…{group}…`."""
    _, sign, template = key.partition("=")
    return bool(sign) and "{group}" in template


def ids_of_rows(table: pd.DataFrame, key: str) -> list[str]:
    """Return the id of each row: the cells of the column `key`, or of several as it puts them.

    Of a key that is a part of a cell, `table` has passed `rows_of_images`.
    """
    if is_part_of_cell(key):
        return list(table["id"])
    if key in table.columns or "{" not in key:
        return list(table[key])
    template = Pattern(key)
    rows = zip(*(table[name] for name in template.fields), strict=True)
    return [template.fill(dict(zip(template.fields, row, strict=True))) for row in rows]


def rows_of_images(
    table: pd.DataFrame, key: str, classes: Sequence[str], where: str
) -> pd.DataFrame:
    """Return the table with a row an image, the first of each, and its id in a column `id`.

    Other keys than `<column>={id}…` name one row an image: their table is returned as it is.

    Args:
        table: as it was read.
        key: as `data.test.id` has it.
        classes: what `{class}` may be; a number is one, too.
        where: the table, for messages.

    Raises:
        DataError: a cell is not of the key's form.
    """
    if not is_part_of_cell(key):
        return table
    column, _, template = key.partition("=")
    names = sorted(map(re.escape, classes), key=len, reverse=True)
    fields = {
        # As short as can be: of the classes "bowel" and "large_bowel" the longer one is meant.
        "{id}": "(?P<id>.+?)",
        "{class}": f"(?:{'|'.join([*names, '[0-9]+'])})",
        NUMBERED_ID: "[0-9]+",
    }
    parts = (fields.get(one, re.escape(one)) for one in _FIELDS.split(template))
    matches = list(map(partial(re.fullmatch, re.compile("".join(parts))), table[column]))
    odd = [cell for cell, one in zip(table[column], matches, strict=True) if one is None]
    if odd:
        raise DataError(
            f"{plural(len(odd), 'cell')} of {column} {'is' if len(odd) == 1 else 'are'} not of "
            f"the form {template}: {some(odd)}",
            where=where,
            fix="mend the id in competition.yaml",
        )
    first: dict[str, int] = {}
    for row, one in enumerate(matches):
        if one is not None:
            first.setdefault(one["id"], row)
    return table.iloc[list(first.values())].assign(id=list(first)).reset_index(drop=True)


def is_part_of_cell(key: str) -> bool:
    """Return whether a key is `<column>=…{id}…`, so that several rows may be of one image."""
    _, sign, template = key.partition("=")
    return bool(sign) and "{id}" in template
