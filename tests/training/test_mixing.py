"""MixUp and CutMix do to the labels exactly what they do to the pixels."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from podium.errors import RecipeError
from podium.training.data.mixing import (
    Mixture,
    apply,
    draw_mixture,
    mix,
    mix_batch,
    paste,
    soft_targets,
)
from podium.training.data.sampling import generator
from podium.training.recipe import Mix

N, SIZE = 6, (8, 12)
IMAGES = torch.arange(N).float().view(N, 1, 1, 1).expand(N, 3, *SIZE).contiguous()  # i everywhere
TARGETS = torch.eye(N)


@pytest.mark.parametrize("spec", [Mix(mixup=0.4), Mix(cutmix=1.0), Mix(mixup=0.4, cutmix=1.0)])
def test_the_share_of_pixels_is_the_share_of_the_label(spec: Mix) -> None:
    for seed in range(20):
        images, targets = mix(IMAGES, TARGETS, spec, generator(seed))
        torch.testing.assert_close(targets.sum(dim=1), torch.ones(N))
        # Image i is the constant i: a mean pixel is the expected index under the label.
        expected = targets @ torch.arange(N).float()
        torch.testing.assert_close(images.mean(dim=(1, 2, 3)), expected)


def test_mixup_by_hand() -> None:
    mixture = Mixture(np.array([1, 2, 3, 4, 5, 0]), 0.75, None)
    images, targets = apply(mixture, IMAGES, TARGETS)
    for i in range(N):
        j = (i + 1) % N
        assert torch.allclose(images[i], torch.full((3, *SIZE), 0.75 * i + 0.25 * j))
        assert torch.allclose(targets[i], 0.75 * TARGETS[i] + 0.25 * TARGETS[j])


def test_cutmix_by_hand() -> None:
    mixture = Mixture(np.array([1, 0, 3, 2, 5, 4]), 1 - 6 / 96, (1, 3, 9, 12))
    images, targets = apply(mixture, IMAGES, TARGETS)
    for i, j in enumerate(mixture.partner):
        for row in range(SIZE[0]):
            for column in range(SIZE[1]):
                inside = 1 <= row < 3 and 9 <= column < 12
                assert images[i, 0, row, column] == (j if inside else i)
    torch.testing.assert_close(targets[0, 1], torch.tensor(6 / 96))


def test_what_was_given_is_not_changed() -> None:
    before = IMAGES.clone(), TARGETS.clone()
    mix(IMAGES, TARGETS, Mix(cutmix=1.0), generator(1))
    mix(IMAGES, TARGETS, Mix(mixup=1.0), generator(1))
    assert torch.equal(IMAGES, before[0])
    assert torch.equal(TARGETS, before[1])


def test_nothing_is_mixed_when_both_are_off_or_the_probability_is_zero() -> None:
    images, targets = mix(IMAGES, TARGETS, Mix(), generator(0))
    assert images is IMAGES
    assert targets is TARGETS
    never = Mix(mixup=1.0, probability=0.0)
    assert all(draw_mixture(N, SIZE, never, generator(seed)) is None for seed in range(20))


def test_probability_and_the_choice_between_the_two_are_kept() -> None:
    spec = Mix(mixup=0.2, cutmix=1.0, probability=0.6)
    drawn = [draw_mixture(N, SIZE, spec, generator("p", seed)) for seed in range(1000)]
    mixed = [one for one in drawn if one is not None]
    assert len(mixed) / 1000 == pytest.approx(0.6, abs=5 * math.sqrt(0.24 / 1000))
    cut = sum(one.box is not None for one in mixed) / len(mixed)
    assert cut == pytest.approx(0.5, abs=5 * math.sqrt(0.25 / len(mixed)))


def test_shares_of_mixup_follow_the_beta_distribution() -> None:
    spec = Mix(mixup=0.4)
    shares = [
        m.share for seed in range(2000) if (m := draw_mixture(2, SIZE, spec, generator(seed)))
    ]
    # Beta(a, a): mean 1/2, variance 1 / (4 (2a + 1))
    assert np.mean(shares) == pytest.approx(0.5, abs=0.05)
    assert np.var(shares) == pytest.approx(1 / (4 * 1.8), abs=0.02)


def test_boxes_lie_inside_and_reach_every_corner() -> None:
    boxes = [
        m.box
        for seed in range(500)
        if (m := draw_mixture(2, SIZE, Mix(cutmix=1.0), generator(seed)))
    ]
    covered = np.zeros(SIZE, dtype=int)
    for box in boxes:
        assert box is not None
        top, bottom, left, right = box
        assert 0 <= top <= bottom <= SIZE[0]
        assert 0 <= left <= right <= SIZE[1]
        covered[top:bottom, left:right] += 1
    assert covered.min() > 0
    np.testing.assert_allclose(covered, covered[::-1, ::-1], atol=5 * math.sqrt(500 / 4))


def test_the_same_generator_gives_the_same_batch() -> None:
    spec = Mix(mixup=0.4, cutmix=1.0)
    first, second = (mix(IMAGES, TARGETS, spec, generator("mix", 0, 3)) for _ in range(2))
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])


def test_a_missing_label_stays_missing_in_both_partners() -> None:
    targets = soft_targets(torch.tensor([0, -1, 1]), kind="multiclass", n_outputs=2)
    _, mixed = apply(Mixture(np.array([1, 2, 0]), 0.5, None), IMAGES[:3], targets)
    assert mixed.isnan().all(dim=1).tolist() == [True, True, False]


def test_soft_targets_of_every_kind() -> None:
    nan = math.nan
    one_hot = soft_targets(torch.tensor([2, -1]), kind="multiclass", n_outputs=3)
    torch.testing.assert_close(one_hot, torch.tensor([[0, 0, 1.0], [nan] * 3]), equal_nan=True)
    binary = soft_targets(torch.tensor([1, 0, -1]), kind="binary", n_outputs=1)
    torch.testing.assert_close(binary, torch.tensor([[1.0], [0.0], [nan]]), equal_nan=True)
    many = soft_targets(torch.tensor([[1, -1]]), kind="multilabel", n_outputs=2)
    torch.testing.assert_close(many, torch.tensor([[1.0, nan]]), equal_nan=True)
    number = soft_targets(torch.tensor([-1.5, nan]), kind="regression", n_outputs=1)
    torch.testing.assert_close(number, torch.tensor([[-1.5], [nan]]), equal_nan=True)


KINDS = {"classify": "multiclass", "segment": "multiclass"}
OUTPUTS = {"classify": N, "segment": N + 1}


def both_tasks(kind: str = "multiclass") -> dict[str, torch.Tensor]:
    """Return labels, and masks whose every pixel is the number of its image."""
    each = torch.arange(N).view(N, 1, 1).expand(N, *SIZE).contiguous()
    masks = each if kind == "multiclass" else torch.stack([each.float(), 10 + each.float()], dim=1)
    return {"classify": torch.arange(N), "segment": masks}


@pytest.mark.parametrize("kind", ["multiclass", "multilabel"])
@pytest.mark.parametrize("seed", range(10))
def test_cutmix_pastes_the_mask_where_it_pastes_the_image(kind: str, seed: int) -> None:
    images, mixed = mix_batch(
        IMAGES, both_tasks(kind), Mix(cutmix=1.0), generator(seed), kinds=KINDS, outputs=OUTPUTS
    )
    whose = images[:, 0]  # image i is the constant i
    if kind == "multiclass":
        assert mixed["segment"].dtype == torch.int64
        assert torch.equal(mixed["segment"].float(), whose)
    else:
        assert torch.equal(mixed["segment"], torch.stack([whose, 10 + whose], dim=1))
    # The share of the label is the share of the pixels, as without masks.
    expected = mixed["classify"] @ torch.arange(N).float()
    torch.testing.assert_close(whose.mean(dim=(1, 2)), expected)


def test_unknown_pixels_are_pasted_as_unknown() -> None:
    targets = both_tasks()
    targets["segment"][2] = -1
    mixture = Mixture(np.array([1, 2, 3, 4, 5, 0]), 0.5, (0, 4, 0, 12))
    pasted = paste(mixture, targets["segment"])
    assert (pasted[1, :4] == -1).all()
    assert (pasted[1, 4:] == 1).all()
    assert (pasted[2, :4] == 3).all()
    assert (pasted[2, 4:] == -1).all()


def test_a_mean_of_masks_is_refused() -> None:
    with pytest.raises(RecipeError, match="MixUp has no meaning for class masks"):
        mix_batch(IMAGES, both_tasks(), Mix(mixup=1.0), generator(0), kinds=KINDS, outputs=OUTPUTS)


def test_without_mixing_a_batch_stays_as_it_is() -> None:
    targets = both_tasks()
    images, same = mix_batch(IMAGES, targets, Mix(), generator(0), kinds=KINDS, outputs=OUTPUTS)
    assert images is IMAGES
    assert all(same[task] is targets[task] for task in targets)


def test_masks_alone_are_mixed_without_labels() -> None:
    targets = {"segment": both_tasks()["segment"]}
    images, mixed = mix_batch(
        IMAGES,
        targets,
        Mix(cutmix=1.0),
        generator(3),
        kinds={"segment": "multiclass"},
        outputs={"segment": N + 1},
    )
    assert set(mixed) == {"segment"}
    assert torch.equal(mixed["segment"].float(), images[:, 0])
