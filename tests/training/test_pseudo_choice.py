"""Selection of pseudo-labels: thresholds of classes, the most confident, and their weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from training.test_pseudo_selection import THREE, Made, artefact, job_of, of_test

from podium.errors import RecipeError
from podium.tasks.protocols.find import image_kind
from podium.training.data.mixing import soft_targets
from podium.training.data.rows import SampleRows, concatenated
from podium.training.objective import build_objective
from podium.training.pseudo.selection import (
    balancing_weights,
    confident_labels,
    fold_pseudo_labels,
    most_confident,
    pseudo_rows,
)
from podium.training.recipe import PseudoUse
from podium.training.runs.ids import run_id
from podium.workspace.progress import SILENT

SIX = np.array(
    [
        [0.7, 0.2, 0.1],
        [0.9, 0.05, 0.05],
        [0.9, 0.1, 0.0],
        [0.1, 0.6, 0.3],
        [0.2, 0.2, 0.6],
        [0.5, 0.3, 0.2],
    ],
    dtype=np.float32,
)


def trained_rows(made: Made, more: str) -> SampleRows:
    job = job_of(made, f"pseudo=[{{from: theirs, {more}}}]")
    (rows,) = pseudo_rows(fold_pseudo_labels(job, 0), SILENT)
    return rows


def by_hand(probs: Any, thresholds: list[float], per_class: int, ids: list[str]) -> list[str]:
    """Return the ids that are learnt: of every class the most confident, one after the other."""
    chosen = []
    for k, threshold in enumerate(thresholds):
        of_class = []
        for row, p in enumerate(probs.tolist()):
            if p.index(max(p)) == k and max(p) >= np.float32(threshold):
                of_class.append((-max(p), ids[row]))
        chosen += [name for _, name in sorted(of_class)[:per_class]]
    return sorted(chosen)


def test_every_class_is_measured_by_its_own_threshold(make: Callable[..., Made]) -> None:
    made = make()
    names = made[1].classes
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6))
    rows = trained_rows(
        made, f"threshold: 0.8, class_thresholds: {{{names[1]}: 0.6, {names[2]}: 0.65}}"
    )
    assert rows.ids == ["u1", "u2", "u3"]
    assert rows.target["classify"].tolist() == [0, 0, 1]


def test_the_artefacts_threshold_holds_for_a_class_with_a_lower_one(
    make: Callable[..., Made],
) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6), threshold=0.65)
    rows = trained_rows(made, f"threshold: 0.8, class_thresholds: {{{made[1].classes[1]}: 0.1}}")
    assert rows.ids == ["u1", "u2"]


def test_of_several_labels_each_class_has_its_own_threshold() -> None:
    probs = np.array([[0.9, 0.4, 0.05], [0.7, 0.5, 0.2]], dtype=np.float32)
    of_class = np.array([0.8, 0.6, 0.9], dtype=np.float32)
    known = confident_labels(probs, image_kind("multilabel"), of_class)
    assert known.tolist() == [[True, True, True], [False, False, False]]


def test_a_binary_no_and_a_yes_have_thresholds_of_their_own(make: Callable[..., Made]) -> None:
    made = make(kind="binary")
    no, yes = made[1].label_names
    probs = np.array([[0.3], [0.7], [0.05]], dtype=np.float32)
    artefact(made, {"0": ("run-x/fold-0", probs)}, of_test(3))
    assert trained_rows(made, f"class_thresholds: {{{no}: 0.9}}").ids == ["u1", "u2"]
    assert trained_rows(made, f"class_thresholds: {{{yes}: 0.9}}").ids == ["u0", "u2"]


def test_a_class_that_is_none_is_refused_with_the_nearest(make: Callable[..., Made]) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6))
    name = made[1].classes[0]
    with pytest.raises(RecipeError, match="there is no class") as caught:
        trained_rows(made, f"class_thresholds: {{{name}s: 0.5}}")
    assert f"did you mean {name}?" in str(caught.value)


@pytest.mark.parametrize("per_class", [1, 2, 5])
def test_most_confident_samples_of_each_class_are_selected_and_ties_go_by_id(
    make: Callable[..., Made], per_class: int
) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6))
    rows = trained_rows(made, f"threshold: 0.55, per_class: {per_class}")
    ids = [f"u{i}" for i in range(6)]
    assert rows.ids == by_hand(SIX, [0.55] * 3, per_class, ids)


def test_the_order_of_the_table_does_not_choose() -> None:
    ids = ["b", "a", "c"]
    probs = np.array([[0.8, 0.2]] * 3, dtype=np.float32)
    known = np.ones(3, dtype=bool)
    left = most_confident(probs, image_kind("multiclass"), known, 1, ids)
    assert left.tolist() == [False, True, False]


def test_of_binary_labels_the_surest_of_no_and_of_yes_stay() -> None:
    probs = np.array([[0.1], [0.4], [0.6], [0.95]], dtype=np.float32)
    known = np.ones(4, dtype=bool)
    left = most_confident(probs, image_kind("binary"), known, 1, ["a", "b", "c", "d"])
    assert left.tolist() == [True, False, False, True]


def test_balanced_every_class_weighs_the_same(make: Callable[..., Made]) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6))
    rows = trained_rows(made, "per_class: 3, balance: true, weight: 0.5")
    assert rows.ids == [f"u{i}" for i in (0, 1, 2, 3, 4)]
    np.testing.assert_allclose(rows.weight, [0.5, 0.5, 0.5, 1.5, 1.5])
    labels = rows.target["classify"]
    assert {float(rows.weight[labels == k].sum()) for k in range(3)} == {1.5}


def test_a_label_of_a_rare_class_weighs_ten_times_as_much_and_no_more(
    make: Callable[..., Made],
) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6))
    rows = trained_rows(made, "per_class: 15, balance: true, weight: 0.5")
    # u5 has a label, too: of class 0 there are four.
    np.testing.assert_allclose(rows.weight, [0.5 * 15 / 4] * 3 + [5.0, 5.0] + [0.5 * 15 / 4])
    many = balancing_weights(np.array([0] * 3 + [1] * 500), 500)
    assert many.tolist() == [10.0] * 3 + [1.0] * 500


def test_a_class_of_which_none_is_known_has_no_weight() -> None:
    assert balancing_weights(np.array([2, 2, 0]), 4).tolist() == [2.0, 2.0, 4.0]


def test_what_the_labels_cannot_be_chosen_by_is_refused(make: Callable[..., Made]) -> None:
    several = make("several", kind="multilabel")
    artefact(several, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    with pytest.raises(RecipeError, match="have several classes"):
        trained_rows(several, "per_class: 2")
    value = make("value", kind="regression")
    artefact(value, {"0": ("run-x/fold-0", THREE[:, :1])}, of_test(3))
    with pytest.raises(RecipeError, match="have no confidence"):
        trained_rows(value, "per_class: 2")
    with pytest.raises(RecipeError, match="leave class_thresholds out"):
        trained_rows(value, "class_thresholds: {a: 0.5}")
    one = make("one")
    artefact(one, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    with pytest.raises(RecipeError, match="mask_threshold is about masks"):
        trained_rows(one, "mask_threshold: 0.5")


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("multiclass", "threshold: 0.55, per_class: 1"),
        ("multiclass", "threshold: 0.65, labels: soft"),
        ("multilabel", "threshold: 0.75"),
        ("binary", "threshold: 0.6"),
    ],
)
def test_artefact_records_the_counts_that_training_uses(
    kind: str, more: str, make: Callable[..., Made]
) -> None:
    made = make(kind=kind)
    folder = artefact(
        made, {"0": ("run-x/fold-0", SIX[:, :1] if kind == "binary" else SIX)}, of_test(6)
    )
    (taught,) = fold_pseudo_labels(job_of(made, f"pseudo=[{{from: theirs, {more}}}]"), 0)
    learnt = taught.rows(SILENT).target["classify"]
    counts = [0] * len(made[1].label_names)
    for target in learnt.tolist():
        if kind == "multilabel":
            for k, one in enumerate(target):
                counts[k] += one == 1
        else:
            counts[target.index(max(target)) if isinstance(target, list) else int(target)] += 1
    n = len(learnt)
    assert sum(counts) > 0
    assert taught.facts() == {
        "artefact": folder.name,
        "images": n,
        "labels": n,
        "classes": dict(zip(made[1].label_names, counts, strict=True)),
    }


def test_balance_needs_a_number() -> None:
    with pytest.raises(ValidationError, match="balance: true needs per_class"):
        PseudoUse.model_validate({"from": "theirs", "balance": True})


def test_a_recipe_that_chooses_nothing_has_the_id_it_had(make: Callable[..., Made]) -> None:
    use = PseudoUse.model_validate({"from": "theirs"})
    assert use.model_dump(mode="json", by_alias=True, exclude_defaults=True) == {"from": "theirs"}
    made = make()
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6))

    def identity(more: str) -> str:
        job = job_of(made, f"pseudo=[{{from: theirs, threshold: 0.5{more}}}]")
        samples, folds = job.data.samples, job.data.folds
        return run_id(*made, job.recipe, name="tiny", samples=samples, folds=folds)[0]

    written_out = ", class_thresholds: {}, mask_threshold: null, per_class: null, balance: false"
    assert identity(written_out) == identity("")
    assert identity(", per_class: 2") != identity("")


def test_soft_labels_share_an_array_with_classes(make: Callable[..., Made]) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", SIX)}, of_test(6))
    soft = trained_rows(made, "threshold: 0.65, labels: soft")
    assert soft.ids == ["u0", "u1", "u2"]
    np.testing.assert_array_equal(soft.target["classify"], SIX[:3])
    assert soft.strata is not None
    assert soft.strata.tolist() == [0, 0, 0]
    hard = trained_rows(made, "threshold: 0.6")
    unknown = replace(hard, target={"classify": np.full(len(hard), -1)})
    for parts in ([hard, soft, unknown], [soft, hard, unknown]):
        both = concatenated(parts).target["classify"]
        assert both.dtype == np.float32
        wanted = {id(hard): np.eye(3)[hard.target["classify"]], id(soft): SIX[:3]}
        wanted[id(unknown)] = np.full((len(hard), 3), np.nan)
        np.testing.assert_array_equal(both, np.concatenate([wanted[id(one)] for one in parts]))
    assert concatenated([hard, unknown]).target["classify"].dtype == np.int64


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_class_costs_the_same_beside_soft_labels(smoothing: float, weighted: bool) -> None:
    weights = {"class_weights": [1.0, 2.0, 0.5]} if weighted else {}
    objective = build_objective(
        {"classify": {"ce": {"weight": 1, "label_smoothing": smoothing}}},
        kinds={"classify": "multiclass"},
        **weights,
    )
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    classes = torch.tensor([0, 2, -1, 1])
    probs = soft_targets(classes, kind=image_kind("multiclass"), n_outputs=3)
    of_classes = objective({"classify": logits}, {"classify": classes})["total"]
    of_probs = objective({"classify": logits}, {"classify": probs})["total"]
    torch.testing.assert_close(of_probs, of_classes)
    assert torch.equal(
        soft_targets(probs, kind=image_kind("multiclass"), n_outputs=3).isnan(), probs.isnan()
    )


def test_soft_labels_of_several_classes_and_of_one(make: Callable[..., Made]) -> None:
    several = make("several", kind="multilabel")
    probs = np.array([[0.9, 0.4, 0.05], [0.5, 0.5, 0.5]], dtype=np.float32)
    artefact(several, {"0": ("run-x/fold-0", probs)}, of_test(2))
    rows = trained_rows(several, "threshold: 0.85, labels: soft")
    wanted = np.array([[0.9, np.nan, 0.05]], dtype=np.float32)
    np.testing.assert_array_equal(rows.target["classify"], wanted)
    one = make("one", kind="binary")
    artefact(one, {"0": ("run-x/fold-0", probs[:1].T)}, of_test(3))
    rows = trained_rows(one, "threshold: 0.85, labels: soft")
    np.testing.assert_array_equal(rows.target["classify"], probs[0, [0, 2]])
    value = make("value", kind="regression")
    artefact(value, {"0": ("run-x/fold-0", THREE[:, :1])}, of_test(3))
    with pytest.raises(RecipeError, match="no probabilities to learn"):
        trained_rows(value, "labels: soft")
