"""Locations of masks: patterns of files, tables of runs, and errors for rows that do not fit."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.competition.truths.masks import MaskRef, find_mask_refs
from podium.errors import DataError


def spec_of(root: Path, train: dict[str, Any], **changes: Any) -> Competition:
    """A segmentation of the images in `images/` into the classes fish and gravel_bed."""
    fields = {
        "name": "tiny",
        "tasks": {"segment": "multilabel"},
        "classes": ["fish", "gravel_bed"],
        "data": {"train": {"images": "images/*.png", **train}, "test": {"images": "test/*.png"}},
        "metric": {"name": "mean_dice"},
        **changes,
    }
    return Competition.model_validate(fields).at(root)


def touch(root: Path, names: str) -> None:
    for name in names.split():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def masks(spec: Competition) -> dict[str, MaskRef | None]:
    samples = load_samples(spec, "train")
    return dict(zip(samples["id"], samples["mask"], strict=True))


BINARY: dict[str, Any] = {"tasks": {"segment": "binary"}, "classes": []}


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("masks/{id}.png", "masks/a.png masks/b.png"),
        ("masks/{stem}_mask.gif", "masks/a_mask.gif masks/b_mask.gif"),
        ("masks/**/{id}.*", "masks/p/a.tif masks/q/r/b.png"),
    ],
)
def test_a_pattern_leads_to_the_mask_of_each_sample(
    pattern: str, files: str, tmp_path: Path
) -> None:
    touch(tmp_path, f"images/a.png images/b.png {files}")
    found = masks(spec_of(tmp_path, {"mask": pattern}, **BINARY))
    assert found == {name: MaskRef((file,)) for name, file in zip("ab", files.split(), strict=True)}


def test_a_mask_beside_its_image_is_no_image(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.png images/a_mask.png images/b.png images/b_mask.png")
    found = masks(spec_of(tmp_path, {"mask": "images/{stem}_mask.png"}, **BINARY))
    assert found == {"a": MaskRef(("images/a_mask.png",)), "b": MaskRef(("images/b_mask.png",))}
    with pytest.raises(DataError, match="finds the images, too"):
        masks(spec_of(tmp_path, {"mask": "images/{stem}.png"}, **BINARY))


def test_fields_of_the_path_and_columns_of_the_table_lead_to_masks(tmp_path: Path) -> None:
    touch(tmp_path, "images/p1/a.png images/p2/b.png masks/p1-a.png masks/p2-b.png")
    by_path = {"images": "images/{who}/*.png", "mask": "masks/{who}-{id}.png"}
    assert masks(spec_of(tmp_path, by_path, **BINARY)) == {
        "a": MaskRef(("masks/p1-a.png",)),
        "b": MaskRef(("masks/p2-b.png",)),
    }
    (tmp_path / "train.csv").write_text("key,dir,file\nx,p1,a\ny,p2,b\n")
    table = {"table": "train.csv", "id": "key", "images": "images/{dir}/{file}.png"}
    by_table = spec_of(tmp_path, {**table, "mask": "masks/{dir}-{stem}.png"}, **BINARY)
    assert masks(by_table)["y"] == MaskRef(("masks/p2-b.png",))
    with pytest.raises(DataError, match="uses 'folder', which the samples do not have") as caught:
        masks(spec_of(tmp_path, {**table, "mask": "masks/{folder}/{file}.png"}, **BINARY))
    assert "{dir}" in str(caught.value.fix)


def test_one_file_a_class_and_a_class_without_a_file(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.png images/b.png images/c.png")
    touch(tmp_path, "m/fish/a.png m/gravel_bed/a.png m/gravel_bed/b.png")
    train = {"mask": "m/{class}/{id}.png", "absent": "empty"}
    assert masks(spec_of(tmp_path, train)) == {
        "a": MaskRef(("m/fish/a.png", "m/gravel_bed/a.png")),
        "b": MaskRef(("", "m/gravel_bed/b.png")),
        "c": MaskRef(),
    }


def test_a_class_in_the_path_of_the_image_is_a_folder_of_the_mask(tmp_path: Path) -> None:
    touch(tmp_path, "images/fish/a.png images/gravel_bed/b.png m/fish/a.png m/gravel_bed/b.png")
    train = {"images": "images/{class}/*.png", "mask": "m/{class}/{id}.png"}
    found = masks(spec_of(tmp_path, train))
    assert found == {"a": MaskRef(("m/fish/a.png",)), "b": MaskRef(("m/gravel_bed/b.png",))}


def test_missing_masks_are_none_where_there_is_a_label_and_else_a_problem(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.png images/b.png images/c.png m/b.png m/c.png")
    (tmp_path / "train.csv").write_text("id,label\na,fish\nb,gravel_bed\nc,\n")
    table = {"table": "train.csv", "id": "id", "images": "images/{id}.png", "label": "label"}
    both = {"classify": "multiclass", "segment": "multiclass"}
    spec = spec_of(tmp_path, {**table, "mask": "m/{id}.png"}, tasks=both)
    samples = load_samples(spec, "train")
    assert list(samples["mask"]) == [None, MaskRef(("m/b.png",)), MaskRef(("m/c.png",))]
    assert list(samples["label"]) == [0, 1, None]
    assert truth(samples, spec).tolist() == [0, 1, -1]
    alone = spec_of(tmp_path, {"mask": "m/{id}.png"})
    with pytest.raises(DataError, match="1 sample has neither a mask nor a label") as caught:
        load_samples(alone, "train")
    assert "'a'" in str(caught.value)
    assert "data.train.absent: missing to leave them out, or empty" in str(caught.value)
    left_out = spec_of(tmp_path, {"mask": "m/{id}.png", "absent": "missing"})
    assert list(load_samples(left_out, "train")["id"]) == ["b", "c"]
    assert list(load_samples(left_out, "train").index) == [0, 1]
    empty = spec_of(tmp_path, {"mask": "m/{id}.png", "absent": "empty"})
    samples = load_samples(empty, "train")
    assert samples["mask"][0] == MaskRef()
    assert list(samples["label"]) == [None] * 3


def test_a_row_with_neither_label_nor_mask_is_a_problem_with_its_line(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.png images/b.png images/c.png m/b.png")
    (tmp_path / "train.csv").write_text("id,label\na,fish\nb,gravel_bed\nc,\n")
    table = {"table": "train.csv", "id": "id", "images": "images/{id}.png", "label": "label"}
    both = {"classify": "multiclass", "segment": "multiclass"}
    spec = spec_of(tmp_path, {**table, "mask": "m/{id}.png"}, tasks=both)
    with pytest.raises(DataError, match=r"1 row has neither a label nor a mask: '' \(line 4\)"):
        load_samples(spec, "train")


@pytest.mark.parametrize(
    ("kind", "cells", "expected"),
    [
        ("multilabel", "1,0 , 1,1", [[1, 0], [-1, -1], [1, 1]]),
        ("regression", "1.5 , -2", [1.5, np.nan, -2]),
        ("binary", "1 , 0", [1, -1, 0]),
    ],
)
def test_missing_labels_of_each_kind(
    kind: str, cells: str, expected: list[Any], tmp_path: Path
) -> None:
    touch(tmp_path, "images/a.png images/b.png images/c.png m/b.png")
    first, last = cells.split(" , ")
    n = first.count(",") + 1
    label: Any = ["l0", "l1"] if n == 2 else "l0"
    header = ",".join(f"l{i}" for i in range(n))
    rows = [f"a,{first}", "b" + "," * n, f"c,{last}"]
    (tmp_path / "train.csv").write_text("\n".join([f"id,{header}", *rows, ""]))
    table = {"table": "train.csv", "id": "id", "images": "images/{id}.png", "label": label}
    spec = spec_of(
        tmp_path,
        {**table, "mask": "m/{id}.png"},
        tasks={"classify": kind, "segment": "binary"},
        classes=["fish", "gravel_bed"] if kind == "multilabel" else [],
    )
    np.testing.assert_array_equal(truth(load_samples(spec, "train"), spec), expected)


def test_several_files_for_one_mask_and_none_for_all_are_problems(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.png masks/a.png masks/a.gif")
    with pytest.raises(DataError, match="1 sample leads to several files of"):
        masks(spec_of(tmp_path, {"mask": "masks/{id}.*"}, **BINARY))
    with pytest.raises(DataError, match=r"no sample has a mask: there is no mask/a\.png"):
        masks(spec_of(tmp_path, {"mask": "mask/{id}.png"}, **BINARY))


def runs_spec(root: Path, text: str, **mask: Any) -> Competition:
    touch(root, "images/1_a.png images/2.png images/3.png")
    (root / "runs.csv").write_text(text)
    absent = {"absent": mask.pop("absent")} if "absent" in mask else {}
    return spec_of(root, {"mask": {"table": "runs.csv", "rle": "rle", **mask}, **absent})


def test_rows_of_runs_by_class_name_or_number(tmp_path: Path) -> None:
    text = "id, kind,rle\n1_a,fish, 1 2 \n1_a,2,5 1\n1_a,fish,8 1\n2,gravel_bed,-1\n2,,\n"
    found = masks(runs_spec(tmp_path, text, id="id", label="kind"))
    assert found == {
        "1_a": MaskRef(runs=((0, "1 2", 2), (1, "5 1", 3), (0, "8 1", 4)), is_table=True),
        "2": MaskRef(is_table=True),
        "3": MaskRef(is_table=True),
    }
    missing = {"absent": "missing"}  # 3 has no row, and nobody tells what it shows
    without = masks(runs_spec(tmp_path, text, id="id", label="kind", **missing))
    assert without == {name: one for name, one in found.items() if name != "3"}


def test_classes_that_are_called_by_numbers_are_meant_by_their_names(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.png")
    (tmp_path / "runs.csv").write_text("id,kind,rle\na,1,1 2\na,0,5 1\n")
    table = {"table": "runs.csv", "id": "id", "rle": "rle", "label": "kind"}
    spec = spec_of(tmp_path, {"mask": table}, classes=["0", "1"])
    assert masks(spec)["a"] == MaskRef(runs=((1, "1 2", 2), (0, "5 1", 3)), is_table=True)
    (tmp_path / "runs.csv").write_text("id,kind,rle\na,2,1 2\n")
    with pytest.raises(DataError, match=r"a class that is none .*'2' \(line 2\)"):
        masks(spec)


def test_one_cell_names_the_image_and_the_class(tmp_path: Path) -> None:
    text = "Image_Label,rle\n1_a.png_fish,1 2\n1_a.png_gravel_bed,5 1\n2.png_2,\n"
    found = masks(runs_spec(tmp_path, text, id="Image_Label={id}.png_{class}"))
    assert found["1_a"] == MaskRef(runs=((0, "1 2", 2), (1, "5 1", 3)), is_table=True)
    assert found["2"] == MaskRef(is_table=True)


def test_a_class_whose_name_ends_another_is_found_by_the_id(tmp_path: Path) -> None:
    touch(tmp_path, "images/x.png images/x_a.png")
    (tmp_path / "runs.csv").write_text("key,rle\nx_a_b,1 1\nx_a_a_b,2 2\nx_b,3 3\n")
    table = {"table": "runs.csv", "id": "key={id}_{class}", "rle": "rle"}
    found = masks(spec_of(tmp_path, {"mask": table}, classes=["b", "a_b"]))
    # "x_a_b" is both (x, a_b) and (x_a, b); the shorter class comes first.
    assert found["x"] == MaskRef(runs=((0, "3 3", 4),), is_table=True)
    assert found["x_a"] == MaskRef(runs=((0, "1 1", 2), (1, "2 2", 3)), is_table=True)


def test_all_faults_of_a_table_of_runs_are_reported_with_lines(tmp_path: Path) -> None:
    text = "id,kind,rle\n1_a,fish,1 2\n9,fish,1 1\n2,eel,1 1\n8,fish,\n3,fish,\n"
    with pytest.raises(DataError) as caught:
        masks(runs_spec(tmp_path, text, id="id", label="kind"))
    text = str(caught.value)
    assert "runs.csv: 2 rows have an id that no image of train has: '9' (line 3), '8' (line 5)" in (
        text
    )
    assert "1 row names a class that is none ('fish', 'gravel_bed', or a number from 1): " in text
    assert "'eel' (line 4)" in text
    cells = "id,rle\n1_a-fish,1 2\n2_eel,1 2\n"
    with pytest.raises(DataError, match=r"1 cell is not of the form .*'2_eel' \(line 3\)"):
        masks(runs_spec(tmp_path, cells, id="id={id}-{class}"))
    with pytest.raises(DataError, match="no column 'key'; the columns are: id, rle"):
        masks(runs_spec(tmp_path, "id,rle\n", id="key={id}-{class}"))


def test_labels_are_derived_from_runs_and_from_files(tmp_path: Path) -> None:
    text = "id,kind,rle\n1_a,fish,1 2\n1_a,gravel_bed,1 2\n2,gravel_bed,1 1\n"
    both = {"classify": "multilabel", "segment": "multilabel"}
    runs_spec(tmp_path, text, id="id", label="kind")
    table = {"table": "runs.csv", "rle": "rle", "id": "id", "label": "kind"}
    spec = spec_of(tmp_path, {"mask": table}, tasks=both)
    samples = load_samples(spec, "train")
    assert truth(samples, spec).tolist() == [[1, 1], [0, 1], [0, 0]]
    masks_of = {"1_a": [[0, 1], [0, 0]], "2": [[0, 0], [0, 0]], "3": [[1, 1], [0, 0]]}
    for name, pixels in masks_of.items():
        (tmp_path / "m").mkdir(exist_ok=True)
        Image.fromarray(np.array(pixels, dtype=np.uint8)).save(tmp_path / f"m/{name}.png")
        Image.new("RGB", (2, 2)).save(tmp_path / f"images/{name}.png")
    two = {"classify": "binary", "segment": "binary"}
    spec = spec_of(tmp_path, {"mask": "m/{id}.png"}, tasks=two, classes=[])
    assert truth(load_samples(spec, "train"), spec).tolist() == [1, 0, 1]
    Image.fromarray(np.ones((2, 2), dtype=np.uint8)).save(tmp_path / "m/2.png")
    with pytest.raises(DataError, match="read off the masks: classes without a row in train: '0'"):
        load_samples(spec, "train")


names = st.text("ab_1", min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1), st.sampled_from(["", "1 2"]))),
    ids=st.lists(names, min_size=5, max_size=5, unique=True),
)
def test_every_row_of_a_table_comes_to_its_sample(
    rows: list[tuple[int, int, str]], ids: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A table written from rows of (sample, class, runs) gives each sample its rows back."""
    root = tmp_path_factory.mktemp("runs")
    classes = ["fish", "gravel_bed"]
    for template in ("{id}", "{id}_{class}"):
        with (root / "runs.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["key", "kind", "rle"])
            for sample, number, runs in rows:
                cell = template.replace("{id}", ids[sample]).replace("{class}", classes[number])
                writer.writerow([cell, classes[number], runs])
        label = {"label": "kind"} if template == "{id}" else {}
        table = {"table": "runs.csv", "id": f"key={template}", "rle": "rle", **label}
        spec = spec_of(root, {"mask": table})
        refs, problems = find_mask_refs(spec, pd.DataFrame(index=range(5)), ids, ["x.png"] * 5)
        assert problems == []
        for sample, ref in enumerate(refs):
            expected = [
                (number, runs, line)
                for line, (of, number, runs) in enumerate(rows, start=2)
                if of == sample and runs
            ]
            assert ref is not None
            assert list(ref.runs) == expected
