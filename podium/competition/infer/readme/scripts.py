"""Scripts of the host that score a file to send: the metric that they compute, and their words.

evaluate.py: from sklearn.metrics import f1_score; f1_score(truth, sent, average="macro")
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator
from typing import NamedTuple

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder
from podium.competition.languages import begins_as
from podium.competition.spelling import name_words

__all__ = ["ComputedMetric", "computed_metrics", "scoring_scripts", "words_of_script"]

_LARGEST = 200_000  # bytes of a script that scores
_WORDS = frozenset({"eval", "grader", "grading", "judge", "marking", "scorer", "scoring"})
_OF_CALLS = {
    "accuracy_score": "accuracy",
    "average_precision_score": "gap",
    "balanced_accuracy_score": "balanced_accuracy",
    "brier_score_loss": "brier",
    "f1_score": "f1",
    "log_loss": "log_loss",
    "matthews_corrcoef": "mcc",
    "mean_absolute_error": "mae",
    "r2_score": "r2",
    "roc_auc_score": "auc",
    "root_mean_squared_error": "rmse",
}
"""Metrics by the functions of scikit-learn."""
_F1_OF = {"binary": "f1", "macro": "macro_f1"}
"""By `average` of scikit-learn's f1_score."""
_LOGARITHMS = frozenset({"log"})
_MEANS = frozenset({"mean", "average"})


class ComputedMetric(NamedTuple):
    """A metric that a script computes, and the words there that show it."""

    name: str
    path: str
    called: str


def scoring_scripts(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and text of each Python script beside the data that scores, by its name."""
    for path in folder.scripts:
        stem = file_stem(path)
        if not (begins_as(stem, "scoring") or _WORDS & set(name_words(stem))):
            continue
        file = folder.path / path
        if file.stat().st_size <= _LARGEST:
            yield path, read_text(file, folder)


def words_of_script(code: str) -> str:
    """Return the words of a script: its comments, and texts of several lines or in front."""
    found = list[str]()
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.append(token.string.lstrip("#! "))
            elif token.type == tokenize.STRING and re.match(r"\w*(?:'''|\"\"\")", token.string):
                found.append(re.sub(r"^\w*(?:'''|\"\"\")|(?:'''|\"\"\")$", "", token.string))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return ""
    return "\n".join(found)


def computed_metrics(folder: DataFolder) -> list[ComputedMetric]:
    """Return the metrics that scripts beside the data compute, each once.

    By functions of scikit-learn, or the log loss as the mean of `-log` of probabilities.
    """
    found: dict[str, ComputedMetric] = {}
    for path, code in scoring_scripts(folder):
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            name, called = _metric_of(node)
            if name:
                found.setdefault(name, ComputedMetric(name, path, called))
    return list(found.values())


def _metric_of(node: ast.AST) -> tuple[str, str]:
    """Return the metric that a node of code computes, and its words; "" for none."""
    if _is_mean_of_negative_log(node):
        return "log_loss", "the mean of -log of a probability"
    if not isinstance(node, ast.Call):
        return "", ""
    called = _name_of(node.func)
    options = {
        one.arg: one.value.value for one in node.keywords if isinstance(one.value, ast.Constant)
    }
    if called == "cohen_kappa_score":
        weights = options.get("weights")
        return ("qwk" if weights == "quadratic" else "" if weights else "kappa"), called
    if called == "mean_squared_error" and options.get("squared") is False:
        return "rmse", called
    name = _OF_CALLS.get(called, "")
    if name == "f1" and "average" in options:
        average = str(options["average"])
        return _F1_OF.get(average, ""), f"{called} average {average}"
    return name, called


def _is_mean_of_negative_log(node: ast.AST) -> bool:
    """Return whether a node of code is `mean(-log(…))`, or the negative mean of logarithms."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _calls(node.operand, _MEANS) and _calls(node.operand, _LOGARITHMS)
    if not isinstance(node, ast.Call) or _name_of(node.func) not in _MEANS:
        return False
    negative = (
        one
        for one in ast.walk(node)
        if isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub)
    )
    return any(_calls(one.operand, _LOGARITHMS) for one in negative)


def _calls(node: ast.AST, names: Collection[str]) -> bool:
    """Return whether code calls a function, or a method, of one of these names."""
    each = (one for one in ast.walk(node) if isinstance(one, ast.Call))
    return any(_name_of(one.func) in names for one in each)


def _name_of(func: ast.expr) -> str:
    """Return the name of a function, without that of its module or object."""
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""
