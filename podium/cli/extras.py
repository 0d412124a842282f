"""How the extra images of a run look on a terminal: what they are, and the score without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.cli.tables import number, print_table

if TYPE_CHECKING:
    from podium.training.extra_twin import ExtraUse

__all__ = ["print_extra"]


def print_extra(use: ExtraUse, scores: dict[str, Any]) -> None:
    """Print the sources, and `scores`, those of the run, beside those of its twin without them."""
    rows = [
        (name, f"{one['samples']:,}", f"{one['weight']:g}") for name, one in use.sources.items()
    ]
    print_table(("extra images", "number", "weight of each"), rows)
    if use.twin is None:
        print(f"nobody knows the score without them yet: {use.command}")
        return
    without = use.twin.scores.get("tasks", {})
    for task, mine in scores.get("tasks", {}).items():
        other = without.get(task, {"folds": {}, "oof": None})
        folds = list(dict.fromkeys([*mine["folds"], *other["folds"]]))
        both = [[one["folds"].get(k) for k in folds] + [one["oof"]] for one in (mine, other)]
        differences = [_difference(*pair) for pair in zip(*both, strict=True)]
        if mine["folds"].keys() != other["folds"].keys():
            differences[-1] = number(None)  # the two were pooled over different rows
        table = [
            ("with extra images", *map(number, both[0])),
            (f"without: {use.twin.id}", *map(number, both[1])),
            ("difference", *differences),
        ]
        print_table((f"{mine['metric']} ({task})", *(f"fold {k}" for k in folds), "OOF"), table)
    if not use.twin.is_finished:
        print(f"the run without them is not finished: {use.command}")


def _difference(mine: float | None, other: float | None) -> str:
    """Return by how much the score with extra images is higher.

    Example:
        >>> _difference(0.02, 0.4), _difference(0.5, None)
        ('-0.3800', '–')
    """
    return "–" if mine is None or other is None else f"{mine - other:+.4f}"
