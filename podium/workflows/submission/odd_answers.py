"""Answers of a file that any host takes, and that are likely a mistake."""

from __future__ import annotations

from pathlib import Path

from podium.competition.spec import Competition
from podium.submissions.format.answers_alike import answers_alike
from podium.submissions.format.problems import Problem
from podium.workflows.submission.label_beside_mask import rows_unlike_train
from podium.workflows.submission.numbers_beyond_train import numbers_beyond_train
from podium.workspace.layout import Workspace

__all__ = ["odd_answers"]


def odd_answers(workspace: Workspace, competition: Competition, file: Path) -> list[Problem]:
    """Return warnings of answers that are unlike train, or alike in all rows.

    Args:
        workspace: its cache keeps what is read of train.
        competition: has train and the format.
        file: a submission; lines that cannot be read are left out.
    """
    return [
        *rows_unlike_train(workspace, competition, file),
        *numbers_beyond_train(workspace, competition, file),
        *answers_alike(file, competition),
    ]
