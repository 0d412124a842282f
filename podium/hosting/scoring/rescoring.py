"""Scores every submission again, by a corrected solution or metric, all at once or not at all.

The database names the solution that counts by its digest, so that no kill leaves two.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from podium.errors import DataError, SubmissionError, UsageError, either, plural
from podium.hosting.scoring.score import (
    HiddenAnswers,
    SubmissionScores,
    refuse_unscorable,
    score_file,
)
from podium.hosting.scoring.solution import read_solution, solution_digest
from podium.hosting.scoring.usage import usage_by_id, with_known_usage
from podium.hosting.spec import HostFolder, HostSpec
from podium.hosting.store import Row, Store
from podium.workspace.atomic import replacing, temporary_folder, write_bytes
from podium.workspace.locks import hold
from podium.workspace.machine import now
from podium.workspace.progress import SILENT, Progress

__all__ = ["current_solution", "rescore"]


@dataclass(frozen=True)
class ScoreChange:
    """Old and new scores of a submission: (public, private), or the reason of an error."""

    ref: int
    team: str
    before: SubmissionScores | str
    after: SubmissionScores | str


def rescore(
    folder: HostFolder, solution: Path | None = None, *, progress: Progress = SILENT
) -> list[ScoreChange]:
    """Score every submission again and return what changed; a host at work goes on meanwhile.

    Killed at any moment, either all old scores count or all new ones, with their solution. The old
    solution is kept beside the new one, with the time in its name.

    Args:
        folder: of the host.
        solution: the corrected answers; default: those in the folder, after a change by hand of
            them or of the metric. Without a column Usage the old one is kept.
        progress: reports how far it is.

    Raises:
        DataError: the solution cannot be read or scored, has other ids, or no public or private
            rows where there were some; or an upload is gone.
        RunError: another is rescoring.
    """
    spec = folder.spec()
    store = Store(folder.database)
    stamp = now().strftime("%Y%m%dT%H%M%S%fZ")
    old_to = folder.root / f"solution-{stamp}.csv"
    try:
        with (
            hold(folder.locks / "rescoring", what="the scores of the host"),
            temporary_folder("podium-host") as private,
        ):
            install_solution(folder, spec, store, old_to=old_to)
            file = folder.solution
            had = [any(row[part] is not None for row in store.submissions()) for part in _PARTS]
            if solution is None:
                answers = read_solution(file, spec.format)
                refuse_unscorable(spec, answers)
                _refuse_lost_part(file, had, answers)
            else:
                old = read_solution(file, spec.format)
                had = [had[0] or bool(old.public.any()), had[1] or bool(old.private.any())]
                marked = _with_usage_of(old, solution, spec, private, progress)
                with _naming(solution, marked):
                    answers = read_solution(marked, spec.format)
                    refuse_unscorable(spec, answers)
                _refuse_other_ids(solution, old, answers)
                _refuse_lost_part(solution, had, answers)
                _note_on_split(old, answers, progress)
                file = pending_solution(folder)
                with replacing(file, mode=0o600) as temporary:
                    shutil.copyfile(marked, temporary)
                answers = read_solution(file, spec.format)
            outcomes: dict[int, SubmissionScores | str] = {}
            while True:
                rows = store.submissions()
                missing = [row["ref"] for row in rows if not _upload(folder, row).is_file()]
                if missing:
                    raise DataError(
                        f"uploads of submissions {missing} are gone",
                        where=folder.uploads,
                        fix="bring them back from a copy; nothing was changed",
                    )
                new = [row for row in rows if row["ref"] not in outcomes]
                with progress.bar("scoring again", len(new)) as advance:
                    for row in new:
                        try:
                            outcomes[row["ref"]] = score_file(_upload(folder, row), spec, answers)
                        except SubmissionError as error:
                            outcomes[row["ref"]] = error.message[:2000]
                        advance(1)
                if store.rescore(outcomes, solution_digest(file, spec)):
                    break
            install_solution(folder, spec, store, old_to=old_to)
    finally:
        store.close()
    before = {row["ref"]: (row["team"], _outcome(row)) for row in reversed(rows)}
    return [
        ScoreChange(ref, team, was, outcomes[ref])
        for ref, (team, was) in before.items()
        if was != outcomes[ref]
    ]


def _upload(folder: HostFolder, row: Row) -> Path:
    return folder.uploads / f"{row['upload']}.csv"


def _outcome(row: Row) -> SubmissionScores | str:
    if row["status"] == "COMPLETE":
        return SubmissionScores(row["public"], row["private"])
    return str(row["error"])


def _with_usage_of(
    old: HiddenAnswers, solution: Path, spec: HostSpec, private: Path, progress: Progress
) -> Path:
    """Return the solution, or a copy in `private` with the old Usage where it has no such column.

    Without one every row would be public, and the board would show the private scores.
    """
    if old.public.all():
        return solution
    content = with_known_usage(solution, spec.format, usage_by_id(old))
    if content is None:
        return solution
    progress.say(f"{solution} has no column Usage: which rows are public is kept")
    marked = private / "marked.csv"
    write_bytes(marked, content, mode=0o600)
    return marked


@contextmanager
def _naming(solution: Path, copy: Path) -> Iterator[None]:
    """Name the solution in a DataError about a copy of it."""
    try:
        yield
    except DataError as error:
        where = error.where and error.where.replace(str(copy), str(solution))
        raise DataError(error.message, where=where, fix=error.fix) from error


def _refuse_other_ids(file: Path, old: HiddenAnswers, new: HiddenAnswers) -> None:
    known, ids = set(old.ids), set(new.ids)
    if known != ids:
        raise DataError(
            f"{either(len(ids - known), 'id is', 'ids are')} new, {len(known - ids)} are missing",
            where=file,
            fix="use the same ids; `Ignored` in the column Usage leaves a row out of the scores",
        )


_PARTS = ("public", "private")


def _refuse_lost_part(file: Path, had: Sequence[bool], new: HiddenAnswers) -> None:
    """Refuse a solution without any public, or private, row where there were some before."""
    for part, was_there, rows in zip(_PARTS, had, (new.public, new.private), strict=True):
        if was_there and not rows.any():
            raise DataError(
                f"no row is {part} any more",
                where=file,
                fix="write Public and Private in the column Usage as before; a file for --solution "
                "without that column keeps which rows are public",
            )


def _note_on_split(old: HiddenAnswers, new: HiddenAnswers, progress: Progress) -> None:
    was, usage = usage_by_id(old), usage_by_id(new)
    changed = [one for one in usage if usage[one] != was[one]]
    if changed:
        before, after = Counter(was.values()), Counter(usage.values())
        parts = ", ".join(
            f"{name} {before[name]} -> {after[name]}" for name in ("Public", "Private", "Ignored")
        )
        progress.say(f"Usage changed of {plural(len(changed), 'image')}: {parts}")


def pending_solution(folder: HostFolder) -> Path:
    """Return where a solution lies from which all is being scored, until it counts."""
    return folder.root / "solution.next.csv"


def current_solution(folder: HostFolder, spec: HostSpec, store: Store) -> tuple[Path, str]:
    """Return the file of the solution that counts, and its digest.

    Raises:
        UsageError: solution or metric were changed by hand after submissions were scored.
    """
    counts = store.solution()
    for file in (folder.solution, pending_solution(folder)):
        if counts is not None and file.is_file() and solution_digest(file, spec) == counts:
            return file, counts
    digest = solution_digest(folder.solution, spec)
    if store.adopt_solution(digest):
        return folder.solution, digest
    raise UsageError(
        "solution or metric are not those that scored the submissions",
        where=folder.solution,
        fix=f"score them again: podium host rescore {folder.root}",
    )


def install_solution(folder: HostFolder, spec: HostSpec, store: Store, *, old_to: Path) -> None:
    """Move a solution that counts already to its place, the old one to `old_to`."""
    coming = pending_solution(folder)
    if not coming.is_file() or solution_digest(coming, spec) != store.solution():
        return
    if folder.solution.is_file() and solution_digest(folder.solution, spec) != store.solution():
        with replacing(old_to, mode=0o600) as temporary:  # at no moment for others to read
            shutil.copyfile(folder.solution, temporary)
    coming.replace(folder.solution)
