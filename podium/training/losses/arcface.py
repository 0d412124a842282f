"""ArcFace: a class must be nearer than the others by an angle (Deng et al. 2019, arXiv:1801.07698).

    z_c = s cos θ_c     the head's logit: θ_c lies between the embedding and the weight of class c
    z_y = s φ(θ_y)      instead, of the true class y
    φ(θ) = cos(θ + m)             for θ <= π - m        (eq. 3)
           cos θ - m sin m        beyond
    L   = cross-entropy of z, with its class weights and its label smoothing

cos(θ + m) rises again beyond π - m. The line in cos θ is the one of the authors' code: φ falls over
all of [0, π], with a step down where the two meet. With m = 0 this is the cross-entropy.

It needs the head that outputs cosines, `model: {heads: {classify: {cosine: {scale: s}}}}`, and
classes as targets: between two classes, as MixUp makes targets, the margin is undefined.
"""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field
from torch import Tensor

from podium.errors import RecipeError
from podium.training.losses import ce
from podium.training.losses._loss import Loss, LossContext

__all__ = ["LOSS"]

Margin = Annotated[float, Field(ge=0, lt=math.pi / 2)]

LEAST = 1e-12  # of sin², whose root has no slope at 0


def _arcface(logits: Tensor, target: Tensor, given: LossContext, *, margin: Margin = 0.5) -> Tensor:
    if target.ndim == logits.ndim:
        raise RecipeError(
            "arcface learns classes, and these labels lie between them",
            where="loss.classify.arcface",
            fix="leave mix out, or write ce",
        )
    assert given.scale is not None  # `build_objective` has checked it
    true = target.unsqueeze(1)
    cosine = logits.gather(1, true) / given.scale  # (N, 1); rounding may lead beyond 1
    sine = (1 - cosine.square()).clamp(min=LEAST).sqrt()
    nearer = cosine * math.cos(margin) - sine * math.sin(margin)
    beyond = cosine - margin * math.sin(margin)
    aim = nearer.where(cosine >= -math.cos(margin), beyond)  # cos(π - m) = -cos m
    return ce.LOSS(logits.scatter(1, true, given.scale * aim), target, given)


LOSS = Loss(_arcface, kinds=frozenset({"multiclass"}), of_cosines=True)
