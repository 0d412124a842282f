"""Bad masks, and recipes that masks make impossible, give one clear error and are refused early."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition

SEGMENT = {"segment": {"decoder": "linear"}}
BOTH = {"classify": {}, **SEGMENT}
RECIPE: dict[str, Any] = {
    "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 8]}},
    "input": {"size": 16, "train": "none"},
    "phases": [{"name": "all", "epochs": 1}],
}


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a workspace of each layout, as `podium init` makes it."""
    at = tmp_path_factory.mktemp("masks")
    for write in (mask_miniatures.pictures_and_masks, mask_miniatures.defects):
        root = at / write.__name__
        write(root / "data", n=16, n_test=3)
        done = CliRunner().invoke(app, ["-w", str(root), "init", str(root / "data")])
        assert done.exit_code == 0, done.output
        spec = yaml.safe_load((root / "competition.yaml").read_text())
        spec["folds"]["n"] = 2
        spec["to_choose"] = []  # images without a mask file are unlabelled, as it stands
        (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return at


@pytest.fixture
def garments(initialised: Path, tmp_path: Path) -> Path:
    """Give a workspace of labels and mask files."""
    return shutil.copytree(initialised / "pictures_and_masks", tmp_path / "here")


@pytest.fixture
def steel(initialised: Path, tmp_path: Path) -> Path:
    """Give a workspace of runs of four classes."""
    return shutil.copytree(initialised / "defects", tmp_path / "here")


def complaint(root: Path, *words: str) -> str:
    """Run a command that must fail with exit code 2, and return what it said, on one line."""
    return " ".join(refused(root, *words).output.split())


def refused(root: Path, *words: str) -> Result:
    done = CliRunner().invoke(app, ["-w", str(root), *words])
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert "podium: unexpected" not in done.output
    return done


def found_by_check(root: Path) -> str:
    """Check the data, which must be bad, and return its errors, on one line."""
    found = json.loads(refused(root, "check", "--no-adversarial", "--json").stdout)
    errors = [one for one in found if one["level"] == "error"]
    return "; ".join(" ".join([one["title"], one["detail"], one["fix"]]) for one in errors)


def refused_training(root: Path, changes: dict[str, Any], heads: Any = None) -> str:
    """Train a recipe that must be refused before an epoch is trained; return the complaint."""
    recipe = {**RECIPE, **changes}
    recipe["model"] = {**RECIPE["model"], "heads": heads or SEGMENT, **changes.get("model", {})}
    recipe["input"] = {**RECIPE["input"], **changes.get("input", {})}
    (root / "recipes" / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    text = complaint(root, "train", "tiny")
    left = [path.name for path in root.glob("runs/*/fold-*/*")]
    assert not {"resume.pt", "last.pt", "done.json"} & set(left)
    assert not any(len(file.read_text().splitlines()) > 1 for file in root.rglob("metrics.csv"))
    return text


Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def first_mask(root: Path) -> Path:
    return min((root / "data" / "masks").iterdir())


def rewrite(path: Path, change: Callable[[Pixels], Pixels]) -> None:
    Image.fromarray(change(np.asarray(Image.open(path)).copy())).save(path)


def with_value(mask: Pixels, value: int) -> Pixels:
    mask[3, 5] = value
    return mask


def coloured(mask: Pixels) -> Pixels:
    return np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0]], dtype=np.uint8)[mask]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda mask: mask[:40, :30], "the mask is 40 × 30, its image 48 × 48 (height × width)"),
        (lambda mask: with_value(mask, 7), "7 (1 pixel); known are 0, 1, 2"),
        (coloured, "the mask is coloured, and mask_values does not define its colours: #ff0000"),
    ],
)
def test_a_mask_that_cannot_be_meant_is_named_by_check_and_by_train(
    garments: Path, change: Callable[[Pixels], Pixels], message: str
) -> None:
    mask = first_mask(garments)
    rewrite(mask, change)
    assert message in (text := found_by_check(garments))
    assert str(mask) in text
    text = refused_training(garments, {}, BOTH)
    assert f"{mask}: " in text
    assert message in text
    assert " fix: " in text


def test_swapped_sides_are_called_so(garments: Path) -> None:
    image = garments / "data" / "images" / f"{first_mask(garments).stem}.jpg"
    Image.open(image).crop((0, 0, 40, 48)).save(image)
    rewrite(first_mask(garments), lambda mask: mask[:40])
    text = found_by_check(garments)
    assert "40 × 48, its image 48 × 40 (height × width); height and width are swapped" in text
    assert "transpose the mask" in text


def test_a_mask_that_was_a_jpeg_is_called_noisy(garments: Path, tmp_path: Path) -> None:
    spec = garments / "competition.yaml"
    text = spec.read_text().replace("1: coat", "127: coat").replace("2: dress", "255: dress")
    spec.write_text(text)
    for mask in (garments / "data" / "masks").iterdir():
        rewrite(mask, lambda mask: np.array([0, 127, 255], dtype=np.uint8)[mask])
    victim = first_mask(garments)
    Image.open(victim).save(tmp_path / "noisy.jpg", quality=60)
    Image.open(tmp_path / "noisy.jpg").save(victim)
    text = found_by_check(garments)
    assert "masks with JPEG noise 1: 'g000'" in text
    assert "as PNG" in text


def test_a_truncated_mask_is_named(garments: Path) -> None:
    mask = first_mask(garments)
    mask.write_bytes(mask.read_bytes()[:80])
    assert f"masks that cannot be read 1: 'g000'; {mask}" in found_by_check(garments)
    assert mask.name in refused_training(garments, {}, BOTH)


def test_an_image_without_its_mask_is_reported_and_trained_where_it_has_a_label(
    garments: Path,
) -> None:
    first_mask(garments).unlink()
    done = CliRunner().invoke(app, ["-w", str(garments), "check", "--no-adversarial", "--json"])
    assert done.exit_code == 0
    assert "images without a mask" in done.stdout
    assert "'g000'" in done.stdout
    # A mask is all that could be learnt of a row without a label.
    alone = next(row for row in rows(garments / "data" / "train.csv") if not row[1])[0]
    (garments / "data" / "masks" / f"{alone}.png").unlink()
    text = found_by_check(garments)
    assert "1 row has neither a label nor a mask: '' (line 7)" in text


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("data/mask/{id}.png", "no sample has a mask: there is no data/mask/g000.png"),
        ("data/masks/{name}.png", "uses 'name', which the samples do not have"),
    ],
)
def test_a_pattern_of_masks_without_matches_is_the_only_problem_reported(
    garments: Path, pattern: str, message: str
) -> None:
    spec = garments / "competition.yaml"
    spec.write_text(spec.read_text().replace("data/masks/{id}.png", pattern))
    for text in (
        found_by_check(garments),
        refused_training(garments, {}, BOTH),
    ):
        assert message in text
        # Two rows are blank because they have masks, which are not found.
        assert "label" not in text


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def write_rows(path: Path, table: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(table)


@pytest.mark.parametrize(
    ("runs", "column", "message"),
    [
        ("1 2 3", 5, "the start 3 has no length after it"),
        ("7 3 2040 20", 10, "a run of length 20 goes beyond the 32 x 64 pixels"),
        ("10 5 12 4", 6, "the start 12 is not after the run before it"),
        ("30 2 10 2", 6, "the start 10 is not after the run before it"),
        ("5 0", 3, "a run has the length 0"),
        ("5 x", 3, "'x' is not a whole number"),
        ("1 99999999999999999999999", 3, "goes beyond the 32 x 64 pixels"),
    ],
)
def test_runs_that_are_no_mask_are_named_by_file_line_and_column(
    steel: Path, runs: str, column: int, message: str
) -> None:
    table = steel / "data" / "train.csv"
    content = rows(table)
    content[3][2] = runs
    write_rows(table, content)
    where = f"data/train.csv:4: column 'EncodedPixels', character {column}: "
    for text in (found_by_check(steel), refused_training(steel, {})):
        assert where in text
        assert message in text[text.index(where) :]


def test_a_class_that_is_none_and_an_image_that_is_not_there_are_named(steel: Path) -> None:
    table = steel / "data" / "train.csv"
    content = rows(table)
    content[3][1] = "9"
    content[4][0] = "nobody.jpg"
    write_rows(table, content)
    text = found_by_check(steel)
    assert "'9' (line 4)" in text
    assert "'nobody.jpg' (line 5)" in text


ONE = {"name": "a", "epochs": 1}


@pytest.mark.parametrize(
    ("heads", "changes", "message"),
    [
        (BOTH, {}, "model.heads.classify: the competition has no task classify"),
        ({"classify": {}}, {}, "model.heads.classify: the competition has no task classify"),
        (
            {"segment": {"decoder": "unett"}},
            {},
            "tiny.yaml:8: model.heads.segment.decoder: there is no 'unett' among the decoders "
            "fix: write unet",
        ),
        (
            {"segment": {"decoder": "unet", "options": {"chans": 3}}},
            {},
            "model.heads.segment.options: the decoder unet cannot be built with {'chans': 3}",
        ),
        (SEGMENT, {"phases": [{**ONE, "freeze": ["encoder"]}]}, "encoder is no part"),
        (SEGMENT, {"phases": [ONE, {**ONE, "name": "b", "freeze": ["classify"]}]}, "no part"),
        (SEGMENT, {"mix": {"mixup": 0.2}}, "MixUp has no meaning for class masks"),
        (
            SEGMENT,
            {"input": {"size": 30, "fit": "tile"}},
            "input.size: a window of 30 pixels is no multiple of the network's stride, 4 "
            "fix: write 32",
        ),
        (
            SEGMENT,
            {"input": {"size": 32, "fit": "tile"}, "predict": {"margin": 15}},
            "predict.margin of 15 leaves less than 4 of a window's 32 pixels",
        ),
        (SEGMENT, {"phases": [{**ONE, "loss": {"segment": {"dise": 1}}}]}, "fix: write dice"),
        (SEGMENT, {"phases": [{**ONE, "loss": {"segment": {"ce": 1}}}]}, "write bce, dice"),
        (
            SEGMENT,
            {"phases": [{**ONE, "loss": {"classify": {"ce": 1}}}]},
            "the competition has no task 'classify'",
        ),
    ],
)
def test_a_recipe_that_cannot_be_trained_is_refused_before_it_is(
    steel: Path, heads: Any, changes: dict[str, Any], message: str
) -> None:
    assert message in refused_training(steel, changes, heads)


def test_a_side_that_no_stride_divides_is_no_matter_where_images_are_not_cut(steel: Path) -> None:
    recipe = {**RECIPE, "input": {"size": 30}, "model": {**RECIPE["model"], "heads": SEGMENT}}
    (steel / "recipes" / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    done = CliRunner().invoke(app, ["-w", str(steel), "train", "tiny", "--folds", "0"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("line", "cells", "message"),
    [
        (2, ("t000", "coat", "1 2 3"), "character 5: the start 3 has no length after it"),
        (3, ("t000", "dress", "2300 9"), "character 6: a run of length 9 goes beyond the 48 x 48"),
        (4, ("t001", "skirt", ""), "ids that are not in sample_submission.csv: 't001 / skirt'"),
        (5, ("t001", "coat", ""), "repeated ids: 't001 / coat', first in line 4"),
        (6, ("t009", "coat", ""), "ids that are not in sample_submission.csv: 't009 / coat'"),
    ],
)
def test_a_bad_file_of_masks_is_refused_with_its_lines(
    garments: Path, tmp_path: Path, line: int, cells: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "mine.csv"
    content = rows(garments / "data" / "sample_submission.csv")
    content[1][2] = "5 4"
    write_rows(file, content)
    done = CliRunner().invoke(app, ["-w", str(garments), "check", str(file)])
    assert (done.exit_code, "no problem found" in done.output) == (0, True), done.output
    content[line - 1] = list(cells)
    write_rows(file, content)
    text = complaint(garments, "check", str(file))
    assert message in text[text.index(f"line {line}: ") :]


def test_the_workspaces_of_this_file_are_good(garments: Path) -> None:
    samples = load_samples(load_competition(garments), "train")
    assert samples["mask"].notna().sum() == 12
    assert samples["label"].isna().sum() == 2
