"""The group that ids name, as the patient in `sub-04_ses-1` or `patient12_3`.

Images of one patient, video or scene are alike: with some of them in train and some in validation a
fold scores what the network learnt by heart. Where no column names them, ids often do.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from podium.competition.ids.patterns import bare_name
from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.readme.things_apart import ThingApart, starts_apart
from podium.competition.languages import meaning_words
from podium.competition.spec import FoldsSpec
from podium.errors import plural

__all__ = ["find_group_in_names"]

_SHORT_WORDS = {"sub", "subj", "pat", "vid", "seq"}  # sub-01_ses-1 is the form of BIDS
_GROUPS = "|".join(meaning_words("group") | _SHORT_WORDS)
_CALLED = re.compile(rf"(?:^|[^a-z])(?:{_GROUPS})[-_ ]?[a-z]?\d+$")
_SIGNS = "_- "
_FEWEST_GROUPS = 4
"""Groups, as of a column."""
_FOLDS = FoldsSpec.model_fields["n"].default
"""Groups that the default folds need; where a beginning has fewer, a longer one is proposed."""
_LARGEST = 20
"""Images of a middle beginning that is no kind of things, as a breed, where each has one label."""
_SHARED = 0.5
_REPEATED = 0.5
_CHANCE = 1e-3
"""That images of test which chance draws are whole beginnings."""


def find_group_in_names(
    ids: Collection[str],
    test_ids: Collection[str],
    *,
    column: str,
    labels: Mapping[str, str],
    are_in_classes: bool = False,
    apart: Sequence[ThingApart] = (),
) -> tuple[GroupColumn | None, list[str]]:
    """Return the part of ids that must not cross folds, as a key of `folds.group`, and notes.

    It is the beginning of an id up to a sign that all ids have as often. It is taken where it is
    called a patient, a video and so on, with its number; or where no beginning is in train and in
    test, and chance would hardly have it so: the host split them. What only looks like one, and
    what are too few for folds, is a note.

    Args:
        ids: of the images of train.
        test_ids: of those to predict.
        column: that holds the ids; `id` where no column does.
        labels: of ids, as far as each has one: a beginning may be a class.
        are_in_classes: whether ids lie in folders of classes: where beginnings are numbered anew in
            each, one number need not be one thing.
        apart: things of which test has others than train, as texts state: a beginning that test has
            none of is taken for them, and asked for where its letters are not theirs.
    """
    in_both: list[str] = []
    too_few: list[str] = []
    possible: dict[str, int] = {}  # note → number of groups
    told: list[GroupColumn] = []
    for one in _beginnings(ids, test_ids, column, labels):
        example = f"{plural(len(one.sizes), 'beginning')} of ids, as {min(one.sizes)!r}"
        count = f"{example}, over {plural(len(ids), 'image')}"
        if one.are_classes:
            continue
        if are_in_classes and one.begin_anew and not one.is_split:
            note = (
                f"{example}, come several times, and are numbered anew in each class: if one of a "
                "class is one patient, scene or video, write data.train.id: '{class}-{stem}', and "
                f"folds: {{scheme: stratified_group, group: '{one.key.replace('*/', '')}'}}; where "
                f"one number is the same one in all classes, group: '{one.key}' alone"
            )
            possible[note] = len(one.sizes)
        elif one.shared > _SHARED:
            if one.is_called:
                in_both.append(f"{example}, look like groups, but most are in test, too")
        elif not (one.is_called or one.is_split):
            if len(one.sizes) >= _FEWEST_GROUPS and not one.may_be_kinds:
                note = (
                    f"{example}, come several times: if one is one patient, scene or video, write "
                    f"folds: {{scheme: stratified_group, group: '{one.key}'}}"
                )
                possible[note] = len(one.sizes)
            if apart and len(one.sizes) >= _FEWEST_GROUPS and not one.shared:
                told.append(_group_by_text(one, count, apart))
        elif len(one.sizes) < _FEWEST_GROUPS:
            too_few.append(
                f"{example}, look like groups, and are too few to be taken as such: to keep the "
                "images of each in one fold, write folds: {scheme: stratified_group, "
                f"n: {len(one.sizes)}, group: '{one.key}'}}"
            )
        elif one.is_called:
            why = f"{count}: images of one must not cross folds"
            return GroupColumn(one.key, why, len(one.sizes)), []
        else:
            why = f"{count}, are in train or in test, never in both: nor may they cross folds"
            return GroupColumn(one.key, why, len(one.sizes)), []
    if told:
        return min(told, key=lambda one: (len(one.others), one.n < _FOLDS)), []
    first = next((one for one, n in possible.items() if n >= _FOLDS), next(iter(possible), None))
    return None, in_both[-1:] or too_few[:1] or ([] if first is None else [first])


def _group_by_text(one: _Beginnings, count: str, apart: Sequence[ThingApart]) -> GroupColumn:
    """Return beginnings as the group that a text tells of, to ask for where it may be another."""
    why = f"{count}: images of one must not cross folds, as {apart[0].told}"
    letters = {re.sub(r"[\W\d_]+$", "", each.lower()) for each in one.sizes}
    is_sure = all(starts_apart(each, apart) for each in letters)
    return GroupColumn(one.key, why, len(one.sizes), () if is_sure else (None,))


@dataclass(frozen=True)
class _Beginnings:
    """The beginnings of all ids up to a sign that each has as often.

    Attributes:
        key: of `folds.group`, for them.
        sizes: images of train by beginning.
        in_test: those to predict by beginning, where their ids have the sign as often.
        n_test: all that are to be predicted.
        labels: of the images of each beginning; {} where they are not known.
        are_folders: whether they are folders, which may be called anyhow.
        numbers: those of each folder that images lie in; {} where they lie in none.
    """

    key: str
    sizes: Counter[str]
    in_test: Counter[str]
    n_test: int
    labels: Mapping[str, set[str]]
    are_folders: bool = False
    numbers: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def shared(self) -> float:
        """The part of the images to predict whose beginning is in train."""
        return sum(self.in_test[one] for one in self.sizes) / max(1, self.n_test)

    @property
    def is_called(self) -> bool:
        """Whether each is called a patient, a video and so on, with its number."""
        return all(_CALLED.search(one.lower()) for one in self.sizes)

    @property
    def are_of_one_label(self) -> bool:
        """Whether the images of each have one label."""
        return bool(self.labels) and all(len(one) == 1 for one in self.labels.values())

    @property
    def n_labels(self) -> int:
        """The number of labels."""
        return len(set[str]().union(*self.labels.values()))

    @property
    def begin_anew(self) -> bool:
        """Whether each is a number, counted from the same first one in each of several folders."""
        each = list(self.numbers.values())
        if len(each) < 2 or not all(text.isdecimal() for one in each for text in one):
            return False
        numbers = [sorted(map(int, one)) for one in each]
        first = numbers[0][0]
        return all(one == list(range(first, first + len(one))) for one in numbers)

    @property
    def are_classes(self) -> bool:
        """Whether each is the name of a label."""
        return self.are_of_one_label and self.n_labels == len(self.sizes)

    @property
    def may_be_kinds(self) -> bool:
        """Whether each may be a kind of what is a class, as a breed of dogs."""
        middle = sorted(self.sizes.values())[len(self.sizes) // 2]
        are_few = len(self.sizes) <= 2 * self.n_labels
        return self.are_of_one_label and (are_few or middle > _LARGEST)

    @property
    def is_split(self) -> bool:
        """Whether train and test have none in common, and chance would hardly have it so.

        Those of test are of the same form; one alone has letters and a number, as `drive07`.
        """
        if self.shared or not self.n_test or self.in_test.total() < self.n_test:
            return False
        forms = set[str]() if self.are_folders else {_form_of(one) for one in self.in_test}
        is_numbered = len(self.in_test) > 1 or all({"a", "0"} <= set(one) for one in forms)
        if not is_numbered or not forms <= {_form_of(one) for one in self.sizes}:
            return False
        n_all, n_images = len(self.sizes) + len(self.in_test), self.sizes.total() + self.n_test
        # Of all draws of as many images, those of as many whole beginnings.
        chance = _log_comb(n_all, len(self.in_test)) - _log_comb(n_images, self.n_test)
        return chance < math.log(_CHANCE)


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


_DIGEST = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{12,}")


def _form_of(beginning: str) -> str:
    """Return a beginning with `0` for each number and `a` for each word; of a digest, its length.

    Numbers and words in a digest come by chance.
    """
    if _DIGEST.fullmatch(beginning.lower()):
        return f"#{len(beginning)}"
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", beginning))


def _beginnings(
    ids: Collection[str], test_ids: Collection[str], column: str, labels: Mapping[str, str]
) -> Iterator[_Beginnings]:
    """Yield beginnings that are several and come several times, the shorter first."""
    depths = {one.count("/") for one in ids}
    if len(depths) != 1:
        return
    depth = depths.pop()
    if depth:
        yield from _in_folders(ids, test_ids, column, labels, depth)
    folders = "*/" * depth
    for sign in _SIGNS:
        names, tests = ([bare_name(one).split(sign) for one in part] for part in (ids, test_ids))
        lengths = {len(one) for one in names}
        if len(lengths) != 1:
            continue
        length = lengths.pop()
        of_form = [one for one in tests if len(one) == length]
        for n in range(1, length):
            sizes, in_test = (Counter(sign.join(one[:n]) for one in of) for of in (names, of_form))
            if len(sizes) > 1 and _repeats(sizes):
                key = f"{column}={folders}{{group}}{f'{sign}*' * (length - n)}"
                of_each: dict[str, set[str]] = defaultdict(set)
                for one in ids if len(labels) else ():
                    of_each[sign.join(bare_name(one).split(sign)[:n])].add(labels[one])
                of_folder: dict[str, set[str]] = defaultdict(set)
                for one in ids if depth else ():
                    where, _, name = one.rpartition("/")
                    of_folder[where].add(sign.join(name.split(sign)[:n]))
                yield _Beginnings(key, sizes, in_test, len(tests), of_each, numbers=of_folder)


def _in_folders(
    ids: Collection[str],
    test_ids: Collection[str],
    column: str,
    labels: Mapping[str, str],
    depth: int,
) -> Iterator[_Beginnings]:
    """Yield the first of `depth` folders, if the ids to predict have as many."""
    if any(one.count("/") != depth for one in test_ids):
        return
    names, tests = ([one.partition("/")[0] for one in part] for part in (ids, test_ids))
    sizes, in_test = Counter(names), Counter(tests)
    if len(sizes) > 1 and _repeats(sizes):
        of_each: dict[str, set[str]] = defaultdict(set)
        for one, name in zip(ids, names, strict=True):
            if one in labels:
                of_each[name].add(labels[one])
        key = f"{column}={{group}}{'/*' * depth}"
        yield _Beginnings(key, sizes, in_test, len(tests), of_each, are_folders=True)


def _repeats(sizes: Counter[str]) -> bool:
    """Return whether at least half of all images share their beginning with another."""
    return sum(n for n in sizes.values() if n > 1) >= _REPEATED * sizes.total()
