"""`podium choose` at a terminal: what is open, with reasons, and answers without a text editor."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app


def with_data(root: Path) -> Path:
    """Write data whose labels and cells to send are 0 and 1: a probability, or a class."""
    rng = np.random.default_rng(0)
    for part, numbers in (("train", range(12)), ("test", range(20, 24))):
        (root / "data" / part).mkdir(parents=True)
        for n in numbers:
            pixels = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(root / "data" / part / f"{n}.png")
    rows = "".join(f"{n},{n % 2}\n" for n in range(12))
    (root / "data/train.csv").write_text(f"id,label\n{rows}")
    rows = "".join(f"{n},0\n" for n in range(20, 24))
    (root / "data/sample_submission.csv").write_text(f"id,label\n{rows}")
    return root


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of such data, in which no question is open; only copies of it are changed."""
    root = with_data(tmp_path_factory.mktemp("answered"))
    run(root, "init", f"{root}/data")
    run(root, "choose", "1b")
    return root


@pytest.fixture
def root(answered: Path, tmp_path: Path) -> Path:
    """A copy of that workspace."""
    shutil.copytree(answered, tmp_path / "ws")
    return tmp_path / "ws"


def run(root: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["-w", str(root), *words])
    assert result.exit_code == code, result.output
    return result.output


def test_questions_of_init_are_answered_by_commands_alone(tmp_path: Path) -> None:
    root = with_data(tmp_path / "ws")
    assert "choose   to answer what is open: submission.value" in run(root, "init", f"{root}/data")
    listed = run(root, "choose")
    assert "\nsubmission.value\n  1a  prob  (stands there; " in listed
    assert "\n  1b  name  (the sample holds class names" in listed
    [question] = json.loads(run(root, "choose", "--json"))
    assert [one["value"] for one in question["readings"]] == ["prob", "name"]
    assert "→ competition.yaml" in run(root, "check", "--no-adversarial", code=2)
    assert run(root, "choose", "1b").startswith("submission.value: name\nnothing is open")
    assert "several readings" not in run(root, "check", "--no-adversarial")
    refused = run(root, "choose", "1b", code=2)
    assert "'1b': no question is open\n  fix: give a key, as folds.n=10\n" in refused


def test_damaged_images_are_left_out_by_the_command_that_check_names(root: Path) -> None:
    (root / "data/train/3.png").write_bytes(b"")
    found = run(root, "check", "--no-adversarial", "--json", code=2)
    [broken] = [one for one in json.loads(found) if one["title"] == "images that cannot be read"]
    status = json.loads(run(root, "status", "--json"))
    assert status["checked"] == "with problems that stop you"
    assert status["next"]["command"] == "podium check"
    command = broken["fix"].partition("podium ")[2]
    run(root, *shlex.split(command))
    assert "images that cannot be read" not in run(root, "check", "--no-adversarial", "--json")
    assert json.loads(run(root, "status", "--json"))["checked"] == "yes"


RUNS = """\
name: cells
to_choose: [submission.rle]
tasks: {segment: binary}
data:
  train: {images: data/train/*.png, mask: "data/masks/{stem}.png"}
  test: {images: data/test/*.png}
metric: {name: mean_dice}
submission:
  columns: {id: id, rle: rle}
  value: rle
  rle: {base: 1, order: F}
  # or rle: {base: 1, order: C}
  # or rle: {base: 1, order: F, relative: true}
"""


def test_the_parts_in_which_ways_to_count_runs_differ_are_explained(tmp_path: Path) -> None:
    (tmp_path / "competition.yaml").write_text(RUNS)
    listed = run(tmp_path, "choose")
    assert "1c  {base: 1, order: F, relative: true}" in listed
    relative = "each start but the first counts from the end of the run before it"
    assert f"  relative: {relative}" in listed.splitlines()
    assert "  order: F: down the columns" in listed
    assert "  base: " not in listed, "all readings have the same"
    [question] = json.loads(run(tmp_path, "choose", "--json"))
    assert question["terms"]["relative"] == relative


def test_a_seed_that_no_generator_takes_is_refused(root: Path) -> None:
    assert "folds.seed" in run(root, "choose", "folds.seed=-1", code=2)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            ["data.train.label=colour"],
            "there is no column 'colour' (data.train.label); the columns are: id, label",
        ),
        (["metric.colour=red"], "has no option 'colour'"),
        (["metric.naem=f1"], "did you mean the metric's key 'name'?"),
        (["folds.n=9"], "folds that cannot be used"),
        (["submission.columns={id: id, colour: label}"], "unknown fields 'label'"),
        (["data.test.images=data/none/*.png"], "no image matches data/none"),
    ],
)
def test_what_check_would_refuse_is_not_written(root: Path, given: list[str], words: str) -> None:
    run(root, "choose", "--keep")
    before = (root / "competition.yaml").read_text()
    told = run(root, "choose", *given, code=2)
    assert "nothing is written" in told
    assert words in told
    assert (root / "competition.yaml").read_text() == before


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        (["folds.seed", "=", "7"], "choose folds.seed=7"),
        (["folds.seed=", "7", "folds.n=3"], "choose folds.seed=7 folds.n=3"),
        (["folds.seed", "=7"], "choose folds.seed=7"),
        (["data.train.exclude=P7"], """choose 'data.train.exclude=["P7"]'"""),
        (["data.train.exclude=7"], """choose 'data.train.exclude=["7"]'"""),
        (
            ["name=a", "submission.rle={base:", "1,", "order:", "F}", "folds.n=3"],
            "choose name=a 'submission.rle={base: 1, order: F}' folds.n=3",
        ),
        (["classes=[elm,", "oak"], "choose 'classes=[cat, dog]', with the quotes"),
        (["classes=elm, oak"], """choose 'classes=["elm", "oak"]'"""),
    ],
)
def test_a_value_written_otherwise_is_refused_with_the_whole_command(
    root: Path, given: list[str], fix: str
) -> None:
    before = (root / "competition.yaml").read_text()
    assert fix in run(root, "choose", *given, code=2).splitlines()[-1]
    assert (root / "competition.yaml").read_text() == before


def with_farms(root: Path) -> Path:
    """Write farms into the table of train, each of two images."""
    rows = "".join(f"{n},{n % 2},f{n // 2}\n" for n in range(12))
    (root / "data/train.csv").write_text(f"id,label,farm\n{rows}")
    return root


def test_other_folds_than_those_of_folds_csv_are_written(root: Path) -> None:
    run(with_farms(root), "folds")
    told = run(root, "choose", "folds.group=farm", "folds.n=2")
    assert "folds.group: farm" in told
    for printed in (told, run(root, "check", "--no-adversarial", code=2)):
        words = " ".join(printed.split())
        assert "has 5 folds, competition.yaml declares 2" in words
        assert "folds --redo" in words
        assert "choose folds.n=5" not in words, "two ways"
    run(root, "folds", "--redo")
    assert json.loads(run(root, "status", "--json"))["checked"] == "before folds.csv changed"
    run(root, "check", "--no-adversarial")


def test_folds_that_are_made_already_are_named_where_their_keys_are_changed(root: Path) -> None:
    run(with_farms(root), "choose", "folds.group=farm", "folds.n=2")
    run(root, "folds")
    for value in ("folds.group=null", "folds.seed=3"):
        told = " ".join(run(root, "choose", value).split())
        assert "folds.csv has other folds than competition.yaml would make" in told
        assert "folds --redo`" in told
        assert "folds.csv" not in run(root, "choose", "name=leaves"), "no key of folds"
    run(root, "folds", "--redo")
    assert "folds.csv" not in run(root, "choose", "folds.seed=3")


def test_a_fault_of_the_file_keeps_no_other_answer_back(root: Path) -> None:
    file = root / "competition.yaml"
    before = file.read_text()
    file.write_text(before.replace("label: label", "label: colour"))
    told = run(root, "choose", "folds.seed=7")
    assert "folds.seed: 7\nstill stops you: the train part cannot be read" in told
    assert "nothing is open" not in told
    assert "\nno question is open; when this is mended: podium " in told
    assert "still stops you" not in run(root, "choose", "data.train.label=label")
    file.write_text(before)
