"""UniMatch and its V2 against plain loops over pixels, and against versions with a mistake."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from training.echo import WAITS, Operations, answers_of, n_outputs
from training.handmade import SIZE, step
from training.handmade import batches as noise

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.kind import Kind
from podium.training.data.mixing import draw_boxes
from podium.training.data.sampling import Batch
from podium.training.method import Method, PhaseSetting, PoolSizes, Step
from podium.training.methods import unimatch, unimatch_v2
from podium.training.objective import build_objective
from podium.training.recipe import Mix

Kinds = Mapping[str, Kind]
MASKS: Kinds = {"segment": "multiclass"}
BOTH: Kinds = {"classify": "multiclass", "segment": "multiclass"}
SIZES = PoolSizes(labelled=9, unlabelled=9)
VIEWS = ("strong", "strong2")
WIDTH = SIZE[1]
OPTIONS: dict[str, Any] = {"threshold": 0.4, "cutmix": 0.8}
METHODS: list[type[Method]] = [unimatch.METHOD, unimatch_v2.METHOD]


def built(kind: type[Method], kinds: Kinds, *, batch_size: int = 5, **options: Any) -> Any:
    kinds = {task: find_kind(task, one) for task, one in kinds.items()}
    outputs = {task: n_outputs(one) for task, one in kinds.items()}
    objective = build_objective(None, kinds=kinds)
    setting = PhaseSetting(kinds, outputs, objective, batch_size, "shuffle", Mix(), size=SIZE)
    of: Any = kind(kind.Options(**options), setting)
    torch.manual_seed(0)
    heads = {"classify": {}, "segment": {"decoder": "linear"}}
    spec = ModelSpec.model_validate(
        {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [4, 6]},
            "heads": {task: heads[task] for task in kinds},
        }
    )
    of.build(build_network(spec, n_outputs=outputs, image_size=SIZE).train(), SIZES)
    return of


def batches(of: Any, at: Step, seed: int) -> dict[str, Batch]:
    """Return noise; labelled samples have targets of the right kind."""
    made: dict[str, Batch] = noise(of, at, seed=seed)
    known = made["labelled"]
    for task, kind in of.setting.kinds.items():
        n, pixels = len(known.images), SIZE if task == "segment" else ()
        c = of.setting.outputs[task]
        if kind == "multiclass":
            known.targets[task] = torch.randint(c, (n, *pixels))
        else:
            known.targets[task] = torch.randint(2, (n, c, *pixels)).float()
    return made


class Plain:
    """Sums over pixels (or images) of what is sure, and counts of all that count."""

    def __init__(self, kind: Kind, threshold: float) -> None:
        self.kind, self.threshold = kind, threshold
        self.total, self.n, self.sure = 0.0, 0, 0

    def add(self, predicted: Tensor, learnt: Tensor) -> None:
        """Take one pixel's logits `(C,)` of the weak view and of the one that learns."""
        questions = zip(
            answers_of(predicted, self.kind), answers_of(learnt, self.kind), strict=True
        )
        for taught, own in questions:
            self.n += 1
            if max(taught) >= self.threshold:
                self.sure += 1
                self.total -= math.log(own[taught.index(max(taught))])

    @property
    def mean(self) -> float:
        assert self.sure > 0
        assert self.sure < self.n or self.n < 20, "of many pixels some do not count"
        return self.total / self.n


def inside(box: np.ndarray, r: int, c: int) -> bool:
    return bool(box[0] <= r < box[1] and box[2] <= c < box[3])


def boxes_of(of: Any, at: Step, n: int, view: str) -> np.ndarray:
    chance = of.options.cutmix if "segment" in of.setting.kinds else 0
    return draw_boxes(n, SIZE, at.rng("cutmix", view), probability=chance)


def by_loops(
    of: Any,
    task: str,
    view: str,
    sources: tuple[tuple[Batch, Tensor], tuple[Batch, Tensor]],
    partner: list[int],
    boxes: np.ndarray,
    learnt: Tensor,
) -> float:
    """Return one strong view's loss; `sources` are batches and their weak views' logits."""
    plain = Plain(of.setting.kinds[task], of.options.threshold)
    for i in range(len(learnt)):
        if task == "classify":
            if not boxes[i].any():
                plain.add(sources[0][1][i], learnt[i])
            continue
        for r in range(SIZE[0]):
            for c in range(WIDTH):
                is_pasted = inside(boxes[i], r, c)
                batch, weak = sources[is_pasted]
                j = partner[i] if is_pasted else i
                place = int(batch.places[view][j, r, c])
                at = divmod(place, WIDTH)
                if place < 0 or not batch.shown[view][j, r, c] or not batch.shown["weak"][j][at]:
                    continue
                plain.add(weak[j, :, at[0], at[1]], learnt[i, :, r, c])
    return plain.mean


def pasted(own: Tensor, other: Tensor, boxes: np.ndarray) -> Tensor:
    made = own.clone()
    for i, (top, bottom, left, right) in enumerate(boxes):
        made[i, :, top:bottom, left:right] = other[i, :, top:bottom, left:right]
    return made


def plain_v1(of: Any, net: Network, made: dict[str, Batch], at: Step) -> tuple[float, float]:
    """Return the labelled and the unlabelled loss."""
    labelled, own, partner = made["labelled"], made["unlabelled"], made["partner"]
    n, m = len(labelled.index), len(own.index)
    net.eval()
    theirs = net(partner.views["weak"])
    net.train()
    features = net.features(torch.cat([labelled.images, own.views["weak"]]))
    rng, share, maps = at.rng("dropout"), of.options.dropout, []
    for one in features.maps:
        lost = torch.from_numpy(rng.random((m, one.shape[1])) < share)
        holes = one[n:].clone()
        holes[lost] = 0
        maps.append(torch.cat([one, holes / (1 - share)]))
    levels = iter(maps)
    logits = net.decode(features.map(lambda _: next(levels)))
    boxes = {view: boxes_of(of, at, m, view) for view in VIEWS}
    images = [pasted(own.views[v], partner.views[v], boxes[v]) for v in VIEWS]
    strong = net(torch.cat(images))
    unlabelled = 0.0
    for task in of.setting.objective.tasks:
        weak, disturbed = logits[task][n : n + m], logits[task][n + m :]
        sources = ((own, weak), (partner, theirs[task]))
        for view, learnt in zip(VIEWS, strong[task].chunk(2), strict=True):
            args = (list(range(m)), boxes[view], learnt)
            unlabelled += by_loops(of, task, view, sources, *args) / 4
        plain = Plain(of.setting.kinds[task], of.options.threshold)
        for i in range(m):
            if task == "classify":
                plain.add(weak[i], disturbed[i])
                continue
            for r, c in own.shown["weak"][i].nonzero().tolist():
                plain.add(weak[i, :, r, c], disturbed[i, :, r, c])
        unlabelled += plain.mean / 2
    learnt = {task: one[:n] for task, one in logits.items()}
    known = of.setting.objective(learnt, labelled.targets, labelled.weight)["total"].item()
    return known, unlabelled


def plain_v2(
    of: Any, net: Network, teacher: Network, made: dict[str, Batch], at: Step
) -> tuple[float, float]:
    labelled, own = made["labelled"], made["unlabelled"]
    m = len(own.index)
    taught = teacher.eval()(own.views["weak"])
    known = of.setting.objective(net(labelled.images), labelled.targets, labelled.weight)
    boxes = {view: boxes_of(of, at, m, view) for view in VIEWS}
    images = [pasted(own.views[v], own.views[v].flip(0), boxes[v]) for v in VIEWS]
    rng = at.rng("dropout")
    order, maps = rng.permutation(m), []
    features = net.features(torch.cat(images))
    masks = {}
    for one in features.maps:
        n_channels = one.shape[1]
        if n_channels not in masks:
            masks[n_channels] = rng.integers(2, size=(m, n_channels))
        drawn, factors = masks[n_channels], torch.ones(2 * m, n_channels)
        for i in range(m):
            for f in range(one.shape[1]):
                if order[i] >= int(m * (1 - of.options.dropout)):
                    factors[i, f] = 2 if drawn[i, f] else 0
                    factors[m + i, f] = 0 if drawn[i, f] else 2
        maps.append(one * factors[:, :, None, None])
    levels = iter(maps)
    strong = net.decode(features.map(lambda _: next(levels)))
    unlabelled = 0.0
    for task in of.setting.objective.tasks:
        sources = ((own, taught[task]), (own, taught[task]))
        for view, learnt in zip(VIEWS, strong[task].chunk(2), strict=True):
            args = (list(range(m))[::-1], boxes[view], learnt)
            unlabelled += by_loops(of, task, view, sources, *args) / 2
    return known["total"].item(), unlabelled


KINDS: list[Kinds] = [
    MASKS,
    {"classify": "multilabel"},
    {"segment": "binary"},
    {"segment": "multilabel"},
    BOTH,
]


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize("kinds", KINDS, ids=lambda one: "+".join(one.values()))
@pytest.mark.parametrize("kind", METHODS)
def test_the_loss_is_its_formula_pixel_by_pixel(kind: type[Method], kinds: Kinds) -> None:
    sure = 0.38 if "multiclass" in kinds.values() else 0.52
    options: dict[str, Any] = {"threshold": sure, "cutmix": 0.4 if "classify" in kinds else 0.8}
    of = built(kind, kinds, weight=3.0, **options)
    teacher: Any = getattr(of, "_teacher", None)
    if teacher is not None:
        with torch.no_grad():
            for number, parameter in enumerate(teacher.parameters()):
                parameter.mul_(1 + 0.3 * (number % 3))  # its outputs differ
    twins = copy.deepcopy((of.network, teacher))
    for number in range(2):  # the second sees other running statistics
        at = step(number)
        made = batches(of, at, number)
        with torch.no_grad():
            given = (of, *(one for one in twins if one is not None), made, at)
            known, unlabelled = (plain_v1 if teacher is None else plain_v2)(*given)
        found = of.losses(made, at)
        assert found["labelled"].item() == pytest.approx(known, rel=1e-5)
        assert found["unlabelled"].item() == pytest.approx(unlabelled, rel=1e-5)
        assert found["total"].item() == pytest.approx((known + 3 * unlabelled) / 2, rel=1e-5)
    assert of.network.training
    # A forward in evaluation mode moves no statistics of batch norm; all others do.
    for name, buffer in twins[0].state_dict().items():
        torch.testing.assert_close(of.network.state_dict()[name], buffer)
    if teacher is not None:
        assert not teacher.training
        for name, buffer in twins[1].state_dict().items():
            assert torch.equal(teacher.state_dict()[name], buffer)


@pytest.mark.parametrize("kind", METHODS)
def test_masks_have_their_own_threshold(kind: type[Method]) -> None:
    of = built(kind, BOTH, threshold=0.0, mask_threshold=1.0)
    found = of.losses(batches(of, step(), 0), step())
    assert found["classify/kept"] == 1
    assert found["segment/kept"] == 0
    assert found["segment/unlabelled"] == 0
    assert found["unlabelled"] == found["classify/unlabelled"] > 0


@pytest.mark.parametrize("kind", METHODS)
def test_images_of_which_nothing_is_shown_cost_nothing(kind: type[Method]) -> None:
    of = built(kind, MASKS, threshold=0.0)
    made = batches(of, step(), 0)
    for name, batch in made.items():
        if name != "labelled":
            batch.shown = {view: torch.zeros_like(one) for view, one in batch.shown.items()}
    found = of.losses(made, step())
    assert found["unlabelled"] == 0
    found["total"].backward()
    assert all(one.grad.isfinite().all() for one in of.network.parameters())


@pytest.mark.parametrize("kind", METHODS)
def test_a_step_waits_for_no_value(kind: type[Method]) -> None:
    of = built(kind, BOTH, **OPTIONS)
    made = batches(of, step(), 0)
    with Operations(large=10**9) as seen:
        of.losses(made, step())["total"].backward()
        of.after_step(step())
    assert not seen.names & WAITS


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_whole_channels_are_dropped_and_the_mean_stays(share: float) -> None:
    found = unimatch.dropped(torch.ones(40, 100, 2, 2), share, step().rng("x"))
    assert torch.equal(found, found[..., :1, :1].expand_as(found))
    kept = found[found > 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - share)))
    assert found.mean().item() == pytest.approx(1, abs=0.15)
    assert (found == 0).float().mean().item() == pytest.approx(share, abs=0.04)


def test_what_one_strong_view_loses_the_other_keeps_but_of_whole_samples() -> None:
    is_whole = np.array([True, False, True, False])
    [found] = unimatch_v2.complementary([torch.ones(8, 50, 2, 2)], is_whole, step().rng("x"))
    one, other = found.chunk(2)
    assert ((one + other) == 2).all()
    kept = [set(sample.unique().tolist()) for sample in one]
    assert kept == [{1.0}, {0.0, 2.0}, {1.0}, {0.0, 2.0}]


def test_levels_of_as_many_channels_lose_the_same_ones() -> None:
    # Of a ViT all have as many: its authors draw one mask for all levels.
    is_whole = np.zeros(4, dtype=bool)
    maps = [torch.ones(8, n, side, side) for n, side in ((50, 4), (50, 4), (30, 2), (50, 1))]
    levels = unimatch_v2.complementary(maps, is_whole, step().rng("x"))
    first, second, narrow, last = (one[..., 0, 0] for one in levels)
    assert torch.equal(first, second)
    assert torch.equal(first, last)
    assert narrow.shape == (8, 30)
    assert first[0].unique().tolist() == [0, 2]


@pytest.mark.parametrize(("index", "decay"), [(0, 0.0), (3, 0.75), (10_000, 0.9)])
def test_the_teacher_follows_weights_and_statistics_and_takes_integers(
    index: int, decay: float
) -> None:
    of = built(unimatch_v2.METHOD, MASKS, decay=0.9)
    teacher, network = of.evaluation_network(), of.network
    assert teacher is not network
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1.0)
    norms = [one for one in network.modules() if isinstance(one, nn.BatchNorm2d)]
    for norm in norms:
        for buffer in norm.buffers():
            buffer.add_(5)
    before = copy.deepcopy(teacher.state_dict())
    of.after_step(step(index))
    assert norms
    for name, new in teacher.state_dict().items():
        theirs = network.state_dict()[name]
        if new.is_floating_point():
            torch.testing.assert_close(new, decay * before[name] + (1 - decay) * theirs)
        else:
            assert torch.equal(new, theirs)


def test_no_gradient_flows_to_the_teacher() -> None:
    of = built(unimatch_v2.METHOD, MASKS, **OPTIONS)
    of.losses(batches(of, step(), 0), step())["total"].backward()
    assert all(one.grad is None for one in of.evaluation_network().parameters())
    assert all(one.grad is not None for one in of.network.parameters())


@pytest.mark.parametrize("kind", METHODS)
def test_strong_views_lie_on_the_weak_one_and_an_epoch_is_a_pass_over_the_unlabelled(
    kind: type[Method],
) -> None:
    of = built(kind, MASKS, ratio=2)
    labelled, *others = of.streams(step())
    assert labelled.name == "labelled"
    assert [one.name for one in others] == ["unlabelled", "partner"][: len(others)]
    assert len(others) == (2 if kind is unimatch.METHOD else 1)
    for one in others:
        assert [(view.name, view.of) for view in one.views] == [
            ("weak", None),
            ("strong", "weak"),
            ("strong2", "weak"),
        ]
        assert one.masks
        assert one.batch_size == 10
    assert of.epoch_steps({"labelled": 10, "unlabelled": 100}) == 10


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize(
    ("kinds", "cutmix", "why"),
    [
        ({"classify": "regression", "segment": "multiclass"}, 0.5, "regression"),
        (BOTH, 1.0, "no label is learnt"),
    ],
)
def test_what_cannot_be_is_refused(
    kind: type[Method], kinds: Kinds, cutmix: float, why: str
) -> None:
    with pytest.raises(RecipeError, match=why):
        built(kind, kinds, cutmix=cutmix)
