"""A real Ray cluster of three nodes on this machine: one is killed, and so is the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from command_line import finished, start, wait_for
from engine_tasks import epochs_of, predictions_of, telling_workspace

from podium.workspace.jobs import jobs_of
from podium.workspace.layout import Workspace
from tests.tuning.studies.conftest import postgresql, postgresql_server  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.alone]

EPOCHS, PACE_S = 6, 0.5
TRAIN = ("train", "base", "wide", "--seeds", "1,2")
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster of two nodes; each test adds a third and kills it."""
    pytest.importorskip("ray")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        before = dict(os.environ)
        os.environ.update(RAY_USAGE_STATS_ENABLED="0", OMP_NUM_THREADS="1", PODIUM_TRUST="all")
        made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        try:
            made.add_node(**NODE)
            yield made
        finally:
            made.shutdown()
            os.environ.clear()
            os.environ.update(before)


def command(workspace: Workspace, address: str, *words: str) -> subprocess.Popen[str]:
    return start(workspace.root, *words, env={**os.environ, "RAY_ADDRESS": address})


def board_of(workspace: Workspace) -> object:
    """Return what `podium board` prints of the runs, and so of their scores."""
    return printed(finished(command(workspace, "", "board", "--json")))


def printed(message: str) -> Any:
    """Return the object of JSON among what a command said."""
    return json.JSONDecoder().raw_decode(message, message.index("{\n"))[0]


def epochs_by_fold(workspace: Workspace) -> Counter[str]:
    return Counter(title for title, _ in epochs_of(workspace))


def epochs_at(workspace: Workspace) -> list[tuple[str, float]]:
    """Return the fold and the time of each epoch that was told of."""
    lines = (workspace.root / "pace.txt").read_text().splitlines()
    return [(title, float(at)) for title, _, at in (one.split("|") for one in lines)]


def test_a_node_and_the_command_are_killed_and_the_runs_are_those_of_one_process_to_the_bit(
    cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = telling_workspace(tmp_path / "alone", epochs=EPOCHS, pace_s=0.0)
    finished(command(alone, "", *TRAIN))
    spread = telling_workspace(tmp_path / "spread", epochs=EPOCHS, pace_s=PACE_S)

    node = cluster.add_node(**NODE)
    first = command(spread, cluster.address, *TRAIN, "--on", "ray")
    # In the middle of a fold on each node.
    wait_for(lambda: sum(n % EPOCHS > 0 for n in epochs_by_fold(spread).values()) == 3)
    cluster.remove_node(node, allow_graceful=False)
    node_died = time.time()
    wait_for(lambda: any(one.attempts > 1 for one in jobs_of(spread)))
    again_at = time.time()
    enough = sum(epochs_of(spread).values()) + EPOCHS
    wait_for(lambda: sum(epochs_of(spread).values()) >= enough)
    first.kill()
    first.communicate()
    driver_died = time.time()

    finished(command(spread, cluster.address, *TRAIN, "--on", "ray"))
    assert predictions_of(spread) == predictions_of(alone)
    assert board_of(spread) == board_of(alone)
    every = epochs_of(spread)
    assert len(every) == 2 * 2 * 3 * EPOCHS
    twice = {one: n for one, n in every.items() if n > 1}
    # A fold was under way on the node, and up to three when the command was killed: of each, at
    # most the epoch that was told of and not yet saved.
    assert len(twice) <= 1 + 3, twice
    gap = {
        when: at - max(told for _, told in epochs_at(spread) if told < at)
        for when, at in (("node", node_died), ("driver", driver_died))
    }
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(every)} epochs, {sum(twice.values()) - len(twice)} of them twice; last saved "
            f"{gap['node']:.1f} s before the node died, {gap['driver']:.1f} s before the command; "
            f"its folds went on {again_at - node_died:.1f} s after the node died\n"
        )


def test_a_study_on_postgresql_has_exactly_its_trials_after_a_node_and_the_command_died(
    cluster: Any,
    tmp_path: Path,
    postgresql: str,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = telling_workspace(tmp_path / "ws", epochs=2, pace_s=PACE_S)
    space = str(made.root / "space.yaml")
    words = ("tune", "recipe", "base", "--space", space, "--trials", "12", "--pruner", "none")
    words += ("--storage", postgresql, "--on", "ray", "--json")
    node = cluster.add_node(**NODE)
    first = command(made, cluster.address, *words)
    wait_for(lambda: sum(epochs_of(made).values()) >= 12)
    cluster.remove_node(node, allow_graceful=False)
    enough = sum(epochs_of(made).values()) + 6
    wait_for(lambda: sum(epochs_of(made).values()) >= enough)
    first.kill()
    first.communicate()

    found = printed(finished(command(made, cluster.address, *words)))
    trials = trials_of(found["study"], postgresql)
    ended = [one for one in trials if one.state.name == "COMPLETE"]
    assert len(ended) == 12
    assert not [one for one in trials if one.state.name in ("RUNNING", "WAITING")]
    died = [one for one in trials if one.state.name == "FAIL"]
    assert len(died) <= 1 + 3  # of the node's worker and of the command's: tried again
    assert all(one.params in [other.params for other in ended] for one in died)
    every = epochs_of(made)
    assert len(every) == 12 * 3 * 2
    twice = {one: n for one, n in every.items() if n > 1}
    assert len(twice) <= 1 + 3, twice

    alone = telling_workspace(tmp_path / "alone", epochs=2, pace_s=0.0)
    best = min(ended, key=lambda one: one.value or 0.0)
    changes = [word for name, one in best.params.items() for word in ("-o", f"{name}={one!r}")]
    finished(command(alone, "", "train", "base", *changes))
    (run,) = (one.name for one in alone.runs.iterdir())
    assert results_of(alone, run) == results_of(made, best.user_attrs["run"])
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(ended)} trials, {len(died)} given up and done again; of {len(every)} epochs "
            f"{sum(twice.values()) - len(twice)} trained twice\n"
        )


def test_other_commands_make_on_a_cluster_what_they_make_here(cluster: Any, tmp_path: Path) -> None:
    def made(on: str) -> list[object]:
        there = telling_workspace(tmp_path / on.partition(":")[0], epochs=1, pace_s=0.0)

        def do(*words: str) -> None:
            finished(command(there, cluster.address, *words, "--on", on))

        do("study", "compare", "base", "wide", "--epochs", "1", "--seeds", "1,2")
        runs = sorted(one.name for one in there.runs.glob("base-compared-*"))
        do("soup", *runs)
        do("blend", *runs, "--auto", "--methods", "mean,hill_climb,stack_ridge", "--name", "both")
        do("pseudo", "both", "--split", "test")
        (study,) = there.root.glob("studies/*/record.json")
        (blend,) = there.root.glob("blends/*/record.json")
        tables = {
            str(one.relative_to(there.root)): one.read_bytes()
            for one in there.pseudo.rglob("fold-*/*")
        }
        arms = json.loads(study.read_text())["details"]["arms"]
        rows = [[one["name"], one["scores"], one["runs"]] for one in arms]
        scores = json.loads(blend.read_text())["scores"]
        return [predictions_of(there), rows, blend.parent.name, scores, tables]

    assert made("ray") == made("local:1")


def results_of(workspace: Workspace, run: str) -> tuple[object, set[str]]:
    """Return the scores of a run, and the digests of its predictions."""
    found = predictions_of(workspace)
    return found[run], {one for name, one in found.items() if name.startswith(f"{run}/")}


def trials_of(study: str, url: str) -> list[optuna.trial.FrozenTrial]:
    storage = optuna.storages.RDBStorage(url.replace("postgresql:", "postgresql+pg8000:"))
    try:
        return list(optuna.load_study(study_name=study, storage=storage).trials)
    finally:
        storage.remove_session()
        storage.engine.dispose()
