"""Methods of one's own that change each member first: how they teach, and whom no gate asks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from podium.ensembling.method import BlendMethod, Fitted, weighted_mean
from podium.ensembling.plan import LabelPlan
from podium.predictions.views import ViewSet
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.workflows.pseudo.teachers import FoldModels, TeacherEnsemble

SQUARED = BlendMethod(
    fit=lambda members, objective, seed: Fitted((0.5, 0.5), {"is": "fitted"}),
    combine=weighted_mean,
    prepare=lambda probs, folds: probs**2,
)


def test_members_are_prepared_before_they_teach() -> None:
    rng = np.random.default_rng(0)
    voices = tuple(FoldModels(job, ViewSet()) for job in (None, None))  # type: ignore[arg-type]
    tables = rng.random((2, 5, 3)).astype(np.float32)
    predicted: dict[FoldModels, Any] = {
        voice: SimpleNamespace(
            mean_blocks=lambda *_, of=table, **__: [(None, of[:2]), (None, of[2:])]
        )
        for voice, table in zip(voices, tables, strict=True)
    }
    fitted = Fitted((0.5, 0.5), {"is": "fitted"})
    teacher = TeacherEnsemble("classify", voices, "own:METHOD", SQUARED, {0: fitted})
    got = teacher.labels(predicted, "unlabelled", [0], fitted, list("abcde"))
    np.testing.assert_allclose(got, (tables**2).mean(axis=0), rtol=1e-6)


def test_gate_is_not_built_from_prepared_members() -> None:
    # What it says of an image follows from the others there, and those of the test set are others.
    competition = SimpleNamespace(kind=image_kind("binary"), mask_kind=pixel_kind("binary"))
    labels: Any = LabelPlan(SimpleNamespace(competition=competition), (), *[None] * 3)  # type: ignore[arg-type]
    assert labels.classifier(SimpleNamespace(how=SQUARED), None) is None
