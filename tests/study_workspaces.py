"""Workspaces in which a study takes seconds, with recipes that learn with and without labels."""

from __future__ import annotations

from pathlib import Path

import search_workspaces

from podium.competition.spec import Competition
from podium.workspace.layout import Workspace

__all__ = ["FINE", "VIEWS", "workspace"]

MODEL = "model: {backbone: cnn, pretrained: false, options: {widths: [4]}}\n"
FINE = f"""\
{MODEL}input: {{size: 16, train: none}}
optimizer: {{name: adamw, lr: 1e-2}}
batch_size: 8
phases:
  - {{name: heads, epochs: 1, freeze: [backbone]}}
  - {{name: all, epochs: 2}}
"""
VIEWS = f"""\
{MODEL}input: {{size: 16, train: none}}
batch_size: 8
phases:
  - {{name: views, epochs: 2, method: {{name: byol, hidden: 8, size: 4, views: [weak, none]}}}}
"""


def workspace(root: Path) -> tuple[Workspace, Competition]:
    """Write a competition of two colours with the recipes `fine` (labels) and `views` (none)."""
    made = search_workspaces.workspace(root)
    (root / "recipes/fine.yaml").write_text(FINE)
    (root / "recipes/views.yaml").write_text(VIEWS)
    return made
