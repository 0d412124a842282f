"""The table of docs/blending.md says what the methods say, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from podium.ensembling.method import load_method, method_names
from podium.ensembling.methods.power import EXPONENTS
from podium.tasks.protocols.kind import Kind
from podium.tuning.scoring import LabelScorer

TEXT = (Path(__file__).resolve().parents[1] / "docs/blending.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`"): cells
    for cells in (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\| `.*\|$", TEXT.replace("|w|", ""), flags=re.MULTILINE)
    )
}
KINDS = {
    "all": {"binary", "multiclass", "multilabel", "multitarget", "ordinal", "regression"},
    "probabilities": {"binary", "multiclass", "multilabel"},
    "multiclass, multilabel": {"multiclass", "multilabel"},
    "regression, multitarget, ordinal": {"regression", "multitarget", "ordinal"},
    "decisions of classes": {"binary", "multiclass", "multilabel"},
    "AUC and other metrics of order; thresholds": {"binary", "multiclass", "multilabel"},
}
METRICS: dict[Kind, tuple[str, ...]] = {
    "binary": ("log_loss", "accuracy"),
    "multiclass": ("log_loss", "accuracy", "auc"),
    "multilabel": ("brier", "macro_f1"),
    "multitarget": ("mcrmse", "rmse"),
    "ordinal": ("mae",),
    "regression": ("rmse",),
}


def test_the_table_has_every_method() -> None:
    assert set(method_names()) <= set(ROWS)


@pytest.mark.parametrize("name", method_names())
def test_a_row_states_what_is_fitted_and_for_which_tasks(name: str) -> None:
    method, cells = load_method(name), ROWS[name]
    for m, c in ((2, 1), (5, 3)):
        formula = cells[3].replace("·", "*")
        assert eval(formula, {"M": m, "C": c}) == method.n_fitted(m, c)
    taken: set[str] = set()
    for kind, of_kind in METRICS.items():
        shape = (6, 2) if kind in ("multilabel", "multitarget") else 6
        truth = np.resize([0, 1, 1], shape)
        n_outputs = 1 if kind in ("binary", "ordinal", "regression") else 2
        for metric in of_kind:
            scorer = LabelScorer.of(metric, truth, n_outputs=n_outputs, kind=kind)
            taken |= set() if method.refuses(scorer) else {kind}
    assert taken == KINDS[cells[4]]


def test_the_exponents_are_those_of_the_code() -> None:
    exponents = re.findall(r"one of ([^|]*)", ROWS["power"][2])[0].replace("½", "0.5")
    assert tuple(float(one) for one in exponents.split(",")) == EXPONENTS


@pytest.mark.slow
def test_the_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    there: dict[str, object] = {}
    for text in re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL):
        exec(compile(text, "blending.md", "exec"), there)
    printed = capsys.readouterr().out
    assert "stack_logistic" in printed
    assert "search" not in printed
