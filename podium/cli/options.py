"""Options that several commands share, and the values that people type for them: `0,1`, `3h`."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from podium.cli.completion import (
    artefact_names,
    engine_names,
    override_texts,
    recipe_names,
    run_names,
)
from podium.cli.context import print_lines
from podium.errors import UsageError

__all__ = [
    "ArtefactName",
    "AsJson",
    "AsJsonLines",
    "MaxTime",
    "On",
    "Overrides",
    "PhaseName",
    "RecipeName",
    "RecipeNames",
    "RunName",
    "Seed",
    "Trials",
    "Workers",
    "parse_bytes",
    "parse_duration",
    "parse_folds",
    "parse_integers",
    "parse_size",
    "split_commas",
]


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsJsonLines = Annotated[
    bool,
    typer.Option(
        "--json-lines",
        help="Print progress and result as a JSON object a line.",
        callback=print_lines,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--override",
        "-o",
        help="Change a value: a.b=c (repeatable).",
        autocompletion=override_texts,
    ),
]
On = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="ENGINE",
        help="Where it runs: local:1 (here), local:4 (processes), ray, ray://HEAD:10001; without a "
        "shared disk ray,s3://BUCKET/FOLDER.",
        autocompletion=engine_names,
    ),
]
RecipeName = Annotated[
    str, typer.Argument(help="A recipe file, or a name in recipes/.", autocompletion=recipe_names)
]
RecipeNames = Annotated[
    list[str],
    typer.Argument(help="Recipe files, or names in recipes/.", autocompletion=recipe_names),
]
ArtefactName = Annotated[
    str,
    typer.Argument(metavar="RUN|BLEND", help="An id, or a name.", autocompletion=artefact_names),
]
RunName = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's id, or a recipe's name.", autocompletion=run_names),
]
MaxTime = Annotated[
    str | None, typer.Option(help="Stop, resumably, before this much time: 90m, 3h.")
]
PhaseName = Annotated[str | None, typer.Option(help="Of this phase; default: the first.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes that take trials; alone: --on local:N.")
]
Seed = Annotated[int, typer.Option(min=0, help="Of Optuna's trials.")]
Trials = Annotated[int, typer.Option(min=1, help="Optuna trials for each fit of the decisions.")]


_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def split_commas(text: str | None) -> tuple[str, ...]:
    """Return the parts of a comma-separated text.

    Example:
        >>> split_commas("hflip, vflip")
        ('hflip', 'vflip')
    """
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def parse_integers(text: str | None, option: str) -> tuple[int, ...] | None:
    """Return the whole numbers of `text` (`0,1` or `0-3`), None for no text.

    Raises:
        UsageError: a part is not a number, a range runs backwards, or there is no part.

    Example:
        >>> parse_integers("0,2-4", "--folds")
        (0, 2, 3, 4)
    """
    if text is None:
        return None
    found: list[int] = []
    for part in split_commas(text) or ("",):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        numbered = range(int(match[1]), int(match[2] or match[1]) + 1) if match else range(0)
        if not numbered:
            raise UsageError(
                f"{option} takes whole numbers, got {part!r}",
                fix=f"write {option} 0,1 or {option} 0-3",
            )
        found.extend(numbered)
    return tuple(dict.fromkeys(found))


NO_FOLDS = "none"
"""What --folds takes for a network of all rows alone."""


def parse_folds(text: str | None, *, full: bool) -> tuple[int, ...] | None:
    """Return the folds of `text`: those of `parse_integers`; for `none`, which needs `full`, ().

    Raises:
        UsageError: there is nothing to train, or `text` is no list of folds.

    Example:
        >>> parse_folds("none", full=True), parse_folds("0-2", full=False)
        ((), (0, 1, 2))
    """
    if text is None or text.strip() != NO_FOLDS:
        return parse_integers(text, "--folds")
    if not full:
        raise UsageError(
            f"--folds {NO_FOLDS} alone leaves nothing to train",
            fix=f"train on all labels: --folds {NO_FOLDS} --full",
        )
    return ()


def parse_duration(text: str | None, option: str) -> float | None:
    """Return the seconds in `text` (`90s`, `45m`, `3h`, `1h30m`; a bare number is seconds).

    Raises:
        UsageError: `text` is no duration.

    Example:
        >>> parse_duration("1h30m", "--max-time")
        5400.0
    """
    if text is None:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhd])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise UsageError(
            f"{option} takes a duration, got {text!r}", fix=f"write {option} 90s, 45m, 3h or 1h30m"
        )
    return sum(float(number) * _UNIT_S[unit] for number, unit in parts)


def parse_bytes(text: str, option: str) -> int:
    """Return the bytes in `text` (`500MB`, `13GB`, `1.5GB`, `12GiB`; a bare number is bytes).

    Raises:
        UsageError: `text` is no size, or 0.

    Example:
        >>> parse_bytes("1.5GB", "--max-memory")
        1500000000
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:([KMGT])(I?))?B?", text.strip().upper())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"{option} takes a size, got {text!r}", fix=f"write {option} 13GB")
    power = " KMGT".index(match[2] or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def parse_size(text: str | None, option: str) -> tuple[int, int] | None:
    """Return the size in `text`, height first.

    Raises:
        UsageError: `text` is no size.

    Example:
        >>> parse_size("256x1600", "--size")
        (256, 1600)
    """
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,6})[xX]([1-9]\d{0,6})", text)
    if match is None:
        raise UsageError(
            f"{option} takes height and width, got {text!r}", fix=f"write {option} 256x1600"
        )
    return int(match[1]), int(match[2])
