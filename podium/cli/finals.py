"""How CV against LB, the shake-up and the choice of finals look on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.cli.tables import number, print_table

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.submissions.analysis import BoardAnalysis
    from podium.submissions.board import BoardView
    from podium.submissions.finals import Finals

__all__ = ["analysis_lines", "print_finals"]


def analysis_lines(found: BoardAnalysis) -> list[str]:
    """Return what the board says of CV against LB, and of the shake-up: one line each, or why not.

    Odd submissions get a line each.
    """
    lines = []
    line = found.cv_lb
    if line is not None and line.robust_slope is not None and line.rank_correlation is not None:
        lines.append(
            f"CV–LB over {line.n} submissions: slope {number(line.slope, 2)} "
            f"(robust {number(line.robust_slope, 2)}), rank correlation "
            f"{number(line.rank_correlation, 2)} (p {number(line.p, 3)})"
        )
        lines += [
            f"  {point.id} is {point.residual:+.1f} standard errors off: {point.flag}"
            for point in line.points
            if point.flag
        ]
    elif found.why_not.get("cv_lb"):
        lines.append(f"CV–LB: {found.why_not['cv_lb']}")
    shaken = found.shake_up
    if shaken is None:
        lines.append(f"shake-up: {found.why_not.get('shake_up', 'not known')}")
        return lines
    width = max(one.moved_sd for one in shaken.submissions)
    text = f"shake-up: private − public scores have a standard deviation of {number(width)}"
    if shaken.turned is not None and shaken.keeps_best is not None:
        text += (
            f"; {shaken.turned:.0%} of the pairs of our own turn round, the best public one stays "
            f"our best with {shaken.keeps_best:.0%}"
        )
    return [*lines, text]


def print_finals(found: BoardAnalysis, view: BoardView, competition: Competition) -> None:
    """Print candidates, the proposal with its reasons and its regret, and what is not known."""
    from podium.submissions.analysis import where_to_choose

    for line in analysis_lines(found):
        print(line)
    if found.finals is not None:
        _print_proposal(found, found.finals, view)
    for name, why in found.left_out.items():
        score = next((row.public_score for row in view.rows if row.id == name), None)
        print(f"left out: {name} (public {number(score)}): {why}")
    if found.finals is not None:
        for text in found.finals.unknown:
            print(f"unknown: {text}")
        print(where_to_choose(competition))


def _print_proposal(found: BoardAnalysis, made: Finals, view: BoardView) -> None:
    refs = {row.id: row.ref for row in view.rows}
    rows = [
        (
            f"{made.chosen.index(one.id) + 1}" if one.id in made.chosen else "",
            one.id,
            found.came_from.get(one.id, ""),
            number(one.honest),
            number(one.public),
            f"{number(one.private)} [{number(one.private_interval[0], 3)}, "
            f"{number(one.private_interval[1], 3)}]",
            number(one.correlation, 3),
            number(one.beside_first),
            one.doubt,
        )
        for one in made.candidates
    ]
    columns = (
        "choose",
        "submission",
        "from",
        "honest",
        "public",
        "private, expected",
        "correlation",
        "beside the first",
        "doubt",
    )
    print_table(columns, rows, title=f"candidates for the finals, by {view.metric}")
    for place, (name, why) in enumerate(zip(made.chosen, made.reasons, strict=True), start=1):
        ref = f" (ref {refs[name]} at the host)" if refs.get(name) is not None else ""
        print(f"{place}. {name}{ref}: {why}")
    doubts = {one.id: one.doubt for one in made.candidates if one.doubt}
    for name in made.chosen:
        if name in doubts:
            print(f"warning: {name} is proposed in spite of this: {doubts[name]}")
    choices = [
        (one.name, ", ".join(one.ids), number(one.expected), number(one.regret, 5))
        for one in (made.choice, *made.naive)
    ]
    print_table(
        ("chosen by", "which", "expected private score", "expected regret"),
        choices,
        title="against the best of all in hindsight, "
        f"expected to score {number(made.expected_best)}",
    )
