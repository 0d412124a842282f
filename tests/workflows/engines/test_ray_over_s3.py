"""A real Ray cluster whose nodes share no disk, with a real S3 server between them."""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import finished, start, wait_for
from engine_tasks import predictions_of, telling_workspace, watch_disks

from podium.workspace.layout import Workspace
from podium.workspace.storage.objects import ObjectStore
from tests.workflows.engines.test_ray import NODE
from tests.workflows.engines.test_s3 import (  # noqa: F401
    OFTEN,
    epochs_of_nodes,
    repeated_epochs,
    saved_epochs,
    server,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone]

EPOCHS, PACE_S = 9, 0.6
TRAIN = ("train", "base", "wide", "--seeds", "1,2")


class Nodes:
    """A Ray cluster; each node has a folder of its own, and may not open the command's."""

    def __init__(self, folder: Path, commands: Path) -> None:
        from ray.cluster_utils import Cluster

        self.folder, self.commands, self._n = folder, commands, 0
        head = {**NODE, "num_cpus": 0, "include_dashboard": False}  # no task runs on it
        self._cluster = Cluster(initialize_head=True, head_node_args=head)

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def add(self) -> tuple[Any, Path]:
        """Return a node that joined, and its folder."""
        self._n += 1
        mine = self.folder / f"node-{self._n}"
        env = {"XDG_CACHE_HOME": str(mine), "NOT_SHARED": str(self.commands)}
        return self._cluster.add_node(**NODE, env_vars=env), mine

    def lose(self, node: tuple[Any, Path]) -> None:
        """Kill a node, and remove its folder."""
        self._cluster.remove_node(node[0], allow_graceful=False)
        shutil.rmtree(node[1])

    def close(self) -> None:
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def nodes(
    server: int,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Nodes]:
    """Two nodes and a head; what commands have lies below `commands`, beside `nodes`."""
    pytest.importorskip("ray")
    root, before = tmp_path_factory.mktemp("machines"), dict(os.environ)
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", **watch_disks(root / "site"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = Nodes(root / "nodes", root / "commands")
        try:
            for _ in range(2):
                made.add()
            yield made
        finally:
            made.close()
            os.environ.clear()
            os.environ.update(before)


def often_saving(root: Path, *, epochs: int, pace_s: float) -> Workspace:
    made = telling_workspace(root, epochs=epochs, pace_s=pace_s)
    (root / "pace.py").write_text((root / "pace.py").read_text() + OFTEN)
    return made


def test_a_node_and_the_machine_of_the_command_are_lost_and_the_runs_are_those_of_one_process(
    nodes: Nodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {**os.environ, "RAY_ADDRESS": nodes.address}
    alone = telling_workspace(tmp_path / "alone", epochs=EPOCHS, pace_s=0.0)
    finished(start(alone.root, *TRAIN, env=env))
    on = ("--on", "ray,s3://leaves/ray")
    mine = often_saving(nodes.commands / "mine/leaves", epochs=EPOCHS, pace_s=PACE_S)
    third = nodes.add()
    first = start(mine.root, *TRAIN, *on, env=env)

    store = ObjectStore("s3://leaves/ray")

    def in_the_middle() -> tuple[str, int] | None:
        """Return a fold under way on the third node, and how many of its epochs are saved."""
        assert first.poll() is None, first.communicate()[0]
        every = epochs_of_nodes(nodes.folder)
        for title, n in Counter(name for name, _, node in every if node == third[1]).items():
            _, fold, _, run = title.split()
            if 1 < n < EPOCHS and (n_saved := saved_epochs(store, f"{run}.fold-{fold}")):
                return title, n_saved
        return None

    title, n_saved = wait_for(in_the_middle)
    gone = [one for one in epochs_of_nodes(nodes.folder) if one[2] == third[1]]
    nodes.lose(third)
    n_told = len(gone) + len(epochs_of_nodes(nodes.folder))
    wait_for(lambda: len(gone) + len(epochs_of_nodes(nodes.folder)) > n_told + 2 * EPOCHS)
    told = [*gone, *epochs_of_nodes(nodes.folder)]
    first.kill()
    first.communicate()
    shutil.rmtree(mine.root)

    other = often_saving(nodes.commands / "other/leaves", epochs=EPOCHS, pace_s=PACE_S)
    finished(start(other.root, *TRAIN, *on, env=env))
    assert predictions_of(other) == predictions_of(alone)
    every = [*gone, *epochs_of_nodes(nodes.folder)]
    epochs = Counter((name, epoch) for name, epoch, _ in every)
    assert len(epochs) == 2 * 2 * 3 * EPOCHS
    twice = {one: n - 1 for one, n in epochs.items() if n > 1}
    of_the_node = repeated_epochs(told, title)
    # It went on from what was saved; the other folds are those that the command left.
    assert of_the_node <= sum(name == title for name, _, _ in gone) - n_saved + 1
    assert len({name for name, _ in twice}) <= 1 + 2, twice
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(epochs)} epochs, {of_the_node} of them again for the node that was lost, "
            f"{sum(twice.values()) - of_the_node} for the command's machine\n"
        )


def test_other_commands_make_on_nodes_without_a_shared_disk_what_they_make_here(
    nodes: Nodes,
) -> None:
    env = {**os.environ, "RAY_ADDRESS": nodes.address}

    def made(name: str, on: str) -> list[object]:
        there = telling_workspace(nodes.commands / name, epochs=1, pace_s=0.0)

        def do(*words: str) -> None:
            finished(start(there.root, *words, "--on", on, env=env))

        do("study", "compare", "base", "wide", "--epochs", "1", "--seeds", "1,2")
        runs = sorted(one.name for one in there.runs.glob("base-compared-*"))
        do("predict", runs[0], "--tta", "hflip")
        finished(start(there.root, "blend", *runs, "--name", "both", env=env))
        do("pseudo", "both", "--split", "test")
        (study,) = there.root.glob("studies/*/record.json")
        arms = json.loads(study.read_text())["details"]["arms"]
        tables = {
            str(one.relative_to(there.root)): one.read_bytes()
            for one in there.pseudo.rglob("fold-*/*")
        }
        rows = [[one["name"], one["scores"], one["runs"]] for one in arms]
        return [predictions_of(there), rows, tables]

    assert made("spread", "ray,s3://leaves/others") == made("alone", "local:1")
