"""Runs `podium study transfer` and ends it by SIGKILL; run as a script.

    python killed_study.py WORKSPACE RUN MOMENT

It kills itself when its progress has been told so often of a step of training.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from podium.competition.spec import load_competition
from podium.training.fit import fold
from podium.workflows.studies.transfer import transfer_study
from podium.workspace.layout import Workspace


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
        self.left -= bool(n)
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    root, run, moment = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    assert fold.fit_fold.__kwdefaults__ is not None
    fold.fit_fold.__kwdefaults__["checkpoint_every_s"] = 0.0
    transfer_study(
        Workspace(root),
        load_competition(root),
        "fine",
        pretrained=run,
        seeds=(0, 1),
        folds=(0,),
        progress=Assassin(moment),
    )
