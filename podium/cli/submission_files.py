"""A submission on a terminal: its problems, its score where the truth is known, its receipt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podium.cli.board import print_board
from podium.cli.context import command_line, print_to_type, progress
from podium.cli.file_problems import print_problems, printed
from podium.cli.options import parse_integers, parse_size, split_commas
from podium.cli.tables import print_json
from podium.competition.scores.combination import score_metric
from podium.errors import UsageError, plural
from podium.submissions import check
from podium.submissions.format import checking
from podium.workflows.checking import check_counted_runs, refuse_unfit_answers
from podium.workflows.submission.odd_answers import odd_answers
from podium.workflows.submission.rehearsing import (
    check_on_folds,
    describe_difference,
    rehearse,
)
from podium.workflows.submission.submitting import find_blend, load_board
from podium.workspace.display import number, show_path
from podium.workspace.layout import RECEIPT_FILE

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.submissions.format.problems import Problem
    from podium.submissions.upload.receipt import Receipt
    from podium.workflows.submission.rehearsing import Rehearsal
    from podium.workspace.layout import Workspace

__all__ = [
    "check_by_preset",
    "check_file",
    "check_on_fold",
    "print_receipt",
    "rehearse_blend",
]

_ROUNDING = 1e-6
"""The share of a score that the digits of cells may cost."""


def check_file(
    workspace: Workspace, competition: Competition, file: Path, *, as_json: bool
) -> list[Problem]:
    """Print and return what is wrong with a submission, and what in it is unlike train.

    Raises:
        DataError: the competition's format is not that of the sample submission, by which a file
            that the host takes would be called wrong.
    """
    refuse_unfit_answers(competition)
    found = check(file, competition)
    if all(one.level != "error" for one in found):
        found += odd_answers(workspace, competition, file)
    return printed(file, found, as_json=as_json)


def check_by_preset(
    file: Path,
    preset: str,
    *,
    sample: Path | None,
    size: str | None,
    classes: str | None,
    as_json: bool,
) -> list[Problem]:
    """Print and return what is wrong with a file for the competition of a preset."""
    shape, named = parse_size(size, "--size"), _classes(classes)
    found = checking.check_by_preset(file, preset, sample=sample, size=shape, classes=named)
    return printed(file, found, as_json=as_json)


def check_on_fold(
    workspace: Workspace, competition: Competition, file: Path, fold: str, *, as_json: bool
) -> list[Problem]:
    """Print what is wrong with a file of train samples, or its score; return what is wrong."""
    found = check_on_folds(workspace, competition, file, _parse_folds(fold))
    _print_rehearsal(found, competition, as_json=as_json)
    return found.problems


def rehearse_blend(
    workspace: Workspace,
    competition: Competition,
    what: str | None,
    fold: str | None,
    *,
    plain: bool = False,
    as_json: bool,
) -> None:
    """Write the out-of-fold predictions of a blend as a submission, and print the file's score.

    Raises:
        UsageError: `what` is a file.
        typer.Exit: there is no score, as the file has problems.
    """
    if what is not None and Path(what).is_file():
        raise UsageError(
            "a blend is rehearsed, or a run", fix=f"score a file: podium check {what} --fold all"
        )
    to = progress()
    blend = find_blend(workspace, competition, what, to, plain=plain)
    found = rehearse(workspace, competition, blend, _parse_folds(fold), progress=to)
    _print_rehearsal(found, competition, as_json=as_json)
    if not as_json:
        words = [*([] if what is None else [what]), *(["--plain"] if plain else []), "--dry-run"]
        following = command_line("submit", *words)
        for one in check_counted_runs(competition):
            print_to_type(f"no rehearsal shows how the host counts runs: {one.title}: {one.detail}")
            print_to_type(f"  {one.where}: {one.mend or one.fix}")
        print(f"{found.file} has rows of train, and is not the file to hand in")
        sending = "without --dry-run sends it"
        if not competition.kaggle.is_named:
            sending = "kaggle.slug or kaggle.host in competition.yaml names where it may be sent"
        print(f"the file to hand in: {following} writes it, and {sending}")
    if found.score is None:
        raise typer.Exit(2)


def print_receipt(
    workspace: Workspace,
    competition: Competition,
    receipt: Receipt,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print the result of a submission; after an upload, the board, too."""
    if as_json:
        print(receipt.model_dump_json(indent=2))
        return
    file = show_path(workspace.root / receipt.file)
    if dry_run:
        done = "written and checked; nothing was sent, so there is no score"
        print(f"{file}: dry run, {done}")
        return
    # A team's first file may be number 40: a host counts what all of them send.
    of_host = f"the host's number {receipt.ref}, which counts the files of all teams"
    known = "" if receipt.ref is None else f" ({of_host})"
    print(f"{file}: {receipt.state}, public score {number(receipt.public_score)}{known}")
    print(f"receipt: {show_path(workspace.submissions / receipt.id / RECEIPT_FILE)}")
    view = load_board(workspace, competition, refresh=True, progress=progress())
    print_board(view, root=workspace.root)


def _parse_folds(text: str | None) -> Sequence[int] | None:
    """Return the folds that `--fold` names; None for all of them."""
    return None if text in (None, "all") else parse_integers(text, "--fold")


def _print_rehearsal(found: Rehearsal, competition: Competition, *, as_json: bool) -> None:
    """Print the score of a file of train samples, beside that of its blend, or what is wrong."""
    if as_json:
        facts = {**asdict(found), "file": str(found.file)}
        del facts["fitted"]
        print_json(facts)
        return
    print_problems(found.file, found.problems)
    if found.score is None:
        return
    print(
        f"{found.file}: {found.metric} {number(found.score, 6)} on {plural(found.n_rows, 'row')} "
        "of train"
    )
    if found.own is not None:
        equal = _why_equal(found.score, found.own, "the file lost nothing of what is predicted")
        own = number(found.own, 6)
        print(f"the blend on the same rows, fitted and scored on them: {own}{equal}")
        if not math.isclose(found.score, found.own, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
            print(f"they differ: {describe_difference(competition)}")
    if found.honest is not None:
        by_chance = ""
        if found.own is not None and found.honest != found.own:
            is_better = (found.honest > found.own) == score_metric(competition).greater_is_better
            by_chance = " (better than the fitted one by chance alone)" if is_better else ""
        why = "no weight is fitted, and the decision is the plain one"
        if found.fitted:
            why = f"{' and '.join(found.fitted)} of the other folds score the same on these rows"
        equal = _why_equal(found.honest, found.own, why)
        honest = number(found.honest, 6)
        print(f"its honest score, the one to believe: {honest}{by_chance}{equal}")


def _why_equal(score: float | None, other: float | None, why: str) -> str:
    """Return why two scores are the same, behind the second one; "" where they are not."""
    return f" (equal, as {why})" if number(score, 6) == number(other, 6) else ""


def _classes(text: str | None) -> Sequence[str]:
    """Return the classes of `--classes`: names, a number, or a file."""
    named = split_commas(text)
    if len(named) != 1:
        return named
    if named[0].isdecimal() and len(named[0]) < 7:
        return [str(i) for i in range(int(named[0]))]
    file = Path(named[0])
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else named
    return [line.strip() for line in lines if line.strip()]
