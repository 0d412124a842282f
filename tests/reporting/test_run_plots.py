"""What a run's page draws of its training, its seeds and its network: which data go where."""

import json

import numpy as np
import pytest

from podium.competition.spec import Competition
from podium.models.network_summary import NetworkPart, NetworkSummary, write_network_summary
from podium.reporting.entries import runs_of
from podium.reporting.plots.run import network, pseudo_labels, seeds, thresholds
from podium.reporting.subjects import RunSubject
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import write_metrics
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import Record

COMPETITION = Competition.model_validate(
    {
        "name": "made",
        "tasks": {"classify": "multiclass"},
        "classes": ["a", "b"],
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}.png", "label": "label"},
            "test": {"images": "test/*.png"},
        },
        "folds": {"scheme": "stratified"},
        "metric": {"name": "accuracy"},
        "submission": {"sample": "s.csv", "value": "label"},
    }
)


@pytest.fixture
def add(tmp_path):
    """Return a function that writes a run: its histories by fold, and what determines it."""

    def added(name, histories, **inputs):
        run = tmp_path / "runs" / name
        for fold, rows in histories.items():
            files = FoldFiles(run, fold)
            files.folder.mkdir(parents=True)
            write_metrics(files.metrics, rows)
        kept = {"recipe": {"model": "m", **inputs.pop("recipe", {})}, "again": 0, **inputs}
        return run, Record(
            kind="run", id=name, name=name, created=now(), status="finished", inputs=kept
        )

    return added


def subject(tmp_path, found, at=0):
    runs = tuple(runs_of(found, COMPETITION))
    return RunSubject(Workspace(tmp_path), COMPETITION, runs[at], runs, ("accuracy",), None)


def rows(*columns, **common):
    """Return the lines of a training, one for each of the columns' values."""
    return [
        {"phase": "a", "epoch": n + 1, "lr": 0.1, **common, **one} for n, one in enumerate(columns)
    ]


def lines(axes):
    return {
        line.get_label(): list(line.get_ydata()) for line in axes.lines if len(line.get_xdata())
    }


def test_a_methods_own_scalar_has_a_panel_of_its_name(tmp_path, add):
    history = [{"temperature": 0.5, "train_loss": 1.0, "accuracy": 0.1}, {"temperature": 0.25}]
    (plot,) = thresholds.plots(subject(tmp_path, [add("own", {0: rows(*history)})]))
    (axes,) = plot.figure.axes
    assert plot.title == "temperature"
    assert lines(axes)["temperature"] == [0.5, 0.25]
    assert "0.25" in plot.alt


def test_every_scalar_is_drawn_once_four_panels_at_a_time(tmp_path, add):
    history = {
        "classify/threshold": 0.5,
        "segment/threshold": 0.6,
        "classify/confidence": 0.8,
        "classify/ce": 1.0,
        "segment/dice": 2.0,
        "unlabelled": 3.0,
        "spread": 0.9,
        "dimensions": 4.0,
        "knn": 0.3,
        "linear": 0.4,
        "my_own": 7.0,
        "other": 8.0,
        "train_loss": 6.0,
        "valid_loss": 5.0,
        "accuracy": 0.2,
        "kept": 0.9,
        "pseudo_n": 3,
    }
    found = list(thresholds.plots(subject(tmp_path, [add("all", {0: rows(history, history)})])))
    panels = {}
    for plot in found:
        shown = [one for one in plot.figure.axes if one.axison]
        for wide, narrow in zip(shown, plot.narrow.axes, strict=True):
            assert lines(wide) == lines(narrow)
            panels[wide.get_title(loc="left")] = {k: v[0] for k, v in lines(wide).items()}
    assert [len(one.narrow.axes) for one in found] == [4, 3]
    assert panels == {
        "Threshold and confidence": {
            "threshold of labels": 0.5,
            "threshold of masks": 0.6,
            "confidence of labels": 0.8,
        },
        "Spread of the vectors": {"spread": 0.9},
        "Dimensions of the vectors": {"dimensions": 4},
        "Accuracy of the probe": {"nearest neighbours": 0.3, "linear layer": 0.4},
        "Terms of the loss": {"ce of labels": 1, "dice of masks": 2, "unlabelled": 3},
        "my own": {"my own": 7},
        "other": {"other": 8},
    }


def test_a_loss_of_one_term_is_not_drawn_again(tmp_path, add):
    history = [{"train_loss": 2.0, "classify/ce": 2.0}, {"train_loss": 1.0, "classify/ce": 1.0}]
    assert not list(thresholds.plots(subject(tmp_path, [add("plain", {0: rows(*history)})])))


def test_of_equal_loss_terms_one_is_drawn(tmp_path, add):
    history = {"train_loss": 5.0, "classify/ce": 2.0, "labelled": 2.0, "unlabelled": 3.0}
    (plot,) = thresholds.plots(subject(tmp_path, [add("ssl", {0: rows(history)})]))
    assert list(lines(plot.figure.axes[0])) == ["ce of labels", "unlabelled"]


def test_pseudo_labels_are_counted_by_fold_and_scored_where_the_truth_is_known(tmp_path, add):
    first = rows({"train_loss": 1.0}, {"pseudo_n": 4, "pseudo_confidence": 0.9})
    judged = rows({}, {"pseudo_n": 5, "pseudo_precision": 0.6, "pseudo_confidence": 0.8})
    (plot,) = pseudo_labels.plots(subject(tmp_path, [add("p", {0: first, 1: judged})]))
    above, below = plot.figure.axes
    np.testing.assert_equal(lines(above), {"fold 0": [np.nan, 4], "fold 1": [np.nan, 5]})
    right, *sure = below.lines[:3]
    assert right.get_label() == "fold 1"
    assert right.get_ydata()[-1] == 0.6
    assert [one.get_ydata()[-1] for one in sure] == [0.9, 0.8]
    assert "fold 0 4, fold 1 5" in plot.alt


def test_the_share_that_counts_is_drawn_of_each_task_where_there_are_two(tmp_path, add):
    one = add("one", {0: rows({"kept": 0.5})})
    two = add("two", {0: rows({"kept": 0.5, "classify/kept": 0.25, "segment/pseudo_kept": 0.75})})
    (plot,) = pseudo_labels.plots(subject(tmp_path, [one]))
    assert list(plot.figure.axes[0].lines[0].get_ydata()) == [0.5]
    found = list(pseudo_labels.plots(subject(tmp_path, [two])))
    assert [plot.figure.axes[0].lines[0].get_ydata()[0] for plot in found] == [0.25, 0.75]
    assert len({plot.name for plot in found}) == 2


def test_labels_used_in_steps_have_a_precision_if_truth_is_known(tmp_path, add):
    history = [
        {"kept": 0.2, "classify/precision": 0.75},
        {"kept": 0.5, "classify/precision": 0.9},
    ]
    judged = subject(tmp_path, [add("judged", {0: rows(*history)})])
    assert not list(thresholds.plots(judged))
    (plot,) = pseudo_labels.plots(judged)
    above, below = plot.figure.axes
    assert list(above.lines[0].get_ydata()) == [0.2, 0.5]
    assert list(below.lines[0].get_ydata()) == [0.75, 0.9]
    assert "share of right ones: fold 0 0.9" in plot.alt
    two = [{"classify/kept": 0.2, "segment/kept": 0.3, "classify/precision": 0.75}]
    found = pseudo_labels.plots(subject(tmp_path, [add("two", {0: rows(*two)})]))
    assert [len(plot.figure.axes) for plot in found] == [2, 1], "of masks nobody judges any"


def test_a_run_without_figures_of_its_own_has_none(tmp_path, add):
    for found in (add("none", {}), add("plain", {0: rows({"train_loss": 1.0, "accuracy": 0.5})})):
        one = subject(tmp_path, [found])
        for file in (pseudo_labels, thresholds, seeds, network):
            assert not list(file.plots(one)), file.__name__


def curve(*losses):
    return rows(*({"valid_loss": one, "accuracy": 1 - one / 10} for one in losses))


def test_seeds_of_one_recipe_are_a_band_at_the_first_of_them(tmp_path, add):
    found = [
        add("a", {0: curve(4, 2), 1: curve(2, 2), 2: curve(99, 99)}),
        add("b", {0: curve(6, 4), 1: curve(8, 4)}, recipe={"seed": 3}),
        add("other-recipe", {0: curve(50, 50)}, recipe={"seed": 4, "batch_size": 2}),
        add("other-data", {0: curve(50, 50)}, recipe={"seed": 5}, train="abc"),
        add("c", {0: curve(5), 1: curve(5)}, recipe={"seed": 1}),
    ]
    runs = [subject(tmp_path, found, at) for at in range(len(found))]
    plots = [list(seeds.plots(one)) for one in runs]
    assert [len(one) for one in plots] == [1, 0, 0, 0, 0]
    ((plot,), *_) = plots
    loss, accuracy = plot.figure.axes
    # Folds 0 and 1 are those that all three have.
    *each, mean = loss.lines
    assert sorted(list(one.get_ydata()) for one in each) == [[3, 2], [5], [7, 4]]
    np.testing.assert_allclose(mean.get_ydata(), [5, 3])
    np.testing.assert_allclose(accuracy.lines[-1].get_ydata(), [0.5, 0.7])
    assert "0, 1, 3" in plot.caption
    assert "folds 0, 1" in plot.caption


def test_seeds_that_share_no_fold_are_no_band(tmp_path, add):
    found = [add("a", {0: curve(4)}), add("b", {1: curve(6)}, recipe={"seed": 3})]
    assert not list(seeds.plots(subject(tmp_path, found)))


def test_a_record_without_what_determines_it_is_no_seed_of_another(tmp_path, add):
    found = [add("a", {0: curve(4)}), add("b", {0: curve(6)})]
    for _, record in found:
        record.inputs.clear()
    assert not list(seeds.plots(subject(tmp_path, found)))


def test_the_recorded_network_is_drawn(tmp_path, add):
    run, record = add("net", {0: curve(1)})
    parts = (
        NetworkPart("stem", "backbone", (4, 8, 8), 3000, 3000, 0),
        NetworkPart("out", "classify", (2,), 9, 9),
    )
    write_network_summary(
        run, NetworkSummary("mine", (3, 16, 16), parts, ("warm-up",), ((True, False),))
    )
    (plot,) = network.plots(subject(tmp_path, [(run, record)]))
    texts = [one.get_text() for one in plot.figure.axes[0].texts]
    assert {"stem", "4 × 8 × 8", "3.0 k", "out", "backbone: mine", "warm-up"} <= set(texts)
    assert "phase warm-up freezes stem" in plot.alt
    assert "backbone stem 4 × 8 × 8 (3.0 k)" in plot.alt
    assert "Lines on the left" not in plot.caption
    told = NetworkSummary("mine", (3, 16, 16), parts, ("a",), ((False,) * 2,), {"classify": (0, 1)})
    write_network_summary(run, told)
    (plot,) = network.plots(subject(tmp_path, [(run, record)]))
    assert "head classify reads stem, out;" in plot.alt
    assert "Lines on the left" in plot.caption
    (run / "network.json").write_text(json.dumps({"format": 1, "parts": 3}))
    assert not list(network.plots(subject(tmp_path, [(run, record)])))
