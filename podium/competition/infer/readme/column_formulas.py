"""The formula of a score that is one metric of each column, with weights and divisors.

README.md: "Score = 0.5 * RMSE(rust_pct) / 10 + 0.5 * RMSE(creep_mm) / 2"
           →    {name: mcrmse, weights: [0.5, 0.5], scales: [10, 2]}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.competition import metrics
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import as_in_texts, items_as_written
from podium.competition.phrases import plain_text
from podium.tasks.protocols.kind import Kind

__all__ = ["ColumnFormula", "readme_column_formula"]

_BY_COLUMN = {"rmse": "mcrmse", "mae": "mcmae", "rmsle": "mcrmsle", "r2": "mean_r2"}
"""The metric that is the mean over columns of one of them."""
_NUMBER = r"(?:\d+(?:[.,]\d+)?|\d+/\d+)"
_TIMES = r" ?[x×·⋅∙*]? ?"
_LONGEST = 300  # letters of a formula of many columns


@dataclass(frozen=True)
class ColumnFormula:
    """One metric of each column, summed.

    Attributes:
        metric: the name of podium's metric, which is the mean over columns.
        weights: of the columns in their order; their sum need not be 1.
        scales: what the score of each column is divided by; 1 for none.
        path: of the text that has the formula.
        quote: the formula as the text has it.
    """

    metric: str
    weights: tuple[float, ...]
    scales: tuple[float, ...]
    path: str
    quote: str

    @property
    def options(self) -> dict[str, list[float]]:
        """The options of the metric that are not the usual ones, by name."""
        lists = {"scales": self.scales, "weights": self.weights}
        return {
            name: [int(one) if one.is_integer() else one for one in numbers]
            for name, numbers in lists.items()
            if len({*numbers}) > 1 or (name == "scales" and numbers[0] != 1)
        }


def readme_column_formula(
    folder: DataFolder, columns: Sequence[str], kind: Kind
) -> ColumnFormula | None:
    """Return the formula of a text that sums one metric over all columns; None without one.

    Args:
        folder: of the data.
        columns: to predict, in their order.
        kind: of the labels.
    """
    if len(columns) < 2:
        return None
    for name, by_column in _BY_COLUMN.items():
        if not metrics.can_score(by_column, kind, kind.task):
            continue
        term = _term(metrics.phrases(name), columns)
        whole = re.compile(rf"{term.pattern}(?: ?\+ ?{_unnamed(term)}){{{len(columns) - 1}}}")
        for path, text in _lines(folder):
            match = whole.search(text)
            if match is None or len(match[0]) > _LONGEST:
                continue
            found = [_read(one, columns) for one in term.finditer(match[0])]
            own = {at: (weight, scale) for at, weight, scale in found}
            if {*own} != {*range(len(columns))} or len(found) != len(columns):
                continue
            weights, scales = zip(*(own[at] for at in range(len(columns))), strict=True)
            told = ColumnFormula(by_column, weights, scales, path, match[0].strip())
            if set(told.options) <= set(metrics.get(by_column).options):
                return told
    return None


def _lines(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and line of texts in small letters, with all signs but those of emphasis."""
    for path, text in items_as_written(folder):
        for line in unicodedata.normalize("NFKC", text).splitlines():
            yield path, " ".join(plain_text(line.replace("`", "")).split())


def _term(called: Sequence[str], columns: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern of `0.5 * RMSE(rust_pct) / 10`, `1/3 MAE_width` or `RMSE of height`."""
    names = "|".join(sorted(map(re.escape, {*map(plain_text, called)}), key=len, reverse=True))
    spelt = [
        "|".join(map(re.escape, {plain_text(one), plain_text(as_in_texts(one))})) for one in columns
    ]
    column = "|".join(f"(?P<column_{at}>{one})" for at, one in enumerate(spelt))
    return re.compile(
        rf"(?<![\w.])(?:(?P<weight>{_NUMBER}){_TIMES})?(?:{names})"
        rf"(?: ?[([{{_] ?| (?:of|for|von|de|du|di|da|do|van) )(?:{column})(?!\w) ?[)\]}}]?"
        rf"(?: ?[/÷] ?(?P<scale>\d+(?:[.,]\d+)?))?"
    )


def _unnamed(term: re.Pattern[str]) -> str:
    """Return a pattern without the names of its groups, to stand in another one once more."""
    return re.sub(r"\(\?P<\w+>", "(?:", term.pattern)


def _read(match: re.Match[str], columns: Sequence[str]) -> tuple[int, float, float]:
    """Return the column of a term, its weight and its divisor."""
    [at] = [at for at in range(len(columns)) if match[f"column_{at}"] is not None]
    return at, _number(match["weight"]), _number(match["scale"])


def _number(text: str | None) -> float:
    above, _, below = (text or "1").replace(",", ".").partition("/")
    return float(above) / float(below or 1)
