from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from training.pseudo_label_cases import (
    SURE,
    Net,
    batch,
    ce,
    draws,
    fixed_predictions,
    make,
    random_logits,
    softmax,
    step,
)

from podium.errors import RecipeError
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Pool,
)
from podium.training.objective import build_objective
from podium.training.recipe import Mix


class TestClassical:
    @pytest.mark.parametrize("threshold", [0.0, 0.7, 0.95])
    def test_it_is_the_labelled_loss_and_the_mean_over_all_unlabelled(
        self, threshold: float
    ) -> None:
        """Trap: the mean over the kept ones only."""
        x, y, u = random_logits(4), torch.tensor([1, 0, 2, 4]), random_logits(9, seed=1)
        total, n_kept = torch.zeros(()), 0
        for z in u:
            p = softmax(z)
            if max(p) >= threshold:
                total, n_kept = total + ce(z, p.index(max(p))), n_kept + 1
        assert threshold == 0 or 0 < n_kept < 9
        labelled = sum(ce(x[i], int(y[i])) for i in range(4)) / 4
        of = make(mode="classical", threshold=threshold, weight=0.3)
        losses = of.losses({LABELLED: batch(x, y), UNLABELLED: batch(u)}, step())
        torch.testing.assert_close(losses["labelled"], labelled)
        torch.testing.assert_close(losses["pseudo"], 0.3 * total / 9)
        torch.testing.assert_close(losses["total"], labelled + 0.3 * total / 9)
        torch.testing.assert_close(losses["classify/pseudo_kept"], torch.tensor(n_kept / 9))
        sure = torch.tensor([max(softmax(z)) for z in u]).mean()
        torch.testing.assert_close(losses["classify/confidence"], sure)

    def test_a_sample_that_is_not_kept_does_not_thin_out_those_that_are(self) -> None:
        """The kept one's share stays 1/U, whoever else is kept."""
        sure, unsure = torch.tensor([9.0, 0, 0, 0, 0]), torch.zeros(5)
        of = make(mode="classical", threshold=0.9, schedule="alternate")
        alone = of.losses({UNLABELLED: batch(torch.stack([sure, unsure]))}, step())["total"]
        both = of.losses({UNLABELLED: batch(torch.stack([sure, sure]))}, step())["total"]
        torch.testing.assert_close(alone, ce(sure, 0) / 2)
        torch.testing.assert_close(both, ce(sure, 0))

    def test_no_kept_sample_is_a_loss_of_zero_without_gradient(self) -> None:
        of = make(mode="classical", threshold=0.99, schedule="alternate")
        total = of.losses({UNLABELLED: batch(torch.zeros(3, 5))}, step())["total"]
        total.backward()
        assert total.item() == 0
        assert not of.network.weight.grad.any()

    def test_no_gradient_flows_through_the_pseudo_label(self) -> None:
        """Trap: labels that are not detached, soft ones for example."""
        u = random_logits(6, seed=2)
        of, other = make(mode="classical", threshold=0.6, schedule="alternate"), Net()
        of.losses({UNLABELLED: batch(u)}, step())["total"].backward()
        answers = [(i, softmax(u[i])) for i in range(6)]
        fixed = [(i, p.index(max(p))) for i, p in answers if max(p) >= 0.6]
        logits = other(batch(u).images)["classify"]
        (sum(ce(logits[i], label) for i, label in fixed) / 6).backward()
        torch.testing.assert_close(of.network.weight.grad, other.weight.grad)

    def test_labels_are_made_anew_at_every_step(self) -> None:
        """Trap: labels that were made before the weights moved."""
        u = torch.tensor([[4.0, 0, 0, 0, 0]])
        of = make(mode="classical", threshold=0.9, schedule="alternate")
        before = of.losses({UNLABELLED: batch(u)}, step())["total"]
        with torch.no_grad():
            of.network.weight.copy_(2 * torch.eye(5).roll(1, 1))  # class 0 is called 1 now
        after = of.losses({UNLABELLED: batch(u)}, step(1))["total"]
        torch.testing.assert_close(before, ce(u[0], 0))
        torch.testing.assert_close(after, ce(2 * u[0].roll(1), 1))
        assert of.start_epoch(0, fixed_predictions(SURE)[0]) is None

    def test_confidence_is_measured_in_single_precision(self) -> None:
        """Trap: 0.948 and 0.950 are one number in bfloat16, which has no 0.95 between them."""
        u = torch.tensor([[2.953125, 0.0], [2.90625, 0.0]])
        assert (u.softmax(1).amax(1) >= 0.95).tolist() == [True, False]
        assert len(set(u.bfloat16().softmax(1).amax(1).tolist())) == 1
        net = Net(2, half=True)
        of = make(n_outputs=2, mode="classical", schedule="alternate", threshold=0.95, network=net)
        losses = of.losses({UNLABELLED: batch(u)}, step())
        assert losses["classify/pseudo_kept"] == 0.5
        torch.testing.assert_close(losses["total"], ce(u[0], 0) / 2)

    def test_classes_that_are_never_predicted_do_no_harm(self) -> None:
        u = torch.tensor([[5.0, -9, -9, -9, -9], [6.0, -9, -9, -9, -9]])
        of = make(mode="classical", schedule="alternate", threshold=0)
        total = of.losses({UNLABELLED: batch(u)}, step())["total"]
        torch.testing.assert_close(total, (ce(u[0], 0) + ce(u[1], 0)) / 2)

    @pytest.mark.parametrize("kind", ["binary", "multilabel"])
    def test_each_output_with_a_sigmoid_is_a_sample(self, kind: Any) -> None:
        n_outputs = 1 if kind == "binary" else 3
        u, total = random_logits(6, n_outputs), 0.0
        for z in u.flatten().tolist():
            p = 1 / (1 + math.exp(-z))
            if max(p, 1 - p) >= 0.9:
                total += -math.log(max(p, 1 - p))
        of = make(
            {"classify": kind},
            n_outputs=n_outputs,
            mode="classical",
            schedule="alternate",
            threshold=0.9,
        )
        losses = of.losses({UNLABELLED: batch(u)}, step())
        assert 0 < losses["classify/pseudo_kept"] < 1
        torch.testing.assert_close(losses["total"], torch.tensor(total / u.numel()))

    @pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel"])
    def test_of_masks_every_pixel_that_is_shown_is_a_sample(self, kind: Any) -> None:
        n_outputs = 1 if kind == "binary" else 3
        u = random_logits(2, n_outputs, 4, 5)
        shown = torch.rand(2, 4, 5, generator=torch.Generator().manual_seed(3)) < 0.7
        total, n = torch.zeros(()), 0
        for i, row, column in torch.nonzero(shown).tolist():
            z = u[i, :, row, column]
            if kind == "multiclass":
                p, n = softmax(z), n + 1
                total = total + (ce(z, p.index(max(p))) if max(p) >= 0.9 else 0)
                continue
            for p in z.sigmoid():
                n, p = n + 1, max(p, 1 - p)
                total = total - (p.log() if p >= 0.9 else 0)
        of = make(
            {"segment": kind},
            n_outputs=n_outputs,
            loss={"segment": {"ce" if kind == "multiclass" else "bce": 0.5}},
            mode="classical",
            schedule="alternate",
            threshold=0.9,
        )
        losses = of.losses({UNLABELLED: batch(u, shown={"train": shown})}, step())
        assert 0 < losses["segment/pseudo_kept"] < 1
        torch.testing.assert_close(losses["total"], 0.5 * total / n)

    def test_nothing_shown_is_no_division_by_zero(self) -> None:
        of = make({"segment": "multiclass"}, mode="classical", schedule="alternate", threshold=0)
        made = batch(random_logits(2, 5, 3, 3), shown={"train": torch.zeros(2, 3, 3).bool()})
        assert of.losses({UNLABELLED: made}, step())["total"] == 0

    def test_two_heads_have_an_unlabelled_term_each(self) -> None:
        u = random_logits(3, 5, 4, 4)
        kinds = {"classify": "multiclass", "segment": "multiclass"}
        loss = {"classify": {"ce": 1}, "segment": {"ce": 0.5, "dice": 0.5}}
        given: dict[str, Any] = {"mode": "classical", "schedule": "alternate", "threshold": 0.4}
        both = make(kinds, loss=loss, **given).losses({UNLABELLED: batch(u)}, step())
        alone = [
            make({task: kinds[task]}, loss={task: loss[task]}, **given).losses(
                {UNLABELLED: batch(u)}, step()
            )["total"]
            for task in kinds
        ]
        torch.testing.assert_close(both["total"], sum(alone))
        shares = {"classify/pseudo_kept", "segment/pseudo_kept"}
        assert set(both) == {"total", "pseudo", "classify/confidence"} | shares

    def test_two_heads_may_have_a_threshold_each(self) -> None:
        u = random_logits(3, 5, 4, 4)
        kinds = {"classify": "multiclass", "segment": "multiclass"}
        given: dict[str, Any] = {"mode": "classical", "schedule": "alternate"}
        own = make(kinds, threshold=0.4, mask_threshold=0.8, **given)
        both = own.losses({UNLABELLED: batch(u)}, step())
        alone = [
            make({task: "multiclass"}, threshold=threshold, **given).losses(
                {UNLABELLED: batch(u)}, step()
            )
            for task, threshold in (("classify", 0.4), ("segment", 0.8))
        ]
        torch.testing.assert_close(both["total"], alone[0]["total"] + alone[1]["total"])
        sure = (u.softmax(dim=1).amax(dim=1) >= 0.8).float().mean()
        torch.testing.assert_close(both["segment/pseudo_kept"], sure)

    def test_a_loss_of_regions_is_that_of_the_kept_pixels_times_their_share(self) -> None:
        u = random_logits(2, 5, 4, 4)
        p, label = u.softmax(1).max(1)
        objective = build_objective({"segment": {"dice": 1}}, kinds={"segment": "multiclass"})
        kept = p >= 0.8
        dice = objective({"segment": u}, {"segment": label.masked_fill(~kept, -1)})["total"]
        of = make(
            {"segment": "multiclass"},
            loss={"segment": {"dice": 1}},
            mode="classical",
            schedule="alternate",
            threshold=0.8,
        )
        total = of.losses({UNLABELLED: batch(u)}, step())["total"]
        torch.testing.assert_close(total, dice * kept.float().mean())

    def test_the_labelled_batch_is_mixed_and_the_unlabelled_one_is_not(self) -> None:
        mixing = Mix(mixup=1.0)
        x, y, u = random_logits(4), torch.tensor([1, 0, 2, 4]), random_logits(6, seed=1)
        of = make(mode="classical", threshold=0.7, mixing=mixing)
        losses = of.losses({LABELLED: batch(x, y), UNLABELLED: batch(u)}, step(7))
        supervised = make(mixing=mixing).losses({LABELLED: batch(x, y)}, step(7))
        torch.testing.assert_close(losses["labelled"], supervised["total"])
        plain = make(mode="classical", threshold=0.7, schedule="alternate")
        alone = plain.losses({UNLABELLED: batch(u)}, step())["total"]
        torch.testing.assert_close(losses["pseudo"], alone)

    def test_the_threshold_follows_the_epoch(self) -> None:
        u = torch.tensor([[3.0, 0.0], [9.0, 0.0]])  # 0.953 and 0.9999
        of = make(
            n_outputs=2,
            mode="classical",
            schedule="alternate",
            threshold={"start": 0.95, "step": 0.02},
        )
        kept = [
            float(of.losses({UNLABELLED: batch(u)}, step(i))["classify/pseudo_kept"])
            for i in (0, 4, 5, 45)
        ]
        assert kept == [1, 1, 0.5, 0.5]

    def test_both_streams_come_at_every_step(self) -> None:
        labelled, unlabelled = make(mode="classical", ratio=3).streams(step(8))
        assert (labelled.pools, labelled.batch_size) == ((LABELLED,), 4)
        assert (unlabelled.pools, unlabelled.batch_size) == ((UNLABELLED,), 12)
        assert labelled.number is unlabelled.number is None


class TestRamp:
    @pytest.mark.parametrize(
        ("epoch", "weight"),
        [(0, 0), (1.8, 0), (2, 0), (3, 0.5), (4, 1), (5.6, 1.8), (6, 2), (9, 2)],
    )
    def test_the_weight_rises_between_two_epochs(self, epoch: float, weight: float) -> None:
        x, y, u = random_logits(4), torch.tensor([1, 0, 2, 4]), random_logits(6, seed=1)
        batches = {LABELLED: batch(x, y), UNLABELLED: batch(u)}
        of = make(mode="classical", threshold=0, ramp=[2, 6], weight=2)
        one = make(mode="classical", threshold=0, weight=1).losses(batches, step())["pseudo"]
        losses = of.losses(batches, step(round(5 * epoch)))
        torch.testing.assert_close(losses["pseudo"], weight * one)
        torch.testing.assert_close(losses["total"], losses["labelled"] + weight * one)

    def test_a_ramp_without_width_is_a_step(self) -> None:
        of = make(mode="classical", schedule="alternate", threshold=0, ramp=[1, 1])
        u = batch(random_logits(3))
        assert "total" not in of.losses({UNLABELLED: u}, step(4))
        assert of.losses({UNLABELLED: u}, step(5))["total"] > 0

    def test_a_step_of_weight_zero_is_none(self) -> None:
        """Trap: momentum and weight decay move the weights in a step without a loss."""
        of = make(mode="classical", schedule="alternate", ramp=[2, 6])
        assert of.losses({UNLABELLED: batch(random_logits(3))}, step(9)) == {}

    def test_a_ramp_that_begins_after_the_phase_is_refused(self) -> None:
        with pytest.raises(RecipeError, match="rises from epoch 100 on, and the phase has 10"):
            make(mode="classical", ramp=[100, 600])


class TestAlternating:
    def test_some_unlabelled_batches_then_a_labelled_one(self) -> None:
        """Trap: both terms summed in every step."""
        of = make(mode="classical", schedule="alternate", ratio=3)
        streams = [of.streams(step(index)) for index in range(8)]
        assert all(len(one) == 1 for one in streams)
        assert [one[0].name for one in streams] == ([UNLABELLED] * 3 + [LABELLED]) * 2
        assert {one[0].batch_size for one in streams} == {4}

    def test_a_step_has_the_loss_of_its_batch_alone(self) -> None:
        x, y, u = random_logits(4), torch.tensor([1, 0, 2, 4]), random_logits(4, seed=1)
        joint = make(mode="classical", threshold=0.7, weight=0.3)
        both = joint.losses({LABELLED: batch(x, y), UNLABELLED: batch(u)}, step())
        of = make(mode="classical", schedule="alternate", threshold=0.7, weight=0.3)
        labelled = of.losses({LABELLED: batch(x, y)}, step())
        torch.testing.assert_close(labelled["total"], both["labelled"])
        unlabelled = of.losses({UNLABELLED: batch(u)}, step())
        torch.testing.assert_close(unlabelled["total"], both["pseudo"])

    @pytest.mark.parametrize("accumulate", [1, 2])
    def test_no_sample_is_skipped_while_a_stream_rests(self, accumulate: int) -> None:
        of = make(
            mode="classical", schedule="alternate", ratio=2, batch_size=2, accumulate=accumulate
        )
        drawn = draws(of, range(18 // accumulate), 9, accumulate)
        assert sorted(drawn[LABELLED]) == list(range(12))
        assert sorted(drawn[UNLABELLED][:12]) == sorted(drawn[UNLABELLED][12:]) == list(range(12))

    def test_an_epoch_has_as_many_more_steps(self) -> None:
        passes: dict[Pool, int] = {LABELLED: 12, UNLABELLED: 100}
        assert make(mode="classical", ratio=3).epoch_steps(passes) == 3
        of = make(mode="classical", ratio=3, schedule="alternate")
        assert of.epoch_steps(passes) == 12
