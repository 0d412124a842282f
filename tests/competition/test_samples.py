"""Samples: the content of a row, and all problems of a table reported at once."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import (
    left_out_of_test,
    left_out_sentence,
    load_samples,
    truth,
)
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.errors import DataError


def spec_of(root: Path, **changes: Any) -> Competition:
    """A multiclass spec over train.csv (id, label) and images/, at `root`."""
    fields: dict[str, Any] = {
        "name": "tiny",
        "tasks": {"classify": "multiclass"},
        "classes": ["a", "b"],
        "data": {
            "train": {
                "table": "train.csv",
                "id": "id",
                "images": "images/{id}.png",
                "label": "label",
            },
            "test": {"images": "test/*.png"},
        },
        "metric": {"name": "accuracy"},
    }
    for path, value in changes.items():
        part = fields
        *parents, last = path.split("__")
        for parent in parents:
            part = part.setdefault(parent, {})
        part[last] = value
    return Competition.model_validate(fields).at(root)


def write(root: Path, text: str, images: str = "") -> None:
    (root / "train.csv").write_text(text, encoding="utf-8")
    for name in images.split():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    write(
        tmp_path,
        "id,label\n000123,a\nNA,b\n1e5,a\n",
        "images/000123.png images/NA.png images/1e5.png",
    )
    samples = load_samples(spec_of(tmp_path), "train")
    assert list(samples["id"]) == ["000123", "NA", "1e5"]
    assert list(samples["images"]) == [(f"images/{name}.png",) for name in samples["id"]]
    assert list(samples["label"]) == [0, 1, 0]
    assert list(samples["unit"]) == list(samples["id"])
    assert set(samples["source"]) == {"train"}
    assert list(samples.index) == [0, 1, 2]


def test_headers_and_cells_lose_their_spaces_and_the_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path, "\ufeffid, label\nx, a\ny ,b\n", "images/x.png images/y.png")
    samples = load_samples(spec_of(tmp_path), "train")
    assert list(samples["id"]) == ["x", "y"]
    assert list(samples["label"]) == [0, 1]


def test_all_problems_of_a_table_are_reported_at_once(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\nx,b\ny,c\nz,\nw,b\n", "images/x.png images/y.png images/z.png")
    with pytest.raises(DataError) as caught:
        load_samples(spec_of(tmp_path), "train")
    text = str(caught.value)
    assert text.startswith("train.csv: 4 problems")
    assert "1 of 5 images is missing: 'images/w.png' (line 6)" in text
    assert "1 id stands more than once: 'x' (line 3, first in line 2, with another label)" in text
    assert "1 row names an unknown class: 'c' (line 4); classes has 'a', 'b'" in text
    assert "1 row has no label: '' (line 5)" in text


def test_a_class_without_a_row_that_is_spelt_nearly_as_rows_have_it_is_to_be_mended(
    tmp_path: Path,
) -> None:
    write(
        tmp_path,
        "id,label\nx,agaric\ny,morel\nz,agaric\n",
        "images/x.png images/y.png images/z.png",
    )
    with pytest.raises(DataError) as caught:
        load_samples(spec_of(tmp_path, classes=["agarik", "morel"]), "train")
    assert "; in classes, write 'agaric' in place of 'agarik', which no row" in str(caught.value)
    assert (caught.value.fix or "").startswith("write the names of the rows in classes of compet")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("imagse/{id}.png", "; there is no folder 'imagse': did you mean 'images'?"),
        ("data/{id}.png", "; there is no folder 'data'"),
        ("images/{id}.jpg", "(line 3); images/x.png is there"),
        ("{id}/images/a.png", "(line 3)"),
    ],
)
def test_a_folder_of_images_that_is_not_there_is_named_with_the_nearest(
    tmp_path: Path, pattern: str, told: str
) -> None:
    write(tmp_path, "id,label\nx,a\ny,b\n", "images/x.png images/y.png")
    with pytest.raises(DataError) as caught:
        load_samples(spec_of(tmp_path, data__train__images=pattern), "train")
    assert str(caught.value).partition("\n")[0].endswith(told)


def test_a_class_that_classes_lacks_is_to_be_added_there(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\ny,c\nz,c\n", "images/x.png images/y.png images/z.png")
    with pytest.raises(DataError, match=r"classes has 'a', 'b'; .* belongs there, too: 'c'") as one:
        load_samples(spec_of(tmp_path), "train")
    assert "add what is a class to classes in competition.yaml, or mend the data" in str(one.value)
    yes_or_no = spec_of(tmp_path, tasks={"classify": "binary"})  # takes no third one
    with pytest.raises(DataError) as other:
        load_samples(yes_or_no, "train")
    assert "add what is a class" not in str(other.value)


@pytest.mark.parametrize(("cell", "is_mended"), [("two", True), ("3", False)])
def test_a_word_among_grades_is_first_to_be_mended_and_a_number_may_be_a_class(
    tmp_path: Path, cell: str, is_mended: bool
) -> None:
    table = f"id,label\nx,0\ny,1\nz,2\nw,{cell}\n"
    write(tmp_path, table, " ".join(f"images/{one}.png" for one in "xyzw"))
    grades = spec_of(tmp_path, tasks={"classify": "ordinal"}, classes=["0", "1", "2"])
    with pytest.raises(DataError, match=f"names an unknown class: '{cell}'") as caught:
        load_samples(grades, "train")
    begins = "write the number of the class into the row" if is_mended else "add what is a class"
    assert str(caught.value.fix).startswith(begins)


def test_the_unknown_label_of_a_ranking_among_the_labels_leads_to_open_sets(
    tmp_path: Path,
) -> None:
    write(tmp_path, "id,label\nx,a\ny,new\nz,b\n", "images/x.png images/y.png images/z.png")
    metric = {"name": "map_at_k", "k": 2}
    submission = {
        "value": "topk",
        "k": 2,
        "unknown": "new",
        "columns": {"id": "id", "label": "value"},
    }
    with pytest.raises(DataError, match=r"classes has 'a', 'b'; write open_set: new if it is none"):
        load_samples(spec_of(tmp_path, submission=submission, metric=metric), "train")
    write(tmp_path, "id,label\nx,a\ny,c\nz,b\n")
    with pytest.raises(DataError, match="classes has 'a', 'b'; what is a class"):
        load_samples(spec_of(tmp_path, submission=submission, metric=metric), "train")


def test_a_class_without_a_row_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\ny,b\n", "images/x.png images/y.png")
    with pytest.raises(DataError, match="without a row in train: 'owl'"):
        load_samples(spec_of(tmp_path, classes=["a", "b", "owl"]), "train")


def test_a_missing_column_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, "id,lable\nx,a\n", "images/x.png")
    with pytest.raises(DataError) as caught:
        load_samples(spec_of(tmp_path), "train")
    named = "there is no column 'label' (data.train.label); the columns are: id, lable"
    assert named in str(caught.value)
    assert caught.value.fix == "write lable in data.train.label"


def test_missing_columns_of_several_keys_are_named_at_once_each_with_its_key(
    tmp_path: Path,
) -> None:
    write(tmp_path, "id,label\nx,a\n", "images/x.png")
    other = spec_of(tmp_path, data__train__images="{ids}.png", data__train__label="hue")
    with pytest.raises(DataError) as caught:
        load_samples(other, "train")
    named = "no column 'ids' (data.train.images) and no 'hue' (data.train.label); the columns are"
    assert named in str(caught.value)
    expected = "write id in data.train.images, and name one of them in data.train.label"
    assert caught.value.fix == expected


@pytest.mark.parametrize("text", ["", "id,label\n"])
def test_a_table_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(DataError, match=r"train\.csv: (the table is empty|there is no row)"):
        load_samples(spec_of(tmp_path), "train")


def test_a_table_that_is_not_there_and_one_with_too_many_cells_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train\.csv: there is no such table") as caught:
        load_samples(spec_of(tmp_path), "train")
    assert caught.value.fix == "mind the spelling"
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/training.csv").touch()
    with pytest.raises(DataError) as caught:
        load_samples(spec_of(tmp_path, data__train__table="tables/trainig.csv"), "train")
    assert caught.value.fix == "did you mean tables/training.csv?"
    write(tmp_path, "id,label\nx,a\ny,b,c\n")
    with pytest.raises(DataError, match=r"train\.csv: not a table: .*line 3"):
        load_samples(spec_of(tmp_path), "train")


def test_an_empty_test_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    with pytest.raises(DataError, match=r"no image matches test/\*\.png\n"):
        load_samples(spec_of(tmp_path), "test")


def test_images_that_are_all_of_the_test_part_are_distinguished_from_missing_ones(
    tmp_path: Path,
) -> None:
    write(tmp_path, "", "test/a.png test/b.png")
    data = {"train": {"images": "test/{class}.png"}, "test": {"images": "test/*.png"}}
    with pytest.raises(DataError, match=r"2 images match test/\{class\}\.png, and every one is of"):
        load_samples(spec_of(tmp_path, data=data), "train")


def test_a_part_that_the_competition_does_not_have_gives_no_rows(tmp_path: Path) -> None:
    samples = load_samples(spec_of(tmp_path), "unlabelled")
    assert len(samples) == 0
    assert {"id", "images", "label", "unit", "group", "source", "weight"} <= set(samples.columns)


def test_multilabel_cells_become_bits_in_the_order_of_the_classes(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,b a\ny,\nz,b\n", "images/x.png images/y.png images/z.png")
    spec = spec_of(tmp_path, tasks={"classify": "multilabel"})
    expected = np.array([[1, 1], [0, 0], [0, 1]], dtype=np.uint8)
    found = truth(load_samples(spec, "train"), spec)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.uint8


def test_bit_columns_are_one_hot_for_one_class_and_a_set_for_several(tmp_path: Path) -> None:
    write(tmp_path, "id,p,q\nx,1,0\ny,0,1.0\n", "images/x.png images/y.png")
    spec = spec_of(tmp_path, data__train__label=["p", "q"])
    assert list(truth(load_samples(spec, "train"), spec)) == [0, 1]
    write(tmp_path, "id,p,q\nx,1,1\ny,0,1\n")
    with pytest.raises(DataError, match=r"exactly one 1 in the label columns: '11' \(line 2\)"):
        load_samples(spec, "train")
    several = spec_of(tmp_path, data__train__label=["p", "q"], tasks={"classify": "multilabel"})
    assert truth(load_samples(several, "train"), several).tolist() == [[1, 1], [0, 1]]


def test_binary_labels_are_numbers_or_two_names_of_which_the_second_is_positive(
    tmp_path: Path,
) -> None:
    write(tmp_path, "id,label\nx,1\ny,0\n", "images/x.png images/y.png")
    plain = spec_of(tmp_path, tasks={"classify": "binary"}, classes=[])
    found = truth(load_samples(plain, "train"), plain)
    assert found.tolist() == [1, 0]
    assert found.dtype == np.int64
    write(tmp_path, "id,label\nx,ill\ny,well\n")
    named = spec_of(tmp_path, tasks={"classify": "binary"}, classes=["well", "ill"])
    assert truth(load_samples(named, "train"), named).tolist() == [1, 0]


def test_a_row_with_two_unknown_names_is_one_row(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a c d\ny,b\n", "images/x.png images/y.png")
    spec = spec_of(tmp_path, tasks={"classify": "multilabel"})
    with pytest.raises(DataError, match=r"1 row names an unknown class: 'a c d' \(line 2\);"):
        load_samples(spec, "train")


def test_an_unknown_name_of_a_cell_is_reported_with_the_separator(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,top long\ny,shoe\n", "images/x.png images/y.png")
    spec = spec_of(tmp_path, tasks={"classify": "multilabel"}, classes=["shoe", "top", "top long"])
    with pytest.raises(DataError) as caught:
        load_samples(spec, "train")
    text = str(caught.value)
    assert "1 row names an unknown class: 'top long' (line 2)" in text
    assert "split at ' ' (data.train.label_sep), the cells name 'long', which is not in" in text
    assert "classes has 'shoe', 'top', 'top long'" in text


def test_numbers_are_the_labels_of_a_regression(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,1.5\ny,-2\n", "images/x.png images/y.png")
    spec = spec_of(tmp_path, tasks={"classify": "regression"}, classes=[])
    assert truth(load_samples(spec, "train"), spec).tolist() == [1.5, -2.0]
    write(tmp_path, "id,label\nx,inf\ny,small\n")
    with pytest.raises(DataError, match=r"2 labels are no numbers: 'inf' \(line 2\), 'small'"):
        load_samples(spec, "train")
    write(tmp_path, "id,label\nx,-3.5e38\ny,3.4e38\n")
    with pytest.raises(DataError, match=r"1 label is too large .*: '-3.5e38' \(line 2\)"):
        load_samples(spec, "train")


def test_truth_of_samples_without_labels_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\n", "test/t.png")
    spec = spec_of(tmp_path)
    with pytest.raises(DataError, match="1 sample has no label: 't'"):
        truth(load_samples(spec, "test"), spec)


def test_group_time_and_fold_come_from_their_columns(tmp_path: Path) -> None:
    text = "id,label,who,when,k\nx,a,p1,2024-03-01,1\ny,b,p2,2023-03-01,0\n"
    write(tmp_path, text, "images/x.png images/y.png")
    folds = {"scheme": "column", "group": "who", "time": "when", "column": "k"}
    spec = spec_of(tmp_path, folds=folds)
    samples = load_samples(spec, "train")
    assert list(samples["group"]) == ["p1", "p2"]
    assert samples["order"][0] - samples["order"][1] == 366 * 86400 * 10**9  # nanoseconds
    assert list(samples["fold_column"]) == [1, 0]
    assert list(samples["unit"]) == ["x", "y"]


@pytest.mark.parametrize("dates", [("05/06/2024", "13/06/2024"), ("", "2024-01-01")])
def test_a_date_that_could_be_another_day_orders_nothing(
    dates: tuple[str, str], tmp_path: Path
) -> None:
    write(tmp_path, "id,label,when\nx,a,{}\ny,b,{}\n".format(*dates), "images/x.png images/y.png")
    spec = spec_of(tmp_path, folds={"scheme": "time", "time": "when"})
    with pytest.raises(DataError, match="when: not numbers or ISO dates") as caught:
        load_samples(spec, "train")
    assert "2024-03-31" in str(caught.value.fix)


def test_a_wildcard_leads_to_one_file_or_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\ny,b\nz,a\n", "images/p/x.png images/q/y.jpg")
    spec = spec_of(tmp_path, data__train__images="images/**/{id}.*")
    with pytest.raises(DataError, match=r"1 of 3 rows lead to no file of .*: 'z' \(line 4\)"):
        load_samples(spec, "train")
    write(tmp_path, "id,label\nx,a\ny,b\n")
    found = load_samples(spec, "train")
    assert list(found["images"]) == [("images/p/x.png",), ("images/q/y.jpg",)]
    write(tmp_path, "id,label\nx,a\ny,b\n", "images/q/x.png")
    with pytest.raises(DataError, match="1 of 2 rows lead to several files"):
        load_samples(spec, "train")


def test_fields_of_a_path_are_class_group_and_id(tmp_path: Path) -> None:
    names = "train/a/p1_01.png train/a/p1_02.png train/b/p2_01.png train/notes.txt"
    write(tmp_path, "", names)
    spec = spec_of(
        tmp_path,
        data__train={"images": "train/{class}/{patient}_*.png", "id": "{class}-{stem}"},
        folds={"scheme": "stratified_group", "group": "patient"},
    )
    samples = load_samples(spec, "train")
    assert list(samples["id"]) == ["a-p1_01", "a-p1_02", "b-p2_01"]
    assert list(samples["group"]) == ["p1", "p1", "p2"]
    assert list(samples["label"]) == [0, 0, 1]


def test_file_names_that_repeat_over_class_folders_need_another_id(tmp_path: Path) -> None:
    write(tmp_path, "", "train/a/1.png train/b/1.png")
    spec = spec_of(tmp_path, data__train={"images": "train/{class}/*.png"})
    with pytest.raises(DataError, match=r"1 id stands more than once: '1'; write id: '\{path\}'"):
        load_samples(spec, "train")


def test_miniatures_have_their_known_labels(tmp_path: Path, miniatures: ModuleType) -> None:
    made = miniatures.table_and_images(tmp_path / "data")
    spec = infer(tmp_path / "data", tmp_path).competition
    train = load_samples(spec, "train")
    assert dict(zip(train["id"], train["group"], strict=True)) == made.group
    assert set(load_samples(spec, "test")["id"]) == set(made.truth)
    assert len(load_samples(spec, "unlabelled")) == 6


def test_links_to_folders_are_followed_and_loops_end(tmp_path: Path) -> None:
    write(tmp_path, "", "elsewhere/a/1.png elsewhere/b/2.png")
    (tmp_path / "train").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "loop").symlink_to(tmp_path / "elsewhere")
    spec = spec_of(tmp_path, data__train={"images": "train/{class}/*.png"})
    assert list(load_samples(spec, "train")["id"]) == ["1", "2"]


def packed(*names: str) -> bytes:
    """Return an archive of tables with these names."""
    buffer, text = io.BytesIO(), b"id,label\na,cat\n"
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, text)
    return buffer.getvalue()


def encrypted() -> bytes:
    """Return a zip with one member whose flag of encryption is set, in both of its headers."""
    content = bytearray(packed("train.csv"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train.csv.zip", packed(), "one table"),
        ("train.csv.zip", packed("a.csv", "b.csv"), "one table"),
        ("train.csv.zip", encrypted(), "encrypted"),
        ("train.csv.xz", b"junk", "damaged"),
        ("train.csv.zst", b"junk", "not read from"),
        ("train.csv.bz2", b"junk", "damaged"),
        ("train.tar", b"junk", "not read from"),
        ("train.csv.tar.gz", b"junk", "damaged"),
    ],
)
def test_an_archive_without_one_table_is_refused_with_its_name_and_a_fix(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(tmp_path / name)
    assert name in str(caught.value.where)
    assert caught.value.fix


@pytest.mark.parametrize("fault", ["cut", "flipped", "no archive"])
@pytest.mark.parametrize("suffix", ["gz", "zip"])
def test_a_damaged_compressed_table_is_named(suffix: str, fault: str, tmp_path: Path) -> None:
    text = "id,label\n" + "".join(f"{n * 7919 % 10007},a\n" for n in range(5000))
    file = tmp_path / f"train.csv.{suffix}"
    if suffix == "gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("train.csv", text)
    whole = file.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(
        {
            "cut": whole[:middle],
            "flipped": whole[:middle] + b"\xff" * 40 + whole[middle + 40 :],
            "no archive": text.encode(),
        }[fault]
    )
    spec = spec_of(tmp_path, data__train__table=file.name)
    with pytest.raises(DataError, match=rf"train.csv.{suffix}: .*archive") as caught:
        load_samples(spec, "train")
    assert caught.value.fix == "download it again"


@pytest.mark.parametrize("letters", ["utf-8", "cp1252"])
def test_table_separated_by_semicolons_is_named_in_the_error_whatever_its_cells_hold(
    tmp_path: Path, letters: str
) -> None:
    text = "site;fläche;tiefe\nS-1;11,9;2,0\nS-2;8,0;3\n"
    (tmp_path / "train.csv").write_bytes(text.encode(letters))
    with pytest.raises(DataError, match="separated by ';', not by a comma") as caught:
        read_table(tmp_path / "train.csv", where="train.csv")
    assert "podium init writes such a table once more" in caught.value.fix


def test_images_of_one_tree_are_of_the_part_whose_table_has_their_unit(tmp_path: Path) -> None:
    for n in range(8):
        for k in range(2):
            write(tmp_path, "site,label\ns0,a\ns1,b\ns2,a\ns3,b\n", f"photos/s{n}/{k}.png")
    (tmp_path / "test.csv").write_text("site\ns4\ns5\ns6\n")
    part = {"images": "photos/{site}/*.png", "id": "{path}"}
    join = {"key": "site"}
    train = {**part, "join": {**join, "table": "train.csv"}, "label": "label"}
    test = {**part, "join": {**join, "table": "test.csv"}}
    competition = spec_of(tmp_path, data={"train": train, "test": test})
    found = {name: load_samples(competition, name)["id"] for name in ("train", "test")}
    assert list(found["train"]) == [f"s{n}/{k}.png" for n in range(4) for k in range(2)]
    assert list(found["test"]) == [f"s{n}/{k}.png" for n in (4, 5, 6) for k in range(2)]


def test_excluded_samples_are_left_out_and_lines_stay_those_of_the_table(tmp_path: Path) -> None:
    """Of `w` there is no image, and of `v` no class: nothing is asked of what is left out."""
    write(tmp_path, "id,label\nw,a\nx,a\nv,c\ny,b\nz,c\n", "images/x.png images/y.png images/z.png")
    competition = spec_of(tmp_path, data__train__exclude=["w", "v"])
    with pytest.raises(DataError) as caught:
        load_samples(competition, "train")
    assert "line 6" in caught.value.message
    assert "line 4" not in caught.value.message
    samples = load_samples(spec_of(tmp_path, data__train__exclude=["w", "v", "z"]), "train")
    assert list(samples["id"]) == ["x", "y"]
    assert list(samples["label"]) == [0, 1]
    assert list(samples.index) == [0, 1]


def test_excluded_images_of_a_pattern_are_left_out(tmp_path: Path) -> None:
    names = "images/a/1.png images/a/2.png images/b/3.png"
    write(tmp_path, "", names)
    of_folders = {"images": "images/{class}/*.png", "exclude": ["2"]}
    samples = load_samples(spec_of(tmp_path, data__train=of_folders), "train")
    assert list(samples["id"]) == ["1", "3"]
    assert list(samples["images"]) == [("images/a/1.png",), ("images/b/3.png",)]


def test_rows_are_excluded_by_the_values_of_a_column(tmp_path: Path) -> None:
    write(
        tmp_path,
        "id,label,site\nw,a,B\nx,a,A\ny,b,C\nz,b,D\n",
        "images/x.png images/y.png",
    )
    competition = spec_of(tmp_path, data__train__exclude_where={"site": ["B", "D"]})
    samples = load_samples(competition, "train")
    assert (list(samples["id"]), list(samples["label"])) == (["x", "y"], [0, 1])


def test_images_of_a_pattern_are_excluded_by_the_values_of_a_field(tmp_path: Path) -> None:
    write(tmp_path, "", "images/a/1.png images/b/3.png images/card/4.png")
    source = {"images": "images/{class}/*.png", "exclude_where": {"class": ["card"]}}
    assert list(load_samples(spec_of(tmp_path, data__train=source), "train")["id"]) == ["1", "3"]


def test_excluded_values_that_no_row_has_are_problems(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\ny,b\n", "images/x.png images/y.png")
    for where, message in (
        ({"label": ["q"]}, r"data\.train\.exclude_where names 'q', which no label is"),
        ({"site": ["B"]}, "there is no column 'site'"),
    ):
        with pytest.raises(DataError, match=message):
            load_samples(spec_of(tmp_path, data__train__exclude_where=where), "train")


def test_values_are_excluded_of_train_alone(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\ny,b\n", "images/x.png images/y.png")
    test = {"images": "images/{class}.png", "exclude_where": {"class": ["x"]}}
    with pytest.raises(ValueError, match=r"test\.exclude_where: only of train"):
        spec_of(tmp_path, data__test=test)


def test_an_excluded_id_that_no_sample_has_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\ny,b\n", "images/x.png images/y.png")
    with pytest.raises(DataError, match=r"data\.train\.exclude names no sample: 'X'"):
        load_samples(spec_of(tmp_path, data__train__exclude=["X"]), "train")


def test_a_left_out_image_of_test_is_no_sample_and_needs_no_file(tmp_path: Path) -> None:
    write(tmp_path, "id,label\nx,a\ny,b\n", "images/x.png images/y.png images/v.png")
    (tmp_path / "test.csv").write_text("id\nv\nw\n")
    test = {"table": "test.csv", "id": "id", "images": "images/{id}.png"}
    whole = spec_of(tmp_path, data__test=test)
    assert left_out_of_test(whole) == []
    assert left_out_sentence(whole) == ""
    with pytest.raises(DataError, match=r"exclude below data\.test"):
        load_samples(whole, "test")
    found = spec_of(tmp_path, data__test={**test, "exclude": ["w"]})
    assert list(load_samples(found, "test")["id"]) == ["v"]
    assert left_out_of_test(found) == ["w"]
    assert "data.test.exclude lists 'w'" in left_out_sentence(found)
    with pytest.raises(DataError, match=r"data\.test\.exclude names no sample: 'W'"):
        load_samples(spec_of(tmp_path, data__test={**test, "exclude": ["W"]}), "test")


def test_a_unit_is_left_out_of_test_where_all_of_its_images_are(tmp_path: Path) -> None:
    write(tmp_path, "id,label,tree\nx,a,1\ny,b,2\n", "images/x.png images/y.png images/v.png")
    (tmp_path / "test.csv").write_text("id,tree\nv,7\nw,7\nu,8\nt,8\n")
    test = {"table": "test.csv", "id": "id", "images": "images/{id}.png", "unit": "tree"}
    of_trees = {"data__train__unit": "tree", "units": {"aggregate": "mean"}}
    some_of_7 = spec_of(tmp_path, **of_trees, data__test={**test, "exclude": ["w"]})
    assert left_out_of_test(some_of_7) == []
    all_of_8 = spec_of(tmp_path, **of_trees, data__test={**test, "exclude": ["w", "u", "t"]})
    assert left_out_of_test(all_of_8) == ["8"]


def test_masks_of_excluded_images_are_no_masks_without_an_image(tmp_path: Path) -> None:
    write(tmp_path, "id,rle\nx,1 2\ny,\nz,1 1\n", "images/x.png images/y.png images/z.png")
    masks = {
        "tasks": {"segment": "binary"},
        "classes": [],
        "metric": {"name": "mean_dice"},
        "data__train": {
            "images": "images/*.png",
            "mask": {"table": "train.csv", "id": "id", "rle": "rle"},
            "exclude": ["z"],
        },
    }
    samples = load_samples(spec_of(tmp_path, **masks), "train")
    assert list(samples["id"]) == ["x", "y"]


def test_yes_and_no_beside_masks_of_two_classes_are_zero_and_one(tmp_path: Path) -> None:
    write(tmp_path, "id,label\n1,0\n2,1\n3,0\n", "images/1.png images/2.png images/3.png")
    spec = spec_of(
        tmp_path,
        tasks={"classify": "binary", "segment": "multiclass"},
        classes=["disc", "cup"],
        data__train__mask="masks/{id}.png",
        metric={"name": "mean_iou", "task": "segment"},
    )
    (tmp_path / "masks").mkdir()
    for number in (1, 2, 3):
        (tmp_path / f"masks/{number}.png").touch()
    assert list(load_samples(spec, "train")["label"]) == [0, 1, 0]
    assert spec.label_names == ["0", "1"]
