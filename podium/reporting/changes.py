"""Changes since the previous page: runs, blends, submissions, scores, rank.

A small file beside the page (`shown.json`) keeps the content of the newest page and of the last
different page; the next page is compared with it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from podium.workspace import digests
from podium.workspace.atomic import write_json

if TYPE_CHECKING:
    from podium.reporting.entries import BlendEntry, RunEntry
    from podium.submissions.board.view import BoardView

__all__ = [
    "PageHistory",
    "page_changes",
    "read_page_history",
    "summarise_page",
    "write_page_history",
]

SHOWN_FILE = "shown.json"
_logger = logging.getLogger(__name__)
Score = float | None


class _FrozenModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HostScores(_FrozenModel):
    """A submission's scores at the host."""

    public: Score = None
    private: Score = None


class RunProgress(_FrozenModel):
    """Progress of a run, and its OOF score."""

    status: str
    oof: Score = None


class PageSummary(_FrozenModel):
    """Summary of a page: ids, scores, our rank. `best` is by name of the score."""

    at: AwareDatetime
    metric: str
    greater_is_better: bool
    runs: dict[str, RunProgress]
    blends: dict[str, Score]
    submissions: dict[str, HostScores]
    rank: int | None = None
    n_teams: int | None = None
    best: dict[str, float]

    def has_same_content(self, other: PageSummary) -> bool:
        """Whether nothing but the time differs."""
        return self.model_copy(update={"at": other.at}) == other


class PageHistory(_FrozenModel):
    """Summaries of the newest page, and of the last page that differed from it."""

    before: PageSummary | None = None
    now: PageSummary

    def followed_by(self, summary: PageSummary) -> PageHistory:
        """Return what is shown after a page of `summary`; of the same one, the older news stay."""
        if summary.has_same_content(self.now):
            return self
        return PageHistory(before=self.now, now=summary)


@dataclass(frozen=True)
class ValueChange:
    """A number that changed; `before` is None where there was none."""

    name: str
    before: Score
    now: float
    is_better: bool | None

    @property
    def by(self) -> float | None:
        """Increase since the earlier page."""
        return None if self.before is None else self.now - self.before


@dataclass(frozen=True)
class PageChanges:
    """Differences between the summaries of two pages.

    Attributes:
        since: time of the earlier one.
        runs, blends: new ones with their score, in their order on the page.
        finished: runs that were not finished then, and are.
        submissions: new ones.
        scored: (submission, public or private, before, now) of scores that came or changed.
        gone: ids that no longer exist.
        rank: our rank, if it changed; `n_teams` is the current number.
        best: the best score of each name, if it changed.
    """

    since: datetime
    runs: tuple[tuple[str, Score], ...]
    finished: tuple[tuple[str, Score], ...]
    blends: tuple[tuple[str, Score], ...]
    submissions: tuple[str, ...]
    scored: tuple[tuple[str, ValueChange], ...]
    gone: tuple[str, ...]
    rank: ValueChange | None
    n_teams: int | None
    best: tuple[ValueChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to report; something that is not reported may differ."""
        reported = (self.runs, self.finished, self.blends, self.submissions, self.scored, self.gone)
        return not any(reported) and self.rank is None and not self.best


def summarise_page(
    runs: Sequence[RunEntry], blends: Sequence[BlendEntry], view: BoardView, at: datetime
) -> PageSummary:
    """Return the summary of a page of these at the time `at`; the best run and blend first."""
    best = {
        "honest": _finite_or_none(blends[0].blend.honest)
        if blends and not blends[0].scored_by
        else None,
        "OOF": _finite_or_none(runs[0].oof) if runs else None,
        "public": _finite_or_none(
            next((row.public_score for row in view.rows if row.id == view.best_public), None)
        ),
    }
    return PageSummary(
        at=at,
        metric=view.metric,
        greater_is_better=view.greater_is_better,
        runs={run.id: RunProgress(status=run.status, oof=_finite_or_none(run.oof)) for run in runs},
        blends={
            one.id: None if one.scored_by else _finite_or_none(one.blend.honest) for one in blends
        },
        submissions={
            row.id: HostScores(
                public=_finite_or_none(row.public_score), private=_finite_or_none(row.private_score)
            )
            for row in view.rows
        },
        rank=view.own[0] if view.own else None,
        n_teams=view.n_teams,
        best={name: value for name, value in best.items() if value is not None},
    )


def page_changes(shown: PageHistory) -> PageChanges | None:
    """Return the changes to report for `shown`; None without a page to compare it with."""
    if shown.before is None:
        return None
    old, new = shown.before, shown.now
    same_metric = old.metric == new.metric
    kinds: tuple[tuple[Mapping[str, object], Mapping[str, object]], ...] = (
        (old.runs, new.runs), (old.blends, new.blends), (old.submissions, new.submissions),
    )  # fmt: skip
    rank = None
    if new.rank is not None and new.rank != old.rank:
        better = None if old.rank is None else new.rank < old.rank
        rank = ValueChange("rank", old.rank, new.rank, better)
    return PageChanges(
        since=old.at,
        runs=tuple((name, one.oof) for name, one in new.runs.items() if name not in old.runs),
        finished=tuple(
            (name, one.oof)
            for name, one in new.runs.items()
            if name in old.runs and one.status == "finished" != old.runs[name].status
        ),
        blends=tuple(item for item in new.blends.items() if item[0] not in old.blends),
        submissions=tuple(name for name in new.submissions if name not in old.submissions),
        scored=tuple(_score_changes(old, new)),
        gone=tuple(name for was, now in kinds for name in was if name not in now),
        rank=rank,
        n_teams=new.n_teams,
        best=tuple(
            _value_change(name, old.best.get(name), value, new)
            for name, value in new.best.items()
            if same_metric and value != old.best.get(name)
        ),
    )


def read_page_history(folder: Path) -> PageHistory | None:
    """Return the summary of the page in `folder`; None if it is unknown."""
    file = folder / SHOWN_FILE
    try:
        digests.check(file)
        return PageHistory.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, digests.DamagedError) as error:
        _logger.warning("changes are not reported: %s cannot be read: %s", file, error)
        return None


def write_page_history(folder: Path, shown: PageHistory) -> None:
    """Write down what the page in `folder` shows.

    Raises:
        OSError: naming the file, when the disk is full, read-only, …
    """
    write_json(folder / SHOWN_FILE, shown.model_dump(mode="json"))


def _score_changes(old: PageSummary, new: PageSummary) -> list[tuple[str, ValueChange]]:
    found = []
    for name, sent in new.submissions.items():
        was = old.submissions.get(name, HostScores())
        for which in ("public", "private"):
            before, now = getattr(was, which), getattr(sent, which)
            if now is not None and now != before:
                found.append((name, _value_change(which, before, now, new)))
    return found


def _value_change(name: str, before: Score, now: float, summary: PageSummary) -> ValueChange:
    if before is None:
        return ValueChange(name, None, now, None)
    return ValueChange(name, before, now, (now > before) == summary.greater_is_better)


def _finite_or_none(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
