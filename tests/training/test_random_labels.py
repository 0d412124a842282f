"""Networks that memorise random labels: no path to a score is above chance, unless it is marked."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from scripts import BENCHMARKS, script

from podium.ensembling.method import method_names
from podium.training import methods
from podium.training.methods.pseudo_label import PseudoLabelOptions
from podium.workspace.extensions import names

CONTROL = "on purpose: bare weights"
PATHS = (
    "supervised",
    "beside labels: fixmatch",
    "self-training: append",
    "from images: simclr",
    "linear_probe, features cached",
    "pseudo-labels, student",
    "model.from a run",
    "tune recipe, honest",
    "tune losses on another fold",
    "blend: hill_climb",
    "blend: stack_logistic",
    "import of a table",
    CONTROL,
)
# What starts from a fold, and soups, is tested in test_provenance.py and test_soup.py as well; a
# ridge is fitted as the logistic regression is, and other flavours train and blend as labels do.
MORE_PATHS = (
    "model.weights of the own fold",
    "soup, uniform",
    "self-training: permanent",
    "self-training: local",
    "tune thresholds",
    "study transfer --supervised the own fold, B",
    "study transfer --supervised the own fold, D",
    CONTROL,
    "on purpose: study transfer, bare weights, D",
    "on purpose: tune recipe, bare weights",
    "ratings: supervised",
    "ratings: blend: stack_ridge",
    "ratings: tune thresholds",
    "masks: supervised, blend",
    "masks: pseudo-labels, student",
    "masks: tune thresholds",
    "masks: import of a folder",
    "masks: import of a folder, and a run",
)


@pytest.fixture(scope="module")
def benchmark() -> Any:
    """Give the benchmark, with half of its steps in a quarter of its epochs, and the fewest trials.

    A third of so short an epoch is its score and its record.
    """
    made = script(BENCHMARKS / "random_labels.py")
    made.EPOCHS //= 4
    made.TRIALS = 2
    steps = 2 * made.N * (made.N_FOLDS - 1) // made.N_FOLDS // 8  # 8 rows are a batch
    made.LONG.update(epochs=made.EPOCHS, steps_per_epoch=steps)
    return made


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.parametrize(
    "paths", [PATHS, pytest.param(MORE_PATHS, marks=pytest.mark.long)], ids=["most", "more"]
)
def test_no_path_scores_random_labels_above_chance_unless_it_is_marked(
    benchmark: Any, paths: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {
        flavour: {name: path for name, path in every.items() if name in paths}
        for flavour, every in benchmark.PATHS.items()
    }
    monkeypatch.setattr(benchmark, "PATHS", chosen)
    rows = benchmark.score_paths([0])
    assert sorted(one.path for one in rows) == sorted(paths)
    leaks = [one.path for one in rows if one.above > benchmark.LIMIT and not one.is_marked]
    assert not leaks
    control = next(one for one in rows if one.path == CONTROL)
    assert control.is_marked
    assert control.above > 1.5 * benchmark.LIMIT, "these networks do not memorise"


def test_every_method_of_training_and_of_blending_and_every_mode_is_a_path(benchmark: Any) -> None:
    paths = " ".join(one for paths in benchmark.PATHS.values() for one in paths)
    modes = get_args(PseudoLabelOptions.model_fields["mode"].annotation)
    spelt = {"pseudo_label": "self-training"}
    every = (*names(methods), *method_names(), *(f"self-training: {mode}" for mode in modes))
    assert not [one for one in every if spelt.get(one, one) not in paths]
