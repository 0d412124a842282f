"""The columns that hold the labels of a table, and the kind of labels that their cells are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import MappingProxyType

import pandas as pd

from podium.competition.infer.groups.repeats import is_group_name, may_only_group
from podium.competition.infer.ids.keys import SIGNS, common_start, ends_of_signs
from podium.competition.infer.labels.counted_means import find_averaged, find_counted_mean
from podium.competition.languages import is_called, meaning_words, run_phrases
from podium.competition.spelling import name_words
from podium.competition.truths.targets import MISSING_NUMBERS, recognised_kind
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

__all__ = [
    "MANY_OF_A_ROW",
    "MOST_GRADES",
    "SEPARATORS",
    "Asked",
    "InferredLabels",
    "are_codes",
    "as_ratings",
    "columns_in_rows",
    "find_labels",
    "find_left_label",
    "has_fractions",
    "is_called_none",
    "is_fact_or_group",
    "is_known_fact",
    "is_label_name",
    "known_cells",
    "least_of_amounts",
    "may_number_classes",
    "names_beside_images",
    "numbers_of",
    "positive_class",
    "possible_labels",
    "sort_classes",
    "unused_sign",
    "without_common_start",
]

ALL_EVIDENCE = 3

_PLURALS = frozenset(
    {"labels", "classes", "targets", "categories", "tags", "attributes", "keywords"}
)

_RATING_WORDS = frozenset(
    {"diagnosis", "severity", "grade", "grades", "rating", "ratings", "stage", "level", "speed"}
    | {"stars", "quality", "degree", "score"}
)

_NEGATIVE_WORDS = frozenset(
    {"no", "not", "non", "none", "false", "negative", "neg", "absent", "absence", "without"}
    | {"normal", "healthy", "benign", "good", "ok", "okay", "clean", "intact", "control", "nothing"}
    | {"background", "other", "undamaged"}
)

_NOTHING = _NEGATIVE_WORDS - {"other", "control", "background"}
"""Words of a label that says that there is nothing."""

_YES_NO_LETTERS = frozenset({frozenset("yn"), frozenset("pn"), frozenset("tf")})

_UNSURE_WORDS = frozenset({"species", "breed", "diagnosis"})

_SEX_WORDS = frozenset({"sex", "gender", "male", "female"})

_FACT_WORDS = frozenset(
    {"id", "name", "file", "filename", "path", "url", "width", "height", "size", "age"}
    | _SEX_WORDS
    | {"date", "time", "year", "month", "day", "hour", "lat", "lon", "latitude"}
    | {"longitude", "laterality", "side", "eye", "view", "projection", "split", "fold", "source"}
    | {"device", "scanner", "model", "magnification", "notes", "note", "comment", "remark"}
)

_SPREAD_WORDS = frozenset(
    {"var", "variance", "std", "stdev", "stddev", "sd", "sem", "stderr", "deviation", "uncertainty"}
)
"""Words of a column that says how far others agree on the label beside it."""

_PERSON_WORDS = frozenset({"user", "annotator", "rater", "volunteer", "labeller", "labeler"})
"""Words of a column that says who wrote the label beside it."""

_NUMBERED = re.compile(r"field_\d+")
"""The name of a column of a table without a header."""

_X = re.compile(r"(?<![a-z])x(?![a-z])")

_MOST_RATINGS = 20

MOST_GRADES = 12

SEPARATORS = ("|", ";", ",", " ")

OTHER_SIGNS = ("+", "&", "/", "-", "_")
"""They also stand in names: they separate lists only where the parts are cells elsewhere."""

_SIGNS_OF_RANGES = frozenset("/-")  # of two numbers a fraction, or all between them

_FEWEST_NAMES = 3  # that lists by another sign have for certain

_MOSTLY_ALONE = 2 / 3  # of the names of such lists, that are cells of their own

_BY_CHANCE = 0.05

_SIGNS_OF_LISTS = frozenset("|;,")

_MANY_CLASSES = 100

_MOST_WORDS = 2  # of a name that could be a list

_SHORT = 2  # letters of a word that is no evidence

MANY_OF_A_ROW = 0.45


@dataclass(frozen=True)
class InferredLabels:
    """The inferred target of the prediction, and the reason for it."""

    kind: Kind
    column: str | list[str]
    classes: list[str]
    why: str
    separator: str | None = None
    other: tuple[Kind, str] | None = None
    """Another kind that fits as well, and why."""
    as_lists: tuple[str, list[str]] | None = None
    """Separator and names of the lists that the cells may be as well."""
    none: str = ""
    """Of lists: a cell for no class, or a class of its own; `classes` has it then."""
    is_none_sure: bool = False
    """Whether it is sure which of both."""
    columns: tuple[str | list[str], ...] = ()
    """Other columns that may be the label, where nothing but its values shows which is."""
    is_counted: bool = False
    """Whether it is a mean of opinions that are counted beside it."""
    open_order: str = ""
    """Where the classes are ratings and nothing proves their order: the order that they have."""

    @property
    def column_names(self) -> list[str]:
        """The columns of the labels, one or more."""
        return [self.column] if isinstance(self.column, str) else self.column

    @property
    def are_positions(self) -> bool:
        """Whether columns of numbers are coordinates by their names: each x has its y."""
        if not self.kind.is_by_column:
            return False
        names = {name.lower() for name in self.classes}
        return any(
            _X.search(name) is not None and _X.sub(lambda x: x[0].replace("x", "y"), name) in names
            for name in names
        )


@dataclass(frozen=True)
class Asked:
    """What a sample submission asks for, as far as it tells the labels of train.

    Attributes:
        columns: of its values; none without a sample.
        has_fractions: whether its values are fractions, as probabilities and measures are.
        has_numbers: whether its values are numbers, so that a column of words is hardly it.
        classes: where a submission of masks shows them.
        holder: the one column of train that has the words of its values; "" without.
    """

    columns: Sequence[str] = ()
    has_fractions: bool = False
    has_numbers: bool = False
    classes: Sequence[str] = ()
    holder: str = ""


def find_labels(
    table: pd.DataFrame,
    used: Sequence[str],
    asked: Asked,
    *,
    by_name: bool = False,
    elsewhere: Collection[str] = (),
    label: str | None = None,
    evidence: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> InferredLabels | None:
    """Return the labels of a train table, or None where no column looks like one.

    Args:
        table: the cells, as text.
        used: columns that are something else (the id).
        asked: what the sample submission asks for.
        by_name: only take a column that its name or the sample marks as a label: there are masks,
            which may be the only target.
        elsewhere: the columns of a test table: what is known of test images is no label.
        label: the column that a person named; no other is taken.
        evidence: the reasons for columns, as `label_evidence` returns them.
    """
    if label is not None:
        if label not in table.columns or label in used:
            return None
        return _from_column(table, label, asked.has_fractions, f"{label} was named")
    possible = _possible_columns(table, used, asked, by_name, elsewhere, evidence)
    found = _first_answer(_BY_SEVERAL_COLUMNS, possible)
    possible = possible.narrowed()
    found = found or _first_answer(_BY_SAMPLE_AND_NAME, possible)
    return found if found is not None or by_name else _first_answer(_BY_CELLS, possible)


@dataclass(frozen=True)
class _Possible:
    """The columns of a table that may hold its labels, and what rules ask of them."""

    table: pd.DataFrame
    used: Sequence[str]
    asked: Asked
    by_name: bool
    elsewhere: Collection[str]
    evidence: Mapping[str, Sequence[str]]
    columns: list[str]
    """Without those whose every cell is the same."""
    every_bit: Collection[str]
    """The columns of 0 and 1, with those whose every cell is the same."""
    bits: list[str]
    """Those of `every_bit` that are in `columns`."""

    def narrowed(self) -> _Possible:
        """Return the columns that the sample asks for alone, where it asks for several of them."""
        asked = self.asked_here
        # What they hold is not clear, but no other column is asked for.
        is_all = len(asked) > 1 and len(asked) == len(self.asked.columns)
        return replace(self, columns=asked) if is_all else self

    def labels(self, column: str, why: str) -> InferredLabels:
        """Return a column as the labels."""
        return _from_column(self.table, column, self.asked.has_fractions, why)

    @cached_property
    def asked_here(self) -> list[str]:
        """The columns that the sample asks for by name."""
        return [column for column in self.asked.columns if column in self.columns]

    @cached_property
    def rivals(self) -> Sequence[str]:
        """The columns that may be the label instead of another: none where a sample asks."""
        return () if self.asked.columns else self.columns

    @cached_property
    def reasons(self) -> dict[str, Sequence[str]]:
        """The evidence for each column that has some."""
        return {one: self.evidence[one] for one in self.columns if one in self.evidence}

    @cached_property
    def rated(self) -> list[str]:
        """The columns of grades, by their names and their numbers."""
        rated = [one for one in self.columns if _RATING_WORDS & set(name_words(one))]
        known = {one: list(known_cells(self.table[one])) for one in rated}
        return [one for one in rated if are_ratings(sort_classes(known[one]))]

    @cached_property
    def ordered(self) -> list[str]:
        """The columns; without a sample, those of whose picture it is come last but count first.

        That is known where the label is not. Without a header the label stands behind the image.
        """
        if self.asked.columns:
            return self.columns
        if self.is_bare:
            return self.columns[::-1]
        is_sex = {one: bool(_SEX_WORDS & set(name_words(one))) for one in self.columns}
        return sorted(self.columns, key=lambda one: not is_sex[one])

    @cached_property
    def is_bare(self) -> bool:
        """Whether there are two columns without names; the class of many stands behind its box."""
        return sum(bool(_NUMBERED.fullmatch(str(one))) for one in self.table.columns) == 2

    @cached_property
    def place(self) -> str:
        """The place of the column of which nothing else speaks, in words."""
        return "first" if self.is_bare else "last"

    @cached_property
    def last(self) -> str | None:
        return self.ordered[-1] if self.ordered else None

    @cached_property
    def varied(self) -> list[str]:
        """The columns of numbers of which most stand once or twice."""
        return [one for one in self.ordered if _hardly_repeats(self.table[one])]

    @cached_property
    def floats(self) -> list[str]:
        """The columns of fractions."""
        return [
            one
            for one in self.ordered
            if has_fractions(self.table[one]) and not are_codes(self.table[one])
        ]

    @cached_property
    def measures(self) -> list[str]:
        """The columns of numbers that are as good as the last one, where no sample asks for one."""
        return [one for one in dict.fromkeys(self.varied + self.floats) if "=" not in one]

    @cached_property
    def few(self) -> list[str]:
        """The columns of few values."""
        most = max(2, len(self.table) // 5)
        return [one for one in self.ordered if 1 < self.table[one].nunique() <= most]


def _possible_columns(
    table: pd.DataFrame,
    used: Sequence[str],
    asked: Asked,
    by_name: bool,
    elsewhere: Collection[str],
    evidence: Mapping[str, Sequence[str]],
) -> _Possible:
    """Return the columns that may hold labels, in the rows that have one."""
    expected = asked.columns
    columns = [column for column in table.columns if column not in used]
    # What the sample asks for is the label, whatever a table of test has in its place.
    lacking = [column for column in columns if column not in elsewhere or column in expected]
    columns = lacking or columns
    if len(expected) > 1 and set(expected) <= set(columns):
        # A row with blanks alone has no label.
        is_blank = table[list(expected)].isin(list(MISSING_NUMBERS)).all(axis=1)
        table = table if is_blank.all() else table[~is_blank]
    every_bit = {column for column in columns if _is_bits(table[column])}
    # What is the same in every row that has it is no label, however it is called.
    one = expected if len(expected) == 1 else ()
    columns = [name for name in columns if known_cells(table[name]).nunique() > 1 or name in one]
    if not expected:
        columns = [one for one in columns if not _is_about_the_label(one)] or columns
    bits = [column for column in columns if column in every_bit]
    return _Possible(table, used, asked, by_name, elsewhere, evidence, columns, every_bit, bits)


def _is_about_the_label(column: str) -> bool:
    """Return whether a column is called as what says how sure a label is, or who gave it."""
    words = set(name_words(column))
    is_person = bool(words & _PERSON_WORDS) and words <= _PERSON_WORDS | {"id", "name", "no", "nr"}
    return is_person or bool(words & _SPREAD_WORDS)


_Rule = Callable[[_Possible], InferredLabels | None]


def _first_answer(rules: Sequence[_Rule], possible: _Possible) -> InferredLabels | None:
    answers = (rule(possible) for rule in rules)
    return next((one for one in answers if one is not None), None)


def _asked_bits(of: _Possible) -> InferredLabels | None:
    expected = of.asked.columns
    if len(expected) < 2 or not set(expected) <= set(of.every_bit):
        return None
    if not set(expected) & set(of.bits):
        return None
    why = "the sample submission asks for these columns, which hold 0 and 1"
    return _from_bits(of.table, list(expected), why)


def _asked_numbers(of: _Possible) -> InferredLabels | None:
    if len(of.asked.columns) < 2:
        return None
    return _columns_of_numbers(of.table[of.columns], of.asked.columns)


def _column_of_asked_values(of: _Possible) -> InferredLabels | None:
    """Return the column whose cells are called as columns of the sample, half of them at least."""
    expected = of.asked.columns
    for column in of.columns if len(expected) > 1 else ():
        values = set(of.table[column])
        if len(values & set(expected)) >= 0.5 * len(expected) and values <= set(expected):
            why = f"the sample submission has a column for each value of {column}"
            return InferredLabels(image_kind("multiclass"), column, list(expected), why)
    return None


def _column_of_asked_names(of: _Possible) -> InferredLabels | None:
    """Return the column whose cells are, or list, the names of all columns of the sample.

    Whatever they begin with there, and however large their letters are; one name may be none.
    """
    expected = of.asked.columns
    if len(expected) < 2:
        return None
    wanted = {name.lower() for name in without_common_start(expected)}
    for column in of.columns:
        for sign in (None, *SEPARATORS, *_other_signs()):
            cells = of.table[column][of.table[column] != ""]
            each = [[cell] if sign is None else cell.split(sign) for cell in cells]
            parts = {part.strip() for one in each for part in one} - {""}
            none = "" if sign is None else _word_for_none(cells, sign)[0]
            lacks = {none.lower()} & {part.lower() for part in parts} - wanted
            if {part.lower() for part in parts} - lacks != wanted:
                continue
            none = none if lacks else ""
            parts -= {none}
            why = f"the sample submission has a column for each value of {column}"
            why += f" but {none!r}, which is no class" if none else ""
            kind = image_kind("multiclass" if sign is None else "multilabel")
            classes = sort_classes(list(parts))
            return InferredLabels(
                kind, column, classes, why, sign, none=none, is_none_sure=bool(none)
            )
    return None


def _asked_column(of: _Possible) -> InferredLabels | None:
    if len(of.asked_here) != 1:
        return None
    [column] = of.asked_here
    return of.labels(column, f"the sample submission asks for {column}")


def _column_called_alike(of: _Possible) -> InferredLabels | None:
    if len(of.asked.columns) != 1:
        return None
    [asked] = of.asked.columns
    near = _called_alike(asked, of.table[of.columns], of.asked.has_numbers)
    if near is None:
        return None
    return of.labels(near, f"of all columns {near} is called nearest to {asked}, the sample's")


def _column_of_asked_classes(of: _Possible) -> InferredLabels | None:
    for column in of.columns if of.asked.classes else ():
        if set(of.table[column]) - {""} == set(of.asked.classes):
            return of.labels(column, f"{column} holds the classes of the sample submission")
    return None


def _column_of_all_evidence(of: _Possible) -> InferredLabels | None:
    told = [one for one in of.reasons if len(of.reasons[one]) >= ALL_EVIDENCE]
    if len(told) != 1 or of.by_name:
        return None
    return of.labels(told[0], ", ".join(of.reasons[told[0]]))


def _column_by_name(of: _Possible) -> InferredLabels | None:
    """Return the column that is called as labels are, or the one that has the sample's values."""
    named = [column for column in of.columns if is_label_name(column)]
    if not named:
        return None
    holder = of.asked.holder
    if holder in of.columns and holder not in named and not of.by_name:
        why = f"{holder} alone has the values of the sample submission"
        return replace(of.labels(holder, why), columns=tuple(named))
    found = of.labels(named[0], f"by its name, {named[0]} is the label")
    is_unsure = bool(_UNSURE_WORDS & set(name_words(named[0])))
    return _with_rivals(found, of.table, of.rivals if is_unsure and not of.by_name else ())


def _mean_of_all_opinions(of: _Possible) -> InferredLabels | None:
    rest = [one for one in map(str, of.table) if one not in of.used]
    if of.asked.columns:
        return None
    mean = _mean_of_opinions(of.table, rest, of.asked.has_fractions)
    return mean if mean is not None and mean.column in of.columns else None


def _column_that_test_lacks(of: _Possible) -> InferredLabels | None:
    if not of.elsewhere or len(of.columns) != 1:
        return None
    [column] = of.columns
    return of.labels(column, f"{column} is the only column that the test table lacks")


def _column_of_known_targets(of: _Possible) -> InferredLabels | None:
    for column in of.columns:
        if recognised_kind(column, of.table[column]) is not None:
            return of.labels(column, f"by its name, {column} is the label")
    return None


def _column_of_most_evidence(of: _Possible) -> InferredLabels | None:
    told = [one for one in of.reasons if len(of.reasons[one]) == ALL_EVIDENCE - 1]
    if len(told) != 1:
        return None
    found = of.labels(told[0], ", ".join(of.reasons[told[0]]))
    rivals = [one for one in of.columns if one != told[0] and not may_only_group(of.table[one])]
    return replace(found, columns=tuple(one for one in rivals if not is_fact_or_group(one)))


def _grade_beside_two_questions(of: _Possible) -> InferredLabels | None:
    """Return a grade: beside it, two questions of yes or no are seldom the labels of a list."""
    if not of.rated or of.asked.columns:
        return None
    yes_no = [column for column in of.columns if _is_bits(known_cells(of.table[column]))]
    if len(yes_no) != 2:
        return None
    found = of.labels(of.rated[0], f"by its name, {of.rated[0]} is the label")
    rivals = [one for one in (*of.rated[1:], *yes_no) if not is_fact_or_group(one)]
    return replace(found, columns=(*rivals, *([of.bits] if of.bits == yes_no else [])))


def _columns_of_bits(of: _Possible) -> InferredLabels | None:
    if len(of.bits) < 2:
        return None
    return _from_bits(of.table, of.bits, f"{len(of.bits)} columns hold only 0 and 1")


def _column_of_lists(of: _Possible) -> InferredLabels | None:
    listed = [column for column in of.columns if _holds_lists(of.table[column])]
    if not listed or (of.asked.columns and listed[-1] != of.columns[-1]):
        return None
    return of.labels(listed[-1], f"the cells of {listed[-1]} hold lists of names")


def _grade(of: _Possible) -> InferredLabels | None:
    if not of.rated:
        return None
    found = of.labels(of.rated[-1], f"by its name, {of.rated[-1]} is the label")
    return _with_rivals(found, of.table, of.rivals)


def _last_column_of_varied_numbers(of: _Possible) -> InferredLabels | None:
    if of.last not in of.varied or of.asked.columns:
        return None
    found = of.labels(of.varied[-1], f"{of.last} is the {of.place} column")
    return _with_others(_with_rivals(found, of.table, of.rivals), of.measures)


def _last_column_of_fractions(of: _Possible) -> InferredLabels | None:
    if not of.floats:
        return None
    last, is_asked = of.floats[-1], bool(of.asked.columns)
    if not of.asked.has_fractions and (is_asked or last != of.last):
        return None
    found = of.labels(last, f"{last} is the {of.place} column of fractions")
    found = _with_rivals(found, of.table, of.rivals)
    return _with_others(found, of.varied + of.floats if is_asked else of.measures)


def _numbers_for_asked_numbers(of: _Possible) -> InferredLabels | None:
    """Return a column of numbers where the sample has such, and what has few values is words."""
    measured = of.varied + of.floats
    if not (of.few and of.asked.has_numbers and measured):
        return None
    if any(numbers_of(of.table[one]) is not None for one in of.few):
        return None
    why = f"{measured[-1]} holds numbers, as the sample does"
    return _with_others(of.labels(measured[-1], why), measured)


def _column_of_lists_of_few_names(of: _Possible) -> InferredLabels | None:
    """Return a column of lists, where what has few values is known of an image or groups it."""
    lists = [column for column in of.ordered if _lists_few_names(of.table[column])]
    if not lists or not all(is_fact_or_group(column) for column in of.few):
        return None
    why = f"the cells of {lists[-1]} list few names, each in several rows"
    return of.labels(lists[-1], why)


def _last_column_of_few_values(of: _Possible) -> InferredLabels | None:
    """Return the last column of few values, or the one whose cells say that nothing was found."""
    if not of.few:
        return None
    chosen, why = of.few[-1], f"{of.few[-1]} is the {of.place} column with few values"
    cells = {one: list(known_cells(of.table[one]).unique()) for one in of.few}
    findings = [one for one in of.few if _are_findings(cells[one])]
    if len(findings) == 1 and not of.asked.columns:
        chosen = findings[0]
        why = f"cells of {chosen} say whether there is something or not"
    rivals = [one for one in of.ordered if one != chosen]
    rivals = [one for one in rivals if one in of.few or not may_only_group(of.table[one])]
    return replace(of.labels(chosen, why), columns=tuple(rivals))


def _column_of_a_plural(of: _Possible) -> InferredLabels | None:
    plural = [column for column in of.ordered if _PLURALS & set(name_words(column))]
    return of.labels(plural[0], f"by its name, {plural[0]} is the label") if plural else None


def _last_column_of_numbers(of: _Possible) -> InferredLabels | None:
    measures = [one for one in of.varied if not is_group_name(one) and name_words(one) != ["id"]]
    if len(of.asked.columns) != 1 or not measures:
        return None
    why = f"{measures[-1]} is the last column of numbers, and the sample asks for one"
    return _with_others(of.labels(measures[-1], why), measures)


_BY_SEVERAL_COLUMNS: tuple[_Rule, ...] = (
    _asked_bits,
    _asked_numbers,
    _column_of_asked_values,
    _column_of_asked_names,
)
"""Where the sample has several columns; of all columns of train, as cells may be called so."""

_BY_SAMPLE_AND_NAME: tuple[_Rule, ...] = (
    # The sample's own words come first.
    _asked_column,
    _column_called_alike,
    _column_of_asked_classes,
    # All kinds of evidence together come before a name.
    _column_of_all_evidence,
    _column_by_name,
)
"""What holds beside masks, too."""

_BY_CELLS: tuple[_Rule, ...] = (
    _mean_of_all_opinions,
    _column_that_test_lacks,
    _column_of_known_targets,
    _column_of_most_evidence,
    # Before bits: two of these beside a grade are no list.
    _grade_beside_two_questions,
    _columns_of_bits,
    _column_of_lists,
    _grade,
    # From here on nothing but its place and its number of values speaks for a column.
    _last_column_of_varied_numbers,
    _last_column_of_fractions,
    _numbers_for_asked_numbers,
    _column_of_lists_of_few_names,
    _last_column_of_few_values,
    _column_of_a_plural,
    _last_column_of_numbers,
)
"""What cells show where neither the sample nor a name does; the surer rule comes first."""


def find_left_label(table: pd.DataFrame, used: Collection[str]) -> InferredLabels | None:
    """Return the label where nothing shows it but that other columns are none; None without one.

    Of several columns the last one, with the others as what may be it; groups and, beside others,
    facts are none, nor are texts of which no two rows have the same, and lists of numbers.

    Args:
        table: of train.
        used: the columns that name images.
    """
    left = []
    for column in map(str, table.columns):
        cells = known_cells(table[column])
        is_measured = numbers_of(table[column]) is not None
        repeats = is_measured or cells.nunique() < len(cells)
        repeats &= not cells.str.fullmatch(_SEVERAL_NUMBERS).any()
        if column not in used and cells.nunique() > 1 and repeats and not is_group_name(column):
            left.append(column)
    chosen = [one for one in left if not is_fact_or_group(one)] or left
    if not chosen or name_words(chosen[-1]) == ["id"]:
        return None
    last = "the only column" if len(left) == 1 else "the last column"
    found = _from_column(table, chosen[-1], False, f"{chosen[-1]} is {last} that may be the label")
    return replace(found, columns=tuple(one for one in left if one != chosen[-1]))


_SEVERAL_NUMBERS = r"\W*\d[\d.]*(?:[\s,;]+-?\d[\d.]*)+\W*"


def _are_findings(cells: Sequence[str]) -> bool:
    """Return whether a few words are findings: one of them says that there is none.

    Whether something is so, `False` or `no`, any fact may say.
    """
    words = [set(name_words(cell)) for cell in cells]
    return 1 < len(words) <= _MOST_FINDINGS and any(one & _FOUND_NOTHING for one in words)


_MOST_FINDINGS = 6
_FOUND_NOTHING = frozenset({"negative", "neg", "normal", "healthy", "benign", "undamaged"})


def _mean_of_opinions(
    table: pd.DataFrame, columns: Sequence[str], fractions: bool
) -> InferredLabels | None:
    """Return the mean of opinions that are counted beside it, with other numbers; or None."""
    counted, averaged = find_counted_mean(table, columns), find_averaged(table, columns)
    if counted is not None:
        mean, made = counted.column, {*counted.counts, *counted.made}
        why = f"{mean} is the mean of the opinions that {counted.counts[0]} and the like count"
    elif averaged is not None:
        mean, spread, of_people = averaged
        made, why = {spread, *of_people}, f"by its name, {mean} is a mean of opinions"
    else:
        return None
    found = _from_column(table, mean, fractions, why)
    rivals = [one for one in columns if one != mean and one not in made]
    rivals = [one for one in rivals if _holds_numbers(table[one])]
    return replace(found, columns=tuple(rivals), is_counted=True)


def _with_others(labels: InferredLabels, columns: Sequence[str]) -> InferredLabels:
    """Return the labels with the other columns of numbers, as the sample's name is of none."""
    others = [one for one in columns if one != labels.column and not is_fact_or_group(one)]
    return replace(labels, columns=tuple(dict.fromkeys((*labels.columns, *others))))


def is_fact_or_group(column: str) -> bool:
    """Return whether a column is called as groups of images, or as what is known of them, are."""
    return is_called(column, "group") or bool(_FACT_WORDS & set(name_words(column)))


def is_label_name(column: str) -> bool:
    """Return whether a column is called as labels are; `y` is one alone, and not in `y_tip`."""
    words = name_words(column)
    longer = [word for word in words if len(word) > 1]
    return is_called(" ".join(longer) if len(words) > 1 else column, "label")


def _called_alike(wanted: str, table: pd.DataFrame, numbers: bool) -> str | None:
    """Return the one column that has a word of `wanted`, as level_cm has of level_m; None without.

    Words that stand in names of labels of any kind do not count.

    Args:
        wanted: a column of the sample submission.
        table: the columns that may be the label.
        numbers: whether the sample's values are numbers, so that a column of words is hardly it.
    """
    words = {word for word in name_words(wanted) if len(word) > _SHORT} - meaning_words("label")
    found = [
        str(column)
        for column in table.columns
        if words & set(name_words(str(column)))
        and not (numbers and numbers_of(table[column]) is None)
    ]
    return found[0] if len(found) == 1 else None


def possible_labels(table: pd.DataFrame, used: Sequence[str]) -> list[str]:
    """Return the columns that differ by row, and are no group or known fact by their name."""
    return [
        column
        for column in map(str, table.columns)
        if column not in used and table[column].nunique() > 1 and not is_fact_or_group(column)
    ]


def _with_rivals(
    labels: InferredLabels, table: pd.DataFrame, columns: Sequence[str]
) -> InferredLabels:
    """Return the labels with the columns of `columns` that may be the label instead.

    Nothing but a sample submission shows which of a class and a number is asked for: a column of
    words beside a number is a rival, and a column of numbers beside words; so is a column that
    numbers classes, as 0, 1, 2, beside fractions, and fractions beside it. What is seldom asked for
    is a rival of what is as seldom asked for.
    """
    own = table[str(labels.column)]
    is_fact = bool(_FACT_WORDS & set(name_words(str(labels.column))))
    is_word = numbers_of(own) is None
    is_class, is_measure = may_number_classes(own), has_fractions(own)
    rivals = []
    for column in columns:
        numbers = numbers_of(table[column])
        if column == labels.column or (is_fact_or_group(column) and not is_fact):
            continue
        few = 1 < table[column].nunique() <= max(2, len(table) // 5)
        is_other = (is_class and has_fractions(table[column])) or (
            is_measure and may_number_classes(table[column]) and not is_called(column, "count")
        )
        if is_other or (numbers is not None if is_word else numbers is None and few):
            rivals.append(column)
    return replace(labels, columns=tuple(rivals))


def without_common_start(names: Sequence[str]) -> list[str]:
    """Return the names without what all begin with, up to a sign: `prob_cat` is `cat`."""
    start = max(ends_of_signs(common_start(names)), default=0)
    return [name[start:] for name in names]


def unused_sign(names: Collection[str], signs: Sequence[str] = SEPARATORS) -> str | None:
    """Return the first sign that stands in no name, to list names with; None: each does in one."""
    return next((sign for sign in signs if not any(sign in name for name in names)), None)


def sort_classes(values: Sequence[str]) -> list[str]:
    """Return class names in order; numbers by size, so that 10 follows 9."""
    names = set(values)
    if all(re.fullmatch(r"-?\d+", name) for name in names):
        return sorted(names, key=int)
    return sorted(names)


def positive_class(classes: Sequence[str], column: str) -> str | None:
    """Return which of two classes a probability is of, by the names; None where these show none.

    Args:
        classes: two, in their order.
        column: of the sample submission.

    Example:
        >>> positive_class(["healthy", "sick"], "healthy_score")
        'healthy'
        >>> positive_class(["abnormal", "normal"], "target")
        'abnormal'
        >>> positive_class(["left", "right"], "target") is None
        True
    """
    words = {one: set(name_words(one)) for one in classes}
    named = [one for one in classes if words[one] and words[one] <= set(name_words(column))]
    if len(named) == 1:
        return named[0]
    letters = {frozenset(one.lower() for one in classes)} & _YES_NO_LETTERS
    negative = [
        one for one in classes if words[one] & _NEGATIVE_WORDS or (letters and one.lower() in "nf")
    ]
    if len(negative) == 1:
        return next(one for one in classes if one not in negative)
    are_numbers = all(re.fullmatch(r"-?\d+(\.\d+)?", one) for one in classes)
    return classes[-1] if are_numbers else None


_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2})?")


def is_known_fact(column: str, cells: pd.Series[str]) -> bool:
    """Return whether a column has dates, times or fractions, or is called as facts are.

    Of images of one date, or one temperature, nothing says that they are alike.
    """
    words = set(name_words(column))
    if "=" in column or words & meaning_words("group"):
        return False
    known = known_cells(cells)
    return (
        bool((words - {"id"}) & _FACT_WORDS)
        or has_fractions(cells)
        or (len(known) > 0 and all(_DATE.fullmatch(cell) for cell in known.unique()))
    )


def _from_bits(table: pd.DataFrame, columns: list[str], why: str) -> InferredLabels:
    sums = table[columns].astype(float).sum(axis=1)
    if bool((sums == 1).all()):
        return InferredLabels(
            image_kind("multiclass"), columns, columns, f"{why}, and every row has exactly one 1"
        )
    return InferredLabels(
        image_kind("multilabel"), columns, columns, f"{why}, and a row may have several 1s or none"
    )


_MEAN_WORDS = frozenset({"mean", "average", "avg", "median", "value", "true", "target", "label"})


def _columns_of_numbers(table: pd.DataFrame, expected: Sequence[str]) -> InferredLabels | None:
    """Return the columns of numbers that the sample asks for, by name or by name and one ending.

    `X4, X11` of a sample are `X4_mean, X11_mean` of train, also where there is `X4_sd` as well.
    """
    numeric = {str(name) for name in table.columns if _holds_numbers(table[name])}
    endings = [name[len(expected[0]) :] for name in table.columns if name.startswith(expected[0])]
    fitting = {
        end: [f"{name}{end}" for name in expected]
        for end in endings
        if all(f"{name}{end}" in numeric for name in expected)
    }
    if not fitting:
        return None
    kind = next(one for one in map(image_kind, kind_names(IMAGES)) if one.is_by_column)
    if "" in fitting:
        why = "the sample submission asks for these columns, which hold numbers"
        return InferredLabels(kind, fitting[""], list(expected), why)
    usual = [end for end in fitting if _MEAN_WORDS & set(name_words(end))]
    first = usual[0] if len(usual) == 1 else next(iter(fitting))
    others = () if len(usual) == 1 else tuple(v for end, v in fitting.items() if end != first)
    why = f"the sample submission asks for these columns, which train has with {first!r} behind"
    return InferredLabels(kind, fitting[first], list(expected), why, columns=others)


def columns_in_rows(
    sample: pd.DataFrame,
    table: pd.DataFrame,
    used: Sequence[str],
    is_image: Callable[[str], object],
) -> list[str]:
    """Return the columns of numbers of `table` that the rows of a sample name, [] where none do.

    A row is then of an image and one of its numbers: `RowId` as `face7_nose_tip_x`, or a column of
    these names beside one of images. Where the rest of each key is an image, rows of some pairs may
    be lacking, and one column, of numbers or of classes, may be all that is named.

    Args:
        sample: of ids and values.
        table: of train.
        used: columns of the table that are something else.
        is_image: whether a text names an image.
    """
    numeric = [name for name in map(str, table.columns) if name not in used]
    numeric = [name for name in numeric if _holds_numbers(table[name])]
    ids = sample.iloc[:, 0]
    if len(sample.columns) == 3 and not ids.is_unique:
        for name in sample.columns[1:]:
            if len(values := set(sample[name])) > 1 and values <= set(numeric):
                return [one for one in numeric if one in values]
    if len(sample.columns) > 2:
        return []
    rest = [name for name in map(str, table.columns) if name not in used]
    longest = sorted(rest, key=len, reverse=True)
    named = names_beside_images(list(ids), longest, is_image)
    if len(named) == 1 or (named and named <= set(numeric)):
        return [one for one in rest if one in named]
    if len(numeric) < 2:
        return []
    longest = sorted(numeric, key=len, reverse=True)
    ends = [next((one for one in longest if cell.endswith(one)), "") for cell in ids]
    found = set(ends)
    starts = {cell[: len(cell) - len(end)] for cell, end in zip(ids, ends, strict=True)}
    if "" in found or len(found) < 2 or len(starts) * len(found) != len(ids):
        return []
    return [one for one in numeric if one in found]


def names_beside_images(
    cells: Sequence[str], names: Sequence[str], is_image: Callable[[str], object]
) -> set[str]:
    """Return the names that stand behind an image in each cell, or in front of it, after a sign.

    Between image and name is the same sign in every cell; {} where a cell is of another form, or
    all cells are images.
    """
    if all(map(is_image, cells)):
        return set()
    for in_front in (False, True):
        pairs = {_name_and_sign(cell, names, is_image, in_front) for cell in cells}
        if "" not in {name for name, _ in pairs} and len({sign for _, sign in pairs}) == 1:
            return {name for name, _ in pairs}
    return set()


def _name_and_sign(
    cell: str, names: Sequence[str], is_image: Callable[[str], object], in_front: bool
) -> tuple[str, str]:
    """Return the name beside an image in a key, and the sign between them; "" for no name."""
    for name in names:
        if in_front and cell.startswith(name):
            found = SIGNS.match(cell, len(name))
            if found is not None and is_image(cell[found.end() :]):
                return name, found[0]
        elif not in_front and cell.endswith(name):
            rest = cell[: len(cell) - len(name)]
            image = re.sub(f"{SIGNS.pattern}$", "", rest)
            if image != rest and is_image(image):
                return name, rest[len(image) :]
    return "", ""


def _holds_numbers(cells: pd.Series[str]) -> bool:
    """Return whether a column has several numbers, and besides only empty cells."""
    numbers = numbers_of(cells)
    return numbers is not None and numbers.nunique() > 1


def _from_column(table: pd.DataFrame, column: str, fractions: bool, why: str) -> InferredLabels:
    cells = known_cells(table[column])
    values = cells.unique()
    kind = recognised_kind(column, cells)
    if kind is not None:
        classes = [] if kind.refuses_classes else sort_classes(list(values))
        return InferredLabels(kind, column, classes, f"{why}, and its values fit the name")
    separator, example = _separator(cells), ""
    if separator is None and _PLURALS & set(name_words(column)):
        separator, example = _separator_of_a_plural(list(values))
    if separator is not None:
        parts = {part for one in _split(values, separator) for part in one}
        separator = _as_written(cells, separator)
        shown = "a space" if separator == " " else f"'{separator}'"
        reason = f"{why}, and its cells hold several names separated by {shown}{example}"
        none, is_called_so = _word_for_none(cells, separator)
        if none:
            reason += f"; {none!r} stands beside no other name"
        classes = sort_classes(list(parts - {none} if is_called_so else parts))
        return InferredLabels(
            image_kind("multilabel"), column, classes, reason, separator, none=none
        )
    if _is_measure(cells, fractions):
        return InferredLabels(
            image_kind("regression"), column, [], f"{why}, and its values are measures"
        )
    is_amount = is_called(column, "count")
    is_counted = is_amount and len(values) > 2 and numbers_of(cells) is not None
    if is_counted or _hardly_repeats(_one_a_group(table, column)):
        other = (image_kind("multiclass"), "if the numbers are names; write classes as well")
        numbers = "by its name it counts" if is_counted else "its whole numbers hardly repeat"
        reason = f"{why}, and {numbers}"
        return InferredLabels(image_kind("regression"), column, [], reason, other=other)
    if len(values) == 2:
        reason = f"{why}, and it has two values"
        return InferredLabels(image_kind("binary"), column, sort_classes(list(values)), reason)
    classes = sort_classes(list(values))
    if _RATING_WORDS & set(name_words(column)) and are_ratings(classes):
        reason = (
            f"{why}, its values are {classes[0]} to {classes[-1]}, and by its name they ascend: "
            "likely, and not certain; multiclass if they are mere names"
        )
        return InferredLabels(image_kind("ordinal"), column, classes, reason)
    reason = f"{why}, and every row names one of {len(values):,} values"
    as_lists = _as_lists(cells)
    none = "" if as_lists is None else _word_for_none(cells, as_lists[0])[0]
    return InferredLabels(
        image_kind("multiclass"), column, classes, reason, as_lists=as_lists, none=none
    )


def may_number_classes(cells: pd.Series[str]) -> bool:
    """Return whether cells are few whole numbers without a gap, from 0 or 1, each in some rows."""
    known = known_cells(cells)
    values = set(known)
    if not 2 <= len(values) <= min(MOST_GRADES, len(known) // 3):
        return False
    return any(values == {str(first + n) for n in range(len(values))} for first in (0, 1))


def least_of_amounts(
    table: pd.DataFrame, labels: InferredLabels, told: str = ""
) -> tuple[float, str] | None:
    """Return 0 and why it is the least number that may be predicted; None where it may not be.

    Numbers of which none is below 0 are amounts where they are whole, where some are 0, or where a
    text says so. Places in an image may lie outside it.

    Args:
        table: of train.
        labels: of train.
        told: which text says that no number is below 0, and its words; "" where none does.
    """
    kind = labels.kind
    if not kind.is_continuous or kind.is_circular or labels.are_positions:
        return None
    for column in labels.column_names:
        numbers = numbers_of(table[column])
        if numbers is None or numbers.min() < 0:
            return None
        if numbers.min() > 0 and (numbers % 1 != 0).any() and not told:
            return None
    return 0, f"train has none below 0{told and f', and {told}'}"


def are_ratings(classes: Sequence[str]) -> bool:
    """Return whether the values are whole numbers without a gap, from 0 or 1, three at least.

    Example:
        >>> are_ratings(["0", "1", "2", "3", "4"]), are_ratings(["1", "2", "5"])
        (True, False)
    """
    if not 3 <= len(classes) <= _MOST_RATINGS or classes[0] not in ("0", "1"):
        return False
    first = int(classes[0])
    return list(classes) == [str(first + n) for n in range(len(classes))]


def as_ratings(labels: InferredLabels, table: pd.DataFrame, why: str) -> InferredLabels:
    """Return labels of a known competition as ratings, where they are whole numbers."""
    is_name_or_number = labels.kind.is_exclusive or labels.kind.is_continuous
    if not is_name_or_number or not isinstance(labels.column, str):
        return labels
    cells = table[labels.column]
    values = set(cells) - {""}
    if not all(re.fullmatch(r"\d+", value) for value in values):
        return labels
    classes = sort_classes(list(values))
    if not are_ratings(classes):
        return labels
    return InferredLabels(image_kind("ordinal"), labels.column, classes, f"{labels.why}, and {why}")


def _separator(cells: pd.Series[str]) -> str | None:
    """Return the separator of several labels in a cell, or None where a cell is one label.

    "Fat Hen" and "Common wheat" are single names with a space: names that are put together from few
    parts, now one and now several, are lists. Where no part stands alone they are lists if they
    were classes of which most have one row.
    """
    unique = cells[cells != ""].unique()
    for separator in SEPARATORS:
        split = _split(unique, separator)
        counts = {len(parts) for parts in split}
        vocabulary = {part for parts in split for part in parts}
        if len(counts) > 1 and 1 in counts and len(vocabulary) < len(unique):
            if separator == " " and (_may_be_names_of_words(split) or _has_signs(split)):
                continue
            return separator
    other = _other_separator(cells)
    if other is not None:
        sign, is_sure = other
        return sign if is_sure else None
    lists = _as_lists(cells)
    return lists[0] if lists is not None and 2 * len(unique) > len(cells) else None


@cache
def _other_signs() -> tuple[str, ...]:
    """Return the signs that also stand in names, and words as " and " of all languages."""
    words = {one for each in run_phrases() for one in each["and"].split(" | ")}
    return (*OTHER_SIGNS, *(f" {one} " for one in sorted(words)))


def _other_separator(cells: pd.Series[str]) -> tuple[str, bool] | None:
    """Return the sign, or the word, between names that are cells elsewhere, and whether it is sure.

    `D`, `M`, `P`, `D+M`, `D+P` and `M+P` are lists: three names or more, each a cell of its own and
    in three rows, and as many lists as names. Of fewer, and of numbers with a sign that may stand
    for a range or a fraction, the cells may be names as well; `red-winged` is one in any case.

    Example:
        >>> _other_separator(pd.Series(["D", "M", "P", "D+M", "D+P", "M+P"] * 2))
        ('+', True)
        >>> _other_separator(pd.Series(["red", "white", "red/white"] * 4))
        ('/', False)
        >>> _other_separator(pd.Series(["red-winged", "red", "rusty-sided"] * 4)) is None
        True
    """
    counts = Counter(cells[cells != ""])
    found = []
    for sign in _other_signs():
        if not any(sign in cell for cell in counts):
            continue
        kinds = {cell: [part.strip() for part in cell.split(sign)] for cell in counts}
        lists = {tuple(sorted(parts)) for parts in kinds.values() if len(parts) > 1}
        names = {name for parts in lists for name in parts}
        alone = names & {parts[0] for parts in kinds.values() if len(parts) == 1}
        is_blank = any("" in parts for parts in kinds.values())
        if is_blank or not lists or len(alone) < _MOSTLY_ALONE * len(names):
            continue
        if not _share_few_names([kinds[cell] for cell in cells if cell]):
            continue
        in_rows = Counter[str]()
        for cell, parts in kinds.items():
            in_rows.update(dict.fromkeys(parts, counts[cell]))
        are_numbers = sign in _SIGNS_OF_RANGES and all(re.search(r"\d", one) for one in names)
        is_sure = (
            len(alone) == len(names) >= _FEWEST_NAMES
            and len(lists) >= len(names)
            and min(in_rows[name] for name in names) >= _ROWS_A_NAME
            and not are_numbers
        )
        found.append((sign, is_sure))
    return next((one for one in found if one[1]), found[0] if found else None)


def _has_signs(split: Sequence[Sequence[str]]) -> bool:
    """Return whether a part is a sign or a word between two names, as in "red + blue"."""
    between = {sign.strip() for sign in _other_signs()}
    alone = {parts[0] for parts in split if len(parts) == 1}
    parts = {part for one in split for part in one}
    return any(part in between - alone or not re.search(r"\w", part) for part in parts)


def _word_for_none(cells: pd.Series[str], sign: str) -> tuple[str, bool]:
    """Return the one name of lists that may stand for none of the others; "" without one.

    It stands beside no other name, and is called so in some language, which is returned, too; or
    all others stand beside others, and so many rows of a class would hardly all have it alone.

    Args:
        cells: of a column.
        sign: between the names of a cell.
    """
    rows = _split(cells[cells != ""], sign)
    beside = {name for parts in rows if len(parts) > 1 for name in parts}
    counts = Counter(parts[0] for parts in rows if len(parts) == 1 and parts[0] not in beside)
    called = [name for name in counts if is_called_none(name)]
    if len(called) == 1 and len(beside) > 1:
        return called[0], True
    if called or len(counts) != 1 or len(beside) < _FEWEST_NAMES:
        return "", False
    (name, n), *_ = counts.items()
    of_lists = sum(len(parts) > 1 for parts in rows) / max(1, len(rows) - n)
    return (name, False) if (1 - of_lists) ** n < _BY_CHANCE else ("", False)


def is_called_none(name: str) -> bool:
    """Return whether a label is called as what says that there is nothing: `none`, `0`, `-`."""
    words = set(name_words(name))
    if name == "0" or not re.search(r"\w", name):
        return True
    return bool(words & (meaning_words("none") | meaning_words("negation") | _NOTHING))


def _may_be_names_of_words(split: Sequence[Sequence[str]]) -> bool:
    """Return whether cells may be names of one or two words, as "very thin", "thin" and "fat".

    Some word stands alone in no cell, and there are few cells for so many words. Numbers are lists,
    and so are three words.
    """
    words = {word for parts in split for word in parts}
    alone = {parts[0] for parts in split if len(parts) == 1}
    are_words = all(word[0].isalpha() for word in words) and max(map(len, split)) <= _MOST_WORDS
    return are_words and bool(words - alone) and len(split) <= 2 * len(words)


def _split(cells: Iterable[str], separator: str) -> list[list[str]]:
    """Return the parts of each cell, without blanks around them and without empty ones."""
    return [[part.strip() for part in cell.split(separator) if part.strip()] for cell in cells]


def _as_written(cells: pd.Series[str], sign: str) -> str:
    """Return the sign with the blanks that stand around it everywhere, as ", "."""
    around = re.compile(rf"\s*{re.escape(sign)}\s*")
    written = {one[0] for cell in cells.unique() for one in around.finditer(cell.strip())}
    return written.pop() if len(written) == 1 else sign


def _as_lists(cells: pd.Series[str]) -> tuple[str, list[str]] | None:
    """Return the separator and the names, where classes of several words may as well list names.

    They may where each is another mixture of few names: now two and now more, or, with a blank
    between them, now one and now two.
    """
    unique = cells[cells != ""].unique()
    other = _other_separator(cells)
    if other is not None:
        parts = {part for one in _split(unique, other[0]) for part in one}
        return other[0], sort_classes(list(parts))
    for separator in SEPARATORS:
        split = _split(unique, separator)
        if separator == " " and _has_signs(split):
            continue
        names = {name for parts in split for name in parts}
        has_lengths = len({len(parts) for parts in split}) > 1
        may_be_words = separator == " " and any(len(parts) == 1 for parts in split)
        if has_lengths and len(names) < len(unique) and (may_be_words or _share_few_names(split)):
            return separator, sort_classes(list(names))
    return None


def _holds_lists(cells: pd.Series[str]) -> bool:
    """Return whether cells are lists of a few names by a sign that no sentence is written with."""
    return _separator(cells) in _SIGNS_OF_LISTS and not any(" " in cell for cell in cells)


_ROWS_A_NAME = 3


def _lists_few_names(cells: pd.Series[str]) -> bool:
    """Return whether cells are lists of few names."""
    separator = _separator(cells)
    return separator is not None and _share_few_names(_split(cells, separator))


def _share_few_names(lists: Sequence[Sequence[str]]) -> bool:
    """Return whether names stand in three lists each on average or more.

    No name stands twice in a list, as the words of a sentence may.
    """
    names = [name for one in lists for name in one]
    is_once = all(len(set(one)) == len(one) for one in lists)
    return is_once and len(names) >= _ROWS_A_NAME * len(set(names))


def _separator_of_a_plural(values: Sequence[str]) -> tuple[str | None, str]:
    """Return the separator of the labels of a column with a plural name, and the reason for it.

    By its name a cell may hold several: it is enough that a part of one is a cell elsewhere.
    """
    whole = {cell.strip() for cell in values}
    for separator in SEPARATORS:
        split = _split(values, separator)
        if separator == " " and _has_signs(split):
            continue
        for cell, parts in zip(values, split, strict=True):
            alone = [part for part in parts if part in whole]
            if len(parts) > 1 and alone:
                return separator, (
                    f": the column's name is plural, and '{alone[0]}' of '{cell}' also stands "
                    f"alone; where '{cell}' is one name, this is multiclass"
                )
    return None, ""


def _is_bits(cells: pd.Series[str]) -> bool:
    return set(cells.unique()) <= {"0", "1", "0.0", "1.0"}


def _is_measure(cells: pd.Series[str], fractions: bool) -> bool:
    numbers = numbers_of(cells)
    if numbers is None or are_codes(cells):
        return False
    if has_fractions(cells):
        return True
    n_values = int(numbers.nunique())
    if n_values <= 2:
        return False
    return fractions or (n_values > _MANY_CLASSES and n_values > 0.3 * len(cells))


def are_codes(cells: pd.Series[str]) -> bool:
    """Return whether cells look like numbers and are names: 4.1 and 4.10 are two of few values.

    Where each value has one form, as 4.10 in all rows, they are numbers.
    """
    numbers = numbers_of(cells)
    if numbers is None or not has_fractions(cells):
        return False
    known = known_cells(cells)
    ends = known.str.partition(".")[2]
    written_twice = known.nunique() - numbers.nunique()
    is_padded = ends.str.len().nunique() == 1
    few = known.nunique() <= min(_MANY_CLASSES, len(known) // 3)
    return written_twice > 0 and few and not is_padded and not (ends == "0").any()


def _one_a_group(table: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return the cells without those that a group has again, as all images of a unit have one."""
    for other in table.columns:
        if other != column and is_called(str(other), "group"):
            each = table.drop_duplicates([other, column])
            if len(each) < 0.8 * len(table):
                return each[column]
    return table[column]


def numbers_of(cells: pd.Series[str]) -> pd.Series[float] | None:
    """Return the cells with a label as numbers, or None where one is none."""
    numbers = pd.to_numeric(known_cells(cells), errors="coerce")
    return None if numbers.empty or numbers.isna().any() else numbers


def known_cells(cells: pd.Series[str]) -> pd.Series[str]:
    """Return the cells with a label: not blank and, where all others are numbers, not `NA`."""
    known = cells[cells != ""]
    others = known[~known.isin(MISSING_NUMBERS)]
    are_numbers = bool(pd.to_numeric(others, errors="coerce").notna().all())
    return others if len(others) and are_numbers else known


def has_fractions(cells: pd.Series[str]) -> bool:
    """Return whether all cells with a label are numbers, and some no whole ones."""
    numbers = numbers_of(cells)
    return numbers is not None and bool((numbers % 1 != 0).any())


def _hardly_repeats(cells: pd.Series[str]) -> bool:
    """Return whether cells are whole numbers of which most stand once or twice."""
    numbers = numbers_of(cells)
    return numbers is not None and numbers.nunique() > max(6, MANY_OF_A_ROW * len(numbers))
