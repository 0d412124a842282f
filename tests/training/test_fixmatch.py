from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from training.echo import WAITS, Operations

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.tasks.protocols.find import find_kind, image_kind
from podium.tasks.protocols.kind import Kind
from podium.training.data.mixing import mix, soft_targets
from podium.training.data.sampling import LABELLED, UNLABELLED, Batch, ViewSpec
from podium.training.method import PhaseSetting, PoolSizes, PseudoLabelEvaluator, Step
from podium.training.methods.fixmatch import METHOD
from podium.training.objective import build_objective
from podium.training.recipe import Input, Mix
from podium.training.semi_supervised import hard_labels, probabilities

LABELS: Mapping[str, Kind] = {"classify": "multiclass"}
MASKS: Mapping[str, Kind] = {"segment": "multiclass"}
B, RATIO, SIDE, C = 4, 2, 16, 3


def method(
    kinds: Mapping[str, Kind] = LABELS,
    *,
    mixing: Mix | None = None,
    evaluator: PseudoLabelEvaluator | None = None,
    **options: Any,
) -> Any:
    kinds = {task: find_kind(task, kind) for task, kind in kinds.items()}
    outputs = {task: 1 if kind in ("binary", "regression") else C for task, kind in kinds.items()}
    objective = build_objective(None, kinds=kinds)
    given = kinds, outputs, objective, B, "shuffle", mixing or Mix()
    setting = PhaseSetting(*given, size=(SIDE, SIDE), evaluator=evaluator)
    return METHOD(METHOD.Options(ratio=RATIO, **options), setting)


def network(kinds: Mapping[str, Kind] = LABELS) -> Network:
    torch.manual_seed(0)
    spec = {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 8]}}
    heads = {
        "classify": {},
        "segment": {"decoder": "unet", "options": {"decoder_channels": [8, 4], "depth": 2}},
    }
    outputs = {task: 1 if kind == "binary" else C for task, kind in kinds.items()}
    model = ModelSpec.model_validate({**spec, "heads": {task: heads[task] for task in kinds}})
    built = build_network(model, n_outputs=outputs, image_size=(SIDE, SIDE)).train()
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.mul_(2)  # far from 50 %
    return built


def step(index: int = 0) -> Step:
    return Step(seed=0, phase=0, epoch=0, index=index, micro=0, per_epoch=5, total=10)


def batches(kinds: Mapping[str, Kind] = LABELS, seed: int = 1) -> dict[str, Batch]:
    """Return batches whose strong masks are mirror images of the weak ones, with a hole."""
    draw = torch.Generator().manual_seed(seed)

    def images(n: int) -> Tensor:
        return torch.randn(n, 3, SIDE, SIDE, generator=draw)

    def answers(kind: Kind, n: int, *pixels: int) -> Tensor:
        if kind == "multiclass":
            return torch.randint(0, C, (n, *pixels), generator=draw)
        c = 1 if kind == "binary" else C
        return torch.randint(0, 2, (n, c, *pixels), generator=draw).float()

    n = RATIO * B
    targets = {"classify": answers(kinds["classify"], B)} if "classify" in kinds else {}
    if "segment" in kinds:
        targets["segment"] = answers(kinds["segment"], B, SIDE, SIDE)
    labelled = Batch({"train": images(B)}, targets, torch.ones(B), torch.arange(B))
    unlabelled = Batch({"weak": images(n), "strong": images(n)}, {}, torch.ones(n), torch.arange(n))
    if "segment" in kinds:
        weak, strong = (torch.ones(n, SIDE, SIDE, dtype=torch.bool) for _ in range(2))
        weak[:, :3] = False  # a border
        strong[:, 5:9, 2:6] = False  # a hole
        row, column = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
        places = (row * SIDE + (SIDE - 1 - column)).expand(n, -1, -1).clone()
        places[:, :, 12:] = -1  # shifted in
        unlabelled.shown = {"weak": weak, "strong": strong}
        unlabelled.places = {"strong": places}
    return {LABELLED: labelled, UNLABELLED: unlabelled}


def forward(net: nn.Module, made: Mapping[str, Batch]) -> tuple[Any, Any, Any]:
    """Return the logits of the three kinds of image, in one batch."""
    views = made[UNLABELLED].views
    logits = net(torch.cat([made[LABELLED].images, views["weak"], views["strong"]]))
    n = RATIO * B
    cut = {task: (one[:B], one[B : B + n], one[B + n :]) for task, one in logits.items()}
    learnt, weak, strong = ({task: one[i] for task, one in cut.items()} for i in range(3))
    return learnt, weak, strong


def losses(of: Any, net: nn.Module, made: Mapping[str, Batch]) -> dict[str, Tensor]:
    of.build(net, PoolSizes(labelled=9, unlabelled=20))
    found: dict[str, Tensor] = of.losses(made, step())
    return found


def probs_of(logits: Tensor, kind: Kind) -> list[list[float]]:
    """Return for every output of one sample or pixel `(C,)` the probabilities of its classes."""
    if kind == "multiclass":
        shares = [math.exp(z) for z in logits.tolist()]
        return [[one / sum(shares) for one in shares]]
    return [[1 - p, p] for p in (1 / (1 + math.exp(-z)) for z in logits.tolist())]


def by_hand(
    weak: Tensor, strong: Tensor, kind: Kind, threshold: float
) -> tuple[list[float], list[bool]]:
    """Return loss and kept of every output of one sample or pixel; weak, strong `(C,)`."""
    each, kept = [], []
    for q, p in zip(probs_of(weak, kind), probs_of(strong, kind), strict=True):
        label = max(range(len(q)), key=lambda c: q[c])
        kept.append(q[label] >= threshold)
        each.append(-math.log(p[label]) if kept[-1] else 0.0)
    return each, kept


def halfway(weak: Tensor, kind: Kind) -> float:
    """Return a threshold that about half of the predictions reach."""
    sure = sorted(max(q) for logits in weak for q in probs_of(logits, kind))
    return sum(sure[len(sure) // 2 - 1 :][:2]) / 2


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel"])
def test_the_loss_is_that_of_the_paper(kind: Kind) -> None:
    kinds = {"classify": kind}
    net, made = network(kinds), batches(kinds)
    learnt, weak, strong = forward(copy.deepcopy(net), made)
    threshold = halfway(weak["classify"], kind)
    each, kept = [], []
    for i in range(RATIO * B):
        one = by_hand(weak["classify"][i], strong["classify"][i], kind, threshold)
        each += one[0]
        kept += one[1]
    supervised = build_objective(None, kinds=kinds)(learnt, made[LABELLED].targets)["total"]
    found = losses(method(kinds, threshold=threshold, weight=0.7), net, made)
    assert 0 < sum(kept) < len(kept), "the test must see both"
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)
    assert found["kept"].item() == pytest.approx(sum(kept) / len(kept))
    sure = [max(q) for logits in weak["classify"] for q in probs_of(logits, kind)]
    assert found["classify/confidence"].item() == pytest.approx(sum(sure) / len(sure))
    torch.testing.assert_close(found["labelled"], supervised)
    torch.testing.assert_close(found["total"], supervised + 0.7 * found["unlabelled"])


@pytest.mark.parametrize("kind", ["multiclass", "binary"])
def test_precision_is_of_the_weak_views_predictions(kind: Kind) -> None:
    kinds = {"classify": kind}
    net, made = network(kinds), batches(kinds)
    _, weak, _ = forward(copy.deepcopy(net), made)
    threshold = halfway(weak["classify"], kind)
    truth = [0, 1, -1, 1, 0, 2, -1, 0][: RATIO * B]
    right = judged = 0
    for logits, wanted in zip(weak["classify"], truth, strict=True):
        (q,) = probs_of(logits, kind)
        counts = max(q) >= threshold and wanted >= 0
        judged += counts
        right += counts and q.index(max(q)) == wanted
    found = losses(
        method(kinds, threshold=threshold, evaluator=PseudoLabelEvaluator(torch.tensor(truth))),
        net,
        made,
    )
    assert 0 < judged < RATIO * B
    assert found["classify/evaluated"].item() == pytest.approx(judged / (RATIO * B))
    assert found["classify/right"].item() == pytest.approx(right / (RATIO * B))


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel"])
def test_of_masks_every_pixel_that_both_views_show_counts(kind: Kind) -> None:
    kinds, threshold = {"segment": kind}, 0.6
    net, made = network(kinds), batches(kinds)
    _, weak, strong = forward(copy.deepcopy(net), made)
    each, kept = [], []
    for i in range(RATIO * B):
        for row in range(SIDE):
            for column in range(SIDE):
                from_column = SIDE - 1 - column
                is_hole = 5 <= row < 9 and 2 <= column < 6
                if column >= 12 or is_hole or row < 3:
                    continue
                pixels = (
                    weak["segment"][i, :, row, from_column],
                    strong["segment"][i, :, row, column],
                )
                one = by_hand(*pixels, kind, threshold)
                each += one[0]
                kept += one[1]
    found = losses(method(kinds, threshold=threshold), net, made)
    assert 0 < sum(kept) < len(kept), "the test must see both"
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-4)
    assert found["kept"].item() == pytest.approx(sum(kept) / len(kept))


def test_masks_without_a_shown_pixel_have_no_loss() -> None:
    net, made = network(MASKS), batches(MASKS)
    made[UNLABELLED].shown["strong"][:] = False
    found = losses(method(MASKS, threshold=0.0), net, made)
    assert found["unlabelled"].item() == found["kept"].item() == 0
    found["total"].backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())


def test_two_heads_have_an_unlabelled_loss_each() -> None:
    kinds: Mapping[str, Kind] = {"classify": "multiclass", "segment": "binary"}
    net, made = network(kinds), batches(kinds)
    _, weak, strong = forward(copy.deepcopy(net), made)
    found = losses(method(kinds, threshold=0.6), net, made)
    of_labels = [
        by_hand(weak["classify"][i], strong["classify"][i], "multiclass", 0.6)
        for i in range(RATIO * B)
    ]
    mean = sum(one[0][0] for one in of_labels) / len(of_labels)
    assert found["classify/unlabelled"].item() == pytest.approx(mean, rel=1e-5)
    assert found["segment/unlabelled"].item() > 0
    both = found["classify/unlabelled"] + found["segment/unlabelled"]
    torch.testing.assert_close(found["unlabelled"], both)
    torch.testing.assert_close(found["total"], found["labelled"] + both)
    assert {"classify/kept", "segment/kept", "kept"} < found.keys()


class Plain(nn.Module):
    """Without batch norm, so that no image has an influence on another's logits."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(3 * SIDE * SIDE, C)
        self.seen: list[Tensor] = []
        self.with_gradient: list[bool] = []

    def forward(self, images: Tensor, tasks: object = None) -> dict[str, Tensor]:
        self.seen.append(images)
        self.with_gradient.append(torch.is_grad_enabled())
        return {"classify": self.layer(images.flatten(1))}


@pytest.mark.parametrize("form", ["joint", "split"])
def test_no_gradient_flows_through_the_weak_view(form: str) -> None:
    made = batches()
    views = made[UNLABELLED].views
    for view in views.values():
        view.requires_grad_()
    net = Plain()
    found = losses(method(threshold=0.5, forward=form), net, made)
    assert net.with_gradient == {"joint": [True], "split": [False, True]}[form]
    found["total"].backward()
    weak, strong = views["weak"].grad, views["strong"].grad
    assert weak is None or not weak.any()
    assert strong is not None
    assert strong.any()


def test_the_joint_form_shows_batch_norm_one_batch_of_all() -> None:
    net, made = network(), batches()
    bn = net.backbone.stages[0][1]
    before = bn.running_mean.clone()
    every = torch.cat([made[LABELLED].images, *made[UNLABELLED].views.values()])
    with torch.no_grad():
        mean = net.backbone.stages[0][0](every).mean(dim=(0, 2, 3))
    losses(method(), net, made)
    torch.testing.assert_close(bn.running_mean, 0.9 * before + 0.1 * mean)
    assert int(bn.num_batches_tracked) == 1


def test_the_split_form_is_two_forwards() -> None:
    net, made = network(), batches()
    reference, threshold = copy.deepcopy(net), 0.5
    views = made[UNLABELLED].views
    weak = reference(views["weak"])["classify"]
    together = reference(torch.cat([made[LABELLED].images, views["strong"]]))["classify"]
    each = [
        by_hand(w, s, "multiclass", threshold)[0][0]
        for w, s in zip(weak, together[B:], strict=True)
    ]
    found = losses(method(threshold=threshold, forward="split"), net, made)
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)
    torch.testing.assert_close(
        found["labelled"],
        nn.functional.cross_entropy(together[:B], made[LABELLED].targets["classify"]),
    )
    assert int(net.backbone.stages[0][1].num_batches_tracked) == 2


def test_confidence_is_measured_in_float32() -> None:
    # (z, 0) with z = 2.90625 has 0.9482; in bfloat16 both that and 0.95 are 0.9492.
    below, above = (torch.tensor([[z, 0.0]], dtype=torch.bfloat16) for z in (2.90625, 2.96875))
    for logits, is_sure in ((below, False), (above, True)):
        for name, shown in (("multiclass", logits), ("binary", logits[:, :1])):
            kind = find_kind("classify", name)
            hard = hard_labels(probabilities(shown, kind), kind, threshold=0.95)
            assert hard.kept.item() is is_sure


def test_images_keep_their_layout_and_precision() -> None:
    made, net = batches(), Plain()
    for batch in made.values():
        batch.views = {
            name: one.to(memory_format=torch.channels_last) for name, one in batch.views.items()
        }
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = losses(method(), net, made)
    [seen] = net.seen
    assert seen.is_contiguous(memory_format=torch.channels_last)
    assert seen.dtype == torch.float32
    assert all(value.dtype == torch.float32 for value in found.values())


def test_labelled_samples_keep_weights_and_missing_targets() -> None:
    net, made = network(), batches()
    batch = made[LABELLED]
    batch.targets["classify"][0] = -1
    batch.weight = torch.tensor([5.0, 1.0, 2.0, 3.0])
    made[UNLABELLED].weight = torch.full((RATIO * B,), 7.0)
    logits = forward(copy.deepcopy(net), made)[0]["classify"].log_softmax(1)
    each = [-logits[i, batch.targets["classify"][i]] for i in (1, 2, 3)]
    found = losses(method(), net, made)
    torch.testing.assert_close(found["labelled"], (each[0] + 2 * each[1] + 3 * each[2]) / 6)


def test_only_labelled_samples_are_mixed() -> None:
    mixing = Mix(mixup=1.0)
    net, made = network(), batches()
    soft = soft_targets(
        made[LABELLED].targets["classify"], kind=image_kind("multiclass"), n_outputs=C
    )
    images, target = mix(made[LABELLED].images, soft, mixing, step().rng("mix"))
    mixed = {**made, LABELLED: Batch({"train": images}, {}, torch.ones(B), torch.arange(B))}
    learnt, weak, strong = forward(copy.deepcopy(net), mixed)
    found = losses(method(mixing=mixing, threshold=0.5), net, made)
    wanted = -(target * learnt["classify"].log_softmax(1)).sum(1).mean()
    torch.testing.assert_close(found["labelled"], wanted)
    each = [
        by_hand(w, s, "multiclass", 0.5)[0][0]
        for w, s in zip(weak["classify"], strong["classify"], strict=True)
    ]
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)


def test_labelled_images_are_shown_weakly_and_the_others_both_ways() -> None:
    labelled, unlabelled = METHOD(METHOD.Options(), method().setting).streams(step())
    assert labelled.views == (ViewSpec("train", "train"),)
    assert Input().train == "weak"
    assert (labelled.pools, unlabelled.pools) == ((LABELLED,), (UNLABELLED,))
    assert (labelled.batch_size, unlabelled.batch_size) == (B, 7 * B)
    # As in the paper, each is drawn of the image itself.
    assert unlabelled.views == (ViewSpec("weak", "weak"), ViewSpec("strong", "strong"))
    assert not unlabelled.masks


def test_of_masks_the_strong_view_is_drawn_on_the_weak_one() -> None:
    labelled, unlabelled = method(MASKS, weak="none", strong="medium").streams(step())
    assert unlabelled.views == (ViewSpec("weak", "none"), ViewSpec("strong", "medium", of="weak"))
    assert labelled.masks
    assert unlabelled.masks


def test_an_epoch_is_a_pass_over_the_unlabelled_samples() -> None:
    assert method().epoch_steps({LABELLED: 40, UNLABELLED: 160}) == 160 / (RATIO * B)


def test_a_regression_is_refused_with_what_to_write() -> None:
    with pytest.raises(RecipeError, match="regression") as raised:
        method({"classify": "regression"})
    assert "supervised" in str(raised.value.fix)


def test_masks_may_have_a_threshold_of_their_own() -> None:
    kinds: Mapping[str, Kind] = {"classify": "multiclass", "segment": "multiclass"}
    net, made = network(kinds), batches(kinds)
    found = losses(method(kinds, threshold=1.0, mask_threshold=0.0), net, made)
    assert found["classify/kept"].item() == 0
    assert found["segment/kept"].item() == 1
    found = losses(method(kinds, threshold=0.0), net, made)
    assert found["classify/kept"].item() == found["segment/kept"].item() == 1


@pytest.mark.parametrize("form", ["joint", "split"])
def test_a_relative_threshold_is_a_share_of_the_confidence_in_labelled_images(form: str) -> None:
    net, made = Plain(), batches()
    net.layer.weight.data *= 2
    learnt, weak, strong = (
        [probs_of(one, "multiclass")[0] for one in net.layer(images.flatten(1))]
        for images in (made[LABELLED].images, *made[UNLABELLED].views.values())
    )
    wanted = 0.95 * sum(max(p) for p in learnt) / B
    each, kept = [], []
    for q, p in zip(weak, strong, strict=True):
        label = q.index(max(q))
        kept.append(q[label] >= wanted)
        each.append(-math.log(p[label]) if kept[-1] else 0.0)
    assert wanted < 0.9
    assert 0 < sum(kept) < len(kept), "the test must see both"
    found = losses(method(relative_threshold=True, forward=form), net, made)
    assert found["classify/threshold"].item() == pytest.approx(wanted, rel=1e-5)
    assert found["kept"].item() == pytest.approx(sum(kept) / len(kept))
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)
    assert not found["classify/threshold"].requires_grad


def test_beside_a_relative_threshold_masks_have_a_fixed_one() -> None:
    kinds: Mapping[str, Kind] = {"classify": "multiclass", "segment": "binary"}
    net, made = network(kinds), batches(kinds)
    found = losses(method(kinds, relative_threshold=True, mask_threshold=0.6), net, made)
    alone = losses(method(kinds, mask_threshold=0.6), network(kinds), made)
    torch.testing.assert_close(found["segment/kept"], alone["segment/kept"])
    assert found["classify/kept"] != alone["classify/kept"]
    assert "segment/threshold" not in found


@pytest.mark.parametrize(
    ("kinds", "mixing", "match"),
    [
        ({"classify": "binary"}, Mix(), "multiclass"),
        (MASKS, Mix(), "multiclass"),
        (LABELS, Mix(mixup=0.2), "mixed"),
        (LABELS, Mix(cutmix=1.0), "mixed"),
    ],
)
def test_where_labelled_images_are_no_measure_a_relative_threshold_is_refused(
    kinds: Mapping[str, Kind], mixing: Mix, match: str
) -> None:
    method(kinds, mixing=mixing)
    with pytest.raises(RecipeError, match=match) as raised:
        method(kinds, mixing=mixing, relative_threshold=True)
    assert raised.value.where == "method.relative_threshold"


@pytest.mark.parametrize(
    ("kinds", "options"),
    [
        (LABELS, {}),
        (LABELS, {"forward": "split"}),
        (LABELS, {"align": "labelled", "relative_threshold": True}),
        (LABELS, {"align": "uniform"}),
        ({"classify": "multilabel"}, {}),
        ({"segment": "multilabel"}, {"cutmix": 0.5}),
        (MASKS, {"cutmix": 0.5, "forward": "split"}),
    ],
)
def test_a_step_waits_for_no_value(kinds: Mapping[str, Kind], options: Mapping[str, Any]) -> None:
    of, net, made = method(kinds, **options), network(kinds), batches(kinds)
    of.build(net, PoolSizes(labelled=9, unlabelled=20))
    with Operations(large=10**9) as seen:
        of.losses(made, step())["total"].backward()
        of.after_step(step())
    assert not WAITS & seen.names


@pytest.mark.parametrize("wrong", [{"threshold": 80}, {"weight": -1}, {"forward": "two"}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
