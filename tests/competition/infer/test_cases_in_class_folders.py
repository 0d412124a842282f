"""Cases of several images in class folders: pots of a kiln, of which each may have an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.workflows.initialising import init_workspace
from tests.competition.infer.test_odd_labels import begin, put, table

POTS = [f"pot-{101 + n}" for n in range(36)]
KNOWN, ASKED = POTS[:24], POTS[24:]
SIDES = ("front", "back", "top")


def fired(
    data: Path, *, place: str = "test", learnt: str = "train", n: int = 3, text: str = ""
) -> None:
    """Write `n` photographs of each pot, those of known ones in class folders."""
    for k, pot in enumerate(POTS):
        where = f"{learnt}/{('sound', 'cracked')[k % 2]}" if pot in KNOWN else place
        for side in SIDES[:n]:
            put(data / f"{where}/{pot}/{side}.png", 10 * k + SIDES.index(side))
    if text:
        (data / "rules.txt").write_text(text)


def units(found: Competition) -> tuple[set[str], set[str]]:
    each = (load_samples(found, part)["unit"] for part in ("train", "test"))
    known, asked = map(set, each)
    return known, asked


def test_an_answer_of_an_image_or_a_case_is_a_question_where_no_text_states_it(
    tmp_path: Path,
) -> None:
    fired(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.to_choose == ["data.train.unit", "data.test.unit"]
    file = tmp_path / "competition.yaml"
    text = file.read_text()
    assert text.count("# or unit: folder") == 2
    assert text.count("(12 folders of 36 images to predict)") == 2
    assert len(load_samples(found, "test")) == 36
    assert load_samples(found, "test")["unit"].is_unique
    # What is offered is read as it stands there.
    file.write_text(text.replace("unit: null", "unit: folder").replace("to_choose", "# to_choose"))
    chosen = Competition.model_validate(yaml.safe_load(file.read_text())).at(tmp_path)
    assert units(chosen) == (set(KNOWN), set(ASKED))


@pytest.mark.parametrize("text", [
    "Submit a CSV with one row per trial.",
    "The file to send has one line for each folder, with its class.",
    "Send 12 rows and a header.",
    "Die Abgabe hat eine Zeile je Versuch.",
    "Le rendu : une ligne par essai à prédire.",
    "Envío: una fila por caso.",
])  # fmt: skip
def test_a_text_that_has_a_row_for_each_case_answers_it(tmp_path: Path, text: str) -> None:
    fired(tmp_path / "data", text=text)
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    assert (found.data.train.unit, found.folds.group) == ("folder", "folder")
    assert units(found) == (set(KNOWN), set(ASKED))


@pytest.mark.parametrize("text", [
    "Submit one row per image of a trial.",
    "Send one row for each test photo.",
    "Send 36 rows.",
    "Die Abgabe hat eine Zeile pro Bild.",
])  # fmt: skip
def test_a_text_that_has_a_row_for_each_image_answers_it(tmp_path: Path, text: str) -> None:
    fired(tmp_path / "data", text=text)
    found, _ = begin(tmp_path)
    assert (found.to_choose, found.data.train.unit) == ([], None)


@pytest.mark.parametrize("text", [
    "Submit one row per prediction.",
    "The log of train has one row per trial.",
    "Submit one row per trial. The answers have one row per image.",
    "The kiln was built of 12 rows of bricks.",
])  # fmt: skip
def test_a_text_that_states_neither_leaves_the_question(tmp_path: Path, text: str) -> None:
    fired(tmp_path / "data", text=text)
    found, _ = begin(tmp_path)
    assert found.to_choose == ["data.train.unit", "data.test.unit"]


def test_folders_of_one_image_are_no_cases(tmp_path: Path) -> None:
    fired(tmp_path / "data", n=1)
    found, _ = begin(tmp_path)
    assert (found.to_choose, found.data.train.unit) == ([], None)


def test_where_the_sample_has_a_row_for_each_image_nothing_is_asked(tmp_path: Path) -> None:
    fired(tmp_path / "data", text="Submit one row per trial.")
    rows = [(f"{pot}/{side}.png", "sound") for pot in ASKED for side in SIDES]
    table(tmp_path / "data/sample_submission.csv", ("image", "state"), *rows)
    found, _ = begin(tmp_path)
    assert (found.to_choose, found.data.train.unit) == ([], None)


@pytest.mark.parametrize("learnt", ["train", "graded"])
def test_cases_in_the_one_folder_beside_those_in_class_folders_are_to_be_predicted(
    tmp_path: Path, learnt: str
) -> None:
    fired(tmp_path / "data", place="shelf", learnt=learnt, text="Submit one row per trial.")
    found, notes = begin(tmp_path)
    assert found.to_choose == ["data.test"]
    assert "# or test: null" in (tmp_path / "competition.yaml").read_text()
    assert "shelf is taken for the images to predict" in notes
    assert units(found) == (set(KNOWN), set(ASKED))
    assert found.classes == ["cracked", "sound"]


def test_folders_of_words_beside_class_folders_are_not_to_be_predicted(tmp_path: Path) -> None:
    fired(tmp_path / "data", place="shelf", learnt="graded")
    for n, pot in enumerate(ASKED):
        for file in (tmp_path / "data/shelf" / pot).iterdir():
            put(tmp_path / f"data/shelf/{('vase', 'bowl')[n % 2]}/{pot}-{file.name}", n)
            file.unlink()
    with pytest.raises(DataError):
        init_workspace(tmp_path / "data", tmp_path / "ws")
