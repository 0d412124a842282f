"""Tables with a row for each label of a folder of images become one with a row a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 20, 28
NAMES = [f"W{n * 37 % 100:02}K" for n in range(N)]
KINDS = {name: ["fox", "hare", "boar"][n % 3 :][: n % 4] for n, name in enumerate(NAMES[:N_TRAIN])}
"""Up to three kinds of a visit; every fourth has none."""
ABSENT = "A visit that is not in seen.csv shows no animal."


def visits(
    data: Path,
    text: str = "",
    *,
    sent: tuple[str, ...] = ("nil",),
    facts: tuple[str, ...] = ("n_seen", "2"),
    has_register: bool = True,
) -> None:
    """Write visits of two or three images, with a row for each kind that was seen in one."""
    for n, name in enumerate(NAMES):
        for view in range(2 + n % 2):
            put(data / ("train" if n < N_TRAIN else "test") / name / f"{view}.png", 3 * n + view)
    seen = [(name, kind, facts[1]) for name, kinds in KINDS.items() for kind in kinds]
    table(data / "seen.csv", ("visit", "kind", facts[0]), *seen)
    if has_register:
        rows = [(name, f"place_{n // 4}") for n, name in enumerate(NAMES)]
        table(data / "train_visits.csv", ("visit", "place"), *rows[:N_TRAIN])
        table(data / "test_visits.csv", ("visit", "place"), *rows[N_TRAIN:])
    cells = [(name, sent[n % len(sent)]) for n, name in enumerate(NAMES[N_TRAIN:])]
    table(data / "sample_submission.csv", ("visit", "kind"), *cells)
    (data / "README.md").write_text(text)


def kinds_of(found: Competition) -> dict[str, set[str]]:
    train = load_samples(found, "train")
    return {
        unit: {found.classes[place] for place in np.flatnonzero(row)}
        for unit, row in zip(train["unit"], train["label"], strict=True)
    }


SHOWN = "Send rows as these:\n```\nvisit,kind\nA01K,boar fox\nA02K,hare\nA03K,{none}\n```\n"


def test_labels_of_several_rows_are_those_of_a_folder_and_no_row_is_none(tmp_path: Path) -> None:
    visits(tmp_path / "data", sent=("fox hare", "boar", "none", "none"))
    found, notes = begin(tmp_path)
    assert {**found.tasks} == {"classify": "multilabel"}
    assert kinds_of(found) == {name: set(kinds) for name, kinds in KINDS.items()}
    assert found.submission is not None
    assert (found.submission.sep, found.submission.empty) == (" ", "none")
    assert found.folds.group == "place"
    assert "5 visits without such a row have none: 'none' is sent for such" in notes
    assert not found.to_choose


def test_a_text_tells_what_no_row_means_as_well(tmp_path: Path) -> None:
    visits(tmp_path / "data", ABSENT, sent=("fox hare", "boar"))
    found, notes = begin(tmp_path)
    assert kinds_of(found) == {name: set(kinds) for name, kinds in KINDS.items()}
    assert "5 visits without such a row have none: README.md says 'a visit that is not" in notes


def test_folders_without_a_row_are_refused_where_nothing_tells_that_they_show_none(
    tmp_path: Path,
) -> None:
    visits(tmp_path / "data", sent=("fox hare", "boar"))
    with pytest.raises(DataError, match="5 visits of train_visits"):
        begin(tmp_path)


@pytest.mark.parametrize("facts", [("observer", "ann"), ("is_there", "0")])
def test_rows_of_opinions_or_denials_are_not_joined(facts: tuple[str, str], tmp_path: Path) -> None:
    visits(tmp_path / "data", ABSENT, sent=("fox hare", "boar"), facts=facts)
    with pytest.raises(DataError):
        begin(tmp_path)


def test_rows_that_a_text_shows_tell_the_sign_and_the_word_of_a_sample_of_placeholders(
    tmp_path: Path,
) -> None:
    visits(tmp_path / "data", SHOWN.format(none="lynx"), sent=("lynx",))
    with pytest.raises(DataError, match="nothing tells whether they show none"):
        begin(tmp_path)  # "lynx" is a name
    visits(tmp_path / "data", SHOWN.format(none="none"), sent=("none",))
    found, notes = begin(tmp_path)
    assert found.submission is not None
    assert (found.submission.sep, found.submission.empty) == (" ", "none")
    assert not found.to_choose
    assert "submission.sep" not in notes


def test_a_sample_of_placeholders_alone_leaves_the_word_to_choose_and_the_sign_to_write(
    tmp_path: Path,
) -> None:
    visits(tmp_path / "data", sent=("none",))
    found, notes = begin(tmp_path)
    assert found.to_choose == ["submission.empty"]
    assert "write what stands between two as submission.sep, where it is not ';'" in notes


def test_rows_below_the_header_of_a_table_of_train_are_none_of_the_file_to_send(
    tmp_path: Path,
) -> None:
    visits(tmp_path / "data", SHOWN.format(none="none"), sent=("none",))
    table(tmp_path / "data/other.csv", ("visit", "kind"), ("A01K", "boar fox"), ("A02K", "hare"))
    found, _ = begin(tmp_path)
    assert found.to_choose == ["submission.empty"]


def test_the_mean_over_sets_of_species_counts_the_word_for_none_as_a_name(tmp_path: Path) -> None:
    text = (
        "Scored by the mean F1: for each visit we compute F1 between the set of predicted species "
        "and the set of true species, and average over all visits.\n\n"
    )
    visits(tmp_path / "data", text + SHOWN.format(none="none"), sent=("none",))
    found, _ = begin(tmp_path)
    assert found.metric.name == "f1"
    options = found.metric.model_dump()
    assert (options["average"], options["zero_division"]) == ("samples", 1)
