"""The group that ids name, as the patient in `sub-04_ses-1` or `patient12_3`.

Images of one patient, video or scene are alike: with some of them in train and some in validation a
fold scores what the network learnt by heart. Where no column names them, ids often do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from podium.competition.ids.patterns import bare_name
from podium.competition.infer.labels import GROUP_WORDS, GroupColumn

__all__ = ["find_group_in_names"]

_SHORT_WORDS = {"sub", "subj", "pat", "vid", "seq"}  # sub-01_ses-1 is the form of BIDS
_CALLED = re.compile(rf"(?:^|[^a-z])(?:{'|'.join(GROUP_WORDS | _SHORT_WORDS)})[-_ ]?[a-z]?\d+$")
_SIGNS = "_- "
_FEWEST = 5
"""Groups: as many as folds."""
_LARGEST = 20
"""Images of a middle group that nothing but its place calls one."""
_SHARED = 0.5
_REPEATED = 0.5


def find_group_in_names(
    ids: Collection[str], test_ids: Collection[str], *, column: str, n_classes: int
) -> tuple[GroupColumn | None, list[str]]:
    """Return the part of ids that must not cross folds, as a key of `folds.group`, and notes.

    It is the beginning of an id up to a sign that all ids have as often. It is taken where it is
    called a patient, a video and so on, with its number; or where train and test have several ids
    of a beginning each, and no beginning is in both: so the host split them. What only looks like
    one is a note.

    Args:
        ids: of the images of train.
        test_ids: of those to predict.
        column: that holds the ids; `id` where no column does.
        n_classes: a beginning may be a class; where there are hardly more of them it is no group.
    """
    in_both: list[str] = []
    possible: list[str] = []
    for one in _beginnings(ids, test_ids, column):
        example = f"{len(one.sizes):,} beginnings of ids, as {min(one.sizes)!r}"
        count = f"{example}, over {len(ids):,} images"
        is_called = all(_CALLED.search(name.lower()) for name in one.sizes)
        if one.shared > _SHARED:
            if is_called:
                in_both.append(f"{example}, look like groups, but most are in test, too")
        elif is_called:
            why = f"{count}: images of one must not cross folds"
            return GroupColumn(one.key, why, len(one.sizes)), []
        elif len(one.sizes) <= 2 * n_classes or one.middle > _LARGEST:
            continue  # classes, or parts of another kind
        elif one.is_split:
            why = f"{count}, are in train or in test, never in both: nor may they cross folds"
            return GroupColumn(one.key, why, len(one.sizes)), []
        else:
            possible.append(
                f"{example}, come several times: if one is one patient, scene or video, write "
                f"folds: {{scheme: stratified_group, group: '{one.key}'}}"
            )
    return None, in_both[-1:] or possible[:1]


@dataclass(frozen=True)
class _Beginnings:
    """The beginnings of all ids up to a sign that each has as often.

    Attributes:
        key: of `folds.group`, for them.
        sizes: images of train by beginning.
        in_test: those to predict by beginning, where their ids have the sign as often.
        n_test: all that are to be predicted.
    """

    key: str
    sizes: Counter[str]
    in_test: Counter[str]
    n_test: int

    @property
    def shared(self) -> float:
        """The part of the images to predict whose beginning is in train."""
        return sum(self.in_test[one] for one in self.sizes) / max(1, self.n_test)

    @property
    def middle(self) -> int:
        """The median of the sizes; of two the greater."""
        return sorted(self.sizes.values())[len(self.sizes) // 2]

    @property
    def is_split(self) -> bool:
        """Whether chance would hardly have left all images of each beginning together."""
        is_apart = self.shared == 0 and self.in_test.total() == self.n_test
        return is_apart and len(self.in_test) >= _FEWEST and _repeats(self.in_test)


def _beginnings(
    ids: Collection[str], test_ids: Collection[str], column: str
) -> Iterator[_Beginnings]:
    """Yield beginnings that are as many as folds and come several times, the shorter first."""
    depths = {one.count("/") for one in ids}
    if len(depths) != 1:
        return
    folders = "*/" * depths.pop()
    for sign in _SIGNS:
        names, tests = ([bare_name(one).split(sign) for one in part] for part in (ids, test_ids))
        lengths = {len(one) for one in names}
        if len(lengths) != 1:
            continue
        length = lengths.pop()
        of_form = [one for one in tests if len(one) == length]
        for n in range(1, length):
            sizes, in_test = (Counter(sign.join(one[:n]) for one in of) for of in (names, of_form))
            if len(sizes) >= _FEWEST and _repeats(sizes):
                key = f"{column}={folders}{{group}}{f'{sign}*' * (length - n)}"
                yield _Beginnings(key, sizes, in_test, len(tests))


def _repeats(sizes: Counter[str]) -> bool:
    """Return whether at least half of all images share their beginning with another."""
    return sum(n for n in sizes.values() if n > 1) >= _REPEATED * sizes.total()
