"""`ws.import_predictions`: what a notebook has in memory is imported as files are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from import_workspaces import CLASSES, Team, labels, masks
from sklearn.metrics import accuracy_score

import podium
from podium.errors import PodiumError
from podium.workspace.records import read_record


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Return a workspace of 24 samples and 6 to predict, in three folds."""
    return labels(tmp_path / "team")


def test_frames_arrays_and_files_are_imported_alike(team: Team, tmp_path: Path) -> None:
    ws, probs, tests = podium.Workspace(team.root, quiet=True), team.probs(), team.test_probs()
    ids, folds = ws.samples()["id"], ws.folds()["fold"]
    frame, turned = team.table(probs), np.random.default_rng(0).permutation(len(probs))
    shuffled = frame.iloc[turned][["fox", "id", "cat", "fold", "dog"]]
    frame.to_csv(tmp_path / "oof.csv", index=False)
    by_fold = [np.flatnonzero(team.folds == k) for k in range(3)]
    forms: dict[str, dict[str, Any]] = {
        "frame": {"oof": shuffled, "test": team.table(tests, team.test).set_index("id")},
        "array": {"oof": probs, "ids": ids, "folds": folds, "test": tests, "test_ids": team.test},
        "tensor": {"oof": torch.tensor(probs), "ids": list(ids), "folds": folds.tolist()},
        "files": {"oof": str(tmp_path / "oof.csv")},
        "each": {"oof": [frame.iloc[rows] for rows in by_fold]},
        "lists": {
            "oof": [probs[rows] for rows in by_fold],
            "ids": [ids[rows].tolist() for rows in by_fold],
        },
    }
    right = accuracy_score(ws.samples()["label"], probs.argmax(axis=1))
    for name, given in forms.items():
        made = ws.import_predictions(**given, name=name)
        assert made[["recipe", "kind", "status"]].values.tolist() == [[name, "import", "finished"]]
        assert made["oof"][0] == pytest.approx(right), name
        details = read_record(ws.layout.imports / made["run"][0]).details
        assert details["cross_fitted"] == "ours", "it can be blended"
        kept = ws.oof(name)
        assert kept["id"].tolist() == ids.tolist()
        assert np.allclose(kept[list(CLASSES)], probs, atol=1e-6), name
    assert ws.import_predictions(**given, name=name)["run"].tolist() == made["run"].tolist()
    assert np.allclose(ws.test("frame")[list(CLASSES)], ws.test("array")[list(CLASSES)])
    assert np.allclose(ws.test("frame")[list(CLASSES)], tests, atol=1e-6)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_masks_in_memory_are_imported_as_their_folder_is(kind: str, tmp_path: Path) -> None:
    team = masks(tmp_path / "team", kind=kind)
    ws, every = podium.Workspace(team.root, quiet=True), team.mask_probs()
    probs = {one: every[one] for one in team.ids}
    ids, each = list(probs), list(probs.values())
    for name, mask in probs.items():
        (tmp_path / "oof").mkdir(exist_ok=True)
        np.save(tmp_path / f"oof/{name}.npy", mask)
    folds = team.folds.tolist()
    pd.DataFrame({"id": ids, "fold": folds}).to_csv(tmp_path / "folds.csv", index=False)
    expected = ws.import_predictions(tmp_path / "oof", folds=tmp_path / "folds.csv", name="folder")
    channels_first = [torch.tensor(one).movedim(-1, 0) if one.ndim == 3 else one for one in each]
    forms: dict[str, dict[str, Any]] = {
        "mapping": {"oof": probs},
        "list": {"oof": each, "ids": ids},
        "networks": {"oof": channels_first, "ids": pd.Series(ids)},
    }
    for name, given in forms.items():
        made = ws.import_predictions(**given, folds=folds, name=name)
        assert made["oof"][0] == expected["oof"][0] > 0.3
        kept, there = (ws.predictions(one).oof_masks() for one in (name, "folder"))
        assert kept.ids == there.ids
        for i, (height, _) in enumerate(there.sizes):
            np.testing.assert_array_equal(kept.band(i, 0, height), there.band(i, 0, height))
    with pytest.raises(PodiumError, match=r'no name\n.*name="unet"'):
        ws.import_predictions(probs)
    with pytest.raises(PodiumError, match=r"12 masks, and \d+ different id"):
        ws.import_predictions(each, ids=[ids[0]] * len(ids), name="twice")


def test_imports_stand_among_runs_and_on_the_board(team: Team) -> None:
    team.add_run("own", 1)
    ws = podium.Workspace(team.root, quiet=True)
    made = ws.import_predictions(team.table(team.probs(2)), name="theirs")
    runs, board = ws.runs(), ws.board(refresh=False)
    assert dict(zip(runs["recipe"], runs["kind"], strict=True)) == {
        "own": "run",
        "theirs": "import",
    }
    pd.testing.assert_frame_equal(runs[runs["kind"] == "import"].reset_index(drop=True), made)
    on_board = board[board["kind"] == "import"]
    assert on_board[["id", "oof"]].values.tolist() == made[["run", "oof"]].values.tolist()
    other = podium.Workspace(labels(team.root.parent / "other").root, quiet=True)
    assert other.import_predictions(team.root, run="theirs")["oof"][0] == made["oof"][0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda t: {"oof": t.probs(), "name": "a"}, "does not say which rows.*\n.*ids=…"),
        (lambda t: {"oof": t.table(t.probs())}, "oof is no file.*\n.*name="),
        (lambda t: {"oof": t.probs(), "ids": t.ids[:-1]}, r"ids of oof .* \(24,\), got \(23,\)"),
        (
            lambda t: {"oof": t.probs(), "ids": ["img_001", *t.ids[1:]], "name": "a"},
            r"oof: .*'img_001' in row 0 \(from 0\) and row 1 \(from 0\)",
        ),
        (
            lambda t: {"oof": pd.concat([t.table(t.probs())] * 2), "name": "a"},
            r"oof: .*'img_000' in row 0 \(from 0\) and row 24",
        ),
        (lambda t: {"oof": t.table(t.probs() + 1), "name": "a"}, r"oof: row \d+ .*no probability"),
        (
            lambda t: {"oof": t.table(t.probs()).replace({"fold": {1: np.nan}}), "name": "a"},
            r"no fold in row \d+",
        ),
        (
            lambda t: {"oof": t.table(t.probs()).assign(cat="x"), "name": "a"},
            r"row \d+ .*'cat': nan",
        ),
        (lambda t: {"oof": t.table(t.probs()).drop(columns="cat"), "name": "a"}, "'cat'"),
        (
            lambda t: {"oof": pd.DataFrame(t.probs(), t.ids), "ids": t.ids[::-1], "name": "a"},
            "oof has the rows of ids in another order: row 0 is 'img_000'",
        ),
        (lambda t: {"test": t.test_probs(), "name": "a"}, "test: .*\n.*test_ids=…"),
        (lambda t: {"oof": "oof.csv", "folds": t.folds}, "folds are those of a frame"),
        (lambda t: {"oof": [t.probs(), t.probs()], "folds": t.folds}, "leave folds out"),
        (lambda t: {"name": "a"}, "no predictions are named"),
        (
            lambda t: {"oof": [np.ones((4, 5))] * 24, "ids": [str(i) for i in range(24)]},
            r"oof\[0\] must be of labels.* \(4, 5\)\n.*as a folder of np.save",
        ),
        (
            lambda t: {"oof": np.ones((24, 4, 5)), "ids": range(24)},
            "of masks one id an image",
        ),
        (lambda t: {"test": [np.ones((3, 4, 5))], "name": "a"}, r"test\[0\].*\n.*test=folder"),
    ],
)
def test_what_cannot_be_imported_is_named_with_argument_and_row(
    team: Team, given: Callable[[Team], dict[str, Any]], message: str
) -> None:
    ws = podium.Workspace(team.root, quiet=True)
    with pytest.raises(PodiumError, match=message):
        ws.import_predictions(**given(team))
    assert ws.runs().empty
