"""Votes of which the sample submission asks for the share of each answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.errors import DataError

ANSWERS = ("smooth", "features", "artifact")
N_TRAIN, N_TEST = 24, 6
RNG = np.random.default_rng(0)
VOTES = [RNG.choice(ANSWERS, 4 + n % 5, p=[0.5, 0.3, 0.2]).tolist() for n in range(N_TRAIN)]
SHARES = np.array([[each.count(one) / len(each) for one in ANSWERS] for each in VOTES])


def sky(data: Path, columns: Sequence[str], sent: float, text: str) -> None:
    for n in range(N_TRAIN + N_TEST):
        put(data / f"{'train' if n < N_TRAIN else 'test'}/g{n:02}.png", n)
    rows = [(f"g{n:02}", *[sent] * 3) for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(data / "sample_submission.csv", ("galaxy", *columns), *rows)
    (data / "README.md").write_text(text)


def voters(data: Path, person: str, n_people: int) -> None:
    """Write a row a vote; with few people, some vote for an image twice."""
    rows = [
        (f"g{n:02}", *([f"p{(n + k) % n_people:03}"] if person else []), one)
        for n, each in enumerate(VOTES)
        for k, one in enumerate(each)
    ]
    table(data / "votes_train.csv", ("galaxy", *([person] if person else []), "answer"), *rows)


def assert_shares(tmp_path: Path) -> str:
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multitarget"}
    samples = load_samples(found, "train").sort_values("id")
    np.testing.assert_allclose(np.stack(list(samples["label"])), SHARES, atol=1e-6)
    return notes


CALLED = [f"q1_{one}_frac" for one in ANSWERS]
SAID = "Predict the fraction of volunteers who gave each answer. Scored by RMSE."


@pytest.mark.parametrize(
    ("columns", "sent", "text"),
    [(CALLED, 1, "Scored by RMSE."), (ANSWERS, 1, SAID), (ANSWERS, 0.4, "Scored by RMSE.")],
    ids=["names", "text", "fractions"],
)
def test_rows_of_votes_become_shares_where_these_are_asked_for(
    columns: Sequence[str], sent: float, text: str, tmp_path: Path
) -> None:
    sky(tmp_path / "data", columns, sent, text)
    voters(tmp_path / "data", "user", 60)
    assert "once more" not in assert_shares(tmp_path)


@pytest.mark.parametrize(("person", "n_people"), [("annotator", 60), ("", 60), ("user", 3)])
def test_votes_count_whoever_gave_them_and_how_often(
    person: str, n_people: int, tmp_path: Path
) -> None:
    sky(tmp_path / "data", CALLED, 1, SAID)
    voters(tmp_path / "data", person, n_people)
    notes = assert_shares(tmp_path)
    n_again = sum(max(0, len(each) - n_people) for each in VOTES)
    told = f"{n_again} rows by the same user once more count, too"
    assert (told in notes) == (n_people == 3)


def test_rows_of_votes_stay_a_class_where_a_metric_of_classes_scores(tmp_path: Path) -> None:
    sky(tmp_path / "data", ANSWERS, 0.4, "Scored by accuracy.")
    voters(tmp_path / "data", "user", 60)
    assert begin(tmp_path)[0].tasks == {"classify": "multiclass"}


@pytest.mark.parametrize("is_whole", [True, False])
def test_counts_of_votes_become_shares_and_a_total_with_others_is_refused(
    is_whole: bool, tmp_path: Path
) -> None:
    sky(tmp_path / "data", CALLED, 1, SAID)
    counts = [[each.count(one) for one in ANSWERS] for each in VOTES]
    rows = [(f"g{n:02}", *one, sum(one) + (not is_whole)) for n, one in enumerate(counts)]
    names = [f"q1_{one}_count" for one in ANSWERS]
    table(tmp_path / "data/votes_train.csv", ("galaxy", *names, "total"), *rows)
    if is_whole:
        assert_shares(tmp_path)
    else:
        with pytest.raises(DataError, match=r"total of g00 is 5, and .* sum to 4"):
            begin(tmp_path)


def test_of_two_tables_of_shares_and_counts_the_one_with_shares_is_learnt(tmp_path: Path) -> None:
    data, kinds = tmp_path / "data", ("bog", "heath", "scree")
    for n in range(24):
        put(data / f"{'train' if n < 16 else 'test'}/p{n}.png", n)
    counts = {n: (n + 1, 40 - n, n % 3) for n in range(16)}
    table(data / "train_counts.csv", ("plot", *kinds), *((f"p{n}", *counts[n]) for n in counts))
    shares = {n: [one / sum(each) for one in each] for n, each in counts.items()}
    table(data / "y.csv", ("plot", *kinds), *((f"p{n}", *shares[n]) for n in shares))
    rows = [(f"p{n}", 0.25, 0.5, 0.25) for n in range(16, 24)]
    table(data / "sample_submission.csv", ("plot", *kinds), *rows)
    found, _ = begin(tmp_path)
    assert (str(found.data.train.table), found.to_choose) == ("data/y.csv", [])
