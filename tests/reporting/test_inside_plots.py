"""What the page shows of what `podium explain` left, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from reporting.kept_runs import subject_of

from podium.errors import RunError
from podium.predictions.explanations import (
    AttentionMaps,
    Explanation,
    GradCamMap,
    StageActivations,
    explanation_file,
    write_explanation,
)
from podium.reporting.figures.feature_maps import in_colors
from podium.reporting.figures.heat_overlay import overlay
from podium.reporting.plots.run import inside
from podium.reporting.report import page_digest

RNG = np.random.default_rng(0)
HEAT = RNG.random((3, 3)).astype(np.float16)


def an_inside(name: str, **other: Any) -> Explanation:
    stage = StageActivations("stage 1", 9, [5, 2], RNG.normal(size=(2, 4, 4)).astype(np.float16))
    heats = [
        GradCamMap("classify", "predicted", "<b>$", 1.0, 2.0, HEAT),
        GradCamMap("classify", "truth", "cat", 5e-9, 0.0, np.zeros((3, 3), np.float16)),
        GradCamMap("segment", "predicted", "", 0.25, 1.0, HEAT),
    ]
    attention = AttentionMaps("class token", HEAT, HEAT.T)
    picture = RNG.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    found = Explanation(name, "train", False, picture, "<b>$", "cat", [stage], heats, attention, [])
    return found._replace(**other)


def test_heats_attention_and_maps_are_shown_as_they_were_kept(
    make_masks: Callable[..., Any],
) -> None:
    made = make_masks(segment="multiclass", classify="multiclass")
    run = made.add_run("one")
    before = page_digest(made.workspace, made.competition)
    kept = an_inside("a\n1")
    write_explanation(run, 1, kept)
    assert page_digest(made.workspace, made.competition) != before, "an old page would be kept"
    looks, maps = inside.plots(subject_of(made, "one"))
    assert (looks.name, maps.name) == ("inside", "feature-maps")
    shown = [axes for axes in looks.figure.axes if axes.get_visible()][:6]
    assert [axes.get_title() for axes in shown] == [
        "a 1\nfold 1",
        "label: <b>\\$\npredicted > 99.9 %",
        "label: cat\ntrue < 0.1 %",
        "mask: foreground\n25.0 % of pixels",
        "attention\nlast block",
        "attention\nrollout",
    ]
    over = [HEAT, np.zeros((3, 3)), HEAT, HEAT, HEAT.T]
    for axes, heat in zip(shown[1:], over, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), overlay(kept.image, heat))
    row, column = np.unravel_index(int(HEAT.argmax()), (3, 3))
    at = f"{100 * (column + 0.5) / 3:.0f} % from the left and {100 * (row + 0.5) / 3:.0f} %"
    assert f"predicted > 99.9 %, most at {at} from the top; label: cat" in looks.alt
    assert "true < 0.1 %, nowhere" in looks.alt
    assert "not off that token" in looks.caption
    assert "Images marked" not in looks.caption
    drawn = [axes for axes in maps.figure.axes if axes.get_visible()][1:]
    for axes, one in zip(drawn, kept.stages[0].maps, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), in_colors(one))
    assert "channels 5, 2 of 9" in maps.alt


def test_the_last_four_images_over_all_folds_are_shown_and_training_images_are_marked(
    make_masks: Callable[..., Any],
) -> None:
    made = make_masks(segment="multiclass", classify="multiclass")
    run = made.add_run("one")
    for number in range(6):
        write_explanation(run, number % 2, an_inside(f"i{number}", is_trained_on=number == 4))
    looks, _ = inside.plots(subject_of(made, "one"))
    named = [axes.get_title() for axes in looks.figure.axes if axes.get_title().startswith("i")]
    assert named == ["i5\nfold 1", "i4\nfold 0, train", "i3\nfold 1", "i2\nfold 0"]
    assert "the network was trained on their labels" in looks.caption


def test_of_a_run_without_labels_there_are_maps_alone(make_masks: Callable[..., Any]) -> None:
    made = make_masks(segment="multiclass")
    run = made.add_run("one")
    write_explanation(run, "full", an_inside("a", heats=[], attention=None, predicted="", truth=""))
    (maps,) = inside.plots(subject_of(made, "one"))
    assert maps.name == "feature-maps"


def test_a_run_not_explained_has_no_maps_and_a_damaged_file_is_reported(
    make_masks: Callable[..., Any],
) -> None:
    made = make_masks(segment="multiclass")
    run = made.add_run("one")
    assert list(inside.plots(subject_of(made, "one"))) == []
    file = explanation_file(run, 0, "a")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    with pytest.raises(RunError, match="damaged"):
        list(inside.plots(subject_of(made, "one")))
