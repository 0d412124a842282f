"""`podium verify`, and reading commands, on a workspace with one flipped bit in a kind of file."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import search_workspaces
from command_line import podium
from PIL import Image

from podium.competition.made_files import MadeFile, write_made
from podium.models import checkpoints
from podium.submissions.upload.receipt import prepare_receipt, save_receipt
from podium.workspace import atomic, json_lines
from podium.workspace.auto_record import AutoRecord, write_auto
from podium.workspace.jobs import JobRecord, write_job
from podium.workspace.layout import Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with something of every kind, made by podium."""
    root = tmp_path_factory.mktemp("made")
    workspace, _ = search_workspaces.workspace(root)
    (root / "data/unlabelled").mkdir()
    rng = np.random.default_rng(1)
    for i in range(3):
        pixels = rng.integers(0, 190, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(root / f"data/unlabelled/u{i}.png")
    file = root / "competition.yaml"
    unlabelled = "  unlabelled: {images: 'data/unlabelled/*.png'}\nfolds:"
    file.write_text(file.read_text().replace("folds:", unlabelled))
    for one in (root / "data").rglob("*"):  # digests of files that changed just now are not kept
        os.utime(one, (1e9, 1e9))
    podium(root, "train", "base", "-o", "phases[0].freeze=[backbone]")
    (run,) = (root / "runs").iterdir()
    podium(root, "blend", run.name)
    podium(root, "pseudo", run.name)
    rows = ["id,red,green", *(f"{i:02d},0.{i % 9 + 1},0.{9 - i % 9}" for i in range(24)), ""]
    (root / "oof.csv").write_text("\n".join(rows))
    podium(root, "import", root / "oof.csv", "--name", "theirs", "--trust-folds")
    checkpoints.save(run / "fold-7" / "resume.pt", {"step": 3})
    sent = root / "submissions" / "sent.csv"
    atomic.write_text(sent, "id,label\n00,red\n")
    receipt = prepare_receipt(workspace, sent, slug="colours", target="host", message="")
    save_receipt(workspace, receipt, sent)
    for number in range(2):
        json_lines.append(root / "board" / "leaderboard.jsonl", [{"at": f"2026-01-0{number + 1}"}])
    podium(root, "ledger", "rebuild")
    return root


@pytest.fixture(scope="module")
def made_whole(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same with what takes longer to make."""
    root = tmp_path_factory.mktemp("whole") / "copy"
    shutil.copytree(made, root)
    workspace = Workspace(root)
    source = root / "data/labels.json"
    source.write_text("{}")
    atomic.write_text(root / "made/tables/train.csv", "id,label\n00,red\n")
    made_of = MadeFile("made/tables/train.csv", (source,), "json")
    write_made(workspace, [made_of], "podium init data --remake")
    write_auto(root / "auto/0a1b2c3d", AutoRecord.model_validate(PLAN))
    write_job(workspace.jobs, JobRecord("base.fold-0", "podium train", "local", "here:1", SINCE))
    write_job(workspace.jobs, JobRecord("base.fold-1", "podium train", "local", "here:1", SINCE))
    both = "loss: {classify: {ce: 1, focal: 1}}"
    recipe = search_workspaces.RECIPE.replace("epochs: 1", f"epochs: 1, {both}")
    (root / "recipes/both.yaml").write_text(recipe)
    podium(root, "tune", "losses", "both", "--trials", "1", "--folds", "0")
    podium(root, "check")
    podium(root, "report")
    with atomic.replacing(workspace.checked_drift) as file, file.open("wb") as stream:
        np.savez_compressed(stream, weights=np.ones(24))  # two test images are too few for drift
    return root


SINCE = "2026-01-01T00:00:00+00:00"
PLAN = {
    "id": "0a1b2c3d",
    "created": SINCE,
    "budget_s": 60.0,
    "metric": "log_loss",
    "greater_is_better": False,
    "facts": (),
    "planning_s": 2.0,
}


KINDS = {
    "a run's record": "runs/*/record.json",
    "its recipe": "runs/*/recipe.yaml",
    "its network's summary": "runs/*/network.json",
    "its rows": "runs/*/data.parquet",
    "its score to expect": "runs/*/expected.json",
    "a checkpoint": "runs/*/fold-0/last.pt",
    "a checkpoint to resume from": "runs/*/fold-7/resume.pt",
    "a fold's facts": "runs/*/fold-1/done.json",
    "its epochs": "runs/*/fold-2/metrics.csv",
    "the plan of a prediction set": "runs/*/predictions/*/set.json",
    "a fold's predictions: facts": "runs/*/predictions/*/oof/classify/fold-0/meta.json",
    "ids": "runs/*/predictions/*/oof/classify/fold-1/ids.parquet",
    "values": "runs/*/predictions/*/oof/classify/fold-2/chunk-0000.npy",
    "of the test set": "runs/*/predictions/*/test/classify/fold-0/chunk-0000.npy",
    "a blend's record": "blends/*/record.json",
    "its units": "blends/*/units.npz",
    "its expected score": "blends/*/expected.json",
    "the rows of a blend": "blends/*/data.parquet",
    "an import's record": "imports/*/record.json",
    "its values": "imports/*/predictions/*/oof/classify/fold-0/chunk-0000.npy",
    "its plan": "imports/*/predictions/*/set.json",
    "pseudo-labels: record": "pseudo/*/record.json",
    "items": "pseudo/*/items.parquet",
    "table": "pseudo/*/fold-0/table.parquet",
    "probabilities": "pseudo/*/fold-0/probs.npy",
    "a file to submit": "submissions/sent.csv",
    "a receipt": "submissions/*/receipt.json",
    "what was sent": "submissions/*/submission.csv",
    "the board": "board/leaderboard.jsonl",
    "the digests of a folder": "pseudo/*/fold-1/SHA256SUMS",
    "the folds": "folds.csv",
    "decoded images": ".podium/cache/images/*/*.bin",
    "the index of decoded images": ".podium/cache/images/*/*.npy",
    "a made table": "made/tables/train.csv",
    "what it was made of": "made/made.json",
    "a plan of auto": "auto/*/record.json",
    "a task": ".podium/jobs/base.fold-0.json",
    "a trial of loss weights": ".podium/trials/*/fold-0/done.json",
    "a page": "report/index.html",
    "what it showed": "report/shown.json",
    "its figures": ".podium/cache/report-figures/run-*.json",
    "what a check found": ".podium/cache/checked/images.parquet",
    "the drift of the test set": ".podium/cache/checked/drift.npz",
    "features": ".podium/cache/features/*/*/*.features",
    "digests of data": ".podium/digests.db",
    "the ledger": ".podium/ledger.db",
}


def flip(file: Path, near: bytes = b"") -> None:
    """Flip one bit in the middle of `file`, or in the last text `near`."""
    content = bytearray(file.read_bytes())
    at = content.rindex(near) if near else len(content) // 2
    if file.name == "folds.csv":
        at = len(content) - 2
    if file.suffix in (".features", ".npy"):  # their headers end in blanks
        at = len(content) - 2
    content[at] ^= 1
    file.write_bytes(content)


def near_of(file: Path) -> bytes:
    """Return what to flip in a database: pages that are not used may hold anything."""
    if file.name == "ledger.db":
        return b"log_loss"
    if file.name == "digests.db":
        found = re.findall(rb"[0-9a-f]{64}", file.read_bytes())
        return bytes(found[-1])
    return b""


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("in_records", [True, False])
def test_one_flipped_bit_in_each_kind_of_file_is_found(
    made_whole: Path, tmp_path: Path, in_records: bool
) -> None:
    """What is compared with records is tried apart from these: a damaged record tells nothing."""
    root = tmp_path / "copy"
    shutil.copytree(made_whole, root)
    before = json.loads(podium(root, "verify", "--json"))
    assert before["faults"] == []
    assert before["checked"] > len(KINDS) > 45
    flipped = set()
    for kind, pattern in KINDS.items():
        if (kind in ("the folds", "the ledger")) == in_records:
            continue
        # A pack and the index of another one, which is reported as that pack.
        assert list(root.glob(pattern)), kind
        file = (max if pattern.endswith("images/*/*.npy") else min)(root.glob(pattern))
        flip(file, near_of(file))
        shown = file.with_suffix(".bin") if pattern.endswith("images/*/*.npy") else file
        flipped.add(str(shown.relative_to(root)))
    assert len(flipped) == (len(KINDS) - 2 if in_records else 2)
    found = json.loads(podium(root, "verify", "--json", code=1))
    assert flipped == {one["file"] for one in found["faults"]}
    assert all(one["fix"] for one in found["faults"])
    n_found = len(found["faults"])
    sys.stdout.write(f"\na bit flipped in {len(flipped)} kinds of file, {n_found} found\n")
    assert f"{len(flipped)} damaged or missing" in podium(root, "verify", code=1)


# What lies behind the end of these is never read.
WITHOUT_END = ("decoded images", "the index of decoded images", "features", "digests of data")
# Digests of the same names are taken for those of damaged files; shards of one network and view are
# as good under each other's names, and packs with each other's index.
NOT_EXCHANGED = ("the digests of a folder", "features", "the index of decoded images")


def alike(file: Path, root: Path) -> list[Path]:
    """Return the other files of a kind: their paths differ in ids and numbers alone."""

    def kind(path: Path) -> str:
        return re.sub(r"[0-9a-f]{8,}|\d+", "#", path.relative_to(root).as_posix())

    every = [one for one in root.rglob(f"*{file.suffix}") if kind(one) == kind(file)]
    return sorted(one for one in every if one.read_bytes() != file.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut", "lengthened", "exchanged"])
def test_files_that_were_cut_lengthened_or_exchanged_are_found(
    made_whole: Path, tmp_path: Path, how: str
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made_whole, root)
    changed: dict[str, str] = {}
    for kind, pattern in KINDS.items():
        if kind in ("the folds", "the ledger"):
            continue
        file = min(root.glob(pattern))
        before = file.read_bytes()
        if how == "cut":
            file.write_bytes(before[: len(before) // 2])
        elif how == "lengthened" and kind not in WITHOUT_END:
            file.write_bytes(before + b"0")
        elif how == "exchanged" and kind not in NOT_EXCHANGED:
            for other in alike(file, root)[-1:]:
                file.write_bytes(other.read_bytes())
                other.write_bytes(before)
                changed[shown(other, root)] = kind
        if file.read_bytes() != before:
            changed[shown(file, root)] = kind
    found = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    assert set(changed) == {shown(root / one["file"], root) for one in found}
    least = {"cut": len(KINDS) - 3, "lengthened": len(KINDS) - 6, "exchanged": 20}
    assert len(changed) >= least[how], sorted(changed)
    sys.stdout.write(f"\n{len(changed)} files {how}, {len(found)} found\n")


def shown(file: Path, root: Path) -> str:
    """Return the file that `verify` names: the index of a pack is reported as that pack."""
    is_index = file.suffix == ".npy" and "images" in file.parts
    return (file.with_suffix(".bin") if is_index else file).relative_to(root).as_posix()


def test_a_file_that_is_gone_is_missing(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    lost = min(root.glob("runs/*/fold-1/last.pt"))
    lost.unlink()
    (lost.parent / "notes.txt").write_text("mine")
    found = json.loads(podium(root, "verify", "--json", code=1))
    assert [(one["file"], one["what"]) for one in found["faults"]] == [
        (str(lost.relative_to(root)), "missing")
    ]
    assert found["unknown"] == [str(lost.relative_to(root).with_name("notes.txt"))]


REFUSED = {
    "last.pt": ("runs/*/fold-1/last.pt", ["predict", "base", "--tta", "hflip"]),
    "a start": (
        "runs/*/fold-0/last.pt",
        ["train", "base", "-o", "model.from={run}"],
    ),
    "values": ("runs/*/predictions/*/oof/classify/fold-2/chunk-0000.npy", ["blend", "base"]),
    "ids": ("runs/*/predictions/*/oof/classify/fold-2/ids.parquet", ["blend", "base"]),
    "test": (
        "runs/*/predictions/*/test/classify/fold-0/chunk-0000.npy",
        ["submit", "--dry-run", "blend"],
    ),
    "record": ("runs/*/record.json", ["show", "base"]),
    "epochs": ("runs/*/fold-0/metrics.csv", ["show", "base"]),
    "blend": ("blends/*/record.json", ["show", "blend"]),
    "pseudo": ("pseudo/*/record.json", ["show", "pseudo-base"]),
    "import": ("imports/*/predictions/*/oof/classify/fold-0/chunk-0000.npy", ["blend", "theirs"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_reading_commands_refuse_what_is_damaged(made: Path, tmp_path: Path, case: str) -> None:
    pattern, words = REFUSED[case]
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    file = min(root.glob(pattern))
    flip(file)
    before = sorted(root.glob("blends/*"))
    (run,) = root.glob("runs/*")
    text = podium(root, *(one.format(run=run.name) for one in words), code=1)
    assert "damaged: its content is not what podium wrote" in text, text
    assert str(file) in text.replace("\n", "")
    assert "fix: " in text
    assert sorted(root.glob("blends/*")) == before


def test_a_damaged_cache_is_made_again_and_the_training_is_the_same(
    made: Path, tmp_path: Path
) -> None:
    weights = []
    for name in ("whole", "damaged"):
        root = tmp_path / name
        shutil.copytree(made, root)
        old = set(root.glob("runs/*"))
        for pack in root.glob(".podium/cache/images/*/*.bin") if name == "damaged" else ():
            flip(pack)
        text = podium(root, "train", "base", "-o", "optimizer.lr=2e-2", "--folds", "0")
        assert ("in the cache are damaged, and made again" in text) == (name == "damaged")
        (run,) = set(root.glob("runs/*")) - old
        weights.append(checkpoints.load(run / "fold-0" / "last.pt")["network"])
    whole, damaged = weights
    assert all(bool((whole[key] == damaged[key]).all()) for key in whole)


def test_a_damaged_key_of_done_json_is_refused_by_the_next_fold(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    words = ["train", "base", "-o", "optimizer.lr=2e-2"]
    podium(root, *words, "--folds", "0")
    (done,) = set(root.glob("runs/base-*/fold-0/done.json")) - {
        root / one.relative_to(made) for one in made.glob("runs/base-*/fold-0/done.json")
    }
    flip(done)
    text = podium(root, *words, "--folds", "1", code=1)
    assert "damaged: its content" in text
    shutil.rmtree(done.parent)  # what the message says
    podium(root, *words, "--folds", "0,1")


def test_the_digests_of_another_folder_are_named(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = root.glob("runs/*")
    swapped = run / "fold-0/SHA256SUMS"
    shutil.copyfile(min(run.glob("predictions/*/oof/classify/fold-1/SHA256SUMS")), swapped)
    (found,) = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    assert found["file"] == str(swapped.relative_to(root))
    assert found["fix"].startswith("remove it: ")


@pytest.mark.parametrize("is_mutual", [False, True])
def test_the_digests_of_another_run_are_named(made: Path, tmp_path: Path, is_mutual: bool) -> None:
    """They list the same names, so each file of the folder seems to be damaged."""
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = root.glob("runs/*")
    podium(root, "train", "base", "-o", "optimizer.lr=2e-2", "--folds", "0")
    (other,) = set(root.glob("runs/*")) - {run}
    before = (other / "SHA256SUMS").read_bytes()
    shutil.copyfile(run / "SHA256SUMS", other / "SHA256SUMS")
    named = [other]
    if is_mutual:
        (run / "SHA256SUMS").write_bytes(before)
        named.append(run)
    found = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    sums = sorted(str(one.relative_to(root) / "SHA256SUMS") for one in named)
    assert [(one["file"], one["what"]) for one in found] == [
        (one, "of another folder") for one in sums
    ]
    for one in sums:
        (root / one).unlink()
    assert json.loads(podium(root, "verify", "--json"))["faults"] == []


def test_a_renamed_or_copied_run_is_named(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = root.glob("runs/*")
    other = shutil.copytree(run, run.with_name("better-00000000"))
    (found,) = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    assert found["file"] == "runs/better-00000000"
    assert found["what"] == f"a copy of {run.name}"
    assert f"better-00000000 is a copy of {run.name}" in podium(root, "show", "better-00000000")
    shutil.rmtree(run)
    faults = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    (found,) = (one for one in faults if one["file"] == "runs/better-00000000")
    assert found["what"] == f"{run.name} under another name"
    assert found["fix"] == f"rename it to runs/{run.name}"
    other.rename(run)
    assert json.loads(podium(root, "verify", "--json"))["faults"] == []


def test_a_damaged_record_beside_a_copy_of_its_folder_is_damaged(
    made: Path, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = root.glob("runs/*")
    shutil.copytree(run, run.with_name("kept"))
    flip(run / "record.json")
    found = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    assert (str(run.relative_to(root) / "record.json"), "damaged") in {
        (one["file"], one["what"]) for one in found
    }


def test_commands_that_verify_proposes_repair_a_run_and_a_blend(made: Path, tmp_path: Path) -> None:
    """The run was trained with an override, which `podium train base` would not have."""
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,), (blend,) = root.glob("runs/*"), root.glob("blends/*")
    before = {one: one.read_bytes() for one in (run / "recipe.yaml", blend / "units.npz")}
    predicted = min(run.glob("predictions/*/oof/classify/fold-1/chunk-*.npy"))
    probs = np.load(predicted)
    flip(min(run.glob("predictions/*/set.json")))
    flip(blend / "units.npz")
    shutil.rmtree(run / "fold-1")
    found = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    assert len(found) == 3
    for fault in sorted(found, key=lambda one: one["file"], reverse=True):
        removed = re.match(r"remove (\S+), and ", fault["fix"])
        (command,) = re.findall(r"`podium ([^`]+)`$", fault["fix"])
        lost = root / (removed[1] if removed else fault["file"])
        shutil.rmtree(lost) if lost.is_dir() else lost.unlink(missing_ok=True)
        podium(root, *command.split())
    assert json.loads(podium(root, "verify", "--json"))["faults"] == []
    assert {one.name for one in root.glob("runs/*")} == {run.name}
    assert {one.name for one in root.glob("blends/*")} == {blend.name}
    assert all(one.read_bytes() == content for one, content in before.items())
    np.testing.assert_array_equal(np.load(predicted), probs)
