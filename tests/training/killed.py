"""Trains a workspace in forked processes that end themselves by SIGKILL; run as a script.

    python killed.py MOMENT,… WORKSPACE …

For each MOMENT each workspace is copied to WORKSPACE-MOMENT, a process trains there until its
progress has been told MOMENT times (a step is done, some rows are predicted) and kills itself, and
a second process runs the same call to its end. It is run where torch is loaded already, and forks
again for each.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import podium.training.fit.fold as fitting
from podium.competition.spec import load_competition
from podium.training.runs.train import train
from podium.workspace.layout import Workspace


class Assassin:
    """Progress that kills its process at the given moment."""

    def __init__(self, moment: int | None) -> None:
        self.left = moment

    def say(self, message: str) -> None:
        pass

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        # Other bars are of files that are read before the training begins.
        yield self.tick if label.startswith("fold") else int

    def tick(self, n: int) -> None:
        if self.left is not None and n:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def work(root: Path, moment: int | None) -> None:
    """Train in a child process, to the end or to its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            fitting.fit_fold.__kwdefaults__["checkpoint_every_s"] = 0.0
            done = train(
                Workspace(root),
                load_competition(root),
                root / "recipes/tiny.yaml",
                folds=[0],
                progress=Assassin(moment),
            )
            status = 0 if done.finished == (0,) else 2
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if killed if moment is None else not killed:
        raise SystemExit(f"moment {moment}: the process ended with {status}")
    if moment is None and os.WEXITSTATUS(status):
        raise SystemExit(f"the process failed with {os.WEXITSTATUS(status)}")


def main() -> None:
    """Train unbroken in each workspace itself, and broken in its copies."""
    moments = [int(one) for one in sys.argv[1].split(",")]
    for root in map(Path, sys.argv[2:]):
        each(root, moments)


def each(root: Path, moments: Sequence[int]) -> None:
    """Train in a workspace and in its copies, one for each moment."""
    for moment in moments:
        shutil.copytree(root, root.with_name(f"{root.name}-{moment}"))
    work(root, None)
    for moment in moments:
        broken = root.with_name(f"{root.name}-{moment}")
        work(broken, moment)
        work(broken, None)


def in_another_process(
    roots: Path | Sequence[Path], moments: Sequence[int], **variables: str
) -> None:
    """Run this script, with further `variables` of the environment; it must succeed."""
    from loaded_python import loaded_python  # the script itself finds no neighbours

    workspaces = [roots] if isinstance(roots, Path) else roots
    command = [loaded_python(), __file__, ",".join(map(str, moments)), *map(str, workspaces)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    main()
