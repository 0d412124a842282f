"""A file of train samples scores here what the blend that it was written from scores.

Nothing is trained: the runs are handmade.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from sklearn.metrics import cohen_kappa_score, f1_score
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.ensembling import read_blend
from podium.ensembling.honest import read_units
from podium.errors import RunError, UsageError
from podium.predictions import write_fold
from podium.predictions.store.mask_writing import write_masks
from podium.workflows.blends.blending import blend_runs
from podium.workflows.submission.rehearsing import check_on_folds, labelled_rows, rehearse
from podium.workspace.digests import SUMS_FILE
from podium.workspace.layout import Workspace

N = 36
CLASSES = ["a", "b", "c"]


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def opened(root: Path, spec: dict[str, Any]) -> tuple[Workspace, Competition]:
    (root / "competition.yaml").write_text(yaml.safe_dump({"name": "x", **spec}, sort_keys=False))
    return Workspace(root), load_competition(root)


def labels(
    root: Path,
    kind: str,
    metric: dict[str, Any],
    submission: dict[str, Any],
    *,
    unit: bool = False,
    classes: list[str] = CLASSES,
    more: dict[str, Any] | None = None,
) -> tuple[Workspace, Competition]:
    """Return a competition of labels; with `unit` two images are one."""
    rows = []
    for i in range(N):
        save(root / f"train/i{i:02d}.png", np.full((4, 4, 3), i, np.uint8))
        j = i // 2 if unit else i
        label = {
            "binary": str(j % 2),
            "multiclass": CLASSES[j % 3],
            "ordinal": CLASSES[j % 3],
            "multilabel": " ".join(CLASSES[: j % 4]),
            "regression": str(j / 10),
        }[kind]
        rows.append([f"i{i:02d}", f"u{j:02d}", label])
    with (root / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "unit", "label"], *rows])
    source: dict[str, Any] = {"table": "train.csv", "id": "id", "images": "train/{id}.png"}
    source |= {"label": "label"} | ({"unit": "unit"} if unit else {})
    test = {"images": "test/*.png"} | ({"unit": "stem"} if unit else {})
    spec = {
        "tasks": {"classify": kind},
        "classes": [] if kind in ("binary", "regression") else classes,
        "data": {"train": source, "test": test},
        "folds": {"n": 3} | ({"scheme": "multilabel_stratified"} if kind == "multilabel" else {}),
        "metric": metric,
        "submission": submission,
        **(more or {}),
    }
    return opened(root, spec)


def add_labels_run(
    workspace: Workspace,
    competition: Competition,
    *,
    folds_done: int = 3,
    knows: bool = False,
) -> dict[str, np.ndarray]:
    """Write what a run says out of fold, and return it by id."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    rng = np.random.default_rng(3)
    n = competition.n_outputs
    predicted = rng.uniform(size=(len(samples), n)).astype(np.float32)
    if knows:  # of which class an image is, and that some are of none
        predicted += 9 * np.eye(3, n, dtype=np.float32)[np.arange(len(samples)) % 3]
    if competition.kind == "multiclass":
        predicted /= predicted.sum(axis=1, keepdims=True)
    if competition.kind == "ordinal":
        predicted *= 2
    root = workspace.runs / "r-00000001/predictions/aabbccdd"
    for fold in range(folds_done):
        at = np.flatnonzero(folds == fold)
        ids = [str(samples["id"].iloc[i]) for i in at]
        write_fold(root, "oof", "classify", fold, ids=ids, probs=predicted[at], model="m")
    return dict(zip(samples["id"], predicted, strict=True))


LABELS = {
    "classes": ("multiclass", {"name": "accuracy"}, {"value": "name"}),
    "probabilities": ("multiclass", {"name": "log_loss"}, {"value": "prob"}),
    "rankings": ("multiclass", {"name": "map_at_k", "k": 2}, {"value": "topk", "k": 2}),
    "sets": ("multilabel", {"name": "macro_f1"}, {"value": "labels"}),
    "yes or no": ("binary", {"name": "f1"}, {"value": "label"}),
    "one probability": ("binary", {"name": "auc"}, {"value": "prob"}),
    "ratings": ("ordinal", {"name": "qwk"}, {"value": "label"}),
    "numbers": ("regression", {"name": "rmse"}, {"value": "scalar"}),
    "a row a class": (
        "multilabel",
        {"name": "auc"},
        {"value": "prob", "rows": "image_class", "id": "{id}_{class}"},
    ),
}


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize("which", LABELS)
def test_units_and_a_rehearsed_file_of_labels_score_what_their_blend_does(
    tmp_path: Path, which: str
) -> None:
    workspace, competition = labels(tmp_path, *LABELS[which])
    add_labels_run(workspace, competition)
    folder = blend_runs(
        workspace, competition, [str(workspace.runs / "r-00000001/predictions/aabbccdd")], trials=4
    )
    blend, _ = read_blend(folder)
    units = read_units(folder)
    assert units.score() == pytest.approx(blend.honest, abs=1e-12)
    assert np.isfinite(units.draws(20, [30, 30])).any()
    found = rehearse(workspace, competition, folder)
    assert found.problems == []
    assert found.own == blend.optimistic
    # The blend has numbers of 32 bits, and the file the shortest text that reads back as these.
    is_number = competition.submission.value in ("prob", "scalar")
    assert found.score == pytest.approx(blend.optimistic, abs=1e-7 if is_number else 1e-9)
    assert found.n_rows == N


def test_images_of_no_class_are_rehearsed_as_what_they_are(tmp_path: Path) -> None:
    """A third of the images is of no class, and right is "c" for these."""
    submission = {"value": "topk", "k": 2}
    metric = {"name": "map_at_k", "k": 2}
    workspace, competition = labels(
        tmp_path, "multiclass", metric, submission, classes=["a", "b"], more={"open_set": "c"}
    )
    add_labels_run(workspace, competition, knows=True)
    members = [str(workspace.runs / "r-00000001/predictions/aabbccdd")]
    folder = blend_runs(workspace, competition, members, trials=4, raw=True)
    blend, _ = read_blend(folder)
    found = rehearse(workspace, competition, folder)
    assert found.score == pytest.approx(blend.optimistic, abs=1e-9)
    with found.file.open() as file:
        predicted = {row["id"]: row["label"].split(" ") for row in csv.DictReader(file)}
    right = [(predicted[f"i{i:02d}"], CLASSES[i % 3]) for i in range(N)]
    worth = [1 / (row.index(name) + 1) if name in row else 0 for row, name in right]
    assert any("c" in row for row, _ in right)
    assert found.score == pytest.approx(np.mean(worth), abs=1e-12)


@pytest.mark.slow
def test_breasts_of_two_images_are_rehearsed_as_breasts(tmp_path: Path) -> None:
    workspace, competition = labels(
        tmp_path, "binary", {"name": "f1"}, {"value": "label"}, unit=True
    )
    add_labels_run(workspace, competition)
    folder = blend_runs(
        workspace, competition, [str(workspace.runs / "r-00000001/predictions/aabbccdd")], trials=4
    )
    blend, _ = read_blend(folder)
    found = rehearse(workspace, competition, folder)
    assert found.n_rows == N // 2
    assert found.score == pytest.approx(blend.optimistic, abs=1e-9)
    with found.file.open() as file:
        rows = {row["id"]: int(row["label"]) for row in csv.DictReader(file)}
    truth = [j % 2 for j in range(N // 2)]
    by_hand = f1_score(truth, [rows[f"u{j:02d}"] for j in range(N // 2)])
    assert found.score == pytest.approx(by_hand, abs=1e-12)


def test_a_file_of_a_fold_is_scored_on_the_rows_of_that_fold_alone(tmp_path: Path) -> None:
    workspace, competition = labels(tmp_path, *LABELS["ratings"])
    add_labels_run(workspace, competition)
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    inside = np.flatnonzero(folds == 1)
    predicted = np.random.default_rng(0).integers(0, 3, N)
    file = tmp_path / "mine.csv"
    file.write_text(
        "id,label\n" + "".join(f"{samples['id'].iloc[i]},{predicted[i]}\n" for i in inside)
    )
    wanted = cohen_kappa_score(inside % 3, predicted[inside], weights="quadratic", labels=[0, 1, 2])
    found = check_on_folds(workspace, competition, file, [1])
    assert (found.score, found.n_rows) == (pytest.approx(wanted), len(inside))
    called = ["-w", str(tmp_path), "check", str(file), "--fold"]
    done = CliRunner().invoke(app, [*called, "1"])
    assert done.exit_code == 0, done.output
    assert f"qwk {wanted:.6f} on {len(inside)} rows" in done.output
    done = CliRunner().invoke(app, [*called, "0,1"])
    assert done.exit_code == 2
    assert "ids of folds 0, 1 that are missing" in done.output
    with pytest.raises(UsageError, match="no fold 7"):
        check_on_folds(workspace, competition, file, [7])


def test_rows_that_no_fold_predicted_are_left_out_of_a_rehearsal(tmp_path: Path) -> None:
    workspace, competition = labels(tmp_path, *LABELS["classes"])
    add_labels_run(workspace, competition, folds_done=2)
    members = [str(workspace.runs / "r-00000001/predictions/aabbccdd")]
    folder = blend_runs(workspace, competition, members, trials=4)
    blend, _ = read_blend(folder)
    found = rehearse(workspace, competition, folder)
    assert found.n_rows == blend.n_scored < N
    assert found.score == pytest.approx(blend.optimistic, abs=1e-9)
    assert rehearse(workspace, competition, folder, [0]).own is None
    with pytest.raises(RunError, match="fold 2: no sample was predicted"):
        rehearse(workspace, competition, folder, [2])


SIDE = 12
VOLUME = {"train": {"unit": "case"}, "test": {"unit": "case"}}
MASKS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a mask an image": ("binary", {"name": "mean_dice"}, {}),
    "a row a class": (
        "multilabel",
        {"name": "mean_dice"},
        {"rows": "image_class", "id": "{id}_{class}", "rle": {"order": "C", "base": 0}},
    ),
    "pixels of all images": ("binary", {"name": "global_dice"}, {"empty": "-"}),
    "labels of pixels": (
        "multiclass",
        {"name": "mean_iou"},
        {"rows": "pixel", "id": "{id}_{row}_{column}", "value": "label"},
    ),
    "grey values": (
        "binary",
        {"name": "pixel_rmse"},
        {"rows": "pixel", "id": "{id}_{row}_{column}", "value": "prob"},
    ),
    "objects": ("instance", {"name": "iou_precision"}, {"rows": "instance", "overlap": "forbid"}),
    "volumes": (
        "multilabel",
        {"name": "dice_hausdorff"},
        {"rows": "image_class", "id": "{id}_{class}"},
    ),
}


def masks(root: Path, which: str) -> tuple[Workspace, Competition, dict[str, np.ndarray]]:
    """Return a competition of masks, and the probabilities of a run by id; one has no mask."""
    kind, metric, submission = MASKS[which]
    rng = np.random.default_rng(1)
    names = [] if kind in ("binary", "instance") else ["x", "y"]
    of_volumes = which == "volumes"
    probs = {}
    for i in range(12):
        name = f"c{i // 3}/{i % 3}" if of_volumes else f"i{i:02d}"
        one = name.replace("/", "_")
        height = SIDE if of_volumes else SIDE + i % 2
        save(root / f"train/{name}.png", np.zeros((height, SIDE, 3), np.uint8))
        layers = np.zeros((height, SIDE, max(1, len(names))), bool)
        for c in range(layers.shape[2]):
            y, x = rng.integers(0, SIDE - 5, 2)
            layers[y : y + 5, x : x + 4, c] = (i + c) % 4 > 0
        if kind == "multiclass":
            layers[:, :, 1] &= ~layers[:, :, 0]
        predicted = np.clip(layers * 0.3 + rng.uniform(0, 0.7, layers.shape), 0, 1)
        if kind == "multiclass":
            predicted = np.concatenate(
                [1 - predicted.max(axis=2, keepdims=True), predicted], axis=2
            )
            predicted /= predicted.sum(axis=2, keepdims=True)
        probs[one] = predicted.astype(np.float32)
        if one == "i05" and which != "objects":
            continue
        for c, name_of in enumerate(names or [""]):
            folder = root / "masks" / name_of
            save(folder / f"{name}.png", layers[:, :, c].astype(np.uint8) * 255)
    pattern = "masks/{class}/" if names else "masks/"
    if of_volumes:
        train = {"images": "train/{case}/*.png", "id": "{case}_{stem}", "unit": "case"}
        train |= {"mask": pattern + "{case}/{stem}.png"}
    else:
        train = {"images": "train/*.png", "mask": pattern + "{id}.png"}
        if which != "objects":
            (root / "train/i05.png").unlink()
    spec = {
        "tasks": {"segment": kind},
        "classes": names,
        "data": {"train": train, "test": {"images": "test/*.png"}},
        "folds": {"n": 2},
        "metric": metric,
        "submission": {"columns": {"id": "id", "said": "value"}, "value": "rle", **submission},
    }
    workspace, competition = opened(root, spec)
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    place = workspace.runs / "r-00000001/predictions/aabbccdd"
    for fold in (0, 1):
        ids = [str(one) for one in samples["id"][folds == fold]]
        sizes = [probs[one].shape[:2] for one in ids]
        bands = [probs[one] for one in ids]
        write_masks(place, "oof", fold, ids=ids, sizes=sizes, bands=bands, model="m")
    return workspace, competition, probs


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize("which", MASKS)
def test_units_and_a_rehearsed_file_of_masks_score_what_their_blend_does(
    tmp_path: Path, which: str
) -> None:
    workspace, competition, _ = masks(tmp_path, which)
    members = [str(workspace.runs / "r-00000001/predictions/aabbccdd")]
    folder = blend_runs(workspace, competition, members, trials=6)
    blend, _ = read_blend(folder)
    units = read_units(folder)
    assert units.sums is not None
    assert units.score() == pytest.approx(blend.honest, abs=1e-12)
    assert len(units) == blend.n_scored
    if which == "volumes":
        assert units.ids.tolist() == [f"c{k}" for k in range(4)]
    found = rehearse(workspace, competition, folder)
    assert found.problems == []
    assert 0 < blend.optimistic < 1
    assert found.score == pytest.approx(blend.optimistic, abs=1e-9)
    assert found.own == blend.optimistic
    # Of a single member no weights are fitted.
    assert found.fitted == (("decision",) if blend.decision else ())
    of_fold = rehearse(workspace, competition, folder, [1])
    assert of_fold.n_rows < found.n_rows
    assert of_fold.own is None


def test_the_command_rehearses_a_blend_and_uploads_nothing(tmp_path: Path) -> None:
    workspace, competition, _ = masks(tmp_path, "a mask an image")
    members = [str(workspace.runs / "r-00000001/predictions/aabbccdd")]
    folder = blend_runs(workspace, competition, members, trials=6)
    blend, _ = read_blend(folder)
    call = ["-w", str(tmp_path), "submit", folder.name, "--rehearse"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert f"mean_dice {blend.optimistic:.6f} on {blend.n_scored} rows" in done.output
    assert f"fitted and scored on them: {blend.optimistic:.6f}" in done.output
    assert f"its honest score, the one to believe: {blend.honest:.6f}" in done.output
    assert "has rows of train, and is not the file to hand in" in done.output
    assert f"podium -w {tmp_path} submit {folder.name} --dry-run writes it" in done.output
    made = [one for one in workspace.submissions.iterdir() if one.name != SUMS_FILE]
    assert [one.name for one in made] == [f"rehearsal-of-train-{folder.name}.csv"]
    as_json = CliRunner().invoke(app, [*call, "--json"])
    found = json.loads(as_json.stdout[as_json.stdout.index("{") :])
    assert found["score"] == pytest.approx(blend.optimistic, abs=1e-9)
    done = CliRunner().invoke(app, ["-w", str(tmp_path), "submit", str(made[0]), "--rehearse"])
    assert done.exit_code == 2
    assert f"podium -w {tmp_path} check" in done.output
    again = check_on_folds(workspace, competition, made[0])
    assert again.score == pytest.approx(blend.optimistic, abs=1e-9)


def test_rows_without_a_known_answer_are_in_no_file(tmp_path: Path) -> None:
    workspace, competition = labels(tmp_path, *LABELS["classes"])
    ensure_folds(workspace, competition, load_samples(competition, "train"))
    known = labelled_rows(workspace, competition)
    assert known.ids == tuple(f"i{i:02d}" for i in range(N))
    assert known.take(["i03", "i01"]).ids == ("i01", "i03")
    form = {"value": "topk", "k": 2, "item": "{id}"}
    submission = competition.submission.model_copy(update=form)
    retrieval = competition.model_copy(update={"submission": submission}).at(tmp_path)
    file = _ranking_of(tmp_path, known.ids)
    with pytest.raises(UsageError, match="does not say which are"):
        check_on_folds(workspace, retrieval, file)


def _ranking_of(root: Path, ids: tuple[str, ...]) -> Path:
    file = root / "ranking.csv"
    file.write_text("id,label\n" + "".join(f"{one},i00\n" for one in ids))
    return file
