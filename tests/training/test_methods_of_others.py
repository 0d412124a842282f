"""The test-only methods against plain loops: what the protocol carries is what the papers mean."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor
from training.handmade import SIZE, batches, method, network, step
from training.methods_of_others import dino, unimatch

from podium.models.network import Network
from podium.training.batches import Batch
from podium.training.method import Method, Sizes, Step
from podium.training.mixing import draw_boxes


def softmax(values: Tensor) -> list[float]:
    exact = [math.exp(v) for v in values.tolist()]
    return [one / sum(exact) for one in exact]


def plain_unimatch(of: Method, net: Network, made: dict[str, Batch], at: Step) -> float:
    """UniMatch with all channels dropped, pixel by pixel."""
    labelled, own, partner = made["labelled"], made["unlabelled"], made["partner"]
    n, m, tau = len(labelled.index), len(own.index), of.options.threshold
    net.eval()
    theirs = net(partner.views["weak"])["segment"].softmax(1)
    net.train()
    features = net.features(torch.cat([labelled.images, own.views["weak"]]))
    logits = net.decode(features)["segment"]
    weak = logits[n:].softmax(1)
    nothing = net.decode(features.map(torch.zeros_like))["segment"][n:].log_softmax(1)
    width = SIZE[1]
    pixels = [(i, r, c) for i in range(m) for r in range(SIZE[0]) for c in range(width)]

    images, wanted = [], []
    for name in ("strong", "strong2"):
        boxes = draw_boxes(m, SIZE, at.rng("box", name), probability=of.options.chance)
        image, says = own.views[name].clone(), {}
        for i, r, c in pixels:
            top, bottom, left, right = boxes[i]
            is_pasted = top <= r < bottom and left <= c < right
            source, probs = (partner, theirs) if is_pasted else (own, weak)
            image[i, :, r, c] = source.views[name][i, :, r, c]
            if source.shown[name][i, r, c]:
                place = int(source.places[name][i, r, c])
                says[i, r, c] = probs[i, :, place // width, place % width]
        images.append(image)
        wanted.append(says)
    seen = net(torch.cat(images))["segment"].log_softmax(1).chunk(2)
    wanted.append({(i, r, c): weak[i, :, r, c] for i, r, c in pixels if own.shown["weak"][i, r, c]})

    by_view = []
    for logs, says in zip((*seen, nothing), wanted, strict=True):
        confident = {at: p for at, p in says.items() if p.max() >= tau}
        total = sum(-logs[i, p.argmax(), r, c].item() for (i, r, c), p in confident.items())
        assert 0 < len(confident) < len(says) < len(pixels)
        by_view.append(total / len(says))
    target, logs = labelled.targets["segment"], logits[:n].log_softmax(1)
    known = (target >= 0).nonzero().tolist()
    supervised = sum(-logs[i, target[i, r, c], r, c].item() for i, r, c in known) / len(known)
    return (supervised + by_view[0] / 4 + by_view[1] / 4 + by_view[2] / 2) / 2


def test_unimatch_is_its_formula_pixel_by_pixel() -> None:
    of = method(unimatch.METHOD, "segment", threshold=0.4, drop=1.0, chance=0.8)
    net = network("segment")
    twin = copy.deepcopy(net)
    of.build(net, Sizes(labelled=9))
    for number in range(2):  # the second sees other running statistics
        made = batches(of, step(number), seed=number)
        by_hand = plain_unimatch(of, twin, made, step(number))
        assert of.losses(made, step(number))["total"].item() == pytest.approx(by_hand, rel=1e-5)
    assert net.training
    for name, buffer in twin.state_dict().items():
        torch.testing.assert_close(net.state_dict()[name], buffer)


def test_what_one_strong_view_loses_the_other_keeps() -> None:
    one, other = unimatch.complementary_masks(torch.ones(6, 50, 2, 2))
    assert ((one + other) == 2).all()
    halves = [set(sample.unique().tolist()) for sample in one]
    assert sorted(halves, key=len) == [{1.0}] * 3 + [{0.0, 2.0}] * 3


def test_dino_is_its_formula_in_plain_loops() -> None:
    of, net = method(dino.METHOD, "classify", locals=2, local_size=8), network("classify")
    own = of.build(net, Sizes(labelled=0, unlabelled=9))
    optimizer = torch.optim.SGD([*net.parameters(), *of.head.parameters()], lr=0.1)
    centre = [0.0] * of.options.outputs
    for number, epoch in enumerate((0, 0, 1, 2)):
        twins = copy.deepcopy((net, of.head, of.teacher, of.teacher_head))
        now = step(number, epoch)
        made = batches(of, now, seed=number)
        by_hand, centre = plain_dino(*twins, made["unlabelled"], centre, epoch)
        losses = of.losses(made, now)
        assert losses["total"].item() == pytest.approx(by_hand, rel=1e-4), number
        assert own.centre.tolist() == pytest.approx(centre, rel=1e-4, abs=1e-7)
        optimizer.zero_grad()
        losses["total"].backward()
        assert (of.head.last.grad is None) == (epoch == 0), "its last layer rests at first"
        optimizer.step()
        of.after_step(now)
        decay = 1 - 0.004 * (math.cos(math.pi * number / 10) + 1) / 2
        _, _, *teachers = twins
        followed = zip(teachers, (of.teacher, of.teacher_head), (net, of.head), strict=True)
        for before, after, student in followed:
            parts = [dict(one.named_parameters()) for one in (before, after, student)]
            for name, value in parts[1].items():
                exact = decay * parts[0][name] + (1 - decay) * parts[2][name]
                torch.testing.assert_close(value, exact)


def plain_dino(
    net: Network,
    head: dino.DinoHead,
    teacher: Network,
    teacher_head: dino.DinoHead,
    batch: Batch,
    centre: list[float],
    epoch: int,
) -> tuple[float, list[float]]:
    """Return the loss, and the centre after it; 2 local views, and 4 samples."""
    hot = 0.04 + 0.03 * min(epoch / 2, 1)
    large = torch.cat([batch.views["global0"], batch.views["global1"]])
    small = torch.cat([batch.views["local0"], batch.views["local1"]])
    assert (large.shape[2:], small.shape[2:]) == ((16, 16), (8, 8))

    def seen(model: Network, last: dino.DinoHead, images: Tensor) -> list[Tensor]:
        pooled = model.features(images).deepest.mean(dim=(2, 3))
        return list(last(pooled).detach().double().split(4))

    said = [*seen(net, head, large), *seen(net, head, small)]
    taught = seen(teacher, teacher_head, large)
    losses = []
    for t in range(2):
        for v in range(4):
            for i in range(4 if t != v else 0):
                wanted = softmax((taught[t][i] - torch.tensor(centre)) / hot)
                logs = [math.log(p) for p in softmax(said[v][i] / 0.1)]
                losses.append(-sum(w * p for w, p in zip(wanted, logs, strict=True)))
    mean = torch.cat(taught).mean(0).tolist()
    moved = [0.9 * c + 0.1 * g for c, g in zip(centre, mean, strict=True)]
    return sum(losses) / len(losses), moved
