"""A member by itself is decided as it would be sent, and only what that needs is fitted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from podium.competition import metrics
from podium.ensembling import labels
from podium.ensembling.labels import LabelFits
from podium.ensembling.rows import OofRows, gather
from podium.tasks.protocols.find import image_kind

N, FOLDS = 240, 4


def rows_of(scales: list[float]) -> OofRows:
    """Return members that take the first of three classes for less likely by `scales`."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, N)
    members = []
    for scale in scales:
        probs = rng.random((N, 3)) + 1.2 * np.eye(3)[truth]
        probs[:, 0] *= scale
        members.append((probs / probs.sum(axis=1, keepdims=True)).astype(np.float32))
    folds = np.arange(N) % FOLDS
    return gather(np.stack(members), truth, folds, groups=None, ids=None, names=None)


def fits_of(rows: OofRows) -> LabelFits:
    return LabelFits(
        rows,
        metrics.get("accuracy"),
        image_kind("multiclass"),
        trials=10,
        seed=0,
        metric_options={},
        n_resamples=10,
        storage=None,
        notes=(),
    )


# Of the second all rows are decided better by other weights than the plain ones.
SCALES = [1.0, 0.2, 0.9]


@pytest.mark.slow
def test_a_member_is_decided_as_the_blend_of_it_alone() -> None:
    fits = fits_of(rows_of(SCALES))
    alone = [fits.of_members([m]).decided("mean") for m in range(len(SCALES))]
    assert [bool(one.decision) for one in alone] == [False, True, False]
    for one, sent in zip(alone, fits.sent_alone, strict=True):
        assert one.as_sent is not None
        np.testing.assert_array_equal(fits._units(sent).prediction, one.as_sent.prediction)


def test_folds_are_fitted_only_where_tuning_pays_on_all_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    choose = labels.choose_decision

    def counted(probs: Any, *args: Any, **how: Any) -> Any:
        sizes.append(len(probs))
        return choose(probs, *args, **how)

    monkeypatch.setattr(labels, "choose_decision", counted)
    assert len(fits_of(rows_of(SCALES)).sent_alone) == len(SCALES)
    # All rows of each; the second then without each of the folds, and not a second time of all.
    assert sizes == [N, N, *[N - N // FOLDS] * FOLDS, N]
