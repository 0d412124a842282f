"""Class folders called with a sign before the name, as no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_images_without_masks import chosen
from tests.competition.infer.test_infer_masks import put, table

KINDS = ("oak", "ash", "elm")


def competition(data: Path, *kinds: str, sent: tuple[str, ...] = KINDS) -> None:
    """Write class folders, images to predict, and a sample submission with these names."""
    for kind in kinds:
        put(data, [f"sorted/{kind}/{kind.strip('_')}{n}.png" for n in range(8)])
    put(data, [f"new/q{n}.png" for n in range(6)])
    rows = (f"q{n}.png,{sent[n % len(sent)]}" for n in range(6))
    table(data, "sample_submission.csv", "file,tree", rows)


@pytest.mark.parametrize("kinds", [KINDS, KINDS[:2]], ids=["three", "two"])
def test_images_in_a_marked_folder_may_be_unlabelled(
    kinds: tuple[str, ...], tmp_path: Path
) -> None:
    competition(tmp_path / "data", *kinds, "_unsorted", sent=kinds)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.to_choose == ["classes", "data.unlabelled"]
    assert found.competition.classes == ["_unsorted", *sorted(kinds)]
    rest, source = sorted(kinds), {"id": "{name}", "images": "data/sorted/_*/*.png"}
    assert f"# or classes: [{', '.join(rest)}]" in found.text
    assert "# or unlabelled: {id: '{name}', images: data/sorted/_*/*.png}" in found.text
    other = chosen(found, tmp_path, classes=rest, data__unlabelled=source)
    train, unlabelled = load_samples(other, "train"), load_samples(other, "unlabelled")
    assert len(train) == 8 * len(kinds)
    assert [Path(one[0]).parent.name for one in unlabelled["images"]] == ["_unsorted"] * 8


def test_a_marked_folder_of_the_sample_is_a_class(tmp_path: Path) -> None:
    competition(tmp_path / "data", *KINDS, "_other", sent=(*KINDS, "_other"))
    found = infer(tmp_path / "data", tmp_path).competition
    assert (found.to_choose, found.classes) == ([], ["_other", *sorted(KINDS)])


def test_a_marked_folder_that_a_text_lists_is_a_class(tmp_path: Path) -> None:
    competition(tmp_path / "data", *KINDS, "_other")
    text = "The classes are oak, ash, elm and _other. Send the name of one for each image.\n"
    (tmp_path / "data/README.md").write_text(text, encoding="utf-8")
    assert not infer(tmp_path / "data", tmp_path).competition.to_choose


def test_folders_that_are_all_marked_are_classes(tmp_path: Path) -> None:
    marked = [f"_{one}" for one in KINDS]
    competition(tmp_path / "data", *marked, sent=("_oak", "_elm"))
    assert not infer(tmp_path / "data", tmp_path).competition.to_choose


def test_folders_without_marks_are_classes(tmp_path: Path) -> None:
    competition(tmp_path / "data", *KINDS, "other_trees")
    assert not infer(tmp_path / "data", tmp_path).competition.to_choose
