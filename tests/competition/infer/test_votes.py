"""Several people's labels of an image, of which the commonest counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

NAMES = ("cat", "dog", "fox")
OPINIONS = {
    f"{n:04}": [NAMES[n % 3 * (n > 8)]] * 2 + [NAMES[(n + n % 2) % 3]] for n in range(24)
} | {"0000": ["fox", "cat", "dog"]}
"""By image; the first has a tie, and of the others one person in two errs."""


def animals(data: Path, *rows: tuple[object, ...]) -> None:
    for n in range(30):
        put(data / f"images/{n:04}.jpg", n)
    table(data / "train.csv", *rows)
    table(
        data / "sample_submission.csv",
        ("image", "label"),
        *((f"{n:04}", "cat") for n in range(24, 30)),
    )


def assert_commonest(tmp_path: Path) -> None:
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"].map(lambda n: found.classes[n]), strict=True))
    truth = {name: each[0] for name, each in OPINIONS.items() if name != "0000"}
    assert {name: label for name, label in labels.items() if name != "0000"} == truth
    every = [one for each in OPINIONS.values() for one in each]
    assert labels["0000"] == max(NAMES, key=every.count)
    assert "1 image with a tie" in notes


@pytest.mark.parametrize("person", ["annotator", "Reader", "worker_id"])
def test_rows_of_several_people_become_one_with_the_commonest_label(
    tmp_path: Path, person: str
) -> None:
    rows = [(name, "ABC"[n], one) for name, each in OPINIONS.items() for n, one in enumerate(each)]
    animals(tmp_path / "data", ("image", person, "label"), *rows)
    assert_commonest(tmp_path)


@pytest.mark.parametrize("columns", [
    ("rater_1", "rater_2", "rater_3"), ("label_a", "label_b", "label_c"),
])  # fmt: skip
def test_columns_of_several_people_become_one_with_the_commonest_label(
    tmp_path: Path, columns: tuple[str, ...]
) -> None:
    rows = [(name, *each) for name, each in OPINIONS.items()]
    animals(tmp_path / "data", ("image", *columns), *rows)
    assert_commonest(tmp_path)


def test_marks_by_several_people_are_averaged_where_fractions_are_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    marks = {f"{n:04}": (n % 7, n % 7 + 1.0) for n in range(24)}
    rows = [(name, "AB"[n], one) for name, each in marks.items() for n, one in enumerate(each)]
    animals(data, ("image", "rater", "score"), *rows)
    sent = ((f"{n:04}", 3.5) for n in range(24, 30))
    table(data / "sample_submission.csv", ("image", "score"), *sent)
    samples = load_samples(begin(tmp_path)[0], "train")
    means = dict(zip(samples["id"], samples["label"].map(float), strict=True))
    assert means == {name: sum(each) / 2 for name, each in marks.items()}


def test_rows_that_nobody_is_named_in_are_no_votes(tmp_path: Path) -> None:
    rows = [(name, f"{n}.5", one) for name, each in OPINIONS.items() for n, one in enumerate(each)]
    animals(tmp_path / "data", ("image", "zoom", "label"), *rows)
    assert "stand more than once" in begin(tmp_path)[1]


def test_tables_of_several_people_become_one_with_the_commonest_label(tmp_path: Path) -> None:
    first = [("image", "label"), *((name, each[0]) for name, each in OPINIONS.items())]
    animals(tmp_path / "data", *first)
    (tmp_path / "data/train.csv").unlink()
    (tmp_path / "data/ratings").mkdir()
    for n, who in enumerate(("anna", "ben", "chloe")):
        rows = [(name, each[n]) for name, each in OPINIONS.items()]
        table(tmp_path / "data/ratings" / f"{who}.csv", ("image", "label"), *rows)
    assert_commonest(tmp_path)


@pytest.mark.parametrize("names", [("labels_v1", "labels_v2", "labels_v3"), ("anna", "ben")])
def test_versions_of_a_table_and_two_people_stay_a_question(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    first = [("image", "label"), *((name, each[0]) for name, each in OPINIONS.items())]
    animals(tmp_path / "data", *first)
    (tmp_path / "data/train.csv").unlink()
    (tmp_path / "data/ratings").mkdir()
    for n, who in enumerate(names):
        rows = [(name, each[2 - n]) for name, each in OPINIONS.items()]
        table(tmp_path / "data/ratings" / f"{who}.csv", ("image", "label"), *rows)
    _, notes = begin(tmp_path)
    assert "choose data.train.table" in notes


def test_people_who_each_labelled_every_image_need_no_name(tmp_path: Path) -> None:
    rows = [
        (name, ("Ada", "Bo", "Cem")[n], one)
        for name, each in OPINIONS.items()
        for n, one in enumerate(each)
    ]
    animals(tmp_path / "data", ("image", "Kürzel", "Was siehst du?"), *rows)
    assert_commonest(tmp_path)


def test_names_that_most_of_several_lists_have_are_the_labels(tmp_path: Path) -> None:
    answers = {
        "0000": ["red", "red; blue", "blue; red"],  # blue twice of three
        "0001": ["nothing of these", "nothing of these", "blue"],
        "0002": ["blue; green", "green", "nothing of these"],
        "0003": ["red", "green", "blue"],  # none has two
    }
    answers |= {f"{n:04}": ["green", "green", "blue; green"] for n in range(4, 20)}
    for n in range(26):
        put(tmp_path / "data/images" / f"{n:04}.jpg", n)
    rows = [
        (f"1.3.2026 9:{n:02}", f"pupil {(n + k) % 5}", name, one)
        for n, (name, each) in enumerate(answers.items())
        for k, one in enumerate(each)
    ]
    table(tmp_path / "data/answers.csv", ("Timestamp", "Name", "Photo", "What is there?"), *rows)
    sent = [(f"{n:04}", ("nothing of these", "red; blue")[n % 2]) for n in range(20, 26)]
    table(tmp_path / "data/sample_submission.csv", ("Photo", "answer"), *sent)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert sorted(found.classes) == ["blue", "green", "red"]
    assert found.submission.empty == "nothing of these"
    samples = load_samples(found, "train")
    read = {
        name: {one for one, bit in zip(found.classes, bits, strict=True) if bit}
        for name, bits in zip(samples["id"], samples["label"], strict=True)
    }
    expected: dict[str, set[str]] = {name: {"green"} for name in answers}
    expected |= {"0000": {"red", "blue"}, "0001": set(), "0002": {"green"}, "0003": set()}
    assert read == expected


@pytest.mark.parametrize(
    ("readme", "way"),
    [
        ("The truth is the median of what all volunteers counted.", np.median),
        ("La verdad es la mediana de los voluntarios.", np.median),
        ("The consensus is the mean count of its volunteers. The score is the RMSE.", np.mean),
        ("The score is the root mean squared error of the counts.", np.median),
    ],
)
def test_counts_of_several_people_become_one_as_the_readme_states(
    tmp_path: Path, readme: str, way: Callable[[list[int]], float]
) -> None:
    data = tmp_path / "data"
    counts = {f"{n:04}": [n, n + 1 + n % 3, n + 40] for n in range(24)}
    rows = [(name, f"v{n}", one) for name, each in counts.items() for n, one in enumerate(each)]
    for n in range(30):
        put(data / f"images/{n:04}.jpg", n)
    table(data / "train.csv", ("image", "volunteer", "birds"), *rows)
    sample = ((f"{n:04}", 0) for n in range(24, 30))
    table(data / "sample_submission.csv", ("image", "birds"), *sample)
    (data / "README.md").write_text(readme, encoding="utf-8")
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"], strict=True))
    assert labels == pytest.approx({name: way(each) for name, each in counts.items()})


SPECIES = ("BOMB", "APIS", "ERIS")


def flowers(data: Path, person: str, key: str, people: Callable[[int, int], object]) -> list[str]:
    """Write photographs with a table of files, three votes each; return the species of train."""
    names = [f"DSC{4000 + 7 * n}.jpg" for n in range(40)]
    for n, name in enumerate(names):
        put(data / "photos" / name, n)
    parts = ["test" if n % 4 == 3 else "train" for n in range(40)]
    rows = [(5001 + n, name, f"site {n % 4}", parts[n]) for n, name in enumerate(names)]
    table(data / "photos.csv", ("photo_id", "file", "site", "split"), *rows)
    votes, truth = [], []
    for n, name in enumerate(names):
        if parts[n] == "train":
            own = SPECIES[n * 5 % 7 % 3]
            other = SPECIES[(SPECIES.index(own) + n % 2) % 3]
            for k, one in enumerate((own, other, own)):
                votes.append((name if key == "file" else 5001 + n, people(n, k), one))
            truth.append(own)
    table(data / "votes.csv", (key, person, "code"), *votes)
    table(data / "species.csv", ("code", "latin"), *((one, f"{one} sp.") for one in SPECIES))
    sent = [(5001 + n, 0.3, 0.3, 0.4) for n in range(40) if parts[n] == "test"]
    table(data / "sample_submission.csv", ("photo_id", *SPECIES), *sent)
    return truth


def one_of_many(n: int, k: int) -> str:
    return f"v{(n * 3 + k) % 7:02}"


@pytest.mark.parametrize("label", [None, "code"])
@pytest.mark.parametrize(
    ("person", "key", "people"),
    [
        ("volunteer", "photo_id", one_of_many),
        ("volunteer", "file", one_of_many),
        ("annotator", "photo_id", lambda n, k: 11 + (n + k) % 7),
        ("initials", "photo_id", lambda n, k: ("AB", "CD", "EF")[k]),
    ],
)
def test_votes_for_columns_of_the_sample_become_its_classes(
    tmp_path: Path,
    person: str,
    key: str,
    people: Callable[[int, int], object],
    label: str | None,
) -> None:
    truth = flowers(tmp_path / "data", person, key, people)
    found, notes = begin(tmp_path, label)
    assert found.data.train is not None
    assert (found.tasks, found.data.train.label) == ({"classify": "multiclass"}, "code")
    assert found.classes == list(SPECIES)
    samples = load_samples(found, "train")
    by_id = samples.assign(id=samples["id"].astype(str)).sort_values("id")
    assert [found.classes[n] for n in by_id["label"]] == truth
    assert "votes.csv (" not in notes


def test_columns_of_people_hold_the_classes_that_the_sample_has_columns_for(tmp_path: Path) -> None:
    rows = [(name, *each) for name, each in OPINIONS.items()]
    animals(tmp_path / "data", ("image", "rater_1", "rater_2", "rater_3"), *rows)
    sent = [(f"{n:04}", 0.2, 0.3, 0.5) for n in range(24, 30)]
    table(tmp_path / "data/sample_submission.csv", ("image", *NAMES), *sent)
    assert_commonest(tmp_path)


def test_labels_of_an_image_that_never_repeat_are_no_votes(tmp_path: Path) -> None:
    pairs = [(name, each) for n in range(24) for name, each in [(f"{n:04}", NAMES[n % 3 :][:2])]]
    rows = [(name, "AB"[k], one) for name, each in pairs for k, one in enumerate(each)]
    animals(tmp_path / "data", ("image", "source", "label"), *rows)
    sent = [(f"{n:04}", 0.2, 0.3, 0.5) for n in range(24, 30)]
    table(tmp_path / "data/sample_submission.csv", ("image", *NAMES), *sent)
    assert "commonest" not in begin(tmp_path)[1]


def test_the_id_of_the_sample_is_no_label_though_it_holds_numbers(tmp_path: Path) -> None:
    flowers(tmp_path / "data", "volunteer", "photo_id", one_of_many)
    (tmp_path / "data/votes.csv").unlink()
    try:
        found, _ = begin(tmp_path)
    except DataError:
        return
    assert found.data.train is not None
    assert found.data.train.label != "photo_id"
