"""Pseudo-labels by fold, from teacher to student, by the real commands; and all that is refused."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from command_line import podium
from forked import ForkedScript
from pyarrow import parquet
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import load_competition
from podium.ensembling.method import Fitted
from podium.errors import DataError, RunError
from podium.predictions import PredictionSet
from podium.predictions.confidence import label_confidence
from podium.training.pseudo.tables import leak_free_table, open_pseudo
from podium.workflows.pseudo import labelling as pseudo_labelling
from podium.workflows.pseudo import teachers as pseudo_teachers
from podium.workflows.pseudo.labelling import pseudo_label
from podium.workspace import atomic
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

CLASSES = ("cat", "dog", "fox")
TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}}
input: {size: 32, train: none}
optimizer: {name: adamw, lr: 1e-2, schedule: constant}
batch_size: 12
phases: [{name: all, epochs: 3}]
"""
SPEC = """\
name: animals
tasks: {classify: multiclass}
classes: [cat, dog, fox]
data:
  train:
    table: data/train.csv
    id: image_id
    images: 'data/train_images/{image_id}.jpg'
    label: species
  unlabelled:
    table: data/unlabelled.csv
    id: id
    images: 'data/unlabelled/{id}.jpg'
    label: species
  test: {images: 'data/test_images/*.jpg'}
folds: {scheme: stratified_group, n: 3, seed: 1, group: animal_id}
metric: {name: accuracy}
"""
PLANTED = ("000000", "000001", "000005")
"""Train images that somebody put among the unlabelled ones, under other names."""


def answer(root: Path, *words: object) -> Any:
    """Run one command and return the JSON that it printed on stdout."""
    done = CliRunner().invoke(app, ["-w", str(root), *(str(word) for word in words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def taught(
    tmp_path_factory: pytest.TempPathFactory, miniatures: ModuleType
) -> tuple[Path, dict[str, str]]:
    """Give a workspace with two trained runs and a blend, and the labels of unlabelled images."""
    root = tmp_path_factory.mktemp("teachers") / "ws"
    miniatures.table_and_images(root / "data", n=36, n_test=6, n_unlabelled=12)
    truth = {f"{900000 + i}": CLASSES[i % 3] if i != 4 else "" for i in range(12)}
    for number, name in enumerate(PLANTED):
        copy = f"{900100 + number}"
        shutil.copy(root / f"data/train_images/{name}.jpg", root / f"data/unlabelled/{copy}.jpg")
        truth[copy] = ""
    miniatures.write_table(root / "data/unlabelled.csv", ["id", "species"], truth.items())
    (root / "competition.yaml").write_text(SPEC)
    (root / "recipes").mkdir()
    (root / "recipes/tiny.yaml").write_text(TINY)
    (root / "recipes/small.yaml").write_text(TINY.replace("[8, 16]", "[4]"))
    podium(root, "train", "tiny", "small")
    podium(root, "blend", "tiny", "small", "--method", "hill_climb", "--name", "both")
    return root, truth


@pytest.fixture
def copy(taught: tuple[Path, dict[str, str]], tmp_path: Path) -> Path:
    """Give a copy of the workspace that a test may change."""
    without = shutil.ignore_patterns("pseudo")
    return Path(shutil.copytree(taught[0], tmp_path / "ws", ignore=without))


def opened(root: Path) -> tuple[Workspace, Any]:
    return Workspace(root), load_competition(root)


def folder_of(root: Path, name: str) -> Path:
    return Workspace(root).artefact(name, rooms=("pseudo",))


def unlabelled_of(root: Path, run: str) -> PredictionSet:
    (found,) = Workspace(root).artefact(run, rooms=("runs",)).glob("predictions/*/unlabelled")
    return PredictionSet(found.parent)


def folds_of(root: Path) -> dict[str, int]:
    with (root / "folds.csv").open() as file:
        return {row["id"]: int(row["fold"]) for row in csv.DictReader(file)}


@pytest.mark.slow
def test_each_fold_is_taught_by_its_own_model_and_precision_is_what_a_hand_counts(
    taught: tuple[Path, dict[str, str]],
) -> None:
    root, truth = taught
    response = answer(root, "pseudo", "tiny", "--threshold", "0.4", "--name", "counted")
    folder = folder_of(root, "counted")
    assert list(response["folds"]) == ["0", "1", "2", "full"]
    every = unlabelled_of(root, "tiny")
    for fold, facts in response["folds"].items():
        table = parquet.read_table(folder / f"fold-{fold}/table.parquet").to_pydict()
        models = [0, 1, 2] if fold == "full" else [int(fold)]
        probs = np.mean([every.fold("unlabelled", "classify", k).probs() for k in models], axis=0)
        assert table["id"] == every.fold("unlabelled", "classify", 0).ids
        assert np.load(folder / f"fold-{fold}/probs.npy") == pytest.approx(probs, abs=1e-6)
        right = kept = known = 0
        for name, row, confidence, label in zip(
            table["id"], probs, table["confidence"], table["label"], strict=True
        ):
            assert label == CLASSES[int(row.argmax())]
            assert confidence == pytest.approx(row.max(), abs=1e-6)
            if confidence >= np.float32(0.4):
                kept += 1
                known += truth[name] != ""
                right += truth[name] == label
        assert (facts["labels"]["kept"], facts["labels"]["known"]) == (kept, known)
        assert facts["labels"]["precision"] == (right / known if known else None)
        assert sum(facts["labels"]["classes"].values()) == kept
        (run,) = {one.rpartition("/")[0] for one in facts["teachers"]}
        assert set(table["teacher"]) == {" + ".join(f"{run}/fold-{k}" for k in models)}
        assert set(table["round"]) == {1}


@pytest.mark.slow
def test_validation_images_among_the_unlabelled_ones_are_counted_and_reported(
    taught: tuple[Path, dict[str, str]],
) -> None:
    root, _ = taught
    text = podium(root, "pseudo", "tiny", "--name", "planted")
    folds = folds_of(root)
    response = answer(root, "show", "planted")["folds"]
    for fold in (0, 1, 2):
        n = sum(folds[name] == fold for name in PLANTED)
        assert response[str(fold)]["validation_images"] == n
        assert (f"{n} of the images are validated in fold {fold}" in text) == (n > 0)


def test_the_same_again_does_nothing(copy: Path) -> None:
    podium(copy, "pseudo", "tiny")
    before = {p: p.stat().st_mtime_ns for p in (copy / "pseudo").rglob("*")}
    assert "is there already" in podium(copy, "pseudo", "tiny")
    assert {p: p.stat().st_mtime_ns for p in (copy / "pseudo").rglob("*")} == before
    podium(copy, "pseudo", "tiny", "--threshold", "0.5")
    assert len(list((copy / "pseudo").glob("pseudo-tiny-*"))) == 2


def test_labels_made_by_another_process_meanwhile_are_kept(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    podium(copy, "pseudo", "tiny")
    made = folder_of(copy, "pseudo-tiny")
    away = made.rename(copy / "away")

    @contextmanager
    def too_late(*_: object, **__: object) -> Iterator[None]:
        away.rename(made)  # the other one finished before the lock was ours
        yield

    monkeypatch.setattr(pseudo_labelling, "hold", too_late)
    assert "is there already" in podium(copy, "pseudo", "tiny")


def test_other_weights_of_a_blend_are_other_pseudo_labels(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    for weights in ((0.5, 0.5), (0.25, 0.75)):  # as another metric, or another search, fits them
        fitted = dict.fromkeys((0, 1, 2), Fitted(weights))
        monkeypatch.setattr(pseudo_teachers, "fitted_by_fold", lambda *_, fitted=fitted: fitted)
        ids.append(answer(copy, "pseudo", "both")["id"])
    assert ids[0] != ids[1]


def test_show_and_ledger_know_pseudo_labels(copy: Path) -> None:
    made = podium(copy, "pseudo", "tiny", "--threshold", "0.3")
    shown = podium(copy, "show", "pseudo-tiny")
    assert shown.strip() in made
    assert "precision" in shown
    assert "1 pseudo" in podium(copy, "ledger", "rebuild")
    assert "pseudo-tiny" in podium(copy, "ledger", "show", "--kind", "pseudo")


def test_test_images_can_be_taught_with_what_training_predicted(copy: Path) -> None:
    before = set((copy / "runs").glob("*/predictions/*"))
    response = answer(copy, "pseudo", "tiny", "--split", "test")
    assert response["items"] == 6
    assert response["folds"]["0"]["labels"]["precision"] is None
    assert set((copy / "runs").glob("*/predictions/*")) == before
    both = answer(copy, "pseudo", "tiny", "--split", "unlabelled,test")
    assert both["items"] == 6 + 15


@pytest.mark.slow
def test_students_learn_from_what_is_kept_and_their_labels_are_of_round_2(copy: Path) -> None:
    podium(copy, "pseudo", "tiny")
    use = "pseudo=[{from: pseudo-tiny, threshold: 0.4, weight: 0.5}]"
    podium(copy, "train", "tiny", "-o", use)
    workspace = Workspace(copy)
    student = workspace.artefact("tiny", rooms=("runs",))
    labels = open_pseudo(workspace, "pseudo-tiny")
    assert labels.record.id in read_record(student).parents
    kept_by_fold = []
    for fold in (0, 1, 2):
        facts = json.loads((student / f"fold-{fold}/done.json").read_text())
        probs = np.load(labels.folder / f"fold-{fold}/probs.npy")
        kept = int((label_confidence(probs, "multiclass") >= np.float32(0.4)).sum())
        assert facts["pools"].get("pseudo", 0) == kept
        planted = json.loads((labels.folder / "record.json").read_text())["details"]["folds"]
        least = min(kept, planted[str(fold)]["validation_images"])
        assert facts["pools"].get("pseudo_validation_images", 0) <= least
        kept_by_fold.append(kept)
    each = "/".join(map(str, dict.fromkeys(kept_by_fold)))
    shown = podium(copy, "show", student.name)
    assert f"pseudo-labels trained on: {each} a fold" in shown
    told = [line.split() for line in shown.splitlines() if labels.record.id in line]
    by_class = _classes_at(labels.folder, load_competition(copy).classes, threshold=0.4)
    assert [line[1:3] for line in told] == [[str(k), str(n)] for k, n in enumerate(kept_by_fold)]
    assert [" ".join(line[3:]) for line in told] == by_class
    response = answer(copy, "pseudo", student.name, "--name", "second")
    assert response["round"] == 2
    assert set(response["folds"]["1"]["teachers"]) == {f"{student.name}/fold-1"}


def _classes_at(folder: Path, classes: Any, *, threshold: float) -> list[str]:
    """Return of each fold how many labels of each class are sure enough, as text."""
    found = []
    for fold in (0, 1, 2):
        predicted = [row.tolist() for row in np.load(folder / f"fold-{fold}/probs.npy")]
        sure = [row.index(max(row)) for row in predicted if max(row) >= np.float32(threshold)]
        found.append(", ".join(f"{name} {sure.count(k)}" for k, name in enumerate(classes)))
    return found


def test_labels_that_are_known_change_neither_an_id_nor_a_bit(copy: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(copy, tmp_path / "without"))
    known = "{id}.jpg'\n    label: species\n"
    assert SPEC.count(known) == 1
    (other / "competition.yaml").write_text(SPEC.replace(known, "{id}.jpg'\n"))
    assert load_competition(other).data.unlabelled.label is None  # type: ignore[union-attr]
    runs = []
    for root in (copy, other):
        podium(root, "pseudo", "tiny")
        podium(root, "train", "tiny", "-o", "pseudo=[{from: pseudo-tiny}]", "--folds", "0")
        runs.append(Workspace(root).artefact("tiny", rooms=("runs",)))
    assert runs[0].name == runs[1].name
    assert folder_of(copy, "pseudo-tiny").name == folder_of(other, "pseudo-tiny").name
    assert answer(other, "show", "pseudo-tiny")["folds"]["0"]["labels"]["precision"] is None
    oof = [PredictionSet(next(run.glob("predictions/*"))).oof().probs.tobytes() for run in runs]
    assert oof[0] == oof[1]


def test_soft_labels_are_trained_with_mixing_and_class_sampling_beside_true_labels(
    copy: Path,
) -> None:
    podium(copy, "pseudo", "tiny")
    use = "pseudo=[{from: pseudo-tiny, labels: soft, per_class: 3, balance: true}]"
    more = ("-o", "sampling=balanced", "-o", "mix={mixup: 0.4, probability: 0.5}")
    podium(copy, "train", "tiny", "-o", use, *more, "--folds", "0")
    student = Workspace(copy).artefact("tiny", rooms=("runs",))
    facts = json.loads((student / "fold-0/done.json").read_text())
    assert 0 < facts["pools"]["pseudo"] <= 9
    oof = PredictionSet(next(student.glob("predictions/*"))).oof().probs
    assert np.isfinite(oof).all()


def test_a_blend_teaches_fold_k_with_weights_that_its_rows_had_no_part_in(
    taught: tuple[Path, dict[str, str]],
) -> None:
    root, _ = taught
    response = answer(root, "pseudo", "both")
    blend = read_record(Workspace(root).artefact("both", rooms=("blends",)))
    folder = folder_of(root, "pseudo-both")
    names = [parent.rpartition("-")[0] for parent in blend.parents]
    for fold in ("0", "1", "2"):
        weights = response["folds"][fold]["weights"]["classify"]
        assert sum(weights) == pytest.approx(1)
        members = [
            unlabelled_of(root, name).fold("unlabelled", "classify", int(fold)).probs()
            for name in names
        ]
        mixed = sum(w * p for w, p in zip(weights, members, strict=True))
        assert np.load(folder / f"fold-{fold}/probs.npy") == pytest.approx(mixed, abs=1e-6)
    full = response["folds"]["full"]["weights"]["classify"]
    assert full == pytest.approx(blend.details["weights"])


def test_a_table_of_another_fold_is_refused(copy: Path) -> None:
    podium(copy, "pseudo", "tiny")
    folder = folder_of(copy, "pseudo-tiny")
    swap(folder / "fold-0", folder / "fold-1")
    use = ("-o", "pseudo=[{from: pseudo-tiny}]", "--folds", "0")
    text = podium(copy, "train", "tiny", *use, code=2)
    assert "changed since it was written" in text
    # Somebody who mends the record, too, is not believed either.
    record = json.loads((folder / "record.json").read_text())
    folds = record["details"]["folds"]
    folds["0"], folds["1"] = folds["1"], folds["0"]
    atomic.write_text(folder / "record.json", json.dumps(record))
    text = " ".join(podium(copy, "train", "tiny", *use, code=2).split())
    assert f"{folder.name} teaches fold 0" in text
    assert "/fold-1'" in text


def test_predictions_averaged_over_folds_teach_no_fold(copy: Path) -> None:
    podium(copy, "pseudo", "tiny")
    folder = folder_of(copy, "pseudo-tiny")
    swap(folder / "fold-0", folder / "fold-full")
    record = json.loads((folder / "record.json").read_text())
    folds = record["details"]["folds"]
    folds["0"], folds["full"] = folds["full"], folds["0"]
    atomic.write_text(folder / "record.json", json.dumps(record))
    workspace = Workspace(copy)
    labels = open_pseudo(workspace, "pseudo-tiny")
    with pytest.raises(DataError, match="teaches fold 0"):
        leak_free_table(labels, 0, labels.record.inputs["folds"])


def swap(one: Path, other: Path) -> None:
    between = one.with_name("between")
    one.rename(between)
    other.rename(one)
    between.rename(other)


def test_folds_that_are_not_trained_are_named_and_can_be_left_out(copy: Path) -> None:
    run = Workspace(copy).artefact("tiny", rooms=("runs",))
    shutil.rmtree(run / "fold-1")
    text = podium(copy, "pseudo", "tiny", code=1)
    assert "no model of fold 1 yet" in text
    assert "--folds 0,2" in text
    response = answer(copy, "pseudo", "tiny", "--folds", "0,2")
    assert list(response["folds"]) == ["0", "2"]
    use = ("-o", "pseudo=[{from: pseudo-tiny}]")
    text = podium(copy, "train", "small", *use, "--folds", "1", code=2)
    assert "has no labels for the student of fold 1" in text
    podium(copy, "train", "small", *use, "--folds", "2")


def test_a_blend_names_the_member_that_lacks_a_fold(copy: Path) -> None:
    shutil.rmtree(Workspace(copy).artefact("small", rooms=("runs",)) / "fold-2")
    assert "small-" in podium(copy, "pseudo", "both", code=1)


def test_teachers_of_other_folds_are_refused(copy: Path) -> None:
    podium(copy, "pseudo", "tiny")
    lines = (copy / "folds.csv").read_text().splitlines()
    turned = [lines[0], *(f"{i},{(int(k) + 1) % 3}" for i, k in (x.split(",") for x in lines[1:]))]
    (copy / "folds.csv").write_text("\n".join(turned) + "\n")
    assert "folds.csv changed since" in podium(copy, "pseudo", "tiny", "--name", "x", code=1)
    assert "folds.csv changed since" in podium(copy, "pseudo", "both", "--name", "x", code=1)
    use = ("-o", "pseudo=[{from: pseudo-tiny}]", "--folds", "0")
    assert "was made with other folds" in podium(copy, "train", "tiny", *use, code=2)


@pytest.mark.slow
def test_network_with_its_epoch_chosen_by_its_fold_is_no_teacher(copy: Path) -> None:
    podium(copy, "train", "small", "-o", "checkpoint=best")
    chosen = Workspace(copy).artefact("small", rooms=("runs",)).name
    text = podium(copy, "pseudo", chosen, code=2)
    assert "chose the epoch" in text
    assert "checkpoint: last" in text
    podium(copy, "train", "small", "-o", f"model.from={chosen}")
    started = Workspace(copy).artefact("small", rooms=("runs",)).name
    assert started != chosen
    text = podium(copy, "pseudo", started, code=2)
    assert f"{chosen}, from which {started} started" in " ".join(text.split())


def test_imported_predictions_are_refused(copy: Path) -> None:
    run = Workspace(copy).artefact("tiny", rooms=("runs",))
    imported = copy / "imports/theirs-0a1b2c3d"
    shutil.copytree(run, imported)
    record = json.loads((run / "record.json").read_text())
    record |= {"kind": "import", "id": imported.name, "name": "theirs"}
    atomic.write_text(imported / "record.json", json.dumps(record))
    assert "averaged over folds" in podium(copy, "pseudo", "theirs", code=2)
    # A blend with such a member is no better.
    blend = Workspace(copy).artefact("both", rooms=("blends",))
    text = (
        (blend / "record.json").read_text().replace(f"runs/{run.name}", f"imports/{imported.name}")
    )
    atomic.write_text(blend / "record.json", text)
    assert "averaged over folds" in podium(copy, "pseudo", "both", code=2)


def test_a_fold_with_rows_that_averaged_pseudo_labels_saw_is_refused(copy: Path) -> None:
    podium(copy, "predict", "tiny", "--split", "unlabelled")
    every = unlabelled_of(copy, "tiny")
    meta = every.root / "unlabelled/classify/fold-1/meta.json"
    facts = json.loads(meta.read_text())
    atomic.write_text(meta, json.dumps(facts | {"model": "mean of five folds"}))
    assert "were made by mean of five folds" in podium(copy, "pseudo", "tiny", code=2)
    assert not list((copy / "pseudo").glob("*"))


DYING = """
import os, sys
from pathlib import Path
from podium.competition.spec import load_competition
from podium.workflows.pseudo import labelling as pseudo_labelling
from podium.workspace.layout import Workspace

root, write = Path(sys.argv[1]), pseudo_labelling.write_fold
def die(folder, **facts):
    write(folder, **facts)
    if folder.name == "fold-1":
        os._exit(9)
pseudo_labelling.write_fold = die
pseudo_labelling.pseudo_label(Workspace(root), load_competition(root), "tiny")
"""


def test_a_killed_writer_leaves_nothing_half(copy: Path) -> None:
    assert ForkedScript(DYING, [copy]).wait(60) == 9
    (left,) = (copy / "pseudo").iterdir()
    assert left.name.startswith(".")
    assert not [one for one in Workspace(copy).artefact_folders() if one.parent.name == "pseudo"]
    podium(copy, "pseudo", "tiny")
    assert [one.name for one in (copy / "pseudo").iterdir()] == [
        folder_of(copy, "pseudo-tiny").name
    ]


def test_a_failure_leaves_no_files(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path, **facts: Any) -> None:
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(pseudo_labelling, "write_fold", full)
    with pytest.raises(OSError, match="No space left"):
        pseudo_label(*opened(copy), "tiny")
    assert not list((copy / "pseudo").iterdir())


@pytest.mark.slow
def test_existing_predictions_need_no_torch(copy: Path) -> None:
    podium(copy, "predict", "tiny", "--split", "unlabelled")
    code = DYING.replace("os._exit(9)", "assert 'torch' not in sys.modules; os._exit(7)")
    done = subprocess.run([sys.executable, "-c", code, str(copy)], check=False)
    assert done.returncode == 7


def test_an_image_that_changed_since_is_refused(copy: Path) -> None:
    podium(copy, "pseudo", "tiny")
    image = copy / "data/unlabelled/900002.jpg"
    shutil.copy(copy / "data/unlabelled/900003.jpg", image)
    use = ("-o", "pseudo=[{from: pseudo-tiny}]", "--folds", "0")
    assert "900002" in podium(copy, "train", "tiny", *use, code=2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--split", "oof"), "no pseudo-labels of 'oof'"),
        (("--split", ""), "no split is named"),
        (("--name", "../x"), "names a folder"),
        (("--folds", "7"), "no fold 7"),
        (("--threshold", "1.5"), "--threshold"),
    ],
)
def test_invalid_options_are_refused(
    taught: tuple[Path, dict[str, str]], words: tuple[str, ...], message: str
) -> None:
    assert message in podium(taught[0], "pseudo", "tiny", *words, code=2)


def test_a_missing_run_is_refused_before_anything_is_read(
    taught: tuple[Path, dict[str, str]],
) -> None:
    assert "tiny" in podium(taught[0], "pseudo", "tyni", code=2)
    with pytest.raises(RunError):
        read_record(taught[0] / "pseudo")
