"""Suggested recipes as files: each choice a line, with its reason behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from podium.workflows.suggesting import Choice, Suggestion
from podium.workspace.atomic import write_text

__all__ = ["flow", "text_of", "write_suggestions"]

PREFIX = "suggested-"
"""of their files: starters have names as short"""
_COLUMN = 52
_Tree = dict[str, Any]


def text_of(suggestion: Suggestion) -> str:
    """Return a recipe file, with a comment behind every choice."""
    lines = [f"# {suggestion.about[:1].upper()}{suggestion.about[1:]}."]
    lines += ["# `podium recipes suggest` wrote it; the folds judge.", "", "seed: 0"]
    for key, inside in _tree(suggestion.choices).items():
        if key == "phases":
            lines += ["phases:"]
            for name, phase in inside.items():
                first, *others = [f"name: {name}", *_lines(phase, 0)]
                lines += [f"  - {first}", *(f"    {one}" for one in others)]
        else:
            lines += _lines({key: inside}, 0)
    return "\n".join(_aligned(line) for line in lines) + "\n"


def write_suggestions(
    folder: Path, suggestions: tuple[Suggestion, ...]
) -> tuple[list[Path], list[Path]]:
    """Write the recipes into `folder`; return which were written, and which were there already.

    A file that is there is kept as it is.
    """
    written, kept = [], []
    for one in suggestions:
        path = folder / f"{PREFIX}{one.name}.yaml"
        if path.exists():
            kept.append(path)
        else:
            write_text(path, text_of(one))
            written.append(path)
    return written, kept


def _tree(choices: tuple[Choice, ...]) -> _Tree:
    tree: _Tree = {}
    for choice in choices:
        *above, last = choice.key.split(".")
        at = tree
        for part in above:
            at = at.setdefault(part, {})
        at[last] = choice
    return tree


def _lines(tree: Mapping[str, Any], depth: int) -> list[str]:
    lines, indent = [], "  " * depth
    for key, inside in tree.items():
        if isinstance(inside, Choice):
            lines.append(f"{indent}{key}: {flow(inside.value)}\0{inside.why}")
        else:
            lines += [f"{indent}{key}:", *_lines(inside, depth + 1)]
    return lines


def _aligned(line: str) -> str:
    said, mark, why = line.partition("\0")
    return f"{said:<{_COLUMN}}  # {why}" if mark else said


def flow(value: Any) -> str:
    """Return a value on one line of YAML."""
    text = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, width=10**6)
    return text.strip()[1:-1]
