"""The content of samples as one digest: ids, images, and what is learnt of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from podium.competition.masks import mask_digests
from podium.competition.spec import Competition
from podium.tasks.protocols.names import TaskName, has_images, has_pixels
from podium.workspace.ids import FileDigests, canonical_json
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["content_digest"]


def content_digest(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    *,
    answers: Collection[TaskName] = (),
    progress: Progress = SILENT,
) -> str:
    """Return the sha256 of `samples`: ids in order and image contents.

    With `answers`, tasks whose labels or masks are learnt, also weights, labels and masks.
    """
    files = {
        canonical_json([sample, number]): competition.root / path
        for sample, paths in zip(samples["id"], samples["images"], strict=True)
        for number, path in enumerate(paths)
        if path
    }
    images = FileDigests(workspace).of_many(files, progress=progress)
    facts: list[Any] = [images, list(samples["id"])]
    if has_images(answers):
        facts += [[_json_label(one) for one in samples["label"]]]
    if has_pixels(answers):
        facts += [mask_digests(workspace, competition, samples)]
    if answers:
        facts += [[float(w) for w in samples["weight"]]]
    return hashlib.sha256(canonical_json(facts).encode("ascii")).hexdigest()


def _json_label(label: Any) -> Any:
    """Return a label as JSON has it: an integer, a float, a list of integers, or None."""
    if isinstance(label, np.ndarray):
        return label.tolist()
    if isinstance(label, float | np.floating):
        return None if np.isnan(label) else float(label)
    return None if label is None else int(label)
