"""What is saved of a fold: its training, to go on from there, and the network that predicts.

`resume.pt` holds the state of the training with the network, its average and the phase (optimiser,
random numbers, memory of the method). Where it was written within an epoch, `before.pt` is the last
one from before that epoch, which `collapse` may have to return to.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from podium.models import checkpoints
from podium.models.network import Network
from podium.models.trained_on import TRAINED_ON, TrainedOn
from podium.training.data.augment import Normalisation
from podium.training.fit.averaging import AveragedNetwork
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import TrainingState
from podium.workspace.atomic import remove

__all__ = ["load_training", "save_network", "save_training"]

CHECKPOINT_FORMAT = 1

PhaseState = Mapping[str, Any]


def save_training(
    files: FoldFiles,
    state: TrainingState,
    network: Network,
    average: AveragedNetwork | None,
    phase: PhaseState | None,
) -> None:
    """Write the fold's checkpoint; keep the one from before the epoch while that is under way.

    Args:
        files: the fold's folder.
        state: of the training; `has_checkpoint` is set where the epoch is under way.
        network: that learns.
        average: of its weights, where the recipe has one.
        phase: state of the phase's run; None between two phases.
    """
    if state.step > 0 and not state.has_checkpoint:
        files.keep_before()
        state.has_checkpoint = True
    checkpoints.save(
        files.resume,
        {
            "format": CHECKPOINT_FORMAT,
            "training_state": state.state_dict(),
            "network": network.state_dict(),
            "normalisation": Normalisation.of(network).state,
            TRAINED_ON: network.trained_on.facts,
            "average": None if average is None else average.state_dict(),
            "phase": phase,
        },
    )
    if state.step == 0:
        remove(files.before)


def load_training(
    files: FoldFiles, network: Network, average: AveragedNetwork | None
) -> tuple[TrainingState, PhaseState | None] | None:
    """Load the fold's checkpoint into `network` and `average`; None: the fold has none.

    Returns:
        The state of the training and that of the phase's run, as `save_training` got them.
    """
    if not files.resume.is_file():
        return None
    # Into the memory of the processor: there Adam counts its steps.
    saved = checkpoints.load(files.resume)
    network.load_state_dict(saved["network"])
    learnt = TrainedOn.from_facts(saved.get(TRAINED_ON))
    network.trained_on = learnt or TrainedOn(is_known=False)
    if average is not None:
        average.load_state_dict(saved["average"])
    return TrainingState.from_state(saved["training_state"]), saved["phase"]


def save_network(
    path: Path, network: nn.Module, normalisation: Normalisation, trained_on: TrainedOn
) -> None:
    """Write the weights of a network that predicts, and what its images are normalised with.

    And which labelled images they learnt.
    """
    checkpoints.save(
        path,
        {
            "format": CHECKPOINT_FORMAT,
            "network": network.state_dict(),
            "normalisation": normalisation.state,
            TRAINED_ON: trained_on.facts,
        },
    )
