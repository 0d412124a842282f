"""What is in a table of pseudo-labels: how many, how sure, of which classes, how many are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.predictions.confidence import label_confidence
from podium.predictions.decide import decide
from podium.training.pseudo_choice import class_counts
from podium.training.pseudo_tables import Labels, MaskPlaces

__all__ = ["describe_labels", "describe_masks", "in_words"]


def in_words(competition: Competition, probs: NDArray[np.float32]) -> Labels:
    """Return what `probs` `(N, C)` say as a table of pseudo-labels has it.

    A multilabel image's label is the names of its classes, its confidence their mean.
    """
    kind, names = competition.kind, competition.label_names
    decided = decide(probs, None, kind)
    confidence = label_confidence(probs, kind)
    if kind == "multilabel":
        words = [" ".join(names[c] for c in np.flatnonzero(row)) for row in decided]
        return words, confidence.mean(axis=1), probs
    words = [f"{one:g}" if kind == "regression" else names[int(one)] for one in decided]
    return words, confidence, probs


def describe_labels(
    competition: Competition, probs: NDArray[np.float32], samples: pd.DataFrame, threshold: float
) -> dict[str, Any]:
    """Return what the labels are at `threshold`, as JSON has it.

    Args:
        competition: whose.
        probs: `(N, C)`.
        samples: N; their `label`, where it is known, is the truth.
        threshold: what is less sure is not kept.

    Returns:
        kept: images with a label; confidence: mean of all; classes: how many of each are kept;
        known: kept labels of which the truth is known; precision: share of these that are right
        (multilabel: of single decisions, yes or no), None where there is none.
    """
    kind = competition.kind
    confidence, decided = label_confidence(probs, kind), decide(probs, None, kind)
    is_kept = confidence >= np.float32(threshold)
    facts: dict[str, Any] = {
        "kept": int(np.atleast_2d(is_kept.T).any(axis=0).sum()),
        "confidence": None if kind in ("regression", "ordinal") else float(confidence.mean()),
    }
    if kind == "regression":
        return facts
    is_known = samples["label"].notna().to_numpy()
    right = decided[is_known] == truth(samples[is_known], competition)
    judged = is_kept[is_known]
    n_known = int(judged.sum())
    return {
        **facts,
        "classes": class_counts(probs, is_kept, competition),
        "known": n_known,
        "precision": float(right[judged].mean()) if n_known else None,
    }


def describe_masks(
    competition: Competition, masks: MaskPlaces, showing: NDArray[np.int64]
) -> dict[str, Any]:
    """Return what the masks are at the threshold that they were written with.

    Args:
        competition: whose.
        masks: as they lie.
        showing: `(K,)`: in how many masks each class has a pixel.

    Returns:
        kept: images of which a pixel is known; pixels: share of all pixels that are; confidence:
        mean over the images; classes: how many images show each.
    """
    names = competition.classes_of("segment") or ["foreground"]
    if competition.mask_kind == "binary":
        names = [names[-1]]
    areas = masks.sizes.prod(axis=1)
    return {
        "kept": int(masks.known(0.0).sum()),
        "pixels": float((masks.kept * areas).sum() / areas.sum()),
        "confidence": float(masks.confidence.mean()),
        "classes": dict(zip(names, showing.tolist(), strict=True)),
    }
