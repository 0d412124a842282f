"""The loop against a plain one, and against a clock that ticks with its steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from training.fold_fits import StepClock, fit, fit_in_pieces, job_on, left_behind

from podium.competition.cache import open_images
from podium.competition.samples import truth
from podium.errors import RecipeError
from podium.models.network import build_network
from podium.training.data.augment import build_train
from podium.training.data.sampling import derive_seed, pass_order
from podium.training.fit.fold import fit_fold
from podium.training.recipe import load_recipe
from podium.training.runs.job import Deadline, Job, OutOfTime, cached_side, image_paths

PLAIN = (
    "phases=[{name: only, epochs: 3}]",
    "optimizer={name: sgd, lr: 0.05, weight_decay: 0, schedule: constant}",
)


def job_of(made: tuple, *overrides: str) -> Job:
    workspace, competition = made
    recipe = load_recipe(workspace.recipes / "tiny.yaml", overrides)
    return job_on(workspace, competition, recipe)


def plain_loop(job: Job) -> torch.nn.Module:
    """Train fold 0 as anyone would write it, and return the network."""
    recipe, samples = job.recipe, job.data.samples
    images = open_images(
        job.workspace,
        job.competition,
        image_paths(samples),
        shorter_side=cached_side(recipe.input),
    )
    train, _ = job.data.rows(0)
    answers = torch.from_numpy(truth(samples, job.competition))
    torch.manual_seed(derive_seed("network", recipe.seed))
    network = build_network(recipe.model, n_outputs={"classify": 3}, image_size=(32, 32))
    network = network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    view = build_train(recipe.input)
    mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in (network.mean, network.std))
    network.train()
    for epoch in range(3):
        drawn = pass_order(len(train), seed=0, phase=0, stream="labelled", pass_=epoch)
        for number, start in enumerate(range(0, len(train), 8)):
            rows = train[drawn[start : start + 8]]
            names = ["view", 0, 0, epoch, "labelled", "train", 0]
            seen = [view(images[r], derive_seed(*names, samples["id"][r], 0)) for r in rows]
            batch = torch.from_numpy(np.stack(seen)).permute(0, 3, 1, 2).float() / 255
            torch.manual_seed(derive_seed("torch", 0, 0, epoch * 3 + number, 0))
            logits = network((batch - mean) / std)["classify"]
            optimizer.zero_grad()
            F.cross_entropy(logits, answers[rows]).backward()
            optimizer.step()
    return network


def test_the_loop_trains_as_a_plain_pytorch_loop_does(make: Callable) -> None:
    job = job_of(make(), *PLAIN)
    fit(job)
    ours = torch.load(job.weights(0), weights_only=True)["network"]
    # Normalising by one multiply-add, and losses as weighted means, round differently.
    for name, tensor in plain_loop(job).state_dict().items():
        torch.testing.assert_close(ours[name], tensor, atol=2e-4, rtol=1e-3, msg=name)


@pytest.mark.parametrize(("limit", "steps"), [(2, 0), (5, 3), (8, 6), (1000, 12)])
def test_training_stops_before_the_limit_by_the_measured_epoch(
    make: Callable, limit: int, steps: int
) -> None:
    # An epoch takes 3 ticks. The first one is timed step by step, the others as wholes.
    job = job_of(make(), "phases=[{name: only, epochs: 4}]")
    clock = StepClock()
    deadline = Deadline(limit, clock=clock)
    if limit == 1000:
        fit_fold(job, 0, deadline=deadline, progress=clock)
        assert job.files(0).is_done
    else:
        with pytest.raises(OutOfTime):
            fit_fold(job, 0, deadline=deadline, progress=clock)
        assert job.files(0).resume.is_file()
    assert clock.time <= limit
    assert abs(clock.time - steps) <= 1


def test_a_run_stopped_by_time_again_and_again_ends_as_the_unbroken_one(make: Callable) -> None:
    unbroken, broken = job_of(make("a")), job_of(make("b"))
    fit(unbroken)
    assert 1 <= fit_in_pieces(broken, 5) < 20
    assert left_behind(broken) == left_behind(unbroken)
    assert left_behind(broken)["epochs"] == [1, 2]


def test_an_unknown_policy_of_a_method_is_refused_before_an_epoch(make: Callable) -> None:
    job = job_of(make(), "phases[1].method={name: fixmatch, strong: mild}")
    with pytest.raises(RecipeError, match="there is no 'mild' among the policies"):
        fit(job)
    assert not job.files(0).metrics.exists()
