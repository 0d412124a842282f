"""Columns of two words of which the probability of one is sent, and tables that lack a column."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N, N_TEST = 36, 8
TOLD = (
    "Send three columns, each between 0 and 1.\n\n"
    "- torn: probability of a tear\n"
    "- horn: the probability that it is the posterior one, if there is one\n"
    "- side: the probability of the left side, if there is one\n"
)


def knees(data: Path, text: str, *, is_apart: bool = False) -> list[tuple[int, int, int]]:
    """Write a folder of knees, and return the answers of train, -1 where none is there."""
    answers, rows = [], []
    for n in range(N + N_TEST):
        put(data / f"{'train' if n < N else 'test'}/k{n:02}.png", n)
        torn, horn, side = n % 2, n // 2 % 2, n // 4 % 2
        answers.append((torn, horn if torn else -1, side if torn else -1))
        words = [("ant", "post")[horn], ("right", "left")[side]] if torn else ["", ""]
        rows.append((f"k{n:02}", n % 5, torn, *words))
    columns = ("knee", "field", "torn", "horn", "side")
    if is_apart:
        table(data / "answers_lot1.csv", columns, *rows[: N // 2])
        rest = [(one[0], *one[2:]) for one in rows[N // 2 : N]]
        table(data / "answers_lot2.csv", ("knee", "torn", "horn", "side"), *rest)
    else:
        table(data / "answers.csv", columns, *rows[:N])
    sent = [(f"k{n:02}", 0.5, 0.5, 0.5) for n in range(N, N + N_TEST)]
    table(data / "sample_submission.csv", ("knee", "torn", "horn", "side"), *sent)
    (data / "README.md").write_text(text, encoding="utf-8")
    return answers[:N]


@pytest.mark.parametrize("is_apart", [False, True], ids=["one table", "two, one without a column"])
def test_the_word_whose_probability_a_text_names_is_one(tmp_path: Path, is_apart: bool) -> None:
    answers = knees(tmp_path / "data", TOLD, is_apart=is_apart)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert found.classes == ["torn", "horn", "side"]
    samples = load_samples(found, "train").sort_values("id")
    assert [tuple(one) for one in samples["label"]] == answers
    assert "'post' of horn" in notes
    assert found.submission.value == "prob"
    assert len(load_samples(found, "test")) == N_TEST


@pytest.mark.parametrize(
    "text",
    [
        "Three probabilities.",
        TOLD.replace("posterior", "anterior or posterior"),
        TOLD.replace("the probability of the left side", "left or not"),
        TOLD + "- horn: the probability of the anterior one\n",
    ],
    ids=["untold", "both words", "no probability", "two words"],
)
def test_words_of_which_a_text_does_not_name_one_are_to_be_written_as_0_and_1(
    tmp_path: Path, text: str
) -> None:
    knees(tmp_path / "data", text)
    with pytest.raises(DataError, match="the probability of which word") as told:
        begin(tmp_path)
    assert "write 1 for that word and 0 for the other one" in str(told.value.fix)


def test_words_of_several_outputs_stay_words_where_the_sample_has_words(tmp_path: Path) -> None:
    knees(tmp_path / "data", TOLD)
    sent = [(f"k{n:02}", 1, "post", "left") for n in range(N, N + N_TEST)]
    table(tmp_path / "data/sample_submission.csv", ("knee", "torn", "horn", "side"), *sent)
    found, _ = begin(tmp_path)
    assert {"horn=ant", "horn=post", "side=left"} <= {*found.classes}
