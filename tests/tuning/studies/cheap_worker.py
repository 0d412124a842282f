"""A worker of a cheap study, as a process: `cheap_worker.py URL TRIALS HEARTBEAT HANG_AT WAIT_MS`.

It prints a line a trial, `number value`; at its trial HANG_AT (from 0 on, -1: never) it prints
`hangs number value` and sleeps until it is killed. Between its look at the study and the trial that
it takes it waits WAIT_MS, in which others could take one, too.
"""

import sys
import time

import optuna

from podium.tuning.space import NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import TrialOutcome, open_study, run_trials, sampler

SPACE = SearchSpace(
    (SearchParameter("x", NumberRange(0.0, 1.0)), SearchParameter("n", NumberRange(1, 1000)))
)
NAME = "cheap"


def main(url: str, trials: int, heartbeat_s: int, hang_at: int, wait_ms: int) -> None:
    ran = []
    ask = optuna.Study.ask

    def ask_late(study):
        time.sleep(wait_ms / 1000)
        return ask(study)

    optuna.Study.ask = ask_late

    def objective(running):
        ran.append(running.number)
        if len(ran) - 1 == hang_at:
            say("hangs", running.number, running.values["x"])
            time.sleep(600)
        say(running.number, running.values["x"])
        return TrialOutcome((running.values["x"],))

    with open_study(
        url, NAME, sampler=sampler("random", seed=0), heartbeat_s=heartbeat_s
    ) as opened:
        run_trials(opened, SPACE, objective, trials=trials)
        say("notes", *opened.notes)


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], *(int(one) for one in sys.argv[2:6]))
