"""Starting a workspace: a folder of data, or a competition's name; what is neither is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import HostError
from podium.workflows.starting import start


def test_the_same_words_again_after_a_download_that_did_not_begin_ask_for_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    for _ in range(2):
        with pytest.raises(HostError, match="no Kaggle credentials"):
            start("some-competition")
