"""A file of what is most frequent: valid from the first seconds on, before anything is trained."""

from __future__ import annotations

from pathlib import Path

from podium.competition.spec import Competition
from podium.submissions.format.answers import write_answers
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.mask_sizes import scored_of_test
from podium.workflows.constant_answers import constant_answers

__all__ = ["write_prior"]


def write_prior(file: Path, competition: Competition) -> Path:
    """Write a submission of the training labels' frequencies, and of empty masks; return `file`.

    Raises:
        PodiumError: as the writers of submissions do.
    """
    expected, ids = expected_of_test(competition), scored_of_test(competition)
    answers = [constant_answers(competition, form, expected, ids) for form in expected.form.answers]
    file.parent.mkdir(parents=True, exist_ok=True)
    return write_answers(file, expected, answers if expected.form.parts else answers[0])
