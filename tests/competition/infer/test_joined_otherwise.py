"""Classes of the same words that other signs join: one where a list of the classes shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N_TEST = 40, 8
FISH = ("sea bass", "trout", "pike", "sea bass", "trout")


def _fish(
    data: Path,
    *,
    slip: str = "sea-bass",
    slips: int = 3,
    text: str = "",
    listed: tuple[str, ...] = (),
    sent: tuple[str, ...] = ("trout",),
) -> None:
    """Write photographs of fish, of which some `sea bass` are written as `slip`.

    Args:
        data: the folder.
        slip: the other spelling.
        slips: how many of 16.
        text: of a README.
        listed: the names of a table of the classes.
        sent: the names in the sample submission, by turns.
    """
    for n in range(N_TRAIN + N_TEST):
        put(data / f"{'train' if n < N_TRAIN else 'test'}/f{n:03}.png", n)
    rows = [(f"f{n:03}", FISH[n % len(FISH)]) for n in range(N_TRAIN)]
    bass = [n for n, (_, name) in enumerate(rows) if name == "sea bass"]
    for n in bass[:slips]:
        rows[n] = (rows[n][0], slip)
    table(data / "train.csv", ("photo", "fish"), *rows)
    answers = [(f"f{N_TRAIN + n:03}", sent[n % len(sent)]) for n in range(N_TEST)]
    table(data / "sample_submission.csv", ("photo", "fish"), *answers)
    if text:
        (data / "README.md").write_text(text)
    if listed:
        table(data / "fish.csv", ("fish", "latin"), *((one, f"x{one[:2]}") for one in listed))


LIST = "Use the names `sea bass`, `trout` and `pike`."


def test_a_text_that_lists_one_of_two_spellings_makes_them_one(tmp_path: Path) -> None:
    _fish(tmp_path / "data", text=LIST)
    found, told = begin(tmp_path)
    assert found.classes == ["pike", "sea bass", "trout"]
    assert "fish: 'sea-bass' (3 rows) is read as 'sea bass' (13 rows)" in told


def test_the_listed_spelling_counts_though_it_is_the_rarer(tmp_path: Path) -> None:
    _fish(tmp_path / "data", text=LIST, slips=12)
    assert begin(tmp_path)[0].classes == ["pike", "sea bass", "trout"]


def test_capitals_and_signs_may_both_differ(tmp_path: Path) -> None:
    _fish(tmp_path / "data", text=LIST, slip="Sea_Bass")
    assert begin(tmp_path)[0].classes == ["pike", "sea bass", "trout"]


@pytest.mark.parametrize("listed", [("pike", "sea bass", "trout"), ("pike", "trout", "sea-bass")])
def test_a_table_that_lists_one_of_two_spellings_makes_them_one(
    tmp_path: Path, listed: tuple[str, ...]
) -> None:
    _fish(tmp_path / "data", listed=listed)
    assert sorted(begin(tmp_path)[0].classes) == sorted(listed)


@pytest.mark.parametrize("sent", [("sea bass",), ("sea bass", "pike", "trout")])
def test_a_sample_that_has_the_commoner_spelling_makes_them_one(
    tmp_path: Path, sent: tuple[str, ...]
) -> None:
    _fish(tmp_path / "data", sent=sent)
    assert begin(tmp_path)[0].classes == ["pike", "sea bass", "trout"]


@pytest.mark.parametrize(("text", "sent"), [
    ("", ("trout",)),
    ("Tell `sea bass` from `sea-bass`, `trout` and `pike`.", ("trout",)),
    ("A boat took photographs of sea bass.", ("trout",)),
    ("", ("sea-bass",)),
    (LIST, ("sea-bass", "trout")),
])  # fmt: skip
def test_two_spellings_of_which_no_list_has_one_alone_are_told(
    tmp_path: Path, text: str, sent: tuple[str, ...]
) -> None:
    _fish(tmp_path / "data", text=text, sent=sent)
    found, told = begin(tmp_path)
    assert sorted(found.classes) == ["pike", "sea bass", "sea-bass", "trout"]
    assert "'sea bass' (13) and 'sea-bass' (3) differ by the signs between words alone" in told


@pytest.mark.parametrize("slip", ["seabass", "sea bass 2", "bass-sea"])
def test_other_words_are_other_classes(tmp_path: Path, slip: str) -> None:
    _fish(tmp_path / "data", text=LIST, slip=slip, sent=("sea bass",))
    found, told = begin(tmp_path)
    assert sorted(found.classes) == sorted(["pike", "sea bass", "trout", slip])
    assert "signs between words" not in told


@pytest.mark.parametrize("codes", [("1-2", "1.2"), ("a.b", "a-b"), ("A-1", "A 1")])
def test_codes_are_as_they_are(tmp_path: Path, codes: tuple[str, str]) -> None:
    for n in range(N_TRAIN + N_TEST):
        put(tmp_path / f"data/{'train' if n < N_TRAIN else 'test'}/f{n:03}.png", n)
    rows = [(f"f{n:03}", codes[n % 4 == 0]) for n in range(N_TRAIN)]
    table(tmp_path / "data/train.csv", ("photo", "stage"), *rows)
    sent = [(f"f{N_TRAIN + n:03}", codes[0]) for n in range(N_TEST)]
    table(tmp_path / "data/sample_submission.csv", ("photo", "stage"), *sent)
    found, told = begin(tmp_path)
    assert sorted(found.classes) == sorted(codes)
    assert "signs between words" not in told
