"""The metric that a text beside the data names."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition import metrics
from podium.workflows.initialising import initialise
from tests.competition.infer.test_odd_labels import begin, put, table


def competition(data: Path, text: str, *, numbers: bool = False, name: str = "README.md") -> None:
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n:03}.png", n)
    labels = [str(n + 0.5) if numbers else "abc"[n % 3] for n in range(24)]
    table(data / "train.csv", ("id", "answer"), *((f"{n:03}", one) for n, one in enumerate(labels)))
    sent = ((f"{n:03}", labels[0]) for n in range(24, 30))
    table(data / "sample_submission.csv", ("id", "answer"), *sent)
    (data / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("text", "metric"), [
    ("Submissions are evaluated by the **macro F1** score.", "macro_f1"),
    ("# Evaluation\n\nThe score is the macro-averaged F1.", "macro_f1"),
    ("Scored by balanced accuracy", "balanced_accuracy"),
    ("The metric is the quadratic weighted kappa (QWK), not accuracy of ties.", None),
    ("Bewertung: Genauigkeit der Klassen.", "accuracy"),
    ("Photographs were taken with great accuracy.", None),
    ("<p>Ranked by <b>Matthews&nbsp;correlation</b> coefficient</p>", None),
    ("Ranked by the Matthews\ncorrelation coefficient", "mcc"),
    ("The score is the mean absolute error.", None),  # of numbers
])  # fmt: skip
def test_the_metric_is_that_of_the_text_that_can_score_the_task(
    tmp_path: Path, text: str, metric: str | None
) -> None:
    competition(tmp_path / "data", text)
    found, notes = begin(tmp_path)
    told = "README.md says" in (tmp_path / "competition.yaml").read_text()
    if metric is None and "kappa" in text:
        # Both are there, near the word of scoring: a person chooses.
        assert "choose metric.name" in notes
        return
    assert (found.metric.name, told) == (metric or "accuracy", metric is not None)
    assert "choose metric.name" not in notes


@pytest.mark.parametrize(("text", "metric"), [
    ("Ocena: średni błąd bezwzględny w cm", "mae"),
    ("Teams are ranked by RMSLE.", "rmsle"),
    ("Teams are ranked by the coefficient of determination.", "r2"),
    # A mark in many languages, a remark in as many.
    ("Une ligne par site.\n**Note :** erreur absolue moyenne (MAE) sur toutes les cases.", "mae"),
    ("- Nota: MAE", "mae"),
    ("Benotung: MAE.", "mae"),
    ("Note: mean absolute error of two observers is 3 cm", "rmse"),
    ("Note: MAE, RMSLE and more are in results.pdf", "rmse"),
    ("Note that the MAE of a ruler is 3 cm", "rmse"),
    ("Note: the RMSLE, MAE and RMSE of last year are in results.pdf", "rmse"),
])  # fmt: skip
def test_the_metric_of_numbers(tmp_path: Path, text: str, metric: str) -> None:
    competition(tmp_path / "data", text, numbers=True, name="CZYTAJ.txt")
    assert begin(tmp_path)[0].metric.name == metric


def test_f1_of_several_classes_is_their_mean(tmp_path: Path) -> None:
    competition(tmp_path / "data", "The metric is F1.")
    assert begin(tmp_path)[0].metric.name == "macro_f1"


def test_no_two_metrics_that_score_the_same_tasks_are_called_alike() -> None:
    called: dict[str, list[str]] = {}
    for name in metrics.names():
        for phrase in metrics.phrases(name):
            assert phrase == phrase.casefold()
            called.setdefault(phrase, []).append(name)
    shared = {phrase: names for phrase, names in called.items() if len(names) > 1}
    # F1 of one class, and the mean over several.
    assert set(map(tuple, shared.values())) == {("f1", "macro_f1")}


@pytest.mark.parametrize(("text", "is_guessed"), [("Scored by MAE.", False), ("Hello.", True)])
def test_a_metric_that_is_guessed_is_told_on_the_screen(
    tmp_path: Path, text: str, is_guessed: bool
) -> None:
    competition(tmp_path / "data", text, numbers=True)
    notes = initialise(str(tmp_path / "data"), tmp_path / "workspace").notes
    told = [note for note in notes if "metric.name: rmse is guessed" in note]
    assert len(told) == is_guessed


def test_a_text_beside_the_data_is_found_in_the_one_folder_that_holds_all(tmp_path: Path) -> None:
    competition(tmp_path / "data/contest", "Evaluation: balanced accuracy")
    found, _ = begin(tmp_path)
    assert found.metric.name == "balanced_accuracy"


def test_codes_of_classes_between_semicolons_are_no_question(tmp_path: Path) -> None:
    """They have no fraction, so nobody needs to know the decimal sign."""
    data = tmp_path / "data"
    competition(data, "Evaluation: accuracy")
    labels = [f"{n % 3 + 1}" for n in range(24)]
    rows = [f"{n:03};{one}" for n, one in enumerate(labels)]
    (data / "train.csv").write_text("\n".join(["id;answer", *rows]) + "\n")
    sent = [f"{n:03};{n % 3 + 1}" for n in range(24, 30)]
    (data / "sample_submission.csv").write_text("\n".join(["id;answer", *sent]) + "\n")
    found, _ = begin(tmp_path)
    assert found.submission.file.sep == ";"
    assert "submission.file" not in found.to_choose
