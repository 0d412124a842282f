"""Studies on a terminal: those of a workspace, or the best trials of one and what mattered."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from podium.cli.context import print_to_type
from podium.cli.tables import fit_columns, print_json, print_table, table_console
from podium.errors import UsageError, plural, some
from podium.tuning.studies import open_study, release
from podium.tuning.studies.storages import parse_storage_url, storage_url
from podium.tuning.studies.summary import studies_in, study_in
from podium.workspace.display import number

if TYPE_CHECKING:
    from pathlib import Path

    from podium.cli.context import Session
    from podium.tuning.studies.summary import StudyFacts, StudySummary, TrialFacts

__all__ = ["show_studies"]


SHOWN = 10
"""Trials in a table; --json has all."""


def show_studies(
    of: Session,
    study: str | None,
    *,
    storage: str | None,
    free: Sequence[int],
    as_json: bool,
) -> None:
    """Print the studies of a workspace, or the best trials of one and what mattered in them.

    Args:
        of: the call, whose workspace it is.
        study: its name; None: all of them.
        storage: None: the workspace's.
        free: trials to give up first.
    """
    url = storage if storage is not None else storage_url(of.workspace())
    if free:
        _free(url, study, free)
    if study is not None:
        found = study_in(url, study)
        if as_json:
            print_json({**asdict(found), "dashboard": _dashboard(url)})
        else:
            _print_study(found, runs=of.workspace().runs if storage is None else None)
            _print_dashboard(url)
        return
    studies = studies_in(url)
    if as_json:
        print_json({"studies": [asdict(one) for one in studies], "dashboard": _dashboard(url)})
    elif studies:
        _print_studies(studies)
        _print_dashboard(url)
    else:
        print("there are no studies yet; these commands make one:")
        print_to_type("  podium tune losses RECIPE")
        print_to_type("  podium tune recipe RECIPE --space space.yaml")


def _free(url: str, name: str | None, numbers: Sequence[int]) -> None:
    if name is None:
        raise UsageError("--free is of one study", fix="podium tune show STUDY --free TRIAL")
    with open_study(url, name, directions=study_in(url, name).study.directions) as opened:
        release(opened, numbers)


def _print_studies(studies: Sequence[StudyFacts]) -> None:
    states = [
        state
        for state in ("complete", "pruned", "failed", "running", "waiting")
        if state == "complete" or any(one.counts[state] for one in studies)
    ]
    rows = [
        (
            one.name,
            one.kind or "–",
            *(one.counts[state] for state in states),
            ", ".join(
                f"{metric} {number(best)}"
                for metric, best in zip(one.metrics, one.best, strict=True)
            ),
        )
        for one in studies
    ]
    print_table(("study", "kind", *states, "best score"), rows)


def _print_study(found: StudySummary, *, runs: Path | None) -> None:
    """Print a study; `runs` is the folder that all of its runs lie in, where that is known."""
    facts = found.study
    print(f"{facts.name}: {_describe_study(facts)}")
    if found.honest is not None:
        print(
            f"honest {facts.metrics[0]} {number(found.honest)}: each fold scored by the trial that "
            "the other folds would have chosen"
        )
    if found.best:
        _print_best(found, runs)
    else:
        print("no trial is complete yet")
    _print_importance(found)
    _print_running(found.in_state("running"))
    _print_ended(found, "failed")


def _describe_study(facts: StudyFacts) -> str:
    counts = ", ".join(f"{n} {state}" for state, n in facts.counts.items() if n)
    about = "" if facts.recipe is None else f" of {facts.recipe}"
    kind = "" if facts.kind is None else f"{facts.kind}{about}; "
    return f"{kind}trials: {counts or 'none'}"


def _print_best(found: StudySummary, runs: Path | None) -> None:
    facts = found.study
    shown = found.best[:SHOWN] if len(facts.metrics) == 1 else found.best
    of_all = f" of {len(found.best)}" if len(shown) < len(found.best) else ""
    title = f"the best {len(shown)}{of_all} complete trials"
    if found.honest is not None:
        title += ", by the folds that they are chosen by"
    if len(facts.metrics) > 1:
        title = "the Pareto front: no trial beats these in one metric without losing in another"
    names = _parameters(found, shown)
    cells = {"trial": [str(one.number) for one in shown]}
    cells |= {
        metric: [number(one.scores[at]) for one in shown] for at, metric in enumerate(facts.metrics)
    }
    cells |= {name: [_value(one.values.get(name)) for one in shown] for name in names}
    if any(one.run is not None for one in shown):
        cells["run"] = [_run(one.run, runs) for one in shown]
    columns = fit_columns(cells, reversed(names), table_console().width)
    print_table(tuple(columns), zip(*columns.values(), strict=True), title=title)
    if len(columns) < len(cells):
        print(
            f"{plural(len(cells) - len(columns), 'parameter')} more "
            f"{'is' if len(cells) - len(columns) == 1 else 'are'} in --json"
        )


def _run(run: str | None, runs: Path | None) -> str:
    """Return the run of a trial, or that it is not there any more."""
    if run is None:
        return ""
    return "removed" if runs is not None and not (runs / run).is_dir() else run


def _parameters(found: StudySummary, shown: Sequence[TrialFacts]) -> list[str]:
    """Return the names of what was drawn, those that matter most first."""
    drawn = dict.fromkeys(name for one in shown for name in one.values)
    ranked = found.importance[0].shares
    return [
        *(name for name in ranked if name in drawn),
        *(one for one in drawn if one not in ranked),
    ]


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return json.dumps(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_importance(found: StudySummary) -> None:
    ranked = [one for one in found.importance if one.shares]
    for one in found.importance:
        if one.why_not is not None and found.best:
            about = "" if len(found.importance) == 1 else f" for {one.metric}"
            print_to_type(f"which parameters matter{about} is not known: {one.why_not}")
    if ranked:
        rows = [
            (name, *(f"{one.shares.get(name, 0.0):.0%}" for one in ranked))
            for name in ranked[0].shares
        ]
        columns = ("parameter", *(f"share of the spread of {one.metric}" for one in ranked))
        print_table(columns, rows)


def _print_running(running: Sequence[TrialFacts]) -> None:
    if running:
        rows = [(one.number, one.worker or "–", _age(one.seconds)) for one in running]
        print_table(("running", "worker", "for"), rows)


def _age(seconds: float | None) -> str:
    """Return a time for people.

    Example:
        >>> _age(42), _age(600), _age(9000), _age(None)
        ('42 s', '10 min', '2.5 h', '–')
    """
    if seconds is None:
        return "–"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _print_ended(found: StudySummary, state: str) -> None:
    """Print why trials ended so, each reason once with the trials that it ended."""
    reasons = Counter(one.reason or "no reason recorded" for one in found.in_state(state))
    for reason, _ in reasons.most_common(SHOWN):
        numbers = [one.number for one in found.in_state(state) if one.reason == reason]
        print_to_type(f"{state}, trial {some(numbers)}: {reason}")


def _dashboard(url: str) -> str:
    """Return the command that opens the studies in a browser."""
    place = parse_storage_url(url)
    if place.kind == "journal":
        return f"optuna-dashboard --storage-class JournalFileStorage {place.path}"
    # The dashboard needs podium's driver. No password is printed: it would stand in logs.
    return f"optuna-dashboard {place.shown.replace('postgresql:', 'postgresql+pg8000:', 1)}"


def _print_dashboard(url: str) -> None:
    command = _dashboard(url)
    print(f"dashboard: {command}")
    if "***" in command:
        print("  (with the password in the place of ***)")
    if importlib.util.find_spec("optuna_dashboard") is None:
        print("  (not installed: pip install 'podium-kaggle[dashboard]')")
