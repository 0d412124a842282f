"""Train against test: AUC a half for one source, high for two, and the features are named."""

import numpy as np
import pytest

from podium.competition.checks.adversarial import adversarial_validation
from podium.errors import DataError

NAMES = ("width", "red", "tags")


def features(n: int, seed: int, shift: float = 0.0) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(n, 3))
    made[:, 1] += shift
    return made


def test_parts_of_one_source_have_an_auc_of_a_half():
    result = adversarial_validation(features(300, 0), features(200, 1), NAMES)
    assert result.low < 0.5 < result.high
    assert max(one.auc for one in result.predictive) < 0.6


def test_a_shift_is_found_and_named_with_its_medians():
    result = adversarial_validation(features(300, 0), features(200, 1, shift=3.0), NAMES)
    assert result.auc > 0.95
    assert result.low > 0.9
    best = result.predictive[0]
    assert best.feature == "red"
    assert best.test_median - best.train_median == pytest.approx(3, abs=0.4)


def test_a_lower_value_separates_as_well_as_a_higher_one():
    result = adversarial_validation(features(100, 0), features(100, 1, shift=-3.0), NAMES)
    assert result.predictive[0].feature == "red"
    assert result.predictive[0].auc > 0.95


def test_a_feature_that_no_image_has_changes_nothing():
    """As channels in the header, of images of several files."""
    parts = [features(100, 0), features(100, 1, shift=3.0)]
    wider = [np.column_stack([np.full(100, np.nan), part]) for part in parts]
    known = adversarial_validation(*parts, NAMES)
    assert adversarial_validation(*wider, ("channels", *NAMES)) == known


def test_grouped_copies_do_not_raise_the_auc():
    """Copies of few pictures on both sides of a fold would be recognised by heart."""
    rng = np.random.default_rng(5)
    originals = rng.normal(size=(40, 3))
    rows = np.repeat(originals, 10, axis=0)
    groups = np.repeat(np.arange(40), 10)
    by_heart = adversarial_validation(rows[:200], rows[200:], NAMES)
    honest = adversarial_validation(rows[:200], rows[200:], NAMES, groups=groups)
    assert by_heart.auc > 0.95
    assert honest.low < 0.55


def test_too_few_groups_are_reported_by_train_and_test():
    groups = [*np.repeat(["a", "b", "c", "d"], 24), *np.repeat(["e", "f"], 18)]
    with pytest.raises(DataError, match="train has 4 groups and test 2") as found:
        adversarial_validation(features(96, 0), features(36, 1), NAMES, groups=groups)
    assert "fold 1" not in str(found.value)
    assert "class" not in str(found.value).replace("classifier", "")


def test_unknown_values_and_equal_columns_do_no_harm():
    train, test = features(60, 0), features(60, 1)
    train[:, 2] = test[:, 2] = 1
    train[3, 0] = np.nan
    result = adversarial_validation(train, test, NAMES)
    assert {one.feature: one.auc for one in result.predictive}["tags"] == 0.5


def test_a_column_that_no_image_knows_changes_nothing():
    train, test = features(60, 0), features(60, 1, shift=1.0)
    known = adversarial_validation(train[:, :2], test[:, :2], NAMES[:2])
    train[:, 2] = test[:, 2] = np.nan
    assert adversarial_validation(train, test, NAMES) == known
    train[:], test[:] = np.nan, np.nan
    assert adversarial_validation(train, test, NAMES).auc == 0.5


def test_large_parts_are_sampled_and_equal_seeds_agree():
    first = adversarial_validation(features(900, 0), features(900, 1), NAMES, most_rows=100, seed=3)
    assert first == adversarial_validation(
        features(900, 0), features(900, 1), NAMES, most_rows=100, seed=3
    )


def test_too_few_images_are_refused():
    with pytest.raises(DataError, match="at least 20 images"):
        adversarial_validation(features(300, 0), features(19, 1), NAMES)
