"""A real S3 server on this machine, and nodes that share no disk: what is killed goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from command_line import finished, start, wait_for
from engine_tasks import predictions_of, telling_workspace, watch_disks

from podium.errors import RunError
from podium.workspace.jobs import jobs_of
from podium.workspace.layout import Workspace
from podium.workspace.storage.objects import ObjectStore
from podium.workspace.storage.parts import StoredPart, TakenOverError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    # The clients of fsspec live as long as the process, and so do their sockets.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EPOCHS, PACE_S = 6, 0.6
TRAIN = ("train", "base", "wide", "--seeds", "1,2")

# The command, of whose two processes each is a node: its folder is no other's.
COMMAND = """\
import os
from pathlib import Path
from podium.cli.app import main
from podium.workflows import task_files
from podium.workflows.engines import local

task_files._LOOK_EVERY_S = 0.2
environment_of = local.environment_of
local.environment_of = lambda at, *rest: {
    **environment_of(at, *rest),
    "XDG_CACHE_HOME": f"{os.environ['NODES']}/node-{at}",
    "NOT_SHARED": os.environ["HOME_OF_COMMAND"],
}
main()
"""

# Processes of nodes save often from their first task on.
OFTEN = """
from podium.workflows import task_files
task_files.SAVE_EVERY_S = 0.2
"""


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The port of an S3 server with the bucket `leaves`; the environment leads to it."""
    pytest.importorskip("s3fs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moto = pytest.importorskip("moto.moto_server.threaded_moto_server")
        made = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        made.start()
    _, port = made.get_host_and_port()
    before = dict(os.environ)
    os.environ.update(
        AWS_ACCESS_KEY_ID="key",
        AWS_SECRET_ACCESS_KEY="hunter2",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        AWS_MAX_ATTEMPTS="1",
        OMP_NUM_THREADS="1",
        PODIUM_TRUST="all",
    )
    try:
        # Servers of one process share their buckets, and another module may have had one.
        reset = Request(f"http://127.0.0.1:{port}/moto-api/reset", method="POST")
        urlopen(reset, timeout=30).close()
        fresh_client().mkdir("leaves")
        yield port
    finally:
        made.stop()
        os.environ.clear()
        os.environ.update(before)
        fresh_client()


def fresh_client() -> Any:
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    return s3fs.S3FileSystem()


def command(workspace: Workspace, *words: str, nodes: Path | None = None) -> subprocess.Popen[str]:
    env = {**os.environ, "NODES": str(nodes), "HOME_OF_COMMAND": str(workspace.root)}
    program = ("-m", "podium") if nodes is None else ("-c", COMMAND)
    return start(workspace.root, *words, env=env, program=(sys.executable, *program))


def epochs_of_nodes(nodes: Path) -> list[tuple[str, int, Path]]:
    """Return the fold, the epoch and the folder of each epoch that the nodes tell of."""
    found = []
    for file in sorted(nodes.rglob("pace.txt")):
        for line in file.read_text().splitlines():
            title, epoch, _ = line.split("|")
            found.append((title, int(epoch), nodes / file.relative_to(nodes).parts[0]))
    return found


def saved_epochs(store: ObjectStore, task: str) -> int:
    """Return how many epochs of a fold the storage has the figures of."""
    states = [one for one in store.names(f"parts/{task}") if one.endswith("/state.json")]
    state = json.loads(store.get(states[-1]) or b"{}") if states else {}
    run, fold = task.split(".")
    digest = state.get(f"runs/{run}/{fold}", {}).get("metrics.csv")
    figures = None if digest is None else store.get(f"{states[-1].rpartition('/')[0]}/{digest}")
    return 0 if figures is None else len(figures.splitlines()) - 1


def repeated_epochs(told: list[tuple[str, int, Path]], title: str) -> int:
    """Return how many epochs of a fold were trained again, of those that were told of so far."""
    each = [epoch for name, epoch, _ in told if name == title]
    return len(each) - len(set(each))


def test_a_node_and_the_command_lose_their_machines_and_the_runs_are_those_of_one_process(
    server: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in watch_disks(tmp_path / "site").items():
        monkeypatch.setenv(name, value)
    alone = telling_workspace(tmp_path / "alone", epochs=EPOCHS, pace_s=0.0)
    finished(command(alone, *TRAIN))
    nodes, on = tmp_path / "nodes", ("--on", "local:2,s3://leaves/first")

    def fresh_workspace(name: str) -> Workspace:
        made = telling_workspace(tmp_path / name / "leaves", epochs=EPOCHS, pace_s=PACE_S)
        (made.root / "pace.py").write_text((made.root / "pace.py").read_text() + OFTEN)
        return made

    mine = fresh_workspace("mine")
    first = command(mine, *TRAIN, *on, nodes=nodes)
    gone = list[tuple[str, int, Path]]()

    def in_the_middle() -> tuple[str, int, Path, int] | None:
        """Return a fold under way with saved epochs, its process, its node, and how many."""
        assert first.poll() is None, first.communicate()[0]
        every = epochs_of_nodes(nodes)
        counts = Counter(title for title, _, _ in every)
        for job in jobs_of(mine):
            title = f"fold {job.name[-1]} of {job.name.rpartition('.')[0]}"
            if job.state == "running" and job.worker and 2 < counts[title] < EPOCHS:
                n_saved = saved_epochs(ObjectStore("s3://leaves/first"), job.name)
                where = next(node for name, _, node in every if name == title)
                if n_saved >= 2:
                    return title, int(job.worker.rpartition(":")[2]), where, n_saved
        return None

    title, pid, node, n_saved = wait_for(in_the_middle)
    os.kill(pid, signal.SIGKILL)
    gone += [one for one in epochs_of_nodes(nodes) if one[2] == node]
    shutil.rmtree(node)
    n_told = len(gone) + len(epochs_of_nodes(nodes))
    wait_for(lambda: len(gone) + len(epochs_of_nodes(nodes)) > n_told + 2 * EPOCHS)
    told = [*gone, *epochs_of_nodes(nodes)]
    first.kill()
    first.communicate()
    shutil.rmtree(mine.root)

    other = fresh_workspace("other")
    finished(command(other, *TRAIN, *on, nodes=nodes))
    assert predictions_of(other) == predictions_of(alone)

    epochs = Counter((name, epoch) for name, epoch, _ in [*gone, *epochs_of_nodes(nodes)])
    assert len(epochs) == 2 * 2 * 3 * EPOCHS
    twice = {one: n - 1 for one, n in epochs.items() if n > 1}
    of_the_node = repeated_epochs(told, title)
    # It went on from its checkpoint; an epoch may be told of before that has it.
    assert of_the_node <= sum(name == title for name, _, _ in gone) - n_saved + 1
    assert len({name for name, _ in twice}) <= 1 + 2, twice
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(epochs)} epochs, {of_the_node} of them again for the node that was lost, "
            f"{sum(twice.values()) - of_the_node} for the command's machine\n"
        )


class Wire:
    """A way to the server that is cut after some bytes to it, until it is mended."""

    def __init__(self, port: int) -> None:
        self.left: int | None = None
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            for source, to, counts in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pump, args=(source, to, counts), daemon=True).start()

    def _pump(self, source: socket.socket, to: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if counts and self.left is not None:
                    self.left = max(0, self.left - len(piece))
                    if self.left == 0:
                        break
                to.sendall(piece)
        for one in (source, to):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(server: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    made = Wire(server)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{made.port}")
    fresh_client()
    yield made
    made.close()
    monkeypatch.undo()
    fresh_client()


@pytest.mark.parametrize("n_bytes", [4_000_000, 110_000_000], ids=["whole", "in parts"])
def test_an_upload_that_is_cut_off_leaves_the_state_before(
    wire: Wire, tmp_path: Path, n_bytes: int
) -> None:
    store = ObjectStore(f"s3://leaves/cut-{n_bytes}")
    file = tmp_path / "mine/runs/a/fold-0/resume.pt"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"epoch 1")
    mine = StoredPart(store, "a.fold-0", tmp_path / "mine", ("runs/a/fold-0",))
    mine.claim("one:1")
    mine.publish()
    before = store.names("")
    file.write_bytes(bytes(n_bytes))
    wire.left = n_bytes // 2
    with pytest.raises(RunError, match=f"s3://leaves/cut-{n_bytes}/parts") as cut:
        mine.publish()
    assert "hunter2" not in str(cut.value)
    wire.left = None
    assert store.names("") == before
    other = StoredPart(store, "a.fold-0", tmp_path / "other", ("runs/a/fold-0",))
    (tmp_path / "other").mkdir()
    other.fetch()
    assert (tmp_path / "other/runs/a/fold-0/resume.pt").read_bytes() == b"epoch 1"
    assert mine.publish()
    other.fetch()
    assert (tmp_path / "other/runs/a/fold-0/resume.pt").read_bytes() == bytes(n_bytes)


def test_of_many_that_claim_and_publish_at_once_each_number_has_one_and_the_last_one_counts(
    server: int, tmp_path: Path
) -> None:
    begin, lost = threading.Barrier(6), list[str]()

    def work(number: int) -> None:
        root = tmp_path / str(number)
        file = root / "runs/a/fold-0/resume.pt"
        file.parent.mkdir(parents=True)
        part = StoredPart(ObjectStore("s3://leaves/race"), "a.fold-0", root, ("runs/a/fold-0",))
        begin.wait()
        part.claim(f"one:{number}")
        (root / "runs/a/fold-0/resume.pt").parent.mkdir(exist_ok=True)
        file.write_text(f"a {number}")
        file.with_name("metrics.csv").write_text(f"b {number}")
        try:
            part.publish()
        except TakenOverError as error:
            lost.append(str(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    store = ObjectStore("s3://leaves/race")
    assert len(store.names("parts/a.fold-0/claims")) == 6
    last = (store.get("parts/a.fold-0/claims/000006") or b"").decode()
    (tmp_path / "reader").mkdir()
    StoredPart(store, "a.fold-0", tmp_path / "reader", ("runs/a/fold-0",)).fetch()
    folder = tmp_path / "reader/runs/a/fold-0"
    winner = (folder / "resume.pt").read_text()[2:]
    assert f'"one:{winner}"' in last
    assert (folder / "metrics.csv").read_text() == f"b {winner}"
    assert all("was taken over by one:" in why for why in lost)


def test_a_storage_that_cannot_be_written_is_refused_before_anything_runs(
    server: int, tmp_path: Path
) -> None:
    made = telling_workspace(tmp_path / "leaves", epochs=1, pace_s=0.0)
    said, _ = command(made, "train", "base", "--on", "local:2,s3://nowhere/x").communicate()
    assert "s3://nowhere/x/" in said
    assert "cannot be written" in said
    assert "hunter2" not in said
    assert "Traceback" not in said
    assert not list(made.runs.glob("*"))
