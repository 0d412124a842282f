"""Views of the network's inputs on the page, against the files that training leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from podium.predictions.snapshots import StreamPreview, ViewPreview, write_preview
from podium.reporting.data_summary import summarise_data
from podium.reporting.entries import runs_of
from podium.reporting.masks.painting import class_colors, paint_classes
from podium.reporting.plots.run import views
from podium.reporting.report import page_digest
from podium.reporting.subjects import RunSubject
from podium.workspace.records import Record, scan_all


def a_view(
    name: str, policy: str, *, of: str = "", seed: int = 0, masked: bool = False
) -> ViewPreview:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (2, 6, 5, 3), dtype=np.uint8)
    masks = rng.integers(0, 3, (2, 6, 5), dtype=np.uint8) if masked else None
    return ViewPreview(name, policy, of, images, masks)


def subject_of(made: Any, name: str) -> RunSubject:
    found = [(path, one) for path, one in scan_all(made.workspace) if isinstance(one, Record)]
    entries = runs_of(found, made.competition)
    (entry,) = [one for one in entries if one.id == name]
    data = summarise_data(made.workspace, made.competition)
    return RunSubject(made.workspace, made.competition, entry, tuple(entries), ("mean_dice",), data)


def test_each_new_stream_is_a_grid_of_its_views(make_masks: Callable[..., Any]) -> None:
    made = make_masks(segment="multiclass", classify="multiclass")
    run = made.add_run("one")
    before = page_digest(made.workspace, made.competition)
    labelled = a_view("train", "train", masked=True)
    weak, strong = a_view("weak", "weak", seed=1), a_view("strong", "byol", of="weak", seed=2)
    weak2 = a_view("weak2", "weak", seed=3)
    ids = ["<i>\n0", "i$1"]
    write_preview(run, 2, StreamPreview(1, "labelled", 1, ids, ["ball", ""], [labelled]))
    write_preview(run, 2, StreamPreview(2, "labelled", 1, ids, ["ball", ""], [labelled]))
    write_preview(run, 2, StreamPreview(2, "unlabelled", 4, ids, ["", ""], [weak, weak2, strong]))
    assert page_digest(made.workspace, made.competition) != before, "an old page would be kept"
    found = list(views.plots(subject_of(made, "one")))
    assert [plot.name for plot in found] == ["seen-1-labelled", "seen-2-unlabelled"]
    across, other = (np.array(plot.figure.axes).reshape(2, -1) for plot in found)
    one = across.T  # few views stand below each other, samples beside
    assert [axes.get_ylabel() for axes in one[0]] == ["train", "its mask"]
    assert [axes.get_title() for axes in other[0]] == ["weak", "weak2", "strong"]
    assert [axes.get_title() for axes in one[:, 0]] == ["<i> 0\nball", r"i\$1"]
    assert [axes.get_ylabel() for axes in other[:, 0]] == ["<i> 0", r"i\$1"]
    assert labelled.masks is not None
    for row in range(2):
        painted = paint_classes(
            labelled.images[row], labelled.masks[row], class_colors(2), "multiclass", 2
        )
        for axes, picture in zip(one[row], (labelled.images[row], painted), strict=True):
            np.testing.assert_array_equal(axes.images[0].get_array(), picture)
        for axes, view in zip(other[row], (weak, weak2, strong), strict=True):
            np.testing.assert_array_equal(axes.images[0].get_array(), view.images[row])
    assert "Phase 1 (masks), step 1, fold 2" in found[0].caption
    assert "strong (policy byol, on top of weak)" in found[1].caption
    assert "step 4" in found[1].caption
    assert found[0].narrow is None


def test_a_phase_that_is_the_first_to_learn_masks_shows_them(
    make_masks: Callable[..., Any],
) -> None:
    made = make_masks(segment="multiclass", classify="multiclass")
    run, unknown = made.add_run("one"), a_view("train", "train", masked=True)
    unknown = unknown._replace(masks=np.full_like(unknown.masks, 255))
    for phase, view in enumerate((unknown, unknown, a_view("train", "train", masked=True)), 1):
        write_preview(run, 0, StreamPreview(phase, "labelled", 1, ["a", "b"], ["", ""], [view]))
    found = list(views.plots(subject_of(made, "one")))
    assert [plot.name for plot in found] == ["seen-1-labelled", "seen-3-labelled"]
    assert [len(plot.figure.axes) for plot in found] == [2, 4]


def test_of_many_samples_a_phone_has_the_first_three(make_masks: Callable[..., Any]) -> None:
    made = make_masks(segment="multiclass", classify="multiclass")
    run = made.add_run("one")
    images = np.random.default_rng(0).integers(0, 256, (5, 6, 5, 3), dtype=np.uint8)
    seen = ViewPreview("train", "train", "", images, None)
    names = [f"i{number}" for number in range(5)]
    write_preview(run, 0, StreamPreview(1, "labelled", 1, names, [""] * 5, [seen]))
    (plot,) = views.plots(subject_of(made, "one"))
    assert plot.narrow is not None
    for figure, n in ((plot.figure, 5), (plot.narrow, 3)):
        assert [axes.get_title() for axes in figure.axes] == names[:n]
        for axes, image in zip(figure.axes, images, strict=False):
            np.testing.assert_array_equal(axes.images[0].get_array(), image)


def test_a_run_that_kept_nothing_has_no_such_figure(make_masks: Callable[..., Any]) -> None:
    made = make_masks(segment="multiclass")
    made.add_run("one")
    assert list(views.plots(subject_of(made, "one"))) == []
