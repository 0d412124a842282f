"""Both sides of a fold against plain loops, and what the page draws of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from reporting.kept_runs import subject_of
from reporting.labels.test_labels_of_runs import add

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.errors import DataError, RunError
from podium.predictions.explanations import (
    TrainingRowDecisions,
    read_training_decisions,
    training_decisions_file,
    write_training_decisions,
)
from podium.reporting.labels.memorisation import LabelTally, memorisation_by_fold
from podium.reporting.plots.run import memorisation as plot
from podium.reporting.plots.run.memorisation import memorised_surplus
from podium.reporting.report import page_digest


def by_loops(pairs: list[tuple[set[int], set[int]]], n_classes: int) -> LabelTally:
    """Return what (true, said) classes of some rows come to."""
    predicted = [sum(c in one for _, one in pairs) for c in range(n_classes)]
    true = [sum(c in one for one, _ in pairs) for c in range(n_classes)]
    right = sum(one == other for one, other in pairs)
    return LabelTally(len(pairs), right, np.array(predicted), np.array(true))


def same(one: LabelTally, other: LabelTally) -> bool:
    counts = (one.predicted, other.predicted), (one.truth, other.truth)
    return (one.n, one.right) == (other.n, other.right) and all(
        np.array_equal(a, b) for a, b in counts
    )


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel"])
def test_both_sides_are_those_of_plain_loops(make, kind):
    made = make(kind)
    where = add(made, "tree-11111111", seed=3)
    samples = load_samples(made.competition, "train")
    folds = ensure_folds(made.workspace, made.competition, samples)
    probs, labels = made.probs["tree-11111111"], truth(samples, made.competition)
    names = made.competition.label_names

    def classes(row, decided):
        if kind == "multilabel":
            return set(np.flatnonzero(decided[row] >= 0.5).tolist())
        if kind == "binary":
            return {int(np.ravel(decided)[row] >= 0.5)}
        return {int(np.argmax(decided[row]))}

    def true(row):
        label = labels[row]
        return set(np.flatnonzero(label).tolist()) if kind == "multilabel" else {int(label)}

    rng = np.random.default_rng(0)
    asked, pairs = {}, {}
    for fold in (2, 0):
        rows = rng.permutation(np.flatnonzero(folds != fold))[:7]
        predicted = [sorted({int(one) for one in rng.integers(0, len(names), 1)}) for _ in rows]
        predicted[0] = sorted(true(rows[0]))
        asked[fold] = TrainingRowDecisions([samples["id"].iloc[row] for row in rows], predicted)
        pairs[fold] = [(true(row), set(one)) for row, one in zip(rows, predicted, strict=True)]
    found = memorisation_by_fold(made.competition, where, samples, asked)
    assert [one.fold for one in found] == [2, 0]
    for one in found:
        assert same(one.training, by_loops(pairs[one.fold], len(names)))
        assert one.training.right >= 1
        unseen = [(true(row), classes(row, probs)) for row in np.flatnonzero(folds == one.fold)]
        assert same(one.unseen, by_loops(unseen, len(names)))
    both = found[0].training + found[1].training
    assert same(both, by_loops(pairs[2] + pairs[0], len(names)))
    np.testing.assert_allclose(both.surplus, (both.predicted - both.truth) / 14)
    assert both.share == f"{100 * both.right / 14:.1f} %"


def test_rows_without_a_label_are_on_neither_side(make):
    made = make("multiclass")
    where = add(made, "tree-11111111", seed=3)
    samples = load_samples(made.competition, "train")
    folds = ensure_folds(made.workspace, made.competition, samples)
    labels = truth(samples, made.competition)
    rows = np.flatnonzero(folds != 1)[:2]
    asked = {
        1: TrainingRowDecisions(
            list(samples["id"].iloc[rows]), [[int(labels[row])] for row in rows]
        )
    }
    samples["mask"] = "there"  # a row needs one of the two
    samples["label"] = samples["label"].astype(object)
    samples.loc[[rows[0], np.flatnonzero(folds == 1)[0]], "label"] = None
    (found,) = memorisation_by_fold(made.competition, where, samples, asked)
    assert (found.training.n, found.training.right) == (1, 1)
    assert found.unseen.n == (folds == 1).sum() - 1
    empty = by_loops([], 3)
    assert (empty.share, empty.surplus.tolist()) == ("–", [0, 0, 0])


def test_rows_that_are_gone_are_reported(make):
    made = make("multiclass")
    where = add(made, "tree-11111111", seed=3)
    samples = load_samples(made.competition, "train")
    with pytest.raises(DataError, match="2 predicted rows are no longer in the train part"):
        memorisation_by_fold(
            made.competition, where, samples, {0: TrainingRowDecisions(["gone", "too"], [[0], [1]])}
        )


def test_the_page_draws_the_surplus_of_both_sides(make):
    made = make("multiclass", ["cat", "<b>", "e$e$l"])
    where = add(made, "tree-11111111", seed=3)
    assert list(plot.plots(subject_of(made, "tree-11111111"))) == [], "before podium explain"
    samples = load_samples(made.competition, "train")
    folds = ensure_folds(made.workspace, made.competition, samples)
    before, asked = page_digest(made.workspace, made.competition), {}
    for fold in (0, 1, 2):
        ids = list(samples["id"].iloc[np.flatnonzero(folds != fold)[:5]])
        asked[fold] = TrainingRowDecisions(ids, [[fold]] * 5)
        write_training_decisions(made.workspace.runs / "tree-11111111", fold, asked[fold])
    assert page_digest(made.workspace, made.competition) != before, "an old page would be kept"
    drawn, counts = plot.plots(subject_of(made, "tree-11111111"))
    each = memorisation_by_fold(made.competition, where, samples, asked)
    learnt, unseen = each[0].training, each[0].unseen
    for one in each[1:]:
        learnt, unseen = learnt + one.training, unseen + one.unseen
    (axes,) = drawn.figure.axes
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert set(names) == {"cat", "<b>", r"e\$e\$l"}
    marks = {line.get_label(): line.get_xdata() for line in axes.lines}
    order = [["cat", "<b>", r"e\$e\$l"].index(name) for name in names]
    np.testing.assert_allclose(marks["training rows"], 100 * learnt.surplus[order])
    np.testing.assert_allclose(marks["out of fold"], 100 * unseen.surplus[order])
    assert f"Correct: {learnt.share} of" in drawn.caption
    assert f"{unseen.share} out of fold" in drawn.caption
    assert f"fold 2: {each[2].training.share} of 5 trained on" in drawn.alt
    (axes,) = counts.figure.axes
    marks = {line.get_label(): line.get_xdata() for line in axes.lines}
    order = [["cat", "<b>", r"e\$e\$l"].index(text.get_text()) for text in axes.get_yticklabels()]
    expected = 100 * learnt.predicted[order] / learnt.predicted.sum()
    np.testing.assert_allclose(marks["predicted, training"], expected)


def test_of_many_classes_those_furthest_off_are_drawn():
    unseen = np.zeros(50)
    unseen[[3, 7]] = (0.4, -0.5)
    learnt = np.zeros(50)
    learnt[11] = -0.3
    (axes,) = memorised_surplus(learnt, unseen, [f"c{i}" for i in range(50)]).axes
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert len(names) == 20
    assert (names[0], names[-1]) == ("c3", "c7"), "the most often out of fold on top"
    assert "c11" in names


def test_training_decisions_are_read_back_by_fold_in_order(tmp_path: Path):
    several = TrainingRowDecisions.of(
        ["a", "\ud800"], np.array([[1, 0, 1], [0, 0, 0]], dtype=np.uint8)
    )
    assert several.classes == [[0, 2], []]
    write_training_decisions(tmp_path, 10, several)
    write_training_decisions(tmp_path, 2, TrainingRowDecisions.of(["b"], np.array([1])))
    assert read_training_decisions(tmp_path) == {2: TrainingRowDecisions(["b"], [[1]]), 10: several}
    assert list(read_training_decisions(tmp_path)) == [2, 10]


@pytest.mark.parametrize(
    "text", ["{", "[]", json.dumps({"format": 2}), '{"format": 1, "ids": ["a"], "classes": []}']
)
def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path, text):
    file = training_decisions_file(tmp_path, 0)
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(RunError, match="damaged") as error:
        read_training_decisions(tmp_path)
    assert error.value.where == str(file)
    assert "--learnt" in str(error.value.fix)
