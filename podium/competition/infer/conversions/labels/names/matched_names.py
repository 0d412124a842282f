r"""Labels that a person's regular expression reads from the paths of images, as a table.

(?P<person>..)\.(?P<label>[A-Z]+)   in   faces/KA.AN1.39.tiff

image                 person  label
faces/KA.AN1.39.tiff  KA      AN
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import pandas as pd

from podium.competition.ids.patterns import bare_name, file_stem, without_zeros
from podium.competition.infer.conversions.labels.names.pieces_of_names import pieces_by_place
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.errors import UsageError, plural

__all__ = ["LABEL", "how_to_read_names", "table_of_matched_names"]

LABEL = "label"
"""The group, and the column, of labels."""
NO_LABEL = "none"
"""The label where the group is optional, and is not there."""
OPTION = "--label-from-name"

EXAMPLE = r"_([^_]+)\.\w+$"
"""An expression for what stands before the ending of names."""

_SIGNS = "_-. "


def table_of_matched_names(folder: DataFolder, expression: str) -> tuple[MadeTable, list[str]]:
    """Return the groups of the expression in the paths of images, and the paths without a match.

    Images to predict are left out. The label is the group `label`, else the first one; groups with
    other names are columns beside it.

    Args:
        expression: a regular expression, which is searched in each path below the data folder.

    Raises:
        UsageError: it is none, has no group, or finds fewer than two labels.
    """
    try:
        compiled = re.compile(expression)
    except re.error as error:
        raise _refused(f"{expression!r} is no regular expression: {error}", folder) from error
    if not compiled.groups:
        raise _refused(f"{expression!r} has no group in parentheses, which is the label", folder)
    named = list(compiled.groupindex)
    if "image" in named:
        raise _refused("a group called image would be the column of paths: rename it", folder)
    label: str | int = LABEL if LABEL in named else 1
    images = folder.of_part("train", "other")
    found = [(one.path, compiled.search(one.path)) for one in images]
    rows = [
        {"image": path, **{name: match[name] or "" for name in named}, LABEL: match[label] or ""}
        for path, match in found
        if match is not None
    ]
    table = pd.DataFrame(rows, columns=["image", *dict.fromkeys([*named, LABEL])], dtype=object)
    if table[LABEL].nunique() < 2:
        what = f"{expression!r} finds {len(rows):,} of {plural(len(images), 'name')}"
        only = f", and {rows[0][LABEL]!r} as the only label" if rows else ""
        raise _refused(f"{what}{only}", folder)
    numbers = [one for one in table if one != "image" and table[one].str.fullmatch(r"\d+").all()]
    for column in numbers:
        table[column] = table[column].map(without_zeros)
    table[LABEL] = table[LABEL].replace("", NO_LABEL)
    reader = f"what {expression!r} finds in the names of images"
    made = MadeTable(tuple(table["image"]), reader, table)
    return made, [path for path, match in found if match is None]


def how_to_read_names(folder: DataFolder) -> str:
    """Return the option that reads labels from names of images as these; "" where they have none.

    Names that are numbers alone hold no label: those of their folders may. Nor do names that differ
    in one number alone, which counts them, or in every last piece.
    """
    paths = [one.path for one in folder.of_part("train", "other")]
    if not paths:
        return ""
    what, name = "images", paths[0].rpartition("/")[2]
    names = [file_stem(one) for one in paths]
    expression = _expression_for(names, r"\.\w+$")
    if not expression and not _are_counted(names):
        expression = EXAMPLE
    if all(bare_name(one).isdecimal() for one in paths):
        folders = [one.rpartition("/")[0].rpartition("/")[2] for one in paths]
        what, name, expression = "folders", folders[0], _expression_for(folders, "/[^/]+$")
    match = re.search(expression, paths[0])
    takes = f", as {match[1]!r} there" if match and expression else ""
    if not expression:
        return ""
    return (
        f"where names of {what} as {name} hold the label, repeat podium init "
        f"with {OPTION} {shlex.quote(expression)}, a regular expression whose group is the "
        f"label{takes}"
    )


def _are_counted(names: Sequence[str]) -> bool:
    """Return whether names differ in one number alone, as `001cell`, or in every last piece."""
    forms = {re.sub(r"\d+", "0", one) for one in names}
    last = [one.rpartition("_")[2] for one in names if "_" in one]
    is_number = len(forms) == 1 and forms.pop().count("0") <= 1
    return is_number or len({*last}) == len(names)


def _refused(what: str, folder: DataFolder) -> UsageError:
    return UsageError(what, where=OPTION, fix=how_to_read_names(folder))


def _expression_for(names: list[str], behind: str) -> str:
    """Return an expression for the last piece of names that has few values; "" without one.

    Args:
        names: with as many pieces between signs each.
        behind: what follows a name in a path.
    """
    for sign in _SIGNS:
        cells = pieces_by_place(names, sign)
        n = len(cells)
        if n < 2:
            continue
        few = [k for k, each in enumerate(cells) if 1 < len({*each}) <= max(2, len(names) // 3)]
        if few:
            place, quoted, piece = few[-1], re.escape(sign), f"([^/{sign}]+)"
            if place == n - 1:
                return f"{quoted}{piece}{behind}"
            return rf"{f'[^/{sign}]+{quoted}' * place}{piece}{quoted}[^/]*{behind}"
    return ""
