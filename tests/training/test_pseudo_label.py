from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from training.pseudo_label_cases import (
    LATER,
    N_CLASSES,
    SURE,
    batch,
    ce,
    draws,
    fixed_predictions,
    hard_mask,
    make,
    random_logits,
    step,
    tell,
)

from podium.errors import RecipeError
from podium.models import checkpoints
from podium.tasks.protocols.find import image_kind
from podium.training.data.mixing import mix, soft_targets
from podium.training.method import (
    LABELLED,
    PSEUDO,
)
from podium.training.methods.pseudo_label import METHOD, PseudoLabelOptions
from podium.training.recipe import Mix


class TestThreshold:
    def test_a_schedule_rises_by_the_epoch_and_stays_below_one(self) -> None:
        """Trap: 0.90 + 0.02·epoch is 1 in epoch 5, and nothing passes any more."""
        threshold = PseudoLabelOptions(threshold={"start": 0.90, "step": 0.02}).threshold
        by_hand = [0.90, 0.92, 0.94, 0.96, 0.98, 0.99, 0.99, 0.99]
        assert [round(threshold.at(epoch), 6) for epoch in range(8)] == by_hand
        of = make(n_outputs=3, mode="permanent", threshold={"start": 0.90, "step": 0.02})
        predict, _ = fixed_predictions([[0.995, 0.005, 0.0]])
        assert len(of.start_epoch(9, predict)) == 1

    def test_a_number_is_the_same_in_every_epoch(self) -> None:
        threshold = PseudoLabelOptions(threshold=0.995).threshold
        assert {threshold.at(epoch) for epoch in range(9)} == {0.995}

    @pytest.mark.parametrize("threshold", [0.8, 0.9, 0.95, 0.94])
    def test_prediction_at_the_threshold_is_selected(self, threshold: float) -> None:
        probs = [[1 - threshold, threshold, 0.0], [1.001 - threshold, threshold - 0.001, 0.0]]
        predict, _ = fixed_predictions(probs)
        chosen = make(n_outputs=3, threshold=threshold).start_epoch(0, predict)
        assert chosen.index.tolist() == [0]

    def test_zero_lets_everything_pass(self) -> None:
        predict, _ = fixed_predictions([[1 / 3] * 3, [0.4, 0.3, 0.3]])
        assert len(make(n_outputs=3, threshold=0).start_epoch(0, predict)) == 2

    @pytest.mark.parametrize(
        "wrong",
        [
            1,
            1.5,
            -0.1,
            True,
            {"start": 0.9, "step": 0.02, "max": 1.0},
            {"start": 0.9, "max": 0.8},
            {"start": 0.9, "stpe": 0.02},
        ],
    )
    def test_what_nothing_could_reach_is_refused(self, wrong: Any) -> None:
        with pytest.raises(ValidationError):
            PseudoLabelOptions(threshold=wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "local", "every": 2},
        {"mode": "permanent", "after": 2},
        {"mode": "append", "after": -1},
        {"mode": "permanent", "ramp": [1, 2]},
        {"mode": "append", "schedule": "alternate"},
        {"ratio": 3},
        {"mode": "classical", "ramp": [3, 2]},
        {"mode": "classical", "every": 2},
    ],
)
def test_an_option_that_the_mode_has_not_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PseudoLabelOptions(**wrong)


def test_a_regression_is_refused() -> None:
    with pytest.raises(RecipeError, match="regression has no pseudo-labels"):
        make({"classify": "regression"}, n_outputs=1)


class TestAppend:
    def test_labels_are_made_once(self) -> None:
        of = make(n_outputs=3, threshold=0.8)
        predict, asked = fixed_predictions(SURE)
        assert [of.start_epoch(epoch, predict) is None for epoch in range(4)] == [False] + [
            True
        ] * 3
        assert len(asked) == 1

    def test_or_anew_every_few_epochs_in_place_of_the_earlier_ones(self) -> None:
        of = make(n_outputs=3, threshold=0.8, every=2)
        first, later = fixed_predictions(SURE)[0], fixed_predictions(LATER)[0]
        assert len(of.start_epoch(0, first)) == 3
        assert of.start_epoch(1, later) is None
        again = [(0, 0, 0.97, 2), (1, 1, 0.98, 2), (3, 0, 0.8, 2)]
        assert tell(of.start_epoch(2, later)) == again

    def test_or_for_the_first_time_after_some_epochs(self) -> None:
        predict, asked = fixed_predictions(SURE)
        of = make(n_outputs=3, threshold=0.8, after=2)
        once = [of.start_epoch(epoch, predict) is not None for epoch in range(6)]
        assert once == [False, False, True, False, False, False]
        of = make(n_outputs=3, threshold=0.8, after=1, every=2)
        anew = [of.start_epoch(epoch, predict) is not None for epoch in range(6)]
        assert anew == [False, True, False, True, False, True]
        assert len(asked) == 4

    def test_never_is_refused(self) -> None:
        with pytest.raises(RecipeError, match="after epoch 10, and the phase has 10"):
            make(n_outputs=3, epochs=10, after=10)

    def test_they_stand_among_the_labelled_samples(self) -> None:
        (stream,) = make().streams(step(3))
        assert stream.pools == (LABELLED, PSEUDO)
        assert (stream.batch_size, stream.number) == (4, None)

    def test_pseudo_labels_are_trained_as_labels_with_their_weight(self) -> None:
        logits, target = random_logits(4), torch.tensor([1, 0, -1, 4])
        weight = torch.tensor([1.0, 1.0, 0.5, 0.5])  # two of the samples have pseudo-labels
        each = [ce(logits[i], int(target[i])) * weight[i] for i in (0, 1, 3)]
        losses = make(weight=0.5).losses({LABELLED: batch(logits, target, weight=weight)}, step())
        torch.testing.assert_close(losses["total"], sum(each) / 2.5)

    def test_they_are_mixed_as_labels_are(self) -> None:
        mixing = Mix(mixup=1.0)
        of, logits, target = make(mixing=mixing), random_logits(4), torch.tensor([1, 0, 2, 4])
        made = batch(logits, target)
        soft = soft_targets(target, kind=image_kind("multiclass"), n_outputs=N_CLASSES)
        images, mixed = mix(made.images, soft, mixing, step(7).rng("mix"))
        by_hand = -(mixed * images.mean((2, 3)).log_softmax(1)).sum(1).mean()
        torch.testing.assert_close(of.losses({LABELLED: made}, step(7))["total"], by_hand)


class TestPermanent:
    def test_a_sample_that_joined_is_never_relabelled_and_never_leaves(self) -> None:
        """Trap: the set made anew, or items dropped that the network doubts later."""
        of = make(n_outputs=3, mode="permanent", threshold=0.9)
        assert tell(of.start_epoch(0, fixed_predictions(SURE)[0])) == [
            (0, 1, 0.9, 0),
            (2, 2, 0.95, 0),
        ]
        # By now the network would call 0 another class, doubts 2, and is sure of 1.
        joined = [(0, 1, 0.9, 0), (2, 2, 0.95, 0), (1, 1, 0.98, 1)]
        assert tell(of.start_epoch(1, fixed_predictions(LATER)[0])) == joined
        assert tell(of.start_epoch(2, fixed_predictions(SURE)[0])) == joined

    def test_the_pool_is_predicted_every_epoch_with_the_epochs_threshold(self) -> None:
        of = make(n_outputs=3, mode="permanent", threshold={"start": 0.9, "step": 0.06})
        probs = [[0.95, 0.05, 0.0]]
        low, (high, asked) = fixed_predictions([[0.5, 0.5, 0.0]])[0], fixed_predictions(probs)
        assert len(of.start_epoch(0, low)) == 0
        assert len(of.start_epoch(1, high)) == 0
        assert len(asked) == 1
        assert len(make(n_outputs=3, mode="permanent", threshold=0.9).start_epoch(0, high)) == 1

    def test_an_epoch_begun_again_gives_the_same(self) -> None:
        of = make(n_outputs=3, mode="permanent", threshold=0.9)
        first = tell(of.start_epoch(0, fixed_predictions(SURE)[0]))
        assert tell(of.start_epoch(0, fixed_predictions(LATER)[0])) == first

    def test_a_restored_set_goes_on_as_the_unbroken_one(self, tmp_path: Path) -> None:
        kinds = {"classify": "multiclass", "segment": "multiclass"}
        rng = np.random.default_rng(0)
        masks = [rng.dirichlet([0.2] * 3, (4, 5 + i)).astype(np.float32) for i in range(4)]
        given: dict[str, Any] = {"n_outputs": 3, "mode": "permanent", "threshold": 0.9}
        unbroken, restored = make(kinds, **given), make(kinds, **given)
        sure = [masks[0], masks[1] * 0 + 1 / 3, masks[2], masks[3] * 0 + 1 / 3]
        unbroken.start_epoch(0, fixed_predictions(SURE, sure)[0])
        checkpoints.save(tmp_path / "c.pt", {"method": unbroken.state_dict()})
        restored.load_state_dict(checkpoints.load(tmp_path / "c.pt")["method"])
        begun_again = restored.start_epoch(0, fixed_predictions(LATER, masks)[0])
        assert begun_again.index.tolist() == [0, 2], "epoch 0 was answered before the checkpoint"
        whole, again = (
            of.start_epoch(1, fixed_predictions(LATER, masks[::-1])[0])
            for of in (unbroken, restored)
        )
        assert tell(whole) == tell(again)
        assert Counter(whole.round.tolist()) == {0: 2, 1: 2}
        for one, other in zip(whole.masks, again.masks, strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(again.masks[0], hard_mask(masks[0], "multiclass", 0.9)[0])

    def test_an_empty_set_is_restored_too(self) -> None:
        of, other = (make({"segment": "binary"}, n_outputs=1, mode="permanent") for _ in range(2))
        of.start_epoch(0, fixed_predictions(masks=[np.full((2, 2, 1), 0.5)])[0])
        other.load_state_dict(of.state_dict())
        assert len(other.start_epoch(1, fixed_predictions(masks=[np.ones((2, 2, 1))])[0])) == 1

    def test_a_method_before_its_first_epoch_has_nothing_to_restore(self) -> None:
        of = make(mode="permanent")
        of.load_state_dict(make(mode="permanent").state_dict())
        assert of.state_dict() == {}


class TestLocal:
    @pytest.mark.parametrize(("batch_size", "learns"), [(4, False), (1, True)])
    def test_one_image_alone_teaches_nothing_unless_every_batch_is_one(
        self, batch_size: int, learns: bool
    ) -> None:
        of = make(mode="local", batch_size=batch_size, threshold=0.5)
        made = {PSEUDO: batch(random_logits(1), torch.tensor([2]))}
        assert bool(of.losses(made, step())) is learns

    def test_a_round_is_an_epoch_of_the_selected_and_one_of_the_labelled(self) -> None:
        of = make(mode="local")
        pools = [of.streams(step(index))[0].pools for index in range(20)]
        assert pools == ([(PSEUDO,)] * 5 + [(LABELLED,)] * 5) * 2

    def test_the_selection_is_dropped_after_the_round(self) -> None:
        """Trap: what an earlier round selected stays."""
        of = make(n_outputs=3, mode="local", threshold=0.9)
        assert tell(of.start_epoch(0, fixed_predictions(SURE)[0])) == [
            (0, 1, 0.9, 0),
            (2, 2, 0.95, 0),
        ]
        predict, asked = fixed_predictions(LATER)
        assert of.start_epoch(1, predict) is None
        assert not asked
        assert tell(of.start_epoch(2, predict)) == [(0, 0, 0.97, 2), (1, 1, 0.98, 2)]

    def test_weight_of_selected_samples_does_not_cancel_out(self) -> None:
        """Trap: equal weights of all samples of a batch change nothing in its mean."""
        logits, target = random_logits(4), torch.tensor([1, 0, 2, 4])
        weight = torch.full((4,), 0.25)
        by_hand = 0.25 * sum(ce(logits[i], int(target[i])) for i in range(4)) / 4
        of = make(mode="local", weight=0.25)
        losses = of.losses({PSEUDO: batch(logits, target, weight=weight)}, step())
        torch.testing.assert_close(losses["total"], by_hand)
        torch.testing.assert_close(losses["pseudo"], by_hand)
        labelled = of.losses({LABELLED: batch(logits, target)}, step(5))["total"]
        torch.testing.assert_close(labelled, by_hand / 0.25)

    def test_unlabelled_loss_is_zero_without_selected_samples(self) -> None:
        assert "total" not in make(mode="local").losses({}, step())

    @pytest.mark.parametrize("accumulate", [1, 2])
    def test_the_labelled_samples_go_on_where_they_rested(self, accumulate: int) -> None:
        per_epoch = 3
        of = make(mode="local", batch_size=2, accumulate=accumulate)
        drawn = draws(of, range(6 * per_epoch), per_epoch, accumulate)[LABELLED]
        n = len(drawn) // 12  # whole passes over the twelve samples
        assert n == (1 if accumulate == 1 else 3)
        for number in range(n):
            assert sorted(drawn[12 * number : 12 * (number + 1)]) == list(range(12))

    def test_half_a_round_is_refused(self) -> None:
        with pytest.raises(RecipeError, match="two epochs, and the phase has 3"):
            make(mode="local", epochs=3)

    def test_a_phase_that_may_end_within_a_round_is_refused(self) -> None:
        stopping = replace(make(mode="local").setting, stops_early=True)
        with pytest.raises(RecipeError, match="may end on its own labels alone"):
            METHOD(METHOD.Options(mode="local"), stopping)
