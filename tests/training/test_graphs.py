from __future__ import annotations

import torch
from torch import nn

from podium.training.methods.comatch import embedding_graph_loss, pseudo_label_graph


def test_rows_of_the_graph_sum_to_one_whatever_the_threshold() -> None:
    answers = torch.tensor([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]])
    assert pseudo_label_graph(answers, answers, threshold=1.0).tolist() == torch.eye(3).tolist()
    found = pseudo_label_graph(answers, answers, threshold=0.5)  # itself 1, each other one 0.5
    torch.testing.assert_close(
        found,
        torch.tensor([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]]) / 4,
    )
    wide = pseudo_label_graph(answers, torch.cat([answers, answers[2:]]), threshold=0.6)
    assert wide.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0.5, 0.5]]


def test_the_graph_does_not_overflow() -> None:
    # exp(1 / 0.001) is more than float32 holds.
    vectors = nn.functional.normalize(torch.randn(4, 3, generator=torch.manual_seed(0)), dim=1)
    vectors.requires_grad_()
    loss = embedding_graph_loss(vectors, vectors, torch.eye(4), temperature=0.001)
    loss.backward()
    assert loss.isfinite()
    assert vectors.grad is not None
    assert vectors.grad.isfinite().all()


def test_columns_of_a_queue_that_is_not_filled_do_not_count() -> None:
    draw = torch.manual_seed(0)
    rows = torch.randn(3, 4, generator=draw, requires_grad=True)
    columns, wanted = torch.randn(5, 4, generator=draw), torch.eye(3, 5)
    shown = torch.tensor([True, True, True, True, False])
    loss = embedding_graph_loss(rows, columns, wanted, temperature=0.5, shown=shown)
    fewer = embedding_graph_loss(rows, columns[:4], wanted[:, :4], temperature=0.5)
    torch.testing.assert_close(loss, fewer)
    [grad], [other] = (torch.autograd.grad(one, [rows]) for one in (loss, fewer))
    torch.testing.assert_close(grad, other)
