"""Rows of pictures: only the chosen images are read, and their colours say what became of them."""

import base64
import dataclasses
import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from podium.reporting.images import thumbnails
from podium.reporting.masks.evaluation import evaluate_masks, mask_names, mask_source_of_run
from podium.reporting.masks.painting import OUTCOMES, outcomes
from podium.reporting.masks.view import mask_gallery


def lens_of(made):
    run = made.add_run("a-00000001")
    source = mask_source_of_run(run.name, run / "predictions" / "aabbccdd", made.samples)
    return evaluate_masks(made.workspace, made.competition, source, made.samples, made.folds)


def pixels_of(panel):
    data = base64.b64decode(panel.picture.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_the_error_panel_has_the_colour_of_what_became_of_every_pixel(make_masks, kind):
    made = make_masks(segment=kind)
    lens = lens_of(made)
    names = mask_names(made.competition)
    problems = []
    gallery = mask_gallery(lens, names, problems)
    assert not problems
    assert [case.rank for case in gallery.cases] == ["best"] * 3 + ["median"] * 3 + ["worst"] * 3
    palette = np.array([to_rgb(one.color) for one in OUTCOMES.values()]) * 255
    row_of = {one: i for i, one in enumerate(lens.samples["id"])}
    for case in gallery.cases:
        i = row_of[case.id]
        codes = outcomes(lens.truth(i), lens.decision(i), kind, len(names))
        picture = pixels_of(case.panels[3])
        times = picture.shape[0] // codes.shape[0]
        assert picture.shape == (codes.shape[0] * times, codes.shape[1] * times, 3)
        # The middle of each enlarged pixel: the format smears colours at the edges.
        middle = picture[times // 2 :: times, times // 2 :: times]
        distances = np.linalg.norm(middle[..., None, :] - palette, axis=-1)
        nearest = np.array(list(OUTCOMES))[distances.argmin(axis=-1)]
        there = codes > 0
        assert (nearest[there] == codes[there]).mean() > 0.99
        grey = np.ptp(middle[~there], axis=-1)
        assert np.median(grey) <= 6
        assert case.score == pytest.approx(lens.scores[i])


def test_only_the_chosen_images_are_read_and_each_once(make_masks, monkeypatch):
    lens = lens_of(make_masks(segment="binary"))
    read = []
    bands = thumbnails.read_bands
    monkeypatch.setattr(
        thumbnails,
        "read_bands",
        lambda files, reader: read.append(files[0].stem) or bands(files, reader),
    )
    gallery = mask_gallery(lens, ["foreground"], [], n=2)
    assert sorted(read) == sorted(case.id for case in gallery.cases)
    assert len(set(read)) == 6


@pytest.mark.slow
def test_images_of_the_worst_score_are_counted(make_masks):
    lens = lens_of(make_masks(segment="binary"))
    scores = lens.scores.copy()
    seen = np.flatnonzero(lens.is_touched)
    lowest = seen[:7]
    scores[seen], scores[lowest] = np.linspace(0.5, 0.9, len(seen)), 0.0
    gallery = mask_gallery(dataclasses.replace(lens, scores=scores), ["foreground"], [])
    assert [case.score for case in gallery.cases if case.rank == "worst"] == [0, 0, 0]
    assert (gallery.worst, gallery.n_worst) == (0.0, 7)
    scores[lowest] = np.linspace(0.1, 0.2, len(lowest))
    assert mask_gallery(dataclasses.replace(lens, scores=scores), ["x"], []).n_worst == 1


def test_mask_classes_are_reported_as_shares_of_the_image(make_masks):
    lens = lens_of(make_masks(segment="multiclass"))
    gallery = mask_gallery(lens, ["ball", "bar"], [])
    row_of = {one: i for i, one in enumerate(lens.samples["id"])}
    for case in gallery.cases:
        i = row_of[case.id]
        truth, predicted = lens.truth(i), lens.decision(i)
        expected = {
            name: ((truth == c).mean(), (predicted == c).mean())
            for c, name in ((1, "ball"), (2, "bar"))
            if (truth == c).any() or (predicted == c).any()
        }
        assert {name: pytest.approx(shares) for name, _, *shares in case.classes} == expected
        for name, (share, _) in expected.items():
            assert (f"{name} {100 * share:.3g} %" in case.panels[1].alt) == (share > 0)


def test_masks_in_a_frame_of_their_own_lie_over_the_whole_image(make_masks):
    made = make_masks(segment="binary", frame=[24, 24])
    lens = lens_of(made)
    assert lens.truth(0).shape == (24, 24)
    for case in mask_gallery(lens, ["foreground"], []).cases:
        shapes = {pixels_of(panel).shape for panel in case.panels}
        assert len(shapes) == 1
        height, width, _ = shapes.pop()
        assert width > height, "the shape is the image's"


@pytest.mark.slow
def test_of_many_classes_those_that_are_shown_have_different_colours(make_masks):
    names = [f"c{i:02d}" for i in range(18)]
    lens = lens_of(make_masks(segment="multilabel", classes=names))
    counts = np.zeros_like(lens.counts)
    counts[:, [2, 16]] = [3, 4, 5, 99]  # of fourteen colours, these would have the same
    gallery = mask_gallery(dataclasses.replace(lens, counts=counts), names, [])
    (one, first), (other, second) = gallery.classes
    assert (one, other) == ("c02", "c16")
    assert first != second


@pytest.mark.slow
def test_a_large_image_is_shrunk_and_its_mask_with_it(make_masks):
    made = make_masks(segment="binary")
    root = made.workspace.root
    rng = np.random.default_rng(0)
    mask = np.zeros((300, 700), np.uint8)
    mask[100:200, 350:] = 1
    for i in range(18):
        pixels = rng.integers(0, 255, (300, 700, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / "train" / f"i{i:02d}.png")
        Image.fromarray(mask).save(root / "masks" / f"i{i:02d}.png")
    case = mask_gallery(lens_of(made), ["foreground"], [], n=1).cases[0]
    picture = pixels_of(case.panels[1])
    assert picture.shape == (110, 256, 3)
    colour = np.ptp(picture, axis=-1) > 20
    np.testing.assert_allclose(colour[40:70, 134:250].mean(), 1, atol=0.02)
    assert not colour[:, :120].any()
