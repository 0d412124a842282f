"""Views of RGB of 8 bits stay what they have been, whatever else a view can take.

What is held is what each policy asks of albumentations; pixels are compared with its own Compose,
because their last bits depend on the processor.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import random
from typing import Any

import albumentations as A
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from podium.training import policies
from podium.training.data.augment import build_eval, build_train
from podium.training.recipe import Input
from podium.workspace import extensions

SIZE = (48, 40)

# Where one changes on purpose, raise TRAINING_FORMAT with it: runs of the same recipe differ.
KNOWN = {
    "byol": "7f33dfd4",
    "byol_solarize": "f41adde4",
    "crop": "8bea46b5",
    "flip": "f2412123",
    "global_crop": "2d6a2cf6",
    "jitter_grey": "8b212566",
    "local_crop": "ff5b29fb",
    "medium": "478231de",
    "moco_v2": "a51eec01",
    "moco_v2_small": "d4fb0f95",
    "none": "390cd2fa",
    "photometric": "efeeddd8",
    "simclr": "f5938d84",
    "simclr_small": "2cb3d1ac",
    "strong": "ff0fe3cf",
    "strong_batched": "efb452d4",
    "weak": "9f26eaf7",
    "weak_batched": "f5f371db",
}


def transforms(policy: str) -> list[Any]:
    module = importlib.import_module(f"podium.training.policies.{policy}")
    found: list[Any] = module.POLICY(SIZE)
    return found


def picture(size: tuple[int, int] = (70, 90)) -> NDArray[np.uint8]:
    draw = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(draw, (7, 7), 2), dtype=np.uint8)


def digest(policy: str) -> str:
    """Return 8 hex of all that a policy asks of albumentations."""
    asked = A.to_dict(A.Compose(transforms(policy)))["transform"]
    text = json.dumps(asked, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def test_the_transforms_of_every_policy_are_known_and_as_before() -> None:
    """Where it fails it shows the digest that `KNOWN` lacks, or has otherwise."""
    found = {one: digest(one) for one in extensions.names(policies)}
    assert dict(found.items() - KNOWN.items()) == {}
    assert found == KNOWN


@pytest.mark.parametrize("policy", sorted(name for name in KNOWN if not name.endswith("_batched")))
def test_a_view_is_the_fit_and_then_albumentations_own_compose(policy: str) -> None:
    view = build_train(Input(size=SIZE, train=policy))
    compose = A.Compose(transforms(policy))
    crops = any(isinstance(one, A.RandomResizedCrop) for one in transforms(policy))
    whole = picture()
    # 90 and 70 are no multiples of 48 and 40: areas are averaged with weights.
    fitted = whole if crops else cv2.resize(whole, SIZE[::-1], interpolation=cv2.INTER_AREA)
    for seed in range(10):
        compose.set_random_state(np.random.default_rng(seed), random.Random(seed))
        np.testing.assert_array_equal(view(whole, seed), compose(image=fitted)["image"])


def test_an_image_that_is_only_fitted_is_opencvs() -> None:
    for size in ((48, 40), (200, 300)):
        how = cv2.INTER_AREA if size == SIZE else cv2.INTER_LINEAR
        expected = cv2.resize(picture(), size[::-1], interpolation=how)
        np.testing.assert_array_equal(build_eval(Input(size=size))(picture(), 0), expected)
