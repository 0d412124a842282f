"""The metric of a competition, as a README beside its data names it.

README.md: "Submissions are evaluated by the macro F1 score."      →    macro_f1
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from typing import Literal, get_args

from podium.competition import metrics
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.scripts import computed_metrics
from podium.competition.infer.readme.texts import (
    FULL_STOP,
    SENTENCE_END,
    sentences_beside,
    texts_beside,
    texts_of_scripts,
)
from podium.competition.languages import Meaning, is_called, meaning_words
from podium.competition.phrases import (
    any_phrase,
    any_word,
    bounded,
    one_spelling,
    plain_signs,
    words_pattern,
)
from podium.errors import some
from podium.tasks.protocols.find import image_kind, kind_names, pixel_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = [
    "MEANS_OF_COLUMNS",
    "ReadmeMetric",
    "ReadmeSum",
    "ReadmeTerms",
    "Scored",
    "find_f1_of_classes",
    "find_readme_metrics",
    "find_readme_ranking",
    "find_readme_sum",
    "find_readme_terms",
    "is_scored_near",
    "lone_metric",
    "mean_of_images",
    "names_in_text",
    "numbers_in_name",
    "other_readme_metric",
    "quote_of_both",
    "readme_directions",
    "readme_scores_other",
    "scoring_words",
    "why_no_readme_metric",
    "without_names",
]

MEANS_OF_COLUMNS = {"rmse": "mcrmse", "mae": "mcmae"}
"""Errors of all cells, and the means over columns that are called alike."""

_NEAR = 200  # letters between a word of scoring and what the metric is called


@dataclass(frozen=True)
class ReadmeMetric:
    """A metric that a text names.

    Attributes:
        name: of the metric.
        path: of the text, relative to the data folder.
        called: what the text calls it.
        average: over what, as its option is called; "" for its own.
    """

    name: str
    path: str
    called: str
    average: str = ""


def find_readme_metrics(folder: DataFolder, kind: Kind, task: TaskName) -> list[ReadmeMetric]:
    """Return the metrics that texts in the data folder name and that can score the task.

    A text names a metric near a word of scoring, and not as a part of another one's name: "pixel
    accuracy" is no accuracy. One that stands only where another one is explained as its mean, as in
    "MCRMSE: the mean of the RMSE of each column", is not named. Behind a word as "Note", which in
    many languages is a mark and in as many a remark, a line names it where a colon and the metric
    follow, and no further word. A heading as "How it is marked" is of the first sentence below it.
    One that is named only for ties, or only shown, is none beside another one. Where no text names
    one, it is what a script of the host computes, or the mean of the absolute errors that a formula
    sums.

    Args:
        kind: of the task.
        task: what is scored.
    """
    kind = image_kind("multiclass") if kind.is_by_output else kind  # each output is scored so
    found = _named_metrics(folder, kind, task) or _computed(folder, kind, task)
    return found or _summed_errors(folder, kind, task)


def _named_metrics(folder: DataFolder, kind: Kind, task: TaskName) -> list[ReadmeMetric]:
    """Return the metrics that texts name, as `find_readme_metrics` has it."""
    texts = _texts(folder)
    if not texts:
        return []
    paragraphs = dict(texts_beside(folder, by_item=True))
    unsure = _names_with_a_word(folder)
    found: dict[str, ReadmeMetric] = {}
    for path, text in texts.items():
        called = _called_in(text, kind, task)
        explained = _explained(text)
        # "0.6 R2(a) + 0.4 R2(b), where R2 is the coefficient of determination" scores by no R2.
        formulas = [one[0] for one in _names_in(text) if _formula(text, one)]
        parts = {name for one in formulas for name in called.get(one, ())}
        for match in _names_in(text):
            if parts.intersection(called.get(match[0], ())) or _has_thresholds(text, match):
                continue
            if _IMPORT.search(text[max(0, match.start() - 80) : match.start()]):
                continue
            mean, whole = _mean_of_columns(text, match)
            if mean in called and is_scored_near(text, match):
                found.setdefault(mean, ReadmeMetric(mean, path, f"mean {whole}"))
                continue
            is_named = match.start() not in explained
            if _more_precise(text, match) in called or match[0] in unsure:
                continue
            named_average, what = _named_average(text, match) if task == IMAGES else ("", "")
            if is_named and named_average and metrics.can_score("f1", kind, task):
                if is_scored_near(text, match):
                    name = _F_SCORES[match[0]]
                    found.setdefault(name, ReadmeMetric(name, path, what, named_average))
                continue
            if is_named and _lacks_average(match[0], kind):
                average = _average(text, match, paragraphs.get(path, ""))
                if _F_SCORES[match[0]] == "f1" and _is_of_both_classes(text, match):
                    if is_scored_near(text, match):
                        macro = ReadmeMetric("macro_f1", path, f"macro {match[0]}")
                        found.setdefault("macro_f1", macro)
                elif average and is_scored_near(text, match):
                    name = _F_SCORES[match[0]]
                    found.setdefault(name, ReadmeMetric(name, path, match[0], average))
                continue
            is_named = is_named and match[0] in called
            is_scored = is_scored_near(text, match) or _is_scored_formula(
                match[0], paragraphs.get(path, "")
            )
            if is_named and is_scored and not _qualifier(text, match):
                new = _each(called, match[0], path, found)
                if "f1" in new and _is_of_both_classes(text, match):
                    new = {"macro_f1": replace(new["f1"], name="macro_f1")}
                # "the RMSE of each column, and the mean of both (MCRMSE)" is the latter
                if _is_in_brackets(text, match) and any(
                    _is_part(one.called, match[0]) for one in found.values()
                ):
                    found = {**new, **found}
                else:
                    found |= new
    for path, lines in {} if found else _texts(folder, by_line=True).items():
        called = _called_in(lines, kind, task)
        longest = _any_name(_wholes_as_written(lines))
        marked = re.compile(
            rf"\W*(?:{'|'.join(meaning_words('mark'))}) ?[:=] ?({longest})(?!\w)"
            rf" ?(?:[.;].*|\(({longest})\).*)?"
        )
        for line in lines.split("\n"):
            found_mark = marked.fullmatch(line.strip())
            name = "" if found_mark is None or found_mark[1] in unsure else found_mark[1]
            if found_mark is not None and found_mark[2] in called:
                name = found_mark[2]
            if name in called:
                found |= _each(called, name, path, found)
        for match in _below_headings(lines) if not found else ():
            is_named = match[0] in called and not _lacks_average(match[0], kind)
            is_whole = not (_qualifier(match.string, match) or _formula(match.string, match))
            if is_named and is_whole:
                found |= _each(called, match[0], path, found)
    return _that_rank(list(found.values()), texts, paragraphs)


def _that_rank(
    found: Sequence[ReadmeMetric], texts: Mapping[str, str], paragraphs: Mapping[str, str]
) -> list[ReadmeMetric]:
    """Return those of several metrics that answers are ranked by, as far as texts tell them apart.

    One that only decides between equal scores is none of them, nor one that is "shown for
    information" wherever it stands; one of the rest is, if a sentence on the ranking names it, and
    none names another one.

    Args:
        found: as texts name them.
        texts: by path, each without the ends of its lines.
        paragraphs: the texts with a line for each item.
    """
    ranking = [one for one in found if not _is_for_ties(texts[one.path], one.called)] or [*found]
    if len(ranking) < 2:
        return ranking
    sentences = {
        path: SENTENCE_END.split(unicodedata.normalize("NFKC", paragraphs.get(path, text)))
        for path, text in texts.items()
    }
    of_each = {
        one.name: [text for text in sentences[one.path] if one.called in _called_by(text)]
        for one in ranking
    }
    counted = [
        one
        for one in ranking
        if not (own := of_each[one.name]) or not all(_is_shown(text, one.called) for text in own)
    ]
    if 0 < len(counted) < len(ranking) and all(
        any(scoring_words().search(text) or _main(text) for text in of_each[one.name])
        for one in counted
    ):
        ranking = counted
    main = [one for one in ranking if any(map(_main, of_each[one.name]))]
    return main if len(main) == 1 else ranking


def _called_by(sentence: str) -> list[str]:
    return [match[0] for match in _names_in(sentence)]


def _main(sentence: str) -> bool:
    """Return whether a sentence tells by what answers are ranked."""
    return any_phrase("main score").search(plain_signs(without_names(sentence))) is not None


_PIECES = re.compile(r"([,;:()،؛、])")


def _is_shown(sentence: str, called: str) -> bool:
    """Return whether a metric of a sentence is shown beside the one that ranks, or is for ties.

    The piece of the sentence that names it tells it, or one beside it: "accuracy (secondary)". One
    behind a word of scoring is not for ties: "ranked by accuracy with ties".
    """
    pieces = _PIECES.split(sentence)
    shown, tie, negation = any_phrase("shown too"), any_phrase("tie"), any_word("negation")
    for at in range(0, len(pieces), 2):
        if called not in _called_by(pieces[at]):
            continue
        plain = plain_signs(without_names(pieces[at]))
        is_scored = scoring_words().search(pieces[at])
        is_for_ties = tie.search(plain) and not (is_scored or re.search(negation, plain))
        behind = pieces[at + 2] if "".join(pieces[at + 1 : at + 2]) in tuple(",:(،、") else ""
        beside = [behind, pieces[at - 2] if at else ""]
        if not (
            shown.search(plain)
            or is_for_ties
            or any(
                _begins_as_shown().match(plain_signs(one)) and not _called_by(one) for one in beside
            )
        ):
            return False
    return True


@cache
def _begins_as_shown() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:\w+ )?(?:{any_phrase('shown too').pattern})")


def _is_for_ties(text: str, called: str) -> bool:
    """Return whether a metric stands only behind a word of ties, in the sentence of this word."""
    name = re.compile(bounded(re.escape(called)))
    sentences = [one for one in SENTENCE_END.split(text) if name.search(one)]
    ties = [any_phrase("tie").search(plain_signs(one)) for one in sentences]
    return bool(sentences) and not any(
        tie is None or name.search(one, 0, tie.start())
        for one, tie in zip(sentences, ties, strict=True)
    )


def _computed(folder: DataFolder, kind: Kind, task: TaskName) -> list[ReadmeMetric]:
    """Return the metrics that scripts of the host compute and that can score the task."""
    computed = (one for one in computed_metrics(folder) if _scores(one.name, kind, task))
    return [ReadmeMetric(*one) for one in computed]


_ABSOLUTE_ERRORS = re.compile(
    r"(?:[σ∑]|\\sum)[^|\n]{0,16}\|\s?(?P<one>[^\W\d]\w{0,2})\s?[−–]?\s?(?P<other>[^\W\d]\w{0,2})\s?\|"
    r"(?!\s?[/÷^2])"
)
"""As `Σ |pi − yi|`; divided by a truth, or squared (² is read as 2), it is another's."""


def _summed_errors(folder: DataFolder, kind: Kind, task: TaskName) -> list[ReadmeMetric]:
    """Return the mean absolute error where a formula of the score sums such errors."""
    if not _scores("mae", kind, task):
        return []
    for path, text in _texts(folder).items():
        for match in _ABSOLUTE_ERRORS.finditer(text):
            if match["one"] != match["other"] and is_scored_near(text, match):
                return [ReadmeMetric("mae", path, match[0])]
    return []


_LONGEST_HEADING = 60
_HEADING = re.compile(r"[\s#]*([^.;!]*?)[\s:?]*")
_RULE = re.compile(r"[\s=~#]*")


def _below_headings(text: str) -> Iterator[re.Match[str]]:
    """Yield the metrics of sentences that follow a heading as "How it is marked" directly.

    "Marking" alone is such a heading, and "Marked images" is none.
    """
    how, marked = (words_pattern(meaning_words(one)) for one in ("how", "marked"))
    lines = text.split("\n")
    for at, line in enumerate(lines):
        heading = _HEADING.fullmatch(line)
        if heading is None or not 0 < len(heading[1]) <= _LONGEST_HEADING:
            continue
        word = marked.search(heading[1])
        is_alone = word is not None and word.start() == 0 and not re.search(r"\s", heading[1])
        if word is None or not (is_alone or how.search(heading[1])):
            continue
        rest = itertools.dropwhile(_RULE.fullmatch, lines[at + 1 :])
        below = " ".join(itertools.takewhile(str.strip, rest))
        yield from _names_in(SENTENCE_END.split(below)[0])


def lone_metric(folder: DataFolder, kind: Kind, task: TaskName) -> ReadmeMetric | None:
    """Return the only metric that texts name at all and that can score the task, or None.

    No word of scoring stands near it: it is likelier than the usual one, and no more than a guess.

    Args:
        folder: of the data, where `find_readme_metrics` finds none.
        kind, task: what is scored.
    """
    found = dict[str, ReadmeMetric]()
    for path, text in _texts(folder).items():
        called = _called_in(text, kind, task)
        for match in _names_in(text):
            if _formula(text, match) or _qualifier(text, match):
                return None
            if _lacks_average(match[0], kind):
                if _F_SCORES[match[0]] != "f1" or not _is_of_both_classes(text, match):
                    return None
                found.setdefault("macro_f1", ReadmeMetric("macro_f1", path, match[0]))
            elif match[0] in called and _more_precise(text, match) not in called:
                found |= _each(called, match[0], path, found)
    return next(iter(found.values())) if len(found) == 1 else None


def find_f1_of_classes(folder: DataFolder, kind: Kind) -> ReadmeMetric | None:
    """Return the mean over classes of the F1 of pixels that a text scores by; None without one.

    Each pixel is an answer then, and those of all images are pooled. F1 of a class of pixels is its
    Dice.

    Args:
        folder: of the data, where `find_readme_metrics` finds none.
        kind: of the masks.
    """
    if kind.is_yes_no or not _scores("mean_dice", kind, PIXELS):
        return None
    called = {phrase for phrase, name in _F_SCORES.items() if name == "f1"}
    for path, text in _texts(folder).items():
        for match in _names_in(text):
            if match[0] not in called.union(metrics.phrases("macro_f1")):
                continue
            is_plain = not (_qualifier(text, match) or _formula(text, match))
            is_mean = match[0] not in called or _is_mean_of_classes(_sentence_of(text, match))
            if is_plain and is_mean and is_scored_near(text, match):
                return ReadmeMetric("mean_dice", path, match[0])
    return None


def _is_mean_of_classes(sentence: str) -> bool:
    """Return whether a sentence says that a score is the mean over classes, and names no images."""
    if _MACRO.search(sentence):
        return True
    rest = without_names(sentence)
    are_classes = any(is_called(one, "label") for one in re.findall(r"\w{3,}", rest))
    has_mean = words_pattern(meaning_words("mean")).search(rest) is not None
    return has_mean and are_classes and not _names_images(rest)


def why_no_readme_metric(folder: DataFolder, kind: Kind | None, task: TaskName) -> str:
    """Return why no text in the data folder names the metric, to stand behind a comma.

    Args:
        folder: of the data, where `find_readme_metrics` finds none.
        kind: of the task, None where two tasks are scored together.
        task: what is scored.
    """
    texts = _texts(folder)
    if not texts:
        return "as no text beside the data names one"
    if other := other_readme_metric(folder, kind, task):
        return f"as {other}"
    read = f"{some(list(texts))} {'was' if len(texts) == 1 else 'were'} read"
    return f"as {read}, and no name of a metric that podium knows was found there"


def other_readme_metric(folder: DataFolder, kind: Kind | None, task: TaskName) -> str:
    """Return which metric a text names that is not taken, and why; "" where none names any.

    Args:
        folder, kind, task: as of `why_no_readme_metric`.
    """
    others, far, of_others = list[str](), list[str](), list[str]()
    unsure = _names_with_a_word(folder)
    for path, text in _texts(folder).items():
        called = {} if kind is None else _called_in(text, kind, task)
        for match in _names_in(text):
            if formula := _formula(text, match):
                others.append(
                    f"{path} says {formula!r}, a formula of scores: podium does not read it, and "
                    "takes one of your own, which docs/extending.md shows how to write"
                )
                continue
            qualifier = _qualifier(text, match)
            said = _with_word_behind(text, match) or f"{qualifier}{match[0]}"
            if match[0] in unsure:
                qualifier = said = unsure[match[0]]
            if _lacks_average(match[0], kind):
                name = _F_SCORES[match[0]]
                beta = numbers_in_name(ReadmeMetric(name, path, match[0])).get("beta")
                own = name if beta is None else f"{name} with beta: {beta}"
                macro = "macro_f1" if name == "f1" else f"{own} and average: macro"
                of_images = f"{own} {'with' if beta is None else 'and'} average: samples"
                others.append(
                    f"{path} says {match[0]!r} and not of what it is the mean: of the classes "
                    f"({macro}), or of the images ({of_images})"
                )
                continue
            if (match[0] not in called or qualifier) and is_scored_near(text, match):
                what = f"which does not score {kind or 'both tasks'} as it is"
                what = "which podium does not have as it is" if qualifier else what
                others.append(f"{path} says {said!r}, {what}")
            else:
                # What is guessed is of these: a name of other answers is told after them.
                known = far if match[0] in called else of_others
                known.append(f"{path} says {said!r}, and no word of scoring near it")
        for match in _rankings().finditer(plain_signs(text)):
            if not is_scored_near(text, match):
                continue
            name = _ranking_metric(match[0])
            if kind is not None and _scores(name, kind, task):
                what = f"which is {name} with its option k, where a row to send is a ranking"
            else:
                what = f"which does not score {kind or 'both tasks'}"
            called_so = text[match.start() : match.end()]
            others.insert(0, f"{path} says {called_so!r}, {what}")
            break
    return next(iter([*others, *far, *of_others]), "")


@cache
def _rankings() -> re.Pattern[str]:
    """Return the pattern of metrics of rankings, with the places that count beside the name."""
    spelt = sorted(map(plain_signs, metrics.phrases("accuracy")), key=len, reverse=True)
    share = rf"(?:{'|'.join(map(re.escape, spelt))}|{any_phrase('accuracy').pattern}|error)"
    at, plain = r"(?:k|\d+)", any_phrase("plain metric").pattern
    return re.compile(
        rf"(?<!\w)(?:map ?@ ?{at}|mean average precision(?: ?(?:at|@) ?{at})?|"
        rf"top ?{at} (?:(?:{plain}) )?{share}|{share} ?(?:top|at|@) ?{at})(?!\w)"
    )


def find_readme_ranking(folder: DataFolder, k: int | None) -> ReadmeMetric | None:
    """Return the metric of rankings that a text names near a word of scoring; None without one.

    Where no text has such a word, it is the only one that texts name, of as many places.

    Args:
        k: the places that a row to send has.
    """
    others = dict[tuple[str, float], ReadmeMetric]()
    for path, text in _texts(folder).items():
        for match in _rankings().finditer(plain_signs(text)):
            called = text[match.start() : match.end()]
            named = ReadmeMetric(_ranking_metric(match[0]), path, called)
            if is_scored_near(text, match):
                return named
            others[named.name, numbers_in_name(named).get("k", 0)] = named
    only = next(iter(others.items())) if len(others) == 1 else None
    return None if only is None or only[0][1] not in (0, k) else only[1]


def _ranking_metric(called: str) -> str:
    if called.startswith(("map", "mean average precision")):
        return "map_at_k"
    return f"top_k_{'error' if 'error' in called else 'accuracy'}"


_NUMBER_IN_NAME = {"k": r"(?:\bat ?|@ ?|\btop ?)(\d+)\b", "beta": r"\bf ?(\d+(?:[.,]\d+)?)\b"}


def numbers_in_name(named: ReadmeMetric) -> dict[str, float]:
    """Return the options that are numbers in what a text calls a metric.

    Example:
        >>> numbers_in_name(ReadmeMetric("map_at_k", "README.md", "map@3"))
        {'k': 3}
    """
    own = metrics.get(named.name).options
    found = {name: re.search(one, named.called) for name, one in _NUMBER_IN_NAME.items()}
    texts = {name: one[1].replace(",", ".") for name, one in found.items() if one and name in own}
    return {name: int(one) if one.isdigit() else float(one) for name, one in texts.items()}


Scored = Literal["masks", "numbers", "classes"]
"""What a metric is of."""


def readme_scores_other(folder: DataFolder, kind: Kind) -> tuple[Scored, str] | None:
    """Return what texts score in place of labels of a kind, and which text states it.

    That is what all metrics score that they name near a word of scoring, masks first. None where
    one of them can score the kind, or is a ranking's, which may have any labels.
    """
    each, told = list[frozenset[Scored]](), ""
    for path, text in _texts(folder).items():
        if _rankings().search(plain_signs(text)) is not None:
            return None
        called = _called_in(text, kind, IMAGES)
        for match in _names_in(text):
            if not is_scored_near(text, match):
                continue
            if match[0] in called:
                return None
            each.append(_scored_by(_wholes_in(text).get(match[0], match[0])))
            told = told or f"{path} says {match[0]!r}"
    for what in get_args(Scored) if each else ():
        if all(what in one for one in each):
            return what, told
    return None


@cache
def _scored_by(called: str) -> frozenset[Scored]:
    """Return what metrics that are called so can score, or the metric of this name."""
    found = set[Scored]()
    for name in metrics.names():
        known = {unicodedata.normalize("NFKC", one) for one in metrics.phrases(name)}
        if called != name and called not in known:
            continue
        if any(_scores(name, pixel_kind(one), PIXELS) for one in kind_names(PIXELS)):
            found.add("masks")
        for kind in map(image_kind, kind_names(IMAGES)):
            if not kind.is_ordered and _scores(name, kind, IMAGES):
                found.add("numbers" if kind.is_continuous else "classes")
    return frozenset(found)


def readme_directions(folder: DataFolder) -> str:
    """Return which text in the data folder speaks of directions, and its word; "" without one."""
    return _says(folder, "directions")


def readme_axes(folder: DataFolder) -> str:
    """Return which text says that angles come round at 180, and its words; "" without one."""
    return _says(folder, "axes")


def _says(folder: DataFolder, meaning: Literal["directions", "axes"]) -> str:
    for path, text in texts_beside(folder):
        spelt = one_spelling(text)
        found = any_phrase(meaning).search(plain_signs(spelt))
        if found is not None:
            return f"{path} says {spelt[found.start() : found.end()]!r}"
    return ""


def _texts(folder: DataFolder, *, by_line: bool = False) -> dict[str, str]:
    """Return the texts beside the data by path, full-width letters as others are.

    The words of scripts that score are one, too.
    """
    every = list(texts_beside(folder, by_line=by_line))
    every += texts_of_scripts(folder, by_line=by_line)
    return {path: unicodedata.normalize("NFKC", text) for path, text in every}


@cache
def _called(kind: Kind, task: TaskName) -> Mapping[str, Sequence[str]]:
    """Return the metrics that can score the task by each phrase that they are called.

    Of answers of yes or no "F1" alone is that of yes, as scikit-learn has it.
    """
    called: dict[str, list[str]] = {}
    for name in metrics.names():
        if _scores(name, kind, task):
            for phrase in metrics.phrases(name):
                called.setdefault(unicodedata.normalize("NFKC", phrase), []).append(name)
    if kind.is_yes_no and task == IMAGES:
        called |= {phrase: ["f1"] for phrase, name in _F_SCORES.items() if name == "f1"}
    return called


@lru_cache(maxsize=256)
def _any_name(wholes: tuple[str, ...] = ()) -> str:
    """Return the pattern of what any metric is called: a longer name is no shorter one.

    Args:
        wholes: further names, as a text has them.
    """
    every = {phrase for name in metrics.names() for phrase in metrics.phrases(name)}.union(wholes)
    plain = {unicodedata.normalize("NFKC", one) for one in every}
    return "|".join(map(re.escape, sorted(plain, key=len, reverse=True)))


def names_in_text(text: str) -> set[str]:
    """Return what metrics are called in a text of `texts_beside`."""
    return {match[0] for match in _names_in(text)}


def _names_in(text: str) -> Iterator[re.Match[str]]:
    """Yield what metrics are called in a text, the longest name at each place."""
    return _pattern_of_names(_wholes_as_written(text)).finditer(text)


def _wholes_as_written(text: str) -> tuple[str, ...]:
    """Return the names of several words that a text has, as `_WHOLES` makes them."""
    return tuple(sorted({*_wholes_in(text)}))


@lru_cache(maxsize=256)
def _pattern_of_names(wholes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(bounded(_any_name(wholes)))


@lru_cache(maxsize=256)  # a text is asked for each kind of task
def _wholes_in(text: str) -> Mapping[str, str]:
    """Return metrics by the names of several words that a text has for them, in any language.

    As `exactitude équilibrée`, the balanced one, and `kappa quadratique`: the words around a name
    are a part of it.
    """
    plain = plain_signs(text)  # a sign for each sign
    return {
        text[found.start() : found.end()]: name
        for name, pattern in _whole_names().items()
        for found in pattern.finditer(plain)
    }


@cache
def _whole_names() -> Mapping[str, re.Pattern[str]]:
    """Return the patterns of names of several words by metric, for a text of `plain_signs`."""
    balanced, by_class, weighted, quadratic, weights = (
        f"(?:{any_phrase(one).pattern})"
        for one in ("balanced", "by class", "weighted", "quadratic", "weight")
    )
    spelt = sorted(map(plain_signs, metrics.phrases("accuracy")), key=len, reverse=True)
    accuracy = rf"(?:{'|'.join(map(re.escape, spelt))}|{any_phrase('accuracy').pattern})"
    mean = rf"(?:(?:{words_pattern(map(plain_signs, meaning_words('mean'))).pattern})\w*)"
    of_cohen = r"(?:(?:d[ei] )?cohen(?:'?s)?)"
    ways = (
        rf"{balanced}\s?(?:{mean}\s)?{accuracy}",
        rf"{accuracy}\s?{balanced}",
        rf"(?:{mean}\s)?{accuracy}(?:\s{mean})?\s{by_class}",
    )
    kappas = (
        rf"{quadratic}\s?(?:{weighted}\s?)?(?:{of_cohen}\s)?kappa",
        rf"{weighted}\s{quadratic}\s(?:{of_cohen}\s)?kappa",
        rf"kappa(?:\s{of_cohen})?(?:\s{weighted})?\s{quadratic}(?:\s{weighted})?",
        rf"(?:{of_cohen}\s)?kappa(?:\s{of_cohen})?(?:\s\w{{1,4}}){{1,2}}\s{weights}\s{quadratic}",
        rf"(?:{of_cohen}\s)?kappa(?:\s{of_cohen})?(?:\s\w{{1,4}}){{1,2}}\s{quadratic}\s{weights}",
    )
    return {
        "balanced_accuracy": re.compile(bounded("|".join(ways))),
        "qwk": re.compile(bounded("|".join(kappas))),
    }


def _called_in(text: str, kind: Kind, task: TaskName) -> Mapping[str, Sequence[str]]:
    """Return what `_called` does, and the names of several words that a text has."""
    whole = _wholes_in(text)
    scored = {called: [name] for called, name in whole.items() if _scores(name, kind, task)}
    known = _called(kind, task)
    return {**known, **{called: names for called, names in scored.items() if called not in known}}


@cache
def scoring_words() -> re.Pattern[str]:
    """Return the pattern of words of scoring in any language."""
    return words_pattern(meaning_words("scoring"))


def is_scored_near(text: str, match: re.Match[str]) -> bool:
    """Return whether a word of scoring is near, or one of marking directly before."""
    near = text[max(0, match.start() - _NEAR) : match.end() + _NEAR // 2]
    if scoring_words().search(near) is not None:
        return True
    return _marked_by().search(text[max(0, match.start() - _NEAR) : match.start()]) is not None


def _is_scored_formula(called: str, paragraphs: str) -> bool:
    """Return whether a formula ends a paragraph that begins with how answers are scored.

    What is counted in it is explained before it, in many words.
    """
    if "/" not in called and "\\frac" not in called:
        return False
    lines = unicodedata.normalize("NFKC", paragraphs).split("\n")
    return any(called in one and scoring_words().search(one) is not None for one in lines)


@cache
def _marked_by() -> re.Pattern[str]:
    """Return the pattern of "marked by the": images are marked, too, "with great accuracy"."""
    marked = words_pattern(meaning_words("marked")).pattern
    by = "|".join(map(re.escape, sorted(meaning_words("by"))))
    return re.compile(rf"(?:{marked})\w*(?: \w{{1,5}})? (?:{by}) (?:\w{{1,3}}[ '’])?\W?$")


_F_SCORES = {"f1": "f1", "f1 score": "f1"} | {
    called: "fbeta" for called in metrics.phrases("fbeta") if called[1].isdigit()
}
"""Metrics by what texts call them where these do not tell of what they are the mean."""


@cache
def _average_before() -> re.Pattern[str]:
    weighted = any_phrase("weighted").pattern
    return re.compile(
        rf"(?<!sample )(?<!size )(?<!area )(?:\b(m[ií][ck]ro)|{weighted})"
        r"(?: averaged?)?(?: of)?(?: the)?\s?$"
    )


@cache
def _average_behind() -> re.Pattern[str]:
    weighted = any_phrase("weighted").pattern
    beside = r"\W{0,3}(?:(?:with|using|average) ?[:=]? ?\W?)?"
    call = r"\((?:[^()\n]{1,60}, ?)average ?= ?\W"  # f1_score(truth, sent, average="weighted")
    return re.compile(rf"(?:{beside}|{call})(?:(m[ií][ck]ro)\b|{weighted})")


_IMPORT = re.compile(r"\bimport (?:\w+, ?)*\Z")
"""Before a name that is brought in, and computes nothing there: `from sklearn.metrics import …`."""


def _named_average(text: str, match: re.Match[str]) -> tuple[str, str]:
    """Return the average of an F score beside its name, micro or weighted, and the words for both.

    Two times "" without one.
    """
    if match[0] not in _F_SCORES:
        return "", ""
    near, behind = text[max(0, match.start() - 30) : match.start()], text[match.end() :][:90]
    before = _average_before().search(plain_signs(near))
    found = before or _average_behind().match(plain_signs(behind))
    if found is None:
        return "", ""
    what = match[0] + behind[: found.end()] if before is None else near[found.start() :] + match[0]
    return "micro" if found[1] else "weighted", what


def _lacks_average(called: str, kind: Kind | None) -> bool:
    """Return whether "F1" alone stands for images of several labels, where means differ."""
    return called in _F_SCORES and kind is not None and kind.is_by_class


def _is_of_both_classes(text: str, match: re.Match[str]) -> bool:
    """Return whether the sentence of "F1" states that it is the mean over classes."""
    return _MACRO.search(_sentence_of(text, match)) is not None


def _sentence_of(text: str, match: re.Match[str]) -> str:
    before = list(SENTENCE_END.finditer(text, 0, match.start()))
    end = SENTENCE_END.search(text, match.end())
    return text[before[-1].end() if before else 0 : end.start() if end is not None else None]


_MACRO = re.compile(
    r"\bmacro|\bmakro|宏|マクロ|매크로|\b(?:both|of the|over|across) (?:the )?classes\b"
)


def _average(text: str, match: re.Match[str], paragraphs: str) -> str:
    """Return the option `average` of an F score that a text names, or ""."""
    qualifier = _qualifier(text, match)
    sentences = [one for one in SENTENCE_END.split(paragraphs) if match[0] in one]
    every = FULL_STOP.split(paragraphs)
    whole = [one for one in every if match[0] in one]
    are_of_images = any(_is_of_each_image(one) or _is_for_each_image(one) for one in sentences)
    are_of_images = are_of_images or any(map(_is_of_label_sets, whole))
    # "For each image F1 = … The score is the mean over all images."
    are_of_images = are_of_images or any(
        match[0] in one and _names_each_image(one) and _is_of_each_image(behind)
        for one, behind in itertools.pairwise(every)
    )
    return "samples" if are_of_images and not qualifier else ""


_WEIGHT = re.compile(
    r"(?<![\w.])(?:(?:\d*[.,]\d+|\d+/\d+) ?(?:[x×·∙*] ?(?:\w{2,4} )?)?|\d+ ?% (?:of )?(?:the )?)$"
)
_PLUS = r"(?:\+|\b(?:plus|más|mais|più)\b)"
_SUM = r"\b(?:sum of|summe (?:aus|von)|somme d[eu]|suma de)\W+(?:the\W+)?$"
_BEHIND_PLUS = re.compile(rf"{_PLUS}\s*$")
_FORMULA = re.compile(
    rf"[^.;!?\n]{{0,120}}?{_PLUS}[^;!?\n]{{0,120}}?(?=$|[.;!?](?:\s|$)|\n|,? where)"
)


@dataclass(frozen=True)
class ReadmeSum:
    """A weighted sum of a metric of labels and one of masks, as a text names it.

    Attributes:
        parts: the metric of each task, and its weight; the weights have the sum 1.
        path: of the text, relative to the data folder.
        quote: the words of the text, from the first of its names and weights to the last.
    """

    parts: Mapping[TaskName, tuple[str, float]]
    path: str
    quote: str


_NUMBER_OF_SHARE = r"\d*[.,]\d+|\d+/\d+|\d+ ?%"
_SHARE = re.compile(rf"(?<![.,/]){bounded(_NUMBER_OF_SHARE)}")


def find_readme_sum(folder: DataFolder, kinds: Mapping[TaskName, Kind]) -> ReadmeSum | None:
    """Return the weighted sum that one sentence of a text names; None where that is not plain.

    As `0.7 times the macro F1 of the labels plus 0.3 times the mean Dice of the masks`, or
    `macro F1 (weight 70 %) and mean Dice (weight 30 %)`: two names, one of each task, and a weight
    beside each, all before the names or all behind them. Without weights it is half of each where
    the sentence states that, or that it is the mean of both.

    Args:
        kinds: of both tasks.
    """
    found = list[ReadmeSum]()
    for path, text in sentences_beside(folder, partial(unicodedata.normalize, "NFKC")):
        sentence = _without_names_again(text, kinds)
        terms = None if _uneven().search(plain_signs(text)) else _terms_in(sentence)
        if terms is None or len(terms.names) != 2 or not math.isclose(sum(terms.weights), 1):
            continue
        parts: dict[TaskName, tuple[str, float]] = {}
        for match, weight in zip(terms.names, terms.weights, strict=True):
            for task, kind in kinds.items():
                name = _plain_name(sentence, match, kind, task, path)
                if name:
                    parts[task] = (name, weight)
        if not all(metrics.get(name).greater_is_better for name, _ in parts.values()):
            continue
        if len(parts) == 2:
            found.append(ReadmeSum(parts, path, terms.quote))
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class ReadmeTerms:
    """A weighted sum of metrics of one task, as a text names it.

    Attributes:
        terms: the weight and the metric of each.
        path: of the text, relative to the data folder.
        quote: the words of the text, from the first of its names and weights to the last.
    """

    terms: tuple[tuple[float, ReadmeMetric], ...]
    path: str
    quote: str


def find_readme_terms(folder: DataFolder, kind: Kind, task: TaskName) -> ReadmeTerms | None:
    """Return the weighted sum of metrics of one task that a sentence on the score names.

    As `Final score = 0.7 macro F1 + 0.3 accuracy`, `(|SRCC| + |PLCC|) / 2`, or `the mean of Dice
    and IoU`. A word of scoring stands in it, or in the line before. None where that is not plain: a
    name stands for no metric of podium, or for one whose mean is not told; a metric stands twice;
    less is better of one; weights have another sum than 1; or texts name several sums.

    Args:
        kind: of the task.
        task: what is scored.
    """
    found = dict[tuple[object, ...], ReadmeTerms]()
    before = ""
    for path, text in sentences_beside(folder, partial(unicodedata.normalize, "NFKC")):
        near, before = f"{before} {text}", text if re.search(r"\w", text) else before
        formula, equal, _ = text.partition("=")
        is_scored = scoring_words().search(near) or (equal and _begins_as_scoring().search(formula))
        if not is_scored or _uneven().search(plain_signs(text)):
            continue
        sentence = _without_names_again(text, {task: kind})
        terms = _terms_in(sentence)
        if terms is None or not (terms.are_plain or math.isclose(sum(terms.weights), 1)):
            continue
        each = [_named_term(sentence, match, kind, task, path) for match in terms.names]
        named = [one for one in each if one is not None]
        different = {(one.name, one.average) for one in named}
        is_gain = all(metrics.get(one.name).greater_is_better for one in named)
        if len(different) < len(each) or not is_gain:
            continue
        weighted = tuple(zip(terms.weights, named, strict=True))
        key = tuple((weight, one.name, one.average) for weight, one in weighted)
        found.setdefault(key, ReadmeTerms(weighted, path, terms.quote))
    return next(iter(found.values())) if len(found) == 1 else None


def _named_term(
    sentence: str, match: re.Match[str], kind: Kind, task: TaskName, path: str
) -> ReadmeMetric | None:
    """Return the metric of the task that a name in a sentence is, or None."""
    average, _ = _named_average(sentence, match) if task == IMAGES else ("", "")
    if average and metrics.can_score("f1", kind, task):
        return ReadmeMetric(_F_SCORES[match[0]], path, match[0], average)
    if task == IMAGES and _lacks_average(match[0], kind):
        return None
    name = _plain_name(sentence, match, kind, task, path)
    return ReadmeMetric(name, path, match[0]) if name else None


def _plain_name(sentence: str, match: re.Match[str], kind: Kind, task: TaskName, path: str) -> str:
    """Return the one metric of a task that a name in a sentence is, as it is; "" without one."""
    called = _called_in(sentence, kind, task)
    ones = _each(called, match[0], path, ()) if match[0] in called else {}
    return next(iter(ones)) if len(ones) == 1 and not _qualifier(sentence, match) else ""


@dataclass(frozen=True)
class _Terms:
    """The names of a weighted sum in a sentence; `are_plain`: they are added without weights."""

    names: Sequence[re.Match[str]]
    weights: Sequence[float]
    quote: str
    are_plain: bool = False


def _terms_in(sentence: str) -> _Terms | None:
    """Return the weighted sum that a sentence makes of all scores that it names, or None."""
    names = list(_names_in(sentence))
    if len(names) < 2:
        return None
    shares = list(_SHARE.finditer(without_names(sentence)))
    weights, are_plain = list[float](), False
    if _is_sum(sentence, names, shares):
        weights = [_number(one[0]) for one in shares]
    elif _are_added(sentence, names):
        factor = _factor_of_all(sentence, names, shares)
        are_plain = factor == 1
        weights = [factor] * len(names) if factor else []
    elif not shares and _is_even(sentence, names):
        weights = [1 / len(names)] * len(names)
    if not weights:
        return None
    spans = [one.span() for one in (*names, *shares)]
    start, end = min(a for a, _ in spans), max(b for _, b in spans)
    quote = sentence[start:end] if shares else sentence
    return _Terms(names, weights, " ".join(quote.split()), are_plain)


_LONE_PLUS = re.compile(rf"[^\w+]*{_PLUS}[^\w+]*")
_DIVISOR = re.compile(r"[^\w/÷]*[/÷]\s?(\d)(?!\d|[.,]\d)")
_BEFORE_BRACKET = re.compile(r"\s?[x×·∙*]?\s?[(\[][^\w)\]]*")


def _are_added(sentence: str, names: Sequence[re.Match[str]]) -> bool:
    """Return whether nothing but a plus stands between each two names: `|SRCC| + |PLCC|`."""
    pairs = itertools.pairwise(names)
    if all(_LONE_PLUS.fullmatch(sentence[a.end() : b.start()]) for a, b in pairs):
        return True
    is_sum = re.search(_SUM, sentence[: names[0].start()]) is not None
    return is_sum and len(names) == 2 and _joins(sentence[names[0].end() : names[1].start()])


def _factor_of_all(
    sentence: str, names: Sequence[re.Match[str]], shares: Sequence[re.Match[str]]
) -> float:
    """Return what a sum is multiplied with, as 0.5 of `(A + B) / 2` and `0.5 (A + B)`.

    1 where there is nothing, 0 where other numbers are there.
    """
    divisor = _DIVISOR.match(sentence, names[-1].end())
    if not shares:
        is_mean = divisor is not None and int(divisor[1]) == len(names)
        return 1 / len(names) if is_mean else float(divisor is None)
    between = sentence[shares[0].end() : names[0].start()]
    is_before = len(shares) == 1 and _BEFORE_BRACKET.fullmatch(between) is not None
    return _number(shares[0][0]) if is_before and divisor is None else 0.0


def _is_even(sentence: str, names: Sequence[re.Match[str]]) -> bool:
    """Return whether a sentence names the mean of scores, or states that they count alike."""
    if len(names) == 2:
        return _is_half_of_each(sentence, names)
    between = [sentence[a.end() : b.start()] for a, b in itertools.pairwise(names)]
    are_listed = all(re.fullmatch(r"\s?[,、]\s?", one) for one in between[:-1])
    return are_listed and _joins(between[-1]) and _is_behind_mean(sentence, names)


def _joins(between: str) -> bool:
    """Return whether a word as "and" stands between two scores, and few others."""
    joined = re.search(any_word("joins"), between) or re.search(r"[&と和與与及]", between)
    return joined is not None and not _names_images(between) and len(between) <= _FEW_LETTERS


_BRACKETS = re.compile(r"\([^()]*\)")


def _without_names_again(sentence: str, kinds: Mapping[TaskName, Kind]) -> str:
    """Return a sentence without what explains a score that it named before.

    As `(Dice = 1 if both are empty)`, or all from `where Dice` on, behind two other names.
    """
    every, known = list(_names_in(sentence)), list[frozenset[str]]()
    for match in every:
        called = (_called_in(sentence, kind, task) for task, kind in kinds.items())
        own = frozenset(name for one in called for name in one.get(match[0], ()))
        if own not in known:
            known.append(own)
            continue
        around = _BRACKETS.finditer(sentence)
        inside = next((one for one in around if one.start() < match.start() < one.end()), None)
        if inside is not None:
            blank = " " * len(inside[0])
            cut = sentence[: inside.start()] + blank + sentence[inside.end() :]
            return _without_names_again(cut, kinds)
        if len(known) > 1:
            return sentence[: match.start()]
    return sentence


@cache
def _uneven() -> re.Pattern[str]:
    return any_phrase("counts more", "not scored", "tolerance", "whole volume")


_FEW_LETTERS = 50  # between two scores that have one mean


def _names_images(words: str) -> bool:
    return any(is_called(word, "image") for word in re.findall(r"\w{3,}", words))


def _is_half_of_each(sentence: str, names: Sequence[re.Match[str]]) -> bool:
    """Return whether a sentence states that two scores count alike, or names the mean of both."""
    plain = plain_signs(sentence)
    if any_phrase("half of each").search(plain):
        return not _names_images(sentence)  # each image may have the same weight, too
    first, second = names
    return _joins(sentence[first.end() : second.start()]) and _is_behind_mean(sentence, names)


def _is_behind_mean(sentence: str, names: Sequence[re.Match[str]]) -> bool:
    """Return whether "the mean of" stands before all names, or "and their mean" behind them."""
    plain = plain_signs(sentence)
    before = re.search(
        rf"(?:{any_phrase('mean of').pattern})(?: (?:\w{{1,3}}|\w'))?\W?$",
        plain[: names[0].start()],
    )
    behind = re.match(rf"\W?(?:{any_phrase('and their mean').pattern})", plain[names[-1].end() :])
    return before is not None or behind is not None


def quote_of_both(folder: DataFolder, first: ReadmeMetric, second: ReadmeMetric) -> str:
    """Return the sentence that scores by the sum, or the mean, of two metrics; "" without one.

    As `ranked by |SRCC| + |PLCC|`, or `the mean of macro F1 and accuracy`.
    """
    for path, text in sentences_beside(folder, partial(unicodedata.normalize, "NFKC")):
        names = list(_names_in(text))
        if path != first.path or len(names) != 2:
            continue
        if {one[0] for one in names} != {first.called, second.called}:
            continue
        if _are_added(text, names) or _is_half_of_each(text, names):
            return " ".join(text.split())
    return ""


def _is_sum(sentence: str, names: Sequence[re.Match[str]], shares: Sequence[re.Match[str]]) -> bool:
    """Return whether names and shares take turns, in a sentence that adds or weighs."""
    places = sorted(
        [(one.start(), True) for one in names] + [(one.start(), False) for one in shares]
    )
    turns = [is_name for _, is_name in places]
    n = len(names)
    if len(shares) != n or turns not in ([True, False] * n, [False, True] * n):
        return False
    plain = plain_signs(sentence)
    are_percents = not turns[0] and all(one[0].endswith("%") for one in shares)
    weighs = re.search(_PLUS, plain) or any_phrase("weight", "weighted").search(plain)
    return are_percents or weighs is not None


def _number(share: str) -> float:
    """Return the number that a text writes.

    Example:
        >>> _number("0,7"), _number("1/4"), _number("30 %")
        (0.7, 0.25, 0.3)
    """
    above, _, below = share.rstrip("% ").replace(",", ".").partition("/")
    return float(above) / (100 if share.endswith("%") else float(below or 1))


_NEAR_WEIGHT = 16


def _formula(text: str, match: re.Match[str]) -> str:
    """Return the formula of a weighted sum that a metric stands in; "" where it stands in none.

    As `0.6 r2(height) + 0.4 r2(cover)`: its weight stands before it, and a plus beside it.
    """
    weight = _WEIGHT.search(text, max(0, match.start() - _NEAR_WEIGHT), match.start())
    if weight is None:
        return ""
    before = text[max(0, weight.start() - _NEAR) : weight.start()]
    if _BEHIND_PLUS.search(before):
        return f"… + {text[weight.start() : match.end()]} …"
    rest = _FORMULA.match(text, match.end())
    return "" if rest is None else f"{text[weight.start() : rest.end()]}".strip()


def _is_of_each_image(sentence: str) -> bool:
    """Return whether a sentence names images and a mean, and no classes or labels.

    Rows of the file to send are images, too.
    """
    if not words_pattern(meaning_words("mean")).search(sentence):
        return False
    words = re.findall(r"\w{3,}", sentence)  # "y" is a label in names of columns alone
    others: tuple[Meaning, ...] = ("label", "object class", "column")
    is_of_others = any(is_called(word, one) for word in words for one in others)
    return not is_of_others and any(is_called(word, "image") or word in _ROWS for word in words)


_ROWS = ("row", "rows")


def _is_for_each_image(sentence: str) -> bool:
    """Return whether a sentence has a mean, and names each image.

    As "F1 for each image between its true and predicted labels, averaged over the images".
    """
    is_mean = words_pattern(meaning_words("mean")).search(plain_signs(sentence)) is not None
    return is_mean and _names_each_image(sentence)


def _names_each_image(sentence: str) -> bool:
    """Return whether a sentence has "for each image" with no class beside it."""
    plain = plain_signs(sentence)
    words = [word for one in _for_each().finditer(plain) for word in one[1].split()]
    are_classes = any(is_called(word, "label", "object class", "column") for word in words)
    return _names_images(" ".join(words)) and not are_classes


def _is_of_label_sets(sentence: str) -> bool:
    """Return whether a sentence has a mean, not by class, and compares sets of labels, as of a row.

    As "for each tile F1 of the set of true words and that of the predicted ones; their mean".
    """
    plain = plain_signs(sentence)
    is_mean = words_pattern(meaning_words("mean")).search(plain) is not None
    is_by_class = _MACRO.search(sentence) or any_phrase("by class").search(plain)
    return is_mean and not is_by_class and any_phrase("label sets").search(plain) is not None


@cache
def _for_each() -> re.Pattern[str]:
    """Return the pattern of "for each", with the three words behind it."""
    return re.compile(rf"(?:{any_phrase('one for each').pattern})\s((?:\w+\s){{0,2}}\w+)")


def mean_of_images(folder: DataFolder, named: ReadmeMetric) -> str:
    """Return the sentence by which a metric is the mean over images, of each by itself; or "".

    As "the IoU of each test image, averaged over the images".

    Args:
        named: the metric, as a text of it names it.
    """
    text = dict(texts_beside(folder, by_item=True)).get(named.path, "")
    for sentence in SENTENCE_END.split(unicodedata.normalize("NFKC", text)):
        rest = without_names(sentence)
        if named.called not in sentence or not _is_of_each_image(rest):
            continue
        plain = plain_signs(rest)
        if any(_names_images(match[1]) for match in _for_each().finditer(plain)):
            return " ".join(sentence.split())
    return ""


@cache
def _qualifiers() -> re.Pattern[str]:
    other = any_phrase("other metric", "weighted").pattern
    parts = r"partial|p|pr|precision recall|weighted averaged?|linear|linearly"
    return re.compile(
        rf"(?:\btop ?(?:k|\d+) |\bmicro(?: averaged?)? |\b(?:{parts}) |(?:{other})\s?)$"
    )


def _qualifier(text: str, match: re.Match[str]) -> str:
    """Return the word near a name that makes it another metric, as "weighted"; "" without one."""
    if match[0].endswith("kappa") and not _WEIGHTED.search(match[0]):
        near = text[max(0, match.start() - 40) : match.end() + 40]
        weighted = _WEIGHTED.search(near)
        if weighted is not None and "unweighted" not in near:
            return f"{weighted[0]} "
    before = text[max(0, match.start() - 30) : match.start()]
    found = _qualifiers().search(plain_signs(before))
    if found is not None:
        return before[found.start() :]
    behind = _with_word_behind(text, match)
    return behind.removeprefix(match[0])


def _with_word_behind(text: str, match: re.Match[str]) -> str:
    """Return a name with the word behind it that makes it another metric; "" without one."""
    found = _qualifiers_behind().match(plain_signs(text[match.end() : match.end() + 30]))
    return "" if found is None else text[match.start() : match.end() + found.end()]


@cache
def _qualifiers_behind() -> re.Pattern[str]:
    other = any_phrase("other metric", "weighted").pattern
    return re.compile(rf"\s?(?:{other})|\s?\(?(?:top ?|@ ?)(?:k|\d+)\b|{_OF_LOGARITHMS}")


# The error of log(1 + x) is another one than that of x.
_OF_LOGARITHMS = (
    r"\s(?:(?:of|on|the|its|their|de|des|del|los|do|da|dos|das|di|dei|du|les|der|van|von)\s){1,3}"
    r"(?:log(?!\s?loss)|ln|logarit\w*)(?![^\W\d_])"
)


def _names_with_a_word(folder: DataFolder) -> Mapping[str, str]:
    """Return names of metrics that a line has with one further word, by the names alone.

    As `hierarchical accuracy` behind a colon, with nothing else: the word may make it another
    metric. Words of scoring stand before the colon.
    """
    found = dict[str, str]()
    for text in _texts(folder, by_line=True).values():
        lines = [one.strip() for one in text.split("\n")]
        for line, below in itertools.zip_longest(lines, lines[1:], fillvalue=""):
            before, colon, rest = line.partition(":")
            words = rest.rstrip(" .;!")
            goes_on = bool(below) and words == rest.rstrip()
            if not colon or goes_on or not _begins_as_scoring().search(before):
                continue
            for match in _names_in(words):
                beside = _ONE_WORD.fullmatch(words[: match.start()] + words[match.end() :])
                if _named_average(words, match)[0] or _MACRO.search(words):
                    continue
                if beside and not _plain_metric().match(plain_signs(beside[1])):
                    found[match[0]] = words.strip()
    return found


_ONE_WORD = re.compile(r"\s*([^\W\d]{4,})\s*")


@cache
def _begins_as_scoring() -> re.Pattern[str]:
    return words_pattern(meaning_words("scoring") | meaning_words("mark"))


@cache
def _plain_metric() -> re.Pattern[str]:
    means = words_pattern(map(plain_signs, meaning_words("mean"))).pattern
    return re.compile(rf"{any_phrase('plain metric').pattern}|{means}")


def _more_precise(text: str, match: re.Match[str]) -> str:
    """Return what brackets right behind a name call it, as `accuracy (balanced accuracy)`, or "".

    A word may stand between them that tells what it is of, or which one it is.
    """
    found = _IN_BRACKETS.match(text, match.end())
    if found is None:
        return ""
    inner = _pattern_of_names(_wholes_as_written(text)).fullmatch(found[1])
    return "" if inner is None else inner[0]


_IN_BRACKETS = re.compile(r" ?(?:[^\W\d]+ )?\(([^()]+)\)")


_WEIGHTED = re.compile(
    r"\w*(?:weight|quadra|linear|gewicht|gewogen|pond[eé]r|pesat|pesos|pesi|vikta|vektet|wagami|взвеш)\w*"
)
"""Words of weights, in the languages that name a kappa with them."""
_BEGINS_EXPLANATION = re.compile(r"\W{0,2}[:(=]")


def _explained(text: str) -> set[int]:
    """Return where a metric stands whose mean another one is, only to explain that one.

    "MCRMSE: the mean of the RMSE of each column" scores by no RMSE, "MCRMSE; ties by RMSE" may.
    Where it is named elsewhere, too, nothing is left out.
    """
    means = words_pattern(meaning_words("mean"))
    found, elsewhere = dict[str, set[int]](), set[str]()
    every = list(_names_in(text))
    for n, match in enumerate(every):
        if _is_of_precision_and_recall(text, match):
            found.setdefault(match[0], set()).add(match.start())
            continue
        whole = next((one for one in reversed(every[:n]) if _is_part(match[0], one[0])), None)
        between = "" if whole is None else text[whole.end() : match.start()]
        if _is_put_together(text, match, every[n + 1 :], means):
            found.setdefault(match[0], set()).add(match.start())
            continue
        if whole is None or SENTENCE_END.search(between) or scoring_words().search(between):
            if is_scored_near(text, match):
                elsewhere.add(match[0])
            continue
        end = SENTENCE_END.search(text, match.end())
        rest = text[match.end() : end.start() if end is not None else None]
        begins = _BEGINS_EXPLANATION.match(text, whole.end()) is not None
        # The name of the metric may have a mean itself: "root mean squared error".
        before = means.search(without_names(between))
        if before or (begins and means.search(without_names(rest))):
            found.setdefault(match[0], set()).add(match.start())
        elif is_scored_near(text, match):
            elsewhere.add(match[0])
    return {at for called, places in found.items() if called not in elsewhere for at in places}


def _is_of_precision_and_recall(text: str, match: re.Match[str]) -> bool:
    """Return whether accuracy explains F1: "it measures accuracy using precision and recall"."""
    if match[0] not in metrics.phrases("accuracy"):
        return False
    end = SENTENCE_END.search(text, match.end())
    rest = text[match.end() : end.start() if end is not None else None]
    return "precision" in rest and "recall" in rest


_FROM_TO = re.compile(r"[^.;:!?\n]{0,30}?\b0[.,]([3-9]\d*)\b\D{1,12}\b0[.,]([5-9]\d*)\b")


def _has_thresholds(text: str, match: re.Match[str]) -> bool:
    """Return whether an overlap matches objects: "IoU thresholds from 0.5 to 0.95"."""
    if match[0] not in metrics.phrases("mean_iou"):
        return False
    found = _FROM_TO.match(text, match.end())
    return found is not None and float(f".{found[1]}") < float(f".{found[2]}")


def _is_put_together(
    text: str, part: re.Match[str], behind: Sequence[re.Match[str]], means: re.Pattern[str]
) -> bool:
    """Return whether a name in brackets ends the words: "RMSE of each, and their mean (MCRMSE)"."""
    for one in behind:
        between = text[part.end() : one.start()]
        if _is_part(part[0], one[0]) and _is_in_brackets(text, one):
            return not SENTENCE_END.search(between) and means.search(between) is not None
    return False


_OF_EACH_COLUMN = re.compile(
    r" (?:of|for|in) (?:each|every) (?:of the )?(?:\w+ )?(?:column|target)s?\b"
)


def _mean_of_columns(text: str, match: re.Match[str]) -> tuple[str, str]:
    """Return the mean over columns of an error of each, and the words for the error, else "".

    As in "the RMSE of each column, averaged over the columns", or in "RMSE, averaged over the
    columns" alone, which is MCRMSE, and not the RMSE.
    """
    means = (mean for one, mean in MEANS_OF_COLUMNS.items() if match[0] in metrics.phrases(one))
    name = next(means, "")
    if not name or _qualifier(text, match):
        return "", ""
    behind = _OF_EACH_COLUMN.match(text, match.end())
    end_of_error = match.end() if behind is None else behind.end()
    before = [*SENTENCE_END.finditer(text, 0, match.start())]
    start, end = before[-1].end() if before else 0, SENTENCE_END.search(text, end_of_error)
    rest = text[end_of_error : len(text) if end is None else end.start()]
    sentence = without_names(f"{text[start : match.start()]} {rest}")
    if behind is not None:
        is_mean = words_pattern(meaning_words("mean")).search(sentence)
        return (name, text[match.start() : end_of_error]) if is_mean else ("", "")
    if words_pattern(meaning_words("row")).search(sentence):  # a mean of all cells
        return "", ""
    mean, column = (words_pattern(meaning_words(one)).pattern for one in ("mean", "column"))
    over_columns = rf"(?:{mean})\w*(?:\W+\w+){{0,3}}?\W+(?:{column})"
    by_column = rf"(?:{column})-?\s?wise\W+(?:{mean})|(?:{mean})\w*\W+(?:{column})-?\s?wise"
    if re.search(f"{over_columns}|{by_column}", sentence) is None:
        return "", ""
    return name, f"{match[0]} of the columns"


def without_names(text: str) -> str:
    """Return a text of `texts_beside` with blanks in place of what metrics are called."""
    names = _pattern_of_names(_wholes_as_written(text))
    return names.sub(lambda match: " " * len(match[0]), text)


def _is_in_brackets(text: str, match: re.Match[str]) -> bool:
    return text[match.start() - 1 : match.end() + 1] == f"({match[0]})"


def _is_part(called: str, longer: str) -> bool:
    """Return whether a name is the end of a longer one, as `rmse` is of `mcrmse`."""
    return called != longer and longer.endswith(called)


def _each(
    called: Mapping[str, Sequence[str]], phrase: str, path: str, known: Collection[str]
) -> dict[str, ReadmeMetric]:
    """Return the metrics of a phrase that are not known yet; where one is named so, that one."""
    own = [one for one in called[phrase] if one.replace("_", " ") == phrase]
    new = (one for one in own or called[phrase] if one not in known)
    return {name: ReadmeMetric(name, path, phrase) for name in new}


_OVER_CLASSES = ("macro", "micro", "weighted", "samples")
"""Means that an option `average` takes over several classes or columns."""


def _scores(name: str, kind: Kind, task: TaskName) -> bool:
    """Return whether a metric scores such a task as it is, without an option.

    A page that names a metric of several columns means the mean over them, where that is what the
    metric takes without an option.
    """
    if not metrics.can_score(name, kind, task):
        return False
    average = metrics.get(name).options.get("average", _OVER_CLASSES[0])
    return average in _OVER_CLASSES or kind.is_yes_no
