"""Remarks of a text beside the name of a metric that make it another one.

"Scored by MCRMSE, where the angle counts double."      →    'where the angle counts double'
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

import pandas as pd

from podium.competition import metrics
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.readme.metrics import (
    MEANS_OF_COLUMNS,
    ReadmeMetric,
    names_in_text,
    scoring_words,
    without_names,
)
from podium.competition.infer.readme.texts import as_in_texts, sentences_of
from podium.competition.languages import meaning_words, numerals
from podium.competition.phrases import any_phrase, plain_signs, words_pattern
from podium.tasks.protocols.kind import Kind

__all__ = ["caveat_of_metric", "means_of_columns"]

_LONGEST_QUOTE = 80


def caveat_of_metric(
    folder: DataFolder,
    named: ReadmeMetric,
    kind: Kind,
    columns: Collection[str],
    *,
    weights_are_read: bool = False,
) -> str:
    """Return what of a text makes a metric another one, and what to write; "" for nothing.

    In the sentence of its name, or in the next one without a name: weights, what counts more or is
    left out, a tolerance, and errors that are symmetric or divided by a deviation; of one number an
    image, that groups of images are scored apart, or that several of the score are averaged; of
    masks, that the slices of a volume are scored together. There and in some sentences behind: a
    weighted sum. Anywhere near a word of scoring: that some classes count as one.

    Args:
        named: the metric, as the text names it.
        kind: of the labels.
        columns: what is to predict: classes, and columns of labels.
        weights_are_read: whether the weights that it tells are options of the metric already.
    """
    names = [named.name, *filter(None, [MEANS_OF_COLUMNS.get(named.name)])]
    able = [one for one in names if metrics.can_score(one, kind, kind.task)]
    for sentence in _sentences(folder, named):
        for option, match in _altering(sentence, named, columns, kind):
            if weights_are_read and option == "weights":
                continue
            said = f"{named.path} says {_clause(sentence, match)!r}"
            if option == _VOLUMES:
                return f"{said}, and {named.name} scores each image by itself: {_OF_VOLUMES}"
            for name in able:
                if metrics.get(name).options.get(option, "") is None:
                    ones = ", ".join(["1"] * len(columns)) if len(columns) <= _MOST_SHOWN else "…"
                    line = f"name: {name} and {option}: [{ones}] under metric"
                    return f"{said}: write {line}, {_ADVICE[option]}"
            if option == "weights" and kind.is_by_output:
                return f"{said}: {_OF_OUTPUTS}"
            return f"{said}, for which {named.name} has no option: {_OWN}"
    if kind.is_exclusive and not kind.is_of_pixels and (said := _same_class(folder, named)):
        return f"{named.path} says {said!r}, for which {named.name} has no option: {_OWN}"
    if not weights_are_read and (formula := _weighted_sum(folder, named)):
        return f"{named.path} says {formula!r}, and {named.name} is no such sum: {_OWN}"
    return ""


def means_of_columns(
    folder: DataFolder, named: ReadmeMetric, kind: Kind, columns: Sequence[pd.Series[str]]
) -> tuple[str, list[float], str] | None:
    """Return the metric whose errors a text divides by the mean of each column, or None.

    In the sentence of its name, or in the next one.

    Args:
        folder, named, kind: as of `caveat_of_metric`.
        columns: the cells of each column to predict.

    Returns:
        The metric by columns, the mean of each, and the words of the text.
    """
    name = MEANS_OF_COLUMNS.get(named.name, named.name)
    if not metrics.can_score(name, kind, kind.task) or "scales" not in metrics.get(name).options:
        return None
    numbers = [numbers_of(one) for one in columns]
    means = [float(f"{one.mean():.4g}") for one in numbers if one is not None]
    if not means or len(means) < len(columns) or min(means) <= 0:
        return None
    for sentence in _sentences(folder, named):
        said = any_phrase("divided by mean").search(plain_signs(without_names(sentence)))
        if said is not None:
            return name, means, f"{named.path} says {said[0].strip()!r}"
    return None


_OWN = "podium takes a metric of your own, which docs/extending.md shows how to write"
_OF_OUTPUTS = (
    "where it is of outputs, write weights: {NAME: 2} under metric, 1 for each that is not named; "
    "where it is of classes, class_weights: {NAME: 2}, which log_loss has"
)
_VOLUMES = "volumes"
_OF_VOLUMES = (
    "for metrics of volumes, and where to name the volume of an image, see Volumes in "
    "docs/objects.md; for another one write your own, as docs/extending.md shows"
)
_MOST_SHOWN = 12
_ADVICE = {
    "weights": "with how much each of the classes counts, 0 for one that is left out",
    "scales": "with what the error of each of the classes is divided by",
}


def _same_class(folder: DataFolder, named: ReadmeMetric) -> str:
    """Return the sentence that has some classes scored as one; "" without one."""
    for sentence in sentences_of(folder, named.path):
        match = any_phrase("same class").search(plain_signs(sentence))
        if match is not None and scoring_words().search(sentence) is not None:
            return _clause(sentence, match)
    return ""


def _weighted_sum(folder: DataFolder, named: ReadmeMetric) -> str:
    """Return a weighted sum in the sentence of a metric's name, or in the next ones; or "".

    As `0.7 a + 0.3 b`. One with equal weights is a mean, unless it names a metric.
    """
    sentences = sentences_of(folder, named.path)
    for n, sentence in enumerate(sentences):
        found = _SUM.search(sentence)
        near = sentences[max(0, n - _NEXT) : n + 1]
        if found is None or not any(named.called in one for one in near):
            continue
        weights = {number.replace(",", ".") for number in re.findall(_WEIGHT, found[0])}
        if len(weights) > 1 or names_in_text(found[0]):
            return found[0].strip()
    return ""


_NEXT = 3  # sentences behind that of the name
_WEIGHT = r"(?<![\w.,])0?[.,]\d+(?![\w.,])"
_TERM = rf"{_WEIGHT}\s?[×·x]?\s?[^\W\d][^+=\n\d,;。]{{0,30}}"
_SUM = re.compile(rf"{_TERM}(?:\+\s?{_TERM})+")


def _sentences(folder: DataFolder, named: ReadmeMetric) -> Iterator[str]:
    """Yield the sentences that have a metric's name, each with the next one without any."""
    sentences = sentences_of(folder, named.path)
    for n, sentence in enumerate(sentences):
        if named.called in sentence or any(one in named.called for one in names_in_text(sentence)):
            yield sentence
            yield from (one for one in sentences[n + 1 : n + 2] if not names_in_text(one))


def _altering(
    sentence: str, named: ReadmeMetric, columns: Collection[str], kind: Kind
) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield what makes a metric another one, and the option for it where there is one."""
    metric = metrics.get(named.name)
    own = metric.options
    plain = plain_signs(without_names(sentence))
    spelt = (plain_signs(as_in_texts(one)) for one in columns)
    called = "|".join(re.escape(one) for one in spelt if len(one) > 1)
    a_column = re.compile(rf"(?<!\w)(?:{called or '(?!)'})(?!\w)")
    weights = any_phrase("weight", "weighted")
    # F2 is told by how recall counts, a weighted F1 or kappa by its weights.
    has_weights = any("weight" in name and value is not None for name, value in own.items())
    is_its_own = named.average or has_weights or weights.search(plain_signs(named.called))
    if not (is_its_own or "beta" in own or "recall" in plain):
        of_columns = words_pattern(meaning_words("column") | meaning_words("object class"))
        counts_more = any_phrase("counts more").search(plain)
        if counts_more and (of_columns.search(plain) or a_column.search(plain)):
            yield "weights", counts_more
        is_weighed = _weighted().search(plain)
        if is_weighed and not weights.search(called):  # what is to predict may be a weight
            yield "weights", is_weighed
    for left_out in any_phrase("not scored").finditer(plain):
        if a_column.search(_clause(plain, left_out)):
            yield "weights", left_out
    tolerance = any_phrase("tolerance").search(plain)
    if tolerance and "tolerance" not in own:
        yield "", tolerance
    apart = any_phrase("apart").search(plain)
    has_classes = kind.is_of_pixels or not (kind.is_single or kind.is_ordered)
    if apart and not has_classes:  # others are means over classes or columns as they are
        named_so = meaning_words("column") | meaning_words("object class") | meaning_words("image")
        others = (words_pattern(named_so), a_column)
        if not any(one.search(plain, apart.end()) for one in others):
            yield "", apart
    of_groups = None if has_classes else _mean_of_several().search(plain)
    if of_groups:
        yield "", of_groups
    symmetric = any_phrase("symmetric").search(plain)
    if symmetric and metric.name == "mape":  # divided by both numbers, and not by the true one
        yield "", symmetric
    deviation = any_phrase("standard deviation").search(plain)
    is_error = not metric.greater_is_better  # others are explained by it
    if deviation and is_error and names_in_text(sentence):
        yield "scales", deviation
    of_volume = any_phrase("whole volume").search(plain)
    if of_volume and metric.scores_masks and not metric.scores_volumes:
        yield _VOLUMES, of_volume


@cache
def _weighted() -> re.Pattern[str]:
    """Return the pattern of weights with a number, and of a weighted mean."""
    weight, weighted = any_phrase("weight", "weighted").pattern, any_phrase("weighted").pattern
    means = words_pattern(map(plain_signs, meaning_words("mean"))).pattern
    by = "|".join(map(re.escape, sorted(meaning_words("by"))))
    number = r"\s?(?:[^\W\d]{1,5}\s)?[:=(\[]{0,2}\s?\d"
    return re.compile(
        rf"(?:{weight}){number}|(?:{weighted})\s(?:(?:{by})\s|(?:\w+\s)?(?:{means}))"
        rf"|(?:{means})\w*,?\s(?:{weighted})"
    )


@cache
def _mean_of_several() -> re.Pattern[str]:
    """Return the pattern of a mean of several of a score, where names of metrics are blanks.

    As "the mean of the five RMSE", which are of groups where an image has one number.
    """
    each = sorted(plain_signs(word) for word, n in numerals().items() if n > 1)
    number = rf"(?:\d+|{'|'.join(map(re.escape, each))})"
    return re.compile(
        rf"(?:{any_phrase('mean of').pattern})\s(?:\w{{1,3}}\s)?{number}\s(?:[\w-]+\s)?(?=\s\s)"
    )


def _clause(sentence: str, match: re.Match[str]) -> str:
    """Return the part of a sentence between signs that a match is in."""
    ends = [one.end() for one in _SIGNS.finditer(sentence, 0, match.start())]
    end = _SIGNS.search(sentence, match.end())
    clause = sentence[ends[-1] if ends else 0 : end.start() if end is not None else None].strip()
    return clause if len(clause) <= _LONGEST_QUOTE else match[0].strip()


_SIGNS = re.compile(r"[;()]|[,:.](?=\s(?!\d))|[.:]$")
