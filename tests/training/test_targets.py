from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from podium.competition.truths.masks import IGNORE
from podium.tasks.protocols.find import pixel_kind
from podium.training.data.rows import MaskForm

CPU = torch.device("cpu")


def test_a_multiclass_target_has_background_classes_and_minus_one() -> None:
    masks = torch.tensor([[[0, 1], [254, IGNORE]]], dtype=torch.uint8)
    target = MaskForm(pixel_kind("multiclass"), 255).targets(masks, CPU)
    assert target.dtype == torch.int64
    assert target.tolist() == [[[0, 1], [254, -1]]]


def test_a_binary_target_has_one_channel_and_nan() -> None:
    masks = torch.tensor([[[0, 1], [1, IGNORE]]], dtype=torch.uint8)
    target = MaskForm(pixel_kind("binary"), 1).targets(masks, CPU)
    expected = torch.tensor([[[[0.0, 1.0], [1.0, math.nan]]]])
    torch.testing.assert_close(target, expected, equal_nan=True)


def test_a_multilabel_target_has_its_channels_second() -> None:
    masks = np.random.default_rng(0).choice([0, 1, IGNORE], (2, 3, 4, 5)).astype(np.uint8)
    target = MaskForm(pixel_kind("multilabel"), 5).targets(torch.from_numpy(masks), CPU)
    assert target.shape == (2, 5, 3, 4)
    assert target.dtype == torch.float32
    for n, row, column, c in np.ndindex(masks.shape):
        value, was = float(target[n, c, row, column]), masks[n, row, column, c]
        assert math.isnan(value) if was == IGNORE else value == was


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_a_mask_that_is_not_there_has_no_answer_anywhere(kind: str) -> None:
    form = MaskForm(pixel_kind(kind), 3)  # type: ignore[arg-type]
    unknown = form.unknown((4, 5))
    target = form.targets(torch.from_numpy(unknown[None]), CPU)
    assert ((target == -1) | target.isnan()).all()
    assert target.shape[-2:] == (4, 5)
