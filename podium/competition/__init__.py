"""The parts of a competition: spec, samples, images, folds, metrics, data checks.

    spec.py, sections/    `competition.yaml`, checked as it is read
    samples.py, ids/      the rows that a network reads, and their ids; `units.py` of several images
    truths/               what is true of each: labels, masks, objects
    images.py, readers/   image files as arrays; `cache.py` keeps them decoded
    tables.py             tables as text; `spelling.py`, `digits.py` of names and numbers in them
    folds/                which rows are validated together
    metrics/, scores/     a score of answers; its intervals, and what to expect of the test set
    checks/               what `podium check` finds
    infer/                what `podium init` reads off a data folder: its own map is there;
                          `languages/`, `phrases.py` have the words, `presets/` known competitions,
                          `calibrate/` the form of masks and samples, `made_files.py` what it wrote

`infer/sample/` is of the sample submission, `samples.py` of the data; `infer/labels` and
`infer/masks` find what `truths` reads, `infer/conversions` makes what they find in other forms.

The names below are imported on first use, so that a light command does not load pandas and sklearn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.competition import metrics
    from podium.competition.folds import make_folds
    from podium.competition.samples import load_samples
    from podium.competition.spec import load_competition

__all__ = ["load_competition", "load_samples", "make_folds", "metrics"]

_HOMES = {
    "load_competition": "spec",
    "load_samples": "samples",
    "make_folds": "folds",
    "metrics": "metrics",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)
