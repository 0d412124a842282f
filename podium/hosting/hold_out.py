"""Which labelled images become the hidden test set, and which of these are public."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.fold_schemes import groups_if_any, tied
from podium.competition.spec import Competition, TaskName
from podium.competition.strata import Strata, coverage_strata, read_strata
from podium.errors import DataError, some
from podium.hosting.usage_draw import Draw, dealt, draw_public, refuse_share, secret_seed
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["HoldOut", "Split", "divide"]

_PARTS = 4  # of coverage: as many levels as this many folds could be balanced by


@dataclass(frozen=True)
class HoldOut:
    """How a test set is drawn from labelled data.

    Args:
        share: of the images that become the test set, in (0, 1).
        public: share of the test images whose score everyone sees, in (0, 1].
        seed: of every draw; default: a secret one. Who knows it knows the order of the images in
            the data, and so the answers.
    """

    share: float = 0.3
    public: float = 0.3
    seed: int = field(default_factory=secret_seed)


@dataclass(frozen=True)
class Split:
    """Where each of N samples goes.

    Attributes:
        is_test: bool `(N,)`.
        is_public: bool `(N,)`, of test samples alone.
        numbers: int64 `(N,)`, 0 … N - 1 in an order that says nothing: names are made of them.
        notes: what a person should know.
    """

    is_test: NDArray[np.bool_]
    is_public: NDArray[np.bool_]
    numbers: NDArray[np.int64]
    notes: tuple[str, ...]


def divide(
    samples: pd.DataFrame,
    competition: Competition,
    contents: Sequence[str],
    hold_out: HoldOut,
    *,
    task: TaskName,
    progress: Progress = SILENT,
) -> Split:
    """Return the split of `samples`, which are in the order of their ids.

    Labels (of masks: how much is foreground, and which classes there are) are as frequent in the
    test set as in train. No group, and no picture that is there twice, lies in both.

    Args:
        samples: as `load_samples` returns those of train, sorted by id; all have an answer.
        competition: what they were read by.
        contents: a digest of each image `(N,)`; equal ones are one picture.
        hold_out: the shares and the seed.
        task: what is scored.
        progress: of reading masks.

    Raises:
        DataError: a share is none or leaves a part empty, or a class would be in the test set
            alone.
    """
    refuse_share("--hold-out", hold_out.share)
    strata = _strata(samples, competition, task, progress)
    pictures = np.asarray(pd.factorize(np.array(contents, dtype=object))[0], dtype=np.int64)
    groups = tied(groups_if_any(samples, "group"), pictures)
    n_groups = int(groups.max()) + 1
    if n_groups < 3:
        raise DataError(
            f"{len(samples)} images make {n_groups} groups that must stay together: too few for a "
            "train, a public and a private part",
            fix="give more images, or another --group",
        )
    try:
        is_test = dealt(strata, groups, hold_out.share, [hold_out.seed, 0])
    except DataError as error:
        raise DataError(
            f"{len(samples)} images in {n_groups} groups cannot be divided: --hold-out "
            f"{hold_out.share:g} leaves one part empty",
            fix="change --hold-out, or give more images",
        ) from error
    _refuse_unlearnt(strata, is_test)
    rows = np.flatnonzero(is_test)
    within = np.unique(groups[rows], return_inverse=True)[1].astype(np.int64)
    is_public = np.zeros(len(samples), dtype=np.bool_)
    draw = Draw(public=hold_out.public, seed=hold_out.seed)
    is_public[rows] = draw_public(strata.take(rows), within, draw)
    numbers = np.random.default_rng([hold_out.seed, 2]).permutation(len(samples))
    notes = [*_twins(samples, contents), *_lacking(strata, is_test, is_public)]
    return Split(is_test, is_public, numbers, tuple(notes))


def _strata(
    samples: pd.DataFrame, competition: Competition, task: TaskName, progress: Progress
) -> Strata:
    if task == "classify":
        return read_strata(samples, classes=competition.classes)
    home = Workspace(Path(competition.root))
    facts = read_mask_facts(home, competition, samples, progress=progress)
    classes = competition.classes_of("segment")
    return coverage_strata(facts.coverage, facts.has_class, _PARTS, classes=classes)


def _refuse_unlearnt(strata: Strata, is_test: NDArray[np.bool_]) -> None:
    """Refuse a class of which nobody could learn."""
    if strata.kind not in ("classes", "labels"):
        return
    held = strata.counts(np.where(is_test, 1, 0), 2)
    lost = [name for name, n, m in zip(strata.names, *held, strict=True) if n == 0 and m > 0]
    if lost:
        raise DataError(
            f"all images of {some(lost)} would be in the test set, and nobody could learn them",
            fix="give at least two images (or groups) of each class, leave the class out, or try "
            "another --seed",
        )


def _lacking(strata: Strata, is_test: NDArray[np.bool_], is_public: NDArray[np.bool_]) -> list[str]:
    if strata.kind not in ("classes", "labels"):
        return []
    held = strata.counts(np.where(is_test, np.where(is_public, 0, 1), 2), 3)
    notes = []
    for name, of_part in zip(("public", "private"), held, strict=False):
        lost = [one for one, n in zip(strata.names, of_part, strict=True) if n == 0]
        if lost and of_part.sum():
            notes.append(f"no {name} test image is of {some(lost)}: there are too few of them")
    return notes


def _twins(samples: pd.DataFrame, contents: Sequence[str]) -> list[str]:
    again = [one for one, n in Counter(contents).items() if n > 1]
    if not again:
        return []
    ids = list(samples["id"])
    first = [one for one, digest in zip(ids, contents, strict=True) if digest == again[0]]
    n = sum(digest in set(again) for digest in contents)
    return [
        f"{n} images are {len(again)} picture{'s' * (len(again) > 1)} (such as "
        f"{' = '.join(first[:3])}): copies of one picture are kept on one side"
    ]
