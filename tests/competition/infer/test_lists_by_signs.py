"""Lists of labels by signs that also stand in names, and the word for an image without any."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from competition.infer.test_odd_labels import begin, put, table
from layouts.judging import readings_of

from podium.competition.infer.labels.columns import SampleHints, find_labels
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

NAMES = ["fold", "mould", "stain", "tear"]
SETS = [one for k in range(1, 4) for one in combinations(NAMES, k)]
SIGNS = ["+", " + ", "/", " / ", "-", "&", "_", " and ", " und ", " et ", ", "]
SIGNS += ["、", "，", "；", "、 ", "،", "・", "＋", "~", "::", " → "]


def found_in(cells: Sequence[str], expected: Sequence[str] = ("damage",)) -> InferredLabels:
    rows = pd.DataFrame({"print": [f"p{n}" for n in range(len(cells))], "damage": list(cells)})
    labels = find_labels(rows, ["print"], SampleHints(list(expected)))
    assert labels is not None
    return labels


@pytest.mark.parametrize("sign", SIGNS)
def test_names_that_are_cells_elsewhere_are_lists_by_any_sign(sign: str) -> None:
    found = found_in([sign.join(one) for one in SETS * 3])
    assert str(found.kind) == "multilabel"
    assert (found.classes, found.separator, found.none) == (NAMES, sign, "")


@pytest.mark.parametrize(
    "cells",
    [
        ["red-winged", "rusty-sided", "red", "blue-winged", "blue"],
        ["1/2", "1/4", "3/4", "1"],
        ["2024-05-01", "2024-05-02", "2024-06-01"],
        ["VG", "VG+", "NM", "G", "G+"],
        ["0", "1-5", "6-20", "21-50", "500+"],
        ["and", "rock and roll", "jazz"],
        ["r", "+", "1", "2"],
        ["frog_eye", "leaf_spot", "rust", "eye_spot"],
        ["d'or", "d'argent", "or", "argent", "d"],
        ["10:30", "10:45", "11:00"],
        ["うさぎ、白", "うさぎ、黒", "きつね"],
    ],
    ids=lambda cells: cells[0],
)
def test_names_with_a_sign_are_no_lists(cells: list[str]) -> None:
    found = found_in(cells * 6)
    assert (found.separator, found.as_lists) == (None, None)
    assert str(found.kind) == "multiclass"


@pytest.mark.parametrize(
    ("cells", "sign", "names"),
    [
        (["red", "white", "red-white"], "-", ["red", "white"]),
        (["1", "2", "3", "1-2", "2-3", "1-3"], "-", ["1", "2", "3"]),
        (["1", "2", "3", "1/2", "2/3", "1/3"], "/", ["1", "2", "3"]),
        (["1", "2", "3", "1:2", "2:3", "1:3"], ":", ["1", "2", "3"]),
        (["light", "heavy", "light and heavy"], " and ", ["heavy", "light"]),
        (["cat", "dog", "fox", "cat+dog"], "+", ["cat", "dog", "fox"]),
    ],
    ids=lambda one: "".join(one[-1:]),
)
def test_few_lists_and_numbers_may_be_names_as_well(
    cells: list[str], sign: str, names: list[str]
) -> None:
    found = found_in(cells * 6)
    assert str(found.kind) == "multiclass"
    assert found.as_lists == (sign, names)


@pytest.mark.parametrize("word", ["none", "OK", "RAS", "intact", "healthy", "keine", "n/a damage?"])
def test_a_name_beside_no_other_is_taken_for_none_by_its_word_alone(word: str) -> None:
    lists = [" + ".join(one) for one in SETS * 3]
    found = found_in([*lists, *[word] * 9])
    assert found.none == word
    is_word = word != "n/a damage?"
    assert found.classes == (NAMES if is_word else sorted([*NAMES, word]))
    assert not found.is_none_sure
    assert found_in([*lists, *[word] * 9, f"fold + {word}"]).none == ""


def test_a_rare_class_is_no_word_for_none() -> None:
    """Five rows of six have one name alone, so that three such rows of a class show nothing."""
    single = [name for name in NAMES for _ in range(20)]
    pairs = [f"{one}+{other}" for one, other in combinations(NAMES, 2)]
    found = found_in([*single, *pairs, *pairs, *["burn"] * 3])
    assert (found.classes, found.none) == (["burn", *NAMES], "")


def test_a_sample_with_a_column_for_all_names_but_one_shows_that_it_is_none() -> None:
    cells = [*("+".join(one) for one in SETS * 3), *["none"] * 9]
    found = found_in(cells, NAMES)
    assert (found.classes, found.none, found.is_none_sure) == (NAMES, "none", True)
    assert found_in(cells, [*NAMES, "none"]).classes == sorted([*NAMES, "none"])


def prints(root: Path, sign: str, none: str, sent: Sequence[str]) -> list[tuple[str, ...]]:
    """Write prints with their damages; return these."""
    damages = [*SETS, *SETS, (), (), ()]
    rows = [(f"p{n:02}", sign.join(one) or none) for n, one in enumerate(damages)]
    for n in range(len(damages) + len(sent)):
        put(root / f"data/{'train' if n < len(damages) else 'test'}/p{n:02}.png", n)
    table(root / "data/train.csv", ("print", "damage"), *rows)
    to_send = ((f"p{n:02}", cell) for n, cell in enumerate(sent, len(damages)))
    table(root / "data/sample_submission.csv", ("print", "damage"), *to_send)
    return damages


@pytest.mark.parametrize(("sign", "none"), [("+", "RAS"), (" ", "none"), (" / ", "OK")])
def test_the_word_for_none_is_a_question_whose_readings_both_work(
    tmp_path: Path, sign: str, none: str
) -> None:
    damages = prints(tmp_path, sign, none, [none] * 4)
    found, notes = begin(tmp_path)
    assert found.to_choose == ["classes", "submission.empty"]
    assert "write the host's word" not in notes
    text = (tmp_path / "competition.yaml").read_text()
    offered, document = readings_of(text), yaml.safe_load(text)
    del document["to_choose"]
    for with_word in (False, True):
        if with_word:
            document["classes"] = offered["classes"][-1]
            document["submission"]["empty"] = offered["submission.empty"][-1]
        spec = Competition.model_validate(document).at(tmp_path)
        names = sorted([*NAMES, none]) if with_word else NAMES
        assert spec.classes == names
        truth = [one or ((none,) if with_word else ()) for one in damages]
        bits = np.array([[name in one for name in names] for one in truth], dtype=np.uint8)
        assert np.array_equal(np.stack(list(load_samples(spec, "train")["label"])), bits)
        ids = list(load_samples(spec, "test")["id"])
        sent = write_submission(tmp_path / "sent.csv", spec, ids, None, bits[[0, 9, 28, 30]])
        assert check(sent, spec) == []
        cells = [line.partition(",")[2] for line in sent.read_text().splitlines()[1:]]
        named = [[name for name in names if name in truth[n]] for n in (0, 9, 28, 30)]
        assert cells == [sign.join(one) or none for one in named]


def test_few_lists_are_a_question_whose_second_reading_works(tmp_path: Path) -> None:
    cells = ["red", "white", "red/white", "none"]
    for n in range(28):
        put(tmp_path / f"data/{'train' if n < 24 else 'test'}/{n}.png", n)
    table(tmp_path / "data/train.csv", ("id", "colour"), *((n, cells[n % 4]) for n in range(24)))
    rows = ((n, "none") for n in range(24, 28))
    table(tmp_path / "data/sample_submission.csv", ("id", "colour"), *rows)
    text = infer(tmp_path / "data", tmp_path).text
    offered, document = readings_of(text), yaml.safe_load(text)
    assert document["classes"] == sorted(cells)
    for key in document.pop("to_choose"):
        section, _, name = key.partition(".")
        if name:
            document[section][name] = offered[key][0]
        else:
            document[section] = offered[key][0]
    spec = Competition.model_validate(document).at(tmp_path)
    assert (spec.kind, spec.classes) == ("multilabel", ["red", "white"])
    labels = np.stack(list(load_samples(spec, "train")["label"]))
    assert np.array_equal(labels[:4], [[1, 0], [0, 1], [1, 1], [0, 0]])
    ids = list(load_samples(spec, "test")["id"])
    sent = write_submission(tmp_path / "sent.csv", spec, ids, None, labels[:4])
    assert [line.partition(",")[2] for line in sent.read_text().splitlines()] == ["colour", *cells]


def test_a_known_competition_keeps_its_class_of_nothing(tmp_path: Path) -> None:
    """The classes of Plant Pathology 2021 are six, and healthy is one of them."""
    names = ["complex", "frog_eye_leaf_spot", "powdery_mildew", "rust", "scab"]
    cells = ["healthy", *names, "rust complex", "scab rust", "scab complex", "powdery_mildew rust"]
    cells += ["frog_eye_leaf_spot rust", "scab frog_eye_leaf_spot"]
    for n in range(40):
        put(tmp_path / f"data/{'train' if n < 36 else 'test'}/{n}.jpg", n)
    rows = ((f"{n}.jpg", cells[n % 12]) for n in range(36))
    table(tmp_path / "data/train.csv", ("image", "labels"), *rows)
    sent = ((f"{n}.jpg", "healthy") for n in range(36, 40))
    table(tmp_path / "data/sample_submission.csv", ("image", "labels"), *sent)
    found = infer(tmp_path / "data", tmp_path, slug="plant-pathology-2021-fgvc8")
    assert found.competition.classes == sorted([*names, "healthy"])
    assert found.competition.to_choose == []
    asked = infer(tmp_path / "data", tmp_path)
    assert asked.competition.to_choose == ["classes", "submission.empty"]


def test_train_with_a_word_for_none_is_read_where_files_have_a_column_a_class(
    tmp_path: Path,
) -> None:
    prints(tmp_path, "+", "none", ["x"])
    damages = [*SETS, *SETS, (), (), ()]
    sample = tmp_path / "data/sample_submission.csv"
    table(sample, ("print", *NAMES), (f"p{len(damages):02}", 0.5, 0.5, 0.5, 0.5))
    found, _ = begin(tmp_path)
    assert (found.classes, found.to_choose) == (NAMES, [])
    labels = np.stack(list(load_samples(found, "train")["label"]))
    assert np.array_equal(labels, [[name in one for name in NAMES] for one in damages])


@pytest.mark.parametrize(
    ("text", "with_word"),
    [
        ("The damages are tear, mould, fold and stain; a print without any is `none`.", False),
        ("- tear: torn\n- mould: wet\n- fold: bent\n- stain: dirty\n\n`none` is no damage.", False),
        ("A print has tear, mould, fold, stain or none.", True),
        ("- none: fine\n- tear: torn\n- mould: wet\n- fold: bent\n- stain: dirty", True),
        ("Prints may have tear or mould, fold, and more.", None),
    ],
)
def test_a_list_of_the_classes_shows_whether_the_word_is_one(
    tmp_path: Path, text: str, with_word: bool | None
) -> None:
    prints(tmp_path, " ", "none", ["none"] * 4)
    (tmp_path / "data/README.md").write_text(f"# Prints\n\n{text}\n\nScore: macro F1.\n")
    found = infer(tmp_path / "data", tmp_path).competition
    assert found.to_choose == ([] if with_word is False else ["classes", "submission.empty"])
    assert found.classes == (sorted([*NAMES, "none"]) if with_word else NAMES)
    assert found.submission.empty == ("" if with_word else "none")


def test_a_table_of_the_classes_shows_that_the_word_is_none(tmp_path: Path) -> None:
    prints(tmp_path, "+", "OK", ["OK"] * 4)
    rows = ((name, name.upper()) for name in NAMES)
    table(tmp_path / "data/codes.csv", ("code", "meaning"), *rows)
    found = infer(tmp_path / "data", tmp_path).competition
    assert (found.classes, found.submission.empty, found.to_choose) == (NAMES, "OK", [])


def test_a_blank_cell_of_the_sample_beside_a_word_of_train_is_a_question(tmp_path: Path) -> None:
    prints(tmp_path, "+", "none", ["", "fold", "fold+tear", ""])
    (tmp_path / "data/README.md").write_text("The damages are tear, mould, fold and stain.\n")
    found = infer(tmp_path / "data", tmp_path)
    assert (found.competition.classes, found.competition.to_choose) == (NAMES, ["submission.empty"])
    assert "the sample has blank cells" in " ".join(found.text.replace("#", " ").split())


@pytest.mark.parametrize(("word", "is_none"), [("-", True), ("0", True), ("7", False)])
def test_a_sign_or_a_zero_beside_no_other_name_is_taken_for_none(word: str, is_none: bool) -> None:
    found = found_in([*("+".join(one) for one in SETS * 3), *[word] * 9])
    assert (found.none, word not in found.classes) == (word, is_none)


def test_a_dictionary_with_the_word_for_none_leaves_the_question(tmp_path: Path) -> None:
    prints(tmp_path, "+", "none", ["none"] * 4)
    rows = ((name, name.upper()) for name in (*NAMES, "none"))
    table(tmp_path / "data/codes.csv", ("code", "meaning"), *rows)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.classes == sorted([*NAMES, "none"])
    assert found.competition.to_choose == ["classes", "submission.empty"]
    assert readings_of(found.text)["classes"][-1] == NAMES
