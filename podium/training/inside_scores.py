"""Which numbers of a network are asked what speaks for them: classes, a value, classes of masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from torch import Tensor

from podium.competition.spec import TaskName
from podium.training.evaluation import activate
from podium.training.job import Job

__all__ = ["LabelScores", "Score", "label_scores", "mask_scores"]

MOST_MASKS = 2


class Score(NamedTuple):
    """A number of a network.

    Attributes:
        task: whose.
        of, name, value: as `predictions.inside.Heat` has them; value is its score.
        of_logits: from logits by task, of one image, to the scalar whose gradient is taken.
    """

    task: TaskName
    of: Literal["said", "truth", "both"]
    name: str
    value: float
    of_logits: Callable[[dict[str, Tensor]], Tensor]


class LabelScores(NamedTuple):
    """What a network says of an image's label, what is true, and what to ask about both."""

    said: str
    truth: str
    scores: list[Score]


def label_scores(job: Job, logits: Tensor, truth: Any) -> LabelScores:
    """Return what is asked about the label of an image.

    Of classes, the one that is said and the true one; of several labels, the likeliest, and the
    true one that is said least; of a value or rating, that number.

    Args:
        job: whose network.
        logits: `(C,)`.
        truth: as `load_samples` has it; None where it is not known.
    """
    competition, link = job.competition, job.link
    kind, names = job.kinds["classify"], competition.label_names
    probs = activate(logits[None], kind)[0]
    known = "" if truth is None else _as_text(truth, names, competition.kind)
    if kind == "regression" or (link is not None and link.kind != "multiclass"):
        value = float(probs[0] if link is None else link.ratings(probs[None])[0, 0])
        score = Score("classify", "said", "", value, lambda said: said["classify"][0].sum())
        return LabelScores(f"{value:.4g}", known, [score])
    if kind == "binary":
        p = float(probs[0])
        likely, right = int(p >= 0.5), None if truth is None or truth < 0 else int(truth)
        each = [1 - p, p]
    else:
        each = [float(one) for one in probs]
        likely = int(np.argmax(each))
        right = _right(truth, each, kind)
    said = names[likely]
    if kind == "multilabel":
        said = ", ".join(name for name, p in zip(names, each, strict=True) if p >= 0.5) or "none"
    asked = [(likely, "both" if likely == right else "said")]
    asked += [] if right is None or right == likely else [(right, "truth")]
    scores = [
        Score("classify", of, names[i], each[i], _logit(i, is_binary=kind == "binary"))  # type: ignore[arg-type]
        for i, of in asked
    ]
    return LabelScores(said, known, scores)


def _right(truth: Any, each: list[float], kind: str) -> int | None:
    """Return the true class; of several that is said least; None where there is none."""
    if truth is None:
        return None
    if kind == "multilabel":
        there = np.flatnonzero(np.asarray(truth) == 1).tolist()
        return min(there, key=lambda one: each[one]) if there else None
    return int(truth) if int(truth) >= 0 else None


def _logit(i: int, *, is_binary: bool) -> Callable[[dict[str, Tensor]], Tensor]:
    if is_binary:  # one logit says both: what speaks for 0 speaks against 1
        return lambda said: said["classify"][0, 0] * (1 if i else -1)
    return lambda said: said["classify"][0, i]


def _as_text(truth: Any, names: list[str], kind: str) -> str:
    if kind == "regression":
        return f"{float(truth):.4g}" if np.isfinite(truth) else ""
    if kind == "multilabel":
        return ", ".join(names[i] for i in np.flatnonzero(np.asarray(truth) == 1)) or "none"
    return names[int(truth)] if int(truth) >= 0 else ""


def mask_scores(job: Job, logits: Tensor) -> list[Score]:
    """Return what is asked about a mask: the classes with the most pixels, the larger first.

    Args:
        job: whose network.
        logits: `(C, H, W)`; of a multiclass mask the first is background.
    """
    kind, competition = job.kinds["segment"], job.competition
    probs = activate(logits[None], kind)[0]
    names = [""] if kind == "binary" else list(competition.classes)
    if kind == "multiclass":
        decided = probs.argmax(dim=0)
        places = {i: decided == i for i in range(1, len(probs))}
    else:
        places = {i: probs[i] >= 0.5 for i in range(len(probs))}
    share = {i: float(place.float().mean()) for i, place in places.items()}
    largest = sorted((i for i in share if share[i] > 0), key=lambda i: -share[i])[:MOST_MASKS]
    first = int(kind == "multiclass")
    return [
        Score("segment", "said", names[i - first], share[i], _sum_of(i, places[i])) for i in largest
    ]


def _sum_of(i: int, place: Tensor) -> Callable[[dict[str, Tensor]], Tensor]:
    return lambda said: said["segment"][0, i][place].sum()
