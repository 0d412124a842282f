"""A page about thousands of classes: of which the likeliest of each row are kept."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from podium.competition.spec import Competition
from podium.predictions import decide
from podium.predictions.top_k import TopK
from podium.reporting.labels.evaluation import LabelEvaluation
from podium.reporting.labels.view import view_labels
from podium.reporting.subjects import MOST_CLASSES, label_subject_of

C, N = MOST_CLASSES + 100, 80


def lens_of() -> tuple[LabelEvaluation, np.ndarray]:
    spec = {
        "name": "hotels",
        "tasks": {"classify": "multiclass"},
        "classes": [f"h{i}" for i in range(C)],
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}.png", "label": "l"},
            "test": {"images": "test/*.png"},
        },
        "metric": {"name": "accuracy"},
    }
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.full(C, 0.05), N).astype(np.float32)
    truth = np.where(rng.random(N) < 0.5, probs.argmax(axis=1), rng.integers(0, 3, N))
    ids = [f"i{i}" for i in range(N)]
    samples = pd.DataFrame({"id": ids, "images": [(f"{one}.png",) for one in ids]})
    kept = TopK.of(probs, 5)
    competition = Competition.model_validate(spec)
    decisions = decide(kept, None, competition.kind)
    return LabelEvaluation(competition, samples, np.arange(N) % 2, truth, kept, decisions), probs


def test_mistakes_and_confidences_are_those_of_all_probabilities() -> None:
    lens, probs = lens_of()
    confidence, came_true = lens.confidence()
    np.testing.assert_allclose(confidence, probs.max(axis=1))
    np.testing.assert_array_equal(came_true, probs.argmax(axis=1) == lens.truth)
    wrong = [i for i in range(N) if probs[i].argmax() != lens.truth[i]]
    wrong.sort(key=lambda i: -probs[i].max())
    found = lens.mistakes(4)
    assert [one.row for one in found] == wrong[:4]
    assert found[0].predicted == f"h{probs[wrong[0]].argmax()}"


@pytest.mark.slow
def test_the_page_has_the_pairs_and_no_table_of_all_classes() -> None:
    lens, probs = lens_of()
    view = view_labels("r-1", None, label_subject_of(lens), [], metric="accuracy", score=None)
    assert view.scores is None
    drawn = {title: [one.title for one in some] for title, some in view.groups}
    assert drawn["Confusion"] == ["Worst pairs"], "no matrix"
    assert list(drawn) == ["Confusion", "Calibration", "Over- and under-predicted"]
    predicted = probs.argmax(axis=1)
    pairs = Counter((int(t), int(s)) for t, s in zip(lens.truth, predicted, strict=True) if t != s)
    assert view.pairs[0][2] == max(pairs.values())
    for right, other, n, share in view.pairs:
        key = (int(right[1:]), int(other[1:]))
        assert pairs[key] == n
        assert share == n / (lens.truth == key[0]).sum()
