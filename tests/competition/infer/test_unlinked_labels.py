"""Tables of facts on images, where the sample submission asks for what none of them has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

RIVERS, LENSES = ("Elbe", "Main", "Spree"), ("wide", "long")
N_TRAIN, N_TEST = 24, 6


def facts(data: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write photographs, a table with the river and the lens of each, and a sample submission."""
    for n in range(N_TRAIN):
        put(data / f"train/i{n}.png", n)
    for n in range(N_TEST):
        put(data / f"test/t{n}.png", 50 + n)
    known = [(f"i{n}.png", LENSES[n % 5 % 2], RIVERS[n % 7 % 3]) for n in range(N_TRAIN)]
    table(data / "photos.csv", ("photo", "lens", "river"), *known)
    table(data / "sample_submission.csv", header, *rows)


def test_facts_are_no_labels_where_the_rows_to_send_are_not_read(tmp_path: Path) -> None:
    rows = [(f"t{n}", f"{row}{k}", "0") for n in range(N_TEST) for row in "AB" for k in (1, 2)]
    facts(tmp_path / "data", ("photo", "well", "score"), rows)
    with pytest.raises(DataError, match=r"asks for 'well', 'score', with rows as t0,A1,0") as error:
        begin(tmp_path)
    assert "'river' of photos.csv is none" in str(error.value)
    assert "photo, well, score" in str(error.value.fix)
    assert "--label COLUMN" in str(error.value.fix)


def test_facts_are_no_labels_where_other_words_are_sent(tmp_path: Path) -> None:
    facts(tmp_path / "data", ("photo", "answer"), [(f"t{n}", "flood") for n in range(N_TEST)])
    with pytest.raises(DataError, match=r"asks for 'answer', with rows as t0,flood"):
        begin(tmp_path)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (("photo", "river"), [(f"t{n}", "?") for n in range(N_TEST)]),
        (("photo", "answer"), [(f"t{n}", RIVERS[n % 3]) for n in range(N_TEST)]),
        (("photo", "answer"), [(f"t{n}", "0") for n in range(N_TEST)]),
        (("photo", "answer"), [(f"t{n}_river", "x") for n in range(N_TEST)]),
        (("photo", *RIVERS), [(f"t{n}", "0", "0", "1") for n in range(N_TEST)]),
    ],
    ids=["name", "values", "number", "ids", "columns"],
)
def test_a_label_that_the_sample_may_ask_for_is_taken_or_asked_about(
    tmp_path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    facts(tmp_path / "data", header, rows)
    competition, _ = begin(tmp_path)
    assert competition.data.train.label == "river"


DICE = "A avaliação de cada envio é o coeficiente Dice médio das imagens."
NUMBER = [(f"t{n}", "0") for n in range(N_TEST)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DICE, r"LEIAME.md says 'dice', which scores masks, and .* asks for 'answer', with rows as "
         r"t0,0: no mask of an image of train was found\. 'river' of photos.csv is none"),
        ("Submissions are scored by mean IoU.", r"'mean iou', which scores masks"),
        ("Submissions are scored by RMSE.", r"'rmse', which scores numbers, .* no column of such"),
    ],
)  # fmt: skip
def test_a_label_that_the_metric_cannot_score_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    facts(tmp_path / "data", ("photo", "answer"), NUMBER)
    (tmp_path / "data" / "LEIAME.md").write_text(text)
    with pytest.raises(DataError, match=words) as error:
        begin(tmp_path)
    assert "--label COLUMN" in str(error.value.fix)


def test_measures_that_the_metric_cannot_score_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    facts(data, ("photo", "answer"), NUMBER)
    depths = [(f"i{n}.png", f"{3 + 0.37 * n:.2f}") for n in range(N_TRAIN)]
    table(data / "photos.csv", ("photo", "depth"), *depths)
    (data / "README.md").write_text("Bewertet wird mit dem Makro-F1 (macro F1).")
    with pytest.raises(DataError, match="which scores classes"):
        begin(tmp_path)


@pytest.mark.parametrize(
    ("text", "header", "rows"),
    [
        (DICE, ("photo", "river"), [(f"t{n}", "?") for n in range(N_TEST)]),
        (DICE, ("photo", "answer"), [(f"t{n}", RIVERS[n % 3]) for n in range(N_TEST)]),
        (f"{DICE} E também a acurácia (accuracy).", ("photo", "answer"), NUMBER),
        ("Photos of rolling dice, at two lenses.", ("photo", "answer"), NUMBER),
        ("Submissions are scored by accuracy.", ("photo", "answer"), NUMBER),
    ],
    ids=["name", "values", "both", "no scoring", "fits"],
)
def test_a_label_stays_where_the_sample_has_it_or_the_metric_may_score_it(
    tmp_path: Path, text: str, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    facts(tmp_path / "data", header, rows)
    (tmp_path / "data" / "README.md").write_text(text)
    assert begin(tmp_path)[0].data.train.label == "river"


def of_two_files(data: Path, header: Sequence[str], sample: Sequence[str]) -> None:
    """Write a table with a crop and its scene in each row, and two numbers."""
    crops = [f"{chr(97 + n * 7 % 26)}{n * 13 % 89:02}k" for n in range(N_TRAIN)]
    scenes = [f"{chr(97 + n * 5 % 26)}{n * 17 % 83:02}m" for n in range(N_TRAIN // 2)]
    for n, name in enumerate((*crops, *scenes)):
        put(data / f"train/{name}.png", n)
    for n in range(N_TEST):
        put(data / f"test/t{n}.png", 50 + n)
    rows = [(one, scenes[n // 2], str(7 * n % 31), str(5 * n % 23)) for n, one in enumerate(crops)]
    table(data / "train.csv", header, *rows)
    table(data / "sample_submission.csv", sample, *NUMBER)


@pytest.mark.parametrize("names", [("x", "y"), ("left", "top"), ("width_px", "h")])
def test_places_of_one_file_in_another_one_are_no_labels(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    of_two_files(tmp_path / "data", ("crop", "scene", *names), ("scene", "answer"))
    with pytest.raises(DataError):
        begin(tmp_path)


@pytest.mark.parametrize(
    ("names", "sample"),
    [(("x", "rating"), ("crop", "answer")), (("x", "y"), ("crop", "y"))],
    ids=["another column", "asked for"],
)
def test_what_is_no_place_or_is_asked_for_is_a_label(
    tmp_path: Path, names: tuple[str, str], sample: tuple[str, str]
) -> None:
    of_two_files(tmp_path / "data", ("crop", "scene", *names), sample)
    assert begin(tmp_path)[0].data.train.label == names[1]
