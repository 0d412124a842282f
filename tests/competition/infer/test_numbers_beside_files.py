"""Ids of the sample that a table of test has in another column than the names of files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

WARES = ("bowl", "jug", "lamp")
N_TRAIN, N_TEST = 30, 12


def shards(data: Path, numbers: Sequence[int], *, sampled: Sequence[object]) -> None:
    """Write shards of pots with records in COCO's form, those to predict with these numbers."""
    for part, n in (("train", N_TRAIN), ("test", N_TEST)):
        names = [f"{part}/{k}.jpg" for k in range(n)]
        for k, name in enumerate(names):
            put(data / name, k + 100 * (part == "test"))
        ids = range(n) if part == "train" else numbers
        images = [
            {"id": one, "file_name": name, "width": 16, "height": 12}
            for one, name in zip(ids, names, strict=True)
        ]
        about: dict[str, object] = {"images": images}
        if part == "train":
            about["annotations"] = [
                {"id": k, "image_id": k, "category_id": k % 3} for k in range(n)
            ]
            about["categories"] = [{"id": k, "name": one} for k, one in enumerate(WARES)]
        (data / f"{part}.json").write_text(json.dumps(about), encoding="utf-8")
    table(data / "sample_submission.csv", ("id", "label"), *((one, "bowl") for one in sampled))


def test_numbers_of_records_are_the_ids_to_send(tmp_path: Path) -> None:
    numbers = [N_TRAIN + k for k in range(N_TEST)]
    shards(tmp_path / "data", numbers, sampled=numbers)
    found, told = begin(tmp_path)
    test = load_samples(found, "test")
    files = {str(one): (f"data/test/{k}.jpg",) for k, one in enumerate(numbers)}
    assert dict(zip(test["id"], test["images"], strict=True)) == files
    assert not found.to_choose
    assert "of no image to predict" not in told


def test_names_of_files_stay_the_ids_where_records_number_them_alike(tmp_path: Path) -> None:
    shards(tmp_path / "data", range(N_TEST), sampled=range(N_TEST))
    found, _ = begin(tmp_path)
    test = load_samples(found, "test")
    files = {str(k): (f"data/test/{k}.jpg",) for k in range(N_TEST)}
    assert dict(zip(test["id"], test["images"], strict=True)) == files


def test_a_sample_with_an_id_that_no_record_has_is_not_of_these_numbers(tmp_path: Path) -> None:
    numbers = [N_TRAIN + k for k in range(N_TEST)]
    shards(tmp_path / "data", numbers, sampled=[*numbers[:-1], 977])
    _, told = begin(tmp_path)
    assert "no reading fits" in told
