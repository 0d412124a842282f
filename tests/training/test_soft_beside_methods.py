"""Soft pseudo-labels of other runs beside methods that label unlabelled images themselves.

They lie among the labelled samples, so a labelled batch holds classes as probabilities then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from training.fold_fits import fit, history, selected
from training.test_pseudo_selection import Made, artefact, job_of, of_test

from podium.training.data.sampling import LABELLED, UNLABELLED, Batch
from podium.training.method import Step
from podium.training.methods.fixmatch import FixMatch
from podium.training.runs.job import Job

PROBS = np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25], [0.05, 0.05, 0.9]], dtype=np.float32)
SOFT = "pseudo=[{from: theirs, labels: soft, weight: 0.5%s}]"
POOL = "unlabelled=[train, test]"
STEPS = "phases=[{name: a, epochs: %d, steps_per_epoch: 2, method: %s}]"


def soft_job(made: Made, method: str, *more: str, epochs: int = 2, use: str = "") -> Job:
    probs = {"binary": PROBS[:, :1]}.get(str(made[1].kind), PROBS)
    artefact(made, {"0": ("run-x/fold-0", probs)}, of_test(3))
    recipe = (SOFT % use, POOL, STEPS % (epochs, method), *more)
    job = job_of(made, *recipe)
    job.run.mkdir(parents=True, exist_ok=True)
    return job


def softmax(logits: list[float]) -> list[float]:
    powers = [math.exp(one) for one in logits]
    return [one / sum(powers) for one in powers]


@pytest.mark.parametrize("mixed", [False, True])
def test_the_loss_of_a_batch_with_soft_labels_is_the_formula(
    mixed: bool, make: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Mapping[str, Batch], Any, dict[str, float]]] = []
    losses = FixMatch.losses

    def watched(self: FixMatch, batches: Mapping[str, Batch], step: Step) -> Any:
        logits: list[Any] = []
        run = self.run

        def recorded(*given: Any) -> Any:
            logits.append(run(*given))
            return logits[-1]

        monkeypatch.setattr(self, "run", recorded)
        found = losses(self, batches, step)
        monkeypatch.setattr(self, "run", run)
        seen.append(
            (batches, logits[0], {name: float(one.detach()) for name, one in found.items()})
        )
        return found

    monkeypatch.setattr(FixMatch, "losses", watched)
    mix = ("mix.mixup=0.5",) if mixed else ()
    fit(soft_job(make(), "{name: fixmatch, ratio: 1, threshold: 0.34, weight: 2}", *mix, epochs=8))
    weights, some_kept = set(), False
    for batches, predicted, found in seen:
        targets = predicted.targets["classify"].tolist()
        if not mixed:
            assert targets == batches[LABELLED].targets["classify"].tolist()
        labelled = weight = 0.0
        rows = zip(targets, predicted.labelled_logits["classify"].tolist(), strict=True)
        for (target, logits), w in zip(rows, batches[LABELLED].weight.tolist(), strict=True):
            assert sum(target) == pytest.approx(1, abs=1e-6)
            p = softmax(logits)
            labelled -= w * sum(t * math.log(q) for t, q in zip(target, p, strict=True))
            weight += w
            weights.add(w)
        unlabelled, n = 0.0, len(batches[UNLABELLED].index)
        weak, strong = predicted.weak["classify"].tolist(), predicted.strong["classify"].tolist()
        for q, z in zip(map(softmax, weak), map(softmax, strong), strict=True):
            if max(q) >= 0.34:
                unlabelled -= math.log(z[q.index(max(q))]) / n
                some_kept = True
        assert found["labelled"] == pytest.approx(labelled / weight, rel=1e-4)
        assert found["unlabelled"] == pytest.approx(unlabelled, rel=1e-4)
        assert found["total"] == pytest.approx(labelled / weight + 2 * unlabelled, rel=1e-4)
    assert weights == {0.5, 1.0}
    assert some_kept


METHODS = {
    "fixmatch": "{name: fixmatch, ratio: 1, threshold: 0.4, align: labelled}",
    "flexmatch": "{name: flexmatch, ratio: 1, threshold: 0.4}",
    "freematch": "{name: freematch, ratio: 1, decay: 0.9, fairness_weight: 0.5}",
    "softmatch": "{name: softmatch, ratio: 1, decay: 0.9}",
    "comatch": "{name: comatch, ratio: 1, threshold: 0.4, bank: 20, size: 8}",
    "comatch-queue": "{name: comatch, ratio: 1, threshold: 0.4, bank: 20, size: 8, queue: 9}",
    "mean_teacher": "{name: mean_teacher, ratio: 1}",
    "classical": "{name: pseudo_label, mode: classical, ratio: 1, threshold: 0}",
    "append": "{name: pseudo_label, threshold: 0}",
    "permanent": "{name: pseudo_label, mode: permanent, threshold: 0}",
    "local": "{name: pseudo_label, mode: local, threshold: 0}",
}


# Methods whose losses or whose selection are those of another one of the list.
ALIKE = ("flexmatch", "freematch", "comatch", "permanent")


@pytest.mark.other_cases("slow", every=3)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(
            pytest.param(
                name,
                "multiclass",
                marks=[pytest.mark.slow, pytest.mark.long] if name in ALIKE else [],
            )
            for name in METHODS
        ),
        ("softmatch", "multilabel"),
        ("comatch", "binary"),
        ("append", "binary"),
    ],
)
def test_every_method_learns_beside_soft_labels(
    name: str, kind: str, make: Callable[..., Made]
) -> None:
    balanced = () if kind == "multilabel" else ("sampling=balanced",)
    job = soft_job(make(kind=kind), METHODS[name], *balanced)
    fit(job)
    assert all(math.isfinite(float(row["train_loss"])) for row in history(job))
    if name in ("append", "permanent", "local"):
        # The student's own labels are hard, and join the soft ones in one stream.
        assert selected(job)
