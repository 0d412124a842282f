"""Analysis of the scores of submissions together: CV against LB, the expected shake-up, the finals.

Rows of the board are joined with the out-of-fold units of the blends that their files came from.
CV against LB shows whether honest scores predict public ones, and which submission is an outlier.
The public share of the test set is an argument: an embedded host has it, and files of hosts belong
to another package.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.competition import metrics
from podium.competition.samples import load_samples
from podium.competition.scores.combination import score_metric
from podium.competition.spec import Competition
from podium.competition.truths.volumes import volumes_of
from podium.competition.units import units_of
from podium.ensembling.honest import OofUnits, read_units
from podium.errors import PodiumError, UsageError, either, plural
from podium.submissions.board.finals import Finals, choose_finals
from podium.submissions.board.private_scores import (
    DRAWS,
    ShakeUp,
    evidence_of,
    sample_private,
    shake_up,
    split_sizes,
)
from podium.submissions.upload.endpoint import NAME_A_HOST, NO_HOST, host_of_this_shell, slug_of
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, scan

if TYPE_CHECKING:
    from podium.submissions.board.view import BoardRow, BoardView

__all__ = ["BoardAnalysis", "analyse", "n_test_units", "where_to_choose"]


LEAST_CANDIDATES = 2
MOST_CANDIDATES = 40  # draws and covariances of these together take seconds
_REPEATED = "the same as a newer one"
_BEHIND = f"it is behind the {MOST_CANDIDATES} best by honest and by public score"


@dataclass(frozen=True)
class BoardAnalysis:
    """Results over all rows of the board together.

    Attributes:
        cv_lb: honest against public scores; None with no submission that has both.
        shake_up: None where it cannot be computed.
        finals: None where nothing can be proposed.
        why_not: "cv_lb", "shake_up", "finals" → why this is None or incomplete, and what would
            help.
        left_out: submission → why it is no candidate; a person may choose it nevertheless.
        came_from: submission → the blend whose out-of-fold units stand for it.
        public_share: the share of the test set that public scores are assumed to cover.
    """

    cv_lb: CvLb | None = None
    shake_up: ShakeUp | None = None
    finals: Finals | None = None
    why_not: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    came_from: dict[str, str] = field(default_factory=dict)
    public_share: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _SubmissionUnits:
    """A complete submission whose blend kept its units."""

    row: BoardRow
    blend: str
    units: OofUnits
    unreliable: str


def analyse(
    workspace: Workspace,
    competition: Competition,
    view: BoardView,
    public_share: float | None,
    *,
    n: int | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> BoardAnalysis:
    """Return the analysis of the rows of `view`; `why_not` has the reason where a part is None.

    Only submissions to one host count: that of the newest complete one.

    Args:
        workspace, competition: whose.
        view: the board.
        public_share: of the test set, in (0, 1]; None: unknown.
        n: how many to choose; None: `kaggle.finals`.
        draws: of test sets; a few hundred suffice for a rough figure.
        seed: of all draws.

    Raises:
        UsageError: `n` is not positive.
    """
    if n is not None and n < 1:
        raise UsageError(f"how many to choose must be at least 1, got {n}")
    complete = [row for row in view.rows if row.state == "complete"]
    rows = [row for row in complete if row.target == complete[0].target]
    if not rows:
        text = _why_no_row(competition, view)
        return BoardAnalysis(
            why_not=dict.fromkeys(("cv_lb", "shake_up", "finals"), text), public_share=public_share
        )
    is_greater_better = _direction(competition)
    every, left_out = _with_units(workspace, view, rows)
    known = _most_hopeful(every, is_greater_better=is_greater_better)
    kept = {one.row.id for one in known}
    left_out |= {one.row.id: _BEHIND for one in every if one.row.id not in kept}
    try:
        n_test: int | None = n_test_units(competition)
        why_no_test = ""
    except PodiumError as error:
        n_test, why_no_test = None, str(error)
    ratio = None
    if public_share is not None and n_test is not None and known:
        ratio = public_share * n_test / max(len(one.units) for one in known)
    line = cv_lb(
        [row.id for row in rows],
        [row.honest for row in rows],
        [row.public_score for row in rows],
        intervals=[row.honest_interval for row in rows],
        public_per_unit=ratio,
        greater_is_better=is_greater_better,
    )
    why_not = {"cv_lb": line.note} if line.note else {}
    known = _with_unlikely_scores(known, line, is_greater_better=is_greater_better)
    found = BoardAnalysis(
        cv_lb=line if line.n else None,
        why_not=why_not,
        left_out=left_out,
        came_from={one.row.id: one.blend for one in known},
        public_share=public_share,
    )
    reason = _why_no_draws(known, left_out, public_share, n_test, why_no_test)
    if reason or public_share is None or n_test is None:
        why_not |= dict.fromkeys(("shake_up", "finals"), reason)
        return found
    return _with_draws(found, competition, known, (n_test, public_share), n, draws, seed)


def _with_draws(
    found: BoardAnalysis,
    competition: Competition,
    known: Sequence[_SubmissionUnits],
    test: tuple[int, float],
    n: int | None,
    draws: int,
    seed: int,
) -> BoardAnalysis:
    """Return `found` with the results of draws of units; `test`: test set size and public share."""
    try:
        evidence = evidence_of(
            [one.row.id for one in known],
            [one.units for one in known],
            [one.row.public_score for one in known],
            n_test=test[0],
            public_share=test[1],
            n=draws,
            seed=seed,
        )
    except PodiumError as error:
        why = dict.fromkeys(("shake_up", "finals"), str(error))
        return replace(found, why_not={**found.why_not, **why})
    samples = sample_private(evidence, seed=seed)
    found = replace(found, shake_up=shake_up(evidence, samples))
    if len(known) < LEAST_CANDIDATES:
        why = {
            "finals": "one submission, which counts without a choice; a choice needs two: podium "
            "submit BLEND"
        }
        return replace(found, why_not={**found.why_not, **why})
    return replace(
        found,
        finals=choose_finals(
            evidence,
            n=competition.kaggle.finals if n is None else n,
            unreliable=[one.unreliable for one in known],
            samples=samples,
            unknown=_unknown(known, found, evidence.n_units, test),
        ),
    )


def where_to_choose(competition: Competition, view: BoardView) -> str:
    """Return where a person chooses the final submissions, for no call of a host does.

    Without `kaggle.host` it is the host that this shell is pointed at, else where submissions went.
    """
    slug, host = competition.kaggle.slug, competition.kaggle.host
    address = host if host is not None and "://" in host else host_of_this_shell()
    went = {row.target for row in view.rows}
    if host is not None or address is not None or went == {"host"}:
        page = f" {address}/competitions/{slug_of(competition)}/team" if address else ""
        return (
            f"tick them on the team's page of the host{page}, before the deadline; of a team that "
            "ticks none the best public ones count"
        )
    page = f"https://www.kaggle.com/competitions/{slug}/submissions" if slug else "its page"
    return (
        "Kaggle has no call that chooses them, so podium cannot: open "
        f"{page} and tick their boxes there, before the deadline"
    )


def n_test_units(competition: Competition) -> int:
    """Return how many units of the test set are scored: samples, units or volumes.

    Raises:
        DataError: the test set cannot be read.
        UsageError: `data.test` names none.
    """
    if competition.data.test is None:
        raise UsageError(
            "how large the test set is, nobody knows",
            where=competition.root / "competition.yaml",
            fix="name its images in data.test",
        )
    samples = load_samples(competition, "test")
    if metrics.of(competition).scores_volumes:
        return len(volumes_of(samples))
    units = units_of(samples, competition)
    return len(samples) if units is None else len(units)


def _with_units(
    workspace: Workspace, view: BoardView, rows: Sequence[BoardRow]
) -> tuple[list[_SubmissionUnits], dict[str, str]]:
    """Return the rows that have units, of equal rows the newest, and why the others have none."""
    records = {record.id: (folder, record) for folder, record in scan(workspace)}
    on_fold = {run.id for run in view.runs if run.selected_on_fold}
    read: dict[str, OofUnits | str] = {}
    known: list[_SubmissionUnits] = []
    left_out: dict[str, str] = {}
    seen: set[tuple[str, float | None]] = set()
    for row in rows:
        blend, unreliable = _origin(row, records)
        if blend is None:
            left_out[row.id] = unreliable
            continue
        if (blend, row.public_score) in seen:
            left_out[row.id] = f"{_REPEATED} of {blend}"
            continue
        seen.add((blend, row.public_score))
        folder, record = records[blend]
        units = read.setdefault(blend, _units_or_why(folder, record, view.metric))
        if isinstance(units, str):
            left_out[row.id] = units
            continue
        flattered = sorted(on_fold.intersection(map(str, record.parents)))
        if flattered:
            unreliable = (
                f"its score is flattered: {', '.join(flattered)} was chosen on its own fold"
            )
        known.append(_SubmissionUnits(row, blend, units, unreliable))
    return known, left_out


def _most_hopeful(
    known: Sequence[_SubmissionUnits], *, is_greater_better: bool
) -> list[_SubmissionUnits]:
    """Return those with the best honest or public scores, in their order: as many as are drawn."""
    if len(known) <= MOST_CANDIDATES:
        return list(known)
    sign = 1 if is_greater_better else -1

    def best_first(scores: Sequence[float | None]) -> list[int]:
        scored = [(sign * score, -k) for k, score in enumerate(scores) if score is not None]
        return [-k for _, k in sorted(scored, reverse=True)]

    honest = best_first([one.row.honest for one in known])
    public = best_first([one.row.public_score for one in known])
    turns = itertools.chain.from_iterable(itertools.zip_longest(honest, public))
    best = dict.fromkeys(k for k in turns if k is not None)
    chosen = set(itertools.islice(best, MOST_CANDIDATES))
    return [one for k, one in enumerate(known) if k in chosen]


def _origin(row: BoardRow, records: dict[str, tuple[Path, Record]]) -> tuple[str | None, str]:
    """Return the blend that a row came from, and why that is unsure; None, and why, without one."""
    of_blend = [one for one in row.sources if one in records and records[one][1].kind == "blend"]
    if of_blend:
        return of_blend[0], ""
    if len(row.likely_from) == 1:
        likely, how = row.likely_from[0], "sent by other means"
    else:  # `podium submit submissions/BLEND.csv`
        likely, how = "", "sent as a file"
        if len(row.sources) == 1:
            likely = Path(row.sources[0]).stem
    if likely in records and records[likely][1].kind == "blend":
        return likely, f"{how}: that it came from {likely} is only likely"
    if row.adopted:
        return None, "sent by other means, so that nothing is known of it out of fold"
    gone = f"{row.sources[0]} is no blend here" if row.sources else "its source is not known"
    return None, f"{gone}, so that nothing is known of it out of fold"


def _units_or_why(folder: Path, record: Record, metric: str) -> OofUnits | str:
    if record.scores.get("metric", metric) != metric:
        return f"{record.id} was scored by another metric, {record.scores['metric']}"
    try:
        units = read_units(folder)
    except PodiumError as error:
        return str(error)
    if units is None:
        return (
            f"{record.id} keeps nothing of single units; this adds them: {_repeat_command(record)}"
        )
    honest = record.scores.get("honest")
    if honest is not None and not math.isclose(units.score(), honest, rel_tol=1e-6, abs_tol=1e-9):
        return f"{folder / 'units.npz'} has another score than {record.id}: remove that file"
    return units


def _repeat_command(record: Record) -> str:
    """Return the command that makes this blend again; for masks it depends on the labels."""
    beside = record.inputs.get("beside") or [record.inputs]
    chosen = {name: beside[0].get(name) for name in ("method", "trials", "seed")}
    usual = {"method": "hill_climb", "trials": 50, "seed": 0}
    options = "".join(
        f" --{name} {value}" for name, value in chosen.items() if value not in (None, usual[name])
    )
    return f"podium blend {' '.join(map(str, record.parents))} --name {record.name}{options}"


def _with_unlikely_scores(
    known: Sequence[_SubmissionUnits], line: CvLb, *, is_greater_better: bool
) -> list[_SubmissionUnits]:
    """Return the rows, marked unreliable where the public score is far worse than expected."""
    worse = {
        point.id: point.flag
        for point in line.points
        if point.flag and point.residual is not None and (point.residual < 0) == is_greater_better
    }
    return [
        replace(one, unreliable=worse[one.row.id])
        if one.row.id in worse and not one.unreliable
        else one
        for one in known
    ]


def _direction(competition: Competition) -> bool:
    return score_metric(competition).greater_is_better


def _why_no_row(competition: Competition, view: BoardView) -> str:
    waiting = [row for row in view.rows if row.state in ("uploading", "submitted")]
    if waiting:
        return "no submission has its score here yet: podium board asks the host"
    if not competition.kaggle.is_named and host_of_this_shell() is None:
        return f"{NO_HOST}: {NAME_A_HOST}"
    return "there is no complete submission yet: podium submit"


def _why_no_draws(
    known: Sequence[_SubmissionUnits],
    left_out: dict[str, str],
    share: float | None,
    n_test: int | None,
    why_no_test: str,
) -> str:
    if not known:
        texts = "; ".join(f"{name}: {why}" for name, why in list(left_out.items())[:3])
        return f"no submission has out-of-fold predictions here. {texts}"
    if share is None:
        return (
            "it is not known which share of the test set is public: write kaggle.public_share into "
            "competition.yaml, or pass --public-share; Kaggle shows it above the leaderboard"
        )
    if share >= 1:
        return "all rows of this host are public: there is no private score to choose for"
    if n_test is None:
        return why_no_test
    try:
        split_sizes(n_test, share)
    except PodiumError as error:
        return str(error)
    return ""


def _unknown(
    known: Sequence[_SubmissionUnits], found: BoardAnalysis, n_units: int, test: tuple[int, float]
) -> tuple[str, ...]:
    """Return in sentences what the proposal does not account for."""
    n_test, share = test
    texts = [
        f"the public part is taken to be {share:.0%} of {plural(n_test, 'test unit')} drawn by "
        "chance; a split by time, place or patient shakes more than this",
        "honest scores are cross-fitted, not nested: what was tried and dropped by looking at them "
        "flatters those that were kept",
    ]
    if n_units < max(len(one.units) for one in known):
        texts.append(
            f"honest scores here are of the {plural(n_units, 'unit')} that all candidates predicted"
        )
    if any(one.units.groups is not None for one in known):
        texts.append("test units are taken to come in groups as large as those of the train set")
    n = sum(not why.startswith((_REPEATED, _BEHIND)) for why in found.left_out.values())
    if n:
        texts.append(
            f"{n} complete submission{'s are' if n > 1 else ' is'} left out: it is unknown how "
            "such a score moves with the others, and one of them may be better than the proposed "
            "ones"
        )
    return tuple(texts)


LEAST_POINTS = 3
_ODD = 3.0  # standard errors
_EXACT_UP_TO = 8  # points whose every order is tried for the p of a rank correlation
_WIDTHS_OF_95 = 2 * 1.959964
_EVERY_PAIR_UP_TO, _DRAWN_PAIRS = 1000, 500_000  # points; more pairs than that are drawn


@dataclass(frozen=True)
class Point:
    """One submission.

    Attributes:
        id: its name.
        honest, public: its scores.
        expected: the honest score and the median gap of all from honest to public; None where there
            are too few.
        residual: public minus expected, in standard errors of both; None where these are unknown.
        flag: in words, why it is odd; else "".
    """

    id: str
    honest: float
    public: float
    expected: float | None = None
    residual: float | None = None
    flag: str = ""


@dataclass(frozen=True)
class CvLb:
    """Honest against public scores.

    Attributes:
        n: submissions that have both.
        points: these, in the order of the arguments.
        slope, intercept: of least squares, public on honest.
        robust_slope, robust_intercept: Theil–Sen: the median of the slopes of all pairs; of half a
            million pairs that are drawn, the same each time, where there are over 1,000 points.
        rank_correlation: Spearman's.
        p: two-sided, that ranks that have nothing to do with each other correlate so much; exact up
            to 8 submissions.
        note: what cannot be computed, and why; else "".
    """

    n: int
    points: tuple[Point, ...]
    slope: float | None = None
    intercept: float | None = None
    robust_slope: float | None = None
    robust_intercept: float | None = None
    rank_correlation: float | None = None
    p: float | None = None
    note: str = ""


def cv_lb(
    ids: Sequence[str],
    honest: Sequence[float | None],
    public: Sequence[float | None],
    *,
    intervals: Sequence[tuple[float, float] | None] | None = None,
    public_per_unit: float | None = None,
    greater_is_better: bool = True,
) -> CvLb:
    """Return the fit of public scores on honest ones, over submissions that have both.

    Both are scores by one metric, so that predictions from honest scores lie on a line of slope 1;
    a shift of the test set moves all alike. The standard error of a residual joins that of the
    honest score, a quarter of its 95 % interval, and that of the public score: the same, widened by
    √(units out of fold / public units), since the square of a standard error falls as one over the
    units.

    Args:
        ids, honest, public: `(K,)`, None where there is no score.
        intervals: `(K,)`, of 95 % of the honest scores.
        public_per_unit: public units per unit out of fold; None: unknown, and the public score is
            assumed to be as uncertain as the honest one.
        greater_is_better: the metric's direction, for the text of a flag.
    """
    every = zip(ids, honest, public, intervals or [None] * len(ids), strict=True)
    both = [
        (Point(name, h, p), interval)
        for name, h, p, interval in every
        if h is not None and p is not None
    ]
    points, n = tuple(point for point, _ in both), len(both)
    if n < LEAST_POINTS:
        have = either(n, "submission has", "submissions have")
        text = f"{have} an honest and a public score; a line through them takes 3"
        return CvLb(n, points, note=text)
    x = np.array([point.honest for point in points])
    y = np.array([point.public for point in points])
    if np.ptp(x) == 0:
        return CvLb(n, points, note="all honest scores are equal, so they predict no public ones")
    slope, intercept = np.polyfit(x, y, 1)
    robust = _median_slope(x, y)
    middle = float(np.median(y - robust * x))
    rank, p = _spearman(x, y)
    widening = 1.0 if public_per_unit is None else 1 / public_per_unit
    gap = float(np.median(y - x))
    plotted = []
    for point, interval in both:
        expected = point.honest + gap
        width = 0.0 if interval is None else (interval[1] - interval[0]) / _WIDTHS_OF_95
        error = width * math.sqrt(1 + widening)
        residual = (point.public - expected) / error if error > 0 else None
        plotted.append(
            Point(
                point.id,
                point.honest,
                point.public,
                expected,
                residual,
                _flag(residual, greater_is_better=greater_is_better),
            )
        )
    return CvLb(
        n,
        tuple(plotted),
        float(slope),
        float(intercept),
        robust,
        middle,
        rank,
        p,
        note="all public scores are equal" if rank is None else "",
    )


def _median_slope(x: np.ndarray, y: np.ndarray) -> float:
    """Return Theil and Sen's slope; of many points, of some of their pairs."""
    if len(x) <= _EVERY_PAIR_UP_TO:
        first, second = np.triu_indices(len(x), 1)
    else:
        first, second = np.random.default_rng(0).integers(0, len(x), (2, _DRAWN_PAIRS))
    run, rise = x[second] - x[first], y[second] - y[first]
    return float(np.median(rise[run != 0] / run[run != 0]))


def _spearman(x: np.ndarray, y: np.ndarray) -> tuple[float | None, float | None]:
    """Return Spearman's rank correlation and its p; None where all of `y` are equal."""
    import scipy.stats

    if np.ptp(y) == 0:
        return None, None
    found = scipy.stats.spearmanr(x, y)
    rank = float(found.statistic)
    if len(x) > _EXACT_UP_TO:
        return rank, float(found.pvalue)
    ranks, others = scipy.stats.rankdata(x), scipy.stats.rankdata(y)
    orders = np.array(list(itertools.permutations(others - others.mean())))
    every = np.abs(orders @ (ranks - ranks.mean()))
    seen = abs(float((others - others.mean()) @ (ranks - ranks.mean())))
    return rank, float((every >= seen * (1 - 1e-9)).mean())


def _flag(residual: float | None, *, greater_is_better: bool) -> str:
    if residual is None or abs(residual) < _ODD:
        return ""
    is_worse = (residual < 0) == greater_is_better
    if is_worse:
        return (
            "its public score is much worse than its honest one promises: look for a leak across "
            "folds, or for another file than that of this blend"
        )
    return (
        "its public score is much better than its honest one promises: look for labels of test "
        "rows in the training, or for a lucky public part"
    )
