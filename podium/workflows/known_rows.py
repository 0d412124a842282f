"""Train samples whose answers are known, and what a file that has their rows scores.

The file is in the format of a submission, is read as a host reads it, and is scored by the
competition's metric.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import UsageError, some
from podium.submissions.wanted import Wanted, wanted_of_samples
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from podium.hosting.spec import HostSpec

__all__ = ["Known", "known_rows"]


@dataclass(frozen=True)
class Known:
    """Train samples with their answers, of some folds.

    Attributes:
        competition: whose.
        train: all train samples.
        samples: those that are meant; of units all their images.
        ids: of what a file has rows of: units, or samples, `(N,)`.
        truth: of labels, an array of N.
        said_by: in words, which they are.
    """

    competition: Competition
    train: pd.DataFrame
    samples: pd.DataFrame
    ids: tuple[str, ...]
    truth: NDArray[Any] | None
    said_by: str

    def take(self, ids: Sequence[str]) -> Known:
        """Return those of `ids`, which are in `self.ids`, in the order of the latter."""
        kept = set(ids)
        keep = np.array([one in kept for one in self.ids], dtype=np.bool_)
        rows = np.ones(len(self.samples), dtype=np.bool_)
        if not self.competition.scores_units:
            rows = keep
        return Known(
            self.competition,
            self.train,
            self.samples[rows].reset_index(drop=True),
            tuple(one for one in self.ids if one in kept),
            None if self.truth is None else self.truth[keep],
            self.said_by,
        )

    @cached_property
    def wanted(self) -> Wanted:
        """The rows of a file of these samples."""
        return wanted_of_samples(self.competition, self.ids, self._images, said_by=self.said_by)

    def _images(self) -> dict[str, Path]:
        from podium.competition.images import first_file

        root, files = self.competition.root, self.samples["images"]
        return {
            str(one): root / first_file(paths)
            for one, paths in zip(self.samples["id"], files, strict=True)
        }

    @cached_property
    def n_scored(self) -> int:
        """How many answers the metric sees: samples, units or volumes."""
        return len(self.volumes) if self._needs == "volumes" else len(self.ids)

    @property
    def _needs(self) -> str:
        from podium.competition import metrics

        return metrics.of(self.competition).needs

    @cached_property
    def volumes(self) -> Any:
        """The volumes that the samples are slices of."""
        from podium.competition.volumes import volumes_of

        return volumes_of(self.samples)

    def score(self, file: Path) -> float:
        """Return the score of a file that has no errors, read as a host reads it.

        Raises:
            SubmissionError: it has errors, or the metric is undefined for what it says.
            DataError: an answer cannot be read.
            UsageError: the cells hold ids of other images, of which competition.yaml says nothing.
        """
        from podium.hosting.scoring import score_file

        if self.truth is not None:
            return _score(score_file(file, self._spec, self._solution(self.truth)).public)
        if self.wanted.form.kind == "instance" or self.wanted.form.rows == "pixel":
            return _score(score_file(file, self._spec, self._of_units()).public)
        return self._score_volumes(file) if self._needs == "volumes" else self._score_masks(file)

    @cached_property
    def _spec(self) -> HostSpec:
        from podium.hosting.spec import HostSpec

        made = HostSpec(
            slug="here",
            title=self.competition.name,
            metric=self.competition.metric,
            format=self.wanted.form,
        )
        return made.at(self.competition.root)

    def _solution(self, truth: NDArray[Any]) -> Any:
        from podium.hosting.solution import Solution

        if self.wanted.form.item == "{id}":
            raise UsageError(
                "the cells hold ids of other images, and competition.yaml does not say which are "
                "right for a train image",
                fix="score what the cells say with podium.competition.metrics",
            )
        return Solution(self.ids, truth, *self._all_public())

    def _of_units(self) -> Any:
        from podium.competition.masks import truth_masks
        from podium.competition.objects import truth_instances
        from podium.hosting.object_solution import UnitSolution
        from podium.submissions.instance_reading import open_instances
        from podium.submissions.pixel_reading import open_pixels

        wanted, of_pixels = self.wanted, self.wanted.form.rows == "pixel"
        read: Callable[..., Any] = open_pixels if of_pixels else open_instances
        truths = truth_masks if of_pixels else truth_instances
        return UnitSolution(
            wanted.form,
            self.ids,
            truths(self.competition, self.samples),
            *self._all_public(),
            said=lambda file: read(file, wanted.form, self.ids, wanted.sizes, said_by=self.said_by),
        )

    def _all_public(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        every = np.ones(len(self.ids), dtype=np.bool_)
        return every, ~every

    def _score_masks(self, file: Path) -> float:
        from podium.competition.masks import truth_masks
        from podium.hosting.mask_scoring import counts_of, score_of_counts
        from podium.submissions.mask_reading import read_masks

        wanted = self.wanted
        said = read_masks(file, wanted.form, self.ids, wanted.sizes, said_by=self.said_by)
        truths = truth_masks(self.competition, self.samples)
        known = (mask for mask in truths if mask is not None)  # samples without one are left out
        counts = counts_of(wanted.form, known, (mask for _, mask in said))
        return score_of_counts(self._spec, counts, self._all_public()[0], where=self.said_by)

    def _score_volumes(self, file: Path) -> float:
        from podium.competition.masks import truth_masks
        from podium.competition.sum_scorer import SumScorer
        from podium.competition.volumes import volume_of
        from podium.submissions.mask_reading import read_masks

        wanted, scorer = self.wanted, SumScorer.of_competition(self.competition)
        order = [self.ids[row] for volume in self.volumes for row in volume.rows]
        said = read_masks(file, wanted.form, order, wanted.sizes, said_by=self.said_by)
        truths, found = truth_masks(self.competition, self.samples), []
        for volume in self.volumes:
            depth = len(volume.rows)
            truth = volume_of((truths[int(row)] for row in volume.rows), depth)
            decided = volume_of((next(said)[1] for _ in range(depth)), depth)
            found.append(scorer.measure([truth], [decided]))
        return scorer.score(np.concatenate(found))


def known_rows(
    workspace: Workspace, competition: Competition, folds: Sequence[int] | None = None
) -> Known:
    """Return the train samples of `folds` (None: of all) of which the answer is known.

    Raises:
        DataError: there are no folds yet, or none of the samples has an answer.
        UsageError: there is no such fold.
    """
    from podium.competition.folds_file import read_folds
    from podium.competition.samples import load_samples

    samples = load_samples(competition, "train", workspace=workspace)
    of_row = read_folds(workspace, competition, samples)
    there = sorted(set(of_row[of_row >= 0].tolist()))
    strange = [fold for fold in folds or () if fold not in there]
    if strange:
        raise UsageError(
            f"there is no fold {some(strange)}", fix=f"folds are {there[0]} to {there[-1]}"
        )
    is_in = np.isin(of_row, there if folds is None else list(folds))
    said_by = "the train samples"
    if folds is not None:
        said_by = f"fold{'s' * (len(folds) > 1)} {', '.join(map(str, folds))}"
    if competition.scored_task == "segment":
        is_in &= samples["mask"].notna().to_numpy()
        inside = samples[is_in].reset_index(drop=True)
        return _some(Known(competition, samples, inside, tuple(inside["id"]), None, said_by))
    return _some(_with_labels(competition, samples, of_row, is_in, said_by))


def _with_labels(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    is_in: NDArray[np.bool_],
    said_by: str,
) -> Known:
    from podium.competition.open_set import seen_truth
    from podium.competition.samples import truth as truth_of
    from podium.competition.units import is_known, units_of

    truth = truth_of(samples, competition)
    if competition.open_set is not None:  # "none of the classes" is an answer, too
        is_there = np.ones(len(truth), dtype=np.bool_)
        truth = seen_truth(truth, folds, scheme=competition.folds.scheme)
    else:
        is_there = is_known(truth)
    units = units_of(samples, competition)
    if units is None:
        keep = np.flatnonzero(is_in & is_there)
        inside = samples.iloc[keep].reset_index(drop=True)
        return Known(competition, samples, inside, tuple(inside["id"]), truth[keep], said_by)
    of_units = units.truth(truth)
    known = is_known(of_units) & is_in[units.first]
    inside = samples[known[units.of_row]].reset_index(drop=True)
    names = tuple(units.names[i] for i in np.flatnonzero(known))
    return Known(competition, samples, inside, names, of_units[known], said_by)


def _some(known: Known) -> Known:
    if not known.ids:
        raise UsageError(f"{known.said_by}: no sample has a known answer", fix="name other folds")
    return known


def _score(found: float | None) -> float:
    assert found is not None  # every row is public
    return found
