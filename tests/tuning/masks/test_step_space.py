"""A user's grid of masks and objects: look-ups are what deciding and scoring afresh gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from podium.competition import metrics
from podium.competition.metrics import Metric, mask_counts
from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.truths.instances import Instances
from podium.competition.truths.volumes import Volume
from podium.errors import UsageError
from podium.predictions import MaskArrays, decide_mask
from podium.predictions.decisions import candidates as module
from podium.predictions.decisions.candidates import candidate_instances, decide_candidates
from podium.predictions.decisions.objects import instances_of
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.masks import counts as mask_table
from podium.tuning.masks.counts import count_candidates
from podium.tuning.masks.decision import (
    PLAIN,
    CountScorer,
    GatedTable,
    MaskChoice,
    choose_mask_decision,
    gate_keeps,
    keep_mask_study,
    steps_of,
)
from podium.tuning.masks.objects import score_candidates, scores_of_draws
from podium.tuning.masks.space import step_space
from podium.tuning.masks.sums import sum_objects, sum_volumes
from podium.tuning.step_grid import read_steps

CHANNELS = {"binary": 1, "multilabel": 3, "multiclass": 4}
GRIDS: dict[str, list[Any]] = {
    "binary": [
        {"gate": {"try": [0, 0.3, 0.7]}},
        {"hysteresis": {"low": {"try": [0.5, 0.35]}, "high": {"try": [0.5, 0.8]}}},
        {"close": {"try": [0, 1]}},
        {"fill_holes": None},
        {"min_area": {"from": 0, "to": 12, "n": 3}},
    ],
    "multilabel": [
        {"gate": {"try": [0.2, 0.6]}},
        {"threshold": {"try": [0.5, 0.4, 0.65]}},
        {"open": {"try": [0, 1]}},
        {"largest": [1, {"try": [1, 3]}, 2]},
        {"median": {"try": [1, [1, 3, 5]]}},
    ],
    "multiclass": [
        {"gate": {"try": [0.2, 0.6]}},
        {"class_weights": [{"try": [1, 1.5]}, 1, 1, {"try": [1, 0.5]}]},
        {"median": {"try": [1, 3]}},
        {"min_area": {"try": [0, [3, 0, 9]]}},
    ],
}
ROWS = np.arange(4)


def images_of(kind: str) -> tuple[MaskArrays, list[np.ndarray], np.ndarray]:
    """Return probabilities in blobs, one image not covered everywhere, truths and presence."""
    rng = np.random.default_rng(0)
    arrays, truths = [], []
    for height, width in ((17, 23), (30, 12), (9, 9), (24, 31)):
        probs = blobs((height, width, CHANNELS[kind]), rng)
        truth_shape = (height, width, 3) if kind == "multilabel" else (height, width)
        truths.append((blobs(truth_shape, rng) * (4 if kind == "multiclass" else 2)).astype("u1"))
        arrays.append((np.round(probs * 20) / 20).astype(np.float32))
    arrays[1][5:9] = np.nan
    presence = rng.random((4, 1 if kind == "binary" else 3)).astype(np.float32)
    presence[0, 0] = np.float32(0.3)  # meets a gate exactly
    return MaskArrays(list("abcd"), arrays), truths, presence


def blobs(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    coarse = rng.random((shape[0] // 3 + 1, shape[1] // 3 + 1, *shape[2:]))
    return np.kron(coarse, np.ones((3, 3) + (1,) * (len(shape) - 2)))[: shape[0], : shape[1]]


def gated_of(kind: Any, **options: int) -> GatedTable:
    probs, truths, presence = images_of(kind)
    space = step_space(GRIDS[kind], kind, kind, n_outputs=CHANNELS[kind], trials=100)
    keeps = [gate_keeps(presence, gate) for gate in space.gates]
    n_outputs = CHANNELS[kind]
    table = count_candidates(probs, truths, space, n_outputs=n_outputs, keeps=keeps, **options)
    return GatedTable.of(table, presence, space.gates)


@pytest.mark.parametrize("kind", list(CHANNELS))
def test_every_look_up_is_what_deciding_and_counting_gives(kind: Any) -> None:
    probs, truths, presence = images_of(kind)
    gated = gated_of(kind)
    assert len(gated.table.candidates) == {"binary": 24, "multilabel": 24, "multiclass": 16}[kind]
    choices = [MaskChoice(((a, 0),)) for a in range(len(gated.table.candidates))]
    choices += [MaskChoice(((a, 1),)) for a in range(len(gated.table.candidates))]
    if kind == "multilabel":
        rng = np.random.default_rng(1)
        picks = rng.integers(0, (len(gated.table.candidates), 2), (30, 3, 2))
        choices += [MaskChoice(tuple((int(a), int(g)) for a, g in three)) for three in picks]
    for choice in choices:
        steps = steps_of(gated, choice, CHANNELS[kind])
        expected = [
            mask_counts(
                truths[i],
                decide_mask(probs, i, steps, kind, presence=presence[i]),
                kind=kind,
                n_outputs=CHANNELS[kind],
            )
            for i in ROWS
        ]
        np.testing.assert_array_equal(gated.look_up(choice, ROWS), np.stack(expected), str(steps))


def test_the_first_steps_stand_for_the_plain_decision() -> None:
    assert steps_of(gated_of("binary"), PLAIN, 1) == [
        {"hysteresis": {"low": 0.5, "high": 0.5}},
        {"close": 0},
        {"fill_holes": None},
        {"min_area": 0},
    ]
    assert steps_of(gated_of("multilabel"), PLAIN, 3)[0] == {"gate": 0.2}


@pytest.mark.parametrize("kind", list(CHANNELS))
def test_threads_and_images_too_large_to_share_change_nothing(
    monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    whole = gated_of(kind, workers=1).table
    monkeypatch.setattr(module, "_SHARED_VALUES", 0)
    monkeypatch.setattr(mask_table, "PIXELS_AT_ONCE", 400)
    cut = gated_of(kind, workers=3).table
    np.testing.assert_array_equal(cut.counts, whole.counts)


def test_what_candidates_share_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    probs, _, _ = images_of("binary")
    made: list[str] = []

    def counting(name: str) -> Any:
        original = getattr(module, name)

        def called(*args: Any) -> Any:
            made.append(name if name == "decide_without_regions" else args[1][0][0])
            return original(*args)

        return called

    for name in ("decide_without_regions", "apply_regions"):
        monkeypatch.setattr(module, name, counting(name))
    each = [
        [{"threshold": t}, {"open": r}, {"min_area": a}]
        for a in (0, 4, 9)
        for t in (0.4, 0.5)
        for r in (0, 1)
    ]
    numbers = [number for number, _ in decide_candidates(probs, 0, each, "binary")]
    assert sorted(numbers) == list(range(12))
    assert {name: made.count(name) for name in set(made)} == {
        "decide_without_regions": 2,
        "open": 4,
        "min_area": 12,
    }


@pytest.mark.parametrize("kind", ["multilabel", "binary"])
def test_objects_of_each_candidate_are_its_own(kind: Any) -> None:
    probs, _, _ = images_of(kind)
    splits = [{}, {"connectivity": 1}, {"split": "watershed", "distance": 2}]
    each: list[Any] = [
        [{"threshold": t}, {"fill_holes": None}, {"objects": split}, *after]
        for split in splits
        for t in (0.4, 0.6)
        for after in ([], [{"min_area": 9}], [{"min_area": 4}, {"largest": 1}])
    ]
    each.append([{"threshold": 0.4}])
    for i in ROWS.tolist():
        found = dict(candidate_instances(probs, i, each, kind))
        assert sorted(found) == list(range(len(each)))
        for number, objects in found.items():
            expected = instances_of(probs, i, each[number], kind)
            np.testing.assert_array_equal(objects.labels(), expected.labels())
            np.testing.assert_array_equal(objects.scores, expected.scores)


OBJECT_GRID: list[Any] = [
    {"threshold": {"try": [0.5, 0.4]}},
    {"objects": {"split": "watershed", "distance": {"try": [2, 4]}, "seed": {"try": [None, 0.7]}}},
    {"min_area": {"try": [0, 9]}},
]


def truths_of(probs: MaskArrays) -> list[Instances]:
    return [
        instances_of(MaskArrays(["x"], [one[::-1].copy()]), 0, None, "binary")
        for one in probs.arrays
    ]


def test_sums_and_draws_of_objects_are_those_of_each_candidate() -> None:
    probs, _, _ = images_of("binary")
    truths = truths_of(probs)
    space = step_space(OBJECT_GRID, "instance", "binary", n_outputs=1)
    assert len(space.candidates) == 16
    scorer = SumScorer.of("iou_precision", pixel_kind("binary"), n_classes=1)
    gated = GatedTable.of(sum_objects(probs, truths, space, scorer, workers=2), None)
    metric = metrics.get("mask_map")
    draws = np.array([[1, 1, 1, 1], [2, 0, 1, 1]])
    values = score_candidates(probs, truths, space, metric, pixel_kind("binary"), draws, options={})
    for a, candidate in enumerate(space.candidates):
        choice = MaskChoice(((a, 0),))
        assert steps_of(gated, choice, 1) == candidate.steps
        predicted = [instances_of(probs, i, candidate.steps, "binary") for i in ROWS]
        expected = metrics.sums("iou_precision", truths, predicted)
        np.testing.assert_array_equal(gated.look_up(choice, ROWS), expected)
        np.testing.assert_array_equal(
            values[a], scores_of_draws(metric, truths, predicted, draws, {})
        )


def test_sums_of_volumes_are_those_of_each_candidate() -> None:
    rng = np.random.default_rng(2)
    probs = MaskArrays(list("abcd"), [blobs((12, 14, 1), rng).astype(np.float32) for _ in ROWS])
    truths = [(blobs((12, 14), rng) > 0.5).astype(np.uint8) for _ in ROWS]
    volumes = [Volume("v", np.array([0, 2])), Volume("w", np.array([1, 3]))]

    def overlap(truth: Any, predicted: Any, **_: Any) -> np.ndarray:
        return np.array([[(t & s).sum(), s.sum()] for t, s in zip(truth, predicted, strict=True)])

    metric = Metric.from_sums(
        "overlap",
        needs="volumes",
        greater_is_better=True,
        kinds=frozenset({"binary"}),
        sums=overlap,
        value=lambda sums, **_: float(sums[:, 0].sum()),
    )
    scorer = SumScorer.of(replace(metric, task="segment"), pixel_kind("binary"), n_classes=1)
    grid: list[Any] = [{"threshold": {"try": [0.5, 0.3]}}, {"open": {"try": [0, 1]}}]
    space = step_space(grid, "binary", "binary", n_outputs=1)
    table = sum_volumes(probs, truths, volumes, space, scorer)
    for a, candidate in enumerate(space.candidates):
        for v, volume in enumerate(volumes):
            masks = [decide_mask(probs, i, candidate.steps, "binary") for i in volume.rows]
            both = sum(int((truths[i] & m).sum()) for i, m in zip(volume.rows, masks, strict=True))
            assert table.sums[a, v].tolist() == [both, sum(int(m.sum()) for m in masks)]


def test_the_best_candidate_is_found_and_for_each_class_its_own() -> None:
    """Truths are what another candidate of the grid makes of each class, and some noise."""
    rng = np.random.default_rng(3)
    probs = MaskArrays(
        [str(i) for i in range(30)], [blobs((30, 30, 2), rng).astype("f4") for _ in range(30)]
    )
    hidden: list[Any] = [{"threshold": [0.3, 0.6]}, {"open": [1, 0]}]
    truths = [decide_mask(probs, i, hidden, "multilabel") for i in range(30)]
    for one in truths:
        one[rng.random(one.shape) < 0.02] ^= 1
    grid: list[Any] = [{"threshold": {"try": [0.5, 0.3, 0.6]}}, {"open": {"try": [0, 1]}}]
    space = step_space(grid, "multilabel", "multilabel", n_outputs=2)
    gated = GatedTable.of(count_candidates(probs, truths, space, n_outputs=2), None)
    scorer = CountScorer.of("mean_dice", "multilabel", {"empty": "one"})
    assert steps_of(gated, choose_mask_decision(gated, scorer, np.arange(30)).decision, 2) == hidden
    # Lists of steps that differ in more than numbers are chosen for all classes together.
    grid = [{"hysteresis": {"try": [{"low": 0.5}, {"low": 0.3, "high": 0.31}, {"low": 0.6}]}}]
    space = step_space(grid, "multilabel", "multilabel", n_outputs=2)
    gated = GatedTable.of(count_candidates(probs, truths, space, n_outputs=2), None)
    assert len(choose_mask_decision(gated, scorer, np.arange(30)).decision.picks) == 1


def test_a_study_keeps_what_was_tried(tmp_path: Path) -> None:
    probs, truths, presence = images_of("binary")
    grid: list[Any] = [
        {"gate": {"try": [0, 0.3]}},
        {"threshold": {"try": [0.5, 0.4]}},
        {"fill_holes": {"try": [None, 0]}},
        {"largest": {"try": [[1], 2]}},
    ]
    space = step_space(grid, "binary", "binary", n_outputs=1, trials=7)
    assert "of the 8 decisions of the grid 7 are tried" in space.notes[0]
    table = count_candidates(probs, truths, space, n_outputs=1)
    gated = GatedTable.of(table, presence, space.gates)
    scorer = CountScorer.of("mean_dice", "binary", {"empty": "one"})
    storage = f"sqlite:///{tmp_path / 'studies.db'}"
    keep_mask_study(gated, scorer, space, storage, name="masks")
    study = optuna.load_study(study_name="masks", storage=storage)
    assert len(study.trials) == 7  # of a grid of millions, too: what is not tried is no trial
    for trial in study.trials:
        assert trial.state == optuna.trial.TrialState.COMPLETE
        (number,) = space.numbers_at(trial.params)
        candidate = space.candidates[number]
        assert candidate is not None
        a = space.candidates.index(candidate)
        g = gated.gates.index(trial.user_attrs["gate"])
        assert trial.value == scorer.score(gated.look_up(MaskChoice(((a, g),)), ROWS))
    assert len({tuple(space.numbers_at(trial.params)) for trial in study.trials}) == 7
    one = step_space(["fill_holes"], "binary", "binary", n_outputs=1)
    gated = GatedTable.of(count_candidates(probs, truths, one, n_outputs=1), None)
    keep_mask_study(gated, scorer, one, storage, name="one")
    assert len(optuna.load_study(study_name="one", storage=storage).trials) == 1


@pytest.mark.parametrize(
    ("steps", "kind", "message"),
    [
        ([{"threshold": {"try": [0.3, "x"]}}, {"medain": 3}], "binary", "'medain' is not a step"),
        ([{"gate": 0.5}, {"threshold": {"try": ["x"]}}], "binary", "threshold needs 1 finite"),
        ([{"gate": {"try": ["x"]}}], "binary", "gate needs 1 finite"),
        ([{"threshold": 1.5}], "binary", r"in \[0, 1\], got 1\.5"),
        ([{"threshold": [0.5, -0.1, 1]}], "multilabel", r"threshold .* in \[0, 1\]"),
        ([{"gate": 2}, {"threshold": 0.5}], "binary", r"gate .* in \[0, 1\], got 2"),
        ([{"objects": {"split": "watershed", "seed": 7}}], "instance", r"seed .* in \[0, 1\]"),
        ([{"threshold": 0.5}, "objects"], "binary", "objects is a step of tasks of objects"),
        ([{"objects": {"split": "watershed"}}], "instance", "needs seed"),
        ([{"class_weights": [{"try": [1, 2]}, 1]}], "multiclass", "class_weights needs 4"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_read(
    steps: Any, kind: Any, message: str
) -> None:
    pixels = "binary" if kind == "instance" else kind
    with pytest.raises(UsageError, match=message):
        step_space(steps, kind, pixels, n_outputs=CHANNELS[pixels])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- min_area: {try: [0, 4]}\n- threshold: 0.5\n", 2, "threshold stands after min_area"),
        ("- median: 3\n# so\n- threshold: {try: [1.5, 2]}\n", 3, "threshold stands after median"),
        ("- threshold: {try: [1.5, 2]}\n- median: 3\n", 1, "in [0, 1], got 1.5"),
        ("- threshold: 0.5\n- threshold: 0.4\n", 2, "threshold stands twice"),
        ("- threshold: 0.5\n- gate: -0.1\n", 2, "in [0, 1], got -0.1"),
        ("- gate: 0.5\n- gate: 0.4\n", 2, "gate in a grid takes one number"),
        ("- gate: 0.5\n- median: 3\n- threshold: 0.5\n", 3, "threshold stands after median"),
    ],
)
def test_a_step_of_a_file_that_must_not_stand_there_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "decide.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as refused:
        step_space(read_steps(path), "binary", "binary", n_outputs=1)
    assert refused.value.where == f"{path}:{line}"
    assert message in refused.value.message
    assert refused.value.fix


def test_a_gate_alone_stands_before_the_default_decision() -> None:
    space = step_space([{"gate": {"try": [0.2, 0.4]}}], "binary", "binary", n_outputs=1)
    assert space.gates == (0.2, 0.4)
    assert space.has_gate
    assert [one.steps for one in space.candidates] == [[{"threshold": 0.5}]]
    assert not step_space([{"threshold": 0.4}], "binary", "binary", n_outputs=1).has_gate
    with pytest.raises(UsageError, match="at least 1"):
        step_space([{"threshold": 0.4}], "binary", "binary", n_outputs=1, trials=0)


def test_a_trial_of_steps_on_levels_holds_the_curve_over_its_thresholds(tmp_path: Path) -> None:
    probs, truths, _ = images_of("binary")
    grid = [
        {"threshold": {"try": [0.5, 0.3, 0.4, 0.6]}},
        {"median": {"try": [1, 3]}},
        {"min_area": {"try": [0, 4, 12]}},
    ]
    space = step_space(grid, "binary", "binary", n_outputs=1, trials=23)
    gated = GatedTable.of(count_candidates(probs, truths, space, n_outputs=1), None)
    scorer = CountScorer.of("mean_dice", "binary", {"empty": "one"})
    storage = f"sqlite:///{tmp_path / 'studies.db'}"
    keep_mask_study(gated, scorer, space, storage, name="masks")
    study = optuna.load_study(study_name="masks", storage=storage)
    assert len(study.trials) == 6
    for trial in study.trials:
        scores = {
            one.steps[0]["threshold"]: scorer.score(gated.look_up(MaskChoice(((a, 0),)), ROWS))
            for a, one in enumerate(space.candidates)
            if {**one.steps[1], **one.steps[2]} == trial.params
        }
        assert len(scores) in (3, 4)  # one decision of the grid is not tried
        assert trial.value == pytest.approx(max(scores.values()), rel=1e-14)
        assert scores[trial.user_attrs["threshold"]] == max(scores.values())
