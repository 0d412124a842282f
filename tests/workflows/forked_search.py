"""Searches recipes in forked workers, some of which end themselves by SIGKILL; run as a script.

    python forked_search.py WORKSPACE TRIALS MOMENT …

Each MOMENT is a worker of one study: it kills itself when its progress has been told so often of a
step of training or prediction; 0 lives. Forking after the imports saves importing torch for each.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import podium.training.fitting as fitting
from podium.competition.spec import load_competition
from podium.workflows.recipe_search import plan_recipe_study, run_recipe_trials
from podium.workspace.layout import Workspace

HEARTBEAT_S = 1


class Assassin:
    """Progress that kills its process at the given moment."""

    def __init__(self, moment: int) -> None:
        self.left = moment

    def say(self, message: str) -> None:
        pass

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        yield self.tick if label.startswith("fold") else int

    def tick(self, n: int) -> None:
        if n and self.left:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


def worker(root: Path, trials: int, moment: int) -> int:
    """Start one worker and return its process."""
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
        stopped = run_recipe_trials(study, trials=trials, progress=Assassin(moment))
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
    started = [(worker(root, trials, moment), moment) for moment in moments]
    for process, moment in started:
        _, status = os.waitpid(process, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if killed != bool(moment) or (not killed and os.WEXITSTATUS(status)):
            raise SystemExit(f"the worker of moment {moment} ended with {status}")


def in_another_process(root: Path, trials: int, moments: Sequence[int]) -> None:
    """Run this script; all must end as they were told to."""
    command = [sys.executable, __file__, str(root), str(trials), *map(str, moments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    main()
