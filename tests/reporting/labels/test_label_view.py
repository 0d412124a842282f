"""Labels on the page in edge cases: absent classes, names, missing files."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.predictions import decide
from podium.reporting.labels.evaluation import LabelEvaluation
from podium.reporting.labels.view import MISTAKES, MOST_REPORTED, view_labels
from podium.reporting.pages.report_page import BestPredictions
from podium.reporting.pages.templating import templates
from podium.reporting.subjects import label_subject_of

HOSTILE = ["<b>x</b><script>alert(1)</script>", "\"><img src=x onerror='a'> & $a$", "שלום 😀"]


def competition_of(names, root=None, kind="multiclass"):
    spec = {
        "name": "birds",
        "tasks": {"classify": kind},
        "classes": list(names),
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}.png", "label": "l"},
            "test": {"images": "test/*.png"},
        },
        "metric": {"name": "accuracy"},
    }
    found = Competition.model_validate(spec)
    if root is not None:
        found = found.at(root)
    return found


def lens_of(names, truth, probs, root=None, kind="multiclass"):
    ids = [f"i{i}" for i in range(len(truth))]
    samples = pd.DataFrame({"id": ids, "images": [(f"{one}.png",) for one in ids]})
    competition = competition_of(names, root, kind)
    decisions = decide(probs, None, competition.kind)
    folds = np.arange(len(truth)) % 2
    return LabelEvaluation(competition, samples, folds, truth, probs, decisions)


def answers(n_classes, n, *, absent=(), unsaid=(), seed=0):
    """Return truth and probabilities: no row is of an `absent` class, or likeliest `unsaid`."""
    rng = np.random.default_rng(seed)
    truth = rng.choice([i for i in range(n_classes) if i not in absent], n)
    other = rng.choice([i for i in range(n_classes) if i not in unsaid], n)
    predicted = np.where((rng.random(n) < 0.6) & ~np.isin(truth, list(unsaid)), truth, other)
    probs = np.full((n, n_classes), 0.1 / n_classes, dtype=np.float32)
    probs[np.arange(n), predicted] += rng.uniform(0.3, 0.9, n)
    return truth, probs


def rendered(view, competition):
    template = templates().from_string(
        '{% import "parts.html" as parts %}{% include "labels.html" %}'
    )
    best = BestPredictions(None, view, None)
    return template.render(
        best=best, competition=competition, metric=metrics.of(competition), blends=[]
    )


@pytest.mark.slow
@pytest.mark.parametrize("n_classes", [3, 20])
def test_absent_and_never_predicted_classes_have_no_recall_or_precision(n_classes):
    names = [HOSTILE[i % 3] + str(i) for i in range(n_classes)]
    truth, probs = answers(n_classes, 90, absent=[0], unsaid=[2])
    lens = lens_of(names, truth, probs)
    problems: list[str] = []
    subject = label_subject_of(lens)
    view = view_labels("r-1", None, subject, problems, metric="accuracy", score=0.5)
    assert view.scores.truth[0] == 0 < view.scores.predicted[0]
    assert view.scores.predicted[2] == 0 < view.scores.truth[2]
    assert np.isnan(view.scores.values[0, 0]), "recall of a class without rows"
    assert np.isnan(view.scores.values[2, 1]), "precision of a class that is never predicted"
    assert all(truth != names[0] for truth, *_ in view.pairs)
    assert all(predicted != names[2] for _, predicted, *_ in view.pairs)
    shown = {one.name: (one.predicted, one.truth) for one in view.samples}
    assert shown[names[2]] == (0, (truth == 2).sum())
    text = rendered(view, lens.competition)
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "predicted 0 times" in text


def test_pictures_that_are_missing_leave_gaps_and_a_few_lines(tmp_path):
    truth, probs = answers(4, 80)
    lens = lens_of("abcd", truth, probs, tmp_path)
    (first,) = lens.mistakes(1)
    Image.new("RGB", (8, 8)).save(tmp_path / f"i{first.row}.png")
    problems: list[str] = []
    view = view_labels("r-1", None, label_subject_of(lens), problems, metric="accuracy", score=0.5)
    assert [bool(card.picture) for card in view.cards] == [True] + [False] * (len(view.cards) - 1)
    assert 1 < len(view.cards) <= MISTAKES
    assert len(problems) == MOST_REPORTED + 1
    gone = {card.id for one in view.samples for card in one.cards if not card.picture}
    gone |= {card.id for card in [*view.cards, *view.of_pairs, *view.right] if not card.picture}
    assert problems[-1] == f"{len(gone) - MOST_REPORTED} more images of mistakes cannot be read"


@pytest.mark.slow
def test_classes_off_most_are_shown_with_the_rows_that_make_them_so():
    truth, probs = answers(6, 200, unsaid=[1])
    lens = lens_of("abcdef", truth, probs)
    view = view_labels("r-1", None, label_subject_of(lens), [], metric="accuracy", score=0.5)
    predicted = lens.decisions
    off = {c: (predicted == c).sum() - (truth == c).sum() for c in range(6)}
    expected = sorted((c for c in off if off[c] > 0), key=lambda c: -off[c])[:3]
    expected += sorted((c for c in off if off[c] < 0), key=lambda c: off[c])[:3]
    assert [one.name for one in view.samples] == ["abcdef"[c] for c in expected]
    for one, number in zip(view.samples, expected, strict=True):
        for card in one.cards:
            row = card.mistake.row
            assert (predicted if off[number] > 0 else truth)[row] == number
            assert predicted[row] != truth[row]


def test_of_two_classes_the_images_are_shown_once():
    truth, probs = np.array([0, 0, 0, 1, 1]), np.array([[0.9], [0.8], [0.2], [0.7], [0.4]])
    lens = lens_of(["no", "yes"], truth, probs, kind="binary")
    view = view_labels("r-1", None, label_subject_of(lens), [], metric="accuracy", score=0.5)
    (one,) = view.samples
    assert (one.name, one.predicted, one.truth) == ("yes", 3, 2)
    assert [card.id for card in one.cards] == ["i0", "i1"]


@pytest.mark.slow
def test_groups_of_confused_classes_are_listed_with_their_mistakes():
    group = np.arange(20) // 4
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 20, 1500)
    predicted = np.where(rng.random(1500) < 0.5, truth, 4 * group[truth] + rng.integers(0, 4, 1500))
    probs = np.full((1500, 20), 0.01, dtype=np.float32)
    probs[np.arange(1500), predicted] = 0.5
    names = [f"c{i}" for i in range(20)]
    view = view_labels(
        "r-1",
        None,
        label_subject_of(lens_of(names, truth, probs)),
        [],
        metric="accuracy",
        score=None,
    )
    assert len(view.confused) == 5
    for members, n, share in view.confused:
        numbers = {int(one[1:]) for one in members}
        assert len({group[i] for i in numbers}) == 1
        assert len(numbers) == 4
        assert n == sum(t in numbers and t != s for t, s in zip(truth, predicted, strict=True))
        assert share == 1.0


@pytest.mark.long
@pytest.mark.slow
def test_800_classes_of_20000_rows_need_little_memory():
    truth, probs = answers(800, 20_000)
    lens = lens_of([f"class {i}" for i in range(800)], truth, probs)
    tracemalloc.start()
    try:
        subject = label_subject_of(lens)
        view = view_labels("r-1", None, subject, [], metric="accuracy", score=0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 300e6
    titles = [drawing.title for _, drawings in view.groups for drawing in drawings]
    assert {"Counts", "Worst pairs", "Predicted against actual", "Lowest", "Highest"} <= set(titles)
    assert sum(len(one.svg) for _, drawings in view.groups for one in drawings) < 3e6
