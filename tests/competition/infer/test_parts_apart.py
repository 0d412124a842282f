"""No image is both in train and to be predicted, whatever table or list names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError


def files(found: Competition, part: str) -> set[str]:
    images = load_samples(found, part)["images"]  # type: ignore[arg-type]
    return {str(path).removeprefix("data/") for (path,) in images}


def draw(data: Path, labels: str = "cccddd") -> list[tuple[str, str]]:
    """Draw images of train and of validation; return a row of path and label for each."""
    rows = []
    for part, n in (("train", 3), ("val", 1)):
        for place, label in enumerate(labels * n):
            path = f"{part}/{label}/{part}_{place}.png"
            put(data / f"top/{path}", len(rows))
            rows.append((path, label))
    return rows


def test_a_table_of_train_leaves_out_the_validation_that_is_to_be_predicted(
    tmp_path: Path,
) -> None:
    rows = draw(tmp_path / "data")
    header = ("path", "noisy_labels_0", "is_valid")
    cells = [(*row, str(row[0].startswith("val"))) for row in rows]
    table(tmp_path / "data/top/noisy.csv", header, *cells)
    found, notes = begin(tmp_path)
    assert files(found, "train") == {f"top/{path}" for path, _ in rows[:18]}
    assert files(found, "test") == {f"top/{path}" for path, _ in rows[18:]}
    assert "without the rows of 6 images that are to be predicted" in notes


def test_train_that_has_one_class_without_the_images_to_predict_is_refused(tmp_path: Path) -> None:
    rows = draw(tmp_path / "data")
    cells = [(path, "cat" if path.startswith("train") else "dog") for path, _ in rows]
    table(tmp_path / "data/top/noisy.csv", ("path", "label"), *cells)
    with pytest.raises(DataError, match=r"6 images of train .* are to be predicted, too"):
        begin(tmp_path)


@pytest.mark.parametrize("has_whole", [True, False])
def test_lists_of_each_class_are_parts_of_one_list(tmp_path: Path, has_whole: bool) -> None:
    data, every = tmp_path / "data", dict[str, list[str]]()
    for place, label in enumerate(("jumping", "riding_a_bike", "waving")):
        for part, numbers in (("train", range(1, 7)), ("test", range(7, 10))):
            names = [f"{label}_{n:03}.png" for n in numbers]
            for n, name in zip(numbers, names, strict=True):
                put(data / f"images/{name}", 20 * place + n)
            every.setdefault(part, []).extend(names)
            (data / "splits").mkdir(exist_ok=True)
            (data / f"splits/{label}_{part}.txt").write_text("\n".join(names))
    for part, names in every.items() if has_whole else ():
        (data / f"splits/{part}.txt").write_text("\n".join(names))
    found, _ = begin(tmp_path)
    assert files(found, "train") == {f"images/{one}" for one in every["train"]}
    assert files(found, "test") == {f"images/{one}" for one in every["test"]}


def test_a_mark_of_tests_in_the_tables_of_both_parts_is_no_split(tmp_path: Path) -> None:
    data, paths = tmp_path / "data", dict[str, list[str]]()
    for part, n_images in (("train", 24), ("val", 8)):
        paths[part] = [f"{part}/{n}.png" for n in range(n_images)]
        for n, path in enumerate(paths[part]):
            put(data / path, n + 50 * (part == "val"))
        rows = [(path, "abc"[n % 3], n % 4 == 0) for n, path in enumerate(paths[part])]
        table(data / f"label_{part}.csv", ("file", "race", "service_test"), *rows)
    found, notes = begin(tmp_path)
    assert (files(found, "train"), files(found, "test")) == (set(paths["train"]), set(paths["val"]))
    assert found.classes == ["a", "b", "c"]
    assert "without service_test" in notes
