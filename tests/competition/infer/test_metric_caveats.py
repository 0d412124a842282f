"""What a text says beside the name of a metric that makes it another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.readme.metric_caveats import caveat_of_metric
from podium.competition.infer.readme.metrics import find_readme_metrics, find_readme_ranking
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.tasks.protocols.find import image_kind, pixel_kind
from tests.competition.infer.test_odd_labels import begin, put, table

COLUMNS = ("nut", "angle", "gesund")


def caveat(folder: Path, text: str, kind: str) -> str:
    """Return the doubt about the first metric of a text."""
    (folder / "README.md").write_text(text, encoding="utf-8")
    scanned = scan_folder(folder, ".")
    named = find_readme_metrics(scanned, image_kind(kind), "classify")
    return caveat_of_metric(scanned, named[0], image_kind(kind), COLUMNS)


@pytest.mark.parametrize(("text", "kind", "quote"), [
    ("Scored by MCRMSE over the columns, where the angle counts double.", "multitarget",
     "where the angle counts double"),
    ("Scored by MCRMSE.\n\nThe column angle counts twice.", "multitarget",
     "the column angle counts twice"),
    ("The score is the mean of the R2 of the columns, weighted 0.5, 0.3 and 0.2.", "multitarget",
     "weighted 0.5, 0.3 and 0.2"),
    ("Metric: MAE, averaged over both, where nut counts three times as much as bolt", "multitarget",
     "where nut counts three times as much as bolt"),
    ("The score is the weighted mean of the MAE of the columns.", "multitarget",
     "the score is the weighted mean of the mae of the columns"),
    ("Metric: log loss, where the column gesund has weight 2.", "multilabel",
     "where the column gesund has weight 2"),
    ("Metric: mean column-wise ROC AUC; the column gesund is not scored", "multilabel",
     "the column gesund is not scored"),
    ("Scored by accuracy within one grade: it may be one off.", "ordinal",
     "scored by accuracy within one grade"),
    ("Evaluación: exactitud con tolerancia de un grado.", "ordinal",
     "exactitud con tolerancia de un grado"),
    ("Scored by the mean absolute percentage error in its symmetric form.", "regression",
     "scored by the mean absolute percentage error in its symmetric form"),
    ("Bewertung: MCRMSE; die Spalte angle zählt doppelt.", "multitarget",
     "die spalte angle zählt doppelt"),
    ("Évaluation : MCRMSE, la colonne angle compte double.", "multitarget",
     "la colonne angle compte double"),
    ("Metric: log loss.\n\nTwins: the two models look alike and are scored as one class.",
     "multiclass", "the two models look alike and are scored as one class"),
    ("[평가 산식]\nLog Loss\n\n아래 두 클래스는 채점 시 동일 클래스로 간주합니다.", "multiclass",
     "아래 두 클래스는 채점 시 동일 클래스로 간주합니다"),
    ("The metric is RMSE, computed separately for north and south.", "ordinal",
     "computed separately for north and south"),
    ("Bewertung: MAE, getrennt nach Ländern.", "regression", "getrennt nach ländern"),
    ("Scored by AUC.\n\nOf the tiles.\n\nScore = 0.7 * A + 0.3 * B", "binary",
     "0.7 a + 0.3 b"),
    ("Évaluation : RMSE divisée par l'écart-type de la colonne.", "multitarget",
     "rmse divisée par l'écart type de la colonne"),
])  # fmt: skip
def test_weights_and_tolerances_beside_a_metric_are_quoted(
    tmp_path: Path, text: str, kind: str, quote: str
) -> None:
    assert f"README.md says {quote!r}" in caveat(tmp_path, text, kind)


@pytest.mark.parametrize(("text", "kind"), [
    ("Scored by MAE. Empty cells are not scored.", "multitarget"),
    ("Scored by MCRMSE. Cells of a column without a value are left out.", "multitarget"),
    ("Scored by RMSE, so that large errors count more.", "multitarget"),
    ("Scored by MCRMSE. Each column counts the same.", "multitarget"),
    ("Scored by R2, which is 1 for no error; the standard deviation is no matter", "multitarget"),
    ("The nut has weight 3.\n\n## Evaluation\nThe score is the MAE.", "multitarget"),
    ("Scored by accuracy. You may train with class weights.", "ordinal"),
    ("Scored by accuracy. Stay within the image, and send at most 5 files a day.", "ordinal"),
    ("Scored by quadratic weighted kappa.", "ordinal"),
    ("Scored by Cohen's kappa with quadratic weights.", "ordinal"),
    ("Evaluation: weighted F1 over 5 classes.", "multiclass"),
    ("Scored by macro F1: in each class the weighted mean of precision and recall.", "multiclass"),
    ("Scored by the micro F2, where recall counts double, of all labels.", "multilabel"),
    ("Scored by accuracy.\n\nWe file a mixture as one class of its own.", "multiclass"),
    ("Scored by AUC; all columns are scored alike", "multilabel"),
])  # fmt: skip
def test_other_words_beside_a_metric_are_no_caveat(tmp_path: Path, text: str, kind: str) -> None:
    assert caveat(tmp_path, text, kind) == ""


def test_a_column_that_is_a_weight_is_no_weight_of_the_metric(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Scored by the RMSE of weight 1 and of weight 2.")
    folder = scan_folder(tmp_path, ".")
    kind = image_kind("multitarget")
    [named] = find_readme_metrics(folder, kind, "classify")
    assert caveat_of_metric(folder, named, kind, ("weight_1", "weight_2")) == ""
    assert "weights: [1, 1]" in caveat_of_metric(folder, named, kind, ("nut", "bolt"))


@pytest.mark.parametrize(("text", "kind", "hint"), [
    ("Scored by MCRMSE, where the column nut counts double.", "multitarget",
     "write name: mcrmse and weights: [1, 1, 1] under metric"),
    ("Scored by the MAE, where the column nut counts double.", "multitarget",
     "write name: mcmae and weights: [1, 1, 1] under metric"),
    ("Scored by the RMSE divided by the standard deviation.", "multitarget",
     "write name: mcrmse and scales: [1, 1, 1] under metric"),
    ("Scored by the RMSE divided by the standard deviation.", "regression", "has no option"),
    ("Scored by the R2, where the column nut counts double.", "multitarget",
     "write name: mean_r2 and weights: [1, 1, 1] under metric"),
])  # fmt: skip
def test_a_caveat_has_the_line_to_write_where_a_metric_has_the_option(
    tmp_path: Path, text: str, kind: str, hint: str
) -> None:
    assert hint in caveat(tmp_path, text, kind)


def numbers(data: Path, text: str, *, empty: bool = True) -> None:
    """Write a competition of two columns of numbers."""
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n:03}.png", n)
    second = ["" if empty and n % 5 == 2 else f"{3 * n + 0.25}" for n in range(24)]
    rows = ((f"{n:03}", n + 0.5, one) for n, one in enumerate(second))
    table(data / "train.csv", ("id", "nut", "angle"), *rows)
    sent = ((f"{n:03}", 0.5, 0.5) for n in range(24, 30))
    table(data / "sample_submission.csv", ("id", "nut", "angle"), *sent)
    (data / "README.md").write_text(text, encoding="utf-8")


def test_a_caveat_makes_the_metric_a_guess_with_the_line_to_write(tmp_path: Path) -> None:
    numbers(tmp_path / "data", "Scored by MCRMSE, where the column angle counts double.")
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.metric.name == "mcrmse"
    said = "README.md says 'where the column angle counts double': write name: mcrmse and "
    said += "weights: [1, 1]"
    assert said in found.guess
    assert "# mcrmse is guessed, as README.md says 'mcrmse'; README.md says" in found.text


@pytest.mark.parametrize(("text", "empty", "names"), [
    ("Le score est la moyenne des erreurs absolues moyennes (MAE) des deux colonnes de l'évaluation"
     ", chacune calculée sur ses cases non vides.", True, ("mcmae", "")),
    ("Bewertung\nMittel der mittleren absoluten Fehler der Spalten.", True, ("mcmae", "")),
    ("Submissions are scored by the MAE.", True, ("mae", "mcmae")),
    ("Submissions are scored by the MAE.", False, ("mae", "")),
    ("Scored by the mean column-wise mean absolute error (MCMAE): the MAE of each of the columns, "
     "then their mean. Empty cells are not scored.", True, ("mcmae", "")),
    ("Scored by the MAE of each column, averaged.", True, ("mcmae", "")),
    ("Scored by the mean column-wise RMSE.", True, ("mcrmse", "")),
    ("Scored by the RMSE over all leaves and all two columns.", True, ("rmse", "")),
    ("Scored by the MAE over all rows and columns.", True, ("mae", "")),
    ("Scored by the RMSE over all rows, averaged over the columns.", True, ("mcrmse", "rmse")),
    ("Scored by the RMSE over all rows, then over columns.", True, ("mcrmse", "rmse")),
])  # fmt: skip
def test_mae_or_mcmae_is_a_question_where_cells_are_empty(
    tmp_path: Path, text: str, empty: bool, names: tuple[str, str]
) -> None:
    numbers(tmp_path / "data", text, empty=empty)
    found = infer(tmp_path / "data", tmp_path)
    first, other = names
    assert found.competition.metric.name == first
    assert found.guess == ""
    assert ("metric.name" in found.competition.to_choose) == bool(other)
    assert other in found.text.split() or not other


@pytest.mark.parametrize(("text", "name", "k"), [
    ("Scored by MAP@3. Guesses beyond the third are ignored.", "map_at_k", 3),
    ("Scored by top-2 accuracy.", "top_k_accuracy", 2),
    ("Scored by MAP@K.", "map_at_k", 4),
    ("Evaluación: exactitud top-4.", "top_k_accuracy", 4),
    ("Bewertung: Top-3-Genauigkeit.", "top_k_accuracy", 3),
])  # fmt: skip
def test_the_places_that_count_are_those_of_the_text_of_a_longer_ranking(
    tmp_path: Path, text: str, name: str, k: int
) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"{'train' if n < 18 else 'test'}/{n:03}.png", n)
    table(data / "train.csv", ("id", "kind"), *((f"{n:03}", "abcdef"[n % 6]) for n in range(18)))
    sent = ((f"{n:03}", "a b c d") for n in range(18, 24))
    table(data / "sample_submission.csv", ("id", "kind"), *sent)
    (data / "README.md").write_text(text, encoding="utf-8")
    found, _ = begin(tmp_path)
    assert (found.metric.name, found.metric.options["k"]) == (name, k)
    assert found.submission.k == 4


def test_the_beta_of_an_f_score_is_that_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Bewertung: F0,5-Maß je Bild, gemittelt über die Bilder.")
    folder = scan_folder(tmp_path, ".")
    [named] = find_readme_metrics(folder, image_kind("multilabel"), "classify")
    assert (named.name, named.called, named.average) == ("fbeta", "f0,5", "samples")
    assert find_readme_ranking(folder, None) is None


@pytest.mark.parametrize("text", [
    "Bewertung: Fläche unter der ROC-Kurve über alle Spalten.",
    "Évaluation : aire sous la courbe ROC.",
])  # fmt: skip
def test_the_area_under_the_curve_is_read_in_other_languages(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    folder = scan_folder(tmp_path, ".")
    [named] = find_readme_metrics(folder, image_kind("multilabel"), "classify")
    assert named.name == "auc"


@pytest.mark.parametrize(("text", "quote"), [
    ("Evaluation: the Dice coefficient of each organ is computed over the whole volume of a patient"
     " (all 8 slices together), and averaged over organs and patients.", "whole volume"),
    ("Scored by the mean Dice. It is taken with all slices together.",
     "it is taken with all slices together"),
    ("Metric: mean IoU per patient", "mean iou per patient"),
    ("Evaluation metric: 3D Dice of each organ.", "3d dice of each organ"),
    ("Bewertung: Dice über das gesamte Volumen.", "dice über das gesamte volumen"),
    ("Évaluation : Dice moyen, par patient.", "par patient"),
    ("Evaluación: Dice medio, por paciente.", "por paciente"),
    ("The score is the mean Dice over all slices of all patients.", ""),
    ("Each patient has 8 slices in 3D.\n\nThe score is the mean Dice.", ""),
    ("Scored by surface Dice of the whole volume.", ""),
])  # fmt: skip
def test_a_metric_of_images_has_a_caveat_where_volumes_are_scored(
    tmp_path: Path, text: str, quote: str
) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    scanned, kind = scan_folder(tmp_path, "."), pixel_kind("multilabel")
    [named] = find_readme_metrics(scanned, kind, "segment")
    told = caveat_of_metric(scanned, named, kind, ())
    said = f"README.md says {quote!r}, and {named.name} scores each image by itself: "
    assert told.startswith(said) if quote else told == ""


@pytest.mark.parametrize(("text", "names"), [
    ("Scored by TP / (TP + FP + FN) over IoU thresholds from 0.5 to 0.95 in steps of 0.05.", []),
    ("Bewertung: für IoU-Schwellen von 0,5 bis 0,95 wird TP / (TP + FP + FN) gemittelt.", []),
    ("Scored by the mean IoU (0.62 for the baseline).", ["mean_iou"]),
    ("Scored by the mean IoU; the baseline has 0.95, and a plain one 0.5.", ["mean_iou"]),
])  # fmt: skip
def test_an_overlap_that_objects_are_matched_by_is_no_metric(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    found = find_readme_metrics(scan_folder(tmp_path, "."), pixel_kind("binary"), "segment")
    assert [one.name for one in found] == names


@pytest.mark.parametrize("text", [
    "Evaluation: the MAE of each of the two, divided by the mean of the true values.",
    "Scored by the MAE of each column. It is normalised by the average, as units differ.",
    "Bewertung: mittlerer absoluter Fehler, geteilt durch den Mittelwert der Spalte.",
])  # fmt: skip
def test_errors_divided_by_the_mean_of_each_column_have_it_as_their_scale(
    tmp_path: Path, text: str
) -> None:
    numbers(tmp_path / "data", text)
    found = infer(tmp_path / "data", tmp_path)
    scales = [sum(n + 0.5 for n in range(24)) / 24]
    second = [3 * n + 0.25 for n in range(24) if n % 5 != 2]
    scales.append(sum(second) / len(second))
    metric = found.competition.metric
    assert (metric.name, "metric.name" in found.competition.to_choose) == ("mcmae", False)
    assert metric.options["scales"] == pytest.approx(scales, rel=1e-3)
    assert "the mean of each column in train, as README.md says" in found.text
