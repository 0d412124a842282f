"""A training that cannot go on: what was seen, what is kept of it, and what to try.

Never is a state saved whose weights are no numbers. When predictions are all alike for the first
time, the last checkpoint from before that epoch is set aside until this is over, or certain. So the
same command goes on from the last good state; as it draws the same numbers it will be stopped
again, unless the cause was outside of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from podium.errors import RunError
from podium.models import checkpoints
from podium.training import advice, collapse
from podium.training.fold_files import FoldFiles
from podium.training.phase_run import PhasePlan
from podium.training.recipe import Recipe
from podium.training.standing import Standing
from podium.workspace.progress import Progress

__all__ = ["Watchman"]

FEW = 1e-3
LONG = 5
ANOTHER_RUN = "; that is another run, which begins anew, or by model.from at a finished run's end"


@dataclass(frozen=True)
class Watchman:
    """Stops the training of a fold that has diverged or collapsed.

    Args:
        files: the fold's folder.
        recipe: as resolved.
        phases: of the recipe, made ready.
    """

    files: FoldFiles
    recipe: Recipe
    phases: Sequence[PhasePlan]

    def refuse_nan(self, loss: float, standing: Standing) -> None:
        """Raise RunError where the loss is no number."""
        if not math.isfinite(loss):
            raise self._divergence(f"the loss became {loss}", standing)

    def refuse_lost(self, modules: Sequence[nn.Module], standing: Standing) -> None:
        """Raise RunError where a loss so far, or a weight, is no number."""
        self.refuse_nan(standing.sums.get("total", 0.0), standing)
        if not collapse.are_finite(collapse.trained_tensors(*modules)):
            raise self._divergence("weights became nan or infinite", standing)

    def heed(self, seen: Mapping[str, collapse.Seen], standing: Standing) -> None:
        """Set a checkpoint aside while predictions are all alike; raise if they stay so.

        It is the last one from before the first such epoch. Where checkpoints are written within
        epochs, that is the state at the epoch's start.

        Args:
            seen: what the validation of the epoch that is over saw.
            standing: takes note of it.

        Raises:
            RunError: a task has collapsed; the checkpoint is the one that was set aside.
        """
        standing.stuck = stuck = collapse.follow(standing.stuck, seen)
        task = collapse.collapsed(stuck, seen)
        is_first = all(epochs == 1 for epochs, _ in stuck.values())
        if is_first:  # or none is stuck
            self.files.good.unlink(missing_ok=True)
        if stuck and is_first:
            self.files.set_good_aside(within=standing.has_checkpoint)
        if task is not None and (last := seen[task].stuck) is not None:
            self.files.return_to_good()
            plan, (epochs, loss) = self.phases[standing.phase], stuck[task]
            raise self._stopped(
                f"{task} collapsed in epoch {standing.epoch} of phase {plan.spec.name}: "
                f"{last.how}, for {epochs} epochs, in which its validation loss came from "
                f"{loss:.4g} to {seen[task].loss:.4g}",
                advice.against_collapse(task, plan, self.recipe),
            )

    def tell_alike(self, standing: Standing, progress: Progress) -> None:
        """Say, once a phase, that what its method compares has become alike for long.

        The run goes on: nothing is scored here, and some methods come out of it.
        """
        found = collapse.vectors_alike(standing.history)
        phase = self.phases[standing.phase].spec.name
        one = found.get(phase)
        if one is not None and one["epoch"] == standing.epoch:
            meters = [f"{name} {one[name]:.2g}" for name in collapse.METERS if name in one]
            progress.say(
                f"{self.files.title}: the vectors of phase {phase} point in hardly more than one "
                f"direction ({', '.join(meters)}, for {collapse.SURE} epochs), so the network may "
                "come to say the same of all images: try a lower rate, larger batches, or another "
                "method"
            )

    def idle(self, standing: Standing) -> str | None:
        """Return a note on a phase that is over whose method hardly labelled anything by itself.

        That is so where in each of its last LONG epochs it kept less than FEW of its answers: no
        collapse, the run is as good as one of labels alone.
        """
        plan = self.phases[standing.phase]
        phase = plan.spec.name
        rows = [row for row in standing.history if row["phase"] == phase][-LONG:]
        shares = [float(row.get("kept", 1.0)) for row in rows]
        if len(rows) < LONG or max(shares) >= FEW:
            return None
        tries = advice.against_silence(plan.objectives, plan.method.options)
        return (
            f"{self.files.title}: in the last {LONG} epochs of phase {phase} "
            f"{plan.spec.method.name} kept {max(shares):.2%} of its answers at most, so it learnt "
            f"from the labels alone{'' if tries is None else f': {tries}'}"
        )

    def _divergence(self, what: str, standing: Standing) -> RunError:
        # Between two epochs it is the one before.
        epoch, plan = standing.epoch + (standing.step > 0), self.phases[standing.phase]
        what = f"{what} in epoch {epoch} of phase {plan.spec.name}"
        return self._stopped(what, advice.against_divergence(plan, self.recipe))

    def _stopped(self, what: str, tries: str) -> RunError:
        kept = "nothing was saved before, so the same command begins anew"
        if self.files.resume.is_file():
            at = Standing.from_state(checkpoints.load(self.files.resume)["standing"])
            after = f"step {at.step} of epoch {at.epoch + 1}" if at.step else f"epoch {at.epoch}"
            phase = self.phases[at.phase].spec.name
            kept = f"the state after {after} of phase {phase} is kept, from which the same command "
            kept += f"goes on ({self.files.resume.name})"
        return RunError(f"{what}; {kept}", where=self.files.title, fix=tries + ANOTHER_RUN)
