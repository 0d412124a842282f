"""Rows of places in images, whose number the sample submission asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

PLACES = {"p00": 3, "p01": 0, "p02": 5, "p03": 1} | {f"p{n:02}": n % 4 for n in range(4, 20)}


def seals(data: Path, column: str, *more: str, name: str = "places.csv") -> None:
    """Write 20 photographs with places of seals, and six to predict."""
    for n in range(26):
        put(data / f"photos/p{n:02}.png", n)
    rows = [
        (f"{photo}.png", 3 * n, 2 * n, *(("adult", "pup")[n % 2] for _ in more))
        for photo, count in PLACES.items()
        for n in range(count)
    ]
    table(data / name, ("photo", "x", "y", *more), *rows)
    table(
        data / "sample_submission.csv",
        ("photo", column),
        *((f"p{n:02}.png", 0) for n in range(20, 26)),
    )


@pytest.mark.parametrize(("column", "name"), [("count", "places.csv"), ("seals", "seals.csv")])
def test_the_number_of_places_is_the_label_and_images_without_any_have_none(
    tmp_path: Path, column: str, name: str
) -> None:
    seals(tmp_path / "data", column, name=name)
    found, notes = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    samples = load_samples(found, "train")
    counts = dict(zip(samples["id"], samples["label"].map(float), strict=True))
    assert counts == {f"{photo}.png": float(count) for photo, count in PLACES.items()}
    assert f"{sum(not n for n in PLACES.values())} images without a row: 0" in notes


def test_a_column_for_each_class_is_the_number_of_its_places(tmp_path: Path) -> None:
    data = tmp_path / "data"
    seals(data, "count", "age")
    rows = [(f"p{n:02}.png", 0, 0) for n in range(20, 26)]
    table(data / "sample_submission.csv", ("photo", "Adult", "Pup"), *rows)
    found, _ = begin(tmp_path)
    assert (str(found.tasks["classify"]), found.classes) == ("multitarget", ["Adult", "Pup"])
    samples = load_samples(found, "train")
    counts = dict(zip(samples["id"], samples["label"].map(tuple), strict=True))
    assert counts["p02.png"] == (3.0, 2.0)
    assert counts["p01.png"] == (0.0, 0.0)


def test_a_number_called_as_one_class_is_the_number_of_its_places(tmp_path: Path) -> None:
    seals(tmp_path / "data", "n_pups", "age")
    found, notes = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    samples = load_samples(found, "train")
    counts = dict(zip(samples["id"], samples["label"].map(float), strict=True))
    # Places are of an adult and of a pup in turn, an adult first.
    assert counts == {f"{photo}.png": float(count // 2) for photo, count in PLACES.items()}
    assert "of 'pup' in age alone" in notes


def test_a_number_that_nothing_calls_a_count_is_asked_for(tmp_path: Path) -> None:
    seals(tmp_path / "data", "biomass")
    with pytest.raises(DataError, match="nothing tells that it is the number of the rows") as error:
        begin(tmp_path)
    assert "write train.csv with the columns photo and biomass" in str(error.value.fix)


@pytest.mark.parametrize("names", [("x_px", "y_px"), ("center_x", "center_y"), ("posX", "pos_y")])
def test_places_may_be_called_by_their_unit_or_as_centres(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    seals(tmp_path / "data", "count")
    file = tmp_path / "data/places.csv"
    file.write_text(file.read_text().replace("photo,x,y", "photo," + ",".join(names)))
    found, _ = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"


def test_images_that_nobody_annotated_are_not_counted_as_empty(tmp_path: Path) -> None:
    data = tmp_path / "data"
    seals(data, "count")
    empty = [photo for photo, count in PLACES.items() if not count]
    bare = set(empty[:2])
    rows = ((f"{photo}.png", "no" if photo in bare else "yes", "north") for photo in PLACES)
    table(data / "photos.csv", ("photo", "annotated", "site"), *rows)
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    assert set(samples["id"]) == {f"{photo}.png" for photo in PLACES} - {f"{x}.png" for x in bare}
    assert f"{len(empty) - 2} images without a row: 0; 2 are left out, as annotated of" in notes


@pytest.mark.parametrize("who", [False, True])
def test_rows_that_repeat_an_image_and_its_class_are_counted_without_places(
    tmp_path: Path, who: bool
) -> None:
    data = tmp_path / "data"
    for n in range(26):
        put(data / f"photos/p{n:02}.png", n)
    counts = {f"p{n:02}.png": {"adult": 2 + n % 3, "pup": 2 + n % 2} for n in range(20)}
    rows = [
        (photo, age, *(["ann"] if who else []))
        for photo, each in counts.items()
        for age, n in each.items()
        for _ in range(n)
    ]
    header = ("photo", "age", *(["who"] if who else []))
    table(data / "animals.csv", header, *rows)
    rows = [(f"p{n:02}.png", 0, 0) for n in range(20, 26)]
    table(data / "sample_submission.csv", ("photo", "adult", "pup"), *rows)
    if who:  # each row may be an answer
        found, _ = begin(tmp_path)
        assert str(found.tasks["classify"]) != "multitarget"
        return
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    assert str(found.tasks["classify"]) == "multitarget"
    read = dict(zip(samples["id"], samples["label"].map(tuple), strict=True))
    assert read == {photo: (each["adult"], each["pup"]) for photo, each in counts.items()}


KINDS = ("adult", "pup")


def boxed_seals(data: Path, *sides: str, grows: bool = True) -> dict[str, tuple[int, int]]:
    """Write 20 photographs with boxes of seals, and a sample with a row a photograph and kind.

    Returns:
        How many of each kind a photograph has.
    """
    for n in range(26):
        put(data / f"photos/p{n:02}.png", n)
    rows = [
        (photo, KINDS[n % 2], 2 * n, n, 2 * n + (3 + n % 2 if grows else n % 3 - 1), 2 * n + 3)
        for photo, count in PLACES.items()
        for n in range(count)
    ]
    table(data / "sides.csv", ("photo", "kind", *sides), *rows)
    sent = ((f"p{n:02}", kind, 0) for n in range(20, 26) for kind in KINDS)
    table(data / "sample_submission.csv", ("photo", "kind", "seals"), *sent)
    return {photo: ((count + 1) // 2, count // 2) for photo, count in PLACES.items()}


@pytest.mark.parametrize("sides", [
    ("xmin", "ymin", "xmax", "ymax"),
    ("gauche", "haut", "droite", "bas"),
    ("links", "oben", "rechts", "unten"),
    ("a", "b", "c", "d"),  # by their numbers
])  # fmt: skip
def test_boxes_are_counted_by_class_where_the_sample_has_a_row_of_each(
    tmp_path: Path, sides: tuple[str, ...]
) -> None:
    expected = boxed_seals(tmp_path / "data", *sides)
    found, _ = begin(tmp_path)
    assert (str(found.tasks["classify"]), found.classes) == ("multitarget", ["adult", "pup"])
    samples = load_samples(found, "train")
    counts = dict(zip(samples["id"], samples["label"].map(tuple), strict=True))
    assert counts == {photo: tuple(map(float, each)) for photo, each in expected.items()}


def test_four_numbers_that_are_no_box_are_asked_for_as_before(tmp_path: Path) -> None:
    boxed_seals(tmp_path / "data", "a", "b", "c", "d", grows=False)
    with pytest.raises(DataError, match="its number may be that of"):
        begin(tmp_path)


HUTS = {"id_a": (2, 0, 1), "id_b": (0, 0, 0), "id_c": (1, 1, 0)} | {
    f"id_{n}": (n % 3, n % 2, 1) for n in range(17)
}


def boxed_huts(data: Path, text: str, *again: str) -> None:
    """Write 20 photographs with boxes of three numbered kinds, two unlisted ones, and a sample."""
    for n, photo in enumerate((*HUTS, "id_new", "id_old", *(f"id_t{n}" for n in range(6)))):
        put(data / f"photos/{photo}.png", n)
    rows = []
    for photo, counts in HUTS.items():
        boxes = [kind for kind, n in enumerate(counts, 1) for _ in range(n)]
        rows += [
            (photo, f'"[{9.0 * n}, 4.0, 8.0, 7.0]"', f"{one}.0") for n, one in enumerate(boxes)
        ]
        rows += [] if boxes else [(photo, "", "")]
    rows += [next(row for row in rows if row[0] == photo) for photo in again]
    table(data / "Train.csv", ("photo", "bbox", "kind_id"), *rows)
    sent = ((f"id_t{n}_{kind}", 0) for n in range(6) for kind in (1, 2, 3))
    table(data / "sample_submission.csv", ("photo", "Target"), *sent)
    (data / "README.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("is_told", [True, False])
def test_boxes_are_counted_by_the_number_behind_the_ids_of_a_sample(
    tmp_path: Path, is_told: bool
) -> None:
    told = "Some boxes were exported twice (identical lines)." * is_told
    text = f"The column Target is how many huts of each kind there are. {told}\n"
    boxed_huts(tmp_path / "data", text, "id_a", "id_c")
    found, notes = begin(tmp_path)
    assert (str(found.tasks["classify"]), found.classes) == ("multitarget", ["1", "2", "3"])
    samples = load_samples(found, "train")
    counts = dict(zip(samples["id"], samples["label"].map(tuple), strict=True))
    # Equal boxes of one kind are one; images that no row lists are not those without huts.
    assert counts == {photo: tuple(map(float, each)) for photo, each in HUTS.items()}
    assert "2 rows that stand twice count once" in notes
    assert [*load_samples(found, "unlabelled")["id"]] == ["id_new", "id_old"]
    assert (found.submission.rows, found.submission.id) == ("image_class", "{id}_{class}")
    assert len(load_samples(found, "test")) == 6


def test_numbers_behind_ids_are_asked_for_where_no_text_counts(tmp_path: Path) -> None:
    boxed_huts(tmp_path / "data", "The column Target is yours to predict.\n")
    with pytest.raises(DataError, match="nothing tells that it is the number of the rows"):
        begin(tmp_path)


def test_rows_without_a_place_are_images_with_none(tmp_path: Path) -> None:
    seals(tmp_path / "data", "count")
    path = tmp_path / "data/places.csv"
    empty = [photo for photo, count in PLACES.items() if not count]
    lines = "".join(f"{photo}.png,,\n" for photo in empty)
    path.write_text(path.read_text("utf-8") + lines, encoding="utf-8")
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    counts = dict(zip(samples["id"], samples["label"].map(float), strict=True))
    assert counts == {f"{photo}.png": float(count) for photo, count in PLACES.items()}
