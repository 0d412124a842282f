"""A real Ray cluster of two nodes on this machine: one is killed, and so is the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from engine_tasks import epochs_of, predictions_of, telling_workspace

from podium.workspace.jobs import jobs_of
from podium.workspace.layout import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.alone]

EPOCHS, PACE_S = 6, 0.5
TRAIN = ("train", "base", "wide", "--seeds", "1,2")
NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster of one node, the head; each test adds a second and kills it."""
    pytest.importorskip("ray")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        before = dict(os.environ)
        os.environ.update(RAY_USAGE_STATS_ENABLED="0", OMP_NUM_THREADS="1", PODIUM_TRUST="all")
        made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        try:
            yield made
        finally:
            made.shutdown()
            os.environ.clear()
            os.environ.update(before)


def command(workspace: Workspace, address: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "podium", "-w", str(workspace.root), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "RAY_ADDRESS": address},
    )


def finished(process: subprocess.Popen[str], seconds: float = 900.0) -> str:
    said, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, said
    return said


def wait_for(condition: Callable[[], bool], seconds: float = 600.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def epochs_by_fold(workspace: Workspace) -> Counter[str]:
    return Counter(title for title, _ in epochs_of(workspace))


def told_at(workspace: Workspace) -> list[tuple[str, float]]:
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
    wait_for(lambda: sum(n % EPOCHS > 0 for n in epochs_by_fold(spread).values()) == 2)
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
    every = epochs_of(spread)
    assert len(every) == 2 * 2 * 3 * EPOCHS
    twice = {one: n for one, n in every.items() if n > 1}
    # A fold was under way on the node, and another or two when the command was killed: of each, at
    # most the epoch that was told of and not yet saved.
    assert len(twice) <= 1 + 2, twice
    gap = {
        when: at - max(told for _, told in told_at(spread) if told < at)
        for when, at in (("node", node_died), ("driver", driver_died))
    }
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(every)} epochs, {sum(twice.values()) - len(twice)} of them twice; last saved "
            f"{gap['node']:.1f} s before the node died, {gap['driver']:.1f} s before the command; "
            f"its folds went on {again_at - node_died:.1f} s after the node died\n"
        )


def test_a_study_has_exactly_its_trials_after_a_node_died(cluster: Any, tmp_path: Path) -> None:
    made = telling_workspace(tmp_path / "ws", epochs=2, pace_s=PACE_S)
    space = str(made.root / "space.yaml")
    words = ("tune", "recipe", "base", "--space", space, "--trials", "12", "--pruner", "none")
    node = cluster.add_node(**NODE)
    search = command(made, cluster.address, *words, "--on", "ray", "--json")
    wait_for(lambda: sum(epochs_of(made).values()) >= 12)
    cluster.remove_node(node, allow_graceful=False)
    said = finished(search)
    found = json.loads(said[said.index("{\n") :])
    storage = f"sqlite:///{made.studies_db}"
    trials = optuna.load_study(study_name=found["study"], storage=storage).trials
    ended = [one for one in trials if one.state.name == "COMPLETE"]
    assert len(ended) == 12
    assert not [one for one in trials if one.state.name in ("RUNNING", "WAITING")]
    died = [one for one in trials if one.state.name == "FAIL"]
    assert len(died) <= 1  # that of the node's worker, tried again with its values
    assert all(one.params in [other.params for other in ended] for one in died)
