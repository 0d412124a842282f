"""Score a file on train samples, whose labels are known, before a host scores one of test samples.

`check_on_folds` takes any file of the samples of some folds. `rehearse` writes such a file of a
blend: its out-of-fold predictions with its final weights and decision. Its score equals the blend's
score on the rows it was fitted on, the optimistic score, unless the file lost information. The
file is in the format of a submission, is read as a host reads it, and is scored by the
competition's metric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.file import read_folds
from podium.competition.folds.open_set import open_set_truth
from podium.competition.images import first_file
from podium.competition.samples import load_samples
from podium.competition.samples import truth as truth_of
from podium.competition.scores.combination import score_name
from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.sections.submission import answer_columns
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.competition.truths.objects import truth_instances
from podium.competition.truths.volumes import volume_of, volumes_of
from podium.competition.units import has_label, units_of
from podium.errors import RunError, UsageError, naming_place, some
from podium.hosting.scoring.masks import counts_of, score_of_counts
from podium.hosting.scoring.objects import UnitSolution
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.several import solutions_of_one_truth, write_several_solutions
from podium.hosting.scoring.solution import Solution, read_solution
from podium.hosting.spec import HostSpec
from podium.predictions.store.reading import PredictionSet
from podium.submissions.board.adopted import REHEARSAL
from podium.submissions.format.answers import read_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected, stale_sample_problems
from podium.submissions.format.expected import expected_of_samples
from podium.submissions.format.problems import Problem
from podium.submissions.format.spec import CONFIDENCE
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName, has_images, is_of_pixels
from podium.workflows.blends.files import blend_parts, write_blend_predictions
from podium.workspace.atomic import temporary_folder
from podium.workspace.display import number
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import read_record

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["Rehearsal", "check_on_folds", "describe_difference", "rehearse"]


@dataclass(frozen=True, repr=False)
class Rehearsal:
    """Check and score of a file of train samples.

    `honest` is the score to believe: of a blend `score` is that of the file as it would be sent,
    whose weights and decision were fitted on these very rows. It shows that the file holds what
    was meant.

    Attributes:
        file: the CSV.
        problems: of the file, errors first.
        n_rows: number of scored samples (units, volumes).
        metric: its name.
        score: of the file, optimistic where it is a blend's; None if the file has errors.
        own: the blend's own optimistic score of the same rows; None without a blend, or if it was
            not fitted on exactly these.
        honest: the blend's score of the same rows with decisions of the other folds: the one to
            believe; None where `own` is.
        fitted: what the blend fitted on these rows: weights, calibration, decision.
    """

    file: Path
    problems: list[Problem]
    n_rows: int
    metric: str
    score: float | None
    own: float | None = None
    honest: float | None = None
    fitted: tuple[str, ...] = ()

    def __repr__(self) -> str:
        fitted = "" if self.own is None else ", fitted on these rows"
        honest = "" if self.honest is None else f"honest {self.metric}: {number(self.honest)}\n"
        return (
            f"{honest}{self.metric} of the file{fitted}: {number(self.score)}\n"
            f"rows: {self.n_rows:,}\nproblems: {len(self.problems)}\nfile: {self.file}"
        )


def check_on_folds(
    workspace: Workspace, competition: Competition, file: Path, folds: Sequence[int] | None = None
) -> Rehearsal:
    """Return what is wrong with a file of the train samples of `folds`, else its score.

    Args:
        workspace, competition: whose.
        file: a CSV in the format of a submission, with the rows of these samples.
        folds: None: all of them.

    Raises:
        PodiumError: as `labelled_rows`; SubmissionError where the metric is undefined.
    """
    return _score_file(labelled_rows(workspace, competition, folds), file)


def rehearse(
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    folds: Sequence[int] | None = None,
    *,
    progress: Progress = SILENT,
) -> Rehearsal:
    """Write the out-of-fold predictions of `blend` as a submission, check the file and score it.

    Nothing is uploaded. The file is `submissions/rehearsal-of-train-<blend>[-fold-K].csv`.

    Args:
        workspace, competition: of the blend.
        blend: its folder.
        folds: of the samples; None: all that the blend was fitted on.
        progress: gets a message for each file.

    Raises:
        PodiumError: as `write_blend_predictions` and `labelled_rows`.
    """
    parts = blend_parts(blend, competition)
    known = labelled_rows(workspace, competition, folds)
    shared = set.intersection(
        *(
            _predicted_ids(PredictionSet(one), task)
            for task in competition.answered_tasks
            for one in parts[task].sets
        )
    )
    known = _rows_of_all_members(known, shared, blend)
    at = "" if folds is None else "-fold-" + "-".join(map(str, folds))
    workspace.submissions.mkdir(parents=True, exist_ok=True)
    file = (
        workspace.submissions
        / f"{REHEARSAL}of-train-{blend.name}{at}{competition.submission.file.suffix}"
    )
    write_blend_predictions(
        file, competition, parts, "oof", known.train, known.expected, ids=known.ids
    )
    progress.say(f"  wrote {file}, read it back, and found it as it was meant")
    found = _score_file(known, file, read_record(blend).scores)
    fitted = {
        name
        for one in parts.values()
        for name in one.blend.fitted_parts
        if name != "decision" or not one.blend.plain
    }
    return replace(found, fitted=tuple(sorted(fitted, reverse=True)))


def describe_difference(competition: Competition) -> str:
    """Return why the score of a rehearsed file may be another one than its blend's."""
    metric, form = metrics.of(competition), competition.submission
    has_confidence = CONFIDENCE in dict(form.columns or {}).values() or "{conf}" in str(form.item)
    if metric.scores_objects and metric.sums is None and not has_confidence:
        return (
            f"{metric.name} ranks objects by their confidence, and the file has none: a host that "
            "takes this file scores it as the file is scored here. If the format has a "
            "confidence, write its column into submission.columns as conf, or {conf} into "
            "submission.item"
        )
    are_apart = metric.scores_objects and form.overlap == "forbid"
    shared = ", or objects share pixels, which the surest one keeps" if are_apart else ""
    beyond = "" if form.range is None else ", or predictions lie beyond submission.range"
    digits = [form.decimals, *(one.decimals for one in answer_columns(form))]
    is_exact = all(one is None for one in digits)
    rounded = "" if is_exact else ", or are rounded (submission.decimals)"
    return f"the cells hold less, or something else, than the metric needs{beyond}{rounded}{shared}"


def _predicted_ids(members: Any, task: TaskName) -> set[str]:
    if is_of_pixels(task):
        return set(members.oof_masks(PIXELS).ids)
    return set(members.oof(IMAGES).ids)


def _rows_of_all_members(known: LabelledRows, predicted: set[str], blend: Path) -> LabelledRows:
    """Return the rows, units or volumes that every member predicted whole."""
    torn = known.samples["id"][~known.samples["id"].isin(predicted)]
    if known.competition.scores_units:
        lost = set(known.samples["unit"].loc[torn.index].astype(str))
    else:
        lost = set(torn)
    left = [one for one in known.ids if one not in lost]
    if not left:
        raise RunError(
            f"{known.rows_source}: no sample was predicted by every member",
            where=blend,
            fix="name folds that were trained",
        )
    return known if not lost else known.take(left)


def _score_file(
    known: LabelledRows, file: Path, scores: Mapping[str, Any] | None = None
) -> Rehearsal:
    problems = check_expected(file, known.expected)
    problems += stale_sample_problems(known.competition, known.expected.form)
    is_right = not any(one.level == "error" for one in problems)
    own = honest = None
    if scores is not None and scores["scored_rows"] == known.n_scored:
        own, honest = scores["optimistic"], scores.get("honest")
    return Rehearsal(
        file,
        problems,
        known.n_scored,
        score_name(known.competition),
        known.score(file) if is_right else None,
        own,
        honest,
    )


@dataclass(frozen=True)
class LabelledRows:
    """Train samples with their labels, of some folds.

    Attributes:
        competition: of the samples.
        train: all train samples.
        samples: of these folds; of units all their images.
        ids: of the rows of a file: units, or samples, `(N,)`.
        truth: of labels, an array of N.
        rows_source: description of the samples, for messages.
    """

    competition: Competition
    train: pd.DataFrame
    samples: pd.DataFrame
    ids: tuple[str, ...]
    truth: NDArray[Any] | None
    rows_source: str

    def take(self, ids: Sequence[str]) -> LabelledRows:
        """Return those of `ids`, which are in `self.ids`, in the order of the latter."""
        kept = set(ids)
        keep = np.array([one in kept for one in self.ids], dtype=np.bool_)
        rows = np.ones(len(self.samples), dtype=np.bool_)
        if not self.competition.scores_units:
            rows = keep
        return LabelledRows(
            self.competition,
            self.train,
            self.samples[rows].reset_index(drop=True),
            tuple(one for one in self.ids if one in kept),
            None if self.truth is None else self.truth[keep],
            self.rows_source,
        )

    @cached_property
    def expected(self) -> ExpectedRows:
        """The rows of a file of these samples."""
        return expected_of_samples(
            self.competition, self.ids, self._images, rows_source=self.rows_source
        )

    def _images(self) -> dict[str, Path]:
        root, files = self.competition.root, self.samples["images"]
        return {
            str(one): root / first_file(paths)
            for one, paths in zip(self.samples["id"], files, strict=True)
        }

    @cached_property
    def n_scored(self) -> int:
        """Number of scored items: samples, units or volumes."""
        return len(self.volumes) if self._scores_volumes else len(self.ids)

    @property
    def _scores_volumes(self) -> bool:
        return metrics.of(self.competition).scores_volumes

    @cached_property
    def volumes(self) -> Any:
        """The volumes that the samples are slices of."""
        return volumes_of(self.samples)

    def score(self, file: Path) -> float:
        """Return the score of a file that has no errors, read as a host reads it.

        Raises:
            SubmissionError: it has errors, or the metric is undefined for its values.
            DataError: a label cannot be read.
            UsageError: the cells hold ids of other images, not described in competition.yaml.
        """
        if self.expected.form.parts:
            return self._score_several(file)
        if self.truth is not None:
            return _public_score(score_file(file, self._spec, self._solution(self.truth)).public)
        if self.expected.form.kind.finds_objects or self.expected.form.rows == "pixel":
            return _public_score(score_file(file, self._spec, self._of_units()).public)
        return self._score_volumes(file) if self._scores_volumes else self._score_masks(file)

    @cached_property
    def _spec(self) -> HostSpec:
        made = HostSpec(
            slug="here",
            title=self.competition.name,
            metric=self.competition.metric,
            format=self.expected.form,
        )
        return made.at(self.competition.root)

    def _solution(self, truth: NDArray[Any]) -> Any:
        if self.expected.form.item == "{id}":
            raise UsageError(
                "the cells hold ids of other images, and competition.yaml does not say which are "
                "right for a train image",
                fix="score the cells with podium.competition.metrics",
            )
        return Solution(self.ids, truth, *self._all_public())

    def _of_units(self) -> Any:
        truths = truth_masks if self.expected.form.rows == "pixel" else truth_instances
        truth: Any = truths(self.competition, self.samples)
        return UnitSolution(self.expected, self.ids, truth, *self._all_public())

    def _all_public(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        every = np.ones(len(self.ids), dtype=np.bool_)
        return every, ~every

    def _score_several(self, file: Path) -> float:
        """Return the score of rows with several answers, by a host's solution of these samples."""
        form, truth = self.expected.form, self.truth
        assert truth is not None
        if not any(one.kind.is_of_pixels for one in form.parts):
            right = solutions_of_one_truth(form, self._solution(truth))
            return _public_score(score_file(file, self._spec, right).public)
        of_images = dict(zip(self.ids, truth, strict=True))
        masks = zip(self.ids, truth_masks(self.competition, self.samples), strict=True)
        with temporary_folder("podium-solution") as folder:
            solution = write_several_solutions(
                folder / "solution.csv",
                form,
                ((one, mask) for one, mask in masks if mask is not None),
                {one.answer_names[0]: of_images for one in form.parts},
                dict.fromkeys(self.ids, "Public"),
            )
            return _public_score(score_file(file, self._spec, read_solution(solution, form)).public)

    def _score_masks(self, file: Path) -> float:
        masks = read_answers(file, self.expected)
        truths = truth_masks(self.competition, self.samples)
        known = (mask for mask in truths if mask is not None)  # samples without one are left out
        counts = counts_of(self.expected.form, known, masks)
        with naming_place(self.rows_source):
            return score_of_counts(self._spec, counts)

    def _score_volumes(self, file: Path) -> float:
        scorer = SumScorer.of_competition(self.competition)
        order = [self.ids[row] for volume in self.volumes for row in volume.rows]
        masks = iter(read_answers(file, replace(self.expected, ids=order)))
        truths, found = truth_masks(self.competition, self.samples), []
        for volume in self.volumes:
            depth = len(volume.rows)
            truth = volume_of((truths[int(row)] for row in volume.rows), depth)
            decided = volume_of((next(masks) for _ in range(depth)), depth)
            found.append(scorer.measure([truth], [decided]))
        return scorer.score(np.concatenate(found))


def labelled_rows(
    workspace: Workspace, competition: Competition, folds: Sequence[int] | None = None
) -> LabelledRows:
    """Return the labelled train samples of `folds` (None: of all).

    Raises:
        DataError: there are no folds yet, or none of the samples has a label.
        UsageError: there is no such fold.
    """
    samples = load_samples(competition, "train", workspace=workspace)
    of_row = read_folds(workspace, competition, samples)
    there = sorted(set(of_row[of_row >= 0].tolist()))
    strange = [fold for fold in folds or () if fold not in there]
    if strange:
        raise UsageError(
            f"there is no fold {some(strange)}", fix=f"folds are {there[0]} to {there[-1]}"
        )
    is_in = np.isin(of_row, there if folds is None else list(folds))
    rows_source = "the train samples"
    if folds is not None:
        rows_source = f"fold{'s' * (len(folds) > 1)} {', '.join(map(str, folds))}"
    if competition.scores_masks:
        is_in &= samples["mask"].notna().to_numpy()
    if competition.scores_masks and not has_images(competition.answered_tasks):
        inside = samples[is_in].reset_index(drop=True)
        return _require_some(
            LabelledRows(competition, samples, inside, tuple(inside["id"]), None, rows_source)
        )
    return _require_some(_with_labels(competition, samples, of_row, is_in, rows_source))


def _with_labels(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    is_in: NDArray[np.bool_],
    rows_source: str,
) -> LabelledRows:
    truth = truth_of(samples, competition)
    if competition.open_set is not None:  # "none of the classes" is a label, too
        is_there = np.ones(len(truth), dtype=np.bool_)
        truth = open_set_truth(truth, folds, scheme=competition.folds.scheme)
    else:
        is_there = has_label(truth)
    units = units_of(samples, competition)
    if units is None:
        keep = np.flatnonzero(is_in & is_there)
        inside = samples.iloc[keep].reset_index(drop=True)
        return LabelledRows(
            competition, samples, inside, tuple(inside["id"]), truth[keep], rows_source
        )
    of_units = units.truth(truth)
    known = has_label(of_units) & is_in[units.first]
    inside = samples[known[units.of_row]].reset_index(drop=True)
    names = tuple(units.names[i] for i in np.flatnonzero(known))
    return LabelledRows(competition, samples, inside, names, of_units[known], rows_source)


def _require_some(known: LabelledRows) -> LabelledRows:
    if not known.ids:
        raise UsageError(f"{known.rows_source}: no sample has a label", fix="name other folds")
    return known


def _public_score(found: float | None) -> float:
    assert found is not None  # every row is public
    return found
