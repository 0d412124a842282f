"""The words of a command once more, for its workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

__all__ = ["worker_words"]

_NOT_PASSED_ON = ("workers", "worker", "as_json")


def worker_words(ctx: typer.Context, worker: int, **instead: str | None) -> list[str]:
    """Return what was typed after `podium` as one worker has it: with `--worker` and its number.

    Args:
        ctx: of a command that has the options `--workers` and `--worker`.
        worker: from 1 on.
        instead: values of options that a worker has otherwise, as max_time; None: as typed.
    """
    chain: list[Any] = [ctx]
    while chain[0].parent is not None:
        chain.insert(0, chain[0].parent)
    words: list[str] = []
    for depth, one in enumerate(chain):
        words += [] if depth == 0 else [str(one.info_name)]
        words += _options(one, {name: text for name, text in instead.items() if text is not None})
    return [*words, "--worker", str(worker), "--", *_arguments(ctx)]


def _options(ctx: Any, instead: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    for one in ctx.command.params:
        source = ctx.get_parameter_source(one.name)
        is_said = source is not None and source.name == "COMMANDLINE"
        if one.param_type_name == "option" and is_said and one.name not in _NOT_PASSED_ON:
            value = instead.get(one.name, ctx.params.get(one.name))
            words += _words(max(one.opts, key=len), value)
    return words


def _words(option: str, value: Any) -> list[str]:
    if value is None or isinstance(value, bool):
        return [option] if value else []
    values = value if isinstance(value, list | tuple) else [value]
    return [word for one in values for word in (option, str(one))]


def _arguments(ctx: Any) -> list[str]:
    return [
        str(ctx.params[one.name])
        for one in ctx.command.params
        if one.param_type_name == "argument" and ctx.params[one.name] is not None
    ]
