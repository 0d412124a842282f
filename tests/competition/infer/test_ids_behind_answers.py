"""A sample submission whose ids stand behind the answers is read, and sent in its own order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples

TRAIN = {f"i{n}.png": "abc"[n % 3] for n in range(15)}
TEST = [f"i{n}.png" for n in range(15, 20)]


def write(data: Path, *rows: tuple[str, ...]) -> None:
    for n, name in enumerate([*TRAIN, *TEST]):
        file = data / ("train" if name in TRAIN else "test") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(file)
    for name, lines in (("train", [("Id", "Category"), *TRAIN.items()]), ("sample_sub", rows)):
        text = "".join(f"{','.join(line)}\n" for line in lines)
        (data / f"{name}.csv").write_text(text)


@pytest.mark.parametrize("form", ["names", "probabilities"])
def test_ids_are_those_that_name_an_image_in_each_row(form: str, tmp_path: Path) -> None:
    header = ("Category", "Id") if form == "names" else ("a", "b", "Id", "c")
    rows = [("a", one) if form == "names" else ("0.2", "0.2", one, "0.6") for one in TEST]
    write(tmp_path / "data", header, *rows)
    found = infer(tmp_path / "data", tmp_path)
    sent = found.competition.submission
    assert sent is not None
    assert list(sent.columns) == list(header)
    assert [name for name, what in sent.columns.items() if what == "id"] == ["Id"]
    assert found.competition.to_choose == []
    assert not any("ids" in one for one in found.notes)
    samples = load_samples(found.competition, "train")
    classes = found.competition.classes
    assert classes is not None
    labels = [classes[number] for number in samples["label"]]
    assert dict(zip(samples["id"], labels, strict=True)) == TRAIN
    assert list(load_samples(found.competition, "test")["id"]) == TEST


@pytest.mark.parametrize("fault", ["twice", "two columns", "no image"])
def test_ids_that_another_column_does_not_name_for_certain_stay_those_of_the_first(
    fault: str, tmp_path: Path
) -> None:
    rows = {
        "twice": [("Category", "Id"), *(("a", one) for one in [*TEST[1:], TEST[1]])],
        "two columns": [("Category", "Id", "File"), *(("a", one, one) for one in TEST)],
        "no image": [("Category", "Id"), *(("a", one) for one in [*TEST[1:], "else.png"])],
    }[fault]
    write(tmp_path / "data", *rows)
    found = infer(tmp_path / "data", tmp_path)
    sent = found.competition.submission
    assert sent is not None
    assert sent.columns.get("Category", "id") == "id"
    assert any("'a'" in one for one in found.notes)
