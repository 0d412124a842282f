"""Answers of a third table, by a key in a second one that the table of images names."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

FAMILIES = {"701": "owls", "702": "gulls", "703": "owls", "704": "finches", "705": "ducks"}
"""The last one is seen in no photo of train."""
N_TRAIN, N = 30, 40  # sightings, of one to three photos each


def sightings(data: Path, *, has_split: bool) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Write photos of sightings; return families and sightings of train, and ids to predict."""
    photos, seen = list[tuple[str, str]](), list[tuple[str, ...]]()
    families, groups, to_predict = dict[str, str](), dict[str, str](), list[str]()
    for n in range(N):
        sighting, species = f"{9000 + n}", list(FAMILIES)[n % 4]
        is_train = n * 7 % N < N_TRAIN
        part = ("train" if is_train else "test",) if has_split else ()
        seen.append((sighting, f"{species}.0" if is_train else "", f"{n % 5}.5", *part))
        for view in range(1 + n % 3):
            photo = f"{(n * 16 + view) * 2654435761 % 2**32:08x}"
            put(data / "photos" / photo[:2] / f"{photo}.png", 3 * n + view)
            photos.append((photo, sighting))
            if is_train:
                families[photo], groups[photo] = FAMILIES[species], sighting
            else:
                to_predict.append(photo)
    table(data / "photos.csv", ("photo", "sighting"), *photos)
    header = ("sighting", "species", "height", *(("split",) if has_split else ()))
    table(data / "sightings.csv", header, *seen)
    table(data / "species.csv", ("species", "family"), *FAMILIES.items())
    sent = [(photo, "owls") for photo in sorted(to_predict)]
    table(data / "sample_submission.csv", ("photo", "family"), *sent)
    return families, groups, to_predict


@pytest.mark.parametrize("has_split", [True, False])
def test_a_label_two_tables_from_the_photo_is_that_of_each_photo(
    tmp_path: Path, has_split: bool
) -> None:
    families, groups, to_predict = sightings(tmp_path / "data", has_split=has_split)
    spec, notes = begin(tmp_path)
    assert spec.data.train.label == "family"
    assert spec.classes == ["finches", "gulls", "owls"]
    assert spec.folds.group == "sighting"
    train = load_samples(spec, "train")
    named = [spec.classes[label] for label in train["label"]]
    assert dict(zip(train["id"], named, strict=True)) == families
    assert dict(zip(train["id"], map(str, train["group"]), strict=True)) == groups
    assert sorted(load_samples(spec, "test")["id"]) == sorted(to_predict)
    assert "with family of species.csv for each species of sightings.csv" in notes
