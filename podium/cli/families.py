"""How the families that a blend was chosen of look on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.cli.tables import fitting, number, table_console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from podium.ensembling.blend import Blend
    from podium.ensembling.choice import Choice, Family

__all__ = ["print_families"]

LEAST = ("seconds", "members", "optimistic", "optimism", "beats best member")
"""Columns that a narrow terminal lacks, the first to go first; `--json` has them all."""


def print_families(blend: Blend, title: str, console: Console | None = None) -> None:
    """Print the table of the families that `blend` was chosen of, the best honest score first.

    Args:
        blend: one with a choice.
        title: stands above it.
        console: that prints; None: on stdout.
    """
    from rich.text import Text

    assert blend.choice is not None
    on = console or table_console()
    on.print(Text(title, style="italic"), soft_wrap=True)
    on.print(_table(blend, blend.choice, on.width))
    for line in _lines(blend.choice):
        on.print(line, soft_wrap=True)


def _table(blend: Blend, choice: Choice, width: int) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [_cells(one, choice, blend) for one in choice.ranked]
    columns = {name: [row[name] for row in cells] for name in cells[0]}
    shown = fitting(columns, LEAST, width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(shown):
        is_number = at > 0 and not name.startswith("honest")
        table.add_column(Text(name), justify="right" if is_number else "left", no_wrap=True)
    for one, row in zip(choice.ranked, zip(*shown.values(), strict=True), strict=True):
        table.add_row(*map(Text, row), style=_style(one, choice))
    return table


def _cells(one: Family, choice: Choice, blend: Blend) -> dict[str, str]:
    sign = 1 if blend.greater_is_better else -1
    optimism = round(sign * (one.optimistic - one.honest), 4)
    n_used = sum(weight > 0 for weight in one.weights)
    mark = "→ " if one.method == choice.chosen else "  "
    interval = ""
    if one.honest_interval is not None:
        interval = f" [{number(one.honest_interval[0])}, {number(one.honest_interval[1])}]"
    best = " best" if one.method == choice.best else ""
    return {
        "family": f"{mark}{one.method}",
        "members": f"{n_used} of {len(one.weights)}",
        f"honest {blend.metric}": f"{number(one.honest)}{interval}{best}",
        "optimistic": number(one.optimistic),
        "optimism": f"{optimism + 0.0:+.4f}",  # never -0.0000
        "beats best member": "–" if one.beats_best is None else f"{one.beats_best:.0%}",
        "numbers fitted": str(one.n_fitted),
        "seconds": f"{one.seconds:.1f}",
    }


def _style(one: Family, choice: Choice) -> str:
    if one.method == choice.chosen:
        return "bold green"
    is_near = one.behind_error is not None and one.behind <= one.behind_error
    return "" if is_near or one.method == choice.best else "dim"


def _lines(choice: Choice) -> list[Text]:
    from rich.text import Text

    lines = [Text(f"→ {choice.reason}", style="bold")]
    if choice.nested is not None:
        by_fold = list(dict.fromkeys((choice.nested_by_fold or {}).values()))
        lines.append(
            Text(
                f"honest score of choosing so, each fold by the others: {number(choice.nested)} "
                f"(they choose {', '.join(by_fold)})"
            )
        )
    lines += [
        Text(f"refused: {name}: {reason}", style="dim") for name, reason in choice.refused.items()
    ]
    return lines
