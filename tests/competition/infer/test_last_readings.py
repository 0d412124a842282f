"""Grades of images by three readers, some of whom corrected one; a table decides their ties."""

from __future__ import annotations

from pathlib import Path

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 36, 44
UNREAD = (11, 29)
"""Nobody can read them."""
TIES = {5: 2, 17: 0, 23: 3}
TRUTH = {n: TIES.get(n, n % 4) for n in range(N_TRAIN) if n not in UNREAD}


def readings(n: int) -> list[str]:
    """Return what the three readers said at last."""
    if n in UNREAD:
        return ["NR"] * 3
    if n in TIES:
        return ["0", "2", "3"]
    grades = [str(n % 4)] * 3
    if n % 3 == 0:
        grades[n % 2] = str((n + 1) % 4)
    return grades


def hooves(data: Path, *, same_day: bool = False) -> None:
    rows = []
    for n in range(N_TRAIN):
        for reader, grade in zip("ABC", readings(n), strict=True):
            rows.append((f"h{n:02}", reader, grade, f"2021-02-{1 + n % 27:02}"))
    # Twice a first reading, of an agreeing majority without its correction; it may stand below.
    for n in (8, 20):
        wrong = str((n + 1) % 4)
        day = f"2021-02-{1 + n % 27:02}" if same_day else "2021-01-05"
        rows.insert(3 * n, (f"h{n:02}", "A", wrong, day))
        rows.append((f"h{n:02}", "B", wrong, day))
    rows += rows[40:42]
    for n in range(N):
        put(data / ("train" if n < N_TRAIN else "test") / f"h{n:02}.png", n)
    table(data / "readings.csv", ("image", "reader", "Grade", "read on"), *rows)
    decided = [(f"h{n:02}", grade, "Dr Moss") for n, grade in TIES.items()]
    table(data / "decided.csv", ("image", "final grade", "by"), *decided)
    facts = [(f"h{n:02}", f"c{n // 2}", "LR"[n % 2], "MF"[n % 4 // 2]) for n in range(N)]
    table(data / "cows.csv", ("image", "patient", "eye", "sex"), *facts)
    table(data / "sample.csv", ("image", "grade"), *((f"h{n:02}", 0) for n in range(N_TRAIN, N)))
    text = "The last reading of each reader counts. Metric: quadratic weighted kappa."
    (data / "README.md").write_text(text)


def test_the_last_readings_vote_and_a_table_decides_their_ties(tmp_path: Path) -> None:
    hooves(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "ordinal"}
    assert found.classes == ["0", "1", "2", "3"]
    assert (found.metric.name, found.folds.group, found.to_choose) == ("qwk", "patient", [])
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"].map(int), strict=True))
    assert labels == {f"h{n:02}": grade for n, grade in TRUTH.items()}
    assert "4 rows before it left out; 'NR' taken for no Grade" in notes
    assert "of 3 ties decided.csv decides" in notes


def test_an_eye_or_a_sex_is_no_label_where_a_grade_is_asked_for(tmp_path: Path) -> None:
    # Nothing tells the last one of two readings of a day.
    hooves(tmp_path / "data", same_day=True)
    found, notes = begin(tmp_path)
    assert found.data.train is not None
    assert found.data.train.label == "Grade"
    assert "--label eye" not in notes
    assert "stand more than once" in notes
