"""Dates as tables, folders and ids write them: `2024-07-18`, `20240718`, `18.7.2024`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache

__all__ = ["DATE_FORMS", "DateForm", "date_forms"]

_FIELDS = {"y": r"(?P<y>(?:19|20)\d\d)", "s": r"(?P<s>\d\d)"}
_ORDERS = ("ymd", "dmy", "mdy", "smd", "dms")
_SIGNS = ("-", "", "_", ".", "/", " ")


@dataclass(frozen=True)
class DateForm:
    """One way to write dates.

    Attributes:
        order: of the year (`s`: its last two digits), the month and the day.
        sign: between them.
        is_padded: whether days and months below 10 have a zero in front.
    """

    order: str
    sign: str
    is_padded: bool = True

    def read(self, cell: str) -> date | None:
        """Return the date of a cell; None where it has another form, or is none.

        Example:
            >>> DateForm("dmy", ".").read("18.07.2024")
            datetime.date(2024, 7, 18)
        """
        found = _expression(self).fullmatch(cell)
        if found is None:
            return None
        fields = {name: int(text) for name, text in found.groupdict().items()}
        year = fields["y"] if "y" in fields else 2000 + fields["s"]
        try:
            return date(year, fields["m"], fields["d"])
        except ValueError:
            return None

    def write(self, day: date) -> str:
        """Return a date in this form.

        Example:
            >>> DateForm("ymd", "").write(date(2024, 7, 18))
            '20240718'
        """
        two = "02d" if self.is_padded else "d"
        texts = {
            "y": f"{day.year:04d}",
            "s": f"{day.year % 100:02d}",
            "m": format(day.month, two),
            "d": format(day.day, two),
        }
        return self.sign.join(texts[one] for one in self.order)


@cache
def _expression(form: DateForm) -> re.Pattern[str]:
    number = r"\d\d" if form.is_padded else r"[1-9]\d?"
    texts = [_FIELDS.get(one, f"(?P<{one}>{number})") for one in form.order]
    return re.compile(re.escape(form.sign).join(texts))


DATE_FORMS = tuple(
    DateForm(order, sign, is_padded)
    for is_padded in (True, False)
    for order in _ORDERS
    for sign in _SIGNS
    # Six digits are any number, and days without zeros need a sign.
    if (sign or (is_padded and "s" not in order)) and (sign or order != "mdy")
)
"""All forms, the usual ones first."""


def date_forms(cells: Collection[str]) -> list[DateForm]:
    """Return the forms that all cells have; several where no day is above 12.

    Example:
        >>> [one.order for one in date_forms(["01/02/2024", "03/04/2024"])]
        ['dmy', 'mdy']
        >>> date_forms(["18/07/2024", "K03"])
        []
    """
    each = set(cells)
    return [
        form for form in DATE_FORMS if each and all(form.read(cell) is not None for cell in each)
    ]
