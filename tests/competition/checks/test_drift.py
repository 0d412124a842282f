"""How much of the test set train has nothing like."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from podium.competition.checks.checked_drift import Drift, unlike_share
from podium.competition.checks.drift import drift_groups, summarise_drift


def drift_of(ratios: np.ndarray, interval: tuple[float, float]) -> Drift:
    n = len(ratios)
    ids = np.array([f"t{at}" for at in range(n)])
    return Drift(
        auc=sum(interval) / 2,
        auc_interval=interval,
        auc_left=0.5,
        train_ids=ids,
        train_units=ids,
        weights=np.ones(n),
        test_ids=ids,
        test_paths=ids,
        ratios=ratios,
        features=np.zeros((2 * n, 1), np.float32),
        groups=np.arange(2 * n),
    )


def test_noise_of_ratios_is_no_share_of_images_without_a_counterpart():
    noisy = np.exp(np.random.default_rng(0).normal(0, 0.8, 5000))
    assert unlike_share(noisy) > 0.2
    drift = drift_of(noisy, (0.501, 0.509))
    assert drift.differs
    assert drift.share_unlike == pytest.approx(0.018)
    assert summarise_drift(drift).sentence.startswith("about 2% of the 5,000 test images")
    assert summarise_drift(drift_of(noisy, (0.5001, 0.502))).sentence.startswith("fewer than 1%")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7])
def test_share_is_the_one_by_which_the_parts_differ(share):
    """Of 10,000 images of two kinds, one is more frequent in test by `share`; AUC is counted."""
    train, test = np.arange(10_000) < 1000, np.arange(10_000) < 1000 + 10_000 * share
    frequency = np.where(test, test.mean() / train.mean(), (1 - test.mean()) / (1 - train.mean()))
    auc = roc_auc_score(np.repeat([0, 1], 10_000), np.concatenate([train, test]))
    assert auc == pytest.approx(0.5 + share / 2)
    assert drift_of(frequency, (0.5001, float(auc))).share_unlike == pytest.approx(share)


def of_patients(n_test: int, group: str | None = "p") -> pd.DataFrame:
    """Four slices of each of six train patients, who are groups, and of `n_test` others."""
    rows = [
        (f"{part}/{patient}/{z}.png", f"{group}{patient}" if group and part == "train" else None)
        for part, n in (("train", 6), ("test", n_test))
        for patient in range(n)
        for z in range(4)
    ]
    frame = pd.DataFrame(rows, columns=["path", "group"])
    return frame.assign(facts=[SimpleNamespace(sha256=f"{at}") for at in range(len(frame))])


def test_slices_of_a_test_patient_are_of_one_group_where_those_of_train_are():
    found = drift_groups(of_patients(5))
    assert found[:4] == ["group p0"] * 4
    assert len(set(found[24:])) == 5
    assert len(set(found[24:28])) == 1
    assert len(set(drift_groups(of_patients(5, None)))) == 44  # nothing says that folders count
    assert len(set(drift_groups(of_patients(2))[24:])) == 8  # too few for the folds


def test_no_image_is_called_like_train_whose_like_is_more_frequent_in_test() -> None:
    of_all = summarise_drift(drift_of(np.full(24, 20.0), (0.9, 1.0)))
    assert (len(of_all.unlike), of_all.alike) == (8, ())
    found = summarise_drift(drift_of(np.repeat([0.5, 20.0], [3, 21]), (0.9, 1.0)))
    assert [one.id for one in found.alike] == ["t0", "t1", "t2"]
    assert {one.ratio for one in found.unlike} == {20.0}
