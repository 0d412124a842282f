"""A network's prediction for an image is the same to the last bit in any test set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from training.fold_fits import fit, job_on

from podium.competition.spec import load_competition
from podium.predictions import PredictionSet
from podium.predictions.retrieval import EMBED
from podium.predictions.views import ViewSet
from podium.training.inference import network
from podium.training.recipe import Recipe
from podium.training.runs.job import Deadline, Job
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

N_TEST = 34
BATCH = 32


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A network of labels and masks after a short training, and 34 test images."""
    root = tmp_path_factory.mktemp("ws")
    miniature = mask_miniatures.pictures_and_masks(root / "data", n_test=N_TEST)
    (root / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    recipe = {
        "model": {
            "backbone": "cnn",
            "options": {"widths": [8, 16]},
            "pretrained": False,
            "heads": {"classify": {}, "segment": {"decoder": "linear"}},
        },
        "input": {"size": 32, "train": "none"},
        "batch_size": 8,
        "phases": [{"name": "only", "epochs": 1}],
        "predict": {"batch_size": BATCH, "tta": ["hflip"], "embeddings": True},
    }
    job = job_on(Workspace(root), load_competition(root), Recipe.model_validate(recipe))
    fit(job)
    return job


@pytest.fixture
def say(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function from test images, in an order, to their predictions, by id."""

    def run(ids: Sequence[str], tasks: Sequence[str]) -> dict[str, tuple[bytes, ...]]:
        root = tmp_path / f"set-{len(list(tmp_path.iterdir()))}"
        frame = job.samples("test").set_index("id", drop=False).loc[list(ids)]
        frame = frame.reset_index(drop=True)
        masks: list[bytes] = []

        def keep(*_: Any, bands: Any, sizes: Any, **__: Any) -> None:
            rows = np.concatenate(list(bands)).astype(np.float32, casting="no")
            ends = np.cumsum([height for height, _ in sizes])
            masks.extend(one.tobytes() for one in np.split(rows, ends[:-1]))

        # What is stored of masks is rounded, which would hide the last bits.
        monkeypatch.setattr(network, "write_masks", keep)
        network.write_predictions(
            job,
            0,
            {"test": (frame, tasks)},  # type: ignore[dict-item]
            vectors={"test": frame},
            views=ViewSet.of(["hflip"]),
            root=root,
            deadline=Deadline(None),
            progress=SILENT,
        )
        found: dict[str, list[bytes]] = {one: [] for one in ids}
        for task in (EMBED, *(["classify"] if "classify" in tasks else [])):
            reader = PredictionSet(root).fold("test", task, 0)
            for one, row in zip(reader.ids, reader.probs(), strict=True):
                found[one].append(row.tobytes())
        for one, mask in zip(ids, masks, strict=False):
            found[one].append(mask)
        return {one: tuple(predicted) for one, predicted in found.items()}

    return run


@pytest.mark.parametrize("tasks", [["classify"], ["classify", "segment"]])
def test_an_image_gets_the_same_bits_alone_and_among_others_in_any_order(
    job: Job, say: Any, tasks: list[str]
) -> None:
    rng = np.random.default_rng(0)
    every = list(job.samples("test")["id"])
    one = every[5]
    whole = say(every, tasks)
    assert len(whole[one]) == len(tasks) + 1
    assert say([one], tasks)[one] == whole[one]
    for n_others in (2, 31, 33):
        others = [other for other in every if other != one]
        ids = list(rng.permutation([one, *rng.choice(others, n_others, replace=False)]))
        assert say(ids, tasks) == {other: whole[other] for other in ids}, n_others


def test_padding_of_the_last_batch_is_not_predicted(job: Job, say: Any) -> None:
    every = list(job.samples("test")["id"])
    assert list(say(every[:3], ["classify"])) == every[:3]
    assert len(set(say(every, ["classify"]).values())) == N_TEST
