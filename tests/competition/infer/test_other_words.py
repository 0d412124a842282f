"""Ids of the sample that have another word around the numbers than the files: one command."""

import shlex
from pathlib import Path

import pytest

from podium.competition.infer.ids.other_words import naming_as_sent
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition


def competition_of(folder: Path, **changed: str) -> Competition:
    test = {"images": "test/*.png", "id": "'{stem}'", **changed}
    (folder / "competition.yaml").write_text(
        "name: words\ntasks: {classify: multiclass}\nclasses: [a, b]\n"
        "data:\n  train: {table: train.csv, id: id, images: 'train/{id}.png', label: label}\n"
        f"  test: {{images: '{test['images']}', id: {test['id']}}}\n"
        "folds: {scheme: stratified, n: 2}\nmetric: {name: accuracy}\n"
    )
    return load_competition(folder)


@pytest.mark.parametrize(
    ("file", "id"), [("folha_{}", "teste-{}"), ("{}_leaf", "IMG{}"), ("a1_{}b", "test_{}.jpg")]
)
def test_the_command_calls_the_files_as_the_sample_does(tmp_path: Path, file: str, id: str) -> None:
    numbers = [1, 2, 10, 11, 120]
    (tmp_path / "test").mkdir()
    for n in numbers:
        (tmp_path / "test" / f"{file.format(n)}.png").write_bytes(b"")
    files, sent = ([form.format(n) for n in numbers] for form in (file, id))
    command = shlex.split(naming_as_sent(competition_of(tmp_path), files, sent))
    assert command[:2] == ["podium", "choose"]
    images, name = (one.partition("=")[2] for one in command[2:])
    renamed = competition_of(tmp_path, images=images, id=f"'{name}'")
    samples = load_samples(renamed, "test")
    found = {
        Path(one).stem: name for (one,), name in zip(samples["images"], samples["id"], strict=True)
    }
    assert found == dict(zip(files, sent, strict=True))


def test_other_numbers_are_no_other_words(tmp_path: Path) -> None:
    competition = competition_of(tmp_path)
    assert naming_as_sent(competition, ["leaf_1", "leaf_2"], ["test_2", "test_3"]) == ""
    assert naming_as_sent(competition, ["leaf_1", "leaf_2"], ["test_1", "test_2", "test_3"]) == ""
    assert naming_as_sent(competition, ["leaf_1"], ["test_1"]) == ""
