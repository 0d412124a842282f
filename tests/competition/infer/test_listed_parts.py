"""Lists tell which images of one pool are to be predicted: train has none of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError

NAMES = [f"img{n:02}" for n in range(24)]
TEST = set(NAMES[::4])
LABELS = {name: ("cat", "dog", "hen")[n % 3] for n, name in enumerate(NAMES)}


def pool(data: Path, folder: str = "images") -> None:
    for n, name in enumerate(NAMES):
        put(data / f"{folder.format(label=LABELS[name])}/{name}.png", n)


def lines(file: Path, names: Iterable[str]) -> None:
    file.write_text("\n".join(names) + "\n", encoding="utf-8")


def stems(found: Competition, part: str) -> set[str]:
    return {Path(path).stem for (path,) in load_samples(found, part)["images"]}  # type: ignore[arg-type]


def check(found: Competition) -> None:
    assert stems(found, "test") == TEST
    assert stems(found, "train") == {*NAMES} - TEST


def test_a_list_of_all_labels_lends_no_image_to_predict_to_train(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    lines(tmp_path / "data/list.txt", (f"{name} {LABELS[name]}" for name in NAMES))
    lines(tmp_path / "data/test.txt", (f"{name} {LABELS[name]}" for name in sorted(TEST)))
    found, notes = begin(tmp_path)
    check(found)
    assert "list.csv without the 6 rows of images to predict" in notes


def test_a_table_of_the_rest_is_preferred_to_one_of_all(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    of_part = {"list": {*NAMES}, "trainval": {*NAMES} - TEST, "test": TEST}
    for part, names in of_part.items():
        rows = ((f"{name}.png", LABELS[name]) for name in sorted(names))
        table(tmp_path / f"data/{part}.csv", ("file", "label"), *rows)
    found, notes = begin(tmp_path)
    check(found)
    assert "trainval.csv has the others, and is used in its place" in notes


def test_a_list_beside_a_table_of_all_labels_is_test(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    table(tmp_path / "data/labels.csv", ("file", "label"), *LABELS.items())
    lines(tmp_path / "data/test_list.txt", (f"{name}.png" for name in sorted(TEST)))
    lines(
        tmp_path / "data/train_val_list.txt", (f"{name}.png" for name in NAMES if name not in TEST)
    )
    check(begin(tmp_path)[0])


def test_a_list_of_validation_stands_for_test_where_there_is_none(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    table(tmp_path / "data/labels.csv", ("file", "label"), *LABELS.items())
    lines(tmp_path / "data/val.txt", sorted(TEST))
    lines(tmp_path / "data/train.txt", (name for name in NAMES if name not in TEST))
    found, notes = begin(tmp_path)
    check(found)
    assert "there is no test part: the 6 images of val.txt stand for it" in notes


def test_class_folders_have_no_image_that_a_list_of_test_names(tmp_path: Path) -> None:
    pool(tmp_path / "data", "images/{label}")
    lines(tmp_path / "data/test.txt", (f"{LABELS[name]}/{name}.png" for name in sorted(TEST)))
    found, _ = begin(tmp_path)
    check(found)
    samples = load_samples(found, "train")
    for (path,), label in zip(samples["images"], samples["label"], strict=True):
        assert found.classes_of("classify")[label] == Path(path).parent.name
    assert found.classes == ["cat", "dog", "hen"]


def test_of_numbered_splits_the_first_is_used(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    lines(tmp_path / "data/labels.txt", (f"{name}.png {LABELS[name]}" for name in NAMES))
    for split in (1, 2, 3):
        test = set(NAMES[split - 1 :: 4])
        lines(tmp_path / f"data/test{split}.txt", (f"{name}.png" for name in sorted(test)))
        rest = (f"{name}.png" for name in NAMES if name not in test)
        lines(tmp_path / f"data/train{split}.txt", rest)
    found, notes = begin(tmp_path)
    check(found)
    assert "3 splits of the same images are listed" in notes


def test_a_list_of_all_images_tells_of_no_test(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    table(tmp_path / "data/labels.csv", ("file", "label"), *LABELS.items())
    lines(tmp_path / "data/test_list.txt", NAMES)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def test_numbers_of_a_partition_are_parts_where_nothing_else_tells_of_test(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    table(tmp_path / "data/labels.csv", ("file", "label"), *LABELS.items())
    part = {name: 2 if name in TEST else 1 if n % 6 == 1 else 0 for n, name in enumerate(NAMES)}
    table(tmp_path / "data/list_eval_partition.csv", ("file", "partition"), *part.items())
    found, notes = begin(tmp_path)
    check(found)
    assert "by partition, where 0 is train, 1 is validation, 2 is test" in notes


def test_numbers_of_folds_are_no_parts(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    rows = ((name, LABELS[name], n % 3) for n, name in enumerate(NAMES))
    table(tmp_path / "data/labels.csv", ("file", "label", "partition"), *rows)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def test_texts_of_numbered_images_are_one_table_with_its_parts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pool(data, "images/{label}")
    of_image = [f"{LABELS[name]}/{name}.png" for name in NAMES]
    lines(data / "images.txt", (f"{n} {path}" for n, path in enumerate(of_image, 1)))
    codes = {"cat": 1, "dog": 2, "hen": 3}
    lines(
        data / "image_labels.txt", (f"{n} {codes[LABELS[name]]}" for n, name in enumerate(NAMES, 1))
    )
    split = (f"{n} {int(name not in TEST)}" for n, name in enumerate(NAMES, 1))
    lines(data / "train_test_split.txt", split)
    lines(data / "classes.txt", (f"{code} {name}" for name, code in codes.items()))
    found, notes = begin(tmp_path)
    check(found)
    samples = load_samples(found, "train")
    known = found.classes
    for (path,), label in zip(samples["images"], samples["label"], strict=True):
        assert known is not None
        name = LABELS[Path(path).stem]
        assert known[label] in (name, str(codes[name]))
    assert "by train_test_split, where 0 is test, 1 is train" in notes


def test_more_images_to_predict_than_of_train_leave_a_split_untold(tmp_path: Path) -> None:
    """As 1 stands in its name for train, and the larger part is that of 0."""
    pool(tmp_path / "data")
    rows = ((name, LABELS[name], int(n % 4 == 0)) for n, name in enumerate(NAMES))
    table(tmp_path / "data/labels.csv", ("file", "label", "train_test_split"), *rows)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def masked(data: Path, names: Iterable[str]) -> None:
    """Images in one folder; of some of them a mask in another one."""
    pool(data)
    (data / "masks").mkdir()
    for n, name in enumerate(names):
        mask = np.zeros((12, 16), np.uint8)
        mask[2 : 5 + n % 5, 3:9] = 255
        Image.fromarray(mask).save(data / f"masks/{name}.png")


def test_images_with_masks_that_a_list_of_test_names_are_not_of_train(tmp_path: Path) -> None:
    masked(tmp_path / "data", NAMES)
    lines(tmp_path / "data/test.txt", sorted(TEST))
    check(begin(tmp_path)[0])


def test_lists_of_images_with_masks_come_before_others(tmp_path: Path) -> None:
    """As of VOC, whose further lists are of images for other tasks."""
    data, some_masked = tmp_path / "data", NAMES[:16]
    masked(data, some_masked)
    for where, names in (("Main", NAMES), ("Segmentation", some_masked)):
        (data / f"ImageSets/{where}").mkdir(parents=True)
        lines(data / f"ImageSets/{where}/val.txt", (name for name in names if name in TEST))
        lines(data / f"ImageSets/{where}/train.txt", (name for name in names if name not in TEST))
    found, notes = begin(tmp_path)
    assert stems(found, "test") == TEST & {*some_masked}
    with_mask = load_samples(found, "train").dropna(subset="mask")
    assert {Path(path).stem for (path,) in with_mask["images"]} == {*some_masked} - TEST
    assert "images of ImageSets/Segmentation/val.txt stand for it" in notes


UNLABELLED = {f"img{n:02}" for n in range(24, 40)}
LABELLED = {*NAMES} - TEST


def verdicts(data: Path) -> None:
    """Write images of one folder: some have a verdict, some are listed, and some are neither."""
    for n, name in enumerate([*NAMES, *sorted(UNLABELLED)]):
        put(data / f"tiles/{name}.png", n)
    rows = ((name, "AB"[n % 2], LABELS[name]) for n, name in enumerate(sorted(LABELLED)))
    table(data / "round1.csv", ("tile", "by", "verdict"), *rows)


@pytest.mark.parametrize("name", ["quiz.txt", "holdout.csv", "to_predict.csv", "eval.txt"])
@pytest.mark.parametrize("header", [[], ["tile"]])
def test_a_list_of_images_without_a_label_is_of_those_to_predict(
    tmp_path: Path, name: str, header: list[str]
) -> None:
    verdicts(tmp_path / "data")
    lines(tmp_path / "data" / name, [*header, *sorted(TEST)])
    found, notes = begin(tmp_path, label="verdict")
    assert stems(found, "test") == TEST
    assert stems(found, "train") == LABELLED
    assert stems(found, "unlabelled") == UNLABELLED
    assert "16 images beside those of train that no table names" in notes
    assert "data.test" not in found.to_choose


def test_a_list_with_any_name_gives_the_test_images_as_a_question(tmp_path: Path) -> None:
    verdicts(tmp_path / "data")
    lines(tmp_path / "data/autumn.txt", sorted(TEST))
    found, notes = begin(tmp_path, label="verdict")
    assert stems(found, "test") == TEST
    assert "data.test" in found.to_choose
    assert "autumn.txt is taken as the list of images to predict: it names 6 images" in notes


def test_of_several_lists_the_one_called_so_is_of_images_to_predict(tmp_path: Path) -> None:
    verdicts(tmp_path / "data")
    lines(tmp_path / "data/blind.txt", sorted(TEST))
    lines(tmp_path / "data/unlabelled.txt", sorted(UNLABELLED))
    found, _ = begin(tmp_path, label="verdict")
    assert stems(found, "test") == TEST
    assert stems(found, "unlabelled") == UNLABELLED


def test_a_list_of_labelled_images_is_of_none_to_predict(tmp_path: Path) -> None:
    verdicts(tmp_path / "data")
    lines(tmp_path / "data/quiz.txt", sorted(TEST)[1:] + sorted(LABELLED)[:1])
    with pytest.raises(DataError, match="no images to predict") as raised:
        begin(tmp_path, label="verdict")
    assert "hold out" not in str(raised.value)


def test_two_lists_of_no_telling_name_are_of_none_to_predict(tmp_path: Path) -> None:
    verdicts(tmp_path / "data")
    lines(tmp_path / "data/north.txt", sorted(TEST))
    lines(tmp_path / "data/south.txt", sorted(UNLABELLED))
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path, label="verdict")


@pytest.mark.parametrize("part", ["unlabelled", "nothing"])
def test_images_beside_those_that_a_sample_names_are_unlabelled(tmp_path: Path, part: str) -> None:
    verdicts(tmp_path / "data")
    sent = ((name, "cat") for name in sorted(TEST))
    table(tmp_path / "data/sample_submission.csv", ("tile", "verdict"), *sent)
    left_out = sorted(UNLABELLED)[:2]
    if part == "nothing":  # a text speaks of two of them
        lines(tmp_path / "data/blurred.md", [f"{name} is blurred" for name in left_out])
        (tmp_path / "data/blurred.md").rename(tmp_path / "data/blurred.txt")
    put(tmp_path / "data/tiles/cover page.png", 99)  # of no form that other names have
    found, _ = begin(tmp_path)
    assert stems(found, "unlabelled") == UNLABELLED - {*(left_out if part == "nothing" else [])}
    assert stems(found, "train") == LABELLED


STATED = '''"""header tile,p_cat,p_dog,p_hen, one row for each image."""
import numpy as np
def score(p, k):
    return float(-np.log(p[np.arange(len(k)), k]).mean())
'''


def test_columns_that_a_script_states_are_those_of_the_file_to_send(tmp_path: Path) -> None:
    verdicts(tmp_path / "data")
    lines(tmp_path / "data/quiz.txt", sorted(TEST))
    (tmp_path / "data/evaluate.py").write_text(STATED, encoding="utf-8")
    found, notes = begin(tmp_path)
    assert list(found.submission.columns.items()) == [
        ("tile", "id"),
        ("p_cat", "prob[cat]"),
        ("p_dog", "prob[dog]"),
        ("p_hen", "prob[hen]"),
    ]
    assert (found.data.train.label, found.metric.name) == ("verdict", "log_loss")
    assert "the columns that evaluate.py states (tile,p_cat,p_dog,p_hen)" in notes
    assert "metric.name" not in notes


def test_columns_of_other_classes_are_not_those_of_the_file_to_send(tmp_path: Path) -> None:
    verdicts(tmp_path / "data")
    lines(tmp_path / "data/quiz.txt", sorted(TEST))
    code = STATED.replace("p_cat,p_dog,p_hen", "p_cat,p_dog,p_cow")
    (tmp_path / "data/evaluate.py").write_text(code, encoding="utf-8")
    assert [*begin(tmp_path, label="verdict")[0].submission.columns] == ["tile", "verdict"]


def test_of_splits_in_folders_the_one_around_the_others_is_used(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    known = sorted({*NAMES} - TEST)
    splits = {"Test": (known, sorted(TEST))}
    splits |= {f"Val{n}": ([one for one in known if one not in known[n::3]], known[n::3])
               for n in range(3)}  # fmt: skip
    for folder, of_part in splits.items():
        where = tmp_path / f"data/partition/{folder}"
        where.mkdir(parents=True)
        for part, names in zip(("Train", "Test"), of_part, strict=True):
            rows = ((f"{name}.png", LABELS[name]) for name in names)
            table(where / f"{part}.csv", ("file", "label"), *rows)
    found, notes = begin(tmp_path)
    check(found)
    assert "4 splits of the same images are listed" in notes


def test_workbooks_of_one_name_in_several_folders_are_all_read(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    pool(tmp_path / "data")
    table(tmp_path / "data/sample_submission.csv", ("file", "label"),
          *((f"{name}.png", "cat") for name in sorted(TEST)))  # fmt: skip
    known = sorted({*NAMES} - TEST)
    for folder, names in (("north", known[::2]), ("south", known[1::2])):
        (tmp_path / f"data/{folder}").mkdir()
        rows = {"file": [f"{one}.png" for one in names]}
        rows |= {"label": [LABELS[one] for one in names]}
        pd.DataFrame(rows).to_excel(tmp_path / f"data/{folder}/list.xlsx", index=False)
    begin(tmp_path)
    made = sorted((tmp_path / "made/tables").rglob("list.csv"))
    assert [one.parent.name for one in made] == ["north", "south"]
    assert [len(pd.read_csv(one)) for one in made] == [9, 9]
