"""Names of views are checked without torch."""

import subprocess
import sys

import pytest

from podium.errors import RecipeError
from podium.predictions.views import NAMES, canonical_views, scale_of


def test_one_spelling_with_the_identity_in_front():
    assert canonical_views([]) == ("identity",)
    assert canonical_views(["scale:0.80", *NAMES]) == ("identity", "scale:0.8", *NAMES)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["hflip", "vflip", "hflip"], "hflip stands twice"),
        (["scale:1.25", "scale:1.250"], "scale:1.25 stands twice"),
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


def test_only_scales_have_a_factor():
    assert scale_of("scale:1.25") == 1.25
    assert scale_of("hflip") is None


def test_names_decisions_and_the_store_need_no_torch():
    code = (
        "import sys\n"
        "from podium.predictions import PredictionSet, decide, write_fold\n"
        "from podium.predictions import decide_masks, mix_masks, tiles, write_masks\n"
        "from podium.predictions.views import canonical_views\n"
        "from podium.tuning import threshold_curve, fit_thresholds, cross_fit\n"
        "from podium.ensembling import hill_climb, blend, blend_probs\n"
        "assert callable(decide_masks) and callable(mix_masks) and callable(write_masks)\n"
        "assert tiles.windows and callable(decide) and callable(cross_fit) and callable(blend)\n"
        "assert 'torch' not in sys.modules\n"
        "from podium.predictions import tta\n"
        "assert 'torch' in sys.modules and tta.average\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
