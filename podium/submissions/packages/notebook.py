"""The notebook of a package: it installs what is packed, without a network, and predicts."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["dataset_slug_of", "notebook_text"]

_ABOUT = """\
# Predicts with the network off

`podium pack` made this notebook. The dataset beside it holds the weights, the recipes, the blend
and the wheels; the test images are those of the competition."""

# The places of older and newer images of the host, whose inputs moved.
_INSTALL = """\
import subprocess
import sys
from pathlib import Path

INPUTS = Path("/kaggle/input")


def folder(*patterns):
    found = [path for pattern in patterns for path in sorted(INPUTS.glob(pattern))]
    if not found:
        raise SystemExit(f"add it to the notebook's inputs: {patterns[0]}")
    return found[0]


PACK = folder("__DATASET__", "datasets/*/__DATASET__")
DATA = folder("__COMPETITION__", "competitions/__COMPETITION__")
wheels = sorted({wheel.parent for wheel in PACK.rglob("*.whl")})
subprocess.run(
    [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    + [f"--find-links={place}" for place in wheels]
    + ["--requirement", str(next(PACK.rglob("requirements.txt")))],
    check=True,
)"""

# In a process of its own, so that nothing which the notebook imported before is of another version.
_PREDICT = """\
predict = (
    "import sys; from podium.workflows.packed import predict_packed;"
    "predict_packed(sys.argv[1], data=sys.argv[2], to='submission.csv')"
)
subprocess.run([sys.executable, "-c", predict, str(PACK), str(DATA)], check=True)"""


def notebook_text(dataset_slug: str, competition_slug: str) -> str:
    """Return the notebook as the text of an .ipynb file; it writes `submission.csv`.

    Args:
        dataset_slug: of the dataset that holds the package, without its owner.
        competition_slug: of the competition, whose data are the notebook's other input.
    """
    install = _INSTALL.replace("__DATASET__", dataset_slug)
    install = install.replace("__COMPETITION__", competition_slug)
    cells = [_cell("markdown", _ABOUT), _cell("code", install), _cell("code", _PREDICT)]
    notebook = {
        "cells": [{**cell, "id": f"cell-{n}"} for n, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1) + "\n"


def dataset_slug_of(competition_slug: str) -> str:
    """Return the name that the dataset has unless it is told otherwise.

    Example:
        >>> dataset_slug_of("emoji-in-the-wild")
        'emoji-in-the-wild-podium'
    """
    end = "-podium"
    return competition_slug[: 50 - len(end)].strip("-") + end  # the host's names end at 50


def _cell(kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": text}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
