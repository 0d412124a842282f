"""Tables with a row for each folder of images, of which the one of test has what is known."""

from __future__ import annotations

from pathlib import Path

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 24, 32


def is_malignant(n: int) -> int:
    return int(n % 3 == 0)


def test_what_the_table_of_test_units_has_too_is_no_label(tmp_path: Path) -> None:
    data, facts = tmp_path / "data", ("case", "age", "smoker")
    rows = [(f"P{n:02}", 40 + n % 17, n * 5 % 7 % 2) for n in range(N)]
    for n, (case, *_) in enumerate(rows):
        for view in range(2 + n % 2):
            part = "train" if n < N_TRAIN else "test"
            put(data / part / case / f"view_{view}.png", 3 * n + view)
    labelled = [(*row, is_malignant(n)) for n, row in enumerate(rows[:N_TRAIN])]
    table(data / "train_facts.csv", (*facts, "malignant"), *labelled)
    table(data / "test_facts.csv", facts, *rows[N_TRAIN:])
    sent = [(case, 0.5) for case, *_ in rows[N_TRAIN:]]
    table(data / "template.csv", ("case", "malignancy_probability"), *sent)
    spec, _ = begin(tmp_path)
    assert {**spec.tasks} == {"classify": "binary"}
    assert spec.data.train.label == "malignant"
    assert spec.submission is not None
    assert spec.submission.value == "prob"
    train = load_samples(spec, "train")
    known = {f"P{n:02}": is_malignant(n) for n in range(N_TRAIN)}
    assert dict(zip(train["unit"], train["label"], strict=True)) == known
    assert len(train) == sum(2 + n % 2 for n in range(N_TRAIN))
