from __future__ import annotations

from pathlib import Path

import pytest

from podium.training.runs import fold_files
from podium.training.runs.fold_files import FoldFailure, FoldFiles, find_failure


def finished(tmp_path: Path) -> FoldFiles:
    files = FoldFiles(tmp_path, 0)
    files.folder.mkdir()
    for file in (files.resume, files.selected(0, 1), files.selected(2, 0)):
        file.write_bytes(b"kept")
    return files


def test_what_is_kept_for_resuming_goes_when_the_training_is_done(tmp_path: Path) -> None:
    files = finished(tmp_path)
    files.write_done({"epochs": [3]})
    assert [file.name for file in files.folder.iterdir()] == ["done.json"]
    assert files.read_done() == {"epochs": [3]}


def test_a_process_killed_before_that_is_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    files = finished(tmp_path)
    monkeypatch.setattr(fold_files, "write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        files.write_done({})
    assert not files.is_done
    assert files.resume.is_file()
    assert files.selected(2, 0).is_file()


def test_what_stopped_a_fold_is_known_until_it_is_trained(tmp_path: Path) -> None:
    files = finished(tmp_path)
    assert find_failure(tmp_path) is None
    files.write_failed("the loss became nan", "lower optimizer.lr")
    assert find_failure(tmp_path) == FoldFailure("0", "the loss became nan", "lower optimizer.lr")
    files.write_done({})
    assert find_failure(tmp_path) is None
