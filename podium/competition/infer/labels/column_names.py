"""What the name of a column tells: a label, a group, a fact that is known of an image."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from podium.competition.infer.files import guess_part
from podium.competition.infer.labels.cells import has_fractions, known_cells
from podium.competition.languages import is_called, meaning_words
from podium.competition.spelling import letters_of, name_words, plain_spelling

__all__ = [
    "ACROSS_WORDS",
    "DEVICE_WORDS",
    "DOWN_WORDS",
    "FACT_WORDS",
    "PLACE_WORDS",
    "PLURALS",
    "RATING_WORDS",
    "REMARK_WORDS",
    "SEX_WORDS",
    "UNSURE_WORDS",
    "column_called",
    "column_spelt_as",
    "is_about_the_file",
    "is_about_the_label",
    "is_fact_or_group",
    "is_known_fact",
    "is_label_name",
    "named_columns",
    "names_parts",
    "numbers_rows",
]

PLURALS = frozenset(
    {"labels", "classes", "targets", "categories", "tags", "attributes", "keywords"}
)

RATING_WORDS = frozenset(
    {"diagnosis", "severity", "grade", "grades", "rating", "ratings", "stage", "level", "speed"}
    | {"stars", "quality", "degree", "score"}
)

UNSURE_WORDS = frozenset({"species", "breed", "diagnosis"})

SEX_WORDS = frozenset({"sex", "gender", "male", "female"})

DEVICE_WORDS = frozenset(
    {"device", "scanner", "machine", "vendor", "manufacturer", "operator", "technician"}
)
"""Words for with what, and by whom, an image was taken."""

ACROSS_WORDS = frozenset({"x", "left", "col", "column", "xoff", "xmin", "xstart"})
DOWN_WORDS = frozenset({"y", "top", "row", "yoff", "ymin", "ystart"})
"""Words of a column of the left, or of the upper, place of a thing in an image."""

PLACE_WORDS = ACROSS_WORDS | DOWN_WORDS | {"w", "h", "width", "height", "px", "off", "offset"}
"""Words of columns of the place of a thing in an image, and of its size."""

REMARK_WORDS = frozenset({"notes", "note", "comment", "comments", "remark", "remarks"})
"""Words of a column of what came to the mind of who wrote it, on some rows alone."""

FACT_WORDS = frozenset(
    {"id", "name", "file", "filename", "path", "url", "width", "height", "size", "age"}
    | SEX_WORDS
    | {"date", "time", "year", "month", "day", "hour", "lat", "lon", "latitude"}
    | {"longitude", "laterality", "side", "eye", "view", "projection", "split", "fold", "source"}
    | {"model", "magnification"}
    | REMARK_WORDS
    | DEVICE_WORDS
)

_SPREAD_WORDS = frozenset(
    {"var", "variance", "std", "stdv", "stdev", "stddev", "sd", "sem", "stderr", "deviation"}
    | {"uncertainty"}
)
"""Words of a column that says how far others agree on the label beside it."""

_PERSON_WORDS = frozenset({"user", "annotator", "rater", "volunteer", "labeller", "labeler"})
"""Words of a column that says who wrote the label beside it."""


def named_columns(label: str, columns: Iterable[str]) -> list[str]:
    """Return the columns that a person named: one, or several with commas between them.

    Args:
        label: as it was written.
        columns: of a table; none is returned where it lacks one of them.

    Example:
        >>> named_columns("rust, scab", ["id", "rust", "scab"])
        ['rust', 'scab']
        >>> named_columns("weight, g", ["id", "weight, g"])
        ['weight, g']
    """
    columns = [str(one) for one in columns]
    if label in columns:
        return [label]
    several = list(dict.fromkeys(one.strip() for one in label.split(",") if one.strip()))
    return several if len(several) > 1 and {*several} <= {*columns} else []


def column_called(name: str, table: pd.DataFrame) -> str:
    """Return the column of this name, else the only one that has all its words; "" without one."""
    if name in table:
        return name
    words = {*name_words(name)}
    found = [str(one) for one in table if words and words <= {*name_words(str(one))}]
    return found[0] if len(found) == 1 else ""


_UNIT_BEHIND = re.compile(r"\s*(?:\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\])\s*$")


def column_spelt_as(name: str, columns: Iterable[str]) -> str:
    """Return the column of this name, else the only one that differs in its spelling; "" without.

    Capitals, accents and signs do not count, nor does a unit in brackets that one of both lacks. A
    letter may be written as two, `ae` for `ä`.

    Example:
        >>> column_spelt_as("height", ["Height (cm)", "age"])
        'Height (cm)'
        >>> column_spelt_as("Hoehe_cm", ["Höhe (cm)", "Alter"])
        'Höhe (cm)'
        >>> column_spelt_as("height (m)", ["Height (cm)", "age"])
        ''
    """
    columns = [*columns]
    if name in columns:
        return name
    found = [one for one in columns if _are_spelt_alike(name, one)]
    return found[0] if len(found) == 1 else ""


_TWO_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"}
)
"""Letters of German, Danish and Norwegian as they are written in ASCII."""


def _are_spelt_alike(name: str, other: str) -> bool:
    for one in {name, _in_two_letters(name)}:
        for another in {other, _in_two_letters(other)}:
            (whole, bare), (of_other, bare_other) = _spelt_plainly(one), _spelt_plainly(another)
            lacks_unit = whole == bare or of_other == bare_other
            is_alike = whole == of_other or (lacks_unit and bare == bare_other)
            if is_alike and letters_of(bare_other):
                return True
    return False


def _in_two_letters(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().translate(_TWO_LETTERS)


def _spelt_plainly(name: str) -> tuple[str, str]:
    """Return a name without capitals, accents and signs, and so without a unit in brackets.

    Signs that are a whole unit (`%`) stay.
    """
    plain = plain_spelling(name)
    unit = _UNIT_BEHIND.search(plain)
    bare = letters_of(plain[: unit.start()] if unit else plain)
    if unit is None or not bare:
        return letters_of(plain), letters_of(plain)
    inside = (unit["round"] or unit["square"] or "").strip()
    return bare + (letters_of(inside) or inside), bare


def is_about_the_label(column: str) -> bool:
    """Return whether a column is called as what tells how sure a label is, or who gave it."""
    words = set(name_words(column))
    is_person = bool(words & _PERSON_WORDS) and words <= _PERSON_WORDS | {"id", "name", "no", "nr"}
    return is_person or bool(words & _SPREAD_WORDS)


def is_about_the_file(column: str, cells: pd.Series[str]) -> bool:
    """Return whether a column has hashes, sizes or times of files, which no image shows.

    Example:
        >>> is_about_the_file("md5_hash", pd.Series(["244e71f9", "86b5d813"]))
        True
        >>> is_about_the_file("filesize_bytes", pd.Series(["40894", "2560"]))
        True
        >>> is_about_the_file("size", pd.Series(["small", "large"]))
        False
    """
    words = set(name_words(column))
    if _DIGEST_NAME.search(column) or any(one <= words for one in _OF_FILES):
        return True
    known = known_cells(cells)
    # Classes may be called so, and are those of several images.
    return len(known) > 1 and known.is_unique and all(map(_DIGEST.fullmatch, known))


_DIGEST_NAME = re.compile(r"(?<![^\W_])(?:md5|sha-?(?:1|256|512)|crc-?32|checksum|hash)", re.I)
_OF_FILES = tuple(
    map(
        frozenset,
        (
            {"filesize"},
            {"mtime"},
            {"ctime"},
            {"file", "size"},
            {"size", "bytes"},
            {"file", "bytes"},
            {"file", "modified"},
        ),
    )
)
_DIGEST = re.compile(r"(?=.*[a-f])(?=.*\d)(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.I)


def names_parts(cells: pd.Series[str]) -> bool:
    """Return whether every cell is called as a part of the data, and they name two parts at least.

    `train` among `bus` and `tram` is a vehicle.

    Example:
        >>> names_parts(pd.Series(["train", "valid", "train"]))
        True
        >>> names_parts(pd.Series(["train", "bus"]))
        False
    """
    words = {*cells} - {""}
    parts = {guess_part(word) for word in words} if len(words) <= _MOST_PARTS else {"other"}
    return len(parts) > 1 and "other" not in parts


_MOST_PARTS = 12
"""More words than this are ids, as of large tables, and are not looked up one by one."""


def is_fact_or_group(column: str) -> bool:
    """Return whether a column is called as groups of images, or as what is known of them, are."""
    return is_called(column, "group") or bool(FACT_WORDS & set(name_words(column)))


def is_label_name(column: str) -> bool:
    """Return whether a column is called as labels are; `y` is one alone, and not in `y_tip`.

    `diagnostic` is one alone, too: "diagnostic keywords" are a text.
    """
    words = name_words(column)
    if words == ["diagnostic"]:
        return True
    longer = [word for word in words if len(word) > 1]
    return is_called(" ".join(longer) if len(words) > 1 else column, "label")


_KEY_WORDS = frozenset({"id", "fid", "oid", "gid", "uid", "objectid"})


def numbers_rows(column: str, cells: pd.Series[str]) -> bool:
    """Return whether a column is called as ids are, and has another whole number in each row.

    Example:
        >>> numbers_rows("TARGET_FID", pd.Series(["0", "41", "82"]))
        True
        >>> numbers_rows("class_id", pd.Series(["0", "1", "1"]))
        False
    """
    called = name_words(column)[-1:]
    return bool(_KEY_WORDS & set(called)) and cells.is_unique and bool(cells.str.isdecimal().all())


_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2})?")


def is_known_fact(column: str, cells: pd.Series[str]) -> bool:
    """Return whether a column has dates, times or fractions, or is called as facts are.

    Of images of one date, or one temperature, nothing shows that they are alike.
    """
    words = set(name_words(column))
    if "=" in column or words & meaning_words("group"):
        return False
    known = known_cells(cells)
    return (
        bool((words - {"id"}) & FACT_WORDS)
        or has_fractions(cells)
        or (len(known) > 0 and all(_DATE.fullmatch(cell) for cell in known.unique()))
    )
