"""The board on a terminal, as much of it as fits; CV against LB, the shake-up and the finals."""

from __future__ import annotations

import heapq
import itertools
import json
import math
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from podium.cli.context import print_to_type, progress, to_type_here
from podium.cli.tables import fit_columns, print_json, print_table
from podium.errors import PodiumError, UsageError, plural
from podium.submissions.board.analysis import where_to_choose
from podium.submissions.board.best_to_send import best_score_warning, finished_work
from podium.workflows import board
from podium.workflows.submission.submitting import load_board
from podium.workspace.display import number, show_path, telling_interval
from podium.workspace.layout import is_file_before
from podium.workspace.records import scored_on_fewer_rows

if TYPE_CHECKING:
    from podium.competition.scores.estimates import ExpectedScore, OnTestLike
    from podium.competition.spec import Competition
    from podium.submissions.board.analysis import BoardAnalysis
    from podium.submissions.board.finals import Finals
    from podium.submissions.board.view import BoardRow, BoardView, RunScore
    from podium.workspace.layout import Workspace

__all__ = ["print_board", "propose_finals", "show_board", "watch_board"]


T = TypeVar("T")

WIDTH = 100
_LONGEST = 40
ON_A_SCREEN = 10  # runs, and submissions
_FEW = 5  # of what there may be thousands
_CHANGES_AT_MOST = 3
_TO_EXPECT = "to expect"
# What goes first where there is not enough room; the rest stays.
_DROPPED = (
    "message", "optimistic", "kind", "interval", "from", "when (UTC)", "test-like", _TO_EXPECT,
    "rank", "private",
)  # fmt: skip


def show_board(
    workspace: Workspace,
    competition: Competition,
    *,
    offline: bool,
    show_all: bool,
    as_json: bool,
) -> None:
    """Print the board with its analysis, of the host's present state unless `offline`.

    The best and the latest runs and submissions, unless `show_all`; as JSON always all.
    """
    view = load_board(workspace, competition, refresh=not offline, progress=progress())
    glance = board.analyse_board_or_explain(workspace, competition, view)
    best = None
    with suppress(PodiumError):  # of predictions that cannot be read `podium status` tells
        best = finished_work(workspace, competition, view).best
    if as_json:
        found = None if best is None else {"name": best.name, "why": best.why}
        print_json({**view.as_dict(), "best": found, "analysis": glance.as_dict()})
    else:
        has_host = competition.kaggle.is_named
        print_board(
            view,
            root=workspace.root,
            most=None if show_all else ON_A_SCREEN,
            has_host=has_host,
        )
        for line in _analysis_lines(glance) if view.rows else ():
            print_to_type(line)
        if best is not None:
            sent = ", which a host has" if best.was_sent else ""
            print_to_type(f"the best of all that is finished: {best.name}{sent} ({best.why})")
            if doubt := best_score_warning(competition, best.blend):
                print_to_type(f"note: {doubt}")


def watch_board(
    workspace: Workspace, competition: Competition, *, every_s: float, as_json: bool
) -> None:
    """Print the board, then each change of it as the host is polled, until interrupted."""
    if not as_json:
        view = load_board(workspace, competition, refresh=False)
        print_board(view, root=workspace.root, most=ON_A_SCREEN)
    on_change = _print_changes_json if as_json else _print_changes
    board.watch_board(
        workspace, competition, every_s=every_s, on_change=on_change, complain=progress().say
    )


def _print_changes(changes: list[str], view: BoardView) -> None:
    for sentence in changes:
        print(f"{(view.asked or '')[:16].replace('T', ' ')}  {sentence}", flush=True)


def _print_changes_json(changes: list[str], view: BoardView) -> None:
    """Print one line, so that a script reads it as it comes."""
    line = {"at": view.asked, "changes": changes, "quota_left": view.quota_left, "own": view.own}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def propose_finals(
    workspace: Workspace,
    competition: Competition,
    *,
    n: int | None,
    public_share: float | None,
    offline: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Print which submissions to choose.

    Raises:
        UsageError: nothing can be proposed.
    """
    view = load_board(workspace, competition, refresh=not offline, progress=progress())
    found = board.analyse_board(
        workspace, competition, view, public_share=public_share, n=n, seed=seed
    )
    if as_json:
        print_json(found.as_dict())
    if found.finals is None:
        why_not = to_type_here(found.why_not.get("finals", ""))
        raise UsageError(f"nothing can be proposed: {why_not}")
    if not as_json:
        _print_finals(found, view, competition)


def _caveats(run: RunScore, view: BoardView) -> str | None:
    """Return what a run's scores are not of, and what may flatter them; None for nothing."""
    lacks_folds = run.n_folds is not None and 0 < len(run.folds) < run.n_folds
    marks = {
        f"{len(run.folds)} of {run.n_folds} folds": lacks_folds,
        "chosen on its fold": run.selected_on_fold,
        "unknown start": run.unknown_start,
        f"sent with {run.sent_with}": bool(run.sent_with),
        _OTHER_DATA: _saw_other_data(run.id, view),
    }
    return ", ".join(mark for mark, holds in marks.items() if holds) or None


_OTHER_DATA = "other data"


def _saw_other_data(artefact: str, view: BoardView) -> bool:
    return artefact in {one.artefact for one in view.other_data}


def _best_and_latest(
    items: Sequence[T],
    most: int | None,
    *scores: Callable[[T], float | None],
    greater_is_better: bool,
) -> list[T]:
    """Return `most` of what stands newest first: half of them the best by each score, the newest.

    Of equal scores the older one is better.
    """
    if most is None or len(items) <= most:
        return list(items)
    sign = -1 if greater_is_better else 1
    kept: set[int] = set()
    for score in scores:
        known = ((sign * s, -k) for k, one in enumerate(items) if (s := score(one)) is not None)
        kept.update(-k for _, k in heapq.nsmallest(most // 2 // len(scores), known))
    newest = (k for k in range(len(items)) if k not in kept)
    return [items[k] for k in sorted([*kept, *itertools.islice(newest, most - len(kept))])]


def print_board(
    view: BoardView,
    *,
    root: Path = Path(),
    width: int | None = None,
    most: int | None = None,
    has_host: bool = True,
) -> None:
    """Print runs, imports, blends and submissions with their scores, the rank and the quota.

    Args:
        view: the board.
        root: of the workspace; default: the current folder.
        width: characters of a line; default: the terminal's, 100 where there is none.
        most: runs, imports and submissions: the best and the latest of them; None: all.
        has_host: whether competition.yaml names who takes files over the network; elsewhere they
            are handed in by hand, as by mail, which is no failure.
    """
    whole = view
    better = {"greater_is_better": view.greater_is_better}
    runs_shown, imports_shown = (
        _best_and_latest(each[::-1], most, lambda run: run.oof, **better)[::-1]
        for each in (view.runs, view.imports)
    )
    rows = _best_and_latest(
        view.rows,
        most,
        lambda row: row.honest if view.is_rival(row) else None,
        lambda row: row.public_score if view.is_rival(row) else None,
        **better,
    )
    view = replace(view, runs=tuple(runs_shown), imports=tuple(imports_shown), rows=tuple(rows))
    if width is None:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    to_expect = _heading_to_expect(_scored_expectations(view))
    has_estimates = any(run.on_test_like is not None for run in view.runs)
    has_expected = any(_expected(run.expected) for run in view.runs)
    runs = [
        (
            run.id,
            *_scores(run),
            *([_expected(run.expected)] if has_expected else []),
            *([_estimate(run.on_test_like)] if has_estimates else []),
            _caveats(run, view),
        )
        for run in view.runs
    ]
    if runs:
        columns_of_runs = ["run", "folds", f"OOF {view.metric}"]
        columns_of_runs += [to_expect] if has_expected else []
        columns_of_runs += ["test-like", ""] if has_estimates else [""]
        print_table(columns_of_runs, runs, title="runs", width=width)
    if view.imports:
        scored = [(one.id, *_scores(one)) for one in view.imports]
        print_table(["import", "folds", f"OOF {view.metric}"], scored, title="imports", width=width)
    left_out: dict[str, list[str]] = {}
    if view.blends:
        blends = {
            "blend": [one.id for one in view.blends],
            "members": [", ".join(one.weighed) for one in view.blends],
            "honest": [number(one.honest) for one in view.blends],
            "of rows": [f"{one.scored_rows or ''}" for one in view.blends],
            "interval": [_interval(one.honest_interval) for one in view.blends],
            to_expect: [_expected(one.expected) for one in view.blends],
            "optimistic": [number(one.optimistic) for one in view.blends],
            "": [_OTHER_DATA * _saw_other_data(one.id, view) for one in view.blends],
        }
        if not any(blends[""]):
            del blends[""]
        if not any(blends[to_expect]):
            del blends[to_expect]
        if not scored_on_fewer_rows({one.id: one.scored_rows for one in view.blends}):
            del blends["of rows"]
        fitted = fit_columns(blends, ("members", "optimistic", "interval", to_expect), width)
        cells = zip(*fitted.values(), strict=True)
        print_table(tuple(fitted), cells, title="blends", width=width)
        left_out["blends"] = _left_out(blends, fitted)
    if view.rows:
        every = _columns(view, to_expect)
        dropped = tuple(to_expect if one == _TO_EXPECT else one for one in _DROPPED)
        columns = fit_columns(every, dropped, width)
        left_out["submissions"] = _left_out(every, columns)
        print_table(
            tuple(columns),
            list(zip(*columns.values(), strict=True)),
            title="submissions",
            width=width,
        )
    elif has_host:
        print_to_type("no submission yet: podium submit")
    else:
        print("no leaderboard: competition.yaml names no host, and files are handed in by hand")
    counts = [
        f"{len(shown)} of {len(all_):,} {what}"
        for what, shown, all_ in (
            ("runs", view.runs, whole.runs),
            ("imports", view.imports, whole.imports),
            ("submissions", view.rows, whole.rows),
        )
        if len(shown) < len(all_)
    ]
    if counts:
        print_to_type(
            f"{' and '.join(counts)}, the best and the latest; podium board --all shows all"
        )
    for line in _below(view, root, "not sent" if has_host else "file"):
        print_to_type(line)
    of_tables = [f"{', '.join(some)} (table {name})" for name, some in left_out.items() if some]
    if of_tables:
        print(
            f"columns that do not fit: {'; '.join(of_tables)}; a wider terminal or --json has them"
        )


def _scores(run: RunScore) -> tuple[str, str]:
    """Return the cells of its folds' scores and of the pooled one."""
    return " ".join(number(score) for score in run.folds.values()), number(run.oof)


def _left_out(every: Iterable[str], shown: Iterable[str]) -> list[str]:
    """Return the names of columns that `fit_columns` left out; those that it broke are shown."""
    names = {" ".join(name.split()) for name in shown}
    return [name for name in every if name not in names]


def _columns(view: BoardView, to_expect: str) -> dict[str, list[str]]:
    """Return the cells of every column by its name, without empty columns."""
    rows, best_honest, best_public = view.rows, view.best_honest, view.best_public
    columns = {
        "submission": [row.id for row in rows],
        "when (UTC)": [(row.submitted or row.created)[5:16].replace("T", " ") for row in rows],
        "from": [_origin(row) for row in rows],
        "honest": [number(row.honest) + _mark(row.id == best_honest) for row in rows],
        "interval": [_interval(row.honest_interval) for row in rows],
        to_expect: [_expected(row.expected) for row in rows],
        "test-like": [_estimate(row.on_test_like) for row in rows],
        "optimistic": [number(row.optimistic) for row in rows],
        "public": [number(row.public_score) + _mark(row.id == best_public) for row in rows],
        "private": [number(row.private_score) for row in rows],
        "rank": [_rank(row) for row in rows],
        "kind": [row.kind if row.kind != "file" else "" for row in rows],
        "state": [_state(row) for row in rows],
        "message": [_short(row.message) for row in rows],
    }
    kept = ("submission", "from", "honest", "public", "state")
    return {
        name: cells
        for name, cells in columns.items()
        if name in kept or any(cell not in ("", number(None)) for cell in cells)
    }


def _origin(row: BoardRow) -> str:
    if row.likely_from:
        return "likely " + ", ".join(row.likely_from)
    if row.adopted and not row.sources:
        return "by other means"
    return ", ".join(row.sources) or _short(row.came_from)


def _state(row: BoardRow) -> str:
    return f"{row.state}: {_short(row.error)}" if row.error else row.state.replace("_", " ")


def _mark(is_best: bool) -> str:
    return " *" if is_best else ""


def _estimate(found: OnTestLike | None) -> str:
    """Return the score on train rows that look like the test."""
    return "" if found is None or found.score is None else number(found.score)


def _expected(found: ExpectedScore | None) -> str:
    """Return the score to expect of the test set, and its interval; + for what is not known."""
    if found is None or found.score is None:
        return ""
    plus = "" if found.knows_gain else " +"
    interval = f" ({_interval(found.shown_interval)})" if found.shown_interval else ""
    return f"{number(found.score)}{interval}{plus}"


def _rows_of_ranges(scored: Sequence[ExpectedScore]) -> str:
    """Return of which test rows the ranges are."""
    ranged = [one for one in scored if one.shown_interval]
    if not ranged:
        return ""
    n_rows = max(one.n_rows for one in ranged)
    n_public = max((one.n_public or 0 for one in ranged if one.is_of_public), default=0)
    if n_public:
        return f"; its range (95 %) is of the public score, {n_public:,} of {n_rows:,} test rows"
    return f"; its range (95 %) is of all {plural(n_rows, 'test row')}"


def _heading_to_expect(scored: Sequence[ExpectedScore]) -> str:
    """Return the heading of scores to expect, with which score the ranges are of, if of a part."""
    is_of_public = any(one.shown_interval and one.is_of_public for one in scored)
    return f"{_TO_EXPECT} (public)" if is_of_public else _TO_EXPECT


def _scored_expectations(view: BoardView) -> list[ExpectedScore]:
    every = [row.expected for row in view.rows] + [run.expected for run in view.runs]
    every += [blend.expected for blend in view.blends]
    return [one for one in every if one is not None and one.score is not None]


def _interval(interval: tuple[float, float] | None) -> str:
    told = telling_interval(interval)
    return "" if told is None else f"{number(told[0], 3)} to {number(told[1], 3)}"


def _rank(row: BoardRow) -> str:
    if row.rank is None:
        return ""
    return f"{row.rank}" if row.n_teams is None else f"{row.rank} of {row.n_teams}"


def _short(text: str) -> str:
    plain = "".join(one if one.isprintable() else " " for one in text)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def _below(view: BoardView, root: Path, not_sent: str) -> list[str]:
    lines = [
        f"{not_sent}: {show_path(root / 'submissions' / name)}"
        + " (the file before)" * is_file_before(name)
        for name in view.unsent
    ]
    anew = [run.id for run in view.runs if not run.folds]  # a run on the board has a scored fold
    if anew:
        more = f", and {len(anew) - 1} more likewise" if len(anew) > 1 else ""
        lines.append(
            f"scored by another metric: podium train runs/{anew[-1]}/recipe.yaml scores it again, "
            f"without training{more}"
        )
    lines += list(map(str, view.other_data[:_CHANGES_AT_MOST]))
    if len(view.other_data) > _CHANGES_AT_MOST:
        lines.append(f"and {len(view.other_data) - _CHANGES_AT_MOST} more were made of other data")
    if view.best_honest is not None or view.best_public is not None:
        lines.append("* the best of what was sent")
    estimates = [row.on_test_like for row in view.rows] + [run.on_test_like for run in view.runs]
    every = [row.expected for row in view.rows] + [run.expected for run in view.runs]
    every += [blend.expected for blend in view.blends]
    if len({one.scored_rows for one in view.blends} - {None}) > 1:
        lines.append("of rows: how many a blend was scored on; scores of other rows do not compare")
    scored = _scored_expectations(view)
    if scored:
        lines.append(
            "to expect: the score of this test set by the mean of the fold models"
            f"{_rows_of_ranges(scored)}"
        )
    lines += _of_same_files(view)
    lines += dict.fromkeys(str(one) for one in every if one is not None and one.score is None)
    if any(not one.knows_gain for one in scored):
        lines.append("+ by single ones: how much more their mean scores is not known")
    if any(_estimate(one) for one in estimates):
        lines.append("test-like: the score on train rows that look like the test set")
    if view.own is not None and view.seen is not None:
        rank, team, score = view.own
        of = "" if view.n_teams is None else f" of {view.n_teams}"
        lines.append(
            f"{view.split} leaderboard: team {_short(team)} is {rank}{of} with {score:g} "
            f"(seen {view.seen[:16].replace('T', ' ')} UTC)"
        )
    if view.limits is not None and view.limits.end:
        lines.append(f"{view.limits.end}: no submission is taken any more")
    elif view.quota_left is not None:
        lines.append(f"submissions left today: {view.quota_left} ({_reset(view)})")
    return lines


def _of_same_files(view: BoardView) -> list[str]:
    """Return which blends are the file of a run on the board, and which of both scores to take."""
    shown = {one.id for one in (*view.runs, *view.imports)}
    return [
        f"{one.id} and {one.same_file_as} are one file: take the scores of the blend, which also "
        "count the choosing of members"
        for one in view.blends
        if one.same_file_as in shown
    ]


def _reset(view: BoardView) -> str:
    if view.asked is None or view.quota_resets is None:
        return "the day ends at 00:00 UTC"
    left = datetime.fromisoformat(view.quota_resets) - datetime.fromisoformat(view.asked)
    minutes = int(left.total_seconds() // 60)
    return f"the day ends at 00:00 UTC, in {minutes // 60} h {minutes % 60:02d} min"


def _analysis_lines(found: BoardAnalysis) -> list[str]:
    """Return the results on CV against LB, and on the shake-up: one line each, or why not.

    Odd submissions get a line each.
    """
    lines = []
    line = found.cv_lb
    if line is not None and line.robust_slope is not None and line.rank_correlation is not None:
        lines.append(
            f"CV–LB over {plural(line.n, 'submission')}: slope {number(line.slope, 2)} "
            f"(robust {number(line.robust_slope, 2)}), rank correlation "
            f"{number(line.rank_correlation, 2)} (p {number(line.p, 3)})"
        )
        odd = [point for point in line.points if point.flag]
        lines += [
            f"  {point.id} is {point.residual:+.1f} standard errors off: {point.flag}"
            for point in sorted(odd, key=lambda one: -abs(one.residual or 0))[:_FEW]
        ]
        lines += [f"  and {len(odd) - _FEW:,} more"] * (len(odd) > _FEW)
    elif found.why_not.get("cv_lb"):
        lines.append(f"CV–LB: {found.why_not['cv_lb']}")
    shaken = found.shake_up
    if shaken is None:
        lines.append(f"shake-up: {found.why_not.get('shake_up', 'not known')}")
        return lines
    width = max(one.moved_sd for one in shaken.submissions)
    text = f"shake-up: private − public scores have a standard deviation of {number(width)}"
    if shaken.turned is not None and shaken.keeps_best is not None:
        text += (
            f"; {shaken.turned:.0%} of our own pairs change their order, the best public one stays "
            f"our best with {shaken.keeps_best:.0%}"
        )
    return [*lines, text]


def _print_finals(found: BoardAnalysis, view: BoardView, competition: Competition) -> None:
    """Print candidates, the proposal with its reasons and its regret, and what is unknown."""
    for line in _analysis_lines(found):
        print_to_type(line)
    if found.finals is not None:
        _print_proposal(found, found.finals, view)
    scores = {row.id: row.public_score for row in view.rows}
    left_out = sorted(found.left_out, key=lambda name: _rank_of(scores.get(name), view))
    for name in left_out[:_FEW]:
        public = number(scores.get(name))
        print_to_type(f"left out: {name} (public {public}): {found.left_out[name]}")
    if len(left_out) > _FEW:
        print(f"left out: {len(left_out) - _FEW:,} more, none with a better public score (--json)")
    if found.finals is not None:
        for text in found.finals.unknown:
            print_to_type(f"unknown: {text}")
        print(where_to_choose(competition, view))


def _rank_of(score: float | None, view: BoardView) -> float:
    """Return the key that sorts scores the best first, and those that are not known last."""
    if score is None:
        return math.inf
    return -score if view.greater_is_better else score


def _print_proposal(found: BoardAnalysis, made: Finals, view: BoardView) -> None:
    refs = {row.id: row.ref for row in view.rows}
    rows = [
        (
            f"{made.chosen.index(one.id) + 1}" if one.id in made.chosen else "",
            one.id,
            found.came_from.get(one.id, ""),
            number(one.honest),
            number(one.public),
            f"{number(one.private)} [{number(one.private_interval[0], 3)}, "
            f"{number(one.private_interval[1], 3)}]",
            number(one.correlation, 3),
            number(one.beside_first),
            one.doubt,
        )
        for place, one in enumerate(made.candidates)
        if place < ON_A_SCREEN or one.id in made.chosen
    ]
    columns = (
        "choose",
        "submission",
        "from",
        "honest",
        "public",
        "private, expected",
        "correlation",
        "beside the first",
        "doubt",
    )
    print_table(columns, rows, title=f"candidates for the finals, by {view.metric}")
    if len(rows) < len(made.candidates):
        print(f"{len(rows)} of {plural(len(made.candidates), 'candidate')}; --json has all")
    for place, (name, why) in enumerate(zip(made.chosen, made.reasons, strict=True), start=1):
        ref = f" (ref {refs[name]} at the host)" if refs.get(name) is not None else ""
        print_to_type(f"{place}. {name}{ref}: {why}")
    doubts = {one.id: one.doubt for one in made.candidates if one.doubt}
    for name in made.chosen:
        if name in doubts:
            print_to_type(f"warning: {name} is proposed in spite of this: {doubts[name]}")
    choices = [
        (one.name, ", ".join(one.ids), number(one.expected), number(one.regret, 5))
        for one in (made.choice, *made.naive)
    ]
    print_table(
        ("chosen by", "which", "expected private score", "expected regret"),
        choices,
        title="against the best of all in hindsight, "
        f"expected to score {number(made.expected_best)}",
    )
