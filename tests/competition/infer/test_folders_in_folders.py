"""Class folders in two levels: which of both is the class, and when that is a choice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.errors import DataError
from podium.workflows.initialising import init_workspace

ANIMALS = ("cat", "dog", "emu")


def written(
    tmp_path: Path, outer: Sequence[str], inner: Sequence[str], sample: Sequence[str] = ()
) -> dict[str, object]:
    """Return the YAML of images in every inner folder of every outer one."""
    rng = np.random.default_rng(0)
    files = [
        f"train/{one}/{other}/{n}{one}{other}.png"
        for one in outer
        for other in inner
        for n in range(4)
    ]
    for file in [*files, *(f"test/x{n}.png" for n in range(6))]:
        path = tmp_path / "data" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(path)
    if sample:
        rows = [f"x{n},{sample[n % len(sample)]}" for n in range(6)]
        (tmp_path / "data" / "sample_submission.csv").write_text(
            "\n".join(["image,label", *rows, ""])
        )
    spec = init_workspace(tmp_path / "data", tmp_path).root / "competition.yaml"
    found: dict[str, object] = yaml.safe_load(spec.read_text())
    found["text"] = spec.read_text()
    return found


@pytest.mark.parametrize("sample", [(), ("cat",), ("cat", "dog", "emu", "dog")])
def test_pieces_of_a_part_are_no_classes(tmp_path: Path, sample: Sequence[str]) -> None:
    found = written(tmp_path, ("part1", "part2"), ANIMALS, sample)
    assert found["classes"] == [*ANIMALS]
    assert "data.train.images" not in found.get("to_choose", [])  # type: ignore[operator]


@pytest.mark.parametrize(("outer", "inner"), [(("north", "south"), ANIMALS), (ANIMALS, ("a", "b"))])
def test_the_sample_tells_which_folders_are_the_classes(
    tmp_path: Path, outer: Sequence[str], inner: Sequence[str]
) -> None:
    found = written(tmp_path, outer, inner, ("cat",))
    assert found["classes"] == [*ANIMALS]
    assert "classes" not in found.get("to_choose", [])  # type: ignore[operator]


def test_of_two_levels_that_cross_both_are_shown(tmp_path: Path) -> None:
    found = written(tmp_path, ("north", "south"), ANIMALS)
    assert found["classes"] == ["north", "south"]
    # The kind goes with the classes: of three it is no yes or no.
    assert found["to_choose"] == ["data.train.images", "classes", "tasks"]
    text = str(found["text"])
    assert "# or tasks: {classify: multiclass}" in text
    assert "train/{folder}/{class}/*.png" in text
    assert "[cat, dog, emu]" in text


def test_a_folder_of_images_in_a_folder_of_each_sample_is_no_class(tmp_path: Path) -> None:
    samples = [f"case{n}_slice{n}" for n in range(9)]
    with pytest.raises(DataError, match="no labels"):
        written(tmp_path, samples, ("images",))


def test_the_other_level_is_offered_with_its_kind_of_task(tmp_path: Path) -> None:
    """Two outer folders would be binary, and the three inside are not."""
    found = written(tmp_path, ("animals_large", "animals_small"), ANIMALS)
    assert found["classes"] == [*ANIMALS]
    assert found["tasks"] == {"classify": "multiclass"}
    assert {"data.train.images", "classes", "tasks"} <= {*found["to_choose"]}  # type: ignore[misc]
    assert "# or {classify: binary}" in str(found["text"]).replace("or tasks: ", "or ")
