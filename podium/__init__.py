"""podium: from a folder of competition images to a ranked submission.

What a notebook needs is here; each name is loaded when it is first used.

    ws = podium.Workspace("~/leaves")           one competition's folder: train, blend, submit
    folds = podium.make_folds(y, n_splits=5)    functions on arrays: the truth, then the prediction

`docs/api.md` has each with an example, `docs/python.md` leads through them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.codecs import rle
    from podium.competition import metrics
    from podium.competition.spec import Competition
    from podium.ensembling.blend import Blend
    from podium.errors import DataError, PodiumError, SubmissionError, UsageError
    from podium.predictions import tta
    from podium.predictions.store.reading import PredictionSet
    from podium.submissions.format.problems import Problem
    from podium.tuning.curves import Curve
    from podium.workflows.api.arrays import (
        blend,
        check_submission,
        combine,
        cross_fit,
        decide,
        fit_thresholds,
        hill_climb,
        load_competition,
        make_folds,
        score,
        simplex_weights,
        threshold_curve,
        write_submission,
    )
    from podium.workflows.api.workspace import NotebookWorkspace as Workspace

__version__ = "0.2.0"

# Read when albumentations is imported, which would ask the network for its newest version.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

# Read when torch is imported. A thread that waits for the others of a step sleeps: one that spins
# takes the processor from those it waits for, where other programs run, too.
if "GOMP_SPINCOUNT" not in os.environ:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__all__ = [
    "Blend",
    "Competition",
    "Curve",
    "DataError",
    "PodiumError",
    "PredictionSet",
    "Problem",
    "SubmissionError",
    "UsageError",
    "Workspace",
    "__version__",
    "blend",
    "check_submission",
    "combine",
    "cross_fit",
    "decide",
    "fit_thresholds",
    "hill_climb",
    "load_competition",
    "make_folds",
    "metrics",
    "rle",
    "score",
    "simplex_weights",
    "threshold_curve",
    "tta",
    "write_submission",
]

_HOMES = {
    "Blend": "ensembling.blend",
    "Competition": "competition.spec",
    "Curve": "tuning.curves",
    "DataError": "errors",
    "PodiumError": "errors",
    "PredictionSet": "predictions.store.reading",
    "Problem": "submissions.format.problems",
    "SubmissionError": "errors",
    "UsageError": "errors",
    "Workspace": "workflows.api.workspace:NotebookWorkspace",
    "blend": "workflows.api.arrays",
    "check_submission": "workflows.api.arrays",
    "combine": "workflows.api.arrays",
    "cross_fit": "workflows.api.arrays",
    "decide": "workflows.api.arrays",
    "fit_thresholds": "workflows.api.arrays",
    "hill_climb": "workflows.api.arrays",
    "load_competition": "workflows.api.arrays",
    "make_folds": "workflows.api.arrays",
    "metrics": "competition:metrics",
    "rle": "codecs:rle",
    "score": "workflows.api.arrays",
    "simplex_weights": "workflows.api.arrays",
    "threshold_curve": "workflows.api.arrays",
    "tta": "predictions:tta",
    "write_submission": "workflows.api.arrays",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
