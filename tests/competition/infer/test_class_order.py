"""Ratings by names: their order is shown by a text or a table, or it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.classes.order import class_order
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer

GRADES = ["P", "G", "VG", "VG+", "NM"]
KAPPA = "Evaluation: quadratic weighted kappa."


def inferred(root: Path, readme: str, ranks: str = "") -> Inferred:
    """Infer from 30 records with a grade each."""
    data = root / "data"
    for number in range(40):
        image = data / ("train" if number < 30 else "test") / f"r{number:02}.png"
        image.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(image)
    rows = [f"r{number:02},{GRADES[number % 5]}" for number in range(30)]
    sent = [f"r{number:02},VG" for number in range(30, 40)]
    (data / "train.csv").write_text("\n".join(["record,grade", *rows]) + "\n")
    (data / "sample_submission.csv").write_text("\n".join(["record,grade", *sent]) + "\n")
    (data / "README.md").write_text(readme)
    if ranks:
        (data / "grades.csv").write_text(ranks)
    return infer(data, root)


@pytest.mark.parametrize(
    "words",
    [
        "From worst to best:\n\n    P  <  G  <  VG  <  VG+  <  NM\n\nGrade the record.",
        "Grades are NM > VG+ > VG > G > P (best first).",
        "The scale: P → G → VG → VG+ → NM.",
    ],
)
def test_a_chain_of_all_classes_in_a_text_is_their_order(tmp_path: Path, words: str) -> None:
    found = inferred(tmp_path, f"{words}\n\n{KAPPA}\n")
    assert found.competition.tasks == {"classify": "ordinal"}
    assert found.competition.classes in (GRADES, GRADES[::-1])
    assert not found.competition.to_choose


RIPE = ["unripe", "young", "medium", "mature", "overripe"]


@pytest.mark.parametrize("words", [
    "Die Note geht von unripe über young, medium und mature bis overripe.",
    "The grade goes from unripe through young, medium and mature to overripe.",
    "From overripe, mature, medium and young to unripe.",
    "From 'unripe' to 'overripe', via young, medium and mature.",
    "unripe < young < medium < mature < overripe",
    "La note va de unripe à overripe en passant par young, medium et mature.",
    "El grado va de unripe a overripe, pasando por young, medium y mature.",
    "Il grado va da unripe a overripe, passando per young, medium e mature.",
    "De graad gaat van unripe via young, medium en mature tot overripe.",
    "Graden går från unripe via young, medium och mature till overripe.",
    "Ocena od unripe przez young, medium, mature do overripe.",
    "Оценка от unripe через young, medium и mature до overripe.",
    "等级从unripe到overripe。等级从unripe经young、medium、mature到overripe。",
])  # fmt: skip
def test_a_sentence_from_the_first_through_all_to_the_last_is_their_order(
    tmp_path: Path, words: str
) -> None:
    (tmp_path / "README.md").write_text(words)
    found = class_order(CompetitionData(scan_folder(tmp_path, ".")), sorted(RIPE))
    assert found is not None
    assert found.is_proof
    assert found.classes in (RIPE, RIPE[::-1])


@pytest.mark.parametrize(("classes", "words", "order"), [
    ("ABCDE", "Kappa between your grades and ours (A=0 ... E=4).", "ABCDE"),
    ("ABCDE", "Grades count as 'A' = 5, 'B' = 4, 'E' = 1.", "ABCDE"),
    (RIPE, "0 = unripe, 1 = young, 2 = medium, 3 = mature, 4 = overripe.", RIPE),
    (RIPE, "overripe=5, mature=4, medium=3, young=2, unripe=1", RIPE),
    ("ABCDE", "A=0, and the others more.", None),  # one end alone
    ("ABCDE", "A=0 ... E=7.", None),  # not as far apart
    ("ABCDE", "A=0, C=1 ... E=4.", None),  # C is not where the alphabet has it
    ("ABCDE", "A=0 ... E=4, or A=1 ... E=5.", None),  # two numbers of one
    (RIPE, "unripe=0 ... overripe=4", None),  # they are not the ends of the alphabet
])  # fmt: skip
def test_classes_with_numbers_in_a_sentence_are_in_their_order(
    tmp_path: Path, classes: Sequence[str], words: str, order: Sequence[str] | None
) -> None:
    (tmp_path / "README.md").write_text(words)
    found = class_order(CompetitionData(scan_folder(tmp_path, ".")), sorted(classes))
    if order is None:
        assert found is None
    else:
        assert found is not None
        assert found.is_proof
        assert found.classes in ([*order], [*order][::-1])


@pytest.mark.parametrize("words", [
    "From unripe through young and medium to overripe; mature is left out.",  # not all in a row
    "From unripe through young, medium, mature and young to overripe.",  # one of them twice
    "Wheels from dairies: unripe, young, medium, mature, overripe.",
])  # fmt: skip
def test_a_sentence_that_lacks_or_repeats_a_class_is_no_order(tmp_path: Path, words: str) -> None:
    (tmp_path / "README.md").write_text(words)
    found = class_order(CompetitionData(scan_folder(tmp_path, ".")), sorted(RIPE))
    assert found is None or not found.is_proof


def test_a_list_that_is_called_in_this_order_is_no_question(tmp_path: Path) -> None:
    found = inferred(tmp_path, f"grade    P, G, VG, VG+ or NM, in this order\n\n{KAPPA}\n")
    assert found.competition.classes == GRADES
    assert not found.competition.to_choose


def test_the_order_of_columns_to_send_is_none_of_classes(tmp_path: Path) -> None:
    words = "Send the columns P, G, VG, VG+ and NM, in this order."
    assert "classes" in inferred(tmp_path, f"{words}\n\n{KAPPA}\n").competition.to_choose


def test_a_table_of_ranks_is_their_order(tmp_path: Path) -> None:
    ranks = "grade,rank,price\n" + "".join(f"{one},{10 - n},9\n" for n, one in enumerate(GRADES))
    found = inferred(tmp_path, KAPPA, ranks)
    assert found.competition.classes == GRADES[::-1]
    assert not found.competition.to_choose


@pytest.mark.parametrize(
    "words",
    [
        "Every record has a grade.",
        "P < G < VG < NM",  # one is missing
        "VG+ < NM is hard, P < G is not",
        "P < G < VG < VG+ < NM, and in the shop NM < P < G < VG < VG+",
    ],
)
def test_an_order_that_nothing_shows_is_a_question(tmp_path: Path, words: str) -> None:
    found = inferred(tmp_path, f"{words}\n\n{KAPPA}\n")
    assert found.competition.tasks == {"classify": "ordinal"}
    assert "classes" in found.competition.to_choose


@pytest.mark.parametrize(
    "words",
    [
        "| grade | price |\n| --- | --- |\n| P | below 2 |\n| G | 2 to 5 |\n| VG | 5 to 12 |\n"
        "| VG+ | 12 to 30 |\n| NM | above 30 |",
        "- NM (100 %)\n- VG+ (80 %)\n- VG (60,5 %)\n- G (40 %)\n- P (20 %)",
        "0 = P\n1 = G\n2 = VG\n3 = VG+\n4 = NM",
    ],
)
def test_a_list_of_classes_with_numbers_that_rise_is_their_order(
    tmp_path: Path, words: str
) -> None:
    found = inferred(tmp_path, f"# Grades\n\n{words}\n\n{KAPPA}\n")
    assert found.competition.classes in (GRADES, GRADES[::-1])
    assert not found.competition.to_choose


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("A grade is one of P, G, VG, VG+ or NM.", "P"),
        ("1. P\n2. G\n3. VG\n4. VG+\n5. NM", "P"),
        ("- NM: as new\n- VG+: two scratches\n- VG: 5 scratches\n- G: 3 skips\n- P: bad", "NM"),
        ("One of G, NM, P, VG, VG+.", "G"),  # the alphabet's
        ("P, G, VG, VG+, NM. In the shop: NM, P, G, VG, VG+.", "G"),
    ],
)
def test_the_order_of_a_mere_list_is_offered_as_a_question(
    tmp_path: Path, words: str, first: str
) -> None:
    found = inferred(tmp_path, f"{words}\n\n{KAPPA}\n")
    assert found.competition.to_choose == ["classes"]
    rest = sorted(GRADES) if first == "G" else GRADES if first == "P" else GRADES[::-1]
    assert found.competition.classes == rest


def test_a_table_against_a_text_is_a_question(tmp_path: Path) -> None:
    ranks = "grade,rank\n" + "".join(f"{one},{n}\n" for n, one in enumerate(sorted(GRADES)))
    found = inferred(tmp_path, f"P < G < VG < VG+ < NM\n\n{KAPPA}\n", ranks)
    assert "classes" in found.competition.to_choose


def test_without_a_metric_of_ratings_names_have_no_order(tmp_path: Path) -> None:
    found = inferred(tmp_path, "P < G < VG < VG+ < NM\n\nEvaluation: accuracy.\n")
    assert found.competition.tasks == {"classify": "multiclass"}
    assert not found.competition.to_choose


TABLE = "| grade | of a record |\n| --- | --- |\n{}\n"
BULLETS = "{}\n"


@pytest.mark.parametrize(
    ("told", "form", "falls"),
    [
        ("The grades, from the worst to the best:", TABLE, False),
        ("Who grades? Two of us. From best to worst they are:", TABLE, True),
        ("## Grades (lowest to highest)", BULLETS, False),
        ("## Grades, ascending\n\nAll are of the same shop.", TABLE, False),
        ("Von der geringsten zur größten Güte:", TABLE, False),
        ("Du moins bon au plus beau :", BULLETS, False),
        ("Van de laagste tot de hoogste:", TABLE, False),
        ("等级从最低到最高:", TABLE, False),
    ],
)
def test_words_before_a_list_or_a_table_show_that_it_is_in_order(
    tmp_path: Path, told: str, form: str, falls: bool
) -> None:
    names = GRADES[::-1] if falls else GRADES
    row = "| {} | as it is |" if form == TABLE else "- {}: as it is"
    listed = form.format("\n".join(row.format(one) for one in names))
    found = inferred(tmp_path, f"# Records\n\n{told}\n\n{listed}\n\n{KAPPA}\n")
    assert not found.competition.to_choose
    assert found.competition.classes == GRADES


@pytest.mark.parametrize(
    "told",
    [
        "From the most common to the least common:",
        "The best of them is rare. These are the grades:",
        "The best grades are bought at once:",
        "From A to Z, descending by the alphabet:",
    ],
)
def test_words_of_another_order_leave_a_table_a_question(tmp_path: Path, told: str) -> None:
    listed = "\n".join(f"| {one} | as it is |" for one in GRADES)
    found = inferred(tmp_path, f"{told}\n\n{TABLE.format(listed)}\n\n{KAPPA}\n")
    assert found.competition.to_choose == ["classes"]
    assert found.competition.classes == GRADES


def test_signs_and_numbers_that_are_names_are_found_in_a_table(tmp_path: Path) -> None:
    names = ["r", "+", "1", "2", "3"]
    shares = ["one plant", "below 2 %", "2 to 5 %", "3 of 4 plots", "all"]
    listed = "\n".join(f"| {one} | {two} |" for one, two in zip(names, shares, strict=True))
    text = f"The cover, from lowest to highest:\n\n{TABLE.format(listed)}\n\n{KAPPA}\n"
    (tmp_path / "README.md").write_text(text)
    found = class_order(CompetitionData(scan_folder(tmp_path, "data")), sorted(names))
    assert found is not None
    assert (found.classes, found.is_proof) == (names, True)
