"""What is drawn of blends comes from their records, the files beside them, and predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from podium.competition.samples import load_samples, truth
from podium.ensembling.members import MemberContribution, MemberGain, MemberTable, write_members
from podium.ensembling.record import read_parts
from podium.predictions import write_fold
from podium.reporting.data_summary import DataSummary
from podium.reporting.entries import BlendEntry
from podium.reporting.plots.blend import correlation, drop_one, threshold, weights
from podium.reporting.plots.blends import optimism
from podium.reporting.report import page_digest
from podium.reporting.subjects import BlendsSubject, BlendSubject, MemberErrors
from podium.tuning.curves import ParameterCurve, write_curves
from podium.workspace.machine import now

RUNS = ("a-00000001", "b-00000002", "c-00000003")


def set_of(made, name):
    return made.workspace.runs / name / "predictions" / "aabbccdd"


def subject_of(made, folder):
    from podium.competition.folds.file import ensure_folds

    samples = load_samples(made.competition, "train")
    data = DataSummary(
        samples=samples, folds=ensure_folds(made.workspace, made.competition, samples)
    )
    entry = BlendEntry(folder.name, now(), read_parts(folder))
    return BlendSubject(made.workspace, made.competition, entry, data)


def of_blend(subject, **changes):
    """Return the subject with another blend in its first part."""
    (task, part), *_ = subject.entry.parts.items()
    parts = {task: replace(part, blend=replace(part.blend, **changes))}
    return replace(subject, entry=replace(subject.entry, parts=parts))


def plain_errors(kind, predicted, right):
    """Return by how much each row was wrong, by loops."""
    wrong = []
    for probs, answer in zip(predicted, right, strict=True):
        if kind == "multiclass":
            wrong.append(1 - float(probs[answer]))
        elif kind == "regression":
            wrong.append(float(probs[0]) - float(answer))
        else:
            answers = np.atleast_1d(answer)
            wrong += [abs(float(p) - float(a)) for p, a in zip(probs, answers, strict=True)]
    return wrong


def plain_decisions(kind, predicted):
    """Return what each row, or label of it, is decided as."""
    if kind == "regression":
        return []
    if kind == "multiclass":
        return [max(range(len(row)), key=list(row).__getitem__) for row in predicted]
    return [bool(p >= 0.5) for row in predicted for p in row]


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel", "regression"])
def test_correlations_are_those_of_plain_errors_of_common_rows(make, kind):
    made = make(kind)
    made.add_run(RUNS[0], seed=1)
    made.add_run(RUNS[1], seed=2, folds=(0, 2))
    samples = load_samples(made.competition, "train")
    errors = MemberErrors()
    found = errors.correlation([set_of(made, one) for one in RUNS[:2]], made.competition, samples)
    from podium.competition.folds.file import read_folds

    common = read_folds(made.workspace, made.competition, samples) != 1
    right = truth(samples, made.competition)[common]
    each = [plain_errors(kind, made.probs[one][common], right) for one in RUNS[:2]]
    np.testing.assert_allclose(found, np.corrcoef(each), atol=1e-5)
    alike = errors.agreement([set_of(made, one) for one in RUNS[:2]], made.competition, samples)
    one, other = (plain_decisions(kind, made.probs[name][common]) for name in RUNS[:2])
    equal = [a == b for a, b in zip(one, other, strict=True)]
    share = sum(equal) / len(equal) if equal else np.nan
    diagonal = np.nan if kind == "regression" else 1
    np.testing.assert_allclose(alike, [[diagonal, share], [share, diagonal]])
    # Read once: what was read stays, though the folder goes.
    import shutil

    shutil.rmtree(set_of(made, RUNS[0]))
    again = errors.correlation([set_of(made, one) for one in RUNS[:2]], made.competition, samples)
    np.testing.assert_array_equal(again, found)


def test_constant_member_has_no_correlation_and_a_duplicate_has_correlation_one(make, monkeypatch):
    made = make("binary")
    for name in RUNS[:2]:
        made.add_run(name, seed=1)
    samples = load_samples(made.competition, "train")
    ids = list(samples["id"])
    half = np.full((len(ids), 1), 0.5, np.float32)
    write_fold(
        set_of(made, "flat"), "oof", task="classify", fold=0, model="flat/0", ids=ids, probs=half
    )
    sets = [set_of(made, one) for one in (*RUNS[:2], "flat")]
    found = MemberErrors().correlation(sets, made.competition, samples)
    assert found[0, 1] == pytest.approx(1)
    assert np.isnan(found[2, :2]).all()
    monkeypatch.setattr("podium.reporting.subjects.MOST_NUMBERS", 10)
    monkeypatch.setattr("podium.reporting.subjects.LEAST_ROWS", 10)
    few = MemberErrors()
    few.correlation(sets, made.competition, samples)
    assert {one.errors.shape for one in few.kept.values()} == {(10,)}, "of many rows some"


@pytest.fixture
def blended(make):
    made = make()
    for seed, name in enumerate(RUNS, start=1):
        made.add_run(name, seed=seed)
    return made, made.add_blend(*RUNS)


@pytest.mark.slow
def test_a_blend_of_labels_has_its_map_and_curves_and_no_bars_of_one_value(blended):
    made, folder = blended
    subject = subject_of(made, folder)
    plot, alike = correlation.plots(subject)
    table = subject.errors.correlation(
        [set_of(made, one) for one in RUNS], made.competition, subject.data.samples
    )
    ends = table[np.triu_indices(3, 1)]
    assert f"highest {ends.max():.2f}" in plot.alt
    assert f"lowest {ends.min():.2f}" in plot.alt
    assert alike.title == "Decisions in common", "accuracy scores decisions"
    assert list(weights.plots(subject)) == [], "a mean weighs all the same"
    assert list(drop_one.plots(subject)) == [], "nobody has worked it out"
    (curves,) = threshold.plots(subject)
    assert len([one for one in curves.figure.axes if one.get_visible()]) == 3, "a weight a class"
    assert list(threshold.plots(of_blend(subject, data="00000000"))) == [], "of other rows"


def test_a_lone_member_has_no_figure_of_members(make):
    made = make()
    made.add_run(RUNS[0], seed=1)
    subject = subject_of(made, made.add_blend(RUNS[0]))
    for file in (correlation, weights, drop_one):
        assert list(file.plots(subject)) == []


def test_weights_of_folds_are_drawn_where_they_are_kept(blended):
    subject = subject_of(*blended)
    folds = {0: (0.5, 0.3, 0.2), 1: (0.6, 0.4, 0.0)}
    fitted = of_blend(subject, weights=(0.55, 0.35, 0.1), fold_weights=folds, method="hill_climb")
    (plot,) = weights.plots(fitted)
    (axes,) = plot.figure.axes
    ticks = next(line for line in axes.lines if line.get_label() == "a fold")
    assert sorted(ticks.get_xdata()) == [0.0, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert f"by hill climbing of 3 members: {RUNS[0]} 0.550, {RUNS[1]} 0.350" in plot.alt
    assert "Ticks" in plot.caption
    assert plot.narrow is not None


def test_results_kept_by_commands_are_drawn_on_a_new_page(blended):
    made, folder = blended
    subject = subject_of(made, folder)
    honest = subject.entry.blend.honest
    before = page_digest(made.workspace, made.competition)
    members = tuple(
        MemberContribution(name, 1 / 3, 0.5, MemberGain(honest - gain, gain, 0.01), None)
        for name, gain in zip(RUNS, (0.02, -0.01, 0.0), strict=True)
    )
    write_members(folder, MemberTable("accuracy", honest, RUNS[0], members, np.eye(3)))
    (plot,) = drop_one.plots(subject)
    (axes,) = plot.figure.axes
    assert [one.get_text() for one in axes.get_yticklabels()] == [RUNS[0], RUNS[2], RUNS[1]]
    widths = {round(bar.get_y() + bar.get_height() / 2): bar.get_width() for bar in axes.patches}
    assert widths == pytest.approx({0: 0.02, 1: 0.0, 2: -0.01})
    assert f"{RUNS[1]} {honest + 0.01:.4f}" in plot.alt
    between = page_digest(made.workspace, made.competition)
    curve = ParameterCurve(
        "threshold", "<b>$x$", (0.2, 0.5, 0.8), (0.5, 0.7, 0.6), (0.1, 0.0, 0.2), 0.5, 0.5, 0.5
    )
    write_curves(folder, [curve], metric="accuracy", n_scored=36)
    (plot,) = threshold.plots(subject)
    (axes,) = plot.figure.axes
    plot.figure.draw_without_rendering()
    assert axes.get_xlabel() == r"threshold, <b>\$x\$"
    assert "threshold <b>$x$ 0.5, as good from 0.5 to 0.8" in plot.alt
    assert len({before, between, page_digest(made.workspace, made.competition)}) == 3
    explained = ("below this classifier probability a class is absent", "by this curve alone")
    assert not any(one in plot.caption for one in explained)
    gate = replace(curve, parameter="gate", name="", chosen=0.2)
    write_curves(folder, [gate], metric="accuracy", n_scored=36)
    (plot,) = threshold.plots(subject)
    assert all(one in plot.caption for one in explained)
    # Of a blend that was made again, or is scored by another metric, they say nothing.
    other = replace(subject, entry=replace(subject.entry, scored_by="f1"))
    assert list(threshold.plots(other)) == []
    assert list(drop_one.plots(of_blend(subject, honest=0.123))) == []


def test_optimism_is_of_blends_by_the_competitions_metric_alone(blended):
    subject = subject_of(*blended)
    one = subject.entry
    foreign = replace(one, id="foreign", scored_by="f1")
    nothing = BlendsSubject(subject.workspace, subject.competition, (foreign,))
    assert list(optimism.plots(nothing)) == []
    (plot,) = optimism.plots(replace(nothing, entries=(one, foreign)))
    (axes,) = plot.figure.axes
    lines = {line.get_label(): line.get_xdata().tolist() for line in axes.lines}
    assert lines == {"honest": [one.blend.honest], "optimistic": [one.blend.optimistic]}
