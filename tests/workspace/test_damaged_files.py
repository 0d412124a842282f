"""Damaged files of artefacts are named with a way out, and a full disk is told as such."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from podium.errors import DataError, PodiumError, RunError, from_os_error
from podium.predictions.imports.arrays import open_npy
from podium.predictions.store.fold_reader import FoldReader
from podium.predictions.store.reading import PredictionSet, is_separate_view
from podium.predictions.store.writing import begin_set, write_fold
from podium.training.recipe import load_recipe
from podium.training.runs.fold_files import FoldFiles
from podium.workspace import atomic
from podium.workspace.records import Record, read_record, write_record

JUNK = [b"", b"{", b"[]", b"null", b"3", b"\xff\xfe\x00", b"\x00" * 64, b'{"a": NaN}', b"[" * 9000]


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_damaged_json_of_an_artefact_is_named_with_a_fix(tmp_path: Path, junk: bytes) -> None:
    for name, read in {
        "set.json": lambda: is_separate_view(tmp_path),
        "record.json": lambda: read_record(tmp_path),
        "fold-0/done.json": FoldFiles(tmp_path, 0).read_done,
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(junk)
        with pytest.raises(PodiumError) as caught:
            read()
        assert str(tmp_path) in str(caught.value.where), name
        assert caught.value.fix, name
        file.unlink()


def test_a_plan_of_another_form_is_named(tmp_path: Path) -> None:
    begin_set(tmp_path, folds=[0], splits=["oof"], tasks=["classify"])
    for key, value in {"details": 3, "folds": 3, "splits": None, "tasks": {}}.items():
        plan = {**json.loads((tmp_path / "set.json").read_text()), key: value}
        (tmp_path / "set.json").write_text(json.dumps(plan))
        with pytest.raises(DataError, match="cannot read these predictions"):
            assert not (PredictionSet(tmp_path).missing, is_separate_view(tmp_path))


@pytest.mark.parametrize(
    "junk", [*JUNK, b"a: [", b"phases: {", b"\t- x", b"a: &a [*a]", b"!!python/x y"]
)
def test_a_damaged_recipe_is_named_with_a_fix(tmp_path: Path, junk: bytes) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_bytes(junk)
    with pytest.raises(PodiumError) as caught:
        load_recipe(file)
    assert "recipe.yaml" in str(caught.value)


def test_nan_in_a_decision_is_refused_by_its_key_when_written_and_when_read(tmp_path: Path) -> None:
    record = Record(
        kind="blend",
        id="blend-00000000",
        name="blend",
        created="2026-11-20T06:58:54+00:00",
        status="finished",
        details={"steps": [{"threshold": [0.5, math.nan]}]},
    )
    with pytest.raises(RunError, match=r"details\.steps\.0\.threshold\.1 is no finite number"):
        write_record(tmp_path, record)
    write_record(tmp_path, record.model_copy(update={"details": {"note": "NaN is a word"}}))
    assert read_record(tmp_path).details == {"note": "NaN is a word"}
    file = tmp_path / "record.json"
    file.write_text(file.read_text().replace('"NaN is a word"', "NaN"))
    with pytest.raises(RunError, match="NaN") as caught:
        read_record(tmp_path)
    assert caught.value.where == str(file)


@pytest.mark.slow
def test_a_header_of_an_array_that_numpy_cannot_parse_is_damage(tmp_path: Path) -> None:
    whole = tmp_path / "whole.npy"
    np.save(whole, np.zeros((3, 2), np.float32))
    content, rng = whole.read_bytes(), np.random.default_rng(0)
    write_fold(tmp_path / "set", "oof", "classify", 0, ids=list("abc"), probs=np.eye(3), model="m")
    folder = tmp_path / "set/oof/classify/fold-0"
    chunk = (folder / "chunk-0000.npy").read_bytes()
    errors: list[PodiumError] = []
    for _ in range(400):
        for source, file in ((content, whole), (chunk, folder / "chunk-0000.npy")):
            cut = bytearray(source)
            for at in rng.integers(0, 128, rng.integers(1, 5)):
                cut[at] = rng.integers(0, 256)
            file.write_bytes(cut)
        for read in (lambda: open_npy(whole), lambda: FoldReader(folder).probs()):
            try:
                read()
            except PodiumError as error:
                errors.append(error)
    assert len(errors) > 200
    assert all(one.fix for one in errors)


FULL = """
    import resource, signal, sys, torch
    from pathlib import Path
    from podium.errors import from_os_error
    from podium.models import checkpoints

    file = Path(sys.argv[1])
    checkpoints.save(file, {"network": {"a": torch.zeros(10)}})
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, resource.RLIM_INFINITY))
    large = {"network": {str(i): torch.zeros(1 << 18) for i in range(8)}}
    try:
        checkpoints.save(file, large)
    except OSError as error:
        print(from_os_error(error))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(len(checkpoints.load(file)["network"]))
    checkpoints.save(file, large)
    print(len(checkpoints.load(file)["network"]))
"""


@pytest.mark.slow
def test_a_checkpoint_that_does_not_fit_names_its_file_and_keeps_the_old_one(
    tmp_path: Path,
) -> None:
    """torch raises a RuntimeError of its own: it tells neither the file nor the reason."""
    file = tmp_path / "fold-0" / "last.pt"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), str(file)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed, *fix, kept, again = done.stdout.splitlines()
    assert str(file) in printed
    assert "File too large" in printed
    assert fix == [
        "  fix: the file system or `ulimit -f` allows no larger file: choose another disk"
    ]
    assert (kept, again) == ("1", "8")
    assert [one.name for one in file.parent.iterdir()] == ["last.pt"]


def test_a_folder_that_another_process_made_is_to_be_used(tmp_path: Path) -> None:
    def second() -> None:
        with atomic.new_folder(tmp_path / "blend") as making:
            (making / "mine").write_text("1")
            (tmp_path / "blend").mkdir()  # the other process
            (tmp_path / "blend/theirs").write_text("1")

    with pytest.raises(atomic.ExistsError, match="exists already") as caught:
        second()
    assert "remove" not in str(caught.value.fix)
    assert [one.name for one in (tmp_path / "blend").iterdir()] == ["theirs"]
    assert from_os_error(OSError(28, "No space left on device")).fix
