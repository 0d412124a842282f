"""Twelve competitions go from their download to a checked file by the examples' specs.

What a file says is read here in plain numpy, and so is what it is worth; podium's own metric has to
say the same.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from competition_miniatures import BUILDERS, Made, masks, reading, scores
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition import metrics
from podium.competition.instances import Instances
from podium.competition.spec import Competition, load_competition
from podium.submissions.format import format_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples/competitions"
NAMES = sorted(BUILDERS)
RECIPE: dict[str, Any] = {
    "optimizer": {"name": "adamw", "lr": 1e-2, "schedule": "constant"},
    "batch_size": 8,
}
BACKBONE = {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}}
OF_MASKS = {**BACKBONE, "heads": {"segment": {"decoder": "linear"}}}
OF_LABELS = {**BACKBONE, "heads": {"classify": {}}}


Fault = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """How a miniature is learnt, read and scored.

    Attributes:
        read: from a file, the sample submission and the truth to what is said, by id.
        score: from what is said and what is true to a number.
        podiums: from either to what podium's metric takes.
        least: the file's score is above it; nothing learnt would not be.
        recipe: of the training.
        inferred: what `podium init` finds out by itself, by dotted key.
        told: what it says of what it cannot know.
        fault: what a file must not have, in place of the cells of its last row but one, and the
            words with which `podium check FILE` refuses it.
    """

    read: Callable[[Path, Path, Made], Any]
    score: Callable[[Any, Any], float]
    podiums: Callable[[Any], Any]
    least: float
    recipe: dict[str, Any]
    inferred: dict[str, Any] = field(default_factory=dict)
    told: str = ""
    fault: Fault = ("", "")


def planes(said: Any) -> list[Any]:
    """Return masks as podium has those of a binary or a multilabel task."""
    each = [np.asarray(mask) for mask in said.values()]
    return [(one if one.ndim == 2 else one.transpose(1, 2, 0)).astype(np.uint8) for one in each]


def volumes(said: Any) -> list[Any]:
    scans: dict[str, list[Any]] = {}
    for (name, _), mask in zip(said.items(), planes(said), strict=True):
        scans.setdefault(name.partition("_slice_")[0], []).append(mask)
    return [np.stack(slices) for slices in scans.values()]


def instances(said: Any) -> list[Instances]:
    return [Instances.from_planes(SIZES[name], list(one)) for name, one in said.items()]


def numbers(said: Any) -> Any:
    return np.array([float(one) for one in said.values()])


def ranks(said: Any) -> Any:
    """Return places among the whales of `KNOWN`; the number after the last says new_whale."""
    if isinstance(next(iter(said.values())), str):
        return np.array([WHALES.get(one, -1) for one in said.values()])
    return np.array([[WHALES.get(one, len(WHALES)) for one in five] for five in said.values()])


def columns(said: Any) -> Any:
    return np.array([[int(label in one) for label in range(28)] for one in said.values()])


SIZES: dict[str, tuple[int, int]] = {}
WHALES: dict[str, int] = {}


def epochs(n: int, model: dict[str, Any] = OF_MASKS, **keys: Any) -> dict[str, Any]:
    return {**RECIPE, "model": model, "phases": [{"name": "all", "epochs": n}], **keys}


CASES = {
    "tgs-salt": Case(
        lambda file, sample, made: reading.image_masks(file, sample, made),
        scores.iou_hits,
        planes,
        0.6,
        epochs(10, input={"size": 40, "fit": "pad", "train": "none"}),
        {
            "tasks": {"segment": "binary"},
            "data.train.mask": "data/train/masks/{id}.png",
            "data.train.mask_values": {0: "background", 65535: "foreground"},
            "submission.sample": "data/sample_submission.csv",
        },
        fault=("1369 2", "the last run ends at pixel 1,370 of 1,369"),
    ),
    "severstal": Case(
        lambda file, sample, made: reading.class_masks(file, sample, made),
        scores.mean_dice,
        planes,
        0.84,
        epochs(16, input={"size": [32, 128], "train": "none"}),
        {
            "tasks": {"segment": "multilabel"},
            "classes": ["1", "2", "3", "4"],
            "data.train.mask.id": "ImageId_ClassId={id}_{class}",
            "submission.id": "{id}_{class}",
        },
        fault=("5 3 6 2", "the start 6 is not after the run before it"),
    ),
    "hubmap-kidney": Case(
        lambda file, sample, made: reading.image_masks(file, sample, made),
        scores.mean_dice,
        planes,
        0.6,
        epochs(6, input={"size": 32, "fit": "tile", "train": "none"}),
        {
            "data.train.images": "data/train/{id}.tiff",
            "data.reader.name": "tiff",
            "data.train.mask.rle": "encoding",
        },
        "patient_number",
        fault=("1 999999", "beyond the 76 x 82 pixels"),
    ),
    "contrails": Case(
        lambda file, sample, made: reading.image_masks(file, sample, made, empty="-"),
        scores.global_dice,
        planes,
        0.5,
        epochs(8, input={"size": 32, "train": "none"}, extra={"validation": 1.0}),
        {"data.reader.axes": "HWT"},
        "are not those of the test images",
        fault=("", "write '-' for an empty mask"),
    ),
    "uw-madison": Case(
        lambda file, sample, made: reading.class_masks(file, sample, made, keys=2, order="C"),
        scores.dice_and_hausdorff,
        volumes,
        0.5,
        epochs(30, input={"size": 40, "fit": "pad", "train": "none"}, batch_size=4),
        {},
        "are not those of the test images",
        fault=("stomach,1279 3", "beyond the 40 x 32 pixels"),
    ),
    "airbus-ships": Case(
        lambda file, _, made: reading.object_masks(file, made),
        scores.object_f2,
        instances,
        0.55,
        epochs(14, input={"size": 48, "train": "none"}),
        {
            "tasks": {"segment": "instance"},
            "data.train.mask.rle": "EncodedPixels",
            "data.test.id": "{name}",
        },
        fault=("1 2304", "objects that share pixels"),
    ),
    "dsb2018": Case(
        lambda file, _, made: reading.object_masks(file, made),
        scores.object_precision,
        instances,
        0.05,
        epochs(14, input={"size": 56, "fit": "pad", "train": "none"}),
        {
            "tasks": {"segment": "instance"},
            "data.train.mask": "data/stage1_train/{id}/masks/*.png",
            "data.test.id": "{stem}",
        },
        fault=("-1", "leave the cell blank"),
    ),
    "rsna-breast": Case(
        lambda file, sample, _: {k: float(v) for k, v in reading.values(file, sample).items()},
        scores.probabilistic_f1,
        numbers,
        0.6,
        epochs(5, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "data.reader": "dicom",
            "data.train.label": "cancer",
            "data.train.images": "data/train_images/{patient_id}/{image_id}.dcm",
            "data.train.unit": "{patient_id}_{laterality}",
            "folds.group": "patient_id",
        },
        "this seems to be RSNA Screening",
        fault=("1.5", "probabilities outside [0, 1]"),
    ),
    "aptos": Case(
        lambda file, sample, _: {k: int(v) for k, v in reading.values(file, sample).items()},
        scores.kappa,
        lambda said: numbers(said).astype(int),
        0.6,
        epochs(10, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "tasks": {"classify": "ordinal"},
            "classes": list("01234"),
            "data.train.label": "diagnosis",
            "data.test.id": "id_code",
        },
        fault=("2.0", "write 2, not 2.0"),
    ),
    "cassava": Case(
        lambda file, sample, _: reading.values(file, sample),
        scores.accuracy,
        lambda said: numbers(said).astype(int),
        0.6,
        epochs(6, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "tasks": {"classify": "multiclass"},
            "data.train.images": "data/train_images/{image_id}",
            "data.test.id": "{name}",
        },
        fault=("5", "labels that are not 0 to 4"),
    ),
    "human-protein-atlas": Case(
        lambda file, sample, _: {
            k: {int(label) for label in v.split()} for k, v in reading.values(file, sample).items()
        },
        scores.macro_f1,
        columns,
        0.125,  # of 4 of the 28 classes there is something to learn, and more than one image
        epochs(6, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "tasks": {"classify": "multilabel"},
            "data.train.images.yellow": "data/train/{Id}_yellow.png",
            "data.reader.mode": "grey",
        },
        fault=("28", "unknown classes"),
    ),
    "humpback-whale": Case(
        lambda file, sample, _: {k: v.split() for k, v in reading.values(file, sample).items()},
        scores.map_at_5,
        ranks,
        0.6,
        epochs(12, OF_LABELS, input={"size": 24, "train": "none"}),
        {"data.train.label": "Id", "data.train.images": "data/train/{Image}"},
        fault=("new_whale a b c d e", "more than 5 answers"),
    ),
}


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
    assert "honest" in podium(root, "blend", "--trials", "4")
    assert "dry_run" in podium(root, "submit", "--dry-run")
    [file] = (root / "submissions").glob("*.csv")
    assert "no problem found" in podium(root, "check", file)
    # What the data and the sample show is what the example says, where they show it.
    calibrated = json.loads(podium(root, "calibrate", "--json"))
    assert not [one["name"] for one in calibrated["parameters"] if one["changes"]]
    assert not [note for note in calibrated["notes"] if "none of the test images" in note]
    rehearsal = podium(root, "submit", "--rehearse")
    ours, blends = re.findall(r"(\d\.\d+)(?: on \d+ rows)?$", rehearsal, re.MULTILINE)
    assert ours == blends
    return file


def with_fault(file: Path, faulty: Path, cells: str) -> Path:
    """Write the file with other cells behind the id of the last row but one."""
    rows = file.read_text(encoding="utf-8").splitlines()
    rows[-2] = rows[-2].split(",")[0] + "," + cells
    faulty.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return faulty


@pytest.mark.parametrize("name", NAMES)
def test_a_competition_goes_from_its_download_to_a_file_that_scores(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    said = case.read(file, sample, made)
    worth = case.score(said, made.truth)
    assert worth > case.least
    if competition.tasks.get("segment") == "instance":
        sizes = {one: mask.shape[-2:] for one, mask in made.truth.items()}
        monkeypatch.setattr(f"{__name__}.SIZES", sizes)
    if competition.open_set is not None:
        known = {whale: place for place, whale in enumerate(competition.classes)}
        monkeypatch.setattr(f"{__name__}.WHALES", known)
    options = dict(competition.metric.options)
    if name in ("aptos", "humpback-whale"):
        options["n_classes"] = len(competition.classes)  # also where no test image has one
    refused = with_fault(file, tmp_path / "faulty.csv", case.fault[0])
    assert case.fault[1] in podium(tmp_path, "check", refused, expect=2)
    ours = metrics.score(
        metrics.of(competition), case.podiums(made.truth), case.podiums(said), **options
    )
    assert ours == pytest.approx(worth, abs=1e-9)


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


def test_scans_whose_test_part_is_hidden_are_learnt_with_a_stand_in(tmp_path: Path) -> None:
    """As they are given out: no test images, and of the sample the header alone."""
    masks.uw_madison(tmp_path / "data")
    shutil.rmtree(tmp_path / "data/test")
    (tmp_path / "data/sample_submission.csv").write_text("id,class,predicted\n")
    example(tmp_path, "uw-madison")
    assert "test part" in podium(tmp_path, "check", "--no-adversarial", expect=2)
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
