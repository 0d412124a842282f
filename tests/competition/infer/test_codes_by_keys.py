"""Codes of a legend for what a second table says of keys, which are several columns together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

WORDS = ("prime", "good", "fair")
FARMS = ("north", "east", "hill", "shore")
EACH, N_TEST = 9, 12  # pears of a farm; photos to predict


def pears(
    data: Path,
    codes: Mapping[str, str],
    *,
    in_test: bool = False,
    header: tuple[str, ...] = (),
) -> dict[str, tuple[str, str]]:
    """Write photos of pears that are numbered on each farm; return code and pear of each photo.

    Args:
        data: the folder.
        codes: that of each word.
        in_test: whether rows to predict have the word, too.
        header: of the sample, if it has one.
    """
    photos, ledger, truth = list[tuple[object, ...]](), list[tuple[object, ...]](), {}
    for n in range(len(FARMS) * EACH):
        farm, pear, word = FARMS[n % 4], n // 4 + 1, WORDS[(n * 5 + n // 7) % 3]
        ledger.append((farm, pear, 250 + 7 * n, word, "bruised" if n % 6 == 1 else ""))
        for side in range(1 + n % 3):
            photo = f"{farm[0]}{pear}{'abc'[side]}.jpg"
            photos.append((photo, n % 5, farm, pear, side + 1))
            put(data / "train" / photo, 3 * n + side)
            truth[photo] = (codes[word], f"{farm}_{pear}")
    for n in range(N_TEST):
        put(data / "test" / f"t{n:02}.jpg", n)
    table(data / "photos_train.csv", ("photo", "day", "farm", "pear", "side"), *photos)
    extra = ("verdict",) if in_test else ()
    rows = ((f"t{n:02}.jpg", n % 5, *(WORDS[n % 3] for _ in extra)) for n in range(N_TEST))
    table(data / "photos_test.csv", ("photo", "day", *extra), *rows)
    table(data / "ledger.csv", ("farm", "pear", "grams", "verdict", "remark"), *ledger)
    table(data / "boxes.csv", ("code", "verdict", "box"), *(
        (code, word, ["red", "white", "blue"][n]) for n, (word, code) in enumerate(codes.items())
    ))  # fmt: skip
    sent = [(f"t{n:02}.jpg", next(iter(codes.values()))) for n in range(N_TEST)]
    table(data / "sample_submission.csv", *([header] if header else []), *sent)
    return truth


@pytest.mark.parametrize("codes", [("0", "1", "2"), ("A", "B", "C"), ("3", "7", "9")])
@pytest.mark.parametrize("header", [(), ("photo", "code"), ("photo", "label")])
def test_the_code_of_what_a_ledger_has_for_a_pear_is_the_label(
    tmp_path: Path, codes: tuple[str, ...], header: tuple[str, ...]
) -> None:
    truth = pears(tmp_path / "data", dict(zip(WORDS, codes, strict=True)), header=header)
    found, notes = begin(tmp_path)
    train = load_samples(found, "train")
    named = [found.classes[label] for label in train["label"]]
    read = zip(train["id"], zip(named, train["group"], strict=True), strict=True)
    assert dict(read) == truth
    assert found.folds.group == "farm_pear"
    assert not [one for one in found.to_choose if one.startswith("data.train")]
    assert "with verdict of ledger.csv for each farm and pear, by the codes of boxes.csv" in notes
    assert len(load_samples(found, "test")) == N_TEST


def test_what_test_has_too_and_what_other_columns_are_called_is_no_label(tmp_path: Path) -> None:
    codes = dict(zip(WORDS, "012", strict=True))
    pears(tmp_path / "known/data", codes, in_test=True)
    pears(tmp_path / "other/data", codes, header=("photo", "side"))
    for name in ("known", "other"):
        _, notes = begin(tmp_path / name)
        assert "by the codes of boxes.csv" not in notes


def test_a_person_names_the_column_that_several_keys_lead_to(tmp_path: Path) -> None:
    codes = dict(zip(WORDS, "012", strict=True))
    truth = pears(tmp_path / "data", codes)
    found = infer(tmp_path / "data", tmp_path, label="verdict").competition
    train = load_samples(found, "train")
    named = [codes[found.classes[label]] for label in train["label"]]
    assert dict(zip(train["id"], named, strict=True)) == {
        one: code for one, (code, _) in truth.items()
    }


def test_the_column_of_the_sample_is_joined_by_several_keys(tmp_path: Path) -> None:
    codes = dict(zip(WORDS, WORDS, strict=True))
    truth = pears(tmp_path / "data", codes, header=("photo", "verdict"))
    (tmp_path / "data/boxes.csv").unlink()
    found, _ = begin(tmp_path)
    train = load_samples(found, "train")
    named = [found.classes[label] for label in train["label"]]
    read = zip(train["id"], zip(named, train["group"], strict=True), strict=True)
    assert dict(read) == truth
