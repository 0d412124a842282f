"""What the page draws of kept masks, scored pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from reporting.kept_runs import subject_of

from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from podium.predictions.snapshots import write_snapshot
from podium.reporting.masks.painting import class_colors, paint_classes
from podium.reporting.plots.run import kept_masks


def keep(made, run, names, *, epochs=(1, 2, 7), fold=0):
    """Keep masks that come nearer to the truth; return truths and masks by epoch."""
    samples = made.samples.set_index("id", drop=False)
    truths = dict(zip(samples["id"], truth_masks(made.competition, samples), strict=True))
    predicted = {}
    for epoch in epochs:
        rng, each = np.random.default_rng(epoch), []
        for name in names:
            mask = truths.get(name)
            mask = np.zeros((13, 16), np.uint8) if mask is None else mask.copy()
            spoilt = rng.random(mask.shape) < 0.5 / epoch
            mask[spoilt] = rng.integers(0, 2, mask.shape)[spoilt]
            each.append(mask)
        predicted[epoch] = each
        learnt = [i % 2 == 0 for i in range(len(names))]
        write_snapshot(run, fold, epoch, masks=(names, each, learnt))
    return truths, predicted


def dice(truth, predicted, n):
    """Return the mean over the classes that are there of twice the common pixels over all."""
    found = []
    for number in range(1, n + 1):
        a, b = truth == number, predicted == number
        found.append(1.0 if not (a | b).any() else 2 * (a & b).sum() / (a.sum() + b.sum()))
    return float(np.mean(found))


@pytest.mark.slow
@pytest.mark.parametrize("segment", ["binary", "multiclass"])
def test_pictures_and_scores_are_those_of_the_kept_masks(make_masks, segment):
    made = make_masks(segment=segment)
    run = made.add_run("unet-11111111")
    names = ["i00", "i01", "i02"]
    truths, predicted = keep(made, run, names)
    (plot,) = kept_masks.plots(subject_of(made, run.name))
    plot.figure.draw_without_rendering()
    grid = np.array(plot.figure.axes).reshape(3, 5)
    n = 1 if segment == "binary" else 2
    for row, name in zip(grid, names, strict=True):
        with Image.open(made.workspace.root / "train" / f"{name}.png") as file:
            image = np.asarray(file)
        picture = row[0].images[0].get_array()
        times = picture.shape[0] // image.shape[0]
        assert times == 128 // 16, "tiny images are enlarged, so that outlines stay thin"
        np.testing.assert_array_equal(picture[::times, ::times], image)
        masks = [truths[name], *(each[names.index(name)] for each in predicted.values())]
        for axes, mask in zip(row[1:], masks, strict=True):
            large = mask.repeat(times, axis=0).repeat(times, axis=1)
            painted = paint_classes(picture, large, class_colors(n), segment, n)
            np.testing.assert_array_equal(axes.images[0].get_array(), painted)
        for axes, mask in zip(row[2:], masks[1:], strict=True):
            assert axes.get_xlabel() == f"mean_dice {dice(masks[0], mask, n):.2f}"
    assert [one.get_title() for one in grid[0][2:]] == ["epoch 1", "epoch 2", "epoch 7"]
    assert "It was trained on the true mask of i00, i02." in plot.caption
    assert "It was not trained on the mask of i01." in plot.caption
    assert f"i02: mean_dice {dice(truths['i02'], predicted[1][2], n):.3f} after epoch 1" in plot.alt


@pytest.mark.slow
def test_a_test_image_has_no_truth_and_one_that_is_gone_is_left_out(make_masks):
    made = make_masks(segment="binary")
    run = made.add_run("unet-11111111")
    keep(made, run, ["t0", "gone", "i03"], epochs=(3,))
    (plot,) = kept_masks.plots(subject_of(made, run.name))
    grid = np.array(plot.figure.axes).reshape(2, 3)
    assert [axes.get_ylabel() for axes in grid[:, 0]] == ["t0", "i03"]
    assert [one.get_text() for one in grid[0, 1].texts] == ["unknown"]
    assert grid[0, 2].get_xlabel() == ""
    assert "Of the test part: t0." in plot.caption
    assert "gone" not in plot.alt
    assert "t0: no score" in plot.alt


def test_the_first_fold_that_kept_masks_is_shown_and_four_images_at_most(make_masks):
    made = make_masks(segment="binary")
    run = made.add_run("unet-11111111")
    keep(made, run, [f"i{i:02d}" for i in range(6)], fold=2, epochs=(1, 2, 3, 4, 9))
    keep(made, run, ["i00"], fold="full", epochs=(1,))
    (plot,) = kept_masks.plots(subject_of(made, run.name))
    assert len(plot.figure.axes) == 4 * 5
    assert [one.get_title() for one in plot.figure.axes[2:5]] == ["epoch 1", "epoch 4", "epoch 9"]
    assert "The network of fold 2" in plot.caption


@pytest.mark.slow
def test_pictures_of_other_runs_are_smaller(make_masks, monkeypatch):
    made = make_masks(segment="binary")
    for number in range(2):
        run = made.add_run(f"unet-{number}1111111")
        keep(made, run, ["i00"], epochs=(1,))
    monkeypatch.setattr(kept_masks, "BEST", 1)
    widths = []
    for entry in subject_of(made, run.name).runs:
        (plot,) = kept_masks.plots(subject_of(made, entry.id))
        widths.append(plot.figure.axes[0].images[0].get_array().shape[1])
    assert widths == [128, 96]


def test_masks_of_another_size_are_refused(make_masks):
    made = make_masks(segment="binary")
    run = made.add_run("unet-11111111")
    write_snapshot(run, 0, 1, masks=(["i00"], [np.zeros((3, 3), np.uint8)], [True]))
    with pytest.raises(DataError, match="shapes"):
        list(kept_masks.plots(subject_of(made, run.name)))


def test_nothing_kept_is_nothing_drawn(make_masks):
    made = make_masks(segment="binary")
    run = made.add_run("unet-11111111")
    assert list(kept_masks.plots(subject_of(made, run.name))) == []
    write_snapshot(run, 0, 1, masks=(["gone"], [np.zeros((3, 3), np.uint8)], [True]))
    assert list(kept_masks.plots(subject_of(made, run.name))) == []
