"""What speaks for a label beside its name: the sample's cells, a list of classes, a README."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.labels.evidence import label_evidence
from podium.competition.infer.read_sources import read_sources
from podium.competition.infer.scan import scan_folder
from tests.competition.infer.test_odd_labels import begin, put, table

README = """# 荒茶の等級判定

- file: 画像ファイル名
- toukyu_id: 等級ID (0=特上, 1=上, 2=中, 3=並)。**予測対象**
- lot_no: 製造ロット番号。同じロットを複数回撮影している
- suibun: 水分 (%)。評価用データには提供しない

評価関数「Quadratic Weighted Kappa」を使用します。
"""


def competition(data: Path, readme: str = README, *, listed: bool = True, sent: str = "2") -> None:
    """Write photographs of tea: the grade to predict, the lot, and the water of the leaves."""
    for n in range(60):
        put(data / f"{'train' if n < 48 else 'test'}/{n:03}.png", n)
    # Three photographs of a lot, which lie in no order.
    lots = [f"M{n % 16:02}-{100 + 7 * (n % 16)}" for n in range(48)]
    random.Random(7).shuffle(lots)
    rows = [
        (f"{n:03}.png", (n * 7 + n // 16) % 4, lot, 4 + n % 9 / 10) for n, lot in enumerate(lots)
    ]
    table(data / "train.csv", ("file", "toukyu_id", "lot_no", "suibun"), *rows)
    if listed:
        table(data / "labels_master.csv", ("toukyu_id", "name"), *enumerate("abcd"))
    table(data / "sample_submission.csv", ("file", "answer"), *(
        (f"{n:03}.png", sent) for n in range(48, 60)
    ))  # fmt: skip
    (data / "readme.md").write_text(readme, encoding="utf-8")


def test_a_column_of_which_all_evidence_speaks_is_the_label_without_a_question(
    tmp_path: Path,
) -> None:
    competition(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.data.train.label == "toukyu_id"
    assert "data.train.label" not in found.to_choose
    assert found.classes == ["0", "1", "2", "3"]
    assert "lot_no may group rows (16 values over 48 rows, each 3 times" in notes


@pytest.mark.parametrize("label", [None, "toukyu_id"])
def test_whole_numbers_that_are_scored_by_kappa_are_ratings(
    tmp_path: Path, label: str | None
) -> None:
    competition(tmp_path / "data")
    found, _ = begin(tmp_path, label)
    assert (found.tasks, found.metric.name) == ({"classify": "ordinal"}, "qwk")


def test_whole_numbers_that_are_scored_otherwise_are_classes(tmp_path: Path) -> None:
    readme = README.replace("Quadratic Weighted Kappa", "Macro F1")
    competition(tmp_path / "data", readme)
    found, _ = begin(tmp_path)
    assert (found.tasks, found.metric.name) == ({"classify": "multiclass"}, "macro_f1")


@pytest.mark.parametrize("lacking", ["list", "mark", "denied", "two"])
def test_two_reasons_make_the_first_of_the_readings(tmp_path: Path, lacking: str) -> None:
    readmes = {
        "mark": README.replace("予測対象", ""),
        "denied": README.replace("予測対象", "予測対象ではない"),
        "two": README.replace("提供しない", "提供。予測対象"),
    }
    competition(tmp_path / "data", readmes.get(lacking, README), listed=lacking != "list")
    found, _ = begin(tmp_path)
    assert found.data.train.label == "toukyu_id"
    assert "data.train.label" in found.to_choose
    written = (tmp_path / "competition.yaml").read_text()
    assert "# or label: suibun" in written
    assert "# or label: lot_no" not in written


def test_a_lot_of_many_values_is_never_offered_as_the_label(tmp_path: Path) -> None:
    competition(tmp_path / "data", "", listed=False, sent="9")
    found, notes = begin(tmp_path)
    assert "data.train.label" in found.to_choose
    assert "# or label: lot_no" not in (tmp_path / "competition.yaml").read_text()
    assert "lot_no may group rows" in notes


def test_a_list_of_lots_and_a_sample_that_fits_nothing_are_no_evidence(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, "lot_no: helps to find the target\n\nsuibun: water", sent="9")
    table(data / "lots.csv", ("lot", "year"), *(
        (f"M{n:02}-{100 + 7 * n}", 2020) for n in range(16)
    ))  # fmt: skip
    sources = read_sources(data, tmp_path)
    folder = scan_folder(data, "data")
    found = label_evidence(
        CompetitionData(folder, sources.tables, sources.sample), "train.csv", ["file"]
    )
    assert found == {}
    of_all = label_evidence(CompetitionData(folder, sources.tables), "train.csv", ["file"])
    assert {column: len(reasons) for column, reasons in of_all.items()} == {
        "toukyu_id": 2,  # labels_master.csv, which is called as labels are
        "lot_no": 2,
    }
    assert begin(tmp_path)[0].data.train.label != "lot_no"


def test_words_of_the_sample_speak_for_a_column_above_another_ones_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(36):
        put(data / ("photos" if n < 30 else "later") / f"IMG_{n:03}.jpg", n)
    rows = ((f"IMG_{n:03}", f"7{'abc'[n % 3]}", ("oak", "pine")[n % 2]) for n in range(30))
    table(data / "survey.csv", ("photo", "Your class", "What do you see?"), *rows)
    sent = ((f"IMG_{n:03}", "oak") for n in range(30, 36))
    table(data / "sample_submission.csv", ("photo", "answer"), *sent)
    found, notes = begin(tmp_path)
    assert found.data.train.label == "What do you see?"
    assert "choose data.train.label" in notes  # the other one is called a class


@pytest.mark.parametrize("sign", [" ", ";", ", "])
def test_answers_that_the_sample_lists_speak_for_the_column_that_has_all(
    tmp_path: Path, sign: str
) -> None:
    data, fins = tmp_path / "data", [f"{n:02x}a6e3" for n in range(6)]
    for n in range(36):
        put(data / f"{'train' if n < 30 else 'test'}/{n:03}.png", n)
    rows = [(f"{n:03}.png", "ab"[n % 2], fins[n % 6]) for n in range(30)]
    table(data / "train.csv", ("image", "species", "fin"), *rows)
    sent = [(f"{n:03}.png", f'"{sign.join(fins[:5])}"') for n in range(30, 36)]
    table(data / "sample_submission.csv", ("image", "predictions"), *sent)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "fin"
    assert found.classes == fins
    # One word may mean none of the others; two that train lacks speak for no column.
    for word, other, label in (("new", fins[1], "fin"), ("new", "old", "species")):
        cells = f'"{sign.join([word, other, *fins[2:5]])}"'
        table(
            data / "sample_submission.csv", ("image", "predictions"), *((n, cells) for n, _ in sent)
        )
        found, _ = begin(tmp_path)
        assert found.data.train.label == label


def test_y_is_a_label_alone_and_no_part_of_another_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(36):
        put(data / ("photos" if n < 30 else "later") / f"{n:03}.jpg", n)
    rows = ((f"{n:03}", n / 7, n / 3, n / 5) for n in range(30))
    table(data / "needles.csv", ("photo", "x_tip", "y_tip", "size"), *rows)
    table(
        data / "sample_submission.csv", ("photo", "angle"), *((f"{n:03}", 0) for n in range(30, 36))
    )
    _, notes = begin(tmp_path)
    assert "choose data.train.label" in notes
