"""Weights out of reach are told before an image is read; what is trained needs none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from podium.competition.spec import Competition
from podium.errors import RecipeError
from podium.training.runs import train as subject
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

Made = tuple[Workspace, Competition]
OVERRIDES = ("phases=[{name: whole, epochs: 1}]",)


def _refuse(*_: object) -> None:
    raise RecipeError("out of reach", where="model.pretrained")


def test_no_image_is_read_before(
    make: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = make()
    monkeypatch.setattr(subject, "require_weights", _refuse)
    monkeypatch.setattr(subject, "plan_job", lambda *_, **__: pytest.fail("images were read"))
    with pytest.raises(RecipeError, match="out of reach"):
        train(workspace, competition, workspace.recipes / "tiny.yaml")
    assert not workspace.private.exists()


def test_what_has_begun_needs_no_weights(
    make: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = make()
    file = workspace.recipes / "tiny.yaml"
    first = train(workspace, competition, file, overrides=OVERRIDES, folds=[0])
    monkeypatch.setattr(subject, "require_weights", _refuse)
    again = train(workspace, competition, file, overrides=OVERRIDES, folds=[0])
    assert again.run == first.run
    with pytest.raises(RecipeError, match="out of reach"):  # a fold that has not begun
        train(workspace, competition, file, overrides=OVERRIDES, folds=[1])
