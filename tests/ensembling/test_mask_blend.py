"""Blends of masks: what is scored, by whom the gate is answered, and what goes to the test set."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from ensembling.fits import fit_masks

from podium.competition import metrics
from podium.ensembling import blend, hill_climb
from podium.ensembling.masks.blend import MaskFits
from podium.ensembling.masks.gate import GateClassifier, can_gate, presence_of
from podium.ensembling.masks.rows import gather_masks, mask_data_digest
from podium.ensembling.method import load_method
from podium.ensembling.predicting import blend_masks, blend_presence
from podium.ensembling.record import (
    BlendPart,
    find_parts,
    read_blend,
    read_parts,
    sets_of,
    write_blend,
)
from podium.ensembling.rows import gather
from podium.errors import DataError, RunError, UsageError
from podium.predictions import PredictionSet, write_fold
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.store.mask_writing import write_masks
from podium.predictions.store.masks import MaskArrays, mix_masks
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tuning.masks.counts import count_candidates
from podium.tuning.masks.decision import CountScorer, GatedTable, choose_mask_decision, steps_of
from podium.tuning.masks.space import mask_space
from podium.tuning.scoring import LabelScorer
from podium.workspace.layout import Workspace

SIDE = 16
N = 48
IDS = [f"{i:03d}" for i in range(N)]
FOLDS = np.arange(N) % 3


def discs(n: int = N, seed: int = 0, empty: float = 0.4) -> list[np.ndarray]:
    """Return binary masks with one disc each, some with none."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    made = []
    for _ in range(n):
        y, x, r = rng.uniform(5, 11), rng.uniform(5, 11), rng.uniform(2.5, 5)
        disc = ((rows - y) ** 2 + (columns - x) ** 2 < r * r).astype(np.uint8)
        made.append(disc * (rng.random() >= empty))
    return made


def member_of(truths: list[np.ndarray], seed: int, noise: float = 0.2, low: float = 0.3):
    """Return probabilities that are too low by `low`, and false alarms on empty images."""
    rng = np.random.default_rng(seed)
    arrays = []
    for truth in truths:
        clean = truth * 0.9 if truth.any() else np.roll(discs(1, seed, 0)[0], 3, axis=1) * 0.9
        probs = clean * (1 - low) + noise * rng.random(truth.shape)
        arrays.append(probs.clip(0, 1)[..., None].astype(np.float32))
    return MaskArrays(IDS[: len(truths)], arrays)


def rows_of(truths, *members, folds=FOLDS, **options):
    return gather_masks(members, truths, folds, ids=IDS[: len(truths)], **options)


def knowing(truths, seed: int = 0, sure: float = 0.35) -> np.ndarray:
    """Return probabilities `(1, N, 1)` that something is there; mostly right, never sure."""
    rng = np.random.default_rng(seed)
    there = np.array([truth.any() for truth in truths])
    return (
        (0.5 + np.where(there, sure, -sure) + 0.1 * rng.standard_normal(len(there)))[None, :, None]
        .astype(np.float32)
        .clip(0, 1)
    )


def classifier_of(truths, members: np.ndarray, method: str = "mean", folds=FOLDS, seed: int = 0):
    there = np.array([truth.any() for truth in truths]).astype(np.int64)
    rows = gather(members, there, folds, groups=None, ids=None, names=None)
    rows = dataclasses.replace(rows, ids=tuple(IDS[: len(truths)]))
    scorer = LabelScorer.of("log_loss", there, n_outputs=1, kind="binary")
    chosen = load_method(method)
    fitted = chosen.fitted(members, scorer, seed=seed)
    return GateClassifier(rows, scorer, chosen, fitted, members, 1, seed)


def made_of(rows, **options):
    made, _ = fit_masks(
        rows, "mean_dice", "binary", n_outputs=1, n_resamples=50, workers=2, **options
    )
    return made


def score_of(truths, probs, steps, presence=None, rows=range(N)) -> float:
    predicted = [
        decide_mask(probs, i, steps, "binary", presence=None if presence is None else presence[i])
        for i in rows
    ]
    return metrics.score("mean_dice", [truths[i] for i in rows], predicted, kind="binary")


@pytest.mark.slow
def test_the_optimistic_score_is_that_of_the_decision_on_raw_masks() -> None:
    truths = discs()
    members = [member_of(truths, 1, low=0.6), member_of(truths, 2, low=0.6)]
    made = made_of(rows_of(truths, *members))
    mixed = mix_masks(members, made.weights)
    assert made.weights == (0.5, 0.5)
    assert made.optimistic == pytest.approx(score_of(truths, mixed, made.decision))
    assert made.untuned == pytest.approx(score_of(truths, mixed, []))
    assert made.honest > made.untuned
    assert made.task == "segment"
    low, high = made.honest_interval
    assert low < made.honest < high
    assert set(made.by_fold) == {0, 1, 2}


@pytest.mark.slow
@pytest.mark.long
def test_the_decision_of_fold_k_comes_from_the_other_folds() -> None:
    truths = discs()
    member = member_of(truths, 1)
    made = made_of(rows_of(truths, member))
    for fold in range(3):
        outside = np.flatnonzero(fold != FOLDS)
        ids = [IDS[i] for i in outside]
        alone = made_of(
            gather_masks(
                [MaskArrays(ids, [member.arrays[i] for i in outside])],
                [truths[i] for i in outside],
                FOLDS[outside],
                ids=ids,
            )
        )
        inside = np.flatnonzero(fold == FOLDS)
        expected = score_of(truths, member, alone.decision, rows=inside)
        assert made.by_fold[fold] == pytest.approx(expected)


@pytest.mark.slow
def test_a_gate_empties_masks_that_the_classifier_predicts_empty() -> None:
    truths = discs()
    member = member_of(truths, 1)
    answers = knowing(truths)
    without = made_of(rows_of(truths, member))
    made = made_of(rows_of(truths, member), classifier=classifier_of(truths, answers))
    assert "gate" in made.decision[0]
    assert made.honest > without.honest + 0.1
    presence = presence_of(answers[0], 1)
    assert made.optimistic == pytest.approx(score_of(truths, member, made.decision, presence))


@pytest.mark.slow
def test_the_plain_decision_asks_the_classifier_for_the_gates_of_a_user_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    truths = discs()
    member, answers = member_of(truths, 1), knowing(truths)
    given: dict[str, Any] = {"classifier": classifier_of(truths, answers), "plain": True}
    steps = [{"gate": 0.5}, {"threshold": 0.6}]
    made = made_of(rows_of(truths, member), grid=steps, **given)
    assert made.decision == tuple(steps)
    assert made.honest == pytest.approx(score_of(truths, member, steps, presence_of(answers[0], 1)))
    assert made.honest > score_of(truths, member, steps[1:]) + 0.1
    # Without such gates nothing of it is read, or fitted anew without a fold.
    monkeypatch.delattr(GateClassifier, "presence")
    assert made_of(rows_of(truths, member), **given).decision == ()


@pytest.mark.slow
def test_a_study_is_of_one_metric_and_one_classifier(tmp_path: Path) -> None:
    """The study of other scores is another one: one that is there would be kept as it is."""
    truths = discs()
    rows, storage = rows_of(truths, member_of(truths, 1)), f"sqlite:///{tmp_path / 'studies.db'}"
    gate = classifier_of(truths, knowing(truths))
    every = [("mean_dice", {}, None), ("mean_iou", {}, None), ("mean_dice", {}, gate)]
    every += [("mean_dice", {"empty": "skip"}, None)]
    for metric, options, classifier in [*every, every[0]]:
        fit_masks(
            rows,
            metric,
            "binary",
            n_outputs=1,
            classifier=classifier,
            metric_options=options,
            trials=4,
            n_resamples=5,
            storage=storage,
            data="12345678",
        )
    studies = optuna.get_all_study_summaries(storage)
    assert len({one.study_name for one in studies}) == len(studies) == len(every)


@pytest.mark.slow
def test_a_classifier_that_guesses_gates_nothing() -> None:
    truths = discs(empty=0.1)
    noise = np.random.default_rng(0).random((1, N, 1)).astype(np.float32)
    made = made_of(rows_of(truths, member_of(truths, 1)), classifier=classifier_of(truths, noise))
    assert not any("gate" in step for step in made.decision)


def test_the_classifier_that_gates_fold_k_was_weighted_without_it() -> None:
    truths = discs()
    members = np.concatenate([knowing(truths, seed, 0.1 * seed) for seed in (1, 2, 3)])
    classifier = classifier_of(truths, members, "hill_climb")
    rows = rows_of(truths, member_of(truths, 1))
    there = np.array([truth.any() for truth in truths]).astype(np.int64)
    for fold in range(3):
        outside = np.flatnonzero(fold != FOLDS)
        weights = hill_climb(
            members[:, outside], there[outside], "log_loss", rounds=50, patience=10, kind="binary"
        )
        expected = np.tensordot(weights, members, 1)
        got = classifier.presence(rows, np.flatnonzero(fold == FOLDS))
        np.testing.assert_allclose(got, expected, rtol=1e-6)
    every = classifier.presence(rows, np.zeros(0, np.int64))
    np.testing.assert_allclose(
        every, np.tensordot(classifier.fitted.weights, members, 1), rtol=1e-6
    )


@pytest.mark.slow
def test_gate_and_decision_of_fold_k_come_together_from_the_other_folds() -> None:
    truths = discs()
    member = member_of(truths, 1)
    members = one_memorises_fold_0(truths)
    classifier = classifier_of(truths, members, "hill_climb")
    rows = rows_of(truths, member)
    made = made_of(rows, classifier=classifier)
    # The weights that saw fold 0 know its answers; those that are applied to it do not.
    assert made.by_fold[0] < made.by_fold[1] - 0.1
    space = mask_space("binary", member.sizes)
    table = count_candidates(member, truths, space, n_outputs=1)
    scorer = CountScorer.of("mean_dice", "binary")
    for fold in range(3):
        inside, outside = np.flatnonzero(fold == FOLDS), np.flatnonzero(fold != FOLDS)
        presence = classifier.presence(rows, inside)
        gated = GatedTable.of(table, presence)
        steps = steps_of(gated, choose_mask_decision(gated, scorer, outside).decision, 1)
        expected = score_of(truths, member, steps, presence, inside)
        assert made.by_fold[fold] == pytest.approx(expected)


@pytest.mark.slow
def test_the_gate_of_a_choice_between_ways_knows_nothing_of_the_part_left_out() -> None:
    """Without a part two folds are left, as in a blend of these images alone."""
    truths = discs()
    member, members = member_of(truths, 1), one_memorises_fold_0(truths)
    kind = pixel_kind("binary")
    classifier = classifier_of(truths, members, "hill_climb")
    fits = MaskFits(
        rows_of(truths, member), metrics.get("mean_dice"), kind, 1,
        classifier=classifier, n_resamples=20, workers=1,
    )  # fmt: skip
    found = fits.within("mean", FOLDS)[2].sums
    outside = np.flatnonzero(FOLDS != 2)
    ids = [IDS[i] for i in outside]
    alone = classifier_of([truths[i] for i in outside], members[:, outside], "hill_climb",
                          folds=FOLDS[outside])  # fmt: skip
    rows = gather_masks(
        [MaskArrays(ids, [member.arrays[i] for i in outside])],
        [truths[i] for i in outside],
        FOLDS[outside],
        ids=ids,
    )
    _, units = fit_masks(
        rows, "mean_dice", "binary", n_outputs=1, n_resamples=20, workers=1,
        classifier=dataclasses.replace(alone, rows=dataclasses.replace(alone.rows, ids=tuple(ids))),
    )  # fmt: skip
    np.testing.assert_array_equal(found, units.sums)


def one_memorises_fold_0(truths) -> np.ndarray:
    """Return a member that is right but in fold 0, and one that copies fold 0's truth alone."""
    rng = np.random.default_rng(8)
    right, copied = knowing(truths, 0, 0.4)[0], knowing(truths, 1, 0.45)[0]
    right[FOLDS == 0] = rng.uniform(0.3, 0.7, (16, 1))
    copied[FOLDS != 0] = rng.uniform(0.4, 0.6, (32, 1))
    return np.stack([right, copied])


def test_planted_what_copies_one_fold_has_no_weight_there() -> None:
    truths = discs()
    members = one_memorises_fold_0(truths)
    classifier = classifier_of(truths, members, "hill_climb")
    rows = rows_of(truths, member_of(truths, 1))
    without = classifier._fitted_without(rows, np.flatnonzero(FOLDS == 0))
    assert without.weights[1] < 0.1 < classifier.fitted.weights[1]
    for held, weights in (
        (np.flatnonzero(FOLDS == 0), without.weights),
        (np.zeros(0, np.int64), classifier.fitted.weights),
    ):
        expected = np.tensordot(weights, members, 1)
        np.testing.assert_allclose(classifier.presence(rows, held), expected, rtol=1e-6)


@pytest.mark.slow
def test_a_lone_fold_forgets_the_images_that_are_scored() -> None:
    truths = discs()
    folds = np.zeros(N, np.int64)
    members = np.concatenate([knowing(truths, seed, 0.1 * seed) for seed in (1, 2)])
    classifier = classifier_of(truths, members, "hill_climb", folds)
    rows = rows_of(truths, member_of(truths, 1), folds=folds)
    held = np.arange(10)
    there = np.array([truth.any() for truth in truths]).astype(np.int64)
    weights = hill_climb(
        members[:, 10:], there[10:], "log_loss", rounds=50, patience=10, kind="binary"
    )
    np.testing.assert_allclose(
        classifier.presence(rows, held), np.tensordot(weights, members, 1), rtol=1e-6
    )
    made = made_of(rows, classifier=classifier)
    assert any("cut in 5 parts" in note for note in made.notes)


@pytest.mark.slow
def test_images_without_a_mask_or_a_prediction_are_not_scored() -> None:
    truths: list[np.ndarray | None] = list(discs())
    member = member_of(discs(), 1)
    other = MaskArrays(IDS[4:], member.arrays[4:])
    truths[7] = None
    rows = rows_of(truths, member, other)
    assert rows.ids == [one for one in IDS[4:] if one != "007"]
    assert rows.notes == ("scored 43 of 47 rows: those that every member predicted out of fold",)
    made = made_of(rows)
    assert made.n_scored == 43
    kept = [i for i in range(4, N) if i != 7]
    expected = score_of(truths, member, made.decision, rows=kept)
    assert made.optimistic == pytest.approx(expected)


def test_only_masks_with_a_truth_are_read() -> None:
    truths = discs()
    read: list[int] = []

    class Lazy(list):
        def __getitem__(self, i: int) -> np.ndarray:
            read.append(i)
            return super().__getitem__(i)

    has_mask = np.arange(N) >= 6
    rows = rows_of(Lazy(truths), member_of(truths, 1), has_mask=has_mask)
    assert read == []
    assert made_of(rows).n_scored == N - 6
    assert set(read) == set(range(6, N))


def test_a_member_that_is_better_alone_is_named() -> None:
    truths = discs(empty=0)
    good = member_of(truths, 1, noise=0.0, low=0.0)
    bad = MaskArrays(IDS, [np.full((SIDE, SIDE, 1), 1.0, np.float32)] * N)
    made = made_of(rows_of(truths, good, bad, names=["good", "bad"]), trials=1)
    assert any(note.startswith("good alone with the plain decision") for note in made.notes)


def test_which_classifications_can_gate() -> None:
    assert can_gate(image_kind("binary"), pixel_kind("binary"))
    assert can_gate(image_kind("binary"), pixel_kind("multiclass"))
    assert can_gate(image_kind("multiclass"), pixel_kind("multilabel"))
    assert not can_gate(image_kind("multiclass"), pixel_kind("binary"))
    assert not can_gate(image_kind("regression"), pixel_kind("binary"))
    assert presence_of(np.array([[0.2], [0.7]]), 3).shape == (2, 3)
    assert presence_of(np.full((2, 3), 0.5), 3).shape == (2, 3)


def test_no_member_with_masks_is_refused() -> None:
    with pytest.raises(UsageError, match="no member has masks"):
        gather_masks([], discs(), FOLDS, ids=IDS)
    with pytest.raises(DataError, match="predicted out of fold by every member"):
        rows_of(discs(), MaskArrays(["x"], [np.zeros((4, 4, 1))]))


# The store


def write_member(root: Path, arrays, test_arrays, *, folds=FOLDS) -> Path:
    for fold in range(3):
        inside = np.flatnonzero(fold == folds)
        for split, ids, made in (
            ("oof", [IDS[i] for i in inside], [arrays[i] for i in inside]),
            ("test", [f"t{i}" for i in range(len(test_arrays))], test_arrays),
        ):
            sizes = [one.shape[:2] for one in made]
            write_masks(
                root, split, fold, ids=ids, sizes=sizes, bands=made, model="m", dtype="float16"
            )
    return root


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def sets(workspace: Workspace) -> list[Path]:
    truths, test = discs(), discs(5, 9)
    return [
        write_member(
            workspace.runs / f"r{m}-0000000{m}" / "predictions" / "aabbccdd",
            member_of(truths, m).arrays,
            member_of(test, m).arrays,
        )
        for m in (1, 2)
    ]


def part_of(workspace: Workspace, sets: list[Path]) -> BlendPart:
    rows = rows_of(discs(), *[PredictionSet(one) for one in sets])
    data = mask_data_digest(workspace, sets, rows, ["digest"] * N)
    return BlendPart(made_of(rows, data=data, trials=8), tuple(sets))


def labels_of(workspace: Workspace, root: Path) -> BlendPart:
    """Return a classification part of one member, whose set lies in `root`."""
    answers = knowing(discs())[0]
    for fold in range(3):
        inside = np.flatnonzero(fold == FOLDS)
        ids = [IDS[i] for i in inside]
        write_fold(root, "oof", "classify", fold, ids=ids, probs=answers[inside], model="m")
        tests = [f"t{i}" for i in reversed(range(5))]
        predicted = np.linspace(0, 1, 5)[::-1, None]
        write_fold(root, "test", "classify", fold, ids=tests, probs=predicted, model="m")
    there = np.array([truth.any() for truth in discs()]).astype(np.int64)
    made = blend(
        [PredictionSet(root)], there, "accuracy", FOLDS, ids=IDS, kind="binary", n_resamples=20
    )
    return BlendPart(made, (root,))


def test_a_blend_of_two_parts_comes_back_as_it_was_written(workspace, sets) -> None:
    masks = part_of(workspace, sets)
    labels = labels_of(workspace, sets[0])
    folder = write_blend(workspace, masks.blend, masks.sets, name="both", beside=[labels])
    parts = read_parts(folder)
    assert list(parts) == ["segment", "classify"]
    assert parts["segment"].blend == masks.blend
    assert parts["classify"].blend == labels.blend
    assert [one.resolve() for one in parts["segment"].sets] == [one.resolve() for one in sets]
    assert [one.resolve() for one in parts["classify"].sets] == [sets[0].resolve()]
    assert read_blend(folder)[0] == masks.blend


def test_the_id_follows_from_members_truth_and_parts(workspace, sets) -> None:
    masks, labels = part_of(workspace, sets), labels_of(workspace, sets[0])
    alone = write_blend(workspace, masks.blend, masks.sets)
    both = write_blend(workspace, masks.blend, masks.sets, beside=[labels])
    assert alone != both
    assert write_blend(workspace, masks.blend, masks.sets) == alone
    rows = rows_of(discs(), *[PredictionSet(one) for one in sets])
    known = mask_data_digest(workspace, sets, rows, ["digest"] * N)
    assert known == masks.blend.data
    assert len(known) == 8
    other_truth = mask_data_digest(workspace, sets, rows, ["digest"] * (N - 1) + ["other"])
    other_folds = dataclasses.replace(rows, folds=(rows.folds + 1) % 3)
    chunk = next((sets[1] / "oof").rglob("chunk-0000.npy"))
    content = bytearray(chunk.read_bytes())
    content[-1] ^= 1
    chunk.write_bytes(content)
    changed = {
        known,
        other_truth,
        mask_data_digest(workspace, sets, other_folds, ["digest"] * N),
        mask_data_digest(workspace, sets[:1], rows, ["digest"] * N),
        mask_data_digest(workspace, sets, rows, ["digest"] * N),
    }
    assert len(changed) == 5


def test_the_members_of_all_parts_keep_the_order_of_each(sets, workspace) -> None:
    made = part_of(workspace, sets).blend
    for members, tasks in (
        ("ab", {"segment": "b", "classify": "ab"}),
        ("abcd", {"segment": "acd", "classify": "bc"}),
        ("abcd", {"segment": "ad", "classify": "bc"}),
        ("abc", {"segment": "abc"}),
    ):
        parts = {task: BlendPart(made, tuple(map(Path, names))) for task, names in tasks.items()}
        found = sets_of(parts)
        assert sorted(map(str, found)) == list(members), tasks
        for part in parts.values():
            assert [one for one in found if one in part.sets] == list(part.sets), tasks


def test_parts_are_found_before_anything_is_fitted(workspace, sets) -> None:
    from podium.ensembling.record import part_inputs

    masks = part_of(workspace, sets)
    inputs = part_inputs(
        workspace,
        sets,
        data=masks.blend.data,
        method="mean",
        metric="mean_dice",
        kind="binary",
        seed=0,
        trials=8,
        task="segment",
    )
    assert find_parts(workspace, [inputs]) is None
    folder = write_blend(workspace, masks.blend, masks.sets)
    assert find_parts(workspace, [inputs]) == folder
    assert find_parts(workspace, [{**inputs, "trials": 9}]) is None


def test_test_masks_are_the_mean_over_folds_and_members(workspace, sets) -> None:
    masks = part_of(workspace, sets)
    got = blend_masks(masks.blend, masks.sets, "test")
    test = [member_of(discs(5, 9), m).arrays for m in (1, 2)]
    assert list(got.ids) == [f"t{i}" for i in range(5)]
    for i in range(5):
        expected = (test[0][i] + test[1][i]) / 2
        np.testing.assert_allclose(got.band(i, 0, SIDE), expected, atol=1e-3)
    some = blend_masks(masks.blend, masks.sets, "test", ids=["t3", "t1"])
    np.testing.assert_array_equal(some.band(0, 0, SIDE), got.band(3, 0, SIDE))
    oof = blend_masks(masks.blend, masks.sets, "oof")
    assert sorted(oof.ids) == IDS


@pytest.mark.slow
def test_gate_of_the_test_set_matches_images_by_id(workspace, sets) -> None:
    labels = labels_of(workspace, sets[0])
    plain = part_of(workspace, sets)
    gated = BlendPart(dataclasses.replace(plain.blend, decision=({"gate": 0.3},)), plain.sets)
    ids = ["t0", "t3", "t4"]
    parts = {"segment": gated, "classify": labels}
    presence = blend_presence(parts, "test", ids, n_classes=2)
    np.testing.assert_allclose(presence, np.repeat([[0.0], [0.75], [1.0]], 2, axis=1))
    ungated = BlendPart(dataclasses.replace(plain.blend, decision=()), plain.sets)
    both = {"segment": ungated, "classify": labels}
    assert blend_presence(both, "test", ids, n_classes=2) is None
    with pytest.raises(RunError, match="no part to ask"):
        blend_presence({"segment": gated}, "test", ids, n_classes=1)
    with pytest.raises(DataError, match="lacks 1 of 1 row"):
        blend_presence(parts, "test", ["new"], n_classes=1)


def test_members_of_other_folds_are_refused_by_name(workspace, sets) -> None:
    with pytest.raises(DataError, match="r1-00000001 was made with other folds"):
        gather_masks([PredictionSet(sets[0])], discs(), (FOLDS + 1) % 3, ids=IDS)


def test_the_plain_decision_is_kept_with_its_reason_where_no_other_one_pays() -> None:
    truths = discs(empty=0.0)
    arrays = [(0.1 + 0.8 * one)[..., None].astype(np.float32) for one in truths]
    made = made_of(rows_of(truths, MaskArrays(IDS, arrays)), trials=6)
    assert (made.decision, made.honest, made.untuned) == ((), 1.0, 1.0)
    assert any("the plain decision is kept" in note for note in made.notes)
