"""What the page answers: values beside the pointer, a moving threshold, two runs side by side."""

import json
from dataclasses import replace

import numpy as np
import pytest
from reporting.conftest import made_labels

from podium.competition.metrics import mask_counts
from podium.competition.truths.masks import IGNORE
from podium.reporting.class_by_fold import class_by_fold_of_labels
from podium.reporting.data_summary import summarise_data
from podium.reporting.entries import runs_of
from podium.reporting.figures._panel import ACCENT, SERIES, panel
from podium.reporting.figures.confusion import confusion
from podium.reporting.masks.painting import OUTCOMES, class_colors
from podium.reporting.pages.hover import MOST_POINTS, hover_points, name_points
from podium.reporting.pages.moving_threshold import GRID, counts_by_threshold, moving_labels
from podium.reporting.pages.report_page import side_by_side
from podium.reporting.plot import inline_svg
from podium.reporting.provenance import flat, without_defaults
from podium.reporting.subjects import label_subject_of_run
from podium.tasks.protocols.find import pixel_kind
from podium.workspace.records import Record, scan_all

RNG = np.random.default_rng(7)


def points_of(figure, width=100.0, height=50.0):
    figure.draw_without_rendering()
    found = hover_points(figure, width, height)
    return json.loads(found) if found else []


def test_a_line_tells_its_name_and_both_values_where_they_are_drawn():
    figure, axes = panel(200, 100)
    axes.plot([1, 2, 3], [0.5, np.nan, 0.25], label="fold 0")
    axes.set(xlabel="epoch", ylabel="accuracy")
    ((name, x, y, points),) = points_of(figure, 200, 100)
    assert (name, x, y) == ("fold 0", "epoch", "accuracy")
    assert [one[2:] for one in points] == [["1", "0.5"], ["3", "0.25"]]
    box = axes.get_position()
    # The first point is at the left and above, the last at the right and below.
    assert 200 * box.x0 < points[0][0] < 200 * (box.x0 + 0.1)
    assert 100 * (1 - box.y1) < points[0][1] < 100 * (1 - box.y1 + 0.2)
    assert points[1][0] > points[0][0] + 100
    assert points[1][1] > points[0][1] + 30


def test_bars_tell_the_class_that_stands_at_their_tick():
    figure, axes = panel(200, 100)
    axes.barh([0, 1], [12, 30], label="rows")
    axes.set_yticks([0, 1], ["cat", r"a\$b"])
    axes.set_xlabel("images")
    ((name, _, _, points),) = points_of(figure)
    assert name == "rows"
    assert [one[2:] for one in points] == [["12", "cat"], ["30", "a$b"]]


def test_of_many_points_some_have_values_and_lines_across_the_axes_have_none():
    figure, axes = panel(200, 100)
    axes.plot(np.arange(50_000), np.arange(50_000))
    axes.axhline(3)
    ((_, _, _, points),) = points_of(figure)
    assert len(points) == MOST_POINTS
    assert points[-1][2] == "5e+04"


def test_a_tile_tells_both_classes_and_its_share_and_hostile_names_are_text():
    svg = inline_svg(confusion([[3, 1], [0, 2]], ["<b>", "dog"]), name="x", alt="")
    assert "actual &lt;b&gt;, predicted dog: 1 row, 25.0 % of &lt;b&gt;" in svg
    assert "<b>" not in svg


def test_named_points_replace_what_would_be_read():
    figure, axes = panel(200, 100)
    axes.plot([1, 2], [3, 4])
    name_points(axes, [[1, 3], [np.nan, 4]], ["tr_1", "tr_2"], name="cat")
    assert [(one[0], [p[2] for p in one[3]]) for one in points_of(figure)] == [("cat", ["tr_1"])]


def test_a_class_has_a_colour_that_means_nothing_else():
    others = {*SERIES, ACCENT, *(one.color for one in OUTCOMES.values())}
    palette = class_colors(14)
    assert len(set(palette)) == 14
    assert not {one.lower() for one in palette} & {one.lower() for one in others}


@pytest.mark.parametrize("name", ["binary", "multiclass", "multilabel"])
def test_counts_by_threshold_are_those_of_a_decision_at_each(name):
    kind = pixel_kind(name)
    n_outputs = {"binary": 1, "multiclass": 4, "multilabel": 3}[name]
    probs = RNG.random((9, 11, n_outputs)).astype(np.float32)
    if name == "multiclass":
        probs /= probs.sum(axis=2, keepdims=True)
    probs[0, 0] = GRID[9]  # at a threshold itself
    shape = (9, 11, 3) if name == "multilabel" else (9, 11)
    truth = RNG.integers(0, 4 if name == "multiclass" else 2, shape).astype(np.uint8)
    truth[3, 2:5] = IGNORE
    found = counts_by_threshold(probs, truth, kind)
    for number, at in enumerate(GRID.astype(np.float32)):
        if name == "multiclass":
            winner = probs[..., 1:].argmax(axis=2) + 1
            decided = np.where(1 - probs[..., 0] >= at, winner, 0)
        else:
            decided = probs >= at
            decided = decided[..., 0] if name == "binary" else decided
        expected = mask_counts(truth, decided.astype(np.uint8), kind=kind, n_outputs=n_outputs)
        np.testing.assert_array_equal(found[number], expected)


def made_runs(root, kind="multiclass"):
    made = made_labels(root, kind)
    for number, name in enumerate(("a-00000001", "b-00000002"), 1):
        run = made.add_run(name, seed=number)
        (run / "recipe.yaml").write_text(f"seed: {number}\nbatch_size: 8\n")
    data = summarise_data(made.workspace, made.competition)
    found = [(at, one) for at, one in scan_all(made.workspace) if isinstance(one, Record)]
    runs = runs_of(found, made.competition, data.n_answered)
    where = made.workspace.runs
    return (
        made,
        data,
        [
            replace(
                run,
                predictions=where / run.id / "predictions" / "aabbccdd",
                by_task={"classify": ("accuracy", 0.6)},
            )
            for run in runs
        ],
    )


def test_the_slider_of_labels_leaves_out_rows_that_are_less_sure(tmp_path):
    made, data, runs = made_runs(tmp_path)
    lens = label_subject_of_run(made.competition, runs[0], data).lens
    found = moving_labels(lens)
    probs = np.asarray(lens.probs, dtype=float)
    predicted, sure = probs.argmax(axis=1), probs.max(axis=1)
    assert found["how"] == "sure"
    for at, score, table, kept, _ in found["steps"]:
        rows = sure >= at
        assert kept == rows.sum()
        assert np.sum(table) == kept
        if kept:
            assert score == pytest.approx((predicted == lens.truth)[rows].mean(), abs=1e-5)
            assert table[1][2] == ((lens.truth == 1) & (predicted == 2) & rows).sum()
        else:
            assert score is None


def test_the_slider_of_several_labels_counts_each_class(tmp_path):
    made, data, runs = made_runs(tmp_path, "multilabel")
    lens = label_subject_of_run(made.competition, runs[0], data).lens
    found = moving_labels(lens)
    assert found["how"] == "yes"
    at, _, table, _, f1 = found["steps"][14]
    decided = np.asarray(lens.probs) >= at
    right = np.asarray(lens.truth) == 1
    both, missed, alarms, absent = np.array(table).T.tolist()
    assert both == (decided & right).sum(axis=0).tolist()
    assert missed == (~decided & right).sum(axis=0).tolist()
    assert alarms == (decided & ~right).sum(axis=0).tolist()
    assert np.sum([both, missed, alarms, absent]) == right.size
    there, predicted = (one.sum(axis=0) for one in (right, decided))
    expected = 2 * (decided & right).sum(axis=0) / (there + predicted)
    assert f1 == pytest.approx(expected.tolist(), abs=1e-5)


@pytest.mark.parametrize("kind", ["multiclass", "multilabel", "binary"])
def test_recall_of_each_class_in_each_fold_is_counted_row_by_row(tmp_path, kind):
    made, data, runs = made_runs(tmp_path, kind)
    lens = label_subject_of_run(made.competition, runs[0], data).lens
    names = made.competition.label_names
    found = class_by_fold_of_labels(lens, names)
    assert found.folds == [0, 1, 2]
    for place, fold in enumerate(found.folds):
        for number in range(len(names)):
            right = there = 0
            for row in np.flatnonzero(lens.folds == fold):
                if kind == "multilabel":
                    is_there, is_found = lens.truth[row, number], lens.decisions[row, number]
                else:
                    is_there, is_found = (
                        one[row] == number for one in (lens.truth, lens.decisions)
                    )
                there += bool(is_there)
                right += bool(is_there) and bool(is_found)
            assert found.scores[number, place] == pytest.approx(right / there)
    found = replace(found, by_chance=0.0)
    if min(found.whole) == max(found.whole):
        assert found.worst is None
    else:
        fold, lowest = found.worst
        assert found.whole[fold] == min(found.whole)
        assert found.scores[lowest, fold] == found.lowest[fold] == min(found.scores[:, fold])
    assert class_by_fold_of_labels(replace(lens, folds=np.zeros_like(lens.folds)), names) is None


def test_a_number_has_no_threshold(tmp_path):
    made, data, runs = made_runs(tmp_path, "regression")
    assert moving_labels(label_subject_of_run(made.competition, runs[0], data).lens) is None


def test_two_runs_have_their_curves_their_rows_and_pictures_of_those_that_differ(tmp_path):
    made, data, runs = made_runs(tmp_path)
    problems = []
    found = side_by_side(made.workspace, made.competition, runs, data, problems)
    assert not problems
    by = {one["id"]: one for one in found["runs"]}
    assert by.keys() == {"a-00000001", "b-00000002"}
    answers = np.arange(36) % 3
    for name, one in by.items():
        right = made.probs[name].argmax(axis=1) == answers
        assert one["rows"] == right.astype(int).tolist()
        assert one["curves"]["accuracy"] == [0.3, 0.5, 0.6]
        assert one["curves"]["valid_loss"] == [1.9, 1.6, None]
    differ = [
        one for one, a, b in zip(found["ids"], *(one["rows"] for one in found["runs"]), strict=True)
        if a != b
    ]  # fmt: skip
    assert differ
    assert sorted(found["pictures"]) == differ
    assert side_by_side(made.workspace, made.competition, runs[:1], data, problems) is None


def test_recipes_are_listed_without_defaults():
    whole = without_defaults("seed: 0\nmodel: {backbone: resnet18}\nbatch_size: 32\n")
    assert flat({"a": {"b": [1, 2]}, "c": [{"name": "x", "d": None}], "e": "on"}) == {
        "a.b": "[1, 2]",
        "c[x].d": "null",
        "e": "'on'",
    }
    assert without_defaults("no: [recipe") == {}
    assert flat(without_defaults("backbone_of: 3")) == {"backbone_of": "3"}, "of another version"
    assert whole
