"""A team's two workspaces: what one trained is a member of the other's blend."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from import_workspaces import Team, labels, masks

from podium.ensembling import read_blend
from podium.errors import DataError, UsageError
from podium.predictions import PredictionSet
from podium.workflows.blends.blending import blend_runs, newest_set
from podium.workflows.importing import ImportTarget, import_files, import_workspace
from podium.workspace.records import read_record


def home(team: Team) -> ImportTarget:
    return ImportTarget.of(team.workspace, team.competition)


def predictions_of(folder: Path) -> PredictionSet:
    return PredictionSet(newest_set(folder))


def snapshot(root: Path) -> dict[str, int]:
    return {str(one): one.stat().st_mtime_ns for one in sorted(root.rglob("*"))}


def test_two_workspaces_blend_as_one(tmp_path: Path) -> None:
    ours, theirs = labels(tmp_path / "ours"), labels(tmp_path / "theirs")
    both = labels(tmp_path / "both")
    ours.add_run("one", 1)
    theirs.add_run("two", 2)
    before = snapshot(theirs.root)
    [folder] = import_workspace(home(ours), theirs.root, run="two")
    assert snapshot(theirs.root) == before
    record = read_record(folder)
    assert record.details["cross_fitted"] == "ours"
    assert record.details["source"]["artefact"] == "two-00000002"
    made = blend_runs(ours.workspace, ours.competition, ["one", folder.name], trials=2)
    members = [str(both.add_run("one", 1)), str(both.add_run("two", 2))]
    wanted = blend_runs(both.workspace, both.competition, members, trials=2)
    one, other = read_blend(made)[0], read_blend(wanted)[0]
    assert (one.weights, one.honest, one.optimistic) == (
        other.weights, other.honest, other.optimistic,
    )  # fmt: skip
    predicted, known = predictions_of(folder), predictions_of(both.workspace.runs / "two-00000002")
    assert predicted.folds("test", "classify") == known.folds("test", "classify")
    np.testing.assert_array_equal(predicted.mean("test")[1], known.mean("test")[1])
    shutil.move(theirs.root, tmp_path / "elsewhere")  # nothing is needed there any more
    blend_runs(ours.workspace, ours.competition, [folder.name], method="mean", trials=2)


def test_the_members_of_a_blend_come_one_by_one(tmp_path: Path) -> None:
    ours, theirs = labels(tmp_path / "ours"), labels(tmp_path / "theirs")
    runs = [theirs.add_run("two", 2), theirs.add_run("three", 3, selected=True)]
    blend = blend_runs(
        theirs.workspace, theirs.competition, [one.name for one in runs], method="mean", trials=2
    )
    folders = import_workspace(home(ours), theirs.root, run=blend.name)
    assert [read_record(one).name for one in folders] == ["two", "three"]
    made = blend_runs(
        ours.workspace, ours.competition, [one.name for one in folders], method="mean", trials=2
    )
    notes = read_blend(made)[0].notes
    assert any("selected on their own folds" in one and folders[1].name in one for one in notes)
    with pytest.raises(UsageError, match="2 members, and one --name"):
        import_workspace(home(ours), theirs.root, run=blend.name, name="all")


def test_classes_in_another_order_are_matched_by_name(tmp_path: Path) -> None:
    ours = labels(tmp_path / "ours")
    theirs = labels(tmp_path / "theirs", classes=("fox", "cat", "dog"))
    theirs.add_run("two", 2)
    [folder] = import_workspace(home(ours), theirs.root, run="two")
    predicted, at = theirs.probs(2), [1, 2, 0]
    oof = PredictionSet(newest_set(folder)).oof().align(ours.ids)
    np.testing.assert_allclose(oof.probs, predicted[:, at], atol=1e-7)
    strangers = labels(tmp_path / "strangers")
    strangers.add_run("x", 1)
    spec = strangers.root / "competition.yaml"
    table = strangers.root / "data/train.csv"
    table.write_text(table.read_text().replace("fox", "owl"))
    spec.write_text(spec.read_text().replace("fox", "owl"))
    with pytest.raises(DataError, match="the classes differ: 'fox', 'owl'"):
        import_workspace(home(ours), strangers.root, run="x")


def test_a_workspace_of_other_folds_needs_a_word(tmp_path: Path) -> None:
    ours, theirs = labels(tmp_path / "ours"), labels(tmp_path / "theirs", seed=5)
    theirs.add_run("two", 2)
    [folder] = import_workspace(home(ours), theirs.root, run="two")
    assert read_record(folder).details["cross_fitted"] == "other folds"
    with pytest.raises(UsageError, match="not those of folds"):
        blend_runs(ours.workspace, ours.competition, [folder.name])
    [trusted] = import_workspace(home(ours), theirs.root, run="two", trust_folds=True)
    oof = PredictionSet(newest_set(trusted)).oof().align(ours.ids)
    np.testing.assert_array_equal(oof.folds, ours.folds)
    np.testing.assert_allclose(oof.probs, theirs.probs(2), atol=1e-7)


def test_the_same_folds_by_other_numbers_are_ours(tmp_path: Path) -> None:
    ours, theirs = labels(tmp_path / "ours"), labels(tmp_path / "theirs")
    other = (theirs.folds + 1) % 3
    pd.DataFrame({"id": theirs.ids, "fold": other}).to_csv(theirs.root / "folds.csv", index=False)
    theirs.folds = other
    theirs.add_run("two", 2)
    [folder] = import_workspace(home(ours), theirs.root, run="two")
    assert read_record(folder).details["cross_fitted"] == "ours"
    predicted, known = (
        predictions_of(folder),
        predictions_of(theirs.workspace.runs / "two-00000002"),
    )
    for fold in range(3):  # the test predictions of a fold model go with its OOF
        mine = predicted.fold("test", "classify", fold).probs()
        np.testing.assert_array_equal(mine, known.fold("test", "classify", (fold + 1) % 3).probs())


def test_an_import_trusted_elsewhere_stays_trusted_only(tmp_path: Path) -> None:
    ours, theirs = labels(tmp_path / "ours"), labels(tmp_path / "theirs")
    theirs.table(theirs.probs(4)).drop(columns="fold").to_csv(tmp_path / "oof.csv", index=False)
    there = import_files(home(theirs), [tmp_path / "oof.csv"], trust_folds=True)
    [folder] = import_workspace(home(ours), theirs.root, run=there.name)
    details = read_record(folder).details
    assert (details["cross_fitted"], details["trusted"]) == ("folds unknown", True)
    silent = import_files(home(theirs), [tmp_path / "oof.csv"], name="silent")
    [other] = import_workspace(home(ours), theirs.root, run=silent.name)
    with pytest.raises(UsageError, match="cannot be blended"):
        blend_runs(ours.workspace, ours.competition, [other.name])


def test_masks_of_another_workspace(tmp_path: Path) -> None:
    ours = masks(tmp_path / "ours", kind="multiclass")
    theirs = masks(tmp_path / "theirs", kind="multiclass")
    theirs.add_mask_run("two", 2)
    [folder] = import_workspace(home(ours), theirs.root, run="two")
    kept, known = predictions_of(folder), predictions_of(theirs.workspace.runs / "two-00000002")
    pairs = [
        (kept.oof_masks(), known.oof_masks()),
        (kept.mean_masks("test"), known.mean_masks("test")),
    ]
    for one, other in pairs:
        for i, name in enumerate(one.ids):
            j = list(other.ids).index(name)
            height = one.sizes[i][0]
            np.testing.assert_array_equal(one.band(i, 0, height), other.band(j, 0, height))
    spec = ours.root / "competition.yaml"
    spec.write_text(spec.read_text() + "frame: [8, 8]\n")
    with pytest.raises(DataError, match="there, 8 × 8 here"):
        import_workspace(home(Team(ours.root)), theirs.root, run="two")


def test_a_missing_run_of_another_workspace_is_refused(tmp_path: Path) -> None:
    ours, theirs = labels(tmp_path / "ours"), labels(tmp_path / "theirs", kind="binary")
    theirs.add_run("two", 2)
    with pytest.raises(UsageError, match="which of its runs") as caught:
        import_workspace(home(ours), theirs.root)
    assert "two-00000002" in str(caught.value.fix)
    with pytest.raises(UsageError, match="'three'"):
        import_workspace(home(ours), theirs.root, run="three")
    with pytest.raises(DataError, match="classify is binary there and multiclass here"):
        import_workspace(home(ours), theirs.root, run="two")
    with pytest.raises(UsageError, match="the workspace itself"):
        import_workspace(home(ours), ours.root, run="two")
    fewer = labels(tmp_path / "more", n=30)
    fewer.add_run("x", 1)
    with pytest.raises(DataError, match="is not in the train data: 'img_0"):
        import_workspace(home(ours), fewer.root, run="x")
