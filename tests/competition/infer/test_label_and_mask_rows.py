"""A sample with a label and a mask in each row, whose columns are called as a host likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.workspace.marked_yaml import load_plain_yaml
from tests.competition.infer.test_infer_masks import put, stripes, table

KINDS = ("clear", "naevus", "melanoma")


def skin(data: Path, cells: tuple[str, ...], text: str = "") -> None:
    put(data, [f"train_images/p{n}.png" for n in range(12)])
    put(data, [f"train_masks/p{n}.png" for n in range(12)], stripes([0, 255]))
    put(data, [f"test_images/q{n}.png" for n in range(4)])
    table(data, "train.csv", "image_id,diagnosis", (f"p{n},{KINDS[n % 3]}" for n in range(12)))
    rows = (f"q{n},{KINDS[n % 2]},{cells[n % len(cells)]}" for n in range(4))
    table(data, "submission_format.csv", "image_id,diagnosis,lesion", rows)
    if text:
        (data / "README.txt").write_text(text, encoding="utf-8")


def found_of(tmp_path: Path) -> Inferred:
    return infer(tmp_path / "data", tmp_path)


@pytest.mark.parametrize("cells", [("-", "1 32"), ("1 32",), ("1 32 70 11", "-")])
def test_pairs_of_numbers_beside_masks_are_runs_by_any_name(
    cells: tuple[str, ...], tmp_path: Path
) -> None:
    skin(tmp_path / "data", cells)

    found = found_of(tmp_path)

    assert found.competition.tasks == {"classify": "multiclass", "segment": "binary"}
    written = load_plain_yaml(found.text)["submission"]["columns"]
    assert [(one["name"], one["value"]) for one in written] == [
        ("image_id", "id"), ("diagnosis", "name"), ("lesion", "rle"),
    ]  # fmt: skip


def test_the_score_of_each_answer_is_that_which_a_text_names(tmp_path: Path) -> None:
    text = "Half of the score is the macro-averaged F1, the other half the mean Dice coefficient.\n"
    skin(tmp_path / "data", ("-", "1 32"), text)

    parts = load_plain_yaml(found_of(tmp_path).text)["metric"]["parts"]

    assert [(one["name"], one["task"]) for one in parts] == [
        ("macro_f1", "classify"), ("mean_dice", "segment"),
    ]  # fmt: skip


def test_a_column_that_nobody_understands_is_a_question(tmp_path: Path) -> None:
    skin(tmp_path / "data", ("south", "north"))

    found = found_of(tmp_path)

    assert "submission.columns" in found.competition.to_choose
    assert "lesion: text[" in found.text.replace("'", "")


@pytest.mark.parametrize(("text", "parts"), [
    ("The score is 0.7 times the macro F1 of the labels plus 0.3 times the mean Dice of the masks"
     " (averaged over images).", [("macro_f1", 0.7), ("mean_dice", 0.3)]),
    ("Scored by the mean IoU (weight 25 %) and the accuracy (weight 75 %).",
     [("accuracy", 0.75), ("mean_iou", 0.25)]),
    ("The score: 40 % macro F1, 60 % mean Dice.", [("macro_f1", 0.4), ("mean_dice", 0.6)]),
    ("Bewertung: 0,2 * Makro-F1 + 0,8 * Dice", [("macro_f1", 0.2), ("mean_dice", 0.8)]),
    ("Score = 1/4 accuracy + 3/4 mean Dice", [("accuracy", 0.25), ("mean_dice", 0.75)]),
    # In other languages, signs and orders.
    ("Nota = 0,4 * F1 macro del diagnóstico + 0,6 * media del coeficiente Dice de las máscaras"
     " (Dice = 1 si la máscara real y la predicha están vacías).",
     [("macro_f1", 0.4), ("mean_dice", 0.6)]),
    ("Score = 0.8 × mean Dice (Dice = 1.0 if both are empty) + 0.2 × macro F1",
     [("macro_f1", 0.2), ("mean_dice", 0.8)]),
    ("Note finale = 0,3 × F1 macro des classes + 0,7 × coefficient de Dice des masques, où le Dice"
     " vaut 1 si les deux sont vides.", [("macro_f1", 0.3), ("mean_dice", 0.7)]),
    ("Bewertet wird mit 70 % Dice-Koeffizient der Masken und 30 % Makro-F1 der Diagnose.",
     [("macro_f1", 0.3), ("mean_dice", 0.7)]),
    ("Avaliação: 0,25 * acurácia + 0,75 * IoU médio", [("accuracy", 0.25), ("mean_iou", 0.75)]),
    ("Метрика: 0,6 * F1 + 0,4 * Dice, где Dice = 1, если обе маски пусты.",
     [("macro_f1", 0.6), ("mean_dice", 0.4)]),
    ("評価:0.7×マクロF1+0.3×平均Dice", [("macro_f1", 0.7), ("mean_dice", 0.3)]),
    ("評価指標はマクロF1が70%、Diceが30%の重み付けです。", [("macro_f1", 0.7), ("mean_dice", 0.3)]),
    ("评分:宏F1占30%权重,Dice系数占70%权重。", [("macro_f1", 0.3), ("mean_dice", 0.7)]),
    # Half of each, and the mean of both.
    ("Half of the score is the accuracy, the other half the mean IoU.",
     [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("Scored by the average of the accuracy of the labels and the mean IoU of the masks.",
     [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("La puntuación es la media de la exactitud y el IoU.",
     [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("Évaluation : moyenne de l'exactitude et de l'IoU.",
     [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("Bewertung: IoU und Genauigkeit zu gleichen Teilen.",
     [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("Avaliação: média entre acurácia e IoU.", [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("Метрика: точность классификации и IoU с равными весами.",
     [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("評価は正解率とIoUの平均です。", [("accuracy", 0.5), ("mean_iou", 0.5)]),
    ("评分:准确率和IoU各占一半。", [("accuracy", 0.5), ("mean_iou", 0.5)]),
    # What is not plain stays the mean of both, and a guess.
    ("Scored by the average of the Dice over all images and the macro F1.", None),
    ("Scored by the macro F1 and the mean Dice.", None),
    ("Scored by the macro F1 and the mean Dice, with equal weight for all images.", None),
    ("The score is 0.5 times the macro F1 plus 0.3 times the Dice plus 0.2 times the Dice of small"
     " ones.", None),
    ("Scored by macro F1 at threshold 0.5 and mean Dice at threshold 0.5.", None),
    ("The score is 0.7 times the macro F1 plus 0.7 times the mean Dice.", None),
    ("The score is 0.7 times the macro F1 plus 0.3 times the accuracy.", None),
    ("The score is 0.7 times the macro F1 plus 0.3 times the mean Dice, of"
     " all slices together.", None),
])  # fmt: skip
def test_weights_beside_both_scores_are_those_of_the_sum(
    tmp_path: Path, text: str, parts: list[tuple[str, float]] | None
) -> None:
    skin(tmp_path / "data", ("-", "1 32"), text)
    found = found_of(tmp_path)
    notes = "\n".join(found.notes)
    written = load_plain_yaml(found.text)["metric"]["parts"]
    assert [one["task"] for one in written] == ["classify", "segment"]
    if parts is None:
        assert [one["weight"] for one in written] == [0.5, 0.5]
        assert "is a guess (metric.parts)" in notes
        return
    assert [one["name"] for one in written] == [name for name, _ in parts]
    assert [one["weight"] for one in written] == pytest.approx([weight for _, weight in parts])
    assert "guess" not in notes.replace("--", "")
    assert "README.txt says" in found.text


def test_a_column_that_the_one_workspace_writes_needs_no_second_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"train/p{n}.png" for n in range(12)])
    put(data, [f"test/q{n}.png" for n in range(4)])
    rows = (f"p{n},{KINDS[n % 3]},{1 + n} 32" for n in range(12))
    table(data, "train.csv", "id,diagnosis,rle", rows)
    table(data, "sample_submission.csv", "id,diagnosis,rle", (
        f"q{n},{KINDS[n % 2]},{1 + n} 1" for n in range(4)
    ))  # fmt: skip
    found = found_of(tmp_path)
    assert found.competition.tasks == {"classify": "multiclass", "segment": "binary"}
    assert "second workspace" not in "\n".join(found.notes)
    alone = infer(data, tmp_path, label="rle")
    assert "diagnosis: 'file[../OTHER/submissions/auto.csv]'" in "\n".join(alone.notes)


def in_folders(data: Path, text: str = "") -> None:
    """Write classes as folders, masks beside the images, two of some, and a sample of one word."""
    for name in KINDS:
        put(data, [f"train/{name}/{name} ({n}).png" for n in range(6)])
        put(data, [f"train/{name}/{name} ({n})_mask.png" for n in range(6)], stripes([0, 255]))
        put(data, [f"train/{name}/{name} ({n})_mask_1.png" for n in range(2)], stripes([0, 255]))
    put(data, [f"test/q{n}.png" for n in range(4)])
    table(
        data, "sample_submission.csv", "id,finding,mask_rle", (f"q{n},clear,-1" for n in range(4))
    )
    if text:
        (data / "README.txt").write_text(text, encoding="utf-8")


def test_a_sample_of_one_class_and_empty_masks_asks_for_both(tmp_path: Path) -> None:
    in_folders(tmp_path / "data")

    found = found_of(tmp_path)

    assert found.competition.tasks == {"classify": "multiclass", "segment": "binary"}
    assert "tasks" not in found.competition.to_choose
    assert "all files of an image are one mask" in "\n".join(found.notes)
