"""Names of views are checked without torch; what they do alike, they are called alike."""

import subprocess
import sys

import numpy as np
import pytest
from views_by_numpy import TURNS as BY_NUMPY

from podium.errors import RecipeError
from podium.predictions.views import NAMES, TURNS, TtaView, ViewSet, canonical_views
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tasks.protocols.kind import Kind

COMPASS = Kind("compass", "classify", is_continuous=True, fixed_outputs=2, turns_with_image=True)


def test_one_spelling_with_the_identity_in_front():
    assert canonical_views([]) == ("identity",)
    assert canonical_views(["scale:0.80", *NAMES]) == ("identity", "scale:0.8", *NAMES)
    assert canonical_views(["d4"]) == ("identity", *NAMES)
    assert canonical_views(["shift:3", "shift:-4.0:0", "shift:0.050"]) == (
        "identity",
        "shift:3:3",
        "shift:-4:0",
        "shift:0.05:0.05",
    )
    assert canonical_views(["hflip*scale:1.250", "vflip*hflip", "hflip*five_crop:0.9"]) == (
        "identity",
        "scale:1.25*hflip",
        "rot180",
        "crop:0.9:top_left*hflip",
        "crop:0.9:top_right*hflip",
        "crop:0.9:bottom_left*hflip",
        "crop:0.9:bottom_right*hflip",
        "crop:0.9:centre*hflip",
    )


@pytest.mark.parametrize("name", ["d4", "five_crop:0.9", "hflip*scale:1.25", "shift:0.1*rot90"])
def test_a_canonical_name_is_its_own(name):
    views = canonical_views([name])
    assert canonical_views(views[1:]) == views


@pytest.mark.parametrize("first", BY_NUMPY)
def test_two_turns_are_the_one_that_numpy_makes_of_both(first):
    image = np.arange(12).reshape(3, 4)
    for second in BY_NUMPY:
        joined = str(TtaView.of(f"{first}*{second}"))
        both = BY_NUMPY[second](BY_NUMPY[first](image))
        np.testing.assert_array_equal(BY_NUMPY[joined](image), both, err_msg=second)
    assert set(TURNS) == set(BY_NUMPY)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["hflip", "vflip", "hflip"], "hflip stands twice"),
        (["scale:1.25", "scale:1.250"], "scale:1.25 stands twice"),
        (["hflip", "vflip", "hflip*vflip", "rot180"], "rot180 stands twice"),
        (["hflip", "d4"], "hflip stands twice.*\n.*'hflip' or 'd4'"),
        (["d4", "d4"], "hflip stands twice"),
        (["rot90*rot90", "rot180"], "rot180 stands twice"),
        (["hflip*scale:1.25", "scale:1.25*hflip"], "scale:1.25\\*hflip stands twice"),
        (["five_crop:0.9", "crop:0.90:centre"], "crop:0.9:centre stands twice"),
        (["shift:3", "shift:3:3"], "shift:3:3 stands twice"),
        (["hflip*hflip"], "identity is always a view"),
        (["shift:0"], "identity is always a view"),
        (["shift:-0.0:0"], "identity is always a view"),
        (["crop:1:centre"], "identity is always a view"),
        (["scale:1*crop:1:centre"], "identity is always a view"),
        (["scale:1.25*shift:4"], "has two steps"),
        (["shift:1.5"], "whole pixels, or shares"),
        (["shift:inf"], "whole pixels, or shares"),
        (["shift:4,2"], "whole pixels, or shares"),
        (["crop:0.9"], "incomplete.*\n.*crop:0.9:centre"),
        (["crop:0.9:middle"], "incomplete.*\n.*crop:0.9:centre"),
        (["five_crop:0"], r"share in \[0.1, 1\]"),
        (["hflip*"], "no view ''"),
        (["identity"], "identity is always a view"),
        (["scale:1.0"], "identity is always a view"),
        (["hflpi"], "no view 'hflpi'.*\n.*write hflip"),
        (["scale:big"], r"factor in \[0.25, 4\]"),
        (["scale:nan"], r"factor in \[0.25, 4\]"),
        (["scale:9"], r"factor in \[0.25, 4\]"),
    ],
)
def test_what_is_no_view_or_stands_twice_is_refused(names, message):
    with pytest.raises(RecipeError, match=message):
        canonical_views(names)


def test_a_set_of_views_is_what_is_kept_of_it():
    for views in (
        ViewSet(),
        ViewSet.of(["hflip"]),
        ViewSet.of(["d4"], "logits"),
        *ViewSet.of(["vflip"]).each,
    ):
        assert ViewSet.from_facts(views.facts) == views
    assert ViewSet.from_facts({}) == ViewSet()
    assert ViewSet.of(["hflip"]).facts == {"views": ["identity", "hflip"]}
    assert [one.lone for one in ViewSet.of(["hflip"]).each] == ["", "hflip"]


@pytest.mark.parametrize(
    ("views", "kind", "message"),
    [
        (ViewSet.of(["five_crop:0.9"]), pixel_kind("binary"), "crop:0.9:top_left leaves"),
        (ViewSet.of(["hflip"], "geometric"), image_kind("ordinal"), "ordinal task has no"),
        (ViewSet.of(["hflip"], "max"), image_kind("regression"), "regression task has no"),
        (ViewSet.of(["shift:3", "vflip"]), COMPASS, "vflip changes the answer of a compass task"),
    ],
)
def test_views_that_do_not_suit_a_task_are_refused(views, kind, message):
    with pytest.raises(RecipeError, match=message):
        views.check({kind.task: kind})
    assert views.check({"classify": image_kind("multiclass")}) is views


@pytest.mark.slow
def test_names_decisions_and_the_store_need_no_torch():
    code = (
        "import sys\n"
        "from podium.predictions import PredictionSet, decide, write_fold\n"
        "from podium.predictions import decide_masks, mix_masks, tiles, write_masks\n"
        "from podium.predictions.views import canonical_views\n"
        "from podium.tuning import threshold_curve, fit_thresholds, cross_fit\n"
        "from podium.ensembling import hill_climb, blend\n"
        "from podium.ensembling.predicting import blend_probs\n"
        "assert callable(decide_masks) and callable(mix_masks) and callable(write_masks)\n"
        "assert tiles.windows and callable(decide) and callable(cross_fit) and callable(blend)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
