"""Samples with a column for each place of a ranking: read, written, read back, checked."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.labels.cells import are_codes
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.reading import read_labels
from podium.submissions.format.spec import format_of
from podium.submissions.format.writing import write_submission
from podium.workflows.checking import check_format
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 40, 46
CODES = ("4.1", "4.10", "4.2", "5.1", "5.10")
NAMES = ("ash", "elm", "oak, red", "pine tree", "yew")
TEST = [f"t{n:02}.png" for n in range(N_TRAIN, N)]


def begun(root: Path, labels: Sequence[str], columns: Sequence[str], text: str = "") -> Competition:
    data = root / "data"
    for n in range(N):
        put(data / ("train" if n < N_TRAIN else "test") / f"t{n:02}.png", n)
    rows = [(f"t{n:02}.png", labels[n * 3 % len(labels)]) for n in range(N_TRAIN)]
    with (data / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "species"), *rows])
    with (data / "sample_submission.csv").open("w", newline="") as file:
        csv.writer(file).writerow(("file", *columns))
        csv.writer(file).writerows((one, *labels[: len(columns)]) for one in TEST)
    (data / "README.md").write_text(text)
    return begin(root)[0]


@pytest.mark.parametrize("labels", [CODES, NAMES], ids=["codes", "names"])
@pytest.mark.parametrize(
    "columns", [("species_1", "species_2", "species_3"), ("guess1", "guess2")], ids=len
)
def test_the_places_of_a_ranking_have_a_column_each(
    tmp_path: Path, labels: Sequence[str], columns: Sequence[str]
) -> None:
    found = begun(tmp_path, labels, columns)
    assert (found.tasks, found.to_choose) == ({"classify": "multiclass"}, [])
    assert sorted(found.classes) == sorted(labels)
    assert (found.submission.value, found.submission.k) == ("topk", len(columns))
    ranking = np.array([np.random.default_rng(n).permutation(5)[: len(columns)] for n in range(6)])
    ranking[1, 1:] = -1
    file = write_submission(tmp_path / "sent.csv", found, TEST, None, ranking)
    with file.open(newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["file", *columns]
    expected = [
        [one, *("" if k < 0 else found.classes[k] for k in each)]
        for one, each in zip(TEST, ranking.tolist(), strict=True)
    ]
    assert rows == expected
    assert check(file, found) == []
    wanted = expected_of_ids(format_of(found), TEST)
    np.testing.assert_array_equal(read_labels(file, wanted), ranking)


def test_a_word_of_the_sample_for_none_of_the_classes_is_told_and_leaves_the_ranking(
    tmp_path: Path,
) -> None:
    columns = ("guess1", "guess2", "guess3")
    begun(tmp_path, CODES, columns)
    sample = tmp_path / "data/sample_submission.csv"
    plain = sample.read_text()
    sample.write_text(plain.replace("4.2", "new_rock"))
    found, notes = begin(tmp_path)
    assert (found.submission.value, found.submission.k) == ("topk", 3)
    assert sorted(found.classes) == sorted(CODES)
    assert "'new_rock' is no species of train" in notes
    assert "write open_set: new_rock" in notes
    # Two words that train lacks are no such word.
    sample.write_text(plain.replace("4.2", "new_rock").replace("4.10", "old_rock"))
    found, notes = begin(tmp_path)
    assert found.submission.value != "topk" or found.to_choose


def test_a_text_names_the_precision_at_three(tmp_path: Path) -> None:
    columns = ("species_1", "species_2", "species_3")
    found = begun(tmp_path, NAMES, columns, "Scoring: MAP@3 over the test images.")
    assert (found.metric.name, found.metric.options) == ("map_at_k", {"k": 3})


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (("4.1", "", "4.2"), "species_2 is blank before another answer"),
        (("4.1", "4.3", "4.2"), "unknown classes: '4.3'"),
        (("4.1 4.2", "", ""), "an answer has ' ' in it"),
        (("4.1", "4.1", "4.2"), "lists with an answer twice"),
    ],
)
def test_a_bad_ranking_is_told_with_its_line(
    tmp_path: Path, cells: Sequence[str], message: str
) -> None:
    found = begun(tmp_path, CODES, ("species_1", "species_2", "species_3"))
    rows = [(one, "4.1", "4.2", "5.1") for one in TEST]
    rows[2] = (TEST[2], *cells)
    table(tmp_path / "sent.csv", ("file", "species_1", "species_2", "species_3"), *rows)
    found_in = check(tmp_path / "sent.csv", found)
    [problem] = [one for one in found_in if "lines end with" not in one.message]
    assert problem.line == 4
    assert message in problem.message


@pytest.mark.parametrize(
    "columns", [("ash", "elm", "yew"), ("species_2", "species_3"), ("a1", "b2")]
)
def test_other_columns_are_no_places(tmp_path: Path, columns: Sequence[str]) -> None:
    try:
        found = begun(tmp_path, NAMES, columns)
    except DataError:
        return
    assert found.submission.value != "topk"


def test_the_places_are_as_many_as_k(tmp_path: Path) -> None:
    found = begun(tmp_path, CODES, ("species_1", "species_2", "species_3"))
    data = found.model_dump(mode="json", exclude_unset=True)
    data["submission"]["k"] = 2
    with pytest.raises(DataError, match=r"file\.ranked of 3 columns"):
        format_of(Competition.model_validate(data).at(found.root))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["4.1", "4.10", "4.2"] * 9, True),
        (["4.10", "4.20", "4.25"] * 9, False),  # numbers of two digits each
        (["4.1", "4.2", "4.3"] * 9, False),
        (["5", "5.0", "4.5"] * 9, False),  # a number is written in two ways
        ([f"{n / 7:.3f}" for n in range(27)], False),
    ],
)
def test_codes_look_like_numbers(cells: list[str], expected: bool) -> None:
    import pandas as pd

    assert are_codes(pd.Series(cells, dtype=object)) is expected


def test_classes_of_a_ranking_may_stand_in_a_list_without_header(tmp_path: Path) -> None:
    begun(tmp_path, CODES, ("guess_1", "guess_2", "guess_3"))
    data = tmp_path / "data"
    rows = [line.split(",") for line in (data / "train.csv").read_text().splitlines()[1:]]
    (data / "train.csv").unlink()
    (data / "list_species.txt").write_text("".join(f"{a}   {b}\n" for a, b in rows))
    found, _ = begin(tmp_path)
    assert (found.submission.value, found.submission.k) == ("topk", 3)
    assert found.submission.file.ranked == ["guess_1", "guess_2", "guess_3"]


def test_the_only_metric_of_rankings_in_a_text_is_taken_with_its_places(tmp_path: Path) -> None:
    texts = {
        "We report top-3 accuracy.": ("top_k_accuracy", 3),
        "Top 3 classification error is shown.": ("top_k_error", 3),
        "Wir zeigen die Top-3-Genauigkeit.": ("top_k_accuracy", 3),
        "Accuracy@3 is shown.": ("top_k_accuracy", 3),
        "We show top-1 accuracy, and top-3 accuracy.": ("map_at_k", 3),  # two
        "A plain network has top-1 accuracy of 60 %.": ("map_at_k", 3),  # of other places
    }
    for n, (text, expected) in enumerate(texts.items()):
        found = begun(tmp_path / str(n), CODES, ("guess_1", "guess_2", "guess_3"), text)
        assert (found.metric.name, found.metric.options["k"]) == expected, text


def test_a_sample_may_have_the_columns_of_the_ranking_itself(tmp_path: Path) -> None:
    columns = ("guess_1", "guess_2", "guess_3")
    found = begun(tmp_path, NAMES, columns)
    text = (tmp_path / "competition.yaml").read_text()
    made = str(found.submission.sample)
    (tmp_path / "competition.yaml").write_text(text.replace(made, "data/sample_submission.csv"))
    found = load_competition(tmp_path)
    assert [one for one in check_format(found) if one.level == "error"] == []
    sample = tmp_path / "data/sample_submission.csv"
    sample.write_text(sample.read_text().replace("ash", "birch"))
    assert any("birch" in f"{one.detail}{one.items}" for one in check_format(found))


def test_columns_of_places_are_named_with_the_form_of_a_ranking(tmp_path: Path) -> None:
    found = begun(tmp_path, NAMES, ("guess_1", "guess_2", "guess_3"))
    spec = {"sample": "data/sample_submission.csv", "value": "prob"}
    submission = type(found.submission).model_validate(spec)
    plain = found.model_copy(update={"submission": submission}).at(tmp_path)
    [problem] = check_format(plain)
    assert "file: {ranked: [guess_1, guess_2, guess_3]}" in problem.fix
