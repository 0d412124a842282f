"""Tables of votes, of which the sample submission asks for the share of each answer.

photo,user,kind                photo,smooth_frac,disk_frac        photo,smooth,disk,total
311,A,smooth                   311,0.666667,0.333333              311,2,1,3
311,B,disk               →                                   ←
311,C,smooth
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

import pandas as pd

from podium.competition.infer.conversions.labels.votes.majority_votes import sentences_on_people
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import IN_DATA, match_if_of_train
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called, unit_phrases
from podium.competition.phrases import phrase_pattern
from podium.competition.spelling import name_words
from podium.errors import DataError, plural, some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = ["shares_of_votes"]

_WHOLE = r"\d+"


def shares_of_votes(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with the share of each answer in the votes of an image; else None.

    The sample submission has a column for each answer, called as the answer and perhaps more. Votes
    are rows with an answer each, every one of which counts, or columns of counts. That shares are
    asked for, the names of the sample's columns show; of rows also a text, or fractions beside a
    metric of numbers, as the sample's fractions may be probabilities of one class.

    Raises:
        DataError: beside columns of counts there is a total that is not their sum.
    """
    if sample is None or len(sample.values) < 2 or not sample.has_numbers:
        return None
    match = match_if_of_train(folder, path, table)
    if match is None or match.several:
        return None
    if table[match.id].is_unique:
        is_asked = _are_called_shares(sample)
        return _of_counts(folder, path, table, match.id, sample) if is_asked else None
    return _of_rows(folder, path, table, match.id, sample)


def _of_rows(
    folder: DataFolder, path: str, table: pd.DataFrame, image: str, sample: SampleSubmission
) -> MadeTable | None:
    """Return the shares of answers that rows hold; None where rows hold none that agree."""
    rest = [str(one) for one in table.columns if str(one) != image]
    called = {one: _called(sample.values, set(table[one]) - {""}) for one in rest}
    found = [one for one in rest if called[one]]
    # An image that has each label once has several labels.
    if len(found) != 1 or not table.duplicated([image, found[0]]).any():
        return None
    if not (_are_called_shares(sample) or _sends_shares(folder, sample)):
        return None
    answer, votes = found[0], table[table[found[0]] != ""]
    counts = pd.crosstab(votes[image], votes[answer].map(called[answer]))
    images = list(dict.fromkeys(votes[image]))
    counts = counts.reindex(index=images, columns=sample.values, fill_value=0)
    first = table.groupby(image)
    kept = [one for one in rest if one != answer and first[one].nunique().eq(1).all()]
    kept = [one for one in kept if one not in sample.values]
    made = pd.concat([first[kept].first().loc[images], _shares(counts)], axis=1)
    reader = f"the share of each {answer} in the rows of each {image.removesuffix(IN_DATA)}"
    people = [one for one in rest if is_called(one, "annotator") or is_called(one, "voter")]
    n_again = int(votes.duplicated([image, people[0]]).sum()) if len(people) == 1 else 0
    if n_again:
        reader += f"; {plural(n_again, 'row')} by the same {people[0]} once more count, too"
    return MadeTable((path,), reader, made.rename_axis(image).reset_index().astype(object))


def _of_counts(
    folder: DataFolder, path: str, table: pd.DataFrame, image: str, sample: SampleSubmission
) -> MadeTable | None:
    """Return the shares of columns of counts; None where there are none."""
    whole = [one for one in map(str, table) if table[one].str.fullmatch(_WHOLE).all()]
    whole = [one for one in whole if one != image]
    columns = _called(sample.values, whole, are_ended=True)
    if len(columns) < len(sample.values):
        return None
    counts = table[list(columns)].astype(int).rename(columns=columns)[sample.values]
    of_rows = counts.sum(axis=1)
    if counts.le(1).all(axis=None) or of_rows.eq(0).any():
        return None  # bits of several labels, or an image without a vote
    totals = [one for one in whole if one not in columns and _TOTAL & set(name_words(one))]
    for one in totals:
        if not (others := table.index[table[one].astype(int) != of_rows]).empty:
            row = others[0]
            raise DataError(
                f"{path}: {one} of {table[image][row]} is {table[one][row]}, and "
                f"{some(list(columns))} sum to {of_rows[row]}: nothing tells of which number the "
                "shares that the sample submission asks for are",
                where=folder.path / path,
                fix=f"write a table with the columns {image} and {some(sample.values)}, or leave "
                f"out {one} if the shares are of the sum",
            )
    made = table.drop(columns=[*columns, *totals])
    made[sample.values] = _shares(counts)
    reader = f"{path} with the share of each of {some(list(columns))} in its row"
    return MadeTable((path,), reader, made)


_TOTAL = frozenset({"total", "sum", "all", "votes"})


def _shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each column in its row, as text."""
    return counts.div(counts.sum(axis=1), axis=0).map("{:.6g}".format)


def _called(
    columns: Collection[str], answers: Collection[str], *, are_ended: bool = False
) -> dict[str, str]:
    """Return the column that each answer is called as, but for words that all have; {} without.

    Half of the columns at least have an answer, and each has one.

    Args:
        columns: of the sample submission.
        answers: that have a column each.
        are_ended: whether answers are names of columns, which may have words in common, and of
            which some are called as no column of the sample.
    """
    own = {frozenset(words): one for one, words in _own_words(columns).items()}
    words = {one: frozenset(name_words(one)) for one in answers}
    if are_ended:
        ends = [one for one in words if any(each <= words[one] for each in own if each)]
        words = {one: frozenset(each) for one, each in _own_words(ends).items()}
    found = {one: own[each] for one, each in words.items() if each in own}
    is_each = len(set(found.values())) == len(found) == len(words)
    return found if is_each and 2 * len(found) >= len(own) > 1 else {}


def _own_words(names: Collection[str]) -> dict[str, set[str]]:
    """Return the words of each name that not all of them have."""
    words = {one: set(name_words(one)) for one in names}
    shared = set.intersection(*words.values()) if len(words) > 1 else set[str]()
    return {one: each - shared for one, each in words.items()}


@cache
def _share() -> re.Pattern[str]:
    return re.compile(rf"{phrase_pattern(unit_phrases()['share']).pattern}|\bfrac\b")


def _are_called_shares(sample: SampleSubmission) -> bool:
    """Return whether all columns of the sample are called as shares are."""
    return all(_share().search(" ".join(name_words(one))) for one in sample.values)


def _sends_shares(folder: DataFolder, sample: SampleSubmission) -> bool:
    """Return whether a text tells of shares of people, or scores the sample's fractions as numbers.

    Classes are scored as such where a text names a metric of these.
    """
    if find_readme_metrics(folder, image_kind("multiclass"), IMAGES):
        return False
    if any(map(_share().search, sentences_on_people(folder))):
        return True
    numbers = find_readme_metrics(folder, image_kind("multitarget"), IMAGES)
    return sample.has_fractions and bool(numbers)
