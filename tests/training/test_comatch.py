from __future__ import annotations

import copy
import math
from collections import deque
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
from podium.training.method import PhaseSetting, PoolSizes, Step
from podium.training.methods.comatch import METHOD, align_to_batches, confident_loss, smooth_by_bank
from podium.training.objective import build_objective
from podium.training.recipe import Mix

LABELS: Mapping[str, Kind] = {"classify": "multiclass"}
B, RATIO, SIDE, C = 3, 2, 16, 3
U = RATIO * B
VIEWS = ("weak", "strong", "strong2")
# The probabilities of a few convolutions for noise are near 1/3: some pass, some do not.
NOISE: dict[str, Any] = {"threshold": 0.38, "graph_threshold": 0.334, "size": 5}


def method(
    kinds: Mapping[str, Kind] = LABELS,
    *,
    mixing: Mix | None = None,
    learnt: tuple[str, ...] | None = None,
    **options: Any,
) -> Any:
    kinds = {task: find_kind(task, kind) for task, kind in kinds.items()}
    outputs = {task: 1 if kind in ("binary", "regression") else C for task, kind in kinds.items()}
    named = {task: kind for task, kind in kinds.items() if learnt is None or task in learnt}
    objective = build_objective(None, kinds=named)
    setting = PhaseSetting(
        kinds, outputs, objective, B, "shuffle", mixing or Mix(), size=(SIDE, SIDE)
    )
    return METHOD(METHOD.Options(**{"ratio": RATIO, **options}), setting)


def network(kinds: Mapping[str, Kind] = LABELS) -> Network:
    torch.manual_seed(0)
    spec = {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 8]}}
    heads = {"classify": {}, "segment": {"decoder": "linear"}}
    outputs = {task: 1 if kind == "binary" else C for task, kind in kinds.items()}
    model = ModelSpec.model_validate({**spec, "heads": {task: heads[task] for task in kinds}})
    built = build_network(model, n_outputs=outputs, image_size=(SIDE, SIDE)).train()
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.mul_(2)  # far from even
    return built


def step(index: int = 0) -> Step:
    return Step(seed=0, phase=0, epoch=0, index=index, micro=0, per_epoch=5, total=10)


def batches(kinds: Mapping[str, Kind] = LABELS, seed: int = 1) -> dict[str, Batch]:
    draw = torch.Generator().manual_seed(seed)

    def images(n: int) -> Tensor:
        return torch.randn(n, 3, SIDE, SIDE, generator=draw)

    if kinds["classify"] == "multiclass":
        targets = {"classify": torch.randint(0, C, (B,), generator=draw)}
    else:
        targets = {"classify": torch.randint(0, 2, (B, 1), generator=draw).float()}
    if "segment" in kinds:
        targets["segment"] = torch.randint(0, C, (B, SIDE, SIDE), generator=draw)
    labelled = Batch({"train": images(B)}, targets, torch.ones(B), torch.arange(B))
    views = {name: images(U) for name in VIEWS}
    return {LABELLED: labelled, UNLABELLED: Batch(views, {}, torch.ones(U), torch.arange(U))}


def built(of: Any, net: nn.Module) -> Any:
    """Return the method's own modules."""
    torch.manual_seed(1)
    return of.build(net, PoolSizes(labelled=9, unlabelled=40))


def softmax(values: list[float]) -> list[float]:
    exact = [math.exp(v - max(values)) for v in values]
    return [one / sum(exact) for one in exact]


def dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def read(net: Any, projector: nn.Module, images: Tensor) -> list[tuple[list[float], list[float]]]:
    """Return logits, a binary task's as of two classes, and embedding of each image."""
    with torch.no_grad():
        features = net.features(images)
        logits = net.decode(features)["classify"].double().tolist()
        raw = projector(features.deepest.mean(dim=(2, 3))).double().tolist()
    logits = [[0.0, *one] if len(one) == 1 else one for one in logits]
    return [(z, [v / math.sqrt(dot(e, e)) for v in e]) for z, e in zip(logits, raw, strict=True)]


class Plain:
    """CoMatch's losses of unlabelled samples in loops over numbers."""

    def __init__(self, options: Any) -> None:
        self.options = options
        self.bank: deque[tuple[list[float], list[float]]] = deque(maxlen=options.bank)
        self.means: deque[list[float]] = deque(maxlen=options.align_batches)
        self.queue: deque[tuple[list[float], list[float]]] = deque(maxlen=options.queue)

    def __call__(
        self, net: Any, own: Any, made: dict[str, Batch], truth: list[list[float]]
    ) -> dict[str, float]:
        o, (weak, strong, strong2) = self.options, made[UNLABELLED].views.values()
        images = made[LABELLED].images
        if o.queue == 0:
            every = read(net, own.projector, torch.cat([images, weak, strong, strong2]))
            known, w, s, s2 = every[:B], every[B : B + U], every[B + U : -U], every[-U:]
        else:
            s = read(net, own.projector, torch.cat([images, strong]))[B:]
            slow = own.slow.network, own.slow.projector
            every = read(*slow, torch.cat([images, weak, strong2]))
            known, w, s2 = every[:B], every[B : B + U], every[B + U :]

        probs = [softmax(z) for z, _ in w]
        classes = range(len(probs[0]))
        if o.align_batches:
            self.means.append([sum(p[c] for p in probs) / U for c in classes])
            usual = [sum(mean[c] for mean in self.means) / len(self.means) for c in classes]
            scaled = [[p[c] / usual[c] for c in classes] for p in probs]
            probs = [[one / sum(p) for one in p] for p in scaled]
        answers = [self.smoothed(p, e) for p, (_, e) in zip(probs, w, strict=True)]
        self.bank.extend((e, p) for (_, e), p in zip(w, probs, strict=True))
        self.bank.extend((e, y) for (_, e), y in zip(known, truth, strict=True))

        kept = [max(q) >= o.threshold for q in answers]
        pairs = zip(answers, s, kept, strict=True)
        unlabelled = sum(
            -dot(q, [math.log(p) for p in softmax(z)]) for q, (z, _), is_sure in pairs if is_sure
        )
        columns = [(e, q) for (_, e), q in zip(s2, answers, strict=True)]
        contrast, links = 0.0, 0
        everyone = columns + list(self.queue)
        for i in range(U):
            alike = [dot(answers[i], q) for _, q in everyone]
            alike[i] = 1.0
            row = [one if one >= o.graph_threshold else 0.0 for one in alike]
            near = softmax([dot(s[i][1], e) / o.temperature for e, _ in everyone])
            contrast -= dot([one / sum(row) for one in row], [math.log(one) for one in near])
            links += sum(one > 0 for one in row) - 1
        self.queue.extend(columns)
        return {
            "unlabelled": unlabelled / U,
            "graph": contrast / U,
            "kept": sum(kept) / U,
            "links": links / U,
        }

    def smoothed(self, probs: list[float], embedding: list[float]) -> list[float]:
        o = self.options
        if len(self.bank) < o.bank:
            return probs
        near = softmax([dot(embedding, e) / o.temperature for e, _ in self.bank])
        told = [dot(near, [p[c] for _, p in self.bank]) for c in range(len(probs))]
        return [o.smoothing * p + (1 - o.smoothing) * t for p, t in zip(probs, told, strict=True)]


def one_hot(made: dict[str, Batch]) -> list[list[float]]:
    target = made[LABELLED].targets["classify"]
    if target.ndim == 2:
        return [[1 - y, y] for y in target[:, 0].tolist()]
    return [[float(c == y) for c in range(C)] for y in target.tolist()]


def move(net: nn.Module, own: Any, index: int) -> None:
    """Change what learns, as an optimiser would."""
    draw = torch.Generator().manual_seed(index)
    with torch.no_grad():
        for weight in [*net.parameters(), *own.projector.parameters()]:
            weight.add_(0.05 * torch.randn(weight.shape, generator=draw))


@pytest.mark.parametrize("queue", [0, 8])
@pytest.mark.parametrize(
    ("kind", "align_batches", "threshold", "graph_threshold"),
    [
        ("multiclass", 0, 0.54, 0.404),
        ("multiclass", 2, 0.4, 0.335),
        ("binary", 0, 0.81, 0.693),
        ("binary", 2, 0.57, 0.503),
    ],
)
def test_the_losses_are_those_of_the_paper(
    kind: Kind, align_batches: int, threshold: float, graph_threshold: float, queue: int
) -> None:
    # 9 rows a step into a bank of 20, 6 into a queue of 8: both wrap around.
    kinds = {"classify": kind}
    options = {
        "bank": 20,
        "queue": queue,
        "align_batches": align_batches,
        "smoothing": 0.7,
        "size": 5,
    }
    options |= {"threshold": threshold, "graph_threshold": graph_threshold}
    of, net = method(kinds, **options, weight=0.7, graph_weight=3.0), network(kinds)
    own, plain, kept, links = built(of, net), Plain(of.options), [], []
    for index in range(5):
        made = batches(kinds, seed=index)
        by_hand = plain(*copy.deepcopy((net, own)), made, one_hot(made))
        found = of.losses(made, step(index))
        for name, value in by_hand.items():
            assert found[name].item() == pytest.approx(value, rel=1e-4), (index, name)
        total = found["labelled"] + 0.7 * found["unlabelled"] + 3 * found["graph"]
        torch.testing.assert_close(found["total"], total)
        kept.append(by_hand["kept"])
        links.append(by_hand["links"])
        move(net, own, index)
        of.after_step(step(index))
    assert 0 < sum(kept) / 5 < 1, "the test must see both"
    assert any(0 < one < U - 1 for one in links), "the test must see both"


def test_a_batch_is_among_those_it_is_aligned_by() -> None:
    # One batch alone is divided by its own mean: a common prediction becomes uniform.
    of, net = method(align_batches=4, bank=U + B, **NOISE), network()
    own = built(of, net)
    made = batches()
    made[UNLABELLED].views["weak"][:] = made[UNLABELLED].views["weak"][:1]
    of.losses(made, step())
    torch.testing.assert_close(own.bank["answers"][:U], torch.full((U, C), 1 / C))


def test_a_class_never_predicted_keeps_probability_zero() -> None:
    probs = torch.tensor([[0.5, 0.5, 0.0], [0.2, 0.8, 0.0]])
    found = align_to_batches(probs, probs.mean(0))
    assert found[:, 2].tolist() == [0, 0]
    torch.testing.assert_close(found.sum(1), torch.ones(2))


def test_pseudo_labels_are_smoothed_from_when_the_bank_is_full() -> None:
    # Empty rows have no direction: none is near.
    options = {**NOISE, "threshold": 0.54, "smoothing": 0.0, "align_batches": 0}
    of, net = method(bank=2 * (U + B), **options), network()
    own, predicted = built(of, net), []
    for index in range(3):
        made = batches(seed=index)
        every = torch.cat([made[LABELLED].images, *made[UNLABELLED].views.values()])
        probs = copy.deepcopy(net)(every)["classify"].softmax(1)[B : B + U]
        kept = of.losses(made, step(index))["kept"].item()
        predicted.append((kept, (probs.amax(1) >= of.options.threshold).float().mean().item()))
        assert bool(own.bank.is_full) == (index > 0)
    assert all(kept == alone for kept, alone in predicted[:2])
    assert predicted[2][0] != predicted[2][1]


def test_the_bank_holds_plain_probabilities_and_the_truth() -> None:
    of, net = method(smoothing=0.5, bank=U + B, align_batches=0, **NOISE), network()
    own = built(of, net)
    of.losses(batches(seed=7), step())
    before = own.bank["embeddings"].clone(), own.bank["answers"].clone()
    made = batches(seed=8)
    views = made[UNLABELLED].views
    every = read(
        copy.deepcopy(net), own.projector, torch.cat([made[LABELLED].images, *views.values()])
    )
    of.losses(made, step(1))
    assert own.bank.is_full
    known, weak = every[:B], every[B : B + U]
    stored = own.bank["embeddings"], own.bank["answers"]
    plain = torch.tensor([softmax(z) for z, _ in weak])
    torch.testing.assert_close(stored[1][:U], plain)  # p, not q
    q = smooth_by_bank(
        plain, torch.tensor([e for _, e in weak]), before, share=0.5, temperature=0.2
    )
    assert (q - plain).abs().max() > 0.01
    assert stored[1][U:].tolist() == one_hot(made)
    unit = torch.tensor([e for _, e in weak + known])
    torch.testing.assert_close(stored[0], unit, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(stored[0].norm(dim=1), torch.ones(U + B))


def test_labelled_samples_are_banked_as_they_were_mixed() -> None:
    mixing = Mix(mixup=1.0)
    of, net = method(mixing=mixing, bank=U + B, **NOISE), network()
    own, made = built(of, net), batches()
    soft = soft_targets(
        made[LABELLED].targets["classify"], kind=image_kind("multiclass"), n_outputs=C
    )
    _, target = mix(made[LABELLED].images, soft, mixing, step().rng("mix"))
    of.losses(made, step())
    torch.testing.assert_close(own.bank["answers"][U:], target)


@pytest.mark.parametrize(("kind", "missing"), [("multiclass", -1), ("binary", math.nan)])
def test_a_sample_without_label_is_banked_with_its_prediction(kind: Kind, missing: float) -> None:
    kinds = {"classify": kind}
    of, net = method(kinds, bank=U + B, align_batches=0, **NOISE), network(kinds)
    own, made = built(of, net), batches(kinds)
    made[LABELLED].targets["classify"][0] = missing
    every = torch.cat([made[LABELLED].images, *made[UNLABELLED].views.values()])
    predicted = read(copy.deepcopy(net), own.projector, every)[0][0]
    found = of.losses(made, step())
    assert own.bank["answers"][U].tolist() == pytest.approx(softmax(predicted), rel=1e-5)
    assert own.bank["answers"][U + 1 :].tolist() == one_hot(made)[1:]
    assert all(value.isfinite() for value in found.values())


def test_the_target_is_soft_and_all_samples_count() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    answers = torch.tensor([[0.7, 0.2, 0.1], [0.4, 0.3, 0.3]])
    logs = [math.log(p) for p in softmax(logits[0].tolist())]
    loss, kept = confident_loss(logits, answers, threshold=0.6)
    assert loss.item() == pytest.approx(-dot([0.7, 0.2, 0.1], logs) / 2, rel=1e-5)
    assert kept.item() == 0.5
    exactly, _ = confident_loss(logits, answers, threshold=float(answers[0, 0]))
    torch.testing.assert_close(exactly, loss)


@pytest.mark.parametrize("queue", [0, 8])
def test_targets_carry_no_gradient(queue: int) -> None:
    of, net = method(queue=queue, bank=U + B, **{**NOISE, "threshold": 0.0}), network()
    own = built(of, net)
    # Without batch norm, through which every image has an influence on the others.
    for module in [*net.modules(), *own.modules()]:
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    for index in range(2):
        made = batches(seed=index)
        views = made[UNLABELLED].views
        for view in views.values():
            view.requires_grad_()
        of.losses(made, step(index))["total"].backward()
        touched = {n for n, view in views.items() if view.grad is not None and view.grad.any()}
        assert touched == ({"strong"} if queue else {"strong", "strong2"})
    assert not any(one.requires_grad for one in own.buffers())
    if queue:
        assert not any(one.requires_grad for one in own.slow.parameters())


def test_the_slow_copy_follows_with_statistics_of_its_own() -> None:
    of, net = method(queue=8, decay=0.9, **NOISE), network()
    own = built(of, net)
    before = copy.deepcopy(own.slow)
    statistics = (
        net.backbone.stages[0][1].running_mean,
        (own.slow.network.backbone.stages[0][1].running_mean),
    )
    of.losses(batches(), step())
    assert not torch.equal(*statistics), "each has seen its own images"
    seen = own.slow.network.backbone.stages[0][1].running_mean.clone()
    move(net, own, 1)
    for index, decay in ((3, 4 / 13), (500, 0.9)):
        of.after_step(step(index))
        pairs = (
            (before.network.backbone, own.slow.network.backbone, net.backbone),
            (before.network.heads, own.slow.network.heads, net.heads),
            (before.projector, own.slow.projector, own.projector),
        )
        for old, new, student in pairs:
            three = zip(old.parameters(), new.parameters(), student.parameters(), strict=True)
            for a, b, c in three:
                torch.testing.assert_close(b, decay * a + (1 - decay) * c)
        before = copy.deepcopy(own.slow)
    assert torch.equal(own.slow.network.backbone.stages[0][1].running_mean, seen)
    assert own.slow.network.backbone.stages[0][1].training


def test_the_slow_copy_keeps_what_is_frozen_and_the_head_of_labels_alone() -> None:
    kinds: Mapping[str, Kind] = {"classify": "multiclass", "segment": "multiclass"}
    net = network(kinds)
    net.freeze_only(["backbone", "segment"])
    of = method(kinds, learnt=("classify",), queue=8, **NOISE)
    own = built(of, net)
    assert set(own.slow.network.parts) == {"backbone", "classify"}
    assert not own.slow.network.backbone.training
    assert own.slow.network.heads["classify"].training
    state = copy.deepcopy(own.slow.network.backbone.state_dict())
    of.losses(batches(), step())["total"].backward()
    of.after_step(step())
    for name, value in own.slow.network.backbone.state_dict().items():
        assert torch.equal(value, state[name]), name


@pytest.mark.parametrize("queue", [0, 8])
def test_statistics_are_in_single_precision_under_autocast(queue: int) -> None:
    of, net = method(queue=queue, bank=U + B, temperature=0.05, **NOISE), network()
    own, plain = built(of, net), Plain(of.options)
    for index in range(3):
        made = batches(seed=index)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            by_hand = plain(*copy.deepcopy((net, own)), made, one_hot(made))
            found = of.losses(made, step(index))
        # In bfloat16 a similarity of 1 / 0.05 is exact to ± 0.06.
        assert found["graph"].item() == pytest.approx(by_hand["graph"], rel=1e-4)
        assert found["unlabelled"].item() == pytest.approx(by_hand["unlabelled"], rel=1e-4)
        assert all(value.dtype == torch.float32 for value in found.values())


@pytest.mark.parametrize("queue", [0, 8])
def test_a_restored_method_goes_on_to_the_bit(queue: int) -> None:
    def steps(of: Any, net: nn.Module, own: Any, indices: range) -> list[float]:
        totals = []
        for index in indices:
            totals.append(of.losses(batches(seed=index), step(index))["total"].item())
            move(net, own, index)
            of.after_step(step(index))
        return totals

    options = {"bank": 20, "queue": queue, "align_batches": 3, **NOISE}
    of, net = method(**options), network()
    own = built(of, net)
    steps(of, net, own, range(3))
    kept = copy.deepcopy((net.state_dict(), own.state_dict()))
    other, again = method(**options), network()
    fresh = built(other, again)
    again.load_state_dict(kept[0])
    fresh.load_state_dict(kept[1])
    assert steps(other, again, fresh, range(3, 6)) == steps(of, net, own, range(3, 6))


@pytest.mark.parametrize(
    "lost",
    [
        "bank.embeddings",
        "bank.answers",
        "bank.written",
        "means.answers",
        "queue.embeddings",
        "queue.answers",
        "queue.written",
    ],
)
def test_everything_that_is_kept_matters(lost: str) -> None:
    of, net = method(bank=20, queue=8, align_batches=3, smoothing=0.5, **NOISE), network()
    own = built(of, net)
    for index in range(3):
        of.losses(batches(seed=index), step(index))
    state = copy.deepcopy((net.state_dict(), own.state_dict()))
    whole = of.losses(batches(seed=3), step(3))["total"].item()
    state[1][lost].zero_()
    net.load_state_dict(state[0])
    own.load_state_dict(state[1])
    assert of.losses(batches(seed=3), step(3))["total"].item() != whole


@pytest.mark.parametrize("queue", [0, 8])
def test_a_step_waits_for_no_value(queue: int) -> None:
    # Of a multiclass task `one_hot` looks at the classes, on a CPU, not on a GPU.
    kinds: Mapping[str, Kind] = {"classify": "binary"}
    of, net = method(kinds, queue=queue, bank=U + B, **NOISE), network(kinds)
    built(of, net)
    for index in range(2):  # an empty bank, and a full one
        made = batches(kinds, seed=index)
        with Operations(large=10**6) as done:
            of.losses(made, step(index))["total"].backward()
            of.after_step(step(index))
        assert not done.names & WAITS
        assert "index_copy_" in done.names


def test_mask_head_trains_on_labelled_samples_alone() -> None:
    kinds: Mapping[str, Kind] = {"classify": "multiclass", "segment": "multiclass"}
    of, net = method(kinds, **NOISE), network(kinds)
    built(of, net)
    made, asked = batches(kinds), []
    net.heads["segment"].register_forward_hook(lambda *given: asked.append(len(given[2])))
    every = torch.cat([made[LABELLED].images, *made[UNLABELLED].views.values()])
    logits = copy.deepcopy(net)(every)
    asked.clear()
    found = of.losses(made, step())
    assert asked == [B]
    first = {task: one[:B] for task, one in logits.items()}
    wanted = of.setting.objective(first, made[LABELLED].targets, made[LABELLED].weight)
    torch.testing.assert_close(found["labelled"], wanted["total"])
    assert found["segment/ce"] > 0


def test_there_are_three_views_of_unlabelled_samples() -> None:
    labelled, unlabelled = METHOD(METHOD.Options(), method().setting).streams(step())
    assert labelled.views == (ViewSpec("train", "train"),)
    assert (labelled.pools, unlabelled.pools) == ((LABELLED,), (UNLABELLED,))
    assert (labelled.batch_size, unlabelled.batch_size) == (B, 7 * B)
    strong = ViewSpec("strong", "strong"), ViewSpec("strong2", "strong")
    assert unlabelled.views == (ViewSpec("weak", "weak"), *strong)
    _, other = method(weak="none", strong="jitter_grey").streams(step())
    assert [view.policy for view in other.views] == ["none", "jitter_grey", "jitter_grey"]
    _, other = method(strong="jitter_grey", strong2="medium").streams(step())
    assert [view.policy for view in other.views] == ["weak", "jitter_grey", "medium"]


def test_an_epoch_is_a_pass_over_the_unlabelled_samples() -> None:
    assert method().epoch_steps({LABELLED: 40, UNLABELLED: 160}) == round(160 / U)


def test_projector_is_trained_and_its_biases_do_not_decay() -> None:
    of, net = method(queue=8, **NOISE), network()
    own = built(of, net)
    kernels, others = of.parameter_groups()
    assert "norms" not in kernels
    assert others["norms"] is True
    learnt = {id(one) for group in (kernels, others) for one in group["params"]}
    assert learnt == {id(one) for one in own.projector.parameters()}
    assert all(one.ndim == 1 for one in others["params"])
    of.losses(batches(), step())["total"].backward()
    assert all(one.grad is not None and one.grad.any() for one in own.projector.parameters())
    assert len(own.projector) == 3
    assert own.projector[2].out_features == 5


def test_the_settings_of_a_large_competition_are_a_few_options() -> None:
    options = METHOD.Options(
        ratio=4,
        weight=10,
        graph_weight=5,
        smoothing=0.9,
        bank=30_000,
        queue=30_000,
        temperature=0.1,
        threshold=0.55,
        graph_threshold=0.25,
        weak="weak",
        strong="jitter_grey",
    )
    assert METHOD(options, method().setting).options.decay == 0.996


@pytest.mark.parametrize("kind", ["multilabel", "regression"])
def test_labels_that_are_not_of_one_class_are_refused(kind: Kind) -> None:
    with pytest.raises(RecipeError, match=kind) as raised:
        method({"classify": kind})
    assert {"multilabel": "fixmatch", "regression": "supervised"}[kind] in str(raised.value.fix)


def test_masks_alone_are_refused() -> None:
    with pytest.raises(RecipeError, match="labels") as raised:
        method({"segment": "multiclass"})
    assert "fixmatch" in str(raised.value.fix)


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": 0}, {"graph_threshold": 1.1}, {"bank": 0}, {"queue": -1}, {"smoothing": 2}],
)
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
