"""The summary of a study matches its trials, however these ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState

from podium.errors import RunError, UsageError
from podium.tuning.studies.summary import ENOUGH_TRIALS, studies_in, study_in, summary_of

SPACE = {"optimizer.lr": FloatDistribution(0, 1), "input.train": CategoricalDistribution("ab")}
FACTS = {"kind": "recipe", "metric": ["mean_dice"], "recipe": "recipes/base.yaml"}


def study_of(
    trials: list[dict[str, Any]],
    directions: tuple[str, ...] = ("maximize",),
    facts: dict[str, Any] = FACTS,
    **kept: Any,
) -> optuna.Study:
    """Make a study by Optuna alone; a trial's "attrs" are its facts."""
    study = optuna.create_study(directions=list(directions), **kept)
    for key, value in facts.items():
        study.set_user_attr(key, value)
    for at, one in enumerate(trials):
        study.add_trial(
            optuna.create_trial(
                state=one.get("state", TrialState.COMPLETE),
                values=one.get("values"),
                params=one.get("params", {"optimizer.lr": at / 100, "input.train": "ab"[at % 2]}),
                distributions=one.get("distributions", SPACE),
                user_attrs=one.get("attrs", {}),
                intermediate_values=one.get("steps", {}),
            )
        )
    return study


def keep(url: str, name: str, *given: Any, **more: Any) -> None:
    """Make a study as `study_of` does, in a database."""
    storage = optuna.storages.RDBStorage(url)
    study_of(*given, **more, storage=storage, study_name=name)
    storage.remove_session()
    storage.engine.dispose()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/studies.db"


def test_trials_are_counted_by_state(url: str) -> None:
    trials = [
        {"values": [0.3], "attrs": {"run": "base-t-0a1b2c3d", "seconds": 61.5, "worker": "here:7"}},
        {"values": [0.5], "attrs": {"values": {"optimizer.lr": 0.25, "input.train": ["HFlip"]}}},
        {"state": TrialState.PRUNED, "steps": {0: 0.1}, "attrs": {"reason": "hopeless"}},
        {"state": TrialState.FAIL, "attrs": {"reason": "there is no backbone 'x'"}},
        {"state": TrialState.FAIL},
        {"state": TrialState.RUNNING, "attrs": {"worker": "there:9"}},
        {"state": TrialState.WAITING},
    ]
    keep(url, "recipe-base", trials)
    found = study_in(url, "recipe-base", now=datetime.now() + timedelta(hours=2))
    assert found.study.counts == {
        "complete": 2, "pruned": 1, "failed": 2, "running": 1, "waiting": 1,
    }  # fmt: skip
    assert found.study.best == (0.5,)
    assert (found.study.kind, found.study.metrics) == ("recipe", ("mean_dice",))
    assert found.study.recipe == "recipes/base.yaml"
    assert [one.number for one in found.trials] == list(range(7))
    first, second, pruned, failed, killed, running, waiting = found.trials
    assert (first.run, first.seconds, first.worker) == ("base-t-0a1b2c3d", 61.5, "here:7")
    assert first.values == {"optimizer.lr": 0.0, "input.train": "a"}
    assert second.values == {"optimizer.lr": 0.25, "input.train": ["HFlip"]}  # as it was drawn
    assert (pruned.steps, pruned.reason, pruned.scores) == ({0: 0.1}, "hopeless", ())
    assert failed.reason == "there is no backbone 'x'"
    assert killed.reason is not None
    assert "killed" in killed.reason
    assert (running.worker, running.reason) == ("there:9", None)
    assert running.seconds == pytest.approx(7200, abs=60)
    assert waiting.seconds is None
    assert found.in_state("failed") == (failed, killed)
    assert [one.number for one in found.best] == [1, 0]


def test_a_trial_of_a_killed_worker_is_reported_with_the_worker_that_repeats_it() -> None:
    from podium.tuning.studies.storages import retry_stale_trial

    study = study_of([])
    for _ in range(2):  # both times the worker dies
        trial = study.ask(SPACE)
        ended = study.tell(trial, state=TrialState.FAIL)
        retry_stale_trial(study, ended)
    reasons = [one.reason or "" for one in summary_of(study).trials]
    assert [one.rpartition("; ")[2] for one in reasons[:2]] == [
        "tried again as trial 1",
        "tried again as trial 2",
    ]
    assert reasons[2] == ""


def test_the_lowest_is_best_where_it_is_minimised() -> None:
    trials = [{"values": [v]} for v in (3.0, 1.0, 2.0, 1.0)]
    found = summary_of(study_of(trials, ("minimize",)))
    assert found.study.best == (1.0,)
    assert [one.number for one in found.best] == [1, 3, 2, 0]


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    scores=st.lists(st.tuples(*[st.integers(0, 4)] * 2), max_size=12),
    directions=st.tuples(*[st.sampled_from(["maximize", "minimize"])] * 2),
)
def test_the_front_is_what_no_other_trial_beats(
    scores: list[tuple[int, int]], directions: tuple[str, str]
) -> None:
    facts = {**FACTS, "metric": ["dice", "accuracy"]}
    trials = [{"values": list(map(float, pair))} for pair in scores]
    found = summary_of(study_of(trials, directions, facts))
    signs = np.array([1 if one == "maximize" else -1 for one in directions])
    signed = np.array(scores, dtype=float).reshape(-1, 2) * signs
    front = [
        at
        for at, one in enumerate(signed)
        if not any((other >= one).all() and (other > one).any() for other in signed)
    ]
    assert [one.number for one in found.best] == front
    best = (signed.max(axis=0) * signs).tolist() if scores else [None, None]
    assert list(found.study.best) == best
    assert [one.metric for one in found.importance] == ["dice", "accuracy"]


@pytest.mark.slow
def test_importance_is_the_share_of_the_variance() -> None:
    """Of a sum of independent terms, each parameter explains its own term's variance."""
    rng = np.random.default_rng(0)
    space = {name: FloatDistribution(0, 1) for name in ("much", "little", "nothing")}
    trials = []
    for _ in range(150):
        params = {name: float(rng.random()) for name in space}
        score = 2 * params["much"] + params["little"]  # variances 4/12 and 1/12
        trials.append({"values": [score], "params": params, "distributions": space})
    (found,) = summary_of(study_of(trials)).importance
    assert found.why_not is None
    assert list(found.shares) == ["much", "little", "nothing"]
    assert sum(found.shares.values()) == pytest.approx(1)
    # A forest smooths: within 0.06 of 4/5, 1/5 and 0.
    assert list(found.shares.values()) == pytest.approx([0.8, 0.2, 0.0], abs=0.06)


@pytest.mark.parametrize(
    ("scores", "space", "why"),
    [
        (range(ENOUGH_TRIALS - 1), SPACE, "importance needs 10 complete trials"),
        ([0.5] * 20, SPACE, "all trials have the same score"),
        (range(20), {"lr": FloatDistribution(0, 1)}, "importance compares two parameters or more"),
        (range(20), {}, "importance compares two parameters or more"),
    ],
)
def test_importance_that_would_be_chance_is_not_reported(
    scores: Any, space: dict[str, Any], why: str
) -> None:
    params = {name: 0.5 if name != "input.train" else "a" for name in space}
    trials = [{"values": [float(v)], "params": params, "distributions": space} for v in scores]
    (found,) = summary_of(study_of(trials)).importance
    assert (found.shares, found.why_not) == ({}, why)


def test_trials_with_nothing_in_common_have_no_importance_and_no_traceback() -> None:
    trials = [
        {
            "values": [float(at)],
            "params": {f"p{at}": 0.5},
            "distributions": {f"p{at}": FloatDistribution(0, 1)},
        }
        for at in range(12)
    ]
    (found,) = summary_of(study_of(trials)).importance
    assert (found.shares, found.why_not) == ({}, "no parameter is in all trials")


def test_studies_that_podium_did_not_make_are_summarised_too(url: str) -> None:
    keep(url, "mine", [{"values": [1.0]}], facts={})
    keep(url, "two", [{"values": [1.0, 2.0]}], ("maximize", "minimize"), facts={})
    keep(url, "empty", [])
    mine, two, empty = studies_in(url)
    assert (mine.kind, mine.metrics, mine.best) == (None, ("score",), (1.0,))
    assert (two.metrics, two.directions) == (("score 1", "score 2"), ("maximize", "minimize"))
    assert empty.best == (None,)
    assert study_in(url, "empty").best == ()


def test_unknown_study_name_is_refused_with_similar_names(url: str, tmp_path: Path) -> None:
    keep(url, "losses-joint-0a1b2c3d", [])
    with pytest.raises(UsageError) as caught:
        study_in(url, "loses-joint")
    assert str(caught.value) == (
        "there is no study 'loses-joint'\n  fix: did you mean losses-joint-0a1b2c3d?"
    )
    with pytest.raises(UsageError, match=r"fix: choose one of losses-joint-0a1b2c3d"):
        study_in(url, "zzz")


def test_where_nothing_is_kept_nothing_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/studies.db"
    assert studies_in(url) == ()
    assert studies_in(f"journal:{tmp_path}/studies.log") == ()
    with pytest.raises(UsageError, match="make one first"):
        study_in(url, "losses")
    assert list(tmp_path.iterdir()) == []


def test_a_journal_file_is_read_as_well(tmp_path: Path) -> None:
    file = tmp_path / "studies.log"
    backend = optuna.storages.journal.JournalFileBackend(str(file))
    study = optuna.create_study(storage=optuna.storages.JournalStorage(backend), study_name="j")
    study.add_trial(optuna.create_trial(value=2.0))
    (found,) = studies_in(f"journal:{file}")
    assert (found.name, found.best) == ("j", (2.0,))


def test_a_file_that_is_no_database_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "studies.db").write_text("these are not studies, however long this text may be")
    with pytest.raises(RunError, match="studies cannot be reached") as caught:
        studies_in(f"sqlite:///{tmp_path}/studies.db")
    assert caught.value.fix is not None


@pytest.mark.parametrize("n_folds", [2, 3])
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_honest_score_is_of_what_the_other_folds_choose(direction: str, n_folds: int) -> None:
    scores = np.random.default_rng(3).normal(size=(7, n_folds))
    trials = [
        {"values": [row.mean()], "attrs": {"folds": {str(k): v for k, v in enumerate(row)}}}
        for row in scores
    ]
    trials.append({"values": [9.0], "attrs": {"folds": {"0": 9.0}}})  # not on all folds
    trials.append({"state": TrialState.PRUNED, "attrs": {"folds": {"0": 9.0}}})
    found = summary_of(study_of(trials, (direction,)))
    best = np.argmax if direction == "maximize" else np.argmin
    by_hand = np.mean([scores[best(np.delete(scores, k, 1).sum(1)), k] for k in range(n_folds)])
    assert found.honest == pytest.approx(by_hand)
    assert found.trials[0].folds == dict(enumerate(scores[0]))


@pytest.mark.parametrize(
    ("folds", "directions"),
    [({}, ("maximize",)), ({"0": 1.0}, ("maximize",)), ({"0": 1.0, "1": 2.0}, ("maximize",) * 2)],
)
def test_without_two_folds_or_with_two_metrics_there_is_no_honest_score(
    folds: dict[str, float], directions: tuple[str, ...]
) -> None:
    trial = {"values": [1.0] * len(directions), "attrs": {"folds": folds}}
    assert summary_of(study_of([trial], directions)).honest is None
