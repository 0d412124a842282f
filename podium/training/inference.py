"""Predict with one trained fold model and write the rows into a prediction set (needs torch)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from podium.competition.cache import open_images
from podium.errors import RunError
from podium.models import checkpoints
from podium.models.network import Network, build_network
from podium.predictions.store import write_fold
from podium.training.augment import build_eval
from podium.training.deadline import Deadline
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.evaluation import EvalImages, predict_probs
from podium.training.fold_files import Fold
from podium.training.job import Job, cached_side, image_paths
from podium.training.streams import Normaliser, Rows
from podium.workspace.progress import Progress

__all__ = ["write_predictions"]

Split = Literal["oof", "test", "unlabelled"]


def write_predictions(
    job: Job,
    fold: Fold,
    samples: Mapping[Split, pd.DataFrame],
    *,
    views: Sequence[str],
    root: Path,
    deadline: Deadline,
    progress: Progress,
) -> None:
    """Write what the model of `fold` says about each split's samples, mean over `views`.

    Raises:
        OutOfTime: after some batches it is clear that the rest will not fit.
        RunError: the fold's weights are damaged.
    """
    use_all_cores()
    with own_random_state():  # building a network draws its initial weights
        network = _trained_network(job, fold)
    for split, frame in samples.items():
        label = f"{job.files(fold).title}: {split}"
        with progress.bar(label, len(frame)) as advance:
            blocks = _probs(job, network, frame, views, advance, progress)
            with closing(_in_time(blocks, len(frame), deadline)) as timed:
                write_fold(
                    root,
                    split,
                    "classify",
                    fold,
                    ids=list(frame["id"]),
                    probs=timed,
                    model=job.model(fold),
                    meta={"views": list(views)},
                )


def _trained_network(job: Job, fold: Fold) -> Network:
    spec = job.recipe.model.model_copy(update={"pretrained": False, "weights": None})
    network = build_network(
        spec,
        n_outputs={"classify": job.competition.n_outputs},
        image_size=job.recipe.input.height_width,
        weights_root=job.workspace.root,
    )
    path = job.weights(fold)
    try:
        network.load_state_dict(checkpoints.load(path)["network"])
    except (KeyError, RuntimeError) as error:
        raise RunError(
            f"these are not the weights of this recipe's network: {error}",
            where=path,
            fix="remove the fold's folder and train it again",
        ) from error
    return network


def _probs(
    job: Job,
    network: Network,
    frame: pd.DataFrame,
    views: Sequence[str],
    advance: Callable[[int], object],
    progress: Progress,
) -> Iterator[NDArray[np.float32]]:
    recipe = job.recipe
    images = open_images(
        job.workspace,
        job.competition,
        image_paths(frame),
        shorter_side=cached_side(recipe.input),
        progress=progress,
    )
    weight = np.ones(len(frame), dtype=np.float32)
    rows = Rows(images, np.arange(len(frame)), list(frame["id"]), {}, weight)
    fabric = make_fabric(recipe)
    return predict_probs(
        network.to(fabric.device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        EvalImages(
            rows,
            build_eval(recipe.input),
            batch_size=recipe.predict.batch_size or recipe.batch_size,
            keep=False,
        ),
        Normaliser(network.mean, network.std, fabric.device),
        kind=job.competition.kind,
        views=views[1:],  # the identity is always averaged in
        autocast=fabric.autocast,
        advance=advance,
    )


def _in_time(
    blocks: Iterator[NDArray[np.float32]], n_rows: int, deadline: Deadline
) -> Generator[NDArray[np.float32], None, None]:
    """Give `blocks` as long as the rest will be done before the deadline."""
    started, done = deadline.now(), 0
    for block in blocks:
        done += len(block)
        yield block
        per_row = (deadline.now() - started) / done
        deadline.require(per_row * (n_rows - done), "these predictions")
