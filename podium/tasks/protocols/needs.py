"""What a metric scores: values, decisions, and the other forms of an answer."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "Needs",
    "are_confident",
    "are_decisions",
    "are_objects",
    "are_probs",
    "are_ranked",
    "are_several",
    "are_volumes",
]


Needs = Literal["probs", "decisions", "ranking", "confident", "instances", "volumes", "several"]


def are_probs(needs: str) -> bool:
    """Return whether the values themselves are scored: probabilities, or numbers."""
    return needs == "probs"


def are_decisions(needs: str) -> bool:
    """Return whether decided answers are scored: classes, yes and no, masks."""
    return needs == "decisions"


def are_ranked(needs: str) -> bool:
    """Return whether classes by descending probability are scored."""
    return needs == "ranking"


def are_confident(needs: str) -> bool:
    """Return whether a class with its confidence is scored."""
    return needs == "confident"


def are_objects(needs: str) -> bool:
    """Return whether sets of objects are scored."""
    return needs == "instances"


def are_volumes(needs: str) -> bool:
    """Return whether whole volumes of masks are scored."""
    return needs == "volumes"


def are_several(needs: str) -> bool:
    """Return whether several of the other forms are scored side by side, by a sum of metrics."""
    return needs == "several"
