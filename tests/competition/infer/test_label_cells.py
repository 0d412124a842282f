"""Labels that are numbers or bits and are not written as such; what nobody labelled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table
from hypothesis import given
from hypothesis import strategies as st

from podium.competition.infer.labels.cells import known_cells, numbers_of
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

N_TRAIN, N_TEST = 24, 6


def competition(
    tmp_path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]], sample: object
) -> None:
    data = tmp_path / "data"
    for n in range(N_TRAIN + N_TEST):
        put(data / f"{'train' if n < N_TRAIN else 'test'}/{n}.png", n)
    table(data / "train.csv", ("image", *columns), *((n, *row) for n, row in enumerate(rows)))
    to_send = [(n, *[sample] * len(columns)) for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(data / "sample_submission.csv", ("image", *columns), *to_send)


WEIGHTS = [round(1.37 * n + 0.25, 2) for n in range(N_TRAIN)]
PRICES = [937 * n * n for n in range(N_TRAIN)]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ([f"{one} kg" for one in WEIGHTS], WEIGHTS),
        ([f"{one}%" for one in WEIGHTS], WEIGHTS),
        ([f'"{one:.2f}"'.replace(".", ",") for one in WEIGHTS], WEIGHTS),
        ([f'"{one:,}"' for one in PRICES], PRICES),
        ([f'"${one:,}"' for one in PRICES], PRICES),
    ],
    ids=["unit", "percent", "decimal comma", "thousands", "currency"],
)
def test_numbers_with_units_or_commas_are_written_plainly(
    cells: list[str], numbers: list[float], tmp_path: Path
) -> None:
    competition(tmp_path, ["size"], [(one,) for one in cells], 0)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    assert found.submission.value == "scalar"
    assert "with plain numbers: size" in notes
    samples = load_samples(found, "train").sort_values("id", key=lambda ids: ids.astype(int))
    np.testing.assert_allclose(list(samples["label"]), numbers)


@pytest.mark.parametrize("unit", ["%", " %", " kg"])
def test_numbers_to_send_with_a_unit_have_it_again(tmp_path: Path, unit: str) -> None:
    competition(tmp_path, ["size"], [(f"{one}{unit}",) for one in WEIGHTS], f"0{unit}")
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    samples = load_samples(found, "train").sort_values("id", key=lambda ids: ids.astype(int))
    np.testing.assert_allclose(list(samples["label"]), WEIGHTS)
    ids = list(load_samples(found, "test")["id"])
    sent = write_submission(tmp_path / "sent.csv", found, ids, np.arange(len(ids)) / 8)
    assert check(sent, found) == []
    assert sent.read_text().splitlines()[2].endswith(f",0.125{unit}")


@pytest.mark.parametrize("label", [None, "size"])
def test_percentages_beside_another_column_are_numbers(tmp_path: Path, label: str | None) -> None:
    data = tmp_path / "data"
    rows = [("ab"[n % 2], f"{one}%") for n, one in enumerate(WEIGHTS)]
    competition(tmp_path, ["kind", "size"], rows, 0)
    (data / "sample_submission.csv").unlink()
    spec = infer(data, tmp_path, label=label).competition
    assert spec.tasks == {"classify": "regression"}
    assert spec.data.train.label == "size"
    assert spec.to_choose == ([] if label else ["data.train.label"])


@pytest.mark.parametrize("label", ["size", "kind"])
def test_a_named_column_of_numbers_with_a_unit_is_read(tmp_path: Path, label: str) -> None:
    """Of several columns one may be a key, as `12a`: not the one that is named."""
    rows = [("ab"[n % 2], f"{one} kg") for n, one in enumerate(WEIGHTS)]
    competition(tmp_path, ["kind", "size"], rows, 0)
    (tmp_path / "data/sample_submission.csv").unlink()
    spec = infer(tmp_path / "data", tmp_path, label=label).competition
    assert spec.tasks == {"classify": "regression" if label == "size" else "binary"}


@pytest.mark.parametrize("sign", ["", "NA", "NaN", "N/A"])
def test_numbers_of_which_some_are_missing_stay_numbers(sign: str, tmp_path: Path) -> None:
    rows = [(sign if n % 6 == 0 else one,) for n, one in enumerate(WEIGHTS)]
    competition(tmp_path, ["size"], rows, 0)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    assert "4 rows of train.csv have no label in 'size'" in notes
    assert len(load_samples(found, "train")) == N_TRAIN - 4
    assert len(load_samples(found, "unlabelled")) == 4


@pytest.mark.parametrize("unknown", [[""], ["-1"], ["", "-1.0"]], ids=str)
def test_bits_that_nobody_is_sure_of_are_unknown(unknown: list[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    drawn = rng.choice(["0", "1", *unknown], (N_TRAIN, 3))
    drawn[0], drawn[1:4] = "", np.eye(3, dtype=int)
    competition(tmp_path, ["a", "b", "c"], drawn.tolist(), 0.5)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert found.submission.value == "prob"
    inside = [n for n in range(N_TRAIN) if set(drawn[n]) != {""}]
    of_column = {
        name: int(np.isin(drawn[inside, k], unknown).sum()) for k, name in enumerate("abc")
    }
    assert f"with {sum(of_column.values())} cells that are blank or -1, and unknown (" in notes
    for name, n in of_column.items():
        assert f"{name} {n}" in notes
    labelled = [n for n in range(N_TRAIN) if {"0", "1"} & set(drawn[n])]
    samples = load_samples(found, "train").set_index("id")
    assert set(samples.index) == set(map(str, labelled))
    known = {"0": 0, "1": 1}
    for n in labelled:
        right = [known.get(one, -1) for one in drawn[n]]
        assert samples.loc[str(n), "label"].tolist() == right
    assert set(load_samples(found, "unlabelled")["id"]) == {
        str(n) for n in range(N_TRAIN) if n not in labelled
    }


def test_rows_without_an_answer_have_no_label_though_they_have_another_finding(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(1)
    drawn = rng.choice(["0", "1", ""], (N_TRAIN, 4)).tolist()
    drawn[:4] = [["1", "0", "1", ""], ["", "1", "", ""], ["", "", "", "1"], ["", "", "", "-1"]]
    for row in drawn[4:]:
        row[3] = "" if any(row[:3]) else "1"
    rows = [(*row, n % 2) for n, row in enumerate(drawn)]
    competition(tmp_path, ["a", "b", "c", "no finding", "frontal"], rows, 0.5)
    to_send = [(n, 0.5, 0.5, 0.5) for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(tmp_path / "data/sample_submission.csv", ("image", "a", "b", "c"), *to_send)
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train").set_index("id")
    labelled = [n for n, row in enumerate(drawn) if any(row[:3])]
    assert len(labelled) < N_TRAIN
    assert set(samples.index) == set(map(str, labelled))
    for n in labelled:
        right = [-1 if one == "" else int(one) for one in drawn[n][:3]]
        assert samples.loc[str(n), "label"].tolist() == right


def test_blank_cells_of_a_column_without_any_0_are_zeros(tmp_path: Path) -> None:
    """Who writes 1 alone, as for "no finding" in CheXpert, writes nothing where it is not."""
    rng = np.random.default_rng(2)
    drawn = rng.choice(["0", "1", ""], (N_TRAIN, 3))
    drawn[:, 2] = np.where(rng.random(N_TRAIN) < 0.4, "1", "")
    drawn[:3] = [["0", "1", ""], ["1", "0", ""], ["0", "", "1"]]
    competition(tmp_path, ["a", "b", "c"], drawn.tolist(), 0.5)
    found, notes = begin(tmp_path)
    labelled = [n for n in range(N_TRAIN) if set(drawn[n]) != {""}]
    n_zeros = int((drawn[labelled, 2] == "").sum())
    assert f"with 0 in {n_zeros} blank cells of 'c', where no cell is 0" in notes
    samples = load_samples(found, "train").set_index("id")
    for n in labelled:
        right = [{"0": 0, "1": 1}.get(one, -1) for one in drawn[n]]
        assert samples.loc[str(n), "label"].tolist() == [*right[:2], int(drawn[n, 2] == "1")]


def test_minus_one_zero_and_one_may_be_three_answers(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).integers(-1, 2, (N_TRAIN, 2)).tolist()
    competition(tmp_path, ["lean", "mood"], rows, 0)
    assert begin(tmp_path)[0].tasks == {"classify": "multitarget"}


def test_keys_beside_the_label_stay_as_they_are(tmp_path: Path) -> None:
    competition(tmp_path, ["key", "tag"], [(f"{n}a", "xy"[n % 2]) for n in range(N_TRAIN)], 0)
    table(
        tmp_path / "data/sample_submission.csv",
        ("image", "answer"),
        *((n, 0) for n in range(24, 30)),
    )
    assert "plain numbers" not in begin(tmp_path)[1]


def test_lists_of_two_numbers_are_no_fractions(tmp_path: Path) -> None:
    rows = [(f'"{n % 5 + 1},{n % 7 + 6}"',) for n in range(N_TRAIN)]
    competition(tmp_path, ["size"], rows, 0)
    assert "plain numbers" not in begin(tmp_path)[1]


def test_few_values_with_a_unit_stay_classes(tmp_path: Path) -> None:
    competition(tmp_path, ["bag"], [(f"{(5, 10, 25)[n % 3]}kg",) for n in range(N_TRAIN)], "5kg")
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multiclass"}
    assert "is taken as a class" not in notes


def test_as_many_classes_as_images_are_named(tmp_path: Path) -> None:
    competition(tmp_path, ["text"], [(f"a photo of {n} cats",) for n in range(N_TRAIN)], "a photo")
    _, notes = begin(tmp_path)
    assert "text has 24 values in 24 rows, and each is taken as a class" in notes


@pytest.mark.parametrize("are_shares", [True, False])
def test_votes_are_shares_where_the_rows_to_send_sum_to_1(are_shares: bool, tmp_path: Path) -> None:
    votes = np.random.default_rng(1).multinomial(9, [0.5, 0.3, 0.2], N_TRAIN)
    competition(tmp_path, ["a", "b", "c"], votes.tolist(), "0.333" if are_shares else "0.5")
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multitarget"}
    samples = load_samples(found, "train").set_index("id").loc[list(map(str, range(N_TRAIN)))]
    expected = votes / 9 if are_shares else votes
    np.testing.assert_allclose(np.stack(list(samples["label"])), expected, rtol=1e-5)


def test_bits_of_several_labels_are_no_votes(tmp_path: Path) -> None:
    bits = np.random.default_rng(2).integers(0, 2, (N_TRAIN, 4))
    competition(tmp_path, ["a", "b", "c", "d"], bits.tolist(), 0.25)
    assert begin(tmp_path)[0].tasks == {"classify": "multilabel"}
    assert not (tmp_path / "made").exists()


@given(
    st.lists(
        st.sampled_from(["1", "2.50", "-3", "", "NA", "nan", "a", " 4", "1e3", "0x1", "inf"]),
        max_size=9,
    )
)
def test_numbers_of_a_long_column_are_those_that_a_short_one_has(cells: list[str]) -> None:
    """What a short column holds is remembered by its cells."""
    column = pd.Series(cells, index=[f"row {n}" for n in range(len(cells))], name="x", dtype=str)
    given_ = [cell for cell in cells if cell]
    numbers = [float(cell) for cell in given_ if cell not in ("NA", "nan", "a", "0x1")]
    n_words = sum(cell in ("a", "0x1") for cell in cells)
    for longest in (0, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("podium.competition.infer.labels.cells._FEW_CELLS", longest)
            found, known = numbers_of(column), known_cells(column)
        if n_words or not numbers:
            assert found is None
            assert list(known) == given_
        else:
            assert found is not None
            assert list(found) == numbers
            assert list(found.index) == list(known.index)
            assert list(map(float, known)) == numbers
