"""A test set shown several times: each copy shows its original's pixels, by a name of its own."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.submissions.format.spec import format_of
from podium.submissions.packages.enlarged_test_set import (
    EnlargedTestSet,
    compare_rows,
    enlarge_test_set,
)

TIMES = 3


def written(root: Path, spec: dict[str, Any], images: list[str], **files: str) -> Competition:
    """Return a competition in `root` with a different picture in each of `images`."""
    root.mkdir()
    for n, name in enumerate(images):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 6, 3), n, np.uint8)).save(root / name)
    for name, text in files.items():
        (root / "data" / f"{name}.csv").write_text(text)
    train = {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png", "label": "y"}
    whole = {"name": "small", "folds": {"n": 2}, "classes": ["a", "b_c", "c"]} | spec
    whole["data"] = {"train": train | spec["data"].pop("train", {}), **spec["data"]}
    (root / "competition.yaml").write_text(yaml.safe_dump(whole))
    return load_competition(root / "competition.yaml")


def labels(**data: Any) -> dict[str, Any]:
    return {
        "tasks": {"classify": "multiclass"},
        "metric": {"name": "accuracy"},
        "data": data,
        "submission": {"value": "name", "columns": {"id": "id", "y": "value"}},
    }


def grey_counts(competition: Competition) -> Counter[tuple[int, ...]]:
    """Return how often each tuple of grey values (of the files of a sample) is in the test set."""
    return Counter(pixels(competition, row) for row in load_samples(competition, "test")["images"])


def pixels(competition: Competition, files: Any) -> tuple[int, ...]:
    return tuple(int(np.asarray(Image.open(competition.root / one))[0, 0, 0]) for one in files)


def shown(competition: Competition, to: Path) -> tuple[Competition, EnlargedTestSet]:
    """Return the larger competition; each copy's pixels must be those of its original."""
    shutil.copytree(competition.root, to, ignore=shutil.ignore_patterns("data"))
    enlarged = enlarge_test_set(competition, to, times=TIMES)
    larger = load_competition(to / "competition.yaml")
    assert grey_counts(larger) == Counter(
        {key: TIMES * n for key, n in grey_counts(competition).items()}
    )
    before, after = load_samples(competition, "test"), load_samples(larger, "test")
    name = "unit" if competition.scores_units else "id"
    first, second = of_names(competition, before, name), of_names(larger, after, name)
    assert enlarged.n_images == len(after)
    assert set(second) == set(first) | set(enlarged.originals)
    assert not set(first) & set(enlarged.originals)
    for new, own in second.items():
        assert own == first[enlarged.originals.get(new, new)]
    return larger, enlarged


def of_names(competition: Competition, samples: Any, name: str) -> dict[str, list[tuple[int, ...]]]:
    """Return name → the pixels of its images, sorted."""
    found: dict[str, list[tuple[int, ...]]] = {}
    for one, files in zip(samples[name], samples["images"], strict=True):
        found.setdefault(str(one), []).append(pixels(competition, files))
    return {one: sorted(files) for one, files in found.items()}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("data/test/*.png", ["a", "b_2", "te_192cb8"]),
        ("data/test/*.png", ["00001", "2", "13"]),  # numbers stay numbers
        ("data/test/*.*", ["a", "b"]),
        ("data/test/*_image.png", ["a_image", "b_image"]),
        ("data/test/te_*.png", ["te_1", "te_2"]),
        ("data/test/**/{id}.png", ["x/one", "y/two", "z/deep/three"]),
        ("data/test/*/picture.png", ["one/picture", "two/picture"]),
    ],
)
def test_images_of_a_pattern_get_further_names(
    tmp_path: Path, pattern: str, names: list[str]
) -> None:
    test: dict[str, Any] = {"images": pattern}
    if "/picture" in pattern:
        test["id"] = "{path}"
    images = [f"data/test/{name}.png" for name in names]
    small = written(tmp_path / "small", labels(test=test), images)
    _, enlarged = shown(small, tmp_path / "large")
    assert len(enlarged.originals) == (TIMES - 1) * len(names)
    if all(name.isdecimal() for name in names):
        assert all(new.isdecimal() for new in enlarged.originals)


def test_all_files_of_an_image_go_to_its_copy(tmp_path: Path) -> None:
    test = {"images": ["data/test/{id}_red.png", "data/test/{id}_green.png"]}
    spec = labels(test=test, train={"images": ["data/train/{id}_red.png", "data/x/{id}.png"]})
    images = [f"data/test/{name}_{colour}.png" for name in "ab" for colour in ("red", "green")]
    shown(written(tmp_path / "small", spec, images), tmp_path / "large")


def test_a_unit_of_several_images_is_copied_whole(tmp_path: Path) -> None:
    test = {"images": "data/test/{patient}/{view}.png", "id": "{patient}_{view}", "unit": "patient"}
    train = {"unit": "patient"}
    spec = labels(test=test, train=train)
    images = [f"data/test/{patient}/{view}.png" for patient in "pq" for view in ("l", "r")]
    _, enlarged = shown(written(tmp_path / "small", spec, images), tmp_path / "large")
    assert len(enlarged.originals) == (TIMES - 1) * 2


def test_rows_of_a_table_are_copied_and_shuffled_and_so_is_the_sample(tmp_path: Path) -> None:
    test = {"table": "data/test.csv", "id": "id", "images": "data/test/{id}.png"}
    spec = labels(test=test)
    spec["submission"] |= {"sample": "data/sample.csv"}
    names = [f"{n:03d}" for n in range(20)]
    table = "id,age\n" + "".join(f"{name},{n}\n" for n, name in enumerate(names))
    sample = "id,y\n" + "".join(f"{name},a\n" for name in names)
    images = [f"data/test/{name}.png" for name in names]
    small = written(tmp_path / "small", spec, images, test=table, sample=sample)
    larger, enlarged = shown(small, tmp_path / "large")
    with (larger.root / "data/sample.csv").open() as stream:
        keys = [row["id"] for row in csv.DictReader(stream)]
    assert sorted(keys) == sorted([*names, *enlarged.originals])
    assert [key for key in keys if key in names] != names
    with (larger.root / "data/test.csv").open() as stream:
        ages = {row["id"]: row["age"] for row in csv.DictReader(stream)}
    assert all(ages[new] == ages[old] for new, old in enlarged.originals.items())
    assert (small.root / "data/test.csv").read_text() == table  # the data are only read
    assert (small.root / "data/sample.csv").read_text() == sample


def test_a_table_that_is_the_sample_gets_its_rows_once(tmp_path: Path) -> None:
    test = {"table": "data/sample.csv", "id": "id", "images": "data/test/{id}.png"}
    spec = labels(test=test)
    spec["submission"] |= {"sample": "data/sample.csv"}
    images = [f"data/test/{name}.png" for name in "abc"]
    small = written(tmp_path / "small", spec, images, sample="id,y\na,a\nb,a\nc,a\n")
    larger, _ = shown(small, tmp_path / "large")
    assert len((larger.root / "data/sample.csv").read_text().splitlines()) == 1 + TIMES * 3


def of_masks(root: Path) -> Competition:
    spec: dict[str, Any] = {
        "tasks": {"segment": "multiclass"},
        "metric": {"name": "mean_dice", "empty": "one"},
        "data": {"train": {"mask": "data/m/{id}.png"}, "test": {"images": "data/test/*.png"}},
        "submission": {"value": "rle", "rows": "image_class", "id": "{id}_{class}"},
    }
    spec["submission"] |= {"columns": {"id": "id", "rle": "value"}, "sample": "data/sample.csv"}
    names = ["x", "x_b", "y"]  # "x_b_c" is the class b_c of x, and the class c of x_b
    rows = "".join(f"{name}_{cls},\n" for name in names for cls in ("a", "b_c", "c"))
    rows = rows.replace("x_b_c,\n", "", 1)
    spec["data"]["train"] |= {"label": None}
    return written(root, spec, [f"data/test/{n}.png" for n in names], sample="id,rle\n" + rows)


def test_rows_of_a_class_each_get_copies_with_their_class(tmp_path: Path) -> None:
    larger, enlarged = shown(of_masks(tmp_path / "small"), tmp_path / "large")
    text = (larger.root / "data/sample.csv").read_text()
    keys = [line.split(",")[0] for line in text.splitlines()[1:]]
    assert len(keys) == len(set(keys)) == TIMES * 8
    for new, old in enlarged.originals.items():
        if old == "y":
            assert {f"{new}_{cls}" for cls in ("a", "b_c", "c")} <= set(keys)


def test_rows_are_compared_with_those_of_their_originals(tmp_path: Path) -> None:
    competition = written(
        tmp_path / "small", labels(test={"images": "data/test/*.png"}), ["data/test/p.png"]
    )
    form, originals = format_of(competition), {"p2": "p", "q2": "q"}
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text("id,y\np,0.25\nq,b\n")
    large.write_text("id,y\nq2,b\np2,0.2500001\nq,b\np,0.25\n")
    same = compare_rows(large, small, form, originals)
    assert (same.n_rows, same.n_exact, same.n_close) == (4, 3, 1)
    assert (same.n_different, same.missing) == (0, ())
    assert same.worst == pytest.approx(1e-7)
    large.write_text("id,y\np2,0.26\nq,c\np,0.25\n")
    same = compare_rows(large, small, form, originals)
    assert (same.different, same.missing) == (("p2", "q"), ())
    large.write_text("id,y\np,0.25\nz,b\n")
    same = compare_rows(large, small, form, originals)
    assert (same.different, same.missing) == (("z",), ("q",))
    large.write_text("id,y\np,nan\nq,b\n")
    assert compare_rows(large, small, form, originals).different == ("p",)
