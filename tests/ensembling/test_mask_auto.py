"""The choice among ways to blend masks: its predictions know nothing of the part left out."""

from __future__ import annotations

import numpy as np
import pytest
from ensembling.fits import fit_masks
from ensembling.test_mask_methods import FOLDS, IDS, arrays_of, stored, truths_of

from podium.competition import metrics
from podium.ensembling.auto import blend_by_families
from podium.ensembling.masks.blend import MaskFits
from podium.ensembling.masks.rows import gather_masks
from podium.tasks.protocols.find import pixel_kind


def members_of(root):
    rng = np.random.default_rng(0)
    return [
        stored(root / str(m), arrays_of("binary", m), rng.permutation(len(IDS)), "float16")
        for m in range(3)
    ]


def fits_of(rows):
    return MaskFits(
        rows, metrics.get("mean_dice"), pixel_kind("binary"), 1, trials=6, n_resamples=20, workers=1
    )


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize("method", ["mean", "hill_climb", "simplex"])
def test_the_others_are_predicted_as_in_a_blend_of_them_alone(method, tmp_path):
    """Without a part two folds are left, of which a blend fits each on the other one."""
    members, truths = members_of(tmp_path), truths_of("binary", 9)
    rows = gather_masks(members, truths, FOLDS, ids=IDS)
    found = fits_of(rows).within(method, FOLDS)
    for part in range(3):
        outside = np.flatnonzero(part != FOLDS)
        alone = gather_masks(
            members, [truths[i] for i in outside], FOLDS[outside], ids=[IDS[i] for i in outside]
        )
        _, units = fit_masks(
            alone, "mean_dice", "binary", n_outputs=1, method=method, trials=6, workers=1
        )
        np.testing.assert_array_equal(found[part].sums, units.sums)
        assert found[part].ids.tolist() == units.ids.tolist()


def test_the_honest_score_of_masks_is_that_of_choosing(tmp_path):
    rows = gather_masks(members_of(tmp_path), truths_of("binary", 9), FOLDS, ids=IDS)
    of = fits_of(rows)
    found, units = blend_by_families(of, ["mean", "hill_climb", "best"], n_outputs=1)
    by = {name: of.by(name)[1].sums for name in found.choice.asked}
    expected = np.stack([by[found.choice.nested_by_fold[fold]][i] for i, fold in enumerate(FOLDS)])
    np.testing.assert_array_equal(units.sums, expected)
    assert found.honest == found.choice.nested == metrics.value("mean_dice", expected)
