"""The metric that a text beside the data names."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition import metrics
from podium.competition.infer.readme.metrics import (
    find_f1_of_classes,
    find_readme_metrics,
    find_readme_terms,
    mean_of_images,
    quote_of_both,
)
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.sections.sums import sum_name
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tasks.protocols.names import PIXELS
from podium.workflows.initialising import initialise
from podium.workspace.marked_yaml import load_plain_yaml
from tests.competition.infer.test_odd_labels import begin, put, table


def competition(data: Path, text: str, *, numbers: bool = False, name: str = "README.md") -> None:
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n:03}.png", n)
    labels = [str(n + 0.5) if numbers else "abc"[n % 3] for n in range(24)]
    table(data / "train.csv", ("id", "answer"), *((f"{n:03}", one) for n, one in enumerate(labels)))
    sent = ((f"{n:03}", labels[0]) for n in range(24, 30))
    table(data / "sample_submission.csv", ("id", "answer"), *sent)
    (data / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("text", "numbers", "metric", "is_named"), [
    ("Fill in the form: MAE of the heights.", True, "mae", False),
    ("Last year's winner had a balanced accuracy of 0.9.", False, "balanced_accuracy", False),
    ("Balanced accuracy, or macro F1.", False, "accuracy", False),  # two of them
    ("AUC of the winners: 0.9.", False, "accuracy", False),  # of other answers than the sample has
    ("評価: 各列のR2の平均。", True, "r2", True),
    ("Hindamine: MAE.", True, "mae", True),
    ("Evaluated using **Symmetric Mean Absolute Percentage Error (SMAPE)**.", True, "smape", True),
    ("Bewertung: SMAPE über alle Blätter.", True, "smape", True),
])  # fmt: skip
def test_the_only_metric_that_a_text_names_is_the_guess_where_nothing_states_that_it_scores(
    tmp_path: Path, text: str, numbers: bool, metric: str, is_named: bool
) -> None:
    competition(tmp_path / "data", text, numbers=numbers)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.metric.name == metric
    assert bool(found.guess) != is_named


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
    # Languages that put no blanks between words, and brackets of theirs.
    ("精度評価は、評価関数「Balanced Accuracy」を使用します。", "balanced_accuracy"),
    ("評価指標には『Macro F1』を用いる", "macro_f1"),
    ("ＭＣＣで評価します", "mcc"),
    ("评价指标：采用Macro F1作为得分。", "macro_f1"),
    ("評估指標為“Balanced Accuracy”。", "balanced_accuracy"),
    ("평가 지표: 매크로 평균인 Macro F1를 사용합니다.", "macro_f1"),
    ("평가 산식 : Balanced Accuracy", "balanced_accuracy"),
    ("評価用画像はAccuracyを写していない", None),  # images to evaluate
    # Names of metrics in other languages; the longer one counts.
    ("評価指標は正解率です。", "accuracy"),
    ("评价指标为准确率", "accuracy"),
    ("评价指标：各类别的平衡准确率。", "balanced_accuracy"),
    ("평가 지표는 정확도입니다.", "accuracy"),
    ("Métrica: acurácia no conjunto de teste.", "accuracy"),
    ("评价指标：像素准确率", None),
    # What makes it another metric.
    ("Teams are scored by a size-weighted accuracy.", None),
    ("评价指标：加权准确率", None),
    ("Teams are scored by top-5 accuracy.", None),
    ("Ranked by balanced accuracy: the mean of the accuracy in each class.", "balanced_accuracy"),
    # Headings.
    ("# Leaves\n\n## How it is marked\n\nBy the macro\nF1 of the leaves.\n", "macro_f1"),
    ("How your file is marked\n=======================\nBalanced accuracy.\n", "balanced_accuracy"),
    ("**Marking**\n\nBy the macro F1 of the leaves. Not by accuracy.", "macro_f1"),
    ("## Wie benotet wird\nNach dem Macro F1.", "macro_f1"),
    ("## Comment c'est noté\n\nPar le F1 macro.", "macro_f1"),
    ("Marked by the macro F1.", "macro_f1"),
    ("Benotet wird nach dem Macro F1.", "macro_f1"),
    ("Noté par le macro F1.", "macro_f1"),
    ("The images were marked with great accuracy.", None),
    ("## Marked images\n\nThe accuracy of our students is 0.9.", None),
    ("## How it is marked\n\nBy hand.\n\nThe accuracy of our students is 0.9.", None),
    ("## How it is marked\n\nBy a size-weighted accuracy.", None),
    ("We know how it is marked, and by whom.\n\nThe accuracy of our students is 0.9.", None),
])  # fmt: skip
def test_the_metric_is_that_of_the_text_that_can_score_the_task(
    tmp_path: Path, text: str, metric: str | None
) -> None:
    competition(tmp_path / "data", text)
    found, notes = begin(tmp_path)
    told = "accuracy is guessed" not in (tmp_path / "competition.yaml").read_text()
    if metric is None and "kappa" in text:
        # Both are there, near the word of scoring: a person chooses.
        assert "choose metric.name" in notes
        return
    assert (found.metric.name, told) == (metric or "accuracy", metric is not None)
    assert "choose metric.name" not in notes


@pytest.mark.parametrize(("text", "metric"), [
    ("Ocena: średni błąd bezwzględny w cm", "mae"),
    ("Teams are ranked by RMSLE.", "rmsle"),
    ("امتیاز: میانگین قدر مطلق خطا (MAE) بر حسب درصد", "mae"),
    ("يكون التقييم بمتوسط الخطأ المطلق (MAE).", "mae"),
    ("評価指標は二乗平均平方根誤差とする", "rmse"),
    ("评价指标：平均绝对误差。", "mae"),
    ("评价指标：对数均方根误差", "rmsle"),
    ("평가 지표: 평균 절대 오차", "mae"),
    ("评价指标：归一化均方根误差", "guessed rmse"),  # guessed
    ("Teams are ranked by the coefficient of determination.", "r2"),
    # A mark in many languages, a remark in as many.
    ("Une ligne par site.\n**Note :** erreur absolue moyenne (MAE) sur toutes les cases.", "mae"),
    ("- Nota: MAE", "mae"),
    ("Benotung: MAE.", "mae"),
    ("Note: mean absolute error of two observers is 3 cm", "guessed mae"),
    ("Note: MAE, RMSLE and more are in results.pdf", "guessed rmse"),
    ("Note that the MAE of a ruler is 3 cm", "guessed mae"),
    ("Teams are ranked by the RMSE of each column, averaged.", "rmse"),  # of one column the same
    ("Note: the RMSLE, MAE and RMSE of last year are in results.pdf", "guessed rmse"),
])  # fmt: skip
def test_the_metric_of_numbers(tmp_path: Path, text: str, metric: str) -> None:
    competition(tmp_path / "data", text, numbers=True, name="CZYTAJ.txt")
    found = infer(tmp_path / "data", tmp_path)
    assert f"{'guessed ' * bool(found.guess)}{found.competition.metric.name}" == metric


@pytest.mark.parametrize(("text", "others"), [
    ("Metric: MCRMSE: the RMSE of each column is taken, then the mean of both RMSE.", []),
    ("Scored by MCRMSE, which is the mean over columns of the RMSE.", []),
    ("Değerlendirme ölçütü MCRMSE: her ölçüm için RMSE hesaplanır, üç RMSE'nin ortalaması.", []),
    ("評価指標はMCRMSE（各列のRMSEの平均）です。", []),
    ("Evaluación. RMSE de cada columna, y la media de las tres columnas (MCRMSE).", []),
    ("Scored by the RMSE of each column, averaged over the three columns.", []),
    ("The score is the mean of the RMSE for each target.", []),
    ("Scored on the root mean squared error, averaged over the columns (animal types).", []),
    ("Metric: column-wise mean RMSE.", []),
    ("Bewertung: RMSE, gemittelt als Mittelwert über die vier Spalten.", []),
    ("Ranked by MCRMSE; ties by RMSE.", []),
    ("Ranked by MCRMSE. Ties by the mean RMSE.", []),
    ("Ranked by MCRMSE, then RMSE", ["rmse"]),
    ("Ranked by MCRMSE: the mean RMSE of columns. Second score: RMSE.", ["rmse"]),
    ("Not MCRMSE: the score is RMSE, a mean over all.", ["rmse"]),
])  # fmt: skip
def test_a_metric_that_only_explains_another_one_is_no_question(
    tmp_path: Path, text: str, others: list[str]
) -> None:
    data = tmp_path / "data"
    competition(data, text)
    labels = [(f"{n:03}", n + 0.5, 3 * n + 0.25) for n in range(24)]
    table(data / "train.csv", ("id", "left", "right"), *labels)
    rows = ((f"{n:03}", 0.5, 0.5) for n in range(24, 30))
    table(data / "sample_submission.csv", ("id", "left", "right"), *rows)
    kind = image_kind("multitarget")
    found = find_readme_metrics(scan_folder(data, "data"), kind, "classify")
    assert [one.name for one in found] == ["mcrmse", *others]


@pytest.mark.parametrize(("text", "names"), [
    ("Ranking is by the quadratic weighted kappa. Ties are broken by accuracy.", ["qwk"]),
    ("Scored by the quadratic weighted kappa (tie-breaker: accuracy).", ["qwk"]),
    ("Ranked by accuracy, ties by the quadratic weighted kappa.", ["accuracy"]),
    ("Ranked by accuracy, and with ties in it by the kappa; no accuracy, no rank.", ["accuracy"]),
    ("Bewertung: Quadratic Weighted Kappa. Bei Gleichstand zählt die Accuracy.", ["qwk"]),
    ("Score : Quadratic Weighted Kappa. En cas d'égalité : accuracy.", ["qwk"]),
    ("评价指标：Quadratic Weighted Kappa。得分相同时比较准确率。", ["qwk"]),
    ("Tied teams are ranked by accuracy.", ["accuracy"]),  # the only one
])  # fmt: skip
def test_a_metric_that_decides_between_equal_scores_alone_is_no_question(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    competition(tmp_path, text)
    folder = scan_folder(tmp_path, "data")
    found = find_readme_metrics(folder, image_kind("ordinal"), "classify")
    assert [one.name for one in found] == names


@pytest.mark.parametrize(("text", "names"), [
    ("Submissions are ranked by macro F1; accuracy is shown, too.", ["macro_f1"]),
    ("Submissions are ranked by macro F1. Accuracy breaks ties.", ["macro_f1"]),
    ("Evaluation: macro F1 (primary), accuracy (secondary).", ["macro_f1"]),
    ("We report accuracy and macro F1; the ranking uses macro F1.", ["macro_f1"]),
    ("Hauptmetrik ist Macro-F1, Nebenmetrik ist Accuracy.", ["macro_f1"]),
    ("Classement sur le macro F1 ; l'accuracy est affichée à titre indicatif.", ["macro_f1"]),
    ("Sıralama macro F1 puanına göredir; accuracy de gösterilir.", ["macro_f1"]),
    ("Оценка: macro F1; accuracy отображается для справки.", ["macro_f1"]),
    ("評価指標は macro F1 です。accuracy も参考として表示されます。", ["macro_f1"]),
    # What ranks cannot be told.
    ("Ranked by macro F1, for information, accuracy.", ["macro_f1", "accuracy"]),
    ("Scored by macro F1 and accuracy is shown too.", ["macro_f1", "accuracy"]),
    ("Ranking by the mean of the macro F1 and the accuracy.", ["macro_f1", "accuracy"]),
    ("Your score (macro F1) is also shown. Accuracy is a metric.", ["macro_f1", "accuracy"]),
    ("The leaderboard also shows accuracy.", ["accuracy"]),  # the only one
])  # fmt: skip
def test_a_metric_that_is_only_shown_beside_the_one_that_ranks_is_no_question(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    competition(tmp_path, text)
    folder = scan_folder(tmp_path, "data")
    found = find_readme_metrics(folder, image_kind("multiclass"), "classify")
    assert [one.name for one in found] == names


@pytest.mark.parametrize(
    "text",
    [
        "Scored by the RMSE, averaged over all rows and columns.",
        "Scored by the RMSE. The columns are described below, as is the mean of each.",
        "Scored by the RMSE, a mean over all images; the file has two columns.",
    ],
)
def test_a_mean_over_rows_and_columns_is_of_all_cells(tmp_path: Path, text: str) -> None:
    competition(tmp_path, text)
    folder = scan_folder(tmp_path, "data")
    found = find_readme_metrics(folder, image_kind("multitarget"), "classify")
    assert [one.name for one in found] == ["rmse"]


@pytest.mark.parametrize(("text", "names"), [
    ("Métrica\nRMSLE: raíz del error cuadrático medio de log(1 + altura).", ["rmsle"]),
    ("Metric: RMSLE, the root mean squared error of the log of 1 + height.", ["rmsle"]),
    ("Metric: the RMSE of log(height).", []),
    ("Metric: the RMSE and log loss.", ["rmse"]),
])  # fmt: skip
def test_an_error_of_logarithms_is_no_error_of_the_numbers(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    competition(tmp_path / "data", text, numbers=True)
    found = find_readme_metrics(
        scan_folder(tmp_path / "data", "data"), image_kind("regression"), "classify"
    )
    assert [one.name for one in found] == names


@pytest.mark.parametrize("text", [
    "Metric: mean columnwise RMSLE.",
    "Metric: MCRMSLE, which is the mean of the RMSLE of each column.",
    "Scored by the RMSLE of each column, averaged over both.",
    "Submissions are evaluated on the root mean squared logarithmic error.",
])  # fmt: skip
def test_rmsle_of_several_columns_is_their_mean(tmp_path: Path, text: str) -> None:
    competition(tmp_path, text)
    folder = scan_folder(tmp_path, "data")
    found = find_readme_metrics(folder, image_kind("multitarget"), "classify")
    assert [one.name for one in found] == ["mcrmsle"]
    of_one = find_readme_metrics(folder, image_kind("regression"), "classify")
    assert {one.name for one in of_one} <= {"rmsle"}


@pytest.mark.parametrize(("text", "name"), [
    ("Submissions are evaluated on the mean column-wise ROC AUC.", ["auc"]),
    ("Scored by the area under the ROC curve", ["auc"]),
    ("Scored by the weighted ROC AUC", []),
    ("Scored by the micro-averaged ROC AUC", []),
    ("Scored by F1.", []),  # of which mean it is: of images, or of classes
])  # fmt: skip
@pytest.mark.parametrize("kind", ["multilabel", "multiclass"])
def test_auc_of_several_columns_is_their_mean(
    tmp_path: Path, text: str, name: list[str], kind: str
) -> None:
    competition(tmp_path / "data", text)
    found = find_readme_metrics(
        scan_folder(tmp_path / "data", "data"), image_kind(kind), "classify"
    )
    expected = name if "F1" not in text or kind == "multilabel" else ["macro_f1"]
    assert [one.name for one in found] == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Evaluated by the F1 score.", "binary", ("f1", "")),
        ("Evaluation: F1 of the class road.", "binary", ("f1", "")),
        ("The metric is F1, macro averaged.", "binary", ("macro_f1", "")),
        ("The metric is the F1 score over both classes.", "binary", ("macro_f1", "")),
        ("The metric is the weighted F1 score.", "multiclass", ("f1", "weighted")),
        ("Evaluation: weighted-average F1-score.", "binary", ("f1", "weighted")),
        ("Scored by f1_score(average='weighted').", "multiclass", ("f1", "weighted")),
        ("Scored by the F1 score (micro).", "multiclass", ("f1", "micro")),
        (
            "Metric: **Weighted F1 Score**\n\n```python\nfrom sklearn.metrics import f1_score\n"
            'score = f1_score(y_true, y_pred, average="weighted")\n```',
            "multiclass",
            ("f1", "weighted"),
        ),
        ("Scored by the micro-averaged F1.", "multilabel", ("f1", "micro")),
        ("Scored by the mean per-class accuracy.", "multiclass", ("balanced_accuracy", "")),
        ("Scored by the UAR.", "multiclass", ("balanced_accuracy", "")),
        ("Scored by the PR-AUC.", "binary", None),
        ("Scored by the partial AUC above 80 % TPR.", "binary", None),
        ("Scored by the area under the precision-recall curve.", "binary", None),
    ],
)
def test_words_before_and_behind_a_score_tell_which_mean_it_is(
    tmp_path: Path, text: str, kind: str, expected: tuple[str, str] | None
) -> None:
    competition(tmp_path / "data", text)
    found = find_readme_metrics(
        scan_folder(tmp_path / "data", "data"), image_kind(kind), "classify"
    )
    assert [(one.name, one.average) for one in found] == ([] if expected is None else [expected])


def test_f1_of_several_classes_is_their_mean(tmp_path: Path) -> None:
    competition(tmp_path / "data", "The metric is F1.")
    assert begin(tmp_path)[0].metric.name == "macro_f1"


@pytest.mark.parametrize("text", [
    "Bewertet wird mit dem quadratisch gewichteten Kappa (Cohen).",
    "Bewertung: Maß ist das quadratisch gewichtete Kappa.",
    "Die Metrik ist ein quadratisch gewichtetes Cohens Kappa.",
    "Scored by Cohen's kappa with quadratic weights.",
    "Évaluation : kappa pondéré quadratique.",
    "Evaluación: kappa con pesos cuadráticos.",
    "Valutazione: kappa quadratico pesato.",
    "## Métrica\nKappa de Cohen con **ponderación cuadrática** entre ambos grados.",
    "Métrique : kappa de Cohen avec une pondération quadratique.",
    "Métrica: kappa de Cohen com pesos quadráticos.",
    "Metrik: Cohens Kappa mit quadratischer Gewichtung.",
    "Metric: Cohen's kappa with quadratic weighting.",
])  # fmt: skip
def test_kappa_is_read_in_the_cases_of_a_language(tmp_path: Path, text: str) -> None:
    (tmp_path / "LIESMICH.txt").write_text(text, encoding="utf-8")
    found = find_readme_metrics(scan_folder(tmp_path, "."), image_kind("ordinal"), "classify")
    assert [one.name for one in found] == ["qwk"]


def test_no_two_metrics_that_score_the_same_tasks_are_called_alike() -> None:
    called: dict[str, list[str]] = {}
    for name in metrics.names():
        for phrase in metrics.phrases(name):
            assert phrase == phrase.casefold()
            called.setdefault(phrase, []).append(name)
    shared = {tuple(names) for names in called.values() if len(names) > 1}
    # R² or RMSLE of one column, and the mean over several; F1 of one class, and of several; the
    # intersection over union of labels, and of masks.
    of_same = {
        names
        for names in shared
        if frozenset.intersection(*(metrics.get(one).kinds for one in names))
        and len({metrics.get(one).task for one in names}) == 1
    }
    assert of_same == {("f1", "macro_f1")}
    others = {("mean_r2", "r2"), ("mcrmsle", "rmsle"), ("jaccard", "mean_iou")}
    assert shared - of_same == others


@pytest.mark.parametrize(("text", "is_guessed"), [("Scored by MAE.", False), ("Hello.", True)])
def test_a_metric_that_is_guessed_is_told_on_the_screen(
    tmp_path: Path, text: str, is_guessed: bool
) -> None:
    competition(tmp_path / "data", text, numbers=True)
    notes = initialise(str(tmp_path / "data"), tmp_path / "workspace").notes
    told = [note for note in notes if "metric.name: rmse is guessed" in note]
    assert len(told) == is_guessed


@pytest.mark.parametrize(("texts", "why"), [
    ({}, "as no text beside the data names one"),
    ({"a.txt": "Hello.", "b.md": "Bye."}, "as 'a.txt', 'b.md' were read, and no name of a metric"),
    ({"a.txt": "Scored by QWK"}, "as a.txt says 'qwk', which does not score regression"),
    ({"a.txt": "Avaliação: MAP@3, o tipo certo em tipo_1 vale 1."},
     "as a.txt says 'map@3', which does not score regression"),
    ({"a.txt": "Scored by top-5 accuracy."},
     "as a.txt says 'top 5 accuracy', which does not score regression"),
    ({"a.txt": "MAP@3 is for others."}, "as 'a.txt' was read, and no name of a metric"),
    ({"a.txt": "The MAE of a ruler is 3 cm"}, "as a.txt says 'mae', and no word of scoring near"),
])  # fmt: skip
def test_a_guess_tells_which_texts_were_read_and_what_they_lack(
    tmp_path: Path, texts: dict[str, str], why: str
) -> None:
    data = tmp_path / "data"
    competition(data, "", numbers=True)
    (data / "README.md").unlink()
    for name, text in texts.items():
        (data / name).write_text(text)
    guess = infer(data, tmp_path).guess
    named = "mae" if texts.get("a.txt", "").startswith("The MAE") else "rmse"
    assert guess.startswith(f"metric.name: {named} is guessed (")
    assert why in guess


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


def several_labels(data: Path, readme: str) -> None:
    competition(data, readme)
    labels = [(f"{n:03}", n % 2, (n // 2) % 2, (n // 3) % 2) for n in range(24)]
    table(data / "train.csv", ("id", "cat", "dog", "fox"), *labels)
    rows = ((f"{n:03}", 0, 1, 0) for n in range(24, 30))
    table(data / "sample_submission.csv", ("id", "cat", "dog", "fox"), *rows)


@pytest.mark.parametrize(
    "readme",
    [
        "Score: F1.",
        "Score: the mean F1 of the labels of an image.",
        "Ranked by F1. This score measures accuracy by the precision p and the recall r.",
        "The F2 score ranks.",
        "Score: the mean F1 of the test set.",
        "Score: the F1 of the set of true tags per class, then the mean.",
    ],
)
def test_f1_of_images_with_several_labels_is_of_no_known_mean(tmp_path: Path, readme: str) -> None:
    several_labels(tmp_path / "data", readme)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert "not of what it is the mean" in notes


@pytest.mark.parametrize(
    "readme",
    [
        "Score: F1 for each picture, then the mean.",
        "Scoring: for each photo F1 = 2|A∩B| / (|A|+|B|). The score is the mean over all photos.",
        "Bewertung: Für jedes Testbild F1 zwischen der Menge A und der wahren Menge B; sind beide "
        "leer, zählt das Bild 1. Die Punktzahl ist der Mittelwert über alle Testbilder.",
        "Evaluación: F1 calculado en cada foto y promediado sobre las fotos.",
        "Bewertung: der F1 je Bild, gemittelt über alle Bilder.",
        "For every test figure the F1 score is computed; the score is the mean F1 of all figures.",
        "Scored by the F1 for each photo between its true and its sent tags, averaged over photos.",
        "Score: for every sheet F1 of the set of true tags and the set of sent tags; their mean.",
        "評価：タイルごとに、正解の語の集合と予測の語の集合から F1 値を計算し、平均を取ります。",
        "评价指标：对每块瓷砖，用真实标签集合与预测标签集合计算 F1，再取平均值。",
        "Bewertung: F1 aus der Menge der wahren Wörter und der vorhergesagten, als Mittelwert.",
        "Évaluation : F1 de l'ensemble des mots vrais et de ceux prédits, en moyenne.",
        "Evaluación: F1 entre el conjunto de etiquetas reales y las predichas, en promedio.",
    ],
)
def test_f1_of_each_image_is_its_mean_over_the_images(tmp_path: Path, readme: str) -> None:
    several_labels(tmp_path / "data", readme)
    found, _ = begin(tmp_path)
    assert (found.metric.name, found.metric.options["average"]) == ("f1", "samples")


@pytest.mark.parametrize(
    ("readme", "counts"),
    [
        ("Score: F1 of each photo, averaged over photos. If both sets are empty F1 is 1.", 1),
        ("Score: F1 of each photo, averaged over photos. If both are empty, it is 0.", None),
        (
            "Bewertung: für jedes Bild F1 = 2·|A∩B| / (|A|+|B|); sind beide leer, zählt es 1. "
            "Die Punktzahl ist der Mittelwert über alle Bilder.",
            1,
        ),
        (
            "Score: F1 for each label of a photo, then the mean. If both are empty, it is 1.",
            None,
        ),
        ("Score: for each photo we know F1. The score is the mean over all labels.", None),
    ],
)
def test_f1_of_an_image_without_labels_counts_as_a_text_states(
    tmp_path: Path, readme: str, counts: int | None
) -> None:
    several_labels(tmp_path / "data", readme)
    metric = begin(tmp_path)[0].metric
    assert metric.options.get("zero_division") == counts
    assert (metric.options.get("average") == "samples") == ("label" not in readme)


@pytest.mark.parametrize(
    ("readme", "name", "average"),
    [
        (
            "The score is the F2 measure of each photo, averaged over all photos.",
            "fbeta",
            "samples",
        ),
        ("The mean F2 score averages the F2 scores of each row.", "fbeta", "samples"),
        ("The score is the micro-averaged F1 over all tags.", "f1", "micro"),
        ("Evaluation: micro F2", "fbeta", "micro"),
    ],
)
def test_f_scores_have_the_weight_and_the_mean_of_the_text(
    tmp_path: Path, readme: str, name: str, average: str
) -> None:
    several_labels(tmp_path / "data", readme)
    metric = begin(tmp_path)[0].metric
    assert (metric.name, metric.options["average"]) == (name, average)
    assert metric.options.get("beta", 2.0) == 2.0


def test_accuracy_that_explains_f1_is_no_second_metric(tmp_path: Path) -> None:
    text = (
        "Ranked by Macro F1. It measures accuracy by the precision p and the recall r of classes."
    )
    competition(tmp_path / "data", text)
    found, _ = begin(tmp_path)
    assert (found.metric.name, found.to_choose) == ("macro_f1", [])


@pytest.mark.parametrize(
    "text",
    [
        "score = 0.6 * RMSE(log(1 + height_cm)) + 0.4 * RMSE(cover_pct)\n\nwhere the least wins.",
        "The score is 0.7 MAE + 0.3 RMSE of the answers.",
        "Score: 0.7 * MAE(a) + 0.3 * MAE(b), where MAE is the mean absolute error of an answer.",
        "Your mark is 0.4 x the share of right answers plus 0.6 x the RMSE of the heights.",
        "The score is 70 % of the MAE plus 30 % of the RMSE.",
        "## Marking\nYour mark is 0.4 x the share of right answers plus 0.6 x the RMSE.\n",
    ],
)
def test_no_part_of_a_formula_of_scores_is_taken_and_a_note_shows_the_formula(
    tmp_path: Path, text: str
) -> None:
    competition(tmp_path / "data", text, numbers=True)
    found, notes = begin(tmp_path)
    assert found.metric.name == "rmse"
    assert found.to_choose == []
    assert "rmse is guessed" in notes
    assert "a formula of scores: podium does not read it" in notes


def test_a_weight_that_is_no_formula_leaves_the_metric(tmp_path: Path) -> None:
    text = "The score is the MAE. A MAE of 0.5 is good, and 0.3 MAE is better."
    competition(tmp_path / "data", text, numbers=True)
    assert begin(tmp_path)[0].metric.name == "mae"


@pytest.mark.parametrize(("text", "is_open"), [
    ("Ocena: indeks Jaccarda (IoU) klasy woda. The score is the IoU.", True),
    ("Evaluation: mean Dice over the test images.", True),
    ("Evaluation: accuracy; the Dice of an older task was 0.8.", False),
    ("The score is the macro F1.", False),
    ("", False),
])  # fmt: skip
def test_a_score_of_masks_asks_where_labels_alone_are_read(
    tmp_path: Path, text: str, is_open: bool
) -> None:
    data = tmp_path / "data"
    competition(data, text)
    (data / "sample_submission.csv").unlink()
    found, told = begin(tmp_path)
    assert found.tasks == {"classify": "multiclass"}
    assert ("tasks" in found.to_choose) == is_open
    assert ("choose tasks in competition.yaml" in told) == is_open


@pytest.mark.parametrize(
    ("code", "metric"),
    [
        ("score = -np.log(p[range(n), k]).mean()", "log_loss"),
        ("score = np.mean(-np.log(p[range(n), k]))", "log_loss"),
        ("score = -(np.log(p) * truth).sum(axis=1).mean()", "log_loss"),
        ("score = np.mean(np.log(p))", None),  # what grows is no loss
        ("score = f1_score(truth, sent, average='macro')", "macro_f1"),
        ("score = f1_score(truth, sent, average='weighted')", None),
        ("score = metrics.balanced_accuracy_score(truth, sent)", "balanced_accuracy"),
        ("# Scored by the macro F1\nscore = mine(truth, sent)", "macro_f1"),
        ("score = accuracy_score(truth, sent", None),  # no code
    ],
)
@pytest.mark.parametrize("name", ["evaluate.py", "score.py", "baseline.py"])
def test_a_script_that_scores_tells_the_metric(
    tmp_path: Path, code: str, metric: str | None, name: str
) -> None:
    competition(tmp_path, code, name=name)
    found = find_readme_metrics(scan_folder(tmp_path, "data"), image_kind("multiclass"), "classify")
    assert [one.name for one in found] == ([metric] if metric and name != "baseline.py" else [])


def test_a_list_of_images_is_no_text_that_names_no_metric(tmp_path: Path) -> None:
    competition(tmp_path / "data", "\n".join(f"{n:03}" for n in range(24, 30)), name="quiz.txt")
    guess = infer(tmp_path / "data", tmp_path).guess
    assert "as no text beside the data names one" in guess


@pytest.mark.parametrize(
    ("text", "name", "is_guess"),
    [
        ("Scored by Cohen's kappa.", "kappa", False),
        ("Scored by Cohen's kappa with linear weights.", "qwk", True),
        ("Bewertet wird das linear gewichtete Kappa.", "qwk", True),
        ("Scored by the linear weighted kappa.", "qwk", True),
        ("Scored by Cohen's kappa with quadratic weights.", "qwk", False),
    ],
)
def test_kappa_is_read_with_the_weights_that_a_text_names(
    tmp_path: Path, text: str, name: str, is_guess: bool
) -> None:
    """Weights by the distance itself are no metric of podium, and quadratic ones are the usual."""
    data = tmp_path / "data"
    for n in range(16):
        put(data / f"{'train' if n < 12 else 'test'}/{n:02}.png", n)
    table(data / "train.csv", ("id", "grade"), *((f"{n:02}", str(n % 4)) for n in range(12)))
    sent = ((f"{n:02}", str(n % 3)) for n in range(12, 16))
    table(data / "sample_submission.csv", ("id", "grade"), *sent)
    (data / "README.md").write_text(text, encoding="utf-8")
    found = infer(data, tmp_path)
    assert (found.competition.metric.name, bool(found.guess)) == (name, is_guess)


@pytest.mark.parametrize(("text", "kind", "expected"), [
    ("Évaluation : exactitude équilibrée.", "multiclass", ["balanced_accuracy"]),
    ("Le score est l'exactitude moyenne par classe", "multiclass", ["balanced_accuracy"]),
    ("Bewertung: ausgewogene Genauigkeit", "multiclass", ["balanced_accuracy"]),
    ("Evaluación: exactitud balanceada", "multiclass", ["balanced_accuracy"]),
    ("Avaliação: acurácia balanceada", "multiclass", ["balanced_accuracy"]),
    ("Valutazione: accuratezza bilanciata", "multiclass", ["balanced_accuracy"]),
    ("Hodnocení: vyvážená přesnost", "multiclass", ["balanced_accuracy"]),
    ("Оценка: сбалансированная точность.", "multiclass", ["balanced_accuracy"]),
    ("Critère : exactitude équilibrée (balanced accuracy).", "multiclass", ["balanced_accuracy"]),
    ("The score is the accuracy (balanced accuracy).", "multiclass", ["balanced_accuracy"]),
    ("Évaluation : kappa quadratique.", "ordinal", ["qwk"]),
    ("Évaluation : exactitude.", "multiclass", ["accuracy"]),
    ("Évaluation : exactitude globale.", "multiclass", ["accuracy"]),
    ("Metric: classification accuracy.", "multiclass", ["accuracy"]),
    ("Bewertung: Genauigkeit (in Prozent).", "multiclass", ["accuracy"]),
    # What the words do not cover.
    ("Évaluation : exactitude pondérée.", "multiclass", []),
    ("Évaluation : exactitude top-5.", "multiclass", []),
    ("Évaluation : exactitude hiérarchique.", "multiclass", []),
    ("Note : exactitude hiérarchique.", "multiclass", []),
    ("Bewertung: hierarchische Genauigkeit.", "multiclass", []),
])  # fmt: skip
def test_words_beside_a_metric_are_a_part_of_its_name_in_any_language(
    tmp_path: Path, text: str, kind: str, expected: list[str]
) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    found = find_readme_metrics(scan_folder(tmp_path, "."), image_kind(kind), "classify")
    assert [one.name for one in found] == expected


@pytest.mark.parametrize(("text", "called"), [
    ("Évaluation : F1 pondéré.", "f1 pondéré"),
    ("Bewertung: gewichteter F1.", "gewichteter f1"),
    ("Scored by the micro-averaged F1.", "micro averaged f1"),
])  # fmt: skip
def test_a_weighted_f1_is_quoted_in_the_words_of_the_text(
    tmp_path: Path, text: str, called: str
) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    kind = image_kind("multiclass")
    (one,) = find_readme_metrics(scan_folder(tmp_path, "."), kind, "classify")
    assert (one.name, one.called) == ("f1", called)


@pytest.mark.parametrize(("text", "kind", "quoted"), [
    ("Submissions are ranked by |SRCC| + |PLCC|.", "regression", "|srcc| + |plcc|"),
    ("The final score is the sum of SRCC and PLCC.", "regression", "sum of srcc and plcc"),
    ("The score is the mean of macro F1 and accuracy.", "multiclass", "mean of macro f1"),
    ("Scored by SRCC and PLCC.", "regression", ""),
    ("The score is the macro F1 or the accuracy.", "multiclass", ""),
])  # fmt: skip
def test_a_sum_of_two_metrics_is_quoted(tmp_path: Path, text: str, kind: str, quoted: str) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    folder = scan_folder(tmp_path, ".")
    first, second = find_readme_metrics(folder, image_kind(kind), "classify")
    quote = quote_of_both(folder, first, second)
    assert bool(quote) == bool(quoted)
    assert quoted in quote.lower()


@pytest.mark.parametrize(("text", "kind", "name"), [
    ("final = (|SRCC| + |PLCC|) / 2 is the score.", "regression", "0.5 spearman + 0.5 pearson"),
    ("Submissions are ranked by |SRCC| + |PLCC|.", "regression", "spearman + pearson"),
    ("The final score is the sum of SRCC and PLCC.", "regression", "spearman + pearson"),
    ("Score = 1/2 (SRCC + PLCC)", "regression", "0.5 spearman + 0.5 pearson"),
    ("Score = 0.5·AUC + 0.5·F1", "binary", "0.5 auc + 0.5 f1"),
    ("## Evaluation\n\n0.7·macro-F1 + 0.3·accuracy", "multiclass", "0.7 macro_f1 + 0.3 accuracy"),
    ("The score is the average of accuracy, macro F1 and quadratic weighted kappa.", "multiclass",
     "1/3 accuracy + 1/3 macro_f1 + 1/3 qwk"),
    ("Score = (accuracy + macro F1 + kappa)/3", "multiclass",
     "1/3 accuracy + 1/3 macro_f1 + 1/3 kappa"),
    ("Score = 0.7 macro F1 + 0.3 micro F1", "multilabel", "0.7 macro_f1 + 0.3 f1"),
    # In other languages, signs and orders.
    ("Bewertung: 0,7 * Makro-F1 + 0,3 * Genauigkeit", "multiclass", "0.7 macro_f1 + 0.3 accuracy"),
    ("Nota = 0,4 * F1 macro + 0,6 * exactitud", "multiclass", "0.4 macro_f1 + 0.6 accuracy"),
    ("Évaluation : moyenne de l'exactitude et du F1 macro.", "multiclass",
     "0.5 accuracy + 0.5 macro_f1"),
    ("Метрика: 0,6 * F1 + 0,4 * AUC", "binary", "0.6 f1 + 0.4 auc"),
    ("評価は正解率とマクロF1の平均です。", "multiclass", "0.5 accuracy + 0.5 macro_f1"),
    ("评分:宏F1占30%权重,准确率占70%权重。", "multiclass", "0.3 macro_f1 + 0.7 accuracy"),
    # What is not plain.
    ("Scored by macro F1 and accuracy.", "multiclass", ""),
    ("Score = 0.7 macro F1 + 0.7 accuracy", "multiclass", ""),
    ("Score = 0.7 F1 + 0.3 AUC", "multilabel", ""),
    ("Score = 0.6 R2(a) + 0.4 R2(b)", "regression", ""),
    ("Score = 0.5 SRCC + 0.5 RMSE", "regression", ""),
    ("Score = (SRCC + PLCC) / 3", "regression", ""),
    ("We report the mean of macro F1 and accuracy.", "multiclass", ""),
    ("The score is the mean of macro F1 and accuracy.\n\nScore = 0.7 macro F1 + 0.3 accuracy",
     "multiclass", ""),
])  # fmt: skip
def test_a_weighted_sum_of_metrics_of_one_task_is_read(
    tmp_path: Path, text: str, kind: str, name: str
) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    found = find_readme_terms(scan_folder(tmp_path, "."), image_kind(kind), "classify")
    if not name:
        assert found is None
        return
    assert found is not None
    assert sum_name([(weight, one.name) for weight, one in found.terms]) == name


def test_a_weighted_sum_is_written_with_its_weights(tmp_path: Path) -> None:
    competition(tmp_path / "data", "The score is 0.7·macro-F1 + 0.3·accuracy.")
    found = infer(tmp_path / "data", tmp_path)
    assert load_plain_yaml(found.text)["metric"] == {
        "parts": [{"name": "macro_f1", "weight": 0.7}, {"name": "accuracy", "weight": 0.3}]
    }
    assert "README.md says '0.7·macro f1 + 0.3·accuracy'" in " ".join(found.text.split())
    assert found.competition.metric.name == "0.7 macro_f1 + 0.3 accuracy"
    assert not found.guess


def test_a_metric_with_an_unknown_word_is_a_guess_that_quotes_the_word(tmp_path: Path) -> None:
    competition(tmp_path / "data", "Évaluation : exactitude hiérarchique.")
    guess = infer(tmp_path / "data", tmp_path).guess
    assert "says 'exactitude hiérarchique', which podium does not have as it is" in guess


def test_a_guess_of_the_only_metric_of_the_kind_quotes_it_and_no_other(tmp_path: Path) -> None:
    text = "Note: macro F1 for the kind of leaf, MAE for its length."
    competition(tmp_path / "data", text, numbers=True)
    guess = infer(tmp_path / "data", tmp_path).guess
    assert "mae is guessed (the only one that README.md names for regression)" in guess
    assert "README.md says 'mae'" in guess
    assert "f1" not in guess


@pytest.mark.parametrize(("sentence", "is_mean"), [
    ("The score is the IoU of each test image, averaged over the images.", True),
    ("Evaluation: the IoU is computed for every image, and the mean is taken.", True),
    ("Bewertung: der Mittelwert der IoU über jedes Bild.", True),
    ("The score is the mean IoU over all pixels of the test images.", False),
    ("The score is the IoU: one average over the pixels of all test images.", False),
    ("The score is the IoU of each class, averaged over the classes of all images.", False),
    ("The score is the mean IoU. Send one mask for each image.", False),
])  # fmt: skip
def test_iou_of_each_image_is_averaged_over_the_images(
    tmp_path: Path, sentence: str, is_mean: bool
) -> None:
    (tmp_path / "README.md").write_text(f"# Task\n\n{sentence}\n", encoding="utf-8")
    folder, kind = scan_folder(tmp_path, ""), pixel_kind("binary")
    named = find_readme_metrics(folder, kind, PIXELS)
    assert [one.name for one in named] == ["mean_iou"]
    assert bool(mean_of_images(folder, named[0])) == is_mean


@pytest.mark.parametrize(("between", "is_named"), [
    (" ", True),  # far behind the word of scoring, in its paragraph
    ("\n\n", False),
])  # fmt: skip
def test_a_formula_is_of_the_score_in_the_paragraph_that_tells_of_it(
    tmp_path: Path, between: str, is_named: bool
) -> None:
    explained = "An object is found where it covers a true one, and each counts once. " * 4
    text = f"Submissions are scored object by object.{between}{explained}It is TP / (TP + FP + FN)."
    (tmp_path / "README.md").write_text(text)
    found = find_readme_metrics(scan_folder(tmp_path, ""), pixel_kind("instance"), PIXELS)
    assert [one.name for one in found] == ["iou_precision"] * is_named


@pytest.mark.parametrize(("formula", "kind", "metric"), [
    ("Score = 1 − (1 / 4N) · Σ |pᵢ − yᵢ|", "ordinal", "mae"),
    ("Score = 1/n ∑ |y - ŷ|", "regression", "mae"),
    ("Score = 1/n Σ |p − y| / y", "regression", None),
    ("Score = 1/n Σ |p − y|²", "regression", None),
    ("Score = 1/n Σ |p − p|", "regression", None),
    ("Score = 1 − (1 / 4N) · Σ |pᵢ − yᵢ|", "multiclass", None),
    ("Score: RMSE. As a check, 1/n Σ |p − y| is shown, too.", "regression", "rmse"),
])  # fmt: skip
def test_a_formula_that_sums_absolute_errors_is_their_mean(
    tmp_path: Path, formula: str, kind: str, metric: str | None
) -> None:
    (tmp_path / "README.md").write_text(f"# Evaluation\n\n{formula}\n", encoding="utf-8")
    found = find_readme_metrics(scan_folder(tmp_path, ""), image_kind(kind), "classify")
    assert [one.name for one in found] == ([] if metric is None else [metric])


@pytest.mark.parametrize(("name", "is_read"), [
    ("pages/3_evaluation.md", True), ("docs/rules.html", True),
    ("train/notes.md", False),  # beside images
    ("lists/classes.txt", False), ("docs/old/rules.md", False),
])  # fmt: skip
def test_pages_in_a_folder_of_their_own_are_read(tmp_path: Path, name: str, is_read: bool) -> None:
    (tmp_path / "data" / name).parent.mkdir(parents=True)
    competition(tmp_path / "data", "Submissions are evaluated by the macro F1 score.", name=name)
    found = find_readme_metrics(
        scan_folder(tmp_path / "data", "data"), image_kind("multiclass"), "classify"
    )
    assert [one.name for one in found] == ["macro_f1"] * is_read


@pytest.mark.parametrize(("text", "is_taken"), [
    ("Score: macro F1 over the pixels of all tiles.", True),
    ("The score is the F1 of each class over all pixels, then the mean.", True),
    ("Bewertung: F1 jeder Klasse über alle Pixel, davon der Mittelwert.", True),
    ("Scored by the F1 of the labels of each image, averaged over the images.", False),
    ("Scored by the weighted F1 of the classes, a mean.", False),
    ("The F1 is named here, and is a mean of classes.", False),  # no word of scoring
])  # fmt: skip
def test_the_mean_f1_of_classes_of_pixels_is_taken(
    tmp_path: Path, text: str, is_taken: bool
) -> None:
    competition(tmp_path / "data", text)
    folder = scan_folder(tmp_path / "data", "data")
    found = find_f1_of_classes(folder, pixel_kind("multiclass"))
    assert (found is not None) is is_taken
    assert find_f1_of_classes(folder, pixel_kind("binary")) is None
