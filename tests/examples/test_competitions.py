"""Twelve competitions go from their download to a checked file by the examples' specs.

What a file says is read here in plain numpy, and so is what it is worth; podium's own metric and an
embedded host have to say the same.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from competition_miniatures import BUILDERS, Made, masks, reading
from competition_miniatures.cases import CASES, epochs, planes
from miniatures import write_table
from plain_runs import runs_of
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition import metrics
from podium.competition.spec import Competition, load_competition
from podium.hosting import write_mask_solution
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.spec import HostFolder
from podium.submissions.format.spec import format_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples/competitions"
NAMES = sorted(BUILDERS)
OFTEN = {"severstal", "dsb2018"}
"""Masks and objects; labels go the same way in tests/workflows/test_end_to_end.py. The others are
long."""
UPLOADED = {"aptos", "tgs-salt", "airbus-ships", "uw-madison"}
"""One of labels, masks, objects and volumes each is sent by the official client, too: it starts a
process for each call, and sends bytes whatever they say."""


def podium(root: Path, *words: object, expect: int | None = 0) -> str:
    """Run one command in this process and return what it printed."""
    done = CliRunner().invoke(app, ["-w", str(root), *(str(word) for word in words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert expect is None or done.exit_code == expect, f"podium {words}:\n{done.output}"
    return done.output


def example(root: Path, name: str, **changes: Any) -> None:
    """Write the example's competition.yaml, for two folds and without an address to send to."""
    spec = yaml.safe_load((EXAMPLES / name / "competition.yaml").read_text(encoding="utf-8"))
    spec["folds"]["n"] = 2
    del spec["kaggle"]["slug"]
    (root / "competition.yaml").write_text(yaml.safe_dump(_merged(spec, changes), sort_keys=False))


def file_of(root: Path, recipe: dict[str, Any]) -> Path:
    """Go from competition.yaml to the file by the commands of the README."""
    (root / "recipes").mkdir(exist_ok=True)
    (root / "recipes/tiny.yaml").write_text(yaml.safe_dump(recipe))
    assert "error " not in podium(root, "check", "--no-adversarial")
    podium(root, "folds")
    assert "finished" in podium(root, "train", "tiny")
    assert "honest" in podium(root, "blend", "--trials", "4", "--name", "quick")
    assert "dry run" in podium(root, "submit", "--dry-run", "quick")
    [file] = (root / "submissions").glob("*.csv")
    assert "no problem found" in podium(root, "check", file)
    # What the data and the sample show is what the example says, where they show it.
    calibrated = json.loads(podium(root, "calibrate", "--json"))
    assert not [one["name"] for one in calibrated["parameters"] if one["changes"]]
    assert not [note for note in calibrated["notes"] if "none of the test images" in note]
    rehearsal = podium(root, "submit", "--rehearse", "quick")
    behind = r"(?: on \d+ rows of train| \(equal, as .*\))?$"
    scores = re.findall(rf"(\d\.\d+){behind}", rehearsal, re.MULTILINE)
    ours, blends = scores[:2]  # of the third, it may be said that it is better by chance
    assert ours == blends
    return file


def write_solution(path: Path, competition: Competition, made: Made, file: Path) -> None:
    """Write the hidden answers as a host has them, all of them public."""
    if competition.scored_task == "segment" and not competition.has_objects:
        pairs = zip(made.truth, planes(made.truth, made), strict=True)
        places = {name: name.split("_slice_") for name in made.truth}
        volumes = {name: (one[0], int(one[1])) for name, one in places.items() if len(one) == 2}
        usage = dict.fromkeys(made.truth, "Public")
        write_mask_solution(path, competition, pairs, usage, volumes=volumes or None)
        return
    header = reading.lines(file)[0]
    if competition.has_objects:
        rows = [
            [name, runs, *map(str, objects.shape[1:]), "Public"]
            for name, objects in made.truth.items()
            for runs in [runs_of(one) for one in objects] or [""]
        ]
        write_table(path, [*header, "height", "width", "Usage"], rows)
        return
    answers = {
        name: " ".join(map(str, sorted(one))) if isinstance(one, set) else str(one)
        for name, one in made.truth.items()
    }
    write_table(path, [*header, "Usage"], [[*pair, "Public"] for pair in answers.items()])


def with_fault(file: Path, faulty: Path, cells: str) -> Path:
    """Write the file with other cells behind the id of the last row but one."""
    rows = file.read_text(encoding="utf-8").splitlines()
    rows[-2] = rows[-2].split(",")[0] + "," + cells
    faulty.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return faulty


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one, marks=[pytest.mark.slow] + [pytest.mark.long] * (one not in OFTEN))
        for one in NAMES
    ],
)
def test_a_competition_goes_from_its_download_to_a_file_that_scores(
    name: str, tmp_path: Path
) -> None:
    case, made = CASES[name], BUILDERS[name](tmp_path / "data")
    said_of_init = podium(tmp_path, "init", made.data, expect=None)
    assert case.told in said_of_init
    if (tmp_path / "competition.yaml").exists():
        found = yaml.safe_load((tmp_path / "competition.yaml").read_text())
        assert {key: _at(found, key) for key in case.inferred} == case.inferred
    example(tmp_path, name)
    competition = load_competition(tmp_path)
    file = file_of(tmp_path, case.recipe)

    sample = tmp_path / str(competition.submission.sample)
    predicted = case.read(file, sample, made)
    worth = case.score(predicted, made.truth)
    assert worth > case.least
    options = dict(competition.metric.options)
    if name in ("aptos", "humpback-whale"):
        options["n_classes"] = len(competition.classes)  # also where no test image has one
    refused = with_fault(file, tmp_path / "faulty.csv", case.fault[0])
    assert case.fault[1] in podium(tmp_path, "check", refused, expect=2)
    ours = metrics.score(
        metrics.of(competition),
        case.podiums(made.truth, made),
        case.podiums(predicted, made),
        **options,
    )
    assert ours == pytest.approx(worth, abs=1e-9)
    solution = tmp_path / "solution.csv"
    write_solution(solution, competition, made, file)
    words = ("host", "init", tmp_path / "host", "--solution", solution, "--users", "me")
    podium(tmp_path, *words)
    host = HostFolder(tmp_path / "host")
    by_host = score_file(file, host.spec(), read_solution(host.solution, host.spec().format))
    assert by_host.public == pytest.approx(worth, abs=1e-5)
    if name in UPLOADED:
        spec = yaml.safe_load((tmp_path / "competition.yaml").read_text())
        spec["kaggle"] = {"host": "host"}
        (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
        podium(tmp_path, "submit", file, "-m", "first")
        [row] = json.loads(podium(tmp_path, "board", "--json"))["rows"]
        assert row["public_score"] == pytest.approx(worth, abs=1e-5)


@pytest.mark.slow
def test_the_steel_that_was_given_out_later_needs_the_lines_in_the_comments(tmp_path: Path) -> None:
    made = masks.severstal(tmp_path / "data", given_out_later=True)
    text = (EXAMPLES / "severstal/competition.yaml").read_text(encoding="utf-8")
    mask = {"table": "data/train.csv", "id": "ImageId", "rle": "EncodedPixels", "label": "ClassId"}
    for line in ("id: ImageId", "label: ClassId", "rle: EncodedPixels"):
        assert f"#   {line}" in text
    [commented] = re.findall(r"^# (submission:\n(?:#   .*\n)+)", text, re.MULTILINE)
    submission = yaml.safe_load(commented.replace("#   ", "  "))["submission"]
    example(tmp_path, "severstal", data={"train": {"mask": mask}}, submission=submission)
    file = file_of(tmp_path, epochs(2, input={"size": [32, 128], "train": "none"}))
    header, *rows = reading.lines(file)
    assert header == ["ImageId", "EncodedPixels", "ClassId"]
    assert [(name, label) for name, _, label in rows] == [
        (name, label) for name in made.truth for label in made.classes
    ]


@pytest.mark.slow
def test_scans_with_a_hidden_test_part_are_trained_with_a_stand_in(tmp_path: Path) -> None:
    """As they are given out: no test images, and of the sample the header alone."""
    masks.uw_madison(tmp_path / "data")
    shutil.rmtree(tmp_path / "data/test")
    (tmp_path / "data/sample_submission.csv").write_text("id,class,predicted\n")
    example(tmp_path, "uw-madison")
    [error, *_] = json.loads(podium(tmp_path, "check", "--no-adversarial", "--json", expect=2))
    assert "where they are hidden, leave data.test out" in error["fix"]
    shutil.copytree(tmp_path / "data/train/case7", tmp_path / "data/test/case7")
    recipe = epochs(1, input={"size": 40, "fit": "pad", "train": "none"})
    rows = reading.lines(file_of(tmp_path, recipe))
    assert rows[0] == ["id", "class", "predicted"]
    wanted = [f"case7_day0_slice_{number:04d}" for number in range(1, 12)]
    assert [row[0] for row in rows[1:]] == [one for one in wanted for _ in range(3)]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_complete(name: str) -> None:
    path = EXAMPLES / name / "competition.yaml"
    text = path.read_text(encoding="utf-8")
    # The table of whales is not here: what is read of it is tried with the miniature.
    spec = yaml.safe_load(text)
    if isinstance(spec.get("classes"), dict):
        spec["classes"] = ["w_1", "w_2"]
    del spec["submission"]["sample"]  # its header wins, and there is none here
    competition = Competition.model_validate(spec)
    assert competition.submission.preset == name == competition.name
    assert competition.kaggle.slug is not None
    assert format_of(competition)
    metrics.of(competition)
    assert all(len(line) <= 100 for line in text.splitlines())


def test_the_page_of_the_examples_lists_them() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[([\w-]+)\]\(([\w-]+)/competition.yaml\)", page, re.MULTILINE)
    assert sorted(listed) == [(name, name) for name in NAMES]
    assert sorted(path.parent.name for path in EXAMPLES.glob("*/competition.yaml")) == NAMES


def _at(spec: Any, key: str) -> Any:
    for word in key.split("."):
        spec = spec[word]
    return spec


def _merged(spec: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return `spec` with `changes`: train and test are merged, what is below is replaced."""
    for key, value in changes.items():
        if key in ("data", "train"):
            spec[key] = _merged(spec[key], value)
        else:
            spec[key] = value
    return spec
