"""Ids of the sample and of tables whose files a third table names."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

FILES = {f"{48_210_000 + 37 * n}": f"SITE{n % 5}_{20240101 + n}.jpg" for n in range(40)}
TRAIN, TEST = list(FILES)[:30], list(FILES)[30:]


def counted(data: Path, sampled: list[str] = TEST) -> None:
    for n, name in enumerate(FILES.values()):
        put(data / f"images/{name}", n)
    table(data / "sample_submission.csv", ("subject", "birds"), *((one, 0) for one in sampled))


def images_of(found: Competition, part: str) -> dict[str, str]:
    samples = load_samples(found, part)
    names = [Path(image).name for (image,) in samples["images"]]
    return dict(zip(samples["id"], names, strict=True))


@pytest.mark.parametrize("n_people", [1, 3])
def test_a_table_of_subjects_names_the_files_of_counts_and_of_the_sample(
    tmp_path: Path, n_people: int
) -> None:
    data = tmp_path / "data"
    counted(data)
    table(data / "subjects.csv", ("subject", "file", "camera"), *(
        (one, file, n % 3) for n, (one, file) in enumerate(FILES.items())
    ))  # fmt: skip
    rows = [(one, f"volunteer {k}", 3 * n) for n, one in enumerate(TRAIN) for k in range(n_people)]
    table(data / "counts.csv", ("subject", "volunteer", "birds"), *rows)
    found, _ = begin(tmp_path)
    assert images_of(found, "train") == {one: FILES[one] for one in TRAIN}
    assert images_of(found, "test") == {one: FILES[one] for one in TEST}
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"], strict=True))
    assert labels == {one: 3 * n for n, one in enumerate(TRAIN)}


def test_the_table_that_names_files_has_the_labels_itself(tmp_path: Path) -> None:
    data = tmp_path / "data"
    counted(data)
    rows = [
        (one, file, n * 2 if one in TRAIN else "") for n, (one, file) in enumerate(FILES.items())
    ]
    table(data / "subjects.csv", ("subject", "file", "birds"), *rows)
    found, _ = begin(tmp_path)
    assert images_of(found, "train") == {one: FILES[one] for one in TRAIN}
    assert images_of(found, "test") == {one: FILES[one] for one in TEST}


def test_a_table_that_answers_for_the_sample_names_nothing_to_predict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    counted(data)
    rows = [(one, file, n * 2) for n, (one, file) in enumerate(FILES.items())]
    table(data / "subjects.csv", ("subject", "file", "birds"), *rows)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)
