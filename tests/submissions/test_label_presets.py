"""Presets of labels: what is written is what the host reads, and it scores what a hand works out.

The decoders here know the hosts' files and nothing of podium; scores are those of METRIC formulas
worked by hand, or in the plain loops below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from submissions.preset_cases import (
    competition_of_preset,
    golden,
    params,
    presets_of,
    table_of,
)

from podium.competition import metrics
from podium.competition.presets import Preset
from podium.submissions import check, write_submission
from podium.submissions.format.answers import read_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import format_of

Rows = list[list[str]]
Decoder = Callable[[Rows, list[str]], Any]


# What hosts do with a file: from the rows below the header to an answer a sample.
def whole_numbers(rows: Rows, names: list[str]) -> Any:
    return [int(cell) for _, cell in rows]


def numbers(rows: Rows, names: list[str]) -> Any:
    return [float(cell) for _, cell in rows]


def names_of_classes(rows: Rows, names: list[str]) -> Any:
    return [names.index(cell) for _, cell in rows]


def columns(rows: Rows, names: list[str]) -> Any:
    return [[float(cell) for cell in cells] for _, *cells in rows]


def sets(rows: Rows, names: list[str]) -> Any:
    return [[int(name in cell.split(" ")) for name in names] for _, cell in rows]


def rankings(rows: Rows, names: list[str]) -> Any:
    predictions = [[names.index(one) for one in cell.split(" ") if one] for _, cell in rows]
    longest = max(map(len, predictions), default=0) or 1
    return [one + [-1] * (longest - len(one)) for one in predictions]


def confident(rows: Rows, names: list[str]) -> Any:
    pairs = [cell.split(" ") if cell else None for _, cell in rows]
    return [(-1.0, 0.0) if p is None else (names.index(p[0]), float(p[1])) for p in pairs]


def melted(rows: Rows, names: list[str]) -> Any:
    exams: dict[str, list[float]] = {}
    for row_id, cell in rows:
        exam = next(row_id[: -len(name) - 1] for name in names if row_id.endswith("_" + name))
        exams.setdefault(exam, []).append(float(cell))
    return list(exams.values())


@dataclass(frozen=True)
class Case:
    """A tiny test set of one kind of competition, three predictions of it, and their scores."""

    decode: Decoder
    truth: Any
    perfect: Any
    nothing: Any
    half: Any
    """Half right: what the golden file holds."""
    scores: tuple[float, float, float]
    """Of perfect, nothing and half, worked by hand."""
    classes: tuple[str, ...] = ()
    """Where the preset does not know them."""
    answers: tuple[str, ...] = ()
    """The texts that a cell may hold, where they are not the classes."""
    gallery: tuple[str, ...] = ()
    is_probs: bool = False


def one_hot(truth: list[int], n: int) -> list[list[float]]:
    return [[float(i == one) for i in range(n)] for one in truth]


def ranked(*rows: list[int], k: int) -> list[list[int]]:
    return [row + [-1] * (k - len(row)) for row in rows]


def single(
    decode: Decoder, truth: list[int], half: list[int], classes: tuple[str, ...] = ()
) -> Case:
    """Return four images of which two are decided rightly, and one if all are the first class."""
    return Case(decode, truth, truth, [0] * 4, half, (1.0, 0.25, 0.5), classes)


RATINGS = Case(
    whole_numbers,
    *([0, 0, 3, 4, 4], [0, 0, 3, 4, 4], [0] * 5, [0, 3, 3, 3, 4]),
    scores=(1.0, 0.0, 0.6269),
)
WHALES = Case(
    rankings,
    truth=[0, 1, -1, 3],
    perfect=ranked([0], [1], [5], [3], k=5),
    nothing=ranked([], [], [], [], k=5),
    half=ranked([0, 1], [2, 4], [0, 5], [0], k=5),
    scores=(1.0, 0.0, (1 + 0 + 1 / 2 + 0) / 4),
    classes=("w_1287fbc", "w_0003639", "w_23a388d", "w_11", "w_98baff9"),
    answers=("w_1287fbc", "w_0003639", "w_23a388d", "w_11", "w_98baff9", "new_whale"),
)
LANDMARKS = Case(
    confident,
    truth=[0, 1, 2, 3],
    perfect=[[0, 0.9], [1, 0.8], [2, 0.7], [3, 0.2]],
    nothing=[[-1, 0.0]] * 4,
    half=[[0, 0.9], [0, 0.8], [2, 0.7], [0, 0.2]],
    scores=(1.0, 0.0, (1 + 2 / 3) / 4),
    classes=("8815", "17", "204", "9"),
)
GALLERY = ("7fb49a3a2e1a3b0f", "2c1ad3bd1de2a1a2", "9a9a9a9a00000001", "0e3f1c54ad5cc7e1",
           "5bcdff5fbf6b2dd3")  # fmt: skip
RETRIEVED = Case(
    rankings,
    truth=[[0, 1], [2, -1]],
    perfect=ranked([0, 1], [2], k=100),
    nothing=ranked([], [], k=100),
    half=ranked([0, 4, 1], [3, 2], k=100),
    scores=(1.0, 0.0, ((1 + 2 / 3) / 2 + 1 / 2) / 2),
    classes=("8815", "17"),
    answers=GALLERY,
    gallery=GALLERY,
)
AREA = Case(
    numbers,
    *([1, 1, 0, 0], [1.0, 1.0, 0.0, 0.0], [0.5] * 4, [0.8, 0.4, 0.4, 0.1]),
    scores=(1.0, 0.5, 0.875),
    is_probs=True,
)
ODD, EVEN = [1, 0] * 5 + [1], [0, 1] * 5 + [0]
CLASS_COLUMNS = Case(
    columns,
    truth=[0, 1],
    perfect=one_hot([0, 1], 3),
    nothing=[[1 / 3] * 3] * 2,
    half=one_hot([0, 0], 3),
    # One right and one sure and wrong, of which 1e-15 is left.
    scores=(0.0, math.log(3), -math.log(1e-15) / 2),
    classes=("affenpinscher", "beagle", "pug"),
    is_probs=True,
)
F2_OF_ROWS = ((5 / (5 + 4)) + (5 / (5 + 1)) + 0) / 3
CASES: dict[str, Case] = {
    "aptos": RATINGS,
    "petfinder-adoption": RATINGS,
    "petfinder-pawpularity": Case(
        numbers,
        *([10, 20, 30, 40], [10.0, 20.0, 30.0, 40.0], [25.0] * 4, [10.0, 20.0, 36.0, 48.0]),
        scores=(0.0, math.sqrt(125), 5.0),
        is_probs=True,
    ),
    "cassava": single(whole_numbers, [0, 1, 4, 3], [0, 1, 2, 2]),
    "cifar-10": single(names_of_classes, [0, 3, 9, 5], [0, 3, 1, 2]),
    "paddy": single(names_of_classes, [0, 3, 9, 5], [0, 3, 8, 8]),
    "plant-seedlings": single(names_of_classes, [0, 11, 2, 3], [0, 11, 7, 7]),
    "iwildcam-2020": single(names_of_classes, [0, 2, 2, 2], [0, 2, 1, 1], ("0", "3", "372")),
    "herbarium-2022": Case(
        names_of_classes,
        *([0, 0, 1, 1, 2], [0, 0, 1, 1, 2], [0] * 5, [0, 1, 1, 1, 3]),
        # F1 of 0: 2/3, of 1: 4/5; 2 and 3 have none. All in one class: 4/7 and twice none.
        scores=(1.0, 4 / 7 / 3, (2 / 3 + 4 / 5) / 4),
        classes=("7", "10", "11", "15504"),
    ),
    "inaturalist-2019": Case(
        rankings,
        truth=[0, 1, 2, 3],
        perfect=ranked([0], [1], [2], [3], k=5),
        nothing=ranked([], [], [], [], k=5),
        half=ranked([0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [0, 2], [0], k=5),
        scores=(0.0, 1.0, 0.5),
        classes=("0", "1", "2", "3", "4"),
    ),
    "whale-categorization": WHALES,
    "humpback-whale": WHALES,
    "hotel-id-2021": Case(
        rankings,
        truth=[0, 1, 2, 3],
        perfect=ranked([0], [1], [2], [3], k=5),
        nothing=ranked([], [], [], [], k=5),
        half=ranked([0, 2], [0, 1], [0, 1, 2, 3], [1, 0, 2], k=5),
        scores=(1.0, 0.0, (1 + 1 / 2 + 1 / 3 + 0) / 4),
        classes=("36363", "18807", "53586", "64314", "5"),
    ),
    "landmark-recognition-2019": LANDMARKS,
    "landmark-recognition-2020": LANDMARKS,
    "landmark-retrieval-2019": RETRIEVED,
    "landmark-retrieval-2020": RETRIEVED,
    "human-protein-atlas": Case(
        sets,
        truth=[[1] * 28, [0, 1] + [0] * 26],
        perfect=[[1] * 28, [0, 1] + [0] * 26],
        nothing=[[0] * 28] * 2,
        half=[[1] * 14 + [0] * 14, [0, 1] + [0] * 26],
        scores=(1.0, 0.0, 0.5),
    ),
    "imet-2020": Case(
        sets,
        *([[0, 1, 1, 0], [0, 1, 0, 0], [0] * 4], [[0, 1, 1, 0], [0, 1, 0, 0], [0] * 4]),
        nothing=[[0] * 4] * 3,
        half=[[0, 1, 0, 0], [0, 1, 0, 1], [0] * 4],
        scores=(1.0, 0.0, 4 / 6),
        classes=("7", "12", "400", "1033"),
    ),
    "imet-2019": Case(
        sets,
        *([[0, 1, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]], [[0, 1, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]),
        nothing=[[0] * 4] * 3,
        half=[[0, 1, 0, 0], [0, 1, 0, 1], [0] * 4],
        scores=(1.0, 0.0, F2_OF_ROWS),
        classes=("7", "12", "400", "1033"),
    ),
    "plant-pathology-2021": Case(
        sets,
        truth=[[0, 1, 0, 0, 0, 1], [0] * 5 + [1], [0] * 6],
        perfect=[[0, 1, 0, 0, 0, 1], [0] * 5 + [1], [0] * 6],
        nothing=[[0] * 6] * 3,
        half=[[0] * 5 + [1], [0, 0, 0, 0, 1, 1], [0] * 6],
        scores=(1.0, 0.0, 4 / 6),
    ),
    "plant-pathology-2020": Case(
        columns,
        truth=[0, 1, 2, 3],
        perfect=one_hot([0, 1, 2, 3], 4),
        nothing=[[0.25] * 4] * 4,
        half=[[0.7 if i == j else 0.1 for j in range(4)] for i in (0, 1, 3, 2)],
        # In the last two columns the right row ties with two others and is below one.
        scores=(1.0, 0.5, (1 + 1 + 1 / 3 + 1 / 3) / 4),
        is_probs=True,
    ),
    "ranzcr-clip": Case(
        columns,
        truth=[ODD, EVEN],
        perfect=[[float(one) for one in row] for row in (ODD, EVEN)],
        nothing=[[0.5] * 11] * 2,
        half=[[0.9, 0.2] * 3 + [0.5] * 5, [0.2, 0.9] * 3 + [0.5] * 5],
        scores=(1.0, 0.5, (6 * 1 + 5 * 0.5) / 11),
        is_probs=True,
    ),
    "dog-breed": CLASS_COLUMNS,
    "leaf-classification": replace(
        CLASS_COLUMNS, classes=("Acer_Opalus", "Quercus_Rubra", "Tilia_Tomentosa")
    ),
    "rsna-cervical-spine": Case(
        melted,
        truth=[[1, 0, 0, 0, 0, 0, 0, 1], [0] * 8],
        perfect=[[1.0, 0, 0, 0, 0, 0, 0, 1.0], [0.0] * 8],
        nothing=[[0.5] * 8] * 2,
        half=[[1.0, 0, 0, 0, 0, 0, 0, 1.0], [0.5] * 8],
        scores=(0.0, math.log(2), math.log(2) / 2),
        is_probs=True,
    ),
    "rsna-breast": Case(
        numbers,
        *([1, 1, 0, 0], [1.0, 1.0, 0.0, 0.0], [0.0] * 4, [0.9, 0.4, 0.3, 0.0]),
        scores=(1.0, 0.0, 0.7222),
        is_probs=True,
    ),
    "histopathologic-cancer": AREA,
    "aerial-cactus": AREA,
    "seti-breakthrough": AREA,
    "siim-isic-melanoma": AREA,
    "statoil-iceberg": Case(
        numbers,
        *([1, 0], [1.0, 0.0], [0.5, 0.5], [1.0, 1.0]),
        scores=(0.0, math.log(2), -math.log(1e-15) / 2),
        is_probs=True,
    ),
    "alaska2": Case(
        numbers,
        *([1, 1, 0, 0], [2.0, 1.0, -1.0, -3.0], [0.0] * 4, [3.0, 1.0, 2.0, -0.5]),
        # The curve climbs to 1/2, goes right to 1/2, climbs to 1: the band to .4 is full, the one
        # above it is .1 high on the left half and .6 on the right one.
        scores=(1.0, 0.5857, (2 * 0.4 + (0.1 + 0.6) / 2) / (2 * 0.4 + 0.6)),
        is_probs=True,
    ),
}


def written(folder, preset: Preset, predicted: Any):
    """Write `predicted`, given in another order than the sample's, and return all that is known."""
    case = CASES[preset.name]
    _, *rows = table_of(golden(preset))
    ids = list(dict.fromkeys(sample_of(row[0], case, preset) for row in rows))
    classes = case.classes[:2] if case.gallery else case.classes
    competition = competition_of_preset(
        folder, preset, sample=golden(preset).read_text(), classes=classes
    )
    given_ = np.array(predicted)[::-1]
    path = write_submission(
        folder / "submission.csv",
        competition,
        ids[::-1],
        given_ if case.is_probs else np.zeros((len(ids), 1)),
        None if case.is_probs else given_,
        gallery=case.gallery or None,
    )
    return path, competition, ids


def sample_of(row_id: str, case: Case, preset: Preset) -> str:
    return (
        row_id.rpartition("_C")[0] or row_id.removesuffix("_patient_overall")
        if (case.decode is melted)
        else row_id
    )


def answers_of(preset: Preset) -> list[str]:
    case = CASES[preset.name]
    return list(case.answers or case.classes or preset.classes)


LABELS = presets_of("classify")


def test_every_preset_of_labels_has_a_case_and_a_golden_file():
    assert {preset.name for preset in LABELS} == set(CASES)
    assert [preset.name for preset in LABELS if not golden(preset).is_file()] == []


@pytest.mark.parametrize("preset", params(LABELS))
def test_the_file_of_predictions_that_are_half_right_is_the_golden_one(tmp_path, preset):
    path, competition, _ = written(tmp_path, preset, CASES[preset.name].half)
    assert path.read_bytes() == golden(preset).read_bytes()
    assert check(path, competition) == []


@pytest.mark.parametrize("which", ["perfect", "nothing", "half"])
@pytest.mark.parametrize("preset", params(LABELS, scored=True))
def test_what_a_host_reads_in_the_file_scores_what_a_hand_works_out(tmp_path, preset, which):
    case = CASES[preset.name]
    path, competition, ids = written(tmp_path, preset, getattr(case, which))
    assert [p for p in check(path, competition) if p.level == "error"] == []
    _, *rows = table_of(path)
    decoded = np.array(case.decode(rows, answers_of(preset)))
    n_classes = len(case.classes or preset.classes)
    options = metrics.with_classes(
        preset.metric.name, preset.metric.options, preset.tasks["classify"], n_classes
    )
    score = metrics.score(preset.metric.name, np.array(case.truth), decoded, **options)
    expected = case.scores[["perfect", "nothing", "half"].index(which)]
    # Some of them are given with four decimals; a clip at 1e-15 is felt in the perfect log loss.
    assert score == pytest.approx(expected, abs=5e-5)
    if not case.gallery:
        back = read_answers(path, expected_of_ids(format_of(competition), ids))
        predictions = back[..., : decoded.shape[-1]].reshape(decoded.shape)
        np.testing.assert_array_equal(predictions, decoded)


def test_a_case_is_no_case_if_nothing_scores_as_well_as_half():
    assert [name for name, case in CASES.items() if len(set(case.scores)) < 3] == []
