"""Imports of labels: what is kept equals what was given, in whatever order and kind of file."""

from __future__ import annotations

import dataclasses
import json
import shutil
import signal
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forked import ForkedScript
from hypothesis import given, settings
from hypothesis import strategies as st
from import_workspaces import CLASSES, Team, labels
from recorded_progress import RecordedProgress

from podium.cli.imports import print_imports
from podium.competition.metrics import score
from podium.competition.samples import truth
from podium.competition.spec import load_competition
from podium.ensembling import read_blend
from podium.errors import DataError, PodiumError, UsageError
from podium.predictions import PredictionSet
from podium.workflows.blends.blending import blend_runs, newest_set
from podium.workflows.importing import (
    ImportTarget,
    describe_import_use,
    import_files,
    import_warning,
)
from podium.workflows.pseudo.teachers import find_teachers
from podium.workflows.submission.submitting import find_blend, write_blend_file
from podium.workspace.progress import SILENT, Advance, Progress
from podium.workspace.records import read_record


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return labels(tmp_path_factory.mktemp("team"))


def home(team: Team) -> ImportTarget:
    return ImportTarget.of(team.workspace, team.competition)


def oof_of(folder: Path, team: Team) -> np.ndarray:
    """Return what is kept of the train rows, in their order, read without podium's reader."""
    [root] = (folder / "predictions").iterdir()
    found = np.full((len(team.ids), len(team.columns())), np.nan)
    for fold in sorted((root / "oof/classify").iterdir()):
        ids = pd.read_parquet(fold / "ids.parquet")["id"]
        number = int(fold.name.removeprefix("fold-"))
        chunk = np.load(fold / "chunk-0000.npy").reshape(len(ids), -1)
        for one, row in zip(ids, chunk, strict=True):
            at = team.ids.index(one)
            assert team.folds[at] == number
            found[at] = row
    return found


def test_rows_and_columns_in_any_order_and_any_file_are_one_set(team: Team, tmp_path: Path) -> None:
    probs, test = team.probs(), team.test_probs()
    table, of_test = team.table(probs), team.table(test, team.test)
    kept = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        mixed = table.sample(frac=1, random_state=seed)[rng.permutation(table.columns)]
        mixed.to_csv(tmp_path / f"{seed}.csv", index=False)
        of_test.sample(frac=1, random_state=seed).to_csv(tmp_path / f"t{seed}.csv", index=False)
        kept.append((tmp_path / f"{seed}.csv", tmp_path / f"t{seed}.csv"))
    rows = np.random.default_rng(9).permutation(len(team.ids))
    named = np.array(team.ids)[rows]
    columns = [2, 0, 1]
    np.savez_compressed(
        tmp_path / "a.npz",
        image_id=named,
        preds=probs[rows][:, columns],
        folds=team.folds[rows],
        classes=np.array(CLASSES)[columns],
    )
    np.savez(tmp_path / "at.npz", ids=np.array(team.test), probs=test)
    kept.append((tmp_path / "a.npz", tmp_path / "at.npz"))
    folds_file = team.workspace.folds_file
    for number, (oof, of) in enumerate(kept):
        folder = import_files(home(team), [oof], test=[of], name=f"m{number}")
        np.testing.assert_allclose(oof_of(folder, team), probs, atol=1e-7)
        predicted = PredictionSet(newest_set(folder))
        ids, mean = predicted.mean("test")
        assert ids == team.test
        np.testing.assert_allclose(mean, test, atol=1e-7)
        assert predicted.is_complete
        assert read_record(folder).details["cross_fitted"] == "ours"
    np.save(tmp_path / "b.npy", probs[rows])
    (tmp_path / "ids.txt").write_text("\n".join(named) + "\n")
    bare = import_files(
        home(team), [tmp_path / "b.npy"], ids=[tmp_path / "ids.txt"], folds_file=folds_file
    )
    np.testing.assert_allclose(oof_of(bare, team), probs, atol=1e-7)
    assert read_record(bare).details["cross_fitted"] == "ours"


def test_the_same_import_again_restores_what_is_missing_or_damaged(tmp_path: Path) -> None:
    team = labels(tmp_path)
    team.table(team.probs()).to_csv(tmp_path / "oof.csv", index=False)
    team.table(team.test_probs(), team.test).to_csv(tmp_path / "test.csv", index=False)

    def import_again() -> Path:
        return import_files(home(team), [tmp_path / "oof.csv"], test=[tmp_path / "test.csv"])

    folder = import_again()
    record = (folder / "record.json").read_bytes()
    [root] = (folder / "predictions").iterdir()
    chunk = root / "oof/classify/fold-1/chunk-0000.npy"
    content = chunk.read_bytes()

    def damage() -> None:
        chunk.write_bytes(content[:-1] + b"?")

    for harm in (
        lambda: shutil.rmtree(folder / "predictions"),
        lambda: shutil.rmtree(root / "test"),
        lambda: shutil.rmtree(root / "oof/classify/fold-1"),
        chunk.unlink,
        damage,
        (folder / "data.parquet").unlink,
    ):
        harm()
        assert import_again() == folder
        np.testing.assert_allclose(oof_of(folder, team), team.probs(), atol=1e-7)
        np.testing.assert_allclose(
            PredictionSet(root).mean("test")[1], team.test_probs(), atol=1e-7
        )
        assert (folder / "data.parquet").is_file()
        assert (folder / "record.json").read_bytes() == record
    shutil.rmtree(root / "oof")
    with pytest.raises(PodiumError) as caught:
        newest_set(folder)
    assert "repeat the `podium import`" in str(caught.value.fix)
    for lost in (root / "oof/classify/fold-0", root):  # as the report reads it
        shutil.rmtree(lost, ignore_errors=True)
        with pytest.raises(PodiumError) as caught:
            PredictionSet(root).fold("oof", "classify", 0)
        assert str(caught.value.fix) == "repeat the `podium import` that made it"
    import_again()
    at = root.stat().st_mtime_ns
    assert import_again() == folder
    assert root.stat().st_mtime_ns == at


def test_an_array_of_no_and_yes_is_scored_by_the_names_of_its_columns(tmp_path: Path) -> None:
    team = labels(tmp_path, kind="binary")
    yes = team.probs()
    right = truth(team.samples, team.competition)
    file = tmp_path / "oof.npz"
    pair = np.hstack([yes, 1 - yes])
    scores = []
    for classes in (["1", "0"], ["0", "1"]):
        np.savez(file, ids=np.array(team.ids), probs=pair, folds=team.folds, classes=classes)
        folder = import_files(home(team), [file])
        scores.append(read_record(folder).scores["oof"])
    pairs = (yes[right == 1] - yes[right == 0].T).ravel()
    assert scores == pytest.approx([(pairs > 0).mean(), (pairs < 0).mean()])


def test_decisions_that_are_imported_as_probabilities_get_a_note(tmp_path: Path) -> None:
    team = labels(tmp_path)
    probs = team.probs()
    decided = np.eye(3)[probs.argmax(axis=1)]
    for values, n_notes in ((probs, 0), (decided, 1)):
        team.table(values).to_csv(tmp_path / "oof.csv", index=False)
        notes = read_record(import_files(home(team), [tmp_path / "oof.csv"])).details["tasks"][
            "classify"
        ]["notes"]
        assert sum("0 and 1 alone" in one for one in notes) == n_notes


def test_inverted_probabilities_get_a_warning_and_right_or_random_ones_none(
    tmp_path: Path,
) -> None:
    team = labels(tmp_path, kind="binary")
    right = truth(team.samples, team.competition)
    yes = team.probs()
    n = len(right)
    pairs = ((1 - yes)[right == 1] - (1 - yes)[right == 0].T).ravel()
    random = np.arange(n)[:, None] % 7 / 7
    said = {}
    for name, probs in (("right", yes), ("inverted", 1 - yes), ("random", random)):
        team.table(probs).to_csv(tmp_path / f"{name}.csv", index=False)
        said[name] = import_warning(import_files(home(team), [tmp_path / f"{name}.csv"]))
    assert said["right"] == said["random"] == ""
    worse, better = (pairs > 0).mean(), (pairs < 0).mean()
    assert f"scores {worse:.4f}, and 1 - p of its values {better:.4f}: " in said["inverted"]


def test_a_blend_of_a_leaking_import_and_the_import_ask_whether_it_is_out_of_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("podium.ensembling.leaks._ERRORS", 1)  # the rows are few
    team = labels(tmp_path)
    right = np.eye(3)[truth(team.samples, team.competition)]
    rng = np.random.default_rng(0)
    noise = 0.1 * rng.dirichlet(np.ones(3), len(right)) + 0.9 * np.roll(right, 1, axis=0)
    folders = []
    for name, probs in (("honest", noise), ("leak", 0.01 + 0.97 * right)):
        team.table(probs).to_csv(tmp_path / f"{name}.csv", index=False)
        folders.append(import_files(home(team), [tmp_path / f"{name}.csv"]))
    blend, _ = read_blend(
        blend_runs(team.workspace, team.competition, [str(one) for one in folders], method="mean")
    )
    asked = f"{folders[1].name} scores 1.0000, the best other run "
    assert sum(one.startswith(asked) for one in blend.notes) == 1
    for folder, n in zip(folders, (0, 1), strict=True):
        print_imports([folder])
        printed = " ".join(capsys.readouterr().out.split())
        assert printed.count("were its out-of-fold rows really predicted") == n


def test_of_two_blends_of_one_name_a_line_names_the_older_one(tmp_path: Path) -> None:
    team = labels(tmp_path)
    folders = []
    for seed in range(2):
        team.table(team.probs(seed)).to_csv(tmp_path / f"m{seed}.csv", index=False)
        folders.append(str(import_files(home(team), [tmp_path / f"m{seed}.csv"])))
    first, second = (
        blend_runs(team.workspace, team.competition, some, method="mean", name="two")
        for some in (folders, folders[:1])
    )
    expected = {
        "two": [f"  two is {second.name}, the newest of that name; older: {first.name}"],
        second.name: [],
        first.name: [],
    }
    for name, lines in expected.items():
        progress = RecordedProgress()
        sent = find_blend(team.workspace, team.competition, name, progress)
        assert sent == (first if name == first.name else second)
        assert progress.lines == lines


@pytest.mark.parametrize("kind", ["binary", "multilabel", "regression"])
def test_other_kinds_of_labels_are_kept_as_they_are(kind: str, tmp_path: Path) -> None:
    team = labels(tmp_path, kind=kind)
    team.table(team.probs()).to_csv(tmp_path / "oof.csv", index=False)
    folder = import_files(home(team), [tmp_path / "oof.csv"])
    np.testing.assert_allclose(oof_of(folder, team), team.probs(), rtol=1e-6)
    blend, _ = read_blend(blend_runs(team.workspace, team.competition, [str(folder)], trials=2))
    assert blend.n_scored == len(team.ids)


def test_ratings_beyond_the_classes_are_those_of_the_nearest_class(tmp_path: Path) -> None:
    team = labels(tmp_path, kind="ordinal")
    predicted = 3 * team.probs() - 2
    assert predicted.min() < -0.5
    assert predicted.max() > 2.5
    team.table(predicted).to_csv(tmp_path / "oof.csv", index=False)
    folder = import_files(home(team), [tmp_path / "oof.csv"])
    np.testing.assert_allclose(oof_of(folder, team), predicted.clip(0, 2), atol=1e-6)
    assert read_record(folder).scores["metric"] == "qwk"
    blend, _ = read_blend(blend_runs(team.workspace, team.competition, [str(folder)], trials=2))
    assert np.isfinite(blend.honest)


def test_logits_become_probabilities_with_the_option(team: Team, tmp_path: Path) -> None:
    probs = team.probs(3)
    team.table(np.log(probs) + 4).to_csv(tmp_path / "logits.csv", index=False)
    with pytest.raises(DataError, match="no probability") as caught:
        import_files(home(team), [tmp_path / "logits.csv"])
    assert "--logits" in str(caught.value.fix)
    folder = import_files(home(team), [tmp_path / "logits.csv"], logits=True)
    np.testing.assert_allclose(oof_of(folder, team), probs, atol=1e-6)
    binary = labels(tmp_path / "binary", kind="binary")
    predicted = binary.probs()
    table = binary.table(np.log(predicted / (1 - predicted)) * 1.0)
    table.to_csv(tmp_path / "b.csv", index=False)
    made = import_files(home(binary), [tmp_path / "b.csv"], logits=True)
    np.testing.assert_allclose(oof_of(made, binary), predicted, atol=1e-6)


def test_the_plain_score_stands_in_the_record(team: Team, tmp_path: Path) -> None:
    probs = team.probs(5)
    team.table(probs).to_csv(tmp_path / "oof.csv", index=False)
    scores = read_record(import_files(home(team), [tmp_path / "oof.csv"], name="scored")).scores
    right = truth(team.samples, team.competition)
    assert scores["oof"] == pytest.approx((probs.argmax(axis=1) == right).mean())
    assert scores["oof"] == score("accuracy", right, probs.argmax(axis=1))
    assert scores["scored_rows"] == len(right)


@pytest.mark.parametrize("fault", [DataError("damaged"), MemoryError()])
def test_an_import_whose_rows_cannot_be_read_back_is_not_kept_without_a_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    team = labels(tmp_path)
    team.table(team.probs()).to_csv(tmp_path / "oof.csv", index=False)

    def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(PredictionSet, "oof", broken)
    with pytest.raises(type(fault)):
        import_files(home(team), [tmp_path / "oof.csv"])
    monkeypatch.undo()
    record = read_record(import_files(home(team), [tmp_path / "oof.csv"]))
    assert record.scores["scored_rows"] == len(team.ids)


def test_the_same_files_are_the_same_import(team: Team, tmp_path: Path) -> None:
    team.table(team.probs(6)).to_csv(tmp_path / "oof.csv", index=False)
    first = import_files(home(team), [tmp_path / "oof.csv"], name="same")
    written = (first / "record.json").stat().st_mtime_ns
    (tmp_path / "oof.csv").rename(tmp_path / "moved.csv")
    assert import_files(home(team), [tmp_path / "moved.csv"], name="same") == first
    assert (first / "record.json").stat().st_mtime_ns == written
    team.table(team.probs(7)).to_csv(tmp_path / "moved.csv", index=False)
    assert import_files(home(team), [tmp_path / "moved.csv"], name="same") != first


def test_an_import_blends_with_a_run_as_two_runs_do(tmp_path: Path) -> None:
    team = labels(tmp_path)
    one, other = team.add_run("one", 1), team.add_run("two", 2)
    team.table(team.probs(2)).to_csv(tmp_path / "oof.csv", index=False)
    tests = []
    for fold in range(3):
        team.table(team.test_probs(20 + fold), team.test).to_csv(
            tmp_path / f"t{fold}.csv", index=False
        )
        tests.append(tmp_path / f"t{fold}.csv")
    brought = import_files(home(team), [tmp_path / "oof.csv"], test=tests, name="three")
    by = {"method": "mean", "trials": 2}
    runs = blend_runs(team.workspace, team.competition, [str(one), str(other)], **by)
    mixed = blend_runs(team.workspace, team.competition, [one.name, brought.name], **by)
    two, three = read_blend(runs)[0], read_blend(mixed)[0]
    assert (two.honest, two.optimistic, two.weights) == (
        three.honest, three.optimistic, three.weights,
    )  # fmt: skip
    assert not [note for note in three.notes if "trust" in note]
    files = [write_blend_file(team.workspace, team.competition, one) for one in (runs, mixed)]
    assert files[0].read_text() == files[1].read_text()


def test_a_blend_of_everything_takes_the_imports_that_are_as_whole_as_runs(tmp_path: Path) -> None:
    team = labels(tmp_path)
    run = team.add_run("one", 1)
    oof, test = tmp_path / "oof.csv", tmp_path / "test.csv"
    team.table(team.probs(2)).to_csv(oof, index=False)
    team.table(team.test_probs(20), team.test).to_csv(test, index=False)
    some = tmp_path / "some.csv"
    team.table(team.probs(3)).iloc[np.flatnonzero(np.array(team.folds) != 2)].to_csv(
        some, index=False
    )
    team.table(team.probs(4)).to_csv(tmp_path / "first.csv", index=False)
    import_files(home(team), [tmp_path / "first.csv"], test=[test], name="whole")
    whole = import_files(home(team), [oof], test=[test], name="whole")
    import_files(home(team), [oof], name="untested")
    import_files(home(team), [], test=[test], name="unfolded")
    import_files(home(team), [some], test=[test], name="torn")
    messages: list[str] = []

    class RecordedProgress(Progress):
        def say(self, text: str) -> None:
            messages.append(text)

        def bar(self, label: str, total: int) -> AbstractContextManager[Advance]:
            return SILENT.bar(label, total)

    everything = blend_runs(
        team.workspace, team.competition, method="mean", trials=2, progress=RecordedProgress()
    )
    assert read_blend(everything)[0].members == (whole.name,)  # the run does not say its folds
    assert [line.split()[0].rpartition("-")[0] for line in messages if "left out" in line] == [
        "one", "untested", "unfolded", "torn",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="is a blend, and blends are no members"):
        blend_runs(team.workspace, team.competition, [run.name, everything.name])


def test_several_files_are_one_a_fold(team: Team, tmp_path: Path) -> None:
    table = team.table(team.probs(8)).drop(columns="fold")
    files = []
    for number, fold in enumerate((2, 0, 1)):
        table[team.folds == fold].to_csv(tmp_path / f"f{number}.csv", index=False)
        files.append(tmp_path / f"f{number}.csv")
    tests = []
    for number in range(3):
        predicted = team.table(
            np.full((6, 3), 1 / 3) + 0.1 * number * np.array([1, 0, -1]), team.test
        )
        predicted.to_csv(tmp_path / f"t{number}.csv", index=False)
        tests.append(tmp_path / f"t{number}.csv")
    folder = import_files(home(team), files, test=tests, name="by-fold")
    np.testing.assert_allclose(oof_of(folder, team), team.probs(8), atol=1e-7)
    assert read_record(folder).details["cross_fitted"] == "ours"
    # The first file is of our fold 2, and so is the first test file.
    predicted = PredictionSet(newest_set(folder))
    first = predicted.fold("test", "classify", 2).probs()
    np.testing.assert_allclose(first, np.full((6, 3), 1 / 3), atol=1e-6)
    table.to_csv(tmp_path / "all.csv", index=False)
    with pytest.raises(DataError, match=r"'img_000' \(row 2\) is in .*, too"):
        import_files(home(team), [tmp_path / "all.csv", tmp_path / "all.csv"])


def test_folds_that_are_not_ours_need_a_word(team: Team, tmp_path: Path) -> None:
    table = team.table(team.probs(9))
    table["fold"] = np.arange(len(table)) % 3
    table.to_csv(tmp_path / "other.csv", index=False)
    table.drop(columns="fold").to_csv(tmp_path / "silent.csv", index=False)
    for file, standing, why in (
        ("other.csv", "other folds", "not those of folds.csv"),
        ("silent.csv", "folds unknown", "does not name the fold"),
    ):
        folder = import_files(home(team), [tmp_path / file])
        assert read_record(folder).details["cross_fitted"] == standing
        assert "cannot be blended" in describe_import_use(folder)
        with pytest.raises(UsageError, match=why) as caught:
            blend_runs(team.workspace, team.competition, [folder.name])
        assert "--trust-folds" in str(caught.value.fix)
        with pytest.raises(DataError, match=why):  # nor by the path of its set
            blend_runs(team.workspace, team.competition, [str(newest_set(folder))])
        trusted = import_files(home(team), [tmp_path / file], trust_folds=True)
        assert trusted != folder
        np.testing.assert_allclose(oof_of(trusted, team), team.probs(9), atol=1e-7)
        blend, _ = read_blend(
            blend_runs(team.workspace, team.competition, [str(trusted)], trials=2)
        )
        assert any("only as declared by --trust-folds" in note for note in blend.notes)


def test_a_folds_file_sets_the_folds_of_an_import(team: Team, tmp_path: Path) -> None:
    table = team.table(team.probs(10)).drop(columns="fold")
    table.to_csv(tmp_path / "oof.csv", index=False)
    names = np.array(["b", "c", "a"])[team.folds]  # the same folds, called otherwise
    theirs = pd.DataFrame({"id": [f"train/{one}.png" for one in team.ids], "fold": names})
    theirs.sample(frac=1, random_state=0).to_csv(tmp_path / "folds.csv", index=False)
    folder = import_files(home(team), [tmp_path / "oof.csv"], folds_file=tmp_path / "folds.csv")
    record = read_record(folder)
    assert record.details["cross_fitted"] == "ours"
    [note] = record.details["tasks"]["classify"]["notes"]
    assert note == "ids of folds.csv are matched without folders and file endings"
    theirs.iloc[3:].to_csv(tmp_path / "short.csv", index=False)
    with pytest.raises(DataError, match="3 predicted rows have no fold"):
        import_files(home(team), [tmp_path / "oof.csv"], folds_file=tmp_path / "short.csv")
    team.table(team.probs(10)).to_csv(tmp_path / "both.csv", index=False)
    theirs["fold"] = theirs["fold"].to_numpy()[::-1]
    theirs.to_csv(tmp_path / "wrong.csv", index=False)
    with pytest.raises(DataError, match="not those that the predictions themselves name"):
        import_files(home(team), [tmp_path / "both.csv"], folds_file=tmp_path / "wrong.csv")


def test_folds_that_tear_groups_are_never_blended(tmp_path: Path) -> None:
    team = labels(tmp_path, groups=True)
    table = team.table(team.probs())
    table.to_csv(tmp_path / "whole.csv", index=False)
    whole = import_files(home(team), [tmp_path / "whole.csv"])
    assert read_record(whole).details["cross_fitted"] == "ours"
    table["fold"] = np.arange(len(table)) % 3
    table.to_csv(tmp_path / "torn.csv", index=False)
    folder = import_files(home(team), [tmp_path / "torn.csv"])
    assert read_record(folder).details["cross_fitted"] == "torn groups"
    with pytest.raises(UsageError, match="tear groups apart"):
        blend_runs(team.workspace, team.competition, [str(folder)])
    with pytest.raises(DataError, match=r"'g0'.*cannot mend"):
        import_files(home(team), [tmp_path / "torn.csv"], trust_folds=True)


def test_predictions_of_other_classes_are_refused(tmp_path: Path) -> None:
    team = labels(tmp_path)
    team.table(team.probs()).to_csv(tmp_path / "oof.csv", index=False)
    team.table(team.test_probs(), team.test).to_csv(tmp_path / "test.csv", index=False)
    folder = import_files(home(team), [tmp_path / "oof.csv"], test=[tmp_path / "test.csv"])
    blend = blend_runs(team.workspace, team.competition, [str(folder)], trials=2)
    write_blend_file(team.workspace, team.competition, blend)
    spec = tmp_path / "competition.yaml"
    spec.write_text(spec.read_text().replace("[cat, dog, fox]", "[fox, dog, cat]"))
    now = load_competition(tmp_path)
    for member in (str(folder), str(newest_set(folder))):
        with pytest.raises(UsageError, match=r"oof-.* has other classes"):
            blend_runs(team.workspace, now, [member], trials=2)
    with pytest.raises(UsageError, match=r"oof-.* has other classes"):
        write_blend_file(team.workspace, now, blend)


def test_groups_added_later_are_checked_again(tmp_path: Path) -> None:
    team = labels(tmp_path)
    table = team.table(team.probs())
    table["fold"] = np.arange(len(table)) % 3
    table.to_csv(tmp_path / "other.csv", index=False)
    before = home(team)
    folder = import_files(before, [tmp_path / "other.csv"])
    assert read_record(folder).details["cross_fitted"] == "other folds"
    grouped = before.train.assign(unit=[f"u{i // 2}" for i in range(len(table))])
    after = dataclasses.replace(before, train=grouped)
    folder = import_files(after, [tmp_path / "other.csv"])
    assert read_record(folder).details["cross_fitted"] == "torn groups"


def test_predictions_without_oof_are_no_member(team: Team, tmp_path: Path) -> None:
    team.table(team.test_probs(), team.test).to_csv(tmp_path / "test.csv", index=False)
    folder = import_files(home(team), [], test=[tmp_path / "test.csv"])
    assert read_record(folder).details["cross_fitted"] == "test only"
    with pytest.raises(UsageError, match="no out-of-fold predictions") as caught:
        blend_runs(team.workspace, team.competition, [str(folder)])
    assert "podium import OOF --test TEST" in str(caught.value.fix)


def test_no_import_teaches(team: Team, tmp_path: Path) -> None:
    team.table(team.probs(11)).to_csv(tmp_path / "oof.csv", index=False)
    folder = import_files(home(team), [tmp_path / "oof.csv"], name="teacher")
    with pytest.raises(DataError, match="was not made by this workspace's fold models"):
        find_teachers(team.workspace, team.competition, folder.name)
    made = blend_runs(team.workspace, team.competition, [folder.name], method="mean", trials=2)
    with pytest.raises(DataError, match="was not made by this workspace's fold models"):
        find_teachers(team.workspace, team.competition, made.name)


def test_some_folds_are_enough_and_half_a_fold_is_not(team: Team, tmp_path: Path) -> None:
    table = team.table(team.probs(12))
    table[team.folds < 2].to_csv(tmp_path / "two.csv", index=False)
    folder = import_files(home(team), [tmp_path / "two.csv"])
    assert read_record(folder).details["tasks"]["classify"]["folds"] == [0, 1]
    assert np.isnan(oof_of(folder, team)).all(axis=1).tolist() == (team.folds == 2).tolist()
    blend, _ = read_blend(blend_runs(team.workspace, team.competition, [str(folder)], trials=2))
    assert blend.n_scored == (team.folds < 2).sum()
    table.drop(index=5).to_csv(tmp_path / "hole.csv", index=False)
    with pytest.raises(DataError, match=r"1 training rows .* no prediction: 'img_005'"):
        import_files(home(team), [tmp_path / "hole.csv"])


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from import_workspaces import Team
import podium.workflows.importing as importing
from podium.workflows.importing import ImportTarget
team = Team(Path({root!r}))
importing.write_record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
target = ImportTarget.of(team.workspace, team.competition)
importing.import_files(target, [Path({file!r})], name="killed")
"""


def test_an_import_that_is_killed_leaves_nothing(team: Team, tmp_path: Path) -> None:
    file = tmp_path / "oof.csv"
    team.table(team.probs(13)).to_csv(file, index=False)
    tests = Path(__file__).resolve().parents[1]
    code = KILLED.format(tests=str(tests), root=str(team.root), file=str(file))
    process = ForkedScript(code)
    _, printed = process.communicate(60)
    assert process.returncode == -signal.SIGKILL, printed
    left = [one.name for one in team.workspace.imports.iterdir() if "killed" in one.name]
    assert left
    assert all(one.startswith(".") for one in left)
    folder = import_files(home(team), [file], name="killed")
    assert [one for one in team.workspace.imports.iterdir() if "killed" in one.name] == [folder]
    np.testing.assert_allclose(oof_of(folder, team), team.probs(13), atol=1e-7)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_damaged_table_is_refused_or_kept_right(team: Team, data: st.DataObject) -> None:
    """Whatever is done to the text of a CSV, there is one clear error, or the values are kept."""
    table = team.table(team.probs(14).round(3))
    table[CLASSES[0]] = (1 - table[CLASSES[1]] - table[CLASSES[2]]).round(3)
    text = bytearray(table.to_csv(index=False).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        how = data.draw(st.sampled_from(["cut", "byte", "drop", "twice", "insert"]))
        if how == "cut":
            del text[at:]
        elif how == "byte":
            text[at] = data.draw(st.integers(0, 255))
        elif how == "drop":
            del text[at : at + data.draw(st.integers(1, 40))]
        elif how == "twice":
            text[at:at] = text[at : at + 60]
        else:
            text[at:at] = data.draw(
                st.sampled_from([b",", b'"', b"\n", b"\r", b"\0", b"nan", b"e9"])
            )
        if not text:
            break
    file = team.root / "mutated.csv"
    file.write_bytes(text)
    team.workspace.imports.mkdir(exist_ok=True)  # none of the tests before may have made it
    before = set(team.workspace.imports.iterdir())
    try:
        folder = import_files(home(team), [file], name="mutated")
    except PodiumError as caught:
        error: PodiumError | None = caught
    else:
        error = None
    if error is not None:
        assert error.exit_code == 2
        assert str(file) in str(error)
        assert set(team.workspace.imports.iterdir()) == before
        return
    details = read_record(folder).details
    kept = oof_of(folder, team)
    kept = kept[~np.isnan(kept).all(axis=1)]
    assert np.isfinite(kept).all()
    assert json.dumps(details)
    np.testing.assert_allclose(kept.sum(axis=1), 1, atol=1e-6)
