"""Bad input gives one clear error: the file, the fix, the exit code, no traceback, nothing lost."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from podium.cli.app import app

TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [4]}}
input: {size: 16, train: none}
phases: [{name: all, epochs: 1}]
"""


@pytest.fixture
def workspace(miniatures: ModuleType, tmp_path: Path) -> Path:
    """Give a workspace of class folders, as `podium init` makes it."""
    root = tmp_path / "here"
    miniatures.class_folders(root / "data", n=30)
    assert CliRunner().invoke(app, ["-w", str(root), "init", str(root / "data")]).exit_code == 0
    (root / "recipes" / "tiny.yaml").write_text(TINY)
    return root


def complaint(root: Path, *words: str, code: int) -> str:
    """Run a command that must fail with `code`, and return what it said."""
    done = CliRunner().invoke(app, ["-w", str(root), *words])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    assert "unexpected" not in done.output
    return " ".join(done.output.split())


def test_a_search_without_its_space_and_one_by_time_name_what_to_type(workspace: Path) -> None:
    text = complaint(workspace, "tune", "recipe", "tiny", code=2)
    assert "needs a file of what is tried fix: write the line `optimizer.lr: {low: " in text
    assert "tune recipe tiny --space space.yaml" in text
    text = complaint(workspace, "tune", "losses", "tiny", "--max-time", "5m", code=2)
    assert "ends after a number of trials, not after a time fix: type: " in text
    assert "tune losses tiny --trials 20;" in text


def test_a_word_that_is_no_command_is_answered_with_those_that_are(tmp_path: Path) -> None:
    text = complaint(tmp_path, "tune", "baseline", code=2).replace(" │ │", "")
    assert "No such command 'baseline'. Choose one of thresholds, losses, lr, batch" in text
    assert "Choose one of" not in complaint(tmp_path, "trian", code=2)  # the nearest one is named


def test_a_truncated_image_is_named_by_check_and_by_train(workspace: Path) -> None:
    victim = next((workspace / "data" / "train" / "cat").iterdir())
    victim.write_bytes(victim.read_bytes()[:200])
    assert victim.name in complaint(workspace, "check", "--no-adversarial", code=2)
    text = complaint(workspace, "train", "tiny", code=2)
    assert victim.name in text
    assert "fix:" in text


def test_a_class_of_the_test_part_that_train_lacks_is_found(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    root = tmp_path / "here"
    miniatures.table_and_images(root / "data", groups=False, n=30)
    table = root / "data" / "train.csv"
    table.write_text(table.read_text().replace(",fox", ",cat"))
    done = CliRunner().invoke(app, ["-w", str(root), "init", str(root / "data")])
    assert done.exit_code == 0
    spec = root / "competition.yaml"
    assert "fox" not in spec.read_text()
    sample = root / "data" / "sample_submission.csv"
    sample.write_text(sample.read_text().replace(",cat", ",fox", 1))
    shutil.copy(sample, tmp_path / "mine.csv")
    text = complaint(root, "check", str(tmp_path / "mine.csv"), code=2)
    assert "'fox'" in text
    assert "line 2" in text or ":2" in text


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(workspace: Path) -> None:
    spec = workspace / "competition.yaml"
    spec.write_text(spec.read_text() + "\nclases: [a, b]\n")
    line = spec.read_text().splitlines().index("clases: [a, b]") + 1
    text = complaint(workspace, "folds", code=2)
    assert f"competition.yaml:{line}" in text
    assert "classes" in text


def test_an_unknown_key_of_a_recipe_stops_before_anything_is_trained(workspace: Path) -> None:
    (workspace / "recipes" / "tiny.yaml").write_text(TINY.replace("epochs", "epoch"))
    text = complaint(workspace, "train", "tiny", code=2)
    assert "tiny.yaml:3" in text
    assert "epochs" in text
    assert not (workspace / "runs").exists()


def test_a_fold_with_one_class_is_refused(workspace: Path) -> None:
    ids = CliRunner().invoke(app, ["-w", str(workspace), "folds"])
    assert ids.exit_code == 0
    folds = workspace / "folds.csv"
    lines = folds.read_text().splitlines()
    alone = [lines[0]] + [f"{row.split(',')[0]},{int('cat' not in row)}" for row in lines[1:]]
    folds.write_text("\n".join(alone) + "\n")
    text = complaint(workspace, "train", "tiny", code=2)
    assert "fold" in text
    assert "fix:" in text


def test_an_empty_test_folder_is_refused(workspace: Path) -> None:
    for image in (workspace / "data" / "test").iterdir():
        image.unlink()
    text = complaint(workspace, "check", "--no-adversarial", code=2)
    assert "test" in text


@pytest.mark.slow
def test_a_full_disk_stops_with_the_file_and_the_way_out(workspace: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (128, 128))

    command = [sys.executable, "-c", "from podium.cli.app import main; main()"]
    done = subprocess.run(
        [*command, "-w", str(workspace), "folds"],
        capture_output=True, text=True, check=False, preexec_fn=no_room,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "folds.csv" in done.stderr
    assert "fix:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (workspace / "folds.csv").exists()
    assert not list(workspace.glob("*.tmp*"))


def test_without_credentials_nothing_is_sent_and_how_to_get_them_is_printed(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = workspace / "competition.yaml"
    text = spec.read_text()
    assert "slug: null" in text
    spec.write_text(text.replace("slug: null", "slug: some-competition"))
    names = [path.stem for path in (workspace / "data" / "test").iterdir()]
    from podium.competition.spec import load_competition
    from podium.submissions.format.spec import format_of

    header = format_of(load_competition(workspace)).header
    rows = [",".join(header), *(f"{name},cat" for name in sorted(names))]
    (tmp_path / "mine.csv").write_text("\n".join(rows) + "\n")
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "empty"))
    text = complaint(workspace, "submit", str(tmp_path / "mine.csv"), code=1)
    assert "kaggle.json" in text or "KAGGLE_API_TOKEN" in text


@pytest.mark.parametrize(
    "fault", [KeyError("planted"), EOFError("planted"), AssertionError(), zlib.error("planted")]
)
def test_an_unforeseen_fault_is_one_message(
    fault: Exception, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("podium.cli.folds.ensure_folds", broken)
    done = CliRunner().invoke(app, ["-w", str(workspace), "folds"])
    assert done.exit_code == 1
    assert f"unexpected {type(fault).__name__}" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError(),
        RuntimeError("could not create a primitive"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
    ],
)
def test_too_little_memory_is_named_with_what_needs_less(
    fault: Exception, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("podium.cli.folds.ensure_folds", broken)
    text = complaint(workspace, "folds", code=1)
    assert "memory" in text.partition("fix:")[0]
    assert "smaller batch_size" in text


@pytest.mark.parametrize("words", [["frobnicate"], ["train"], ["train", "tiny", "--again", "-1"]])
def test_wrong_arguments_are_reported_with_the_usage_line(words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "Usage: " in done.output
    assert "unexpected" not in done.output


@pytest.mark.parametrize("source", ["../nowhere/images", "images.zip", "~/images", "."])
def test_missing_folder_is_not_requested_from_kaggle(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    complaint(here, "init", source, code=2)
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


@pytest.mark.parametrize("command", ["doctor", "recipes"])
def test_a_workspace_that_was_named_must_be_there(command: str, tmp_path: Path) -> None:
    assert "competition.yaml" in complaint(tmp_path, command, code=2)


def test_a_name_of_a_blend_is_no_path(workspace: Path) -> None:
    text = complaint(workspace, "blend", "--name", "a/b", code=2)
    assert "'a/b'" in text


@pytest.mark.parametrize("option", ["-w", "--workspace", "--debug"])
def test_an_option_of_all_commands_behind_one_gets_the_order_that_works(option: str) -> None:
    done = CliRunner().invoke(app, ["check", option])
    assert done.exit_code == 2
    assert f"{option} stands before the command" in done.output


@pytest.mark.parametrize(
    ("option", "near"), [("--class", None), ("--layer", "--layers"), ("--metric", None)]
)
def test_an_unknown_option_proposes_only_near_ones(option, near):
    done = CliRunner().invoke(app, ["explain", "small", option, "x"])
    assert done.exit_code == 2
    assert "No such option" in done.output
    assert ("Possible options" in done.output) == (near is not None)
    assert near is None or near in done.output
