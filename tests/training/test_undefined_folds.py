"""Folds that a metric cannot score are found before the first of them is trained."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from podium.competition.spec import Competition, load_competition
from podium.errors import DataError
from podium.training.runs.scoring import refuse_undefined_folds, undefined_folds

CLASSES = ["ant", "bee", "cow"]
ROWS = {"ant": 8, "bee": 8, "cow": 2}
FOLDS = np.array([0, 1, 2, 3] * 4 + [0, 1])  # the two of cow are in folds 0 and 1


def competition_of(folder: Path, kind: str, metric: str, classes: list[str]) -> Competition:
    label = "label" if kind != "multilabel" else "[" + ", ".join(classes) + "]"
    (folder / "competition.yaml").write_text(
        f"name: gaps\ntasks: {{classify: {kind}}}\nclasses: [{', '.join(classes)}]\n"
        f"data: {{train: {{table: train.csv, id: id, images: '{{id}}.png', label: {label}}}}}\n"
        f"folds: {{scheme: stratified, n: 4}}\nmetric: {metric}\n"
    )
    return load_competition(folder)


def samples_of(labels: list[object]) -> pd.DataFrame:
    names = [f"a{i}" for i in range(len(labels))]
    return pd.DataFrame({"id": names, "unit": names, "group": names, "label": labels, "mask": None})


def of_classes() -> pd.DataFrame:
    return samples_of([c for c, n in enumerate(ROWS.values()) for _ in range(n)])


def test_folds_without_a_class_are_named_and_a_class_left_out_mends_them(tmp_path):
    competition = competition_of(tmp_path, "multiclass", "{name: auc}", CLASSES)
    found = undefined_folds(competition, of_classes(), FOLDS)
    assert found is not None
    assert (found.folds, found.lacking) == ((2, 3), {"cow": 2})
    assert found.detail == (
        "auc is undefined in folds 2, 3, which have no row of 'cow' (2 rows in all)"
    )
    assert found.mend == "podium choose metric.undefined=skip"
    mended = competition_of(tmp_path, "multiclass", "{name: auc, undefined: skip}", CLASSES)
    assert undefined_folds(mended, of_classes(), FOLDS) is None


def test_a_multilabel_class_that_a_fold_lacks_is_named(tmp_path):
    competition = competition_of(tmp_path, "multilabel", "{name: auc}", CLASSES[:2])
    labels = [np.array([i % 8 < 4, i < 2], dtype=np.uint8) for i in range(16)]
    found = undefined_folds(competition, samples_of(labels), np.arange(16) % 4)
    assert found is not None
    assert (found.folds, found.lacking) == ((2, 3), {"bee": 2})


def test_fewer_folds_mend_a_metric_without_an_option(tmp_path):
    competition = competition_of(tmp_path, "binary", "{name: weighted_auc}", CLASSES[:2])
    samples = samples_of([0] * 10 + [1] * 2)
    found = undefined_folds(competition, samples, np.array([0, 1, 2, 3] * 3)[::-1])
    assert found is not None
    assert (found.folds, found.lacking) == ((2, 3), {"bee": 2})
    assert found.mend == "podium choose folds.n=2"


def test_a_metric_that_scores_every_fold_is_no_fault(tmp_path):
    for metric in ("{name: accuracy}", "{name: log_loss}", "{name: macro_f1}"):
        competition = competition_of(tmp_path, "multiclass", metric, CLASSES)
        assert undefined_folds(competition, of_classes(), FOLDS) is None


def test_only_the_folds_to_train_are_refused(tmp_path):
    competition = competition_of(tmp_path, "multiclass", "{name: auc}", CLASSES)
    refuse_undefined_folds(competition, of_classes(), FOLDS, [0, 1])
    with pytest.raises(DataError, match="auc is undefined in fold 2, which has no row of 'cow'"):
        refuse_undefined_folds(competition, of_classes(), FOLDS, [0, 1, 2])


CORRELATION = """import numpy as np
from podium.competition.metrics import Metric
from podium.errors import DataError

def correlation(truth, values):
    values = np.ravel(values)
    if min(np.ptp(truth), np.ptp(values)) == 0:
        raise DataError("all numbers are equal", where="", fix="")
    return float(np.corrcoef(truth, values)[0, 1])

METRIC = Metric("correlation", "probs", True, frozenset({"regression"}), correlation)
"""


def test_numbers_without_a_spread_are_told_of_the_truth_alone(tmp_path):
    (tmp_path / "own_metric.py").write_text(CORRELATION)
    metric = "{name: 'own_metric:METRIC'}"
    competition = competition_of(tmp_path, "regression", metric, [])
    labels = [float(i) for i in range(12)]
    assert undefined_folds(competition, samples_of(labels), np.arange(12) % 3) is None
    labels[3::3] = [0.0] * 3
    found = undefined_folds(competition, samples_of(labels), np.arange(12) % 3)
    assert found is not None
    assert found.folds == (0,)
    assert "class" not in found.fix
