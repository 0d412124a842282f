"""Where each unit lies in one value of another column, as cheeses in dairies: the group of folds.

The dairy is the group where cheeses of other dairies are to be predicted, as far as the data show
it; where nothing shows it, a note tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples

N_DAIRIES, N_TRAIN, EACH, SHOTS = 11, 8, 4, 2
CHEESES = [f"{k:04}" for k in range(17, 17 + N_DAIRIES * EACH)]
TOWNS = ["Agirre", "Elorza", "Gomiz", "Ondarre", "Sorgin", "Ubide", "Zelai", "Iturri", "Mendi"]
DAIRIES = {one: [*TOWNS, "Larra", "Otsa"][k // EACH] for k, one in enumerate(CHEESES)}
"""Cheeses of the last three dairies are to be predicted."""
SHARED = {one: TOWNS[k % 5] for k, one in enumerate(CHEESES)}
TRAIN, TEST = CHEESES[: N_TRAIN * EACH], CHEESES[N_TRAIN * EACH :]


def written(path: Path, *rows: Sequence[str]) -> None:
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")


def with_cheeses(data: Path, of: dict[str, str] | None, *, salt_alone: bool = False) -> Path:
    """Write two photographs of each cheese, and the measures of those of train, with the dairy."""
    photos = []
    for k, cheese in enumerate(CHEESES):
        for n in range(SHOTS):
            name = f"DSC_{1200 + (k * 37 % len(CHEESES)) * SHOTS + n}.JPG"
            file = data / "photos" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (k * 5, n * 50, 9)).save(file)
            photos.append((name, cheese))
    photos.sort()
    written(data / "photos.csv", ("file", "cheese"), *photos)
    measures = ("salt",) if salt_alone else ("salt", "water")
    rows = []
    for k, one in enumerate(TRAIN):
        own = (f"1.{10 + k * 7 % 83}", f"{40 + k % 9}.{k % 7}")[: len(measures)]
        rows.append((one, *([] if of is None else [of[one]]), *own))
    columns = ("cheese", *([] if of is None else ["dairy"]), *measures)
    written(data / "cheeses.csv", columns, *rows)
    sent = [(one, *("1.5", "38.0")[: len(measures)]) for one in TEST]
    written(data / "sample_submission.csv", ("cheese", *measures), *sent)
    return data


def groups(found: Inferred) -> list[str]:
    """Return the group of each image of train, in the order of its name."""
    return list(load_samples(found.competition, "train").sort_values("id")["group"])


def notes_of(found: Inferred) -> list[str]:
    return [one for one in found.notes if "dairy" in one and "folds: {" in one]


def test_the_dairy_of_each_cheese_is_noted_where_nothing_shows_those_of_test(
    tmp_path: Path,
) -> None:
    found = infer(with_cheeses(tmp_path / "data", DAIRIES), tmp_path)
    assert found.competition.folds.group == "cheese"
    (note,) = notes_of(found)
    assert note.startswith("every cheese lies in one dairy (8 values over 32): if images of others")
    assert note.endswith("write folds: {scheme: stratified_group, group: dairy}")


@pytest.mark.parametrize("salt_alone", [False, True])
@pytest.mark.parametrize("in_train", [False, True], ids=["the list alone", "the measures, too"])
def test_the_dairy_is_the_group_where_a_list_shows_that_test_has_others(
    tmp_path: Path, in_train: bool, salt_alone: bool
) -> None:
    data = tmp_path / "data"
    with_cheeses(data, DAIRIES if in_train else None, salt_alone=salt_alone)
    written(data / "makers.csv", ("cheese", "dairy"), *DAIRIES.items())
    found = infer(data, tmp_path)
    assert found.competition.folds.group == "dairy"
    assert "folds.group" not in found.competition.to_choose
    assert notes_of(found) == []
    photos = sorted(row.split(",")[1] for row in (data / "photos.csv").read_text().splitlines()[1:])
    expected = sorted(DAIRIES[one] for one in photos if one in TRAIN)
    assert sorted(groups(found)) == expected


def test_the_dairy_is_the_group_where_a_list_of_those_to_predict_has_others(tmp_path: Path) -> None:
    data = with_cheeses(tmp_path / "data", DAIRIES)
    written(data / "others.csv", ("cheese", "dairy"), *((one, DAIRIES[one]) for one in TEST))
    found = infer(data, tmp_path)
    assert found.competition.folds.group == "dairy"
    assert set(groups(found)) == set(TOWNS[:N_TRAIN])
    (note,) = [one for one in found.notes if one.startswith("others.csv")]
    assert note.startswith(
        "others.csv has the dairy of the images to predict, and these are others"
    )
    assert not any("read and not used" in one for one in found.notes)


@pytest.mark.parametrize("in_train", [False, True])
def test_the_cheese_is_the_group_where_test_shares_the_dairies(
    tmp_path: Path, in_train: bool
) -> None:
    data = with_cheeses(tmp_path / "data", SHARED if in_train else None)
    written(data / "makers.csv", ("cheese", "dairy"), *SHARED.items())
    found = infer(data, tmp_path)
    assert found.competition.folds.group == "cheese"
    assert notes_of(found) == []


def test_a_dairy_of_each_cheese_is_no_coarser_group(tmp_path: Path) -> None:
    own = {one: f"dairy of {k}" for k, one in enumerate(CHEESES)}
    data = with_cheeses(tmp_path / "data", own)
    written(data / "makers.csv", ("cheese", "dairy"), *own.items())
    found = infer(data, tmp_path)
    assert found.competition.folds.group == "cheese"
    assert notes_of(found) == []


def test_a_column_that_is_to_be_sent_is_advised_as_no_group(tmp_path: Path) -> None:
    data = with_cheeses(tmp_path / "data", DAIRIES, salt_alone=True)
    assert notes_of(infer(data, tmp_path, label="salt"))
    sent = [(one, "1.5", "Agirre") for one in TEST]
    written(data / "sample_submission.csv", ("cheese", "salt", "dairy"), *sent)
    assert not notes_of(infer(data, tmp_path, label="salt"))
