"""Searches recipes in forked workers, some of which end themselves by SIGKILL; run as a script.

    python forked_search.py WORKSPACE TRIALS MOMENT …

Each MOMENT is a worker of one study: it kills itself when its progress has been told so often of a
step of training or prediction; 0 lives. Forking after the imports saves importing torch for each.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import podium.training.fit.fold as fitting
from podium.competition.spec import load_competition
from podium.workflows.tuning.recipe_trials import plan_recipe_study, run_recipe_trials
from podium.workspace.layout import Workspace

# Who lives is never taken for dead, however slow the machine is; the signs of life of one that was
# killed are dated back.
HEARTBEAT_S = 60
PATIENCE_S = 120.0


class Assassin:
    """Progress that kills its process at the given moment; all workers begin together."""

    def __init__(self, moment: int, wait: Callable[[], object]) -> None:
        self.left, self.wait, self.began = moment, wait, False

    def say(self, message: str) -> None:
        pass

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        yield self.tick if label.startswith("fold") else int

    def tick(self, n: int) -> None:
        if not self.began:
            self.began = True
            self.wait()
        if n and self.left:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


def worker(root: Path, trials: int, moment: int, wait: Callable[[], object]) -> int:
    """Start one worker, which waits in its first trial, and return its process."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        fitting.fit_fold.__kwdefaults__["checkpoint_every_s"] = 0.0
        study = plan_recipe_study(
            Workspace(root),
            load_competition(root),
            "base",
            root / "space.yaml",
            heartbeat_s=HEARTBEAT_S,
        )
        stopped = run_recipe_trials(study, trials=trials, progress=Assassin(moment, wait))
        status = 2 if stopped else 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Start all workers at once; each must end as it was told to."""
    root, trials = Path(sys.argv[1]), int(sys.argv[2])
    moments = [int(one) for one in sys.argv[3:]]
    # Else one could have done all trials before another takes its first.
    together = multiprocessing.get_context("fork").Barrier(len(moments), timeout=PATIENCE_S)
    started = {worker(root, trials, moment, together.wait): moment for moment in moments}
    while started:
        process, status = os.wait()
        moment = started.pop(process)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if killed != bool(moment) or (not killed and os.WEXITSTATUS(status)):
            raise SystemExit(f"the worker of moment {moment} ended with {status}")
        if killed:
            date_back(root, process)


def date_back(root: Path, process: int) -> None:
    """Have the last signs of life of a worker come from long ago."""
    with closing(sqlite3.connect(root / "studies.db", timeout=PATIENCE_S)) as database, database:
        done = database.execute(
            "UPDATE trial_heartbeats SET heartbeat = '2001-01-01 00:00:00.000000' WHERE trial_id IN"
            " (SELECT trial_id FROM trial_user_attributes WHERE key = 'worker'"
            f" AND value_json LIKE '%:{process}\"')"
        )
        assert done.rowcount > 0


def in_another_process(root: Path, trials: int, moments: Sequence[int]) -> None:
    """Run this script; all must end as they were told to."""
    from loaded_python import loaded_python  # the script itself finds no neighbours

    command = [loaded_python(), __file__, str(root), str(trials), *map(str, moments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    main()
